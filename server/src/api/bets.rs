//! `bets`: what was bet, how it ended, what it was worth at the close, and what was decided against.

use super::events::key_of;
use super::events::{MarketRow, market_row};
use super::extract::{Json, Meta, Path, Query, read_after, read_code, read_limit, read_text};
use super::idempotency::create_once;
use crate::desk::bets::place::{Edit, Slip, Stopped, edit, note_refusal, place, skip};
use crate::desk::bets::settle::Said;
use crate::desk::bets::slip::{LegDraft, leg_of, of_opportunity, terms_at, with_quotes};
use crate::desk::bets::{find, in_request, settle, summary};
use crate::http::errors::{ApiError, ApiResult};
use crate::http::live::News;
use crate::http::viewer::Viewer;
use crate::state::AppState;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, Utc};
use domain::bet::{Bet, BetKind, BetLeg, BetMode, BetStatus, SettledAs, Structure, TeaserPush, Wager};
use domain::close::{Close, CloseQuote, points_gained};
use domain::each_way::{Finish, PlaceTerms};
use domain::event::Score;
use domain::result::{BetResult, Winner};
use domain::risk::Reading;
use domain::settlement::facts::{GivenUp, Played};
use domain::settlement::{End, Fate};
use domain::{
    AccountId, BetId, BookmakerId, Currency, EventId, Line, MarketKey, MarketKind, Money, OpportunityId, Outcome,
    Period, Price, Side, Sport, StrategyId,
};
use engine::BooksById;
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use store::{BetChange, BetDecision, BetFilter, Decided, NewDecision, Of, StoredBet, UserRole};
use utoipa::{IntoParams, ToSchema};

/// Which bets.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BetsQuery {
    /// `paper` or `real`.
    pub mode: Option<String>,
    /// `open` or `settled`.
    pub status: Option<String>,
    /// How it ended: `win`, `half_win`, `part`, `push`, `void`, `half_loss`, `loss` or `cashed_out`.
    pub settled_as: Option<String>,
    /// Found by one of your strategies, by number.
    pub strategy: Option<i64>,
    /// At a bookmaker, by key.
    pub bookmaker: Option<String>,
    /// With one of your accounts, by number.
    pub account: Option<i64>,
    /// In a sport, e.g. `basketball`; `several` for bets on more than one.
    pub sport: Option<String>,
    /// In a kind of market, e.g. `spread`; of several legs the kind of bet.
    pub market: Option<String>,
    /// With a tag.
    pub tag: Option<String>,
    /// On one event, by number.
    pub event: Option<i64>,
    /// Of an opportunity, by number.
    pub opportunity: Option<i64>,
    /// In what was bet on, the note or the reference.
    pub text: Option<String>,
    /// Placed at or after this.
    pub placed_from: Option<DateTime<Utc>>,
    /// Placed before this.
    pub placed_to: Option<DateTime<Utc>>,
    /// True for those that a person must settle.
    pub needs_person: Option<bool>,
    /// True for those that were removed.
    pub removed: Option<bool>,
    /// Rows on the page: 1 to 500, usually 100.
    pub limit: Option<u32>,
    /// `meta.next` of the page before.
    pub after: Option<String>,
}

/// A page of bets.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BetsAnswer {
    /// The last placed first.
    pub bets: Vec<BetRow>,
    /// How to go on.
    pub meta: Meta,
}

/// A bet. Amounts are decimal strings in its currency.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct BetRow {
    /// Its number.
    pub id: i64,
    /// Grows with every change, from 1.
    pub version: u32,
    /// `paper` or `real`.
    pub mode: &'static str,
    /// `open` or `settled`.
    pub status: &'static str,
    /// `single`, `parlay`, `round_robin`, `teaser` or `each_way`.
    pub kind: &'static str,
    /// What was bet on, in words.
    pub summary: String,
    /// With which account, by number.
    pub account: i64,
    /// At which bookmaker, by key; null where nobody said.
    pub bookmaker: Option<String>,
    /// The currency of its amounts.
    #[schema(example = "EUR")]
    pub currency: String,
    /// What is staked on each line; for a lay the backer's stake.
    #[schema(example = "10.00")]
    pub stake: String,
    /// On how many lines.
    pub lines: u64,
    /// What was put at risk: all stakes, of a lay the liability, of a free bet nothing.
    pub at_risk: String,
    /// True when the stake was the bookmaker's.
    pub is_free: bool,
    /// The price of the whole bet, where it has one.
    pub price: Option<String>,
    /// Its parts.
    pub legs: Vec<BetLegRow>,
    /// When it was placed.
    pub placed_at: DateTime<Utc>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// How it ended; null while it is open.
    pub settlement: Option<SettlementRow>,
    /// What was sold back to the bookmaker.
    pub cash_outs: Vec<CashOutRow>,
    /// Why a person must settle it; null as long as it settles by itself.
    pub needs_person: Option<String>,
    /// Which of your strategies found it.
    pub strategy: Option<i64>,
    /// In which version.
    pub strategy_version: Option<u32>,
    /// Which opportunity it was.
    pub opportunity: Option<i64>,
    /// What was expected of each unit at risk when it was placed: 0.05 is 5 %.
    pub expected_edge: Option<f64>,
    /// How much better its price was than the close on the same line; null where a leg has no close.
    pub clv: Option<f64>,
    /// What its price was worth by the fair probability at the close.
    pub close_edge: Option<f64>,
    /// What you wrote.
    pub note: String,
    /// Your words for it.
    pub tags: Vec<String>,
    /// The number its source gave it.
    pub reference: String,
    /// From which import it is.
    pub import: Option<i64>,
    /// When it was removed.
    pub deleted_at: Option<DateTime<Utc>>,
}

/// A leg of a bet.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct BetLegRow {
    /// On which known event, by number.
    pub event: Option<i64>,
    /// The event's name.
    pub event_name: String,
    /// Of which sport.
    pub sport: String,
    /// In which competition.
    pub competition: String,
    /// The start as it was known.
    pub starts_at: Option<DateTime<Utc>>,
    /// In which market: the bet's own line and period.
    pub market: MarketRow,
    /// e.g. `home`.
    pub outcome: String,
    /// `back` or `lay`.
    pub side: &'static str,
    /// Decimal odds, as a decimal string.
    #[schema(example = "1.95")]
    pub price: String,
    /// The price as it was read or typed.
    pub price_text: String,
    /// The snapshot of the recorded quote that was taken, by number.
    pub snapshot: Option<i64>,
    /// How it ended; null while that is open.
    pub end: Option<EndRow>,
    /// The price it is settled at, where that is another.
    pub settled_price: Option<String>,
    /// Its closing price; null before the start, or where no feed speaks of it.
    pub close: Option<CloseRow>,
}

/// How a leg ended: one of the three.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndRow {
    /// `win`, `half_win`, `push`, `void`, `half_loss` or `loss`, for whoever bet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// What was backed tied with others for fewer places than they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_heat: Option<DeadHeatRow>,
    /// A runner's position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<FinishRow>,
}

/// A dead heat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeadHeatRow {
    /// Places that were left.
    pub places: u32,
    /// How many share them, this one included.
    pub tied: u32,
}

/// Where a runner finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FinishRow {
    /// The position, from 1.
    pub position: u32,
    /// How many share it, this one included.
    pub tied: u32,
}

/// How a bet ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SettlementRow {
    /// `win`, `half_win`, `part`, `push`, `void`, `half_loss`, `loss` or `cashed_out`.
    pub settled_as: &'static str,
    /// What came back, before commission.
    pub payout: String,
    /// What was charged.
    pub commission: String,
    /// Payout less what was at risk less commission.
    pub profit: String,
    /// When it was settled.
    pub at: DateTime<Utc>,
    /// Why, in words.
    pub reason: String,
    /// True when the program settled it from a result.
    pub is_automatic: bool,
}

/// A part that was sold back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CashOutRow {
    /// When.
    pub at: DateTime<Utc>,
    /// What of the stake it took out.
    pub stake: String,
    /// What was paid for it.
    pub amount: String,
}

/// The close of a leg.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CloseRow {
    /// `verified`, `provisional` or `missing`.
    pub grade: &'static str,
    /// Why it is no better; empty for a verified one.
    pub reason: String,
    /// The start that it was taken before.
    pub start_at: DateTime<Utc>,
    /// The price at the close, as a decimal string.
    pub price: Option<String>,
    /// The fair probability at the close.
    pub fair: Option<f64>,
    /// Who says so: `sharp`, `exchange_mid` or `consensus`.
    pub link: Option<&'static str>,
    /// Where the market closed when the bet's own line was gone, from the home or over side.
    pub closing_line: Option<String>,
    /// Points of line that the bet has over that: above zero when it got the better number.
    #[schema(example = "+2")]
    pub points: Option<String>,
    /// When the oldest price behind it was last seen.
    pub seen_at: Option<DateTime<Utc>>,
    /// The recorded quotes behind it.
    pub quotes: Vec<CloseQuoteRow>,
}

/// A recorded quote behind a close.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CloseQuoteRow {
    /// Whose, by key.
    pub bookmaker: String,
    /// For which outcome.
    pub outcome: String,
    /// `back` or `lay`.
    pub side: &'static str,
    /// Decimal odds, as a decimal string.
    pub price: String,
    /// When it was last seen.
    pub last_seen_at: DateTime<Utc>,
    /// The snapshot it came in, by number.
    pub snapshot: i64,
}

/// An amount as a decimal string.
pub(super) fn amount(minor: i64, currency: Currency) -> String {
    Money { minor, currency }.amount()
}

/// Millionths as a share.
#[expect(
    clippy::cast_precision_loss,
    reason = "shares are far below what a float holds exactly"
)]
fn share(ppm: i64) -> f64 {
    ppm as f64 / 1e6
}

/// A bet as the API and the command line show it.
pub fn bet_row(stored: StoredBet, books: &BooksById) -> BetRow {
    let StoredBet {
        bet,
        needs_person,
        clv_ppm,
        close_edge_ppm,
    } = stored;
    let settlement = settlement_row(&bet);
    let currency = bet.currency;
    let Bet {
        id,
        account_id,
        bookmaker_id,
        currency: _,
        mode,
        wager,
        placed_at,
        recorded_at,
        status,
        fates,
        cash_outs,
        settled: _,
        at_risk,
        strategy,
        opportunity_id,
        edge_ppm,
        note,
        tags,
        reference,
        version,
        import_id,
        deleted_at,
        closes,
    } = bet;
    let legs = wager.legs.iter().zip(fates).zip(closes);
    BetRow {
        id: id.0,
        version,
        mode: mode.code(),
        status: status.code(),
        kind: wager.structure.kind().code(),
        summary: summary(&wager),
        account: account_id.0,
        bookmaker: bookmaker_id.map(|id| key_of(books, id)),
        currency: currency.to_string(),
        stake: amount(wager.stake, currency),
        lines: wager.lines().unwrap_or(u64::MAX),
        at_risk: amount(at_risk, currency),
        is_free: wager.is_free,
        price: wager.price().map(|price| price.to_string()),
        legs: legs.map(|((leg, fate), close)| leg_row(leg, fate, close)).collect(),
        placed_at,
        recorded_at,
        settlement,
        cash_outs: cash_outs
            .iter()
            .map(|part| CashOutRow {
                at: part.at,
                stake: amount(part.stake, currency),
                amount: amount(part.amount, currency),
            })
            .collect(),
        needs_person,
        strategy: strategy.map(|(id, _)| id.0),
        strategy_version: strategy.map(|(_, version)| version),
        opportunity: opportunity_id.map(|id| id.0),
        expected_edge: edge_ppm.map(share),
        clv: clv_ppm.map(share),
        close_edge: close_edge_ppm.map(share),
        note,
        tags,
        reference,
        import: import_id.map(|id| id.0),
        deleted_at,
    }
}

fn settlement_row(bet: &Bet) -> Option<SettlementRow> {
    let settled = bet.settled.as_ref()?;
    let amount = |minor| amount(minor, bet.currency);
    Some(SettlementRow {
        settled_as: settled.settled_as.code(),
        payout: amount(settled.payout),
        commission: amount(settled.commission),
        profit: amount(bet.profit().unwrap_or_default()),
        at: settled.at,
        reason: settled.reason.clone(),
        is_automatic: settled.is_automatic,
    })
}

fn leg_row(leg: &BetLeg, fate: Fate, close: Option<Close>) -> BetLegRow {
    let BetLeg {
        event_id,
        event,
        sport,
        competition,
        home: _,
        away: _,
        starts_at,
        market,
        outcome,
        side,
        price,
        price_text,
        quote,
    } = leg;
    BetLegRow {
        event: event_id.map(|id| id.0),
        event_name: event.clone(),
        sport: sport.key().to_owned(),
        competition: competition.clone(),
        starts_at: *starts_at,
        market: market_row(market),
        outcome: outcome.code(),
        side: side.code(),
        price: price.to_string(),
        price_text: price_text.clone(),
        snapshot: quote.map(|quote| quote.snapshot_id.0),
        end: fate.end.map(end_row),
        settled_price: fate.price.map(|price| price.to_string()),
        close: close.map(|close| close_row(leg, close)),
    }
}

fn end_row(end: End) -> EndRow {
    match end {
        End::Result(result) => EndRow {
            result: Some(result.code().to_owned()),
            ..EndRow::default()
        },
        End::DeadHeat { places, tied } => EndRow {
            dead_heat: Some(DeadHeatRow { places, tied }),
            ..EndRow::default()
        },
        End::Finished(Finish { position, tied }) => EndRow {
            finished: Some(FinishRow { position, tied }),
            ..EndRow::default()
        },
    }
}

fn close_row(leg: &BetLeg, close: Close) -> CloseRow {
    let Close {
        grade,
        reason,
        start_at,
        price,
        fair_ppb,
        link,
        closing_line,
        books: _,
        seen_at,
        quotes,
    } = close;
    CloseRow {
        grade: grade.code(),
        reason,
        start_at,
        price: price.map(|price| price.to_string()),
        fair: fair_ppb.map(|ppb| f64::from(ppb) / 1e9),
        link: link.map(domain::fair::FairLink::code),
        closing_line: closing_line.map(|line| line.to_string()),
        points: closing_line
            .and_then(|line| points_gained(&leg.market, &leg.outcome, leg.side, line))
            .map(Line::signed),
        seen_at,
        quotes: quotes.into_iter().map(quote_row).collect(),
    }
}

fn quote_row(quote: CloseQuote) -> CloseQuoteRow {
    CloseQuoteRow {
        bookmaker: quote.bookmaker,
        outcome: quote.outcome.code(),
        side: quote.side.code(),
        price: quote.price.to_string(),
        last_seen_at: quote.last_seen_at,
        snapshot: quote.snapshot_id.0,
    }
}

async fn row_of(state: &AppState, stored: StoredBet) -> ApiResult<BetRow> {
    Ok(bet_row(stored, &*state.boards.profiles().await?))
}

/// A bookmaker by its key.
pub(super) async fn read_bookmaker(state: &AppState, key: Option<&str>) -> ApiResult<Option<BookmakerId>> {
    let Some(key) = key else { return Ok(None) };
    let books = state.boards.profiles().await?;
    let found = books.values().find(|book| book.key == key).map(|book| book.id);
    found
        .map(Some)
        .ok_or_else(|| ApiError::field("bookmaker", "there is no such bookmaker; /api/v1/bookmakers lists them"))
}

/// What a bets query asks for.
///
/// # Errors
/// Field errors for what is no filter.
pub async fn read_filter(state: &AppState, query: &BetsQuery) -> ApiResult<BetFilter> {
    let one = |id: Option<i64>| id.map_or(Of::Any, |id| Of::One(StrategyId(id)));
    Ok(BetFilter {
        mode: read_code("mode", query.mode.as_deref(), "paper or real", BetMode::from_code)?,
        status: read_code(
            "status",
            query.status.as_deref(),
            "open or settled",
            BetStatus::from_code,
        )?,
        settled_as: read_code(
            "settled_as",
            query.settled_as.as_deref(),
            "win, half_win, part, push, void, half_loss, loss or cashed_out",
            SettledAs::from_code,
        )?,
        strategy: one(query.strategy),
        bookmaker: read_bookmaker(state, query.bookmaker.as_deref())
            .await?
            .map_or(Of::Any, Of::One),
        account: query.account.map(AccountId),
        sport: read_text("sport", query.sport.clone())?,
        market: read_text("market", query.market.clone())?,
        tag: read_text("tag", query.tag.clone())?,
        event: query.event.map(EventId),
        opportunity: query.opportunity.map(OpportunityId),
        text: read_text("text", query.text.clone())?,
        placed_from: query.placed_from,
        placed_to: query.placed_to,
        needs_person: query.needs_person.unwrap_or(false),
        removed: query.removed.unwrap_or(false),
        ..BetFilter::default()
    })
}

/// List your bets.
#[utoipa::path(get, path = "/api/v1/bets", operation_id = "list_bets", tag = "bets", params(BetsQuery), responses((status = 200, body = BetsAnswer)))]
pub(super) async fn list(
    State(state): State<AppState>,
    viewer: Viewer,
    Query(query): Query<BetsQuery>,
) -> ApiResult<axum::Json<BetsAnswer>> {
    let filter = read_filter(&state, &query).await?;
    let (limit, after) = (read_limit(query.limit)?, read_after(query.after.as_deref())?);
    let page = state.store.bets_after(viewer.id(), &filter, after, limit).await?;
    let books = state.boards.profiles().await?;
    Ok(axum::Json(BetsAnswer {
        bets: page.items.into_iter().map(|stored| bet_row(stored, &books)).collect(),
        meta: Meta::new(page.next),
    }))
}

/// A bet to record. Either a leg of an opportunity, or legs of your own.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PlaceBetBody {
    /// With which of your accounts, by number; your paper account without.
    pub account: Option<i64>,
    /// At which bookmaker, by key; the account's, or the opportunity's, without.
    pub bookmaker: Option<String>,
    /// An opportunity, by number: its leg is taken at the price and stake as offered.
    pub opportunity: Option<i64>,
    /// Which leg of the opportunity, from 0.
    pub leg: Option<usize>,
    /// `single` (usual), `parlay`, `round_robin`, `teaser` or `each_way`.
    pub kind: Option<String>,
    /// What is staked on each line, a decimal string in the account's currency; for a lay the backer's stake. As suggested by the
    /// opportunity without.
    #[schema(example = "10.00")]
    pub stake: Option<String>,
    /// True when the stake is the bookmaker's.
    pub is_free: bool,
    /// What was bet on.
    pub legs: Vec<PlaceLegBody>,
    /// Of a round robin: how many legs its parlays have, e.g. `[2]`.
    pub sizes: Vec<u8>,
    /// Of a teaser: the price of one leg, of two, and so on; null where it cannot be made of so few.
    pub prices: Vec<Option<String>>,
    /// Of a teaser: what a hit line does: `reduce` (usual), `void` or `lose`.
    pub push: Option<String>,
    /// Of an each-way bet: how many places are paid.
    pub places: Option<u32>,
    /// Of an each-way bet: which part of the odds a place pays, e.g. `1/5`.
    #[schema(example = "1/5")]
    pub place_odds: Option<String>,
    /// When it was placed; now without.
    pub placed_at: Option<DateTime<Utc>>,
    /// Which of your strategies it is for, by number.
    pub strategy: Option<i64>,
    /// What you want to remember.
    pub note: String,
    /// Your words for it.
    pub tags: Vec<String>,
    /// The number on the bookmaker's slip.
    pub reference: String,
}

/// A leg to bet on.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PlaceLegBody {
    /// On which known event, by number; the five fields after it say it for one that no feed speaks of.
    pub event: Option<i64>,
    /// The event's name.
    pub event_name: String,
    /// Its sport, e.g. `basketball`.
    pub sport: Option<String>,
    /// Its competition.
    pub competition: String,
    /// The home side.
    pub home: Option<String>,
    /// The away side.
    pub away: Option<String>,
    /// Its start.
    pub starts_at: Option<DateTime<Utc>>,
    /// e.g. `moneyline`, `three_way`, `spread`, `total`.
    pub market: String,
    /// `full_time` (usual), `first_half` and so on.
    pub period: Option<String>,
    /// The line from the home or over side, where the market has one.
    pub line: Option<String>,
    /// Whose statistic or total it is, where the market needs that.
    pub participant: Option<String>,
    /// e.g. `home`, `over`.
    pub outcome: String,
    /// `back` (usual) or `lay`.
    pub side: Option<String>,
    /// Decimal odds, as a decimal string.
    pub price: String,
}

fn read_parsed<T: FromStr>(field: &str, text: &str, expected: &str) -> ApiResult<T> {
    text.trim()
        .parse()
        .map_err(|_| ApiError::field(field, format!("use {expected}")))
}

fn read_leg(body: &PlaceLegBody) -> ApiResult<LegDraft> {
    let kind = read_code(
        "market",
        Some(&body.market),
        "moneyline, three_way, spread, total, team_total, draw_no_bet, double_chance, both_teams_to_score, outright or prop:...",
        MarketKind::from_code,
    )?;
    let period = read_code(
        "period",
        body.period.as_deref(),
        "full_time, first_half, ...",
        Period::from_code,
    )?;
    let line = body.line.as_deref();
    let price: Price = read_parsed("price", &body.price, "decimal odds above 1, such as 1.95")?;
    Ok(LegDraft {
        event_id: body.event.map(EventId),
        event: body.event_name.clone(),
        sport: body.sport.as_deref().map(Sport::from_key),
        competition: body.competition.clone(),
        home: read_text("home", body.home.clone())?,
        away: read_text("away", body.away.clone())?,
        starts_at: body.starts_at,
        market: MarketKey {
            kind: kind.ok_or_else(|| ApiError::field("market", "say in which market"))?,
            period: period.unwrap_or(Period::FullTime),
            line: line
                .map(|line| read_parsed::<Line>("line", line, "a number such as -3.5"))
                .transpose()?,
            participant: read_text("participant", body.participant.clone())?,
        },
        outcome: Outcome::from_code(&body.outcome),
        side: read_code("side", body.side.as_deref(), "back or lay", Side::from_code)?.unwrap_or(Side::Back),
        price,
        price_text: body.price.trim().to_owned(),
    })
}

fn read_structure(body: &PlaceBetBody) -> ApiResult<Structure> {
    let kind = read_code(
        "kind",
        body.kind.as_deref(),
        "single, parlay, round_robin, teaser or each_way",
        BetKind::from_code,
    )?;
    Ok(match kind.unwrap_or(BetKind::Single) {
        BetKind::Single => Structure::Single,
        BetKind::Parlay => Structure::Parlay,
        BetKind::RoundRobin => Structure::RoundRobin {
            sizes: body.sizes.clone(),
        },
        BetKind::Teaser => Structure::Teaser {
            prices: body
                .prices
                .iter()
                .map(|price| {
                    price
                        .as_deref()
                        .map(|price| read_parsed("prices", price, "decimal odds above 1, such as 1.95"))
                        .transpose()
                })
                .collect::<ApiResult<_>>()?,
            push: read_code(
                "push",
                body.push.as_deref(),
                "reduce, void or lose",
                TeaserPush::from_code,
            )?
            .unwrap_or(TeaserPush::Reduce),
        },
        BetKind::EachWay => {
            let odds = body.place_odds.as_deref().and_then(|odds| odds.split_once('/'));
            let (numerator, denominator) =
                odds.ok_or_else(|| ApiError::field("place_odds", "use a part of the odds, such as 1/5"))?;
            let part = |text: &str| read_parsed("place_odds", text, "a part of the odds, such as 1/5");
            Structure::EachWay {
                terms: PlaceTerms {
                    places: body.places.unwrap_or(0),
                    numerator: part(numerator)?,
                    denominator: part(denominator)?,
                },
            }
        }
    })
}

/// The currency of an account, by number; of the paper account without.
async fn currency_of(state: &AppState, viewer: &Viewer, account: Option<AccountId>) -> ApiResult<Currency> {
    let accounts = state.store.accounts(viewer.id()).await?;
    let found = match account {
        Some(id) => accounts.iter().find(|account| account.id == id),
        None => accounts
            .iter()
            .find(|account| account.mode == BetMode::Paper && account.closed_at.is_none()),
    };
    match (found, account) {
        (Some(account), _) => Ok(account.currency),
        (None, Some(_)) => Err(ApiError::field("account", "choose one of your open accounts")),
        (None, None) => Ok(state.store.bettor(viewer.id()).await?.currency),
    }
}

/// An amount in minor units.
pub(super) fn read_amount(field: &str, text: &str, currency: Currency) -> ApiResult<i64> {
    let money = Money::parse(text, currency).map_err(|error| ApiError::field(field, error.to_string()))?;
    Ok(money.minor)
}

async fn read_slip(state: &AppState, viewer: &Viewer, body: &PlaceBetBody) -> ApiResult<Slip> {
    let owner = viewer.id();
    let account_id = body.account.map(AccountId);
    let currency = currency_of(state, viewer, account_id).await?;
    let stake = body
        .stake
        .as_deref()
        .map(|stake| read_amount("stake", stake, currency))
        .transpose()?;
    let bookmaker = read_bookmaker(state, body.bookmaker.as_deref()).await?;
    let mut slip = if let Some(id) = body.opportunity {
        if !body.legs.is_empty() {
            return Err(ApiError::field("legs", "an opportunity has legs of its own"));
        }
        of_opportunity(state, owner, OpportunityId(id), body.leg.unwrap_or(0)).await?
    } else {
        let mut legs = Vec::with_capacity(body.legs.len());
        for leg in &body.legs {
            legs.push(leg_of(state, read_leg(leg)?).await?);
        }
        // Where none is said, it is the account's.
        let place = match (bookmaker, account_id) {
            (None, Some(id)) => {
                let accounts = state.store.accounts(owner).await?;
                let account = accounts.into_iter().find(|account| account.id == id);
                account.and_then(|account| account.bookmaker_id)
            }
            _ => bookmaker,
        };
        let legs = with_quotes(state, legs, place, body.placed_at, |leg, price| leg.price == price).await?;
        let strategy = match body.strategy {
            Some(id) => {
                let found = crate::desk::strategies::find(state, owner, StrategyId(id)).await?;
                Some((found.id, found.version))
            }
            None => None,
        };
        Slip {
            account_id: None,
            bookmaker_id: bookmaker,
            wager: Wager {
                structure: read_structure(body)?,
                stake: 0,
                is_free: body.is_free,
                legs,
                terms: terms_at(state, owner, bookmaker).await?,
            },
            placed_at: None,
            note: String::new(),
            tags: Vec::new(),
            reference: String::new(),
            strategy,
            opportunity_id: None,
            edge_ppm: None,
        }
    };
    slip.account_id = account_id;
    if let Some(stake) = stake {
        slip.wager.stake = stake;
    }
    slip.placed_at = body.placed_at;
    slip.note.clone_from(&body.note);
    slip.tags.clone_from(&body.tags);
    slip.tags.sort();
    slip.tags.dedup();
    slip.reference.clone_from(&body.reference);
    Ok(slip)
}

/// One bet.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BetAnswer {
    /// The bet.
    pub bet: BetRow,
}

/// Record a bet that you placed, or a paper bet.
///
/// Every control of your limits is asked; a refusal (409 `refused`) names the control, and is kept among the decisions.
#[utoipa::path(post, path = "/api/v1/bets", operation_id = "place_bet", tag = "bets", request_body = PlaceBetBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Sent again, the same request gets the same answer")),
    responses((status = 201, body = BetAnswer)))]
pub(super) async fn create(
    State(state): State<AppState>,
    viewer: Viewer,
    headers: HeaderMap,
    Json(body): Json<PlaceBetBody>,
) -> ApiResult<Response> {
    viewer.require_role(UserRole::Member)?;
    let slip = read_slip(&state, &viewer, &body).await?;
    // Read before the transaction: one that waits for the lock must hold no other connection.
    let books = state.boards.profiles().await?;
    let mut refusal = None;
    let answer = create_once(&state, viewer.id(), &headers, &body, async |tx| {
        match place(&state, &books, tx, &viewer.user, &slip).await {
            Ok(bet) => Ok(BetAnswer {
                bet: bet_row(
                    StoredBet {
                        bet,
                        needs_person: None,
                        clv_ppm: None,
                        close_edge_ppm: None,
                    },
                    &books,
                ),
            }),
            Err(stopped) => {
                let error = stopped.answer();
                refusal = Some(stopped);
                Err(error)
            }
        }
    })
    .await;
    match (answer, refusal) {
        (Ok(answer), _) => {
            state.live.tell(News::Bets);
            Ok(answer)
        }
        (Err(_), Some(stopped @ Stopped::Refused(_))) => Err(note_refusal(&state, viewer.id(), stopped).await),
        (Err(error), _) => Err(error),
    }
}

/// A bet with its life.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BetStoryAnswer {
    /// The bet.
    pub bet: BetRow,
    /// What the controls of your limits saw when it was placed.
    pub readings: Vec<ReadingRow>,
    /// All that happened to it, the oldest first.
    pub story: Vec<StoryRow>,
}

/// What a control saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReadingRow {
    /// Which control, e.g. `per_bet`.
    pub control: &'static str,
    /// What would be used with the bet: minor units of your base currency, or a number of bets.
    pub used: i64,
    /// What was allowed.
    pub limit: i64,
}

/// Something that happened to a bet.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct StoryRow {
    /// When.
    pub at: DateTime<Utc>,
    /// `placed`, `edited`, `settled`, `taken_back`, `judged`, `cashed_out`, `removed`, `restored` or `imported`.
    pub action: String,
    /// True when the program did it.
    pub is_automatic: bool,
    /// Why, in words.
    pub reason: String,
    /// What changed, from and to.
    pub detail: serde_json::Value,
    /// The entry it made in the ledger, by number.
    pub entry: Option<i64>,
}

fn reading_row(reading: Reading) -> ReadingRow {
    ReadingRow {
        control: reading.control.code(),
        used: reading.used,
        limit: reading.limit,
    }
}

fn story_row(change: BetChange) -> StoryRow {
    let BetChange {
        at,
        actor,
        action,
        reason,
        detail,
        entry_id,
    } = change;
    StoryRow {
        at,
        action,
        is_automatic: actor.is_none(),
        reason,
        detail,
        entry: entry_id.map(|id| id.0),
    }
}

/// Show one of your bets with all that happened to it.
#[utoipa::path(get, path = "/api/v1/bets/{id}", operation_id = "show_bet", tag = "bets",
    params(("id" = i64, Path, description = "The bet's number")), responses((status = 200, body = BetStoryAnswer)))]
pub(super) async fn show(
    State(state): State<AppState>,
    viewer: Viewer,
    Path(id): Path<i64>,
) -> ApiResult<axum::Json<BetStoryAnswer>> {
    let (owner, id) = (viewer.id(), BetId(id));
    let stored = find(&state, owner, id).await?;
    let readings = state.store.bet_readings(owner, id).await?;
    let story = state.store.bet_changes(owner, id).await?;
    Ok(axum::Json(BetStoryAnswer {
        bet: row_of(&state, stored).await?,
        readings: readings.into_iter().map(reading_row).collect(),
        story: story.into_iter().map(story_row).collect(),
    }))
}

async fn answer(state: &AppState, viewer: &Viewer, bet: &Bet) -> ApiResult<axum::Json<BetAnswer>> {
    let stored = find(state, viewer.id(), bet.id).await?;
    Ok(axum::Json(BetAnswer {
        bet: row_of(state, stored).await?,
    }))
}

/// What to change about a bet; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeBetBody {
    /// The version that you looked at; another is refused.
    pub version: Option<u32>,
    /// What is staked on each line, as long as it is open.
    pub stake: Option<String>,
    /// The price of each leg in order, as long as it is open.
    pub prices: Option<Vec<String>>,
    /// When it was placed.
    pub placed_at: Option<DateTime<Utc>>,
    /// What you want to remember.
    pub note: Option<String>,
    /// Your words for it.
    pub tags: Option<Vec<String>>,
    /// The number on the bookmaker's slip.
    pub reference: Option<String>,
    /// Why, in words.
    pub reason: String,
}

/// Change one of your bets.
///
/// More at risk must pass the controls like a new bet. The price and stake of a settled one are changed after its settlement was taken back.
#[utoipa::path(post, path = "/api/v1/bets/{id}", operation_id = "change_bet", tag = "bets", request_body = ChangeBetBody,
    params(("id" = i64, Path, description = "The bet's number")), responses((status = 200, body = BetAnswer)))]
pub(super) async fn change(
    State(state): State<AppState>,
    viewer: Viewer,
    Path(id): Path<i64>,
    Json(body): Json<ChangeBetBody>,
) -> ApiResult<axum::Json<BetAnswer>> {
    viewer.require_role(UserRole::Member)?;
    let before = find(&state, viewer.id(), BetId(id)).await?.bet;
    let mut wager = before.wager.clone();
    if let Some(stake) = &body.stake {
        wager.stake = read_amount("stake", stake, before.currency)?;
    }
    if let Some(prices) = &body.prices {
        if prices.len() != wager.legs.len() {
            return Err(ApiError::field("prices", "give the price of each leg"));
        }
        for (leg, text) in wager.legs.iter_mut().zip(prices) {
            let price: Price = read_parsed("prices", text, "decimal odds above 1, such as 1.95")?;
            if price != leg.price {
                (leg.price, leg.price_text, leg.quote) = (price, text.trim().to_owned(), None);
            }
        }
    }
    let wanted = Edit {
        version: body.version,
        wager: Some(wager),
        placed_at: body.placed_at,
        note: body.note,
        tags: body.tags,
        reference: body.reference,
    };
    let books = state.boards.profiles().await?;
    let tx = state.store.begin_request().await?;
    match edit(&state, &books, &tx, &viewer.user, BetId(id), &wanted, &body.reason).await {
        Ok(bet) => {
            tx.commit().await?;
            state.live.tell(News::Bets);
            answer(&state, &viewer, &bet).await
        }
        Err(stopped) => {
            drop(tx);
            Err(note_refusal(&state, viewer.id(), stopped).await)
        }
    }
}

/// How the legs of a bet ended.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettleBetBody {
    /// Of each leg, in order.
    pub legs: Vec<SettleLegBody>,
    /// Why you say so.
    #[serde(default)]
    pub reason: String,
}

/// How a leg ended.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SettleLegBody {
    /// How; null leaves it open.
    pub end: Option<EndRow>,
    /// Instead of an end: that the game was given up. The house's rules decide, and the settlement's reason names them.
    pub given_up: Option<GivenUpRow>,
    /// The price it is settled at, where that is another: after a deduction, or the starting price.
    pub price: Option<String>,
}

/// How a game was given up: one of the two.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenUpRow {
    /// A player or pair did not finish.
    #[serde(default)]
    pub retired: Option<RetiredRow>,
    /// The game was broken off.
    #[serde(default)]
    pub abandoned: Option<AbandonedRow>,
}

/// A retirement.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetiredRow {
    /// Sets that were over.
    pub sets_over: u32,
    /// Who goes on: `home` or `away`.
    #[schema(value_type = String)]
    pub winner: Winner,
}

/// A game that was broken off.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AbandonedRow {
    /// Minutes that were played, in sports with a clock.
    #[serde(default)]
    pub minutes: Option<u32>,
    /// Half innings that were played, in baseball.
    #[serde(default)]
    pub half_innings: Option<u32>,
    /// The home side's score then.
    pub home: i32,
    /// The away side's score then.
    pub away: i32,
}

impl GivenUpRow {
    fn read(self) -> ApiResult<GivenUp> {
        match (self.retired, self.abandoned) {
            (Some(RetiredRow { sets_over, winner }), None) => Ok(GivenUp::Retired { sets_over, winner }),
            (None, Some(row)) => {
                let played = match (row.minutes, row.half_innings) {
                    (Some(minutes), None) => Played::Minutes(minutes),
                    (None, Some(halves)) => Played::HalfInnings(halves),
                    _ => return Err(ApiError::field("given_up", "say one of minutes and half_innings")),
                };
                let (home, away) = (row.home, row.away);
                Ok(GivenUp::Abandoned {
                    played,
                    score: Score { home, away },
                })
            }
            _ => Err(ApiError::field("given_up", "say one of retired and abandoned")),
        }
    }
}

fn read_said(body: &SettleLegBody) -> ApiResult<Said> {
    match body.given_up {
        None => read_fate(body).map(Said::Ended),
        Some(_) if body.end.is_some() || body.price.is_some() => Err(ApiError::field(
            "given_up",
            "a game that was given up has no end and price of its own: the house's rules decide",
        )),
        Some(row) => row.read().map(Said::GivenUp),
    }
}

fn read_fate(body: &SettleLegBody) -> ApiResult<Fate> {
    let one = || ApiError::field("legs", "say one of result, dead_heat and finished");
    let end = match &body.end {
        None => None,
        Some(EndRow {
            result: Some(code),
            dead_heat: None,
            finished: None,
        }) => read_code(
            "result",
            Some(code),
            "win, half_win, push, void, half_loss or loss",
            BetResult::from_code,
        )?
        .map(End::Result),
        Some(EndRow {
            result: None,
            dead_heat: Some(DeadHeatRow { places, tied }),
            finished: None,
        }) => Some(End::DeadHeat {
            places: *places,
            tied: *tied,
        }),
        Some(EndRow {
            result: None,
            dead_heat: None,
            finished: Some(FinishRow { position, tied }),
        }) => Some(End::Finished(Finish {
            position: *position,
            tied: *tied,
        })),
        Some(_) => return Err(one()),
    };
    let price = body.price.as_deref();
    Ok(Fate {
        end,
        price: price
            .map(|price| read_parsed("price", price, "decimal odds above 1, such as 1.95"))
            .transpose()?,
    })
}

/// Settle one of your bets, or regrade a settled one.
///
/// Saying the same again changes nothing. A regrade takes the old settlement back by an entry of its own.
#[utoipa::path(post, path = "/api/v1/bets/{id}/settle", operation_id = "settle_bet", tag = "bets", request_body = SettleBetBody,
    params(("id" = i64, Path, description = "The bet's number")), responses((status = 200, body = BetAnswer)))]
pub(super) async fn settle(
    State(state): State<AppState>,
    viewer: Viewer,
    Path(id): Path<i64>,
    Json(body): Json<SettleBetBody>,
) -> ApiResult<axum::Json<BetAnswer>> {
    viewer.require_role(UserRole::Member)?;
    let said = body.legs.iter().map(read_said).collect::<ApiResult<Vec<Said>>>()?;
    let bet = in_request(&state, async |tx| {
        settle::by_hand(&state, tx, viewer.id(), BetId(id), said, &body.reason).await
    })
    .await?;
    answer(&state, &viewer, &bet).await
}

/// Why something is done to a bet.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReasonBody {
    /// In words.
    pub reason: String,
}

/// Take the settlement of one of your bets back: it is open again.
#[utoipa::path(post, path = "/api/v1/bets/{id}/take-back", operation_id = "take_back_settlement", tag = "bets", request_body = ReasonBody,
    params(("id" = i64, Path, description = "The bet's number")), responses((status = 200, body = BetAnswer)))]
pub(super) async fn take_back(
    State(state): State<AppState>,
    viewer: Viewer,
    Path(id): Path<i64>,
    Json(body): Json<ReasonBody>,
) -> ApiResult<axum::Json<BetAnswer>> {
    viewer.require_role(UserRole::Member)?;
    let bet = in_request(&state, async |tx| {
        settle::take_back(&state, tx, viewer.id(), BetId(id), &body.reason).await
    })
    .await?;
    answer(&state, &viewer, &bet).await
}

/// A part of a bet that was sold back.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CashOutBody {
    /// What of the stake was taken out; all that is left without.
    pub stake: Option<String>,
    /// What was paid for it.
    pub amount: String,
    /// Why, in words.
    pub reason: String,
}

/// Record that a part of one of your open bets, or all of it, was cashed out.
#[utoipa::path(post, path = "/api/v1/bets/{id}/cash-out", operation_id = "cash_out_bet", tag = "bets", request_body = CashOutBody,
    params(("id" = i64, Path, description = "The bet's number"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, the same request gets the same answer")),
    responses((status = 201, body = BetAnswer)))]
pub(super) async fn cash_out(
    State(state): State<AppState>,
    viewer: Viewer,
    headers: HeaderMap,
    Path(id): Path<i64>,
    Json(body): Json<CashOutBody>,
) -> ApiResult<Response> {
    viewer.require_role(UserRole::Member)?;
    let (owner, id) = (viewer.id(), BetId(id));
    let before = find(&state, owner, id).await?.bet;
    let amount = read_amount("amount", &body.amount, before.currency)?;
    let stake = match &body.stake {
        Some(stake) => read_amount("stake", stake, before.currency)?,
        None => before.wager.total_stake() - before.cash_outs.iter().map(|part| part.stake).sum::<i64>(),
    };
    let books = state.boards.profiles().await?;
    let answer = create_once(&state, owner, &headers, &(id, &body), async |tx| {
        settle::cash_out(&state, tx, owner, id, stake, amount, &body.reason).await?;
        let stored = tx.bet(owner, id).await?.ok_or_else(|| ApiError::not_found("bet"))?;
        Ok(BetAnswer {
            bet: bet_row(stored, &books),
        })
    })
    .await?;
    state.live.tell(News::Bets);
    Ok(answer)
}

async fn set_removed(
    state: &AppState,
    viewer: &Viewer,
    id: i64,
    is_removed: bool,
    reason: &str,
) -> ApiResult<axum::Json<BetAnswer>> {
    viewer.require_role(UserRole::Member)?;
    let bet = in_request(state, async |tx| {
        settle::set_removed(state, tx, viewer.id(), BetId(id), is_removed, reason).await
    })
    .await?;
    answer(state, viewer, &bet).await
}

/// Remove one of your bets, with all that it did to its account.
///
/// It can be brought back.
#[utoipa::path(post, path = "/api/v1/bets/{id}/delete", operation_id = "delete_bet", tag = "bets", request_body = ReasonBody,
    params(("id" = i64, Path, description = "The bet's number")), responses((status = 200, body = BetAnswer)))]
pub(super) async fn delete(
    State(state): State<AppState>,
    viewer: Viewer,
    Path(id): Path<i64>,
    Json(body): Json<ReasonBody>,
) -> ApiResult<axum::Json<BetAnswer>> {
    set_removed(&state, &viewer, id, true, &body.reason).await
}

/// Bring a removed bet back.
#[utoipa::path(post, path = "/api/v1/bets/{id}/restore", operation_id = "restore_bet", tag = "bets", request_body = ReasonBody,
    params(("id" = i64, Path, description = "The bet's number")), responses((status = 200, body = BetAnswer)))]
pub(super) async fn restore(
    State(state): State<AppState>,
    viewer: Viewer,
    Path(id): Path<i64>,
    Json(body): Json<ReasonBody>,
) -> ApiResult<axum::Json<BetAnswer>> {
    set_removed(&state, &viewer, id, false, &body.reason).await
}

/// Which part of the decisions.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BetDecisionsQuery {
    /// Rows on the page: 1 to 500, usually 100.
    pub limit: Option<u32>,
    /// `meta.next` of the page before.
    pub after: Option<String>,
}

/// A page of decisions.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BetDecisionsAnswer {
    /// The latest first.
    pub decisions: Vec<BetDecisionRow>,
    /// How to go on.
    pub meta: Meta,
}

/// A bet that was decided against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BetDecisionRow {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// `skipped` by you or `refused` by a control.
    pub decided: &'static str,
    /// Which control refused.
    pub control: Option<&'static str>,
    /// Why, in words.
    pub reason: String,
    /// Of which opportunity, by number.
    pub opportunity: Option<i64>,
    /// `paper` or `real`.
    pub mode: &'static str,
    /// What would have been bet on.
    pub summary: String,
    /// What it would have put at risk.
    pub at_risk: Option<String>,
    /// In which currency.
    pub currency: Option<String>,
}

fn decision_row(decision: BetDecision) -> BetDecisionRow {
    let BetDecision { id, at, decision } = decision;
    BetDecisionRow {
        id,
        at,
        decided: decision.decided.code(),
        control: decision.control.map(domain::risk::Control::code),
        reason: decision.reason,
        opportunity: decision.opportunity_id.map(|id| id.0),
        mode: decision.mode.code(),
        summary: decision.summary,
        at_risk: decision.at_risk.map(|(minor, currency)| amount(minor, currency)),
        currency: decision.at_risk.map(|(_, currency)| currency.to_string()),
    }
}

/// List what you skipped and what your limits refused.
#[utoipa::path(get, path = "/api/v1/bets/decisions", operation_id = "list_bet_decisions", tag = "bets", params(BetDecisionsQuery),
    responses((status = 200, body = BetDecisionsAnswer)))]
pub(super) async fn decisions(
    State(state): State<AppState>,
    viewer: Viewer,
    Query(query): Query<BetDecisionsQuery>,
) -> ApiResult<axum::Json<BetDecisionsAnswer>> {
    let (limit, after) = (read_limit(query.limit)?, read_after(query.after.as_deref())?);
    let page = state.store.bet_decisions(viewer.id(), after, limit).await?;
    Ok(axum::Json(BetDecisionsAnswer {
        decisions: page.items.into_iter().map(decision_row).collect(),
        meta: Meta::new(page.next),
    }))
}

/// An opportunity that you leave alone.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SkipBody {
    /// Which, by number.
    pub opportunity: i64,
    /// Why, in words.
    #[serde(default)]
    pub reason: String,
}

/// A decision that was recorded.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SkippedAnswer {
    /// The decision's number.
    pub decision: i64,
}

/// Record that you leave an opportunity alone, and why.
#[utoipa::path(post, path = "/api/v1/bets/decisions", operation_id = "skip_opportunity", tag = "bets", request_body = SkipBody,
    responses((status = 200, body = SkippedAnswer)))]
pub(super) async fn skip_opportunity(
    State(state): State<AppState>,
    viewer: Viewer,
    Json(body): Json<SkipBody>,
) -> ApiResult<axum::Json<SkippedAnswer>> {
    viewer.require_role(UserRole::Member)?;
    let slip = of_opportunity(&state, viewer.id(), OpportunityId(body.opportunity), 0).await?;
    let decision = NewDecision {
        decided: Decided::Skipped,
        control: None,
        reason: body.reason,
        opportunity_id: slip.opportunity_id,
        mode: BetMode::Paper,
        summary: summary(&slip.wager),
        wager: Some(slip.wager),
        at_risk: None,
    };
    Ok(axum::Json(SkippedAnswer {
        decision: skip(&state, viewer.id(), decision).await?,
    }))
}
