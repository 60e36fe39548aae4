//! A server on this machine that answers like The Odds API, soundly or with one of the faults that real ones show.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use futures::stream;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock, Mutex};
use tokio::net::TcpListener;

/// What the vendor does to the next odds requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    BadKey,
    OutOfCredits,
    NotInPlan,
    BadRegion,
    UnknownSport,
    TooFast,
    TooFastWithRetryAfter,
    ServerError,
    Hang,
    SlowDrip,
    HugeBody,
    GzipBomb,
    Truncated,
    WrongCharset,
    BlockPage,
    BlockPageForbidden,
    ChangedSchema,
    DuplicateIds,
    ImpossiblePrices,
    FutureTime,
    RedirectToLoopback,
}

impl Fault {
    pub const ALL: [Self; 21] = [
        Self::BadKey,
        Self::OutOfCredits,
        Self::NotInPlan,
        Self::BadRegion,
        Self::UnknownSport,
        Self::TooFast,
        Self::TooFastWithRetryAfter,
        Self::ServerError,
        Self::Hang,
        Self::SlowDrip,
        Self::HugeBody,
        Self::GzipBomb,
        Self::Truncated,
        Self::WrongCharset,
        Self::BlockPage,
        Self::BlockPageForbidden,
        Self::ChangedSchema,
        Self::DuplicateIds,
        Self::ImpossiblePrices,
        Self::FutureTime,
        Self::RedirectToLoopback,
    ];
}

#[derive(Default)]
struct Log {
    fault: Option<Fault>,
    prices: (f64, f64),
    /// Path and query of every request, the key included: what a test greps for elsewhere.
    requests: Vec<(String, HashMap<String, String>)>,
    used: u32,
}

/// The running vendor; stops when dropped.
pub struct Vendor {
    pub address: SocketAddr,
    log: Arc<Mutex<Log>>,
    now: DateTime<Utc>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Vendor {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Clone)]
struct Shared {
    log: Arc<Mutex<Log>>,
    now: DateTime<Utc>,
}

impl Vendor {
    /// Starts one whose world is at `now`.
    pub async fn start(now: DateTime<Utc>) -> Self {
        let log = Arc::new(Mutex::new(Log {
            prices: (2.1, 1.95),
            ..Log::default()
        }));
        let shared = Shared {
            log: Arc::clone(&log),
            now,
        };
        let router = Router::new()
            .route("/v4/sports/", get(sports))
            .route("/v4/sports", get(sports))
            .route("/v4/sports/{sport}/{what}", get(answer))
            .route("/v4/sports/{sport}/{what}/", get(answer))
            .with_state(shared);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            axum::serve(listener, router).await.unwrap();
        });
        Self {
            address,
            log,
            now,
            task,
        }
    }

    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What happens to odds requests from now on.
    pub fn set_fault(&self, fault: Fault) {
        self.log.lock().unwrap().fault = Some(fault).filter(|fault| *fault != Fault::None);
    }

    /// The decimal prices of the first bookmaker from now on.
    pub fn set_prices(&self, home: f64, away: f64) {
        self.log.lock().unwrap().prices = (home, away);
    }

    /// How many requests asked for this (`odds`, `events`, `scores`).
    pub fn count(&self, what: &str) -> usize {
        self.log
            .lock()
            .unwrap()
            .requests
            .iter()
            .filter(|(path, _)| path.contains(&format!("/{what}")))
            .count()
    }

    /// The sound answer to an odds request, for a test to compare with.
    pub fn sound_odds(&self) -> Value {
        odds_body(self.now, self.log.lock().unwrap().prices)
    }
}

fn note(shared: &Shared, path: String, query: &HashMap<String, String>) -> (Option<Fault>, (f64, f64), u32) {
    let mut log = shared.log.lock().unwrap();
    log.requests.push((path, query.clone()));
    log.used += 1;
    (log.fault, log.prices, log.used)
}

fn with_credits(value: &Value, used: u32, last: u32) -> Response {
    let headers = [
        ("x-requests-used", used.to_string()),
        ("x-requests-remaining", (500 - used).to_string()),
        ("x-requests-last", last.to_string()),
    ];
    (headers, axum::Json(value.clone())).into_response()
}

async fn sports(State(shared): State<Shared>, Query(query): Query<HashMap<String, String>>) -> Response {
    let (_, _, used) = note(&shared, "/sports".to_owned(), &query);
    with_credits(
        &json!([{"key": "basketball_harbour", "group": "Basketball", "title": "Harbour League", "description": "Invented",
                 "active": true, "has_outrights": false}]),
        used,
        0,
    )
}

async fn answer(
    State(shared): State<Shared>,
    Path((sport, what)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let (fault, prices, used) = note(&shared, format!("/{sport}/{what}"), &query);
    let now = shared.now;
    match what.as_str() {
        "odds" => match fault {
            None => with_credits(&odds_body(now, prices), used, 1),
            Some(fault) => faulty(fault, now, prices, &headers).await,
        },
        "scores" => with_credits(
            &json!([{"id": "ev1", "sport_key": sport, "sport_title": "Harbour League", "commence_time": time(now + Duration::hours(3)),
                     "completed": false, "home_team": "Alder Gulls", "away_team": "Birch Herons", "scores": null, "last_update": null}]),
            used,
            1,
        ),
        _ => {
            let events: Vec<Value> = odds_body(now, prices)
                .as_array()
                .unwrap()
                .iter()
                .map(|event| {
                    let mut event = event.clone();
                    event.as_object_mut().unwrap().remove("bookmakers");
                    event
                })
                .collect();
            with_credits(&Value::Array(events), used, 0)
        }
    }
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn h2h(key: &str, last_update: DateTime<Utc>, home: Value, away: Value) -> Value {
    json!({"key": key, "title": key, "last_update": time(last_update), "markets": [
        {"key": "h2h", "last_update": time(last_update), "outcomes": [
            {"name": "Birch Herons", "price": away}, {"name": "Alder Gulls", "price": home}]}]})
}

fn event(id: &str, starts_at: DateTime<Utc>, bookmakers: Value) -> Value {
    json!({"id": id, "sport_key": "basketball_harbour", "sport_title": "Harbour League", "commence_time": time(starts_at),
           "home_team": "Alder Gulls", "away_team": "Birch Herons", "bookmakers": bookmakers})
}

fn odds_body(now: DateTime<Utc>, (home, away): (f64, f64)) -> Value {
    let seen = now - Duration::seconds(20);
    json!([event(
        "ev1",
        now + Duration::hours(3),
        json!([
            h2h("book_one", seen, json!(home), json!(away)),
            h2h("book_two", seen, json!(1.9), json!(1.9))
        ])
    )])
}

fn refusal(status: u16, code: &str) -> Response {
    let body = json!({"message": format!("refused: {code}"), "error_code": code, "details_url": "https://vendor.example/errors"});
    (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response()
}

async fn faulty(fault: Fault, now: DateTime<Utc>, prices: (f64, f64), headers: &HeaderMap) -> Response {
    let sound = odds_body(now, prices);
    match fault {
        Fault::None => axum::Json(sound).into_response(),
        Fault::BadKey => refusal(401, "INVALID_KEY"),
        Fault::OutOfCredits => refusal(401, "OUT_OF_USAGE_CREDITS"),
        Fault::NotInPlan => refusal(401, "HISTORICAL_UNAVAILABLE_ON_FREE_USAGE_PLAN"),
        Fault::BadRegion => refusal(422, "INVALID_REGION"),
        Fault::UnknownSport => refusal(404, "UNKNOWN_SPORT"),
        Fault::TooFast => refusal(429, "EXCEEDED_FREQ_LIMIT"),
        Fault::TooFastWithRetryAfter => {
            let mut response = refusal(429, "EXCEEDED_FREQ_LIMIT");
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, "3600".parse().unwrap());
            response
        }
        Fault::ServerError => (StatusCode::INTERNAL_SERVER_ERROR, "oops").into_response(),
        Fault::Hang => std::future::pending().await,
        Fault::SlowDrip => {
            // One byte, then nothing for ever.
            let drip = stream::unfold(true, |first| async move {
                if first {
                    Some((Ok::<_, std::io::Error>(Bytes::from_static(b"[")), false))
                } else {
                    std::future::pending().await
                }
            });
            Body::from_stream(drip).into_response()
        }
        Fault::HugeBody => {
            // 1 GiB of blanks.
            let chunk = Bytes::from(vec![b' '; 1 << 20]);
            let body = stream::iter((0..1024).map(move |_| Ok::<_, std::io::Error>(chunk.clone())));
            Body::from_stream(body).into_response()
        }
        Fault::GzipBomb => {
            assert!(
                headers
                    .get(header::ACCEPT_ENCODING)
                    .is_some_and(|value| value.to_str().unwrap().contains("gzip"))
            );
            static BOMB: LazyLock<Vec<u8>> = LazyLock::new(gzip_bomb);
            ([(header::CONTENT_ENCODING, "gzip")], BOMB.clone()).into_response()
        }
        Fault::Truncated => {
            let text = sound.to_string();
            text[..text.len() / 2].to_owned().into_response()
        }
        Fault::WrongCharset => {
            let latin1: Vec<u8> = sound
                .to_string()
                .replace("Alder", "\u{c4}lder")
                .chars()
                .map(|letter| u8::try_from(u32::from(letter)).unwrap())
                .collect();
            ([(header::CONTENT_TYPE, "application/json; charset=iso-8859-1")], latin1).into_response()
        }
        Fault::BlockPage => ([(header::CONTENT_TYPE, "text/html")], BLOCK_PAGE).into_response(),
        Fault::BlockPageForbidden => {
            (StatusCode::FORBIDDEN, [(header::CONTENT_TYPE, "text/html")], BLOCK_PAGE).into_response()
        }
        Fault::ChangedSchema => axum::Json(json!({"version": 5, "games": {"ev1": {"books": []}}})).into_response(),
        Fault::DuplicateIds => {
            let mut events = sound.as_array().unwrap().clone();
            events.push(events[0].clone());
            axum::Json(Value::Array(events)).into_response()
        }
        Fault::ImpossiblePrices => {
            let seen = now - Duration::seconds(20);
            let books = json!([
                h2h("book_one", seen, json!(prices.0), json!(prices.1)),
                h2h("book_zero", seen, json!(0), json!(1.0)),
                h2h("book_huge", seen, json!(-5), json!("NaN")),
            ]);
            let text = json!([event("ev1", now + Duration::hours(3), books)])
                .to_string()
                .replace("-5", "1e308");
            ([(header::CONTENT_TYPE, "application/json")], text).into_response()
        }
        Fault::FutureTime => {
            let seen = now + Duration::days(2);
            axum::Json(json!([event(
                "ev1",
                now + Duration::hours(3),
                json!([h2h("book_one", seen, json!(prices.0), json!(prices.1))])
            )]))
            .into_response()
        }
        Fault::RedirectToLoopback => {
            (StatusCode::FOUND, [(header::LOCATION, "http://127.0.0.1:9/secret")]).into_response()
        }
    }
}

const BLOCK_PAGE: &str = "<!DOCTYPE html><html><head><title>Access Denied</title></head><body><h1>Access Denied</h1>You don't have \
                          permission to access this server. Reference #18.2d351ab8.1557333295.a4e16ab</body></html>";

/// A gzip stream of 256 MiB of zeros in about 1 MiB.
fn gzip_bomb() -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let zeros = vec![0_u8; 1 << 20];
    for _ in 0..256 {
        encoder.write_all(&zeros).unwrap();
    }
    encoder.finish().unwrap()
}
