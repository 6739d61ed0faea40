//! Hold: a request, made by a person, that neither side starts new contact. It never stops rescue.

use model::{ConflictId, FreeText, Level, MessageId, RequestId};
use policy::{Action, Principal};
use store::{Matter, NewNotice, desk_recipient};
use uuid::Uuid;

use crate::desk::{Desk, again};
use crate::error::Error;
use crate::verbs::conflicts::{Once, first};
use crate::verbs::detail;

/// What is said of an act against a hold.
const ACTED: &str = "recorded: the other side and the watch desk are told";

fn asked_for(hold: &str, until: &str) -> String {
    format!("hold {hold} asked for until {until}")
}

/// What is done about a hold.
pub enum HoldOrder {
    /// Ask for one; hours by default.
    Propose(FreeText),
    /// One supervisor lifts it; with both it is lifted.
    Lift(MessageId),
    /// A supervisor acts against it at once, with a reason: the other side and the desk are told.
    ActAgainst(FreeText),
}

impl Desk {
    /// Proposes, lifts or overrides a hold; returns what now stands, in words.
    ///
    /// # Errors
    /// [`Error::NotNow`] when the other side sees only the desk; [`Error::NotFound`] for a hold that does not stand.
    pub async fn hold(&self, who: &Principal, id: ConflictId, order: HoldOrder) -> Result<String, Error> {
        self.hold_once(who, id, order, self.request()).await
    }

    /// The same under a request id: asked again with it a hold is asked for once, and an act against one is told once; the
    /// words are those of the first time.
    ///
    /// # Errors
    /// As [`Self::hold`]; [`store::Error::Exists`] when the id was given to something else.
    pub async fn hold_once(
        &self,
        who: &Principal,
        id: ConflictId,
        order: HoldOrder,
        request: RequestId,
    ) -> Result<String, Error> {
        let written = match &order {
            HoldOrder::Propose(reason) => Some(["hold".to_owned(), reason.as_str().to_owned()]),
            HoldOrder::ActAgainst(reason) => Some(["act against hold".to_owned(), reason.as_str().to_owned()]),
            HoldOrder::Lift(_) => None,
        };
        let once = written.map(|words| Once { request, digest: detail::thread_digest(who, id, &words) });
        if self.was_written(who, once.as_ref()).await?.is_none() {
            let taken = again!(self.take_hold(who, id, &order, once.as_ref()));
            if let Some(said) = self.or_written(who, once.as_ref(), taken).await? {
                return Ok(said);
            }
        }
        // It was carried out before: what it said is read from what stands, and leaves the event of that.
        let made = self.was_written(who, once.as_ref()).await?.map(|made| made.to_string());
        let view = self.conflict(who, id).await?;
        match order {
            HoldOrder::Propose(_) => {
                let hold = view.holds.into_iter().find(|h| Some(&h.hold) == made.as_ref());
                hold.map(|h| asked_for(&h.hold, &h.until)).ok_or(Error::NotFound("hold"))
            }
            HoldOrder::ActAgainst(_) | HoldOrder::Lift(_) => Ok(ACTED.to_owned()),
        }
    }

    async fn take_hold(
        &self,
        who: &Principal,
        id: ConflictId,
        order: &HoldOrder,
        once: Option<&Once>,
    ) -> Result<String, Error> {
        let action = match order {
            HoldOrder::Propose(_) => Action::Hold,
            HoldOrder::Lift(_) => Action::LiftHold,
            HoldOrder::ActAgainst(_) => Action::ActAgainstHold,
        };
        let (grant, side) = self.side(who, action, id).await?;
        // Opened before the last check: an order that is not carried out leaves the event of its dropped transaction.
        let mut tx = self.store.begin(&grant).await?;
        let mut act = self.store.act(&grant, ("conflict", id.into()));
        if side.seen != Level::Open {
            return Err(Error::NotNow("the other side sees only the watch desk: call it".to_owned()));
        }
        let now = self.store.clock().now();
        let said = match order {
            HoldOrder::Propose(reason) => {
                let hold = MessageId::new(self.store.clock(), self.store.chance());
                let until = now.plus_seconds(self.clocks.hold_hours.saturating_mul(3_600));
                first(&mut tx, once, id, hold.into()).await?;
                tx.add_hold(&side, hold, until, reason).await?;
                act = act.bind("reason", reason.as_str().as_bytes());
                let ends = until.in_words();
                let words =
                    format!("They ask that neither side starts new contact until {ends}. It never stops rescue.");
                tx.notify(vec![self.to_other(&side, Matter::Hold, hold.as_bytes(), &words)]).await?;
                asked_for(&hold.to_string(), &until.to_string())
            }
            &HoldOrder::Lift(hold) => {
                if !tx.holds(id).await?.iter().any(|h| h.id == hold && !h.lifted && h.until > now) {
                    return Err(Error::NotFound("hold that stands"));
                }
                if tx.lift_hold(&side, hold).await? {
                    let words = "Both supervisors lifted the hold.";
                    tx.notify(vec![self.to_other(
                        &side,
                        Matter::Hold,
                        &[hold.as_bytes(), &b"lifted"[..]].concat(),
                        words,
                    )])
                    .await?;
                    format!("hold {hold} is lifted")
                } else {
                    format!("hold {hold} stands until the other side's supervisor lifts it too")
                }
            }
            HoldOrder::ActAgainst(reason) => {
                act = act.bind("reason", reason.as_str().as_bytes());
                tx.add_reason(act.id(), "reason", Some(side.case), reason.as_str()).await?;
                let key = MessageId::new(self.store.clock(), self.store.chance());
                first(&mut tx, once, id, key.into()).await?;
                let words = "A supervisor of theirs acts against the hold at once. Call now.";
                let desk = NewNotice {
                    recipient: desk_recipient(),
                    agency: model::AgencyId::from(Uuid::nil()),
                    due: now,
                    case: Some(side.case),
                    other_case: Some(side.other_case),
                    ..self.to_other(&side, Matter::Hold, key.as_bytes(), "A supervisor acts against a hold.")
                };
                tx.notify(vec![self.to_other(&side, Matter::Hold, key.as_bytes(), words), desk]).await?;
                ACTED.to_owned()
            }
        };
        tx.commit(act).await?;
        Ok(said)
    }
}
