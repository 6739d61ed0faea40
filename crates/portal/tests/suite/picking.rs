//! One's own open cases are offered where a number is asked for, and no other.

use casework::NewCase;
use model::{CaseNumber, FreeText, Marking, Nexus, Outcome, ThreatArea};

use crate::house::{House, house};

async fn open(house: &House, number: &str) {
    let new = NewCase {
        number: CaseNumber::parse(number).unwrap(),
        threat_area: ThreatArea::Travel,
        nexus: Nexus::parse("a chat room").unwrap(),
        predicate: FreeText::parse("a provider's answer").unwrap(),
        offence: None,
        supervisor: None,
        contact: None,
        marking: Marking::default(),
    };
    house.clock.advance(60);
    house.desk.open_case(&house.ana.who, new).await.unwrap();
}

#[tokio::test]
async fn ones_own_open_cases_are_offered_the_newest_first_and_any_number_is_taken() {
    let house = house().await;
    open(&house, "WA-26-0300").await;
    open(&house, "WA-26-0301").await;
    house.desk.close_case(&house.ana.who, &CaseNumber::parse("WA-26-0300").unwrap(), Outcome::Exhausted).await.unwrap();
    let colleague = house.colleague_of(&house.ana).await;
    let ana = house.signed_in(&house.ana).await;
    for path in ["/deconflict", "/bulk/new", "/import"] {
        let form = ana.get(path).await;
        let offered = form.between("<datalist id=\"own-cases\">", "</datalist>");
        let values: Vec<_> = offered.split("value=\"").skip(1).filter_map(|o| o.split('"').next()).collect();
        assert_eq!(values, ["WA-26-0301", "WA-26-0117"], "{path}: neither the closed one nor another's");
        assert!(form.body.contains("list=\"own-cases\""), "{path}");
        // Who leads none is offered none, and the field is there.
        let bare = house.signed_in(&colleague).await.get(path).await;
        assert!(!bare.body.contains("own-cases") && bare.body.contains("name=\"case\""), "{path}");
    }
    // A form that comes back offers them again, and a colleague types the number that was not offered.
    let back = ana.post("/deconflict", &[("text", "fox@example.org"), ("act", "check")]).await;
    assert_eq!(back.status, 422);
    assert!(back.body.contains("<option value=\"WA-26-0301\">Travel to exploit children</option>"));
    let typed = [("text", "fox@example.org"), ("case", "WA-26-0117"), ("purpose", "a lead"), ("act", "check")];
    assert_eq!(house.signed_in(&colleague).await.post("/deconflict", &typed).await.status, 303);
}

#[tokio::test]
async fn a_cases_page_leads_to_the_form_with_its_number_filled_in() {
    let house = house().await;
    let ana = house.signed_in(&house.ana).await;
    let case = house.case_id(&house.ana).await;
    let link = format!("/deconflict?case={case}");
    assert!(ana.get(&format!("/cases/{case}")).await.body.contains(&link));
    assert!(ana.get(&link).await.body.contains("name=\"case\" value=\"WA-26-0117\""));
    // Another agency's id fills in nothing, as one that is none.
    let theirs = house.case_id(&house.ben).await;
    for id in [theirs.as_str(), "no-id"] {
        assert!(ana.get(&format!("/deconflict?case={id}")).await.body.contains("name=\"case\" value=\"\""), "{id}");
    }
}
