//! `concord doctor`.

use casework::{Desk, Exit, Principal, State};
use serde_json::json;

use crate::failure::Failure;
use crate::print::Say;
use crate::tables;

pub async fn run(desk: &Desk, say: Say) -> Result<Exit, Failure> {
    let findings = desk.doctor(&Principal::operator()).await?;
    let count = |state| findings.iter().filter(|f| f.state == state).count();
    let (good, warn, bad) = (count(State::Good), count(State::Warn), count(State::Bad));
    let shape = json!({ "format": "concord.doctor/1", "good": good, "warn": warn, "bad": bad, "findings": findings });
    say.answer(&shape, || {
        let rows = findings.iter().map(|f| {
            let cure = if f.cure.is_empty() { String::new() } else { format!("\n\u{2192} {}", f.cure) };
            vec![f.name.to_owned(), word(f.state).to_owned(), format!("{}{cure}", f.says)]
        });
        let table = tables::table(&["what", "state", "what was seen, and what to do"], rows);
        format!("{table}\n{good} good, {warn} to look at, {bad} bad")
    })?;
    Ok(if bad > 0 { Exit::Failed } else { Exit::Done })
}

fn word(state: State) -> &'static str {
    match state {
        State::Good => "good",
        State::Warn => "warn",
        State::Bad => "BAD",
    }
}
