//! Agencies, members, cases and entries: what one's own reads again and another's grant does not find.

use model::{AgencyKind, Approval, FreeText, Level, Role};
use policy::Action;
use store::{Bundle, EntryContent, Error};

use crate::common::*;
use crate::on_both;

on_both!(an_e_mail_address_belongs_to_one_member, w => {
    let (a, b) = (w.agency("A").await, w.agency("B").await);
    w.member(a, "Ann@Example.org", &[]).await;
    let grant = w.operator(Action::AddMember);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let again = tx.add_member(&new_member(b, "ann@example.org", &[])).await;
    assert!(matches!(again, Err(Error::Exists(_))), "{again:?}");
    drop(tx);
    w.member(b, "ann@b.example.org", &[]).await;
    assert_eq!(w.count("member").await, 2);
});

on_both!(a_foreign_agency_is_suspended_until_its_approval_and_after_it, w => {
    let grant = w.operator(Action::AddAgency);
    let agency = model::Agency::new(
        id(), "Yard", AgencyKind::Foreign, Some("CA".parse().unwrap()), None, phone("416-555-0101"),
    ).unwrap();
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.add_agency(&agency).await.unwrap();
    tx.commit(w.store.act(&grant, ("agency", agency.id.into()))).await.unwrap();
    let member = w.member(agency.id, "yard@example.org", &[]).await;
    let reference = member.member.to_string();
    let suspended = async || w.store.principal(&reference).await.unwrap().unwrap().suspended;
    assert!(suspended().await, "before");
    let grant = w.operator(Action::RecordApproval);
    let until = w.store.clock().now().plus_days(10);
    let approval =
        Approval { id: id(), agency: agency.id, scope: FreeText::parse("live streaming").unwrap(), until };
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.record_approval(&approval).await.unwrap();
    tx.commit(w.store.act(&grant, ("agency", agency.id.into()))).await.unwrap();
    assert!(!suspended().await, "while it lasts");
    w.clock.advance(11 * 86_400);
    assert!(suspended().await, "after");
});

on_both!(case_numbers_are_unique_in_an_agency_and_not_across, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    w.case(&ann, "25-123").await;
    let again = w.add_case(&ann, &new_case(&ann, "  25-123 ")).await;
    assert!(matches!(again, Err(Error::Exists(_))), "{again:?}");
    w.case(&bob, "25-123").await;
    let number = model::CaseNumber::parse("25-123").unwrap();
    let (hers, his) = (w.store.case_facts(ann.agency, &number).await.unwrap().unwrap(),
        w.store.case_facts(bob.agency, &number).await.unwrap().unwrap());
    assert_ne!(hers.id, his.id);
    assert_eq!((hers.agency, his.agency), (ann.agency, bob.agency));
});

on_both!(own_entries_open_again_with_every_sort_of_value, w => {
    let ann = w.officer("ann").await;
    let case = w.case(&ann, "Fall Größe 1/25").await;
    let mut full = w.entry("Ünïcödé 语 🦊", Level::Desk);
    full.content = EntryContent {
        raw: "Ünïcödé 语 🦊".to_owned(),
        normal: Some("ünïcödé 语 🦊".to_owned()),
        platform: Some("прим.example".to_owned()),
        doubt: Some(String::new()),
        report: Some("0".to_owned()),
        note: Some("line\nline\t\"quoted\" \\ 'single' -- ; $1 ?".to_owned()),
        place: Some("row 2".to_owned()),
    };
    full.source = Some(model::Source::CyberTip);
    full.seen = model::Window { from: Some(model::Micros(-1)), to: Some(model::Micros(i64::MAX)) };
    full.port = Some(u16::MAX);
    full.control_official = Some(ann.member);
    let empty = w.entry("empty", Level::Open);
    let done = w.add(&ann, case, &[full, empty]).await;

    for store in [w.store.clone(), w.second().await] {
        let grant = may(&ann, Action::ViewCase);
        let mut tx = store.view(&grant).await.unwrap();
        let all = tx.own_entries(case, &done.entries).await.unwrap();
        assert_eq!(all.len(), 2);
        let full = all.iter().find(|e| e.id == done.entries[0]).unwrap();
        assert_eq!(full.content.raw, "Ünïcödé 语 🦊");
        assert_eq!(full.content.platform.as_deref(), Some("прим.example"));
        assert_eq!(full.content.doubt.as_deref(), Some(""));
        assert_eq!(full.content.note.as_deref(), Some("line\nline\t\"quoted\" \\ 'single' -- ; $1 ?"));
        assert_eq!((full.level, full.live, full.version), (Level::Desk, true, 1));
        let empty = all.iter().find(|e| e.id == done.entries[1]).unwrap();
        assert_eq!((&empty.content.platform, &empty.content.note), (&None, &None));
        let own = tx.own_case(case).await.unwrap();
        assert_eq!(own.number.as_str(), "Fall Größe 1/25");
        assert_eq!(own.contact.unwrap().telephone.as_str(), "206-555-0103");
        tx.commit(store.act(&grant, ("case", case.into()))).await.unwrap();
    }
    // What policy and matching need stands in columns, nulls and booleans as they were.
    let mut raw = w.raw().await;
    let entry = Bind::Id(done.entries[0].into());
    let some = "SELECT COUNT(*) FROM entry WHERE id = $1 AND port = 65535 AND seen_from_us = -1 AND source = 1 AND NOT preserved AND predicate IS NULL AND silent_until_us IS NULL";
    assert_eq!(raw.int(some, &[entry]).await, 1);
    let none = "SELECT COUNT(*) FROM entry WHERE id = $1 AND port IS NULL AND seen_from_us IS NULL AND seen_to_us IS NULL AND source IS NULL AND control_official IS NULL";
    assert_eq!(raw.int(none, &[Bind::Id(done.entries[1].into())]).await, 1);
});

on_both!(another_agency_finds_no_case_and_no_entry, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    let case = w.case(&ann, "25-1").await;
    let done = w.submit(&ann, case, &["fox"], Level::Open).await;
    let grant = may(&bob, Action::ViewCase);
    let mut tx = w.store.view(&grant).await.unwrap();
    assert!(matches!(tx.own_case(case).await, Err(Error::NotFound("case"))));
    assert!(tx.own_entries(case, &done.entries).await.unwrap().is_empty());
    assert!(tx.own_case_entries(case).await.unwrap().is_empty());
    tx.commit(w.store.act(&grant, ("case", uuid()))).await.unwrap();
    let number = model::CaseNumber::parse("25-1").unwrap();
    assert!(w.store.case_facts(bob.agency, &number).await.unwrap().is_none());
});

on_both!(another_agency_writes_into_no_case, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    let case = w.case(&ann, "25-1").await;
    // Warm: the store has opened this case's key.
    w.submit(&ann, case, &["fox"], Level::Open).await;
    let grant = may(&bob, Action::Submit);
    for agency in [ann.agency, bob.agency] {
        let mut tx = w.store.begin(&grant).await.unwrap();
        let written = tx.add_entries(agency, &[Bundle { submission: id(), case, entries: &[w.entry("owl", Level::Open)] }]).await;
        assert!(matches!(written, Err(Error::NotFound("case"))), "{:?}", written.err());
    }
    let mut tx = w.store.begin(&grant).await.unwrap();
    let noted = tx.add_submissions(store::SubmissionVerb::Submit, &[noted(&bob, id(), Some(case), id(), 0, b"x")]).await;
    assert!(matches!(noted, Err(Error::NotFound("case"))), "{:?}", noted.err());
    drop(tx);
    let grant = may(&bob, Action::OpenCase);
    let mut tx = w.store.begin(&grant).await.unwrap();
    assert!(matches!(tx.add_cases(ann.agency, &[new_case(&ann, "25-2")]).await, Err(Error::NotFound(_))));
    drop(tx);
    assert_eq!((w.count("entry").await, w.count("case_file").await), (1, 1));
});

on_both!(a_lead_closes_and_withdraws_in_their_own_cases_only, w => {
    let ann = w.officer("ann").await;
    let carl = w.member(ann.agency, "carl@example.org", &[Role::Investigator]).await;
    let (hers, his) = (w.case(&ann, "25-1").await, w.case(&carl, "25-2").await);
    let done = w.submit(&ann, hers, &["fox"], Level::Open).await;
    let facts = w.store.case_facts_by_id(hers).await.unwrap().unwrap();
    // Carl's grants are for his own case; Ann's case is out of their scope.
    let grant = may(&carl, Action::CloseCase);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let closed = tx.close_case(&facts, model::Outcome::Exhausted).await;
    assert!(matches!(closed, Err(Error::NotFound("case"))), "{closed:?}");
    drop(tx);
    let grant = may(&carl, Action::Withdraw);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let ended = tx.end_entries(hers, carl.agency, &[(done.entries[0], 1)], store::EntryState::Withdrawn, &[]).await;
    assert!(matches!(ended, Err(Error::NotFound("case"))), "{ended:?}");
    let matches = tx.end_matches(hers, carl.agency, &done.entries).await;
    assert!(matches!(matches, Err(Error::NotFound("case"))), "{:?}", matches.err());
    drop(tx);
    let own = w.store.case_facts_by_id(his).await.unwrap().unwrap();
    let grant = may(&carl, Action::CloseCase);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.close_case(&own, model::Outcome::Exhausted).await.unwrap();
    tx.commit(w.store.act(&grant, ("case", his.into()))).await.unwrap();
    let mut tx = w.store.begin(&grant).await.unwrap();
    let again = tx.close_case(&own, model::Outcome::Exhausted).await;
    assert!(matches!(again, Err(Error::Changed)), "{again:?}");
});

on_both!(withdrawn_entries_stop_meeting_and_stay_for_their_owner, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    let case = w.case(&ann, "25-1").await;
    let done = w.submit(&ann, case, &["fox", "owl"], Level::Open).await;
    let grant = may(&ann, Action::Withdraw);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let tokens = [(w.space(), w.token("fox"), done.entries[0])];
    tx.end_entries(case, ann.agency, &[(done.entries[0], 1)], store::EntryState::Withdrawn, &tokens).await.unwrap();
    tx.commit(w.store.act(&grant, ("case", case.into()))).await.unwrap();
    let found = w.look(&bob, None, &[w.ask("fox"), w.ask("owl")], 100).await;
    assert_eq!(found.hits.iter().map(|h| h.entry).collect::<Vec<_>>(), [done.entries[1]]);
    let grant = may(&ann, Action::ViewCase);
    let mut tx = w.store.view(&grant).await.unwrap();
    let kept = tx.own_entries(case, &done.entries[..1]).await.unwrap();
    assert!(!kept[0].live);
    assert_eq!(kept[0].version, 2);
});

// A key made in a transaction that is rolled back must not seal what a second try keeps: nobody could open it.
on_both!(a_step_tried_again_seals_with_the_key_it_keeps, w => {
    let ann = w.officer("ann").await;
    let case = new_case(&ann, "25-1");
    let open_case = may(&ann, Action::OpenCase);
    let agency = new_agency("Second try");
    let add_agency = w.operator(Action::AddAgency);
    for last in [false, true] {
        let mut tx = w.store.begin(&open_case).await.unwrap();
        tx.add_cases(case.agency, std::slice::from_ref(&case)).await.unwrap();
        let own = tx.own_case(case.id).await.unwrap(); // opens, and so learns, the key
        assert_eq!(own.number.as_str(), "25-1");
        if last {
            tx.commit(w.store.act(&open_case, ("case", case.id.into()))).await.unwrap();
        } else {
            drop(tx);
        }
        let mut tx = w.store.begin(&add_agency).await.unwrap();
        tx.add_agency(&agency).await.unwrap();
        assert_eq!(tx.agencies(&[agency.id]).await.unwrap().len(), 1);
        if last {
            tx.commit(w.store.act(&add_agency, ("agency", agency.id.into()))).await.unwrap();
        }
    }
    let done = w.submit(&ann, case.id, &["fox"], Level::Open).await;
    w.member(agency.id, "second@example.org", &[]).await;
    let second = w.second().await;
    let grant = may(&ann, Action::ViewCase);
    let mut tx = second.view(&grant).await.unwrap();
    assert_eq!(tx.own_entries(case.id, &done.entries).await.unwrap()[0].content.raw, "fox");
    let member = second.principal("second@example.org").await.unwrap().unwrap();
    assert_eq!(tx.members(&[member.member]).await.unwrap().len(), 1);
});

// An agency that moves in brings the cases of several officers in one transaction, each by a grant of their own.
on_both!(officers_of_one_agency_share_a_transaction_and_nobody_acts_without_a_grant, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    let ada = w.member(ann.agency, "ada@example.org", &[Role::Investigator]).await;
    let amy = w.member(ann.agency, "amy@example.org", &[Role::Investigator]).await;
    let case = w.case(&ann, "25-1").await;
    let add = |who, detail| [noted(who, id(), Some(case), id(), 0, detail)];
    let grant = may(&ann, Action::Submit);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let refused = tx.add_submissions(store::SubmissionVerb::Submit, &add(&ada, b"x")).await;
    assert!(matches!(refused, Err(Error::WrongGrant { .. })), "no grant of ada's acts here");
    assert!(matches!(tx.also(&may(&bob, Action::Submit)), Err(Error::WrongGrant { .. })), "another agency's");
    tx.also(&may(&ada, Action::Submit)).unwrap();
    tx.add_submissions(store::SubmissionVerb::Submit, &add(&ada, b"x")).await.unwrap();
    tx.commit(w.store.act(&grant, ("case", case.into()))).await.unwrap();
    // What reaches one's own cases only reaches no colleague's.
    let mut tx = w.store.begin(&may(&ada, Action::Withdraw)).await.unwrap();
    assert!(matches!(tx.also(&may(&amy, Action::Withdraw)), Err(Error::WrongGrant { .. })));
});
