//! The directory of agencies: what is public of each, and, sealed, what only some may know.

use model::{AgencyId, AgencyKind, Country, State, Telephone, TimeZone};
use policy::{Action, Sealed};
use uuid::Uuid;

use crate::db::binds;
use crate::error::Error;
use crate::rows::agencies::{AgencyRow, agency_place, agency_row};
use crate::tx::Tx;

/// One agency of the directory.
pub struct DirectoryRow {
    /// Its id.
    pub id: AgencyId,
    /// Its public name.
    pub name: String,
    /// What it is.
    pub kind: AgencyKind,
    /// Its country.
    pub country: Country,
    /// Its State.
    pub state: Option<State>,
    /// Where its telephones ring: a word of its place, as its State is.
    pub time_zone: Option<TimeZone>,
    /// By order, or because no approval covers the present.
    pub suspended: Sealed<bool>,
}

impl Tx {
    /// Agencies by their public names after this one, at most `most`.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no agency of that id to begin after.
    pub async fn directory_page(&mut self, after: Option<AgencyId>, most: i64) -> Result<Vec<DirectoryRow>, Error> {
        self.needs(&[Action::ListAgencies])?;
        let (name, id) = match after {
            None => (String::new(), Uuid::nil()),
            Some(after) => {
                let last = agency_row(self.conn().await?, after).await?.ok_or(Error::NotFound("page"))?;
                (last.name, last.id)
            }
        };
        let rows: Vec<AgencyRow> = self
            .conn().await?
            .rows(
                "SELECT id, kind, name, country, state, suspended, approved_until_us, sealed, made_us, row_version, time_zone FROM agency
                 WHERE (name, id) > ($1, $2) ORDER BY name, id LIMIT $3",
                binds![name, id, most],
            )
            .await?;
        rows.iter().map(|row| self.directory_row(row)).collect()
    }

    /// One agency and its duty number, both of which every member may know of every agency; `None` when there is none.
    pub async fn directory_entry(&mut self, id: AgencyId) -> Result<Option<(DirectoryRow, Sealed<Telephone>)>, Error> {
        self.needs(&[Action::ListAgencies, Action::ListMembers])?;
        let Some(row) = agency_row(self.conn().await?, id).await? else { return Ok(None) };
        let clear = self.open_sealed(None, agency_place(&id), &row.sealed).await?;
        let number = String::from_utf8(clear).ok().and_then(|t| Telephone::parse(&t).ok());
        let number = number.ok_or(Error::Inconsistent { table: "agency", column: "sealed" })?;
        Ok(Some((self.directory_row(&row)?, Sealed::new(number))))
    }

    fn directory_row(&self, row: &AgencyRow) -> Result<DirectoryRow, Error> {
        let wrong = |column| Error::Inconsistent { table: "agency", column };
        Ok(DirectoryRow {
            id: row.id.into(),
            name: row.name.clone(),
            kind: row.kind()?,
            country: row.country.parse().map_err(|_| wrong("country"))?,
            state: row.state.as_deref().map(|s| s.parse().map_err(|_| wrong("state"))).transpose()?,
            time_zone: row.time_zone()?,
            suspended: Sealed::new(row.is_suspended(self.now())),
        })
    }
}
