//! Who writes one side of a pair: what both sides share, and what is this side's own.

use model::{Kind, Micros, Window};

use super::people::{self, Person};
use super::phones::Phones;
use super::recipes::{FIRST_PHONE, PHONES};
use super::tables::Tables;
use super::values::{self, Class};

/// Micros of a second.
pub(super) const SECOND: i64 = 1_000_000;
/// Micros of a day.
pub(super) const DAY: i64 = 86_400 * SECOND;

/// One identifier as an officer writes it.
pub(super) struct Written {
    pub kind: Kind,
    pub value: String,
    pub platform: Option<&'static str>,
    pub seen: Window,
    pub port: Option<u16>,
}

/// One side of a pair.
pub(super) struct Pen<'a> {
    pub tables: &'static Tables,
    pub phones: &'a Phones,
    /// Planted, or near and not to meet.
    pub class: Class,
    /// Which pair of its class.
    pub index: u64,
    /// How often its recipe was used before.
    pub round: u64,
    /// Which recipe's turn it was.
    pub turn: usize,
    /// Its place among all pairs of all classes.
    pub slot: u64,
    /// The first writing of the recipe, or the second.
    pub first: bool,
    /// Both sides' agencies read telephone numbers as American ones.
    pub home: bool,
    /// Drawn once for both sides.
    pub both: u64,
    /// Drawn for this side.
    pub own: u64,
    pub as_of: Micros,
}

impl Pen<'_> {
    /// What both sides write.
    pub(super) fn id(&self) -> u64 {
        values::id(self.class, self.index)
    }

    /// One of two, by side.
    pub(super) fn either<T>(&self, first: T, second: T) -> T {
        if self.first { first } else { second }
    }

    /// Some day of the last year for both sides: within it nothing is given out again.
    fn base(&self) -> i64 {
        self.as_of.0 - (40 + (self.both % 250) as i64) * DAY
    }

    /// Seen near the pair's day, or at a time nobody said.
    pub(super) fn usual(&self) -> Window {
        if self.own.is_multiple_of(3) {
            return Window::default();
        }
        let from = self.base() + ((self.own >> 8) % 20) as i64 * DAY;
        span(from, from + ((self.own >> 16) % 10 * 86_400) as i64 * SECOND)
    }

    /// Two windows more than a year apart: whoever held it may not hold it now.
    pub(super) fn recycled(&self) -> Window {
        let from = self.either(self.base() - 500 * DAY, self.base());
        span(from, from + ((self.own >> 16) % 20) as i64 * DAY)
    }

    /// This side's window, in seconds after the pair's own two hours. No other pair with its address has the same two.
    pub(super) fn minutes(&self, from: i64, to: i64) -> Window {
        let start = self.as_of.0 - 1_100 * DAY + (self.slot / IP4_TIMED) as i64 * 7_200 * SECOND;
        span(start + from * 60 * SECOND, start + to * 60 * SECOND)
    }

    /// The pair's IPv4 address, where times tell pairs apart.
    pub(super) fn ip4(&self) -> String {
        format!("198.51.100.{}", self.slot % IP4_TIMED)
    }

    /// An IPv4 address no other entry has, while there are some: for sides that say no time.
    pub(super) fn ip4_alone(&self) -> Option<String> {
        (self.round < 256 - IP4_TIMED).then(|| format!("198.51.100.{}", IP4_TIMED + self.round))
    }

    /// The pair's own /64, or its neighbour, and a host in it.
    pub(super) fn ip6(&self, neighbour: u64, host: u64) -> std::net::Ipv6Addr {
        values::ip6((1 << 31) + self.slot * 2 + neighbour, host)
    }

    /// The pair's telephone number, or the next one in the list, which differs in one digit.
    pub(super) fn phone(&self, next: u64) -> String {
        let place = match self.class {
            Class::Near => self.phones.filler_begins() / 2 + self.round * 2 + next,
            // By the pair's turn and not by its recipe: a pair that fell back to another recipe keeps a number of its own.
            _ => self.round * PHONES as u64 + (self.turn - FIRST_PHONE) as u64,
        };
        self.phones.at(place).written(self.own, self.home)
    }

    /// Its platform, in one of the words officers use for it.
    pub(super) fn platform(&self) -> &'static str {
        platform(self.both, self.own)
    }

    pub(super) fn person(&self) -> Person {
        let index = match self.class {
            Class::Near => people::NEAR + self.index,
            _ => self.index,
        };
        people::person(self.tables, true, index).expect("a nation of ten million entries has people left")
    }

    pub(super) fn write(&self, kind: Kind, value: String) -> Written {
        Written { kind, value, platform: None, seen: self.usual(), port: None }
    }

    pub(super) fn at(&self, kind: Kind, value: String, platform: &'static str) -> Written {
        Written { platform: Some(platform), ..self.write(kind, value) }
    }

    pub(super) fn seen(&self, seen: Window, kind: Kind, value: String) -> Written {
        Written { seen, ..self.write(kind, value) }
    }
}

/// Addresses of 198.51.100.0/24 that pairs share by time; the others are held alone.
const IP4_TIMED: u64 = 200;

/// A window of known ends.
pub(super) fn span(from: i64, to: i64) -> Window {
    Window { from: Some(Micros(from)), to: Some(Micros(to.max(from))) }
}

/// One of the platforms (by `which`), in one of its names (by `word`).
pub(super) fn platform(which: u64, word: u64) -> &'static str {
    const WORDS: [[&str; 3]; 12] = [
        ["X", "twitter", "x.com"],
        ["Discord", "discord", "discordapp.com"],
        ["Telegram", "t.me", "tg"],
        ["Instagram", "insta", "IG"],
        ["Kik", "Kik Messenger", "kik.com"],
        ["Snapchat", "snap", "snapchat.com"],
        ["Roblox", "roblox", "www.roblox.com"],
        ["Steam", "steamcommunity.com", "steam"],
        ["TikTok", "tik tok", "https://www.tiktok.com/"],
        ["Facebook", "fb", "facebook.com"],
        ["WhatsApp", "whats app", "wa.me"],
        ["Omegle", "omegle.com", "omegle"],
    ];
    WORDS[(which % 12) as usize][((word >> 4) % 3) as usize]
}

/// Every second letter a capital.
pub(super) fn capitals(text: &str) -> String {
    text.char_indices().map(|(i, c)| if i % 2 == 0 { c.to_ascii_uppercase() } else { c }).collect()
}

/// Digits in groups, parted by `by`.
pub(super) fn grouped(text: &str, size: usize, by: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for (i, c) in text.chars().enumerate() {
        if i > 0 && i % size == 0 {
            out.push_str(by);
        }
        out.push(c);
    }
    out
}
