//! Settling by itself: a reconciler that looks for bets whose events are not as they were when the bets were last judged.
//!
//! It takes no input and is safe to run twice: a bet that was judged by what is known now is not looked at. A corrected score is
//! something else than what a bet was judged by, so it reaches every bet that it touches.

use super::settle::write_fates;
use super::{Doing, in_request};
use crate::http::errors::ApiResult;
use crate::state::AppState;
use chrono::{DateTime, Utc};
use domain::settlement::Fate;
use domain::settlement::facts::{Call, fate_of};
use domain::settlement::rules::rules_for;
use domain::{BetId, UserId};
use engine::BooksById;
use store::RequestTx;

/// Bets that are looked up at once.
const BATCH: u32 = 500;

/// Judges every bet whose event changed; answers how many were looked at. One that cannot be judged does not hold up the others.
///
/// # Errors
/// The first that went wrong. What was judged stays judged; the next run does what was left.
pub async fn judge_bets(state: &AppState) -> ApiResult<usize> {
    let (mut after, mut looked, mut failed) = (BetId(0), 0, None);
    loop {
        let bets = state.store.bets_to_judge(after, BATCH).await?;
        for (owner, id) in &bets {
            if let Err(error) = judge(state, *owner, *id).await {
                tracing::warn!(bet = id.0, ?error, "a bet could not be judged");
                failed = failed.or(Some(error));
            }
        }
        looked += bets.len();
        match bets.last() {
            Some((_, id)) => after = *id,
            None => return failed.map_or(Ok(looked), Err),
        }
    }
}

async fn judge(state: &AppState, owner: UserId, id: BetId) -> ApiResult<()> {
    let books = state.boards.profiles().await?;
    let now = state.clock.now();
    in_request(state, async |tx| {
        tx.lock_bets(owner).await?;
        judge_at(tx, &books, owner, id, now).await
    })
    .await
}

/// Judges a bet by what is known of its events, as of a moment, within a request that holds the user's lock.
///
/// # Errors
/// When the database does not answer.
pub async fn judge_at(
    tx: &RequestTx,
    books: &BooksById,
    owner: UserId,
    id: BetId,
    now: DateTime<Utc>,
) -> ApiResult<()> {
    let Some(stored) = tx.bet(owner, id).await? else {
        return Ok(());
    };
    let bet = &stored.bet;
    let key = bet
        .bookmaker_id
        .and_then(|id| books.get(&id))
        .map(|book| book.key.as_str());
    let by_hand = bet.settled.as_ref().is_some_and(|settled| !settled.is_automatic);
    let mut fates = bet.fates.clone();
    let (mut reasons, mut ask) = (Vec::new(), None);
    for leg in tx.leg_facts(id).await? {
        let (Some(bet_leg), Some(fate)) = (bet.wager.legs.get(leg.position), fates.get_mut(leg.position)) else {
            continue;
        };
        let rules = rules_for(&bet_leg.sport, &bet_leg.competition, key);
        match fate_of(bet_leg, &leg.facts, &rules, now) {
            Call::Ended(ended, why) => {
                *fate = ended;
                reasons.push(why);
            }
            // What is not over any more was corrected; what a person said of an event that goes on stands.
            Call::Wait(_) if leg.judged_by != leg.basis && !by_hand => *fate = Fate::OPEN,
            Call::Wait(_) => {}
            Call::AskPerson(why) => ask = Some(why),
        }
        if leg.judged_by != leg.basis {
            tx.set_leg_basis(id, leg.position, &leg.basis).await?;
        }
    }
    if by_hand {
        // A person's word stands; where the result says otherwise, the person is told.
        if fates != bet.fates {
            let why = format!("the result now says otherwise: {}", reasons.join("; "));
            tx.set_needs_person(owner, id, Some(&why)).await?;
        }
        return Ok(());
    }
    let reason = reasons.join("; ");
    let doing = Doing {
        actor: None,
        at: now,
        reason: if reason.is_empty() {
            "its event is not over any more"
        } else {
            &reason
        },
    };
    write_fates(tx, owner, &stored, fates, ask.as_deref(), doing).await?;
    Ok(())
}
