//! `opportunities`: what was found, as long as it stood and afterwards, and the trace that explains each number.

use super::arbitrage::read_profit;
use super::events::{AsOfQuery, MarketRow, ParticipantRow, market_row, participant_row};
use super::extract::{Meta, Path, Query, read_after, read_code, read_limit};
use crate::desk::boards::FoundAt;
use crate::http::errors::{ApiError, ApiResult};
use crate::http::viewer::Viewer;
use crate::state::AppState;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::event::Event;
use domain::opportunity::{Facts, Fair, Found, Leg, MiddleFacts, OpportunityKind, Stakes, SteamFacts, Trace, Verdict};
use domain::{EventId, MarketKey, OpportunityId, Side, StrategyId, UserId};
use serde::{Deserialize, Serialize};
use store::{Opportunity, OpportunityFilter};
use utoipa::{IntoParams, ToSchema};

/// The document of `GET /api/v1/arbitrage` and of `overround opportunities --json`.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FoundDocument {
    /// The most profitable first.
    pub opportunities: Vec<FoundRow>,
}

/// An opportunity in its fixed form.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FoundRow {
    /// `arbitrage`, `value`, `middle`, `low_hold`, `steam` or `promotion`.
    pub kind: &'static str,
    /// Of which event.
    pub event: FoundEventRow,
    /// In which market.
    pub market: MarketRow,
    /// Return on the total at risk before rounding: 0.024976 is 2.4976 %. Certain in the worst case (arbitrage, middle, low hold;
    /// promotion: on the promoted stake), or on average (value, steam).
    #[schema(example = 0.024_976)]
    pub profit: f64,
    /// The bets, in the order of the market's outcomes.
    pub legs: Vec<LegRow>,
    /// Whole stakes and what they bring, where a total to stake is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stakes: Option<StakesRow>,
    /// What the outcome is worth by the prices of others: value and steam.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fair: Option<FairRow>,
    /// What happens when every bet wins: middles, and arbitrage between lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle: Option<MiddleRow>,
    /// Who moved: steam.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steam: Option<SteamRow>,
    /// Of a deposit bonus: how many times it has to be turned over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turnover: Option<f64>,
}

/// Whole stakes: decimal strings, in the base currency unless a bookmaker's account has its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StakesRow {
    /// On each leg, in whole steps; for a lay the backer's stake.
    pub stakes: Vec<String>,
    /// What is needed in all.
    #[schema(example = "99.00")]
    pub staked: String,
    /// The least that is won, or lost when below zero, after rounding of stakes and payouts.
    #[schema(example = "0.90")]
    pub guaranteed: String,
    /// The loss in the worst case when all legs but this one were placed.
    pub exposed_without: Vec<String>,
    /// True when there is a result with which every stake comes back, so that nothing is won.
    pub may_come_back: bool,
}

/// What an outcome is worth.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FairRow {
    /// Who said so: `sharp`, `exchange_mid` or `consensus`.
    pub link: &'static str,
    /// The fair probability of the outcome, without the bookmaker judged.
    pub probability: f64,
    /// The age of the oldest price behind it, in seconds.
    pub age_s: i64,
    /// How many bookmakers are behind it.
    pub books: usize,
    /// True when the stake may come back: probability and edge are then those of bets that are decided.
    pub may_push: bool,
    /// The growth-optimal part of a bankroll, before any fraction or cap.
    pub full_kelly: f64,
}

/// A middle, in shares of the total at risk.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MiddleRow {
    /// What is lost in the worst case.
    pub cost: f64,
    /// What is won at least when every bet wins.
    pub gain: f64,
    /// How likely that has to be for an expectation of zero.
    pub break_even: f64,
    /// How likely it is by the fair lines on both sides; null where these don't tell.
    pub chance: Option<f64>,
}

/// Moves of several bookmakers in one direction.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SteamRow {
    /// The key of the bookmaker that moved first; null where several moves came at one time, and nobody knows.
    pub origin: Option<String>,
    /// Who followed, in order; all of them where the origin is not known.
    pub followers: Vec<String>,
    /// How many moved, those with a shared price source counted once.
    pub independent: usize,
    /// The least move in implied probability that counted.
    pub threshold: f64,
    /// How far back moves counted, in seconds.
    pub window_s: u32,
    /// Prices are read this often, in seconds: a move may be older than it looks by as much.
    pub sampling_s: Option<u32>,
}

/// The event of an opportunity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FoundEventRow {
    /// Its number.
    pub id: i64,
    /// The scheduled start.
    pub starts_at: DateTime<Utc>,
    /// `scheduled`, `live`, `final`, `postponed` or `cancelled`.
    pub status: &'static str,
    /// Who takes part, home first.
    pub participants: Vec<ParticipantRow>,
}

/// One bet of an opportunity.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct LegRow {
    /// The bookmaker's key.
    pub bookmaker: String,
    /// In which market, where it is another than the opportunity's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub market: Option<MarketRow>,
    /// e.g. `home`.
    pub outcome: String,
    /// `lay`, where it is one: a bet against the outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<&'static str>,
    /// Decimal odds before commission, as a decimal string.
    #[schema(example = "1.909091")]
    pub price: String,
    /// The book's own time for the price, or when it was last seen where the book gives none.
    pub quoted_at: DateTime<Utc>,
    /// The share of the total stake; the legs sum to one.
    pub stake: f64,
}

/// An opportunity in its fixed form: the API and the command line show the very same.
pub fn opportunity_json(event: &Event, found: &Found) -> FoundRow {
    let Found {
        kind,
        market,
        profit,
        legs,
        verdict: _,
        reasons: _,
        is_in_play: _,
        facts,
    } = found;
    let Facts {
        stakes,
        fair,
        middle,
        steam,
        turnover,
    } = facts;
    FoundRow {
        kind: kind.code(),
        event: FoundEventRow {
            id: event.id.0,
            starts_at: event.starts_at,
            status: event.status.code(),
            participants: event.participants.iter().map(participant_row).collect(),
        },
        market: market_row(market),
        profit: *profit,
        legs: legs.iter().map(|leg| leg_row(market, leg)).collect(),
        stakes: stakes.as_ref().map(stakes_row),
        fair: fair.as_ref().map(fair_row),
        middle: middle.as_ref().map(middle_row),
        steam: steam.as_ref().map(steam_row),
        turnover: *turnover,
    }
}

fn stakes_row(stakes: &Stakes) -> StakesRow {
    let Stakes {
        stakes,
        staked,
        guaranteed,
        exposed_without,
        may_come_back,
    } = stakes;
    let all = |amounts: &[i64]| amounts.iter().copied().map(amount).collect();
    StakesRow {
        stakes: all(stakes),
        staked: amount(*staked),
        guaranteed: amount(*guaranteed),
        exposed_without: all(exposed_without),
        may_come_back: *may_come_back,
    }
}

/// Minor units as a decimal string.
fn amount(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", minor.unsigned_abs() / 100, minor.unsigned_abs() % 100)
}

fn fair_row(fair: &Fair) -> FairRow {
    FairRow {
        link: fair.link.code(),
        probability: fair.probability,
        age_s: fair.age_s,
        books: fair.books,
        may_push: fair.may_push,
        full_kelly: fair.full_kelly,
    }
}

fn middle_row(middle: &MiddleFacts) -> MiddleRow {
    MiddleRow {
        cost: middle.cost,
        gain: middle.gain,
        break_even: middle.break_even,
        chance: middle.chance,
    }
}

fn steam_row(steam: &SteamFacts) -> SteamRow {
    SteamRow {
        origin: steam.origin.clone(),
        followers: steam.followers.clone(),
        independent: steam.independent,
        threshold: steam.threshold,
        window_s: steam.window_s,
        sampling_s: steam.sampling_s,
    }
}

fn leg_row(of: &MarketKey, leg: &Leg) -> LegRow {
    let Leg {
        market,
        bookmaker_id: _,
        bookmaker,
        outcome,
        side,
        price,
        price_text: _,
        commission_bp: _,
        stake,
        quoted_at,
        received_at: _,
        last_seen_at: _,
        change_id: _,
        snapshot_id: _,
    } = leg;
    LegRow {
        bookmaker: bookmaker.clone(),
        market: (market != of).then(|| market_row(market)),
        outcome: outcome.code(),
        side: (*side == Side::Lay).then(|| side.code()),
        price: price.to_string(),
        quoted_at: *quoted_at,
        stake: *stake,
    }
}

/// The document of a search.
pub fn found_document(found: &[FoundAt]) -> FoundDocument {
    FoundDocument {
        opportunities: found
            .iter()
            .map(|FoundAt { event, found }| opportunity_json(event, found))
            .collect(),
    }
}

/// What a kind can be, for whoever gave something else.
pub(super) const KINDS: &str = "arbitrage, value, middle, low_hold, steam or promotion";

/// Which opportunities.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OpportunitiesQuery {
    /// `arbitrage`, `value`, `middle`, `low_hold`, `steam` or `promotion`.
    pub kind: Option<String>,
    /// Found by one of your strategies, by number.
    pub strategy: Option<i64>,
    /// `open` (usual), `closed` or `all`.
    pub status: Option<String>,
    /// `executable`, `paper`, `stale` or `suspect`.
    pub verdict: Option<String>,
    /// The least return on the total stake: 0.01 is 1 %.
    pub min_profit: Option<f64>,
    /// Of one event, by number.
    pub event: Option<i64>,
    /// As known at this time; now without it.
    pub as_of: Option<DateTime<Utc>>,
    /// Rows on the page: 1 to 500, usually 100.
    pub limit: Option<u32>,
    /// `meta.next` of the page before.
    pub after: Option<String>,
}

/// A page of opportunities.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpportunitiesAnswer {
    /// The last opened first.
    pub opportunities: Vec<OpportunityRow>,
    /// How to go on.
    pub meta: Meta,
}

/// A recorded opportunity.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct OpportunityRow {
    /// Its number.
    pub id: i64,
    /// Your strategy that found it, by number.
    pub strategy: i64,
    /// The strategy's version when it was first found.
    pub strategy_version: u32,
    /// What was found, last.
    #[serde(flatten)]
    pub found: FoundRow,
    /// `executable`, `paper`, `stale` or `suspect`.
    pub verdict: &'static str,
    /// Why the verdict is what it is.
    pub reasons: Vec<String>,
    /// True when the event had started.
    pub is_in_play: bool,
    /// The highest profit seen.
    pub best_profit: f64,
    /// When it was first found.
    pub opened_at: DateTime<Utc>,
    /// When it was last found otherwise than before.
    pub refreshed_at: DateTime<Utc>,
    /// When it was gone; null while it stands.
    pub closed_at: Option<DateTime<Utc>>,
    /// Why it was gone.
    pub close_reason: Option<String>,
}

fn opportunity_row(opportunity: Opportunity, event: &Event) -> OpportunityRow {
    let Opportunity {
        id,
        strategy: (strategy, strategy_version),
        version: _,
        event_id: _,
        found,
        trace: _,
        opened_at,
        refreshed_at,
        closed_at,
        close_reason,
        best_profit,
    } = opportunity;
    OpportunityRow {
        id: id.0,
        strategy: strategy.0,
        strategy_version,
        found: opportunity_json(event, &found),
        verdict: found.verdict.code(),
        reasons: found.reasons,
        is_in_play: found.is_in_play,
        best_profit,
        opened_at,
        refreshed_at,
        closed_at,
        close_reason,
    }
}

/// List recorded opportunities.
#[utoipa::path(get, path = "/api/v1/opportunities", operation_id = "list_opportunities", tag = "opportunities", params(OpportunitiesQuery),
    responses((status = 200, body = OpportunitiesAnswer)))]
pub(super) async fn list(
    State(state): State<AppState>,
    viewer: Viewer,
    Query(query): Query<OpportunitiesQuery>,
) -> ApiResult<axum::Json<OpportunitiesAnswer>> {
    let OpportunitiesQuery {
        kind,
        strategy,
        status,
        verdict,
        min_profit,
        event,
        as_of,
        limit,
        after,
    } = query;
    let is_open = read_code("status", status.as_deref(), "open, closed or all", |code| match code {
        "open" => Some(Some(true)),
        "closed" => Some(Some(false)),
        "all" => Some(None),
        _ => None,
    })?;
    let filter = OpportunityFilter {
        owner: Some(viewer.id()),
        strategy: strategy.map(StrategyId),
        kind: read_code("kind", kind.as_deref(), KINDS, OpportunityKind::from_code)?,
        event_id: event.map(EventId),
        is_open: is_open.unwrap_or(Some(true)),
        verdict: read_code(
            "verdict",
            verdict.as_deref(),
            "executable, paper, stale or suspect",
            Verdict::from_code,
        )?,
        min_profit: read_profit(min_profit)?,
        ..OpportunityFilter::default()
    };
    let (limit, after) = (read_limit(limit)?, read_after(after.as_deref())?);
    let page = state.store.list_opportunities(&filter, as_of, after, limit).await?;
    let ids: Vec<EventId> = page.items.iter().map(|opportunity| opportunity.event_id).collect();
    let events = state.boards.events(&ids, as_of).await?;
    let rows = page.items.into_iter().filter_map(|opportunity| {
        let event = events.get(&opportunity.event_id)?;
        Some(opportunity_row(opportunity, event))
    });
    Ok(axum::Json(OpportunitiesAnswer {
        opportunities: rows.collect(),
        meta: Meta::new(page.next),
    }))
}

async fn find(state: &AppState, owner: UserId, id: i64, as_of: Option<DateTime<Utc>>) -> ApiResult<Opportunity> {
    let found = state.store.opportunity(owner, OpportunityId(id), as_of).await?;
    found.ok_or_else(|| ApiError::not_found("opportunity"))
}

/// One recorded opportunity.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpportunityAnswer {
    /// The opportunity.
    pub opportunity: OpportunityRow,
}

/// Show a recorded opportunity.
#[utoipa::path(get, path = "/api/v1/opportunities/{id}", operation_id = "show_opportunity", tag = "opportunities",
    params(("id" = i64, Path, description = "The opportunity's number"), AsOfQuery), responses((status = 200, body = OpportunityAnswer)))]
pub(super) async fn show(
    State(state): State<AppState>,
    viewer: Viewer,
    Path(id): Path<i64>,
    Query(AsOfQuery { as_of }): Query<AsOfQuery>,
) -> ApiResult<axum::Json<OpportunityAnswer>> {
    let opportunity = find(&state, viewer.id(), id, as_of).await?;
    let mut events = state.boards.events(&[opportunity.event_id], as_of).await?;
    let event = events
        .remove(&opportunity.event_id)
        .ok_or_else(|| ApiError::not_found("opportunity"))?;
    Ok(axum::Json(OpportunityAnswer {
        opportunity: opportunity_row(opportunity, &event),
    }))
}

/// Everything that an opportunity was reckoned from.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TraceAnswer {
    /// Method, constants and legs, each leg with its price, commission, history row and snapshot.
    pub trace: serde_json::Value,
    /// The profit reckoned again from the trace alone, by its method.
    pub recomputed_profit: Option<f64>,
}

/// Show how an opportunity was reckoned, so that anybody can reckon it again.
#[utoipa::path(get, path = "/api/v1/opportunities/{id}/trace", operation_id = "trace_opportunity", tag = "opportunities",
    params(("id" = i64, Path, description = "The opportunity's number"), AsOfQuery), responses((status = 200, body = TraceAnswer)))]
pub(super) async fn trace(
    State(state): State<AppState>,
    viewer: Viewer,
    Path(id): Path<i64>,
    Query(AsOfQuery { as_of }): Query<AsOfQuery>,
) -> ApiResult<axum::Json<TraceAnswer>> {
    let trace = find(&state, viewer.id(), id, as_of).await?.trace;
    let recomputed_profit = serde_json::from_value::<Trace>(trace.clone())
        .ok()
        .and_then(|trace| trace.recompute());
    Ok(axum::Json(TraceAnswer {
        trace,
        recomputed_profit,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::event::Participant;
    use domain::{
        BookmakerId, CompetitionId, EventStatus, MarketKind, Outcome, ParticipantId, QuoteChangeId, Role, SnapshotId,
        Sport,
    };

    #[test]
    fn the_fixed_form_is_what_programs_outside_rely_on() {
        let at = DateTime::from_timestamp(1_669_161_600, 0).unwrap();
        let participant = |id, role, name: &str| Participant {
            id: ParticipantId(id),
            role,
            name: name.into(),
        };
        let event = Event {
            id: EventId(7),
            sport: Sport::BASKETBALL,
            competition_id: CompetitionId(1),
            competition: "NBA".into(),
            participants: vec![
                participant(1, Role::Home, "Denver Nuggets"),
                participant(2, Role::Away, "Detroit Pistons"),
            ],
            starts_at: at,
            status: EventStatus::Scheduled,
            score: None,
            is_demo: false,
        };
        let market = MarketKey {
            line: "-0.5".parse().ok(),
            ..MarketKey::plain(MarketKind::Spread)
        };
        let leg = Leg {
            market: market.clone(),
            bookmaker_id: BookmakerId(1),
            bookmaker: "pinnacle".into(),
            outcome: Outcome::Home,
            side: Side::Back,
            price: "1.950000".parse().unwrap(),
            price_text: "1.95".into(),
            commission_bp: 0,
            stake: 0.5,
            quoted_at: at,
            received_at: at,
            last_seen_at: at,
            change_id: QuoteChangeId(1),
            snapshot_id: SnapshotId(1),
        };
        let found = Found {
            kind: OpportunityKind::Arbitrage,
            market,
            profit: 0.024_976,
            legs: vec![leg],
            verdict: Verdict::Paper,
            reasons: vec!["a reason".into()],
            is_in_play: false,
            facts: Facts::default(),
        };
        let document = found_document(&[FoundAt { event, found }]);
        assert_eq!(
            serde_json::to_value(document).unwrap(),
            serde_json::json!({"opportunities": [{
                "kind": "arbitrage",
                "event": {
                    "id": 7,
                    "starts_at": "2022-11-23T00:00:00Z",
                    "status": "scheduled",
                    "participants": [
                        {"role": "home", "name": "Denver Nuggets"},
                        {"role": "away", "name": "Detroit Pistons"},
                    ],
                },
                "market": {"kind": "spread", "period": "full_time", "line": "-0.5"},
                "profit": 0.024_976,
                "legs": [
                    {"bookmaker": "pinnacle", "outcome": "home", "price": "1.95", "quoted_at": "2022-11-23T00:00:00Z", "stake": 0.5},
                ],
            }]})
        );
    }
}
