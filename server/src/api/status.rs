//! `status`: how the whole desk stands, and the same in words made from those facts alone.

use super::feeds::{FeedRow, feed_rows};
use crate::http::errors::ApiResult;
use crate::http::viewer::Viewer;
use crate::state::AppState;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use store::{Backend, OpportunityFilter, ReviewState, Totals};
use utoipa::ToSchema;

/// How the desk stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StatusAnswer {
    /// The program's version.
    pub version: &'static str,
    /// When this was looked at.
    pub at: DateTime<Utc>,
    /// The database.
    pub database: DatabaseRow,
    /// How much there is.
    pub counts: CountsRow,
    /// The feeds.
    pub feeds: Vec<FeedRow>,
    /// The same in plain words, one fact a sentence.
    pub summary: Vec<String>,
}

/// The database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DatabaseRow {
    /// `sqlite` or `postgres`.
    pub kind: &'static str,
    /// True when its schema is this version's.
    pub is_ready: bool,
    /// Grows with every change to odds, events and opportunities.
    pub version: i64,
    /// Its size.
    pub bytes: i64,
}

/// How much there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CountsRow {
    /// Events.
    pub events: i64,
    /// Quotes that stand.
    pub quotes: i64,
    /// Rows of the price history.
    pub changes: i64,
    /// Archived answers.
    pub snapshots: i64,
    /// Data-quality findings.
    pub issues: i64,
    /// Opportunities that stand, 500 at most.
    pub open_opportunities: usize,
    /// Identity questions that wait, 500 at most.
    pub open_reviews: usize,
}

/// Rows counted at most of what has no counter.
const MOST_COUNTED: u32 = 500;

fn count(number: i64, one: &str, many: &str) -> String {
    if number == 1 {
        format!("1 {one}")
    } else {
        format!("{number} {many}")
    }
}

fn feed_sentence(feed: &FeedRow, now: DateTime<Utc>) -> String {
    let name = &feed.name;
    if !feed.is_enabled {
        return format!("{name} is off.");
    }
    if feed.needs_key && !feed.has_key {
        return format!("{name} is on and has no key: enter one in the settings.");
    }
    if let Some(reason) = &feed.stopped_reason {
        return format!("{name} is stopped until somebody acts: {reason}.");
    }
    if feed.breaker == "open" {
        let failures = count(feed.consecutive_failures, "failure", "failures in a row");
        return format!("{name} rests after {failures}.");
    }
    match feed.last_success_at {
        Some(at) => format!("{name} last answered {} s ago.", (now - at).num_seconds().max(0)),
        None => format!("{name} is on and has not answered yet."),
    }
}

fn summarise(database: DatabaseRow, counts: CountsRow, feeds: &[FeedRow], now: DateTime<Utc>) -> Vec<String> {
    let mut sentences = Vec::new();
    if !database.is_ready {
        sentences.push("The database's schema is not this version's: run `overround migrate`.".to_owned());
    }
    let (events, quotes) = (
        count(counts.events, "event", "events"),
        count(counts.quotes, "quote", "quotes"),
    );
    sentences.push(format!("{events} and {quotes} are known."));
    let of = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let opportunities = count(
        of(counts.open_opportunities),
        "opportunity stands",
        "opportunities stand",
    );
    sentences.push(format!("{opportunities}."));
    if counts.open_reviews > 0 {
        sentences.push(format!(
            "{}.",
            count(
                of(counts.open_reviews),
                "identity question waits",
                "identity questions wait"
            )
        ));
    }
    sentences.extend(feeds.iter().map(|feed| feed_sentence(feed, now)));
    sentences
}

/// Show how the desk stands.
#[utoipa::path(get, path = "/api/v1/status", operation_id = "show_status", tag = "health", responses((status = 200, body = StatusAnswer)))]
pub(super) async fn show(State(state): State<AppState>, viewer: Viewer) -> ApiResult<axum::Json<StatusAnswer>> {
    let store = &state.store;
    let open = OpportunityFilter {
        owner: Some(viewer.id()),
        is_open: Some(true),
        ..OpportunityFilter::default()
    };
    let Totals {
        events,
        quotes,
        changes,
        snapshots,
        issues,
        bytes,
    } = store.totals().await?;
    let counts = CountsRow {
        events,
        quotes,
        changes,
        snapshots,
        issues,
        open_opportunities: store
            .list_opportunities(&open, None, None, MOST_COUNTED)
            .await?
            .items
            .len(),
        open_reviews: store
            .reviews(Some(ReviewState::Open), None, MOST_COUNTED)
            .await?
            .items
            .len(),
    };
    let kind = match store.backend() {
        Backend::Sqlite => "sqlite",
        Backend::Postgres => "postgres",
    };
    let database = DatabaseRow {
        kind,
        is_ready: store.is_ready().await?,
        version: store.version().await?,
        bytes,
    };
    let (feeds, at) = (feed_rows(&state).await?, state.clock.now());
    let summary = summarise(database, counts, &feeds, at);
    Ok(axum::Json(StatusAnswer {
        version: env!("CARGO_PKG_VERSION"),
        at,
        database,
        counts,
        feeds,
        summary,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_says_what_needs_attention() {
        let database = DatabaseRow {
            kind: "sqlite",
            is_ready: false,
            version: 1,
            bytes: 1,
        };
        let counts = CountsRow {
            events: 1,
            quotes: 20,
            changes: 30,
            snapshots: 2,
            issues: 0,
            open_opportunities: 0,
            open_reviews: 1,
        };
        assert_eq!(
            summarise(database, counts, &[], DateTime::UNIX_EPOCH),
            [
                "The database's schema is not this version's: run `overround migrate`.",
                "1 event and 20 quotes are known.",
                "0 opportunities stand.",
                "1 identity question waits.",
            ]
        );
    }
}
