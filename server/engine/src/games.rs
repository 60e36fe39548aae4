//! What a list of games shows of each: its main markets, the best prices, and the last move that mattered.

use crate::BooksById;
use chrono::TimeDelta;
use domain::summary::{BestPrice, GameSummary, LastMove, MarketSummary};
use domain::{Board, BoardMarket, BookmakerId, MarketKind, Period, Price, Quote, Side, overround::hold};
use std::cmp::Reverse;
use std::collections::HashSet;

/// A move older than this is no news.
pub const RECENT: TimeDelta = TimeDelta::hours(1);

/// Summarises a board: who wins (three-way where draws are bet on, else two-way), and the main spread and total.
pub fn summarise(board: &Board, books: &BooksById) -> GameSummary {
    let key_of = |id: BookmakerId| books.get(&id).map_or_else(|| id.to_string(), |book| book.key.clone());
    let all = || board.markets.iter().flat_map(|market| &market.quotes);
    let markets = main_markets(board)
        .into_iter()
        .map(|market| summarise_market(market, &key_of))
        .collect();
    GameSummary {
        event: board.event.clone(),
        as_of: board.as_of,
        is_in_play: board.event.is_in_play(board.as_of),
        markets,
        market_count: board.markets.len(),
        book_count: count_books(all()),
        last_move: last_move(board, &key_of),
        last_seen_at: all().map(|quote| quote.last_seen_at).max(),
    }
}

/// The winner market, the spread and the total that stand for the rest, as far as there are any.
fn main_markets(board: &Board) -> Vec<&BoardMarket> {
    let winner = if board.event.sport.is_drawn_often() {
        [MarketKind::ThreeWay, MarketKind::Moneyline]
    } else {
        [MarketKind::Moneyline, MarketKind::ThreeWay]
    };
    let winner = winner.iter().find_map(|kind| main_market(board, kind));
    let lines = [MarketKind::Spread, MarketKind::Total];
    winner
        .into_iter()
        .chain(lines.iter().filter_map(|kind| main_market(board, kind)))
        .collect()
}

/// The full-time market of a kind that most books offer; of equals the one whose best prices are closest to even, then the
/// first by key. Only back prices count.
fn main_market<'b>(board: &'b Board, kind: &MarketKind) -> Option<&'b BoardMarket> {
    let is_of_kind = |market: &&BoardMarket| market.key.kind == *kind && market.key.period == Period::FullTime;
    let offered = board
        .markets
        .iter()
        .filter(is_of_kind)
        .filter(|market| backs(market).next().is_some());
    offered.min_by(|one, other| {
        let books = |market: &BoardMarket| Reverse(count_books(backs(market)));
        books(one)
            .cmp(&books(other))
            .then_with(|| unevenness(one).total_cmp(&unevenness(other)))
            .then_with(|| one.key.cmp(&other.key))
    })
}

/// How far apart the likeliest and the least likely outcome are; infinite when an outcome has no price.
fn unevenness(market: &BoardMarket) -> f64 {
    let Some(best) = market.best_prices(|_| true) else {
        return f64::INFINITY;
    };
    let implied = || best.iter().map(|quote| quote.price.implied());
    implied().fold(0.0, f64::max) - implied().fold(1.0, f64::min)
}

fn backs(market: &BoardMarket) -> impl Iterator<Item = &Quote> {
    market.quotes.iter().filter(|quote| quote.side == Side::Back)
}

fn count_books<'q>(quotes: impl Iterator<Item = &'q Quote>) -> usize {
    quotes.map(|quote| quote.bookmaker_id).collect::<HashSet<_>>().len()
}

fn summarise_market(market: &BoardMarket, key_of: &impl Fn(BookmakerId) -> String) -> MarketSummary {
    let outcomes = market.key.kind.outcomes().unwrap_or_default();
    let best: Vec<&Quote> = outcomes
        .iter()
        .filter_map(|outcome| market.best_back(outcome, |_| true))
        .collect();
    let prices: Vec<Price> = best.iter().map(|quote| quote.price).collect();
    let is_complete = !best.is_empty() && best.len() == outcomes.len();
    MarketSummary {
        key: market.key.clone(),
        book_count: count_books(backs(market)),
        hold: is_complete.then(|| hold(&prices)),
        best: best
            .into_iter()
            .map(|quote| BestPrice {
                outcome: quote.outcome.clone(),
                bookmaker_id: quote.bookmaker_id,
                bookmaker: key_of(quote.bookmaker_id),
                price: quote.price,
                price_text: quote.price_text.clone(),
                last_seen_at: quote.last_seen_at,
                flags: quote.flags,
            })
            .collect(),
    }
}

/// The recent change of a back price that moved the implied probability most; of equals the later one, then the first on the
/// board.
fn last_move(board: &Board, key_of: &impl Fn(BookmakerId) -> String) -> Option<LastMove> {
    let is_recent = |quote: &Quote| board.as_of - quote.received_at <= RECENT;
    let moves = board.markets.iter().flat_map(|market| {
        backs(market).filter(|quote| is_recent(quote)).filter_map(move |quote| {
            let previous = quote.previous.filter(|previous| *previous != quote.price)?;
            Some((
                market,
                quote,
                previous,
                (quote.price.implied() - previous.implied()).abs(),
            ))
        })
    });
    let (market, quote, previous, _) = moves.reduce(|best, next| {
        let order = next
            .3
            .total_cmp(&best.3)
            .then(next.1.received_at.cmp(&best.1.received_at));
        if order.is_gt() { next } else { best }
    })?;
    Some(LastMove {
        market: market.key.clone(),
        outcome: quote.outcome.clone(),
        bookmaker_id: quote.bookmaker_id,
        bookmaker: key_of(quote.bookmaker_id),
        previous,
        price: quote.price,
        moved_at: quote.received_at,
    })
}

#[cfg(test)]
mod tests;
