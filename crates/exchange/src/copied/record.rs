//! Fields that belong together, a row or a block, become drafts: times find their addresses, ports too.

use model::{AgeClass, EntryRole, Kind, Window};

use super::fields::Field;
use super::gather::{Gathered, draft};
use super::shapes::{self, Spoilt};
use super::times::{self, Habit, Moment, Trouble};
use super::values::{self, Value};
use super::vocabulary::{Means, Part};
use super::words;
use super::zones;
use crate::case::widest;

/// What holds where a record stands.
pub(super) struct Here<'a> {
    pub(super) habit: Habit,
    pub(super) platform: Option<&'a str>,
    pub(super) part: Part,
    /// A row of a table or a line of its own: its time is of all that stands in it.
    pub(super) is_row: bool,
}

impl Here<'_> {
    pub(super) fn whose(&self) -> (EntryRole, AgeClass) {
        match self.part {
            Part::ChildVictim => (EntryRole::Victim, AgeClass::Minor),
            Part::Victim => (EntryRole::Victim, AgeClass::Unknown),
            _ => (EntryRole::Unknown, AgeClass::Unknown),
        }
    }
}

/// One identifier before it has its time.
struct Item {
    kind: Kind,
    value: String,
    platform: Option<String>,
    port: Option<u16>,
    line: u64,
    field: usize,
    of_making: bool,
}

/// The times a field holds, or why it holds none.
#[derive(Default)]
struct Times {
    window: Window,
    trouble: Option<Trouble>,
}

impl Times {
    fn of(moments: &[Moment]) -> Self {
        let mut times = Self::default();
        for m in moments {
            match m.when {
                Ok((from, to)) => {
                    times.join(&Self { window: Window { from: Some(from), to: Some(to) }, trouble: None })
                }
                Err(trouble) => times.trouble = times.trouble.or(Some(trouble)),
            }
        }
        times
    }

    fn join(&mut self, other: &Self) {
        self.window = widest(self.window, other.window);
        self.trouble = self.trouble.or(other.trouble);
    }

    fn says_anything(&self) -> bool {
        !self.window.is_unknown() || self.trouble.is_some()
    }
}

/// Reads a record's fields into drafts.
pub(super) fn read(fields: &[Field], here: &Here, out: &mut Gathered) {
    let text_of = |wanted: Means| fields.iter().find(|f| f.means == Some(wanted)).map(|f| f.text.as_str());
    let zone_field = text_of(Means::Zone).and_then(|t| zones::zone(t).or_else(|| zones::zone_in(t)));
    let mut items: Vec<Item> = Vec::new();
    let mut own: Vec<Times> = Vec::new();
    let (mut used, mut made) = (Times::default(), Times::default());
    let mut ports: Vec<(usize, u16)> = Vec::new();
    let day_and_hour = text_of(Means::Date).zip(text_of(Means::TimeOfDay)).filter(|(d, t)| d.len() + t.len() < 200);
    for (at, field) in fields.iter().enumerate() {
        let habit = Habit { zone: zone_field.or(field.zone).or(here.habit.zone), ..here.habit };
        let means = field.means;
        let mut text = field.text.clone();
        match (means, day_and_hour) {
            (Some(Means::Date), Some((day, hour))) => text = format!("{day} {hour}"),
            (Some(Means::TimeOfDay), Some(_)) => text.clear(),
            (
                Some(Means::Noise | Means::Report | Means::Reference | Means::Born | Means::Zone | Means::Platform),
                _,
            )
            | (Some(Means::City | Means::State | Means::Zip | Means::Given | Means::Family | Means::Name), _) => {
                text.clear()
            }
            _ => {}
        }
        let habit = match (means, day_and_hour) {
            // The zone may stand over the hours only.
            (Some(Means::Date), Some(_)) => {
                let hours = fields.iter().find(|f| f.means == Some(Means::TimeOfDay)).and_then(|f| f.zone);
                Habit { zone: hours.or(habit.zone), ..habit }
            }
            _ => habit,
        };
        let moments = times::scan(&text, habit);
        let mut held = Times::of(&moments);
        if moments.is_empty()
            && matches!(
                means,
                Some(Means::When | Means::From | Means::To | Means::Made | Means::TimeOfDay | Means::Date)
            )
            && let Some(moment) = times::epoch(&text)
        {
            held.window = Window { from: Some(moment), to: Some(moment) };
            text.clear();
        }
        match means {
            Some(Means::Made) => made.join(&held),
            Some(Means::When | Means::From | Means::To | Means::Date | Means::TimeOfDay) | None => used.join(&held),
            Some(_) if here.is_row => used.join(&held),
            Some(_) => {}
        }
        if means == Some(Means::Port) {
            if let Some(port) = shapes::port_of(&field.text) {
                ports.push((at, port));
            }
            text.clear();
        }
        let busy: Vec<_> = moments.iter().map(|m| (m.start, m.end)).collect();
        items.extend(items_of(field, at, &text, &busy, here, out));
        own.push(held);
    }
    give_ports(&mut items, &ports);
    let has_address = items.iter().any(|i| i.kind == Kind::Ip);
    let paired = items.iter().filter(|i| i.kind == Kind::Ip).count() > 1;
    for item in items {
        let held = own.get(item.field);
        let timed = held.is_some_and(|h| !h.window.is_unknown());
        let times = if timed && (!here.is_row || paired) {
            held
        } else if item.of_making && made.says_anything() {
            Some(&made)
        } else if (item.kind == Kind::Ip || here.is_row || !has_address) && used.says_anything() {
            Some(&used)
        } else {
            held
        };
        let mut seen = Window::default();
        if let Some(times) = times.filter(|_| is_used_in_time(item.kind)) {
            seen = times.window;
            if let Some(trouble) = times.trouble.filter(|_| seen.is_unknown()) {
                out.trouble(item.line, item.kind, trouble);
            }
        }
        emit(item, seen, here, out);
    }
}

fn emit(item: Item, seen: Window, here: &Here, out: &mut Gathered) {
    let (role, age) = here.whose();
    let Some(mut draft) = draft(item.line, item.kind, &item.value, role, age, seen) else { return };
    draft.port = item.port;
    let named = item.platform.or_else(|| here.platform.map(str::to_owned));
    draft.platform = match item.kind {
        Kind::Handle if named.is_none() => {
            out.problem(
                item.line,
                "handle",
                "has no platform beside it: the text does not name it",
                "name the site or application; an account without it never matches",
            );
            Some(crate::case::UNNAMED.to_owned())
        }
        Kind::Handle | Kind::Room => named,
        Kind::Payment if draft.value.starts_with('$') => Some("Cash App".to_owned()),
        Kind::Payment => named,
        _ => None,
    };
    out.add(draft, item.line);
}

/// Kinds that are seen in use at a time; a file, a car or a street is not.
fn is_used_in_time(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::Md5
            | Kind::Sha1
            | Kind::Sha256
            | Kind::Pdq
            | Kind::Plate
            | Kind::Vin
            | Kind::Address
            | Kind::Person
            | Kind::Serial
            | Kind::Iccid
    )
}

/// A port that stands in its own field belongs to the address before it, else to the first.
fn give_ports(items: &mut [Item], ports: &[(usize, u16)]) {
    for (field, port) in ports {
        let free = |i: &&mut Item| i.kind == Kind::Ip && i.port.is_none();
        let before = items.iter_mut().rev().filter(|i| i.field < *field).find(free);
        if let Some(item) = before {
            item.port = Some(*port);
        } else if let Some(item) = items.iter_mut().find(free) {
            item.port = Some(*port);
        }
    }
}

fn items_of(
    field: &Field,
    at: usize,
    text: &str,
    busy: &[(usize, usize)],
    here: &Here,
    out: &mut Gathered,
) -> Vec<Item> {
    let item = |kind, value: String, platform, port| Item {
        kind,
        value,
        platform,
        port,
        line: field.line,
        field: at,
        of_making: field.of_making,
    };
    if text.trim().is_empty() || field.means == Some(Means::Street) && text.trim().contains(' ') && !text.contains('@')
    {
        return Vec::new();
    }
    let label = match field.means {
        Some(Means::Kind(kind)) => Some(kind),
        Some(Means::Party) => Some(Kind::Phone),
        Some(Means::From | Means::To) if busy.is_empty() => Some(Kind::Phone),
        _ => None,
    };
    // Accounts and rooms are numbers too: behind their labels a telephone number needs its plus.
    let phones = !matches!(field.means, Some(Means::Kind(k)) if k != Kind::Phone)
        && (text.contains('+') || !matches!(field.means, Some(Means::Handle(_) | Means::Payment(_))));
    let found = shapes::scan(text, label, busy, phones);
    for spoilt in &found.spoilt {
        tell(*spoilt, field.line, out);
    }
    if let Some(Means::Payment(service)) = field.means
        && let Value::Some(names) = values::accounts(text, field.strict)
    {
        let service = (!service.is_empty()).then(|| service.to_owned());
        return names.into_iter().map(|(v, p)| item(Kind::Payment, v, p.or(service.clone()), None)).collect();
    }
    // A room may be an invitation link.
    if field.means == Some(Means::Kind(Kind::Room))
        && found.hits.iter().all(|h| h.kind == Kind::Url)
        && !found.hits.is_empty()
    {
        return found.hits.into_iter().map(|h| item(Kind::Room, h.value, None, None)).collect();
    }
    let mut items: Vec<Item> = Vec::new();
    let own_form = |k: Kind| matches!(k, Kind::Md5 | Kind::Sha1 | Kind::Sha256 | Kind::Wallet);
    let named_only = matches!(
        field.means,
        Some(Means::Handle(_) | Means::Kind(Kind::P2p | Kind::Serial | Kind::Room | Kind::Domain))
    );
    for hit in found.hits {
        if named_only && (own_form(hit.kind) || hit.kind == Kind::Mac) {
            continue;
        }
        items.push(item(hit.kind, hit.value, None, hit.port));
    }
    match field.means {
        Some(Means::Kind(kind))
            if !items.iter().any(|i| i.kind == kind) && (items.is_empty() || kind == Kind::Domain) =>
        {
            match values::read(kind, text, field.strict) {
                Value::Some(values) => items.extend(values.into_iter().map(|(v, p)| item(kind, v, p, None))),
                Value::Masked => tell(Spoilt::Masked(kind), field.line, out),
                Value::None => {}
            }
        }
        Some(means @ (Means::Handle(_) | Means::Party | Means::From | Means::To))
            if items.is_empty() && busy.is_empty() =>
        {
            let platform = match means {
                Means::Handle(p) if !p.is_empty() => Some(p.to_owned()),
                _ => None,
            };
            let sure = matches!(means, Means::Handle(_)) || (here.is_row && here.platform.is_some());
            if let Value::Some(names) = values::accounts(text, field.strict || !matches!(means, Means::Handle(_)))
                && sure
                && found.spoilt.is_empty()
            {
                items.extend(names.into_iter().map(|(v, p)| item(Kind::Handle, v, p.or(platform.clone()), None)));
            } else if matches!(values::accounts(text, true), Value::Masked) && sure && found.spoilt.is_empty() {
                tell(Spoilt::Masked(Kind::Handle), field.line, out);
            }
        }
        None => {
            let names = at_names(text, here).into_iter().chain(values::accounts_in_prose(text));
            items.extend(names.map(|v| item(Kind::Handle, v, None, None)));
        }
        _ => {}
    }
    items
}

/// "@name" where the text says which platform it speaks of.
fn at_names(text: &str, here: &Here) -> Vec<String> {
    if here.platform.is_none() || !text.contains('@') {
        return Vec::new();
    }
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '"'));
    words
        .filter_map(|w| w.strip_prefix('@'))
        .map(|w| w.trim_end_matches(['.', ':', '!', '?', '\'']))
        .filter(|w| {
            (2..=40).contains(&w.len()) && w.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'))
        })
        .map(str::to_owned)
        .collect()
}

fn tell(spoilt: Spoilt, line: u64, out: &mut Gathered) {
    let (kind, problem, cure) = match spoilt {
        Spoilt::Masked(kind) => {
            (kind, "is masked: part of it is hidden", "ask the provider for the whole value, or add it by hand")
        }
        Spoilt::Broken(kind) => (
            kind,
            "is broken off at the end of a line, and what follows does not say how it goes on",
            "look in the original and add it by hand",
        ),
        Spoilt::Network => (Kind::Ip, "is a network, not one address", "add the addresses of it that were in use"),
    };
    out.problem(line, kind.word(), problem, cure);
}

/// The platform a record names for itself.
pub(super) fn platform_of(fields: &[Field]) -> Option<String> {
    let field = fields.iter().find(|f| f.means == Some(Means::Platform))?;
    let text = field.text.split(['(', ',', ';', '\t']).next()?.trim();
    let fits = !text.is_empty() && text.len() <= 40 && !text.contains('@') && !words::is_placeholder(text);
    fits.then(|| text.to_owned())
}
