//! `concord agency`.

use casework::model::{AgencyId, AgencyKind, Country, FreeText, Micros, State, Telephone};
use casework::{Desk, Exit, NewAgency, NewApproval, Principal};
use clap::{Args, Subcommand};
use serde_json::json;

use crate::args::until;
use crate::commands::webhook::{self, Webhook};
use crate::failure::Failure;
use crate::print::Say;

#[derive(Subcommand)]
pub enum Agency {
    /// Add an agency; a foreign one is suspended until its approval is recorded
    Add(Add),
    /// Record the Attorney General's approval of a foreign agency (34 U.S.C. 21115(c))
    Approve(Approve),
    /// Systems of an agency that are told when notices wait
    #[command(subcommand)]
    Webhook(Webhook),
}

#[derive(Args)]
pub struct Add {
    /// Its public name
    #[arg(long)]
    name: String,
    /// federal, state, tribal, local or foreign
    #[arg(long)]
    kind: AgencyKind,
    /// Its duty number, answered day and night
    #[arg(long, value_parser = Telephone::parse)]
    telephone: Telephone,
    /// Its State, two postal letters
    #[arg(long, value_name = "XX")]
    state: Option<State>,
    /// A foreign agency's country, two letters of ISO 3166-1
    #[arg(long, value_name = "XX")]
    country: Option<Country>,
}

#[derive(Args)]
pub struct Approve {
    /// The foreign agency
    #[arg(long, value_name = "ID")]
    agency: AgencyId,
    /// Reference of the approving document, and what it covers
    #[arg(long, value_name = "TEXT", value_parser = FreeText::parse)]
    scope: FreeText,
    /// The last day it covers, for example 2026-12-31
    #[arg(long, value_name = "DATE", value_parser = until)]
    until: Micros,
}

pub async fn run(desk: &Desk, say: Say, args: Agency) -> Result<Exit, Failure> {
    let operator = Principal::operator();
    match args {
        Agency::Add(a) => {
            let foreign = a.kind == AgencyKind::Foreign;
            let new =
                NewAgency { name: a.name, kind: a.kind, telephone: a.telephone, state: a.state, country: a.country };
            let id = desk.add_agency(&operator, new).await?;
            say.answer(&json!({ "agency": id }), || {
                let next = if foreign {
                    "\nIt is suspended until its approval is recorded: concord agency approve"
                } else {
                    ""
                };
                format!("agency {id}{next}")
            })?;
        }
        Agency::Approve(a) => {
            let new = NewApproval { agency: a.agency, scope: a.scope, until: a.until };
            let id = desk.record_approval(&operator, new).await?;
            say.answer(&json!({ "approval": id }), || format!("approval {id}, until {}", a.until))?;
        }
        Agency::Webhook(a) => return webhook::run(desk, say, a).await,
    }
    Ok(Exit::Done)
}
