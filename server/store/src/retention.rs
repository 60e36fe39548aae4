//! What is kept how long, and how much there is.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;

use crate::{
    Backend, Result, Store,
    codec::millis,
    sql::{Columns, Query},
};

/// How long things are kept. Prices and events are kept for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionPolicy {
    /// Bodies of archived answers; that there was an answer stays known.
    pub bodies: TimeDelta,
    /// The log of fetches.
    pub fetches: TimeDelta,
    /// Opportunities, from when they were gone, and what strategies skipped.
    pub opportunities: TimeDelta,
    /// Findings and quotes that were kept out.
    pub issues: TimeDelta,
}

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Bodies of archived answers.
    pub bodies: u64,
    /// Fetches.
    pub fetches: u64,
    /// Opportunities.
    pub opportunities: u64,
    /// Findings and quotes that were kept out.
    pub issues: u64,
}

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Events.
    pub events: i64,
    /// Quotes that stand.
    pub quotes: i64,
    /// Rows of the price history.
    pub changes: i64,
    /// Archived answers.
    pub snapshots: i64,
    /// Findings.
    pub issues: i64,
    /// Size of the database in bytes.
    pub bytes: i64,
}

async fn delete_before(db: &impl ConnectionTrait, sql: &str, before: DateTime<Utc>, rest: &str) -> Result<u64> {
    Query::new(sql).bind(millis(before)).push(rest).run(db).await
}

impl Store {
    /// Removes what is past its retention, each kind in a transaction of its own so that nobody waits long.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn prune(&self, policy: &RetentionPolicy, now: DateTime<Utc>) -> Result<Pruned> {
        let db = self.writer();
        // A body that came again lately is kept for the later answer's sake.
        let bodies = delete_before(
            db,
            "DELETE FROM snapshot_bodies WHERE NOT EXISTS (SELECT 1 FROM snapshots s \
             WHERE s.body_hash = snapshot_bodies.hash AND s.received_at >= ",
            now - policy.bodies,
            ")",
        )
        .await?;
        let fetches = delete_before(db, "DELETE FROM fetches WHERE started_at < ", now - policy.fetches, "").await?;
        let before = now - policy.issues;
        let issues = delete_before(db, "DELETE FROM issues WHERE found_at < ", before, "").await?
            + delete_before(db, "DELETE FROM quarantined_quotes WHERE received_at < ", before, "").await?;
        let tx = self.begin_write().await?;
        let before = now - policy.opportunities;
        delete_before(
            &tx,
            "DELETE FROM opportunity_readings WHERE opportunity_id IN (SELECT id FROM opportunities WHERE closed_at < ",
            before,
            ")",
        )
        .await?;
        let opportunities = delete_before(&tx, "DELETE FROM opportunities WHERE closed_at < ", before, "").await?;
        delete_before(&tx, "DELETE FROM strategy_decisions WHERE last_at < ", before, "").await?;
        tx.commit().await?;
        Ok(Pruned {
            bodies,
            fetches,
            opportunities,
            issues,
        })
    }

    /// How much there is.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn totals(&self) -> Result<Totals> {
        let bytes = match self.backend() {
            Backend::Sqlite => {
                "SELECT (SELECT page_count FROM pragma_page_count()) * (SELECT page_size FROM pragma_page_size())"
            }
            Backend::Postgres => "SELECT pg_database_size(current_database())",
        };
        let row = Query::new(bytes).one(self.reader()).await?;
        let bytes = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(0);
        let counts = "SELECT (SELECT COUNT(*) FROM events), (SELECT COUNT(*) FROM quotes WHERE price IS NOT NULL), \
                      (SELECT COUNT(*) FROM quote_changes), (SELECT COUNT(*) FROM snapshots), \
                      (SELECT COUNT(*) FROM issues)";
        let Some(row) = Query::new(counts).one(self.reader()).await? else {
            return Ok(Totals::default());
        };
        let mut columns = Columns::of(&row);
        Ok(Totals {
            events: columns.get()?,
            quotes: columns.get()?,
            changes: columns.get()?,
            snapshots: columns.get()?,
            issues: columns.get()?,
            bytes,
        })
    }
}
