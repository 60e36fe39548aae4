//! `arbitrage`: what can be found on the boards, now or as of a time.

use super::extract::{Query, read_code};
use super::opportunities::{FoundDocument, found_document};
use crate::http::errors::{ApiError, ApiResult};
use crate::state::AppState;
use axum::extract::State;
use chrono::{DateTime, Utc};
use engine::strategies::ArbitrageParams;
use serde::Deserialize;
use utoipa::IntoParams;

/// What to look for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ArbitrageQuery {
    /// The least return on the total stake: 0.01 is 1 %; usually 0.
    pub min_profit: Option<f64>,
    /// `none` (usual): prices as quoted; `profile`: net of each bookmaker's commission.
    pub commission: Option<String>,
    /// Only with prices at most this many seconds old; any age without it.
    pub max_age: Option<u32>,
    /// `exclude` (usual) or `include` events that have started.
    pub in_play: Option<String>,
    /// Lay prices count, too; usually not.
    pub lay: Option<bool>,
    /// Different lines and markets are combined where every scenario is covered; usually not.
    pub across_lines: Option<bool>,
    /// As known at this time; now without it.
    pub as_of: Option<DateTime<Utc>>,
}

/// The search that a request asks for.
///
/// # Errors
/// Field errors.
pub fn read_params(query: &ArbitrageQuery) -> ApiResult<ArbitrageParams> {
    let is_gross = read_code(
        "commission",
        query.commission.as_deref(),
        "none or profile",
        |code| match code {
            "none" => Some(true),
            "profile" => Some(false),
            _ => None,
        },
    )?;
    let in_play = read_code(
        "in_play",
        query.in_play.as_deref(),
        "include or exclude",
        |code| match code {
            "include" => Some(true),
            "exclude" => Some(false),
            _ => None,
        },
    )?;
    Ok(ArbitrageParams {
        min_profit: read_profit(query.min_profit)?.unwrap_or(0.0),
        is_gross: is_gross.unwrap_or(true),
        max_age_s: query.max_age,
        in_play: in_play.unwrap_or(false),
        lay: query.lay.unwrap_or(false),
        across_lines: query.across_lines.unwrap_or(false),
        is_best_of_all: true,
        ..ArbitrageParams::default()
    })
}

/// A least profit.
///
/// # Errors
/// A field error when it is no plain number.
pub(super) fn read_profit(min_profit: Option<f64>) -> ApiResult<Option<f64>> {
    if min_profit.is_some_and(|profit| !profit.is_finite()) {
        return Err(ApiError::field("min_profit", "use a number such as 0.01 for 1 %"));
    }
    Ok(min_profit)
}

/// Find arbitrage on the boards of all events that are not over.
///
/// One back bet on each outcome of a market, on the usual terms of every bookmaker; lay bets and combined lines where asked for.
/// The most profitable come first.
#[utoipa::path(get, path = "/api/v1/arbitrage", operation_id = "find_arbitrage", tag = "opportunities", params(ArbitrageQuery), responses((status = 200, body = FoundDocument)))]
pub(super) async fn list(
    State(state): State<AppState>,
    Query(query): Query<ArbitrageQuery>,
) -> ApiResult<axum::Json<FoundDocument>> {
    let found = state.boards.arbitrage(&read_params(&query)?, query.as_of).await?;
    Ok(axum::Json(found_document(&found)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_parameters_the_search_is_gross_of_any_age_and_before_the_start() {
        let params = read_params(&ArbitrageQuery::default()).unwrap();
        let expected = ArbitrageParams {
            min_profit: 0.0,
            is_gross: true,
            max_age_s: None,
            in_play: false,
            is_best_of_all: true,
            ..ArbitrageParams::default()
        };
        assert_eq!(params, expected);
    }

    #[test]
    fn what_is_no_number_and_what_is_no_choice_is_refused() {
        for query in [
            ArbitrageQuery {
                min_profit: Some(f64::NAN),
                ..ArbitrageQuery::default()
            },
            ArbitrageQuery {
                commission: Some("some".into()),
                ..ArbitrageQuery::default()
            },
            ArbitrageQuery {
                in_play: Some("yes".into()),
                ..ArbitrageQuery::default()
            },
        ] {
            assert_eq!(read_params(&query).unwrap_err().status().as_u16(), 422);
        }
    }
}
