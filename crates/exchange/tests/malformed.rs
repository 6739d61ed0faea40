//! Bad files, each with the first thing a detective is told.

use exchange::{Format, read};

fn first(name: &str, bytes: &[u8]) -> String {
    let r = read(name, bytes);
    assert!(r.drafts.is_empty(), "{name} yields no draft");
    r.problems.first().map(ToString::to_string).unwrap_or_default()
}

const IMAGE: &str =
    "whatever its name says; Concord never stores an image, sound or film; give its hash (md5, sha1, sha256, pdq)";
const WIDE: &str = "save the file as CSV UTF-8 (in Excel: Save As, CSV UTF-8)";
const KNOWN: &str = "kind, value, role, age, class, source, report, seen_from, seen_to, platform, port, marking, reliability, validity, level, note";

#[test]
fn files_that_are_no_text_are_named_with_their_cure() {
    for (bytes, said) in [
        (&b"\xFF\xD8\xFF\xE0\0\x10JFIF"[..], format!("the file, content: this is a JPEG picture, {IMAGE}")),
        (b"\x89PNG\r\n\x1a\n\0\0", format!("the file, content: this is a PNG picture, {IMAGE}")),
        (b"\0\0\0\x20ftypisom", format!("the file, content: this is an MP4, QuickTime, HEIC or AVIF file, {IMAGE}")),
        (
            b"%PDF-1.7",
            "the file, content: this is a PDF document, whatever its name says; export the identifiers as CSV UTF-8 and give that file".into(),
        ),
        (
            b"PK\x03\x04\x14\0",
            "the file, content: this is a ZIP archive or an Office document (Excel, Word), whatever its name says; in Excel choose Save As, CSV UTF-8; unpack an archive first".into(),
        ),
        (
            b"\x1F\x8B\x08\0",
            "the file, content: this is a gzip archive, whatever its name says; unpack it and give the CSV or CASE file inside".into(),
        ),
        (
            b"SQLite format 3\0",
            "the file, content: this is a SQLite database, whatever its name says; export the identifiers as CSV UTF-8 and give that file".into(),
        ),
        (
            b"MZ\x90\0\x03",
            "the file, content: this is an executable program, whatever its name says; export the identifiers as CSV UTF-8 and give that file".into(),
        ),
        (b"", "the file, content: is empty; give a CSV file with a header, or a CASE file".into()),
        (b"\xFF\xFE\0\0k\0\0\0", format!("the file, encoding: is UTF-32; {WIDE}")),
        (b"k\0i\0n\0d\0,\0v\0a\0l\0", format!("the file, encoding: is UTF-16 without its mark; {WIDE}")),
        (
            b"kind,value\nemail,\0",
            "the file, content: holds NUL bytes: it is not a text; export the identifiers as CSV UTF-8".into(),
        ),
    ] {
        assert_eq!(first("list.csv", bytes), said);
    }
}

#[test]
fn malformed_csv_is_told_by_line_and_field() {
    let png = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB";
    let value = |v: &str| format!("kind,value\n{v}\n");
    for (text, said) in [
        (" \n\n".into(), "the file, content: holds nothing but blanks; give a header, kind,value, and a row for each identifier".into()),
        ("kind,value\n".into(), "line 2, rows: has a header and no rows; give a row for each identifier".into()),
        (
            "email,a@example.org\n".into(),
            format!("line 1, header: is missing: the first row names no column `kind` and none `value`; make the first row name the columns: kind, value and any of {KNOWN}"),
        ),
        ("value\na@example.org\n".into(), "line 1, kind: is missing from the header; add a column `kind`".to_owned()),
        ("kind,role\nemail,subject\n".into(), "line 1, value: is missing from the header; add a column `value`".into()),
        (
            "kind,value,levle\nemail,a@example.org,silent\n".into(),
            format!("line 1, column 3: has a name Concord does not know; remove it or rename it to one of: {KNOWN}"),
        ),
        ("kind,value,KIND\nemail,a@example.org,\n".into(), "line 1, column 3: is a second `kind`; remove one of the two".into()),
        (value("email,"), "line 2, value: is empty; give the identifier, or remove the row".into()),
        (value("email,\"a\tb\""), "line 2, value: holds line breaks or control characters; write it on one line, as plain text".into()),
        (value(&format!("email,{}", "a".repeat(2049))), "line 2, value: is longer than 2048 bytes; give the identifier alone".into()),
        (value("handle,willy"), "line 2, platform: is empty, and a handle means nothing without it; name the site or application".into()),
        (value("email,a@example.org,b"), "line 2, column 3: is one cell more than the header has; put a value that holds the separator in quotation marks".into()),
        (value("phone,1.20255E+10"), "line 2, value: was rounded by a spreadsheet; format the column as text, put the whole number in again and save once more".into()),
        (value("\"email\"x,a@example.org"), "line 2, row: has text after a closing quotation mark; put the whole cell in quotation marks and write a mark inside it twice".into()),
        (value("email,\"a@example.org\nemail,b@example.org"), "line 2, row: opens a quotation mark and never closes it; close it, or write a mark inside a cell twice".into()),
        (value(&format!("url,\"{png}\"")), "line 2, value: carries a data: URI; Concord never stores an image, sound or film: describe it in words or give its hash".into()),
        (
            format!("kind,value,note\nemail,a@example.org,\"see {png}\"\n"),
            "line 2, note: carries a data: URI; Concord never stores an image, sound or film: describe it in words or give its hash".into(),
        ),
        (
            "kind,value,seen_from\nemail,a@example.org,2026-11-23\n".into(),
            "line 2, seen_from: is not a time with its offset; write RFC 3339, for example 2026-11-23T06:00:00Z or 2026-11-23T06:00:00-05:00".into(),
        ),
        (
            "kind,value,seen_from,seen_to\nemail,a@example.org,2026-11-23T06:00:00Z,2026-11-22T06:00:00Z\n".into(),
            "line 2, seen_to: ends before it begins; put the earlier time into seen_from and the later into seen_to".into(),
        ),
        ("kind,value,port\nip,192.0.2.1,70000\n".into(), "line 2, port: is not a port; write a whole number from 1 to 65535".into()),
        ("kind,value,port\nip,192.0.2.1,0\n".into(), "line 2, port: is not a port; write a whole number from 1 to 65535".into()),
        ("kind,value,port\nemail,a@example.org,80\n".into(), "line 2, port: stands beside what is no ip address; give a port for kind ip only".into()),
        ("kind,value,\nemail,a@example.org,stray\n".into(), "line 2, column 3: stands under no column name; name the column or empty it".into()),
        (
            "kind,value,level\nemail,a@example.org,hidden\n".into(),
            "line 2, level: is not a level; write one of: open, desk, silent".into(),
        ),
    ] {
        let said: String = said;
        assert_eq!(first("list.csv", text.as_bytes()), said, "{text}");
    }
    assert_eq!(
        first("list.csv", b"kind,value\r\n\r\nhandle,Jos\xE9\r\n"),
        format!("line 3, encoding: byte 11 of the line (0xE9) is not UTF-8; {WIDE}")
    );
}

#[test]
fn malformed_json_and_json_that_is_no_case_are_told() {
    const EXPORT: &str = "export from the tool as CASE/UCO JSON-LD, or give a CSV file";
    let facet = |body: &str| format!("[{{\"uco-core:hasFacet\":{{{body}}}}}]");
    for (text, said) in [
        ("{".into(), "line 1, column 1: the JSON ends early; export or send the file again: a part is missing".to_owned()),
        ("[\n{\"a\" 1}]".into(), format!("line 2, column 6: is not well-formed JSON: expected `:`; {EXPORT}")),
        ("nonsense".into(), format!("line 1, column 2: is not well-formed JSON: expected ident; {EXPORT}")),
        ("[".repeat(500), format!("line 1, column 128: is not well-formed JSON: recursion limit exceeded; {EXPORT}")),
        ("{} {}".into(), format!("line 1, column 4: is not well-formed JSON: trailing characters; {EXPORT}")),
        (
            "{\"email\":\"a@example.org\"}".into(),
            format!("the file, content: is JSON, but not CASE/UCO: it names no type and no property of these ontologies; {EXPORT}"),
        ),
        (
            "{\"@type\":\"uco-core:Bundle\"}".into(),
            "the file, content: holds nothing Concord can match; export the accounts, devices, addresses or hashes themselves".into(),
        ),
        (
            facet("\"@type\":\"uco-observable:URLFacet\",\"uco-observable:fullValue\":\"data:image/png;base64,iVBORw0KGgo\""),
            "/0/uco-core:hasFacet, fullValue: carries a data: URI; Concord never stores an image, sound or film: describe it in words or give its hash".into(),
        ),
        (
            facet("\"@type\":\"uco-observable:MobileAccountFacet\",\"uco-observable:IMSI\":1234567890123456789012"),
            "/0/uco-core:hasFacet, IMSI: is a number that was rounded; write it in quotation marks".into(),
        ),
        (
            facet("\"@type\":\"uco-observable:EmailAccountFacet\",\"uco-observable:emailAddress\":{\"@id\":\"kb:gone\"}"),
            "/0/uco-core:hasFacet, emailAddress: names an object that is not in the file; export it with the objects it links to".into(),
        ),
        (
            facet("\"@type\":\"uco-observable:DigitalAccountFacet\",\"uco-observable:accountLogin\":\"willy\",\"uco-observable:lastLoginTime\":\"2010-01-21T17:59:43\""),
            "/0/uco-core:hasFacet, lastLoginTime: is not a time with its offset; write RFC 3339, for example 2026-11-23T06:00:00Z or 2026-11-23T06:00:00-05:00".into(),
        ),
    ] {
        let text: String = text;
        assert_eq!(first("case.json", text.as_bytes()), said, "{text}");
    }
}

#[test]
fn good_rows_stand_beside_bad_ones_and_all_faults_of_a_row_are_told() {
    let text = "Kind;Value;Seen From;role\r\n\r\nemail;a@example.org;;Victim\r\nfax;;yesterday;boss\r\n;;;\r\nphone;+1 202 555 0123;;\r\n";
    let r = read("list.csv", text.as_bytes());
    assert_eq!(r.format, Format::Csv);
    assert_eq!(r.drafts.iter().map(|d| d.place.as_str()).collect::<Vec<_>>(), ["line 3", "line 6"]);
    assert_eq!(r.drafts[0].role, model::EntryRole::Victim);
    let told: Vec<_> = r.problems.iter().map(|p| format!("{} {}", p.place, p.field)).collect();
    assert_eq!(told, ["line 4 kind", "line 4 value", "line 4 role", "line 4 seen_from"]);
}

/// A problem is shown, mailed and logged; an identifier is not.
#[test]
fn problems_and_debug_never_repeat_what_the_file_says() {
    let text = "kind,value,role,platform,port,note,secretname\nfax,secretname,secretname,secretname,secretname,secretname,secretname\n";
    for name in ["a.csv", "secretname.json"] {
        let r = read(name, text.as_bytes());
        assert!(!r.problems.is_empty());
        assert!(!format!("{r:?}").contains("secretname"), "{r:?}");
    }
}

#[test]
fn excel_unicode_text_is_read() {
    let text = "kind\tvalue\tplatform\r\nhandle\t=Jos\u{e9}\tChat\r\n";
    let bytes: Vec<u8> = std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let r = read("list.csv", bytes.as_slice());
    assert!(r.problems.is_empty(), "{:?}", r.problems);
    assert_eq!((r.drafts[0].value.as_str(), r.drafts[0].place.as_str()), ("=Jos\u{e9}", "line 2"));
}
