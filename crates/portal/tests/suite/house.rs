//! Two agencies, their officers, and a router.

use std::sync::Arc;

use axum::Router;
use casework::answer::Answer;
use casework::{Couriers, Desk, NewAgency, NewCase, NewMember, Opening, Principal, SubmitOrder};
use model::*;
use portal::{Portal, Setup};
use store::{KeyFolder, Place, Settings};
use testkit::{MockClock, Scratch, SeededChance};
use tokio::sync::watch;

use crate::browser::Browser;

pub const ORIGIN: &str = "http://localhost:8400";

pub struct House {
    pub desk: Desk,
    pub clock: Arc<MockClock>,
    pub router: Router,
    pub ana: Member,
    pub ben: Member,
    stop: watch::Sender<bool>,
    _scratch: Scratch,
}

/// An officer with a case of their own.
pub struct Member {
    pub who: Principal,
    pub case: CaseNumber,
}

pub async fn house() -> House {
    house_as(true, true).await
}

pub async fn house_at(origin: &str) -> House {
    built(origin, true, true).await
}

pub async fn house_as(trial: bool, demo: bool) -> House {
    built(ORIGIN, trial, demo).await
}

async fn built(origin: &str, trial: bool, demo: bool) -> House {
    let scratch = Scratch::new();
    let clock = Arc::new(MockClock::at("2026-11-23T06:00:00Z"));
    let chance = Arc::new(SeededChance::new(7));
    let keys = scratch.join("keys");
    KeyFolder::create(&keys, "concord/portal", &*chance).unwrap();
    let desk = Desk::open(Opening {
        place: Place::Sqlite(scratch.join("concord.db")),
        keys,
        clock: clock.clone(),
        chance,
        origin: "portal".to_owned(),
        settings: Settings::default(),
    })
    .await
    .unwrap()
    .with_couriers(couriers(clock.clone()));
    desk.init(&phone("202-555-0100"), trial).await.unwrap();
    let ana =
        officer(&desk, "Puget Sound Task Force", "America/Los_Angeles", "Ana Reyes", "206-555-0111", "WA-26-0117")
            .await;
    let ben = officer(&desk, "Navajo Nation Police", "America/Denver", "Ben Yazzie", "928-555-0112", "NNP-4471").await;
    let (stop, stopped) = watch::channel(false);
    let router = Portal::router(Setup { desk: desk.clone(), origin: origin.parse().unwrap(), demo, stop: stopped });
    House { desk, clock, router, ana, ben, stop, _scratch: scratch }
}

/// Webhooks by the rules of an installation that lists no exception. Nothing calls them here.
fn couriers(clock: Arc<MockClock>) -> Couriers {
    let webhooks = outbound::Webhooks::new(outbound::WebhookOptions {
        guard: outbound::Guard::strict(),
        resolver: Arc::new(outbound::SystemResolver),
        clock,
        limits: outbound::Limits::default(),
        roots: None,
    });
    Couriers { mail: None, webhooks: Some(Arc::new(webhooks.unwrap())) }
}

fn phone(text: &str) -> Telephone {
    Telephone::parse(text).unwrap()
}

async fn officer(desk: &Desk, agency: &str, zone: &str, name: &str, telephone: &str, number: &str) -> Member {
    let operator = Principal::operator();
    let new = NewAgency {
        name: agency.to_owned(),
        kind: AgencyKind::Local,
        telephone: phone(telephone),
        time_zone: Some(zone.parse().unwrap()),
        state: None,
        country: None,
    };
    let agency = desk.add_agency(&operator, new).await.unwrap();
    let who = member(desk, agency, name, telephone).await;
    let case = CaseNumber::parse(number).unwrap();
    let new = NewCase {
        number: case.clone(),
        threat_area: ThreatArea::Enticement,
        nexus: Nexus::parse("contact began in a chat room").unwrap(),
        predicate: Predicate::facts("a provider's answer").unwrap(),
        offence: None,
        supervisor: None,
        contact: None,
        marking: Marking::default(),
    };
    desk.open_case(&who, new).await.unwrap();
    Member { who, case }
}

async fn member(desk: &Desk, agency: AgencyId, name: &str, telephone: &str) -> Principal {
    let operator = Principal::operator();
    let new = NewMember {
        agency,
        name: name.to_owned(),
        email: format!("{}@example.org", name.replace(' ', ".")),
        telephone: phone(telephone),
        sworn: true,
        roles: vec![Role::Investigator, Role::Supervisor, Role::AgencyAdministrator],
    };
    let member = desk.add_member(&operator, new).await.unwrap();
    desk.member(&member.to_string()).await.unwrap()
}

impl House {
    pub fn stopped(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// The server stops.
    pub fn stop(&self) {
        self.stop.send(true).unwrap();
    }

    pub fn browser(&self) -> Browser {
        Browser::new(self.router.clone())
    }

    /// A browser in which this officer is signed in.
    pub async fn signed_in(&self, member: &Member) -> Browser {
        let browser = self.browser();
        let went = browser.post("/demo/step-in", &[("member", &member.who.member.to_string())]).await;
        assert_eq!((went.status, went.location()), (303, Some("/banner")), "{}", went.body);
        assert_eq!(browser.post("/banner", &[]).await.location(), Some("/"));
        browser
    }

    pub async fn submit(&self, member: &Member, csv: &str) -> Answer {
        let order = SubmitOrder::new(
            member.case.clone(),
            "in.csv",
            casework::read("in.csv", csv.as_bytes()),
            self.desk.request(),
        );
        self.desk.submit(&member.who, order).await.unwrap()
    }

    /// The id of an officer's case.
    pub async fn case_id(&self, member: &Member) -> String {
        let cases = self.desk.cases(&member.who, casework::CaseFilter::default(), None, None).await.unwrap();
        cases.rows.into_iter().find(|c| c.number == member.case.as_str()).expect("their case").id
    }

    /// A colleague of an officer, who leads no case.
    pub async fn colleague_of(&self, of: &Member) -> Member {
        let who = member(&self.desk, of.who.agency, "Eve Moss", "206-555-0115").await;
        Member { who, case: of.case.clone() }
    }

    /// The first entry that stands in an officer's case.
    pub async fn entry(&self, member: &Member) -> String {
        let page = self.desk.case_page(&member.who, &member.case, None, None, None).await.unwrap();
        page.view.entries.into_iter().find(|e| e.state == "live").expect("an entry that stands").id
    }

    /// An offer of one officer's case to the other's agency.
    pub async fn offer(&self, from: &Member, to: &Member) -> String {
        let reason = FreeText::parse("it is yours by where he lives").unwrap();
        self.desk.offer_transfer(&from.who, &from.case, to.who.agency, reason).await.unwrap().to_string()
    }

    /// A webhook of an officer's agency.
    pub async fn webhook(&self, member: &Member) -> String {
        self.desk.add_webhook(&member.who, "https://hooks.example.org/concord").await.unwrap().id.to_string()
    }

    /// A bulk job that a colleague of Ana's asked for.
    pub async fn bulk_job(&self) -> String {
        let colleague = member(&self.desk, self.ana.who.agency, "Dan Whitaker", "206-555-0114").await;
        let order = casework::BulkOrder {
            verb: BulkVerb::Check,
            case: self.ana.case.clone(),
            authority: Authority::SearchWarrant,
            process: FreeText::parse("warrant 26-1").unwrap(),
            purpose: Purpose::parse("a seized list").unwrap(),
            file: "list.csv".to_owned(),
            reading: casework::read("list.csv", &b"kind,value\nemail,fox@example.org\nemail,owl@example.org\n"[..]),
            labels: casework::BulkLabels {
                marking: Marking::default(),
                reliability: Reliability::Unknown,
                validity: Validity::Unknown,
                level: Level::Open,
            },
            request: self.desk.request(),
        };
        self.desk.ask_bulk(&colleague, order).await.unwrap().to_string()
    }

    /// A conflict between the two.
    pub async fn conflict(&self) -> String {
        self.submit(&self.ana, "kind,value,role\nemail,fox@example.org,subject\n").await;
        let met = self.submit(&self.ben, "kind,value,role\nemail,FOX@example.org,subject\n").await;
        met.conflicts[0].conflict.clone().unwrap()
    }
}

/// An officer of a third agency, with no side in anything.
pub async fn another(house: &House) -> Member {
    officer(&house.desk, "Lake County Sheriff", "America/Chicago", "Carla Stone", "847-555-0113", "LC-1").await
}
