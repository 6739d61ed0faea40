//! CSV out: what [`crate::read`] reads back to the same drafts.

use csv::{QuoteStyle, Terminator, WriterBuilder};
use model::EntryDraft;

use crate::columns::Column;

/// Writes drafts as CSV with every column (RFC 4180, comma, CR LF, UTF-8 without a mark).
///
/// Values stand as they are, so that they read back: a cell that begins with `=`, `+`, `-` or `@` is not disarmed.
/// A file for a spreadsheet is the portal's to make.
pub fn write_csv(drafts: &[EntryDraft]) -> String {
    let mut writer =
        WriterBuilder::new().quote_style(QuoteStyle::Necessary).terminator(Terminator::CRLF).from_writer(Vec::new());
    // Writing into memory cannot fail, and a record is always as long as the header.
    let _ = writer.write_record(Column::ALL.map(Column::word));
    for draft in drafts {
        let _ = writer.write_record(Column::ALL.map(|column| cell(draft, column)));
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

fn cell(draft: &EntryDraft, column: Column) -> String {
    fn said<T: ToString>(value: Option<T>) -> String {
        value.map(|v| v.to_string()).unwrap_or_default()
    }
    match column {
        Column::Kind => draft.kind.to_string(),
        Column::Value => draft.value.clone(),
        Column::Role => draft.role.to_string(),
        Column::Age => draft.age.to_string(),
        Column::Class => said(draft.class),
        Column::Source => said(draft.source),
        Column::Report => said(draft.report.as_ref()),
        Column::SeenFrom => said(draft.seen.from),
        Column::SeenTo => said(draft.seen.to),
        Column::Platform => said(draft.platform.as_ref()),
        Column::Port => said(draft.port),
        Column::Marking => said(draft.marking.as_ref()),
        Column::Reliability => said(draft.reliability),
        Column::Validity => said(draft.validity),
        Column::Level => said(draft.level),
        Column::Note => draft.note.as_ref().map(|n| n.as_str().to_owned()).unwrap_or_default(),
    }
}
