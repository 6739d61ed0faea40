//! A mail server and a webhook's receiver on loopback that can hold their answers while somebody dies over them.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// What is held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    Nothing,
    /// A letter is announced, and nothing of it taken.
    Letter,
    /// Letters are taken whole, and none is answered.
    Answer,
    /// The first mail is answered well, everything else not.
    AllButOne,
}

/// A letter that came whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Came {
    /// Who it is for: an address, or "webhook".
    pub to: String,
    pub id: String,
    /// What it says.
    pub body: String,
    /// Its sender was told that it arrived.
    pub answered: bool,
    /// In which epoch: each setting of what is held begins one.
    pub epoch: usize,
}

#[derive(Debug)]
struct State {
    hold: Hold,
    epoch: usize,
    /// Who is held now.
    mails: usize,
    webhooks: usize,
    came: Vec<Came>,
}

type Shared = Arc<(Mutex<State>, Condvar)>;

pub struct Receiver {
    shared: Shared,
    pub mail: u16,
    pub webhook: u16,
}

/// Longest that something is waited for which must come.
const MUST_COME: Duration = Duration::from_secs(120);

impl Receiver {
    pub fn new() -> Self {
        let state = State { hold: Hold::Nothing, epoch: 0, mails: 0, webhooks: 0, came: Vec::new() };
        let shared: Shared = Arc::new((Mutex::new(state), Condvar::new()));
        let (mail, webhook) = (listen(&shared, mail), listen(&shared, webhook));
        Self { shared, mail, webhook }
    }

    /// Holds this from now on; whoever was held before is dropped.
    pub fn hold(&self, hold: Hold) {
        let mut state = self.shared.0.lock().unwrap();
        *state = State { hold, epoch: state.epoch + 1, mails: 0, webhooks: 0, came: std::mem::take(&mut state.came) };
        self.shared.1.notify_all();
    }

    /// Waits until somebody's death would fall where the hold is meant to have it.
    pub fn is_held(&self) {
        self.wait(|state| {
            let answered = state.came.iter().filter(|c| c.epoch == state.epoch && c.answered).count();
            match state.hold {
                Hold::Nothing => true,
                Hold::Letter | Hold::Answer => state.mails > 0 && state.webhooks > 0,
                Hold::AllButOne => answered == 1 && state.webhooks > 0,
            }
        });
    }

    /// Waits until letters for so many were taken and answered since the hold was last set.
    pub fn has_answered(&self, receivers: usize) {
        self.wait(|state| {
            let of = state.came.iter().filter(|c| c.epoch == state.epoch && c.answered).map(|c| &c.to);
            of.collect::<BTreeSet<_>>().len() >= receivers
        });
    }

    pub fn letters(&self) -> Vec<Came> {
        self.shared.0.lock().unwrap().came.clone()
    }

    fn wait(&self, until: impl Fn(&State) -> bool) {
        let state = self.shared.0.lock().unwrap();
        let (state, late) = self.shared.1.wait_timeout_while(state, MUST_COME, |state| !until(state)).unwrap();
        assert!(!late.timed_out(), "what must come does not: {state:?}");
    }
}

fn listen(shared: &Shared, converse: fn(&Shared, TcpStream) -> Option<()>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let shared = shared.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let shared = shared.clone();
            std::thread::spawn(move || converse(&shared, stream));
        }
    });
    port
}

/// A conversation has come to a letter's beginning, or to the answer of one that came whole. It goes on, or is held until
/// something else is to be held and then ends.
fn pass(shared: &Shared, is_mail: bool, whole: Option<usize>) -> Option<()> {
    let mut state = shared.0.lock().unwrap();
    let epoch = state.epoch;
    let first = !state.came.iter().any(|c| c.epoch == epoch && c.answered);
    let held = match (state.hold, whole) {
        (Hold::Letter, _) | (Hold::Answer, Some(_)) => true,
        (Hold::AllButOne, Some(_)) => !(is_mail && first),
        _ => false,
    };
    if !held {
        if let Some(at) = whole {
            state.came[at].answered = true;
        }
        shared.1.notify_all();
        return Some(());
    }
    *if is_mail { &mut state.mails } else { &mut state.webhooks } += 1;
    shared.1.notify_all();
    while state.epoch == epoch {
        state = shared.1.wait(state).unwrap();
    }
    None
}

/// Notes a letter that came whole; gives its place.
fn came(shared: &Shared, to: &str, id: &str, body: &str) -> usize {
    let mut state = shared.0.lock().unwrap();
    let (to, id, body, epoch) = (to.to_owned(), id.to_owned(), body.to_owned(), state.epoch);
    state.came.push(Came { to, id, body, answered: false, epoch });
    state.came.len() - 1
}

fn mail(shared: &Shared, stream: TcpStream) -> Option<()> {
    let mut write = stream.try_clone().ok()?;
    let mut say = |words: &str| write.write_all(words.as_bytes()).ok();
    say("220 receiver\r\n")?;
    let (mut to, mut text, mut inside) = (String::new(), String::new(), false);
    for line in BufReader::new(stream).lines() {
        let line = line.ok()?;
        if inside && line == "." {
            inside = false;
            let letter = std::mem::take(&mut text);
            let id = letter.lines().find_map(|l| l.strip_prefix("Message-ID: <")).unwrap();
            let at = came(shared, &to, id.split('@').next().unwrap(), &letter);
            pass(shared, true, Some(at))?;
            say("250 kept\r\n")?;
        } else if inside {
            text += &line;
            text.push('\n');
        } else if let Some(address) = line.strip_prefix("RCPT TO:") {
            to = address.trim_matches(['<', '>', ' ']).to_owned();
            say("250 ok\r\n")?;
        } else if line.starts_with("MAIL") {
            pass(shared, true, None)?;
            say("250 ok\r\n")?;
        } else if line == "DATA" {
            inside = true;
            say("354 go on\r\n")?;
        } else if line == "QUIT" {
            return say("221 bye\r\n");
        } else {
            say("250 ok\r\n")?;
        }
    }
    Some(())
}

fn webhook(shared: &Shared, mut stream: TcpStream) -> Option<()> {
    let mut read = BufReader::new(stream.try_clone().ok()?);
    let (mut id, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        read.read_line(&mut line).ok()?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("concord-id") => id = value.to_owned(),
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.parse().ok()?,
            None if line.trim_end().is_empty() => break,
            _ => {}
        }
    }
    pass(shared, false, None)?;
    let mut body = vec![0; length];
    read.read_exact(&mut body).ok()?;
    let at = came(shared, "webhook", &id, std::str::from_utf8(&body).ok()?);
    pass(shared, false, Some(at))?;
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").ok()
}
