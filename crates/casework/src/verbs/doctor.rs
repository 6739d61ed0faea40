//! The doctor: what is well with the installation, what is not, and what to do about it. Always the same findings in the
//! same order; settings, counts and times only.

use model::Micros;
use policy::{Action, Facts, Principal};
use serde::Serialize;
use store::{DoctorFacts, Durability, Encryption, KeptAgrees, KeyFolderFacts, PlaceFacts, Waiting};
use uuid::Uuid;

use crate::desk::Desk;
use crate::error::Error;

/// How it stands with one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Good,
    /// Look at it.
    Warn,
    /// Something is lost, wrong or open.
    Bad,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at; stable, so that programs may look for it.
    pub name: &'static str,
    /// How it stands.
    pub state: State,
    /// What was seen.
    pub says: String,
    /// What to do; empty when it is good.
    pub cure: String,
}

impl Finding {
    fn new(name: &'static str, state: State, says: impl Into<String>, cure: &str) -> Self {
        let cure = if state == State::Good { String::new() } else { cure.to_owned() };
        Self { name, state, says: says.into(), cure }
    }
}

/// Minutes a worker's queue may be late before one looks at it, and before it counts as stopped.
const LATE_MINUTES: i64 = 5;
const STOPPED_MINUTES: i64 = 60;

/// A clock further off than this makes receipts and windows say another time than the database's logs (CJIS AU-8).
const DRIFT_WARN_SECONDS: i64 = 2;
const DRIFT_BAD_SECONDS: i64 = 60;

/// A backup older than this is no daily one.
const BACKUP_DAYS: i64 = 2;

/// Said to whoever trusts the ledger while nobody outside holds its checkpoints.
const WITNESS: &str = "Who holds database and signing key can rewrite what no receipt, agency or witness has seen.";

impl Desk {
    /// Examines the installation: every finding, good ones too, always in the same order.
    pub async fn doctor(&self, who: &Principal) -> Result<Vec<Finding>, Error> {
        let object = ("installation", Uuid::nil());
        let grant = self.allow(who, Action::Doctor, &Facts::default(), object, self.request()).await?;
        let facts = self.store.doctor_facts(&grant).await?;
        Ok(findings(&facts, self.clocks.second_look_seconds))
    }
}

fn findings(facts: &DoctorFacts, second_look_seconds: i64) -> Vec<Finding> {
    let now = facts.now;
    let behind = |name, what: &str, waiting: Waiting, grace, cure| late(name, what, waiting, (now, grace), cure);
    vec![
        trial(facts),
        schema(facts),
        durability(facts),
        connection(facts),
        clock(facts),
        behind(
            "events",
            "events without a position in the ledger",
            facts.events,
            0,
            "run `concord serve`, or any command: it integrates what waits",
        ),
        checkpoint(facts),
        kept(facts),
        Finding::new(
            "witnesses",
            State::Warn,
            format!("No witness is configured. {WITNESS}"),
            "give the newest checkpoint to somebody outside who keeps it: `concord ledger checkpoint`",
        ),
        behind(
            "looks",
            "submissions that no look has answered",
            facts.unlooked,
            0,
            "run `concord serve`, or `concord inbox`: the sweeper finishes them; until then they read \"not yet checked\"",
        ),
        behind(
            "silent looks",
            "submissions whose silent entries were not asked",
            facts.unheard,
            0,
            "run `concord serve`: owners of silent entries are not told until then",
        ),
        behind(
            "second looks",
            "submissions without their second look",
            facts.second,
            second_look_seconds,
            "run `concord serve`: the second look finds what a crash hid",
        ),
        behind(
            "notices",
            "notices that are due and not handed over",
            facts.notices,
            0,
            "run `concord serve`, or `concord inbox`",
        ),
        words(facts),
        overdue(
            "silent orders",
            "silent orders that ended and were not renewed",
            facts.silent_orders,
            "run `concord serve`: it lowers them to the watch desk",
        ),
        overdue(
            "reviews",
            "entries past their review date (28 CFR 23.20(h))",
            facts.reviews,
            "have their owners validate or withdraw them",
        ),
        backup(facts),
        key_folder(facts.keys.as_ref()),
        apart(facts),
        encryption(facts),
        free(facts),
    ]
}

fn trial(facts: &DoctorFacts) -> Finding {
    let (state, says) = if facts.trial {
        (State::Warn, "This is a trial: its keys were made beside it, and every receipt says so.")
    } else {
        (State::Good, "The keys have a source of their own.")
    };
    Finding::new("trial", state, says, "for real work run `concord init` with a key folder of its own (--keys)")
}

fn schema(facts: &DoctorFacts) -> Finding {
    let says = format!("{}, schema {} of {}", facts.version, facts.schema, facts.newest_schema);
    let state = if facts.schema == facts.newest_schema { State::Good } else { State::Bad };
    Finding::new("schema", state, says, "run `concord migrate`")
}

fn durability(facts: &DoctorFacts) -> Finding {
    let (lost, unsure, says) = match &facts.durability {
        Durability::Sqlite { journal, synchronous } => (
            *synchronous < 1 || journal != "wal",
            false,
            format!(
                "journal {journal}, synchronous {synchronous} (0 is OFF); a commit is acknowledged when that log is on the disk"
            ),
        ),
        Durability::Postgres { fsync, synchronous_commit, full_page_writes, data_checksums, .. } => (
            !fsync || !full_page_writes || ["off", "local"].contains(&synchronous_commit.as_str()),
            !data_checksums,
            format!(
                "fsync {}, full_page_writes {}, synchronous_commit {synchronous_commit}, data_checksums {}",
                on(*fsync),
                on(*full_page_writes),
                on(*data_checksums)
            ),
        ),
    };
    let (state, cure) = match (lost, unsure) {
        (true, _) => (
            State::Bad,
            "a receipt is a promise that survives power loss: set fsync, full_page_writes and synchronous_commit on (PostgreSQL), the write-ahead log and synchronous NORMAL (SQLite)",
        ),
        (false, true) => (State::Warn, "switch on data checksums (pg_checksums --enable)"),
        (false, false) => (State::Good, ""),
    };
    Finding::new("durability", state, says, cure)
}

fn connection(facts: &DoctorFacts) -> Finding {
    let (state, says) = match &facts.durability {
        Durability::Sqlite { .. } => (State::Good, "The database is a file of this machine."),
        Durability::Postgres { ssl: true, .. } => (State::Good, "The connection to the database is enciphered."),
        Durability::Postgres { local: true, .. } => {
            (State::Good, "The connection to the database stays on this machine.")
        }
        Durability::Postgres { .. } => (State::Bad, "The connection to the database leaves this machine in the clear."),
    };
    Finding::new("connection", state, says, "add sslmode=verify-full to the database's URL, and TLS to the server")
}

fn clock(facts: &DoctorFacts) -> Finding {
    let Some(drift) = facts.drift else {
        return Finding::new("clock", State::Good, "Database and program share one clock.", "");
    };
    let off = drift.saturating_abs() / 1_000_000;
    let state = grade(off, DRIFT_WARN_SECONDS, DRIFT_BAD_SECONDS);
    let says = format!("The database server's clock differs from ours by {off} s.");
    Finding::new("clock", state, says, "have both machines keep time by the same source (NTP)")
}

fn checkpoint(facts: &DoctorFacts) -> Finding {
    let old = match facts.old_logs {
        0 => String::new(),
        1 => " There is 1 old log.".to_owned(),
        n => format!(" There are {n} old logs."),
    };
    let (state, says) = match facts.signed {
        None => (State::Warn, "No checkpoint was signed yet.".to_owned()),
        Some((size, at)) => {
            (State::Good, format!("The newest checkpoint stands for {size} events and was signed at {at}."))
        }
    };
    Finding::new("checkpoint", state, says + &old, "run any command: it signs what it integrates")
}

fn kept(facts: &DoctorFacts) -> Finding {
    let (state, says) = match facts.kept {
        KeptAgrees::Agrees => (State::Good, "The checkpoint kept beside the keys is the database's own.".to_owned()),
        KeptAgrees::NoneKept => (State::Warn, "No checkpoint is kept beside the keys.".to_owned()),
        KeptAgrees::Behind { size, kept } => {
            (State::Bad, format!("The database holds {size} events, {kept} were signed: it is an old copy."))
        }
        KeptAgrees::OldLog => (State::Bad, "The database ends in a log that was ended: it is an old copy.".to_owned()),
        KeptAgrees::Differs => {
            (State::Bad, "The database does not have the checkpoint that is kept beside the keys.".to_owned())
        }
    };
    let cure = match facts.kept {
        KeptAgrees::Behind { .. } | KeptAgrees::OldLog => {
            "put the newest database back, or go on with this one by `concord ledger new-log`"
        }
        KeptAgrees::NoneKept => "run any command: it signs what it integrates",
        KeptAgrees::Agrees | KeptAgrees::Differs => "run `concord ledger verify`: it names what was changed",
    };
    Finding::new("kept checkpoint", state, says, cure)
}

/// A worker's queue; `grace`: seconds that belong to it.
fn late(name: &'static str, what: &str, waiting: Waiting, (now, grace): (Micros, i64), cure: &str) -> Finding {
    let Some(oldest) = waiting.oldest.filter(|_| waiting.count > 0) else {
        return Finding::new(name, State::Good, format!("There are no {what}."), "");
    };
    let minutes = (now.0.saturating_sub(oldest.0) / 1_000_000).saturating_sub(grace) / 60;
    let says = counted(what, waiting.count, oldest);
    Finding::new(name, grade(minutes, LATE_MINUTES, STOPPED_MINUTES), says, cure)
}

fn overdue(name: &'static str, what: &str, waiting: Waiting, cure: &str) -> Finding {
    match waiting.oldest.filter(|_| waiting.count > 0) {
        None => Finding::new(name, State::Good, format!("There are no {what}."), ""),
        Some(oldest) => Finding::new(name, State::Warn, counted(what, waiting.count, oldest), cure),
    }
}

/// Reads well for one and for many.
fn counted(what: &str, count: i64, oldest: Micros) -> String {
    let mut letters = what.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase()).into_iter().collect::<String>();
    format!("{first}{}: {count}, the oldest of {oldest}.", letters.as_str())
}

fn words(facts: &DoctorFacts) -> Finding {
    let (state, says) = match facts.words_wait {
        0 => (State::Good, "Search reaches every case.".to_owned()),
        n => (State::Warn, format!("Cases that search does not reach yet: {n}.")),
    };
    let cure = "run `concord serve`, or `concord work`: the sweeper gathers their words, a part each round";
    Finding::new("search", state, says, cure)
}

fn backup(facts: &DoctorFacts) -> Finding {
    let cure = "run `concord backup FILE` every day, and keep the key folder's copy elsewhere";
    let Some((made, last)) = facts.backup else {
        return Finding::new("backup", State::Bad, "No backup was ever made.", cure);
    };
    let state = if made.plus_days(BACKUP_DAYS) < facts.now { State::Warn } else { State::Good };
    let says =
        format!("The newest backup is of {made}; it may be brought back until {last} and must be destroyed then.");
    Finding::new("backup", state, says, cure)
}

fn key_folder(keys: Option<&KeyFolderFacts>) -> Finding {
    let cure =
        "run `chmod 700` on the folder and `chmod 600` on its files, as the user that runs Concord and owns them";
    let Some(keys) = keys else {
        return Finding::new("key folder", State::Bad, "The key folder cannot be read.", cure);
    };
    let open = keys.mode & 0o077 != 0 || !keys.open_to_others.is_empty();
    let (state, owner) = match keys.own {
        _ if open => (State::Bad, ""),
        Some(false) => (State::Warn, " Another user owns part of it."),
        Some(true) | None => (State::Good, ""),
    };
    let others = match keys.open_to_others.as_slice() {
        [] => "no file is open to others".to_owned(),
        names => format!("open to others: {}", names.join(", ")),
    };
    Finding::new("key folder", state, format!("Mode {:o}; {others}.{owner}", keys.mode), cure)
}

fn apart(facts: &DoctorFacts) -> Finding {
    let cure = "put the key folder on another disk (--keys): who takes one must not have both";
    let (state, says) = match (&facts.keys, &facts.data) {
        (Some(keys), Some(data)) if keys.place.device == data.device => {
            (State::Warn, "Keys and data are on one file system.")
        }
        (Some(_), Some(_)) => (State::Good, "Keys and data are on two file systems."),
        _ => (State::Good, "The data is on the database server, the keys are here."),
    };
    Finding::new("keys and data", state, says, cure)
}

fn encryption(facts: &DoctorFacts) -> Finding {
    let of = |place: Option<&PlaceFacts>| place.map_or(Encryption::CannotBeTold, |p| p.encryption);
    let (keys, data) = (of(facts.keys.as_ref().map(|k| &k.place)), of(facts.data.as_ref()));
    let word = |e| match e {
        Encryption::Enciphered => "enciphered",
        Encryption::NotSeen => "no dm-crypt seen",
        Encryption::CannotBeTold => "cannot be told from here",
    };
    let good = [keys, data].iter().all(|e| *e == Encryption::Enciphered);
    let says = format!("Disk of the keys: {}; of the data: {}.", word(keys), word(data));
    let state = if good { State::Good } else { State::Warn };
    let cure = "see to it that both disks are enciphered (LUKS, or the disk's own): data and token key together give every telephone number away in minutes";
    Finding::new("disk encryption", state, says, cure)
}

fn free(facts: &DoctorFacts) -> Finding {
    let cure = "make room: a database that cannot write accepts nothing";
    let Some((free, total)) = facts.data.as_ref().and_then(|d| Some((d.free?, d.total?))) else {
        return Finding::new(
            "free disk",
            State::Warn,
            "It cannot be told from here.",
            "look at the database server's own disk",
        );
    };
    const MIB: u64 = 1 << 20;
    let percent = free.saturating_mul(100).checked_div(total).unwrap_or(0);
    let state = match percent {
        _ if free < 100 * MIB => State::Bad,
        0..=9 => State::Warn,
        _ => State::Good,
    };
    Finding::new("free disk", state, format!("{} MiB free, {percent} %.", free / MIB), cure)
}

fn grade(value: i64, warn: i64, bad: i64) -> State {
    match value {
        v if v >= bad => State::Bad,
        v if v >= warn => State::Warn,
        _ => State::Good,
    }
}

fn on(yes: bool) -> &'static str {
    if yes { "on" } else { "off" }
}

#[cfg(test)]
mod tests;
