//! Lists and the pages behind them: one's own, a page at a time, each with its one event; of another agency whom to call.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use casework::model::*;
use casework::{
    CaseFilter, ConflictFilter, ConflictRow, ConflictView, Error, HoldOrder, Page, Principal, Step, SubmissionFilter,
    SubmissionView,
};
use common::*;
use ledger::Event;
use serde_json::Value;
use store::SubmissionVerb;

fn words(text: &str) -> FreeText {
    FreeText::parse(text).unwrap()
}

fn text(of: &impl serde::Serialize) -> String {
    serde_json::to_string(of).unwrap()
}

/// The fields of a view, by name.
fn keys(of: &impl serde::Serialize) -> Vec<String> {
    let mut keys: Vec<String> = serde_json::to_value(of).unwrap().as_object().unwrap().keys().cloned().collect();
    keys.sort();
    keys
}

fn csv(values: &[&str]) -> String {
    values.iter().fold("kind,value\n".to_owned(), |csv, v| csv + "email," + v + "@example.org\n")
}

fn own(id: &str) -> SubmissionId {
    id.parse().unwrap()
}

/// Two officers whose cases meet in one address.
async fn meet(house: &House, value: &str) -> (Principal, CaseNumber, Principal, CaseNumber, ConflictId) {
    let (a, case_a) = house.officer(&format!("A-{value}")).await;
    let (b, case_b) = house.officer(&format!("B-{value}")).await;
    house.submit(&a, &case_a, &csv(&[value])).await;
    let answer = house.submit(&b, &case_b, &csv(&[value])).await;
    (a, case_a, b, case_b, answer.conflicts[0].conflict.as_deref().unwrap().parse().unwrap())
}

async fn queue(house: &House, who: &Principal, filter: ConflictFilter) -> Vec<ConflictRow> {
    house.desk.conflicts(who, filter, None, None).await.unwrap().rows
}

async fn submission(house: &House, who: &Principal, receipt: &str) -> SubmissionView {
    house.desk.submission(who, own(receipt), None, None).await.unwrap()
}

/// Every event of the ledger, read out of a backup of it.
async fn events(house: &House, file: &str) -> Vec<Event> {
    house.desk.settle_ledger().await.unwrap();
    let path = house.scratch.join(file);
    house.desk.backup(&Principal::operator(), &path, None, |_, _| ()).await.unwrap();
    let (mut body, mut out) = (None, Vec::new());
    for line in std::fs::read_to_string(path).unwrap().lines() {
        match serde_json::from_str(line).unwrap() {
            Value::Object(head) => {
                let columns = head.get("columns").and_then(Value::as_array);
                let at = columns.and_then(|c| c.iter().position(|c| c == "body"));
                body = at.filter(|_| head.get("table").is_some_and(|t| t == "event"));
            }
            Value::Array(row) if body.is_some() => {
                out.push(Event::decode(&STANDARD.decode(row[body.unwrap()].as_str().unwrap()).unwrap()).unwrap());
            }
            _ => {}
        }
    }
    assert!(!out.is_empty(), "the backup holds events");
    house.desk.settle_ledger().await.unwrap(); // the backup's own event stands before all that follows
    out
}

on_both!(every_list_leaves_one_event_that_names_its_rows, house => {
    let (a, case_a, b, _, conflict) = meet(&house, "fox").await;
    let boss = house.member(a.agency, &[Role::Supervisor]).await;
    let given = house.submit(&a, &case_a, &csv(&["owl"])).await;
    house.desk.work(None).await.unwrap();
    let before = events(&house, "before").await.len() + 1; // the backup's own event comes after what it holds
    let id = |text: &str| text.parse::<uuid::Uuid>().unwrap();
    let mut wanted: Vec<(&str, BTreeSet<uuid::Uuid>)> = Vec::new();

    let cases = house.desk.cases(&a, CaseFilter::default(), None, None).await.unwrap();
    let case = id(&cases.rows[0].id);
    wanted.push(("view-case", BTreeSet::from([case])));
    let page = house.desk.case_page(&a, &case_a, None, None, None).await.unwrap();
    let entries: BTreeSet<_> = page.view.entries.iter().map(|e| id(&e.id)).collect();
    assert_eq!(entries.len(), 2);
    wanted.push(("view-case", entries.iter().copied().chain([case]).collect()));
    let fox = page.view.entries.iter().find(|e| e.value.as_deref() == Some("fox@example.org")).unwrap();
    house.desk.conflicts(&a, ConflictFilter::default(), None, None).await.unwrap();
    wanted.push(("inbox", BTreeSet::from([case, conflict.into(), id(&fox.id)])));
    house.desk.conflict(&a, conflict).await.unwrap();
    wanted.push(("show-conflict", BTreeSet::from([case, id(&fox.id)])));
    let list = house.desk.submissions(&a, SubmissionFilter::default(), None, None).await.unwrap();
    wanted.push(("get-receipt", list.rows.iter().map(|s| id(&s.id)).collect()));
    house.desk.answer(&a, own(&given.receipt)).await.unwrap();
    wanted.push(("get-receipt", BTreeSet::from([id(&given.receipt)])));
    let view = submission(&house, &a, &fox.submission).await;
    assert_eq!(view.entries[0].saw.len(), 1);
    wanted.push(("view-case", BTreeSet::from([id(&fox.submission), id(&fox.id), conflict.into()])));
    let agencies = house.desk.agencies(&a, None, None).await.unwrap();
    wanted.push(("list-agencies", agencies.rows.iter().map(|r| id(&r.id)).collect()));
    house.desk.agency_page(&a, b.agency).await.unwrap();
    wanted.push(("list-agencies", BTreeSet::from([b.agency.into()])));
    let members = house.desk.members(&boss, None, None).await.unwrap();
    let all: BTreeSet<_> = members.rows.iter().map(|m| id(&m.id)).collect();
    assert_eq!(all.len(), 3);
    wanted.push(("list-members", all.clone()));
    house.desk.agency_page(&boss, boss.agency).await.unwrap();
    wanted.push(("list-members", all.into_iter().chain([boss.agency.into()]).collect()));
    // What is not there leaves its one event too, and names nothing.
    assert!(house.desk.answer(&b, own(&given.receipt)).await.is_err());
    wanted.push(("get-receipt", BTreeSet::new()));
    assert!(house.desk.submission(&b, own(&given.receipt), None, None).await.is_err());
    wanted.push(("view-case", BTreeSet::new()));
    assert!(house.desk.members(&a, None, None).await.is_err());
    wanted.push(("list-members", BTreeSet::new()));

    let left = events(&house, "after").await.split_off(before);
    let mut told: Vec<(String, BTreeSet<uuid::Uuid>)> =
        left.iter().map(|e| (e.verb.to_string(), e.shown.iter().copied().collect())).collect();
    // The sequencer numbers what waits by id: what was done in one moment stands in any order.
    told.sort();
    let mut wanted: Vec<_> = wanted.into_iter().map(|(verb, rows)| (verb.to_owned(), rows)).collect();
    wanted.sort();
    assert_eq!(told, wanted);
});

/// Walks a list in pages of two.
macro_rules! walk {
    ($house:ident, $verb:ident($($arg:expr),*)) => {{
        let (mut rows, mut after) = (Vec::new(), None);
        loop {
            let page = $house.desk.$verb($($arg,)* after.as_deref(), Some(2)).await.unwrap();
            assert!((1..=2).contains(&page.rows.len()));
            rows.extend(page.rows);
            after = page.next;
            if after.is_none() {
                break rows;
            }
        }
    }};
}

on_both!(pages_of_every_list_follow_each_other_to_its_end, house => {
    let (a, case_a) = house.officer("A-1").await;
    let boss = house.member(a.agency, &[Role::Supervisor]).await;
    for n in 0..4 {
        house.case(&a, &format!("A-1{n}"), None).await;
        let (b, case_b) = house.officer(&format!("B-{n}")).await;
        house.submit(&b, &case_b, &csv(&["fox"])).await;
    }
    let receipt = house.submit(&a, &case_a, &csv(&["fox", "owl", "elk", "hen", "cat"])).await.receipt;
    let ids = |rows: Vec<String>| rows.into_iter().collect::<BTreeSet<_>>().len();
    assert_eq!(ids(walk!(house, conflicts(&a, ConflictFilter::default())).into_iter().map(|r| r.conflict).collect()), 4);
    assert_eq!(ids(walk!(house, cases(&a, CaseFilter::default())).into_iter().map(|r| r.id).collect()), 5);
    assert_eq!(ids(walk!(house, agencies(&a)).into_iter().map(|r| r.id).collect()), 5);
    assert_eq!(ids(walk!(house, members(&boss)).into_iter().map(|r| r.id).collect()), 3);
    house.check(&a, None, &csv(&["owl"])).await;
    house.check(&a, Some(&case_a), &csv(&["owl"])).await;
    assert_eq!(ids(walk!(house, submissions(&a, SubmissionFilter::default())).into_iter().map(|r| r.id).collect()), 3);
    let (mut entries, mut after, mut answers) = (BTreeSet::new(), None, 0);
    loop {
        let page = house.desk.submission(&a, own(&receipt), after.as_deref(), Some(2)).await.unwrap();
        answers += usize::from(page.answer.is_some());
        entries.extend(page.entries.into_iter().map(|e| e.id));
        after = page.next;
        if after.is_none() { break }
    }
    assert_eq!((entries.len(), answers), (5, 1));
    for bad in ["1", "zz", "00"] {
        assert!(matches!(house.desk.cases(&a, CaseFilter::default(), Some(bad), None).await, Err(Error::Argument { .. })));
        assert!(matches!(house.desk.agencies(&a, Some(bad), None).await, Err(Error::Argument { .. })));
    }
});

on_both!(a_row_of_the_queue_holds_what_one_may_know_and_no_more, house => {
    let (a, _, b, _, conflict) = meet(&house, "fox").await;
    let rows = queue(&house, &a, ConflictFilter::default()).await;
    let row = &rows[0];
    assert_eq!((rows.len(), row.conflict.as_str(), row.case.as_deref()), (1, conflict.to_string().as_str(), Some("A-fox")));
    assert_eq!((row.state.as_str(), row.overdue, &row.yours), ("notified", false, &vec!["fox@example.org".to_owned()]));
    let other = row.other.as_ref().unwrap();
    let page = house.desk.agency_page(&a, b.agency).await.unwrap();
    assert_eq!(other.agency, page.agency.name);
    let known = ["case", "conflict", "due", "other", "overdue", "resolution", "state", "strength", "yours"];
    assert_eq!(keys(row), known, "a new column of another agency's would be a breach of sentence 4");
    assert!(!text(row).contains("B-fox"), "their number");
    house.clock.advance(30 * 86_400);
    let late = ConflictFilter { overdue: true, ..ConflictFilter::default() };
    assert!(queue(&house, &a, late).await[0].overdue);
    house.desk.step(&a, conflict, Step::Propose(Resolution::Joint, words("as we said"))).await.unwrap();
    assert!(queue(&house, &a, late).await.is_empty(), "taken note of");
    house.desk.step(&b, conflict, Step::Accept(None)).await.unwrap();
    assert!(queue(&house, &a, ConflictFilter::default()).await.is_empty());
    let over = ConflictFilter { state: Some(SideState::Resolved), ..ConflictFilter::default() };
    assert_eq!(queue(&house, &a, over).await[0].resolution.as_deref(), Some("joint"));
    // A colleague who leads nothing sees nothing, the supervisor all.
    let colleague = house.member(a.agency, &[]).await;
    assert!(queue(&house, &colleague, over).await.is_empty());
    let boss = house.member(a.agency, &[Role::Supervisor]).await;
    assert_eq!(queue(&house, &boss, over).await.len(), 1);
    assert!(queue(&house, &boss, ConflictFilter { mine: true, ..over }).await.is_empty());
});

on_both!(a_thread_says_who_of_ones_own_did_what_and_of_theirs_whom_to_call, house => {
    let (a, _, b, _, id) = meet(&house, "fox").await;
    let name = async |who: &Principal| {
        let boss = house.member(who.agency, &[Role::Supervisor]).await;
        let members = house.desk.members(&boss, None, None).await.unwrap();
        members.rows.into_iter().find(|m| m.id == who.member.to_string()).unwrap().name
    };
    let boss_b = house.member(b.agency, &[Role::Supervisor]).await;
    let (ann, bob, chief) = (name(&a).await, name(&b).await, name(&boss_b).await);
    let view = house.desk.conflict(&a, id).await.unwrap();
    assert_eq!(view.case.as_deref(), Some("A-fox"));
    assert_eq!(view.theirs.as_ref().map(|t| t.seen), Some(false), "told, not yet seen by them");
    assert_eq!(view.timeline.len(), 1);
    house.clock.advance(60);
    house.desk.step(&a, id, Step::Acknowledge).await.unwrap();
    assert!(house.desk.conflict(&b, id).await.unwrap().theirs.unwrap().seen);
    house.clock.advance(60);
    house.desk.step(&boss_b, id, Step::Message(words("call me"), Marking::default())).await.unwrap();
    house.clock.advance(60);
    house.desk.hold(&b, id, HoldOrder::Propose(words("we go in tonight"))).await.unwrap();
    house.clock.advance(60);
    house.desk.step(&a, id, Step::Propose(Resolution::Joint, words("as we said"))).await.unwrap();
    house.clock.advance(30 * 86_400);
    house.desk.step(&b, id, Step::Accept(None)).await.unwrap();
    let (mine, theirs) = (house.desk.conflict(&a, id).await.unwrap(), house.desk.conflict(&b, id).await.unwrap());
    let happened = |v: &ConflictView| -> Vec<(String, Option<String>, Option<String>)> {
        v.timeline.iter().map(|h| (h.what.clone(), h.from.clone(), h.by.clone())).collect()
    };
    let line = |what: &str, from: &str, by: &str| (what.to_owned(), Some(from.to_owned()), Some(by.to_owned()));
    let plain = |what: &str| (what.to_owned(), None, None);
    assert_eq!(happened(&mine), [
        plain("told"), line("acknowledged", "you", &ann), line("hold", "they", &bob), line("proposed", "you", &ann),
        plain("hold-ended"), line("proposed", "they", &bob), plain("resolved"),
    ]);
    assert_eq!(happened(&theirs)[1], line("acknowledged", "you", &chief), "whoever of them was first");
    let times: Vec<Micros> = mine.timeline.iter().map(|h| Micros::parse(&h.at).unwrap()).collect();
    assert!(times.is_sorted());
    // The chief wrote; ann is told whom to call there, and never who typed.
    assert_eq!(mine.thread[0].by.as_deref(), Some(bob.as_str()));
    assert_eq!(theirs.thread[0].by.as_deref(), Some(chief.as_str()));
    assert!(!text(&mine).contains(&chief));
    // Why they ask for a hold is their own; and when they took note stands nowhere.
    assert!(!text(&mine).contains("tonight") && !text(&theirs).contains("A-fox"));
    assert_eq!(mine.theirs, Some(casework::Theirs { told: mine.timeline[0].at.clone(), seen: true }));
});

on_both!(cases_say_who_leads_them_and_how_much_stands_in_them, house => {
    let (a, case_a, _, _, _) = meet(&house, "fox").await;
    let boss = house.member(a.agency, &[Role::Supervisor, Role::Investigator]).await;
    house.submit(&a, &case_a, &csv(&["owl", "elk"])).await;
    house.desk.withdraw(&a, &case_a, Kind::Email, "elk@example.org", None, &Purpose::parse("wrong").unwrap()).await.unwrap();
    house.clock.advance(60);
    let second = house.case(&boss, "A-2", None).await;
    house.desk.close_case(&boss, &second, Outcome::Exhausted).await.unwrap();
    let all = house.desk.cases(&boss, CaseFilter::default(), None, None).await.unwrap().rows;
    let of = |n: usize| (all[n].number.as_str(), all[n].status, all[n].entries, all[n].conflicts);
    assert_eq!((of(0), of(1)), (("A-2", CaseStatus::Closed, 0, 0), ("A-fox", CaseStatus::Open, 2, 1)));
    let page = house.desk.case_page(&boss, &case_a, None, None, Some(1)).await.unwrap();
    assert_eq!((&page.lead_name, page.view.entries.len()), (&all[1].lead, 1));
    assert!(page.lead_name.is_some() && page.supervisor_name.is_some());
    let open = CaseFilter { status: Some(CaseStatus::Open), mine: false };
    assert_eq!(house.desk.cases(&boss, open, None, None).await.unwrap().rows.len(), 1);
    let mine = CaseFilter { mine: true, ..CaseFilter::default() };
    assert_eq!(house.desk.cases(&boss, mine, None, None).await.unwrap().rows[0].number, "A-2");
    // Together the pages of a case are the case.
    let whole = house.desk.case_view(&boss, &case_a, None).await.unwrap();
    let (mut entries, mut after) = (Vec::new(), None);
    loop {
        let page = house.desk.case_page(&boss, &case_a, None, after.as_deref(), Some(2)).await.unwrap();
        assert_eq!(page.view.case, whole.case);
        entries.extend(page.view.entries);
        after = page.next;
        if after.is_none() { break }
    }
    assert!(entries == whole.entries, "the same entries in the same order");
    assert!(entries.iter().any(|e| e.state == "withdrawn" && e.ended.is_some()));
});

on_both!(a_past_check_says_why_it_was_asked_and_a_submission_what_became_of_it, house => {
    let (a, case_a) = house.officer("A-1").await;
    let boss = house.member(a.agency, &[Role::Supervisor]).await;
    let wrong = house.submit(&a, &case_a, &csv(&["wrogn", "owl"])).await;
    house.clock.advance(60);
    house.check(&a, None, &csv(&["elk"])).await;
    let corrected = house.desk.store().clock().now();
    let order = house.order(&case_a, &csv(&["wrong"]));
    let right = house.desk.correct(&a, Kind::Email, "wrogn@example.org", None, &Purpose::parse("a typing error").unwrap(), order).await.unwrap();
    house.desk.withdraw(&a, &case_a, Kind::Email, "owl@example.org", None, &Purpose::parse("not his").unwrap()).await.unwrap();
    let list = house.desk.submissions(&boss, SubmissionFilter::default(), None, None).await.unwrap().rows;
    assert_eq!(list.len(), 3);
    let check = list.iter().find(|s| s.verb == "check").unwrap();
    assert_eq!((check.purpose.as_deref(), check.case.as_deref(), check.entries), (Some("before a knock on the door"), None, 1));
    let first = list.iter().find(|s| s.id == wrong.receipt).unwrap();
    assert_eq!((first.purpose.as_deref(), first.case.as_deref(), first.file.as_str()), (None, Some("A-1"), "in.csv"));
    assert!(first.looked && first.by.is_some());
    let none = SubmissionFilter { mine: true, ..SubmissionFilter::default() };
    assert!(house.desk.submissions(&boss, none, None, None).await.unwrap().rows.is_empty());
    let checks = SubmissionFilter { verb: Some(SubmissionVerb::Check), ..SubmissionFilter::default() };
    assert_eq!(house.desk.submissions(&boss, checks, None, None).await.unwrap().rows.len(), 1);
    let in_case = SubmissionFilter { case: Some(case_a), ..SubmissionFilter::default() };
    assert_eq!(house.desk.submissions(&boss, in_case, None, None).await.unwrap().rows.len(), 2);

    let view = submission(&house, &boss, &wrong.receipt).await;
    assert_eq!(view.answer.as_ref(), Some(&wrong));
    assert_eq!(house.desk.answer(&boss, own(&wrong.receipt)).await.unwrap(), wrong);
    let of = |yours: &str| view.entries.iter().find(|e| e.yours == yours).unwrap();
    let (typo, owl) = (of("wrogn@example.org"), of("owl@example.org"));
    assert_eq!((typo.state.as_str(), owl.state.as_str()), ("corrected", "withdrawn"));
    assert_eq!(typo.ended.as_deref(), Some(corrected.to_string().as_str()));
    assert!(owl.ended.is_some() && owl.corrected.is_empty());
    assert_eq!((typo.corrected[0].yours.as_str(), &typo.corrected[0].submission), ("wrong@example.org", &right.receipt));
    let check = submission(&house, &a, &check.id).await;
    assert!(check.entries.is_empty() && check.nexus.is_some() && check.answer.is_some(), "a question leaves nothing");
});

on_both!(a_submission_not_looked_at_yet_says_so, house => {
    let (a, _) = house.officer("A-1").await;
    let grant = policy::decide(
        &policy::Policies::built_in().unwrap(), &a, policy::Action::Check,
        &policy::Facts { agency: Some(a.agency), has_nexus: true, ..policy::Facts::default() }, house.desk.request(),
    ).unwrap();
    let store = house.desk.store();
    let id = SubmissionId::new(store.clock(), store.chance());
    let detail = br#"{"file":"q.csv","check":true,"case":null,"purpose":"why","nexus":"a chat room","entries":1,"asked":[]}"#;
    let new = store::NewSubmission { id, member: a.member, case: None, request: house.desk.request(), digest: [0; 32].into(), postings: 0, detail };
    let mut tx = store.begin(&grant).await.unwrap();
    tx.add_submissions(SubmissionVerb::Check, &[new]).await.unwrap();
    tx.commit(store.act(&grant, ("submission", id.into())).accepts(id)).await.unwrap();
    assert!(matches!(house.desk.answer(&a, id).await, Err(Error::NotNow(_))));
    let view = house.desk.submission(&a, id, None, None).await.unwrap();
    assert!(view.answer.is_none() && !view.submission.looked);
    assert!(!house.desk.submissions(&a, SubmissionFilter::default(), None, None).await.unwrap().rows[0].looked);
});

/// What ann reads of her submission, in a world where one agency meets it openly, one behind the desk, and, when `hidden`,
/// one in silence; the names of the three.
async fn saw(engine: store::Engine, hidden: bool) -> (Vec<String>, [String; 3]) {
    let house = house(engine).await;
    let (ann, case) = house.officer("ANN-1").await;
    let mut names = Vec::new();
    let mut parties = Vec::new();
    for n in 0..3 {
        let (who, number) = house.officer(&format!("X-{n}")).await;
        names.push(house.desk.agency_page(&who, who.agency).await.unwrap().agency.name);
        let boss = house.member(who.agency, &[Role::Supervisor]).await;
        parties.push((who, number, boss));
    }
    house.clock.advance(1);
    house.chance.reseed(101);
    let receipt = house.submit(&ann, &case, &csv(&["fox"])).await.receipt;
    let asked = house.submit(&ann, &case, &csv(&["owl"])).await.receipt;
    for (n, level) in [(0, "open"), (1, "desk")] {
        house.chance.reseed(102 + n);
        let (who, number, _) = &parties[usize::try_from(n).unwrap()];
        house.submit(who, number, &format!("kind,value,level\nemail,fox@example.org,{level}\n")).await;
    }
    house.chance.reseed(105);
    let value = if hidden { "fox" } else { "never" };
    house.submit_silent(&parties[2].0, &parties[2].1, &csv(&[value]), &parties[2].2).await.unwrap();
    house.chance.reseed(106);
    house.check(&parties[0].0, None, &csv(&["owl"])).await;
    house.desk.work(None).await.unwrap();
    house.chance.reseed(107);
    let mut seen = Vec::new();
    for id in [&receipt, &asked] {
        seen.push(text(&submission(&house, &ann, id).await));
    }
    seen.push(text(&house.desk.submissions(&ann, SubmissionFilter::default(), None, None).await.unwrap()));
    seen.push(text(&house.desk.conflicts(&ann, ConflictFilter::default(), None, None).await.unwrap()));
    seen.push(text(&house.desk.cases(&ann, CaseFilter::default(), None, None).await.unwrap()));
    seen.push(text(&house.desk.case_page(&ann, &case, None, None, None).await.unwrap()));
    (seen, names.try_into().unwrap())
}

async fn who_saw_it(engine: store::Engine) {
    let (seen, [open, desk, silent]) = saw(engine, true).await;
    let view: SubmissionView = serde_json::from_str(&seen[0]).unwrap();
    let lines = &view.entries[0].saw;
    assert_eq!((lines.len(), &lines[0].other.agency, lines[0].how.as_str()), (1, &open, "openly"));
    assert!(seen.iter().all(|s| !s.contains(&desk) && !s.contains(&silent)), "only whom she sees openly: {seen:?}");
    let asked: SubmissionView = serde_json::from_str(&seen[1]).unwrap();
    assert_eq!(asked.entries[0].asked.len(), 1);
    assert!(asked.entries[0].asked[0].words.contains(&open));
    let (plain, _) = saw(engine, false).await;
    assert_eq!(seen, plain, "with and without a silent entry of another's");
}

#[tokio::test]
async fn who_saw_it_is_whom_one_sees_openly_and_no_silent_entry_changes_a_byte_sqlite() {
    who_saw_it(store::Engine::Sqlite).await;
}
#[tokio::test]
async fn who_saw_it_is_whom_one_sees_openly_and_no_silent_entry_changes_a_byte_postgres() {
    who_saw_it(store::Engine::Postgres).await;
}

on_both!(a_protected_value_stands_in_no_list, house => {
    let (a, case_a) = house.officer("A-1").await;
    let (b, case_b) = house.officer("B-1").await;
    let rows = "kind,value,role,age\nemail,fox@example.org,subject,adult\nemail,kid@example.org,victim,minor\nemail,saw@example.org,witness,adult\n";
    let mine = house.submit(&a, &case_a, rows).await;
    house.submit(&b, &case_b, rows).await;
    let order = house.order(&case_a, "kind,value,role,age\nemail,kid2@example.org,victim,minor\n");
    house.desk.correct(&a, Kind::Email, "kid@example.org", None, &Purpose::parse("a typing error").unwrap(), order).await.unwrap();
    house.desk.work(None).await.unwrap();
    let page = house.desk.case_page(&a, &case_a, None, None, None).await.unwrap();
    let all = [
        text(&house.desk.conflicts(&a, ConflictFilter::default(), None, None).await.unwrap()),
        text(&house.desk.cases(&a, CaseFilter::default(), None, None).await.unwrap()),
        text(&house.desk.submissions(&a, SubmissionFilter::default(), None, None).await.unwrap()),
        text(&submission(&house, &a, &mine.receipt).await),
        text(&page),
    ];
    for (n, shown) in all.iter().enumerate() {
        assert!(!shown.contains("kid") && !shown.contains("saw@"), "list {n}: {shown}");
    }
    assert!(all[3].contains("email of a protected person (line 3)") && all[3].contains("fox@example.org"), "{}", all[3]);
    // With a reason its own case opens it, and says so in a second event.
    let reason = words("to tell her mother");
    let opened = house.desk.case_page(&a, &case_a, Some(&reason), None, None).await.unwrap();
    assert!(text(&opened).contains("kid2@example.org"));
});

on_both!(what_is_anothers_and_what_is_nothing_are_not_found_alike, house => {
    let (a, case_a, b, _, id) = meet(&house, "fox").await;
    let (eve, _) = house.officer("E-1").await;
    let theirs = house.submit(&a, &case_a, &csv(&["owl"])).await.receipt;
    let store = house.desk.store();
    let nothing = SubmissionId::new(store.clock(), store.chance());
    let say = |e: Error| {
        assert!(matches!(e, Error::NotFound(_)), "{e:?}");
        e.to_string()
    };
    for who in [&eve, &b] {
        let (one, other) = (own(&theirs), nothing);
        assert_eq!(
            say(house.desk.submission(who, one, None, None).await.unwrap_err()),
            say(house.desk.submission(who, other, None, None).await.unwrap_err())
        );
        assert_eq!(
            say(house.desk.answer(who, one).await.unwrap_err()),
            say(house.desk.answer(who, other).await.unwrap_err())
        );
        let number = |n: &str| CaseNumber::parse(n).unwrap();
        assert_eq!(
            say(house.desk.case_page(who, &case_a, None, None, None).await.unwrap_err()),
            say(house.desk.case_page(who, &number("NO-SUCH"), None, None, None).await.unwrap_err())
        );
        let filter = |n: CaseNumber| SubmissionFilter { case: Some(n), ..SubmissionFilter::default() };
        assert_eq!(
            say(house.desk.submissions(who, filter(case_a.clone()), None, None).await.unwrap_err()),
            say(house.desk.submissions(who, filter(number("NO-SUCH")), None, None).await.unwrap_err())
        );
    }
    let not = ConflictId::new(store.clock(), store.chance());
    assert_eq!(say(house.desk.conflict(&eve, id).await.unwrap_err()), say(house.desk.conflict(&eve, not).await.unwrap_err()));
    say(house.desk.agency_page(&eve, AgencyId::new(store.clock(), store.chance())).await.unwrap_err());
    assert!(queue(&house, &eve, ConflictFilter::default()).await.is_empty());
});

on_both!(of_another_agency_stand_name_kind_state_and_duty_number_alone, house => {
    let (a, _) = house.officer("A-1").await;
    let boss = house.member(a.agency, &[Role::Supervisor]).await;
    let foreign = house.agency(AgencyKind::Foreign).await;
    let page = house.desk.agency_page(&a, foreign).await.unwrap();
    assert_eq!(keys(&page), ["country", "format", "id", "kind", "name", "state", "telephone", "watch_desk", "yours"]);
    assert!(page.telephone.is_some() && !page.agency.yours);
    // One's own: its members for those who may list them, and whether it is suspended.
    let own = house.desk.agency_page(&a, a.agency).await.unwrap();
    assert!(own.members.is_none() && own.agency.yours && own.agency.suspended == Some(false));
    assert!(matches!(house.desk.members(&a, None, None).await, Err(Error::Refused(_))));
    let page = house.desk.agency_page(&boss, a.agency).await.unwrap();
    let members: Page<casework::MemberRow> = page.members.unwrap();
    assert_eq!((members.rows.len(), members.next), (3, None));
    assert!(house.desk.agency_page(&boss, foreign).await.unwrap().members.is_none());
    // Who admits agencies knows when an approval ended; nobody else learns it here.
    house.clock.advance(400 * 86_400);
    let office = house.member(a.agency, &[Role::ProgrammeOffice]).await;
    for (who, knows) in [(&a, None), (&office, Some(true))] {
        let rows = house.desk.agencies(who, None, None).await.unwrap().rows;
        assert_eq!(rows.iter().find(|r| r.id == foreign.to_string()).unwrap().suspended, knows);
    }
});
