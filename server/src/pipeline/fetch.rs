//! Fetch: the only network call. Within each feed's limits, never through a redirect, never with the key in a log.

use crate::clock::{Entropy, SharedClock};
use chrono::{DateTime, Utc};
use feeds::{Credits, Feed, Policy, Refusal, Request};
use futures::StreamExt;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::Instant;

/// Tries of one request before it has failed.
const ATTEMPTS: u32 = 3;
/// The first wait between tries; each further one is twice as long.
const BACKOFF: Duration = Duration::from_millis(500);
/// A vendor that asks us to wait longer than this gets its wish at the next scheduled time instead.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// A refusal's body is read up to here: enough to recognise it.
const REFUSAL_BYTES: usize = 64 * 1024;

/// An answer.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The bytes, unpacked.
    pub body: Vec<u8>,
    /// When the last byte was here.
    pub received_at: DateTime<Utc>,
    /// HTTP status; 200 for a feed that answers itself.
    pub status: u16,
    /// What the vendor says of credits.
    pub credits: Credits,
}

/// Why there is no answer. The text names the fault for Health and holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchFault {
    /// The vendor refused, with a status and its own words.
    #[error("{}", refusal_text(*.refusal, *.status, message))]
    Refused {
        /// What the refusal means.
        refusal: Refusal,
        /// HTTP status.
        status: u16,
        /// The vendor's words, cut short.
        message: String,
        /// The wait the vendor asks for.
        retry_after: Option<Duration>,
    },
    /// It took too long.
    #[error("no complete answer within {0} s")]
    Timeout(u64),
    /// It is larger than a sound answer can be.
    #[error("the answer is larger than {0} bytes and was cut off")]
    TooLarge(usize),
    /// It leads elsewhere.
    #[error("the answer is a redirect (status {0}), which is not followed")]
    Redirected(u16),
    /// The connection failed.
    #[error("the feed cannot be reached: {0}")]
    Network(String),
    /// The address cannot be used.
    #[error("the feed's address cannot be used: {0}")]
    Address(String),
}

fn refusal_text(refusal: Refusal, status: u16, message: &str) -> String {
    let meaning = match refusal {
        Refusal::BadKey => "the key is missing, wrong or switched off; enter it again in Settings",
        Refusal::OutOfCredits => "no credits are left until they reset; what is free goes on",
        Refusal::NotInPlan => "the plan does not include this",
        Refusal::BadSetting => "a setting is wrong; change it in Settings",
        Refusal::NotFound => "there is nothing of this now",
        Refusal::TooFast => "too many requests; backing off",
        Refusal::Blocked => "blocked: a web page that keeps programs out came back",
        Refusal::Unavailable => "the feed does not answer properly",
    };
    if message.is_empty() {
        format!("{meaning} (status {status})")
    } else {
        format!("{meaning} (status {status}: {message})")
    }
}

impl FetchFault {
    /// A short stable word for the fetch log.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused { refusal, .. } => match refusal {
                Refusal::BadKey => "bad_key",
                Refusal::OutOfCredits => "out_of_credits",
                Refusal::NotInPlan => "not_in_plan",
                Refusal::BadSetting => "bad_setting",
                Refusal::NotFound => "not_found",
                Refusal::TooFast => "too_fast",
                Refusal::Blocked => "blocked",
                Refusal::Unavailable => "unavailable",
            },
            Self::Timeout(_) => "timeout",
            Self::TooLarge(_) => "too_large",
            Self::Redirected(_) => "redirected",
            Self::Network(_) => "network",
            Self::Address(_) => "address",
        }
    }

    /// HTTP status, where there was one.
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } | Self::Redirected(status) => Some(*status),
            _ => None,
        }
    }

    /// True when asking again soon may help.
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Refused { refusal, .. } => refusal.is_retryable(),
            Self::Timeout(_) | Self::Network(_) => true,
            Self::TooLarge(_) | Self::Redirected(_) | Self::Address(_) => false,
        }
    }

    /// True when the vendor may have charged for it although no answer came.
    pub const fn may_have_been_charged(&self) -> bool {
        matches!(self, Self::Timeout(_) | Self::TooLarge(_) | Self::Network(_))
    }
}

/// What one feed may do at once and per second.
pub struct Limiter {
    places: Semaphore,
    spacing: Duration,
    next_at: Mutex<Instant>,
}

impl Limiter {
    /// Of a policy.
    pub fn new(policy: &Policy) -> Self {
        Self {
            places: Semaphore::new(policy.concurrent_requests.max(1)),
            spacing: Duration::from_secs(1) / policy.requests_per_second.max(1),
            next_at: Mutex::new(Instant::now()),
        }
    }

    /// Waits for this request's turn.
    async fn turn(&self) {
        let mut next_at = self.next_at.lock().await;
        let now = Instant::now();
        let at = (*next_at).max(now);
        *next_at = at + self.spacing;
        drop(next_at);
        tokio::time::sleep_until(at).await;
    }
}

/// Asks feeds over the network.
#[derive(Clone)]
pub struct Fetcher {
    client: reqwest::Client,
    clock: SharedClock,
    entropy: Arc<dyn Entropy>,
    timeout: Duration,
}

impl Fetcher {
    /// A client for all feeds, which waits for an answer at most `timeout`, or less where the feed says so.
    ///
    /// # Errors
    /// When the system has no TLS to offer.
    pub fn new(clock: SharedClock, entropy: Arc<dyn Entropy>, timeout: Duration) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .user_agent(concat!("overround/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(10))
            .pool_idle_timeout(Duration::from_mins(1))
            .gzip(true)
            .build()?;
        Ok(Self {
            client,
            clock,
            entropy,
            timeout,
        })
    }

    /// Asks once or, where that may help, a few times. The second value is how many tries it took.
    pub async fn fetch(
        &self,
        feed: &dyn Feed,
        limiter: &Limiter,
        base_url: &str,
        key: Option<&str>,
        request: &Request,
    ) -> (Result<Fetched, FetchFault>, u32) {
        let mut policy = feed.policy();
        policy.timeout = policy.timeout.min(self.timeout);
        let Ok(_place) = limiter.places.acquire().await else {
            return (Err(FetchFault::Network("shutting down".to_owned())), 0);
        };
        let mut attempt = 1;
        loop {
            limiter.turn().await;
            let asked = tokio::time::timeout(policy.timeout, self.ask(feed, &policy, base_url, key, request)).await;
            let fault = match asked {
                Ok(Ok(fetched)) => return (Ok(fetched), attempt),
                Ok(Err(fault)) => fault,
                Err(_) => FetchFault::Timeout(policy.timeout.as_secs()),
            };
            let wait = self.wait_before(attempt, &fault);
            match wait {
                Some(wait) if attempt < ATTEMPTS && fault.is_retryable() => tokio::time::sleep(wait).await,
                _ => return (Err(fault), attempt),
            }
            attempt += 1;
        }
    }

    /// Twice as long each time, with up to half of it again by chance, so that many clients do not come back at once; or
    /// what the vendor asks for. `None` when that is too long to sit and wait.
    fn wait_before(&self, attempt: u32, fault: &FetchFault) -> Option<Duration> {
        if let FetchFault::Refused {
            retry_after: Some(asked),
            ..
        } = fault
        {
            return Some(*asked).filter(|asked| *asked <= LONGEST_WAIT);
        }
        let base = BACKOFF * 2_u32.pow(attempt - 1);
        Some(base + base * u32::from(self.entropy.bytes::<1>()[0]) / 512)
    }

    async fn ask(
        &self,
        feed: &dyn Feed,
        policy: &Policy,
        base_url: &str,
        key: Option<&str>,
        request: &Request,
    ) -> Result<Fetched, FetchFault> {
        let address = format!("{}{}", base_url.trim_end_matches('/'), request.path);
        let mut building = self.client.get(address).query(&request.query);
        if let (Some(parameter), Some(key)) = (request.key_parameter, key) {
            building = building.query(&[(parameter, key)]);
        }
        let response = building.send().await.map_err(|error| network_fault(error, policy))?;
        let status = response.status();
        if status.is_redirection() {
            return Err(FetchFault::Redirected(status.as_u16()));
        }
        let headers = response.headers().clone();
        let limit = if status.is_success() {
            policy.max_body_bytes
        } else {
            REFUSAL_BYTES
        };
        let body = match read_body(response, limit, policy).await {
            // A refusal is recognised by its beginning.
            Err((FetchFault::TooLarge(_), start)) if !status.is_success() => start,
            Err((fault, _)) => return Err(fault),
            Ok(body) => body,
        };
        let is_page = body.trim_ascii_start().first() == Some(&b'<');
        if !status.is_success() || is_page {
            let refusal = feed.refusal(status.as_u16(), &body);
            return Err(FetchFault::Refused {
                refusal,
                status: status.as_u16(),
                message: vendor_message(&body, key),
                retry_after: retry_after(&headers, self.clock.now()),
            });
        }
        let header = |name: &str| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        Ok(Fetched {
            body,
            received_at: self.clock.now(),
            status: status.as_u16(),
            credits: feed.credits(&header),
        })
    }
}

/// Reads at most `limit` unpacked bytes; what was read so far comes with a failure.
async fn read_body(
    response: reqwest::Response,
    limit: usize,
    policy: &Policy,
) -> Result<Vec<u8>, (FetchFault, Vec<u8>)> {
    let mut body = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        match chunk {
            Ok(chunk) if body.len() + chunk.len() > limit => {
                body.extend_from_slice(&chunk[..limit - body.len()]);
                return Err((FetchFault::TooLarge(limit), body));
            }
            Ok(chunk) => body.extend_from_slice(&chunk),
            Err(error) => return Err((network_fault(error, policy), body)),
        }
    }
    Ok(body)
}

/// The cause without the address: the address holds the key.
fn network_fault(error: reqwest::Error, policy: &Policy) -> FetchFault {
    if error.is_timeout() {
        return FetchFault::Timeout(policy.timeout.as_secs());
    }
    if error.is_builder() {
        return FetchFault::Address("it is not an http or https address".to_owned());
    }
    let kind = if error.is_connect() {
        "no connection"
    } else if error.is_decode() {
        "the packed answer is damaged"
    } else {
        "the connection broke"
    };
    FetchFault::Network(kind.to_owned())
}

fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = DateTime::parse_from_rfc2822(text).ok()?.with_timezone(&Utc);
    (at - now).to_std().ok()
}

/// The vendor's own words for a person: the JSON member `message`, else nothing for a page. The key never comes back out.
fn vendor_message(body: &[u8], key: Option<&str>) -> String {
    let said = serde_json::from_slice::<serde_json::Value>(body)
        .ok()
        .and_then(|value| {
            value
                .get("message")
                .and_then(|message| message.as_str().map(str::to_owned))
        })
        .unwrap_or_default();
    let said = match key {
        Some(key) if !key.is_empty() => said.replace(key, "[key]"),
        _ => said,
    };
    said.chars().filter(|letter| !letter.is_control()).take(200).collect()
}
