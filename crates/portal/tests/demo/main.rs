//! The demo as its last lines tell it: one officer pastes the three lines that the page suggests and reads whom to call; in
//! a second browser the other sees by itself that something came.
//!
//! CONCORD_DEMO_PORTAL names the portal of a demo that runs (`cargo xtask prove portal` starts one from a fresh clone); without
//! it the same is told before a portal of this process.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests"
)]

#[path = "../suite/browser.rs"]
#[allow(dead_code, reason = "the suite's; here it only makes the house's history")]
mod browser;
#[path = "../chromium/driver.rs"]
#[allow(dead_code, reason = "that of every page, which does more with it")]
mod driver;
#[path = "../suite/house.rs"]
#[allow(dead_code, reason = "the suite's")]
mod house;

use std::time::Instant;

use driver::Window;

/// What is written into the thread.
const WORDS: &str = "We seized his phone on Monday: call me before any contact.";

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_is_told_whom_to_call_and_the_other_browser_is_told_by_itself() {
    let (asks, name, case, _house) = match std::env::var("CONCORD_DEMO_PORTAL") {
        Ok(portal) => (Window::before(portal.trim_end_matches('/'), true).await, "Dana Cole", "LC-26-031", None),
        Err(_) => {
            let (window, house) = Window::open(true).await;
            house.submit(&house.ana, "kind,value,role\nemail,willyrox@gmail.com,subject\n").await;
            (window, "Ben Yazzie", "NNP-4471", Some(house))
        }
    };
    let other = Window::before(asks.origin(), true).await;
    other.step_in("Ana Reyes").await;
    other.page.execute("window.kept = true", vec![]).await.unwrap();
    asks.step_in(name).await;
    asks.go("/deconflict").await;
    let lines = asks.page.execute("return document.querySelector('.note pre').textContent", vec![]).await.unwrap();
    let lines = lines.as_str().unwrap().to_owned();
    assert_eq!(lines.lines().count(), 3, "{lines}");
    asks.fill("#text", &lines).await;
    asks.fill("#case", case).await;
    asks.fill("#purpose", "before a warrant").await;
    let pressed = Instant::now();
    asks.press("button[value=check]").await;
    asks.see("a[href='tel:2065550111']").await;
    let told = pressed.elapsed();
    other.see("#news .news a[href='/']").await;
    let came = pressed.elapsed();
    assert_eq!(other.page.execute("return window.kept === true", vec![]).await.unwrap(), true, "the page stayed");
    other.press("#news .news a[href='/']").await;
    other.see("a[href^='/conflicts/']").await;
    // The thread: what one writes, the other's open page tells of by itself.
    let of_hers = "//tr[.//a[@href='tel:2065550111']]//a[starts-with(@href,'/conflicts/')]";
    asks.page.find(fantoccini::Locator::XPath(of_hers)).await.unwrap().click().await.unwrap();
    asks.see("#th").await;
    let thread = asks.page.current_url().await.unwrap().path().to_owned();
    other.go(&thread).await;
    other.page.execute("window.kept = true", vec![]).await.unwrap();
    asks.fill("#text", WORDS).await;
    let written = Instant::now();
    asks.press("form[action$='/message'] button").await;
    other.see("#news .news a").await;
    let read = written.elapsed();
    assert_eq!(other.page.execute("return window.kept === true", vec![]).await.unwrap(), true, "the page stayed");
    other.press("#news .news a").await;
    other.see(".msg").await;
    assert!(other.page.source().await.unwrap().contains(WORDS));
    for window in [&asks, &other] {
        assert_eq!(window.console().await, Vec::<String>::new());
    }
    println!(
        "figure: {name} pasted three lines and read whom to call after {:.1} s; Ana Reyes' browser showed it after {:.1} s, and what {name} wrote into the thread {:.1} s after that was sent, without a reload",
        told.as_secs_f64(),
        came.as_secs_f64(),
        read.as_secs_f64()
    );
    asks.close().await;
    other.close().await;
}
