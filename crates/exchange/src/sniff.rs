//! What a file is, by its first bytes. Its name is only a hint.

use model::{FreeText, Problem};

use crate::decode::Encoding;
use crate::problems::of_file;
use crate::{Format, columns};

const AS_CSV: &str = "export the identifiers as CSV UTF-8 and give that file";
/// What to do with a CyberTip report among lists of identifiers.
const IMPORT: &str = "read it with `concord import`";
const UNPACK: &str = "unpack it and give the CSV or CASE file inside";

/// First bytes of files people hand in by mistake. Signatures: the formats' own specifications.
const OTHERS: [(&[u8], &str, &str); 19] = [
    (b"%PDF", "a PDF document", AS_CSV),
    (
        b"PK\x03\x04",
        "a ZIP archive or an Office document (Excel, Word)",
        "in Excel choose Save As, CSV UTF-8; unpack an archive first",
    ),
    (b"PK\x05\x06", "an empty ZIP archive", UNPACK),
    (
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        "an old Office document (Excel, Word, Outlook)",
        "in Excel choose Save As, CSV UTF-8",
    ),
    (b"\x1F\x8B", "a gzip archive", UNPACK),
    (b"BZh", "a bzip2 archive", UNPACK),
    (b"\xFD7zXZ\0", "an xz archive", UNPACK),
    (b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive", UNPACK),
    (b"Rar!\x1A\x07", "a RAR archive", UNPACK),
    (b"\x28\xB5\x2F\xFD", "a Zstandard archive", UNPACK),
    (b"SQLite format 3\0", "a SQLite database", AS_CSV),
    (b"\x7FELF", "an executable program", AS_CSV),
    (b"\xCF\xFA\xED\xFE", "an executable program", AS_CSV),
    (b"\xCA\xFE\xBA\xBE", "an executable program", AS_CSV),
    (b"MZ\x90\0", "an executable program", AS_CSV),
    (b"{\\rtf", "an RTF document", AS_CSV),
    (b"<?xml", "an XML document", AS_CSV),
    (b"<!DOCTYPE", "a web page", AS_CSV),
    (b"<html", "a web page", AS_CSV),
];

const WIDE: &str = "save the file as CSV UTF-8 (in Excel: Save As, CSV UTF-8)";

/// The one problem of a file that is no text at all, or of nothing.
pub(crate) fn refuse(head: &[u8]) -> Option<Problem> {
    if head.is_empty() {
        return Some(of_file("content", "is empty", "give a CSV file with a header, or a CASE file"));
    }
    if let Some(what) = FreeText::sniff_media(head) {
        return Some(of_file(
            "content",
            format!("this is {what}, whatever its name says"),
            "Concord never stores an image, sound or film; give its hash (md5, sha1, sha256, pdq)",
        ));
    }
    if let Some((_, what, cure)) = OTHERS.iter().find(|(magic, ..)| head.starts_with(magic)) {
        return Some(of_file("content", format!("this is {what}, whatever its name says"), *cure));
    }
    if head.starts_with(b"\xFF\xFE\0\0") || head.starts_with(b"\0\0\xFE\xFF") {
        return Some(of_file("encoding", "is UTF-32", WIDE));
    }
    let marked = head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF");
    if !marked && head.contains(&0) {
        return Some(if is_unmarked_utf16(head) {
            of_file("encoding", "is UTF-16 without its mark", WIDE)
        } else {
            of_file("content", "holds NUL bytes: it is not a text", "export the identifiers as CSV UTF-8")
        });
    }
    None
}

/// The one problem of a file that cannot hold CyberTip reports, with the cure for those who meant to give some.
pub(crate) fn refuse_tips(head: &[u8], cure: &str) -> Option<Problem> {
    // What is wrong with a document of XML, its reader says better.
    let problem = refuse(head).filter(|_| !head.starts_with(b"<"))?;
    let is_media = FreeText::sniff_media(head).is_some();
    Some(if is_media { problem } else { Problem { cure: cure.to_owned(), ..problem } })
}

/// Do these first bytes of a file look like CyberTip reports? An import chooses its reader by it.
pub fn sniff_tips(head: &[u8]) -> bool {
    const KEYS: [&str; 4] = ["reportId", "incidentSummary", "internetDetails", "personOrUserReported"];
    let text = Encoding::of(head).peek(head);
    let text = text.trim_start();
    if text.starts_with('<') {
        // What stands before the name is the bracket or a prefix; what stands after it ends the name.
        let is_tag = |(at, key): (usize, &str)| {
            let before = text.get(..at).is_some_and(|t| t.ends_with(['<', ':']));
            let after = text.get(at + key.len()..).and_then(|t| t.chars().next());
            before && after.is_none_or(|c| c.is_whitespace() || matches!(c, '>' | '/'))
        };
        return KEYS.iter().chain(&["report"]).any(|key| text.match_indices(key).any(is_tag));
    }
    let is_json = text.starts_with(['{', '[']) && !text.contains("\"@context\"");
    is_json && KEYS.iter().any(|key| text.contains(&format!("\"{key}\"")))
}

/// The problem of CyberTip reports given where lists of identifiers are read.
pub(crate) fn refuse_as_list(head: &[u8]) -> Option<Problem> {
    sniff_tips(head).then(|| of_file("content", "this is a CyberTip report, not a list of identifiers", IMPORT))
}

/// Western text in UTF-16 is every other byte zero.
fn is_unmarked_utf16(head: &[u8]) -> bool {
    let pairs = head.chunks_exact(2);
    let count = pairs.len();
    let (mut first, mut second) = (0, 0);
    for pair in pairs {
        if let [a, b] = pair {
            first += usize::from(*a == 0 && *b != 0);
            second += usize::from(*a != 0 && *b == 0);
        }
    }
    count > 4 && first.max(second) * 10 > count * 8
}

/// What the extension says, for files that say nothing themselves.
pub(crate) fn promised(name: &str) -> Format {
    let extension = name.rsplit('.').next().unwrap_or_default();
    if extension.eq_ignore_ascii_case("json") || extension.eq_ignore_ascii_case("jsonld") {
        Format::Case
    } else {
        Format::Csv
    }
}

/// JSON begins with a brace or a bracket, and no header of ours does.
pub(crate) fn format(peek: &str, promised: Format) -> Format {
    match peek.trim_start().chars().next() {
        Some('{' | '[') => Format::Case,
        _ if promised == Format::Case && !columns::begins_with_header(peek) => Format::Case,
        _ => Format::Csv,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_wins_over_the_name() {
        assert_eq!(format("{\"@graph\":[]}", promised("x.csv")), Format::Case);
        assert_eq!(format("kind,value\n", promised("x.json")), Format::Csv);
        assert_eq!(format("nonsense", promised("x.JSON")), Format::Case);
        assert_eq!(format("nonsense", promised("x")), Format::Csv);
    }

    #[test]
    fn reports_are_told_from_lists() {
        let wide: Vec<u8> = "\u{FEFF}<report/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for report in [
            &b"{\"reportId\":1}"[..],
            b" [{\"incidentSummary\":{}}]",
            b"<report>",
            b"<?xml version=\"1.0\"?>\n<x:report xmlns:x=\"a\">",
            b"<all><report\n a=\"b\"/></all>",
            &wide,
        ] {
            assert!(sniff_tips(report), "{}", String::from_utf8_lossy(report));
        }
        for other in [
            &b"kind,value\nurl,<report>"[..],
            b"{\"@context\":{},\"x\":\"reportId\",\"reportId\":1}",
            b"<html><reports/></html>",
            b"{\"a\":1}",
            b"",
        ] {
            assert!(!sniff_tips(other), "{}", String::from_utf8_lossy(other));
        }
    }

    #[test]
    fn text_passes_and_binary_does_not() {
        assert!(refuse(b"kind,value\n").is_none());
        assert!(refuse(b"\xEF\xBB\xBFkind,value\n").is_none());
        assert!(refuse(b"\xFF\xFEk\0i\0n\0d\0").is_none());
        let encoding = refuse(b"k\0i\0n\0d\0,\0v\0").unwrap();
        assert_eq!(encoding.problem, "is UTF-16 without its mark");
        assert!(refuse(b"kind\0value").unwrap().problem.contains("NUL"));
    }
}
