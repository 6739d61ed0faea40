//! What a submission keeps, sealed, so that a look can be made, made again, and made again years later.

use matching::{Family, Identifier, Lists, Normal, Reading};
use model::{EntryDraft, EntryId, EntryRole, Invalid, Level, Micros, Problem, SpaceId, Token};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::{Ask, RequestDigest, Store};

use crate::answer::Suppressed;
use crate::error::Error;

/// The inputs of a look.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Detail {
    pub file: String,
    pub check: bool,
    /// The case's number, for the owner's own answer.
    pub case: Option<String>,
    pub purpose: String,
    pub nexus: Option<String>,
    pub request: String,
    pub entries: usize,
    pub problems: Vec<Problem>,
    pub suppressed: Vec<Suppressed>,
    pub lists: String,
    pub asked: Vec<Asked>,
    /// A slice of a bulk job: of a question what met nothing is not kept.
    #[serde(default)]
    pub bulk: bool,
    /// Once that is forgotten: where each that is left stood among what was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<Vec<usize>>,
}

/// One identifier that can match.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub entry: EntryId,
    pub yours: String,
    /// Where in the file it stood.
    #[serde(default)]
    pub place: String,
    pub normal: Normal,
    pub facts: matching::Facts,
    pub level: Level,
    #[serde(with = "runs")]
    pub probes: Vec<Probe>,
}

impl Asked {
    /// The value as an answer or a receipt may name it.
    pub(crate) fn named(&self) -> String {
        named(self.normal.kind, self.facts.role, self.facts.age, &self.yours, &self.place)
    }
}

/// One's own value as a list, an answer or a notice names it. That of a child, a victim or a witness stands in none: its
/// place in the file that brought it must do (18 U.S.C. 3509(d); sentence 5 of docs/ARCHITECTURE.md).
pub(crate) fn named(kind: model::Kind, role: EntryRole, age: model::AgeClass, value: &str, place: &str) -> String {
    if model::is_protected(role, age) {
        format!("{kind} of a protected person ({})", if place.is_empty() { "as submitted" } else { place })
    } else {
        value.to_owned()
    }
}

/// The same of an entry read back.
pub(crate) fn named_own(e: &store::OwnEntry) -> String {
    named(e.kind, e.role, e.age, &e.content.raw, e.content.place.as_deref().unwrap_or_default())
}

/// Holds content: never printed.
impl std::fmt::Debug for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asked").field("entry", &self.entry).finish_non_exhaustive()
    }
}

/// One fingerprint to ask for, with the rule family it speaks for.
#[derive(Clone, Copy)]
pub(crate) struct Probe {
    space: i64,
    token: [u8; 16],
    family: i64,
}

/// "space:tokens:family": a perceptual hash has 272 fingerprints, so those that agree but for the token are written as one.
mod runs {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Probe;

    pub(super) fn serialize<S: Serializer>(probes: &[Probe], to: S) -> Result<S::Ok, S::Error> {
        let runs = probes.chunk_by(|a, b| (a.space, a.family) == (b.space, b.family));
        to.collect_seq(runs.filter_map(|run| {
            let first = run.first()?;
            let tokens: Vec<u8> = run.iter().flat_map(|p| p.token).collect();
            Some(format!("{}:{}:{}", first.space, hex::encode(tokens), first.family))
        }))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Probe>, D::Error> {
        let mut probes = Vec::new();
        for text in Vec::<String>::deserialize(from)? {
            run(&text, &mut probes).ok_or_else(|| D::Error::custom("not a run of probes"))?;
        }
        Ok(probes)
    }

    fn run(text: &str, to: &mut Vec<Probe>) -> Option<()> {
        let mut parts = text.split(':');
        let (space, tokens, family) = (parts.next()?, parts.next()?, parts.next()?);
        let (space, family) = (space.parse().ok()?, family.parse().ok()?);
        let tokens = hex::decode(tokens).ok()?;
        let (tokens, rest) = tokens.as_chunks::<16>();
        if tokens.is_empty() || !rest.is_empty() || parts.next().is_some() {
            return None;
        }
        to.extend(tokens.iter().map(|token| Probe { space, token: *token, family }));
        Some(())
    }
}

impl Probe {
    pub(crate) fn new(space: SpaceId, token: Token, family: Family) -> Self {
        Self { space: space.0, token: token.0, family: family.code() }
    }

    pub(crate) fn key(self) -> (SpaceId, Token) {
        (SpaceId(self.space), Token(self.token))
    }

    pub(crate) fn family(self) -> Option<Family> {
        Family::from_code(self.family)
    }

    pub(crate) fn ask(self) -> Ask {
        // A band of a perceptual hash is shared by thousands by chance: it never counts towards the cap.
        Ask { space: SpaceId(self.space), token: Token(self.token), counted: self.family() != Some(Family::Pdq) }
    }
}

/// One draft, read.
pub(crate) enum Read {
    /// It can match.
    Whole { normal: Normal, asked: Asked, stored: Vec<(SpaceId, Token)> },
    /// It is kept and never matches.
    Kept { normal: Option<Normal>, why: Suppressed },
}

/// Reads one draft: normalise, stop-lists, fingerprints in every live space.
///
/// # Errors
/// The draft's own problem, placed, when the value cannot be of its kind.
pub(crate) fn read(
    store: &Store,
    lists: &Lists,
    reading: &Reading,
    draft: &EntryDraft,
    id: EntryId,
    level: Level,
    now: Micros,
) -> Result<Result<Read, Problem>, Error> {
    let identifier = match matching::normalise(draft.kind, &draft.value, draft.platform.as_deref(), reading) {
        Ok(identifier) => identifier,
        Err(invalid) => return Ok(Err(invalid.at(draft.place.clone(), "value"))),
    };
    let kept = |normal, why: String, list_version: String| {
        let value = named(draft.kind, draft.role, draft.age, &draft.value, &draft.place);
        Ok(Ok(Read::Kept { normal, why: Suppressed { value, kind: draft.kind.word().to_owned(), why, list_version } }))
    };
    let normal = match identifier {
        Identifier::Partial { why } => return kept(None, why, lists.version().to_owned()),
        Identifier::Whole(normal) => normal,
    };
    if let Some(s) = lists.suppressed(&normal) {
        return kept(Some(normal), s.why, format!("{} {}", s.list, s.list_version));
    }
    let (mut probes, mut stored) = (Vec::new(), Vec::new());
    for space in store.spaces() {
        for key in matching::probes_with(&normal, lists) {
            let token = store.token(space, &key.text)?;
            probes.push(Probe { space: space.0, token: token.0, family: key.family.code() });
        }
        for key in matching::keys_with(&normal, lists) {
            stored.push((space, store.token(space, &key.text)?));
        }
    }
    let facts = matching::Facts {
        kind: draft.kind,
        role: draft.role,
        age: draft.age,
        source: draft.source,
        seen: draft.seen,
        port: draft.port,
        entered: now,
    };
    let (yours, place) = (draft.value.clone(), draft.place.clone());
    let asked = Asked { entry: id, yours, place, normal: normal.clone(), facts, level, probes };
    Ok(Ok(Read::Whole { normal, asked, stored }))
}

impl Detail {
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        serde_json::to_vec(self)
            .map_err(|_| store::Error::Inconsistent { table: "submission", column: "sealed" }.into())
    }

    /// What an event binds of it: of a question in bulk all but the values, for those are not kept.
    pub(crate) fn bound(&self) -> Result<Vec<u8>, Error> {
        if self.bulk && self.check {
            Self { asked: Vec::new(), left: None, ..self.clone() }.to_bytes()
        } else {
            self.to_bytes()
        }
    }

    /// Keeps of what was asked only what the answer names; the places tell which they were.
    pub(crate) fn forget_misses(&mut self, answer: &crate::answer::Answer) {
        if self.left.is_some() {
            return;
        }
        let named = answer.names();
        let kept = std::mem::take(&mut self.asked).into_iter().enumerate();
        let (left, asked) = kept.filter(|(_, a)| named.contains(a.named().as_str())).unzip();
        (self.left, self.asked) = (Some(left), asked);
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        serde_json::from_slice(bytes)
            .map_err(|_| store::Error::Inconsistent { table: "submission", column: "sealed" }.into())
    }
}

/// Is this draft a subject (28 CFR 23.20(a))?
pub(crate) fn is_subject(draft: &EntryDraft) -> bool {
    draft.role == EntryRole::Subject
}

/// A file that yields nothing at all.
pub(crate) fn nothing_in(file: &str) -> Error {
    let problem =
        Invalid::new("holds no identifier", "give a CSV with the header kind,value or a CASE file").at("file", "file");
    Error::File { file: file.to_owned(), problems: vec![problem] }
}

/// What the matcher was given in the look that answered: with the submission's own detail, and this, the same call gives
/// the same answer years later. Facts of the other side's entries, never their values.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Inputs {
    /// Edition of lists and parameters.
    pub lists: String,
    /// Edition of the policies that decided what was shown.
    pub policies: String,
    /// How many cases may hold a value.
    pub cap: u32,
    /// Every posting that met, as the rules saw it.
    pub hits: Vec<HitFacts>,
    /// What was met and not shown, one line each.
    pub withheld: Vec<String>,
    /// The salt of the receipt's commitment to it: with both a court can open the commitment.
    pub withheld_salt: String,
}

/// One posting that met.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct HitFacts {
    pub case: model::CaseId,
    pub agency: model::AgencyId,
    pub lead: model::MemberId,
    pub entry: EntryId,
    pub level: Level,
    pub facts: matching::Facts,
    pub mine: usize,
    pub family: Family,
    pub near: Option<bool>,
}

impl From<&matching::Hit> for HitFacts {
    fn from(h: &matching::Hit) -> Self {
        Self {
            case: h.case,
            agency: h.agency,
            lead: h.lead,
            entry: h.entry,
            level: h.level,
            facts: h.facts,
            mine: h.mine,
            family: h.family,
            near: h.near,
        }
    }
}

/// Problems in the order of the file: by line where lines are named, otherwise as they were found.
pub(crate) fn in_file_order(problems: &mut [Problem]) {
    problems.sort_by_key(|p| p.place.strip_prefix("line ").and_then(|n| n.parse::<u64>().ok()).unwrap_or(u64::MAX));
}

/// What one request asks, as a digest: sent again with its id it must ask the same. `chosen`: what stands for all rows, each
/// word by itself. Places in the file and its name are no part of it: they say where the same things stood.
pub(crate) fn request_digest(
    verb: &str,
    who: &policy::Principal,
    case: Option<&model::CaseNumber>,
    chosen: &[&str],
    drafts: &[EntryDraft],
) -> RequestDigest {
    let member = who.member.to_string();
    let (mut whole, mut before) = (Parts::default(), Parts::default());
    for text in [verb, &member, case.map_or("", |c| c.as_str())] {
        whole.part(text);
        before.part(text);
    }
    whole.part(&chosen.len().to_string());
    chosen.iter().for_each(|text| whole.part(text));
    for d in drafts {
        let level = d.level.map_or("", model::Level::word);
        let first =
            [d.kind.word(), &d.value, d.platform.as_deref().unwrap_or_default(), d.role.word(), d.age.word(), level];
        for text in first {
            whole.part(text);
            before.part(text);
        }
        whole.maybe(d.class.map(model::EntryClass::word));
        whole.maybe(d.source.map(model::Source::word));
        whole.maybe(d.report.as_deref());
        whole.maybe(d.seen.from.map(|t| t.to_string()).as_deref());
        whole.maybe(d.seen.to.map(|t| t.to_string()).as_deref());
        whole.maybe(d.port.map(|p| p.to_string()).as_deref());
        whole.maybe(d.marking.as_ref().map(ToString::to_string).as_deref());
        whole.maybe(d.reliability.map(model::Reliability::word));
        whole.maybe(d.validity.map(model::Validity::word));
        whole.maybe(d.note.as_ref().map(model::FreeText::as_str));
    }
    RequestDigest::new(whole.end(), before.end())
}

/// What is written into a thread under one request.
pub(crate) fn thread_digest(who: &policy::Principal, conflict: model::ConflictId, parts: &[String]) -> RequestDigest {
    let mut whole = Parts::default();
    whole.part(&who.member.to_string());
    whole.part(&conflict.to_string());
    parts.iter().for_each(|text| whole.part(text));
    whole.end().into()
}

/// Texts digested one after another, so that none runs into the next.
#[derive(Default)]
struct Parts(Sha256);

impl Parts {
    fn part(&mut self, text: &str) {
        self.0.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.0.update(text.as_bytes());
    }

    /// What was not said differs from what was said to be empty.
    fn maybe(&mut self, text: Option<&str>) {
        self.part(if text.is_some() { "+" } else { "-" });
        self.part(text.unwrap_or_default());
    }

    fn end(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::Probe;

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Kept(#[serde(with = "super::runs")] Vec<Probe>);

    fn probe(space: i64, first: u8, family: i64) -> Probe {
        let mut token = [7; 16];
        token[0] = first;
        Probe { space, token, family }
    }

    fn plain(probes: &[Probe]) -> Vec<(i64, [u8; 16], i64)> {
        probes.iter().map(|p| (p.space, p.token, p.family)).collect()
    }

    #[test]
    fn probes_are_kept_in_runs_and_in_their_order() {
        let all = vec![probe(1, 9, 2), probe(1, 3, 2), probe(1, 4, 5), probe(-2, 4, 5), probe(1, 0, 2)];
        let text = serde_json::to_string(&Kept(all.clone())).unwrap();
        assert_eq!(text.matches(':').count(), 8, "four runs: {text}");
        assert_eq!(plain(&serde_json::from_str::<Kept>(&text).unwrap().0), plain(&all));
        assert_eq!(serde_json::to_string(&Kept(Vec::new())).unwrap(), "[]");
    }

    #[test]
    fn what_was_kept_one_by_one_reads_as_before() {
        let token = "09070707070707070707070707070707";
        let old = format!("[\"1:{token}:2\",\"1:{token}:2\"]");
        assert_eq!(plain(&serde_json::from_str::<Kept>(&old).unwrap().0), plain(&[probe(1, 9, 2), probe(1, 9, 2)]));
        for bad in ["", "1:2", "1::2", "1:09:2", &format!("1:{token}:2:3"), &format!("x:{token}:2")] {
            assert!(serde_json::from_str::<Kept>(&format!("[\"{bad}\"]")).is_err(), "{bad}");
        }
    }
}
