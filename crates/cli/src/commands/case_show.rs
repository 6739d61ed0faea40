//! `concord case show`, `predicate` and `subject`.

use std::io::Read;
use std::path::{Path, PathBuf};

use casework::model::{self, CaseNumber, FreeText, Kind, Level, Offence, RequestId, ThreatArea};
use casework::{Desk, PredicateOrder, SubjectOrder};
use clap::Args;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::args::As;
use crate::failure::Failure;
use crate::print::Say;
use crate::{files, open, tables};

#[derive(Args)]
pub struct Show {
    #[command(flatten)]
    who: As,
    /// Your agency's case
    #[arg(long, value_name = "NUMBER", value_parser = CaseNumber::parse)]
    case: CaseNumber,
    /// Why you must see the values of children, victims and witnesses; without it they are withheld (18 U.S.C. 3509(d))
    #[arg(long, value_name = "TEXT", value_parser = FreeText::parse)]
    reason: Option<FreeText>,
}

#[derive(Args)]
pub struct Predicate {
    #[command(flatten)]
    who: As,
    /// The tip's case, for example "CyberTip 123456789"
    #[arg(long, value_name = "NUMBER", value_parser = CaseNumber::parse)]
    case: CaseNumber,
    /// The facts that make suspicion reasonable (28 CFR 23.20(a))
    #[arg(long, value_name = "TEXT", value_parser = model::Predicate::facts)]
    facts: FreeText,
    /// material, enticement, travel, commercial or indian-country
    #[arg(long)]
    area: ThreatArea,
    /// The statute, for example "18 USC 2422(b)" [default: the threat area's usual one]
    #[arg(long, value_name = "CITE", value_parser = Offence::parse)]
    offence: Option<Offence>,
    /// The supporting document: its SHA-256 is kept, the document stays with you (28 CFR 23.20(n))
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
}

#[derive(Args)]
pub struct Subject {
    #[command(flatten)]
    who: As,
    /// Your agency's case; a tip needs its predicate first
    #[arg(long, value_name = "NUMBER", value_parser = CaseNumber::parse)]
    case: CaseNumber,
    /// Kind and value as they stand in the case, for example email=someone@example.org; may be repeated
    #[arg(long = "value", required = true, value_name = "KIND=VALUE", value_parser = value)]
    values: Vec<(Kind, String)>,
    /// How they answer others from now on: open or desk
    #[arg(long, default_value = "open", value_parser = answering)]
    level: Level,
    /// The id of this request: sent again, it stores nothing twice
    #[arg(long, value_name = "UUID")]
    request: Option<RequestId>,
}

fn value(text: &str) -> Result<(Kind, String), String> {
    let (kind, value) = text.split_once('=').ok_or("is not KIND=VALUE; write for example email=someone@example.org")?;
    let kind = kind.parse::<Kind>().map_err(|e| e.to_string())?;
    let value = value.trim();
    if value.is_empty() { Err("has no value; write it after the =".to_owned()) } else { Ok((kind, value.to_owned())) }
}

fn answering(text: &str) -> Result<Level, String> {
    match text.parse::<Level>() {
        Ok(Level::Silent) => Err("is an order of a supervisor's; submit the value with --level silent".to_owned()),
        Ok(level) => Ok(level),
        Err(e) => Err(e.to_string()),
    }
}

pub async fn show(desk: &Desk, say: Say, a: Show) -> Result<(), Failure> {
    let who = open::member(desk, &a.who.member).await?;
    let view = desk.case_view(&who, &a.case, a.reason.as_ref()).await?;
    say.answer(&view, || tables::case(&view))
}

pub async fn predicate(desk: &Desk, say: Say, a: Predicate) -> Result<(), Failure> {
    let who = open::member(desk, &a.who.member).await?;
    let document = a.document.as_deref().map(sha256).transpose()?;
    let number = a.case.as_str().to_owned();
    let order = PredicateOrder { case: a.case, facts: a.facts, area: a.area, offence: a.offence, document };
    desk.state_predicate(&who, order).await?;
    let shape = json!({ "case": number, "status": "open", "document": document.map(hex::encode) });
    say.answer(&shape, || {
        format!("{number} is a case now. Its identifiers stay a tip's until you name a subject's: concord case subject")
    })
}

pub async fn subject(desk: &Desk, say: Say, a: Subject) -> Result<(), Failure> {
    let who = open::member(desk, &a.who.member).await?;
    let request = a.request.unwrap_or_else(|| desk.request());
    let order = SubjectOrder { case: a.case, values: a.values, level: a.level, request };
    let answer = desk.name_subjects(&who, order).await?;
    say.answer(&answer, || tables::answer(&answer, true))
}

/// The fingerprint of a document that is not taken in.
fn sha256(path: &Path) -> Result<[u8; 32], Failure> {
    let (name, mut input) = files::input(path)?;
    let mut hash = Sha256::new();
    let mut block = vec![0; 64 * 1024];
    loop {
        let n = input
            .read(&mut block)
            .map_err(|e| open::argument(&name, &format!("cannot be read ({e})"), "give a file you may read"))?;
        let Some(read) = block.get(..n).filter(|r| !r.is_empty()) else { return Ok(hash.finalize().into()) };
        hash.update(read);
    }
}
