//! The JSON API: the same answers as pages and desk, problem details for every refusal, one description.

use casework::CheckOrder;
use model::{Nexus, Purpose, RequestId};
use portal::{Kind, TABLE};
use serde_json::{Value, json};

use crate::browser::Got;
use crate::house::{ORIGIN, house};

/// A body that this address takes.
pub fn body(path: &str, case: &str, agency: &str) -> Value {
    let identifiers = json!([{ "kind": "email", "value": "owl@example.org" }]);
    match path.trim_start_matches("/api/v1") {
        "/checks" => json!({ "purpose": "before a warrant", "case": case, "identifiers": identifiers }),
        "/submissions" => json!({ "case": case, "identifiers": identifiers }),
        "/search" => json!({ "text": "owl@example.org" }),
        "/cases" => {
            json!({ "number": "WA-NEW", "threat_area": "enticement", "nexus": "a chat room", "predicate": "facts" })
        }
        "/bulk" => json!({
            "verb": "check", "case": case, "authority": "search-warrant", "process": "warrant 26-2",
            "purpose": "a seized list", "identifiers": identifiers
        }),
        "/transfers" => json!({ "case": case, "to": agency, "reason": "words" }),
        path if path.starts_with("/transfers/") && path.ends_with("/accept") => json!({ "case": "WA-TAKEN-OVER" }),
        path if path.ends_with("/decline") => json!({ "reason": "words" }),
        path if path.ends_with("/correct") => json!({ "value": "heron@example.org", "reason": "misread" }),
        path if path.ends_with("/messages") => json!({ "text": "words", "marking": "amber" }),
        path if path.ends_with("/proposals") => json!({ "resolution": "joint", "reason": "words" }),
        path if path.ends_with("/accept") => json!({ "resolution": "joint" }),
        path if path.ends_with("/holds") || path.ends_with("/reopen") || path.ends_with("/refuse") => {
            json!({ "reason": "words" })
        }
        _ => json!({}),
    }
}

fn read(got: &Got) -> Value {
    serde_json::from_str(&got.body).unwrap_or_else(|e| panic!("{e}: {} {}", got.status, got.body))
}

/// Problem details of this number.
fn problem(got: &Got, status: u16) -> Value {
    assert_eq!((got.status, got.header("content-type")), (status, Some("application/problem+json")), "{}", got.body);
    let details = read(got);
    assert_eq!(details["status"], status);
    assert!(details["title"].is_string() && details["detail"].as_str().is_some_and(|d| !d.is_empty()), "{details}");
    details
}

#[tokio::test]
async fn page_api_and_desk_give_one_answer_to_one_request() {
    let house = house().await;
    house.submit(&house.ana, "kind,value,role\nemail,fox@example.org,subject\n").await;
    let ben = house.signed_in(&house.ben).await;
    let request = house.desk.request().to_string();
    let sent = json!({
        "request": request, "purpose": "before a warrant", "case": "NNP-4471",
        "identifiers": [{ "kind": "email", "value": "fox@example.org", "role": "subject" }]
    });
    let api = ben.post_json("/api/v1/checks", &sent).await;
    assert_eq!(api.status, 200, "{}", api.body);
    let answer = read(&api);
    assert_eq!(answer["conflicts"][0]["other"]["agency"], "Puget Sound Task Force");
    let receipt = answer["receipt"].as_str().unwrap();

    // The page sends the same request: the same receipt, not a second question.
    let page = ben
        .post(
            "/deconflict",
            &[
                ("rows", "1"),
                ("kind-0", "email"),
                ("value-0", "fox@example.org"),
                ("role-0", "subject"),
                ("case", "NNP-4471"),
                ("purpose", "before a warrant"),
                ("act", "check"),
                ("request", &request),
            ],
        )
        .await;
    assert_eq!(page.location(), Some(format!("/receipts/{receipt}").as_str()), "{}", page.body);

    // And so does the desk, which is what `concord check --json` prints.
    let order = CheckOrder {
        purpose: Purpose::parse("before a warrant").unwrap(),
        case: Some(house.ben.case.clone()),
        nexus: None::<Nexus>,
        file: "in.csv".to_owned(),
        reading: casework::read("in.csv", &b"kind,value,role\nemail,fox@example.org,subject\n"[..]),
        request: request.parse::<RequestId>().unwrap(),
    };
    let desk = house.desk.check(&house.ben.who, order).await.unwrap();
    assert_eq!(serde_json::to_value(&desk).unwrap(), answer);
    let again = ben.get(&format!("/api/v1/receipts/{receipt}")).await;
    assert_eq!(read(&again), answer);
    let signed = ben.get(&format!("/api/v1/receipts/{receipt}/receipt")).await;
    assert_eq!(signed.body, house.desk.receipt(&house.ben.who, receipt.parse().unwrap()).await.unwrap());
}

#[tokio::test]
async fn every_refusal_is_problem_details() {
    let house = house().await;
    let ana = house.signed_in(&house.ana).await;
    let json_type = ("content-type", "application/json");
    let send = async |body: &str, kind: (&str, &str)| {
        ana.send("POST", "/api/v1/checks", Some(body.to_owned()), &[kind, ("origin", ORIGIN)]).await
    };
    problem(&send("{", json_type).await, 400);
    problem(&send("{}", ("content-type", "text/plain")).await, 415);
    problem(&send(&" ".repeat(portal::MOST_BODY + 1), json_type).await, 413);
    let shape = problem(&send(r#"{"purpose":"x","identifiers":[{"kind":"smoke","value":"x"}]}"#, json_type).await, 422);
    assert_eq!(
        (&shape["problems"][0]["where"], &shape["problems"][0]["field"]),
        (&json!("identifiers/0"), &json!("kind"))
    );
    problem(&send(r#"{"purpose":"x","identifiers":[],"extra":1}"#, json_type).await, 422);
    let put = ana.send("PUT", "/api/v1/checks", None, &[("origin", ORIGIN)]).await;
    problem(&put, 405);
    assert_eq!(put.header("allow"), Some("POST"));
    problem(&ana.get("/api/v1/nothing").await, 404);
    problem(&ana.get("/api/v1/cases/%FF").await, 404);
    problem(&ana.get("/api/v1/cases?status=lost").await, 422);
    problem(&ana.get("/api/v1/cases?case=WA-26-0117").await, 422);
    problem(&ana.get("/api/v1/conflicts?after=zz").await, 422);
}

#[tokio::test]
async fn what_is_wrong_with_identifiers_is_said_of_each_at_its_place() {
    let house = house().await;
    let ana = house.signed_in(&house.ana).await;
    let sent = json!({
        "case": "WA-26-0117",
        "identifiers": [
            { "kind": "email", "value": "fox@example.org" },
            { "kind": "handle", "value": "fox" },
            { "kind": "email", "value": "not one" },
        ]
    });
    let details = problem(&ana.post_json("/api/v1/submissions", &sent).await, 422);
    let places: Vec<_> = details["problems"].as_array().unwrap().iter().map(|p| p["where"].as_str().unwrap()).collect();
    assert!(places.contains(&"identifiers/1") && places.contains(&"identifiers/2"), "{details}");
    assert!(!places.contains(&"identifiers/0"), "{details}");
    let split = json!({ "purpose": "before a warrant", "case": "WA-26-0117", "identifiers": [{ "kind": "email", "value": "a@b.org\nemail,c@d.org" }] });
    problem(&ana.post_json("/api/v1/checks", &split).await, 422);
    let many: Vec<_> = (0..501).map(|n| json!({ "kind": "email", "value": format!("fox{n}@example.org") })).collect();
    let many = json!({ "purpose": "before a warrant", "case": "WA-26-0117", "identifiers": many });
    let details = problem(&ana.post_json("/api/v1/checks", &many).await, 422);
    assert_eq!(details["problems"][0]["field"], "identifiers");
    let silent = json!({ "case": "WA-26-0117", "level": "silent", "identifiers": [{ "kind": "email", "value": "fox@example.org" }] });
    problem(&ana.post_json("/api/v1/submissions", &silent).await, 422);
    let elsewhere = json!({ "case": "NNP-4471", "identifiers": [{ "kind": "email", "value": "fox@example.org" }] });
    let none = json!({ "case": "NNP-0000", "identifiers": [{ "kind": "email", "value": "fox@example.org" }] });
    let (theirs, none) =
        (ana.post_json("/api/v1/submissions", &elsewhere).await, ana.post_json("/api/v1/submissions", &none).await);
    assert_eq!((theirs.status, &theirs.body), (422, &none.body), "another agency's number reads as no number");
}

#[tokio::test]
async fn a_session_that_waits_opens_no_address() {
    let house = house().await;
    let browser = house.browser();
    browser.post("/demo/step-in", &[("member", &house.ana.who.member.to_string())]).await;
    assert!(problem(&browser.get("/api/v1/inbox").await, 401)["detail"].as_str().unwrap().contains("banner"));
    browser.post("/banner", &[]).await;
    assert_eq!(browser.get("/api/v1/inbox").await.status, 200);
    browser.post("/session/lock", &[]).await;
    assert!(problem(&browser.get("/api/v1/inbox").await, 401)["detail"].as_str().unwrap().contains("locked"));
}

#[tokio::test]
async fn the_description_names_every_address_of_the_table_and_no_other() {
    let house = house().await;
    let document = read(&house.browser().get("/api/openapi.json").await);
    let mut described: Vec<(String, String)> = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for (status, response) in operation["responses"].as_object().unwrap() {
                let response = match response["$ref"].as_str() {
                    Some(to) => &document["components"]["responses"][to.rsplit('/').next().unwrap()],
                    None => response,
                };
                assert!(response["description"].as_str().is_some_and(|d| !d.is_empty()), "{method} {path} {status}");
            }
            assert!(operation["responses"]["401"].is_object(), "{method} {path}");
            described.push((method.clone(), path.clone()));
        }
    }
    let mut stands: Vec<_> =
        TABLE.iter().filter(|r| r.kind == Kind::Api).map(|r| (r.method.to_owned(), r.path.to_owned())).collect();
    described.sort();
    stands.sort();
    assert_eq!(described, stands);
    assert_eq!(document["openapi"].as_str().map(|v| &v[..3]), Some("3.1"));
    assert_eq!(document["components"]["securitySchemes"]["session"]["name"], "concord");
    let page = house.browser().get("/api/docs").await;
    assert_eq!(page.status, 200);
    for (_, path) in &described {
        assert!(page.body.contains(path), "{path} is not on the page");
    }
    insta::assert_snapshot!("openapi", serde_json::to_string_pretty(&document).unwrap());
}
