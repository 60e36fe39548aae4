//! `me`: who is asking.

use crate::http::viewer::{Proof, Viewer};
use chrono::{DateTime, Utc};
use serde::Serialize;
use store::User;
use utoipa::ToSchema;

/// Who is asking.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MeAnswer {
    /// The user.
    pub user: UserRow,
    /// What this request may do: all that the user may, or the scopes of the API key.
    pub scopes: Vec<String>,
    /// The number of the API key that was used; null for a session.
    pub api_key_id: Option<i64>,
}

/// A person with an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct UserRow {
    /// The number.
    pub id: i64,
    /// The e-mail address.
    pub email: String,
    /// As shown.
    pub name: String,
    /// `owner`, `member` or `viewer`.
    pub role: &'static str,
    /// True when signing in takes a second factor.
    pub is_totp_on: bool,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

fn user_row(user: User) -> UserRow {
    let User {
        id,
        email,
        name,
        role,
        password_hash: _,
        totp_sealed: _,
        is_totp_on,
        totp_last_step: _,
        preferences: _,
        created_at,
        disabled_at: _,
    } = user;
    UserRow {
        id: id.0,
        email,
        name,
        role: role.code(),
        is_totp_on,
        created_at,
    }
}

/// Show who is asking.
#[utoipa::path(get, path = "/api/v1/me", operation_id = "show_me", tag = "account", responses((status = 200, body = MeAnswer)))]
pub(super) async fn show(Viewer { user, proof }: Viewer) -> axum::Json<MeAnswer> {
    let (scopes, api_key_id) = match proof {
        Proof::Session => (crate::desk::accounts::SCOPES.map(str::to_owned).to_vec(), None),
        Proof::Key { id, scopes } => (scopes, Some(id.0)),
    };
    axum::Json(MeAnswer {
        user: user_row(user),
        scopes,
        api_key_id,
    })
}
