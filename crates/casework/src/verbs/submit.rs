//! Submit: entries stay in a case, and later matches reach the officer.

use matching::Reading as Region;
use model::{
    AgencyId, CaseId, CaseNumber, EntryDraft, EntryId, FreeText, Level, Marking, Problem, Reliability, RequestId,
    SilentOrder, SubmissionId, Validity,
};
use policy::{Action, Facts, Grant, Principal};
use store::{
    Bundle, CaseFacts, EntryContent, EntryState, NewEntry, NewSubmission, Pending, RequestDigest, SealedEntries,
    SealedSubmissions, Stage, SubmissionVerb, Tx,
};

use crate::answer::{Answer, Suppressed};
use crate::desk::{Desk, again};
use crate::error::Error;
use crate::verbs::detail::{self, Detail, Read, nothing_in};
use crate::verbs::look::{Look, Looking};

/// A file handed in to a case.
pub struct SubmitOrder {
    /// The case's number.
    pub case: CaseNumber,
    /// The file's name as given.
    pub file: String,
    /// What was read of it.
    pub reading: exchange::Reading,
    /// Store the good rows and list the others.
    pub partial: bool,
    /// How far the entries travel, where a row does not say.
    pub marking: Marking,
    /// Confidence label, where a row does not say.
    pub reliability: Reliability,
    /// Confidence label, where a row does not say.
    pub validity: Validity,
    /// How the entries answer others, where a row does not say.
    pub level: Level,
    /// A supervisor's order, when any entry is to be silent.
    pub silent: Option<SilentRequest>,
    /// Sent again with the same id, a submission gets the same receipt and answer.
    pub request: RequestId,
}

impl SubmitOrder {
    /// A submission in which nothing was chosen: whole or not at all, answering openly, of the usual marking, with labels that
    /// say nothing.
    pub fn new(case: CaseNumber, file: impl Into<String>, reading: exchange::Reading, request: RequestId) -> Self {
        Self {
            case,
            file: file.into(),
            reading,
            partial: false,
            marking: Marking::default(),
            reliability: Reliability::Unknown,
            validity: Validity::Unknown,
            level: Level::Open,
            silent: None,
            request,
        }
    }

    /// What stands for all rows that do not say it themselves.
    pub(crate) fn labels(&self) -> [String; 4] {
        let (reliability, validity) = (self.reliability.word().to_owned(), self.validity.word().to_owned());
        [self.marking.to_string(), reliability, validity, self.level.word().to_owned()]
    }

    /// All that the officer chose.
    fn digest(&self, who: &Principal) -> RequestDigest {
        let mut chosen = self.labels().to_vec();
        if let Some(s) = &self.silent {
            chosen.extend([s.reason.as_str().to_owned(), s.approved_by.member.to_string(), s.until.to_string()]);
        }
        let chosen: Vec<&str> = chosen.iter().map(String::as_str).collect();
        detail::request_digest("submit", who, Some(&self.case), &chosen, &self.reading.drafts)
    }
}

/// What a supervisor said about silent entries.
pub struct SilentRequest {
    /// Why nobody may be told.
    pub reason: FreeText,
    /// Who approved: another member than the submitter.
    pub approved_by: Principal,
    /// When it ends.
    pub until: model::Micros,
}

impl SilentRequest {
    /// The same order for a further submission.
    pub(crate) fn again(&self) -> Self {
        Self { reason: self.reason.clone(), approved_by: self.approved_by.clone(), until: self.until }
    }
}

/// How a value is treated that cannot be of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Care {
    /// An officer wrote it and can put it right: it is a problem.
    Officer,
    /// A report says so, and nobody can: it is kept, said, and never matches. A report may also hold no identifier at all.
    Report,
}

/// What a submission puts into its case, and what the look needs to begin.
pub(crate) struct Prepared {
    pub id: SubmissionId,
    pub request: RequestId,
    pub digest: RequestDigest,
    pub entries: Vec<NewEntry>,
    pub detail: Detail,
    pub bytes: Vec<u8>,
}

impl Desk {
    /// Stores the file's identifiers in the case, then looks. The answer is the acknowledgement: it is given after the
    /// durable commit.
    pub async fn submit(&self, who: &Principal, order: SubmitOrder) -> Result<Answer, Error> {
        let digest = order.digest(who);
        let values = order.reading.drafts.len();
        let many = self.limits.is_many(values);
        self.submit_as(who, order, digest, many, None).await.map_err(|e| self.limits.counted(e, values))
    }

    /// The same as a part of more: with a purpose for a slice of a bulk job.
    pub(crate) async fn submit_as(
        &self,
        who: &Principal,
        order: SubmitOrder,
        digest: RequestDigest,
        many: bool,
        bulk: Option<&model::Purpose>,
    ) -> Result<Answer, Error> {
        if let Some(earlier) = self.store.earlier(who.agency, order.request, &digest).await? {
            return self.answer(who, earlier).await;
        }
        let case = self.own_case(who, Action::Submit, &order.case).await?;
        let now = self.store.clock().now();
        let silent = self.silence(who, &case, &order, now).await?;
        let grant = self.may_submit(who, &case, &order, silent.as_ref(), many).await?;
        let mut prepared = self.prepare(who, &case, order, silent.as_ref(), digest, now, Care::Officer)?;
        if let Some(purpose) = bulk {
            prepared.detail.bulk = true;
            purpose.as_str().clone_into(&mut prepared.detail.purpose);
            prepared.bytes = prepared.detail.to_bytes()?;
        }
        let (id, request) = (prepared.id, prepared.request);
        // Transaction 1. When it has committed the submission is acknowledged, whatever happens next.
        let kept = again!(async {
            let mut tx = self.store.prepare(&grant);
            let sealed =
                seal(&mut tx, SubmissionVerb::Submit, case.agency, &[(who.member, case.id, &prepared)]).await?;
            tx.hold_open(case.id).await?;
            sealed.keep(&mut tx).await?;
            let act = self.store.act(&grant, ("submission", id.into()));
            tx.commit(act.bind("submission", &prepared.bytes).accepts(id)).await?;
            Ok(())
        });
        if let Some(earlier) = self.or_earlier(who, kept, request, &digest).await? {
            return Ok(earlier);
        }
        let pending = Pending { id, agency: case.agency, member: who.member, case: Some(case.id), at: now };
        self.look_and_answer(who, pending, case.lead, &prepared.detail, request).await
    }

    /// What a submission of these would find wrong with their values, without storing anything.
    pub fn unreadable(&self, who: &Principal, drafts: &[EntryDraft]) -> Vec<Problem> {
        let region = Region { country: who.country };
        let wrong = |d: &EntryDraft| matching::normalise(d.kind, &d.value, d.platform.as_deref(), &region).err();
        drafts.iter().filter_map(|d| wrong(d).map(|e| e.at(d.place.clone(), "value"))).collect()
    }

    /// The order under which entries stay silent, approved; `None` when none is to be.
    pub(crate) async fn silence(
        &self,
        who: &Principal,
        case: &CaseFacts,
        order: &SubmitOrder,
        now: model::Micros,
    ) -> Result<Option<SilentOrder>, Error> {
        let any_silent = order.reading.drafts.iter().any(|d| d.level_or(order.level) == Level::Silent);
        let Some(s) = order.silent.as_ref().filter(|_| any_silent) else {
            if !any_silent {
                return Ok(None);
            }
            let cure = model::Invalid::new(
                "needs a supervisor's order",
                "give --reason, --approved-by and --until with --level silent",
            );
            return Err(Error::argument("level")(cure));
        };
        let facts = Facts { other_member: Some(who.member), ..facts_of(case) };
        let object = ("case", case.id.into());
        let _approved = self.allow(&s.approved_by, Action::ApproveSilent, &facts, object, order.request).await?;
        SilentOrder::new(s.reason.clone(), s.approved_by.member, s.until, now)
            .map(Some)
            .map_err(Error::argument("until"))
    }

    pub(crate) async fn may_submit(
        &self,
        who: &Principal,
        case: &CaseFacts,
        order: &SubmitOrder,
        silent: Option<&SilentOrder>,
        many: bool,
    ) -> Result<Grant, Error> {
        let facts = Facts {
            lead_sworn: if who.member == case.lead { who.sworn } else { self.is_sworn(case.lead).await? },
            other_member: silent.map(|s| s.approved_by),
            has_nexus: true,
            // A tip has no predicate yet: nobody in it is a subject (28 CFR 23.20(a)).
            has_predicate: case.predicate.is_some() || !order.reading.drafts.iter().any(detail::is_subject),
            silent: silent.is_some(),
            many,
            ..facts_of(case)
        };
        self.allow(who, Action::Submit, &facts, ("case", case.id.into()), order.request).await
    }

    /// Reads the file's identifiers.
    ///
    /// # Errors
    /// Every problem of the file, when there is one and the good rows alone are not wanted.
    #[expect(clippy::too_many_arguments, reason = "a submission is all of these, and each caller has them apart")]
    pub(crate) fn prepare(
        &self,
        who: &Principal,
        case: &CaseFacts,
        order: SubmitOrder,
        silent: Option<&SilentOrder>,
        digest: RequestDigest,
        now: model::Micros,
        care: Care,
    ) -> Result<Prepared, Error> {
        let (drafts, mut problems) = (order.reading.drafts, order.reading.problems);
        let labels = Labels {
            marking: order.marking,
            reliability: order.reliability,
            validity: order.validity,
            level: order.level,
        };
        let (entries, asked, suppressed) =
            self.read_all(who, case, &drafts, &labels, silent, &mut problems, now, care)?;
        detail::in_file_order(&mut problems);
        if !problems.is_empty() && !order.partial {
            return Err(Error::File { file: order.file, problems });
        }
        if entries.is_empty() && care == Care::Officer {
            return Err(if problems.is_empty() {
                nothing_in(&order.file)
            } else {
                Error::File { file: order.file, problems }
            });
        }
        let detail = Detail {
            file: order.file,
            check: false,
            case: Some(order.case.as_str().to_owned()),
            purpose: silent.map_or_else(
                || "submitted to one's own case".to_owned(),
                // The order as it was given, sealed here and bound to the event of the submission.
                |s| {
                    let (by, until, reason) = (s.approved_by, s.until, s.reason.as_str());
                    format!("submitted to one's own case; silent until {until}, approved by member {by}: {reason}")
                },
            ),
            nexus: None,
            request: order.request.to_string(),
            entries: entries.len(),
            problems,
            suppressed,
            lists: self.lists.version().to_owned(),
            asked,
            bulk: false,
            left: None,
        };
        let bytes = detail.to_bytes()?;
        let id = SubmissionId::new(self.store.clock(), self.store.chance());
        Ok(Prepared { id, request: order.request, digest, entries, detail, bytes })
    }

    /// Nothing when transaction 1 kept it. The same request twice at once: the other one's answer stands.
    pub(crate) async fn or_earlier(
        &self,
        who: &Principal,
        kept: Result<(), Error>,
        request: RequestId,
        digest: &RequestDigest,
    ) -> Result<Option<Answer>, Error> {
        match kept {
            Ok(()) => Ok(None),
            Err(Error::Store(store::Error::Exists(_))) => {
                let earlier = self.store.earlier(who.agency, request, digest).await?.ok_or(store::Error::Failed)?;
                self.answer(who, earlier).await.map(Some)
            }
            Err(e) => Err(e),
        }
    }

    /// Transaction 2, begun after transaction 1 committed.
    pub(crate) async fn look_and_answer(
        &self,
        who: &Principal,
        pending: Pending,
        lead: model::MemberId,
        detail: &Detail,
        request: RequestId,
    ) -> Result<Answer, Error> {
        let facts = Facts { agency: Some(pending.agency), ..Facts::default() };
        let grant = self.allow(who, Action::Look, &facts, ("submission", pending.id.into()), request).await?;
        let supervisor = self.supervisor_of(pending.case).await?;
        self.store.installation().await?; // read before the transaction: a look never waits for a second connection
        let done = again!(async {
            let looking = Looking { pending, viewer: who, lead, supervisor, stage: Stage::Look };
            self.look(Look { grant: &grant, looking, detail }).await
        });
        match done {
            Ok(Some(answer)) => Ok(answer),
            // The sweeper was first: its answer stands.
            Ok(None) | Err(Error::Store(store::Error::Exists(_))) => self.answer(who, pending.id).await,
            // It is stored; the sweeper will look. Sending it anew under another request id would store it twice.
            Err(e) => Err(Error::NotNow(format!(
                "stored as {}, and not yet checked ({e}): nothing is known yet; send it again with --request {request}, which stores nothing twice",
                pending.id
            ))),
        }
    }

    /// One's own agency's case of this number, open or closed; a number of another agency's does not exist. Asking for one
    /// that is not there leaves its event.
    pub(crate) async fn own_case(
        &self,
        who: &Principal,
        action: Action,
        number: &CaseNumber,
    ) -> Result<CaseFacts, Error> {
        match self.store.case_facts(who.agency, number).await? {
            // Only what stayed of it can still be taken back.
            Some(case) if case.status == model::CaseStatus::Transferred && action != Action::Withdraw => {
                Err(self.gone(who, action, &case).await)
            }
            Some(case) => Ok(case),
            None => Err(self.missing(who, action, "case").await),
        }
    }

    pub(crate) async fn is_sworn(&self, member: model::MemberId) -> Result<bool, Error> {
        Ok(self.store.principal(&member.to_string()).await?.is_some_and(|p| p.sworn))
    }

    pub(crate) async fn supervisor_of(&self, case: Option<model::CaseId>) -> Result<Option<model::MemberId>, Error> {
        match case {
            None => Ok(None),
            Some(id) => Ok(self.store.case_facts_by_id(id).await?.and_then(|c| c.supervisor)),
        }
    }

    #[expect(
        clippy::too_many_arguments,
        clippy::type_complexity,
        reason = "one pass over the drafts yields all three lists"
    )]
    fn read_all(
        &self,
        who: &Principal,
        case: &CaseFacts,
        drafts: &[EntryDraft],
        labels: &Labels,
        silent: Option<&SilentOrder>,
        problems: &mut Vec<Problem>,
        now: model::Micros,
        care: Care,
    ) -> Result<(Vec<NewEntry>, Vec<detail::Asked>, Vec<Suppressed>), Error> {
        let region = Region { country: who.country };
        let (mut entries, mut asked, mut suppressed) = (Vec::new(), Vec::new(), Vec::new());
        for draft in drafts {
            let id = EntryId::new(self.store.clock(), self.store.chance());
            let level = draft.level_or(labels.level);
            let (normal, stored, state) = match detail::read(&self.store, &self.lists, &region, draft, id, level, now)?
            {
                Err(problem) if care == Care::Report => {
                    let value = detail::named(draft.kind, draft.role, draft.age, &draft.value, &draft.place);
                    let kind = draft.kind.word().to_owned();
                    let list_version = self.lists.version().to_owned();
                    suppressed.push(Suppressed { value, kind, why: problem.problem, list_version });
                    (None, Vec::new(), EntryState::Kept)
                }
                Err(problem) => {
                    problems.push(problem);
                    continue;
                }
                Ok(Read::Whole { normal, asked: one, stored }) => {
                    asked.push(one);
                    (Some(normal), stored, EntryState::Live)
                }
                Ok(Read::Kept { normal, why }) => {
                    suppressed.push(why);
                    (normal, Vec::new(), EntryState::Kept)
                }
            };
            let class = draft.class_or_default();
            entries.push(NewEntry {
                id,
                kind: draft.kind,
                content: EntryContent {
                    raw: draft.value.clone(),
                    platform: normal.as_ref().and_then(|n| n.platform.clone()).or_else(|| draft.platform.clone()),
                    doubt: normal.as_ref().and_then(|n| n.doubt.clone()),
                    report: draft.report.clone(),
                    note: draft.note.as_ref().map(|n| n.as_str().to_owned()),
                    place: Some(draft.place.clone()),
                    normal: normal.map(|n| n.text),
                },
                role: draft.role,
                age: draft.age,
                class,
                source: draft.source,
                level,
                silent_until: silent.filter(|_| level == Level::Silent).map(|s| s.until),
                reliability: draft.reliability.unwrap_or(labels.reliability),
                validity: draft.validity.unwrap_or(labels.validity),
                marking: draft.marking.clone().unwrap_or_else(|| labels.marking.clone()),
                seen: draft.seen,
                port: draft.port,
                predicate: case.predicate.filter(|_| detail::is_subject(draft)),
                control_official: Some(case.supervisor.unwrap_or(case.lead)),
                state,
                rule_version: matching::rule_version(draft.kind),
                tokens: stored,
            });
        }
        Ok((entries, asked, suppressed))
    }
}

/// What policy decides on about a case that entries come into.
pub(crate) fn facts_of(case: &CaseFacts) -> Facts {
    Facts {
        agency: Some(case.agency),
        lead: Some(case.lead),
        supervisor: case.supervisor,
        status_open: case.status.is_worked(),
        ..Facts::default()
    }
}

/// Submissions of one agency and their entries, sealed and not yet written.
pub(crate) struct Put {
    entries: SealedEntries,
    submissions: SealedSubmissions,
}

/// Seals them; nothing of it needs the one writer of SQLite.
pub(crate) async fn seal(
    tx: &mut Tx,
    verb: SubmissionVerb,
    agency: AgencyId,
    all: &[(model::MemberId, CaseId, &Prepared)],
) -> Result<Put, Error> {
    let bundles: Vec<Bundle<'_>> =
        all.iter().map(|(_, case, p)| Bundle { submission: p.id, case: *case, entries: &p.entries }).collect();
    let entries = tx.seal_entries(agency, &bundles).await?;
    let new: Vec<NewSubmission<'_>> = all
        .iter()
        .zip(entries.postings())
        .map(|((member, case, p), postings)| NewSubmission {
            id: p.id,
            member: *member,
            case: Some(*case),
            request: p.request,
            digest: p.digest,
            postings: *postings,
            detail: &p.bytes,
        })
        .collect();
    Ok(Put { entries, submissions: tx.seal_submissions(verb, &new).await? })
}

impl Put {
    /// Writes them inside the transaction that sealed them.
    pub(crate) async fn keep(self, tx: &mut Tx) -> Result<(), Error> {
        tx.keep_entries(self.entries).await?;
        tx.keep_submissions(self.submissions).await?;
        Ok(())
    }
}

struct Labels {
    marking: Marking,
    reliability: Reliability,
    validity: Validity,
    level: Level,
}
