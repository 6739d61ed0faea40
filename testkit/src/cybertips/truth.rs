//! The truth of a report: what an intake must make of it, and nothing else.
//!
//! Written from the rules, not from a reader. The reported person's role is unknown; victims and intended recipients
//! are victims. A stated age under 18 makes anybody a minor, one of 18 or more an adult, and a victim is a minor always.
//! Only what carries a time of its own was seen then.

use model::{AgeClass, EntryRole, Kind, Window};

use super::Expected;
use super::content::{Capture, Content, Detail, File, Moment, Party, Whose};

/// Every identifier of the report, in the order of its parts.
pub(super) fn of(content: &Content) -> Vec<Expected> {
    let mut truth = Truth { found: Vec::with_capacity(12), role: EntryRole::Unknown, age: AgeClass::Unknown };
    let at = content.platform.as_deref();
    content.details.iter().for_each(|detail| truth.detail(detail));
    truth.party(&content.reported, at);
    content.recipients.iter().chain(&content.victims).for_each(|party| truth.party(party, at));
    (truth.role, truth.age) = (EntryRole::Unknown, AgeClass::Unknown);
    content.files.iter().for_each(|file| truth.file(file));
    truth.found
}

struct Truth {
    found: Vec<Expected>,
    role: EntryRole,
    age: AgeClass,
}

impl Truth {
    fn add(&mut self, kind: Kind, value: &str, platform: Option<&str>) -> &mut Expected {
        self.found.push(Expected {
            kind,
            value: value.to_owned(),
            platform: platform.map(str::to_owned),
            port: None,
            seen: Window::default(),
            role: self.role,
            age: self.age,
        });
        self.found.last_mut().expect("one was just pushed")
    }

    fn plain(&mut self, kind: Kind, value: &str) {
        self.add(kind, value, None);
    }

    fn capture(&mut self, capture: &Capture) {
        let found = self.add(Kind::Ip, &capture.address, None);
        (found.port, found.seen) = (capture.port, moment(capture.at));
    }

    fn detail(&mut self, detail: &Detail) {
        match detail {
            Detail::WebPage { urls, .. } => urls.iter().for_each(|url| self.plain(Kind::Url, url)),
            Detail::Email { address: Some(address), .. } => self.plain(Kind::Email, address),
            Detail::Chat { client, room: Some(room), .. } => {
                self.add(Kind::Room, room, Some(client));
            }
            Detail::Cell { phone: Some(phone), .. } => self.plain(Kind::Phone, phone),
            Detail::Peer { ips, .. } => ips.iter().for_each(|ip| self.capture(ip)),
            _ => {}
        }
    }

    fn party(&mut self, party: &Party, at: Option<&str>) {
        let stated = match party.age {
            Some(age) if age < 18 => AgeClass::Minor,
            Some(_) => AgeClass::Adult,
            None => AgeClass::Unknown,
        };
        (self.role, self.age) = match party.whose {
            Whose::Victim => (EntryRole::Victim, AgeClass::Minor),
            Whose::Recipient => (EntryRole::Victim, stated),
            Whose::Reported => (EntryRole::Unknown, stated),
        };
        if let (Some(first), Some(last), Some(born)) = (&party.first, &party.last, &party.born) {
            self.add(Kind::Person, &format!("{last}, {first}; {born}"), None);
        }
        party.phones.iter().for_each(|phone| self.plain(Kind::Phone, phone));
        party.emails.iter().for_each(|email| self.plain(Kind::Email, email));
        party.addresses.iter().for_each(|address| self.plain(Kind::Address, &address.line()));
        let service = party.service.as_deref().or(at);
        for handle in [&party.account, &party.handle].into_iter().flatten() {
            self.add(Kind::Handle, handle, service);
        }
        if let Some(group) = &party.group {
            self.add(Kind::Room, group, service);
        }
        party.profiles.iter().for_each(|url| self.plain(Kind::Url, url));
        party.ips.iter().for_each(|ip| self.capture(ip));
        for device in &party.devices {
            if let Some(kind) = device.kind {
                self.add(kind, &device.value, None).seen = moment(device.at);
            }
        }
        for linked in &party.associated {
            if let Some(email) = &linked.email {
                self.add(Kind::Email, email, None);
            }
            if let Some(handle) = &linked.handle {
                self.add(Kind::Handle, handle, Some(&linked.platform));
            }
        }
    }

    fn file(&mut self, file: &File) {
        for (_, kind, value) in &file.hashes {
            if let Some(kind) = kind {
                self.add(*kind, value, None);
            }
        }
        if let Some(ip) = &file.ip {
            self.capture(ip);
        }
    }
}

fn moment(at: Option<Moment>) -> Window {
    at.map_or_else(Window::default, |m| Window { from: Some(m.at), to: Some(m.at) })
}
