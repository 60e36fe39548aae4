//! Placing: what a person bet, recorded within what they allow.

use super::standing::{Books, Placing, day_around, read_books, standing};
use super::{Doing, change, check_words, first_state, in_request, lock_and_find, summary};
use crate::desk::boards::Books as Profiles;
use crate::http::errors::{ApiError, ApiResult};
use crate::state::AppState;
use chrono::{DateTime, TimeDelta, Utc};
use domain::bet::{Bet, BetMode, BetStatus, Wager};
use domain::risk::{self, Approved, Refusal, Stake, Standing};
use domain::settlement::Fate;
use domain::{AccountId, BetId, BookmakerId, OpportunityId, StrategyId, UserId};
use std::sync::Arc;
use store::{Account, Bettor, Decided, NewAccount, NewDecision, NewEntry, RequestTx, User};

/// A bet may be recorded as placed so long ago, and so far ahead of the clock.
const OLDEST: TimeDelta = TimeDelta::days(366 * 20);
const AHEAD: TimeDelta = TimeDelta::minutes(5);
/// What a first paper account holds, in minor units.
const PAPER_MONEY: i64 = 100_000;

/// A bet to record.
#[derive(Clone, Debug)]
pub struct Slip {
    /// With which account's money; none takes the user's paper account, which is made when there is none.
    pub account_id: Option<AccountId>,
    /// At which bookmaker; the account's without.
    pub bookmaker_id: Option<BookmakerId>,
    /// What was bet.
    pub wager: Wager,
    /// When; now without.
    pub placed_at: Option<DateTime<Utc>>,
    /// What the bettor wrote.
    pub note: String,
    /// The bettor's words for it.
    pub tags: Vec<String>,
    /// The number its source gave it.
    pub reference: String,
    /// Which strategy found it.
    pub strategy: Option<(StrategyId, u32)>,
    /// Which opportunity it is.
    pub opportunity_id: Option<OpportunityId>,
    /// What is expected of each unit at risk, in millionths.
    pub edge_ppm: Option<i64>,
}

/// Why a bet was not recorded.
#[derive(Debug)]
pub enum Stopped {
    /// A control said no.
    Refused(Box<NewDecision>),
    /// Something else.
    Failed(ApiError),
}

impl<T: Into<ApiError>> From<T> for Stopped {
    fn from(error: T) -> Self {
        Self::Failed(error.into())
    }
}

impl Stopped {
    /// As it is answered; a refusal names its control.
    pub fn answer(&self) -> ApiError {
        match self {
            Self::Failed(error) => error.clone(),
            Self::Refused(decision) => {
                let control = decision.control.map_or("", |control| control.name());
                ApiError::refused(format!("refused by \u{201c}{control}\u{201d}: {}", decision.reason))
            }
        }
    }
}

/// Records a bet if every control lets it pass. The bookmakers are read before the transaction begins: one that holds the lock must
/// not wait for another connection, or those who wait for the lock hold all of them.
///
/// # Errors
/// [`Stopped`]; nothing was recorded then.
pub async fn place(
    state: &AppState,
    profiles: &Profiles,
    tx: &RequestTx,
    user: &User,
    slip: &Slip,
) -> Result<Bet, Stopped> {
    let (owner, now) = (user.id, state.clock.now());
    slip.wager.check().map_err(wager_error)?;
    check_words(&slip.note, &slip.tags, &slip.reference)?;
    let placed_at = slip.placed_at.unwrap_or(now);
    if placed_at > now + AHEAD || placed_at < now - OLDEST {
        return Err(ApiError::field("placed_at", "use a time in the past").into());
    }
    let bettor = tx.lock_bets(owner).await?;
    let mut books = read_books(tx, owner, &bettor, Arc::clone(profiles)).await?;
    let account = account_for(tx, owner, &mut books, slip.account_id, &bettor, now).await?;
    let bookmaker_id = slip.bookmaker_id.or(account.bookmaker_id);
    let approved = approve(tx, user, &books, &bettor, &account, bookmaker_id, &slip.wager, now).await?;
    let approved = approved.map_err(|refusal| {
        Stopped::Refused(Box::new(NewDecision {
            decided: Decided::Refused,
            control: Some(refusal.reading.control),
            reason: refusal.message,
            opportunity_id: slip.opportunity_id,
            mode: account.mode,
            summary: summary(&slip.wager),
            wager: Some(slip.wager.clone()),
            at_risk: slip.wager.at_risk().map(|minor| (minor, account.currency)),
        }))
    })?;
    let bet = Bet {
        id: BetId(0),
        account_id: account.id,
        bookmaker_id,
        currency: account.currency,
        mode: account.mode,
        wager: slip.wager.clone(),
        placed_at,
        recorded_at: now,
        status: BetStatus::Open,
        fates: vec![Fate::OPEN; slip.wager.legs.len()],
        cash_outs: Vec::new(),
        settled: None,
        at_risk: slip
            .wager
            .at_risk()
            .ok_or_else(|| ApiError::field("stake", "the stake is too large"))?,
        strategy: slip.strategy,
        opportunity_id: slip.opportunity_id,
        edge_ppm: slip.edge_ppm,
        note: slip.note.clone(),
        tags: slip.tags.clone(),
        reference: slip.reference.clone(),
        version: 1,
        import_id: None,
        deleted_at: None,
        closes: vec![None; slip.wager.legs.len()],
    };
    let state = first_state(bet.clone(), owner, "placed", "");
    let ids = tx.record_bets(owner, &[state.into()], &approved).await?;
    let id = ids.first().copied();
    Ok(Bet {
        id: id.ok_or_else(|| ApiError::internal("a bet got no number"))?,
        ..bet
    })
}

/// Records a bet in a transaction of its own; a refusal is recorded as a decision.
///
/// # Errors
/// The refusal, or what went wrong.
pub async fn place_alone(state: &AppState, user: &User, slip: &Slip) -> ApiResult<Bet> {
    let placed = {
        let profiles = state.boards.profiles().await?;
        let tx = state.store.begin_request().await?;
        match place(state, &profiles, &tx, user, slip).await {
            Ok(bet) => {
                tx.commit().await?;
                state.live.tell(crate::http::live::News::Bets);
                Ok(bet)
            }
            Err(stopped) => Err(stopped),
        }
    };
    match placed {
        Ok(bet) => Ok(bet),
        Err(stopped) => Err(note_refusal(state, user.id, stopped).await),
    }
}

/// Keeps a refusal among the decisions, and answers with what the user is told.
pub async fn note_refusal(state: &AppState, owner: UserId, stopped: Stopped) -> ApiError {
    if let Stopped::Refused(decision) = &stopped {
        let now = state.clock.now();
        let kept = in_request(state, async |tx| Ok(tx.add_decision(owner, decision, now).await?)).await;
        if let Err(error) = kept {
            tracing::warn!(?error, "a refused bet could not be kept among the decisions");
        }
    }
    stopped.answer()
}

/// Records that an opportunity was left alone.
///
/// # Errors
/// When the database does not answer.
pub async fn skip(state: &AppState, owner: UserId, mut decision: NewDecision) -> ApiResult<i64> {
    decision.decided = Decided::Skipped;
    decision.reason = decision.reason.trim().chars().take(super::MAX_NOTE).collect();
    let now = state.clock.now();
    in_request(state, async |tx| Ok(tx.add_decision(owner, &decision, now).await?)).await
}

/// The account of a bet: an open one of the user's, or the paper account.
async fn account_for(
    tx: &RequestTx,
    owner: UserId,
    books: &mut Books,
    id: Option<AccountId>,
    bettor: &Bettor,
    now: DateTime<Utc>,
) -> ApiResult<Account> {
    if let Some(id) = id {
        let found = books.account(id).filter(|account| account.closed_at.is_none());
        return found
            .cloned()
            .ok_or_else(|| ApiError::field("account", "choose one of your open accounts"));
    }
    let is_paper = |account: &&Account| account.mode == BetMode::Paper && account.closed_at.is_none();
    if let Some(account) = books.accounts.iter().find(is_paper) {
        return Ok(account.clone());
    }
    let new = NewAccount {
        bookmaker_id: None,
        name: "Paper".to_owned(),
        currency: bettor.currency,
        mode: BetMode::Paper,
    };
    let id = tx.add_account(owner, &new, now).await?;
    let entry = NewEntry {
        kind: domain::ledger::EntryKind::Deposit,
        happened_at: now,
        bet_id: None,
        reverses: None,
        memo: "Paper money to begin with".to_owned(),
    };
    let lines = domain::ledger::Balanced::into_cash(id, domain::ledger::Part::Outside, PAPER_MONEY);
    tx.post(owner, &entry, &lines, now).await?;
    books.accounts = tx.accounts(owner).await?;
    books
        .account(id)
        .cloned()
        .ok_or_else(|| ApiError::internal("an account that was just made is not there"))
}

/// Asks every control.
#[expect(clippy::too_many_arguments, reason = "an approval depends on all of them")]
async fn approve(
    tx: &RequestTx,
    user: &User,
    books: &Books,
    bettor: &Bettor,
    account: &Account,
    bookmaker: Option<BookmakerId>,
    wager: &Wager,
    now: DateTime<Utc>,
) -> ApiResult<Result<Approved, Refusal>> {
    let day = day_around(user, now);
    let stands = standing(tx, user.id, books, bettor, account.mode, day, now).await?;
    let bet = books.stake(&placing(wager, account, bookmaker, day.1), now)?;
    let needed = wager
        .at_risk()
        .ok_or_else(|| ApiError::field("stake", "the stake is too large"))?;
    let stands = Standing {
        cash: cash_for(books, account, needed, bet.at_risk, now),
        ..stands
    };
    Ok(risk::check(&bet, &stands, bettor.limits_at(now), now))
}

fn placing<'a>(
    wager: &'a Wager,
    account: &Account,
    bookmaker: Option<BookmakerId>,
    day_ends_at: DateTime<Utc>,
) -> Placing<'a> {
    Placing {
        wager,
        cash_outs: &[],
        account: account.id,
        currency: account.currency,
        bookmaker,
        day_ends_at,
    }
}

/// An account's free money in the base currency; whether it is enough is decided in the account's own, where nothing is rounded.
fn cash_for(books: &Books, account: &Account, needed: i64, at_risk: i64, now: DateTime<Utc>) -> i64 {
    let in_base = books
        .rates
        .to_base(account.cash, account.currency, now.date_naive())
        .unwrap_or(0);
    if needed <= account.cash {
        in_base.max(at_risk)
    } else {
        in_base.min(at_risk - 1)
    }
}

/// What a control would say of stakes on a wager, without recording anything: the greatest up to the wanted one, in whole steps.
///
/// # Errors
/// When the database does not answer, or a currency has no rate.
pub async fn suggest(
    state: &AppState,
    user: &User,
    account: Option<AccountId>,
    bookmaker: Option<BookmakerId>,
    wager: &Wager,
    step: i64,
) -> ApiResult<(Account, risk::Suggestion)> {
    let now = state.clock.now();
    // Nothing of this is kept: the transaction is dropped.
    let profiles = state.boards.profiles().await?;
    let tx = state.store.begin_request().await?;
    let bettor = tx.lock_bets(user.id).await?;
    let mut books = read_books(&tx, user.id, &bettor, profiles).await?;
    let account = account_for(&tx, user.id, &mut books, account, &bettor, now).await?;
    let day = day_around(user, now);
    let stands = standing(&tx, user.id, &books, &bettor, account.mode, day, now).await?;
    drop(tx);
    let stands = Standing {
        cash: books
            .rates
            .to_base(account.cash, account.currency, now.date_naive())
            .unwrap_or(0),
        ..stands
    };
    let drawdown = super::standing::drawdown_bp(&state.store, user.id, account.mode, &books.rates).await?;
    let of = |stake: i64| -> Option<Stake> {
        let wager = Wager { stake, ..wager.clone() };
        books.stake(&placing(&wager, &account, bookmaker, day.1), now).ok()
    };
    let suggestion = risk::suggest(wager.stake, step, drawdown, &of, &stands, bettor.limits_at(now), now);
    Ok((account, suggestion))
}

/// What to change about a bet; what is left out stays.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    /// The version that was looked at.
    pub version: Option<u32>,
    /// What was bet.
    pub wager: Option<Wager>,
    /// When.
    pub placed_at: Option<DateTime<Utc>>,
    /// What the bettor wrote.
    pub note: Option<String>,
    /// The bettor's words for it.
    pub tags: Option<Vec<String>>,
    /// The number its source gave it.
    pub reference: Option<String>,
}

/// Changes a bet. Of a settled one only words: its price and stake are changed after its settlement was taken back. Another wager
/// must pass the controls like a new one.
///
/// # Errors
/// [`Stopped`]; nothing was changed then.
pub async fn edit(
    state: &AppState,
    profiles: &Profiles,
    tx: &RequestTx,
    user: &User,
    id: BetId,
    edit: &Edit,
    reason: &str,
) -> Result<Bet, Stopped> {
    let now = state.clock.now();
    let stored = lock_and_find(tx, user.id, id).await?;
    let before = stored.bet;
    if before.deleted_at.is_some() {
        return Err(ApiError::conflict("the bet was removed; bring it back first").into());
    }
    if edit.version.is_some_and(|version| version != before.version) {
        return Err(ApiError::conflict("the bet was changed meanwhile; look at it and try again").into());
    }
    let mut after = before.clone();
    if let Some(note) = &edit.note {
        after.note.clone_from(note);
    }
    if let Some(tags) = &edit.tags {
        after.tags.clone_from(tags);
    }
    if let Some(reference) = &edit.reference {
        after.reference.clone_from(reference);
    }
    check_words(&after.note, &after.tags, &after.reference)?;
    if let Some(placed_at) = edit.placed_at {
        if placed_at > now + AHEAD || placed_at < now - OLDEST {
            return Err(ApiError::field("placed_at", "use a time in the past").into());
        }
        after.placed_at = placed_at;
    }
    if let Some(wager) = edit.wager.as_ref().filter(|wager| **wager != before.wager) {
        if before.status == BetStatus::Settled || !before.cash_outs.is_empty() {
            return Err(ApiError::conflict("take the settlement back before you change what was bet").into());
        }
        wager.check().map_err(wager_error)?;
        if wager.legs.len() != before.wager.legs.len() {
            return Err(ApiError::field("legs", "a bet keeps its legs; remove it and record another").into());
        }
        after.wager = wager.clone();
        after.at_risk = wager
            .at_risk()
            .ok_or_else(|| ApiError::field("stake", "the stake is too large"))?;
        if after.at_risk > before.at_risk {
            approve_more(profiles, tx, user, &before, &after, now).await?;
        }
    }
    if after == before {
        return Ok(before);
    }
    let doing = Doing {
        actor: Some(user.id),
        at: now,
        reason,
    };
    Ok(change(
        tx,
        user.id,
        &before,
        &after,
        stored.needs_person.as_deref(),
        "edited",
        doing,
    )
    .await?)
}

/// A bet that risks more than before is checked as if it were new and the old one not there.
async fn approve_more(
    profiles: &Profiles,
    tx: &RequestTx,
    user: &User,
    before: &Bet,
    after: &Bet,
    now: DateTime<Utc>,
) -> Result<(), Stopped> {
    let bettor = tx.lock_bets(user.id).await?;
    let books = read_books(tx, user.id, &bettor, Arc::clone(profiles)).await?;
    let account = books
        .account(before.account_id)
        .cloned()
        .ok_or_else(|| ApiError::internal("a bet's account is not there"))?;
    let day = day_around(user, now);
    let mut stands = standing(tx, user.id, &books, &bettor, before.mode, day, now).await?;
    let old = books.stake(&Placing::of(before, day.1), now)?;
    if let Some(at) = stands.open.iter().position(|open| *open == old) {
        stands.open.remove(at);
    }
    let bet = books.stake(&Placing::of(after, day.1), now)?;
    let with_old_back = Account {
        cash: account.cash.saturating_add(before.at_risk),
        ..account.clone()
    };
    stands.cash = cash_for(&books, &with_old_back, after.at_risk, bet.at_risk, now);
    match risk::check(&bet, &stands, bettor.limits_at(now), now) {
        Ok(_) => Ok(()),
        Err(refusal) => Err(Stopped::Refused(Box::new(NewDecision {
            decided: Decided::Refused,
            control: Some(refusal.reading.control),
            reason: refusal.message,
            opportunity_id: before.opportunity_id,
            mode: before.mode,
            summary: summary(&after.wager),
            wager: Some(after.wager.clone()),
            at_risk: Some((after.at_risk, after.currency)),
        }))),
    }
}

/// What is wrong with a wager, at the field it is about.
fn wager_error(error: domain::bet::WagerError) -> ApiError {
    use domain::bet::WagerError as E;
    let field = match error {
        E::StakeNotPositive | E::TooLarge => "stake",
        E::NoLegs | E::TooManyLegs | E::OneLeg | E::TwoLegs | E::TooManyLines => "legs",
        E::NoLay => "side",
        E::NoFreeLay => "is_free",
        E::NoSuchSizes => "sizes",
        E::NoQuarterLines | E::NoLine => "line",
        E::NoTeaserPrices => "prices",
        E::NoPlaceTerms => "places",
        E::CommissionTooHigh => "commission",
    };
    ApiError::field(field, error.to_string())
}

/// The mode of an account that a slip names; paper where it names none.
pub fn mode_of(accounts: &[Account], id: Option<AccountId>) -> BetMode {
    let found = accounts.iter().find(|account| Some(account.id) == id);
    found.map_or(BetMode::Paper, |account| account.mode)
}
