//! One case of one's own, as its officers read it.

use model::{CaseId, CaseNumber, EntryId, FreeText, Tip};
use policy::{Action, Grant, Principal};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::desk::{Desk, again};
use crate::error::Error;
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
pub struct CaseView {
    /// [`CASE`].
    pub format: String,
    /// The case.
    pub case: CaseLine,
    /// Its entries, in every state, in the order they came.
    pub entries: Vec<EntryLine>,
    /// What its report says, when it began as a tip.
    pub tip: Option<TipView>,
}

/// A tip beside its identifiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TipView {
    /// What its sender says of it.
    #[serde(flatten)]
    pub flags: TipFlags,
    /// Its free text, each under its place in the report.
    pub words: Vec<TipText>,
}

/// One free text of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
        let (mut entries, mut shown, mut opened) = (Vec::new(), vec![case.id.into()], Vec::new());
        let mut after = EntryId::from(Uuid::nil());
        loop {
            let page = tx.whole_entries(case.id, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            for entry in page {
                let protected = is_protected_entry(&entry);
                if protected && reason.is_some() { &mut opened } else { &mut shown }.push(entry.id.into());
                entries.push(entry_line(entry, reason.is_some()));
            }
        }
        let tip = match tx.own_tip(case.id).await? {
            None => None,
            Some(bytes) => {
                let (tip, open) = read_tip(&bytes, reason.is_some())?;
                opened.extend(open.opened.then(|| Uuid::from(case.id)));
                let words = open.shown.words.iter();
                Some(TipView {
                    flags: tip_flags(&tip, open.withheld),
                    words: words
                        .map(|w| TipText { label: w.label.clone(), text: w.text.as_str().to_owned() })
                        .collect(),
                })
            }
        };
        tx.commit(self.store.act(&grant, object).shown(shown)).await?;
        self.note_opened(&grant, object, Some(case.id), reason, opened).await?;
        Ok(CaseView { format: CASE.to_owned(), case: line, entries, tip })
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
