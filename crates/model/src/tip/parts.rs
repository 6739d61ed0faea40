//! The parts of a report. Every field is optional: what a sender left out is not there.

use super::codes::{
    AccountType, DeviceIdType, EventName, FileAnnotation, FileRelevance, HashType, IncidentKind, IndustryClass,
};
use super::{Line, ReportNumber, parsed_text};
use crate::problem::Invalid;
use crate::text::FreeText;
use crate::time::{Day, Micros};

macro_rules! parts {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty),* $(,)? })*) => { $(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
        pub struct $name { $($(#[$fdoc])* pub $field: $type),* }

        /// Content: no accident prints it.
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )* };
}

/// Whose part of a report it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartyRole {
    /// The person or user reported: not yet a subject.
    Reported,
    /// The one who was meant to receive it.
    Recipient,
    /// The child.
    Victim,
}

parts! {
    /// A telephone number as the sender has it.
    PhoneNumber {
        /// The number.
        number: Option<Line>,
        /// Its country's calling code with the plus, where it stands apart.
        calling_code: Option<Line>,
    }

    /// A postal address.
    PostalAddress {
        /// The whole address, from senders who give it in one piece.
        whole: Option<Line>,
        /// Street and number.
        street: Option<Line>,
        /// Place.
        city: Option<Line>,
        /// ZIP or postal code.
        zip: Option<Line>,
        /// State of the USA.
        state: Option<Line>,
        /// State or province elsewhere.
        other_state: Option<Line>,
        /// Country.
        country: Option<Line>,
    }

    /// A real person.
    Person {
        /// Given name.
        first_name: Option<Line>,
        /// Family name.
        last_name: Option<Line>,
        /// Telephones.
        phones: Vec<PhoneNumber>,
        /// E-mail addresses.
        emails: Vec<Line>,
        /// Postal addresses.
        addresses: Vec<PostalAddress>,
        /// Age in years as stated, 0 to 150.
        age: Option<u8>,
        /// The sender sees that the stated age may be false.
        age_discrepancy: Option<bool>,
        /// Birth date as stated.
        birth: Option<Day>,
    }

    /// An IP address at a moment.
    IpEvent {
        /// The address.
        address: Option<Line>,
        /// What was done.
        event: Option<EventName>,
        /// When.
        at: Option<Micros>,
        /// The sender takes it for a proxy: weak as evidence of who.
        possible_proxy: Option<bool>,
        /// The source port: needed where many share an address.
        port: Option<u16>,
    }

    /// A device's number.
    DeviceId {
        /// Its sort.
        kind: Option<DeviceIdType>,
        /// The number.
        value: Option<Line>,
        /// What was done.
        event: Option<EventName>,
        /// When.
        at: Option<Micros>,
    }

    /// How somebody is present on a service.
    Presence {
        /// The service (`espService`).
        service: Option<Line>,
        /// The provider's own id of the account (`espIdentifier`).
        identifier: Option<Line>,
        /// The account's name (`screenName`).
        screen_name: Option<Line>,
        /// Web addresses of its profile.
        profile_urls: Vec<Line>,
        /// A group or server it is part of (`groupIdentifier`).
        group: Option<Line>,
        /// IP addresses it used.
        ip_events: Vec<IpEvent>,
        /// Devices it used.
        devices: Vec<DeviceId>,
    }

    /// An account that belongs to a party.
    Account {
        /// How it belongs.
        kind: Option<AccountType>,
        /// It is another person's.
        third_party: Option<bool>,
        /// Its platform.
        platform: Option<Line>,
        /// Its id there, from senders who write `accountId`.
        account_id: Option<Line>,
        /// Age in years as guessed, 0 to 150 (`approximateAge`).
        age: Option<u8>,
        /// The sender sees that the stated age may be false.
        age_discrepancy: Option<bool>,
        /// Telephones.
        phones: Vec<PhoneNumber>,
        /// E-mail addresses.
        emails: Vec<Line>,
        /// Postal addresses.
        addresses: Vec<PostalAddress>,
        /// Presence on its service.
        presence: Presence,
    }

    /// A reported person, an intended recipient or a victim.
    Party {
        /// The real person, as far as known.
        person: Option<Person>,
        /// Presence on the reporting service.
        presence: Presence,
        /// The account was taken over by another.
        compromised: Option<bool>,
        /// The party is no user of the sender (`thirdPartyUserReported`).
        third_party: Option<bool>,
        /// Every e-mail address the sender has is in the report.
        all_emails: Option<bool>,
        /// Earlier reports about the same party.
        prior_reports: Vec<ReportNumber>,
        /// Other accounts.
        accounts: Vec<Account>,
    }

    /// One way in which it happened, with what its kind has.
    OnlineIncident {
        /// Which of the published kinds.
        kind: IncidentKind,
        /// Web addresses.
        urls: Vec<Line>,
        /// The page hosts what others put there.
        third_party_hosted: Option<bool>,
        /// E-mail addresses.
        emails: Vec<Line>,
        /// The chat's service.
        chat_client: Option<Line>,
        /// The chat's room.
        room: Option<Line>,
        /// The telephone.
        phones: Vec<PhoneNumber>,
        /// Where, without any network.
        addresses: Vec<PostalAddress>,
        /// IP addresses of the peer.
        ip_events: Vec<IpEvent>,
        /// The peer-to-peer client: its program, or its GUID.
        client: Option<Line>,
    }

    /// One element `internetDetails`: at most one of the published kinds.
    InternetDetails {
        /// The incident; none when the sender words it otherwise.
        incidents: Vec<OnlineIncident>,
    }

    /// The fingerprint of a file.
    FileHash {
        /// How it was made.
        kind: Option<HashType>,
        /// The fingerprint.
        value: Option<HashValue>,
    }

    /// What a report says of one file. The file and its name never come in.
    TipFile {
        /// The report it belongs to, where the sender repeats it.
        report: Option<ReportNumber>,
        /// NCMEC's id of the file.
        id: Option<Line>,
        /// When it reached the sender.
        uploaded: Option<Micros>,
        /// The sender looked at the whole file. What the sender did not see, an agency may need a warrant for.
        viewed: Option<bool>,
        /// The sender looked at its EXIF data.
        exif_viewed: Option<bool>,
        /// The whole file was publicly available.
        public: Option<bool>,
        /// Reported, or context.
        relevance: Option<FileRelevance>,
        /// What is said of it.
        annotations: Vec<FileAnnotation>,
        /// The industry's class.
        class: Option<IndustryClass>,
        /// Fingerprints.
        hashes: Vec<FileHash>,
        /// IP addresses it came from.
        ip_events: Vec<IpEvent>,
        /// Devices it came from.
        devices: Vec<DeviceId>,
    }
}

impl FileHash {
    /// Can it be what it says? A listed sort has its number of hexadecimal digits, with its name or `0x` before them and,
    /// for PDQ, a quality behind; where signs were made unreadable, nobody can say. An unlisted sort may be anything.
    pub fn can_be(&self) -> bool {
        let (Some(value), Some(digits)) = (&self.value, self.kind.as_ref().and_then(HashType::digits)) else {
            return true;
        };
        let text = value.as_str().to_ascii_lowercase();
        let labels = ["md5:", "sha1:", "sha-1:", "sha256:", "sha-256:", "pdq:", "0x"];
        let bare = labels.iter().find_map(|label| text.strip_prefix(label)).unwrap_or(&text);
        let bare = match bare.split_once(':') {
            Some((hash, quality)) if self.kind == Some(HashType::Pdq) && quality.parse::<u8>().is_ok() => hash,
            _ => bare,
        };
        let whole = bare.len() == digits && bare.bytes().all(|b| b.is_ascii_hexdigit());
        let is_mark = |b: u8| matches!(b, b'*' | b'x' | b'?' | b'#' | b'.');
        whole || (bare.bytes().any(is_mark) && bare.bytes().all(|b| is_mark(b) || b.is_ascii_hexdigit()))
    }
}

/// A fingerprint as written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HashValue(String);
parsed_text!(HashValue);

impl HashValue {
    /// One line of at most 512 printable signs. A hash may begin with the bytes of a picture by chance and is too short
    /// to be one: only what is longer than any fixed hash in hexadecimal is looked at for media (invariant 6).
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() || text.len() > 512 || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Invalid::new("is not a hash", "write the digits alone, at most 512"));
        }
        if text.len() > 70 {
            FreeText::parse(text)?;
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_has_the_digits_of_its_sort() {
        let hash = |kind: HashType, value: &str| {
            FileHash { kind: Some(kind), value: Some(HashValue::parse(value).unwrap()) }.can_be()
        };
        let digits = |n: usize| "0123456789AbcDef".repeat(4)[..n].to_owned();
        for (kind, n) in [(HashType::Md5, 32), (HashType::Sha1, 40), (HashType::Sha256, 64), (HashType::Pdq, 64)] {
            assert!(hash(kind.clone(), &digits(n)) && hash(kind.clone(), &format!("0x{}", digits(n))));
            assert!(hash(kind.clone(), &format!("{}****", digits(8))), "made unreadable");
            assert!(!hash(kind.clone(), &digits(n - 1)) && !hash(kind.clone(), &format!("g{}", digits(n - 1))));
            assert!(!hash(kind, "see.the.provider"));
        }
        assert!(hash(HashType::Md5, &format!("MD5:{}", digits(32))));
        assert!(
            hash(HashType::Pdq, &format!("{}:87", digits(64))) && !hash(HashType::Md5, &format!("{}:87", digits(32)))
        );
        assert!(hash(HashType::parse("of next year").unwrap(), "zz-17"));
        assert!(FileHash::default().can_be());
    }
}
