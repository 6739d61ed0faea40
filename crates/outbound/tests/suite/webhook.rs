//! Webhooks against a server in this process.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use casework::{Courier, Secret, To, Undelivered};
use model::Clock;
use outbound::{Guard, Limits, Resolver, Resolving, WebhookOptions, Webhooks};
use testkit::MockClock;

use crate::http::{Receiver, Says, Server, closed_port};
use crate::letter;

const SECRET: &str = "6f0d0a5d8d2b4c6f8e9fa0b1c2d3e4f50112233445566778899aabbccddeeff0";

/// Answers a name with one list of addresses, and with another when it is asked again.
pub struct Answers {
    first: Vec<IpAddr>,
    then: Vec<IpAddr>,
    asked: AtomicUsize,
}

impl Answers {
    pub fn new(first: &[&str], then: &[&str]) -> Arc<Self> {
        let read = |all: &[&str]| all.iter().map(|a| a.parse().unwrap()).collect();
        Arc::new(Self { first: read(first), then: read(then), asked: AtomicUsize::new(0) })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Resolver for Answers {
    fn resolve<'a>(&'a self, host: &'a str) -> Resolving<'a> {
        Box::pin(async move {
            if host == "nowhere.example.org" {
                return Err(io::Error::other("no such name"));
            }
            let n = self.asked.fetch_add(1, Ordering::SeqCst);
            Ok(if n == 0 { self.first.clone() } else { self.then.clone() })
        })
    }
}

struct Calls {
    webhooks: Webhooks,
    clock: MockClock,
    names: Arc<Answers>,
}

impl Calls {
    fn listing(listed: &[String], names: Arc<Answers>) -> Self {
        Self::trusting(listed, names, None)
    }

    fn trusting(listed: &[String], names: Arc<Answers>, roots: Option<Vec<u8>>) -> Self {
        let clock = MockClock::at("2026-11-23T21:05:00Z");
        let webhooks = Webhooks::new(WebhookOptions {
            guard: Guard::allowing(listed.iter().map(String::as_str)).unwrap(),
            resolver: names.clone(),
            clock: Arc::new(clock.clone()),
            limits: Limits {
                connect: Duration::from_millis(400),
                whole: Duration::from_millis(800),
                ..Limits::default()
            },
            roots,
        });
        Self { webhooks: webhooks.map_err(|e| e.invalid).unwrap(), clock, names }
    }

    /// Only this server's address is listed.
    fn to(address: SocketAddr) -> Self {
        Self::listing(&[address.to_string()], Answers::new(&[], &[]))
    }

    async fn call(&self, url: &str) -> Result<(), Undelivered> {
        let to = To::Webhook { url: url.to_owned(), secret: Secret::new(SECRET) };
        self.webhooks.send(&letter(to)).await
    }

    fn seconds(&self) -> i64 {
        self.clock.now().0 / 1_000_000
    }
}

#[tokio::test]
async fn a_receiver_verifies_a_call_by_the_recipe_and_takes_it_once() {
    let server = Server::start(vec![Says::Status(204)]).await;
    let calls = Calls::to(server.address);
    calls.call(&server.url()).await.unwrap();
    let got = server.got().remove(0);
    assert_eq!(got.line, "POST /concord?from=us HTTP/1.1");
    assert_eq!(got.headers["host"], server.address.to_string());
    assert_eq!(
        got.body,
        "{\"id\":\"01a20a3a-3058-7e91-be7b-05536ab40faf\",\"at\":\"2026-11-23T21:04:00.000000Z\",\
         \"kind\":\"concord.notices/1\",\"due\":\"2026-11-24T01:05:00.000000Z\",\"count\":3}"
    );
    let now = calls.seconds();
    let receiver = || Receiver { secret: SECRET.to_owned(), seen: BTreeSet::new() };
    let mut honest = receiver();
    assert_eq!(honest.take(&got, now + 2), Ok(()));
    assert_eq!(honest.take(&got, now + 3), Err("seen before"));
    assert_eq!(receiver().take(&got, now + 301), Err("too old"));
    assert_eq!(receiver().take(&got, now - 301), Err("too old"));
    let other = Receiver { secret: SECRET.replace('6', "7"), seen: BTreeSet::new() };
    assert_eq!({ other }.take(&got, now), Err("not signed by Concord"));
    for change in ["body", "concord-id", "concord-timestamp"] {
        let mut changed = got.clone();
        match change {
            "body" => changed.body = changed.body.replace('3', "4"),
            "concord-timestamp" => drop(changed.headers.insert(change.to_owned(), (now + 1).to_string())),
            _ => drop(changed.headers.insert(change.to_owned(), "another".to_owned())),
        }
        assert_eq!(receiver().take(&changed, now), Err("not signed by Concord"), "{change}");
    }
    // Sent again later it has the same id and a time of its own, so it is not too old and still one letter.
    calls.clock.advance(4_000);
    calls.call(&server.url()).await.unwrap();
    assert_eq!(honest.take(&server.got()[1], calls.seconds()), Err("seen before"));
    assert_eq!(receiver().take(&server.got()[1], calls.seconds()), Ok(()));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let trap = Server::start(vec![Says::Status(200)]).await;
    let server = Server::start(vec![Says::Redirect(trap.url())]).await;
    // Even where both are listed.
    let listed = [server.address.to_string(), trap.address.to_string()];
    let calls = Calls::listing(&listed, Answers::new(&[], &[]));
    assert_eq!(calls.call(&server.url()).await, Err(Undelivered::Answered(307)));
    assert!(trap.got().is_empty());
}

#[tokio::test]
async fn whatever_a_server_answers_the_call_ends_soon_and_says_why() {
    for (says, wanted) in [
        (Says::Status(200), Ok(())),
        (Says::Status(500), Err(Undelivered::Answered(500))),
        (Says::Status(410), Err(Undelivered::Answered(410))),
        (Says::Silence, Err(Undelivered::Slow)),
        (Says::Endless, Ok(())),
        (Says::EndlessHead, Err(Undelivered::Unintelligible)),
        (Says::Nonsense, Err(Undelivered::Unintelligible)),
    ] {
        let server = Server::start(vec![says]).await;
        let calls = Calls::to(server.address);
        assert_eq!(calls.call(&server.url()).await, wanted);
        assert_eq!(server.got().len(), 1);
    }
    let nobody = closed_port().await;
    assert_eq!(Calls::to(nobody).call(&format!("http://{nobody}/")).await, Err(Undelivered::Unreachable));
    let calls = Calls::listing(&["nowhere.example.org".to_owned()], Answers::new(&[], &[]));
    assert_eq!(calls.call("https://nowhere.example.org/").await, Err(Undelivered::Unreachable));
}

#[tokio::test]
async fn what_is_not_listed_is_never_connected_to() {
    let server = Server::start(vec![Says::Status(200)]).await;
    let port = server.address.port();
    // The address of this machine under a name, without any exception; with one for another host, range or port.
    for listed in [
        vec![],
        vec!["other.example.org".to_owned()],
        vec!["10.0.0.0/8".to_owned()],
        vec![format!("127.0.0.1:{}", port ^ 1)],
    ] {
        let calls = Calls::listing(&listed, Answers::new(&["127.0.0.1"], &["127.0.0.1"]));
        for url in [server.url(), format!("http://hooks.example.org:{port}/"), "https://hooks.example.org/".to_owned()]
        {
            assert_eq!(calls.call(&url).await, Err(Undelivered::NotAllowed), "{url} {listed:?}");
        }
    }
    assert!(server.got().is_empty());
    // The name alone, exactly, opens it; so does the range its address is in.
    for listed in ["hooks.example.org", "127.0.0.0/8"] {
        let calls = Calls::listing(&[listed.to_owned()], Answers::new(&["127.0.0.1"], &[]));
        calls.call(&format!("http://hooks.example.org:{port}/")).await.unwrap();
    }
    assert_eq!(server.got().len(), 2);
}

#[tokio::test]
async fn a_name_is_resolved_once_and_only_judged_addresses_are_connected_to() {
    let server = Server::start(vec![Says::Status(200)]).await;
    let url = format!("http://hooks.example.org:{}/", server.address.port());
    // First an address that may be called, then, to a second look-up, the inside of the network: there is no second one.
    let calls = Calls::listing(&["127.0.0.1".to_owned()], Answers::new(&["127.0.0.1"], &["169.254.169.254"]));
    calls.call(&url).await.unwrap();
    assert_eq!((calls.names.asked(), server.got().len()), (1, 1));
    // Asked anew for the next letter, it is judged anew.
    assert_eq!(calls.call(&url).await, Err(Undelivered::NotAllowed));
    assert_eq!((calls.names.asked(), server.got().len()), (2, 1));
    // The other way round: a name that hides an inner address among good ones. Only 127.0.0.1 is listed; 127.0.0.2 would
    // reach the same server, and is not tried.
    let calls = Calls::listing(
        &["127.0.0.1".to_owned()],
        Answers::new(&["127.0.0.2", "10.0.0.1"], &["127.0.0.2", "127.0.0.1"]),
    );
    assert_eq!(calls.call(&url).await, Err(Undelivered::NotAllowed));
    assert_eq!(server.got().len(), 1);
    calls.call(&url).await.unwrap();
    assert_eq!(server.got().len(), 2);
}

#[tokio::test]
async fn tls_is_checked_against_the_name_and_the_roots() {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(vec!["hooks.example.org".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let tls = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let server = Server::with(vec![Says::Status(200)], Some(tls)).await;
    let port = server.address.port();
    let answers = || Answers::new(&["127.0.0.1"], &["127.0.0.1"]);
    let listed = ["hooks.example.org".to_owned(), "other.example.org".to_owned()];
    let good = format!("https://hooks.example.org:{port}/");
    let strangers = Calls::listing(&listed, answers());
    assert_eq!(strangers.call(&good).await, Err(Undelivered::Untrusted));
    let trusted = Calls::trusting(&listed, answers(), Some(cert.pem().into_bytes()));
    trusted.call(&good).await.unwrap();
    let wrong = trusted.call(&format!("https://other.example.org:{port}/")).await;
    assert_eq!(wrong, Err(Undelivered::Untrusted));
    assert_eq!(server.got().len(), 1);
    let plain = Server::start(vec![Says::Status(200)]).await;
    let spoken = trusted.call(&format!("https://hooks.example.org:{}/", plain.address.port())).await;
    assert!(spoken.is_err() && plain.got().is_empty(), "nothing is said without TLS: {spoken:?}");
    for none in [&b""[..], b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let options = WebhookOptions {
            guard: Guard::strict(),
            resolver: answers(),
            clock: Arc::new(MockClock::at("2026-11-23T21:05:00Z")),
            limits: Limits::default(),
            roots: Some(none.to_vec()),
        };
        assert_eq!(Webhooks::new(options).err().map(|e| e.key), Some("ca_file"));
    }
}

#[test]
fn an_address_is_kept_as_it_is_called() {
    let calls = Calls::listing(&[], Answers::new(&[], &[]));
    assert_eq!(calls.webhooks.address(" https://Hooks.Example.org/a#b ").unwrap(), "https://hooks.example.org/a");
    assert!(calls.webhooks.address("http://hooks.example.org/a").is_err());
}
