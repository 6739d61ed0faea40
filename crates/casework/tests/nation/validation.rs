//! docs/VALIDATION.md: written by the run, never by hand.

use std::fmt::Write;
use std::path::Path;

use crate::judged::Judgement;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/VALIDATION.md");

/// Writes the document with `CONCORD_WRITE=1`; otherwise checks that what is written speaks of every rule there is.
pub fn check(judged: &Judgement) {
    if std::env::var_os("CONCORD_WRITE").is_some_and(|v| v == "1") {
        std::fs::write(Path::new(FILE), text(judged)).unwrap();
        return;
    }
    let written = std::fs::read_to_string(FILE).unwrap_or_default();
    for rule in judged.rules.keys() {
        let line = format!("| {rule} |");
        assert!(written.contains(&line), "docs/VALIDATION.md says nothing of {rule}: run with CONCORD_WRITE=1");
    }
}

fn text(j: &Judgement) -> String {
    let mut out = String::new();
    let found = j.planted - u64::try_from(j.missed.len()).unwrap();
    let _ = write!(
        out,
        "# What the matching was tested on\n\n\
         Written by `CONCORD_WRITE=1 CONCORD_NATION={} cargo test --release -p casework --test nation`; these are SQLite's\n\
         figures; PostgreSQL found and missed the same by every rule. Nothing here is written by hand.\n\n\
         The nation (`testkit/src/nation/`) is made up: {} entries in {} cases of {} agencies. Which entries meet is known because\n\
         they were planted, by code that does not know the matcher. A pair counts as found only when each side was told what it\n\
         may know, in its answer or its inbox.\n\n\
         - {found} of {} planted pairs were found.\n\
         - {} conflicts were called strong, {} of them falsely; {} conflicts in all, {} falsely; {} answers \"call the watch desk\" without a cause.\n\
         - {} values on stop-lists or masked were kept and not matched: {} too many, {} too few.\n\
         - {} values were held by more cases than the cap; the watch desk was told {} times.\n\
         - {} values of victims, witnesses and minors were sought in {} texts of answers, inboxes and the watch desk's queue, and in\n\
         every agency's export of its own {} entries without a reason (values withheld: {}): found in {}.\n\n\
         ## Rules\n\n\
         Near misses look alike and must not meet.\n\n\
         | rule | strong pairs | possible pairs | missed | near misses | met | writings tried |\n|---|---|---|---|---|---|---|\n",
        j.entries,
        j.entries,
        j.cases,
        j.agencies,
        j.planted,
        j.strong,
        j.false_strong,
        j.called,
        j.false_called,
        j.false_desk.len(),
        j.suppressed,
        j.suppressed_wrong,
        j.suppressed_missing,
        j.over_cap,
        j.over_cap_told,
        j.protected,
        j.texts,
        j.exported,
        j.withheld,
        j.shown.len()
    );
    for (rule, r) in &j.rules {
        let writings: Vec<&str> = r.writings.iter().copied().collect();
        let (strong, possible, missed, near, met) = (r.strong, r.possible, r.missed, r.near, r.near_met);
        let _ = writeln!(
            out,
            "| {rule} | {strong} | {possible} | {missed} | {near} | {met} | {} |",
            writings.join("; ").replace('|', "/")
        );
    }
    let _ = write!(
        out,
        "\n## Names, by tradition\n\n\
         The rule person-exact promises names and birth dates that are equal in plain form (case, accents, spaces and points\n\
         apart), and nothing more. What it does with names written differently is measured here, not promised: whoever reads\n\
         \"Nothing to show you\" of a person should know for whom it errs more.\n\n\
         | tradition | second writing | pairs | met |\n|---|---|---|---|\n"
    );
    for ((tradition, how), n) in &j.names {
        let _ = writeln!(out, "| {tradition} | {how} | {} | {} |", n.pairs, n.met);
    }
    let _ = write!(
        out,
        "\n## Limits\n\n\
         - The nation's shares of kinds, sizes and errors are this project's judgement; no source counts them.\n\
         - Strong means that the identifiers are equal. It does not say that the people are the same.\n\
         - Silent pairs are planted between agencies at home only, and never within one agency.\n\
         - Carrier-grade NAT ports are not tried: every such range is on the built-in stop-list too.\n\
         - Of the providers' mailbox rules Outlook, Fastmail and Yandex are not planted.\n"
    );
    out
}
