//! Check: asks without leaving an entry.

use matching::Reading as Region;
use model::{CaseNumber, EntryId, Invalid, Level, Nexus, Purpose, RequestId, SubmissionId};
use policy::{Action, Facts, Principal};
use store::{NewSubmission, Pending, RequestDigest, SubmissionVerb};

use crate::answer::Answer;
use crate::desk::{Desk, again};
use crate::error::Error;
use crate::verbs::detail::{self, Detail, Read, nothing_in};

/// A question.
pub struct CheckOrder {
    /// Why (28 CFR 23.20(d)).
    pub purpose: Purpose,
    /// In which case, or
    pub case: Option<CaseNumber>,
    /// how the Internet was used (34 U.S.C. 21115(a)). One of the two.
    pub nexus: Option<Nexus>,
    /// The file's name as given.
    pub file: String,
    /// What was read of it.
    pub reading: exchange::Reading,
    /// Sent again with the same id, a check gets the same receipt and answer.
    pub request: RequestId,
}

impl Desk {
    /// Asks. With a case, what meets an entry makes the same conflict as submit; with a nexus only, the owner is told who
    /// asked. What meets nothing is forgotten and not watched.
    pub async fn check(&self, who: &Principal, order: CheckOrder) -> Result<Answer, Error> {
        let chosen = [order.purpose.as_str(), order.nexus.as_ref().map_or("", |n| n.as_str())];
        let digest = detail::request_digest("check", who, order.case.as_ref(), &chosen, &order.reading.drafts);
        let values = order.reading.drafts.len();
        let many = self.limits.is_many(values);
        self.check_as(who, order, digest, many, false).await.map_err(|e| self.limits.counted(e, values))
    }

    /// The same as a part of more: `bulk` for a slice of a bulk job, of which what meets nothing is not kept.
    pub(crate) async fn check_as(
        &self,
        who: &Principal,
        order: CheckOrder,
        digest: RequestDigest,
        many: bool,
        bulk: bool,
    ) -> Result<Answer, Error> {
        if let Some(earlier) = self.store.earlier(who.agency, order.request, &digest).await? {
            return self.answer(who, earlier).await;
        }
        let case = match &order.case {
            None => None,
            Some(number) => Some(self.own_case(who, Action::Check, number).await?),
        };
        if case.is_none() && order.nexus.is_none() {
            let cure = model::Invalid::new(
                "states no use of the Internet to facilitate child exploitation; 34 U.S.C. 21115(a) limits this system to it",
                "give --case NUMBER or --nexus TEXT",
            );
            return Err(Error::argument("nexus")(cure));
        }
        let object = case.as_ref().map_or(("check", uuid::Uuid::nil()), |c| ("case", c.id.into()));
        let facts = Facts {
            agency: Some(who.agency),
            lead: case.as_ref().map(|c| c.lead),
            supervisor: case.as_ref().and_then(|c| c.supervisor),
            status_open: case.as_ref().is_none_or(|c| c.status.is_worked()),
            has_nexus: true,
            has_predicate: true,
            many,
            ..Facts::default()
        };
        let grant = self.allow(who, Action::Check, &facts, object, order.request).await?;
        let now = self.store.clock().now();
        let region = Region { country: who.country };
        // Every problem at once: those of the file's form and those of its values.
        let (mut asked, mut suppressed, mut problems) = (Vec::new(), Vec::new(), order.reading.problems);
        for draft in &order.reading.drafts {
            let id = EntryId::new(self.store.clock(), self.store.chance());
            let level = draft.level_or(Level::Open);
            if level == Level::Silent {
                let silent = Invalid::new(
                    "cannot be silent in a question",
                    "a question answers through open or desk; silence is for entries, with a supervisor's order",
                );
                problems.push(silent.at(draft.place.clone(), "level"));
                continue;
            }
            match detail::read(&self.store, &self.lists, &region, draft, id, level, now)? {
                Err(problem) => problems.push(problem),
                Ok(Read::Whole { asked: one, .. }) => asked.push(one),
                Ok(Read::Kept { mut why, .. }) => {
                    if bulk {
                        why.value.clone_from(&draft.place);
                    }
                    suppressed.push(why);
                }
            }
        }
        detail::in_file_order(&mut problems);
        if !problems.is_empty() {
            return Err(Error::File { file: order.file, problems });
        }
        if asked.is_empty() && suppressed.is_empty() {
            return Err(nothing_in(&order.file));
        }
        let id = SubmissionId::new(self.store.clock(), self.store.chance());
        let detail = Detail {
            file: order.file,
            check: true,
            case: order.case.as_ref().map(|c| c.as_str().to_owned()),
            purpose: order.purpose.as_str().to_owned(),
            nexus: order.nexus.as_ref().map(|n| n.as_str().to_owned()),
            request: order.request.to_string(),
            entries: asked.len() + suppressed.len(),
            problems: Vec::new(),
            suppressed,
            lists: self.lists.version().to_owned(),
            asked,
            bulk,
            left: None,
        };
        let bound = detail.bound()?;
        let bytes = detail.to_bytes()?;
        let case_id = case.as_ref().map(|c| c.id);
        let kept = again!(async {
            let mut tx = self.store.prepare(&grant);
            let new = NewSubmission {
                id,
                member: who.member,
                case: case_id,
                request: order.request,
                digest,
                postings: 0,
                detail: &bytes,
            };
            tx.add_submissions(SubmissionVerb::Check, &[new]).await?;
            tx.commit(self.store.act(&grant, ("submission", id.into())).bind("submission", &bound).accepts(id)).await?;
            Ok(())
        });
        if let Some(earlier) = self.or_earlier(who, kept, order.request, &digest).await? {
            return Ok(earlier);
        }
        let pending = Pending { id, agency: who.agency, member: who.member, case: case_id, at: now };
        let lead = case.map_or(who.member, |c| c.lead);
        self.look_and_answer(who, pending, lead, &detail, order.request).await
    }
}
