//! One game: its board, now or then, and how its prices went.

use super::rows::{name_of, profiles, version_of};
use super::{RequestBackend, failed};
use app::AppError;
use app::pages::game::{GamePort, GameView, HistoryQuery, HistoryView, QuotePoint, Series};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::{Board, BookKind, BookProfile, BookmakerId, EventId};
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::Arc;
use store::{HistoryFilter, HistoryRow};

/// Points of a history that are shown.
const POINTS: usize = 2000;
/// Rows of the history read at once, and how often at most.
const BATCH: u32 = 2000;
const BATCHES: usize = 50;

impl RequestBackend {
    /// The newest points of a selection's history, oldest first, and whether older ones were left out.
    async fn history_points(&self, query: &HistoryQuery) -> Result<(VecDeque<HistoryRow>, bool), AppError> {
        let filter = HistoryFilter {
            market: Some(query.market.clone()),
            outcome: Some(query.outcome.clone()),
            side: Some(query.side),
            bookmaker_id: query.bookmaker,
            ..HistoryFilter::default()
        };
        let (mut points, mut is_cut, mut after) = (VecDeque::new(), false, None);
        for _ in 0..BATCHES {
            let page = self
                .state
                .store
                .quote_history(query.event, &filter, query.as_of, after, BATCH)
                .await
                .map_err(failed)?;
            points.extend(page.items);
            if points.len() > POINTS {
                is_cut = true;
                points.drain(..points.len() - POINTS);
            }
            after = page.next;
            if after.is_none() {
                return Ok((points, is_cut));
            }
        }
        Ok((points, true))
    }
}

fn point(row: HistoryRow) -> QuotePoint {
    QuotePoint {
        change_id: row.id,
        snapshot_id: row.snapshot_id,
        price: row.price,
        price_text: row.price_text,
        source_at: row.source_at,
        received_at: row.received_at,
        flags: row.flags,
        supersedes: row.supersedes,
    }
}

#[async_trait]
impl GamePort for RequestBackend {
    async fn game(&self, event: EventId, as_of: Option<DateTime<Utc>>) -> Result<GameView, AppError> {
        let reader = self.reader().await?.id();
        let now = self.now();
        // Nothing is known of the future.
        let as_of = as_of.filter(|as_of| *as_of < now);
        let board = self
            .state
            .boards
            .board(event, as_of)
            .await
            .map_err(failed)?
            .ok_or(AppError::NotFound)?;
        let version = version_of(board.as_of);
        let board = Board {
            as_of: as_of.unwrap_or(now),
            ..Arc::unwrap_or_clone(board)
        };
        let on_board: HashSet<BookmakerId> = board
            .markets
            .iter()
            .flat_map(|market| &market.quotes)
            .map(|quote| quote.bookmaker_id)
            .collect();
        let bookmakers = profiles(&self.state.boards.profiles().await.map_err(failed)?, &on_board);
        let usable = self.usable(bookmakers.iter().map(|book| book.id)).await?;
        let span = self.state.store.history_span(event).await.map_err(failed)?;
        let opportunities = if as_of.is_none() {
            let open = self
                .state
                .store
                .open_opportunities_of(reader, Some(&[event]))
                .await
                .map_err(failed)?;
            self.opportunity_rows(open).await?
        } else {
            Vec::new()
        };
        Ok(GameView {
            board,
            version,
            bookmakers,
            usable,
            history_from: span.map(|(first, _)| first),
            history_to: span.map(|(_, last)| last),
            opportunities,
        })
    }

    async fn history(&self, query: HistoryQuery) -> Result<HistoryView, AppError> {
        self.reader().await?;
        let now = self.now();
        let query = HistoryQuery {
            as_of: query.as_of.filter(|as_of| *as_of < now),
            ..query
        };
        let event = self
            .state
            .store
            .event(query.event, query.as_of)
            .await
            .map_err(failed)?
            .ok_or(AppError::NotFound)?;
        let books = self.state.boards.profiles().await.map_err(failed)?;
        let (points, is_cut) = self.history_points(&query).await?;
        let mut series: BTreeMap<(String, BookmakerId, String), Vec<QuotePoint>> = BTreeMap::new();
        for row in points {
            let whose = (name_of(&books, row.bookmaker_id), row.bookmaker_id, row.feed.clone());
            series.entry(whose).or_default().push(point(row));
        }
        let series = series
            .into_iter()
            .map(|((name, id, feed), points)| Series {
                bookmaker: books.get(&id).cloned().unwrap_or_else(|| unknown_book(id, name)),
                feed,
                points,
            })
            .collect();
        Ok(HistoryView {
            event,
            as_of: query.as_of.unwrap_or(now),
            series,
            is_cut,
        })
    }
}

/// A bookmaker that came after the profiles were read.
fn unknown_book(id: BookmakerId, name: String) -> BookProfile {
    BookProfile {
        id,
        key: name.clone(),
        name,
        kind: BookKind::Retail,
        commission_bp: 0,
        clone_group: None,
        is_demo: false,
    }
}
