//! Game: every market and bookmaker of one event, its line movement, and the board as it was.

use crate::AppError;
use crate::pages::opportunities::OpportunityRow;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::board::{Board, QuoteFlags};
use domain::event::Event;
use domain::{BookProfile, BookmakerId, EventId, MarketKey, Outcome, Price, QuoteChangeId, Side, SnapshotId};
use serde::{Deserialize, Serialize};

/// What the Game page asks.
#[async_trait]
pub trait GamePort {
    /// One event's board, now or as it was known at a time.
    async fn game(&self, event: EventId, as_of: Option<DateTime<Utc>>) -> Result<GameView, AppError>;

    /// How the price of one selection went, at every bookmaker or at one.
    async fn history(&self, query: HistoryQuery) -> Result<HistoryView, AppError>;
}

/// One event's board and what belongs beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GameView {
    /// The board; `board.as_of` is the time asked for, or now.
    pub board: Board,
    /// Grows with every change of the board.
    pub version: i64,
    /// The bookmakers on the board, ordered by name.
    pub bookmakers: Vec<BookProfile>,
    /// Those the viewer can use, by settings; best prices elsewhere are shown, but not marked as theirs.
    pub usable: Vec<BookmakerId>,
    /// The first quote of the event, where there is one: the left end of the slider.
    pub history_from: Option<DateTime<Utc>>,
    /// The last one: the right end.
    pub history_to: Option<DateTime<Utc>>,
    /// Opportunities of this event that are open (none when the board is of the past).
    pub opportunities: Vec<OpportunityRow>,
}

/// Which selection's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryQuery {
    /// Of which event.
    pub event: EventId,
    /// In which market.
    pub market: MarketKey,
    /// Of which outcome.
    pub outcome: Outcome,
    /// Back or lay.
    pub side: Side,
    /// At one bookmaker; left out, at all of them.
    #[serde(default)]
    pub bookmaker: Option<BookmakerId>,
    /// Nothing received later; left out, now.
    #[serde(default)]
    pub as_of: Option<DateTime<Utc>>,
}

/// How the price of one selection went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryView {
    /// Of which event.
    pub event: Event,
    /// Until when: the time asked for, or now.
    pub as_of: DateTime<Utc>,
    /// One per bookmaker, ordered by name. At most 2000 points in all; the oldest go first.
    pub series: Vec<Series>,
    /// True when older points were left out.
    pub is_cut: bool,
}

/// One bookmaker's prices for one selection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Whose.
    pub bookmaker: BookProfile,
    /// Through which feed.
    pub feed: String,
    /// In the order they were received.
    pub points: Vec<QuotePoint>,
}

/// One row of the price history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotePoint {
    /// Which row.
    pub change_id: QuoteChangeId,
    /// The snapshot behind it.
    pub snapshot_id: SnapshotId,
    /// The price from here on; `None` when it was withdrawn.
    pub price: Option<Price>,
    /// As it was received; empty when withdrawn.
    pub price_text: String,
    /// When the book says it updated.
    pub source_at: Option<DateTime<Utc>>,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// What validation found.
    pub flags: QuoteFlags,
    /// The row that this one corrects.
    pub supersedes: Option<QuoteChangeId>,
}
