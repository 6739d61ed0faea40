//! Take in: many cases at once, each with the identifiers that come with it.
//!
//! An agency that moves in brings thousands of cases. Each is opened and submitted to as if alone, with its own answer,
//! receipt and events; only the transactions are shared, by several officers of the agency too: one opens the cases and
//! adds their entries, and after its commit one looks for all of them (../shared/storage.md: commit first, look second).

use std::collections::{BTreeMap, BTreeSet};

use model::{AgencyId, Case, CaseId, CaseStatus, MemberId, Role};
use policy::{Action, Facts, Grant, Principal};
use store::{CaseFacts, NewTip, Pending, RequestDigest, Stage, SubmissionVerb};

use crate::answer::Answer;
use crate::desk::{Desk, again};
use crate::error::Error;
use crate::verbs::cases::NewCase;
use crate::verbs::detail;
use crate::verbs::look::{Look, Looking};
use crate::verbs::submit::{Care, Prepared, SubmitOrder, seal};

/// A case that comes with its identifiers.
pub struct CaseIntake {
    /// The case, led by whoever takes it in.
    pub case: NewCase,
    /// Its identifiers; the case's number is the new one's.
    pub order: SubmitOrder,
}

/// What became of each case of one officer, in their order.
pub type Fates = Vec<Result<Answer, Error>>;

/// A case on its way in, allowed and read.
pub(crate) struct Incoming {
    /// Who takes it in.
    pub who: Principal,
    /// Where in the batch it stood.
    pub at: usize,
    pub case: Case,
    /// What the event of its opening binds: the predicate's facts; none of a tip, whose one event binds its report.
    pub facts: Option<String>,
    /// Opens the case; of a tip it does all.
    pub open: Grant,
    /// Adds the entries, where that takes a grant of its own.
    pub submit: Option<Grant>,
    pub prepared: Prepared,
    pub tip: Option<TipContent>,
}

/// A report as it is kept.
pub(crate) struct TipContent {
    pub bytes: Vec<u8>,
    pub informational: bool,
    pub escalated: bool,
}

impl Incoming {
    fn pending(&self) -> Pending {
        Pending {
            id: self.prepared.id,
            agency: self.who.agency,
            member: self.who.member,
            case: Some(self.case.id),
            at: self.case.opened,
        }
    }
}

/// Most cases and most identifiers of one transaction: others wait no longer than for one of these.
const TOGETHER: (usize, usize) = (256, 5_000);

impl Desk {
    /// Takes in cases, each with its answer or what is wrong with it, in their order. One that is refused does not stop
    /// the others. Sent again with the same request ids, each gets the answer it was given.
    pub async fn take_in(&self, who: &Principal, batch: Vec<CaseIntake>) -> Result<Fates, Error> {
        Ok(self.take_in_together(vec![(who.clone(), batch)]).await?.into_iter().next().unwrap_or_default())
    }

    /// The same for several officers of one agency at once: each leads what they bring, and each gets their own answers.
    pub async fn take_in_together(&self, officers: Vec<(Principal, Vec<CaseIntake>)>) -> Result<Vec<Fates>, Error> {
        let Some(agency) = officers.first().map(|(who, _)| who.agency) else { return Ok(Vec::new()) };
        let sizes: Vec<usize> = officers.iter().map(|(_, batch)| batch.len()).collect();
        let mut batch = Vec::with_capacity(sizes.iter().sum());
        for (who, theirs) in officers {
            if who.agency != agency {
                return Err(Error::NotFound("officer in your agency"));
            }
            batch.extend(theirs.into_iter().map(|intake| (who.clone(), intake)));
        }
        let digest = |(who, i): &(Principal, CaseIntake)| {
            let labels = i.order.labels();
            let chosen: Vec<&str> = labels.iter().map(String::as_str).collect();
            detail::request_digest("take in", who, Some(&i.case.number), &chosen, &i.order.reading.drafts)
        };
        let digests: Vec<RequestDigest> = batch.iter().map(digest).collect();
        let requests = batch.iter().zip(&digests).map(|((who, i), digest)| (who, i.order.request, digest));
        let mut fates = self.known(agency, requests).await?;
        let numbers: Vec<_> = batch.iter().map(|(_, i)| i.case.number.clone()).collect();
        let there = self.store.case_facts_numbered(agency, &numbers).await?;
        let mut values: BTreeMap<MemberId, usize> = BTreeMap::new();
        for (who, intake) in &batch {
            *values.entry(who.member).or_default() += intake.order.reading.drafts.len();
        }
        let mut supervisors = BTreeMap::new();
        let mut incoming = Vec::new();
        for (at, (((who, intake), digest), there)) in batch.into_iter().zip(digests).zip(there).enumerate() {
            if fates.contains_key(&at) {
                continue;
            }
            let read = match there {
                Some(_) => Err(store::Error::Exists("a case of this number").into()),
                None => {
                    // What one officer brings in one go is counted together, in however many cases.
                    let values = values.get(&who.member).copied().unwrap_or_default();
                    let read = self.incoming(who, at, intake, digest, values, &mut supervisors).await;
                    read.map_err(|e| self.limits.counted(e, values))
                }
            };
            match read {
                Ok(one) => incoming.push(one),
                Err(e) => drop(fates.insert(at, Err(e))),
            }
        }
        self.bring_in(incoming, &mut fates).await?;
        let mut at = 0..;
        let mut fate =
            || at.next().and_then(|at| fates.remove(&at)).ok_or(Error::NotFound("answer to one of the cases"));
        sizes.into_iter().map(|n| (0..n).map(|_| fate()).collect()).collect()
    }

    /// What was taken in before, by place in the batch.
    pub(crate) async fn known<'a>(
        &self,
        agency: AgencyId,
        requests: impl Iterator<Item = (&'a Principal, model::RequestId, &'a RequestDigest)> + Send,
    ) -> Result<BTreeMap<usize, Result<Answer, Error>>, Error> {
        let requests: Vec<_> = requests.collect();
        let ids: Vec<_> = requests.iter().map(|(_, id, _)| *id).collect();
        let earlier = self.store.earlier_of(agency, &ids).await?;
        let mut fates = BTreeMap::new();
        for (at, (who, request, digest)) in requests.into_iter().enumerate() {
            match earlier.get(&request) {
                None => {}
                Some(earlier) if !self.store.asked_the_same(earlier, digest) => {
                    fates.insert(at, Err(store::Error::Exists("another request of this id").into()));
                }
                Some(earlier) => drop(fates.insert(at, self.answer(who, earlier.submission).await)),
            }
        }
        Ok(fates)
    }

    async fn incoming(
        &self,
        who: Principal,
        at: usize,
        intake: CaseIntake,
        digest: RequestDigest,
        values: usize,
        supervisors: &mut BTreeMap<(MemberId, MemberId), bool>,
    ) -> Result<Incoming, Error> {
        let CaseIntake { case: new, mut order } = intake;
        order.case = new.number.clone();
        if let Some(supervisor) = new.supervisor
            && !self.supervises(&who, supervisor, supervisors).await?
        {
            return Err(Error::NotFound("supervisor in your agency"));
        }
        let now = self.store.clock().now();
        let id = CaseId::new(self.store.clock(), self.store.chance());
        let facts = Facts {
            agency: Some(who.agency),
            lead: Some(who.member),
            supervisor: new.supervisor,
            has_nexus: true,
            has_predicate: true,
            ..Facts::default()
        };
        let open = self.allow(&who, Action::OpenCase, &facts, ("case", id.into()), order.request).await?;
        let (case, facts) = self.new_case(&who, id, new, now);
        let known = case_facts(&case);
        let silent = self.silence(&who, &known, &order, now).await?;
        let submit = self.may_submit(&who, &known, &order, silent.as_ref(), self.limits.is_many(values)).await?;
        let prepared = self.prepare(&who, &known, order, silent.as_ref(), digest, now, Care::Officer)?;
        Ok(Incoming { who, at, case, facts: Some(facts), open, submit: Some(submit), prepared, tip: None })
    }

    /// Is this another member of one's agency who holds the role? Asked once a batch.
    pub(crate) async fn supervises(
        &self,
        who: &Principal,
        supervisor: MemberId,
        known: &mut BTreeMap<(MemberId, MemberId), bool>,
    ) -> Result<bool, Error> {
        if let Some(yes) = known.get(&(who.member, supervisor)) {
            return Ok(*yes);
        }
        let theirs = self.store.principal(&supervisor.to_string()).await?;
        let yes = theirs.is_some_and(|p| p.agency == who.agency && p.member != who.member && p.has(Role::Supervisor));
        known.insert((who.member, supervisor), yes);
        Ok(yes)
    }

    /// Both transactions for each part of the batch.
    pub(crate) async fn bring_in(
        &self,
        incoming: Vec<Incoming>,
        fates: &mut BTreeMap<usize, Result<Answer, Error>>,
    ) -> Result<(), Error> {
        self.store.installation().await?; // read before the transactions: a look never waits for a second connection
        // The same number or request twice in one batch: the first stands.
        let mut numbers = BTreeSet::new();
        let (mut part, mut identifiers) = (Vec::new(), 0);
        for one in incoming {
            if !numbers.insert(one.case.number.as_str().to_lowercase()) {
                fates.insert(one.at, Err(store::Error::Exists("a case of this number").into()));
                continue;
            }
            let weight = one.prepared.entries.len();
            if !part.is_empty() && (part.len() >= TOGETHER.0 || identifiers + weight > TOGETHER.1) {
                self.bring_in_part(std::mem::take(&mut part), fates).await;
                identifiers = 0;
            }
            identifiers += weight;
            part.push(one);
        }
        self.bring_in_part(part, fates).await;
        Ok(())
    }

    async fn bring_in_part(&self, part: Vec<Incoming>, fates: &mut BTreeMap<usize, Result<Answer, Error>>) {
        let kept = again!(async { self.keep(&part).await });
        match kept {
            Ok(()) => self.look_for(&part, fates).await,
            Err(e) if part.len() == 1 => {
                for one in &part {
                    // The same request at the same time: the other one's answer stands.
                    let earlier = self.store.earlier(one.who.agency, one.prepared.request, &one.prepared.digest).await;
                    let fate = match earlier {
                        Ok(Some(id)) => self.answer(&one.who, id).await,
                        _ => return drop(fates.insert(one.at, Err(e))),
                    };
                    fates.insert(one.at, fate);
                }
            }
            // Somebody else was first with one of them: each stands or falls by itself.
            Err(_) => {
                for one in part {
                    Box::pin(self.bring_in_part(vec![one], fates)).await;
                }
            }
        }
    }

    /// Transaction 1: the cases with their entries. When it has committed they are acknowledged.
    async fn keep(&self, part: &[Incoming]) -> Result<(), Error> {
        let Some(first) = part.first() else { return Ok(()) };
        let agency = first.who.agency;
        let mut tx = self.store.prepare(&first.open);
        for one in part {
            tx.also(&one.open)?;
            one.submit.iter().try_for_each(|grant| tx.also(grant))?;
        }
        let cases: Vec<Case> = part.iter().map(|one| one.case.clone()).collect();
        let cases = tx.seal_cases(agency, &cases).await?;
        let all: Vec<_> = part.iter().map(|one| (one.who.member, one.case.id, &one.prepared)).collect();
        let sealed = seal(&mut tx, SubmissionVerb::Submit, agency, &all).await?;
        tx.keep_cases(cases).await?;
        let tips: Vec<NewTip<'_>> = part
            .iter()
            .filter_map(|one| {
                let TipContent { bytes, informational, escalated } = one.tip.as_ref()?;
                Some(NewTip { case: one.case.id, informational: *informational, escalated: *escalated, content: bytes })
            })
            .collect();
        if !tips.is_empty() {
            tx.add_tips(agency, &tips).await?;
        }
        sealed.keep(&mut tx).await?;
        let mut acts = Vec::with_capacity(part.len() * 2);
        for one in part {
            let opened = self.store.act(&one.open, ("case", one.case.id.into()));
            let accepting = match (&one.submit, &one.facts) {
                (Some(submit), Some(facts)) => {
                    acts.push(opened.bind("predicate", facts.as_bytes()));
                    self.store.act(submit, ("submission", one.prepared.id.into()))
                }
                _ => opened,
            };
            let accepting = match &one.tip {
                Some(tip) => accepting.bind("tip", &tip.bytes),
                None => accepting,
            };
            acts.push(accepting.bind("submission", &one.prepared.bytes).accepts(one.prepared.id));
        }
        let mut acts = acts.into_iter();
        if let Some(act) = acts.next() {
            tx.commit_all(act, acts.collect()).await?;
        }
        Ok(())
    }

    /// Transaction 2, begun after transaction 1 committed. What fails here is stored; the sweeper will look.
    async fn look_for(&self, part: &[Incoming], fates: &mut BTreeMap<usize, Result<Answer, Error>>) {
        let together = again!(async { self.look_for_all(part).await });
        match together {
            Ok(answers) if answers.len() == part.len() => {
                fates.extend(part.iter().map(|one| one.at).zip(answers.into_iter().map(Ok)));
            }
            _ => {
                for one in part {
                    let (detail, request) = (&one.prepared.detail, one.prepared.request);
                    let fate = self.look_and_answer(&one.who, one.pending(), one.case.lead, detail, request).await;
                    fates.insert(one.at, fate);
                }
            }
        }
    }

    async fn look_for_all(&self, part: &[Incoming]) -> Result<Vec<Answer>, Error> {
        let mut grants = Vec::with_capacity(part.len());
        for one in part {
            let facts = Facts { agency: Some(one.who.agency), ..Facts::default() };
            let object = ("submission", one.prepared.id.into());
            grants.push(self.allow(&one.who, Action::Look, &facts, object, one.prepared.request).await?);
        }
        let looks: Vec<Look<'_>> = part
            .iter()
            .zip(&grants)
            .map(|(one, grant)| Look {
                grant,
                looking: Looking {
                    pending: one.pending(),
                    viewer: &one.who,
                    lead: one.case.lead,
                    supervisor: one.case.supervisor,
                    stage: Stage::Look,
                },
                detail: &one.prepared.detail,
            })
            .collect();
        self.look_all(&looks).await
    }
}

/// What policy will know of a case once it is there.
pub(crate) fn case_facts(case: &Case) -> CaseFacts {
    CaseFacts {
        id: case.id,
        agency: case.agency,
        lead: case.lead,
        supervisor: case.supervisor,
        status: if case.predicate.is_some() { CaseStatus::Open } else { CaseStatus::Tip },
        predicate: case.predicate.as_ref().map(|p| p.id),
        version: 1,
    }
}
