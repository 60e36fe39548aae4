//! Invitations: nobody signs up alone.

use super::entities::invites;
use super::{UserRole, instant, millis};
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use domain::UserId;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Set};

/// An invitation by the owner.
#[derive(Clone, Debug, PartialEq)]
pub struct Invite {
    /// Which.
    pub id: i64,
    /// For whom.
    pub email: String,
    /// As what.
    pub role: UserRole,
    /// By whom.
    pub invited_by: UserId,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
    /// Used when.
    pub accepted_at: Option<DateTime<Utc>>,
}

fn invite(row: invites::Model) -> Result<Invite, StoreError> {
    Ok(Invite {
        id: row.id,
        role: UserRole::from_code(&row.role).ok_or_else(|| StoreError::corrupt("invites.role", &row.role))?,
        email: row.email,
        invited_by: UserId(row.invited_by),
        created_at: instant(row.created_at),
        expires_at: instant(row.expires_at),
        accepted_at: row.accepted_at.map(instant),
    })
}

impl Store {
    /// Records an invitation; only the hash of its token is kept.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn create_invite(
        &self,
        token_hash: &str,
        email: &str,
        role: UserRole,
        invited_by: UserId,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<Invite, StoreError> {
        let row = invites::ActiveModel {
            token_hash: Set(token_hash.to_owned()),
            email: Set(email.to_owned()),
            role: Set(role.code().to_owned()),
            invited_by: Set(invited_by.0),
            created_at: Set(millis(now)),
            expires_at: Set(millis(expires_at)),
            accepted_at: Set(None),
            ..Default::default()
        };
        invite(row.insert(self.writer()).await?)
    }

    /// The open invitation of a token, by its hash.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_invite(&self, token_hash: &str, now: DateTime<Utc>) -> Result<Option<Invite>, StoreError> {
        invites::Entity::find()
            .filter(invites::Column::TokenHash.eq(token_hash))
            .filter(invites::Column::AcceptedAt.is_null())
            .filter(invites::Column::ExpiresAt.gt(millis(now)))
            .one(self.reader())
            .await?
            .map(invite)
            .transpose()
    }

    /// Uses an invitation up: true for the first who does.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn accept_invite(&self, id: i64, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let changed = invites::Entity::update_many()
            .col_expr(invites::Column::AcceptedAt, Expr::value(millis(now)))
            .filter(invites::Column::Id.eq(id))
            .filter(invites::Column::AcceptedAt.is_null())
            .exec(self.writer())
            .await?;
        Ok(changed.rows_affected == 1)
    }

    /// All invitations, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_invites(&self) -> Result<Vec<Invite>, StoreError> {
        let rows = invites::Entity::find()
            .order_by_desc(invites::Column::Id)
            .all(self.reader())
            .await?;
        rows.into_iter().map(invite).collect()
    }

    /// Takes an unused invitation back.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_invite(&self, id: i64) -> Result<bool, StoreError> {
        let gone = invites::Entity::delete_many()
            .filter(invites::Column::Id.eq(id))
            .filter(invites::Column::AcceptedAt.is_null())
            .exec(self.writer())
            .await?;
        Ok(gone.rows_affected == 1)
    }
}
