//! What is known of the real country, from testkit/data: each file says its source and what is not verified.

/// Rows of a file of tab-separated fields; a line that begins with # is about the file.
fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().filter(|l| !l.starts_with('#') && !l.is_empty()).map(|l| l.split('\t').collect())
}

/// A State with its area codes.
pub(super) struct StateRow {
    pub code: &'static str,
    pub name: &'static str,
    pub areas: Vec<u64>,
}

/// Numbers a country keeps for fiction.
pub(super) struct Fiction {
    pub country: &'static str,
    pub prefix: &'static str,
    pub digits: u32,
}

/// The names of one tradition.
pub(super) struct Names {
    pub families: Vec<Name>,
    pub givens: Vec<Name>,
}

/// One name and its other writings.
pub(super) struct Name {
    pub form: &'static str,
    pub others: Vec<&'static str>,
}

/// All the tables.
pub(super) struct Tables {
    pub states: Vec<StateRow>,
    /// State, region, host.
    pub task_forces: Vec<[&'static str; 3]>,
    /// Name, State.
    pub districts: Vec<[&'static str; 2]>,
    /// Nation, State.
    pub tribal: Vec<[&'static str; 2]>,
    /// Country, name, telephone, approved or suspended.
    pub foreign: Vec<[&'static str; 4]>,
    /// Of a unit, a State or "country XX": where its telephones ring.
    pub zones: Vec<[&'static str; 2]>,
    pub fiction: Vec<Fiction>,
    /// In the order of [`super::Tradition::ALL`].
    pub names: Vec<Names>,
}

impl Tables {
    pub(super) fn read() -> Self {
        let areas = |text: &'static str| text.split(' ').map(|c| c.parse().expect("an area code")).collect();
        let states = rows(include_str!("../../data/area_codes.tsv"))
            .map(|r| StateRow { code: r[0], name: r[1], areas: areas(r[2]) })
            .collect();
        let fiction = rows(include_str!("../../data/fiction_numbers.tsv"))
            .map(|r| Fiction { country: r[0], prefix: r[1], digits: r[2].parse().expect("how many digits follow") })
            .collect();
        let mut names: Vec<Names> =
            super::Tradition::ALL.iter().map(|_| Names { families: Vec::new(), givens: Vec::new() }).collect();
        for r in rows(include_str!("../../data/names.tsv")) {
            let at = super::Tradition::ALL.iter().position(|t| t.word() == r[0]).expect("a tradition we know");
            let others = r.get(3).map(|o| o.split('|').filter(|o| !o.is_empty()).collect()).unwrap_or_default();
            let name = Name { form: r[2], others };
            if r[1] == "family" { names[at].families.push(name) } else { names[at].givens.push(name) }
        }
        Self {
            states,
            task_forces: rows(include_str!("../../data/task_forces.tsv")).map(|r| [r[0], r[1], r[2]]).collect(),
            districts: rows(include_str!("../../data/districts.tsv")).map(|r| [r[0], r[1]]).collect(),
            tribal: rows(include_str!("../../data/tribal.tsv")).map(|r| [r[0], r[1]]).collect(),
            foreign: rows(include_str!("../../data/foreign.tsv")).map(|r| [r[0], r[1], r[2], r[3]]).collect(),
            zones: rows(include_str!("../../data/time_zones.tsv")).map(|r| [r[0], r[1]]).collect(),
            fiction,
            names,
        }
    }

    /// Of its own name, else of its State, else of its country; the names of a tribe's unit begin with the tribe's.
    pub(super) fn zone_of(&self, name: &str, state: Option<&str>, country: &str) -> Option<&'static str> {
        let of = |here: &dyn Fn(&str) -> bool| self.zones.iter().find(|[place, _]| here(place)).map(|[_, zone]| *zone);
        let country = format!("country {country}");
        of(&|place| place.len() > 2 && name.starts_with(place))
            .or_else(|| of(&|place| Some(place) == state))
            .or_else(|| of(&|place| place == country))
    }

    pub(super) fn areas_of(&self, state: &str) -> &[u64] {
        self.states.iter().find(|s| s.code == state).map_or(&[], |s| &s.areas)
    }
}
