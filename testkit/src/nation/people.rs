//! Names of nine traditions, and how they are written differently.

use super::mix::Draws;
use super::tables::{Names, Tables};
use super::values::push_number;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            /// Each of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word, as in files and tables.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }
    };
}

words! {
    /// How a people's names are made.
    Tradition {
        /// Two surnames, the father's and the mother's.
        Spanish "spanish",
        /// Navajo names in English and in Navajo spelling.
        Navajo "navajo",
        /// Lakota names, translated family names of several words.
        Lakota "lakota",
        /// Vietnamese, with marks that carry the tone.
        Vietnamese "vietnamese",
        /// Chinese in Pinyin, Wade-Giles and Cantonese spelling.
        Chinese "chinese",
        /// Arabic, transliterated in several ways.
        Arabic "arabic",
        /// Hyphenated family and given names.
        Hyphenated "hyphenated",
        /// One name only.
        OneWord "one-word",
        /// English names and their nicknames.
        English "english",
    }
}

words! {
    /// How the second writing of a person's name departs from the first.
    NameError {
        /// Not at all, or only in case, accents, spaces and points, which the plain form joins.
        None "none",
        /// Family and given name stand in each other's place.
        Swap "swap",
        /// One of two surnames, or a particle, is left out.
        DroppedSurname "dropped surname",
        /// Letters with marks came through as question marks.
        Diacritics "diacritics",
        /// Another romanisation or spelling.
        Romanisation "romanisation",
        /// A nickname.
        Nickname "nickname",
        /// Two letters changed places.
        Typo "typo",
    }
}

impl NameError {
    /// Can this error befall a name of this tradition?
    pub(super) fn fits(self, tradition: Tradition) -> bool {
        use Tradition as T;
        match self {
            Self::None | Self::Typo => true,
            Self::Swap => tradition != T::OneWord,
            Self::DroppedSurname => matches!(tradition, T::Spanish | T::Hyphenated | T::Arabic),
            Self::Diacritics => matches!(tradition, T::Spanish | T::Vietnamese),
            Self::Romanisation => {
                matches!(tradition, T::Navajo | T::Lakota | T::Vietnamese | T::Chinese | T::Arabic | T::OneWord)
            }
            Self::Nickname => matches!(tradition, T::Spanish | T::English | T::Hyphenated),
        }
    }
}

/// Days on which people of the nation were born: 1950-01-01 and 21,870 days after it.
const DAYS: u64 = 21_870;

/// One person as first written.
#[derive(Clone)]
pub(super) struct Person {
    pub tradition: Tradition,
    family: &'static super::tables::Name,
    given: &'static super::tables::Name,
    day: u64,
}

/// Who is born on which days: entries that meet nobody on even days, pairs on odd ones, each tradition on its own.
fn day(tradition: usize, pair: bool, at: u64) -> u64 {
    (at * TRADITIONS + tradition as u64) * 2 + u64::from(pair)
}

/// Days of each tradition and sort.
const OWN_DAYS: u64 = DAYS / (2 * TRADITIONS);

/// How many traditions there are; people go through them in turn.
pub(super) const TRADITIONS: u64 = Tradition::ALL.len() as u64;
/// Where the people of pairs that must not meet begin, among those of pairs.
pub(super) const NEAR: u64 = 120_000;
/// Where those written differently begin.
pub(super) const DIFFERENT: u64 = 200_000;

/// The `index`-th person; `None` where a tradition has no more names left on its days.
pub(super) fn person(tables: &'static Tables, pair: bool, index: u64) -> Option<Person> {
    let many = TRADITIONS;
    let at = (index % many) as usize;
    let Names { families, givens } = &tables.names[at];
    let rest = index / many;
    let (on, rest) = (rest % OWN_DAYS, rest / OWN_DAYS);
    // Days go by fast, then families, then given names; a step prime to each keeps neighbours apart.
    let (family, rest) = ((rest + on * 7) % families.len() as u64, rest / families.len() as u64);
    if rest >= givens.len() as u64 {
        return None;
    }
    let given = (rest + on * 5 + family) % givens.len() as u64;
    Some(Person {
        tradition: Tradition::ALL[at],
        family: &families[family as usize],
        given: &givens[given as usize],
        day: day(at, pair, on),
    })
}

impl Person {
    pub(super) fn date(&self) -> String {
        date(self.day)
    }

    /// As a careful clerk writes it.
    pub(super) fn plain(&self) -> String {
        self.with(self.family.form, self.given.form)
    }

    fn with(&self, family: &str, given: &str) -> String {
        let mut out = String::with_capacity(family.len() + given.len() + 16);
        out.push_str(family);
        if !given.is_empty() {
            out.push_str(", ");
            out.push_str(given);
        } else {
            // Without a comma the last word would be taken for the family name.
            out.push(',');
        }
        out.push_str("; ");
        out.push_str(&self.date());
        out
    }

    /// The same in a writing that the plain form joins: capitals, no accents, other spaces, a hyphen as a blank.
    pub(super) fn same(&self, style: u64) -> String {
        let (family, given) = (self.family.form, self.given.form);
        match style % 4 {
            0 => self.with(&family.to_uppercase(), &given.to_uppercase()),
            1 => self.with(&bare(family), &bare(given)),
            2 => self.with(&format!(" {}", family.replace('-', " ")), &format!("{given} ")),
            _ => self.with(&family.to_lowercase(), &given.replace('-', "  ")),
        }
    }

    /// The same person written with an error that the plain form does not join.
    pub(super) fn wrong(&self, error: NameError, chance: u64) -> String {
        let (family, given) = (self.family.form, self.given.form);
        let other = |name: &'static super::tables::Name| {
            let many = name.others.len().max(1) as u64;
            name.others.get((chance % many) as usize).copied().unwrap_or(name.form)
        };
        match error {
            NameError::None => self.same(chance),
            NameError::Swap => self.with(given, family),
            NameError::DroppedSurname => match family.split_once([' ', '-']) {
                Some((first, _)) if self.tradition != Tradition::Arabic => self.with(first, given),
                Some((_, last)) => self.with(last, given),
                // A name without a particle loses its last letters, as forms that cut do.
                None => self.with(&family[..family.len() - 2], given),
            },
            NameError::Diacritics => self.with(&asked(family), &asked(given)),
            NameError::Romanisation => self.with(other(self.family), other(self.given)),
            NameError::Nickname => self.with(family, other(self.given)),
            NameError::Typo => self.with(&turned(family), given),
        }
    }
}

/// Letters whose marks are left out. What has no bare letter of its own in this table stays.
fn bare(text: &str) -> String {
    const PAIRS: [(&str, char); 11] = [
        ("áàảãạăắằẳẵặâấầẩẫậ", 'a'),
        ("éèẻẽẹêếềểễệ", 'e'),
        ("íìỉĩị", 'i'),
        ("óòỏõọôốồổỗộơớờởỡợ", 'o'),
        ("úùủũụưứừửữự", 'u'),
        ("ýỳỷỹỵ", 'y'),
        ("ñ", 'n'),
        ("đ", 'd'),
        ("ł", 'l'),
        ("ÁÀĂÂ", 'A'),
        ("Đ", 'D'),
    ];
    text.chars().map(|c| PAIRS.iter().find(|(marked, _)| marked.contains(c)).map_or(c, |(_, bare)| *bare)).collect()
}

/// Marked letters as question marks; a name without any gets one for its second letter.
fn asked(text: &str) -> String {
    let marked = !text.is_ascii();
    text.chars()
        .enumerate()
        .map(|(i, c)| if (marked && !c.is_ascii()) || (!marked && i == 1) { '?' } else { c })
        .collect()
}

/// The first two neighbouring letters inside that differ, exchanged; in a name too short for it the last one stands twice.
fn turned(text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let unlike = |w: &[char]| w[0] != w[1] && w.iter().all(|c| c.is_alphabetic());
    match letters[1..].windows(2).position(unlike) {
        Some(at) => letters.swap(at + 1, at + 2),
        None => letters.extend(letters.last().copied()),
    }
    letters.into_iter().collect()
}

/// A day as year-month-day; Howard Hinnant's days-from-civil, backwards.
fn date(days_after_1950: u64) -> String {
    let z = days_after_1950 + 712_163; // days from 0000-03-01 to 1950-01-01
    let era = z / 146_097;
    let doe = z % 146_097;
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + u64::from(month <= 2);
    let mut out = String::with_capacity(10);
    push_number(&mut out, year);
    for part in [month, day] {
        out.push('-');
        if part < 10 {
            out.push('0');
        }
        push_number(&mut out, part);
    }
    out
}

/// An officer's name: any tradition, written in the English order.
pub(super) fn officer(tables: &Tables, draws: &mut Draws) -> String {
    let Names { families, givens } = draws.pick(&tables.names);
    let (family, given) = (draws.pick(families).form, draws.pick(givens).form);
    if given.is_empty() { family.to_owned() } else { format!("{given} {family}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn days_are_days() {
        assert_eq!(date(0), "1950-01-01");
        assert_eq!(date(59), "1950-03-01");
        assert_eq!(date(18_262), "2000-01-01");
        assert_eq!(date(18_321), "2000-02-29");
    }

    #[test]
    fn people_are_distinct_and_errors_are_errors() {
        let tables: &'static Tables = Box::leak(Box::new(Tables::read()));
        let mut seen = HashSet::new();
        for index in (0..60_000).chain(400_000..410_000) {
            for pair in [false, true] {
                if let Some(p) = person(tables, pair, index) {
                    assert!(seen.insert(p.plain()), "{}", p.plain());
                }
            }
        }
        for index in 0..9 * 600 {
            let p = person(tables, true, index).unwrap();
            for error in NameError::ALL.iter().filter(|e| e.fits(p.tradition) && **e != NameError::None) {
                assert_ne!(p.wrong(*error, index).to_lowercase(), p.plain().to_lowercase(), "{error:?}");
            }
        }
    }
}
