//! The doors: a grant opens its own methods only, nothing is kept without its event, a failed step keeps nothing.

use std::collections::BTreeSet;

use ledger::Outcome;
use model::{FreeText, Level, Micros, Pair, Resolution, Role, SideState};
use policy::{Action, Facts};
use store::{
    Among, Error, Handover, Mark, MovedSide, NewTransfer, Pace, Pending, SideFacts, Stage, SubmissionVerb,
    TransferFacts, TransferState,
};

use crate::common::*;
use crate::on_both;

/// Names of the methods of `Tx` that ask for a grant, as the source has them.
fn guarded() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/rows")).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for method in text.split("    pub async fn ").skip(1) {
            let name = method.split('(').next().unwrap();
            let body = method.split("\n    }\n").next().unwrap();
            if body.contains("&mut self") && body.contains("self.needs(") {
                names.insert(name.to_owned());
            }
        }
    }
    names
}

fn pending() -> Pending {
    Pending { id: id(), agency: id(), member: id(), case: None, at: Micros(0) }
}

fn some_side() -> SideFacts {
    SideFacts {
        conflict: id(),
        case: id(),
        member: id(),
        sees: Level::Open,
        seen: Level::Open,
        noted: false,
        state: SideState::Notified,
        other_agency: id(),
        other_case: id(),
        other_member: id(),
        version: 1,
    }
}

fn queue() -> store::Queue {
    store::Queue { state: None, overdue: false, mine: false }
}

fn some_offer() -> TransferFacts {
    TransferFacts {
        id: id(),
        case: id(),
        from: id(),
        to: id(),
        offered_by: id(),
        offered: Micros(0),
        until: Micros(0),
        state: TransferState::Offered,
        answered: None,
        remainder: None,
        version: 1,
    }
}

macro_rules! refused {
    ($tried:ident, $tx:ident; $($name:ident($($arg:expr),*));* $(;)?) => {$(
        match $tx.$name($($arg),*).await.err() {
            Some(Error::WrongGrant { granted, .. }) => assert_eq!(granted, $tx.action_word()),
            other => panic!("{} answered a grant of another action: {other:?}", stringify!($name)),
        }
        $tried.insert(stringify!($name).to_owned());
    )*};
}

trait Word {
    fn action_word(&self) -> &'static str;
}

impl Word for store::Tx {
    fn action_word(&self) -> &'static str {
        "list-members"
    }
}

on_both!(a_grant_opens_no_method_of_another_action, w => {
    let ann = w.officer("ann").await;
    let grant = may(&ann, Action::ListMembers);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let mut tried = BTreeSet::new();
    let side = some_side();
    let text = FreeText::parse("words").unwrap();
    let facts = store::CaseFacts {
        id: id(),
        agency: ann.agency,
        lead: ann.member,
        supervisor: None,
        status: model::CaseStatus::Open,
        predicate: None,
        version: 1,
    };
    let new = NewTransfer { id: id(), to: id(), until: Micros(0), own: b"", offer: b"" };
    let offer = some_offer();
    let number = model::CaseNumber::parse("3").unwrap();
    let handover = Handover {
        of: &offer,
        case: &facts,
        number: &number,
        lead: id(),
        supervisor: None,
        remainder: id(),
        submission: id(),
    };
    let moved = MovedSide {
        conflict: id(),
        other_case: id(),
        other_agency: id(),
        other_member: id(),
        resolved: false,
        matches: Vec::new(),
    };
    let bulk = bulk_of(id(), b"", &[]);
    let held = store::BulkHeld { facts: some_job(&ann), worker: uuid() };
    let approval = model::Approval { id: id(), agency: ann.agency, scope: text.clone(), until: Micros(0) };
    let zone = model::TimeZone::parse("America/Denver").unwrap();
    refused!(tried, tx;
        add_agency(&new_agency("x"));
        record_approval(&approval);
        set_time_zone(ann.agency, &zone);
        add_member(&new_member(ann.agency, "x@example.org", &[]));
        seal_cases(ann.agency, &[new_case(&ann, "1")]);
        hold_open(id());
        close_case(&facts, model::Outcome::Exhausted);
        state_predicate(&facts, model::ThreatArea::Material, &new_case(&ann, "2").predicate.unwrap());
        seal_submissions(SubmissionVerb::Submit, &[noted(&ann, id(), None, id(), 0, b"")]);
        submission_details(&[pending()]);
        done(&[], Stage::Look);
        callers(&[ann.member]);
        seal_entries(ann.agency, &[]);
        end_entries(id(), ann.agency, &[], store::EntryState::Withdrawn, &[]);
        add_answers(&[]);
        answer(id());
        add_tips(ann.agency, &[]);
        own_tip(id());
        case_page(&[], 1);
        whole_case(id());
        whole_entries(id(), id(), 1);
        submitted_entries(id(), id(), id(), 1);
        entries_of_submissions(id(), &[]);
        note_successor(id(), ann.agency, &[], id());
        listed_cases(store::CasesOf::default(), None, 1);
        listed_submissions(store::SubmissionsOf::default(), None, 1);
        own_numbers(&[]);
        own_names(&[]);
        asked_in(id(), id(), 1);
        side_page(queue(), None, 1);
        open_sides_in(id());
        directory_page(None, 1);
        request_page(id(), 1);
        whole_submission(id());
        conflict_page(id(), 1);
        told_page(id(), id(), 1);
        handed_in(id(), id(), id());
        entries_now(&[(id(), id())]);
        look(&[], Among::Answering, 1);
        look(&[], Among::Silent, 1);
        untouched(&[]);
        others(&[]);
        desk_contacts(&[]);
        record(&[]);
        advance(&side, SideState::Acknowledged);
        resolve(id(), Resolution::Joint);
        pass(&side);
        agree(&side, Resolution::Joint);
        settle(&side);
        take_up(&side, Micros(0));
        first_written(id(), id(), uuid(), &[0; 32].into());
        reopen(&side, Micros(0));
        end_matches(id(), ann.agency, &[]);
        told_of(ann.agency, id(), &[]);
        record_silent(&[]);
        end_silent_orders(1);
        arrive(false, None);
        arrivals(false, Pace::Prompt, Mark::start(), 1);
        find(&[], &[], None, 1);
        gather_words(1);
        notices(false);
        notices(true);
        deliver(1);
        seen(store::SeenNotices::Notice(id()));
        seen(store::SeenNotices::About(id()));
        seen(store::SeenNotices::AtDesk(id()));
        add_message(&side, id(), &model::Marking::default(), &text);
        messages(id());
        propose(&side, Resolution::Joint, &text);
        proposals(id());
        add_hold(&side, id(), Micros(0), &text);
        holds(id());
        lift_hold(&side, id());
        begin_session(&[0; 32], Micros(0));
        touch_session(&[0; 32]);
        agree_session(&[0; 32]);
        lock_session(&[0; 32]);
        end_session(&[0; 32]);
        oneself();
        sides();
        sides_about(&[]);
        sides_of(id());
        hold_asking(&[pending()]);
        offer_transfer(&facts, &new);
        end_transfer(&offer, TransferState::Declined, None, None);
        transfers();
        supervisors_at(ann.agency);
        transfer_contact(id());
        going(&handover);
        staying_personas(&handover);
        part_personas(&handover, &[], &[]);
        hand_over(&handover, b"");
        moved_sides(&handover);
        relevel(&handover, &moved, &[]);
        join_cases(&handover, &moved);
        add_webhook(id(), &store::WebhookAddress { url: String::new(), secret: String::new() });
        webhooks();
        end_webhook(id());
        mail_choice();
        choose_mail(false);
        unposted(1);
        wishes(&[ann.member], &[ann.agency]);
        add_letters(&[]);
        take_letters(true, true, 1, Micros(0));
        standing_notices(&BTreeSet::new());
        recipients(&[ann.member]);
        webhook_addresses(&BTreeSet::new());
        settle_letters(&[], id());
        note_calls(&[]);
        add_bulk(&bulk);
        bulk_approvers();
        own_name();
        bulk_row(id());
        bulk_page(None, 1);
        bulk_answer(id());
        decide_bulk(&held.facts, true, b"");
        cancel_bulk(&held.facts, b"");
        take_bulk(id(), id(), uuid(), Micros(0));
        bulk_part(&held.facts);
        advance_bulk(&held, 0, 0, Micros(0));
        release_bulk(&held, None);
        end_bulk(&held, model::BulkState::Done, None, None, None);
        answer_bulk(&held, 0, b"", None);
        slice_answers(&held.facts, &[]);
        slices_looked_at(&held.facts, &[]);
        forget_misses(&held.facts, &std::collections::BTreeMap::new());
    );
    drop(tx);
    // What a list of members opens is tried with a grant for the inbox.
    let inbox = may(&ann, Action::Inbox);
    let mut tx = w.store.begin(&inbox).await.unwrap();
    let members = [tx.member_page(id(), 1).await.err(), tx.directory_entry(id()).await.err()];
    for (name, refused) in ["member_page", "directory_entry"].into_iter().zip(members) {
        assert!(matches!(refused, Some(Error::WrongGrant { granted: "inbox", .. })), "{name}: {refused:?}");
        tried.insert(name.to_owned());
    }
    drop(tx);
    // What was sealed by a grant that may is not kept by one that may not.
    let mut opens = w.store.prepare(&may(&ann, Action::OpenCase));
    let cases = opens.seal_cases(ann.agency, &[new_case(&ann, "1")]).await.unwrap();
    let mut submits = w.store.prepare(&may(&ann, Action::Submit));
    let entries = submits.seal_entries(ann.agency, &[]).await.unwrap();
    let noted = submits.seal_submissions(SubmissionVerb::Submit, &[]).await.unwrap();
    let mut tx = w.store.prepare(&grant);
    refused!(tried, tx;
        keep_cases(cases);
        keep_entries(entries);
        keep_submissions(noted);
    );
    drop((tx, opens, submits));
    assert_eq!(guarded(), tried, "a method that asks for a grant is not tried here, or the reverse");
    let wrong = |e: Option<Error>| matches!(e, Some(Error::WrongGrant { granted: "list-members", .. }));
    assert!(wrong(w.store.sequence(&grant).await.err()));
    for among in [Among::Answering, Among::Personas, Among::Silent] {
        assert!(wrong(w.store.held_elsewhere(&grant, &[], &[among]).await.err()));
    }
    assert!(wrong(w.store.checkpoint(&grant).await.err()));
    assert!(wrong(w.store.verify(&grant, |_| ()).await.err()));
    assert!(wrong(w.store.init(&grant, &phone(DESK), true).await.err()));
});

on_both!(only_the_silent_look_opens_silent_postings, w => {
    let ann = w.officer("ann").await;
    for grant in [may(&ann, Action::Look), w.worker(Action::Sweep), w.worker(Action::SecondLook)] {
        let mut tx = w.store.begin(&grant).await.unwrap();
        let asked = tx.look(&[(w.ask("fox"), None)], Among::Silent, 9).await;
        assert!(matches!(asked, Err(Error::WrongGrant { .. })), "{}", grant.action().word());
    }
    let grant = w.worker(Action::SilentLook);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.look(&[(w.ask("fox"), None)], Among::Silent, 9).await.unwrap();
});

/// Decoded events, in the order of the ledger.
async fn events(w: &World) -> Vec<ledger::Event> {
    w.sequence().await;
    let mut raw = w.raw().await;
    let n = raw.int("SELECT COUNT(*) FROM event", &[]).await;
    let mut out = Vec::new();
    for i in 0..n {
        let body = raw.bytes("SELECT body FROM event WHERE idx = $1", &[Bind::Int(i)]).await;
        out.push(ledger::Event::decode(&body).unwrap());
    }
    out
}

on_both!(a_dropped_transaction_keeps_nothing_but_its_trace, w => {
    let ann = w.officer("ann").await;
    let before = events(&w).await.len();
    let grant = may(&ann, Action::OpenCase);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.add_cases(ann.agency, &[new_case(&ann, "25-1")]).await.unwrap();
    drop(tx);
    let view = may(&ann, Action::ViewCase);
    let mut tx = w.store.view(&view).await.unwrap();
    tx.own_case_entries(id()).await.unwrap();
    drop(tx);
    assert_eq!(w.store.note_abandoned().await.unwrap(), 2);
    assert_eq!(w.store.note_abandoned().await.unwrap(), 0, "each is noted once");
    assert_eq!((w.count("case_file").await, w.count("case_key").await, w.count("case_number").await), (0, 0, 0));
    let all = events(&w).await;
    let left: BTreeSet<_> = all[before..].iter().map(|e| (e.verb.to_string(), e.outcome.as_str())).collect();
    assert_eq!(left, BTreeSet::from([("open-case".to_owned(), "abandoned"), ("view-case".to_owned(), "abandoned")]));
    assert!(all[before..].iter().all(|e| e.actor.member == Some(ann.member)));
});

on_both!(a_trace_that_could_not_be_written_is_written_the_next_time, w => {
    let ann = w.officer("ann").await;
    drop(w.store.view(&may(&ann, Action::ViewCase)).await.unwrap());
    let mut raw = w.raw().await;
    raw.exec("ALTER TABLE event_new RENAME TO away", &[]).await;
    assert!(w.store.note_abandoned().await.is_err());
    raw.exec("ALTER TABLE away RENAME TO event_new", &[]).await;
    assert_eq!(w.store.note_abandoned().await.unwrap(), 1);
});

on_both!(a_committed_transaction_leaves_one_event_and_no_trace_of_being_dropped, w => {
    let ann = w.officer("ann").await;
    let before = events(&w).await.len();
    w.case(&ann, "25-1").await;
    let view = may(&ann, Action::ViewCase);
    let mut tx = w.store.view(&view).await.unwrap();
    tx.own_case_entries(id()).await.unwrap();
    let row = uuid();
    tx.commit(w.store.act(&view, ("case", row)).shown([row])).await.unwrap();
    assert_eq!(w.store.note_abandoned().await.unwrap(), 0);
    let all = events(&w).await;
    assert_eq!(all.len() - before, 2);
    let read = all[before..].iter().find(|e| e.verb.as_str() == "view-case").unwrap();
    assert_eq!((read.outcome, &read.shown[..], read.object.id), (Outcome::Done, &[row][..], row));
    assert_eq!(read.origin, "test");
    assert!(!read.policy.is_empty());
});

on_both!(a_refusal_leaves_its_event, w => {
    let ann = w.officer("ann").await;
    let denied = policy::decide(&POLICIES, &ann, Action::Init, &Facts::default(), request()).unwrap_err();
    w.store.refuse(&denied, ("installation", uuid())).await.unwrap();
    let last = events(&w).await.into_iter().find(|e| e.outcome == Outcome::Refused).unwrap();
    assert_eq!((last.verb.as_str(), last.actor.member), ("init", Some(ann.member)));
});

// sqlx says Ok to the COMMIT of a PostgreSQL transaction that failed, and SQLite commits the rest: a receipt for
// nothing, or for half.
on_both!(a_transaction_with_a_failed_statement_commits_nothing, w => {
    let ann = w.officer("ann").await;
    let case = new_case(&ann, "25-1");
    let mut twice = new_case(&ann, "25-2");
    twice.id = case.id;
    let grant = may(&ann, Action::OpenCase);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.add_cases(ann.agency, std::slice::from_ref(&case)).await.unwrap();
    let failed = tx.add_cases(ann.agency, &[twice]).await; // its number is free, its key is not
    assert!(matches!(failed, Err(Error::Database(_))), "{failed:?}");
    let done = tx.commit(w.store.act(&grant, ("case", case.id.into()))).await;
    assert!(matches!(done, Err(Error::Failed)), "{done:?}");
    assert_eq!((w.count("case_file").await, w.count("case_number").await), (0, 0));
    assert_eq!(w.store.note_abandoned().await.unwrap(), 1);
    w.add_case(&ann, &case).await.unwrap();
});

on_both!(a_view_writes_nothing_on_postgres_and_holds_no_write_lock_on_sqlite, w => {
    let ann = w.officer("ann").await;
    let view = may(&ann, Action::ViewCase);
    let mut tx = w.store.view(&view).await.unwrap();
    assert!(tx.own_case_entries(id()).await.unwrap().is_empty());
    let case = w.case(&ann, "25-1").await; // while the view is open
    assert!(matches!(tx.own_case(case).await, Err(Error::NotFound(_))), "a view shows one moment");
    tx.commit(w.store.act(&view, ("case", uuid()))).await.unwrap();
    if w.store.engine() == store::Engine::Postgres {
        let grant = may(&ann, Action::OpenCase);
        let mut tx = w.store.view(&grant).await.unwrap();
        assert!(matches!(tx.add_cases(ann.agency, &[new_case(&ann, "25-2")]).await, Err(Error::Database(_))));
    }
});

on_both!(reads_at_once_leave_an_event_each, w => {
    let ann = w.officer("ann").await;
    let before = events(&w).await.len();
    let reading: Vec<_> = (0..24)
        .map(|_| {
            let (store, ann) = (w.store.clone(), ann.clone());
            tokio::spawn(async move {
                let view = may(&ann, Action::ViewCase);
                let mut tx = store.view(&view).await.unwrap();
                tx.own_case_entries(id()).await.unwrap();
                tx.commit(store.act(&view, ("case", uuid()))).await.unwrap();
            })
        })
        .collect();
    for one in reading {
        one.await.unwrap();
    }
    assert_eq!(events(&w).await.len() - before, 24);
});

// What one member of an agency may see of a conflict is the agency's side of it; of another's conflict nothing.
on_both!(a_thread_opens_to_its_two_sides_only, w => {
    let (ann, bob, eve) = (w.officer("ann").await, w.officer("bob").await, w.officer("eve").await);
    let (a, b) = (w.case(&ann, "1").await, w.case(&bob, "2").await);
    let (mine, theirs) = (w.submit(&ann, a, &["fox"], Level::Open).await, w.submit(&bob, b, &["fox"], Level::Open).await);
    let new = conflict(
        (&ann, a, mine.entries[0]), (bob.member, bob.agency, b, theirs.entries[0]), (Level::Open, Level::Open),
    );
    let grant = may(&ann, Action::Look);
    let mut tx = w.store.begin(&grant).await.unwrap();
    assert_eq!(tx.record(&[new]).await.unwrap().new.len(), 1);
    tx.commit(w.store.act(&grant, ("look", uuid()))).await.unwrap();
    let conflict = Pair::new(a, b).unwrap().conflict();
    let side = w.store.side_facts(ann.agency, conflict).await.unwrap().remove(0);
    assert!(w.store.side_facts(eve.agency, conflict).await.unwrap().is_empty());
    let grant = may(&ann, Action::Message);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let text = FreeText::parse("call me").unwrap();
    tx.add_message(&side, id(), &model::Marking::default(), &text).await.unwrap();
    tx.commit(w.store.act(&grant, ("conflict", conflict.into()))).await.unwrap();
    for (who, sees) in [(&ann, 1), (&bob, 1), (&eve, 0)] {
        let grant = may(&with_roles(who, &[Role::Supervisor]), Action::ShowConflict);
        let mut tx = w.store.view(&grant).await.unwrap();
        assert_eq!(tx.sides_of(conflict).await.unwrap().len(), sees);
        let read = (tx.messages(conflict).await, tx.proposals(conflict).await, tx.holds(conflict).await);
        if sees == 1 {
            assert_eq!(read.0.unwrap()[0].text, "call me");
            assert_eq!((read.1.unwrap().len(), read.2.unwrap().len()), (0, 0));
        } else {
            assert!(matches!(read.0, Err(Error::NotFound("conflict"))));
            assert!(matches!(read.1, Err(Error::NotFound("conflict"))));
            assert!(matches!(read.2, Err(Error::NotFound("conflict"))));
        }
    }
});
