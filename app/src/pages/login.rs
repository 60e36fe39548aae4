//! Signing in and out: password, then a code where two-factor is on.

use crate::AppError;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// What the Login page asks.
#[async_trait]
pub trait LoginPort {
    /// Where this session stands.
    async fn sign_in_state(&self) -> Result<SignInState, AppError>;

    /// The first step. The same answer for an unknown address and a wrong password (a complaint without a field).
    async fn sign_in(&self, email: String, password: String) -> Result<SignInState, AppError>;

    /// The second step: a code of the authenticator, or a recovery code. Field error: `code`;
    /// [`AppError::SignInRequired`] when the first step is missing or too old.
    async fn sign_in_code(&self, code: String) -> Result<(), AppError>;

    /// Ends this session on the server.
    async fn sign_out(&self) -> Result<(), AppError>;
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInState {
    /// There is no account yet.
    SetupRequired,
    /// Nobody is signed in.
    Anonymous,
    /// The password was right; a code is still missing.
    CodeRequired,
    /// Signed in.
    SignedIn,
}
