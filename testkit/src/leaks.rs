//! A search for what must not stand in the clear in any file of a folder.

use std::fs;
use std::path::{Path, PathBuf};

/// A text or key found where it must not be. The bytes themselves are not in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leak {
    /// The name the caller gave the needle.
    pub needle: String,
    /// Written how: "as it is", "UTF-16LE", "UTF-16BE", "hex", "HEX", "base64" or "base64url".
    pub form: &'static str,
    /// In which file.
    pub file: PathBuf,
}

/// Shorter needles would be found by chance: six given bytes stand somewhere in 100 MB of noise once in 2.8 million runs.
const SHORTEST: usize = 6;

struct Pattern {
    needle: usize,
    form: &'static str,
    bytes: Vec<u8>,
}

/// Searches every file below `roots` (or the root itself when it is a file) for every needle: as it is, in UTF-16 of both
/// orders, in hexadecimal of both cases and in base64 of both alphabets at all three alignments. Each needle, form and
/// file is told once.
///
/// # Panics
/// When a needle has fewer than six bytes, or a root cannot be read: a search that did not look finds nothing.
#[must_use]
pub fn find_leaks(needles: &[(String, Vec<u8>)], roots: &[&Path]) -> Vec<Leak> {
    let patterns: Vec<Pattern> = needles
        .iter()
        .enumerate()
        .flat_map(|(needle, (name, bytes))| {
            assert!(bytes.len() >= SHORTEST, "the needle `{name}` is too short to be looked for");
            forms(bytes).into_iter().map(move |(form, bytes)| Pattern { needle, form, bytes })
        })
        .collect();
    // By their first two bytes: most places of a file are passed over with one look into this table.
    let mut by_head: Vec<Vec<&Pattern>> = Vec::new();
    by_head.resize_with(1 << 16, Vec::new);
    for pattern in &patterns {
        if let Some(slot) = pattern.bytes.first_chunk().and_then(|head| by_head.get_mut(slot(*head))) {
            slot.push(pattern);
        }
    }
    let mut files = Vec::new();
    for root in roots {
        collect(root, &mut files);
    }
    let mut leaks = Vec::new();
    for file in files {
        let Some(bytes) = read(&file) else { continue };
        for (at, pair) in bytes.windows(2).enumerate() {
            let &[a, b] = pair else { continue };
            let Some(here) = by_head.get(slot([a, b])).filter(|here| !here.is_empty()) else { continue };
            let rest = bytes.get(at..).unwrap_or_default();
            for found in here.iter().filter(|p| rest.starts_with(&p.bytes)) {
                let needle = needles.get(found.needle).map_or_else(String::new, |(name, _)| name.clone());
                leaks.push(Leak { needle, form: found.form, file: file.clone() });
            }
        }
    }
    leaks.sort();
    leaks.dedup();
    leaks
}

/// The forms [`find_leaks`] knows, for a control that must find each.
#[must_use]
pub fn forms(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut out = vec![("as it is", bytes.to_vec())];
    if let Ok(text) = std::str::from_utf8(bytes) {
        out.push(("UTF-16LE", text.encode_utf16().flat_map(u16::to_le_bytes).collect()));
        out.push(("UTF-16BE", text.encode_utf16().flat_map(u16::to_be_bytes).collect()));
    }
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    out.push(("HEX", hex.to_uppercase().into_bytes()));
    out.push(("hex", hex.into_bytes()));
    for before in 0..3 {
        for (form, alphabet) in [("base64", BASE64), ("base64url", BASE64URL)] {
            out.push((form, base64_inside(bytes, before, alphabet)));
        }
    }
    out
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE64URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The letters of base64 that `bytes` alone decide when `before` bytes stand before them.
fn base64_inside(bytes: &[u8], before: usize, alphabet: &[u8; 64]) -> Vec<u8> {
    let bit = |i: usize| bytes.get(i / 8).map_or(0, |byte| usize::from(byte >> (7 - i % 8) & 1));
    // The first letter that begins inside: its place is a multiple of six bits from the start of the whole.
    let first = (before * 8).div_ceil(6) * 6 - before * 8;
    (first..)
        .step_by(6)
        .take_while(|from| from + 6 <= bytes.len() * 8)
        .filter_map(|from| alphabet.get((0..6).fold(0, |six, i| six << 1 | bit(from + i))).copied())
        .collect()
}

fn slot([a, b]: [u8; 2]) -> usize {
    usize::from(a) << 8 | usize::from(b)
}

/// A file that goes while we look (a log segment, a temporary file) is passed over; anything else must be readable.
fn read(file: &Path) -> Option<Vec<u8>> {
    match fs::read(file) {
        Ok(bytes) => Some(bytes),
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => None,
        Err(why) => panic!("cannot search {}: {why}", file.display()),
    }
}

fn collect(root: &Path, files: &mut Vec<PathBuf>) {
    if root.is_file() {
        files.push(root.to_owned());
        return;
    }
    let entries = match fs::read_dir(root) {
        Ok(entries) => entries,
        Err(why) => panic!("cannot search {}: {why}", root.display()),
    };
    for entry in entries.flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => collect(&path, files),
            Ok(kind) if kind.is_file() => files.push(path),
            _ => {} // a socket or a link leads elsewhere
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scratch;

    const NEEDLE: &str = "Größe-of-the-needle";

    fn found(written: &[u8]) -> Vec<&'static str> {
        let dir = Scratch::new();
        fs::create_dir(dir.join("deep")).expect("a folder");
        fs::write(dir.join("deep/file"), written).expect("a file");
        let needle = ("needle".to_owned(), NEEDLE.as_bytes().to_vec());
        find_leaks(&[needle], &[dir.path()]).into_iter().map(|leak| leak.form).collect()
    }

    #[test]
    fn every_form_is_found_inside_other_bytes() {
        for (form, bytes) in forms(NEEDLE.as_bytes()) {
            let inside = [b"before ".as_slice(), &bytes, b" after"].concat();
            assert!(found(&inside).contains(&form), "{form}");
        }
        assert_eq!(found(b"nothing of the kind, Gr"), Vec::<&str>::new());
    }

    /// RFC 4648 section 4, over whole texts in which the needle stands at each alignment.
    #[test]
    fn base64_is_found_at_every_alignment() {
        let wholes = [
            ("", "R3LDtsOfZS1vZi10aGUtbmVlZGxl"),
            ("x", "eEdyw7bDn2Utb2YtdGhlLW5lZWRsZQ=="),
            ("xy", "eHlHcsO2w59lLW9mLXRoZS1uZWVkbGU="),
        ];
        for (before, whole) in wholes {
            assert!(found(whole.as_bytes()).contains(&"base64"), "after `{before}`");
        }
    }

    #[test]
    fn a_file_may_be_named_itself() {
        let dir = Scratch::new();
        fs::write(dir.join("one"), NEEDLE).expect("a file");
        fs::write(dir.join("two"), NEEDLE).expect("a file");
        let needle = [("needle".to_owned(), NEEDLE.as_bytes().to_vec())];
        assert_eq!(find_leaks(&needle, &[&dir.join("one")]).len(), 1);
        assert_eq!(find_leaks(&needle, &[dir.path()]).len(), 2);
    }

    #[test]
    #[should_panic(expected = "cannot search")]
    fn a_folder_that_is_not_there_is_no_clean_folder() {
        let _ = find_leaks(&[], &[Path::new("/nonexistent/concord")]);
    }
}
