//! Snapshot: all that one fetch returned, as it was received.

use crate::AppError;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::SnapshotId;
use serde::{Deserialize, Serialize};

/// What the Snapshot page asks.
#[async_trait]
pub trait SnapshotPort {
    /// One archived answer of a feed.
    async fn snapshot(&self, id: SnapshotId) -> Result<SnapshotView, AppError>;
}

/// One archived answer of a feed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SnapshotView {
    /// Which snapshot.
    pub id: SnapshotId,
    /// Of which feed.
    pub feed: String,
    /// Of which of its endpoints.
    pub endpoint: String,
    /// For which competition, where it was for one.
    pub competition: Option<String>,
    /// What was asked, without the key.
    pub request: String,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// SHA-256 of the body, hexadecimal.
    pub body_hash: String,
    /// Its length.
    pub body_bytes: i64,
    /// Events in it.
    pub events: u32,
    /// Prices in it, usable or not.
    pub quotes: u32,
    /// Rows it added to the history.
    pub changes: u32,
    /// Findings about it.
    pub issues: u32,
    /// The body as text, at most the first 256 KiB; `None` when retention removed it.
    pub body: Option<String>,
    /// True when `body` is only the beginning.
    pub is_cut: bool,
}
