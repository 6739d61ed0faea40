//! Persons and postal addresses, which stand in several fields.

use model::Kind;

use super::fields::Field;
use super::gather::{Gathered, draft};
use super::record::Here;
use super::times::{self, Habit, Order};
use super::vocabulary::{Means, Part};
use super::words;

/// The person and the address that are being put together.
#[derive(Default)]
pub(super) struct People {
    name: Option<(String, u64)>,
    given: Option<(String, u64)>,
    family: Option<(String, u64)>,
    born: Option<String>,
    street: Option<(String, u64)>,
    city: Option<String>,
    state: Option<String>,
    zip: Option<String>,
    part: Option<Part>,
    /// The line before was a street's, so this one may go on.
    open: bool,
}

impl People {
    /// Takes what fields say of a person; a name or a street that comes again begins the next one.
    pub(super) fn hear(&mut self, fields: &[Field], order: Order, part: Part, out: &mut Gathered) {
        self.open = false;
        for field in fields {
            let text = field.text.trim();
            if words::is_placeholder(text) {
                continue;
            }
            let said = || Some((text.to_owned(), field.line));
            let is_name = text.len() < 80 && !text.contains(['@', ':']) && !text.chars().any(|c| c.is_ascii_digit());
            match field.means {
                Some(Means::Name) if is_name => {
                    self.flush_person(out);
                    self.name = said();
                }
                Some(Means::Given) if is_name => {
                    if self.given.is_some() {
                        self.flush_person(out);
                    }
                    self.given = said();
                }
                Some(Means::Family) if is_name => self.family = said(),
                Some(Means::Born) => self.born = times::birth_date(text, order),
                Some(Means::Street)
                    if !text.contains('@')
                        && text.contains(' ')
                        && text.len() < 200
                        && text.chars().any(|c| c.is_ascii_digit()) =>
                {
                    self.flush_address(out);
                    self.street = said();
                    self.open = true;
                }
                Some(Means::City) => self.city = Some(text.to_owned()),
                Some(Means::State) => self.state = Some(text.to_owned()),
                Some(Means::Zip) => self.zip = Some(text.to_owned()),
                _ => continue,
            }
            self.part = Some(part);
        }
    }

    /// Takes a line without a label that goes on with the address: its flat, or its place with the ZIP code.
    pub(super) fn goes_on(&mut self, text: &str) -> bool {
        let Some((street, _)) = self.street.as_mut().filter(|_| self.open) else { return false };
        let lower = text.to_ascii_lowercase();
        let flat = ["apt", "unit", "suite", "ste", "#", "floor", "piso"].iter().any(|w| lower.starts_with(w));
        let zip = |w: &str| {
            let five = w.split('-').next().unwrap_or_default();
            five.len() == 5 && five.bytes().all(|b| b.is_ascii_digit())
        };
        let place = text.split_whitespace().next_back().is_some_and(zip) && text.chars().any(char::is_alphabetic);
        if text.len() > 80 || text.contains(['@', ':']) || !(flat || place) || has_zip(street) {
            return false;
        }
        street.truncate(street.trim_end_matches([',', ' ']).len());
        street.push_str(", ");
        street.push_str(text.trim());
        self.open = !place;
        true
    }

    pub(super) fn flush(&mut self, out: &mut Gathered) {
        self.flush_person(out);
        self.flush_address(out);
        self.part = None;
    }

    fn flush_person(&mut self, out: &mut Gathered) {
        let name = self.name.take();
        let (given, family, born) = (self.given.take(), self.family.take(), self.born.take());
        let (written, line) = match (given, family, name) {
            (Some((given, line)), Some((family, _)), _) => (format!("{family}, {given}"), line),
            (_, _, Some((name, line))) => (turned(&name), line),
            _ => return,
        };
        match born {
            Some(born) => self.emit(Kind::Person, &format!("{written}; {born}"), line, out),
            None => out.problem(
                line,
                "person",
                "has no date of birth beside the name, and a name alone never matches",
                "add the person by hand, as Family, Given; 1980-02-01",
            ),
        }
    }

    fn flush_address(&mut self, out: &mut Gathered) {
        let (city, state, zip) = (self.city.take(), self.state.take(), self.zip.take());
        let Some((mut street, line)) = self.street.take() else { return };
        if !has_zip(&street) {
            for (part, glue) in [(city, ", "), (state, ", "), (zip, " ")] {
                if let Some(part) = part {
                    street.push_str(glue);
                    street.push_str(&part);
                }
            }
        }
        self.emit(Kind::Address, &street, line, out);
    }

    fn emit(&self, kind: Kind, value: &str, line: u64, out: &mut Gathered) {
        let here =
            Here { habit: Habit::default(), platform: None, part: self.part.unwrap_or(Part::Plain), is_row: false };
        let (role, age) = here.whose();
        if let Some(draft) = draft(line, kind, value, role, age, model::Window::default()) {
            out.add(draft, line);
        }
    }
}

/// "Given Family" as "Family, Given".
fn turned(name: &str) -> String {
    if name.contains(',') {
        return name.to_owned();
    }
    let mut words: Vec<&str> = name.split_whitespace().collect();
    let suffix =
        |w: &&str| matches!(w.trim_end_matches('.').to_ascii_lowercase().as_str(), "jr" | "sr" | "ii" | "iii" | "iv");
    if words.len() > 2 && words.last().is_some_and(suffix) {
        words.pop();
    }
    match words.split_last() {
        Some((family, given)) if !given.is_empty() => format!("{family}, {}", given.join(" ")),
        _ => name.to_owned(),
    }
}

fn has_zip(text: &str) -> bool {
    text.split([' ', ',']).skip(1).any(|w| {
        let five = w.split('-').next().unwrap_or_default();
        five.len() == 5 && five.bytes().all(|b| b.is_ascii_digit())
    })
}
