//! Export: an agency's own data, whole, as lines of JSON (34 U.S.C. 21115(e)(2): its own dissemination is never limited).
//!
//! It is read in pages, each in a view of its own with its event, so that memory does not grow with the agency. Of another
//! agency there stands what disclosure opens now, and what one's own members were told. A silent hit therefore stands there
//! as the notice to its owner: the rows beneath also hold meetings of which nobody may be told.

use std::collections::BTreeMap;
use std::fmt::Write;

use model::{CaseId, ConflictId, EntryId, FreeText, Level, MemberId, NoticeId, RequestId};
use policy::{Action, Facts, Grant, Principal};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::Tx;
use uuid::Uuid;

use crate::desk::Desk;
use crate::error::Error;
use crate::verbs::case_view::{PAGE, read_tip};
use crate::verbs::conflicts::side_view;
use crate::verbs::detail::Detail;
use crate::verbs::receipts::proven;
use crate::verbs::whole::{case_line, entry_line, is_protected_entry, tip_flags};

/// Format word of an export.
pub const EXPORT: &str = "concord.export/1";

/// Cases, receipts or conflicts read in one view.
const TOGETHER: i64 = 32;

/// An export under way.
pub struct Export {
    desk: Desk,
    grant: Grant,
    reason: Option<FreeText>,
    step: Step,
    hash: Sha256,
    counts: BTreeMap<&'static str, u64>,
}

/// Where it stands: what comes next, after which row.
enum Step {
    Header,
    Members(MemberId),
    Cases { mark: Vec<u8>, within: Option<(CaseId, EntryId)> },
    Submissions(RequestId),
    Conflicts(ConflictId),
    Notices { to: MemberId, after: NoticeId },
    Trailer,
    Done,
}

/// The lines of one view, and which rows they show.
#[derive(Default)]
struct Page {
    lines: Vec<(&'static str, Value)>,
    shown: Vec<Uuid>,
    opened: Vec<Uuid>,
    withheld: u64,
}

impl Page {
    fn add(&mut self, line: &'static str, of: impl Serialize, row: impl Into<Uuid>) -> Result<(), Error> {
        let value = serde_json::to_value(of).map_err(|_| store::Error::Inconsistent { table: line, column: "line" })?;
        self.lines.push((line, value));
        self.shown.push(row.into());
        Ok(())
    }
}

impl Desk {
    /// Begins an export of the reader's own agency. With a reason the values of children, victims and witnesses stand in it,
    /// each named in an event that binds the reason (18 U.S.C. 3509(d)); without one their entries say that they are
    /// withheld.
    pub async fn export(&self, who: &Principal, reason: Option<FreeText>) -> Result<Export, Error> {
        let facts = Facts { agency: Some(who.agency), ..Facts::default() };
        let object = ("agency", who.agency.into());
        let grant = self.allow(who, Action::Export, &facts, object, self.request()).await?;
        self.settle_ledger().await?; // so that receipts have their proof
        Ok(Export {
            desk: self.clone(),
            grant,
            reason,
            step: Step::Header,
            hash: Sha256::new(),
            counts: BTreeMap::new(),
        })
    }
}

impl Export {
    /// The next lines, each with its line feed; `None` after the trailer.
    pub async fn next(&mut self) -> Result<Option<String>, Error> {
        loop {
            let step = std::mem::replace(&mut self.step, Step::Done);
            let page = match step {
                Step::Done => return Ok(None),
                Step::Trailer => return self.trailer().map(Some),
                step => self.page(step).await?,
            };
            *self.counts.entry("withheld").or_default() += page.withheld;
            if page.lines.is_empty() {
                continue;
            }
            let mut out = String::new();
            for (line, value) in page.lines {
                *self.counts.entry(line).or_default() += 1;
                self.line(&mut out, line, value)?;
            }
            return Ok(Some(out));
        }
    }

    /// How many lines of each sort were given so far.
    pub fn counts(&self) -> &BTreeMap<&'static str, u64> {
        &self.counts
    }

    fn line(&mut self, out: &mut String, line: &'static str, mut value: Value) -> Result<(), Error> {
        put(&mut value, "line", line.into());
        let begins = out.len();
        writeln!(out, "{value}").map_err(|_| store::Error::Failed)?;
        self.hash.update(out.get(begins..).unwrap_or_default().as_bytes());
        Ok(())
    }

    fn trailer(&mut self) -> Result<String, Error> {
        let counts: serde_json::Map<String, Value> =
            self.counts.iter().map(|(line, n)| ((*line).to_owned(), (*n).into())).collect();
        let sha256 = hex::encode(self.hash.clone().finalize());
        let mut out = String::new();
        let says = "sha256 is that of every line before this one, each with its line feed";
        self.line(&mut out, "trailer", json!({ "counts": counts, "sha256": sha256, "says": says }))?;
        Ok(out)
    }

    /// One page in a view of its own; what is protected is opened under the reason before it is given out.
    async fn page(&mut self, step: Step) -> Result<Page, Error> {
        let desk = self.desk.clone();
        let mut tx = desk.store.view(&self.grant).await?;
        let mut page = Page::default();
        self.step = match step {
            Step::Header => self.header(&mut tx, &mut page).await?,
            Step::Members(after) => self.members(&mut tx, &mut page, after).await?,
            Step::Cases { mark, within } => self.cases(&mut tx, &mut page, mark, within).await?,
            Step::Submissions(after) => self.submissions(&mut tx, &mut page, after).await?,
            Step::Conflicts(after) => self.conflicts(&mut tx, &mut page, after).await?,
            Step::Notices { to, after } => self.notices(&mut tx, &mut page, to, after).await?,
            Step::Trailer | Step::Done => Step::Done,
        };
        let object = ("agency", self.grant.principal().agency.into());
        tx.commit(desk.store.act(&self.grant, object).shown(page.shown.drain(..))).await?;
        let opened = std::mem::take(&mut page.opened);
        desk.note_opened(&self.grant, object, None, self.reason.as_ref(), opened).await?;
        Ok(page)
    }

    async fn header(&self, tx: &mut Tx, page: &mut Page) -> Result<Step, Error> {
        let who = self.grant.principal();
        let agency = tx.agencies(&[who.agency]).await?.into_iter().next().ok_or(Error::NotFound("agency"))?;
        let header = json!({
            "format": EXPORT,
            "agency": { "id": agency.id, "name": agency.name, "kind": agency.kind.word(), "country": agency.country.to_string() },
            "made": self.desk.store.clock().now().to_string(),
            "by": who.member,
            "verifier": self.desk.store.keys().verifier().to_string(),
            "protected": if self.reason.is_some() { "opened with a reason" } else { "withheld" },
        });
        page.add("header", header, who.agency)?;
        Ok(Step::Members(Uuid::nil().into()))
    }

    async fn members(&self, tx: &mut Tx, page: &mut Page, after: MemberId) -> Result<Step, Error> {
        let members = tx.member_page(after, PAGE).await?;
        let Some(last) = members.last().map(|m| m.id) else {
            return Ok(Step::Cases { mark: Vec::new(), within: None });
        };
        for m in members {
            let roles: Vec<_> = m.roles.iter().map(|r| r.word()).collect();
            let line = json!({
                "id": m.id, "name": m.name, "email": m.email, "telephone": m.telephone, "sworn": m.sworn,
                "roles": roles, "active": m.active,
            });
            page.add("member", line, m.id)?;
        }
        Ok(Step::Members(last))
    }

    async fn cases(
        &self,
        tx: &mut Tx,
        page: &mut Page,
        mut mark: Vec<u8>,
        within: Option<(CaseId, EntryId)>,
    ) -> Result<Step, Error> {
        if let Some((case, after)) = within {
            let within = self.entries(tx, page, case, after).await?;
            return Ok(Step::Cases { mark, within });
        }
        let cases = tx.case_page(&mark, TOGETHER).await?;
        if cases.is_empty() {
            return Ok(Step::Submissions(Uuid::nil().into()));
        }
        for (at, id) in cases {
            mark = at;
            page.add("case", case_line(tx.whole_case(id).await?), id)?;
            if let Some(bytes) = tx.own_tip(id).await? {
                self.tip(page, id, &bytes)?;
            }
            if let Some(within) = self.entries(tx, page, id, Uuid::nil().into()).await? {
                return Ok(Step::Cases { mark, within: Some(within) });
            }
        }
        Ok(Step::Cases { mark, within: None })
    }

    fn tip(&self, page: &mut Page, case: CaseId, bytes: &[u8]) -> Result<(), Error> {
        let (tip, open) = read_tip(bytes, self.reason.is_some())?;
        let report: Value = serde_json::from_str(&exchange::write_tip_json(&open.shown))
            .map_err(|_| store::Error::Inconsistent { table: "tip", column: "sealed" })?;
        let mut line = serde_json::to_value(tip_flags(&tip, open.withheld))
            .map_err(|_| store::Error::Inconsistent { table: "tip", column: "sealed" })?;
        put(&mut line, "case", json!(case));
        put(&mut line, "content", report);
        page.withheld += u64::from(open.withheld);
        page.opened.extend(open.opened.then(|| Uuid::from(case)));
        page.add("tip", line, case)
    }

    /// A page of a case's entries; where the next begins, when it was a full one.
    async fn entries(
        &self,
        tx: &mut Tx,
        page: &mut Page,
        case: CaseId,
        after: EntryId,
    ) -> Result<Option<(CaseId, EntryId)>, Error> {
        let entries = tx.whole_entries(case, after, PAGE).await?;
        let full = i64::try_from(entries.len()).is_ok_and(|n| n >= PAGE);
        let last = entries.last().map(|e| (case, e.id)).filter(|_| full);
        for e in entries {
            let (id, protected) = (e.id, is_protected_entry(&e));
            let mut line = serde_json::to_value(entry_line(e, self.reason.is_some()))
                .map_err(|_| store::Error::Inconsistent { table: "entry", column: "sealed" })?;
            put(&mut line, "case", json!(case));
            page.add("entry", line, id)?;
            if protected && self.reason.is_some() {
                page.opened.push(id.into());
            }
            page.withheld += u64::from(protected && self.reason.is_none());
        }
        Ok(last)
    }

    async fn submissions(&self, tx: &mut Tx, page: &mut Page, after: RequestId) -> Result<Step, Error> {
        let requests = tx.request_page(after, TOGETHER).await?;
        let Some((last, _)) = requests.last().copied() else { return Ok(Step::Conflicts(Uuid::nil().into())) };
        for (request, id) in requests {
            let s = tx.whole_submission(id).await?;
            let detail = Detail::from_bytes(&s.detail)?;
            let given = match tx.answer(id).await {
                Ok(given) => Some(given),
                Err(store::Error::NotFound(_)) => None, // stored, and not yet checked
                Err(e) => return Err(e.into()),
            };
            let unreadable = |column| store::Error::Inconsistent { table: "answer", column };
            let (answer, receipt) = match given {
                None => (Value::Null, Value::Null),
                Some((given, recorded)) => {
                    let answer = serde_json::from_slice(&given.answer).map_err(|_| unreadable("answer"))?;
                    let receipt = serde_json::from_str(&proven(given, recorded)?).map_err(|_| unreadable("receipt"))?;
                    (answer, receipt)
                }
            };
            let line = json!({
                "id": id, "act": if s.check { "check" } else { "submit" }, "member": s.member, "case": s.case,
                "at": s.at.to_string(), "request": request, "file": detail.file, "purpose": detail.purpose,
                "nexus": detail.nexus, "answer": answer, "receipt": receipt,
            });
            page.add("submission", line, id)?;
        }
        Ok(Step::Submissions(last))
    }

    async fn conflicts(&self, tx: &mut Tx, page: &mut Page, after: ConflictId) -> Result<Step, Error> {
        let conflicts = tx.conflict_page(after, TOGETHER).await?;
        let Some(last) = conflicts.last().copied() else {
            return Ok(Step::Notices { to: Uuid::nil().into(), after: Uuid::nil().into() });
        };
        let who = self.grant.principal();
        for conflict in conflicts {
            for side in tx.sides_of(conflict).await?.iter().filter(|s| s.sees == Level::Open) {
                let handed = tx.handed_in(conflict, side.case, side.other_case).await?;
                let view = side_view(tx, who, side, handed.seen, handed.noted, self.desk.store.clock().now()).await?;
                // The record of what was handed out (28 CFR 23.20(g)): of which entries, since when, and how far.
                let told = |openly: bool| -> Vec<EntryId> {
                    handed.entries.iter().filter(|(_, to)| **to == openly).map(|(id, _)| *id).collect()
                };
                let line = json!({
                    "case": side.case,
                    "view": view,
                    "handed": { "since": side.at.to_string(), "openly": told(true), "through_the_watch_desk": told(false) },
                });
                page.shown.extend(handed.entries.into_keys().map(Uuid::from));
                page.add("conflict", line, conflict)?;
            }
        }
        Ok(Step::Conflicts(last))
    }

    async fn notices(&self, tx: &mut Tx, page: &mut Page, to: MemberId, after: NoticeId) -> Result<Step, Error> {
        let told = tx.told_page(to, after, PAGE).await?;
        let Some(last) = told.last().map(|n| n.id) else {
            let next = tx.member_page(to, 1).await?.into_iter().next();
            return Ok(next.map_or(Step::Trailer, |m| Step::Notices { to: m.id, after: Uuid::nil().into() }));
        };
        for n in told {
            let line = json!({
                "id": n.id, "to": to, "matter": n.matter.word(), "conflict": n.conflict, "case": n.case,
                "entry": n.entry, "at": n.at.to_string(), "due": n.due.to_string(),
                "seen": n.seen.map(|t| t.to_string()), "words": n.words,
            });
            page.add("notice", line, n.id)?;
        }
        Ok(Step::Notices { to, after: last })
    }
}

fn put(line: &mut Value, key: &str, value: Value) {
    if let Value::Object(map) = line {
        map.insert(key.to_owned(), value);
    }
}
