//! Reading within limits: stops at the first byte too many, so no file can fill the memory.

use std::io::{ErrorKind, Read};

use model::Problem;

use crate::problems::{at_line, of_file};
use crate::{Format, MOST_BYTES, MOST_LINE};

const CHUNK: usize = 64 * 1024;

/// What could grow without end in a text of this shape.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Lines.
    Lines,
    /// Strings and values of JSON.
    Json,
    /// The same, for reports: a key of a report takes more memory than a value.
    Reports,
    /// Texts and elements of XML.
    Xml,
}

impl Shape {
    /// Most values or elements in one file: a tree takes far more memory than its text.
    fn most(self) -> usize {
        match self {
            Self::Lines | Self::Json => 4_000_000,
            Self::Reports => 1_000_000,
            // An element has two tags.
            Self::Xml => 2_000_000,
        }
    }
}

impl From<Format> for Shape {
    fn from(format: Format) -> Self {
        if format == Format::Case { Self::Json } else { Self::Lines }
    }
}

/// The first bytes, enough to tell what a file is.
pub(crate) fn head(input: &mut impl Read) -> Result<Vec<u8>, Problem> {
    let mut head = Vec::new();
    while head.len() < 4096 {
        if !more(input, 4096 - head.len(), &mut head)? {
            break;
        }
    }
    Ok(head)
}

/// The head and all that follows it, while it stays within the limits.
pub(crate) fn rest(head: Vec<u8>, input: &mut impl Read, shape: Shape) -> Result<Vec<u8>, Problem> {
    let mut bytes = head;
    let mut guard = Guard::new(shape);
    guard.pass(&bytes)?;
    loop {
        let before = bytes.len();
        if !more(input, CHUNK, &mut bytes)? {
            return Ok(bytes);
        }
        if bytes.len() > MOST_BYTES {
            return Err(of_file(
                "size",
                format!("is larger than {} MiB", MOST_BYTES / 1024 / 1024),
                "split it into smaller files",
            ));
        }
        guard.pass(bytes.get(before..).unwrap_or_default())?;
    }
}

/// Appends at most `most` bytes; false at the end.
fn more(input: &mut impl Read, most: usize, out: &mut Vec<u8>) -> Result<bool, Problem> {
    let before = out.len();
    loop {
        out.resize(before + most, 0);
        let got = input.read(out.get_mut(before..).unwrap_or_default());
        match got {
            Ok(n) => {
                out.truncate(before + n.min(most));
                return Ok(n > 0);
            }
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => {
                return Err(of_file(
                    "content",
                    format!("the file ends early: reading stopped after {before} bytes ({})", e.kind()),
                    "copy the file again, or send it again, and repeat",
                ));
            }
        }
    }
}

/// Watches the bytes go by and counts what could grow without end.
struct Guard {
    shape: Shape,
    line: u64,
    after_return: bool,
    /// Bytes since the line, the JSON string or the XML text began.
    run: usize,
    in_string: bool,
    escaped: bool,
    values: usize,
}

impl Guard {
    fn new(shape: Shape) -> Self {
        Self { shape, line: 1, after_return: false, run: 0, in_string: false, escaped: false, values: 0 }
    }

    fn pass(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        for b in bytes {
            let ends_line = *b == b'\r' || (*b == b'\n' && !self.after_return);
            self.after_return = *b == b'\r';
            self.line += u64::from(ends_line);
            match self.shape {
                Shape::Lines => self.csv_byte(*b),
                Shape::Json | Shape::Reports => self.json_byte(*b),
                Shape::Xml => self.xml_byte(*b),
            }?;
        }
        Ok(())
    }

    fn csv_byte(&mut self, b: u8) -> Result<(), Problem> {
        self.run = if matches!(b, b'\n' | b'\r') { 0 } else { self.run + 1 };
        if self.run > MOST_LINE {
            return Err(at_line(self.line, "line", "is longer than 1 MiB", "give one identifier a line, as CSV UTF-8"));
        }
        Ok(())
    }

    fn xml_byte(&mut self, b: u8) -> Result<(), Problem> {
        self.run = if matches!(b, b'<' | b'>') { 0 } else { self.run + 1 };
        if self.run > MOST_LINE {
            return Err(at_line(self.line, "text", "is longer than 1 MiB", "export without attachments"));
        }
        self.values += usize::from(b == b'<');
        self.count_values("XML tags")
    }

    fn count_values(&self, what: &str) -> Result<(), Problem> {
        let most = self.shape.most();
        if self.values > most {
            let problem = format!("holds more than {most} {what}");
            return Err(of_file("size", problem, "split it into smaller files"));
        }
        Ok(())
    }

    fn json_byte(&mut self, b: u8) -> Result<(), Problem> {
        if self.in_string {
            self.run += 1;
            if self.run > MOST_LINE {
                let cure = "export without attachments and without the content of files";
                return Err(at_line(self.line, "text", "is longer than 1 MiB", cure));
            }
            match b {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return Ok(());
        }
        match b {
            b'"' => (self.in_string, self.run) = (true, 0),
            b',' | b':' | b'{' | b'[' => self.values += 1,
            _ => {}
        }
        self.count_values("JSON values")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Yields one byte for ever, or up to `most`, and counts what was taken.
    struct Endless<'a> {
        line: &'a [u8],
        at: usize,
        most: usize,
        taken: &'a mut usize,
    }

    impl Read for Endless<'_> {
        fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
            let n = buf.len().min(self.most - *self.taken);
            for b in &mut buf[..n] {
                *b = self.line[self.at % self.line.len()];
                self.at += 1;
            }
            *self.taken += n;
            Ok(n)
        }
    }

    const GIGABYTE: usize = 1 << 30;

    fn taken_of(name: &str, line: &[u8]) -> (usize, crate::Reading) {
        let mut taken = 0;
        let reading = crate::read(name, Endless { line, at: 0, most: GIGABYTE, taken: &mut taken });
        (taken, reading)
    }

    #[test]
    fn a_gigabyte_in_one_line_is_refused_after_a_megabyte() {
        let (taken, r) = taken_of("x.csv", b"a");
        assert!(taken <= MOST_LINE + 2 * CHUNK, "{taken}");
        assert_eq!(r.problems.len(), 1);
        assert_eq!(
            r.problems[0].to_string(),
            "line 1, line: is longer than 1 MiB; give one identifier a line, as CSV UTF-8"
        );
        assert!(r.drafts.is_empty());
    }

    #[test]
    fn a_gigabyte_of_lines_is_refused_after_64_mebibytes() {
        let line = [&b"email,".repeat(200)[..], b"\n"].concat();
        let (taken, r) = taken_of("x.csv", &line);
        assert!(taken <= MOST_BYTES + 2 * CHUNK, "{taken}");
        assert_eq!(r.problems.len(), 1);
        assert_eq!(r.problems[0].problem, "is larger than 64 MiB");
    }

    #[test]
    fn endless_json_is_refused_by_its_strings_and_by_its_values() {
        let (taken, r) = taken_of("x.json", b"[\"aaaaaaaaaaaaaaaa");
        assert!(taken < 70 * MOST_LINE && r.problems.len() == 1);
        let mut taken = 0;
        let long = Endless { line: b"a", at: 0, most: GIGABYTE, taken: &mut taken };
        let r = crate::read("x.json", b"{\"a\":\"".chain(long));
        assert!(taken <= MOST_LINE + 2 * CHUNK, "{taken}");
        assert_eq!(r.problems[0].problem, "is longer than 1 MiB");
        let (taken, r) = taken_of("x.json", b"[");
        assert!(taken < 5_000_000, "{taken}");
        assert_eq!(r.problems[0].field, "size");
    }

    #[test]
    fn a_broken_disk_is_a_problem_and_no_draft() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                Err(ErrorKind::BrokenPipe.into())
            }
        }
        let r = crate::read("x.csv", b"kind,value\nemail,a@example.org\n".chain(Broken));
        assert!(r.drafts.is_empty());
        assert!(r.problems[0].problem.starts_with("the file ends early"), "{}", r.problems[0]);
    }
}
