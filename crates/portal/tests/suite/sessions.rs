//! Sessions: the banner first, a lock, an end, and nobody steps into anybody where it is no trial.

use crate::house::{house, house_as};

#[tokio::test]
async fn the_use_banner_comes_before_everything() {
    let house = house().await;
    let browser = house.browser();
    browser.post("/demo/step-in", &[("member", &house.ana.who.member.to_string())]).await;
    assert_eq!(browser.get("/").await.location(), Some("/banner"));
    let banner = browser.get("/banner").await;
    for statement in [
        "restricted information system",
        "monitored, recorded and subject to audit",
        "prohibited",
        "consent to monitoring",
    ] {
        assert!(banner.body.contains(statement), "{statement}");
    }
    browser.post("/banner", &[]).await;
    assert_eq!(browser.get("/").await.status, 200);
}

#[tokio::test]
async fn half_an_hour_of_nothing_locks_and_an_hour_ends() {
    let house = house().await;
    let browser = house.signed_in(&house.ana).await;
    for _ in 0..3 {
        house.clock.advance(29 * 60);
        assert_eq!(browser.get("/").await.status, 200, "use keeps it open");
    }
    house.clock.advance(30 * 60);
    assert_eq!(browser.get("/").await.location(), Some("/locked"));
    // The banner is no key: whoever sits down at a locked page opens nothing with it.
    assert_eq!(browser.get("/banner").await.location(), Some("/locked"));
    assert_eq!(browser.post("/banner", &[]).await.location(), Some("/locked"));
    assert_eq!(browser.get("/").await.location(), Some("/locked"));
    house.clock.advance(30 * 60);
    assert_eq!(browser.get("/").await.location(), Some("/sign-in"));
}

#[tokio::test]
async fn whatever_happens_a_session_ends_after_half_a_day() {
    let house = house().await;
    let browser = house.signed_in(&house.ana).await;
    for _ in 0..25 {
        assert_eq!(browser.get("/").await.status, 200);
        house.clock.advance(29 * 60);
    }
    assert_eq!(browser.get("/").await.location(), Some("/sign-in"));
}

#[tokio::test]
async fn a_lock_and_the_way_out_hold() {
    let house = house().await;
    let (one, two) = (house.signed_in(&house.ana).await, house.signed_in(&house.ana).await);
    assert_eq!(one.post("/session/lock", &[]).await.location(), Some("/locked"));
    assert_eq!(one.get("/").await.location(), Some("/locked"));
    assert_eq!(two.get("/").await.status, 200, "another session of the same officer stays");
    let out = two.post("/sign-out", &[]).await;
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(two.get("/").await.location(), Some("/sign-in"));
}

#[tokio::test]
async fn a_cookie_says_how_it_may_be_used_and_who_steps_in_leaves_the_last_session() {
    let house = house().await;
    let browser = house.browser();
    let first = browser.post("/demo/step-in", &[("member", &house.ana.who.member.to_string())]).await;
    let cookie = first.header("set-cookie").unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
    let old = cookie.split(';').next().unwrap().to_owned();
    browser.post("/demo/step-in", &[("member", &house.ben.who.member.to_string())]).await;
    let stale = house.browser().send("GET", "/", None, &[("cookie", &old)]).await;
    assert_eq!(stale.location(), Some("/sign-in"));
}

#[tokio::test]
async fn nobody_steps_into_anybody_where_it_is_no_trial_or_no_demo() {
    for (trial, demo) in [(false, true), (true, false), (false, false)] {
        let house = house_as(trial, demo).await;
        let browser = house.browser();
        let got = browser.post("/demo/step-in", &[("member", &house.ana.who.member.to_string())]).await;
        assert!(matches!(got.status, 403 | 404), "trial {trial}, demo {demo}: {}", got.status);
        assert_eq!(got.header("set-cookie"), None);
        let door = browser.get("/sign-in").await.body;
        assert!(!door.contains("Ana Reyes"), "trial {trial}, demo {demo} names officers");
    }
}
