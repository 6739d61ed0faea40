//! What happens beside the cases of the story: letters, lists, bulk jobs.

use super::*;

/// A webhook and a mail of what waits for ann: tried twice, then sent; the webhook ended.
pub async fn letters(s: &mut Story<'_>, ann: &Principal) {
    let w = s.w;
    let keeper = with_roles(ann, &[Role::AgencyAdministrator]);
    let hook = id();
    let url = s.say("webhook", "https://signals.quillfeather.example.org/concord").to_owned();
    let secret = s.say("webhook secret", "a-secret-that-was-shown-once").to_owned();
    let grant = may(&keeper, Action::AddWebhook);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.add_webhook(hook, &store::WebhookAddress { url, secret }).await.unwrap();
    assert_eq!(tx.webhooks().await.unwrap().len(), 1);
    tx.commit(w.store.act(&grant, ("webhook", hook.into()))).await.unwrap();
    let grant = may(ann, Action::ChooseMail);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.choose_mail(true).await.unwrap();
    assert!(tx.mail_choice().await.unwrap());
    tx.commit(w.store.act(&grant, ("member", ann.member.into()))).await.unwrap();
    let of_a_conflict = NewNotice { conflict: Some(id()), ..s.notice(ann.member, ann.agency, Matter::Hold, None) };
    let grant = may(ann, Action::Look);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.notify(vec![of_a_conflict]).await.unwrap();
    tx.commit(w.store.act(&grant, ("look", uuid()))).await.unwrap();
    let grant = w.worker(Action::Deliver);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let waiting = tx.unposted(100).await.unwrap();
    let hers = waiting.iter().filter(|n| n.recipient == ann.member).map(|n| (n.recipient, n.id));
    let notices: std::collections::BTreeSet<_> = hers.collect();
    assert!(!notices.is_empty());
    assert_eq!(tx.wishes(&[ann.member], &[ann.agency]).await.unwrap().webhooks.len(), 1);
    let targets = [store::Target::Mail(ann.member), store::Target::Webhook(hook)];
    let letters = targets.map(|target| store::NewLetter { target, agency: ann.agency, notices: notices.clone() });
    assert_eq!(tx.add_letters(&letters).await.unwrap(), 2);
    tx.commit(w.store.act(&grant, ("letter", uuid()))).await.unwrap();
    let now = w.clock.now();
    for fate in [store::LetterFate::PutOff(now, 1), store::LetterFate::Sent] {
        let mut tx = w.store.begin(&grant).await.unwrap();
        let due = tx.take_letters(true, true, 9, now.plus_seconds(60)).await.unwrap();
        assert_eq!(due.len(), 2);
        assert!(!tx.standing_notices(&notices).await.unwrap().is_empty());
        assert_eq!(tx.recipients(&[ann.member]).await.unwrap().len(), 1);
        assert_eq!(tx.webhook_addresses(&[(ann.agency, hook)].into()).await.unwrap().len(), 1);
        let ends =
            due.iter().map(|l| store::LetterEnd { id: l.id, target: l.target, agency: l.agency, tries: l.tries, fate });
        let ends: Vec<_> = ends.collect();
        let act = w.store.act(&grant, ("letter", uuid()));
        tx.settle_letters(&ends, act.id()).await.unwrap();
        tx.note_calls(&ends).await.unwrap();
        tx.commit(act).await.unwrap();
    }
    let grant = may(&keeper, Action::EndWebhook);
    let mut tx = w.store.begin(&grant).await.unwrap();
    assert!(tx.end_webhook(hook).await.unwrap());
    tx.commit(w.store.act(&grant, ("webhook", hook.into()))).await.unwrap();
}

/// All of one's own, as pages read it.
pub async fn lists(w: &World, ann: &Principal, a: CaseId, submission: SubmissionId) {
    let grant = may(ann, Action::Inbox);
    let mut tx = w.store.view(&grant).await.unwrap();
    for (state, n) in [(None, 1), (Some(SideState::Resolved), 0)] {
        let queue = store::Queue { state, overdue: false, mine: false };
        assert_eq!(tx.side_page(queue, None, 9).await.unwrap().len(), n);
    }
    assert_eq!(tx.own_numbers(&[a]).await.unwrap().len(), 1);
    tx.commit(w.store.act(&grant, ("conflicts", uuid()))).await.unwrap();
    let grant = may(ann, Action::ViewCase);
    let mut tx = w.store.view(&grant).await.unwrap();
    let cases = tx.listed_cases(store::CasesOf::default(), None, 9).await.unwrap();
    assert_eq!((cases.len(), cases[0].entries, cases[0].conflicts), (1, 2, 1));
    assert_eq!(tx.own_names(&[ann.member]).await.unwrap().len(), 1);
    assert_eq!(tx.submitted_entries(a, submission, id_nil_entry(), 9).await.unwrap().len(), 2);
    assert_eq!(tx.entries_of_submissions(a, &[submission]).await.unwrap().len(), 2);
    assert_eq!(tx.open_sides_in(a).await.unwrap().len(), 1);
    tx.asked_in(a, ann.member, 9).await.unwrap();
    tx.commit(w.store.act(&grant, ("cases", uuid()))).await.unwrap();
    let grant = may(ann, Action::GetReceipt);
    let mut tx = w.store.view(&grant).await.unwrap();
    for (mine, case) in [(false, None), (true, None), (true, Some(a))] {
        let of = store::SubmissionsOf { verb: None, mine, case };
        assert_eq!(tx.listed_submissions(of, None, 9).await.unwrap().len(), 1);
    }
    tx.commit(w.store.act(&grant, ("submissions", uuid()))).await.unwrap();
    let grant = may(ann, Action::ListAgencies);
    let mut tx = w.store.view(&grant).await.unwrap();
    assert_eq!(tx.directory_page(None, 9).await.unwrap().len(), 2);
    assert!(tx.directory_entry(ann.agency).await.unwrap().is_some());
    tx.commit(w.store.act(&grant, ("agencies", uuid()))).await.unwrap();
    let grant = may(ann, Action::Correct);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.note_successor(a, ann.agency, &[id()], submission).await.unwrap();
    tx.commit(w.store.act(&grant, ("case", a.into()))).await.unwrap();
}

/// Bulk jobs to each of their ends.
pub async fn bulk(s: &mut Story<'_>, hers: Filed<'_>) {
    let w = s.w;
    let (ann, a, first) = hers;
    let order = s.say("bulk order", "return of the lighthouse provider").as_bytes();
    let parts: Vec<Vec<u8>> =
        vec![s.say("upload", "heron_one heron_two").into(), s.say("upload", "heron_three heron_four").into()];
    let mut jobs = Vec::new();
    for _ in 0..4 {
        let (new, grant) = (bulk_of(a, order, &parts), may(ann, Action::AskBulk));
        let mut tx = w.store.begin(&grant).await.unwrap();
        assert!(tx.bulk_approvers().await.unwrap().is_empty(), "she is alone");
        assert_eq!(tx.own_name().await.unwrap(), "Désirée Quillfeather");
        tx.add_bulk(&new).await.unwrap();
        tx.commit(w.store.act(&grant, ("bulk job", new.id.into()))).await.unwrap();
        jobs.push(w.store.bulk_facts(ann.agency, new.id).await.unwrap().unwrap());
    }
    let said = s.say("decision", "the warrant covers the lighthouse").as_bytes();
    for (job, approved) in jobs.iter().zip([true, true, false]) {
        let grant = second(ann, Action::ApproveBulk);
        let mut tx = w.store.begin(&grant).await.unwrap();
        tx.decide_bulk(job, approved, said).await.unwrap();
        tx.commit(w.store.act(&grant, ("bulk job", job.id.into()))).await.unwrap();
    }
    let (soon, until) = (w.clock.now().plus_seconds(1), w.clock.now().plus_seconds(60));
    assert_eq!(w.store.bulk_due(soon, 9).await.unwrap().len(), 2);
    let grant = w.worker(Action::RunBulk);
    let mut held = Vec::new();
    for job in &jobs[..2] {
        let mut tx = w.store.begin(&grant).await.unwrap();
        let worker = uuid();
        let row = tx.take_bulk(job.agency, job.id, worker, until).await.unwrap().unwrap();
        held.push(store::BulkHeld { facts: row.facts, worker });
        let (part, clear) = tx.bulk_part(job).await.unwrap().unwrap();
        assert_eq!((part, &clear), (0, &parts[0]));
        assert!(tx.advance_bulk(&held[held.len() - 1], part, 2, until).await.unwrap());
        tx.commit(w.store.act(&grant, ("bulk job", job.id.into()))).await.unwrap();
    }
    let words = s.say("how it ended", "Sergeant U. thought better of it").as_bytes();
    for at in [1, 3] {
        let job = w.store.bulk_facts(ann.agency, jobs[at].id).await.unwrap().unwrap();
        let grant = may(ann, Action::CancelBulk);
        let mut tx = w.store.begin(&grant).await.unwrap();
        tx.cancel_bulk(&job, words).await.unwrap();
        tx.commit(w.store.act(&grant, ("bulk job", job.id.into()))).await.unwrap();
    }
    let answer = s.say("bulk answer", "one meeting in the lighthouse").as_bytes();
    let mut tx = w.store.begin(&grant).await.unwrap();
    let slices = [first.submission];
    assert_eq!(tx.slice_answers(&jobs[0], &slices).await.unwrap().len(), 1);
    let looked_at = tx.slices_looked_at(&jobs[0], &slices).await.unwrap();
    let kept = looked_at.into_iter().map(|l| (l.submission, l.detail)).collect();
    tx.forget_misses(&jobs[0], &kept).await.unwrap();
    assert!(tx.end_bulk(&held[0], model::BulkState::Done, Some(words), Some(answer), None).await.unwrap());
    tx.answer_bulk(&held[1], 2, answer, None).await.unwrap();
    tx.release_bulk(&held[1], None).await.unwrap();
    tx.commit(w.store.act(&grant, ("bulk job", jobs[0].id.into()))).await.unwrap();
    let grant = may(ann, Action::ViewBulk);
    let mut tx = w.store.view(&grant).await.unwrap();
    assert_eq!(tx.bulk_page(None, 9).await.unwrap().len(), 4);
    assert!(tx.bulk_page(Some(jobs[0].id), 9).await.unwrap().len() < 4);
    assert_eq!(tx.bulk_row(jobs[0].id).await.unwrap().order, order);
    assert_eq!(tx.bulk_answer(jobs[1].id).await.unwrap().as_deref(), Some(answer));
    tx.commit(w.store.act(&grant, ("bulk jobs", uuid()))).await.unwrap();
}
