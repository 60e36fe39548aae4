//! `issues`: what was odd about the data.

use super::extract::{Meta, Query, check_range, read_after, read_code, read_limit, read_text};
use crate::http::errors::ApiResult;
use crate::state::AppState;
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{EventId, IssueKind, Severity};
use serde::{Deserialize, Serialize};
use store::{Issue, IssueCount, IssueFilter, NewIssue};
use utoipa::{IntoParams, ToSchema};

/// Which findings.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct IssuesQuery {
    /// From one feed, by key.
    pub feed: Option<String>,
    /// Of one kind, e.g. `impossible_price`.
    pub kind: Option<String>,
    /// `info`, `warning` or `error`.
    pub severity: Option<String>,
    /// At one event, by number.
    pub event: Option<i64>,
    /// Found at or after this.
    pub from: Option<DateTime<Utc>>,
    /// Found before this.
    pub to: Option<DateTime<Utc>>,
    /// Rows on the page: 1 to 500, usually 100.
    pub limit: Option<u32>,
    /// `meta.next` of the page before.
    pub after: Option<String>,
}

/// A page of findings.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IssuesAnswer {
    /// Newest first.
    pub issues: Vec<IssueRow>,
    /// How to go on.
    pub meta: Meta,
}

/// A data-quality finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct IssueRow {
    /// Its number.
    pub id: i64,
    /// When it was found.
    pub found_at: DateTime<Utc>,
    /// From which feed.
    pub feed: String,
    /// e.g. `impossible_price`.
    pub kind: &'static str,
    /// What that means.
    pub meaning: &'static str,
    /// `info`, `warning` or `error`.
    pub severity: &'static str,
    /// What and where.
    pub detail: String,
    /// How many alike this row stands for.
    pub count: i64,
    /// At which event.
    pub event_id: Option<i64>,
    /// At which bookmaker, by key.
    pub bookmaker: Option<String>,
    /// In which answer.
    pub snapshot_id: Option<i64>,
}

fn issue_row(issue: Issue) -> IssueRow {
    let Issue { id, feed, issue } = issue;
    let NewIssue {
        found_at,
        snapshot_id,
        event_id,
        bookmaker,
        kind,
        severity,
        detail,
        count,
    } = issue;
    IssueRow {
        id: id.0,
        found_at,
        feed,
        kind: kind.code(),
        meaning: kind.meaning(),
        severity: severity.code(),
        detail,
        count,
        event_id: event_id.map(|id| id.0),
        bookmaker,
        snapshot_id: snapshot_id.map(|id| id.0),
    }
}

/// List data-quality findings.
#[utoipa::path(get, path = "/api/v1/issues", operation_id = "list_issues", tag = "health", params(IssuesQuery), responses((status = 200, body = IssuesAnswer)))]
pub(super) async fn list(
    State(state): State<AppState>,
    Query(query): Query<IssuesQuery>,
) -> ApiResult<axum::Json<IssuesAnswer>> {
    let IssuesQuery {
        feed,
        kind,
        severity,
        event,
        from,
        to,
        limit,
        after,
    } = query;
    check_range("to", from, to)?;
    let filter = IssueFilter {
        feed: read_text("feed", feed)?,
        kind: read_code(
            "kind",
            kind.as_deref(),
            "a kind that /api/v1/issues/summary lists",
            IssueKind::from_code,
        )?,
        severity: read_code(
            "severity",
            severity.as_deref(),
            "info, warning or error",
            Severity::from_code,
        )?,
        event_id: event.map(EventId),
        from,
        to,
        ..IssueFilter::default()
    };
    let page = state
        .store
        .issues(&filter, read_after(after.as_deref())?, read_limit(limit)?)
        .await?;
    Ok(axum::Json(IssuesAnswer {
        issues: page.items.into_iter().map(issue_row).collect(),
        meta: Meta::new(page.next),
    }))
}

/// Since when.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct IssueSummaryQuery {
    /// Found at or after this; the last 24 hours without it.
    pub from: Option<DateTime<Utc>>,
}

/// How many findings there are of each kind.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IssueSummaryAnswer {
    /// Since when.
    pub from: DateTime<Utc>,
    /// By feed and kind.
    pub counts: Vec<IssueCountRow>,
}

/// How many findings of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct IssueCountRow {
    /// From which feed.
    pub feed: String,
    /// e.g. `impossible_price`.
    pub kind: &'static str,
    /// What that means.
    pub meaning: &'static str,
    /// `info`, `warning` or `error`.
    pub severity: &'static str,
    /// How many.
    pub count: i64,
}

fn count_row(count: IssueCount) -> IssueCountRow {
    let IssueCount {
        feed,
        kind,
        severity,
        count,
    } = count;
    IssueCountRow {
        feed,
        kind: kind.code(),
        meaning: kind.meaning(),
        severity: severity.code(),
        count,
    }
}

/// Count data-quality findings by kind.
#[utoipa::path(get, path = "/api/v1/issues/summary", operation_id = "summarise_issues", tag = "health", params(IssueSummaryQuery), responses((status = 200, body = IssueSummaryAnswer)))]
pub(super) async fn summary(
    State(state): State<AppState>,
    Query(IssueSummaryQuery { from }): Query<IssueSummaryQuery>,
) -> ApiResult<axum::Json<IssueSummaryAnswer>> {
    let from = from.unwrap_or_else(|| state.clock.now() - TimeDelta::hours(24));
    let counts = state
        .store
        .issue_counts(from)
        .await?
        .into_iter()
        .map(count_row)
        .collect();
    Ok(axum::Json(IssueSummaryAnswer { from, counts }))
}
