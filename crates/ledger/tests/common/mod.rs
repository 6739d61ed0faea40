//! What several test files use: any event, and a small ledger built as the store builds it.
#![allow(dead_code, reason = "each test file uses a part")]

use ledger::{
    Actor, Bind, Checkpoint, Column, Event, Hash, LedgerRow, Object, Outcome, RowDigest, SecurityRow, SigningKey,
    Tiles, Verb, leaf_hash, row_digest,
};
use model::Micros;
use proptest::prelude::*;
use uuid::Uuid;

pub const LOG: &str = "ledger.example.org/test";

pub fn key() -> SigningKey {
    SigningKey::from_seed(LOG, &[7; 32]).unwrap()
}

pub fn uuid(n: u64) -> Uuid {
    Uuid::from_u64_pair(0x0190_0000_0000_7000, 0x8000_0000_0000_0000 | n)
}

pub fn salt(n: u64) -> [u8; 32] {
    ledger::leaf(&n.to_be_bytes())
}

pub fn plain(n: u64, verb: &str) -> Event {
    Event {
        id: uuid(n).into(),
        at: Micros(1_700_000_000_000_000 + i64::try_from(n).unwrap()),
        actor: Actor { standing: "passkey".into(), member: Some(uuid(9_000).into()), agency: Some(uuid(9_001).into()) },
        verb: Verb::parse(verb).unwrap(),
        object: Object { kind: "case".into(), id: uuid(8_000) },
        outcome: Outcome::Done,
        policy: "own-case".into(),
        request: uuid(7_000 + n),
        origin: "command line".into(),
        binds: vec![],
        rows: vec![],
        shown: vec![],
    }
}

pub fn any_event() -> impl Strategy<Value = Event> {
    let id = any::<[u8; 16]>().prop_map(Uuid::from_bytes);
    let outcome =
        prop_oneof![Just(Outcome::Done), Just(Outcome::Refused), Just(Outcome::Abandoned), Just(Outcome::Failed)];
    let bind = (any::<String>(), any::<[u8; 32]>()).prop_map(|(what, digest)| Bind { what, digest });
    let row = (any::<String>(), any::<Vec<u8>>(), any::<i64>(), any::<[u8; 32]>())
        .prop_map(|(table, row, version, digest)| RowDigest { table, row, version, digest });
    let actor = (any::<String>(), prop::option::of(id.clone()), prop::option::of(id.clone()))
        .prop_map(|(standing, m, a)| Actor { standing, member: m.map(Into::into), agency: a.map(Into::into) });
    let head = (id.clone(), any::<i64>(), actor, "[a-z](-?[a-z]){0,8}", any::<String>(), id.clone());
    let tail = (outcome, any::<String>(), id.clone(), any::<String>());
    let lists = (prop::collection::vec(bind, 0..3), prop::collection::vec(row, 0..3), prop::collection::vec(id, 0..4));
    (head, tail, lists).prop_map(
        |((id, at, actor, verb, kind, object), (outcome, policy, request, origin), (binds, rows, shown))| Event {
            id: id.into(),
            at: Micros(at),
            actor,
            verb: Verb::parse(&verb).unwrap(),
            object: Object { kind, id: object },
            outcome,
            policy,
            request,
            origin,
            binds,
            rows,
            shown,
        },
    )
}

/// A ledger as a database holds it.
#[derive(Clone)]
pub struct Stored {
    pub rows: Vec<LedgerRow>,
    pub tiles: Tiles,
    pub size: u64,
    pub root: Hash,
    pub checkpoint: Option<String>,
    pub security: Vec<SecurityRow>,
}

impl Stored {
    pub fn new(events: impl IntoIterator<Item = Event>) -> Self {
        let rows: Vec<_> = (0u64..).zip(events).map(|(n, event)| stored(n, &event)).collect();
        let mut out =
            Self { rows, tiles: Tiles::new(), size: 0, root: ledger::empty_root(), checkpoint: None, security: vec![] };
        out.integrate();
        out
    }

    /// Builds tiles, size, root and checkpoint anew from the rows: what someone with the key can do.
    pub fn integrate(&mut self) {
        let leaves: Vec<_> = self.rows.iter().map(|row| row.leaf).collect();
        let done = ledger::integrate(0, &Tiles::new(), &leaves).unwrap();
        (self.tiles, self.size, self.root) = (done.changed, done.size, done.root);
        self.checkpoint = Some(self.head().sign(&key()).unwrap());
    }

    pub fn head(&self) -> Checkpoint {
        Checkpoint { origin: LOG.into(), size: self.size, root: self.root }
    }
}

pub fn stored(n: u64, event: &Event) -> LedgerRow {
    let (salt, body) = (salt(n), event.encode());
    let leaf = leaf_hash(&salt, &body);
    LedgerRow { index: i64::try_from(n).unwrap(), event_id: event.id.into(), leaf, body: Some(body), salt: Some(salt) }
}

/// A row of the table "agencies", and its digest under the salt of event `n`.
pub fn agency(n: u64, key: u8, version: i64, name: &str) -> (SecurityRow, RowDigest) {
    let columns = vec![("name", Column::Text(name.into())), ("open", Column::Bool(true))];
    let digest = row_digest(&salt(n), "agencies", &[key], version, &columns);
    (
        SecurityRow { table: "agencies".into(), key: vec![key], version, columns },
        RowDigest { table: "agencies".into(), row: vec![key], version, digest },
    )
}
