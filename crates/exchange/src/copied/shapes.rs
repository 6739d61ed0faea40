//! Identifiers found by their form in a stretch of text.

use std::net::{IpAddr, Ipv4Addr};

use model::Kind;

use super::telephones;
use super::wallets::{self, Run};
use super::words;

/// An identifier and where it stands.
pub(super) struct Hit {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
    pub(super) value: String,
    pub(super) port: Option<u16>,
}

/// What looks like an identifier and is none one can use.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Spoilt {
    Masked(Kind),
    Broken(Kind),
    Network,
}

/// What a stretch of text holds.
#[derive(Default)]
pub(super) struct Found {
    pub(super) hits: Vec<Hit>,
    pub(super) spoilt: Vec<Spoilt>,
}

/// A word and where it begins.
struct Word<'a> {
    at: usize,
    text: &'a str,
}

/// Longest word looked into.
const LONGEST: usize = 2_048;

/// Endings of files, which are no domains: a file's name with @ in it is not an address.
const FILES: [&str; 24] = [
    "jpg", "jpeg", "png", "gif", "webp", "heic", "bmp", "tif", "tiff", "mp4", "mov", "avi", "mkv", "webm", "wmv",
    "mpg", "mpeg", "zip", "rar", "txt", "pdf", "mp3", "doc", "csv",
];

/// Finds all that has a form of its own. `label` is the kind the text's label names; `busy` are stretches that are
/// times already; `phones` is false where a label makes telephone numbers unlikely.
pub(super) fn scan(text: &str, label: Option<Kind>, busy: &[(usize, usize)], phones: bool) -> Found {
    let mut found = Found::default();
    // Every form has a digit, a dot or one of these signs.
    if !text.bytes().any(|b| b.is_ascii_digit() || matches!(b, b'.' | b'@' | b'$' | b'*' | b':') || !b.is_ascii()) {
        return found;
    }
    let words = words_of(text);
    let mut busy: Vec<(usize, usize)> = busy.to_vec();
    let mut next_busy = 0;
    for (i, word) in words.iter().enumerate() {
        while busy.get(next_busy).is_some_and(|b| b.1 <= word.at) {
            next_busy += 1;
        }
        let taken = busy.get(next_busy).is_some_and(|b| b.0 < word.at + word.text.len());
        if word.text.len() > LONGEST || (taken && !word.text.contains("://")) {
            continue;
        }
        let before = i.checked_sub(1).and_then(|i| words.get(i)).map_or("", |w| w.text);
        let after = words.get(i + 1..).unwrap_or_default();
        one(text, word, before, after, label, &mut found);
    }
    // Both lists rise, so the union does after one sort; telephone numbers stand only between.
    busy.extend(found.hits.iter().map(|h| (h.start, h.end)));
    busy.sort_unstable();
    if phones || label == Some(Kind::Phone) {
        telephones::find(text, &busy, label == Some(Kind::Phone), &mut found);
    }
    found.hits.sort_by_key(|h| h.start);
    found
}

fn one(text: &str, word: &Word, before: &str, after: &[Word], label: Option<Kind>, found: &mut Found) {
    let mut push = |kind, value: &str, port| {
        found.hits.push(Hit { start: word.at, end: word.at + word.text.len(), kind, value: value.to_owned(), port });
    };
    let bare = trim(word.text);
    if bare.len() < 3 || bare.contains("://") || bare.starts_with("magnet:?") {
        if let Some(url) = url_of(word.text) {
            let host = url.split_once("://").map_or("", |(_, r)| r).split(['/', ':', '?']).next().unwrap_or_default();
            if wallets::is_onion(host) {
                push(Kind::Onion, host, None);
            } else if !words::is_staff_mailbox("", host) {
                push(Kind::Url, url, None);
            }
        }
        return;
    }
    if is_masked(bare) {
        let kind = if bare.contains('@') {
            Some(Kind::Email)
        } else if is_masked_ip(bare) {
            Some(Kind::Ip)
        } else {
            label
        };
        if let Some(kind) = kind {
            found.spoilt.push(Spoilt::Masked(kind));
            return;
        }
    }
    if bare.contains('@') {
        match mail_of(bare) {
            Some(Ok((local, domain))) if !words::is_staff_mailbox(local, domain) => {
                push(Kind::Email, &format!("{local}@{domain}"), None);
            }
            Some(Err(())) => found.spoilt.push(Spoilt::Broken(Kind::Email)),
            _ => {}
        }
        return;
    }
    if let Some((address, port)) = ip_of(word.text, before) {
        let end = word.at + word.text.len();
        let follows = text.get(end..).unwrap_or_default();
        let port = port.or_else(|| port_after(follows, after));
        push(Kind::Ip, address, port);
        return;
    }
    if bare.contains('/') && bare.split_once('/').is_some_and(|(a, n)| a.parse::<IpAddr>().is_ok() && n.len() <= 3) {
        found.spoilt.push(Spoilt::Network);
        return;
    }
    if is_mac(bare) {
        push(Kind::Mac, bare, None);
        return;
    }
    if wallets::is_onion(bare.split('/').next().unwrap_or_default()) {
        push(Kind::Onion, bare.split('/').next().unwrap_or_default(), None);
        return;
    }
    if let Some(tag) = bare.strip_prefix('$')
        && (2..=20).contains(&tag.len())
        && tag.starts_with(|c: char| c.is_ascii_alphabetic())
        && tag.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    {
        push(Kind::Payment, bare, None);
        return;
    }
    let run = bare.rsplit([':', '=']).next().unwrap_or(bare);
    let linked =
        ["bitcoin:", "ethereum:", "monero:", "litecoin:"].iter().any(|p| bare.to_ascii_lowercase().starts_with(p));
    if bare.len() != run.len()
        && !linked
        && !bare.to_ascii_lowercase().starts_with("sha")
        && !bare.to_ascii_lowercase().starts_with("md5")
    {
        return;
    }
    match (label, wallets::judge(run)) {
        (Some(kind), _) if wallets::digits_of(kind).is_some() => {
            // A hash beside its label: the label says which one, the length must agree; PDQ may carry its quality.
            let fits = wallets::digits_of(kind) == Some(run.len()) && run.bytes().all(|b| b.is_ascii_hexdigit());
            if fits {
                push(kind, run, None);
            }
        }
        (Some(Kind::Wallet), Run::Whole(_) | Run::Part) if (25..=110).contains(&run.len()) => {
            push(Kind::Wallet, run, None)
        }
        (Some(Kind::P2p), _) => {}
        (_, Run::Whole(kind)) => push(kind, run, None),
        _ => {}
    }
}

/// Words between blanks and the separators of lists; a web address keeps its own.
fn words_of(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut at = 0;
    for chunk in text.split_inclusive(char::is_whitespace) {
        let whole = chunk.trim_end();
        if whole.contains("://") {
            let begin = whole.find("://").map_or(0, |p| {
                whole
                    .get(..p)
                    .unwrap_or_default()
                    .rfind(|c: char| !c.is_ascii_alphanumeric())
                    .map_or(0, |i| i + whole.get(i..).and_then(|t| t.chars().next()).map_or(1, char::len_utf8))
            });
            let end = whole.get(begin..).and_then(|t| t.find(['<', '>', '"', '|'])).map_or(whole.len(), |e| begin + e);
            pieces(whole.get(..begin).unwrap_or_default(), at, &mut words);
            words.push(Word { at: at + begin, text: whole.get(begin..end).unwrap_or_default() });
            pieces(whole.get(end..).unwrap_or_default(), at + end, &mut words);
        } else {
            pieces(whole, at, &mut words);
        }
        at += chunk.len();
    }
    words
}

fn pieces<'a>(text: &'a str, at: usize, words: &mut Vec<Word<'a>>) {
    let mut offset = at;
    for piece in text.split([',', ';', '|', '<', '>', '"']) {
        if !piece.is_empty() {
            words.push(Word { at: offset, text: piece });
        }
        offset += piece.len() + 1;
    }
}

/// Without the punctuation of the sentence around it.
fn trim(word: &str) -> &str {
    let word = word.trim_start_matches(['(', '{', '\'', '\u{201c}', '\u{2018}']);
    let word = if word.contains(']') { word } else { word.trim_start_matches('[') };
    let word = word.trim_end_matches(['.', ':', '!', '?', ')', '}', '\'', '\u{201d}', '\u{2019}']);
    if word.contains('[') { word } else { word.trim_end_matches(']') }
}

fn url_of(word: &str) -> Option<&str> {
    let url = word.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', ']', '}', '\u{201d}']);
    let url = if url.contains('(') { url } else { url.trim_end_matches(')') };
    if url.starts_with("magnet:?") {
        return Some(url);
    }
    let (scheme, rest) = url.split_once("://")?;
    let known = ["http", "https", "ftp", "ed2k"].iter().any(|s| scheme.eq_ignore_ascii_case(s));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    (known && host.contains('.') && host.starts_with(|c: char| c.is_alphanumeric())).then_some(url)
}

/// The two halves of a mail address; an error where it breaks off.
fn mail_of(word: &str) -> Option<Result<(&str, &str), ()>> {
    let word = word.strip_prefix("mailto:").unwrap_or(word);
    let word = word.rsplit(['=', '(']).next().unwrap_or(word).trim_end_matches(')');
    let word = word.rsplit_once(':').map_or(word, |(_, w)| w);
    let word = word.split('?').next().unwrap_or(word);
    let (local, domain) = word.rsplit_once('@')?;
    let in_local = |c: char| c.is_alphanumeric() || "!#$%&'+-/^_`{}~.".contains(c);
    if local.is_empty() || local.len() > 64 || !local.chars().all(in_local) {
        return None;
    }
    if domain.is_empty() || domain.ends_with('-') {
        return Some(Err(()));
    }
    let labels_fit =
        domain.split('.').all(|l| !l.is_empty() && l.len() <= 63 && l.chars().all(|c| c.is_alphanumeric() || c == '-'));
    let ending = domain.rsplit_once('.').map(|(_, e)| e).unwrap_or_default();
    let good =
        labels_fit && ending.len() >= 2 && (ending.chars().all(char::is_alphabetic) || ending.starts_with("xn--"));
    (good && !FILES.contains(&ending.to_ascii_lowercase().as_str())).then_some(Ok((local, domain)))
}

/// An address and the port written into the same word.
fn ip_of<'a>(word: &'a str, before: &str) -> Option<(&'a str, Option<u16>)> {
    let word = word.trim_start_matches(['(', '{', '\'', '=']).trim_end_matches(['.', '!', '?', '}', '\'', ')']);
    let word = word.rsplit_once('=').map_or(word, |(_, w)| w);
    if let Some(rest) = word.strip_prefix('[') {
        let (inner, tail) = rest.split_once(']')?;
        let port = tail.strip_prefix(':').and_then(port_of);
        return is_address(inner).then_some((inner, port));
    }
    let word = word.trim_end_matches(']');
    let sound = |a: &str| a.parse::<Ipv4Addr>().is_ok_and(|a| !a.is_unspecified() && !a.is_broadcast());
    if let Some((head, tail)) = word.split_once([':', '#'])
        && sound(head)
    {
        return (tail.is_empty() || port_of(tail).is_some()).then(|| (head, port_of(tail)));
    }
    if sound(word) {
        return (!is_version(before)).then_some((word, None));
    }
    if let Some((head, tail)) = word.rsplit_once('.')
        && sound(head)
    {
        return port_of(tail).filter(|p| *p > 255).map(|p| (head, Some(p)));
    }
    if let Some((head, tail)) = word.split_once('#')
        && is_address(head)
    {
        return Some((head, port_of(tail)));
    }
    let word = if word.ends_with("::") { word } else { word.trim_end_matches(':') };
    (word.contains(':') && is_address(word)).then_some((word, None))
}

fn is_address(text: &str) -> bool {
    let text = text.split_once('%').map_or(text, |(head, _)| head);
    match text.parse::<IpAddr>() {
        Ok(IpAddr::V6(a)) => !a.is_unspecified() && text.len() > 5 && text.bytes().any(|b| b.is_ascii_digit()),
        Ok(IpAddr::V4(a)) => !a.is_unspecified(),
        Err(_) => false,
    }
}

/// A program's version has four numbers too.
fn is_version(before: &str) -> bool {
    let word = before.trim_end_matches([':', '.']).to_ascii_lowercase();
    ["v", "ver", "version", "versión", "build", "release", "firmware", "software", "sdk", "client", "app", "section"]
        .contains(&word.as_str())
}

pub(super) fn port_of(text: &str) -> Option<u16> {
    let text = text.trim().trim_end_matches([')', ']', '.', ',']);
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse::<u16>().ok().filter(|p| *p > 0)
}

/// A port behind its address: "port 51234", ": 51234", ", 51234", "(51234)".
fn port_after(follows: &str, after: &[Word]) -> Option<u16> {
    let gap = follows.trim_start();
    let first = after.first()?.text;
    let second = after.get(1).map_or("", |w| w.text);
    let plain = fold_port(first);
    if matches!(plain.as_str(), "port" | "puerto" | "prt" | "srcport") {
        return port_of(second.trim_start_matches([':', '=', '#']))
            .or_else(|| after.get(2).and_then(|w| port_of(w.text)).filter(|_| matches!(second, ":" | "=" | "#")));
    }
    for lead in ["port:", "port=", "port#", "puerto:"] {
        if let Some(number) = first.trim_start_matches('(').to_ascii_lowercase().strip_prefix(lead) {
            return port_of(number);
        }
    }
    if first == ":" {
        return port_of(second);
    }
    let listed = gap.starts_with(',') || gap.starts_with('(') || gap.starts_with(':') || gap.starts_with(';');
    let counted = second.starts_with(|c: char| c.is_ascii_lowercase());
    port_of(first.trim_start_matches(['(', ':']))
        .filter(|p| listed && !counted && (*p >= 1024 || matches!(*p, 80 | 443)))
}

fn fold_port(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric()).to_ascii_lowercase()
}

fn is_mac(word: &str) -> bool {
    let colons = word.len() == 17
        && word
            .bytes()
            .enumerate()
            .all(|(i, b)| if i % 3 == 2 { matches!(b, b':' | b'-') } else { b.is_ascii_hexdigit() });
    let dots = word.len() == 14
        && word.bytes().enumerate().all(|(i, b)| if i % 5 == 4 { b == b'.' } else { b.is_ascii_hexdigit() })
        && word.bytes().any(|b| b.is_ascii_alphabetic());
    colons || dots
}

/// Was part of the word hidden? Stars and dots, in a word that is not made of them alone.
fn is_masked(word: &str) -> bool {
    let hides = |c: char| matches!(c, '*' | '\u{2022}' | '\u{25cf}' | '\u{2588}');
    (word.contains(hides) && word.chars().any(char::is_alphanumeric) && !word.starts_with("**")) || is_masked_ip(word)
}

/// "192.0.2.x", "192.0.2.xxx".
fn is_masked_ip(word: &str) -> bool {
    let parts: Vec<&str> = word.splitn(6, '.').collect();
    let hidden = |p: &&str| (1..=3).contains(&p.len()) && p.bytes().all(|b| matches!(b, b'x' | b'X' | b'*'));
    let number = |p: &&str| (1..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit());
    parts.len() == 4
        && parts.iter().all(|p| hidden(p) || number(p))
        && parts.iter().any(hidden)
        && parts.first().is_some_and(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        let show = |h: &Hit| match h.port {
            Some(p) => format!("{} {} {p}", h.kind, h.value),
            None => format!("{} {}", h.kind, h.value),
        };
        scan(text, None, &[], true).hits.iter().map(show).collect()
    }

    #[test]
    fn ports_in_all_usual_writings() {
        for text in [
            "192.0.2.7:51234",
            "192.0.2.7 port 51234",
            "192.0.2.7, 51234",
            "192.0.2.7 Port: 51234",
            "192.0.2.7 (51234)",
            "192.0.2.7 (port 51234)",
            "192.0.2.7 : 51234",
            "192.0.2.7#51234",
            "192.0.2.7.51234",
            "192.0.2.7 [port: 51234]",
        ] {
            assert_eq!(all(text), ["ip 192.0.2.7 51234"], "{text}");
        }
        assert_eq!(
            all("from [2001:db8::1]:443 and 2001:db8::2 port 443."),
            ["ip 2001:db8::1 443", "ip 2001:db8::2 443"]
        );
    }

    #[test]
    fn numbers_that_are_nothing_of_the_kind() {
        for text in [
            "version 8.51.0.4",
            "Chrome/120.0.0.0",
            "case 206-555-0123",
            "IMG-206-555-0123.jpg",
            "2065550123",
            "20655501234567",
            "a@b",
            "photo@example.jpg",
            "05:06:07",
            "1.2.3.4.5.6",
            "$25.00",
            "12-34-56",
        ] {
            assert!(all(text).is_empty(), "{text}: {:?}", all(text));
        }
    }

    #[test]
    fn telephones_and_others_by_form() {
        assert_eq!(
            all("call (206) 555-0123 or +1 206 555 0124, 206.555.0125 and 1-206-555-0126"),
            ["phone (206) 555-0123", "phone +1 206 555 0124", "phone 206.555.0125", "phone 1-206-555-0126"]
        );
        assert_eq!(
            all("<Some.One@example.org>; see https://example.org/a(b)."),
            ["email Some.One@example.org", "url https://example.org/a(b)"]
        );
        assert_eq!(all("pay $birdseed now, 00:00:5E:00:53:01"), ["payment $birdseed", "mac 00:00:5E:00:53:01"]);
        assert_eq!(scan("j***@example.org 192.0.2.x", None, &[], true).spoilt.len(), 2);
    }
}
