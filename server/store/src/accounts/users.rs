//! Users and their recovery codes.

use super::entities::{recovery_codes, users};
use super::{instant, millis};
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use domain::UserId;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, Set, TransactionTrait,
};
use serde::{Deserialize, Serialize};

/// What a user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserRole {
    /// Looks.
    Viewer,
    /// Looks, and decides what concerns everyone's data: reviews, and later bets of their own.
    Member,
    /// Everything: feeds, people, settings of the whole desk.
    Owner,
}

impl UserRole {
    /// The stored form.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Member => "member",
            Self::Owner => "owner",
        }
    }

    /// The role of a stored code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Viewer, Self::Member, Self::Owner]
            .into_iter()
            .find(|role| role.code() == code)
    }
}

/// A person with an account.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// Which user.
    pub id: UserId,
    /// Lower case; unique.
    pub email: String,
    /// As shown.
    pub name: String,
    /// What the user may do.
    pub role: UserRole,
    /// In PHC form.
    pub password_hash: String,
    /// The sealed seed of the second factor, from the moment it is offered.
    pub totp_sealed: Option<Vec<u8>>,
    /// True once the user has shown a code of it.
    pub is_totp_on: bool,
    /// The last time step whose code was accepted: no code works twice.
    pub totp_last_step: i64,
    /// What the user likes to see, as JSON of the server's making.
    pub preferences: serde_json::Value,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Disabled users cannot sign in.
    pub disabled_at: Option<DateTime<Utc>>,
}

/// What makes a user.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Lower case.
    pub email: String,
    /// As shown.
    pub name: String,
    /// What the user may do.
    pub role: UserRole,
    /// In PHC form.
    pub password_hash: String,
    /// Now.
    pub created_at: DateTime<Utc>,
}

fn user(row: users::Model) -> Result<User, StoreError> {
    let users::Model {
        id,
        email,
        name,
        role,
        password_hash,
        totp_sealed,
        totp_on,
        totp_last_step,
        preferences,
        created_at,
        disabled_at,
    } = row;
    Ok(User {
        id: UserId(id),
        role: UserRole::from_code(&role).ok_or_else(|| StoreError::corrupt("users.role", &role))?,
        preferences: serde_json::from_str(&preferences).unwrap_or_default(),
        email,
        name,
        password_hash,
        totp_sealed,
        is_totp_on: totp_on,
        totp_last_step,
        created_at: instant(created_at),
        disabled_at: disabled_at.map(instant),
    })
}

impl Store {
    /// How many users there are.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_users(&self) -> Result<u64, StoreError> {
        Ok(users::Entity::find().count(self.reader()).await?)
    }

    /// Makes a user.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the e-mail address is taken.
    pub async fn create_user(&self, new: NewUser) -> Result<User, StoreError> {
        let row = users::ActiveModel {
            email: Set(new.email),
            name: Set(new.name),
            role: Set(new.role.code().to_owned()),
            password_hash: Set(new.password_hash),
            totp_sealed: Set(None),
            totp_on: Set(false),
            totp_last_step: Set(0),
            preferences: Set("{}".to_owned()),
            created_at: Set(millis(new.created_at)),
            disabled_at: Set(None),
            ..Default::default()
        };
        user(row.insert(self.writer()).await?)
    }

    /// Makes the owner, if there is no user yet. `None` when somebody was first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn create_first_user(&self, new: NewUser) -> Result<Option<User>, StoreError> {
        // The e-mail's uniqueness does not stop two different first owners, so the count and the insert share a transaction
        // that takes the write lock first.
        let tx = self.writer().begin().await?;
        self.lock_in(&tx, "first_user").await?;
        if users::Entity::find().count(&tx).await? > 0 {
            return Ok(None);
        }
        let row = users::ActiveModel {
            email: Set(new.email),
            name: Set(new.name),
            role: Set(new.role.code().to_owned()),
            password_hash: Set(new.password_hash),
            totp_sealed: Set(None),
            totp_on: Set(false),
            totp_last_step: Set(0),
            preferences: Set("{}".to_owned()),
            created_at: Set(millis(new.created_at)),
            disabled_at: Set(None),
            ..Default::default()
        };
        let made = row.insert(&tx).await?;
        tx.commit().await?;
        user(made).map(Some)
    }

    /// The user with an e-mail address.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_user_by_email(&self, email: &str) -> Result<Option<User>, StoreError> {
        let found = users::Entity::find()
            .filter(users::Column::Email.eq(email))
            .one(self.reader())
            .await?;
        found.map(user).transpose()
    }

    /// The user with a number.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        users::Entity::find_by_id(id.0)
            .one(self.reader())
            .await?
            .map(user)
            .transpose()
    }

    /// Everyone, in the order of joining.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_users(&self) -> Result<Vec<User>, StoreError> {
        let rows = users::Entity::find()
            .order_by_asc(users::Column::Id)
            .all(self.reader())
            .await?;
        rows.into_iter().map(user).collect()
    }

    async fn update_user(
        &self,
        id: UserId,
        column: users::Column,
        value: impl Into<sea_orm::sea_query::Value>,
    ) -> Result<(), StoreError> {
        users::Entity::update_many()
            .col_expr(column, Expr::value(value))
            .filter(users::Column::Id.eq(id.0))
            .exec(self.writer())
            .await?;
        Ok(())
    }

    /// Changes the password.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_password_hash(&self, id: UserId, hash: &str) -> Result<(), StoreError> {
        self.update_user(id, users::Column::PasswordHash, hash).await
    }

    /// Changes what the user likes to see.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_preferences(&self, id: UserId, preferences: &serde_json::Value) -> Result<(), StoreError> {
        self.update_user(id, users::Column::Preferences, preferences.to_string())
            .await
    }

    /// Changes what a user may do. False when nobody else could then act as the owner: nothing is changed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_role(&self, id: UserId, role: UserRole) -> Result<bool, StoreError> {
        // Two owners who demote each other at once must not both succeed.
        let tx = self.begin_write().await?;
        self.lock_in(&tx, "owners").await?;
        let others = users::Entity::find()
            .filter(users::Column::Role.eq(UserRole::Owner.code()))
            .filter(users::Column::DisabledAt.is_null())
            .filter(users::Column::Id.ne(id.0))
            .count(&tx)
            .await?;
        if role != UserRole::Owner && others == 0 {
            return Ok(false);
        }
        users::Entity::update_many()
            .col_expr(users::Column::Role, Expr::value(role.code()))
            .filter(users::Column::Id.eq(id.0))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Lets a user in again (`None`) or keeps the user out from a time on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_disabled(&self, id: UserId, at: Option<DateTime<Utc>>) -> Result<(), StoreError> {
        self.update_user(id, users::Column::DisabledAt, at.map(millis)).await
    }

    /// Offers a second factor: stores its sealed seed, not yet in force.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn offer_totp(&self, id: UserId, sealed: Vec<u8>) -> Result<(), StoreError> {
        self.update_user(id, users::Column::TotpSealed, sealed).await
    }

    /// Puts the second factor in force, with its recovery codes' hashes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn turn_on_totp(&self, id: UserId, recovery_hashes: &[String]) -> Result<(), StoreError> {
        let tx = self.writer().begin().await?;
        users::Entity::update_many()
            .col_expr(users::Column::TotpOn, Expr::value(true))
            .filter(users::Column::Id.eq(id.0))
            .exec(&tx)
            .await?;
        recovery_codes::Entity::delete_many()
            .filter(recovery_codes::Column::UserId.eq(id.0))
            .exec(&tx)
            .await?;
        let rows = recovery_hashes.iter().map(|hash| recovery_codes::ActiveModel {
            user_id: Set(id.0),
            code_hash: Set(hash.clone()),
            used_at: Set(None),
            ..Default::default()
        });
        recovery_codes::Entity::insert_many(rows).exec(&tx).await?;
        Ok(tx.commit().await?)
    }

    /// Ends the second factor.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn turn_off_totp(&self, id: UserId) -> Result<(), StoreError> {
        let tx = self.writer().begin().await?;
        users::Entity::update_many()
            .col_expr(users::Column::TotpOn, Expr::value(false))
            .col_expr(users::Column::TotpSealed, Expr::value(Option::<Vec<u8>>::None))
            .filter(users::Column::Id.eq(id.0))
            .exec(&tx)
            .await?;
        recovery_codes::Entity::delete_many()
            .filter(recovery_codes::Column::UserId.eq(id.0))
            .exec(&tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Uses up a time step's code: true when no code of this step or a later one was used before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn use_totp_step(&self, id: UserId, step: i64) -> Result<bool, StoreError> {
        let changed = users::Entity::update_many()
            .col_expr(users::Column::TotpLastStep, Expr::value(step))
            .filter(users::Column::Id.eq(id.0))
            .filter(users::Column::TotpLastStep.lt(step))
            .exec(self.writer())
            .await?;
        Ok(changed.rows_affected == 1)
    }

    /// Uses up a recovery code by its hash: true when it was one and unused.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn use_recovery_code(&self, id: UserId, hash: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let changed = recovery_codes::Entity::update_many()
            .col_expr(recovery_codes::Column::UsedAt, Expr::value(millis(now)))
            .filter(recovery_codes::Column::UserId.eq(id.0))
            .filter(recovery_codes::Column::CodeHash.eq(hash))
            .filter(recovery_codes::Column::UsedAt.is_null())
            .exec(self.writer())
            .await?;
        Ok(changed.rows_affected == 1)
    }

    /// How many recovery codes are left.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_recovery_codes(&self, id: UserId) -> Result<u64, StoreError> {
        Ok(recovery_codes::Entity::find()
            .filter(recovery_codes::Column::UserId.eq(id.0))
            .filter(recovery_codes::Column::UsedAt.is_null())
            .count(self.reader())
            .await?)
    }
}
