//! Answers the ports that `app` declares, one file per port: bound to one request, so that every query is the signed-in
//! user's own.

mod bankroll;
mod bets;
mod game;
mod games;
mod health;
mod holds;
mod import;
mod invite;
mod issues;
mod login;
mod new_bet;
mod opportunities;
mod opportunity;
mod performance;
mod rows;
mod settings;
mod setup;
mod snapshot;
mod story;
mod strategies;
mod today;
mod viewer;

use crate::desk::passwords::Check;
use crate::desk::preferences::Preferences;
use crate::http::errors::{ApiError, ApiResult};
use crate::http::guard::local_path;
use crate::http::viewer::{ClientAddress, Proof, Viewer};
use crate::state::AppState;
use app::AppError;
use app::backend::ReplyPort;
use axum::http::header::{ACCEPT, HOST, HeaderName, HeaderValue, LOCATION};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{Method, StatusCode};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use leptos::server_fn::redirect::REDIRECT_HEADER;
use leptos_axum::ResponseOptions;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::PoisonError;
use store::{User, UserRole};
use tower_sessions::Session;

/// The backend of one request.
pub struct RequestBackend {
    state: AppState,
    viewer: Option<Viewer>,
    session: Option<Session>,
    address: IpAddr,
    /// The address the browser calls this site by.
    host: Option<String>,
    /// True for a browser that loads a page or sends a plain form, false for a call by script.
    accepts_html: bool,
    is_post: bool,
    response: ResponseOptions,
}

impl RequestBackend {
    /// Bound to a request; without one (as when the routes are listed) nobody is signed in.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the context hands a copy of the request's parts over"
    )]
    pub fn new(state: AppState, parts: Option<Parts>, response: ResponseOptions) -> Self {
        let parts = parts.as_ref();
        let header = |name: HeaderName| {
            parts
                .and_then(|parts| parts.headers.get(name))
                .and_then(|value| value.to_str().ok())
        };
        Self {
            viewer: parts.and_then(|parts| parts.extensions.get::<Viewer>().cloned()),
            session: parts.and_then(|parts| parts.extensions.get::<Session>().cloned()),
            address: parts
                .and_then(|parts| parts.extensions.get::<ClientAddress>())
                .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |address| address.0),
            host: header(HOST)
                .or_else(|| parts.and_then(|parts| parts.uri.authority()).map(Authority::as_str))
                .map(str::to_owned),
            accepts_html: header(ACCEPT).is_some_and(|accepted| accepted.contains("text/html")),
            is_post: parts.is_some_and(|parts| parts.method == Method::POST),
            response,
            state,
        }
    }

    /// For somebody who is known already, outside of pages.
    pub fn of(state: AppState, viewer: Viewer, response: ResponseOptions) -> Self {
        Self {
            viewer: Some(viewer),
            ..Self::new(state, None, response)
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.state.clock.now()
    }

    /// Who is signed in.
    async fn reader(&self) -> Result<&Viewer, AppError> {
        match &self.viewer {
            Some(viewer) => Ok(viewer),
            None if self.state.store.count_users().await.map_err(failed)? == 0 => Err(AppError::SetupRequired),
            None => Err(AppError::SignInRequired),
        }
    }

    /// Who is signed in and changes something of their own. Pages are for people: an API key changes nothing here.
    async fn writer(&self) -> Result<&User, AppError> {
        let viewer = self.reader().await?;
        match viewer.proof {
            Proof::Session => Ok(&viewer.user),
            Proof::Key { .. } => Err(AppError::Forbidden),
        }
    }

    /// As [`Self::writer`], with at least a role.
    async fn writer_as(&self, role: UserRole) -> Result<&User, AppError> {
        let user = self.writer().await?;
        if user.role >= role {
            Ok(user)
        } else {
            Err(AppError::Forbidden)
        }
    }

    /// The reader's time zone.
    async fn zone(&self) -> Result<Tz, AppError> {
        Ok(Preferences::of(&self.reader().await?.user).zone())
    }

    fn session(&self) -> Result<&Session, AppError> {
        self.session
            .as_ref()
            .ok_or_else(|| failed(ApiError::internal("a request without a session")))
    }

    /// Checks the password of somebody who is signed in; guessing is held up as at the sign-in.
    async fn check_password(&self, user: &User, field: &str, password: &str) -> Result<(), AppError> {
        self.refuse_if_throttled(user).await?;
        let check = self.state.passwords.check(password, Some(&user.password_hash)).await;
        if check.map_err(ApiError::internal).map_err(failed)? == Check::Wrong {
            self.note_failure(user).await?;
            return Err(AppError::field(field, "This is not your password."));
        }
        Ok(())
    }

    async fn refuse_if_throttled(&self, user: &User) -> Result<(), AppError> {
        match self
            .state
            .throttle
            .must_wait(&user.email, self.address, self.now())
            .await
            .map_err(failed)?
        {
            None => Ok(()),
            Some(wait) => Err(AppError::Throttled {
                retry_after_s: u32::try_from(wait.num_seconds().max(1)).unwrap_or(u32::MAX),
            }),
        }
    }

    async fn note_failure(&self, user: &User) -> Result<(), AppError> {
        self.state
            .throttle
            .note_failure(&user.email, self.address, self.now())
            .await
            .map_err(failed)
    }

    /// Writes to the audit log.
    async fn audit(
        &self,
        user: &User,
        action: &str,
        subject: String,
        detail: serde_json::Value,
    ) -> Result<(), AppError> {
        self.state
            .store
            .audit(self.now(), Some(user.id), action, &subject, &detail)
            .await
            .map_err(failed)
    }

    /// Keeps a secret for the next view of this session: it is sealed, because sessions lie in the database.
    async fn keep_for_next_view(&self, user: &User, name: &str, secret: &str) -> Result<(), AppError> {
        let sealed = self
            .state
            .vault
            .seal(&next_view_purpose(user, name), secret.as_bytes(), &*self.state.entropy);
        self.session()?
            .insert(&next_view_key(name), hex::encode(sealed))
            .await
            .map_err(ApiError::unavailable)
            .map_err(failed)
    }

    /// Takes what was kept for this view; the next one finds nothing.
    async fn take_for_this_view(&self, user: &User, name: &str) -> Result<Option<String>, AppError> {
        let Some(session) = &self.session else { return Ok(None) };
        let kept: Option<String> = session
            .remove(&next_view_key(name))
            .await
            .map_err(ApiError::unavailable)
            .map_err(failed)?;
        let opened = kept
            .and_then(|sealed| hex::decode(sealed).ok())
            .and_then(|sealed| self.state.vault.open(&next_view_purpose(user, name), &sealed).ok());
        Ok(opened.and_then(|secret| String::from_utf8(secret).ok()))
    }
}

fn next_view_key(name: &str) -> String {
    format!("next_view:{name}")
}

fn next_view_purpose(user: &User, name: &str) -> String {
    format!("next_view:{name}:{}", user.id)
}

impl ReplyPort for RequestBackend {
    fn redirect(&self, path: &str) {
        let location = HeaderValue::from_str(local_path(path)).unwrap_or(HeaderValue::from_static("/"));
        self.response.insert_header(LOCATION, location);
        if self.accepts_html || !self.is_post {
            self.response.set_status(StatusCode::SEE_OTHER);
        } else {
            // A call by script gets its answer; this header tells it where to go afterwards.
            self.response
                .insert_header(HeaderName::from_static(REDIRECT_HEADER), HeaderValue::from_static(""));
        }
    }

    fn set_status(&self, status: u16) {
        let is_plain_form = self.is_post && self.accepts_html;
        let is_redirected = self
            .response
            .0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .headers
            .contains_key(LOCATION);
        if let Ok(status) = StatusCode::from_u16(status)
            && !is_plain_form
            && !is_redirected
        {
            self.response.set_status(status);
        }
    }
}

/// A refusal or failure of the server as pages know it.
impl From<ApiError> for AppError {
    fn from(error: ApiError) -> Self {
        let entry = error.entries().first();
        let message = || entry.map(|entry| entry.detail.clone()).unwrap_or_default();
        match error.status() {
            StatusCode::UNAUTHORIZED => Self::SignInRequired,
            StatusCode::FORBIDDEN => Self::Forbidden,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::TOO_MANY_REQUESTS => Self::Throttled {
                retry_after_s: error
                    .retry_after_s()
                    .map_or(1, |seconds| u32::try_from(seconds).unwrap_or(u32::MAX)),
            },
            StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable { message: message() },
            status if status.is_client_error() => Self::Invalid {
                field: entry.and_then(|entry| entry.field.clone()),
                message: message(),
            },
            _ => Self::Failed {
                incident: entry.and_then(|entry| entry.incident.clone()),
            },
        }
    }
}

/// Any failure of a part of the server as pages know it.
fn failed(error: impl Into<ApiError>) -> AppError {
    error.into().into()
}

/// What a part of the server answered, as pages know it.
fn told<T>(result: ApiResult<T>) -> Result<T, AppError> {
    result.map_err(AppError::from)
}

const fn role(role: UserRole) -> app::viewer::UserRole {
    match role {
        UserRole::Owner => app::viewer::UserRole::Owner,
        UserRole::Member => app::viewer::UserRole::Member,
        UserRole::Viewer => app::viewer::UserRole::Viewer,
    }
}

const fn stored_role(role: app::viewer::UserRole) -> UserRole {
    match role {
        app::viewer::UserRole::Owner => UserRole::Owner,
        app::viewer::UserRole::Member => UserRole::Member,
        app::viewer::UserRole::Viewer => UserRole::Viewer,
    }
}

/// A count as pages know it.
fn count(number: impl TryInto<u32>) -> u32 {
    number.try_into().unwrap_or(u32::MAX)
}

/// One page of a list: its rows, how many there are, how many pages. A page beyond the last is the last.
fn page_of<T>(rows: Vec<T>, page: u32, size: usize) -> (Vec<T>, u32, u32) {
    let total = rows.len();
    let pages = total.div_ceil(size).max(1);
    let page = usize::try_from(page).unwrap_or(usize::MAX).clamp(1, pages);
    let rows = rows.into_iter().skip((page - 1) * size).take(size).collect();
    (rows, count(total), count(pages))
}

#[cfg(test)]
mod tests;
