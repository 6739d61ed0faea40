//! A case goes to another agency: its id, conflicts, threads, holds and due times stay what they are; agency, people,
//! number and key change, in the caller's one transaction.
//!
//! The receiver gets the case under a key of its own: everything that goes is opened and sealed anew, so the old
//! agency's keys open nothing of it any more. An agency has one key for a case: if the case comes back it is that key
//! again, so no process that still remembers it is wrong.
//!
//! What does not go stands from now on in a remainder: a case of the old agency under the old number, with the old key,
//! so that nothing of it is sealed again. It is made whether anything stays or not. In it stay silent entries and
//! personas ([`super::parting`]), and everything the old agency submitted, asked and was answered: its receipts are
//! evidence of what it did, and go on to verify.

use model::{
    AgencyId, CaseId, CaseNumber, CaseStatus, ConflictId, EntryId, EntryRole, Level, MatchId, MemberId, MessageId,
    NoticeId, PredicateId, Strength, SubmissionId, derived_id,
};
use policy::Action;
use uuid::Uuid;

use crate::db::binds;
use crate::error::Error;
use crate::keys::{Cipher, KeyPurpose, Place, search_token};
use crate::rows::cases::{CaseFacts, SealedCase, case_place, number_text};
use crate::rows::entries::{EntryContent, entry_place};
use crate::rows::notices::{Matter, desk_recipient, notice_place};
use crate::rows::submissions::{SubmissionVerb, submission_place};
use crate::rows::threads::thread_place;
use crate::rows::tips::tip_place;
use crate::rows::transfer::{TransferFacts, TransferState};
use crate::tx::Tx;

/// A case on its way.
pub struct Handover<'a> {
    /// The offer that was accepted.
    pub of: &'a TransferFacts,
    /// The case as the old agency had it.
    pub case: &'a CaseFacts,
    /// The receiver's number.
    pub number: &'a CaseNumber,
    /// Who leads it from now on.
    pub lead: MemberId,
    /// Who supervises it from now on.
    pub supervisor: Option<MemberId>,
    /// The case in which stays what stays.
    pub remainder: CaseId,
    /// The submission in which the receiver asks for everything that went.
    pub submission: SubmissionId,
}

/// Where the entry that is the n-th to go, from 0, stands from then on.
pub fn moved_place(n: usize) -> String {
    format!("entry {} of what was taken over", n.saturating_add(1))
}

/// One side of a conflict that went along, after it went.
pub struct MovedSide {
    /// The conflict.
    pub conflict: ConflictId,
    /// The other case.
    pub other_case: CaseId,
    /// Its agency.
    pub other_agency: AgencyId,
    /// Its lead.
    pub other_member: MemberId,
    /// It has ended.
    pub resolved: bool,
    /// What meets.
    pub matches: Vec<MovedMatch>,
}

/// One match of a conflict that went along.
#[derive(Debug, Clone, Copy)]
pub struct MovedMatch {
    /// Its id.
    pub id: MatchId,
    /// The entry that went.
    pub mine: EntryId,
    /// The other side's.
    pub theirs: EntryId,
    /// How sure.
    pub strength: Strength,
}

#[derive(sqlx::FromRow)]
struct SealedRow {
    id: Uuid,
    sealed: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct Kept {
    case_id: Uuid,
    version: i64,
    wrapped: Vec<u8>,
}

#[derive(sqlx::FromRow)]
pub(crate) struct SideOf {
    pub conflict: Uuid,
    pub other_agency: Uuid,
    pub other_case: Uuid,
    pub state: i64,
}

impl Tx {
    /// Moves everything. `detail` is what the receiver asks when it looks: the submission that the moved entries have from
    /// now on.
    ///
    /// # Errors
    /// [`Error::Changed`] when the case was closed or went meanwhile, [`Error::Exists`] when the receiver has a case of
    /// this number.
    pub async fn hand_over(&mut self, h: &Handover<'_>, detail: &[u8]) -> Result<(), Error> {
        self.needs(&[Action::AcceptTransfer])?;
        self.own(h.of.to)?;
        self.hold_case(h.case.id, h.of.from, h.case.status).await?;
        let old = self.case_cipher(h.of.from, h.case.id).await?;
        self.leave_remainder(h, &old).await?;
        let new = self.key_of_receiver(h).await?;
        self.move_case(h, &old, &new).await?;
        self.move_entries(h, &old, &new).await?;
        self.move_notices(h).await?;
        for side in self.sides_of_case(h.of.from, h.case.id).await? {
            self.move_side(h, &side).await?;
            self.move_thread(h, &side).await?;
        }
        let (place, now, none) = (submission_place(h.of.to, &h.submission), self.now(), Option::<i64>::None);
        let sealed = new.seal(self.store.clone().chance(), place, detail)?;
        self.conn()?
            .exec(
                "INSERT INTO submission (id, agency, member, case_id, verb, at_us, postings, position, looked_us, silent_us, second_us, sealed)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
                // No postings of its own: those of the entries stand where they stood.
                binds![h.submission, h.of.to, h.lead, h.case.id, SubmissionVerb::Submit.code(), now, 0, none, none, none, none, sealed],
            )
            .await?;
        Ok(())
    }

    /// What stays: silent entries with their postings and hits, personas, and all that was submitted and answered.
    async fn leave_remainder(&mut self, h: &Handover<'_>, old: &Cipher) -> Result<(), Error> {
        let (from, case, now, store) = (h.of.from, h.case.id, self.now(), self.store.clone());
        let inside = self.sealed_case(from, case, old).await?;
        let clear = serde_json::to_vec(&inside).map_err(|_| Error::Seal("case"))?;
        let sealed = old.seal(store.chance(), case_place(from, &h.remainder), &clear)?;
        let conn = self.conn()?;
        conn.exec(
            "INSERT INTO case_file (id, agency, threat_area, offence, status, outcome, lead, supervisor, predicate, marking, opened_us, closed_us, sealed, row_version)
             SELECT $1, agency, threat_area, offence, $2, outcome, lead, supervisor, predicate, marking, opened_us, $3, $4, $5 FROM case_file WHERE id = $6",
            binds![h.remainder, CaseStatus::Transferred.code(), now, sealed, 1, case],
        )
        .await?;
        conn.exec(
            "INSERT INTO predicate (case_id, id, agency, offence, member, at_us, document, sealed)
             SELECT $1, id, agency, offence, member, at_us, document, sealed FROM predicate WHERE case_id = $2",
            binds![h.remainder, case],
        )
        .await?;
        conn.exec(
            "UPDATE case_number SET case_id = $1 WHERE agency = $2 AND case_id = $3",
            binds![h.remainder, from, case],
        )
        .await?;
        conn.exec(
            "INSERT INTO entry (case_id, id, agency, submission, kind, role, age, class, source, level, silent_until_us, reliability, validity, marking, seen_from_us, seen_to_us, port, predicate, control_official, state, rule_version, entered_us, review_us, preserved, sealed, row_version)
             SELECT $1, id, agency, submission, kind, role, age, class, source, level, silent_until_us, reliability, validity, marking, seen_from_us, seen_to_us, port, predicate, control_official, state, rule_version, entered_us, review_us, preserved, sealed, row_version
             FROM entry WHERE case_id = $2 AND (level = $3 OR role = $4)",
            binds![h.remainder, case, Level::Silent.code(), EntryRole::Undercover.code()],
        )
        .await?;
        conn.exec(
            "DELETE FROM entry WHERE case_id = $1 AND (level = $2 OR role = $3)",
            binds![case, Level::Silent.code(), EntryRole::Undercover.code()],
        )
        .await?;
        for sql in [
            "UPDATE silent_posting SET case_id = $1 WHERE case_id = $2",
            "UPDATE submission SET case_id = $1 WHERE case_id = $2",
        ] {
            conn.exec(sql, binds![h.remainder, case]).await?;
        }
        for sql in [
            "UPDATE silent_hit SET case_id = $1 WHERE agency = $2 AND case_id = $3",
            "UPDATE reason SET case_id = $1 WHERE agency = $2 AND case_id = $3",
        ] {
            conn.exec(sql, binds![h.remainder, from, case]).await?;
        }
        Ok(())
    }

    /// The old key goes with what stays; the case gets the receiver's.
    async fn key_of_receiver(&mut self, h: &Handover<'_>) -> Result<std::sync::Arc<Cipher>, Error> {
        #[derive(sqlx::FromRow)]
        struct Left {
            remainder: Uuid,
        }
        let (from, to, case, store) = (h.of.from, h.of.to, h.case.id, self.store.clone());
        let wrong = Error::Inconsistent { table: "case_key", column: "version" };
        let old = self.kept_key(case, from).await?.ok_or(Error::NotFound("case"))?;
        let data = self.agency_key(from, KeyPurpose::Data).await?;
        let kept = store.0.ring.rewrap_case(store.chance(), &data, from, (case, &old.wrapped), h.remainder)?;
        // Had the receiver this case before? Its key stayed in its own remainder.
        let left: Vec<Left> = self
            .conn()?
            .rows(
                "SELECT remainder FROM transfer WHERE case_id = $1 AND from_agency = $2 AND state = $3 AND remainder IS NOT NULL ORDER BY answered_us",
                binds![case, to, TransferState::Accepted.code()],
            )
            .await?;
        let had = match left.first() {
            Some(left) => self.kept_key(left.remainder.into(), to).await?,
            None => None,
        };
        let data = self.agency_key(to, KeyPurpose::Data).await?;
        let (version, wrapped, new) = match had {
            Some(had) => {
                let earlier = (had.case_id.into(), had.wrapped.as_slice());
                (had.version, store.0.ring.rewrap_case(store.chance(), &data, to, earlier, case)?, None)
            }
            None => {
                let next = u32::try_from(old.version.saturating_add(1)).map_err(|_| wrong)?;
                let (cipher, wrapped) = store.0.ring.new_case_key(store.chance(), &data, to, case, next)?;
                (i64::from(next), wrapped, Some(cipher))
            }
        };
        let conn = self.conn()?;
        conn.exec("DELETE FROM case_key WHERE case_id = $1", binds![case]).await?;
        for (case, version, agency, wrapped) in [(h.remainder, old.version, from, kept), (case, version, to, wrapped)] {
            conn.exec(
                "INSERT INTO case_key (case_id, version, agency, wrapped) VALUES ($1, $2, $3, $4)",
                binds![case, version, agency, wrapped],
            )
            .await?;
        }
        match new {
            Some(cipher) => Ok(self.made_case_key(case, cipher)),
            None => self.case_cipher(to, case).await,
        }
    }

    async fn kept_key(&mut self, case: CaseId, agency: AgencyId) -> Result<Option<Kept>, Error> {
        self.conn()?
            .maybe(
                "SELECT case_id, version, wrapped FROM case_key WHERE case_id = $1 AND agency = $2 ORDER BY version DESC",
                binds![case, agency],
            )
            .await
    }

    async fn sealed_case(&mut self, agency: AgencyId, case: CaseId, old: &Cipher) -> Result<SealedCase, Error> {
        let row = self.case_rows(&[case]).await?.into_iter().next().ok_or(Error::NotFound("case"))?;
        let clear = old.open(case_place(agency, &case), &row.sealed)?;
        serde_json::from_slice(&clear).map_err(|_| Error::Inconsistent { table: "case_file", column: "sealed" })
    }

    async fn move_case(&mut self, h: &Handover<'_>, old: &Cipher, new: &Cipher) -> Result<(), Error> {
        let (from, to, case, store) = (h.of.from, h.of.to, h.case.id, self.store.clone());
        let search = self.agency_key(to, KeyPurpose::Search).await?;
        let token = search_token(&search, "case number", &number_text(h.number));
        let fresh = self
            .conn()?
            .exec(
                "INSERT INTO case_number (agency, token, case_id) VALUES ($1, $2, $3) ON CONFLICT (agency, token) DO NOTHING",
                binds![to, token, case],
            )
            .await?;
        if fresh != 1 {
            return Err(Error::Exists("a case of this number"));
        }
        let mut inside = self.sealed_case(from, case, old).await?;
        inside.number = h.number.as_str().to_owned();
        inside.contact = None; // the old agency's: others call the new lead
        let clear = serde_json::to_vec(&inside).map_err(|_| Error::Seal("case"))?;
        let sealed = new.seal(store.chance(), case_place(to, &case), &clear)?;
        let moved = self
            .conn()?
            .exec(
                "UPDATE case_file SET agency = $1, lead = $2, supervisor = $3, sealed = $4, row_version = row_version + 1 WHERE id = $5 AND agency = $6",
                binds![to, h.lead, h.supervisor, sealed, case, from],
            )
            .await?;
        if moved != 1 {
            return Err(Error::Changed);
        }
        // The predicate goes with the member named who certified it.
        let rows: Vec<SealedRow> =
            self.conn()?.rows("SELECT id, sealed FROM predicate WHERE case_id = $1 ORDER BY id", binds![case]).await?;
        for row in rows {
            let id = PredicateId::from(row.id);
            let place = |agency| Place { table: "predicate", column: "sealed", row: id.as_bytes(), agency };
            let clear = old.open(place(from), &row.sealed)?;
            let sealed = new.seal(store.chance(), place(to), &clear)?;
            self.conn()?
                .exec(
                    "UPDATE predicate SET agency = $1, sealed = $2 WHERE case_id = $3 AND id = $4",
                    binds![to, sealed, case, id],
                )
                .await?;
        }
        // Of a case that began as a tip the report goes too: it was weighed like an entry.
        let rows: Vec<SealedRow> =
            self.conn()?.rows("SELECT case_id AS id, sealed FROM tip WHERE case_id = $1", binds![case]).await?;
        for row in rows {
            let clear = old.open(tip_place(from, &case), &row.sealed)?;
            let sealed = new.seal(store.chance(), tip_place(to, &case), &clear)?;
            self.conn()?
                .exec("UPDATE tip SET agency = $1, sealed = $2 WHERE case_id = $3", binds![to, sealed, case])
                .await?;
        }
        Ok(())
    }

    /// What is left in the case goes, ended entries too. Where each stood in its file would tell of a hidden one between
    /// them: they are counted anew.
    async fn move_entries(&mut self, h: &Handover<'_>, old: &Cipher, new: &Cipher) -> Result<(), Error> {
        let (from, to, case, store) = (h.of.from, h.of.to, h.case.id, self.store.clone());
        let rows: Vec<SealedRow> =
            self.conn()?.rows("SELECT id, sealed FROM entry WHERE case_id = $1 ORDER BY id", binds![case]).await?;
        for (n, row) in rows.into_iter().enumerate() {
            let id = EntryId::from(row.id);
            let clear = old.open(entry_place(from, &id), &row.sealed)?;
            let mut content: EntryContent =
                serde_json::from_slice(&clear).map_err(|_| Error::Inconsistent { table: "entry", column: "sealed" })?;
            content.place = Some(moved_place(n));
            let clear = serde_json::to_vec(&content).map_err(|_| Error::Seal("entry"))?;
            let sealed = new.seal(store.chance(), entry_place(to, &id), &clear)?;
            self.conn()?
                .exec(
                    "UPDATE entry SET agency = $1, submission = $2, control_official = $3, sealed = $4, row_version = row_version + 1 WHERE case_id = $5 AND id = $6",
                    binds![to, h.submission, h.supervisor.unwrap_or(h.lead), sealed, case, id],
                )
                .await?;
        }
        Ok(())
    }

    /// What the old lead has not seen yet: words go to the new lead, what the receiver's own look tells anew is dropped.
    /// What speaks of hidden entries, to the old lead or the desk, stays.
    async fn move_notices(&mut self, h: &Handover<'_>) -> Result<(), Error> {
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
            self.conn()?
                .exec(
                    "UPDATE notice SET case_id = $1 WHERE recipient = $2 AND case_id = $3 AND (matter = $4 OR entry IN (SELECT id FROM entry WHERE case_id = $5))",
                    binds![h.remainder, recipient, case, Matter::Silent.code(), h.remainder],
                )
                .await?;
        }
        if let Some(supervisor) = h.case.supervisor {
            self.conn()?
                .exec(
                    "UPDATE notice SET case_id = $1 WHERE recipient = $2 AND case_id = $3",
                    binds![h.remainder, supervisor, case],
                )
                .await?;
        }
        let rows: Vec<Unseen> = self
            .conn()?
            .rows(
                "SELECT id, matter, conflict, entry, other_case, at_us, due_us, sealed FROM notice WHERE recipient = $1 AND case_id = $2 AND seen_us IS NULL ORDER BY id",
                binds![lead, case],
            )
            .await?;
        self.conn()?
            .exec("DELETE FROM notice WHERE recipient = $1 AND case_id = $2 AND seen_us IS NULL", binds![lead, case])
            .await?;
        for n in rows {
            let id = NoticeId::from(n.id);
            let Some(sealed) = n.sealed else { continue };
            let clear = self.open_sealed(None, notice_place(from, &id), &sealed).await?;
            let moved = NoticeId::from(derived_id("moved notice", &[h.lead.as_bytes(), id.as_bytes()]));
            let sealed = self.seal(None, notice_place(to, &moved), &clear).await?;
            let seen = Option::<i64>::None;
            self.conn()?
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
        self.conn()?
            .rows(
                "SELECT conflict, other_agency, other_case, state FROM conflict_side WHERE agency = $1 AND case_id = $2 ORDER BY conflict",
                binds![agency, case],
            )
            .await
    }

    /// A side lives with its agency: it is taken out there and put in here, with its state, clock and gathering.
    async fn move_side(&mut self, h: &Handover<'_>, side: &SideOf) -> Result<(), Error> {
        let (from, to, case) = (h.of.from, h.of.to, h.case.id);
        let conn = self.conn()?;
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

    /// What this side wrote, proposed and asked for is this side's still. Where both cases were the old agency's, only
    /// what the case's own lead and supervisor wrote.
    async fn move_thread(&mut self, h: &Handover<'_>, side: &SideOf) -> Result<(), Error> {
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
            let rows: Vec<Written> = self.conn()?.rows(read, binds![conflict, from]).await?;
            for row in rows.into_iter().filter(|r| mine(r.member)) {
                let id = MessageId::from(row.id);
                let clear = self.open_sealed(None, thread_place(table, from, id.as_bytes()), &row.sealed).await?;
                let sealed = self.seal(None, thread_place(table, to, id.as_bytes()), &clear).await?;
                self.conn()?.exec(write, binds![to, sealed, conflict, id]).await?;
            }
        }
        let proposed: Vec<Written> = self
            .conn()?
            .rows(
                "SELECT conflict AS id, member, sealed FROM proposal WHERE conflict = $1 AND agency = $2 AND case_id = $3",
                binds![conflict, from, h.case.id],
            )
            .await?;
        for row in proposed {
            let clear =
                self.open_sealed(None, thread_place("proposal", from, conflict.as_bytes()), &row.sealed).await?;
            let sealed = self.seal(None, thread_place("proposal", to, conflict.as_bytes()), &clear).await?;
            self.conn()?
                .exec(
                    "UPDATE proposal SET agency = $1, sealed = $2 WHERE conflict = $3 AND agency = $4 AND case_id = $5",
                    binds![to, sealed, conflict, from, h.case.id],
                )
                .await?;
        }
        self.conn()?
            .exec(
                "UPDATE hold_lift SET agency = $1 WHERE conflict = $2 AND agency = $3 AND case_id = $4",
                binds![to, conflict, from, h.case.id],
            )
            .await?;
        Ok(())
    }
}
