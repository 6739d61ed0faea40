//! The look: what a submission meets, what each side is told, and the answer.
//!
//! Begun after the submission's own commit, so of two simultaneous submissions the later one sees the other. A request
//! never asks about silent postings (invariant 9): those are [`crate::workers`]' business.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use matching::Family;
use model::{CaseId, EntryId, Level, MemberId, Pair, SpaceId, Token};
use policy::disclosure::{self, Shown};
use policy::{Grant, Principal};
use store::{
    Among, Answered, Ask, Bundle, EntryContent, EntryState, HeldElsewhere, Hit, NewAnswer, NewEntry, Pending, Stage, Tx,
};

use crate::answer::{ANSWER, Answer, ConflictLine, DeskLine, MatchLine, not_asked};
use crate::desk::Desk;
use crate::error::Error;
use crate::verbs::detail::{Asked, Detail, HitFacts, Inputs};
use crate::verbs::receipts;
use crate::verbs::record::Met;
use crate::verbs::tell::call;

/// Who looks, and for whom.
pub(crate) struct Looking<'a> {
    pub pending: Pending,
    /// The submitter as a reader: what they may be shown is decided for them, whoever runs the look.
    pub viewer: &'a Principal,
    /// Who leads the case, or who asks.
    pub lead: MemberId,
    /// The case's supervisor.
    pub supervisor: Option<MemberId>,
    pub stage: Stage,
}

/// One hit beside the value of mine that it met.
pub(crate) struct Meeting<'a> {
    pub hit: &'a Hit,
    pub mine: &'a Asked,
    pub verdict: matching::Verdict,
    /// What I may be shown of theirs.
    pub to_mine: Shown,
}

/// What the rules said, and what they were given.
pub(crate) struct Judged<'a> {
    pub meetings: Vec<Meeting<'a>>,
    pub given: Vec<HitFacts>,
}

/// One submission to be looked at, by the grant that allows it.
pub(crate) struct Look<'a> {
    pub grant: &'a Grant,
    pub looking: Looking<'a>,
    pub detail: &'a Detail,
}

/// What a look of several submissions found of one of them.
struct Share<'a> {
    hits: Vec<&'a Hit>,
    over: Vec<&'a Asked>,
}

/// An answer, the words its receipt signs, and what is kept of both.
struct Drawn {
    answer: Answer,
    statement: String,
    answered: Answered,
}

impl Desk {
    /// Looks for one submission. `None` when another worker finished it first.
    pub(crate) async fn look(&self, look: Look<'_>) -> Result<Option<Answer>, Error> {
        Ok(self.look_all(std::slice::from_ref(&look)).await?.into_iter().next())
    }

    /// Looks, records, tells and answers for several submissions of one principal's grants in one transaction: each gets
    /// the answer and the event it would have got alone. Empty when another worker was first with one of them, or when
    /// this was the second look, which answers nobody.
    pub(crate) async fn look_all(&self, looks: &[Look<'_>]) -> Result<Vec<Answer>, Error> {
        let Some(first) = looks.first() else { return Ok(Vec::new()) };
        let stage = first.looking.stage;
        // Of most fingerprints a view says that nobody else holds them; the write lock is held for the few others.
        let held = self.held_elsewhere(first.grant, looks, &[Among::Answering]).await?;
        let mut empty = Vec::with_capacity(looks.len());
        for look in looks {
            empty.push(self.empty_answer(look, &held).await?);
        }
        let mut tx = self.store.begin(first.grant).await?;
        tx.hold_asking(&looks.iter().map(|l| l.looking.pending).collect::<Vec<_>>()).await?;
        let standing = standing(&mut tx, looks).await?;
        let asks = asks_for(looks, standing.iter().map(AsRef::as_ref), |_, ask| held.holds(ask));
        let found = tx.look(&asks, Among::Answering, self.lists.cap()).await?;
        let by_token = by_token(&found.hits);
        let over_cap: BTreeSet<Ask> = found.over_cap.iter().copied().collect();
        let (watch_desk, now) = (tx.watch_desk().await?.to_string(), self.store.clock().now());
        let (mut answers, mut given, mut acts) = (Vec::new(), Vec::new(), Vec::new());
        let mut many = BTreeSet::new();
        let mut found_of = Vec::with_capacity(looks.len());
        for (Look { looking, detail, .. }, asked) in looks.iter().zip(&standing) {
            let share = share(looking, asked, &by_token, &over_cap);
            let mut judged = self.judge(looking, asked, &share.hits);
            // One value has several fingerprints (an address and its mailbox): the desk is told of the first alone.
            let first = |a: &&Asked| a.probes.iter().map(|p| p.ask()).find(|ask| over_cap.contains(ask));
            many.extend(share.over.iter().filter_map(first));
            if detail.check && stage != Stage::Look {
                // A question is not watched: what was entered after it is none of its business.
                judged.meetings.retain(|m| m.hit.entered <= looking.pending.at);
            }
            if detail.check && looking.pending.case.is_some() {
                self.keep_met(&mut tx, looking, &judged.meetings, &share.over).await?;
            }
            found_of.push((share, judged));
        }
        let met = looks.iter().zip(&found_of).map(|(l, (share, judged))| Met {
            grant: l.grant,
            looking: &l.looking,
            detail: l.detail,
            meetings: &judged.meetings,
            over: &share.over,
        });
        let recorded = self.record(&mut tx, &met.collect::<Vec<_>>()).await?;
        for (((l, asked), (share, judged)), empty) in looks.iter().zip(&standing).zip(found_of).zip(empty) {
            let Look { grant, looking, detail } = l;
            let act = self.store.act(grant, ("submission", looking.pending.id.into()));
            if stage == Stage::Second {
                acts.push(act);
                continue;
            }
            let drawn = match empty {
                Some(drawn) if share.hits.is_empty() && share.over.is_empty() => drawn,
                _ => self.draw(l, asked, &share.over, judged, &watch_desk).await?,
            };
            given.push(NewAnswer {
                submission: looking.pending.id,
                agency: looking.pending.agency,
                case: looking.pending.case,
                event: act.id(),
                given: drawn.answered,
            });
            acts.push(act.bind("receipt", drawn.statement.as_bytes()).bind("purpose", detail.purpose.as_bytes()));
            // Signed and kept above without it.
            answers.push(drawn.answer.at(now));
        }
        self.tell_over_cap(&mut tx, &many).await?;
        if stage == Stage::Second && !recorded.new.is_empty() {
            self.tell_alarm(&mut tx, &recorded.new).await?;
        }
        let ids: Vec<_> = looks.iter().map(|l| l.looking.pending.id).collect();
        if stage == Stage::Look {
            tx.add_answers(&given).await?;
        }
        let fresh = tx.done(&ids, stage).await?;
        if stage == Stage::Look && fresh.len() != ids.len() {
            return Ok(Vec::new());
        }
        let mut acts = acts.into_iter();
        let Some(act) = acts.next() else { return Ok(Vec::new()) };
        tx.commit_all(act, acts.collect()).await?;
        held.recorded();
        Ok(answers)
    }

    /// Which fingerprints of these submissions some other case holds: an answer of a view that begins now, which whoever looks
    /// asks again of these.
    pub(crate) async fn held_elsewhere(
        &self,
        grant: &Grant,
        looks: &[Look<'_>],
        among: &[Among],
    ) -> Result<HeldElsewhere, Error> {
        let asks = asks_for(looks, looks.iter().map(|l| l.detail.asked.as_slice()), |_, _| true);
        Ok(self.store.held_elsewhere(grant, &asks, among).await?)
    }

    /// The answer of a look that will find nothing, as far as a view can tell: drawn before the write lock is taken. What a
    /// second look finds is no answer.
    async fn empty_answer(&self, look: &Look<'_>, held: &HeldElsewhere) -> Result<Option<Drawn>, Error> {
        let mut probes = look.detail.asked.iter().flat_map(|a| &a.probes);
        if look.looking.stage == Stage::Second || probes.any(|p| held.holds(&p.ask())) {
            return Ok(None);
        }
        let nothing = Judged { meetings: Vec::new(), given: Vec::new() };
        self.draw(look, &look.detail.asked, &[], nothing, "").await.map(Some)
    }

    /// Draws up the answer, signs its receipt, and puts beside it what it was made of.
    async fn draw(
        &self,
        Look { looking, detail, .. }: &Look<'_>,
        asked: &[Asked],
        over: &[&Asked],
        Judged { meetings, given }: Judged<'_>,
        watch_desk: &str,
    ) -> Result<Drawn, Error> {
        let answer = Answer {
            format: ANSWER.to_owned(),
            file: detail.file.clone(),
            receipt: looking.pending.id.to_string(),
            case: detail.case.clone(),
            entries: detail.entries,
            problems: detail.problems.clone(),
            suppressed: detail.suppressed.clone(),
            conflicts: lines(looking, detail, &meetings, watch_desk),
            desk: desk_lines(asked, &meetings, over, watch_desk),
            not_asked: not_asked(),
        };
        let withheld = withheld(&meetings, over);
        let promise = receipts::promise(self, looking, detail, &answer, &withheld).await?;
        let inputs = Inputs {
            lists: self.lists.version().to_owned(),
            policies: self.policies.version().to_owned(),
            cap: self.lists.cap(),
            hits: given,
            withheld,
            withheld_salt: promise.withheld_salt,
        };
        let answered = Answered {
            inputs: serde_json::to_vec(&inputs).map_err(|_| unreadable("inputs"))?,
            answer: serde_json::to_vec(&answer).map_err(|_| unreadable("answer"))?,
            receipt: promise.receipt.into_bytes(),
        };
        Ok(Drawn { answer, statement: promise.statement, answered })
    }

    /// Lets the rules judge every hit, and disclosure say what the asker may be shown of it.
    pub(crate) fn judge<'a>(&self, looking: &Looking<'_>, mine: &'a [Asked], hits: &[&'a Hit]) -> Judged<'a> {
        if hits.is_empty() {
            return Judged { meetings: Vec::new(), given: Vec::new() };
        }
        let me = matching::Me { case: looking.pending.case, agency: looking.pending.agency, lead: looking.lead };
        let asked: Vec<matching::Asked> =
            mine.iter().map(|a| matching::Asked { normal: a.normal.clone(), facts: a.facts, level: a.level }).collect();
        // Of hundreds of fingerprints a few were met.
        let met: BTreeSet<_> = hits.iter().map(|hit| (hit.space, hit.token)).collect();
        let mut by_token: BTreeMap<_, Vec<(usize, Family)>> = BTreeMap::new();
        for (mine, a) in mine.iter().enumerate() {
            for p in a.probes.iter().filter(|p| met.contains(&p.key())) {
                if let Some(family) = p.family() {
                    by_token.entry(p.key()).or_default().push((mine, family));
                }
            }
        }
        let (mut judged, mut of): (Vec<matching::Hit>, BTreeMap<(usize, EntryId), &Hit>) = Default::default();
        for hit in hits.iter().copied() {
            for (mine, family) in by_token.get(&(hit.space, hit.token)).into_iter().flatten() {
                let near = hit.pdq.as_ref().zip(asked.get(*mine)).and_then(|(held, ask)| {
                    model::Pdq::parse(&ask.normal.text).ok().map(|asked| disclosure::near(held, &asked))
                });
                judged.push(matching::Hit {
                    case: hit.case,
                    agency: hit.agency,
                    lead: hit.lead,
                    entry: hit.entry,
                    level: hit.level,
                    facts: matching::Facts {
                        kind: hit.kind,
                        role: hit.role,
                        age: hit.age,
                        source: hit.source,
                        seen: hit.seen,
                        port: hit.port,
                        entered: hit.entered,
                    },
                    mine: *mine,
                    family: *family,
                    near,
                });
                of.insert((*mine, hit.entry), hit);
            }
        }
        let mut meetings = Vec::new();
        for met in matching::conflicts(&me, &asked, &judged, &self.lists) {
            for m in met.matches {
                if let (Some(mine), Some(hit)) = (mine.get(m.mine), of.get(&(m.mine, m.entry))) {
                    meetings.push(Meeting {
                        hit,
                        mine,
                        verdict: m.verdict,
                        to_mine: disclosure::show(looking.viewer, &hit.other),
                    });
                }
            }
        }
        Judged { meetings, given: judged.iter().map(HitFacts::from).collect() }
    }

    /// A check in a case keeps what met something, and nothing else: without postings it is not watched.
    async fn keep_met(
        &self,
        tx: &mut Tx,
        looking: &Looking<'_>,
        meetings: &[Meeting<'_>],
        over: &[&Asked],
    ) -> Result<(), Error> {
        let Some(case) = looking.pending.case else { return Ok(()) };
        let mut met: BTreeMap<EntryId, &Asked> = meetings.iter().map(|m| (m.mine.entry, m.mine)).collect();
        met.extend(over.iter().map(|a| (a.entry, *a)));
        if met.is_empty() {
            return Ok(());
        }
        let entries: Vec<NewEntry> = met.into_values().map(asked_entry).collect();
        let bundle = Bundle { submission: looking.pending.id, case, entries: &entries };
        tx.add_entries(looking.pending.agency, &[bundle]).await?;
        Ok(())
    }
}

fn asked_entry(a: &Asked) -> NewEntry {
    let class = model::EntryClass::IdentifyingOnly;
    NewEntry {
        id: a.entry,
        kind: a.normal.kind,
        content: EntryContent {
            raw: a.yours.clone(),
            normal: Some(a.normal.text.clone()),
            platform: a.normal.platform.clone(),
            doubt: a.normal.doubt.clone(),
            report: None,
            note: None,
            place: Some(a.place.clone()).filter(|p| !p.is_empty()),
        },
        role: a.facts.role,
        age: a.facts.age,
        class,
        source: a.facts.source,
        level: a.level,
        silent_until: None,
        reliability: model::Reliability::Unknown,
        validity: model::Validity::Unknown,
        marking: model::Marking::default(),
        seen: a.facts.seen,
        port: a.facts.port,
        predicate: None,
        control_official: None,
        state: EntryState::Asked,
        rule_version: a.normal.rule_version,
        tokens: Vec::new(),
    }
}

/// One line a pair of cases, strongest first: only what disclosure opened.
fn lines(looking: &Looking<'_>, detail: &Detail, meetings: &[Meeting<'_>], watch_desk: &str) -> Vec<ConflictLine> {
    let mut by_case: Vec<(model::CaseId, ConflictLine)> = Vec::new();
    for m in meetings {
        let line = MatchLine {
            kind: m.mine.facts.kind.word().to_owned(),
            yours: m.mine.named(),
            rule: m.verdict.rule.to_owned(),
            why: m.verdict.why.clone(),
        };
        let silent = m.mine.level == Level::Silent || (detail.check && looking.pending.case.is_none());
        let conflict = looking
            .pending
            .case
            .filter(|_| !silent)
            .and_then(|mine| Pair::new(mine, m.hit.case))
            .map(|p| p.conflict().to_string());
        let Some(other) = call(&m.to_mine, watch_desk, conflict.as_deref()) else { continue };
        match by_case.iter_mut().find(|(case, _)| *case == m.hit.case) {
            Some((_, known)) => {
                known.strength = known.strength.max(m.verdict.strength);
                known.conflict = known.conflict.take().or(conflict);
                known.matches.push(line);
            }
            None => by_case.push((
                m.hit.case,
                ConflictLine { strength: m.verdict.strength, matches: vec![line], other, conflict },
            )),
        }
    }
    let mut lines: Vec<ConflictLine> = by_case.into_iter().map(|(_, line)| line).collect();
    // Stable, and by nothing that belongs to the other side but what is shown of it.
    lines.sort_by(|a, b| {
        (std::cmp::Reverse(a.strength), &a.other.agency, &a.conflict).cmp(&(
            std::cmp::Reverse(b.strength),
            &b.other.agency,
            &b.conflict,
        ))
    });
    lines
}

/// One line a value, in the order they were sent: the same body whatever the cause.
fn desk_lines(asked: &[Asked], meetings: &[Meeting<'_>], over: &[&Asked], watch_desk: &str) -> Vec<DeskLine> {
    let behind_desk: BTreeSet<EntryId> = meetings
        .iter()
        .filter(|m| m.to_mine == Shown::Desk)
        .map(|m| m.mine.entry)
        .chain(over.iter().map(|a| a.entry))
        .collect();
    asked
        .iter()
        .filter(|a| behind_desk.contains(&a.entry))
        .map(|a| DeskLine { yours: a.named(), watch_desk: watch_desk.to_owned() })
        .collect()
}

/// What was met and not shown, for the receipt's commitment: a court can have it opened.
fn withheld(meetings: &[Meeting<'_>], over: &[&Asked]) -> Vec<String> {
    let behind = meetings
        .iter()
        .filter(|m| m.to_mine == Shown::Desk)
        .map(|m| format!("{} {} {} {}", m.mine.entry, m.hit.case, m.hit.entry, m.verdict.family.word()));
    behind.chain(over.iter().map(|a| format!("{} held by more cases than the cap", a.entry))).collect()
}

/// What of each submission still stands: withdrawn and corrected entries are asked no more, and each has the level it has
/// now. A question keeps entries only of what it met; the rest is asked as it was.
pub(crate) async fn standing<'a>(tx: &mut Tx, looks: &[Look<'a>]) -> Result<Vec<Cow<'a, [Asked]>>, Error> {
    let of = |l: &Look<'_>| l.looking.pending.case.map(|case| (case, l.looking.pending.id));
    // Most are looked at as they were submitted, which one number tells.
    let submitted: Vec<_> = looks.iter().filter(|l| !l.detail.check).filter_map(of).collect();
    let untouched = tx.untouched(&submitted).await?;
    let whole =
        |l: &Look<'_>| !l.detail.check && untouched.get(&l.looking.pending.id).is_some_and(|n| *n == l.detail.entries);
    let changed: Vec<_> = looks.iter().filter(|l| !whole(l)).filter_map(of).collect();
    let now = tx.entries_now(&changed).await?;
    let stands = |detail: &Detail, a: &Asked| match now.get(&a.entry) {
        Some((true, level)) => Some(Asked { level: *level, ..a.clone() }),
        Some((false, _)) => None,
        None => detail.check.then(|| a.clone()),
    };
    let all = looks.iter().map(|l| {
        if l.looking.pending.case.is_none() || whole(l) {
            return Cow::Borrowed(l.detail.asked.as_slice());
        }
        Cow::Owned(l.detail.asked.iter().filter_map(|a| stands(l.detail, a)).collect())
    });
    Ok(all.collect())
}

/// Of what each of these submissions asks, here in their order, the fingerprints wanted; each for its own case.
pub(crate) fn asks_for<'a>(
    looks: &[Look<'_>],
    asked: impl Iterator<Item = &'a [Asked]>,
    wanted: impl Fn(&Asked, &Ask) -> bool,
) -> Vec<(Ask, Option<CaseId>)> {
    let mut asks = Vec::new();
    for (look, asked) in looks.iter().zip(asked) {
        for a in asked {
            let own = a.probes.iter().map(|p| p.ask()).filter(|ask| wanted(a, ask));
            asks.extend(own.map(|ask| (ask, look.looking.pending.case)));
        }
    }
    asks
}

/// Hits by the fingerprint they stand under.
pub(crate) fn by_token(hits: &[Hit]) -> BTreeMap<(SpaceId, Token), Vec<&Hit>> {
    let mut by_token: BTreeMap<_, Vec<&Hit>> = BTreeMap::new();
    for hit in hits {
        by_token.entry((hit.space, hit.token)).or_default().push(hit);
    }
    by_token
}

/// Of what was found for all, what one submission asked for; its own case's entries are no hits.
fn share<'a>(
    looking: &Looking<'_>,
    asked: &'a [Asked],
    by_token: &BTreeMap<(SpaceId, Token), Vec<&'a Hit>>,
    over_cap: &BTreeSet<Ask>,
) -> Share<'a> {
    let over = asked.iter().filter(|a| a.probes.iter().any(|p| over_cap.contains(&p.ask()))).collect();
    Share { hits: hits_of(looking, asked, by_token), over }
}

/// The hits among these that one submission asked for.
pub(crate) fn hits_of<'a>(
    looking: &Looking<'_>,
    asked: &[Asked],
    by_token: &BTreeMap<(SpaceId, Token), Vec<&'a Hit>>,
) -> Vec<&'a Hit> {
    let probes = asked.iter().flat_map(|a| a.probes.iter().map(|p| p.key()));
    let tokens: BTreeSet<_> = probes.filter(|key| by_token.contains_key(key)).collect();
    let hits = tokens.iter().filter_map(|token| by_token.get(token)).flatten().copied();
    hits.filter(|hit| Some(hit.case) != looking.pending.case).collect()
}

fn unreadable(column: &'static str) -> Error {
    store::Error::Inconsistent { table: "answer", column }.into()
}
