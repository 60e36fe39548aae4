//! Who is asking: from the session cookie or an API key, looked up once per request.

use crate::http::errors::{ApiError, ApiResult};
use crate::http::sessions::{hash, key};
use crate::state::AppState;
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::header::{AUTHORIZATION, USER_AGENT};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::Duration;
use domain::{ApiKeyId, UserId};
use std::net::{IpAddr, SocketAddr};
use store::{User, UserRole};
use tower_sessions::Session;

/// A session is written at most this often because of being used.
const TOUCH_EVERY: Duration = Duration::minutes(5);

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// The user.
    pub user: User,
    /// How the request proved it.
    pub proof: Proof,
}

/// How a request proved who is asking.
#[derive(Clone, Debug)]
pub enum Proof {
    /// A session cookie.
    Session,
    /// An API key with its scopes.
    Key {
        /// Which key.
        id: ApiKeyId,
        /// What it may do.
        scopes: Vec<String>,
    },
}

/// The network address of the person asking, seen through trusted proxies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl Viewer {
    /// The user's number, for owner-scoped queries.
    pub const fn id(&self) -> UserId {
        self.user.id
    }

    /// True when the request may change things: any session, or a key with the `write` scope.
    pub fn may_write(&self) -> bool {
        match &self.proof {
            Proof::Session => true,
            Proof::Key { scopes, .. } => scopes.iter().any(|scope| scope == "write"),
        }
    }

    /// Refuses keys that may only read.
    ///
    /// # Errors
    /// 403 without the `write` scope.
    pub fn require_write(&self) -> ApiResult<()> {
        if self.may_write() {
            Ok(())
        } else {
            Err(ApiError::forbidden(
                "this API key may only read; make one with the write scope",
            ))
        }
    }

    /// Refuses everyone below a role.
    ///
    /// # Errors
    /// 403 below it.
    pub fn require_role(&self, role: UserRole) -> ApiResult<()> {
        if self.user.role >= role {
            Ok(())
        } else {
            Err(ApiError::forbidden(format!(
                "only a user with the role {} may do this",
                role.code()
            )))
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Viewer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(ApiError::unauthorized)
    }
}

/// Finds out who is asking and puts a [`Viewer`] and a [`ClientAddress`] into the request.
pub async fn identify(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let address = client_address(&state, &parts);
    parts.extensions.insert(ClientAddress(address));
    match find_viewer(&state, &parts, address).await {
        Ok(Some(viewer)) => {
            parts.extensions.insert(viewer);
        }
        Ok(None) => {}
        Err(error) => return error.into_response(),
    }
    next.run(Request::from_parts(parts, body)).await
}

async fn find_viewer(state: &AppState, request: &Parts, address: IpAddr) -> ApiResult<Option<Viewer>> {
    if let Some(header) = request.headers.get(AUTHORIZATION) {
        let presented = header
            .to_str()
            .ok()
            .and_then(|text| text.strip_prefix("Bearer "))
            .ok_or_else(ApiError::unauthorized)?;
        return find_by_key(state, presented.trim()).await.map(Some);
    }
    let Some(session) = request.extensions.get::<Session>() else {
        return Ok(None);
    };
    let now = state.clock.now();
    let Some(user_id) = session.get::<i64>(key::USER).await.map_err(ApiError::unavailable)? else {
        return Ok(None);
    };
    let signed_in_at = session
        .get::<i64>(key::SIGNED_IN_AT)
        .await
        .map_err(ApiError::unavailable)?
        .unwrap_or(0);
    if now.timestamp_millis() - signed_in_at > Duration::days(state.config.session_max_days).num_milliseconds() {
        session.flush().await.map_err(ApiError::unavailable)?;
        return Ok(None);
    }
    let Some(user) = state
        .store
        .find_user(UserId(user_id))
        .await?
        .filter(|user| user.disabled_at.is_none())
    else {
        return Ok(None);
    };
    let seen_at = session
        .get::<i64>(key::SEEN_AT)
        .await
        .map_err(ApiError::unavailable)?
        .unwrap_or(0);
    if now.timestamp_millis() - seen_at > TOUCH_EVERY.num_milliseconds() {
        note_use(session, now.timestamp_millis(), request, address).await?;
    }
    Ok(Some(Viewer {
        user,
        proof: Proof::Session,
    }))
}

async fn note_use(session: &Session, now_ms: i64, request: &Parts, address: IpAddr) -> ApiResult<()> {
    let agent: Option<String> = request
        .headers
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .map(|text| text.chars().take(200).collect());
    session
        .insert(key::SEEN_AT, now_ms)
        .await
        .map_err(ApiError::unavailable)?;
    session
        .insert(key::USER_AGENT, agent)
        .await
        .map_err(ApiError::unavailable)?;
    session
        .insert(key::ADDRESS, address.to_string())
        .await
        .map_err(ApiError::unavailable)
}

async fn find_by_key(state: &AppState, presented: &str) -> ApiResult<Viewer> {
    let now = state.clock.now();
    let found = state
        .store
        .find_api_key(&hash(presented), now)
        .await?
        .ok_or_else(ApiError::unauthorized)?;
    if found.last_used_at.is_none_or(|at| now - at > Duration::minutes(1)) {
        state.store.touch_api_key(found.id, now).await?;
    }
    let user = state
        .store
        .find_user(found.user_id)
        .await?
        .filter(|user| user.disabled_at.is_none());
    let user = user.ok_or_else(ApiError::unauthorized)?;
    Ok(Viewer {
        user,
        proof: Proof::Key {
            id: found.id,
            scopes: found.scopes,
        },
    })
}

/// The address of the peer, or where the peer is a trusted proxy the last address in `X-Forwarded-For` that is not one.
fn client_address(state: &AppState, request: &Parts) -> IpAddr {
    let peer = request
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::from([127, 0, 0, 1]), |ConnectInfo(address)| address.ip());
    let is_trusted = |address: &IpAddr| state.config.trusted_proxies.contains(address);
    if !is_trusted(&peer) {
        return peer;
    }
    request
        .headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|item| item.trim().parse().ok())
        .rfind(|address| !is_trusted(address))
        .unwrap_or(peer)
}
