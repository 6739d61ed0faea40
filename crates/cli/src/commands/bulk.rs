//! `concord bulk`.

use std::path::{Path, PathBuf};

use casework::model::{
    Authority, BulkId, BulkVerb, CaseNumber, FreeText, Level, Marking, Purpose, Reliability, RequestId, Validity,
};
use casework::{BulkLabels, BulkOrder, Desk, Exit};
use clap::{Args, Subcommand};
use serde_json::json;

use crate::args::As;
use crate::failure::Failure;
use crate::print::Say;
use crate::{files, open, tables};

#[derive(Subcommand)]
pub enum Bulk {
    /// Hand in a file with more values than go in one go; a supervisor of your agency approves it
    Ask(Box<Ask>),
    /// Let a colleague's job be worked; never one's own
    Approve(One),
    /// Say no to a colleague's job; its upload is gone, and they read why
    Refuse(Refuse),
    /// End a job before its end; its upload is gone, what was worked before stays
    Cancel(One),
    /// Your agency's jobs, the newest first
    List(List),
    /// One job: where it stands, and how many of its values were worked
    Show(One),
    /// What a job was answered; exit code 1 when a question has conflicts to show
    Answer(Answer),
}

#[derive(Args)]
pub struct Ask {
    #[command(flatten)]
    who: As,
    /// Ask about the values (check) or leave them in the case (submit)
    #[arg(long)]
    verb: BulkVerb,
    /// Your agency's case
    #[arg(long, value_name = "NUMBER", value_parser = CaseNumber::parse)]
    case: CaseNumber,
    /// Where the values came from: search-warrant, subpoena, court-order, consent, provider-return, cybertip,
    /// agency-own-holdings or other
    #[arg(long)]
    authority: Authority,
    /// The same in words: number, court, date
    #[arg(long, value_name = "TEXT", value_parser = FreeText::parse)]
    process: FreeText,
    /// Why (28 CFR 23.20)
    #[arg(long, value_name = "TEXT", value_parser = Purpose::parse)]
    purpose: Purpose,
    /// CSV with the header kind,value or CASE/UCO JSON-LD; - is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How far the entries travel, for example "amber rel CA" [default: amber+strict]
    #[arg(long)]
    marking: Option<Marking>,
    /// Of the source: reliable, usually, unreliable or unknown
    #[arg(long, default_value = "unknown")]
    reliability: Reliability,
    /// Of the content: confirmed, probable, doubtful or unknown
    #[arg(long, default_value = "unknown")]
    validity: Validity,
    /// How the entries answer others: open (you and your number) or desk (only "call the watch desk")
    #[arg(long, default_value = "open")]
    level: Level,
    /// The id of this request: sent again, it is the same job
    #[arg(long, value_name = "UUID")]
    request: Option<RequestId>,
}

#[derive(Args)]
pub struct One {
    /// The job
    #[arg(value_name = "ID")]
    id: BulkId,
    #[command(flatten)]
    who: As,
}

#[derive(Args)]
pub struct Refuse {
    #[command(flatten)]
    one: One,
    /// Why, written for whoever asked
    #[arg(long, value_name = "TEXT", value_parser = FreeText::parse)]
    reason: FreeText,
}

#[derive(Args)]
pub struct List {
    #[command(flatten)]
    who: As,
    /// Those asked for before this job
    #[arg(long, value_name = "ID")]
    before: Option<BulkId>,
    /// How many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=200))]
    limit: u16,
}

#[derive(Args)]
pub struct Answer {
    #[command(flatten)]
    one: One,
    /// Write it as a CSV for a spreadsheet; - is standard output
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

pub async fn run(desk: &Desk, say: Say, args: Bulk) -> Result<Exit, Failure> {
    match args {
        Bulk::Ask(a) => ask(desk, say, *a).await,
        Bulk::Approve(one) => {
            let who = open::member(desk, &one.who.member).await?;
            desk.approve_bulk(&who, one.id).await?;
            stands(say, one.id, "approved", "`concord work` takes it up")
        }
        Bulk::Refuse(a) => {
            let who = open::member(desk, &a.one.who.member).await?;
            desk.refuse_bulk(&who, a.one.id, a.reason).await?;
            stands(say, a.one.id, "refused", "its upload is gone; whoever asked is told")
        }
        Bulk::Cancel(one) => {
            let who = open::member(desk, &one.who.member).await?;
            desk.cancel_bulk(&who, one.id).await?;
            let words = "its upload is gone. What was worked before stays, and `concord bulk answer` lists it";
            stands(say, one.id, "cancelled", words)
        }
        Bulk::List(a) => {
            let who = open::member(desk, &a.who.member).await?;
            let list = desk.bulk_jobs(&who, a.before, a.limit.into()).await?;
            say.answer(&list, || tables::bulk_jobs(&list))?;
            Ok(Exit::Done)
        }
        Bulk::Show(one) => {
            let who = open::member(desk, &one.who.member).await?;
            let job = desk.bulk_job(&who, one.id).await?;
            say.answer(&job, || tables::bulk_job(&job))?;
            Ok(Exit::Done)
        }
        Bulk::Answer(a) => answer(desk, say, &a).await,
    }
}

async fn ask(desk: &Desk, say: Say, a: Ask) -> Result<Exit, Failure> {
    let who = open::member(desk, &a.who.member).await?;
    let (file, reading) = files::read(&a.file)?;
    let labels = BulkLabels {
        marking: a.marking.unwrap_or_default(),
        reliability: a.reliability,
        validity: a.validity,
        level: a.level,
    };
    let order = BulkOrder {
        verb: a.verb,
        case: a.case,
        authority: a.authority,
        process: a.process,
        purpose: a.purpose,
        file,
        reading,
        labels,
        request: a.request.unwrap_or_else(|| desk.request()),
    };
    let id = desk.ask_bulk(&who, order).await?;
    stands(say, id, "waiting", "the supervisors of your agency are told, and one of them approves or refuses it")
}

async fn answer(desk: &Desk, say: Say, a: &Answer) -> Result<Exit, Failure> {
    let who = open::member(desk, &a.one.who.member).await?;
    let answer = desk.bulk_answer(&who, a.one.id).await?;
    match &a.csv {
        None => say.answer(&answer, || tables::bulk_answer(&answer))?,
        Some(path) if path == Path::new("-") => crate::print::raw_out(&answer.to_csv())?,
        Some(path) => {
            let file = path.display().to_string();
            files::write_private(path, &answer.to_csv()).map_err(|e| {
                open::argument(&file, &format!("cannot be written ({e})"), "give --csv a file you may write")
            })?;
            say.answer(&json!({ "job": a.one.id, "file": file }), || format!("{file}: the answer"))?;
        }
    }
    let to_call = answer.verb == BulkVerb::Check && !answer.shows_nothing();
    Ok(if to_call { Exit::Conflicts } else { Exit::Done })
}

fn stands(say: Say, id: BulkId, state: &str, words: &str) -> Result<Exit, Failure> {
    say.answer(&json!({ "job": id, "state": state }), || format!("bulk job {id}: {state}; {words}"))?;
    Ok(Exit::Done)
}
