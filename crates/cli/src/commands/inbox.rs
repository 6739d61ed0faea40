//! `concord inbox`.

use casework::model::NoticeId;
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
    /// A notice you have seen: it leaves the inbox (its id stands beside it; may be given more than once)
    #[arg(long, value_name = "NOTICE")]
    seen: Vec<NoticeId>,
}

pub async fn run(desk: &Desk, say: Say, args: Inbox) -> Result<Exit, Failure> {
    let who = open::member(desk, &args.who.member).await?;
    // One's own agency's submissions are left for another command: how long this one takes says nothing of silent entries.
    desk.work(Some(who.agency)).await?;
    for notice in &args.seen {
        desk.seen(&who, *notice).await?;
    }
    let inbox = desk.inbox(&who).await?;
    say.answer(&inbox, || tables::inbox(&inbox))?;
    Ok(Exit::Done)
}
