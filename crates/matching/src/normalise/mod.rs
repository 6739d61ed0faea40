//! Reading: every way of writing an identifier into one canonical text.
//!
//! A value a library calls invalid is still an identifier: it is kept in plain canonical form, with the doubt noted.
//! A masked or cut value is kept and never matches. Normalising twice changes nothing.

mod address;
mod device;
mod email;
mod handle;
mod hash;
mod money;
mod net;
mod person;
mod phone;
pub(crate) mod text;
mod vehicle;
mod web;

use model::{Country, Invalid, Kind};

pub(crate) use email::{fold_mailbox, mailbox};
pub(crate) use net::net64;
pub(crate) use phone::lacks_area_code;
pub use text::LONGEST;
pub(crate) use vehicle::names_state;

/// Where a value is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The region of telephone numbers without a country code: the agency's country.
    pub country: Country,
}

/// What a raw value is, once read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identifier {
    /// Read whole: it has keys.
    Whole(Normal),
    /// Masked, cut or without the part that tells it from others: kept as written, never matched.
    Partial {
        /// What is missing, without the value.
        why: String,
    },
}

impl Identifier {
    /// The canonical form, when it was read whole.
    pub fn whole(&self) -> Option<&Normal> {
        match self {
            Self::Whole(normal) => Some(normal),
            Self::Partial { .. } => None,
        }
    }
}

/// An identifier in canonical form.
#[derive(Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Normal {
    /// What sort of value.
    pub kind: Kind,
    /// Its canonical text: content, never shown across agencies.
    pub text: String,
    /// The canonical platform of a handle, room or payment account, where given.
    pub platform: Option<String>,
    /// What a library or a check digit has against it; it is an identifier all the same.
    pub doubt: Option<String>,
    /// The version of the normaliser that made it ([`rule_version`]).
    pub rule_version: u32,
}

/// Identifiers are content: no accident prints one.
impl std::fmt::Debug for Normal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Normal")
            .field("kind", &self.kind)
            .field("doubtful", &self.doubt.is_some())
            .finish_non_exhaustive()
    }
}

/// The version of a kind's normaliser and of its data. A change that gives any value another text raises it, and
/// entries are derived again into a new space.
pub fn rule_version(kind: Kind) -> u32 {
    match kind {
        Kind::Email | Kind::Phone | Kind::Handle | Kind::Ip | Kind::Url | Kind::Domain | Kind::Onion => 1,
        Kind::Imei | Kind::Imsi | Kind::Iccid | Kind::Mac | Kind::Serial => 1,
        Kind::Wallet | Kind::Payment | Kind::P2p | Kind::Room | Kind::Plate | Kind::Vin => 1,
        Kind::Md5 | Kind::Sha1 | Kind::Sha256 | Kind::Pdq | Kind::Address | Kind::Person => 1,
    }
}

/// What one kind's reader found.
pub(crate) enum Read {
    Whole { text: String, platform: Option<String>, doubt: Option<String> },
    Partial(String),
}

impl Read {
    pub(crate) fn sure(text: impl Into<String>) -> Self {
        Self::Whole { text: text.into(), platform: None, doubt: None }
    }

    pub(crate) fn with(text: impl Into<String>, doubt: Option<&str>) -> Self {
        Self::Whole { text: text.into(), platform: None, doubt: doubt.map(str::to_owned) }
    }

    pub(crate) fn masked() -> Self {
        Self::Partial("part of it is masked or cut, so it can never match".to_owned())
    }
}

/// Reads `value` as a `kind`. `platform` counts for handles, rooms and payment accounts.
///
/// # Errors
/// Only for what cannot be that kind at all (letters in an IP address, a hash of the wrong length) or is over
/// [`LONGEST`] bytes. The error never repeats the value.
pub fn normalise(kind: Kind, value: &str, platform: Option<&str>, reading: &Reading) -> Result<Identifier, Invalid> {
    let mut read = read_once(kind, value, platform, reading)?;
    // Dropping a sign can bring marks of other scripts together, which NFKC then orders anew.
    for _ in 0..text::ROUNDS {
        let Read::Whole { text, platform: at, doubt } = &read else { break };
        if text.is_ascii() {
            break;
        }
        match read_once(kind, text, at.as_deref(), reading)? {
            Read::Whole { text: again, .. } if again == *text => break,
            Read::Whole { text, platform, doubt: second } => {
                read = Read::Whole { text, platform, doubt: doubt.clone().or(second) };
            }
            partial @ Read::Partial(_) => read = partial,
        }
    }
    Ok(match read {
        Read::Partial(why) => Identifier::Partial { why },
        Read::Whole { text, platform, doubt } => {
            Identifier::Whole(Normal { kind, text, platform, doubt, rule_version: rule_version(kind) })
        }
    })
}

fn read_once(kind: Kind, value: &str, platform: Option<&str>, reading: &Reading) -> Result<Read, Invalid> {
    let value = text::clean(value)?;
    match kind {
        Kind::Email => email::read(&value),
        Kind::Phone => phone::read(&value, reading.country),
        Kind::Handle => handle::read(&value, platform),
        Kind::Ip => net::read_ip(&value),
        Kind::Mac => net::read_mac(&value),
        Kind::Url => web::read_url(&value),
        Kind::Domain => web::read_domain(&value),
        Kind::Onion => web::read_onion(&value),
        Kind::Imei => device::read_imei(&value),
        Kind::Imsi => device::read_imsi(&value),
        Kind::Iccid => device::read_iccid(&value),
        Kind::Serial => device::read_serial(&value),
        Kind::P2p => device::read_p2p(&value),
        Kind::Wallet => money::read_wallet(&value),
        Kind::Payment => money::read_payment(&value, platform),
        Kind::Room => handle::read_room(&value, platform),
        Kind::Plate => vehicle::read_plate(&value),
        Kind::Vin => vehicle::read_vin(&value),
        Kind::Md5 => hash::read(&value, 32),
        Kind::Sha1 => hash::read(&value, 40),
        Kind::Sha256 => hash::read(&value, 64),
        Kind::Pdq => hash::read_pdq(&value),
        Kind::Address => address::read(&value),
        Kind::Person => person::read(&value),
    }
}
