//! Cases go from one agency to another by pages, and the receiver reads before they accept what the command line shows.

use casework::{NewAgency, NewMember};
use model::{AgencyId, AgencyKind, Role, Telephone};

use crate::house::{House, house};

const WHY: &str = "he lives in your county";

/// An agency with a supervisor who could accept.
async fn agency(house: &House, name: &str, kind: AgencyKind) -> AgencyId {
    let operator = casework::Principal::operator();
    let telephone = Telephone::parse("604-555-0120").unwrap();
    let country = (kind == AgencyKind::Foreign).then(|| "CA".parse().unwrap());
    let new =
        NewAgency { name: name.to_owned(), kind, telephone: telephone.clone(), state: None, country, time_zone: None };
    let agency = house.desk.add_agency(&operator, new).await.unwrap();
    let member = NewMember {
        agency,
        name: format!("{name} supervisor"),
        email: format!("{}@example.org", name.replace(' ', ".")),
        telephone,
        sworn: true,
        roles: vec![Role::Supervisor],
    };
    house.desk.add_member(&operator, member).await.unwrap();
    agency
}

#[tokio::test]
async fn a_case_is_offered_and_accepted_and_the_new_owner_is_told_whom_to_call() {
    let house = house().await;
    house.submit(&house.ana, "kind,value,role\nemail,fox@example.org,subject\nemail,owl@example.org,subject\n").await;
    let (ana, ben) = (house.signed_in(&house.ana).await, house.signed_in(&house.ben).await);
    let case = house.case_id(&house.ana).await;
    assert!(ana.get(&format!("/cases/{case}")).await.body.contains(&format!("href=\"/cases/{case}/transfer\"")));
    let path = format!("/cases/{case}/transfer");
    let form = ana.get(&path).await;
    let to = house.ben.who.agency.to_string();
    assert!(form.body.contains(&format!("<option value=\"{to}\">Navajo Nation Police</option>")), "{}", form.body);
    assert!(!form.body.contains(&house.ana.who.agency.to_string()), "one's own is not offered");
    let empty = ana.post(&path, &[("to", ""), ("reason", "")]).await;
    assert_eq!(empty.status, 422);
    assert!(empty.body.contains("the form, to: ") && empty.body.contains("the form, why: "));
    let nobody = ana.post(&path, &[("to", &house.desk.request().to_string()), ("reason", WHY)]).await;
    assert!(nobody.status == 422 && nobody.body.contains("is no agency of this Concord") && nobody.body.contains(WHY));
    assert_eq!(ana.post(&path, &[("to", &to), ("reason", WHY)]).await.location(), Some("/transfers"));
    let twice = ana.post(&path, &[("to", &to), ("reason", WHY)]).await;
    assert!(twice.status == 409 && twice.body.contains("An offer of this case stands"), "{}", twice.body);

    // The menu counts it, for who may answer; the page shows what the command line shows, and nothing of the case.
    let offered = ben.get("/transfers").await;
    assert!(offered.body.contains("1<span class=\"vh\"> offered to your agency"), "{}", offered.body);
    let listed = house.desk.transfers(&house.ben.who).await.unwrap().transfers.remove(0);
    assert_eq!((listed.reason.as_str(), listed.case.as_deref()), (WHY, None));
    for shown in [WHY, "Puget Sound Task Force", "Ana Reyes", "href=\"tel:2065550111\"", &listed.transfer] {
        assert!(offered.body.contains(shown), "{shown}");
    }
    for secret in ["WA-26-0117", "fox@example.org", "owl@example.org", "contact began in a chat room", &case] {
        assert!(!offered.body.contains(secret), "{secret}");
    }
    let accept = format!("/transfers/{}/accept", listed.transfer);
    let elsewhere = ben.post(&accept, &[("number", "NNP-5000"), ("lead", "ana.reyes@example.org")]).await;
    let nowhere = ben.post(&accept, &[("number", "NNP-5000"), ("lead", "nobody@example.org")]).await;
    assert!(elsewhere.status == 422 && elsewhere.body.contains("is no officer of your agency"), "{}", elsewhere.body);
    let blind = |got: &crate::browser::Got, name: &str| got.still().replace(name, "NAME");
    assert_eq!(blind(&elsewhere, "ana.reyes"), blind(&nowhere, "nobody"), "another agency's officer reads as nobody");
    assert!(elsewhere.body.contains("value=\"NNP-5000\""), "what was typed is kept");
    let taken = ben.post(&accept, &[("number", "NNP-4471")]).await;
    assert!(taken.status == 422 && taken.body.contains("number already"), "{}", taken.body);
    let went = ben.post(&accept, &[("number", "NNP-5000")]).await;
    assert!(went.location().is_some_and(|to| to.starts_with("/receipts/")), "{} {}", went.status, went.body);
    assert!(ben.get(went.location().unwrap()).await.body.contains("NNP-5000"));
    assert!(ben.get("/cases").await.body.contains("NNP-5000"));
    let late = ben.post(&accept, &[("number", "NNP-5001")]).await;
    assert!(late.status == 409 && late.body.contains("stands no more"), "{}", late.body);
    let ended = ana.get("/transfers").await;
    assert!(ended.body.contains("Accepted") && ended.body.contains("Ben Yazzie"), "{}", ended.body);
    assert!(!ended.body.contains("NNP-5000"), "their number");
}

#[tokio::test]
async fn an_offer_is_declined_with_a_reason_or_taken_back() {
    let house = house().await;
    let (ana, ben) = (house.signed_in(&house.ana).await, house.signed_in(&house.ben).await);
    let first = house.offer(&house.ana, &house.ben).await;
    let decline = format!("/transfers/{first}/decline");
    let empty = ben.post(&decline, &[("reason", "")]).await;
    assert!(empty.status == 422 && empty.body.contains("the form, why: "));
    assert_eq!(ben.post(&decline, &[("reason", "not in our county")]).await.location(), Some("/transfers"));
    let told = ana.get("/transfers").await;
    assert!(told.body.contains("Declined") && told.body.contains("They answered: not in our county"), "{}", told.body);
    let second = house.offer(&house.ana, &house.ben).await;
    assert!(ana.get("/transfers").await.body.contains("WA-26-0117"));
    assert_eq!(ana.post(&format!("/transfers/{second}/withdraw"), &[]).await.location(), Some("/transfers"));
    assert!(ben.get("/transfers").await.body.contains("Withdrawn"));
    assert_eq!(ben.post(&format!("/transfers/{second}/withdraw"), &[]).await.status, 404, "the offerer's alone");
}

#[tokio::test]
async fn a_refusal_names_the_law_and_how_many_stand_against_it() {
    let house = house().await;
    let foreign = agency(&house, "Northern Police", AgencyKind::Foreign).await.to_string();
    let tribal = agency(&house, "River Nation Police", AgencyKind::Tribal).await.to_string();
    house.submit(&house.ana, "kind,value,source\nemail,fox@example.org,cybertip\n").await;
    let ana = house.signed_in(&house.ana).await;
    let path = format!("/cases/{}/transfer", house.case_id(&house.ana).await);
    let abroad = ana.post(&path, &[("to", &foreign), ("reason", WHY)]).await;
    assert_eq!(abroad.status, 403);
    assert!(abroad.body.contains("approval of the Attorney General") && abroad.body.contains(WHY), "{}", abroad.body);
    let tip = ana.post(&path, &[("to", &tribal), ("reason", WHY)]).await;
    assert_eq!(tip.status, 403);
    assert!(tip.body.contains("2258A(g)(2)(A)") && tip.body.contains("1 entry from a CyberTip"), "{}", tip.body);
    assert!(tip.body.contains(&format!("<option value=\"{tribal}\" selected>")), "what was chosen is kept");
}

#[tokio::test]
async fn the_api_offers_lists_and_answers() {
    let house = house().await;
    let (ana, ben) = (house.signed_in(&house.ana).await, house.signed_in(&house.ben).await);
    let offer = serde_json::json!({ "case": "WA-26-0117", "to": house.ben.who.agency.to_string(), "reason": WHY });
    let made = ana.post_json("/api/v1/transfers", &offer).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let id = made.between("\"transfer\":\"", "\"").to_owned();
    let listed = ben.get("/api/v1/transfers").await;
    assert_eq!(listed.body, serde_json::to_string(&house.desk.transfers(&house.ben.who).await.unwrap()).unwrap());
    let nowhere = serde_json::json!({ "case": "WA-26-0117", "to": house.desk.request().to_string(), "reason": WHY });
    let nowhere = ana.post_json("/api/v1/transfers", &nowhere).await;
    assert!(nowhere.status == 422 && nowhere.body.contains("is no agency of this Concord"), "{}", nowhere.body);
    let taken = ben.post_json(&format!("/api/v1/transfers/{id}/accept"), &serde_json::json!({ "case": "NNP-6" })).await;
    assert_eq!(taken.status, 200, "{}", taken.body);
    assert!(taken.body.contains("\"case\":\"NNP-6\""), "{}", taken.body);
}
