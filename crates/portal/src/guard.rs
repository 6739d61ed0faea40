//! What stands around every answer: the headers of pages, fragments, redirects and streams, the nonce they share with the
//! templates, and the one host this portal is.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::Portal;

/// 128 bits of chance in hexadecimal, new for each answer; and whether this is a demonstration.
#[derive(Clone, Debug)]
pub(crate) struct Nonce(pub String, pub bool);

/// Sets the headers on whatever comes back, errors and redirects too.
pub(crate) async fn page_headers(State(portal): State<Portal>, mut request: Request, next: Next) -> Response {
    let nonce = portal.desk().nonce();
    request.extensions_mut().insert(Nonce(nonce.clone(), portal.is_demo()));
    let asset = request.uri().path().starts_with("/assets/");
    let mut response = next.run(request).await;
    set(response.headers_mut(), &nonce, asset, portal.is_secure());
    response
}

fn set(headers: &mut HeaderMap, nonce: &str, asset: bool, secure: bool) {
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types htmx"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(), microphone=(), geolocation=(), publickey-credentials-get=(self), publickey-credentials-create=(self)",
        ),
        ("referrer-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
        ("x-robots-tag", "noindex, nofollow"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if secure {
        headers.insert("strict-transport-security", HeaderValue::from_static("max-age=63072000; includeSubDomains"));
    }
    if !asset {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.append(header::VARY, HeaderValue::from_static("hx-request, hx-request-type"));
    }
}

/// Answers to its own name alone: a page that was made to come here under another (DNS rebinding) gets nothing.
pub(crate) async fn host(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    let named = request.headers().get(header::HOST).and_then(|h| h.to_str().ok());
    let named = named.or_else(|| request.uri().authority().map(|a| a.as_str()));
    let origin = &portal.0.origin;
    let ours = origin.host_str().map(|host| match origin.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    });
    if named.map(str::to_ascii_lowercase) != ours {
        let says = format!("This portal answers at {origin} and at no other address.\n");
        return (StatusCode::MISDIRECTED_REQUEST, says).into_response();
    }
    next.run(request).await
}
