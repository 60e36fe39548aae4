//! Accepting an invitation.

use super::setup::check_again;
use super::{RequestBackend, failed, role, told};
use crate::desk::accounts;
use crate::http::sessions::hash;
use app::AppError;
use app::pages::invite::{Invitation, InvitePort};
use async_trait::async_trait;

#[async_trait]
impl InvitePort for RequestBackend {
    async fn invitation(&self, token: String) -> Result<Invitation, AppError> {
        let store = &self.state.store;
        let invite = store
            .find_invite(&hash(&token), self.now())
            .await
            .map_err(failed)?
            .ok_or(AppError::NotFound)?;
        let sender = store.find_user(invite.invited_by).await.map_err(failed)?;
        Ok(Invitation {
            email: invite.email,
            role: role(invite.role),
            invited_by: sender.map(|sender| sender.email).unwrap_or_default(),
            expires_at: invite.expires_at,
        })
    }

    async fn accept_invitation(&self, token: String, password: String, password_again: String) -> Result<(), AppError> {
        let session = self.session()?;
        check_again(&password, &password_again)?;
        let user = told(accounts::accept_invite(&self.state, &token, "", &password).await)?;
        told(accounts::sign_in_new(&self.state, session, &user).await)
    }
}
