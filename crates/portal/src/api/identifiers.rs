//! Identifiers of a body, made the same drafts as a page's rows and a file's lines: by the one reader of CSV.

use casework::{Reading, read};
use model::{AgeClass, EntryRole, Invalid, Kind, Problem};
use serde::Deserialize;
use utoipa::ToSchema;

/// One identifier.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Identifier {
    /// What sort of value.
    kind: Kind,
    /// The value as you have it.
    #[schema(min_length = 1)]
    value: String,
    /// The platform; a handle needs one.
    platform: Option<String>,
    /// Whose it is; unknown when it is not said.
    role: Option<EntryRole>,
    /// Adult or minor; unknown when it is not said.
    age: Option<AgeClass>,
    /// When it was first seen in use, RFC 3339 with an offset.
    seen_from: Option<String>,
    /// When last.
    seen_to: Option<String>,
    /// Port of an IP address.
    #[schema(minimum = 1, maximum = 65535)]
    port: Option<u16>,
}

/// The columns of the CSV they become.
const COLUMNS: [&str; 8] = ["kind", "value", "platform", "role", "age", "seen_from", "seen_to", "port"];

/// Reads them; every problem at once, each at its "identifiers/3".
pub(crate) fn reading(identifiers: &[Identifier], most: usize) -> Result<Reading, Vec<Problem>> {
    if identifiers.is_empty() || identifiers.len() > most {
        let what = Invalid::new(
            format!("are {}; one request brings 1 to {most}", identifiers.len()),
            "split them, or ask for a bulk job",
        );
        return Err(vec![what.at("the body", "identifiers")]);
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing into memory cannot fail, and a record is always as long as the header.
    let _ = writer.write_record(COLUMNS);
    let mut problems = Vec::new();
    for (at, one) in identifiers.iter().enumerate() {
        let port = one.port.map(|p| p.to_string()).unwrap_or_default();
        let said = |text: &'_ Option<String>| text.clone().unwrap_or_default();
        let cells = [
            one.kind.word().to_owned(),
            one.value.clone(),
            said(&one.platform),
            one.role.map(|r| r.word().to_owned()).unwrap_or_default(),
            one.age.map(|a| a.word().to_owned()).unwrap_or_default(),
            said(&one.seen_from),
            said(&one.seen_to),
            port,
        ];
        // A line end in a cell would move every later row to another line.
        for (column, cell) in COLUMNS.iter().zip(&cells) {
            if cell.chars().any(char::is_control) {
                let what = Invalid::new("holds a control character", "leave it out");
                problems.push(what.at(format!("identifiers/{at}"), *column));
            }
        }
        let _ = writer.write_record(&cells);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut reading = read("request.csv", writer.into_inner().unwrap_or_default().as_slice());
    for place in
        reading.problems.iter_mut().map(|p| &mut p.place).chain(reading.drafts.iter_mut().map(|d| &mut d.place))
    {
        if let Some(row) = row_of(place) {
            *place = row;
        }
    }
    if reading.drafts.is_empty() && reading.problems.is_empty() {
        let what = Invalid::new("say nothing", "give at least one value");
        return Err(vec![what.at("the body", "identifiers")]);
    }
    Ok(reading)
}

/// Line 2 of the CSV is the first identifier, which JSON counts as 0.
fn row_of(place: &str) -> Option<String> {
    let line: usize = place.strip_prefix("line ")?.parse().ok()?;
    Some(format!("identifiers/{}", line.checked_sub(2)?))
}
