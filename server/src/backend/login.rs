//! Signing in and out.

use super::{RequestBackend, failed, told};
use crate::desk::accounts::{self, SignIn};
use app::AppError;
use app::pages::login::{LoginPort, SignInState};
use async_trait::async_trait;

#[async_trait]
impl LoginPort for RequestBackend {
    async fn sign_in_state(&self) -> Result<SignInState, AppError> {
        if self.viewer.is_some() {
            return Ok(SignInState::SignedIn);
        }
        if let Some(session) = &self.session
            && told(accounts::awaiting_totp(&self.state, session).await)?.is_some()
        {
            return Ok(SignInState::CodeRequired);
        }
        let is_empty = self.state.store.count_users().await.map_err(failed)? == 0;
        Ok(if is_empty {
            SignInState::SetupRequired
        } else {
            SignInState::Anonymous
        })
    }

    async fn sign_in(&self, email: String, password: String) -> Result<SignInState, AppError> {
        match told(accounts::sign_in(&self.state, self.session()?, self.address, &email, &password).await) {
            Ok(SignIn::Done) => Ok(SignInState::SignedIn),
            Ok(SignIn::TotpNeeded) => Ok(SignInState::CodeRequired),
            // Which of the two is wrong is not told, so it is no one field's fault.
            Err(AppError::Invalid { message, .. }) => Err(AppError::Invalid { field: None, message }),
            Err(other) => Err(other),
        }
    }

    async fn sign_in_code(&self, code: String) -> Result<(), AppError> {
        let session = self.session()?;
        if told(accounts::awaiting_totp(&self.state, session).await)?.is_none() {
            return Err(AppError::SignInRequired);
        }
        told(accounts::sign_in_totp(&self.state, session, self.address, &code).await)
    }

    async fn sign_out(&self) -> Result<(), AppError> {
        let user = self.writer().await?;
        told(accounts::sign_out(&self.state, self.session()?, user.id).await)
    }
}
