//! Closing prices and what a price taken was worth against them.
//!
//! The close of a selection is the last usable price received before the actual start: of the sharp bookmakers, the exchanges or the
//! consensus, never of the bookmaker bet at unless nobody else had one. Two questions are asked of it, on the same line only: how much
//! better the price taken was ([`price_clv`]), and what it was worth by the fair probability ([`edge`]). Where the line moved, the
//! points of line that were gained answer instead ([`points_gained`]).

use crate::fair::FairLink;
use crate::market::codes;
use crate::{Line, MarketKey, MarketKind, Outcome, Price, QuoteChangeId, Side, SnapshotId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

codes! {
    /// How far a close can be trusted.
    CloseGrade {
        /// Seen within minutes of the start.
        Verified = "verified", "Verified";
        /// Last seen longer before the start, or by the bookmaker bet at alone.
        Provisional = "provisional", "Provisional";
        /// There is none.
        Missing = "missing", "Missing";
    }
}

/// The close of one leg.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Close {
    /// How far it can be trusted.
    pub grade: CloseGrade,
    /// Why it is no better, or why there is none; empty for a verified one.
    pub reason: String,
    /// The start that it was taken before.
    pub start_at: DateTime<Utc>,
    /// The price of the outcome at the close; none when missing or when the line moved away.
    pub price: Option<Price>,
    /// The fair probability of the outcome at the close, in billionths of one.
    pub fair_ppb: Option<u32>,
    /// Who says so.
    pub link: Option<FairLink>,
    /// On which line the market closed, where the bet's own line was gone, from the home or over side.
    pub closing_line: Option<Line>,
    /// Bookmakers behind it.
    pub books: u32,
    /// When the oldest price behind it was last seen.
    pub seen_at: Option<DateTime<Utc>>,
    /// The recorded quotes behind it.
    pub quotes: Vec<CloseQuote>,
}

/// A recorded quote behind a close.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseQuote {
    /// Whose, by key.
    pub bookmaker: String,
    /// For which outcome.
    pub outcome: Outcome,
    /// Back or lay.
    pub side: Side,
    /// The price.
    pub price: Price,
    /// When it was last seen.
    pub last_seen_at: DateTime<Utc>,
    /// The history row.
    pub change_id: QuoteChangeId,
    /// The answer it came in.
    pub snapshot_id: SnapshotId,
}

impl Close {
    /// No close, and why.
    pub fn missing(start_at: DateTime<Utc>, reason: impl Into<String>) -> Self {
        Self {
            grade: CloseGrade::Missing,
            reason: reason.into(),
            start_at,
            price: None,
            fair_ppb: None,
            link: None,
            closing_line: None,
            books: 0,
            seen_at: None,
            quotes: Vec::new(),
        }
    }
}

/// How much better a price was than the close: price / close - 1, of a lay close / price - 1.
///
/// ```
/// use domain::Side;
/// use domain::close::price_clv;
/// let clv = price_clv(Side::Back, "1.95".parse().unwrap(), "1.80".parse().unwrap());
/// assert!((clv - 0.083_333).abs() < 1e-6);
/// ```
pub fn price_clv(side: Side, taken: Price, close: Price) -> f64 {
    match side {
        Side::Back => taken.as_f64() / close.as_f64() - 1.0,
        Side::Lay => close.as_f64() / taken.as_f64() - 1.0,
    }
}

/// What a price was worth for each unit staked by a fair probability: probability x price - 1; of a lay, for each unit at risk.
///
/// ```
/// use domain::Side;
/// use domain::close::edge;
/// // Close 1.80 / 2.10: the multiplicative fair probability of the first is (1 / 1.80) / (1 / 1.80 + 1 / 2.10).
/// let fair = (1.0 / 1.80) / (1.0 / 1.80 + 1.0 / 2.10);
/// assert!((edge(Side::Back, "1.95".parse().unwrap(), fair) - 0.05).abs() < 1e-9);
/// ```
pub fn edge(side: Side, taken: Price, fair: f64) -> f64 {
    let price = taken.as_f64();
    match side {
        Side::Back => fair * price - 1.0,
        // At risk is price - 1: it wins one with 1 - fair and loses price - 1 with fair.
        Side::Lay => (1.0 - fair * price) / (price - 1.0),
    }
}

/// Points of line that a bet has over the close, in hundredths: above zero when it got the better number.
///
/// ```
/// use domain::close::points_gained;
/// use domain::{Line, MarketKey, MarketKind, Outcome, Side};
/// let market = MarketKey { line: Some("-5.5".parse().unwrap()), ..MarketKey::plain(MarketKind::Spread) };
/// let gained = points_gained(&market, &Outcome::Home, Side::Back, "-7.5".parse().unwrap());
/// assert_eq!(gained, Some(Line::from_hundredths(200)));
/// ```
pub fn points_gained(market: &MarketKey, outcome: &Outcome, side: Side, closing: Line) -> Option<Line> {
    let moved = market.line?.hundredths().checked_sub(closing.hundredths())?;
    // Lines are the home or over side's: more of a handicap helps home, more of a total helps under.
    let is_helped = match (&market.kind, outcome) {
        (MarketKind::Spread, Outcome::Home) | (MarketKind::Total | MarketKind::TeamTotal, Outcome::Under) => true,
        (MarketKind::Spread, Outcome::Away) | (MarketKind::Total | MarketKind::TeamTotal, Outcome::Over) => false,
        _ => return None,
    };
    let gained = if is_helped == (side == Side::Back) {
        moved
    } else {
        -moved
    };
    Some(Line::from_hundredths(gained))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lay_is_better_below_the_close_and_risks_its_liability() {
        let price = |text: &str| text.parse::<Price>().unwrap();
        assert!((price_clv(Side::Lay, price("2.0"), price("2.2")) - 0.1).abs() < 1e-12);
        // Laid at 5.0 what is worth 16 %: 0.84 x 1 - 0.16 x 4 = 0.20 on 4 at risk.
        assert!((edge(Side::Lay, price("5.0"), 0.16) - 0.05).abs() < 1e-12);
    }

    #[test]
    fn points_are_counted_from_the_bettors_side() {
        let gained = |kind, line: &str, outcome, closing: &str| {
            let market = MarketKey {
                line: Some(line.parse().unwrap()),
                ..MarketKey::plain(kind)
            };
            points_gained(&market, &outcome, Side::Back, closing.parse().unwrap()).map(Line::signed)
        };
        assert_eq!(gained(MarketKind::Spread, "-5.5", Outcome::Away, "-7.5").unwrap(), "-2");
        assert_eq!(
            gained(MarketKind::Total, "221.5", Outcome::Over, "224").unwrap(),
            "+2.5"
        );
        assert_eq!(
            gained(MarketKind::Total, "221.5", Outcome::Under, "224").unwrap(),
            "-2.5"
        );
        assert_eq!(
            gained(MarketKind::Spread, "0", Outcome::Home, "-0.25").unwrap(),
            "+0.25"
        );
        assert_eq!(gained(MarketKind::Moneyline, "0", Outcome::Home, "1"), None);
    }
}
