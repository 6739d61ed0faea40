//! Conflicts: one row a pair of cases, one side row per agency, its matches beside it, all idempotent.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AgencyId, CaseId, ConflictId, EntryId, GatheringId, Level, MatchId, MemberId, Micros, Pair, Resolution, SideState,
    Strength, derived_id,
};
use policy::Action;
use uuid::Uuid;

use crate::db::{Value, binds};
use crate::error::Error;
use crate::store::Store;
use crate::tx::Tx;

/// Two entries that meet, and how each side may see it: open or desk, never silent.
#[derive(Debug, Clone)]
pub struct NewMatch {
    /// My entry.
    pub mine: EntryId,
    /// Theirs.
    pub theirs: EntryId,
    /// Code of the rule family.
    pub family: i64,
    /// Version of the rule.
    pub rule_version: u32,
    /// How sure.
    pub strength: Strength,
    /// What I see of it.
    pub to_mine: Level,
    /// What they see of it.
    pub to_theirs: Level,
    /// The shared identifier: a side gathers by what it may see openly, never by what the desk holds.
    pub gathering: GatheringId,
    /// When a side that sees it openly should have answered.
    pub due: Micros,
}

impl NewMatch {
    /// The same match, seen from the other side.
    #[must_use]
    pub fn turned(self) -> Self {
        Self { mine: self.theirs, theirs: self.mine, to_mine: self.to_theirs, to_theirs: self.to_mine, ..self }
    }
}

/// One side of a conflict to be recorded.
#[derive(Debug, Clone)]
pub struct Party {
    /// Its case.
    pub case: CaseId,
    /// Its agency.
    pub agency: AgencyId,
    /// Who is told: the case's lead.
    pub member: MemberId,
}

/// A conflict to be recorded.
#[derive(Debug, Clone)]
pub struct NewConflict {
    /// My side.
    pub mine: Party,
    /// Theirs.
    pub theirs: Party,
    /// What its strongest match shares with others.
    pub gathering: GatheringId,
    /// When a side that sees only the desk should have called it: one clock whatever the cause.
    pub due: Micros,
    /// What meets.
    pub matches: Vec<NewMatch>,
}

/// What a side may see of a match.
pub type Sees = fn(&NewMatch) -> Level;

impl NewConflict {
    /// Both sides: who, whom they meet, and what of a match they may see.
    pub fn sides(&self) -> [(&Party, &Party, Sees); 2] {
        [(&self.mine, &self.theirs, |m| m.to_mine), (&self.theirs, &self.mine, |m| m.to_theirs)]
    }

    /// Those of its matches that were not there before.
    fn unseen(&self, id: ConflictId, fresh: &BTreeSet<FreshMatch>) -> Vec<&NewMatch> {
        let is = |low_entry: EntryId, high_entry: EntryId, family| {
            fresh.contains(&FreshMatch {
                conflict: id.into(),
                low_entry: low_entry.into(),
                high_entry: high_entry.into(),
                family,
            })
        };
        self.matches.iter().filter(|m| is(m.mine, m.theirs, m.family) || is(m.theirs, m.mine, m.family)).collect()
    }
}

/// The facts of a conflict that policy decides on.
#[derive(Debug, Clone)]
pub struct SideFacts {
    /// The conflict.
    pub conflict: ConflictId,
    /// The reader's case.
    pub case: CaseId,
    /// The case's lead.
    pub member: MemberId,
    /// Open or desk: a desk side knows of no conflict.
    pub sees: Level,
    /// Does the other side see this one openly? Both must for a thread.
    pub seen: Level,
    /// Has anybody of the other side taken note of it, ever?
    pub noted: bool,
    /// Where this side stands.
    pub state: SideState,
    /// The other agency.
    pub other_agency: AgencyId,
    /// The other case.
    pub other_case: CaseId,
    /// The other case's lead.
    pub other_member: MemberId,
    /// For compare-and-set.
    pub version: i64,
}

#[derive(sqlx::FromRow)]
struct Id {
    id: Uuid,
}

/// What recording changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Conflicts that were not there before.
    pub new: BTreeSet<ConflictId>,
    /// Sides of known ones, acknowledged or resolved, that a match woke which they had not seen: the conflict and the
    /// side's case.
    pub woken: BTreeSet<(ConflictId, CaseId)>,
    /// Sides that may see openly a match that was not there before: of a conflict that is new, and of one that they knew
    /// or that only the watch desk knew.
    pub joined: BTreeSet<(ConflictId, CaseId)>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord, sqlx::FromRow)]
struct FreshMatch {
    conflict: Uuid,
    low_entry: Uuid,
    high_entry: Uuid,
    family: i64,
}

#[derive(sqlx::FromRow)]
struct SideRow {
    agency: Uuid,
    conflict: Uuid,
    case_id: Uuid,
    member: Uuid,
    other_agency: Uuid,
    other_case: Uuid,
    sees: i64,
    state: i64,
    seen_us: Option<i64>,
    row_version: i64,
}

impl Store {
    /// The sides of a conflict that this agency has; empty when it has none. Never content.
    pub async fn side_facts(&self, agency: AgencyId, conflict: ConflictId) -> Result<Vec<SideFacts>, Error> {
        let mut conn = self.reading().await?;
        let rows: Vec<SideRow> = conn
            .rows(
                "SELECT agency, conflict, case_id, member, other_agency, other_case, sees, state, seen_us, row_version FROM conflict_side WHERE conflict = $1 ORDER BY case_id",
                binds![conflict],
            )
            .await?;
        conn.commit().await?;
        let level = |code| Level::from_code(code).ok_or(Error::Inconsistent { table: "conflict_side", column: "sees" });
        let mut out = Vec::new();
        for r in rows.iter().filter(|r| AgencyId::from(r.agency) == agency) {
            let Some(other) = rows.iter().find(|o| o.case_id == r.other_case) else { continue };
            out.push(SideFacts {
                conflict: r.conflict.into(),
                case: r.case_id.into(),
                member: r.member.into(),
                sees: level(r.sees)?,
                seen: level(other.sees)?,
                noted: other.seen_us.is_some(),
                state: SideState::from_code(r.state)
                    .ok_or(Error::Inconsistent { table: "conflict_side", column: "state" })?,
                other_agency: r.other_agency.into(),
                other_case: r.other_case.into(),
                other_member: other.member.into(),
                version: r.row_version,
            });
        }
        Ok(out)
    }
}

impl Tx {
    /// Records what matched; returns the conflicts that are new, and the known ones that an unseen match wakes. Both sides of a race may call this with the same pairs:
    /// ids are derived, rows are inserted in key order, and only the first to insert a pair gets it back.
    pub async fn record(&mut self, found: &[NewConflict]) -> Result<Recorded, Error> {
        self.needs(&[Action::Look, Action::Sweep, Action::SecondLook])?;
        let now = self.now();
        let mut all: BTreeMap<ConflictId, (Pair, &NewConflict)> = BTreeMap::new();
        for c in found.iter().filter(|c| !c.matches.is_empty()) {
            if let Some(pair) = Pair::new(c.mine.case, c.theirs.case) {
                all.insert(pair.conflict(), (pair, c));
            }
        }
        let none = Option::<i64>::None;
        let rows =
            all.iter().map(|(id, (p, c))| binds![*id, p.low(), p.high(), c.gathering, now, none, none, 1]).collect();
        let new: Vec<Id> = self
            .conn().await?
            .insert_returning(
                "INSERT INTO conflict (id, low_case, high_case, gathering, at_us, resolution, resolved_us, row_version)",
                "ON CONFLICT (id) DO NOTHING RETURNING id",
                rows,
            )
            .await?;
        let mut matches: Vec<((ConflictId, MatchId), Vec<Value>)> = Vec::new();
        for (id, (pair, c)) in &all {
            for m in &c.matches {
                let mine_is_low = c.mine.case == pair.low();
                let (low, high) = if mine_is_low { (m.mine, m.theirs) } else { (m.theirs, m.mine) };
                let (to_low, to_high) = if mine_is_low { (m.to_mine, m.to_theirs) } else { (m.to_theirs, m.to_mine) };
                let match_id =
                    MatchId::from(derived_id("match", &[low.as_bytes(), high.as_bytes(), &m.family.to_be_bytes()]));
                matches.push((
                    (*id, match_id),
                    binds![
                        *id,
                        match_id,
                        low,
                        high,
                        m.family,
                        i64::from(m.rule_version),
                        m.strength.code(),
                        to_low.code(),
                        to_high.code(),
                        now
                    ],
                ));
            }
        }
        matches.sort_by_key(|(key, _)| *key); // of two that are one, the first stands
        matches.dedup_by_key(|(key, _)| *key);
        let fresh: Vec<FreshMatch> = self
            .conn().await?
            .insert_returning(
                "INSERT INTO conflict_match (conflict, id, low_entry, high_entry, family, rule_version, strength, to_low, to_high, at_us)",
                "ON CONFLICT (conflict, id) DO NOTHING RETURNING conflict, low_entry, high_entry, family",
                matches.into_iter().map(|(_, row)| row).collect(),
            )
            .await?;
        let mut sides: Vec<((AgencyId, ConflictId, CaseId), Vec<Value>)> = Vec::new();
        for (id, (_, c)) in &all {
            for (me, you, to) in c.sides() {
                let sees = c.matches.iter().map(to).min().unwrap_or(Level::Desk);
                // A side's strength is that of what it may see.
                let strength =
                    c.matches.iter().filter(|m| to(m) == sees).map(|m| m.strength).max().unwrap_or(Strength::Possible);
                // What a side may see openly names its gathering and its clock; behind the desk all causes are alike.
                let open = || c.matches.iter().filter(|m| to(m) == Level::Open);
                let gathering = open().map(|m| m.gathering).min().unwrap_or_else(|| Uuid::from(*id).into());
                let due = open().map(|m| m.due).min().unwrap_or(c.due);
                sides.push((
                    (me.agency, *id, me.case),
                    binds![
                        me.agency,
                        *id,
                        me.case,
                        me.member,
                        you.agency,
                        you.case,
                        sees.code(),
                        SideState::Notified.code(),
                        strength.code(),
                        gathering,
                        now,
                        due,
                        Option::<MemberId>::None,
                        Option::<Micros>::None,
                        1
                    ],
                ));
            }
        }
        sides.sort_unstable_by_key(|(key, _)| *key);
        self.conn().await?
            .insert(
                "INSERT INTO conflict_side (agency, conflict, case_id, member, other_agency, other_case, sees, state, strength, gathering, at_us, due_us, seen_by, seen_us, row_version)",
                "ON CONFLICT (agency, conflict, case_id) DO UPDATE SET sees = CASE WHEN excluded.sees < conflict_side.sees THEN excluded.sees ELSE conflict_side.sees END, \
                 strength = CASE WHEN excluded.sees < conflict_side.sees OR (excluded.sees = conflict_side.sees AND excluded.strength > conflict_side.strength) THEN excluded.strength ELSE conflict_side.strength END, \
                 gathering = CASE WHEN excluded.sees < conflict_side.sees THEN excluded.gathering ELSE conflict_side.gathering END, \
                 due_us = CASE WHEN excluded.sees < conflict_side.sees THEN excluded.due_us ELSE conflict_side.due_us END, \
                 row_version = conflict_side.row_version + 1 \
                 WHERE excluded.sees < conflict_side.sees OR (excluded.sees = conflict_side.sees AND excluded.strength > conflict_side.strength)",
                sides.into_iter().map(|(_, row)| row).collect(),
            )
            .await?;
        let new: BTreeSet<ConflictId> = new.into_iter().map(|n| n.id.into()).collect();
        let fresh = fresh.into_iter().collect();
        let mut recorded = Recorded { new, ..Recorded::default() };
        self.wake(&all, &fresh, &mut recorded).await?;
        Ok(recorded)
    }

    /// A match nobody has seen is told to each side that may see it openly. It wakes such a side of a conflict that was
    /// known: it stands at notified again, and what was agreed holds for it no longer. A side that may not see it keeps all
    /// it had, what was agreed and proposed too: anything less would tell it of the match. Only where both may see one,
    /// nothing of that is left.
    async fn wake(
        &mut self,
        all: &BTreeMap<ConflictId, (Pair, &NewConflict)>,
        fresh: &BTreeSet<FreshMatch>,
        recorded: &mut Recorded,
    ) -> Result<(), Error> {
        for (id, (_, c)) in all {
            let unseen = c.unseen(*id, fresh);
            let mut see = 0;
            for (me, _, to) in c.sides() {
                let Some(due) = unseen.iter().filter(|m| to(m) == Level::Open).map(|m| m.due).min() else { continue };
                recorded.joined.insert((*id, me.case));
                if recorded.new.contains(id) {
                    continue;
                }
                see += 1;
                let changed = self
                    .conn().await?
                    .exec(
                        "UPDATE conflict_side SET state = $1, due_us = $2, row_version = row_version + 1 WHERE agency = $3 AND conflict = $4 AND case_id = $5 AND state > $6",
                        binds![SideState::Notified.code(), due, me.agency, *id, me.case, SideState::Notified.code()],
                    )
                    .await?;
                if changed > 0 {
                    recorded.woken.insert((*id, me.case));
                }
            }
            if see == 2 {
                self.conn().await?
                    .exec(
                        "UPDATE conflict SET resolution = NULL, resolved_us = NULL, row_version = row_version + 1 WHERE id = $1 AND resolution IS NOT NULL",
                        binds![*id],
                    )
                    .await?;
                // What was proposed before was proposed of less: it must not be accepted of more.
                self.conn().await?.exec("DELETE FROM proposal WHERE conflict = $1", binds![*id]).await?;
            }
        }
        Ok(())
    }

    /// Moves one's own side to a later state (compare-and-set); an earlier or equal one changes nothing.
    pub async fn advance(&mut self, side: &SideFacts, to: SideState) -> Result<bool, Error> {
        self.needs(&[Action::Acknowledge, Action::Message, Action::Propose, Action::Accept])?;
        if to.code() <= side.state.code() {
            return Ok(false);
        }
        let (agency, member, now) = (self.agency(), self.member(), self.now());
        let changed = self
            .conn().await?
            .exec(
                "UPDATE conflict_side SET state = $1, seen_by = COALESCE(seen_by, $2), seen_us = COALESCE(seen_us, $3), row_version = $4 WHERE agency = $5 AND conflict = $6 AND case_id = $7 AND row_version = $8",
                binds![to.code(), member, now, side.version + 1, agency, side.conflict, side.case, side.version],
            )
            .await?;
        if changed == 1 { Ok(true) } else { Err(Error::Changed) }
    }

    /// Nothing is left of it, or it has one side only: the conflict ends, on both.
    pub async fn resolve(&mut self, conflict: ConflictId, resolution: Resolution) -> Result<(), Error> {
        self.needs(&[Action::Withdraw, Action::Correct, Action::CloseCase, Action::AcceptTransfer])?;
        let now = self.now();
        let conn = self.conn().await?;
        conn.exec(
            "UPDATE conflict SET resolution = $1, resolved_us = $2, row_version = row_version + 1 WHERE id = $3 AND resolution IS NULL",
            binds![resolution.code(), now, conflict],
        )
        .await?;
        conn.exec(
            "UPDATE conflict_side SET state = $1, row_version = row_version + 1 WHERE conflict = $2 AND state < $3",
            binds![SideState::Resolved.code(), conflict, SideState::Resolved.code()],
        )
        .await?;
        Ok(())
    }

    /// The matches of these entries go; returns the conflicts that lost some, with what the other side saw of them.
    pub async fn end_matches(
        &mut self,
        case: CaseId,
        agency: AgencyId,
        entries: &[EntryId],
    ) -> Result<Vec<Ended>, Error> {
        #[derive(sqlx::FromRow)]
        struct Match {
            id: Uuid,
            low_entry: Uuid,
            high_entry: Uuid,
            to_low: i64,
            to_high: i64,
        }
        self.needs(&[Action::Withdraw, Action::Correct, Action::CloseCase])?;
        self.own_case_in_scope(agency, case).await?;
        let sides: Vec<SideRow> = self
            .conn().await?
            .rows(
                "SELECT agency, conflict, case_id, member, other_agency, other_case, sees, state, seen_us, row_version FROM conflict_side WHERE agency = $1 AND case_id = $2 ORDER BY conflict",
                binds![agency, case],
            )
            .await?;
        let gone: BTreeSet<Uuid> = entries.iter().map(|e| (*e).into()).collect();
        let mut out = Vec::new();
        for side in sides {
            let conflict = ConflictId::from(side.conflict);
            let matches: Vec<Match> = self
                .conn().await?
                .rows(
                    "SELECT id, low_entry, high_entry, to_low, to_high FROM conflict_match WHERE conflict = $1 ORDER BY id",
                    binds![conflict],
                )
                .await?;
            let (ended, left): (Vec<_>, Vec<_>) =
                matches.iter().partition(|m| gone.contains(&m.low_entry) || gone.contains(&m.high_entry));
            for m in &ended {
                self.conn()
                    .await?
                    .exec("DELETE FROM conflict_match WHERE conflict = $1 AND id = $2", binds![conflict, m.id])
                    .await?;
            }
            if !ended.is_empty() {
                let other: Vec<SideRow> = self
                    .conn().await?
                    .rows(
                        "SELECT agency, conflict, case_id, member, other_agency, other_case, sees, state, seen_us, row_version FROM conflict_side WHERE agency = $1 AND conflict = $2 AND case_id = $3",
                        binds![side.other_agency, conflict, side.other_case],
                    )
                    .await?;
                let theirs =
                    other.first().ok_or(Error::Inconsistent { table: "conflict_side", column: "other_case" })?;
                let level =
                    |code| Level::from_code(code).ok_or(Error::Inconsistent { table: "conflict_match", column: "to" });
                let sees = level(theirs.sees)?;
                let mut saw: BTreeMap<EntryId, Level> = BTreeMap::new();
                for m in &ended {
                    let (entry, to) =
                        if gone.contains(&m.low_entry) { (m.high_entry, m.to_high) } else { (m.low_entry, m.to_low) };
                    // A side behind the desk sees nothing openly; of two matches of one entry the more open was told.
                    let to = level(to)?.max(sees);
                    saw.entry(entry.into()).and_modify(|known| *known = to.min(*known)).or_insert(to);
                }
                out.push(Ended {
                    conflict,
                    saw: saw.into_iter().collect(),
                    none_left: left.is_empty(),
                    told: Party {
                        case: theirs.case_id.into(),
                        agency: theirs.agency.into(),
                        member: theirs.member.into(),
                    },
                });
            }
        }
        Ok(out)
    }
}

/// A conflict that lost matches.
pub struct Ended {
    /// Which.
    pub conflict: ConflictId,
    /// Nothing meets any more.
    pub none_left: bool,
    /// The told side's own entries that met what ended, and whether it saw that openly or behind the desk.
    pub saw: Vec<(EntryId, Level)>,
    /// The other side, who must be told that what they were told was withdrawn.
    pub told: Party,
}
