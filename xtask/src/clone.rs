//! The README's first command, from a fresh clone, as a newcomer runs it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use crate::steps::seconds;

/// A fresh clone of the committed state; dropped, it is gone.
struct Fresh(PathBuf);

impl Fresh {
    fn here() -> Result<Self, String> {
        let here = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        let fresh = Self(std::env::temp_dir().join(format!("concord-clone-{}", std::process::id())));
        std::fs::create_dir_all(&fresh.0).map_err(|e| e.to_string())?;
        done(Command::new("git").args(["clone", "--quiet"]).arg(here).arg(fresh.0.join("main")))?;
        // The corpus lies beside the project, as it does on the machine that checks.
        let shared = here.join("../shared");
        if shared.is_dir() {
            let real = shared.canonicalize().map_err(|e| e.to_string())?;
            std::os::unix::fs::symlink(real, fresh.0.join("shared")).map_err(|e| e.to_string())?;
        }
        Ok(fresh)
    }

    /// `cargo run --release -- demo` there.
    fn demo(&self, arguments: &[&str]) -> Command {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["run", "--release", "--", "demo"]).args(arguments);
        cargo.current_dir(self.0.join("main")).stdin(Stdio::null());
        for name in
            ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_PKG_NAME", "CARGO_PKG_VERSION", "CARGO_TARGET_DIR"]
        {
            cargo.env_remove(name);
        }
        cargo
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Builds and runs the demo in a fresh clone, then runs it again: the second run is the demo alone.
pub fn demo() -> Result<Vec<String>, String> {
    let fresh = Fresh::here()?;
    let run = || {
        let start = Instant::now();
        done(&mut fresh.demo(&["--no-serve"])).map(|()| start.elapsed())
    };
    let (first, second) = (run()?, run()?);
    drop(fresh);
    if second.as_secs() >= 20 {
        return Err(format!("the demo took {} after the build", seconds(second)));
    }
    Ok(vec![format!("first run with the whole build {}, second run {}", seconds(first), seconds(second))])
}

/// Builds the demo in a fresh clone, lets `visit` come to its portal, and stops it.
pub fn visited(visit: impl FnOnce(&str) -> Result<Vec<String>, String>) -> Result<Vec<String>, String> {
    let fresh = Fresh::here()?;
    let mut demo = Running(
        fresh
            .demo(&["--json", "--port", "0"])
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| format!("cannot run: {e}"))?,
    );
    let mut line = String::new();
    let out = demo.0.stdout.take().ok_or("the demo has no output")?;
    BufReader::new(out).read_line(&mut line).map_err(|e| e.to_string())?;
    let portal = line.split("\"portal\":\"").nth(1).and_then(|rest| rest.split('"').next());
    let portal = portal.ok_or_else(|| format!("the demo names no portal: {line}"))?;
    visit(portal)
}

/// Ends with us, whatever happens.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn done(command: &mut Command) -> Result<(), String> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{} ended with {status}", command.get_program().to_string_lossy())),
        Err(e) => Err(e.to_string()),
    }
}
