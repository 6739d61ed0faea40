//! One's own case, entries and tip as its own officers read them, and as an export carries them: the lines are the same.
//!
//! What belongs to a child, a victim or a witness stands there without its value until a reason is given (18 U.S.C.
//! 3509(d)).

use model::{
    AgeClass, CaseStatus, Contact, EntryClass, EntryDraft, EntryRole, FreeText, Kind, Level, Micros, Outcome,
    Reliability, Source, ThreatArea, Tip, Validity, Window, is_protected,
};
use serde::{Deserialize, Serialize};
use store::{WholeCase, WholeEntry};

/// Why a value does not stand there.
pub const WITHHELD: &str = "18 U.S.C. 3509(d)";

/// A case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CaseLine {
    /// Its id in the Concord it stands in.
    pub id: String,
    /// The agency's number.
    pub number: String,
    /// Which of the five areas.
    pub threat_area: ThreatArea,
    /// The offence suspected.
    pub offence: String,
    /// How the Internet was used.
    pub nexus: String,
    /// What its subjects inherit; none of a tip.
    pub predicate: Option<PredicateLine>,
    /// How far it travels.
    pub marking: String,
    /// Open, closed, or a tip.
    pub status: CaseStatus,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Who leads it.
    pub lead: String,
    /// Who supervises it.
    pub supervisor: Option<String>,
    /// Whom others call; none means the lead.
    pub contact: Option<Contact>,
    /// When it was opened.
    pub opened: String,
    /// When it was closed.
    pub closed: Option<String>,
}

/// A predicate (28 CFR 23.20(a)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PredicateLine {
    /// The offence suspected.
    pub offence: String,
    /// Who certified it.
    pub member: String,
    /// When.
    pub at: String,
    /// The facts.
    pub facts: String,
    /// SHA-256 of the supporting document, hexadecimal.
    pub document: Option<String>,
}

/// An entry with every label.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EntryLine {
    /// Its id in the Concord it stands in.
    pub id: String,
    /// live, kept, asked, withdrawn or corrected.
    pub state: String,
    /// What sort of value.
    pub kind: Kind,
    /// The value as written; none where it is withheld.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Why it is withheld.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withheld: Option<String>,
    /// The platform.
    pub platform: Option<String>,
    /// What is held against the value.
    pub doubt: Option<String>,
    /// Whose it is.
    pub role: EntryRole,
    /// Adult or minor.
    pub age: AgeClass,
    /// Governing class.
    pub class: EntryClass,
    /// Where it came from.
    pub source: Option<Source>,
    /// The CyberTip's number or the provider's reference.
    pub report: Option<String>,
    /// How it answers others.
    pub level: Level,
    /// When its silent order ends.
    pub silent_until: Option<String>,
    /// Confidence label.
    pub reliability: Reliability,
    /// Confidence label.
    pub validity: Validity,
    /// How far it travels.
    pub marking: String,
    /// When it was first seen in use.
    pub seen_from: Option<String>,
    /// When last.
    pub seen_to: Option<String>,
    /// Port of an IP address.
    pub port: Option<u16>,
    /// Has it a predicate?
    pub predicate: bool,
    /// Who controls it (28 CFR 23.20(g)).
    pub control_official: Option<String>,
    /// When it was entered.
    pub entered: String,
    /// When it must be reviewed (28 CFR 23.20(h)).
    pub review: String,
    /// A preservation order holds it.
    pub preserved: bool,
    /// The submission it came with.
    pub submission: String,
    /// When it was withdrawn or corrected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// The submission that holds the right value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected_by: Option<String>,
    /// Where in the file it stood.
    pub place: Option<String>,
    /// The officer's note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Identifiers are content: no accident prints one.
impl std::fmt::Debug for EntryLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EntryLine").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What a tip says beside its identifiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TipFlags {
    /// The report's number.
    pub report: String,
    /// It lacks what would be enough to act on.
    pub informational: bool,
    /// Its sender asks for high priority.
    pub escalated: bool,
    /// Of how many files it speaks.
    pub files: usize,
    /// How many of them the provider looked at whole. What it did not see, an agency may need a warrant for.
    pub viewed_by_provider: usize,
    /// The provider takes an address of it for a proxy.
    pub possible_proxy: bool,
    /// Something of it is withheld.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withheld: Option<String>,
}

pub(crate) fn case_line(c: WholeCase) -> CaseLine {
    CaseLine {
        id: c.id.to_string(),
        number: c.number.as_str().to_owned(),
        threat_area: c.threat_area,
        offence: c.offence.as_str().to_owned(),
        nexus: c.nexus,
        predicate: c.predicate.map(|p| PredicateLine {
            offence: p.offence,
            member: p.member.to_string(),
            at: p.at.to_string(),
            facts: p.facts,
            document: p.document.map(hex::encode),
        }),
        marking: c.marking.to_string(),
        status: c.status,
        outcome: c.outcome,
        lead: c.lead.to_string(),
        supervisor: c.supervisor.map(|s| s.to_string()),
        contact: c.contact,
        opened: c.opened.to_string(),
        closed: c.closed.map(|t| t.to_string()),
    }
}

pub(crate) fn is_protected_entry(e: &WholeEntry) -> bool {
    is_protected(e.labels.role, e.labels.age)
}

/// The line of an entry; of a protected one the value, its doubt and the note only when it is opened.
pub(crate) fn entry_line(e: WholeEntry, opened: bool) -> EntryLine {
    let shown = opened || !is_protected_entry(&e);
    EntryLine {
        id: e.id.to_string(),
        state: e.labels.state.word().to_owned(),
        kind: e.labels.kind,
        value: Some(e.content.raw).filter(|_| shown),
        withheld: (!shown).then(|| WITHHELD.to_owned()),
        platform: e.content.platform,
        doubt: e.content.doubt.filter(|_| shown),
        role: e.labels.role,
        age: e.labels.age,
        class: e.labels.class,
        source: e.labels.source,
        report: e.content.report,
        level: e.labels.level,
        silent_until: e.labels.silent_until.map(|t| t.to_string()),
        reliability: e.reliability,
        validity: e.validity,
        marking: e.labels.marking.to_string(),
        seen_from: e.labels.seen.from.map(|t| t.to_string()),
        seen_to: e.labels.seen.to.map(|t| t.to_string()),
        port: e.labels.port,
        predicate: e.predicate.is_some(),
        control_official: e.control_official.map(|m| m.to_string()),
        entered: e.labels.entered.to_string(),
        review: e.review.to_string(),
        preserved: e.preserved,
        submission: e.submission.to_string(),
        ended: e.ended.map(|t| t.to_string()),
        corrected_by: e.successor.map(|s| s.to_string()),
        place: e.content.place,
        note: e.content.note.filter(|_| shown),
    }
}

/// The entry as it would be handed in again.
///
/// # Errors
/// What of it does not read, and where.
pub(crate) fn draft_of(e: &EntryLine) -> Result<EntryDraft, model::Problem> {
    let place = e.place.clone().unwrap_or_default();
    let at = if place.is_empty() { format!("entry {}", e.id) } else { place.clone() };
    let value = e.value.clone().ok_or_else(|| {
        model::Invalid::new("is withheld", "export the agency's data again with --reason").at(at.clone(), "value")
    })?;
    let time = |text: &Option<String>, field: &str| {
        text.as_deref().map(Micros::parse).transpose().map_err(|e| e.at(at.clone(), field))
    };
    let mut draft = EntryDraft::new(place, e.kind, value);
    draft.platform.clone_from(&e.platform);
    draft.role = e.role;
    draft.age = e.age;
    draft.class = Some(e.class);
    draft.source = e.source;
    draft.report.clone_from(&e.report);
    draft.seen = Window::new(time(&e.seen_from, "seen_from")?, time(&e.seen_to, "seen_to")?)
        .map_err(|e| e.at(at.clone(), "seen_from"))?;
    draft.port = e.port;
    draft.marking = Some(e.marking.parse().map_err(|e: model::Invalid| e.at(at.clone(), "marking"))?);
    draft.reliability = Some(e.reliability);
    draft.validity = Some(e.validity);
    draft.level = Some(e.level);
    draft.note = e.note.as_deref().map(FreeText::parse).transpose().map_err(|e| e.at(at.clone(), "note"))?;
    Ok(draft)
}

pub(crate) fn tip_flags(tip: &Tip, withheld: bool) -> TipFlags {
    let of_accounts = |p: &model::tip::Party| p.accounts.iter().map(|a| a.presence.clone()).collect::<Vec<_>>();
    let parties = tip.reported.iter().chain(&tip.recipients).chain(&tip.victims);
    let presences = parties.flat_map(|p| std::iter::once(p.presence.clone()).chain(of_accounts(p)));
    let proxy = presences.flat_map(|p| p.ip_events).any(|ip| ip.possible_proxy == Some(true))
        || tip.files.iter().flat_map(|f| &f.ip_events).any(|ip| ip.possible_proxy == Some(true))
        || tip
            .details
            .iter()
            .flat_map(|d| &d.incidents)
            .flat_map(|i| &i.ip_events)
            .any(|ip| ip.possible_proxy == Some(true));
    TipFlags {
        report: tip.number.as_str().to_owned(),
        informational: tip.standing() == model::tip::Standing::Informational,
        escalated: tip.is_escalated(),
        files: tip.files.len(),
        viewed_by_provider: tip.files.iter().filter(|f| f.viewed == Some(true)).count(),
        possible_proxy: proxy,
        withheld: withheld.then(|| WITHHELD.to_owned()),
    }
}

/// The report without what speaks of a child, a victim or a witness, and whether anything was taken out.
///
/// Victims and intended recipients go, and every reported party that may be a minor; so does each text of theirs, and each
/// that repeats a name or a value of theirs. Where a value would stand elsewhere all the same, nothing but the number stays.
pub(crate) fn without_protected(tip: &Tip) -> (Tip, bool) {
    let mut shown = tip.clone();
    shown.victims.clear();
    shown.recipients.clear();
    shown.reported.retain(|party| {
        let mut alone = Tip::new(tip.number.clone());
        (alone.incident_time, alone.received) = (tip.incident_time, tip.received);
        alone.reported.push(party.clone());
        !alone.drafts().iter().any(EntryDraft::is_protected)
    });
    let gone = tip.reported.iter().filter(|p| !shown.reported.contains(p)).chain(&tip.victims).chain(&tip.recipients);
    let mut words: Vec<String> = tip.drafts().into_iter().filter(EntryDraft::is_protected).map(|d| d.value).collect();
    for party in gone {
        if let Ok(party) = serde_json::to_value(party) {
            names(&party, "", &mut words);
        }
    }
    words.iter_mut().for_each(|w| *w = w.to_lowercase());
    words.retain(|w| w.chars().count() >= SHORTEST_WORD);
    let no_reported = shown.reported.len() != tip.reported.len();
    shown.words.retain(|w| {
        let of_theirs = w.label.starts_with("victim") || w.label.starts_with("intendedRecipient");
        let of_reported = no_reported && w.label.starts_with("personOrUserReported");
        let text = w.text.as_str().to_lowercase();
        !of_theirs && !of_reported && !words.iter().any(|word| text.contains(word.as_str()))
    });
    if shown == *tip {
        return (shown, false);
    }
    let rest = exchange::write_tip_json(&shown).to_lowercase();
    let escaped = |word: &String| serde_json::to_string(word).unwrap_or_default().trim_matches('"').to_owned();
    if words.iter().any(|word| rest.contains(word.as_str()) || rest.contains(&escaped(word))) {
        return (Tip::new(tip.number.clone()), true);
    }
    (shown, true)
}

/// A shorter word stands in any text by chance.
const SHORTEST_WORD: usize = 3;

/// The names and values of a party; what services and codes are called is nobody's.
fn names(of: &serde_json::Value, key: &str, out: &mut Vec<String>) {
    const THEIRS: [&str; 13] = [
        "first_name",
        "last_name",
        "phones",
        "number",
        "emails",
        "whole",
        "street",
        "address",
        "identifier",
        "screen_name",
        "profile_urls",
        "account_id",
        "value",
    ];
    match of {
        serde_json::Value::String(text) if THEIRS.contains(&key) => out.push(text.clone()),
        serde_json::Value::Array(list) => list.iter().for_each(|one| names(one, key, out)),
        serde_json::Value::Object(map) => map.iter().for_each(|(key, one)| names(one, key, out)),
        _ => {}
    }
}
