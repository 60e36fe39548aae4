//! The first visit.

use super::{RequestBackend, failed, told};
use crate::desk::accounts;
use app::AppError;
use app::pages::setup::{SetupForm, SetupPort, SetupState};
use async_trait::async_trait;

impl RequestBackend {
    async fn is_set_up(&self) -> Result<bool, AppError> {
        Ok(self.state.store.count_users().await.map_err(failed)? > 0)
    }
}

#[async_trait]
impl SetupPort for RequestBackend {
    async fn setup_state(&self) -> Result<SetupState, AppError> {
        Ok(SetupState {
            is_open: !self.is_set_up().await?,
            needs_code: self.state.setup_code.is_some(),
        })
    }

    async fn set_up(&self, form: SetupForm) -> Result<(), AppError> {
        if self.is_set_up().await? {
            return Err(AppError::NotFound);
        }
        let session = self.session()?;
        check_again(&form.password, &form.password_again)?;
        let user = match told(accounts::set_up(&self.state, &form.code, &form.email, "", &form.password).await) {
            // Somebody else was faster.
            Err(AppError::Invalid { field: None, .. }) => return Err(AppError::NotFound),
            other => other?,
        };
        told(accounts::sign_in_new(&self.state, session, &user).await)
    }
}

/// A new password is typed twice.
pub(super) fn check_again(password: &str, again: &str) -> Result<(), AppError> {
    if password == again {
        Ok(())
    } else {
        Err(AppError::field("password_again", "The two passwords are not the same."))
    }
}
