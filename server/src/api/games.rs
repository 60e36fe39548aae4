//! `games`: events with the best prices of their main markets.

use super::answer::{encode, etagged};
use super::events::{EventRow, MarketRow, STATUSES, event_row, flag_names, market_row};
use super::extract::{Meta, check_range, read_after, read_codes, read_descending, read_limit, read_text};
use crate::desk::boards::{GameFilter, GameSort};
use crate::http::errors::{ApiError, ApiResult};
use crate::state::AppState;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use chrono::{DateTime, Utc};
use domain::summary::{BestPrice, GameSummary, LastMove, MarketSummary};
use domain::{CompetitionId, EventStatus, Sport};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which games.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GamesQuery {
    /// Of one sport, e.g. `basketball`.
    pub sport: Option<String>,
    /// Of one competition, by number.
    pub competition: Option<i64>,
    /// `scheduled`, `live`, `final`, `postponed`, `cancelled`; several with commas between. Without it, those not over.
    pub status: Option<String>,
    /// Starting at or after this. Games that are over and started more than 30 days ago come only when this asks for them.
    pub starts_from: Option<DateTime<Utc>>,
    /// Starting before this.
    pub starts_to: Option<DateTime<Utc>>,
    /// In the names of participants or competition.
    pub text: Option<String>,
    /// As known at this time; now without it.
    pub as_of: Option<DateTime<Utc>>,
    /// By start: `asc` (usual) or `desc`.
    pub order: Option<String>,
    /// Rows on the page: 1 to 500, usually 100.
    pub limit: Option<u32>,
    /// `meta.next` of the page before.
    pub after: Option<String>,
}

/// A page of games.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GamesAnswer {
    /// By start.
    pub games: Vec<GameRow>,
    /// How to go on.
    pub meta: Meta,
}

/// One event and the best prices of its main markets.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GameRow {
    /// The event.
    pub event: EventRow,
    /// The time of the summary.
    pub as_of: DateTime<Utc>,
    /// True when the event had started: prices are in-play prices.
    pub is_in_play: bool,
    /// The winner market, the main spread and the main total, as far as there are any.
    pub markets: Vec<GameMarketRow>,
    /// How many markets have quotes.
    pub market_count: usize,
    /// How many bookmakers have quotes.
    pub book_count: usize,
    /// The price change of the last hour that mattered most.
    pub last_move: Option<MoveRow>,
    /// When the newest of its prices was last seen.
    pub last_seen_at: Option<DateTime<Utc>>,
}

/// One market of a game.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GameMarketRow {
    /// Which market.
    pub market: MarketRow,
    /// How many bookmakers quote it.
    pub book_count: usize,
    /// The hold of the best prices together, below zero when they are an arbitrage; null when an outcome has no price.
    pub hold: Option<f64>,
    /// The best back price of each outcome that has one.
    pub best: Vec<BestRow>,
}

/// The best back price of an outcome.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BestRow {
    /// e.g. `home`.
    pub outcome: String,
    /// The bookmaker's key.
    pub bookmaker: String,
    /// Decimal odds, as a decimal string.
    #[schema(example = "1.909091")]
    pub price: String,
    /// The price as it was received.
    pub price_text: String,
    /// When it was last seen.
    pub last_seen_at: DateTime<Utc>,
    /// Validation findings.
    pub flags: Vec<&'static str>,
}

/// A price change.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MoveRow {
    /// In which market.
    pub market: MarketRow,
    /// Of which outcome.
    pub outcome: String,
    /// The bookmaker's key.
    pub bookmaker: String,
    /// The price before, as a decimal string.
    pub previous: String,
    /// The price since.
    pub price: String,
    /// When the change was received.
    pub moved_at: DateTime<Utc>,
}

fn best_row(best: &BestPrice) -> BestRow {
    let BestPrice {
        outcome,
        bookmaker_id: _,
        bookmaker,
        price,
        price_text,
        last_seen_at,
        flags,
    } = best;
    BestRow {
        outcome: outcome.code(),
        bookmaker: bookmaker.clone(),
        price: price.to_string(),
        price_text: price_text.clone(),
        last_seen_at: *last_seen_at,
        flags: flag_names(*flags),
    }
}

fn move_row(last: &LastMove) -> MoveRow {
    let LastMove {
        market,
        outcome,
        bookmaker_id: _,
        bookmaker,
        previous,
        price,
        moved_at,
    } = last;
    MoveRow {
        market: market_row(market),
        outcome: outcome.code(),
        bookmaker: bookmaker.clone(),
        previous: previous.to_string(),
        price: price.to_string(),
        moved_at: *moved_at,
    }
}

fn game_row(game: &GameSummary) -> GameRow {
    let GameSummary {
        event,
        as_of,
        is_in_play,
        markets,
        market_count,
        book_count,
        last_move,
        last_seen_at,
    } = game;
    let market = |MarketSummary {
                      key,
                      book_count,
                      hold,
                      best,
                  }: &MarketSummary| GameMarketRow {
        market: market_row(key),
        book_count: *book_count,
        hold: *hold,
        best: best.iter().map(best_row).collect(),
    };
    GameRow {
        event: event_row(event),
        as_of: *as_of,
        is_in_play: *is_in_play,
        markets: markets.iter().map(market).collect(),
        market_count: *market_count,
        book_count: *book_count,
        last_move: last_move.as_ref().map(move_row),
        last_seen_at: *last_seen_at,
    }
}

impl GamesQuery {
    fn filter(&self) -> ApiResult<GameFilter> {
        check_range("starts_to", self.starts_from, self.starts_to)?;
        Ok(GameFilter {
            sport: read_text("sport", self.sport.clone())?.as_deref().map(Sport::from_key),
            competition: self.competition.map(CompetitionId),
            statuses: read_codes("status", self.status.as_deref(), STATUSES, EventStatus::from_code)?,
            starts_from: self.starts_from,
            starts_to: self.starts_to,
            text: read_text("text", self.text.clone())?,
            sort: if read_descending(self.order.as_deref())? {
                GameSort::LatestStart
            } else {
                GameSort::Start
            },
        })
    }
}

/// List games with the best prices of their main markets.
///
/// Answers 304 to `If-None-Match` with the `ETag` of an answer that still holds.
#[utoipa::path(get, path = "/api/v1/games", operation_id = "list_games", tag = "odds", params(GamesQuery),
    responses((status = 200, body = GamesAnswer), (status = 304, description = "Nothing changed")))]
pub(super) async fn list(
    State(state): State<AppState>,
    RawQuery(asked): RawQuery,
    uri: Uri,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let current = state.boards.current().await?;
    // Only questions that could be answered are kept, so a kept one needs no second look.
    let question = format!("games {}", asked.unwrap_or_default());
    if let Some(kept) = current.kept_answer(&question) {
        return Ok(etagged(&headers, kept));
    }
    let axum::extract::Query(query) = axum::extract::Query::<GamesQuery>::try_from_uri(&uri).map_err(ApiError::from)?;
    let (after, limit) = (read_after(query.after.as_deref())?, read_limit(query.limit)?);
    let listing = state
        .boards
        .summaries(&current, &query.filter()?, query.as_of, after, limit)
        .await?;
    let games = listing.page.items.iter().map(|game| game_row(game)).collect();
    let answer = encode(&GamesAnswer {
        games,
        meta: Meta::new(listing.page.next),
    })?;
    if listing.is_of_current {
        current.keep_answer(&question, &answer);
    }
    Ok(etagged(&headers, answer))
}
