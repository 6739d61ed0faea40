//! `concord serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use casework::Exit;
use casework::model::Invalid;
use clap::Args;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use portal::{Bounds, Certificate};
use tokio::net::TcpListener;
use url::Url;

use crate::args::Common;
use crate::commands::serving::{self, Stand};
use crate::config;
use crate::failure::Failure;
use crate::open;

#[derive(Args)]
pub struct Serve {
    /// Where to listen [default: that of concord.toml, or 127.0.0.1:8400]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// The public address, for example https://concord.example.org [default: http://localhost:PORT, on loopback]
    #[arg(long, value_name = "URL")]
    origin: Option<Url>,
    /// The certificate chain, PEM; needed anywhere but on loopback
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_certificate: Option<PathBuf>,
    /// Its key, PEM
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
    /// Where Prometheus may ask for counts of requests; off when it is not given
    #[arg(long, value_name = "ADDRESS")]
    metrics: Option<SocketAddr>,
    /// Let whoever comes step into any officer: on loopback and on a trial database alone
    #[arg(long)]
    demo: bool,
    /// Set a trial's clock so far ahead, to see what falls due; what is then written bears that time
    #[arg(long, value_name = "SECONDS", default_value_t = 0, requires = "demo", value_parser = clap::value_parser!(u32).range(..=366 * 86_400))]
    ahead: u32,
}

pub async fn run(common: &Common, args: Serve) -> Result<Exit, Failure> {
    let wrong = |field: &str, problem: &str, cure: &str| Err(Failure::input(field, &Invalid::new(problem, cure)));
    let said = config::serving(common)?;
    let listen = args.listen.or(said.listen).unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8400)));
    let loopback = listen.ip().is_loopback();
    let files = (args.tls_certificate.or(said.tls_certificate), args.tls_key.or(said.tls_key));
    let certificate = match &files {
        (Some(chain), Some(key)) => Some(Certificate::read(chain, key).map_err(|why| {
            Failure::input("--tls-certificate", &Invalid::new(why, "give a PEM chain and its unencrypted PEM key"))
        })?),
        _ if !loopback => {
            return wrong(
                "--listen",
                "is not loopback, and nothing would be encrypted",
                "give --tls-certificate and --tls-key",
            );
        }
        _ => None,
    };
    if args.demo && (!loopback || certificate.is_some()) {
        return wrong("--demo", "lets anybody in", "give --listen 127.0.0.1:PORT and no certificate with it");
    }
    let origin = match args.origin.or(said.origin) {
        Some(origin) if origin.host_str().is_none() || (!loopback && origin.scheme() != "https") => {
            return wrong("--origin", "is no public address", "write https:// and the host's name");
        }
        Some(origin) if args.demo && !is_here(&origin) => {
            return wrong(
                "--demo",
                "lets anybody in, and this address can be reached from elsewhere",
                "leave --origin out",
            );
        }
        None if !loopback => {
            return wrong(
                "--origin",
                "is missing",
                "give the address that browsers use, for example https://concord.example.org",
            );
        }
        said => said,
    };
    let place = open::place(common)?;
    // The same checks as every command makes, before anything listens.
    let checked = open::desk(common).await?;
    if args.demo && !checked.is_trial().await? {
        checked.store().close().await;
        return wrong("--demo", "is for a trial, and this is a real installation", "sign in as yourself");
    }
    checked.store().close().await;
    let desk = open::portal(place, open::keys(common), args.ahead).await?.with_couriers(config::couriers(common)?);
    let listener =
        TcpListener::bind(listen).await.map_err(|e| Failure::failed(format!("cannot listen on {listen}: {e}")))?;
    let origin = match origin {
        Some(origin) => origin,
        // The port that was bound: with port 0 the machine chose it.
        None => {
            let port = listener.local_addr().map_err(|e| Failure::failed(e.to_string()))?.port();
            let scheme = if certificate.is_some() { "https" } else { "http" };
            Url::parse(&format!("{scheme}://localhost:{port}")).map_err(|e| Failure::failed(e.to_string()))?
        }
    };
    log();
    let counting = match args.metrics.or(said.metrics) {
        None => None,
        Some(at) => Some(count_at(at).await?),
    };
    let usual = Bounds::default();
    let bounds = Bounds { connections: said.connections.unwrap_or(usual.connections), ..usual };
    eprintln!("concord: serving {origin}; ctrl-c ends it");
    let done = serving::run(Stand { desk, listener, certificate, origin, demo: args.demo, bounds }).await;
    if let Some(task) = counting {
        task.abort();
    }
    done.map(|()| Exit::Done)
}

/// Can it be reached from this machine alone?
fn is_here(origin: &Url) -> bool {
    matches!(origin.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

/// Requests as lines of JSON on standard error: patterns, numbers and times, and no identifier.
fn log() {
    let lines = tracing_subscriber::fmt()
        .json()
        .with_writer(std::io::stderr)
        .with_max_level(tracing_subscriber::filter::LevelFilter::INFO);
    // Another logger is there already only in a test.
    let _ = lines.try_init();
}

/// Answers Prometheus on an address of its own, which no officer's browser reaches.
async fn count_at(at: SocketAddr) -> Result<tokio::task::JoinHandle<()>, Failure> {
    let failed = |e: String| Failure::failed(format!("cannot count requests at {at}: {e}"));
    let buckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0];
    let handle: PrometheusHandle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full("concord_request_seconds".to_owned()), &buckets)
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(|e| failed(e.to_string()))?;
    let listener = TcpListener::bind(at).await.map_err(|e| failed(e.to_string()))?;
    Ok(tokio::spawn(async move { portal::serve_counts(listener, move || handle.render()).await }))
}
