//! Files that are wrong before anybody asks for a form: encodings, NUL, media by its first bytes, archives, nothing.

use super::{Malformed, SOUND, SOUND_XML, swapped};

pub(super) fn all() -> Vec<Malformed> {
    let utf16 = |text: &str, big: bool, mark: bool| -> Vec<u8> {
        let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
        units.flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
    };
    let with = |part: &str, bytes: &[u8]| -> Vec<u8> {
        let (before, after) = SOUND.split_once(part).unwrap_or((SOUND, ""));
        [before.as_bytes(), bytes, after.as_bytes()].concat()
    };
    let fill = |head: &[u8]| [head, &[0; 64]].concat();
    let odd = || utf16(SOUND, false, true).into_iter().chain([0x7b]).collect();
    let all: Vec<(&str, Vec<u8>, &'static str)> = vec![
        ("empty", Vec::new(), "nothing at all"),
        ("blanks", b" \r\n\t\n".to_vec(), "blanks only"),
        ("mark-only", vec![0xef, 0xbb, 0xbf], "a byte order mark and nothing else"),
        ("nul-only", vec![0; 512], "NUL only"),
        ("nul-in-json", with("slate_example", b"slate\0example"), "a raw NUL inside a text"),
        ("nul-in-xml", swapped(SOUND_XML, "slate_example", "slate\0example").into_bytes(), "a raw NUL inside XML"),
        ("nul-after-the-end", [SOUND.as_bytes(), &[0; 16]].concat(), "NUL after the end of the report"),
        ("not-utf-8", with("slate_example", b"slate\xff\xfeexample"), "bytes that are no UTF-8"),
        ("latin-1", with("Quinn", b"Andr\xe9"), "Latin-1 without saying so"),
        ("cut-letter", with("Quinn", b"Zo\xc3"), "half of a letter"),
        ("overlong", with("Quinn", b"\xc0\xafQuinn"), "an overlong form of UTF-8"),
        ("utf-16-unmarked", utf16(SOUND, false, false), "UTF-16 without its mark"),
        ("utf-16-odd", odd(), "UTF-16 with half a letter at its end"),
        ("utf-16-cut", utf16(SOUND.get(..300).unwrap_or_default(), true, true), "UTF-16 that ends in the middle"),
        ("utf-32", SOUND.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(), "UTF-32"),
        ("two-marks", [&[0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf], SOUND.as_bytes()].concat(), "two byte order marks"),
        // Signatures alone: nothing follows that could be shown (tidy reads this file's first bytes, not these).
        ("png", fill(b"\x89PNG\r\n\x1a\n"), "begins as a PNG does"),
        ("jpeg", fill(b"\xff\xd8\xff\xe0\0\x10JFIF"), "begins as a JPEG does"),
        ("gif", fill(b"GIF89a"), "begins as a GIF does"),
        ("mp4", fill(b"\0\0\0\x18ftypmp42"), "begins as an MP4 does"),
        ("zip", fill(b"PK\x03\x04"), "begins as a ZIP archive does"),
        ("gzip", fill(b"\x1f\x8b\x08"), "begins as a gzip file does"),
        ("pdf", fill(b"%PDF-1.7\n"), "begins as a PDF does"),
        ("csv", b"kind,value,platform\nemail,quinn@example.org,\n".to_vec(), "a table, not a report"),
        ("other-json", br#"{"@context":{},"@graph":[]}"#.to_vec(), "a CASE bundle, not a report"),
    ];
    all.into_iter().map(|(name, bytes, why)| (format!("bytes-{name}"), bytes, why)).collect()
}
