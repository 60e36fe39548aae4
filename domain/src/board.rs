//! Boards: the latest usable quotes of one event as of a time.

use crate::event::Event;
use crate::{BookmakerId, MarketKey, Outcome, Price, QuoteChangeId, SelectionId, Side, SnapshotId};
use chrono::{DateTime, Utc};
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

    /// The outcomes that must all be covered: those the kind fixes, or for an outright every outcome with a quote.
    /// `None` when the market can't be covered for certain (double chance, props with one side, unknown kinds).
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
}
