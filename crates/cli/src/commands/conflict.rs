//! `concord conflict`.

use casework::model::{ConflictId, FreeText, Marking, MessageId, RequestId, Resolution};
use casework::{Desk, Exit, HoldOrder, Step};
use clap::{Args, Subcommand};
use serde_json::json;

use crate::args::As;
use crate::failure::Failure;
use crate::print::Say;
use crate::{open, tables};

#[derive(Subcommand)]
pub enum Conflict {
    /// See one conflict with its thread
    Show(One),
    /// You have seen it
    Acknowledge(One),
    /// Write to the other side
    Message(Message),
    /// Propose how it ends
    Propose(Propose),
    /// Accept what the other side proposes
    Accept(Accept),
    /// Ask that neither side starts new contact; it never stops rescue
    Hold(Reasoned),
    /// A supervisor lifts a hold; it ends when both sides lifted it
    LiftHold(Lift),
    /// A supervisor acts against a hold at once: the other side and the watch desk are told
    ActAgainstHold(Reasoned),
}

#[derive(Args)]
pub struct One {
    /// The conflict
    #[arg(value_name = "ID")]
    id: ConflictId,
    #[command(flatten)]
    who: As,
}

#[derive(Args)]
pub struct Message {
    #[command(flatten)]
    one: One,
    /// What to say
    #[arg(long, value_name = "T", value_parser = FreeText::parse)]
    text: FreeText,
    /// Its marking [default: amber+strict]
    #[arg(long, value_name = "M")]
    marking: Option<Marking>,
    /// The id of this request: sent again, it is written once
    #[arg(long, value_name = "ID")]
    request: Option<RequestId>,
}

#[derive(Args)]
pub struct Propose {
    #[command(flatten)]
    one: One,
    /// joint, ceded, parallel-agreed, same-investigation, not-the-same or withdrawn
    #[arg(long)]
    resolution: Resolution,
    /// Why
    #[arg(long, value_name = "T", value_parser = FreeText::parse)]
    reason: FreeText,
    /// The id of this request: sent again, it is proposed once
    #[arg(long, value_name = "ID")]
    request: Option<RequestId>,
}

#[derive(Args)]
pub struct Accept {
    #[command(flatten)]
    one: One,
    /// What you read that they propose; nothing is accepted when they changed it since [default: whatever stands]
    #[arg(long, value_name = "WORD")]
    resolution: Option<Resolution>,
}

#[derive(Args)]
pub struct Reasoned {
    #[command(flatten)]
    one: One,
    /// Why
    #[arg(long, value_name = "T", value_parser = FreeText::parse)]
    reason: FreeText,
    /// The id of this request: sent again, it is done once
    #[arg(long, value_name = "ID")]
    request: Option<RequestId>,
}

#[derive(Args)]
pub struct Lift {
    #[command(flatten)]
    one: One,
    /// The hold
    #[arg(long, value_name = "ID")]
    hold: MessageId,
}

enum Order {
    Show,
    Step(Step),
    Hold(HoldOrder),
}

pub async fn run(desk: &Desk, say: Say, args: Conflict) -> Result<Exit, Failure> {
    let request = match &args {
        Conflict::Message(a) => a.request,
        Conflict::Propose(a) => a.request,
        Conflict::Hold(a) | Conflict::ActAgainstHold(a) => a.request,
        _ => None,
    };
    let request = request.unwrap_or_else(|| desk.request());
    let (one, order) = match args {
        Conflict::Show(one) => (one, Order::Show),
        Conflict::Acknowledge(one) => (one, Order::Step(Step::Acknowledge)),
        Conflict::Accept(a) => (a.one, Order::Step(Step::Accept(a.resolution))),
        Conflict::Message(a) => (a.one, Order::Step(Step::Message(a.text, a.marking.unwrap_or_default()))),
        Conflict::Propose(a) => (a.one, Order::Step(Step::Propose(a.resolution, a.reason))),
        Conflict::Hold(a) => (a.one, Order::Hold(HoldOrder::Propose(a.reason))),
        Conflict::LiftHold(a) => (a.one, Order::Hold(HoldOrder::Lift(a.hold))),
        Conflict::ActAgainstHold(a) => (a.one, Order::Hold(HoldOrder::ActAgainst(a.reason))),
    };
    let who = open::member(desk, &one.who.member).await?;
    let view = match order {
        Order::Show => desk.conflict(&who, one.id).await?,
        Order::Step(step) => desk.step_once(&who, one.id, step, request).await?,
        Order::Hold(order) => {
            let said = desk.hold_once(&who, one.id, order, request).await?;
            say.answer(&json!({ "conflict": one.id, "hold": said }), || said.clone())?;
            return Ok(Exit::Done);
        }
    };
    say.answer(&view, || tables::conflict(&view))?;
    Ok(Exit::Done)
}
