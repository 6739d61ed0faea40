//! Letters delivered by a server that is killed while its receivers hold their answers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use testkit::Visitor;

use crate::Falls;
use crate::common::ANA;
use crate::receiver::{Came, Hold, Receiver};
use crate::world::{HAL, KIM, World};

/// Seconds after which another server takes a letter of one that was killed (crates/casework/data/clocks.json).
const LEASE: u32 = 600;

/// Where it is killed, one after the other: fewer in one letter's life than it may be tried.
const AIMS: [(Hold, &str); 3] = [
    (Hold::Answer, "with letters taken whole and not answered"),
    (Hold::AllButOne, "with a mail answered and not settled"),
    (Hold::Letter, "with letters announced and not taken"),
];

/// Whom the jobs gave something to read: Ana and Hal of conflicts, Ben as lead and supervisor, Dan who asked; and Hal's
/// agency's webhook.
const OF_JOBS: usize = 5;
/// Whom a round's conflict gives something to read: Ana, Hal and the webhook.
const OF_ROUND: usize = 3;

/// The rounds in which it is killed so often, by the number of the first kill.
pub fn rounds(kills: usize) -> impl Iterator<Item = usize> {
    (0..kills).step_by(AIMS.len())
}

/// Has the jobs' notices delivered, and those of as many further conflicts as it takes to be killed so often.
pub fn deliver(world: &mut World, receiver: &Receiver, kills: usize, strike: bool) -> Falls {
    let hook = format!("http://127.0.0.1:{}/concord", receiver.webhook);
    // On PostgreSQL nothing else lies in it.
    std::fs::create_dir_all(world.site.path("concord-data")).unwrap();
    world.site.file(
        "concord-data/concord.toml",
        format!(
            "[mail]\nserver = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom = \"concord@example.gov\"\n\
             sign_in = \"https://concord.example.gov/\"\n\n[webhooks]\nallow = [\"127.0.0.1:{}\"]\n",
            receiver.mail, receiver.webhook
        ),
    );
    world.site.run(&["agency", "webhook", "add", "--as", KIM, &hook]).json(0);
    let server = world.serve();
    receiver.has_answered(OF_JOBS);
    server.stop();
    let mut falls = Falls::new();
    for first in rounds(kills) {
        news(world, first);
        for (hold, place) in AIMS.into_iter().take(kills - first).filter(|_| strike) {
            receiver.hold(hold);
            let server = world.serve();
            receiver.is_held();
            server.kill();
            *falls.entry(place).or_default() += 1;
            world.ahead += LEASE + 1;
        }
        receiver.hold(Hold::Nothing);
        let server = world.serve();
        receiver.has_answered(OF_ROUND);
        server.stop();
    }
    falls
}

/// A further case of Ana's and one of Hal's meet, by the API. Their notices wait when the server is killed.
fn news(world: &World, round: usize) {
    let server = world.serve_silently();
    for (who, whose) in [(ANA, "A"), (HAL, "H")] {
        let mut visitor = Visitor::at(server.origin()).step_into(who);
        let number = format!("{whose}-round-{round}");
        let value = format!("round.{round}@example.org");
        let entries = json!({ "case": number, "identifiers": [{ "kind": "email", "value": value }] });
        let stored = visitor.post("/api/v1/submissions", &entries.to_string());
        assert_eq!(stored.status, 200, "{}", stored.body);
    }
    server.kill();
}

/// Who got letters, by the letters' ids.
fn by_receiver(letters: &[Came]) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut all: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for came in letters {
        all.entry(&came.to).or_default().insert(&came.id);
    }
    all
}

/// Both receivers got as many letters for each, each was answered at last, and one that came again is the same; gives how
/// many came again.
pub fn same_letters(quiet: &Receiver, noisy: &Receiver) -> usize {
    let (quiet, noisy) = (quiet.letters(), noisy.letters());
    let counts = |letters: &[Came]| -> Vec<(String, usize)> {
        by_receiver(letters).into_iter().map(|(to, ids)| (to.to_owned(), ids.len())).collect()
    };
    assert_eq!(counts(&quiet), counts(&noisy), "as many letters for each as in an undisturbed run");
    assert_eq!(quiet.len(), counts(&quiet).iter().map(|(_, n)| n).sum::<usize>(), "undisturbed, none comes again");
    let mut first: BTreeMap<&str, &Came> = BTreeMap::new();
    for came in &noisy {
        let before = *first.entry(&came.id).or_insert(came);
        assert_eq!(before.to, came.to, "an id is one letter's");
        if came.to == "webhook" {
            assert_eq!(before.body, came.body, "a call that comes again says the same");
        }
    }
    for id in first.keys() {
        assert!(noisy.iter().any(|came| came.id == *id && came.answered), "letter {id} never arrived");
    }
    noisy.len() - first.len()
}
