//! What waits for an officer: the sides of conflicts, each with the matches this side may see.

use std::collections::BTreeSet;

use model::{CaseId, ConflictId, EntryId, GatheringId, Level, MemberId, Micros, Resolution, Role, SideState, Strength};
use policy::{Action, Scope};
use uuid::Uuid;

use crate::db::binds;
use crate::error::Error;
use crate::tx::Tx;

/// One side of a conflict as its own agency reads it.
#[derive(Debug, Clone)]
pub struct Side {
    /// The conflict.
    pub conflict: ConflictId,
    /// One's own case.
    pub case: CaseId,
    /// Who leads it.
    pub member: MemberId,
    /// The other case: for disclosure, never shown.
    pub other_case: CaseId,
    /// Open, or desk: then only "call the watch desk" is said.
    pub sees: Level,
    /// Where this side stands.
    pub state: SideState,
    /// How sure the best rule is that this side may see.
    pub strength: Strength,
    /// What it shares with others.
    pub gathering: GatheringId,
    /// When it came about.
    pub at: Micros,
    /// When it should have been answered.
    pub due: Micros,
    /// Who of this side first took note of it, and when.
    pub seen: Option<(MemberId, Micros)>,
    /// How it ended.
    pub resolution: Option<Resolution>,
    /// When it ended.
    pub resolved: Option<Micros>,
    /// What meets, as far as this side may see it.
    pub matches: Vec<SideMatch>,
}

/// One match as one side reads it.
#[derive(Debug, Clone, Copy)]
pub struct SideMatch {
    /// One's own entry.
    pub mine: EntryId,
    /// Theirs: for disclosure, never shown.
    pub theirs: EntryId,
    /// Code of the rule family.
    pub family: i64,
    /// How sure.
    pub strength: Strength,
    /// What this side sees of it.
    pub sees: Level,
    /// What the other side was told of it.
    pub told: Level,
}

/// Which sides a queue holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queue {
    /// Only those that stand here; `None`: all that are not resolved.
    pub state: Option<SideState>,
    /// Only those that nobody took note of before they were due.
    pub overdue: bool,
    /// Only those of cases the reader leads.
    pub mine: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    conflict: Uuid,
    case_id: Uuid,
    member: Uuid,
    other_case: Uuid,
    sees: i64,
    state: i64,
    strength: i64,
    gathering: Uuid,
    at_us: i64,
    due_us: i64,
    seen_by: Option<Uuid>,
    seen_us: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct PairRow {
    id: Uuid,
    low_case: Uuid,
    resolution: Option<i64>,
    resolved_us: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct MatchRow {
    conflict: Uuid,
    low_entry: Uuid,
    high_entry: Uuid,
    family: i64,
    strength: i64,
    to_low: i64,
    to_high: i64,
}

impl Tx {
    /// The agency's sides that are not resolved: a member's own, or all of them for a supervisor or analyst. The oldest due first.
    pub async fn sides(&mut self) -> Result<Vec<Side>, Error> {
        self.needs(&[Action::Inbox])?;
        let rows = self.side_rows().await?;
        self.with_matches(rows).await
    }

    /// One's unresolved sides that share a gathering with one of these conflicts, whether that one is resolved or not; each
    /// with the conflict it shares one with.
    pub async fn sides_about(&mut self, conflicts: &[ConflictId]) -> Result<Vec<(ConflictId, Side)>, Error> {
        #[derive(sqlx::FromRow)]
        struct Place {
            conflict: Uuid,
            case_id: Uuid,
            gathering: Uuid,
        }
        self.needs(&[Action::Inbox])?;
        let agency = self.agency();
        let keys = conflicts.iter().collect::<BTreeSet<_>>().into_iter().map(|c| binds![agency, *c]).collect();
        let asked: Vec<Place> = self
            .conn()
            .await?
            .join(
                "SELECT t.conflict, t.case_id, t.gathering FROM q CROSS JOIN conflict_side t WHERE t.agency = q.a AND t.conflict = q.b",
                keys,
            )
            .await?;
        let with = |(gathering, case): (Uuid, Uuid)| {
            asked.iter().filter(move |p| (p.gathering, p.case_id) == (gathering, case)).map(|p| p.conflict.into())
        };
        let mut rows = self.side_rows().await?;
        rows.retain(|r| with((r.gathering, r.case_id)).next().is_some());
        let sides = self.with_matches(rows).await?;
        Ok(sides
            .into_iter()
            .flat_map(|s| with((s.gathering.into(), s.case.into())).map(move |c| (c, s.clone())))
            .collect())
    }

    async fn side_rows(&mut self) -> Result<Vec<Row>, Error> {
        let (agency, member) = (self.agency(), self.member());
        let roles = self.principal().roles;
        let all = roles.has(Role::Supervisor) || roles.has(Role::Analyst);
        if all {
            self.conn().await?
                .rows(
                    "SELECT conflict, case_id, member, other_case, sees, state, strength, gathering, at_us, due_us, seen_by, seen_us FROM conflict_side
                     WHERE agency = $1 AND state < $2 ORDER BY due_us, conflict",
                    binds![agency, SideState::Resolved.code()],
                )
                .await
        } else {
            self.conn().await?
                .rows(
                    "SELECT conflict, case_id, member, other_case, sees, state, strength, gathering, at_us, due_us, seen_by, seen_us FROM conflict_side
                     WHERE agency = $1 AND state < $2 AND member = $3 ORDER BY due_us, conflict",
                    binds![agency, SideState::Resolved.code(), member],
                )
                .await
        }
    }

    /// One conflict as the reader's agency sees it: one side, or two when both cases are its own.
    pub async fn sides_of(&mut self, conflict: ConflictId) -> Result<Vec<Side>, Error> {
        self.needs(&[
            Action::ShowConflict,
            Action::Acknowledge,
            Action::Message,
            Action::Propose,
            Action::Accept,
            Action::Reopen,
            Action::Export,
        ])?;
        let agency = match self.scope() {
            Scope::Sides { agency } | Scope::OwnAgency(agency) => *agency,
            _ => return Err(Error::NotFound("conflict")),
        };
        let rows: Vec<Row> = self
            .conn().await?
            .rows(
                "SELECT conflict, case_id, member, other_case, sees, state, strength, gathering, at_us, due_us, seen_by, seen_us FROM conflict_side
                 WHERE agency = $1 AND conflict = $2 ORDER BY case_id",
                binds![agency, conflict],
            )
            .await?;
        self.with_matches(rows).await
    }

    /// A page of the agency's sides that it sees openly, the first due first: a member's own, or all of them for a
    /// supervisor or analyst. The next page begins after the last one's due time, conflict and case.
    pub async fn side_page(
        &mut self,
        of: Queue,
        after: Option<(Micros, ConflictId, CaseId)>,
        most: i64,
    ) -> Result<Vec<Side>, Error> {
        self.needs(&[Action::Inbox])?;
        let (agency, member, now) = (self.agency(), self.member(), self.now());
        let roles = self.principal().roles;
        let all = !of.mine && (roles.has(Role::Supervisor) || roles.has(Role::Analyst));
        let (low, high) = of.state.map_or((SideState::Notified, SideState::Coordinating), |s| (s, s));
        let high = if of.overdue { high.min(SideState::Notified) } else { high };
        let before = if of.overdue { now } else { Micros(i64::MAX) };
        let (due, conflict, case) = after.unwrap_or((Micros(i64::MIN), Uuid::nil().into(), Uuid::nil().into()));
        // Which of two partial indexes serves it stands in the text: a parameter would serve neither.
        let select = if of.state == Some(SideState::Resolved) {
            "SELECT conflict, case_id, member, other_case, sees, state, strength, gathering, at_us, due_us, seen_by, seen_us FROM conflict_side
             WHERE agency = $1 AND state = 4 AND state >= $2 AND state <= $3 AND sees = $4 AND (member = $5 OR $6) AND due_us < $7
             AND (due_us, conflict, case_id) > ($8, $9, $10) ORDER BY due_us, conflict, case_id LIMIT $11"
        } else {
            "SELECT conflict, case_id, member, other_case, sees, state, strength, gathering, at_us, due_us, seen_by, seen_us FROM conflict_side
             WHERE agency = $1 AND state < 4 AND state >= $2 AND state <= $3 AND sees = $4 AND (member = $5 OR $6) AND due_us < $7
             AND (due_us, conflict, case_id) > ($8, $9, $10) ORDER BY due_us, conflict, case_id LIMIT $11"
        };
        let binds =
            binds![agency, low.code(), high.code(), Level::Open.code(), member, all, before, due, conflict, case, most];
        let rows: Vec<Row> = self.conn().await?.rows(select, binds).await?;
        self.with_matches(rows).await
    }

    /// The sides of one's own case that it sees openly, the oldest first: of one behind the desk it knows nothing.
    pub async fn open_sides_in(&mut self, case: CaseId) -> Result<Vec<Side>, Error> {
        self.needs(&[Action::ViewCase])?;
        let agency = self.agency();
        let rows: Vec<Row> = self
            .conn().await?
            .rows(
                "SELECT conflict, case_id, member, other_case, sees, state, strength, gathering, at_us, due_us, seen_by, seen_us FROM conflict_side
                 WHERE agency = $1 AND case_id = $2 AND sees = $3 ORDER BY at_us, conflict",
                binds![agency, case, Level::Open.code()],
            )
            .await?;
        self.with_matches(rows).await
    }

    async fn with_matches(&mut self, rows: Vec<Row>) -> Result<Vec<Side>, Error> {
        let keys: Vec<_> = super::agencies::distinct(&rows.iter().map(|r| r.conflict).collect::<Vec<_>>())
            .into_iter()
            .map(|id| binds![id])
            .collect();
        // By itself, for a conflict may have ended with its last match.
        let pairs: Vec<PairRow> = self
            .conn()
            .await?
            .join(
                "SELECT c.id, c.low_case, c.resolution, c.resolved_us FROM q CROSS JOIN conflict c WHERE c.id = q.a",
                keys.clone(),
            )
            .await?;
        let matches: Vec<MatchRow> = self
            .conn()
            .await?
            .join(
                "SELECT m.conflict, m.low_entry, m.high_entry, m.family, m.strength, m.to_low, m.to_high
                 FROM q CROSS JOIN conflict_match m WHERE m.conflict = q.a",
                keys,
            )
            .await?;
        let mut out = Vec::with_capacity(rows.len());
        for r in rows {
            let pair = pairs.iter().find(|p| p.id == r.conflict).ok_or(wrong("conflict"))?;
            let low = pair.low_case == r.case_id;
            // A side that was woken since reads nothing of how it ended for the other one.
            let ended = r.state == SideState::Resolved.code();
            let mut side = Side {
                conflict: r.conflict.into(),
                case: r.case_id.into(),
                member: r.member.into(),
                other_case: r.other_case.into(),
                sees: Level::from_code(r.sees).ok_or(wrong("sees"))?,
                state: SideState::from_code(r.state).ok_or(wrong("state"))?,
                strength: Strength::from_code(r.strength).ok_or(wrong("strength"))?,
                gathering: r.gathering.into(),
                at: Micros(r.at_us),
                due: Micros(r.due_us),
                seen: r.seen_by.zip(r.seen_us).map(|(who, at)| (who.into(), Micros(at))),
                resolved: pair.resolved_us.filter(|_| ended).map(Micros),
                resolution: pair
                    .resolution
                    .filter(|_| ended)
                    .map(|code| {
                        Resolution::from_code(code)
                            .ok_or(Error::Inconsistent { table: "conflict", column: "resolution" })
                    })
                    .transpose()?,
                matches: Vec::new(),
            };
            for m in matches.iter().filter(|m| m.conflict == r.conflict) {
                side.matches.push(SideMatch {
                    mine: if low { m.low_entry } else { m.high_entry }.into(),
                    theirs: if low { m.high_entry } else { m.low_entry }.into(),
                    family: m.family,
                    strength: Strength::from_code(m.strength).ok_or(wrong("strength"))?,
                    sees: Level::from_code(if low { m.to_low } else { m.to_high }).ok_or(wrong("to"))?,
                    told: Level::from_code(if low { m.to_high } else { m.to_low }).ok_or(wrong("to"))?,
                });
            }
            side.matches.sort_by_key(|m| (std::cmp::Reverse(m.strength), m.mine));
            out.push(side);
        }
        Ok(out)
    }
}

fn wrong(column: &'static str) -> Error {
    Error::Inconsistent { table: "conflict_side", column }
}
