//! What a look found, recorded for both sides and told to whom it concerns.

use std::collections::{BTreeMap, BTreeSet};

use model::{AgencyId, ConflictId, EntryId, GatheringId, Level, Micros, Pair, Strength, derived_id};
use policy::disclosure::{self, Other, Shown};
use policy::{Grant, Sealed};
use store::{
    Ask, Handed, How, Matter, NewConflict, NewMatch, NewNotice, NewSilentHit, Party, Recorded, Stage, Tx,
    desk_recipient,
};
use uuid::Uuid;

use crate::desk::Desk;
use crate::error::Error;
use crate::verbs::detail::{Asked, Detail};
use crate::verbs::look::{Looking, Meeting};
use crate::verbs::tell;

/// What one of several submissions met.
pub(crate) struct Met<'a> {
    pub grant: &'a Grant,
    pub looking: &'a Looking<'a>,
    pub detail: &'a Detail,
    pub meetings: &'a [Meeting<'a>],
    pub over: &'a [&'a Asked],
}

/// What all of them met, as it is recorded.
#[derive(Default)]
struct Finds<'a> {
    /// As each submission met them: two cases of one batch find each other twice, once from each side.
    conflicts: Vec<NewConflict>,
    /// By the policies that allowed it.
    handed: BTreeMap<&'a str, Vec<Handed>>,
    silent: Vec<NewSilentHit>,
    notices: Vec<NewNotice>,
}

impl Desk {
    /// Records what several submissions met, and tells whom it concerns.
    pub(crate) async fn record(&self, tx: &mut Tx, all: &[Met<'_>]) -> Result<Recorded, Error> {
        let now = self.store.clock().now();
        let wanted: Vec<_> = all
            .iter()
            .filter_map(|met| Some((met.looking.pending.case?, met.meetings)))
            .flat_map(|(case, meetings)| meetings.iter().map(move |m| (case, m)))
            .filter(|(_, m)| m.mine.level != Level::Silent)
            .map(|(case, m)| (case, m.mine.entry))
            .collect();
        let own: BTreeMap<EntryId, Sealed<Other>> =
            tx.others(&wanted).await?.into_iter().map(|(_, e, o)| (e, o)).collect();
        let mut finds = Finds::default();
        for met in all {
            let mut handed: Vec<Handed> = met.meetings.iter().filter_map(|m| hand(met.looking, m)).collect();
            let Some(case) = met.looking.pending.case else {
                tell::owners_of_a_question(tx, met.looking, met.detail, met.meetings).await?;
                finds.handed.entry(met.grant.policies()).or_default().append(&mut handed);
                continue;
            };
            let me = Party { case, agency: met.looking.pending.agency, member: met.looking.lead };
            let mut conflicts = BTreeMap::new();
            for m in met.meetings {
                if m.mine.level == Level::Silent {
                    finds.silent.extend(silent_hit(met.looking, &me, m));
                } else {
                    handed.extend(self.find(&mut conflicts, &me, m, &own, now));
                }
            }
            finds.conflicts.extend(conflicts.into_values());
            finds.handed.entry(met.grant.policies()).or_default().append(&mut handed);
            let due = self.clocks.due(Strength::Possible, now);
            finds.notices.extend(met.over.iter().map(|a| tell::call_the_desk(&me, a.entry, due)));
        }
        let recorded = tx.record(&merged(&finds.conflicts)).await?;
        for (policies, handed) in &finds.handed {
            tx.disseminate(handed, policies).await?;
        }
        let (mut notices, mut anew) = (finds.notices, Vec::new());
        for c in &finds.conflicts {
            let conflict = Pair::new(c.mine.case, c.theirs.case).map(|p| p.conflict());
            // Whoever has dealt with a gathering is told again when more joins it; behind the desk all causes are alike.
            let joined = |told: &NewNotice| {
                let side = conflict.zip(told.case);
                told.matter == Matter::Conflict && side.is_some_and(|side| recorded.joined.contains(&side))
            };
            let (new, known): (Vec<_>, Vec<_>) = tell::both_sides(c, &recorded).into_iter().partition(joined);
            anew.extend(new);
            notices.extend(known);
        }
        if !finds.silent.is_empty() {
            tx.record_silent(&finds.silent).await?;
            notices.extend(finds.silent.iter().map(tell::desk_of_silent));
        }
        tx.notify_anew(anew, notices).await?;
        Ok(recorded)
    }

    /// One meeting, as it goes into the records of both sides; what of mine is handed to theirs.
    fn find(
        &self,
        conflicts: &mut BTreeMap<ConflictId, NewConflict>,
        me: &Party,
        m: &Meeting<'_>,
        own: &BTreeMap<EntryId, Sealed<Other>>,
        now: Micros,
    ) -> Option<Handed> {
        let (pair, mine) = (Pair::new(me.case, m.hit.case)?, own.get(&m.mine.entry)?);
        let to_mine = level_of(&m.to_mine)?;
        // A reader who may see nothing now (suspended) has a side all the same: the desk's.
        let to_theirs = level_of(&disclosure::show(&m.hit.reader, mine)).unwrap_or(Level::Desk);
        let conflict = conflicts.entry(pair.conflict()).or_insert_with(|| NewConflict {
            mine: me.clone(),
            theirs: Party { case: m.hit.case, agency: m.hit.agency, member: m.hit.lead },
            gathering: GatheringId::from(Uuid::max()),
            due: self.clocks.due(Strength::Possible, now),
            matches: Vec::new(),
        });
        // Conflicts that share an identifier gather under it: the smallest strongest shared fingerprint names it.
        conflict.gathering = conflict.gathering.min(gathering(m));
        conflict.matches.push(NewMatch {
            mine: m.mine.entry,
            theirs: m.hit.entry,
            family: m.verdict.family.code(),
            rule_version: m.verdict.version,
            strength: m.verdict.strength,
            to_mine,
            to_theirs,
            gathering: gathering(m),
            due: self.clocks.due(m.verdict.strength, now),
        });
        Some(Handed {
            owner: me.agency,
            case: me.case,
            entry: m.mine.entry,
            to: m.hit.agency,
            member: m.hit.lead,
            how: if to_theirs == Level::Open { How::Notice } else { How::Desk },
            reason: pair.conflict().into(),
        })
    }

    pub(crate) async fn tell_over_cap(&self, tx: &mut Tx, over: &BTreeSet<Ask>) -> Result<(), Error> {
        let now = self.store.clock().now();
        let notices = over
            .iter()
            .map(|ask| NewNotice {
                recipient: desk_recipient(),
                agency: AgencyId::from(Uuid::nil()),
                matter: Matter::OverCap,
                about: ask.token.0.to_vec(),
                conflict: None,
                case: None,
                entry: None,
                other_case: None,
                due: now,
                words: Some(format!("A value is held by more than {} cases: either noise to be listed or a man whom everybody hunts.", self.lists.cap()).into_bytes()),
            })
            .collect();
        tx.notify(notices).await?;
        Ok(())
    }

    pub(crate) async fn tell_alarm(&self, tx: &mut Tx, new: &BTreeSet<ConflictId>) -> Result<(), Error> {
        let now = self.store.clock().now();
        let notices = new
            .iter()
            .map(|conflict| NewNotice {
                recipient: desk_recipient(),
                agency: AgencyId::from(Uuid::nil()),
                matter: Matter::Alarm,
                about: conflict.as_bytes().to_vec(),
                conflict: Some(*conflict),
                case: None,
                entry: None,
                other_case: None,
                due: now,
                words: Some(b"The second look found a conflict that the first had missed.".to_vec()),
            })
            .collect();
        tx.notify(notices).await?;
        Ok(())
    }
}

/// One's own silent entry: oneself is answered, the other side knows nothing and no conflict is made.
fn silent_hit(looking: &Looking<'_>, me: &Party, m: &Meeting<'_>) -> Option<NewSilentHit> {
    (looking.stage != Stage::Second).then(|| NewSilentHit {
        agency: me.agency,
        case: me.case,
        entry: m.mine.entry,
        other_agency: m.hit.agency,
        other_case: Some(m.hit.case),
        submission: looking.pending.id,
        family: m.verdict.family.code(),
        strength: m.verdict.strength,
    })
}

/// Each conflict once, as the first that found it saw it, with every match.
fn merged(each: &[NewConflict]) -> Vec<NewConflict> {
    let mut merged: BTreeMap<ConflictId, NewConflict> = BTreeMap::new();
    for c in each {
        let Some(pair) = Pair::new(c.mine.case, c.theirs.case) else { continue };
        match merged.get_mut(&pair.conflict()) {
            None => drop(merged.insert(pair.conflict(), c.clone())),
            Some(known) => {
                let same = known.mine.case == c.mine.case;
                known.gathering = known.gathering.min(c.gathering);
                known.matches.extend(c.matches.iter().cloned().map(|m| if same { m } else { m.turned() }));
            }
        }
    }
    merged.into_values().collect()
}

/// Open or desk; nothing is no level at all.
fn level_of(shown: &Shown) -> Option<Level> {
    match shown {
        Shown::Open { .. } => Some(Level::Open),
        Shown::Desk => Some(Level::Desk),
        Shown::Nothing => None,
    }
}

/// The shared identifier's id, strong ones first: their ids sort below those of possible ones.
fn gathering(m: &Meeting<'_>) -> GatheringId {
    let rank = match m.verdict.strength {
        Strength::Strong => 0u8,
        Strength::Possible => 1,
    };
    let mut bytes = *derived_id("gathering", &[&m.hit.token.0]).as_bytes();
    if let Some(first) = bytes.first_mut() {
        *first = (*first & 0x7f) | (rank << 7);
    }
    GatheringId::from(Uuid::from_bytes(bytes))
}

/// The record of what was handed to the asker: in the answer, or by the notice of a second look.
fn hand(looking: &Looking<'_>, m: &Meeting<'_>) -> Option<Handed> {
    let how = match m.to_mine {
        Shown::Open { .. } if looking.stage == Stage::Second => How::Notice,
        Shown::Open { .. } => How::Answer,
        Shown::Desk => How::Desk,
        Shown::Nothing => return None,
    };
    Some(Handed {
        owner: m.hit.agency,
        case: m.hit.case,
        entry: m.hit.entry,
        to: looking.pending.agency,
        member: looking.pending.member,
        how,
        reason: looking.pending.id.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_no_level() {
        assert_eq!(level_of(&Shown::Nothing), None);
        assert_eq!(level_of(&Shown::Desk), Some(Level::Desk));
    }
}
