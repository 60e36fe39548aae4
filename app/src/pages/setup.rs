//! The first visit: makes the owner.

use crate::AppError;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// What the Setup page asks.
#[async_trait]
pub trait SetupPort {
    /// What stands between the visitor and the first account.
    async fn setup_state(&self) -> Result<SetupState, AppError>;

    /// Makes the owner and signs them in. Field errors: `code`, `email`, `password`, `password_again`.
    /// [`AppError::NotFound`] once an account exists.
    async fn set_up(&self, form: SetupForm) -> Result<(), AppError>;
}

/// What stands between the visitor and the first account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupState {
    /// False once an account exists.
    pub is_open: bool,
    /// True when the one-time code of the terminal is asked for.
    pub needs_code: bool,
}

/// As typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupForm {
    /// The one-time code of the terminal; empty where none is asked for.
    #[serde(default)]
    pub code: String,
    /// The owner's e-mail address.
    #[serde(default)]
    pub email: String,
    /// The owner's password.
    #[serde(default)]
    pub password: String,
    /// The same again.
    #[serde(default)]
    pub password_again: String,
}
