//! Settings: reading preferences and the password.

use crate::AppError;
use crate::viewer::Theme;
use async_trait::async_trait;
use domain::OddsFormat;
use serde::{Deserialize, Serialize};

/// What the Profile tab asks.
#[async_trait]
pub trait ProfilePort {
    /// The time zones there are, IANA names in order.
    async fn time_zones(&self) -> Result<Vec<String>, AppError>;

    /// Changes what is given and leaves the rest. Field error: `time_zone`.
    async fn save_preferences(&self, change: PrefsChange) -> Result<(), AppError>;

    /// Changes the password and ends every other session. Field errors: `current`, `password`, `password_again`.
    async fn change_password(&self, current: String, password: String, password_again: String) -> Result<(), AppError>;
}

/// A change of reading preferences.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrefsChange {
    /// How prices are written.
    pub odds_format: Option<OddsFormat>,
    /// An IANA name.
    pub time_zone: Option<String>,
    /// Light or dark.
    pub theme: Option<Theme>,
}
