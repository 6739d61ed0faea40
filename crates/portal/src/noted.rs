//! What the keeper of the machine learns of requests: the address's pattern, the answer's number and the time it took.
//! Never a parameter, a field, a member, an agency, or whether anything was found.

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::Portal;

/// Counts and logs every request by its pattern.
pub(crate) async fn note(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    let begun = portal.desk().now();
    let method = request.method().as_str().to_owned();
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "none".to_owned(), |p| p.as_str().to_owned());
    let response = next.run(request).await;
    let micros = portal.desk().now().0.saturating_sub(begun.0).max(0);
    let status = response.status().as_u16();
    // A redirect to an answer and one to an answer with a conflict are one number: nothing here counts what was found.
    tracing::info!(method, route, status, micros, "request");
    let labels = [("method", method), ("route", route), ("status", status.to_string())];
    metrics::counter!("concord_requests_total", &labels).increment(1);
    let [_, route, _] = labels;
    let seconds = std::time::Duration::from_micros(micros.unsigned_abs()).as_secs_f64();
    metrics::histogram!("concord_request_seconds", &[route]).record(seconds);
    response
}
