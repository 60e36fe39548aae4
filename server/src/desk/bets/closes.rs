//! Closing prices of bets: a reconciler that looks for legs whose event has started, or starts at another time than their close says.

use super::in_request;
use crate::http::errors::ApiResult;
use crate::state::AppState;
use chrono::TimeDelta;
use domain::EventId;
use domain::close::points_gained;
use engine::close::{close_of, clv_of, last_before, start_of};
use store::LegToClose;

/// Legs that are closed in one run.
const BATCH: u32 = 500;
/// A price received just before the start may still be on its way to the database.
const GRACE: TimeDelta = TimeDelta::seconds(60);

/// Closes every leg that can be; answers how many.
///
/// # Errors
/// When the database does not answer. What was closed before stays closed.
pub async fn close_legs(state: &AppState) -> ApiResult<usize> {
    let now = state.clock.now() - GRACE;
    let legs = state.store.legs_to_close(now, BATCH).await?;
    for leg in &legs {
        close(state, leg).await?;
    }
    Ok(legs.len())
}

async fn close(state: &AppState, leg: &LegToClose) -> ApiResult<()> {
    let Some(event) = state.store.event(leg.event_id, None).await? else {
        return Ok(());
    };
    let states = state.store.event_states(leg.event_id, None).await?;
    let start = start_of(
        &event,
        states
            .iter()
            .map(|state| (state.starts_at, state.status, state.received_at)),
    );
    let board = state.store.board(leg.event_id, Some(last_before(start))).await?;
    let books = state.boards.profiles().await?;
    in_request(state, async |tx| {
        tx.lock_bets(leg.owner).await?;
        let Some(stored) = tx.bet(leg.owner, leg.bet_id).await? else {
            return Ok(());
        };
        let mut bet = stored.bet;
        let is_on = |event: Option<EventId>| event == Some(leg.event_id);
        for at in 0..bet.wager.legs.len() {
            let bet_leg = &bet.wager.legs[at];
            if !is_on(bet_leg.event_id) {
                continue;
            }
            let close = close_of(bet_leg, bet.bookmaker_id, bet.placed_at, start, board.as_ref(), &books);
            let points = close
                .closing_line
                .and_then(|line| points_gained(&bet_leg.market, &bet_leg.outcome, bet_leg.side, line));
            tx.put_close(leg.bet_id, at, &close, points).await?;
            bet.closes[at] = Some(close);
        }
        let (clv_ppm, close_edge_ppm) = clv_of(&bet.wager, &bet.closes);
        tx.put_clv(leg.bet_id, clv_ppm, close_edge_ppm).await?;
        Ok(())
    })
    .await
}
