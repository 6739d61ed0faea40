//! A backup is whole, sealed and signed; it comes back on either engine, in time, once, with these keys, and what ended
//! since stays ended.

use std::collections::BTreeSet;
use std::path::Path;

use model::{Clock, Level};
use policy::Action;
use sha2::{Digest, Sha256};
use store::{BackupFault, Engine, EntryState, Error, KeyFolder, Store};
use testkit::{OsChance, find_leaks};

use crate::common::copies::tables;
use crate::common::*;
use crate::on_both;

const BOTH: [Engine; 2] = [Engine::Sqlite, Engine::Postgres];

on_both!(a_backup_comes_back_on_either_engine_with_the_same_rows, w => {
    history::live(&w).await;
    let (file, made) = w.backup("all.backup").await;
    let before = tables(&file);
    assert_eq!(made.rows, before.values().map(|lines| lines.len() as u64 - 1).sum::<u64>());
    assert!(made.rows > 50, "{}", made.rows);
    let mut w = w;
    for engine in BOTH {
        let place = w.elsewhere(engine, "again.db");
        let restored = w.restore(&place, &file).await.unwrap();
        assert_eq!((restored.backup, restored.made, restored.rows), (made.id, made.made, made.rows));
        assert_eq!((restored.entries_ended, restored.cases_closed, restored.new_log), (0, 0, None));
        w = w.moved(place).await;
        let (again, _) = w.backup(&format!("again-{engine:?}.backup")).await;
        let after = tables(&again);
        assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
        for (table, lines) in &before {
            match table.as_str() {
                "event_new" => assert_eq!(after[table].len(), lines.len() + 1, "the event of the restore"),
                _ => assert_eq!(&after[table], lines, "{table}"),
            }
        }
        w.sequence().await;
        let verdict = w.verify().await;
        assert!(verdict.sound(), "{:?}", verdict.findings);
        // The first place has its event, the second then starts behind it.
        std::fs::remove_file(w.keys().join("checkpoint")).unwrap();
    }
});

on_both!(a_backup_holds_every_column_of_every_table_of_the_schema, w => {
    let (file, _) = w.backup("all.backup").await;
    let mut have = BTreeSet::new();
    for (table, lines) in tables(&file) {
        let columns = lines[0].split_once("\"columns\":[").unwrap().1.trim_end_matches("]}").replace('"', "");
        have.extend(columns.split(',').map(|column| format!("{table}.{column}")));
    }
    let mut raw = w.raw().await;
    let all = match w.store.engine() {
        Engine::Sqlite => "SELECT group_concat(m.name || '.' || p.name) FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE '\\_%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%'",
        Engine::Postgres => "SELECT string_agg(c.relname || '.' || a.attname, ',') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped AND c.relname NOT LIKE '\\_%'",
    };
    let all: BTreeSet<String> = raw.text(all, &[]).await.split(',').map(str::to_owned).collect();
    assert_eq!(have, all);
    assert!(all.len() > 200, "{}", all.len());
});

on_both!(a_backup_holds_no_word_of_anybody_and_no_key, w => {
    let mut needles = history::live(&w).await;
    needles.sort();
    needles.dedup();
    for name in ["master.key", "search.key", "signing.key", "token-1.key"] {
        let text = std::fs::read_to_string(w.keys().join(name)).unwrap();
        let key = (0..32).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()).collect();
        needles.push((name.to_owned(), key));
    }
    let (file, _) = w.backup("all.backup").await;
    let leaks = find_leaks(&needles, &[&file]);
    assert!(leaks.is_empty(), "{leaks:#?}");
    // The control: a table with the same words unsealed, as the format would write them, gives each away.
    let mut raw = w.raw().await;
    for (n, (_, needle)) in (0..).zip(&needles) {
        let row = "INSERT INTO tile (idx, level, hashes) VALUES ($1, 9, $2)";
        raw.exec(row, &[Bind::Int(n), Bind::Bytes(needle.clone())]).await;
    }
    let (open, _) = w.backup("open.backup").await;
    let found: BTreeSet<_> = find_leaks(&needles, &[&open]).into_iter().map(|l| l.needle).collect();
    assert_eq!(found, needles.iter().map(|(name, _)| name.clone()).collect());
});

on_both!(a_backup_leaves_its_event_and_says_until_when_it_may_exist, w => {
    w.sequence().await;
    let grant = w.operator(Action::Backup);
    let to = w.dir.join("b");
    let now = w.clock.now();
    for last in [now.plus_days(35).plus_seconds(1), now, now.plus_days(-1)] {
        let refused = w.store.backup(&grant, &to, Some(last), |_, _| ()).await;
        assert!(matches!(refused, Err(Error::Backup(BackupFault::LastDay))), "{refused:?}");
    }
    assert_eq!(w.count("backup").await, 0);
    let made = w.store.backup(&grant, &to, Some(now.plus_days(2)), |_, _| ()).await.unwrap();
    assert_eq!(made.last, now.plus_days(2));
    assert!(matches!(w.store.backup(&grant, &to, None, |_, _| ()).await, Err(Error::Backup(BackupFault::Exists))));
    assert_eq!((w.count("backup").await, w.count("event_new").await), (1, 1));
    assert!(!w.dir.join("b.part").exists());
    let first = std::fs::read_to_string(&to).unwrap().lines().next().unwrap().to_owned();
    for said in ["concord.backup/1", "2026-11-25T06:00:00", ORIGIN] {
        assert!(first.contains(said), "{first}");
    }
    let other = w.operator(Action::VerifyLedger);
    let refused = w.store.backup(&other, &w.dir.join("c"), None, |_, _| ()).await;
    assert!(matches!(refused, Err(Error::WrongGrant { .. })) && !w.dir.join("c").exists());
});

/// A table's lines without the columns that later migrations added at its end.
fn cut(lines: &[String], ground: &str, table: &str) -> Vec<String> {
    let body = ground.split(&format!("\nCREATE TABLE {table} ")).nth(1).unwrap().split("\n);").next().unwrap();
    let n = body.lines().skip(1).filter(|l| !l.trim_start().starts_with("PRIMARY KEY")).count();
    let shorter = |line: &String| {
        let mut json: serde_json::Value = serde_json::from_str(line).unwrap();
        let columns = if json.is_array() { &mut json } else { &mut json["columns"] };
        columns.as_array_mut().unwrap().truncate(n);
        json.to_string()
    };
    lines.iter().map(shorter).collect()
}

/// Submissions with what was asked in them, as it stood until schema 11.
fn with_details(submissions: &[String], details: &[String]) -> Vec<String> {
    let read = |line: &String| serde_json::from_str::<serde_json::Value>(line).unwrap();
    let columns = |json: &serde_json::Value| json.get("columns").unwrap_or(json).as_array().unwrap().clone();
    let of: Vec<_> = details.iter().map(|line| columns(&read(line))).collect();
    let whole = |(at, line): (usize, &String)| {
        let mut json = read(line);
        let id = columns(&json)[0].clone();
        let detail = if at == 0 { &of[0] } else { of.iter().find(|d| d[0] == id).unwrap() };
        let columns = if json.is_array() { &mut json } else { &mut json["columns"] };
        columns.as_array_mut().unwrap().push(detail[2].clone());
        json.to_string()
    };
    submissions.iter().enumerate().map(whole).collect()
}

/// The file as a program of schema 1 would have written it, signed with the folder's key.
fn of_schema_1(w: &World, file: &Path) -> String {
    let whole = std::fs::read_to_string(file).unwrap();
    let newest = whole.split_once("\"schema\":").unwrap().1.split(',').next().unwrap().to_owned();
    let first = whole.lines().next().unwrap().replace(&format!("\"schema\":{newest}"), "\"schema\":1");
    let hash = |text: &str| hex::encode(Sha256::digest(text));
    let mut out = first.clone() + "\n";
    let ground = include_str!("../../migrations/0001_ground.sql");
    let (mut all, mut counted) = (tables(file), Vec::new());
    let whole = with_details(&all["submission"], &all["submission_detail"]);
    all.insert("submission".to_owned(), whole);
    for name in ground.lines().filter_map(|l| l.strip_prefix("CREATE TABLE ")?.split_whitespace().next()) {
        let lines = cut(&all[name], ground, name).join("\n") + "\n";
        let (rows, sha256) = (all[name].len() - 1, hash(&lines));
        counted.push(format!("{{\"table\":\"{name}\",\"rows\":{rows},\"sha256\":\"{sha256}\"}}"));
        out += &lines;
    }
    let manifest = hash(&(first + "\n"));
    let end =
        format!("{{\"end\":\"concord.backup/1\",\"manifest\":\"{manifest}\",\"tables\":[{}]}}", counted.join(","));
    let signature = w.store.keys().signing().sign_statement("concord.backup/1", end.as_bytes());
    out + &end + "\n" + &format!("{{\"signature\":\"{}\"}}\n", hex::encode(signature))
}

on_both!(a_backup_of_an_older_schema_comes_back_and_is_brought_up_to_date, w => {
    let ann = w.officer("ann").await;
    let case = w.case(&ann, "1").await;
    w.submit(&ann, case, &["fox"], Level::Open).await;
    w.sequence().await;
    let (file, _) = w.backup("all.backup").await;
    let older = w.dir.join("older.backup");
    std::fs::write(&older, of_schema_1(&w, &file)).unwrap();
    let place = w.elsewhere(w.store.engine(), "again.db");
    w.restore(&place, &older).await.unwrap();
    let w = w.moved(place).await;
    assert_eq!(w.look(&ann, None, &[w.ask("fox")], 9).await.hits.len(), 1);
    w.sequence().await;
    assert!(w.verify().await.sound());
    assert_eq!(Store::schema(&w.place).await.unwrap().pending, []);
    w.backup("new.backup").await;
});

/// Restores a changed copy; nothing may be in the database afterwards.
async fn refused(w: &World, engine: Engine, file: &Path, change: impl Fn(String) -> String) -> Error {
    let changed = w.dir.join("changed.backup");
    std::fs::write(&changed, change(std::fs::read_to_string(file).unwrap())).unwrap();
    let place = w.elsewhere(engine, &format!("{:?}.db", uuid()));
    let refused = w.restore(&place, &changed).await.unwrap_err();
    assert_eq!(Store::schema(&place).await.unwrap().have, 0, "it was touched");
    refused
}

on_both!(a_backup_that_was_changed_or_cut_is_named_and_touches_nothing, w => {
    let ann = w.officer("ann").await;
    let case = w.case(&ann, "1").await;
    w.submit(&ann, case, &["fox", "owl"], Level::Open).await;
    let (file, _) = w.backup("all.backup").await;
    let engine = w.store.engine();
    let whole = std::fs::read_to_string(&file).unwrap();
    let (lines, rows): (Vec<_>, _) = (whole.lines().collect(), tables(&file));
    let entry = rows["entry"][1].clone();
    // Cut anywhere: at a line's end, inside a line, before the signature.
    for keep in [1, 2, lines.len() / 2, lines.len() - 2, lines.len() - 1] {
        let cut = refused(&w, engine, &file, |text| text.lines().take(keep).fold(String::new(), |t, l| t + l + "\n")).await;
        assert!(matches!(cut, Error::Backup(BackupFault::CutShort { line }) if line == keep as u64), "{cut}");
        let cut = refused(&w, engine, &file, |_| lines[..=keep.min(lines.len() - 1)].join("\n")).await;
        assert!(matches!(cut, Error::Backup(BackupFault::CutShort { .. })), "{cut}");
    }
    type Change<'a> = (&'a str, Box<dyn Fn(String) -> String>);
    let (gone, twice, other) = (entry.clone() + "\n", entry.clone(), entry.clone());
    let changes: [Change; 6] = [
        ("table entry", Box::new(move |text| text.replace(&gone, ""))),
        ("table entry", Box::new(move |text| text.replace(&twice, &format!("{twice}\n{twice}")))),
        ("table entry", Box::new(move |text| text.replace(&other, &other.replace("true", "false").replace(",1,null,null]", ",2,null,null]")))),
        ("first line", Box::new(|text| text.replacen("2026-12-28", "2027-12-28", 1))),
        ("first line", Box::new(|text| text.replacen("\"last_us\":1", "\"last_us\":2", 1))),
        ("signature", Box::new(|text| text.replacen("{\"end\":\"concord.backup/1\",\"manifest\":\"", "{\"end\":\"concord.backup/1\",\"manifest\":\"0", 1))),
    ];
    for (named, change) in changes {
        let changed = refused(&w, engine, &file, |text| { let new = change(text.clone()); assert_ne!(new, text); new }).await;
        let Error::Backup(BackupFault::Changed { what }) = &changed else { panic!("{changed}") };
        assert!(what.contains(named), "{what}: {named}");
    }
    let more = refused(&w, engine, &file, |text| text + "more").await;
    assert!(matches!(more, Error::Backup(BackupFault::Changed { .. })), "{more}");
    for other in ["", "kind,value\n", "{\"format\":\"other\"}\n"] {
        let not = refused(&w, engine, &file, |_| other.to_owned()).await;
        assert!(matches!(not, Error::Backup(BackupFault::Format)), "{not}");
    }
    let newer = refused(&w, engine, &file, |text| text.replacen("\"schema\":", "\"schema\":9", 1)).await;
    assert!(matches!(newer, Error::Backup(BackupFault::Newer { .. })), "{newer}");
    // The control: what was not changed comes back.
    w.restore(&w.elsewhere(engine, "good.db"), &file).await.unwrap();
});

on_both!(a_backup_comes_back_only_with_its_keys_in_its_time_and_into_an_empty_place, w => {
    let (file, made) = w.backup("all.backup").await;
    let engine = w.store.engine();
    let here = w.restore(&w.place, &file).await.unwrap_err();
    assert!(matches!(here, Error::Backup(BackupFault::NotEmpty { table: "installation" })), "{here}");
    let place = w.elsewhere(engine, "again.db");
    KeyFolder::create(&w.dir.join("other.keys"), ORIGIN, &OsChance).unwrap();
    let mut order = w.order(&place, &file);
    order.keys = w.dir.join("other.keys");
    let other = Store::restore(&order, &w.operator(Action::Restore), |_, _| ()).await;
    assert!(matches!(other, Err(Error::WrongKeys)), "{other:?}");
    // The signing key alone is not enough: with another master key nothing would open.
    for name in ["signing.key", "origin"] {
        std::fs::copy(w.keys().join(name), order.keys.join(name)).unwrap();
    }
    let other = Store::restore(&order, &w.operator(Action::Restore), |_, _| ()).await;
    assert!(matches!(other, Err(Error::WrongKeys)), "{other:?}");
    let grant = w.operator(Action::Backup);
    let other = Store::restore(&w.order(&place, &file), &grant, |_, _| ()).await;
    assert!(matches!(other, Err(Error::WrongGrant { .. })), "{other:?}");
    w.clock.advance((made.last.0 - w.clock.now().0) / 1_000_000 + 1);
    let late = w.restore(&place, &file).await.unwrap_err();
    assert!(matches!(late, Error::Backup(BackupFault::Over { .. })), "{late}");
    w.clock.advance(-1);
    w.restore(&place, &file).await.unwrap();
});

on_both!(what_ended_since_the_backup_stays_ended_after_a_restore, w => {
    let ann = w.officer("ann").await;
    let (case, closed) = (w.case(&ann, "1").await, w.case(&ann, "2").await);
    let done = w.submit(&ann, case, &["fox", "owl"], Level::Open).await;
    let also = w.submit(&ann, closed, &["elk"], Level::Open).await;
    let silent = w.submit(&ann, case, &["lynx"], Level::Silent).await;
    assert_eq!(w.look(&ann, None, &[w.ask("fox"), w.ask("owl"), w.ask("elk")], 9).await.hits.len(), 3);
    let (file, _) = w.backup("all.backup").await;
    w.clock.advance(60);
    let end = async |case, entry, value: &str, state, close: bool| {
        let grant = may(&ann, Action::CloseCase);
        let facts = w.store.case_facts_by_id(case).await.unwrap().unwrap();
        let mut tx = w.store.begin(&grant).await.unwrap();
        tx.end_entries(case, ann.agency, &[(entry, 1)], state, &[(w.space(), w.token(value), entry)]).await.unwrap();
        if close {
            tx.close_case(&facts, model::Outcome::Cleared).await.unwrap();
        }
        tx
    };
    let act = || w.store.act(&may(&ann, Action::CloseCase), ("case", uuid()));
    end(case, done.entries[0], "fox", EntryState::Withdrawn, false).await.commit(act()).await.unwrap();
    end(case, silent.entries[0], "lynx", EntryState::Corrected, false).await.commit(act()).await.unwrap();
    end(closed, also.entries[0], "elk", EntryState::Withdrawn, true).await.commit(act()).await.unwrap();
    // Dropped: it did not end.
    drop(end(case, done.entries[1], "owl", EntryState::Withdrawn, false).await);
    // A line that a crash cut short says nothing, and hides nothing that comes after it.
    let list = w.keys().join("ended");
    let text = std::fs::read_to_string(&list).unwrap();
    assert!(!text.contains("fox") && text.lines().count() == 4, "{text}");
    std::fs::write(&list, format!("{text}17640000 ent")).unwrap();

    for engine in BOTH {
        let place = w.elsewhere(engine, "again.db");
        let restored = w.restore(&place, &file).await.unwrap();
        assert_eq!((restored.entries_ended, restored.cases_closed), (3, 1));
        let there = open(&place, KeyFolder::open(&w.keys()).unwrap(), &w.clock, &w.trace).await.unwrap();
        let grant = may(&ann, Action::Look);
        let mut tx = there.begin(&grant).await.unwrap();
        let asks = ["fox", "owl", "elk"].map(|value| (w.ask(value), None));
        let found = tx.look(&asks, store::Among::Answering, 9).await.unwrap();
        assert_eq!(found.hits.iter().map(|hit| hit.entry).collect::<Vec<_>>(), [done.entries[1]]);
        drop(tx);
        let mut raw = Raw::open(&place).await;
        assert_eq!(raw.int("SELECT COUNT(*) FROM silent_posting", &[]).await, 0);
        assert_eq!(raw.int("SELECT COUNT(*) FROM word WHERE kind = 2", &[]).await, 1, "what ended is not searched for");
        let state = "SELECT state FROM entry WHERE id = $1";
        let states = [done.entries[0], done.entries[1], also.entries[0], silent.entries[0]].map(|id| [Bind::Id(id.into())]);
        let mut have = Vec::new();
        for id in states {
            have.push(raw.int(state, &id).await);
        }
        assert_eq!(have, [4, 1, 4, 5]);
        assert_eq!(there.case_facts_by_id(closed).await.unwrap().unwrap().status, model::CaseStatus::Closed);
        assert_eq!(there.case_facts_by_id(case).await.unwrap().unwrap().status, model::CaseStatus::Open);
        there.close().await;
    }
    // What no backup can need any more is forgotten.
    w.clock.advance(40 * 86_400);
    end(case, done.entries[1], "owl", EntryState::Withdrawn, false).await.commit(act()).await.unwrap();
    assert_eq!(std::fs::read_to_string(&list).unwrap().lines().count(), 1);
});
