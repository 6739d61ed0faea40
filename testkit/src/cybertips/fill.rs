//! Fills a report with what reports hold, each part as often as the mix says, edges spread through.

use model::{Kind, Micros};

use super::content::{Capture, Content, Detail, Device, File, Linked, Moment, Party, Postal, Strange, Whose};
use super::draw::{Draw, shuffle};
use super::mix::{CLASSES, COUNTRIES, EVENTS, FILE_ANNOTATIONS, INCIDENT_TYPES, PLATFORMS, REPORT_ANNOTATIONS, STATES};
use super::values::{PHONES, Values};
use super::write::day;

const DAY: i64 = 86_400;
/// How far back reports reach, in days.
const REACH: u64 = 510;
/// Telephones that planted suspects have; ordinary tips take the others.
pub(super) const PLANTED_PHONES: u64 = 400;
/// IPv4 addresses of ordinary tips: 198.51.100.0/24, each used by one tip in one hour of the year and a half.
const HOURS: u64 = REACH * 24;

/// One report while it is being filled.
pub(super) struct Filling {
    pub(super) values: Values,
    pub(super) draw: Draw,
    pub(super) index: u64,
    /// Texts that must stand in no list, answer, export or log.
    pub(super) never: Vec<String>,
    /// The State it points at.
    pub(super) state: Option<&'static str>,
    as_of: Micros,
    happened: Moment,
    notes: u32,
}

impl Filling {
    pub(super) fn new(seed: u64, index: u64, as_of: Micros) -> Self {
        let mut draw = Draw::new(seed, index);
        let offset = draw.pick(&[0, 0, 0, -5, -6, -7, -8, 1, 9]);
        let back = 30 * DAY + seconds(&mut draw, REACH * 86_400);
        let state = (!draw.once_in(7)).then(|| draw.pick(STATES));
        let values = Values::new(seed, index);
        let happened = match ipv4_hour(index) {
            Some(n) => -30 * DAY - 3_600 * i64::try_from(shuffle(n, HOURS, seed)).unwrap_or(0),
            None => -back,
        };
        let happened = Moment { at: as_of.plus_seconds(happened), offset };
        Self { values, draw, index, never: Vec::new(), state, as_of, happened, notes: 0 }
    }

    /// Puts the incident `days` before the plan's day: planted suspects appear months apart.
    pub(super) fn happened_before(&mut self, days: i64) {
        self.happened.at = self.as_of.plus_days(-days);
    }

    /// The whole report.
    pub(super) fn content(&mut self, report: String) -> Content {
        let strange = self.strange();
        let platform = self.platform();
        let incident = self.incident();
        let informational = self.draw.once_in(6);
        let mut annotations: Vec<&'static str> = Vec::new();
        let reported = self.reported(platform.as_deref());
        if reported.age.is_some_and(|a| a < 18) {
            annotations.push("minorToMinorInteraction");
        } else if self.draw.once_in(10) {
            annotations.push(self.draw.pick(REPORT_ANNOTATIONS));
        }
        if informational {
            annotations.push("informational");
        }
        if self.index % 50 == 37 {
            annotations.push("annotationOfAnotherDay");
        }
        let escalated = (!informational && self.draw.once_in(9)).then(|| {
            self.draw
                .pick(&["Provider states a child may be in danger now.", "Reported account has access to a child."])
        });
        let received_after = seconds(&mut self.draw, 5 * 86_400) + 7_200;
        Content {
            report,
            received: Moment { at: self.happened.at.plus_seconds(received_after), offset: 0 },
            batched: self.index % 40 == 21,
            incident,
            escalated: escalated.map(str::to_owned),
            annotations,
            happened: self.happened,
            happened_note: self.draw.once_in(8).then(|| self.note("Time of the last event the provider holds.")),
            details: self.details(platform.as_deref()),
            agency: self.draw.once_in(9),
            reporter: self.reporter(),
            recipients: self.others(Whose::Recipient, platform.as_deref()),
            victims: self.others(Whose::Victim, platform.as_deref()),
            files: self.files(),
            info: self.info(),
            reported,
            platform,
            strange,
        }
    }

    fn strange(&self) -> Strange {
        Strange {
            numbers_as_text: self.index % 20 == 6,
            empty_lists: self.index % 20 == 12,
            nulls: self.index % 20 == 17,
            unknown_keys: self.index % 30 == 8,
            escaped: self.index % 16 == 14,
            raw_text: self.index % 8 == 3,
        }
    }

    /// Mostly as often as in the world, with every platform met now and then, and some reports without one.
    fn platform(&mut self) -> Option<String> {
        if self.index % 33 == 29 {
            return None;
        }
        if self.index % 16 == 9 {
            let at = usize::try_from(self.index / 16).unwrap_or(0) % (PLATFORMS.len() + 1);
            return Some(PLATFORMS.get(at).map_or("Example Chat", |(name, _)| name).to_owned());
        }
        Some(self.draw.weighted(PLATFORMS).to_owned())
    }

    fn incident(&mut self) -> &'static str {
        if self.index % 50 == 23 {
            return "Incident Type Of Another Day";
        }
        if self.index % 16 == 5 {
            let at = usize::try_from(self.index / 16).unwrap_or(0) % INCIDENT_TYPES.len();
            return INCIDENT_TYPES.get(at).map_or("", |(name, _)| name);
        }
        self.draw.weighted(INCIDENT_TYPES)
    }

    /// A free text with a marker of its own; one in three also holds what looks like an identifier and is none.
    fn note(&mut self, sentence: &str) -> String {
        let marker = format!("note-{}-{}", self.values.tag(0), self.notes);
        self.notes += 1;
        let mut text = format!("{sentence} Reference {marker}.");
        if self.draw.once_in(3) {
            let (phone, ip) = (Values::free_phone(&mut self.draw), format!("203.0.113.{}", self.draw.below(256)));
            let email = format!("stray.{}@example.net", marker.trim_start_matches("note-"));
            text.push_str(&format!(" Written in passing: {email}, {phone}, {ip}."));
            self.never.extend([email, phone, ip]);
        }
        self.never.push(marker);
        text
    }

    fn info(&mut self) -> Option<String> {
        if self.index % 250 == 111 {
            // Longer than a page, shorter than what free text may hold.
            let one = self.note("Reported content, stated at length by the provider & its <systems>.\n");
            let times = 1 + 40_000 / one.len();
            return Some(one.repeat(times));
        }
        self.draw.once_in(3).then(|| self.note("Account reported by the provider; \"reported content\" <held> & kept."))
    }

    fn reporter(&mut self) -> (String, String) {
        let email = format!("reports.{}@provider.example.com", self.values.tag(1));
        let phone = Values::free_phone(&mut self.draw);
        self.never.extend([email.clone(), phone.clone()]);
        (email, phone)
    }

    fn moment(&mut self) -> Moment {
        let at = self.happened.at.plus_seconds(seconds(&mut self.draw, 3_000));
        Moment { at, offset: self.happened.offset }
    }

    /// An address a provider saw: IPv6, one tip in ten also an IPv4 address that no other tip has in that hour.
    fn captures(&mut self, slot: u64, count: u64) -> Vec<Capture> {
        let mut out = Vec::new();
        for n in 0..count {
            let mut address = self.values.ip6(slot + n);
            if self.draw.once_in(20) {
                address = address.to_uppercase();
            }
            let at = (!self.draw.once_in(9)).then(|| self.moment());
            out.push(self.capture(address, at));
        }
        out
    }

    fn capture(&mut self, address: String, at: Option<Moment>) -> Capture {
        let event = if self.draw.once_in(40) { "EventOfAnotherDay" } else { self.draw.pick(EVENTS) };
        Capture {
            address,
            event: (!self.draw.once_in(15)).then_some(event),
            at,
            proxy: self.draw.pick(&[None, None, Some(false), Some(true)]),
            port: (!self.draw.once_in(3)).then(|| u16::try_from(1_024 + self.draw.below(64_000)).unwrap_or(1_024)),
        }
    }

    fn reported(&mut self, platform: Option<&str>) -> Party {
        let mut p = Party::new(Whose::Reported);
        let v = self.values;
        if self.draw.once_in(3) {
            if let Some((first, last, born)) = v.adult(0) {
                (p.first, p.last) = (Some(first.into()), Some(last.into()));
                // Without a birth date a name is no identifier.
                p.born = (!self.draw.once_in(3)).then(|| day(born));
            }
        } else if self.index % 61 == 16 {
            p.age = Some(13 + self.draw.below(5));
        } else if self.draw.once_in(5) {
            p.age = Some(18 + self.draw.below(60));
        }
        if !self.draw.once_in(4) {
            p.emails.push(v.email(0, &mut self.draw));
            if self.draw.once_in(6) {
                p.emails.push(v.email(1, &mut self.draw));
            }
        }
        if let Some(phone) = ordinary_phone(self.index, 11) {
            p.phones.push(phone);
        }
        if self.draw.once_in(12) {
            p.addresses.push(self.postal(0));
        }
        p.account = (!self.draw.once_in(3)).then(|| v.account(0));
        p.handle = (!self.draw.once_in(3)).then(|| v.handle(1, &mut self.draw));
        p.service = match platform {
            Some(name) => (!self.draw.once_in(3)).then(|| name.to_owned()),
            None => Some(self.draw.weighted(PLATFORMS).to_owned()),
        };
        if self.draw.once_in(3) {
            p.display.push(self.note("Shown as: Sample & Co."));
        }
        if self.draw.once_in(4) {
            p.profiles.push(v.profile(0, &mut self.draw));
        }
        p.bio = self.draw.once_in(5).then(|| self.note("Profile text as the provider holds it."));
        let count = 1 + self.draw.below(3);
        p.ips = self.captures(0, count);
        if ipv4_hour(self.index).is_some() {
            let moment = self.moment();
            let address = format!("198.51.100.{}", self.index / 10 % 256);
            let capture = self.capture(address, Some(moment));
            p.ips.push(capture);
        }
        p.devices = self.devices();
        p.group = (platform.is_some() && self.draw.once_in(20)).then(|| v.room(2, &mut self.draw));
        if self.draw.once_in(15) {
            let word = self.draw.pick(&["Billing", "Linked", "Business", "Creator", "Other", "TypeOfAnotherDay"]);
            p.associated.push(Linked {
                word,
                platform: self.draw.weighted(PLATFORMS).to_owned(),
                handle: Some(v.handle(3, &mut self.draw)),
                email: self.draw.once_in(2).then(|| v.email(3, &mut self.draw)),
            });
        }
        p.vehicle = self.draw.once_in(60).then(|| self.note("Grey van, plate not stated."));
        p.compromised = self.draw.pick(&[None, None, Some(false), Some(true)]);
        p.place = match self.state {
            Some(state) => Some((state.into(), "US".into())),
            None => self.draw.once_in(2).then(|| ("".into(), self.draw.pick(COUNTRIES).into())),
        };
        p.info = self.draw.once_in(10).then(|| self.note("Provider's remark on the account."));
        p
    }

    fn postal(&mut self, slot: u64) -> Postal {
        let (street, city, state, zip) = self.values.address(slot, self.state);
        Postal { street, city: city.into(), state: state.into(), zip: zip.into() }
    }

    fn devices(&mut self) -> Vec<Device> {
        if !self.draw.once_in(6) {
            return Vec::new();
        }
        let v = self.values;
        let at = self.draw.once_in(2).then(|| self.moment());
        let (word, kind, value) = match self.draw.below(7) {
            0 => ("IMEI", Some(Kind::Imei), v.imei(0)),
            1 => ("ICCID", Some(Kind::Iccid), v.iccid(0)),
            2 => ("IMSI", Some(Kind::Imsi), v.imsi(0)),
            3 => ("MAC", Some(Kind::Mac), v.mac(0)),
            4 => ("serial", Some(Kind::Serial), v.serial(4)),
            5 => ("SSID", None, format!("Network-{}", v.tag(5))),
            _ => ("IdOfAnotherDay", None, format!("device-{}", v.tag(6))),
        };
        if kind.is_none() {
            self.never.push(value.clone());
        }
        vec![Device { word, kind, value, at }]
    }

    fn details(&mut self, platform: Option<&str>) -> Vec<Detail> {
        let v = self.values;
        let mut out = Vec::new();
        let many = if self.index % 97 == 41 { 2 } else { 1 };
        for n in 0..many {
            let content = self.note("Reported content is described in the provider's files.");
            out.push(match self.draw.below(9) {
                _ if n == 1 => Detail::Game { game: "Sample Quest", console: "Example Box", content },
                0 | 1 => Detail::WebPage {
                    urls: vec![v.page(0, &mut self.draw), v.page(1, &mut self.draw)],
                    third_party: self.draw.once_in(2),
                    info: content,
                },
                2 => Detail::Email { address: self.draw.once_in(2).then(|| v.email(4, &mut self.draw)), content },
                3 => Detail::Newsgroup { name: format!("example.news.{}", self.draw.below(90)), content },
                4 | 5 => Detail::Chat {
                    client: platform.unwrap_or("Example Chat").to_owned(),
                    room: self.draw.once_in(2).then(|| v.room(3, &mut self.draw)),
                    content,
                },
                6 => Detail::Cell {
                    phone: ordinary_phone(self.index, 12),
                    latitude: format!("39.{:04}", self.draw.below(10_000)),
                    longitude: format!("-98.{:04}", self.draw.below(10_000)),
                    info: content,
                },
                7 => Detail::NonInternet { place: content },
                _ => Detail::Peer {
                    client: "ExamplePeer",
                    ips: self.captures(6, 1),
                    names: self.file_name("peer"),
                    info: content,
                },
            });
        }
        out
    }

    fn file_name(&mut self, what: &str) -> String {
        let name = format!("{what}-{}-{}.jpg", self.values.tag(7), self.notes);
        self.notes += 1;
        self.never.push(name.clone());
        name
    }

    fn others(&mut self, whose: Whose, platform: Option<&str>) -> Vec<Party> {
        let (often, slot, count) = match whose {
            Whose::Victim => (5, 8, if self.index % 90 == 55 { 3 } else { 1 }),
            _ => (9, 11, 1),
        };
        if !self.draw.once_in(often) && count == 1 {
            return Vec::new();
        }
        (0..count).map(|n| self.other(whose, slot + n, platform)).collect()
    }

    fn other(&mut self, whose: Whose, slot: u64, platform: Option<&str>) -> Party {
        let mut p = Party::new(whose);
        let v = self.values;
        p.service = platform.map(str::to_owned).or(Some("Example Chat".to_owned()));
        if whose == Whose::Victim {
            let (first, last, age) = Values::child(&mut self.draw);
            (p.first, p.last, p.age) = (Some(first.into()), Some(last.into()), (!self.draw.once_in(4)).then_some(age));
            if self.index % 70 == 33 && slot == 8 {
                let today = self.as_of.0.div_euclid(DAY * 1_000_000);
                if let Some((first, last, born)) = Values::child_born(self.index / 70, today) {
                    (p.first, p.last, p.born) = (Some(first.into()), Some(last.into()), Some(day(born)));
                }
            }
            p.school = self.draw.once_in(3).then(|| self.note("Sample School."));
        } else {
            p.age = self.draw.pick(&[None, Some(15), Some(34)]);
        }
        p.handle = (!self.draw.once_in(3)).then(|| v.handle(slot, &mut self.draw));
        p.emails = if self.draw.once_in(3) { vec![v.email(slot, &mut self.draw)] } else { Vec::new() };
        p.ips = if self.draw.once_in(4) { self.captures(slot, 1) } else { Vec::new() };
        p.display = if self.draw.once_in(4) { vec![self.note("Shown as: example.")] } else { Vec::new() };
        p
    }

    fn files(&mut self) -> Vec<File> {
        let count = self.draw.pick(&[0, 0, 1, 1, 1, 2, 3, 5]);
        (0..count).map(|n| self.file(n)).collect()
    }

    fn file(&mut self, n: u64) -> File {
        let id = self.draw.hex(32);
        let supplemental = self.draw.pick(&[None, Some(false), Some(false), Some(true)]);
        let reported = supplemental != Some(true);
        let mut annotations = Vec::new();
        if self.draw.once_in(6) {
            annotations.push(self.draw.pick(FILE_ANNOTATIONS));
        }
        if reported && self.draw.once_in(15) {
            annotations.push("potentialMeme");
        }
        let mut hashes = vec![("MD5", Some(Kind::Md5), self.draw.hex(32))];
        match self.draw.below(6) {
            0 => hashes.push(("SHA1", Some(Kind::Sha1), self.draw.hex(40))),
            1 => hashes.push(("SHA256", Some(Kind::Sha256), self.draw.hex(64).to_uppercase())),
            2 => hashes.push(("PDQ", Some(Kind::Pdq), self.draw.hex(64))),
            3 => hashes = vec![("sha-256", Some(Kind::Sha256), self.draw.hex(64))],
            4 if self.draw.once_in(8) => {
                let value = format!("future-{}", self.draw.hex(24));
                self.never.push(value.clone());
                hashes.push(("HashOfAnotherDay", None, value));
            }
            _ => {}
        }
        File {
            name: (!self.draw.once_in(4)).then(|| self.file_name("file")),
            viewed: self.draw.pick(&[None, Some(true), Some(false)]),
            exif_viewed: self.draw.pick(&[None, None, Some(true), Some(false)]),
            public: self.draw.pick(&[None, None, Some(true), Some(false)]),
            supplemental,
            annotations,
            class: (reported && !self.draw.once_in(3)).then(|| self.draw.pick(CLASSES)),
            hashes,
            ip: if n == 0 && self.draw.once_in(5) { self.captures(4, 1).pop() } else { None },
            exif: if self.draw.once_in(6) { vec![("Model", self.note("Example camera."))] } else { Vec::new() },
            info: if self.draw.once_in(8) { vec![self.note("Posted with others.")] } else { Vec::new() },
            id,
        }
    }
}

fn seconds(draw: &mut Draw, below: u64) -> i64 {
    i64::try_from(draw.below(below)).unwrap_or(0)
}

/// Which hour's turn at its IPv4 address this tip has: one tip in ten, while there are hours.
fn ipv4_hour(index: u64) -> Option<u64> {
    (index % 10 == 3).then_some(index / 10 / 256).filter(|hour| *hour < HOURS)
}

/// The telephone of a tip in twenty-five, while there are any: an even number at one place, an odd at the other.
fn ordinary_phone(index: u64, place: u64) -> Option<String> {
    let n = index / 25 * 2 + place % 2;
    (index % 25 == place && n < PHONES - PLANTED_PHONES).then(|| Values::phone(n, index / 25)).flatten()
}
