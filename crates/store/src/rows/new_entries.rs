//! Entries as they go in: sealed first, where nobody waits for it, then written with their postings and words.

use model::{
    AgeClass, AgencyId, CaseId, EntryClass, EntryId, EntryRole, Kind, Level, MemberId, Micros, PredicateId,
    Reliability, Source, SpaceId, SubmissionId, Token, Validity, Window,
};
use policy::Action;

use crate::db::{Value, binds};
use crate::error::Error;
use crate::keys::Cipher;
use crate::rows::entries::{EntryContent, EntryState, entry_place};
use crate::rows::words::Worded;
use crate::tx::Tx;

/// An entry as it enters the store. Content is clear here: only the store seals it.
pub struct NewEntry {
    /// Its id.
    pub id: EntryId,
    /// What sort of value.
    pub kind: Kind,
    /// Sealed part.
    pub content: EntryContent,
    /// Whose it is.
    pub role: EntryRole,
    /// Adult or minor.
    pub age: AgeClass,
    /// Governing class.
    pub class: EntryClass,
    /// Where it came from.
    pub source: Option<Source>,
    /// How it answers others.
    pub level: Level,
    /// When a silent order ends.
    pub silent_until: Option<Micros>,
    /// Confidence label.
    pub reliability: Reliability,
    /// Confidence label.
    pub validity: Validity,
    /// How far it travels.
    pub marking: model::Marking,
    /// When it was seen in use.
    pub seen: Window,
    /// Port of an IP address.
    pub port: Option<u16>,
    /// The facts that make suspicion reasonable.
    pub predicate: Option<PredicateId>,
    /// Who controls it (28 CFR 23.20(g)).
    pub control_official: Option<MemberId>,
    /// Live, kept or asked.
    pub state: EntryState,
    /// Version of the normaliser.
    pub rule_version: u32,
    /// Its fingerprints; empty unless live.
    pub tokens: Vec<(SpaceId, Token)>,
}

/// The entries of one submission in one case.
pub struct Bundle<'a> {
    /// The submission they came with.
    pub submission: SubmissionId,
    /// The case that holds them.
    pub case: CaseId,
    /// The entries.
    pub entries: &'a [NewEntry],
}

/// Whose grants add entries.
const ADDS: [Action; 5] = [Action::Submit, Action::ReceiveTip, Action::Look, Action::Sweep, Action::SecondLook];

/// Entries whose rows are made and not yet written.
#[must_use]
pub struct SealedEntries {
    by: u64,
    agency: AgencyId,
    /// All but when they are entered and reviewed, which the transaction says once it has begun.
    entries: Vec<(EntryClass, Vec<Value>)>,
    /// Those of [`POSTING`].
    postings: [Vec<Vec<Value>>; 2],
    words: Vec<Vec<Value>>,
    counts: Vec<i64>,
}

impl SealedEntries {
    /// How many postings each bundle has.
    pub fn postings(&self) -> &[i64] {
        &self.counts
    }
}

/// A live entry's fingerprints stand among the silent ones or the others, never both.
const POSTING: [&str; 2] = [
    "INSERT INTO posting (bucket, space, token, case_id, entry) SELECT a, b, c, d, e FROM q WHERE true
     ON CONFLICT (bucket, space, token, case_id, entry) DO NOTHING",
    "INSERT INTO silent_posting (bucket, space, token, case_id, entry) SELECT a, b, c, d, e FROM q WHERE true
     ON CONFLICT (bucket, space, token, case_id, entry) DO NOTHING",
];

impl Tx {
    /// Adds entries and their postings to cases of one agency; returns how many postings each bundle has. All bundles go in
    /// with the same few statements, whatever their number.
    pub async fn add_entries(&mut self, agency: AgencyId, bundles: &[Bundle<'_>]) -> Result<Vec<i64>, Error> {
        let sealed = self.seal_entries(agency, bundles).await?;
        let counts = sealed.postings().to_vec();
        self.keep_entries(sealed).await?;
        Ok(counts)
    }

    /// Makes the rows of entries, their postings and their words, and writes nothing yet.
    pub async fn seal_entries(&mut self, agency: AgencyId, bundles: &[Bundle<'_>]) -> Result<SealedEntries, Error> {
        self.needs(&ADDS)?;
        self.own(agency)?;
        let (mut entries, mut counts) = (Vec::new(), Vec::with_capacity(bundles.len()));
        let mut open: Vec<(Token, SpaceId, CaseId, EntryId)> = Vec::new();
        let mut silent: Vec<(Token, SpaceId, CaseId, EntryId)> = Vec::new();
        let mut words = Vec::new();
        for bundle in bundles {
            let cipher = self.case_cipher(agency, bundle.case).await?;
            let before = open.len() + silent.len();
            for e in bundle.entries {
                entries.push((e.class, self.entry_row(&cipher, agency, bundle, e)?));
                words.extend(Worded::entry(bundle.case, e.id, (e.kind, e.role, e.age), &e.content));
                let to = if e.level == Level::Silent { &mut silent } else { &mut open };
                let mut tokens = e.tokens.clone();
                tokens.sort_unstable();
                tokens.dedup();
                to.extend(tokens.into_iter().map(|(space, token)| (token, space, bundle.case, e.id)));
            }
            counts.push(i64::try_from(open.len() + silent.len() - before).map_err(|_| Error::Failed)?);
        }
        let postings = [open, silent].map(|mut tokens| {
            tokens.sort_unstable_by_key(|(t, s, c, e)| (t.bucket(), *s, *t, *c, *e)); // primary key order: see Conn::insert
            tokens.into_iter().map(|(t, s, c, e)| binds![t.bucket(), s, t, c, e]).collect()
        });
        let words = self.word_rows(agency, words).await?;
        Ok(SealedEntries { by: self.number(), agency, entries, postings, words, counts })
    }

    /// Writes entries that were sealed here.
    pub async fn keep_entries(&mut self, sealed: SealedEntries) -> Result<(), Error> {
        self.needs(&ADDS)?;
        self.own(sealed.agency)?;
        self.sealed_here(sealed.by)?;
        self.conn().await?;
        // Now and not when it was sealed: a question asked while this waited did not miss what had not been entered.
        let now = self.now();
        let dated = |(class, mut row): (EntryClass, Vec<Value>)| {
            row.extend(binds![now, class.review_due(now)]);
            row
        };
        let entries = sealed.entries.into_iter().map(dated).collect();
        let conn = self.conn().await?;
        conn.insert(
            "INSERT INTO entry (case_id, id, agency, submission, kind, role, age, class, source, level, silent_until_us, reliability, validity, marking, \
             seen_from_us, seen_to_us, port, predicate, control_official, state, rule_version, preserved, sealed, row_version, entered_us, review_us)",
            "ON CONFLICT (case_id, id) DO NOTHING",
            entries,
        )
        .await?;
        for (statement, rows) in POSTING.into_iter().zip(sealed.postings) {
            conn.exec_keyed(statement, rows).await?; // many short rows: half the time of values bound one by one
        }
        self.index_rows(sealed.words).await
    }

    fn entry_row(
        &self,
        cipher: &Cipher,
        agency: AgencyId,
        bundle: &Bundle<'_>,
        e: &NewEntry,
    ) -> Result<Vec<Value>, Error> {
        let clear = serde_json::to_vec(&e.content).map_err(|_| Error::Seal("entry"))?;
        let sealed = cipher.seal(self.store.chance(), entry_place(agency, &e.id), &clear)?;
        Ok(binds![
            bundle.case,
            e.id,
            agency,
            bundle.submission,
            e.kind.code(),
            e.role.code(),
            e.age.code(),
            e.class.code(),
            e.source.map(Source::code),
            e.level.code(),
            e.silent_until,
            e.reliability.code(),
            e.validity.code(),
            e.marking.to_string(),
            e.seen.from,
            e.seen.to,
            e.port.map(i64::from),
            e.predicate,
            e.control_official,
            e.state.code(),
            i64::from(e.rule_version),
            false,
            sealed,
            1
        ])
    }
}
