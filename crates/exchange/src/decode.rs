//! From bytes to text: UTF-8, or UTF-16 with its mark (what Excel calls Unicode text).

use model::Problem;

use crate::problems::{at_line, of_file};

const CURE: &str = "save the file as CSV UTF-8 (in Excel: Save As, CSV UTF-8)";

/// How the bytes say the text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
}

impl Encoding {
    /// By its byte order mark; UTF-8 without one.
    pub(crate) fn of(head: &[u8]) -> Self {
        if head.starts_with(b"\xFF\xFE") {
            Self::Utf16Le
        } else if head.starts_with(b"\xFE\xFF") {
            Self::Utf16Be
        } else {
            Self::Utf8
        }
    }

    /// The beginning as text, to see what it is; never kept.
    pub(crate) fn peek(self, head: &[u8]) -> String {
        let text = match self {
            Self::Utf8 => String::from_utf8_lossy(head).into_owned(),
            wide => char::decode_utf16(wide.units(head)).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect(),
        };
        text.trim_start_matches('\u{FEFF}').to_owned()
    }

    /// The whole text without its mark; the first byte that says nothing is the one problem.
    pub(crate) fn decode(self, bytes: Vec<u8>) -> Result<String, Problem> {
        let text = match self {
            Self::Utf8 => String::from_utf8(bytes).map_err(|e| bad_byte(e.as_bytes(), e.utf8_error().valid_up_to()))?,
            wide => wide.decode_wide(&bytes)?,
        };
        if let Some(at) = text.find('\0') {
            let (line, _) = line_and_column(text.as_bytes(), at);
            return Err(at_line(line, "encoding", "holds a NUL byte: it is not a text", CURE));
        }
        Ok(match text.strip_prefix('\u{FEFF}') {
            Some(rest) => rest.to_owned(),
            None => text,
        })
    }

    fn units(self, bytes: &[u8]) -> impl Iterator<Item = u16> {
        bytes.chunks_exact(2).filter_map(move |pair| {
            let pair = <[u8; 2]>::try_from(pair).ok()?;
            Some(if self == Self::Utf16Be { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) })
        })
    }

    fn decode_wide(self, bytes: &[u8]) -> Result<String, Problem> {
        if bytes.len() % 2 == 1 {
            return Err(of_file("encoding", "is UTF-16 that ends in half a character", CURE));
        }
        let mut text = String::with_capacity(bytes.len());
        for c in char::decode_utf16(self.units(bytes)) {
            let Ok(c) = c else {
                let (line, _) = line_and_column(text.as_bytes(), text.len());
                return Err(at_line(line, "encoding", "is UTF-16 with half a character in it", CURE));
            };
            text.push(c);
        }
        Ok(text)
    }
}

fn bad_byte(bytes: &[u8], at: usize) -> Problem {
    let (line, column) = line_and_column(bytes, at);
    let byte = bytes.get(at).copied().unwrap_or_default();
    at_line(line, "encoding", format!("byte {column} of the line (0x{byte:02X}) is not UTF-8"), CURE)
}

/// Line and byte in the line, both from 1.
fn line_and_column(bytes: &[u8], at: usize) -> (u64, usize) {
    let before = bytes.get(..at).unwrap_or(bytes);
    let mut lines = Lines::new(before);
    let line = lines.at(before.len());
    let start = before.iter().rposition(|b| matches!(b, b'\n' | b'\r')).map_or(0, |p| p + 1);
    (line, before.len() - start + 1)
}

/// Line numbers of rising offsets; CR LF, LF and CR each end one line.
pub(crate) struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
    after_return: bool,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, line: 1, after_return: false }
    }

    /// The line of the byte at `offset`; offsets must not fall.
    pub(crate) fn at(&mut self, offset: usize) -> u64 {
        for b in self.bytes.get(self.at..offset).unwrap_or_default() {
            self.line += u64::from(*b == b'\r' || (*b == b'\n' && !self.after_return));
            self.after_return = *b == b'\r';
        }
        self.at = self.at.max(offset);
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(text: &str, big: bool) -> Vec<u8> {
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        units.flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
    }

    #[test]
    fn utf16_and_utf8_say_the_same() {
        let text = "kind\tvalue\r\nhandle\tJos\u{e9} \u{1F600}";
        for bytes in [wide(text, true), wide(text, false), format!("\u{FEFF}{text}").into_bytes(), text.into()] {
            let encoding = Encoding::of(&bytes);
            assert_eq!(encoding.peek(&bytes), text);
            assert_eq!(encoding.decode(bytes).unwrap(), text);
        }
    }

    #[test]
    fn a_wrong_byte_is_named_by_line_and_place() {
        let p = Encoding::Utf8.decode(b"kind,value\r\nhandle,Jos\xE9\n".to_vec()).unwrap_err();
        assert_eq!((p.place.as_str(), p.problem.as_str()), ("line 2", "byte 11 of the line (0xE9) is not UTF-8"));
        let mut half = wide("kind\nvalue", false);
        half.extend([0x00, 0xD8]);
        assert_eq!(Encoding::Utf16Le.decode(half.clone()).unwrap_err().place, "line 2");
        half.pop();
        assert!(Encoding::Utf16Le.decode(half).is_err());
    }

    #[test]
    fn lines_end_three_ways() {
        let mut lines = Lines::new(b"a\r\nb\nc\rd");
        assert_eq!([0, 3, 5, 7].map(|o| lines.at(o)), [1, 2, 3, 4]);
    }
}
