//! A Concord in a folder of its own, used as a user uses it: by its binary.

#![allow(dead_code, reason = "each test file uses its own part of this")]
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on must fail")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// What a command did.
pub struct Ran {
    pub exit: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Its one line of JSON, with this exit code.
    pub fn json(&self, exit: i32) -> Value {
        assert_eq!(self.exit, exit, "{}{}", self.out, self.err);
        assert_eq!(self.out.lines().count(), 1, "one line: {}", self.out);
        serde_json::from_str(&self.out).expect("a line of JSON")
    }
}

/// A folder with a database and its keys.
pub struct Site {
    pub dir: TempDir,
    /// Said with every command.
    always: Vec<String>,
}

pub const ANA: &str = "ana@example.org";
pub const BEN: &str = "ben@example.org";
pub const CARLA: &str = "carla@example.org";
pub const DAN: &str = "dan@example.org";

impl Site {
    /// Nothing yet.
    pub fn empty() -> Self {
        Self { dir: TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder"), always: Vec::new() }
    }

    /// As [`Site::new`], with its tables in a new PostgreSQL database.
    pub fn on_postgres() -> Self {
        let url = testkit::Postgres::shared().new_database();
        Self { always: vec!["--database".to_owned(), url], ..Self::empty() }.filled()
    }

    /// Initialised: two agencies; Ana (WA-1) at one; Ben (N-1, also supervisor), the unsworn
    /// Carla and Dan at the other.
    pub fn new() -> Self {
        Self::empty().filled()
    }

    fn filled(self) -> Self {
        let site = self;
        site.run(&["init", "--watch-desk", "202-555-0100"]).json(0);
        let puget = site.agency("Puget Sound ICAC Task Force", "state", "206-555-0101");
        let navajo = site.agency("Navajo Nation Police, ICAC unit", "tribal", "928-555-0102");
        site.member(&puget, "Ana Reyes", ANA, &["--sworn"]);
        site.member(&navajo, "Ben Yazzie", BEN, &["--sworn", "--role", "investigator", "--role", "supervisor"]);
        site.member(&navajo, "Carla Stone", CARLA, &[]);
        site.member(&navajo, "Dan Whitaker", DAN, &["--sworn"]);
        site.case(ANA, "WA-1");
        site.case(BEN, "N-1");
        site
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> &'static str {
        std::fs::write(self.path(name), content).expect("a file");
        // Commands run inside the folder, so a name alone is the path; tests are short, so it may leak.
        Box::leak(name.to_owned().into_boxed_str())
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        let always: Vec<&str> = self.always.iter().map(String::as_str).collect();
        run_in(self.dir.path(), &[args, &always[..]].concat())
    }

    /// The binary with these arguments and those said with every command, not run yet.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_concord"));
        command.args(args).args(&self.always).current_dir(self.dir.path());
        command
    }

    /// Where its tables are.
    pub fn place(&self) -> store::Place {
        match self.always.as_slice() {
            [_, url] => store::Place::Postgres(url.clone()),
            _ => store::Place::Sqlite(self.path("concord-data/concord.db")),
        }
    }

    /// Waits until what a killed command had asked of the database is done, or is not.
    pub fn is_left(&self) {
        if let store::Place::Postgres(url) = self.place() {
            testkit::Postgres::shared().is_left(&url);
        }
    }

    /// A second site that is what this one is now. Nobody may be at work in this one.
    pub fn copy(&self) -> Self {
        let dir = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let copied = Command::new("cp").arg("-r").arg(self.path(".")).arg(dir.path()).status().expect("cp");
        assert!(copied.success());
        let always = match self.always.as_slice() {
            [flag, url] => vec![flag.clone(), testkit::Postgres::shared().copy_of(url)],
            none => none.to_vec(),
        };
        Self { dir, always }
    }

    pub fn agency(&self, name: &str, kind: &str, telephone: &str) -> String {
        let made = self.run(&["agency", "add", "--name", name, "--kind", kind, "--telephone", telephone]).json(0);
        made["agency"].as_str().expect("an id").to_owned()
    }

    pub fn member(&self, agency: &str, name: &str, email: &str, more: &[&str]) -> String {
        let telephone = "206-555-0111";
        let args = ["member", "add", "--agency", agency, "--name", name, "--email", email, "--telephone", telephone];
        self.run(&[&args[..], more].concat()).json(0)["member"].as_str().expect("an id").to_owned()
    }

    pub fn case(&self, who: &str, number: &str) -> String {
        let made = self.run(&[
            "case",
            "open",
            "--as",
            who,
            "--number",
            number,
            "--threat-area",
            "enticement",
            "--nexus",
            "contact began in a chat room",
            "--predicate",
            "chat logs kept by a parent",
        ]);
        made.json(0)["case"].as_str().expect("an id").to_owned()
    }

    pub fn submit(&self, who: &str, case: &str, file: &str) -> Ran {
        self.run(&["submit", "--as", who, "--case", case, file])
    }

    pub fn check(&self, who: &str, case: &str, file: &str) -> Ran {
        self.run(&["check", "--as", who, "--purpose", "before a warrant", "--case", case, file])
    }
}

/// A day some weeks ahead, by the machine's clock.
pub fn soon() -> String {
    use casework::model::Clock;
    testkit::SystemClock.now().plus_days(30).to_string()
}

pub fn run_in(dir: &Path, args: &[&str]) -> Ran {
    let done = Command::new(env!("CARGO_BIN_EXE_concord"))
        .args(args)
        .current_dir(dir)
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs");
    Ran {
        exit: done.status.code().expect("an exit code"),
        out: String::from_utf8(done.stdout).expect("UTF-8"),
        err: String::from_utf8(done.stderr).expect("UTF-8"),
    }
}

/// The names and kinds of a JSON value; an array is shown by its first element.
pub fn shape(v: &Value) -> Value {
    match v {
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), shape(v))).collect(),
        Value::Array(list) => Value::Array(list.first().map(shape).into_iter().collect()),
        Value::String(_) => "text".into(),
        Value::Number(_) => "number".into(),
        Value::Bool(_) => "bool".into(),
        Value::Null => "null".into(),
    }
}

/// One row each, written differently.
pub const HERS: &str =
    "kind,value,role\nemail,Someone.X@Example.org,subject\nphone,(202) 555-0123,subject\nip,192.168.1.9,unknown\n";
pub const HIS: &str = "kind,value,role\nemail,someone.x@example.org,subject\nphone,+1 202.555.0123,subject\n";

/// Every key of `wanted` stands in `got` with the same kind, at every depth; `got` may hold more.
pub fn holds(got: &Value, wanted: &Value, at: &str) {
    match (got, wanted) {
        (Value::Object(got), Value::Object(wanted)) => {
            for (key, wanted) in wanted {
                let got = got.get(key).unwrap_or_else(|| panic!("{at}/{key} is gone"));
                holds(got, wanted, &format!("{at}/{key}"));
            }
        }
        (Value::Array(got), Value::Array(wanted)) => {
            assert_eq!(got.is_empty(), wanted.is_empty(), "{at}: {got:?}");
            got.iter().zip(wanted).for_each(|(g, w)| holds(g, w, &format!("{at}/0")));
        }
        _ => assert_eq!(got, wanted, "{at}"),
    }
}

/// Whom to call.
pub fn other() -> Value {
    json!({ "agency": "text", "contact": "text", "telephone": "text", "if_no_answer": "text" })
}
