//! Load speed: how many entries a second come in through `take_in`, and what a round of the workers costs.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "a measurement"
)]
use casework::model::*;
use casework::{CaseIntake, Desk, NewAgency, NewCase, NewMember, Opening, Principal, SubmitOrder};
use std::sync::Arc;
use std::time::Instant;
use store::{KeyFolder, Place, Settings};
use testkit::{OsChance, Postgres, Scratch, Speed, SystemClock};
#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().collect();
    let entries: usize = args[1].parse().unwrap();
    let per: usize = args[2].parse().unwrap();
    let scratch = Scratch::new();
    let pg;
    let place = if args.get(3).is_some_and(|a| a == "pg") {
        pg = Postgres::start(Speed::Durable);
        Place::Postgres(pg.new_database())
    } else {
        Place::Sqlite(scratch.join("c.db"))
    };
    KeyFolder::create(&scratch.join("keys"), "concord/load", &OsChance).unwrap();
    let desk = Desk::open(Opening {
        place,
        keys: scratch.join("keys"),
        clock: Arc::new(SystemClock),
        chance: Arc::new(OsChance),
        origin: "load".into(),
        settings: Settings::default(),
    })
    .await
    .unwrap();
    desk.init(&Telephone::parse("202-555-0100").unwrap(), true).await.unwrap();
    let mut members = Vec::new();
    for n in 0..4 {
        let a = desk
            .add_agency(
                &Principal::operator(),
                NewAgency {
                    name: format!("A{n}"),
                    kind: AgencyKind::Local,
                    telephone: Telephone::parse("202-555-0100").unwrap(),
                    state: None,
                    country: None,
                },
            )
            .await
            .unwrap();
        let m = desk
            .add_member(
                &Principal::operator(),
                NewMember {
                    agency: a,
                    name: "A B".into(),
                    email: format!("a{n}@example.org"),
                    telephone: Telephone::parse("202-555-0100").unwrap(),
                    sworn: true,
                    roles: vec![],
                },
            )
            .await
            .unwrap();
        members.push(desk.member(&m.to_string()).await.unwrap());
    }
    let start = Instant::now();
    let cases = entries / per;
    let mut tasks = Vec::new();
    for (w, who) in members.into_iter().enumerate() {
        let desk = desk.clone();
        tasks.push(tokio::spawn(async move {
            let mut batch = Vec::new();
            for c in (w..cases).step_by(4) {
                let mut drafts = Vec::new();
                for e in 0..per {
                    let n = c * per + e;
                    let mut d = match n % 4 {
                        0 => EntryDraft::new("x", Kind::Email, format!("user{n}@mail{}.example.org", n % 97)),
                        1 => EntryDraft::new(
                            "x",
                            Kind::Ip,
                            format!("2001:db8:{:x}:{:x}::{:x}", n >> 16, n & 0xffff, n % 911),
                        ),
                        2 => EntryDraft::new("x", Kind::Sha256, format!("{n:064x}")),
                        _ => EntryDraft::new("x", Kind::Handle, format!("owl_{n}")),
                    };
                    if d.kind == Kind::Handle {
                        d.platform = Some("discord".into());
                    }
                    if n % 100 == 0 {
                        d.value = format!("shared{}@example.org", n % 5000);
                    }
                    drafts.push(d);
                }
                let number = CaseNumber::parse(&format!("C-{c}")).unwrap();
                batch.push(CaseIntake {
                    order: SubmitOrder {
                        case: number.clone(),
                        file: "f".into(),
                        reading: casework::Reading { format: casework::Format::Csv, drafts, problems: vec![] },
                        partial: false,
                        marking: Marking::default(),
                        reliability: Reliability::Unknown,
                        validity: Validity::Unknown,
                        level: Level::Open,
                        silent: None,
                        request: desk.request(),
                    },
                    case: NewCase {
                        number,
                        threat_area: ThreatArea::Enticement,
                        nexus: Nexus::parse("contact began in a chat room").unwrap(),
                        predicate: Predicate::facts("facts of some case").unwrap(),
                        offence: None,
                        supervisor: None,
                        contact: None,
                        marking: Marking::default(),
                    },
                });
                if batch.len() == 256 {
                    for f in desk.take_in(&who, std::mem::take(&mut batch)).await.unwrap() {
                        f.unwrap();
                    }
                }
            }
            for f in desk.take_in(&who, batch).await.unwrap() {
                f.unwrap();
            }
        }));
    }
    for t in tasks {
        t.await.unwrap();
    }
    let took = start.elapsed();
    println!("{entries} entries in {cases} cases: {took:.2?}, {:.0} entries/s", entries as f64 / took.as_secs_f64());
    let start = Instant::now();
    println!("ledger {:?} {:.2?}", desk.settle_ledger().await.unwrap(), start.elapsed());
    let start = Instant::now();
    loop {
        let s = desk.hear(None).await.unwrap();
        if s.done == 0 {
            break;
        }
    }
    println!("silent look {:.2?}", start.elapsed());
    if let Place::Sqlite(p) = &Place::Sqlite(scratch.join("c.db")) {
        if let Ok(m) = std::fs::metadata(p) {
            println!("{} MB", m.len() / 1_000_000);
        }
    }
}
