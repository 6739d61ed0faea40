//! `concord init`.

use casework::Exit;
use casework::model::Telephone;
use clap::Args;
use serde_json::json;
use store::Place;

use crate::args::Common;
use crate::commands::settle;
use crate::failure::Failure;
use crate::open;
use crate::print::Say;

#[derive(Args)]
pub struct Init {
    /// The watch desk's telephone, answered day and night: it stands in every answer
    #[arg(long, value_name = "TELEPHONE", value_parser = Telephone::parse)]
    watch_desk: Telephone,
}

pub async fn run(common: &Common, say: Say, args: Init) -> Result<Exit, Failure> {
    let (place, keys) = (open::place(common)?, open::keys(common));
    if let Place::Sqlite(file) = &place {
        // New keys would not open an old database, and would hide that the right ones are missing.
        if file.exists() && !store::KeyFolder::exists(&keys) {
            let words = format!("{} is there, but {} holds no keys", file.display(), keys.display());
            return Err(store::Error::Keys(words).into());
        }
        open::make_folder(&open::data(common))?;
    }
    open::make_keys(&keys)?;
    let desk = open::at(place, keys.clone()).await?;
    // Keys that were generated beside the data, unasked, make a trial: receipts say so.
    let trial = common.keys.is_none();
    let key = desk.init(&args.watch_desk, trial).await?;
    say.answer(&json!({ "key": key }), || {
        let trial = if trial {
            "\nThis is a trial: its keys lie beside its data. For real work give --keys a folder on another device."
        } else {
            ""
        };
        format!("Receipts and checkpoints of this Concord verify with the key\n    {key}\nIts secret keys are in {}: keep them apart from the data and its backups.{trial}", keys.display())
    })?;
    Ok(settle(&desk, say, Exit::Done).await)
}
