//! The portal: pages, fragments, event streams and the JSON API of one Concord.
//!
//! A handler extracts, makes one call of the desk and converts: page, API and command line give the same answer and leave
//! the same events. Every address stands in [`routes`]; who may come to it is decided there and in [`session`], never in a
//! handler.

mod api;
pub mod assets;
mod fault;
mod filters;
mod form;
mod guard;
mod htmx;
mod noted;
mod page;
mod pages;
mod query;
mod routes;
mod serve;
mod session;
mod sheet;
mod stream;
mod tls;
mod words;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use casework::Desk;
use tokio::sync::watch;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::timeout::TimeoutLayer;
use url::Url;

pub use routes::{Kind, Leaves, Route, TABLE};
pub use serve::{Bounds, serve, serve_counts};
pub use tls::{Certificate, TlsListener};

/// Longest body of a request, in bytes: a pasted text or a list of 500 values. Larger files go through a bulk job.
pub const MOST_BODY: usize = 4 * 1024 * 1024;

/// What it takes to open a portal.
pub struct Setup {
    /// The desk it stands at.
    pub desk: Desk,
    /// Its public address, for example `https://concord.example.org`: other Host and Origin headers are refused.
    pub origin: Url,
    /// Officers of a trial may be stepped into. The command line allows it on loopback alone, and policy on a trial alone.
    pub demo: bool,
    /// Turns true when the server stops: open streams end.
    pub stop: watch::Receiver<bool>,
}

/// What every handler may reach.
#[derive(Clone)]
pub struct Portal(Arc<Inner>);

struct Inner {
    desk: Desk,
    origin: Url,
    demo: bool,
    stop: watch::Receiver<bool>,
    known: session::Known,
    streams: stream::OpenStreams,
    description: utoipa::openapi::OpenApi,
}

impl Portal {
    pub(crate) fn desk(&self) -> &Desk {
        &self.0.desk
    }

    pub(crate) fn is_demo(&self) -> bool {
        self.0.demo
    }

    /// Is it reached over TLS? Only then has its cookie the prefix that browsers refuse from elsewhere.
    pub(crate) fn is_secure(&self) -> bool {
        self.0.origin.scheme() == "https"
    }

    /// What the API says of itself.
    pub(crate) fn description(&self) -> &utoipa::openapi::OpenApi {
        &self.0.description
    }

    /// The whole service.
    pub fn router(setup: Setup) -> Router {
        let Setup { desk, origin, demo, stop } = setup;
        let description = api::document(session::cookie(origin.scheme() == "https"));
        let (known, streams) = (session::Known::default(), stream::OpenStreams::default());
        let portal = Self(Arc::new(Inner { desk, origin, demo, stop, known, streams, description }));
        let timed = TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(30));
        // On the routes themselves: only there is the pattern known.
        let noted = from_fn_with_state(portal.clone(), noted::note);
        let officers =
            routes::of(Kind::Officer).layer(from_fn_with_state(portal.clone(), session::require)).layer(timed);
        // A stream is no act of a person and has no end of its own.
        let streams = routes::of(Kind::Stream).layer(from_fn_with_state(portal.clone(), session::require_for_stream));
        let programs =
            routes::of(Kind::Api).layer(from_fn_with_state(portal.clone(), session::require_api)).layer(timed);
        let open = routes::of(Kind::Open).layer(timed);
        Router::new()
            .merge(officers)
            .merge(streams)
            .merge(programs)
            .merge(open)
            .route_layer(noted)
            .fallback(fault::nothing_here)
            .method_not_allowed_fallback(fault::not_so)
            .layer(from_fn(fault::render))
            .layer(from_fn_with_state(portal.clone(), guard::page_headers))
            .layer(CsrfLayer::new())
            .layer(from_fn_with_state(portal.clone(), guard::host))
            .layer(DefaultBodyLimit::max(MOST_BODY))
            .layer(CompressionLayer::new())
            .layer(CatchPanicLayer::new())
            .with_state(portal)
    }
}
