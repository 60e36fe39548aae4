//! Single values: prices, lines, times, outcome words.

use crate::PriceFormat;
use crate::json::{Cursor, Value};
use chrono::{DateTime, SubsecRound, Utc};
use domain::{Line, Outcome, Price};
use std::borrow::Cow;

/// A number longer than this is no price and no line.
const MAX_NUMBER_LEN: usize = 32;

/// The outcome of a total's name.
pub(super) fn over_under(name: &str) -> Option<Outcome> {
    match name {
        "Over" => Some(Outcome::Over),
        "Under" => Some(Outcome::Under),
        _ => None,
    }
}

/// The outcome of a yes-or-no name.
pub(super) fn yes_no(name: &str) -> Option<Outcome> {
    match name {
        "Yes" => Some(Outcome::Yes),
        "No" => Some(Outcome::No),
        _ => None,
    }
}

/// True for a plain number that is short enough to mean anything; exponents are nothing a bookmaker writes.
fn is_plain_number(text: &str) -> bool {
    text.len() <= MAX_NUMBER_LEN
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+'))
}

/// The line of a `point`.
pub(super) fn line_of(point: Value<'_>) -> Option<Line> {
    match point {
        Value::Bare(text) if is_plain_number(text) => text.parse().ok(),
        _ => None,
    }
}

/// The exact price of a number as it was written.
pub(super) fn price_of(text: &str, format: PriceFormat) -> Option<Price> {
    match format {
        PriceFormat::Decimal if is_plain_number(text) => text.parse().ok(),
        PriceFormat::Decimal => None,
        PriceFormat::American => Price::from_american(text.parse().ok().or_else(|| whole_number(text))?).ok(),
    }
}

/// A whole number with a point, as some versions write them: `-110.0`.
#[cold]
fn whole_number(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.')?;
    let is_whole = fraction.len() <= MAX_NUMBER_LEN && fraction.bytes().all(|byte| byte == b'0');
    if is_whole { whole.parse().ok() } else { None }
}

/// Tells decimal from American prices: American ones have minus signs and are whole, decimal ones have a point. The
/// majority of the first prices that tell decides, so that one bad price does not change the meaning of the others.
pub(super) fn detect_format(cursor: &Cursor<'_>, body: &[u8]) -> PriceFormat {
    const ENOUGH: usize = 32;
    let text = cursor
        .text()
        .map_or_else(|| String::from_utf8_lossy(body), Cow::Borrowed);
    let (mut american, mut decimal) = (0, 0);
    let mut could_be_american = true;
    for (at, key) in text.match_indices("\"price\"") {
        let rest = text[at + key.len()..].trim_start().trim_start_matches(':').trim_start();
        let end = rest.find([',', '}', ']', ' ', '\n', '\r', '\t']).unwrap_or(rest.len());
        let price = &rest[..end];
        if price.starts_with('-') {
            american += 1;
        } else if price.contains('.') {
            decimal += 1;
        } else if price.starts_with(|first: char| first.is_ascii_digit()) {
            could_be_american &= price.len() >= 3;
        }
        if american + decimal >= ENOUGH {
            break;
        }
    }
    if american > decimal || (american == decimal && could_be_american) {
        PriceFormat::American
    } else {
        PriceFormat::Decimal
    }
}

/// A time as RFC 3339 writes it, cut to milliseconds.
pub(super) fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    plausible(DateTime::parse_from_rfc3339(text).ok()?.to_utc().trunc_subsecs(3))
}

/// Times that no odds can have are misread, such as milliseconds taken for seconds.
pub(super) fn plausible(at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    (631_152_000..7_258_118_400).contains(&at.timestamp()).then_some(at)
}

/// A feed's text, quoted and cut to a readable length.
pub(super) fn clip(text: &str) -> String {
    format!("{:?}", text.chars().take(60).collect::<String>())
}
