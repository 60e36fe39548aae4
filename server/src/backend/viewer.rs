//! Who is looking.

use super::{RequestBackend, failed, role};
use crate::desk::preferences::{Preferences, offsets};
use app::AppError;
use app::backend::ViewerPort;
use app::viewer::Viewer;
use async_trait::async_trait;

#[async_trait]
impl ViewerPort for RequestBackend {
    async fn viewer(&self) -> Result<Viewer, AppError> {
        let user = &self.reader().await?.user;
        let preferences = Preferences::of(user);
        let now = self.now();
        let competitions = self.state.store.competitions().await.map_err(failed)?;
        Ok(Viewer {
            id: user.id,
            email: user.email.clone(),
            role: role(user.role),
            zone: offsets(preferences.zone(), now),
            prefs: preferences.prefs(),
            now,
            shows_demo: competitions.iter().any(|competition| competition.is_demo),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        })
    }
}
