//! TLS 1.3 on a TCP listener. Handshakes run beside each other: one that dawdles holds nobody up.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, version};
use tokio_rustls::server::TlsStream;

/// Longest time a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Most handshakes at once; further connections wait in the kernel's queue.
const MOST_HANDSHAKES: usize = 256;

/// What a browser is shown, and the key that goes with it.
pub struct Certificate(Arc<ServerConfig>);

impl Certificate {
    /// Reads a chain and its key from PEM files.
    ///
    /// # Errors
    /// A sentence that names the file and what is wrong with it.
    pub fn read(chain: &Path, key: &Path) -> Result<Self, String> {
        let of = |path: &Path| {
            let path = path.display().to_string();
            move |e: tokio_rustls::rustls::pki_types::pem::Error| format!("{path}: {e}")
        };
        let certificates: Vec<CertificateDer<'static>> =
            CertificateDer::pem_file_iter(chain).map_err(of(chain))?.collect::<Result<_, _>>().map_err(of(chain))?;
        if certificates.is_empty() {
            return Err(format!("{}: holds no certificate", chain.display()));
        }
        let key = PrivateKeyDer::from_pem_file(key).map_err(of(key))?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&version::TLS13])
            .map_err(|e| e.to_string())?
            .with_no_client_auth()
            .with_single_cert(certificates, key)
            .map_err(|e| format!("{}: {e}", chain.display()))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config)))
    }
}

/// A listener whose connections are already encrypted.
pub struct TlsListener {
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    local: SocketAddr,
}

impl TlsListener {
    /// Takes connections of `listener` from now on.
    ///
    /// # Errors
    /// The listener's.
    pub fn new(listener: TcpListener, certificate: Certificate) -> io::Result<Self> {
        let local = listener.local_addr()?;
        let (sender, ready) = mpsc::channel(64);
        tokio::spawn(accept(listener, TlsAcceptor::from(certificate.0), sender));
        Ok(Self { ready, local })
    }
}

async fn accept(
    mut listener: TcpListener,
    acceptor: TlsAcceptor,
    ready: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    let places = Arc::new(Semaphore::new(MOST_HANDSHAKES));
    while let Ok(place) = places.clone().acquire_owned().await {
        // axum's own: waits out a machine that has no more descriptors.
        let (stream, from) = Listener::accept(&mut listener).await;
        if ready.is_closed() {
            return;
        }
        let (acceptor, ready) = (acceptor.clone(), ready.clone());
        tokio::spawn(async move {
            if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                // Nobody listens any more: the server is stopping.
                let _ = ready.send((stream, from)).await;
            }
            drop(place);
        });
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.local)
    }
}
