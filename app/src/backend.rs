//! The port between pages and server: what pages ask for, in domain types. The server answers it per request, already bound
//! to the session that asks, so no query here names a user; a test answers it with a fake.

use crate::AppError;
use crate::pages::{
    game::GamePort, games::GamesPort, health::HealthPort, invite::InvitePort, issues::IssuesPort, login::LoginPort,
    opportunities::OpportunitiesPort, opportunity::OpportunityPort, settings::SettingsPort, setup::SetupPort,
    snapshot::SnapshotPort, today::TodayPort,
};
use crate::viewer::ViewerPort;

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
        + HealthPort
        + IssuesPort
        + SettingsPort
        + Send
        + Sync
{
}

/// What an answer says beside its body.
pub trait ReplyPort {
    /// Sends the browser to another page of this site: `Location` with a redirect status for plain requests, the header that
    /// the script follows otherwise. Anything but a path on this site becomes `/`.
    fn redirect(&self, path: &str);

    /// Sets the HTTP status. Has no effect on a POST that accepts `text/html`: a form sent without scripts is always answered
    /// by a redirect, which carries the error back to its page.
    fn set_status(&self, status: u16);
}

/// The backend of this request.
#[cfg(feature = "ssr")]
pub(crate) fn backend() -> Result<std::sync::Arc<dyn Backend>, AppError> {
    leptos::prelude::use_context().ok_or(AppError::Failed { incident: None })
}

/// There is nothing at this address; says so in the HTTP status, too.
pub(crate) fn nothing<T>() -> Result<T, AppError> {
    #[cfg(feature = "ssr")]
    if let Ok(backend) = backend() {
        backend.set_status(AppError::NotFound.status());
    }
    Err(AppError::NotFound)
}

/// Passes a result on, with the HTTP status that fits an error.
#[cfg(feature = "ssr")]
pub(crate) fn answer<T>(result: Result<T, AppError>) -> Result<T, AppError> {
    if let Err(error) = &result
        && let Ok(backend) = backend()
    {
        backend.set_status(error.status());
    }
    result
}
