//! What goes along with a case that goes to another agency: its sides of conflicts, what was written there, and what its
//! old lead has not seen yet. The case itself is moved in [`super::handover`].

use model::{AgencyId, CaseId, ConflictId, MessageId, NoticeId, derived_id};
use uuid::Uuid;

use crate::db::binds;
use crate::error::Error;
use crate::rows::handover::Handover;
use crate::rows::notices::{Matter, desk_recipient, notice_place};
use crate::rows::threads::thread_place;
use crate::tx::Tx;

/// One's own side of a conflict, as far as moving it needs.
#[derive(sqlx::FromRow)]
pub(crate) struct SideOf {
    pub conflict: Uuid,
    pub other_agency: Uuid,
    pub other_case: Uuid,
    pub state: i64,
}

impl Tx {
    /// What the old lead has not seen yet: words go to the new lead, what the receiver's own look tells anew is dropped.
    /// What speaks of hidden entries, to the old lead or the desk, stays.
    pub(crate) async fn move_notices(&mut self, h: &Handover<'_>) -> Result<(), Error> {
        #[derive(sqlx::FromRow)]
        struct Unseen {
            id: Uuid,
            matter: i64,
            conflict: Option<Uuid>,
            entry: Option<Uuid>,
            other_case: Option<Uuid>,
            at_us: i64,
            due_us: i64,
            sealed: Option<Vec<u8>>,
        }
        let (from, to, case) = (h.of.from, h.of.to, h.case.id);
        let lead = h.case.lead;
        // One statement each, whatever is hidden; the supervisor's own words stay whole.
        for recipient in [desk_recipient(), lead] {
            self.conn().await?
                .exec(
                    "UPDATE notice SET case_id = $1 WHERE recipient = $2 AND case_id = $3 AND (matter = $4 OR entry IN (SELECT id FROM entry WHERE case_id = $5))",
                    binds![h.remainder, recipient, case, Matter::Silent.code(), h.remainder],
                )
                .await?;
        }
        if let Some(supervisor) = h.case.supervisor {
            self.conn()
                .await?
                .exec(
                    "UPDATE notice SET case_id = $1 WHERE recipient = $2 AND case_id = $3",
                    binds![h.remainder, supervisor, case],
                )
                .await?;
        }
        let rows: Vec<Unseen> = self
            .conn().await?
            .rows(
                "SELECT id, matter, conflict, entry, other_case, at_us, due_us, sealed FROM notice WHERE recipient = $1 AND case_id = $2 AND seen_us IS NULL ORDER BY id",
                binds![lead, case],
            )
            .await?;
        self.conn()
            .await?
            .exec("DELETE FROM notice WHERE recipient = $1 AND case_id = $2 AND seen_us IS NULL", binds![lead, case])
            .await?;
        for n in rows {
            let id = NoticeId::from(n.id);
            let Some(sealed) = n.sealed else { continue };
            let clear = self.open_sealed(None, notice_place(from, &id), &sealed).await?;
            let moved = NoticeId::from(derived_id("moved notice", &[h.lead.as_bytes(), id.as_bytes()]));
            let sealed = self.seal(None, notice_place(to, &moved), &clear).await?;
            let seen = Option::<i64>::None;
            self.conn().await?
                .exec(
                    "INSERT INTO notice (recipient, id, agency, matter, conflict, case_id, entry, other_case, at_us, due_us, tries, delivered, seen_us, sealed)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
                    binds![
                        h.lead, moved, to, n.matter, n.conflict, case, n.entry, n.other_case, n.at_us, n.due_us, 0,
                        false, seen, sealed
                    ],
                )
                .await?;
        }
        Ok(())
    }

    pub(crate) async fn sides_of_case(&mut self, agency: AgencyId, case: CaseId) -> Result<Vec<SideOf>, Error> {
        self.conn().await?
            .rows(
                "SELECT conflict, other_agency, other_case, state FROM conflict_side WHERE agency = $1 AND case_id = $2 ORDER BY conflict",
                binds![agency, case],
            )
            .await
    }

    /// A side lives with its agency: it is taken out there and put in here, with its state, clock and gathering.
    pub(crate) async fn move_side(&mut self, h: &Handover<'_>, side: &SideOf) -> Result<(), Error> {
        let (from, to, case) = (h.of.from, h.of.to, h.case.id);
        let conn = self.conn().await?;
        conn.exec(
            "INSERT INTO conflict_side (agency, conflict, case_id, member, other_agency, other_case, sees, state, strength, gathering, at_us, due_us, seen_by, seen_us, row_version)
             SELECT $1, conflict, case_id, $2, other_agency, other_case, sees, state, strength, gathering, at_us, due_us, seen_by, seen_us, row_version + 1
             FROM conflict_side WHERE agency = $3 AND conflict = $4 AND case_id = $5",
            binds![to, h.lead, from, side.conflict, case],
        )
        .await?;
        conn.exec(
            "DELETE FROM conflict_side WHERE agency = $1 AND conflict = $2 AND case_id = $3",
            binds![from, side.conflict, case],
        )
        .await?;
        conn.exec(
            "UPDATE conflict_side SET other_agency = $1, row_version = row_version + 1 WHERE agency = $2 AND conflict = $3 AND case_id = $4",
            binds![to, side.other_agency, side.conflict, side.other_case],
        )
        .await?;
        Ok(())
    }

    /// Who has the side finds its thread; who had it does not, but where the other case is theirs too.
    pub(crate) async fn move_thread_words(&mut self, h: &Handover<'_>, conflict: ConflictId) -> Result<(), Error> {
        let words = self.thread_words(conflict).await?;
        if self.sides_at(h.of.from, conflict).await? == 0 {
            self.unindex(h.of.from, words.clone()).await?;
        }
        self.index(h.of.to, words).await
    }

    async fn sides_at(&mut self, agency: AgencyId, conflict: ConflictId) -> Result<i64, Error> {
        #[derive(sqlx::FromRow)]
        struct Count {
            n: i64,
        }
        let count: Option<Count> = self
            .conn()
            .await?
            .maybe(
                "SELECT COUNT(*) AS n FROM conflict_side WHERE agency = $1 AND conflict = $2",
                binds![agency, conflict],
            )
            .await?;
        Ok(count.map_or(0, |c| c.n))
    }

    /// What this side wrote, proposed and asked for is this side's still. Where both cases were the old agency's, only
    /// what the case's own lead and supervisor wrote.
    pub(crate) async fn move_thread(&mut self, h: &Handover<'_>, side: &SideOf) -> Result<(), Error> {
        let (from, to, conflict) = (h.of.from, h.of.to, ConflictId::from(side.conflict));
        let both = AgencyId::from(side.other_agency) == from;
        let mine = |member: Uuid| {
            !both || member == Uuid::from(h.case.lead) || h.case.supervisor.is_some_and(|s| Uuid::from(s) == member)
        };
        #[derive(sqlx::FromRow)]
        struct Written {
            id: Uuid,
            member: Uuid,
            sealed: Vec<u8>,
        }
        for (table, read, write) in [
            (
                "message",
                "SELECT id, member, sealed FROM message WHERE conflict = $1 AND agency = $2 ORDER BY id",
                "UPDATE message SET agency = $1, sealed = $2 WHERE conflict = $3 AND id = $4",
            ),
            (
                "hold",
                "SELECT id, member, sealed FROM hold WHERE conflict = $1 AND agency = $2 ORDER BY id",
                "UPDATE hold SET agency = $1, sealed = $2 WHERE conflict = $3 AND id = $4",
            ),
        ] {
            let rows: Vec<Written> = self.conn().await?.rows(read, binds![conflict, from]).await?;
            for row in rows.into_iter().filter(|r| mine(r.member)) {
                let id = MessageId::from(row.id);
                let clear = self.open_sealed(None, thread_place(table, from, id.as_bytes()), &row.sealed).await?;
                let sealed = self.seal(None, thread_place(table, to, id.as_bytes()), &clear).await?;
                self.conn().await?.exec(write, binds![to, sealed, conflict, id]).await?;
            }
        }
        let proposed: Vec<Written> = self
            .conn().await?
            .rows(
                "SELECT conflict AS id, member, sealed FROM proposal WHERE conflict = $1 AND agency = $2 AND case_id = $3",
                binds![conflict, from, h.case.id],
            )
            .await?;
        for row in proposed {
            let clear =
                self.open_sealed(None, thread_place("proposal", from, conflict.as_bytes()), &row.sealed).await?;
            let sealed = self.seal(None, thread_place("proposal", to, conflict.as_bytes()), &clear).await?;
            self.conn()
                .await?
                .exec(
                    "UPDATE proposal SET agency = $1, sealed = $2 WHERE conflict = $3 AND agency = $4 AND case_id = $5",
                    binds![to, sealed, conflict, from, h.case.id],
                )
                .await?;
        }
        self.conn()
            .await?
            .exec(
                "UPDATE hold_lift SET agency = $1 WHERE conflict = $2 AND agency = $3 AND case_id = $4",
                binds![to, conflict, from, h.case.id],
            )
            .await?;
        Ok(())
    }
}
