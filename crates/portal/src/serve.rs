//! Serving: connections, as many at once as there is room for, and an end that lets what runs finish.
//!
//! A connection that says nothing, before its first request or between two, is closed after a while: nobody holds a place
//! by dawdling.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use axum::serve::Listener;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

/// Longest time that what still runs may take when the server stops.
const LAST_REQUESTS: Duration = Duration::from_secs(20);

/// What a server's visitors may take of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Connections at once. Further ones wait in the kernel's queue; an open page holds one for its stream.
    pub connections: usize,
    /// From a connection's beginning, or the end of its last answer, to the last byte of the next request's headers.
    pub headers: Duration,
}

impl Default for Bounds {
    /// 600 connections: with what TLS shakes hands on beside them (tls.rs) below the 1,024 descriptors that a process usually
    /// has, and room for the database; 15 seconds.
    fn default() -> Self {
        Self { connections: 600, headers: Duration::from_secs(15) }
    }
}

/// Serves until `stop` turns true, then takes nothing new and lets what runs end.
///
/// # Errors
/// None today: a listener waits out what fails.
pub async fn serve<L>(
    mut listener: L,
    router: Router,
    bounds: Bounds,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()>
where
    L: Listener,
{
    let places = Arc::new(Semaphore::new(bounds.connections));
    let mut open = JoinSet::new();
    let stopping = stop.clone();
    loop {
        tokio::select! {
            () = stops(&mut stop) => break,
            Some(_) = open.join_next() => {}
            Some((stream, place)) = next(&mut listener, &places) => {
                open.spawn(converse(stream, place, router.clone(), bounds.headers, stopping.clone()));
            }
        }
    }
    drop(listener);
    let all = async { while open.join_next().await.is_some() {} };
    // What is not done by then is dropped with its connection.
    let _ = tokio::time::timeout(LAST_REQUESTS, all).await;
    Ok(())
}

/// Comes back when the server stops, or whoever could say so is gone.
async fn stops(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stopped| *stopped).await;
}

/// The next connection, once there is a place for it. `None`: there are no places any more.
async fn next<L: Listener>(listener: &mut L, places: &Arc<Semaphore>) -> Option<(L::Io, OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.ok()?;
    let (stream, _) = listener.accept().await;
    Some((stream, place))
}

/// Answers one connection's requests until it ends or the server stops.
async fn converse<S>(
    stream: S,
    place: OwnedSemaphorePermit,
    router: Router,
    headers: Duration,
    mut stop: watch::Receiver<bool>,
) where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(headers);
    let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = pin!(connection);
    // How a connection ended is its visitor's matter: their line broke, or they were too slow.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = stops(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
    drop(place);
}

/// Serves counts of requests, in the form Prometheus reads, and nothing else.
pub async fn serve_counts(listener: TcpListener, render: impl Fn() -> String + Clone + Send + Sync + 'static) {
    let router = Router::new().route("/metrics", get(move || std::future::ready(render())));
    // It ends with the process.
    let _ = axum::serve(listener, router).await;
}
