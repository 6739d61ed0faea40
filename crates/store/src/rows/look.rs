//! The look: which entries of others stand under these fingerprints. Only the matcher's grants open it.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AgeClass, AgencyId, CaseId, EntryId, EntryRole, Kind, Level, MemberId, Micros, Pdq, Source, SpaceId, SubmissionId,
    Token, Window,
};
use policy::disclosure::Other;
use policy::{Action, Grant, Principal, Sealed};
use uuid::Uuid;

use crate::db::{Engine, Value, binds};
use crate::error::Error;
use crate::keyed::AT_ONCE;
use crate::rows::entries::EntryState;
use crate::rows::held::Held;
use crate::store::Store;
use crate::tx::Tx;

/// One fingerprint to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ask {
    /// Its space.
    pub space: SpaceId,
    /// The fingerprint.
    pub token: Token,
    /// Does it count towards the cap? Bands of a perceptual hash do not: thousands share one by chance.
    pub counted: bool,
}

/// So many times fewer must the rows of a table be than what is sought in it, to be read whole: a row that is read in order
/// costs less than one sought, and this leaves room.
const SOUGHT_FOR_ONE_READ: usize = 8;

/// Keys a probe takes on PostgreSQL: its plan is the same for any number, each key is sought by itself. Of four times as many
/// the planner thinks that compiling them pays (jit_above_cost).
const PROBED_AT_ONCE: usize = 4_096;

/// Where to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Among {
    /// Open and desk entries: what a request may ask.
    Answering,
    /// Of those only the entries of undercover identities, whose meetings have a rule of their own.
    Personas,
    /// Silent entries: never asked in a request (invariant 9).
    Silent,
}

impl Among {
    /// Whose grants open it.
    fn openers(self) -> &'static [Action] {
        match self {
            Self::Answering => &[Action::Look, Action::Sweep, Action::SecondLook, Action::SilentLook],
            Self::Silent | Self::Personas => &[Action::SilentLook],
        }
    }

    /// Which of the keys some other case holds, each with the cases counted for it.
    fn probe(self) -> &'static str {
        match self {
            Self::Answering => {
                "SELECT q.b AS space, q.c AS token, (SELECT n.cases FROM token_count n WHERE n.bucket = q.a AND n.space = q.b AND n.token = q.c) AS cases
                 FROM q WHERE (SELECT CAST(1 AS BIGINT) FROM posting t WHERE t.bucket = q.a AND t.space = q.b AND t.token = q.c AND t.case_id <> q.d LIMIT 1) = 1"
            }
            Self::Personas => {
                "SELECT q.b AS space, q.c AS token, (SELECT n.cases FROM token_count n WHERE n.bucket = q.a AND n.space = q.b AND n.token = q.c) AS cases
                 FROM q WHERE (SELECT CAST(1 AS BIGINT) FROM posting t CROSS JOIN entry e WHERE t.bucket = q.a AND t.space = q.b AND t.token = q.c AND t.case_id <> q.d
                 AND e.case_id = t.case_id AND e.id = t.entry AND e.role = 4 LIMIT 1) = 1"
            }
            Self::Silent => {
                "SELECT q.b AS space, q.c AS token, CAST(NULL AS BIGINT) AS cases
                 FROM q WHERE (SELECT CAST(1 AS BIGINT) FROM silent_posting t WHERE t.bucket = q.a AND t.space = q.b AND t.token = q.c AND t.case_id <> q.d LIMIT 1) = 1"
            }
        }
    }

    /// The postings of the keys.
    fn postings(self) -> &'static str {
        match self {
            Self::Answering => {
                "SELECT t.space, t.token, t.case_id, t.entry FROM q CROSS JOIN posting t WHERE t.bucket = q.a AND t.space = q.b AND t.token = q.c"
            }
            Self::Personas => {
                "SELECT t.space, t.token, t.case_id, t.entry FROM q CROSS JOIN posting t CROSS JOIN entry e WHERE t.bucket = q.a AND t.space = q.b AND t.token = q.c
                 AND e.case_id = t.case_id AND e.id = t.entry AND e.role = 4"
            }
            Self::Silent => {
                "SELECT t.space, t.token, t.case_id, t.entry FROM q CROSS JOIN silent_posting t WHERE t.bucket = q.a AND t.space = q.b AND t.token = q.c"
            }
        }
    }
}

/// Another case's entry under a fingerprint we asked for.
pub struct Hit {
    /// The fingerprint.
    pub token: Token,
    /// Its space.
    pub space: SpaceId,
    /// The entry's case.
    pub case: CaseId,
    /// The entry.
    pub entry: EntryId,
    /// Its agency.
    pub agency: AgencyId,
    /// Its case's lead: who is told.
    pub lead: MemberId,
    /// Its case's supervisor.
    pub supervisor: Option<MemberId>,
    /// How it answers.
    pub level: Level,
    /// Its kind.
    pub kind: Kind,
    /// Its role.
    pub role: EntryRole,
    /// Its age class.
    pub age: AgeClass,
    /// Its source.
    pub source: Option<Source>,
    /// When it was seen.
    pub seen: Window,
    /// Its port.
    pub port: Option<u16>,
    /// When it was entered.
    pub entered: Micros,
    /// The lead as a reader: what the other side may be shown of us is decided for them.
    pub reader: Principal,
    /// What may be shown of it, for disclosure to decide.
    pub other: Sealed<Other>,
    /// Its perceptual hash, when it has one.
    pub pdq: Option<Sealed<Pdq>>,
}

/// What a look found.
pub struct Found {
    /// Hits, by entry.
    pub hits: Vec<Hit>,
    /// Fingerprints that more cases than the cap hold: they make no pairs.
    pub over_cap: Vec<Ask>,
}

#[derive(sqlx::FromRow)]
struct Posted {
    space: i64,
    token: Vec<u8>,
    case_id: Uuid,
    entry: Uuid,
}

/// A fingerprint that some other case holds.
#[derive(sqlx::FromRow)]
struct Probed {
    space: i64,
    token: Vec<u8>,
    /// As counted, where it was.
    cases: Option<i64>,
}

/// The fingerprints that some other case held when a view was asked. Dropped before [`HeldElsewhere::recorded`] it leaves
/// an "abandoned" event, as the view would.
pub struct HeldElsewhere {
    keys: BTreeSet<(SpaceId, Token)>,
    view: Tx,
}

impl HeldElsewhere {
    /// Is this one of them?
    pub fn holds(&self, ask: &Ask) -> bool {
        self.keys.contains(&(ask.space, ask.token))
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The act of the look that followed is committed, and says what was read here too.
    pub fn recorded(mut self) {
        self.view.stands_in_another();
    }
}

impl Store {
    /// Which of these fingerprints some other case holds, as a view says that begins now and is over when this returns. Of
    /// most it says that nobody does: the transaction that looks asks for the few others alone, and holds nobody up
    /// meanwhile. What is put there later finds the asker itself. The look's own act records both.
    pub async fn held_elsewhere(
        &self,
        grant: &Grant,
        asks: &[(Ask, Option<CaseId>)],
        among: &[Among],
    ) -> Result<HeldElsewhere, Error> {
        let mut view = self.view(grant).await?;
        let askers = in_order(asks);
        let mut keys = BTreeSet::new();
        for among in among {
            view.needs(among.openers())?;
            let held = if *among == Among::Personas && !view.some_persona_has_a_perceptual_hash().await? {
                let others: Vec<_> = askers.iter().filter(|(ask, _)| ask.counted).copied().collect();
                view.held_elsewhere(&others, *among).await?
            } else {
                view.held_elsewhere(&askers, *among).await?
            };
            keys.extend(held.into_keys().map(|(token, space)| (space, token)));
        }
        view.end_snapshot().await?;
        Ok(HeldElsewhere { keys, view })
    }
}

/// Askers in the order of what they ask for.
fn in_order(asks: &[(Ask, Option<CaseId>)]) -> Vec<(Ask, Option<CaseId>)> {
    let mut askers = asks.to_vec();
    askers.sort_unstable_by_key(|(a, case)| (u128::from_be_bytes(a.token.0), a.space, a.counted, *case));
    askers.dedup();
    askers
}

impl Tx {
    /// Every entry of another case under these fingerprints, with what disclosure needs. Many submissions may ask at once.
    ///
    /// Each ask names the case it is asked for, whose own entries are no hits for it; with several askers of one
    /// fingerprint each may get the others' entries and finds its own among them. `cap` is the number of cases a value may
    /// be held by.
    pub async fn look(&mut self, asks: &[(Ask, Option<CaseId>)], among: Among, cap: u32) -> Result<Found, Error> {
        self.needs(among.openers())?;
        let askers = in_order(asks);
        let (mut asks, mut only, mut over) = (Vec::new(), BTreeMap::new(), BTreeSet::new());
        for ((token, space), cases) in self.held_elsewhere(&askers, among).await? {
            let from = askers.partition_point(|(a, _)| (a.token, a.space) < (token, space));
            let group = || askers.iter().skip(from).take_while(|(a, _)| (a.token, a.space) == (token, space));
            let Some((_, mine)) = group().next() else { continue };
            only.insert((space, token), mine.filter(|_| group().all(|(_, other)| other == mine)));
            let before = asks.len();
            for (ask, _) in group() {
                if asks.get(before..).is_some_and(|new| new.last() != Some(ask)) {
                    asks.push(*ask);
                }
            }
            if cases > i64::from(cap) && asks.iter().skip(before).any(|a| a.counted) {
                over.insert((space, token));
            }
        }
        let keys = asks
            .iter()
            .filter(|a| !over.contains(&(a.space, a.token)))
            .map(|a| binds![a.token.bucket(), a.space, a.token])
            .collect();
        let posted: Vec<Posted> = self.conn().await?.join(among.postings(), keys).await?;
        let mut cases_of: BTreeMap<(SpaceId, Token), BTreeSet<Uuid>> = BTreeMap::new();
        let mut found = Vec::with_capacity(posted.len());
        for p in posted {
            let key = (SpaceId(p.space), token(p.token)?);
            cases_of.entry(key).or_default().insert(p.case_id);
            found.push((key, p.case_id, p.entry));
        }
        if among == Among::Answering {
            self.count(&asks, &cases_of, cap, &mut over).await?;
        }
        // What only its own case asks for is no hit for anybody.
        found.retain(|(key, case, _)| {
            !over.contains(key) && only.get(key).copied().flatten() != Some(CaseId::from(*case))
        });
        let hits = self.hits(found).await?;
        let over_cap = asks.into_iter().filter(|a| over.contains(&(a.space, a.token))).collect();
        Ok(Found { hits, over_cap })
    }

    /// The few of these fingerprints that some other case holds, each with the cases counted for it: of most, one probe
    /// says "nobody", and no count and no row is read for them. `askers` come in the order of the fingerprints.
    async fn held_elsewhere(
        &mut self,
        askers: &[(Ask, Option<CaseId>)],
        among: Among,
    ) -> Result<BTreeMap<(Token, SpaceId), i64>, Error> {
        let mut keys: Vec<(Token, SpaceId, Uuid)> =
            askers.iter().map(|(ask, mine)| (ask.token, ask.space, mine.map_or_else(Uuid::nil, Uuid::from))).collect();
        keys.dedup(); // neighbours on disk together
        if among == Among::Silent
            && let Some(held) = self.held_of_few(&keys).await?
        {
            return Ok(held);
        }
        let keys: Vec<[Value; 4]> =
            keys.into_iter().map(|(t, space, mine)| [t.bucket().into(), space.into(), t.into(), mine.into()]).collect();
        let conn = self.conn().await?;
        let at_once = match conn.engine() {
            Engine::Sqlite => AT_ONCE,
            Engine::Postgres => PROBED_AT_ONCE,
        };
        let held: Vec<Probed> = conn.join_at_once(among.probe(), &keys, at_once).await?;
        held.into_iter().map(|p| Ok(((token(p.token)?, SpaceId(p.space)), p.cases.unwrap_or(0)))).collect()
    }

    /// The same among silent postings where they are few beside what is asked for: read whole, one after the other, instead
    /// of sought many times. `None` where they are not. `keys` come in order.
    async fn held_of_few(
        &mut self,
        keys: &[(Token, SpaceId, Uuid)],
    ) -> Result<Option<BTreeMap<(Token, SpaceId), i64>>, Error> {
        #[derive(sqlx::FromRow)]
        struct Silent {
            space: i64,
            token: Vec<u8>,
            case_id: Uuid,
        }
        let few = keys.len() / SOUGHT_FOR_ONE_READ;
        if few == 0 {
            return Ok(None);
        }
        let most = i64::try_from(few).unwrap_or(i64::MAX).saturating_add(1);
        let all: Vec<Silent> =
            self.conn().await?.rows("SELECT space, token, case_id FROM silent_posting LIMIT $1", binds![most]).await?;
        if all.len() > few {
            return Ok(None);
        }
        let mut held = BTreeMap::new();
        for one in all {
            let key = (token(one.token)?, SpaceId(one.space));
            let from = keys.partition_point(|(token, space, _)| (*token, *space) < key);
            let mut askers = keys.iter().skip(from).take_while(|(token, space, _)| (*token, *space) == key);
            if askers.any(|(_, _, mine)| *mine != one.case_id) {
                held.insert(key, 0);
            }
        }
        Ok(Some(held))
    }

    /// Bands of a perceptual hash are two thirds of all fingerprints asked for, and undercover identities rarely have one.
    async fn some_persona_has_a_perceptual_hash(&mut self) -> Result<bool, Error> {
        let one: Vec<(Uuid,)> = self
            .conn()
            .await?
            .rows("SELECT id FROM entry WHERE role = 4 AND kind = $1 LIMIT 1", binds![Kind::Pdq.code()])
            .await?;
        Ok(!one.is_empty())
    }

    /// Keeps the number of cases that hold a value, up to one more than the cap, where it stops.
    async fn count(
        &mut self,
        asks: &[Ask],
        cases_of: &BTreeMap<(SpaceId, Token), BTreeSet<Uuid>>,
        cap: u32,
        over: &mut BTreeSet<(SpaceId, Token)>,
    ) -> Result<(), Error> {
        let most = i64::from(cap) + 1;
        let mut rows = Vec::new();
        for ask in asks.iter().filter(|a| a.counted) {
            let held = cases_of.get(&(ask.space, ask.token)).map_or(0, BTreeSet::len);
            if held < 2 {
                continue;
            }
            let held = i64::try_from(held).unwrap_or(most).min(most);
            if held > i64::from(cap) {
                over.insert((ask.space, ask.token));
            }
            rows.push(binds![ask.token.bucket(), ask.space, ask.token, held]);
        }
        self.conn().await?
            .insert(
                "INSERT INTO token_count (bucket, space, token, cases)",
                "ON CONFLICT (bucket, space, token) DO UPDATE SET cases = excluded.cases WHERE token_count.cases < excluded.cases",
                rows,
            )
            .await?;
        Ok(())
    }

    async fn hits(&mut self, found: Vec<((SpaceId, Token), Uuid, Uuid)>) -> Result<Vec<Hit>, Error> {
        let wanted: Vec<(CaseId, EntryId)> = found.iter().map(|(_, c, e)| ((*c).into(), (*e).into())).collect();
        let held = self.held(&wanted).await?;
        let mut by_entry: BTreeMap<(CaseId, EntryId), Vec<(SpaceId, Token)>> = BTreeMap::new();
        for (key, case, entry) in found {
            by_entry.entry((case.into(), entry.into())).or_default().push(key);
        }
        let mut hits = Vec::new();
        // A posting that outlived its entry is no hit.
        for one in held.into_iter().filter(|h| h.labels.state == EntryState::Live) {
            for (space, token) in by_entry.get(&(one.case, one.entry)).into_iter().flatten() {
                // The same entry may stand under several fingerprints; what is sealed is made anew for each.
                hits.push(one.hit(*space, *token));
            }
        }
        Ok(hits)
    }
}

impl Held {
    fn hit(&self, space: SpaceId, token: Token) -> Hit {
        Hit {
            token,
            space,
            case: self.case,
            entry: self.entry,
            agency: self.agency,
            lead: self.lead,
            supervisor: self.supervisor,
            level: self.labels.level,
            kind: self.labels.kind,
            role: self.labels.role,
            age: self.labels.age,
            source: self.labels.source,
            seen: self.labels.seen,
            port: self.labels.port,
            entered: self.labels.entered,
            reader: self.reader.clone(),
            other: Sealed::new(self.other()),
            pdq: self.pdq.clone().map(Sealed::new),
        }
    }
}

fn token(bytes: Vec<u8>) -> Result<Token, Error> {
    bytes.try_into().map_err(|_| Error::Inconsistent { table: "posting", column: "token" })
}

fn wrong(column: &'static str) -> Error {
    Error::Inconsistent { table: "entry", column }
}

impl Tx {
    /// How many entries of each of these submissions nobody has changed since it was made: where that is all of them, they
    /// stand as they were submitted.
    pub async fn untouched(&mut self, of: &[(CaseId, SubmissionId)]) -> Result<BTreeMap<SubmissionId, usize>, Error> {
        #[derive(sqlx::FromRow)]
        struct Count {
            submission: Uuid,
            n: i64,
        }
        self.needs(&[Action::Look, Action::Sweep, Action::SecondLook, Action::SilentLook])?;
        let keys = of.iter().map(|(case, submission)| binds![*case, *submission]).collect();
        let rows: Vec<Count> = self
            .conn().await?
            .join(
                "SELECT t.submission, CAST(COUNT(*) AS BIGINT) AS n FROM q CROSS JOIN entry t WHERE t.case_id = q.a AND t.submission = q.b AND t.row_version = 1 GROUP BY t.submission",
                keys,
            )
            .await?;
        Ok(rows.into_iter().map(|r| (r.submission.into(), usize::try_from(r.n).unwrap_or_default())).collect())
    }

    /// The entries of submissions as they are now: does each stand (live, or kept of a question), and its level. A look made
    /// again must not bring back what was withdrawn, nor keep silent what is silent no longer.
    pub async fn entries_now(
        &mut self,
        of: &[(CaseId, SubmissionId)],
    ) -> Result<BTreeMap<EntryId, (bool, Level)>, Error> {
        #[derive(sqlx::FromRow)]
        struct Now {
            id: Uuid,
            state: i64,
            level: i64,
        }
        self.needs(&[Action::Look, Action::Sweep, Action::SecondLook, Action::SilentLook])?;
        let keys = of.iter().map(|(case, submission)| binds![*case, *submission]).collect();
        let rows: Vec<Now> = self
            .conn()
            .await?
            .join(
                "SELECT t.id, t.state, t.level FROM q CROSS JOIN entry t WHERE t.case_id = q.a AND t.submission = q.b",
                keys,
            )
            .await?;
        rows.into_iter()
            .map(|r| {
                let stands = r.state == EntryState::Live.code() || r.state == EntryState::Asked.code();
                Ok((r.id.into(), (stands, Level::from_code(r.level).ok_or(wrong("level"))?)))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Its number stands in the statements that seek personas.
    #[test]
    fn an_undercover_identity_has_the_role_4() {
        assert_eq!(EntryRole::Undercover.code(), 4);
        assert!([Among::Personas.probe(), Among::Personas.postings()].iter().all(|sql| sql.contains("e.role = 4")));
    }
}
