//! Who asks: officers of the nation who have a conflict to read and a case to submit to, and what they submit.

use std::collections::BTreeSet;

use casework::model::{CaseNumber, Kind, Level};
use policy::Principal;
use testkit::Visitor;
use testkit::nation::Sees;

use crate::world::World;

/// How many.
pub const MANY: usize = 16;

/// Values that another case holds, of which each submission brings one.
const KNOWN: usize = 2_000;

pub struct Officer {
    pub who: Principal,
    pub case: CaseNumber,
    /// Of their session.
    pub cookie: String,
    /// One that they see openly.
    pub conflict: String,
}

/// Leads who see a conflict openly, each once.
pub async fn some(world: &World) -> Vec<Officer> {
    let (mut officers, mut seen) = (Vec::new(), BTreeSet::new());
    for planted in world.nation.planted().filter(|p| p.a_sees == Sees::Open && p.b_sees == Sees::Open) {
        let (who, case) = world.lead(planted.a.case);
        if seen.insert(uuid::Uuid::from(who.member)) {
            officers.push(Officer { who, case, cookie: String::new(), conflict: String::new() });
        }
        if officers.len() == MANY {
            return officers;
        }
    }
    panic!("the nation is too small: it has {} leads with a conflict", officers.len());
}

/// The first conflict of an officer's inbox.
pub fn conflict(visitor: &mut Visitor) -> String {
    let inbox = visitor.get("/api/v1/inbox");
    assert_eq!(inbox.status, 200, "{}", inbox.body);
    let inbox: serde_json::Value = serde_json::from_str(&inbox.body).unwrap();
    let conflicts = inbox["items"].as_array().unwrap().iter().filter_map(|item| item["conflict"].as_str());
    conflicts.map(str::to_owned).next().expect("a conflict in the inbox")
}

/// Kinds and values of the nation's open entries.
pub fn known(world: &World) -> Vec<(&'static str, String)> {
    let good = |k: Kind| matches!(k, Kind::Email | Kind::Sha1 | Kind::Md5 | Kind::Sha256 | Kind::Domain);
    let plain = |value: &str| value.bytes().all(|b| b.is_ascii_alphanumeric() || b"@._-".contains(&b));
    let entries = (0..world.nation.case_count()).filter_map(|n| {
        let case = world.nation.case(n.wrapping_mul(7) % world.nation.case_count());
        let mut open = case.entries.into_iter().filter(|e| e.level_or(Level::Open) == Level::Open);
        open.find(|e| good(e.kind) && plain(&e.value)).map(|e| (e.kind.word(), e.value))
    });
    entries.take(KNOWN).collect()
}

/// The n-th new identifier: kind, value, platform. The script of wrk makes the same (wrk.rs).
pub fn fresh(n: usize) -> (&'static str, String, &'static str) {
    match n % 10 {
        0..=3 => ("email", format!("fresh.{n}@mail{}.example.org", n % 7), ""),
        4 | 5 => ("handle", format!("fresh_{n}"), "Twitter"),
        6 => ("ip", format!("2001:db8:{:x}:{:x}::1", (n >> 16) & 0xffff, n & 0xffff), ""),
        7 => ("url", format!("https://example.org/fresh/{n}"), ""),
        _ => ("md5", format!("{n:032x}"), ""),
    }
}
