//! From a conflict to the receiver: a desk with both couriers, two servers, and a clock that is moved by hand.

use std::collections::BTreeSet;
use std::sync::Arc;

use casework::{Couriers, Desk, NewAgency, NewCase, NewMember, Opening, Posted, Principal, SubmitOrder};
use model::{AgencyId, AgencyKind, CaseNumber, Clock, Marking, Nexus, Predicate, Role, Telephone, ThreatArea};
use outbound::{Guard, Limits, Mail, SystemResolver, WebhookOptions, Webhooks};
use store::{KeyFolder, Place, Settings};
use testkit::{MockClock, Scratch, SeededChance};

use crate::http::{Receiver, Says, Server};
use crate::mail::options;
use crate::smtp::{Manner, Sink};

struct House {
    desk: Desk,
    clock: MockClock,
    _folder: Scratch,
}

impl House {
    async fn new(couriers: impl FnOnce(Arc<MockClock>) -> Couriers) -> Self {
        let folder = Scratch::new();
        let (clock, chance) = (MockClock::at("2026-11-23T06:00:00Z"), Arc::new(SeededChance::new(1)));
        let keys = folder.join("keys");
        KeyFolder::create(&keys, "concord/test", &*chance).unwrap();
        let place = Place::Sqlite(folder.join("concord.db"));
        let (origin, settings) = ("test".to_owned(), Settings::default());
        let opening = Opening { place, keys, clock: Arc::new(clock.clone()), chance, origin, settings };
        let desk = Desk::open(opening).await.unwrap().with_couriers(couriers(Arc::new(clock.clone())));
        desk.init(&Telephone::parse("202-555-0100").unwrap(), true).await.unwrap();
        Self { desk, clock, _folder: folder }
    }

    async fn agency(&self, name: &str) -> AgencyId {
        let telephone = Telephone::parse("206-555-0101").unwrap();
        let new = NewAgency {
            name: name.to_owned(),
            kind: AgencyKind::Local,
            telephone,
            time_zone: None,
            state: None,
            country: None,
        };
        self.desk.add_agency(&Principal::operator(), new).await.unwrap()
    }

    async fn member(&self, agency: AgencyId, email: &str, roles: &[Role]) -> Principal {
        let telephone = Telephone::parse("206-555-0111").unwrap();
        let (name, email, roles) = ("Officer Example".to_owned(), email.to_owned(), roles.to_vec());
        let new = NewMember { agency, name, email, telephone, sworn: true, roles };
        let id = self.desk.add_member(&Principal::operator(), new).await.unwrap();
        self.desk.member(&id.to_string()).await.unwrap()
    }

    async fn submit(&self, who: &Principal, number: &str) {
        let case = CaseNumber::parse(number).unwrap();
        let new = NewCase {
            number: case.clone(),
            threat_area: ThreatArea::Enticement,
            nexus: Nexus::parse("contact began in a chat room").unwrap(),
            predicate: Predicate::facts("an undercover session and a provider's answer").unwrap(),
            offence: None,
            supervisor: None,
            contact: None,
            marking: Marking::default(),
        };
        self.desk.open_case(who, new).await.unwrap();
        let order = SubmitOrder::new(
            case,
            "in.csv",
            casework::read("in.csv", &b"kind,value\nemail,Quiet.Fox@example.net\n"[..]),
            self.desk.request(),
        );
        self.desk.submit(who, order).await.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_fails_is_called_again_later_and_takes_the_letter_once() {
    let server = Server::start(vec![Says::Status(500), Says::Status(503), Says::Status(200)]).await;
    let sink = Sink::start(Manner::default()).await;
    let listed = server.address.to_string();
    let mail = options(sink.address);
    let house = House::new(|clock| Couriers {
        mail: Some(Arc::new(Mail::new(mail, clock.clone()).map_err(|e| e.invalid).unwrap())),
        webhooks: Some(Arc::new(
            Webhooks::new(WebhookOptions {
                guard: Guard::allowing([listed.as_str()]).unwrap(),
                resolver: Arc::new(SystemResolver),
                clock,
                limits: Limits::default(),
                roots: None,
            })
            .map_err(|e| e.invalid)
            .unwrap(),
        )),
    })
    .await;
    let (a, b) = (house.agency("Agency A").await, house.agency("Agency B").await);
    let ana = house.member(a, "ana@example.org", &[]).await;
    let ben = house.member(b, "ben@example.org", &[]).await;
    let keeper = house.member(a, "keeper@example.org", &[Role::AgencyAdministrator]).await;
    let hook = house.desk.add_webhook(&keeper, &server.url()).await.unwrap();
    house.submit(&ana, "A-SECRET-1").await;
    house.submit(&ben, "B-SECRET-2").await;
    let posted = house.desk.post().await.unwrap();
    assert_eq!(posted, Posted { written: 3, sent: 2, put_off: 1, ..Posted::default() });
    assert_eq!(house.desk.post().await.unwrap(), Posted::default(), "not at once");
    house.clock.advance(31);
    assert_eq!(house.desk.post().await.unwrap(), Posted { put_off: 1, ..Posted::default() });
    house.clock.advance(29);
    assert_eq!(house.desk.post().await.unwrap(), Posted::default(), "later than the first time");
    let line = &house.desk.webhooks(&keeper).await.unwrap().webhooks[0];
    assert_eq!((line.failures, line.why.as_deref()), (2, Some("answered 503")));
    house.clock.advance(32);
    assert_eq!(house.desk.post().await.unwrap(), Posted { sent: 1, ..Posted::default() });
    let line = &house.desk.webhooks(&keeper).await.unwrap().webhooks[0];
    assert_eq!((line.failures, &line.why), (0, &None));
    assert_eq!(line.last_success, Some(house.clock.now().to_string()));

    let calls = server.got();
    assert_eq!(calls.len(), 3);
    let bodies: BTreeSet<_> = calls.iter().map(|c| &c.body).collect();
    assert_eq!(bodies.len(), 1, "the same letter each time");
    let mut receiver = Receiver { secret: hook.secret.reveal().to_owned(), seen: BTreeSet::new() };
    assert_eq!(receiver.take(&calls[2], house.clock.now().0 / 1_000_000), Ok(()));
    let mails = sink.got();
    let to: BTreeSet<_> = mails.iter().flat_map(|m| m.to.clone()).collect();
    assert_eq!(to, ["RCPT TO:<ana@example.org>".to_owned(), "RCPT TO:<ben@example.org>".to_owned()].into());
    // Nothing of the case, the identifier, the other agency or the matter leaves by any way.
    let all = mails.iter().map(|m| m.text.as_str()).chain(calls.iter().map(|c| c.body.as_str())).collect::<String>();
    for word in ["SECRET", "fox", "Fox", "Agency", "Officer", "conflict", "206-555", "email"] {
        assert!(!all.contains(word), "{word} in {all}");
    }
}
