//! Requests that were made before, known by their ids: sent again, each gets the answer it got.

use std::collections::BTreeMap;

use model::{AgencyId, ConflictId, RequestId, SubmissionId};
use policy::Action;
use uuid::Uuid;

use crate::db::binds;
use crate::error::Error;
use crate::store::Store;
use crate::tx::Tx;

/// What a request asked, as a digest. At rest it stands under the installation's key, for its agency and its id alone:
/// whoever has the database confirms no value by trying all, and no two rows agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestDigest {
    whole: [u8; 32],
    before: [u8; 32],
}

impl RequestDigest {
    /// Everything that was chosen; `before`: the same as it was digested before schema 10, for rows of that time.
    pub fn new(whole: [u8; 32], before: [u8; 32]) -> Self {
        Self { whole, before }
    }

    /// Everything that was chosen; for a row that is sealed as a whole.
    pub fn whole(&self) -> &[u8; 32] {
        &self.whole
    }

    /// As before schema 10.
    pub fn before(&self) -> &[u8; 32] {
        &self.before
    }
}

/// Of what is digested as it always was.
impl From<[u8; 32]> for RequestDigest {
    fn from(digest: [u8; 32]) -> Self {
        Self { whole: digest, before: digest }
    }
}

/// First byte of a digest under the key, 33 bytes long; what is 32 bytes long is a bare SHA-256 of before schema 10.
const KEYED: u8 = 2;

/// A request that was made.
pub struct Earlier {
    /// The submission or question it made.
    pub submission: SubmissionId,
    agency: AgencyId,
    request: RequestId,
    kept: Vec<u8>,
}

impl Store {
    /// The submission an earlier request of this id made, if any: sent again, it gets the same receipt and answer.
    ///
    /// # Errors
    /// [`Error::Exists`] when that request asked for something else: an id is for one request.
    pub async fn earlier(
        &self,
        agency: AgencyId,
        request: RequestId,
        digest: &RequestDigest,
    ) -> Result<Option<SubmissionId>, Error> {
        match self.earlier_of(agency, &[request]).await?.remove(&request) {
            Some(earlier) if !self.asked_the_same(&earlier, digest) => Err(another()),
            found => Ok(found.map(|earlier| earlier.submission)),
        }
    }

    /// Did that request ask for this?
    pub fn asked_the_same(&self, earlier: &Earlier, digest: &RequestDigest) -> bool {
        self.same(earlier.agency, earlier.request, &earlier.kept, digest)
    }

    /// Of these requests those that were made already.
    pub async fn earlier_of(
        &self,
        agency: AgencyId,
        requests: &[RequestId],
    ) -> Result<BTreeMap<RequestId, Earlier>, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            id: Uuid,
            submission: Uuid,
            digest: Vec<u8>,
        }
        let keys = requests.iter().map(|r| binds![agency, *r]).collect();
        let mut conn = self.reading().await?;
        let rows: Vec<Row> = conn
            .join(
                "SELECT t.id, t.submission, t.digest FROM q CROSS JOIN request t WHERE t.agency = q.a AND t.id = q.b",
                keys,
            )
            .await?;
        conn.commit().await?;
        let earlier = |r: Row| {
            let request = RequestId::from(r.id);
            (request, Earlier { submission: r.submission.into(), agency, request, kept: r.digest })
        };
        Ok(rows.into_iter().map(earlier).collect())
    }

    /// What an earlier request of this id wrote into a conflict's thread, if any: the id of it.
    ///
    /// # Errors
    /// [`Error::Exists`] when that request asked for something else.
    pub async fn written(
        &self,
        agency: AgencyId,
        request: RequestId,
        digest: &RequestDigest,
    ) -> Result<Option<Uuid>, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            made: Uuid,
            digest: Vec<u8>,
        }
        let mut conn = self.reading().await?;
        let row: Option<Row> = conn
            .maybe("SELECT made, digest FROM thread_request WHERE agency = $1 AND id = $2", binds![agency, request])
            .await?;
        conn.commit().await?;
        match row {
            Some(row) if !self.same(agency, request, &row.digest, digest) => Err(another()),
            row => Ok(row.map(|row| row.made)),
        }
    }

    fn same(&self, agency: AgencyId, request: RequestId, kept: &[u8], digest: &RequestDigest) -> bool {
        match kept.split_first() {
            Some((&KEYED, keyed)) if keyed.len() == 32 => {
                keyed == self.0.ring.request_digest(agency, request, &digest.whole)
            }
            _ => kept == digest.before,
        }
    }

    /// A digest as its row keeps it.
    pub(crate) fn kept(&self, agency: AgencyId, request: RequestId, digest: &RequestDigest) -> Vec<u8> {
        let keyed = self.0.ring.request_digest(agency, request, &digest.whole);
        [&[KEYED][..], &keyed].concat()
    }
}

impl Tx {
    /// Notes under which request something is written into a conflict's thread.
    ///
    /// # Errors
    /// [`Error::Exists`] when the id was used already: the caller asks [`Store::written`] by what.
    pub async fn first_written(
        &mut self,
        request: RequestId,
        conflict: ConflictId,
        made: Uuid,
        digest: &RequestDigest,
    ) -> Result<(), Error> {
        self.needs(&[Action::Message, Action::Propose, Action::Hold, Action::ActAgainstHold])?;
        let agency = self.agency();
        let kept = self.store.kept(agency, request, digest);
        let now = self.now();
        let written = self
            .conn().await?
            .exec(
                "INSERT INTO thread_request (agency, id, conflict, made, digest, at_us) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (agency, id) DO NOTHING",
                binds![agency, request, conflict, made, kept, now],
            )
            .await?;
        if written == 1 { Ok(()) } else { Err(Error::Exists("a request of this id")) }
    }
}

fn another() -> Error {
    Error::Exists("another request of this id")
}
