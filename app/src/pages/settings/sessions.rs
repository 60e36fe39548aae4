//! Settings: where the account is signed in.

use crate::AppError;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What the Sessions tab asks.
#[async_trait]
pub trait SessionsPort {
    /// The account's sessions, this one first, then the latest used.
    async fn sessions(&self) -> Result<Vec<SessionRow>, AppError>;

    /// Ends one session of this account.
    async fn revoke_session(&self, id: i64) -> Result<(), AppError>;

    /// Ends every session of this account but this one.
    async fn revoke_other_sessions(&self) -> Result<(), AppError>;
}

/// One session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    /// A number for it that opens nothing.
    pub id: i64,
    /// True for the one that asks.
    pub is_this: bool,
    /// Browser and system in a few words, from the User-Agent.
    pub device: String,
    /// The network address it was last used from.
    pub address: String,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last used.
    pub last_used_at: DateTime<Utc>,
    /// When it ends at the latest.
    pub expires_at: DateTime<Utc>,
}
