//! The pages in a real Chromium, by WebDriver: what a person sees, hears and can press. `cargo xtask test` installs
//! Debian's chromium and chromium-driver.
//!
//! CONCORD_SHOTS names a folder for a picture of every page in every form.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

#[path = "../suite/browser.rs"]
#[allow(dead_code, reason = "the suite's; here it only makes the house's history")]
mod browser;
mod driver;
#[path = "../suite/house.rs"]
#[allow(dead_code, reason = "the suite's")]
mod house;

use driver::Window;
use fantoccini::Locator;

const LINES: &str = "fox@example.org\nbluejay_4471\n";

/// Every page of an officer, once in every form: no violation of WCAG 2.2 AA that axe-core finds, nothing to scroll
/// sideways, nothing on the console.
#[tokio::test(flavor = "multi_thread")]
async fn every_page_passes_axe_in_every_form() {
    let (window, house) = Window::open(true).await;
    let conflict = house.conflict().await;
    let receipt = house.submit(&house.ana, "kind,value\nemail,fox@example.org\nip,192.168.1.9\n").await.receipt;
    house.offer(&house.ben, &house.ana).await;
    house.webhook(&house.ana).await;
    let (case, entry) = (house.case_id(&house.ana).await, house.entry(&house.ana).await);
    window.step_in("Ana Reyes").await;
    let pages = [
        "/".to_owned(),
        "/deconflict".to_owned(),
        format!("/receipts/{receipt}"),
        format!("/conflicts/{conflict}"),
        "/conflicts".to_owned(),
        "/cases".to_owned(),
        "/cases/new".to_owned(),
        format!("/cases/{case}"),
        format!("/cases/{case}/entries/{entry}/correct"),
        format!("/cases/{case}/transfer"),
        "/transfers".to_owned(),
        "/import".to_owned(),
        "/settings".to_owned(),
        "/submissions".to_owned(),
        format!("/submissions/{receipt}"),
        "/checks".to_owned(),
        "/bulk".to_owned(),
        "/bulk/new".to_owned(),
        format!("/bulk/{}", house.bulk_job().await),
        "/search".to_owned(),
        "/agencies".to_owned(),
        format!("/agencies/{}", house.ana.who.agency),
        "/help".to_owned(),
        "/help/guidelines".to_owned(),
        "/accessibility".to_owned(),
        "/privacy".to_owned(),
        "/sign-in".to_owned(),
        "/banner".to_owned(),
        "/locked".to_owned(),
        "/api/docs".to_owned(),
        "/nothing-here".to_owned(),
    ];
    for path in &pages {
        window.go(path).await;
        let name = path.split('/').filter(|p| !p.is_empty() && p.len() < 30).collect::<Vec<_>>().join("-");
        every_form(&window, if name.is_empty() { "inbox" } else { &name }).await;
    }
    // The one address that is none answers 404, which the console reports as a failed resource.
    let said: Vec<_> = window.console().await.into_iter().filter(|line| !line.contains("nothing-here")).collect();
    assert_eq!(said, Vec::<String>::new());
    let seen = pages.len() * FORMS.len();
    println!("figure: {seen} page views in Chromium, 0 violations, 0 sideways, 0 lines on the console");
    window.close().await;
}

/// What only a form answers, in every form too: reports and problems, a secret, what folds open.
#[tokio::test(flavor = "multi_thread")]
async fn what_forms_answer_passes_axe_in_every_form() {
    let (window, house) = Window::open(true).await;
    house.submit(&house.ben, "kind,value,role\nemail,fox@example.org,subject\n").await;
    house.submit(&house.ana, "kind,value\nemail,owl@example.org\n").await;
    house.offer(&house.ben, &house.ana).await;
    let (case, entry) = (house.case_id(&house.ana).await, house.entry(&house.ana).await);
    window.step_in("Ana Reyes").await;

    let folder = std::env::temp_dir().join(format!("concord-import-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let list = folder.join("seized-phone.csv");
    std::fs::write(
        &list,
        "kind,value,role,age\nemail,fox@example.org,subject,adult\nemail,no address,,\nphone,(202) 555-0143,,\nemail,child@example.org,victim,minor\n",
    )
    .unwrap();
    window.go("/import").await;
    window.page.find(Locator::Css("#file")).await.unwrap().send_keys(list.to_str().unwrap()).await.unwrap();
    window.fill("#case", "WA-26-0117").await;
    window.press("#partial").await;
    window.press("button[value=store]").await;
    window.see("a[href^='/receipts/']").await;
    assert_eq!(window.focused().await, "rh", "focus is on what became of it");
    every_form(&window, "import-report").await;
    std::fs::remove_dir_all(&folder).unwrap();

    window.go(&format!("/cases/{case}/entries/{entry}/correct")).await;
    window.fill("#value", "no address").await;
    window.fill("#reason", "misread").await;
    window.press("form[action$='/correct'] button").await;
    window.see(".alert.err").await;
    every_form(&window, "correct-problem").await;

    window.go("/settings").await;
    window.fill("#url", "https://10.1.2.3/hook").await;
    window.press("form[action='/settings/webhooks'] button").await;
    window.see(".alert.err").await;
    window.fill("#url", "https://hooks.example.org/concord").await;
    window.press("form[action='/settings/webhooks'] button").await;
    window.see("pre.mono").await;
    every_form(&window, "settings-secret").await;

    window.go("/transfers").await;
    window.page.execute("document.querySelectorAll('details').forEach(d => { d.open = true })", vec![]).await.unwrap();
    every_form(&window, "transfers-open").await;
    let refusals = |line: &String| line.contains("422");
    let said: Vec<_> = window.console().await.into_iter().filter(|line| !refusals(line)).collect();
    assert_eq!(said, Vec::<String>::new(), "a 422 is the one thing the console may report");
    window.close().await;
}

/// Widths, schemes and media a page is looked at in.
const FORMS: [(&str, u32, &str, &str); 5] = [
    ("light", 1280, "light", ""),
    ("dark", 1280, "dark", ""),
    ("phone", 390, "light", ""),
    ("small", 320, "dark", ""),
    ("print", 900, "light", "print"),
];

/// The page that stands in the window, in each of them.
async fn every_form(window: &Window, name: &str) {
    for (form, width, scheme, media) in FORMS {
        window.shape(width, scheme, media).await;
        assert_eq!(window.axe().await, Vec::<String>::new(), "{name} {form}");
        assert_eq!(window.overflow().await, 0, "{name} {form} scrolls sideways");
        window.shot(&format!("{name}-{form}")).await;
    }
    let (_, width, scheme, media) = FORMS[0];
    window.shape(width, scheme, media).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_script_off_the_flow_goes_by_full_pages() {
    let (window, house) = Window::open(false).await;
    house.submit(&house.ana, "kind,value,role\nemail,fox@example.org,subject\n").await;
    window.step_in("Ben Yazzie").await;
    window.go("/deconflict").await;
    window.fill("#text", "fox@example.org").await;
    window.fill("#case", "NNP-4471").await;
    window.fill("#purpose", "before a warrant").await;
    window.press("button[value=check]").await;
    window.see("a[href='tel:2065550111']").await;
    assert_eq!(window.focused().await, "rh", "focus is on the answer without script");
    window.press("a[href^='/conflicts/']").await;
    window.see("#th").await;
    window.fill("#text", "Call me first.").await;
    window.press("form[action$='/message'] button").await;
    window.see(".msg").await;
    assert!(window.page.source().await.unwrap().contains("Call me first."));
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_script_only_the_block_changes_and_focus_follows() {
    let (window, house) = Window::open(true).await;
    house.submit(&house.ana, "kind,value,role\nemail,fox@example.org,subject\n").await;
    window.step_in("Ben Yazzie").await;
    window.go("/deconflict").await;
    window.page.execute("window.kept = true", vec![]).await.unwrap();
    window.fill("#text", LINES).await;
    window.fill("#case", "NNP-4471").await;
    window.fill("#purpose", "before a warrant").await;
    window.press("button[value=check]").await;
    // A line that is not recognised comes back, and the form that came back still works.
    window.see("table.rows").await;
    window.choose("select[name=kind-1]", "handle").await;
    window.fill("input[name=platform-1]", "<img src=x onerror=alert(1)>").await;
    window.press("button[value=check]").await;
    window.see("a[href='tel:2065550111']").await;
    assert_eq!(window.page.execute("return window.kept === true", vec![]).await.unwrap(), true, "the page stayed");
    assert!(window.page.current_url().await.unwrap().path().starts_with("/receipts/"), "the address is the receipt's");
    assert_eq!(window.focused().await, "rh", "focus is on the answer");
    assert_eq!(window.page.execute("return document.querySelectorAll('img').length", vec![]).await.unwrap(), 0);
    let said: Vec<_> = window.console().await.into_iter().filter(|line| !line.contains("422")).collect();
    assert_eq!(said, Vec::<String>::new(), "a 422 is the one thing the console may report");
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_alone_is_enough() {
    let (window, house) = Window::open(true).await;
    house.submit(&house.ana, "kind,value,role\nemail,fox@example.org,subject\n").await;
    window.step_in("Ben Yazzie").await;
    window.go("/deconflict").await;
    // The skip link is the first thing Tab reaches.
    window.tab().await;
    assert_eq!(window.page.execute("return document.activeElement.className", vec![]).await.unwrap(), "skip");
    window.tab_to("text").await;
    window.keys("fox@example.org").await;
    window.tab_to("case").await;
    window.keys("NNP-4471").await;
    window.tab_to("purpose").await;
    window.keys("before a warrant\u{E007}").await;
    window.see("a[href='tel:2065550111']").await;
    window.tab_to_href("/conflicts/").await;
    window.keys("\u{E007}").await;
    window.see("#th").await;
    window.tab_to("text").await;
    window.keys("Call me first.").await;
    window.tab().await;
    window.tab().await;
    window.keys("\u{E007}").await;
    window.see(".msg").await;
    window.page.find(Locator::Css(".msg")).await.unwrap();
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_officer_writes_appears_on_the_others_page_without_a_reload() {
    let (dana, house) = Window::open(true).await;
    let conflict = house.conflict().await;
    let ana = Window::before(dana.origin(), true).await;
    dana.step_in("Ben Yazzie").await;
    ana.step_in("Ana Reyes").await;
    ana.page.execute("window.kept = true", vec![]).await.unwrap();
    let thread = format!("/conflicts/{conflict}");
    dana.go(&thread).await;
    dana.fill("#text", "<script>alert(1)</script> call me").await;
    dana.press("form[action$='/message'] button").await;
    ana.see("#news .news a[href='/']").await;
    assert_eq!(ana.page.execute("return window.kept === true", vec![]).await.unwrap(), true, "the page stayed");
    ana.go(&thread).await;
    dana.fill("#text", "and again").await;
    dana.press("form[action$='/message'] button").await;
    ana.see("#news .news a[href^='/conflicts/']").await;
    assert_eq!(ana.console().await, Vec::<String>::new());
    ana.close().await;
    dana.close().await;
}
