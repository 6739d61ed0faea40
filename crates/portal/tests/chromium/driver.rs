//! One window of a headless Chromium before a portal of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use url::Url;

use crate::house::{House, house_at};

const AXE: &str = include_str!(concat!(env!("CONCORD_WEB_MODULES"), "/axe-core/axe.min.js"));
const RULES: &str = "const done = arguments[arguments.length - 1]; axe.run(document, { runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice'] }).then(r => done(r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target).join(' | '))), e => done(['axe failed: ' + e]))";

/// Chromedriver's own process; it ends with the test, whatever happens.
struct Driver(Child, u16);

impl Driver {
    fn start() -> Self {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver: `cargo xtask test` installs it (Debian: chromium, chromium-driver)");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|l| l.split("started successfully on port ").nth(1)?.trim_end_matches('.').parse().ok())
            .expect("chromedriver says its port");
        std::thread::spawn(move || lines.for_each(drop)); // keeps its pipe empty
        Self(child, port)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub struct Window {
    pub page: Client,
    origin: Url,
    _driver: Driver,
}

/// A WebDriver command fantoccini has no method for.
#[derive(Debug)]
struct Extra(&'static str, Value);

impl WebDriverCompatibleCommand for Extra {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.0))
    }
    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.1.to_string()))
    }
}

impl Window {
    /// A portal on a port of its own, and a window before it.
    pub async fn open(script: bool) -> (Self, House) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let house = house_at(&origin).await;
        let (router, stop) = (house.router.clone(), house.stopped());
        tokio::spawn(portal::serve(listener, router, portal::Bounds::default(), stop));
        (Self::before(&origin, script).await, house)
    }

    /// Another window before the same portal: somebody else's.
    pub async fn before(origin: &str, script: bool) -> Self {
        let driver = Driver::start();
        let args = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ];
        let mut options = json!({ "args": args });
        if !script {
            options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
        }
        let wanted = json!({ "goog:chromeOptions": options, "goog:loggingPrefs": { "browser": "ALL" } });
        let page = ClientBuilder::new(HttpConnector::new())
            .capabilities(wanted.as_object().unwrap().clone())
            .connect(&format!("http://localhost:{}", driver.1))
            .await
            .unwrap();
        Self { page, origin: origin.parse().unwrap(), _driver: driver }
    }

    /// Where its portal answers.
    pub fn origin(&self) -> &str {
        self.origin.as_str().trim_end_matches('/')
    }

    pub async fn close(self) {
        self.page.close().await.unwrap();
    }

    pub async fn go(&self, path: &str) {
        self.page.goto(self.origin.join(path).unwrap().as_str()).await.unwrap();
    }

    /// Steps into an officer and takes note of the banner.
    pub async fn step_in(&self, name: &str) {
        self.go("/sign-in").await;
        let button = format!("//button[normalize-space()='{name}']");
        self.page.find(Locator::XPath(&button)).await.unwrap().click().await.unwrap();
        self.press("form[action='/banner'] button").await;
        self.see("nav.side").await;
    }

    pub async fn see(&self, css: &str) {
        let wait = self.page.wait().at_most(Duration::from_secs(20));
        if let Err(e) = wait.for_element(Locator::Css(css)).await {
            let (said, source) = (self.console().await, self.page.source().await.unwrap());
            panic!("{css} does not appear: {e}\nthe console says {said:?}, fetched {}\n{source}", self.fetched().await);
        }
    }

    pub async fn press(&self, css: &str) {
        self.see(css).await;
        self.page.find(Locator::Css(css)).await.unwrap().click().await.unwrap();
    }

    pub async fn fill(&self, css: &str, text: &str) {
        self.see(css).await;
        let field = self.page.find(Locator::Css(css)).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    pub async fn choose(&self, css: &str, value: &str) {
        self.page.find(Locator::Css(css)).await.unwrap().select_by_value(value).await.unwrap();
    }

    /// The id of what has the focus.
    pub async fn focused(&self) -> String {
        self.page.active_element().await.unwrap().attr("id").await.unwrap().unwrap_or_default()
    }

    /// Presses keys, as a keyboard does: whatever has the focus takes them.
    pub async fn keys(&self, text: &str) {
        let presses = text.chars().flat_map(|value| [KeyAction::Down { value }, KeyAction::Up { value }]);
        let keyboard = presses.fold(KeyActions::new("keyboard".to_owned()), |keys, press| keys.then(press));
        self.page.perform_actions(keyboard).await.unwrap();
    }

    pub async fn tab(&self) {
        self.keys("\u{E004}").await;
    }

    /// Presses Tab until the element of this id has the focus.
    pub async fn tab_to(&self, id: &str) {
        for _ in 0..60 {
            if self.focused().await == id {
                return;
            }
            self.tab().await;
        }
        panic!("Tab does not reach #{id}");
    }

    /// Presses Tab until a link to such an address has the focus.
    pub async fn tab_to_href(&self, from: &str) {
        for _ in 0..60 {
            let href = self.page.active_element().await.unwrap().attr("href").await.unwrap();
            if href.is_some_and(|h| h.starts_with(from)) {
                return;
            }
            self.tab().await;
        }
        panic!("Tab does not reach a link to {from}");
    }

    async fn devtools(&self, cmd: &str, params: Value) {
        self.page.issue_cmd(Extra("goog/cdp/execute", json!({ "cmd": cmd, "params": params }))).await.unwrap();
    }

    /// The window's width, colour scheme and medium.
    pub async fn shape(&self, width: u32, scheme: &str, media: &str) {
        let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.devtools("Emulation.setEmulatedMedia", json!({ "media": media, "features": features })).await;
    }

    /// What axe-core finds.
    pub async fn axe(&self) -> Vec<String> {
        self.page.execute(AXE, vec![]).await.unwrap();
        let found = self.page.execute_async(RULES, vec![]).await.unwrap();
        found.as_array().unwrap().iter().map(Value::to_string).collect()
    }

    /// How many pixels wider the page is than the window.
    pub async fn overflow(&self) -> i64 {
        let script = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        self.page.execute(script, vec![]).await.unwrap().as_i64().unwrap()
    }

    /// What the console said since the last call; a refusal of the content policy appears here.
    pub async fn console(&self) -> Vec<String> {
        let lines = self.page.issue_cmd(Extra("se/log", json!({ "type": "browser" }))).await.unwrap();
        // INFO is left out: Chromium now and then remarks there on an autofocus that is already served.
        lines.as_array().unwrap().iter().filter(|line| line["level"] != "INFO").map(Value::to_string).collect()
    }

    /// What the page fetched, with the answer's status and how many milliseconds it took (0: not ended).
    async fn fetched(&self) -> Value {
        let script = "return performance.getEntriesByType('resource').map(e => [e.name, e.responseStatus, e.duration])";
        self.page.execute(script, vec![]).await.unwrap()
    }

    /// A picture of the window, when CONCORD_SHOTS names a folder.
    pub async fn shot(&self, name: &str) {
        let Some(folder) = std::env::var_os("CONCORD_SHOTS") else { return };
        let picture = self.page.screenshot().await.unwrap();
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(std::path::Path::new(&folder).join(format!("{name}.png")), picture).unwrap();
    }
}
