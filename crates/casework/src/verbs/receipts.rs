//! Receipts: a signed promise in the answer, a ledger proof within seconds.

use ledger::{Proof, Receipt, VerifierKey};
use model::SubmissionId;
use policy::{Action, Facts, Principal};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::answer::{Answer, EQUAL_IS_NOT_SAME};
use crate::desk::Desk;
use crate::error::Error;
use crate::verbs::detail::Detail;
use crate::verbs::look::Looking;

/// A receipt without proof yet, and what opens its commitment.
pub(crate) struct Promise {
    /// The exact words that were signed.
    pub statement: String,
    /// The receipt's file.
    pub receipt: String,
    /// Salt of the commitment to what was withheld, hexadecimal.
    pub withheld_salt: String,
}

const TRIAL: &str = "made on a trial database whose keys were generated beside it: evidence of nothing";

/// What is signed, in the order in which it is written.
#[derive(Serialize)]
struct Statement<'a> {
    format: &'static str,
    trial: bool,
    trial_means: &'static str,
    receipt: String,
    asked_by: AskedBy,
    act: &'static str,
    purpose: &'a str,
    nexus: Option<&'a str>,
    at: String,
    request: &'a str,
    asked: Vec<Named>,
    lists: &'a str,
    answer: &'a Answer,
    withheld: String,
    says: &'static str,
    equal: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    asked_in_all: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    asked_commitment: Option<String>,
}

#[derive(Serialize)]
struct AskedBy {
    member: String,
    agency: String,
    standing: String,
}

/// A value that was asked, as a receipt may name it.
#[derive(Serialize)]
struct Named {
    kind: &'static str,
    value: String,
    rule_version: u32,
}

/// The receipt's statement and the receipt itself, without proof yet.
///
/// The statement holds the reader's own question and answer, and a salted commitment to what was withheld, of the same
/// form when nothing was.
pub(crate) async fn promise(
    desk: &Desk,
    looking: &Looking<'_>,
    detail: &Detail,
    answer: &Answer,
    withheld: &[String],
) -> Result<Promise, Error> {
    let mut salt = [0u8; 32];
    desk.store.chance().fill(&mut salt);
    let mut hash = Sha256::new();
    hash.update(b"concord withheld/1");
    hash.update(salt);
    for one in withheld {
        hash.update(u64::try_from(one.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(one.as_bytes());
    }
    let commitment: [u8; 32] = hash.finalize().into();
    let installation = desk.store.installation().await?;
    // Of a question in bulk what met nothing is not kept: the receipt names the rest, and commits to all of it in its
    // order, which the agency opens with its own file and the salt.
    let forgets = detail.bulk && detail.check;
    let told = if forgets { answer.names() } else { Default::default() };
    let asked =
        detail.asked.iter().map(|a| (a, a.named())).filter(|(_, named)| !forgets || told.contains(named.as_str()));
    let all = forgets.then(|| {
        let mut hash = Sha256::new();
        hash.update(b"concord asked/1");
        hash.update(salt);
        for part in detail.asked.iter().flat_map(|a| [a.normal.kind.word(), a.yours.as_str()]) {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let all: [u8; 32] = hash.finalize().into();
        (detail.asked.len(), hex::encode(all))
    });
    let (asked_in_all, asked_commitment) = all.unzip();
    let statement = Statement {
        format: "concord.statement/1",
        trial: installation.trial,
        trial_means: if installation.trial { TRIAL } else { "no" },
        receipt: looking.pending.id.to_string(),
        asked_by: AskedBy {
            member: looking.pending.member.to_string(),
            agency: looking.pending.agency.to_string(),
            standing: policy::standing_words(looking.viewer),
        },
        act: if detail.check { "check" } else { "submit" },
        purpose: &detail.purpose,
        nexus: detail.nexus.as_deref(),
        at: looking.pending.at.to_string(),
        request: &detail.request,
        asked: asked
            .map(|(a, value)| Named { kind: a.normal.kind.word(), value, rule_version: a.normal.rule_version })
            .collect(),
        lists: &detail.lists,
        answer,
        withheld: hex::encode(commitment),
        says: "The answer as it was given at this time. It does not say that nothing else matched.",
        equal: EQUAL_IS_NOT_SAME,
        asked_in_all,
        asked_commitment,
    };
    let statement = serde_json::to_string(&statement).map_err(|e| store::Error::Ledger(e.to_string()))?;
    let receipt = Receipt::promise(statement.clone(), desk.store.keys().signing())
        .map_err(|e| store::Error::Ledger(e.to_string()))?;
    Ok(Promise { statement, receipt: receipt.to_json(), withheld_salt: hex::encode(salt) })
}

impl Desk {
    /// The receipt of one's own agency's submission or check: with its proof once the event is in a signed tree.
    pub async fn receipt(&self, who: &Principal, id: SubmissionId) -> Result<String, Error> {
        self.settle_ledger().await?;
        if !self.store.is_own_submission(who.agency, id).await? {
            return Err(self.missing_at(who, Action::GetReceipt, ("submission", id.into()), "receipt").await);
        }
        let facts = Facts { agency: Some(who.agency), ..Facts::default() };
        let grant = self.allow(who, Action::GetReceipt, &facts, ("submission", id.into()), self.request()).await?;
        let mut tx = self.store.view(&grant).await?;
        let (given, recorded) = tx.answer(id).await?;
        tx.commit(self.store.act(&grant, ("submission", id.into())).shown([id.into()])).await?;
        proven(given, recorded)
    }
}

/// A receipt as it was given, with its proof where there is one.
pub(crate) fn proven(given: store::Answered, recorded: Option<store::Proven>) -> Result<String, Error> {
    let text = String::from_utf8(given.receipt)
        .map_err(|_| store::Error::Inconsistent { table: "answer", column: "receipt" })?;
    let receipt = Receipt::from_json(&text).map_err(|e| store::Error::Ledger(e.to_string()))?;
    // Signed before a log was ended whose event then went into the next: its own key cannot prove it, so it stays the
    // promise it was.
    let receipt = match recorded.filter(|r| r.log == receipt.key()) {
        None => receipt,
        Some(r) => receipt.with_proof(Proof {
            index: r.index,
            size: r.size,
            event: r.body,
            salt: r.salt,
            hashes: r.hashes,
            checkpoint: r.checkpoint,
        }),
    };
    Ok(receipt.to_json())
}

/// Verifies a receipt file with nothing but the verifier key: no database, no network.
///
/// # Errors
/// A sentence that says what does not verify.
pub fn verify_receipt(text: &str, key: &str) -> Result<ledger::Verified, String> {
    let key: VerifierKey = key.trim().parse().map_err(|e| format!("the key does not read: {e}"))?;
    let receipt = Receipt::from_json(text).map_err(|e| e.to_string())?;
    receipt.verify(&key).map_err(|e| e.to_string())
}
