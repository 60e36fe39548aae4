//! Performance: where a bettor stands, whether their prices are sharp, and where the profit comes from.
//!
//! Every figure leads to the bets it was reckoned from, says how many these are, and says nothing of too few.

use crate::AppError;
use crate::chart::{Chart, Column, Columns, Line, balance_bar};
use crate::pages::bets::{BetOffers, BetsFilter, BetsSort, BetsStatus, gain, money, picks, ppm, signed_money};
use crate::parts::{Empty, Heading, shown};
use crate::reader::{Reader, shortly};
use crate::write;
use async_trait::async_trait;
use chrono::{Months, NaiveDate};
use domain::bet::{BetKind, BetMode};
use domain::close::CloseGrade;
use domain::performance::{
    Bucket, Clv, ClvOfGrade, Estimate, MIN_BETS, Performance, Point, Split, SplitBy, SplitRow, Traced,
};
use domain::{BetId, Currency, MarketKind, Sport};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use std::sync::Arc;

/// What the page of performance asks.
#[async_trait]
pub trait PerformancePort {
    /// How the reader's bets went that pass a filter. Without a mode it is real money once there is any, else paper.
    async fn performance(&self, filter: BetsFilter) -> Result<PerformanceView, AppError>;
}

/// How bets went.
#[derive(Clone, Debug, PartialEq)]
pub struct PerformanceView {
    /// Paper or real: they are never mixed.
    pub mode: BetMode,
    /// The figures.
    pub found: Arc<Performance>,
    /// What to choose from, and how strategies and bookmakers are called.
    pub offers: BetOffers,
}

/// How the reader's bets went.
#[component]
pub fn PerformancePage() -> impl IntoView {
    let filter = BetsFilter {
        status: None,
        text: String::new(),
        sort: BetsSort::default(),
        page: 1,
        ..BetsFilter::of(&use_query_map().get_untracked())
    };
    let asked = filter.clone();
    view! {
        <Heading title="Performance" follows="bets">
            <a class="button quiet" href="/bets">"Bets"</a>
            <a class="button quiet" href="/bankroll">"Bankroll"</a>
        </Heading>
        {shown(|backend| async move { backend.performance(asked).await }, move |view| page(filter, &view))}
    }
}

fn address(filter: &BetsFilter) -> String {
    format!("/performance{}", filter.query())
}

/// The bets that a figure is about.
fn settled_bets(filter: &BetsFilter) -> BetsFilter {
    BetsFilter {
        status: Some(BetsStatus::Settled),
        sort: BetsSort::Settled,
        ..filter.clone()
    }
}

fn page(mut filter: BetsFilter, view: &PerformanceView) -> AnyView {
    filter.mode = Some(view.mode);
    let tab = |mode: BetMode| {
        let other = BetsFilter {
            mode: Some(mode),
            ..filter.clone()
        };
        view! { <a href=address(&other) aria-current=(mode == view.mode).then_some("page")>{mode.name()}</a> }
    };
    let whole = BetsFilter {
        mode: filter.mode,
        ..BetsFilter::default()
    };
    let is_narrow = filter
        != BetsFilter {
            page: filter.page,
            ..whole.clone()
        };
    let found = &*view.found;
    let body = if found.settled.bets == 0 {
        nothing_settled(found, is_narrow.then(|| address(&whole))).into_any()
    } else {
        view! {
            {where_you_stand(&filter, found)}
            {are_you_sharp(&filter, found)}
            {where_profit_comes_from(&filter, view)}
            {how_it_is_reckoned(found)}
        }
        .into_any()
    };
    view! {
        <nav class="tabs" aria-label="Paper or real money">
            {BetMode::ALL.iter().map(|mode| tab(*mode)).collect_view()}
        </nav>
        <form method="get" action="/performance" class="filters">
            <input type="hidden" name="mode" value=view.mode.code() />
            {picks(&filter, &view.offers)}
            <noscript>
                <button>"Show"</button>
            </noscript>
            {is_narrow.then(|| view! { <a class="button quiet" href=address(&whole)>"Clear"</a> })}
        </form>
        {left_out(found)}
        {body}
    }
    .into_any()
}

fn nothing_settled(found: &Performance, whole: Option<String>) -> impl IntoView + use<> {
    let open = write::counted(found.open_bets, "bet is", "bets are");
    let has_open = found.open_bets > 0;
    view! {
        <Empty title="No settled bets here yet">
            {has_open.then(|| format!("{open} open; what became of them is shown here once they are settled. "))}
            {match whole {
                Some(whole) => view! { <a href=whole>"Show all"</a> }.into_any(),
                None => view! { <a href="/bets/new">"Record a bet"</a> }.into_any(),
            }}
        </Empty>
    }
}

fn left_out(found: &Performance) -> Option<impl IntoView + use<>> {
    let bets = found.without_rate;
    (bets > 0).then(|| {
        view! {
            <p class="strip warn">
                {write::counted(bets, "bet is", "bets are")}
                " left out: nothing says what their currency was worth in "
                {found.currency.to_string()}
                " on the day they were placed. "
                <a href="/bankroll#rates">"Add an exchange rate"</a>
            </p>
        }
    })
}

/// A sum as an amount; one beyond all measure is cut to what can be held.
fn held(minor: i128) -> i64 {
    i64::try_from(minor).unwrap_or(if minor < 0 { i64::MIN } else { i64::MAX })
}

fn sum(minor: i128, currency: Currency) -> String {
    money(held(minor), currency)
}

fn signed_sum(minor: i128, currency: Currency) -> String {
    signed_money(held(minor), currency)
}

/// `12 of 30 bets`: why nothing is said.
fn too_few(bets: u32) -> String {
    format!("not enough bets to say: {bets} of {MIN_BETS}")
}

fn between(estimate: Estimate, write: &dyn Fn(f64) -> String) -> String {
    estimate.interval.map_or_else(
        || "no interval: all went alike".to_owned(),
        |interval| format!("95 %: {} to {}", write(interval.low), write(interval.high)),
    )
}

fn signed_share(share: f64) -> String {
    write::signed_percent(share, 1)
}

fn plain_share(share: f64) -> String {
    write::percent(share, 1)
}

/// An effect with its interval, or of how many bets nothing can be said; short enough for a table.
fn estimated(estimate: Option<Estimate>, bets: u32, write: &dyn Fn(f64) -> String) -> impl IntoView + use<> {
    let (value, under) = match estimate {
        Some(estimate) => {
            let interval = estimate.interval;
            let shown = interval.map(|interval| format!("{} to {}", write(interval.low), write(interval.high)));
            (write(estimate.value), shown.unwrap_or_else(|| "all alike".to_owned()))
        }
        None => ("–".to_owned(), format!("{bets} of {MIN_BETS} bets")),
    };
    view! {
        {value}
        <small class="under">{under}</small>
    }
}

fn tile(name: &'static str, value: String, note: String, class: &str, href: String) -> impl IntoView + use<> {
    view! {
        <a class="tile" href=href>
            <span class="tile-name">{name}</span>
            <span class=format!("tile-value {class}")>{value}</span>
            <span class="tile-note">{note}</span>
        </a>
    }
}

/// What the yield says in words.
fn yield_words(found: &Performance) -> String {
    let settled = &found.settled;
    let bets = write::counted(settled.bets, "settled bet", "settled bets");
    let came_to = match settled.profit {
        0 => "came out even".to_owned(),
        1.. => format!("won {}", sum(settled.profit, found.currency)),
        _ => format!("lost {}", sum(-settled.profit, found.currency)),
    };
    let says = match settled.yield_of() {
        None => format!("{MIN_BETS} bets are the least from which anything can be said about the next ones"),
        Some(estimate) => match estimate.interval {
            Some(interval) if interval.low > 0.0 => "luck alone hardly explains that".to_owned(),
            Some(interval) if interval.high < 0.0 => "bad luck alone hardly explains that".to_owned(),
            _ => "luck may explain all of it".to_owned(),
        },
    };
    format!("{bets} {came_to}; {says}.")
}

fn where_you_stand(filter: &BetsFilter, found: &Performance) -> impl IntoView + use<> {
    let currency = found.currency;
    let settled = &found.settled;
    let bets = settled_bets(filter).address();
    let open = BetsFilter {
        status: Some(BetsStatus::Open),
        ..filter.clone()
    }
    .address();
    let estimate = settled.yield_of();
    let yield_note = estimate.map_or_else(|| too_few(settled.bets), |estimate| between(estimate, &signed_share));
    let drawdown = &found.drawdown;
    let bottom = drawdown
        .bottom
        .map_or_else(|| bets.clone(), |(id, _)| format!("/bets/{id}"));
    let fell_at = drawdown.bottom.map_or_else(
        || "never below its highest".to_owned(),
        |(_, at)| {
            let day = Reader::current().zoned(|zone| write::day(zone.date(at)));
            format!("deepest, {day}; now {} below", money(drawdown.now, currency))
        },
    );
    let expected = if found.with_edge.bets == 0 {
        tile(
            "Expected",
            "–".to_owned(),
            "no bet had a known edge".to_owned(),
            "",
            bets.clone(),
        )
        .into_any()
    } else {
        let made = signed_sum(found.with_edge.profit, currency);
        let of = write::counted(found.with_edge.bets, "bet", "bets");
        tile(
            "Expected",
            signed_sum(found.expected, currency),
            format!("by the edge of {of}, which made {made}"),
            "",
            bets.clone(),
        )
        .into_any()
    };
    view! {
        <section>
            <h2>"Where you stand"</h2>
            <p>{yield_words(found)}</p>
            <div class="tiles">
                {tile(
                    "Profit",
                    signed_sum(settled.profit, currency),
                    format!("on {} at risk", sum(settled.at_risk, currency)),
                    gain(held(settled.profit)),
                    bets.clone(),
                )}
                {tile(
                    "Yield",
                    estimate.map_or_else(|| "–".to_owned(), |estimate| signed_share(estimate.value)),
                    yield_note,
                    "",
                    bets.clone(),
                )}
                {expected}
                {tile("Drawdown", money(drawdown.deepest, currency), fell_at, "", bottom)}
                {tile(
                    "If every open bet loses",
                    money(drawdown.now_if_all_lost, currency),
                    format!(
                        "below the highest; {} at risk in {}",
                        money(found.open_at_risk, currency),
                        write::counted(found.open_bets, "open bet", "open bets"),
                    ),
                    "",
                    open,
                )}
            </div>
            {profit_chart(found)}
            {fall_chart(found)}
            {points_table(found)}
            <p class="under">{endings(found)}</p>
        </section>
    }
}

/// `12 won, 3 lost`.
fn endings(found: &Performance) -> String {
    let ends: Vec<String> = found
        .outcomes
        .iter()
        .map(|(end, bets)| format!("{} {}", write::count(i64::from(*bets)), end.name().to_lowercase()))
        .collect();
    format!("How they ended: {}.", ends.join(", "))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "labels of a chart are of amounts that are held in whole minor units"
)]
fn amount_label(currency: Currency) -> Box<dyn Fn(f64) -> String> {
    Box::new(move |minor| money(minor.round() as i64, currency))
}

fn line_of(name: &str, points: &[Point], value: impl Fn(&Point) -> i64) -> Line {
    let mut held: Vec<(_, Option<f64>)> = Vec::with_capacity(points.len());
    for point in points {
        let value = Some(value(point) as f64);
        // Bets that were settled at the same time are one step.
        match held.last_mut() {
            Some(last) if last.0 == point.at => last.1 = value,
            _ => held.push((point.at, value)),
        }
    }
    Line {
        name: name.to_owned(),
        points: held,
    }
}

fn profit_chart(found: &Performance) -> impl IntoView + use<> {
    let mut lines = vec![line_of("Profit", &found.series, |point| point.profit)];
    if found.with_edge.bets > 0 {
        lines.push(line_of("Expected", &found.series, |point| point.expected));
        if found.with_edge.bets < found.settled.bets {
            let of_expected = |point: &Point| point.profit_of_expected;
            lines.push(line_of("Profit of bets with a known edge", &found.series, of_expected));
        }
    }
    let until = found
        .series
        .last()
        .map_or_else(|| Reader::current().now(), |last| last.at);
    view! {
        <Chart
            title="Profit and expected profit after each settled bet".to_owned()
            unit=format!("Profit ({})", found.currency)
            lines
            until
            label=amount_label(found.currency)
        />
    }
}

fn fall_chart(found: &Performance) -> impl IntoView + use<> {
    let until = found
        .series
        .last()
        .map_or_else(|| Reader::current().now(), |last| last.at);
    view! {
        <Chart
            title="How far the profit was below its highest".to_owned()
            unit=format!("Drawdown ({})", found.currency)
            lines=vec![line_of("Below the highest", &found.series, |point| -point.below_peak)]
            until
            label=amount_label(found.currency)
        />
    }
}

fn points_table(found: &Performance) -> impl IntoView + use<> {
    let currency = found.currency;
    let rows = found
        .series
        .iter()
        .rev()
        .map(|point| {
            view! {
                <tr>
                    <th scope="row">{shortly(point.at)}</th>
                    <td>
                        <a href=format!("/bets/{}", point.bet)>"Bet " {point.bet.to_string()}</a>
                    </td>
                    <td class="number">{signed_money(point.profit, currency)}</td>
                    <td class="number">{signed_money(point.expected, currency)}</td>
                    <td class="number">{money(point.below_peak, currency)}</td>
                </tr>
            }
        })
        .collect_view();
    let note = if found.series.len() < found.settled.bets as usize {
        "Every high and low is here; bets between them are left out. "
    } else {
        ""
    };
    view! {
        <details>
            <summary>"The same as a table"</summary>
            <p class="under">{note} "Values after each bet, the latest first."</p>
            <div class="sheet">
                <table class="dense">
                    <caption class="unseen">"Profit after each settled bet"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Settled"</th>
                            <th scope="col">"By"</th>
                            <th scope="col" class="number">"Profit"</th>
                            <th scope="col" class="number">"Expected"</th>
                            <th scope="col" class="number">"Below the highest"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
    }
}

/// What prices against verified closes say in words.
fn sharp_words(clv: &Clv) -> String {
    let Some(verified) = clv.grades.iter().find(|grade| grade.grade == CloseGrade::Verified) else {
        return String::new();
    };
    let bets = write::counted(verified.price.bets, "bet", "bets");
    let Some(estimate) = verified.price.mean() else {
        return format!(
            "{bets} had a verified closing price on their own line; {MIN_BETS} are the least from which anything can be said."
        );
    };
    let says = match estimate.interval {
        Some(interval) if interval.low > 0.0 => "Your prices beat the close",
        Some(interval) if interval.high < 0.0 => "Your prices are worse than the close",
        _ => "Your prices and the close cannot be told apart",
    };
    format!(
        "{says}: {} on average over {bets} with a verified closing price.",
        signed_share(estimate.value)
    )
}

fn grade_row(grade: &ClvOfGrade) -> impl IntoView + use<> {
    let median = grade.median.map_or_else(|| "–".to_owned(), signed_share);
    view! {
        <tr>
            <th scope="row">{grade.grade.name()}</th>
            <td class="number" data-label="Bets">{write::count(i64::from(grade.bets))}</td>
            <td class="number" data-label="Price CLV">{estimated(grade.price.mean(), grade.price.bets, &signed_share)}</td>
            <td class="number" data-label="Median">{median}</td>
            <td class="number" data-label="Beat the close">{estimated(grade.price.share_above(), grade.price.bets, &plain_share)}</td>
            <td class="number" data-label="Edge by the fair close">{estimated(grade.edge.mean(), grade.edge.bets, &signed_share)}</td>
        </tr>
    }
}

fn share_of(ppm: i64) -> f64 {
    ppm as f64 / 1e6
}

/// What a bucket spans: `−2% to 0%`.
fn span_of(bucket: Bucket) -> String {
    let edge = |ppm: i64| write::percent(share_of(ppm), 0);
    match (bucket.from_ppm, bucket.to_ppm) {
        (Some(from), Some(to)) => format!("{} to {}", edge(from), edge(to)),
        (Some(from), None) => format!("{} or more", edge(from)),
        (None, Some(to)) => format!("below {}", edge(to)),
        (None, None) => "all".to_owned(),
    }
}

fn are_you_sharp(filter: &BetsFilter, found: &Performance) -> impl IntoView + use<> {
    let clv = &found.clv;
    let columns: Vec<Column> = clv
        .histogram
        .iter()
        .enumerate()
        .map(|(at, part)| {
            // Every other edge is written, so that they stay apart on a phone.
            let edge = part.bucket.from_ppm.filter(|_| at % 2 == 0);
            Column {
                edge: edge.map_or_else(String::new, |ppm| write::percent(share_of(ppm), 0)),
                span: span_of(part.bucket),
                counts: vec![part.verified, part.provisional],
            }
        })
        .collect();
    let (moved, gained) = clv.points;
    let points = (moved > 0).then(|| {
        let gained = gained as f64 / 100.0;
        let sign = if gained < 0.0 { "\u{2212}" } else { "+" };
        view! {
            <p class="under">
                {format!(
                    "Where the line itself moved away, {}, it moved {sign}{:.1} points in your favour in all.",
                    write::counted(moved, "bet", "bets"),
                    gained.abs(),
                )}
            </p>
        }
    });
    let extremes = clv
        .extremes
        .iter()
        .zip(["Best", "Worst"])
        .map(|((id, clv), which)| extreme(*id, *clv, which))
        .collect_view();
    let by_clv = BetsFilter {
        sort: BetsSort::Clv,
        ..settled_bets(filter)
    }
    .address();
    view! {
        <section>
            <header class="heading">
                <h2>"Are you sharp?"</h2>
                <a href=by_clv>"Bets by CLV"</a>
            </header>
            <p>{sharp_words(clv)}</p>
            <div class="sheet">
                <table class="cards">
                    <caption class="unseen">"Prices against the close"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Close"</th>
                            <th scope="col" class="number">"Bets"</th>
                            <th scope="col" class="number">"Price CLV"</th>
                            <th scope="col" class="number">"Median"</th>
                            <th scope="col" class="number">"Beat the close"</th>
                            <th scope="col" class="number">"Edge by the fair close"</th>
                        </tr>
                    </thead>
                    <tbody>{clv.grades.iter().map(grade_row).collect_view()}</tbody>
                </table>
            </div>
            <div class="two">
                <section class="card">
                    <h3>"How much better the price was than the close"</h3>
                    <Columns
                        title="Bets by how much better their price was than the close".to_owned()
                        kinds=vec!["verified", "provisional"]
                        columns
                    />
                    {histogram_table(clv)}
                    <ul class="counts">{extremes}</ul>
                    {points}
                </section>
                <section class="card">
                    <h3>"What your edge was worth"</h3>
                    {calibration(found)}
                </section>
            </div>
            {without(found)}
        </section>
    }
}

fn extreme(id: BetId, clv: i64, which: &'static str) -> impl IntoView + use<> {
    view! {
        <li>
            <span>
                {which} ": "
                <a href=format!("/bets/{id}")>"bet " {id.to_string()}</a>
            </span>
            <span>{ppm(Some(clv))}</span>
        </li>
    }
}

fn histogram_table(clv: &Clv) -> impl IntoView + use<> {
    let rows = clv
        .histogram
        .iter()
        .map(|part| {
            view! {
                <tr>
                    <th scope="row">{span_of(part.bucket)}</th>
                    <td class="number">{part.verified.to_string()}</td>
                    <td class="number">{part.provisional.to_string()}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <details>
            <summary>"The same as a table"</summary>
            <table class="dense">
                <caption class="unseen">"Bets by price against close"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Price CLV"</th>
                        <th scope="col" class="number">"Verified"</th>
                        <th scope="col" class="number">"Provisional"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </details>
    }
}

/// Edges told when bets were placed, and what those bets made.
fn calibration(found: &Performance) -> AnyView {
    if found.with_edge.bets == 0 {
        return view! {
            <p class="empty">"No settled bet had a known edge when it was placed. Bets logged from an opportunity have one."</p>
        }
        .into_any();
    }
    let currency = found.currency;
    let rows = found
        .calibration
        .iter()
        .filter(|part| part.tally.bets > 0)
        .map(|part| {
            let tally = &part.tally;
            view! {
                <tr>
                    <th scope="row">{span_of(part.bucket)}</th>
                    <td class="number" data-label="Bets">{write::count(i64::from(tally.bets))}</td>
                    <td class="number" data-label="Expected">{signed_sum(part.expected, currency)}</td>
                    <td class=format!("number {}", gain(held(tally.profit))) data-label="Made">{signed_sum(tally.profit, currency)}</td>
                    <td class="number" data-label="Yield">{estimated(tally.yield_of(), tally.bets, &signed_share)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <p class="under">"The edge when you placed the bet, what such bets should have made by it, and what they made."</p>
        <table class="dense cards">
            <caption class="unseen">"Edge when placed, expected and made"</caption>
            <thead>
                <tr>
                    <th scope="col">"Edge"</th>
                    <th scope="col" class="number">"Bets"</th>
                    <th scope="col" class="number">"Expected"</th>
                    <th scope="col" class="number">"Made"</th>
                    <th scope="col" class="number">"Yield"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn without(found: &Performance) -> impl IntoView + use<> {
    let reasons = found
        .clv
        .without
        .iter()
        .map(|without| {
            view! {
                <li>
                    <span>{write::capitalised(&without.reason)}</span>
                    <span>
                        {write::counted(without.bets, "bet", "bets")} ", such as "
                        <a href=format!("/bets/{}", without.example)>"bet " {without.example.to_string()}</a>
                    </span>
                </li>
            }
        })
        .collect_view();
    let both = format!(
        "{} of {} have both figures against the close.",
        write::count(i64::from(found.clv.with_both)),
        write::counted(found.settled.bets, "settled bet", "settled bets")
    );
    let is_lacking = !found.clv.without.is_empty();
    view! {
        <p class="under">{both}</p>
        {is_lacking
            .then(|| {
                view! {
                    <details>
                        <summary>"Why the others have not"</summary>
                        <ul class="counts">{reasons}</ul>
                    </details>
                }
            })}
    }
}

/// How a part is called.
fn part_name(by: SplitBy, key: &str, offers: &BetOffers) -> String {
    let named = |known: &[(String, String)]| {
        let found = known.iter().find(|(id, _)| id == key);
        found.map_or_else(|| format!("No. {key}"), |(_, name)| name.clone())
    };
    match by {
        SplitBy::Strategy if key.is_empty() => "By hand".to_owned(),
        SplitBy::Bookmaker if key.is_empty() => "No bookmaker".to_owned(),
        SplitBy::Tag if key.is_empty() => "Without a tag".to_owned(),
        SplitBy::Strategy => named(&offers.strategies),
        SplitBy::Bookmaker => named(&offers.bookmakers),
        SplitBy::Sport => Sport::from_key(key).name(),
        SplitBy::Market => MarketKind::from_code(key)
            .map(|kind| kind.name())
            .or_else(|| BetKind::from_code(key).map(|kind| kind.name().to_owned()))
            .unwrap_or_else(|| key.to_owned()),
        SplitBy::Tag => key.to_owned(),
        SplitBy::Month => first_of(key).map_or_else(|| key.to_owned(), |first| first.format("%b %Y").to_string()),
    }
}

/// The first day of a month: `2026-11`.
fn first_of(month: &str) -> Option<NaiveDate> {
    format!("{month}-01").parse().ok()
}

/// Where the bets of a part are listed; nowhere for those without a tag, which no filter can ask for.
fn part_address(filter: &BetsFilter, by: SplitBy, key: &str) -> Option<String> {
    let mut part = settled_bets(filter);
    let or_none = |key: &str| {
        if key.is_empty() {
            "none".to_owned()
        } else {
            key.to_owned()
        }
    };
    match by {
        SplitBy::Strategy => part.strategy = or_none(key),
        SplitBy::Bookmaker => part.bookmaker = or_none(key),
        SplitBy::Sport => key.clone_into(&mut part.sport),
        SplitBy::Market => key.clone_into(&mut part.market),
        SplitBy::Tag if key.is_empty() => return None,
        SplitBy::Tag => key.clone_into(&mut part.tag),
        SplitBy::Month => {
            let first = first_of(key)?;
            let last = first.checked_add_months(Months::new(1))?.pred_opt()?;
            let asked = |text: &str| text.parse::<NaiveDate>().ok();
            part.from = asked(&part.from).map_or(first, |from| from.max(first)).to_string();
            part.to = asked(&part.to).map_or(last, |to| to.min(last)).to_string();
        }
    }
    Some(part.address())
}

fn where_profit_comes_from(filter: &BetsFilter, view: &PerformanceView) -> impl IntoView + use<> {
    let parts = view
        .found
        .splits
        .iter()
        .filter(|split| !split.rows.is_empty())
        .map(|split| split_table(filter, split, view))
        .collect_view();
    view! {
        <section>
            <h2>"Where the profit comes from"</h2>
            <p class="under">
                "Parts with the most money at risk first; below each yield and CLV its 95 % interval. Looking at many parts finds a lucky one by chance: believe an interval, not a profit."
            </p>
            <div class="splits">{parts}</div>
        </section>
    }
}

fn split_table(filter: &BetsFilter, split: &Split, view: &PerformanceView) -> impl IntoView + use<> {
    let currency = view.found.currency;
    let largest = split
        .rows
        .iter()
        .map(|row| row.tally.profit.unsigned_abs())
        .max()
        .unwrap_or(0)
        .max(1);
    let row = |row: &SplitRow| {
        let tally = &row.tally;
        let name = part_name(split.by, &row.key, &view.offers);
        let name = match part_address(filter, split.by, &row.key) {
            Some(address) => view! { <a href=address>{name}</a> }.into_any(),
            None => name.into_any(),
        };
        view! {
            <tr>
                <th scope="row">{name}</th>
                <td class="number" data-label="Bets">{write::count(i64::from(tally.bets))}</td>
                <td class="number" data-label="At risk">{sum(tally.at_risk, currency)}</td>
                <td class="number" data-label="Profit">
                    <span class=gain(held(tally.profit))>{signed_sum(tally.profit, currency)}</span>
                    {balance_bar(tally.profit as f64 / largest as f64)}
                </td>
                <td class="number" data-label="Yield">{estimated(tally.yield_of(), tally.bets, &signed_share)}</td>
                <td class="number" data-label="Verified CLV">{estimated(row.clv.mean(), row.clv.bets, &signed_share)}</td>
            </tr>
        }
    };
    let name = split.by.name();
    view! {
        <div class="sheet">
            <table class="cards">
                <caption>{name}</caption>
                <thead>
                    <tr>
                        <th scope="col"><span class="unseen">{name}</span></th>
                        <th scope="col" class="number">"Bets"</th>
                        <th scope="col" class="number">"At risk"</th>
                        <th scope="col" class="number">"Profit"</th>
                        <th scope="col" class="number">"Yield"</th>
                        <th scope="col" class="number">"Verified CLV"</th>
                    </tr>
                </thead>
                <tbody>{split.rows.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}

fn how_it_is_reckoned(found: &Performance) -> impl IntoView + use<> {
    let row = |traced: Traced| {
        let value = traced.value.map_or_else(|| "–".to_owned(), |value| value.to_string());
        let interval = traced
            .interval
            .map(|interval| format!("{} to {}", interval.low, interval.high));
        let inputs: Vec<String> = traced
            .inputs
            .iter()
            .map(|(name, value)| format!("{name} = {value}"))
            .collect();
        view! {
            <tr>
                <th scope="row">{write::capitalised(&traced.figure)}</th>
                <td data-label="Value">{value} {interval.map(|interval| view! { <small class="under">{interval}</small> })}</td>
                <td data-label="Formula" class="wide">{traced.formula}</td>
                <td data-label="What goes in" class="wide">{inputs.join("; ")}</td>
            </tr>
        }
    };
    view! {
        <details>
            <summary>"How each figure is reckoned"</summary>
            <p class="under">
                "Amounts here are whole minor units of " {found.currency.to_string()}
                ", each bet at the exchange rate of the day it was placed. The bets behind a figure are listed where the figure leads."
            </p>
            <div class="sheet">
                <table class="cards trace">
                    <caption class="unseen">"Figures, formulas and what goes in"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Figure"</th>
                            <th scope="col">"Value"</th>
                            <th scope="col">"Formula"</th>
                            <th scope="col">"What goes in"</th>
                        </tr>
                    </thead>
                    <tbody>{found.trace().into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </details>
    }
}
