//! Opportunity: the trace that explains every number of it.

use crate::AppError;
use crate::pages::opportunities::OpportunityRow;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::{BookProfile, OpportunityId, Outcome, Price, QuoteChangeId, Side, SnapshotId};
use serde::{Deserialize, Serialize};

/// What the Opportunity page asks.
#[async_trait]
pub trait OpportunityPort {
    /// One opportunity and how it was reckoned.
    async fn opportunity(&self, id: OpportunityId) -> Result<OpportunityView, AppError>;
}

/// One opportunity and how it was reckoned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpportunityView {
    /// The opportunity.
    pub row: OpportunityRow,
    /// The bookmakers that its legs name.
    pub bookmakers: Vec<BookProfile>,
    /// The method in words, with its formula.
    pub method: String,
    /// The constants that went in: name and value with unit.
    pub constants: Vec<Constant>,
    /// The version of the code that reckoned it.
    pub code_version: String,
    /// When it was reckoned.
    pub reckoned_at: DateTime<Utc>,
    /// The quotes it was reckoned from, in the order of the market's outcomes.
    pub sources: Vec<SourceQuote>,
    /// The sum of implied probabilities at net prices.
    pub implied_sum: f64,
    /// The address of the trace as JSON.
    pub json_path: String,
}

/// A constant of a method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constant {
    /// What it is.
    pub name: String,
    /// Its value with its unit.
    pub value: String,
}

/// A quote that went into a number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceQuote {
    /// For which outcome.
    pub outcome: Outcome,
    /// Whose.
    pub bookmaker: String,
    /// Through which feed.
    pub feed: String,
    /// Back or lay.
    pub side: Side,
    /// The price, gross.
    pub price: Price,
    /// As received.
    pub price_text: String,
    /// Commission on winnings that was reckoned with, in hundredths of a percent.
    pub commission_bp: u16,
    /// The decimal price after commission.
    pub net_price: f64,
    /// One over the net price.
    pub implied: f64,
    /// The share of the total stake.
    pub stake: f64,
    /// When the book says it updated.
    pub source_at: Option<DateTime<Utc>>,
    /// When it was first received.
    pub received_at: DateTime<Utc>,
    /// When it was last seen.
    pub last_seen_at: DateTime<Utc>,
    /// The history row.
    pub change_id: QuoteChangeId,
    /// The snapshot.
    pub snapshot_id: SnapshotId,
}
