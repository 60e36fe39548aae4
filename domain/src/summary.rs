//! What a list of games shows of each.

use crate::board::QuoteFlags;
use crate::event::Event;
use crate::{BookmakerId, MarketKey, Outcome, Price};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One event in a list of games, as of a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GameSummary {
    /// The event.
    pub event: Event,
    /// The time of the summary.
    pub as_of: DateTime<Utc>,
    /// True when the event had started: prices are in-play prices.
    pub is_in_play: bool,
    /// The winner market, the main spread and the main total, as far as there are any.
    pub markets: Vec<MarketSummary>,
    /// How many markets have quotes.
    pub market_count: usize,
    /// How many bookmakers have quotes.
    pub book_count: usize,
    /// The recent price change that mattered most.
    pub last_move: Option<LastMove>,
    /// When the newest of its prices was last seen.
    pub last_seen_at: Option<DateTime<Utc>>,
}

/// One market of a [`GameSummary`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarketSummary {
    /// Which market.
    pub key: MarketKey,
    /// How many bookmakers quote it.
    pub book_count: usize,
    /// The hold of the best prices together, zero or less when they are an arbitrage; `None` when an outcome has no price.
    pub hold: Option<f64>,
    /// The best back price of each outcome that has one, in the order of the market's outcomes.
    pub best: Vec<BestPrice>,
}

/// The best back price of an outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BestPrice {
    /// Which outcome.
    pub outcome: Outcome,
    /// Who offers it.
    pub bookmaker_id: BookmakerId,
    /// Its key, as in the API.
    pub bookmaker: String,
    /// The price.
    pub price: Price,
    /// The price as received.
    pub price_text: String,
    /// When it was last seen.
    pub last_seen_at: DateTime<Utc>,
    /// Validation findings.
    pub flags: QuoteFlags,
}

/// A price change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastMove {
    /// In which market.
    pub market: MarketKey,
    /// Of which outcome.
    pub outcome: Outcome,
    /// At which bookmaker.
    pub bookmaker_id: BookmakerId,
    /// Its key, as in the API.
    pub bookmaker: String,
    /// The price before.
    pub previous: Price,
    /// The price since.
    pub price: Price,
    /// When the change was received.
    pub moved_at: DateTime<Utc>,
}
