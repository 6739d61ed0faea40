//! Signed webhooks: one HTTP POST a letter. docs/WEBHOOKS.md says how a receiver verifies one.
//!
//! No redirect is followed: its target would be an address that nobody judged. Of the answer only the status is read.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use casework::{Courier, LETTER, Letter, Sending, To, Undelivered};
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CONNECTION, CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use model::{Clock, Invalid};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use sha2::Sha256;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use url::Host;

use crate::guard::{Guard, Place, Resolver};
use crate::{BadOption, certificates, no_certificate};

/// How long things may take, and how many addresses of one name are tried.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// A connection to one address, TLS too.
    pub connect: Duration,
    /// All of it, from the name to the status.
    pub whole: Duration,
    /// Addresses tried of one name.
    pub addresses: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), whole: Duration::from_secs(15), addresses: 3 }
    }
}

/// What it takes to call webhooks.
pub struct WebhookOptions {
    /// Where they may go.
    pub guard: Guard,
    /// Who looks names up.
    pub resolver: Arc<dyn Resolver>,
    /// The time that is signed.
    pub clock: Arc<dyn Clock>,
    /// How long things may take.
    pub limits: Limits,
    /// Certificates in PEM that are trusted besides the public ones.
    pub roots: Option<Vec<u8>>,
}

/// Calls webhooks.
pub struct Webhooks {
    guard: Guard,
    resolver: Arc<dyn Resolver>,
    clock: Arc<dyn Clock>,
    limits: Limits,
    tls: TlsConnector,
}

/// Most bytes of an answer's head, and of its lines.
const MOST_HEAD: usize = 16 * 1_024;
const MOST_LINES: usize = 64;

impl Webhooks {
    /// Ready to call.
    ///
    /// # Errors
    /// Certificates that cannot be read.
    pub fn new(options: WebhookOptions) -> Result<Self, BadOption> {
        let WebhookOptions { guard, resolver, clock, limits, roots } = options;
        let mut trusted = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        for certificate in roots.map_or_else(|| Ok(Vec::new()), |pem| certificates(&pem))? {
            trusted.add(certificate).map_err(|_| no_certificate())?;
        }
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(ring)
            .with_safe_default_protocol_versions()
            .map_err(|e| {
                BadOption::of("webhooks", format!("TLS cannot be made ready ({e})"), "this is a fault of ours")
            })?
            .with_root_certificates(trusted)
            .with_no_client_auth();
        Ok(Self { guard, resolver, clock, limits, tls: TlsConnector::from(Arc::new(config)) })
    }

    async fn call(&self, letter: &Letter) -> Result<(), Undelivered> {
        let To::Webhook { url, secret } = &letter.to else { return Err(Undelivered::NotAllowed) };
        let place = self.guard.place(url).map_err(|_| Undelivered::NotAllowed)?;
        let stream = self.connect(&place).await?;
        let request = request(letter, &place, secret.reveal(), self.clock.now().0.div_euclid(1_000_000))?;
        let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
            .max_buf_size(MOST_HEAD)
            .max_headers(MOST_LINES)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|_| Undelivered::Unreachable)?;
        // Dropped with this call, whatever the other side still sends.
        let mut driver = JoinSet::new();
        driver.spawn(connection);
        let answer = sender.send_request(request).await.map_err(|_| Undelivered::Unintelligible)?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            // Gone means gone, and a webhook can still be made again: but a server in trouble says it too.
            status => Err(Undelivered::Answered(StatusCode::as_u16(&status))),
        }
    }

    /// Looks the name up once and connects to an address that was judged.
    async fn connect(&self, place: &Place) -> Result<Box<dyn Stream>, Undelivered> {
        let addresses = match (&place.host, place.address()) {
            (_, Some(ip)) => vec![ip],
            (Host::Domain(name), None) => self.resolver.resolve(name).await.map_err(|_| Undelivered::Unreachable)?,
            _ => return Err(Undelivered::NotAllowed),
        };
        if addresses.is_empty() {
            return Err(Undelivered::Unreachable);
        }
        let allowed: Vec<IpAddr> =
            addresses.into_iter().filter(|ip| self.guard.may(place, *ip)).take(self.limits.addresses).collect();
        let mut last = Undelivered::NotAllowed;
        for ip in allowed {
            match tokio::time::timeout(self.limits.connect, self.connect_to(place, ip)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(why)) => last = why,
                Err(_) => last = Undelivered::Slow,
            }
        }
        Err(last)
    }

    async fn connect_to(&self, place: &Place, ip: IpAddr) -> Result<Box<dyn Stream>, Undelivered> {
        let tcp = TcpStream::connect(SocketAddr::new(ip, place.port)).await.map_err(|_| Undelivered::Unreachable)?;
        if !place.tls {
            return Ok(Box::new(tcp));
        }
        let name = match &place.host {
            Host::Domain(name) => ServerName::try_from(name.clone()).map_err(|_| Undelivered::NotAllowed)?,
            Host::Ipv4(ip) => ServerName::from(IpAddr::from(*ip)),
            Host::Ipv6(ip) => ServerName::from(IpAddr::from(*ip)),
        };
        match self.tls.connect(name, tcp).await {
            Ok(stream) => Ok(Box::new(stream)),
            Err(e) if e.kind() == io::ErrorKind::InvalidData => Err(Undelivered::Untrusted),
            Err(_) => Err(Undelivered::Unreachable),
        }
    }
}

impl Courier for Webhooks {
    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a> {
        Box::pin(async move {
            tokio::time::timeout(self.limits.whole, self.call(letter)).await.unwrap_or(Err(Undelivered::Slow))
        })
    }

    fn address(&self, to: &str) -> Result<String, Invalid> {
        self.guard.place(to).map(|place| place.url.to_string())
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// The body: how many notices wait and by when. Its id is the letter's, so a receiver counts a repeated call once.
fn body(letter: &Letter) -> String {
    serde_json::json!({
        "id": letter.id.to_string(),
        "at": letter.at.to_string(),
        "kind": LETTER,
        "due": letter.due.to_string(),
        "count": letter.count,
    })
    .to_string()
}

fn request(letter: &Letter, place: &Place, secret: &str, seconds: i64) -> Result<Request<Full<Bytes>>, Undelivered> {
    let body = body(letter);
    let id = letter.id.to_string();
    let signature = sign(secret, seconds, &id, &body).ok_or(Undelivered::NotAllowed)?;
    let url = &place.url;
    let target = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let host = url.host_str().unwrap_or_default();
    let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    Request::post(target)
        .header(HOST, authority)
        .header(CONTENT_TYPE, "application/json")
        .header(USER_AGENT, concat!("concord/", env!("CARGO_PKG_VERSION")))
        .header(CONNECTION, "close")
        .header("Concord-Id", id)
        .header("Concord-Timestamp", seconds)
        .header("Concord-Signature", signature)
        .body(Full::new(Bytes::from(body)))
        .map_err(|_| Undelivered::NotAllowed)
}

/// `v1=` and HMAC-SHA-256 of timestamp, id and body with dots between, under the secret's letters, in hexadecimal.
fn sign(secret: &str, seconds: i64, id: &str, body: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(format!("{seconds}.{id}.{body}").as_bytes());
    Some(format!("v1={}", hex::encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with Python: hmac.new(b"0123456789abcdef", b'1790000000.7b2e.{"count":1}', "sha256").hexdigest()
    #[test]
    fn the_signature_is_that_of_the_recipe() {
        let signed = sign("0123456789abcdef", 1_790_000_000, "7b2e", r#"{"count":1}"#).unwrap();
        assert_eq!(signed, "v1=f5d6e167e3b5118bd3c1399e8bfd706a18492883530ee8e798cb45d1cf0ba5f1");
    }
}
