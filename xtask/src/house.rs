//! The repository as values: its manifests and its files. The checks ([`crate::arrows`], [`crate::tidy`]) take a
//! [`House`], so that their own tests can build a wrong one.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use toml::{Table, Value};

/// What the checks look at.
pub struct House {
    /// The repository's folder.
    pub root: PathBuf,
    /// Names under `[workspace.dependencies]`, our own crates (those with a `path`) left out.
    pub foreign: Vec<String>,
    /// Every package of ours.
    pub packages: Vec<Package>,
    /// Every file that is, or would be, in the repository; from the root, sorted.
    pub files: Vec<String>,
}

/// One package's manifest, as far as the checks go.
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its manifest, from the root.
    pub manifest: String,
    /// True with `[lints] workspace = true`.
    pub inherits_lints: bool,
    /// All it names, in every section and for every target.
    pub names: Vec<Dependency>,
}

/// One dependency.
pub struct Dependency {
    /// The package's name, also when the manifest renames it.
    pub name: String,
    /// Where it stands.
    pub section: Section,
    /// True with `workspace = true`.
    pub inherited: bool,
}

/// A section of dependencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// `[dependencies]`
    Normal,
    /// `[dev-dependencies]`
    Dev,
    /// `[build-dependencies]`
    Build,
}

const SECTIONS: [(&str, Section); 3] =
    [("dependencies", Section::Normal), ("dev-dependencies", Section::Dev), ("build-dependencies", Section::Build)];

impl House {
    /// This repository.
    pub fn here() -> Result<Self, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        Self::at(&root.canonicalize().map_err(|why| format!("cannot find the repository: {why}"))?)
    }

    fn at(root: &Path) -> Result<Self, String> {
        let files = files(root)?;
        let manifest = table(root, "Cargo.toml")?;
        let shared = Shared(inner(&manifest, &["workspace", "dependencies"]));
        let mut packages = Vec::new();
        for path in files.iter().filter(|f| f.ends_with("/Cargo.toml")) {
            packages.push(Package::parse(path, &table(root, path)?, &shared)?);
        }
        Ok(Self { root: root.to_owned(), foreign: shared.foreign(), packages, files })
    }

    /// A text of the repository, or `None` when there is none.
    pub fn text(&self, path: &str) -> Option<String> {
        std::fs::read_to_string(self.root.join(path)).ok()
    }
}

impl Package {
    /// Reads a manifest that stands at `path`.
    fn parse(path: &str, manifest: &Table, shared: &Shared<'_>) -> Result<Self, String> {
        let name = inner(manifest, &["package"]).and_then(|p| p.get("name")).and_then(Value::as_str);
        let name = name.ok_or_else(|| format!("{path} has no package name"))?.to_owned();
        let inherits_lints = inner(manifest, &["lints"]).is_some_and(|l| l.get("workspace") == Some(&true.into()));
        let targets = inner(manifest, &["target"]).into_iter().flat_map(Table::values).filter_map(Value::as_table);
        let mut names = Vec::new();
        for place in std::iter::once(manifest).chain(targets) {
            for (key, section) in SECTIONS {
                for (alias, value) in place.get(key).and_then(Value::as_table).into_iter().flatten() {
                    let inherited = value.get("workspace") == Some(&true.into());
                    let name = match value.get("package").and_then(Value::as_str) {
                        Some(real) => real.to_owned(),
                        None if inherited => shared.real_name(alias),
                        None => alias.clone(),
                    };
                    names.push(Dependency { name, section, inherited });
                }
            }
        }
        Ok(Self { name, manifest: path.to_owned(), inherits_lints, names })
    }
}

/// `[workspace.dependencies]`.
struct Shared<'a>(Option<&'a Table>);

impl Shared<'_> {
    fn real_name(&self, alias: &str) -> String {
        let renamed = self.0.and_then(|t| t.get(alias)).and_then(|v| v.get("package")).and_then(Value::as_str);
        renamed.unwrap_or(alias).to_owned()
    }

    fn foreign(&self) -> Vec<String> {
        let all = self.0.into_iter().flatten();
        all.filter(|(_, value)| value.get("path").is_none()).map(|(alias, _)| self.real_name(alias)).collect()
    }
}

fn inner<'a>(table: &'a Table, path: &[&str]) -> Option<&'a Table> {
    path.iter().try_fold(table, |table, key| table.get(*key)?.as_table())
}

fn table(root: &Path, path: &str) -> Result<Table, String> {
    let text = std::fs::read_to_string(root.join(path)).map_err(|why| format!("cannot read {path}: {why}"))?;
    text.parse().map_err(|why| format!("{path} is not TOML: {why}"))
}

/// What git tracks or would add. Without git, or in a checkout git does not trust, all but what builds and runs leave.
fn files(root: &Path) -> Result<Vec<String>, String> {
    let git = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(root)
        .stdin(Stdio::null())
        .output();
    let mut found = match git {
        Ok(listed) if listed.status.success() => {
            let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
            listed.split_terminator('\0').filter(|f| root.join(f).is_file()).map(str::to_owned).collect()
        }
        _ => walk(root)?,
    };
    found.sort();
    found.dedup();
    Ok(found)
}

fn walk(root: &Path) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let cannot = |why| format!("cannot read {}: {why}", folder.display());
        for item in std::fs::read_dir(&folder).map_err(cannot)? {
            let path = item.map_err(cannot)?.path();
            let Some(name) = path.strip_prefix(root).ok().and_then(Path::to_str) else { continue };
            if path.is_dir() && !path.is_symlink() {
                if ![".git", "target", "concord-data", "concord-data.keys"].contains(&name) {
                    folders.push(path);
                }
            } else {
                found.push(name.to_owned());
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A house of manifests alone: (crate, its manifest after the package table). No files.
    pub fn built_of(packages: &[(&str, &str)]) -> House {
        let workspace: Table =
            "[d]\nmodel = { path = \"m\" }\nsha2 = \"1\"\nsql = { version = \"1\", package = \"sqlx\" }"
                .parse()
                .expect("a manifest");
        let shared = Shared(inner(&workspace, &["d"]));
        let parse = |(name, rest): &(&str, &str)| {
            let text = format!("[package]\nname = \"{name}\"\n{rest}");
            Package::parse(&format!("crates/{name}/Cargo.toml"), &text.parse().expect("a manifest"), &shared)
        };
        House {
            root: PathBuf::from("/nowhere"),
            foreign: shared.foreign(),
            packages: packages.iter().map(|p| parse(p).expect("a package")).collect(),
            files: Vec::new(),
        }
    }

    /// This repository.
    pub fn ours() -> House {
        House::here().expect("this repository")
    }

    /// Fails with every fault on a line of its own.
    pub fn none(faults: Vec<String>) {
        assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    }

    #[test]
    fn a_dependency_is_found_in_every_section_and_under_another_name() {
        let house = built_of(&[(
            "a",
            "[dependencies]\nsql = { workspace = true }\n[build-dependencies]\nx = { version = \"1\", package = \"y\" }\n\
             [target.'cfg(unix)'.dev-dependencies]\nz = \"1\"",
        )]);
        let found: Vec<_> =
            house.packages.iter().flat_map(|p| &p.names).map(|d| (d.name.as_str(), d.section, d.inherited)).collect();
        assert_eq!(found, [("sqlx", Section::Normal, true), ("y", Section::Build, false), ("z", Section::Dev, false)]);
        assert_eq!(house.foreign, ["sha2", "sqlx"]);
    }

    #[test]
    fn the_walk_without_git_finds_what_git_finds() {
        let house = ours();
        let walked = walk(&house.root).expect("the repository");
        for file in &house.files {
            assert!(walked.contains(file), "{file}");
        }
        assert!(!walked.iter().any(|f| f.starts_with("target/")));
    }

    #[test]
    fn every_crate_of_this_repository_is_read() {
        let house = ours();
        for name in
            ["model", "matching", "policy", "ledger", "exchange", "store", "casework", "cli", "testkit", "xtask"]
        {
            assert!(house.packages.iter().any(|p| p.name == name), "{name}");
        }
    }
}
