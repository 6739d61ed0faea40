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
    AgencyId, CaseId, CaseNumber, CaseStatus, ConflictId, EntryId, EntryRole, Level, MatchId, MemberId, PredicateId,
    Strength, SubmissionId,
};
use policy::Action;
use uuid::Uuid;

use crate::db::binds;
use crate::error::Error;
use crate::keys::{Cipher, KeyPurpose, Place, search_token};
use crate::rows::cases::{CaseFacts, SealedCase, case_place, number_text};
use crate::rows::entries::{EntryContent, entry_place};
use crate::rows::submissions::{ADD_DETAIL, SubmissionVerb, submission_place};
use crate::rows::tips::tip_place;
use crate::rows::transfer::{TransferFacts, TransferState};
use crate::rows::words::{EntryRow, Worded};
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
            self.move_thread_words(h, side.conflict.into()).await?;
        }
        let (place, now, none) = (submission_place(h.of.to, &h.submission), self.now(), Option::<i64>::None);
        let sealed = new.seal(self.store.clone().chance(), place, detail)?;
        let conn = self.conn().await?;
        conn.exec(
            "INSERT INTO submission (id, agency, member, case_id, verb, at_us, postings, position, looked_us, silent_us, second_us)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            // No postings of its own: those of the entries stand where they stood.
            binds![h.submission, h.of.to, h.lead, h.case.id, SubmissionVerb::Submit.code(), now, 0, none, none, none, none],
        )
        .await?;
        conn.insert(ADD_DETAIL, "", vec![binds![h.submission, h.of.to, sealed]]).await?;
        Ok(())
    }

    /// What stays: silent entries with their postings and hits, personas, and all that was submitted and answered.
    async fn leave_remainder(&mut self, h: &Handover<'_>, old: &Cipher) -> Result<(), Error> {
        let (from, case, now, store) = (h.of.from, h.case.id, self.now(), self.store.clone());
        let inside = self.sealed_case(from, case, old).await?;
        let clear = serde_json::to_vec(&inside).map_err(|_| Error::Seal("case"))?;
        let sealed = old.seal(store.chance(), case_place(from, &h.remainder), &clear)?;
        let conn = self.conn().await?;
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
            "INSERT INTO entry (case_id, id, agency, submission, kind, role, age, class, source, level, silent_until_us, reliability, validity, marking, seen_from_us, seen_to_us, port, predicate, control_official, state, rule_version, entered_us, review_us, preserved, sealed, row_version, ended_us, successor)
             SELECT $1, id, agency, submission, kind, role, age, class, source, level, silent_until_us, reliability, validity, marking, seen_from_us, seen_to_us, port, predicate, control_official, state, rule_version, entered_us, review_us, preserved, sealed, row_version, ended_us, successor
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
            // What the old agency asked for in bulk is its own; a job that was not done finds its case gone.
            "UPDATE bulk_job SET case_id = $1 WHERE agency = $2 AND case_id = $3",
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
            .conn().await?
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
        let conn = self.conn().await?;
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
        self.conn().await?
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
            .conn().await?
            .exec(
                "INSERT INTO case_number (agency, token, case_id) VALUES ($1, $2, $3) ON CONFLICT (agency, token) DO NOTHING",
                binds![to, token, case],
            )
            .await?;
        if fresh != 1 {
            return Err(Error::Exists("a case of this number"));
        }
        let mut inside = self.sealed_case(from, case, old).await?;
        let old_number = inside.number.clone();
        let mut facts = Vec::new();
        inside.number = h.number.as_str().to_owned();
        inside.contact = None; // the old agency's: others call the new lead
        let clear = serde_json::to_vec(&inside).map_err(|_| Error::Seal("case"))?;
        let sealed = new.seal(store.chance(), case_place(to, &case), &clear)?;
        let moved = self
            .conn().await?
            .exec(
                "UPDATE case_file SET agency = $1, lead = $2, supervisor = $3, sealed = $4, row_version = row_version + 1 WHERE id = $5 AND agency = $6",
                binds![to, h.lead, h.supervisor, sealed, case, from],
            )
            .await?;
        if moved != 1 {
            return Err(Error::Changed);
        }
        // The predicate goes with the member named who certified it.
        let rows: Vec<SealedRow> = self
            .conn()
            .await?
            .rows("SELECT id, sealed FROM predicate WHERE case_id = $1 ORDER BY id", binds![case])
            .await?;
        for row in rows {
            let id = PredicateId::from(row.id);
            let place = |agency| Place { table: "predicate", column: "sealed", row: id.as_bytes(), agency };
            let clear = old.open(place(from), &row.sealed)?;
            facts.push(String::from_utf8_lossy(&clear).into_owned());
            let sealed = new.seal(store.chance(), place(to), &clear)?;
            self.conn()
                .await?
                .exec(
                    "UPDATE predicate SET agency = $1, sealed = $2 WHERE case_id = $3 AND id = $4",
                    binds![to, sealed, case, id],
                )
                .await?;
        }
        let words = |number: &str| vec![Worded::case(case, number, &inside.nexus, facts.iter().map(String::as_str))];
        let (was, is) = (words(&old_number), words(h.number.as_str()));
        self.unindex(from, was).await?;
        self.index(to, is).await?;
        // Of a case that began as a tip the report goes too: it was weighed like an entry.
        let rows: Vec<SealedRow> =
            self.conn().await?.rows("SELECT case_id AS id, sealed FROM tip WHERE case_id = $1", binds![case]).await?;
        for row in rows {
            let clear = old.open(tip_place(from, &case), &row.sealed)?;
            let sealed = new.seal(store.chance(), tip_place(to, &case), &clear)?;
            self.conn()
                .await?
                .exec("UPDATE tip SET agency = $1, sealed = $2 WHERE case_id = $3", binds![to, sealed, case])
                .await?;
        }
        Ok(())
    }

    /// What is left in the case goes, ended entries too. Where each stood in its file would tell of a hidden one between
    /// them: they are counted anew.
    async fn move_entries(&mut self, h: &Handover<'_>, old: &Cipher, new: &Cipher) -> Result<(), Error> {
        let (from, to, case, store) = (h.of.from, h.of.to, h.case.id, self.store.clone());
        let rows: Vec<EntryRow> = self
            .conn()
            .await?
            .rows("SELECT id, kind, role, age, state, sealed FROM entry WHERE case_id = $1 ORDER BY id", binds![case])
            .await?;
        // The receiver finds them from now on. Words of what stays are left as they are (find.rs).
        let mut words = Vec::new();
        for (n, row) in rows.into_iter().enumerate() {
            let id = EntryId::from(row.id);
            let clear = old.open(entry_place(from, &id), &row.sealed)?;
            let mut content: EntryContent =
                serde_json::from_slice(&clear).map_err(|_| Error::Inconsistent { table: "entry", column: "sealed" })?;
            words.extend(row.words(case, &content)?);
            content.place = Some(moved_place(n));
            let clear = serde_json::to_vec(&content).map_err(|_| Error::Seal("entry"))?;
            let sealed = new.seal(store.chance(), entry_place(to, &id), &clear)?;
            self.conn().await?
                .exec(
                    "UPDATE entry SET agency = $1, submission = $2, successor = NULL, control_official = $3, sealed = $4, row_version = row_version + 1 WHERE case_id = $5 AND id = $6",
                    binds![to, h.submission, h.supervisor.unwrap_or(h.lead), sealed, case, id],
                )
                .await?;
        }
        self.unindex(from, words.clone()).await?;
        self.index(to, words).await
    }
}
