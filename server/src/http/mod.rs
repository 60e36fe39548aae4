//! HTTP: the router and everything that every request passes through.

pub mod errors;
pub mod guard;
pub mod live;
pub mod probes;
pub mod rate;
pub mod serve;
pub mod sessions;
pub mod site;
pub mod stream;
pub mod upload;
pub mod viewer;

use crate::api;
use crate::desk::bets::files::MAX_FILE;
use crate::http::errors::ApiError;
use crate::http::sessions::Sessions;
use crate::state::AppState;
use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::timeout::TimeoutLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};

/// How long what reads a file may take, at least.
const FILE_TIMEOUT: Duration = Duration::from_mins(2);

/// The whole server as a router.
pub fn router(state: &AppState) -> Router {
    let config = &state.config;
    let sessions = SessionManagerLayer::new(Sessions::new(state.store.clone(), Arc::clone(&state.clock)))
        .with_name(if config.is_https() {
            "__Host-overround"
        } else {
            "overround"
        })
        .with_secure(config.is_https())
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(time::Duration::hours(config.session_idle_hours)));
    // Streams never end by themselves and must not be held back by a compressor.
    let compress = CompressionLayer::new().compress_when(DefaultPredicate::new().and(NotForContentType::SSE));
    let limited = api::router(state)
        .layer(from_fn_with_state(state.clone(), rate::limit))
        .merge(site::router(state))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            Duration::from_secs(config.request_timeout_s),
        ))
        // The last layer is the first that a request meets.
        .layer(tower_http::limit::RequestBodyLimitLayer::new(config.max_body_bytes))
        .layer(DefaultBodyLimit::max(config.max_body_bytes));
    let of_files = config.max_body_bytes.max(MAX_FILE);
    let files = api::files_router(state)
        .layer(from_fn_with_state(state.clone(), rate::limit))
        .merge(upload::router(state))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            Duration::from_secs(config.request_timeout_s).max(FILE_TIMEOUT),
        ))
        .layer(tower_http::limit::RequestBodyLimitLayer::new(of_files))
        .layer(DefaultBodyLimit::max(of_files));
    limited
        .merge(files)
        .merge(
            Router::new()
                .route("/api/v1/stream", get(stream::stream))
                .with_state(state.clone()),
        )
        .layer(compress)
        .layer(from_fn(errors::in_one_form))
        .layer(from_fn_with_state(state.clone(), guard::users_only))
        .layer(from_fn_with_state(state.clone(), viewer::identify))
        .layer(sessions)
        .layer(from_fn_with_state(state.clone(), guard::same_origin))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(state.clone(), guard::security_headers))
        .layer(from_fn(log_request))
        .merge(probes::router(state))
}

#[expect(clippy::needless_pass_by_value, reason = "the layer hands the panic over by value")]
fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let said = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words");
    ApiError::internal(said).into_response()
}

/// One line a request: never the query, which may hold what a person typed.
async fn log_request(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| request.uri().path().to_owned(), |path| path.as_str().to_owned());
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    if status >= 500 {
        tracing::warn!(http.method = %method, http.route = route, http.status = status, duration_ms, "answered");
    } else {
        tracing::debug!(http.method = %method, http.route = route, http.status = status, duration_ms, "answered");
    }
    response
}
