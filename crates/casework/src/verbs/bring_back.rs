//! Bring back: cases of an export, taken in again through the same verbs as any other case.
//!
//! What travels are cases, the live and kept entries with their labels, and tips. Receipts, conflicts, threads and notices
//! are of the Concord that made them: the entries are looked for anew here. A case of which something is withheld does not
//! come at all, for a child left out unseen would be a child left unprotected.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    CaseNumber, CaseStatus, Invalid, Level, MemberId, Nexus, Offence, Predicate, Problem, RequestId, derived_id,
};
use policy::Principal;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::answer::Answer;
use crate::desk::Desk;
use crate::error::Error;
use crate::verbs::cases::NewCase;
use crate::verbs::submit::{SilentRequest, SubmitOrder};
use crate::verbs::take_in::CaseIntake;
use crate::verbs::tips::TipFate;
use crate::verbs::whole::{CaseLine, EntryLine, draft_of};

/// A case of an export with what stands under it.
#[derive(Debug, Clone)]
pub struct Moved {
    /// The case.
    pub case: CaseLine,
    /// Its entries, in every state.
    pub entries: Vec<EntryLine>,
    /// Its report, when it began as a tip.
    pub tip: Option<Value>,
}

/// What became of one case.
#[derive(Debug)]
pub enum Returned {
    /// Taken in now, with an answer where it has entries.
    New(Option<Box<Answer>>),
    /// It was brought back before; nothing was stored twice.
    Known,
    /// Nothing of it was stored.
    Refused(Error),
}

impl Moved {
    /// The entries that travel: those that match, and those that are kept. A question, and what was taken back, do not.
    pub fn travelling(&self) -> impl Iterator<Item = &EntryLine> {
        self.entries.iter().filter(|e| matches!(e.state.as_str(), "live" | "kept"))
    }

    /// Everything that keeps the case from coming.
    pub fn problems(&self) -> Vec<Problem> {
        let place = format!("case {}", self.case.number);
        let mut problems: Vec<Problem> = self.travelling().filter_map(|e| draft_of(e).err()).collect();
        if self.tip.as_ref().is_some_and(|t| t.get("withheld").is_some_and(|w| !w.is_null())) {
            let why = Invalid::new("is withheld in part", "export the agency's data again with --reason");
            problems.push(why.at(place.clone(), "tip"));
        }
        if let Err(problem) = self.new_case(None) {
            problems.push(problem);
        }
        problems
    }

    fn new_case(&self, supervisor: Option<MemberId>) -> Result<NewCase, Problem> {
        let c = &self.case;
        let at = |field: &'static str| move |e: Invalid| e.at(format!("case {}", c.number), field);
        let facts = match (&c.predicate, c.status) {
            (Some(p), _) => Predicate::facts(&p.facts).map_err(at("predicate"))?,
            // A tip comes through its report, which needs none.
            (None, _) => Predicate::facts("none was stated: a tip").map_err(at("predicate"))?,
        };
        Ok(NewCase {
            number: CaseNumber::parse(&c.number).map_err(at("number"))?,
            threat_area: c.threat_area,
            nexus: Nexus::parse(&c.nexus).map_err(at("nexus"))?,
            predicate: facts,
            offence: Some(Offence::parse(&c.offence).map_err(at("offence"))?),
            supervisor,
            contact: c.contact.clone(),
            marking: c.marking.parse().map_err(at("marking"))?,
        })
    }

    fn is_tip(&self) -> bool {
        self.case.predicate.is_none()
    }

    /// By the case and all that travels of it: the same export twice is one.
    fn request(&self, who: &Principal, what: &str) -> RequestId {
        let mut hash = Sha256::new();
        for e in self.travelling() {
            hash.update(serde_json::to_vec(e).unwrap_or_default());
        }
        let number = self.case.number.to_lowercase();
        let digest: [u8; 32] = hash.finalize().into();
        derived_id(what, &[who.agency.as_bytes(), number.as_bytes(), &digest]).into()
    }

    fn order(
        &self,
        number: CaseNumber,
        only: &[&EntryLine],
        silent: Option<SilentRequest>,
        id: RequestId,
    ) -> SubmitOrder {
        let drafts: Vec<_> = only.iter().filter_map(|e| draft_of(e).ok()).collect();
        let silent = silent.filter(|_| drafts.iter().any(|d| d.level == Some(Level::Silent)));
        SubmitOrder {
            // A value a report gave that cannot be of its kind was kept; here it is said, and left out.
            partial: true,
            silent,
            ..SubmitOrder::new(
                number,
                format!("case {}", self.case.number),
                exchange::Reading::of(exchange::Format::Csv, drafts),
                id,
            )
        }
    }
}

impl Desk {
    /// Takes in cases of an export, led by `who`; closed ones are closed again. Each has its fate, in their order. Sent
    /// again, none is stored twice.
    pub async fn bring_back(
        &self,
        who: &Principal,
        cases: &[Moved],
        supervisor: Option<MemberId>,
        silent: Option<&SilentRequest>,
    ) -> Result<Vec<Returned>, Error> {
        let order = || silent.map(SilentRequest::again);
        let mut fates: BTreeMap<usize, Returned> = BTreeMap::new();
        let requests: Vec<_> = cases.iter().map(|c| c.request(who, "case of an export")).collect();
        let known: BTreeSet<_> = self.store.earlier_of(who.agency, &requests).await?.into_keys().collect();
        let (mut together, mut at_of) = (Vec::new(), Vec::new());
        for (at, (moved, request)) in cases.iter().zip(requests).enumerate() {
            let problems = moved.problems();
            let file = format!("case {}", moved.case.number);
            if !problems.is_empty() {
                fates.insert(at, Returned::Refused(Error::File { file, problems }));
                continue;
            }
            let new = match moved.new_case(supervisor) {
                Ok(new) => new,
                Err(problem) => {
                    fates.insert(at, Returned::Refused(Error::File { file, problems: vec![problem] }));
                    continue;
                }
            };
            let entries: Vec<&EntryLine> = moved.travelling().collect();
            if moved.is_tip() {
                let fate = self.tip_back(who, moved, new.number, supervisor, order()).await;
                fates.insert(at, fate.unwrap_or_else(Returned::Refused));
            } else if entries.is_empty() {
                let fate = match self.store.case_facts(who.agency, &new.number).await? {
                    Some(_) => Returned::Known,
                    None => self.open_case(who, new).await.map_or_else(Returned::Refused, |_| Returned::New(None)),
                };
                fates.insert(at, fate);
            } else if known.contains(&request) {
                fates.insert(at, Returned::Known);
            } else {
                let order = moved.order(new.number.clone(), &entries, order(), request);
                together.push(CaseIntake { case: new, order });
                at_of.push(at);
            }
        }
        let taken = self.take_in(who, together).await?;
        fates.extend(at_of.into_iter().zip(taken).map(|(at, fate)| {
            (at, fate.map_or_else(Returned::Refused, |answer| Returned::New(Some(Box::new(answer)))))
        }));
        for (at, moved) in cases.iter().enumerate() {
            if let Some(Err(e)) = self.close_again(who, moved, fates.get(&at)).await.map(Err::<(), _>) {
                fates.insert(at, Returned::Refused(e));
            }
        }
        Ok(fates.into_values().collect())
    }

    /// A tip comes by its report, and then what an officer added to it.
    async fn tip_back(
        &self,
        who: &Principal,
        moved: &Moved,
        number: CaseNumber,
        supervisor: Option<MemberId>,
        silent: Option<SilentRequest>,
    ) -> Result<Returned, Error> {
        let content = moved.tip.as_ref().and_then(|t| t.get("content")).map(Value::to_string).unwrap_or_default();
        let read = exchange::read_tips("report.json", content.as_bytes());
        let file = format!("case {}", moved.case.number);
        if !read.problems.is_empty() {
            return Err(Error::File { file, problems: read.problems });
        }
        let of_report: BTreeSet<_> =
            read.tips.iter().flat_map(|t| t.drafts()).map(|d| (d.kind.code(), d.value)).collect();
        let added: Vec<&EntryLine> = moved
            .travelling()
            .filter(|e| e.value.as_ref().is_none_or(|v| !of_report.contains(&(e.kind.code(), v.clone()))))
            .collect();
        let fate = match self.receive_tips(who, read.tips, supervisor).await?.pop() {
            Some(TipFate::Refused(e) | TipFate::Waiting(_, e)) => return Err(e),
            Some(TipFate::New(answer)) => Returned::New(Some(answer)),
            Some(TipFate::Known(_)) | None => Returned::Known,
        };
        let request = moved.request(who, "more of a tip of an export");
        if !added.is_empty() && self.store.earlier_of(who.agency, &[request]).await?.is_empty() {
            let more = self.submit(who, moved.order(number, &added, silent, request)).await?;
            return Ok(Returned::New(Some(Box::new(match fate {
                Returned::New(Some(mut answer)) => {
                    answer.entries += more.entries;
                    answer.conflicts.extend(more.conflicts);
                    answer.desk.extend(more.desk);
                    answer.problems.extend(more.problems);
                    *answer
                }
                _ => more,
            }))));
        }
        Ok(fate)
    }

    /// Closes what was closed where it came from; a stop in between is made good by the next run.
    async fn close_again(&self, who: &Principal, moved: &Moved, fate: Option<&Returned>) -> Option<Error> {
        let outcome = moved.case.outcome.filter(|_| moved.case.status == CaseStatus::Closed)?;
        if matches!(fate, None | Some(Returned::Refused(_))) {
            return None;
        }
        let number = CaseNumber::parse(&moved.case.number).ok()?;
        match self.store.case_facts(who.agency, &number).await {
            Ok(Some(facts)) if facts.status.is_worked() => self.close_case(who, &number, outcome).await.err(),
            Ok(_) => None,
            Err(e) => Some(e.into()),
        }
    }
}
