//! Notices that leave the portal: what a letter says, that it comes at least once with one id, and who gets none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use casework::model::*;
use casework::{Courier, Couriers, Desk, Error, Letter, MOST_WEBHOOKS, Posted, Principal, Sending, To, Undelivered};
use common::*;
use store::{Engine, Settings, Trace};

const CSV: &str = "kind,value\nemail,letters@example.org\n";

/// What a test's courier does with a letter.
#[derive(Clone, Copy)]
enum Does {
    Takes,
    Fails(Undelivered),
    /// Takes it, and the server dies before it hears of that.
    Dies,
}

/// Keeps what it was given.
struct Box {
    does: Mutex<Does>,
    got: Mutex<Vec<Letter>>,
    reached: tokio::sync::Notify,
}

impl Box {
    fn new() -> Arc<Self> {
        Arc::new(Self { does: Mutex::new(Does::Takes), got: Mutex::default(), reached: tokio::sync::Notify::new() })
    }

    fn does(&self, what: Does) {
        *self.does.lock().unwrap() = what;
    }

    /// What came since it was last asked, in the order of its ids.
    fn got(&self) -> Vec<Letter> {
        let mut got = std::mem::take(&mut *self.got.lock().unwrap());
        got.sort_by_key(|l| l.id);
        got
    }
}

impl Courier for Box {
    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a> {
        std::boxed::Box::pin(async move {
            self.got.lock().unwrap().push(letter.clone());
            self.reached.notify_one();
            let does = *self.does.lock().unwrap();
            match does {
                Does::Takes => Ok(()),
                Does::Fails(why) => Err(why),
                Does::Dies => std::future::pending().await,
            }
        })
    }

    fn address(&self, to: &str) -> Result<String, Invalid> {
        if to.starts_with("https://") { Ok(to.to_owned()) } else { Err(Invalid::new("is not https", "write https")) }
    }
}

struct Post {
    desk: Desk,
    mail: Arc<Box>,
    hooks: Arc<Box>,
}

impl Post {
    fn of(house: &House) -> Self {
        let (mail, hooks) = (Box::new(), Box::new());
        let couriers = Couriers { mail: Some(mail.clone()), webhooks: Some(hooks.clone()) };
        Self { desk: house.desk.clone().with_couriers(couriers), mail, hooks }
    }

    async fn round(&self) -> Posted {
        self.desk.post().await.unwrap()
    }
}

/// Two officers who were just told of each other, and nobody else.
async fn two(house: &House) -> ((Principal, CaseNumber), (Principal, CaseNumber)) {
    let (a, b) = (house.officer("L-1").await, house.officer("L-2").await);
    house.submit(&a.0, &a.1, CSV).await;
    house.submit(&b.0, &b.1, CSV).await;
    (a, b)
}

async fn keeper(house: &House, of: &Principal) -> Principal {
    house.member(of.agency, &[Role::AgencyAdministrator]).await
}

on_both!(a_letter_says_how_many_notices_wait_and_by_when_and_nothing_of_them, house => {
    let post = Post::of(&house);
    let ((a, case_a), _) = two(&house).await;
    let keeper = keeper(&house, &a).await;
    let hook = post.desk.add_webhook(&keeper, "https://a.example.org/hook").await.unwrap();
    assert_eq!(post.round().await, Posted { written: 3, sent: 3, ..Posted::default() });
    let (mails, calls) = (post.mail.got(), post.hooks.got());
    assert_eq!((mails.len(), calls.len()), (2, 1));
    for letter in mails.iter().chain(&calls) {
        assert_eq!((letter.count, letter.due), (1, house.clock.now().plus_seconds(4 * 3_600)));
        // Invariants 4 and 5: a letter has no place for a value, a case or a matter.
        let Letter { id: _, at: _, due: _, count: _, to: _ } = letter;
    }
    assert!(matches!(&calls[0].to, To::Webhook { url, secret } if *url == hook.url && *secret == hook.secret));
    assert_eq!(post.round().await, Posted::default(), "and no letter comes twice");
    // Several notices of one member within a beat go in one.
    for n in 0..3 {
        let (other, case) = house.officer(&format!("L-1{n}")).await;
        house.submit(&other, &case, &format!("kind,value\nemail,more{n}@example.org\n")).await;
        house.submit(&a, &case_a, &format!("kind,value\nemail,more{n}@example.org\n")).await;
    }
    assert_eq!(post.round().await.sent, 5);
    assert_eq!(post.mail.got().iter().map(|l| l.count).collect::<BTreeSet<_>>(), [1, 3].into());
    assert_eq!(post.hooks.got().iter().map(|l| l.count).collect::<Vec<_>>(), [3]);
});

// The letter's id follows from its notices: one about somebody who joined later must not be taken for the first.
on_both!(who_joins_what_was_seen_is_told_by_a_letter_of_its_own, house => {
    let post = Post::of(&house);
    let ((a, _), (b, _)) = two(&house).await;
    post.round().await;
    let first = post.mail.got();
    let met = house.desk.inbox(&a).await.unwrap().items[0].conflict.clone().unwrap();
    house.desk.step(&a, met.parse().unwrap(), casework::Step::Acknowledge).await.unwrap();
    let (c, case_c) = house.officer("L-3").await;
    house.submit(&c, &case_c, CSV).await;
    assert_eq!(post.round().await.sent, 2, "to who joined and who had seen; b's line still waits");
    let again = post.mail.got();
    assert!(again.iter().all(|l| first.iter().all(|f| f.id != l.id)), "letters of their own");
    assert_eq!(again.iter().filter(|l| first.iter().any(|f| f.to == l.to)).count(), 1);
    assert_eq!(house.desk.inbox(&b).await.unwrap().items.len(), 1);
});

// One letter stands for all that joined while it waited: it leaves though the first of them is over.
on_both!(a_letter_about_a_gathering_leaves_though_its_first_conflict_is_over, house => {
    let post = Post::of(&house);
    let (_, (b, case_b)) = two(&house).await;
    let (c, case_c) = house.officer("L-3").await;
    house.submit(&c, &case_c, CSV).await;
    let why = Purpose::parse("wrong").unwrap();
    house.desk.withdraw(&b, &case_b, Kind::Email, "letters@example.org", None, &why).await.unwrap();
    post.round().await;
    let mut counts: Vec<_> = post.mail.got().iter().map(|l| l.count).collect();
    counts.sort_unstable();
    assert_eq!(counts, [2, 2], "to both that still meet: that they do, and that somebody withdrew");
});

on_both!(killed_between_sending_and_marking_a_letter_comes_again_with_its_id, house => {
    let post = Post::of(&house);
    let ((a, _), (b, _)) = two(&house).await;
    let before = (house.desk.inbox(&a).await.unwrap(), house.desk.inbox(&b).await.unwrap());
    post.mail.does(Does::Dies);
    {
        let desk = post.desk.clone();
        let mut round = std::pin::pin!(desk.post());
        for _ in 0..2 {
            tokio::select! {
                _ = &mut round => panic!("it cannot end: nobody answers"),
                () = post.mail.reached.notified() => {}
            }
            if post.mail.got.lock().unwrap().len() == 2 {
                break;
            }
        }
    } // dropped here, with both letters sent and none marked
    let first = post.mail.got();
    assert_eq!(first.len(), 2);
    post.mail.does(Does::Takes);
    assert_eq!(post.round().await.sent, 0, "its lease stands");
    house.clock.advance(601);
    assert_eq!(post.round().await, Posted { sent: 2, ..Posted::default() });
    assert_eq!(post.mail.got(), first, "the same letters, id for id");
    house.clock.advance(100_000);
    assert_eq!(post.round().await, Posted::default());
    // Nothing twice in the portal.
    let after = (house.inbox(&a).await, house.inbox(&b).await);
    assert_eq!((after.0.items.len(), after.1.items.len()), (before.0.items.len(), before.1.items.len()));
    assert!(house.desk.verify_ledger(&Principal::operator(), |_| ()).await.unwrap().sound());
});

/// Every letter is tried twelve times, each wait twice the last one, and then no more.
#[tokio::test]
async fn what_fails_comes_again_later_and_later_and_is_given_up() {
    let house = house(Engine::Sqlite).await;
    let post = Post::of(&house);
    two(&house).await;
    post.mail.does(Does::Fails(Undelivered::Answered(451)));
    let mut sent: BTreeMap<LetterId, Vec<i64>> = BTreeMap::new();
    let (mut given_up, mut last) = (0, house.clock.now().0);
    while given_up < 2 {
        given_up += post.round().await.given_up;
        let now = house.clock.now().0;
        for letter in post.mail.got() {
            sent.entry(letter.id).or_default().push(now / 1_000_000);
            last = now;
        }
        // In steps that are small beside the wait.
        house.clock.advance(((now - last) / 10_000_000).max(3));
        assert!(now - last < 30_000_000_000, "it comes again");
    }
    assert_eq!(sent.len(), 2, "the same two letters each time");
    for times in sent.values() {
        assert_eq!(times.len(), 12);
        for (n, pair) in times.windows(2).enumerate() {
            let (gap, whole) = (pair[1] - pair[0], (30_i64 << n).min(21_600));
            assert!(gap >= whole / 2 && gap <= whole + whole / 5 + 6, "wait {n}: {gap} of {whole}");
        }
    }
    house.clock.advance(1_000_000);
    post.mail.does(Does::Takes);
    assert_eq!(post.round().await, Posted::default(), "given up is given up");
    assert!(post.mail.got().is_empty());
}

#[tokio::test]
async fn a_letter_refused_for_good_is_given_up_at_once() {
    let house = house(Engine::Sqlite).await;
    let post = Post::of(&house);
    two(&house).await;
    post.mail.does(Does::Fails(Undelivered::Refused(550)));
    assert_eq!(post.round().await, Posted { written: 2, given_up: 2, ..Posted::default() });
    post.mail.does(Does::Takes);
    house.clock.advance(1_000_000);
    assert_eq!(post.round().await, Posted::default());
}

on_both!(who_is_suspended_or_chose_none_gets_no_letter, house => {
    let post = Post::of(&house);
    let keeper_of = async |who: &Principal| keeper(&house, who).await;
    // Chose no mail before anything was written: no letter at all. Chose it after: withheld.
    let ((a, _), (b, _)) = two(&house).await;
    post.desk.prefer_mail(&a, false).await.unwrap();
    assert!(!post.desk.mail_preference(&a).await.unwrap() && post.desk.mail_preference(&b).await.unwrap());
    post.mail.does(Does::Fails(Undelivered::Unreachable));
    assert_eq!(post.round().await, Posted { written: 1, put_off: 1, ..Posted::default() });
    post.mail.got();
    post.desk.prefer_mail(&b, false).await.unwrap();
    house.clock.advance(60);
    assert_eq!(post.round().await, Posted { withheld: 1, ..Posted::default() });
    assert!(post.mail.got().is_empty());
    post.mail.does(Does::Takes);

    // A foreign agency whose approval ended, between the writing and the sending.
    let (c, case_c) = house.officer_of(AgencyKind::Foreign, "L-3").await;
    let hook = post.desk.add_webhook(&keeper_of(&c).await, "https://c.example.org/").await.unwrap();
    house.submit(&c, &case_c, "kind,value\nemail,abroad@example.org\n").await;
    let (d, case_d) = house.officer("L-4").await;
    house.submit(&d, &case_d, "kind,value\nemail,abroad@example.org\n").await;
    post.hooks.does(Does::Fails(Undelivered::Slow));
    post.mail.does(Does::Fails(Undelivered::Slow));
    let posted = post.round().await;
    assert_eq!((posted.written, posted.put_off), (3, 3));
    post.mail.does(Does::Takes);
    post.hooks.does(Does::Takes);
    let _ = (post.mail.got(), post.hooks.got());
    house.clock.set(Micros::parse("2027-11-24T00:00:00Z").unwrap());
    assert_eq!(post.round().await, Posted { sent: 1, withheld: 2, ..Posted::default() });
    assert_eq!(post.mail.got().len(), 1, "the other side's");
    assert!(post.hooks.got().is_empty());
    let _ = hook;
});

on_both!(what_was_read_meanwhile_and_a_webhook_that_was_ended_get_no_letter, house => {
    let post = Post::of(&house);
    let ((a, _), (b, _)) = two(&house).await;
    let keeper = keeper(&house, &a).await;
    let hook = post.desk.add_webhook(&keeper, "https://a.example.org/").await.unwrap();
    post.mail.does(Does::Fails(Undelivered::Slow));
    post.hooks.does(Does::Fails(Undelivered::Answered(500)));
    assert_eq!(post.round().await, Posted { written: 3, put_off: 3, ..Posted::default() });
    let line = &post.desk.webhooks(&keeper).await.unwrap().webhooks[0];
    assert_eq!((line.failures, line.why.as_deref(), line.live), (1, Some("answered 500"), true));
    let id: ConflictId = house.desk.inbox(&a).await.unwrap().items[0].conflict.as_deref().unwrap().parse().unwrap();
    house.desk.step(&a, id, casework::Step::Acknowledge).await.unwrap();
    post.desk.end_webhook(&keeper, hook.id).await.unwrap();
    let _ = (post.mail.got(), post.hooks.got());
    post.mail.does(Does::Takes);
    post.hooks.does(Does::Takes);
    house.clock.advance(60);
    assert_eq!(post.round().await, Posted { sent: 1, withheld: 2, ..Posted::default() });
    assert_eq!(post.mail.got().len(), 1);
    assert!(post.hooks.got().is_empty());
    assert!(matches!(post.desk.end_webhook(&keeper, hook.id).await, Err(Error::NotFound("webhook"))));
    let _ = b;
});

#[tokio::test]
async fn a_webhook_is_its_administrators_alone_and_its_secret_is_shown_once() {
    let house = house(Engine::Sqlite).await;
    let post = Post::of(&house);
    let (officer, _) = house.officer("L-1").await;
    let (stranger, _) = house.officer("L-2").await;
    let (own, other) = (keeper(&house, &officer).await, keeper(&house, &stranger).await);
    let hook = post.desk.add_webhook(&own, "https://a.example.org/?t=1").await.unwrap();
    assert_eq!(hook.secret.reveal().len(), 64);
    let list = serde_json::to_string(&post.desk.webhooks(&own).await.unwrap()).unwrap();
    assert!(list.contains("a.example.org") && !list.contains(hook.secret.reveal()) && !list.contains("secret"));
    assert!(post.desk.webhooks(&other).await.unwrap().webhooks.is_empty());
    assert!(matches!(post.desk.end_webhook(&other, hook.id).await, Err(Error::NotFound("webhook"))));
    for who in [&officer, &stranger] {
        assert!(matches!(post.desk.add_webhook(who, "https://b.example.org").await, Err(Error::Refused(_))));
        assert!(matches!(post.desk.webhooks(who).await, Err(Error::Refused(_))));
        assert!(matches!(post.desk.end_webhook(who, hook.id).await, Err(Error::Refused(_))));
    }
    assert!(matches!(post.desk.add_webhook(&own, "http://a.example.org").await, Err(Error::Argument { .. })));
    assert!(matches!(post.desk.add_webhook(&own, "https://a.example.org/?t=1").await, Err(Error::Argument { .. })));
    assert!(matches!(house.desk.add_webhook(&own, "https://b.example.org").await, Err(Error::NotNow(_))));
    for n in 1..MOST_WEBHOOKS {
        post.desk.add_webhook(&own, &format!("https://a.example.org/{n}")).await.unwrap();
    }
    assert!(matches!(post.desk.add_webhook(&own, "https://b.example.org").await, Err(Error::NotNow(_))));
    post.desk.end_webhook(&own, hook.id).await.unwrap();
    let again = post.desk.add_webhook(&own, "https://a.example.org/?t=1").await.unwrap();
    assert_ne!(again.secret, hook.secret);
}

on_both!(a_round_leaves_two_events_whatever_it_carries, house => {
    let post = Post::of(&house);
    let events = async || house.desk.settle_ledger().await.unwrap();
    events().await;
    post.round().await;
    assert_eq!(events().await, 2, "nothing waits");
    two(&house).await;
    events().await;
    for does in [Does::Fails(Undelivered::Slow), Does::Fails(Undelivered::Refused(550))] {
        post.mail.does(does);
        house.clock.advance(60);
        assert_eq!(post.round().await.sent, 0);
        assert_eq!(events().await, 2);
    }
    house.desk.post().await.unwrap();
    assert_eq!(events().await, 0, "a desk without couriers does nothing");
});

/// Two servers at once: each letter goes from one of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_send_each_letter_once() {
    let house = house(Engine::Postgres).await;
    let post = Post::of(&house);
    let (a, case_a) = house.officer("L-0").await;
    house.submit(&a, &case_a, CSV).await;
    for n in 1..6 {
        let (b, case_b) = house.officer(&format!("L-{n}")).await;
        house.submit(&b, &case_b, CSV).await;
    }
    let rounds: Vec<_> = (0..4)
        .map(|_| {
            tokio::spawn({
                let desk = post.desk.clone();
                async move { desk.post().await.unwrap() }
            })
        })
        .collect();
    let mut sent = 0;
    for round in rounds {
        sent += round.await.unwrap().sent;
    }
    let ids: Vec<_> = post.mail.got().iter().map(|l| l.id).collect();
    assert_eq!(ids.len(), sent);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), sent, "no id twice");
    assert!(sent >= 6);
}

/// A command of an agency's runs no sending: its time would speak of what others are told.
#[tokio::test]
async fn the_rounds_that_commands_run_send_nothing() {
    let trace = Trace::default();
    let house = house_with(Engine::Sqlite, Settings { trace: Some(trace.clone()), ..Settings::default() }).await;
    let post = Post::of(&house);
    let ((a, _), _) = two(&house).await;
    trace.clear();
    post.desk.work(Some(a.agency)).await.unwrap();
    post.desk.inbox(&a).await.unwrap();
    assert!(post.mail.got().is_empty());
    assert!(trace.seen().keys().all(|sql| !sql.contains("letter") && !sql.contains("posted_us")));
}
