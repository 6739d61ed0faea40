//! Bulk: more values than one person may in one go; a second person; a job that ends as it should however it ends.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use casework::model::*;
use casework::{
    BulkJob, BulkLabels, BulkOrder, CaseIntake, CheckOrder, Error, Exit, Limits, NewCase, Principal, Reading,
};
use common::*;
use policy::{Action, Facts, Policies, Standing, decide};

/// A house with small limits: ten values at once, slices of four, three slices a round.
fn small(mut house: House) -> House {
    let limits = Limits {
        values_at_once: 10,
        slice_least: 4,
        slice_most: 4,
        slices_a_job: 1_000,
        slices_a_round: 3,
        ..Limits::built_in().unwrap()
    };
    house.desk = house.desk.with_limits(limits);
    house
}

fn signed_in(who: &Principal) -> Principal {
    Principal { standing: Standing::Credential, ..who.clone() }
}

/// `n` addresses, of which those named stand at their places.
fn csv(n: usize, planted: &[(usize, &str)]) -> String {
    let row = |at: usize| match planted.iter().find(|(place, _)| *place == at) {
        Some((_, value)) => format!("email,{value}@example.org"),
        None => format!("email,miss{at}@example.org"),
    };
    format!("kind,value\n{}\n", (0..n).map(row).collect::<Vec<_>>().join("\n"))
}

fn reading(csv: &str) -> Reading {
    casework::read("bulk.csv", csv.as_bytes())
}

fn order(house: &House, verb: BulkVerb, case: &CaseNumber, csv: &str) -> BulkOrder {
    BulkOrder {
        verb,
        case: case.clone(),
        authority: Authority::ProviderReturn,
        process: FreeText::parse("return of 3 May to subpoena 26-117").unwrap(),
        purpose: Purpose::parse("whom else the account wrote to").unwrap(),
        file: "bulk.csv".to_owned(),
        reading: reading(csv),
        labels: BulkLabels::default(),
        request: house.desk.request(),
    }
}

/// An agency with an asker, a supervisor beside the case's own, and an open case.
struct Agency {
    asker: Principal,
    second: Principal,
    case: CaseNumber,
}

async fn agency(house: &House, number: &str) -> Agency {
    let agency = house.agency(AgencyKind::Local).await;
    let second = house.member(agency, &[Role::Supervisor]).await;
    let asker = house.member(agency, &[]).await;
    let case = house.case(&asker, number, Some(second.member)).await;
    Agency { asker: signed_in(&asker), second: signed_in(&second), case }
}

impl Agency {
    async fn approved(&self, house: &House, verb: BulkVerb, csv: &str) -> BulkId {
        let id = house.desk.ask_bulk(&self.asker, order(house, verb, &self.case, csv)).await.unwrap();
        house.desk.approve_bulk(&self.second, id).await.unwrap();
        id
    }

    async fn job(&self, house: &House, id: BulkId) -> BulkJob {
        house.desk.bulk_job(&self.asker, id).await.unwrap()
    }
}

/// Rounds until nothing is left to do at once.
async fn run(house: &House) {
    for _ in 0..200 {
        let round = house.desk.work_bulk().await.unwrap();
        assert_eq!(round.failed, 0);
        if !round.more {
            return;
        }
    }
    panic!("it never ends");
}

/// Is anything left of the job's upload? Past the desk, as the worker sees it.
async fn upload_is_gone(house: &House, agency: AgencyId, id: BulkId) -> bool {
    let store = house.desk.store();
    let facts = store.bulk_facts(agency, id).await.unwrap().unwrap();
    let policies = Policies::built_in().unwrap();
    let worker = Principal::worker("bulk");
    let grant = decide(&policies, &worker, Action::RunBulk, &Facts::default(), house.desk.request()).unwrap();
    let mut tx = store.view(&grant).await.unwrap();
    let left = tx.bulk_part(&facts).await.unwrap();
    tx.commit(store.act(&grant, ("bulk job", id.into()))).await.unwrap();
    left.is_none()
}

fn refused(e: Error) -> String {
    assert_eq!(e.exit(), Exit::Refused, "{e}");
    e.to_string()
}

#[tokio::test]
async fn over_the_limit_one_person_is_sent_to_a_bulk_job_and_the_operator_is_not() {
    let house = small(house(store::Engine::Sqlite).await);
    let a = agency(&house, "A-1").await;
    let check = |n| CheckOrder {
        purpose: Purpose::parse("before a knock on the door").unwrap(),
        case: Some(a.case.clone()),
        nexus: None,
        file: "q.csv".to_owned(),
        reading: reading(&csv(n, &[])),
        request: house.desk.request(),
    };
    house.desk.check(&a.asker, check(10)).await.unwrap();
    house.desk.submit(&a.asker, house.order(&a.case, &csv(10, &[]))).await.unwrap();
    let said = refused(house.desk.check(&a.asker, check(11)).await.unwrap_err());
    for words in ["these are 11, and 10 are allowed (limits-1)", "concord bulk ask", "many-1"] {
        assert!(said.contains(words), "{said}");
    }
    refused(house.desk.submit(&a.asker, house.order(&a.case, &csv(11, &[]))).await.unwrap_err());
    // Cut into cases it is as many.
    let intake = |number: &str, values: &str| {
        let number = CaseNumber::parse(number).unwrap();
        CaseIntake {
            order: house.order(&number, &csv(6, &[(0, values)])),
            case: NewCase {
                number,
                threat_area: ThreatArea::Enticement,
                nexus: Nexus::parse("contact began in a chat room").unwrap(),
                predicate: Predicate::facts("a provider's answer").unwrap(),
                offence: None,
                supervisor: None,
                contact: None,
                marking: Marking::default(),
            },
        }
    };
    let batch = || vec![intake("A-2", "fox"), intake("A-3", "owl")];
    for fate in house.desk.take_in(&a.asker, batch()).await.unwrap() {
        assert!(refused(fate.unwrap_err()).contains("these are 12"));
    }
    // Whoever sits at the machine that holds the keys is outside this, and the events say so.
    let asserted = Principal { standing: Standing::Asserted, ..a.asker.clone() };
    house.desk.check(&asserted, check(11)).await.unwrap();
    house.desk.submit(&asserted, house.order(&a.case, &csv(11, &[]))).await.unwrap();
    assert!(house.desk.take_in(&asserted, batch()).await.unwrap().iter().all(Result::is_ok));
}

on_both!(
    /// From the asking to the answer: a second person, truthful progress, every planted conflict once, words from the desk
    /// once, silent as a miss, and nothing of the upload left.
    a_job_finds_what_is_planted_and_leaves_nothing_of_its_upload, house => {
        let house = small(house);
        let b = agency(&house, "B-1").await;
        house.submit(&b.asker, &b.case, "kind,value,role,age\nemail,fox@example.org,unknown,\nemail,owl@example.org,unknown,\nemail,kid@example.org,victim,minor\n").await;
        house.submit_silent(&b.asker, &b.case, "kind,value\nemail,hush@example.org\n", &b.second).await.unwrap();
        for verb in [BulkVerb::Check, BulkVerb::Submit] {
            let a = agency(&house, &format!("A-{verb}")).await;
            // 22 values in six slices; what meets stands in the first, a middle and the last one, one value twice.
            let file = csv(22, &[(0, "fox"), (9, "owl"), (10, "kid"), (13, "hush"), (20, "kid"), (21, "fox")]);
            let id = house.desk.ask_bulk(&a.asker, order(&house, verb, &a.case, &file)).await.unwrap();
            let job = a.job(&house, id).await;
            assert_eq!((job.state, job.total, job.done, job.answer), (BulkState::Waiting, 22, 0, false));
            assert_eq!((job.authority, job.process.as_str()), (Authority::ProviderReturn, "return of 3 May to subpoena 26-117"));
            run(&house).await;
            assert_eq!(a.job(&house, id).await.done, 0, "nothing is worked before a second person");
            assert!(house.desk.bulk_answer(&a.asker, id).await.is_err());
            let told = house.inbox(&a.second).await;
            assert!(told.items[0].note.as_ref().unwrap().contains(&format!("22 values of bulk.csv in case A-{verb}")));

            refused(house.desk.approve_bulk(&a.asker, id).await.unwrap_err());
            assert!(matches!(house.desk.approve_bulk(&b.second, id).await, Err(Error::NotFound("bulk job"))));
            assert!(matches!(house.desk.bulk_job(&b.second, id).await, Err(Error::NotFound("bulk job"))));
            house.desk.approve_bulk(&a.second, id).await.unwrap();
            assert!(matches!(house.desk.approve_bulk(&a.second, id).await, Err(Error::NotNow(_))));
            assert_eq!(a.job(&house, id).await.state, BulkState::Approved);

            let round = house.desk.work_bulk().await.unwrap();
            assert_eq!((round.slices, round.ended, round.more), (3, 0, true));
            let job = a.job(&house, id).await;
            assert_eq!((job.state, job.done), (BulkState::Running, 12));
            run(&house).await;
            let job = a.job(&house, id).await;
            assert_eq!((job.state, job.done, job.total, job.answer), (BulkState::Done, 22, 22, true));
            assert!(job.decided_by.is_some() && job.ended.is_some() && job.until.is_none());
            assert!(upload_is_gone(&house, a.asker.agency, id).await);
            assert_eq!(house.desk.work_bulk().await.unwrap(), casework::BulkRound::default(), "nothing is left to do");

            let answer = house.desk.bulk_answer(&a.asker, id).await.unwrap();
            assert_eq!((answer.entries, answer.receipts.len()), (22, 6));
            assert_eq!(answer.conflicts.len(), 1, "one pair of cases, one conflict");
            let yours: Vec<_> = answer.conflicts[0].matches.iter().map(|m| m.yours.as_str()).collect();
            assert_eq!(yours, ["fox@example.org", "owl@example.org"], "each value once, in the order of the file");
            let desk: Vec<_> = answer.desk.iter().map(|d| d.yours.as_str()).collect();
            assert_eq!(desk, ["kid@example.org"], "once, though it stands twice");
            assert!(!serde_json::to_string(&answer).unwrap().contains("hush"), "silent is a miss");
            let kept = house.desk.case_view(&a.asker, &a.case, None).await.unwrap().entries.len();
            // Of a question only what met something is kept: each time it was sent.
            assert_eq!(kept, if verb == BulkVerb::Submit { 22 } else { 5 });
            let inbox = house.inbox(&a.asker).await;
            let notes: Vec<_> = inbox.items.iter().filter_map(|i| i.note.as_deref()).filter(|n| n.contains("ulk job")).collect();
            assert_eq!(notes.len(), 2, "approved and done: {notes:?}");
        }
        assert!(house.desk.verify_ledger(&Principal::operator(), |_| ()).await.unwrap().sound());
    }
);

#[tokio::test]
async fn a_bad_file_is_told_whole_and_nothing_of_it_waits() {
    let house = small(house(store::Engine::Sqlite).await);
    let a = agency(&house, "A-1").await;
    let bad =
        "kind,value,level\nemail,fine@example.org,\nmd5,xyz,\nemail,quiet@example.org,silent\nsha1,12,\nnokind,1,\n";
    let told = house.desk.ask_bulk(&a.asker, order(&house, BulkVerb::Submit, &a.case, bad)).await.unwrap_err();
    let Error::File { problems, .. } = told else { panic!("{told}") };
    let places: Vec<_> = problems.iter().map(|p| p.place.as_str()).collect();
    assert_eq!(places, ["line 3", "line 4", "line 5", "line 6"]);
    assert!(house.desk.bulk_jobs(&a.asker, None, 10).await.unwrap().jobs.is_empty());
    let empty = house.desk.ask_bulk(&a.asker, order(&house, BulkVerb::Check, &a.case, "kind,value\n")).await;
    assert!(matches!(empty, Err(Error::File { .. })));
    // An agency of one has nobody who could be the second.
    let alone = house.agency(AgencyKind::Local).await;
    let alone = house.member(alone, &[Role::Investigator, Role::Supervisor]).await;
    let case = house.case(&alone, "ALONE", None).await;
    let asked = house.desk.ask_bulk(&alone, order(&house, BulkVerb::Check, &case, &csv(11, &[]))).await;
    assert!(matches!(asked, Err(Error::NotNow(why)) if why.contains("no other supervisor")));
}

#[tokio::test]
async fn a_request_sent_again_is_the_same_job_and_a_list_goes_on_where_it_ended() {
    let house = small(house(store::Engine::Sqlite).await);
    let a = agency(&house, "A-1").await;
    let request = house.desk.request();
    let same = |n| BulkOrder { request, ..order(&house, BulkVerb::Check, &a.case, &csv(n, &[])) };
    let first = house.desk.ask_bulk(&a.asker, same(11)).await.unwrap();
    assert_eq!(house.desk.ask_bulk(&a.asker, same(11)).await.unwrap(), first);
    assert!(matches!(house.desk.ask_bulk(&a.asker, same(12)).await, Err(Error::Store(store::Error::Exists(_)))));
    let mut all = vec![first];
    for _ in 0..4 {
        house.clock.advance(1);
        all.push(house.desk.ask_bulk(&a.asker, order(&house, BulkVerb::Check, &a.case, &csv(11, &[]))).await.unwrap());
    }
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = house.desk.bulk_jobs(&a.second, before, 2).await.unwrap().jobs;
        let Some(last) = page.last() else { break };
        before = Some(last.job.parse().unwrap());
        seen.extend(page.into_iter().map(|j| j.job.parse::<BulkId>().unwrap()));
    }
    all.reverse();
    assert_eq!(seen, all, "the newest first, each once");
    let other = agency(&house, "O-1").await;
    assert!(house.desk.bulk_jobs(&other.second, None, 10).await.unwrap().jobs.is_empty());
    assert!(matches!(
        house.desk.bulk_jobs(&other.second, Some(first), 10).await,
        Err(Error::Store(store::Error::NotFound(_)))
    ));
}

on_both!(
    /// A question in bulk keeps nothing of what met nothing: not in its answer, its receipts, nor what a look kept of it.
    misses_are_kept_nowhere_once_the_last_look_is_done, house => {
        let house = small(house);
        let (a, b) = (agency(&house, "A-1").await, agency(&house, "B-1").await);
        house.submit(&b.asker, &b.case, &csv(1, &[(0, "fox")])).await;
        let list = format!("{}ip,192.168.0.7\n", csv(6, &[(1, "fox")]));
        let id = a.approved(&house, BulkVerb::Check, &list).await;
        run(&house).await;
        let answer = house.desk.bulk_answer(&a.asker, id).await.unwrap();
        let said = serde_json::to_string(&answer).unwrap();
        assert!(said.contains("fox@example.org") && !said.contains("miss") && !said.contains("192.168"), "{said}");
        assert_eq!(answer.suppressed[0].value, "line 8", "its place stands for it");
        for (n, id) in answer.receipts.iter().enumerate() {
            let receipt = house.desk.receipt(&a.asker, id.parse().unwrap()).await.unwrap();
            assert!(!receipt.contains("miss"), "{receipt}");
            let receipt: serde_json::Value = serde_json::from_str(&receipt).unwrap();
            let statement: serde_json::Value = serde_json::from_str(receipt["statement"].as_str().unwrap()).unwrap();
            assert_eq!(statement["asked"].as_array().unwrap().len(), [1, 0][n]);
            assert_eq!(statement["asked_in_all"], [4, 2][n]);
            assert!(statement["purpose"].as_str().unwrap().contains("provider-return: return of 3 May"));
        }
        let supervisor = Principal { standing: Standing::Asserted, ..a.second.clone() };
        let kept = async || {
            let store = house.desk.store();
            let facts = Facts { agency: Some(a.asker.agency), ..Facts::default() };
            let policies = Policies::built_in().unwrap();
            let grant = decide(&policies, &supervisor, Action::Export, &facts, house.desk.request()).unwrap();
            let mut tx = store.view(&grant).await.unwrap();
            let mut all = String::new();
            for id in &answer.receipts {
                all += &String::from_utf8(tx.whole_submission(id.parse().unwrap()).await.unwrap().detail).unwrap();
            }
            tx.commit(store.act(&grant, ("agency", a.asker.agency.into()))).await.unwrap();
            all
        };
        assert!(kept().await.contains("miss"), "the last look still needs it");
        house.clock.advance(700);
        house.desk.work(None).await.unwrap();
        house.clock.advance(60);
        house.desk.work(None).await.unwrap();
        let left = kept().await;
        assert!(left.contains("fox@example.org") && !left.contains("miss"), "{left}");
        assert_eq!(house.desk.work_bulk().await.unwrap(), casework::BulkRound::default());
        house.clock.advance(86_400);
        assert!(house.desk.store().bulk_due(Clock::now(&*house.clock), 9).await.unwrap().is_empty(), "and nothing is left to do");
        assert!(house.desk.verify_ledger(&Principal::operator(), |_| ()).await.unwrap().sound());
    }
);

on_both!(
    /// Cancelled while it runs: the upload is gone at once, what was stored stays and is listed.
    a_cancelled_job_lists_what_was_stored, house => {
        let house = small(house);
        let (a, b) = (agency(&house, "A-1").await, agency(&house, "B-1").await);
        house.submit(&b.asker, &b.case, &csv(1, &[(0, "fox")])).await;
        let id = a.approved(&house, BulkVerb::Submit, &csv(40, &[(2, "fox"), (30, "fox")])).await;
        assert_eq!(house.desk.work_bulk().await.unwrap().slices, 3);
        let stranger = Principal { member: b.asker.member, ..a.asker.clone() };
        refused(house.desk.cancel_bulk(&stranger, id).await.unwrap_err());
        house.desk.cancel_bulk(&a.second, id).await.unwrap();
        assert!(upload_is_gone(&house, a.asker.agency, id).await);
        assert!(matches!(house.desk.cancel_bulk(&a.asker, id).await, Err(Error::NotNow(_))));
        run(&house).await;
        let job = a.job(&house, id).await;
        assert_eq!((job.state, job.done, job.total, job.answer), (BulkState::Cancelled, 12, 40, true));
        assert!(job.says.unwrap().contains("What was worked before stays"));
        let answer = house.desk.bulk_answer(&a.asker, id).await.unwrap();
        assert_eq!((answer.entries, answer.total, answer.receipts.len(), answer.conflicts.len()), (12, 40, 3, 1));
        assert_eq!(house.desk.case_view(&a.asker, &a.case, None).await.unwrap().entries.len(), 12);
        let told = house.inbox(&a.asker).await;
        assert!(told.items.iter().any(|i| i.note.as_deref().is_some_and(|n| n.contains("ended it"))));

        // Before it was begun: nothing was worked, and there is no answer.
        let id = house.desk.ask_bulk(&a.asker, order(&house, BulkVerb::Submit, &a.case, &csv(12, &[]))).await.unwrap();
        house.desk.cancel_bulk(&a.asker, id).await.unwrap();
        run(&house).await;
        assert!(upload_is_gone(&house, a.asker.agency, id).await);
        assert!(!a.job(&house, id).await.answer);
    }
);

#[tokio::test]
async fn a_refused_job_tells_why_and_its_upload_is_gone() {
    let house = small(house(store::Engine::Sqlite).await);
    let a = agency(&house, "A-1").await;
    let id = house.desk.ask_bulk(&a.asker, order(&house, BulkVerb::Check, &a.case, &csv(12, &[]))).await.unwrap();
    let why = FreeText::parse("the subpoena does not cover it").unwrap();
    refused(house.desk.refuse_bulk(&a.asker, id, why.clone()).await.unwrap_err());
    house.desk.refuse_bulk(&a.second, id, why).await.unwrap();
    run(&house).await;
    let job = a.job(&house, id).await;
    assert_eq!(
        (job.state, job.done, job.says.as_deref()),
        (BulkState::Refused, 0, Some("the subpoena does not cover it"))
    );
    assert!(upload_is_gone(&house, a.asker.agency, id).await);
    assert!(matches!(house.desk.bulk_answer(&a.asker, id).await, Err(Error::NotNow(why)) if why.contains("refused")));
    let told = house.inbox(&a.asker).await;
    assert!(told.items[0].note.as_ref().unwrap().contains("does not cover it"));
}

#[tokio::test]
async fn what_may_not_go_on_stops_with_words_and_keeps_what_was_worked() {
    let house = small(house(store::Engine::Sqlite).await);
    // Nobody approved it in time.
    let a = agency(&house, "A-1").await;
    let id = house.desk.ask_bulk(&a.asker, order(&house, BulkVerb::Check, &a.case, &csv(12, &[]))).await.unwrap();
    house.clock.advance(168 * 3_600 + 1);
    run(&house).await;
    let job = a.job(&house, id).await;
    assert_eq!((job.state, job.done, job.answer), (BulkState::Failed, 0, false));
    assert!(job.says.unwrap().contains("Nobody approved it in time"));
    assert!(upload_is_gone(&house, a.asker.agency, id).await);
    // The case was closed in the middle of it.
    for verb in [BulkVerb::Check, BulkVerb::Submit] {
        let a = agency(&house, &format!("A-{verb}")).await;
        let id = a.approved(&house, verb, &csv(40, &[])).await;
        house.desk.work_bulk().await.unwrap();
        house.desk.close_case(&a.asker, &a.case, Outcome::Exhausted).await.unwrap();
        run(&house).await;
        let job = a.job(&house, id).await;
        assert_eq!((job.state, job.done, job.answer), (BulkState::Failed, 12, true));
        assert!(job.says.unwrap().contains("the case is closed"));
        assert!(upload_is_gone(&house, a.asker.agency, id).await);
        assert_eq!(house.desk.bulk_answer(&a.asker, id).await.unwrap().entries, 12);
        refused(house.desk.ask_bulk(&a.asker, order(&house, verb, &a.case, &csv(12, &[]))).await.unwrap_err());
    }
    // The asker's agency is suspended: a foreign one whose approval ran out.
    let foreign = house.agency(AgencyKind::Foreign).await;
    let second = house.member(foreign, &[Role::Supervisor]).await;
    let asker = house.member(foreign, &[]).await;
    let case = house.case(&asker, "F-1", None).await;
    let a = Agency { asker, second, case };
    let id = a.approved(&house, BulkVerb::Submit, &csv(40, &[])).await;
    house.desk.work_bulk().await.unwrap();
    house.clock.advance(400 * 86_400);
    run(&house).await;
    let facts = house.desk.store().bulk_facts(foreign, id).await.unwrap().unwrap();
    assert_eq!(facts.state, BulkState::Failed);
    assert!(upload_is_gone(&house, foreign, id).await);
}

on_both!(
    /// A case that goes to another agency takes no job along: what was asked in bulk stays with who asked, and stays
    /// readable there; a job that was not done stops.
    a_job_stays_when_its_case_goes, house => {
        let house = small(house);
        let (a, b) = (agency(&house, "A-1").await, agency(&house, "B-1").await);
        house.submit(&b.asker, &b.case, &csv(1, &[(0, "fox")])).await;
        let done = a.approved(&house, BulkVerb::Check, &csv(8, &[(5, "fox")])).await;
        run(&house).await;
        let running = a.approved(&house, BulkVerb::Submit, &csv(40, &[])).await;
        house.desk.work_bulk().await.unwrap();
        let to = agency(&house, "T-1").await;
        let why = FreeText::parse("he moved to your county").unwrap();
        let offer = house.desk.offer_transfer(&a.asker, &a.case, to.asker.agency, why).await.unwrap();
        let number = CaseNumber::parse("T-2").unwrap();
        let over = casework::TakeOver { number, lead: to.asker.member };
        house.desk.accept_transfer(&to.second, offer, over).await.unwrap();
        run(&house).await;
        let job = a.job(&house, running).await;
        assert_eq!((job.state, job.done, job.answer), (BulkState::Failed, 12, true));
        assert!(job.says.unwrap().contains("went to another agency"));
        assert!(upload_is_gone(&house, a.asker.agency, running).await);
        assert_eq!(house.desk.bulk_answer(&a.asker, running).await.unwrap().entries, 12);
        assert_eq!(house.desk.bulk_answer(&a.asker, done).await.unwrap().conflicts.len(), 1);
        assert!(house.desk.bulk_jobs(&to.second, None, 9).await.unwrap().jobs.is_empty(), "the receiver knows of none");
        let told = house.inbox(&to.asker).await;
        assert!(!told.items.iter().any(|i| i.note.as_deref().is_some_and(|n| n.contains("ulk job"))));
    }
);

/// Invariant 9: where a job stands, how many of how many, its answer and the ledger's size, byte for byte, with and without
/// a silent entry of another agency.
#[tokio::test]
async fn nothing_seen_of_a_job_depends_on_what_is_silent() {
    async fn run(silent: &str) -> Vec<String> {
        let house = small(house(store::Engine::Sqlite).await);
        let (a, b) = (agency(&house, "A-1").await, agency(&house, "B-1").await);
        house.submit(&b.asker, &b.case, &csv(1, &[(0, "fox")])).await;
        let hidden = csv(1, &[(0, silent)]);
        house.submit_silent(&b.asker, &b.case, &hidden, &b.second).await.unwrap();
        let mut seen = Vec::new();
        for (at, verb) in [BulkVerb::Check, BulkVerb::Submit].into_iter().enumerate() {
            house.chance.reseed(7 + at as u64);
            let id = a.approved(&house, verb, &csv(22, &[(3, "fox"), (9, "hush")])).await;
            for step in 0..4 {
                house.clock.advance(1);
                house.chance.reseed(100 + step);
                seen.push(format!("{:?}", house.desk.work_bulk().await.unwrap()));
                seen.push(serde_json::to_string(&a.job(&house, id).await).unwrap());
            }
            seen.push(serde_json::to_string(&house.desk.bulk_answer(&a.asker, id).await.unwrap()).unwrap());
            house.chance.reseed(200);
            seen.push(serde_json::to_string(&house.inbox(&a.asker).await).unwrap());
        }
        seen.push(house.desk.verify_ledger(&Principal::operator(), |_| ()).await.unwrap().size.to_string());
        seen
    }
    let (with, without) = (run("hush").await, run("nobodys").await);
    assert!(with.iter().any(|s| s.contains("fox@example.org")) && with.len() > 20);
    assert_eq!(with, without);
}

/// A spreadsheet that opens the answer runs nothing of it.
#[tokio::test]
async fn no_cell_of_a_downloaded_answer_is_a_formula() {
    let house = small(house(store::Engine::Sqlite).await);
    let (a, b) = (agency(&house, "A-1").await, agency(&house, "B-1").await);
    let value = "handle,\"=HYPERLINK(\"\"http://x\"\")\",discord\nphone,+1 206-555-0177,\n";
    let file = format!("kind,value,platform\n{value}");
    house.submit(&b.asker, &b.case, &file).await;
    let id = a.approved(&house, BulkVerb::Check, &file).await;
    run(&house).await;
    let csv = house.desk.bulk_answer(&a.asker, id).await.unwrap().to_csv();
    assert!(csv.contains("\"'=HYPERLINK") && csv.contains("'+1 206-555-0177"), "{csv}");
    let armed = |cell: &str| cell.trim_start_matches('"').starts_with(['=', '+', '-', '@']);
    assert!(!csv.lines().flat_map(|l| l.split(',')).any(armed), "{csv}");
}
