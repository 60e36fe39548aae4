//! Settings: keys to the JSON API.

use crate::AppError;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ApiKeyId;
use serde::{Deserialize, Serialize};

/// What the API keys tab asks.
#[async_trait]
pub trait ApiKeysPort {
    /// The account's keys.
    async fn api_keys(&self) -> Result<ApiKeysView, AppError>;

    /// Makes a key; it is on the next view, once. Field errors: `name`, `expires_in_days`.
    async fn create_api_key(&self, form: ApiKeyForm) -> Result<(), AppError>;

    /// Ends a key.
    async fn revoke_api_key(&self, id: ApiKeyId) -> Result<(), AppError>;
}

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApiKeyScope {
    /// Read.
    Read,
    /// Read and change.
    Write,
}

impl ApiKeyScope {
    /// The stored and form value.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    /// The scope of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Read, Self::Write].into_iter().find(|scope| scope.code() == code)
    }
}

/// A key to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyForm {
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scope: ApiKeyScope,
    /// Until when; left out, without end.
    pub expires_in_days: Option<u32>,
}

/// The account's keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeysView {
    /// Those that are not revoked, the latest first.
    pub keys: Vec<ApiKeyRow>,
    /// A key just made, in full: on one view only, after which only its hash is left.
    pub new_key: Option<String>,
}

/// One key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyRow {
    /// Which key.
    pub id: ApiKeyId,
    /// What it is for.
    pub name: String,
    /// Its beginning, by which it is told apart.
    pub prefix: String,
    /// What it may do.
    pub scope: ApiKeyScope,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used.
    pub last_used_at: Option<DateTime<Utc>>,
}
