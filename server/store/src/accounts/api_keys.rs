//! API keys: shown once, kept as a hash.

use super::entities::api_keys;
use super::{instant, millis};
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use domain::{ApiKeyId, UserId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

/// A key to the JSON API.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiKey {
    /// Which key.
    pub id: ApiKeyId,
    /// Whose.
    pub user_id: UserId,
    /// What for, in the user's words.
    pub name: String,
    /// Its first letters, to tell keys apart.
    pub prefix: String,
    /// What it may do, e.g. `read`.
    pub scopes: Vec<String>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Until when.
    pub expires_at: Option<DateTime<Utc>>,
    /// Last used, to within a minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Revoked when.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// What makes a key.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// Whose.
    pub user_id: UserId,
    /// What for.
    pub name: String,
    /// Its first letters.
    pub prefix: String,
    /// SHA-256 of the key, in hexadecimal.
    pub key_hash: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Now.
    pub created_at: DateTime<Utc>,
    /// Until when.
    pub expires_at: Option<DateTime<Utc>>,
}

pub(super) fn key(row: api_keys::Model) -> ApiKey {
    let api_keys::Model {
        id,
        user_id,
        name,
        prefix,
        key_hash: _,
        scopes,
        created_at,
        expires_at,
        last_used_at,
        revoked_at,
    } = row;
    ApiKey {
        id: ApiKeyId(id),
        user_id: UserId(user_id),
        name,
        prefix,
        scopes: scopes
            .split(' ')
            .filter(|scope| !scope.is_empty())
            .map(str::to_owned)
            .collect(),
        created_at: instant(created_at),
        expires_at: expires_at.map(instant),
        last_used_at: last_used_at.map(instant),
        revoked_at: revoked_at.map(instant),
    }
}

impl Store {
    /// The valid key with a hash: not revoked, not expired.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_api_key(&self, key_hash: &str, now: DateTime<Utc>) -> Result<Option<ApiKey>, StoreError> {
        let found = api_keys::Entity::find()
            .filter(api_keys::Column::KeyHash.eq(key_hash))
            .filter(api_keys::Column::RevokedAt.is_null())
            .one(self.reader())
            .await?
            .map(key);
        Ok(found.filter(|key| key.expires_at.is_none_or(|at| at > now)))
    }

    /// Notes that a key was used.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn touch_api_key(&self, id: ApiKeyId, now: DateTime<Utc>) -> Result<(), StoreError> {
        api_keys::Entity::update_many()
            .col_expr(api_keys::Column::LastUsedAt, Expr::value(millis(now)))
            .filter(api_keys::Column::Id.eq(id.0))
            .exec(self.writer())
            .await?;
        Ok(())
    }

    /// A user's keys, newest first, revoked ones included.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_api_keys(&self, user: UserId) -> Result<Vec<ApiKey>, StoreError> {
        let rows = api_keys::Entity::find()
            .filter(api_keys::Column::UserId.eq(user.0))
            .order_by_desc(api_keys::Column::Id)
            .all(self.reader())
            .await?;
        Ok(rows.into_iter().map(key).collect())
    }

    /// Revokes one of a user's keys; false when there is no such valid key.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revoke_api_key(&self, user: UserId, id: ApiKeyId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let changed = api_keys::Entity::update_many()
            .col_expr(api_keys::Column::RevokedAt, Expr::value(millis(now)))
            .filter(api_keys::Column::UserId.eq(user.0))
            .filter(api_keys::Column::Id.eq(id.0))
            .filter(api_keys::Column::RevokedAt.is_null())
            .exec(self.writer())
            .await?;
        Ok(changed.rows_affected == 1)
    }
}
