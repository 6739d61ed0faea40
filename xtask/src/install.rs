//! What tests and benchmarks need from the machine: PostgreSQL's programs, Chromium with its driver for the pages, two
//! programs of Python for the API, and wrk for the load. testkit starts servers of its own; the machine's is never used,
//! and one that the package starts is stopped.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::steps::Steps;

/// The oldest major version the store is written for; testkit looks for the same.
const OLDEST: u32 = 15;

/// Sees to all that tests need, and stops where something cannot be had.
pub fn for_tests(steps: &mut Steps) -> bool {
    postgres(steps) && chromium(steps) && npm(steps) && python(steps)
}

/// Sees to PostgreSQL; says what was found or installed.
fn postgres(steps: &mut Steps) -> bool {
    if let Some(version) = found() {
        return steps.time(&format!("PostgreSQL {version} is there: nothing to install"), || Ok(()));
    }
    if !is_root() || !Path::new("/usr/bin/apt-get").exists() {
        return steps.time("PostgreSQL", || {
            Err(format!(
                "the tests need PostgreSQL {OLDEST} or newer under /usr/lib/postgresql, and only root with apt-get can \
                 install it here: run `apt-get install postgresql postgresql-client` as root, then this again"
            ))
        });
    }
    let before = clusters();
    let installed = steps.run("installs: apt lists", apt().args(["update", "-q"]))
        && steps.run(
            "installs: postgresql, postgresql-client",
            apt().args(["install", "-q", "-y", "--no-install-recommends", "postgresql", "postgresql-client"]),
        );
    // Also after a failed install, which may have come as far as starting a server.
    let stopped = steps.time("stops the server that the package started", || {
        clusters().iter().filter(|c| !before.contains(c)).try_for_each(stop)
    });
    installed
        && stopped
        && steps.time("looks again for PostgreSQL", || match found() {
            Some(_) => Ok(()),
            None => {
                Err(format!("apt-get brought no PostgreSQL {OLDEST} or newer: add PostgreSQL's own package source"))
            }
        })
}

/// Sees to Chromium and chromedriver; says what was found or installed.
fn chromium(steps: &mut Steps) -> bool {
    let there = || ["/usr/bin/chromium", "/usr/bin/chromedriver"].iter().all(|program| Path::new(program).exists());
    if there() {
        return steps.time("Chromium and chromedriver are there: nothing to install", || Ok(()));
    }
    if !is_root() || !Path::new("/usr/bin/apt-get").exists() {
        return steps.time("Chromium", || {
            Err("the pages' tests need /usr/bin/chromium and /usr/bin/chromedriver, and only root with apt-get can install \
                 them here: run `apt-get install chromium chromium-driver` as root, then this again"
                .to_owned())
        });
    }
    steps.run("installs: apt lists", apt().args(["update", "-q"]))
        && steps.run(
            "installs: chromium, chromium-driver",
            apt().args(["install", "-q", "-y", "--no-install-recommends", "chromium", "chromium-driver"]),
        )
        && steps.time("looks again for Chromium", || {
            if there() { Ok(()) } else { Err("apt-get brought no Chromium".to_owned()) }
        })
}

/// Sees to wrk, which asks the server under load.
pub fn wrk(steps: &mut Steps) -> bool {
    // Whether it runs is all that is asked; it says its version and fails.
    let there = || Command::new("wrk").arg("--version").stdin(Stdio::null()).output().is_ok();
    if there() {
        return steps.time("wrk is there: nothing to install", || Ok(()));
    }
    if !is_root() || !Path::new("/usr/bin/apt-get").exists() {
        return steps.time("wrk", || {
            Err("the load needs wrk, and only root with apt-get can install it here: run `apt-get install wrk` as root, \
                 then this again"
                .to_owned())
        });
    }
    steps.run("installs: apt lists", apt().args(["update", "-q"]))
        && steps.run("installs: wrk", apt().args(["install", "-q", "-y", "--no-install-recommends", "wrk"]))
        && steps.time("looks again for wrk", || if there() { Ok(()) } else { Err("apt-get brought no wrk".to_owned()) })
}

/// The two readers of the API's description, in an environment of their own under the target directory: nothing of the
/// machine's Python changes.
fn python(steps: &mut Steps) -> bool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let wanted = root.join("crates/portal/tests/schemathesis/requirements.txt");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let (home, done) = (target.join("python"), target.join("python/installed.txt"));
    let text = std::fs::read(&wanted).ok();
    if text.is_some() && std::fs::read(&done).ok() == text {
        return steps.time("schemathesis and openapi-spec-validator are there: nothing to install", || Ok(()));
    }
    let pip = home.join("bin/pip");
    // Debian's python3 comes without what makes an environment.
    let makes = Command::new("python3").args(["-c", "import ensurepip, venv"]).stdin(Stdio::null()).output();
    let ready = makes.is_ok_and(|said| said.status.success())
        || (is_root()
            && steps.run("installs: apt lists", apt().args(["update", "-q"]))
            && steps.run(
                "installs: python3, python3-venv",
                apt().args(["install", "-q", "-y", "--no-install-recommends", "python3", "python3-venv"]),
            ));
    ready
        && steps.run("installs: an environment of Python", Command::new("python3").args(["-m", "venv"]).arg(&home))
        && steps.run(
            "installs: schemathesis, openapi-spec-validator",
            Command::new(pip).args(["install", "--quiet", "--disable-pip-version-check", "-r"]).arg(&wanted),
        )
        && steps.time("remembers what was installed", || {
            std::fs::copy(&wanted, &done).map(drop).map_err(|why| format!("cannot write {}: {why}", done.display()))
        })
}

/// Sees to npm, with which the build fetches the pages' assets.
fn npm(steps: &mut Steps) -> bool {
    steps.time("npm, with which the build fetches fonts and htmx by their lock file", || {
        match Command::new("npm").arg("--version").stdin(Stdio::null()).output() {
            Ok(said) if said.status.success() => Ok(()),
            _ => {
                Err("npm is not installed: install Node.js with npm (on Debian: apt-get install nodejs npm)".to_owned())
            }
        }
    })
}

/// The version whose programs the tests will use.
fn found() -> Option<u32> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions
        .filter_map(|dir| Some((dir.file_name().to_str()?.parse::<u32>().ok()?, dir.path().join("bin"))))
        .filter(|(version, bin)| *version >= OLDEST && bin.join("initdb").exists() && bin.join("psql").exists())
        .map(|(version, _)| version)
        .min()
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout.starts_with(b"0\n"))
}

fn apt() -> Command {
    let mut apt = Command::new("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive");
    apt
}

/// A server of Debian's postgresql-common: version and name.
#[derive(PartialEq, Eq)]
struct Cluster {
    version: String,
    name: String,
}

fn clusters() -> Vec<Cluster> {
    let listed = Command::new("pg_lsclusters").arg("--no-header").stdin(Stdio::null()).output();
    listed.map_or_else(|_| Vec::new(), |o| parse(&String::from_utf8_lossy(&o.stdout)))
}

fn parse(listed: &str) -> Vec<Cluster> {
    let rows = listed.lines().map(str::split_whitespace);
    rows.filter_map(|mut row| Some(Cluster { version: row.next()?.to_owned(), name: row.next()?.to_owned() })).collect()
}

/// Stops a server and keeps it from starting with the machine; it holds nothing yet.
fn stop(cluster: &Cluster) -> Result<(), String> {
    let Cluster { version, name } = cluster;
    let start = format!("/etc/postgresql/{version}/{name}/start.conf");
    std::fs::write(&start, "disabled\n").map_err(|why| format!("cannot write {start}: {why}"))?;
    let ended = Command::new("pg_ctlcluster")
        .args(["--force", version, name, "stop"])
        .stdin(Stdio::null())
        .status()
        .map_err(|why| format!("cannot run pg_ctlcluster: {why}"))?;
    match ended.code() {
        // 2: it was not running.
        Some(0 | 2) => {
            println!("   PostgreSQL {version}/{name} does not run");
            Ok(())
        }
        _ => Err(format!("PostgreSQL {version}/{name} does not stop: {ended}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_is_read_from_debians_list() {
        let listed = "15  main    5432 down   postgres /var/lib/postgresql/15/main /var/log/postgresql/x.log\n\n";
        let found = parse(listed);
        assert_eq!(found.iter().map(|c| (c.version.as_str(), c.name.as_str())).collect::<Vec<_>>(), [("15", "main")]);
    }
}
