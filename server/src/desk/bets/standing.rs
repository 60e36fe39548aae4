//! Where a user stands: bankroll, open risk and what this day lost, in the base currency.

use crate::desk::preferences::{Preferences, day_bounds, day_of};
use crate::http::errors::{ApiError, ApiResult};
use chrono::{DateTime, NaiveDate, Utc};
use domain::bet::{Bet, BetMode, Structure, Wager};
use domain::result::Rules;
use domain::risk::{Single, Stake, StakeLeg, Standing};
use domain::scenarios::{ExchangeRate, Leg, Terms};
use domain::settlement::rules::rules_for;
use domain::settlement::{at_risk_left, stake_left};
use domain::{AccountId, BookmakerId, Currency, UserId};
use engine::BooksById;
use std::collections::HashMap;
use store::{Account, Bettor, Flow, RateRow, RequestTx, Store, User};

/// What currencies are worth, by day.
#[derive(Clone, Debug)]
pub struct Rates {
    /// The base currency.
    pub base: Currency,
    rows: Vec<RateRow>,
}

impl Rates {
    /// A user's, by currency and day.
    pub const fn new(base: Currency, rows: Vec<RateRow>) -> Self {
        Self { base, rows }
    }

    /// Every rate.
    pub fn rows(&self) -> &[RateRow] {
        &self.rows
    }

    /// What a currency is worth on a day: the latest rate by then.
    pub fn on(&self, currency: Currency, day: NaiveDate) -> Option<ExchangeRate> {
        if currency == self.base {
            return Some(ExchangeRate::ONE);
        }
        let by_then = self.rows.iter().filter(|row| row.currency == currency && row.on <= day);
        by_then.max_by_key(|row| row.on).map(|row| row.rate)
    }

    /// An amount in the base currency on a day, a fraction cut to the owner's disadvantage; none without a rate.
    pub fn to_base(&self, minor: i64, currency: Currency, day: NaiveDate) -> Option<i64> {
        self.on(currency, day)?.to_base(minor.into())
    }
}

/// What a standing is made of, read within the request that changes it.
pub struct Books {
    /// The user's accounts.
    pub accounts: Vec<Account>,
    /// What currencies are worth.
    pub rates: Rates,
    /// What is known of the bookmakers.
    pub books: std::sync::Arc<BooksById>,
}

impl Books {
    /// One of the accounts.
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    /// Where a bet is: its bookmaker, or its account where it is at none.
    fn place(bookmaker: Option<BookmakerId>, account: AccountId) -> BookmakerId {
        bookmaker.unwrap_or(BookmakerId(-account.0))
    }

    /// A wager as risk sees it.
    ///
    /// # Errors
    /// A field error `account` without an exchange rate.
    pub fn stake(&self, at: &Placing<'_>, now: DateTime<Utc>) -> ApiResult<Stake> {
        let wager = at.wager;
        let rate = self
            .rates
            .on(at.currency, now.date_naive())
            .ok_or_else(|| no_rate(at.currency))?;
        let left =
            at_risk_left(wager, at.cash_outs).ok_or_else(|| ApiError::field("stake", "the stake is too large"))?;
        // Risk is rounded up.
        let at_risk = rate
            .to_base(-i128::from(left))
            .and_then(i64::checked_neg)
            .ok_or_else(|| ApiError::field("stake", "the stake is too large"))?;
        let place = Self::place(at.bookmaker, at.account);
        let legs = wager.legs.iter().map(|leg| {
            let event = leg.event_id.map_or_else(
                || {
                    format!(
                        "{}|{}",
                        leg.event,
                        leg.starts_at.map(|at| at.date_naive().to_string()).unwrap_or_default()
                    )
                },
                |id| id.to_string(),
            );
            let sides = [&leg.home, &leg.away].into_iter().flatten();
            StakeLeg {
                event,
                sport: leg.sport.key().to_owned(),
                participants: sides.map(|name| format!("{}|{name}", leg.sport.key())).collect(),
            }
        });
        let starts = wager.legs.iter().map(|leg| leg.starts_at);
        let last = starts
            .max()
            .flatten()
            .filter(|_| wager.legs.iter().all(|leg| leg.starts_at.is_some()));
        Ok(Stake {
            at_risk,
            bookmaker: Some(place),
            legs: legs.collect(),
            single: self.single(at, place, rate),
            may_end_today: last.is_none_or(|last| last < at.day_ends_at),
        })
    }

    /// A single that can be told together with others on its event.
    fn single(&self, at: &Placing<'_>, place: BookmakerId, rate: ExchangeRate) -> Option<Single> {
        let [leg] = at.wager.legs.as_slice() else { return None };
        if at.wager.structure != Structure::Single || at.wager.is_free {
            return None;
        }
        let key = self.books.get(&place).map(|book| book.key.as_str());
        let terms = Terms {
            commission: at.wager.terms.commission,
            rounding: at.wager.terms.rounding,
            rate,
            // What a draw is does not depend on the competition.
            rules: rules_for(&leg.sport, &leg.competition, key)
                .first()
                .map_or_else(Rules::default, |rules| rules.result_rules()),
            ..Terms::new(place)
        };
        Some(Single {
            contest: leg.contest()?,
            leg: Leg {
                side: leg.side,
                ..Leg::back(leg.market.clone(), leg.outcome.clone(), leg.price, terms)
            },
            stake: stake_left(at.wager, at.cash_outs).ok()?,
        })
    }
}

/// A wager, and where it is.
#[derive(Clone, Copy)]
pub struct Placing<'a> {
    /// What is bet.
    pub wager: &'a Wager,
    /// What was sold back.
    pub cash_outs: &'a [domain::bet::CashOut],
    /// With which account's money.
    pub account: AccountId,
    /// In which currency.
    pub currency: Currency,
    /// At which bookmaker.
    pub bookmaker: Option<BookmakerId>,
    /// When the user's day ends.
    pub day_ends_at: DateTime<Utc>,
}

impl<'a> Placing<'a> {
    /// An open bet.
    pub fn of(bet: &'a Bet, day_ends_at: DateTime<Utc>) -> Self {
        Self {
            wager: &bet.wager,
            cash_outs: &bet.cash_outs,
            account: bet.account_id,
            currency: bet.currency,
            bookmaker: bet.bookmaker_id,
            day_ends_at,
        }
    }
}

/// No rate says what a currency is worth.
pub fn no_rate(currency: Currency) -> ApiError {
    ApiError::field(
        "account",
        format!("there is no exchange rate for {currency}; add one on the Bankroll page"),
    )
}

/// The user's day that an instant belongs to: from when to when.
pub fn day_around(user: &User, at: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    let zone = Preferences::of(user).zone();
    day_bounds(zone, day_of(zone, at))
}

/// Where a user stands in a mode, but for the bet that is to be placed: its account's cash is left to the caller.
///
/// # Errors
/// When the database does not answer, or a currency has no rate.
pub async fn standing(
    tx: &RequestTx,
    owner: UserId,
    books: &Books,
    bettor: &Bettor,
    mode: BetMode,
    day: (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> ApiResult<Standing> {
    let today = now.date_naive();
    let rates = &books.rates;
    let mut bankroll = 0_i64;
    for account in books.accounts.iter().filter(|account| account.mode == mode) {
        let total = account.cash.saturating_add(account.stake);
        // What is empty is worth nothing in every currency.
        if total == 0 {
            continue;
        }
        let in_base = rates
            .to_base(total, account.currency, today)
            .ok_or_else(|| no_rate(account.currency))?;
        bankroll = bankroll.saturating_add(in_base);
    }
    let mut won_today = 0_i64;
    for (id, profit) in tx.profits_since(owner, mode, day.0).await? {
        let currency = books.account(id).map_or(rates.base, |account| account.currency);
        let in_base = rates
            .to_base(profit, currency, today)
            .ok_or_else(|| no_rate(currency))?;
        won_today = won_today.saturating_add(in_base);
    }
    // What was paid in today, or recorded today as paid in before, was not there when the day began: it loosens no limit of today.
    let mut moved_today = 0_i64;
    let since_dawn = |flow: &&Flow| flow.happened_at >= day.0 || flow.recorded_at >= day.0;
    for flow in tx.flows(owner).await?.iter().filter(since_dawn) {
        let Some(account) = books.account(flow.account).filter(|account| account.mode == mode) else {
            continue;
        };
        let in_base = rates.to_base(flow.minor, account.currency, today);
        moved_today = moved_today.saturating_add(in_base.unwrap_or(0));
    }
    let before_bets = bankroll.saturating_sub(won_today);
    let open = tx.open_bets(owner, mode).await?;
    let open = open
        .iter()
        .map(|bet| books.stake(&Placing::of(bet, day.1), now))
        .collect::<ApiResult<Vec<Stake>>>()?;
    Ok(Standing {
        mark: bettor.mark,
        currency: rates.base,
        bankroll,
        // On the first day there was nothing: what was paid in to begin with counts.
        bankroll_at_dawn: match before_bets.saturating_sub(moved_today) {
            nothing if nothing <= 0 => before_bets,
            at_dawn => at_dawn,
        },
        lost_today: won_today.saturating_neg().max(0),
        cash: 0,
        open,
        cool_off_until: bettor.cool_off_until,
    })
}

/// Everything a standing needs besides the open bets.
///
/// # Errors
/// When the database does not answer.
pub async fn read_books(
    tx: &RequestTx,
    owner: UserId,
    bettor: &Bettor,
    books: std::sync::Arc<BooksById>,
) -> ApiResult<Books> {
    Ok(Books {
        accounts: tx.accounts(owner).await?,
        rates: Rates::new(bettor.currency, tx.exchange_rates(owner).await?),
        books,
    })
}

/// One, as [`drawdown_bp`] counts: in trillionths.
const UNIT: i128 = 1_000_000_000_000;

/// How far a mode's money is below its highest after any settlement, in hundredths of a percent of that.
///
/// Counted in units, as a fund does: a settled bet changes what a unit is worth by its profit over all the money there was, and money
/// that is paid in or out changes the number of units alone. So 300 lost of 1,000 are 30 % however much is paid in afterwards.
///
/// # Errors
/// When the database does not answer.
pub async fn drawdown_bp(store: &Store, owner: UserId, mode: BetMode, rates: &Rates) -> ApiResult<u32> {
    let profits = store.settled_profits(owner, mode).await?;
    let accounts: HashMap<AccountId, Account> = store
        .accounts(owner)
        .await?
        .into_iter()
        .filter(|account| account.mode == mode)
        .map(|account| (account.id, account))
        .collect();
    let flows = store.flows(owner).await?;
    let mut flows = flows.iter().peekable();
    let (mut money, mut unit, mut peak) = (0_i128, UNIT, UNIT);
    for (at, currency, profit) in profits {
        while let Some(flow) = flows.next_if(|flow| flow.happened_at <= at) {
            if let Some(account) = accounts.get(&flow.account) {
                let day = flow.happened_at.date_naive();
                money += i128::from(rates.to_base(flow.minor, account.currency, day).unwrap_or(0));
            }
        }
        let profit = rates.to_base(profit, currency, at.date_naive());
        let after = money + i128::from(profit.unwrap_or(0));
        // Without money, as where bets were recorded before what was paid in, nothing can be said of a share of it.
        if money > 0 {
            unit = unit.saturating_mul(after.max(0)) / money;
            peak = peak.max(unit);
        }
        money = after;
    }
    Ok(u32::try_from((peak - unit) * 10_000 / peak.max(1)).unwrap_or(10_000))
}
