//! A small house to test in: a desk on either database, agencies, officers, cases.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "shared by several test binaries"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use casework::answer::{Answer, Inbox};
use casework::model::*;
use casework::{
    CheckOrder, Desk, Error, NewAgency, NewApproval, NewCase, NewMember, Opening, Principal, SilentRequest, SubmitOrder,
};
use store::{Engine, KeyFolder, Place, Settings};
use testkit::{MockClock, Postgres, Scratch, SeededChance};

pub const WATCH_DESK: &str = "202-555-0100";

pub struct House {
    pub desk: Desk,
    pub clock: Arc<MockClock>,
    pub chance: Arc<SeededChance>,
    pub place: Place,
    pub scratch: Scratch,
    next: AtomicU32,
}

/// `on_both!(name, house => { .. })`: tests `name::sqlite` and `name::postgres`.
#[macro_export]
macro_rules! on_both {
    ($(#[$doc:meta])* $name:ident, $house:ident => $body:block) => {
        $(#[$doc])*
        mod $name {
            #[allow(unused_imports, reason = "not every check names its types")]
            use super::*;
            async fn check($house: $crate::common::House) $body
            #[tokio::test]
            async fn sqlite() { check($crate::common::house(store::Engine::Sqlite).await).await }
            #[tokio::test]
            async fn postgres() { check($crate::common::house(store::Engine::Postgres).await).await }
        }
    };
}

pub async fn house(engine: Engine) -> House {
    house_with(engine, Settings::default()).await
}

pub async fn house_with(engine: Engine, settings: Settings) -> House {
    let scratch = Scratch::new();
    let place = match engine {
        Engine::Sqlite => Place::Sqlite(scratch.join("concord.db")),
        Engine::Postgres => Place::Postgres(Postgres::shared().new_database()),
    };
    let clock = Arc::new(MockClock::at("2026-11-23T06:00:00Z"));
    let chance = Arc::new(SeededChance::new(1));
    let keys = scratch.join("keys");
    KeyFolder::create(&keys, "concord/test", &*chance).unwrap();
    let desk = Desk::open(Opening {
        place: place.clone(),
        keys,
        clock: clock.clone(),
        chance: chance.clone(),
        origin: "test".to_owned(),
        settings,
    })
    .await
    .unwrap();
    desk.init(&phone(WATCH_DESK), true).await.unwrap();
    House { desk, clock, chance, place, scratch, next: AtomicU32::new(0) }
}

pub fn phone(text: &str) -> Telephone {
    Telephone::parse(text).unwrap()
}

impl House {
    pub async fn agency(&self, kind: AgencyKind) -> AgencyId {
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        let foreign = kind == AgencyKind::Foreign;
        let id = self
            .desk
            .add_agency(
                &Principal::operator(),
                NewAgency {
                    name: format!("Agency {n}"),
                    kind,
                    telephone: phone(&format!("206-555-{:04}", 100 + n % 100)),
                    time_zone: None,
                    state: None,
                    country: foreign.then(|| "CA".parse().unwrap()),
                },
            )
            .await
            .unwrap();
        if foreign {
            self.desk
                .record_approval(
                    &Principal::operator(),
                    NewApproval {
                        agency: id,
                        scope: FreeText::parse("AG order 1, all areas").unwrap(),
                        until: Micros::parse("2027-11-23T00:00:00Z").unwrap(),
                    },
                )
                .await
                .unwrap();
        }
        id
    }

    pub async fn member(&self, agency: AgencyId, roles: &[Role]) -> Principal {
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        let id = self
            .desk
            .add_member(
                &Principal::operator(),
                NewMember {
                    agency,
                    name: format!("Officer Number{n}"),
                    email: format!("officer{n}@example.org"),
                    telephone: phone(&format!("206-555-{:04}", 100 + n % 100)),
                    sworn: true,
                    roles: roles.to_vec(),
                },
            )
            .await
            .unwrap();
        self.desk.member(&id.to_string()).await.unwrap()
    }

    /// The e-mail address of the member added last.
    pub fn newest_address(&self) -> String {
        format!("officer{}@example.org", self.next.load(Ordering::Relaxed) - 1)
    }

    /// An officer of a new local agency with one open case, supervised.
    pub async fn officer(&self, number: &str) -> (Principal, CaseNumber) {
        self.officer_of(AgencyKind::Local, number).await
    }

    pub async fn officer_of(&self, kind: AgencyKind, number: &str) -> (Principal, CaseNumber) {
        let agency = self.agency(kind).await;
        let supervisor = self.member(agency, &[Role::Supervisor]).await;
        let who = self.member(agency, &[]).await;
        let case = self.case(&who, number, Some(supervisor.member)).await;
        (who, case)
    }

    pub async fn case(&self, who: &Principal, number: &str, supervisor: Option<MemberId>) -> CaseNumber {
        let number = CaseNumber::parse(number).unwrap();
        self.desk
            .open_case(
                who,
                NewCase {
                    number: number.clone(),
                    threat_area: ThreatArea::Enticement,
                    nexus: Nexus::parse("contact began in a chat room").unwrap(),
                    predicate: Predicate::facts("an undercover session and a provider's answer").unwrap(),
                    offence: None,
                    supervisor,
                    contact: None,
                    marking: Marking::default(),
                },
            )
            .await
            .unwrap();
        number
    }

    pub fn order(&self, case: &CaseNumber, csv: &str) -> SubmitOrder {
        SubmitOrder::new(case.clone(), "in.csv", casework::read("in.csv", csv.as_bytes()), self.desk.request())
    }

    pub async fn submit(&self, who: &Principal, case: &CaseNumber, csv: &str) -> Answer {
        self.try_submit(who, case, csv).await.unwrap()
    }

    pub async fn try_submit(&self, who: &Principal, case: &CaseNumber, csv: &str) -> Result<Answer, Error> {
        self.desk.submit(who, self.order(case, csv)).await
    }

    pub async fn submit_silent(
        &self,
        who: &Principal,
        case: &CaseNumber,
        csv: &str,
        supervisor: &Principal,
    ) -> Result<Answer, Error> {
        let mut order = self.order(case, csv);
        order.level = Level::Silent;
        order.silent = Some(SilentRequest {
            reason: FreeText::parse("live operation").unwrap(),
            approved_by: supervisor.clone(),
            until: Micros::parse("2026-12-31T23:59:59Z").unwrap(),
        });
        self.desk.submit(who, order).await
    }

    pub async fn check(&self, who: &Principal, case: Option<&CaseNumber>, csv: &str) -> Answer {
        self.desk
            .check(
                who,
                CheckOrder {
                    purpose: Purpose::parse("before a knock on the door").unwrap(),
                    case: case.cloned(),
                    nexus: case.is_none().then(|| Nexus::parse("an account in a chat room").unwrap()),
                    file: "q.csv".to_owned(),
                    reading: casework::read("q.csv", csv.as_bytes()),
                    request: self.desk.request(),
                },
            )
            .await
            .unwrap()
    }

    pub async fn inbox(&self, who: &Principal) -> Inbox {
        self.desk.work(None).await.unwrap();
        self.desk.inbox(who).await.unwrap()
    }
}
