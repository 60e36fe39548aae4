//! Feeds: how they are set up, what is fetched from them, how they fare, and what they cost.

use chrono::{DateTime, Utc};
use domain::SnapshotId;
use sea_orm::QueryResult;

use crate::{
    Cursor, Page, Result, Store, StoreError,
    codec::{self, instant, instant_or_null, millis, millis_or_null},
    sql::{Columns, Query},
};

/// How a feed is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedSettings {
    /// Which feed.
    pub key: String,
    /// False when it is not to be asked.
    pub is_enabled: bool,
    /// Where it is, when not at its usual address.
    pub base_url: Option<String>,
    /// Its key, sealed. This crate never sees it open.
    pub sealed_key: Option<Vec<u8>>,
    /// When this was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What is fetched of one competition from a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedChoice {
    /// Which feed.
    pub feed: String,
    /// The feed's key of the competition.
    pub competition_key: String,
    /// False when it is not to be fetched.
    pub is_enabled: bool,
    /// Seconds between two fetches of its odds.
    pub interval_s: i64,
    /// Seconds between two fetches of its scores; `None` when they are not wanted.
    pub scores_interval_s: Option<i64>,
    /// The rest, in the feed's own terms: markets, regions.
    pub choice: serde_json::Value,
}

/// Whether a feed is asked at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breaker {
    /// Yes.
    Closed,
    /// No, it failed too often.
    Open,
    /// Once, to see whether it is well again.
    HalfOpen,
}

impl Breaker {
    /// The stored and JSON form.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }

    /// The state of a stored code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Closed, Self::Open, Self::HalfOpen]
            .into_iter()
            .find(|breaker| breaker.code() == code)
    }
}

/// How a feed fares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedState {
    /// Which feed.
    pub feed: String,
    /// Whether it is asked.
    pub breaker: Breaker,
    /// Until when it is not.
    pub open_until: Option<DateTime<Utc>>,
    /// Failures since the last success.
    pub consecutive_failures: i64,
    /// When it last answered well.
    pub last_success_at: Option<DateTime<Utc>>,
    /// When it last did not.
    pub last_failure_at: Option<DateTime<Utc>>,
    /// What happened last, for people.
    pub message: Option<String>,
    /// Why it is not asked again until somebody does something, as with a wrong key.
    pub stopped_reason: Option<String>,
}

/// A fetch to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFetch {
    /// From which feed.
    pub feed: String,
    /// What was asked for, in the feed's words.
    pub endpoint: String,
    /// The feed's key of the competition, where one was asked for.
    pub competition: Option<String>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// `ok`, or what went wrong: a refusal's code, `timeout`, `network` and so on.
    pub outcome: String,
    /// The HTTP status, when there was an answer.
    pub http_status: Option<i32>,
    /// More for people, without secrets.
    pub detail: Option<String>,
    /// How many requests it took.
    pub attempts: i32,
    /// What the last request cost.
    pub credits_last: Option<i64>,
    /// What is used of the period, as the feed said.
    pub credits_used: Option<i64>,
    /// What is left of the period, as the feed said.
    pub credits_remaining: Option<i64>,
    /// True when it may have been charged and the feed's word is missing.
    pub credits_unknown: bool,
    /// The archived answer.
    pub snapshot_id: Option<SnapshotId>,
}

/// A recorded fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// Which.
    pub id: i64,
    /// What happened.
    pub fetch: NewFetch,
}

/// What a feed costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Credits {
    /// When the feed last said.
    pub latest_at: Option<DateTime<Utc>>,
    /// What it said was used of the period.
    pub used: Option<i64>,
    /// What it said was left.
    pub remaining: Option<i64>,
    /// The sum of what fetches cost since the time asked about.
    pub spent_since: i64,
    /// Fetches since then that may have been charged without a word.
    pub unknown_since: i64,
}

pub(crate) const FETCH: &str = "SELECT id, feed, endpoint, competition, started_at, duration_ms, outcome, http_status, detail, \
                     attempts, credits_last, credits_used, credits_remaining, credits_unknown, snapshot_id FROM fetches";

pub(crate) fn fetch(row: &QueryResult) -> Result<Fetch> {
    let mut columns = Columns::of(row);
    Ok(Fetch {
        id: columns.get()?,
        fetch: NewFetch {
            feed: columns.get()?,
            endpoint: columns.get()?,
            competition: columns.get()?,
            started_at: instant(columns.get()?)?,
            duration_ms: columns.get()?,
            outcome: columns.get()?,
            http_status: columns
                .get::<Option<i64>>()?
                .map(|status| codec::int32("http_status", status))
                .transpose()?,
            detail: columns.get()?,
            attempts: codec::int32("attempts", columns.get()?)?,
            credits_last: columns.get()?,
            credits_used: columns.get()?,
            credits_remaining: columns.get()?,
            credits_unknown: columns.get()?,
            snapshot_id: columns.get::<Option<i64>>()?.map(SnapshotId),
        },
    })
}

fn feed_state(row: &QueryResult) -> Result<FeedState> {
    let mut columns = Columns::of(row);
    let feed = columns.get()?;
    let breaker: String = columns.get()?;
    Ok(FeedState {
        feed,
        breaker: Breaker::from_code(&breaker).ok_or_else(|| StoreError::corrupt("breaker", breaker))?,
        open_until: instant_or_null(columns.get()?)?,
        consecutive_failures: columns.get()?,
        last_success_at: instant_or_null(columns.get()?)?,
        last_failure_at: instant_or_null(columns.get()?)?,
        message: columns.get()?,
        stopped_reason: columns.get()?,
    })
}

const FEED_STATE: &str = "SELECT feed, breaker, open_until, consecutive_failures, last_success_at, last_failure_at, \
                          message, stopped_reason FROM feed_states";

impl Store {
    /// How feeds are set up, by key. A feed that nobody set up is not there.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn feed_settings(&self) -> Result<Vec<FeedSettings>> {
        let sql = "SELECT key, is_enabled, base_url, sealed_key, updated_at FROM feeds ORDER BY key";
        let rows = Query::new(sql).all(self.reader()).await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                Ok(FeedSettings {
                    key: columns.get()?,
                    is_enabled: columns.get()?,
                    base_url: columns.get()?,
                    sealed_key: columns.get()?,
                    updated_at: instant(columns.get()?)?,
                })
            })
            .collect()
    }

    /// Sets a feed up.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_feed_settings(&self, settings: &FeedSettings) -> Result<()> {
        let mut query = Query::new("INSERT INTO feeds (key, is_enabled, base_url, sealed_key, updated_at) VALUES (");
        query.bind_all([
            settings.key.as_str().into(),
            settings.is_enabled.into(),
            settings.base_url.clone().into(),
            settings.sealed_key.clone().into(),
            millis(settings.updated_at).into(),
        ]);
        query.push(
            ") ON CONFLICT (key) DO UPDATE SET is_enabled = excluded.is_enabled, base_url = excluded.base_url, \
             sealed_key = excluded.sealed_key, updated_at = excluded.updated_at",
        );
        query.run(self.writer()).await?;
        Ok(())
    }

    /// What is fetched, of one feed or of all.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn feed_choices(&self, feed: Option<&str>) -> Result<Vec<FeedChoice>> {
        let mut query = Query::new(
            "SELECT feed, competition_key, is_enabled, interval_s, scores_interval_s, choice FROM feed_choices",
        );
        if let Some(feed) = feed {
            query.push(" WHERE feed = ").bind(feed);
        }
        let rows = query.push(" ORDER BY feed, competition_key").all(self.reader()).await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                Ok(FeedChoice {
                    feed: columns.get()?,
                    competition_key: columns.get()?,
                    is_enabled: columns.get()?,
                    interval_s: columns.get()?,
                    scores_interval_s: columns.get()?,
                    choice: codec::json(&columns.get::<String>()?)?,
                })
            })
            .collect()
    }

    /// Sets what is fetched of a competition.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_feed_choice(&self, choice: &FeedChoice) -> Result<()> {
        let mut query = Query::new(
            "INSERT INTO feed_choices (feed, competition_key, is_enabled, interval_s, scores_interval_s, choice) VALUES (",
        );
        query.bind_all([
            choice.feed.as_str().into(),
            choice.competition_key.as_str().into(),
            choice.is_enabled.into(),
            choice.interval_s.into(),
            choice.scores_interval_s.into(),
            choice.choice.to_string().into(),
        ]);
        query.push(
            ") ON CONFLICT (feed, competition_key) DO UPDATE SET is_enabled = excluded.is_enabled, \
             interval_s = excluded.interval_s, scores_interval_s = excluded.scores_interval_s, choice = excluded.choice",
        );
        query.run(self.writer()).await?;
        Ok(())
    }

    /// Forgets what is fetched of a competition; false when nothing was set.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn remove_feed_choice(&self, feed: &str, competition_key: &str) -> Result<bool> {
        let mut query = Query::new("DELETE FROM feed_choices WHERE feed = ");
        query.bind(feed).push(" AND competition_key = ").bind(competition_key);
        Ok(query.run(self.writer()).await? > 0)
    }

    /// How feeds fare, by key. A feed that was never asked is not there.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn feed_states(&self) -> Result<Vec<FeedState>> {
        let rows = Query::new(format!("{FEED_STATE} ORDER BY feed"))
            .all(self.reader())
            .await?;
        rows.iter().map(feed_state).collect()
    }

    /// How one feed fares; `None` when it was never asked.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn feed_state(&self, feed: &str) -> Result<Option<FeedState>> {
        let mut query = Query::new(format!("{FEED_STATE} WHERE feed = "));
        query
            .bind(feed)
            .one(self.reader())
            .await?
            .as_ref()
            .map(feed_state)
            .transpose()
    }

    /// Records how a feed fares.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_feed_state(&self, state: &FeedState) -> Result<()> {
        let mut query = Query::new(
            "INSERT INTO feed_states (feed, breaker, open_until, consecutive_failures, last_success_at, \
             last_failure_at, message, stopped_reason) VALUES (",
        );
        query.bind_all([
            state.feed.as_str().into(),
            state.breaker.code().into(),
            millis_or_null(state.open_until).into(),
            state.consecutive_failures.into(),
            millis_or_null(state.last_success_at).into(),
            millis_or_null(state.last_failure_at).into(),
            state.message.clone().into(),
            state.stopped_reason.clone().into(),
        ]);
        query.push(
            ") ON CONFLICT (feed) DO UPDATE SET breaker = excluded.breaker, open_until = excluded.open_until, \
             consecutive_failures = excluded.consecutive_failures, last_success_at = excluded.last_success_at, \
             last_failure_at = excluded.last_failure_at, message = excluded.message, \
             stopped_reason = excluded.stopped_reason",
        );
        query.run(self.writer()).await?;
        Ok(())
    }

    /// Records a fetch. Answers with its number.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_fetch(&self, new: &NewFetch) -> Result<i64> {
        let mut query = Query::new(
            "INSERT INTO fetches (feed, endpoint, competition, started_at, duration_ms, outcome, http_status, detail, \
             attempts, credits_last, credits_used, credits_remaining, credits_unknown, snapshot_id) VALUES (",
        );
        query.bind_all([
            new.feed.as_str().into(),
            new.endpoint.as_str().into(),
            new.competition.clone().into(),
            millis(new.started_at).into(),
            new.duration_ms.into(),
            new.outcome.as_str().into(),
            new.http_status.map(i64::from).into(),
            new.detail.clone().into(),
            i64::from(new.attempts).into(),
            new.credits_last.into(),
            new.credits_used.into(),
            new.credits_remaining.into(),
            new.credits_unknown.into(),
            new.snapshot_id.map(|id| id.0).into(),
        ]);
        let row = query.push(") RETURNING id").one(self.writer()).await?;
        let row = row.ok_or_else(|| StoreError::Corrupt("an inserted fetch has no number".to_owned()))?;
        Ok(row.try_get_by_index(0)?)
    }

    /// Fetches, newest first; of one feed or of all.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn fetches(&self, feed: Option<&str>, after: Option<Cursor>, limit: u32) -> Result<Page<Fetch>> {
        let mut query = Query::new(format!("{FETCH} WHERE 1 = 1"));
        if let Some(feed) = feed {
            query.push(" AND feed = ").bind(feed);
        }
        if let Some(after) = after {
            query
                .push(" AND (started_at, id) < (")
                .bind_all([after.key.into(), after.id.into()])
                .push(")");
        }
        query
            .push(" ORDER BY started_at DESC, id DESC LIMIT ")
            .bind(i64::from(limit) + 1);
        let rows = query.all(self.reader()).await?;
        let items = rows.iter().map(fetch).collect::<Result<_>>()?;
        Ok(Page::cut(items, limit, |row: &Fetch| Cursor {
            key: millis(row.fetch.started_at),
            id: row.id,
        }))
    }

    /// What a feed costs: its own latest word, and what was spent since a time, such as the start of the month.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn credits(&self, feed: &str, since: DateTime<Utc>) -> Result<Credits> {
        let mut credits = Credits::default();
        let mut query = Query::new("SELECT started_at, credits_used, credits_remaining FROM fetches WHERE feed = ");
        query
            .bind(feed)
            .push(" AND (credits_used IS NOT NULL OR credits_remaining IS NOT NULL)");
        if let Some(row) = query
            .push(" ORDER BY started_at DESC, id DESC LIMIT 1")
            .one(self.reader())
            .await?
        {
            let mut columns = Columns::of(&row);
            credits.latest_at = Some(instant(columns.get()?)?);
            (credits.used, credits.remaining) = (columns.get()?, columns.get()?);
        }
        let mut query = Query::new(
            "SELECT CAST(COALESCE(SUM(credits_last), 0) AS BIGINT), \
             CAST(COUNT(CASE WHEN credits_unknown THEN 1 END) AS BIGINT) FROM fetches WHERE feed = ",
        );
        query.bind(feed).push(" AND started_at >= ").bind(millis(since));
        if let Some(row) = query.one(self.reader()).await? {
            (credits.spent_since, credits.unknown_since) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        }
        Ok(credits)
    }
}
