//! Opportunities: what the strategies found, with a stake calculator beside.

use crate::AppError;
use crate::address::Query;
use crate::calculator::{Calculator, CalculatorLeg};
use crate::pages::games::{Pick, first_page};
use crate::parts::{Empty, Heading, Pages, demo_badge, market_name, outcome_name, shown, status_badge};
use crate::reader::{Reader, age, priced, shortly, when};
use crate::write;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::event::Event;
use domain::opportunity::{Found, Leg, Verdict};
use domain::{BookProfile, OpportunityId, Sport};
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpportunitiesFilter {
    /// Open ones, or those that have closed (the latest first).
    #[serde(default)]
    pub state: OpportunityState,
    /// With one verdict.
    #[serde(default)]
    pub verdict: Option<Verdict>,
    /// Of one sport.
    #[serde(default)]
    pub sport: Option<Sport>,
    /// Before or after the start.
    #[serde(default)]
    pub in_play: InPlayFilter,
    /// With at least this profit, in hundredths of a percent.
    #[serde(default)]
    pub min_profit_bp: u32,
    /// The page, from 1.
    #[serde(default = "first_page")]
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

/// One page of opportunities.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpportunitiesView {
    /// The opportunities of this page.
    pub rows: Vec<OpportunityRow>,
    /// The bookmakers that their legs name.
    pub bookmakers: Vec<BookProfile>,
    /// How many pass the filter.
    pub total: u32,
    /// How many pages there are, at least 1.
    pub pages: u32,
    /// Sports to filter by.
    pub sports: Vec<Sport>,
    /// How many games were looked at, for the text that stands where there is nothing.
    pub games_watched: u32,
}

/// One opportunity and its life so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpportunityRow {
    /// Which opportunity.
    pub id: OpportunityId,
    /// Of which event.
    pub event: Event,
    /// What was found, as of the last look.
    pub found: Found,
    /// When it was first found.
    pub opened_at: DateTime<Utc>,
    /// When it was last confirmed.
    pub refreshed_at: DateTime<Utc>,
    /// When it was gone.
    pub closed_at: Option<DateTime<Utc>>,
    /// Why it was gone, in words.
    pub close_reason: Option<String>,
    /// The greatest profit it had.
    pub best_profit: f64,
}

const VERDICTS: [(Option<Verdict>, &str, &str); 4] = [
    (None, "", "Any verdict"),
    (Some(Verdict::Executable), "executable", "Executable"),
    (Some(Verdict::Paper), "paper", "Paper"),
    (Some(Verdict::Stale), "stale", "Stale"),
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
        let min_profit = text("min_profit").and_then(|percent| percent.replace(',', ".").parse::<f64>().ok());
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to 0 to 10 000"
        )]
        let min_profit_bp = min_profit.map_or(0, |percent| (percent * 100.0).round().clamp(0.0, 10_000.0) as u32);
        Self {
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
        let min_profit = if self.min_profit_bp == 0 {
            String::new()
        } else {
            self.min_profit_text()
        };
        vec![
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
            ("min_profit", min_profit),
        ]
    }

    fn min_profit_text(&self) -> String {
        format!("{:.2}", f64::from(self.min_profit_bp) / 100.0)
    }

    fn is_narrow(&self) -> bool {
        Self {
            page: 1,
            ..self.clone()
        } != Self {
            page: 1,
            ..Self::default()
        }
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
        none(&filter, view.games_watched).into_any()
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
    let min_profit = if filter.min_profit_bp == 0 {
        String::new()
    } else {
        filter.min_profit_text()
    };
    view! {
        <form method="get" action="/opportunities" class="filters">
            <Pick name="state" label="State" offers=offers(&STATES) chosen=code_of(&STATES, &filter.state) />
            <Pick name="verdict" label="Verdict" offers=offers(&VERDICTS) chosen=code_of(&VERDICTS, &filter.verdict) />
            <Pick name="sport" label="Sport" offers=sports chosen=sport />
            <Pick name="in_play" label="Time" offers=offers(&IN_PLAY) chosen=code_of(&IN_PLAY, &filter.in_play) />
            <div class="field">
                <label for="min-profit">"Least profit, %"</label>
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
            {is_narrow.then(|| view! { <a class="button quiet" href="/opportunities">"Clear"</a> })}
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
                            {calculator(&row, &view.bookmakers, "/opportunities".to_owned(), keep)}
                        </aside>
                    }
                })}
        </div>
    }
    .into_any()
}

fn none(filter: &OpportunitiesFilter, games_watched: u32) -> impl IntoView + use<> {
    if filter.is_narrow() {
        return view! {
            <Empty title="Nothing passes this filter">
                <a href="/opportunities">"Show every open opportunity"</a>
            </Empty>
        }
        .into_any();
    }
    let watched = write::counted(games_watched, "game is", "games are");
    view! {
        <Empty title="No arbitrage right now">
            {format!("{watched} watched; the list fills itself when prices at different bookmakers disagree. ")}
            <a href="/settings/bookmakers">"Choose the bookmakers you can use"</a>
            ", or see "
            <a href="/opportunities?state=closed">"those that have closed"</a>
            "."
        </Empty>
    }
    .into_any()
}

/// The stake calculator for an opportunity, with what the address says was typed.
pub fn calculator(
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
                        <th scope="col" class="number">"Profit"</th>
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
            <td class="number" data-label="Profit">
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
            </td>
            <td data-label="Verdict">
                {verdict_badge(row.found.verdict)}
                <small class="under">{row.found.reasons.join("; ")}</small>
            </td>
            <td data-label="Found">{when(row.opened_at)} {closed}</td>
            <td class="why">
                <a class="button quiet" href=format!("/opportunities/{}", row.id)>
                    "Why"
                    <span class="unseen">{format!(", {}", crate::parts::sides(&row.event))}</span>
                </a>
            </td>
        </tr>
    }
}

fn leg_line(row: &OpportunityRow, leg: &Leg, bookmakers: &[BookProfile]) -> impl IntoView + use<> {
    view! {
        <li>
            <span class="leg-outcome">{outcome_name(&row.event, &row.found.market, &leg.outcome)}</span>
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
            min_profit_bp: 125,
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
            "/opportunities?state=closed&verdict=paper&sport=tennis&in_play=only&min_profit=1.25&page=2&selected=9"
        );
    }

    #[test]
    fn nonsense_in_the_address_bar_does_not_filter() {
        let mut query = ParamsMap::new();
        for name in ["state", "verdict", "in_play", "min_profit", "page"] {
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
