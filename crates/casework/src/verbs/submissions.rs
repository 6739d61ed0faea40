//! What one's own agency submitted and asked, a page at a time; one submission with what became of its entries and who was
//! told of them.
//!
//! Who was told is read from one's own sides of conflicts, as far as this side sees the match openly, and from the notices
//! of questions; never from the record of what was handed out, which also knows of meetings with others' silent entries and
//! of agencies that stand behind the watch desk.

use std::collections::{BTreeMap, BTreeSet};

use model::{CaseId, CaseNumber, EntryId, EntryRole, Kind, Level, MemberId, Role, SubmissionId};
use policy::disclosure::{self, Shown};
use policy::{Action, Facts, Principal};
use serde::{Deserialize, Serialize};
use store::{SubmissionVerb, SubmissionsOf, Tx, WholeEntry, WholeSubmission};
use uuid::Uuid;

use crate::answer::{Answer, Other};
use crate::desk::Desk;
use crate::error::Error;
use crate::page::{self, Page};
use crate::verbs::detail::named;
use crate::verbs::tell::call;

/// Format word of a page of submissions.
pub const SUBMISSIONS: &str = "concord.submissions/1";
/// Format word of one submission.
pub const SUBMISSION: &str = "concord.submission/1";

/// Questions by nexus that one page of a submission looks through, the newest first.
const ASKED: i64 = 200;

/// Which submissions and checks.
#[derive(Debug, Clone, Default)]
pub struct SubmissionFilter {
    /// Only submissions, or only checks.
    pub verb: Option<SubmissionVerb>,
    /// Only the reader's own.
    pub mine: bool,
    /// Only those in one's own agency's case of this number.
    pub case: Option<CaseNumber>,
}

/// One submission or check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SubmissionRow {
    /// Its id, which is the receipt's.
    pub id: String,
    /// "submit" or "check".
    pub verb: String,
    /// When, RFC 3339.
    pub at: String,
    /// Who of one's own made it, by name.
    pub by: Option<String>,
    /// The case's number; none for a question by nexus.
    pub case: Option<String>,
    /// The case's id, by which addresses name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_id: Option<String>,
    /// The file's name as given.
    pub file: String,
    /// How many entries were stored; for a check, how many identifiers were asked.
    pub entries: u64,
    /// Was it looked at? Until then nothing is known.
    pub looked: bool,
    /// Why it was asked; a submission has no purpose of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
}

/// One submission with what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SubmissionView {
    /// "concord.submission/1".
    pub format: String,
    /// As the list has it.
    pub submission: SubmissionRow,
    /// How the Internet was used, of a question without a case.
    pub nexus: Option<String>,
    /// The answer that was given; on the first page alone, and none until it was looked at.
    pub answer: Option<Answer>,
    /// Its entries that stand with one's own agency.
    pub entries: Vec<SubmittedEntry>,
    /// What to ask after for the next entries; none when these are the last.
    pub next: Option<String>,
}

/// One entry with its versions, and who was told of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SubmittedEntry {
    /// Its id.
    pub id: String,
    /// What sort of value.
    pub kind: Kind,
    /// As written; of a child, a victim or a witness its place in the file.
    pub yours: String,
    /// Whose it is.
    pub role: EntryRole,
    /// live, kept, asked, withdrawn or corrected.
    pub state: String,
    /// How it answers others.
    pub level: Level,
    /// When it was entered, RFC 3339.
    pub entered: String,
    /// When it was withdrawn or corrected.
    pub ended: Option<String>,
    /// What took its place.
    pub corrected: Vec<Corrected>,
    /// Who was told of it, as far as one sees them openly now.
    pub saw: Vec<SawLine>,
    /// Questions without a case that met it, as the case's lead was told: for the lead, supervisors and analysts.
    pub asked: Vec<AskedLine>,
}

/// Identifiers are content: no accident prints one.
impl std::fmt::Debug for SubmittedEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SubmittedEntry").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A right value in place of a wrong one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Corrected {
    /// The submission it came with.
    pub submission: String,
    /// What sort of value.
    pub kind: Kind,
    /// As written, or its place in the file.
    pub yours: String,
}

/// As of an entry.
impl std::fmt::Debug for Corrected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Corrected").field("submission", &self.submission).finish_non_exhaustive()
    }
}

/// Somebody who was told of one's own entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SawLine {
    /// The conflict by which they were told.
    pub conflict: String,
    /// Since when, RFC 3339.
    pub since: String,
    /// "openly", or "through-the-watch-desk": then they were told to call it, and no more.
    pub how: String,
    /// Who they are.
    pub other: Other,
}

/// A question about one's own entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AskedLine {
    /// When, RFC 3339.
    pub at: String,
    /// The words by which one was told.
    pub words: String,
}

/// What a list needs of what a submission sealed: the identifiers are passed over.
#[derive(Deserialize)]
struct Head {
    file: String,
    case: Option<String>,
    purpose: String,
    nexus: Option<String>,
    entries: u64,
}

impl Head {
    fn of(s: &WholeSubmission) -> Result<Self, Error> {
        serde_json::from_slice(&s.detail)
            .map_err(|_| store::Error::Inconsistent { table: "submission", column: "sealed" }.into())
    }
}

impl Desk {
    /// A page of one's own agency's submissions and checks, the newest first.
    ///
    /// # Errors
    /// [`Error::Argument`] when `after` is no page's end; [`Error::NotFound`] when one's own agency has no such case.
    pub async fn submissions(
        &self,
        who: &Principal,
        filter: SubmissionFilter,
        after: Option<&str>,
        limit: Option<usize>,
    ) -> Result<Page<SubmissionRow>, Error> {
        let after = page::after(after)?.map(|(at, [id])| (at, id.into()));
        let wanted = page::wanted(limit);
        // What was submitted stays when its case goes: it is listed under the old number.
        let case = match &filter.case {
            None => None,
            Some(number) => match self.store.case_facts(who.agency, number).await? {
                Some(case) => Some(case.id),
                None => return Err(self.missing(who, Action::GetReceipt, "case").await),
            },
        };
        let facts = Facts { agency: Some(who.agency), ..Facts::default() };
        let object = ("submissions", who.agency.into());
        let grant = self.allow(who, Action::GetReceipt, &facts, object, self.request()).await?;
        let mut tx = self.store.view(&grant).await?;
        let of = SubmissionsOf { verb: filter.verb, mine: filter.mine, case };
        let mut read = tx.listed_submissions(of, after, page::one_more(wanted)).await?;
        let next = page::cut(&mut read, wanted, |s| page::mark(s.at, [s.id.into()]));
        let names = tx.own_names(&read.iter().map(|s| s.member).collect::<Vec<_>>()).await?;
        let rows = read.iter().map(|s| Ok(row(s, Head::of(s)?, &names))).collect::<Result<_, Error>>()?;
        tx.commit(self.store.act(&grant, object).shown(read.iter().map(|s| s.id.into()))).await?;
        Ok(Page { format: SUBMISSIONS.to_owned(), rows, next })
    }

    /// The answer that was given to one's own agency's submission or check.
    ///
    /// # Errors
    /// [`Error::NotFound`] when one's own agency has none of this id; [`Error::NotNow`] when it was not looked at yet.
    pub async fn answer(&self, who: &Principal, id: SubmissionId) -> Result<Answer, Error> {
        let (facts, object) = (Facts { agency: Some(who.agency), ..Facts::default() }, ("submission", Uuid::from(id)));
        let grant = self.allow(who, Action::GetReceipt, &facts, object, self.request()).await?;
        let mut tx = self.store.view(&grant).await?;
        let found = given(&mut tx, id).await?;
        let there = found.is_some() || submission_of(&mut tx, id).await?.is_some();
        tx.commit(self.store.act(&grant, object).shown(there.then(|| id.into()))).await?;
        match found {
            Some(answer) => Ok(answer.at(self.store.clock().now())),
            None if there => Err(Error::NotNow(
                "stored, and not yet checked: ask again in a few seconds; until then nothing is known".to_owned(),
            )),
            None => Err(Error::NotFound("submission")),
        }
    }

    /// One submission or check of one's own agency: its answer, a page of its entries with their versions, and who was told
    /// of them.
    ///
    /// # Errors
    /// [`Error::NotFound`] when one's own agency has none of this id; [`Error::Argument`] when `after` is no page's end.
    pub async fn submission(
        &self,
        who: &Principal,
        id: SubmissionId,
        after: Option<&str>,
        limit: Option<usize>,
    ) -> Result<SubmissionView, Error> {
        let (begins, wanted) = (page::after_id::<EntryId>(after)?, page::wanted(limit));
        let (facts, object) = (Facts { agency: Some(who.agency), ..Facts::default() }, ("submission", Uuid::from(id)));
        let request = self.request();
        let grant = self.allow(who, Action::ViewCase, &facts, object, request).await?;
        let receipts = self.allow(who, Action::GetReceipt, &facts, object, request).await?;
        let mut tx = self.store.view(&grant).await?;
        tx.also(&receipts)?;
        let Some(s) = submission_of(&mut tx, id).await? else {
            tx.commit(self.store.act(&grant, object)).await?;
            return Err(Error::NotFound("submission"));
        };
        let now = self.store.clock().now();
        let answer = if begins.is_none() { given(&mut tx, id).await?.map(|a| a.at(now)) } else { None };
        let (mut read, mut next) = (Vec::new(), None);
        if let Some(case) = s.case {
            let from = begins.unwrap_or(Uuid::nil().into());
            read = tx.submitted_entries(case, id, from, page::one_more(wanted)).await?;
            next = page::cut(&mut read, wanted, |e| e.id.to_string());
        }
        let mut shown: BTreeSet<Uuid> = BTreeSet::from([id.into()]);
        let entries = match s.case {
            Some(case) if !read.is_empty() => self.versions(&mut tx, who, case, read, &mut shown).await?,
            _ => Vec::new(),
        };
        let names = tx.own_names(&[s.member]).await?;
        let head = Head::of(&s)?;
        let nexus = head.nexus.clone();
        tx.commit(self.store.act(&grant, object).shown(shown)).await?;
        let submission = row(&s, head, &names);
        Ok(SubmissionView { format: SUBMISSION.to_owned(), submission, nexus, answer, entries, next })
    }

    /// These entries of one's own case with what took their place and who was told of them.
    async fn versions(
        &self,
        tx: &mut Tx,
        who: &Principal,
        case: CaseId,
        read: Vec<WholeEntry>,
        shown: &mut BTreeSet<Uuid>,
    ) -> Result<Vec<SubmittedEntry>, Error> {
        shown.extend(read.iter().map(|e| Uuid::from(e.id)));
        let successors: Vec<SubmissionId> = read.iter().filter_map(|e| e.successor).collect();
        let right = tx.entries_of_submissions(case, &successors).await?;
        shown.extend(right.iter().map(|e| Uuid::from(e.id)));
        let wanted: BTreeSet<EntryId> = read.iter().map(|e| e.id).collect();
        let mut saw = self.saw(tx, who, case, &wanted, shown).await?;
        let mut asked = self.asked(tx, who, case, &wanted, shown).await?;
        let entries = read.into_iter().map(|e| SubmittedEntry {
            id: e.id.to_string(),
            kind: e.labels.kind,
            yours: named_whole(&e),
            role: e.labels.role,
            state: e.labels.state.word().to_owned(),
            level: e.labels.level,
            entered: e.labels.entered.to_string(),
            ended: e.ended.map(|t| t.to_string()),
            corrected: right
                .iter()
                .filter(|r| Some(r.submission) == e.successor)
                .map(|r| Corrected { submission: r.submission.to_string(), kind: r.labels.kind, yours: named_whole(r) })
                .collect(),
            saw: saw.remove(&e.id).unwrap_or_default(),
            asked: asked.remove(&e.id).unwrap_or_default(),
        });
        Ok(entries.collect())
    }

    /// Who was told of these entries by a conflict: only where one sees the match, and now the other side, openly.
    async fn saw(
        &self,
        tx: &mut Tx,
        who: &Principal,
        case: CaseId,
        wanted: &BTreeSet<EntryId>,
        shown: &mut BTreeSet<Uuid>,
    ) -> Result<BTreeMap<EntryId, Vec<SawLine>>, Error> {
        let sides = tx.open_sides_in(case).await?;
        let mut met = Vec::new();
        for side in &sides {
            let open = side.matches.iter().filter(|m| m.sees == Level::Open && wanted.contains(&m.mine));
            met.extend(open.map(|m| (side, m)));
        }
        let theirs: Vec<(CaseId, EntryId)> = met.iter().map(|(side, m)| (side.other_case, m.theirs)).collect();
        let others = tx.others(&theirs).await?;
        let others: BTreeMap<(CaseId, EntryId), Shown> =
            others.iter().map(|(case, entry, o)| ((*case, *entry), disclosure::show(who, o))).collect();
        let (watch_desk, now) = (tx.watch_desk().await?.to_string(), self.store.clock().now());
        let mut out: BTreeMap<EntryId, Vec<SawLine>> = BTreeMap::new();
        for (side, m) in met {
            let conflict = side.conflict.to_string();
            let theirs = others.get(&(side.other_case, m.theirs));
            let Some(other) = theirs.and_then(|s| call(s, &watch_desk, Some(&conflict))) else { continue };
            let openly = m.told == Level::Open;
            let lines = out.entry(m.mine).or_default();
            // One entry may meet several of theirs: it was told as openly as the most open of them.
            match lines.iter_mut().find(|l| l.conflict == conflict) {
                Some(line) if openly => line.how = how(true),
                Some(_) => {}
                None => {
                    lines.push(SawLine { other: other.at(now), conflict, since: side.at.to_string(), how: how(openly) })
                }
            }
            shown.insert(side.conflict.into());
        }
        Ok(out)
    }

    async fn asked(
        &self,
        tx: &mut Tx,
        who: &Principal,
        case: CaseId,
        wanted: &BTreeSet<EntryId>,
        shown: &mut BTreeSet<Uuid>,
    ) -> Result<BTreeMap<EntryId, Vec<AskedLine>>, Error> {
        let mut out: BTreeMap<EntryId, Vec<AskedLine>> = BTreeMap::new();
        let Some(facts) = self.store.case_facts_by_id(case).await? else { return Ok(out) };
        // As in the inbox: a notice is its recipient's, and those see it who answer for the agency's conflicts.
        if who.member != facts.lead && !who.has(Role::Supervisor) && !who.has(Role::Analyst) {
            return Ok(out);
        }
        for a in tx.asked_in(case, facts.lead, ASKED).await?.into_iter().filter(|a| wanted.contains(&a.entry)) {
            shown.insert(a.notice.into());
            out.entry(a.entry).or_default().push(AskedLine { at: a.at.to_string(), words: a.words });
        }
        Ok(out)
    }
}

fn how(openly: bool) -> String {
    if openly { "openly" } else { "through-the-watch-desk" }.to_owned()
}

fn named_whole(e: &WholeEntry) -> String {
    named(e.labels.kind, e.labels.role, e.labels.age, &e.content.raw, e.content.place.as_deref().unwrap_or_default())
}

fn row(s: &WholeSubmission, head: Head, names: &BTreeMap<MemberId, String>) -> SubmissionRow {
    SubmissionRow {
        id: s.id.to_string(),
        verb: if s.check { "check" } else { "submit" }.to_owned(),
        at: s.at.to_string(),
        by: names.get(&s.member).cloned(),
        case: head.case,
        case_id: s.case.map(|id| id.to_string()),
        file: head.file,
        entries: head.entries,
        looked: s.looked,
        purpose: Some(head.purpose).filter(|_| s.check),
    }
}

/// One's own agency's submission; `None` for any other.
async fn submission_of(tx: &mut Tx, id: SubmissionId) -> Result<Option<WholeSubmission>, Error> {
    match tx.whole_submission(id).await {
        Ok(found) => Ok(Some(found)),
        Err(store::Error::NotFound(_)) => Ok(None),
        Err(e) => Err(e.into()),
    }
}

/// The answer given to one's own agency's submission; `None` when there is none of it.
async fn given(tx: &mut Tx, id: SubmissionId) -> Result<Option<Answer>, Error> {
    match tx.answer(id).await {
        Ok((given, _)) => serde_json::from_slice(&given.answer)
            .map(Some)
            .map_err(|_| store::Error::Inconsistent { table: "answer", column: "answer" }.into()),
        Err(store::Error::NotFound(_)) => Ok(None),
        Err(e) => Err(e.into()),
    }
}
