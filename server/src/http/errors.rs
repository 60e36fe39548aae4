//! The one error type of requests. Its text is for the person who asked; the cause goes to the log under the same
//! incident number and is never shown.

use axum::Json;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::fmt::Display;
use std::sync::atomic::{AtomicU64, Ordering};
use store::StoreError;
use utoipa::ToSchema;

/// A refusal or failure, as answered.
#[derive(Clone, Debug)]
pub struct ApiError {
    status: StatusCode,
    entries: Vec<ErrorEntry>,
    retry_after_s: Option<u64>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ErrorEntry {
    /// A stable word for programs, e.g. `not_found`.
    pub code: &'static str,
    /// For a person: what happened and what to do.
    pub detail: String,
    /// The field it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The number under which the log holds the cause.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
}

/// The body of every refusal and failure.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Errors {
    /// What is wrong; never empty.
    pub errors: Vec<ErrorEntry>,
}

/// What a handler returns.
pub type ApiResult<T> = Result<T, ApiError>;

/// A new incident number: unique within a process, told apart between processes by its start.
pub fn incident_number() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!(
        "{:08x}-{:04x}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    )
}

impl ApiError {
    /// What is wrong, in words.
    pub fn words(&self) -> String {
        let words: Vec<&str> = self.entries.iter().map(|entry| entry.detail.as_str()).collect();
        words.join("; ")
    }

    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let entry = ErrorEntry {
            code,
            detail: detail.into(),
            field: None,
            incident: None,
        };
        Self {
            status,
            entries: vec![entry],
            retry_after_s: None,
        }
    }

    /// 400: the request as a whole cannot be understood.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", detail)
    }

    /// 422: a field holds something that is not accepted.
    pub fn field(field: impl Into<String>, detail: impl Into<String>) -> Self {
        let mut error = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_field", detail);
        error.entries[0].field = Some(field.into());
        error
    }

    /// 401: nobody is signed in.
    pub fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "sign_in_required",
            "sign in, or send an API key as `Authorization: Bearer KEY`",
        )
    }

    /// 403: signed in, but not allowed.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// 404: there is no such thing, or it belongs to somebody else.
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("there is no such {what}"))
    }

    /// 405: the address is right, the method is not.
    pub fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "this address does not take this method; see /api/docs",
        )
    }

    /// 409: it cannot be done as things stand.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", detail)
    }

    /// 409: one of the user's own limits says no.
    pub fn refused(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "refused", detail)
    }

    /// 413: the body is larger than bodies may be.
    pub fn too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "the body is larger than this server reads; send less at once",
        )
    }

    /// 429: too many requests.
    pub fn too_many(detail: impl Into<String>, retry_after_s: u64) -> Self {
        let mut error = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", detail);
        error.retry_after_s = Some(retry_after_s);
        error
    }

    /// 503: the database or another part does not answer for now.
    pub fn unavailable(cause: impl Display) -> Self {
        let incident = incident_number();
        tracing::warn!(incident, cause = %cause, "unavailable");
        let mut error = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "the database does not answer right now; nothing was changed, try again in a few seconds",
        );
        error.entries[0].incident = Some(incident);
        error.retry_after_s = Some(2);
        error
    }

    /// 503: the time limit came before the answer.
    pub fn timed_out() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "timed_out",
            "this took too long and was given up; what it was to change may have been changed, so look before you try again",
        )
    }

    /// 500: our fault.
    pub fn internal(cause: impl Display) -> Self {
        let incident = incident_number();
        tracing::error!(incident, cause = %cause, "request failed");
        let mut error = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            format!("something went wrong here, nothing was lost; the log has the cause under incident {incident}"),
        );
        error.entries[0].incident = Some(incident);
        error
    }

    /// Adds what else is wrong.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.entries.extend(other.entries);
        self
    }

    /// The HTTP status.
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// Seconds until the same request may succeed, where that is known.
    pub const fn retry_after_s(&self) -> Option<u64> {
        self.retry_after_s
    }

    /// What is wrong.
    pub fn entries(&self) -> &[ErrorEntry] {
        &self.entries
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        if error.is_retryable() {
            Self::unavailable(error)
        } else {
            Self::internal(error)
        }
    }
}

/// The limits on bodies and time answer in their own way; to a program that asks the API they answer as everything else does.
pub async fn in_one_form(request: Request, next: Next) -> Response {
    let is_for_program = request.uri().path().starts_with("/api/");
    let response = next.run(request).await;
    let is_told = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if !is_for_program || is_told {
        return response;
    }
    match response.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::too_large().into_response(),
        StatusCode::SERVICE_UNAVAILABLE => ApiError::timed_out().into_response(),
        _ => response,
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(Errors { errors: self.entries })).into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
