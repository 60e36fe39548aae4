//! How things go, as numbers for people: fetches, findings, the schema.

use chrono::{DateTime, Utc};
use domain::{EventId, IssueKind};

use crate::{
    Fetch, IssueFilter, Result, Store,
    codec::{self, instant_or_null, millis},
    findings::filtered,
    sql::{Columns, Query},
};

/// How a feed did over a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FetchStats {
    /// Fetches.
    pub fetches: i64,
    /// Those that failed.
    pub failures: i64,
    /// Fetches since the last failure, within the time.
    pub successes_in_a_row: i64,
    /// The median duration in milliseconds; `None` without fetches.
    pub p50_ms: Option<i64>,
    /// The 95th percentile of durations in milliseconds.
    pub p95_ms: Option<i64>,
    /// Prices in the answers, usable or not.
    pub quotes: i64,
    /// Quotes that were kept out.
    pub quarantined: i64,
}

impl Store {
    /// How a feed did since a time.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn fetch_stats(&self, feed: &str, since: DateTime<Utc>) -> Result<FetchStats> {
        let since = millis(since);
        let of_feed = |query: &mut Query| {
            query.bind(feed).push(" AND started_at >= ").bind(since);
        };
        let mut query =
            Query::new("SELECT COUNT(*), COUNT(CASE WHEN outcome <> 'ok' THEN 1 END) FROM fetches WHERE feed = ");
        of_feed(&mut query);
        let Some(row) = query.one(self.reader()).await? else {
            return Ok(FetchStats::default());
        };
        let (fetches, failures): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let mut query = Query::new("SELECT COUNT(*) FROM fetches WHERE feed = ");
        of_feed(&mut query);
        query.push(" AND started_at > COALESCE((SELECT MAX(started_at) FROM fetches WHERE outcome <> 'ok' AND feed = ");
        query.bind(feed).push("), 0)");
        let successes_in_a_row = self.number(&mut query).await?.unwrap_or_default();
        let mut quotes = Query::new("SELECT CAST(COALESCE(SUM(quotes), 0) AS BIGINT) FROM snapshots WHERE feed = ");
        quotes.bind(feed).push(" AND received_at >= ").bind(since);
        let mut quarantined = Query::new("SELECT COUNT(*) FROM quarantined_quotes WHERE feed = ");
        quarantined.bind(feed).push(" AND received_at >= ").bind(since);
        Ok(FetchStats {
            fetches,
            failures,
            successes_in_a_row,
            p50_ms: self.nth_duration(feed, since, (fetches - 1) / 2, fetches).await?,
            p95_ms: self
                .nth_duration(feed, since, (fetches * 95 - 1) / 100, fetches)
                .await?,
            quotes: self.number(&mut quotes).await?.unwrap_or_default(),
            quarantined: self.number(&mut quarantined).await?.unwrap_or_default(),
        })
    }

    /// The duration with so many shorter ones before it.
    async fn nth_duration(&self, feed: &str, since: i64, place: i64, of: i64) -> Result<Option<i64>> {
        if of == 0 {
            return Ok(None);
        }
        let mut query = Query::new("SELECT duration_ms FROM fetches WHERE feed = ");
        query.bind(feed).push(" AND started_at >= ").bind(since);
        query.push(" ORDER BY duration_ms LIMIT 1 OFFSET ").bind(place);
        self.number(&mut query).await
    }

    async fn number(&self, query: &mut Query) -> Result<Option<i64>> {
        Ok(query
            .one(self.reader())
            .await?
            .map(|row| row.try_get_by_index(0))
            .transpose()?)
    }

    /// The latest fetches of a feed that failed, newest first.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn failed_fetches(&self, feed: &str, limit: u32) -> Result<Vec<Fetch>> {
        let mut query = Query::new(crate::feeds::FETCH);
        query.push(" WHERE outcome <> 'ok' AND feed = ").bind(feed);
        query
            .push(" ORDER BY started_at DESC, id DESC LIMIT ")
            .bind(i64::from(limit));
        query
            .all(self.reader())
            .await?
            .iter()
            .map(crate::feeds::fetch)
            .collect()
    }

    /// When the first and the last row of an event's price history were received; `None` without any.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn history_span(&self, event: EventId) -> Result<Option<(DateTime<Utc>, DateTime<Utc>)>> {
        let mut query = Query::new(
            "SELECT MIN(c.received_at), MAX(c.received_at) FROM selections s JOIN quote_changes c ON c.selection_id = s.id \
             WHERE s.event_id = ",
        );
        let Some(row) = query.bind(event.0).one(self.reader()).await? else {
            return Ok(None);
        };
        let mut columns = Columns::of(&row);
        let (first, last) = (instant_or_null(columns.get()?)?, instant_or_null(columns.get()?)?);
        Ok(first.zip(last))
    }

    /// How many findings pass a filter.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_issues(&self, filter: &IssueFilter) -> Result<i64> {
        let mut query = Query::new("SELECT COUNT(*) FROM issues WHERE 1 = 1");
        filtered(&mut query, filter);
        Ok(self.number(&mut query).await?.unwrap_or_default())
    }

    /// How often each kind was found among what passes a filter, most first.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn count_issue_kinds(&self, filter: &IssueFilter) -> Result<Vec<(IssueKind, i64)>> {
        let mut query = Query::new("SELECT kind, CAST(SUM(count) AS BIGINT) FROM issues WHERE 1 = 1");
        filtered(&mut query, filter);
        let rows = query
            .push(" GROUP BY kind ORDER BY 2 DESC, kind")
            .all(self.reader())
            .await?;
        rows.iter()
            .map(|row| {
                Ok((
                    codec::issue_kind(&row.try_get_by_index::<String>(0)?)?,
                    row.try_get_by_index(1)?,
                ))
            })
            .collect()
    }

    /// The name of the last migration that was applied; empty before any.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn last_migration(&self) -> Result<String> {
        let row = Query::new("SELECT MAX(version) FROM seaql_migrations")
            .one(self.reader())
            .await?;
        Ok(row
            .map(|row| row.try_get_by_index::<Option<String>>(0))
            .transpose()?
            .flatten()
            .unwrap_or_default())
    }
}
