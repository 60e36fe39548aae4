//! `feeds`: where data comes from, how each source fares and what it costs. Never a key.

use super::extract::{Meta, Paging, Path, Query, read_after, read_limit};
use crate::http::errors::{ApiError, ApiResult};
use crate::state::AppState;
use axum::extract::State;
use chrono::{DateTime, Datelike, NaiveTime, Utc};
use serde::Serialize;
use store::{Breaker, Credits, FeedSettings, FeedState, Fetch, NewFetch};
use utoipa::ToSchema;

/// Every feed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FeedsAnswer {
    /// In the order of the program's list.
    pub feeds: Vec<FeedRow>,
}

/// A source of odds.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own that programs ask for"
)]
pub struct FeedRow {
    /// Its key.
    pub key: String,
    /// As shown.
    pub name: String,
    /// True when it makes its data up.
    pub is_demo: bool,
    /// False when it is not to be asked.
    pub is_enabled: bool,
    /// True when it is asked with a key.
    pub needs_key: bool,
    /// True when it has one.
    pub has_key: bool,
    /// `closed`: it is asked; `open`: it failed too often and rests; `half_open`: it is tried once.
    pub breaker: &'static str,
    /// Until when it rests.
    pub open_until: Option<DateTime<Utc>>,
    /// Failures since the last success.
    pub consecutive_failures: i64,
    /// When it last answered well.
    pub last_success_at: Option<DateTime<Utc>>,
    /// When it last did not.
    pub last_failure_at: Option<DateTime<Utc>>,
    /// What happened last.
    pub message: Option<String>,
    /// Why it is not asked again until somebody does something.
    pub stopped_reason: Option<String>,
    /// What it costs.
    pub credits: CreditsRow,
    /// The last ten fetches, newest first.
    pub last_fetches: Vec<FetchRow>,
}

/// What a feed costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CreditsRow {
    /// When the feed last said.
    pub latest_at: Option<DateTime<Utc>>,
    /// What it said was used of its period.
    pub used: Option<i64>,
    /// What it said was left.
    pub remaining: Option<i64>,
    /// What fetches cost since the month began (UTC).
    pub spent_this_month: i64,
    /// Fetches since then that may have been charged without a word.
    pub unknown_this_month: i64,
}

/// One fetch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FetchRow {
    /// Its number.
    pub id: i64,
    /// From which feed.
    pub feed: String,
    /// What was asked for, in the feed's words.
    pub endpoint: String,
    /// The feed's key of the competition.
    pub competition: Option<String>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// How long it took.
    pub duration_ms: i64,
    /// `ok`, or what went wrong.
    pub outcome: String,
    /// The HTTP status, when there was an answer.
    pub http_status: Option<i32>,
    /// More, without secrets.
    pub detail: Option<String>,
    /// How many requests it took.
    pub attempts: i32,
    /// What it cost.
    pub credits_last: Option<i64>,
    /// What was used of the period then.
    pub credits_used: Option<i64>,
    /// What was left of the period then.
    pub credits_remaining: Option<i64>,
    /// True when it may have been charged without a word.
    pub credits_unknown: bool,
    /// The archived answer.
    pub snapshot_id: Option<i64>,
}

fn fetch_row(fetch: Fetch) -> FetchRow {
    let Fetch { id, fetch } = fetch;
    let NewFetch {
        feed,
        endpoint,
        competition,
        started_at,
        duration_ms,
        outcome,
        http_status,
        detail,
        attempts,
        credits_last,
        credits_used,
        credits_remaining,
        credits_unknown,
        snapshot_id,
    } = fetch;
    FetchRow {
        id,
        feed,
        endpoint,
        competition,
        started_at,
        duration_ms,
        outcome,
        http_status,
        detail,
        attempts,
        credits_last,
        credits_used,
        credits_remaining,
        credits_unknown,
        snapshot_id: snapshot_id.map(|id| id.0),
    }
}

fn credits_row(credits: Credits) -> CreditsRow {
    let Credits {
        latest_at,
        used,
        remaining,
        spent_since,
        unknown_since,
    } = credits;
    CreditsRow {
        latest_at,
        used,
        remaining,
        spent_this_month: spent_since,
        unknown_this_month: unknown_since,
    }
}

/// A feed that nobody set up is not asked; one that was never asked has no state.
fn feed_row(
    feed: &dyn feeds::Feed,
    settings: Option<&FeedSettings>,
    state: Option<FeedState>,
    credits: Credits,
    fetches: Vec<Fetch>,
) -> FeedRow {
    let policy = feed.policy();
    let state = state.unwrap_or_else(|| FeedState {
        feed: feed.key().to_owned(),
        breaker: Breaker::Closed,
        open_until: None,
        consecutive_failures: 0,
        last_success_at: None,
        last_failure_at: None,
        message: None,
        stopped_reason: None,
    });
    let FeedState {
        feed: key,
        breaker,
        open_until,
        consecutive_failures,
        last_success_at,
        last_failure_at,
        message,
        stopped_reason,
    } = state;
    FeedRow {
        key,
        name: feed.name().to_owned(),
        is_demo: policy.is_demo,
        is_enabled: settings.is_some_and(|settings| settings.is_enabled),
        needs_key: policy.needs_key,
        has_key: settings.is_some_and(|settings| settings.sealed_key.is_some()),
        breaker: breaker.code(),
        open_until,
        consecutive_failures,
        last_success_at,
        last_failure_at,
        message,
        stopped_reason,
        credits: credits_row(credits),
        last_fetches: fetches.into_iter().map(fetch_row).collect(),
    }
}

/// Midnight of the month's first day, UTC.
pub(super) fn month_start(now: DateTime<Utc>) -> DateTime<Utc> {
    let first = now.date_naive().with_day(1).unwrap_or_else(|| now.date_naive());
    first.and_time(NaiveTime::MIN).and_utc()
}

/// Every feed as it stands.
pub(super) async fn feed_rows(state: &AppState) -> ApiResult<Vec<FeedRow>> {
    const LAST_FETCHES: u32 = 10;
    let settings = state.store.feed_settings().await?;
    let mut states = state.store.feed_states().await?;
    let since = month_start(state.clock.now());
    let mut rows = Vec::with_capacity(feeds::FEEDS.len());
    for feed in feeds::FEEDS {
        let key = feed.key();
        let credits = state.store.credits(key, since).await?;
        let fetches = state.store.fetches(Some(key), None, LAST_FETCHES).await?.items;
        let stands = states
            .iter()
            .position(|stands| stands.feed == key)
            .map(|place| states.swap_remove(place));
        rows.push(feed_row(
            *feed,
            settings.iter().find(|settings| settings.key == key),
            stands,
            credits,
            fetches,
        ));
    }
    Ok(rows)
}

/// List the feeds and how they fare.
#[utoipa::path(get, path = "/api/v1/feeds", operation_id = "list_feeds", tag = "health", responses((status = 200, body = FeedsAnswer)))]
pub(super) async fn list(State(state): State<AppState>) -> ApiResult<axum::Json<FeedsAnswer>> {
    Ok(axum::Json(FeedsAnswer {
        feeds: feed_rows(&state).await?,
    }))
}

/// A page of fetches.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FetchesAnswer {
    /// Newest first.
    pub fetches: Vec<FetchRow>,
    /// How to go on.
    pub meta: Meta,
}

/// List the fetches of a feed.
#[utoipa::path(get, path = "/api/v1/feeds/{key}/fetches", operation_id = "list_fetches", tag = "health",
    params(("key" = String, Path, description = "The feed's key"), Paging), responses((status = 200, body = FetchesAnswer)))]
pub(super) async fn fetches(
    State(state): State<AppState>,
    Path(key): Path<String>,
    Query(Paging { limit, after }): Query<Paging>,
) -> ApiResult<axum::Json<FetchesAnswer>> {
    let feed = feeds::find_feed(&key).ok_or_else(|| ApiError::not_found("feed"))?;
    let page = state
        .store
        .fetches(Some(feed.key()), read_after(after.as_deref())?, read_limit(limit)?)
        .await?;
    Ok(axum::Json(FetchesAnswer {
        fetches: page.items.into_iter().map(fetch_row).collect(),
        meta: Meta::new(page.next),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_is_shown_without_its_key() {
        let settings = FeedSettings {
            key: "the_odds_api".into(),
            is_enabled: true,
            base_url: Some("https://user:secret@example.org".into()),
            sealed_key: Some(b"secret".to_vec()),
            updated_at: DateTime::UNIX_EPOCH,
        };
        let feed = feeds::find_feed("the_odds_api").unwrap();
        let row = feed_row(feed, Some(&settings), None, Credits::default(), Vec::new());
        assert!(row.has_key && row.is_enabled && row.breaker == "closed");
        assert!(!serde_json::to_string(&row).unwrap().contains("secret"));
    }

    #[test]
    fn the_month_begins_at_midnight_of_its_first_day() {
        let now = "2026-11-21T02:40:45Z".parse().unwrap();
        assert_eq!(month_start(now).to_rfc3339(), "2026-11-01T00:00:00+00:00");
    }
}
