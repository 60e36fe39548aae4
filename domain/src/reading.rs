//! What a feed's answer says, in Overround's own words: the output of parsing and the input of everything after it.
//!
//! Text is borrowed from the answer where it can be, because one answer holds thousands of quotes.

use crate::event::{EventStatus, Score};
use crate::{IssueKind, Line, MarketKind, Outcome, Period, Price, Role, Side, Sport};
use chrono::{DateTime, Utc};
use std::borrow::Cow;

/// Everything one answer says. Rows that could not be used are in `issues`, never lost silently.
#[derive(Clone, Debug, Default)]
pub struct Reading<'a> {
    /// Competitions named by the answer.
    pub competitions: Vec<ReadCompetition<'a>>,
    /// Events; quotes and scores point here by position.
    pub events: Vec<ReadEvent<'a>>,
    /// Who takes part in a competition, where the answer lists them by themselves.
    pub participants: Vec<ReadParticipant<'a>>,
    /// Bookmakers; quotes point here by position.
    pub bookmakers: Vec<ReadBookmaker<'a>>,
    /// Markets; quotes point here by position. The same market may stand here more than once.
    pub markets: Vec<ReadMarket<'a>>,
    /// Usable quotes.
    pub quotes: Vec<ReadQuote<'a>>,
    /// Scores.
    pub scores: Vec<ReadScore>,
    /// What could not be used, and what looked odd.
    pub issues: Vec<ReadIssue>,
    /// Every price in the payload, usable or not.
    pub prices_seen: usize,
    /// What a quote's absence means.
    pub scope: Scope,
    /// For an answer about the past: when it was true, and the neighbouring answers.
    pub archive: Option<ArchivePoint>,
}

/// For which quotes absence from the answer means that they were withdrawn. Only quotes of the same feed and of events
/// that the answer contains are ever withdrawn: an event that is absent says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The market kinds and periods the answer is complete for, each once, and as to which lines.
    pub markets: Vec<(MarketKind, Period, Lines)>,
    /// The bookmaker keys it is complete for; `None` means every bookmaker of this feed.
    pub bookmakers: Option<Vec<String>>,
}

/// Which lines of a market were asked for. A feed may give main lines to one question and alternate ones to another; then
/// absence from either answer says nothing about what the other gave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lines {
    /// Whatever is offered, or the market has no lines.
    #[default]
    All,
    /// Each bookmaker's main line.
    Main,
    /// The lines beside the main one.
    Alternate,
}

impl Scope {
    /// The lines of a market kind and period that the answer is complete for; `None` when absence means nothing there.
    ///
    /// ```
    /// use domain::reading::{Lines, Scope};
    /// use domain::{MarketKind, Period};
    /// let scope = Scope {
    ///     markets: vec![(MarketKind::Spread, Period::FullTime, Lines::Main)],
    ///     bookmakers: None,
    /// };
    /// assert_eq!(scope.lines_of(&MarketKind::Spread, Period::FullTime), Some(Lines::Main));
    /// assert_eq!(scope.lines_of(&MarketKind::Total, Period::FullTime), None);
    /// ```
    pub fn lines_of(&self, kind: &MarketKind, period: Period) -> Option<Lines> {
        self.markets
            .iter()
            .find(|(covered, on, _)| covered == kind && *on == period)
            .map(|(_, _, lines)| *lines)
    }
}

impl Lines {
    /// The stable word for it, in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Main => "main",
            Self::Alternate => "alternate",
        }
    }

    /// The lines of a word.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::All, Self::Main, Self::Alternate]
            .into_iter()
            .find(|lines| lines.code() == code)
    }

    /// True when an answer that is complete for these lines tells of a quote that was last seen among `seen_among`.
    pub fn cover(self, seen_among: Self) -> bool {
        self == Self::All || self == seen_among
    }
}

/// When an answer about the past was true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArchivePoint {
    /// The time of the recorded answer.
    pub at: DateTime<Utc>,
    /// The one before.
    pub previous_at: Option<DateTime<Utc>>,
    /// The one after.
    pub next_at: Option<DateTime<Utc>>,
}

/// A competition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadCompetition<'a> {
    /// The feed's own key.
    pub feed_key: Cow<'a, str>,
    /// Of which sport.
    pub sport: Sport,
    /// As shown.
    pub name: Cow<'a, str>,
    /// False when out of season.
    pub is_active: bool,
    /// True when it is a winner market without single events.
    pub has_outrights: bool,
}

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadEvent<'a> {
    /// The feed's own identifier.
    pub feed_id: Cow<'a, str>,
    /// The feed's key of the competition.
    pub competition_key: Cow<'a, str>,
    /// The competition's name, where given.
    pub competition_name: Cow<'a, str>,
    /// Of which sport.
    pub sport: Sport,
    /// The scheduled start.
    pub starts_at: DateTime<Utc>,
    /// Who takes part; empty for an outright.
    pub participants: Vec<(Role, Cow<'a, str>)>,
    /// The status, where the feed says it.
    pub status: Option<EventStatus>,
}

/// A team or player, outside any event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadParticipant<'a> {
    /// The feed's own identifier.
    pub feed_id: Cow<'a, str>,
    /// As shown.
    pub name: Cow<'a, str>,
}

/// A bookmaker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadBookmaker<'a> {
    /// The feed's key, e.g. `pinnacle`.
    pub key: Cow<'a, str>,
    /// As shown.
    pub name: Cow<'a, str>,
}

/// A market of an event.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReadMarket<'a> {
    /// Position in [`Reading::events`].
    pub event: u32,
    /// What it is about.
    pub kind: MarketKind,
    /// On which part of the event.
    pub period: Period,
    /// From the home or over side.
    pub line: Option<Line>,
    /// Whose statistic it is.
    pub participant: Option<Cow<'a, str>>,
}

/// A usable quote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadQuote<'a> {
    /// Position in [`Reading::markets`].
    pub market: u32,
    /// Position in [`Reading::bookmakers`].
    pub bookmaker: u32,
    /// Which outcome.
    pub outcome: Outcome,
    /// Back or lay.
    pub side: Side,
    /// The price.
    pub price: Price,
    /// The price as it was received.
    pub price_text: Cow<'a, str>,
    /// When the book says it last updated.
    pub source_at: Option<DateTime<Utc>>,
}

/// A score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadScore {
    /// Position in [`Reading::events`].
    pub event: u32,
    /// The score.
    pub score: Option<Score>,
    /// True when the event is finished.
    pub is_final: bool,
    /// When the feed says it last updated.
    pub source_at: Option<DateTime<Utc>>,
}

/// Something that could not be used, or looked odd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadIssue {
    /// What was found.
    pub kind: IssueKind,
    /// Position in [`Reading::events`], where it belongs to one.
    pub event: Option<u32>,
    /// The bookmaker's key, where it belongs to one.
    pub bookmaker: Option<String>,
    /// What and where, for a person; holds no secret.
    pub detail: String,
}
