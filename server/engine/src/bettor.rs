//! A made-up bettor, for the demo: bets on the price that is furthest above the fair one, as anybody could have told at that moment.

use crate::BooksById;
use crate::close::millionths;
use crate::fair::{FairRules, MarketFair};
use chrono::{DateTime, Utc};
use domain::close::edge;
use domain::kelly::{Prospect, single};
use domain::probability::Probability;
use domain::{Board, BookKind, MarketKey, Period, Quote, Side};

/// The part of a Kelly stake that is bet.
const FRACTION: f64 = 0.25;
/// What the stakes are shares of, and their bounds and steps, in minor units.
const BANKROLL: f64 = 100_000.0;
const LEAST: i64 = 200;
const MOST: i64 = 2_000;
const STEP: i64 = 100;
/// From this edge on a bet is one for its price.
pub const VALUE: i64 = 10_000;

/// What the bettor takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Pick<'b> {
    /// In which market.
    pub market: &'b MarketKey,
    /// The price.
    pub quote: &'b Quote,
    /// What is expected of each unit, in millionths, by the fair price of others.
    pub edge_ppm: i64,
    /// The stake, in minor units.
    pub stake: i64,
}

/// The best price at a bookmaker that is neither sharp nor an exchange, by the fair price of the others; none where nobody can tell one.
/// Lines that can be hit exactly are left alone, because a fair price does not say how often; and so are parts of a game, because nobody
/// tells their scores.
pub fn pick<'b>(board: &'b Board, books: &'b BooksById, at: DateTime<Utc>) -> Option<Pick<'b>> {
    let rules = FairRules::default();
    let mut best: Option<Pick<'b>> = None;
    for market in &board.markets {
        let can_be_hit = market
            .key
            .line
            .is_some_and(|line| line.hundredths().rem_euclid(100) != 50);
        if can_be_hit || market.key.period != Period::FullTime {
            continue;
        }
        let Some(fair) = MarketFair::new(market, books, &rules, at) else {
            continue;
        };
        let is_soft = |quote: &&Quote| {
            let kind = books.get(&quote.bookmaker_id).map(|book| book.kind);
            quote.side == Side::Back && kind == Some(BookKind::Retail)
        };
        for quote in market.quotes.iter().filter(is_soft) {
            let place = fair.outcomes().iter().position(|outcome| *outcome == quote.outcome);
            let line = place.zip(fair.line_for(quote.bookmaker_id));
            let Some(win) = line.and_then(|(place, (_, line))| line.get(place).copied()) else {
                continue;
            };
            let edge_ppm = millionths(edge(Side::Back, quote.price, win));
            if best.as_ref().is_none_or(|best| edge_ppm > best.edge_ppm) {
                best = Some(Pick {
                    market: &market.key,
                    quote,
                    edge_ppm,
                    stake: stake(win, quote),
                });
            }
        }
    }
    best
}

/// A quarter of the Kelly stake in whole steps, within bounds.
#[expect(clippy::cast_possible_truncation, reason = "a share of the bankroll is bounded")]
fn stake(win: f64, quote: &Quote) -> i64 {
    let share = Probability::new(win).map_or(0.0, |win| single(&Prospect::new(win, quote.price)));
    let stake = (share * FRACTION * BANKROLL) as i64 / STEP * STEP;
    stake.clamp(LEAST, MOST)
}
