//! What desk calls ask of the database, statement by statement with their binds, recorded on a copy.

use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use casework::{Desk, Opening, SubmitOrder};
use store::{Bind, Moment, Place, Settings, Trace};
use testkit::measure::grouped;
use testkit::{OsChance, SystemClock};

use crate::Work;
use crate::officers::{Officer, fresh, known};
use crate::world::World;
use crate::wrk::IDENTIFIERS;

/// One statement.
pub type Statement = (String, Vec<Bind>);

/// One call: transactions of statements.
pub type Call = Vec<Vec<Statement>>;

/// Calls of each kind of work. Those that only read may run again and again, a submission once.
pub struct Recorded(Vec<(Work, Arc<Vec<Call>>)>);

impl Recorded {
    pub fn of(&self, work: Work) -> Arc<Vec<Call>> {
        self.0.iter().find(|(of, _)| *of == work).unwrap().1.clone()
    }
}

/// Records each officer's inbox and conflict, and so many submissions.
pub async fn on_a_copy(world: &World, officers: &[Officer], submissions: usize) -> Recorded {
    let folder = world.scratch.join("copy");
    std::fs::create_dir(&folder).unwrap();
    let copied = |from: &Path| {
        let done = Command::new("cp").arg("-r").arg(from).arg(&folder).status();
        assert!(done.is_ok_and(|s| s.success()));
    };
    copied(&world.scratch.join("keys"));
    let place = match (&world.place, &world.server) {
        (Place::Postgres(url), Some(server)) => Place::Postgres(server.copy_of(url)),
        (Place::Sqlite(file), _) => {
            copied(file);
            Place::Sqlite(folder.join("concord.db"))
        }
        _ => unreachable!("a database without its server"),
    };
    let tape: Arc<Mutex<Call>> = Arc::new(Mutex::new(vec![Vec::new()]));
    let heard = tape.clone();
    let trace = Trace::telling(move |moment| {
        let mut call = heard.lock().unwrap();
        match moment {
            Moment::Statement(sql, binds) => call.last_mut().unwrap().push((sql.to_owned(), binds.to_vec())),
            Moment::Committed => call.push(Vec::new()),
        }
    });
    let desk = Desk::open(Opening {
        place,
        keys: folder.join("keys"),
        clock: Arc::new(SystemClock),
        chance: Arc::new(OsChance),
        origin: "bench".to_owned(),
        settings: Settings { trace: Some(trace), ..Settings::default() },
    })
    .await
    .unwrap();
    let take = || {
        let mut call = std::mem::replace(&mut *tape.lock().unwrap(), vec![Vec::new()]);
        call.retain(|transaction| !transaction.is_empty());
        call
    };
    take();
    let (mut inboxes, mut conflicts, mut submitted) = (Vec::new(), Vec::new(), Vec::new());
    for officer in officers {
        // What the page asks of the desk (crates/portal/src/pages/inbox.rs, crates/portal/src/page.rs).
        desk.counts(&officer.who).await.unwrap();
        desk.news(&officer.who, None).await.unwrap();
        let inbox = desk.inbox(&officer.who).await.unwrap();
        inboxes.push(take());
        let conflict = inbox.items.iter().find_map(|i| i.conflict.as_ref()).unwrap();
        desk.counts(&officer.who).await.unwrap();
        desk.conflict(&officer.who, conflict.parse().unwrap()).await.unwrap();
        conflicts.push(take());
    }
    let known = known(world);
    for n in 0..submissions {
        let officer = &officers[n % officers.len()];
        let (kind, value) = &known[n % known.len()];
        let mut csv = format!("kind,value,platform\n{kind},{value},\n");
        for n in 1..IDENTIFIERS {
            let (kind, value, platform) = fresh(n + submitted.len() * IDENTIFIERS);
            csv += &format!("{kind},{value},{platform}\n");
        }
        let order = SubmitOrder::new(
            officer.case.clone(),
            "request",
            casework::read("request.csv", csv.as_bytes()),
            desk.request(),
        );
        desk.submit(&officer.who, order).await.unwrap();
        submitted.push(take());
    }
    desk.store().close().await;
    for (what, calls) in [("an inbox", &inboxes), ("a conflict", &conflicts), ("a submission", &submitted)] {
        let last = calls.last().unwrap();
        let statements: usize = last.iter().map(Vec::len).sum();
        eprintln!("{:?} {what}: {} statements in {} transactions", world.engine, statements, last.len());
    }
    eprintln!("{:?} recorded {} submissions", world.engine, grouped(submitted.len() as u64));
    let all = [(Work::Inbox, inboxes), (Work::Conflict, conflicts), (Work::Submission, submitted)];
    Recorded(all.map(|(work, calls)| (work, Arc::new(calls))).into())
}
