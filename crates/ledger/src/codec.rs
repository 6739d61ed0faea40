//! The bytes of an event: version, then every field in the order of [`Event`], lengths before what varies.
//!
//! There is one encoding of an event and one event of an encoding: `decode` refuses everything `encode` would not
//! have written. Integers are big-endian; a text, a byte string and a list begin with their length or number (u32).

use model::Micros;
use uuid::Uuid;

use crate::event::{Actor, Bind, Event, Object, Outcome, RowDigest, Verb};

/// The first byte; another one is another format.
const VERSION: u8 = 1;

/// Why bytes are not an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// Written by another version of the format.
    #[error("event format {0} is not known here; read it with the version that wrote it")]
    Version(u8),
    /// The bytes end inside a field.
    #[error("the event ends inside its field {0}")]
    Short(&'static str),
    /// A field holds what no event can hold.
    #[error("the event's field {0} holds a value no event has")]
    Value(&'static str),
    /// Something follows the last field.
    #[error("{0} bytes follow the end of the event")]
    Trailing(usize),
}

impl Event {
    /// The event's bytes. A single text or list must be shorter than 4 GiB, far above what a database row holds.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(256);
        out.push(VERSION);
        out.extend_from_slice(self.id.as_bytes());
        out.extend_from_slice(&self.at.0.to_be_bytes());
        put_bytes(&mut out, self.actor.standing.as_bytes());
        put_maybe(&mut out, self.actor.member.as_ref().map(|id| id.as_bytes()));
        put_maybe(&mut out, self.actor.agency.as_ref().map(|id| id.as_bytes()));
        put_bytes(&mut out, self.verb.as_str().as_bytes());
        put_bytes(&mut out, self.object.kind.as_bytes());
        out.extend_from_slice(self.object.id.as_bytes());
        out.push(match self.outcome {
            Outcome::Done => 1,
            Outcome::Refused => 2,
            Outcome::Abandoned => 3,
            Outcome::Failed => 4,
        });
        put_bytes(&mut out, self.policy.as_bytes());
        out.extend_from_slice(self.request.as_bytes());
        put_bytes(&mut out, self.origin.as_bytes());
        put_len(&mut out, self.binds.len());
        for bind in &self.binds {
            put_bytes(&mut out, bind.what.as_bytes());
            out.extend_from_slice(&bind.digest);
        }
        put_len(&mut out, self.rows.len());
        for row in &self.rows {
            put_bytes(&mut out, row.table.as_bytes());
            put_bytes(&mut out, &row.row);
            out.extend_from_slice(&row.version.to_be_bytes());
            out.extend_from_slice(&row.digest);
        }
        put_len(&mut out, self.shown.len());
        self.shown.iter().for_each(|id| out.extend_from_slice(id.as_bytes()));
        out
    }

    /// Reads what [`Event::encode`] wrote, and nothing else.
    ///
    /// # Errors
    /// [`DecodeError`]: the version, or the field that does not read.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut bytes = Reader(bytes);
        let [version] = bytes.array("version")?;
        if version != VERSION {
            return Err(DecodeError::Version(version));
        }
        let event = Self {
            id: bytes.uuid("id")?.into(),
            at: Micros(i64::from_be_bytes(bytes.array("at")?)),
            actor: Actor {
                standing: bytes.text("actor standing")?,
                member: bytes.maybe("actor member")?.map(Into::into),
                agency: bytes.maybe("actor agency")?.map(Into::into),
            },
            verb: Verb::parse(&bytes.text("verb")?).ok_or(DecodeError::Value("verb"))?,
            object: Object { kind: bytes.text("object kind")?, id: bytes.uuid("object id")? },
            outcome: match bytes.array("outcome")? {
                [1] => Outcome::Done,
                [2] => Outcome::Refused,
                [3] => Outcome::Abandoned,
                [4] => Outcome::Failed,
                _ => return Err(DecodeError::Value("outcome")),
            },
            policy: bytes.text("policy")?,
            request: bytes.uuid("request")?,
            origin: bytes.text("origin")?,
            binds: bytes.list("binds", |b| Ok(Bind { what: b.text("bind name")?, digest: b.array("bind digest")? }))?,
            rows: bytes.list("rows", |b| {
                Ok(RowDigest {
                    table: b.text("row table")?,
                    row: b.bytes("row key")?.to_vec(),
                    version: i64::from_be_bytes(b.array("row version")?),
                    digest: b.array("row digest")?,
                })
            })?,
            shown: bytes.list("shown", |b| b.uuid("shown"))?,
        };
        match bytes.0.len() {
            0 => Ok(event),
            more => Err(DecodeError::Trailing(more)),
        }
    }
}

fn put_len(out: &mut Vec<u8>, len: usize) {
    out.extend_from_slice(&u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes());
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_len(out, bytes.len());
    out.extend_from_slice(bytes);
}

fn put_maybe(out: &mut Vec<u8>, id: Option<&[u8; 16]>) {
    match id {
        None => out.push(0),
        Some(id) => {
            out.push(1);
            out.extend_from_slice(id);
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], DecodeError> {
        let (head, rest) = self.0.split_first_chunk().ok_or(DecodeError::Short(field))?;
        self.0 = rest;
        Ok(*head)
    }

    fn len(&mut self, field: &'static str) -> Result<usize, DecodeError> {
        usize::try_from(u32::from_be_bytes(self.array(field)?)).map_err(|_| DecodeError::Value(field))
    }

    fn bytes(&mut self, field: &'static str) -> Result<&'a [u8], DecodeError> {
        let len = self.len(field)?;
        let (head, rest) = self.0.split_at_checked(len).ok_or(DecodeError::Short(field))?;
        self.0 = rest;
        Ok(head)
    }

    fn text(&mut self, field: &'static str) -> Result<String, DecodeError> {
        std::str::from_utf8(self.bytes(field)?).map(str::to_owned).map_err(|_| DecodeError::Value(field))
    }

    fn uuid(&mut self, field: &'static str) -> Result<Uuid, DecodeError> {
        self.array(field).map(Uuid::from_bytes)
    }

    fn maybe(&mut self, field: &'static str) -> Result<Option<Uuid>, DecodeError> {
        match self.array(field)? {
            [0] => Ok(None),
            [1] => self.uuid(field).map(Some),
            _ => Err(DecodeError::Value(field)),
        }
    }

    /// Grows as it reads: the number is the writer's word, and room for it is not taken on that word.
    fn list<T>(
        &mut self,
        field: &'static str,
        item: impl Fn(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let mut out = Vec::new();
        for _ in 0..self.len(field)? {
            out.push(item(self)?);
        }
        Ok(out)
    }
}
