//! Between columns and the domain's types. What the database holds is checked like any other input.

use chrono::{DateTime, Utc};
use domain::{
    BookKind, EventStatus, IssueKind, Line, MarketKey, MarketKind, Outcome, Period, Price, Role, Severity, Side, Stage,
    bet::{BetMode, BetStatus, SettledAs},
    event::Score,
    ledger::{EntryKind, Part},
    opportunity::OpportunityKind,
    reading::Lines,
};

use crate::{Result, StoreError};

pub(crate) fn millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

pub(crate) fn millis_or_null(at: Option<DateTime<Utc>>) -> Option<i64> {
    at.map(millis)
}

/// The latest moment a read may see; no `as_of` sees everything.
pub(crate) fn bound(as_of: Option<DateTime<Utc>>) -> i64 {
    as_of.map_or(i64::MAX, millis)
}

pub(crate) fn instant(millis: i64) -> Result<DateTime<Utc>> {
    DateTime::from_timestamp_millis(millis).ok_or_else(|| StoreError::corrupt("a time", millis))
}

pub(crate) fn instant_or_null(millis: Option<i64>) -> Result<Option<DateTime<Utc>>> {
    millis.map(instant).transpose()
}

pub(crate) fn price(micros: Option<i64>) -> Result<Option<Price>> {
    micros
        .map(|micros| Price::from_micros(micros).map_err(|_| StoreError::corrupt("price", micros)))
        .transpose()
}

pub(crate) fn line(hundredths: Option<i64>) -> Result<Option<Line>> {
    hundredths
        .map(|value| {
            i32::try_from(value)
                .map(Line::from_hundredths)
                .map_err(|_| StoreError::corrupt("line", value))
        })
        .transpose()
}

pub(crate) fn score(home: Option<i64>, away: Option<i64>) -> Result<Option<Score>> {
    let points = |value: i64| i32::try_from(value).map_err(|_| StoreError::corrupt("score", value));
    match (home, away) {
        (Some(home), Some(away)) => Ok(Some(Score {
            home: points(home)?,
            away: points(away)?,
        })),
        _ => Ok(None),
    }
}

pub(crate) fn int32(column: &str, value: i64) -> Result<i32> {
    i32::try_from(value).map_err(|_| StoreError::corrupt(column, value))
}

pub(crate) fn version(value: i64) -> Result<u32> {
    u32::try_from(value).map_err(|_| StoreError::corrupt("a version", value))
}

macro_rules! codes {
    ($($name:ident -> $type:ty;)+) => {$(
        pub(crate) fn $name(code: &str) -> Result<$type> {
            <$type>::from_code(code).ok_or_else(|| StoreError::corrupt(stringify!($name), code))
        }
    )+};
}

codes! {
    status -> EventStatus;
    role -> Role;
    side -> Side;
    period -> Period;
    market_kind -> MarketKind;
    book_kind -> BookKind;
    issue_kind -> IssueKind;
    severity -> Severity;
    stage -> Stage;
    opportunity_kind -> OpportunityKind;
    lines -> Lines;
    bet_mode -> BetMode;
    bet_status -> BetStatus;
    settled_as -> SettledAs;
    entry_kind -> EntryKind;
    ledger_part -> Part;
}

/// A market from the columns of `selections`: kind, period, line, participant.
pub(crate) fn market(kind: &str, period_code: &str, hundredths: Option<i64>, participant: String) -> Result<MarketKey> {
    Ok(MarketKey {
        kind: market_kind(kind)?,
        period: period(period_code)?,
        line: line(hundredths)?,
        participant: (!participant.is_empty()).then_some(participant),
    })
}

pub(crate) fn outcome(code: &str) -> Outcome {
    Outcome::from_code(code)
}

pub(crate) fn json(text: &str) -> Result<serde_json::Value> {
    serde_json::from_str(text).map_err(|error| StoreError::corrupt("JSON", error))
}
