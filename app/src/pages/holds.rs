//! Holds: what bookmakers keep, by bookmaker and kind of market, over everything that is open now.

use crate::AppError;
use crate::pages::opportunities::tabs;
use crate::parts::{Empty, Heading, shown};
use crate::write;
use async_trait::async_trait;
use domain::opportunity::OpportunityKind;
use domain::{BookProfile, EventId, MarketKind};
use leptos::prelude::*;

/// What the Holds page asks.
#[async_trait]
pub trait HoldsPort {
    /// The holds of every bookmaker over all open games.
    async fn holds(&self) -> Result<HoldsView, AppError>;
}

/// Holds by bookmaker and kind of market.
#[derive(Clone, Debug, PartialEq)]
pub struct HoldsView {
    /// The kinds of markets, in the order of the columns.
    pub kinds: Vec<MarketKind>,
    /// The bookmakers, the lowest hold first.
    pub rows: Vec<HoldRow>,
    /// What is kept where always the best price is taken: one for each kind.
    pub best: Vec<Option<Hold>>,
    /// How many opportunities are open of each kind, for the tabs.
    pub open: Vec<(OpportunityKind, u32)>,
}

/// One bookmaker's holds.
#[derive(Clone, Debug, PartialEq)]
pub struct HoldRow {
    /// Which bookmaker.
    pub book: BookProfile,
    /// One for each kind; none where it has no complete market of it.
    pub holds: Vec<Option<Hold>>,
}

/// A hold over several markets.
#[derive(Clone, Debug, PartialEq)]
pub struct Hold {
    /// The mean.
    pub mean: f64,
    /// Of so many complete markets.
    pub markets: u32,
    /// The game with the lowest, and how low it is.
    pub lowest: (EventId, f64),
}

/// What bookmakers keep.
#[component]
pub fn HoldsPage() -> impl IntoView {
    view! {
        <Heading title="Holds" follows="boards" />
        {shown(|backend| async move { backend.holds().await }, table)}
    }
}

fn cell(kind: &MarketKind, hold: Option<&Hold>) -> impl IntoView + use<> {
    let inner = hold.map(|hold| {
        view! {
            {write::percent(hold.mean, 2)}
            <small class="under">
                {write::counted(hold.markets, "market", "markets")} ", lowest "
                <a href=format!("/games/{}", hold.lowest.0)>{write::percent(hold.lowest.1, 2)}</a>
            </small>
        }
    });
    let is_none = inner.is_none();
    view! { <td class="number" data-label=kind.name()>{inner} {is_none.then_some("–")}</td> }
}

fn table(view: HoldsView) -> AnyView {
    let tabs = tabs(None, &view.open);
    if view.rows.is_empty() {
        return view! {
            {tabs}
            <Empty title="No complete markets yet">
                "They come with the first prices. " <a href="/settings/feeds">"Choose a feed"</a>
            </Empty>
        }
        .into_any();
    }
    let heads = view
        .kinds
        .iter()
        .map(|kind| view! { <th scope="col" class="number">{kind.name()}</th> })
        .collect_view();
    let cells = |holds: &[Option<Hold>]| {
        view.kinds
            .iter()
            .zip(holds)
            .map(|(kind, hold)| cell(kind, hold.as_ref()))
            .collect_view()
    };
    let rows = view
        .rows
        .iter()
        .map(|row| {
            view! {
                <tr>
                    <th scope="row">
                        {row.book.name.clone()}
                        <small class="under">{row.book.kind.code()}</small>
                    </th>
                    {cells(&row.holds)}
                </tr>
            }
        })
        .collect_view();
    let best = cells(&view.best);
    view! {
        {tabs}
        <p class="lead">
            "Of each 100 staked on every outcome in proportion, a bookmaker keeps this much on average. Open games, gross prices seen within half an hour, complete markets, bookmakers you can use and that are not plainly wrong; an exchange takes commission beside."
        </p>
        <div class="sheet">
            <table class="cards dense">
                <caption class="unseen">"Mean hold by bookmaker and kind of market"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Bookmaker"</th>
                        {heads}
                    </tr>
                </thead>
                <tbody>
                    <tr class="sum">
                        <th scope="row">"Best prices together"</th>
                        {best}
                    </tr>
                    {rows}
                </tbody>
            </table>
        </div>
    }
    .into_any()
}
