//! Where an agency's own systems are told that there are notices, and which members want mail.

use model::{AgencyId, MemberId, Micros, WebhookId};
use policy::Action;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::db::binds;
use crate::error::Error;
use crate::keys::Place;
use crate::tx::Tx;

/// Where a webhook goes and what its calls are signed with. Content: no accident prints it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookAddress {
    /// The URL.
    pub url: String,
    /// The key of its signatures, as it was shown once.
    pub secret: String,
}

impl std::fmt::Debug for WebhookAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookAddress(..)")
    }
}

/// A webhook as its agency's administrator reads it. The secret is not in it: it was shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Its URL.
    pub url: String,
    /// Is it still called?
    pub live: bool,
    /// Who made it.
    pub made_by: MemberId,
    /// When.
    pub made: Micros,
    /// When it was ended.
    pub ended: Option<Micros>,
    /// When it last took a call.
    pub good: Option<Micros>,
    /// How many calls have failed since.
    pub failures: i64,
    /// Why the last of them did: a code of casework's.
    pub why: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    live: bool,
    made_by: Uuid,
    made_us: i64,
    ended_us: Option<i64>,
    good_us: Option<i64>,
    failures: i64,
    why: Option<i64>,
    sealed: Vec<u8>,
}

pub(crate) fn webhook_place(agency: AgencyId, id: &WebhookId) -> Place<'_> {
    Place { table: "webhook", column: "sealed", row: id.as_bytes(), agency }
}

pub(crate) fn address_of(clear: &[u8]) -> Result<WebhookAddress, Error> {
    serde_json::from_slice(clear).map_err(|_| Error::Inconsistent { table: "webhook", column: "sealed" })
}

impl Tx {
    /// Adds a webhook of one's own agency.
    pub async fn add_webhook(&mut self, id: WebhookId, address: &WebhookAddress) -> Result<(), Error> {
        self.needs(&[Action::AddWebhook])?;
        let (agency, member, now) = (self.agency(), self.member(), self.now());
        let clear = serde_json::to_vec(address).map_err(|_| Error::Seal("webhook"))?;
        let sealed = self.seal(None, webhook_place(agency, &id), &clear).await?;
        self.conn().await?
            .exec(
                "INSERT INTO webhook (agency, id, live, made_by, made_us, failures, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                binds![agency, id, true, member, now, 0, sealed],
            )
            .await?;
        Ok(())
    }

    /// The webhooks of one's own agency, ended ones too, by the time they were made.
    pub async fn webhooks(&mut self) -> Result<Vec<Webhook>, Error> {
        self.needs(&[Action::ListWebhooks, Action::AddWebhook])?;
        let agency = self.agency();
        let rows: Vec<Row> = self
            .conn().await?
            .rows(
                "SELECT id, live, made_by, made_us, ended_us, good_us, failures, why, sealed FROM webhook WHERE agency = $1 ORDER BY made_us, id",
                binds![agency],
            )
            .await?;
        let mut out = Vec::with_capacity(rows.len());
        for r in rows {
            let id = WebhookId::from(r.id);
            let clear = self.open_sealed(None, webhook_place(agency, &id), &r.sealed).await?;
            out.push(Webhook {
                id,
                url: address_of(&clear)?.url,
                live: r.live,
                made_by: r.made_by.into(),
                made: Micros(r.made_us),
                ended: r.ended_us.map(Micros),
                good: r.good_us.map(Micros),
                failures: r.failures,
                why: r.why,
            });
        }
        Ok(out)
    }

    /// Ends a webhook of one's own agency; false when it has no live one of this id.
    pub async fn end_webhook(&mut self, id: WebhookId) -> Result<bool, Error> {
        self.needs(&[Action::EndWebhook])?;
        let (agency, now) = (self.agency(), self.now());
        let done = self
            .conn()
            .await?
            .exec(
                "UPDATE webhook SET live = $1, ended_us = $2 WHERE agency = $3 AND id = $4 AND live",
                binds![false, now, agency, id],
            )
            .await?;
        Ok(done == 1)
    }

    /// Do one's own notices come by mail? Who never chose has mail.
    pub async fn mail_choice(&mut self) -> Result<bool, Error> {
        #[derive(sqlx::FromRow)]
        struct Choice {
            wanted: bool,
        }
        self.needs(&[Action::ChooseMail])?;
        let member = self.member();
        let row: Option<Choice> =
            self.conn().await?.maybe("SELECT wanted FROM mail_choice WHERE member = $1", binds![member]).await?;
        Ok(row.is_none_or(|choice| choice.wanted))
    }

    /// Chooses for oneself.
    pub async fn choose_mail(&mut self, wanted: bool) -> Result<(), Error> {
        self.needs(&[Action::ChooseMail])?;
        let (member, agency, now) = (self.member(), self.agency(), self.now());
        self.conn()
            .await?
            .exec(
                "INSERT INTO mail_choice (member, agency, wanted, at_us) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (member) DO UPDATE SET wanted = excluded.wanted, at_us = excluded.at_us",
                binds![member, agency, wanted, now],
            )
            .await?;
        Ok(())
    }
}
