//! What pages ask beside the verbs of the command line, on both databases: files in one upload, an entry by its id, a lead
//! by name, and how many offers wait.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use casework::model::*;
use casework::{Error, ImportFile, ImportOrder, ImportedFile, Principal, RightValue, RowFate};
use common::*;
use store::{Engine, Place};
use testkit::Postgres;

const LIST: &str =
    "kind,value,role,age\nemail,fox@example.org,,\nemail,no address,,\nemail,child@example.org,victim,minor\n";
const TIPS: &str = r#"[{"reportId":"1001","incidentSummary":{"platform":"Discord"},"personOrUserReported":{"screenName":"owl","espService":"Discord"}},
    {"reportId":"1002","incidentSummary":{"platform":"Discord"},"personOrUserReported":{"screenName":"fox","espService":"Discord"}}]"#;

/// An import of these files into a case.
fn order(case: &CaseNumber, files: &[(&str, &str)], partial: bool) -> ImportOrder {
    let file = |(name, text): &(&str, &str)| ImportFile { name: (*name).to_owned(), bytes: text.as_bytes().to_vec() };
    ImportOrder {
        files: files.iter().map(file).collect(),
        case: Some(case.clone()),
        level: Level::Open,
        partial,
        dry_run: false,
    }
}

fn fates(file: &ImportedFile) -> Vec<(&str, RowFate)> {
    file.rows.iter().map(|row| (row.place.as_str(), row.fate)).collect()
}

impl House {
    async fn values(&self, who: &Principal, case: &CaseNumber) -> usize {
        self.desk.case_view(who, case, None).await.unwrap().entries.len()
    }
}

on_both!(an_upload_is_taken_row_by_row_and_known_when_it_comes_again, house => {
    let (a, case_a) = house.officer("A-1").await;
    let (b, case_b) = house.officer("B-1").await;
    house.submit(&b, &case_b, "kind,value\nemail,fox@example.org\n").await;
    let files = [("list.csv", LIST), ("tips.json", TIPS)];
    let look = house.desk.import(&a, ImportOrder { dry_run: true, ..order(&case_a, &files, true) }).await.unwrap();
    let rows = [("line 2", RowFate::Read), ("line 3", RowFate::Refused), ("line 4", RowFate::Read)];
    assert_eq!(fates(&look[0]), rows);
    assert_eq!(fates(&look[1]), [("report 1001", RowFate::Read), ("report 1002", RowFate::Read)]);
    let whole = house.desk.import(&a, order(&case_a, &files[..1], false)).await.unwrap();
    assert_eq!((whole[0].fate, fates(&whole[0])), (RowFate::Refused, rows.to_vec()));
    assert_eq!(house.values(&a, &case_a).await, 0, "neither a look nor a list with a bad row stores anything");
    let taken = house.desk.import(&a, order(&case_a, &files, true)).await.unwrap();
    let rows = [("line 2", RowFate::Stored), ("line 3", RowFate::Refused), ("line 4", RowFate::Stored)];
    assert_eq!((fates(&taken[0]), taken[0].calls), (rows.to_vec(), 1));
    assert_eq!(fates(&taken[1]), [("report 1001", RowFate::Stored), ("report 1002", RowFate::Stored)]);
    assert!(taken[0].rows[2].what.as_deref().is_some_and(|what| what.contains("(line 4)")), "a child's by its place");
    let again = house.desk.import(&a, order(&case_a, &files, true)).await.unwrap();
    let rows = [("line 2", RowFate::Known), ("line 3", RowFate::Refused), ("line 4", RowFate::Known)];
    assert_eq!((fates(&again[0]), again[0].calls), (rows.to_vec(), 1), "whom to call is said again");
    assert_eq!(again[0].receipt, taken[0].receipt);
    assert_eq!(fates(&again[1]), [("report 1001", RowFate::Known), ("report 1002", RowFate::Known)]);
    assert_eq!(again[1].rows[0].receipt, taken[1].rows[0].receipt);
    assert_eq!(house.values(&a, &case_a).await, 2);
});

on_both!(what_an_officer_may_not_take_in_is_refused_beside_its_file, house => {
    let (a, case_a) = house.officer("A-1").await;
    let keeper = house.member(a.agency, &[Role::AgencyAdministrator]).await;
    let refused = house.desk.import(&keeper, order(&case_a, &[("list.csv", "kind,value\nemail,fox@example.org\n"), ("tips.json", TIPS)], false)).await.unwrap();
    assert_eq!(refused[0].fate, RowFate::Refused);
    assert_eq!(refused[0].problems.len(), 1, "{:?}", refused[0].problems);
    assert_eq!(refused[1].rows[0].problems.len(), 1);
    assert_eq!(house.values(&a, &case_a).await, 0);
});

on_both!(a_look_teaches_nobody_who_may_not_submit_and_leaves_its_events, house => {
    let (a, case_a) = house.officer("A-1").await;
    let keeper = house.member(a.agency, &[Role::AgencyAdministrator]).await;
    let files = [("list.csv", "kind,value\nemail,fox@example.org\n"), ("tips.json", TIPS)];
    house.desk.import(&a, order(&case_a, &files, false)).await.unwrap();
    let events = async || house.desk.settle_ledger().await.unwrap();
    let look = async |who: &Principal, case: &CaseNumber| {
        house.desk.import(who, ImportOrder { dry_run: true, ..order(case, &files, false) }).await.unwrap()
    };
    events().await;
    for file in look(&keeper, &case_a).await {
        assert!(file.fate == RowFate::Refused && file.receipt.is_none(), "{file:?}");
        assert!(file.rows.iter().all(|row| row.fate != RowFate::Known && row.receipt.is_none()), "{file:?}");
    }
    assert_eq!(events().await, 2, "a refusal of the list and one of the reports");
    let nowhere = look(&a, &CaseNumber::parse("NO-SUCH").unwrap()).await;
    assert!(nowhere[0].problems[0].problem.contains("is no case of your agency"), "{:?}", nowhere[0].problems);
    events().await;
    let known = look(&a, &case_a).await;
    assert_eq!((known[0].fate, known[1].fate), (RowFate::Known, RowFate::Known));
    assert_eq!(events().await, 5, "a look at a list and at reports, and the answer of each that is known");
    let mut new = order(&case_a, &[("new.csv", "kind,value\nemail,owl@example.org\n")], false);
    new.dry_run = true;
    assert_eq!(house.desk.import(&a, new).await.unwrap()[0].fate, RowFate::Read);
    assert_eq!(events().await, 1, "a look at a list that is new");
});

on_both!(many_lists_bring_no_more_than_one, house => {
    let (a, case_a) = house.officer("A-1").await;
    let list = |from: usize| {
        let rows: String = (from..from + 251).map(|n| format!("email,fox{n}@example.org\n")).collect();
        format!("kind,value\n{rows}")
    };
    let (one, other) = (list(0), list(251));
    let files = [("one.csv", one.as_str()), ("tips.json", TIPS), ("other.csv", other.as_str())];
    let done = house.desk.import(&a, order(&case_a, &files, true)).await.unwrap();
    for list in [&done[0], &done[2]] {
        assert_eq!((list.fate, list.rows.len()), (RowFate::Refused, 0));
        assert!(list.problems[0].problem.contains("251 of the 502") && list.problems[0].cure.contains("bulk job"));
    }
    assert_eq!(done[1].fate, RowFate::Stored, "reports are of their sender's size");
    assert_eq!(house.values(&a, &case_a).await, 0);
});

/// The database fails between the commit and the look.
#[tokio::test]
async fn what_is_stored_and_not_yet_checked_is_said_to_be_stored() {
    let house = house(Engine::Postgres).await;
    let Place::Postgres(url) = &house.place else { panic!("a server") };
    let (a, case_a) = house.officer("A-1").await;
    let (b, case_b) = house.officer("B-1").await;
    house.submit(&b, &case_b, "kind,value\nemail,fox@example.org\n").await;
    let files = [("list.csv", "kind,value\nemail,fox@example.org\n"), ("tips.json", TIPS)];
    Postgres::shared().run(url, "ALTER TABLE answer RENAME TO answer_away");
    let cut = house.desk.import(&a, order(&case_a, &files, false)).await.unwrap();
    Postgres::shared().run(url, "ALTER TABLE answer_away RENAME TO answer");
    assert_eq!((cut[0].fate, cut[0].calls, cut[0].is_unchecked()), (RowFate::Stored, 0, true), "{:?}", cut[0].problems);
    assert!(cut[0].receipt.is_some() && cut[0].problems.is_empty());
    assert_eq!((cut[1].fate, cut[1].rows.len()), (RowFate::Stored, 2));
    assert!(cut[1].rows.iter().all(|row| row.unchecked && row.receipt.is_some() && row.problems.is_empty()));
    let again = house.desk.import(&a, order(&case_a, &files, false)).await.unwrap();
    assert_eq!((again[0].fate, again[0].is_unchecked()), (RowFate::Known, true), "no calls is not nobody to call");
    assert!(again[1].rows.iter().all(|row| row.fate == RowFate::Known && row.unchecked));
    house.clock.advance(120);
    house.desk.work(None).await.unwrap();
    let again = house.desk.import(&a, order(&case_a, &files, false)).await.unwrap();
    assert_eq!((again[0].fate, again[0].calls, again[0].is_unchecked()), (RowFate::Known, 1, false));
    assert_eq!(again[0].receipt, cut[0].receipt);
    assert!(!again[1].is_unchecked());
}

on_both!(an_entry_is_corrected_by_its_id_once, house => {
    let (a, case_a) = house.officer("A-1").await;
    let (b, _) = house.officer("B-1").await;
    house.submit(&a, &case_a, LIST.replace("no address", "hare@example.org").as_str()).await;
    let view = house.desk.case_view(&a, &case_a, None).await.unwrap();
    let case: CaseId = view.case.id.parse().unwrap();
    let child: EntryId = view.entries.iter().find(|e| e.withheld.is_some()).unwrap().id.parse().unwrap();
    let form = house.desk.correctable(&a, case, child).await.unwrap();
    assert!(form.yours.contains("(line 4)") && !form.yours.contains("child@"), "{}", form.yours);
    let request = house.desk.request();
    let right = || RightValue {
        value: "kid@example.org".to_owned(),
        platform: None,
        reason: Purpose::parse("misread").unwrap(),
        request,
    };
    assert!(matches!(house.desk.correct_entry(&b, case, child, right()).await, Err(Error::NotFound(_))), "another's");
    let first = house.desk.correct_entry(&a, case, child, right()).await.unwrap();
    let again = house.desk.correct_entry(&a, case, child, right()).await.unwrap();
    assert_eq!(first.receipt, again.receipt);
    let view = house.desk.case_view(&a, &case_a, Some(&FreeText::parse("to call the parents").unwrap())).await.unwrap();
    let new = view.entries.iter().find(|e| e.value.as_deref() == Some("kid@example.org")).unwrap();
    assert_eq!((new.role, new.age, view.entries.len()), (EntryRole::Victim, AgeClass::Minor, 4), "it stays a child's");
    assert!(matches!(house.desk.correctable(&a, case, child).await, Err(Error::NotFound(_))));
    // The id of a request is for that request: of what another entry became, or of another value, it says nothing.
    let other = RightValue { value: "goat@example.org".to_owned(), ..right() };
    assert!(matches!(house.desk.correct_entry(&a, case, child, other).await, Err(Error::NotFound(_))));
    let fox: EntryId = view.entries.iter().find(|e| e.value.as_deref() == Some("fox@example.org")).unwrap().id.parse().unwrap();
    house.desk.withdraw(&a, &case_a, Kind::Email, "fox@example.org", None, &right().reason).await.unwrap();
    assert!(matches!(house.desk.correct_entry(&a, case, fox, right()).await, Err(Error::NotFound(_))), "E1's answer");
});

// Sentence 6: what a form brings is looked at as what a file brings.
on_both!(no_media_comes_in_as_a_right_value_or_its_platform, house => {
    let (a, case_a) = house.officer("A-1").await;
    house.submit(&a, &case_a, "kind,value\nemail,fox@example.org\n").await;
    let view = house.desk.case_view(&a, &case_a, None).await.unwrap();
    let (case, fox) = (view.case.id.parse().unwrap(), view.entries[0].id.parse().unwrap());
    let picture = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg";
    for (value, platform) in [("hare@example.org", Some(picture)), (picture, None), ("hare@example.org\u{7}", None)] {
        let right = RightValue {
            value: value.to_owned(),
            platform: platform.map(str::to_owned),
            reason: Purpose::parse("misread").unwrap(),
            request: house.desk.request(),
        };
        let refused = house.desk.correct_entry(&a, case, fox, right).await;
        assert!(matches!(&refused, Err(Error::File { problems, .. }) if problems.len() == 1), "{value} {platform:?}: {refused:?}");
    }
    assert_eq!(house.values(&a, &case_a).await, 1);
});

on_both!(an_offer_counts_for_who_may_answer_and_is_led_by_who_is_named, house => {
    let (a, case_a) = house.officer("A-1").await;
    let agency = house.agency(AgencyKind::State).await;
    let (supervisor, officer) = (house.member(agency, &[Role::Supervisor]).await, house.member(agency, &[]).await);
    let lead = house.newest_address();
    let why = FreeText::parse("he moved to your county").unwrap();
    let id = house.desk.offer_transfer(&a, &case_a, agency, why).await.unwrap();
    let waiting = async |who: &Principal| house.desk.counts(who).await.unwrap().transfers;
    assert_eq!((waiting(&supervisor).await, waiting(&officer).await, waiting(&a).await), (1, 0, 0));
    let number = CaseNumber::parse("S-1").unwrap();
    for nobody in ["nobody@example.org", &a.member.to_string()] {
        let led = house.desk.accept_transfer_led_by(&supervisor, id, number.clone(), Some(nobody)).await;
        assert!(matches!(&led, Err(Error::Argument { field, .. }) if field == "lead"), "{nobody}: {led:?}");
    }
    house.desk.accept_transfer_led_by(&supervisor, id, number.clone(), Some(&lead)).await.unwrap();
    assert_eq!(house.desk.case_view(&officer, &number, None).await.unwrap().case.lead, officer.member.to_string());
    assert_eq!(waiting(&supervisor).await, 0);
});
