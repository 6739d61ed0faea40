//! Transfer: a case is offered to another agency; the receiver accepts or declines, the offerer may take it back.
//!
//! - Nothing moves with the offer. The receiver's supervisors read who offers, whom to call, and the words the offerer wrote
//!   for them; of the case nothing. What an acceptance moves stands in [`super::takeover`].
//! - Who may receive is asked as if that agency read the case: every entry that would go, ended ones too, is weighed
//!   ([`policy::weigh`]), at the offer and again at the acceptance, for things change. The offerer's refusal names the rule
//!   and how many stand against it; the receiver's names the rule alone, for the number would tell of the case.
//! - What is hidden stays and is not weighed. A persona belongs to its agency and stays too. What a partner gave under
//!   originator control holds the case back; one's own may go, for the offer is its originator's agreement.
//! - An offer ends by itself (clocks.json). One offer of a case stands at a time.

use model::{AgencyId, CaseNumber, FreeText, Invalid, MemberId, TransferId};
use policy::disclosure::{self, Shown};
use policy::{Action, Bars, Carriage, Facts, Other, Principal, Receiver, Sealed};
use serde::{Deserialize, Serialize};
use store::{CaseFacts, Matter, NewNotice, NewTransfer, TransferFacts, TransferState};

use uuid::Uuid;

use crate::desk::{Desk, again};
use crate::error::Error;

/// The offers of and to an agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Transfers {
    /// "concord.transfers/1".
    pub format: String,
    /// The oldest first.
    pub transfers: Vec<TransferLine>,
}

/// One offer as one of its two agencies reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TransferLine {
    /// Its id.
    pub transfer: String,
    /// "to-you" or "by-you".
    pub direction: String,
    /// The other agency.
    pub agency: String,
    /// offered, accepted, declined, withdrawn or expired.
    pub state: String,
    /// When it was offered, RFC 3339.
    pub offered: String,
    /// When it ends by itself.
    pub until: String,
    /// When it was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<String>,
    /// The case's number; only for the agency that had it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// What was written for the receiver.
    pub reason: String,
    /// Whom to call at the other agency: the offerer's contact, or the new lead of a case that went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
    /// Why it was declined; only for the agency that offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declined: Option<String>,
}

/// What the offering agency keeps of its offer.
#[derive(Serialize, Deserialize)]
struct Own {
    number: String,
    agency: String,
    reason: String,
}

/// What the receiver reads of it.
#[derive(Serialize, Deserialize)]
struct Offer {
    agency: String,
    call: Option<String>,
    reason: String,
}

/// What the receiver answers.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Reply {
    pub call: Option<String>,
    pub declined: Option<String>,
}

pub(crate) fn bytes<T: Serialize>(words: &T) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(words).map_err(|_| unreadable())
}

fn read<T: for<'a> Deserialize<'a>>(bytes: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(bytes).map_err(|_| unreadable())
}

fn unreadable() -> Error {
    store::Error::Inconsistent { table: "transfer", column: "own" }.into()
}

/// "NAME, TELEPHONE", as far as this reader may see it.
pub(crate) fn caller(viewer: &Principal, contact: &Sealed<Other>) -> Option<String> {
    match disclosure::show(viewer, contact) {
        Shown::Open { contact, telephone, .. } => Some(format!("{contact}, {}", telephone.as_str())),
        Shown::Desk | Shown::Nothing => None,
    }
}

pub(crate) fn whom(call: Option<&str>) -> String {
    call.map_or_else(|| "call the watch desk".to_owned(), |c| format!("call {c}"))
}

/// What somebody wrote, with the stop that the next sentence needs.
fn sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.trim_end_matches(['"', '”', '\'', '’', ')']).ends_with(['.', '!', '?', '…']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

impl Desk {
    /// Offers one's own case to another agency. The reason is written for the receiver and is all they read of it.
    ///
    /// # Errors
    /// [`Error::Refused`] with the rule and how many stand against it; [`Error::NotNow`] when an offer stands already or
    /// nobody there could accept.
    pub async fn offer_transfer(
        &self,
        who: &Principal,
        number: &CaseNumber,
        to: AgencyId,
        reason: FreeText,
    ) -> Result<TransferId, Error> {
        let case = self.own_case(who, Action::OfferTransfer, number).await?;
        let Some((name, receiver)) = self.store.receiver(to).await? else {
            return Err(self.missing_at(who, Action::OfferTransfer, ("agency", to.into()), "agency").await);
        };
        if to == case.agency {
            let cure = Invalid::new("is your own agency", "name the agency that is to have the case");
            return Err(Error::argument("to")(cure));
        }
        let Some((own_name, _)) = self.store.receiver(case.agency).await? else {
            return Err(Error::NotFound("agency"));
        };
        let bars = self.weighed(&case, receiver, false).await?;
        let facts = Facts { carriage: Carriage::from(&bars), ..case_facts(&case) };
        let grant = self
            .allow(who, Action::OfferTransfer, &facts, ("case", case.id.into()), self.request())
            .await
            .map_err(|e| counted(e, &bars))?;
        let id = TransferId::new(self.store.clock(), self.store.chance());
        let until = self.store.clock().now().plus_seconds(self.clocks.transfer_hours.saturating_mul(3_600));
        let done = again!(async {
            let mut tx = self.store.begin(&grant).await?;
            let told = tx.supervisors_at(to).await?;
            let Some(first) = told.first() else {
                return Err(Error::NotNow(format!(
                    "{name} has no supervisor who could accept a case: call them, or the watch desk"
                )));
            };
            let call = caller(&first.principal, &tx.transfer_contact(case.id).await?);
            let own =
                Own { number: number.as_str().to_owned(), agency: name.clone(), reason: reason.as_str().to_owned() };
            let words = format!(
                "{own_name} offers you a case: {}. They write: {} Accept or decline transfer {id} until {}.",
                whom(call.as_deref()),
                sentence(reason.as_str()),
                until.in_words()
            );
            let offer = Offer { agency: own_name.clone(), call, reason: reason.as_str().to_owned() };
            let new = NewTransfer { id, to, until, own: &bytes(&own)?, offer: &bytes(&offer)? };
            tx.offer_transfer(&case, &new).await?;
            tx.notify(told.iter().map(|m| self.note(m.id, to, id, "offered", until, &words)).collect()).await?;
            let act = self.store.act(&grant, ("transfer", id.into())).bind("reason", reason.as_str().as_bytes());
            tx.add_reason(act.id(), "reason", Some(case.id), reason.as_str()).await?;
            tx.commit(act).await?;
            Ok(())
        });
        match done {
            Ok(()) => Ok(id),
            Err(Error::Store(store::Error::Exists(_))) => {
                Err(Error::NotNow("an offer of this case stands: take it back before you make another".to_owned()))
            }
            Err(e) => Err(e),
        }
    }

    /// Declines a case; nothing moved, and the offerer reads why.
    pub async fn decline_transfer(&self, who: &Principal, id: TransferId, reason: FreeText) -> Result<(), Error> {
        let of = self.offered_to(who, id).await?;
        self.stands(who, Action::AcceptTransfer, &of).await?;
        let facts = Facts { agency: Some(of.to), carriage: Carriage::NONE, ..Facts::default() };
        let grant = self.allow(who, Action::AcceptTransfer, &facts, ("transfer", id.into()), self.request()).await?;
        let Some((name, _)) = self.store.receiver(of.to).await? else { return Err(Error::NotFound("agency")) };
        let reply = Reply { declined: Some(reason.as_str().to_owned()), call: None };
        let done = again!(async {
            let mut tx = self.store.begin(&grant).await?;
            tx.end_transfer(&of, TransferState::Declined, None, Some(&bytes(&reply)?)).await?;
            let words = format!(
                "{name} does not take over the case of transfer {id}. They write: {}",
                sentence(reason.as_str())
            );
            tx.notify(vec![self.note(of.offered_by, of.from, id, "declined", of.until, &words)]).await?;
            let act = self.store.act(&grant, ("transfer", id.into())).bind("reason", reason.as_str().as_bytes());
            tx.add_reason(act.id(), "declined", None, reason.as_str()).await?;
            tx.commit(act).await?;
            Ok(())
        });
        answered_once(done)
    }

    /// Takes an offer of one's own case back while nobody has answered it.
    pub async fn withdraw_transfer(&self, who: &Principal, id: TransferId) -> Result<(), Error> {
        let of = match self.store.transfer_facts(id).await? {
            Some(of) if of.from == who.agency => of,
            _ => {
                return Err(self.missing_at(who, Action::OfferTransfer, ("transfer", id.into()), "transfer").await);
            }
        };
        self.stands(who, Action::OfferTransfer, &of).await?;
        let Some(case) = self.store.case_facts_by_id(of.case).await? else { return Err(Error::NotFound("case")) };
        // A closed case is no reason to keep an offer of it.
        let facts = Facts { status_open: true, carriage: Carriage::NONE, ..case_facts(&case) };
        let grant = self.allow(who, Action::OfferTransfer, &facts, ("transfer", id.into()), self.request()).await?;
        let done = again!(async {
            let mut tx = self.store.begin(&grant).await?;
            tx.end_transfer(&of, TransferState::Withdrawn, None, None).await?;
            let told = tx.supervisors_at(of.to).await?;
            let words = format!("The offer of a case, transfer {id}, was taken back.");
            tx.notify(told.iter().map(|m| self.note(m.id, of.to, id, "withdrawn", of.until, &words)).collect()).await?;
            tx.commit(self.store.act(&grant, ("transfer", id.into()))).await?;
            Ok(())
        });
        answered_once(done)
    }

    /// Every offer of or to one's agency, and what became of it.
    pub async fn transfers(&self, who: &Principal) -> Result<Transfers, Error> {
        let facts = Facts { agency: Some(who.agency), ..Facts::default() };
        let grant = self.allow(who, Action::Inbox, &facts, ("transfers", who.agency.into()), self.request()).await?;
        let mut tx = self.store.view(&grant).await?;
        let rows = tx.transfers().await?;
        let mut transfers = Vec::with_capacity(rows.len());
        for row in &rows {
            let f = &row.facts;
            let mut line = TransferLine {
                transfer: f.id.to_string(),
                direction: if row.own.is_some() { "by-you" } else { "to-you" }.to_owned(),
                agency: String::new(),
                state: f.state.word().to_owned(),
                offered: f.offered.to_string(),
                until: f.until.to_string(),
                answered: f.answered.map(|at| at.to_string()),
                case: None,
                reason: String::new(),
                call: None,
                declined: None,
            };
            if let Some(own) = &row.own {
                let own: Own = read(own)?;
                (line.case, line.agency, line.reason) = (Some(own.number), own.agency, own.reason);
                let reply: Reply = row.answer.as_deref().map(read).transpose()?.unwrap_or_default();
                (line.call, line.declined) = (reply.call, reply.declined);
            }
            if let Some(offer) = &row.offer {
                let offer: Offer = read(offer)?;
                (line.agency, line.call, line.reason) = (offer.agency, offer.call, offer.reason);
            }
            transfers.push(line);
        }
        let shown = rows.iter().map(|r| r.facts.id.into());
        tx.commit(self.store.act(&grant, ("transfers", who.agency.into())).shown(shown)).await?;
        Ok(Transfers { format: "concord.transfers/1".to_owned(), transfers })
    }

    /// A case that went: who asks for it by its old number learns to whom, and when.
    pub(crate) async fn gone(&self, who: &Principal, action: Action, case: &CaseFacts) -> Error {
        let said = async {
            let of = self.store.transfer_of(case.id).await?.ok_or(Error::NotFound("case"))?;
            let (name, _) = self.store.receiver(of.to).await?.ok_or(Error::NotFound("agency"))?;
            let at = of.answered.map_or_else(String::new, |at| format!(" at {at}"));
            Ok::<_, Error>(format!("this case went to {name}{at}, by transfer {}: ask them", of.id))
        };
        match said.await {
            Ok(words) => self.not_now(who, action, ("case", case.id.into()), words).await,
            Err(e) => e,
        }
    }

    /// An offer to the reader's agency; any other does not exist.
    pub(crate) async fn offered_to(&self, who: &Principal, id: TransferId) -> Result<TransferFacts, Error> {
        match self.store.transfer_facts(id).await? {
            Some(of) if of.to == who.agency => Ok(of),
            _ => Err(self.missing_at(who, Action::AcceptTransfer, ("transfer", id.into()), "transfer").await),
        }
    }

    /// Does it wait for an answer? Of what does not, its own two agencies may know why; the asking leaves its event.
    pub(crate) async fn stands(&self, who: &Principal, action: Action, of: &TransferFacts) -> Result<(), Error> {
        if of.state == TransferState::Offered {
            return Ok(());
        }
        let words = format!("this offer stands no more: it is {}", of.state.word());
        Err(self.not_now(who, action, ("transfer", of.id.into()), words).await)
    }

    /// What cannot be done now leaves the event of what is not there, and says why in its own words.
    pub(crate) async fn not_now(&self, who: &Principal, action: Action, object: (&str, Uuid), words: String) -> Error {
        match self.missing_at(who, action, object, "transfer").await {
            Error::NotFound(_) => Error::NotNow(words),
            failed => failed,
        }
    }

    /// What stands against a case's going to this receiver.
    pub(crate) async fn weighed(
        &self,
        case: &CaseFacts,
        receiver: Receiver,
        offerer_suspended: bool,
    ) -> Result<Bars, Error> {
        let going = self.store.travelling(case.id, case.agency).await?;
        let mut bars = policy::weigh(&receiver, &going);
        bars.suspended |= offerer_suspended;
        Ok(bars)
    }

    pub(crate) fn note(
        &self,
        recipient: MemberId,
        agency: AgencyId,
        id: TransferId,
        about: &str,
        due: model::Micros,
        words: &str,
    ) -> NewNotice {
        NewNotice {
            recipient,
            agency,
            matter: Matter::Transfer,
            about: [&id.as_bytes()[..], about.as_bytes()].concat(),
            conflict: None,
            case: None,
            entry: None,
            other_case: None,
            due,
            words: Some(words.as_bytes().to_vec()),
        }
    }
}

pub(crate) fn case_facts(case: &CaseFacts) -> Facts {
    Facts {
        agency: Some(case.agency),
        lead: Some(case.lead),
        supervisor: case.supervisor,
        status_open: case.status.is_worked(),
        ..Facts::default()
    }
}

/// Of two who answer at once one is told so.
pub(crate) fn answered_once<T>(done: Result<T, Error>) -> Result<T, Error> {
    match done {
        Err(Error::Store(store::Error::Changed)) => {
            Err(Error::NotNow("somebody answered this offer, or the case changed, meanwhile: look again".to_owned()))
        }
        done => done,
    }
}

/// The owner's refusal says how many stand against it.
fn counted(refused: Error, bars: &Bars) -> Error {
    let Error::Refused(rule) = refused else { return refused };
    let many = |n: usize, one: &str, more: &str| match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {more}")),
    };
    let against: Vec<String> = [
        many(bars.tips, "entry from a CyberTip", "entries from a CyberTip"),
        many(bars.unreleased, "marking that does not release it", "markings that do not release it"),
        many(bars.originators, "entry under a partner's control", "entries under a partner's control"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if against.is_empty() {
        return Error::Refused(rule);
    }
    Error::Refused(format!("{rule}; against it: {}", against.join(", ")))
}
