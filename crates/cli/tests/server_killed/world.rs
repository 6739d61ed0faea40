//! A site with two bulk jobs that wait for approval, whose values other agencies hold, and what its officers read there.

use std::collections::{BTreeMap, BTreeSet};

use casework::{Desk, SubmissionFilter, SubmissionRow};
use serde_json::Value;
use testkit::{AheadClock, OsChance, Serving, Visitor};

use crate::common::{ANA, BEN, DAN, Site};
use crate::delivery;

/// Holds the other half of what the jobs ask, at an agency with a webhook.
pub const HAL: &str = "hal@example.org";
/// That agency's administrator.
pub const KIM: &str = "kim@example.org";

/// Values of a slice: the least the limits know (crates/casework/data/limits.json).
pub const SLICE: usize = 500;

/// What the jobs do: one asks, one leaves entries.
pub const VERBS: [&str; 2] = ["check", "submit"];

pub struct World {
    pub site: Site,
    /// Seconds its clock is ahead: a lease of somebody killed is over only when its time is.
    pub ahead: u32,
    /// The two jobs, of [`VERBS`].
    pub jobs: Vec<String>,
}

/// Slice by slice one of Ana's cases and one of Hal's hold a value each.
fn held(verb: &str, slice: usize, whose: &str) -> String {
    format!("{verb}.{slice}.{whose}@example.org")
}

impl World {
    /// Each job has slices enough for its half of the kills.
    pub fn new(site: Site, kills: usize) -> Self {
        let slices = 2 * kills + 3;
        let harbour = site.agency("Harbour Police", "local", "206-555-0103");
        site.member(&harbour, "Hal Moss", HAL, &["--sworn"]);
        site.member(&harbour, "Kim Keeper", KIM, &["--role", "agency-administrator"]);
        for (who, whose) in [(ANA, "a"), (HAL, "h")] {
            for part in 0..4 {
                site.case(who, &format!("{}-{part}", whose.to_uppercase()));
                let of = (0..slices).filter(|slice| slice % 4 == part);
                let rows = of.flat_map(|s| VERBS.map(|verb| format!("email,{}\n", held(verb, s, whose))));
                let file = site.file("held.csv", format!("kind,value\n{}", rows.collect::<String>()));
                site.submit(who, &format!("{}-{part}", whose.to_uppercase()), file).json(0);
            }
        }
        // Opened before the copy is made, so that what meets in them has the same ids there.
        for round in delivery::rounds(kills) {
            for (who, whose) in [(ANA, "A"), (HAL, "H")] {
                site.case(who, &format!("{whose}-round-{round}"));
            }
        }
        let mut jobs = Vec::new();
        for verb in VERBS {
            let row = |n: usize| match n % SLICE {
                7 => format!("email,{}\n", held(verb, n / SLICE, "a")),
                400 => format!("email,{}\n", held(verb, n / SLICE, "h")),
                _ => format!("email,{verb}.miss.{n}@example.org\n"),
            };
            let rows: String = (0..slices * SLICE).map(row).collect();
            let file = site.file("job.csv", format!("kind,value\n{rows}"));
            let words =
                ["--authority", "search-warrant", "--process", "warrant 26-9", "--purpose", "a seized computer"];
            let ask = ["bulk", "ask", "--as", DAN, "--verb", verb, "--case", "N-1", file];
            let job = site.run(&[&ask[..], &words[..]].concat()).json(0)["job"].as_str().unwrap().to_owned();
            jobs.push(job);
        }
        Self { site, ahead: 0, jobs }
    }

    pub fn copy(&self) -> Self {
        Self { site: self.site.copy(), ahead: self.ahead, jobs: self.jobs.clone() }
    }

    pub fn serve(&self) -> Serving {
        self.serve_with(&[])
    }

    /// A server that sends no letters, whatever stands in concord.toml.
    pub fn serve_silently(&self) -> Serving {
        self.serve_with(&["--config", self.site.file("none.toml", "")])
    }

    fn serve_with(&self, more: &[&str]) -> Serving {
        let ahead = self.ahead.to_string();
        let args = ["serve", "--demo", "--listen", "127.0.0.1:0", "--ahead", &ahead];
        Serving::start(&mut self.site.command(&[&args[..], more].concat()))
    }

    /// Reads an address of the API.
    pub fn read(visitor: &mut Visitor, path: &str) -> Value {
        let reply = visitor.get(path);
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        serde_json::from_str(&reply.body).unwrap()
    }

    /// What was submitted and asked in the jobs' case, read by a desk of this process while no server runs.
    pub fn submissions(&self) -> Vec<SubmissionRow> {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let desk = Desk::open(casework::Opening {
                place: self.site.place(),
                keys: self.site.path("concord-data.keys"),
                clock: std::sync::Arc::new(AheadClock(self.ahead)),
                chance: std::sync::Arc::new(OsChance),
                origin: "test".to_owned(),
                settings: store::Settings::default(),
            })
            .await
            .unwrap();
            let dan = desk.member(DAN).await.unwrap();
            let case = Some(casework::model::CaseNumber::parse("N-1").unwrap());
            let (mut rows, mut after) = (Vec::new(), None);
            loop {
                let filter = SubmissionFilter { case: case.clone(), ..SubmissionFilter::default() };
                let page = desk.submissions(&dan, filter, after.as_deref(), None).await.unwrap();
                rows.extend(page.rows);
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            desk.store().close().await;
            rows
        })
    }

    /// Every slice of both jobs was stored once, and has the receipt that its job's answer names; gives their number.
    pub fn each_slice_once(&self, answers: &[Value]) -> usize {
        let rows = self.submissions();
        let wanted: usize =
            answers.iter().map(|a| usize::try_from(a["total"].as_u64().unwrap()).unwrap() / SLICE).sum();
        let ids: BTreeSet<&str> = rows.iter().map(|r| r.id.as_str()).collect();
        assert_eq!((rows.len(), ids.len()), (wanted, wanted), "a slice was done twice, or not");
        assert!(rows.iter().all(|r| r.looked && r.entries == SLICE as u64));
        let server = self.serve();
        let mut dan = Visitor::at(server.origin()).step_into(DAN);
        let mut receipts = BTreeSet::new();
        for job in &self.jobs {
            for receipt in jobs_receipts(&mut dan, job) {
                Self::read(&mut dan, &format!("/api/v1/receipts/{receipt}"));
                assert!(ids.contains(receipt.as_str()) && receipts.insert(receipt), "a receipt stands twice");
            }
        }
        server.stop();
        assert_eq!(receipts.len(), wanted);
        wanted
    }

    /// What waits for each officer, without what depends on the time of day. Nothing stands there twice.
    pub fn inboxes(&self) -> BTreeMap<&'static str, Vec<String>> {
        let server = self.serve();
        let mut all = BTreeMap::new();
        for who in [ANA, BEN, DAN, HAL] {
            let mut visitor = Visitor::at(server.origin()).step_into(who);
            let inbox = Self::read(&mut visitor, "/api/v1/inbox");
            let mut items: Vec<String> = Vec::new();
            for item in inbox["items"].as_array().unwrap() {
                let mut item = item.clone();
                for times in ["due", "overdue"] {
                    item.as_object_mut().unwrap().remove(times);
                }
                items.push(item.to_string());
            }
            items.sort();
            let distinct: BTreeSet<&String> = items.iter().collect();
            assert_eq!(distinct.len(), items.len(), "{who} is told something twice");
            all.insert(who, items);
        }
        server.stop();
        all
    }
}

fn jobs_receipts(dan: &mut Visitor, job: &str) -> Vec<String> {
    let answer = World::read(dan, &format!("/api/v1/bulk/{job}/answer"));
    answer["receipts"].as_array().unwrap().iter().map(|r| r.as_str().unwrap().to_owned()).collect()
}
