//! `concord inbox`.

use casework::{Desk, Exit};
use clap::Args;

use crate::args::As;
use crate::failure::Failure;
use crate::print::Say;
use crate::{open, tables};

#[derive(Args)]
pub struct Inbox {
    #[command(flatten)]
    who: As,
}

pub async fn run(desk: &Desk, say: Say, args: Inbox) -> Result<Exit, Failure> {
    let who = open::member(desk, &args.who.member).await?;
    // One's own agency's submissions are left for another command: how long this one takes says nothing of silent entries.
    desk.work(Some(who.agency)).await?;
    let inbox = desk.inbox(&who).await?;
    say.answer(&inbox, || tables::inbox(&inbox))?;
    Ok(Exit::Done)
}
