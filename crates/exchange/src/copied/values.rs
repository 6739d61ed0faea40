//! Values that have no form of their own: a label says what they are.

use model::Kind;

use super::words;

/// What a labelled text gives for its kind.
pub(super) enum Value {
    /// One or more values, with the platform a bracket behind them names.
    Some(Vec<(String, Option<String>)>),
    Masked,
    None,
}

/// Reads the value of a kind that only its label makes known.
pub(super) fn read(kind: Kind, text: &str, strict: bool) -> Value {
    let text = text.trim().trim_matches('"');
    if words::is_placeholder(text) {
        return Value::None;
    }
    let one = |value: Option<String>| value.map_or(Value::None, |v| Value::Some(vec![(v, None)]));
    match kind {
        Kind::Imei => digits(text, 14..=16),
        Kind::Imsi => digits(text, 10..=15),
        Kind::Iccid => digits(text, 18..=22),
        Kind::Mac => one(first_word(text).filter(|w| w.len() == 12 && w.bytes().all(|b| b.is_ascii_hexdigit()))),
        Kind::Serial => word(text, |w| w.len() >= 4 && w.bytes().any(|b| b.is_ascii_digit())),
        Kind::P2p => word(text, |w| {
            let packed: String = w.chars().filter(|c| !matches!(c, '{' | '}' | '-')).collect();
            matches!(packed.len(), 32 | 40) && packed.bytes().all(|b| b.is_ascii_hexdigit())
        }),
        Kind::Vin => word(text, |w| w.len() == 17 && w.bytes().all(|b| b.is_ascii_alphanumeric())),
        Kind::Plate => {
            let plain: String =
                text.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-')).collect();
            let plain = plain.trim();
            let fits = (4..=12).contains(&plain.len()) && plain.bytes().any(|b| b.is_ascii_digit());
            one(fits.then(|| plain.to_owned()))
        }
        Kind::Domain => one(first_word(text).filter(|w| {
            w.contains('.')
                && !w.contains(['@', '/'])
                && w.rsplit('.').next().is_some_and(|e| e.len() > 1 && e.chars().all(char::is_alphabetic))
        })),
        Kind::Wallet => word(text, |w| {
            (25..=110).contains(&w.len())
                && w.bytes().all(|b| b.is_ascii_alphanumeric())
                && w.bytes().any(|b| b.is_ascii_digit())
        }),
        Kind::Url => one(first_word(text).filter(|w| {
            w.split_once('/').is_some_and(|(host, _)| {
                host.contains('.') && host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'))
            })
        })),
        Kind::Room => one(names(text, strict).into_iter().next().map(|(v, _)| v)),
        _ => Value::None,
    }
}

/// Account names: parted by commas, each perhaps with its platform in brackets or after "on".
pub(super) fn accounts(text: &str, strict: bool) -> Value {
    if words::is_placeholder(text) {
        return Value::None;
    }
    if text.contains(['*', '\u{2022}', '\u{25cf}', '\u{2588}']) {
        return Value::Masked;
    }
    Value::Some(names(text, strict))
}

fn names(text: &str, strict: bool) -> Vec<(String, Option<String>)> {
    let text = text.get(..text.len().min(600)).unwrap_or_default();
    let mut found = Vec::new();
    for piece in text.split([',', ';', '|', '\t']) {
        let piece = piece.trim().trim_matches('"');
        let (head, platform) = match piece.split_once(" (").or_else(|| piece.split_once(" [")) {
            Some((head, inner)) => {
                let inner = inner.split([')', ']']).next().unwrap_or_default();
                (head, words::platform(inner).map(str::to_owned))
            }
            None => match piece.rsplit_once(" on ").or_else(|| piece.rsplit_once(" at ")) {
                Some((head, at)) => (head, words::platform(at).map(str::to_owned)),
                None => (piece, None),
            },
        };
        let head = head.split("  ").next().unwrap_or_default().split(" - ").next().unwrap_or_default().trim();
        let bare = head.strip_prefix('@').unwrap_or(head);
        let words = bare.split_whitespace().count();
        let most = if strict { 1 } else { 3 };
        if bare.chars().any(char::is_alphanumeric)
            && (words <= most || is_grouped(bare))
            && bare.len() <= 100
            && !words::is_placeholder(bare)
        {
            found.push((bare.to_owned(), platform));
        }
    }
    found
}

/// A number written in groups of at most four, as an IBAN is.
fn is_grouped(text: &str) -> bool {
    text.split_whitespace().all(|w| w.len() <= 4 && w.bytes().all(|b| b.is_ascii_alphanumeric()))
        && text.bytes().filter(u8::is_ascii_digit).count() > 7
        && text.len() < 45
}

/// Account names in running text: "the account with username birdseed was".
pub(super) fn accounts_in_prose(text: &str) -> Vec<String> {
    const NO_NAMES: [&str; 34] = [
        "and",
        "or",
        "is",
        "was",
        "of",
        "the",
        "with",
        "for",
        "that",
        "which",
        "has",
        "in",
        "on",
        "to",
        "a",
        "provided",
        "associated",
        "listed",
        "above",
        "below",
        "following",
        "given",
        "registered",
        "used",
        "changed",
        "change",
        "from",
        "at",
        "as",
        "by",
        "are",
        "were",
        "you",
        "not",
    ];
    let mut found = Vec::new();
    let mut before = "";
    let mut last = "";
    for word in text.split_whitespace() {
        let label = last.trim_end_matches(':').to_ascii_lowercase();
        let two = format!("{} {label}", before.to_ascii_lowercase());
        let named = matches!(label.as_str(), "username" | "screenname" | "gamertag")
            || matches!(two.as_str(), "user name" | "screen name" | "user id");
        let name = word.trim_matches(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'));
        let is_name = (3..=40).contains(&name.len())
            && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'))
            && !NO_NAMES.contains(&name.to_ascii_lowercase().as_str());
        if named && is_name && !last.ends_with(['.', ',']) {
            found.push(name.to_owned());
        }
        (before, last) = (last, word);
    }
    found
}

fn first_word(text: &str) -> Option<String> {
    let word = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|')).next()?;
    let word = word.trim_matches(['(', ')', '.', '"']);
    (!word.is_empty()).then(|| word.to_owned())
}

fn word(text: &str, fits: impl Fn(&str) -> bool) -> Value {
    let Some(word) = first_word(text) else { return Value::None };
    if word.contains(['*', '\u{2022}']) {
        return Value::Masked;
    }
    if fits(&word) { Value::Some(vec![(word, None)]) } else { Value::None }
}

/// A number in groups, of so many digits.
fn digits(text: &str, wanted: std::ops::RangeInclusive<usize>) -> Value {
    let mut end = 0;
    let mut count = 0;
    for (i, c) in text.char_indices().take(40) {
        if c.is_ascii_digit() {
            count += 1;
            end = i + 1;
        } else if matches!(c, '*' | 'x' | 'X' | '\u{2022}') {
            return Value::Masked;
        } else if !matches!(c, ' ' | '-' | '/') {
            break;
        }
    }
    match text.get(..end) {
        Some(value) if wanted.contains(&count) => Value::Some(vec![(value.to_owned(), None)]),
        _ => Value::None,
    }
}
