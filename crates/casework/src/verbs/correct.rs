//! One entry of a page is put right: named by its id, so that no form carries a value that its page withholds.

use model::{AgeClass, CaseId, CaseNumber, EntryDraft, EntryId, EntryRole, Kind, Purpose, RequestId};
use policy::{Action, Grant, Principal};
use serde::{Deserialize, Serialize};
use store::{CaseFacts, OwnEntry};

use crate::answer::Answer;
use crate::desk::Desk;
use crate::error::Error;
use crate::verbs::detail::named_own;
use crate::verbs::submit::{SubmitOrder, facts_of};

/// An entry as the form to correct it names it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correctable {
    /// The case's number.
    pub case: String,
    /// What sort of value.
    pub kind: Kind,
    /// As written; of a child, a victim or a witness its place in the file.
    pub yours: String,
    /// Its platform, where the value is shown.
    pub platform: Option<String>,
    /// Whose it is.
    pub role: EntryRole,
    /// Adult or minor.
    pub age: AgeClass,
}

/// Identifiers are content: no accident prints one.
impl std::fmt::Debug for Correctable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Correctable").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// The right value of an entry.
pub struct RightValue {
    /// It, of the entry's own kind.
    pub value: String,
    /// Its platform; `None` takes the entry's.
    pub platform: Option<String>,
    /// Why the entry is wrong: kept by its owner, told to nobody.
    pub reason: Purpose,
    /// Sent again with the same id, nothing is stored twice.
    pub request: RequestId,
}

impl Desk {
    /// An entry that stands in one's own case, for whoever may correct it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when one's own agency has no such case, or nothing of this id stands in it.
    pub async fn correctable(&self, who: &Principal, case: CaseId, entry: EntryId) -> Result<Correctable, Error> {
        let (number, case, grant) = self.correcting(who, case).await?;
        let found = self.standing(&grant, &case, entry).await?.ok_or(Error::NotFound("entry"))?;
        let open = !model::is_protected(found.role, found.age);
        Ok(Correctable {
            case: number.as_str().to_owned(),
            kind: found.kind,
            yours: named_own(&found),
            platform: found.content.platform.filter(|_| open),
            role: found.role,
            age: found.age,
        })
    }

    /// Puts the right value in place of an entry, as [`Desk::correct`] does by value.
    ///
    /// # Errors
    /// As of [`Desk::correct`] and [`Desk::correctable`].
    pub async fn correct_entry(
        &self,
        who: &Principal,
        case: CaseId,
        entry: EntryId,
        right: RightValue,
    ) -> Result<Answer, Error> {
        let (number, case, grant) = self.correcting(who, case).await?;
        let Some(wrong) = self.standing(&grant, &case, entry).await? else {
            return self.corrected(who, &grant, &case, entry, &right).await;
        };
        let mut draft = EntryDraft::new("the correction", wrong.kind, right.value.clone());
        draft.platform = right.platform.clone().or_else(|| wrong.content.platform.clone());
        let order = SubmitOrder::new(
            number,
            "a correction",
            exchange::Reading::of(exchange::Format::Csv, vec![draft]),
            right.request,
        );
        let platform = wrong.content.platform.as_deref();
        match self.correct(who, wrong.kind, &wrong.content.raw, platform, &right.reason, order).await {
            // The same twice at once: the other one ended the wrong value between our look and our act.
            Err(Error::NotNow(why)) => match self.standing(&grant, &case, entry).await? {
                Some(_) => Err(Error::NotNow(why)),
                None => self.corrected(who, &grant, &case, entry, &right).await,
            },
            done => done,
        }
    }

    /// Sent again: the right value stands in the entry's place already, put there by this very request. What another
    /// request of this id made is no answer.
    async fn corrected(
        &self,
        who: &Principal,
        grant: &Grant,
        case: &CaseFacts,
        entry: EntryId,
        right: &RightValue,
    ) -> Result<Answer, Error> {
        let earlier = self.store.earlier_of(who.agency, &[right.request]).await?.remove(&right.request);
        let Some(earlier) = earlier else { return Err(Error::NotFound("entry")) };
        let mut tx = self.store.view(grant).await?;
        let same = tx.was_corrected_by(case.id, entry, earlier.submission, &right.value).await?;
        let shown = same.then(|| entry.into());
        tx.commit(self.store.act(grant, ("case", case.id.into())).shown(shown)).await?;
        if same { self.answer(who, earlier.submission).await } else { Err(Error::NotFound("entry")) }
    }

    async fn correcting(&self, who: &Principal, case: CaseId) -> Result<(CaseNumber, CaseFacts, Grant), Error> {
        let number = self.number_of(who, case).await?;
        let case = self.own_case(who, Action::Correct, &number).await?;
        let object = ("case", case.id.into());
        let grant = self.allow(who, Action::Correct, &facts_of(&case), object, self.request()).await?;
        Ok((number, case, grant))
    }

    /// The entry, when it was not taken back; the look leaves its event.
    async fn standing(&self, grant: &Grant, case: &CaseFacts, entry: EntryId) -> Result<Option<OwnEntry>, Error> {
        let mut tx = self.store.view(grant).await?;
        let found = tx.own_case_entry(case.id, entry).await?;
        let shown = found.is_some().then(|| entry.into());
        tx.commit(self.store.act(grant, ("case", case.id.into())).shown(shown)).await?;
        Ok(found)
    }
}
