//! Synthetic CyberTip reports, with the truth of what an intake must make of each.
//!
//! The reports have the names and the order of the reporting API as published (domain.md section 9,
//! data/cybertip_report_fields.json) and are written by writers of our own, in JSON and in XML, so that the reader in
//! crates/exchange is tested with what it did not make. Content is sober: "reported content", "account reported by the
//! provider". Every value comes from a range reserved for examples (`values.rs`).
//!
//! How a thing of XML looks in JSON: repeated elements are an array; a flag element is `true`; an element with
//! attributes is an object of the attributes and `value`; `internetDetails` is an object, and an array where a report
//! tells of two. `dateReceived`, `reportId` and `fileDetails` stand in the report.
//!
//! Two tips that nobody planted share no identifier and no neighbourhood (a /64, an IPv4 address in one hour): that is
//! by construction, and a test looks. What runs out is then left out: telephones after 45,000 tips, names with birth
//! dates after a million, IPv4 hours after 31 million.

mod content;
mod draw;
mod files;
mod fill;
pub mod malformed;
mod mix;
mod plant;
#[cfg(test)]
mod tests;
mod tree;
mod truth;
mod values;
mod write;

use model::{AgeClass, EntryRole, Kind, Micros, Window};

pub use files::{Form, write_file, write_folder};
pub use malformed::malformed;
pub use plant::{Held, Plant, Planted};

use self::fill::Filling;
use self::plant::{Seat, Shared};
use self::tree::{Letters, Node};

/// Data of a law enforcement agency and of a provider: every report may hold them, no intake makes an entry of them.
pub(crate) const AGENCY_PHONE: &str = "907-555-0100";
/// See [`AGENCY_PHONE`].
pub(crate) const AGENCY_EMAIL: &str = "duty@police.example.org";
/// See [`AGENCY_PHONE`].
pub(crate) const LEGAL_URL: &str = "https://provider.example.com/legal";

/// What to generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TipPlan {
    /// How many tips.
    pub tips: u64,
    /// The same plan gives the same reports, byte for byte.
    pub seed: u64,
    /// The latest day: incidents lie 30 to 540 days before it.
    pub as_of: Micros,
}

/// A stream of tips that repeats, and what was planted in it.
#[derive(Debug, Clone)]
pub struct Tips {
    plan: TipPlan,
    shared: Shared,
}

impl Tips {
    /// The tips of a plan.
    #[must_use]
    pub fn new(plan: TipPlan) -> Self {
        Self { plan, shared: Shared::default() }
    }

    /// Lets tips hold these values, which stand in other cases (kind, value, platform), spread evenly.
    /// [`Planted::shared`] says which tip holds which; kinds without a field in a report (wallets, payments, domains,
    /// onion services, plates, VIN, peer-to-peer ids) are left out. An IP address stands there without a time.
    #[must_use]
    pub fn with_shared(self, values: Vec<(Kind, String, Option<String>)>) -> Self {
        Self { shared: Shared::spread(values, self.plan.tips), ..self }
    }

    /// Every tip, in order, made one at a time.
    pub fn iter(&self) -> impl Iterator<Item = SyntheticTip> + '_ {
        (0..self.plan.tips).filter_map(|index| self.tip(index))
    }

    /// One tip; the same as [`Tips::iter`] gives at this place. `None` beyond the plan.
    pub fn tip(&self, index: u64) -> Option<SyntheticTip> {
        (index < self.plan.tips).then(|| self.make(index))
    }

    /// What was made to meet.
    pub fn planted(&self) -> Planted {
        Planted { suspects: plant::suspects(self.plan.tips), shared: self.shared.held().to_vec() }
    }

    fn make(&self, index: u64) -> SyntheticTip {
        let TipPlan { seed, as_of, .. } = self.plan;
        let mut filling = Filling::new(seed, index, as_of);
        let seat = Seat::of(index);
        if let Some(seat) = seat {
            filling.happened_before(seat.days_back());
        }
        let mut content = filling.content(self.report(index));
        if let Some(seat) = seat {
            plant::suspect(seat, seed, &mut content);
            if seat.member > 0 {
                content.reported.prior.push(self.report(seat.first()));
            }
        }
        self.shared.of(index).iter().for_each(|held| plant::share(held, &mut content));
        let mut never = filling.never;
        if content.agency {
            never.extend([AGENCY_PHONE, AGENCY_EMAIL].map(str::to_owned));
        }
        SyntheticTip {
            index,
            received: content.received.at,
            incident_type: content.incident,
            platform: content.platform.clone(),
            state: filling.state.map(str::to_owned),
            informational: content.annotations.contains(&"informational"),
            escalated: content.escalated.is_some(),
            files: content.files.len(),
            expects: truth::of(&content),
            never,
            letters: if content.strange.escaped { Letters::Escaped } else { Letters::Plain },
            tree: write::report(&content),
            report: content.report,
        }
    }

    /// Report numbers of a plan follow each other and begin where the seed says.
    fn report(&self, index: u64) -> String {
        (100_000_000 + draw::mix(self.plan.seed) % 800 * 1_000_000 + index).to_string()
    }
}

/// One report and its truth.
#[derive(Clone)]
pub struct SyntheticTip {
    /// Its place in the plan.
    pub index: u64,
    /// Its report number: digits.
    pub report: String,
    /// When the CyberTipline received it.
    pub received: Micros,
    /// The incident's type, in the words of the report; one in fifty is of no published type.
    pub incident_type: &'static str,
    /// The platform the report names.
    pub platform: Option<String>,
    /// The State it points at, two letters: the region of the reported account. `None`: abroad or not said.
    pub state: Option<String>,
    /// The report says it is informational: not enough to act on.
    pub informational: bool,
    /// The provider asks for high priority, with a reason.
    pub escalated: bool,
    /// How many files it tells of.
    pub files: usize,
    /// Exactly the identifiers an intake makes of it, in the order of the report's parts.
    pub expects: Vec<Expected>,
    /// Texts that must stand in no list, answer, export of matched values or log: marks of free texts, file names, what
    /// looks like an identifier inside free text, the reporter's and the agency's data, ids and hashes of no known sort.
    pub never: Vec<String>,
    tree: Node,
    letters: Letters,
}

impl SyntheticTip {
    /// The report as one JSON object.
    pub fn json(&self) -> String {
        let mut out = String::with_capacity(4_096);
        tree::json(&self.tree, self.letters, &mut out);
        out
    }

    /// The report as an XML document with its declaration.
    pub fn xml(&self) -> String {
        let mut out = String::with_capacity(6_144);
        out.push_str(files::XML);
        self.element(&mut out);
        out
    }

    /// The `<report>` element with the namespaces that real ones carry.
    fn element(&self, out: &mut String) {
        let from = out.len();
        tree::xml("report", &self.tree, self.letters, out);
        out.insert_str(from + "<report".len(), files::NAMESPACES);
    }
}

/// Reports are content: no accident prints one.
impl std::fmt::Debug for SyntheticTip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SyntheticTip").field("index", &self.index).field("report", &self.report).finish_non_exhaustive()
    }
}

/// One identifier that an intake must make of a report.
#[derive(Clone, PartialEq, Eq)]
pub struct Expected {
    /// What sort of value.
    pub kind: Kind,
    /// As the report writes it; a person as "Last, First; 1980-02-01", an address as "street, city state zip".
    pub value: String,
    /// The platform of a handle or room.
    pub platform: Option<String>,
    /// The port of an IP address.
    pub port: Option<u16>,
    /// The moment it was seen, both ends the same; unknown where the report gives it no time of its own.
    pub seen: Window,
    /// Unknown for the reported person, incident and files; victim for victims and intended recipients.
    pub role: EntryRole,
    /// Minor for victims; for the others by the stated age, unknown where none is stated.
    pub age: AgeClass,
}

/// Identifiers are content: no accident prints one.
impl std::fmt::Debug for Expected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Expected").field("kind", &self.kind).field("role", &self.role).finish_non_exhaustive()
    }
}
