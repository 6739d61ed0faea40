//! `concord check`.

use std::path::{Path, PathBuf};

use casework::model::{CaseNumber, Nexus, Purpose, RequestId};
use casework::{CheckOrder, Desk, Exit, Principal};
use clap::Args;

use crate::args::As;
use crate::commands::worst;
use crate::failure::Failure;
use crate::print::{Say, bar};
use crate::{files, open, tables};

#[derive(Args)]
pub struct Check {
    #[command(flatten)]
    who: As,
    /// Why you ask (28 CFR 23.20)
    #[arg(long, value_name = "TEXT", value_parser = Purpose::parse)]
    purpose: Purpose,
    /// In which of your agency's cases
    #[arg(long, value_name = "NUMBER", value_parser = CaseNumber::parse, required_unless_present = "nexus", conflicts_with = "nexus")]
    case: Option<CaseNumber>,
    /// Without a case: how the Internet was used (34 U.S.C. 21115(a))
    #[arg(long, value_name = "TEXT", value_parser = Nexus::parse)]
    nexus: Option<Nexus>,
    /// CSV with the header kind,value or CASE/UCO JSON-LD; - is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The id of this request: sent again, it gets the same receipt and answer
    #[arg(long, value_name = "UUID")]
    request: Option<RequestId>,
}

pub async fn run(desk: &Desk, say: Say, args: Check) -> Result<Exit, Failure> {
    if args.request.is_some() && args.files.len() > 1 {
        return Err(open::argument("--request", "names one request", "check one file at a time with it"));
    }
    let who = open::member(desk, &args.who.member).await?;
    let progress = bar(Some(args.files.len() as u64), "asking");
    let mut exit = Exit::Done;
    for file in &args.files {
        let done = one(desk, say, &who, &args, file).await;
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

async fn one(desk: &Desk, say: Say, who: &Principal, args: &Check, file: &Path) -> Result<Exit, Failure> {
    let (name, reading) = files::read(file)?;
    let order = CheckOrder {
        purpose: args.purpose.clone(),
        case: args.case.clone(),
        nexus: args.nexus.clone(),
        file: name,
        reading,
        request: args.request.unwrap_or_else(|| desk.request()),
    };
    let answer = desk.check(who, order).await?;
    say.answer(&answer, || tables::answer(&answer, false))?;
    let nothing = answer.conflicts.is_empty() && answer.desk.is_empty();
    Ok(if nothing { Exit::Done } else { Exit::Conflicts })
}
