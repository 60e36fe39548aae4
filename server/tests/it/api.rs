//! The JSON API, asked in process.

use crate::app::TestApp;
use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, Request, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use domain::board::QuoteFlags;
use domain::opportunity::{OpportunityKind, Trace};
use domain::reading::{Lines, Scope};
use domain::{ApiKeyId, EventId, EventStatus, MarketKey, MarketKind, Outcome, Period, Role, Side, Sport};
use serde_json::{Value, json};
use server::http::viewer::{Proof, Viewer};
use server::state::AppState;
use store::{NewBookmaker, NewChange, NewCompetition, NewEvent, NewReview, NewSnapshot, NewUser, User, UserRole};
use tower::ServiceExt;

/// An answer, with its body as JSON where it is JSON.
struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
    json: Value,
}

impl Reply {
    /// The field that is complained about.
    fn field(&self) -> Option<&str> {
        self.json["errors"][0]["field"].as_str()
    }

    fn code(&self) -> &str {
        self.json["errors"][0]["code"].as_str().unwrap_or_default()
    }
}

/// The API with one event, two books and an arbitrage between them.
struct Desk {
    app: TestApp,
    user: User,
    now: DateTime<Utc>,
    event: EventId,
}

impl Desk {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let now = app.state.clock.now();
        let user = add_user(&app.state, "api@example.org", UserRole::Member, now).await;
        let event = write_event(&app.state, now - TimeDelta::seconds(60)).await;
        Self { app, user, now, event }
    }

    async fn send(&self, request: Request<Body>, viewer: Option<Viewer>) -> Reply {
        let mut request = request;
        if let Some(viewer) = viewer {
            request.extensions_mut().insert(viewer);
        }
        let state = &self.app.state;
        let api = server::api::router(state).merge(server::api::files_router(state));
        let response = api.oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let json = serde_json::from_slice(&bytes).unwrap_or_default();
        Reply {
            status: parts.status,
            headers: parts.headers,
            text,
            json,
        }
    }

    fn viewer(&self) -> Viewer {
        Viewer {
            user: self.user.clone(),
            proof: Proof::Session,
        }
    }

    fn with_key(&self, scopes: &[&str]) -> Viewer {
        let scopes = scopes.iter().map(|&scope| scope.to_owned()).collect();
        Viewer {
            user: self.user.clone(),
            proof: Proof::Key {
                id: ApiKeyId(1),
                scopes,
            },
        }
    }

    async fn get(&self, path: &str) -> Reply {
        self.send(Request::get(path).body(Body::empty()).unwrap(), Some(self.viewer()))
            .await
    }

    async fn post(&self, path: &str, body: &Value, key: Option<&str>, viewer: Viewer) -> Reply {
        let request = Request::post(path).header(CONTENT_TYPE, "application/json");
        let request = key
            .into_iter()
            .fold(request, |request, key| request.header("Idempotency-Key", key));
        self.send(request.body(Body::from(body.to_string())).unwrap(), Some(viewer))
            .await
    }
}

async fn add_user(state: &AppState, email: &str, role: UserRole, now: DateTime<Utc>) -> User {
    let new = NewUser {
        email: email.into(),
        name: "Ann".into(),
        role,
        password_hash: "not a hash".into(),
        created_at: now,
    };
    state.store.create_user(new).await.unwrap()
}

/// Home at 2.1 with one book, away at 2.1 with the other: 5 % for whoever backs both.
pub async fn write_event(state: &AppState, at: DateTime<Utc>) -> EventId {
    let tx = state.store.begin_ingest("the_odds_api").await.unwrap();
    let competition = NewCompetition {
        feed_key: "nba".into(),
        key: "basketball/nba".into(),
        sport: Sport::BASKETBALL,
        name: "NBA".into(),
        is_demo: false,
        is_active: true,
        has_outrights: false,
    };
    let competition = tx.ensure_competitions(&[competition], at).await.unwrap()[0];
    let names = ["Denver Nuggets", "Detroit Pistons"].map(|name| (competition, name.to_owned()));
    let teams = tx.ensure_participants(&names).await.unwrap();
    let book = |key: &str| NewBookmaker {
        key: key.into(),
        name: key.to_uppercase(),
        profile: None,
        clone_group: None,
        is_demo: false,
    };
    let books = tx
        .ensure_bookmakers(&[book("corner_shop"), book("high_street")])
        .await
        .unwrap();
    let snapshot = NewSnapshot {
        feed: "the_odds_api".into(),
        endpoint: "odds".into(),
        competition: Some("nba".into()),
        request: "/odds".into(),
        received_at: at,
        price_format: Some("decimal".into()),
    };
    let snapshot = tx.add_snapshot(&snapshot, b"{\"raw\":true}").await.unwrap().id;
    let event = NewEvent {
        competition_id: competition,
        participants: vec![(Role::Home, teams[0]), (Role::Away, teams[1])],
        starts_at: at + TimeDelta::days(1),
        status: EventStatus::Scheduled,
        score: None,
        is_final_score: false,
        is_demo: false,
        received_at: at,
        source_at: None,
        snapshot_id: Some(snapshot),
    };
    let event = tx.create_event(&event).await.unwrap();
    let market = MarketKey::plain(MarketKind::Moneyline);
    let outcomes = [Outcome::Home, Outcome::Away];
    let wanted = outcomes.map(|outcome| (event, market.clone(), outcome));
    let selections = tx.ensure_selections(&wanted).await.unwrap();
    let change = |selection: usize, book: usize, price: &str| NewChange {
        event_id: event,
        selection_id: selections[selection],
        bookmaker_id: books[book],
        side: Side::Back,
        price: Some(price.parse().unwrap()),
        price_text: price.into(),
        source_at: Some(at),
        received_at: at,
        snapshot_id: snapshot,
        flags: QuoteFlags::default(),
        previous: None,
        supersedes: None,
    };
    let changes = [
        change(0, 0, "2.1"),
        change(1, 0, "1.75"),
        change(0, 1, "1.75"),
        change(1, 1, "2.1"),
    ];
    tx.append_changes(&changes).await.unwrap();
    let scope = Scope {
        markets: vec![(MarketKind::Moneyline, Period::FullTime, Lines::All)],
        bookmakers: None,
    };
    tx.cover(snapshot, &[event], &scope, at).await.unwrap();
    tx.commit().await.unwrap();
    event
}

#[test]
fn no_endpoint_changes_by_accident() {
    insta::assert_json_snapshot!("openapi", server::api::document(), { ".info.version" => "[version]" });
}

#[tokio::test]
async fn nobody_is_answered_without_signing_in_and_keys_do_what_their_scopes_say() {
    let desk = Desk::new().await;
    let get = |path: &str| Request::get(path).body(Body::empty()).unwrap();
    for path in ["/api/v1/games", "/api/v1/me", "/api/docs", "/api/v1/nothing"] {
        assert_eq!(
            desk.send(get(path), None).await.status,
            StatusCode::UNAUTHORIZED,
            "{path}"
        );
    }
    let reply = desk.send(get("/api/v1/me"), Some(desk.with_key(&["write"]))).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::FORBIDDEN, "forbidden"));
    let reply = desk
        .post("/api/v1/api-keys/1/revoke", &json!({}), None, desk.with_key(&["read"]))
        .await;
    assert_eq!((reply.status, reply.code()), (StatusCode::FORBIDDEN, "forbidden"));
    assert_eq!(
        desk.send(get("/api/v1/me"), Some(desk.with_key(&["read"]))).await.json["scopes"],
        json!(["read"])
    );
}

#[tokio::test]
async fn every_listed_address_answers_and_bad_parameters_are_named() {
    let desk = Desk::new().await;
    let document = serde_json::to_value(server::api::document()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        if path.contains('{') || path.ends_with("/stream") || item.get("get").is_none() {
            continue;
        }
        let reply = desk.get(path).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text);
        let reply = desk.get(&format!("{path}?no_such_parameter=1")).await;
        let takes_parameters = item["get"]["parameters"].is_array();
        assert_eq!(
            reply.status.is_client_error(),
            takes_parameters,
            "{path}: {}",
            reply.text
        );
        if takes_parameters {
            assert_eq!(reply.field(), Some("no_such_parameter"), "{path}: {}", reply.text);
        }
    }
    for (path, field) in [
        ("/api/v1/events?limit=0", "limit"),
        ("/api/v1/events?limit=many", "limit"),
        ("/api/v1/events?after=x", "after"),
        ("/api/v1/events?status=asleep", "status"),
        ("/api/v1/events?text=%00", "text"),
        ("/api/v1/events?order=up", "order"),
        ("/api/v1/games?as_of=yesterday", "as_of"),
        (
            "/api/v1/games?starts_from=2026-01-02T00:00:00Z&starts_to=2026-01-01T00:00:00Z",
            "starts_to",
        ),
        ("/api/v1/events/1/history?bookmaker=nobody", "bookmaker"),
        ("/api/v1/events/1/history?line=high", "line"),
        ("/api/v1/arbitrage?min_profit=NaN", "min_profit"),
        ("/api/v1/arbitrage?commission=some", "commission"),
        ("/api/v1/opportunities?verdict=fine", "verdict"),
        ("/api/v1/issues?kind=odd", "kind"),
        ("/api/v1/reviews?state=odd", "state"),
    ] {
        let reply = desk.get(path).await;
        assert_eq!(
            (reply.status, reply.field()),
            (StatusCode::UNPROCESSABLE_ENTITY, Some(field)),
            "{path}: {}",
            reply.text
        );
    }
}

#[tokio::test]
async fn what_is_not_there_is_answered_in_the_form_of_every_error() {
    let desk = Desk::new().await;
    for path in [
        "/api/v1/events/999",
        "/api/v1/events/999/history",
        "/api/v1/opportunities/999",
        "/api/v1/opportunities/999/trace",
        "/api/v1/snapshots/999",
        "/api/v1/snapshots/999/body",
        "/api/v1/feeds/nothing/fetches",
        "/api/v1/nothing",
        "/api/nothing/at/all",
    ] {
        let reply = desk.get(path).await;
        assert_eq!(
            (reply.status, reply.code()),
            (StatusCode::NOT_FOUND, "not_found"),
            "{path}"
        );
    }
    assert_eq!(desk.get("/api/v1/events/first").await.status, StatusCode::BAD_REQUEST);
    let reply = desk
        .send(
            Request::delete("/api/v1/games").body(Body::empty()).unwrap(),
            Some(desk.viewer()),
        )
        .await;
    assert_eq!(
        (reply.status, reply.code()),
        (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed")
    );
    assert!(reply.headers.contains_key(ALLOW));
}

#[tokio::test]
async fn an_event_is_shown_with_its_quotes_and_their_history() {
    let desk = Desk::new().await;
    let id = desk.event;
    let events = desk.get("/api/v1/events?sport=basketball&text=pistons").await.json;
    assert_eq!(
        (&events["events"][0]["id"], &events["meta"]),
        (&json!(id), &json!({"next": null}))
    );
    assert_eq!(
        events["events"][0]["participants"][0],
        json!({"role": "home", "name": "Denver Nuggets"})
    );
    let board = desk.get(&format!("/api/v1/events/{id}")).await.json;
    assert_eq!(
        board["markets"][0]["market"],
        json!({"kind": "moneyline", "period": "full_time", "line": null})
    );
    assert_eq!(board["markets"][0]["quotes"].as_array().map(Vec::len), Some(4));
    assert_eq!(board["markets"][0]["quotes"][0]["price"], "2.1");
    let path = format!("/api/v1/events/{id}/history?bookmaker=high_street&outcome=away&side=back&market=moneyline");
    let history = desk.get(&path).await.json;
    assert_eq!(history["changes"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&history["changes"][0]["price"], &history["changes"][0]["bookmaker"]),
        (&json!("2.1"), &json!("high_street"))
    );
    let before = (desk.now - TimeDelta::hours(1)).format("%Y-%m-%dT%H:%M:%SZ");
    assert_eq!(
        desk.get(&format!("/api/v1/events/{id}?as_of={before}")).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        desk.get(&format!("/api/v1/games?as_of={before}")).await.json["games"],
        json!([])
    );
}

#[tokio::test]
async fn a_list_is_read_page_by_page_without_gap_or_repetition() {
    let desk = Desk::new().await;
    let path = format!("/api/v1/events/{}/history?limit=3", desk.event);
    let first = desk.get(&path).await.json;
    let next = first["meta"]["next"].as_str().unwrap();
    let second = desk.get(&format!("{path}&after={next}")).await.json;
    assert_eq!(second["meta"]["next"], Value::Null);
    let ids = [&first, &second].map(|page| {
        page["changes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["id"].clone())
            .collect::<Vec<_>>()
    });
    assert_eq!((ids[0].len(), ids[1].len()), (3, 1));
    assert!(!ids[0].contains(&ids[1][0]));
}

#[tokio::test]
async fn games_are_sent_again_only_after_a_commit_that_changed_them() {
    let desk = Desk::new().await;
    let first = desk.get("/api/v1/games").await;
    let game = &first.json["games"][0];
    assert_eq!(game["event"]["id"], json!(desk.event));
    assert_eq!(game["markets"][0]["best"][0]["price"], "2.1");
    assert!(game["markets"][0]["hold"].as_f64().unwrap() < 0.0);
    let tag = first.headers[ETAG].clone();
    let ask = || {
        Request::get("/api/v1/games")
            .header(IF_NONE_MATCH, tag.clone())
            .body(Body::empty())
            .unwrap()
    };
    let again = desk.send(ask(), Some(desk.viewer())).await;
    assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
    let tx = desk.app.state.store.begin_ingest("the_odds_api").await.unwrap();
    let quotes = tx.current_quotes(&[desk.event]).await.unwrap();
    let quote = quotes
        .iter()
        .find(|quote| quote.bookmaker == "corner_shop" && quote.outcome == Outcome::Home)
        .unwrap();
    let change = NewChange {
        event_id: desk.event,
        selection_id: quote.selection_id,
        bookmaker_id: quote.bookmaker_id,
        side: Side::Back,
        price: Some("2.2".parse().unwrap()),
        price_text: "2.2".into(),
        source_at: None,
        received_at: desk.now,
        snapshot_id: domain::SnapshotId(1),
        flags: QuoteFlags::default(),
        previous: quote.price,
        supersedes: None,
    };
    tx.append_changes(&[change]).await.unwrap();
    assert_eq!(
        desk.send(ask(), Some(desk.viewer())).await.status,
        StatusCode::NOT_MODIFIED,
        "not committed yet"
    );
    tx.commit().await.unwrap();
    let changed = desk.send(ask(), Some(desk.viewer())).await;
    assert_eq!(changed.status, StatusCode::OK);
    assert_eq!(changed.json["games"][0]["markets"][0]["best"][0]["price"], "2.2");
    assert_eq!(changed.json["games"][0]["last_move"]["previous"], "2.1");
}

#[tokio::test]
async fn arbitrage_has_its_fixed_form_now_and_as_of_a_time() {
    let desk = Desk::new().await;
    let now = desk.get("/api/v1/arbitrage").await.json;
    let found = &now["opportunities"][0];
    assert!((found["profit"].as_f64().unwrap() - 0.05).abs() < 1e-9);
    assert_eq!(found["event"]["status"], "scheduled");
    assert_eq!(
        found["market"],
        json!({"kind": "moneyline", "period": "full_time", "line": null})
    );
    assert_eq!(found["legs"][0]["price"], "2.1");
    assert!((found["legs"][0]["stake"].as_f64().unwrap() - 0.5).abs() < 1e-9);
    let names: Vec<&String> = found.as_object().unwrap().keys().collect();
    assert_eq!(names, ["event", "kind", "legs", "market", "profit"]);
    let at = |time: DateTime<Utc>| time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    assert_eq!(
        desk.get(&format!("/api/v1/arbitrage?as_of={}", at(desk.now)))
            .await
            .json,
        now
    );
    let started = at(desk.now + TimeDelta::days(2));
    for (query, expected) in [
        ("min_profit=0.06".to_owned(), 0),
        ("max_age=30".to_owned(), 0),
        ("max_age=90".to_owned(), 1),
        (format!("as_of={started}"), 0),
        (format!("as_of={started}&in_play=include"), 1),
        (format!("as_of={}", at(desk.now - TimeDelta::hours(1))), 0),
    ] {
        let reply = desk.get(&format!("/api/v1/arbitrage?{query}")).await.json;
        assert_eq!(
            reply["opportunities"].as_array().map(Vec::len),
            Some(expected),
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_recorded_opportunity_is_reckoned_again_from_its_trace() {
    let desk = Desk::new().await;
    let state = &desk.app.state;
    state.pipeline.evaluate().await.unwrap();
    let list = desk
        .get("/api/v1/opportunities?kind=arbitrage&min_profit=0.01")
        .await
        .json;
    let id = list["opportunities"][0]["id"].as_i64().unwrap();
    assert_eq!(list["opportunities"][0]["kind"], OpportunityKind::Arbitrage.code());
    assert_eq!(
        desk.get("/api/v1/opportunities?status=closed").await.json["opportunities"],
        json!([])
    );
    let shown = desk.get(&format!("/api/v1/opportunities/{id}")).await.json;
    assert_eq!(shown["opportunity"], list["opportunities"][0]);
    let answer = desk.get(&format!("/api/v1/opportunities/{id}/trace")).await.json;
    let trace: Trace = serde_json::from_value(answer["trace"].clone()).unwrap();
    let profit = shown["opportunity"]["profit"].as_f64().unwrap();
    assert!((trace.recompute().unwrap() - profit).abs() < 1e-9);
    assert!((answer["recomputed_profit"].as_f64().unwrap() - profit).abs() < 1e-9);
}

#[tokio::test]
async fn a_raw_answer_is_shown_as_it_came_and_runs_nowhere() {
    let desk = Desk::new().await;
    let snapshot = desk.get("/api/v1/snapshots/1").await.json;
    assert_eq!(
        (&snapshot["snapshot"]["feed"], &snapshot["snapshot"]["body_bytes"]),
        (&json!("the_odds_api"), &json!(12))
    );
    let body = desk.get("/api/v1/snapshots/1/body").await;
    assert_eq!(body.text, "{\"raw\":true}");
    assert!(
        body.headers[CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap()
            .contains("sandbox")
    );
    assert_eq!(body.headers["x-content-type-options"], "nosniff");
}

#[tokio::test]
async fn a_key_is_made_once_for_each_idempotency_key_and_never_by_a_key() {
    let desk = Desk::new().await;
    let body = json!({"name": "script", "scopes": ["read"]});
    let first = desk.post("/api/v1/api-keys", &body, Some("k-1"), desk.viewer()).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text);
    let again = desk.post("/api/v1/api-keys", &body, Some("k-1"), desk.viewer()).await;
    assert_eq!((again.status, &again.json), (StatusCode::CREATED, &first.json));
    let other = json!({"name": "another", "scopes": ["read"]});
    let reply = desk.post("/api/v1/api-keys", &other, Some("k-1"), desk.viewer()).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::CONFLICT, "conflict"));
    let secret = first.json["key"].as_str().unwrap();
    let tx = desk.app.state.store.begin_request().await.unwrap();
    let kept = tx.claim_key(desk.user.id, "k-1", "", desk.now).await.unwrap().unwrap();
    assert!(!String::from_utf8_lossy(&kept.body).contains(secret));
    drop(tx);
    let list = desk.get("/api/v1/api-keys").await;
    assert_eq!(list.json["api_keys"].as_array().map(Vec::len), Some(1));
    assert!(!list.text.contains(secret));
    let reply = desk
        .post("/api/v1/api-keys", &body, None, desk.with_key(&["read", "write"]))
        .await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
    for (body, field) in [
        (json!({"name": "", "scopes": ["read"]}), "name"),
        (json!({"name": "x", "scopes": ["all"]}), "scope"),
        (
            json!({"name": "x", "scopes": ["read"], "expires_in_days": 0}),
            "expires_in_days",
        ),
        (json!({"name": "x", "scopes": ["read"], "role": "owner"}), "role"),
        (json!({"name": "x"}), "scopes"),
    ] {
        let reply = desk.post("/api/v1/api-keys", &body, None, desk.viewer()).await;
        assert_eq!(
            (reply.status, reply.field()),
            (StatusCode::UNPROCESSABLE_ENTITY, Some(field)),
            "{body}: {}",
            reply.text
        );
    }
}

#[tokio::test]
async fn somebody_elses_key_is_not_there() {
    let desk = Desk::new().await;
    let made = desk
        .post(
            "/api/v1/api-keys",
            &json!({"name": "mine", "scopes": ["read"]}),
            None,
            desk.viewer(),
        )
        .await;
    let path = format!("/api/v1/api-keys/{}/revoke", made.json["api_key"]["id"]);
    let stranger = add_user(&desk.app.state, "stranger@example.org", UserRole::Owner, desk.now).await;
    let stranger = Viewer {
        user: stranger,
        proof: Proof::Session,
    };
    assert_eq!(
        desk.post(&path, &json!({}), None, stranger).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        desk.post(&path, &json!({}), None, desk.viewer()).await.status,
        StatusCode::OK
    );
    assert_eq!(
        desk.post(&path, &json!({}), None, desk.viewer()).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_member_decides_a_question_and_takes_it_back_and_a_viewer_only_reads_it() {
    let desk = Desk::new().await;
    let tx = desk.app.state.store.begin_ingest("the_odds_api").await.unwrap();
    let question = NewReview {
        feed_id: "abc".into(),
        competition_id: None,
        reading: json!({"home": "Nuggets"}),
        suggestions: json!([]),
        created_at: desk.now,
    };
    tx.add_reviews(&[question]).await.unwrap();
    tx.commit().await.unwrap();
    let open = desk.get("/api/v1/reviews").await.json;
    let path = format!("/api/v1/reviews/{}/decide", open["reviews"][0]["id"]);
    let onlooker = add_user(&desk.app.state, "onlooker@example.org", UserRole::Viewer, desk.now).await;
    let onlooker = Viewer {
        user: onlooker,
        proof: Proof::Session,
    };
    let link = json!({"decision": "link", "event_id": desk.event});
    assert_eq!(
        desk.post(&path, &link, None, onlooker).await.status,
        StatusCode::FORBIDDEN
    );
    let nowhere = json!({"decision": "link", "event_id": 999});
    assert_eq!(
        desk.post(&path, &nowhere, None, desk.viewer()).await.field(),
        Some("event_id")
    );
    assert_eq!(
        desk.post(&path, &link, None, desk.viewer()).await.json["state"],
        "linked"
    );
    assert_eq!(
        desk.post(&path, &link, None, desk.viewer()).await.status,
        StatusCode::NOT_FOUND
    );
    let undo = path.replace("decide", "undo");
    assert_eq!(
        desk.post(&undo, &json!({}), None, desk.viewer()).await.json["state"],
        "open"
    );
}

/// One key, sent to two processes at once.
async fn one_is_made(one: &TestApp, other: &TestApp) {
    one.user("ann@example.org", UserRole::Owner).await;
    let session = one.sign_in("ann@example.org", crate::app::PASSWORD).await;
    let body = json!({"name": "script", "scopes": ["read"]}).to_string();
    let send = |app, key| {
        let headers = [("sec-fetch-site", "same-origin"), ("idempotency-key", key)];
        let (body, session) = (body.clone(), &session);
        async move {
            let body = Some(("application/json", body));
            TestApp::send(
                app,
                axum::http::Method::POST,
                "/api/v1/api-keys",
                session,
                body,
                &headers,
            )
            .await
        }
    };
    for key in ["k-1", "k-2", "k-3"] {
        let (first, second, third) = tokio::join!(send(one, key), send(other, key), send(one, key));
        for answer in [&first, &second, &third] {
            assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
            assert_eq!(answer.json(), first.json());
        }
    }
    let made = one.get("/api/v1/api-keys", &session).await.json();
    assert_eq!(made["api_keys"].as_array().map(Vec::len), Some(3));
    assert_eq!(one.state.store.verify_audit().await.unwrap(), None);
}

#[tokio::test]
async fn two_processes_that_get_one_idempotency_key_at_once_make_one_thing() {
    let one = TestApp::new().await;
    let other = one.beside().await;
    one_is_made(&one, &other).await;
}

#[tokio::test]
async fn two_processes_on_postgres_that_get_one_idempotency_key_at_once_make_one_thing() {
    let Some(database) = crate::app::postgres().await else {
        return;
    };
    let one = TestApp::with(&[("database_url", &database)]).await;
    let other = one.beside().await;
    one_is_made(&one, &other).await;
}

#[tokio::test]
async fn an_idempotency_key_is_remembered_for_a_day() {
    let desk = Desk::new().await;
    let body = json!({"name": "script", "scopes": ["read"]});
    let send = async || {
        let answer = desk.post("/api/v1/api-keys", &body, Some("k-1"), desk.viewer()).await;
        answer.json["api_key"]["id"].clone()
    };
    let first = send().await;
    for (hours, is_remembered) in [(24, true), (25, false)] {
        desk.app.clock.set(desk.now + TimeDelta::hours(hours));
        desk.app.state.pipeline.retention().await.unwrap();
        assert_eq!(send().await == first, is_remembered, "after {hours} hours");
    }
}

#[tokio::test]
async fn what_could_not_be_made_leaves_its_idempotency_key_free() {
    let desk = Desk::new().await;
    let wrong = json!({"name": "", "scopes": ["read"]});
    let reply = desk.post("/api/v1/api-keys", &wrong, Some("k-1"), desk.viewer()).await;
    assert_eq!(reply.field(), Some("name"));
    let right = json!({"name": "script", "scopes": ["read"]});
    let reply = desk.post("/api/v1/api-keys", &right, Some("k-1"), desk.viewer()).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
}
