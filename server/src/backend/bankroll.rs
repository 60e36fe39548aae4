//! The reader's money: accounts, the ledger, exchange rates and limits.

use super::bets::read_amount;
use super::{RequestBackend, failed, told};
use crate::desk::bets::in_request;
use crate::desk::bets::money::{self, Movement, read_rate, worth};
use crate::desk::bets::standing::Rates;
use crate::desk::preferences::{day_bounds, day_of};
use app::AppError;
use app::pages::bankroll::{
    AccountForm, AccountRow, BankrollPort, BankrollView, LedgerRow, LedgerView, MoveForm, Rate, RateForm, Total,
};
use app::pages::limits::{LimitsPort, LimitsView};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::bet::BetMode;
use domain::ledger::EntryKind;
use domain::risk::Limits;
use domain::{AccountId, BookmakerId, Currency, EntryId};
use std::collections::{BTreeMap, HashMap, HashSet};
use store::{Account, Cursor, Entry, EntryFilter, UserRole};

/// Entries on a page of the ledger.
const ENTRIES: u32 = 100;

pub(super) fn read_currency(field: &str, text: &str) -> Result<Currency, AppError> {
    let code = text.trim().to_uppercase();
    code.parse().map_err(|_| {
        AppError::field(
            field,
            "Three letters such as EUR, please: the currency's ISO 4217 code.",
        )
    })
}

fn chosen_account<'a>(accounts: &'a [Account], field: &str, text: &str) -> Result<&'a Account, AppError> {
    let id = text.parse().ok().map(AccountId);
    let found = accounts.iter().find(|account| Some(account.id) == id);
    found.ok_or_else(|| AppError::field(field, "Choose one of your accounts."))
}

/// What accounts came to over time: what they held, account by account, at the end of each day on which that changed.
fn history(
    changes: &[(DateTime<Utc>, AccountId, i64)],
    accounts: &[Account],
    rates: &Rates,
    until: DateTime<Utc>,
    day_at: impl Fn(DateTime<Utc>) -> NaiveDate,
) -> Vec<(BetMode, Vec<(DateTime<Utc>, i64)>)> {
    let of_mode = |mode: BetMode| {
        let accounts: HashMap<AccountId, Currency> = accounts
            .iter()
            .filter(|account| account.mode == mode)
            .map(|account| (account.id, account.currency))
            .collect();
        let mut held: BTreeMap<AccountId, i64> = BTreeMap::new();
        let mut days: Vec<(NaiveDate, DateTime<Utc>, i64)> = Vec::new();
        let changes = changes
            .iter()
            .filter(|(at, id, _)| *at <= until && accounts.contains_key(id));
        for (at, id, minor) in changes {
            let balance = held.entry(*id).or_default();
            *balance = balance.saturating_add(*minor);
            let day = at.date_naive();
            let in_base = |(id, minor): (&AccountId, &i64)| rates.to_base(*minor, *accounts.get(id)?, day);
            let sum = held.iter().filter_map(in_base).fold(0_i64, i64::saturating_add);
            match days.last_mut() {
                Some(last) if last.0 == day_at(*at) => *last = (last.0, *at, sum),
                _ => days.push((day_at(*at), *at, sum)),
            }
        }
        days.into_iter().map(|(_, at, sum)| (at, sum)).collect::<Vec<_>>()
    };
    let lines = BetMode::ALL.iter().map(|mode| (*mode, of_mode(*mode)));
    lines.filter(|(_, points)| !points.is_empty()).collect()
}

fn total(mode: BetMode, accounts: &[(&Account, (i64, i64))], rates: &Rates, day: NaiveDate) -> Option<Total> {
    let mut total = Total {
        mode,
        cash: 0,
        stake: 0,
        without_rate: 0,
    };
    let mut has_any = false;
    for (account, (cash, stake)) in accounts.iter().filter(|(account, _)| account.mode == mode) {
        has_any = true;
        let in_base = |minor| rates.to_base(minor, account.currency, day);
        if let (Some(cash), Some(stake)) = (in_base(*cash), in_base(*stake)) {
            total.cash = total.cash.saturating_add(cash);
            total.stake = total.stake.saturating_add(stake);
        } else {
            total.without_rate += 1;
        }
    }
    has_any.then_some(total)
}

fn ledger_row(entry: Entry, accounts: &[Account], taken_back: &HashSet<EntryId>) -> LedgerRow {
    let named = |id: AccountId| accounts.iter().find(|account| account.id == id);
    let lines = entry.lines.iter().filter_map(|line| {
        let account = named(line.account)?;
        Some((account.name.clone(), line.part, line.minor, account.currency))
    });
    let is_own = entry.bet_id.is_none() && entry.kind != EntryKind::Reversal;
    LedgerRow {
        lines: lines.collect(),
        can_be_taken_back: is_own && !taken_back.contains(&entry.id),
        id: entry.id,
        kind: entry.kind,
        happened_at: entry.happened_at,
        recorded_at: entry.recorded_at,
        bet: entry.bet_id,
        takes_back: entry.reverses,
        memo: entry.memo,
    }
}

#[async_trait]
impl BankrollPort for RequestBackend {
    async fn bankroll(&self, on: Option<NaiveDate>) -> Result<BankrollView, AppError> {
        let owner = self.reader().await?.id();
        let zone = self.zone().await?;
        let store = &self.state.store;
        let now = self.now();
        // A day ends where the next begins; what happens then belongs to that.
        let ended = on.map(|day| day_bounds(zone, day).1 - TimeDelta::milliseconds(1));
        let at = ended.map_or(now, |ended| ended.min(now));
        let base = store.bettor(owner).await.map_err(failed)?.currency;
        let rates = Rates::new(base, store.exchange_rates(owner).await.map_err(failed)?);
        let accounts = store.accounts(owner).await.map_err(failed)?;
        let by_then = match on {
            Some(_) => Some(store.balances_at(owner, at).await.map_err(failed)?),
            None => None,
        };
        let balance = |account: &Account| match &by_then {
            Some(balances) => balances.get(&account.id).copied().unwrap_or_default(),
            None => (account.cash, account.stake),
        };
        let balances: Vec<_> = accounts.iter().map(|account| (account, balance(account))).collect();
        let changes = store.balance_changes(owner).await.map_err(failed)?;
        let books = self.state.boards.profiles().await.map_err(failed)?;
        let day = at.date_naive();
        let rows = balances.iter().map(|(account, (cash, stake))| AccountRow {
            id: account.id,
            name: account.name.clone(),
            bookmaker: account.bookmaker_id.map(|id| super::rows::name_of(&books, id)),
            currency: account.currency,
            mode: account.mode,
            cash: *cash,
            stake: *stake,
            in_base: rates.to_base(cash.saturating_add(*stake), account.currency, day),
            is_closed: account.closed_at.is_some(),
        });
        let mut known: Vec<_> = rates.rows().to_vec();
        known.sort_by_key(|row| (std::cmp::Reverse(row.on), row.currency.code().to_owned()));
        Ok(BankrollView {
            base,
            at,
            on,
            accounts: rows.collect(),
            totals: BetMode::ALL
                .iter()
                .filter_map(|mode| total(*mode, &balances, &rates, day))
                .collect(),
            history: history(&changes, &accounts, &rates, at, |at| day_of(zone, at)),
            rates: known
                .into_iter()
                .map(|row| Rate {
                    currency: row.currency,
                    on: row.on,
                    worth: worth(row.rate, base, row.currency),
                })
                .collect(),
            bookmakers: self.bet_offers(owner).await?.bookmakers,
        })
    }

    async fn ledger(&self, account: Option<AccountId>, after: String) -> Result<LedgerView, AppError> {
        let owner = self.reader().await?.id();
        let store = &self.state.store;
        let filter = EntryFilter { account, bet: None };
        let after = after.parse::<Cursor>().ok();
        let page = store.entries(owner, &filter, after, ENTRIES).await.map_err(failed)?;
        let accounts = store.accounts(owner).await.map_err(failed)?;
        let taken_back = page.items.iter().filter_map(|entry| entry.reverses).collect();
        Ok(LedgerView {
            account,
            entries: page
                .items
                .into_iter()
                .map(|entry| ledger_row(entry, &accounts, &taken_back))
                .collect(),
            next: page.next.map(|next| next.to_string()),
            accounts: accounts
                .into_iter()
                .map(|account| (account.id.to_string(), account.name))
                .collect(),
        })
    }

    async fn add_account(&self, form: AccountForm) -> Result<(), AppError> {
        let owner = self.writer_as(UserRole::Member).await?.id;
        let currency = read_currency("currency", &form.currency)?;
        let mode = BetMode::from_code(&form.mode);
        let mode = mode.ok_or_else(|| AppError::field("mode", "Choose one of those offered."))?;
        let bookmaker = form.bookmaker.parse().ok().map(BookmakerId);
        let opening = match form.opening.trim() {
            "" => None,
            text => Some(read_amount("opening", text, currency)?),
        };
        if opening.is_some_and(|minor| minor <= 0) {
            return Err(AppError::field("opening", "An amount above zero, or nothing."));
        }
        let done = in_request(&self.state, async |tx| {
            let account = money::add_account(&self.state, tx, owner, &form.name, bookmaker, currency, mode).await?;
            let Some(minor) = opening else { return Ok(()) };
            let deposit = Movement {
                kind: EntryKind::Deposit,
                account: account.id,
                minor,
                to: None,
                happened_at: None,
                memo: "What was in it at first".to_owned(),
            };
            money::move_money(&self.state, tx, owner, &deposit).await.map(|_| ())
        });
        told(done.await)
    }

    async fn change_account(&self, id: AccountId, name: String, is_closed: bool) -> Result<(), AppError> {
        let owner = self.writer_as(UserRole::Member).await?.id;
        let done = in_request(&self.state, async |tx| {
            money::change_account(&self.state, tx, owner, id, Some(&name), Some(is_closed)).await
        });
        told(done.await.map(|_| ()))
    }

    async fn move_money(&self, form: MoveForm) -> Result<(), AppError> {
        let user = self.writer_as(UserRole::Member).await?;
        let accounts = self.state.store.accounts(user.id).await.map_err(failed)?;
        let kind = EntryKind::from_code(&form.kind);
        let kind = kind.ok_or_else(|| AppError::field("kind", "Choose one of those offered."))?;
        let account = chosen_account(&accounts, "account", &form.account)?;
        let minor = read_amount("amount", &form.amount, account.currency)?;
        let to = if kind == EntryKind::Transfer {
            let other = chosen_account(&accounts, "to", &form.to)?;
            let arrived = match form.arrived.trim() {
                "" if other.currency == account.currency => minor,
                "" => {
                    return Err(AppError::field(
                        "arrived",
                        format!("How much {} arrives?", other.currency),
                    ));
                }
                text => read_amount("arrived", text, other.currency)?,
            };
            Some((other.id, arrived))
        } else {
            None
        };
        let movement = Movement {
            kind,
            account: account.id,
            minor,
            to,
            happened_at: Self::read_local(user, "happened_at", &form.happened_at)?,
            memo: form.memo,
        };
        let done = in_request(&self.state, async |tx| {
            money::move_money(&self.state, tx, user.id, &movement).await
        });
        told(done.await.map(|_| ()))
    }

    async fn take_entry_back(&self, id: EntryId, reason: String) -> Result<(), AppError> {
        let owner = self.writer_as(UserRole::Member).await?.id;
        let done = in_request(&self.state, async |tx| {
            money::take_entry_back(&self.state, tx, owner, id, &reason).await
        });
        told(done.await.map(|_| ()))
    }

    async fn put_rate(&self, form: RateForm) -> Result<(), AppError> {
        let owner = self.writer_as(UserRole::Member).await?.id;
        let currency = read_currency("currency", &form.currency)?;
        let on = form.on.trim().parse::<NaiveDate>();
        let on = on.map_err(|_| AppError::field("on", "A day such as 2026-11-26, please."))?;
        let base = self.state.store.bettor(owner).await.map_err(failed)?.currency;
        let rate = read_rate(&form.rate, base, currency)
            .ok_or_else(|| AppError::field("rate", "A number above zero with at most six places, please."))?;
        let done = in_request(&self.state, async |tx| {
            money::put_rate(tx, owner, currency, on, rate).await
        });
        told(done.await)
    }

    async fn set_base_currency(&self, code: String) -> Result<(), AppError> {
        let owner = self.writer_as(UserRole::Member).await?.id;
        let currency = read_currency("base", &code)?;
        let done = in_request(&self.state, async |tx| money::set_currency(tx, owner, currency).await);
        told(done.await.map(|_| ()))
    }
}

#[async_trait]
impl LimitsPort for RequestBackend {
    async fn limits(&self) -> Result<LimitsView, AppError> {
        let owner = self.reader().await?.id();
        let bettor = self.state.store.bettor(owner).await.map_err(failed)?;
        let now = self.now();
        Ok(LimitsView {
            currency: bettor.currency,
            limits: bettor.limits_at(now).clone(),
            cool_off_until: bettor.cool_off_until.filter(|until| *until > now),
            wanted: bettor.wanted.filter(|(_, from)| *from > now),
        })
    }

    async fn save_limits(&self, limits: Limits) -> Result<(), AppError> {
        let owner = self.writer_as(UserRole::Member).await?.id;
        let done = in_request(&self.state, async |tx| {
            money::put_limits(&self.state, tx, owner, &limits).await
        });
        told(done.await.map(|_| ()))
    }

    async fn cool_off(&self, days: u32) -> Result<(), AppError> {
        let owner = self.writer_as(UserRole::Member).await?.id;
        let until = self.now() + TimeDelta::days(i64::from(days));
        let done = in_request(&self.state, async |tx| {
            money::cool_off(&self.state, tx, owner, until).await
        });
        told(done.await.map(|_| ()))
    }
}
