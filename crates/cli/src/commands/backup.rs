//! `concord backup` and `concord restore`.

use std::path::{Path, PathBuf};

use casework::model::Micros;
use casework::{Desk, Exit, Principal, RestoreFrom};
use clap::Args;
use serde_json::{Value, json};
use store::{NewLog, Place};

use crate::args::{Common, until};
use crate::failure::Failure;
use crate::open;
use crate::print::{Say, rows_bar};

#[derive(Args)]
pub struct Backup {
    /// The file to write; nothing is overwritten
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// A member with the role system-operator, by id or e-mail address [default: the operator of this machine]
    #[arg(long = "as", value_name = "MEMBER")]
    member: Option<String>,
    /// The last day it may be brought back, for example 2026-12-31 [default: and at most: 35 days from now]
    #[arg(long, value_name = "DATE", value_parser = until)]
    last: Option<Micros>,
}

#[derive(Args)]
pub struct Restore {
    /// The file that `concord backup` wrote
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub async fn backup(common: &Common, desk: &Desk, say: Say, a: Backup) -> Result<Exit, Failure> {
    let who = match &a.member {
        None => Principal::operator(),
        Some(reference) => open::member(desk, reference).await?,
    };
    let (progress, told) = rows_bar("writing the backup");
    let made = desk.backup(&who, &a.file, a.last, told).await;
    progress.finish_and_clear();
    let made = made?;
    let (file, keys) = (a.file.display().to_string(), open::keys(common).display().to_string());
    let says = format!("It holds no key: without the keys in {keys} nobody can read it. Keep them apart.");
    let shape = json!({
        "format": "concord.backup.made/1",
        "backup": made.id,
        "file": file,
        "made": made.made.to_string(),
        "last_day": made.last.to_string(),
        "tables": made.tables,
        "rows": made.rows,
        "size": made.size,
        "sha256": made.sha256,
        "keys": keys,
        "says": says,
    });
    say.answer(&shape, || {
        format!(
            "{file}: {} rows of {} tables, {} events of the ledger\nSHA-256 {}\nBring it back until {}; destroy it then.\n{says}",
            made.rows, made.tables, made.size, made.sha256, made.last
        )
    })?;
    Ok(Exit::Done)
}

pub async fn restore(common: &Common, say: Say, a: Restore) -> Result<Exit, Failure> {
    let (place, keys) = (open::place(common)?, open::keys(common));
    open::have_keys(&keys)?;
    if !a.file.is_file() {
        return Err(open::argument(
            "FILE",
            "is not a file that can be read",
            "give the file that `concord backup` wrote",
        ));
    }
    let folder = match &place {
        Place::Sqlite(_) => open::data(common),
        Place::Postgres(_) => PathBuf::new(),
    };
    let made = matches!(place, Place::Sqlite(_)) && !folder.exists();
    if made {
        open::make_folder(&folder)?;
    }
    let done = bring_back(place, keys, &a.file).await;
    if made && done.is_err() {
        // Only when nothing lies in it: what is there after a failure is for people to look at.
        let _ = std::fs::remove_dir(&folder);
    }
    let (desk, restored) = done?;
    desk.store().close().await;
    let shape = json!({
        "format": "concord.restored/1",
        "backup": restored.backup,
        "made": restored.made.to_string(),
        "rows": restored.rows,
        "entries_ended": restored.entries_ended,
        "cases_closed": restored.cases_closed,
        "new_log": restored.new_log.as_ref().map(begun),
    });
    say.answer(&shape, || {
        let log = restored.new_log.as_ref().map_or_else(|| "The ledger goes on.".to_owned(), begun_words);
        format!(
            "{} rows are back as they were at {}; what was done since is lost.\nEnded again, because it ended since: {} entries, {} cases.\n{log}",
            restored.rows, restored.made, restored.entries_ended, restored.cases_closed
        )
    })?;
    Ok(Exit::Done)
}

async fn bring_back(place: Place, keys: PathBuf, file: &Path) -> Result<(Desk, store::Restored), Failure> {
    let from = RestoreFrom { opening: open::opening(place, keys), file: file.to_owned() };
    let (progress, told) = rows_bar("restoring");
    let done = Desk::restore(&Principal::operator(), from, told).await;
    progress.finish_and_clear();
    Ok(done?)
}

/// A new log, for programs.
pub fn begun(log: &NewLog) -> Value {
    json!({ "format": "concord.log.begun/1", "key": log.verifier, "held": log.held, "signed": log.signed })
}

/// The same for people.
pub fn begun_words(log: &NewLog) -> String {
    format!(
        "A new log begins: {} events are held, {} were signed. Publish its key; what was signed before verifies with the old one:\n    {}",
        log.held, log.signed, log.verifier
    )
}
