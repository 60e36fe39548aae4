//! The port between pages and server: what pages ask for, in domain types. The server answers it per request, already bound
//! to the session that asks, so no query here names a user; a test answers it with a fake.

use crate::AppError;
use crate::pages::{
    bankroll::BankrollPort, bet::BetPort, bets::BetsPort, game::GamePort, games::GamesPort, health::HealthPort,
    holds::HoldsPort, import::ImportPort, invite::InvitePort, issues::IssuesPort, limits::LimitsPort, login::LoginPort,
    new_bet::NewBetPort, opportunities::OpportunitiesPort, opportunity::OpportunityPort, performance::PerformancePort,
    settings::SettingsPort, setup::SetupPort, snapshot::SnapshotPort, strategies::StrategiesPort, today::TodayPort,
};
use crate::viewer::Viewer;
use async_trait::async_trait;
use std::sync::Arc;

/// Everything that pages ask for.
pub trait Backend:
    ReplyPort
    + ViewerPort
    + SetupPort
    + LoginPort
    + InvitePort
    + TodayPort
    + GamesPort
    + GamePort
    + SnapshotPort
    + OpportunitiesPort
    + OpportunityPort
    + BetsPort
    + BetPort
    + NewBetPort
    + PerformancePort
    + BankrollPort
    + LimitsPort
    + ImportPort
    + HoldsPort
    + StrategiesPort
    + HealthPort
    + IssuesPort
    + SettingsPort
    + Send
    + Sync
{
}

impl<T> Backend for T where
    T: ReplyPort
        + ViewerPort
        + SetupPort
        + LoginPort
        + InvitePort
        + TodayPort
        + GamesPort
        + GamePort
        + SnapshotPort
        + OpportunitiesPort
        + OpportunityPort
        + BetsPort
        + BetPort
        + NewBetPort
        + PerformancePort
        + BankrollPort
        + LimitsPort
        + ImportPort
        + PerformancePort
        + BankrollPort
        + LimitsPort
        + ImportPort
        + HoldsPort
        + StrategiesPort
        + HealthPort
        + IssuesPort
        + SettingsPort
        + Send
        + Sync
{
}

/// What every page needs to know of the person who looks at it.
#[async_trait]
pub trait ViewerPort {
    /// The signed-in person. [`AppError::SignInRequired`] for anybody else, [`AppError::SetupRequired`] while there is no
    /// account at all.
    async fn viewer(&self) -> Result<Viewer, AppError>;
}

/// What an answer says beside its body.
pub trait ReplyPort {
    /// Sends the browser to another page of this site. Anything but a path on this site becomes `/`. A program that posted a
    /// form without accepting `text/html` is told where to go in a header instead.
    fn redirect(&self, path: &str);

    /// Sets the HTTP status. Has no effect on a POST that accepts `text/html`: a form that a browser sent is always answered by
    /// a redirect, which carries an error back to its page.
    fn set_status(&self, status: u16);
}

/// The backend of this request.
pub(crate) fn backend() -> Result<Arc<dyn Backend>, AppError> {
    leptos::prelude::use_context().ok_or(AppError::Failed { incident: None })
}

/// Passes a result on, with the HTTP status that fits an error.
pub(crate) fn answer<T>(result: Result<T, AppError>) -> Result<T, AppError> {
    if let Err(error) = &result
        && let Ok(backend) = backend()
    {
        backend.set_status(error.status());
    }
    result
}
