//! Every address refuses strangers; what is another agency's and what is not there read alike.

use portal::{Kind, Route, TABLE};
use uuid::Uuid;

use crate::browser::{Browser, Got};
use crate::house::{House, house};

/// What stands in addresses, by name.
const NAMED: [&str; 9] =
    ["{conflict}", "{receipt}", "{case}", "{job}", "{entry}", "{transfer}", "{webhook}", "{agency}", "{notice}"];

/// The address with its parameters filled in.
fn filled(route: &Route, named: &[&str; 9]) -> String {
    let path = route.path.replace("{name}", "app.css");
    let path = NAMED.iter().zip(named).fold(path, |path, (name, value)| path.replace(name, value));
    assert!(!path.contains('{'), "{path}: the walk does not know what stands there");
    path
}

async fn visit(browser: &Browser, route: &Route, path: &str, headers: &[(&str, &str)]) -> Got {
    match route.method {
        "get" => browser.send("GET", path, None, headers).await,
        _ => browser.post_with(path, &[], headers).await,
    }
}

fn strict(got: &Got, at: &str) {
    let csp = got.header("content-security-policy").unwrap_or_else(|| panic!("{at} has no policy"));
    assert!(csp.starts_with("default-src 'none'; script-src 'nonce-") && !csp.contains("unsafe"), "{at}: {csp}");
    assert_eq!(got.header("x-content-type-options"), Some("nosniff"), "{at}");
    if !at.contains("/assets/") {
        assert_eq!(got.header("cache-control"), Some("no-store"), "{at}");
    }
}

#[tokio::test]
async fn every_address_of_officers_refuses_strangers() {
    let house = house().await;
    let (stranger, nil) = (house.browser(), Uuid::nil().to_string());
    let refused = stranger.get("/api/v1/inbox").await.still();
    for route in TABLE {
        let path = filled(route, &[nil.as_str(); 9]);
        let (page, block) = (
            visit(&stranger, route, &path, &[]).await,
            visit(&stranger, route, &path, &[("hx-request", "true")]).await,
        );
        let at = format!("{} {path}", route.method);
        strict(&page, &at);
        strict(&block, &at);
        if route.kind == Kind::Open {
            continue;
        }
        if route.kind == Kind::Api {
            // A program is sent nowhere, and told the same on every address.
            assert_eq!((page.status, page.location()), (401, None), "{at}");
            assert_eq!(page.header("content-type"), Some("application/problem+json"), "{at}");
            assert_eq!((page.still().as_str(), block.status), (refused.as_str(), 401), "{at}");
            continue;
        }
        assert_eq!((page.status, page.location()), (303, Some("/sign-in")), "{at}");
        assert_eq!((block.status, block.header("hx-redirect")), (401, Some("/sign-in")), "{at}");
        assert!(page.body.is_empty() && block.body.is_empty(), "{at} says something to a stranger");
    }
    assert!(TABLE.iter().filter(|r| r.kind != Kind::Open).count() > 10, "the walk walks");
}

/// What of the house an outsider might name: each exists, and is not theirs. Agencies and notices have tests of their own.
async fn others(house: &House) -> [String; 9] {
    let conflict = house.conflict().await;
    let receipt = house.submit(&house.ana, "kind,value\nemail,owl@example.org\n").await.receipt;
    let (case, entry) = (house.case_id(&house.ana).await, house.entry(&house.ana).await);
    let (job, webhook) = (house.bulk_job().await, house.webhook(&house.ana).await);
    let transfer = house.offer(&house.ana, &house.ben).await;
    let nothing = Uuid::from_u128(7).to_string();
    [conflict, receipt, case, job, entry, transfer, webhook, nothing.clone(), nothing]
}

#[tokio::test]
async fn what_is_another_agencys_reads_as_what_is_not_there() {
    let house = house().await;
    let others = others(&house).await;
    // A third agency has no side in it.
    let carla = crate::house::another(&house).await;
    let browser = house.signed_in(&carla).await;
    let nothing = Uuid::from_u128(7).to_string();
    let mut walked = 0;
    // That an agency takes part is public: its page is walked by a test of its own.
    for route in TABLE.iter().filter(|r| r.path.contains('{') && !r.path.contains("{agency}") && r.kind != Kind::Open) {
        let theirs = filled(route, &others.each_ref().map(String::as_str));
        let none = filled(route, &[nothing.as_str(); 9]);
        let nonsense = filled(route, &["no-id"; 9]);
        let fields = [
            ("text", "words"),
            ("reason", "words"),
            ("resolution", "joint"),
            ("marking", "amber"),
            ("hold", nothing.as_str()),
            ("kind", "email"),
            ("value", "owl@example.org"),
            ("outcome", "exhausted"),
            ("number", "LC-2"),
            ("to", nothing.as_str()),
        ];
        let mut got = Vec::new();
        for path in [&theirs, &none, &nonsense] {
            got.push(match route.method {
                "get" => browser.get(path).await,
                _ if route.kind == Kind::Api => {
                    browser.post_json(path, &crate::api::body(route.path, "WA-26-0117", &nothing)).await
                }
                _ => browser.post(path, &fields).await,
            });
        }
        let at = format!("{} {}", route.method, route.path);
        assert_eq!(got[0].status, 404, "{at}: {}", got[0].body);
        for other in &got[1..] {
            assert_eq!((got[0].status, got[0].still()), (other.status, other.still()), "{at}");
        }
        strict(&got[0], &at);
        walked += 1;
    }
    assert!(walked > 30, "the walk walks");
}

#[tokio::test]
async fn an_address_that_is_none_says_no_more_to_a_member_than_to_a_stranger() {
    let house = house().await;
    let (stranger, member) = (house.browser(), house.signed_in(&house.ana).await);
    for path in ["/nothing", "/api/v9", "/cases/x/y", "/admin"] {
        let (a, b) = (stranger.get(path).await, member.get(path).await);
        assert_eq!((a.status, a.still()), (404, b.still()), "{path}");
        strict(&a, path);
    }
    let wrong = member.send("DELETE", "/", None, &[("origin", crate::house::ORIGIN)]).await;
    assert_eq!(wrong.status, 405);
    strict(&wrong, "DELETE /");
}

#[tokio::test]
async fn a_foreign_page_posts_nothing_and_another_host_is_served_nothing() {
    let house = house().await;
    let browser = house.signed_in(&house.ana).await;
    for headers in [
        &[("origin", "https://evil.example")][..],
        &[("origin", "null")],
        &[("origin", crate::house::ORIGIN), ("sec-fetch-site", "cross-site")],
    ] {
        let got = browser.post_with("/session/lock", &[], headers).await;
        assert_eq!(got.status, 403, "{headers:?}");
    }
    assert_eq!(browser.get("/").await.status, 200, "nothing was locked");
    let got = browser.send("GET", "/", None, &[("host", "evil.example")]).await;
    assert_eq!(got.status, 421);
}

#[tokio::test]
async fn of_another_agency_its_page_says_whom_to_call_and_names_no_member() {
    let house = house().await;
    let browser = house.signed_in(&house.ana).await;
    let theirs = browser.get(&format!("/agencies/{}", house.ben.who.agency)).await;
    assert!(theirs.body.contains("Navajo Nation Police") && theirs.body.contains("href=\"tel:9285550112\""));
    assert!(!theirs.body.contains("Ben Yazzie") && !theirs.body.contains("@example.org"), "{}", theirs.body);
    let own = browser.get(&format!("/agencies/{}", house.ana.who.agency)).await;
    assert!(own.body.contains("Ana Reyes"), "a supervisor sees the members of their own");
}

#[tokio::test]
async fn a_fault_stands_above_the_form_and_not_in_its_place() {
    let house = house().await;
    let browser = house.signed_in(&house.ana).await;
    let htmx = [("hx-request", "true"), ("hx-request-type", "partial")];
    let path = format!("/conflicts/{}/message", Uuid::from_u128(7));
    let got = browser.post_with(&path, &[("text", "words"), ("marking", "amber")], &htmx).await;
    assert_eq!(
        (got.status, got.header("hx-retarget"), got.header("hx-reswap")),
        (404, Some("#fault"), Some("innerHTML"))
    );
    assert!(browser.get("/deconflict").await.body.contains("<div id=\"fault\"></div>"), "every page has its place");
}
