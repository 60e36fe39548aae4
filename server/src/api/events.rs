//! `events`: scheduled contests, their boards, and the history of their prices.

use super::answer::{encode, etagged};
use super::extract::{
    Meta, Path, Query, check_range, read_after, read_code, read_codes, read_descending, read_limit, read_text,
};
use crate::http::errors::{ApiError, ApiResult};
use crate::state::AppState;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, Utc};
use domain::board::QuoteFlags;
use domain::event::{Event, Participant, Score};
use domain::{
    Board, BoardMarket, BookmakerId, CompetitionId, EventId, EventStatus, MarketKey, MarketKind, Outcome, Period,
    Quote, Side, Sport,
};
use engine::BooksById;
use serde::{Deserialize, Serialize};
use store::{EventFilter, HistoryFilter, HistoryRow};
use utoipa::{IntoParams, ToSchema};

/// The statuses, for people who sent another.
pub(super) const STATUSES: &str = "scheduled, live, final, postponed or cancelled, several with commas between";

/// Which events.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// Of one sport, e.g. `basketball`.
    pub sport: Option<String>,
    /// Of one competition, by number.
    pub competition: Option<i64>,
    /// `scheduled`, `live`, `final`, `postponed`, `cancelled`; several with commas between.
    pub status: Option<String>,
    /// Starting at or after this.
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

/// A page of events.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EventsAnswer {
    /// By start.
    pub events: Vec<EventRow>,
    /// How to go on.
    pub meta: Meta,
}

/// One scheduled contest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct EventRow {
    /// Its number.
    pub id: i64,
    /// Its sport, e.g. `basketball`.
    pub sport: String,
    /// Its competition.
    pub competition: CompetitionName,
    /// Who takes part, home first.
    pub participants: Vec<ParticipantRow>,
    /// The scheduled start.
    pub starts_at: DateTime<Utc>,
    /// `scheduled`, `live`, `final`, `postponed` or `cancelled`.
    pub status: &'static str,
    /// The latest score, where one is known.
    pub score: Option<ScoreRow>,
    /// True when the demo feed made it up.
    pub is_demo: bool,
}

/// A competition, as an event names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CompetitionName {
    /// Its number.
    pub id: i64,
    /// As shown.
    pub name: String,
}

/// Who takes part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ParticipantRow {
    /// `home`, `away` or `entrant`.
    pub role: &'static str,
    /// As shown.
    pub name: String,
}

/// A score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ScoreRow {
    /// Of the home side.
    pub home: i32,
    /// Of the away side.
    pub away: i32,
}

/// An event as the API shows it.
pub fn event_row(event: &Event) -> EventRow {
    let Event {
        id,
        sport,
        competition_id,
        competition,
        participants,
        starts_at,
        status,
        score,
        is_demo,
    } = event;
    EventRow {
        id: id.0,
        sport: sport.key().to_owned(),
        competition: CompetitionName {
            id: competition_id.0,
            name: competition.clone(),
        },
        participants: participants.iter().map(participant_row).collect(),
        starts_at: *starts_at,
        status: status.code(),
        score: score.map(|Score { home, away }| ScoreRow { home, away }),
        is_demo: *is_demo,
    }
}

/// A participant as the API shows it.
pub(super) fn participant_row(participant: &Participant) -> ParticipantRow {
    let Participant { id: _, role, name } = participant;
    ParticipantRow {
        role: role.code(),
        name: name.clone(),
    }
}

/// List events.
#[utoipa::path(get, path = "/api/v1/events", operation_id = "list_events", tag = "odds", params(EventsQuery), responses((status = 200, body = EventsAnswer)))]
pub(super) async fn list(
    State(state): State<AppState>,
    Query(query): Query<EventsQuery>,
) -> ApiResult<axum::Json<EventsAnswer>> {
    let EventsQuery {
        sport,
        competition,
        status,
        starts_from,
        starts_to,
        text,
        as_of,
        order,
        limit,
        after,
    } = query;
    check_range("starts_to", starts_from, starts_to)?;
    let filter = EventFilter {
        sport: read_text("sport", sport)?.as_deref().map(Sport::from_key),
        competition: competition.map(CompetitionId),
        statuses: read_codes("status", status.as_deref(), STATUSES, EventStatus::from_code)?,
        starts_from,
        starts_to,
        text: read_text("text", text)?,
        descending: read_descending(order.as_deref())?,
        ..EventFilter::default()
    };
    let page = state
        .store
        .events(&filter, as_of, read_after(after.as_deref())?, read_limit(limit)?)
        .await?;
    Ok(axum::Json(EventsAnswer {
        events: page.items.iter().map(event_row).collect(),
        meta: Meta::new(page.next),
    }))
}

/// As of when.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AsOfQuery {
    /// As known at this time; now without it.
    pub as_of: Option<DateTime<Utc>>,
}

/// An event with all its quotes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BoardAnswer {
    /// The event.
    pub event: EventRow,
    /// The time of the board: nothing received later is in it.
    pub as_of: DateTime<Utc>,
    /// The markets that have quotes.
    pub markets: Vec<BoardMarketRow>,
}

/// Which market.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MarketRow {
    /// e.g. `moneyline`, `three_way`, `spread`, `total`, `prop:player_points`.
    pub kind: String,
    /// e.g. `full_time`, `first_half`.
    pub period: &'static str,
    /// The line from the home or over side, as a decimal string; null where the market has none.
    #[schema(example = "-3.5")]
    pub line: Option<String>,
    /// Whose statistic it is, where the market has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub participant: Option<String>,
}

/// A market as the API names it.
pub(super) fn market_row(market: &MarketKey) -> MarketRow {
    let MarketKey {
        kind,
        period,
        line,
        participant,
    } = market;
    MarketRow {
        kind: kind.code(),
        period: period.code(),
        line: line.map(|line| line.to_string()),
        participant: participant.clone(),
    }
}

/// The quotes of one market.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BoardMarketRow {
    /// Which market.
    pub market: MarketRow,
    /// By outcome, side, bookmaker.
    pub quotes: Vec<QuoteRow>,
}

/// One bookmaker's price for one outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct QuoteRow {
    /// e.g. `home`, `over`, `named:Boston Celtics`.
    pub outcome: String,
    /// The bookmaker's key.
    pub bookmaker: String,
    /// `back` or `lay`.
    pub side: &'static str,
    /// Decimal odds, as a decimal string.
    #[schema(example = "1.909091")]
    pub price: String,
    /// The price as it was received.
    #[schema(example = "-110")]
    pub price_text: String,
    /// The bookmaker's price before this one.
    pub previous: Option<String>,
    /// When the book says it last updated.
    pub source_at: Option<DateTime<Utc>>,
    /// When this price was first received.
    pub received_at: DateTime<Utc>,
    /// When it was last seen unchanged.
    pub last_seen_at: DateTime<Utc>,
    /// The feed it came through.
    pub feed: String,
    /// Validation findings, e.g. `overround_low`.
    pub flags: Vec<&'static str>,
    /// The row of the history that set it.
    pub change_id: i64,
    /// The answer that row came in.
    pub snapshot_id: i64,
}

const FLAGS: [(QuoteFlags, &str); 6] = [
    (QuoteFlags::OVERROUND_LOW, "overround_low"),
    (QuoteFlags::OVERROUND_HIGH, "overround_high"),
    (QuoteFlags::PRICE_OUT_OF_RANGE, "price_out_of_range"),
    (QuoteFlags::INCOMPLETE_MARKET, "incomplete_market"),
    (QuoteFlags::LINE_JUMP, "line_jump"),
    (QuoteFlags::TIME_IN_FUTURE, "time_in_future"),
];

/// The names of validation findings.
pub(super) fn flag_names(flags: QuoteFlags) -> Vec<&'static str> {
    FLAGS
        .iter()
        .filter(|(flag, _)| flags.contains(*flag))
        .map(|(_, name)| *name)
        .collect()
}

/// A bookmaker's key, or its number should it have none.
pub(super) fn key_of(books: &BooksById, id: BookmakerId) -> String {
    books.get(&id).map_or_else(|| id.to_string(), |book| book.key.clone())
}

fn quote_row(quote: &Quote, books: &BooksById) -> QuoteRow {
    let Quote {
        change_id,
        snapshot_id,
        selection_id: _,
        outcome,
        bookmaker_id,
        feed,
        side,
        price,
        price_text,
        source_at,
        received_at,
        last_seen_at,
        previous,
        flags,
    } = quote;
    QuoteRow {
        outcome: outcome.code(),
        bookmaker: key_of(books, *bookmaker_id),
        side: side.code(),
        price: price.to_string(),
        price_text: price_text.clone(),
        previous: previous.map(|price| price.to_string()),
        source_at: *source_at,
        received_at: *received_at,
        last_seen_at: *last_seen_at,
        feed: feed.clone(),
        flags: flag_names(*flags),
        change_id: change_id.0,
        snapshot_id: snapshot_id.0,
    }
}

fn board_answer(board: &Board, books: &BooksById) -> BoardAnswer {
    let Board { event, as_of, markets } = board;
    let market = |BoardMarket { key, quotes }: &BoardMarket| BoardMarketRow {
        market: market_row(key),
        quotes: quotes.iter().map(|quote| quote_row(quote, books)).collect(),
    };
    BoardAnswer {
        event: event_row(event),
        as_of: *as_of,
        markets: markets.iter().map(market).collect(),
    }
}

/// Show an event with all its quotes.
///
/// Answers 304 to `If-None-Match` with the `ETag` of an answer that still holds.
#[utoipa::path(get, path = "/api/v1/events/{id}", operation_id = "show_event", tag = "odds", params(("id" = i64, Path, description = "The event's number"), AsOfQuery),
    responses((status = 200, body = BoardAnswer), (status = 304, description = "Nothing changed")))]
pub(super) async fn show(
    State(state): State<AppState>,
    Path(id): Path<i64>,
    Query(AsOfQuery { as_of }): Query<AsOfQuery>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let current = state.boards.current().await?;
    let question = format!("event {id}");
    if as_of.is_none()
        && let Some(kept) = current.kept_answer(&question)
    {
        return Ok(etagged(&headers, kept));
    }
    let board = state
        .boards
        .board(EventId(id), as_of)
        .await?
        .ok_or_else(|| ApiError::not_found("event"))?;
    let answer = encode(&board_answer(&board, current.books()))?;
    // An event that is in memory is kept with this very state; any other might change without it.
    if as_of.is_none() && current.holds(&board) {
        current.keep_answer(&question, &answer);
    }
    Ok(etagged(&headers, answer))
}

/// Which changes.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HistoryQuery {
    /// Of one kind of market, e.g. `spread`.
    pub market: Option<String>,
    /// On one part of the event, e.g. `first_half`.
    pub period: Option<String>,
    /// On one line, from the home or over side, e.g. `-3.5`.
    pub line: Option<String>,
    /// Of one outcome, e.g. `home`.
    pub outcome: Option<String>,
    /// At one bookmaker, by key.
    pub bookmaker: Option<String>,
    /// `back` or `lay`.
    pub side: Option<String>,
    /// Received at or after this.
    pub from: Option<DateTime<Utc>>,
    /// Received before this.
    pub to: Option<DateTime<Utc>>,
    /// As known at this time; now without it.
    pub as_of: Option<DateTime<Utc>>,
    /// Rows on the page: 1 to 500, usually 100.
    pub limit: Option<u32>,
    /// `meta.next` of the page before.
    pub after: Option<String>,
}

/// A page of price changes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HistoryAnswer {
    /// Oldest first.
    pub changes: Vec<ChangeRow>,
    /// How to go on.
    pub meta: Meta,
}

/// One row of the price history.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChangeRow {
    /// Its number.
    pub id: i64,
    /// In which market.
    pub market: MarketRow,
    /// Of which outcome.
    pub outcome: String,
    /// The bookmaker's key.
    pub bookmaker: String,
    /// `back` or `lay`.
    pub side: &'static str,
    /// Decimal odds, as a decimal string; null when the price was withdrawn.
    pub price: Option<String>,
    /// The price as it was received.
    pub price_text: String,
    /// The price before.
    pub previous: Option<String>,
    /// When the book says it last updated.
    pub source_at: Option<DateTime<Utc>>,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// The feed it came through.
    pub feed: String,
    /// Validation findings.
    pub flags: Vec<&'static str>,
    /// The answer it came in.
    pub snapshot_id: i64,
    /// For a correction: the row it replaces.
    pub supersedes: Option<i64>,
}

fn change_row(row: HistoryRow, books: &BooksById) -> ChangeRow {
    let HistoryRow {
        id,
        event_id: _,
        selection_id: _,
        market,
        outcome,
        bookmaker_id,
        side,
        feed,
        price,
        price_text,
        previous,
        source_at,
        received_at,
        snapshot_id,
        flags,
        supersedes,
    } = row;
    ChangeRow {
        id: id.0,
        market: market_row(&market),
        outcome: outcome.code(),
        bookmaker: key_of(books, bookmaker_id),
        side: side.code(),
        price: price.map(|price| price.to_string()),
        price_text,
        previous: previous.map(|price| price.to_string()),
        source_at,
        received_at,
        feed,
        flags: flag_names(flags),
        snapshot_id: snapshot_id.0,
        supersedes: supersedes.map(|id| id.0),
    }
}

/// List the price changes of an event.
///
/// Corrected rows are there, and so are their corrections; a withdrawn quote is a row without a price.
#[utoipa::path(get, path = "/api/v1/events/{id}/history", operation_id = "list_event_history", tag = "odds",
    params(("id" = i64, Path, description = "The event's number"), HistoryQuery), responses((status = 200, body = HistoryAnswer)))]
pub(super) async fn history(
    State(state): State<AppState>,
    Path(id): Path<i64>,
    Query(query): Query<HistoryQuery>,
) -> ApiResult<axum::Json<HistoryAnswer>> {
    let HistoryQuery {
        market,
        period,
        line,
        outcome,
        bookmaker,
        side,
        from,
        to,
        as_of,
        limit,
        after,
    } = query;
    check_range("to", from, to)?;
    let (limit, after) = (read_limit(limit)?, read_after(after.as_deref())?);
    let market = read_text("market", market)?;
    let books = state.boards.profiles().await?;
    let by_key = |key: &str| books.values().find(|book| book.key == key).map(|book| book.id);
    let filter = HistoryFilter {
        kind: read_code(
            "market",
            market.as_deref(),
            "a kind of market such as spread",
            MarketKind::from_code,
        )?,
        period: read_code(
            "period",
            period.as_deref(),
            "a period such as full_time",
            Period::from_code,
        )?,
        line: read_code("line", line.as_deref(), "a line such as -3.5", |text| text.parse().ok())?,
        outcome: read_text("outcome", outcome)?.as_deref().map(Outcome::from_code),
        bookmaker_id: read_code(
            "bookmaker",
            bookmaker.as_deref(),
            "a key that /api/v1/bookmakers lists",
            by_key,
        )?,
        side: read_code("side", side.as_deref(), "back or lay", Side::from_code)?,
        from,
        to,
        ..HistoryFilter::default()
    };
    state
        .store
        .event(EventId(id), as_of)
        .await?
        .ok_or_else(|| ApiError::not_found("event"))?;
    let page = state
        .store
        .quote_history(EventId(id), &filter, as_of, after, limit)
        .await?;
    let changes = page.items.into_iter().map(|row| change_row(row, &books)).collect();
    Ok(axum::Json(HistoryAnswer {
        changes,
        meta: Meta::new(page.next),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_told_by_name() {
        let flags = QuoteFlags::OVERROUND_LOW.with(QuoteFlags::LINE_JUMP);
        assert_eq!(flag_names(flags), ["overround_low", "line_jump"]);
        assert!(flag_names(QuoteFlags::default()).is_empty());
    }

    #[test]
    fn a_line_is_a_decimal_string_and_a_market_without_one_has_null() {
        let spread = MarketKey {
            line: "-3.50".parse().ok(),
            ..MarketKey::plain(MarketKind::Spread)
        };
        let json = serde_json::to_value([
            market_row(&spread),
            market_row(&MarketKey::plain(MarketKind::Moneyline)),
        ])
        .unwrap();
        assert_eq!(
            json,
            serde_json::json!([
                {"kind": "spread", "period": "full_time", "line": "-3.5"},
                {"kind": "moneyline", "period": "full_time", "line": null},
            ])
        );
    }
}
