//! `Idempotency-Key`: a request that creates something and is sent again gets the answer of the first time.

use crate::http::errors::{ApiError, ApiResult};
use crate::state::AppState;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::UserId;
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::{RequestTx, StoredAnswer};

const HEADER: &str = "idempotency-key";
const MOST_LETTERS: usize = 255;

/// Creates with `create` and answers 201, or repeats what was answered to the same request before.
///
/// The key, what is created and the answer become true at once. So of two copies sent at the same time, to whichever
/// process, one creates and the other waits and repeats; and what was broken off created nothing. What is kept is sealed: an
/// answer may hold a secret that is shown once.
///
/// # Errors
/// 409 when the key came with another request, a field error when it is no key, and whatever `create` fails with.
pub async fn create_once<T: Serialize>(
    state: &AppState,
    user: UserId,
    headers: &HeaderMap,
    request: &impl Serialize,
    create: impl AsyncFnOnce(&RequestTx) -> ApiResult<T>,
) -> ApiResult<Response> {
    let key = read_key(headers)?;
    let fingerprint = hex::encode(Sha256::digest(encode(request)?));
    let purpose = format!("idempotency:{user}:{}", key.as_deref().unwrap_or_default());
    let tx = state.store.begin_request().await?;
    if let Some(key) = &key
        && let Some(before) = tx.claim_key(user, key, &fingerprint, state.clock.now()).await?
    {
        return repeat(state, &purpose, &fingerprint, before);
    }
    let body = encode(&create(&tx).await?)?;
    if let Some(key) = &key {
        let sealed = state.vault.seal(&purpose, &body, &*state.entropy);
        tx.keep_answer(user, key, StatusCode::CREATED.as_u16(), sealed).await?;
    }
    tx.commit().await?;
    Ok(created(StatusCode::CREATED, body))
}

fn repeat(state: &AppState, purpose: &str, fingerprint: &str, before: StoredAnswer) -> ApiResult<Response> {
    if before.fingerprint != fingerprint {
        return Err(ApiError::conflict(
            "this Idempotency-Key came with another request; use a new one",
        ));
    }
    let body = state.vault.open(purpose, &before.body).map_err(ApiError::internal)?;
    let status = StatusCode::from_u16(before.status).unwrap_or(StatusCode::CREATED);
    Ok(created(status, body))
}

fn encode(document: &impl Serialize) -> ApiResult<Vec<u8>> {
    serde_json::to_vec(document).map_err(ApiError::internal)
}

fn created(status: StatusCode, body: Vec<u8>) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], body).into_response()
}

fn read_key(headers: &HeaderMap) -> ApiResult<Option<String>> {
    let Some(value) = headers.get(HEADER) else {
        return Ok(None);
    };
    let key = value
        .to_str()
        .ok()
        .map(str::trim)
        .filter(|key| !key.is_empty() && key.len() <= MOST_LETTERS);
    let refusal = || {
        ApiError::field(
            "Idempotency-Key",
            format!("use 1 to {MOST_LETTERS} plain letters, such as a UUID"),
        )
    };
    key.map(|key| Some(key.to_owned())).ok_or_else(refusal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    #[test]
    fn a_key_is_short_and_plain_or_refused() {
        let read = |key: &[u8]| {
            let value = HeaderValue::from_bytes(key).unwrap();
            read_key(&HeaderMap::from_iter([(HeaderName::from_static(HEADER), value)]))
        };
        assert_eq!(read_key(&HeaderMap::new()).unwrap(), None);
        assert_eq!(read(b"a-b").unwrap(), Some("a-b".into()));
        assert!(read(b" ").is_err() && read(b"\xff").is_err() && read(&[b'a'; 256]).is_err());
    }
}
