//! `concord migrate`.

use casework::Exit;
use clap::Args;
use serde_json::{Value, json};
use store::{Place, Settings, Store};

use crate::args::Common;
use crate::failure::Failure;
use crate::open;
use crate::print::Say;

#[derive(Args)]
pub struct Migrate {
    /// Name what would be run, and change nothing
    #[arg(long)]
    dry_run: bool,
}

pub async fn run(common: &Common, say: Say, a: Migrate) -> Result<Exit, Failure> {
    let place = open::place(common)?;
    if matches!(&place, Place::Sqlite(file) if !file.exists()) {
        return Err(store::Error::NotInitialised.into());
    }
    let before = Store::schema(&place).await?;
    if before.have == 0 {
        return Err(store::Error::NotInitialised.into());
    }
    if before.have > before.newest {
        return Err(store::Error::Newer { have: before.have, known: before.newest }.into());
    }
    let mut ran = Vec::new();
    let after = if a.dry_run || before.pending.is_empty() {
        before
    } else {
        let all = before.pending.len();
        Store::migrate(&place, &Settings::default(), |version, name| {
            ran.push((version, name));
            say.note(&format!("migration {version} ({name}), {} of {all}", ran.len()));
        })
        .await?
    };
    let named = |list: &[(i64, &'static str)]| -> Vec<Value> {
        list.iter().map(|(version, name)| json!({ "version": version, "name": name })).collect()
    };
    let shape = json!({
        "format": "concord.schema/1",
        "have": after.have,
        "newest": after.newest,
        "pending": named(&after.pending),
        "ran": named(&ran),
    });
    say.answer(&shape, || {
        let stands = format!("schema {} of {}", after.have, after.newest);
        let lines: Vec<String> = after.pending.iter().map(|(v, name)| format!("\n- {v} {name}")).collect();
        match (lines.is_empty(), ran.is_empty()) {
            (false, _) => format!("{stands}; `concord migrate` would run{}", lines.concat()),
            (true, true) => format!("{stands}: nothing to do"),
            (true, false) => format!("{stands}: done"),
        }
    })?;
    Ok(Exit::Done)
}
