//! A committed table: compared, or rewritten when UPDATE_MATRIX=1.

use std::path::Path;

/// Compares with the file of this crate, or rewrites it.
pub fn compare(file: &str, now: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("UPDATE_MATRIX").is_some_and(|v| v == "1") {
        std::fs::write(&path, now).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let changed: Vec<String> = lines_only_in(&committed, now)
        .map(|l| format!("- {l}"))
        .chain(lines_only_in(now, &committed).map(|l| format!("+ {l}")))
        .collect();
    assert!(
        committed == now,
        "{file} has changed; look at each line, then run with UPDATE_MATRIX=1:\n{}",
        changed.join("\n")
    );
}

fn lines_only_in<'a>(these: &'a str, those: &'a str) -> impl Iterator<Item = &'a str> {
    let those: std::collections::HashSet<&str> = those.lines().collect();
    these.lines().filter(move |line| !those.contains(line))
}
