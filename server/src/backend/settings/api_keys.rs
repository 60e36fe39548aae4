//! Keys to the JSON API.

use crate::backend::{RequestBackend, failed, told};
use crate::desk::accounts;
use app::AppError;
use app::pages::settings::api_keys::{ApiKeyForm, ApiKeyRow, ApiKeyScope, ApiKeysPort, ApiKeysView};
use async_trait::async_trait;
use domain::ApiKeyId;
use serde_json::json;
use store::UserRole;

/// Under this name a new key waits for the next view.
const NEW_KEY: &str = "api_key";

#[async_trait]
impl ApiKeysPort for RequestBackend {
    async fn api_keys(&self) -> Result<ApiKeysView, AppError> {
        let user = self.writer().await?;
        let stored = self.state.store.list_api_keys(user.id).await.map_err(failed)?;
        let keys = stored
            .into_iter()
            .filter(|key| key.revoked_at.is_none())
            .map(|key| ApiKeyRow {
                id: key.id,
                name: key.name,
                prefix: key.prefix,
                scope: if key.scopes.iter().any(|scope| scope == "write") {
                    ApiKeyScope::Write
                } else {
                    ApiKeyScope::Read
                },
                created_at: key.created_at,
                expires_at: key.expires_at,
                last_used_at: key.last_used_at,
            })
            .collect();
        Ok(ApiKeysView {
            keys,
            new_key: self.take_for_this_view(user, NEW_KEY).await?,
        })
    }

    async fn create_api_key(&self, form: ApiKeyForm) -> Result<(), AppError> {
        let scopes: &[&str] = match form.scope {
            ApiKeyScope::Read => &["read"],
            ApiKeyScope::Write => &["read", "write"],
        };
        // A key does not do more than its user.
        let least = if form.scope == ApiKeyScope::Write {
            UserRole::Member
        } else {
            UserRole::Viewer
        };
        let user = self.writer_as(least).await?;
        let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let days = form.expires_in_days.map(i64::from);
        let (_, secret) = told(accounts::create_api_key(&self.state, user, &form.name, &scopes, days).await)?;
        self.keep_for_next_view(user, NEW_KEY, &secret).await
    }

    async fn revoke_api_key(&self, id: ApiKeyId) -> Result<(), AppError> {
        let user = self.writer().await?;
        if !self
            .state
            .store
            .revoke_api_key(user.id, id, self.now())
            .await
            .map_err(failed)?
        {
            return Err(AppError::NotFound);
        }
        self.audit(user, "revoke_api_key", format!("api_key:{id}"), json!({}))
            .await
    }
}
