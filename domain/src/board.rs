//! Boards: the latest usable quotes of one event as of a time.

use crate::event::Event;
use crate::overround;
use crate::{BookmakerId, MarketKey, Outcome, Price, QuoteChangeId, SelectionId, Side, SnapshotId};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// One bookmaker's price for one selection, as of the board's time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// The history row that set this price.
    pub change_id: QuoteChangeId,
    /// The snapshot that row came from.
    pub snapshot_id: SnapshotId,
    /// Which selection, as stored.
    pub selection_id: SelectionId,
    /// Which outcome of the market.
    pub outcome: Outcome,
    /// Who offers it.
    pub bookmaker_id: BookmakerId,
    /// The feed it came through.
    pub feed: String,
    /// Back or lay.
    pub side: Side,
    /// The price.
    pub price: Price,
    /// The price as it was received, e.g. `-110`.
    pub price_text: String,
    /// When the book says it last updated, where the feed tells.
    pub source_at: Option<DateTime<Utc>>,
    /// When this price was first received.
    pub received_at: DateTime<Utc>,
    /// When it was last seen unchanged.
    pub last_seen_at: DateTime<Utc>,
    /// The bookmaker's price for the same selection before this one, if any.
    pub previous: Option<Price>,
    /// Validation findings that did not keep it off the board.
    pub flags: QuoteFlags,
}

/// The moment after which a price must have been on offer to be at most so many whole seconds old.
pub fn oldest(at: DateTime<Utc>, max_age_s: u32) -> DateTime<Utc> {
    at - TimeDelta::seconds(i64::from(max_age_s) + 1)
}

impl Quote {
    /// When the price was certainly on offer, last: when it was last seen, or the book's own time where that is older.
    pub fn offered_at(&self) -> DateTime<Utc> {
        self.source_at
            .map_or(self.last_seen_at, |source_at| source_at.min(self.last_seen_at))
    }

    /// How many whole seconds ago that was.
    pub fn age_s(&self, at: DateTime<Utc>) -> i64 {
        (at - self.offered_at()).num_seconds().max(0)
    }

    /// True when it was at most so many whole seconds ago; as [`Quote::age_s`] says, but with the subtraction done once for all
    /// quotes by [`oldest`].
    pub fn is_offered_after(&self, oldest: DateTime<Utc>) -> bool {
        self.offered_at() > oldest
    }

    /// The book's own time for the price, or when it was last seen where the book gives none.
    pub fn quoted_at(&self) -> DateTime<Utc> {
        self.source_at.unwrap_or(self.last_seen_at)
    }
}

/// Validation findings on a quote that is used all the same, as a set of bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct QuoteFlags(pub i32);

impl QuoteFlags {
    /// The book's margin on this market was suspiciously low.
    pub const OVERROUND_LOW: Self = Self(1);
    /// The book's margin on this market was suspiciously high.
    pub const OVERROUND_HIGH: Self = Self(1 << 1);
    /// The price is outside the accepted range.
    pub const PRICE_OUT_OF_RANGE: Self = Self(1 << 2);
    /// An outcome of the market was missing.
    pub const INCOMPLETE_MARKET: Self = Self(1 << 3);
    /// The line jumped.
    pub const LINE_JUMP: Self = Self(1 << 4);
    /// The source's time lay in the future.
    pub const TIME_IN_FUTURE: Self = Self(1 << 5);

    /// True when all of `other` is set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// True when nothing was found.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// The quotes of one market.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoardMarket {
    /// Which market.
    pub key: MarketKey,
    /// Its quotes, ordered by outcome, side, bookmaker.
    pub quotes: Vec<Quote>,
}

/// The latest usable quotes of one event as of a time: nothing received later is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Board {
    /// The event as it was known at `as_of`.
    pub event: Event,
    /// The time of the board.
    pub as_of: DateTime<Utc>,
    /// The markets that have quotes, ordered by key.
    pub markets: Vec<BoardMarket>,
}

impl BoardMarket {
    /// The best back price of an outcome among the quotes that `usable` accepts: the highest; of equals the one seen last,
    /// then the lower bookmaker number, so that the answer never depends on order.
    pub fn best_back(&self, outcome: &Outcome, usable: impl Fn(&Quote) -> bool) -> Option<&Quote> {
        self.quotes
            .iter()
            .filter(|quote| quote.side == Side::Back && quote.outcome == *outcome && usable(quote))
            .max_by_key(|quote| (quote.price, quote.last_seen_at, std::cmp::Reverse(quote.bookmaker_id)))
    }

    /// The outcomes that must all be covered: those the kind fixes, or both sides of a prop that has both. `None` when the
    /// market can't be covered for certain: double chance (outcomes overlap), outrights (an entrant may have no quote), props
    /// with one side, unknown kinds.
    pub fn covering_outcomes(&self) -> Option<Vec<Outcome>> {
        if let Some(outcomes) = self.key.kind.outcomes() {
            return Some(outcomes.to_vec());
        }
        let has = |outcome: &Outcome| self.quotes.iter().any(|quote| quote.outcome == *outcome);
        [[Outcome::Over, Outcome::Under], [Outcome::Yes, Outcome::No]]
            .into_iter()
            .find(|pair| matches!(self.key.kind, crate::MarketKind::Prop(_)) && pair.iter().all(has))
            .map(Vec::from)
    }

    /// The best back price of every outcome, in the order of [`BoardMarket::covering_outcomes`], among the quotes that `usable`
    /// accepts. `None` when an outcome has none, or the market can't be covered.
    pub fn best_prices(&self, usable: impl Fn(&Quote) -> bool) -> Option<Vec<&Quote>> {
        self.covering_outcomes()?
            .iter()
            .map(|outcome| self.best_back(outcome, &usable))
            .collect()
    }

    /// The hold of the best prices together: what bettors who always take the best price pay. Zero or less when they pay
    /// nothing. `None` as for [`BoardMarket::best_prices`].
    pub fn best_hold(&self, usable: impl Fn(&Quote) -> bool) -> Option<f64> {
        Some(overround::hold(&prices_of(&self.best_prices(usable)?)))
    }

    /// The overround of one bookmaker's own prices. `None` when it lacks an outcome, or the market can't be covered.
    pub fn book_overround(&self, bookmaker_id: BookmakerId) -> Option<f64> {
        let own = self.best_prices(|quote| quote.bookmaker_id == bookmaker_id)?;
        Some(overround::overround(&prices_of(&own)))
    }
}

fn prices_of(quotes: &[&Quote]) -> Vec<Price> {
    quotes.iter().map(|quote| quote.price).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MarketKind;

    fn quote(outcome: Outcome, bookmaker: i64, side: Side, decimal: &str, seen_at: i64) -> Quote {
        let at = DateTime::from_timestamp(seen_at, 0).unwrap();
        Quote {
            change_id: QuoteChangeId(1),
            snapshot_id: SnapshotId(1),
            selection_id: SelectionId(1),
            outcome,
            bookmaker_id: BookmakerId(bookmaker),
            feed: "demo".into(),
            side,
            price: decimal.parse().unwrap(),
            price_text: decimal.into(),
            source_at: None,
            received_at: at,
            last_seen_at: at,
            previous: None,
            flags: QuoteFlags::default(),
        }
    }

    fn market(kind: MarketKind, quotes: Vec<Quote>) -> BoardMarket {
        BoardMarket {
            key: MarketKey::plain(kind),
            quotes,
        }
    }

    fn two_books() -> BoardMarket {
        use Outcome::{Away, Home};
        let quotes = vec![
            quote(Home, 1, Side::Back, "1.909091", 10),
            quote(Home, 2, Side::Back, "2.05", 10),
            quote(Home, 3, Side::Lay, "9", 10),
            quote(Away, 1, Side::Back, "1.909091", 10),
            quote(Away, 2, Side::Back, "1.8", 10),
        ];
        market(MarketKind::Moneyline, quotes)
    }

    #[test]
    fn best_prices_stand_in_the_order_of_the_outcomes_and_are_never_lay_prices() {
        let market = two_books();
        let best = market.best_prices(|_| true).unwrap();
        let best: Vec<_> = best
            .iter()
            .map(|quote| (quote.outcome.clone(), quote.bookmaker_id.0))
            .collect();
        assert_eq!(best, [(Outcome::Home, 2), (Outcome::Away, 1)]);
        let sum = 1.0 / 2.05 + 1.0 / 1.909_091;
        assert!((market.best_hold(|_| true).unwrap() - (1.0 - 1.0 / sum)).abs() < 1e-12);
    }

    #[test]
    fn a_books_overround_needs_all_of_its_own_prices() {
        let market = two_books();
        assert!((market.book_overround(BookmakerId(1)).unwrap() - 0.047_619).abs() < 1e-6);
        assert_eq!(market.book_overround(BookmakerId(3)), None);
        assert_eq!(market.best_hold(|quote| quote.outcome == Outcome::Home), None);
    }

    #[test]
    fn of_equal_prices_the_one_seen_last_is_best_and_then_the_lower_number() {
        let home = |bookmaker, seen_at| quote(Outcome::Home, bookmaker, Side::Back, "2", seen_at);
        let best = |quotes| {
            market(MarketKind::Moneyline, quotes)
                .best_back(&Outcome::Home, |_| true)
                .cloned()
                .unwrap()
        };
        assert_eq!(
            best(vec![home(1, 5), home(2, 9), home(3, 7)]).bookmaker_id,
            BookmakerId(2)
        );
        assert_eq!(
            best(vec![home(3, 9), home(2, 9), home(4, 9)]).bookmaker_id,
            BookmakerId(2)
        );
    }

    #[test]
    fn only_a_market_whose_outcomes_are_all_known_can_be_covered() {
        let prop = || MarketKind::Prop("player_points".into());
        let over = || quote(Outcome::Over, 1, Side::Back, "1.9", 1);
        let under = || quote(Outcome::Under, 1, Side::Back, "1.9", 1);
        assert_eq!(market(prop(), vec![over()]).covering_outcomes(), None);
        let both = market(prop(), vec![under(), over()]);
        assert_eq!(both.covering_outcomes(), Some(vec![Outcome::Over, Outcome::Under]));
        for kind in [
            MarketKind::Outright,
            MarketKind::DoubleChance,
            MarketKind::Other("x".into()),
        ] {
            assert_eq!(market(kind, vec![over(), under()]).covering_outcomes(), None);
        }
    }

    #[test]
    fn flags_are_a_set() {
        let both = QuoteFlags::LINE_JUMP.with(QuoteFlags::TIME_IN_FUTURE);
        assert!(both.contains(QuoteFlags::LINE_JUMP) && both.contains(both) && !both.is_empty());
        assert!(!QuoteFlags::LINE_JUMP.contains(both) && QuoteFlags::default().is_empty());
    }
}
