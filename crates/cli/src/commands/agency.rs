//! `concord agency`.

use casework::model::{AgencyId, AgencyKind, Country, FreeText, Micros, State, Telephone, TimeZone};
use casework::{AgencyPage, Desk, Exit, NewAgency, NewApproval, Principal};
use clap::{Args, Subcommand};
use serde_json::json;

use crate::args::{As, until};
use crate::commands::webhook::{self, Webhook};
use crate::failure::Failure;
use crate::open;
use crate::print::Say;
use crate::tables::plain;

#[derive(Subcommand)]
pub enum Agency {
    /// Add an agency; a foreign one is suspended until its approval is recorded
    Add(Add),
    /// Record the Attorney General's approval of a foreign agency (34 U.S.C. 21115(c))
    Approve(Approve),
    /// Say in which time zone an agency's telephones ring, so that who calls reads the time there
    TimeZone(Zone),
    /// An agency: whom to call, and what time it is there
    Show(Show),
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
    /// Where that rings, by its name in the IANA database, for example America/Los_Angeles
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<TimeZone>,
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

#[derive(Args)]
pub struct Zone {
    /// The administrator of the agency who says it; without one the operator of this machine does
    #[arg(long = "as", value_name = "MEMBER")]
    member: Option<String>,
    /// The agency
    #[arg(long, value_name = "ID")]
    agency: AgencyId,
    /// Its name in the IANA database, for example America/Los_Angeles
    #[arg(value_name = "ZONE")]
    zone: TimeZone,
}

#[derive(Args)]
pub struct Show {
    #[command(flatten)]
    who: As,
    /// Which; your own when none is named
    #[arg(value_name = "ID")]
    agency: Option<AgencyId>,
}

pub async fn run(desk: &Desk, say: Say, args: Agency) -> Result<Exit, Failure> {
    let operator = Principal::operator();
    match args {
        Agency::Add(a) => {
            let foreign = a.kind == AgencyKind::Foreign;
            let new = NewAgency {
                name: a.name,
                kind: a.kind,
                telephone: a.telephone,
                time_zone: a.time_zone,
                state: a.state,
                country: a.country,
            };
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
        Agency::TimeZone(a) => {
            let who = match &a.member {
                Some(member) => open::member(desk, member).await?,
                None => operator,
            };
            desk.set_time_zone(&who, a.agency, &a.zone).await?;
            say.answer(&json!({ "agency": a.agency, "time_zone": a.zone }), || {
                format!("agency {} is in {}", a.agency, a.zone)
            })?;
        }
        Agency::Show(a) => {
            let who = open::member(desk, &a.who.member).await?;
            let page = desk.agency_page(&who, a.agency.unwrap_or(who.agency)).await?;
            say.answer(&page, || shown(&page))?;
        }
        Agency::Webhook(a) => return webhook::run(desk, say, a).await,
    }
    Ok(Exit::Done)
}

fn shown(page: &AgencyPage) -> String {
    let a = &page.agency;
    let there = page.local_time.as_ref().map_or_else(String::new, |time| format!(", {time}"));
    let call = page.telephone.as_ref().map_or_else(String::new, |number| format!("call {number}{there}\n"));
    let zone = a.time_zone.as_deref().unwrap_or("not known");
    plain(&format!("{}\n{call}no answer? watch desk {}\ntime zone: {zone}\nagency {}", a.name, page.watch_desk, a.id))
}
