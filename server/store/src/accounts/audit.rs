//! The audit log: append-only, each entry hashed together with the one before it, so that a change to the past shows.

use super::entities::audit_log;
use super::{instant, millis};
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use domain::UserId;
use sea_orm::{ActiveModelTrait, DatabaseTransaction, EntityTrait, QueryOrder, QuerySelect, Set, TransactionTrait};
use sha2::{Digest, Sha256};

/// One thing that was done.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    /// Its place in the log.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// By whom; `None` for the program itself or somebody not signed in.
    pub actor: Option<UserId>,
    /// What, e.g. `sign_in`.
    pub action: String,
    /// To what, e.g. `user:7`.
    pub subject: String,
    /// More, as JSON; never a secret.
    pub detail: serde_json::Value,
}

fn chained_hash(previous: &str, at: i64, actor: Option<i64>, action: &str, subject: &str, detail: &str) -> String {
    let text = serde_json::json!([previous, at, actor, action, subject, detail]).to_string();
    hex::encode(Sha256::digest(text.as_bytes()))
}

impl Store {
    /// Adds an entry to the log.
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
        let tx = self.writer().begin().await?;
        self.audit_in(&tx, now, actor, action, subject, detail).await?;
        Ok(tx.commit().await?)
    }

    /// As [`Store::audit`], within a transaction: whoever else writes to the log waits until it ends.
    pub(super) async fn audit_in(
        &self,
        tx: &DatabaseTransaction,
        now: DateTime<Utc>,
        actor: Option<UserId>,
        action: &str,
        subject: &str,
        detail: &serde_json::Value,
    ) -> Result<(), StoreError> {
        self.lock_in(tx, "audit_log").await?;
        let last = audit_log::Entity::find()
            .order_by_desc(audit_log::Column::Id)
            .limit(1)
            .one(tx)
            .await?;
        let previous = last.map(|row| row.hash).unwrap_or_default();
        let (at, actor, detail) = (millis(now), actor.map(|id| id.0), detail.to_string());
        let hash = chained_hash(&previous, at, actor, action, subject, &detail);
        let row = audit_log::ActiveModel {
            at: Set(at),
            actor_id: Set(actor),
            action: Set(action.to_owned()),
            subject: Set(subject.to_owned()),
            detail: Set(detail),
            previous_hash: Set(previous),
            hash: Set(hash),
            ..Default::default()
        };
        row.insert(tx).await?;
        Ok(())
    }

    /// The newest entries.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_audit(&self, limit: u64) -> Result<Vec<AuditEntry>, StoreError> {
        let rows = audit_log::Entity::find()
            .order_by_desc(audit_log::Column::Id)
            .limit(limit)
            .all(self.reader())
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| AuditEntry {
                id: row.id,
                at: instant(row.at),
                actor: row.actor_id.map(UserId),
                action: row.action,
                subject: row.subject,
                detail: serde_json::from_str(&row.detail).unwrap_or_default(),
            })
            .collect())
    }

    /// The first entry whose hash does not follow from the one before it; `None` when the log is whole.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn verify_audit(&self) -> Result<Option<i64>, StoreError> {
        let rows = audit_log::Entity::find()
            .order_by_asc(audit_log::Column::Id)
            .all(self.reader())
            .await?;
        let mut previous = String::new();
        for row in rows {
            let hash = chained_hash(&previous, row.at, row.actor_id, &row.action, &row.subject, &row.detail);
            if row.previous_hash != previous || row.hash != hash {
                return Ok(Some(row.id));
            }
            previous = row.hash;
        }
        Ok(None)
    }
}
