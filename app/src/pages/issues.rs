//! Issues: data-quality findings, with what they are about.

use crate::AppError;
use crate::pages::games::first_page;
use crate::pages::health::IssueCount;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::{EventId, IssueId, IssueKind, Severity, SnapshotId};
use serde::{Deserialize, Serialize};

/// What the Issues page asks.
#[async_trait]
pub trait IssuesPort {
    /// The findings that pass a filter, the latest first, one page of them.
    async fn issues(&self, filter: IssuesFilter) -> Result<IssuesView, AppError>;
}

/// Which findings. Everything left out does not filter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuesFilter {
    /// Of one kind.
    #[serde(default)]
    pub kind: Option<IssueKind>,
    /// At least this severe.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// Of one feed.
    #[serde(default)]
    pub feed: Option<String>,
    /// About one event.
    #[serde(default)]
    pub event: Option<EventId>,
    /// The page, from 1.
    #[serde(default = "first_page")]
    pub page: u32,
}

/// One page of findings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IssuesView {
    /// The findings of this page.
    pub rows: Vec<IssueRow>,
    /// How many pass the filter.
    pub total: u32,
    /// How many pages there are, at least 1.
    pub pages: u32,
    /// How often each kind was found, whatever the filter's kind.
    pub kinds: Vec<IssueCount>,
    /// Feeds to filter by.
    pub feeds: Vec<String>,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueRow {
    /// Which finding.
    pub id: IssueId,
    /// When.
    pub found_at: DateTime<Utc>,
    /// What.
    pub kind: IssueKind,
    /// How much it matters.
    pub severity: Severity,
    /// In which feed's answer.
    pub feed: String,
    /// About which event, with its name.
    pub event: Option<(EventId, String)>,
    /// About which bookmaker's key.
    pub bookmaker: Option<String>,
    /// In which snapshot.
    pub snapshot_id: Option<SnapshotId>,
    /// The particulars; hold no secret.
    pub detail: String,
    /// How often the same was found.
    pub count: u32,
}
