//! The public CASE examples, read whole: kind, value, platform, window, port and role of each draft.

use std::path::PathBuf;

use exchange::{Format, read};

#[allow(clippy::print_stderr, reason = "a skipped test says so aloud")]
fn example(name: &str) -> Option<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/case");
    let Ok(bytes) = std::fs::read(folder.join(name)) else {
        eprintln!("SKIPPED: {name} is not in {}", folder.display());
        return None;
    };
    let reading = read(name, bytes.as_slice());
    assert_eq!(reading.format, Format::Case);
    let mut out = String::new();
    for d in &reading.drafts {
        let platform = d.platform.as_deref().map(|p| format!(" at {p}")).unwrap_or_default();
        let end = |t: Option<model::Micros>| t.map(|t| t.to_string()).unwrap_or_default();
        let seen =
            if d.seen.is_unknown() { String::new() } else { format!(" {}..{}", end(d.seen.from), end(d.seen.to)) };
        let port = d.port.map(|p| format!(" port {p}")).unwrap_or_default();
        out += &format!("{} {} {}{platform}{port}{seen} ({})\n", d.place, d.kind, d.value, d.role);
    }
    reading.problems.iter().for_each(|p| out += &format!("! {p}\n"));
    Some(out)
}

macro_rules! examples {
    ($($test:ident $file:literal,)*) => { $(
        #[test]
        fn $test() {
            if let Some(out) = example($file) {
                insta::assert_snapshot!(out);
            }
        }
    )* };
}

examples! {
    accounts "accounts.json",
    call_log "call_log.json",
    device "device.json",
    location "location.json",
    message "message.json",
    mobile_device_and_sim_card "mobile_device_and_sim_card.json",
    network_connection "network_connection.json",
}

/// What must never leave such a file.
#[test]
fn passwords_codes_and_messages_are_nowhere() {
    for (file, secrets) in [
        ("accounts.json", ["123secretpassword456", "1337_P@ZZW0RD", "WILLY THE KID"]),
        ("mobile_device_and_sim_card.json", ["123456,", "keypad", "unlock"]),
        ("message.json", ["Hey bud", "some things", "Best Friend"]),
    ] {
        let Some(out) = example(file) else { return };
        for secret in secrets {
            assert!(!out.contains(secret), "{file}: {secret}");
        }
    }
}
