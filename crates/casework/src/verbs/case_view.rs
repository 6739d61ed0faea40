//! One case of one's own, as its officers read it.

use model::{CaseId, CaseNumber, EntryId, FreeText, Tip};
use policy::{Action, Grant, Principal};
use serde::{Deserialize, Serialize};
use store::{Tx, WholeEntry};
use uuid::Uuid;

use crate::desk::{Desk, again};
use crate::error::Error;
use crate::page;
use crate::verbs::submit::facts_of;
use crate::verbs::whole::{
    CaseLine, EntryLine, TipFlags, case_line, entry_line, is_protected_entry, tip_flags, without_protected,
};

/// Format word of a case.
pub const CASE: &str = "concord.case/1";

/// Entries read with one statement.
pub(crate) const PAGE: i64 = 500;

/// A case with its entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CaseView {
    /// "concord.case/1".
    pub format: String,
    /// The case.
    pub case: CaseLine,
    /// Its entries, in every state, by the millisecond they came.
    pub entries: Vec<EntryLine>,
    /// What its report says, when it began as a tip.
    pub tip: Option<TipView>,
}

/// A case with a page of its entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CasePage {
    /// The case, and these entries of it.
    #[serde(flatten)]
    pub view: CaseView,
    /// Who leads it, by name.
    pub lead_name: Option<String>,
    /// Who supervises it, by name.
    pub supervisor_name: Option<String>,
    /// What to ask after for the next entries; none when these are the last.
    pub next: Option<String>,
}

/// A tip beside its identifiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TipView {
    /// What its sender says of it.
    #[serde(flatten)]
    pub flags: TipFlags,
    /// Its free text, each under its place in the report.
    pub words: Vec<TipText>,
}

/// One free text of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TipText {
    /// Its place.
    pub label: String,
    /// What it says.
    pub text: String,
}

impl Desk {
    /// One case of one's own agency. What belongs to a child, a victim or a witness opens with a reason alone, which is kept
    /// sealed and bound to the event that names each of them (18 U.S.C. 3509(d)).
    pub async fn case_view(
        &self,
        who: &Principal,
        number: &CaseNumber,
        reason: Option<&FreeText>,
    ) -> Result<CaseView, Error> {
        let case = self.own_case(who, Action::ViewCase, number).await?;
        let object = ("case", case.id.into());
        let grant = self.allow(who, Action::ViewCase, &facts_of(&case), object, self.request()).await?;
        let mut tx = self.store.view(&grant).await?;
        let line = case_line(tx.whole_case(case.id).await?);
        let (mut entries, mut seen) = (Vec::new(), Seen::of(case.id, reason));
        let mut after = EntryId::from(Uuid::nil());
        loop {
            let page = tx.whole_entries(case.id, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            entries.extend(page.into_iter().map(|entry| seen.entry(entry)));
        }
        let tip = seen.tip(&mut tx).await?;
        let Seen { shown, opened, .. } = seen;
        tx.commit(self.store.act(&grant, object).shown(shown)).await?;
        self.note_opened(&grant, object, Some(case.id), reason, opened).await?;
        Ok(CaseView { format: CASE.to_owned(), case: line, entries, tip })
    }

    /// The same, a page of its entries at a time; the report stands on the first page alone.
    ///
    /// # Errors
    /// [`Error::Argument`] when `after` is no page's end.
    pub async fn case_page(
        &self,
        who: &Principal,
        number: &CaseNumber,
        reason: Option<&FreeText>,
        after: Option<&str>,
        limit: Option<usize>,
    ) -> Result<CasePage, Error> {
        let (begins, wanted) = (page::after_id::<EntryId>(after)?, page::wanted(limit));
        let case = self.own_case(who, Action::ViewCase, number).await?;
        let object = ("case", case.id.into());
        let grant = self.allow(who, Action::ViewCase, &facts_of(&case), object, self.request()).await?;
        let mut tx = self.store.view(&grant).await?;
        let whole = tx.whole_case(case.id).await?;
        let people: Vec<_> = std::iter::once(whole.lead).chain(whole.supervisor).collect();
        let names = tx.own_names(&people).await?;
        let named = |id: Option<model::MemberId>| id.and_then(|id| names.get(&id).cloned());
        let (lead_name, supervisor_name) = (named(Some(whole.lead)), named(whole.supervisor));
        let mut read = tx.whole_entries(case.id, begins.unwrap_or(Uuid::nil().into()), page::one_more(wanted)).await?;
        let next = page::cut(&mut read, wanted, |e| e.id.to_string());
        let mut seen = Seen::of(case.id, reason);
        let entries = read.into_iter().map(|entry| seen.entry(entry)).collect();
        let tip = if begins.is_none() { seen.tip(&mut tx).await? } else { None };
        let Seen { shown, opened, .. } = seen;
        tx.commit(self.store.act(&grant, object).shown(shown)).await?;
        self.note_opened(&grant, object, Some(case.id), reason, opened).await?;
        let view = CaseView { format: CASE.to_owned(), case: case_line(whole), entries, tip };
        Ok(CasePage { view, lead_name, supervisor_name, next })
    }

    /// Keeps the reason for which protected rows are opened, in an event of its own that names each of them. Called before
    /// anything of them is given out.
    pub(crate) async fn note_opened(
        &self,
        grant: &Grant,
        object: (&str, Uuid),
        case: Option<CaseId>,
        reason: Option<&FreeText>,
        opened: Vec<Uuid>,
    ) -> Result<(), Error> {
        let Some(reason) = reason.filter(|_| !opened.is_empty()) else { return Ok(()) };
        again!(async {
            let mut tx = self.store.begin(grant).await?;
            let act = self.store.act(grant, object).bind("reason", reason.as_str().as_bytes()).shown(opened.clone());
            tx.add_reason(act.id(), "reason", case, reason.as_str()).await?;
            tx.commit(act).await?;
            Ok(())
        })
    }
}

/// What of a case is shown, and what of that is protected and opened under the reason.
struct Seen {
    case: CaseId,
    open: bool,
    shown: Vec<Uuid>,
    opened: Vec<Uuid>,
}

impl Seen {
    fn of(case: CaseId, reason: Option<&FreeText>) -> Self {
        Self { case, open: reason.is_some(), shown: vec![case.into()], opened: Vec::new() }
    }

    fn entry(&mut self, entry: WholeEntry) -> EntryLine {
        let to = if self.open && is_protected_entry(&entry) { &mut self.opened } else { &mut self.shown };
        to.push(entry.id.into());
        entry_line(entry, self.open)
    }

    async fn tip(&mut self, tx: &mut Tx) -> Result<Option<TipView>, Error> {
        let Some(bytes) = tx.own_tip(self.case).await? else { return Ok(None) };
        let (tip, open) = read_tip(&bytes, self.open)?;
        self.opened.extend(open.opened.then(|| Uuid::from(self.case)));
        let words = open.shown.words.iter();
        Ok(Some(TipView {
            flags: tip_flags(&tip, open.withheld),
            words: words.map(|w| TipText { label: w.label.clone(), text: w.text.as_str().to_owned() }).collect(),
        }))
    }
}

/// A tip as it may be shown.
pub(crate) struct Shown {
    /// All of it, or what is not protected.
    pub shown: Tip,
    /// Something was taken out.
    pub withheld: bool,
    /// It holds something protected, which is shown.
    pub opened: bool,
}

/// Reads a tip as it is kept.
pub(crate) fn read_tip(bytes: &[u8], open: bool) -> Result<(Tip, Shown), Error> {
    let tip: Tip =
        serde_json::from_slice(bytes).map_err(|_| store::Error::Inconsistent { table: "tip", column: "sealed" })?;
    let (less, holds) = without_protected(&tip);
    let shown = if open { tip.clone() } else { less };
    Ok((tip, Shown { shown, withheld: holds && !open, opened: holds && open }))
}
