//! `concord receipt`.

use std::path::{Path, PathBuf};

use casework::model::SubmissionId;
use casework::{Desk, Exit};
use clap::{Args, Subcommand};
use serde_json::json;

use crate::args::As;
use crate::failure::Failure;
use crate::print::{Say, text_out};
use crate::{files, open};

/// Longest receipt read: a statement of a million identifiers with its proof.
const MOST_RECEIPT: u64 = 512 * 1024 * 1024;

#[derive(Subcommand)]
pub enum Receipt {
    /// Write the receipt of one of your agency's submissions or checks to a file
    Get(Get),
    /// Verify a receipt file: no database and no keys folder are needed
    Verify(Verify),
}

#[derive(Args)]
pub struct Get {
    /// The receipt's id, from the answer
    #[arg(value_name = "ID")]
    id: SubmissionId,
    #[command(flatten)]
    who: As,
    /// Where to write it; - is standard output
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Args)]
pub struct Verify {
    /// The receipt
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The verifier key that `concord init` printed, or a file that holds it
    #[arg(long)]
    key: String,
}

pub async fn run(desk: &Desk, say: Say, args: Receipt) -> Result<Exit, Failure> {
    let a = match args {
        Receipt::Get(a) => a,
        Receipt::Verify(a) => return verify(say, &a),
    };
    let who = open::member(desk, &a.who.member).await?;
    let text = desk.receipt(&who, a.id).await?;
    let file = a.out.display().to_string();
    if file == "-" {
        text_out(text.trim_end())?;
        return Ok(Exit::Done);
    }
    files::write_private(&a.out, &text)
        .map_err(|e| open::argument(&file, &format!("cannot be written ({e})"), "give --out a file you may write"))?;
    say.answer(&json!({ "receipt": a.id, "file": file }), || {
        format!(
            "{file}: the receipt. Anybody verifies it: concord receipt verify {file} --key '{}'",
            desk.verifier_key()
        )
    })?;
    Ok(Exit::Done)
}

pub fn verify(say: Say, a: &Verify) -> Result<Exit, Failure> {
    let text = files::short_text(&a.file, MOST_RECEIPT)?;
    let path = Path::new(&a.key);
    let key = if path.is_file() { files::short_text(path, 4_096)? } else { a.key.clone() };
    let file = a.file.display();
    let verified = casework::verify_receipt(&text, &key)
        .map_err(|why| Failure::failed(format!("{file}: does not verify: {why}")))?;
    let shape = json!({
        "verifies": true,
        "proven": verified.proven,
        "trial": verified.trial,
        "position": verified.position,
        "at": verified.at.map(|at| at.to_string()),
        "statement": verified.statement,
    });
    say.answer(&shape, || words(&file.to_string(), &verified))?;
    Ok(Exit::Done)
}

/// What a receipt that verifies says, for people.
pub fn words(file: &str, verified: &casework::Verified) -> String {
    let mut out = format!("{file}: verifies.");
    match (verified.proven, verified.position) {
        (true, Some(position)) => out.push_str(&format!(" It stands in the ledger at position {position}.")),
        _ => out.push_str(" It is a signed promise; get it again for its proof in the ledger."),
    }
    if verified.trial {
        out.push_str("\nIt was made on a trial database: it is evidence of nothing.");
    }
    out.push_str("\nIt says what was answered at that time. It does not say that nothing else matched.");
    out
}
