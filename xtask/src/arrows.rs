//! Who may name whom (docs/ARCHITECTURE.md, "The house"), read from the manifests.
//!
//! An arrow of tests (`[dev-dependencies]`) is free, except that nothing names the binary or this tool.

use crate::house::{Dependency, House, Package, Section};

/// A crate of ours, and which of ours it may name.
const ARROWS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("matching", &["model"]),
    ("policy", &["model"]),
    ("ledger", &["model"]),
    ("exchange", &["model"]),
    ("undercover", &["model"]),
    ("analysis", &["model"]),
    ("store", &["policy", "ledger", "model"]),
    ("casework", &["store", "model", "matching", "policy", "ledger", "exchange", "undercover", "analysis"]),
    ("channels", &["casework", "model"]),
    ("outbound", &["casework", "model"]),
    ("portal", &["casework", "policy", "model"]),
    ("public-site", &["analysis", "model"]),
    // model: ids and vocabularies of its arguments; testkit: the demo's clock and story.
    ("cli", &["portal", "public-site", "casework", "channels", "outbound", "store", "testkit", "model"]),
    ("testkit", &["casework", "model", "store"]),
    ("xtask", &[]),
];

/// Values in, values out: no IO, no async, no clock, no chance.
const PURE: &[&str] = &["model", "matching", "policy", "ledger", "exchange", "undercover", "analysis"];

/// What no pure crate may name, not even for its tests.
const HANDS: &[&str] = &["tokio", "async-std", "smol", "getrandom", "rand", "hyper", "reqwest", "axum"];

/// Packages that speak to a database: their names begin so.
const DATABASES: &[&str] = &["sqlx", "sea-query", "rusqlite", "libsqlite3-sys", "postgres", "tokio-postgres", "diesel"];

/// Every arrow between our crates stands in [`ARROWS`].
pub fn arrows(house: &House) -> Vec<String> {
    let mut faults = Vec::new();
    for package in &house.packages {
        let Some((_, may)) = ARROWS.iter().find(|(name, _)| *name == package.name) else {
            faults.push(format!(
                "{}: the crate `{}` has no row of arrows; add one to xtask/src/arrows.rs and to docs/ARCHITECTURE.md",
                package.manifest, package.name
            ));
            continue;
        };
        let ours = package.names.iter().filter(|d| ARROWS.iter().any(|(name, _)| *name == d.name));
        for Dependency { name, section, .. } in ours {
            let allowed = match section {
                Section::Dev => name != "cli" && name != "xtask",
                Section::Normal | Section::Build => may.contains(&name.as_str()),
            };
            if !allowed {
                faults.push(format!(
                    "{}: `{}` must not name `{name}`; move what it needs into a crate it may name ({}) or pass it in",
                    package.manifest,
                    package.name,
                    if may.is_empty() { "none".to_owned() } else { may.join(", ") }
                ));
            }
        }
    }
    faults
}

/// Only the store names a database.
pub fn databases(house: &House) -> Vec<String> {
    let names_one = |d: &Dependency| DATABASES.iter().any(|db| d.name == *db || d.name.starts_with(&format!("{db}-")));
    faults(house, |p| p.name != "store", names_one, "only crates/store speaks to a database; give it a method there")
}

/// Pure crates name nothing that has hands.
pub fn pure(house: &House) -> Vec<String> {
    let has_hands = |d: &Dependency| HANDS.contains(&d.name.as_str());
    let pure = |p: &Package| PURE.contains(&p.name.as_str());
    faults(house, pure, has_hands, "a pure crate takes values, model::Clock and model::Chance; do the rest in casework")
}

/// Every dependency is the workspace's, so that one version and one reason (docs/DEPENDENCIES.md) serve all.
pub fn inherited(house: &House) -> Vec<String> {
    let cure = "put its version into [workspace.dependencies] of the root and write `workspace = true`";
    faults(house, |_| true, |d| !d.inherited, cure)
}

/// Every crate takes the workspace's lints.
pub fn lints(house: &House) -> Vec<String> {
    let lax = house.packages.iter().filter(|p| !p.inherits_lints);
    lax.map(|p| format!("{}: add the two lines `[lints]` and `workspace = true`", p.manifest)).collect()
}

fn faults(
    house: &House,
    of: impl Fn(&Package) -> bool,
    wrong: impl Fn(&Dependency) -> bool,
    cure: &str,
) -> Vec<String> {
    let packages = house.packages.iter().filter(|p| of(p));
    packages
        .flat_map(|p| p.names.iter().map(move |d| (p, d)))
        .filter(|(_, d)| wrong(d))
        .map(|(p, d)| format!("{}: `{}` names `{}`; {cure}", p.manifest, p.name, d.name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::tests::{built_of, none, ours};

    #[test]
    fn crates_name_only_those_they_may() {
        none(arrows(&ours()));
    }

    #[test]
    fn only_the_store_names_a_database() {
        none(databases(&ours()));
    }

    #[test]
    fn pure_crates_have_no_hands() {
        none(pure(&ours()));
    }

    #[test]
    fn every_dependency_is_the_workspaces() {
        none(inherited(&ours()));
    }

    #[test]
    fn every_crate_takes_the_workspaces_lints() {
        none(lints(&ours()));
    }

    #[test]
    fn a_wrong_arrow_is_seen() {
        let wrong = [
            ("model", "[dependencies]\nmatching = { workspace = true }"),
            ("matching", "[build-dependencies]\npolicy = { workspace = true }"),
            ("policy", "[target.'cfg(unix)'.dependencies]\nledger = { workspace = true }"),
            ("testkit", "[dependencies]\nmatching = { workspace = true }"),
            ("ledger", "[dev-dependencies]\ncli = { workspace = true }"),
            ("nobody-knows-it", ""),
        ];
        for package in wrong {
            assert_eq!(arrows(&built_of(&[package])).len(), 1, "{package:?}");
        }
        none(arrows(&built_of(&[
            (
                "store",
                "[dependencies]\nmodel = { workspace = true }\n[dev-dependencies]\ntestkit = { workspace = true }",
            ),
            ("cli", "[dependencies]\nmodel = { workspace = true }"),
        ])));
    }

    #[test]
    fn a_database_outside_the_store_is_seen_under_any_name() {
        for line in ["sqlx = \"1\"", "sql = { workspace = true }", "d = { version = \"1\", package = \"sqlx-core\" }"] {
            for section in ["dependencies", "dev-dependencies"] {
                let text = format!("[{section}]\n{line}");
                assert_eq!(databases(&built_of(&[("casework", &text)])).len(), 1, "{text}");
                none(databases(&built_of(&[("store", &text)])));
            }
        }
    }

    #[test]
    fn hands_of_a_pure_crate_are_seen() {
        let text = "[dependencies]\ngetrandom = \"1\"\n[dev-dependencies]\ntokio = \"1\"";
        assert_eq!(pure(&built_of(&[("ledger", text)])).len(), 2);
        none(pure(&built_of(&[("casework", text)])));
    }

    #[test]
    fn a_version_or_lints_of_a_crates_own_are_seen() {
        assert_eq!(inherited(&built_of(&[("model", "[dependencies]\nsha2 = \"1\"")])).len(), 1);
        none(inherited(&built_of(&[("model", "[dependencies]\nsha2 = { workspace = true }")])));
        assert_eq!(lints(&built_of(&[("model", "[lints.rust]\nunsafe_code = \"allow\"")])).len(), 1);
        none(lints(&built_of(&[("model", "[lints]\nworkspace = true")])));
    }
}
