//! Strategies as their owners have them: tuned, switched, carried elsewhere, and true to the last number.

use crate::api::write_event;
use crate::app::{As, TestApp};
use crate::demo;
use axum::http::StatusCode;
use chrono::TimeDelta;
use domain::opportunity::{OpportunityKind, Trace};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::{HistoryFilter, OpportunityFilter, UserRole};

/// A desk with one event and an arbitrage of 5 % on it.
async fn desk() -> (TestApp, As) {
    let app = TestApp::new().await;
    let user = app.user("ann@example.org", UserRole::Member).await;
    let key = app.key(&user, &["read", "write"]).await;
    write_event(&app.state, app.now() - TimeDelta::seconds(60)).await;
    app.state.pipeline.evaluate().await.unwrap();
    (app, key)
}

/// Profits of what is open of a kind.
async fn open(app: &TestApp, who: &As, kind: &str) -> Vec<f64> {
    let answer = app.get(&format!("/api/v1/opportunities?kind={kind}"), who).await.json();
    let rows = answer["opportunities"].as_array().unwrap();
    rows.iter().map(|row| row["profit"].as_f64().unwrap()).collect()
}

async fn arbitrage_strategy(app: &TestApp, who: &As) -> Value {
    let all = app.get("/api/v1/strategies", who).await.json();
    let all = all["strategies"].as_array().unwrap();
    all.iter()
        .find(|strategy| strategy["kind"] == "arbitrage")
        .unwrap()
        .clone()
}

#[tokio::test]
async fn a_change_counts_from_the_next_evaluation_on_and_what_was_found_keeps_its_version() {
    let (app, key) = desk().await;
    assert_eq!(open(&app, &key, "arbitrage").await.len(), 1);
    let strategy = arbitrage_strategy(&app, &key).await;
    let path = format!("/api/v1/strategies/{}", strategy["id"]);
    let change = async |body: Value| {
        let answer = app.post_json(&path, &key, &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        app.state.pipeline.evaluate().await.unwrap();
        answer.json()["strategy"]["version"].as_i64().unwrap()
    };
    assert_eq!(change(json!({"params": {"min_profit": 6}})).await, 2);
    assert_eq!(open(&app, &key, "arbitrage").await.len(), 0);
    let closed = app
        .get("/api/v1/opportunities?kind=arbitrage&status=closed", &key)
        .await
        .json();
    assert_eq!(closed["opportunities"][0]["strategy_version"], 1);
    assert_eq!(
        closed["opportunities"][0]["close_reason"],
        "+5.00 %, and 6.00 % is the least"
    );
    let skipped = app.get(&format!("{path}/decisions"), &key).await.json();
    assert_eq!(skipped["decisions"][0]["filter"], "min_profit");

    assert_eq!(change(json!({"params": {"min_profit": 4}})).await, 3);
    assert_eq!(open(&app, &key, "arbitrage").await.len(), 1);
    assert_eq!(change(json!({"is_enabled": false})).await, 3, "a switch is no version");
    assert_eq!(open(&app, &key, "arbitrage").await.len(), 0);
    change(json!({"is_enabled": true})).await;
    assert_eq!(open(&app, &key, "arbitrage").await.len(), 1);
    change(json!({"stage": "draft"})).await;
    assert_eq!(open(&app, &key, "arbitrage").await.len(), 0, "a draft is not run");
    let shown = app.get(&path, &key).await.json();
    let versions: Vec<i64> = shown["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| version["version"].as_i64().unwrap())
        .collect();
    assert_eq!(versions, [3, 2, 1]);
}

#[tokio::test]
async fn a_bookmaker_that_cannot_be_used_takes_its_opportunities_along() {
    let (app, key) = desk().await;
    let user = app
        .state
        .store
        .find_user_by_email("ann@example.org")
        .await
        .unwrap()
        .unwrap();
    let book = app.state.store.bookmakers().await.unwrap().remove(0);
    let choice = |is_usable, commission_bp| store::BookmakerChoice {
        bookmaker_id: book.id,
        is_usable,
        commission_bp,
        terms: None,
    };
    let set = async |choice| {
        app.state.store.set_bookmaker_choice(user.id, choice).await.unwrap();
        app.state.pipeline.evaluate().await.unwrap();
        open(&app, &key, "arbitrage").await
    };
    assert_eq!(set(choice(false, None)).await, Vec::<f64>::new());
    let with_commission = set(choice(true, Some(500))).await;
    let net = 1.0 / (1.0 / 2.045 + 1.0 / 2.1) - 1.0;
    assert!((with_commission[0] - net).abs() < 1e-9, "{with_commission:?}");
}

#[tokio::test]
async fn a_parameter_that_cannot_be_is_refused_with_its_range_and_a_strangers_strategy_is_not_there() {
    let (app, key) = desk().await;
    let strategy = arbitrage_strategy(&app, &key).await;
    let path = format!("/api/v1/strategies/{}", strategy["id"]);
    let refused = app
        .post_json(&path, &key, &json!({"params": {"min_profit": 101, "lay": "perhaps"}}))
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let errors = refused.json()["errors"].clone();
    assert_eq!(
        (&errors[0]["field"], &errors[1]["field"]),
        (&json!("params.lay"), &json!("params.min_profit"))
    );
    assert_eq!(errors[1]["detail"], "expected a number from 0 to 100 %");
    for body in [json!({"name": ""}), json!({"stage": "dream"}), json!({"speed": 3})] {
        assert!(
            app.post_json(&path, &key, &body).await.status.is_client_error(),
            "{body}"
        );
    }
    assert_eq!(arbitrage_strategy(&app, &key).await, strategy, "nothing was changed");

    let stranger = app.user("bob@example.org", UserRole::Member).await;
    let stranger = app.key(&stranger, &["read", "write"]).await;
    assert_eq!(app.get(&path, &stranger).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        app.post_json(&path, &stranger, &json!({"is_enabled": false}))
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    let own = app.get("/api/v1/strategies", &stranger).await.json();
    assert_eq!(own["strategies"].as_array().unwrap().len(), OpportunityKind::ALL.len());
    let theirs = app.get("/api/v1/opportunities", &stranger).await.json();
    assert_eq!(theirs["opportunities"], json!([]), "found for somebody else");
}

#[tokio::test]
async fn strategies_travel_as_yaml_and_a_wrong_one_stops_them_all() {
    let (app, key) = desk().await;
    let yaml = app.get("/api/v1/strategies/export", &key).await.text();
    assert!(yaml.contains("kind: value") && yaml.contains("min_edge: 2"), "{yaml}");
    let taken = app
        .post_json("/api/v1/strategies/import", &key, &json!({"yaml": yaml}))
        .await;
    assert_eq!(
        taken.json()["strategies"].as_array().unwrap().len(),
        OpportunityKind::ALL.len()
    );
    let count = async || {
        app.get("/api/v1/strategies", &key).await.json()["strategies"]
            .as_array()
            .unwrap()
            .len()
    };
    let before = count().await;
    let wrong = "- {name: Good, kind: value}\n- {name: Bad, kind: value, params: {min_edge: 500}}\n";
    for (yaml, said) in [
        (wrong, "strategy 2: min_edge: expected a number from 0 to 100 %"),
        ("- {name: X, kind: dowsing}", "strategy 1: kind is one of"),
        ("what?", "this is no list of strategies"),
        ("[]", "give 1 to 200 strategies"),
    ] {
        let refused = app
            .post_json("/api/v1/strategies/import", &key, &json!({"yaml": yaml}))
            .await
            .json();
        let detail = refused["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.contains(said), "{detail}");
    }
    assert_eq!(count().await, before);
}

#[tokio::test]
async fn every_number_that_is_found_on_the_demo_market_opens_down_to_recorded_quotes_and_recomputes() {
    let app = demo::start().await;
    let (state, mut kinds) = (&app.state, BTreeMap::<&str, usize>::new());
    state.pipeline.fill_demo().await.unwrap();
    for _ in 0..4 {
        app.clock.set(app.now() + TimeDelta::minutes(2));
        state.pipeline.evaluate().await.unwrap();
    }
    let found = state
        .store
        .list_opportunities(&OpportunityFilter::default(), None, None, 2_000)
        .await
        .unwrap()
        .items;
    for opportunity in &found {
        *kinds.entry(opportunity.found.kind.code()).or_default() += 1;
        let trace: Trace = serde_json::from_value(opportunity.trace.clone()).unwrap();
        let again = trace.recompute().unwrap();
        assert!(
            (again - opportunity.found.profit).abs() < 1e-9,
            "{again} against {opportunity:?}"
        );
        let sources = trace
            .fair_lines
            .iter()
            .flat_map(|fair| &fair.sources)
            .flat_map(|source| &source.quotes);
        let mut rows: Vec<_> = trace
            .legs
            .iter()
            .map(|leg| (leg.leg.change_id, leg.leg.price))
            .collect();
        rows.extend(
            sources
                .filter(|quote| quote.lay.is_none())
                .map(|quote| (quote.change_id, quote.price)),
        );
        let filter = HistoryFilter::default();
        let history = state
            .store
            .quote_history(opportunity.event_id, &filter, None, None, 100_000)
            .await
            .unwrap();
        for (row, price) in rows {
            assert!(
                history
                    .items
                    .iter()
                    .any(|kept| kept.id == row && kept.price == Some(price)),
                "row {row} of {opportunity:?}"
            );
        }
    }
    for kind in ["arbitrage", "value", "middle", "low_hold"] {
        assert!(kinds.contains_key(kind), "no {kind}: {kinds:?}");
    }
}
