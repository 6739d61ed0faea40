//! Bulk jobs worked by a server that is killed at moments seen in their progress.

use casework::model::Chance;
use serde_json::Value;
use testkit::{SeededChance, Visitor};

use crate::Falls;
use crate::common::{BEN, DAN};
use crate::world::{SLICE, VERBS, World};

/// Seconds after which another server takes the job of one that was killed (crates/casework/data/limits.json).
const LEASE: u32 = 60;

/// Has both jobs approved and worked to their end, one after the other, by a server that is killed so often on the way.
pub fn work(world: &mut World, kills: usize) -> Falls {
    let dice = SeededChance::new(8);
    let mut falls = Falls::new();
    // How often progress is read while one slice is worked, as seen so far.
    let mut reads = 8_usize;
    for (at, of_job) in [kills.div_ceil(2), kills / 2].into_iter().enumerate() {
        for life in 0..=of_job {
            let server = world.serve();
            if life == 0 {
                let mut ben = Visitor::at(server.origin()).step_into(BEN);
                let approved = ben.post(&format!("/api/v1/bulk/{}/approve", world.jobs[at]), "");
                assert_eq!(approved.status, 204, "{}", approved.body);
            }
            let mut dan = Visitor::at(server.origin()).step_into(DAN);
            let begun = done(&mut dan, &world.jobs[at]);
            if life == of_job {
                while !done(&mut dan, &world.jobs[at]).1 {}
                server.stop();
                continue;
            }
            // At least one slice in this life, and then somewhere in the next.
            let mut passed = 0_usize;
            let first = loop {
                let now = done(&mut dan, &world.jobs[at]);
                assert!(!now.1, "the job is too small for so many kills");
                if now.0 > begun.0 {
                    break now;
                }
                passed += 1;
            };
            reads = (reads + passed).div_ceil(2).max(1);
            for _ in 0..below(&dice, reads) {
                if done(&mut dan, &world.jobs[at]).0 > first.0 {
                    break;
                }
            }
            server.kill();
            world.site.is_left();
            *falls.entry(fell(world, at)).or_default() += 1;
            world.ahead += LEASE + 1;
        }
    }
    falls
}

fn below(dice: &SeededChance, end: usize) -> usize {
    let mut bytes = [0; 4];
    dice.fill(&mut bytes);
    usize::try_from(u32::from_be_bytes(bytes)).unwrap() % end
}

/// Values worked of a job, and whether it has come to its end.
fn done(dan: &mut Visitor, job: &str) -> (u64, bool) {
    let job = World::read(dan, &format!("/api/v1/bulk/{job}"));
    assert!(["approved", "running", "done"].contains(&job["state"].as_str().unwrap()), "{job}");
    (job["done"].as_u64().unwrap(), job["state"] == "done")
}

/// Where a job stood when the server was killed, as what it left tells.
fn fell(world: &World, at: usize) -> &'static str {
    let job = world.site.run(&["bulk", "show", &world.jobs[at], "--as", DAN]).json(0);
    assert!(job["state"] != "done" && job["done"].as_u64() <= job["total"].as_u64(), "{job}");
    let counted = usize::try_from(job["done"].as_u64().unwrap()).unwrap() / SLICE;
    let rows: Vec<_> = world.submissions().into_iter().filter(|r| r.verb == VERBS[at]).collect();
    let (stored, looked) = (rows.len(), rows.iter().filter(|r| r.looked).count());
    assert!(stored == counted || stored == counted + 1, "{stored} slices stored, {counted} counted");
    match (stored > counted, looked < stored) {
        (true, true) => "with a slice stored and not looked at",
        (true, false) => "with a slice answered and not counted",
        (false, false) => "before a slice was stored",
        (false, true) => panic!("a slice is counted that was not looked at"),
    }
}

/// What each job was answered. Receipts are of one run: only how many there are is compared.
pub fn answers(world: &World) -> Vec<Value> {
    let server = world.serve();
    let mut dan = Visitor::at(server.origin()).step_into(DAN);
    let answers = world.jobs.iter().map(|job| {
        let mut answer = World::read(&mut dan, &format!("/api/v1/bulk/{job}/answer"));
        let conflicts = answer["conflicts"].as_array().unwrap();
        assert_eq!(conflicts.len(), 8, "each of the eight cases, once");
        let matches: usize = conflicts.iter().map(|c| c["matches"].as_array().unwrap().len()).sum();
        assert_eq!(matches, answer["receipts"].as_array().unwrap().len() * 2, "two values of each slice are held");
        answer["receipts"] = answer["receipts"].as_array().unwrap().len().into();
        answer
    });
    let answers = answers.collect();
    server.stop();
    answers
}
