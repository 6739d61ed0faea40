//! What a transfer does to conflicts: those by a persona stay with the remainder, the others are shown to each side as
//! far as it may see them now.

use std::collections::BTreeSet;

use model::{
    AgencyId, CaseId, ConflictId, EntryId, Level, MatchId, Pair, Resolution, SideState, SpaceId, Strength, Token,
    derived_id,
};
use policy::Action;
use uuid::Uuid;

use crate::db::binds;
use crate::error::Error;
use crate::rows::entries::OwnEntry;
use crate::rows::going_along::SideOf;
use crate::rows::handover::{Handover, MovedMatch, MovedSide};
use crate::rows::notices::desk_recipient;
use crate::tx::Tx;

#[derive(sqlx::FromRow)]
struct MatchOf {
    id: Uuid,
    low_entry: Uuid,
    high_entry: Uuid,
    family: i64,
    rule_version: i64,
    strength: i64,
    to_low: i64,
    to_high: i64,
    at_us: i64,
}

/// A match as the case at hand sees it.
struct Facing {
    mine: Uuid,
    theirs: Uuid,
    to_mine: i64,
    to_theirs: i64,
}

impl MatchOf {
    fn facing(&self, low: bool) -> Facing {
        let (mine, theirs) = if low { (self.low_entry, self.high_entry) } else { (self.high_entry, self.low_entry) };
        let (to_mine, to_theirs) = if low { (self.to_low, self.to_high) } else { (self.to_high, self.to_low) };
        Facing { mine, theirs, to_mine, to_theirs }
    }
}

fn pair(a: CaseId, b: CaseId) -> Result<Pair, Error> {
    Pair::new(a, b).ok_or(Error::Inconsistent { table: "conflict_side", column: "other_case" })
}

impl Tx {
    async fn matches_of(&mut self, conflict: ConflictId) -> Result<Vec<MatchOf>, Error> {
        self.conn().await?
            .rows(
                "SELECT id, low_entry, high_entry, family, rule_version, strength, to_low, to_high, at_us FROM conflict_match WHERE conflict = $1 ORDER BY id",
                binds![conflict],
            )
            .await
    }

    /// What of the case goes, opened: the receiver's look asks for it. Called first, it holds the case as it is.
    ///
    /// # Errors
    /// [`Error::Changed`] when the case was closed or went meanwhile.
    pub async fn going(&mut self, h: &Handover<'_>) -> Result<Vec<OwnEntry>, Error> {
        self.needs(&[Action::AcceptTransfer])?;
        self.own(h.of.to)?;
        self.hold_case(h.case.id, h.of.from, h.case.status).await?;
        self.entries_by_hiding(h.of.from, h.case.id, false).await
    }

    /// Its personas, opened: they stay, and so do their postings. Silent ones have theirs apart. Called before it goes.
    pub async fn staying_personas(&mut self, h: &Handover<'_>) -> Result<Vec<OwnEntry>, Error> {
        self.needs(&[Action::AcceptTransfer])?;
        self.own(h.of.to)?;
        self.entries_by_hiding(h.of.from, h.case.id, true).await
    }

    /// Moves what a persona answers by, and what it meets, to the remainder. Returns the new conflicts and the other case
    /// of each, for the desk. Called before the case goes.
    pub async fn part_personas(
        &mut self,
        h: &Handover<'_>,
        personas: &[EntryId],
        tokens: &[(SpaceId, Token, EntryId)],
    ) -> Result<Vec<(ConflictId, CaseId)>, Error> {
        self.needs(&[Action::AcceptTransfer])?;
        self.own(h.of.to)?;
        let mut tokens = tokens.to_vec();
        tokens.sort_unstable_by_key(|(s, t, e)| (t.bucket(), *s, *t, *e)); // key order: see Conn::insert
        for (space, token, entry) in tokens {
            self.conn().await?
                .exec(
                    "UPDATE posting SET case_id = $1 WHERE bucket = $2 AND space = $3 AND token = $4 AND case_id = $5 AND entry = $6",
                    binds![h.remainder, token.bucket(), space, token, h.case.id, entry],
                )
                .await?;
        }
        let personas: BTreeSet<Uuid> = personas.iter().map(|e| (*e).into()).collect();
        let mut out = Vec::new();
        for side in self.sides_of_case(h.of.from, h.case.id).await? {
            let low = pair(h.case.id, side.other_case.into())?.low() == h.case.id;
            let (stay, go): (Vec<_>, Vec<_>) = self
                .matches_of(side.conflict.into())
                .await?
                .into_iter()
                .partition(|m| personas.contains(&m.facing(low).mine));
            if !stay.is_empty() {
                out.push((self.part(h, &side, low, &stay, go.is_empty()).await?, side.other_case.into()));
            }
        }
        Ok(out)
    }

    /// One conflict becomes two; or, when nothing of it goes, another.
    async fn part(
        &mut self,
        h: &Handover<'_>,
        side: &SideOf,
        low: bool,
        stay: &[MatchOf],
        nothing_goes: bool,
    ) -> Result<ConflictId, Error> {
        let other = CaseId::from(side.other_case);
        let pair = pair(h.remainder, other)?;
        let (old, new) = (ConflictId::from(side.conflict), pair.conflict());
        self.conn()
            .await?
            .exec(
                "INSERT INTO conflict (id, low_case, high_case, gathering, at_us, resolution, resolved_us, row_version)
                 SELECT $1, $2, $3, gathering, at_us, resolution, resolved_us, row_version FROM conflict WHERE id = $4",
                binds![new, pair.low(), pair.high(), old],
            )
            .await?;
        for m in stay {
            let f = m.facing(low);
            let mine_is_low = pair.low() == h.remainder;
            let (low_entry, high_entry) = if mine_is_low { (f.mine, f.theirs) } else { (f.theirs, f.mine) };
            let (to_low, to_high) = if mine_is_low { (f.to_mine, f.to_theirs) } else { (f.to_theirs, f.to_mine) };
            let id = derived_id("match", &[low_entry.as_bytes(), high_entry.as_bytes(), &m.family.to_be_bytes()]);
            let conn = self.conn().await?;
            conn.exec("DELETE FROM conflict_match WHERE conflict = $1 AND id = $2", binds![old, m.id]).await?;
            conn.exec(
                "INSERT INTO conflict_match (conflict, id, low_entry, high_entry, family, rule_version, strength, to_low, to_high, at_us)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                binds![new, id, low_entry, high_entry, m.family, m.rule_version, m.strength, to_low, to_high, m.at_us],
            )
            .await?;
        }
        let seen = |to: fn(&Facing) -> i64| {
            let sees = stay.iter().map(|m| to(&m.facing(low))).min().unwrap_or(Level::Desk.code());
            let strength = stay.iter().filter(|m| to(&m.facing(low)) == sees).map(|m| m.strength).max();
            (sees, strength.unwrap_or(Strength::Possible.code()))
        };
        let (mine, theirs) = (seen(|f| f.to_mine), seen(|f| f.to_theirs));
        for (agency, case, to_case, to_other, (sees, strength)) in [
            (h.of.from, h.case.id, h.remainder, other, mine),
            (AgencyId::from(side.other_agency), other, other, h.remainder, theirs),
        ] {
            self.conn().await?
                .exec(
                    "INSERT INTO conflict_side (agency, conflict, case_id, member, other_agency, other_case, sees, state, strength, gathering, at_us, due_us, seen_by, seen_us, row_version)
                     SELECT agency, $1, $2, member, other_agency, $3, $4, state, $5, gathering, at_us, due_us, seen_by, seen_us, row_version
                     FROM conflict_side WHERE agency = $6 AND conflict = $7 AND case_id = $8",
                    binds![new, to_case, to_other, sees, strength, agency, old, case],
                )
                .await?;
        }
        if nothing_goes {
            for (agency, case) in [(h.of.from, h.case.id), (AgencyId::from(side.other_agency), other)] {
                self.conn()
                    .await?
                    .exec(
                        "DELETE FROM conflict_side WHERE agency = $1 AND conflict = $2 AND case_id = $3",
                        binds![agency, old, case],
                    )
                    .await?;
            }
            let conn = self.conn().await?;
            conn.exec("DELETE FROM conflict WHERE id = $1", binds![old]).await?;
            conn.exec("DELETE FROM notice WHERE recipient = $1 AND conflict = $2", binds![desk_recipient(), old])
                .await?;
        }
        Ok(new)
    }

    /// The sides of the case that went, with what meets, for disclosure to be asked anew.
    pub async fn moved_sides(&mut self, h: &Handover<'_>) -> Result<Vec<MovedSide>, Error> {
        #[derive(sqlx::FromRow)]
        struct Lead {
            member: Uuid,
        }
        self.needs(&[Action::AcceptTransfer])?;
        self.own(h.of.to)?;
        let mut out = Vec::new();
        for side in self.sides_of_case(h.of.to, h.case.id).await? {
            let low = pair(h.case.id, side.other_case.into())?.low() == h.case.id;
            let wrong = |column| Error::Inconsistent { table: "conflict_side", column };
            let lead: Option<Lead> = self
                .conn()
                .await?
                .maybe(
                    "SELECT member FROM conflict_side WHERE agency = $1 AND conflict = $2 AND case_id = $3",
                    binds![side.other_agency, side.conflict, side.other_case],
                )
                .await?;
            let mut matches = Vec::new();
            for m in self.matches_of(side.conflict.into()).await? {
                let f = m.facing(low);
                matches.push(MovedMatch {
                    id: MatchId::from(m.id),
                    mine: f.mine.into(),
                    theirs: f.theirs.into(),
                    strength: Strength::from_code(m.strength).ok_or(wrong("strength"))?,
                });
            }
            out.push(MovedSide {
                conflict: side.conflict.into(),
                other_case: side.other_case.into(),
                other_agency: side.other_agency.into(),
                other_member: lead.ok_or(wrong("other_case"))?.member.into(),
                resolved: side.state == SideState::Resolved.code(),
                matches,
            });
        }
        Ok(out)
    }

    /// Writes what each side may see now: of each match, the receiver's level and the other side's. A side that saw more
    /// than it may is behind the desk from now on; one that may see more is opened by the receiver's look.
    pub async fn relevel(
        &mut self,
        h: &Handover<'_>,
        side: &MovedSide,
        levels: &[(MatchId, Level, Level)],
    ) -> Result<(), Error> {
        self.needs(&[Action::AcceptTransfer])?;
        self.own(h.of.to)?;
        let low = pair(h.case.id, side.other_case)?.low() == h.case.id;
        for (id, to_mine, to_theirs) in levels {
            let (to_low, to_high) = if low { (to_mine, to_theirs) } else { (to_theirs, to_mine) };
            self.conn()
                .await?
                .exec(
                    "UPDATE conflict_match SET to_low = $1, to_high = $2 WHERE conflict = $3 AND id = $4",
                    binds![to_low.code(), to_high.code(), side.conflict, *id],
                )
                .await?;
        }
        type To = fn(&(MatchId, Level, Level)) -> Level;
        let sides: [(AgencyId, CaseId, To); 2] =
            [(h.of.to, h.case.id, |l| l.1), (side.other_agency, side.other_case, |l| l.2)];
        for (agency, case, to) in sides {
            let Some(sees) = levels.iter().map(to).min() else { continue };
            let of = |id: &MatchId| side.matches.iter().find(|m| m.id == *id).map(|m| m.strength);
            let strength = levels.iter().filter(|l| to(l) == sees).filter_map(|l| of(&l.0)).max();
            // Behind the desk all causes are alike: such a side gathers under its conflict alone.
            self.conn().await?
                .exec(
                    "UPDATE conflict_side SET sees = $1, strength = $2, gathering = $3, row_version = row_version + 1 WHERE agency = $4 AND conflict = $5 AND case_id = $6 AND sees < $7",
                    binds![
                        sees.code(),
                        strength.unwrap_or(Strength::Possible).code(),
                        Uuid::from(side.conflict),
                        agency,
                        side.conflict,
                        case,
                        sees.code()
                    ],
                )
                .await?;
        }
        Ok(())
    }

    /// One lead has both cases now: a case never conflicts with itself, and nobody has to call themselves.
    pub async fn join_cases(&mut self, h: &Handover<'_>, side: &MovedSide) -> Result<(), Error> {
        self.needs(&[Action::AcceptTransfer])?;
        self.own(h.of.to)?;
        self.resolve(side.conflict, Resolution::SameInvestigation).await
    }
}
