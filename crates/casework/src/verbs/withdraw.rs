//! Withdraw and correct: entries leave matching, and everybody who was ever told is told.

use matching::Reading as Region;
use model::{CaseNumber, EntryDraft, EntryId, Kind, MessageId, Purpose, Resolution};
use policy::{Action, Facts, Principal};
use store::{CaseFacts, EntryState, Matter, NewNotice, OwnEntry, Tx};

use crate::answer::Answer;
use crate::desk::Desk;
use crate::error::Error;
use crate::verbs::detail::nothing_in;
use crate::verbs::submit::SubmitOrder;

impl Desk {
    /// Takes entries of this value out of one's own case.
    pub async fn withdraw(
        &self,
        who: &Principal,
        number: &CaseNumber,
        kind: Kind,
        value: &str,
        reason: &Purpose,
    ) -> Result<usize, Error> {
        self.end_value(who, number, kind, value, reason, Action::Withdraw, EntryState::Withdrawn).await
    }

    /// Puts a right value in place of a wrong one: the wrong one leaves matching, the right one is submitted.
    pub async fn correct(
        &self,
        who: &Principal,
        kind: Kind,
        wrong: &str,
        reason: &Purpose,
        right: SubmitOrder,
    ) -> Result<Answer, Error> {
        // What cannot be stored must not cost the value it was to replace.
        let region = Region { country: who.country };
        let mut problems = right.reading.problems.clone();
        for draft in &right.reading.drafts {
            if let Err(e) = matching::normalise(draft.kind, &draft.value, draft.platform.as_deref(), &region) {
                problems.push(e.at(draft.place.clone(), "value"));
            }
        }
        if !problems.is_empty() {
            return Err(Error::File { file: right.file, problems });
        }
        if right.reading.drafts.is_empty() {
            return Err(nothing_in(&right.file));
        }
        self.end_value(who, &right.case, kind, wrong, reason, Action::Correct, EntryState::Corrected).await?;
        self.submit(who, right).await
    }

    #[expect(clippy::too_many_arguments, reason = "both verbs are this one step with another name")]
    async fn end_value(
        &self,
        who: &Principal,
        number: &CaseNumber,
        kind: Kind,
        value: &str,
        reason: &Purpose,
        action: Action,
        state: EntryState,
    ) -> Result<usize, Error> {
        let case = self.own_open_case(who, number).await?;
        let facts = Facts {
            agency: Some(case.agency),
            lead: Some(case.lead),
            supervisor: case.supervisor,
            status_open: case.status == model::CaseStatus::Open,
            ..Facts::default()
        };
        let grant = self.allow(who, action, &facts, ("case", case.id.into()), self.request()).await?;
        let wanted = self.canonical(who, kind, value);
        let mut tx = self.store.begin(&grant).await?;
        let entries: Vec<OwnEntry> = tx
            .own_case_entries(case.id)
            .await?
            .into_iter()
            .filter(|e| {
                e.kind == kind && (e.content.raw == value.trim() || (wanted.is_some() && e.content.normal == wanted))
            })
            .collect();
        if entries.is_empty() {
            return Err(Error::NotFound("entry of this value in your case"));
        }
        let n = entries.len();
        self.end(&mut tx, who, &case, &entries, state).await?;
        tx.commit(
            self.store
                .act(&grant, ("case", case.id.into()))
                .bind("reason", reason.as_str().as_bytes())
                .shown(entries.iter().map(|e| e.id.into())),
        )
        .await?;
        Ok(n)
    }

    fn canonical(&self, who: &Principal, kind: Kind, value: &str) -> Option<String> {
        matching::normalise(kind, value, None, &Region { country: who.country }).ok()?.whole().map(|n| n.text.clone())
    }

    /// Ends entries inside the caller's transaction: postings, matches, and the word to everybody who was told.
    pub(crate) async fn end(
        &self,
        tx: &mut Tx,
        who: &Principal,
        case: &CaseFacts,
        entries: &[OwnEntry],
        state: EntryState,
    ) -> Result<(), Error> {
        // The reason stays with its owner, bound to the event: it may speak of the case.
        let region = Region { country: who.country };
        let mut tokens = Vec::new();
        for e in entries {
            let mut draft = EntryDraft::new("entry", e.kind, e.content.raw.clone());
            draft.platform.clone_from(&e.content.platform);
            let Ok(identifier) = matching::normalise(draft.kind, &draft.value, draft.platform.as_deref(), &region)
            else {
                continue;
            };
            let Some(normal) = identifier.whole() else { continue };
            for space in self.store.spaces() {
                for key in matching::keys_with(normal, &self.lists) {
                    tokens.push((space, self.store.token(space, &key.text)?, e.id));
                }
            }
        }
        let ended: Vec<(EntryId, i64)> = entries.iter().map(|e| (e.id, e.version)).collect();
        tx.end_entries(case.id, case.agency, &ended, state, &tokens).await?;
        let ids: Vec<EntryId> = entries.iter().map(|e| e.id).collect();
        let now = self.store.clock().now();
        let act = MessageId::new(self.store.clock(), self.store.chance());
        let mut notices = Vec::new();
        for gone in tx.end_matches(case.id, case.agency, &ids).await? {
            if gone.none_left {
                tx.resolve(gone.conflict, Resolution::Withdrawn).await?;
            }
            notices.push(NewNotice {
                recipient: gone.told.member,
                agency: gone.told.agency,
                matter: Matter::Withdrawn,
                about: [&gone.conflict.as_bytes()[..], act.as_bytes()].concat(),
                conflict: Some(gone.conflict),
                case: Some(gone.told.case),
                entry: None,
                other_case: None,
                due: now,
                words: Some(
                    format!(
                        "What you were told of was taken back by the other side. Do not rely on it. ({})",
                        plain(state)
                    )
                    .into_bytes(),
                ),
            });
        }
        tx.notify(notices).await?;
        Ok(())
    }
}

fn plain(state: EntryState) -> &'static str {
    match state {
        EntryState::Corrected => "the identifier was wrong and has been corrected",
        _ => "the identifier was withdrawn",
    }
}
