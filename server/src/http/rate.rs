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

/// Buckets remembered; beyond, full ones are forgotten.
const MAX_BUCKETS: usize = 10_000;

/// The buckets, by who asks.
#[derive(Debug)]
pub struct RateLimit {
    /// Requests at once, and refilled per minute.
    per_minute: u32,
    buckets: Mutex<HashMap<String, Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// In thousandths of a request.
    level: i64,
    filled_at: DateTime<Utc>,
}

const SCALE: i64 = 1000;

impl Bucket {
    /// With what came since, up to a full bucket.
    fn refilled(self, full: i64, now: DateTime<Utc>) -> Self {
        let elapsed_ms = (now - self.filled_at).num_milliseconds().max(0);
        let gained = elapsed_ms.saturating_mul(full) / 60_000;
        Self {
            level: self.level.saturating_add(gained).min(full),
            filled_at: now,
        }
    }
}

impl RateLimit {
    /// So many requests a minute for each who asks.
    pub fn new(per_minute: u32) -> Self {
        Self {
            per_minute,
            buckets: Mutex::default(),
        }
    }

    /// Takes one request from a bucket: how many are left, or how many seconds to wait.
    ///
    /// # Errors
    /// The seconds after which one is free.
    pub fn take(&self, who: &str, now: DateTime<Utc>) -> Result<u32, u64> {
        let full = i64::from(self.per_minute) * SCALE;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MAX_BUCKETS {
            buckets.retain(|_, bucket| bucket.refilled(full, now).level < full);
        }
        let bucket = buckets.entry(who.to_owned()).or_insert(Bucket {
            level: full,
            filled_at: now,
        });
        *bucket = bucket.refilled(full, now);
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
    let limit = state.rate.per_minute;
    let (mut response, left) = match state.rate.take(&who, state.clock.now()) {
        Ok(left) => (next.run(request).await, left),
        Err(seconds) => (
            ApiError::too_many(
                format!("more than {limit} requests a minute; wait {seconds} s"),
                seconds,
            )
            .into_response(),
            0,
        ),
    };
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("x-ratelimit-limit"), HeaderValue::from(limit));
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
        let limit = RateLimit::new(600);
        let start = DateTime::UNIX_EPOCH;
        for _ in 0..600 {
            limit.take("a", start).unwrap();
        }
        assert_eq!(limit.take("a", start), Err(1));
        assert!(limit.take("b", start).is_ok());
        assert_eq!(limit.take("a", start + chrono::Duration::seconds(1)), Ok(9));
    }
}
