//! What an agency and its members choose about notices that leave the portal.

use model::{Invalid, WebhookId};
use policy::{Action, Facts, Principal};
use serde::{Deserialize, Serialize};
use store::WebhookAddress;

use crate::courier::{Secret, Undelivered};
use crate::desk::Desk;
use crate::error::Error;

/// Format word of a list of webhooks.
pub const WEBHOOKS: &str = "concord.webhooks/1";

/// Live webhooks an agency may have.
pub const MOST_WEBHOOKS: usize = 8;

/// A webhook that was just made. Its secret is never shown again.
#[derive(Debug)]
pub struct NewWebhook {
    /// Its id.
    pub id: WebhookId,
    /// Its URL as it is kept.
    pub url: String,
    /// The key of its signatures.
    pub secret: Secret,
}

/// The webhooks of an agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhooks {
    /// [`WEBHOOKS`].
    pub format: String,
    /// Each, ended ones too, by the time they were made.
    pub webhooks: Vec<WebhookLine>,
}

/// One webhook, as its administrator reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookLine {
    /// Its id.
    pub id: String,
    /// Where it goes.
    pub url: String,
    /// Is it called?
    pub live: bool,
    /// When it was made.
    pub made: String,
    /// When it was ended.
    pub ended: Option<String>,
    /// When it last took a call.
    pub last_success: Option<String>,
    /// Calls that failed since.
    pub failures: i64,
    /// Why the last of them did.
    pub why: Option<String>,
}

impl Desk {
    /// Has an agency's own system told that there are notices. The secret is made here and shown once.
    ///
    /// # Errors
    /// Refused to all but the agency's administrators; [`Error::NotNow`] where the operator switched webhooks off, or
    /// the agency has [`MOST_WEBHOOKS`]; [`Error::Argument`] for an address that is never called.
    pub async fn add_webhook(&self, who: &Principal, url: &str) -> Result<NewWebhook, Error> {
        let facts = Facts { agency: Some(who.agency), ..Facts::default() };
        let id = WebhookId::new(self.store.clock(), self.store.chance());
        let object = ("webhook", id.into());
        let grant = self.allow(who, Action::AddWebhook, &facts, object, self.request()).await?;
        let courier = self.couriers.webhooks.as_ref().ok_or_else(|| {
            Error::NotNow(
                "this Concord calls no webhooks; its operator switches them on with a section [webhooks] in concord.toml"
                    .to_owned(),
            )
        })?;
        let url = courier.address(url).map_err(Error::argument("url"))?;
        let mut random = [0; 32];
        self.store.chance().fill(&mut random);
        let secret = hex::encode(random);
        let mut tx = self.store.begin(&grant).await?;
        let live: Vec<_> = tx.webhooks().await?.into_iter().filter(|w| w.live).collect();
        if live.len() >= MOST_WEBHOOKS {
            return Err(Error::NotNow(format!("your agency has {MOST_WEBHOOKS} webhooks; end one first")));
        }
        if live.iter().any(|w| w.url == url) {
            return Err(Error::argument("url")(Invalid::new(
                "is a live webhook of your agency already",
                "end that one first: its secret cannot be shown again",
            )));
        }
        tx.add_webhook(id, &WebhookAddress { url: url.clone(), secret: secret.clone() }).await?;
        tx.commit(self.store.act(&grant, object)).await?;
        Ok(NewWebhook { id, url, secret: Secret::new(secret) })
    }

    /// The webhooks of one's own agency, and how it goes with them.
    ///
    /// # Errors
    /// Refused to all but the agency's administrators.
    pub async fn webhooks(&self, who: &Principal) -> Result<Webhooks, Error> {
        let facts = Facts { agency: Some(who.agency), ..Facts::default() };
        let object = ("agency", who.agency.into());
        let grant = self.allow(who, Action::ListWebhooks, &facts, object, self.request()).await?;
        let mut tx = self.store.view(&grant).await?;
        let all = tx.webhooks().await?;
        tx.commit(self.store.act(&grant, object).shown(all.iter().map(|w| w.id.into()))).await?;
        let line = |w: store::Webhook| WebhookLine {
            id: w.id.to_string(),
            url: w.url,
            live: w.live,
            made: w.made.to_string(),
            ended: w.ended.map(|t| t.to_string()),
            last_success: w.good.map(|t| t.to_string()),
            failures: w.failures,
            why: w.why.and_then(Undelivered::from_code).map(|why| why.to_string()),
        };
        Ok(Webhooks { format: WEBHOOKS.to_owned(), webhooks: all.into_iter().map(line).collect() })
    }

    /// Ends a webhook: nothing goes there any more, what waited for it neither.
    ///
    /// # Errors
    /// Refused to all but the agency's administrators; [`Error::NotFound`] when the agency has no live one of this id.
    pub async fn end_webhook(&self, who: &Principal, id: WebhookId) -> Result<(), Error> {
        let facts = Facts { agency: Some(who.agency), ..Facts::default() };
        let object = ("webhook", id.into());
        let grant = self.allow(who, Action::EndWebhook, &facts, object, self.request()).await?;
        let mut tx = self.store.begin(&grant).await?;
        let ended = tx.end_webhook(id).await?;
        tx.commit(self.store.act(&grant, object)).await?;
        if ended { Ok(()) } else { Err(Error::NotFound("webhook")) }
    }

    /// Do one's own notices come by mail too? Who never chose has mail, where the installation sends any.
    ///
    /// # Errors
    /// Refused to a suspended agency.
    pub async fn mail_preference(&self, who: &Principal) -> Result<bool, Error> {
        let facts = Facts { agency: Some(who.agency), ..Facts::default() };
        let object = ("member", who.member.into());
        let grant = self.allow(who, Action::ChooseMail, &facts, object, self.request()).await?;
        let mut tx = self.store.view(&grant).await?;
        let wanted = tx.mail_choice().await?;
        tx.commit(self.store.act(&grant, object)).await?;
        Ok(wanted)
    }

    /// Chooses whether one's own notices come by mail too.
    ///
    /// # Errors
    /// Refused to a suspended agency.
    pub async fn prefer_mail(&self, who: &Principal, wanted: bool) -> Result<(), Error> {
        let facts = Facts { agency: Some(who.agency), ..Facts::default() };
        let object = ("member", who.member.into());
        let grant = self.allow(who, Action::ChooseMail, &facts, object, self.request()).await?;
        let mut tx = self.store.begin(&grant).await?;
        tx.choose_mail(wanted).await?;
        tx.commit(self.store.act(&grant, object)).await?;
        Ok(())
    }
}
