//! Files for a spreadsheet. What others wrote must stay words there: a cell that a spreadsheet would take for a formula
//! begins with an apostrophe.

use casework::answer::Answer;
use csv::{Terminator, WriterBuilder};

/// Rows under a header, as CSV that a spreadsheet opens safely (RFC 4180, UTF-8 with its mark, which Excel needs).
pub(crate) fn rows<const N: usize>(header: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    // Writing into memory cannot fail, and a record is always as long as the header.
    let _ = writer.write_record(header);
    for row in rows {
        let _ = writer.write_record(row.map(|cell| disarmed(&cell)));
    }
    let text = String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default();
    format!("\u{feff}{text}")
}

/// The same text, and no formula (OWASP, CSV injection).
pub(crate) fn disarmed(cell: &str) -> String {
    let first = cell.chars().find(|c| !c.is_whitespace() || matches!(c, '\t' | '\r' | '\n'));
    match first {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}') => {
            format!("'{cell}")
        }
        _ => cell.to_owned(),
    }
}

/// An answer: a line for each of one's own identifiers that met something, or cannot.
pub(crate) fn answer(a: &Answer) -> String {
    let row = |result: &str, kind: &str, yours: &str, why: &str, who: [&str; 4]| {
        let [agency, contact, telephone, if_not] = who;
        [result, kind, yours, why, agency, contact, telephone, if_not, &a.receipt].map(str::to_owned)
    };
    let met = a.conflicts.iter().flat_map(|c| {
        let word = c.strength.to_string();
        c.matches.iter().map(move |m| {
            let o = &c.other;
            row(&word, &m.kind, &m.yours, &m.why, [&o.agency, &o.contact, &o.telephone, &o.if_no_answer])
        })
    });
    let desk = a.desk.iter().map(|d| {
        let call = format!("call the watch desk, {}", d.watch_desk);
        row("call the watch desk", "", &d.yours, "", ["", "", "", &call])
    });
    let kept = a.suppressed.iter().map(|s| row("never matched", &s.kind, &s.value, &s.why, [""; 4]));
    let all: Vec<_> = met.chain(desk).chain(kept).collect();
    rows(["result", "kind", "yours", "why", "agency", "contact", "telephone", "no_answer", "receipt"], all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for bad in ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\r=1", "＝1"] {
            assert!(disarmed(bad).starts_with('\''), "{bad}");
        }
        assert_eq!(disarmed("user@example.org"), "user@example.org");
        let text = rows(["a"], [["=cmd|' /C calc'!A0".to_owned()]]);
        assert!(text.contains("'=cmd"), "{text}");
    }
}
