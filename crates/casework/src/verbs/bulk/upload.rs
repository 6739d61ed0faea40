//! The values of an upload as they are kept while they wait: whole, a part a slice.

use model::{
    AgeClass, EntryClass, EntryDraft, EntryRole, FreeText, Kind, Level, Marking, Reliability, Source, Validity, Window,
};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::verbs::bulk::read;

/// A draft, with every field of it.
#[derive(Serialize, Deserialize)]
struct Kept {
    place: String,
    kind: Kind,
    value: String,
    platform: Option<String>,
    role: EntryRole,
    age: AgeClass,
    class: Option<EntryClass>,
    source: Option<Source>,
    report: Option<String>,
    seen: Window,
    port: Option<u16>,
    marking: Option<Marking>,
    reliability: Option<Reliability>,
    validity: Option<Validity>,
    level: Option<Level>,
    note: Option<FreeText>,
}

impl From<&EntryDraft> for Kept {
    fn from(d: &EntryDraft) -> Self {
        // Named one by one: a field that is added to a draft must be kept too, or this does not compile.
        let EntryDraft {
            place,
            kind,
            value,
            platform,
            role,
            age,
            class,
            source,
            report,
            seen,
            port,
            marking,
            reliability,
            validity,
            level,
            note,
        } = d.clone();
        Self {
            place,
            kind,
            value,
            platform,
            role,
            age,
            class,
            source,
            report,
            seen,
            port,
            marking,
            reliability,
            validity,
            level,
            note,
        }
    }
}

impl From<Kept> for EntryDraft {
    fn from(k: Kept) -> Self {
        Self {
            place: k.place,
            kind: k.kind,
            value: k.value,
            platform: k.platform,
            role: k.role,
            age: k.age,
            class: k.class,
            source: k.source,
            report: k.report,
            seen: k.seen,
            port: k.port,
            marking: k.marking,
            reliability: k.reliability,
            validity: k.validity,
            level: k.level,
            note: k.note,
        }
    }
}

/// The values cut into parts, each ready to be sealed.
pub(super) fn parts_of(drafts: &[EntryDraft], slice: usize) -> Result<Vec<Vec<u8>>, Error> {
    drafts.chunks(slice.max(1)).map(|part| super::bytes(&part.iter().map(Kept::from).collect::<Vec<_>>())).collect()
}

/// The values of one part.
pub(crate) fn drafts_of(part: &[u8]) -> Result<Vec<EntryDraft>, Error> {
    let kept: Vec<Kept> = read(part, "part")?;
    Ok(kept.into_iter().map(Into::into).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What waits is what was sent, to the last field.
    #[test]
    fn every_field_of_a_value_waits_with_it() {
        let mut full = EntryDraft::new("line 7", Kind::Handle, "night_owl");
        full.platform = Some("discord".to_owned());
        full.role = EntryRole::Witness;
        full.age = AgeClass::Minor;
        full.class = Some(EntryClass::Tip);
        full.source = Some(Source::CyberTip);
        full.report = Some("CT-1".to_owned());
        full.seen = Window::new(Some(model::Micros(5)), Some(model::Micros(9))).unwrap();
        full.port = Some(443);
        full.marking = Some("amber rel CA".parse().unwrap());
        full.reliability = Some(Reliability::Usually);
        full.validity = Some(Validity::Doubtful);
        full.level = Some(Level::Desk);
        full.note = Some(FreeText::parse("seen twice").unwrap());
        let drafts =
            [full, EntryDraft::new("line 8", Kind::Email, "a@example.org"), EntryDraft::new("", Kind::Md5, "x")];
        let parts = parts_of(&drafts, 2).unwrap();
        assert_eq!(parts.len(), 2);
        let back: Vec<EntryDraft> = parts.iter().flat_map(|p| drafts_of(p).unwrap()).collect();
        assert!(back == drafts);
    }
}
