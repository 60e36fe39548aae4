//! Answers that are encoded once and asked for often.

use crate::desk::boards::Answer;
use crate::http::errors::{ApiError, ApiResult};
use axum::http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Encodes a document.
///
/// # Errors
/// 500 when it has no JSON form, which no document here lacks.
pub fn encode(document: &impl Serialize) -> ApiResult<Answer> {
    serde_json::to_vec(document)
        .map(Answer::new)
        .map_err(ApiError::internal)
}

/// Sends a document, or 304 when the caller has it.
pub fn etagged(headers: &HeaderMap, Answer { body, etag }: Answer) -> Response {
    if is_held(headers, &etag) {
        return (StatusCode::NOT_MODIFIED, [(ETAG, etag)]).into_response();
    }
    (
        [
            (CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (ETAG, etag),
        ],
        body,
    )
        .into_response()
}

fn is_held(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let Ok(current) = etag.to_str().map(bare) else {
        return false;
    };
    let held = headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    held.map(str::trim).any(|tag| tag == "*" || bare(tag) == current)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_who_has_the_document_is_sent_none() {
        let answer = Answer::new("{}");
        let status = |held: &str| {
            let headers = HeaderMap::from_iter([(IF_NONE_MATCH, HeaderValue::from_str(held).unwrap())]);
            etagged(&headers, answer.clone()).status().as_u16()
        };
        let tag = answer.etag.to_str().unwrap().to_owned();
        assert_eq!(status(&tag), 304);
        assert_eq!(status(&format!("\"other\", {}", tag.trim_start_matches("W/"))), 304);
        assert_eq!(status("*"), 304);
        assert_eq!(status("\"other\""), 200);
        assert_ne!(Answer::new("[]").etag, answer.etag);
    }
}
