//! A busy little history that uses every door of the store, and the words in it that must stand nowhere in the clear.

use model::{
    Approval, CaseNumber, Clock, ConflictId, Contact, FreeText, Level, Micros, Outcome, Pair, Predicate, Resolution,
    Role, SideState, Strength,
};
use policy::{Action, Facts, Principal};
use store::{
    Among, Handed, Handover, How, Mark, Matter, NewNotice, NewSilentHit, NewTransfer, Pace, SideFacts, Stage,
    SubmissionVerb, TransferFacts, TransferState, desk_recipient,
};

use super::*;

mod beside;
mod transferred;

use beside::{bulk, letters, lists};
use transferred::carry;

/// Names of the words, and the words.
pub type Words = Vec<(String, Vec<u8>)>;

struct Story<'a> {
    w: &'a World,
    words: Words,
}

impl Story<'_> {
    /// A word of the story that is content: it must not be found at rest.
    fn say(&mut self, name: &str, text: &'static str) -> &'static str {
        self.words.push((name.to_owned(), text.as_bytes().to_vec()));
        text
    }

    async fn side(&self, who: &Principal, conflict: ConflictId) -> SideFacts {
        self.w.store.side_facts(who.agency, conflict).await.unwrap().remove(0)
    }

    async fn officer(&mut self, n: usize) -> Principal {
        let (telephone, name, email) = [
            (
                self.say("agency telephone", "206-555-0141"),
                self.say("name", "Désirée Quillfeather"),
                self.say("e-mail", "desiree.quillfeather@example.org"),
            ),
            (
                self.say("agency telephone", "206-555-0142"),
                self.say("name", "Bartholomew Ångström"),
                self.say("e-mail", "bartholomew@police.example.org"),
            ),
        ][n];
        let mut agency = new_agency(&format!("Police {n}"));
        agency.telephone = phone(telephone);
        let grant = self.w.operator(Action::AddAgency);
        let mut tx = self.w.store.begin(&grant).await.unwrap();
        tx.add_agency(&agency).await.unwrap();
        tx.commit(self.w.store.act(&grant, ("agency", agency.id.into()))).await.unwrap();
        let mut member = new_member(agency.id, email, &[Role::Investigator, Role::Supervisor, Role::WatchDesk]);
        name.clone_into(&mut member.name);
        member.telephone = phone(["206-555-0151", "206-555-0152"][n]);
        let grant = self.w.operator(Action::AddMember);
        let mut tx = self.w.store.begin(&grant).await.unwrap();
        tx.add_member(&member).await.unwrap();
        tx.commit(self.w.store.act(&grant, ("member", member.id.into()))).await.unwrap();
        principal(&member)
    }

    async fn open_case(&mut self, who: &Principal, number: &'static str, nexus: &'static str) -> CaseId {
        let mut case = new_case(who, self.say("case number", number));
        case.nexus = Nexus::parse(self.say("nexus", nexus)).unwrap();
        case.predicate.as_mut().unwrap().facts =
            Predicate::facts(self.say("predicate", "paid for a livestream on two dates")).unwrap();
        let name = self.say("contact", "Sergeant Umbrellastand").to_owned();
        case.contact = Some(Contact { name, telephone: phone(self.say("contact telephone", "206-555-0161")) });
        self.w.add_case(who, &case).await.unwrap();
        // A statement that fails: the server's log must not tell what was in it.
        let mut again = case.clone();
        again.number = CaseNumber::parse(&format!("{number} again")).unwrap();
        assert!(self.w.add_case(who, &again).await.is_err());
        case.id
    }

    async fn submit(&mut self, who: &Principal, case: CaseId, entries: &[NewEntry]) -> Submitted {
        let (submission, grant) = (SubmissionId::from(uuid()), may(who, Action::Submit));
        let mut tx = self.w.store.begin(&grant).await.unwrap();
        let purpose = self.say("purpose", "to find who else works the quartermaster");
        let verb = SubmissionVerb::Submit;
        tx.add_submissions(verb, &[noted(who, submission, Some(case), request(), 1, purpose.as_bytes())])
            .await
            .unwrap();
        tx.add_entries(who.agency, &[Bundle { submission, case, entries }]).await.unwrap();
        let act =
            self.w.store.act(&grant, ("case", case.into())).accepts(submission).bind("purpose", purpose.as_bytes());
        let event = act.id();
        tx.commit(act).await.unwrap();
        Submitted { submission, event, entries: entries.iter().map(|e| e.id).collect() }
    }

    fn notice(&mut self, recipient: MemberId, agency: AgencyId, matter: Matter, case: Option<CaseId>) -> NewNotice {
        NewNotice {
            recipient,
            agency,
            matter,
            about: b"gathering".to_vec(),
            conflict: None,
            case,
            entry: None,
            other_case: None,
            due: Micros(1),
            words: Some(self.say("notice", "they hold what you hold; ring them").into()),
        }
    }
}

/// Runs the history. Every method of `Tx` and `Store` that states a statement runs at least once.
pub async fn live(w: &World) -> Words {
    let mut s = Story { w, words: Words::new() };
    s.words.push(("watch desk".to_owned(), DESK.as_bytes().to_vec()));
    for word in ["quartermasterofowls", "velvetlantern77", "2026icac000417", "petrichor"] {
        s.words.push((format!("the word {word}"), word.as_bytes().to_vec())); // as search would keep it
    }
    for telephone in ["206-555-0151", "206-555-0152"] {
        s.words.push(("telephone".to_owned(), telephone.into()));
    }
    let (ann, bob) = (s.officer(0).await, s.officer(1).await);
    let grant = w.operator(Action::RecordApproval);
    let scope = FreeText::parse(s.say("approval", "livestream matters until the review")).unwrap();
    let approval = Approval { id: id(), agency: bob.agency, scope, until: w.clock.now().plus_days(300) };
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.record_approval(&approval).await.unwrap();
    tx.commit(w.store.act(&grant, ("agency", bob.agency.into()))).await.unwrap();

    let grant = w.operator(Action::SetTimeZone);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.set_time_zone(bob.agency, &model::TimeZone::parse("America/Denver").unwrap()).await.unwrap();
    tx.commit(w.store.act(&grant, ("agency", bob.agency.into()))).await.unwrap();

    let a = s.open_case(&ann, "2026-ICAC-000417", "contact began in a chess server").await;
    let b = s.open_case(&bob, "Ärende 88/26 B", "an invitation by e-mail").await;
    let mut hers = w.entry(s.say("identifier", "Quartermaster_of_Owls"), Level::Open);
    hers.content.note = Some(s.say("note", "speaks of a boat called Petrichor").to_owned());
    hers.content.report = Some(s.say("report", "CT-000812-7781").to_owned());
    let silent = w.entry(s.say("silent identifier", "velvet-lantern-77"), Level::Silent);
    let mut his = w.entry(s.say("identifier", "Quartermaster_of_Owls"), Level::Open);
    his.content.doubt = Some(s.say("doubt", "not a whole address, perhaps").to_owned());
    let (first, second) = (s.submit(&ann, a, &[hers, silent]).await, s.submit(&bob, b, &[his]).await);
    assert!(w.store.earlier(ann.agency, request(), &[0; 32].into()).await.unwrap().is_none());

    look(&mut s, (&ann, a, &first), (&bob, b, &second)).await;
    let conflict = Pair::new(a, b).unwrap().conflict();
    thread(&mut s, &ann, &bob, conflict).await;
    workers(&mut s, (&ann, a, &first), &bob).await;
    read(&mut s, &ann, a, conflict, first.submission).await;
    carry(&mut s, (&ann, a, &first), (&bob, b)).await;
    bulk(&mut s, (&ann, a, &first)).await;
    end(&mut s, (&ann, a, &first)).await;
    w.sequence().await;
    assert!(w.verify().await.sound());
    w.sequence().await;
    assert!(w.store.checkpoint(&w.operator(Action::Checkpoint)).await.unwrap().is_some());
    assert_eq!(w.store.doctor_facts(&w.operator(Action::Doctor)).await.unwrap().kept, store::KeptAgrees::Agrees);
    w.store.note_abandoned().await.unwrap();
    w.sequence().await;
    s.words
}

type Filed<'a> = (&'a Principal, CaseId, &'a Submitted);

async fn look(s: &mut Story<'_>, hers: Filed<'_>, his: Filed<'_>) {
    let w = s.w;
    let ((ann, a, first), (bob, b, second)) = (hers, his);
    let grant = may(bob, Action::Look);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let found = tx.look(&[(w.ask("Quartermaster_of_Owls"), Some(b))], Among::Answering, 100).await.unwrap();
    assert_eq!(found.hits.len(), 1);
    let levels = (Level::Open, Level::Open);
    let new = conflict((bob, b, second.entries[0]), (ann.member, ann.agency, a, first.entries[0]), levels);
    tx.record(&[new]).await.unwrap();
    tx.caller(bob.member).await.unwrap();
    tx.others(&[(a, first.entries[0])]).await.unwrap();
    let handed = Handed {
        owner: ann.agency,
        case: a,
        entry: first.entries[0],
        to: bob.agency,
        member: bob.member,
        how: How::Answer,
        reason: second.submission.into(),
    };
    tx.disseminate(&[handed], grant.policies()).await.unwrap();
    let notices = vec![
        s.notice(ann.member, ann.agency, Matter::Conflict, Some(a)),
        s.notice(desk_recipient(), id_nil(), Matter::OverCap, None),
    ];
    tx.notify(notices).await.unwrap();
    tx.commit(w.store.act(&grant, ("submission", second.submission.into()))).await.unwrap();
    let answer = s.say("answer", "one strong meeting, call Sergeant U.");
    w.answer(bob, b, second, answer.as_bytes()).await;
    w.answer(ann, a, first, b"nothing to show you, first").await;
    s.words.push(("answer".to_owned(), b"nothing to show you, first".to_vec()));
}

async fn thread(s: &mut Story<'_>, ann: &Principal, bob: &Principal, conflict: ConflictId) {
    let w = s.w;
    let object = ("conflict", uuid::Uuid::from(conflict));
    let side = s.side(ann, conflict).await;
    let grant = may(ann, Action::Message);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let text = FreeText::parse(s.say("message", "my subject sails on Thursday at dawn")).unwrap();
    tx.add_message(&side, id(), &Marking::default(), &text).await.unwrap();
    let (request, digest) = (request(), [0; 32].into());
    assert!(w.store.written(ann.agency, request, &digest).await.unwrap().is_none());
    tx.first_written(request, conflict, uuid(), &digest).await.unwrap();
    tx.advance(&side, SideState::Coordinating).await.unwrap();
    tx.supervisors(&[side.case]).await.unwrap();
    tx.commit(w.store.act(&grant, object).bind("message", text.as_str().as_bytes())).await.unwrap();
    let (hold, grant) = (id(), may(ann, Action::Hold));
    let mut tx = w.store.begin(&grant).await.unwrap();
    let why = FreeText::parse(s.say("hold reason", "an undercover meeting is arranged")).unwrap();
    tx.add_hold(&side, hold, w.clock.now().plus_seconds(60), &why).await.unwrap();
    tx.commit(w.store.act(&grant, object)).await.unwrap();
    assert!(w.store.hold_stands(conflict).await.unwrap());
    for who in [ann, bob] {
        let side = s.side(who, conflict).await;
        let grant = may(who, Action::LiftHold);
        let mut tx = w.store.begin(&grant).await.unwrap();
        tx.lift_hold(&side, hold).await.unwrap();
        tx.commit(w.store.act(&grant, object)).await.unwrap();
    }
    let why = FreeText::parse(s.say("proposal", "we cede to the elder warrant")).unwrap();
    let side = s.side(bob, conflict).await;
    let grant = may(bob, Action::Reopen);
    let mut tx = w.store.begin(&grant).await.unwrap();
    assert!(!tx.reopen(&side, Micros(1)).await.unwrap(), "it is not resolved");
    tx.commit(w.store.act(&grant, object)).await.unwrap();
    let grant = may(bob, Action::Propose);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.propose(&side, Resolution::Ceded, &why).await.unwrap();
    tx.commit(w.store.act(&grant, object)).await.unwrap();
}

async fn workers(s: &mut Story<'_>, hers: Filed<'_>, bob: &Principal) {
    let w = s.w;
    let (ann, a, first) = hers;
    let soon = w.clock.now().plus_seconds(1);
    for stage in [Stage::Look, Stage::Silent, Stage::Second] {
        w.store.pending(stage, soon, None, 10).await.unwrap();
    }
    let pending = w.store.pending(Stage::Silent, soon, None, 1).await.unwrap()[0];
    let grant = w.worker(Action::SilentLook);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.submission_details(&[pending]).await.unwrap();
    assert_eq!(tx.look(&[(w.ask("velvet-lantern-77"), None)], Among::Silent, 9).await.unwrap().hits.len(), 1);
    let hit = NewSilentHit {
        agency: ann.agency,
        case: a,
        entry: first.entries[1],
        other_agency: bob.agency,
        other_case: None,
        submission: pending.id,
        family: 1,
        strength: Strength::Strong,
    };
    assert_eq!(tx.record_silent(&[hit]).await.unwrap(), [true]);
    for stage in [Stage::Silent, Stage::Second] {
        tx.done(&[pending.id], stage).await.unwrap();
    }
    tx.end_silent_orders(10).await.unwrap();
    tx.commit(w.store.act(&grant, ("submission", pending.id.into()))).await.unwrap();
    // As in an installation that is older than its words.
    let mut raw = w.raw().await;
    raw.exec("DELETE FROM word_walk", &[]).await;
    raw.exec("DELETE FROM word", &[]).await;
    let grant = w.worker(Action::Sweep);
    let mut tx = w.store.begin(&grant).await.unwrap();
    assert!(!tx.gather_words(1).await.unwrap());
    tx.commit(w.store.act(&grant, ("words", uuid()))).await.unwrap();
    assert!(w.store.words_wait().await.unwrap() > 0 && !w.store.words_gathered().await.unwrap());
    let mut tx = w.store.begin(&grant).await.unwrap();
    assert!(tx.gather_words(1_000).await.unwrap());
    tx.commit(w.store.act(&grant, ("words", uuid()))).await.unwrap();
    assert_eq!(w.store.words_wait().await.unwrap(), 0);
    let grant = w.worker(Action::Deliver);
    let mut tx = w.store.begin(&grant).await.unwrap();
    assert!(tx.deliver(100).await.unwrap() > 0);
    tx.commit(w.store.act(&grant, ("outbox", uuid()))).await.unwrap();
    assert!(w.store.lease("sweeper", uuid(), 30).await.unwrap());
    letters(s, ann).await;
}

async fn read(s: &mut Story<'_>, ann: &Principal, a: CaseId, conflict: ConflictId, submission: SubmissionId) {
    let w = s.w;
    w.store.principal("desiree.quillfeather@example.org").await.unwrap().unwrap();
    w.store.agency_exists(ann.agency).await.unwrap();
    w.store.case_facts(ann.agency, &CaseNumber::parse("2026-ICAC-000417").unwrap()).await.unwrap().unwrap();
    let grant = may(ann, Action::Inbox);
    let mut tx = w.store.view(&grant).await.unwrap();
    assert_eq!(tx.sides().await.unwrap().len(), 1);
    assert_eq!(tx.notices(false).await.unwrap().len(), 2);
    tx.watch_desk().await.unwrap();
    tx.commit(w.store.act(&grant, ("inbox", uuid()))).await.unwrap();
    let notice = store::SeenNotices::Notice(id());
    let desks = store::SeenNotices::AtDesk(id());
    for (action, which) in [(Action::Inbox, notice), (Action::DeskQueue, desks)] {
        let grant = may(ann, action);
        let mut tx = w.store.begin(&grant).await.unwrap();
        assert_eq!(tx.seen(which).await.unwrap(), 0, "there is none of this id");
        tx.commit(w.store.act(&grant, ("notice", uuid()))).await.unwrap();
    }
    let grant = may(ann, Action::Acknowledge);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.seen(store::SeenNotices::About(conflict)).await.unwrap();
    tx.commit(w.store.act(&grant, ("conflict", conflict.into()))).await.unwrap();
    let alone = with_roles(ann, &[Role::Investigator]);
    let investigator = may(&alone, Action::Inbox);
    let mut tx = w.store.view(&investigator).await.unwrap();
    tx.sides().await.unwrap();
    tx.commit(w.store.act(&investigator, ("inbox", uuid()))).await.unwrap();
    for who in [ann, &alone] {
        assert_eq!(w.store.inbox_counts(&may(who, Action::Inbox)).await.unwrap().conflicts, 1);
    }
    let grant = may(ann, Action::Search);
    let mut tx = w.store.view(&grant).await.unwrap();
    let mut found = Vec::new();
    for asked in [
        "Quartermaster_of_Owls",
        "chess server",
        "000417 ICAC",
        "CT-000812-7781",
        "VELVET-LANTERN-77",
        "dawn Thursday",
        "harbourmaster",
    ] {
        let (rows, more) = tx.find(&model::asked_words(asked), &store::FoundKind::ALL, None, 9).await.unwrap();
        assert!(!more);
        found.push(rows.len());
    }
    assert_eq!(found, [1, 1, 1, 1, 1, 1, 0]);
    tx.commit(w.store.act(&grant, ("search", uuid()))).await.unwrap();
    w.store.desk_counts(&may(ann, Action::DeskQueue)).await.unwrap();
    assert_eq!(w.store.thread_length(&may(ann, Action::ShowConflict), conflict).await.unwrap(), 1);
    assert!(w.store.waits(&may(ann, Action::Inbox), Mark::start()).await.unwrap());
    let grant = may(ann, Action::Inbox);
    let mut tx = w.store.begin(&grant).await.unwrap();
    for pace in [Pace::Prompt, Pace::Beat] {
        tx.arrive(false, Some(pace)).await.unwrap();
        tx.arrivals(false, pace, Mark::start(), 9).await.unwrap();
    }
    tx.arrive(false, None).await.unwrap();
    tx.sides_about(&[conflict]).await.unwrap();
    tx.commit(w.store.act(&grant, ("inbox", uuid()))).await.unwrap();
    let grant = may(ann, Action::ShowConflict);
    let mut tx = w.store.view(&grant).await.unwrap();
    let sides = tx.sides_of(conflict).await.unwrap();
    tx.own_entries(a, &[sides[0].matches[0].mine]).await.unwrap();
    assert_eq!(tx.messages(conflict).await.unwrap().len(), 1);
    assert_eq!((tx.proposals(conflict).await.unwrap().len(), tx.holds(conflict).await.unwrap().len()), (1, 1));
    tx.commit(w.store.act(&grant, ("conflict", conflict.into()))).await.unwrap();
    let grant = may(ann, Action::DeskQueue);
    let mut tx = w.store.view(&grant).await.unwrap();
    tx.notices(true).await.unwrap();
    assert_eq!(tx.desk_contacts(&[a]).await.unwrap().len(), 1);
    tx.commit(w.store.act(&grant, ("desk", uuid()))).await.unwrap();
    w.sequence().await;
    let grant = may(ann, Action::GetReceipt);
    let mut tx = w.store.view(&grant).await.unwrap();
    assert!(tx.answer(submission).await.unwrap().1.is_some());
    tx.commit(w.store.act(&grant, ("submission", submission.into()))).await.unwrap();
    carry_away(w, ann, a, conflict, submission).await;
    lists(w, ann, a, submission).await;
    let denied = policy::decide(&POLICIES, ann, Action::Init, &Facts::default(), request()).unwrap_err();
    w.store.refuse(&denied, ("installation", uuid())).await.unwrap();
    drop(w.store.view(&may(ann, Action::ViewCase)).await.unwrap());
}

/// All of one's own, as an export reads it.
async fn carry_away(w: &World, ann: &Principal, a: CaseId, conflict: ConflictId, submission: SubmissionId) {
    let grant = may(ann, Action::Export);
    let mut tx = w.store.view(&grant).await.unwrap();
    let nil = uuid::Uuid::nil();
    assert!(!tx.case_page(&[], 9).await.unwrap().is_empty());
    assert!(tx.whole_case(a).await.unwrap().predicate.is_some());
    assert!(!tx.whole_entries(a, nil.into(), 9).await.unwrap().is_empty());
    tx.own_tip(a).await.unwrap();
    assert!(!tx.request_page(nil.into(), 9).await.unwrap().is_empty());
    tx.whole_submission(submission).await.unwrap();
    assert_eq!(tx.conflict_page(nil.into(), 9).await.unwrap(), [conflict]);
    let side = tx.sides_of(conflict).await.unwrap().remove(0);
    assert!(!tx.handed_in(conflict, a, side.other_case).await.unwrap().entries.is_empty());
    assert_eq!(tx.member_page(nil.into(), 9).await.unwrap().len(), 1);
    assert!(!tx.told_page(ann.member, nil.into(), 9).await.unwrap().is_empty());
    tx.commit(w.store.act(&grant, ("agency", ann.agency.into()))).await.unwrap();
}

fn id_nil_entry() -> EntryId {
    EntryId::from(uuid::Uuid::nil())
}

async fn end(s: &mut Story<'_>, hers: Filed<'_>) {
    let w = s.w;
    let (ann, a, first) = hers;
    let grant = may(&with_roles(ann, &[Role::Investigator]), Action::CloseCase);
    let facts = w.store.case_facts_by_id(a).await.unwrap().unwrap();
    let mut tx = w.store.begin(&grant).await.unwrap();
    let own = tx.own_case_entries(a).await.unwrap();
    assert_eq!(own.len(), 2);
    let ended = [(first.entries[0], 1)];
    let tokens = [(w.space(), w.token("Quartermaster_of_Owls"), first.entries[0])];
    tx.end_entries(a, ann.agency, &ended, store::EntryState::Withdrawn, &tokens).await.unwrap();
    let gone = tx.end_matches(a, ann.agency, &first.entries[..1]).await.unwrap();
    assert!(gone[0].none_left);
    tx.resolve(gone[0].conflict, Resolution::Withdrawn).await.unwrap();
    tx.close_case(&facts, Outcome::Cleared).await.unwrap();
    tx.commit(w.store.act(&grant, ("case", a.into()))).await.unwrap();
    // A supervisor's grant reaches the whole agency by another statement.
    let grant = may(ann, Action::Withdraw);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.end_matches(a, ann.agency, &first.entries).await.unwrap();
    tx.commit(w.store.act(&grant, ("case", a.into()))).await.unwrap();
    w.clock.advance(40 * 86_400);
    let grant = w.worker(Action::SilentLook);
    let mut tx = w.store.begin(&grant).await.unwrap();
    assert_eq!(tx.end_silent_orders(10).await.unwrap().len(), 2, "hers, and his that stayed");
    tx.commit(w.store.act(&grant, ("orders", uuid()))).await.unwrap();
}

fn id_nil() -> AgencyId {
    AgencyId::from(uuid::Uuid::nil())
}
