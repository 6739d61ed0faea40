//! Answers in words and tables, at most 100 columns wide.

use casework::answer::{
    Answer, ConflictLine, DeskLine, EQUAL_IS_NOT_SAME, Inbox, InboxItem, NOTHING, Other, Suppressed,
};
use casework::model::BulkVerb;
use casework::{BulkAnswer, BulkJob, BulkJobs, CaseView, ConflictView, TipFlags, TransferLine, Transfers};
use comfy_table::presets::{NOTHING as NO_LINES, UTF8_FULL};
use comfy_table::{ContentArrangement, Table};

/// Widest line.
const WIDTH: u16 = 100;

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
pub fn pairs<'a>(rows: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let mut table = Table::new();
    table.load_style(NO_LINES).set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    for (word, text) in rows {
        table.add_row([plain(word), plain(&text)]);
    }
    table.trim_fmt()
}

/// Breaks words into lines; later lines are indented.
pub fn wrapped(text: &str, indent: &str) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let width = word.chars().count();
        if column > 0 && column + 1 + width > usize::from(WIDTH) {
            out.push('\n');
            out.push_str(indent);
            column = indent.chars().count();
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
    }
    out
}

/// What others wrote must not steer a terminal.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{FFFD}' } else { c }).collect()
}

/// The answer to a file; `kept` for a submission, not for a question.
pub fn answer(a: &Answer, kept: bool) -> String {
    let mut out = vec![plain(&head(a, kept))];
    told(&mut out, &a.conflicts, &a.desk, &a.suppressed);
    if !a.problems.is_empty() {
        let rows =
            a.problems.iter().map(|p| vec![p.place.clone(), p.field.clone(), format!("{}; {}", p.problem, p.cure)]);
        out.push(table(&["left out", "field", "why, and what to do"], rows));
    }
    for system in &a.not_asked {
        out.push(wrapped(&format!("Not asked: {} ({}).", system.system, system.why), "  "));
    }
    out.join("\n")
}

/// Whom to call, what the desk knows, what was never matched.
fn told(out: &mut Vec<String>, conflicts: &[ConflictLine], desk: &[DeskLine], suppressed: &[Suppressed]) {
    for c in conflicts {
        let [who, if_not, quote] = call(&c.other);
        out.push(plain(&format!("\n{}: call {who}\n  {if_not}{}", c.strength, after(&quote))));
        let rows = c.matches.iter().map(|m| vec![format!("{} {}", m.kind, m.yours), m.why.clone()]);
        out.push(table(&["yours", "why"], rows));
    }
    if !conflicts.is_empty() {
        out.push(EQUAL_IS_NOT_SAME.to_owned());
    }
    if !desk.is_empty() {
        let rows = desk.iter().map(|d| vec![d.yours.clone(), format!("call the watch desk, {}", d.watch_desk)]);
        out.push(table(&["yours", "what to do"], rows));
    }
    if conflicts.is_empty() && desk.is_empty() {
        out.push(NOTHING.to_owned());
    }
    if !suppressed.is_empty() {
        let rows = suppressed.iter().map(|s| vec![format!("{} {}", s.kind, s.value), s.why.clone()]);
        out.push(table(&["kept, but never matched", "why"], rows));
    }
}

/// The answer of a bulk job.
pub fn bulk_answer(a: &BulkAnswer) -> String {
    let done = match a.verb {
        BulkVerb::Submit => "put into",
        BulkVerb::Check => "asked in",
    };
    let head = format!(
        "{}: {} of {} values {done} case {}. Bulk job {}, {} receipts",
        a.file,
        a.entries,
        a.total,
        a.case,
        a.job,
        a.receipts.len()
    );
    let mut out = vec![plain(&head)];
    told(&mut out, &a.conflicts, &a.desk, &a.suppressed);
    for system in &a.not_asked {
        out.push(wrapped(&format!("Not asked: {} ({}).", system.system, system.why), "  "));
    }
    out.join("\n")
}

/// The bulk jobs of an agency.
pub fn bulk_jobs(list: &BulkJobs) -> String {
    if list.jobs.is_empty() {
        return "Your agency asked for no bulk job.".to_owned();
    }
    table(&["bulk job", "state", "what it is"], list.jobs.iter().map(bulk_row))
}

fn bulk_row(j: &BulkJob) -> Vec<String> {
    let state = format!("{}\n{} of {}", j.state, j.done, j.total);
    let what = format!("{} {} in case {}, asked by {}", j.verb, j.file, j.case, j.asked_by);
    vec![format!("{}\n{}", j.job, minute(&j.asked)), state, joined([what].into_iter().chain(j.says.clone()).collect())]
}

/// One bulk job.
pub fn bulk_job(j: &BulkJob) -> String {
    let mut rows = vec![
        ("bulk job", j.job.clone()),
        ("state", j.state.to_string()),
        ("worked", format!("{} of {} values", j.done, j.total)),
        ("what", format!("{} {} in case {}", j.verb, j.file, j.case)),
        ("authority", format!("{}: {}", j.authority, j.process)),
        ("purpose", j.purpose.clone()),
        ("asked", format!("{}, by {}", minute(&j.asked), j.asked_by)),
    ];
    rows.extend(j.until.as_ref().map(|t| ("waits until", minute(t))));
    if let (Some(by), Some(at)) = (&j.decided_by, &j.decided) {
        rows.push(("decided", format!("{}, by {by}", minute(at))));
    }
    rows.extend(j.ended.as_ref().map(|t| ("ended", minute(t))));
    rows.extend(j.says.as_ref().map(|says| ("it says", says.clone())));
    if j.answer {
        rows.push(("answer", format!("concord bulk answer {}", j.job)));
    }
    pairs(rows)
}

fn head(a: &Answer, kept: bool) -> String {
    let n = match a.entries {
        1 => "1 identifier".to_owned(),
        n => format!("{n} identifiers"),
    };
    let done = match (&a.case, kept) {
        (Some(case), true) => format!("{n} put into case {case}"),
        (Some(case), false) => format!("{n} asked in case {case}"),
        (None, _) => format!("{n} asked"),
    };
    format!("{}: {done}. Receipt {}", a.file, a.receipt)
}

/// What waits for an officer.
pub fn inbox(inbox: &Inbox) -> String {
    if inbox.items.is_empty() {
        return NOTHING.to_owned();
    }
    table(&["state", "yours", "whom to call, or what it says"], inbox.items.iter().map(inbox_row))
}

fn inbox_row(item: &InboxItem) -> Vec<String> {
    let mut state = match item.strength {
        Some(strength) => format!("{}, {strength}", item.state),
        None => item.state.clone(),
    };
    let late = if item.overdue { "OVERDUE" } else { "due" };
    state.push_str(&format!("\n{late} {}", minute(&item.due)));
    let mut say: Vec<String> = Vec::new();
    say.extend(item.note.clone());
    say.extend(item.other.as_ref().map(called));
    say.extend(item.others.iter().map(|o| called(&o.other)));
    if say.is_empty() {
        say.extend(item.watch_desk.as_ref().map(|t| format!("call the watch desk, {t}")));
    }
    vec![state, joined(item.yours.clone()), joined(say)]
}

/// The offers of and to an agency.
pub fn transfers(list: &Transfers) -> String {
    if list.transfers.is_empty() {
        return "No case was offered to you or by you.".to_owned();
    }
    table(&["transfer", "with", "what it says"], list.transfers.iter().map(transfer_row))
}

fn transfer_row(t: &TransferLine) -> Vec<String> {
    let (word, when) = match &t.answered {
        Some(at) => ("", at),
        None => ("until ", &t.until),
    };
    let state = format!("{}\n{}, {word}{}", t.transfer, t.state, minute(when));
    let with = if t.direction == "by-you" { format!("to {}", t.agency) } else { format!("from {}", t.agency) };
    let mut say: Vec<String> = t.case.iter().map(|number| format!("case {number}")).collect();
    say.push(t.reason.clone());
    say.extend(t.call.as_ref().map(|call| format!("call {call}")));
    say.extend(t.declined.as_ref().map(|why| format!("they write: {why}")));
    vec![state, with, joined(say)]
}

/// One conflict, as one side sees it.
pub fn conflict(c: &ConflictView) -> String {
    let state = c.resolution.as_ref().map_or_else(|| c.state.clone(), |r| format!("{}: {r}", c.state));
    let mut rows = vec![
        ("conflict", c.conflict.clone()),
        ("state", state),
        ("due", minute(&c.due)),
        ("how sure", c.strength.to_string()),
    ];
    rows.extend(c.other.as_ref().map(|o| ("call", called(o))));
    rows.extend(c.call_proof.as_ref().map(|p| ("call proof", format!("say {}; they must say {}", p.yours, p.theirs))));
    let mut out = vec![pairs(rows)];
    out.push(table(
        &["yours", "why"],
        c.matches.iter().map(|m| vec![format!("{} {}", m.kind, m.yours), m.why.clone()]),
    ));
    out.push(c.reminder.clone());
    out.extend(thread(c));
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

/// One's own case with its entries.
pub fn case(view: &CaseView) -> String {
    let c = &view.case;
    let ended = c.outcome.map(|o| format!(", {o}")).unwrap_or_default();
    let mut rows = vec![
        ("case", c.number.clone()),
        ("status", format!("{}{ended}", c.status)),
        ("threat area", format!("{}, {}", c.threat_area, c.offence)),
        ("nexus", c.nexus.clone()),
        ("predicate", c.predicate.as_ref().map_or_else(|| "none is stated".to_owned(), |p| p.facts.clone())),
        ("marking", c.marking.clone()),
        ("opened", minute(&c.opened)),
    ];
    rows.extend(c.closed.as_ref().map(|t| ("closed", minute(t))));
    if let Some(tip) = &view.tip {
        rows.push(("report", format!("CyberTip {}", tip.flags.report)));
        rows.push(("tip", flags(&tip.flags)));
    }
    let mut out = vec![pairs(rows)];
    let entries = view.entries.iter().map(|e| {
        let value = match (&e.value, &e.withheld) {
            (Some(value), _) => value.clone(),
            (None, Some(law)) => format!("withheld, {law} ({})", e.place.as_deref().unwrap_or("as submitted")),
            (None, None) => String::new(),
        };
        let whose = [e.role.word(), e.age.word(), e.class.word()].join(", ");
        let labels = format!("{}/{}, {}, review {}", e.reliability, e.validity, e.marking, minute(&e.review));
        vec![format!("{} {value}", e.kind), format!("{}, {}", e.state, e.level), whose, labels]
    });
    out.push(table(&["identifier", "state, level", "whose", "labels"], entries));
    let words = view.tip.iter().flat_map(|t| &t.words).map(|w| vec![w.label.clone(), w.text.clone()]);
    if view.tip.as_ref().is_some_and(|t| !t.words.is_empty()) {
        out.push(table(&["where in the report", "what it says"], words));
    }
    out.join("\n")
}

fn flags(f: &TipFlags) -> String {
    let mut said = vec![if f.informational { "informational" } else { "referral" }.to_owned()];
    said.extend(f.escalated.then(|| "escalated by its sender".to_owned()));
    said.extend((f.files > 0).then(|| format!("{} of {} files viewed by the provider", f.viewed_by_provider, f.files)));
    said.extend(f.possible_proxy.then(|| "an address may be a proxy's".to_owned()));
    said.extend(f.withheld.as_ref().map(|law| format!("words withheld, {law}")));
    said.join("; ")
}

/// Whom to call, of one answer among many; without a head of its own.
pub fn calls(a: &Answer) -> String {
    let mut out = vec![plain(&format!("{}:", a.case.as_deref().unwrap_or(&a.file)))];
    for c in &a.conflicts {
        let [who, if_not, quote] = call(&c.other);
        out.push(plain(&format!("{}: call {who}\n  {if_not}{}", c.strength, after(&quote))));
        out.push(table(
            &["yours", "why"],
            c.matches.iter().map(|m| vec![format!("{} {}", m.kind, m.yours), m.why.clone()]),
        ));
    }
    out.push(EQUAL_IS_NOT_SAME.to_owned());
    out.join("\n")
}

/// The thread of a conflict; none when nobody wrote.
pub fn thread(c: &ConflictView) -> Option<String> {
    let lines = c.thread.iter().map(|l| vec![minute(&l.at), l.from.clone(), l.marking.clone(), l.text.clone()]);
    (!c.thread.is_empty()).then(|| table(&["when", "from", "marking", "text"], lines))
}

/// Contact, number and agency, with the time there; whom else; what to quote there.
fn call(o: &Other) -> [String; 3] {
    let (if_not, quote) = o.if_no_answer.split_once(", quote ").unwrap_or((&o.if_no_answer, ""));
    let quote = if quote.is_empty() { String::new() } else { format!("quote {quote}") };
    let there = o.local_time.as_ref().map_or_else(String::new, |time| format!(", {time}"));
    [format!("{}, {} ({}){there}", o.contact, o.telephone, o.agency), format!("no answer? {if_not}"), quote]
}

/// The same on lines of their own, so that an id to be quoted stays whole in a narrow column.
fn called(o: &Other) -> String {
    let [_, if_not, quote] = call(o);
    let there = o.local_time.as_ref().map_or_else(String::new, |time| format!("\n{time}"));
    let who = format!("{}\n{}, {}{there}\n{if_not}", o.agency, o.contact, o.telephone);
    if quote.is_empty() { who } else { format!("{who}\n{quote}") }
}

fn after(quote: &str) -> String {
    if quote.is_empty() { String::new() } else { format!(", {quote}") }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn met() -> Answer {
        serde_json::from_value(serde_json::json!({
            "format": "concord.answer/1", "file": "a.csv", "receipt": "r", "case": "WA-1", "entries": 1,
            "problems": [], "suppressed": [], "desk": [], "not_asked": [],
            "conflicts": [{
                "conflict": "c", "strength": "strong",
                "matches": [{ "kind": "email", "yours": "x@example.org", "rule": "email-exact", "why": "Equal." }],
                "other": {
                    "agency": "Other\u{1b}[2J Agency", "contact": "Ben", "telephone": "928-555-0112",
                    "time_zone": "America/Denver", "local_time": "Tue 06:12 there, MST",
                    "if_no_answer": "watch desk 202-555-0100, quote c",
                },
            }],
        }))
        .unwrap()
    }

    #[test]
    fn people_read_whom_to_call_what_to_quote_and_that_equal_is_not_same() {
        let text = answer(&met(), true);
        for words in [
            "call Ben, 928-555-0112",
            "Tue 06:12 there, MST",
            "watch desk 202-555-0100, quote c",
            "x@example.org",
            EQUAL_IS_NOT_SAME,
        ] {
            assert!(text.contains(words), "{text}");
        }
    }

    /// Names come from other agencies.
    #[test]
    fn what_others_wrote_does_not_steer_a_terminal() {
        assert!(!answer(&met(), true).contains('\u{1b}'));
    }

    /// No answer says "clear" or "no conflict".
    #[test]
    fn nothing_is_said_as_nothing_to_show() {
        let text = answer(&Answer { conflicts: Vec::new(), ..met() }, true);
        assert!(
            text.contains("Nothing to show you.") && !text.contains("clear") && !text.contains("onflict"),
            "{text}"
        );
        assert_eq!(inbox(&Inbox { format: String::new(), items: Vec::new() }), NOTHING);
    }

    #[test]
    fn a_conflict_says_what_to_say_and_to_hear_on_the_telephone() {
        let mut view: ConflictView = serde_json::from_value(serde_json::json!({
            "format": "concord.conflict/1", "conflict": "c", "state": "notified", "resolution": null,
            "due": "2026-11-24T01:05:00.000000Z", "strength": "strong", "matches": [], "other": null, "reminder": "r",
            "thread": [], "proposals": [], "holds": [], "call_proof": { "yours": "acorn tulip", "theirs": "banjo lake" },
        }))
        .unwrap();
        let line = |text: &str| text.lines().find(|l| l.contains("call proof")).map(str::to_owned);
        let said = line(&conflict(&view)).unwrap();
        assert!(said.contains("say acorn tulip; they must say banjo lake"), "{said}");
        view.call_proof = None;
        assert_eq!(line(&conflict(&view)), None);
    }

    #[test]
    fn an_offer_shows_its_whole_id_with_whom_and_what_they_wrote() {
        let id = "01a20af8-0185-704b-ae96-769a3e620c07";
        let list: Transfers = serde_json::from_value(serde_json::json!({
            "format": "concord.transfers/1",
            "transfers": [{
                "transfer": id, "direction": "by-you", "agency": "Oregon", "state": "declined",
                "offered": "2026-11-23T01:05:00.000000Z", "until": "2026-11-26T01:05:00.000000Z",
                "answered": "2026-11-24T01:05:00.000000Z", "case": "WA-1", "reason": "he moved.", "declined": "not here.",
            }],
        }))
        .unwrap();
        let text = transfers(&list);
        for words in [id, "declined, 2026-11-24 01:05Z", "to Oregon", "case WA-1", "they write: not here."] {
            assert!(text.contains(words), "{text}");
        }
        assert!(transfers(&Transfers { transfers: Vec::new(), ..list }).starts_with("No case"));
    }

    #[test]
    fn a_wrapped_line_is_at_most_100_wide() {
        let text = wrapped(&"word ".repeat(90), "  ");
        assert!(text.lines().all(|l| l.chars().count() <= 100) && text.lines().count() == 5, "{text}");
    }
}
