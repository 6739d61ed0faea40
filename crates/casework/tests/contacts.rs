//! Whom to call, with the time there: shown where it is read, never in what is kept or signed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

mod common;

use casework::answer::Other;
use casework::model::*;
use casework::{ConflictFilter, Error, Principal};

const EMAIL: &str = "kind,value,role\nemail,fox@example.org,subject\n";

fn zone(name: &str) -> TimeZone {
    TimeZone::parse(name).unwrap()
}

fn there(other: &Other) -> (Option<&str>, Option<&str>) {
    (other.time_zone.as_deref(), other.local_time.as_deref())
}

on_both!(whom_to_call_comes_with_the_time_there_and_the_receipt_without, house => {
    let (a, case_a) = house.officer("A-1").await;
    let (b, case_b) = house.officer("B-1").await;
    let operator = Principal::operator();
    house.desk.set_time_zone(&operator, a.agency, &zone("America/Los_Angeles")).await.unwrap();
    house.desk.set_time_zone(&operator, b.agency, &zone("America/Denver")).await.unwrap();
    house.submit(&a, &case_a, EMAIL).await;
    let mut order = house.order(&case_b, EMAIL);
    let request = order.request;
    let answer = house.desk.submit(&b, order).await.unwrap();
    let hers = (Some("America/Los_Angeles"), Some("Sun 22:00 there, PST"));
    assert_eq!(there(&answer.conflicts[0].other), hers);
    // Read again ten hours later it says the time of then.
    house.clock.advance(10 * 3_600);
    let hers = (Some("America/Los_Angeles"), Some("Mon 08:00 there, PST"));
    order = house.order(&case_b, EMAIL);
    order.request = request;
    let again = house.desk.submit(&b, order).await.unwrap();
    assert_eq!(there(&again.conflicts[0].other), hers);
    let id: SubmissionId = answer.receipt.parse().unwrap();
    let conflict: ConflictId = answer.conflicts[0].conflict.as_deref().unwrap().parse().unwrap();
    assert_eq!(there(&house.desk.answer(&b, id).await.unwrap().conflicts[0].other), hers);
    let page = house.desk.submission(&b, id, None, None).await.unwrap();
    assert_eq!(there(&page.answer.unwrap().conflicts[0].other), hers);
    assert_eq!(there(&page.entries[0].saw[0].other), hers);
    assert_eq!(there(house.inbox(&b).await.items[0].other.as_ref().unwrap()), hers);
    assert_eq!(there(house.desk.conflict(&b, conflict).await.unwrap().other.as_ref().unwrap()), hers);
    let queue = house.desk.conflicts(&b, ConflictFilter::default(), None, None).await.unwrap();
    assert_eq!(there(queue.rows[0].other.as_ref().unwrap()), hers);
    let his = house.desk.conflict(&a, conflict).await.unwrap().other.unwrap();
    assert_eq!(there(&his), (Some("America/Denver"), Some("Mon 09:00 there, MST")));
    let directory = house.desk.agency_page(&b, a.agency).await.unwrap();
    assert_eq!((directory.agency.time_zone.as_deref(), directory.local_time.as_deref()), hers);
    // What was signed says where it rings and nothing that changes by itself.
    let receipt = house.desk.receipt(&b, id).await.unwrap();
    assert!(receipt.contains("America/Los_Angeles") && !receipt.contains("local_time"), "{receipt}");
    assert!(!receipt.contains(" there, "), "{receipt}");
});

on_both!(of_an_agency_that_never_said_where_it_is_no_time_is_guessed, house => {
    let (a, case_a) = house.officer("A-1").await;
    let (b, case_b) = house.officer("B-1").await;
    house.submit(&a, &case_a, EMAIL).await;
    let answer = house.submit(&b, &case_b, EMAIL).await;
    assert_eq!(there(&answer.conflicts[0].other), (None, None));
    let text = serde_json::to_string(&answer).unwrap() + &serde_json::to_string(&house.inbox(&b).await).unwrap();
    assert!(!text.contains("time_zone") && !text.contains("local_time"), "{text}");
    let directory = house.desk.agency_page(&b, a.agency).await.unwrap();
    assert_eq!((directory.agency.time_zone, directory.local_time), (None, None));
});

on_both!(a_time_zone_is_set_by_the_operator_and_by_an_administrator_of_that_agency, house => {
    let (a, _) = house.officer("A-1").await;
    let (b, _) = house.officer("B-1").await;
    let keeper = house.member(a.agency, &[Role::AgencyAdministrator]).await;
    let set = async |who: &Principal, agency| house.desk.set_time_zone(who, agency, &zone("Pacific/Guam")).await;
    assert!(matches!(set(&a, a.agency).await, Err(Error::Refused(_))), "an investigator");
    assert!(matches!(set(&keeper, b.agency).await, Err(Error::Refused(_))), "of another agency");
    let nobody = AgencyId::from(uuid::Uuid::nil());
    assert!(matches!(set(&Principal::operator(), nobody).await, Err(Error::NotFound("agency"))));
    assert_eq!(house.desk.agency_page(&b, a.agency).await.unwrap().agency.time_zone, None);
    set(&keeper, a.agency).await.unwrap();
    assert_eq!(house.desk.agency_page(&b, a.agency).await.unwrap().local_time.as_deref(), Some("Mon 16:00 there, ChST"));
    set(&Principal::operator(), b.agency).await.unwrap();
    // The ledger holds both changes.
    house.desk.settle_ledger().await.unwrap();
    assert!(house.desk.verify_ledger(&Principal::operator(), |_| {}).await.unwrap().sound());
});
