//! What htmx 4 says about a request.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;

/// Whether the answer is to be the whole page or only the block that changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The page: a browser without script, or a first visit.
    Page,
    /// Its block: htmx puts it in place.
    Block,
}

impl Wanted {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let partial = headers.get("hx-request-type").is_some_and(|value| value == "partial");
        if partial { Self::Block } else { Self::Page }
    }
}

impl<S: Sync> FromRequestParts<S> for Wanted {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}
