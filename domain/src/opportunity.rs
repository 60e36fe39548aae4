//! Opportunities: what a strategy found, and the trace that explains every number of it.

use crate::arbitrage::net_of_commission;
use crate::{BookmakerId, EventId, MarketKey, Outcome, Price, QuoteChangeId, Side, SnapshotId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What sort of opportunity it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpportunityKind {
    /// Every outcome backed at prices whose implied sum is below one.
    Arbitrage,
}

impl OpportunityKind {
    /// The stored and JSON form.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Arbitrage => "arbitrage",
        }
    }

    /// The kind of a stored code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Arbitrage].into_iter().find(|kind| kind.code() == code)
    }
}

/// Whether it could be acted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Fresh on every leg and nothing suspicious.
    Executable,
    /// On paper only: in play, flagged, or too thin after commission.
    Paper,
    /// A leg is too old to trust.
    Stale,
}

impl Verdict {
    /// Every verdict, the best first.
    pub const ALL: [Self; 3] = [Self::Executable, Self::Paper, Self::Stale];

    /// The stored and JSON form.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Executable => "executable",
            Self::Paper => "paper",
            Self::Stale => "stale",
        }
    }

    /// The verdict of a stored code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.code() == code)
    }
}

/// One bet of an opportunity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Leg {
    /// Where to bet.
    pub bookmaker_id: BookmakerId,
    /// Its key, as in the API.
    pub bookmaker: String,
    /// On what.
    pub outcome: Outcome,
    /// Back or lay.
    pub side: Side,
    /// At which price, gross.
    pub price: Price,
    /// The price as received.
    pub price_text: String,
    /// Commission on winnings in hundredths of a percent that was reckoned with; 0 when gross.
    pub commission_bp: u16,
    /// The share of the total stake on this leg; the legs sum to one.
    pub stake: f64,
    /// The book's own time for the price, or when it was last seen where the book gives none.
    pub quoted_at: DateTime<Utc>,
    /// When the price was first received.
    pub received_at: DateTime<Utc>,
    /// When it was last seen.
    pub last_seen_at: DateTime<Utc>,
    /// The history row behind it.
    pub change_id: QuoteChangeId,
    /// The snapshot behind that.
    pub snapshot_id: SnapshotId,
}

/// An opportunity as found on a board. Its identity is (kind, event, market).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// What sort.
    pub kind: OpportunityKind,
    /// In which market of the board's event.
    pub market: MarketKey,
    /// Return on the total stake before rounding: 0.024976 is 2.4976 %.
    pub profit: f64,
    /// Its parts, in the order of the market's outcomes.
    pub legs: Vec<Leg>,
    /// Whether it could be acted on.
    pub verdict: Verdict,
    /// Why the verdict is what it is, in words.
    pub reasons: Vec<String>,
    /// True when the event had started.
    pub is_in_play: bool,
}

/// Everything that an opportunity was reckoned from: nothing else is needed to reckon it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// How it was reckoned, in words.
    pub method: String,
    /// The version of the code that did.
    pub code_version: String,
    /// Of which event.
    pub event_id: EventId,
    /// Its name, as shown.
    pub event: String,
    /// Its start, as it was known.
    pub starts_at: DateTime<Utc>,
    /// In which market.
    pub market: MarketKey,
    /// The time of the board.
    pub as_of: DateTime<Utc>,
    /// The settings that decided what counts.
    pub constants: Vec<Constant>,
    /// The parts, each with the recorded rows behind it.
    pub legs: Vec<TraceLeg>,
    /// The sum of the legs' implied probabilities, net of commission.
    pub implied_sum: f64,
    /// Return on the total stake before rounding.
    pub profit: f64,
    /// Whether it could be acted on.
    pub verdict: Verdict,
    /// Why the verdict is what it is.
    pub reasons: Vec<String>,
}

/// A setting that a result depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constant {
    /// Its name.
    pub name: String,
    /// Its value, as text.
    pub value: String,
}

/// One leg of a [`Trace`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TraceLeg {
    /// The leg as found.
    pub leg: Leg,
    /// Its price net of the commission that was reckoned with.
    pub net_price: f64,
    /// 1 / net price.
    pub implied: f64,
}

impl Trace {
    /// The profit, reckoned again from the recorded prices and commissions alone.
    pub fn recompute(&self) -> f64 {
        let implied = |leg: &TraceLeg| 1.0 / net_of_commission(leg.leg.price, leg.leg.commission_bp);
        1.0 / self.legs.iter().map(implied).sum::<f64>() - 1.0
    }
}
