//! How many requests one user or key may send: a bucket that refills steadily, told in headers on every API answer.

use crate::http::errors::ApiError;
use crate::http::viewer::{ClientAddress, Proof, Viewer};
use crate::state::AppState;
use axum::extract::{Request, State};
use axum::http::header::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Requests at once, and refilled per minute.
pub const BURST: u32 = 600;
/// Buckets remembered; beyond, full ones are forgotten.
const MAX_BUCKETS: usize = 10_000;

/// The buckets, by who asks.
#[derive(Debug, Default)]
pub struct RateLimit(Mutex<HashMap<String, Bucket>>);

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// In thousandths of a request.
    level: i64,
    filled_at: DateTime<Utc>,
}

const SCALE: i64 = 1000;
const FULL: i64 = BURST as i64 * SCALE;

impl Bucket {
    fn refilled(self, now: DateTime<Utc>) -> Self {
        let elapsed_ms = (now - self.filled_at).num_milliseconds().max(0);
        let gained = elapsed_ms.saturating_mul(i64::from(BURST) * SCALE) / 60_000;
        Self {
            level: (self.level + gained).min(FULL),
            filled_at: now,
        }
    }
}

impl RateLimit {
    /// Takes one request from a bucket: how many are left, or how many seconds to wait.
    ///
    /// # Errors
    /// The seconds after which one is free.
    pub fn take(&self, who: &str, now: DateTime<Utc>) -> Result<u32, u64> {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MAX_BUCKETS {
            buckets.retain(|_, bucket| bucket.refilled(now).level < FULL);
        }
        let bucket = buckets.entry(who.to_owned()).or_insert(Bucket {
            level: FULL,
            filled_at: now,
        });
        *bucket = bucket.refilled(now);
        if bucket.level >= SCALE {
            bucket.level -= SCALE;
            Ok(u32::try_from(bucket.level / SCALE).unwrap_or(0))
        } else {
            Err(1)
        }
    }
}

/// Limits the API and says in headers where the caller stands.
pub async fn limit(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let who = match request.extensions().get::<Viewer>() {
        Some(Viewer {
            proof: Proof::Key { id, .. },
            ..
        }) => format!("key:{id}"),
        Some(viewer) => format!("user:{}", viewer.id()),
        None => request
            .extensions()
            .get::<ClientAddress>()
            .map_or_else(String::new, |ClientAddress(address)| address.to_string()),
    };
    let (mut response, left) = match state.rate.take(&who, state.clock.now()) {
        Ok(left) => (next.run(request).await, left),
        Err(seconds) => (
            ApiError::too_many(
                format!("more than {BURST} requests a minute; wait {seconds} s"),
                seconds,
            )
            .into_response(),
            0,
        ),
    };
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("x-ratelimit-limit"), HeaderValue::from(BURST));
    headers.insert(
        HeaderName::from_static("x-ratelimit-remaining"),
        HeaderValue::from(left),
    );
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_refills() {
        let limit = RateLimit::default();
        let start = DateTime::UNIX_EPOCH;
        for _ in 0..BURST {
            limit.take("a", start).unwrap();
        }
        assert_eq!(limit.take("a", start), Err(1));
        assert!(limit.take("b", start).is_ok());
        assert_eq!(
            limit.take("a", start + chrono::Duration::seconds(1)),
            Ok(BURST / 60 - 1)
        );
    }
}
