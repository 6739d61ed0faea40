//! Answers read again, and their signed receipts.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use casework::answer::Answer;
use model::SubmissionId;
use utoipa::ToSchema;

use super::body::Id;
use crate::Portal;
use crate::fault::Fault;
use crate::session::Officer;

/// Reads an answer again.
#[utoipa::path(get, path = "/api/v1/receipts/{receipt}", tag = "Check and submit",
    params(("receipt" = String, Path, description = "The receipt's id", format = "uuid")),
    responses((status = 200, body = Answer, description = "The answer as it was given")))]
pub(crate) async fn answer(
    officer: Officer,
    State(portal): State<Portal>,
    Id(receipt): Id<SubmissionId>,
) -> Result<Json<Answer>, Fault> {
    Ok(Json(portal.desk().answer(officer.who(), receipt).await?))
}

/// A signed promise, with its proof once the event stands in a signed tree. It verifies with nothing but the key
/// (`concord receipt verify`), as the text it came as.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the ledger writes it; this describes what it writes")]
pub(crate) struct SignedReceipt {
    /// Its format and version.
    format: String,
    /// The exact words that were signed.
    statement: String,
    /// The signature, Ed25519, base64.
    signature: String,
    /// The key's name.
    key: String,
    /// That it stands in the log.
    proof: Option<ReceiptProof>,
}

/// That a receipt's event stands in the log.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the ledger writes it; this describes what it writes")]
pub(crate) struct ReceiptProof {
    /// The event's position.
    index: u64,
    /// The size of the tree of the checkpoint.
    size: u64,
    /// The event's bytes, base64.
    event: String,
    /// The event's salt, base64.
    salt: String,
    /// The inclusion proof, base64.
    hashes: Vec<String>,
    /// The signed checkpoint, as text.
    checkpoint: String,
}

/// The signed receipt of an answer.
#[utoipa::path(get, path = "/api/v1/receipts/{receipt}/receipt", tag = "Check and submit",
    params(("receipt" = String, Path, description = "The receipt's id", format = "uuid")),
    responses((status = 200, body = SignedReceipt, description = "The receipt, to be kept as it is")))]
pub(crate) async fn receipt(
    officer: Officer,
    State(portal): State<Portal>,
    Id(receipt): Id<SubmissionId>,
) -> Result<Response, Fault> {
    let text = portal.desk().receipt(officer.who(), receipt).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response())
}
