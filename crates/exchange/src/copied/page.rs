//! From pages to lines: what copying broke is put together again, and what belongs to the page is taken away.

use std::collections::{HashMap, HashSet};

use super::times::{self, Habit};
use super::vocabulary::Means;
use super::wallets::{Run, digits_of, is_base32, judge};
use super::words;
use super::{fields, shapes};

/// A line of the text with its number, counted from 1.
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) text: String,
}

/// A value is put together from at most so many lines.
const MOST_PIECES: usize = 6;
/// A word longer than this is no identifier, and is not looked into.
const LONGEST_WORD: usize = 400;

/// The lines of a text: page numbers and running titles dropped, defanged values restored, broken ones joined.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(text.replace("\r\n", "\n").split(['\n', '\r', '\u{c}'])) {
        lines.push(Line { number, text: refang(&clean(line)) });
    }
    join(without_furniture(lines))
}

/// Without what cannot be seen. A soft hyphen stays at the end, where it says that the word goes on.
fn clean(line: &str) -> String {
    let line = line.trim_end();
    let goes_on = line.ends_with('\u{ad}');
    let mut out: String = line
        .chars()
        .filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}'))
        .map(|c| match c {
            '\t' => c,
            '\u{a0}' | '\u{2007}' | '\u{202f}' => ' ',
            '\u{2010}' | '\u{2011}' => '-',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect();
    if goes_on {
        out.push('\u{ad}');
    }
    out
}

/// Undoes the writing that keeps addresses from being clicked: `example[.]org`, `user (at) example.org`, `hxxp://`.
fn refang(line: &str) -> String {
    if !line.contains(['[', '(', '{']) && !line.contains("xx") && !line.contains("XX") {
        return line.to_owned();
    }
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(['[', '(', '{', 'h', 'H']) {
        let (head, tail) = rest.split_at(at);
        out.push_str(head);
        let fresh = !out.ends_with(|c: char| c.is_ascii_alphanumeric());
        if let Some(more) = tail.get(..4).filter(|t| fresh && t.eq_ignore_ascii_case("hxxp")).and(tail.get(4..)) {
            out.push_str("http");
            rest = more;
            continue;
        }
        if let Some((sign, after)) = bracketed(tail) {
            let next = after.trim_start_matches(' ');
            let near: String = next.chars().take(80).collect();
            let word: &str = near.split(char::is_whitespace).next().unwrap_or_default();
            let begins = next.starts_with(|c: char| c.is_alphanumeric());
            let left = out.trim_end_matches(' ');
            let ends = left.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-'));
            let dotted = word.contains('.') || ["[dot", "(dot", "[.", "(."].iter().any(|d| near.contains(d));
            let fits = match sign {
                "@" => begins && ends && dotted,
                "." => begins && ends,
                _ => true,
            };
            if fits {
                out.truncate(if sign == "://" || sign == ":" { out.len() } else { left.len() });
                out.push_str(sign);
                rest = if sign == "://" || sign == ":" { after } else { next };
                continue;
            }
        }
        let first = tail.chars().next().map_or(1, char::len_utf8);
        out.push_str(tail.get(..first).unwrap_or_default());
        rest = tail.get(first..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

fn bracketed(tail: &str) -> Option<(&'static str, &str)> {
    let inner_at = tail.strip_prefix(['[', '(', '{'])?;
    for (word, sign) in [("://", "://"), (":", ":"), (".", "."), ("dot", "."), ("@", "@"), ("at", "@")] {
        let found = inner_at.get(..word.len()).filter(|w| w.eq_ignore_ascii_case(word));
        if let Some(after) = found.and(inner_at.get(word.len()..)).and_then(|t| t.strip_prefix([']', ')', '}'])) {
            return Some((sign, after));
        }
    }
    None
}

/// Drops page numbers, and the lines beside them that come back on other pages.
fn without_furniture(lines: Vec<Line>) -> Vec<Line> {
    let is_page: Vec<bool> = lines.iter().map(|l| is_page_number(&l.text)).collect();
    if !is_page.contains(&true) {
        return lines;
    }
    let near = |at: usize| {
        let page = |i: Option<usize>| i.and_then(|i| is_page.get(i)).copied().unwrap_or(false);
        (1..=3).any(|d| page(at.checked_sub(d)) || page(Some(at + d)))
    };
    let title = |line: &Line| -> Option<String> {
        let plain = line.text.len() < 120 && !line.text.contains(['@', '\t']) && !line.text.trim().is_empty();
        let folded: String = words::fold(line.text.get(..line.text.len().min(120)).filter(|_| plain)?);
        let digitless = folded.chars().map(|c| if c.is_ascii_digit() { '#' } else { c }).collect();
        // Rows of a table differ in their digits only, so what holds a time or an identifier is no title.
        let worded = folded.split(' ').filter(|w| w.len() > 2 && w.chars().all(char::is_alphabetic)).count() > 1;
        let says = !times::scan(&line.text, Habit::default()).is_empty()
            || !shapes::scan(&line.text, None, &[], true).hits.is_empty();
        (worded && !says && !line.text.trim_end().ends_with(':') && words::label(&folded).is_none())
            .then_some(digitless)
    };
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (at, line) in lines.iter().enumerate() {
        if near(at)
            && let Some(title) = title(line)
        {
            *seen.entry(title).or_default() += 1;
        }
    }
    let mut met: HashSet<String> = HashSet::new();
    let mut kept = Vec::with_capacity(lines.len());
    for (at, line) in lines.into_iter().enumerate() {
        let dropped = is_page.get(at).copied().unwrap_or(false)
            || near(at)
                && match title(&line) {
                    // The first stays: it may be the title of the report.
                    Some(title) => seen.get(&title).is_some_and(|n| *n > 1) && !met.insert(title),
                    None => line.text.trim().is_empty(),
                };
        if !dropped {
            kept.push(line);
        }
    }
    kept
}

fn is_page_number(line: &str) -> bool {
    if line.len() > 160 {
        return false;
    }
    let folded = words::fold(line);
    let words: Vec<&str> = folded.split(' ').collect();
    let number =
        |w: Option<&&str>| w.is_some_and(|w| w.len() <= 4 && w.bytes().all(|b| b.is_ascii_digit()) && !w.is_empty());
    let paged = words.iter().enumerate().any(|(i, w)| {
        let of = words.get(i + 2).is_some_and(|w| matches!(*w, "of" | "de"));
        matches!(*w, "page" | "página" | "pagina")
            && number(words.get(i + 1))
            && (of && number(words.get(i + 3)) || words.len() == 2)
    });
    let alone = words.len() == 3
        && number(words.first())
        && number(words.get(2))
        && matches!(words.get(1), Some(&("of" | "de")));
    paged || alone
}

/// Puts values together that were broken over lines, where only one reading is possible.
fn join(lines: Vec<Line>) -> Vec<Line> {
    let hosts = hosts(&lines);
    let mut out: Vec<Line> = Vec::with_capacity(lines.len());
    let mut pieces = 1;
    for line in lines {
        if let Some(last) = out.last_mut()
            && pieces < MOST_PIECES
            && let Some((drop, glue)) = glue(&last.text, &line.text, &hosts)
        {
            last.text.truncate(last.text.len() - drop);
            last.text.push_str(glue);
            last.text.push_str(line.text.trim_start());
            pieces += 1;
            continue;
        }
        if let Some(last) = out.last_mut().filter(|l| l.text.ends_with('\u{ad}')) {
            last.text.truncate(last.text.len() - '\u{ad}'.len_utf8());
        }
        pieces = 1;
        out.push(line);
    }
    out
}

/// Hosts of the mail addresses that stand whole in the text: they decide whether a hyphen belongs to a broken one.
fn hosts(lines: &[Line]) -> HashSet<String> {
    let mut hosts = HashSet::new();
    for line in lines {
        for (at, _) in line.text.match_indices('@') {
            let host: String =
                line.text.get(at + 1..).unwrap_or_default().chars().take(80).take_while(|c| in_host(*c)).collect();
            let host = host.trim_end_matches('.').to_ascii_lowercase();
            if host.contains('.') && !host.ends_with('-') {
                hosts.insert(host);
            }
        }
    }
    hosts
}

fn in_host(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-')
}

/// How many bytes to drop from the first line, and what to put between.
fn glue(first: &str, second: &str, hosts: &HashSet<String>) -> Option<(usize, &'static str)> {
    if let Some(cut) = first.strip_suffix('\u{ad}') {
        return (!second.trim().is_empty()).then_some((first.len() - cut.len(), ""));
    }
    let next = second.trim();
    if next.is_empty() || first.trim().is_empty() {
        return None;
    }
    let last =
        first.rsplit(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|' | '"')).next().unwrap_or_default();
    let start =
        next.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|' | '"')).next().unwrap_or_default();
    let alone = start.len() == next.len();
    let labelled = start.ends_with(':') && !start.ends_with("::");
    if last.len() > LONGEST_WORD || start.len() > LONGEST_WORD {
        return None;
    }
    let whole = !labelled
        && (mail(last, start, hosts).is_some()
            || web(last, start, alone)
            || address(last, start)
            || run(last, start)
            || hash(first, last, start)
            || telephone(first, next));
    if whole {
        return Some((mail(last, start, hosts).unwrap_or(0), ""));
    }
    time(first, next).then_some((0, " "))
}

/// The bytes to drop, when the two are one mail address.
fn mail(last: &str, start: &str, hosts: &HashSet<String>) -> Option<usize> {
    let start = start.trim_end_matches(['.', ')', '>']);
    if let Some(host) = last.rsplit_once('@').filter(|(l, _)| !l.is_empty()).map(|(_, h)| h) {
        let in_tail = !start.is_empty() && start.chars().all(in_host) && !start.starts_with('-');
        if !in_tail || !host.chars().all(in_host) {
            return None;
        }
        if let Some(stem) = host.strip_suffix('-') {
            let bare = hosts.contains(&format!("{stem}{start}").to_ascii_lowercase());
            let hyphened = hosts.contains(&format!("{host}{start}").to_ascii_lowercase());
            return match (bare, hyphened) {
                (true, false) => Some(1),
                (false, true) => Some(0),
                _ => None,
            };
        }
        let ending = start.rsplit('.').next().unwrap_or_default();
        let dotted = start.contains('.') && ending.len() > 1 && ending.chars().all(char::is_alphabetic);
        let joined = match host.rsplit_once('.') {
            None => dotted,
            Some((_, "")) => ending.chars().all(char::is_alphabetic) && start.len() > 1,
            Some((_, cut)) => cut.len() == 1 && !start.contains('.') || start.starts_with('.') && dotted,
        };
        return joined.then_some(0);
    }
    // "somebody" over "@example.org": the second is no account name, since it has a domain's end.
    let host = start.strip_prefix('@')?;
    let known = hosts.contains(&host.to_ascii_lowercase());
    let local = last.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+')) && last.len() > 1;
    let whole = host.contains('.') && matches!(host.rsplit('.').next(), Some("com" | "org" | "net" | "edu" | "gov"));
    (local && whole && (known || last.contains(['.', '_', '+', '-']) || last.bytes().any(|b| b.is_ascii_digit())))
        .then_some(0)
}

fn web(last: &str, start: &str, alone: bool) -> bool {
    let Some((_, rest)) = last.split_once("://") else {
        return (last.ends_with("http:") || last.ends_with("https:")) && start.starts_with("//");
    };
    if start.contains("://") || start.contains('@') {
        return false;
    }
    let goes_on = start.starts_with(['/', '?', '&', '=', '%', '#']) || start.starts_with('.') && start.len() > 2;
    let open = rest.is_empty() || rest.ends_with(['/', '?', '&', '=', '-', '_', '%', '.', '#']);
    let is_rest = start.chars().all(|c| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c));
    let is_tail = start.contains(['/', '=', '&', '?', '%', '_']) || start.bytes().any(|b| b.is_ascii_digit());
    let hosty = !rest.contains('/') && rest.ends_with('.') && start.contains('.');
    // A whole web address may end in a slash, and a word may follow it.
    let is_label =
        words::label(&words::fold(start)).is_some() || times_like(start) || start.parse::<std::net::IpAddr>().is_ok();
    goes_on
        || hosty
        || (is_rest
            && !is_label
            && alone
            && (open && (is_tail || !rest.ends_with(['/', '.'])) || (is_tail && last.len() > 55)))
}

fn times_like(word: &str) -> bool {
    word.contains(':')
        || word.len() >= 8 && word.bytes().filter(u8::is_ascii_digit).count() >= 6 && word.contains(['-', '/'])
}

/// An internet address, or its port.
fn address(last: &str, start: &str) -> bool {
    let start = start.trim_end_matches(['.', ')']);
    let last = last.trim_start_matches(['(', '[']).rsplit('=').next().unwrap_or_default();
    let is_address = |t: &str| t.trim_end_matches([']']).parse::<std::net::IpAddr>().is_ok();
    let number = |t: &str| !t.is_empty() && t.len() <= 5 && t.bytes().all(|b| b.is_ascii_digit());
    if let Some(host) = last.strip_suffix(':').filter(|h| !h.ends_with(':')) {
        let bracketed = host.ends_with(']') && host.contains(':');
        if number(start) && (host.parse::<std::net::Ipv4Addr>().is_ok() || bracketed && is_address(host)) {
            return true;
        }
    }
    if last.ends_with(']') && is_address(last) && start.strip_prefix(':').is_some_and(number) {
        return true;
    }
    if last.len() > 45 || start.len() > 45 {
        return false;
    }
    let both = format!("{last}{start}");
    let v4 = (last.ends_with('.') || start.starts_with('.')) && last.contains('.');
    if v4 && last.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        let head = both.split(':').next().unwrap_or_default();
        return head.parse::<std::net::Ipv4Addr>().is_ok() && !is_address(last);
    }
    let hex = |t: &str| t.bytes().all(|b| b.is_ascii_hexdigit() || b == b':');
    let groups = last.bytes().filter(|b| *b == b':').count();
    let clock = |t: &str| t.len() <= 8 && t.split(':').all(|p| p.len() == 2 && p.bytes().all(|b| b.is_ascii_digit()));
    hex(last)
        && hex(start)
        && groups >= 2
        && !clock(start)
        && !start.is_empty()
        && both.parse::<std::net::Ipv6Addr>().is_ok()
        && (!is_address(last) || last.ends_with(':') || (start.contains(':') && !is_address(start)))
}

/// A wallet, a hash or an onion name: joined where the parts are none and the whole may be one.
fn run(last: &str, start: &str) -> bool {
    let alnum = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_alphanumeric());
    let part = last.rsplit([':', '=', '(']).next().unwrap_or_default();
    if let Some(name) = start.to_ascii_lowercase().strip_suffix(".onion") {
        let head = part.to_ascii_lowercase();
        let label = |t: &str| t.bytes().all(is_base32);
        return label(&head) && label(name) && head.len() + name.len() == 56 && !head.is_empty();
    }
    if !alnum(part) || !alnum(start) {
        let host = part.strip_suffix('.').unwrap_or_default();
        return start.trim_end_matches('/') == "onion" && host.len() == 56
            || start == ".onion" && part.len() == 56 && part.bytes().all(is_base32);
    }
    if words::label(&words::fold(start)).is_some() {
        return false;
    }
    match (judge(part), judge(&format!("{part}{start}"))) {
        (Run::Part, Run::Whole(_)) => judge(start) == Run::No || !matches!(judge(start), Run::Whole(_)),
        // A piece of three: it must look like one, not like a word.
        (Run::Part, Run::Part) => part.len() >= 16 && start.len() >= 8 && start.bytes().any(|b| b.is_ascii_digit()),
        _ => false,
    }
}

/// The halves of a hash, where its label says how long the whole is.
fn hash(first: &str, last: &str, start: &str) -> bool {
    let hex = |t: &str| t.len() > 3 && t.bytes().all(|b| b.is_ascii_hexdigit());
    let label = first.strip_suffix(last).filter(|l| l.len() < 80).unwrap_or_default();
    let kind = match fields::read_label(label, true).filter(|_| hex(last) && hex(start)).and_then(|f| f.means) {
        Some(Means::Kind(kind)) => kind,
        _ => return false,
    };
    digits_of(kind).is_some_and(|whole| last.len() < whole && last.len() + start.len() <= whole)
}

/// "(206) 555-" over "0123".
fn telephone(first: &str, next: &str) -> bool {
    let tail: String = first.chars().rev().take(10).collect();
    let line = next.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    let three = tail.strip_prefix('-').is_some_and(|t| t.bytes().take(3).filter(u8::is_ascii_digit).count() == 3);
    let more = tail.bytes().filter(u8::is_ascii_digit).count() >= 6;
    three && more && line.len() == 4 && next.get(4..5).is_none_or(|c| c != "-")
}

/// A date over its time, a time over its half of the day or its zone.
fn time(first: &str, next: &str) -> bool {
    let cut = |mut at: usize| {
        while !first.is_char_boundary(at) {
            at += 1;
        }
        at
    };
    let tail = first.get(cut(first.len().saturating_sub(60))..).unwrap_or_default();
    let near_end = tail.bytes().rev().take(12).any(|b| b.is_ascii_digit());
    let begins = next.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '(' | '[' | '+' | '-'));
    if !near_end || !begins || !tail.ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, ',' | '.')) {
        return false;
    }
    let head: String = next.chars().take(40).collect();
    let habit = Habit::default();
    let Some(last) = times::scan(tail, habit).pop().filter(|m| m.end + 1 >= tail.len()) else { return false };
    let both = format!("{tail} {head}");
    times::scan(&both, habit).iter().any(|m| m.start == last.start && m.end > tail.len() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        lines(text).into_iter().map(|l| l.text).collect()
    }

    #[test]
    fn what_copying_broke_is_joined_only_where_one_reading_is_left() {
        for (text, want) in [
            ("user@exam\nple.org", "user@example.org"),
            ("user@\nexample.org", "user@example.org"),
            ("user@mail.\nexample.org", "user@mail.example.org"),
            ("a@example.org\nuser@exam-\nple.org", "a@example.org|user@example.org"),
            ("user@exam-\nple.org", "user@exam-|ple.org"),
            ("user@exam\u{ad}\nple.org", "user@example.org"),
            ("192.0.\n2.7", "192.0.2.7"),
            ("192.0.2.7:\n51234", "192.0.2.7:51234"),
            ("2001:db8:85a3:8d3:13\n19:8a2e:370:7348", "2001:db8:85a3:8d3:1319:8a2e:370:7348"),
            ("https://example.org/a/\nb?c=1", "https://example.org/a/b?c=1"),
            ("https://example.org/a\nEmail: x@example.org", "https://example.org/a|Email: x@example.org"),
            ("bc1qw508d6qejxtdg4y5r3z\narvary0c5xw7kv8f3t4", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
            ("(206) 555-\n0123", "(206) 555-0123"),
            ("2026-03-04\n05:06:07 UTC", "2026-03-04 05:06:07 UTC"),
            ("03/04/2026 05:06:07\nAM (UTC-5)", "03/04/2026 05:06:07 AM (UTC-5)"),
            ("user [at] example[.]org, hxxps://example(.)net/a", "user@example.org, https://example.net/a"),
            ("Login (at) the desk", "Login (at) the desk"),
        ] {
            assert_eq!(of(text).join("|"), want, "{text}");
        }
    }

    #[test]
    fn page_numbers_and_running_titles_go() {
        let text = "Report\nCyberTip Report 1\nPage 1 of 3\na\nCyberTip Report 1\nPage 2 of 3\nb\nCyberTip Report 1\nPage 3 of 3";
        assert_eq!(of(text), ["Report", "CyberTip Report 1", "a", "b"]);
    }
}
