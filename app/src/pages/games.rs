//! Games: the board.

use crate::AppError;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use domain::event::Event;
use domain::{BookmakerId, CompetitionId, EventStatus, MarketKey, Outcome, Price, Sport};
use serde::{Deserialize, Serialize};

/// What the Games page asks.
#[async_trait]
pub trait GamesPort {
    /// The games that pass a filter, one page of them.
    async fn games(&self, filter: GamesFilter) -> Result<GamesView, AppError>;
}

/// Which games, in which order. Everything left out does not filter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GamesFilter {
    /// Of one sport.
    #[serde(default)]
    pub sport: Option<Sport>,
    /// Of one competition.
    #[serde(default)]
    pub competition: Option<CompetitionId>,
    /// Starting on one calendar day of the viewer's time zone.
    #[serde(default)]
    pub day: Option<NaiveDate>,
    /// With one status; left out, everything that is not over.
    #[serde(default)]
    pub status: Option<StatusFilter>,
    /// Participants or competition contain every word of this, whatever the case.
    #[serde(default)]
    pub text: String,
    /// In which order.
    #[serde(default)]
    pub sort: GamesSort,
    /// The page, from 1.
    #[serde(default = "first_page")]
    pub page: u32,
}

/// Pages count from 1.
pub(crate) const fn first_page() -> u32 {
    1
}

/// One status, or all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusFilter {
    /// Not started.
    Scheduled,
    /// Started, not finished.
    Live,
    /// Finished.
    Final,
    /// To be played at another time.
    Postponed,
    /// Not to be played.
    Cancelled,
    /// Whatever the status.
    All,
}

impl StatusFilter {
    /// The one status it means; `None` for all.
    pub const fn status(self) -> Option<EventStatus> {
        match self {
            Self::Scheduled => Some(EventStatus::Scheduled),
            Self::Live => Some(EventStatus::Live),
            Self::Final => Some(EventStatus::Final),
            Self::Postponed => Some(EventStatus::Postponed),
            Self::Cancelled => Some(EventStatus::Cancelled),
            Self::All => None,
        }
    }
}

/// The order of games; ties go by start, then by event number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GamesSort {
    /// The earliest start first (the latest first when the filter asks for finished games).
    #[default]
    Start,
    /// The smallest hold first.
    Hold,
    /// The latest move first.
    Moved,
    /// The most bookmakers first.
    Bookmakers,
}

/// One page of games, and what can be filtered by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GamesView {
    /// The games of this page.
    pub rows: Vec<GameRow>,
    /// How many games pass the filter.
    pub total: u32,
    /// How many pages there are, at least 1.
    pub pages: u32,
    /// Sports with events, with how many are not over.
    pub sports: Vec<SportChoice>,
    /// Competitions with events, of the filter's sport where it has one.
    pub competitions: Vec<CompetitionChoice>,
    /// Calendar days of the viewer's zone with events that are not over, the next fourteen or so.
    pub days: Vec<DayChoice>,
}

/// A sport to filter by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SportChoice {
    /// Which sport.
    pub sport: Sport,
    /// Events that are not over.
    pub count: u32,
}

/// A competition to filter by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompetitionChoice {
    /// Which competition.
    pub id: CompetitionId,
    /// As shown.
    pub name: String,
    /// Events that are not over.
    pub count: u32,
}

/// A day to filter by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayChoice {
    /// The calendar day in the viewer's zone.
    pub date: NaiveDate,
    /// Events that are not over.
    pub count: u32,
}

/// One game on the board: its main market in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GameRow {
    /// Which game.
    pub event: Event,
    /// Grows with every change of the event's board.
    pub version: i64,
    /// The market in short: three-way or moneyline where there is one, else the market with the most quotes.
    pub market: Option<MarketKey>,
    /// The best back price per outcome, in the order of the market's outcomes.
    pub outcomes: Vec<BestOutcome>,
    /// What is kept of the turnover at these best prices; negative is an arbitrage. `None` when an outcome has no price.
    pub hold: Option<f64>,
    /// Bookmakers with a quote anywhere on the board.
    pub bookmakers: u32,
    /// Markets with a quote.
    pub markets: u32,
    /// The latest change of a price in the short market.
    pub last_move: Option<Move>,
    /// When any quote of the board was last seen.
    pub seen_at: Option<DateTime<Utc>>,
}

/// The best back price of an outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BestOutcome {
    /// Which outcome.
    pub outcome: Outcome,
    /// Its best price, if it has one.
    pub best: Option<BestPrice>,
}

/// A best price and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BestPrice {
    /// The price.
    pub price: Price,
    /// Who offers it.
    pub bookmaker_id: BookmakerId,
    /// As shown.
    pub bookmaker: String,
    /// That bookmaker's price before.
    pub previous: Option<Price>,
    /// When this price was first received.
    pub received_at: DateTime<Utc>,
    /// When it was last seen.
    pub last_seen_at: DateTime<Utc>,
}

/// A price that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// In which market.
    pub market: MarketKey,
    /// Of which outcome.
    pub outcome: Outcome,
    /// At whose.
    pub bookmaker: String,
    /// From; `None` when it was not offered before.
    pub from: Option<Price>,
    /// To; `None` when it was withdrawn.
    pub to: Option<Price>,
    /// When it was received.
    pub at: DateTime<Utc>,
}
