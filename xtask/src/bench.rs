//! `cargo xtask bench [NAME] [--write]`: runs the benchmarks; with `--write` (or CONCORD_WRITE=1) what they printed becomes
//! their sections of docs/BENCHMARKS.md, beside the machine it was measured on. Nobody writes a number there by hand.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use crate::install;
use crate::steps::{Steps, cargo};

/// A benchmark: its section's name, its target, whose name no other package's has, and whether it prints a table of divan's,
/// which is set as it is.
struct Bench {
    name: &'static str,
    says: &'static str,
    target: &'static str,
    plain: bool,
    needs: Needs,
}

/// What must be there before a benchmark runs.
#[derive(PartialEq, Eq)]
enum Needs {
    Nothing,
    /// The server in release, and wrk.
    ServerAndWrk,
}

/// In the order of their sections.
const BENCHES: &[Bench] = &[
    Bench {
        name: "million",
        says: "A million entries: look-up, check, submission, ledger",
        target: "million",
        plain: false,
        needs: Needs::Nothing,
    },
    Bench {
        name: "load",
        says: "The server under load, a million entries",
        target: "load",
        plain: false,
        needs: Needs::ServerAndWrk,
    },
    Bench { name: "tree", says: "The ledger's tree and proofs", target: "tree", plain: false, needs: Needs::Nothing },
    Bench {
        name: "normalise",
        says: "Normalising, keys and conflicts",
        target: "normalise",
        plain: true,
        needs: Needs::Nothing,
    },
    Bench { name: "token", says: "Fingerprints", target: "token", plain: true, needs: Needs::Nothing },
];

const FILE: &str = "docs/BENCHMARKS.md";

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Wanted {
    name: String,
    write: bool,
}

impl Wanted {
    /// Of the words behind `bench`.
    pub fn read(words: &[&str]) -> Result<Self, String> {
        let set = std::env::var("CONCORD_WRITE").is_ok_and(|v| v == "1");
        let mut wanted = Self { name: String::new(), write: set };
        for word in words {
            match *word {
                "--write" => wanted.write = true,
                flag if flag.starts_with('-') => return Err(format!("no such option: {flag}")),
                name => name.clone_into(&mut wanted.name),
            }
        }
        if BENCHES.iter().any(|b| b.name.contains(&wanted.name)) {
            return Ok(wanted);
        }
        let names: Vec<_> = BENCHES.iter().map(|b| b.name).collect();
        Err(format!("no benchmark is called {}; one of: {}", wanted.name, names.join(", ")))
    }
}

/// Runs them, one step each; goes on after a failure.
pub fn run(wanted: &Wanted) -> ExitCode {
    let mut steps = Steps::default();
    for bench in BENCHES.iter().filter(|b| b.name.contains(&wanted.name)) {
        steps.time(bench.says, || bench.run(wanted.write).map(drop));
    }
    steps.close()
}

/// All but the load for a proof, written down; the figures are the rows that stand beside a target.
///
/// # Errors
/// A benchmark that fails, and a look-up slower beside plain SQL than is promised: a ratio holds on any machine.
pub fn all() -> Result<Vec<String>, String> {
    let mut figures = Vec::new();
    for bench in BENCHES.iter().filter(|b| b.needs == Needs::Nothing) {
        figures.extend(judged(&bench.run(true)?));
    }
    match figures.iter().find(|f| f.contains(RATIO) && f.contains("not met")) {
        Some(slow) => Err(format!("the look-up is too slow beside plain SQL: {slow}")),
        None => Ok(figures),
    }
}

/// The server under load for a proof, written down; the figures are its rows.
///
/// # Errors
/// A benchmark that fails: one answer of another status than 200 is enough.
pub fn load_figures() -> Result<Vec<String>, String> {
    let mut figures = Vec::new();
    for bench in BENCHES.iter().filter(|b| b.needs == Needs::ServerAndWrk) {
        figures.extend(rows(&bench.run(true)?));
    }
    Ok(figures)
}

/// How the rows of the look-up's promise begin their target.
const RATIO: &str = "times the fastest";

/// The rows of tables that say whether a target was met, each behind its heading.
fn judged(printed: &str) -> Vec<String> {
    rows(printed).into_iter().filter(|row| row.contains(": met") || row.contains("**not met**")).collect()
}

/// The rows of tables without their heads, each behind its heading.
fn rows(printed: &str) -> Vec<String> {
    let (mut heading, mut in_body) = ("", false);
    let mut rows = Vec::new();
    for line in printed.lines() {
        if let Some(new) = line.strip_prefix("### ") {
            heading = new;
        } else if line.starts_with("|---") {
            in_body = true;
        } else if !line.starts_with('|') {
            in_body = false;
        } else if in_body {
            rows.push(format!("{heading}: {}", line.trim_matches(['|', ' '])));
        }
    }
    rows
}

impl Bench {
    /// Runs it; what it printed.
    fn run(&self, write: bool) -> Result<String, String> {
        // Of the whole workspace, as the proofs' tests are: what all need is then built once.
        let arguments = ["bench", "--workspace", "--bench", self.target];
        println!("\n== {}: cargo {}", self.says, arguments.join(" "));
        // Built first: the compiler's work is no load of somebody else's.
        let built = cargo(&arguments).arg("--no-run").stdin(Stdio::null()).status();
        if !built.is_ok_and(|s| s.success()) {
            return Err("does not build".to_owned());
        }
        let mut command = cargo(&arguments);
        if self.needs == Needs::ServerAndWrk {
            command.env("CONCORD_LOAD_BINARY", server_and_wrk()?);
        }
        let before = load();
        let printed = printed(&mut command)?;
        if write {
            let file = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join(FILE);
            let old = std::fs::read_to_string(&file).unwrap_or_default();
            let new = with_section(&old, &section(self, &printed, &before, &load()));
            std::fs::write(&file, new).map_err(|why| format!("{FILE}: {why}"))?;
        }
        Ok(printed)
    }
}

/// Builds the server in release and sees to wrk; gives the server's binary.
fn server_and_wrk() -> Result<PathBuf, String> {
    let mut steps = Steps::default();
    let there =
        install::wrk(&mut steps) && steps.run("builds the server", &mut cargo(&["build", "--release", "-p", "cli"]));
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let binary = root.join(target).join("release/concord");
    match binary.canonicalize() {
        Ok(binary) if there => Ok(binary),
        _ => Err(format!("wrk or {} is missing", binary.display())),
    }
}

/// What the command printed, shown as it comes.
fn printed(command: &mut Command) -> Result<String, String> {
    let cannot = |why| format!("cannot run: {why}");
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(cannot)?;
    let mut out = String::new();
    for line in child.stdout.take().into_iter().flat_map(|out| BufReader::new(out).lines()) {
        let line = line.map_err(cannot)?;
        println!("{line}");
        out.push_str(&line);
        out.push('\n');
    }
    match child.wait().map_err(cannot)? {
        status if status.success() => Ok(out),
        status => Err(format!("ended with {status}")),
    }
}

fn section(bench: &Bench, printed: &str, before: &str, after: &str) -> String {
    let printed = printed.trim();
    let body = if bench.plain { format!("```text\n{printed}\n```") } else { printed.to_owned() };
    format!(
        "## {}\n\n`cargo xtask bench {}`, {}. {} Load averages (1, 5, 15 minutes; {} processors): {before} before, {after} after. {}\n\n{body}\n",
        bench.says,
        bench.name,
        said("date", &["-u", "+%F %H:%M UTC"]),
        machine(),
        processors(),
        busy(before),
    )
}

/// The load at the start is not the benchmark's own.
fn busy(before: &str) -> String {
    let one: f64 = before.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or_default();
    if one < 0.5 {
        "Nothing else ran.".to_owned()
    } else {
        format!(
            "**Other work ran on the machine: a load of {one} stood before the first run, so times are too long and ratios count.**"
        )
    }
}

const HEAD: &str = "\
# Benchmarks

Written by `cargo xtask bench --write`; no figure here is written by hand. Each section says when and on what machine it \
was measured. A time is the median, with the least and the most in brackets. Where there is a target it stands beside the \
figure, with what came of it.
";

/// The document with this section in the place of the one of the same heading, or in its order.
fn with_section(old: &str, section: &str) -> String {
    let mut sections: BTreeMap<usize, String> = BTreeMap::new();
    for part in old.split("\n## ").skip(1).map(|part| format!("## {part}")).chain([section.to_owned()]) {
        let place = BENCHES.iter().position(|b| part.starts_with(&format!("## {}\n", b.says)));
        if let Some(place) = place {
            sections.insert(place, part.trim_end().to_owned() + "\n");
        }
    }
    let all: Vec<String> = std::iter::once(HEAD.to_owned()).chain(sections.into_values()).collect();
    all.join("\n")
}

/// What the machine is, in a sentence or two.
fn machine() -> String {
    let file = |name: &str| std::fs::read_to_string(name).unwrap_or_default();
    let of = |text: &str, name: &str| {
        let line = text.lines().find(|l| l.starts_with(name)).and_then(|l| l.split_once(':'));
        line.map_or("unknown".to_owned(), |(_, value)| value.trim().to_owned())
    };
    let memory = of(&file("/proc/meminfo"), "MemTotal");
    let memory = memory.split(' ').next().and_then(|kb| kb.parse::<f64>().ok()).unwrap_or_default() / 1_048_576.0;
    let folder = std::env::temp_dir();
    let disk = said("findmnt", &["-n", "-o", "SOURCE,FSTYPE", "-T", &folder.to_string_lossy()]);
    format!(
        "{}, {} processors, {memory:.0} GiB of memory, databases on {}, Linux {}, {}, {}.",
        of(&file("/proc/cpuinfo"), "model name"),
        processors(),
        disk.split_whitespace().collect::<Vec<_>>().join(" "),
        said("uname", &["-r"]),
        postgres(),
        said("rustc", &["--version"]),
    )
}

/// The oldest PostgreSQL that is there: the one testkit starts.
fn postgres() -> String {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let oldest = versions.filter(|v| v.path().join("bin/postgres").exists()).map(|v| v.path()).min();
    oldest.map_or("no PostgreSQL".to_owned(), |v| said(&v.join("bin/postgres").to_string_lossy(), &["--version"]))
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn load() -> String {
    let all = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    all.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    output.map_or("unknown".to_owned(), |o| String::from_utf8_lossy(&o.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_takes_the_place_of_its_own_and_leaves_the_others() {
        let section = |at: usize, body: &str| format!("## {}\n\n{body}\n", BENCHES[at].says);
        let one = with_section("", &section(1, "first"));
        let two = with_section(&one, &section(0, "before it"));
        let three = with_section(&two, &section(1, "second"));
        assert!(one.starts_with("# Benchmarks") && one.ends_with("first\n"));
        assert!(three.find("before it") < three.find("second") && !three.contains("first\n"));
        assert_eq!(three, with_section(&three, &section(1, "second")));
    }

    #[test]
    fn rows_beside_a_target_are_a_proofs_figures() {
        let printed = "### A\n\n| form | time | target |\n|---|---|---|\n| x | 2.10 | at most 1.5 times the fastest: **not met** |\n| y | 1 s |  |\n\n### B\n\n| what | target |\n|---|---|\n| z | 1 s: met |\n";
        let all = super::rows(printed);
        assert_eq!(all.len(), 3);
        assert_eq!(all[1], "A: y | 1 s");
        let rows = judged(printed);
        assert_eq!(rows, ["A: x | 2.10 | at most 1.5 times the fastest: **not met**", "B: z | 1 s: met"]);
        assert!(rows[0].contains(RATIO) && !rows[1].contains(RATIO));
    }

    #[test]
    fn what_is_asked_for_is_known_or_refused() {
        assert_eq!(Wanted::read(&["tree", "--write"]), Ok(Wanted { name: "tree".to_owned(), write: true }));
        assert!(Wanted::read(&["nonsense"]).is_err_and(|why| why.contains("million")));
        assert!(Wanted::read(&["--fast"]).is_err());
    }

    #[test]
    fn every_benchmark_of_the_repository_has_its_section() {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        let mut found = Vec::new();
        for member in std::fs::read_dir(root.join("crates")).expect("crates").flatten() {
            let text = std::fs::read_to_string(member.path().join("Cargo.toml")).expect("a manifest");
            let manifest: toml::Table = text.parse().expect("TOML");
            for bench in manifest.get("bench").and_then(toml::Value::as_array).into_iter().flatten() {
                let name = bench.get("name").and_then(toml::Value::as_str).expect("a name");
                found.push(name.to_owned());
            }
        }
        let mut known: Vec<_> = BENCHES.iter().map(|b| b.target.to_owned()).collect();
        known.sort();
        found.sort();
        assert_eq!(known, found);
    }
}
