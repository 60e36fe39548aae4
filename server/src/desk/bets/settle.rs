//! Settling by a person: results, cash-outs, taking back, removing and bringing back.

use super::{Doing, change, lock_and_find, next_state, save};
use crate::http::errors::{ApiError, ApiResult};
use crate::state::AppState;
use chrono::{DateTime, Utc};
use domain::bet::{Bet, BetStatus, CashOut, SettledAs, SettledBet, Structure};
use domain::ledger::EntryKind;
use domain::scenarios::Commission;
use domain::settlement::commission::{Decided, owed};
use domain::settlement::facts::{GivenUp, by_giving_up};
use domain::settlement::rules::rules_for;
use domain::settlement::{Fate, SettleError, settle, stake_left};
use domain::{BetId, MarketKey, UserId};
use store::{BetState, RequestTx, StoredBet};

/// A bet with its legs' fates, settled if they decide it; a bet that they leave open is open. Commission is what the bet owes by
/// itself; what an exchange charges on a whole market is shared out by [`charge_market`].
///
/// # Errors
/// A field error where a leg can't end like that.
pub fn concluded(bet: &Bet, fates: Vec<Fate>, at: DateTime<Utc>, reason: &str, is_automatic: bool) -> ApiResult<Bet> {
    let mut after = Bet { fates, ..bet.clone() };
    match settle(&after.wager, &after.fates, &after.cash_outs) {
        Ok(settled) => {
            let mut settled = SettledBet {
                settled_as: settled.settled_as,
                payout: settled.payout,
                commission: 0,
                at,
                reason: reason.to_owned(),
                is_automatic,
            };
            settled.commission = own_commission(&after, &settled);
            // The same end again is no news: settling twice is settling once.
            let is_same = after
                .settled
                .as_ref()
                .is_some_and(|before| (before.settled_as, before.payout) == (settled.settled_as, settled.payout));
            if !is_same {
                after.settled = Some(settled);
            }
            after.status = BetStatus::Settled;
        }
        Err(SettleError::Open(_)) => {
            after.status = BetStatus::Open;
            after.settled = None;
        }
        Err(error @ SettleError::NoSuchEnd(at)) => {
            return Err(ApiError::field(format!("legs[{at}]"), error.to_string()));
        }
        Err(error @ SettleError::NoSuchCashOut) => return Err(ApiError::field("stake", error.to_string())),
        Err(error) => return Err(ApiError::bad_request(error.to_string())),
    }
    Ok(after)
}

/// A settled bet as a charge sees it.
fn decided(bet: &Bet, settled: &SettledBet) -> Decided {
    let halves = matches!(settled.settled_as, SettledAs::HalfWin | SettledAs::HalfLoss);
    let stake = bet.wager.total_stake();
    Decided {
        profit: settled.payout - bet.at_risk,
        stake: if halves { stake / 2 } else { stake },
        is_back: matches!(settled.settled_as, SettledAs::Push | SettledAs::Void),
    }
}

fn own_commission(bet: &Bet, settled: &SettledBet) -> i64 {
    let terms = bet.wager.terms;
    owed(terms.commission, terms.rounding, &[decided(bet, settled)])
}

/// The market that an exchange charges a bet in together with others; none for bets that are charged by themselves.
fn charged_market(bet: &Bet) -> Option<(domain::EventId, &MarketKey)> {
    let [leg] = bet.wager.legs.as_slice() else { return None };
    let is_netted = matches!(bet.wager.terms.commission, Commission::NetWinnings(_));
    (is_netted && bet.wager.structure == Structure::Single).then_some((leg.event_id?, &leg.market))
}

/// Shares out what an exchange charges on all bets in one market: each bet, in the order of their numbers, bears what it adds. So it
/// does not matter in which order they were settled.
async fn charge_market(tx: &RequestTx, owner: UserId, bet: &Bet, at: DateTime<Utc>) -> ApiResult<()> {
    let Some((event, market)) = charged_market(bet) else {
        return Ok(());
    };
    let together = tx.settled_together(owner, bet.account_id, event, market).await?;
    let terms = bet.wager.terms;
    let mut seen = Vec::with_capacity(together.len());
    let mut charged = 0;
    for before in together {
        let Some(settled) = &before.settled else { continue };
        seen.push(decided(&before, settled));
        let so_far = owed(terms.commission, terms.rounding, &seen);
        let share = so_far - charged;
        charged = so_far;
        if share != settled.commission {
            let mut after = before.clone();
            if let Some(settled) = &mut after.settled {
                settled.commission = share;
            }
            let doing = Doing {
                actor: None,
                at,
                reason: "the exchange charges what all bets in this market win together",
            };
            let state = next_state(&before, after, None, EntryKind::Settlement, "charged", doing);
            save(tx, owner, &[(before, state)]).await?;
        }
    }
    Ok(())
}

/// Writes a bet with other fates, and what follows from them.
///
/// # Errors
/// Field errors; when the database does not answer.
pub async fn write_fates(
    tx: &RequestTx,
    owner: UserId,
    stored: &StoredBet,
    fates: Vec<Fate>,
    needs_person: Option<&str>,
    doing: Doing<'_>,
) -> ApiResult<Bet> {
    let before = &stored.bet;
    let after = concluded(before, fates, doing.at, doing.reason, doing.actor.is_none())?;
    if after == *before && stored.needs_person.as_deref() == needs_person {
        return Ok(after);
    }
    let action = match after.status {
        BetStatus::Settled => "settled",
        BetStatus::Open if before.status == BetStatus::Settled => "taken_back",
        BetStatus::Open => "judged",
    };
    change(tx, owner, before, &after, needs_person, action, doing).await?;
    charge_market(tx, owner, &after, doing.at).await?;
    reload(tx, owner, before.id).await
}

async fn reload(tx: &RequestTx, owner: UserId, id: BetId) -> ApiResult<Bet> {
    let stored = tx.bet(owner, id).await?;
    Ok(stored.ok_or_else(|| ApiError::not_found("bet"))?.bet)
}

/// What a person says of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// How it ended.
    Ended(Fate),
    /// That its game was given up: the house's rules say what that makes of it.
    GivenUp(GivenUp),
}

/// Settles a bet as a person says, or regrades a settled one; a leg left open opens it again. Which house rule decided a game that
/// was given up stands in the settlement's reason.
///
/// # Errors
/// Field errors, `legs[N]` where the rules do not tell; 404 when it is not the user's; 409 when it was removed.
pub async fn by_hand(
    state: &AppState,
    tx: &RequestTx,
    owner: UserId,
    id: BetId,
    said: Vec<Said>,
    reason: &str,
) -> ApiResult<Bet> {
    let stored = present(tx, owner, id).await?;
    if said.len() != stored.bet.wager.legs.len() {
        return Err(ApiError::field("legs", "say how each leg ended"));
    }
    let books = state.boards.profiles().await?;
    let book = stored.bet.bookmaker_id.and_then(|id| books.get(&id));
    let key = book.map(|book| book.key.as_str());
    let mut reasons: Vec<String> = Vec::new();
    let mut fates = Vec::with_capacity(said.len());
    for (at, (leg, said)) in stored.bet.wager.legs.iter().zip(said).enumerate() {
        fates.push(match said {
            Said::Ended(fate) => fate,
            Said::GivenUp(given_up) => {
                let rules = rules_for(&leg.sport, &leg.competition, key);
                let (result, why) = by_giving_up(leg, given_up, &rules)
                    .map_err(|error| ApiError::field(format!("legs[{at}]"), error.to_string()))?;
                reasons.push(why);
                Fate::ended(result)
            }
        });
    }
    let given = reason.trim();
    if !given.is_empty() {
        reasons.insert(0, given.to_owned());
    }
    let doing = Doing {
        actor: Some(owner),
        at: state.clock.now(),
        reason: &reasons.join("; "),
    };
    write_fates(tx, owner, &stored, fates, None, doing).await
}

/// Takes a settlement back: the bet is open again.
///
/// # Errors
/// A field error without a reason; 409 when it is open; 404 when it is not the user's.
pub async fn take_back(state: &AppState, tx: &RequestTx, owner: UserId, id: BetId, reason: &str) -> ApiResult<Bet> {
    if reason.trim().is_empty() {
        return Err(ApiError::field("reason", "say why the settlement is taken back"));
    }
    let stored = present(tx, owner, id).await?;
    if stored.bet.status != BetStatus::Settled {
        return Err(ApiError::conflict("the bet is open"));
    }
    if stored
        .bet
        .settled
        .as_ref()
        .is_some_and(|settled| settled.settled_as == SettledAs::CashedOut)
    {
        return Err(ApiError::conflict(
            "the bet was cashed out as a whole; remove it and record it anew",
        ));
    }
    let open = vec![Fate::OPEN; stored.bet.wager.legs.len()];
    let doing = Doing {
        actor: Some(owner),
        at: state.clock.now(),
        reason,
    };
    write_fates(tx, owner, &stored, open, Some("its settlement was taken back"), doing).await
}

/// Records that a part of an open bet was sold back to the bookmaker: all of it settles the bet.
///
/// # Errors
/// Field errors `stake` and `amount`; 409 when it is settled; 404 when it is not the user's.
pub async fn cash_out(
    state: &AppState,
    tx: &RequestTx,
    owner: UserId,
    id: BetId,
    stake: i64,
    amount: i64,
    reason: &str,
) -> ApiResult<Bet> {
    let stored = present(tx, owner, id).await?;
    let before = &stored.bet;
    if before.status != BetStatus::Open {
        return Err(ApiError::conflict("the bet is settled"));
    }
    if amount < 0 {
        return Err(ApiError::field("amount", "what was paid is zero or more"));
    }
    let at = state.clock.now();
    let mut sold = before.clone();
    sold.cash_outs.push(CashOut { at, stake, amount });
    stake_left(&sold.wager, &sold.cash_outs).map_err(|error| ApiError::field("stake", error.to_string()))?;
    let after = concluded(&sold, sold.fates.clone(), at, reason, false)?;
    let doing = Doing {
        actor: Some(owner),
        at,
        reason,
    };
    change(
        tx,
        owner,
        before,
        &after,
        stored.needs_person.as_deref(),
        "cashed_out",
        doing,
    )
    .await?;
    reload(tx, owner, id).await
}

/// Removes a bet with everything it did to its account, or brings a removed one back.
///
/// # Errors
/// 409 when it is so already; 404 when it is not the user's.
pub async fn set_removed(
    state: &AppState,
    tx: &RequestTx,
    owner: UserId,
    id: BetId,
    is_removed: bool,
    reason: &str,
) -> ApiResult<Bet> {
    let stored = lock_and_find(tx, owner, id).await?;
    let before = &stored.bet;
    if before.deleted_at.is_some() == is_removed {
        let text = if is_removed {
            "the bet was removed before"
        } else {
            "the bet is there"
        };
        return Err(ApiError::conflict(text));
    }
    let at = state.clock.now();
    let after = Bet {
        deleted_at: is_removed.then_some(at),
        ..before.clone()
    };
    let action = if is_removed { "removed" } else { "restored" };
    let doing = Doing {
        actor: Some(owner),
        at,
        reason,
    };
    change(tx, owner, before, &after, stored.needs_person.as_deref(), action, doing).await?;
    charge_market(tx, owner, &after, at).await?;
    reload(tx, owner, id).await
}

/// Removes bets as [`set_removed`] does, many at once. The caller holds the user's lock.
///
/// # Errors
/// When the database does not answer.
pub async fn remove_all(tx: &RequestTx, owner: UserId, bets: Vec<StoredBet>, doing: Doing<'_>) -> ApiResult<()> {
    let removed = bets.into_iter().map(|stored| {
        let after = Bet {
            deleted_at: Some(doing.at),
            ..stored.bet.clone()
        };
        let needs_person = stored.needs_person.as_deref();
        let state = next_state(&stored.bet, after, needs_person, EntryKind::Reversal, "removed", doing);
        (stored.bet, state)
    });
    let removed: Vec<(Bet, BetState)> = removed.collect();
    save(tx, owner, &removed).await?;
    for (bet, _) in &removed {
        charge_market(tx, owner, bet, doing.at).await?;
    }
    Ok(())
}

async fn present(tx: &RequestTx, owner: UserId, id: BetId) -> ApiResult<StoredBet> {
    let stored = lock_and_find(tx, owner, id).await?;
    if stored.bet.deleted_at.is_some() {
        return Err(ApiError::conflict("the bet was removed; bring it back first"));
    }
    Ok(stored)
}
