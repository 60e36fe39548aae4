//! Settings of the desk, and what each user can bet at.

use super::entities::{login_attempts, settings, user_bookmakers};
use super::{instant, millis};
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use domain::bookmaker::BettingTerms;
use domain::{BookmakerId, UserId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};

/// What a user says of a bookmaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BookmakerChoice {
    /// Which.
    pub bookmaker_id: BookmakerId,
    /// Whether the user has an account there.
    pub is_usable: bool,
    /// The user's own commission in hundredths of a percent, where it differs from the usual.
    pub commission_bp: Option<u16>,
    /// On which terms the user bets there, where they differ from the usual.
    pub terms: Option<BettingTerms>,
}

impl Store {
    /// A setting of the whole desk, as JSON.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn setting(&self, key: &str) -> Result<Option<serde_json::Value>, StoreError> {
        let row = settings::Entity::find_by_id(key.to_owned()).one(self.reader()).await?;
        row.map(|row| serde_json::from_str(&row.value).map_err(|_| StoreError::corrupt("settings.value", key)))
            .transpose()
    }

    /// Writes a setting of the whole desk.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_setting(&self, key: &str, value: &serde_json::Value) -> Result<(), StoreError> {
        let row = settings::ActiveModel {
            key: Set(key.to_owned()),
            value: Set(value.to_string()),
        };
        let mut conflict = OnConflict::column(settings::Column::Key);
        conflict.update_column(settings::Column::Value);
        settings::Entity::insert(row)
            .on_conflict(conflict)
            .exec_without_returning(self.writer())
            .await?;
        Ok(())
    }

    /// What a user has said of bookmakers.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn bookmaker_choices(&self, user: UserId) -> Result<Vec<BookmakerChoice>, StoreError> {
        let rows = user_bookmakers::Entity::find()
            .filter(user_bookmakers::Column::UserId.eq(user.0))
            .all(self.reader())
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| BookmakerChoice {
                bookmaker_id: BookmakerId(row.bookmaker_id),
                is_usable: row.is_usable,
                commission_bp: row.commission_bp.and_then(|bp| u16::try_from(bp).ok()),
                terms: row.terms.and_then(|terms| serde_json::from_str(&terms).ok()),
            })
            .collect())
    }

    /// Writes what a user says of a bookmaker.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_bookmaker_choice(&self, user: UserId, choice: BookmakerChoice) -> Result<(), StoreError> {
        let row = user_bookmakers::ActiveModel {
            user_id: Set(user.0),
            bookmaker_id: Set(choice.bookmaker_id.0),
            is_usable: Set(choice.is_usable),
            commission_bp: Set(choice.commission_bp.map(i32::from)),
            terms: Set(choice.terms.and_then(|terms| serde_json::to_string(&terms).ok())),
        };
        let mut conflict = OnConflict::columns([user_bookmakers::Column::UserId, user_bookmakers::Column::BookmakerId]);
        conflict.update_columns([
            user_bookmakers::Column::IsUsable,
            user_bookmakers::Column::CommissionBp,
            user_bookmakers::Column::Terms,
        ]);
        user_bookmakers::Entity::insert(row)
            .on_conflict(conflict)
            .exec_without_returning(self.writer())
            .await?;
        Ok(())
    }

    /// Failed sign-ins of a subject (an account or a network) and when its window began.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn login_failures(&self, subject: &str) -> Result<(i32, DateTime<Utc>), StoreError> {
        let row = login_attempts::Entity::find_by_id(subject.to_owned())
            .one(self.reader())
            .await?;
        Ok(row.map_or((0, DateTime::UNIX_EPOCH), |row| {
            (row.failures, instant(row.window_started_at))
        }))
    }

    /// Sets a subject's failed sign-ins; none removes it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_login_failures(
        &self,
        subject: &str,
        failures: i32,
        window_started_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        if failures == 0 {
            login_attempts::Entity::delete_by_id(subject.to_owned())
                .exec(self.writer())
                .await?;
            return Ok(());
        }
        let row = login_attempts::ActiveModel {
            subject: Set(subject.to_owned()),
            failures: Set(failures),
            window_started_at: Set(millis(window_started_at)),
        };
        let mut conflict = OnConflict::column(login_attempts::Column::Subject);
        conflict.update_columns([
            login_attempts::Column::Failures,
            login_attempts::Column::WindowStartedAt,
        ]);
        login_attempts::Entity::insert(row)
            .on_conflict(conflict)
            .exec_without_returning(self.writer())
            .await?;
        Ok(())
    }
}
