//! Today: what needs attention now.

use crate::AppError;
use crate::pages::games::{GameRow, Move};
use crate::pages::health::{FeedHealth, Finding};
use crate::pages::opportunities::OpportunityRow;
use async_trait::async_trait;
use domain::BookProfile;
use domain::event::Event;
use serde::{Deserialize, Serialize};

/// What the Today page asks.
#[async_trait]
pub trait TodayPort {
    /// What needs attention now.
    async fn today(&self) -> Result<Today, AppError>;
}

/// What needs attention now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Today {
    /// The best open opportunities by profit, about five.
    pub opportunities: Vec<OpportunityRow>,
    /// How many are open and executable.
    pub executable_count: u32,
    /// How many are open in all.
    pub open_count: u32,
    /// The bookmakers that the opportunities name.
    pub bookmakers: Vec<BookProfile>,
    /// Live and the next to start, about eight.
    pub games: Vec<GameRow>,
    /// How many start on the viewer's calendar day.
    pub games_today: u32,
    /// How many are live now.
    pub live_count: u32,
    /// The largest price moves of the last hour, about six.
    pub moves: Vec<EventMove>,
    /// Every enabled feed.
    pub feeds: Vec<FeedHealth>,
    /// The state of the whole in plain words, worst first.
    pub summary: Vec<Finding>,
    /// Data-quality findings of the last 24 hours with severity error.
    pub errors_24h: u32,
    /// Data-quality findings of the last 24 hours with severity warning.
    pub warnings_24h: u32,
}

/// A move and the event it belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventMove {
    /// Which event.
    pub event: Event,
    /// What moved.
    pub change: Move,
}
