//! Telephone numbers by their form: the North American plan and the international one.

use model::Kind;

use super::shapes::{Found, Hit, Spoilt};

/// Telephone numbers between the busy stretches. `bare` lets digits without separators count.
pub(super) fn find(text: &str, busy: &[(usize, usize)], bare: bool, found: &mut Found) {
    let bytes = text.as_bytes();
    let (mut at, mut next_busy, mut last) = (0, 0, b' ');
    while let Some(b) = bytes.get(at).copied() {
        while busy.get(next_busy).is_some_and(|s| s.1 <= at) {
            next_busy += 1;
        }
        let stop = busy.get(next_busy).map_or(usize::MAX, |s| s.0);
        if stop <= at {
            at = busy.get(next_busy).map_or(at + 1, |s| s.1).max(at + 1);
            last = b'0';
            continue;
        }
        let begins = matches!(b, b'+' | b'(') || b.is_ascii_digit();
        let free = !last.is_ascii_alphanumeric()
            && !matches!(last, b'.' | b'-' | b'_' | b'@' | b'#' | b'/' | b'$' | b'+' | b'*')
            || (b == b'+' && last == b'(');
        if begins && free && last < 128 {
            let end = number_end(bytes, at, stop);
            let run = text.get(at..end).unwrap_or_default();
            if let Some(len) = telephone(run, bytes.get(end).copied(), bare)
                && (bare || !counted(text.get(..at).unwrap_or_default()))
            {
                let value = run.get(..len).unwrap_or_default().trim();
                let staff = value.bytes().filter(u8::is_ascii_digit).collect::<Vec<_>>().ends_with(b"8008435678");
                if !staff {
                    found.hits.push(Hit {
                        start: at,
                        end: at + len,
                        kind: Kind::Phone,
                        value: value.to_owned(),
                        port: None,
                    });
                }
                at += len;
                last = b'0';
                continue;
            }
            if bare && has_mask(bytes, at) {
                found.spoilt.push(Spoilt::Masked(Kind::Phone));
                return;
            }
        }
        last = b;
        at += 1;
    }
    if bare
        && found.hits.is_empty()
        && found.spoilt.is_empty()
        && has_mask(bytes, 0)
        && bytes.iter().take(30).any(u8::is_ascii_digit)
    {
        found.spoilt.push(Spoilt::Masked(Kind::Phone));
    }
}

fn has_mask(bytes: &[u8], at: usize) -> bool {
    let mut x = 0;
    for b in bytes.iter().skip(at).take(20) {
        match b {
            b'*' => return true,
            b'x' | b'X' => x += 1,
            _ => {}
        }
    }
    x >= 3
}

/// Where a run of digits and the marks between them ends.
fn number_end(bytes: &[u8], at: usize, stop: usize) -> usize {
    let most = stop.min(at + 26);
    let mut end = at;
    let mut gap = 0;
    while let Some(b) = bytes.get(end).filter(|_| end < most) {
        let sign = matches!(b, b' ' | b'-' | b'.' | b'(' | b')') || (*b == b'+' && end == at);
        gap = if b.is_ascii_digit() { 0 } else { gap + 1 };
        if !(sign || b.is_ascii_digit()) || gap > 2 {
            break;
        }
        end += 1;
    }
    end
}

/// How much of a run is a telephone number.
fn telephone(run: &str, next: Option<u8>, bare: bool) -> Option<usize> {
    let plus = run.starts_with('+');
    let open =
        |c: Option<u8>| !c.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'@' | b'-' | b'/' | b':'));
    // Groups of digits with the place at which each ends.
    let mut groups: Vec<(usize, usize)> = Vec::new();
    let mut count = 0;
    for (i, b) in run.bytes().enumerate() {
        if b.is_ascii_digit() {
            count += 1;
            let ends = !run.as_bytes().get(i + 1).is_some_and(u8::is_ascii_digit);
            if ends {
                groups.push((count, i + 1));
                count = 0;
            }
        }
    }
    let behind = |end: usize| {
        if end == run.len() {
            next
        } else {
            run.as_bytes().get(end).copied().filter(|b| *b != b' ' && *b != b')' && *b != b'.')
        }
    };
    let lens: Vec<usize> = groups.iter().map(|g| g.0).collect();
    let end_of = |n: usize| groups.get(n.wrapping_sub(1)).map(|g| g.1).filter(|e| open(behind(*e)));
    let us = |lens: &[usize]| matches!(lens, [3, 3, 4, ..]);
    if plus {
        if us(lens.get(1..).unwrap_or_default()) && lens.first() == Some(&1) && run.starts_with("+1") {
            return end_of(4);
        }
        if lens.first() == Some(&11) && run.starts_with("+1") {
            return end_of(1);
        }
        let mut total = 0;
        let mut best = None;
        for (i, len) in lens.iter().enumerate() {
            total += len;
            if total > 15 {
                break;
            }
            if total >= 8 && end_of(i + 1).is_some() {
                best = end_of(i + 1);
            }
        }
        return best;
    }
    let digit = |at: usize| run.bytes().filter(u8::is_ascii_digit).nth(at).unwrap_or(b'0');
    let separated = !run.get(..groups.first()?.1)?.is_empty();
    if us(&lens) && separated && digit(0) > b'1' && digit(3) > b'1' {
        return end_of(3);
    }
    if lens.first() == Some(&1)
        && digit(0) == b'1'
        && us(lens.get(1..).unwrap_or_default())
        && digit(1) > b'1'
        && digit(4) > b'1'
    {
        return end_of(4);
    }
    if bare {
        let total: usize = lens.iter().sum();
        if matches!(lens.first(), Some(7..=15)) {
            return end_of(1);
        }
        return (7..=15).contains(&total).then(|| end_of(lens.len())).flatten();
    }
    None
}

/// Is the number before which these words stand one of a case, a badge, a fax or an invoice?
fn counted(before: &str) -> bool {
    let mut near = before.len().saturating_sub(40);
    while !before.is_char_boundary(near) {
        near += 1;
    }
    let tail = before.get(near..).unwrap_or_default().trim_end_matches([' ', '#', ':', '.', '(']);
    let word = tail.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_ascii_lowercase();
    let words = [
        "case",
        "report",
        "ref",
        "reference",
        "no",
        "invoice",
        "order",
        "ticket",
        "docket",
        "warrant",
        "id",
        "badge",
        "fax",
        "account",
        "zip",
        "isbn",
        "section",
        "caso",
        "number",
        "hotline",
    ];
    words.contains(&word.as_str()) && !tail.to_ascii_lowercase().ends_with("phone number")
}
