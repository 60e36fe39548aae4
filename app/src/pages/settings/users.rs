//! Settings: who may come in. For the owner alone.

use crate::AppError;
use crate::viewer::UserRole;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::UserId;
use serde::{Deserialize, Serialize};

/// What the Users tab asks; [`AppError::Forbidden`] for anybody but the owner.
#[async_trait]
pub trait UsersPort {
    /// Accounts and open invitations.
    async fn users(&self) -> Result<UsersView, AppError>;

    /// Makes an invitation; its link is on the next view, once. Field error: `email`.
    async fn invite(&self, email: String, role: UserRole) -> Result<(), AppError>;

    /// Ends an invitation.
    async fn revoke_invite(&self, id: i64) -> Result<(), AppError>;

    /// Changes what an account may do. The last owner stays one.
    async fn set_user_role(&self, id: UserId, role: UserRole) -> Result<(), AppError>;

    /// Locks an account and ends its sessions and keys, or opens it again. Nobody locks themselves.
    async fn set_user_locked(&self, id: UserId, is_locked: bool) -> Result<(), AppError>;
}

/// Accounts and open invitations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsersView {
    /// Accounts, the oldest first.
    pub users: Vec<UserRow>,
    /// Invitations that nobody took yet.
    pub invites: Vec<InviteRow>,
    /// The link of an invitation just made, in full: on one view only.
    pub new_link: Option<String>,
}

/// One account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRow {
    /// Which account.
    pub id: UserId,
    /// How they sign in.
    pub email: String,
    /// What they may do.
    pub role: UserRole,
    /// True for the one that asks.
    pub is_you: bool,
    /// True when they may not come in.
    pub is_locked: bool,
    /// True when a code is asked for at sign-in.
    pub has_two_factor: bool,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// When they were last seen.
    pub last_seen_at: Option<DateTime<Utc>>,
}

/// An open invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteRow {
    /// Which invitation.
    pub id: i64,
    /// For whom.
    pub email: String,
    /// What the account may do.
    pub role: UserRole,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}
