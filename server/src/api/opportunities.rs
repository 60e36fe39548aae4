//! `opportunities`: what was found, as long as it stood and afterwards, and the trace that explains each number.

use super::arbitrage::read_profit;
use super::events::{AsOfQuery, MarketRow, ParticipantRow, market_row, participant_row};
use super::extract::{Meta, Path, Query, read_after, read_code, read_limit};
use crate::desk::boards::FoundAt;
use crate::http::errors::{ApiError, ApiResult};
use crate::state::AppState;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::event::Event;
use domain::opportunity::{Found, Leg, OpportunityKind, Trace, Verdict};
use domain::{EventId, OpportunityId};
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
    /// `arbitrage`.
    pub kind: &'static str,
    /// Of which event.
    pub event: FoundEventRow,
    /// In which market.
    pub market: MarketRow,
    /// Return on the total stake before rounding: 0.024976 is 2.4976 %.
    #[schema(example = 0.024_976)]
    pub profit: f64,
    /// The bets, in the order of the market's outcomes.
    pub legs: Vec<LegRow>,
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
    /// e.g. `home`.
    pub outcome: String,
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
    } = found;
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
        legs: legs.iter().map(leg_row).collect(),
    }
}

fn leg_row(leg: &Leg) -> LegRow {
    let Leg {
        bookmaker_id: _,
        bookmaker,
        outcome,
        side: _,
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
        outcome: outcome.code(),
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

/// Which opportunities.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OpportunitiesQuery {
    /// `arbitrage`.
    pub kind: Option<String>,
    /// `open` (usual), `closed` or `all`.
    pub status: Option<String>,
    /// `executable`, `paper` or `stale`.
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
    /// What was found, last.
    #[serde(flatten)]
    pub found: FoundRow,
    /// `executable`, `paper` or `stale`.
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
    Query(query): Query<OpportunitiesQuery>,
) -> ApiResult<axum::Json<OpportunitiesAnswer>> {
    let OpportunitiesQuery {
        kind,
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
        kind: read_code("kind", kind.as_deref(), "arbitrage", OpportunityKind::from_code)?,
        event_id: event.map(EventId),
        is_open: is_open.unwrap_or(Some(true)),
        verdict: read_code(
            "verdict",
            verdict.as_deref(),
            "executable, paper or stale",
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

async fn find(state: &AppState, id: i64, as_of: Option<DateTime<Utc>>) -> ApiResult<Opportunity> {
    let found = state.store.opportunity(OpportunityId(id), as_of).await?;
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
    Path(id): Path<i64>,
    Query(AsOfQuery { as_of }): Query<AsOfQuery>,
) -> ApiResult<axum::Json<OpportunityAnswer>> {
    let opportunity = find(&state, id, as_of).await?;
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
    /// The profit reckoned again from the trace alone: 1 / sum(1 / price net of commission) - 1.
    pub recomputed_profit: Option<f64>,
}

/// Show how an opportunity was reckoned, so that anybody can reckon it again.
#[utoipa::path(get, path = "/api/v1/opportunities/{id}/trace", operation_id = "trace_opportunity", tag = "opportunities",
    params(("id" = i64, Path, description = "The opportunity's number"), AsOfQuery), responses((status = 200, body = TraceAnswer)))]
pub(super) async fn trace(
    State(state): State<AppState>,
    Path(id): Path<i64>,
    Query(AsOfQuery { as_of }): Query<AsOfQuery>,
) -> ApiResult<axum::Json<TraceAnswer>> {
    let trace = find(&state, id, as_of).await?.trace;
    let recomputed_profit = serde_json::from_value::<Trace>(trace.clone())
        .ok()
        .map(|trace| trace.recompute());
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
        BookmakerId, CompetitionId, EventStatus, MarketKey, MarketKind, Outcome, ParticipantId, QuoteChangeId, Role,
        Side, SnapshotId, Sport,
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
        let leg = Leg {
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
            market: MarketKey {
                line: "-0.5".parse().ok(),
                ..MarketKey::plain(MarketKind::Spread)
            },
            profit: 0.024_976,
            legs: vec![leg],
            verdict: Verdict::Paper,
            reasons: vec!["a reason".into()],
            is_in_play: false,
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
