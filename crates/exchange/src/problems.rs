//! Problems, gathered and placed; the checks of shape every value passes.

use model::{EntryDraft, FreeText, Invalid, Kind, Problem};
use serde_json::error::Category;

use crate::{MOST_PROBLEMS, MOST_VALUE};

/// The place of a fault that is nowhere in particular.
const FILE: &str = "the file";

/// A fault of the whole file.
pub(crate) fn of_file(field: &str, problem: impl Into<String>, cure: impl Into<String>) -> Problem {
    Invalid::new(problem, cure).at(FILE, field)
}

/// A fault at a line, counted from 1.
pub(crate) fn at_line(line: u64, field: &str, problem: impl Into<String>, cure: impl Into<String>) -> Problem {
    Invalid::new(problem, cure).at(format!("line {line}"), field)
}

/// Text that is no JSON, `before` lines after the beginning of the file. serde_json's words are kept: they speak of
/// signs, never of content.
pub(crate) fn not_json(e: &serde_json::Error, before: usize, cure: &str) -> Problem {
    let text = e.to_string();
    let what = text.split(" at line ").next().unwrap_or_default();
    let line = u64::try_from(before.saturating_add(e.line())).unwrap_or(u64::MAX);
    let field = format!("column {}", e.column());
    if e.classify() == Category::Eof {
        return at_line(line, &field, "the JSON ends early", "export or send the file again: a part is missing");
    }
    at_line(line, &field, format!("is not well-formed JSON: {what}"), cure)
}

/// A list that cannot grow without end, however bad the file.
#[derive(Default)]
pub(crate) struct Problems {
    listed: Vec<Problem>,
    more: bool,
}

impl Problems {
    pub(crate) fn add(&mut self, problem: Problem) {
        if self.listed.len() < MOST_PROBLEMS {
            self.listed.push(problem);
        } else {
            self.more = true;
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    pub(crate) fn into_list(mut self) -> Vec<Problem> {
        if self.more {
            self.listed.push(of_file(
                "problems",
                "more are not listed",
                "correct those listed and read the file again",
            ));
        }
        self.listed
    }
}

/// What any identifier must be, whatever its kind; what the kind asks for is matching's work.
pub(crate) fn check_value(kind: Option<Kind>, value: &str) -> Result<(), Invalid> {
    if value.is_empty() {
        return Err(Invalid::new("is empty", "give the identifier, or remove the row"));
    }
    check_text(value)?;
    if is_number(kind) && is_rounded(value) {
        return Err(Invalid::new(
            "was rounded by a spreadsheet",
            "format the column as text, put the whole number in again and save once more",
        ));
    }
    let is_hash = matches!(kind, Some(Kind::Md5 | Kind::Sha1 | Kind::Sha256 | Kind::Pdq));
    // A hash may begin with the bytes of a picture by chance, and is too short to be one.
    if !(is_hash && value.len() <= 70) {
        FreeText::parse(value)?;
    }
    Ok(())
}

/// What any identifier must be that comes from a form and not from a file, with its platform: no media, one line, not
/// rounded.
///
/// # Errors
/// The value's or the platform's, in words that tell the cure.
pub fn check_draft(draft: &EntryDraft) -> Result<(), Invalid> {
    check_value(Some(draft.kind), &draft.value)?;
    draft.platform.as_deref().map_or(Ok(()), |platform| {
        check_text(platform)?;
        FreeText::parse(platform).map(drop)
    })
}

/// What any short text beside a value must be (platform, report number).
pub(crate) fn check_text(text: &str) -> Result<(), Invalid> {
    if text.len() > MOST_VALUE {
        return Err(Invalid::new(format!("is longer than {MOST_VALUE} bytes"), "give the identifier alone"));
    }
    if text.chars().any(char::is_control) {
        return Err(Invalid::new("holds line breaks or control characters", "write it on one line, as plain text"));
    }
    Ok(())
}

fn is_number(kind: Option<Kind>) -> bool {
    matches!(kind, Some(Kind::Phone | Kind::Imei | Kind::Imsi | Kind::Iccid))
}

/// "3.55406E+14": a spreadsheet shows long numbers so, and saves what it shows.
fn is_rounded(value: &str) -> bool {
    let Some((digits, power)) = value.split_once(['E', 'e']) else { return false };
    let plain = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    plain(power.strip_prefix('+').unwrap_or(power)) && digits.split(['.', ',']).all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounded_numbers_are_told_from_whole_ones() {
        assert!(is_rounded("3.55406E+14") && is_rounded("3,55406e+14") && is_rounded("1E+10"));
        assert!(!is_rounded("355406074480000") && !is_rounded("+1 202 555 0123") && !is_rounded("E12"));
        assert!(check_value(Some(Kind::Handle), "1e10").is_ok(), "a handle may look like that");
    }

    /// Invariant 6, also where an identifier should stand.
    #[test]
    fn a_value_carries_no_picture_but_any_hash() {
        assert!(check_value(Some(Kind::Url), "data:image/png;base64,iVBORw0KGgo").is_err());
        assert!(check_value(Some(Kind::Sha256), &format!("ffd8ff{}", "0".repeat(58))).is_ok());
        assert!(check_value(Some(Kind::Sha256), &format!("ffd8ff{}", "0".repeat(580))).is_err());
    }

    #[test]
    fn the_list_of_problems_ends() {
        let mut p = Problems::default();
        for _ in 0..MOST_PROBLEMS + 5 {
            p.add(of_file("x", "y", "z"));
        }
        let list = p.into_list();
        assert_eq!(list.len(), MOST_PROBLEMS + 1);
        assert_eq!(list[MOST_PROBLEMS].problem, "more are not listed");
    }
}
