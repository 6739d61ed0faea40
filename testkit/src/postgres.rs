//! A throw-away PostgreSQL, 15 or newer: a server of its own, never the machine's.
//!
//! It listens on a free port of 127.0.0.1 only, without Unix sockets, trusts everybody there, sorts bytewise
//! (`--locale=C`, as SQLite does) and lives in a folder of the system's temporary folder. The server refuses
//! to run as root, so under root it runs as the user `postgres`.
//!
//! With `CONCORD_TEST_POSTGRES_URL` set (a URL of a role that may create databases) that server is used and
//! none is started; the databases made there, `concord_test_..`, stay until somebody drops them.

use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use model::Chance;

use crate::OsChance;

/// The oldest major version the store is written for.
const OLDEST: u32 = 15;

/// How many times a lost port is tried anew: another process may take it between our look and the server's bind.
const PORT_TRIES: u32 = 8;

/// Whether the server waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Speed {
    /// A commit waits for the disk, as in service.
    #[default]
    Durable,
    /// No fsync: for suites. Loses data when the machine fails, not when the server does.
    Fast,
}

/// A running PostgreSQL for tests.
#[derive(Debug)]
pub struct Postgres {
    /// Of its maintenance database.
    url: String,
    tools: Tools,
    /// `None` when the server is somebody else's (`CONCORD_TEST_POSTGRES_URL`).
    own: Option<Own>,
}

impl Postgres {
    /// The one server of this test process, [`Speed::Fast`], started by the first caller and stopped when the
    /// process ends, however it ends.
    ///
    /// # Panics
    /// When there is no PostgreSQL or it does not start: a test without its server must not pass.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(|| match std::env::var("CONCORD_TEST_POSTGRES_URL") {
            Ok(url) if !url.trim().is_empty() => Self { url: url.trim().to_owned(), tools: Tools::find(), own: None },
            _ => Self::start(Speed::Fast),
        })
    }

    /// A server of the caller's own, stopped and removed on drop or when the process ends.
    ///
    /// # Panics
    /// As [`Postgres::shared`].
    #[must_use]
    pub fn start(speed: Speed) -> Self {
        let tools = Tools::find();
        let own = Own::new(&tools);
        let data = own.dir.join("data");
        // --no-sync hurries initdb only; what the server does is Speed's matter.
        let mut initdb = tools.as_server("initdb");
        initdb.arg("-D").arg(&data).args(["-U", "concord", "-A", "trust", "--locale=C", "-E", "UTF8", "--no-sync"]);
        done("initdb", &mut initdb);
        let port = launch(&tools, &own.dir, speed);
        Self { url: format!("postgres://concord@127.0.0.1:{port}/postgres"), tools, own: Some(own) }
    }

    /// Makes an empty database, UTF-8 and bytewise order, and returns its URL.
    ///
    /// # Panics
    /// When the server refuses.
    #[must_use]
    pub fn new_database(&self) -> String {
        let name = random_name("concord_test_");
        // template0: nobody can be connected to it, so databases can be made at the same time.
        let sql = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'");
        done("create database", psql(&self.tools, &self.url).args(["-c", &sql]));
        with_database(&self.url, &name)
    }

    /// Makes a copy of a database of this server, to which nobody is connected, and returns its URL.
    ///
    /// # Panics
    /// When the server refuses: somebody is connected to it.
    #[must_use]
    pub fn copy_of(&self, url: &str) -> String {
        let address = url.split('?').next().unwrap_or_default();
        let from = address.rsplit('/').next().unwrap_or_default();
        let name = random_name("concord_test_");
        done(
            "copy database",
            psql(&self.tools, &self.url).args(["-c", &format!("CREATE DATABASE {name} TEMPLATE {from}")]),
        );
        with_database(&self.url, &name)
    }

    /// Has the server do something to a database of its own: a test takes away what a program needs, and gives it back.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn run(&self, url: &str, sql: &str) {
        done("statement", psql(&self.tools, url).args(["-c", sql]));
    }

    /// Waits until nobody is connected to a database: what a killed client had asked for last is then done, or is not.
    ///
    /// # Panics
    /// When the server does not answer.
    pub fn is_left(&self, url: &str) {
        let name = url.split('?').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
        let sql = format!("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = '{name}'");
        while done("count", psql(&self.tools, &self.url).args(["-A", "-t", "-c", &sql])).stdout.trim_ascii() != b"0" {}
    }

    /// The folder where the server keeps every table, index and log record: a test searches it for what must not
    /// stand there in the clear, after [`Postgres::checkpoint`]. `None` when the server is not ours.
    #[must_use]
    pub fn data_dir(&self) -> Option<PathBuf> {
        self.own.as_ref().map(|own| own.dir.join("data"))
    }

    /// The server's own log. `None` when the server is not ours.
    #[must_use]
    pub fn log(&self) -> Option<PathBuf> {
        self.own.as_ref().map(|own| own.dir.join("log"))
    }

    /// Has the server write all it holds in memory into [`Postgres::data_dir`].
    ///
    /// # Panics
    /// When the server refuses.
    pub fn checkpoint(&self) {
        done("checkpoint", psql(&self.tools, &self.url).args(["-c", "CHECKPOINT"]));
    }
}

/// The folder of a server we started, and the child that clears it away.
///
/// A `static` is never dropped and a killed process drops nothing. So a child holds the other end of a pipe: when
/// this value or this process is gone the pipe ends, and the child stops the server and removes the folder. It has
/// a process group of its own, so that Ctrl-C does not take it along.
#[derive(Debug)]
struct Own {
    dir: PathBuf,
    watcher: Child,
}

impl Own {
    /// Watched before anything runs in it.
    fn new(tools: &Tools) -> Self {
        let dir = make_folder(tools);
        let mut stop = tools.as_server("pg_ctl");
        stop.arg("-D").arg(dir.join("data")).args(["-m", "immediate", "stop"]);
        // A program that was only just starting may still write into the folder: try again for some seconds.
        let script = "cat; \"$@\"; for i in 0 1 2 3 4 5 6 7 8 9; do rm -rf \"$0\" && exit; sleep 0.5; done";
        let mut watcher = Command::new("sh");
        watcher.arg("-c").arg(script).arg(&dir).arg(stop.get_program()).args(stop.get_args()).current_dir("/");
        watcher.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        match watcher.spawn() {
            Ok(watcher) => Self { dir, watcher },
            Err(why) => {
                let _ = std::fs::remove_dir_all(&dir);
                panic!("cannot start the child that stops PostgreSQL: {why}");
            }
        }
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        // `wait` closes the pipe first.
        let _ = self.watcher.wait();
        if self.dir.exists() {
            eprintln!("the folder {} of a stopped PostgreSQL stays", self.dir.display());
        }
    }
}

/// PostgreSQL's programs.
#[derive(Debug)]
struct Tools {
    bin: PathBuf,
    /// Root cannot run the server; the user `postgres` does.
    as_postgres: bool,
}

impl Tools {
    fn find() -> Self {
        let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let oldest_that_fits = versions
            .filter_map(|dir| Some((dir.file_name().to_str()?.parse::<u32>().ok()?, dir.path().join("bin"))))
            .filter(|(version, bin)| *version >= OLDEST && bin.join("initdb").exists() && bin.join("psql").exists())
            .min();
        let Some((_, bin)) = oldest_that_fits else {
            panic!("PostgreSQL {OLDEST} or newer is missing under /usr/lib/postgresql: `cargo xtask test` installs it");
        };
        let id = Command::new("id").arg("-u").output();
        Self { bin, as_postgres: id.is_ok_and(|o| o.stdout.starts_with(b"0\n")) }
    }

    /// A client program, run as we are.
    fn client(&self, program: &str) -> Command {
        Command::new(self.bin.join(program))
    }

    /// A server program, run as a user whom the server accepts.
    fn as_server(&self, program: &str) -> Command {
        let program = self.bin.join(program);
        let mut command = if self.as_postgres {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        // The server's user may not be allowed into the folder we stand in.
        command.current_dir("/").stdin(Stdio::null());
        command
    }
}

/// A new folder that the server's user owns and can reach.
fn make_folder(tools: &Tools) -> PathBuf {
    let reach = |parent: &Path| {
        let mut test = if tools.as_postgres { Command::new("runuser") } else { Command::new("test") };
        if tools.as_postgres {
            test.args(["-u", "postgres", "--", "test"]);
        }
        test.arg("-x").arg(parent).current_dir("/").status().is_ok_and(|s| s.success())
    };
    let parents = [std::env::temp_dir(), PathBuf::from("/tmp"), PathBuf::from("/var/tmp")];
    let Some(parent) = parents.into_iter().find(|p| reach(p)) else {
        panic!("the user `postgres` can enter none of the temporary folders: set TMPDIR to one it can");
    };
    let dir = parent.join(random_name("concord-pg-"));
    if let Err(why) = std::fs::create_dir(&dir) {
        panic!("cannot make the folder {}: {why}", dir.display());
    }
    if tools.as_postgres {
        done("chown", Command::new("chown").arg("postgres:").arg(&dir));
    }
    dir
}

/// Starts the server on a free port and returns the port.
fn launch(tools: &Tools, dir: &Path, speed: Speed) -> u16 {
    let log = dir.join("log");
    for _ in 0..PORT_TRIES {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
        let mut options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200 \
             -c shared_buffers=256MB"
        );
        if speed == Speed::Fast {
            options.push_str(" -c fsync=off -c full_page_writes=off");
        }
        let mut start = tools.as_server("pg_ctl");
        start.arg("-D").arg(dir.join("data")).arg("-w").args(["-t", "60"]).arg("-l").arg(&log);
        start.args(["-o", &options, "start"]).stdout(Stdio::null()).stderr(Stdio::null());
        if start.status().is_ok_and(|s| s.success()) {
            return port;
        }
        let said = std::fs::read_to_string(&log).unwrap_or_default();
        if !said.contains("could not bind") {
            panic!("PostgreSQL did not start; its log says:\n{said}");
        }
        let _ = std::fs::remove_file(&log);
    }
    panic!("PostgreSQL lost its port {PORT_TRIES} times: something takes every free port of 127.0.0.1");
}

fn psql(tools: &Tools, url: &str) -> Command {
    let mut psql = tools.client("psql");
    psql.args(["--no-psqlrc", "--no-password", "--quiet", "-v", "ON_ERROR_STOP=1", "-d", url]).stdin(Stdio::null());
    psql
}

fn done(what: &str, command: &mut Command) -> Output {
    match command.output() {
        Ok(output) if output.status.success() => output,
        Ok(output) => panic!("{what} failed: {}", String::from_utf8_lossy(&output.stderr).trim()),
        Err(why) => panic!("{what} cannot run: {why}"),
    }
}

/// The same server's URL with another database; parameters stay.
fn with_database(url: &str, name: &str) -> String {
    let (address, parameters) = match url.split_once('?') {
        Some((address, parameters)) => (address, format!("?{parameters}")),
        None => (url, String::new()),
    };
    let server = match address.split_once("://").and_then(|(_, rest)| rest.split_once('/')) {
        Some((_, database)) => address.strip_suffix(database).unwrap_or(address).trim_end_matches('/'),
        None => address.trim_end_matches('/'),
    };
    format!("{server}/{name}{parameters}")
}

/// `prefix` and 16 hex digits nobody else has.
pub(crate) fn random_name(prefix: &str) -> String {
    let mut bytes = [0; 8];
    OsChance.fill(&mut bytes);
    format!("{prefix}{:016x}", u64::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(server: &Postgres, url: &str, sql: &str) -> String {
        let output = done("ask", psql(&server.tools, url).args(["-A", "-t", "-c", sql]));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    #[test]
    fn each_database_is_empty_sorts_bytewise_and_sees_nothing_of_another() {
        let server = Postgres::shared();
        let (a, b) = (server.new_database(), server.new_database());
        ask(server, &a, "CREATE TABLE t (v text)");
        assert_eq!(ask(server, &b, "SELECT to_regclass('t') IS NULL"), "t");
        assert_eq!(ask(server, &b, "SELECT 'B' < 'a', 'Z' < 'é'"), "t|t");
        server.is_left(&a);
        let copy = server.copy_of(&a);
        ask(server, &a, "DROP TABLE t");
        assert_eq!(ask(server, &copy, "SELECT to_regclass('t') IS NULL"), "f", "a copy is a database of its own");
    }

    #[test]
    fn databases_can_be_made_at_the_same_time() {
        let made: Vec<String> = std::thread::scope(|scope| {
            let makers: Vec<_> = (0..6).map(|_| scope.spawn(|| Postgres::shared().new_database())).collect();
            makers.into_iter().map(|m| m.join().expect("a maker")).collect()
        });
        let distinct: std::collections::BTreeSet<_> = made.iter().collect();
        assert_eq!(distinct.len(), 6);
    }

    #[test]
    fn what_a_table_holds_is_found_in_the_data_folder() {
        let server = Postgres::start(Speed::Durable);
        let url = server.new_database();
        assert_eq!(ask(&server, &url, "SHOW fsync"), "on");
        ask(&server, &url, "CREATE TABLE t (v text)");
        ask(&server, &url, "INSERT INTO t VALUES ('needle-in-the-clear')");
        server.checkpoint();
        let data = server.data_dir().expect("our own server");
        let found = Command::new("grep").args(["-rqa", "needle-in-the-clear"]).arg(&data).status().expect("grep");
        assert!(found.success());
        let absent = Command::new("grep").args(["-rqa", "needle-nobody-wrote"]).arg(&data).status().expect("grep");
        assert_eq!(absent.code(), Some(1));
        assert!(server.log().expect("our own server").is_file());
        drop(server);
        assert!(!data.exists(), "a dropped server takes its folder with it");
    }

    #[test]
    fn the_database_is_put_into_any_url() {
        let cases = [
            ("postgres://u@127.0.0.1:5432/postgres", "postgres://u@127.0.0.1:5432/x"),
            ("postgres://u:p@h:1/", "postgres://u:p@h:1/x"),
            ("postgres://u@h", "postgres://u@h/x"),
            ("postgres://u@h/postgres?sslmode=require", "postgres://u@h/x?sslmode=require"),
            ("postgres://h?user=u", "postgres://h/x?user=u"),
            ("postgres://u@postgres/postgres", "postgres://u@postgres/x"),
        ];
        for (from, to) in cases {
            assert_eq!(with_database(from, "x"), to);
        }
    }
}
