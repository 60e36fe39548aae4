//! Who may come in.

use crate::backend::{RequestBackend, failed, role, stored_role, told};
use crate::desk::accounts;
use app::AppError;
use app::pages::settings::users::{InviteRow, UserRow, UsersPort, UsersView};
use app::viewer::UserRole;
use async_trait::async_trait;
use domain::UserId;
use serde_json::json;
use store::User;

/// Under this name the link of a new invitation waits for the next view.
const NEW_LINK: &str = "invite_link";

impl RequestBackend {
    async fn owner(&self) -> Result<&User, AppError> {
        self.writer_as(store::UserRole::Owner).await
    }

    async fn other_user(&self, id: UserId) -> Result<User, AppError> {
        self.state
            .store
            .find_user(id)
            .await
            .map_err(failed)?
            .ok_or(AppError::NotFound)
    }

    /// A path of this site as a whole address, for somebody who is not here yet.
    fn whole_address(&self, path: &str) -> String {
        match (&self.state.config.base_url, &self.host) {
            (Some(base), _) => format!("{}{path}", base.trim_end_matches('/')),
            (None, Some(host)) => format!("http://{host}{path}"),
            (None, None) => format!("http://{}{path}", self.state.config.listen),
        }
    }
}

#[async_trait]
impl UsersPort for RequestBackend {
    async fn users(&self) -> Result<UsersView, AppError> {
        let owner = self.owner().await?;
        let (store, now) = (&self.state.store, self.now());
        let mut users = Vec::new();
        for user in store.list_users().await.map_err(failed)? {
            let sessions = store.list_sessions(user.id, now).await.map_err(failed)?;
            users.push(UserRow {
                id: user.id,
                email: user.email,
                role: role(user.role),
                is_you: user.id == owner.id,
                is_locked: user.disabled_at.is_some(),
                has_two_factor: user.is_totp_on,
                created_at: user.created_at,
                last_seen_at: sessions.iter().map(|session| session.seen_at).max(),
            });
        }
        let invites = store.list_invites().await.map_err(failed)?.into_iter();
        let invites = invites
            .filter(|invite| invite.accepted_at.is_none() && invite.expires_at > now)
            .map(|invite| InviteRow {
                id: invite.id,
                email: invite.email,
                role: role(invite.role),
                created_at: invite.created_at,
                expires_at: invite.expires_at,
            });
        let invites = invites.collect();
        Ok(UsersView {
            users,
            invites,
            new_link: self.take_for_this_view(owner, NEW_LINK).await?,
        })
    }

    async fn invite(&self, email: String, role: UserRole) -> Result<(), AppError> {
        let owner = self.owner().await?;
        let (_, token) = told(accounts::invite(&self.state, owner, &email, stored_role(role)).await)?;
        self.keep_for_next_view(owner, NEW_LINK, &self.whole_address(&format!("/invite/{token}")))
            .await
    }

    async fn revoke_invite(&self, id: i64) -> Result<(), AppError> {
        let owner = self.owner().await?;
        if !self.state.store.delete_invite(id).await.map_err(failed)? {
            return Err(AppError::NotFound);
        }
        self.audit(owner, "revoke_invite", format!("invite:{id}"), json!({}))
            .await
    }

    async fn set_user_role(&self, id: UserId, role: UserRole) -> Result<(), AppError> {
        let owner = self.owner().await?;
        let user = self.other_user(id).await?;
        if !self
            .state
            .store
            .set_role(user.id, stored_role(role))
            .await
            .map_err(failed)?
        {
            let message = "Somebody must stay the owner; make another user one first.".to_owned();
            return Err(AppError::Invalid { field: None, message });
        }
        self.audit(owner, "set_user_role", format!("user:{id}"), json!({"role": role}))
            .await
    }

    async fn set_user_locked(&self, id: UserId, is_locked: bool) -> Result<(), AppError> {
        let owner = self.owner().await?;
        if id == owner.id {
            return Err(AppError::Invalid {
                field: None,
                message: "You cannot lock yourself out.".to_owned(),
            });
        }
        let user = self.other_user(id).await?;
        let (store, now) = (&self.state.store, self.now());
        store
            .set_disabled(user.id, is_locked.then_some(now))
            .await
            .map_err(failed)?;
        if is_locked {
            store.revoke_other_sessions(user.id, None).await.map_err(failed)?;
            for key in store.list_api_keys(user.id).await.map_err(failed)? {
                store.revoke_api_key(user.id, key.id, now).await.map_err(failed)?;
            }
        }
        self.audit(
            owner,
            "set_user_locked",
            format!("user:{id}"),
            json!({"is_locked": is_locked}),
        )
        .await
    }
}
