//! `concord ledger`.

use casework::model::FreeText;
use casework::{Desk, Exit, Principal};
use clap::{Args, Subcommand};
use serde_json::json;

use crate::args::Common;
use crate::commands::backup::{begun, begun_words};
use crate::failure::Failure;
use crate::open;
use crate::print::{Say, bar};

#[derive(Subcommand)]
pub enum Ledger {
    /// Verify the whole ledger and the tables it speaks of
    Verify,
    /// The newest signed checkpoint
    Checkpoint,
    /// The key with which receipts and checkpoints verify
    Key,
    /// Go on with an old copy of the database: its log ends, a new one begins
    NewLog(NewLog),
}

#[derive(Args)]
pub struct NewLog {
    /// Why the copy was put in the place of the newest database; the new log binds it
    #[arg(long, value_name = "TEXT", value_parser = FreeText::parse)]
    reason: FreeText,
}

/// No desk is open meanwhile: the key folder is read anew after it.
pub async fn new_log(common: &Common, say: Say, a: NewLog) -> Result<Exit, Failure> {
    let (place, keys) = (open::place(common)?, open::keys(common));
    // That there is a database and that these are its keys is told first, in the words of every command.
    open::desk(common).await?.store().close().await;
    let (desk, log) = Desk::new_log(&Principal::operator(), open::opening(place, keys), a.reason).await?;
    desk.store().close().await;
    say.answer(&begun(&log), || begun_words(&log))?;
    Ok(Exit::Done)
}

pub async fn run(desk: &Desk, say: Say, args: Ledger) -> Result<Exit, Failure> {
    let operator = Principal::operator();
    match args {
        Ledger::Key => {
            let key = desk.verifier_key();
            say.answer(&json!({ "key": key }), || key.clone())?;
        }
        Ledger::Checkpoint => {
            desk.settle_ledger().await?;
            let note = desk.checkpoint(&operator).await?;
            say.answer(&json!({ "checkpoint": note }), || {
                note.clone().map_or_else(|| "nothing is signed yet".to_owned(), |n| n.trim_end().to_owned())
            })?;
        }
        Ledger::NewLog(_) => {}
        Ledger::Verify => return verify(desk, say, &operator).await,
    }
    Ok(Exit::Done)
}

async fn verify(desk: &Desk, say: Say, operator: &Principal) -> Result<Exit, Failure> {
    // What waits is taken in first. On an old copy of a database that is refused, and the verdict says why.
    if let Err(e) = desk.settle_ledger().await {
        say.note(&e.to_string());
    }
    let progress = bar(None, "reading the ledger");
    let counting = progress.clone();
    let verdict = desk.verify_ledger(operator, move |rows| counting.set_position(rows)).await?;
    progress.finish_and_clear();
    let (sound, root) = (verdict.sound(), hex::encode(verdict.root));
    let findings: Vec<String> = verdict.findings.iter().map(ToString::to_string).collect();
    let shape = json!({
        "verifies": sound,
        "size": verdict.size,
        "root": root,
        "signed": verdict.signed,
        "findings": findings,
        "left_out": verdict.left_out,
    });
    say.answer(&shape, || {
        let mut out = format!("{} events, root {root}", verdict.size);
        match verdict.signed {
            Some(signed) => out.push_str(&format!("\nsigned up to {signed}")),
            None => out.push_str("\nno signed checkpoint"),
        }
        for finding in &findings {
            out.push_str(&format!("\n- {finding}"));
        }
        if verdict.left_out > 0 {
            out.push_str(&format!("\n- and {} more", verdict.left_out));
        }
        out.push_str(if sound { "\nThe ledger verifies." } else { "\nThe ledger does NOT verify." });
        out
    })?;
    Ok(if sound { Exit::Done } else { Exit::Failed })
}
