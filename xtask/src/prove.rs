//! `cargo xtask prove NAME [WORDS]`: runs the lines of one proof, or those that hold the words, and prints the figure of
//! each: the whole takes hours, and a line that failed is run again alone.
//!
//! A line's command prints its figure itself, as `figure: 3,600 races, 0 lost`; nothing here is written by hand. A
//! command that ends well but prints no figure (a filter that matched no test) fails its line.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use crate::fault;
use crate::install;
use crate::steps::{Steps, cargo};

/// One line of a proof.
struct Line {
    /// What it shows.
    says: &'static str,
    /// How.
    run: Run,
}

enum Run {
    /// Cargo's arguments, and what makes the test full size.
    Cargo(&'static [&'static str], &'static [(&'static str, &'static str)]),
    /// Something of our own; gives its figures.
    Own(fn() -> Result<Vec<String>, String>),
}

/// A name and its lines; no lines: not built yet.
type Proof = (&'static str, &'static [Line]);

const PROOFS: &[Proof] = &[
    ("ground", GROUND),
    ("nation", NATION),
    ("portal", PORTAL),
    ("who-may", &[]),
    ("prove-it", &[]),
    ("watch-desk", &[]),
    ("undercover", &[]),
    ("scale", &[]),
];

/// A test at full size. Of the whole workspace: package by package what all of them need would be built anew with other
/// features, ten minutes each.
macro_rules! test {
    ($test:literal $(, $filter:literal)* $(; $name:literal = $value:literal)*) => {
        Run::Cargo(&["test", "--release", "--workspace", "--test", $test, "--", $($filter,)* "--nocapture"], &[$(($name, $value)),*])
    };
}

/// A line whose size is the same here and in CI, and which measures no time: the form CI has built.
macro_rules! held {
    ($package:literal, $test:literal $(, $filter:literal)*) => {
        Run::Cargo(&["test", "-p", $package, "--test", $test, "--", $($filter,)* "--nocapture"], &[])
    };
}

/// The ground: entries, matches, answers and the ledger on both databases.
const GROUND: &[Line] = &[
    Line { says: "a fresh clone shows who must call whom", run: Run::Own(crate::clone::demo) },
    Line { says: "real CASE files meet a CSV written differently", run: held!("casework", "corpus") },
    Line {
        says: "one identifier of sixty agencies is one gathering",
        run: held!("casework", "flow", "sixty_agencies"),
    },
    Line { says: "eight processes lose no pair", run: test!("race"; "CONCORD_RACE" = "4000") },
    Line { says: "the control loses it", run: held!("store", "suite", "looking_before_the_commit") },
    Line {
        says: "what others see does not depend on what is hidden",
        run: test!("interference"; "CONCORD_HISTORIES" = "200"),
    },
    Line {
        says: "nor does the time it takes",
        run: Run::Cargo(&["run", "--release", "-p", "casework", "--example", "timing", "--", "10000"], &[]),
    },
    Line { says: "what was tampered with is named", run: held!("store", "suite", "tampering") },
    Line { says: "nothing stands in the clear at rest", run: held!("store", "at_rest") },
    Line { says: "bad files store nothing and say what to do", run: held!("cli", "bad_files") },
];

/// The nation: volumes and mixtures as the country has them.
const NATION: &[Line] = &[
    Line {
        says: "a million entries: what is planted is found and nothing else",
        run: test!("nation"; "CONCORD_NATION" = "1010000"; "CONCORD_WRITE" = "1"),
    },
    Line { says: "a bulk submit killed 60 times loses nothing", run: test!("killed"; "CONCORD_KILLS" = "60") },
    Line {
        says: "generated CyberTips read in JSON and XML",
        run: test!("cybertip_generated"; "CONCORD_TIPS" = "100000"),
    },
    Line { says: "malformed tips are refused or tolerated by name", run: held!("exchange", "cybertip_malformed") },
    Line { says: "malformed tips", run: test!("fuzzed"; "CONCORD_FUZZ_SECONDS" = "3600") },
    Line { says: "100,000 CyberTips twice", run: test!("tips_at_size"; "CONCORD_TIPS_STORED" = "100000") },
    Line { says: "the five kinds of reader of 2258A(g)", run: held!("casework", "tips", "each_kind_of_reader") },
    Line {
        says: "backup and restore give the same answers on both databases",
        run: held!("cli", "ops", "backup_and_restore_give_the_same_answers_on_both_databases"),
    },
    Line { says: "a backup holds no key", run: held!("cli", "ops", "a_backup_holds_no_key_and_no_identifier") },
    Line {
        says: "no case goes to a foreign agency without a covering approval",
        run: held!("cli", "ops", "a_case_transferred_to_a_foreign_agency_without_a_covering_approval_is_refused"),
    },
    Line {
        says: "the check against plain SQL, and the other figures of docs/BENCHMARKS.md",
        run: Run::Own(crate::bench::all),
    },
    Line { says: "a fresh clone's demo on the full nation", run: Run::Own(crate::clone::demo) },
];

/// The portal: pages, API, jobs and letters, under load and killed.
const PORTAL: &[Line] = &[
    Line { says: "a fresh clone's demo, told in a second browser", run: Run::Own(demo_in_browsers) },
    Line { says: "the flow with script off", run: held!("portal", "chromium", "with_script_off") },
    Line {
        says: "every page in five forms in Chromium, script on and off, by keyboard",
        run: held!("portal", "chromium"),
    },
    Line { says: "hostile values and names are words", run: held!("portal", "suite", "hostile::") },
    Line {
        says: "walks over the table: strangers and other agencies' members find nothing, every address leaves its event",
        run: held!("portal", "suite", "doors::", "events::"),
    },
    Line { says: "the rest of the pages and of the API", run: held!("portal", "suite") },
    Line { says: "schemathesis and openapi-spec-validator", run: held!("portal", "schemathesis") },
    Line { says: "letters arrive at least once under one id", run: held!("casework", "letters") },
    Line { says: "bulk jobs go on after a cut at any moment", run: held!("casework", "bulk_killed") },
    Line {
        says: "the server killed during jobs and delivery, 20 times each on both databases",
        run: test!("server_killed"; "CONCORD_SERVER_KILLS" = "20"),
    },
    Line { says: "the server under load beside bare SQL", run: Run::Own(crate::bench::load_figures) },
];

/// The story's last lines, before a demo that runs from a fresh clone.
fn demo_in_browsers() -> Result<Vec<String>, String> {
    let test = ["test", "-p", "portal", "--test", "demo", "--", "--nocapture"];
    crate::clone::visited(|portal| figures_of(cargo(&test).env("CONCORD_DEMO_PORTAL", portal)))
}

/// What marks a figure in a command's output.
const MARK: &str = "figure: ";

/// The proofs' names, for a message.
pub fn names() -> String {
    PROOFS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// Runs one proof: its lines that hold these words.
pub fn run(name: &str, words: &str) -> ExitCode {
    let Some((_, lines)) = PROOFS.iter().find(|(known, _)| *known == name) else {
        return fault(&format!("no proof is called `{name}`; one of: {}", names()));
    };
    if lines.is_empty() {
        return fault(&format!("the proof `{name}` is not built yet: it has no line in xtask/src/prove.rs"));
    }
    if let Some(missing) = missing(lines) {
        return fault(&format!("the proof `{name}` is not built yet: {missing} is missing"));
    }
    let lines: Vec<&Line> = lines.iter().filter(|line| line.says.contains(words)).collect();
    if lines.is_empty() {
        return fault(&format!("no line of the proof `{name}` holds `{words}`; its lines stand in xtask/src/prove.rs"));
    }
    let mut steps = Steps::default();
    if !install::for_tests(&mut steps) {
        return steps.close();
    }
    let mut figures = Vec::new();
    for Line { says, run } in lines {
        steps.time(says, || {
            let printed = match run {
                Run::Own(work) => {
                    println!("\n== {says}");
                    work()?
                }
                Run::Cargo(arguments, sizes) => {
                    println!("\n== {says}: cargo {}", arguments.join(" "));
                    figures_of(cargo(arguments).envs(sizes.iter().copied()))?
                }
            };
            if printed.is_empty() {
                return Err(format!("printed no figure (a line that holds `{MARK}`)"));
            }
            figures.extend(printed.into_iter().map(|figure| (*says, figure)));
            Ok(())
        });
    }
    println!("\n== figures of {name}");
    for (says, figure) in figures {
        println!("{says}: {figure}");
    }
    steps.close()
}

/// Runs a command, shows its output as it comes and keeps its figures.
fn figures_of(command: &mut Command) -> Result<Vec<String>, String> {
    let cannot = |why| format!("cannot run: {why}");
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(cannot)?;
    let mut figures = Vec::new();
    for line in child.stdout.take().into_iter().flat_map(|out| BufReader::new(out).split(b'\n')) {
        let line = line.map_err(cannot)?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        // With one test thread cargo's "test name ... " stands before it on the same line.
        if let Some((_, figure)) = line.split_once(MARK) {
            figures.push(figure.trim().to_owned());
        } else if let Some(passed) = line.strip_prefix("test result: ok. ").and_then(|rest| rest.split_once(" passed"))
        {
            // A line of plain promises prints none of its own: how many held is its figure. None run is no figure.
            if passed.0 != "0" {
                figures.push(format!("{} tests held", passed.0));
            }
        }
    }
    match child.wait().map_err(cannot)? {
        status if status.success() => Ok(figures),
        status => Err(format!("ended with {status}")),
    }
}

/// The first test a proof names that is not there, or stands in two packages.
fn missing(lines: &[Line]) -> Option<String> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let tests = lines.iter().filter_map(|l| match &l.run {
        Run::Cargo(arguments, _) => Some((after(arguments, "-p"), after(arguments, "--test")?)),
        Run::Own(_) => None,
    });
    let there = |package: &Path, test: &str| {
        let folder = package.join("tests").join(test);
        folder.with_extension("rs").is_file() || folder.join("main.rs").is_file()
    };
    let crates = std::fs::read_dir(root.join("crates")).into_iter().flatten().flatten().map(|at| at.path());
    let packages: Vec<_> = crates.chain([root.join("testkit"), root.join("xtask")]).collect();
    for (package, test) in tests {
        let named = |at: &&PathBuf| package.is_none_or(|package| at.ends_with(package));
        if packages.iter().filter(named).filter(|at| there(at, test)).count() != 1 {
            return Some(format!("the one test `{test}` of {}", package.unwrap_or("any package")));
        }
    }
    None
}

/// What follows a flag.
fn after<'a>(run: &[&'a str], flag: &str) -> Option<&'a str> {
    run.iter().position(|w| *w == flag).and_then(|at| run.get(at + 1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_or_unbuilt_proof_is_not_run() {
        assert_eq!(run("nonsense", ""), ExitCode::from(2));
        assert_eq!(run(PROOFS.iter().find(|(_, lines)| lines.is_empty()).expect("one").0, ""), ExitCode::from(2));
        assert_eq!(run("nation", "a line that is not there"), ExitCode::from(2));
    }

    #[test]
    fn every_test_a_proof_names_is_there() {
        for (name, lines) in PROOFS {
            assert_eq!(missing(lines), None, "{name}");
        }
    }

    #[test]
    fn figures_are_what_the_command_printed() {
        let shell = |script: &str| figures_of(Command::new("sh").args(["-c", script]));
        let printed = shell("echo 'test a ... figure: 12 ms'; echo noise; echo 'figure: 3 of 3'");
        assert_eq!(printed, Ok(vec!["12 ms".to_owned(), "3 of 3".to_owned()]));
        assert_eq!(shell("echo 'ok: 0 tests'"), Ok(vec![]));
        assert!(shell("echo 'figure: 1'; exit 3").is_err());
    }

    #[test]
    fn a_test_that_is_not_there_is_named() {
        const fn line(run: Run) -> Line {
            Line { says: "", run }
        }
        assert_eq!(missing(&[line(test!("race")), line(held!("store", "suite"))]), None);
        assert_eq!(missing(&[line(test!("gone"))]).as_deref(), Some("the one test `gone` of any package"));
        assert_eq!(missing(&[line(held!("cli", "race"))]).as_deref(), Some("the one test `race` of cli"));
        // Three packages have one: which is meant?
        assert_eq!(missing(&[line(test!("suite"))]).as_deref(), Some("the one test `suite` of any package"));
    }
}
