//! Answers in words and tables, at most 100 columns wide.

use casework::ConflictView;
use casework::answer::{Answer, EQUAL_IS_NOT_SAME, Inbox, InboxItem, NOTHING, Other};
use comfy_table::presets::{NOTHING as NO_LINES, UTF8_FULL};
use comfy_table::{ContentArrangement, Table};

/// Widest line.
pub const WIDTH: u16 = 100;

/// A table with a header.
pub fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_FULL).set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    table.set_header(header);
    for row in rows {
        table.add_row(row.into_iter().map(|cell| plain(&cell)));
    }
    table.trim_fmt()
}

/// Pairs of a word and what it says, without lines.
pub fn pairs(rows: impl IntoIterator<Item = (&'static str, String)>) -> String {
    let mut table = Table::new();
    table.load_style(NO_LINES).set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    for (word, text) in rows {
        table.add_row([word.to_owned(), plain(&text)]);
    }
    table.trim_fmt()
}

/// What others wrote must not steer a terminal.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{FFFD}' } else { c }).collect()
}

/// The answer to a file; `kept` for a submission, not for a question.
pub fn answer(a: &Answer, kept: bool) -> String {
    let mut out = Vec::new();
    let n = match a.entries {
        1 => "1 identifier".to_owned(),
        n => format!("{n} identifiers"),
    };
    out.push(match (&a.case, kept) {
        (Some(case), true) => format!("{}: {n} in case {}. Receipt {}", plain(&a.file), plain(case), a.receipt),
        (Some(case), false) => {
            format!("{}: {n} asked in case {}. Receipt {}", plain(&a.file), plain(case), a.receipt)
        }
        (None, _) => format!("{}: {n} asked. Receipt {}", plain(&a.file), a.receipt),
    });
    if !a.conflicts.is_empty() {
        let rows = a.conflicts.iter().map(|c| {
            let yours: Vec<String> = c.matches.iter().map(|m| format!("{} {}", m.kind, m.yours)).collect();
            let why: Vec<String> = c.matches.iter().map(|m| m.why.clone()).collect();
            vec![c.strength.to_string(), joined(yours), joined(why), call(&c.other)]
        });
        out.push(table(&["how sure", "yours", "why", "call"], rows));
        out.push(EQUAL_IS_NOT_SAME.to_owned());
    }
    if !a.desk.is_empty() {
        let rows = a.desk.iter().map(|d| vec![d.yours.clone(), format!("call the watch desk, {}", d.watch_desk)]);
        out.push(table(&["yours", "what to do"], rows));
    }
    if a.conflicts.is_empty() && a.desk.is_empty() {
        out.push(NOTHING.to_owned());
    }
    if !a.suppressed.is_empty() {
        let rows =
            a.suppressed.iter().map(|s| vec![format!("{} {}", s.kind, s.value), s.why.clone(), s.list_version.clone()]);
        out.push(table(&["kept, not matched", "why", "list"], rows));
    }
    if !a.problems.is_empty() {
        let rows =
            a.problems.iter().map(|p| vec![p.place.clone(), p.field.clone(), format!("{}; {}", p.problem, p.cure)]);
        out.push(table(&["left out", "field", "why, and what to do"], rows));
    }
    for system in &a.not_asked {
        out.push(format!("Not asked: {} ({}).", system.system, system.why));
    }
    out.join("\n")
}

/// What waits for an officer.
pub fn inbox(inbox: &Inbox) -> String {
    if inbox.items.is_empty() {
        return NOTHING.to_owned();
    }
    table(&["due", "state", "yours", "whom to call, or what it says"], inbox.items.iter().map(inbox_row))
}

fn inbox_row(item: &InboxItem) -> Vec<String> {
    let due = minute(&item.due);
    let state = match item.strength {
        Some(strength) => format!("{} ({strength})", item.state),
        None => item.state.clone(),
    };
    let mut say: Vec<String> = Vec::new();
    say.extend(item.note.clone());
    say.extend(item.other.as_ref().map(call));
    say.extend(item.others.iter().map(|o| call(&o.other)));
    if say.is_empty() {
        say.extend(item.watch_desk.as_ref().map(|t| format!("call the watch desk, {t}")));
    }
    vec![if item.overdue { format!("{due} overdue") } else { due }, state, joined(item.yours.clone()), joined(say)]
}

/// One conflict, as one side sees it.
pub fn conflict(c: &ConflictView) -> String {
    let mut rows = vec![
        ("conflict", c.conflict.clone()),
        ("state", c.resolution.as_ref().map_or_else(|| c.state.clone(), |r| format!("{}: {r}", c.state))),
        ("due", minute(&c.due)),
        ("how sure", c.strength.to_string()),
    ];
    rows.extend(c.other.as_ref().map(|o| ("call", call(o))));
    let mut out = vec![pairs(rows)];
    out.push(table(
        &["yours", "why"],
        c.matches.iter().map(|m| vec![format!("{} {}", m.kind, m.yours), m.why.clone()]),
    ));
    out.push(c.reminder.clone());
    if !c.thread.is_empty() {
        let lines = c.thread.iter().map(|l| vec![minute(&l.at), l.from.clone(), l.marking.clone(), l.text.clone()]);
        out.push(table(&["when", "from", "marking", "text"], lines));
    }
    for p in &c.proposals {
        let verb = if p.from == "you" { "propose" } else { "proposed" };
        out.push(format!("{} {verb}: {}", p.from, p.resolution));
    }
    for h in &c.holds {
        let lifted = if h.lifted { ", lifted" } else { "" };
        out.push(format!("hold {} asked for by {}, until {}{lifted}", h.hold, h.from, minute(&h.until)));
    }
    out.join("\n")
}

/// Whom to call.
pub fn call(o: &Other) -> String {
    format!("{}\n{}, {}\nno answer? {}", o.agency, o.contact, o.telephone, o.if_no_answer)
}

/// RFC 3339 cut to the minute, for people.
fn minute(time: &str) -> String {
    match time.get(..16) {
        Some(short) => format!("{}Z", short.replace('T', " ")),
        None => time.to_owned(),
    }
}

fn joined(mut lines: Vec<String>) -> String {
    lines.dedup();
    lines.join("\n")
}
