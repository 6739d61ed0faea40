//! A check of 100,000 identifiers, one in a hundred held, whole and by stage.

use std::fmt::Write;
use std::time::{Duration, Instant};

use casework::CheckOrder;
use matching::{Identifier, Lists, Me, Reading};
use model::{AgeClass, EntryRole, Kind, Level, Micros, Purpose, SubmissionId, Window};
use policy::{Action, Facts, Policies};
use store::{Among, Ask, NewSubmission, SubmissionVerb};
use testkit::measure::{Spread, grouped, part, table, took};
use testkit::nation::NationCase;

use crate::lookup::may_look;
use crate::world::World;

const MANY: usize = 100_000;
const EACH: usize = 100;

/// So many identifiers as an officer's CSV: one of `each` from the nation, the others new and by nobody else's hand.
pub fn values(w: &World, first: usize, many: usize, each: usize) -> String {
    let mut out = String::from("kind,value,platform\n");
    let mut known = (first..).filter_map(|n| {
        let NationCase { entries, .. } = w.nation.case((n as u64).wrapping_mul(7) % w.nation.case_count());
        let good = |k: Kind| matches!(k, Kind::Email | Kind::Sha1 | Kind::Md5 | Kind::Sha256 | Kind::Domain);
        entries.into_iter().find(|e| {
            good(e.kind) && e.level_or(Level::Open) == Level::Open && !e.value.contains(['"', '\n', '*', '?'])
        })
    });
    for n in first..first + many {
        if n % each == 0 {
            let e = known.next().unwrap();
            writeln!(out, "{},\"{}\",", e.kind.word(), e.value).unwrap();
            continue;
        }
        match n % 10 {
            0..=3 => writeln!(out, "email,fresh.{n}@mail{}.example.org,", n % 7),
            4 | 5 => writeln!(out, "handle,fresh_{n},Twitter"),
            6 => writeln!(out, "ip,2001:db8:{:x}:{:x}::1,", n >> 16, n & 0xffff),
            7 => writeln!(out, "url,https://example.org/fresh/{n},"),
            _ => writeln!(out, "md5,{:032x},", n as u128 * 0x9e37_79b9_7f4a_7c15),
        }
        .unwrap();
    }
    out
}

fn timed<T>(all: &mut Vec<Duration>, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let out = work();
    all.push(start.elapsed());
    out
}

#[derive(Default)]
struct Stages {
    whole: Vec<Duration>,
    read: Vec<Duration>,
    normalise: Vec<Duration>,
    fingerprint: Vec<Duration>,
    policy: Vec<Duration>,
    question: Vec<Duration>,
    look: Vec<Duration>,
    judge: Vec<Duration>,
    ledger: Vec<Duration>,
}

pub async fn run(w: &World, runs: usize) {
    let (mut s, lists, policies) = (Stages::default(), Lists::built_in(), Policies::built_in().unwrap());
    let store = w.desk.store();
    let (mut tokens, mut hits, mut lines, mut bytes) = (0, 0, 0, 0);
    for run in 0..=runs {
        let (who, number) = w.lead(run as u64 * 11 + 5);
        let csv = values(w, (run + 1) * MANY, MANY, EACH);
        let reading = timed(&mut s.read, || casework::read("check.csv", csv.as_bytes()));
        let drafts = reading.drafts.clone();
        // The whole of it.
        let start = Instant::now();
        let purpose = Purpose::parse("to learn whether another unit works on these accounts").unwrap();
        let order = CheckOrder {
            purpose,
            case: Some(number.clone()),
            nexus: None,
            file: "check.csv".to_owned(),
            reading,
            request: w.desk.request(),
        };
        let answer = w.desk.check(&who, order).await.unwrap();
        s.whole.push(start.elapsed());
        lines = answer.conflicts.len();
        eprintln!(
            "{:?} check {:?}, {lines} lines, {} desk, {} suppressed",
            w.engine,
            start.elapsed(),
            answer.desk.len(),
            answer.suppressed.len()
        );
        // Its parts, called by themselves with the same values.
        let region = Reading { country: who.country };
        let normals: Vec<_> = timed(&mut s.normalise, || {
            let read =
                |d: &model::EntryDraft| match matching::normalise(d.kind, &d.value, d.platform.as_deref(), &region) {
                    Ok(Identifier::Whole(n)) if lists.suppressed(&n).is_none() => Some(n),
                    _ => None,
                };
            drafts.iter().filter_map(read).collect()
        });
        let space = store.spaces()[0];
        let probes: Vec<_> = timed(&mut s.fingerprint, || {
            let keys = normals.iter().map(|n| matching::probes_with(n, &lists));
            keys.map(|all| {
                all.into_iter().map(|k| (k.family, store.token(space, &k.text).unwrap())).collect::<Vec<_>>()
            })
            .collect()
        });
        let facts = Facts {
            agency: Some(who.agency),
            lead: Some(who.member),
            status_open: true,
            has_nexus: true,
            has_predicate: true,
            ..Facts::default()
        };
        let may_check = timed(&mut s.policy, || {
            policy::decide(&policies, &who, Action::Check, &facts, w.desk.request()).ok().unwrap()
        });
        let case = store.case_facts(who.agency, &number).await.unwrap().unwrap().id;
        bytes = w.pool.number("SELECT CAST(MAX(length(sealed)) AS BIGINT) FROM submission_detail").await as usize;
        let detail = vec![b'x'; bytes];
        let start = Instant::now();
        let id = SubmissionId::new(store.clock(), store.chance());
        let mut tx = store.begin(&may_check).await.unwrap();
        let new = NewSubmission {
            id,
            member: who.member,
            case: Some(case),
            request: w.desk.request(),
            digest: [0; 32].into(),
            postings: 0,
            detail: &detail,
        };
        tx.add_submissions(SubmissionVerb::Check, &[new]).await.unwrap();
        tx.commit(store.act(&may_check, ("submission", id.into()))).await.unwrap();
        s.question.push(start.elapsed());
        let asks: Vec<_> = probes
            .iter()
            .flatten()
            .map(|(_, token)| (Ask { space, token: *token, counted: true }, Some(case)))
            .collect();
        tokens = asks.len();
        let may = may_look(w, &who);
        let mut tx = store.begin(&may).await.unwrap();
        let start = Instant::now();
        let found = tx.look(&asks, Among::Answering, lists.cap()).await.unwrap();
        s.look.push(start.elapsed());
        // Ends the row that only this bench wrote, so that no worker finds it unlooked.
        tx.done(&[id], store::Stage::Look).await.unwrap();
        tx.commit(store.act(&may, ("submission", id.into()))).await.unwrap();
        hits = found.hits.len();
        timed(&mut s.judge, || {
            let facts = |kind| matching::Facts {
                kind,
                role: EntryRole::Unknown,
                age: AgeClass::Unknown,
                source: None,
                seen: Window::default(),
                port: None,
                entered: Micros(0),
            };
            let by_token: std::collections::BTreeMap<_, _> = probes
                .iter()
                .enumerate()
                .flat_map(|(mine, all)| all.iter().map(move |(f, t)| (*t, (mine, *f))))
                .collect();
            let asked: Vec<_> = normals
                .iter()
                .map(|n| matching::Asked { normal: n.clone(), facts: facts(n.kind), level: Level::Open })
                .collect();
            let met: Vec<_> = found
                .hits
                .iter()
                .filter_map(|h| {
                    let (mine, family) = *by_token.get(&h.token)?;
                    Some(matching::Hit {
                        case: h.case,
                        agency: h.agency,
                        lead: h.lead,
                        entry: h.entry,
                        level: h.level,
                        facts: matching::Facts {
                            kind: h.kind,
                            role: h.role,
                            age: h.age,
                            source: h.source,
                            seen: h.seen,
                            port: h.port,
                            entered: h.entered,
                        },
                        mine,
                        family,
                        near: None,
                    })
                })
                .collect();
            matching::conflicts(&Me { case: Some(case), agency: who.agency, lead: who.member }, &asked, &met, &lists)
                .len()
        });
        let start = Instant::now();
        w.desk.settle_ledger().await.unwrap();
        s.ledger.push(start.elapsed());
        if run == 0 {
            s = Stages::default(); // only warms
        }
    }
    print(
        w,
        s,
        &format!(
            "{} fingerprints, {hits} hits, {lines} lines in the answer, a question of {:.1} MB sealed",
            grouped(tokens as u64),
            bytes as f64 / 1e6
        ),
    );
}

fn print(w: &World, s: Stages, size: &str) {
    let whole = Spread::of(s.whole);
    part(
        &format!("Check of {} identifiers on {:?}", grouped(MANY as u64), w.engine),
        &format!(
            "{} {size}. Whole: `Desk::check` from what was read to the signed receipt, in a case. Stages are the same calls with the same values, by themselves; what is left is what they leave of the whole. The target of 10 s is for 1,000,000 identifiers against 10,000,000 entries, and is not judged at this size.",
            w.says()
        ),
    );
    let stages: Vec<(&str, Spread)> = [
        ("normalise, stop-lists", s.normalise),
        ("fingerprint", s.fingerprint),
        ("policy", s.policy),
        ("seal and commit the question", s.question),
        ("look-up", s.look),
        ("judge", s.judge),
    ]
    .map(|(says, all)| (says, Spread::of(all)))
    .into();
    let known: Duration = stages.iter().map(|(_, s)| s.median()).sum();
    let share = |time: Duration| format!("{:.0} %", 100.0 * time.as_secs_f64() / whole.median().as_secs_f64());
    let mut rows = vec![vec!["**whole**".to_owned(), whole.to_string(), share(whole.median())]];
    rows.extend(stages.iter().map(|(says, s)| vec![(*says).to_owned(), s.to_string(), share(s.median())]));
    let rest = whole.median().saturating_sub(known);
    rows.push(vec![
        "what is left: writing and reading the question as JSON, conflicts, notices, answer, receipt, second commit"
            .to_owned(),
        took(rest),
        share(rest),
    ]);
    rows.push(vec!["before it: read the file".to_owned(), Spread::of(s.read).to_string(), String::new()]);
    rows.push(vec!["after it: ledger".to_owned(), Spread::of(s.ledger).to_string(), String::new()]);
    table(&["stage", "median (least to most)", "of the whole"], &rows);
}
