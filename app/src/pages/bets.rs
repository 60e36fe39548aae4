//! Bets: what was bet, filtered and summed up, and what was decided against.

use crate::AppError;
use crate::address::Query;
use crate::backend::{answer, backend};
use crate::pages::games::Pick;
use crate::pages::settings::{chosen, row_id};
use crate::parts::{Done, Empty, FormProblem, Heading, Pages, Problem, options, shown};
use crate::reader::{priced, shortly, when};
use crate::write;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::bet::{Bet, BetKind, BetMode, BetStatus, SettledAs};
use domain::result::BetResult;
use domain::settlement::Fate;
use domain::{BetId, Currency, MarketKind, Money, OpportunityId, Sport};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use serde::{Deserialize, Serialize};

/// What the list of bets asks.
#[async_trait]
pub trait BetsPort {
    /// The reader's bets that pass a filter.
    async fn bets(&self, filter: BetsFilter) -> Result<BetsView, AppError>;

    /// What the reader decided against before a number, the latest first.
    async fn bet_decisions(&self, before: Option<i64>) -> Result<DecisionsView, AppError>;

    /// Settles bets, each with all its legs ended alike; either all of them or none.
    async fn settle_bets(&self, ends: Vec<(BetId, BetResult)>) -> Result<(), AppError>;
}

/// Which bets are shown, as the address bar says it; empty for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BetsFilter {
    /// Paper or real.
    pub mode: Option<BetMode>,
    /// Where in their life.
    pub status: Option<BetsStatus>,
    /// A strategy's number, or `none`.
    pub strategy: String,
    /// A bookmaker's number or key, or `none`.
    pub bookmaker: String,
    /// A sport's key, or `several`.
    pub sport: String,
    /// A market's code, of several legs the kind of bet.
    pub market: String,
    /// A tag.
    pub tag: String,
    /// Placed on this day of the reader's or later.
    pub from: String,
    /// Placed on this day of the reader's or earlier.
    pub to: String,
    /// In what was bet on, the note or the reference.
    pub text: String,
    /// In which order.
    pub sort: BetsSort,
    /// The page, from 1.
    pub page: u32,
}

/// Where in their life the shown bets are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BetsStatus {
    /// Not settled.
    Open,
    /// Settled.
    Settled,
    /// A person must settle them.
    ToSettle,
    /// Removed.
    Removed,
}

const STATUSES: [(BetsStatus, &str, &str); 4] = [
    (BetsStatus::Open, "open", "Open"),
    (BetsStatus::ToSettle, "to_settle", "To settle"),
    (BetsStatus::Settled, "settled", "Settled"),
    (BetsStatus::Removed, "removed", "Removed"),
];

/// In which order bets are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BetsSort {
    /// The last placed first.
    #[default]
    Placed,
    /// The last settled first.
    Settled,
    /// The greatest risk first.
    Risk,
    /// The greatest profit first.
    Profit,
    /// The best against the close first.
    Clv,
}

const SORTS: [(BetsSort, &str, &str); 5] = [
    (BetsSort::Placed, "", "Last placed"),
    (BetsSort::Settled, "settled", "Last settled"),
    (BetsSort::Risk, "risk", "Greatest risk"),
    (BetsSort::Profit, "profit", "Greatest profit"),
    (BetsSort::Clv, "clv", "Best CLV"),
];

impl BetsFilter {
    /// As the address bar says it; what is not understood is as if it was not there.
    pub fn of(query: &ParamsMap) -> Self {
        let text = |name: &str| -> String {
            query
                .get_str(name)
                .map(|text| text.trim().chars().take(120).collect())
                .unwrap_or_default()
        };
        let status = text("status");
        let sort = text("sort");
        Self {
            mode: BetMode::from_code(&text("mode")),
            status: STATUSES
                .iter()
                .find(|(_, code, _)| *code == status)
                .map(|(status, ..)| *status),
            strategy: text("strategy"),
            bookmaker: text("bookmaker"),
            sport: text("sport"),
            market: text("market"),
            tag: text("tag"),
            from: text("from"),
            to: text("to"),
            text: text("q"),
            sort: SORTS
                .iter()
                .find(|(_, code, _)| *code == sort)
                .map_or_else(BetsSort::default, |(sort, ..)| *sort),
            page: text("page").parse().unwrap_or(1).max(1),
        }
    }

    fn status_code(&self) -> &'static str {
        STATUSES
            .iter()
            .find(|(status, ..)| Some(*status) == self.status)
            .map_or("", |(_, code, _)| code)
    }

    fn sort_code(&self) -> &'static str {
        SORTS
            .iter()
            .find(|(sort, ..)| *sort == self.sort)
            .map_or("", |(_, code, _)| code)
    }

    /// The address of the list.
    pub fn address(&self) -> String {
        format!("/bets{}", self.query())
    }

    /// What the address bar says: `?mode=paper`.
    pub fn query(&self) -> String {
        let query = Query::default()
            .with("mode", self.mode.map_or("", BetMode::code))
            .with("status", self.status_code())
            .with("strategy", &self.strategy)
            .with("bookmaker", &self.bookmaker)
            .with("sport", &self.sport)
            .with("market", &self.market)
            .with("tag", &self.tag)
            .with("from", &self.from)
            .with("to", &self.to)
            .with("q", &self.text)
            .with("sort", self.sort_code())
            .with_known("page", Some(self.page).filter(|page| *page > 1));
        query.text()
    }

    /// True when it leaves out bets.
    pub fn is_narrow(&self) -> bool {
        let widest = Self {
            sort: self.sort,
            page: self.page,
            ..Self::default()
        };
        *self != widest
    }
}

/// The reader's bets that pass a filter.
#[derive(Clone, Debug, PartialEq)]
pub struct BetsView {
    /// Those of the page.
    pub rows: Vec<BetRow>,
    /// How many pass.
    pub total: u32,
    /// How many pages there are.
    pub pages: u32,
    /// What all that pass come to, by mode and currency.
    pub sums: Vec<BetsSum>,
    /// What to choose from.
    pub offers: BetOffers,
}

/// What a filter of bets offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BetOffers {
    /// Strategies: number and name.
    pub strategies: Vec<(String, String)>,
    /// Bookmakers: number and name.
    pub bookmakers: Vec<(String, String)>,
    /// Tags.
    pub tags: Vec<String>,
}

/// A bet in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct BetRow {
    /// The bet.
    pub bet: Bet,
    /// What was bet on, in words.
    pub summary: String,
    /// Where: the bookmaker's name.
    pub bookmaker: Option<String>,
    /// With which account's money: its name.
    pub account: String,
    /// Which strategy found it: its name.
    pub strategy: Option<String>,
    /// Why a person must settle it.
    pub needs_person: Option<String>,
    /// How much better its price was than the close, in millionths.
    pub clv_ppm: Option<i64>,
    /// What its price was worth at the close, in millionths.
    pub close_edge_ppm: Option<i64>,
}

/// What bets of a mode in a currency come to, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BetsSum {
    /// Paper or real.
    pub mode: BetMode,
    /// In which currency.
    pub currency: Currency,
    /// How many.
    pub count: i64,
    /// What they put at risk.
    pub at_risk: i64,
    /// What is at risk in those that are open.
    pub open: i64,
    /// What the settled ones won or lost.
    pub profit: i64,
}

/// What was decided against.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionsView {
    /// The latest first.
    pub rows: Vec<DecisionRow>,
    /// The number that the next page begins before.
    pub next: Option<i64>,
}

/// A bet that was decided against.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionRow {
    /// When.
    pub at: DateTime<Utc>,
    /// The control that refused it; none for one that was skipped.
    pub control: Option<String>,
    /// True when a control refused it, false when its bettor left it alone.
    pub is_refused: bool,
    /// Why, in words.
    pub reason: String,
    /// Of which opportunity.
    pub opportunity_id: Option<OpportunityId>,
    /// Paper or real.
    pub mode: BetMode,
    /// What would have been bet on.
    pub summary: String,
    /// What it would have put at risk.
    pub at_risk: Option<Money>,
}

/// A result for one of several bets, as a form sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BetEnd {
    /// Which bet.
    pub id: String,
    /// `yes` where it was ticked.
    pub tick: String,
    /// The code of the result.
    pub end: String,
}

/// Settles the ticked bets.
///
/// # Errors
/// Field errors, and any [`AppError`] of the backend.
#[server(name = SettleBets, prefix = "/ui", endpoint = "settle_bets")]
pub(crate) async fn settle_bets(#[server(default)] bets: Vec<BetEnd>) -> Result<(), AppError> {
    let ticked = bets.into_iter().filter(|bet| bet.tick == "yes");
    let ends = ticked
        .map(|bet| {
            let id = BetId(row_id(&bet.id)?);
            Ok((id, chosen("end", &bet.end, BetResult::from_code)?))
        })
        .collect::<Result<Vec<_>, AppError>>();
    let ends = answer(ends)?;
    if ends.is_empty() {
        return answer(Err(AppError::field(
            "bets",
            "Tick the bets to settle, and say how each ended.",
        )));
    }
    answer(backend()?.settle_bets(ends).await)?;
    backend()?.redirect("/bets?status=settled&sort=settled&done=settled");
    Ok(())
}

/// An amount in minor units, with its currency.
pub fn money(minor: i64, currency: Currency) -> String {
    Money { minor, currency }.to_string().replace('-', "\u{2212}")
}

/// An amount in minor units as a form holds it.
pub fn amount(minor: i64, currency: Currency) -> String {
    Money { minor, currency }.amount()
}

/// As [`money`], with a sign also above zero.
pub fn signed_money(minor: i64, currency: Currency) -> String {
    let plus = if minor > 0 { "+" } else { "" };
    format!("{plus}{}", money(minor, currency))
}

/// What is above or below zero, by its colour; the sign says it too.
pub const fn gain(minor: i64) -> &'static str {
    match minor {
        0 => "",
        1.. => "gain",
        _ => "loss",
    }
}

/// Millionths as percent with a sign, or a dash.
pub fn ppm(ppm: Option<i64>) -> String {
    ppm.map_or_else(
        || "–".to_owned(),
        |ppm| write::signed_percent(ppm as f64 / 1_000_000.0, 2),
    )
}

/// Where a bet is in its life: a sign and a word.
pub fn bet_badge(bet: &Bet, needs_person: bool) -> impl IntoView + use<> {
    let (class, mark, word) = match (&bet.settled, bet.status) {
        _ if bet.deleted_at.is_some() => ("badge", "✕", "Removed"),
        (Some(settled), BetStatus::Settled) => {
            let word = settled.settled_as.name();
            match settled.settled_as {
                SettledAs::Win | SettledAs::HalfWin | SettledAs::Part => ("badge good", "▲", word),
                SettledAs::Push | SettledAs::Void | SettledAs::CashedOut => ("badge", "=", word),
                SettledAs::HalfLoss | SettledAs::Loss => ("badge bad", "▼", word),
            }
        }
        _ if needs_person => ("badge warn", "!", "To settle"),
        _ => ("badge", "○", "Open"),
    };
    view! {
        <span class=class>
            <span aria-hidden="true">{mark}</span>
            " "
            {word}
        </span>
    }
}

/// The reader's bets.
#[component]
pub fn BetsPage() -> impl IntoView {
    let filter = BetsFilter::of(&use_query_map().get_untracked());
    let problem = Problem::of::<SettleBets>();
    let asked = filter.clone();
    view! {
        // What is ticked to be settled must not be drawn anew.
        <Heading title="Bets" follows=if filter.status == Some(BetsStatus::Settled) { "bets" } else { "" }>
            <a class="button" href="/bets/new">"New bet"</a>
            <a class="button quiet" href="/performance">"Performance"</a>
            <a class="button quiet" href="/bankroll">"Bankroll"</a>
            <a class="button quiet" href="/bets/import">"Import"</a>
            <a class="button quiet" href="/bets/decisions">"Decisions"</a>
        </Heading>
        <Done name="settled" text="Settled. Each can be taken back on its own page." />
        <FormProblem problem />
        {shown(|backend| async move { backend.bets(asked).await }, move |view| list(&filter, &view))}
    }
}

fn list(filter: &BetsFilter, view: &BetsView) -> AnyView {
    let pages = {
        let filter = filter.clone();
        Box::new(move |page| BetsFilter { page, ..filter.clone() }.address())
    };
    let page = filter.page.min(view.pages);
    let body = if view.rows.is_empty() {
        none(filter).into_any()
    } else {
        table(&view.rows).into_any()
    };
    view! {
        {tabs(filter)}
        {filters(filter, view)}
        {sums(view)}
        {body}
        <Pages page=page pages=view.pages address=pages />
        {exports(filter, view)}
    }
    .into_any()
}

/// Where the shown bets can be saved.
fn exports(filter: &BetsFilter, view: &BetsView) -> Option<impl IntoView + use<>> {
    let query = BetsFilter {
        page: 1,
        ..filter.clone()
    }
    .query();
    (view.total > 0).then(|| {
        view! {
            <p class="under">
                "Save these as " <a href=format!("/bets/export.csv{query}") rel="external" download="">"CSV"</a> " or "
                <a href=format!("/bets/export.json{query}") rel="external" download="">"JSON"</a>
                ". Both can be imported again."
            </p>
        }
    })
}

fn tabs(filter: &BetsFilter) -> impl IntoView + use<> {
    let tab = |status: Option<BetsStatus>, name: &'static str| {
        let address = BetsFilter {
            status,
            page: 1,
            ..filter.clone()
        }
        .address();
        view! { <a href=address aria-current=(filter.status == status).then_some("page")>{name}</a> }
    };
    let rest = STATUSES.map(|(status, _, name)| tab(Some(status), name));
    view! {
        <nav class="tabs" aria-label="Where bets are in their life">
            {tab(None, "All")} {rest.into_iter().collect_view()}
        </nav>
    }
}

fn offers(all: &str, rest: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    std::iter::once((String::new(), all.to_owned())).chain(rest).collect()
}

/// The sports to choose from.
pub fn sports() -> impl Iterator<Item = (String, String)> {
    [
        Sport::AMERICAN_FOOTBALL,
        Sport::BASEBALL,
        Sport::BASKETBALL,
        Sport::FOOTBALL,
        Sport::ICE_HOCKEY,
        Sport::TENNIS,
    ]
    .into_iter()
    .map(|sport| (sport.key().to_owned(), sport.name()))
}

/// The markets with a code of their own.
pub fn markets() -> impl Iterator<Item = (String, String)> {
    [
        MarketKind::Moneyline,
        MarketKind::ThreeWay,
        MarketKind::Spread,
        MarketKind::Total,
        MarketKind::TeamTotal,
        MarketKind::DrawNoBet,
        MarketKind::DoubleChance,
        MarketKind::BothTeamsToScore,
        MarketKind::Outright,
    ]
    .into_iter()
    .map(|kind| (kind.code(), kind.name()))
}

/// Offers with the chosen one among them, though nobody offered it.
fn with_chosen(mut offers: Vec<(String, String)>, chosen: &str) -> Vec<(String, String)> {
    if !offers.iter().any(|(code, _)| code == chosen) {
        offers.push((chosen.to_owned(), chosen.to_owned()));
    }
    offers
}

fn filters(filter: &BetsFilter, view: &BetsView) -> impl IntoView + use<> {
    let pairs = |code: &str, name: &str| (code.to_owned(), name.to_owned());
    let modes = offers(
        "Paper and real",
        BetMode::ALL.iter().map(|mode| pairs(mode.code(), mode.name())),
    );
    let sorts = SORTS.iter().map(|(_, code, name)| pairs(code, name)).collect();
    view! {
        <form method="get" action="/bets" class="filters">
            <input type="hidden" name="status" value=filter.status_code() />
            <Pick name="mode" label="Money" offers=modes chosen=filter.mode.map_or("", BetMode::code) />
            {picks(filter, &view.offers)}
            <Pick name="sort" label="Order" offers=sorts chosen=filter.sort_code() />
            <div class="field grow">
                <label for="pick-q">"Search"</label>
                <input id="pick-q" type="search" name="q" value=filter.text.clone() maxlength="120" placeholder="Team, note, slip number" data-send="" />
            </div>
            <noscript>
                <button>"Show"</button>
            </noscript>
            {filter.is_narrow().then(|| view! { <a class="button quiet" href="/bets">"Clear"</a> })}
        </form>
    }
}

/// The fields by which bets are chosen, whatever is shown of them.
pub fn picks(filter: &BetsFilter, known: &BetOffers) -> impl IntoView + use<> {
    let pairs = |code: &str, name: &str| (code.to_owned(), name.to_owned());
    let strategies = offers("All strategies", known.strategies.iter().cloned());
    let bookmakers = offers("All bookmakers", known.bookmakers.iter().cloned());
    let sports = offers("All sports", sports().chain([pairs("several", "Several")]));
    let several = BetKind::ALL
        .iter()
        .filter(|kind| **kind != BetKind::Single)
        .map(|kind| pairs(kind.code(), kind.name()));
    let markets = offers("All markets", markets().chain(several));
    let tags = offers("All tags", known.tags.iter().map(|tag| (tag.clone(), tag.clone())));
    let day = |name: &'static str, label: &'static str, value: &str| {
        view! {
            <div class="field">
                <label for=format!("pick-{name}")>{label}</label>
                <input id=format!("pick-{name}") type="date" name=name value=value.to_owned() data-send="" />
            </div>
        }
    };
    view! {
        <Pick name="strategy" label="Strategy" offers=with_chosen(strategies, &filter.strategy) chosen=filter.strategy.clone() />
        <Pick name="bookmaker" label="Bookmaker" offers=with_chosen(bookmakers, &filter.bookmaker) chosen=filter.bookmaker.clone() />
        <Pick name="sport" label="Sport" offers=with_chosen(sports, &filter.sport) chosen=filter.sport.clone() />
        <Pick name="market" label="Market" offers=with_chosen(markets, &filter.market) chosen=filter.market.clone() />
        <Pick name="tag" label="Tag" offers=with_chosen(tags, &filter.tag) chosen=filter.tag.clone() />
        {day("from", "From", &filter.from)}
        {day("to", "To", &filter.to)}
    }
}

fn sums(view: &BetsView) -> impl IntoView + use<> {
    let lines = view
        .sums
        .iter()
        .map(|sum| {
            let money = |minor| money(minor, sum.currency);
            view! {
                <p class="tally">
                    {sum.mode.name()} ": " {write::counted(u32::try_from(sum.count).unwrap_or(u32::MAX), "bet", "bets")}
                    ", staked " {money(sum.at_risk)} ", at risk now " {money(sum.open)} ", settled "
                    <span class=gain(sum.profit)>{signed_money(sum.profit, sum.currency)}</span>
                </p>
            }
        })
        .collect_view();
    view! {
        {view.sums.is_empty().then(|| view! { <p class="tally">"No bets"</p> })}
        {lines}
    }
}

fn none(filter: &BetsFilter) -> impl IntoView + use<> {
    if filter.is_narrow() {
        return view! {
            <Empty title="No bet passes this filter">
                <a href="/bets">"Show all bets"</a>
            </Empty>
        }
        .into_any();
    }
    view! {
        <Empty title="No bets yet">
            <a href="/bets/new">"Record one"</a>
            ", or log one from an "
            <a href="/opportunities">"opportunity"</a>
            "."
        </Empty>
    }
    .into_any()
}

fn table(rows: &[BetRow]) -> impl IntoView + use<> {
    let has_open = rows
        .iter()
        .any(|row| row.bet.status == BetStatus::Open && row.bet.deleted_at.is_none());
    let rows = rows.iter().enumerate().map(|(at, row)| bet_row(at, row)).collect_view();
    view! {
        <form method="post" action=SettleBets::PATH>
            <div class="sheet">
                <table class="cards">
                    <caption class="unseen">"Bets"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Bet"</th>
                            <th scope="col">"Placed"</th>
                            <th scope="col">"Bookmaker"</th>
                            <th scope="col" class="number">"Price"</th>
                            <th scope="col" class="number">"Stake"</th>
                            <th scope="col" class="number">"To win / paid"</th>
                            <th scope="col">"Status"</th>
                            <th scope="col" class="number">"Profit"</th>
                            <th scope="col" class="number">"CLV"</th>
                            <th scope="col">"Tags"</th>
                            <th scope="col"><span class="unseen">"Settle"</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {has_open
                .then(|| {
                    view! {
                        <div class="acts">
                            <button>"Settle the ticked ones"</button>
                            <span class="under">"Each as chosen beside it. A settlement can be taken back."</span>
                        </div>
                    }
                })}
        </form>
    }
}

/// What a bet pays beyond its risk if every leg wins; none where that can't be told.
fn to_win(bet: &Bet) -> Option<i64> {
    let fates = vec![Fate::ended(BetResult::Win); bet.wager.legs.len()];
    let won = domain::settlement::settle(&bet.wager, &fates, &bet.cash_outs).ok()?;
    won.payout.checked_sub(bet.at_risk)
}

fn bet_row(at: usize, row: &BetRow) -> impl IntoView + use<> {
    let bet = &row.bet;
    let currency = bet.currency;
    let price = bet.wager.price().map_or_else(|| "–".to_owned(), priced);
    let pays = match &bet.settled {
        Some(settled) => format!("paid {}", money(settled.payout, currency)),
        None => to_win(bet).map_or_else(|| "–".to_owned(), |win| money(win, currency)),
    };
    let profit = bet.profit();
    let tags = bet
        .tags
        .iter()
        .map(|tag| view! { <a class="badge" href=format!("/bets{}", Query::default().with("tag", tag).text())>{tag.clone()}</a> " " })
        .collect_view();
    let is_open = bet.status == BetStatus::Open && bet.deleted_at.is_none();
    let settle = is_open.then(|| {
        let results = BetResult::ALL
            .iter()
            .map(|result| (result.code().to_owned(), SettledAs::of(*result).name().to_owned()))
            .collect();
        view! {
            <input type="hidden" name=format!("bets[{at}][id]") value=bet.id.to_string() />
            <input type="checkbox" name=format!("bets[{at}][tick]") value="yes" aria-label=format!("Settle {}", row.summary) />
            <select name=format!("bets[{at}][end]") aria-label=format!("How it ended: {}", row.summary)>
                {options(results, "win")}
            </select>
        }
    });
    view! {
        <tr>
            <th scope="row">
                <a href=format!("/bets/{}", bet.id)>{row.summary.clone()}</a>
                <small class="under">
                    {bet.mode.name()} {bet.wager.is_free.then_some(", free bet")}
                    {row.strategy.clone().map(|name| format!(", {name}"))}
                </small>
            </th>
            <td data-label="Placed">{shortly(bet.placed_at)}</td>
            <td data-label="Bookmaker">
                {row.bookmaker.clone().unwrap_or_else(|| "–".to_owned())}
                <small class="under">{row.account.clone()}</small>
            </td>
            <td class="number" data-label="Price">{price}</td>
            <td class="number" data-label="Stake">{money(bet.wager.total_stake(), currency)}</td>
            <td class="number" data-label="To win / paid">{pays}</td>
            <td data-label="Status">
                {bet_badge(bet, row.needs_person.is_some())}
                {row.needs_person.clone().map(|why| view! { <small class="under">{why}</small> })}
            </td>
            <td class=format!("number {}", gain(profit.unwrap_or(0))) data-label="Profit">
                {profit.map_or_else(|| "–".to_owned(), |profit| signed_money(profit, currency))}
            </td>
            <td class="number" data-label="CLV">{ppm(row.clv_ppm)}</td>
            <td data-label="Tags">{tags}</td>
            <td class="act">{settle}</td>
        </tr>
    }
}

/// What was decided against.
#[component]
pub fn DecisionsPage() -> impl IntoView {
    let before = use_query_map()
        .get_untracked()
        .get_str("before")
        .and_then(|before| before.parse().ok());
    view! {
        <Heading title="Decisions" follows="bets">
            <a class="button quiet" href="/bets">"All bets"</a>
        </Heading>
        <Done name="skipped" text="Skipped, and kept here." />
        <p class="under">"Bets that a control refused, and opportunities that you left alone. What was placed is among the bets."</p>
        {shown(|backend| async move { backend.bet_decisions(before).await }, decisions)}
    }
}

fn decisions(view: DecisionsView) -> AnyView {
    if view.rows.is_empty() {
        return view! {
            <Empty title="Nothing was decided against">
                "A bet that a control refuses is kept here, and so is an opportunity that you skip. "
                <a href="/opportunities">"See the opportunities"</a>
            </Empty>
        }
        .into_any();
    }
    let rows = view
        .rows
        .into_iter()
        .map(|row| {
            let (class, word) = if row.is_refused {
                ("badge bad", "✕ Refused")
            } else {
                ("badge", "– Skipped")
            };
            let of = row
                .opportunity_id
                .map(|id| view! { <a href=format!("/opportunities/{id}")>"Opportunity"</a> });
            view! {
                <tr>
                    <th scope="row">{row.summary} <small class="under">{row.mode.name()} " " {of}</small></th>
                    <td data-label="Decided">
                        <span class=class>{word}</span>
                        {row.control.map(|control| view! { <small class="under">{control}</small> })}
                    </td>
                    <td data-label="Why" class="wide">{row.reason}</td>
                    <td class="number" data-label="At risk">
                        {row.at_risk.map_or_else(|| "–".to_owned(), |risk| money(risk.minor, risk.currency))}
                    </td>
                    <td data-label="When">{when(row.at)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="sheet">
            <table class="cards">
                <caption class="unseen">"Decisions, the latest first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Bet"</th>
                        <th scope="col">"Decided"</th>
                        <th scope="col">"Why"</th>
                        <th scope="col" class="number">"At risk"</th>
                        <th scope="col">"When"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {view
            .next
            .map(|before| {
                view! {
                    <nav class="pages" aria-label="Pages of the list">
                        <a href=format!("/bets/decisions?before={before}") rel="next">"Older →"</a>
                    </nav>
                }
            })}
    }
    .into_any()
}
