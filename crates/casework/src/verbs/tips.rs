//! Tips: CyberTip reports taken in as they come, and the officer's judgement that makes a case of one.
//!
//! A report becomes a case of its own with status "tip": nobody has judged it, so nobody in it is a subject (28 CFR
//! 23.20(a)) and every entry answers "call the watch desk". Its free text is sealed and never matched. Who may learn of it
//! is limited by 18 U.S.C. 2258A(g).

use std::collections::BTreeMap;

use model::tip::{IncidentKind, IncidentType, Standing};
use model::{
    Case, CaseId, CaseNumber, CaseStatus, EntryClass, EntryDraft, EntryRole, FreeText, Kind, Level, Marking, MemberId,
    Nexus, Offence, Predicate, PredicateId, Problem, RequestId, SubmissionId, ThreatArea, Tip, derived_id,
};
use policy::{Action, Facts, Grant, Principal};
use sha2::{Digest, Sha256};
use store::{EntryState, OwnEntry, RequestDigest};
use uuid::Uuid;

use crate::answer::Answer;
use crate::desk::{Desk, again};
use crate::error::Error;
use crate::verbs::submit::{Care, SubmitOrder, facts_of};
use crate::verbs::take_in::{Incoming, TipContent, case_facts};

/// What became of one report.
#[derive(Debug)]
pub enum TipFate {
    /// Taken in now, with the answer.
    New(Box<Answer>),
    /// The same report was taken in before; nothing was stored twice.
    Known(SubmissionId),
    /// Taken in now, and not yet looked at: nothing is known of it. The error is what kept the look.
    Waiting(SubmissionId, Error),
    /// Nothing of it was stored.
    Refused(Error),
}

/// How the Internet was used: a provider saw it there, and so must report it.
const NEXUS: &str = "reported to the CyberTipline by a provider that saw it on its service (18 U.S.C. 2258A)";

impl Desk {
    /// Takes in reports, each as a case of its own led by `who` and supervised by `supervisor`. The same report sent again,
    /// by whomever of the agency, is known by its number and stored once.
    pub async fn receive_tips(
        &self,
        who: &Principal,
        tips: Vec<Tip>,
        supervisor: Option<MemberId>,
    ) -> Result<Vec<TipFate>, Error> {
        if let Some(supervisor) = supervisor
            && !self.supervises(who, supervisor, &mut BTreeMap::new()).await?
        {
            return Err(Error::NotFound("supervisor in your agency"));
        }
        let mut read = Vec::with_capacity(tips.len());
        for tip in tips {
            let bytes = serde_json::to_vec(&tip).map_err(|_| store::Error::Seal("tip"))?;
            let digest = RequestDigest::from(<[u8; 32]>::from(Sha256::digest(&bytes)));
            let request = request_of(who, &tip);
            read.push((tip, bytes, digest, request));
        }
        let requests: Vec<RequestId> = read.iter().map(|(.., request)| *request).collect();
        let earlier = self.store.earlier_of(who.agency, &requests).await?;
        let mut fates: BTreeMap<usize, TipFate> = BTreeMap::new();
        let (mut incoming, mut asked) = (Vec::new(), BTreeMap::new());
        for (at, (tip, bytes, digest, request)) in read.into_iter().enumerate() {
            let fate = match earlier.get(&request) {
                Some(known) if !self.store.asked_the_same(known, &digest) => TipFate::Refused(changed(&tip)),
                Some(known) => TipFate::Known(known.submission),
                None => match self.incoming_tip(who, at, &tip, bytes, (request, digest), supervisor).await {
                    Ok(one) => {
                        asked.insert(at, (request, digest));
                        incoming.push(one);
                        continue;
                    }
                    Err(e) => TipFate::Refused(e),
                },
            };
            fates.insert(at, fate);
        }
        let mut answers = BTreeMap::new();
        self.bring_in(incoming, &mut answers).await?;
        let failed = answers.iter().filter(|(_, fate)| fate.is_err()).filter_map(|(at, _)| asked.get(at));
        let failed: Vec<RequestId> = failed.map(|(request, _)| *request).collect();
        // What failed may have failed after the commit that stored it.
        let kept = if failed.is_empty() { BTreeMap::new() } else { self.store.earlier_of(who.agency, &failed).await? };
        let waits = |at: usize| {
            let (request, digest) = asked.get(&at)?;
            kept.get(request).filter(|kept| self.store.asked_the_same(kept, digest)).map(|kept| kept.submission)
        };
        fates.extend(answers.into_iter().map(|(at, fate)| match fate {
            Ok(answer) => (at, TipFate::New(Box::new(answer))),
            // Its number twice in what was sent: the first of them stands, and has its own fate.
            Err(e @ Error::Store(store::Error::Exists(_))) => (at, TipFate::Refused(e)),
            Err(e) => match waits(at) {
                Some(id) => (at, TipFate::Waiting(id, e)),
                None => (at, TipFate::Refused(e)),
            },
        }));
        Ok(fates.into_values().collect())
    }

    /// May this member take in reports? Asked before anything is looked up, so that who may not learns nothing.
    pub(crate) async fn may_receive(&self, who: &Principal) -> Result<Grant, Error> {
        let facts = Facts {
            agency: Some(who.agency),
            lead: Some(who.member),
            status_open: true,
            has_nexus: true,
            ..Facts::default()
        };
        self.allow(who, Action::ReceiveTip, &facts, ("agency", who.agency.into()), self.request()).await
    }

    /// What these reports made that were taken in before, by whomever of the agency; by their numbers alone. The look
    /// leaves its event.
    ///
    /// # Errors
    /// [`Error::Refused`] for who may not take in reports.
    pub async fn tips_known(&self, who: &Principal, tips: &[Tip]) -> Result<Vec<Option<SubmissionId>>, Error> {
        let grant = self.may_receive(who).await?;
        let requests: Vec<RequestId> = tips.iter().map(|tip| request_of(who, tip)).collect();
        let earlier = self.store.earlier_of(who.agency, &requests).await?;
        let known: Vec<Option<SubmissionId>> =
            requests.iter().map(|request| earlier.get(request).map(|earlier| earlier.submission)).collect();
        let act = self.store.act(&grant, ("agency", who.agency.into()));
        let act = act.shown(known.iter().flatten().map(|id| Uuid::from(*id)));
        self.store.view(&grant).await?.commit(act).await?;
        Ok(known)
    }

    async fn incoming_tip(
        &self,
        who: &Principal,
        at: usize,
        tip: &Tip,
        bytes: Vec<u8>,
        (request, digest): (RequestId, RequestDigest),
        supervisor: Option<MemberId>,
    ) -> Result<Incoming, Error> {
        let file = format!("report {}", tip.number.as_str());
        if is_offline(tip) {
            return Err(Error::File { file, problems: vec![offline(tip)] });
        }
        let now = self.store.clock().now();
        let number =
            CaseNumber::parse(&format!("CyberTip {}", tip.number.as_str())).map_err(Error::argument("report"))?;
        let area = area_of(tip);
        let case = Case {
            id: CaseId::new(self.store.clock(), self.store.chance()),
            agency: who.agency,
            number: number.clone(),
            threat_area: area,
            nexus: Nexus::parse(NEXUS).map_err(Error::argument("nexus"))?,
            offence: Offence::usual(area),
            predicate: None,
            lead: who.member,
            supervisor,
            contact: None,
            marking: Marking::default(),
            status: CaseStatus::Tip,
            outcome: None,
            opened: now,
        };
        let facts = Facts { has_nexus: true, ..facts_of(&case_facts(&case)) };
        let open = self.allow(who, Action::ReceiveTip, &facts, ("case", case.id.into()), request).await?;
        let order = SubmitOrder {
            level: Level::Desk,
            ..SubmitOrder::new(number, file, exchange::Reading::of(exchange::Format::Case, tip.drafts()), request)
        };
        let prepared = self.prepare(who, &case_facts(&case), order, None, digest, now, Care::Report)?;
        let content = TipContent {
            bytes,
            informational: tip.standing() == Standing::Informational,
            escalated: tip.is_escalated(),
        };
        Ok(Incoming { who: who.clone(), at, case, facts: None, open, submit: None, prepared, tip: Some(content) })
    }
}

/// A report is one request, whoever sends it and however often.
fn request_of(who: &Principal, tip: &Tip) -> RequestId {
    let number = tip.number.as_str().to_ascii_lowercase();
    RequestId::from(derived_id("cybertip", &[who.agency.as_bytes(), number.as_bytes()]))
}

fn changed(tip: &Tip) -> Error {
    let problem = model::Invalid::new(
        "was taken in before with other content",
        "look at the case of that report, and submit to it what is new",
    );
    let report = format!("report {}", tip.number.as_str());
    Error::File { file: report.clone(), problems: vec![problem.at(report, "reportId")] }
}

/// 34 U.S.C. 21115(a): the system is not for what did not involve the Internet.
fn is_offline(tip: &Tip) -> bool {
    let mut kinds = tip.details.iter().flat_map(|d| d.incidents.iter().map(|i| i.kind)).peekable();
    kinds.peek().is_some() && kinds.all(|kind| kind == IncidentKind::NonInternet)
}

fn offline(tip: &Tip) -> Problem {
    model::Invalid::new(
        "says that no use of the Internet was involved; 34 U.S.C. 21115(a) limits this system to it",
        "keep this report in your agency's own system",
    )
    .at(format!("report {}", tip.number.as_str()), "internetDetails")
}

/// The threat area an incident type points to: this table's judgement, version 1; the predicate's officer says otherwise.
fn area_of(tip: &Tip) -> ThreatArea {
    match tip.incident_type {
        Some(IncidentType::Trafficking) => ThreatArea::Commercial,
        Some(IncidentType::Tourism) => ThreatArea::Travel,
        Some(IncidentType::Enticement | IncidentType::Unsolicited | IncidentType::Molestation) => {
            ThreatArea::Enticement
        }
        _ => ThreatArea::Material,
    }
}

/// The facts an officer states of a tip.
pub struct PredicateOrder {
    /// The tip's case.
    pub case: CaseNumber,
    /// What makes the suspicion reasonable.
    pub facts: FreeText,
    /// The threat area.
    pub area: ThreatArea,
    /// The offence; `None` takes the area's usual one.
    pub offence: Option<Offence>,
    /// SHA-256 of the supporting document, which stays with the agency (28 CFR 23.20(n)).
    pub document: Option<[u8; 32]>,
}

/// Accounts and other identifiers that an officer names as a subject's.
pub struct SubjectOrder {
    /// The case.
    pub case: CaseNumber,
    /// Kind and value of each, as they stand in the case.
    pub values: Vec<(Kind, String)>,
    /// How they answer others from now on.
    pub level: Level,
    /// Sent again with the same id, nothing is stored twice.
    pub request: RequestId,
}

impl Desk {
    /// States the predicate of a tip: from now on it is a case on reasonable suspicion (28 CFR 23.20(a)). Its entries stay
    /// tips until they are named as a subject's.
    pub async fn state_predicate(&self, who: &Principal, order: PredicateOrder) -> Result<(), Error> {
        let case = self.own_case(who, Action::StatePredicate, &order.case).await?;
        let object = ("case", case.id.into());
        let grant = self.allow(who, Action::StatePredicate, &facts_of(&case), object, self.request()).await?;
        if case.status != CaseStatus::Tip {
            return Err(Error::NotNow("this case has its predicate already".to_owned()));
        }
        let predicate = Predicate {
            id: PredicateId::new(self.store.clock(), self.store.chance()),
            offence: order.offence.unwrap_or_else(|| Offence::usual(order.area)),
            member: who.member,
            at: self.store.clock().now(),
            facts: order.facts,
            document: order.document,
        };
        again!(async {
            let mut tx = self.store.begin(&grant).await?;
            tx.state_predicate(&case, order.area, &predicate).await?;
            let act = self.store.act(&grant, object).bind("predicate", predicate.facts.as_str().as_bytes());
            tx.commit(act).await?;
            Ok(())
        })
    }

    /// Names entries of a case as a subject's: each is entered anew as suspicion under the case's predicate and looked for
    /// again, then what it replaces leaves matching. A child, a victim or a witness is never a subject.
    pub async fn name_subjects(&self, who: &Principal, order: SubjectOrder) -> Result<Answer, Error> {
        let case = self.own_case(who, Action::Correct, &order.case).await?;
        let object = ("case", case.id.into());
        let grant = self.allow(who, Action::Correct, &facts_of(&case), object, order.request).await?;
        let mut replaced: Vec<OwnEntry> = Vec::new();
        for (kind, value) in &order.values {
            let mut tx = self.store.view(&grant).await?;
            let found = self.of_value(&mut tx, who, &case, *kind, value, None).await;
            let shown: Vec<_> = found.iter().flatten().map(|e| e.id.into()).collect();
            tx.commit(self.store.act(&grant, object).shown(shown)).await?;
            replaced.extend(found?);
        }
        if let Some(child) = replaced.iter().find(|e| model::is_protected(e.role, e.age)) {
            return Err(Error::Refused(format!(
                "refused: {} stands there for a child, a victim or a witness, who is never a subject",
                child.content.place.as_deref().unwrap_or("this identifier")
            )));
        }
        let drafts =
            replaced.iter().filter(|e| e.role != EntryRole::Subject).map(|e| subject(e, order.level)).collect();
        let request = order.request;
        let answer = self
            .submit(
                who,
                SubmitOrder {
                    level: order.level,
                    ..SubmitOrder::new(
                        order.case,
                        "named as a subject's",
                        exchange::Reading::of(exchange::Format::Csv, drafts),
                        request,
                    )
                },
            )
            .await?;
        // Sent again after a failure the new entries stand in the case already, under the same values.
        let new: Option<SubmissionId> = answer.receipt.parse().ok();
        replaced.retain(|e| Some(e.submission) != new && e.role != EntryRole::Subject);
        let ended = again!(async {
            let mut tx = self.store.begin(&grant).await?;
            // The identifiers stand as they stood: nobody who was told of them has to be told otherwise.
            self.replace(&mut tx, &case, &replaced, EntryState::Corrected).await?;
            let ids: Vec<_> = replaced.iter().map(|e| e.id).collect();
            tx.end_matches(case.id, case.agency, &ids).await?;
            tx.commit(self.store.act(&grant, object).shown(replaced.iter().map(|e| e.id.into()))).await?;
            Ok(())
        });
        match ended {
            Ok(()) => Ok(answer),
            Err(e) => Err(Error::NotNow(format!(
                "the subject is entered, and its entry as a tip still matches too ({e}): send this again with --request {request}, which stores nothing twice"
            ))),
        }
    }
}

/// The entry of a subject in place of one of nobody in particular.
fn subject(e: &OwnEntry, level: Level) -> EntryDraft {
    let mut draft = EntryDraft::new(e.content.place.clone().unwrap_or_default(), e.kind, e.content.raw.clone());
    draft.platform.clone_from(&e.content.platform);
    draft.role = EntryRole::Subject;
    draft.age = e.age;
    draft.class = Some(EntryClass::Suspicion);
    draft.source = e.source;
    draft.report.clone_from(&e.content.report);
    draft.seen = e.seen;
    draft.port = e.port;
    draft.marking = Some(e.marking.clone());
    draft.level = Some(level);
    draft.note = e.content.note.as_deref().and_then(|n| FreeText::parse(n).ok());
    draft
}
