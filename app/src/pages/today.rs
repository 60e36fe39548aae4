//! Today: what needs attention now.

use crate::AppError;
use crate::pages::bets::{BetsSum, money};
use crate::pages::games::{GameRow, Move, games_table, move_text};
use crate::pages::health::{FeedHealth, Finding, Level};
use crate::pages::opportunities::{OpportunityRow, opportunity_table};
use crate::parts::{Empty, Heading, count_of, finding, level_mark, shown, sides};
use crate::reader::{Reader, when_known};
use crate::write;
use async_trait::async_trait;
use domain::BookProfile;
use domain::Currency;
use domain::bet::BetMode;
use domain::event::Event;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// What the Today page asks.
#[async_trait]
pub trait TodayPort {
    /// What needs attention now.
    async fn today(&self) -> Result<Today, AppError>;
}

/// What needs attention now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Today {
    /// The best open opportunities by profit, about five.
    pub opportunities: Vec<OpportunityRow>,
    /// How many are open and executable.
    pub executable_count: u32,
    /// How many are open in all.
    pub open_count: u32,
    /// The bookmakers that the opportunities name.
    pub bookmakers: Vec<BookProfile>,
    /// Live and the next to start, about eight.
    pub games: Vec<GameRow>,
    /// How many start on the viewer's calendar day.
    pub games_today: u32,
    /// How many are live now.
    pub live_count: u32,
    /// The largest price moves of the last hour, about six.
    pub moves: Vec<EventMove>,
    /// Every enabled feed.
    pub feeds: Vec<FeedHealth>,
    /// The state of the whole in plain words, worst first.
    pub summary: Vec<Finding>,
    /// Data-quality findings of the last 24 hours with severity error.
    pub errors_24h: u32,
    /// Data-quality findings of the last 24 hours with severity warning.
    pub warnings_24h: u32,
    /// What the open bets come to, by mode and currency.
    pub open_bets: Vec<BetsSum>,
    /// Bets that a person must settle.
    pub bets_to_settle: u32,
    /// What was lost of this day's limit, of real money.
    pub day_loss: DayLoss,
}

/// What a day lost so far, against what it may lose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayLoss {
    /// Paper or real.
    pub mode: BetMode,
    /// In which currency.
    pub currency: Currency,
    /// What this day's settlements lost together, in minor units; zero when they won.
    pub lost: i64,
    /// What the day may lose, in minor units.
    pub limit: i64,
}

/// A move and the event it belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventMove {
    /// Which event.
    pub event: Event,
    /// What moved.
    pub change: Move,
}

/// The first page.
#[component]
pub fn TodayPage() -> impl IntoView {
    view! {
        <Heading title="Today" follows="boards opportunities bets health" />
        {shown(|backend| async move { backend.today().await }, attention)}
    }
}

fn attention(today: Today) -> AnyView {
    let best = today
        .opportunities
        .iter()
        .map(|row| row.found.profit)
        .fold(None, |best: Option<f64>, profit| {
            Some(best.map_or(profit, |best| best.max(profit)))
        });
    let worst = today
        .summary
        .iter()
        .map(|finding| finding.level)
        .max()
        .unwrap_or(Level::Good);
    let (level, mark, word) = level_mark(worst);
    let credits = today
        .feeds
        .iter()
        .filter_map(|feed| feed.credits)
        .map(|credits| credits.remaining)
        .min();
    let enabled = || today.feeds.iter().filter(|feed| feed.is_enabled);
    let feed_note = match (
        enabled().filter(|feed| feed.level != Level::Good).count(),
        enabled().count(),
    ) {
        (_, 0) => "no feed is switched on".to_owned(),
        (0, _) => "every feed answers".to_owned(),
        (failing, count) => format!("{failing} of {count} feeds in trouble"),
    };
    let opportunities = if today.opportunities.is_empty() {
        view! {
            <Empty title="No arbitrage right now">
                "The list fills itself when prices at different bookmakers disagree. "
                <a href="/opportunities?state=closed">"See those that have closed"</a>
            </Empty>
        }
        .into_any()
    } else {
        let stakes = |id| format!("/opportunities?selected={id}#stakes");
        opportunity_table(&today.opportunities, &today.bookmakers, &stakes, None).into_any()
    };
    let games = if today.games.is_empty() {
        view! {
            <Empty title="No games ahead">
                <a href="/settings/feeds">"Choose feeds and competitions"</a>
            </Empty>
        }
        .into_any()
    } else {
        games_table(today.games).into_any()
    };
    let moves = if today.moves.is_empty() {
        view! { <p class="empty">"No price has moved within the last hour."</p> }.into_any()
    } else {
        let moves = today
            .moves
            .into_iter()
            .map(|moved| {
                let event = moved.event;
                view! {
                    <li>
                        <a href=format!("/games/{}", event.id)>{sides(&event)}</a>
                        {move_text(&event, moved.change)}
                    </li>
                }
            })
            .collect_view();
        view! { <ul class="moves">{moves}</ul> }.into_any()
    };
    let feeds = today
        .feeds
        .iter()
        .map(|feed| {
            let (class, mark, word) = level_mark(feed.level);
            view! {
                <li class=class>
                    <span class="mark" aria-hidden="true">{mark}</span>
                    <span class="unseen">{word} ": "</span>
                    <a href="/health">{feed.name.clone()}</a>
                    <small class="under">"last answer " {when_known(feed.last_success_at)}</small>
                </li>
            }
        })
        .collect_view();
    let reader = Reader::current();
    let date = reader.zoned(|zone| write::day(zone.date(reader.now())));
    view! {
        <p class="under">{date}</p>
        <div class="tiles">
            <a class="tile" href="/opportunities?verdict=executable">
                <span class="tile-name">"Open opportunities"</span>
                <span class="tile-value">{count_of(today.executable_count)}</span>
                <span class="tile-note">
                    {format!("executable of {} open", count_of(today.open_count))}
                    {best.map(|best| format!(", best {}", write::signed_percent(best, 2)))}
                </span>
            </a>
            <a class="tile" href="/games">
                <span class="tile-name">"Games today"</span>
                <span class="tile-value">{count_of(today.games_today)}</span>
                <span class="tile-note">{format!("{} live now", count_of(today.live_count))}</span>
            </a>
            {bet_tiles(&today.open_bets, today.bets_to_settle, today.day_loss)}
            <a class="tile" href="/health">
                <span class="tile-name">"Health"</span>
                <span class=format!("tile-value {level}")>
                    <span class="mark" aria-hidden="true">{mark}</span>
                    {word}
                </span>
                <span class="tile-note">{feed_note}</span>
            </a>
            <a class="tile" href="/issues">
                <span class="tile-name">"Data issues, 24 h"</span>
                <span class="tile-value">{count_of(today.errors_24h)}</span>
                <span class="tile-note">{format!("errors, {} warnings", count_of(today.warnings_24h))}</span>
            </a>
            {credits
                .map(|remaining| {
                    view! {
                        <a class="tile" href="/health">
                            <span class="tile-name">"Credits left"</span>
                            <span class="tile-value">{write::count(remaining)}</span>
                            <span class="tile-note">"in this period"</span>
                        </a>
                    }
                })}
        </div>
        <section>
            <header class="heading">
                <h2>"Opportunities"</h2>
                <a href="/opportunities">"All"</a>
            </header>
            {opportunities}
        </section>
        <section>
            <header class="heading">
                <h2>"Live and next"</h2>
                <a href="/games">"All games"</a>
            </header>
            {games}
        </section>
        <div class="two">
            <section class="card">
                <h2>"Largest moves of the last hour"</h2>
                {moves}
            </section>
            <section class="card">
                <h2>"Feeds"</h2>
                <ul class="findings">{feeds}</ul>
                <ul class="findings">
                    {today.summary.into_iter().map(|found| finding(found.level, found.text)).collect_view()}
                </ul>
            </section>
        </div>
    }
    .into_any()
}

fn bet_tiles(open: &[BetsSum], to_settle: u32, day: DayLoss) -> impl IntoView + use<> {
    let (real, paper): (Vec<BetsSum>, Vec<BetsSum>) = open.iter().partition(|sum| sum.mode == BetMode::Real);
    let count = |sums: &[BetsSum]| u32::try_from(sums.iter().map(|sum| sum.count).sum::<i64>()).unwrap_or(u32::MAX);
    let risk = |sums: &[BetsSum]| {
        let parts: Vec<String> = sums.iter().map(|sum| money(sum.open, sum.currency)).collect();
        if parts.is_empty() {
            "nothing".to_owned()
        } else {
            parts.join(" + ")
        }
    };
    let note = format!(
        "{} open; on paper {}, {} open",
        write::count(i64::from(count(&real))),
        risk(&paper),
        write::count(i64::from(count(&paper)))
    );
    view! {
        <a class="tile" href="/bets?status=open">
            <span class="tile-name">"Open risk"</span>
            <span class="tile-value">{risk(&real)}</span>
            <span class="tile-note">{note}</span>
        </a>
        <a class="tile" href="/bets?status=to_settle">
            <span class="tile-name">"To settle"</span>
            <span class="tile-value">{count_of(to_settle)}</span>
            <span class="tile-note">"bets that need a person"</span>
        </a>
        <a class="tile" href=format!("/bets?mode={}&status=settled&sort=settled", day.mode.code())>
            <span class="tile-name">"Lost today"</span>
            <span class="tile-value">{money(day.lost, day.currency)}</span>
            <span class="tile-note">
                {format!("of {} that a day may lose, {}", money(day.limit, day.currency), day.mode.name().to_lowercase())}
            </span>
        </a>
    }
}
