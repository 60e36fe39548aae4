//! Sessions: only the hash of a session's id is kept, so that a copy of the database lets nobody in.

use super::entities::sessions;
use super::{instant, millis};
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use domain::UserId;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Set};

/// A session as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionRow {
    /// SHA-256 of the id, in hexadecimal.
    pub id_hash: String,
    /// Whose, once signed in.
    pub user_id: Option<UserId>,
    /// What the session holds, as JSON.
    pub body: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Last used, to within a few minutes.
    pub seen_at: DateTime<Utc>,
    /// Ends when.
    pub expires_at: DateTime<Utc>,
    /// The browser, as it calls itself.
    pub user_agent: Option<String>,
    /// From which network address.
    pub address: Option<String>,
}

fn session(row: sessions::Model) -> SessionRow {
    let sessions::Model {
        id_hash,
        user_id,
        body,
        created_at,
        seen_at,
        expires_at,
        user_agent,
        address,
    } = row;
    SessionRow {
        id_hash,
        user_id: user_id.map(UserId),
        body,
        created_at: instant(created_at),
        seen_at: instant(seen_at),
        expires_at: instant(expires_at),
        user_agent,
        address,
    }
}

impl Store {
    /// Writes a session, new or known.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn save_session(&self, row: SessionRow) -> Result<(), StoreError> {
        let active = sessions::ActiveModel {
            id_hash: Set(row.id_hash),
            user_id: Set(row.user_id.map(|id| id.0)),
            body: Set(row.body),
            created_at: Set(millis(row.created_at)),
            seen_at: Set(millis(row.seen_at)),
            expires_at: Set(millis(row.expires_at)),
            user_agent: Set(row.user_agent),
            address: Set(row.address),
        };
        let mut conflict = OnConflict::column(sessions::Column::IdHash);
        conflict.update_columns([
            sessions::Column::UserId,
            sessions::Column::Body,
            sessions::Column::SeenAt,
            sessions::Column::ExpiresAt,
            sessions::Column::UserAgent,
            sessions::Column::Address,
        ]);
        sessions::Entity::insert(active)
            .on_conflict(conflict)
            .exec_without_returning(self.writer())
            .await?;
        Ok(())
    }

    /// The session with a hash, unless it has expired.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_session(&self, id_hash: &str, now: DateTime<Utc>) -> Result<Option<SessionRow>, StoreError> {
        Ok(sessions::Entity::find_by_id(id_hash.to_owned())
            .filter(sessions::Column::ExpiresAt.gt(millis(now)))
            .one(self.reader())
            .await?
            .map(session))
    }

    /// Ends a session by its hash.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_session(&self, id_hash: &str) -> Result<(), StoreError> {
        sessions::Entity::delete_by_id(id_hash.to_owned())
            .exec(self.writer())
            .await?;
        Ok(())
    }

    /// A user's sessions, last used first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_sessions(&self, user: UserId, now: DateTime<Utc>) -> Result<Vec<SessionRow>, StoreError> {
        let rows = sessions::Entity::find()
            .filter(sessions::Column::UserId.eq(user.0))
            .filter(sessions::Column::ExpiresAt.gt(millis(now)))
            .order_by_desc(sessions::Column::SeenAt)
            .all(self.reader())
            .await?;
        Ok(rows.into_iter().map(session).collect())
    }

    /// Ends one of a user's sessions by the beginning of its hash; false when there is none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revoke_session(&self, user: UserId, id_hash: &str) -> Result<bool, StoreError> {
        let gone = sessions::Entity::delete_many()
            .filter(sessions::Column::UserId.eq(user.0))
            .filter(sessions::Column::IdHash.eq(id_hash))
            .exec(self.writer())
            .await?;
        Ok(gone.rows_affected > 0)
    }

    /// Ends all of a user's sessions but one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revoke_other_sessions(&self, user: UserId, keep: Option<&str>) -> Result<u64, StoreError> {
        let mut delete = sessions::Entity::delete_many().filter(sessions::Column::UserId.eq(user.0));
        if let Some(keep) = keep {
            delete = delete.filter(sessions::Column::IdHash.ne(keep));
        }
        Ok(delete.exec(self.writer()).await?.rows_affected)
    }

    /// Removes expired sessions.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn prune_sessions(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let gone = sessions::Entity::delete_many()
            .filter(sessions::Column::ExpiresAt.lte(millis(now)))
            .exec(self.writer())
            .await?;
        Ok(gone.rows_affected)
    }
}
