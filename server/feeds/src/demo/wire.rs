//! The demo feed's own format: one shape for every answer, prices as text.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// An answer. `E` is [`Event`] when writing and raw text when reading, so that one bad event costs that event alone.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Answer<'a, E> {
    /// When it was true.
    #[serde(borrow)]
    pub(super) at: Cow<'a, str>,
    #[serde(default = "Vec::new")]
    pub(super) competitions: Vec<Competition<'a>>,
    #[serde(default = "Vec::new")]
    pub(super) events: Vec<E>,
    /// What it says everything about, of the events it holds; absent when it holds no odds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) complete_for: Option<CompleteFor>,
}

/// What an answer says everything about.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct CompleteFor {
    /// Pairs of market kind and period.
    pub(super) markets: Vec<(String, String)>,
    /// Bookmaker keys; absent for every bookmaker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) bookmakers: Option<Vec<String>>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Competition<'a> {
    #[serde(borrow)]
    pub(super) key: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) sport: Cow<'a, str>,
}

/// An event. `B` is [`Book`] when writing and raw text when reading.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Event<'a, B> {
    #[serde(borrow)]
    pub(super) id: Cow<'a, str>,
    pub(super) competition: Competition<'a>,
    #[serde(borrow)]
    pub(super) starts_at: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) home: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) away: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) status: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) score: Option<Score<'a>>,
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub(super) books: Vec<B>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Score<'a> {
    pub(super) home: i32,
    pub(super) away: i32,
    #[serde(borrow)]
    pub(super) updated_at: Cow<'a, str>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Book<'a> {
    #[serde(borrow)]
    pub(super) key: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    /// How its prices are written: `decimal` or `american`.
    #[serde(borrow)]
    pub(super) format: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) updated_at: Cow<'a, str>,
    pub(super) markets: Vec<Market<'a>>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Market<'a> {
    #[serde(borrow)]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) period: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) line: Option<Cow<'a, str>>,
    pub(super) offers: Vec<Offer<'a>>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Offer<'a> {
    #[serde(borrow)]
    pub(super) outcome: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) side: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) price: Cow<'a, str>,
}

/// Writes seconds since 1970 as RFC 3339.
pub(super) fn write_time(seconds: i64) -> Cow<'static, str> {
    let time = DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::UNIX_EPOCH);
    Cow::Owned(time.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// Reads RFC 3339.
pub(super) fn read_time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|time| time.with_timezone(&Utc))
}
