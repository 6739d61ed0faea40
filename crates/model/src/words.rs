//! The words by which one's own text is found again: folded, without accents, cut at what is no letter and no digit.
//!
//! A run of text between spaces gives its parts and the whole without what stands between them: "WA-26-0117" is found by
//! "0117", by "wa" and by "wa260117". A question is cut at spaces only, each run to its whole, so "wa-26-0117" asks for
//! "wa260117" and finds it, however either was written.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::kind::Kind;

/// Words one text gives; a longer one is found by its beginning.
const MOST: usize = 400;
/// Words one value gives.
const MOST_OF_VALUE: usize = 12;
/// A longer word is a key, a hash or noise, and is found whole or not at all.
const LONGEST: usize = 128;
/// Digits by which a telephone is remembered, and those that tell it from every other: with the country and without, the
/// same number ends in the same ten.
const LOCAL: usize = 7;
const WHOLE: usize = 10;

/// Words of a question: more than these are not asked.
pub const MOST_ASKED: usize = 8;

/// Letters that do not come apart into a letter and an accent, as people type them.
fn plain(c: char, out: &mut String) {
    match c {
        'ß' => out.push_str("ss"),
        'æ' => out.push_str("ae"),
        'œ' => out.push_str("oe"),
        'ø' => out.push('o'),
        'đ' | 'ð' => out.push('d'),
        'ł' => out.push('l'),
        'þ' => out.push_str("th"),
        'ı' => out.push('i'),
        _ => out.push(c),
    }
}

/// Lower case, without accents, compatibility forms undone.
fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).nfkd() {
        if !is_combining_mark(c) {
            plain(c, &mut out);
        }
    }
    out
}

fn counts(word: &str) -> bool {
    word.len() <= LONGEST && word.chars().nth(1).is_some()
}

fn whole(run: &str) -> String {
    run.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The end of a number.
fn last(digits: &str, count: usize) -> &str {
    digits.get(digits.len().saturating_sub(count)..).unwrap_or(digits)
}

/// The whole of a run and its parts.
fn run_words(run: &str, out: &mut BTreeSet<String>) {
    let whole = whole(run);
    for part in run.split(|c: char| !c.is_alphanumeric()) {
        if part.len() != whole.len() && counts(part) {
            out.insert(part.to_owned());
        }
    }
    if counts(&whole) {
        out.insert(whole);
    }
}

/// The words of a text: a case's number, its nexus, a message.
pub fn text_words(text: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for run in fold(text).split_whitespace() {
        if out.len() >= MOST {
            break;
        }
        run_words(run, &mut out);
    }
    out
}

/// The words of an identifier: its whole, as written and as it is kept; of a telephone number the last ten digits and the
/// last seven, of an address of e-mail also what stands before the sign and after it. No parts: each word is a row for each of millions
/// of values, and they stand all over their table (docs/ARCHITECTURE.md says what that costs).
pub fn value_words(kind: Kind, raw: &str, normal: Option<&str>) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for form in [Some(raw), normal].into_iter().flatten() {
        let form = fold(form);
        match kind {
            Kind::Phone => {
                let digits: String = form.chars().filter(char::is_ascii_digit).collect();
                out.extend([LOCAL, WHOLE].map(|n| last(&digits, n).to_owned()));
            }
            Kind::Email => {
                let (local, domain) = form.rsplit_once('@').unwrap_or((&form, ""));
                out.extend([local, domain, &form].map(whole));
            }
            // One run of most kinds; people and places are asked for by their names, in any order.
            _ => out.extend(form.split_whitespace().map(whole)),
        }
    }
    // Day and month of a birth are everybody's.
    let everybodys = |w: &String| kind == Kind::Person && w.len() < 4 && w.bytes().all(|b| b.is_ascii_digit());
    out.retain(|w| counts(w) && !everybodys(w));
    while out.len() > MOST_OF_VALUE {
        out.pop_last();
    }
    out
}

/// The words of a question: every one of them must stand in what is found. A number written in groups is one word, of
/// which the last ten digits are asked. Empty when nothing was written that could be found.
pub fn asked_words(text: &str) -> Vec<String> {
    let folded = fold(text);
    let number = |c: char| c.is_ascii_digit() || c.is_whitespace() || "+-.()/".contains(c);
    let digits = whole(&folded);
    let runs: Vec<String> = if folded.chars().all(number) && digits.len() >= LOCAL {
        vec![last(&digits, WHOLE).to_owned()]
    } else {
        folded.split_whitespace().map(whole).collect()
    };
    let words: BTreeSet<String> = runs.into_iter().filter(|w| counts(w)).collect();
    words.into_iter().take(MOST_ASKED).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn joined(words: BTreeSet<String>) -> String {
        words.into_iter().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_text_is_cut_at_what_is_no_letter_and_folded() {
        assert_eq!(joined(text_words("WA-26-0117")), "0117 26 wa wa260117");
        assert_eq!(
            joined(text_words("Désirée's chat-room, Ångström & Straße")),
            "angstrom chat chatroom desiree desirees room strasse"
        );
        assert_eq!(joined(text_words("a I ß 9")), "ss", "one letter finds nothing");
        assert_eq!(text_words(&"w".repeat(500)), BTreeSet::new());
        let long: String = (0..2_000).map(|n| format!("w{n} ")).collect();
        assert_eq!(text_words(&long).len(), MOST);
        assert_eq!(joined(text_words("ＷＩＬＬＹ Łódź Πατέρας")), "lodz willy πατερας");
    }

    #[test]
    fn each_kind_gives_what_people_remember_of_it() {
        let of = |kind, raw, normal| joined(value_words(kind, raw, normal));
        assert_eq!(
            of(Kind::Email, "Willy.Rox+lake@GMAIL.com", Some("willy.rox+lake@gmail.com")),
            "gmailcom willyroxlake willyroxlakegmailcom"
        );
        assert_eq!(of(Kind::Phone, "(206) 555-0142", Some("+12065550142")), "2065550142 5550142");
        assert_eq!(of(Kind::Handle, "Fox_Lake77", None), "foxlake77");
        assert_eq!(of(Kind::Ip, "192.0.2.7", None), "192027");
        assert_eq!(of(Kind::Url, "https://www.example.org/u/fox", None), "httpswwwexampleorgufox");
        assert_eq!(of(Kind::Person, "Quillfeather, Désirée; 1980-02-01", None), "19800201 desiree quillfeather");
        let many: String = (0..50).map(|n| format!("w{n} ")).collect();
        assert_eq!(value_words(Kind::Person, &many, None).len(), MOST_OF_VALUE);
        assert_eq!(of(Kind::Address, "12 Harbour Street, Näs", None), "12 harbour nas street");
    }

    // Whatever is asked as it was written is found.
    #[test]
    fn what_was_written_finds_itself() {
        for (kind, raw, normal) in [
            (Kind::Email, "Willy.Rox+lake@GMAIL.com", Some("willy.rox+lake@gmail.com")),
            (Kind::Phone, "+1 (206) 555-0142", Some("+12065550142")),
            (Kind::Phone, "206.555.0142", Some("+12065550142")),
            (Kind::Phone, "555-0142", None),
            (Kind::Phone, "+44 7911 123456", Some("+447911123456")),
            (Kind::Handle, "Fox_Lake-77", None),
            (Kind::Person, "Ångström, Bartholomew; 1980-02-01", None),
            (Kind::Handle, "Fox_Lake-77", Some("fox_lake-77")),
            (Kind::Url, "https://www.example.org/u/fox", None),
            (Kind::Mac, "00:1b:63:84:45:e6", Some("001b638445e6")),
        ] {
            let (asked, held) = (asked_words(raw), value_words(kind, raw, normal));
            assert!(!asked.is_empty() && asked.iter().all(|w| held.contains(w)), "{raw}: {asked:?} {held:?}");
        }
        for text in ["WA-26-0117", "Ärende 88/26", "contact began in a chess-server"] {
            assert!(asked_words(text).iter().all(|w| text_words(text).contains(w)), "{text}");
        }
    }

    #[test]
    fn a_question_has_few_words_and_none_that_say_nothing() {
        assert_eq!(asked_words("  "), Vec::<String>::new());
        assert_eq!(asked_words("a . ?"), Vec::<String>::new());
        assert_eq!(asked_words("(206) 555-0142"), ["2065550142"]);
        assert_eq!(asked_words("+1 206 555 0142"), ["2065550142"]);
        assert_eq!(asked_words("26 7"), ["26"], "too few digits for a number: words");
        assert_eq!(asked_words("fox@example.org"), ["foxexampleorg"]);
        assert_eq!(asked_words("w1 w2 w3 w4 w5 w6 w7 w8 w9 w10").len(), MOST_ASKED);
    }
}
