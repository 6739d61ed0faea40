//! One file a group of commands.

pub mod agency;
pub mod backup;
pub mod bulk;
pub mod case;
pub mod case_show;
pub mod check;
pub mod conflict;
pub mod demo;
mod demo_nation;
pub mod doctor;
pub mod export;
pub mod import;
pub mod inbox;
pub mod init;
pub mod ledger;
pub mod member;
pub mod migrate;
pub mod read;
pub mod receipt;
pub mod serve;
mod serving;
pub mod submit;
pub mod transfer;
pub mod webhook;
pub mod withdraw;
pub mod work;

use casework::{Couriers, Desk, Error, Exit};

use crate::args::{Cli, Command, Common};
use crate::config;
use crate::failure::Failure;
use crate::open;
use crate::print::Say;

/// Runs the command; what went wrong stands on standard error.
pub async fn run(cli: Cli) -> Exit {
    let say = Say::new(cli.common.json);
    let done = match cli.command {
        Command::Demo(a) => demo::run(&cli.common, a).await,
        Command::Serve(a) => serve::run(&cli.common, a).await,
        Command::Init(a) => init::run(&cli.common, say, a).await,
        Command::Read(a) => read::run(say, &a),
        Command::Restore(a) => backup::restore(&cli.common, say, a).await,
        Command::Migrate(a) => migrate::run(&cli.common, say, a).await,
        Command::Ledger(ledger::Ledger::NewLog(a)) => ledger::new_log(&cli.common, say, a).await,
        Command::Receipt(receipt::Receipt::Verify(a)) => receipt::verify(say, &a),
        command => at_desk(&cli.common, say, command).await,
    };
    done.unwrap_or_else(|failure| {
        say.failure(&failure);
        failure.exit
    })
}

async fn at_desk(common: &Common, say: Say, command: Command) -> Result<Exit, Failure> {
    // Only what sends or judges addresses reads that part of the configuration: a fault in it stops nobody's casework.
    let couriers = match &command {
        Command::Work(_) | Command::Agency(agency::Agency::Webhook(_)) => config::couriers(common)?,
        _ => Couriers::default(),
    };
    let desk = open::desk(common).await?.with_couriers(couriers);
    let done = match command {
        Command::Agency(a) => agency::run(&desk, say, a).await,
        Command::Member(a) => member::run(&desk, say, a).await,
        Command::Case(a) => case::run(&desk, say, a).await,
        Command::Submit(a) => submit::run(&desk, say, *a).await,
        Command::Check(a) => check::run(&desk, say, a).await,
        Command::Bulk(a) => bulk::run(&desk, say, a).await,
        Command::Import(a) => import::run(&desk, say, *a).await,
        Command::Export(a) => export::run(&desk, say, a).await,
        Command::Inbox(a) => inbox::run(&desk, say, a).await,
        Command::Conflict(a) => conflict::run(&desk, say, a).await,
        Command::Withdraw(a) => withdraw::withdraw(&desk, say, a).await,
        Command::Correct(a) => withdraw::correct(&desk, say, *a).await,
        Command::Receipt(a) => receipt::run(&desk, say, a).await,
        Command::Ledger(a) => ledger::run(&desk, say, a).await,
        Command::Transfer(a) => transfer::run(&desk, say, a).await,
        Command::Backup(a) => backup::backup(common, &desk, say, a).await,
        Command::Doctor => doctor::run(&desk, say).await,
        Command::Work(a) => work::run(&desk, say, a).await,
        Command::Demo(_)
        | Command::Serve(_)
        | Command::Init(_)
        | Command::Read(_)
        | Command::Restore(_)
        | Command::Migrate(_) => Ok(Exit::Done),
    };
    let exit = done.unwrap_or_else(|failure| {
        say.failure(&failure);
        failure.exit
    });
    let exit = settle(&desk, say, exit).await;
    // Folds SQLite's write-ahead log into its file: what is copied then is whole.
    desk.store().close().await;
    Ok(exit)
}

/// The ledger takes in what the command did. The answer stands already: a failure here is a warning, except that an old
/// or rewritten copy of a database is never signed on.
pub async fn settle(desk: &Desk, say: Say, exit: Exit) -> Exit {
    match desk.settle_ledger().await {
        Ok(_) => exit,
        Err(e @ Error::Store(store::Error::Behind { .. } | store::Error::OldLog | store::Error::Forked { .. })) => {
            say.failure(&e.into());
            Exit::Failed
        }
        Err(e) => {
            say.note(&format!("the ledger takes this in later ({e})"));
            exit
        }
    }
}

/// The worse of two exit codes.
pub fn worst(a: Exit, b: Exit) -> Exit {
    if (b as u8) > (a as u8) { b } else { a }
}
