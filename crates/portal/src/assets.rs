//! Files built into the binary, under names that change with their content.

use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};

/// One embedded file.
#[derive(Debug)]
pub struct Asset {
    /// Its name, with the digest of its content.
    pub name: &'static str,
    /// Its address.
    pub href: &'static str,
    pub(crate) mime: &'static str,
    pub(crate) etag: &'static str,
    pub(crate) plain: &'static [u8],
    pub(crate) gzip: Option<&'static [u8]>,
}

pub use embedded::*;

#[expect(missing_docs, reason = "written by build.rs: a constant a file, named for it")]
mod embedded {
    use super::Asset;
    include!(concat!(env!("OUT_DIR"), "/assets.rs"));
}

/// `GET /assets/{name}`. A page loads four to eight of these, once a year.
pub async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = ALL.iter().find(|asset| asset.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let says = |field, word: &str| {
        headers.get(field).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains(word))
    };
    let common = [
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::ETAG, asset.etag),
        (header::VARY, "accept-encoding"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    if says(header::IF_NONE_MATCH, asset.etag) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    match asset.gzip.filter(|_| says(header::ACCEPT_ENCODING, "gzip")) {
        Some(gzip) => {
            (common, [(header::CONTENT_TYPE, asset.mime), (header::CONTENT_ENCODING, "gzip")], gzip).into_response()
        }
        None => (common, [(header::CONTENT_TYPE, asset.mime)], asset.plain).into_response(),
    }
}
