//! The identifiers of a report as entries.

use std::collections::HashSet;

use super::{
    Account, AccountType, DeviceId, DeviceIdType, HashType, IncidentKind, IpEvent, Line, OnlineIncident, Party,
    PartyRole, Person, PhoneNumber, PostalAddress, Presence, Tip,
};
use crate::entry::{AgeClass, EntryDraft, EntryRole, Source};
use crate::kind::Kind;
use crate::time::{Micros, Window};

/// The platform of an account whose report names none: no two of these match.
const UNNAMED: &str = "unnamed";

impl Tip {
    /// Every identifier in the report, each once for each window. Victims and intended recipients are victims; a
    /// victim is a minor whatever age is stated. Display names, SSIDs, unknown device numbers and hashes, names without
    /// a birth date, and the reporter's and the officer's own data are no identifiers.
    pub fn drafts(&self) -> Vec<EntryDraft> {
        let mut out = Drafts { tip: self, list: Vec::new(), known: HashSet::new(), whose: Whose::NOBODY };
        for (i, details) in self.details.iter().enumerate() {
            for incident in &details.incidents {
                out.incident(&format!("{}.{}", nth("internetDetails", i), incident.kind.key()), incident);
            }
        }
        for (key, role, parties) in [
            ("personOrUserReported", PartyRole::Reported, &self.reported),
            ("intendedRecipient", PartyRole::Recipient, &self.recipients),
            ("victim", PartyRole::Victim, &self.victims),
        ] {
            for (i, party) in parties.iter().enumerate() {
                out.party(&nth(key, i), role, party);
            }
        }
        out.whose = Whose::NOBODY;
        for (i, file) in self.files.iter().enumerate() {
            let at = nth("fileDetails", i);
            for (j, hash) in file.hashes.iter().enumerate() {
                let kind = match &hash.kind {
                    Some(HashType::Md5) => Kind::Md5,
                    Some(HashType::Sha1) => Kind::Sha1,
                    Some(HashType::Sha256) => Kind::Sha256,
                    Some(HashType::Pdq) => Kind::Pdq,
                    Some(HashType::Unlisted(_)) | None => continue,
                };
                if let Some(value) = &hash.value {
                    out.add(&format!("{at}.{}", nth("originalFileHash", j)), kind, value.as_str(), |_| {});
                }
            }
            out.traces(&at, &file.ip_events, &file.devices);
        }
        out.list
    }
}

/// A key and which of its list, as labels write it.
fn nth(key: &str, at: usize) -> String {
    if at == 0 { key.to_owned() } else { format!("{key} {}", at + 1) }
}

/// Whose identifiers are being read.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Whose {
    role: EntryRole,
    age: AgeClass,
}

impl Whose {
    const NOBODY: Self = Self { role: EntryRole::Unknown, age: AgeClass::Unknown };
}

/// What makes two drafts of one report the same: kind, value, platform, whose, when and port.
type Same = (Kind, String, Option<String>, Whose, Window, Option<u16>);

struct Drafts<'t> {
    tip: &'t Tip,
    list: Vec<EntryDraft>,
    known: HashSet<Same>,
    whose: Whose,
}

impl Drafts<'_> {
    fn add(&mut self, at: &str, kind: Kind, value: &str, more: impl FnOnce(&mut EntryDraft)) {
        let place = format!("report {}: {at}", self.tip.number.as_str());
        let mut draft = EntryDraft::new(place, kind, value);
        draft.role = self.whose.role;
        draft.age = self.whose.age;
        draft.source = Some(Source::CyberTip);
        draft.report = Some(self.tip.number.as_str().to_owned());
        more(&mut draft);
        let same = (kind, value.to_owned(), draft.platform.clone(), self.whose, draft.seen, draft.port);
        if self.known.insert(same) {
            self.list.push(draft);
        }
    }

    fn one(&mut self, at: &str, key: &str, kind: Kind, value: Option<&Line>) {
        if let Some(value) = value {
            self.add(&format!("{at}.{key}"), kind, value.as_str(), |_| {});
        }
    }

    fn many(&mut self, at: &str, key: &str, kind: Kind, values: &[Line]) {
        for (i, value) in values.iter().enumerate() {
            self.one(at, &nth(key, i), kind, Some(value));
        }
    }

    fn at_platform(&mut self, at: &str, key: &str, kind: Kind, value: Option<&Line>, platform: Option<&Line>) {
        let named = platform.or(self.tip.platform.as_ref()).map(|p| p.as_str().to_owned());
        let named = named.or_else(|| kind.needs_platform().then(|| UNNAMED.to_owned()));
        if let Some(value) = value {
            self.add(&format!("{at}.{key}"), kind, value.as_str(), |d| d.platform = named);
        }
    }

    fn phones(&mut self, at: &str, key: &str, phones: &[PhoneNumber]) {
        for (i, phone) in phones.iter().enumerate() {
            let Some(number) = phone.number.as_ref().map(Line::as_str) else { continue };
            let value = match &phone.calling_code {
                Some(code) if !number.starts_with('+') => format!("{} {number}", code.as_str()),
                _ => number.to_owned(),
            };
            self.add(&format!("{at}.{}", nth(key, i)), Kind::Phone, &value, |_| {});
        }
    }

    fn addresses(&mut self, at: &str, key: &str, addresses: &[PostalAddress]) {
        for (i, address) in addresses.iter().enumerate() {
            // A place without a street is no address.
            let Some(first) = address.whole.as_ref().or(address.street.as_ref()) else { continue };
            let state = address.state.as_ref().or(address.other_state.as_ref());
            let rest = [address.city.as_ref(), state, address.zip.as_ref(), address.country.as_ref()];
            let parts: Vec<_> = [Some(first)].into_iter().chain(rest).flatten().map(Line::as_str).collect();
            self.add(&format!("{at}.{}", nth(key, i)), Kind::Address, &parts.join(", "), |_| {});
        }
    }

    fn traces(&mut self, at: &str, ips: &[IpEvent], devices: &[DeviceId]) {
        for (i, ip) in ips.iter().enumerate() {
            let Some(address) = &ip.address else { continue };
            self.add(&format!("{at}.{}", nth("ipCaptureEvent", i)), Kind::Ip, address.as_str(), |d| {
                (d.seen, d.port) = (moment(ip.at), ip.port);
            });
        }
        for (i, device) in devices.iter().enumerate() {
            let kind = match &device.kind {
                Some(DeviceIdType::Imei) => Kind::Imei,
                Some(DeviceIdType::Iccid) => Kind::Iccid,
                Some(DeviceIdType::Imsi) => Kind::Imsi,
                Some(DeviceIdType::Mac) => Kind::Mac,
                Some(DeviceIdType::Serial) => Kind::Serial,
                Some(DeviceIdType::Ssid | DeviceIdType::Unlisted(_)) | None => continue,
            };
            let Some(value) = &device.value else { continue };
            let at = format!("{at}.{}", nth("deviceId", i));
            self.add(&at, kind, value.as_str(), |d| d.seen = moment(device.at));
        }
    }

    fn presence(&mut self, at: &str, presence: &Presence, platform: Option<&Line>) {
        let service = presence.service.as_ref().or(platform);
        self.at_platform(at, "espIdentifier", Kind::Handle, presence.identifier.as_ref(), service);
        self.at_platform(at, "screenName", Kind::Handle, presence.screen_name.as_ref(), service);
        self.at_platform(at, "groupIdentifier", Kind::Room, presence.group.as_ref(), service);
        self.many(at, "profileUrl", Kind::Url, &presence.profile_urls);
        self.traces(at, &presence.ip_events, &presence.devices);
    }

    fn incident(&mut self, at: &str, incident: &OnlineIncident) {
        self.many(at, "url", Kind::Url, &incident.urls);
        self.many(at, "emailAddress", Kind::Email, &incident.emails);
        self.phones(at, "phoneNumber", &incident.phones);
        self.addresses(at, "incidentAddress", &incident.addresses);
        if incident.kind == IncidentKind::Chat {
            self.at_platform(at, "chatRoomName", Kind::Room, incident.room.as_ref(), incident.chat_client.as_ref());
        }
        // The key is meant for a program's name; only what looks like an installation's own id is one.
        if let Some(client) = incident.client.as_ref().filter(|c| is_guid(c.as_str())) {
            self.one(at, "client", Kind::P2p, Some(client));
        }
        self.traces(at, &incident.ip_events, &[]);
    }

    fn party(&mut self, at: &str, role: PartyRole, party: &Party) {
        let stated = party.person.as_ref().map_or(AgeClass::Unknown, |p| self.age_of(p));
        self.whose = match role {
            PartyRole::Reported => Whose { role: EntryRole::Unknown, age: stated },
            PartyRole::Recipient => Whose { role: EntryRole::Victim, age: stated },
            PartyRole::Victim => Whose { role: EntryRole::Victim, age: AgeClass::Minor },
        };
        let person_key = role.person_key();
        if let Some(person) = &party.person {
            self.person(&format!("{at}.{person_key}"), person);
        }
        self.presence(at, &party.presence, None);
        let whose = self.whose;
        for (i, account) in party.accounts.iter().enumerate() {
            self.account(&format!("{at}.{}", nth("associatedAccount", i)), account, whose);
        }
    }

    fn person(&mut self, at: &str, person: &Person) {
        if let (Some(last), Some(first), Some(birth)) = (&person.last_name, &person.first_name, person.birth) {
            let value = format!("{}, {}; {birth}", last.as_str(), first.as_str());
            self.add(&format!("{at}.lastName"), Kind::Person, &value, |_| {});
        }
        self.phones(at, "phone", &person.phones);
        self.many(at, "email", Kind::Email, &person.emails);
        self.addresses(at, "address", &person.addresses);
    }

    fn account(&mut self, at: &str, account: &Account, owner: Whose) {
        let another = account.third_party == Some(true) || account.kind == Some(AccountType::Guardian);
        let age = match age_class(account.age, account.age_discrepancy) {
            AgeClass::Unknown if !another => owner.age,
            // What a victim uses itself is a child's, whatever age an account states.
            AgeClass::Adult if !another && owner.age == AgeClass::Minor => AgeClass::Minor,
            stated => stated,
        };
        self.whose = Whose { role: owner.role, age };
        self.at_platform(at, "accountId", Kind::Handle, account.account_id.as_ref(), account.platform.as_ref());
        self.phones(at, "phone", &account.phones);
        self.many(at, "email", Kind::Email, &account.emails);
        self.addresses(at, "address", &account.addresses);
        self.presence(at, &account.presence, account.platform.as_ref());
        self.whose = owner;
    }

    /// By the stated age, and by the birth date when the report has a time. Where they differ, the child wins.
    fn age_of(&self, person: &Person) -> AgeClass {
        let stated = age_class(person.age, person.age_discrepancy);
        let when = self.tip.incident_time.or(self.tip.received);
        let born = person.birth.zip(when).and_then(|(birth, when)| birth.years_until(when));
        match born {
            Some(years) if years < 18 => AgeClass::Minor,
            _ => stated,
        }
    }
}

impl PartyRole {
    /// The key of the real person in this party's part.
    pub fn person_key(self) -> &'static str {
        match self {
            Self::Reported => "personOrUserReportedPerson",
            Self::Recipient => "intendedRecipientPerson",
            Self::Victim => "victimPerson",
        }
    }
}

/// A stated age the sender itself doubts makes nobody an adult.
fn age_class(age: Option<u8>, discrepancy: Option<bool>) -> AgeClass {
    match age {
        Some(years) if years < 18 => AgeClass::Minor,
        Some(_) if discrepancy != Some(true) => AgeClass::Adult,
        _ => AgeClass::Unknown,
    }
}

fn moment(at: Option<Micros>) -> Window {
    Window { from: at, to: at }
}

/// 32 or 40 hexadecimal digits, whatever stands between them.
fn is_guid(text: &str) -> bool {
    let digits: Vec<char> = text.chars().filter(|c| !matches!(c, '-' | '{' | '}' | ' ')).collect();
    matches!(digits.len(), 32 | 40) && digits.iter().all(char::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tip::ReportNumber;

    fn line(text: &str) -> Option<Line> {
        Some(Line::parse(text).unwrap())
    }

    fn tip() -> Tip {
        let mut tip = Tip::new(ReportNumber::parse("123").unwrap());
        tip.platform = line("Chat");
        tip
    }

    fn with_email(age: Option<u8>) -> Party {
        let emails = vec![Line::parse("a@example.org").unwrap()];
        Party { person: Some(Person { emails, age, ..Person::default() }), ..Party::default() }
    }

    /// Invariant 5: a child is never a target.
    #[test]
    fn victims_are_minors_and_stated_ages_only_protect() {
        let mut tip = tip();
        tip.victims.push(with_email(Some(30)));
        tip.recipients.push(with_email(Some(17)));
        tip.reported.push(with_email(Some(18)));
        tip.reported.push(with_email(None));
        let got: Vec<_> = tip.drafts().iter().map(|d| (d.role, d.age)).collect();
        use {AgeClass::*, EntryRole as R};
        assert_eq!(got, [(R::Unknown, Adult), (R::Unknown, AgeClass::Unknown), (R::Victim, Minor)]);
        let mut doubted = with_email(Some(30));
        let person = doubted.person.as_mut().unwrap();
        person.age_discrepancy = Some(true);
        person.birth = Some(crate::time::Day::parse("2012-06-01").unwrap());
        tip.reported = vec![doubted];
        assert_eq!(tip.drafts()[0].age, AgeClass::Unknown);
        tip.incident_time = Some(Micros::parse("2026-11-23T06:00:00Z").unwrap());
        assert_eq!(tip.drafts()[0].age, Minor);
    }

    #[test]
    fn every_draft_says_where_it_stood_and_that_it_is_a_tip() {
        let mut tip = tip();
        let presence = Presence { screen_name: line("willy"), ..Presence::default() };
        let guardian = Account { kind: Some(AccountType::Guardian), presence, ..Account::default() };
        tip.victims = vec![Party::default(), Party { accounts: vec![guardian], ..Party::default() }];
        let list = tip.drafts();
        assert_eq!(list.len(), 1);
        let draft = &list[0];
        assert_eq!(draft.place, "report 123: victim 2.associatedAccount.screenName");
        assert_eq!((draft.platform.as_deref(), draft.report.as_deref()), (Some("Chat"), Some("123")));
        assert_eq!((draft.role, draft.age), (EntryRole::Victim, AgeClass::Unknown));
        assert_eq!(draft.class_or_default(), crate::entry::EntryClass::Tip);
        tip.platform = None;
        assert_eq!(tip.drafts()[0].platform.as_deref(), Some(UNNAMED));
    }

    #[test]
    fn a_name_without_a_birth_date_and_a_program_are_no_identifiers() {
        let mut tip = tip();
        let mut party = Party::default();
        let person = Person { first_name: line("Jane"), last_name: line("Doe"), ..Person::default() };
        party.person = Some(person);
        tip.reported.push(party);
        let client = |name: &str| OnlineIncident { client: line(name), ..OnlineIncident::default() };
        let incidents = vec![client("Some program"), client("{01234567-89ab-cdef-0123-456789abcdef}")];
        tip.details.push(super::super::InternetDetails { incidents });
        let kinds: Vec<_> = tip.drafts().iter().map(|d| d.kind).collect();
        assert_eq!(kinds, [Kind::P2p]);
    }
}
