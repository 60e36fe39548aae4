//! How a user's bets went: the rows, brought to the base currency, handed to the engine.

use super::standing::Rates;
use crate::desk::preferences::{Preferences, day_of};
use crate::http::errors::{ApiError, ApiResult};
use crate::state::AppState;
use chrono::Datelike;
use chrono_tz::Tz;
use domain::UserId;
use domain::bet::BetKind;
use domain::performance::Performance;
use engine::performance::{Row, Settled, performance};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use store::{BetFilter, BetRowForStats, User};

/// Answers that are kept: a person's page and some of its filters.
const KEPT: usize = 32;

/// What was answered lately. An answer holds as long as nothing of its user's bets, money or exchange rates changes, which the user's
/// mark tells; so it can be given again without reading every bet.
#[derive(Debug, Default)]
pub struct Answers(Mutex<VecDeque<(Asked, Arc<Performance>)>>);

/// What an answer depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Asked {
    user: UserId,
    mark: i64,
    zone: Tz,
    filter: BetFilter,
}

impl Answers {
    fn find(&self, asked: &Asked) -> Option<Arc<Performance>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().find(|(known, _)| known == asked);
        found.map(|(_, answer)| Arc::clone(answer))
    }

    fn keep(&self, asked: Asked, answer: &Arc<Performance>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(known, _)| known.user != asked.user || known.mark == asked.mark);
        kept.truncate(KEPT - 1);
        kept.push_front((asked, Arc::clone(answer)));
    }
}

/// How the bets that a filter names went. Each amount is brought to the base currency at the rate of the day its bet was placed, so
/// that a rate that comes later changes nothing; bets without such a rate are counted and left out.
///
/// # Errors
/// When the database does not answer.
pub async fn performance_of(state: &AppState, user: &User, filter: &BetFilter) -> ApiResult<Arc<Performance>> {
    // The mark is read before the bets: what changes in between is in the answer, and the next mark asks for a new one.
    let bettor = state.store.bettor(user.id).await?;
    let asked = Asked {
        user: user.id,
        mark: bettor.mark,
        zone: Preferences::of(user).zone(),
        filter: filter.clone(),
    };
    if let Some(known) = state.performance.find(&asked) {
        return Ok(known);
    }
    let rates = Rates::new(bettor.currency, state.store.exchange_rates(user.id).await?);
    let rows = state.store.bets_for_stats(user.id, filter).await?;
    let zone = asked.zone;
    // A year of many bets takes long enough to keep others waiting.
    let reckoned = tokio::task::spawn_blocking(move || reckoned(rows, &rates, zone)).await;
    let found = Arc::new(reckoned.map_err(ApiError::internal)?);
    state.performance.keep(asked, &found);
    Ok(found)
}

fn reckoned(rows: Vec<BetRowForStats>, rates: &Rates, zone: Tz) -> Performance {
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
            close_reason: close_reason(&row),
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
    performance(rates.base, &rows, without_rate)
}

/// Why a bet has no more against the close than it has, for one that lacks something.
fn close_reason(row: &BetRowForStats) -> String {
    let known = match (row.close_event, row.close_grade) {
        (None, _) => "no feed speaks of its event",
        (_, None) => "its close was not taken yet",
        _ if row.price.is_none() => "it has no price as a whole, so only its legs are compared",
        _ => match row.close_reason.as_deref() {
            Some(reason) if !reason.is_empty() => reason,
            _ if row.market == BetKind::Teaser.code() => "nobody prices the lines of a teaser one by one",
            _ => "no fair price can be told at the close",
        },
    };
    known.to_owned()
}
