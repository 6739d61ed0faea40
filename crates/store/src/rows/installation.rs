//! The one row that says whose keys, whose log and which watch desk this is.

use model::{AgencyId, SpaceId, Telephone};
use policy::{Action, Grant};
use uuid::Uuid;

use crate::db::{Conn, binds};
use crate::error::Error;
use crate::keys::{KeyFolder, Place, Ring};
use crate::store::Store;
use crate::tx::Tx;

/// What everybody may know of the installation.
#[derive(Debug, Clone)]
pub struct Installation {
    /// Made without a key source of its own: every receipt says so.
    pub trial: bool,
    /// C2SP verifier key of checkpoints and receipts.
    pub verifier: String,
}

fn place() -> Place<'static> {
    Place { table: "installation", column: "sealed", row: &[1], agency: AgencyId::from(Uuid::nil()) }
}

#[derive(sqlx::FromRow)]
struct Row {
    check_value: Vec<u8>,
    verifier: String,
    trial: bool,
}

#[derive(sqlx::FromRow)]
struct SpaceRow {
    id: i64,
    check_value: Vec<u8>,
}

/// Whether a database and a key folder belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    /// They do; or nothing is in the database yet.
    Same,
    /// The database has the next log and the folder only prepared it: a crash came between.
    NextLog,
    /// They do not.
    Other,
}

/// Compares the check values of master, search and token keys, and the verifier key. A database that ends in an old log
/// is these keys' too; nothing is signed on it.
pub(crate) async fn fit(conn: &mut Conn, ring: &Ring, keys: &KeyFolder) -> Result<Fit, Error> {
    let row: Option<Row> =
        conn.maybe("SELECT check_value, verifier, trial FROM installation WHERE id = 1", binds![]).await?;
    // With another token key nothing would ever meet again, and nobody would be told.
    let spaces: Vec<SpaceRow> = conn.rows("SELECT id, check_value FROM space WHERE live", binds![]).await?;
    let Some(row) = row else { return Ok(Fit::Same) };
    let same = row.check_value == ring.check()
        && spaces
            .iter()
            .all(|s| ring.space_check(SpaceId(s.id)).is_some_and(|check| check.as_slice() == s.check_value));
    Ok(if !same {
        Fit::Other
    } else if keys.log_number(&row.verifier).is_some() {
        Fit::Same
    } else if row.verifier == keys.next_verifier().to_string() && keys.is_prepared()? {
        Fit::NextLog
    } else {
        Fit::Other
    })
}

impl Store {
    /// A server with other keys than the database's check value refuses to start.
    pub(crate) async fn check_keys(&self) -> Result<(), Error> {
        let mut conn = self.reading().await?;
        let fit = fit(&mut conn, &self.0.ring, self.keys()).await?;
        conn.commit().await?;
        match fit {
            Fit::Same => Ok(()),
            Fit::NextLog => Err(Error::OldLog),
            Fit::Other => Err(Error::WrongKeys),
        }
    }

    /// The installation, or [`Error::NotInitialised`].
    pub async fn installation(&self) -> Result<Installation, Error> {
        if let Some(known) = self.0.installation.get() {
            return Ok(known.clone());
        }
        let mut conn = self.reading().await?;
        let row: Option<Row> =
            conn.maybe("SELECT check_value, verifier, trial FROM installation WHERE id = 1", binds![]).await?;
        conn.commit().await?;
        let row = row.ok_or(Error::NotInitialised)?;
        let made = Installation { trial: row.trial, verifier: row.verifier };
        Ok(self.0.installation.get_or_init(|| made).clone())
    }

    /// Makes the installation: check value, token spaces, an empty log, the watch desk's number.
    ///
    /// # Errors
    /// [`Error::Initialised`] the second time.
    pub async fn init(&self, grant: &Grant, watch_desk: &Telephone, trial: bool) -> Result<(), Error> {
        let mut tx = self.begin(grant).await?;
        tx.needs(&[Action::Init])?;
        let sealed = self.0.ring.master().seal(self.chance(), place(), watch_desk.as_str().as_bytes())?;
        let (check, origin, verifier, now) =
            (self.0.ring.check(), self.keys().origin(), self.keys().verifier().to_string(), tx.now());
        let conn = tx.conn().await?;
        let made = conn
            .exec(
                "INSERT INTO installation (id, check_value, origin, verifier, trial, made_us, sealed, row_version)
                 VALUES (1, $1, $2, $3, $4, $5, $6, 1) ON CONFLICT (id) DO NOTHING",
                binds![check, origin, verifier, trial, now, sealed],
            )
            .await?;
        if made != 1 {
            return Err(Error::Initialised);
        }
        for space in self.spaces() {
            let check = self.0.ring.space_check(space).ok_or(Error::WrongKeys)?;
            conn.exec(
                "INSERT INTO space (id, check_value, live, made_us) VALUES ($1, $2, $3, $4)",
                binds![space, check, true, now],
            )
            .await?;
        }
        // Nothing is older than the table of words.
        conn.exec(
            "INSERT INTO word_walk (id, case_id, entry, done) VALUES (1, $1, $2, $3)",
            binds![Uuid::nil(), Uuid::nil(), true],
        )
        .await?;
        conn.exec("INSERT INTO log (id, size) VALUES ($1, $2)", binds![1, 0]).await?;
        let act = self.act(grant, ("installation", Uuid::nil()));
        tx.commit(act).await
    }
}

impl Tx {
    /// The watch desk's number: everybody's last resort, day and night.
    pub async fn watch_desk(&mut self) -> Result<Telephone, Error> {
        #[derive(sqlx::FromRow)]
        struct Sealed {
            sealed: Vec<u8>,
        }
        let row: Option<Sealed> =
            self.conn().await?.maybe("SELECT sealed FROM installation WHERE id = 1", binds![]).await?;
        let sealed = row.ok_or(Error::NotInitialised)?.sealed;
        let clear = self.store.0.ring.master().open(place(), &sealed)?;
        let text = String::from_utf8(clear).map_err(|_| Error::Seal("not text"))?;
        Telephone::parse(&text).map_err(|_| Error::Inconsistent { table: "installation", column: "sealed" })
    }
}
