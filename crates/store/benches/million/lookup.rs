//! The look-up of 100,000 fingerprints, one in a hundred held, beside the fastest plain SQL.

use std::time::{Duration, Instant};

use model::{Chance, Token};
use policy::{Action, Facts, Grant, Policies, Principal};
use store::{Among, Ask};
use testkit::SeededChance;
use testkit::measure::{Spread, grouped, part, table, verdict};

use crate::peers::Form;
use crate::world::World;

const MANY: usize = 100_000;
const CAP: u32 = 100;
/// Ours against the fastest of theirs.
const MOST: f64 = 1.5;

/// Leave to look.
pub fn may_look(w: &World, who: &Principal) -> Grant {
    let facts = Facts { agency: Some(who.agency), ..Facts::default() };
    let policies = Policies::built_in().unwrap();
    policy::decide(&policies, who, Action::Look, &facts, w.desk.request()).ok().unwrap()
}

/// Asks as a caller has them: in no order.
fn asked(w: &World) -> Vec<Token> {
    let (chance, each) = (SeededChance::new(9), MANY / w.held.len());
    let mut out = Vec::with_capacity(MANY);
    for token in &w.held {
        out.push(*token);
        for _ in 1..each {
            let mut bytes = [0; 16];
            chance.fill(&mut bytes);
            out.push(Token(bytes));
        }
    }
    out
}

/// Ours, all of it: which are held, counts against the cap, postings, entries, cases, agencies, members, contacts.
async fn ours(w: &World, grant: &Grant, asks: &[(Ask, Option<model::CaseId>)]) -> (usize, Duration) {
    let mut tx = w.desk.store().begin(grant).await.unwrap();
    let start = Instant::now();
    let found = tx.look(asks, Among::Answering, CAP).await.unwrap();
    let took = start.elapsed();
    tx.commit(w.desk.store().act(grant, ("bench", uuid::Uuid::nil()))).await.unwrap();
    (found.hits.len(), took)
}

pub async fn run(w: &World, rounds: usize) {
    let tokens = asked(w);
    let space = w.desk.store().spaces()[0];
    let asks: Vec<_> = tokens.iter().map(|t| (Ask { space, token: *t, counted: true }, None)).collect();
    let (who, _) = w.lead(0);
    let grant = may_look(w, &who);
    let forms = w.pool.forms();
    let mut timings: Vec<Vec<Duration>> = vec![Vec::new(); forms.len()];
    let (mut mine, mut hits) = (Vec::new(), 0);
    for round in 0..=rounds {
        // The turn moves on each round, and the first round only warms.
        let (found, took) = ours(w, &grant, &asks).await;
        hits = found;
        eprintln!("{:?} ours {took:?}, {found} hits", w.engine);
        if round > 0 {
            mine.push(took);
        }
        for turn in 0..forms.len() {
            let at = (turn + round) % forms.len();
            if forms[at] == Form::OneByOne && round > 1 {
                continue; // so slow that once is enough
            }
            let start = Instant::now();
            let rows = w.pool.look(forms[at], &tokens).await;
            let took = start.elapsed();
            eprintln!("{:?} {:?} {took:?}, {} rows", w.engine, forms[at], rows.len());
            assert_eq!(rows.len(), w.held.len(), "{:?}", forms[at]);
            if round > 0 {
                timings[at].push(took);
            }
        }
    }
    let mine = Spread::of(mine);
    let mut peers: Vec<(Form, Spread)> = forms.iter().copied().zip(timings.into_iter().map(Spread::of)).collect();
    peers.sort_by_key(|(_, s)| s.median());
    let fastest = peers[0].1.median().as_secs_f64();
    let ratio = mine.median().as_secs_f64() / fastest;
    part(
        &format!("Look-up of {} fingerprints on {:?}", grouped(tokens.len() as u64), w.engine),
        &format!(
            "{} Of the fingerprints asked {} are held: {hits} hits. Ours is all of `Tx::look`: who holds them, counts against the cap, postings, entries, cases, agencies, members, contacts unsealed. Plain SQL answers only which are held, in which case, by which entry. Interleaved runs on the same database with the same settings, after one warm round.",
            w.says(),
            grouped(w.held.len() as u64),
        ),
    );
    let mut rows = vec![vec![
        "**ours**".to_owned(),
        mine.to_string(),
        format!("{ratio:.2}"),
        format!("at most {MOST} times the fastest: {}", verdict(ratio <= MOST)),
    ]];
    for (form, spread) in peers {
        rows.push(vec![
            form.says().to_owned(),
            spread.to_string(),
            format!("{:.2}", spread.median().as_secs_f64() / fastest),
            String::new(),
        ]);
    }
    table(&["form", "median (least to most)", "against the fastest plain SQL", "target"], &rows);
}
