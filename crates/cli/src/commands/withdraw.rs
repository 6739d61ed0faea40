//! `concord withdraw` and `concord correct`.

use std::path::{Path, PathBuf};

use casework::model::{CaseNumber, EntryDraft, EntryRole, Kind, Purpose, RequestId};
use casework::{Desk, Exit, Reading, SubmitOrder};
use clap::Args;
use serde_json::json;

use crate::args::As;
use crate::failure::Failure;
use crate::print::Say;
use crate::{files, open, tables};

/// Longest text of one identifier.
const MOST_VALUE: u64 = 4_096;

#[derive(Args)]
pub struct Value {
    /// What sort of value, for example email
    #[arg(long, value_name = "K")]
    kind: Kind,
    /// The value; mind that a command line stays in the shell's history: --value-file does not
    #[arg(long, value_name = "V", required_unless_present = "value_file", conflicts_with = "value_file")]
    value: Option<String>,
    /// A file that holds the value alone; - is standard input
    #[arg(long, value_name = "FILE")]
    value_file: Option<PathBuf>,
}

impl Value {
    fn text(&self) -> Result<String, Failure> {
        text(self.value.as_deref(), self.value_file.as_deref())
    }
}

#[derive(Args)]
pub struct Withdraw {
    #[command(flatten)]
    who: As,
    /// Your agency's case
    #[arg(long, value_name = "NUMBER", value_parser = CaseNumber::parse)]
    case: CaseNumber,
    #[command(flatten)]
    value: Value,
    /// The platform, when the case holds the value at several
    #[arg(long)]
    platform: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = Purpose::parse)]
    reason: Purpose,
}

#[derive(Args)]
pub struct Correct {
    #[command(flatten)]
    who: As,
    /// Your agency's case
    #[arg(long, value_name = "NUMBER", value_parser = CaseNumber::parse)]
    case: CaseNumber,
    #[command(flatten)]
    wrong: Value,
    /// The platform of the wrong value, when the case holds it at several
    #[arg(long, value_name = "PLATFORM")]
    wrong_platform: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = Purpose::parse)]
    reason: Purpose,
    /// The right value, of the same kind
    #[arg(long, value_name = "V", required_unless_present_any = ["right_file", "file"])]
    right: Option<String>,
    /// A file that holds the right value alone; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["right", "file"])]
    right_file: Option<PathBuf>,
    /// The platform of the right value, for handles and rooms
    #[arg(long, conflicts_with = "file")]
    platform: Option<String>,
    /// Whose it is: subject, victim, witness, undercover; what is not said is taken over from the wrong value
    #[arg(long, default_value = "unknown", conflicts_with = "file")]
    role: EntryRole,
    /// A file of one row with the right value and all that is known of it
    #[arg(value_name = "FILE", conflicts_with = "right")]
    file: Option<PathBuf>,
    /// The id of this request: sent again, it stores nothing twice
    #[arg(long, value_name = "UUID")]
    request: Option<RequestId>,
}

pub async fn withdraw(desk: &Desk, say: Say, a: Withdraw) -> Result<Exit, Failure> {
    let who = open::member(desk, &a.who.member).await?;
    let gone = desk.withdraw(&who, &a.case, a.value.kind, &a.value.text()?, a.platform.as_deref(), &a.reason).await?;
    say.answer(&json!({ "withdrawn": gone }), || {
        format!("{gone} taken out of matching; everybody who was told is told")
    })?;
    Ok(Exit::Done)
}

pub async fn correct(desk: &Desk, say: Say, a: Correct) -> Result<Exit, Failure> {
    let who = open::member(desk, &a.who.member).await?;
    let (file, reading) = match &a.file {
        Some(path) => one_row(path)?,
        None => {
            let value = text(a.right.as_deref(), a.right_file.as_deref())?;
            let mut draft = EntryDraft::new("--right", a.wrong.kind, value);
            draft.platform.clone_from(&a.platform);
            draft.role = a.role;
            ("--right".to_owned(), Reading::of(casework::Format::Csv, vec![draft]))
        }
    };
    let right = SubmitOrder::new(a.case, file, reading, a.request.unwrap_or_else(|| desk.request()));
    let answer =
        desk.correct(&who, a.wrong.kind, &a.wrong.text()?, a.wrong_platform.as_deref(), &a.reason, right).await?;
    say.answer(&answer, || tables::answer(&answer, true))?;
    Ok(Exit::Done)
}

/// One wrong value has one right one.
fn one_row(path: &Path) -> Result<(String, Reading), Failure> {
    let (name, reading) = files::read(path)?;
    if !reading.problems.is_empty() {
        return Err(casework::Error::File { file: name, problems: reading.problems }.into());
    }
    if reading.drafts.len() != 1 {
        return Err(open::argument(&name, "does not hold exactly one identifier", "give a file of one row"));
    }
    Ok((name, reading))
}

fn text(value: Option<&str>, file: Option<&Path>) -> Result<String, Failure> {
    match (value, file) {
        (Some(value), _) => Ok(value.to_owned()),
        (None, Some(path)) => Ok(files::short_text(path, MOST_VALUE)?.trim().to_owned()),
        (None, None) => Err(open::argument("--value", "is missing", "give --value or --value-file")),
    }
}
