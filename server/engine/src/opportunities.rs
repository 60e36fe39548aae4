//! What is worth betting on: arbitrage on a board, the trace that explains it, and what opened, stayed and went.

use crate::BooksById;
use domain::arbitrage::{NetPrice, arbitrage_of};
use domain::board::QuoteFlags;
use domain::opportunity::{Constant, Found, Leg, OpportunityKind, Trace, TraceLeg, Verdict};
use domain::span;
use domain::{Board, BoardMarket, BookKind, BookmakerId, EventStatus, MarketKey, OpportunityId, Outcome, Quote, Side};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

/// At most this many opportunities are kept of one board, the most profitable ones.
pub const MAX_PER_BOARD: usize = 200;
/// A book's own implied sum on two outcomes under this is an error of that book, or of the feed.
const PALPABLE_TWO_WAY: f64 = 0.02;
/// The same for three outcomes and more.
const PALPABLE_MANY: f64 = 0.0;

/// Which commission prices are reckoned with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Commission {
    /// None: prices as quoted.
    None,
    /// Each bookmaker's own.
    #[default]
    Profile,
}

/// What to do with events that have started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InPlay {
    /// Look at them; what is found is on paper only.
    Include,
    /// Leave them out.
    #[default]
    Exclude,
}

/// What to look for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ArbitrageParams {
    /// The least return on the total stake: 0.01 is 1 %.
    pub min_profit: f64,
    /// Which commission to reckon with.
    pub commission: Commission,
    /// Prices older than this many seconds make an opportunity stale; no limit without it.
    pub max_age_s: Option<u32>,
    /// What to do with events that have started.
    pub in_play: InPlay,
}

impl Default for ArbitrageParams {
    fn default() -> Self {
        Self {
            min_profit: 0.0,
            commission: Commission::default(),
            max_age_s: Some(300),
            in_play: InPlay::default(),
        }
    }
}

/// Finds the arbitrage of a board: at most one per market, with the best back price of each outcome.
///
/// Prices of different markets, periods or lines are never combined, and lay prices are never back prices. When prices that are
/// fresh enough make an arbitrage it is found with these, even if older ones promise more. The order is that of the markets.
pub fn find_arbitrage(board: &Board, books: &BooksById, params: &ArbitrageParams) -> Vec<Found> {
    let is_in_play = board.event.is_in_play(board.as_of);
    if board.event.status.is_over() || (is_in_play && params.in_play == InPlay::Exclude) {
        return Vec::new();
    }
    let search = Search {
        board,
        books,
        params,
        is_in_play,
    };
    let mut found: Vec<Found> = board
        .markets
        .iter()
        .filter_map(|market| search.market(market))
        .collect();
    if found.len() > MAX_PER_BOARD {
        found.sort_by(|one, other| {
            other
                .profit
                .total_cmp(&one.profit)
                .then_with(|| one.market.cmp(&other.market))
        });
        found.truncate(MAX_PER_BOARD);
    }
    found.sort_by(|one, other| one.market.cmp(&other.market));
    found
}

struct Search<'b> {
    board: &'b Board,
    books: &'b BooksById,
    params: &'b ArbitrageParams,
    is_in_play: bool,
}

impl<'b> Search<'b> {
    fn market(&self, market: &'b BoardMarket) -> Option<Found> {
        let outcomes = market.covering_outcomes()?;
        let fresh = self
            .params
            .max_age_s
            .and_then(|_| self.cover(market, &outcomes, |quote| self.is_fresh(quote)));
        let (quotes, profit, shares) = fresh.or_else(|| self.cover(market, &outcomes, |_| true))?;
        let (verdict, reasons) = self.judge(market, &quotes);
        let legs = quotes
            .into_iter()
            .zip(shares)
            .map(|(quote, stake)| self.leg(quote, stake))
            .collect();
        Some(Found {
            kind: OpportunityKind::Arbitrage,
            market: market.key.clone(),
            profit,
            legs,
            verdict,
            reasons,
            is_in_play: self.is_in_play,
        })
    }

    /// The best usable back price of every outcome, if they cover the market with enough profit.
    fn cover(
        &self,
        market: &'b BoardMarket,
        outcomes: &[Outcome],
        usable: impl Fn(&Quote) -> bool,
    ) -> Option<(Vec<&'b Quote>, f64, Vec<f64>)> {
        let best = |outcome: &Outcome| {
            let offered = market
                .quotes
                .iter()
                .filter(|quote| quote.side == Side::Back && quote.outcome == *outcome && usable(quote));
            offered.max_by_key(|quote| (self.net(quote), quote.last_seen_at, Reverse(quote.bookmaker_id)))
        };
        let quotes: Vec<&Quote> = outcomes.iter().map(best).collect::<Option<_>>()?;
        let decimals: Vec<f64> = quotes.iter().map(|quote| self.net(quote).as_f64()).collect();
        let arbitrage = arbitrage_of(&decimals).filter(|arbitrage| arbitrage.profit >= self.params.min_profit)?;
        Some((quotes, arbitrage.profit, arbitrage.shares))
    }

    fn commission_bp(&self, quote: &Quote) -> u16 {
        self.books.get(&quote.bookmaker_id).map_or(0, |book| book.commission_bp)
    }

    fn reckoned_bp(&self, quote: &Quote) -> u16 {
        if self.params.commission == Commission::Profile {
            self.commission_bp(quote)
        } else {
            0
        }
    }

    fn net(&self, quote: &Quote) -> NetPrice {
        NetPrice::new(quote.price, self.reckoned_bp(quote))
    }

    fn bookmaker(&self, id: BookmakerId) -> String {
        self.books
            .get(&id)
            .map_or_else(|| id.to_string(), |book| book.name.clone())
    }

    /// How long ago a price was certainly offered: when it was last seen, or the book's own time where that is older.
    fn age_s(&self, quote: &Quote) -> i64 {
        let at = quote
            .source_at
            .map_or(quote.last_seen_at, |source_at| source_at.min(quote.last_seen_at));
        (self.board.as_of - at).num_seconds().max(0)
    }

    fn is_fresh(&self, quote: &Quote) -> bool {
        self.params
            .max_age_s
            .is_none_or(|max| self.age_s(quote) <= i64::from(max))
    }

    fn judge(&self, market: &BoardMarket, quotes: &[&Quote]) -> (Verdict, Vec<String>) {
        let mut doubts = Vec::new();
        if self.is_in_play {
            doubts.push("the event has started: prices move faster than they are read".to_owned());
        }
        if self.board.event.status == EventStatus::Postponed {
            doubts.push("the event is postponed".to_owned());
        }
        for quote in quotes {
            let book = self.bookmaker(quote.bookmaker_id);
            let palpable = self.palpable(market, quote.bookmaker_id);
            if let Some(margin) = palpable {
                doubts.push(format!(
                    "{book} alone has an overround of {:.2} % on this market: a palpable error",
                    margin * 100.0
                ));
            }
            for (flag, meaning) in FLAGS {
                // The board's own prices say it better than the flag of some earlier moment.
                if quote.flags.contains(*flag) && !(*flag == QuoteFlags::OVERROUND_LOW && palpable.is_some()) {
                    doubts.push(format!("{book} on {}: {meaning}", quote.outcome.code()));
                }
            }
        }
        if self.params.commission == Commission::None {
            let after: Vec<f64> = quotes
                .iter()
                .map(|quote| NetPrice::new(quote.price, self.commission_bp(quote)).as_f64())
                .collect();
            if arbitrage_of(&after).is_none() {
                doubts.push("nothing is left after commission".to_owned());
            }
        }
        let stale: Vec<String> = quotes
            .iter()
            .filter(|quote| !self.is_fresh(quote))
            .map(|quote| {
                let (book, outcome) = (self.bookmaker(quote.bookmaker_id), quote.outcome.code());
                let limit = self.params.max_age_s.unwrap_or_default();
                format!(
                    "{book} on {outcome}: not seen for {}, and {} is the limit",
                    span(self.age_s(quote)),
                    span(i64::from(limit))
                )
            })
            .collect();
        let verdict = match (stale.is_empty(), doubts.is_empty()) {
            (false, _) => Verdict::Stale,
            (true, false) => Verdict::Paper,
            (true, true) => {
                let oldest = quotes.iter().map(|quote| self.age_s(quote)).max().unwrap_or_default();
                doubts.push(format!(
                    "no finding on any leg; the oldest price is {} old",
                    span(oldest)
                ));
                Verdict::Executable
            }
        };
        let mut reasons = stale;
        let mut told = HashSet::new();
        reasons.extend(doubts.into_iter().filter(|doubt| told.insert(doubt.clone())));
        (verdict, reasons)
    }

    /// A book's own overround on a market when it is so low that its prices must be wrong. Exchanges may be that low.
    fn palpable(&self, market: &BoardMarket, bookmaker_id: BookmakerId) -> Option<f64> {
        if self
            .books
            .get(&bookmaker_id)
            .is_some_and(|book| book.kind == BookKind::Exchange)
        {
            return None;
        }
        let least = if market.covering_outcomes()?.len() == 2 {
            PALPABLE_TWO_WAY
        } else {
            PALPABLE_MANY
        };
        market.book_overround(bookmaker_id).filter(|margin| *margin < least)
    }

    fn leg(&self, quote: &Quote, stake: f64) -> Leg {
        Leg {
            bookmaker_id: quote.bookmaker_id,
            bookmaker: self.bookmaker(quote.bookmaker_id),
            outcome: quote.outcome.clone(),
            side: quote.side,
            price: quote.price,
            price_text: quote.price_text.clone(),
            commission_bp: self.reckoned_bp(quote),
            stake,
            quoted_at: quote.source_at.unwrap_or(quote.last_seen_at),
            received_at: quote.received_at,
            last_seen_at: quote.last_seen_at,
            change_id: quote.change_id,
            snapshot_id: quote.snapshot_id,
        }
    }
}

/// Findings that make an opportunity one on paper, in words.
const FLAGS: &[(QuoteFlags, &str)] = &[
    (QuoteFlags::OVERROUND_LOW, "the book's margin was suspiciously low"),
    (QuoteFlags::OVERROUND_HIGH, "the book's margin was suspiciously high"),
    (
        QuoteFlags::PRICE_OUT_OF_RANGE,
        "the price is outside the accepted range",
    ),
    (
        QuoteFlags::INCOMPLETE_MARKET,
        "the book lacked an outcome of the market",
    ),
    (QuoteFlags::LINE_JUMP, "the book's line jumped"),
    (QuoteFlags::TIME_IN_FUTURE, "the book's time lay in the future"),
];

/// Everything that an opportunity was reckoned from, so that anybody can reckon it again ([`Trace::recompute`]).
pub fn trace(found: &Found, board: &Board, params: &ArbitrageParams) -> Trace {
    let constant = |name: &str, value: String| Constant {
        name: name.to_owned(),
        value,
    };
    let legs: Vec<TraceLeg> = found
        .legs
        .iter()
        .map(|leg| {
            let net_price = NetPrice::new(leg.price, leg.commission_bp).as_f64();
            TraceLeg {
                leg: leg.clone(),
                net_price,
                implied: 1.0 / net_price,
            }
        })
        .collect();
    Trace {
        method: "best back price of every outcome; profit = 1 / sum(1 / price net of commission) - 1".to_owned(),
        code_version: env!("CARGO_PKG_VERSION").to_owned(),
        event_id: board.event.id,
        event: board.event.name(),
        starts_at: board.event.starts_at,
        market: found.market.clone(),
        as_of: board.as_of,
        constants: vec![
            constant("min_profit", params.min_profit.to_string()),
            constant(
                "commission",
                if params.commission == Commission::None {
                    "none"
                } else {
                    "profile"
                }
                .to_owned(),
            ),
            constant(
                "max_age_s",
                params
                    .max_age_s
                    .map_or_else(|| "none".to_owned(), |max| max.to_string()),
            ),
            constant(
                "in_play",
                if params.in_play == InPlay::Include {
                    "include"
                } else {
                    "exclude"
                }
                .to_owned(),
            ),
        ],
        implied_sum: legs.iter().map(|leg| leg.implied).sum(),
        legs,
        profit: found.profit,
        verdict: found.verdict,
        reasons: found.reasons.clone(),
    }
}

/// An opportunity that is open, of the event under evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenOpportunity {
    /// Its number.
    pub id: OpportunityId,
    /// What sort.
    pub kind: OpportunityKind,
    /// In which market.
    pub market: MarketKey,
}

/// What to write after an evaluation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reconciliation<'f> {
    /// Found, and not open yet.
    pub opened: Vec<&'f Found>,
    /// Open, and found again.
    pub refreshed: Vec<(OpportunityId, &'f Found)>,
    /// Open, and not found any more.
    pub gone: Vec<OpportunityId>,
}

/// Compares what is open for one event with what was found on its board, by kind and market. Running it again after its outcome
/// was written opens and closes nothing.
pub fn reconcile<'f>(open: &[OpenOpportunity], found: &'f [Found]) -> Reconciliation<'f> {
    let mut unmatched: HashMap<(OpportunityKind, &MarketKey), &'f Found> = HashMap::new();
    for found in found {
        unmatched.entry((found.kind, &found.market)).or_insert(found);
    }
    let mut reconciliation = Reconciliation::default();
    for open in open {
        match unmatched.remove(&(open.kind, &open.market)) {
            Some(found) => reconciliation.refreshed.push((open.id, found)),
            None => reconciliation.gone.push(open.id),
        }
    }
    let is_unmatched = |found: &&Found| {
        unmatched
            .get(&(found.kind, &found.market))
            .is_some_and(|one| std::ptr::eq(*one, *found))
    };
    reconciliation.opened = found.iter().filter(is_unmatched).collect();
    reconciliation
}

#[cfg(test)]
mod tests;
