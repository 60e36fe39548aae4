//! Games: the board.

use crate::AppError;
use crate::address::{Query, market_code};
use crate::parts::{Empty, Heading, Pages, demo_badge, moved_from, options, outcome_name, shown, status_badge};
use crate::reader::{Reader, age, priced};
use crate::write;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use domain::event::Event;
use domain::{BookmakerId, CompetitionId, EventStatus, MarketKey, Outcome, Price, Role, Sport};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use serde::{Deserialize, Serialize};

/// What the Games page asks.
#[async_trait]
pub trait GamesPort {
    /// The games that pass a filter, one page of them.
    async fn games(&self, filter: GamesFilter) -> Result<GamesView, AppError>;
}

/// Which games, in which order. Everything left out does not filter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GamesFilter {
    /// Of one sport.
    #[serde(default)]
    pub sport: Option<Sport>,
    /// Of one competition.
    #[serde(default)]
    pub competition: Option<CompetitionId>,
    /// Starting on one calendar day of the viewer's time zone.
    #[serde(default)]
    pub day: Option<NaiveDate>,
    /// With one status; left out, everything that is not over.
    #[serde(default)]
    pub status: Option<StatusFilter>,
    /// Participants or competition contain every word of this, whatever the case.
    #[serde(default)]
    pub text: String,
    /// In which order.
    #[serde(default)]
    pub sort: GamesSort,
    /// The page, from 1.
    #[serde(default = "first_page")]
    pub page: u32,
}

/// Pages count from 1.
pub(crate) const fn first_page() -> u32 {
    1
}

/// One status, or all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusFilter {
    /// Not started.
    Scheduled,
    /// Started, not finished.
    Live,
    /// Finished.
    Final,
    /// To be played at another time.
    Postponed,
    /// Not to be played.
    Cancelled,
    /// Whatever the status.
    All,
}

impl StatusFilter {
    /// The one status it means; `None` for all.
    pub const fn status(self) -> Option<EventStatus> {
        match self {
            Self::Scheduled => Some(EventStatus::Scheduled),
            Self::Live => Some(EventStatus::Live),
            Self::Final => Some(EventStatus::Final),
            Self::Postponed => Some(EventStatus::Postponed),
            Self::Cancelled => Some(EventStatus::Cancelled),
            Self::All => None,
        }
    }
}

/// The order of games; ties go by start, then by event number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GamesSort {
    /// The earliest start first (the latest first when the filter asks for finished games).
    #[default]
    Start,
    /// The smallest hold first.
    Hold,
    /// The latest move first.
    Moved,
    /// The most bookmakers first.
    Bookmakers,
}

/// One page of games, and what can be filtered by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GamesView {
    /// The games of this page.
    pub rows: Vec<GameRow>,
    /// How many games pass the filter.
    pub total: u32,
    /// How many pages there are, at least 1.
    pub pages: u32,
    /// Sports with events, with how many are not over.
    pub sports: Vec<SportChoice>,
    /// Competitions with events, of the filter's sport where it has one.
    pub competitions: Vec<CompetitionChoice>,
    /// Calendar days of the viewer's zone with events that are not over, the next fourteen or so.
    pub days: Vec<DayChoice>,
}

/// A sport to filter by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SportChoice {
    /// Which sport.
    pub sport: Sport,
    /// Events that are not over.
    pub count: u32,
}

/// A competition to filter by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompetitionChoice {
    /// Which competition.
    pub id: CompetitionId,
    /// As shown.
    pub name: String,
    /// Events that are not over.
    pub count: u32,
}

/// A day to filter by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayChoice {
    /// The calendar day in the viewer's zone.
    pub date: NaiveDate,
    /// Events that are not over.
    pub count: u32,
}

/// One game on the board: its main market in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GameRow {
    /// Which game.
    pub event: Event,
    /// Grows with every change of the event's board.
    pub version: i64,
    /// The market in short: three-way or moneyline where there is one, else the market with the most quotes.
    pub market: Option<MarketKey>,
    /// The best back price per outcome, in the order of the market's outcomes.
    pub outcomes: Vec<BestOutcome>,
    /// What is kept of the turnover at these best prices; negative is an arbitrage. `None` when an outcome has no price.
    pub hold: Option<f64>,
    /// Bookmakers with a quote anywhere on the board.
    pub bookmakers: u32,
    /// Markets with a quote.
    pub markets: u32,
    /// The latest change of a price in the short market.
    pub last_move: Option<Move>,
    /// When any quote of the board was last seen.
    pub seen_at: Option<DateTime<Utc>>,
}

/// The best back price of an outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BestOutcome {
    /// Which outcome.
    pub outcome: Outcome,
    /// Its best price, if it has one.
    pub best: Option<BestPrice>,
}

/// A best price and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BestPrice {
    /// The price.
    pub price: Price,
    /// Who offers it.
    pub bookmaker_id: BookmakerId,
    /// As shown.
    pub bookmaker: String,
    /// That bookmaker's price before.
    pub previous: Option<Price>,
    /// When this price was first received.
    pub received_at: DateTime<Utc>,
    /// When it was last seen.
    pub last_seen_at: DateTime<Utc>,
}

/// A price that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// In which market.
    pub market: MarketKey,
    /// Of which outcome.
    pub outcome: Outcome,
    /// At whose.
    pub bookmaker: String,
    /// From; `None` when it was not offered before.
    pub from: Option<Price>,
    /// To; `None` when it was withdrawn.
    pub to: Option<Price>,
    /// When it was received.
    pub at: DateTime<Utc>,
}

/// The codes of an order and a status in the address bar, with their names.
const SORTS: [(GamesSort, &str, &str); 4] = [
    (GamesSort::Start, "", "Start"),
    (GamesSort::Hold, "hold", "Smallest hold"),
    (GamesSort::Moved, "moved", "Last move"),
    (GamesSort::Bookmakers, "bookmakers", "Most bookmakers"),
];
const STATUSES: [(Option<StatusFilter>, &str, &str); 7] = [
    (None, "", "Open"),
    (Some(StatusFilter::Live), "live", "Live"),
    (Some(StatusFilter::Scheduled), "scheduled", "Scheduled"),
    (Some(StatusFilter::Final), "final", "Final"),
    (Some(StatusFilter::Postponed), "postponed", "Postponed"),
    (Some(StatusFilter::Cancelled), "cancelled", "Cancelled"),
    (Some(StatusFilter::All), "all", "All"),
];

impl GamesFilter {
    /// What the address bar says; what it says wrongly does not filter.
    pub fn of(query: &ParamsMap) -> Self {
        let text = |name| query.get_str(name).map(str::trim).filter(|text| !text.is_empty());
        Self {
            sport: text("sport").map(Sport::from_key),
            competition: text("competition").and_then(|id| id.parse().ok()),
            day: text("day").and_then(|day| day.parse().ok()),
            status: text("status")
                .and_then(|code| STATUSES.iter().find(|(_, known, _)| *known == code))
                .and_then(|(status, ..)| *status),
            text: text("q").unwrap_or_default().chars().take(100).collect(),
            sort: text("sort")
                .and_then(|code| SORTS.iter().find(|(_, known, _)| *known == code))
                .map_or_else(GamesSort::default, |(sort, ..)| *sort),
            page: text("page").and_then(|page| page.parse().ok()).unwrap_or(1).max(1),
        }
    }

    /// The address of the same view.
    pub fn address(&self) -> String {
        let query = Query::default()
            .with("q", &self.text)
            .with_known("sport", self.sport.as_ref())
            .with_known("competition", self.competition)
            .with_known("day", self.day)
            .with("status", self.status_code())
            .with("sort", self.sort_code())
            .with_known("page", Some(self.page).filter(|page| *page > 1));
        format!("/games{}", query.text())
    }

    fn status_code(&self) -> &'static str {
        STATUSES
            .iter()
            .find(|(status, ..)| *status == self.status)
            .map_or("", |(_, code, _)| code)
    }

    fn sort_code(&self) -> &'static str {
        SORTS
            .iter()
            .find(|(sort, ..)| *sort == self.sort)
            .map_or("", |(_, code, _)| code)
    }

    fn is_narrow(&self) -> bool {
        Self {
            sort: GamesSort::Start,
            page: 1,
            ..self.clone()
        } != Self {
            page: 1,
            ..Self::default()
        }
    }
}

/// The board.
#[component]
pub fn GamesPage() -> impl IntoView {
    let filter = use_query_map().with_untracked(GamesFilter::of);
    let asked = filter.clone();
    view! {
        <Heading title="Games" follows="boards" />
        {shown(|backend| async move { backend.games(asked).await }, move |games| board(filter, games))}
    }
}

fn board(filter: GamesFilter, view: GamesView) -> AnyView {
    let reader = Reader::current();
    let today = reader.zoned(|zone| zone.date(reader.now()));
    let any = |name: &str| (String::new(), name.to_owned());
    let with_count = |name: String, count: u32| format!("{name} ({count})");
    let sports = std::iter::once(any("All sports"))
        .chain(view.sports.iter().map(|choice| {
            (
                choice.sport.key().to_owned(),
                with_count(choice.sport.name(), choice.count),
            )
        }))
        .collect();
    let competitions = std::iter::once(any("All competitions"))
        .chain(
            view.competitions
                .iter()
                .map(|choice| (choice.id.to_string(), with_count(choice.name.clone(), choice.count))),
        )
        .collect();
    let mut days: Vec<(String, String)> = std::iter::once(any("Any day"))
        .chain(view.days.iter().map(|choice| {
            (
                choice.date.to_string(),
                with_count(write::day_seen_from(choice.date, today), choice.count),
            )
        }))
        .collect();
    if let Some(day) = filter
        .day
        .filter(|day| view.days.iter().all(|choice| choice.date != *day))
    {
        days.push((day.to_string(), write::day_seen_from(day, today)));
    }
    let statuses = STATUSES
        .map(|(_, code, name)| (code.to_owned(), name.to_owned()))
        .to_vec();
    let sorts = SORTS.map(|(_, code, name)| (code.to_owned(), name.to_owned())).to_vec();
    let chosen_sport = filter
        .sport
        .as_ref()
        .map(|sport| sport.key().to_owned())
        .unwrap_or_default();
    let chosen_competition = filter.competition.map(|id| id.to_string()).unwrap_or_default();
    let chosen_day = filter.day.map(|day| day.to_string()).unwrap_or_default();
    let (page, is_narrow) = (filter.page, filter.is_narrow());
    let (status, sort) = (filter.status_code(), filter.sort_code());
    let text = filter.text.clone();
    let body = if view.rows.is_empty() {
        none(is_narrow).into_any()
    } else {
        games_table(view.rows).into_any()
    };
    let pages = Box::new(move |page| GamesFilter { page, ..filter.clone() }.address());
    view! {
        <form method="get" action="/games" class="filters" role="search">
            <div class="field grow">
                <label for="search">"Search"</label>
                <input
                    id="search"
                    name="q"
                    type="search"
                    maxlength="100"
                    placeholder="Team or competition"
                    value=text
                    data-send=""
                />
            </div>
            <Pick name="sport" label="Sport" offers=sports chosen=chosen_sport />
            <Pick name="competition" label="Competition" offers=competitions chosen=chosen_competition />
            <Pick name="day" label="Day" offers=days chosen=chosen_day />
            <Pick name="status" label="Status" offers=statuses chosen=status />
            <Pick name="sort" label="Order" offers=sorts chosen=sort />
            <noscript>
                <button>"Show"</button>
            </noscript>
            {is_narrow.then(|| view! { <a class="button quiet" href="/games">"Clear"</a> })}
        </form>
        <p class="tally">{write::counted(view.total, "game", "games")}</p>
        {body}
        <Pages page=page pages=view.pages address=pages />
    }
    .into_any()
}

fn none(is_narrow: bool) -> impl IntoView {
    if is_narrow {
        view! {
            <Empty title="No game passes this filter">
                <a href="/games">"Show every open game"</a>
            </Empty>
        }
        .into_any()
    } else {
        view! {
            <Empty title="No games yet">
                "They appear as soon as a feed brings them. "
                <a href="/settings/feeds">"Choose feeds and competitions"</a>
                ", or see "
                <a href="/health">"how the feeds do"</a>
                "."
            </Empty>
        }
        .into_any()
    }
}

/// A labelled select of a filter.
#[component]
pub fn Pick(
    /// The name in the address bar.
    name: &'static str,
    /// What is chosen.
    label: &'static str,
    /// Codes and names.
    offers: Vec<(String, String)>,
    /// The code chosen now.
    #[prop(into)]
    chosen: String,
) -> impl IntoView {
    view! {
        <div class="field">
            <label for=format!("pick-{name}")>{label}</label>
            <select id=format!("pick-{name}") name=name data-send="">
                {options(offers, &chosen)}
            </select>
        </div>
    }
}

/// Games as rows: on a wide screen a table, on a narrow one cards.
pub fn games_table(rows: Vec<GameRow>) -> impl IntoView {
    view! {
        <div class="sheet">
            <table class="board cards">
                <caption class="unseen">"Games with the best price of each outcome"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Start"</th>
                        <th scope="col">"Game"</th>
                        <th scope="col" class="number">"Home"</th>
                        <th scope="col" class="number">"Draw"</th>
                        <th scope="col" class="number">"Away"</th>
                        <th scope="col" class="number">
                            <abbr title="What is kept of the turnover at the best prices: 1 - 1 / sum of implied probabilities. Below zero is an arbitrage.">
                                "Hold"
                            </abbr>
                        </th>
                        <th scope="col">"Last move"</th>
                        <th scope="col" class="number">"Books"</th>
                        <th scope="col" class="number">"Age"</th>
                    </tr>
                </thead>
                <tbody>{rows.into_iter().map(game_row).collect_view()}</tbody>
            </table>
        </div>
    }
}

fn game_row(row: GameRow) -> impl IntoView {
    let reader = Reader::current();
    let event = row.event;
    let href = format!("/games/{}", event.id);
    let home = event.participant(Role::Home).map(|team| team.name.clone());
    let away = event.participant(Role::Away).map(|team| team.name.clone());
    let name = match (home, away) {
        (Some(home), Some(away)) => view! {
            <span class="team">{home}</span>
            <span class="team">{away}</span>
        }
        .into_any(),
        _ => event.name().into_any(),
    };
    let today = reader.zoned(|zone| zone.date(reader.now()));
    let starts_at = event.starts_at;
    let start = reader.zoned(|zone| (zone.clock(starts_at), write::day_seen_from(zone.date(starts_at), today)));
    let cells = ["Home", "Draw", "Away"]
        .into_iter()
        .enumerate()
        .map(|(column, label)| {
            let found = row.outcomes.iter().find(|best| column_of(&best.outcome) == column);
            let cell = found
                .zip(row.market.as_ref())
                .map(|(best, market)| best_cell(&event, market, best));
            view! {
                <td class="number price-cell" data-label=label>
                    {cell}
                </td>
            }
        })
        .collect_view();
    let hold_class = match row.hold {
        Some(hold) if hold < 0.0 => "number gain",
        _ => "number",
    };
    let hold = row.hold.map_or_else(|| "–".to_owned(), |hold| write::percent(hold, 2));
    let status = status_badge(&event);
    let demo = demo_badge(event.is_demo);
    let last_move = row.last_move.map(|change| move_text(&event, change));
    view! {
        <tr>
            <td class="start" data-label="Start">
                <span class="strong">{start.0}</span>
                <small class="under">{start.1}</small>
            </td>
            <th scope="row" class="game">
                <a href=href>{name}</a>
                <small class="under">{event.competition.clone()} " " {status} " " {demo}</small>
            </th>
            {cells}
            <td class=hold_class data-label="Hold">{hold}</td>
            <td class="last-move" data-label="Last move">{last_move}</td>
            <td class="number" data-label="Books">{row.bookmakers}</td>
            <td class="number" data-label="Age">{row.seen_at.map(age)}</td>
        </tr>
    }
}

/// In which of the three columns an outcome stands.
const fn column_of(outcome: &Outcome) -> usize {
    match outcome {
        Outcome::Home | Outcome::Over | Outcome::Yes => 0,
        Outcome::Draw => 1,
        _ => 2,
    }
}

fn best_cell(event: &Event, market: &MarketKey, best: &BestOutcome) -> impl IntoView + use<> {
    let label = (!matches!(best.outcome, Outcome::Home | Outcome::Draw | Outcome::Away) || market.line.is_some())
        .then(|| view! { <small class="under">{outcome_name(event, market, &best.outcome)}</small> });
    let id = event.id;
    let chart = Query::default()
        .with("market", &market_code(market))
        .with("outcome", &best.outcome.code())
        .text();
    best.best.clone().map(|best| {
        view! {
            {label}
            <a class="price" href=format!("/games/{id}{chart}#movement")>{priced(best.price)}</a>
            <small class="under">{best.bookmaker}</small>
            {moved_from(best.price, best.previous, best.received_at)}
        }
    })
}

/// A move in words: who, from, to, when.
pub fn move_text(event: &Event, change: Move) -> impl IntoView + use<> {
    let (class, arrow, word) = match (change.from, change.to) {
        (Some(from), Some(to)) if to > from => ("up", "▲", "up"),
        (Some(_), Some(_)) => ("down", "▼", "down"),
        (None, _) => ("", "+", "offered"),
        (_, None) => ("", "×", "withdrawn"),
    };
    view! {
        <span class=class>
            <span aria-hidden="true">{arrow}" "</span>
            <span class="unseen">{word}" "</span>
            {change.from.map(|from| view! { {priced(from)} " → " })}
            {change.to.map(priced)}
        </span>
        <small class="under">
            {outcome_name(event, &change.market, &change.outcome)} ", " {change.bookmaker} ", " {age(change.at)}
        </small>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_survives_the_address_bar() {
        let filter = GamesFilter {
            sport: Some(Sport::BASKETBALL),
            competition: Some(CompetitionId(7)),
            day: "2026-11-21".parse().ok(),
            status: Some(StatusFilter::Live),
            text: "red & blue".into(),
            sort: GamesSort::Hold,
            page: 3,
        };
        let mut query = ParamsMap::new();
        for (name, value) in [
            ("q", "red & blue"),
            ("sport", "basketball"),
            ("competition", "7"),
            ("day", "2026-11-21"),
            ("status", "live"),
            ("sort", "hold"),
            ("page", "3"),
        ] {
            query.insert(name, value.to_owned());
        }
        assert_eq!(GamesFilter::of(&query), filter);
        assert_eq!(
            filter.address(),
            "/games?q=red%20%26%20blue&sport=basketball&competition=7&day=2026-11-21&status=live&sort=hold&page=3"
        );
    }

    #[test]
    fn nonsense_in_the_address_bar_does_not_filter() {
        let mut query = ParamsMap::new();
        for name in ["competition", "day", "status", "sort", "page"] {
            query.insert(name, "nonsense".to_owned());
        }
        assert_eq!(
            GamesFilter::of(&query),
            GamesFilter {
                page: 1,
                ..GamesFilter::default()
            }
        );
    }
}
