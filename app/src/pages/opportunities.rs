//! Opportunities: what the strategies found, with a stake calculator beside.

use crate::AppError;
use crate::address::Query;
use crate::calculator::{Calculator, CalculatorLeg, written};
use crate::pages::games::Pick;
use crate::pages::new_bet::log_or_skip;
use crate::parts::{Empty, Heading, Pages, demo_badge, fact, market_name, outcome_name, shown, status_badge};
use crate::reader::{Reader, age, priced, shortly, when};
use crate::write;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::event::Event;
use domain::opportunity::{Found, Leg, OpportunityKind, Stakes, Verdict};
use domain::{BookProfile, OpportunityId, Side, Sport, StrategyId};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use serde::{Deserialize, Serialize};

/// What the Opportunities page asks.
#[async_trait]
pub trait OpportunitiesPort {
    /// The opportunities that pass a filter, the greatest profit first, one page of them.
    async fn opportunities(&self, filter: OpportunitiesFilter) -> Result<OpportunitiesView, AppError>;
}

/// Which opportunities. Everything left out does not filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpportunitiesFilter {
    /// Of which kind.
    pub kind: OpportunityKind,
    /// Open ones, or those that have closed (the latest first).
    pub state: OpportunityState,
    /// With one verdict.
    pub verdict: Option<Verdict>,
    /// Of one sport.
    pub sport: Option<Sport>,
    /// Before or after the start.
    pub in_play: InPlayFilter,
    /// With at least this profit, in hundredths of a percent; any without it. A middle and a low hold have a cost.
    pub min_profit_bp: Option<i32>,
    /// With every leg seen within so many seconds.
    pub max_age_s: Option<u32>,
    /// With a leg at this bookmaker, by key.
    pub bookmaker: Option<String>,
    /// Found by this strategy.
    pub strategy: Option<StrategyId>,
    /// The page, from 1.
    pub page: u32,
}

/// Open or closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpportunityState {
    /// Still there at the last look.
    #[default]
    Open,
    /// Gone.
    Closed,
}

/// Before or after the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InPlayFilter {
    /// Both.
    #[default]
    Include,
    /// Not started.
    Exclude,
    /// Started.
    Only,
}

impl Default for OpportunitiesFilter {
    /// Every open arbitrage, the first page.
    fn default() -> Self {
        Self {
            kind: OpportunityKind::Arbitrage,
            state: OpportunityState::default(),
            verdict: None,
            sport: None,
            in_play: InPlayFilter::default(),
            min_profit_bp: None,
            max_age_s: None,
            bookmaker: None,
            strategy: None,
            page: 1,
        }
    }
}

/// One page of opportunities.
#[derive(Clone, Debug, PartialEq)]
pub struct OpportunitiesView {
    /// The opportunities of this page.
    pub rows: Vec<OpportunityRow>,
    /// The bookmakers that their legs name.
    pub bookmakers: Vec<BookProfile>,
    /// How many pass the filter.
    pub total: u32,
    /// How many pages there are, at least 1.
    pub pages: u32,
    /// How many are open of each kind.
    pub open: Vec<(OpportunityKind, u32)>,
    /// Sports to filter by.
    pub sports: Vec<Sport>,
    /// Bookmakers to filter by: those that the reader can use.
    pub offered_bookmakers: Vec<BookProfile>,
    /// The reader's strategies of this kind, running or not.
    pub strategies: Vec<(StrategyId, String)>,
    /// How many games were looked at, for the text that stands where there is nothing.
    pub games_watched: u32,
}

/// One opportunity and its life so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpportunityRow {
    /// Which opportunity.
    pub id: OpportunityId,
    /// The strategy that found it, and what its owner calls it.
    pub strategy: (StrategyId, String),
    /// Of which event.
    pub event: Event,
    /// What was found, as of the last look.
    pub found: Found,
    /// When it was first found.
    pub opened_at: DateTime<Utc>,
    /// When it was last found otherwise than before.
    pub refreshed_at: DateTime<Utc>,
    /// When it was gone.
    pub closed_at: Option<DateTime<Utc>>,
    /// Why it was gone, in words.
    pub close_reason: Option<String>,
    /// The greatest profit it had.
    pub best_profit: f64,
}

const VERDICTS: [(Option<Verdict>, &str, &str); 5] = [
    (None, "", "Any verdict"),
    (Some(Verdict::Executable), "executable", "Executable"),
    (Some(Verdict::Paper), "paper", "Paper"),
    (Some(Verdict::Stale), "stale", "Stale"),
    (Some(Verdict::Suspect), "suspect", "Suspect"),
];
const AGES: [(Option<u32>, &str, &str); 5] = [
    (None, "", "Any age"),
    (Some(30), "30", "Seen within 30 s"),
    (Some(60), "60", "Seen within 1 min"),
    (Some(300), "300", "Seen within 5 min"),
    (Some(1800), "1800", "Seen within 30 min"),
];
const STATES: [(OpportunityState, &str, &str); 2] = [
    (OpportunityState::Open, "", "Open"),
    (OpportunityState::Closed, "closed", "Closed"),
];
const IN_PLAY: [(InPlayFilter, &str, &str); 3] = [
    (InPlayFilter::Include, "", "Before and in play"),
    (InPlayFilter::Exclude, "exclude", "Before the start"),
    (InPlayFilter::Only, "only", "In play"),
];

/// The code of a value in one of the lists above.
fn code_of<T: PartialEq>(list: &[(T, &'static str, &'static str)], value: &T) -> &'static str {
    list.iter()
        .find(|(known, ..)| known == value)
        .map_or("", |(_, code, _)| code)
}

fn offers<T>(list: &[(T, &'static str, &'static str)]) -> Vec<(String, String)> {
    list.iter()
        .map(|(_, code, name)| ((*code).to_owned(), (*name).to_owned()))
        .collect()
}

impl OpportunitiesFilter {
    /// What the address bar says; what it says wrongly does not filter.
    pub fn of(query: &ParamsMap) -> Self {
        let text = |name| query.get_str(name).map(str::trim).filter(|text| !text.is_empty());
        let min_profit = text("min_profit")
            .map(|percent| percent.replace(',', ".").replace('\u{2212}', "-"))
            .and_then(|percent| percent.parse::<f64>().ok())
            .filter(|percent| percent.is_finite());
        #[expect(clippy::cast_possible_truncation, reason = "clamped to -10 000 to 10 000")]
        let min_profit_bp = min_profit.map(|percent| (percent * 100.0).round().clamp(-10_000.0, 10_000.0) as i32);
        Self {
            kind: text("kind")
                .and_then(OpportunityKind::from_code)
                .unwrap_or(OpportunityKind::Arbitrage),
            state: text("state")
                .and_then(|code| STATES.iter().find(|(_, known, _)| *known == code))
                .map_or_else(OpportunityState::default, |(state, ..)| *state),
            verdict: text("verdict")
                .and_then(|code| VERDICTS.iter().find(|(_, known, _)| *known == code))
                .and_then(|(verdict, ..)| *verdict),
            sport: text("sport").map(Sport::from_key),
            in_play: text("in_play")
                .and_then(|code| IN_PLAY.iter().find(|(_, known, _)| *known == code))
                .map_or_else(InPlayFilter::default, |(in_play, ..)| *in_play),
            min_profit_bp,
            max_age_s: text("max_age").and_then(|age| age.parse().ok()),
            bookmaker: text("bookmaker").map(|key| key.chars().take(64).collect()),
            strategy: text("strategy").and_then(|id| id.parse().ok()),
            page: text("page").and_then(|page| page.parse().ok()).unwrap_or(1).max(1),
        }
    }

    /// The address of the same view with one opportunity in the calculator.
    pub fn address(&self, selected: Option<OpportunityId>) -> String {
        let query = self
            .pairs()
            .into_iter()
            .fold(Query::default(), |query, (name, value)| query.with(name, &value));
        let query = query
            .with_known("page", Some(self.page).filter(|page| *page > 1))
            .with_known("selected", selected);
        format!("/opportunities{}", query.text())
    }

    /// The pairs of the address bar but for the page.
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let kind = if self.kind == OpportunityKind::Arbitrage {
            ""
        } else {
            self.kind.code()
        };
        let known = |value: Option<String>| value.unwrap_or_default();
        vec![
            ("kind", kind.to_owned()),
            ("state", code_of(&STATES, &self.state).to_owned()),
            ("verdict", code_of(&VERDICTS, &self.verdict).to_owned()),
            (
                "sport",
                self.sport
                    .as_ref()
                    .map(|sport| sport.key().to_owned())
                    .unwrap_or_default(),
            ),
            ("in_play", code_of(&IN_PLAY, &self.in_play).to_owned()),
            ("min_profit", self.min_profit_text()),
            ("max_age", known(self.max_age_s.map(|age| age.to_string()))),
            ("bookmaker", known(self.bookmaker.clone())),
            ("strategy", known(self.strategy.map(|id| id.to_string()))),
        ]
    }

    fn min_profit_text(&self) -> String {
        self.min_profit_bp
            .map(|bp| format!("{:.2}", f64::from(bp) / 100.0))
            .unwrap_or_default()
    }

    fn is_narrow(&self) -> bool {
        let widest = Self {
            kind: self.kind,
            page: self.page,
            ..Self::default()
        };
        *self != widest
    }

    /// The address of all that is open of a kind.
    pub fn address_of(kind: OpportunityKind) -> String {
        Self {
            kind,
            ..Self::default()
        }
        .address(None)
    }
}

/// What the strategies found.
#[component]
pub fn OpportunitiesPage() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let filter = OpportunitiesFilter::of(&query);
    let selected = query.get_str("selected").and_then(|id| id.parse().ok());
    let asked = filter.clone();
    view! {
        <Heading title="Opportunities" follows="opportunities" />
        {shown(
            |backend| async move { backend.opportunities(asked).await },
            move |found| desk(filter, selected, found),
        )}
    }
}

fn desk(filter: OpportunitiesFilter, selected: Option<OpportunityId>, view: OpportunitiesView) -> AnyView {
    let sports = std::iter::once((String::new(), "All sports".to_owned()))
        .chain(view.sports.iter().map(|sport| (sport.key().to_owned(), sport.name())))
        .collect();
    let pages = {
        let filter = filter.clone();
        Box::new(move |page| OpportunitiesFilter { page, ..filter.clone() }.address(None))
    };
    let chosen = view
        .rows
        .iter()
        .find(|row| Some(row.id) == selected)
        .or_else(|| view.rows.first())
        .cloned();
    let chosen_id = chosen.as_ref().map(|row| row.id);
    let body = if view.rows.is_empty() {
        none(&filter, view.games_watched, view.strategies.is_empty()).into_any()
    } else {
        opportunity_table(
            &view.rows,
            &view.bookmakers,
            &|id| filter.address(Some(id)) + "#stakes",
            chosen_id,
        )
        .into_any()
    };
    let mut keep = filter.pairs();
    keep.push(("selected", chosen_id.map(|id| id.to_string()).unwrap_or_default()));
    let sport = filter
        .sport
        .as_ref()
        .map(|sport| sport.key().to_owned())
        .unwrap_or_default();
    let (page, is_narrow) = (filter.page, filter.is_narrow());
    let min_profit = filter.min_profit_text();
    let all = |name: &str| std::iter::once((String::new(), name.to_owned()));
    let bookmakers = all("All bookmakers")
        .chain(
            view.offered_bookmakers
                .iter()
                .map(|book| (book.key.clone(), book.name.clone())),
        )
        .collect();
    let strategies: Vec<_> = all("All strategies")
        .chain(view.strategies.iter().map(|(id, name)| (id.to_string(), name.clone())))
        .collect();
    let has_several = view.strategies.len() > 1 || filter.strategy.is_some();
    let strategy = filter.strategy.map(|id| id.to_string()).unwrap_or_default();
    let kind = filter.kind;
    let chosen = chosen.filter(|_| !view.rows.is_empty());
    view! {
        {tabs(Some(kind), &view.open)}
        <form method="get" action="/opportunities" class="filters">
            {(kind != OpportunityKind::Arbitrage).then(|| view! { <input type="hidden" name="kind" value=kind.code() /> })}
            <Pick name="state" label="State" offers=offers(&STATES) chosen=code_of(&STATES, &filter.state) />
            <Pick name="verdict" label="Verdict" offers=offers(&VERDICTS) chosen=code_of(&VERDICTS, &filter.verdict) />
            <Pick name="sport" label="Sport" offers=sports chosen=sport />
            <Pick name="in_play" label="Time" offers=offers(&IN_PLAY) chosen=code_of(&IN_PLAY, &filter.in_play) />
            <Pick name="max_age" label="Age" offers=offers(&AGES) chosen=code_of(&AGES, &filter.max_age_s) />
            <Pick name="bookmaker" label="Bookmaker" offers=bookmakers chosen=filter.bookmaker.clone().unwrap_or_default() />
            {has_several.then(|| view! { <Pick name="strategy" label="Strategy" offers=strategies chosen=strategy /> })}
            <div class="field">
                <label for="min-profit">{format!("Least {}, %", measure(kind))}</label>
                <input
                    id="min-profit"
                    class="number short"
                    name="min_profit"
                    inputmode="decimal"
                    maxlength="8"
                    placeholder="0.00"
                    value=min_profit
                    data-send=""
                />
            </div>
            <noscript>
                <button>"Show"</button>
            </noscript>
            {is_narrow.then(|| view! { <a class="button quiet" href=OpportunitiesFilter::address_of(kind)>"Clear"</a> })}
        </form>
        <p class="tally">{write::counted(view.total, "opportunity", "opportunities")}</p>
        <div class="beside">
            <div>
                {body}
                <Pages page=page pages=view.pages address=pages />
            </div>
            {chosen
                .map(|row| {
                    view! {
                        <aside class="card" id="stakes" aria-labelledby="stakes-title">
                            <h2 id="stakes-title">"Stakes"</h2>
                            <p class="under">{crate::parts::sides(&row.event)} ", " {market_name(&row.found.market)}</p>
                            {stakes(&row, &view.bookmakers, "/opportunities".to_owned(), keep)}
                            {log_or_skip(&row)}
                        </aside>
                    }
                })}
        </div>
    }
    .into_any()
}

/// What a kind's profit is called.
const fn measure(kind: OpportunityKind) -> &'static str {
    match kind {
        OpportunityKind::Arbitrage => "profit",
        OpportunityKind::Value | OpportunityKind::Steam => "edge",
        OpportunityKind::Middle | OpportunityKind::LowHold => "worst case",
        OpportunityKind::Promotion => "value",
    }
}

/// The kinds, each with how many are open, and the table of holds.
pub fn tabs(shown: Option<OpportunityKind>, open: &[(OpportunityKind, u32)]) -> impl IntoView + use<> {
    let kinds = OpportunityKind::ALL
        .iter()
        .map(|kind| {
            let count = open.iter().find(|(of, _)| of == kind).map_or(0, |(_, count)| *count);
            let current = (Some(*kind) == shown).then_some("page");
            view! {
                <a href=OpportunitiesFilter::address_of(*kind) aria-current=current>
                    {plural(*kind)} <span class="count">{count}</span>
                </a>
            }
        })
        .collect_view();
    view! {
        <nav class="tabs" aria-label="Kinds of opportunities">
            {kinds} <a href="/holds" aria-current=shown.is_none().then_some("page")>"Holds"</a>
        </nav>
    }
}

/// Several of a kind.
const fn plural(kind: OpportunityKind) -> &'static str {
    match kind {
        OpportunityKind::Arbitrage => "Arbitrage",
        OpportunityKind::Value => "Value",
        OpportunityKind::Middle => "Middles",
        OpportunityKind::LowHold => "Low holds",
        OpportunityKind::Steam => "Steam",
        OpportunityKind::Promotion => "Promotions",
    }
}

fn none(filter: &OpportunitiesFilter, games_watched: u32, has_no_strategy: bool) -> impl IntoView + use<> {
    let kind = filter.kind;
    let name = kind.name().to_lowercase();
    if has_no_strategy {
        return view! {
            <Empty title=format!("No strategy looks for {name}")>
                <a href=format!("/strategies/new?kind={}", kind.code())>"Make one"</a>
                ", or see "
                <a href="/strategies">"your strategies"</a>
                "."
            </Empty>
        }
        .into_any();
    }
    if filter.is_narrow() {
        return view! {
            <Empty title="Nothing passes this filter">
                <a href=OpportunitiesFilter::address_of(kind)>{format!("Show everything open of {name}")}</a>
            </Empty>
        }
        .into_any();
    }
    if games_watched == 0 {
        return view! {
            <Empty title="No prices yet">
                {format!("The search for {name} begins with the first game that has some. ")}
                <a href="/settings/feeds">"Choose a feed"</a>
                ", or see "
                <a href="/health">"how the feeds are"</a>
                "."
            </Empty>
        }
        .into_any();
    }
    let watched = write::counted(games_watched, "game is", "games are");
    let closed = OpportunitiesFilter {
        kind,
        state: OpportunityState::Closed,
        ..OpportunitiesFilter::default()
    };
    let why = match kind {
        OpportunityKind::Promotion => "Switch a promotion strategy on and say what you were given. ",
        OpportunityKind::Steam => "The list fills itself when several bookmakers move together and one stays behind. ",
        _ => "The list fills itself when prices at different bookmakers disagree. ",
    };
    view! {
        <Empty title=format!("No {name} right now")>
            {format!("{watched} watched. {why}")}
            <a href="/settings/bookmakers">"Choose the bookmakers you can use"</a>
            ", "
            <a href="/strategies">"tune your strategies"</a>
            ", or see "
            <a href=closed.address(None)>"those that have closed"</a>
            "."
        </Empty>
    }
    .into_any()
}

/// What to stake: a calculator where every outcome of one market is backed, else the whole stakes or the Kelly share.
pub fn stakes(
    row: &OpportunityRow,
    bookmakers: &[BookProfile],
    action: String,
    keep: Vec<(&'static str, String)>,
) -> AnyView {
    let legs = &row.found.legs;
    let is_cover = matches!(row.found.kind, OpportunityKind::Arbitrage | OpportunityKind::LowHold)
        && legs
            .iter()
            .all(|leg| leg.side == Side::Back && leg.market == row.found.market);
    let own = row
        .found
        .facts
        .stakes
        .as_ref()
        .map(|stakes| own_stakes(row, stakes, bookmakers));
    if is_cover {
        return view! {
            {calculator(row, bookmakers, action, keep)}
            {own.map(|own| view! { <h3>"On your terms"</h3> {own} })}
        }
        .into_any();
    }
    if let Some(fair) = row.found.facts.fair {
        return view! {
            <dl class="facts">
                {fact("Full Kelly", write::percent(fair.full_kelly, 2))} {fact("Half", write::percent(fair.full_kelly / 2.0, 2))}
                {fact("Quarter", write::percent(fair.full_kelly / 4.0, 2))}
            </dl>
            <p class="under">
                "Of your bankroll, for this bet alone. " <a href="/calculators/kelly">"Several at once"</a>
            </p>
        }
        .into_any();
    }
    own.unwrap_or_else(|| view! { <p class="under">"No whole stakes fit the total of this strategy."</p> }.into_any())
}

/// Whole stakes as the reader's bookmakers take and pay them.
fn own_stakes(row: &OpportunityRow, stakes: &Stakes, bookmakers: &[BookProfile]) -> AnyView {
    let legs = &row.found.legs;
    let lines = legs
        .iter()
        .zip(stakes.stakes.iter().zip(&stakes.exposed_without))
        .map(|(leg, (stake, exposed))| {
            let lay = if leg.side == Side::Lay { "Lay " } else { "" };
            view! {
                <tr>
                    <th scope="row">
                        {lay} {outcome_name(&row.event, &leg.market, &leg.outcome)}
                        <small class="under">{book_name(leg, bookmakers)}</small>
                    </th>
                    <td class="number" data-label="Price">{priced(leg.price)}</td>
                    <td class="number strong" data-label="Stake">{written(*stake)}</td>
                    <td class="number" data-label="Lost without it">{written(*exposed)}</td>
                </tr>
            }
        })
        .collect_view();
    let class = if stakes.guaranteed < 0 { "loss" } else { "gain" };
    view! {
        <table class="dense cards">
            <caption class="unseen">"Stakes by leg"</caption>
            <thead>
                <tr>
                    <th scope="col">"Bet"</th>
                    <th scope="col" class="number">"Price"</th>
                    <th scope="col" class="number">"Stake"</th>
                    <th scope="col" class="number" title="The worst case when every other leg was placed and this one was not">
                        "Lost without it"
                    </th>
                </tr>
            </thead>
            <tbody>{lines}</tbody>
        </table>
        <dl class="facts">
            {fact("At risk", written(stakes.staked))}
            <div class="fact">
                <dt>"Worst case"</dt>
                <dd class=class>{written(stakes.guaranteed)}</dd>
            </div>
        </dl>
        <p class="under">
            "In whole steps of each bookmaker and within its limit, payouts rounded as they pay. A stake is in the account's currency, the \
             rest in yours."
        </p>
        {stakes
            .may_come_back
            .then(|| view! { <p class="under">"There is a result with which every stake comes back, and nothing is won."</p> })}
    }
    .into_any()
}

/// The stake calculator for an opportunity, with what the address says was typed.
fn calculator(
    row: &OpportunityRow,
    bookmakers: &[BookProfile],
    action: String,
    keep: Vec<(&'static str, String)>,
) -> impl IntoView + use<> {
    let query = use_query_map().get_untracked();
    let sent = |name: &str| {
        query
            .get_str(name)
            .map(|text| text.chars().take(32).collect::<String>())
    };
    let legs: Vec<_> = row
        .found
        .legs
        .iter()
        .enumerate()
        .map(|(at, leg)| CalculatorLeg {
            outcome: outcome_name(&row.event, &row.found.market, &leg.outcome),
            bookmaker: book_name(leg, bookmakers),
            price: leg.price,
            commission_bp: leg.commission_bp,
            sent: sent(&format!("price_{at}")),
        })
        .collect();
    let keep = keep.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let format = Reader::current().odds_format();
    let total = sent("total").unwrap_or_else(|| "100".to_owned());
    let step = sent("step").unwrap_or_else(|| "1".to_owned());
    // Another name for other prices: the browser then wakes a new calculator instead of folding the numbers into the old one.
    let prices: Vec<_> = legs.iter().map(|leg: &CalculatorLeg| leg.price.to_string()).collect();
    let name = format!("calculator-{}-{}-{}", row.id, format.code(), prices.join("-"));
    view! {
        <div id=name>
            <Calculator id=row.id legs format total step action keep />
        </div>
    }
}

/// Opportunities as rows, each with its legs.
pub fn opportunity_table(
    rows: &[OpportunityRow],
    bookmakers: &[BookProfile],
    stakes: &dyn Fn(OpportunityId) -> String,
    selected: Option<OpportunityId>,
) -> impl IntoView + use<> {
    // Several kinds in one list have no common word for it.
    let kind = rows
        .first()
        .map(|row| row.found.kind)
        .filter(|kind| rows.iter().all(|row| row.found.kind == *kind));
    let rows = rows
        .iter()
        .map(|row| opportunity_row(row, bookmakers, stakes(row.id), Some(row.id) == selected))
        .collect_view();
    view! {
        <div class="sheet">
            <table class="cards opportunities">
                <caption class="unseen">"Opportunities with their legs"</caption>
                <thead>
                    <tr>
                        <th scope="col" class="number">{write::capitalised(kind.map_or("profit", measure))}</th>
                        <th scope="col">"Game"</th>
                        <th scope="col">"Legs"</th>
                        <th scope="col">"Verdict"</th>
                        <th scope="col">"Found"</th>
                        <th scope="col"><span class="unseen">"Explain"</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// What is worth knowing of an opportunity beside its profit.
pub fn facts_line(row: &OpportunityRow, bookmakers: &[BookProfile]) -> Option<String> {
    let facts = &row.found.facts;
    let percent = |share: f64| write::percent(share, 2);
    let name = |key: &String| {
        bookmakers
            .iter()
            .find(|book| book.key == *key)
            .map_or_else(|| key.clone(), |book| book.name.clone())
    };
    let mut parts = Vec::new();
    if let Some(steam) = &facts.steam {
        let followers: Vec<String> = steam.followers.iter().map(name).collect();
        parts.push(match &steam.origin {
            Some(origin) => format!("{} moved first, then {}", name(origin), followers.join(", ")),
            None => format!("{} moved; nobody knows who was first", followers.join(", ")),
        });
    }
    if let Some(fair) = &facts.fair {
        parts.push(format!(
            "fair {} by {}, {} old",
            percent(fair.probability),
            fair.link.name().to_lowercase(),
            domain::span(fair.age_s)
        ));
    }
    if facts.fair.is_some_and(|fair| fair.may_push) {
        parts.push("the stake may come back: an edge of bets that are decided".to_owned());
    }
    if let Some(middle) = &facts.middle {
        let chance = middle
            .chance
            .map(|chance| format!(", chance {}", percent(chance)))
            .unwrap_or_default();
        parts.push(format!(
            "both win {}, break-even {}{chance}",
            write::signed_percent(middle.gain, 1),
            percent(middle.break_even)
        ));
    }
    if let Some(times) = facts.turnover {
        parts.push(format!(
            "a bonus turned over {times} times, each time at the worst case of these stakes"
        ));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn opportunity_row(
    row: &OpportunityRow,
    bookmakers: &[BookProfile],
    stakes: String,
    is_selected: bool,
) -> impl IntoView + use<> {
    let class = if row.found.profit < 0.0 { "loss" } else { "gain" };
    let legs = row
        .found
        .legs
        .iter()
        .map(|leg| leg_line(row, leg, bookmakers))
        .collect_view();
    let closed = row.closed_at.map(|at| {
        let reason = row.close_reason.clone().unwrap_or_default();
        view! { <small class="under">"closed " {when(at)} " " {reason}</small> }
    });
    view! {
        <tr class:selected=is_selected>
            <td class="number" data-label=write::capitalised(measure(row.found.kind))>
                <a class=format!("profit {class}") href=stakes title="Reckon stakes">
                    {write::signed_percent(row.found.profit, 2)}
                </a>
                <small class="under">"best " {write::signed_percent(row.best_profit, 2)}</small>
            </td>
            <th scope="row" class="game">
                <a href=format!("/games/{}", row.event.id)>{crate::parts::sides(&row.event)}</a>
                <small class="under">
                    {market_name(&row.found.market)} " · " {shortly(row.event.starts_at)} " " {status_badge(&row.event)} " "
                    {demo_badge(row.event.is_demo)}
                </small>
            </th>
            <td data-label="Legs">
                <ul class="legs">{legs}</ul>
                {facts_line(row, bookmakers).map(|text| view! { <small class="under">{text}</small> })}
            </td>
            <td data-label="Verdict">
                {verdict_badge(row.found.verdict)}
                <small class="under">{row.found.reasons.join("; ")}</small>
            </td>
            <td data-label="Found">
                {when(row.opened_at)}
                <small class="under">
                    "by " {strategy_link(row)}
                </small> {closed}
            </td>
            <td class="why">
                <a class="button quiet" href=format!("/opportunities/{}", row.id)>
                    "Why"
                    <span class="unseen">{format!(", {}", crate::parts::sides(&row.event))}</span>
                </a>
            </td>
        </tr>
    }
}

/// The strategy that found it; of one that was removed only that.
pub fn strategy_link(row: &OpportunityRow) -> AnyView {
    let (id, name) = (row.strategy.0, row.strategy.1.clone());
    if name.is_empty() {
        "a removed strategy".into_any()
    } else {
        view! { <a href=format!("/strategies/{id}")>{name}</a> }.into_any()
    }
}

fn leg_line(row: &OpportunityRow, leg: &Leg, bookmakers: &[BookProfile]) -> impl IntoView + use<> {
    let lay = if leg.side == Side::Lay { "Lay " } else { "" };
    view! {
        <li>
            <span class="leg-outcome">{lay} {outcome_name(&row.event, &leg.market, &leg.outcome)}</span>
            <span class="leg-price">{priced(leg.price)}</span>
            <span class="leg-book">{book_name(leg, bookmakers)}</span>
            <span class="leg-age">{age(leg.last_seen_at)}</span>
        </li>
    }
}

/// A bookmaker's name, or its key while the name is not known.
pub fn book_name(leg: &Leg, bookmakers: &[BookProfile]) -> String {
    bookmakers
        .iter()
        .find(|book| book.id == leg.bookmaker_id)
        .map_or_else(|| leg.bookmaker.clone(), |book| book.name.clone())
}

/// Whether an opportunity could be acted on, as a word and a colour.
pub fn verdict_badge(verdict: Verdict) -> impl IntoView {
    let (class, name) = match verdict {
        Verdict::Executable => ("badge good", "executable"),
        Verdict::Paper => ("badge", "paper"),
        Verdict::Stale => ("badge warn", "stale"),
        Verdict::Suspect => ("badge bad", "suspect"),
    };
    view! { <span class=class>{name}</span> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_survives_the_address_bar() {
        let filter = OpportunitiesFilter {
            state: OpportunityState::Closed,
            verdict: Some(Verdict::Paper),
            sport: Some(Sport::TENNIS),
            in_play: InPlayFilter::Only,
            min_profit_bp: Some(-125),
            max_age_s: Some(60),
            bookmaker: Some("northgate".to_owned()),
            strategy: Some(StrategyId(3)),
            kind: OpportunityKind::Middle,
            page: 2,
        };
        let mut query = ParamsMap::new();
        for (name, value) in filter.pairs() {
            query.insert(name, value);
        }
        query.insert("page", "2".to_owned());
        assert_eq!(OpportunitiesFilter::of(&query), filter);
        assert_eq!(
            filter.address(Some(OpportunityId(9))),
            "/opportunities?kind=middle&state=closed&verdict=paper&sport=tennis&in_play=only&min_profit=-1.25&max_age=60\
             &bookmaker=northgate&strategy=3&page=2&selected=9"
        );
    }

    #[test]
    fn nonsense_in_the_address_bar_does_not_filter() {
        let mut query = ParamsMap::new();
        for name in [
            "kind",
            "state",
            "verdict",
            "in_play",
            "min_profit",
            "max_age",
            "strategy",
            "page",
        ] {
            query.insert(name, "nonsense".to_owned());
        }
        assert_eq!(
            OpportunitiesFilter::of(&query),
            OpportunitiesFilter {
                page: 1,
                ..OpportunitiesFilter::default()
            }
        );
    }
}
