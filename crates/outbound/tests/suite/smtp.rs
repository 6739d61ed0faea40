//! A mail server that keeps what it is given.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// One mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    pub from: String,
    pub to: Vec<String>,
    pub text: String,
}

/// How it behaves.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manner {
    /// What it says to RCPT; 0 takes it.
    pub to_recipient: u16,
    /// It never greets.
    pub silent: bool,
}

pub struct Sink {
    pub address: SocketAddr,
    got: Arc<Mutex<Vec<Mail>>>,
    said: Arc<Mutex<Vec<String>>>,
    _running: tokio::task::JoinSet<()>,
}

impl Sink {
    pub async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let got: Arc<Mutex<Vec<Mail>>> = Arc::default();
        let said: Arc<Mutex<Vec<String>>> = Arc::default();
        let mut running = tokio::task::JoinSet::new();
        running.spawn({
            let (got, said) = (got.clone(), said.clone());
            async move {
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    let (got, said) = (got.clone(), said.clone());
                    tokio::spawn(async move { talk(stream, manner, &got, &said).await });
                }
            }
        });
        Self { address, got, said, _running: running }
    }

    pub fn got(&self) -> Vec<Mail> {
        self.got.lock().unwrap().clone()
    }

    /// Every line that came.
    pub fn said(&self) -> String {
        self.said.lock().unwrap().join("\n")
    }
}

async fn talk(stream: TcpStream, manner: Manner, got: &Mutex<Vec<Mail>>, said: &Mutex<Vec<String>>) -> Option<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    if manner.silent {
        lines.next_line().await.ok()??;
        return None;
    }
    let mut mail = Mail { from: String::new(), to: Vec::new(), text: String::new() };
    write.write_all(b"220 sink\r\n").await.ok()?;
    loop {
        let line = lines.next_line().await.ok()??;
        said.lock().unwrap().push(line.clone());
        let answer = match line.split([' ', ':']).next()?.to_ascii_uppercase().as_str() {
            "EHLO" => "250-sink\r\n250 8BITMIME".to_owned(),
            "MAIL" => {
                mail.from = line;
                "250 ok".to_owned()
            }
            "RCPT" if manner.to_recipient > 0 => format!("{} no", manner.to_recipient),
            "RCPT" => {
                mail.to.push(line);
                "250 ok".to_owned()
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await.ok()?;
                loop {
                    let line = lines.next_line().await.ok()??;
                    if line == "." {
                        break;
                    }
                    mail.text.push_str(&line);
                    mail.text.push('\n');
                }
                got.lock().unwrap().push(mail.clone());
                "250 kept".to_owned()
            }
            "QUIT" => {
                write.write_all(b"221 bye\r\n").await.ok()?;
                return Some(());
            }
            _ => "502 what?".to_owned(),
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
    }
}
