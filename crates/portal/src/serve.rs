//! Serving: connections, and an end that lets what runs finish.

use std::io;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use axum::serve::Listener;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Longest time that what still runs may take when the server stops.
const LAST_REQUESTS: Duration = Duration::from_secs(20);

/// Serves until `stop` turns true, then takes nothing new and lets what runs end.
///
/// # Errors
/// The listener's.
pub async fn serve<L>(listener: L, router: Router, stop: watch::Receiver<bool>) -> io::Result<()>
where
    L: Listener,
    L::Addr: std::fmt::Debug,
{
    let (mut stopping, mut late) = (stop.clone(), stop);
    let served = axum::serve(listener, router).with_graceful_shutdown(async move {
        let _ = stopping.wait_for(|stopped| *stopped).await;
    });
    tokio::select! {
        done = served.into_future() => done,
        () = async {
            let _ = late.wait_for(|stopped| *stopped).await;
            tokio::time::sleep(LAST_REQUESTS).await;
        } => Ok(()),
    }
}

/// Serves counts of requests, in the form Prometheus reads, and nothing else.
pub async fn serve_counts(listener: TcpListener, render: impl Fn() -> String + Clone + Send + Sync + 'static) {
    let router = Router::new().route("/metrics", get(move || std::future::ready(render())));
    // It ends with the process.
    let _ = axum::serve(listener, router).await;
}
