//! Runs commands, says what each is and how long it took, and keeps the list for the closing summary.

use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// What was done so far.
#[derive(Default)]
pub struct Steps(Vec<Step>);

struct Step {
    says: String,
    took: Duration,
    failed: Option<String>,
}

impl Steps {
    /// Runs a command with its output shown and without standard input.
    pub fn run(&mut self, says: &str, command: &mut Command) -> bool {
        println!("\n== {says}: {}", spelled(command));
        self.time(says, || match command.stdin(Stdio::null()).status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("ended with {status}")),
            Err(why) => Err(format!("cannot run: {why}")),
        })
    }

    /// Does something of our own.
    pub fn time(&mut self, says: &str, work: impl FnOnce() -> Result<(), String>) -> bool {
        let start = Instant::now();
        let failed = work().err();
        let took = start.elapsed();
        match &failed {
            None => println!("== {says}: done in {}", seconds(took)),
            Some(why) => println!("== {says}: FAILED after {}: {why}", seconds(took)),
        }
        let good = failed.is_none();
        self.0.push(Step { says: says.to_owned(), took, failed });
        good
    }

    /// Prints the summary; success only when every step was one.
    pub fn close(self) -> ExitCode {
        println!("\n== summary");
        for Step { says, took, failed } in &self.0 {
            let ending = failed.as_ref().map_or(String::new(), |why| format!("  FAILED: {why}"));
            println!("{:>9}  {says}{ending}", seconds(*took));
        }
        let failed = self.0.iter().filter(|s| s.failed.is_some()).count();
        if failed == 0 {
            println!("all {} steps done", self.0.len());
            ExitCode::SUCCESS
        } else {
            println!("{failed} of {} steps FAILED", self.0.len());
            ExitCode::FAILURE
        }
    }
}

/// The cargo that runs us, in the repository's folder.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    // Set for us by `cargo run`; inherited, they would tell crates' build scripts and tests that they are xtask, and
    // ring, whose script watches them, would be built anew each time with all that stands on it.
    for (name, _) in std::env::vars_os() {
        let ours = name.to_str().is_some_and(|n| n.starts_with("CARGO_PKG_") || n.starts_with("CARGO_MANIFEST_"));
        if ours {
            command.env_remove(name);
        }
    }
    command
}

fn spelled(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program()).file_name().unwrap_or_else(|| command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|w| w.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// "3.2 s", "4 min 05 s".
pub fn seconds(took: Duration) -> String {
    let whole = took.as_secs();
    if whole < 60 { format!("{:.1} s", took.as_secs_f64()) } else { format!("{} min {:02} s", whole / 60, whole % 60) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failed_step_fails_the_run_and_the_others_still_ran() {
        let mut steps = Steps::default();
        assert!(steps.run("true", &mut Command::new("true")));
        assert!(!steps.run("false", &mut Command::new("false")));
        assert!(!steps.run("missing", &mut Command::new("/no/such/program")));
        assert!(steps.time("own", || Ok(())));
        assert_eq!(steps.0.len(), 4);
        assert_eq!(steps.close(), ExitCode::FAILURE);
        let mut good = Steps::default();
        good.time("own", || Ok(()));
        assert_eq!(good.close(), ExitCode::SUCCESS);
    }

    #[test]
    fn a_step_has_no_standard_input() {
        assert!(Steps::default().run("read", Command::new("sh").args(["-c", "! read line"])));
    }

    #[test]
    fn times_are_read_at_a_glance() {
        assert_eq!(seconds(Duration::from_millis(3_240)), "3.2 s");
        assert_eq!(seconds(Duration::from_secs(245)), "4 min 05 s");
    }
}
