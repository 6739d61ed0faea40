//! `concord work`.

use std::time::Duration;

use casework::{Desk, Exit, Settled};
use clap::Args;
use serde_json::json;

use crate::failure::Failure;
use crate::print::Say;

#[derive(Args)]
pub struct Work {
    /// Keep going, a round every so many seconds, until ctrl-c
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    every: Option<u64>,
}

pub async fn run(desk: &Desk, say: Say, args: Work) -> Result<Exit, Failure> {
    let Some(seconds) = args.every else {
        round(desk, say).await?;
        return Ok(Exit::Done);
    };
    let mut beat = tokio::time::interval(Duration::from_secs(seconds));
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    // One listener for all rounds: a ctrl-c during a round is heard after it.
    let stop = tokio::signal::ctrl_c();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            stopped = &mut stop => {
                stopped.map_err(|e| Failure::failed(format!("cannot listen for ctrl-c: {e}")))?;
                return Ok(Exit::Done);
            }
            _ = beat.tick() => {}
        }
        // A round is never cut in the middle; one that fails is told, and the next one tries again.
        if let Err(failure) = round(desk, say).await {
            say.failure(&failure);
        }
    }
}

async fn round(desk: &Desk, say: Say) -> Result<(), Failure> {
    let Settled { swept, heard, second, delivered, sequenced, failed } = desk.work(None).await?;
    let shape = json!({ "swept": swept, "heard": heard, "second": second, "delivered": delivered, "sequenced": sequenced, "failed": failed });
    say.answer(&shape, || {
        format!("{swept} swept, {heard} heard by silent entries, {second} looked at again, {delivered} notices handed over, {sequenced} events sequenced, {failed} looks to be made again")
    })
}
