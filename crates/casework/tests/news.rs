//! What pages that stay open are told: nothing is missed, nothing but one's own, and the ledger does not grow by asking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::collections::BTreeSet;

use casework::model::*;
use casework::{Counts, Cursor, HoldOrder, News, Principal, Step, ThreadMark};
use common::*;

const FOX: &str = "kind,value\nemail,fox@example.org\n";

async fn events(house: &House) -> usize {
    house.desk.settle_ledger().await.unwrap()
}

async fn begin(house: &House, who: &Principal) -> Cursor {
    let news = house.desk.news(who, None).await.unwrap();
    assert!(news.items.is_empty() && !news.more, "what is there stands in the inbox");
    news.cursor
}

async fn news(house: &House, who: &Principal, cursor: &mut Cursor) -> News {
    let news = house.desk.news(who, Some(cursor)).await.unwrap();
    *cursor = news.cursor;
    news
}

fn say(text: &str) -> Step {
    Step::Message(FreeText::parse(text).unwrap(), Marking::default())
}

fn conflict_of(answer: &casework::answer::Answer) -> ConflictId {
    answer.conflicts[0].conflict.as_deref().unwrap().parse().unwrap()
}

on_both!(a_new_conflict_a_message_and_a_hold_come_once_as_the_inbox_shows_them, house => {
    let ((a, case_a), (b, case_b)) = (house.officer("A-1").await, house.officer("B-1").await);
    let (eve, _) = house.officer("E-1").await;
    house.submit(&a, &case_a, FOX).await;
    let (mut at, mut eves) = (begin(&house, &a).await, begin(&house, &eve).await);
    assert!(news(&house, &a, &mut at).await.items.is_empty());

    let id = conflict_of(&house.submit(&b, &case_b, FOX).await);
    let came = news(&house, &a, &mut at).await;
    let inbox = house.desk.inbox(&a).await.unwrap();
    assert_eq!(came.items.iter().map(|n| n.item.clone()).collect::<Vec<_>>(), inbox.items);
    assert_eq!(came.items[0].item.conflict.as_deref(), Some(id.to_string().as_str()));
    assert!(came.items[0].item.other.is_some());

    house.desk.step(&b, id, say("call me")).await.unwrap();
    house.desk.hold(&b, id, HoldOrder::Propose(FreeText::parse("tonight").unwrap())).await.unwrap();
    let came = news(&house, &a, &mut at).await;
    let mut states: Vec<_> = came.items.iter().map(|n| n.item.state.as_str()).collect();
    states.sort_unstable();
    assert_eq!(states, ["hold", "message"]);
    assert!(came.items.iter().all(|n| n.item.notice.as_deref() == Some(n.id.as_str())), "a stable id each");
    assert!(news(&house, &a, &mut at).await.items.is_empty(), "each comes once");
    assert!(news(&house, &eve, &mut eves).await.items.is_empty(), "nothing of another's");
});

on_both!(a_second_page_and_one_that_comes_back_see_all_and_what_was_seen_does_not_come, house => {
    let ((a, case_a), (b, case_b)) = (house.officer("A-1").await, house.officer("B-1").await);
    house.submit(&a, &case_a, FOX).await;
    let (mut one, mut two) = (begin(&house, &a).await, begin(&house, &a).await);
    let old: Cursor = one.to_string().parse().unwrap();
    assert_eq!(old, one, "a cursor reads back");
    for bad in ["", "7", "x_1", &format!("{one}_9"), &one.to_string().replace('_', ".")] {
        assert!(bad.parse::<Cursor>().is_err(), "{bad}");
    }
    let id = conflict_of(&house.submit(&b, &case_b, FOX).await);
    assert_eq!(news(&house, &a, &mut one).await.items.len(), 1);
    assert_eq!(news(&house, &a, &mut two).await.items.len(), 1, "another page is told too");
    house.desk.step(&b, id, say("call me")).await.unwrap();
    let came = news(&house, &a, &mut one).await;
    house.desk.seen(&a, came.items[0].id.parse().unwrap()).await.unwrap();
    assert!(news(&house, &a, &mut two).await.items.is_empty(), "what was taken out of the inbox is no news");
    let again = house.desk.news(&a, Some(&old)).await.unwrap();
    assert_eq!(again.items.len(), 1, "who comes back with an old cursor sees what still waits");
});

on_both!(long_news_come_in_parts_and_each_once, house => {
    let ((a, case_a), (b, case_b)) = (house.officer("A-1").await, house.officer("B-1").await);
    house.submit(&a, &case_a, FOX).await;
    let id = conflict_of(&house.submit(&b, &case_b, FOX).await);
    let mut at = begin(&house, &a).await;
    for n in 0..60 {
        house.desk.step(&b, id, say(&format!("line {n}"))).await.unwrap();
    }
    let (mut met, mut parts) = (BTreeSet::new(), 0);
    loop {
        let part = news(&house, &a, &mut at).await;
        parts += 1;
        for item in &part.items {
            assert!(met.insert(item.id.clone()), "{} comes twice", item.id);
        }
        if !part.more {
            break;
        }
    }
    assert_eq!((met.len(), parts), (60, 2));
});

// A stream asks every second: what it finds is bounded by what was told, and asking alone leaves nothing.
on_both!(asking_leaves_no_event_and_telling_leaves_one, house => {
    let ((a, case_a), (b, case_b)) = (house.officer("A-1").await, house.officer("B-1").await);
    house.submit(&a, &case_a, FOX).await;
    let mut at = begin(&house, &a).await;
    events(&house).await;
    for _ in 0..100 {
        assert!(news(&house, &a, &mut at).await.items.is_empty());
        house.desk.counts(&a).await.unwrap();
        house.clock.advance(2);
    }
    assert_eq!(events(&house).await, 0);
    let id = conflict_of(&house.submit(&b, &case_b, FOX).await);
    events(&house).await;
    assert_eq!(news(&house, &a, &mut at).await.items.len(), 1);
    assert_eq!(events(&house).await, 1, "the read that shows rows");
    let mark = house.desk.thread_news(&a, id, None).await.unwrap().mark;
    assert_eq!((mark, events(&house).await), (None, 0), "an empty thread");
    house.desk.step(&b, id, say("call me")).await.unwrap();
    events(&house).await;
    let mark = house.desk.thread_news(&a, id, None).await.unwrap().mark;
    assert_eq!(events(&house).await, 1);
    for _ in 0..50 {
        assert!(house.desk.thread_news(&a, id, mark).await.unwrap().lines.is_empty());
    }
    assert_eq!(events(&house).await, 0);
    // The beat: one event whatever there is.
    for _ in 0..3 {
        house.clock.advance(301);
        news(&house, &a, &mut at).await;
        news(&house, &a, &mut at).await;
        assert_eq!(events(&house).await, 1);
    }
});

// Sentence 9: an officer who asks and watches the ledger's size learns nothing of a silent entry from its owner's open page.
on_both!(an_owners_open_page_does_not_tell_the_ledger_of_a_silent_hit, house => {
    let (owner, case_o) = house.officer("O-1").await;
    let supervisor = house.member(owner.agency, &[Role::Supervisor]).await;
    let (asker, case_a) = house.officer("A-1").await;
    let watch = house.member(house.agency(AgencyKind::Federal).await, &[Role::WatchDesk]).await;
    house.submit_silent(&owner, &case_o, FOX, &supervisor).await.unwrap();
    let (mut own, mut desk) = (begin(&house, &owner).await, begin(&house, &watch).await);
    house.desk.work(None).await.unwrap();
    let mut grew = Vec::new();
    for value in ["nobody", "fox"] {
        events(&house).await;
        house.submit(&asker, &case_a, &format!("kind,value\nemail,{value}@example.org\n")).await;
        house.desk.work(None).await.unwrap();
        let before = house.desk.verify_ledger(&Principal::operator(), |_| ()).await.unwrap().size;
        for _ in 0..10 {
            house.clock.advance(1);
            assert!(news(&house, &owner, &mut own).await.items.is_empty());
            assert!(news(&house, &watch, &mut desk).await.items.is_empty());
        }
        let after = house.desk.verify_ledger(&Principal::operator(), |_| ()).await.unwrap().size;
        grew.push(after - before);
    }
    assert_eq!(grew[0], grew[1]);
    house.clock.advance(301);
    let told = news(&house, &owner, &mut own).await;
    assert_eq!(told.items.iter().map(|n| n.item.state.as_str()).collect::<Vec<_>>(), ["silent"], "it is told on the beat");
    let told = news(&house, &watch, &mut desk).await;
    assert!(told.items.iter().any(|n| n.item.state == "silent" && n.item.other.is_some()), "{told:?}");
});

on_both!(the_watch_desk_hears_of_its_own_queue_and_nobody_else_does, house => {
    let ((a, case_a), (b, case_b)) = (house.officer("A-1").await, house.officer("B-1").await);
    let watch = house.member(house.agency(AgencyKind::Federal).await, &[Role::WatchDesk]).await;
    let mut order = house.order(&case_a, FOX);
    order.level = Level::Desk;
    house.desk.submit(&a, order).await.unwrap();
    let (mut desk, mut bs) = (begin(&house, &watch).await, begin(&house, &b).await);
    house.submit(&b, &case_b, FOX).await;
    let queue = news(&house, &watch, &mut desk).await;
    assert_eq!(queue.items.len(), 1);
    assert_eq!(queue.items[0].item, house.desk.inbox(&watch).await.unwrap().items[0]);
    let told = news(&house, &b, &mut bs).await;
    assert_eq!(told.items.len(), 1);
    assert!(told.items[0].item.other.is_none() && told.items[0].item.conflict.is_none(), "the desk speaks for it");
});

on_both!(a_thread_goes_on_after_the_last_line_shown, house => {
    let ((a, case_a), (b, case_b)) = (house.officer("A-1").await, house.officer("B-1").await);
    let (eve, _) = house.officer("E-1").await;
    house.submit(&a, &case_a, FOX).await;
    let id = conflict_of(&house.submit(&b, &case_b, FOX).await);
    house.desk.step(&b, id, say("one")).await.unwrap();
    house.clock.advance(1);
    house.desk.step(&a, id, say("two")).await.unwrap();
    let view = house.desk.conflict(&a, id).await.unwrap();
    let shown = ThreadMark { lines: view.thread.len(), last: view.thread[1].id.parse().unwrap() };
    assert_eq!(shown.to_string().parse::<ThreadMark>().unwrap(), shown);
    assert!("2".parse::<ThreadMark>().is_err() && "x_y".parse::<ThreadMark>().is_err());
    house.clock.advance(1);
    house.desk.step(&b, id, say("three")).await.unwrap();
    let more = house.desk.thread_news(&a, id, Some(shown)).await.unwrap();
    assert_eq!(more.lines.iter().map(|l| (l.from.as_str(), l.text.as_str())).collect::<Vec<_>>(), [("they", "three")]);
    assert!(!more.whole);
    // A line that was kept late stands before the last one shown: all of it is given again.
    house.clock.advance(-60);
    house.desk.step(&b, id, say("late")).await.unwrap();
    let all = house.desk.thread_news(&a, id, more.mark).await.unwrap();
    assert!(all.whole);
    assert_eq!(all.lines.iter().map(|l| l.text.as_str()).collect::<Vec<_>>(), ["late", "one", "two", "three"]);
    assert!(house.desk.thread_news(&a, id, all.mark).await.unwrap().lines.is_empty());
    assert!(house.desk.thread_news(&eve, id, None).await.is_err(), "a stranger's conflict does not exist");
});

on_both!(counts_are_those_of_the_inbox, house => {
    let (a, case_a) = house.officer("A-1").await;
    let supervisor = house.member(a.agency, &[Role::Supervisor]).await;
    let watch = house.member(a.agency, &[Role::WatchDesk, Role::Supervisor]).await;
    house.submit(&a, &case_a, "kind,value\nemail,fox@example.org\nemail,owl@example.org\n").await;
    let mut last = None;
    for (number, value) in [("B-1", "fox"), ("C-1", "fox"), ("D-1", "owl")] {
        let (b, case_b) = house.officer(number).await;
        let id = conflict_of(&house.submit(&b, &case_b, &format!("kind,value\nemail,{value}@example.org\n")).await);
        last = Some((b, id));
    }
    let (b, id) = last.unwrap();
    let mut order = house.order(&case_a, "kind,value\nemail,elk@example.org\n");
    order.level = Level::Desk;
    house.desk.submit(&a, order).await.unwrap();
    house.desk.step(&b, id, say("call me")).await.unwrap();
    let (c, case_c) = house.officer("F-1").await;
    house.submit(&c, &case_c, "kind,value\nemail,elk@example.org\n").await;
    house.desk.work(None).await.unwrap();
    let mut seen = Vec::new();
    for late in [false, true] {
        if late {
            house.clock.advance(40 * 86_400);
        }
        for who in [&a, &supervisor, &watch, &b, &c] {
            let inbox = house.desk.inbox(who).await.unwrap();
            let counts = house.desk.counts(who).await.unwrap();
            let overdue = inbox.items.iter().filter(|i| i.overdue).count();
            assert_eq!((counts.inbox, counts.overdue), (inbox.items.len(), overdue), "{late}");
            seen.push(counts);
        }
    }
    assert_eq!(seen[0].conflicts_open, 4, "three in the open, and one whose other side sees the desk");
    assert!(seen[5].overdue > 0 && seen[0].overdue == 0);
    let (stranger, _) = house.officer("G-1").await;
    assert_eq!(house.desk.counts(&stranger).await.unwrap(), Counts::default());
});

on_both!(who_waits_is_woken_when_something_is_kept_and_not_before, house => {
    let ((a, case_a), (b, case_b)) = (house.officer("A-1").await, house.officer("B-1").await);
    house.submit(&a, &case_a, FOX).await;
    let mut at = begin(&house, &a).await;
    let mut wake = house.desk.watch();
    wake.mark_unchanged();
    house.desk.inbox(&a).await.unwrap();
    house.submit(&b, &case_b, "kind,value\nemail,nobody@example.org\n").await;
    assert!(!wake.has_changed().unwrap(), "a read, and a submission that meets nothing, are no news");
    let id = conflict_of(&house.submit(&b, &case_b, FOX).await);
    assert!(wake.has_changed().unwrap());
    wake.mark_unchanged();
    assert_eq!(news(&house, &a, &mut at).await.items.len(), 1, "what woke is there to be read");
    house.desk.step(&b, id, say("call me")).await.unwrap();
    assert!(wake.has_changed().unwrap());
});

// A gathering is one line while it waits; whoever has dealt with it does not miss who joins it later.
on_both!(who_has_seen_a_gathering_is_told_when_another_agency_joins_it, house => {
    let ((a, case_a), (b, case_b)) = (house.officer("A-1").await, house.officer("B-1").await);
    let ((c, case_c), (d, case_d)) = (house.officer("C-1").await, house.officer("D-1").await);
    house.submit(&a, &case_a, FOX).await;
    let first = conflict_of(&house.submit(&b, &case_b, FOX).await);
    house.desk.step(&a, first, Step::Acknowledge).await.unwrap();
    let mut at = begin(&house, &a).await;
    let joined = house.submit(&c, &case_c, FOX).await;
    let came = news(&house, &a, &mut at).await;
    let line = &came.items.first().expect("told again").item;
    let named: Vec<&str> = line.conflict.iter().chain(line.others.iter().map(|o| &o.conflict)).map(String::as_str).collect();
    let with_a = named.iter().filter(|id| joined.conflicts.iter().any(|l| l.conflict.as_deref() == Some(**id)));
    assert_eq!((came.items.len(), named.len(), with_a.count()), (1, 2, 1), "one line, of both");
    let second = came.items[0].id.clone();
    // It waits now, and stays the one line it is.
    let notices = house.desk.inbox(&a).await.unwrap().items.len();
    house.submit(&d, &case_d, FOX).await;
    assert!(news(&house, &a, &mut at).await.items.is_empty());
    assert_eq!(house.desk.inbox(&a).await.unwrap().items.len(), notices);
    // What was there is no reason to come again.
    house.submit(&c, &case_c, FOX).await;
    assert!(news(&house, &a, &mut at).await.items.is_empty());
    // Seen again, it comes again with the next, under an id of its own.
    let met = house.desk.inbox(&a).await.unwrap();
    let line = met.items.iter().find(|i| i.conflict.is_some()).unwrap();
    for id in line.conflict.iter().chain(line.others.iter().map(|o| &o.conflict)) {
        house.desk.step(&a, id.parse().unwrap(), Step::Acknowledge).await.unwrap();
    }
    let (e, case_e) = house.officer("E-1").await;
    house.submit(&e, &case_e, FOX).await;
    let came = news(&house, &a, &mut at).await;
    assert_eq!(came.items.len(), 1);
    assert_ne!(came.items[0].id, second);
});

// Whoever wrote, agreed or was left by the other side has dealt with a conflict as much as who took note of it; so has the
// agency whose supervisor did.
on_both!(who_has_dealt_with_a_gathering_in_any_way_is_told_who_joins_it, house => {
    for (n, way) in ["writes", "supervisor", "agreed", "withdrawn"].into_iter().enumerate() {
        let csv = format!("kind,value\nemail,elk{n}@example.org\n");
        let officer = async |agency: &str| house.officer(&format!("{agency}-{n}")).await;
        let ((a, case_a), (b, case_b), (c, case_c)) = (officer("A").await, officer("B").await, officer("C").await);
        let chief = house.member(a.agency, &[Role::Supervisor]).await;
        house.submit(&a, &case_a, &csv).await;
        let first = conflict_of(&house.submit(&b, &case_b, &csv).await);
        let why = || FreeText::parse("one suspect").unwrap();
        match way {
            "writes" => drop(house.desk.step(&a, first, say("call me")).await.unwrap()),
            "supervisor" => drop(house.desk.step(&chief, first, Step::Acknowledge).await.unwrap()),
            "agreed" => {
                house.desk.step(&b, first, Step::Propose(Resolution::Joint, why())).await.unwrap();
                house.desk.step(&a, first, Step::Accept(Some(Resolution::Joint))).await.unwrap();
            }
            _ => {
                let (value, why) = (format!("elk{n}@example.org"), Purpose::parse("wrong").unwrap());
                house.desk.withdraw(&b, &case_b, Kind::Email, &value, None, &why).await.unwrap();
            }
        }
        let mut at = begin(&house, &a).await;
        let joined = conflict_of(&house.submit(&c, &case_c, &csv).await);
        let came = news(&house, &a, &mut at).await;
        let lines: Vec<_> = came.items.iter().map(|i| &i.item).collect();
        let names = |id: &str| lines.iter().any(|l| {
            l.conflict.as_deref() == Some(id) || l.others.iter().any(|o| o.conflict == id)
        });
        assert!(lines.len() == 1 && names(&joined.to_string()), "{way}: {lines:?}");
    }
});

// What only the watch desk knew of is news on the day it becomes open.
on_both!(who_has_seen_a_gathering_is_told_when_a_case_behind_the_desk_joins_it_openly, house => {
    let ((a, case_a), (b, case_b), (d, case_d)) =
        (house.officer("A-1").await, house.officer("B-1").await, house.officer("D-1").await);
    let owl = "kind,value\nemail,owl@example.org\n";
    house.submit(&a, &case_a, &format!("{FOX}email,owl@example.org\n")).await;
    let mut behind = house.order(&case_b, owl);
    behind.level = Level::Desk;
    house.desk.submit(&b, behind).await.unwrap();
    let seen = conflict_of(&house.submit(&d, &case_d, FOX).await);
    house.desk.step(&a, seen, Step::Acknowledge).await.unwrap();
    let mut at = begin(&house, &a).await;
    let open = conflict_of(&house.submit(&b, &case_b, FOX).await);
    let came = news(&house, &a, &mut at).await;
    let line = &came.items.first().expect("told").item;
    let named: Vec<&str> = line.conflict.iter().chain(line.others.iter().map(|o| &o.conflict)).map(String::as_str).collect();
    assert!(came.items.len() == 1 && named.contains(&open.to_string().as_str()), "{named:?}");
});

// One line stands for all that joined while it waited: it does not go with the first of them.
on_both!(a_gathering_is_news_when_its_first_conflict_is_over, house => {
    let ((a, case_a), (b, case_b), (c, case_c)) =
        (house.officer("A-1").await, house.officer("B-1").await, house.officer("C-1").await);
    house.submit(&a, &case_a, FOX).await;
    let mut at = begin(&house, &a).await;
    house.submit(&b, &case_b, FOX).await;
    let joined = conflict_of(&house.submit(&c, &case_c, FOX).await);
    let why = Purpose::parse("wrong").unwrap();
    house.desk.withdraw(&b, &case_b, Kind::Email, "fox@example.org", None, &why).await.unwrap();
    let came = news(&house, &a, &mut at).await;
    let of: Vec<_> = came.items.iter().filter(|i| i.item.state != "withdrawn").collect();
    assert_eq!(of.len(), 1, "{:?}", came.items);
    assert_eq!(of[0].item.conflict.as_deref(), Some(joined.to_string().as_str()));
});
