//! `concord agency webhook`.

use casework::model::WebhookId;
use casework::{Desk, Exit, Webhooks};
use clap::{Args, Subcommand};
use serde_json::json;

use crate::args::As;
use crate::failure::Failure;
use crate::open;
use crate::print::Say;
use crate::tables;

#[derive(Subcommand)]
pub enum Webhook {
    /// Have a system of your agency told when notices wait; prints the secret of its signatures, once
    Add(Add),
    /// Your agency's webhooks, and how it goes with them
    List(As),
    /// Have a system told no longer
    End(End),
}

#[derive(Args)]
pub struct Add {
    #[command(flatten)]
    who: As,
    /// Where to call; https, port 443, a public address, unless the operator lists another in concord.toml
    #[arg(value_name = "URL")]
    url: String,
}

#[derive(Args)]
pub struct End {
    #[command(flatten)]
    who: As,
    /// Which, as `list` shows it
    #[arg(value_name = "ID")]
    id: WebhookId,
}

pub async fn run(desk: &Desk, say: Say, args: Webhook) -> Result<Exit, Failure> {
    match args {
        Webhook::Add(a) => {
            let who = open::member(desk, &a.who.member).await?;
            let new = desk.add_webhook(&who, &a.url).await?;
            let shape = json!({ "webhook": new.id, "url": new.url, "secret": new.secret.reveal() });
            say.answer(&shape, || {
                format!(
                    "webhook {}, {}\nsecret {}\nKeep the secret now: it is not shown again. docs/WEBHOOKS.md says how a call is verified.",
                    new.id,
                    new.url,
                    new.secret.reveal()
                )
            })?;
        }
        Webhook::List(a) => {
            let who = open::member(desk, &a.member).await?;
            let all = desk.webhooks(&who).await?;
            say.answer(&all, || words(&all))?;
        }
        Webhook::End(a) => {
            let who = open::member(desk, &a.who.member).await?;
            desk.end_webhook(&who, a.id).await?;
            say.answer(&json!({ "webhook": a.id, "live": false }), || format!("webhook {} is called no more", a.id))?;
        }
    }
    Ok(Exit::Done)
}

fn words(all: &Webhooks) -> String {
    if all.webhooks.is_empty() {
        return "Your agency has no webhook.".to_owned();
    }
    tables::table(
        &["webhook", "where", "state"],
        all.webhooks.iter().map(|w| {
            let state = match (&w.ended, &w.why, &w.last_success) {
                (Some(ended), ..) => format!("ended {ended}"),
                (None, Some(why), _) => format!("{} calls failed: {why}", w.failures),
                (None, None, Some(last)) => format!("last called {last}"),
                (None, None, None) => "not called yet".to_owned(),
            };
            vec![w.id.clone(), w.url.clone(), state]
        }),
    )
}
