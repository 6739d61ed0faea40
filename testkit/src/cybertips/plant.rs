//! What is made to meet: one suspect in tips of different months, and values that stand in others' cases.

use model::{Kind, Strength};

use super::content::{Capture, Content, Device, File, Party, Postal, Whose};
use super::draw::Draw;
use super::fill::PLANTED_PHONES;
use super::values::{PHONES, Values};

/// Of every hundred tips these tell of one suspect; the last of them only in every second hundred.
const SEATS: [u64; 4] = [7, 31, 58, 86];
/// Values a tip shares with a case of the caller's stand in every fifth tip.
const SHARED_EVERY: u64 = 5;
/// The first of the value slots that ordinary filling never uses.
const SLOT: u64 = 12;

/// How the tips of one suspect meet, and how strong that is by the rules of matching (design.md section 4).
const WAYS: [(&str, Kind, Strength); 15] = [
    ("the same e-mail address", Kind::Email, Strength::Strong),
    ("the same account name at one platform", Kind::Handle, Strength::Strong),
    ("the same account name at two platforms", Kind::Handle, Strength::Possible),
    ("the same IPv6 address at one time", Kind::Ip, Strength::Strong),
    ("neighbours in one IPv6 /64 at one time", Kind::Ip, Strength::Possible),
    ("the same IMEI", Kind::Imei, Strength::Strong),
    ("the same SHA-256 of a file", Kind::Sha256, Strength::Strong),
    ("PDQ hashes a few bits apart", Kind::Pdq, Strength::Possible),
    ("the same name and birth date", Kind::Person, Strength::Possible),
    ("the same telephone, spelt differently", Kind::Phone, Strength::Strong),
    ("the same profile address", Kind::Url, Strength::Strong),
    ("the same group at one platform", Kind::Room, Strength::Strong),
    ("the same postal address", Kind::Address, Strength::Possible),
    ("the account name of one victim", Kind::Handle, Strength::Strong),
    ("reported in one tip, intended recipient in another, by e-mail", Kind::Email, Strength::Strong),
];

/// Tips that tell of one suspect (or one victim), and of nothing else in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plant {
    /// In which way they meet, in words.
    pub what: &'static str,
    /// The sort of identifier that meets.
    pub kind: Kind,
    /// How strong each meeting is.
    pub strength: Strength,
    /// The tips, two to four of them, by their index.
    pub tips: Vec<u64>,
}

/// A value of the caller's, and the tip that holds it.
#[derive(Clone, PartialEq, Eq)]
pub struct Held {
    /// The tip's index.
    pub tip: u64,
    /// What sort of value.
    pub kind: Kind,
    /// As the caller gave it, and as the tip writes it.
    pub value: String,
    /// The platform of a handle or room.
    pub platform: Option<String>,
}

/// Identifiers are content: no accident prints one, not even of a fixture.
impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Held").field("tip", &self.tip).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Everything that was made to meet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Planted {
    /// Suspects that stand in several tips.
    pub suspects: Vec<Plant>,
    /// Values of the caller's that stand in tips.
    pub shared: Vec<Held>,
}

/// A tip's place among the tips of a suspect.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seat {
    pub(super) group: u64,
    pub(super) member: u64,
}

impl Seat {
    /// The seat of tip `index`, when it has one.
    pub(super) fn of(index: u64) -> Option<Self> {
        let (group, place) = (index / 100, index % 100);
        let member = (0..).zip(SEATS).find(|(_, seat)| *seat == place)?.0;
        (member < 3 || group.is_multiple_of(2)).then_some(Self { group, member })
    }

    /// The tip in which the suspect stands first.
    pub(super) fn first(self) -> u64 {
        self.group * 100 + SEATS[0]
    }

    /// Days before the plan's day: each tip of a suspect nearly two months after the one before.
    pub(super) fn days_back(self) -> i64 {
        let n = |n: u64| i64::try_from(n).unwrap_or(0);
        470 - n(self.member) * 55 - n(self.group % 6) * 45
    }
}

/// The suspects of a plan of `tips` tips.
pub(super) fn suspects(tips: u64) -> Vec<Plant> {
    let groups = tips.div_ceil(100);
    let plant = |group: u64| {
        let seats = SEATS.iter().map(|seat| group * 100 + seat);
        let tips: Vec<u64> = seats.filter(|i| *i < tips && Seat::of(*i).is_some()).collect();
        let (what, kind, strength) = way(group);
        (tips.len() > 1).then_some(Plant { what, kind, strength, tips })
    };
    (0..groups).filter_map(plant).collect()
}

fn way(group: u64) -> (&'static str, Kind, Strength) {
    let (what, kind, strength) = *WAYS.get(usize::try_from(group % WAYS.len() as u64).unwrap_or(0)).unwrap_or(&WAYS[0]);
    // A telephone for each suspect, while there are any; then an e-mail address does as well.
    if kind == Kind::Phone && group / WAYS.len() as u64 >= PLANTED_PHONES { WAYS[0] } else { (what, kind, strength) }
}

/// Puts what the suspect's tips have in common into this one.
pub(super) fn suspect(seat: Seat, seed: u64, c: &mut Content) {
    let v = Values::new(seed, seat.first());
    let mut draw = Draw::new(seed ^ 0x5eed, seat.group);
    let (what, kind, strength) = way(seat.group);
    // A tip about a minor would be another sort of meeting; a second platform would make two of one.
    c.reported.age = None;
    c.annotations.retain(|a| *a != "minorToMinorInteraction");
    let p = &mut c.reported;
    match (kind, strength) {
        (Kind::Email, _) if what.contains("recipient") && seat.member == 1 => {
            let mut recipient = Party::new(Whose::Recipient);
            recipient.emails.push(v.email(SLOT, &mut draw));
            c.recipients.push(recipient);
        }
        (Kind::Email, _) => p.emails.push(v.email(SLOT, &mut draw)),
        (Kind::Handle, _) if what.contains("victim") => {
            let mut victim = Party::new(Whose::Victim);
            victim.handle = Some(v.handle(SLOT, &mut draw));
            victim.service = Some("Snapchat".to_owned());
            c.victims.push(victim);
        }
        (Kind::Handle, Strength::Strong) => {
            p.handle = Some(v.handle(SLOT, &mut draw));
            p.service = Some("Instagram".to_owned());
        }
        (Kind::Handle, _) => {
            let at = ["TikTok", "Snapchat", "Reddit", "Tumblr"];
            p.handle = Some(v.handle(SLOT, &mut draw));
            p.service = at.get(usize::try_from(seat.member).unwrap_or(0)).map(|name| (*name).to_owned());
        }
        (Kind::Ip, _) => {
            let other = seat.group * 8 + seat.member;
            let same = strength == Strength::Strong;
            let address = if same { v.ip6(SLOT) } else { v.ip6_neighbour(SLOT, other) };
            // Seen at one time by providers whose clocks differ by a minute, reported months apart.
            let seen = i64::try_from(seat.member).unwrap_or(0);
            let days = Seat { member: 0, ..seat }.days_back() - seat.days_back();
            let mut at = c.happened;
            at.at = at.at.plus_days(-days).plus_seconds(60 * seen);
            p.ips.push(Capture { address, event: Some("Login"), at: Some(at), proxy: None, port: None });
        }
        (Kind::Imei, _) => {
            p.devices.push(Device { word: "IMEI", kind: Some(Kind::Imei), value: v.imei(SLOT), at: None });
        }
        (Kind::Sha256, _) => c.files.push(hashed("SHA256", kind, draw.hex(64))),
        (Kind::Pdq, _) => {
            // Each tip's hash has one bit of its own turned: any two are two bits apart at most.
            let turned = usize::try_from(seat.member * 16 + seat.group % 16).unwrap_or(0);
            let bit = |(n, c): (usize, char)| {
                if n == turned { super::draw::hex_digit(u64::from(c.to_digit(16).unwrap_or(0) ^ 1)) } else { c }
            };
            c.files.push(hashed("PDQ", kind, draw.hex(64).chars().enumerate().map(bit).collect()));
        }
        (Kind::Person, _) => {
            if let Some((first, last, born)) = v.adult(SLOT) {
                (p.first, p.last, p.born) = (Some(first.into()), Some(last.into()), Some(super::write::day(born)));
            }
        }
        (Kind::Phone, _) => {
            let n = PHONES - PLANTED_PHONES + seat.group / WAYS.len() as u64;
            p.phones.extend(Values::phone(n, seat.member));
        }
        (Kind::Url, _) => p.profiles.push(v.profile(SLOT, &mut draw)),
        (Kind::Room, _) => {
            p.group = Some(v.room(SLOT, &mut draw));
            c.platform = Some("WhatsApp".to_owned());
            p.service = c.platform.clone();
        }
        _ => {
            let (street, city, state, zip) = v.address(SLOT, Some("OH"));
            p.addresses.push(Postal { street, city: city.into(), state: state.into(), zip: zip.into() });
        }
    }
}

fn hashed(word: &'static str, kind: Kind, value: String) -> File {
    File {
        id: format!("planted-{}", value.get(..24).unwrap_or_default()),
        name: None,
        viewed: Some(true),
        exif_viewed: None,
        public: None,
        supplemental: Some(false),
        annotations: Vec::new(),
        class: None,
        hashes: vec![(word, Some(kind), value)],
        ip: None,
        exif: Vec::new(),
        info: Vec::new(),
    }
}

/// The caller's values, spread evenly over every fifth tip of a plan of `tips` tips. Kinds that no field of a report
/// takes (wallets, plates, domains, ...) are left out, and so are handles and rooms without their platform and persons
/// without a birth date.
#[derive(Debug, Clone, Default)]
pub(super) struct Shared(Vec<Held>);

impl Shared {
    pub(super) fn spread(values: Vec<(Kind, String, Option<String>)>, tips: u64) -> Self {
        let fits: Vec<_> = values.into_iter().filter(|(kind, value, at)| takes(*kind, value, at.as_deref())).collect();
        let (slots, all) = ((tips / SHARED_EVERY).max(1), fits.len() as u64);
        let held = |(n, (kind, value, platform)): (u64, _)| {
            let slot = n * slots / all;
            Held { tip: (slot * SHARED_EVERY + 4).min(tips.saturating_sub(1)), kind, value, platform }
        };
        let mut held: Vec<Held> = if tips == 0 { Vec::new() } else { (0..).zip(fits).map(held).collect() };
        // A report has one reported person: of two for one tip the first stands.
        let mut last = None;
        held.retain(|h| h.kind != Kind::Person || last.replace(h.tip) != Some(h.tip));
        Self(held)
    }

    pub(super) fn held(&self) -> &[Held] {
        &self.0
    }

    /// What tip `index` holds.
    pub(super) fn of(&self, index: u64) -> &[Held] {
        let (from, to) = (self.0.partition_point(|h| h.tip < index), self.0.partition_point(|h| h.tip <= index));
        self.0.get(from..to).unwrap_or_default()
    }
}

fn takes(kind: Kind, value: &str, platform: Option<&str>) -> bool {
    match kind {
        Kind::Handle | Kind::Room => platform.is_some(),
        Kind::Person => person(value).is_some(),
        Kind::Email | Kind::Phone | Kind::Ip | Kind::Url | Kind::Address => true,
        Kind::Imei | Kind::Imsi | Kind::Iccid | Kind::Mac | Kind::Serial => true,
        Kind::Md5 | Kind::Sha1 | Kind::Sha256 | Kind::Pdq => true,
        _ => false,
    }
}

/// "Last, First; 1980-02-01" in its parts, when putting them together again gives the same text.
fn person(value: &str) -> Option<(&str, &str, &str)> {
    let (name, born) = value.split_once("; ")?;
    let (last, first) = name.split_once(", ")?;
    (born.len() == 10 && !first.is_empty() && !last.is_empty()).then_some((last, first, born))
}

/// Puts a value of the caller's into a field it may stand in; one that takes several, so that nothing is pushed out.
pub(super) fn share(held: &Held, c: &mut Content) {
    let p = &mut c.reported;
    let value = held.value.clone();
    let device = |word| Device { word, kind: Some(held.kind), value: held.value.clone(), at: None };
    match held.kind {
        Kind::Email => p.emails.push(value),
        Kind::Phone => p.phones.push(value),
        Kind::Handle => p.associated.push(super::content::Linked {
            word: "Linked",
            platform: held.platform.clone().unwrap_or_default(),
            handle: Some(value),
            email: None,
        }),
        Kind::Room => c.details.push(super::content::Detail::Chat {
            client: held.platform.clone().unwrap_or_default(),
            room: Some(value),
            content: "Reported content.".to_owned(),
        }),
        Kind::Ip => p.ips.push(Capture { address: value, event: Some("Login"), at: None, proxy: None, port: None }),
        Kind::Url => p.profiles.push(value),
        Kind::Imei => p.devices.push(device("IMEI")),
        Kind::Imsi => p.devices.push(device("IMSI")),
        Kind::Iccid => p.devices.push(device("ICCID")),
        Kind::Mac => p.devices.push(device("MAC")),
        Kind::Serial => p.devices.push(device("serial")),
        Kind::Md5 => c.files.push(hashed("MD5", held.kind, value)),
        Kind::Sha1 => c.files.push(hashed("SHA1", held.kind, value)),
        Kind::Sha256 => c.files.push(hashed("SHA256", held.kind, value)),
        Kind::Pdq => c.files.push(hashed("PDQ", held.kind, value)),
        Kind::Address => {
            let none = || "".into();
            p.addresses.push(Postal { street: value, city: none(), state: none(), zip: none() });
        }
        Kind::Person => {
            if let Some((last, first, born)) = person(&value) {
                (p.first, p.last, p.born) =
                    (Some(first.to_owned().into()), Some(last.to_owned().into()), Some(born.to_owned()));
            }
        }
        _ => {}
    }
}
