//! The money behind bets as people keep it: accounts, what is paid in and out, exchange rates, and what a user allows.
//!
//! Nothing is ever rewritten: a wrong entry is taken back by another. Limits are made stricter at once; what is looser waits a day.

use super::{MAX_NOTE, MAX_WORD};
use crate::http::errors::{ApiError, ApiResult};
use crate::state::AppState;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::bet::BetMode;
use domain::ledger::{Balanced, EntryKind, Line, Part};
use domain::risk::Limits;
use domain::scenarios::ExchangeRate;
use domain::{AccountId, BookmakerId, Currency, EntryId, UserId};
use store::{Account, Bettor, NewAccount, NewEntry, RateRow, RequestTx};

/// Accounts of a user at most, closed ones included.
const MAX_ACCOUNTS: usize = 200;
/// How long looser limits wait.
pub const LOOSER_AFTER: TimeDelta = TimeDelta::hours(24);
/// The longest that a user can do without bets at once.
const LONGEST_COOL_OFF: TimeDelta = TimeDelta::days(5 * 366);
/// An entry may have happened so long ago, and so far ahead of the clock.
const OLDEST: TimeDelta = TimeDelta::days(366 * 20);
const AHEAD: TimeDelta = TimeDelta::minutes(5);
/// The most that one entry may move, in minor units.
const MAX_AMOUNT: i64 = domain::arbitrage::MAX_STAKE;
/// One whole, in hundredths of a percent.
const WHOLE_BP: u32 = 10_000;

fn read_name(name: &str) -> ApiResult<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAX_WORD || name.contains(char::is_control) {
        return Err(ApiError::field(
            "name",
            format!("use 1 to {MAX_WORD} letters on one line"),
        ));
    }
    Ok(name.to_owned())
}

async fn account(tx: &RequestTx, owner: UserId, id: AccountId, field: &str) -> ApiResult<Account> {
    let found = tx.accounts(owner).await?.into_iter().find(|account| account.id == id);
    found.ok_or_else(|| ApiError::field(field, "choose one of your accounts"))
}

async fn open_account(tx: &RequestTx, owner: UserId, id: AccountId, field: &str) -> ApiResult<Account> {
    let found = account(tx, owner, id, field).await?;
    if found.closed_at.is_some() {
        return Err(ApiError::field(field, "the account is closed; open it again first"));
    }
    Ok(found)
}

/// Makes an account.
///
/// # Errors
/// Field errors `name` and `account`.
pub async fn add_account(
    state: &AppState,
    tx: &RequestTx,
    owner: UserId,
    name: &str,
    bookmaker_id: Option<BookmakerId>,
    currency: Currency,
    mode: BetMode,
) -> ApiResult<Account> {
    tx.lock_bets(owner).await?;
    let name = read_name(name)?;
    let accounts = tx.accounts(owner).await?;
    if accounts.len() >= MAX_ACCOUNTS {
        return Err(ApiError::field(
            "name",
            format!("you have {MAX_ACCOUNTS} accounts already"),
        ));
    }
    if accounts
        .iter()
        .any(|account| account.closed_at.is_none() && account.name == name)
    {
        return Err(ApiError::field("name", "you have an account of this name"));
    }
    let new = NewAccount {
        bookmaker_id,
        name,
        currency,
        mode,
    };
    let id = tx.add_account(owner, &new, state.clock.now()).await?;
    account(tx, owner, id, "account").await
}

/// Renames an account, closes it or opens it again; what is left out stays.
///
/// # Errors
/// Field errors; 409 when there is money in an account to be closed.
pub async fn change_account(
    state: &AppState,
    tx: &RequestTx,
    owner: UserId,
    id: AccountId,
    name: Option<&str>,
    is_closed: Option<bool>,
) -> ApiResult<Account> {
    tx.lock_bets(owner).await?;
    let before = account(tx, owner, id, "account").await?;
    let name = name.map_or_else(|| Ok(before.name.clone()), read_name)?;
    let is_open = !is_closed.unwrap_or(before.closed_at.is_some());
    let others = tx.accounts(owner).await?;
    let is_taken = |other: &Account| other.id != id && other.closed_at.is_none() && other.name == name;
    if is_open && others.iter().any(is_taken) {
        return Err(ApiError::field("name", "you have an account of this name"));
    }
    let closed_at = match is_closed {
        None => before.closed_at,
        Some(false) => None,
        Some(true) if before.cash != 0 || before.stake != 0 => {
            return Err(ApiError::conflict(
                "there is money in the account: withdraw or transfer it, and settle its bets, then close it",
            ));
        }
        Some(true) => before.closed_at.or_else(|| Some(state.clock.now())),
    };
    tx.change_account(owner, id, &name, closed_at).await?;
    account(tx, owner, id, "account").await
}

/// Money to move.
#[derive(Clone, Debug)]
pub struct Movement {
    /// Deposit, withdrawal, transfer, bonus or correction.
    pub kind: EntryKind,
    /// Which account; of a transfer the one it leaves.
    pub account: AccountId,
    /// How much, in minor units of the account's currency: above zero, but of a correction what is to be added.
    pub minor: i64,
    /// Of a transfer: where it arrives, and how much of that account's currency.
    pub to: Option<(AccountId, i64)>,
    /// When; now without.
    pub happened_at: Option<DateTime<Utc>>,
    /// What its maker wrote; a correction says why.
    pub memo: String,
}

/// Records that money was moved. An account never goes below zero.
///
/// # Errors
/// Field errors; 409 when there is not so much free money.
pub async fn move_money(state: &AppState, tx: &RequestTx, owner: UserId, movement: &Movement) -> ApiResult<EntryId> {
    let now = state.clock.now();
    tx.lock_bets(owner).await?;
    let Movement {
        kind,
        account: id,
        minor,
        to,
        happened_at,
        memo,
    } = movement;
    let from = open_account(tx, owner, *id, "account").await?;
    let happened_at = happened_at.unwrap_or(now);
    if happened_at > now + AHEAD || happened_at < now - OLDEST {
        return Err(ApiError::field("happened_at", "use a time in the past"));
    }
    let memo = memo.trim();
    if memo.chars().count() > MAX_NOTE {
        return Err(ApiError::field("memo", format!("use at most {MAX_NOTE} letters")));
    }
    let is_correction = *kind == EntryKind::Correction;
    if minor.unsigned_abs() > MAX_AMOUNT.unsigned_abs() || *minor == 0 || (*minor < 0 && !is_correction) {
        return Err(ApiError::field(
            "amount",
            "use an amount above zero, and not beyond all measure",
        ));
    }
    let lines = match kind {
        EntryKind::Deposit => Balanced::into_cash(*id, Part::Outside, *minor),
        EntryKind::Withdrawal => Balanced::into_cash(*id, Part::Outside, -minor),
        EntryKind::Bonus => Balanced::into_cash(*id, Part::Bonus, *minor),
        EntryKind::Correction if memo.is_empty() => {
            return Err(ApiError::field("memo", "say why the balance is put right"));
        }
        EntryKind::Correction => Balanced::into_cash(*id, Part::Correction, *minor),
        EntryKind::Transfer => {
            let (other, arrived) = to.ok_or_else(|| ApiError::field("to", "say to which account"))?;
            let other = open_account(tx, owner, other, "to").await?;
            if other.id == from.id {
                return Err(ApiError::field("to", "choose another account"));
            }
            if other.mode != from.mode {
                return Err(ApiError::field("to", "paper money stays paper money"));
            }
            if arrived <= 0 || arrived > MAX_AMOUNT {
                return Err(ApiError::field(
                    "arrived",
                    "use an amount above zero, and not beyond all measure",
                ));
            }
            if other.currency == from.currency && arrived != *minor {
                return Err(ApiError::field(
                    "arrived",
                    "in one currency as much arrives as leaves; record a fee as a correction",
                ));
            }
            Balanced::transfer(*id, *minor, other.id, arrived)
        }
        _ => {
            return Err(ApiError::field(
                "kind",
                "use deposit, withdrawal, transfer, bonus or correction",
            ));
        }
    };
    stays_above_zero(tx, owner, &lines).await?;
    stayed_above_zero(tx, &from, owner, &lines, happened_at).await?;
    let entry = NewEntry {
        kind: *kind,
        happened_at,
        bet_id: None,
        reverses: None,
        memo: memo.to_owned(),
    };
    let posted = tx.post(owner, &entry, &lines, now).await?;
    posted.ok_or_else(|| ApiError::internal("an entry that changes nothing"))
}

/// Refuses what would leave an account with less than nothing, or move money of a closed one.
async fn stays_above_zero(tx: &RequestTx, owner: UserId, lines: &Balanced) -> ApiResult<()> {
    let accounts = tx.accounts(owner).await?;
    for line in lines.lines().iter().filter(|line| line.part == Part::Cash) {
        let Some(account) = accounts.iter().find(|account| account.id == line.account) else {
            continue;
        };
        if account.closed_at.is_some() {
            return Err(ApiError::conflict(format!(
                "{} is closed; open it again first",
                account.name
            )));
        }
        let left = account.cash.checked_add(line.minor);
        if left.is_none_or(|left| left < 0 && line.minor < 0) {
            let free = domain::Money {
                minor: account.cash,
                currency: account.currency,
            };
            return Err(ApiError::conflict(format!(
                "there is only {free} free in {}; nothing was changed",
                account.name
            )));
        }
    }
    Ok(())
}

/// Refuses what would leave an account with less than nothing at a time that is past, such as a withdrawal dated before the deposit it
/// lives on.
async fn stayed_above_zero(
    tx: &RequestTx,
    account: &Account,
    owner: UserId,
    lines: &Balanced,
    happened_at: DateTime<Utc>,
) -> ApiResult<()> {
    let mut cash = lines
        .lines()
        .iter()
        .filter(|line| (line.account, line.part) == (account.id, Part::Cash));
    let Some(minor) = cash.next().map(|line| line.minor).filter(|minor| *minor < 0) else {
        return Ok(());
    };
    let least = tx.least_cash_since(owner, account.id, happened_at).await?;
    if least.saturating_add(minor) < 0 {
        let free = domain::Money {
            minor: least,
            currency: account.currency,
        };
        return Err(ApiError::field(
            "happened_at",
            format!(
                "at that time, or later, there was only {free} free in {}; nothing was changed",
                account.name
            ),
        ));
    }
    Ok(())
}

/// Takes an entry that a person made back, by an entry of its own. What a bet did to its account is changed through the bet.
///
/// # Errors
/// 404 when it is not the user's; 409 when it was taken back before, belongs to a bet, or its money is not there any more.
pub async fn take_entry_back(
    state: &AppState,
    tx: &RequestTx,
    owner: UserId,
    id: EntryId,
    reason: &str,
) -> ApiResult<EntryId> {
    tx.lock_bets(owner).await?;
    let found = tx.entry(owner, id).await?;
    let (entry, is_taken_back) = found.ok_or_else(|| ApiError::not_found("entry"))?;
    if is_taken_back {
        return Err(ApiError::conflict("the entry was taken back before"));
    }
    if entry.bet_id.is_some() || entry.kind == EntryKind::Reversal {
        return Err(ApiError::conflict(
            "only what you entered yourself is taken back here; change a bet on its own page",
        ));
    }
    let opposite = |line: &Line| Line {
        minor: -line.minor,
        ..*line
    };
    let lines = Balanced::new(entry.lines.iter().map(opposite).collect()).map_err(ApiError::internal)?;
    stays_above_zero(tx, owner, &lines).await?;
    let now = state.clock.now();
    let reversal = NewEntry {
        kind: EntryKind::Reversal,
        happened_at: entry.happened_at,
        bet_id: None,
        reverses: Some(id),
        memo: reason.trim().chars().take(MAX_NOTE).collect(),
    };
    let posted = tx.post(owner, &reversal, &lines, now).await?;
    posted.ok_or_else(|| ApiError::internal("an entry that changes nothing"))
}

/// A rate as a person says it: one of a currency is worth `1.1634` of the base currency. Up to six places; exact.
///
/// ```
/// use domain::Currency;
/// use server::desk::bets::money::{read_rate, worth};
/// let (euro, yen) = (Currency::EUR, "JPY".parse().unwrap());
/// let rate = read_rate("0.0062", euro, yen).unwrap();
/// // 1,000 yen, which have no cents, are 6.20 euros.
/// assert_eq!(rate.to_base(1_000), Some(620));
/// assert_eq!(worth(rate, euro, yen), "0.0062");
/// assert!(read_rate("1e3", euro, yen).is_none() && read_rate("0", euro, yen).is_none());
/// ```
pub fn read_rate(text: &str, base: Currency, currency: Currency) -> Option<ExchangeRate> {
    let text = text.trim().replace(',', ".");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || fraction.len() > 6 || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let mut of_base: u128 = format!("{whole}{fraction:0<6}").parse().ok()?;
    let mut of_other: u128 = 1_000_000;
    of_base *= 10_u128.pow(base.places());
    of_other *= 10_u128.pow(currency.places());
    let divisor = greatest_common_divisor(of_base, of_other);
    let part = |number: u128| u32::try_from(number / divisor).ok();
    ExchangeRate::new(part(of_base)?, part(of_other)?).ok()
}

const fn greatest_common_divisor(one: u128, other: u128) -> u128 {
    let (mut one, mut other) = (one, other);
    while other > 0 {
        (one, other) = (other, one % other);
    }
    if one == 0 { 1 } else { one }
}

/// What one of a currency is worth in the base currency, as a person says it.
pub fn worth(rate: ExchangeRate, base: Currency, currency: Currency) -> String {
    let (of_base, of_other): (u32, u32) = rate.into();
    let value = u128::from(of_base) * 10_u128.pow(currency.places()) * 1_000_000
        / (u128::from(of_other) * 10_u128.pow(base.places()));
    let text = format!("{}.{:06}", value / 1_000_000, value % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Says what a currency is worth in the base currency from a day on.
///
/// # Errors
/// A field error for the base currency itself.
pub async fn put_rate(
    tx: &RequestTx,
    owner: UserId,
    currency: Currency,
    on: NaiveDate,
    rate: ExchangeRate,
) -> ApiResult<()> {
    let bettor = tx.lock_bets(owner).await?;
    if currency == bettor.currency {
        return Err(ApiError::field("currency", "the base currency is worth itself"));
    }
    Ok(tx.put_exchange_rate(owner, &RateRow { currency, on, rate }).await?)
}

/// Chooses the base currency, as long as nothing is reckoned in it.
///
/// # Errors
/// 409 once there is an account or an exchange rate.
pub async fn set_currency(tx: &RequestTx, owner: UserId, currency: Currency) -> ApiResult<Bettor> {
    let bettor = tx.lock_bets(owner).await?;
    if bettor.currency == currency {
        return Ok(bettor);
    }
    if !tx.accounts(owner).await?.is_empty() || !tx.exchange_rates(owner).await?.is_empty() {
        return Err(ApiError::conflict(
            "limits and exchange rates are reckoned in the base currency: it is chosen before the first account",
        ));
    }
    let changed = Bettor { currency, ..bettor };
    tx.put_bettor(owner, &changed).await?;
    Ok(changed)
}

/// Changes what a user allows: what is stricter holds at once, what is looser in [`LOOSER_AFTER`]. Asking again for the same does
/// not make it wait longer, and asking for something else makes that wait from now.
///
/// # Errors
/// Field errors for shares above 100 %.
pub async fn put_limits(state: &AppState, tx: &RequestTx, owner: UserId, wanted: &Limits) -> ApiResult<Bettor> {
    check_limits(wanted)?;
    let now = state.clock.now();
    let bettor = tx.lock_bets(owner).await?;
    let limits = bettor.limits_at(now).tightened(wanted);
    let pending = bettor.wanted.filter(|(before, from)| before == wanted && *from > now);
    let wanted = (limits != *wanted).then(|| pending.unwrap_or_else(|| (wanted.clone(), now + LOOSER_AFTER)));
    let changed = Bettor {
        limits,
        wanted,
        ..bettor
    };
    tx.put_bettor(owner, &changed).await?;
    Ok(changed)
}

fn check_limits(limits: &Limits) -> ApiResult<()> {
    let shares = [
        ("per_bet_bp", limits.per_bet_bp),
        ("daily_loss_bp", limits.daily_loss_bp),
        ("event_bp", limits.event_bp),
        ("correlated_bp", limits.correlated_bp),
        ("sport_bp", limits.sport_bp),
        ("bookmaker_bp", limits.bookmaker_bp),
        ("open_bp", limits.open_bp),
    ];
    if let Some((field, _)) = shares.iter().find(|(_, share)| *share > WHOLE_BP) {
        return Err(ApiError::field(*field, "a share is at most 100 %"));
    }
    if limits.max_stake.is_some_and(|most| most < 0) {
        return Err(ApiError::field("max_stake", "use an amount of zero or more"));
    }
    let is_brake = |brake: &domain::risk::Brake| brake.from_bp <= WHOLE_BP && brake.factor_bp <= WHOLE_BP;
    if limits.brakes.len() > 10 || !limits.brakes.iter().all(is_brake) {
        return Err(ApiError::field(
            "brakes",
            "use at most ten, with shares of at most 100 %",
        ));
    }
    Ok(())
}

/// Does without bets until a moment. It can be made longer, never shorter.
///
/// # Errors
/// A field error for a time in the past, one too far ahead, or one earlier than was said before.
pub async fn cool_off(state: &AppState, tx: &RequestTx, owner: UserId, until: DateTime<Utc>) -> ApiResult<Bettor> {
    let now = state.clock.now();
    let bettor = tx.lock_bets(owner).await?;
    if until <= now || until > now + LONGEST_COOL_OFF {
        return Err(ApiError::field(
            "until",
            "use a time from now on and at most five years ahead",
        ));
    }
    if bettor.cool_off_until.is_some_and(|before| before > until) {
        return Err(ApiError::field("until", "a cool-off can be made longer, never shorter"));
    }
    let changed = Bettor {
        cool_off_until: Some(until),
        ..bettor
    };
    tx.put_bettor(owner, &changed).await?;
    Ok(changed)
}
