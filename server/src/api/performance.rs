//! `performance`: how bets went, each figure with the number of bets behind it, its interval, and all it takes to reckon it again.

use super::bets::{BetsQuery, amount, read_filter};
use super::extract::Query;
use crate::desk::bets::performance::performance_of;
use crate::desk::preferences::{Preferences, day_bounds};
use crate::http::errors::ApiResult;
use crate::http::viewer::Viewer;
use crate::state::AppState;
use axum::extract::State;
use chrono::{DateTime, Months, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::bet::{BetMode, BetStatus};
use domain::performance::{
    Bucket, Calibrated, ClvOfGrade, Estimate, MIN_BETS, Performance, Point, Split, SplitBy, SplitRow, Tally, Traced,
    Without,
};
use domain::{BookmakerId, Currency};
use engine::BooksById;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// How bets of one mode went. Amounts are decimal strings in the base currency.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PerformanceAnswer {
    /// `paper` or `real`: they are never mixed.
    pub mode: &'static str,
    /// The base currency.
    #[schema(example = "EUR")]
    pub currency: String,
    /// Fewer bets than these say nothing: values are null then.
    pub min_bets: u32,
    /// Settled bets.
    pub settled: u32,
    /// Open bets.
    pub open: u32,
    /// What these put at risk.
    pub open_at_risk: String,
    /// Bets that are left out because their currency has no exchange rate by the day they were placed.
    pub without_rate: u32,
    /// What the settled bets put at risk: the denominator of the yield.
    pub at_risk: String,
    /// What they won or lost.
    pub profit: String,
    /// What those with a known edge were expected to win.
    pub expected: String,
    /// How many those are.
    pub with_edge: u32,
    /// How many bets ended in each way.
    pub outcomes: BTreeMap<&'static str, u32>,
    /// How far the profit fell below its highest.
    pub drawdown: DrawdownRow,
    /// Where the settled bets are listed that all this is about.
    #[schema(example = "/api/v1/bets?mode=paper&status=settled")]
    pub bets: String,
    /// Settled bets with both figures against the close.
    pub with_both_clv: u32,
    /// How prices were against closes, verified and provisional ones apart.
    pub closes: Vec<ClosesRow>,
    /// Points of line gained where the line moved away.
    pub points: PointsRow,
    /// The best and the worst price against a close.
    pub extremes: Vec<ExtremeRow>,
    /// Those without one of them, by reason; with the others all settled bets.
    pub without_clv: Vec<WithoutRow>,
    /// How many prices were how much better than the close.
    pub clv: Vec<ClvRow>,
    /// What edges of a size were expected to make, and made.
    pub calibration: Vec<CalibrationRow>,
    /// Where the profit comes from.
    pub splits: Vec<SplitsRow>,
    /// Where you stood over time: at most 400 points, with every high and low of its stretch.
    pub series: Vec<PointRow>,
    /// The main figures, each with its formula and what goes in.
    pub trace: Vec<FigureRow>,
}

/// How far the profit fell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DrawdownRow {
    /// The deepest fall, by settled bets.
    pub deepest: String,
    /// How far it is below its highest now, by settled bets.
    pub now: String,
    /// How far it would be with every open bet lost.
    pub now_if_all_lost: String,
    /// The deepest, counting the open bets as lost.
    pub deepest_if_all_lost: String,
    /// The bet after which it was highest before the deepest fall, by number.
    pub top_bet: Option<i64>,
    /// The bet at the bottom, by number.
    pub bottom_bet: Option<i64>,
}

/// Why bets have not both figures against the close.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WithoutRow {
    /// Why.
    pub reason: String,
    /// How many.
    pub bets: u32,
    /// One of them, by number.
    pub example: i64,
}

/// Prices against closes of one grade.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ClosesRow {
    /// `verified` or `provisional`.
    pub grade: &'static str,
    /// Bets that have such a close.
    pub bets: u32,
    /// How much better the price was than the close, on average.
    pub price: EstimateRow,
    /// The middle value of that; null when there are not enough bets to say.
    pub median: Option<f64>,
    /// The share of bets whose price was better than the close.
    pub beat: EstimateRow,
    /// What the price was worth by the fair close, on average.
    pub edge: EstimateRow,
}

/// Lines that moved away until the close.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PointsRow {
    /// Bets whose line moved.
    pub bets: u32,
    /// Points gained in all; negative when lost.
    #[schema(example = "2.5")]
    pub gained: String,
}

/// A bet that stands out against the close.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ExtremeRow {
    /// Which, by number.
    pub bet: i64,
    /// How much better its price was than the close: 0.02 is 2 %.
    pub clv: f64,
}

/// Prices that were so much better than the close.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ClvRow {
    /// From: 0.02 is 2 %; null for any less.
    pub from: Option<f64>,
    /// To below; null for any more.
    pub to: Option<f64>,
    /// Bets with a verified close.
    pub verified: u32,
    /// Bets with a provisional one.
    pub provisional: u32,
}

/// Bets with an edge within bounds.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CalibrationRow {
    /// From: 0.02 is 2 %; null for any less.
    pub from: Option<f64>,
    /// To below; null for any more.
    pub to: Option<f64>,
    /// How many.
    pub bets: u32,
    /// What they put at risk.
    pub at_risk: String,
    /// What they were expected to win.
    pub expected: String,
    /// What they won or lost.
    pub profit: String,
    /// Profit for each unit at risk.
    #[serde(rename = "yield")]
    pub yield_of: EstimateRow,
}

/// An effect with its 95 % interval; nulls when there are not enough bets to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct EstimateRow {
    /// The best guess.
    pub value: Option<f64>,
    /// At least.
    pub low: Option<f64>,
    /// At most.
    pub high: Option<f64>,
}

/// Bets told apart by something.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SplitsRow {
    /// By what, e.g. `Strategy`.
    pub by: &'static str,
    /// The parts.
    pub rows: Vec<PartRow>,
}

/// A part of the bets.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PartRow {
    /// A number of strategy or bookmaker, a key, a tag, `2026-11`; empty for none.
    pub key: String,
    /// How many.
    pub bets: u32,
    /// What they put at risk.
    pub at_risk: String,
    /// What they won or lost.
    pub profit: String,
    /// Profit for each unit at risk.
    #[serde(rename = "yield")]
    pub yield_of: EstimateRow,
    /// How much better the price was than a verified close, on average.
    pub clv: EstimateRow,
    /// Where its bets are listed; null for those that the part's key says nothing of.
    pub bets_at: Option<String>,
}

/// Where you stood after a bet was settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PointRow {
    /// When.
    pub at: DateTime<Utc>,
    /// By which bet, by number.
    pub bet: i64,
    /// What all bets until then had won or lost.
    pub profit: String,
    /// The same of those with a known edge.
    pub profit_of_expected: String,
    /// What those were expected to win.
    pub expected: String,
    /// How far the profit was below its highest.
    pub below_peak: String,
}

/// A figure with all it takes to reckon it again. Amounts are in minor units.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FigureRow {
    /// Which.
    pub figure: String,
    /// Its value with its interval.
    #[serde(flatten)]
    pub estimate: EstimateRow,
    /// How it is reckoned from the inputs.
    pub formula: &'static str,
    /// What goes in, by name, as text.
    pub inputs: BTreeMap<&'static str, String>,
}

fn estimate_row(estimate: Option<Estimate>) -> EstimateRow {
    let interval = estimate.and_then(|estimate| estimate.interval);
    EstimateRow {
        value: estimate.map(|estimate| estimate.value),
        low: interval.map(|interval| interval.low),
        high: interval.map(|interval| interval.high),
    }
}

/// Millionths as a share of one.
#[expect(clippy::cast_precision_loss, reason = "prices are bounded, so shares of them are")]
fn share(ppm: i64) -> f64 {
    ppm as f64 / 1e6
}

fn bounds(bucket: Bucket) -> (Option<f64>, Option<f64>) {
    (bucket.from_ppm.map(share), bucket.to_ppm.map(share))
}

/// Hundredths as a decimal string: 250 is `2.5`.
fn hundredths(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let (whole, rest) = (value.unsigned_abs() / 100, value.unsigned_abs() % 100);
    let text = format!("{sign}{whole}.{rest:02}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A sum as a decimal string; one beyond all measure is cut to what can be held.
fn sum(minor: i128, currency: Currency) -> String {
    let most = if minor < 0 { i64::MIN } else { i64::MAX };
    amount(i64::try_from(minor).unwrap_or(most), currency)
}

fn closes_row(grade: &ClvOfGrade) -> ClosesRow {
    ClosesRow {
        grade: grade.grade.code(),
        bets: grade.bets,
        price: estimate_row(grade.price.mean()),
        median: grade.median,
        beat: estimate_row(grade.price.share_above()),
        edge: estimate_row(grade.edge.mean()),
    }
}

/// Where the bets are listed that a part is made of.
fn part_address(asked: &Asked<'_>, by: SplitBy, key: &str) -> Option<String> {
    let mut query = asked.query.clone();
    match by {
        SplitBy::Strategy => query.strategy = Some(key.parse().ok()?),
        SplitBy::Bookmaker => query.bookmaker = Some(asked.books.get(&BookmakerId(key.parse().ok()?))?.key.clone()),
        _ if key.is_empty() => return None,
        SplitBy::Sport => query.sport = Some(key.to_owned()),
        SplitBy::Market => query.market = Some(key.to_owned()),
        SplitBy::Tag => query.tag = Some(key.to_owned()),
        SplitBy::Month => {
            let first: NaiveDate = format!("{key}-01").parse().ok()?;
            let (from, _) = day_bounds(asked.zone, first);
            let (to, _) = day_bounds(asked.zone, first.checked_add_months(Months::new(1))?);
            query.placed_from = Some(query.placed_from.map_or(from, |asked| asked.max(from)));
            query.placed_to = Some(query.placed_to.map_or(to, |asked| asked.min(to)));
        }
    }
    Some(query.address())
}

/// What was asked, and what it takes to name parts of it.
struct Asked<'a> {
    query: &'a PerformanceQuery,
    mode: BetMode,
    zone: Tz,
    books: &'a BooksById,
}

fn answer(asked: &Asked<'_>, found: &Performance) -> PerformanceAnswer {
    let currency = found.currency;
    let drawdown = &found.drawdown;
    PerformanceAnswer {
        mode: asked.mode.code(),
        currency: currency.to_string(),
        min_bets: MIN_BETS,
        settled: found.settled.bets,
        open: found.open_bets,
        open_at_risk: amount(found.open_at_risk, currency),
        without_rate: found.without_rate,
        at_risk: sum(found.settled.at_risk, currency),
        profit: sum(found.settled.profit, currency),
        expected: sum(found.expected, currency),
        with_edge: found.with_edge.bets,
        outcomes: found.outcomes.iter().map(|(end, bets)| (end.code(), *bets)).collect(),
        drawdown: DrawdownRow {
            deepest: amount(drawdown.deepest, currency),
            now: amount(drawdown.now, currency),
            now_if_all_lost: amount(drawdown.now_if_all_lost, currency),
            deepest_if_all_lost: amount(drawdown.deepest_if_all_lost, currency),
            top_bet: drawdown.top.map(|(id, _)| id.0),
            bottom_bet: drawdown.bottom.map(|(id, _)| id.0),
        },
        bets: asked.query.address(),
        with_both_clv: found.clv.with_both,
        closes: found.clv.grades.iter().map(closes_row).collect(),
        points: PointsRow {
            bets: found.clv.points.0,
            gained: hundredths(found.clv.points.1),
        },
        extremes: found
            .clv
            .extremes
            .iter()
            .map(|(bet, ppm)| ExtremeRow {
                bet: bet.0,
                clv: share(*ppm),
            })
            .collect(),
        without_clv: found.clv.without.iter().map(without_row).collect(),
        clv: found
            .clv
            .histogram
            .iter()
            .map(|part| {
                let (from, to) = bounds(part.bucket);
                ClvRow {
                    from,
                    to,
                    verified: part.verified,
                    provisional: part.provisional,
                }
            })
            .collect(),
        calibration: found
            .calibration
            .iter()
            .map(|part| calibration_row(part, currency))
            .collect(),
        splits: found
            .splits
            .iter()
            .map(|split| splits_row(split, currency, asked))
            .collect(),
        series: found.series.iter().map(|point| point_row(point, currency)).collect(),
        trace: found.trace().into_iter().map(figure_row).collect(),
    }
}

fn without_row(without: &Without) -> WithoutRow {
    WithoutRow {
        reason: without.reason.clone(),
        bets: without.bets,
        example: without.example.0,
    }
}

fn calibration_row(part: &Calibrated, currency: Currency) -> CalibrationRow {
    let (from, to) = bounds(part.bucket);
    let Tally {
        bets, at_risk, profit, ..
    } = part.tally;
    CalibrationRow {
        from,
        to,
        bets,
        at_risk: sum(at_risk, currency),
        expected: sum(part.expected, currency),
        profit: sum(profit, currency),
        yield_of: estimate_row(part.tally.yield_of()),
    }
}

fn splits_row(split: &Split, currency: Currency, asked: &Asked<'_>) -> SplitsRow {
    let part = |row: &SplitRow| PartRow {
        key: row.key.clone(),
        bets: row.tally.bets,
        at_risk: sum(row.tally.at_risk, currency),
        profit: sum(row.tally.profit, currency),
        yield_of: estimate_row(row.tally.yield_of()),
        clv: estimate_row(row.clv.mean()),
        bets_at: part_address(asked, split.by, &row.key),
    };
    SplitsRow {
        by: split.by.name(),
        rows: split.rows.iter().map(part).collect(),
    }
}

fn point_row(point: &Point, currency: Currency) -> PointRow {
    PointRow {
        at: point.at,
        bet: point.bet.0,
        profit: amount(point.profit, currency),
        profit_of_expected: amount(point.profit_of_expected, currency),
        expected: amount(point.expected, currency),
        below_peak: amount(point.below_peak, currency),
    }
}

fn figure_row(traced: Traced) -> FigureRow {
    let Traced {
        figure,
        value,
        interval,
        formula,
        inputs,
    } = traced;
    FigureRow {
        figure,
        estimate: EstimateRow {
            value,
            low: interval.map(|interval| interval.low),
            high: interval.map(|interval| interval.high),
        },
        formula,
        inputs: inputs.into_iter().collect(),
    }
}

/// Which bets the figures are about.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PerformanceQuery {
    /// `paper` or `real`.
    pub mode: Option<String>,
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
    /// Placed at or after this.
    pub placed_from: Option<DateTime<Utc>>,
    /// Placed before this.
    pub placed_to: Option<DateTime<Utc>>,
}

impl PerformanceQuery {
    /// As the list of bets asks for the same.
    fn of_bets(&self) -> BetsQuery {
        let query = self.clone();
        BetsQuery {
            mode: query.mode,
            strategy: query.strategy,
            bookmaker: query.bookmaker,
            account: query.account,
            sport: query.sport,
            market: query.market,
            tag: query.tag,
            event: query.event,
            placed_from: query.placed_from,
            placed_to: query.placed_to,
            ..BetsQuery::default()
        }
    }

    /// Where the settled bets among these are listed.
    fn address(&self) -> String {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let query = app::address::Query::default()
            .with("mode", &text(&self.mode))
            .with("status", BetStatus::Settled.code())
            .with_known("strategy", self.strategy)
            .with("bookmaker", &text(&self.bookmaker))
            .with_known("account", self.account)
            .with("sport", &text(&self.sport))
            .with("market", &text(&self.market))
            .with("tag", &text(&self.tag))
            .with_known("event", self.event)
            .with_known("placed_from", self.placed_from.map(app::write::rfc3339))
            .with_known("placed_to", self.placed_to.map(app::write::rfc3339));
        format!("/api/v1/bets{}", query.text())
    }
}

/// Show how your bets went.
///
/// Takes most filters of the list of bets; not their status and how they ended, which would only choose what is seen: open bets are
/// told beside the settled ones. Without `mode` it is about paper bets: paper and real money are never mixed.
#[utoipa::path(get, path = "/api/v1/performance", operation_id = "show_performance", tag = "bets", params(PerformanceQuery),
    responses((status = 200, body = PerformanceAnswer)))]
pub(super) async fn show(
    State(state): State<AppState>,
    viewer: Viewer,
    Query(mut query): Query<PerformanceQuery>,
) -> ApiResult<axum::Json<PerformanceAnswer>> {
    let mut filter = read_filter(&state, &query.of_bets()).await?;
    let mode = filter.mode.unwrap_or(BetMode::Paper);
    filter.mode = Some(mode);
    query.mode = Some(mode.code().to_owned());
    let found = performance_of(&state, &viewer.user, &filter).await?;
    let asked = Asked {
        query: &query,
        mode,
        zone: Preferences::of(&viewer.user).zone(),
        books: &*state.boards.profiles().await?,
    };
    Ok(axum::Json(answer(&asked, &found)))
}
