//! Letters: each notice goes into them once, each letter is taken by one server at a time and keeps its id.

use std::collections::BTreeSet;

use model::{Clock, LetterId, Level, MemberId, Micros, NoticeId, Role, WebhookId};
use policy::{Action, Principal};
use store::{
    LetterEnd, LetterFate, Matter, NewLetter, NewNotice, SeenNotices, StandingNotice, Store, Target, WebhookAddress,
};

use crate::common::*;
use crate::on_both;

type Key = (MemberId, NoticeId);

async fn told(w: &World, who: &Principal, n: std::ops::Range<u8>, case: Option<model::CaseId>) -> Vec<Key> {
    let notices: Vec<_> = n
        .map(|n| NewNotice {
            recipient: who.member,
            agency: who.agency,
            matter: Matter::Message,
            about: vec![n],
            conflict: None,
            case,
            entry: None,
            other_case: None,
            due: Micros(n.into()),
            words: Some(vec![n]),
        })
        .collect();
    let keys = notices.iter().map(|n| (n.recipient, n.id())).collect();
    let grant = may(who, Action::Look);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.notify(notices).await.unwrap();
    tx.commit(w.store.act(&grant, ("look", uuid()))).await.unwrap();
    keys
}

async fn write(w: &World, letters: &[NewLetter]) -> u64 {
    let grant = w.worker(Action::Deliver);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let written = tx.add_letters(letters).await.unwrap();
    tx.commit(w.store.act(&grant, ("letter", uuid()))).await.unwrap();
    written
}

async fn take(store: &Store, w: &World, lease: i64) -> Vec<(LetterId, i64)> {
    let grant = w.worker(Action::Deliver);
    let mut tx = store.begin(&grant).await.unwrap();
    let due = tx.take_letters(true, true, 100, w.clock.now().plus_seconds(lease)).await.unwrap();
    tx.commit(store.act(&grant, ("letter", uuid()))).await.unwrap();
    due.into_iter().map(|l| (l.id, l.tries)).collect()
}

async fn settle(w: &World, letter: &NewLetter, tries: i64, fate: LetterFate) {
    let grant = w.worker(Action::Deliver);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let end = LetterEnd { id: letter.id(), target: letter.target, agency: letter.agency, tries, fate };
    let act = w.store.act(&grant, ("letter", uuid()));
    tx.settle_letters(&[end], act.id()).await.unwrap();
    tx.note_calls(&[end]).await.unwrap();
    tx.commit(act).await.unwrap();
}

fn mail(who: &Principal, notices: &[Key]) -> NewLetter {
    NewLetter { target: Target::Mail(who.member), agency: who.agency, notices: notices.iter().copied().collect() }
}

on_both!(of_two_servers_one_makes_a_letter_of_each_notice, w => {
    let ann = w.officer("ann").await;
    let keys: BTreeSet<_> = told(&w, &ann, 0..20, None).await.into_iter().collect();
    let grant = may(&ann, Action::Inbox);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let seen = keys.first().unwrap().1;
    assert_eq!(tx.seen(SeenNotices::Notice(seen)).await.unwrap(), 1);
    tx.commit(w.store.act(&grant, ("notice", seen.into()))).await.unwrap();
    let other = w.second().await;
    let working: Vec<_> = [w.store.clone(), other]
        .into_iter()
        .map(|store| {
            let grant = w.worker(Action::Deliver);
            tokio::spawn(async move {
                let mut tx = store.begin(&grant).await.unwrap();
                let found = tx.unposted(100).await.unwrap();
                tx.commit(store.act(&grant, ("letter", uuid()))).await.unwrap();
                found.into_iter().map(|n| (n.recipient, n.id)).collect::<Vec<_>>()
            })
        })
        .collect();
    let mut found = Vec::new();
    for one in working {
        found.extend(one.await.unwrap());
    }
    assert_eq!(found.len(), 19, "each once, and not the one that was seen");
    assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), keys.into_iter().filter(|k| k.1 != seen).collect());
});

on_both!(a_letter_is_one_servers_until_its_lease_ends_and_keeps_its_id, w => {
    let ann = w.officer("ann").await;
    let letter = mail(&ann, &told(&w, &ann, 0..3, None).await);
    assert_eq!((write(&w, std::slice::from_ref(&letter)).await, write(&w, std::slice::from_ref(&letter)).await), (1, 0));
    let other = w.second().await;
    let id = letter.id();
    assert_eq!(take(&w.store, &w, 60).await, [(id, 1)]);
    assert!(take(&other, &w, 60).await.is_empty(), "it is taken");
    w.clock.advance(61);
    assert_eq!(take(&other, &w, 60).await, [(id, 2)], "its server died: another sends it, with the same id");
    let later = w.clock.now().plus_seconds(9_999);
    settle(&w, &letter, 1, LetterFate::PutOff(later, 1)).await;
    w.clock.advance(61);
    assert_eq!(take(&other, &w, 60).await, [(id, 3)], "the first server's word came too late to put it off");
    settle(&w, &letter, 3, LetterFate::PutOff(w.clock.now().plus_seconds(30), 1)).await;
    assert!(take(&other, &w, 60).await.is_empty());
    w.clock.advance(30);
    assert_eq!(take(&other, &w, 60).await, [(id, 4)]);
    settle(&w, &letter, 3, LetterFate::Sent).await;
    w.clock.advance(9_999);
    assert!(take(&other, &w, 60).await.is_empty(), "whoever sent it, it has arrived");
});

on_both!(what_was_seen_and_what_went_to_another_agency_is_gone, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    let (hers, his) = (w.case(&ann, "1").await, w.case(&bob, "2").await);
    let stays = told(&w, &ann, 0..1, Some(hers)).await;
    let went = told(&w, &ann, 1..2, Some(his)).await;
    let seen = told(&w, &ann, 2..3, None).await;
    let grant = may(&ann, Action::Inbox);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.seen(SeenNotices::Notice(seen[0].1)).await.unwrap();
    tx.commit(w.store.act(&grant, ("notice", uuid()))).await.unwrap();
    let mut keys: BTreeSet<_> = [&stays[..], &went, &seen].concat().into_iter().collect();
    keys.insert((ann.member, id()));
    let grant = w.worker(Action::Deliver);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let standing = tx.standing_notices(&keys).await.unwrap();
    tx.commit(w.store.act(&grant, ("letter", uuid()))).await.unwrap();
    assert_eq!(standing.len(), 3, "one that never was is left out");
    let left: Vec<_> = standing.iter().filter(|n: &&StandingNotice| !n.gone).map(|n| (n.recipient, n.id)).collect();
    assert_eq!(left, stays);
});

on_both!(a_conflict_is_news_only_while_it_is_open_to_the_side_that_is_told, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    let (a, b) = (w.case(&ann, "1").await, w.case(&bob, "2").await);
    let mine = w.submit(&ann, a, &["fox"], Level::Open).await;
    let theirs = w.submit(&bob, b, &["fox"], Level::Open).await;
    // Ann sees it openly, bob only through the desk.
    let new = conflict((&ann, a, mine.entries[0]), (bob.member, bob.agency, b, theirs.entries[0]), (Level::Open, Level::Desk));
    let conflict = model::Pair::new(a, b).unwrap().conflict();
    let notice = |who: &Principal, case, matter, about: &[u8]| NewNotice {
        recipient: who.member,
        agency: who.agency,
        matter,
        about: about.to_vec(),
        conflict: Some(conflict),
        case: Some(case),
        entry: None,
        other_case: None,
        due: Micros(1),
        words: None,
    };
    let all = || vec![
        notice(&ann, a, Matter::Conflict, b"x"), notice(&bob, b, Matter::Conflict, b"x"), notice(&bob, b, Matter::Message, b"x"),
    ];
    let keys: BTreeSet<Key> = all().iter().map(|n| (n.recipient, n.id())).collect();
    let grant = may(&ann, Action::Look);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.record(&[new]).await.unwrap();
    tx.notify(all()).await.unwrap();
    tx.commit(w.store.act(&grant, ("look", uuid()))).await.unwrap();
    let left = async || {
        let grant = w.worker(Action::Deliver);
        let mut tx = w.store.begin(&grant).await.unwrap();
        let standing = tx.standing_notices(&keys).await.unwrap();
        tx.commit(w.store.act(&grant, ("letter", uuid()))).await.unwrap();
        standing.into_iter().filter(|n| !n.gone).map(|n| (n.recipient, n.id)).collect::<BTreeSet<_>>()
    };
    let of = |n: usize| (all()[n].recipient, all()[n].id());
    assert_eq!(left().await, [of(0), of(2)].into());
    let grant = may(&ann, Action::Withdraw);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.resolve(conflict, model::Resolution::Withdrawn).await.unwrap();
    tx.commit(w.store.act(&grant, ("conflict", conflict.into()))).await.unwrap();
    assert_eq!(left().await, [of(2)].into());
});

on_both!(an_agency_reads_its_own_webhooks_and_never_their_secret, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    let (ann, bob) = (with_roles(&ann, &[Role::AgencyAdministrator]), with_roles(&bob, &[Role::AgencyAdministrator]));
    let hook: WebhookId = id();
    let address = WebhookAddress { url: "https://a.example.org/x".to_owned(), secret: "s".to_owned() };
    let grant = may(&ann, Action::AddWebhook);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.add_webhook(hook, &address).await.unwrap();
    tx.commit(w.store.act(&grant, ("webhook", hook.into()))).await.unwrap();
    let list = async |who: &Principal| {
        let grant = may(who, Action::ListWebhooks);
        let mut tx = w.store.view(&grant).await.unwrap();
        let all = tx.webhooks().await.unwrap();
        tx.commit(w.store.act(&grant, ("agency", who.agency.into()))).await.unwrap();
        all
    };
    assert!(list(&bob).await.is_empty());
    assert_eq!(list(&ann).await[0].url, address.url);
    let end = async |who: &Principal| {
        let grant = may(who, Action::EndWebhook);
        let mut tx = w.store.begin(&grant).await.unwrap();
        let ended = tx.end_webhook(hook).await.unwrap();
        tx.commit(w.store.act(&grant, ("webhook", hook.into()))).await.unwrap();
        ended
    };
    let letter = NewLetter { target: Target::Webhook(hook), agency: ann.agency, notices: [(ann.member, id())].into() };
    write(&w, std::slice::from_ref(&letter)).await;
    settle(&w, &letter, 1, LetterFate::PutOff(w.clock.now(), 7)).await;
    settle(&w, &letter, 1, LetterFate::PutOff(w.clock.now(), 8)).await;
    let line = &list(&ann).await[0];
    assert_eq!((line.failures, line.why, line.good), (2, Some(8), None));
    settle(&w, &letter, 1, LetterFate::Sent).await;
    let line = &list(&ann).await[0];
    assert_eq!((line.failures, line.why, line.good), (0, None, Some(w.clock.now())));
    assert!(!end(&bob).await, "another agency's is not there");
    assert!(end(&ann).await && !end(&ann).await);
    let line = &list(&ann).await[0];
    assert_eq!((line.live, line.ended), (false, Some(w.clock.now())));
});

on_both!(who_left_and_whose_agency_is_suspended_is_told_nothing, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    let hook: WebhookId = id();
    let grant = may(&with_roles(&bob, &[Role::AgencyAdministrator]), Action::AddWebhook);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let address = WebhookAddress { url: "https://b.example.org/".to_owned(), secret: "s".to_owned() };
    tx.add_webhook(hook, &address).await.unwrap();
    tx.commit(w.store.act(&grant, ("webhook", hook.into()))).await.unwrap();
    let told = async || {
        let grant = w.worker(Action::Deliver);
        let mut tx = w.store.begin(&grant).await.unwrap();
        let recipients = tx.recipients(&[ann.member, bob.member]).await.unwrap();
        let hooks = tx.webhook_addresses(&[(bob.agency, hook)].into()).await.unwrap();
        let elsewhere = tx.webhook_addresses(&[(ann.agency, hook)].into()).await.unwrap();
        tx.commit(w.store.act(&grant, ("letter", uuid()))).await.unwrap();
        assert!(elsewhere.is_empty(), "a webhook is one agency's");
        let working = recipients.values().filter(|r| !r.principal.suspended).map(|r| r.address.clone());
        (working.collect::<Vec<_>>().len(), hooks.len())
    };
    assert_eq!(told().await, (2, 1));
    let mut raw = w.raw().await;
    raw.exec("UPDATE member SET active = FALSE WHERE id = $1", &[Bind::Id(ann.member.into())]).await;
    assert_eq!(told().await, (1, 1));
    raw.exec("UPDATE agency SET suspended = TRUE WHERE id = $1", &[Bind::Id(bob.agency.into())]).await;
    assert_eq!(told().await, (0, 0));
});

on_both!(a_letter_that_was_given_up_names_the_event_in_which_it_stands, w => {
    let ann = w.officer("ann").await;
    let letter = mail(&ann, &told(&w, &ann, 0..1, None).await);
    write(&w, std::slice::from_ref(&letter)).await;
    let grant = w.worker(Action::Deliver);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let act = w.store.act(&grant, ("letter", uuid())).shown([letter.id().into()]);
    let event = act.id();
    let (id, target, agency) = (letter.id(), letter.target, letter.agency);
    tx.settle_letters(&[LetterEnd { id, target, agency, tries: 1, fate: LetterFate::GivenUp(4) }], event).await.unwrap();
    tx.commit(act).await.unwrap();
    let mut raw = w.raw().await;
    let found = "SELECT COUNT(*) FROM letter WHERE id = $1 AND event = $2 AND state = 2 AND why = 4 AND next_us IS NULL";
    assert_eq!(raw.int(found, &[Bind::Id(id.into()), Bind::Id(event.into())]).await, 1);
});
