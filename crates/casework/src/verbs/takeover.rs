//! A case is taken over: the receiver accepts, everything that goes goes in one transaction, and the receiver's own look
//! follows it.
//!
//! - Conflicts keep id, gathering, thread, holds and due times; each side is shown what it may see now, and told with whom
//!   the conflict is. Two cases that one officer leads now are one investigation.
//! - The receiver asks for everything that went in its own name, as one submission: that answers it, gives it its own
//!   receipt, records what it was handed (28 CFR 23.20(g)), and finds what met nobody while one officer led both cases.
//! - Silent entries and personas stay with the old owner, in a case that is made whether anything stays or not; the
//!   statements and events are the same either way (invariant 9). The watch desk is told of both cases.

use std::collections::BTreeMap;

use model::{
    AgencyId, CaseId, CaseNumber, EntryId, Invalid, Level, MatchId, MemberId, Micros, Role, SideState, SubmissionId,
    TransferId,
};
use policy::disclosure::{self, Shown};
use policy::{Action, Carriage, Facts, Grant, Other, Principal, Sealed};
use store::{
    Handover, Matter, MovedSide, NewNotice, OwnEntry, Pending, TransferFacts, TransferState, Tx, desk_recipient,
};
use uuid::Uuid;

use crate::answer::Answer;
use crate::desk::{Desk, again};
use crate::error::Error;
use crate::verbs::detail::{Asked, Detail, Probe};
use crate::verbs::transfer::{Reply, answered_once, bytes, caller, whom};

/// How a case is taken over.
pub struct TakeOver {
    /// The number it gets.
    pub number: CaseNumber,
    /// Who leads it: an investigator or supervisor of the receiving agency.
    pub lead: MemberId,
}

/// What does not change while the transaction is tried.
struct Taking<'a> {
    who: &'a Principal,
    of: &'a TransferFacts,
    handover: &'a Handover<'a>,
    lead: &'a Principal,
    from_name: &'a str,
    to_name: &'a str,
    at: Micros,
}

impl Desk {
    /// Accepts a case that is offered; it is the receiver's when this returns, with the answer of the receiver's own look.
    ///
    /// # Errors
    /// [`Error::Refused`] when a rule stands against it now; [`Error::NotNow`] when the offer stands no more, or when the
    /// case went over and could not be looked at yet.
    pub async fn accept_transfer(&self, who: &Principal, id: TransferId, order: TakeOver) -> Result<Answer, Error> {
        let of = self.offered_to(who, id).await?;
        self.stands(who, Action::AcceptTransfer, &of).await?;
        let object = ("transfer", id.into());
        let receiver = self.store.receiver(of.to).await?;
        let offerer = self.store.receiver(of.from).await?;
        let case = self.store.case_facts_by_id(of.case).await?;
        let (Some((to_name, receiver)), Some((from_name, offerer)), Some(case)) = (receiver, offerer, case) else {
            return Err(Error::NotFound("transfer"));
        };
        if !case.status.is_worked() || case.agency != of.from {
            let words = "the case is no longer worked by who offered it: call them".to_owned();
            return Err(self.not_now(who, Action::AcceptTransfer, object, words).await);
        }
        let out = offerer.suspended || !offerer.approved;
        let carriage = Carriage::from(&self.weighed(&case, receiver, out).await?);
        let facts = Facts { agency: Some(of.to), carriage, ..Facts::default() };
        let request = self.request();
        let grant = self.allow(who, Action::AcceptTransfer, &facts, object, request).await?;
        let lead = self.store.principal(&order.lead.to_string()).await?;
        let Some(lead) = lead.filter(|l| l.agency == of.to && (l.has(Role::Investigator) || l.has(Role::Supervisor)))
        else {
            return Err(self.missing_at(who, Action::AcceptTransfer, object, "officer in your agency").await);
        };
        let submission = SubmissionId::new(self.store.clock(), self.store.chance());
        let handover = Handover {
            of: &of,
            case: &case,
            number: &order.number,
            lead: lead.member,
            // Another than the lead, as for every case.
            supervisor: Some(who.member).filter(|m| *m != lead.member),
            remainder: CaseId::new(self.store.clock(), self.store.chance()),
            submission,
        };
        let taking = Taking {
            who,
            of: &of,
            handover: &handover,
            lead: &lead,
            from_name: &from_name,
            to_name: &to_name,
            at: self.store.clock().now(),
        };
        let detail = answered_once(again!(async { self.take_over(&grant, &taking).await }))?;
        let pending =
            Pending { id: submission, agency: of.to, member: lead.member, case: Some(case.id), at: taking.at };
        self.look_and_answer(who, pending, lead.member, &detail, request).await
    }

    /// The same, with the lead as a page names them: by id or e-mail address, whoever accepts when nobody is named.
    ///
    /// # Errors
    /// As of [`Desk::accept_transfer`]; [`Error::Argument`] for a lead who is no officer of one's own agency, the same for
    /// another agency's as for nobody.
    pub async fn accept_transfer_led_by(
        &self,
        who: &Principal,
        id: TransferId,
        number: CaseNumber,
        lead: Option<&str>,
    ) -> Result<Answer, Error> {
        let lead = match lead {
            None => who.member,
            Some(named) => match self.store.principal(named).await? {
                Some(l) if l.agency == who.agency && (l.has(Role::Investigator) || l.has(Role::Supervisor)) => l.member,
                _ => {
                    let what = "officer in your agency";
                    return Err(match self.missing(who, Action::AcceptTransfer, what).await {
                        Error::NotFound(_) => Error::argument("lead")(Invalid::new(
                            "is no officer of your agency",
                            "give the e-mail address of one who may lead a case, or leave it empty and lead it yourself",
                        )),
                        failed => failed,
                    });
                }
            },
        };
        self.accept_transfer(who, id, TakeOver { number, lead }).await
    }

    /// The one transaction.
    async fn take_over(&self, grant: &Grant, t: &Taking<'_>) -> Result<Detail, Error> {
        let (h, of) = (t.handover, t.of);
        let mut tx = self.store.begin(grant).await?;
        let going = tx.going(h).await?;
        let personas = tx.staying_personas(h).await?;
        let detail = self.asked_anew(t, &going, grant.request())?;
        let tokens = self.tokens(&personas)?;
        let personas: Vec<EntryId> = personas.iter().map(|e| e.id).collect();
        let parted = tx.part_personas(h, &personas, &tokens).await?;
        tx.hand_over(h, &detail.to_bytes()?).await?;
        let contact = tx.transfer_contact(of.case).await?;
        let mut notices = self.to_other_sides(&mut tx, t, &contact).await?;
        // The old owner's people as readers: whom they may call now.
        let mut call = None;
        let old: Vec<MemberId> = [Some(h.case.lead), h.case.supervisor].into_iter().flatten().collect();
        for reader in tx.members(&old).await? {
            let now = caller(&reader.principal, &contact);
            let words = format!("{} took over your case of transfer {}: {}.", t.to_name, of.id, whom(now.as_deref()));
            call = call.or(now);
            notices.push(NewNotice {
                case: Some(h.remainder),
                ..self.note(reader.id, of.from, of.id, "went", t.at, &words)
            });
        }
        let number = h.number.as_str();
        let words = format!("You lead case {number}, taken over from {} (transfer {}).", t.from_name, of.id);
        notices.push(NewNotice { case: Some(of.case), ..self.note(h.lead, of.to, of.id, "yours", t.at, &words) });
        let nobody = AgencyId::from(Uuid::nil());
        let words = "A case went from one agency to another. What was hidden in it stays with its first owner: of both contacts, call the one it concerns.";
        notices.push(NewNotice {
            case: Some(of.case),
            other_case: Some(h.remainder),
            ..self.note(desk_recipient(), nobody, of.id, "desk", t.at, words)
        });
        notices.extend(parted.iter().map(|(conflict, other)| NewNotice {
            matter: Matter::Desk,
            about: conflict.as_bytes().to_vec(),
            conflict: Some(*conflict),
            case: Some(h.remainder),
            other_case: Some(*other),
            words: None,
            ..self.note(desk_recipient(), nobody, of.id, "persona", t.at, "")
        }));
        tx.notify(notices).await?;
        let reply = bytes(&Reply { call, declined: None })?;
        tx.end_transfer(of, TransferState::Accepted, Some(h.remainder), Some(&reply)).await?;
        tx.commit(self.store.act(grant, ("transfer", of.id.into())).accepts(h.submission)).await?;
        Ok(detail)
    }

    /// Each conflict that went: what both sides may see now, and the word to the other side with whom it is.
    async fn to_other_sides(
        &self,
        tx: &mut Tx,
        t: &Taking<'_>,
        contact: &Sealed<Other>,
    ) -> Result<Vec<NewNotice>, Error> {
        let (h, of) = (t.handover, t.of);
        let sides = tx.moved_sides(h).await?;
        let pairs: Vec<(CaseId, EntryId)> = sides
            .iter()
            .flat_map(|s| s.matches.iter().flat_map(|m| [(h.case.id, m.mine), (s.other_case, m.theirs)]))
            .collect();
        let held: BTreeMap<(CaseId, EntryId), Sealed<Other>> =
            tx.others(&pairs).await?.into_iter().map(|(c, e, o)| ((c, e), o)).collect();
        let leads: Vec<MemberId> = sides.iter().map(|s| s.other_member).collect();
        let readers: BTreeMap<MemberId, Principal> =
            tx.members(&leads).await?.into_iter().map(|m| (m.id, m.principal)).collect();
        let mut out = Vec::new();
        for side in &sides {
            let Some(reader) = readers.get(&side.other_member) else { continue };
            if side.other_agency == of.to && side.other_member == h.lead {
                tx.join_cases(h, side).await?;
                let words = "You lead both cases of this conflict now: it has ended as one investigation.";
                out.push(NewNotice {
                    conflict: Some(side.conflict),
                    case: Some(side.other_case),
                    ..self.note(h.lead, of.to, of.id, &format!("joined {}", side.conflict), t.at, words)
                });
                continue;
            }
            let sees = |viewer: &Principal, case, entry| {
                held.get(&(case, entry)).map_or(Level::Desk, |other| level_of(&disclosure::show(viewer, other)))
            };
            let levels: Vec<(MatchId, Level, Level)> = side
                .matches
                .iter()
                .map(|m| (m.id, sees(t.lead, side.other_case, m.theirs), sees(reader, h.case.id, m.mine)))
                .collect();
            tx.relevel(h, side, &levels).await?;
            let open = levels.iter().any(|(_, _, to_theirs)| *to_theirs == Level::Open);
            if let Some(call) = caller(reader, contact).filter(|_| open) {
                out.push(self.now_with(t, side, &call));
            }
        }
        Ok(out)
    }

    fn now_with(&self, t: &Taking<'_>, side: &MovedSide, call: &str) -> NewNotice {
        let state = if side.resolved { format!(" It is {}.", SideState::Resolved) } else { String::new() };
        let words = format!("This conflict is now with {}: call {call}.{state}", t.to_name);
        NewNotice {
            conflict: Some(side.conflict),
            case: Some(side.other_case),
            ..self.note(
                side.other_member,
                side.other_agency,
                t.of.id,
                &format!("now with {}", side.conflict),
                t.at,
                &words,
            )
        }
    }

    /// The receiver's own question: everything that went and still matches, as it was normalised when it was entered.
    fn asked_anew(&self, t: &Taking<'_>, going: &[OwnEntry], request: model::RequestId) -> Result<Detail, Error> {
        let mut asked = Vec::new();
        for (n, e) in going.iter().enumerate().filter(|(_, e)| e.live) {
            let Some(normal) = normal_of(e) else { continue };
            let mut probes = Vec::new();
            for space in self.store.spaces() {
                for key in matching::probes_with(&normal, &self.lists) {
                    probes.push(Probe::new(space, self.store.token(space, &key.text)?, key.family));
                }
            }
            let facts = matching::Facts {
                kind: e.kind,
                role: e.role,
                age: e.age,
                source: e.source,
                seen: e.seen,
                port: e.port,
                entered: e.entered,
            };
            let (yours, place) = (e.content.raw.clone(), store::moved_place(n));
            asked.push(Asked { entry: e.id, yours, place, normal, facts, level: e.level, probes });
        }
        Ok(Detail {
            file: format!("transfer {}", t.of.id),
            check: false,
            case: Some(t.handover.number.as_str().to_owned()),
            purpose: format!("taken over from {}, accepted by member {}", t.from_name, t.who.member),
            nexus: None,
            request: request.to_string(),
            entries: going.len(),
            problems: Vec::new(),
            suppressed: Vec::new(),
            lists: self.lists.version().to_owned(),
            asked,
            bulk: false,
            left: None,
        })
    }

    /// The fingerprints that entries stand under.
    fn tokens(&self, entries: &[OwnEntry]) -> Result<Vec<(model::SpaceId, model::Token, EntryId)>, Error> {
        let mut out = Vec::new();
        for e in entries.iter().filter(|e| e.live) {
            let Some(normal) = normal_of(e) else { continue };
            for space in self.store.spaces() {
                for key in matching::keys_with(&normal, &self.lists) {
                    out.push((space, self.store.token(space, &key.text)?, e.id));
                }
            }
        }
        Ok(out)
    }
}

/// As it was normalised when it was entered: another agency's region would read a telephone number otherwise.
pub(crate) fn normal_of(e: &OwnEntry) -> Option<matching::Normal> {
    Some(matching::Normal {
        kind: e.kind,
        text: e.content.normal.clone()?,
        platform: e.content.platform.clone(),
        doubt: e.content.doubt.clone(),
        rule_version: matching::rule_version(e.kind),
    })
}

/// A reader who may see nothing now has a side all the same: the desk's.
fn level_of(shown: &Shown) -> Level {
    match shown {
        Shown::Open { .. } => Level::Open,
        Shown::Desk | Shown::Nothing => Level::Desk,
    }
}
