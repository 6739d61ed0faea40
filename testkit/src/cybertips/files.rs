//! Many reports in one file, and files in a folder.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::draw::Draw;
use super::{SyntheticTip, Tips};

/// The declaration of an XML document.
pub(super) const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
/// What the published examples of a report carry on their root.
pub(super) const NAMESPACES: &str = " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
     xsi:noNamespaceSchemaLocation=\"https://report.cybertip.org/ispws/xsd\"";
/// Reports of one file of a folder, at most.
const MOST: u64 = 500;

/// How reports stand in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A JSON array of reports.
    Array,
    /// One report a line (NDJSON).
    Lines,
    /// A `<reports>` element of `<report>` elements.
    Xml,
    /// One report as a JSON object.
    OneJson,
    /// One report as an XML document.
    OneXml,
}

impl Form {
    /// The usual ending of such a file's name.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Array | Self::OneJson => "json",
            Self::Lines => "ndjson",
            Self::Xml | Self::OneXml => "xml",
        }
    }
}

/// Writes tips into one file, one at a time; of the forms for one report only the first tip. Gives how many it wrote.
///
/// # Errors
/// What `out` cannot take.
pub fn write_file(form: Form, tips: impl IntoIterator<Item = SyntheticTip>, out: &mut impl Write) -> io::Result<u64> {
    let mut written = 0;
    let one = matches!(form, Form::OneJson | Form::OneXml);
    let mut text = String::new();
    match form {
        Form::Array => out.write_all(b"[\n")?,
        Form::Xml => {
            out.write_all(XML.as_bytes())?;
            out.write_all(b"<reports>\n")?;
        }
        _ => {}
    }
    for tip in tips.into_iter().take(if one { 1 } else { usize::MAX }) {
        if form == Form::Array && written > 0 {
            out.write_all(b",\n")?;
        }
        match form {
            Form::Array | Form::Lines | Form::OneJson => out.write_all(tip.json().as_bytes())?,
            Form::OneXml => out.write_all(tip.xml().as_bytes())?,
            Form::Xml => {
                text.clear();
                tip.element(&mut text);
                out.write_all(text.as_bytes())?;
            }
        }
        if matches!(form, Form::Lines | Form::Xml) {
            out.write_all(b"\n")?;
        }
        written += 1;
    }
    match form {
        Form::Array => out.write_all(b"\n]\n")?,
        Form::Xml => out.write_all(b"</reports>\n")?,
        _ => {}
    }
    Ok(written)
}

/// Writes all tips into a folder, which must be there: files of 1 to 500 reports in every [`Form`], as `seed` says.
/// Gives each file's path, its form and how many reports it holds.
///
/// # Errors
/// What the folder cannot take.
pub fn write_folder(tips: &Tips, seed: u64, folder: &Path) -> io::Result<Vec<(PathBuf, Form, u64)>> {
    let mut draw = Draw::new(seed, u64::MAX);
    let mut rest = tips.iter().peekable();
    let mut files = Vec::new();
    while rest.peek().is_some() {
        let form = draw.pick(&[Form::Array, Form::Lines, Form::Xml, Form::OneJson, Form::OneXml]);
        let many = if matches!(form, Form::OneJson | Form::OneXml) { 1 } else { 1 + draw.below(MOST) };
        let path = folder.join(format!("cybertips-{:05}.{}", files.len(), form.ending()));
        let mut out = io::BufWriter::new(std::fs::File::create(&path)?);
        let written = write_file(form, rest.by_ref().take(usize::try_from(many).unwrap_or(1)), &mut out)?;
        out.flush()?;
        files.push((path, form, written));
    }
    Ok(files)
}
