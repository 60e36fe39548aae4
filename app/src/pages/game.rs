//! Game: every market and bookmaker of one event, its line movement, and the board as it was.

use crate::AppError;
use crate::address::{Query, instant_of, market_code, market_of};
use crate::backend::Backend;
use crate::chart::{Chart, Line};
use crate::pages::new_bet::slip_address;
use crate::pages::opportunities::{OpportunityRow, opportunity_table};
use crate::parts::{
    Empty, Heading, demo_badge, market_name, moved_from, number, outcome_name, shown_titled, sides, signed,
    status_badge,
};
use crate::reader::{Reader, age, exactly, priced, shortly};
use crate::write;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::board::{Board, BoardMarket, QuoteFlags};
use domain::event::Event;
use domain::overround::hold;
use domain::{BookProfile, BookmakerId, EventId, MarketKey, Outcome, Price, Quote, QuoteChangeId, Side, SnapshotId};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What the Game page asks.
#[async_trait]
pub trait GamePort {
    /// One event's board, now or as it was known at a time.
    async fn game(&self, event: EventId, as_of: Option<DateTime<Utc>>) -> Result<GameView, AppError>;

    /// How the price of one selection went, at every bookmaker or at one.
    async fn history(&self, query: HistoryQuery) -> Result<HistoryView, AppError>;
}

/// One event's board and what belongs beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GameView {
    /// The board; `board.as_of` is the time asked for, or now.
    pub board: Board,
    /// Grows with every change of the board.
    pub version: i64,
    /// The bookmakers on the board, ordered by name.
    pub bookmakers: Vec<BookProfile>,
    /// Those the viewer can use, by settings; best prices elsewhere are shown, but not marked as theirs.
    pub usable: Vec<BookmakerId>,
    /// The first quote of the event, where there is one: the left end of the slider.
    pub history_from: Option<DateTime<Utc>>,
    /// The last one: the right end.
    pub history_to: Option<DateTime<Utc>>,
    /// Opportunities of this event that are open (none when the board is of the past).
    pub opportunities: Vec<OpportunityRow>,
}

/// Which selection's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryQuery {
    /// Of which event.
    pub event: EventId,
    /// In which market.
    pub market: MarketKey,
    /// Of which outcome.
    pub outcome: Outcome,
    /// Back or lay.
    pub side: Side,
    /// At one bookmaker; left out, at all of them.
    #[serde(default)]
    pub bookmaker: Option<BookmakerId>,
    /// Nothing received later; left out, now.
    #[serde(default)]
    pub as_of: Option<DateTime<Utc>>,
}

/// How the price of one selection went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryView {
    /// Of which event.
    pub event: Event,
    /// Until when: the time asked for, or now.
    pub as_of: DateTime<Utc>,
    /// One per bookmaker, ordered by name. At most 2000 points in all; the oldest go first.
    pub series: Vec<Series>,
    /// True when older points were left out.
    pub is_cut: bool,
}

/// One bookmaker's prices for one selection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Whose.
    pub bookmaker: BookProfile,
    /// Through which feed.
    pub feed: String,
    /// In the order they were received.
    pub points: Vec<QuotePoint>,
}

/// One row of the price history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotePoint {
    /// Which row.
    pub change_id: QuoteChangeId,
    /// The snapshot behind it.
    pub snapshot_id: SnapshotId,
    /// The price from here on; `None` when it was withdrawn.
    pub price: Option<Price>,
    /// As it was received; empty when withdrawn.
    pub price_text: String,
    /// When the book says it updated.
    pub source_at: Option<DateTime<Utc>>,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// What validation found.
    pub flags: QuoteFlags,
    /// The row that this one corrects.
    pub supersedes: Option<QuoteChangeId>,
}

/// One event's board, and the history of the selection that its chart shows.
async fn load(
    backend: Arc<dyn Backend>,
    event: EventId,
    as_of: Option<DateTime<Utc>>,
    asked: (Option<MarketKey>, Option<Outcome>),
) -> Result<(GameView, Option<Movement>), AppError> {
    let game = backend.game(event, as_of).await?;
    let Some((market, outcome)) = charted(&game.board, asked) else {
        return Ok((game, None));
    };
    let query = HistoryQuery {
        event,
        market: market.clone(),
        outcome: outcome.clone(),
        side: Side::Back,
        bookmaker: None,
        as_of,
    };
    let history = backend.history(query).await?;
    Ok((
        game,
        Some(Movement {
            market,
            outcome,
            history,
        }),
    ))
}

/// A selection and how its price went.
struct Movement {
    market: MarketKey,
    outcome: Outcome,
    history: HistoryView,
}

/// The selection that the chart shows: the one asked for, else the first outcome of the first market.
fn charted(board: &Board, (market, outcome): (Option<MarketKey>, Option<Outcome>)) -> Option<(MarketKey, Outcome)> {
    let found = market.and_then(|key| board.markets.iter().find(|market| market.key == key));
    let market = found.or_else(|| board.markets.first())?;
    let outcomes = outcomes_of(market);
    let outcome = outcome
        .filter(|outcome| outcomes.contains(outcome))
        .or_else(|| outcomes.first().cloned())?;
    Some((market.key.clone(), outcome))
}

/// The outcomes of a market in the order they are shown: those its kind fixes, then others as they come.
fn outcomes_of(market: &BoardMarket) -> Vec<Outcome> {
    let mut outcomes = market.key.kind.outcomes().map(<[Outcome]>::to_vec).unwrap_or_default();
    for quote in &market.quotes {
        if !outcomes.contains(&quote.outcome) {
            outcomes.push(quote.outcome.clone());
        }
    }
    outcomes
}

/// One event: every market and bookmaker.
#[component]
pub fn GamePage() -> impl IntoView {
    let event = number("id").map_or(EventId(0), EventId);
    let query = use_query_map().get_untracked();
    // The right end of the slider is now, and a little beyond.
    let is_past = |at: &DateTime<Utc>| *at < Reader::current().now();
    let as_of = query.get_str("as_of").and_then(instant_of).filter(is_past);
    let asked = (
        query.get_str("market").and_then(market_of),
        query.get_str("outcome").map(Outcome::from_code),
    );
    shown_titled(
        "Game",
        move |backend| load(backend, event, as_of, asked),
        move |(game, movement)| game_view(game, movement, as_of),
    )
}

fn game_view(game: GameView, charted: Option<Movement>, as_of: Option<DateTime<Utc>>) -> AnyView {
    let event = game.board.event.clone();
    let selection = charted
        .as_ref()
        .map(|charted| (market_code(&charted.market), charted.outcome.code()));
    let slider = as_of_slider(&game, as_of, selection);
    let chart = charted.map(|charted| movement(&game.board, charted, as_of));
    let opportunities = (!game.opportunities.is_empty()).then(|| {
        let stakes = |id| format!("/opportunities?selected={id}#stakes");
        view! {
            <section>
                <h2>"Open opportunities"</h2>
                {opportunity_table(&game.opportunities, &game.bookmakers, &stakes, None)}
            </section>
        }
    });
    let groups = groups_of(&game.board);
    let anchors = groups
        .iter()
        .map(|(name, anchor, markets)| {
            view! {
                <a href=format!("#{anchor}")>{name.clone()} <span class="under">{markets.len()}</span></a>
            }
        })
        .collect_view();
    let sections = groups
        .into_iter()
        .map(|(name, anchor, markets)| {
            let cards = markets
                .into_iter()
                .map(|market| market_card(&game, market, as_of))
                .collect_view();
            view! {
                <section id=anchor>
                    <h2>{name}</h2>
                    <div class="markets">{cards}</div>
                </section>
            }
        })
        .collect_view();
    let nothing = game.board.markets.is_empty().then(|| {
        view! {
            <Empty title="No prices">
                {if as_of.is_some() {
                    "Nothing had been received by this time. Move the slider to the right, or go back to now."
                } else {
                    "They appear as soon as a bookmaker offers them."
                }}
            </Empty>
        }
    });
    let badges = view! { <span class="game-line">{status_badge(&event)} " " {demo_badge(event.is_demo)}</span> };
    view! {
        <Heading title=sides(&event) follows=as_of.map_or_else(|| format!("board:{}", event.id), |_| String::new())>
            {as_of.is_none().then(|| view! { <a class="button quiet" href=slip_address(event.id, None)>"Log a bet"</a> })}
            {badges}
        </Heading>
        <p class="under">
            {event.competition.clone()} " · " {shortly(event.starts_at)} " · "
            {write::counted(u32::try_from(game.bookmakers.len()).unwrap_or(u32::MAX), "bookmaker", "bookmakers")} " · "
            <a href=format!("/issues?event={}", event.id)>"Issues"</a>
        </p>
        {slider}
        {opportunities}
        {chart}
        <nav class="anchors" aria-label="Markets">{anchors}</nav>
        {nothing}
        {sections}
    }
    .into_any()
}

/// The markets by kind and period, with a name and an anchor for each group.
fn groups_of(board: &Board) -> Vec<(String, String, Vec<&BoardMarket>)> {
    let mut groups: Vec<(String, String, Vec<&BoardMarket>)> = Vec::new();
    for market in &board.markets {
        let plain = MarketKey {
            line: None,
            participant: None,
            ..market.key.clone()
        };
        let anchor: String = format!("{}-{}", plain.kind.code(), plain.period.code())
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        match groups.iter_mut().find(|(_, known, _)| *known == anchor) {
            Some((_, _, markets)) => markets.push(market),
            None => groups.push((market_name(&plain), anchor, vec![market])),
        }
    }
    groups
}

/// The way through time, up to now: a slider that is a form.
fn as_of_slider(
    game: &GameView,
    as_of: Option<DateTime<Utc>>,
    pairs: Option<(String, String)>,
) -> Option<impl IntoView + use<>> {
    let reader = Reader::current();
    let from = game.history_from?;
    let to = game.history_to?.max(reader.now());
    let from_ms = from.timestamp_millis();
    let step_ms = ((to - from).num_milliseconds() / 500).max(1_000);
    let to_ms = from_ms + (to.timestamp_millis() - from_ms + step_ms - 1) / step_ms * step_ms;
    let value_ms = as_of.map_or(to_ms, |at| at.timestamp_millis());
    let path = format!("/games/{}", game.board.event.id);
    let now_path = match &pairs {
        Some((market, outcome)) => {
            path.clone() + &Query::default().with("market", market).with("outcome", outcome).text()
        }
        None => path.clone(),
    };
    let hidden = pairs.map(|(market, outcome)| {
        view! {
            <input type="hidden" name="market" value=market />
            <input type="hidden" name="outcome" value=outcome />
        }
    });
    let text = match as_of {
        Some(at) => reader.zoned(|zone| zone.exact(at)),
        None => "now".to_owned(),
    };
    Some(view! {
        <form class="as-of" class:past=as_of.is_some() method="get" action=path>
            {hidden}
            <label for="as-of">"As of"</label>
            <input
                id="as-of"
                name="as_of"
                type="range"
                min=from_ms.to_string()
                max=to_ms.to_string()
                step=step_ms.to_string()
                value=value_ms.to_string()
                autocomplete="off"
                aria-valuetext=text.clone()
                data-send="sliding"
            />
            <output for="as-of">{text}</output>
            <noscript>
                <button>"Show"</button>
            </noscript>
            {as_of.is_some().then(|| view! { <a class="button quiet" href=now_path>"Back to now"</a> })}
        </form>
    })
}

/// The line movement of one selection.
fn movement(board: &Board, charted: Movement, as_of: Option<DateTime<Utc>>) -> impl IntoView + use<> {
    let Movement {
        market,
        outcome,
        history,
    } = &charted;
    let event = &board.event;
    let outcomes = board
        .markets
        .iter()
        .find(|found| found.key == *market)
        .map(outcomes_of)
        .unwrap_or_default();
    let tabs = outcomes
        .into_iter()
        .map(|other| {
            let href = selection_address(event.id, market, &other, as_of);
            let is_shown = other == *outcome;
            view! {
                <a href=href aria-current=is_shown.then_some("true")>{outcome_name(event, market, &other)}</a>
            }
        })
        .collect_view();
    let title = format!(
        "Line movement: {}, {}",
        market_name(market),
        outcome_name(event, market, outcome)
    );
    view! {
        <section class="card" id="movement">
            <header class="heading">
                <h2>"Line movement"</h2>
                <span class="under">{market_name(market)}</span>
                <nav class="anchors" aria-label="Outcome of the chart">{tabs}</nav>
            </header>
            {price_chart(title, history)}
            {history.is_cut.then(|| view! { <p class="under">"Older prices are left out."</p> })}
            <details>
                <summary>"The same as a table"</summary>
                {price_table(history)}
            </details>
        </section>
    }
}

/// The address of the game page with one selection in its chart.
fn selection_address(event: EventId, market: &MarketKey, outcome: &Outcome, as_of: Option<DateTime<Utc>>) -> String {
    let query = Query::default()
        .with("market", &market_code(market))
        .with("outcome", &outcome.code())
        .with_known("as_of", as_of.map(write::rfc3339));
    format!("/games/{event}{}#movement", query.text())
}

/// A chart of prices, one line per bookmaker, labelled in the reader's format.
pub fn price_chart(title: String, history: &HistoryView) -> impl IntoView + use<> {
    let reader = Reader::current();
    let lines = history
        .series
        .iter()
        .map(|series| Line {
            name: series.bookmaker.name.clone(),
            points: series
                .points
                .iter()
                .map(|point| (point.received_at, point.price.map(Price::as_f64)))
                .collect(),
        })
        .collect();
    let label = Box::new(move |value: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a float beyond the range becomes its end, which is no price"
        )]
        let price = Price::from_micros((value * Price::SCALE as f64).round() as i64);
        price.map_or_else(|_| String::new(), |price| reader.price(price))
    });
    let unit = format!("Price ({})", reader.odds_format().name().to_lowercase());
    view! { <Chart title unit lines until=history.as_of label /> }
}

/// The rows of a price history, the latest first.
pub fn price_table(history: &HistoryView) -> impl IntoView + use<> {
    let mut rows = Vec::new();
    for series in &history.series {
        let mut before = None;
        for point in &series.points {
            rows.push((series, point, before));
            before = point.price;
        }
    }
    rows.sort_by_key(|(_, point, _)| std::cmp::Reverse((point.received_at, point.change_id)));
    let rows = rows
        .into_iter()
        .map(|(series, point, before)| {
            let (class, arrow) = match (before, point.price) {
                (Some(before), Some(price)) if price > before => ("up", "▲ "),
                (Some(before), Some(price)) if price < before => ("down", "▼ "),
                _ => ("", ""),
            };
            let price = point.price.map_or_else(|| "withdrawn".into_any(), |price| priced(price).into_any());
            view! {
                <tr>
                    <td data-label="Received">{exactly(point.received_at)}</td>
                    <th scope="row">
                        {series.bookmaker.name.clone()}
                        <small class="under">{series.feed.clone()}</small>
                    </th>
                    <td class="number" data-label="Price">
                        <span class=class>
                            <span aria-hidden="true">{arrow}</span>
                            {price}
                        </span>
                    </td>
                    <td class="number" data-label="From">{before.map(priced)}</td>
                    <td class="number" data-label="As received">{point.price_text.clone()}</td>
                    <td data-label="Book's time">{point.source_at.map(exactly)}</td>
                    <td data-label="Flags">{flag_names(point.flags).join(", ")}</td>
                    <td class="number" data-label="Snapshot">
                        <a href=format!("/snapshots/{}", point.snapshot_id)>{point.snapshot_id.to_string()}</a>
                        {point.supersedes.map(|row| view! { <small class="under">"corrects row " {row.to_string()}</small> })}
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="sheet">
            <table class="cards dense">
                <caption class="unseen">"Price history"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Received"</th>
                        <th scope="col">"Bookmaker"</th>
                        <th scope="col" class="number">"Price"</th>
                        <th scope="col" class="number">"From"</th>
                        <th scope="col" class="number">"As received"</th>
                        <th scope="col">"Book's time"</th>
                        <th scope="col">"Flags"</th>
                        <th scope="col" class="number">"Snapshot"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// What validation found, in words.
fn flag_names(flags: QuoteFlags) -> Vec<&'static str> {
    [
        (QuoteFlags::OVERROUND_LOW, "margin suspiciously low"),
        (QuoteFlags::OVERROUND_HIGH, "margin suspiciously high"),
        (QuoteFlags::PRICE_OUT_OF_RANGE, "price out of range"),
        (QuoteFlags::INCOMPLETE_MARKET, "an outcome is missing"),
        (QuoteFlags::LINE_JUMP, "line jumped"),
        (QuoteFlags::TIME_IN_FUTURE, "time in the future"),
    ]
    .into_iter()
    .filter(|(flag, _)| flags.contains(*flag))
    .map(|(_, name)| name)
    .collect()
}

/// Every bookmaker's prices for one market: bookmakers down, outcomes across, lay prices apart.
fn market_card(game: &GameView, market: &BoardMarket, as_of: Option<DateTime<Utc>>) -> impl IntoView + use<> {
    let event = &game.board.event;
    let outcomes = outcomes_of(market);
    let laid: Vec<Outcome> = outcomes
        .iter()
        .filter(|outcome| {
            market
                .quotes
                .iter()
                .any(|quote| quote.side == Side::Lay && quote.outcome == **outcome)
        })
        .cloned()
        .collect();
    let can_use = |quote: &Quote| game.usable.is_empty() || game.usable.contains(&quote.bookmaker_id);
    let best: Vec<Option<&Quote>> = outcomes
        .iter()
        .map(|outcome| market.best_back(outcome, can_use))
        .collect();
    let title = match (market.key.line, market.key.participant.as_deref()) {
        (Some(line), None) if market.key.kind == domain::MarketKind::Spread => signed(line),
        (Some(line), None) => line.to_string(),
        (Some(line), Some(whose)) => format!("{whose} {line}"),
        (None, Some(whose)) => whose.to_owned(),
        (None, None) => market_name(&market.key),
    };
    let covers = market.covering_outcomes();
    let hold_of = |prices: &[Option<Price>]| {
        let all: Option<Vec<Price>> = prices.iter().copied().collect();
        all.filter(|prices| covers.as_ref().is_some_and(|covers| covers.len() == prices.len()))
            .map(|prices| hold(&prices))
    };
    let heads = outcomes
        .iter()
        .map(|outcome| {
            let href = selection_address(event.id, &market.key, outcome, as_of);
            view! {
                <th scope="col" class="number">
                    <a href=href title="Show its line movement">{outcome_name(event, &market.key, outcome)}</a>
                </th>
            }
        })
        .collect_view();
    let lay_heads = laid
        .iter()
        .map(|outcome| {
            view! { <th scope="col" class="number lay">"Lay " {outcome_name(event, &market.key, outcome)}</th> }
        })
        .collect_view();
    let best_hold = hold_of(
        &best
            .iter()
            .map(|quote| quote.map(|quote| quote.price))
            .collect::<Vec<_>>(),
    );
    let rows = game
        .bookmakers
        .iter()
        .filter_map(|book| {
            let quote_for = |outcome: &Outcome, side| {
                let matches =
                    |quote: &&Quote| quote.bookmaker_id == book.id && quote.side == side && quote.outcome == *outcome;
                market
                    .quotes
                    .iter()
                    .filter(matches)
                    .max_by_key(|quote| (quote.last_seen_at, quote.price))
            };
            let backs: Vec<_> = outcomes.iter().map(|outcome| quote_for(outcome, Side::Back)).collect();
            let lays: Vec<_> = laid.iter().map(|outcome| quote_for(outcome, Side::Lay)).collect();
            let seen_at = backs
                .iter()
                .chain(&lays)
                .flatten()
                .map(|quote| quote.last_seen_at)
                .max()?;
            let own_hold = hold_of(
                &backs
                    .iter()
                    .map(|quote| quote.map(|quote| quote.price))
                    .collect::<Vec<_>>(),
            );
            let cells = backs
                .iter()
                .zip(&best)
                .zip(&outcomes)
                .map(|((quote, best), outcome)| {
                    let is_best = quote
                        .zip(*best)
                        .is_some_and(|(quote, best)| quote.price == best.price && can_use(quote));
                    quote_cell(event, &market.key, outcome, *quote, is_best, as_of)
                })
                .collect_view();
            let lay_cells = lays
                .iter()
                .zip(&laid)
                .map(|(quote, outcome)| quote_cell(event, &market.key, outcome, *quote, false, as_of))
                .collect_view();
            let is_usable = game.usable.is_empty() || game.usable.contains(&book.id);
            let kind =
                (book.kind != domain::BookKind::Retail).then(|| view! { <span class="kind">{book.kind.code()}</span> });
            Some(view! {
                <tr class:unusable=!is_usable>
                    <th scope="row">{book.name.clone()} {kind}</th>
                    {cells}
                    {lay_cells}
                    <td class="number under">{own_hold.map(|hold| write::percent(hold, 1))}</td>
                    <td class="number under">{age(seen_at)}</td>
                </tr>
            })
        })
        .collect_view();
    let best_cells = best
        .iter()
        .map(|quote| view! { <td class="number">{quote.map(|quote| priced(quote.price))}</td> })
        .collect_view();
    let lay_blanks = laid.iter().map(|_| view! { <td></td> }).collect_view();
    let best_class = if best_hold.is_some_and(|hold| hold < 0.0) {
        "number gain"
    } else {
        "number"
    };
    view! {
        <div class="sheet market" tabindex="0" role="group" aria-label=market_name(&market.key)>
            <table class="dense matrix">
                <caption>{title}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Bookmaker"</th>
                        {heads}
                        {lay_heads}
                        <th scope="col" class="number">"Hold"</th>
                        <th scope="col" class="number">"Age"</th>
                    </tr>
                </thead>
                <tbody>
                    <tr class="best-row">
                        <th scope="row">"Best"</th>
                        {best_cells}
                        {lay_blanks}
                        <td class=best_class>{best_hold.map(|hold| write::percent(hold, 1))}</td>
                        <td></td>
                    </tr>
                    {rows}
                </tbody>
            </table>
        </div>
    }
}

/// One price: best marked, what validation found at hand, a link to its history.
fn quote_cell(
    event: &Event,
    market: &MarketKey,
    outcome: &Outcome,
    quote: Option<&Quote>,
    is_best: bool,
    as_of: Option<DateTime<Utc>>,
) -> impl IntoView + use<> {
    let class = match quote {
        Some(quote) if quote.side == Side::Lay => "number lay",
        Some(_) if is_best => "number best",
        _ => "number",
    };
    let price = quote.map(|quote| {
        let flags = flag_names(quote.flags);
        let title = format!(
            "{}as received: {}, received {}",
            flags.iter().map(|flag| format!("{flag}; ")).collect::<String>(),
            quote.price_text,
            write::rfc3339(quote.received_at),
        );
        let query = Query::default()
            .with("market", &market_code(market))
            .with("outcome", &outcome.code())
            .with("side", quote.side.code())
            .with_known("bookmaker", Some(quote.bookmaker_id))
            .with_known("as_of", as_of.map(write::rfc3339));
        let flagged = (!flags.is_empty()).then(|| {
            view! {
                <span class="flag" aria-hidden="true">"⚑"</span>
                <span class="unseen">{format!("flagged: {}", flags.join(", "))}</span>
            }
        });
        view! {
            {flagged}
            <a class="price" href=format!("/games/{}/prices{}", event.id, query.text()) title=title>
                {is_best.then(|| view! { <span class="unseen">"best "</span> })}
                {priced(quote.price)}
            </a>
            {moved_from(quote.price, quote.previous, quote.received_at)}
        }
    });
    view! { <td class=class>{price}</td> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::MarketKind;

    #[test]
    fn the_chart_shows_the_first_outcome_when_the_one_asked_for_is_not_there() {
        let event = Event {
            id: EventId(1),
            sport: domain::Sport::TENNIS,
            competition_id: domain::CompetitionId(1),
            competition: "Open".into(),
            participants: Vec::new(),
            starts_at: DateTime::UNIX_EPOCH,
            status: domain::EventStatus::Scheduled,
            score: None,
            is_demo: false,
        };
        let market = BoardMarket {
            key: MarketKey::plain(MarketKind::Moneyline),
            quotes: Vec::new(),
        };
        let board = Board {
            event,
            as_of: DateTime::UNIX_EPOCH,
            markets: vec![market],
        };
        let shown = charted(&board, (Some(MarketKey::plain(MarketKind::Total)), Some(Outcome::Over)));
        assert_eq!(shown, Some((MarketKey::plain(MarketKind::Moneyline), Outcome::Home)));
        assert_eq!(
            charted(
                &Board {
                    markets: Vec::new(),
                    ..board
                },
                (None, None)
            ),
            None
        );
    }
}
