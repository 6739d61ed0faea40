//! A place in a line, for reading dates and times piece by piece.

/// A place in a text, moved forward by what it reads.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.rest().bytes().next()
    }

    pub(super) fn eat(&mut self, any: &[u8]) -> Option<u8> {
        let b = self.peek().filter(|b| any.contains(b))?;
        self.at += 1;
        Some(b)
    }

    pub(super) fn blanks(&mut self) -> usize {
        let before = self.at;
        while self.at - before < 4 && self.eat(b" \t").is_some() {}
        self.at - before
    }

    /// A number of this many digits, with no further digit behind it.
    pub(super) fn number(&mut self, least: usize, most: usize) -> Option<(u32, usize)> {
        let len = self.rest().bytes().take(most + 1).take_while(u8::is_ascii_digit).count();
        if len < least || len > most {
            return None;
        }
        let value = self.rest().get(..len)?.parse().ok()?;
        self.at += len;
        Some((value, len))
    }

    pub(super) fn word(&mut self) -> &'a str {
        let len = self.rest().bytes().take(16).take_while(u8::is_ascii_alphabetic).count();
        let word = self.rest().get(..len).unwrap_or_default();
        self.at += len;
        word
    }

    pub(super) fn eat_word(&mut self, words: &[&str]) -> bool {
        let mut ahead = *self;
        let found = words.contains(&ahead.word().to_ascii_lowercase().as_str());
        if found {
            *self = ahead;
        }
        found
    }
}
