//! `api-keys`: a user's own keys to this API.

use super::extract::{Json, Path};
use super::idempotency::create_once;
use crate::desk::accounts;
use crate::http::errors::{ApiError, ApiResult};
use crate::http::viewer::{Proof, Viewer};
use crate::state::AppState;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, Utc};
use domain::ApiKeyId;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::ApiKey;
use utoipa::ToSchema;

/// A user's own keys.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ApiKeysAnswer {
    /// Newest first, revoked ones included.
    pub api_keys: Vec<ApiKeyRow>,
}

/// A key to this API, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ApiKeyRow {
    /// Its number.
    pub id: i64,
    /// What for.
    pub name: String,
    /// Its first letters.
    pub prefix: String,
    /// `read`, `write`.
    pub scopes: Vec<String>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Until when.
    pub expires_at: Option<DateTime<Utc>>,
    /// Last used, to within a minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Revoked when.
    pub revoked_at: Option<DateTime<Utc>>,
}

fn api_key_row(key: ApiKey) -> ApiKeyRow {
    let ApiKey {
        id,
        user_id: _,
        name,
        prefix,
        scopes,
        created_at,
        expires_at,
        last_used_at,
        revoked_at,
    } = key;
    ApiKeyRow {
        id: id.0,
        name,
        prefix,
        scopes,
        created_at,
        expires_at,
        last_used_at,
        revoked_at,
    }
}

/// List your keys.
#[utoipa::path(get, path = "/api/v1/api-keys", operation_id = "list_api_keys", tag = "account", responses((status = 200, body = ApiKeysAnswer)))]
pub(super) async fn list(State(state): State<AppState>, viewer: Viewer) -> ApiResult<axum::Json<ApiKeysAnswer>> {
    let api_keys = state
        .store
        .list_api_keys(viewer.id())
        .await?
        .into_iter()
        .map(api_key_row)
        .collect();
    Ok(axum::Json(ApiKeysAnswer { api_keys }))
}

/// A key to make.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApiKeyBody {
    /// What for.
    pub name: String,
    /// `read`, `write` or both.
    pub scopes: Vec<String>,
    /// Days until it expires; never without it.
    pub expires_in_days: Option<i64>,
}

/// A new key.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CreatedApiKeyAnswer {
    /// The key's row.
    pub api_key: ApiKeyRow,
    /// The key itself, shown this once.
    pub key: String,
}

/// Make a key.
///
/// Only for somebody who is signed in: a key that leaked must not live on in keys it made.
#[utoipa::path(post, path = "/api/v1/api-keys", operation_id = "create_api_key", tag = "account", request_body = CreateApiKeyBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Sent again, the same request gets the same answer")),
    responses((status = 201, body = CreatedApiKeyAnswer)))]
pub(super) async fn create(
    State(state): State<AppState>,
    viewer: Viewer,
    headers: HeaderMap,
    Json(body): Json<CreateApiKeyBody>,
) -> ApiResult<Response> {
    if matches!(viewer.proof, Proof::Key { .. }) {
        return Err(ApiError::forbidden("a key cannot make keys; sign in to make one"));
    }
    create_once(&state, viewer.id(), &headers, &body, async |tx| {
        let CreateApiKeyBody {
            name,
            scopes,
            expires_in_days,
        } = &body;
        let (api_key, key) =
            accounts::create_api_key_in(&state, tx, &viewer.user, name, scopes, *expires_in_days).await?;
        Ok(CreatedApiKeyAnswer {
            api_key: api_key_row(api_key),
            key,
        })
    })
    .await
}

/// A revoked key.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RevokedApiKeyAnswer {
    /// The key's number.
    pub id: i64,
    /// When.
    pub revoked_at: DateTime<Utc>,
}

/// Revoke one of your keys.
#[utoipa::path(post, path = "/api/v1/api-keys/{id}/revoke", operation_id = "revoke_api_key", tag = "account", params(("id" = i64, Path, description = "The key's number")),
    responses((status = 200, body = RevokedApiKeyAnswer)))]
pub(super) async fn revoke(
    State(state): State<AppState>,
    viewer: Viewer,
    Path(id): Path<i64>,
) -> ApiResult<axum::Json<RevokedApiKeyAnswer>> {
    let now = state.clock.now();
    if !state.store.revoke_api_key(viewer.id(), ApiKeyId(id), now).await? {
        return Err(ApiError::not_found("valid key of yours"));
    }
    state
        .store
        .audit(
            now,
            Some(viewer.id()),
            "revoke_api_key",
            &format!("api_key:{id}"),
            &json!({}),
        )
        .await?;
    Ok(axum::Json(RevokedApiKeyAnswer { id, revoked_at: now }))
}
