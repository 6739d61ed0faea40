//! An entry is put right by pages: the right value is checked at once, and what a page withholds stands in no form.

use std::collections::BTreeSet;

use crate::house::house;

#[tokio::test]
async fn a_wrong_value_is_replaced_by_the_right_one_and_the_other_side_is_told() {
    let house = house().await;
    house.submit(&house.ben, "kind,value,role\nemail,fox@example.org,subject\nemail,hare@example.org,subject\n").await;
    let receipt = house.submit(&house.ana, "kind,value,role\nemail,fox@example.org,subject\n").await.receipt;
    let (ana, ben) = (house.signed_in(&house.ana).await, house.signed_in(&house.ben).await);
    let case = house.case_id(&house.ana).await;
    let path = format!("/cases/{case}/entries/{}/correct", house.entry(&house.ana).await);
    for page in [format!("/cases/{case}"), format!("/submissions/{receipt}")] {
        assert!(ana.get(&page).await.body.contains(&format!("href=\"{path}\"")), "{page}");
    }
    let form = ana.get(&path).await;
    assert!(form.body.contains("fox@example.org") && !form.body.contains("name=\"platform\""), "{}", form.body);
    let request = form.between("name=\"request\" value=\"", "\"").to_owned();
    let empty = ana.post(&path, &[("value", ""), ("reason", ""), ("request", &request)]).await;
    assert_eq!(empty.status, 422);
    assert!(empty.body.contains("the form, right value: ") && empty.body.contains("the form, why: "), "all at once");
    let bad = ana.post(&path, &[("value", "no address"), ("reason", "misread"), ("request", &request)]).await;
    assert_eq!(bad.status, 422);
    assert!(
        bad.body.contains("value=\"no address\"") && bad.body.contains("value=\"misread\""),
        "what was typed is kept"
    );
    let right = [("value", "hare@example.org"), ("reason", "misread"), ("request", request.as_str())];
    let went = ana.post(&path, &right).await;
    assert_eq!(went.status, 303, "{}", went.body);
    let answer = ana.get(went.location().unwrap()).await;
    assert!(answer.body.contains("Call before you act") && answer.body.contains("hare@example.org"));
    assert_eq!(ana.post(&path, &right).await.location(), went.location(), "sent again it is the same answer");
    assert!(ana.get(&format!("/cases/{case}")).await.body.contains("corrected"));
    assert!(ben.get("/").await.body.contains("the identifier was wrong and has been corrected"));
    assert_eq!(ana.get(&path).await.status, 404, "what was corrected does not stand");
}

#[tokio::test]
async fn a_childs_entry_is_corrected_by_its_place_and_its_value_is_in_no_form() {
    let house = house().await;
    house.submit(&house.ana, "kind,value,platform,role,age\nhandle,kid_77,chat.example.org,victim,minor\n").await;
    let ana = house.signed_in(&house.ana).await;
    let case = house.case_id(&house.ana).await;
    let path = format!("/cases/{case}/entries/{}/correct", house.entry(&house.ana).await);
    let form = ana.get(&path).await;
    assert!(form.body.contains("of a protected person (line 2)") && !form.body.contains("kid_77"), "{}", form.body);
    let back = ana.post(&path, &[("value", "kid_78"), ("reason", "")]).await;
    assert!(back.status == 422 && !back.body.contains("kid_77"));
    // The platform, which the form does not show, stays as it was.
    let went = ana.post(&path, &[("value", "kid_78"), ("platform", ""), ("reason", "misread")]).await;
    assert_eq!(went.status, 303, "{}", went.body);
    let answer = ana.get(went.location().unwrap()).await;
    assert!(!answer.body.contains("kid_7"), "{}", answer.body);
    let opened = ana.post(&format!("/cases/{case}/open"), &[("reason", "to call the parents")]).await;
    assert!(opened.body.contains("kid_78") && opened.body.contains("chat.example.org"));
}

#[tokio::test]
async fn the_api_corrects_as_the_page_does() {
    let house = house().await;
    house.submit(&house.ana, "kind,value\nemail,fox@example.org\n").await;
    let ana = house.signed_in(&house.ana).await;
    let (case, entry) = (house.case_id(&house.ana).await, house.entry(&house.ana).await);
    let path = format!("/api/v1/cases/{case}/entries/{entry}/correct");
    let wrong = ana.post_json(&path, &serde_json::json!({ "value": " ", "reason": "" })).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("\"value\"") && wrong.body.contains("\"reason\""), "{}", wrong.body);
    let sent = serde_json::json!({ "request": house.desk.request().to_string(), "value": "owl@example.org", "reason": "misread" });
    let (first, again) = (ana.post_json(&path, &sent).await, ana.post_json(&path, &sent).await);
    assert_eq!((first.status, &first.body), (200, &again.body), "{}", first.body);
    let view = house.desk.case_view(&house.ana.who, &house.ana.case, None).await.unwrap();
    // The clock stands still: which of two of one moment comes first is chance.
    let now: BTreeSet<_> = view.entries.iter().map(|e| (e.value.clone().unwrap(), e.state.clone())).collect();
    let pair = |value: &str, state: &str| (value.to_owned(), state.to_owned());
    assert_eq!(now, BTreeSet::from([pair("fox@example.org", "corrected"), pair("owl@example.org", "live")]));
}
