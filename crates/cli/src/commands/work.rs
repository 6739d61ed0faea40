//! `concord work`.

use std::time::Duration;

use casework::{Desk, Exit, Posted, Settled};
use clap::Args;
use serde_json::json;
use tokio::sync::watch;

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
        letters(desk, say).await?;
        return Ok(Exit::Done);
    };
    let (stop, stopped) = watch::channel(false);
    // One listener for all rounds: a ctrl-c during a round is heard after it.
    let listen = async {
        let heard = tokio::signal::ctrl_c().await;
        let _ = stop.send(true); // nobody listens any more: they have stopped
        heard.map_err(|e| Failure::failed(format!("cannot listen for ctrl-c: {e}")))
    };
    // Beside each other: a slow mail server holds no look up, and what is sent does not show in when a round ends.
    let (heard, (), ()) = tokio::join!(
        listen,
        every(seconds, stopped.clone(), say, async || round(desk, say).await),
        every(seconds, stopped, say, async || letters(desk, say).await),
    );
    heard.map(|()| Exit::Done)
}

/// A round on each beat. None is cut in the middle; one that fails is told, and the next one tries again.
async fn every(
    seconds: u64,
    mut stop: watch::Receiver<bool>,
    say: Say,
    mut round: impl AsyncFnMut() -> Result<(), Failure>,
) {
    let mut beat = tokio::time::interval(Duration::from_secs(seconds));
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            _ = beat.tick() => {}
        }
        if let Err(failure) = round().await {
            say.failure(&failure);
        }
    }
}

async fn round(desk: &Desk, say: Say) -> Result<(), Failure> {
    let Settled { swept, heard, second, bulk, delivered, sequenced, failed } = desk.work(None).await?;
    let shape = json!({ "swept": swept, "heard": heard, "second": second, "bulk": bulk, "delivered": delivered, "sequenced": sequenced, "failed": failed });
    say.answer(&shape, || {
        format!("{swept} swept, {heard} heard by silent entries, {second} looked at again, {bulk} slices of bulk jobs, {delivered} notices handed over, {sequenced} events sequenced, {failed} looks to be made again")
    })
}

/// Mail and webhooks, where configuration says so; without, nothing is done or said.
async fn letters(desk: &Desk, say: Say) -> Result<(), Failure> {
    if !desk.has_couriers() {
        return Ok(());
    }
    let Posted { written, sent, put_off, given_up, withheld } = desk.post().await?;
    let shape = json!({ "letters": { "written": written, "sent": sent, "put_off": put_off, "given_up": given_up, "withheld": withheld } });
    say.answer(&shape, || {
        format!("{written} letters written, {sent} sent, {put_off} to be sent again, {given_up} given up, {withheld} withheld")
    })
}
