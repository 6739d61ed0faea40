//! The entries of one case, as its officers write them.

use model::{AgeClass, EntryClass, EntryDraft, Kind, Micros, Reliability, Source, Validity, Window};

use super::layout::{Special, topic};
use super::mix::{Draws, draw};
use super::noise::{EVERYBODYS, HIDDEN, NEAR, hour_before};
use super::pen::{DAY, SECOND, Written, capitals, platform, span};
use super::people;
use super::recipes::RECIPES;
use super::truth::{Facts, Pair};
use super::values::{self as v, Class, id};
use super::{Nation, TABLES};

/// How often a kind comes, of 1,000 entries that meet nobody: this project's judgement, handles and mail first.
const MIX: [(Kind, u64); 24] = [
    (Kind::Handle, 290),
    (Kind::Email, 165),
    (Kind::Ip, 145),
    (Kind::Url, 70),
    (Kind::Phone, 60),
    (Kind::Sha256, 45),
    (Kind::Room, 35),
    (Kind::Md5, 30),
    (Kind::Payment, 27),
    (Kind::Person, 22),
    (Kind::Wallet, 20),
    (Kind::Sha1, 18),
    (Kind::Domain, 15),
    (Kind::Address, 12),
    (Kind::Pdq, 10),
    (Kind::P2p, 8),
    (Kind::Imei, 6),
    (Kind::Mac, 5),
    (Kind::Plate, 5),
    (Kind::Iccid, 3),
    (Kind::Vin, 3),
    (Kind::Serial, 2),
    (Kind::Imsi, 2),
    (Kind::Onion, 2),
];

/// Windows in which an IPv4 address of an entry that meets nobody was seen: 20 minutes each, over three years.
const IP4_SLOTS: u64 = 78_480;
const IP4_ADDRESSES: u64 = 512;
/// Cases that share a documentation address at other times: well below the cap, so that no address is over it.
const IP4_CASES: u64 = 8;

/// Writes the entries of one case.
pub(super) struct Writer<'a> {
    nation: &'a Nation,
    case: u64,
    agency: usize,
    /// Does the agency read American telephone numbers?
    home: bool,
    /// How many of each kind that meet nobody it wrote, so that each gets a number of its own.
    written: [u64; 32],
}

impl<'a> Writer<'a> {
    pub(super) fn new(nation: &'a Nation, case: u64, agency: usize) -> Self {
        let home = nation.agencies[agency].country == model::Country::HOME;
        Self { nation, case, agency, home, written: [0; 32] }
    }

    fn draft(&self, written: Written, facts: Facts, drawn: u64) -> EntryDraft {
        let Written { kind, value, platform, seen, port } = written;
        let report = (facts.source == Some(Source::CyberTip)).then(|| {
            let mut out = String::from("SYN-");
            v::push_number(&mut out, drawn >> 30);
            out
        });
        EntryDraft {
            place: String::with_capacity(10),
            kind,
            value,
            platform: platform.map(str::to_owned),
            role: facts.role,
            age: facts.age,
            class: facts.class,
            source: facts.source,
            report,
            seen,
            port,
            marking: facts.released.then(|| self.nation.words.release.clone()),
            reliability: (drawn.is_multiple_of(3)).then(|| Reliability::ALL[(drawn >> 8) as usize % 4]),
            validity: (drawn.is_multiple_of(3)).then(|| Validity::ALL[(drawn >> 12) as usize % 4]),
            level: facts.level,
            note: None,
        }
    }

    pub(super) fn special(&mut self, special: Special) -> EntryDraft {
        let nation = self.nation;
        let seed = nation.plan.seed;
        let drawn = draw(seed, topic::ENTRY, self.case ^ (1 << 40));
        match special {
            Special::Planted { pair, a } => {
                let p = nation.pair(pair).expect("void pairs were left out");
                let facts = nation.facts_of_pair(&p, a);
                self.draft(nation.write_pair(&p, a), facts, drawn ^ pair)
            }
            Special::Near { pair, a } => {
                let near = &NEAR[(pair % NEAR.len() as u64) as usize];
                let home = nation.both_home(nation.layout.near_sides(pair));
                let flip = draw(seed, topic::NEAR, pair ^ (1 << 50)) & 1 == 0;
                let slot = nation.layout.near_slot(pair);
                let pen = nation.pen(Class::Near, pair, NEAR.len(), slot, a == flip, home);
                self.draft((near.write)(&pen), Facts::plain(), drawn ^ pair)
            }
            Special::Different { pair, a } => {
                let (person, error, chance) = nation.different(pair);
                let value = if a { person.plain() } else { person.wrong(error, chance) };
                let seen = Window::default();
                let written = Written { kind: Kind::Person, value, platform: None, seen, port: None };
                self.draft(written, Facts::plain(), drawn ^ pair)
            }
            Special::Group { group } => {
                let shared = shared(id(Class::Shared, group), group, drawn, nation.plan.as_of);
                self.draft(shared, nation.facts_of_group(group, self.case), drawn)
            }
            Special::OverCap { value } => {
                let shared = shared(id(Class::Shared, (1 << 30) + value), value, drawn, nation.plan.as_of);
                self.draft(shared, Facts::plain(), drawn)
            }
            Special::Persona => {
                let id = self.next(Kind::Handle);
                let seen = hour_before(nation.plan.as_of.0, 10 + (drawn % 200) as i64);
                let platform = Some(platform(drawn >> 8, drawn >> 16));
                let written = Written { kind: Kind::Handle, value: v::handle(id), platform, seen, port: None };
                self.draft(written, Facts::persona(), drawn)
            }
            Special::Everybodys { at } => {
                let (kind, value, platform) = EVERYBODYS[at];
                let seen = hour_before(nation.plan.as_of.0, 10 + (drawn % 300) as i64);
                // Behind a carrier's address the port differs from customer to customer.
                let port = (kind == Kind::Ip).then_some(1_024 + (drawn >> 20) as u16 % 60_000);
                let written = Written { kind, value: value.to_owned(), platform, seen, port };
                self.draft(written, Facts::plain(), drawn)
            }
            Special::Hidden { at } => {
                let (kind, value) = HIDDEN[at];
                let seen = Window::default();
                let written = Written { kind, value: value.to_owned(), platform: None, seen, port: None };
                self.draft(written, Facts::plain(), drawn)
            }
        }
    }

    /// The number of the next entry of this kind that meets nobody, distinct in the nation.
    fn next_index(&mut self, kind: Kind) -> u64 {
        let count = &mut self.written[kind.code() as usize];
        let index = self.case + *count * self.nation.layout.cases;
        *count += 1;
        index
    }

    fn next(&mut self, kind: Kind) -> u64 {
        id(Class::Filler, self.next_index(kind))
    }

    /// An entry that meets nobody.
    pub(super) fn filler(&mut self, at: usize, desk: bool) -> EntryDraft {
        let mut draws = Draws::new(self.nation.plan.seed, topic::ENTRY, (self.case << 12) ^ at as u64);
        let mut at = draws.below(1_000);
        let kind = MIX.iter().find_map(|(kind, share)| {
            let here = at < *share;
            at = at.saturating_sub(*share);
            here.then_some(*kind)
        });
        let written = self.filler_of(kind.unwrap_or(Kind::Handle), &mut draws);
        let home = self.nation.agencies[self.agency].kind != model::AgencyKind::Foreign;
        let facts = if desk { Facts::desk() } else { Facts::drawn(draws.below(1_000), written.kind, home) };
        self.draft(written, facts, draws.next())
    }

    fn filler_of(&mut self, kind: Kind, draws: &mut Draws) -> Written {
        let seen = match draws.below(3) {
            0 => Window::default(),
            _ => {
                let from = self.nation.plan.as_of.0 - (6 + draws.below(900) as i64) * DAY;
                span(from, from + draws.below(86_400 * 5) as i64 * SECOND)
            }
        };
        let plain = |value| Written { kind, value, platform: None, seen, port: None };
        let odd = draws.below(8) == 0;
        let cased = |text: String| if odd { capitals(&text) } else { text };
        match kind {
            Kind::Ip => self.filler_ip(seen, draws),
            Kind::Phone => {
                let place = self.nation.phones.filler_begins() + self.next_index(kind);
                if place >= self.nation.phones.count {
                    return self.filler_of(Kind::Handle, draws);
                }
                plain(self.nation.phones.at(place).written(draws.next() >> 8, self.home))
            }
            Kind::Person => match people::person(&TABLES, false, self.next_index(kind)) {
                Some(person) => plain(person.plain()),
                None => self.filler_of(Kind::Email, draws),
            },
            Kind::Handle => {
                let value = cased(v::handle(self.next(kind)));
                Written { platform: Some(platform(draws.next() >> 8, draws.next())), ..plain(value) }
            }
            Kind::Room => {
                let platform = Some(["Discord", "irc", "Telegram", "Matrix"][draws.below(4) as usize]);
                Written { platform, ..plain(cased(v::room(self.next(kind)))) }
            }
            Kind::Payment => {
                let platform = Some(["Cash App", "Venmo", "PayPal", "Zelle"][draws.below(4) as usize]);
                Written { platform, ..plain(v::payment(self.next(kind))) }
            }
            Kind::Wallet => {
                let id = self.next(kind);
                plain(match draws.below(4) {
                    0 => v::wallet_base58(id),
                    1 => v::wallet_bech32(id),
                    _ => format!("0x{}", v::wallet_ethereum(id)),
                })
            }
            Kind::Email => plain(cased(v::email(self.next(kind)))),
            Kind::Url => plain(format!("https://{}", v::page(self.next(kind)))),
            Kind::Domain => plain(v::domain(self.next(kind))),
            Kind::Onion => plain(v::onion(self.next(kind))),
            Kind::Imei => plain(v::imei(self.next(kind))),
            Kind::Imsi => plain(v::imsi(self.next(kind))),
            Kind::Iccid => plain(v::iccid(self.next(kind))),
            Kind::Mac => plain(super::pen::grouped(&v::mac(self.next(kind)), 2, ":")),
            Kind::Serial => plain(v::serial(self.next(kind))),
            Kind::P2p => plain(v::guid(self.next(kind))),
            Kind::Plate => {
                let state = draws.pick(&TABLES.states).code;
                plain(format!("{state} {}", v::plate_number(self.next(kind))))
            }
            Kind::Vin => plain(v::vin(self.next(kind))),
            Kind::Md5 => plain(v::md5(self.next(kind))),
            Kind::Sha1 => plain(v::sha1(self.next(kind))),
            Kind::Sha256 => plain(v::sha256(self.next(kind))),
            Kind::Pdq => plain(v::pdq_text(v::pdq(self.next(kind)))),
            Kind::Address => plain(v::street(self.next(kind)).long()),
        }
    }

    /// 768 documentation addresses are few: an IPv4 entry has ten of twenty minutes to itself, and an IPv6 entry a /64.
    fn filler_ip(&mut self, seen: Window, draws: &mut Draws) -> Written {
        let index = self.next_index(Kind::Ip);
        let port = (draws.below(2) == 0).then(|| 1_024 + draws.below(60_000) as u16);
        let kind = Kind::Ip;
        if draws.below(5) < 2 || index >= IP4_CASES * IP4_ADDRESSES {
            return Written { kind, value: v::ip6(index, 0).to_string(), platform: None, seen, port };
        }
        let (address, slot) = (index % IP4_ADDRESSES, index / IP4_ADDRESSES);
        let slot = (slot * 7_919 % IP4_SLOTS) as i64;
        let from = self.nation.plan.as_of.0 - 1_095 * DAY + slot * 1_200 * SECOND;
        let seen = span(from, from + draws.below(600) as i64 * SECOND);
        let net = if address < 256 { "192.0.2." } else { "203.0.113." };
        let mut value = String::from(net);
        v::push_number(&mut value, address % 256);
        Written { kind, value, platform: None, seen, port }
    }
}

/// A value that several cases hold, as one of them writes it.
fn shared(id: u64, which: u64, drawn: u64, as_of: Micros) -> Written {
    let from = as_of.0 - (30 + (drawn >> 8) as i64 % 200) * DAY;
    let seen = if drawn.is_multiple_of(3) { Window::default() } else { span(from, from + DAY) };
    let odd = drawn & 4 == 0;
    let cased = |t: String| if odd { capitals(&t) } else { t };
    let (kind, value) = match which % 6 {
        0 => (Kind::Handle, cased(v::handle(id))),
        1 => (Kind::Email, cased(v::email(id))),
        2 => (Kind::Url, format!("{}://{}", if odd { "http" } else { "https" }, v::page(id))),
        3 => (Kind::Sha256, cased(v::sha256(id))),
        4 => (Kind::Room, cased(v::room(id))),
        _ => (Kind::Wallet, if odd { v::wallet_bech32(id).to_ascii_uppercase() } else { v::wallet_bech32(id) }),
    };
    let platform = match kind {
        Kind::Handle => Some(platform(which, drawn >> 20)),
        Kind::Room => Some("Discord"),
        _ => None,
    };
    Written { kind, value, platform, seen, port: None }
}

/// The rule that joins holders of a group's value.
pub(super) fn shared_rule(which: u64) -> &'static str {
    ["handle-exact", "email-exact", "url-exact", "sha256-exact", "room-exact", "wallet-exact"][(which % 6) as usize]
}

/// Is a group's value of a kind a victim may have?
pub(super) fn shared_kind(which: u64) -> Kind {
    [Kind::Handle, Kind::Email, Kind::Url, Kind::Sha256, Kind::Room, Kind::Wallet][(which % 6) as usize]
}

impl Nation {
    /// What one side of a pair writes.
    pub(super) fn write_pair(&self, pair: &Pair, a: bool) -> Written {
        let pen = self.pen(Class::Planted, pair.index, RECIPES.len(), pair.index, a == pair.a_first, pair.home);
        (RECIPES[pair.recipe].write)(&pen)
    }
}

/// The class that keeps what a CyberTip led to from being a tip itself: suspicion grew of it.
pub(super) const GROWN: Option<EntryClass> = Some(EntryClass::Suspicion);

/// Who is known to be a minor.
pub(super) fn age(drawn: u64) -> AgeClass {
    if drawn.is_multiple_of(2) { AgeClass::Minor } else { AgeClass::Unknown }
}
