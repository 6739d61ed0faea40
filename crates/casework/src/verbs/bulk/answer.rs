//! The answer of a bulk job: what its slices were answered, each conflict and each word from the desk once.

use std::collections::BTreeSet;

use model::{BulkId, BulkVerb};
use policy::{Action, Principal};
use serde::{Deserialize, Serialize};
use store::BulkRow;

use crate::answer::{Answer, ConflictLine, DeskLine, NotAsked, Suppressed, not_asked};
use crate::desk::Desk;
use crate::error::Error;
use crate::verbs::bulk::{Order, facts_of, read};

/// Format word of a bulk job's answer.
pub const BULK_ANSWER: &str = "concord.bulk.answer/1";

/// The answer of a job. Of a question what met nothing does not stand in it, nor anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkAnswer {
    /// "concord.bulk.answer/1".
    pub format: String,
    /// The job.
    pub job: String,
    /// check or submit.
    pub verb: BulkVerb,
    /// The file's name as given.
    pub file: String,
    /// The case's number.
    pub case: String,
    /// How many values the job had.
    pub total: u64,
    /// How many entries were stored; of a question, how many values were asked. Fewer than all when it was ended early.
    pub entries: u64,
    /// The receipt of each slice, in the order of the file.
    pub receipts: Vec<String>,
    /// What makes no match, and why; of a question by its place in the file.
    pub suppressed: Vec<Suppressed>,
    /// Whom to call, each conflict once.
    pub conflicts: Vec<ConflictLine>,
    /// What only the watch desk can speak of, each value once.
    pub desk: Vec<DeskLine>,
    /// What was not asked.
    pub not_asked: Vec<NotAsked>,
}

impl BulkAnswer {
    /// Is there nobody to call?
    pub fn shows_nothing(&self) -> bool {
        self.conflicts.is_empty() && self.desk.is_empty()
    }

    /// The answer as a table for a spreadsheet: no cell of it is a formula.
    pub fn to_csv(&self) -> String {
        let header =
            ["what", "kind", "yours", "strength", "why", "agency", "contact", "telephone", "if_no_answer", "conflict"];
        let mut rows: Vec<[String; 10]> = Vec::new();
        for c in &self.conflicts {
            for m in &c.matches {
                rows.push([
                    "call".to_owned(),
                    m.kind.clone(),
                    m.yours.clone(),
                    c.strength.to_string(),
                    m.why.clone(),
                    c.other.agency.clone(),
                    c.other.contact.clone(),
                    c.other.telephone.clone(),
                    c.other.if_no_answer.clone(),
                    c.conflict.clone().unwrap_or_default(),
                ]);
            }
        }
        let none = String::new;
        for d in &self.desk {
            let desk = "call the watch desk".to_owned();
            rows.push([
                desk,
                none(),
                d.yours.clone(),
                none(),
                none(),
                none(),
                none(),
                d.watch_desk.clone(),
                none(),
                none(),
            ]);
        }
        for s in &self.suppressed {
            let what = "never matched".to_owned();
            rows.push([
                what,
                s.kind.clone(),
                s.value.clone(),
                none(),
                s.why.clone(),
                none(),
                none(),
                none(),
                none(),
                none(),
            ]);
        }
        exchange::write_table(&header, &rows)
    }
}

/// The answers of slices, in the order of the file, as one.
pub(crate) fn merged(row: &BulkRow, slices: Vec<Answer>) -> Result<BulkAnswer, Error> {
    let order: Order = read(&row.order, "sealed")?;
    let mut out = BulkAnswer {
        format: BULK_ANSWER.to_owned(),
        job: row.facts.id.to_string(),
        verb: row.verb,
        file: order.file,
        case: order.case,
        total: super::count(row.total),
        entries: 0,
        receipts: Vec::with_capacity(slices.len()),
        suppressed: Vec::new(),
        conflicts: Vec::new(),
        desk: Vec::new(),
        not_asked: not_asked(),
    };
    let mut desk: BTreeSet<String> = BTreeSet::new();
    let mut places: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for slice in slices {
        out.entries += u64::try_from(slice.entries).unwrap_or_default();
        out.receipts.push(slice.receipt);
        out.suppressed.extend(slice.suppressed);
        out.desk.extend(slice.desk.into_iter().filter(|line| desk.insert(line.yours.clone())));
        for line in slice.conflicts {
            let known = line.conflict.as_ref().and_then(|id| places.get(id)).copied();
            match known.and_then(|at| out.conflicts.get_mut(at)) {
                Some(known) => {
                    known.strength = known.strength.max(line.strength);
                    known.matches.extend(line.matches);
                }
                None => {
                    places.extend(line.conflict.clone().map(|id| (id, out.conflicts.len())));
                    out.conflicts.push(line);
                }
            }
        }
    }
    for c in &mut out.conflicts {
        // A value that stands twice in the file is told once.
        let mut told: BTreeSet<(String, String)> = BTreeSet::new();
        c.matches.retain(|m| told.insert((m.yours.clone(), m.rule.clone())));
    }
    // As in every answer: the strongest first, then by nothing that belongs to the other side but what is shown of it.
    out.conflicts.sort_by(|a, b| {
        (std::cmp::Reverse(a.strength), &a.other.agency, &a.conflict).cmp(&(
            std::cmp::Reverse(b.strength),
            &b.other.agency,
            &b.conflict,
        ))
    });
    Ok(out)
}

impl Desk {
    /// What a job of one's own agency answered: of one that was ended early what its finished slices were answered.
    ///
    /// # Errors
    /// [`Error::NotNow`] while there is no answer.
    pub async fn bulk_answer(&self, who: &Principal, id: BulkId) -> Result<BulkAnswer, Error> {
        let of = self.own_job(who, Action::ViewBulk, id).await?;
        let object = ("bulk job", id.into());
        let grant = self.allow(who, Action::ViewBulk, &facts_of(&of, None), object, self.request()).await?;
        let mut tx = self.store.view(&grant).await?;
        let answer = tx.bulk_answer(id).await?;
        let shown = answer.as_ref().map(|_| id.into());
        tx.commit(self.store.act(&grant, object).shown(shown)).await?;
        match answer {
            Some(bytes) => {
                let answer: BulkAnswer = read(&bytes, "answer")?;
                let conflicts = crate::answer::at(answer.conflicts, self.store.clock().now());
                Ok(BulkAnswer { conflicts, ..answer })
            }
            None => Err(Error::NotNow(format!("this job is {} and has no answer: nothing is known", of.state))),
        }
    }
}
