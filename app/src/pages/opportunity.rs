//! Opportunity: the trace that explains every number of it.

use crate::AppError;
use crate::pages::new_bet::log_or_skip;
use crate::pages::opportunities::{
    OpportunitiesFilter, OpportunityRow, facts_line, stakes, strategy_link, verdict_badge,
};
use crate::parts::{Heading, demo_badge, fact, market_name, number, outcome_name, shown_titled, sides, status_badge};
use crate::reader::{exactly, priced, shortly, when};
use crate::write;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::fair::{FairLine, FairLink};
use domain::opportunity::{OpportunityKind, TraceMove};
use domain::{BookProfile, BookmakerId, MarketKey, OpportunityId, Outcome, Price, QuoteChangeId, Side, SnapshotId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// What the Opportunity page asks.
#[async_trait]
pub trait OpportunityPort {
    /// One opportunity and how it was reckoned.
    async fn opportunity(&self, id: OpportunityId) -> Result<OpportunityView, AppError>;
}

/// One opportunity and how it was reckoned.
#[derive(Clone, Debug, PartialEq)]
pub struct OpportunityView {
    /// The opportunity.
    pub row: OpportunityRow,
    /// The bookmakers that its legs name.
    pub bookmakers: Vec<BookProfile>,
    /// The method in words, with its formula.
    pub method: String,
    /// The constants that went in: name and value with unit.
    pub constants: Vec<Constant>,
    /// The version of the code that reckoned it.
    pub code_version: String,
    /// When it was reckoned.
    pub reckoned_at: DateTime<Utc>,
    /// The quotes it was reckoned from, in the order of the market's outcomes.
    pub sources: Vec<SourceQuote>,
    /// What outcomes are worth, and whose prices say so: of a middle a line for each leg.
    pub fair: Vec<FairLine>,
    /// Who moved, in order.
    pub moves: Vec<TraceMove>,
    /// All bookmakers that `fair` and `moves` name.
    pub judges: Vec<BookProfile>,
    /// The profit reckoned again from the trace as it is stored.
    pub recomputed: Option<f64>,
    /// The sum of implied probabilities at net prices.
    pub implied_sum: f64,
    /// The address of the trace as JSON.
    pub json_path: String,
}

/// A constant of a method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constant {
    /// What it is.
    pub name: String,
    /// Its value with its unit.
    pub value: String,
}

/// A quote that went into a number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceQuote {
    /// In which market.
    pub market: MarketKey,
    /// For which outcome.
    pub outcome: Outcome,
    /// Whose.
    pub bookmaker: String,
    /// Through which feed.
    pub feed: String,
    /// Back or lay.
    pub side: Side,
    /// The price, gross.
    pub price: Price,
    /// As received.
    pub price_text: String,
    /// Commission on winnings that was reckoned with, in hundredths of a percent.
    pub commission_bp: u16,
    /// The decimal price after commission.
    pub net_price: f64,
    /// One over the net price.
    pub implied: f64,
    /// The share of the total stake.
    pub stake: f64,
    /// When the book says it updated.
    pub source_at: Option<DateTime<Utc>>,
    /// When it was first received.
    pub received_at: DateTime<Utc>,
    /// When it was last seen.
    pub last_seen_at: DateTime<Utc>,
    /// The history row.
    pub change_id: QuoteChangeId,
    /// The snapshot.
    pub snapshot_id: SnapshotId,
}

/// The trace of an opportunity.
#[component]
pub fn OpportunityPage() -> impl IntoView {
    let id = number("id").map_or(OpportunityId(0), OpportunityId);
    shown_titled(
        "Opportunity",
        |backend| async move { backend.opportunity(id).await },
        trace,
    )
}

fn trace(view: OpportunityView) -> AnyView {
    let row = view.row;
    let event = row.event.clone();
    let market = row.found.market.clone();
    let class = if row.found.profit < 0.0 { "loss" } else { "gain" };
    let sources = view
        .sources
        .iter()
        .map(|source| {
            let side = if source.side == Side::Lay { " (lay)" } else { "" };
            let link = crate::address::Query::default()
                .with("market", &crate::address::market_code(&source.market))
                .with("outcome", &source.outcome.code())
                .with("side", source.side.code())
                .text();
            view! {
                <tr>
                    <th scope="row">{outcome_name(&event, &source.market, &source.outcome)} {side}</th>
                    <td data-label="Bookmaker">
                        {source.bookmaker.clone()}
                        <small class="under">{source.feed.clone()}</small>
                    </td>
                    <td class="number" data-label="Price">
                        <a class="price" href=format!("/games/{}/prices{link}", event.id)>{priced(source.price)}</a>
                        <small class="under">{source.price_text.clone()}</small>
                    </td>
                    <td class="number" data-label="Commission">{write::percent(f64::from(source.commission_bp) / 10_000.0, 2)}</td>
                    <td class="number" data-label="Net">{format!("{:.6}", source.net_price)}</td>
                    <td class="number" data-label="Implied">{format!("{:.6}", source.implied)}</td>
                    <td class="number" data-label="Share">{write::percent(source.stake, 2)}</td>
                    <td data-label="Book's time">{source.source_at.map_or_else(|| "not told".into_any(), |at| exactly(at).into_any())}</td>
                    <td data-label="Received">{exactly(source.received_at)}</td>
                    <td data-label="Last seen">{when(source.last_seen_at)}</td>
                    <td class="number" data-label="Snapshot">
                        <a href=format!("/snapshots/{}", source.snapshot_id)>{source.snapshot_id.to_string()}</a>
                        <small class="under">"row " {source.change_id.to_string()}</small>
                    </td>
                </tr>
            }
        })
        .collect_view();
    let constants = view
        .constants
        .into_iter()
        .map(|constant| {
            view! {
                <div class="fact">
                    <dt>{constant.name}</dt>
                    <dd>{if constant.value.is_empty() { "all".to_owned() } else { constant.value }}</dd>
                </div>
            }
        })
        .collect_view();
    let closed = row.closed_at.map(|at| {
        let reason = row.close_reason.clone().unwrap_or_default();
        view! {
            <p class="strip" role="note">
                "Closed " {when(at)} ". " {reason}
            </p>
        }
    });
    let id = row.id;
    let kind = row.found.kind;
    let name = |id: BookmakerId| {
        let known = view.judges.iter().find(|book| book.id == id);
        known.map_or_else(|| id.to_string(), |book| book.name.clone())
    };
    let markets = row.found.legs.iter().map(|leg| &leg.market);
    let lines = view.fair.iter().zip(markets);
    let fair = lines
        .map(|(fair, market)| fair_table(&row, market, fair, &name))
        .collect_view();
    let moves = (!view.moves.is_empty()).then(|| moves_table(&view.moves, &name));
    let measured = match kind {
        OpportunityKind::Value | OpportunityKind::Steam => "Edge on the stake",
        OpportunityKind::Promotion if row.found.facts.turnover.is_some() => "Value of the bonus",
        OpportunityKind::Promotion => "Worst case of the promoted stake",
        OpportunityKind::Arbitrage => "Profit on the total stake",
        OpportunityKind::Middle | OpportunityKind::LowHold => "Worst case of the total stake",
    };
    // Of bets that cover a whole market once; of others the sum says nothing.
    let sum = matches!(kind, OpportunityKind::Arbitrage | OpportunityKind::LowHold)
        .then_some(())
        .filter(|()| {
            row.found
                .legs
                .iter()
                .all(|leg| leg.side == Side::Back && leg.market == market)
        })
        .map(|()| fact("Sum of implied probabilities", format!("{:.6}", view.implied_sum)));
    let again = view
        .recomputed
        .map_or_else(|| "no answer".to_owned(), |again| write::signed_percent(again, 6));
    view! {
        <Heading title=format!("{}: {}", kind.name(), sides(&event)) follows="opportunities">
            <a class="button quiet" href=OpportunitiesFilter::address_of(kind)>"All opportunities"</a>
            <a class="button quiet" href=view.json_path rel="external">"JSON"</a>
        </Heading>
        <p class="under">
            {market_name(&market)} " · " {event.competition.clone()} " · " {shortly(event.starts_at)} " " {status_badge(&event)} " "
            {demo_badge(event.is_demo)} " " <a href=format!("/games/{}", event.id)>"Game"</a>
        </p>
        {closed}
        <dl class="facts wide">
            <div class="fact">
                <dt>{measured}</dt>
                <dd class=format!("big {class}")>{write::signed_percent(row.found.profit, 4)}</dd>
            </div>
            {fact("Reckoned again", again)} {sum}
            {fact("Greatest so far", write::signed_percent(row.best_profit, 4))}
            {fact("Found", when(row.opened_at))}
            {fact("Last changed", when(row.refreshed_at))}
            {fact("Verdict", verdict_badge(row.found.verdict))}
            {fact("Strategy", strategy_link(&row))}
        </dl>
        <p>{row.found.reasons.join("; ")}</p>
        {facts_line(&row, &view.judges).map(|text| view! { <p>{text}</p> })}
        <section>
            <h2>"Source quotes"</h2>
            <div class="sheet">
                <table class="cards dense">
                    <caption class="unseen">"The quotes that the profit was reckoned from"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Outcome"</th>
                            <th scope="col">"Bookmaker"</th>
                            <th scope="col" class="number">"Price"</th>
                            <th scope="col" class="number">"Commission"</th>
                            <th scope="col" class="number">"Net"</th>
                            <th scope="col" class="number">"Implied"</th>
                            <th scope="col" class="number">"Share"</th>
                            <th scope="col">"Book's time"</th>
                            <th scope="col">"Received"</th>
                            <th scope="col">"Last seen"</th>
                            <th scope="col" class="number">"Snapshot"</th>
                        </tr>
                    </thead>
                    <tbody>{sources}</tbody>
                </table>
            </div>
        </section>
        {fair}
        {moves}
        <div class="two">
            <section class="card">
                <h2>"Method"</h2>
                <p>{view.method}</p>
                <dl class="facts">
                    {constants} {fact("Code", view.code_version)} {fact("Reckoned", exactly(view.reckoned_at))}
                </dl>
            </section>
            <section class="card">
                <h2>"Stakes"</h2>
                {stakes(&row, &view.bookmakers, format!("/opportunities/{id}"), Vec::new())}
                {log_or_skip(&row)}
            </section>
        </div>
    }
    .into_any()
}

/// What every outcome is worth, by whose prices.
fn fair_table(
    row: &OpportunityRow,
    market: &MarketKey,
    fair: &FairLine,
    name: &dyn Fn(BookmakerId) -> String,
) -> impl IntoView + use<> {
    let outcomes: Vec<String> = fair
        .outcomes
        .iter()
        .map(|outcome| outcome_name(&row.event, market, outcome))
        .collect();
    let heads = outcomes
        .iter()
        .map(|name| view! { <th scope="col" class="number">{name.clone()}</th> })
        .collect_view();
    let sources = fair
        .sources
        .iter()
        .map(|source| {
            let cells = source
                .quotes
                .iter()
                .zip(&source.probabilities)
                .zip(&outcomes)
                .map(|((quote, probability), outcome)| {
                    let lay = quote.lay.map(|lay| view! { " / lay " {priced(lay)} });
                    view! {
                        <td class="number" data-label=outcome.clone()>
                            {write::percent(*probability, 3)}
                            <small class="under">
                                <a href=format!("/snapshots/{}", quote.snapshot_id)>{priced(quote.price)}</a> {lay} ", row "
                                {quote.change_id.to_string()}
                            </small>
                        </td>
                    }
                })
                .collect_view();
            let seen = source.quotes.iter().map(|quote| quote.last_seen_at).min();
            view! {
                <tr>
                    <th scope="row">{name(source.bookmaker_id)}</th>
                    {cells}
                    <td class="number" data-label="Weight">{format!("{:.2}", source.weight)}</td>
                    <td data-label="Last seen">{seen.map(when)}</td>
                </tr>
            }
        })
        .collect_view();
    let line = fair
        .probabilities
        .iter()
        .zip(&outcomes)
        .map(|(probability, outcome)| view! { <td class="number strong" data-label=outcome.clone()>{write::percent(*probability, 3)}</td> })
        .collect_view();
    view! {
        <section>
            <h2>"Fair line"</h2>
            <p class="under">
                {format!(
                    "{}, {}, without {}; the oldest price behind it was {} old.",
                    fair.link.name(),
                    if fair.link == FairLink::ExchangeMid {
                        "scaled to one".to_owned()
                    } else {
                        format!("margin taken off by {}", fair.method.name())
                    },
                    name(fair.left_out),
                    domain::span(fair.age_s),
                )}
            </p>
            <div class="sheet">
                <table class="cards dense">
                    <caption class="unseen">"The prices that the fair line was reckoned from"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Bookmaker"</th>
                            {heads}
                            <th scope="col" class="number">"Weight"</th>
                            <th scope="col">"Last seen"</th>
                        </tr>
                    </thead>
                    <tbody>
                        {sources}
                        <tr class="sum">
                            <th scope="row">"Fair line"</th>
                            {line}
                            <td></td>
                            <td></td>
                        </tr>
                    </tbody>
                </table>
            </div>
        </section>
    }
}

/// Who moved, in order.
fn moves_table(moves: &[TraceMove], name: &dyn Fn(BookmakerId) -> String) -> impl IntoView + use<> {
    let rows = moves
        .iter()
        .map(|moved| {
            view! {
                <tr>
                    <th scope="row">{name(moved.bookmaker_id)}</th>
                    <td class="number" data-label="From">{priced(moved.from)}</td>
                    <td class="number" data-label="To">{priced(moved.to)}</td>
                    <td class="number" data-label="Move">
                        {write::signed_percent(moved.to.implied() - moved.from.implied(), 2)}
                    </td>
                    <td data-label="Book's time">{moved.source_at.map_or_else(|| "not told".into_any(), |at| exactly(at).into_any())}</td>
                    <td data-label="Received">{exactly(moved.received_at)}</td>
                    <td class="number" data-label="Snapshot">
                        <a href=format!("/snapshots/{}", moved.snapshot_id)>{moved.snapshot_id.to_string()}</a>
                        <small class="under">"row " {moved.change_id.to_string()}</small>
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section>
            <h2>"Moves"</h2>
            <div class="sheet">
                <table class="cards dense">
                    <caption class="unseen">"The moves, the first first"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Bookmaker"</th>
                            <th scope="col" class="number">"From"</th>
                            <th scope="col" class="number">"To"</th>
                            <th scope="col" class="number">"Implied probability"</th>
                            <th scope="col">"Book's time"</th>
                            <th scope="col">"Received"</th>
                            <th scope="col" class="number">"Snapshot"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
}
