//! A receiver of webhooks: an HTTP server in a few lines, and the verification of docs/WEBHOOKS.md, written from that text
//! and not from the sender's code.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    pub line: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// What the server says to its n-th request, the last of them ever after.
#[derive(Clone)]
pub enum Says {
    Status(u16),
    Redirect(String),
    /// Nothing at all.
    Silence,
    /// A good status, and then bytes without end.
    Endless,
    /// Headers without end.
    EndlessHead,
    /// Something that is not HTTP.
    Nonsense,
}

/// A running server.
pub struct Server {
    pub address: SocketAddr,
    got: Arc<Mutex<Vec<Request>>>,
    _running: tokio::task::JoinSet<()>,
}

impl Server {
    pub async fn start(says: Vec<Says>) -> Self {
        Self::with(says, None).await
    }

    pub async fn with(says: Vec<Says>, tls: Option<tokio_rustls::TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let got: Arc<Mutex<Vec<Request>>> = Arc::default();
        let mut running = tokio::task::JoinSet::new();
        running.spawn({
            let got = got.clone();
            async move {
                for n in 0.. {
                    let (stream, _) = listener.accept().await.unwrap();
                    let says = says[n.min(says.len() - 1)].clone();
                    let (got, tls) = (got.clone(), tls.clone());
                    tokio::spawn(async move {
                        match tls {
                            None => talk(stream, says, &got).await,
                            Some(tls) => {
                                if let Ok(stream) = tls.accept(stream).await {
                                    talk(stream, says, &got).await;
                                }
                            }
                        }
                    });
                }
            }
        });
        Self { address, got, _running: running }
    }

    pub fn url(&self) -> String {
        format!("http://{}/concord?from=us", self.address)
    }

    pub fn got(&self) -> Vec<Request> {
        self.got.lock().unwrap().clone()
    }
}

async fn talk(mut stream: impl AsyncRead + AsyncWrite + Unpin, says: Says, got: &Mutex<Vec<Request>>) {
    let Some(request) = read(&mut stream).await else { return };
    got.lock().unwrap().push(request);
    let answer = match says {
        Says::Status(code) => format!("HTTP/1.1 {code} said\r\nContent-Length: 2\r\n\r\nok"),
        Says::Redirect(to) => format!("HTTP/1.1 307 elsewhere\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"),
        Says::Nonsense => "220 this is a mail server\r\n".to_owned(),
        Says::Silence => {
            let _ = stream.read(&mut [0]).await;
            return;
        }
        Says::Endless => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n").await;
            while stream.write_all(&[b'x'; 65_536]).await.is_ok() {}
            return;
        }
        Says::EndlessHead => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
            while stream.write_all(format!("X-Long: {}\r\n", "x".repeat(1_000)).as_bytes()).await.is_ok() {}
            return;
        }
    };
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}

async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Request> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(at) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break at;
        }
        let mut part = [0; 1_024];
        match stream.read(&mut part).await {
            Ok(n) if n > 0 => bytes.extend_from_slice(&part[..n]),
            _ => return None,
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let mut lines = text.lines();
    let line = lines.next().unwrap().to_owned();
    let headers: BTreeMap<String, String> = lines
        .map(|l| l.split_once(':').unwrap())
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers["content-length"].parse().unwrap();
    let mut body = bytes[head + 4..].to_vec();
    while body.len() < length {
        let mut part = [0; 1_024];
        match stream.read(&mut part).await {
            Ok(n) if n > 0 => body.extend_from_slice(&part[..n]),
            _ => return None,
        }
    }
    Some(Request { line, headers, body: String::from_utf8(body).unwrap() })
}

/// A receiver that keeps to the recipe.
pub struct Receiver {
    pub secret: String,
    pub seen: BTreeSet<String>,
}

impl Receiver {
    /// Takes a call at this moment, in seconds; says why not.
    pub fn take(&mut self, request: &Request, now: i64) -> Result<(), &'static str> {
        let header = |name: &str| request.headers.get(name).ok_or("a header is missing");
        let (id, timestamp) = (header("concord-id")?, header("concord-timestamp")?);
        let given = header("concord-signature")?;
        let seconds: i64 = timestamp.parse().map_err(|_| "no time")?;
        if (now - seconds).abs() > 300 {
            return Err("too old");
        }
        let message = [timestamp.as_bytes(), b".", id.as_bytes(), b".", request.body.as_bytes()].concat();
        let wanted = format!("v1={}", hmac_by_hand(self.secret.as_bytes(), &message));
        if given.len() != wanted.len() || given.bytes().zip(wanted.bytes()).fold(0, |d, (a, b)| d | (a ^ b)) != 0 {
            return Err("not signed by Concord");
        }
        if !self.seen.insert(id.clone()) {
            return Err("seen before");
        }
        Ok(())
    }
}

/// RFC 2104 over SHA-256, for keys up to a block.
fn hmac_by_hand(key: &[u8], message: &[u8]) -> String {
    assert!(key.len() <= 64);
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key);
    let inner = Sha256::digest([&block.map(|b| b ^ 0x36)[..], message].concat());
    let outer = Sha256::digest([&block.map(|b| b ^ 0x5c)[..], &inner[..]].concat());
    outer.iter().map(|b| format!("{b:02x}")).collect()
}

/// Nobody listens there.
pub async fn closed_port() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    assert!(TcpStream::connect(address).await.is_err());
    address
}
