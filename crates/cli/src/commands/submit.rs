//! `concord submit`.

use std::path::{Path, PathBuf};

use casework::model::{CaseNumber, EntryDraft, FreeText, Level, Marking, Micros, Reliability, RequestId, Validity};
use casework::{Desk, Exit, Principal, SilentRequest, SubmitOrder};
use clap::Args;

use crate::args::{As, until};
use crate::commands::worst;
use crate::failure::Failure;
use crate::print::{Say, bar};
use crate::{files, open, tables};

#[derive(Args)]
pub struct Submit {
    #[command(flatten)]
    who: As,
    /// Your agency's case
    #[arg(long, value_name = "NUMBER", value_parser = CaseNumber::parse)]
    case: CaseNumber,
    /// CSV with the header kind,value or CASE/UCO JSON-LD; - is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    labels: Labels,
    /// Store the good rows of a file and list the others
    #[arg(long)]
    partial: bool,
    /// The id of this request: sent again, it gets the same receipt and answer
    #[arg(long, value_name = "UUID")]
    request: Option<RequestId>,
}

/// What a row does not say itself.
#[derive(Args)]
pub struct Labels {
    /// How far the entries travel, for example "amber rel CA" [default: amber+strict]
    #[arg(long)]
    pub(super) marking: Option<Marking>,
    /// Of the source: reliable, usually, unreliable or unknown
    #[arg(long, default_value = "unknown")]
    pub(super) reliability: Reliability,
    /// Of the content: confirmed, probable, doubtful or unknown
    #[arg(long, default_value = "unknown")]
    pub(super) validity: Validity,
    /// How the entries answer others: open (you and your number), desk (only "call the watch desk") or silent (nothing)
    #[arg(long, default_value = "open")]
    pub(super) level: Level,
    /// Why nobody may be told (with --level silent)
    #[arg(long, value_name = "TEXT", value_parser = FreeText::parse, requires_all = ["approved_by", "until"])]
    reason: Option<FreeText>,
    /// The supervisor who approved it (with --level silent)
    #[arg(long, value_name = "SUPERVISOR", requires_all = ["reason", "until"])]
    approved_by: Option<String>,
    /// The last day it holds, at most 180 days ahead (with --level silent)
    #[arg(long, value_name = "DATE", value_parser = until, requires_all = ["reason", "approved_by"])]
    until: Option<Micros>,
}

pub async fn run(desk: &Desk, say: Say, args: Submit) -> Result<Exit, Failure> {
    if args.request.is_some() && args.files.len() > 1 {
        return Err(open::argument("--request", "names one request", "submit one file at a time with it"));
    }
    let who = open::member(desk, &args.who.member).await?;
    let approver = approver(desk, &args.labels).await?;
    let progress = bar(Some(args.files.len() as u64), "submitting");
    let mut exit = Exit::Done;
    for file in &args.files {
        let done = one(desk, say, &who, &args, approver.as_ref(), file).await;
        progress.inc(1);
        exit = worst(
            exit,
            progress.suspend(|| {
                done.unwrap_or_else(|failure| {
                    say.failure(&failure);
                    failure.exit
                })
            }),
        );
    }
    progress.finish_and_clear();
    Ok(exit)
}

async fn one(
    desk: &Desk,
    say: Say,
    who: &Principal,
    args: &Submit,
    approver: Option<&Principal>,
    file: &Path,
) -> Result<Exit, Failure> {
    let (name, reading) = files::read(file)?;
    let silent = silent(&args.labels, approver);
    // Whoever brings an order means something to be silent: it must not be stored open for want of a word.
    if silent.is_some() && reading.problems.is_empty() && !reading.drafts.iter().any(|d| is_silent(d, &args.labels)) {
        return Err(open::argument(
            "--reason",
            "is an order for silent entries, and none is silent",
            "add --level silent",
        ));
    }
    let order = SubmitOrder {
        case: args.case.clone(),
        file: name,
        reading,
        partial: args.partial,
        marking: args.labels.marking.clone().unwrap_or_default(),
        reliability: args.labels.reliability,
        validity: args.labels.validity,
        level: args.labels.level,
        silent,
        request: args.request.unwrap_or_else(|| desk.request()),
    };
    let answer = desk.submit(who, order).await?;
    say.answer(&answer, || tables::answer(&answer, true))?;
    Ok(Exit::Done)
}

pub(super) async fn approver(desk: &Desk, labels: &Labels) -> Result<Option<Principal>, Failure> {
    match &labels.approved_by {
        None => Ok(None),
        Some(reference) => Ok(Some(open::member(desk, reference).await?)),
    }
}

fn is_silent(draft: &EntryDraft, labels: &Labels) -> bool {
    draft.level_or(labels.level) == Level::Silent
}

pub(super) fn silent(labels: &Labels, approver: Option<&Principal>) -> Option<SilentRequest> {
    match (&labels.reason, approver, labels.until) {
        (Some(reason), Some(approver), Some(until)) => {
            Some(SilentRequest { reason: reason.clone(), approved_by: approver.clone(), until })
        }
        _ => None,
    }
}
