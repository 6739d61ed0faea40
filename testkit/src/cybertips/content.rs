//! What a report says, before it is written down: the parts that a reader takes and the parts it must leave.

use model::{Kind, Micros};

use super::tree::Text;

/// Whose data a part of a report is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// The person or user reported.
    Reported,
    /// A victim.
    Victim,
    /// An intended recipient.
    Recipient,
}

/// A person or account of a report.
#[derive(Debug, Clone)]
pub(super) struct Party {
    pub(super) whose: Whose,
    pub(super) first: Option<Text>,
    pub(super) last: Option<Text>,
    /// "1980-02-01".
    pub(super) born: Option<String>,
    pub(super) age: Option<u64>,
    pub(super) phones: Vec<String>,
    pub(super) emails: Vec<String>,
    pub(super) addresses: Vec<Postal>,
    pub(super) account: Option<String>,
    pub(super) service: Option<String>,
    pub(super) handle: Option<String>,
    pub(super) display: Vec<String>,
    pub(super) profiles: Vec<String>,
    pub(super) bio: Option<String>,
    pub(super) ips: Vec<Capture>,
    pub(super) devices: Vec<Device>,
    pub(super) group: Option<String>,
    pub(super) associated: Vec<Linked>,
    pub(super) prior: Vec<String>,
    pub(super) vehicle: Option<String>,
    pub(super) school: Option<String>,
    pub(super) compromised: Option<bool>,
    pub(super) place: Option<(Text, Text)>,
    pub(super) info: Option<String>,
}

impl Party {
    pub(super) fn new(whose: Whose) -> Self {
        Self {
            whose,
            first: None,
            last: None,
            born: None,
            age: None,
            phones: Vec::new(),
            emails: Vec::new(),
            addresses: Vec::new(),
            account: None,
            service: None,
            handle: None,
            display: Vec::new(),
            profiles: Vec::new(),
            bio: None,
            ips: Vec::new(),
            devices: Vec::new(),
            group: None,
            associated: Vec::new(),
            prior: Vec::new(),
            vehicle: None,
            school: None,
            compromised: None,
            place: None,
            info: None,
        }
    }
}

/// A postal address in its parts.
#[derive(Debug, Clone)]
pub(super) struct Postal {
    pub(super) street: String,
    pub(super) city: Text,
    pub(super) state: Text,
    pub(super) zip: Text,
}

impl Postal {
    /// "street, city state zip", what is missing left out.
    pub(super) fn line(&self) -> String {
        let place: Vec<&str> = [&self.city, &self.state, &self.zip].into_iter().map(AsRef::as_ref).collect();
        let place = place.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" ");
        if place.is_empty() { self.street.clone() } else { format!("{}, {place}", self.street) }
    }
}

/// An IP address that a provider saw.
#[derive(Debug, Clone)]
pub(super) struct Capture {
    pub(super) address: String,
    pub(super) event: Option<&'static str>,
    pub(super) at: Option<Moment>,
    pub(super) proxy: Option<bool>,
    pub(super) port: Option<u16>,
}

/// A moment and the offset it is written in, in whole hours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) at: Micros,
    pub(super) offset: i64,
}

/// A device id.
#[derive(Debug, Clone)]
pub(super) struct Device {
    /// The word of the report.
    pub(super) word: &'static str,
    /// What a reader makes of it; `None` when it is no identifier.
    pub(super) kind: Option<Kind>,
    pub(super) value: String,
    pub(super) at: Option<Moment>,
}

/// An account beside the reported one.
#[derive(Debug, Clone)]
pub(super) struct Linked {
    pub(super) word: &'static str,
    pub(super) platform: String,
    pub(super) handle: Option<String>,
    pub(super) email: Option<String>,
}

/// How it happened: one of the API's incident details.
#[derive(Debug, Clone)]
pub(super) enum Detail {
    WebPage { urls: Vec<String>, third_party: bool, info: String },
    Email { address: Option<String>, content: String },
    Newsgroup { name: String, content: String },
    Chat { client: String, room: Option<String>, content: String },
    Game { game: &'static str, console: &'static str, content: String },
    Cell { phone: Option<String>, latitude: String, longitude: String, info: String },
    NonInternet { place: String },
    Peer { client: &'static str, ips: Vec<Capture>, names: String, info: String },
}

/// A file that came with the report; its bytes are never anywhere.
#[derive(Debug, Clone)]
pub(super) struct File {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) viewed: Option<bool>,
    pub(super) exif_viewed: Option<bool>,
    pub(super) public: Option<bool>,
    pub(super) supplemental: Option<bool>,
    pub(super) annotations: Vec<&'static str>,
    pub(super) class: Option<&'static str>,
    /// The word of the report, what a reader makes of it, the value.
    pub(super) hashes: Vec<(&'static str, Option<Kind>, String)>,
    pub(super) ip: Option<Capture>,
    pub(super) exif: Vec<(&'static str, String)>,
    pub(super) info: Vec<String>,
}

/// A whole report.
#[derive(Debug, Clone)]
pub(super) struct Content {
    pub(super) report: String,
    pub(super) received: Moment,
    pub(super) batched: bool,
    pub(super) incident: &'static str,
    pub(super) platform: Option<String>,
    pub(super) escalated: Option<String>,
    pub(super) annotations: Vec<&'static str>,
    pub(super) happened: Moment,
    pub(super) happened_note: Option<String>,
    pub(super) details: Vec<Detail>,
    pub(super) agency: bool,
    pub(super) reporter: (String, String),
    pub(super) reported: Party,
    pub(super) recipients: Vec<Party>,
    pub(super) victims: Vec<Party>,
    pub(super) files: Vec<File>,
    pub(super) info: Option<String>,
    /// Software of another day: unknown keys, numbers as texts, empty lists, nulls.
    pub(super) strange: Strange,
}

/// In which ways a report is written unlike most.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Strange {
    pub(super) numbers_as_text: bool,
    pub(super) empty_lists: bool,
    pub(super) nulls: bool,
    pub(super) unknown_keys: bool,
    pub(super) escaped: bool,
    pub(super) raw_text: bool,
}
