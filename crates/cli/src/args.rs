//! The words of the command line.

use std::path::PathBuf;

use casework::model::{Day, Invalid, Micros};
use clap::{Args, Parser, Subcommand};

use crate::commands::{
    agency, backup, bulk, case, check, conflict, demo, export, import, inbox, init, ledger, member, migrate, read,
    receipt, serve, submit, transfer, withdraw, work,
};

/// Tells investigators that another agency works on the same person, account or device, and whom to call.
///
/// Exit codes: 0 done, 1 `check` has conflicts to show, 2 bad input, 3 refused, 4 failed, does not verify, or `doctor` found something bad.
#[derive(Parser)]
#[command(name = "concord", version, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub command: Command,
}

/// Where things are, and how to speak.
#[derive(Args, Clone)]
pub struct Common {
    /// The data folder; it holds concord.db [default: concord-data]
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The key folder, kept apart from the data [default: the data folder's name with .keys]
    #[arg(long, global = true, value_name = "DIR")]
    pub keys: Option<PathBuf>,
    /// A PostgreSQL database, postgres://...; leave the password to PGPASSWORD or ~/.pgpass
    #[arg(long, global = true, value_name = "URL")]
    pub database: Option<String>,
    /// Mail and webhooks [default: concord.toml in the data folder; CONCORD_CONFIG names another]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print JSON even on a terminal, and errors as JSON on standard error
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Subcommand)]
pub enum Command {
    /// Show a small made-up story from the first entry to the telephone call
    Demo(demo::Demo),
    /// Serve the portal and run the workers, until ctrl-c
    Serve(serve::Serve),
    /// Make a database and its keys
    Init(init::Init),
    /// Add an agency, record a foreign agency's approval, set up an agency's webhooks
    #[command(subcommand)]
    Agency(agency::Agency),
    /// Add a member to an agency, choose whether one's notices come by mail
    #[command(subcommand)]
    Member(member::Member),
    /// Open, see or close a case; make a case of a tip
    #[command(subcommand)]
    Case(case::Case),
    /// Put the identifiers of files into a case: later matches reach you too
    Submit(Box<submit::Submit>),
    /// Take in files and folders: CyberTip reports, lists of identifiers, exports of a Concord
    Import(Box<import::Import>),
    /// Write all of your agency's own data as lines of JSON
    Export(export::Export),
    /// Make a CSV of text copied from a report or a provider's return, to look at and then submit; stores nothing
    Read(read::Read),
    /// Ask about the identifiers of files without leaving them
    Check(check::Check),
    /// More values than go in one go: ask for a job, approve it, follow it, fetch its answer
    #[command(subcommand)]
    Bulk(bulk::Bulk),
    /// What waits for you
    Inbox(inbox::Inbox),
    /// One conflict: see it, acknowledge it, write, agree how it ends
    #[command(subcommand)]
    Conflict(conflict::Conflict),
    /// Take an identifier out of your case: everybody who was told is told
    Withdraw(withdraw::Withdraw),
    /// Put a right identifier in place of a wrong one
    Correct(Box<withdraw::Correct>),
    /// Get a receipt, or verify one with nothing but the key
    #[command(subcommand)]
    Receipt(receipt::Receipt),
    /// Offer a case to another agency, or take one over
    #[command(subcommand)]
    Transfer(transfer::Transfer),
    /// Copy every table into one file, sealed as it is; no key is in it
    Backup(backup::Backup),
    /// Bring a backup back into an empty database
    Restore(backup::Restore),
    /// What is well with this installation, what is not, and the cure
    Doctor,
    /// Bring the database's schema up to date
    Migrate(migrate::Migrate),
    /// Verify the ledger, print its newest checkpoint or its key
    #[command(subcommand)]
    Ledger(ledger::Ledger),
    /// One round of the workers: sweep, silent entries, second look, bulk jobs, notices, ledger, mail and webhooks
    Work(work::Work),
}

/// Who acts.
#[derive(Args)]
pub struct As {
    /// The member who acts, by id or e-mail address
    #[arg(long = "as", value_name = "MEMBER")]
    pub member: String,
}

/// Reads "2026-12-31" (that day included, UTC) or RFC 3339.
pub fn until(text: &str) -> Result<Micros, Invalid> {
    Day::parse(text).map(Day::end).or_else(|_| {
        Micros::parse(text).map_err(|_| {
            Invalid::new("is not a day", "write year-month-day, for example 2026-12-31, or RFC 3339 with its offset")
        })
    })
}
