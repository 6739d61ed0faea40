//! `concord member`.

use casework::model::{AgencyId, Role, Telephone};
use casework::{Desk, Exit, NewMember, Principal};
use clap::{Args, Subcommand};
use serde_json::json;

use crate::args::As;
use crate::failure::Failure;
use crate::open;
use crate::print::Say;

#[derive(Subcommand)]
pub enum Member {
    /// Add a member to an agency
    Add(Add),
    /// Say whether your notices come by mail too; without a word, say how it is
    Mail(Mail),
}

#[derive(Args)]
pub struct Mail {
    #[command(flatten)]
    who: As,
    /// on or off
    #[arg(value_name = "WORD", value_parser = ["on", "off"])]
    word: Option<String>,
}

#[derive(Args)]
pub struct Add {
    /// Whose member
    #[arg(long, value_name = "ID")]
    agency: AgencyId,
    /// Their name
    #[arg(long)]
    name: String,
    /// Their e-mail address
    #[arg(long)]
    email: String,
    /// Their telephone: what another agency's officer dials
    #[arg(long, value_parser = Telephone::parse)]
    telephone: Telephone,
    /// A sworn officer
    #[arg(long)]
    sworn: bool,
    /// investigator (when none is given), supervisor, analyst, watch-desk, agency-administrator, privacy-officer,
    /// auditor, programme-office or system-operator; may be repeated
    #[arg(long = "role", value_name = "R")]
    roles: Vec<Role>,
}

pub async fn run(desk: &Desk, say: Say, args: Member) -> Result<Exit, Failure> {
    let a = match args {
        Member::Add(a) => a,
        Member::Mail(a) => return mail(desk, say, a).await,
    };
    let new = NewMember {
        agency: a.agency,
        name: a.name,
        email: a.email,
        telephone: a.telephone,
        sworn: a.sworn,
        roles: a.roles,
    };
    let id = desk.add_member(&Principal::operator(), new).await?;
    say.answer(&json!({ "member": id }), || format!("member {id}"))?;
    Ok(Exit::Done)
}

async fn mail(desk: &Desk, say: Say, args: Mail) -> Result<Exit, Failure> {
    let who = open::member(desk, &args.who.member).await?;
    if let Some(word) = args.word {
        desk.prefer_mail(&who, word == "on").await?;
    }
    let wanted = desk.mail_preference(&who).await?;
    say.answer(&json!({ "mail": wanted }), || {
        if wanted { "Your notices come by mail too, where this Concord sends any." } else { "No mail comes." }
            .to_owned()
    })?;
    Ok(Exit::Done)
}
