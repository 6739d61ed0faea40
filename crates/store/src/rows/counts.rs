//! How many wait: numbers for a menu, and no row.

use model::{Level, MemberId, Role, SideState};
use policy::{Action, Grant, Principal};

use crate::db::{Conn, Value, binds};
use crate::error::Error;
use crate::rows::notices::{Matter, desk_recipient};
use crate::rows::transfer::TransferState;
use crate::store::Store;

/// Numbers of one's own inbox.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InboxCounts {
    /// Gatherings of open conflicts: one line each.
    pub gatherings: i64,
    /// Those of them that nobody answered in time.
    pub late: i64,
    /// Conflicts that are not resolved.
    pub conflicts: i64,
    /// Unseen notices beside the conflicts'.
    pub notices: i64,
    /// Those of them that should have been answered.
    pub late_notices: i64,
    /// Offers of cases that wait for the agency; none for who may not accept one.
    pub transfers: i64,
}

#[derive(sqlx::FromRow)]
struct Count {
    n: i64,
}

async fn count(conn: &mut Conn, sql: &'static str, binds: Vec<Value>) -> Result<i64, Error> {
    Ok(conn.maybe::<Count>(sql, binds).await?.map_or(0, |c| c.n))
}

fn granted(grant: &Grant, needed: Action) -> Result<&Principal, Error> {
    if grant.action() == needed {
        return Ok(grant.principal());
    }
    Err(Error::WrongGrant { granted: grant.action().word(), needed: needed.word() })
}

impl Store {
    /// What waits for the member of this grant, counted as the inbox lists it: their own sides, or all of the agency's for a
    /// supervisor or analyst. No row is shown, so it leaves no event.
    pub async fn inbox_counts(&self, grant: &Grant) -> Result<InboxCounts, Error> {
        let who = granted(grant, Action::Inbox)?;
        let now = self.clock().now();
        let all = who.roles.has(Role::Supervisor) || who.roles.has(Role::Analyst);
        let (agency, open, ended) = (who.agency, Level::Open.code(), SideState::Resolved.code());
        let notified = SideState::Notified.code();
        let mut conn = self.reading().await?;
        let (gatherings, late, conflicts) = if all {
            (
                "SELECT COUNT(*) AS n FROM (SELECT DISTINCT gathering, case_id FROM conflict_side WHERE agency = $1 AND state < $2 AND sees = $3) g",
                "SELECT COUNT(*) AS n FROM (SELECT gathering FROM conflict_side WHERE agency = $1 AND state < $2 AND sees = $3
                 GROUP BY gathering, case_id HAVING MIN(state) = $4 AND MIN(due_us) < $5) g",
                "SELECT COUNT(*) AS n FROM (SELECT DISTINCT conflict FROM conflict_side WHERE agency = $1 AND state < $2 AND sees = $3) g",
            )
        } else {
            (
                "SELECT COUNT(*) AS n FROM (SELECT DISTINCT gathering, case_id FROM conflict_side WHERE agency = $1 AND state < $2 AND sees = $3 AND member = $4) g",
                "SELECT COUNT(*) AS n FROM (SELECT gathering FROM conflict_side WHERE agency = $1 AND state < $2 AND sees = $3 AND member = $6
                 GROUP BY gathering, case_id HAVING MIN(state) = $4 AND MIN(due_us) < $5) g",
                "SELECT COUNT(*) AS n FROM (SELECT DISTINCT conflict FROM conflict_side WHERE agency = $1 AND state < $2 AND sees = $3 AND member = $4) g",
            )
        };
        let own = |mut binds: Vec<Value>| {
            if !all {
                binds.push(who.member.into());
            }
            binds
        };
        let gatherings = count(&mut conn, gatherings, own(binds![agency, ended, open])).await?;
        let late = count(&mut conn, late, own(binds![agency, ended, open, notified, now])).await?;
        let conflicts = count(&mut conn, conflicts, own(binds![agency, ended, open])).await?;
        let (notices, late_notices) = notices(&mut conn, who.member, now.0).await?;
        let transfers = if who.roles.has(Role::Supervisor) {
            let sql = "SELECT COUNT(*) AS n FROM transfer WHERE to_agency = $1 AND state = $2 AND until_us >= $3";
            count(&mut conn, sql, binds![agency, TransferState::Offered.code(), now]).await?
        } else {
            0
        };
        conn.commit().await?;
        Ok(InboxCounts { gatherings, late, conflicts, notices, late_notices, transfers })
    }

    /// Unseen notices of the watch desk, and those of them that should have been answered.
    pub async fn desk_counts(&self, grant: &Grant) -> Result<(i64, i64), Error> {
        granted(grant, Action::DeskQueue)?;
        let now = self.clock().now();
        let mut conn = self.reading().await?;
        let all = count(
            &mut conn,
            "SELECT COUNT(*) AS n FROM notice WHERE recipient = $1 AND seen_us IS NULL",
            binds![desk_recipient()],
        )
        .await?;
        let (_, late) = notices(&mut conn, desk_recipient(), now.0).await?;
        conn.commit().await?;
        Ok((all, late))
    }
}

/// Conflicts stand among the sides already.
async fn notices(conn: &mut Conn, recipient: MemberId, now: i64) -> Result<(i64, i64), Error> {
    let (conflict, desk) = (Matter::Conflict.code(), Matter::Desk.code());
    let all = count(
        conn,
        "SELECT COUNT(*) AS n FROM notice WHERE recipient = $1 AND seen_us IS NULL AND matter <> $2",
        binds![recipient, conflict],
    )
    .await?;
    let late = count(
        conn,
        "SELECT COUNT(*) AS n FROM notice WHERE recipient = $1 AND seen_us IS NULL AND matter = $2 AND sealed IS NULL AND due_us < $3",
        binds![recipient, desk, now],
    )
    .await?;
    Ok((all, late))
}
