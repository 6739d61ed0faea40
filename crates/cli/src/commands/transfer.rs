//! `concord transfer`.

use casework::model::{CaseNumber, FreeText, TransferId};
use casework::{Desk, Exit, TakeOver};
use clap::{Args, Subcommand};
use serde_json::json;

use crate::args::As;
use crate::failure::Failure;
use crate::print::Say;
use crate::{open, tables};

#[derive(Subcommand)]
pub enum Transfer {
    /// Offer your agency's case to another agency; nothing moves until they accept
    Offer(Offer),
    /// Every offer of or to your agency, and what became of it
    List(As),
    /// Take over a case that is offered to your agency, under a number of your own
    Accept(Accept),
    /// Say no; the offerer reads why
    Decline(Decline),
    /// Take an offer back while nobody has answered it
    Withdraw(One),
}

#[derive(Args)]
pub struct Offer {
    #[command(flatten)]
    who: As,
    /// Your agency's case
    #[arg(long, value_name = "NUMBER", value_parser = CaseNumber::parse)]
    case: CaseNumber,
    /// The agency that is to have it: its id or its whole name
    #[arg(long, value_name = "AGENCY")]
    to: String,
    /// Why, written for them: it is all they read of the case before they accept
    #[arg(long, value_name = "TEXT", value_parser = FreeText::parse)]
    reason: FreeText,
}

#[derive(Args)]
pub struct One {
    /// The transfer
    #[arg(value_name = "ID")]
    id: TransferId,
    #[command(flatten)]
    who: As,
}

#[derive(Args)]
pub struct Accept {
    #[command(flatten)]
    one: One,
    /// The number it gets at your agency
    #[arg(long, value_name = "NUMBER", value_parser = CaseNumber::parse)]
    case: CaseNumber,
    /// Who leads it: an officer of your agency [default: you]
    #[arg(long, value_name = "MEMBER")]
    lead: Option<String>,
}

#[derive(Args)]
pub struct Decline {
    #[command(flatten)]
    one: One,
    /// Why, written for the offerer
    #[arg(long, value_name = "TEXT", value_parser = FreeText::parse)]
    reason: FreeText,
}

pub async fn run(desk: &Desk, say: Say, args: Transfer) -> Result<Exit, Failure> {
    match args {
        Transfer::Offer(a) => {
            let who = open::member(desk, &a.who.member).await?;
            let to = desk.agency("--to", &a.to).await?;
            let id = desk.offer_transfer(&who, &a.case, to, a.reason).await?;
            say.answer(&json!({ "transfer": id, "state": "offered" }), || {
                format!("transfer {id}: offered. Their supervisors are told; nothing moves until one accepts")
            })?;
        }
        Transfer::List(a) => {
            let who = open::member(desk, &a.member).await?;
            let list = desk.transfers(&who).await?;
            say.answer(&list, || tables::transfers(&list))?;
        }
        Transfer::Accept(a) => {
            let who = open::member(desk, &a.one.who.member).await?;
            let lead = match &a.lead {
                None => who.member,
                Some(reference) => open::member(desk, reference).await?.member,
            };
            let answer = desk.accept_transfer(&who, a.one.id, TakeOver { number: a.case, lead }).await?;
            say.answer(&answer, || tables::answer(&answer, true))?;
        }
        Transfer::Decline(a) => {
            let who = open::member(desk, &a.one.who.member).await?;
            desk.decline_transfer(&who, a.one.id, a.reason).await?;
            ended(say, a.one.id, "declined")?;
        }
        Transfer::Withdraw(one) => {
            let who = open::member(desk, &one.who.member).await?;
            desk.withdraw_transfer(&who, one.id).await?;
            ended(say, one.id, "withdrawn")?;
        }
    }
    Ok(Exit::Done)
}

fn ended(say: Say, id: TransferId, state: &str) -> Result<(), Failure> {
    say.answer(&json!({ "transfer": id, "state": state }), || {
        format!("transfer {id}: {state}; the other agency is told")
    })
}
