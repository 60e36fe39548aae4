//! Prices: the whole history behind one price, down to the snapshots.

use crate::AppError;
use crate::address::{Query, instant_of, market_code, market_of};
use crate::pages::game::{HistoryQuery, HistoryView, price_chart, price_table};
use crate::pages::new_bet::{Selection, slip_address};
use crate::parts::{Empty, Heading, market_name, outcome_name, shown_titled, sides};
use crate::reader::exactly;
use domain::{Outcome, Side};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use leptos_router::params::ParamsMap;

/// What the address says; `None` when it names no selection.
fn asked(params: &ParamsMap, query: &ParamsMap) -> Option<HistoryQuery> {
    Some(HistoryQuery {
        event: params.get_str("id")?.parse().ok()?,
        market: query.get_str("market").and_then(market_of)?,
        outcome: Outcome::from_code(query.get_str("outcome")?),
        side: query.get_str("side").and_then(Side::from_code).unwrap_or(Side::Back),
        bookmaker: query.get_str("bookmaker").and_then(|id| id.parse().ok()),
        as_of: query.get_str("as_of").and_then(instant_of),
    })
}

/// The history of one selection, at one bookmaker or at all of them.
#[component]
pub fn PricesPage() -> impl IntoView {
    let asked = use_params_map().with_untracked(|params| use_query_map().with_untracked(|query| asked(params, query)));
    shown_titled(
        "Prices",
        |backend| async move {
            let asked = asked.ok_or(AppError::NotFound)?;
            let history = backend.history(asked.clone()).await?;
            Ok((asked, history))
        },
        |(asked, history)| prices(&asked, &history),
    )
}

fn prices(asked: &HistoryQuery, history: &HistoryView) -> AnyView {
    let event = &history.event;
    let id = event.id;
    let name = outcome_name(event, &asked.market, &asked.outcome);
    let lay = if asked.side == Side::Lay { ", lay" } else { "" };
    let book = asked
        .bookmaker
        .and_then(|_| history.series.first())
        .map(|series| format!(" at {}", series.bookmaker.name));
    let selection = Query::default()
        .with("market", &market_code(&asked.market))
        .with("outcome", &asked.outcome.code());
    let all = asked.bookmaker.map(|_| {
        let query = Query::default()
            .with("market", &market_code(&asked.market))
            .with("outcome", &asked.outcome.code())
            .with("side", asked.side.code())
            .with_known("as_of", asked.as_of.map(crate::write::rfc3339));
        view! { <a class="button quiet" href=format!("/games/{}/prices{}", event.id, query.text())>"Every bookmaker"</a> }
    });
    let log = asked.as_of.is_none().then(|| {
        let selection = Selection {
            market: asked.market.clone(),
            outcome: asked.outcome.clone(),
            side: asked.side,
            bookmaker: asked.bookmaker,
        };
        view! { <a class="button" href=slip_address(id, Some(&selection))>"Log a bet"</a> }
    });
    let is_empty = history.series.iter().all(|series| series.points.is_empty());
    let body = if is_empty {
        view! {
            <Empty title="No prices for this selection">
                <a href=format!("/games/{id}")>"Back to the game"</a>
            </Empty>
        }
        .into_any()
    } else {
        view! {
            <section class="card">{price_chart(format!("Prices of {name}"), history)}</section>
            {history.is_cut.then(|| view! { <p class="under">"Older prices are left out."</p> })}
            {price_table(history)}
        }
        .into_any()
    };
    view! {
        <Heading
            title=format!("{name}{lay}{}", book.unwrap_or_default())
            follows=asked.as_of.map_or_else(|| format!("board:{id}"), |_| String::new())
        >
            {log}
            <a class="button quiet" href=format!("/games/{id}{}", selection.text())>"Back to the game"</a>
            {all}
        </Heading>
        <p class="under">
            {sides(event)} " · " {market_name(&asked.market)} " · as of " {exactly(history.as_of)}
        </p>
        {body}
    }
    .into_any()
}
