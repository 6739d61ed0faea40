//! What happened on a conflict, as one side may know it: its own acts by name, the other side's as far as they were meant
//! for it. When the other side took note stands nowhere, only that it did.

use std::collections::BTreeMap;

use model::{AgencyId, MemberId, Micros};
use serde::{Deserialize, Serialize};
use store::{Hold, Message, Proposal, Side};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Happened {
    /// When, RFC 3339.
    pub at: String,
    /// told, acknowledged, proposed, hold, hold-lifted, hold-ended or resolved.
    pub what: String,
    /// "you" or "they"; none for what nobody did alone.
    pub from: Option<String>,
    /// The member of one's own; of the other side whom to call there, whoever did it.
    pub by: Option<String>,
    /// The same in a sentence.
    pub words: String,
}

/// What one may know of the other side's attention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Theirs {
    /// When they were told, RFC 3339.
    pub told: String,
    /// Has anybody of theirs taken note of it, ever?
    pub seen: bool,
}

/// Who is named on a thread.
pub(crate) struct People {
    pub own: AgencyId,
    /// Members of one's own.
    pub names: BTreeMap<MemberId, String>,
    /// Whom disclosure names of the other side.
    pub contact: Option<String>,
}

impl People {
    pub(crate) fn from(&self, agency: AgencyId) -> String {
        if agency == self.own { "you" } else { "they" }.to_owned()
    }

    pub(crate) fn by(&self, agency: AgencyId, member: MemberId) -> Option<String> {
        if agency == self.own { self.names.get(&member).cloned() } else { self.contact.clone() }
    }
}

/// Members of one's own agency whose hand shows on a thread.
pub(crate) fn hands(
    own: AgencyId,
    side: &Side,
    thread: &[Message],
    proposals: &[Proposal],
    holds: &[Hold],
) -> Vec<MemberId> {
    let written = thread.iter().map(|m| (m.agency, m.member));
    let proposed = proposals.iter().map(|p| (p.agency, p.member));
    let asked = holds.iter().map(|h| (h.agency, h.member));
    let all = written.chain(proposed).chain(asked).filter(|(agency, _)| *agency == own).map(|(_, member)| member);
    all.chain(side.seen.map(|(member, _)| member)).collect()
}

/// The timeline, oldest first.
pub(crate) fn timeline(
    people: &People,
    side: &Side,
    proposals: &[Proposal],
    holds: &[Hold],
    now: Micros,
) -> Vec<Happened> {
    let mut all: Vec<(Micros, Happened)> = Vec::new();
    let mut add = |at: Micros, what: &str, who: Option<(AgencyId, MemberId)>, words: String| {
        let (from, by) = (who.map(|(a, _)| people.from(a)), who.and_then(|(a, m)| people.by(a, m)));
        all.push((at, Happened { at: at.to_string(), what: what.to_owned(), from, by, words }));
    };
    add(side.at, "told", None, "You were told of this conflict.".to_owned());
    if let Some((member, at)) = side.seen {
        add(at, "acknowledged", Some((people.own, member)), "Your side took note of it.".to_owned());
    }
    let who = |agency| if agency == people.own { "You" } else { "They" };
    for p in proposals {
        let words = format!("{} proposed: {}.", who(p.agency), p.resolution);
        add(p.at, "proposed", Some((p.agency, p.member)), words);
    }
    for h in holds {
        let ends = h.until.in_words();
        let words = format!("{} asked that neither side starts new contact until {ends}.", who(h.agency));
        add(h.at, "hold", Some((h.agency, h.member)), words);
        match h.lifted_at {
            Some(at) => add(at, "hold-lifted", None, "Both supervisors lifted the hold.".to_owned()),
            None if h.until < now => add(h.until, "hold-ended", None, "The hold ended by itself.".to_owned()),
            None => {}
        }
    }
    if let (Some(at), Some(resolution)) = (side.resolved, side.resolution) {
        add(at, "resolved", None, format!("It ended: {resolution}."));
    }
    all.sort_by_key(|(at, _)| *at); // stable: what was done in one moment stays in the order above
    all.into_iter().map(|(_, one)| one).collect()
}
