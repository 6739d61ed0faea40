//! `concord case`.

use casework::model::{
    CaseNumber, Contact, FreeText, Marking, Nexus, Offence, Outcome, Predicate, Telephone, ThreatArea,
};
use casework::{Desk, Exit, NewCase};
use clap::{Args, Subcommand};
use serde_json::json;

use crate::args::As;
use crate::commands::case_show;
use crate::failure::Failure;
use crate::open;
use crate::print::Say;

#[derive(Subcommand)]
pub enum Case {
    /// Open a case that you lead
    Open(Box<Open>),
    /// See a case with its entries
    Show(case_show::Show),
    /// State the facts that make a case of a tip (28 CFR 23.20(a))
    Predicate(case_show::Predicate),
    /// Name identifiers of a case as a subject's
    Subject(case_show::Subject),
    /// Close a case; unfounded, cleared, acquitted and unlawfully-obtained take its entries out of matching
    Close(Close),
}

#[derive(Args)]
pub struct Open {
    #[command(flatten)]
    who: As,
    /// Your agency's number
    #[arg(long, value_parser = CaseNumber::parse)]
    number: CaseNumber,
    /// material, enticement, travel, commercial or indian-country
    #[arg(long)]
    threat_area: ThreatArea,
    /// How the Internet was used (34 U.S.C. 21115(a))
    #[arg(long, value_name = "TEXT", value_parser = Nexus::parse)]
    nexus: Nexus,
    /// The facts that make suspicion reasonable (28 CFR 23.20(a))
    #[arg(long, value_name = "TEXT", value_parser = Predicate::facts)]
    predicate: FreeText,
    /// Who supervises it: a member of your agency
    #[arg(long, value_name = "MEMBER")]
    supervisor: Option<String>,
    /// The statute, for example "18 USC 2422(b)" [default: the threat area's usual one]
    #[arg(long, value_name = "CITE", value_parser = Offence::parse)]
    offence: Option<Offence>,
    /// Whom others call [default: you]
    #[arg(long, value_name = "N", requires = "contact_telephone")]
    contact_name: Option<String>,
    /// The number others call
    #[arg(long, value_name = "T", requires = "contact_name", value_parser = Telephone::parse)]
    contact_telephone: Option<Telephone>,
    /// TLP label, release and caveats, for example "amber rel CA" [default: amber+strict]
    #[arg(long)]
    marking: Option<Marking>,
}

#[derive(Args)]
pub struct Close {
    #[command(flatten)]
    who: As,
    /// Your agency's number
    #[arg(long, value_parser = CaseNumber::parse)]
    number: CaseNumber,
    /// charged, convicted, referred, exhausted, unfounded, cleared, acquitted or unlawfully-obtained
    #[arg(long, value_name = "WORD")]
    outcome: Outcome,
}

pub async fn run(desk: &Desk, say: Say, args: Case) -> Result<Exit, Failure> {
    match args {
        Case::Open(a) => {
            let who = open::member(desk, &a.who.member).await?;
            let supervisor = match &a.supervisor {
                None => None,
                Some(reference) => Some(open::member(desk, reference).await?.member),
            };
            let contact = a.contact_name.zip(a.contact_telephone).map(|(name, telephone)| Contact { name, telephone });
            let new = NewCase {
                number: a.number,
                threat_area: a.threat_area,
                nexus: a.nexus,
                predicate: a.predicate,
                offence: a.offence,
                supervisor,
                contact,
                marking: a.marking.unwrap_or_default(),
            };
            let id = desk.open_case(&who, new).await?;
            say.answer(&json!({ "case": id }), || format!("case {id}"))?;
        }
        Case::Show(a) => case_show::show(desk, say, a).await?,
        Case::Predicate(a) => case_show::predicate(desk, say, a).await?,
        Case::Subject(a) => case_show::subject(desk, say, a).await?,
        Case::Close(a) => {
            let who = open::member(desk, &a.who.member).await?;
            desk.close_case(&who, &a.number, a.outcome).await?;
            let shape = json!({ "case": a.number.as_str(), "outcome": a.outcome.word() });
            say.answer(&shape, || {
                let gone = if a.outcome.withdraws_entries() {
                    "; its entries left matching, and everybody who was told is told"
                } else {
                    ""
                };
                format!("closed: {}{gone}", a.outcome)
            })?;
        }
    }
    Ok(Exit::Done)
}
