//! One conflict: see it, acknowledge it, write to the other side, agree how it ends.

use model::{ConflictId, FreeText, Level, Marking, MessageId, Micros, RequestId, Resolution, SideState, Strength};
use policy::disclosure::{self, Shown};
use policy::{Action, Facts, Grant, Principal};
use serde::{Deserialize, Serialize};
use store::{Matter, NewNotice, OwnEntry, Pass, RequestDigest, SeenNotices, Side, SideFacts, Tx};
use uuid::Uuid;

use crate::answer::{EQUAL_IS_NOT_SAME, MatchLine, Other};
use crate::desk::{Desk, again};
use crate::error::Error;
use crate::verbs::call_proof::{self, CallProof};
use crate::verbs::detail::{self, named_own};
use crate::verbs::tell::call;
use crate::verbs::timeline::{self, Happened, People, Theirs};

/// A conflict as one side sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConflictView {
    /// "concord.conflict/1".
    pub format: String,
    /// Its id, to be quoted on the telephone.
    pub conflict: String,
    /// Where one's own side stands.
    pub state: String,
    /// How it ended.
    pub resolution: Option<String>,
    /// When it should be answered.
    pub due: String,
    /// How sure.
    pub strength: Strength,
    /// On which of one's own identifiers.
    pub matches: Vec<MatchLine>,
    /// Whom to call.
    pub other: Option<Other>,
    /// What stands under an exact match.
    pub reminder: String,
    /// The thread.
    pub thread: Vec<Line>,
    /// What is proposed, by whom.
    pub proposals: Vec<ProposalLine>,
    /// Holds that stand.
    pub holds: Vec<HoldLine>,
    /// One's own case's number.
    #[serde(default)]
    pub case: Option<String>,
    /// What happened, oldest first; what was written stands in the thread.
    #[serde(default)]
    pub timeline: Vec<Happened>,
    /// Whether the other side has seen it; none where it sees only the watch desk.
    #[serde(default)]
    pub theirs: Option<Theirs>,
    /// What to say and to hear on the telephone; none unless both sides see each other openly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_proof: Option<CallProof>,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Line {
    /// Its id.
    #[serde(default)]
    pub id: String,
    /// "you" or "they".
    pub from: String,
    /// When.
    pub at: String,
    /// Its marking.
    pub marking: String,
    /// What it says.
    pub text: String,
    /// Who of one's own wrote it; of the other side whom to call there, whoever wrote it.
    #[serde(default)]
    pub by: Option<String>,
}

/// One proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProposalLine {
    /// "you" or "they".
    pub from: String,
    /// What.
    pub resolution: String,
    /// When.
    #[serde(default)]
    pub at: String,
    /// As of a message.
    #[serde(default)]
    pub by: Option<String>,
}

/// One hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HoldLine {
    /// Its id.
    pub hold: String,
    /// "you" or "they".
    pub from: String,
    /// When it ends by itself.
    pub until: String,
    /// Both supervisors lifted it.
    pub lifted: bool,
    /// When it was asked for.
    #[serde(default)]
    pub at: String,
    /// As of a message.
    #[serde(default)]
    pub by: Option<String>,
}

/// What an officer does next.
pub enum Step {
    /// Seen, by a named officer.
    Acknowledge,
    /// Words for the other side.
    Message(FreeText, Marking),
    /// How it should end.
    Propose(Resolution, FreeText),
    /// Agreed to what the other side proposes: to this and no other, when it is said; to whatever stands, otherwise.
    Accept(Option<Resolution>),
}

/// A request that writes into a thread, by which it is known when it comes again.
pub(crate) struct Once {
    pub request: RequestId,
    pub digest: RequestDigest,
}

/// Notes the request that writes, before anything it writes.
pub(crate) async fn first(tx: &mut Tx, once: Option<&Once>, id: ConflictId, made: Uuid) -> Result<(), Error> {
    match once {
        None => Ok(()),
        Some(once) => Ok(tx.first_written(once.request, id, made, &once.digest).await?),
    }
}

/// A proposal has no id of its own: the next one takes its place.
fn request_row(once: Option<&Once>) -> Uuid {
    once.map_or_else(Uuid::nil, |once| once.request.into())
}

impl Desk {
    /// The reader's own side of a conflict that it may see; anything else does not exist.
    pub(crate) async fn side(
        &self,
        who: &Principal,
        action: Action,
        conflict: ConflictId,
    ) -> Result<(Grant, SideFacts), Error> {
        let sides = self.store.side_facts(who.agency, conflict).await?;
        // With two sides in one agency, one's own case first.
        let side = sides
            .iter()
            .filter(|s| s.sees == Level::Open)
            .find(|s| s.member == who.member)
            .or_else(|| sides.iter().find(|s| s.sees == Level::Open))
            .cloned();
        let object = ("conflict", conflict.into());
        let Some(side) = side else {
            // The answer is that of a conflict that is not there; the event says which was asked for.
            return Err(self.missing_at(who, action, object, "conflict").await);
        };
        let facts = Facts { agency: Some(who.agency), side: true, ..self.case_facts_of(&side).await? };
        let grant = self.allow(who, action, &facts, object, self.request()).await?;
        Ok((grant, side))
    }

    async fn case_facts_of(&self, side: &SideFacts) -> Result<Facts, Error> {
        let case = self.store.case_facts_by_id(side.case).await?;
        Ok(Facts {
            lead: case.as_ref().map(|c| c.lead),
            supervisor: case.as_ref().and_then(|c| c.supervisor),
            status_open: case.is_some_and(|c| c.status.is_worked()),
            held: self.store.hold_stands(side.conflict).await?,
            ..Facts::default()
        })
    }

    /// One conflict, with its thread.
    pub async fn conflict(&self, who: &Principal, id: ConflictId) -> Result<ConflictView, Error> {
        let (grant, facts) = self.side(who, Action::ShowConflict, id).await?;
        let mut tx = self.store.view(&grant).await?;
        let side =
            tx.sides_of(id).await?.into_iter().find(|s| s.case == facts.case).ok_or(Error::NotFound("conflict"))?;
        let open: Vec<uuid::Uuid> =
            side.matches.iter().filter(|m| m.sees == Level::Open).map(|m| m.mine.into()).collect();
        let shown = open.into_iter().chain([side.case.into()]);
        let mut view =
            side_view(&mut tx, who, &side, facts.seen == Level::Open, facts.noted, self.store.clock().now()).await?;
        // Not where an export writes: words in a file are words an impostor can read.
        if facts.sees == Level::Open && facts.seen == Level::Open && view.other.is_some() {
            view.call_proof = Some(CallProof {
                yours: call_proof::words(&self.store, id, (who.agency, facts.case)),
                theirs: call_proof::words(&self.store, id, (facts.other_agency, facts.other_case)),
            });
        }
        tx.commit(self.store.act(&grant, ("conflict", id.into())).shown(shown)).await?;
        Ok(view)
    }

    /// Takes a step on one's own side, and returns the conflict as it then stands.
    ///
    /// # Errors
    /// [`Error::NotNow`]: the conflict is resolved, the other side sees only the desk, or it proposes something else.
    pub async fn step(&self, who: &Principal, id: ConflictId, step: Step) -> Result<ConflictView, Error> {
        self.step_once(who, id, step, self.request()).await
    }

    /// The same under a request id: what is written or proposed again with it is written once, and the conflict is
    /// returned as it stands.
    ///
    /// # Errors
    /// As [`Self::step`]; [`store::Error::Exists`] when the id was given to something else.
    pub async fn step_once(
        &self,
        who: &Principal,
        id: ConflictId,
        step: Step,
        request: RequestId,
    ) -> Result<ConflictView, Error> {
        let written = match &step {
            Step::Message(text, marking) => Some(["message".to_owned(), text.as_str().to_owned(), marking.to_string()]),
            Step::Propose(resolution, reason) => {
                Some(["propose".to_owned(), resolution.word().to_owned(), reason.as_str().to_owned()])
            }
            Step::Acknowledge | Step::Accept(_) => None,
        };
        let once = written.map(|words| Once { request, digest: detail::thread_digest(who, id, &words) });
        if self.was_written(who, once.as_ref()).await?.is_none() {
            let taken = again!(self.take_step(who, id, &step, once.as_ref()));
            self.or_written(who, once.as_ref(), taken).await?;
        }
        self.conflict(who, id).await
    }

    /// What this request wrote before; none when it is new, or writes nothing.
    pub(crate) async fn was_written(&self, who: &Principal, once: Option<&Once>) -> Result<Option<Uuid>, Error> {
        match once {
            None => Ok(None),
            Some(once) => Ok(self.store.written(who.agency, once.request, &once.digest).await?),
        }
    }

    /// The same request twice at once: what the other one wrote stands.
    pub(crate) async fn or_written<T>(
        &self,
        who: &Principal,
        once: Option<&Once>,
        taken: Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        match taken {
            Err(e @ Error::Store(store::Error::Exists(_))) => match self.was_written(who, once).await? {
                Some(_) => Ok(None),
                None => Err(e),
            },
            taken => taken.map(Some),
        }
    }

    async fn take_step(&self, who: &Principal, id: ConflictId, step: &Step, once: Option<&Once>) -> Result<(), Error> {
        let action = match step {
            Step::Acknowledge => Action::Acknowledge,
            Step::Message(..) => Action::Message,
            Step::Propose(..) => Action::Propose,
            Step::Accept(_) => Action::Accept,
        };
        let (grant, side) = self.side(who, action, id).await?;
        // From here on a step that is not taken leaves an event too, that of its dropped transaction.
        let mut tx = self.store.begin(&grant).await?;
        let mut act = self.store.act(&grant, ("conflict", id.into()));
        if !matches!(step, Step::Acknowledge) && side.seen != Level::Open {
            return Err(Error::NotNow(
                "the other side sees only the watch desk: call it, it will put you through".to_owned(),
            ));
        }
        let ends = matches!(step, Step::Propose(..) | Step::Accept(_));
        let resolved = side.state == SideState::Resolved && !matches!(step, Step::Message(..));
        let pass = if ends { tx.pass(&side).await? } else { Pass::Free };
        if resolved || pass == Pass::Ended {
            return Err(Error::NotNow("this conflict is resolved".to_owned()));
        }
        // A notice is told once by what it is about: the act's own id, for the same may be proposed twice.
        let about = act.id();
        match step {
            Step::Acknowledge => {
                tx.advance(&side, SideState::Acknowledged).await?;
                tx.seen(SeenNotices::About(id)).await?;
            }
            Step::Message(text, marking) => {
                let message = MessageId::new(self.store.clock(), self.store.chance());
                first(&mut tx, once, id, message.into()).await?;
                tx.add_message(&side, message, marking, text).await?;
                // Who was woken after proposing has not said that it still holds: an acceptance must not end it for them.
                let woken =
                    side.state < SideState::Coordinating && tx.proposals(id).await?.iter().any(|p| p.case == side.case);
                tx.advance(&side, if woken { SideState::Acknowledged } else { SideState::Coordinating }).await?;
                tx.notify(vec![self.to_other(&side, Matter::Message, message.as_bytes(), "They wrote to you.")])
                    .await?;
                act = act.bind("message", text.as_str().as_bytes());
            }
            Step::Propose(resolution, reason) if pass == Pass::Agreed(*resolution) => {
                // What was agreed holds with what woke this side too. The other side is told nothing: for it nothing changed.
                first(&mut tx, once, id, request_row(once)).await?;
                tx.settle(&side).await?;
                act = act.bind("reason", reason.as_str().as_bytes());
                tx.add_reason(act.id(), "reason", Some(side.case), reason.as_str()).await?;
            }
            Step::Propose(resolution, reason) => {
                first(&mut tx, once, id, request_row(once)).await?;
                if pass != Pass::Free {
                    tx.take_up(&side, self.clocks.due(Strength::Possible, self.store.clock().now())).await?;
                }
                tx.propose(&side, *resolution, reason).await?;
                let agreed =
                    tx.proposals(id).await?.iter().any(|p| p.case == side.other_case && p.resolution == *resolution);
                let words = if agreed {
                    tx.agree(&side, *resolution).await?;
                    format!("They agreed: {resolution}.")
                } else {
                    tx.advance(&side, SideState::Coordinating).await?;
                    format!("They propose: {resolution}.")
                };
                tx.notify(vec![self.to_other(&side, Matter::Message, about.as_bytes(), &words)]).await?;
                act = act.bind("reason", reason.as_str().as_bytes());
            }
            Step::Accept(meant) => {
                let theirs = tx.proposals(id).await?.into_iter().find(|p| p.case == side.other_case);
                let Some(theirs) = theirs.map(|p| p.resolution) else {
                    return Err(Error::NotNow("the other side has proposed nothing yet".to_owned()));
                };
                if meant.is_some_and(|meant| meant != theirs) {
                    return Err(Error::NotNow(format!("they now propose {theirs}: look again")));
                }
                if pass == Pass::Agreed(theirs) {
                    tx.settle(&side).await?;
                } else {
                    if pass != Pass::Free {
                        tx.take_up(&side, self.clocks.due(Strength::Possible, self.store.clock().now())).await?;
                    }
                    let words =
                        FreeText::parse(&format!("accepted: {theirs}")).map_err(Error::argument("resolution"))?;
                    tx.propose(&side, theirs, &words).await?;
                    tx.agree(&side, theirs).await?;
                    let words = format!("They accepted: {theirs}.");
                    tx.notify(vec![self.to_other(&side, Matter::Message, about.as_bytes(), &words)]).await?;
                }
            }
        }
        tx.commit(act).await?;
        Ok(())
    }

    pub(crate) fn to_other(&self, side: &SideFacts, matter: Matter, about: &[u8], words: &str) -> NewNotice {
        NewNotice {
            recipient: side.other_member,
            agency: side.other_agency,
            matter,
            about: [&side.conflict.as_bytes()[..], about].concat(),
            conflict: Some(side.conflict),
            case: Some(side.other_case),
            entry: None,
            other_case: None,
            due: self.clocks.due(Strength::Possible, self.store.clock().now()),
            words: Some(words.as_bytes().to_vec()),
        }
    }
}

/// One side of a conflict with its thread, as disclosure opens it now for this reader; `seen`: the other side sees this one
/// openly too; `noted`: it has taken note of it.
pub(crate) async fn side_view(
    tx: &mut Tx,
    who: &Principal,
    side: &Side,
    seen: bool,
    noted: bool,
    now: Micros,
) -> Result<ConflictView, Error> {
    let id = side.conflict;
    let watch_desk = tx.watch_desk().await?.to_string();
    let open: Vec<_> = side.matches.iter().filter(|m| m.sees == Level::Open).copied().collect();
    let entries = tx.own_entries(side.case, &open.iter().map(|m| m.mine).collect::<Vec<_>>()).await?;
    let others = tx.others(&open.iter().map(|m| (side.other_case, m.theirs)).collect::<Vec<_>>()).await?;
    let other = disclosure::merge(others.iter().map(|(_, _, o)| disclosure::show(who, o)));
    let mut matches: Vec<MatchLine> = Vec::new();
    for m in &open {
        let Some(entry) = entries.iter().find(|e| e.id == m.mine) else { continue };
        let Some(family) = matching::Family::from_code(m.family) else { continue };
        let line = MatchLine {
            kind: entry.kind.word().to_owned(),
            yours: named_own(entry),
            rule: family.rule().to_owned(),
            why: matching::sentence(family, m.strength, &own_facts(entry), &own_normal(entry)),
        };
        if !matches.contains(&line) {
            matches.push(line);
        }
    }
    let (thread, proposals, holds) =
        if seen { (tx.messages(id).await?, tx.proposals(id).await?, tx.holds(id).await?) } else { Default::default() };
    let names = tx.own_names(&timeline::hands(who.agency, side, &thread, &proposals, &holds)).await?;
    let case = tx.own_numbers(&[side.case]).await?.remove(&side.case);
    let contact = match &other {
        Shown::Open { contact, .. } => Some(contact.clone()),
        Shown::Desk | Shown::Nothing => None,
    };
    let people = People { own: who.agency, names, contact };
    Ok(ConflictView {
        format: "concord.conflict/1".to_owned(),
        conflict: id.to_string(),
        state: side.state.word().to_owned(),
        resolution: side.resolution.map(|r| r.word().to_owned()),
        due: side.due.to_string(),
        strength: side.strength,
        matches,
        other: call(&other, &watch_desk, Some(&id.to_string())).map(|o| o.at(now)),
        reminder: EQUAL_IS_NOT_SAME.to_owned(),
        thread: thread.iter().map(|m| Line { by: people.by(m.agency, m.member), ..line_of(m, who) }).collect(),
        proposals: proposals
            .iter()
            .map(|p| ProposalLine {
                from: people.from(p.agency),
                resolution: p.resolution.word().to_owned(),
                at: p.at.to_string(),
                by: people.by(p.agency, p.member),
            })
            .collect(),
        holds: holds
            .iter()
            .map(|h| HoldLine {
                hold: h.id.to_string(),
                from: people.from(h.agency),
                until: h.until.to_string(),
                lifted: h.lifted,
                at: h.at.to_string(),
                by: people.by(h.agency, h.member),
            })
            .collect(),
        case: case.map(|n| n.as_str().to_owned()),
        timeline: timeline::timeline(&people, side, &proposals, &holds, now),
        theirs: seen.then(|| Theirs { told: side.at.to_string(), seen: noted }),
        call_proof: None,
    })
}

/// A message as this reader sees it.
pub(crate) fn line_of(m: &store::Message, who: &Principal) -> Line {
    Line {
        id: m.id.to_string(),
        from: if m.agency == who.agency { "you" } else { "they" }.to_owned(),
        at: m.at.to_string(),
        marking: m.marking.to_string(),
        text: m.text.clone(),
        by: None,
    }
}

/// What the sentence of a rule is built from: one's own entry alone.
fn own_normal(entry: &OwnEntry) -> matching::Normal {
    matching::Normal {
        kind: entry.kind,
        text: entry.content.normal.clone().unwrap_or_default(),
        platform: entry.content.platform.clone(),
        doubt: entry.content.doubt.clone(),
        rule_version: matching::rule_version(entry.kind),
    }
}

fn own_facts(entry: &OwnEntry) -> matching::Facts {
    matching::Facts {
        kind: entry.kind,
        role: entry.role,
        age: entry.age,
        source: entry.source,
        seen: entry.seen,
        port: entry.port,
        entered: entry.entered,
    }
}
