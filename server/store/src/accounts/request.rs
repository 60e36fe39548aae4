//! A request that makes something: what it makes, what is logged of it and the answer that is kept for it become true as one.

use super::entities::{api_keys, idempotency_keys};
use super::{ApiKey, NewApiKey, millis};
use crate::{NewStrategy, Store, StoreError, strategies};
use chrono::{DateTime, Utc};
use domain::{StrategyId, UserId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, Set};

/// The answer to an earlier request with the same idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnswer {
    /// Hash of what was asked.
    pub fingerprint: String,
    /// HTTP status.
    pub status: u16,
    /// The body that was sent.
    pub body: Vec<u8>,
}

/// A transaction in which one request is carried out. Dropping it without [`RequestTx::commit`] leaves nothing behind. On
/// SQLite nobody else writes meanwhile, so everything it needs must go through it.
#[derive(Debug)]
pub struct RequestTx {
    pub(crate) store: Store,
    pub(crate) tx: DatabaseTransaction,
}

impl Store {
    /// Begins to carry a request out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin_request(&self) -> Result<RequestTx, StoreError> {
        Ok(RequestTx {
            tx: self.begin_write().await?,
            store: self.clone(),
        })
    }

    /// Removes the answers kept for requests before a time; answers how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn prune_answers(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let removed = idempotency_keys::Entity::delete_many()
            .filter(idempotency_keys::Column::CreatedAt.lt(millis(before)))
            .exec(self.writer())
            .await?;
        Ok(removed.rows_affected)
    }
}

impl RequestTx {
    /// As [`Store::add_strategy`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_strategy(
        &self,
        owner: UserId,
        new: &NewStrategy,
        at: DateTime<Utc>,
    ) -> Result<StrategyId, StoreError> {
        strategies::add(&self.tx, owner, new, at).await
    }

    /// Takes a user's idempotency key for this request, or answers with what an earlier request with it was answered. Who
    /// comes with the same key before this transaction has ended waits for it, in whatever process.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn claim_key(
        &self,
        user: UserId,
        key: &str,
        fingerprint: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<StoredAnswer>, StoreError> {
        let row = idempotency_keys::ActiveModel {
            user_id: Set(user.0),
            key: Set(key.to_owned()),
            fingerprint: Set(fingerprint.to_owned()),
            status: Set(0),
            body: Set(Vec::new()),
            created_at: Set(millis(now)),
        };
        let mut conflict = OnConflict::columns([idempotency_keys::Column::UserId, idempotency_keys::Column::Key]);
        conflict.do_nothing();
        let inserted = idempotency_keys::Entity::insert(row)
            .on_conflict(conflict)
            .exec_without_returning(&self.tx)
            .await?;
        if inserted == 1 {
            return Ok(None);
        }
        let row = idempotency_keys::Entity::find_by_id((user.0, key.to_owned()))
            .one(&self.tx)
            .await?;
        let answer = row.map(|row| StoredAnswer {
            fingerprint: row.fingerprint,
            status: u16::try_from(row.status).unwrap_or(500),
            body: row.body,
        });
        // Removed between the two looks, because its time was over.
        answer.map(Some).ok_or(StoreError::Conflict { constraint: None })
    }

    /// Keeps the answer for a key that this request took.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn keep_answer(&self, user: UserId, key: &str, status: u16, body: Vec<u8>) -> Result<(), StoreError> {
        let row = idempotency_keys::ActiveModel {
            user_id: Set(user.0),
            key: Set(key.to_owned()),
            status: Set(i32::from(status)),
            body: Set(body),
            ..Default::default()
        };
        row.update(&self.tx).await?;
        Ok(())
    }

    /// Records a key to the API.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn create_api_key(&self, new: NewApiKey) -> Result<ApiKey, StoreError> {
        let row = api_keys::ActiveModel {
            user_id: Set(new.user_id.0),
            name: Set(new.name),
            prefix: Set(new.prefix),
            key_hash: Set(new.key_hash),
            scopes: Set(new.scopes.join(" ")),
            created_at: Set(millis(new.created_at)),
            expires_at: Set(new.expires_at.map(millis)),
            last_used_at: Set(None),
            revoked_at: Set(None),
            ..Default::default()
        };
        Ok(super::api_keys::key(row.insert(&self.tx).await?))
    }

    /// Adds an entry to the audit log, as [`Store::audit`] does.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn audit(
        &self,
        now: DateTime<Utc>,
        actor: Option<UserId>,
        action: &str,
        subject: &str,
        detail: &serde_json::Value,
    ) -> Result<(), StoreError> {
        self.store.audit_in(&self.tx, now, actor, action, subject, detail).await
    }

    /// Makes everything done so far true at once.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.tx.commit().await?)
    }
}
