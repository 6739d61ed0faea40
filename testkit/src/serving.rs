//! `concord serve` as a process of its own: started, heard to listen, stopped or killed.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};

/// How the server says that it listens, in front of its address.
const SAYS: &str = "concord: serving ";

/// Lines of its log that are kept for whoever reads of a failure.
const KEPT: usize = 40;

/// A server that listens. Dropped, it is killed.
#[derive(Debug)]
pub struct Serving {
    child: Child,
    origin: String,
    log: Arc<Mutex<Vec<String>>>,
}

impl Serving {
    /// Runs the command, `concord serve` with its arguments, and waits until it says that it listens.
    ///
    /// # Panics
    /// When it ends before that; with what it said.
    #[must_use]
    pub fn start(command: &mut Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        // From here on it is killed whenever this is dropped.
        let mut server = Self {
            child: command.spawn().unwrap_or_else(|why| panic!("the server cannot run: {why}")),
            origin: String::new(),
            log: Arc::default(),
        };
        let mut lines = BufReader::new(server.child.stderr.take().expect("its standard error"));
        let mut said = Vec::new();
        while server.origin.is_empty() {
            let mut line = String::new();
            let read = lines.read_line(&mut line).unwrap_or_default();
            assert_ne!(read, 0, "the server ended before it listened: {}", said.concat());
            if let Some((origin, _)) = line.strip_prefix(SAYS).and_then(|rest| rest.split_once(';')) {
                origin.trim_end_matches('/').clone_into(&mut server.origin);
            }
            said.push(line);
        }
        // Somebody must read what it says, or it stops at a full pipe.
        let keep = server.log.clone();
        std::thread::spawn(move || hear(lines, &keep));
        server
    }

    /// Its address, "http://localhost:40123".
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The last lines it said.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.lock().map(|lines| lines.concat()).unwrap_or_default()
    }

    /// Kills it, as a machine that fails does (`kill -9`), and waits until it is gone.
    ///
    /// # Panics
    /// When it had ended by itself.
    pub fn kill(mut self) {
        let ended = self.child.try_wait().expect("a child");
        assert_eq!(ended, None, "the server ended by itself: {}", self.log());
        self.child.kill().expect("a child to kill");
        self.child.wait().expect("an end");
    }

    /// Asks it to stop (SIGTERM) and waits for its end.
    ///
    /// # Panics
    /// When it does not end well.
    pub fn stop(mut self) {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(asked.is_ok_and(|s| s.success()), "the server cannot be asked to stop");
        let ended: ExitStatus = self.child.wait().expect("an end");
        assert!(ended.success(), "asked to stop, the server ended with {ended}: {}", self.log());
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

fn hear(lines: BufReader<ChildStderr>, keep: &Mutex<Vec<String>>) {
    for line in lines.lines().map_while(Result::ok) {
        let Ok(mut kept) = keep.lock() else { return };
        if kept.len() == KEPT {
            kept.remove(0);
        }
        kept.push(line + "\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn it_is_heard_to_listen_and_ends_as_it_is_asked() {
        let script = "echo first >&2; echo 'concord: serving http://localhost:1/; ctrl-c ends it' >&2; trap 'exit 0' TERM; read line <&2; while :; do sleep 0.1; done";
        let server = Serving::start(&mut sh(script));
        assert_eq!(server.origin(), "http://localhost:1");
        server.stop();
        Serving::start(&mut sh(script)).kill();
    }

    #[test]
    #[should_panic(expected = "no keys")]
    fn one_that_never_listens_says_why() {
        let _ = Serving::start(&mut sh("echo no keys >&2"));
    }
}
