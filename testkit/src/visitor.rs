//! Somebody at a portal on this machine, over real HTTP: a browser without script, or a program. A cookie is kept.

use std::io::{Read, Write};
use std::net::TcpStream;

/// Who visits.
#[derive(Debug, Clone)]
pub struct Visitor {
    origin: String,
    cookie: Option<String>,
}

/// What a visitor was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// Its status line and headers, as they came.
    pub head: String,
    /// Its body.
    pub body: String,
}

impl Reply {
    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let pairs = self.head.lines().filter_map(|line| line.split_once(':'));
        pairs.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
    }
}

impl Visitor {
    /// Somebody without a session at "http://localhost:PORT".
    #[must_use]
    pub fn at(origin: &str) -> Self {
        Self { origin: origin.trim_end_matches('/').to_owned(), cookie: None }
    }

    /// The cookie, as a request has it.
    #[must_use]
    pub fn cookie(&self) -> Option<&str> {
        self.cookie.as_deref()
    }

    /// Steps into an officer of a trial, by id or e-mail address, and agrees to the banner.
    ///
    /// # Panics
    /// When the portal does not let them.
    #[must_use]
    pub fn step_into(mut self, member: &str) -> Self {
        let member: String = member
            .bytes()
            .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
            .collect();
        let form = "application/x-www-form-urlencoded";
        let stepped = self.send("POST", "/demo/step-in", Some((form, &format!("member={member}"))));
        assert_eq!(stepped.header("location"), Some("/banner"), "{stepped:?}");
        let agreed = self.send("POST", "/banner", Some((form, "")));
        assert_eq!(agreed.header("location"), Some("/"), "{agreed:?}");
        self
    }

    /// Asks for a page.
    pub fn get(&mut self, path: &str) -> Reply {
        self.send("GET", path, None)
    }

    /// Sends JSON, as a program does.
    pub fn post(&mut self, path: &str, json: &str) -> Reply {
        self.send("POST", path, Some(("application/json", json)))
    }

    /// One request on a connection of its own.
    ///
    /// # Panics
    /// When nobody answers.
    fn send(&mut self, method: &str, path: &str, body: Option<(&str, &str)>) -> Reply {
        self.try_send(method, path, body).unwrap_or_else(|why| panic!("{method} {path}: {why}"))
    }

    fn try_send(&mut self, method: &str, path: &str, body: Option<(&str, &str)>) -> std::io::Result<Reply> {
        let host = self.origin.trim_start_matches("http://").to_owned();
        let mut stream = TcpStream::connect(host.replace("localhost", "127.0.0.1"))?;
        // HTTP/1.0: the answer ends with the connection, in one piece.
        let mut request = format!("{method} {path} HTTP/1.0\r\nHost: {host}\r\n");
        if let Some(cookie) = &self.cookie {
            request += &format!("Cookie: {cookie}\r\n");
        }
        if let Some((kind, body)) = body {
            request +=
                &format!("Origin: {}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n", self.origin, body.len());
        }
        request += "\r\n";
        request += body.map_or("", |(_, body)| body);
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let answer = String::from_utf8_lossy(&answer);
        let broken = || std::io::Error::other(format!("is no answer: {answer}"));
        let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(broken)?;
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).ok_or_else(broken)?;
        let reply = Reply { status, head: head.to_owned(), body: body.to_owned() };
        if let Some(set) = reply.header("set-cookie") {
            let pair = set.split(';').next().unwrap_or_default();
            self.cookie = (!pair.ends_with('=')).then(|| pair.to_owned());
        }
        Ok(reply)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_cookie_is_kept_until_it_is_taken_away() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let origin = format!("http://localhost:{}", listener.local_addr().expect("an address").port());
        let server = std::thread::spawn(move || {
            let sets = ["Set-Cookie: concord=abc; Path=/", "X: y", "Set-Cookie: concord=; Max-Age=0", "X: y"];
            sets.map(|header| {
                let (mut stream, _) = listener.accept().expect("a visitor");
                let lines = BufReader::new(stream.try_clone().expect("a stream")).lines().map_while(Result::ok);
                let asked: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
                write!(stream, "HTTP/1.1 200 OK\r\n{header}\r\n\r\nwords").expect("written");
                asked.into_iter().find(|line| line.starts_with("Cookie"))
            })
        });
        let mut visitor = Visitor::at(&origin);
        let first = visitor.get("/");
        assert_eq!((first.status, first.body.as_str(), visitor.cookie()), (200, "words", Some("concord=abc")));
        assert_eq!(visitor.get("/").header("x"), Some("y"));
        visitor.get("/");
        assert_eq!(visitor.cookie(), None);
        visitor.get("/");
        let kept = || Some("Cookie: concord=abc".to_owned());
        assert_eq!(server.join().expect("a server"), [None, kept(), kept(), None]);
    }
}
