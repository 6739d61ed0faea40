//! The portal and the workers in one process, until somebody stops it.

use std::net::SocketAddr;
use std::time::Duration;

use casework::Desk;
use portal::{Bounds, Certificate, Portal, Setup, TlsListener};
use tokio::net::TcpListener;
use tokio::sync::watch;
use url::Url;

use crate::failure::Failure;

/// Where the portal stands and for whom.
pub struct Stand {
    /// The desk, opened for it.
    pub desk: Desk,
    /// Already bound, so that its address can be told before anybody comes.
    pub listener: TcpListener,
    /// Encrypts what goes over it; none on loopback.
    pub certificate: Option<Certificate>,
    /// Its public address.
    pub origin: Url,
    /// Officers may be stepped into.
    pub demo: bool,
    /// What visitors may take of it.
    pub bounds: Bounds,
}

/// Seconds between rounds of the workers: silent entries and notices within seconds, and a ledger that does not grow for
/// nothing (a round leaves its event whatever it finds).
const BEAT: Duration = Duration::from_secs(5);

/// Seconds between rounds of the outbox; several notices for one member go in one mail.
const POST: Duration = Duration::from_secs(15);

/// Binds a loopback port: the wished one, or any when it is taken.
pub async fn loopback(port: u16) -> Result<(TcpListener, Url), Failure> {
    let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let bound = match TcpListener::bind(at(port)).await {
        Err(e) if e.kind() == std::io::ErrorKind::AddrInUse => TcpListener::bind(at(0)).await,
        bound => bound,
    };
    let listener = bound.map_err(|e| Failure::failed(format!("cannot listen on 127.0.0.1:{port}: {e}")))?;
    let port = listener.local_addr().map_err(|e| Failure::failed(e.to_string()))?.port();
    // By name: a browser takes cookies and, later, passkeys of a name and not of a number.
    let origin = Url::parse(&format!("http://localhost:{port}")).map_err(|e| Failure::failed(e.to_string()))?;
    Ok((listener, origin))
}

/// Serves until ctrl-c or the service manager's stop; then what runs may end.
pub async fn run(stand: Stand) -> Result<(), Failure> {
    let Stand { desk, listener, certificate, origin, demo, bounds } = stand;
    let (stop, stopped) = watch::channel(false);
    let router = Portal::router(Setup { desk: desk.clone(), origin, demo, stop: stopped.clone() });
    let mut working = tokio::spawn(work(desk.clone(), stopped.clone()));
    // Beside the workers: a slow mail server holds no look up, and what is sent does not show in when a round ends.
    let posting = tokio::spawn(post(desk.clone(), stopped.clone()));
    let serving = match certificate {
        None => tokio::spawn(portal::serve(listener, router, bounds, stopped)),
        Some(certificate) => {
            let listener = TlsListener::new(listener, certificate).map_err(|e| Failure::failed(e.to_string()))?;
            tokio::spawn(portal::serve(listener, router, bounds, stopped))
        }
    };
    // A worker that ended before it was asked to is a fault: the portal does not serve on without it.
    tokio::select! {
        asked = asked_to_stop() => asked?,
        ended = &mut working => {
            let _ = stop.send(true);
            return Err(Failure::failed(format!("the workers ended: {ended:?}")));
        }
    }
    // Nobody listens any more only when both have ended already.
    let _ = stop.send(true);
    let served = serving.await.map_err(|e| Failure::failed(format!("the portal ended: {e}")))?;
    working.await.map_err(|e| Failure::failed(format!("the workers ended: {e}")))?;
    posting.await.map_err(|e| Failure::failed(format!("the outbox ended: {e}")))?;
    served.map_err(|e| Failure::failed(format!("the portal ended: {e}")))?;
    desk.settle_ledger().await?;
    desk.store().close().await;
    Ok(())
}

/// Rounds on a beat; one that fails is told, and the next one tries again.
async fn work(desk: Desk, mut stop: watch::Receiver<bool>) {
    let mut beat = tokio::time::interval(BEAT);
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut left = 0;
    loop {
        tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => return,
            _ = beat.tick() => {}
        }
        match round(&desk, &stop).await {
            Ok(failed) => {
                // Said when it changes, and not at every beat.
                if failed != left && failed > 0 {
                    eprintln!("concord: the workers could not finish {failed} of what waits for them; it comes again");
                }
                left = failed;
            }
            Err(error) => eprintln!("concord: a round of the workers failed, and comes again: {error}"),
        }
    }
}

/// One round, and then as much of bulk jobs as there is: a job does not wait for a beat between its slices.
///
/// Gives how much of what waited could not be done.
async fn round(desk: &Desk, stop: &watch::Receiver<bool>) -> Result<usize, casework::Error> {
    let failed = desk.work(None).await?.failed;
    // Between its slices the others' work is done too, and a server that stops does not wait for a job: it goes on later.
    while !*stop.borrow() && desk.work_bulk().await?.more {
        desk.sweep().await?;
        desk.hear(None).await?;
    }
    Ok(failed)
}

/// Mail and webhooks, where configuration says so.
async fn post(desk: Desk, mut stop: watch::Receiver<bool>) {
    if !desk.has_couriers() {
        return;
    }
    let mut beat = tokio::time::interval(POST);
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => return,
            _ = beat.tick() => {}
        }
        if let Err(error) = desk.post().await {
            eprintln!("concord: letters could not be sent, and are tried again: {error}");
        }
    }
}

async fn asked_to_stop() -> Result<(), Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut ended =
        signal(SignalKind::terminate()).map_err(|e| Failure::failed(format!("cannot listen for SIGTERM: {e}")))?;
    tokio::select! {
        heard = tokio::signal::ctrl_c() => heard.map_err(|e| Failure::failed(format!("cannot listen for ctrl-c: {e}"))),
        _ = ended.recv() => Ok(()),
    }
}
