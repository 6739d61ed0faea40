//! Telephone numbers, to E.164.

use super::Read;
use super::text::{ascii_digit, is_mask, separator, unlabel};
use model::{Country, Invalid};
use phonenumber::metadata::DATABASE;
use phonenumber::{Mode, PhoneNumber};

/// Longest number E.164 allows, with some room for prefixes; longer runs never reach the library.
const LONGEST: usize = 17;

const UNASSIGNED: &str = "no numbering plan assigns it";
const EXTENSION: &str = "its extension was left out";
const LOCAL: &str = "it has no area code";

/// A number without `+` is read in the agency's country.
pub(super) fn read(value: &str, country: Country) -> Result<Read, Invalid> {
    let bare = unlabel(value, &["tel:", "phone:", "sms:", "whatsapp:"]);
    let ascii: String = bare.chars().map(ascii_digit).collect();
    let (main, extended) = drop_extension(&ascii);
    let packed: String = main.chars().filter(|c| !separator(*c)).collect();
    let (plus, packed) = packed.strip_prefix('+').map_or((false, packed.as_str()), |rest| (true, rest));
    if packed.chars().any(is_mask) && packed.chars().all(|c| c.is_ascii_digit() || is_mask(c)) {
        return Ok(Read::masked());
    }
    let digits = spell(packed).ok_or_else(not_number)?;
    if digits.len() < 3 || digits.len() > 40 {
        return Err(not_number());
    }
    let candidate = if plus { Some(digits.clone()) } else { international(&digits, country) };
    let Some(candidate) = candidate else {
        return Ok(Read::with(digits, Some("its country is not known, so it was read as it stands")));
    };
    let (text, valid) = canonical(&candidate);
    let doubt = match (lacks_area_code(&text), valid, extended) {
        (true, _, _) => Some(LOCAL),
        (_, false, _) => Some(UNASSIGNED),
        (_, _, true) => Some(EXTENSION),
        _ => None,
    };
    Ok(Read::with(text, doubt))
}

/// A seven-digit number of the North American plan, as "555-0123" is written within one area: it names a different
/// line in every area.
pub(crate) fn lacks_area_code(text: &str) -> bool {
    text.len() == "+1".len() + 7 && text.starts_with("+1")
}

fn not_number() -> Invalid {
    Invalid::new(
        "is not a telephone number",
        "write digits, with + and the country code for other countries, for example +1 206 555 0100",
    )
}

/// Drops what is dialled after the line answers. A bare x counts only after a blank or a number of full length, for
/// an x inside a number is a mask.
fn drop_extension(text: &str) -> (&str, bool) {
    let text = text.split_once(";phone-context=").map_or(text, |(head, _)| head);
    if let Some((head, _)) = text.split_once([';', ',']) {
        return (head.trim_end(), true);
    }
    let head = text.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_whitespace());
    if head.len() == text.len() || !text.ends_with(|c: char| c.is_ascii_digit()) {
        return (text, false);
    }
    let count = |t: &str| t.bytes().filter(u8::is_ascii_digit).count();
    let cut = ["extension", "extn.", "extn", "ext.", "ext"].iter().find_map(|mark| {
        let at = head.len().checked_sub(mark.len())?;
        let (main, tail) = head.split_at_checked(at)?;
        tail.eq_ignore_ascii_case(mark).then_some(main)
    });
    if let Some(main) = cut.filter(|m| count(m) >= 3) {
        return (main.trim_end(), true);
    }
    match head.strip_suffix(['x', 'X', '#']) {
        Some(main) if count(main) >= 7 && main.ends_with(char::is_whitespace) => (main.trim_end(), true),
        Some(main) if count(main) >= 10 && main.ends_with(|c: char| c.is_ascii_digit()) => (main, true),
        _ => (text, false),
    }
}

/// Digits, with letters read off the keypad (ITU-T E.161) as in 800-FLOWERS.
fn spell(packed: &str) -> Option<String> {
    let digits: Option<String> = packed
        .chars()
        .map(|c| match c.to_ascii_uppercase() {
            d if d.is_ascii_digit() => Some(d),
            'A'..='C' => Some('2'),
            'D'..='F' => Some('3'),
            'G'..='I' => Some('4'),
            'J'..='L' => Some('5'),
            'M'..='O' => Some('6'),
            'P'..='S' => Some('7'),
            'T'..='V' => Some('8'),
            'W'..='Z' => Some('9'),
            _ => None,
        })
        .collect();
    // A word is not a number because it can be dialled: three real digits must stand before it.
    let real = packed.bytes().take(3).filter(u8::is_ascii_digit).count() == 3;
    digits.filter(|_| real)
}

/// A number written without `+`, with its country code; `None` when the library does not know the country.
fn international(digits: &str, country: Country) -> Option<String> {
    let region = DATABASE.by_id(country.as_str())?;
    let code = region.country_code().to_string();
    // 00 is dialled in most of the world (ITU-T E.123), 011 from North America.
    let abroad = if code == "1" { digits.strip_prefix("011") } else { None };
    if let Some(rest) = abroad.or_else(|| digits.strip_prefix("00")).filter(|r| r.len() >= 7) {
        return Some(rest.to_owned());
    }
    if digits.len() <= LONGEST {
        let id = country.as_str().parse().ok();
        let parsed = id.and_then(|id| phonenumber::parse(Some(id), digits).ok()).filter(PhoneNumber::is_valid);
        if let Some(number) = parsed {
            return Some(plain(&number));
        }
    }
    if code == "1" && digits.len() == 11 && digits.starts_with('1') {
        return Some(digits.to_owned());
    }
    let national = match region.national_prefix() {
        Some(prefix) if code != "1" => digits.strip_prefix(prefix).unwrap_or(digits),
        _ => digits,
    };
    Some(format!("{code}{national}"))
}

/// The canonical text of a number with its country code, and whether the library calls it valid. The library's form
/// is taken only where it stands still under a second reading.
fn canonical(digits: &str) -> (String, bool) {
    match form(digits) {
        Some(text) if text == digits || form(&text).as_ref() == Some(&text) => (format!("+{text}"), true),
        _ => (format!("+{digits}"), false),
    }
}

fn form(digits: &str) -> Option<String> {
    if digits.len() > LONGEST {
        return None;
    }
    let number = phonenumber::parse(None, format!("+{digits}")).ok()?;
    number.is_valid().then(|| plain(&number))
}

fn plain(number: &PhoneNumber) -> String {
    number.format().mode(Mode::E164).to_string().chars().filter(char::is_ascii_digit).collect()
}
