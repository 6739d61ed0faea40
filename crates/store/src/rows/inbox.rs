//! What waits for an officer: the sides of conflicts, each with the matches this side may see.

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
    /// How it ended.
    pub resolution: Option<Resolution>,
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
}

#[derive(sqlx::FromRow)]
struct PairRow {
    id: Uuid,
    low_case: Uuid,
    resolution: Option<i64>,
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
        let (agency, member) = (self.agency(), self.member());
        let roles = self.principal().roles;
        let all = roles.has(Role::Supervisor) || roles.has(Role::Analyst);
        let rows: Vec<Row> = if all {
            self.conn()?
                .rows(
                    "SELECT conflict, case_id, member, other_case, sees, state, strength, gathering, at_us, due_us FROM conflict_side
                     WHERE agency = $1 AND state < $2 ORDER BY due_us, conflict",
                    binds![agency, SideState::Resolved.code()],
                )
                .await?
        } else {
            self.conn()?
                .rows(
                    "SELECT conflict, case_id, member, other_case, sees, state, strength, gathering, at_us, due_us FROM conflict_side
                     WHERE agency = $1 AND state < $2 AND member = $3 ORDER BY due_us, conflict",
                    binds![agency, SideState::Resolved.code(), member],
                )
                .await?
        };
        self.with_matches(rows).await
    }

    /// One conflict as the reader's agency sees it: one side, or two when both cases are its own.
    pub async fn sides_of(&mut self, conflict: ConflictId) -> Result<Vec<Side>, Error> {
        self.needs(&[
            Action::ShowConflict,
            Action::Acknowledge,
            Action::Message,
            Action::Propose,
            Action::Accept,
            Action::Export,
        ])?;
        let agency = match self.scope() {
            Scope::Sides { agency } | Scope::OwnAgency(agency) => *agency,
            _ => return Err(Error::NotFound("conflict")),
        };
        let rows: Vec<Row> = self
            .conn()?
            .rows(
                "SELECT conflict, case_id, member, other_case, sees, state, strength, gathering, at_us, due_us FROM conflict_side
                 WHERE agency = $1 AND conflict = $2 ORDER BY case_id",
                binds![agency, conflict],
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
            .conn()?
            .join(
                "SELECT c.id, c.low_case, c.resolution FROM q CROSS JOIN conflict c WHERE c.id = q.a",
                keys.clone(),
                binds![Uuid::nil()],
            )
            .await?;
        let matches: Vec<MatchRow> = self
            .conn()?
            .join(
                "SELECT m.conflict, m.low_entry, m.high_entry, m.family, m.strength, m.to_low, m.to_high
                 FROM q CROSS JOIN conflict_match m WHERE m.conflict = q.a",
                keys,
                binds![Uuid::nil()],
            )
            .await?;
        let mut out = Vec::with_capacity(rows.len());
        for r in rows {
            let pair = pairs.iter().find(|p| p.id == r.conflict).ok_or(wrong("conflict"))?;
            let low = pair.low_case == r.case_id;
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
                resolution: pair
                    .resolution
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
