//! The queue of conflicts: one's own sides by due date, resolved ones when they are asked for.

use model::{CaseId, SideState, Strength};
use policy::{Action, Facts, Principal};
use serde::{Deserialize, Serialize};
use store::Queue;
use uuid::Uuid;

use crate::answer::Other;
use crate::desk::Desk;
use crate::error::Error;
use crate::page::{self, Page};
use crate::verbs::inbox::Known;

/// Format word of a page of conflicts.
pub const CONFLICTS: &str = "concord.conflicts/1";

/// Which conflicts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictFilter {
    /// Only those where one's own side stands here; none: all that are not resolved.
    #[serde(default)]
    pub state: Option<SideState>,
    /// Only those past their due time that nobody acknowledged.
    #[serde(default)]
    pub overdue: bool,
    /// Only those of cases one leads. Who is no supervisor and no analyst sees no others.
    #[serde(default)]
    pub mine: bool,
}

/// One's own side of a conflict, and whom to call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConflictRow {
    /// The conflict.
    pub conflict: String,
    /// One's own case's number; none when the case went to another agency in this moment.
    pub case: Option<String>,
    /// Where one's own side stands.
    pub state: String,
    /// How it ended.
    pub resolution: Option<String>,
    /// When it should be answered, RFC 3339.
    pub due: String,
    /// Past its due time and not acknowledged.
    pub overdue: bool,
    /// How sure.
    pub strength: Strength,
    /// One's own identifiers.
    pub yours: Vec<String>,
    /// Whom to call, as far as disclosure opens it now.
    pub other: Option<Other>,
}

impl Desk {
    /// A page of the conflicts of this officer (for a supervisor or an analyst: of the agency), the first due first.
    ///
    /// # Errors
    /// [`Error::Argument`] when `after` is no page's end.
    pub async fn conflicts(
        &self,
        who: &Principal,
        filter: ConflictFilter,
        after: Option<&str>,
        limit: Option<usize>,
    ) -> Result<Page<ConflictRow>, Error> {
        let after = page::after(after)?.map(|(due, [conflict, case])| (due, conflict.into(), case.into()));
        let wanted = page::wanted(limit);
        let facts = Facts { agency: Some(who.agency), ..Facts::default() };
        let object = ("conflicts", who.agency.into());
        let grant = self.allow(who, Action::Inbox, &facts, object, self.request()).await?;
        let now = self.store.clock().now();
        let mut tx = self.store.view(&grant).await?;
        let watch_desk = tx.watch_desk().await?.to_string();
        let queue = Queue { state: filter.state, overdue: filter.overdue, mine: filter.mine };
        let mut sides = tx.side_page(queue, after, page::one_more(wanted)).await?;
        let next = page::cut(&mut sides, wanted, |s| page::mark(s.due, [s.conflict.into(), s.case.into()]));
        let known = Known::read(&mut tx, who, &sides, &[]).await?;
        let cases: Vec<CaseId> = sides.iter().map(|s| s.case).collect();
        let numbers = tx.own_numbers(&cases).await?;
        let mut shown: Vec<Uuid> = cases.iter().map(|c| (*c).into()).collect();
        let mut rows = Vec::with_capacity(sides.len());
        for side in &sides {
            shown.push(side.conflict.into());
            shown.extend(known.shown(side));
            rows.push(ConflictRow {
                conflict: side.conflict.to_string(),
                case: numbers.get(&side.case).map(|n| n.as_str().to_owned()),
                state: side.state.word().to_owned(),
                resolution: side.resolution.map(|r| r.word().to_owned()),
                due: side.due.to_string(),
                overdue: side.state == SideState::Notified && side.due < now,
                strength: side.strength,
                yours: known.values(side, model::Level::Open),
                other: known.other(side, &watch_desk, now).map(|o| o.other),
            });
        }
        shown.sort_unstable();
        shown.dedup();
        tx.commit(self.store.act(&grant, object).shown(shown)).await?;
        Ok(Page { format: CONFLICTS.to_owned(), rows, next })
    }
}
