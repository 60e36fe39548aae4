//! Settings: two-factor sign-in.

use crate::AppError;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What the Two-factor tab asks.
#[async_trait]
pub trait TwoFactorPort {
    /// Where it stands.
    async fn two_factor(&self) -> Result<TwoFactorView, AppError>;

    /// Makes a secret that waits for its first code. Field error: `password`.
    async fn start_two_factor(&self, password: String) -> Result<(), AppError>;

    /// Turns it on with the first code. Recovery codes are then on the next view, once. Field error: `code`.
    async fn confirm_two_factor(&self, code: String) -> Result<(), AppError>;

    /// Forgets a secret that still waits for its first code.
    async fn cancel_two_factor(&self) -> Result<(), AppError>;

    /// Turns it off. Field errors: `password`, `code`.
    async fn stop_two_factor(&self, password: String, code: String) -> Result<(), AppError>;

    /// Replaces the recovery codes; the new ones are on the next view, once. Field error: `password`.
    async fn renew_recovery_codes(&self, password: String) -> Result<(), AppError>;
}

/// Where two-factor sign-in stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TwoFactorView {
    /// Off, waiting, or on.
    pub state: TwoFactorState,
    /// Recovery codes just made: on one view only, after which only their hashes are left.
    pub new_recovery_codes: Option<Vec<String>>,
}

/// Off, waiting, or on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum TwoFactorState {
    /// A password is enough.
    Off,
    /// A secret waits for its first code.
    Waiting {
        /// The secret in base32, for typing.
        secret: String,
        /// The same as an `otpauth://` address.
        uri: String,
        /// The same as a QR code: an `<svg>` element without inline styles or scripts.
        qr_svg: String,
    },
    /// A code is asked for at every sign-in.
    On {
        /// Since when.
        since: DateTime<Utc>,
        /// Recovery codes that are still unused.
        recovery_codes_left: u32,
    },
}
