//! Reading preferences and the password.

use crate::backend::setup::check_again;
use crate::backend::{RequestBackend, failed, told};
use crate::desk::accounts;
use crate::desk::preferences::{Preferences, zone_names};
use app::AppError;
use app::pages::settings::profile::{PrefsChange, ProfilePort};
use async_trait::async_trait;
use chrono_tz::Tz;

#[async_trait]
impl ProfilePort for RequestBackend {
    async fn time_zones(&self) -> Result<Vec<String>, AppError> {
        self.reader().await?;
        Ok(zone_names())
    }

    async fn save_preferences(&self, change: PrefsChange) -> Result<(), AppError> {
        let user = self.writer().await?;
        let mut preferences = Preferences::of(user);
        if let Some(odds_format) = change.odds_format {
            preferences.odds_format = odds_format;
        }
        if let Some(time_zone) = change.time_zone {
            let zone: Tz = time_zone
                .trim()
                .parse()
                .map_err(|_| AppError::field("time_zone", "Choose a time zone of the list, such as Europe/Vienna."))?;
            zone.name().clone_into(&mut preferences.time_zone);
        }
        if let Some(theme) = change.theme {
            preferences.theme = theme;
        }
        self.state
            .store
            .set_preferences(user.id, &preferences.to_json())
            .await
            .map_err(failed)
    }

    async fn change_password(&self, current: String, password: String, password_again: String) -> Result<(), AppError> {
        let user = self.writer().await?;
        check_again(&password, &password_again)?;
        self.check_password(user, "current", &current).await?;
        told(accounts::change_password(&self.state, self.session()?, user, &current, &password).await)
    }
}
