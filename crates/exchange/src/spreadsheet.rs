//! Tables for spreadsheets: they are looked at, not read back.

use csv::{QuoteStyle, Terminator, WriterBuilder};

/// Writes a table as CSV (RFC 4180, comma, CR LF, UTF-8) of which no cell is a formula: one that begins with `=`, `+`, `-`,
/// `@`, their full-width forms, a tab or a line's end gets an apostrophe before it (OWASP, CSV Injection).
pub fn write_table<const N: usize>(header: &[&str; N], rows: &[[String; N]]) -> String {
    let mut writer =
        WriterBuilder::new().quote_style(QuoteStyle::Necessary).terminator(Terminator::CRLF).from_writer(Vec::new());
    // Writing into memory cannot fail, and a record is always as long as the header.
    let _ = writer.write_record(header);
    for row in rows {
        let _ = writer.write_record(row.iter().map(|cell| disarmed(cell)));
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

fn disarmed(cell: &str) -> String {
    const ARMED: &[char] = &['=', '+', '-', '@', '\t', '\r', '\n', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}'];
    if cell.starts_with(ARMED) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for armed in ["=1+1", "+1 202-555-0123", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\u{FF1D}1"] {
            let text = write_table(&["a", "b"], &[[armed.to_owned(), "plain = text".to_owned()]]);
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let row = reader.records().next().unwrap().unwrap();
            assert_eq!((&row[0], &row[1]), (format!("'{armed}").as_str(), "plain = text"));
        }
    }
}
