//! How much of copied reports is read: synthetic layouts, each with its truth written by hand beside it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::indexing_slicing, reason = "tests")]

use std::path::{Path, PathBuf};

use exchange::read_copied;
use model::{EntryDraft, EntryRole, Kind, Micros, Window};

/// One line of a truth file.
struct Truth {
    kind: Kind,
    value: String,
    platform: String,
    port: Option<u16>,
    seen: Window,
    role: EntryRole,
}

impl Truth {
    fn is(&self, d: &EntryDraft) -> bool {
        d.kind == self.kind && d.value == self.value && d.port == self.port
    }

    fn is_wholly(&self, d: &EntryDraft) -> bool {
        self.is(d)
            && d.platform.clone().unwrap_or_default() == self.platform
            && d.seen == self.seen
            && d.role == self.role
    }
}

fn truth_of(path: &Path) -> Vec<Truth> {
    let mut rows = csv::Reader::from_path(path).unwrap();
    let time = |t: &str| (!t.is_empty()).then(|| Micros::parse(t).unwrap());
    let read = |r: csv::StringRecord| Truth {
        kind: r[0].parse().unwrap_or_else(|_| panic!("{}: {}", path.display(), &r[0])),
        value: r[1].to_owned(),
        platform: r[2].to_owned(),
        port: r[3].parse().ok(),
        seen: Window { from: time(&r[4]), to: time(&r[5]) },
        role: r[6].parse().unwrap(),
    };
    rows.records().map(|r| read(r.unwrap())).collect()
}

#[derive(Default)]
struct Tally {
    identifiers: usize,
    found: usize,
    wholly: usize,
    wrong_kinds: usize,
    extra: usize,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.identifiers += other.identifiers;
        self.found += other.found;
        self.wholly += other.wholly;
        self.wrong_kinds += other.wrong_kinds;
        self.extra += other.extra;
    }

    fn share(part: usize, of: usize) -> f64 {
        f64::from(u32::try_from(part).unwrap()) * 100.0 / f64::from(u32::try_from(of.max(1)).unwrap())
    }

    fn say(&self) -> String {
        format!(
            "{} identifiers, recall {:.1} %, with window, platform and role {:.1} %, wrong kinds {}, extra {}",
            self.identifiers,
            Self::share(self.found, self.identifiers),
            Self::share(self.wholly, self.identifiers),
            self.wrong_kinds,
            self.extra
        )
    }
}

/// Reads one layout and prints what differs; every value here is invented.
fn tally(text: &Path) -> Tally {
    let truth = truth_of(&text.with_extension("csv"));
    let drafts = read_copied("copied.txt", std::fs::read(text).unwrap().as_slice()).drafts;
    let name = text.file_stem().unwrap().to_string_lossy();
    let mut t = Tally { identifiers: truth.len(), ..Tally::default() };
    for row in &truth {
        match drafts.iter().find(|d| row.is(d)) {
            Some(d) if row.is_wholly(d) => (t.found, t.wholly) = (t.found + 1, t.wholly + 1),
            Some(d) => {
                t.found += 1;
                println!("{name}: differs: {} {} {:?} {:?} {:?}", row.kind, row.value, d.platform, d.seen, d.role);
            }
            None => println!("{name}: missing: {} {} {:?}", row.kind, row.value, row.port),
        }
    }
    for d in drafts.iter().filter(|d| !truth.iter().any(|row| row.is(d))) {
        let other = truth.iter().any(|row| row.value == d.value && row.kind != d.kind);
        t.wrong_kinds += usize::from(other);
        t.extra += usize::from(!other);
        println!("{name}: {}: {} {} {:?}", if other { "wrong kind" } else { "extra" }, d.kind, d.value, d.port);
    }
    println!("{name}: {}", t.say());
    t
}

fn layouts(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut all: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    all.retain(|p| p.extension().is_some_and(|e| e == "txt"));
    all.sort();
    all
}

fn total(folder: &str) -> (usize, Tally) {
    let all = layouts(folder);
    let mut sum = Tally::default();
    all.iter().for_each(|p| sum.add(&tally(p)));
    println!("figure: {} layouts, {}", all.len(), sum.say());
    (all.len(), sum)
}

#[test]
fn layouts_of_reports_are_read() {
    let (layouts, sum) = total("copied");
    assert_eq!(layouts, 20);
    assert!(sum.found * 100 >= sum.identifiers * 98, "{}", sum.say());
    assert!(sum.wholly * 100 >= sum.identifiers * 98, "{}", sum.say());
    assert_eq!(sum.wrong_kinds, 0);
    assert!(sum.extra * 100 <= sum.identifiers, "{}", sum.say());
}

/// Four layouts written before it was known how the reader does on them. Its first run found 87.0 % of their 23
/// identifiers, 82.6 % with window, platform and role, gave one a wrong kind and nothing extra; what they showed is
/// mended since. (The twenty above were written after the reader too: 95.5 %, 91.7 %, no wrong kind, 5 extra at first.)
#[test]
fn layouts_it_was_not_built_from_are_read() {
    let (layouts, sum) = total("copied_held_out");
    assert_eq!(layouts, 4);
    assert!(sum.found * 100 >= sum.identifiers * 98, "{}", sum.say());
    assert_eq!(sum.wrong_kinds, 0);
}
