//! One's own agency's cases, a page at a time.

use model::{CaseId, CaseNumber, CaseStatus, MemberId, ThreatArea};
use policy::{Action, Facts, Principal};
use serde::{Deserialize, Serialize};
use store::CasesOf;

use crate::desk::Desk;
use crate::error::Error;
use crate::page::{self, Page};

/// Format word of a page of cases.
pub const CASES: &str = "concord.cases/1";

/// Which cases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseFilter {
    /// Only those that stand here.
    #[serde(default)]
    pub status: Option<CaseStatus>,
    /// Only those one leads or supervises.
    #[serde(default)]
    pub mine: bool,
}

/// One case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CaseRow {
    /// Its id.
    pub id: String,
    /// The agency's number.
    pub number: String,
    /// Which of the five areas.
    pub threat_area: ThreatArea,
    /// Open, closed, a tip, or gone to another agency.
    pub status: CaseStatus,
    /// When it was opened, RFC 3339.
    pub opened: String,
    /// Who leads it, by name.
    pub lead: Option<String>,
    /// Entries that stand in it: what was withdrawn or corrected, and what a check met, is not counted.
    pub entries: u64,
    /// Its conflicts that are not resolved, as far as one's own side sees them openly.
    pub conflicts: u64,
}

impl Desk {
    /// A page of one's own agency's cases, the newest first.
    ///
    /// # Errors
    /// [`Error::Argument`] when `after` is no page's end.
    pub async fn cases(
        &self,
        who: &Principal,
        filter: CaseFilter,
        after: Option<&str>,
        limit: Option<usize>,
    ) -> Result<Page<CaseRow>, Error> {
        let after = page::after(after)?.map(|(opened, [id])| (opened, id.into()));
        let wanted = page::wanted(limit);
        let facts = Facts { agency: Some(who.agency), ..Facts::default() };
        let object = ("cases", who.agency.into());
        let grant = self.allow(who, Action::ViewCase, &facts, object, self.request()).await?;
        let mut tx = self.store.view(&grant).await?;
        let of = CasesOf { status: filter.status, mine: filter.mine };
        let mut cases = tx.listed_cases(of, after, page::one_more(wanted)).await?;
        let next = page::cut(&mut cases, wanted, |c| page::mark(c.opened, [c.id.into()]));
        let names = tx.own_names(&cases.iter().map(|c| c.lead).collect::<Vec<MemberId>>()).await?;
        let count = |n: i64| u64::try_from(n).unwrap_or_default();
        let row = |c: &store::ListedCase| CaseRow {
            id: c.id.to_string(),
            number: c.number.as_str().to_owned(),
            threat_area: c.threat_area,
            status: c.status,
            opened: c.opened.to_string(),
            lead: names.get(&c.lead).cloned(),
            entries: count(c.entries),
            conflicts: count(c.conflicts),
        };
        let rows = cases.iter().map(row).collect();
        tx.commit(self.store.act(&grant, object).shown(cases.iter().map(|c| c.id.into()))).await?;
        Ok(Page { format: CASES.to_owned(), rows, next })
    }

    /// The number of one's own agency's case of this id: addresses name a case by its id, for a number can hold a name.
    ///
    /// # Errors
    /// [`Error::NotFound`] when one's own agency has none of this id.
    pub async fn number_of(&self, who: &Principal, case: CaseId) -> Result<CaseNumber, Error> {
        let facts = Facts { agency: Some(who.agency), ..Facts::default() };
        let object = ("case", case.into());
        let grant = self.allow(who, Action::ViewCase, &facts, object, self.request()).await?;
        let mut tx = self.store.view(&grant).await?;
        let number = tx.own_numbers(&[case]).await?.remove(&case);
        tx.commit(self.store.act(&grant, object).shown(number.is_some().then(|| case.into()))).await?;
        number.ok_or(Error::NotFound("case"))
    }
}
