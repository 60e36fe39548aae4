//! Bankroll: accounts, what was paid in and out of them, and what currencies are worth; and the ledger behind it.
//!
//! Nothing is ever rewritten: what was entered by mistake is taken back by an entry of its own.

use crate::AppError;
use crate::address::Query;
use crate::backend::{answer, backend};
use crate::chart::{Chart, Line};
use crate::pages::bets::{gain, money, signed_money};
use crate::pages::games::Pick;
use crate::pages::settings::row_id;
use crate::parts::{Done, Empty, Field, FormProblem, Heading, Problem, options, shown};
use crate::reader::{Reader, exactly, shortly};
use crate::write;
use async_trait::async_trait;
use chrono::{DateTime, Duration, NaiveDate, Utc};
use domain::bet::BetMode;
use domain::ledger::{EntryKind, Part};
use domain::{AccountId, BetId, Currency, EntryId};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

/// What the pages of the bankroll ask and do.
#[async_trait]
pub trait BankrollPort {
    /// The reader's accounts, now or at the end of a day of theirs.
    async fn bankroll(&self, on: Option<NaiveDate>) -> Result<BankrollView, AppError>;

    /// The reader's ledger, the latest first: of one account, and after the mark that the page before gave.
    async fn ledger(&self, account: Option<AccountId>, after: String) -> Result<LedgerView, AppError>;

    /// Makes an account. Field errors by the names of [`AccountForm`].
    async fn add_account(&self, form: AccountForm) -> Result<(), AppError>;

    /// Renames an account, closes it or opens it again. Field error `name`.
    async fn change_account(&self, id: AccountId, name: String, is_closed: bool) -> Result<(), AppError>;

    /// Records that money was moved. Field errors by the names of [`MoveForm`].
    async fn move_money(&self, form: MoveForm) -> Result<(), AppError>;

    /// Takes an entry back that the reader made.
    async fn take_entry_back(&self, id: EntryId, reason: String) -> Result<(), AppError>;

    /// Says what a currency is worth from a day on. Field errors by the names of [`RateForm`].
    async fn put_rate(&self, form: RateForm) -> Result<(), AppError>;

    /// Chooses the base currency before anything is reckoned in it. Field error `base`.
    async fn set_base_currency(&self, code: String) -> Result<(), AppError>;
}

/// The reader's money.
#[derive(Clone, Debug, PartialEq)]
pub struct BankrollView {
    /// What everything is summed up in.
    pub base: Currency,
    /// As of when.
    pub at: DateTime<Utc>,
    /// The day that was asked for.
    pub on: Option<NaiveDate>,
    /// In the order they were made.
    pub accounts: Vec<AccountRow>,
    /// Paper and real, each where there are accounts.
    pub totals: Vec<Total>,
    /// What the accounts of a mode came to in the base currency: the last value of each day.
    pub history: Vec<(BetMode, Vec<(DateTime<Utc>, i64)>)>,
    /// What currencies are worth, the latest first.
    pub rates: Vec<Rate>,
    /// Bookmakers to choose from: number and name.
    pub bookmakers: Vec<(String, String)>,
}

/// What accounts of one mode come to in the base currency, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    /// Paper or real.
    pub mode: BetMode,
    /// Free money.
    pub cash: i64,
    /// Money in open bets.
    pub stake: i64,
    /// Accounts that are left out because their currency has no exchange rate by then.
    pub without_rate: u32,
}

/// An account. Amounts are minor units of its currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// Its number.
    pub id: AccountId,
    /// What its owner calls it.
    pub name: String,
    /// At which bookmaker: its name.
    pub bookmaker: Option<String>,
    /// Its currency.
    pub currency: Currency,
    /// Paper or real.
    pub mode: BetMode,
    /// Free money.
    pub cash: i64,
    /// Money in open bets.
    pub stake: i64,
    /// Both in the base currency; none without an exchange rate.
    pub in_base: Option<i64>,
    /// Closed.
    pub is_closed: bool,
}

/// What a currency is worth from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Which currency.
    pub currency: Currency,
    /// From which day on.
    pub on: NaiveDate,
    /// What one of it is worth, e.g. `1.1634`.
    pub worth: String,
}

/// A page of the ledger.
#[derive(Clone, Debug, PartialEq)]
pub struct LedgerView {
    /// The account that was asked for.
    pub account: Option<AccountId>,
    /// Accounts to choose from: number and name.
    pub accounts: Vec<(String, String)>,
    /// The latest first.
    pub entries: Vec<LedgerRow>,
    /// The mark that the next page begins after.
    pub next: Option<String>,
}

/// An entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerRow {
    /// Its number.
    pub id: EntryId,
    /// Why.
    pub kind: EntryKind,
    /// When it happened.
    pub happened_at: DateTime<Utc>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// For which bet.
    pub bet: Option<BetId>,
    /// Which entry it takes back.
    pub takes_back: Option<EntryId>,
    /// What its maker wrote.
    pub memo: String,
    /// Its lines: the account's name, the part, and how much in minor units of which currency.
    pub lines: Vec<(String, Part, i64, Currency)>,
    /// Whether it can be taken back here.
    pub can_be_taken_back: bool,
}

/// A new account, as its form sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountForm {
    /// What its owner calls it.
    pub name: String,
    /// The bookmaker's number; empty for none.
    pub bookmaker: String,
    /// Its currency's code.
    pub currency: String,
    /// `paper` or `real`.
    pub mode: String,
    /// What is in it; empty for nothing.
    pub opening: String,
}

/// Money to move, as its form sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MoveForm {
    /// The code of the kind.
    pub kind: String,
    /// The account's number; of a transfer the one it leaves.
    pub account: String,
    /// How much.
    pub amount: String,
    /// Of a transfer: the number of the account where it arrives.
    pub to: String,
    /// Of a transfer to another currency: how much arrives.
    pub arrived: String,
    /// When, by the reader's clock; empty for now.
    pub happened_at: String,
    /// What to remember; a correction says why.
    pub memo: String,
}

/// What a currency is worth, as its form sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RateForm {
    /// The currency's code.
    pub currency: String,
    /// From which day on.
    pub on: String,
    /// What one of it is worth.
    pub rate: String,
}

fn saved(form: &str) -> Result<(), AppError> {
    backend()?.redirect(&format!("/bankroll?done={form}"));
    Ok(())
}

/// Makes an account.
///
/// # Errors
/// Field errors, and any [`AppError`] of the backend.
#[server(name = AddAccount, prefix = "/ui", endpoint = "add_account")]
pub(crate) async fn add_account(#[server(default)] account: AccountForm) -> Result<(), AppError> {
    answer(backend()?.add_account(account).await)?;
    saved("account")
}

/// Renames an account, closes it or opens it again.
///
/// # Errors
/// Field errors, and any [`AppError`] of the backend.
#[server(name = ChangeAccount, prefix = "/ui", endpoint = "change_account")]
pub(crate) async fn change_account(
    #[server(default)] id: String,
    #[server(default)] name: String,
    #[server(default)] closed: String,
) -> Result<(), AppError> {
    let id = AccountId(answer(row_id(&id))?);
    answer(backend()?.change_account(id, name, closed == "yes").await)?;
    saved("changed")
}

/// Records that money was moved.
///
/// # Errors
/// Field errors, and any [`AppError`] of the backend.
#[server(name = MoveMoney, prefix = "/ui", endpoint = "move_money")]
pub(crate) async fn move_money(#[server(default)] entry: MoveForm) -> Result<(), AppError> {
    answer(backend()?.move_money(entry).await)?;
    saved("moved")
}

/// Takes an entry back.
///
/// # Errors
/// Any [`AppError`] of the backend.
#[server(name = TakeEntryBack, prefix = "/ui", endpoint = "take_entry_back")]
pub(crate) async fn take_entry_back(
    #[server(default)] id: String,
    #[server(default)] reason: String,
) -> Result<(), AppError> {
    let id = EntryId(answer(row_id(&id))?);
    answer(backend()?.take_entry_back(id, reason).await)?;
    backend()?.redirect("/bankroll/ledger?done=taken_back");
    Ok(())
}

/// Says what a currency is worth.
///
/// # Errors
/// Field errors, and any [`AppError`] of the backend.
#[server(name = PutRate, prefix = "/ui", endpoint = "put_rate")]
pub(crate) async fn put_rate(#[server(default)] rate: RateForm) -> Result<(), AppError> {
    answer(backend()?.put_rate(rate).await)?;
    saved("rate")
}

/// Chooses the base currency.
///
/// # Errors
/// A field error, and any [`AppError`] of the backend.
#[server(name = SetBaseCurrency, prefix = "/ui", endpoint = "set_base_currency")]
pub(crate) async fn set_base_currency(#[server(default)] base: String) -> Result<(), AppError> {
    answer(backend()?.set_base_currency(base).await)?;
    saved("base")
}

/// The way between the pages of money.
pub fn money_tabs(here: &'static str) -> impl IntoView {
    let tab = |path: &'static str, name: &'static str| {
        view! { <a href=path aria-current=(path == here).then_some("page")>{name}</a> }
    };
    view! {
        <nav class="tabs" aria-label="Money">
            {tab("/bankroll", "Accounts")} {tab("/bankroll/ledger", "Ledger")} {tab("/bankroll/limits", "Limits")}
        </nav>
    }
}

/// The reader's money.
#[component]
pub fn BankrollPage() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let on = query.get_str("on").and_then(|day| day.parse().ok());
    view! {
        <Heading title="Bankroll">
            <a class="button quiet" href="/bets">"Bets"</a>
            <a class="button quiet" href="/performance">"Performance"</a>
        </Heading>
        {money_tabs("/bankroll")}
        <Done name="account" text="The account is there." />
        <Done name="changed" text="Changed." />
        <Done name="moved" text="Recorded. It can be taken back in the ledger." />
        <Done name="rate" text="The exchange rate holds." />
        <Done name="base" text="Everything is summed up in this currency from now on." />
        {shown(|backend| async move { backend.bankroll(on).await }, accounts_page)}
    }
}

fn accounts_page(view: BankrollView) -> AnyView {
    if view.accounts.is_empty() {
        return view! {
            <Empty title="No accounts yet">
                "An account holds the money that you bet with at one bookmaker, or paper money to try things out. Limits are shares of what all of them hold."
            </Empty>
            <div class="two">{account_form(&view)} {base_form(&view)}</div>
        }
        .into_any();
    }
    view! {
        {totals(&view)}
        {history(&view)}
        {accounts(&view)}
        <div class="two">{move_form(&view)} {account_form(&view)}</div>
        {rates(&view)}
    }
    .into_any()
}

fn totals(view: &BankrollView) -> impl IntoView + use<> {
    let base = view.base;
    let day = view.on.map(|day| day.to_string()).unwrap_or_default();
    let is_past = view.on.is_some();
    let tiles = view
        .totals
        .iter()
        .map(|total| {
            let without = total.without_rate;
            let left_out = (without > 0).then(|| {
                let accounts = write::counted(without, "account", "accounts");
                format!("; {accounts} without an exchange rate left out")
            });
            view! {
                <a class="tile" href="/bankroll/ledger">
                    <span class="tile-name">{total.mode.name()}</span>
                    <span class="tile-value">{money(total.cash.saturating_add(total.stake), base)}</span>
                    <span class="tile-note">
                        {money(total.cash, base)} " free, " {money(total.stake, base)} " in open bets" {left_out}
                    </span>
                </a>
            }
        })
        .collect_view();
    view! {
        <form method="get" action="/bankroll" class="filters">
            <div class="field">
                <label for="pick-on">"At the end of"</label>
                <input id="pick-on" type="date" name="on" value=day data-send="" />
            </div>
            <noscript>
                <button>"Show"</button>
            </noscript>
            {is_past.then(|| view! { <a class="button quiet" href="/bankroll">"Now"</a> })}
        </form>
        <p class="under">"As of " {exactly(view.at)} ": what all entries until then come to."</p>
        <div class="tiles">{tiles}</div>
    }
}

fn history(view: &BankrollView) -> impl IntoView + use<> {
    let base = view.base;
    let line = |(mode, points): &(BetMode, Vec<(DateTime<Utc>, i64)>)| Line {
        name: mode.name().to_owned(),
        points: points.iter().map(|(at, minor)| (*at, Some(*minor as f64))).collect(),
    };
    let lines: Vec<Line> = view.history.iter().map(line).collect();
    if lines.iter().all(|line| line.points.is_empty()) {
        return ().into_any();
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "labels are of amounts held in whole minor units"
    )]
    let label: Box<dyn Fn(f64) -> String> = Box::new(move |minor| money(minor.round() as i64, base));
    view! {
        <section>
            <h2>"What you had"</h2>
            <Chart
                title="What the accounts came to, day by day".to_owned()
                unit=format!("Balance with open stakes ({base})")
                lines
                until=view.at
                label
            />
            {history_table(view)}
            <p class="under">
                "The last balance of each day. Money paid in and out moves it too; "
                <a href="/performance">"Performance"</a>
                " shows what bets alone did."
            </p>
        </section>
    }
    .into_any()
}

fn history_table(view: &BankrollView) -> impl IntoView + use<> {
    let base = view.base;
    let mut rows: Vec<_> = view
        .history
        .iter()
        .flat_map(|(mode, points)| points.iter().map(|(at, minor)| (*at, *mode, *minor)))
        .collect();
    rows.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
    let reader = Reader::current();
    let rows = rows
        .into_iter()
        .map(|(at, mode, minor)| {
            let day = reader.zoned(|zone| zone.date(at)).to_string();
            view! {
                <tr>
                    <th scope="row"><a href=format!("/bankroll?on={day}")>{day.clone()}</a></th>
                    <td>{mode.name()}</td>
                    <td class="number">{money(minor, base)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <details>
            <summary>"The same as a table"</summary>
            <div class="sheet">
                <table class="dense">
                    <caption class="unseen">"Balance at the end of days"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Day"</th>
                            <th scope="col">"Money"</th>
                            <th scope="col" class="number">"Balance"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
    }
}

fn accounts(view: &BankrollView) -> impl IntoView + use<> {
    let problem = Problem::of::<ChangeAccount>();
    let base = view.base;
    let rows = view
        .accounts
        .iter()
        .map(|account| {
            let balance = account.cash.saturating_add(account.stake);
            let currency = account.currency;
            let in_base = (currency != base).then(|| {
                let text = account
                    .in_base
                    .map_or_else(|| "no exchange rate".to_owned(), |minor| money(minor, base));
                view! { <small class="under">{text}</small> }
            });
            view! {
                <tr>
                    <th scope="row">
                        <a href=format!("/bankroll/ledger?account={}", account.id)>{account.name.clone()}</a>
                        <small class="under">
                            {account.mode.name()} {account.bookmaker.clone().map(|name| format!(", {name}"))}
                            {account.is_closed.then_some(", closed")}
                        </small>
                    </th>
                    <td class="number" data-label="Free">{money(account.cash, currency)}</td>
                    <td class="number" data-label="In open bets">{money(account.stake, currency)}</td>
                    <td class="number" data-label="Balance">{money(balance, currency)} {in_base}</td>
                    <td class="act">{change_form(account)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section>
            <h2>"Accounts"</h2>
            <FormProblem problem />
            <div class="sheet">
                <table class="cards">
                    <caption class="unseen">"Accounts"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Account"</th>
                            <th scope="col" class="number">"Free"</th>
                            <th scope="col" class="number">"In open bets"</th>
                            <th scope="col" class="number">"Balance"</th>
                            <th scope="col"><span class="unseen">"Change"</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
}

fn change_form(account: &AccountRow) -> impl IntoView + use<> {
    let id = account.id;
    let (as_it_is, other, act) = if account.is_closed {
        ("yes", "", "Open again")
    } else {
        ("", "yes", "Close")
    };
    view! {
        <details>
            <summary>"Change"</summary>
            <form method="post" action=ChangeAccount::PATH class="row">
                <input type="hidden" name="id" value=id.to_string() />
                <div class="field">
                    <label for=format!("name-{id}")>"Name"</label>
                    <input id=format!("name-{id}") name="name" value=account.name.clone() maxlength="120" required=true />
                </div>
                <button class="quiet" name="closed" value=as_it_is>"Rename"</button>
                <button class="quiet" name="closed" value=other>{act}</button>
            </form>
        </details>
    }
}

fn pair(code: &str, name: &str) -> (String, String) {
    (code.to_owned(), name.to_owned())
}

/// A labelled select, with a complaint.
fn pick(
    name: &'static str,
    label: &'static str,
    offers: Vec<(String, String)>,
    chosen: &str,
    complaint: Option<String>,
) -> impl IntoView + use<> {
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <select id=name name=name>
                {options(offers, chosen)}
            </select>
            {complaint.map(|text| view! { <p class="note wrong">{text}</p> })}
        </div>
    }
}

/// A labelled input `FORM[FIELD]`, with its complaint.
fn input(
    (form, field): (&'static str, &'static str),
    label: &'static str,
    value: &str,
    hint: &'static str,
    problem: Problem,
) -> impl IntoView + use<> {
    let name = format!("{form}[{field}]");
    let complaint = problem.about(field);
    let is_wrong = complaint.is_some();
    let note = format!("{name}-note");
    view! {
        <div class="field">
            <label for=name.clone()>{label}</label>
            <input
                id=name.clone()
                name=name
                value=value.to_owned()
                autocomplete="off"
                maxlength="1024"
                aria-describedby=note.clone()
                aria-invalid=problem.is_about(field)
            />
            <p class="note" id=note class:wrong=is_wrong>{complaint.unwrap_or_else(|| hint.to_owned())}</p>
        </div>
    }
}

fn account_form(view: &BankrollView) -> impl IntoView + use<> {
    let problem = Problem::of::<AddAccount>();
    let modes = BetMode::ALL.iter().map(|mode| pair(mode.code(), mode.name())).collect();
    let bookmakers = std::iter::once(pair("", "None"))
        .chain(view.bookmakers.iter().cloned())
        .collect();
    view! {
        <section class="card">
            <h2>"New account"</h2>
            <FormProblem problem fields=&["name", "currency", "opening"] />
            <form method="post" action=AddAccount::PATH class="stack">
                {input(("account", "name"), "Name", "", "", problem)}
                {pick("account[mode]", "Money", modes, "paper", None)}
                {pick("account[bookmaker]", "Bookmaker", bookmakers, "", None)}
                {input(("account", "currency"), "Currency", view.base.code(), "An ISO 4217 code, such as EUR.", problem)}
                {input(("account", "opening"), "What is in it", "", "Recorded as a deposit; empty for nothing.", problem)}
                <button>"Make the account"</button>
            </form>
        </section>
    }
}

fn base_form(view: &BankrollView) -> impl IntoView + use<> {
    let problem = Problem::of::<SetBaseCurrency>();
    view! {
        <section class="card">
            <h2>"Base currency"</h2>
            <FormProblem problem fields=&["base"] />
            <form method="post" action=SetBaseCurrency::PATH class="stack">
                <Field
                    label="Everything is summed up in"
                    name="base"
                    value=view.base.code()
                    hint="It cannot be changed once there is an account."
                    problem
                />
                <button>"Choose"</button>
            </form>
        </section>
    }
}

fn move_form(view: &BankrollView) -> impl IntoView + use<> {
    let problem = Problem::of::<MoveMoney>();
    let kinds = [
        EntryKind::Deposit,
        EntryKind::Withdrawal,
        EntryKind::Transfer,
        EntryKind::Bonus,
        EntryKind::Correction,
    ]
    .iter()
    .map(|kind| pair(kind.code(), kind.name()))
    .collect();
    let named = |account: &AccountRow| {
        let mode = account.mode.name().to_lowercase();
        let name = format!("{} ({mode}, {})", account.name, account.currency);
        (account.id.to_string(), name)
    };
    let open = view.accounts.iter().filter(|account| !account.is_closed);
    let accounts: Vec<_> = open.map(named).collect();
    let to = std::iter::once(pair("", "–")).chain(accounts.iter().cloned()).collect();
    let is_transfer_wrong = problem.about("to").is_some() || problem.about("arrived").is_some();
    view! {
        <section class="card">
            <h2>"Move money"</h2>
            <FormProblem problem fields=&["kind", "account", "amount", "to", "arrived", "happened_at", "memo"] />
            <form method="post" action=MoveMoney::PATH class="stack">
                {pick("entry[kind]", "What", kinds, "deposit", problem.about("kind"))}
                {pick("entry[account]", "Account", accounts, "", problem.about("account"))}
                {input(("entry", "amount"), "Amount", "", "Of a correction what is to be added: -5.00 takes away.", problem)}
                <details open=is_transfer_wrong>
                    <summary>"Transfer"</summary>
                    {pick("entry[to]", "To", to, "", problem.about("to"))}
                    {input(("entry", "arrived"), "Arrives", "", "Only between currencies: how much of the other one.", problem)}
                </details>
                <div class="field">
                    <label for="entry-happened-at">"When"</label>
                    <input
                        id="entry-happened-at"
                        type="datetime-local"
                        name="entry[happened_at]"
                        aria-invalid=problem.is_about("happened_at")
                    />
                    <p class="note">{problem.about("happened_at").unwrap_or_else(|| "By your clock; empty for now.".to_owned())}</p>
                </div>
                {input(("entry", "memo"), "Remark", "", "A correction says why.", problem)}
                <button>"Record"</button>
            </form>
        </section>
    }
}

fn rates(view: &BankrollView) -> impl IntoView + use<> {
    let problem = Problem::of::<PutRate>();
    let base = view.base.to_string();
    let rows = view
        .rates
        .iter()
        .map(|rate| {
            view! {
                <tr>
                    <th scope="row">{rate.currency.to_string()}</th>
                    <td>{rate.on.to_string()}</td>
                    <td class="number">{format!("{} {base}", rate.worth)}</td>
                </tr>
            }
        })
        .collect_view();
    let table = (!view.rates.is_empty()).then(|| {
        view! {
            <div class="sheet narrow">
                <table class="dense">
                    <caption class="unseen">"Exchange rates"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Currency"</th>
                            <th scope="col">"From"</th>
                            <th scope="col" class="number">"One is worth"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    });
    let reader = Reader::current();
    let today = reader.zoned(|zone| zone.date(reader.now())).to_string();
    let is_wrong = ["currency", "on", "rate"]
        .iter()
        .any(|field| problem.is_about(field).is_some());
    view! {
        <section id="rates">
            <h2>"Exchange rates"</h2>
            <p class="under">
                "What a currency is worth in " {base.clone()}
                " from a day on. A bet counts at the rate of the day it was placed, so a rate for later days changes nothing before."
            </p>
            {table}
            <details class="card narrow" open=is_wrong>
                <summary>"Add a rate"</summary>
                <FormProblem problem fields=&["currency", "on", "rate"] />
                <form method="post" action=PutRate::PATH class="stack">
                    {input(("rate", "currency"), "Currency", "", "An ISO 4217 code, such as GBP.", problem)}
                    {input(("rate", "on"), "From", &today, "A day, such as 2026-11-26.", problem)}
                    {input(("rate", "rate"), "One is worth", "", "Such as 1.1634.", problem)}
                    <button>"Add"</button>
                </form>
            </details>
        </section>
    }
}

/// The reader's ledger.
#[component]
pub fn LedgerPage() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let account = query.get_str("account").and_then(|id| id.parse().ok()).map(AccountId);
    let after = query.get_str("after").unwrap_or_default().to_owned();
    let problem = Problem::of::<TakeEntryBack>();
    view! {
        <Heading title="Ledger" />
        {money_tabs("/bankroll/ledger")}
        <Done name="taken_back" text="Taken back, by an entry of its own." />
        <FormProblem problem />
        {shown(|backend| async move { backend.ledger(account, after).await }, ledger_page)}
    }
}

fn ledger_page(view: LedgerView) -> AnyView {
    let chosen = view.account.map(|id| id.to_string()).unwrap_or_default();
    let accounts = std::iter::once(pair("", "All accounts")).chain(view.accounts).collect();
    let next = view.next.map(|after| {
        let query = Query::default().with("account", &chosen).with("after", &after);
        view! {
            <nav class="pages" aria-label="Pages of the list">
                <a href=format!("/bankroll/ledger{}", query.text()) rel="next">"Older →"</a>
            </nav>
        }
    });
    let body = if view.entries.is_empty() {
        view! {
            <Empty title="No entries yet">
                <a href="/bankroll">"Make an account and say what is in it"</a>
            </Empty>
        }
        .into_any()
    } else {
        let rows = view.entries.into_iter().map(ledger_row).collect_view();
        view! {
            <div class="sheet">
                <table class="cards">
                    <caption class="unseen">"Entries, the latest first"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Entry"</th>
                            <th scope="col">"When"</th>
                            <th scope="col">"What it moved"</th>
                            <th scope="col"><span class="unseen">"Take back"</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        <form method="get" action="/bankroll/ledger" class="filters">
            <Pick name="account" label="Account" offers=accounts chosen=chosen />
            <noscript>
                <button>"Show"</button>
            </noscript>
        </form>
        {body}
        {next}
    }
    .into_any()
}

fn ledger_row(entry: LedgerRow) -> impl IntoView {
    let id = entry.id;
    let bet = entry.bet.map(|bet| {
        view! {
            <small class="under">
                <a href=format!("/bets/{bet}")>"Bet " {bet.to_string()}</a>
            </small>
        }
    });
    let takes_back = entry.takes_back.map(|other| format!(": entry {other}"));
    let is_late = entry.recorded_at - entry.happened_at > Duration::minutes(5);
    let recorded = is_late.then(|| view! { <small class="under">"recorded " {shortly(entry.recorded_at)}</small> });
    let lines = entry
        .lines
        .into_iter()
        .map(|(account, part, minor, currency)| {
            view! {
                <li>
                    <span>{account} ", " {part.name().to_lowercase()}</span>
                    <span class=gain(minor)>{signed_money(minor, currency)}</span>
                </li>
            }
        })
        .collect_view();
    let act = entry.can_be_taken_back.then(|| {
        view! {
            <details>
                <summary>"Take back"</summary>
                <form method="post" action=TakeEntryBack::PATH class="row">
                    <input type="hidden" name="id" value=id.to_string() />
                    <div class="field">
                        <label for=format!("why-{id}")>"Why"</label>
                        <input id=format!("why-{id}") name="reason" maxlength="1024" />
                    </div>
                    <button class="quiet">"Take back"</button>
                </form>
            </details>
        }
    });
    view! {
        <tr>
            <th scope="row">
                {format!("{} {}", id, entry.kind.name())} {takes_back} {bet}
                <small class="under">{entry.memo}</small>
            </th>
            <td data-label="When">{shortly(entry.happened_at)} {recorded}</td>
            <td data-label="What it moved" class="wide"><ul class="counts">{lines}</ul></td>
            <td class="act">{act}</td>
        </tr>
    }
}
