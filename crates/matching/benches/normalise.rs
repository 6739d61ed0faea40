//! Reading and judging in bulk: 10,000 values, 10,000 hits.
#![allow(missing_docs, clippy::expect_used, reason = "benches are for developers")]

use divan::{Bencher, counter::ItemsCount};
use matching::{Asked, Facts, Family, Hit, Identifier, Lists, Me, Normal, Reading, conflicts, keys, normalise};
use model::{AgeClass, Country, EntryRole, Kind, Level, Micros, Window};

const MANY: u32 = 10_000;

fn main() {
    divan::main();
}

const READING: Reading = Reading { country: Country::HOME };

/// What submissions are made of: mostly accounts, addresses, telephones and hashes.
fn mixed() -> Vec<(Kind, String)> {
    (0..MANY)
        .map(|i| match i % 10 {
            0 | 1 => (Kind::Email, format!("Willy.Rox+{i}@gmail.com")),
            2 => (Kind::Phone, format!("(206) 555-{:04}", i % 10_000)),
            3 | 4 => (Kind::Handle, format!("@Willy_{i}")),
            5 => (Kind::Ip, format!("198.51.{}.{}", i / 256 % 256, i % 256)),
            6 => (Kind::Ip, format!("2001:db8::{i:x}")),
            7 => (Kind::Sha1, format!("{i:040x}")),
            8 => (Kind::Url, format!("https://Example.org/a/{i}?x=1#top")),
            _ => (Kind::Md5, format!("{i:032X}")),
        })
        .collect()
}

fn read(kind: Kind, value: &str) -> Option<Normal> {
    match normalise(kind, value, Some("Twitter"), &READING) {
        Ok(Identifier::Whole(n)) => Some(n),
        _ => None,
    }
}

#[divan::bench]
fn normalise_and_keys_of_10_000_mixed(bencher: Bencher<'_, '_>) {
    let values = mixed();
    bencher
        .counter(ItemsCount::new(MANY))
        .bench(|| values.iter().filter_map(|(k, v)| read(*k, v)).map(|n| keys(&n).len()).sum::<usize>());
}

#[divan::bench(args = [Kind::Email, Kind::Phone, Kind::Handle, Kind::Ip, Kind::Url, Kind::Sha1])]
fn normalise_1_000_of(bencher: Bencher<'_, '_>, kind: &Kind) {
    let values: Vec<_> = mixed().into_iter().filter(|(k, _)| k == kind).take(1_000).collect();
    bencher.counter(ItemsCount::new(values.len())).bench(|| values.iter().filter_map(|(k, v)| read(*k, v)).count());
}

fn id<T: std::str::FromStr>(n: u32) -> T {
    format!("00000000-0000-0000-0000-{n:012}").parse().ok().expect("twelve digits end a UUID")
}

#[divan::bench]
fn conflicts_of_10_000_hits(bencher: Bencher<'_, '_>) {
    let facts = |kind| Facts {
        kind,
        role: EntryRole::Subject,
        age: AgeClass::Adult,
        source: None,
        seen: Window::default(),
        port: None,
        entered: Micros(0),
    };
    let asked: Vec<Asked> = (0..50)
        .filter_map(|i| read(Kind::Email, &format!("w{i}@gmail.com")))
        .map(|normal| Asked { normal, facts: facts(Kind::Email), level: Level::Open })
        .collect();
    let hits: Vec<Hit> = (0..MANY)
        .map(|i| Hit {
            case: id(2 + i / 20),
            agency: id(2 + i / 200),
            lead: id(2 + i / 20),
            entry: id(i / 2),
            level: Level::Open,
            facts: facts(Kind::Email),
            mine: usize::try_from(i / 2 % 50).unwrap_or(0),
            family: if i % 2 == 0 { Family::Email } else { Family::EmailProvider },
            near: None,
        })
        .collect();
    let (me, lists) = (Me { case: Some(id(1)), agency: id(1), lead: id(1) }, Lists::built_in());
    bencher.counter(ItemsCount::new(MANY)).bench(|| conflicts(&me, &asked, &hits, &lists));
}
