//! Closing prices of bets: a reconciler that looks for legs whose event has started, or starts at another time than their close says.

use super::in_request;
use crate::desk::boards::Books as Profiles;
use crate::http::errors::ApiResult;
use crate::state::AppState;
use chrono::{DateTime, TimeDelta, Utc};
use domain::board::Board;
use domain::close::points_gained;
use domain::{BetId, EventId, UserId};
use engine::close::{close_of, clv_of, last_before, start_of};
use store::{LegToClose, RequestTx};

/// Legs that are looked up at once.
const BATCH: u32 = 500;
/// A price received just before the start may still be on its way to the database.
const GRACE: TimeDelta = TimeDelta::seconds(60);

/// Closes every leg that can be; answers how many were looked at. One that cannot be closed does not hold up the others.
///
/// # Errors
/// The first that went wrong. What was closed stays closed; the next run does what was left.
pub async fn close_legs(state: &AppState) -> ApiResult<usize> {
    let now = state.clock.now() - GRACE;
    let (mut after, mut looked, mut failed) = ((BetId(0), EventId(0)), 0, None);
    loop {
        let legs = state.store.legs_to_close(now, after, BATCH).await?;
        for leg in &legs {
            if let Err(error) = close(state, leg).await {
                tracing::warn!(bet = leg.bet_id.0, ?error, "a bet's close could not be taken");
                failed = failed.or(Some(error));
            }
        }
        looked += legs.len();
        match legs.last() {
            Some(leg) => after = (leg.bet_id, leg.event_id),
            None => return failed.map_or(Ok(looked), Err),
        }
    }
}

async fn close(state: &AppState, leg: &LegToClose) -> ApiResult<()> {
    let Some(closing) = closing(state, leg.event_id).await? else {
        return Ok(());
    };
    in_request(state, async |tx| {
        tx.lock_bets(leg.owner).await?;
        write_closes(tx, leg.owner, leg.bet_id, &closing).await
    })
    .await
}

/// An event as it stood when it began.
pub struct Closing {
    event_id: EventId,
    start: DateTime<Utc>,
    board: Option<Board>,
    books: Profiles,
}

/// How an event stood when it began; none for one that is not there.
///
/// # Errors
/// When the database does not answer.
pub async fn closing(state: &AppState, event_id: EventId) -> ApiResult<Option<Closing>> {
    let Some(event) = state.store.event(event_id, None).await? else {
        return Ok(None);
    };
    let states = state.store.event_states(event_id, None).await?;
    let start = start_of(
        &event,
        states
            .iter()
            .map(|state| (state.starts_at, state.status, state.received_at)),
    );
    Ok(Some(Closing {
        event_id,
        start,
        board: state.store.board(event_id, Some(last_before(start))).await?,
        books: state.boards.profiles().await?,
    }))
}

/// Writes the closes of a bet's legs on an event, and what the bet's price was worth against them, within a request that holds the
/// user's lock.
///
/// # Errors
/// When the database does not answer.
pub async fn write_closes(tx: &RequestTx, owner: UserId, id: BetId, closing: &Closing) -> ApiResult<()> {
    let Some(stored) = tx.bet(owner, id).await? else {
        return Ok(());
    };
    let mut bet = stored.bet;
    let is_on = |event: Option<EventId>| event == Some(closing.event_id);
    for at in 0..bet.wager.legs.len() {
        let bet_leg = &bet.wager.legs[at];
        if !is_on(bet_leg.event_id) {
            continue;
        }
        let close = close_of(
            bet_leg,
            bet.bookmaker_id,
            bet.placed_at,
            closing.start,
            closing.board.as_ref(),
            &closing.books,
        );
        let points = close
            .closing_line
            .and_then(|line| points_gained(&bet_leg.market, &bet_leg.outcome, bet_leg.side, line));
        tx.put_close(id, at, &close, points).await?;
        bet.closes[at] = Some(close);
    }
    let (clv_ppm, close_edge_ppm) = clv_of(&bet.wager, &bet.closes);
    tx.put_clv(id, clv_ppm, close_edge_ppm).await?;
    Ok(())
}
