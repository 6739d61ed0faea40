//! Lists walk every row of one's own once, in pages of any size, and hold no row of another's.

use std::collections::BTreeSet;

use model::{AgencyId, CaseId, CaseStatus, ConflictId, Level, MemberId, Micros, Role, SideState, SubmissionId};
use policy::{Action, Principal};
use store::{CasesOf, EntryState, Queue, SubmissionVerb, SubmissionsOf, Tx};
use uuid::Uuid;

use crate::common::*;
use crate::on_both;

const ALL: Queue = Queue { state: None, overdue: false, mine: false };

async fn cases(tx: &mut Tx, of: CasesOf, most: i64) -> Vec<CaseId> {
    let (mut out, mut after) = (Vec::new(), None);
    loop {
        let page = tx.listed_cases(of, after, most).await.unwrap();
        assert!(i64::try_from(page.len()).unwrap() <= most);
        let Some(last) = page.last() else { return out };
        after = Some((last.opened, last.id));
        out.extend(page.iter().map(|c| c.id));
    }
}

async fn submissions(tx: &mut Tx, of: SubmissionsOf, most: i64) -> Vec<SubmissionId> {
    let (mut out, mut after) = (Vec::new(), None);
    loop {
        let page = tx.listed_submissions(of, after, most).await.unwrap();
        let Some(last) = page.last() else { return out };
        after = Some((last.at, last.id));
        out.extend(page.iter().map(|s| s.id));
    }
}

async fn sides(tx: &mut Tx, of: Queue, most: i64) -> Vec<(ConflictId, CaseId)> {
    let (mut out, mut after) = (Vec::new(), None);
    loop {
        let page = tx.side_page(of, after, most).await.unwrap();
        let Some(last) = page.last() else { return out };
        after = Some((last.due, last.conflict, last.case));
        out.extend(page.iter().map(|s| (s.conflict, s.case)));
    }
}

/// Each once.
fn set<T: Ord + Copy + std::fmt::Debug>(walked: &[T]) -> BTreeSet<T> {
    let set: BTreeSet<T> = walked.iter().copied().collect();
    assert_eq!(set.len(), walked.len(), "a row was walked twice: {walked:?}");
    set
}

async fn view(w: &World, who: &Principal, action: Action) -> (policy::Grant, Tx) {
    let grant = may(who, action);
    let tx = w.store.view(&grant).await.unwrap();
    (grant, tx)
}

async fn end(w: &World, (grant, tx): (policy::Grant, Tx)) {
    tx.commit(w.store.act(&grant, ("list", uuid()))).await.unwrap();
}

/// Records that this entry of ann's meets this one of theirs; the clocks of all such conflicts are one.
async fn meet(w: &World, who: &Principal, a: CaseId, with: (&Principal, CaseId), levels: (Level, Level)) -> ConflictId {
    let (mine, theirs) = (
        w.submit(who, a, &["fox"], Level::Open).await.entries[0],
        w.submit(with.0, with.1, &["fox"], Level::Open).await.entries[0],
    );
    let new = conflict((who, a, mine), (with.0.member, with.0.agency, with.1, theirs), levels);
    let grant = may(who, Action::Look);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.record(&[new]).await.unwrap();
    tx.commit(w.store.act(&grant, ("look", uuid()))).await.unwrap();
    model::Pair::new(a, with.1).unwrap().conflict()
}

// The clock stands still: every row has the same time, and only ids tell them apart.
on_both!(cases_and_submissions_are_walked_once_each_in_pages_of_any_size, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    let (mut hers, mut given) = (BTreeSet::new(), BTreeSet::new());
    for n in 0..7 {
        let case = w.case(&ann, &format!("a-{n}")).await;
        hers.insert(case);
        for _ in 0..=n % 2 {
            given.insert(w.submit(&ann, case, &["fox"], Level::Open).await.submission);
        }
    }
    let his = w.case(&bob, "b").await;
    let theirs = w.submit(&bob, his, &["fox", "owl"], Level::Open).await;
    for most in [1, 2, 3, 7, 50] {
        let mut list = view(&w, &ann, Action::ViewCase).await;
        assert_eq!(set(&cases(&mut list.1, CasesOf::default(), most).await), hers, "pages of {most}");
        end(&w, list).await;
        let mut list = view(&w, &ann, Action::GetReceipt).await;
        assert_eq!(set(&submissions(&mut list.1, SubmissionsOf::default(), most).await), given, "pages of {most}");
        end(&w, list).await;
    }
    let mut list = view(&w, &bob, Action::ViewCase).await;
    let page = list.1.listed_cases(CasesOf::default(), None, 9).await.unwrap();
    assert_eq!((page.len(), page[0].id, page[0].number.as_str(), page[0].entries), (1, his, "b", 2));
    // By an id of another's nothing is found either.
    let first = *hers.first().unwrap();
    assert!(list.1.submitted_entries(first, *given.first().unwrap(), Uuid::nil().into(), 9).await.unwrap().is_empty());
    assert!(list.1.entries_of_submissions(first, &given.iter().copied().collect::<Vec<_>>()).await.unwrap().is_empty());
    assert!(list.1.open_sides_in(first).await.unwrap().is_empty());
    assert!(list.1.own_names(&[ann.member]).await.unwrap().is_empty());
    end(&w, list).await;
    let mut list = view(&w, &bob, Action::GetReceipt).await;
    let of = SubmissionsOf { case: Some(first), ..SubmissionsOf::default() };
    assert!(submissions(&mut list.1, of, 9).await.is_empty());
    assert_eq!(submissions(&mut list.1, SubmissionsOf::default(), 9).await, [theirs.submission]);
    assert!(list.1.whole_submission(*given.first().unwrap()).await.is_err());
    end(&w, list).await;
    let mut list = view(&w, &bob, Action::Inbox).await;
    assert!(list.1.own_numbers(&[first]).await.unwrap().is_empty());
    end(&w, list).await;
});

on_both!(what_is_written_between_two_pages_moves_no_row_of_the_rest, w => {
    let ann = w.officer("ann").await;
    let case = w.case(&ann, "1").await;
    let mut given = BTreeSet::new();
    for _ in 0..5 {
        given.insert(w.submit(&ann, case, &["fox"], Level::Open).await.submission);
        w.clock.advance(1);
    }
    let mut list = view(&w, &ann, Action::GetReceipt).await;
    let page = list.1.listed_submissions(SubmissionsOf::default(), None, 2).await.unwrap();
    end(&w, list).await;
    let newer = w.submit(&ann, case, &["fox"], Level::Open).await.submission;
    let mut walked: Vec<_> = page.iter().map(|s| s.id).collect();
    let after = page.last().map(|s| (s.at, s.id));
    let mut list = view(&w, &ann, Action::GetReceipt).await;
    let rest = list.1.listed_submissions(SubmissionsOf::default(), after, 50).await.unwrap();
    end(&w, list).await;
    walked.extend(rest.iter().map(|s| s.id));
    assert_eq!(set(&walked), given, "the newer one, {newer}, stands before the first page");
});

on_both!(submissions_are_listed_by_verb_by_hand_and_by_case, w => {
    let ann = w.officer("ann").await;
    let eve = w.member(ann.agency, "eve@example.org", &[Role::Investigator]).await;
    let (a, b) = (w.case(&ann, "1").await, w.case(&ann, "2").await);
    let (one, two) = (w.submit(&ann, a, &["fox"], Level::Open).await, w.submit(&ann, b, &["fox"], Level::Open).await);
    let three = w.submit(&eve, a, &["fox"], Level::Open).await;
    let check: SubmissionId = id();
    let grant = may(&eve, Action::Check);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.add_submissions(SubmissionVerb::Check, &[noted(&eve, check, None, id(), 0, b"asked")]).await.unwrap();
    tx.commit(w.store.act(&grant, ("submission", check.into())).accepts(check)).await.unwrap();
    let [one, two, three] = [&one, &two, &three].map(|s| s.submission);
    let mut list = view(&w, &eve, Action::GetReceipt).await;
    let any = SubmissionsOf::default();
    for (of, wanted) in [
        (any, vec![one, two, three, check]),
        (SubmissionsOf { verb: Some(SubmissionVerb::Check), ..any }, vec![check]),
        (SubmissionsOf { verb: Some(SubmissionVerb::Submit), ..any }, vec![one, two, three]),
        (SubmissionsOf { mine: true, ..any }, vec![three, check]),
        (SubmissionsOf { case: Some(a), ..any }, vec![one, three]),
        (SubmissionsOf { case: Some(a), mine: true, ..any }, vec![three]),
        (SubmissionsOf { case: Some(b), mine: true, ..any }, vec![]),
    ] {
        assert_eq!(set(&submissions(&mut list.1, of, 2).await), wanted.into_iter().collect(), "{of:?}");
    }
    end(&w, list).await;
});

on_both!(the_queue_is_walked_once_by_due_date_and_holds_no_side_behind_the_desk, w => {
    let ann = w.officer("ann").await;
    let eve = w.member(ann.agency, "eve@example.org", &[Role::Investigator]).await;
    let mine = w.case(&ann, "a").await;
    let mut hers = BTreeSet::new();
    let mut others = Vec::new();
    for n in 0..5 {
        let bob = w.officer(&format!("bob{n}")).await;
        let case = w.case(&bob, "b").await;
        hers.insert((meet(&w, &ann, mine, (&bob, case), (Level::Open, Level::Open)).await, mine));
        others.push((bob, case));
    }
    let desk = w.officer("desk").await;
    let hidden = w.case(&desk, "d").await;
    meet(&w, &ann, mine, (&desk, hidden), (Level::Desk, Level::Open)).await;
    // Two cases of one agency that meet have two sides in it.
    let led = w.case(&eve, "e").await;
    let own = meet(&w, &ann, mine, (&eve, led), (Level::Open, Level::Open)).await;
    hers.extend([(own, mine), (own, led)]);
    for most in [1, 2, 3, 50] {
        let mut list = view(&w, &ann, Action::Inbox).await;
        assert_eq!(set(&sides(&mut list.1, ALL, most).await), hers, "pages of {most}");
        let over = Queue { state: Some(SideState::Resolved), ..ALL };
        assert!(sides(&mut list.1, over, most).await.is_empty());
        end(&w, list).await;
    }
    // Who is no supervisor sees those they lead, and so does a supervisor who asks for them.
    let mut list = view(&w, &eve, Action::Inbox).await;
    assert_eq!(sides(&mut list.1, ALL, 50).await, [(own, led)]);
    end(&w, list).await;
    let mut list = view(&w, &ann, Action::Inbox).await;
    hers.remove(&(own, led));
    assert_eq!(set(&sides(&mut list.1, Queue { mine: true, ..ALL }, 2).await), hers);
    end(&w, list).await;
    // Their own side of each, and no other: one of them sees the match that the desk hides from ann.
    for (who, case) in others.iter().chain([&(desk, hidden)]) {
        let mut list = view(&w, who, Action::Inbox).await;
        let walked = sides(&mut list.1, ALL, 50).await;
        assert_eq!(walked.iter().map(|(_, case)| *case).collect::<Vec<_>>(), [*case]);
        end(&w, list).await;
    }
});

on_both!(the_queue_is_cut_by_state_and_by_what_is_overdue, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    let mine = w.case(&ann, "a").await;
    let mut ids = Vec::new();
    for n in 0..3 {
        let case = w.case(&bob, &format!("b-{n}")).await;
        ids.push(meet(&w, &ann, mine, (&bob, case), (Level::Open, Level::Open)).await);
    }
    let grant = may(&ann, Action::Accept);
    for (conflict, to) in [(ids[0], SideState::Acknowledged), (ids[1], SideState::Resolved)] {
        let side = w.store.side_facts(ann.agency, conflict).await.unwrap().remove(0);
        let mut tx = w.store.begin(&grant).await.unwrap();
        if to == SideState::Resolved {
            tx.agree(&side, model::Resolution::Joint).await.unwrap();
        } else {
            assert!(tx.advance(&side, to).await.unwrap());
        }
        tx.commit(w.store.act(&grant, ("conflict", conflict.into()))).await.unwrap();
    }
    let mut list = view(&w, &ann, Action::Inbox).await;
    let at = |state| Queue { state: Some(state), ..ALL };
    for (of, wanted) in [
        (ALL, vec![ids[0], ids[2]]),
        (at(SideState::Notified), vec![ids[2]]),
        (at(SideState::Acknowledged), vec![ids[0]]),
        (at(SideState::Resolved), vec![ids[1]]),
        // All were due in 1970; only what nobody took note of is overdue.
        (Queue { overdue: true, ..ALL }, vec![ids[2]]),
        (Queue { overdue: true, ..at(SideState::Resolved) }, vec![]),
    ] {
        let walked: Vec<_> = sides(&mut list.1, of, 1).await.into_iter().map(|(conflict, _)| conflict).collect();
        assert_eq!(set(&walked), wanted.into_iter().collect(), "{of:?}");
    }
    let page = list.1.side_page(at(SideState::Resolved), None, 1).await.unwrap();
    assert_eq!((page[0].resolved, page[0].resolution), (Some(model::Clock::now(&w.clock)), Some(model::Resolution::Joint)));
    end(&w, list).await;
});

// Who first took note of a conflict stays on record, whoever writes later.
on_both!(who_first_took_note_of_a_conflict_is_kept, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    let (a, b) = (w.case(&ann, "a").await, w.case(&bob, "b").await);
    let conflict = meet(&w, &ann, a, (&bob, b), (Level::Open, Level::Open)).await;
    assert!(!w.store.side_facts(bob.agency, conflict).await.unwrap()[0].noted);
    let first = model::Clock::now(&w.clock);
    let eve = w.member(ann.agency, "eve@example.org", &[Role::Supervisor]).await;
    for (who, to) in [(&ann, SideState::Acknowledged), (&eve, SideState::Coordinating)] {
        let side = w.store.side_facts(ann.agency, conflict).await.unwrap().remove(0);
        let grant = may(who, Action::Message);
        let mut tx = w.store.begin(&grant).await.unwrap();
        assert!(tx.advance(&side, to).await.unwrap());
        tx.commit(w.store.act(&grant, ("conflict", conflict.into()))).await.unwrap();
        w.clock.advance(60);
    }
    let mut list = view(&w, &ann, Action::Inbox).await;
    assert_eq!(list.1.side_page(ALL, None, 9).await.unwrap()[0].seen, Some((ann.member, first)));
    end(&w, list).await;
    assert!(w.store.side_facts(bob.agency, conflict).await.unwrap()[0].noted);
    assert!(!w.store.side_facts(ann.agency, conflict).await.unwrap()[0].noted, "bob has not");
});

on_both!(cases_are_listed_by_status_and_by_who_answers_for_them, w => {
    let ann = w.officer("ann").await;
    let eve = w.member(ann.agency, "eve@example.org", &[Role::Investigator]).await;
    let (a, b) = (w.case(&ann, "1").await, w.case(&eve, "2").await);
    let facts = w.store.case_facts_by_id(a).await.unwrap().unwrap();
    let grant = may(&ann, Action::CloseCase);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.close_case(&facts, model::Outcome::Exhausted).await.unwrap();
    tx.commit(w.store.act(&grant, ("case", a.into()))).await.unwrap();
    let mut list = view(&w, &eve, Action::ViewCase).await;
    let any = CasesOf::default();
    for (of, wanted) in [
        (any, vec![a, b]),
        (CasesOf { status: Some(CaseStatus::Closed), ..any }, vec![a]),
        (CasesOf { status: Some(CaseStatus::Tip), ..any }, vec![]),
        (CasesOf { mine: true, ..any }, vec![b]),
    ] {
        assert_eq!(set(&cases(&mut list.1, of, 1).await), wanted.into_iter().collect(), "{of:?}");
    }
    end(&w, list).await;
});

on_both!(what_ended_says_when_and_is_counted_no_more, w => {
    let ann = w.officer("ann").await;
    let case = w.case(&ann, "1").await;
    let of = w.submit(&ann, case, &["fox", "owl", "elk"], Level::Open).await;
    w.clock.advance(60);
    let now = model::Clock::now(&w.clock);
    let successor: SubmissionId = id();
    let grant = may(&ann, Action::Correct);
    let mut tx = w.store.begin(&grant).await.unwrap();
    for (n, state) in [(0, EntryState::Withdrawn), (1, EntryState::Corrected)] {
        tx.end_entries(case, ann.agency, &[(of.entries[n], 1)], state, &[]).await.unwrap();
    }
    // Only what was corrected has a successor, whatever is asked.
    tx.note_successor(case, ann.agency, &of.entries, successor).await.unwrap();
    tx.commit(w.store.act(&grant, ("case", case.into()))).await.unwrap();
    let mut list = view(&w, &ann, Action::ViewCase).await;
    assert_eq!(list.1.listed_cases(CasesOf::default(), None, 1).await.unwrap()[0].entries, 1);
    let read = list.1.submitted_entries(case, of.submission, Uuid::nil().into(), 9).await.unwrap();
    let ended = |n: usize| read.iter().find(|e| e.id == of.entries[n]).map(|e| (e.ended, e.successor)).unwrap();
    assert_eq!([ended(0), ended(1), ended(2)], [(Some(now), None), (Some(now), Some(successor)), (None, None)]);
    end(&w, list).await;
});

on_both!(the_directory_is_walked_by_name_and_members_are_ones_own, w => {
    let mut all = BTreeSet::new();
    for name in ["b", "a", "a", "a", "c"] {
        all.insert(w.agency(name).await);
    }
    let ann = w.officer("ann").await;
    all.insert(ann.agency);
    let mut members = BTreeSet::from([ann.member]);
    for n in 0..4 {
        members.insert(w.member(ann.agency, &format!("m{n}@example.org"), &[]).await.member);
    }
    w.officer("bob").await;
    for most in [1, 2, 50] {
        let mut list = view(&w, &ann, Action::ListAgencies).await;
        let (mut walked, mut names, mut after): (Vec<AgencyId>, Vec<String>, _) = (Vec::new(), Vec::new(), None);
        loop {
            let page = list.1.directory_page(after, most).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            walked.extend(page.iter().map(|a| a.id));
            names.extend(page.into_iter().map(|a| a.name));
        }
        assert_eq!(names, ["a", "a", "a", "ann police", "b", "bob police", "c"], "pages of {most}");
        assert!(set(&walked).is_superset(&all));
        assert!(list.1.directory_page(Some(id()), most).await.is_err(), "no page ended there");
        end(&w, list).await;
        let mut list = view(&w, &ann, Action::ListMembers).await;
        let (mut walked, mut after): (Vec<MemberId>, _) = (Vec::new(), Uuid::nil().into());
        while let Some(last) = {
            let page = list.1.member_page(after, most).await.unwrap();
            walked.extend(page.iter().map(|m| m.id));
            page.last().map(|m| m.id)
        } {
            after = last;
        }
        assert_eq!(set(&walked), members);
        end(&w, list).await;
    }
});

// A question by nexus is read by the agency of its recipient alone, and of one case.
on_both!(questions_about_a_case_are_its_own_agencys, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    let case = w.case(&ann, "1").await;
    let of = w.submit(&ann, case, &["fox"], Level::Open).await;
    let grant = may(&bob, Action::Look);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let about = |n: u8, matter| store::NewNotice {
        recipient: ann.member,
        agency: ann.agency,
        matter,
        about: vec![n],
        conflict: None,
        case: Some(case),
        entry: Some(of.entries[0]),
        other_case: None,
        due: Micros(0),
        words: Some(b"bob asked".to_vec()),
    };
    tx.notify(vec![about(1, store::Matter::Asked), about(2, store::Matter::Silent)]).await.unwrap();
    tx.commit(w.store.act(&grant, ("look", uuid()))).await.unwrap();
    for (who, n) in [(&ann, 1), (&bob, 0)] {
        let mut list = view(&w, who, Action::ViewCase).await;
        let asked = list.1.asked_in(case, ann.member, 9).await.unwrap();
        assert_eq!(asked.len(), n);
        assert!(asked.iter().all(|a| a.entry == of.entries[0] && a.words == "bob asked"));
        end(&w, list).await;
    }
});
