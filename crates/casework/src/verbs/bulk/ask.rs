//! Ask: a colleague hands in a file that is too large for one go; a second person is told.

use model::{
    Authority, BulkId, BulkVerb, CaseNumber, FreeText, Invalid, Level, Marking, Problem, Purpose, Reliability,
    RequestId, Validity,
};
use policy::{Action, Facts, Principal, Standing};
use serde::{Deserialize, Serialize};
use store::{BulkFacts, CaseFacts, NewBulk, RequestDigest};

use crate::desk::{Desk, again};
use crate::error::Error;
use crate::verbs::bulk::{Order, bytes, read, stated_purpose, upload};
use crate::verbs::detail::{self, nothing_in};
use crate::verbs::submit::facts_of;

/// A file for a bulk job.
pub struct BulkOrder {
    /// Asks or submits.
    pub verb: BulkVerb,
    /// The case it is for; a bulk job always has one.
    pub case: CaseNumber,
    /// The kind of legal process or authority the values came from.
    pub authority: Authority,
    /// The same in words: number, court, date.
    pub process: FreeText,
    /// Why (28 CFR 23.20(d)).
    pub purpose: Purpose,
    /// The file's name as given.
    pub file: String,
    /// What was read of it.
    pub reading: exchange::Reading,
    /// Labels of a submission, where a row does not say.
    pub labels: BulkLabels,
    /// Sent again with the same id, it is the same job.
    pub request: RequestId,
}

/// What a row of a submission does not say itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkLabels {
    /// How far the entries travel.
    pub marking: Marking,
    /// Confidence label.
    pub reliability: Reliability,
    /// Confidence label.
    pub validity: Validity,
    /// How the entries answer others: open or desk.
    pub level: Level,
}

impl BulkLabels {
    fn words(&self) -> [String; 4] {
        let (reliability, validity) = (self.reliability.word().to_owned(), self.validity.word().to_owned());
        [self.marking.to_string(), reliability, validity, self.level.word().to_owned()]
    }
}

/// What a request asked, as its job's sealed order keeps it.
fn digest_words(digest: &RequestDigest) -> String {
    format!("2:{}", hex::encode(digest.whole()))
}

impl Default for BulkLabels {
    fn default() -> Self {
        Self {
            marking: Marking::default(),
            reliability: Reliability::Unknown,
            validity: Validity::Unknown,
            level: Level::Open,
        }
    }
}

impl Desk {
    /// Asks for a bulk job. The file is read wholly first; its values then wait sealed for a second person, who is told.
    ///
    /// # Errors
    /// Every problem of the file at once; [`Error::NotNow`] when nobody else of the agency could approve it.
    pub async fn ask_bulk(&self, who: &Principal, order: BulkOrder) -> Result<BulkId, Error> {
        let id = BulkId::from(model::derived_id("bulk job", &[who.agency.as_bytes(), order.request_bytes()]));
        let verb = format!("bulk {}", order.verb);
        let labels = order.labels.words();
        let said = [order.purpose.as_str(), order.process.as_str(), order.authority.word()];
        let chosen: Vec<&str> = labels.iter().map(String::as_str).chain(said).collect();
        let digest = detail::request_digest(&verb, who, Some(&order.case), &chosen, &order.reading.drafts);
        if let Some(of) = self.store.bulk_facts(who.agency, id).await? {
            return self.asked_before(who, &of, &digest).await;
        }
        let case = self.own_case(who, Action::AskBulk, &order.case).await?;
        let object = ("case", case.id.into());
        let facts = Facts { has_nexus: true, ..facts_of(&case) };
        let grant = self.allow(who, Action::AskBulk, &facts, object, order.request).await?;
        self.may_by_itself(who, &case, &order).await?;
        self.read_wholly(who, &order)?;
        let total = order.reading.drafts.len();
        let slice = self.limits.slice(total);
        let until = self.store.clock().now().plus_seconds(self.limits.wait_hours.saturating_mul(3_600));
        let parts = upload::parts_of(&order.reading.drafts, slice)?;
        let number = |n: usize| i64::try_from(n).map_err(|_| store::Error::Failed);
        let (total, slice) = (number(total)?, number(slice)?);
        let done = again!(async {
            let mut tx = self.store.begin(&grant).await?;
            let told = tx.bulk_approvers().await?;
            if told.is_empty() {
                return Err(Error::NotNow(
                    "your agency has no other supervisor who could approve it: ask its administrator for one"
                        .to_owned(),
                ));
            }
            let asked_by = tx.own_name().await?;
            let kept = Order {
                case: order.case.as_str().to_owned(),
                file: order.file.clone(),
                purpose: order.purpose.as_str().to_owned(),
                process: order.process.as_str().to_owned(),
                asked_by: asked_by.clone(),
                labels: order.labels.clone(),
                digest: digest_words(&digest),
            };
            let new = NewBulk {
                id,
                case: case.id,
                signed_in: who.standing == Standing::Credential,
                verb: order.verb,
                authority: order.authority,
                total,
                slice,
                until,
                order: &bytes(&kept)?,
                parts: &parts,
            };
            tx.add_bulk(&new).await?;
            let words = format!(
                "{asked_by} asks to {} {total} values of {} in case {} ({}). Approve or refuse bulk job {id} until {}.",
                order.verb,
                order.file,
                order.case.as_str(),
                order.authority,
                until.in_words()
            );
            let of = BulkFacts {
                id,
                agency: who.agency,
                case: case.id,
                member: who.member,
                state: model::BulkState::Waiting,
            };
            tx.notify(told.iter().map(|m| self.job_note(*m, &of, "asked", until, &words)).collect()).await?;
            let act = self
                .store
                .act(&grant, ("bulk job", id.into()))
                .bind("purpose", order.purpose.as_str().as_bytes())
                .bind("authority", order.process.as_str().as_bytes());
            tx.add_reason(act.id(), "purpose", Some(case.id), order.purpose.as_str()).await?;
            tx.add_reason(act.id(), "authority", Some(case.id), order.process.as_str()).await?;
            tx.commit(act).await?;
            Ok(())
        });
        match done {
            Ok(()) => Ok(id),
            // The same request twice at once: the other one's job stands.
            Err(Error::Store(store::Error::Exists(_))) => {
                let of = self.store.bulk_facts(who.agency, id).await?.ok_or(store::Error::Failed)?;
                self.asked_before(who, &of, &digest).await
            }
            Err(Error::Store(store::Error::Changed)) => {
                Err(Error::NotNow("the case was closed, or went to another agency, meanwhile: look again".to_owned()))
            }
            Err(e) => Err(e),
        }
    }

    async fn asked_before(&self, who: &Principal, of: &BulkFacts, digest: &RequestDigest) -> Result<BulkId, Error> {
        let object = ("bulk job", of.id.into());
        let facts = super::facts_of(of, None);
        let grant = self.allow(who, Action::ViewBulk, &facts, object, self.request()).await?;
        let mut tx = self.store.view(&grant).await?;
        let row = tx.bulk_row(of.id).await?;
        tx.commit(self.store.act(&grant, object).shown([of.id.into()])).await?;
        let kept: Order = read(&row.order, "sealed")?;
        // A job of before schema 10 stands under what was digested then.
        let same = kept.digest == digest_words(digest) || kept.digest == hex::encode(digest.before());
        if same && of.member == who.member {
            return Ok(of.id);
        }
        Err(store::Error::Exists("another request of this id").into())
    }

    /// May the asker do with few values what the job will do with many?
    async fn may_by_itself(&self, who: &Principal, case: &CaseFacts, order: &BulkOrder) -> Result<(), Error> {
        let action = match order.verb {
            BulkVerb::Check => Action::Check,
            BulkVerb::Submit => Action::Submit,
        };
        let facts = Facts {
            lead_sworn: if who.member == case.lead { who.sworn } else { self.is_sworn(case.lead).await? },
            has_nexus: true,
            has_predicate: case.predicate.is_some() || !order.reading.drafts.iter().any(detail::is_subject),
            ..facts_of(case)
        };
        let _allowed = self.allow(who, action, &facts, ("case", case.id.into()), order.request).await?;
        Ok(())
    }

    /// Every problem at once: those of the file's form, those of its values, and what a bulk job cannot do.
    fn read_wholly(&self, who: &Principal, order: &BulkOrder) -> Result<(), Error> {
        let drafts = &order.reading.drafts;
        let mut problems: Vec<Problem> = order.reading.problems.clone();
        problems.extend(self.unreadable(who, drafts));
        let silent = drafts.iter().filter(|d| d.level_or(order.labels.level) == Level::Silent).map(|d| {
            let cure = "submit silent entries by themselves, with a supervisor's order";
            Invalid::new("cannot be silent in a bulk job", cure).at(d.place.clone(), "level")
        });
        problems.extend(silent);
        detail::in_file_order(&mut problems);
        if !problems.is_empty() {
            return Err(Error::File { file: order.file.clone(), problems });
        }
        if drafts.is_empty() {
            return Err(nothing_in(&order.file));
        }
        let any = BulkId::from(uuid::Uuid::nil());
        let stated = stated_purpose(order.purpose.as_str(), any, order.authority, order.process.as_str());
        stated.map(|_| ()).map_err(Error::argument("process"))
    }
}

impl BulkOrder {
    fn request_bytes(&self) -> &[u8] {
        self.request.as_bytes()
    }
}
