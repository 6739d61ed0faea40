//! The main job, end to end, on both databases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

mod common;

use casework::model::*;
use casework::{Error, Exit, HoldOrder, Step};
use common::*;

const EMAIL: &str = "kind,value\nemail,Will.Rox@example.org\n";

on_both!(two_agencies_that_hold_one_address_are_told_whom_to_call_and_nothing_else, house => {
    let (a, case_a) = house.officer("WA-25-001").await;
    let (b, case_b) = house.officer("NM-77").await;
    let first = house.submit(&a, &case_a, EMAIL).await;
    assert!(first.conflicts.is_empty() && first.desk.is_empty());
    let second = house.submit(&b, &case_b, "kind,value\nemail,WILL.ROX@EXAMPLE.ORG\nphone,206-555-0177\n").await;
    assert_eq!(second.entries, 2);
    assert_eq!(second.conflicts.len(), 1);
    let line = &second.conflicts[0];
    assert_eq!(line.strength, Strength::Strong);
    assert_eq!(line.matches[0].yours, "WILL.ROX@EXAMPLE.ORG");
    assert!(line.other.if_no_answer.contains(WATCH_DESK) && line.other.if_no_answer.contains(line.conflict.as_deref().unwrap()));
    for (who, theirs, yours) in [(&a, "Will.Rox@example.org", "NM-77"), (&b, "WILL.ROX@EXAMPLE.ORG", "WA-25-001")] {
        let inbox = house.inbox(who).await;
        assert_eq!(inbox.items.len(), 1, "{inbox:?}");
        assert_eq!(inbox.items[0].yours, [theirs]);
        assert_eq!(inbox.items[0].conflict, line.conflict);
        let text = serde_json::to_string(&inbox).unwrap() + &serde_json::to_string(&second).unwrap().replace("NM-77", "");
        // Invariant 4: never case number or other identifiers.
        assert!(!text.replace("\"case\":\"\"", "").contains(yours), "{text}");
    }
    assert!(!serde_json::to_string(&house.inbox(&a).await).unwrap().contains("0177"));
});

on_both!(sent_again_a_submission_gets_the_same_receipt_and_answer, house => {
    let (a, case_a) = house.officer("A-1").await;
    let (b, case_b) = house.officer("B-1").await;
    house.submit(&a, &case_a, EMAIL).await;
    let request = house.desk.request();
    let mut order = house.order(&case_b, EMAIL);
    order.request = request;
    let once = house.desk.submit(&b, order).await.unwrap();
    let mut order = house.order(&case_b, EMAIL);
    order.request = request;
    assert_eq!(house.desk.submit(&b, order).await.unwrap(), once);
    assert_eq!(once.conflicts.len(), 1);
});

on_both!(a_request_id_is_for_one_request_with_all_that_was_chosen_in_it, house => {
    let (a, case) = house.officer("A-1").await;
    let order = |request: RequestId| casework::SubmitOrder { request, ..house.order(&case, EMAIL) };
    let request = house.desk.request();
    let once = house.desk.submit(&a, order(request)).await.unwrap();
    let csv = |text: &str| casework::read("in.csv", text.as_bytes());
    let silent = || casework::SilentRequest {
        reason: FreeText::parse("live operation").unwrap(),
        approved_by: a.clone(),
        until: Micros::parse("2026-12-31T23:59:59Z").unwrap(),
    };
    let others: [(&str, casework::SubmitOrder); 9] = [
        ("level", casework::SubmitOrder { level: Level::Desk, ..order(request) }),
        ("marking", casework::SubmitOrder { marking: "green".parse().unwrap(), ..order(request) }),
        ("reliability", casework::SubmitOrder { reliability: Reliability::ALL[0], ..order(request) }),
        ("validity", casework::SubmitOrder { validity: Validity::ALL[0], ..order(request) }),
        ("silence", casework::SubmitOrder { silent: Some(silent()), ..order(request) }),
        ("note", casework::SubmitOrder { reading: csv("kind,value,note\nemail,Will.Rox@example.org,seen twice\n"), ..order(request) }),
        ("when seen", casework::SubmitOrder {
            reading: csv("kind,value,seen_from\nemail,Will.Rox@example.org,2026-11-01T00:00:00Z\n"), ..order(request)
        }),
        ("role", casework::SubmitOrder { reading: csv("kind,value,role\nemail,Will.Rox@example.org,witness\n"), ..order(request) }),
        ("value", casework::SubmitOrder { reading: csv("kind,value\nemail,fox@example.org\n"), ..order(request) }),
    ];
    for (what, other) in others {
        assert!(other.reading.problems.is_empty(), "{what}: {:?}", other.reading.problems);
        let refused = house.desk.submit(&a, other).await.unwrap_err();
        assert_eq!((refused.to_string().as_str(), refused.exit()), ("another request of this id exists already", Exit::BadInput), "{what}");
    }
    // The name of the file is no choice: the same things from elsewhere are the same request.
    let renamed = casework::SubmitOrder { file: "copy.csv".to_owned(), ..order(request) };
    assert_eq!(house.desk.submit(&a, renamed).await.unwrap(), once);
    assert_eq!(house.desk.submit(&a, order(request)).await.unwrap(), once);
    let ask = async |request, why: &str| house.desk.check(&a, casework::CheckOrder {
        purpose: Purpose::parse(why).unwrap(),
        case: Some(case.clone()),
        nexus: None,
        file: "q.csv".to_owned(),
        reading: csv(EMAIL),
        request,
    }).await;
    let request = house.desk.request();
    let once = ask(request, "before a warrant").await.unwrap();
    assert!(ask(request, "before a knock").await.is_err(), "a question is its purpose too");
    assert_eq!(ask(request, "before a warrant").await.unwrap(), once);
});

on_both!(a_conflict_is_acknowledged_talked_over_and_resolved_by_both, house => {
    let (a, case_a) = house.officer("A-1").await;
    let (b, case_b) = house.officer("B-1").await;
    house.submit(&a, &case_a, EMAIL).await;
    let answer = house.submit(&b, &case_b, EMAIL).await;
    let id: ConflictId = answer.conflicts[0].conflict.as_deref().unwrap().parse().unwrap();
    let (stranger, _) = house.officer("C-1").await;
    assert!(matches!(house.desk.conflict(&stranger, id).await, Err(Error::NotFound("conflict"))));
    assert_eq!(house.desk.step(&a, id, Step::Acknowledge).await.unwrap().state, "acknowledged");
    let text = FreeText::parse("Call me before you knock").unwrap();
    house.desk.step(&a, id, Step::Message(text, Marking::default())).await.unwrap();
    let seen = house.desk.conflict(&b, id).await.unwrap();
    assert_eq!((seen.thread[0].from.as_str(), seen.thread[0].text.as_str()), ("they", "Call me before you knock"));
    assert!(house.inbox(&b).await.items.iter().any(|i| i.note.as_deref() == Some("They wrote to you.")));
    assert!(matches!(house.desk.step(&a, id, Step::Accept(None)).await, Err(Error::NotNow(_))));
    let why = FreeText::parse("one joint case under B").unwrap();
    assert_eq!(house.desk.step(&b, id, Step::Propose(Resolution::Joint, why)).await.unwrap().state, "coordinating");
    assert_eq!(house.desk.step(&a, id, Step::Accept(None)).await.unwrap().resolution.as_deref(), Some("joint"));
    assert_eq!(house.desk.conflict(&b, id).await.unwrap().state, "resolved");
    assert!(house.inbox(&b).await.items.iter().all(|i| i.state != "notified"));
});

on_both!(a_hold_is_lifted_by_both_supervisors_and_never_stops_rescue, house => {
    let (a, case_a) = house.officer("A-1").await;
    let agency_b = house.agency(AgencyKind::State).await;
    let super_b = house.member(agency_b, &[Role::Supervisor]).await;
    let b = house.member(agency_b, &[]).await;
    let case_b = house.case(&b, "B-1", Some(super_b.member)).await;
    let super_a = house.member(a.agency, &[Role::Supervisor]).await;
    house.submit(&a, &case_a, EMAIL).await;
    let answer = house.submit(&b, &case_b, EMAIL).await;
    let id: ConflictId = answer.conflicts[0].conflict.as_deref().unwrap().parse().unwrap();
    house.desk.hold(&a, id, HoldOrder::Propose(FreeText::parse("we go in tonight").unwrap())).await.unwrap();
    let view = house.desk.conflict(&b, id).await.unwrap();
    assert_eq!(view.holds.len(), 1);
    let hold: MessageId = view.holds[0].hold.parse().unwrap();
    assert!(matches!(house.desk.hold(&b, id, HoldOrder::Lift(hold)).await, Err(Error::Refused(_))), "an investigator cannot");
    house.desk.hold(&super_b, id, HoldOrder::ActAgainst(FreeText::parse("a child is in danger now").unwrap())).await.unwrap();
    assert!(house.inbox(&a).await.items.iter().any(|i| i.note.as_deref().is_some_and(|n| n.contains("acts against the hold"))));
    house.desk.hold(&super_a, id, HoldOrder::Lift(hold)).await.unwrap();
    assert!(!house.desk.conflict(&a, id).await.unwrap().holds[0].lifted);
    house.desk.hold(&super_b, id, HoldOrder::Lift(hold)).await.unwrap();
    assert!(house.desk.conflict(&a, id).await.unwrap().holds[0].lifted);
});

on_both!(withdrawn_identifiers_leave_matching_and_everybody_told_is_told, house => {
    let (a, case_a) = house.officer("A-1").await;
    let (b, case_b) = house.officer("B-1").await;
    house.submit(&a, &case_a, EMAIL).await;
    house.submit(&b, &case_b, EMAIL).await;
    let why = Purpose::parse("wrong account").unwrap();
    assert_eq!(house.desk.withdraw(&a, &case_a, Kind::Email, "will.rox@EXAMPLE.org", None, &why).await.unwrap(), 1);
    let told = house.inbox(&b).await;
    assert!(told.items.iter().any(|i| i.state == "withdrawn"), "{told:?}");
    assert!(told.items.iter().all(|i| i.state != "notified"), "nothing meets any more");
    let (c, case_c) = house.officer("C-1").await;
    let answer = house.submit(&c, &case_c, EMAIL).await;
    assert_eq!(answer.conflicts.len(), 1, "only B is left");
    house.desk.close_case(&b, &case_b, Outcome::Unfounded).await.unwrap();
    let (d, case_d) = house.officer("D-1").await;
    assert_eq!(house.submit(&d, &case_d, EMAIL).await.conflicts.len(), 1, "only C is left");
    assert!(matches!(house.try_submit(&b, &case_b, EMAIL).await, Err(Error::Refused(_))), "closed");
});

on_both!(a_correction_withdraws_the_wrong_value_and_submits_the_right_one, house => {
    let (a, case_a) = house.officer("A-1").await;
    let (b, case_b) = house.officer("B-1").await;
    house.submit(&a, &case_a, EMAIL).await;
    let right = house.order(&case_a, "kind,value\nemail,right@example.org\n");
    house.desk.correct(&a, Kind::Email, "Will.Rox@example.org", None, &Purpose::parse("typing mistake").unwrap(), right).await.unwrap();
    assert!(house.submit(&b, &case_b, EMAIL).await.conflicts.is_empty());
    assert_eq!(house.submit(&b, &case_b, "kind,value\nemail,right@example.org\n").await.conflicts.len(), 1);
});

on_both!(private_addresses_are_suppressed_and_masked_numbers_never_match_on_both_sides, house => {
    let csv = "kind,value\nip,10.10.10.2\nimei,35540607448XXXX\n";
    let (a, case_a) = house.officer("A-1").await;
    let (b, case_b) = house.officer("B-1").await;
    for (who, case) in [(&a, &case_a), (&b, &case_b)] {
        let answer = house.submit(who, case, csv).await;
        assert!(answer.conflicts.is_empty() && answer.desk.is_empty());
        assert_eq!(answer.entries, 2);
        let said: Vec<_> = answer.suppressed.iter().map(|s| (s.value.as_str(), s.kind.as_str())).collect();
        assert_eq!(said, [("10.10.10.2", "ip"), ("35540607448XXXX", "imei")]);
        assert!(answer.suppressed.iter().all(|s| !s.why.is_empty() && !s.list_version.is_empty()));
    }
});

on_both!(one_identifier_held_by_sixty_agencies_is_one_gathering_and_sixty_notices, house => {
    let mut officers = Vec::new();
    for n in 0..60 {
        officers.push(house.officer(&format!("G-{n}")).await);
    }
    for (who, case) in &officers {
        house.submit(who, case, "kind,value,platform\nhandle,HuntedByMany,kik\n").await;
    }
    for (who, _) in &officers {
        let inbox = house.desk.inbox(who).await.unwrap();
        assert_eq!(inbox.items.len(), 1, "one line");
        assert_eq!(inbox.items[0].others.len(), 58, "and 59 others to call");
    }
    assert_eq!(house.desk.deliver().await.unwrap(), 60);
    println!("figure: 60 agencies, 1 line in each inbox, 60 notices, on {:?}", house.desk.store().engine());
});

on_both!(a_value_over_the_cap_makes_no_pairs_and_reaches_the_desk_once, house => {
    let agency = house.agency(AgencyKind::Federal).await;
    let desk = house.member(agency, &[Role::WatchDesk]).await;
    let csv = "kind,value,platform\nhandle,everybody,kik\n";
    for n in 0..101 {
        let who = house.member(agency, &[]).await;
        let case = house.case(&who, &format!("O-{n}"), None).await;
        let answer = house.submit(&who, &case, csv).await;
        assert_eq!(answer.conflicts.len(), if n < 100 { n } else { 0 }, "case {n}");
        assert_eq!(answer.desk.len(), usize::from(n >= 100));
    }
    let (late, case) = house.officer("O-late").await;
    let answer = house.submit(&late, &case, csv).await;
    assert!(answer.conflicts.is_empty());
    assert_eq!(answer.desk[0].watch_desk, WATCH_DESK);
    let queue = house.inbox(&desk).await;
    // The handle has two fingerprints over the cap, its platform's and anywhere's: it is one value, told once.
    assert_eq!(queue.items.iter().filter(|i| i.state == "held-by-many").count(), 1);
});

on_both!(a_case_never_conflicts_with_itself_nor_with_one_of_the_same_lead, house => {
    let (a, case_a) = house.officer("A-1").await;
    let second = house.case(&a, "A-2", None).await;
    house.submit(&a, &case_a, EMAIL).await;
    assert!(house.submit(&a, &case_a, EMAIL).await.conflicts.is_empty());
    assert!(house.submit(&a, &second, EMAIL).await.conflicts.is_empty());
    let colleague = house.member(a.agency, &[]).await;
    let third = house.case(&colleague, "A-3", None).await;
    assert_eq!(house.submit(&colleague, &third, EMAIL).await.conflicts.len(), 2, "both cases of another lead of the same agency");
});

on_both!(a_check_in_a_case_makes_the_same_conflict_and_keeps_only_what_met, house => {
    let (a, case_a) = house.officer("A-1").await;
    let (b, case_b) = house.officer("B-1").await;
    house.submit(&a, &case_a, EMAIL).await;
    let answer = house.check(&b, Some(&case_b), "kind,value\nemail,will.rox@example.org\nemail,nobody@example.org\n").await;
    assert_eq!(answer.conflicts.len(), 1);
    assert!(answer.conflicts[0].conflict.is_some());
    assert_eq!(house.inbox(&a).await.items.len(), 1);
    assert_eq!(house.inbox(&b).await.items[0].yours, ["will.rox@example.org"]);
    let (c, case_c) = house.officer("C-1").await;
    assert!(house.submit(&c, &case_c, "kind,value\nemail,nobody@example.org\n").await.conflicts.is_empty(), "forgotten and not watched");
});

on_both!(a_question_by_nexus_tells_the_owner_who_asked_and_makes_no_conflict, house => {
    let (a, case_a) = house.officer("A-1").await;
    let (b, _) = house.officer("B-1").await;
    house.submit(&a, &case_a, EMAIL).await;
    let answer = house.check(&b, None, EMAIL).await;
    assert_eq!(answer.conflicts.len(), 1);
    assert_eq!(answer.conflicts[0].conflict, None);
    let told = house.inbox(&a).await;
    assert_eq!(told.items.len(), 1);
    assert_eq!(told.items[0].state, "asked");
    assert!(told.items[0].note.as_deref().unwrap().contains("before a knock on the door"));
    assert!(house.inbox(&b).await.items.is_empty());
});

on_both!(victims_minors_personas_persons_and_foreign_readers_answer_the_same_desk_line, house => {
    let causes = [
        "kind,value,role\nemail,x@example.org,victim\n",
        "kind,value,age\nemail,x@example.org,minor\n",
        "kind,value,role\nemail,x@example.org,undercover\n",
        "kind,value,source,report\nemail,x@example.org,cybertip,1234567\n",
        "kind,value,level\nemail,x@example.org,desk\n",
    ];
    let mut seen = Vec::new();
    for (n, csv) in causes.iter().enumerate() {
        let csv = csv.replace("x@example.org", &format!("x{n}@example.org"));
        let (owner, case) = house.officer(&format!("OWN-{n}")).await;
        house.submit(&owner, &case, &csv).await;
        let (asker, case) = house.officer(&format!("ASK-{n}")).await;
        let answer = house.submit(&asker, &case, &format!("kind,value\nemail,x{n}@example.org\n")).await;
        assert!(answer.conflicts.is_empty());
        let mut line = serde_json::to_string(&answer.desk).unwrap();
        line = line.replace(&format!("x{n}@"), "x@");
        seen.push(line);
        let own = house.inbox(&owner).await;
        assert_eq!(own.items.len(), 1, "the owner is always told");
        assert!(own.items[0].other.is_some(), "and whom to call");
        let theirs = house.inbox(&asker).await;
        assert_eq!(theirs.items.iter().filter(|i| i.state == "desk").count(), 1);
        assert!(theirs.items.iter().all(|i| i.other.is_none() && i.conflict.is_none()));
    }
    seen.dedup();
    assert_eq!(seen, [format!("[{{\"yours\":\"x@example.org\",\"watch_desk\":\"{WATCH_DESK}\"}}]")]);
    let (owner, case) = house.officer("FOR-1").await;
    house.submit(&owner, &case, EMAIL).await;
    let (foreign, case) = house.officer_of(AgencyKind::Foreign, "FOR-2").await;
    let answer = house.submit(&foreign, &case, EMAIL).await;
    assert!(answer.conflicts.is_empty());
    assert_eq!(answer.desk.len(), 1);
    let (p, case) = house.officer("P-1").await;
    house.submit(&p, &case, "kind,value\nperson,\"Doe, Jane; 1980-02-01\"\n").await;
    let (q, case) = house.officer("P-2").await;
    let answer = house.submit(&q, &case, "kind,value\nperson,\"DOE, JANE; 1980-02-01\"\n").await;
    assert!(answer.conflicts.is_empty());
    assert_eq!(answer.desk.len(), 1, "person is never strong and answers desk");
});

on_both!(a_silent_entry_answers_exactly_like_a_miss_and_only_owner_and_desk_are_told, house => {
    let (owner, case_o) = house.officer("S-1").await;
    let supervisor = house.member(owner.agency, &[Role::Supervisor]).await;
    let agency = house.agency(AgencyKind::Federal).await;
    let desk = house.member(agency, &[Role::WatchDesk]).await;
    assert!(matches!(house.submit_silent(&owner, &case_o, EMAIL, &owner).await, Err(Error::Refused(_))), "not by oneself");
    house.submit_silent(&owner, &case_o, EMAIL, &supervisor).await.unwrap();
    let (asker, case_a) = house.officer("S-2").await;
    let hit = house.submit(&asker, &case_a, EMAIL).await;
    let miss = house.submit(&asker, &case_a, "kind,value\nemail,nobody@example.org\n").await;
    let plain = |mut a: casework::answer::Answer| { a.receipt.clear(); a };
    assert_eq!(plain(hit), plain(miss));
    assert!(house.inbox(&asker).await.items.is_empty());
    let told = house.inbox(&owner).await;
    assert_eq!(told.items.len(), 1);
    assert_eq!(told.items[0].state, "silent");
    assert_eq!(told.items[0].yours, ["Will.Rox@example.org"]);
    assert_eq!(house.inbox(&desk).await.items.iter().filter(|i| i.state == "silent").count(), 1);
    // The order ends: the entry falls back to desk, and the second look tells both.
    house.clock.set(Micros::parse("2027-01-01T00:00:00Z").unwrap());
    house.desk.work(None).await.unwrap();
    assert_eq!(house.inbox(&asker).await.items.iter().filter(|i| i.state == "desk").count(), 1);
});

on_both!(ones_own_silent_entry_is_answered_and_the_other_side_knows_nothing, house => {
    let (open, case_o) = house.officer("S-1").await;
    house.submit(&open, &case_o, EMAIL).await;
    let (hidden, case_h) = house.officer("S-2").await;
    let supervisor = house.member(hidden.agency, &[Role::Supervisor]).await;
    let answer = house.submit_silent(&hidden, &case_h, EMAIL, &supervisor).await.unwrap();
    assert_eq!(answer.conflicts.len(), 1);
    assert_eq!(answer.conflicts[0].conflict, None);
    assert!(house.inbox(&open).await.items.is_empty());
    assert!(house.submit(&open, &case_o, EMAIL).await.conflicts.is_empty());
    assert!(house.inbox(&open).await.items.is_empty());
});

on_both!(what_a_crash_left_is_swept_and_the_second_look_finds_nothing_new, house => {
    let (a, case_a) = house.officer("A-1").await;
    let (b, case_b) = house.officer("B-1").await;
    house.submit(&a, &case_a, EMAIL).await;
    house.submit(&b, &case_b, EMAIL).await;
    house.clock.advance(700);
    let settled = house.desk.work(None).await.unwrap();
    assert_eq!((settled.swept, settled.second), (0, 2));
    assert_eq!(house.desk.work(None).await.unwrap().second, 0);
    let agency = house.agency(AgencyKind::Federal).await;
    let desk = house.member(agency, &[Role::WatchDesk]).await;
    assert!(house.inbox(&desk).await.items.iter().all(|i| i.state != "alarm"));
});

on_both!(receipts_verify_with_the_key_alone_and_a_changed_byte_does_not, house => {
    let (a, case_a) = house.officer("A-1").await;
    let mut all = Vec::new();
    for n in 0..7 {
        all.push(house.submit(&a, &case_a, &format!("kind,value\nemail,r{n}@example.org\n")).await.receipt);
        house.desk.settle_ledger().await.unwrap();
    }
    let key = house.desk.verifier_key();
    for receipt in &all {
        let text = house.desk.receipt(&a, receipt.parse().unwrap()).await.unwrap();
        let verified = casework::verify_receipt(&text, &key).unwrap();
        assert!(verified.proven && verified.trial);
        assert!(text.contains("asserted by the operator of this machine"));
        let changed = text.replacen("example.org", "example.com", 1);
        assert_ne!(changed, text);
        assert!(casework::verify_receipt(&changed, &key).is_err());
    }
    let (b, _) = house.officer("B-1").await;
    assert!(house.desk.receipt(&b, all[0].parse().unwrap()).await.is_err(), "another agency's receipt does not exist");
    let verdict = house.desk.verify_ledger(&casework::Principal::operator(), |_| ()).await.unwrap();
    assert!(verdict.sound(), "{:?}", verdict.findings);
});

on_both!(a_file_with_problems_stores_nothing_unless_partial, house => {
    let (a, case_a) = house.officer("A-1").await;
    let bad = "kind,value\nemail,a@example.org\nip,999.1.1.1\nnonsense,x\n";
    let Err(Error::File { problems, .. }) = house.try_submit(&a, &case_a, bad).await else { panic!("taken") };
    let places: Vec<_> = problems.iter().map(|p| (p.place.as_str(), p.field.as_str())).collect();
    assert_eq!(places, [("line 3", "value"), ("line 4", "kind")], "all of them, in the order of the file");
    let Err(e) = house.try_submit(&a, &case_a, "kind,value\nemail,a@example.org\nip,999.1.1.1\n").await else { panic!("taken") };
    assert_eq!(e.exit(), Exit::BadInput);
    let (b, case_b) = house.officer("B-1").await;
    assert!(house.submit(&b, &case_b, "kind,value\nemail,a@example.org\n").await.conflicts.is_empty(), "nothing was stored");
    let mut order = house.order(&case_a, bad);
    order.partial = true;
    let answer = house.desk.submit(&a, order).await.unwrap();
    assert_eq!((answer.entries, answer.problems.len(), answer.conflicts.len()), (1, 2, 1));
});

on_both!(a_suspended_foreign_agency_is_refused_with_the_law, house => {
    let id = house.desk.add_agency(&casework::Principal::operator(), casework::NewAgency {
        name: "Police fédérale".to_owned(), kind: AgencyKind::Foreign, telephone: phone("+32 2 555 01 00"), time_zone: None, state: None, country: Some("BE".parse().unwrap()),
    }).await.unwrap();
    let who = house.member(id, &[]).await;
    let Err(Error::Refused(said)) = house.desk.inbox(&who).await else { panic!("let in") };
    assert!(said.contains("21115"), "{said}");
});

on_both!(ip_addresses_meet_by_window_and_port, house => {
    let (a, case_a) = house.officer("A-1").await;
    let (b, case_b) = house.officer("B-1").await;
    house.submit(&a, &case_a, "kind,value,seen_from,seen_to,port\nip,192.0.2.7,2026-01-05T10:00:00Z,2026-01-05T10:30:00Z,51000\nip,2001:db8::1,2026-01-05T10:00:00Z,2026-01-05T11:00:00Z,\nip,192.0.2.9,2026-01-05T10:00:00Z,2026-01-05T10:10:00Z,\n").await;
    let answer = house.submit(&b, &case_b, "kind,value,seen_from,seen_to,port\nip,192.0.2.7,2026-01-05T10:20:00Z,2026-01-05T10:25:00Z,\nip,2001:db8::2,2026-01-05T10:30:00Z,2026-01-05T10:40:00Z,\nip,192.0.2.9,2026-03-05T10:00:00Z,2026-03-05T10:10:00Z,\n").await;
    assert_eq!(answer.conflicts.len(), 1);
    let rules: Vec<_> = answer.conflicts[0].matches.iter().map(|m| (m.yours.as_str(), m.rule.as_str())).collect();
    assert_eq!(rules, [("192.0.2.7", "ip-window"), ("2001:db8::2", "ip6-net")], "the third was seen at another time");
});
