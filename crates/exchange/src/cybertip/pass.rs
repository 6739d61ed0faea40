//! One description of a report serves both directions: a pass over it reads what a file says into a tip, or writes
//! what a tip says.

use model::tip::{
    AccountType, BatchReason, DeviceIdType, EventName, FileAnnotation, FileHash, FileRelevance, HashType, HashValue,
    IncidentType, IndustryClass, Line, ReportAnnotation, ResponseCode,
};
use model::{Day, Invalid, Micros, ReportNumber};

/// A value that has one text.
pub(super) trait Text: Sized {
    /// Is it written without quotation marks in JSON?
    const BARE: bool = false;
    fn parse(text: &str) -> Result<Self, Invalid>;
    fn write(&self) -> String;
}

/// A pass over a report, or over a part of it. Every method takes the key and the place in the tip.
pub(super) trait Pass: Sized {
    /// At most one value.
    fn one<T: Text>(&mut self, key: &'static str, slot: &mut Option<T>);
    /// Any number of values.
    fn many<T: Text>(&mut self, key: &'static str, slot: &mut Vec<T>);
    /// The part's own text.
    fn own<T: Text>(&mut self, slot: &mut Option<T>);
    /// A set of words that are said by their presence.
    fn flags<T: Text + Ord>(&mut self, key: &'static str, slot: &mut Vec<T>);
    /// A part that is always there; absent when nothing is in it.
    fn within(&mut self, key: &'static str, walk: impl FnOnce(&mut Self));
    /// At most one part, under any of some keys; the first is the API's. One that says nothing is none.
    fn part<T: Default + PartialEq>(
        &mut self,
        keys: &[&'static str],
        slot: &mut Option<T>,
        walk: fn(&mut T, &mut Self),
    );
    /// Any number of parts.
    fn parts<T: Default>(&mut self, key: &'static str, slot: &mut Vec<T>, walk: fn(&mut T, &mut Self));
    /// Names of files: counted and dropped, unless `keep` says the text is none.
    fn names(&mut self, key: &'static str, keep: fn(&str) -> bool);
    /// Pairs of names and values about a file: hashes are read, EXIF is counted and dropped.
    fn pairs(&mut self, slot: &mut Vec<FileHash>);
    /// A rule of the API; breaking it is a problem.
    fn rule(&mut self, holds: bool, key: &str, problem: &str, cure: &str);
}

macro_rules! text_by_word {
    ($($name:ident)*) => { $(
        impl Text for $name {
            fn parse(text: &str) -> Result<Self, Invalid> {
                Self::parse(text)
            }
            fn write(&self) -> String {
                self.word().to_owned()
            }
        }
    )* };
}
text_by_word!(AccountType BatchReason DeviceIdType EventName FileAnnotation FileRelevance HashType IncidentType
    IndustryClass ReportAnnotation ResponseCode);

macro_rules! text_as_written {
    ($($name:ident)*) => { $(
        impl Text for $name {
            fn parse(text: &str) -> Result<Self, Invalid> {
                Self::parse(text)
            }
            fn write(&self) -> String {
                self.as_str().to_owned()
            }
        }
    )* };
}
text_as_written!(HashValue Line ReportNumber);

impl Text for Micros {
    fn parse(text: &str) -> Result<Self, Invalid> {
        Self::parse(text)
    }
    fn write(&self) -> String {
        self.to_string()
    }
}

impl Text for Day {
    /// xsd:date may carry a zone, and some senders write a time: the day is the first ten signs of each.
    fn parse(text: &str) -> Result<Self, Invalid> {
        let follows = text.as_bytes().get(10).is_some_and(|b| matches!(b, b'T' | b'Z' | b'+' | b'-'));
        Self::parse(text.get(..10).filter(|_| follows).unwrap_or(text))
    }
    fn write(&self) -> String {
        self.to_string()
    }
}

impl Text for bool {
    const BARE: bool = true;
    fn parse(text: &str) -> Result<Self, Invalid> {
        match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Ok(true),
            "false" | "no" | "0" => Ok(false),
            _ => Err(Invalid::new("is not yes or no", "write true or false")),
        }
    }
    fn write(&self) -> String {
        self.to_string()
    }
}

macro_rules! text_of_number {
    ($($name:ident $least:literal $most:expr, $problem:literal;)*) => { $(
        impl Text for $name {
            const BARE: bool = true;
            fn parse(text: &str) -> Result<Self, Invalid> {
                let number = text.parse::<Self>().ok().filter(|n| ($least..=$most).contains(n));
                number.ok_or_else(|| {
                    Invalid::new($problem, format!("write a whole number from {} to {}", $least, $most))
                })
            }
            fn write(&self) -> String {
                self.to_string()
            }
        }
    )* };
}
text_of_number! {
    u8 0 150, "is not an age";
    u16 1 u16::MAX, "is not a port";
    u32 0 u32::MAX, "is not a count";
}
