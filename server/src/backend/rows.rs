//! Rows that several pages show.

use super::{RequestBackend, failed};
use crate::desk::boards::{Books, Current};
use app::AppError;
use app::pages::games::{BestOutcome, BestPrice, GameRow, Move};
use app::pages::opportunities::OpportunityRow;
use domain::opportunity::Found;
use domain::summary::{GameSummary, LastMove};
use domain::{Board, BoardMarket, BookProfile, BookmakerId, EventId, MarketKind, Quote, Side, StrategyId};
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use store::Opportunity;

impl RequestBackend {
    /// Games as rows of a list.
    pub(super) async fn game_rows(
        &self,
        games: &[Arc<GameSummary>],
        current: &Current,
    ) -> Result<Vec<GameRow>, AppError> {
        let mut boards: HashMap<EventId, Arc<Board>> = HashMap::new();
        let mut over = Vec::new();
        for game in games {
            if game.event.status.is_over() {
                over.push(game.event.id);
            } else if let Some(board) = self.state.boards.board(game.event.id, None).await.map_err(failed)? {
                boards.insert(board.event.id, board);
            }
        }
        let past = self.state.store.boards(&over, None).await.map_err(failed)?;
        boards.extend(past.into_iter().map(|board| (board.event.id, Arc::new(board))));
        Ok(games
            .iter()
            .map(|game| game_row(game, boards.get(&game.event.id).map(Arc::as_ref), current.books()))
            .collect())
    }

    /// Opportunities as rows of a list, each with its event; those of an event that is gone are left out.
    pub(super) async fn opportunity_rows(&self, found: Vec<Opportunity>) -> Result<Vec<OpportunityRow>, AppError> {
        let ids: Vec<EventId> = found.iter().map(|opportunity| opportunity.event_id).collect();
        let events = self.state.boards.events(&ids, None).await.map_err(failed)?;
        let current = self.state.boards.current().await.map_err(failed)?;
        let owner = self.reader().await?.id();
        let names = self.state.store.strategy_names(owner).await.map_err(failed)?;
        let name = |id: StrategyId| names.get(&id).cloned().unwrap_or_default();
        Ok(found
            .into_iter()
            .filter_map(|opportunity| {
                Some(OpportunityRow {
                    id: opportunity.id,
                    strategy: (opportunity.strategy.0, name(opportunity.strategy.0)),
                    event: events.get(&opportunity.event_id)?.clone(),
                    found: seen_since(opportunity.found, current.board(opportunity.event_id)),
                    opened_at: opportunity.opened_at,
                    refreshed_at: opportunity.refreshed_at,
                    closed_at: opportunity.closed_at,
                    close_reason: opportunity.close_reason,
                    best_profit: opportunity.best_profit,
                })
            })
            .collect())
    }

    /// The bookmakers that these opportunities name, by name.
    pub(super) async fn bookmakers_of(&self, rows: &[OpportunityRow]) -> Result<Vec<BookProfile>, AppError> {
        let books = self.state.boards.profiles().await.map_err(failed)?;
        let movers: HashSet<&str> = rows
            .iter()
            .filter_map(|row| row.found.facts.steam.as_ref())
            .flat_map(|steam| steam.origin.iter().chain(&steam.followers))
            .map(String::as_str)
            .collect();
        let moved = books
            .values()
            .filter(|book| movers.contains(book.key.as_str()))
            .map(|book| book.id);
        let legs = rows.iter().flat_map(|row| &row.found.legs).map(|leg| leg.bookmaker_id);
        Ok(profiles(&books, &legs.chain(moved).collect()))
    }
}

/// An opportunity whose legs are as old as on the board: what is merely seen again is no new reading of it.
fn seen_since(mut found: Found, board: Option<&Board>) -> Found {
    for leg in &mut found.legs {
        let market = board.and_then(|board| board.markets.iter().find(|market| market.key == leg.market));
        let quote = market.and_then(|market| market.quotes.iter().find(|quote| quote.change_id == leg.change_id));
        if let Some(quote) = quote {
            leg.last_seen_at = quote.last_seen_at;
        }
    }
    found
}

/// The profiles of some bookmakers, by name.
pub(super) fn profiles(books: &Books, named: &HashSet<BookmakerId>) -> Vec<BookProfile> {
    let mut profiles: Vec<BookProfile> = named.iter().filter_map(|id| books.get(id).cloned()).collect();
    profiles.sort_by(|one, other| (&one.name, one.id).cmp(&(&other.name, other.id)));
    profiles
}

/// A bookmaker's name as shown.
pub(super) fn name_of(books: &Books, id: BookmakerId) -> String {
    books.get(&id).map_or_else(|| id.to_string(), |book| book.name.clone())
}

/// The number that grows with every change of a newest board: when its newest part was received.
pub(super) fn version_of(as_of: chrono::DateTime<chrono::Utc>) -> i64 {
    as_of.timestamp_millis()
}

fn game_row(game: &GameSummary, board: Option<&Board>, books: &Books) -> GameRow {
    let market = board.and_then(|board| short_market(board, game));
    let outcomes = market.map(|market| best_outcomes(market, books)).unwrap_or_default();
    GameRow {
        event: game.event.clone(),
        version: version_of(game.as_of),
        hold: market.and_then(|market| market.best_hold(|_| true)),
        last_move: market.and_then(|market| latest_move(market, books)),
        market: market.map(|market| market.key.clone()),
        outcomes,
        bookmakers: super::count(game.book_count),
        markets: super::count(game.market_count),
        seen_at: game.last_seen_at,
    }
}

/// The winner market where there is one, else the one with the most quotes.
fn short_market<'b>(board: &'b Board, game: &GameSummary) -> Option<&'b BoardMarket> {
    let is_winner = |kind: &MarketKind| matches!(kind, MarketKind::Moneyline | MarketKind::ThreeWay);
    let winner = game
        .markets
        .iter()
        .map(|market| &market.key)
        .find(|key| is_winner(&key.kind));
    winner
        .and_then(|key| board.markets.iter().find(|market| market.key == *key))
        .or_else(|| {
            board
                .markets
                .iter()
                .min_by_key(|market| (Reverse(market.quotes.len()), &market.key))
        })
}

fn best_outcomes(market: &BoardMarket, books: &Books) -> Vec<BestOutcome> {
    let outcomes = market.covering_outcomes().unwrap_or_else(|| {
        let mut outcomes: Vec<_> = market.quotes.iter().map(|quote| quote.outcome.clone()).collect();
        outcomes.sort_unstable();
        outcomes.dedup();
        outcomes
    });
    outcomes
        .into_iter()
        .map(|outcome| {
            let best = market.best_back(&outcome, |_| true).map(|quote| BestPrice {
                price: quote.price,
                bookmaker_id: quote.bookmaker_id,
                bookmaker: name_of(books, quote.bookmaker_id),
                previous: quote.previous,
                received_at: quote.received_at,
                last_seen_at: quote.last_seen_at,
            });
            BestOutcome { outcome, best }
        })
        .collect()
}

/// The latest change of a back price that stands; of changes at one time the first on the board.
fn latest_move(market: &BoardMarket, books: &Books) -> Option<Move> {
    let has_moved =
        |quote: &&Quote| quote.side == Side::Back && quote.previous.is_some_and(|previous| previous != quote.price);
    let quote = market
        .quotes
        .iter()
        .rev()
        .filter(has_moved)
        .max_by_key(|quote| quote.received_at)?;
    Some(Move {
        market: market.key.clone(),
        outcome: quote.outcome.clone(),
        bookmaker: name_of(books, quote.bookmaker_id),
        from: quote.previous,
        to: Some(quote.price),
        at: quote.received_at,
    })
}

/// A summary's move as a row shows it.
pub(super) fn move_of(last: &LastMove, books: &Books) -> Move {
    Move {
        market: last.market.clone(),
        outcome: last.outcome.clone(),
        bookmaker: name_of(books, last.bookmaker_id),
        from: Some(last.previous),
        to: Some(last.price),
        at: last.moved_at,
    }
}
