//! Accepting an invitation.

use crate::AppError;
use crate::viewer::UserRole;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What the invitation page asks.
#[async_trait]
pub trait InvitePort {
    /// The invitation behind a link; [`AppError::NotFound`] when there is none, it was used, or it has expired.
    async fn invitation(&self, token: String) -> Result<Invitation, AppError>;

    /// Makes the account and signs in. Field errors: `password`, `password_again`.
    async fn accept_invitation(&self, token: String, password: String, password_again: String) -> Result<(), AppError>;
}

/// An open invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// For whom.
    pub email: String,
    /// What the account may do.
    pub role: UserRole,
    /// Who sent it.
    pub invited_by: String,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}
