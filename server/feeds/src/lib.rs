//! Feeds: where odds come from, as pure descriptions.
//!
//! A feed says what to ask for ([`Feed::plan`]) and how to read an answer ([`Feed::parse`]). It owns no client, no
//! clock and no database; `server` does the asking. Vendor words stop at the edge of this crate. To add a feed: one
//! file here, one line in [`FEEDS`], fixtures under `fixtures/<key>/`; the conformance test then covers it.

pub mod demo;
pub mod football_data;
mod json;
pub mod the_odds_api;

use chrono::{DateTime, Utc};
use domain::reading::Reading;
use std::time::Duration;

/// Every feed there is.
pub const FEEDS: &[&dyn Feed] = &[&the_odds_api::TheOddsApi, &demo::Demo];

/// The feed with a key.
pub fn find_feed(key: &str) -> Option<&'static dyn Feed> {
    FEEDS.iter().copied().find(|feed| feed.key() == key)
}

/// True when a web page stands where data was promised.
pub(crate) fn is_web_page(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    body.trim_ascii_start().first() == Some(&b'<')
}

/// A source of odds.
pub trait Feed: Send + Sync {
    /// The stable key: a configuration word, a column value and a part of addresses.
    fn key(&self) -> &'static str;

    /// As shown.
    fn name(&self) -> &'static str;

    /// What it is and what it may cost.
    fn policy(&self) -> Policy;

    /// The odds to ask for where nobody chose otherwise.
    fn usual_choice(&self) -> OddsChoice;

    /// The requests that answer what is wanted; empty when this feed has no such thing.
    ///
    /// # Errors
    /// A setting that the vendor would refuse, said in words a person can act on.
    fn plan(&self, wanted: &Wanted<'_>) -> Result<Vec<Request>, PlanError>;

    /// Reads one answer. Total: whatever the bytes are, what cannot be used is an issue in the reading.
    fn parse<'a>(&self, payload: &Payload<'a>) -> Reading<'a>;

    /// Tells what an answer that is not a success means.
    fn refusal(&self, status: u16, body: &[u8]) -> Refusal;

    /// The credits that an answer's headers tell of; `header` finds a header by its lower-case name.
    fn credits(&self, header: &dyn Fn(&str) -> Option<String>) -> Credits {
        let _ = header;
        Credits::default()
    }

    /// For a feed that makes its answers itself (the demo): the answer to a request at a moment. `None` for feeds that
    /// are asked over the network.
    fn answer(&self, request: &Request, simulation: &Simulation) -> Option<Vec<u8>> {
        let _ = (request, simulation);
        None
    }
}

/// What a feed is and what it may cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Where it is asked unless configured otherwise; `None` for a feed that answers itself.
    pub base_url: Option<&'static str>,
    /// True when it needs a key of the user's.
    pub needs_key: bool,
    /// At most so many requests in any second.
    pub requests_per_second: u32,
    /// At most so many requests at once.
    pub concurrent_requests: usize,
    /// An answer that takes longer is a failure.
    pub timeout: Duration,
    /// An answer with more bytes (unpacked) is refused.
    pub max_body_bytes: usize,
    /// Asking for the same thing sooner than this brings nothing new.
    pub min_interval: Duration,
    /// So many days back scores can be asked for.
    pub most_score_days: u8,
    /// The vendor's terms in one sentence, shown beside the settings.
    pub terms: &'static str,
    /// True when what it says is made up.
    pub is_demo: bool,
}

/// What is wanted of a feed, in Overround's words. Competitions and events are named by the feed's own keys.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the fields mean the same in every variant: keys of the feed, a moment, a choice of odds"
)]
pub enum Wanted<'a> {
    /// The competitions there are.
    Competitions,
    /// The events of a competition, without odds.
    Events { competition: &'a str },
    /// The odds of a competition.
    Odds {
        competition: &'a str,
        choice: &'a OddsChoice,
    },
    /// The odds of one event, any market.
    EventOdds {
        competition: &'a str,
        event: &'a str,
        choice: &'a OddsChoice,
    },
    /// The markets there are for an event.
    EventMarkets {
        competition: &'a str,
        event: &'a str,
        choice: &'a OddsChoice,
    },
    /// Who takes part in a competition.
    Participants { competition: &'a str },
    /// The scores of a competition, of up to so many days back (0: live and upcoming only).
    Scores { competition: &'a str, days_back: u8 },
    /// The odds of a competition as they were.
    PastOdds {
        competition: &'a str,
        at: DateTime<Utc>,
        choice: &'a OddsChoice,
    },
    /// The events of a competition as they were.
    PastEvents { competition: &'a str, at: DateTime<Utc> },
    /// The odds of one event as they were.
    PastEventOdds {
        competition: &'a str,
        event: &'a str,
        at: DateTime<Utc>,
        choice: &'a OddsChoice,
    },
}

/// Which odds to ask for, in the feed's own keys.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OddsChoice {
    /// Regions of bookmakers; ignored when bookmakers are named.
    #[serde(default)]
    pub regions: Vec<String>,
    /// Bookmakers by key.
    #[serde(default)]
    pub bookmakers: Vec<String>,
    /// Market keys.
    pub markets: Vec<String>,
    /// How prices are to be sent.
    #[serde(default)]
    pub price_format: PriceFormat,
}

/// How a feed writes prices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriceFormat {
    /// `1.95`
    #[default]
    Decimal,
    /// `-110`
    American,
}

/// One thing to ask over the network. Holds no secret: the key is added at the last moment, in `key_parameter`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Which sort of answer will come.
    pub endpoint: Endpoint,
    /// The path below the base address.
    pub path: String,
    /// The query, without the key.
    pub query: Vec<(String, String)>,
    /// The query parameter in which the key travels.
    pub key_parameter: Option<&'static str>,
    /// What it will cost at most.
    pub credits_at_most: u32,
    /// How prices will be written.
    pub price_format: PriceFormat,
}

/// Which sort of answer a payload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// Competitions.
    Competitions,
    /// Events without odds.
    Events,
    /// Odds of many events.
    Odds,
    /// Odds of one event.
    EventOdds,
    /// Markets of one event.
    EventMarkets,
    /// Participants of a competition.
    Participants,
    /// Scores.
    Scores,
    /// Odds of many events in the past.
    PastOdds,
    /// Events in the past.
    PastEvents,
    /// Odds of one event in the past.
    PastEventOdds,
    /// Not known: a file a person gave. The feed tells from its shape.
    Unknown,
}

/// An answer to be read.
#[derive(Clone, Copy, Debug)]
pub struct Payload<'a> {
    /// Which sort of answer it is.
    pub endpoint: Endpoint,
    /// The bytes, unpacked.
    pub body: &'a [u8],
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// How prices are written; `None` when not known, the feed then tells from the prices.
    pub price_format: Option<PriceFormat>,
    /// The request's query where there was one: what was asked for tells what absence means.
    pub query: &'a [(String, String)],
}

/// Why something cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PlanError(pub String);

/// What an answer that is not a success means, and so what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The key is missing, wrong or switched off: stop the feed and tell the user.
    BadKey,
    /// No credits are left: sleep until they reset; what is free goes on.
    OutOfCredits,
    /// The plan does not include this: switch off that use alone.
    NotInPlan,
    /// A setting is wrong: show it, never retry.
    BadSetting,
    /// There is no such thing now (off-season, finished): never retry.
    NotFound,
    /// Too many requests: back off.
    TooFast,
    /// A web page that keeps programs out: open the breaker, say "blocked".
    Blocked,
    /// The vendor's fault, or nothing known: retry within bounds.
    Unavailable,
}

impl Refusal {
    /// True when asking again soon may help.
    pub const fn is_retryable(self) -> bool {
        matches!(self, Self::TooFast | Self::Unavailable)
    }
}

/// What the vendor says of credits. Absent is unknown, never 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Credits {
    /// What this answer cost.
    pub last: Option<u32>,
    /// Used in this period.
    pub used: Option<u32>,
    /// Left in this period.
    pub remaining: Option<u32>,
}

/// The world a self-answering feed lives in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Simulation {
    /// The same seed makes the same world.
    pub seed: u64,
    /// The moment of asking.
    pub now: DateTime<Utc>,
    /// The moment the world began: its past reaches two weeks before.
    pub began_at: DateTime<Utc>,
}
