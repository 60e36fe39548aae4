//! `bankroll`: accounts and their ledger, exchange rates, and what a user allows.

use super::bets::{amount, read_amount, read_bookmaker};
use super::events::key_of;
use super::extract::{Json, Meta, Path, Query, read_after, read_code, read_limit};
use super::idempotency::create_once;
use crate::desk::bets::in_request;
use crate::desk::bets::money::{self, Movement};
use crate::desk::bets::standing::Rates;
use crate::http::errors::{ApiError, ApiResult};
use crate::http::live::News;
use crate::http::viewer::Viewer;
use crate::state::AppState;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc};
use domain::bet::BetMode;
use domain::ledger::EntryKind;
use domain::risk::{Brake, Limits};
use domain::scenarios::ExchangeRate;
use domain::{AccountId, Currency, EntryId};
use engine::BooksById;
use serde::{Deserialize, Serialize};
use store::{Account, Bettor, Entry, EntryFilter, RateRow, UserRole};
use utoipa::{IntoParams, ToSchema};

/// Your accounts and what they come to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BankrollAnswer {
    /// The currency that everything is summed up in.
    #[schema(example = "EUR")]
    pub currency: String,
    /// As of when.
    pub at: DateTime<Utc>,
    /// In the order they were made.
    pub accounts: Vec<AccountRow>,
    /// Real money.
    pub real: TotalRow,
    /// Paper money.
    pub paper: TotalRow,
}

/// What accounts come to in the base currency.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct TotalRow {
    /// Free money.
    #[schema(example = "980.00")]
    pub cash: String,
    /// Money in open bets.
    pub at_risk: String,
    /// Both.
    pub balance: String,
    /// Accounts that are left out because their currency has no exchange rate by then, by number.
    pub without_rate: Vec<i64>,
}

/// An account. Amounts are decimal strings in its currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccountRow {
    /// Its number.
    pub id: i64,
    /// What you call it.
    pub name: String,
    /// At which bookmaker, by key.
    pub bookmaker: Option<String>,
    /// Its currency.
    pub currency: String,
    /// `paper` or `real`.
    pub mode: &'static str,
    /// Free money.
    pub cash: String,
    /// Money in open bets.
    pub at_risk: String,
    /// Both.
    pub balance: String,
    /// The balance in the base currency; null without an exchange rate.
    pub balance_in_base: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
}

fn account_row(
    account: &Account,
    (cash, stake): (i64, i64),
    rates: &Rates,
    day: NaiveDate,
    books: &BooksById,
) -> AccountRow {
    let balance = cash.saturating_add(stake);
    let own = |minor| amount(minor, account.currency);
    AccountRow {
        id: account.id.0,
        name: account.name.clone(),
        bookmaker: account.bookmaker_id.map(|id| key_of(books, id)),
        currency: account.currency.to_string(),
        mode: account.mode.code(),
        cash: own(cash),
        at_risk: own(stake),
        balance: own(balance),
        balance_in_base: rates
            .to_base(balance, account.currency, day)
            .map(|minor| amount(minor, rates.base)),
        created_at: account.created_at,
        closed_at: account.closed_at,
    }
}

fn total(accounts: &[(&Account, (i64, i64))], rates: &Rates, day: NaiveDate) -> TotalRow {
    let (mut cash, mut stake, mut without_rate) = (0_i64, 0_i64, Vec::new());
    for (account, (free, bound)) in accounts {
        let in_base = |minor| rates.to_base(minor, account.currency, day);
        if let (Some(free), Some(bound)) = (in_base(*free), in_base(*bound)) {
            cash = cash.saturating_add(free);
            stake = stake.saturating_add(bound);
        } else {
            without_rate.push(account.id.0);
        }
    }
    TotalRow {
        cash: amount(cash, rates.base),
        at_risk: amount(stake, rates.base),
        balance: amount(cash.saturating_add(stake), rates.base),
        without_rate,
    }
}

/// As of when.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BankrollQuery {
    /// What the ledger came to at this time; now without it.
    pub at: Option<DateTime<Utc>>,
}

/// Show your accounts and what they come to, now or at any time.
///
/// A balance at a time is the sum of all entries that had happened by then.
#[utoipa::path(get, path = "/api/v1/bankroll", operation_id = "show_bankroll", tag = "bets", params(BankrollQuery),
    responses((status = 200, body = BankrollAnswer)))]
pub(super) async fn show(
    State(state): State<AppState>,
    viewer: Viewer,
    Query(query): Query<BankrollQuery>,
) -> ApiResult<axum::Json<BankrollAnswer>> {
    let (owner, at) = (viewer.id(), query.at.unwrap_or_else(|| state.clock.now()));
    let bettor = state.store.bettor(owner).await?;
    let rates = Rates::new(bettor.currency, state.store.exchange_rates(owner).await?);
    let accounts = state.store.accounts(owner).await?;
    let by_then = match query.at {
        Some(at) => Some(state.store.balances_at(owner, at).await?),
        None => None,
    };
    let balance = |account: &Account| match &by_then {
        Some(balances) => balances.get(&account.id).copied().unwrap_or_default(),
        None => (account.cash, account.stake),
    };
    let books = state.boards.profiles().await?;
    let day = at.date_naive();
    let of = |mode: BetMode| {
        let of_mode = accounts.iter().filter(|account| account.mode == mode);
        let balances: Vec<_> = of_mode.map(|account| (account, balance(account))).collect();
        total(&balances, &rates, day)
    };
    Ok(axum::Json(BankrollAnswer {
        currency: bettor.currency.to_string(),
        at,
        real: of(BetMode::Real),
        paper: of(BetMode::Paper),
        accounts: accounts
            .iter()
            .map(|account| account_row(account, balance(account), &rates, day, &books))
            .collect(),
    }))
}

/// An account to make.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddAccountBody {
    /// What you call it.
    pub name: String,
    /// At which bookmaker, by key.
    pub bookmaker: Option<String>,
    /// Its currency; your base currency without.
    pub currency: Option<String>,
    /// `paper` or `real` (usual).
    pub mode: Option<String>,
}

/// One account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccountAnswer {
    /// The account.
    pub account: AccountRow,
}

fn read_currency(text: &str) -> ApiResult<Currency> {
    text.trim()
        .parse()
        .map_err(|error: domain::money::MoneyError| ApiError::field("currency", error.to_string()))
}

async fn account_answer(state: &AppState, viewer: &Viewer, account: &Account) -> ApiResult<AccountAnswer> {
    let bettor = state.store.bettor(viewer.id()).await?;
    let rates = Rates::new(bettor.currency, state.store.exchange_rates(viewer.id()).await?);
    let books = state.boards.profiles().await?;
    let (balance, day) = ((account.cash, account.stake), state.clock.now().date_naive());
    Ok(AccountAnswer {
        account: account_row(account, balance, &rates, day, &books),
    })
}

/// Make an account.
#[utoipa::path(post, path = "/api/v1/bankroll/accounts", operation_id = "add_account", tag = "bets", request_body = AddAccountBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Sent again, the same request gets the same answer")),
    responses((status = 201, body = AccountAnswer)))]
pub(super) async fn add_account(
    State(state): State<AppState>,
    viewer: Viewer,
    headers: HeaderMap,
    Json(body): Json<AddAccountBody>,
) -> ApiResult<Response> {
    viewer.require_role(UserRole::Member)?;
    let owner = viewer.id();
    let mode = read_code("mode", body.mode.as_deref(), "paper or real", BetMode::from_code)?.unwrap_or(BetMode::Real);
    let bookmaker = read_bookmaker(&state, body.bookmaker.as_deref()).await?;
    let bettor = state.store.bettor(owner).await?;
    let currency = body.currency.as_deref().map_or(Ok(bettor.currency), read_currency)?;
    let rates = Rates::new(bettor.currency, state.store.exchange_rates(owner).await?);
    let books = state.boards.profiles().await?;
    let answer = create_once(&state, owner, &headers, &body, async |tx| {
        let account = money::add_account(&state, tx, owner, &body.name, bookmaker, currency, mode).await?;
        let day = state.clock.now().date_naive();
        Ok(AccountAnswer {
            account: account_row(&account, (account.cash, account.stake), &rates, day, &books),
        })
    })
    .await?;
    state.live.tell(News::Bets);
    Ok(answer)
}

/// What to change about an account; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeAccountBody {
    /// What you call it.
    pub name: Option<String>,
    /// True to close it, which needs it empty; false to open it again.
    pub is_closed: Option<bool>,
}

/// Rename an account, close it or open it again.
#[utoipa::path(post, path = "/api/v1/bankroll/accounts/{id}", operation_id = "change_account", tag = "bets", request_body = ChangeAccountBody,
    params(("id" = i64, Path, description = "The account's number")), responses((status = 200, body = AccountAnswer)))]
pub(super) async fn change_account(
    State(state): State<AppState>,
    viewer: Viewer,
    Path(id): Path<i64>,
    Json(body): Json<ChangeAccountBody>,
) -> ApiResult<axum::Json<AccountAnswer>> {
    viewer.require_role(UserRole::Member)?;
    let account = in_request(&state, async |tx| {
        money::change_account(
            &state,
            tx,
            viewer.id(),
            AccountId(id),
            body.name.as_deref(),
            body.is_closed,
        )
        .await
    })
    .await?;
    Ok(axum::Json(account_answer(&state, &viewer, &account).await?))
}

/// Which entries.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EntriesQuery {
    /// Of one account, by number.
    pub account: Option<i64>,
    /// Of one bet, by number.
    pub bet: Option<i64>,
    /// Rows on the page: 1 to 500, usually 100.
    pub limit: Option<u32>,
    /// `meta.next` of the page before.
    pub after: Option<String>,
}

/// A page of entries.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EntriesAnswer {
    /// The latest first.
    pub entries: Vec<EntryRow>,
    /// How to go on.
    pub meta: Meta,
}

/// An entry of the ledger: its lines sum to zero in each account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct EntryRow {
    /// Its number.
    pub id: i64,
    /// `deposit`, `withdrawal`, `transfer`, `bonus`, `correction`, `placement`, `cash_out`, `settlement` or `reversal`.
    pub kind: &'static str,
    /// When it happened.
    pub happened_at: DateTime<Utc>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// For which bet, by number.
    pub bet: Option<i64>,
    /// Which entry it takes back, by number.
    pub takes_back: Option<i64>,
    /// What was written.
    pub memo: String,
    /// Its lines.
    pub lines: Vec<LineRow>,
}

/// A line of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LineRow {
    /// Which account, by number.
    pub account: i64,
    /// `cash`, `stake`, `outside`, `transfer`, `result`, `commission`, `bonus` or `correction`.
    pub part: &'static str,
    /// How much more, or below zero less, in the account's currency.
    #[schema(example = "-10.00")]
    pub amount: String,
}

fn entry_row(entry: Entry, accounts: &[Account], base: Currency) -> EntryRow {
    let currency = |id| {
        accounts
            .iter()
            .find(|account| account.id == id)
            .map_or(base, |account| account.currency)
    };
    let Entry {
        id,
        kind,
        happened_at,
        recorded_at,
        bet_id,
        reverses,
        memo,
        lines,
    } = entry;
    EntryRow {
        id: id.0,
        kind: kind.code(),
        happened_at,
        recorded_at,
        bet: bet_id.map(|id| id.0),
        takes_back: reverses.map(|id| id.0),
        memo,
        lines: lines
            .iter()
            .map(|line| LineRow {
                account: line.account.0,
                part: line.part.code(),
                amount: amount(line.minor, currency(line.account)),
            })
            .collect(),
    }
}

/// List the entries of your ledger.
#[utoipa::path(get, path = "/api/v1/bankroll/entries", operation_id = "list_entries", tag = "bets", params(EntriesQuery),
    responses((status = 200, body = EntriesAnswer)))]
pub(super) async fn entries(
    State(state): State<AppState>,
    viewer: Viewer,
    Query(query): Query<EntriesQuery>,
) -> ApiResult<axum::Json<EntriesAnswer>> {
    let filter = EntryFilter {
        account: query.account.map(AccountId),
        bet: query.bet.map(domain::BetId),
    };
    let (limit, after) = (read_limit(query.limit)?, read_after(query.after.as_deref())?);
    let owner = viewer.id();
    let page = state.store.entries(owner, &filter, after, limit).await?;
    let accounts = state.store.accounts(owner).await?;
    let base = state.store.bettor(owner).await?.currency;
    Ok(axum::Json(EntriesAnswer {
        entries: page
            .items
            .into_iter()
            .map(|entry| entry_row(entry, &accounts, base))
            .collect(),
        meta: Meta::new(page.next),
    }))
}

/// Money that was moved.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AddEntryBody {
    /// `deposit`, `withdrawal`, `transfer`, `bonus` or `correction`.
    pub kind: String,
    /// Which account, by number; of a transfer the one it leaves.
    pub account: i64,
    /// How much, a decimal string in the account's currency: above zero, but of a correction what is to be added.
    #[schema(example = "100.00")]
    pub amount: String,
    /// Of a transfer: the account where it arrives, by number.
    pub to: Option<i64>,
    /// Of a transfer to another currency: how much arrives.
    pub arrived: Option<String>,
    /// When; now without.
    pub happened_at: Option<DateTime<Utc>>,
    /// What you want to remember; a correction says why.
    pub memo: String,
}

/// An entry that was made.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EntryAnswer {
    /// Its number.
    pub entry: i64,
}

async fn read_movement(state: &AppState, viewer: &Viewer, body: &AddEntryBody) -> ApiResult<Movement> {
    let expected = "deposit, withdrawal, transfer, bonus or correction";
    let kind = read_code("kind", Some(&body.kind), expected, EntryKind::from_code)?;
    let accounts = state.store.accounts(viewer.id()).await?;
    let currency = |field: &str, id: i64| {
        let found = accounts.iter().find(|account| account.id.0 == id);
        found
            .map(|account| account.currency)
            .ok_or_else(|| ApiError::field(field, "choose one of your accounts"))
    };
    let minor = read_amount("amount", &body.amount, currency("account", body.account)?)?;
    let to = match body.to {
        Some(to) => {
            let arrived = body.arrived.as_deref().map_or_else(
                || Ok(minor),
                |arrived| read_amount("arrived", arrived, currency("to", to)?),
            )?;
            Some((AccountId(to), arrived))
        }
        None => None,
    };
    Ok(Movement {
        kind: kind.ok_or_else(|| ApiError::field("kind", format!("use {expected}")))?,
        account: AccountId(body.account),
        minor,
        to,
        happened_at: body.happened_at,
        memo: body.memo.clone(),
    })
}

/// Record a deposit, withdrawal, transfer, bonus or correction.
#[utoipa::path(post, path = "/api/v1/bankroll/entries", operation_id = "add_entry", tag = "bets", request_body = AddEntryBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Sent again, the same request gets the same answer")),
    responses((status = 201, body = EntryAnswer)))]
pub(super) async fn add_entry(
    State(state): State<AppState>,
    viewer: Viewer,
    headers: HeaderMap,
    Json(body): Json<AddEntryBody>,
) -> ApiResult<Response> {
    viewer.require_role(UserRole::Member)?;
    let movement = read_movement(&state, &viewer, &body).await?;
    let answer = create_once(&state, viewer.id(), &headers, &body, async |tx| {
        let id = money::move_money(&state, tx, viewer.id(), &movement).await?;
        Ok(EntryAnswer { entry: id.0 })
    })
    .await?;
    state.live.tell(News::Bets);
    Ok(answer)
}

/// Take an entry back that you made, by an entry of its own.
#[utoipa::path(post, path = "/api/v1/bankroll/entries/{id}/take-back", operation_id = "take_entry_back", tag = "bets",
    request_body = super::bets::ReasonBody, params(("id" = i64, Path, description = "The entry's number")),
    responses((status = 200, body = EntryAnswer)))]
pub(super) async fn take_entry_back(
    State(state): State<AppState>,
    viewer: Viewer,
    Path(id): Path<i64>,
    Json(body): Json<super::bets::ReasonBody>,
) -> ApiResult<axum::Json<EntryAnswer>> {
    viewer.require_role(UserRole::Member)?;
    let id = in_request(&state, async |tx| {
        money::take_entry_back(&state, tx, viewer.id(), EntryId(id), &body.reason).await
    })
    .await?;
    Ok(axum::Json(EntryAnswer { entry: id.0 }))
}

/// What you allow. Shares are hundredths of a percent of the bankroll.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitsRow {
    /// Of one bet.
    pub per_bet_bp: u32,
    /// Lost in a day of your time zone.
    pub daily_loss_bp: u32,
    /// On one event.
    pub event_bp: u32,
    /// On events that share a participant with the bet's.
    pub correlated_bp: u32,
    /// In one sport.
    pub sport_bp: u32,
    /// At one bookmaker.
    pub bookmaker_bp: u32,
    /// In all open bets.
    pub open_bp: u32,
    /// So many bets may be open; any number when null.
    pub max_open: Option<u32>,
    /// The most that one bet may put at risk, a decimal string in the base currency; any amount when null.
    pub max_stake: Option<String>,
    /// From which drawdown on suggestions are scaled to which part.
    pub brakes: Vec<BrakeRow>,
}

/// From a drawdown on, suggested stakes are scaled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BrakeRow {
    /// From so far below the highest bankroll.
    pub from_bp: u32,
    /// To this part of the stake.
    pub factor_bp: u32,
}

fn limits_row(limits: &Limits, base: Currency) -> LimitsRow {
    let brake = |brake: &Brake| BrakeRow {
        from_bp: brake.from_bp,
        factor_bp: brake.factor_bp,
    };
    LimitsRow {
        per_bet_bp: limits.per_bet_bp,
        daily_loss_bp: limits.daily_loss_bp,
        event_bp: limits.event_bp,
        correlated_bp: limits.correlated_bp,
        sport_bp: limits.sport_bp,
        bookmaker_bp: limits.bookmaker_bp,
        open_bp: limits.open_bp,
        max_open: limits.max_open,
        max_stake: limits.max_stake.map(|minor| amount(minor, base)),
        brakes: limits.brakes.iter().map(brake).collect(),
    }
}

fn read_limits(row: &LimitsRow, base: Currency) -> ApiResult<Limits> {
    let brake = |brake: &BrakeRow| Brake {
        from_bp: brake.from_bp,
        factor_bp: brake.factor_bp,
    };
    let most = row.max_stake.as_deref();
    Ok(Limits {
        per_bet_bp: row.per_bet_bp,
        daily_loss_bp: row.daily_loss_bp,
        event_bp: row.event_bp,
        correlated_bp: row.correlated_bp,
        sport_bp: row.sport_bp,
        bookmaker_bp: row.bookmaker_bp,
        open_bp: row.open_bp,
        max_open: row.max_open,
        max_stake: most.map(|most| read_amount("max_stake", most, base)).transpose()?,
        brakes: row.brakes.iter().map(brake).collect(),
    })
}

/// What you allow, now and later.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LimitsAnswer {
    /// The base currency.
    pub currency: String,
    /// What holds.
    pub limits: LimitsRow,
    /// What will hold instead, because it is looser.
    pub pending: Option<LimitsRow>,
    /// From when on.
    pub pending_from: Option<DateTime<Utc>>,
    /// Until when no bet is accepted.
    pub cool_off_until: Option<DateTime<Utc>>,
}

fn limits_answer(bettor: &Bettor, now: DateTime<Utc>) -> LimitsAnswer {
    let base = bettor.currency;
    let pending = bettor.wanted.as_ref().filter(|(_, from)| *from > now);
    LimitsAnswer {
        currency: base.to_string(),
        limits: limits_row(bettor.limits_at(now), base),
        pending: pending.map(|(limits, _)| limits_row(limits, base)),
        pending_from: pending.map(|(_, from)| *from),
        cool_off_until: bettor.cool_off_until.filter(|until| *until > now),
    }
}

/// Show what you allow.
#[utoipa::path(get, path = "/api/v1/bankroll/limits", operation_id = "show_limits", tag = "bets", responses((status = 200, body = LimitsAnswer)))]
pub(super) async fn limits(State(state): State<AppState>, viewer: Viewer) -> ApiResult<axum::Json<LimitsAnswer>> {
    let bettor = state.store.bettor(viewer.id()).await?;
    Ok(axum::Json(limits_answer(&bettor, state.clock.now())))
}

/// Change what you allow.
///
/// What is stricter holds at once; what is looser holds in 24 hours.
#[utoipa::path(post, path = "/api/v1/bankroll/limits", operation_id = "change_limits", tag = "bets", request_body = LimitsRow,
    responses((status = 200, body = LimitsAnswer)))]
pub(super) async fn change_limits(
    State(state): State<AppState>,
    viewer: Viewer,
    Json(body): Json<LimitsRow>,
) -> ApiResult<axum::Json<LimitsAnswer>> {
    viewer.require_role(UserRole::Member)?;
    let base = state.store.bettor(viewer.id()).await?.currency;
    let wanted = read_limits(&body, base)?;
    let bettor = in_request(&state, async |tx| {
        money::put_limits(&state, tx, viewer.id(), &wanted).await
    })
    .await?;
    Ok(axum::Json(limits_answer(&bettor, state.clock.now())))
}

/// What everything is summed up in.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CurrencyBody {
    /// An ISO 4217 code.
    #[schema(example = "EUR")]
    pub currency: String,
}

/// Choose the base currency, before the first account.
#[utoipa::path(post, path = "/api/v1/bankroll/currency", operation_id = "set_base_currency", tag = "bets", request_body = CurrencyBody,
    responses((status = 200, body = LimitsAnswer)))]
pub(super) async fn set_currency(
    State(state): State<AppState>,
    viewer: Viewer,
    Json(body): Json<CurrencyBody>,
) -> ApiResult<axum::Json<LimitsAnswer>> {
    viewer.require_role(UserRole::Member)?;
    let currency = read_currency(&body.currency)?;
    let bettor = in_request(&state, async |tx| money::set_currency(tx, viewer.id(), currency).await).await?;
    Ok(axum::Json(limits_answer(&bettor, state.clock.now())))
}

/// Until when to do without bets.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CoolOffBody {
    /// Until when.
    pub until: DateTime<Utc>,
}

/// Do without bets until a moment. It can be made longer, never shorter.
#[utoipa::path(post, path = "/api/v1/bankroll/cool-off", operation_id = "cool_off", tag = "bets", request_body = CoolOffBody,
    responses((status = 200, body = LimitsAnswer)))]
pub(super) async fn cool_off(
    State(state): State<AppState>,
    viewer: Viewer,
    Json(body): Json<CoolOffBody>,
) -> ApiResult<axum::Json<LimitsAnswer>> {
    viewer.require_role(UserRole::Member)?;
    let bettor = in_request(&state, async |tx| {
        money::cool_off(&state, tx, viewer.id(), body.until).await
    })
    .await?;
    Ok(axum::Json(limits_answer(&bettor, state.clock.now())))
}

/// What currencies are worth.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RatesAnswer {
    /// The base currency.
    pub base: String,
    /// By currency and day.
    pub rates: Vec<RateOnDay>,
}

/// What a currency is worth from a day on: so many minor units of the base currency for so many of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RateOnDay {
    /// Which currency.
    #[schema(example = "GBP")]
    pub currency: String,
    /// From which day on.
    pub on: NaiveDate,
    /// Minor units of the base currency.
    #[schema(example = 11_634)]
    pub base: u32,
    /// Minor units of the currency.
    #[schema(example = 10_000)]
    pub foreign: u32,
}

async fn rates_answer(state: &AppState, viewer: &Viewer) -> ApiResult<axum::Json<RatesAnswer>> {
    let base = state.store.bettor(viewer.id()).await?.currency;
    let rows = state.store.exchange_rates(viewer.id()).await?;
    let rate = |row: RateRow| {
        let (base, foreign) = row.rate.into();
        RateOnDay {
            currency: row.currency.to_string(),
            on: row.on,
            base,
            foreign,
        }
    };
    Ok(axum::Json(RatesAnswer {
        base: base.to_string(),
        rates: rows.into_iter().map(rate).collect(),
    }))
}

/// List what currencies are worth.
#[utoipa::path(get, path = "/api/v1/bankroll/exchange-rates", operation_id = "list_exchange_rates", tag = "bets",
    responses((status = 200, body = RatesAnswer)))]
pub(super) async fn exchange_rates(
    State(state): State<AppState>,
    viewer: Viewer,
) -> ApiResult<axum::Json<RatesAnswer>> {
    rates_answer(&state, &viewer).await
}

/// Say what a currency is worth from a day on.
#[utoipa::path(post, path = "/api/v1/bankroll/exchange-rates", operation_id = "put_exchange_rate", tag = "bets", request_body = RateOnDay,
    responses((status = 200, body = RatesAnswer)))]
pub(super) async fn put_exchange_rate(
    State(state): State<AppState>,
    viewer: Viewer,
    Json(body): Json<RateOnDay>,
) -> ApiResult<axum::Json<RatesAnswer>> {
    viewer.require_role(UserRole::Member)?;
    let currency = read_currency(&body.currency)?;
    let rate =
        ExchangeRate::new(body.base, body.foreign).map_err(|error| ApiError::field("base", error.to_string()))?;
    in_request(&state, async |tx| {
        money::put_rate(tx, viewer.id(), currency, body.on, rate).await
    })
    .await?;
    rates_answer(&state, &viewer).await
}
