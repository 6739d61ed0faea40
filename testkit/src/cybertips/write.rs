//! A report's content as a tree, in the names and the order of the published schema.

use model::Micros;

use super::content::{Capture, Content, Detail, Device, File, Linked, Moment, Party, Postal, Strange, Whose};
use super::tree::Node;

/// Parts of an object while they are gathered; what is absent is left out.
struct Parts(Vec<(&'static str, Node)>, Strange);

impl Parts {
    fn new(strange: Strange) -> Self {
        Self(Vec::with_capacity(12), strange)
    }

    fn put(&mut self, key: &'static str, node: Node) {
        self.0.push((key, node));
    }

    fn text(&mut self, key: &'static str, text: Option<&str>) {
        match text {
            Some(text) => self.put(key, Node::text(text.to_owned())),
            None if self.1.nulls => self.put(key, Node::Null),
            None => {}
        }
    }

    /// What people wrote: some senders wrap it as CDATA.
    fn free(&mut self, key: &'static str, text: Option<&str>) {
        match text {
            Some(text) if self.1.raw_text => self.put(key, Node::Raw(text.to_owned())),
            text => self.text(key, text),
        }
    }

    fn flag(&mut self, key: &'static str, flag: Option<bool>) {
        if let Some(flag) = flag {
            self.put(key, Node::Flag(flag));
        }
    }

    fn number(&mut self, key: &'static str, number: Option<u64>) {
        if let Some(n) = number {
            self.put(key, if self.1.numbers_as_text { Node::text(n.to_string()) } else { Node::Number(n) });
        }
    }

    fn list(&mut self, key: &'static str, list: Vec<Node>) {
        if !list.is_empty() || self.1.empty_lists {
            self.put(key, Node::List(list));
        }
    }

    fn texts(&mut self, key: &'static str, list: &[String]) {
        self.list(key, list.iter().map(|t| Node::text(t.clone())).collect());
    }

    fn when(&mut self, key: &'static str, at: Option<Moment>) {
        self.text(key, at.map(time).as_deref());
    }

    fn object(self) -> Node {
        Node::Object(self.0)
    }
}

/// The whole report.
pub(super) fn report(c: &Content) -> Node {
    let mut p = Parts::new(c.strange);
    p.text("reportId", Some(&c.report));
    p.when("dateReceived", Some(c.received));
    if c.batched {
        p.put("batchedReport", Node::Object(vec![("@reason", Node::text("VIRAL_POTENTIAL_MEME"))]));
    }
    p.put("incidentSummary", summary(c));
    let mut details: Vec<Node> = c.details.iter().map(|d| detail(d, c.strange)).collect();
    match (details.len(), details.pop()) {
        (1, Some(one)) => p.put("internetDetails", one),
        (_, last) => p.list("internetDetails", details.into_iter().chain(last).collect()),
    }
    if c.agency {
        p.put("lawEnforcement", agency());
    }
    p.put("reporter", reporter(c));
    p.put("personOrUserReported", party(&c.reported, c.strange));
    p.list("intendedRecipient", c.recipients.iter().map(|r| party(r, c.strange)).collect());
    p.list("victim", c.victims.iter().map(|v| party(v, c.strange)).collect());
    p.list("fileDetails", c.files.iter().map(|f| file(f, c)).collect());
    p.free("additionalInfo", c.info.as_deref());
    if c.strange.unknown_keys {
        p.put("partOfAnotherDay", Node::Object(vec![("code", Node::Number(7)), ("words", Node::text("unread"))]));
    }
    p.object()
}

fn summary(c: &Content) -> Node {
    let mut p = Parts::new(c.strange);
    p.text("incidentType", Some(c.incident));
    p.text("platform", c.platform.as_deref());
    p.free("escalateToHighPriority", c.escalated.as_deref());
    if !c.annotations.is_empty() {
        p.put("reportAnnotations", marks(&c.annotations));
    }
    p.when("incidentDateTime", Some(c.happened));
    p.free("incidentDateTimeDescription", c.happened_note.as_deref());
    p.object()
}

fn marks(names: &[&'static str]) -> Node {
    Node::Object(names.iter().map(|name| (*name, Node::Mark)).collect())
}

fn detail(detail: &Detail, strange: Strange) -> Node {
    let mut p = Parts::new(strange);
    let name = match detail {
        Detail::WebPage { urls, third_party, info } => {
            p.put("@thirdPartyHostedContent", Node::Flag(*third_party));
            p.texts("url", urls);
            p.free("additionalInfo", Some(info));
            "webPageIncident"
        }
        Detail::Email { address, content } => {
            p.list("emailAddress", address.iter().map(|a| Node::text(a.clone())).collect());
            p.free("content", Some(content));
            "emailIncident"
        }
        Detail::Newsgroup { name, content } => {
            p.text("name", Some(name));
            p.free("content", Some(content));
            "newsgroupIncident"
        }
        Detail::Chat { client, room, content } => {
            p.text("chatClient", Some(client));
            p.text("chatRoomName", room.as_deref());
            p.free("content", Some(content));
            "chatImIncident"
        }
        Detail::Game { game, console, content } => {
            p.text("gameName", Some(game));
            p.text("console", Some(console));
            p.free("content", Some(content));
            "onlineGamingIncident"
        }
        Detail::Cell { phone, latitude, longitude, info } => {
            p.text("phoneNumber", phone.as_deref());
            p.text("latitude", Some(latitude));
            p.text("longitude", Some(longitude));
            p.free("additionalInfo", Some(info));
            "cellPhoneIncident"
        }
        Detail::NonInternet { place } => {
            p.free("locationName", Some(place));
            "nonInternetIncident"
        }
        Detail::Peer { client, ips, names, info } => {
            p.text("client", Some(client));
            p.list("ipCaptureEvent", ips.iter().map(|ip| capture(ip, strange)).collect());
            p.text("fileNames", Some(names));
            p.free("additionalInfo", Some(info));
            "peer2peerIncident"
        }
    };
    Node::Object(vec![(name, p.object())])
}

fn agency() -> Node {
    let contact = Node::Object(vec![
        ("firstName", Node::text("Duty")),
        ("lastName", Node::text("Officer")),
        ("phone", Node::List(vec![Node::text(super::AGENCY_PHONE)])),
        ("email", Node::List(vec![Node::text(super::AGENCY_EMAIL)])),
    ]);
    Node::Object(vec![
        ("@fleaCountry", Node::text("US")),
        ("agencyName", Node::text("Example Police Department")),
        ("caseNumber", Node::text("EX-0001")),
        ("officerContact", contact),
        ("reportedToLe", Node::Flag(true)),
    ])
}

fn reporter(c: &Content) -> Node {
    let (email, phone) = &c.reporter;
    let person = Node::Object(vec![
        ("firstName", Node::text("Trust")),
        ("lastName", Node::text("Desk")),
        ("phone", Node::List(vec![Node::text(phone.clone())])),
        ("email", Node::List(vec![Node::text(email.clone())])),
    ]);
    Node::Object(vec![
        ("reportingPerson", person),
        ("companyTemplate", Node::text("Example Provider")),
        ("legalURL", Node::text(super::LEGAL_URL)),
    ])
}

fn party(party: &Party, strange: Strange) -> Node {
    let mut p = Parts::new(strange);
    let name = match party.whose {
        Whose::Reported => "personOrUserReportedPerson",
        Whose::Victim => "victimPerson",
        Whose::Recipient => "intendedRecipientPerson",
    };
    let person = person(party, strange);
    if person != Node::Object(Vec::new()) || party.whose == Whose::Victim {
        p.put(name, person);
    }
    p.free("vehicleDescription", party.vehicle.as_deref());
    p.text("espIdentifier", party.account.as_deref());
    p.text("espService", party.service.as_deref());
    p.flag("compromisedAccount", party.compromised);
    p.text("screenName", party.handle.as_deref());
    p.texts("displayName", &party.display);
    p.texts("profileUrl", &party.profiles);
    p.free("profileBio", party.bio.as_deref());
    p.list("ipCaptureEvent", party.ips.iter().map(|ip| capture(ip, strange)).collect());
    p.list("deviceId", party.devices.iter().map(|d| device(d, strange)).collect());
    p.free("schoolName", party.school.as_deref());
    p.texts("priorCTReports", &party.prior);
    p.text("groupIdentifier", party.group.as_deref());
    if let Some((region, country)) = &party.place {
        let mut place = Parts::new(strange);
        place.text("region", Some(region.as_ref()).filter(|r| !r.is_empty()));
        place.text("countryCode", Some(country));
        p.put("estimatedLocation", place.object());
    }
    p.list("associatedAccount", party.associated.iter().map(linked).collect());
    p.free("additionalInfo", party.info.as_deref());
    p.object()
}

fn person(party: &Party, strange: Strange) -> Node {
    // A person of nothing is left out, so nulls and empty lists stay with the account.
    let mut p = Parts::new(Strange { nulls: false, empty_lists: false, ..strange });
    p.text("firstName", party.first.as_deref());
    p.text("lastName", party.last.as_deref());
    p.texts("phone", &party.phones);
    p.list("email", party.emails.iter().enumerate().map(|(n, e)| email(n, e)).collect());
    p.list("address", party.addresses.iter().map(postal).collect());
    p.number("age", party.age);
    p.text("dateOfBirth", party.born.as_deref());
    p.object()
}

/// A second address says what sort it is, as the schema's attributes allow.
fn email(n: usize, email: &str) -> Node {
    let value = Node::text(email.to_owned());
    if n == 0 {
        return value;
    }
    Node::Object(vec![("@type", Node::text("Work")), ("@verified", Node::Flag(true)), ("#", value)])
}

fn postal(a: &Postal) -> Node {
    let mut parts = vec![("address", Node::text(a.street.clone()))];
    for (key, text) in [("city", &a.city), ("zipCode", &a.zip), ("state", &a.state)] {
        if !text.is_empty() {
            parts.push((key, Node::Text(text.clone())));
        }
    }
    Node::Object(parts)
}

fn capture(c: &Capture, strange: Strange) -> Node {
    let mut p = Parts::new(strange);
    p.text("ipAddress", Some(&c.address));
    p.text("eventName", c.event);
    p.when("dateTime", c.at);
    p.flag("possibleProxy", c.proxy);
    p.number("port", c.port.map(u64::from));
    p.object()
}

fn device(d: &Device, strange: Strange) -> Node {
    let mut p = Parts::new(strange);
    p.text("idType", Some(d.word));
    p.text("idValue", Some(&d.value));
    p.text("eventName", Some("Login"));
    p.when("dateTime", d.at);
    p.object()
}

fn linked(l: &Linked) -> Node {
    let mut parts = vec![("@accountType", Node::text(l.word)), ("platform", Node::text(l.platform.clone()))];
    if let Some(email) = &l.email {
        parts.push(("email", Node::List(vec![Node::text(email.clone())])));
    }
    if let Some(handle) = &l.handle {
        parts.push(("screenName", Node::text(handle.clone())));
    }
    Node::Object(parts)
}

fn file(f: &File, c: &Content) -> Node {
    let mut p = Parts::new(c.strange);
    p.text("reportId", Some(&c.report));
    p.text("fileId", Some(&f.id));
    p.text("originalFileName", f.name.as_deref());
    p.flag("fileViewedByEsp", f.viewed);
    p.flag("exifViewedByEsp", f.exif_viewed);
    p.flag("publiclyAvailable", f.public);
    p.text("fileRelevance", f.supplemental.map(|s| if s { "Supplemental Reported" } else { "Reported" }));
    if !f.annotations.is_empty() {
        p.put("fileAnnotations", marks(&f.annotations));
    }
    p.text("industryClassification", f.class);
    let hash = |word: &'static str, value: &str| {
        Node::Object(vec![("@hashType", Node::text(word)), ("#", Node::text(value.to_owned()))])
    };
    p.list("originalFileHash", f.hashes.iter().map(|(word, _, value)| hash(word, value)).collect());
    if let Some(ip) = &f.ip {
        p.put("ipCaptureEvent", capture(ip, c.strange));
    }
    let pair = |(name, value): &(&'static str, String)| {
        let value = Node::text(value.clone());
        Node::Object(vec![("@type", Node::text("EXIF")), ("name", Node::text(*name)), ("value", value)])
    };
    if !f.exif.is_empty() {
        p.put("details", Node::Object(vec![("nameValuePair", Node::List(f.exif.iter().map(pair).collect()))]));
    }
    p.texts("additionalInfo", &f.info);
    p.object()
}

/// RFC 3339 at the moment's offset; no fraction where it has none.
fn time(moment: Moment) -> String {
    let Micros(micros) = moment.at.plus_seconds(moment.offset * 3_600);
    let (seconds, fraction) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let mut out = day(days);
    out.push_str(&format!("T{:02}:{:02}:{:02}", of_day / 3_600, of_day / 60 % 60, of_day % 60));
    if fraction > 0 {
        out.push_str(&format!(".{fraction:06}"));
    }
    match moment.offset {
        0 => out.push('Z'),
        hours => out.push_str(&format!("{}{:02}:00", if hours < 0 { '-' } else { '+' }, hours.abs())),
    }
    out
}

/// "1980-02-01" of days since 1970, in the Gregorian calendar: years counted from 1 March, in eras of 400.
pub(super) fn day(days: i64) -> String {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    format!("{:04}-{month:02}-{date:02}", year + era * 400 + next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_so_that_the_model_reads_them_back() {
        for (n, offset) in [(0, 0), (-1, -7), (951_782_400, 9), (1_772_323_199, -5), (4_102_444_800, 1)] {
            let at = Micros(n * 1_000_000 + 250_000 * (n % 2));
            assert_eq!(Micros::parse(&time(Moment { at, offset })).unwrap(), at);
        }
        assert_eq!(time(Moment { at: Micros(0), offset: -7 }), "1969-12-31T17:00:00-07:00");
        for (days, text) in [(0, "1970-01-01"), (-7_305, "1950-01-01"), (11_016, "2000-02-29"), (20_780, "2026-11-23")]
        {
            assert_eq!(day(days), text);
        }
    }
}
