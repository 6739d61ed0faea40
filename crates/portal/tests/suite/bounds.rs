//! What a server's visitors may take of it, over real connections.

use std::time::Duration;

use portal::Bounds;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::house::{House, house};

const ASK: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: localhost:8400\r\n\r\n";

struct Server {
    house: House,
    at: std::net::SocketAddr,
    serving: JoinHandle<std::io::Result<()>>,
}

async fn server(bounds: Bounds) -> Server {
    let house = house().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let serving = tokio::spawn(portal::serve(listener, house.router.clone(), bounds, house.stopped()));
    Server { house, at, serving }
}

/// Asks on a connection that then stays open.
async fn asked(at: std::net::SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.write_all(ASK).await.unwrap();
    stream
}

async fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = [0; 4096];
    let n = stream.read(&mut bytes).await.unwrap();
    String::from_utf8_lossy(&bytes[..n]).into_owned()
}

#[tokio::test]
async fn a_connection_beyond_the_last_place_waits_until_one_is_free() {
    let server = server(Bounds { connections: 2, headers: Duration::from_secs(3600) }).await;
    let (mut first, mut second) = (asked(server.at).await, asked(server.at).await);
    for stream in [&mut first, &mut second] {
        assert!(answer(stream).await.starts_with("HTTP/1.1 200"));
    }
    let mut third = asked(server.at).await;
    let early = tokio::time::timeout(Duration::from_millis(300), answer(&mut third)).await;
    assert!(early.is_err(), "it was answered beside two others: {early:?}");
    drop(first);
    assert!(answer(&mut third).await.starts_with("HTTP/1.1 200"));
    // A server that stops ends the connections that say nothing, and itself.
    server.house.stop();
    server.serving.await.unwrap().unwrap();
    assert_eq!(answer(&mut second).await, "");
}

#[tokio::test]
async fn whoever_does_not_finish_their_headers_or_says_nothing_more_loses_the_place() {
    let server = server(Bounds { connections: 1, headers: Duration::from_millis(50) }).await;
    let mut slow = TcpStream::connect(server.at).await.unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost: local").await.unwrap();
    let mut rest = Vec::new();
    slow.read_to_end(&mut rest).await.unwrap();
    assert!(!String::from_utf8_lossy(&rest).contains("200"), "half a request is answered");
    let mut idle = asked(server.at).await;
    let mut said = String::new();
    idle.read_to_string(&mut said).await.unwrap();
    assert!(said.starts_with("HTTP/1.1 200") && said.ends_with("ok\n"), "{said}");
    let silent = TcpStream::connect(server.at).await.unwrap();
    assert!(answer(&mut asked(server.at).await).await.starts_with("HTTP/1.1 200"));
    drop(silent);
}
