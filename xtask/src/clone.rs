//! The README's first command, from a fresh clone, as a newcomer runs it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::steps::seconds;

/// Clones the committed state, builds and runs the demo there, then runs it again: the second run is the demo alone.
pub fn demo() -> Result<Vec<String>, String> {
    let here = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let folder = std::env::temp_dir().join(format!("concord-clone-{}", std::process::id()));
    let removed = Removed(folder.clone());
    let clone = folder.join("main");
    std::fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
    done(Command::new("git").args(["clone", "--quiet"]).arg(here).arg(&clone))?;
    // The corpus lies beside the project, as it does on the machine that checks.
    let shared = here.join("../shared");
    if shared.is_dir() {
        let real = shared.canonicalize().map_err(|e| e.to_string())?;
        std::os::unix::fs::symlink(real, folder.join("shared")).map_err(|e| e.to_string())?;
    }
    let run = || {
        let start = Instant::now();
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["run", "--release", "--", "demo", "--no-serve"]).current_dir(&clone).stdin(Stdio::null());
        for name in
            ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_PKG_NAME", "CARGO_PKG_VERSION", "CARGO_TARGET_DIR"]
        {
            cargo.env_remove(name);
        }
        done(&mut cargo).map(|()| start.elapsed())
    };
    let (first, second) = (run()?, run()?);
    drop(removed);
    if second.as_secs() >= 20 {
        return Err(format!("the demo took {} after the build", seconds(second)));
    }
    Ok(vec![format!("first run with the whole build {}, second run {}", seconds(first), seconds(second))])
}

fn done(command: &mut Command) -> Result<(), String> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{} ended with {status}", command.get_program().to_string_lossy())),
        Err(e) => Err(e.to_string()),
    }
}

struct Removed(PathBuf);

impl Drop for Removed {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
