//! Every page by its address, and the document around them.

use crate::frame::{self, Frame};
use crate::pages::{
    bankroll::{BankrollPage, LedgerPage},
    bet::BetPage,
    bets::{BetsPage, DecisionsPage},
    calculators::CalculatorsPage,
    game::GamePage,
    games::GamesPage,
    health::HealthPage,
    holds::HoldsPage,
    import::ImportPage,
    invite::InvitePage,
    issues::IssuesPage,
    limits::LimitsPage,
    login::LoginPage,
    new_bet::NewBetPage,
    opportunities::OpportunitiesPage,
    opportunity::OpportunityPage,
    performance::PerformancePage,
    prices::PricesPage,
    settings,
    setup::SetupPage,
    snapshot::SnapshotPage,
    strategies::{NewStrategyPage, StrategiesPage, StrategiesYamlPage, StrategyPage},
    today::TodayPage,
};
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags, Title, provide_meta_context};
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{SsrMode, path};

/// The document around the pages.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta name="robots" content="noindex" />
                <link rel="icon" type="image/svg+xml" href="/favicon.svg" />
                <HashedStylesheet id="leptos" options=options.clone() />
                <script src="/idiomorph.js" defer nonce=use_nonce()></script>
                <AutoReload options=options.clone() />
                <HydrationScripts options islands=true />
                <MetaTags />
            </head>
            <body>
                <p id="away" class="strip warn" role="status" hidden></p>
                <App />
            </body>
        </html>
    }
}

/// Every page by its address. All of them are finished before they are sent, so that they work without scripts.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title formatter=|title: String| if title.is_empty() { "Overround".to_owned() } else { format!("{title} · Overround") } />
        <Router>
            <Routes fallback=|| frame::NoSuchPage().into_any()>
                <Route path=path!("/setup") view=SetupPage ssr=SsrMode::Async />
                <Route path=path!("/login") view=LoginPage ssr=SsrMode::Async />
                <Route path=path!("/invite/:token") view=InvitePage ssr=SsrMode::Async />
                <ParentRoute path=path!("") view=Frame ssr=SsrMode::Async>
                    <Route path=path!("/") view=TodayPage ssr=SsrMode::Async />
                    <Route path=path!("/games") view=GamesPage ssr=SsrMode::Async />
                    <Route path=path!("/games/:id") view=GamePage ssr=SsrMode::Async />
                    <Route path=path!("/games/:id/prices") view=PricesPage ssr=SsrMode::Async />
                    <Route path=path!("/snapshots/:id") view=SnapshotPage ssr=SsrMode::Async />
                    <Route path=path!("/opportunities") view=OpportunitiesPage ssr=SsrMode::Async />
                    <Route path=path!("/opportunities/:id") view=OpportunityPage ssr=SsrMode::Async />
                    <Route path=path!("/bets") view=BetsPage ssr=SsrMode::Async />
                    <Route path=path!("/bets/decisions") view=DecisionsPage ssr=SsrMode::Async />
                    <Route path=path!("/bets/import") view=ImportPage ssr=SsrMode::Async />
                    <Route path=path!("/bets/new") view=NewBetPage ssr=SsrMode::Async />
                    <Route path=path!("/bets/:id") view=BetPage ssr=SsrMode::Async />
                    <Route path=path!("/bankroll") view=BankrollPage ssr=SsrMode::Async />
                    <Route path=path!("/bankroll/ledger") view=LedgerPage ssr=SsrMode::Async />
                    <Route path=path!("/bankroll/limits") view=LimitsPage ssr=SsrMode::Async />
                    <Route path=path!("/performance") view=PerformancePage ssr=SsrMode::Async />
                    <Route path=path!("/holds") view=HoldsPage ssr=SsrMode::Async />
                    <Route path=path!("/strategies") view=StrategiesPage ssr=SsrMode::Async />
                    <Route path=path!("/strategies/new") view=NewStrategyPage ssr=SsrMode::Async />
                    <Route path=path!("/strategies/yaml") view=StrategiesYamlPage ssr=SsrMode::Async />
                    <Route path=path!("/strategies/:id") view=StrategyPage ssr=SsrMode::Async />
                    <Route path=path!("/calculators") view=CalculatorsPage ssr=SsrMode::Async />
                    <Route path=path!("/calculators/:key") view=CalculatorsPage ssr=SsrMode::Async />
                    <Route path=path!("/health") view=HealthPage ssr=SsrMode::Async />
                    <Route path=path!("/issues") view=IssuesPage ssr=SsrMode::Async />
                    <Route path=path!("/settings") view=settings::profile::ProfilePage ssr=SsrMode::Async />
                    <Route path=path!("/settings/two-factor") view=settings::two_factor::TwoFactorPage ssr=SsrMode::Async />
                    <Route path=path!("/settings/sessions") view=settings::sessions::SessionsPage ssr=SsrMode::Async />
                    <Route path=path!("/settings/api-keys") view=settings::api_keys::ApiKeysPage ssr=SsrMode::Async />
                    <Route path=path!("/settings/feeds") view=settings::feeds::FeedsPage ssr=SsrMode::Async />
                    <Route path=path!("/settings/bookmakers") view=settings::bookmakers::BookmakersPage ssr=SsrMode::Async />
                    <Route path=path!("/settings/users") view=settings::users::UsersPage ssr=SsrMode::Async />
                </ParentRoute>
            </Routes>
        </Router>
    }
}
