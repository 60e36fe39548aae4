//! Who may reach what: every route as nobody, as somebody else, with a key that may only read, as the owner.

use crate::app::{Answer, As, TestApp};
use axum::http::{Method, StatusCode};
use futures::StreamExt;
use serde_json::json;
use store::UserRole;

/// Pages. `1` stands for an id.
const PAGES: &[&str] = &[
    "/",
    "/games",
    "/games/1",
    "/games/1/prices",
    "/snapshots/1",
    "/opportunities",
    "/opportunities/1",
    "/health",
    "/issues",
    "/settings",
    "/settings/two-factor",
    "/settings/sessions",
    "/settings/api-keys",
    "/settings/feeds",
    "/settings/bookmakers",
    "/settings/users",
];

/// Paths of the API, from its own document, so that a new one cannot be forgotten.
fn api_routes() -> Vec<(Method, String)> {
    let document = serde_json::to_value(server::api::document()).unwrap();
    let mut routes = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        let path = path
            .split('/')
            .map(|part| if part.starts_with('{') { "1" } else { part })
            .collect::<Vec<_>>()
            .join("/");
        for method in operations.as_object().unwrap().keys() {
            if let Ok(method) = method.to_uppercase().parse() {
                routes.push((method, path.clone()));
            }
        }
    }
    assert!(routes.len() > 15, "{routes:?}");
    routes
}

fn is_stream(path: &str) -> bool {
    path.ends_with("/stream")
}

async fn send(app: &TestApp, method: &Method, path: &str, who: &As) -> Answer {
    let body = (*method == Method::POST).then(|| ("application/json", "{}".to_owned()));
    app.send(method.clone(), path, who, body, &[("sec-fetch-site", "same-origin")])
        .await
}

#[tokio::test]
async fn nobody_reaches_more_than_sign_in_set_up_probes_and_static_files() {
    let app = TestApp::new().await;
    for path in PAGES {
        let answer = app.get(path, &As::Nobody).await;
        assert_eq!(
            (answer.status, answer.headers["location"].as_bytes()),
            (StatusCode::SEE_OTHER, &b"/setup"[..]),
            "{path}"
        );
    }
    app.user("owner@example.org", UserRole::Owner).await;
    for path in PAGES {
        let answer = app.get(path, &As::Nobody).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(
            answer.headers["location"].to_str().unwrap().starts_with("/login"),
            "{path}"
        );
    }
    for (method, path) in api_routes() {
        let answer = send(&app, &method, &path, &As::Nobody).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
        assert_eq!(
            answer.json()["errors"][0]["code"],
            json!("sign_in_required"),
            "{method} {path}"
        );
    }
    for path in [
        "/api/docs",
        "/api/v1/openapi.json",
        "/api/nothing",
        "/ui/save_feed",
        "/metrics",
        "/nothing",
        "/.env",
    ] {
        let answer = app.get(path, &As::Nobody).await;
        assert!(
            answer.status == StatusCode::UNAUTHORIZED || answer.status == StatusCode::SEE_OTHER,
            "{path}: {}",
            answer.status
        );
    }
    for path in ["/login", "/livez", "/readyz"] {
        assert_eq!(app.get(path, &As::Nobody).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn a_wrong_key_or_session_is_nobody() {
    let app = TestApp::new().await;
    app.user("owner@example.org", UserRole::Owner).await;
    for who in [
        As::Key("ovr_0000".into()),
        As::Key(String::new()),
        As::Session("overround=AAAAAAAAAAAAAAAAAAAAAA".into()),
    ] {
        assert_eq!(
            app.get("/api/v1/games", &who).await.status,
            StatusCode::UNAUTHORIZED,
            "{who:?}"
        );
    }
}

#[tokio::test]
async fn a_key_that_may_only_read_changes_nothing() {
    let app = TestApp::new().await;
    let owner = app.user("owner@example.org", UserRole::Owner).await;
    let key = app.key(&owner, &["read"]).await;
    for (method, path) in api_routes().into_iter().filter(|(_, path)| !is_stream(path)) {
        let answer = send(&app, &method, &path, &key).await;
        if method == Method::GET {
            assert!(
                answer.status == StatusCode::OK || answer.status == StatusCode::NOT_FOUND,
                "{method} {path}: {} {}",
                answer.status,
                answer.text()
            );
        } else {
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {path}");
        }
    }
    let writer = app.key(&owner, &["write"]).await;
    assert_eq!(
        app.get("/api/v1/games", &writer).await.status,
        StatusCode::FORBIDDEN,
        "a key without the read scope does not read"
    );
}

#[tokio::test]
async fn what_belongs_to_somebody_else_is_not_found() {
    let app = TestApp::new().await;
    let (ann, bob) = (
        app.user("ann@example.org", UserRole::Member).await,
        app.user("bob@example.org", UserRole::Owner).await,
    );
    let anns = app.key(&ann, &["read", "write"]).await;
    let bob_session = app.sign_in("bob@example.org", crate::app::PASSWORD).await;
    let made = app
        .post_json(
            "/api/v1/api-keys",
            &bob_session,
            &json!({"name": "bob's", "scopes": ["read"]}),
        )
        .await;
    assert!(made.status.is_success(), "{}", made.text());
    let id = app.state.store.list_api_keys(bob.id).await.unwrap()[0].id;
    let revoke = format!("/api/v1/api-keys/{id}/revoke");
    assert_eq!(
        app.post_json(&revoke, &anns, &json!({})).await.status,
        StatusCode::NOT_FOUND
    );
    assert!(
        app.state.store.list_api_keys(bob.id).await.unwrap()[0]
            .revoked_at
            .is_none()
    );
    let listed = app.get("/api/v1/api-keys", &anns).await;
    assert!(!listed.text().contains("bob"), "{}", listed.text());
    let ann_session = app.sign_in("ann@example.org", crate::app::PASSWORD).await;
    let bobs_hash = app.state.store.list_sessions(bob.id, app.now()).await.unwrap()[0]
        .id_hash
        .clone();
    app.post_form("/ui/revoke_session", &ann_session, &[("id", &bobs_hash)])
        .await;
    assert_eq!(
        app.get("/api/v1/me", &bob_session).await.status,
        StatusCode::OK,
        "bob's session is still his"
    );
    app.post_form("/ui/revoke_api_key", &ann_session, &[("id", &id.to_string())])
        .await;
    assert!(
        app.state.store.list_api_keys(bob.id).await.unwrap()[0]
            .revoked_at
            .is_none()
    );
}

#[tokio::test]
async fn only_the_owner_sees_and_changes_what_concerns_the_whole_desk() {
    let app = TestApp::new().await;
    app.user("owner@example.org", UserRole::Owner).await;
    app.user("vic@example.org", UserRole::Viewer).await;
    let viewer = app.sign_in("vic@example.org", crate::app::PASSWORD).await;
    let secret = "sk-feed-secret-1234567890";
    let before = app.state.store.feed_settings().await.unwrap();
    app.post_form(
        "/ui/save_feed",
        &viewer,
        &[("feed", "the_odds_api"), ("key", secret), ("is_enabled", "on")],
    )
    .await;
    app.post_form(
        "/ui/invite",
        &viewer,
        &[("email", "eve@example.org"), ("role", "owner")],
    )
    .await;
    assert_eq!(app.state.store.feed_settings().await.unwrap(), before);
    assert!(app.state.store.list_invites().await.unwrap().is_empty());
    assert!(
        !app.get("/settings/users", &viewer)
            .await
            .text()
            .contains("owner@example.org")
    );
}

#[tokio::test]
async fn unsafe_requests_from_another_site_are_refused() {
    let app = TestApp::new().await;
    app.user("ann@example.org", UserRole::Owner).await;
    let session = app.sign_in("ann@example.org", crate::app::PASSWORD).await;
    let form = Some(("application/x-www-form-urlencoded", "name=x&scopes=read".to_owned()));
    for headers in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[],
    ] {
        let answer = app
            .send(Method::POST, "/ui/sign_out", &session, form.clone(), headers)
            .await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?}");
    }
    assert_eq!(app.get("/api/v1/me", &session).await.status, StatusCode::OK);
    let same = app
        .send(
            Method::POST,
            "/ui/sign_out",
            &session,
            form,
            &[("origin", "http://overround.test")],
        )
        .await;
    assert!(
        same.status.is_success() || same.status.is_redirection(),
        "{}",
        same.status
    );
    assert_eq!(
        app.get("/api/v1/me", &session).await.status,
        StatusCode::UNAUTHORIZED,
        "signing out ends the session on the server"
    );
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let app = TestApp::new().await;
    let owner = app.user("owner@example.org", UserRole::Owner).await;
    let key = app.key(&owner, &["read"]).await;
    let session = app.sign_in("owner@example.org", crate::app::PASSWORD).await;
    for (path, who) in [
        ("/login", &As::Nobody),
        ("/", &session),
        ("/nothing-here", &session),
        ("/api/v1/games", &key),
        ("/api/v1/nothing", &key),
        ("/livez", &As::Nobody),
        ("/pkg/none.js", &As::Nobody),
    ] {
        let answer = app.get(path, who).await;
        let header = |name: &str| {
            answer
                .headers
                .get(name)
                .unwrap_or_else(|| panic!("{path} lacks {name}"))
                .to_str()
                .unwrap()
                .to_owned()
        };
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        let policy = header("content-security-policy");
        assert!(
            policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-inline"),
            "{path}: {policy}"
        );
    }
    let page = app.get("/", &session).await;
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    let nonce = policy
        .split("'nonce-")
        .nth(1)
        .expect("a page's scripts have a nonce")
        .split('\'')
        .next()
        .unwrap();
    assert!(page.text().contains(&format!("nonce=\"{nonce}\"")));
    assert!(
        !page.text().contains(" style=\""),
        "no inline styles: the policy would drop them"
    );
}

#[tokio::test]
async fn over_tls_the_cookie_is_bound_to_this_host_and_never_sent_in_the_clear() {
    let app = TestApp::with(&[("base_url", "https://overround.test")]).await;
    app.user("ann@example.org", UserRole::Owner).await;
    let answer = app
        .post_form(
            "/ui/sign_in",
            &As::Nobody,
            &[("email", "ann@example.org"), ("password", crate::app::PASSWORD)],
        )
        .await;
    let set = answer.headers["set-cookie"].to_str().unwrap();
    for part in ["__Host-overround=", "HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(answer.headers.contains_key("strict-transport-security"));
}

#[tokio::test]
async fn the_limits_on_bodies_and_time_answer_the_api_as_everything_else_does() {
    let app = TestApp::with(&[("max_body_bytes", "2000"), ("request_timeout_s", "1")]).await;
    app.user("ann@example.org", UserRole::Owner).await;
    let session = app.sign_in("ann@example.org", crate::app::PASSWORD).await;
    let path = "/api/v1/api-keys";
    let name = "x".repeat(4_000);
    let code = |answer: &Answer| answer.json()["errors"][0]["code"].clone();

    // Told beforehand, and found out while reading.
    let announced = app.post_json(path, &session, &json!({"name": name})).await;
    let pieces = futures::stream::iter(name.into_bytes().chunks(100).map(<[u8]>::to_vec).collect::<Vec<_>>());
    let body = axum::body::Body::from_stream(pieces.map(Ok::<_, std::io::Error>));
    let streamed = app.post_stream(path, &session, body).await;
    for answer in [announced, streamed] {
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", answer.text());
        assert_eq!(code(&answer), "too_large");
    }

    // A body that never comes.
    let never = futures::stream::pending::<Result<Vec<u8>, std::io::Error>>();
    let answer = app
        .post_stream(path, &session, axum::body::Body::from_stream(never))
        .await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(code(&answer), "timed_out");
}
