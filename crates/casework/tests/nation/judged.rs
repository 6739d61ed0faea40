//! What was seen, held against the truth.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use casework::model::*;
use store::Engine;
use testkit::nation::{Held, Nation, NationCase, Sees};

use crate::seen::{Seen, Told};
use crate::walk::Walk;

/// How one rule did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Pairs planted as strong, and as possible.
    pub strong: u64,
    pub possible: u64,
    /// Pairs of which a side was not told what it had to be told.
    pub missed: u64,
    /// Near misses tried, and those that met.
    pub near: u64,
    pub near_met: u64,
    /// What differs in writing.
    pub writings: BTreeSet<&'static str>,
}

/// How names of one tradition, written differently in one way, did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Names {
    pub pairs: u64,
    pub met: u64,
}

/// The whole judgement.
pub struct Judgement {
    pub entries: u64,
    pub cases: u64,
    pub agencies: usize,
    pub rules: BTreeMap<&'static str, Rule>,
    /// Names written alike in plain form, and differently, by tradition.
    pub names: BTreeMap<(&'static str, &'static str), Names>,
    pub planted: u64,
    pub missed: Vec<String>,
    /// Conflicts called strong, and those of them that are not planted.
    pub strong: u64,
    pub false_strong: u64,
    /// Conflicts of any strength, and those of them that are not planted.
    pub called: u64,
    pub false_called: u64,
    /// Sides told "call the watch desk" of a value that nothing planted explains.
    pub false_desk: Vec<String>,
    /// A silent entry showed: the other side was told.
    pub leaked: u64,
    pub suppressed: u64,
    pub suppressed_wrong: u64,
    pub suppressed_missing: u64,
    pub over_cap: usize,
    pub over_cap_told: usize,
    pub alarms: usize,
    /// Protected values walked, texts walked, and those that held one.
    pub protected: usize,
    pub texts: usize,
    pub shown: Vec<String>,
    /// Entries carried away by their agencies without a reason, and those of them whose value was withheld.
    pub exported: u64,
    pub withheld: u64,
}

/// A value as a list may name it: written from the promise, not from the code.
fn named(e: &EntryDraft) -> String {
    let child = e.age == AgeClass::Minor || matches!(e.role, EntryRole::Victim | EntryRole::Witness);
    if child { format!("{} of a protected person ({})", e.kind, e.place) } else { e.value.clone() }
}

/// The entries somebody asks about, made once.
pub struct Looked {
    pub names: HashMap<Held, String>,
    pub silent: HashSet<Held>,
    pub leads: Vec<(usize, usize)>,
}

impl Looked {
    pub fn read(nation: &Nation, wanted: &HashSet<Held>) -> Self {
        let (mut names, mut silent, mut leads) = (HashMap::new(), HashSet::new(), Vec::new());
        for case in nation.cases() {
            let NationCase { index, agency, lead, entries, .. } = case;
            leads.push((agency, lead));
            for (entry, draft) in entries.iter().enumerate() {
                let held = Held { case: index, entry };
                if wanted.contains(&held) {
                    names.insert(held, named(draft));
                    if draft.level_or(Level::Open) == Level::Silent {
                        silent.insert(held);
                    }
                }
            }
        }
        Self { names, silent, leads }
    }
}

/// Reads everything that was seen against everything that is true.
pub fn judge(nation: &Nation, ids: &[CaseId], seen: &Seen, walk: &Walk) -> Judgement {
    let planted: Vec<_> = nation.planted().collect();
    let near: Vec<_> = nation.near_misses().collect();
    let over_cap: Vec<_> = nation.over_cap().collect();
    let differently: Vec<_> = nation.persons_written_differently().map(|p| (p, false)).collect();
    let persons: Vec<_> = nation.persons_written_alike().map(|p| (p, true)).chain(differently).collect();
    let stop: HashSet<Held> = nation.stop_listed().chain(nation.hidden()).collect();
    let mut wanted: HashSet<Held> = planted.iter().flat_map(|p| [p.a, p.b]).collect();
    wanted.extend(near.iter().flat_map(|p| [p.a, p.b]));
    wanted.extend(persons.iter().flat_map(|(p, _)| [p.a, p.b]));
    wanted.extend(over_cap.iter().flat_map(|o| o.holders.iter().copied()));
    wanted.extend(&stop);
    let looked = Looked::read(nation, &wanted);
    let conflict = |a: Held, b: Held| {
        let at = |h: Held| ids[usize::try_from(h.case).unwrap()];
        Pair::new(at(a), at(b)).map(Pair::conflict)
    };
    let answers = seen.answers();
    let told = |h: Held| -> Told {
        let name = &looked.names[&h];
        let answered = answers.told.get(&(h.case, name.clone())).cloned().unwrap_or_default();
        let lead = looked.leads[usize::try_from(h.case).unwrap()];
        answered.and(seen.inboxes.get(&lead).and_then(|inbox| inbox.get(name)))
    };

    let mut rules: BTreeMap<&'static str, Rule> = BTreeMap::new();
    let (mut missed, mut leaked) = (Vec::new(), 0);
    let mut explained: HashMap<ConflictId, Strength> = HashMap::new();
    let (mut desk_explained, mut open_explained) = (HashSet::new(), HashSet::new());
    for p in &planted {
        let rule = rules.entry(p.rule).or_default();
        rule.writings.insert(p.what);
        *(if p.strength == Strength::Strong { &mut rule.strong } else { &mut rule.possible }) += 1;
        let id = conflict(p.a, p.b).expect("two cases");
        let hidden = looked.silent.contains(&p.a) || looked.silent.contains(&p.b);
        if !hidden {
            let known = explained.entry(id).or_insert(p.strength);
            *known = (*known).max(p.strength);
        }
        let mut good = true;
        for (me, sees) in [(p.a, p.a_sees), (p.b, p.b_sees)] {
            good &= told(me).what_it_must(sees, looked.silent.contains(&me), id);
            match sees {
                Sees::Desk => drop(desk_explained.insert((me.case, looked.names[&me].clone()))),
                Sees::Open => drop(open_explained.insert((me, id))),
                Sees::Nothing => {}
            }
            if looked.silent.contains(&me) {
                desk_explained.insert((me.case, looked.names[&me].clone()));
            }
        }
        if !good {
            rule.missed += 1;
            missed.push(format!("{} ({}): {:?} {:?} see {:?} {:?}", p.rule, p.what, p.a, p.b, p.a_sees, p.b_sees));
        }
    }
    for p in &planted {
        let id = conflict(p.a, p.b).expect("two cases");
        for (me, sees) in [(p.a, p.a_sees), (p.b, p.b_sees)] {
            if sees != Sees::Open && !looked.silent.contains(&me) {
                leaked += u64::from(told(me).open.contains(&id) && !open_explained.contains(&(me, id)));
            }
        }
    }
    let mut allowed: HashSet<ConflictId> = HashSet::new();
    for value in &over_cap {
        for (at, a) in value.holders.iter().enumerate() {
            desk_explained.insert((a.case, looked.names[a].clone()));
            allowed.extend(value.holders[..at].iter().filter_map(|b| conflict(*a, *b)));
        }
    }
    let mut names: BTreeMap<(&'static str, &'static str), Names> = BTreeMap::new();
    for (p, alike) in &persons {
        let how = if *alike { "alike in plain form" } else { p.error.word() };
        let of = names.entry((p.tradition.word(), how)).or_default();
        of.pairs += 1;
        let met = told(p.a).desk && told(p.b).desk;
        of.met += u64::from(met);
        if met {
            desk_explained.extend([p.a, p.b].map(|h| (h.case, looked.names[&h].clone())));
        }
    }
    for n in &near {
        let rule = rules.entry(n.rule).or_default();
        rule.near += 1;
        if let Some(id) = conflict(n.a, n.b) {
            let met = told(n.a).open.contains(&id) && !explained.contains_key(&id) && !allowed.contains(&id);
            rule.near_met += u64::from(met);
        }
    }
    let false_of = |strength: Option<Strength>| {
        let called = answers.called.iter().filter(|(_, s)| strength.is_none_or(|wanted| **s == wanted));
        let (mut all, mut wrong) = (0, 0);
        for (id, said) in called {
            all += 1;
            wrong += u64::from(!allowed.contains(id) && explained.get(id).is_none_or(|true_one| true_one < said));
        }
        (all, wrong)
    };
    let ((strong, false_strong), (called, false_called)) = (false_of(Some(Strength::Strong)), false_of(None));
    let false_desk = answers
        .told
        .iter()
        .filter(|(at, told)| told.desk && !desk_explained.contains(*at))
        .map(|((case, name), _)| format!("case {case}: {name}"))
        .collect();
    let true_stops: HashSet<(u64, String)> = stop.iter().map(|h| (h.case, looked.names[h].clone())).collect();
    let texts = seen.texts_with(&answers);
    let shown = texts.iter().filter(|text| walk.shows(text)).map(|text| (*text).clone()).collect();
    Judgement {
        entries: seen.entries(),
        cases: nation.case_count(),
        agencies: nation.agencies().len(),
        rules,
        names,
        planted: u64::try_from(planted.len()).unwrap(),
        missed,
        strong,
        false_strong,
        called,
        false_called,
        false_desk,
        leaked,
        suppressed: u64::try_from(true_stops.len()).unwrap(),
        suppressed_wrong: u64::try_from(answers.suppressed.difference(&true_stops).count()).unwrap(),
        suppressed_missing: u64::try_from(true_stops.difference(&answers.suppressed).count()).unwrap(),
        over_cap: over_cap.len(),
        over_cap_told: seen.desk.get("held-by-many").map_or(0, Vec::len),
        alarms: seen.desk.get("alarm").map_or(0, Vec::len),
        protected: walk.protected(),
        texts: texts.len(),
        shown,
        exported: 0,
        withheld: 0,
    }
}

impl Judgement {
    pub fn print(&self, engine: Engine) {
        let found = self.planted - u64::try_from(self.missed.len()).unwrap();
        println!("figure: {engine:?}: {found} of {} planted conflicts found by everybody who must know", self.planted);
        println!(
            "figure: {engine:?}: {} conflicts called strong, {} falsely; {} of any strength, {} falsely; {} desk answers unexplained",
            self.strong,
            self.false_strong,
            self.called,
            self.false_called,
            self.false_desk.len()
        );
        println!(
            "figure: {engine:?}: {} values suppressed as planted, {} wrongly, {} missing; {} values over the cap, the desk told {} times",
            self.suppressed, self.suppressed_wrong, self.suppressed_missing, self.over_cap, self.over_cap_told
        );
        println!(
            "figure: {engine:?}: {} values of victims, witnesses and minors sought in {} texts shown: in {}",
            self.protected,
            self.texts,
            self.shown.len()
        );
        println!(
            "figure: {engine:?}: {} entries exported by their agencies without a reason, the values of {} withheld",
            self.exported, self.withheld
        );
        for (rule, r) in &self.rules {
            println!(
                "{rule}: {} strong, {} possible, {} missed; {} near misses, {} met",
                r.strong, r.possible, r.missed, r.near, r.near_met
            );
        }
    }

    /// The promises.
    pub fn hold(&self) {
        assert!(self.missed.is_empty(), "missed: {:#?}", &self.missed[..self.missed.len().min(20)]);
        assert_eq!((self.false_strong, self.false_called), (0, 0), "conflicts that are none");
        let nothing = &self.false_desk[..self.false_desk.len().min(5)];
        assert!(nothing.is_empty(), "sent to the desk for nothing: {nothing:?}");
        assert_eq!(self.leaked, 0, "told more than they may know");
        assert!(self.suppressed > 0 && self.suppressed_wrong == 0 && self.suppressed_missing == 0);
        assert_eq!(self.over_cap_told, self.over_cap, "each value over the cap reaches the desk once");
        assert_eq!(self.alarms, 0, "the second look found something new");
        assert!(self.rules.values().all(|r| r.near_met == 0), "a near miss met");
        assert!(self.protected > 100 && self.shown.is_empty(), "a protected value was shown: {:?}", self.shown);
    }
}
