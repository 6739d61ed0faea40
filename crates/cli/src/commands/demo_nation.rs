//! The nation the demo's story happens in: agencies, cases and identifiers that were there before.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use casework::{Desk, Principal, Round};
use testkit::moving_in;
use testkit::nation::{Nation, Plan, Sees};

use crate::failure::Failure;
use crate::print::{Narrator, bar};

/// Somebody of the nation whose inbox is worth a look.
pub struct Somebody {
    /// Their address, by which they are named.
    pub email: String,
    /// Their agency.
    pub agency: String,
}

/// What the answers to the nation's cases said.
#[derive(Default)]
struct Counts {
    entries: AtomicU64,
    cases: AtomicU64,
    conflicts: AtomicU64,
    desk: AtomicU64,
    suppressed: AtomicU64,
    refused: AtomicU64,
}

/// Takes in a nation of about so many entries and lets the workers do their round; gives one officer who has a conflict.
pub async fn settle(desk: &Desk, entries: u64, tell: Narrator) -> Result<Somebody, Failure> {
    let nation = Nation::new(Plan { as_of: desk.store().clock().now(), ..Plan::of(entries) });
    let start = Instant::now();
    let people = Arc::new(moving_in::people(desk, &nation).await?);
    let counts = Arc::new(Counts::default());
    let progress = bar(Some(nation.case_count()), "a nation moves in");
    let (counting, step) = (counts.clone(), progress.clone());
    let moved = Arc::new(AtomicBool::new(false));
    let hearing = tokio::spawn(hear(desk.clone(), moved.clone()));
    moving_in::cases(desk, &nation, &people, 4, move |_, fate| {
        step.inc(1);
        let add = |to: &AtomicU64, n: usize| {
            to.fetch_add(u64::try_from(n).unwrap_or(u64::MAX), Ordering::Relaxed);
        };
        match fate {
            Ok(answer) => {
                add(&counting.cases, 1);
                add(&counting.entries, answer.entries);
                add(&counting.conflicts, answer.conflicts.len());
                add(&counting.desk, answer.desk.len());
                add(&counting.suppressed, answer.suppressed.len());
            }
            Err(_) => add(&counting.refused, 1),
        }
    })
    .await?;
    progress.finish_and_clear();
    let took = start.elapsed();
    moved.store(true, Ordering::Relaxed);
    let heard = bar(None, "silent entries are asked");
    hearing.await.map_err(|_| Failure::failed("the worker that asks silent entries stopped"))??;
    heard.finish_and_clear();
    let of = |n: &AtomicU64| grouped(n.load(Ordering::Relaxed));
    if counts.refused.load(Ordering::Relaxed) > 0 {
        return Err(Failure::failed(format!("{} cases of the demo's nation were refused", of(&counts.refused))));
    }
    tell.say(&format!(
        "{} agencies with {} members put {} identifiers into {} cases in {:.1} s.",
        grouped(nation.agencies().len() as u64),
        grouped(nation.agencies().iter().map(|a| a.members.len() as u64).sum()),
        of(&counts.entries),
        of(&counts.cases),
        took.as_secs_f64(),
    ));
    tell.say(&format!(
        "On the way an officer was told {} times whom to call and {} times to call the watch desk;",
        of(&counts.conflicts),
        of(&counts.desk),
    ));
    tell.say(&format!(
        "{} values that mean nothing (public resolvers, role mailboxes) made no noise.",
        of(&counts.suppressed)
    ));
    somebody(&nation, &people).ok_or_else(|| Failure::failed("nobody in the demo's nation has a conflict"))
}

/// The workers that ask silent entries and number events, beside those who move in as on a server, until all is heard.
async fn hear(desk: Desk, moved: Arc<AtomicBool>) -> Result<(), Failure> {
    let mut beat = tokio::time::interval(Duration::from_millis(500));
    for round in 1_u32.. {
        let last = moved.load(Ordering::Relaxed);
        let Round { done: heard, failed } = desk.hear(None).await?;
        if failed > 0 {
            return Err(Failure::failed(format!("silent entries could not be asked for {failed} submissions")));
        }
        // Events are numbered 2,000 a transaction: a round alone has fewer.
        if heard == 0 || round.is_multiple_of(4) {
            desk.settle_ledger().await?;
        }
        if heard == 0 {
            if last {
                break;
            }
            beat.tick().await;
        }
    }
    Ok(())
}

/// The first lead who sees a conflict openly.
fn somebody(nation: &Nation, people: &moving_in::People) -> Option<Somebody> {
    let open = nation.planted().find(|p| p.a_sees == Sees::Open && p.b_sees == Sees::Open)?;
    let case = nation.case(open.a.case);
    let agency = nation.agencies().get(case.agency)?;
    let _: &Principal = people.members.get(case.agency)?.get(case.lead)?;
    Some(Somebody { email: agency.members.get(case.lead)?.email.clone(), agency: agency.name.clone() })
}

/// "1,234,567".
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn numbers_are_read_at_a_glance() {
        assert_eq!([7, 1_000, 200_019, 1_234_567].map(grouped), ["7", "1,000", "200,019", "1,234,567"]);
    }
}
