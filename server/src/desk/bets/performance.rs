//! How a user's bets went: the rows, brought to the base currency, handed to the engine.

use super::standing::Rates;
use crate::desk::preferences::{Preferences, day_of};
use crate::http::errors::ApiResult;
use crate::state::AppState;
use chrono::Datelike;
use domain::performance::Performance;
use engine::performance::{Row, Settled, performance};
use store::{BetFilter, BetRowForStats, User};

/// How the bets that a filter names went. Each amount is brought to the base currency at the rate of the day its bet was placed, so
/// that a rate that comes later changes nothing; bets without such a rate are counted and left out.
///
/// # Errors
/// When the database does not answer.
pub async fn performance_of(state: &AppState, user: &User, filter: &BetFilter) -> ApiResult<Performance> {
    let currency = state.store.bettor(user.id).await?.currency;
    let rates = Rates::new(currency, state.store.exchange_rates(user.id).await?);
    let rows = state.store.bets_for_stats(user.id, filter).await?;
    let zone = Preferences::of(user).zone();
    let row = |row: BetRowForStats| {
        let day = row.placed_at.date_naive();
        let placed_on = day_of(zone, row.placed_at);
        let in_base = |minor| rates.to_base(minor, row.currency, day);
        let settled = match (row.settled_at, row.settled_as, row.profit) {
            (Some(at), Some(as_what), Some(profit)) => Some(Settled {
                at,
                as_what,
                profit: in_base(profit)?,
            }),
            _ => None,
        };
        Some(Row {
            id: row.id,
            month: placed_on.with_day(1).unwrap_or(placed_on),
            at_risk: in_base(row.at_risk)?,
            settled,
            edge_ppm: row.edge_ppm,
            clv_ppm: row.clv_ppm,
            close_edge_ppm: row.close_edge_ppm,
            close_points: row.close_points,
            close_grade: row.close_grade,
            close_reason: row
                .close_reason
                .filter(|reason| !reason.is_empty())
                .unwrap_or_else(|| "no feed speaks of its event".to_owned()),
            strategy: row.strategy,
            bookmaker: row.bookmaker_id,
            sport: row.sport,
            market: row.market,
            tags: row.tags,
        })
    };
    let all = rows.len();
    let rows: Vec<Row> = rows.into_iter().filter_map(row).collect();
    let without_rate = u32::try_from(all - rows.len()).unwrap_or(u32::MAX);
    Ok(performance(currency, &rows, without_rate))
}
