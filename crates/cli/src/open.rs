//! Opens the desk a command stands at.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use casework::model::{Chance, Clock, Invalid};
use casework::{Desk, Error, Opening, Principal};
use store::{KeyFolder, Place, Settings};
use testkit::{AheadClock, OsChance, SystemClock};

use crate::args::Common;
use crate::failure::Failure;

/// Where acts come from (CJIS AU-3).
pub const ORIGIN: &str = "command line";

/// The data folder.
pub fn data(common: &Common) -> PathBuf {
    common.data.clone().unwrap_or_else(|| PathBuf::from("concord-data"))
}

/// The key folder: as given, or beside the data folder with `.keys` at its end.
pub fn keys(common: &Common) -> PathBuf {
    common.keys.clone().unwrap_or_else(|| {
        let mut name = data(common).components().as_path().as_os_str().to_owned();
        name.push(".keys");
        PathBuf::from(name)
    })
}

/// The database: a URL, or concord.db in the data folder.
pub fn place(common: &Common) -> Result<Place, Failure> {
    match &common.database {
        None => Ok(Place::Sqlite(data(common).join("concord.db"))),
        Some(url) => match Place::parse(url) {
            place @ Place::Postgres(_) => Ok(place),
            Place::Sqlite(_) => Err(Failure::input(
                "--database",
                &Invalid::new(
                    "is not a PostgreSQL address",
                    "write postgres://..., or leave it out and give --data DIR",
                ),
            )),
        },
    }
}

/// The desk of a database that was initialised.
pub async fn desk(common: &Common) -> Result<Desk, Failure> {
    let (place, keys) = (place(common)?, keys(common));
    if matches!(&place, Place::Sqlite(file) if !file.exists()) {
        return Err(store::Error::NotInitialised.into());
    }
    have_keys(&keys)?;
    let desk = at(place, keys).await?;
    desk.store().installation().await?;
    Ok(desk)
}

/// An opening without keys is told before anything is touched.
pub fn have_keys(keys: &Path) -> Result<(), Failure> {
    if KeyFolder::exists(keys) {
        return Ok(());
    }
    Err(store::Error::Keys(format!("{} holds no keys", keys.display())).into())
}

/// A desk with this machine's time and chance.
pub async fn at(place: Place, keys: PathBuf) -> Result<Desk, Failure> {
    Ok(Desk::open(opening(place, keys)).await?)
}

/// What it takes to open a desk, with this machine's time and chance.
pub fn opening(place: Place, keys: PathBuf) -> Opening {
    let (clock, chance): (Arc<dyn Clock>, Arc<dyn Chance>) = (Arc::new(SystemClock), Arc::new(OsChance));
    Opening { place, keys, clock, chance, origin: ORIGIN.to_owned(), settings: Settings::default() }
}

/// The desk the portal stands at: the same, and its acts say that they come from there. A trial's clock may be some seconds
/// ahead.
pub async fn portal(place: Place, keys: PathBuf, ahead: u32) -> Result<Desk, Failure> {
    let clock = Arc::new(AheadClock(ahead));
    Ok(Desk::open(Opening { origin: "portal".to_owned(), clock, ..opening(place, keys) }).await?)
}

/// The member named on the command line.
pub async fn member(desk: &Desk, reference: &str) -> Result<Principal, Failure> {
    Ok(desk.member(reference).await?)
}

/// Makes the data folder, for its owner alone.
pub fn make_folder(path: &Path) -> Result<(), Failure> {
    if path.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|e| {
        Failure::input(
            &path.display().to_string(),
            &Invalid::new(format!("cannot be made ({e})"), "give --data a folder you may write"),
        )
    })
}

/// Uses the keys of a folder, or makes them with a log name of its own.
pub fn make_keys(path: &Path) -> Result<(), Failure> {
    if KeyFolder::exists(path) {
        return Ok(());
    }
    let mut random = [0_u8; 8];
    OsChance.fill(&mut random);
    KeyFolder::create(path, &format!("concord/{}", hex::encode(random)), &OsChance)?;
    Ok(())
}

/// An argument that is wrong, in the words of casework.
pub fn argument(field: &str, problem: &str, cure: &str) -> Failure {
    Error::Argument { field: field.to_owned(), source: Invalid::new(problem, cure) }.into()
}
