//! The record of every pointer handed out: who, of which entry, to whom, why, when (28 CFR 23.20(g)).

use std::collections::BTreeMap;

use model::{AgencyId, CaseId, EntryId, MemberId, derived_id};
use policy::Action;
use uuid::Uuid;

use crate::db::binds;
use crate::error::Error;
use crate::rows::transfer::TransferState;
use crate::tx::Tx;

/// By which way something was handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// In the answer to a submission or check.
    Answer,
    /// By a notice.
    Notice,
    /// Only "call the watch desk".
    Desk,
}

impl How {
    fn code(self) -> i64 {
        match self {
            Self::Answer => 1,
            Self::Notice => 2,
            Self::Desk => 3,
        }
    }
}

/// One pointer handed out.
#[derive(Debug, Clone, Copy)]
pub struct Handed {
    /// Whose information.
    pub owner: AgencyId,
    /// Of which case.
    pub case: CaseId,
    /// Of which entry.
    pub entry: EntryId,
    /// To which agency.
    pub to: AgencyId,
    /// To which member.
    pub member: MemberId,
    /// By which way.
    pub how: How,
    /// The submission or conflict that is the reason.
    pub reason: Uuid,
}

/// Somebody who was told of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    /// Their agency.
    pub agency: AgencyId,
    /// Who.
    pub member: MemberId,
    /// They were shown the agency and whom to call; otherwise only the watch desk.
    pub openly: bool,
}

impl Tx {
    /// Everybody who was ever told of these entries, each once, by the most open way.
    pub async fn told_of(&mut self, agency: AgencyId, case: CaseId, entries: &[EntryId]) -> Result<Vec<Told>, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            entry: Option<Uuid>,
            to_agency: Uuid,
            to_member: Option<Uuid>,
            how: i64,
        }
        self.needs(&[Action::Withdraw, Action::Correct, Action::CloseCase])?;
        self.own(agency)?;
        #[derive(sqlx::FromRow)]
        struct Earlier {
            case_id: Uuid,
            from_agency: Uuid,
        }
        // What an agency handed out stays its own record when the case goes: who was told by an earlier owner, or of what
        // stayed behind while it stood in the case, is told too.
        let earlier: Vec<Earlier> = self
            .conn()
            .await?
            .rows(
                "SELECT case_id, from_agency FROM transfer WHERE state = $1 AND (case_id = $2 OR remainder = $3)",
                binds![TransferState::Accepted.code(), case, case],
            )
            .await?;
        let mut of = vec![(agency, case)];
        of.extend(earlier.iter().map(|e| (AgencyId::from(e.from_agency), CaseId::from(e.case_id))));
        let mut rows: Vec<Row> = Vec::new();
        for (agency, case) in super::agencies::distinct(&of) {
            let handed = self
                .conn()
                .await?
                .rows(
                    "SELECT entry, to_agency, to_member, how FROM dissemination WHERE agency = $1 AND case_id = $2",
                    binds![agency, case],
                )
                .await?;
            rows.extend(handed);
        }
        let mut told: BTreeMap<(AgencyId, MemberId), bool> = BTreeMap::new();
        for r in rows.iter().filter(|r| r.entry.is_some_and(|e| entries.contains(&e.into()))) {
            if let Some(member) = r.to_member {
                *told.entry((r.to_agency.into(), member.into())).or_default() |= r.how != How::Desk.code();
            }
        }
        Ok(told.into_iter().map(|((agency, member), openly)| Told { agency, member, openly }).collect())
    }

    /// Writes the record, by the policies of this transaction's grant. The same pointer for the same reason is one record.
    pub async fn disseminate(&mut self, handed: &[Handed], policy: &str) -> Result<(), Error> {
        let now = self.now();
        let mut rows: Vec<_> = handed
            .iter()
            .map(|h| {
                let id = derived_id(
                    "dissemination",
                    &[h.entry.as_bytes(), h.to.as_bytes(), h.member.as_bytes(), h.reason.as_bytes()],
                );
                (
                    (h.owner, id),
                    binds![h.owner, id, h.case, h.entry, h.to, h.member, h.how.code(), h.reason, policy, now],
                )
            })
            .collect();
        rows.sort_by_key(|(key, _)| *key);
        rows.dedup_by_key(|(key, _)| *key);
        self.conn().await?
            .insert(
                "INSERT INTO dissemination (agency, id, case_id, entry, to_agency, to_member, how, reason, policy, at_us)",
                "ON CONFLICT (agency, id) DO NOTHING",
                rows.into_iter().map(|(_, row)| row).collect(),
            )
            .await?;
        Ok(())
    }
}
