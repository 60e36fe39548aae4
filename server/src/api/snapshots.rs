//! `snapshots`: what the feeds answered, byte for byte.

use super::extract::Path;
use crate::http::errors::{ApiError, ApiResult};
use crate::state::AppState;
use axum::extract::State;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use domain::SnapshotId;
use serde::Serialize;
use store::{NewSnapshot, Snapshot, SnapshotCounts};
use utoipa::ToSchema;

/// One archived answer, without its body.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SnapshotAnswer {
    /// The snapshot.
    pub snapshot: SnapshotRow,
}

/// An archived answer of a feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SnapshotRow {
    /// Its number.
    pub id: i64,
    /// From which feed.
    pub feed: String,
    /// What was asked for, in the feed's words.
    pub endpoint: String,
    /// The feed's key of the competition.
    pub competition: Option<String>,
    /// Path and query as sent, without the key.
    pub request: String,
    /// When the answer was here.
    pub received_at: DateTime<Utc>,
    /// How its prices are written.
    pub price_format: Option<String>,
    /// SHA-256 of the body in hexadecimal.
    pub body_hash: String,
    /// Size of the body.
    pub body_bytes: i64,
    /// Events in it.
    pub events: i64,
    /// Usable quotes in it.
    pub quotes: i64,
    /// Rows it added to the price history.
    pub changes: i64,
    /// Findings in it.
    pub issues: i64,
}

fn snapshot_row(snapshot: Snapshot) -> SnapshotRow {
    let Snapshot {
        id,
        source,
        body_hash,
        body_bytes,
        counts,
    } = snapshot;
    let NewSnapshot {
        feed,
        endpoint,
        competition,
        request,
        received_at,
        price_format,
    } = source;
    let SnapshotCounts {
        events,
        quotes,
        changes,
        issues,
    } = counts;
    SnapshotRow {
        id: id.0,
        feed,
        endpoint,
        competition,
        request,
        received_at,
        price_format,
        body_hash,
        body_bytes,
        events,
        quotes,
        changes,
        issues,
    }
}

/// Show an archived answer, without its body.
#[utoipa::path(get, path = "/api/v1/snapshots/{id}", operation_id = "show_snapshot", tag = "odds", params(("id" = i64, Path, description = "The snapshot's number")),
    responses((status = 200, body = SnapshotAnswer)))]
pub(super) async fn show(State(state): State<AppState>, Path(id): Path<i64>) -> ApiResult<axum::Json<SnapshotAnswer>> {
    let snapshot = state
        .store
        .snapshot(SnapshotId(id))
        .await?
        .ok_or_else(|| ApiError::not_found("snapshot"))?;
    Ok(axum::Json(SnapshotAnswer {
        snapshot: snapshot_row(snapshot),
    }))
}

/// Show the body of an archived answer as it was received.
///
/// It is what somebody else's server sent: it may be anything, and no browser may run it. 404 when its retention is over.
#[utoipa::path(get, path = "/api/v1/snapshots/{id}/body", operation_id = "show_snapshot_body", tag = "odds", params(("id" = i64, Path, description = "The snapshot's number")),
    responses((status = 200, body = serde_json::Value, content_type = "application/json")))]
pub(super) async fn body(State(state): State<AppState>, Path(id): Path<i64>) -> ApiResult<Response> {
    let body = state
        .store
        .snapshot_body(SnapshotId(id))
        .await?
        .ok_or_else(|| ApiError::not_found("snapshot body"))?;
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'; sandbox",
        ),
    ];
    Ok((headers, body).into_response())
}
