//! A server in this process, on a database of its own and a clock that stands still.

use axum::Router;
use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use chrono::{DateTime, Utc};
use serde_json::Value;
use server::clock::{FixedClock, SystemEntropy};
use server::config::Sources;
use server::desk::accounts;
use server::http::sessions::{Sessions, key};
use server::setup;
use server::state::AppState;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use store::{User, UserRole};
use tempfile::TempDir;
use tower::ServiceExt;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};

pub const PASSWORD: &str = "correct horse battery";

pub struct TestApp {
    pub state: AppState,
    pub clock: Arc<FixedClock>,
    router: Router,
    pub dir: TempDir,
}

/// An answer, read to its end.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.text()))
    }
}

/// Who asks.
#[derive(Clone, Debug)]
pub enum As {
    Nobody,
    Key(String),
    Session(String),
}

impl TestApp {
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// With other settings than the defaults.
    pub async fn with(settings: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut sources = Sources::defaults();
        sources
            .set("flags", "data_dir", dir.path().display().to_string())
            .unwrap();
        for (name, value) in settings {
            sources.set("flags", name, *value).unwrap();
        }
        let clock = Arc::new(FixedClock::new("2026-11-21T12:00:00Z".parse().unwrap()));
        let state = setup::open(sources.read().unwrap(), clock.clone(), Arc::new(SystemEntropy))
            .await
            .unwrap();
        let router = server::http::router(&state);
        Self {
            state,
            clock,
            router,
            dir,
        }
    }

    /// Another process on the same data, as far as one can be had in this one.
    pub async fn beside(&self) -> Self {
        let clock = Arc::new(FixedClock::new(self.now()));
        let state = setup::open(self.state.config.clone(), clock.clone(), Arc::new(SystemEntropy))
            .await
            .unwrap();
        Self {
            router: server::http::router(&state),
            state,
            clock,
            dir: tempfile::tempdir().unwrap(),
        }
    }

    pub fn now(&self) -> DateTime<Utc> {
        server::clock::Clock::now(&*self.clock)
    }

    pub async fn user(&self, email: &str, role: UserRole) -> User {
        accounts::create_user(&self.state, email, PASSWORD, role).await.unwrap()
    }

    pub async fn key(&self, user: &User, scopes: &[&str]) -> As {
        let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        As::Key(
            accounts::create_api_key(&self.state, user, "test", &scopes, None)
                .await
                .unwrap()
                .1,
        )
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        who: &As,
        body: Option<(&str, String)>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "overround.test");
        request = match who {
            As::Nobody => request,
            As::Key(key) => request.header(AUTHORIZATION, format!("Bearer {key}")),
            As::Session(cookie) => request.header(COOKIE, cookie.as_str()),
        };
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some((kind, text)) => {
                request = request.header(CONTENT_TYPE, kind);
                Body::from(text)
            }
            None => Body::empty(),
        };
        self.answer(request.body(body).unwrap()).await
    }

    async fn answer(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    pub async fn get(&self, path: &str, who: &As) -> Answer {
        self.send(Method::GET, path, who, None, &[]).await
    }

    pub async fn post_json(&self, path: &str, who: &As, body: &Value) -> Answer {
        self.send(
            Method::POST,
            path,
            who,
            Some(("application/json", body.to_string())),
            &[("sec-fetch-site", "same-origin")],
        )
        .await
    }

    /// Sends a body as it comes, in pieces of unknown length.
    pub async fn post_stream(&self, path: &str, who: &As, body: Body) -> Answer {
        let mut request = Request::post(path)
            .header("host", "overround.test")
            .header("sec-fetch-site", "same-origin")
            .header(CONTENT_TYPE, "application/json");
        if let As::Session(cookie) = who {
            request = request.header(COOKIE, cookie.as_str());
        }
        self.answer(request.body(body).unwrap()).await
    }

    /// Sends a form as a browser without scripts does.
    pub async fn post_form(&self, path: &str, who: &As, fields: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        let headers = [
            ("sec-fetch-site", "same-origin"),
            ("accept", "text/html"),
            ("referer", "http://overround.test/login"),
        ];
        self.send(
            Method::POST,
            path,
            who,
            Some(("application/x-www-form-urlencoded", body.join("&"))),
            &headers,
        )
        .await
    }

    /// A session of somebody who signed in just now, without the work of checking a password.
    pub async fn session(&self, user: &User) -> As {
        let now_ms = self.now().timestamp_millis();
        let held = [
            (key::USER, user.id.0),
            (key::SIGNED_IN_AT, now_ms),
            (key::SEEN_AT, now_ms),
        ];
        let mut record = Record {
            id: Id::default(),
            data: held
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.into()))
                .collect(),
            expiry_date: time::OffsetDateTime::from_unix_timestamp(now_ms / 1000 + 3600).unwrap(),
        };
        let sessions = Sessions::new(self.state.store.clone(), self.clock.clone());
        sessions.create(&mut record).await.unwrap();
        As::Session(format!("overround={}", record.id))
    }

    /// Signs in through the form and answers with the cookie.
    pub async fn sign_in(&self, email: &str, password: &str) -> As {
        let answer = self
            .post_form("/ui/sign_in", &As::Nobody, &[("email", email), ("password", password)])
            .await;
        cookie(&answer).unwrap_or_else(|| panic!("no cookie: {} {}", answer.status, answer.text()))
    }
}

/// The session that an answer sets.
pub fn cookie(answer: &Answer) -> Option<As> {
    let set = answer
        .headers
        .get_all(SET_COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .next_back()?;
    Some(As::Session(set.split(';').next()?.to_owned()))
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

/// The address of a new schema on the PostgreSQL server for tests; `None` where there is none.
pub async fn postgres() -> Option<String> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let Ok(server) = std::env::var("OVERROUND_TEST_POSTGRES") else {
        println!("skipped: OVERROUND_TEST_POSTGRES is not set");
        return None;
    };
    let name = format!("it_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(&server)
        .await
        .unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE SCHEMA {name}")))
        .execute(&mut connection)
        .await
        .unwrap();
    let joint = if server.contains('?') { '&' } else { '?' };
    Some(format!("{server}{joint}options=-c%20search_path%3D{name}"))
}
