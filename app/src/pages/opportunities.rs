//! Opportunities: what the strategies found, with a stake calculator beside.

use crate::AppError;
use crate::pages::games::first_page;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::event::Event;
use domain::opportunity::{Found, Verdict};
use domain::{BookProfile, OpportunityId, Sport};
use serde::{Deserialize, Serialize};

/// What the Opportunities page asks.
#[async_trait]
pub trait OpportunitiesPort {
    /// The opportunities that pass a filter, the greatest profit first, one page of them.
    async fn opportunities(&self, filter: OpportunitiesFilter) -> Result<OpportunitiesView, AppError>;
}

/// Which opportunities. Everything left out does not filter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpportunitiesFilter {
    /// Open ones, or those that have closed (the latest first).
    #[serde(default)]
    pub state: OpportunityState,
    /// With one verdict.
    #[serde(default)]
    pub verdict: Option<Verdict>,
    /// Of one sport.
    #[serde(default)]
    pub sport: Option<Sport>,
    /// Before or after the start.
    #[serde(default)]
    pub in_play: InPlayFilter,
    /// With at least this profit, in hundredths of a percent.
    #[serde(default)]
    pub min_profit_bp: u32,
    /// The page, from 1.
    #[serde(default = "first_page")]
    pub page: u32,
}

/// Open or closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpportunityState {
    /// Still there at the last look.
    #[default]
    Open,
    /// Gone.
    Closed,
}

/// Before or after the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InPlayFilter {
    /// Both.
    #[default]
    Include,
    /// Not started.
    Exclude,
    /// Started.
    Only,
}

/// One page of opportunities.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpportunitiesView {
    /// The opportunities of this page.
    pub rows: Vec<OpportunityRow>,
    /// The bookmakers that their legs name.
    pub bookmakers: Vec<BookProfile>,
    /// How many pass the filter.
    pub total: u32,
    /// How many pages there are, at least 1.
    pub pages: u32,
    /// Sports to filter by.
    pub sports: Vec<Sport>,
    /// How many games were looked at, for the text that stands where there is nothing.
    pub games_watched: u32,
}

/// One opportunity and its life so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpportunityRow {
    /// Which opportunity.
    pub id: OpportunityId,
    /// Of which event.
    pub event: Event,
    /// What was found, as of the last look.
    pub found: Found,
    /// When it was first found.
    pub opened_at: DateTime<Utc>,
    /// When it was last confirmed.
    pub refreshed_at: DateTime<Utc>,
    /// When it was gone.
    pub closed_at: Option<DateTime<Utc>>,
    /// Why it was gone, in words.
    pub close_reason: Option<String>,
    /// The greatest profit it had.
    pub best_profit: f64,
}
