//! Bets through the API, from an answer of a feed to the close and the settlement.

use crate::app::{As, TestApp};
use crate::command_line::{overround, overround_json};
use crate::ingest::{Book, game, only_board, take};
use axum::http::Method;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use server::jobs::Work;
use store::UserRole;

const MARKETS: &str = "h2h,spreads";

struct Desk {
    app: TestApp,
    key: As,
    starts_at: DateTime<Utc>,
}

impl Desk {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let user = app.user("ann@example.org", UserRole::Member).await;
        let key = app.key(&user, &["read", "write"]).await;
        let starts_at = app.now() + TimeDelta::hours(10);
        Self { app, key, starts_at }
    }

    async fn quote(&self, at: DateTime<Utc>, books: &[Book<'_>]) {
        take(&self.app, at, MARKETS, &game(self.starts_at, books)).await;
    }

    /// Places a bet on the only event.
    async fn place(&self, leg: Value, stake: &str) -> Value {
        let event = only_board(&self.app).await.event.id.0;
        let mut leg = leg;
        leg["event"] = json!(event);
        let body = json!({"bookmaker": "draftkings", "stake": stake, "legs": [leg]});
        let answer = self.app.post_json("/api/v1/bets", &self.key, &body).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()["bet"].clone()
    }

    /// The bet as it is once its event has begun.
    async fn closed(&self, bet: &Value) -> Value {
        self.app.clock.set(self.starts_at + TimeDelta::hours(1));
        self.app.state.settle_bets().await.unwrap();
        let path = format!("/api/v1/bets/{}", bet["id"]);
        self.app.get(&path, &self.key).await.json()["bet"].clone()
    }
}

fn close(number: &Value, expected: f64) -> bool {
    number.as_f64().is_some_and(|number| (number - expected).abs() < 1e-6)
}

const TAKEN: Book<'_> = (
    "draftkings",
    &[("h2h", "Hawks", None, 1.95), ("h2h", "Bulls", None, 1.87)],
);
const OPENING: Book<'_> = (
    "pinnacle",
    &[("h2h", "Hawks", None, 1.90), ("h2h", "Bulls", None, 1.98)],
);
const CLOSING: Book<'_> = (
    "pinnacle",
    &[("h2h", "Hawks", None, 1.80), ("h2h", "Bulls", None, 2.10)],
);

#[tokio::test]
async fn a_price_of_195_against_a_close_of_180_and_210_is_833_percent_better_and_has_an_edge_of_5_percent() {
    let desk = Desk::new().await;
    desk.quote(desk.app.now(), &[TAKEN, OPENING]).await;
    let leg = json!({"market": "moneyline", "outcome": "home", "price": "1.95"});
    let bet = desk.place(leg, "10.00").await;
    assert!(bet["legs"][0]["snapshot"].is_i64(), "it was taken as offered: {bet}");
    assert_eq!(
        (&bet["clv"], &bet["legs"][0]["close"]),
        (&Value::Null, &Value::Null),
        "nothing closes before the start"
    );
    desk.quote(desk.starts_at - TimeDelta::minutes(2), &[TAKEN, CLOSING])
        .await;
    let bet = desk.closed(&bet).await;
    assert!(close(&bet["clv"], 1.95 / 1.80 - 1.0), "{bet}");
    assert!(close(&bet["close_edge"], 0.05), "{bet}");
    let row = &bet["legs"][0]["close"];
    assert_eq!((&row["grade"], &row["price"]), (&json!("verified"), &json!("1.8")));
    let quotes = row["quotes"].as_array().unwrap();
    assert!(
        !quotes.is_empty()
            && quotes
                .iter()
                .all(|quote| quote["bookmaker"] == "pinnacle" && quote["snapshot"].is_i64())
    );
}

#[tokio::test]
async fn a_price_that_was_mistyped_is_compared_with_the_close_anew_once_it_is_put_right() {
    let desk = Desk::new().await;
    desk.quote(desk.app.now(), &[TAKEN, OPENING]).await;
    let leg = json!({"market": "moneyline", "outcome": "home", "price": "1.59"});
    let bet = desk.place(leg, "10.00").await;
    desk.quote(desk.starts_at - TimeDelta::minutes(2), &[TAKEN, CLOSING])
        .await;
    let bet = desk.closed(&bet).await;
    assert!(close(&bet["clv"], 1.59 / 1.80 - 1.0), "{bet}");
    let path = format!("/api/v1/bets/{}", bet["id"]);
    let body = json!({"prices": ["1.95"], "reason": "mistyped"});
    let changed = desk.app.post_json(&path, &desk.key, &body).await.json()["bet"].clone();
    assert_eq!(
        (&changed["clv"], &changed["legs"][0]["close"]),
        (&Value::Null, &Value::Null),
        "what the other price was worth says nothing of this one"
    );
    assert!(close(&desk.closed(&bet).await["clv"], 1.95 / 1.80 - 1.0), "{bet}");
}

#[tokio::test]
async fn a_quote_received_a_second_after_the_start_is_no_close() {
    let desk = Desk::new().await;
    desk.quote(desk.app.now(), &[TAKEN, OPENING]).await;
    let leg = json!({"market": "moneyline", "outcome": "home", "price": "1.95"});
    let bet = desk.place(leg, "10.00").await;
    desk.app.clock.set(desk.starts_at + TimeDelta::seconds(1));
    desk.quote(desk.starts_at + TimeDelta::seconds(1), &[TAKEN, CLOSING])
        .await;
    let bet = desk.closed(&bet).await;
    // What is left is the price of ten hours before, and the bet says so.
    let row = &bet["legs"][0]["close"];
    assert_eq!((&row["grade"], &row["price"]), (&json!("provisional"), &json!("1.9")));
    assert!(!row["reason"].as_str().unwrap().is_empty());
    assert!(close(&bet["clv"], 1.95 / 1.90 - 1.0), "{bet}");
}

#[tokio::test]
async fn a_line_that_moved_from_55_to_75_gained_two_points_and_no_clv() {
    let desk = Desk::new().await;
    let spread = |line: f64| {
        [
            ("spreads", "Hawks", Some(-line), 1.91),
            ("spreads", "Bulls", Some(line), 1.91),
        ]
    };
    let (taken, closing) = (spread(5.5), spread(7.5));
    desk.quote(desk.app.now(), &[("draftkings", &taken), ("pinnacle", &taken)])
        .await;
    let leg = json!({"market": "spread", "line": "-5.5", "outcome": "home", "price": "1.91"});
    let bet = desk.place(leg, "10.00").await;
    let late = desk.starts_at - TimeDelta::minutes(2);
    desk.quote(late, &[("draftkings", &closing), ("pinnacle", &closing)])
        .await;
    let bet = desk.closed(&bet).await;
    let row = &bet["legs"][0]["close"];
    assert_eq!(
        (&row["closing_line"], &row["points"]),
        (&json!("-7.5"), &json!("+2")),
        "{bet}"
    );
    assert_eq!((&bet["clv"], &bet["close_edge"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn the_same_request_with_its_key_places_one_bet() {
    let desk = Desk::new().await;
    let leg = json!({"event_name": "Cup final", "sport": "football", "market": "three_way", "outcome": "draw", "price": "3.4"});
    let body = json!({"stake": "5.00", "legs": [leg], "tags": ["cup", "cup"]}).to_string();
    let mut bets = Vec::new();
    for _ in 0..2 {
        let headers = [("idempotency-key", "slip-1")];
        let sent = Some(("application/json", body.clone()));
        let answer = desk
            .app
            .send(Method::POST, "/api/v1/bets", &desk.key, sent, &headers)
            .await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        bets.push(answer.json()["bet"].clone());
    }
    assert_eq!(bets[0], bets[1]);
    assert_eq!(bets[0]["tags"], json!(["cup"]));
    let list = desk.app.get("/api/v1/bets?status=open", &desk.key).await.json();
    assert_eq!(list["bets"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_refused_bet_names_its_control_and_stands_among_the_decisions() {
    let desk = Desk::new().await;
    let leg = json!({"event_name": "Cup final", "sport": "football", "market": "three_way", "outcome": "draw", "price": "3.4"});
    let body = json!({"stake": "20.01", "legs": [leg]});
    let answer = desk.app.post_json("/api/v1/bets", &desk.key, &body).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["errors"][0]["code"].clone()),
        (409, json!("refused"))
    );
    assert!(answer.text().contains("One bet"), "{}", answer.text());
    let decisions = desk.app.get("/api/v1/bets/decisions", &desk.key).await.json();
    let decision = &decisions["decisions"][0];
    assert_eq!(
        (&decision["decided"], &decision["control"], &decision["at_risk"]),
        (&json!("refused"), &json!("per_bet"), &json!("20.01"))
    );
}

#[tokio::test]
async fn a_bet_is_settled_taken_back_and_cashed_out_and_tells_its_story() {
    let desk = Desk::new().await;
    let leg = json!({"event_name": "Cup final", "sport": "football", "market": "three_way", "outcome": "draw", "price": "3.4"});
    let body = json!({"stake": "10.00", "legs": [leg]});
    let bet = desk.app.post_json("/api/v1/bets", &desk.key, &body).await.json()["bet"].clone();
    let post = async |action: &str, body: Value| {
        let path = format!("/api/v1/bets/{}/{action}", bet["id"]);
        let answer = desk.app.post_json(&path, &desk.key, &body).await;
        assert!(answer.status.is_success(), "{action}: {}", answer.text());
        answer.json()["bet"].clone()
    };
    let win = json!({"legs": [{"end": {"result": "win"}}], "reason": "it was drawn"});
    let settled = post("settle", win.clone()).await;
    assert_eq!(
        (&settled["settlement"]["profit"], &settled["settlement"]["is_automatic"]),
        (&json!("24.00"), &json!(false))
    );
    assert_eq!(
        post("settle", win).await["version"],
        settled["version"],
        "saying it again changes nothing"
    );
    assert_eq!(
        post("take-back", json!({"reason": "too early"})).await["status"],
        "open"
    );
    post("cash-out", json!({"stake": "4.00", "amount": "6.50"})).await;
    let lost = post("settle", json!({"legs": [{"end": {"result": "loss"}}]})).await;
    assert_eq!(lost["settlement"]["profit"], "-3.50");
    assert!(post("delete", json!({"reason": "not mine"})).await["deleted_at"].is_string());
    assert!(post("restore", json!({})).await["deleted_at"].is_null());
    let shown = desk
        .app
        .get(&format!("/api/v1/bets/{}", bet["id"]), &desk.key)
        .await
        .json();
    let actions: Vec<&str> = shown["story"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| row["action"].as_str())
        .collect();
    assert_eq!(
        actions,
        [
            "placed",
            "settled",
            "taken_back",
            "cashed_out",
            "settled",
            "removed",
            "restored"
        ]
    );
    let readings = shown["readings"].as_array().unwrap();
    assert!(
        readings.iter().any(|reading| reading["control"] == "per_bet"),
        "{readings:?}"
    );
    assert_eq!(
        desk.app.state.store.ledger_faults().await.unwrap(),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn a_game_that_was_given_up_is_settled_by_the_house_rule_that_is_named() {
    let desk = Desk::new().await;
    desk.quote(desk.app.now(), &[TAKEN, OPENING]).await;
    let place = async |sport: &str, competition: &str, bookmaker: &str| {
        let leg = json!({"event_name": "Ann v Bea", "sport": sport, "competition": competition, "home": "Ann", "away": "Bea",
            "market": "moneyline", "outcome": "home", "price": "1.95"});
        let body = json!({"bookmaker": bookmaker, "stake": "5.00", "legs": [leg]});
        let answer = desk.app.post_json("/api/v1/bets", &desk.key, &body).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()["bet"]["id"].clone()
    };
    let settle = async |bet: &Value, given_up: Value| {
        let body = json!({"legs": [{"given_up": given_up}], "reason": "her knee"});
        desk.app
            .post_json(&format!("/api/v1/bets/{bet}/settle"), &desk.key, &body)
            .await
    };
    let told = |answer: &crate::app::Answer| {
        let settlement = answer.json()["bet"]["settlement"].clone();
        let text = |name: &str| settlement[name].as_str().unwrap_or_default().to_owned();
        (text("settled_as"), text("reason"))
    };
    let retired = |sets: u32| json!({"retired": {"sets_over": sets, "winner": "home"}});
    let tennis = place("tennis", "WTA Rome", "pinnacle").await;
    let (settled_as, reason) = told(&settle(&tennis, retired(1)).await);
    assert_eq!(settled_as, "win");
    assert!(
        reason.starts_with("her knee; given up after 1 set: bets stand (Profit Squad"),
        "{reason}"
    );
    let (settled_as, reason) = told(&settle(&tennis, retired(0)).await);
    assert_eq!(settled_as, "void", "a regrade asks the rule again");
    assert!(reason.contains("after 0 sets: bets are void"), "{reason}");
    let abandoned = |minutes: u32| json!({"abandoned": {"minutes": minutes, "home": 80, "away": 70}});
    let nba = place("basketball", "NBA", "pinnacle").await;
    assert_eq!(told(&settle(&nba, abandoned(40)).await).0, "void");
    let somewhere = place("basketball", "", "pinnacle").await;
    let refused = settle(&somewhere, abandoned(40)).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert!(
        refused.text().contains("legs[0]") && refused.text().contains("the competition is not known"),
        "{}",
        refused.text()
    );
    assert_eq!(told(&settle(&somewhere, abandoned(43)).await).0, "win");
    for unsound in [
        json!({}),
        json!({"abandoned": {"home": 1, "away": 0}}),
        json!({"retired": {"sets_over": 1, "winner": "draw"}}),
        json!({"abandoned": {"half_innings": 9, "home": 1, "away": 0}}),
    ] {
        assert_eq!(settle(&nba, unsound.clone()).await.status, 422, "{unsound}");
    }
}

#[tokio::test]
async fn bets_are_listed_and_settled_by_command() {
    let desk = Desk::new().await;
    desk.quote(desk.app.now(), &[TAKEN, OPENING]).await;
    let leg = json!({"market": "moneyline", "outcome": "home", "price": "1.95"});
    let bet = desk.place(leg, "10.00").await;
    // The command goes by the clock of the machine, by which the event began long ago.
    let data = desk.app.dir.path().to_str().unwrap();
    let settled = overround_json(&["settle", "--json", "--data-dir", data]);
    assert_eq!(settled, json!({"closed": 1, "judged": 0}));
    let list = ["bets", "--email", "ann@example.org", "--data-dir", data];
    let listed = overround_json(&[&list[..], &["--json", "--status", "open"]].concat());
    assert_eq!(
        (
            &listed["bets"][0]["id"],
            &listed["bets"][0]["legs"][0]["close"]["grade"]
        ),
        (&bet["id"], &json!("provisional"))
    );
    let text = String::from_utf8(overround(&list).stdout).unwrap();
    assert!(
        text.contains("Hawks") && text.contains("10.00 EUR") && text.contains("open"),
        "{text}"
    );
    let wrong = overround(&[&list[..], &["--status", "won"]].concat());
    assert_eq!(
        String::from_utf8_lossy(&wrong.stderr),
        "error: status: use open or settled\n"
    );
}

#[tokio::test]
async fn performance_counts_every_bet_and_says_nothing_of_few() {
    let desk = Desk::new().await;
    desk.quote(desk.app.now(), &[TAKEN, OPENING]).await;
    let bet = desk
        .place(
            json!({"market": "moneyline", "outcome": "home", "price": "1.95"}),
            "10.00",
        )
        .await;
    desk.closed(&bet).await;
    let unknown = json!({"event_name": "Cup final", "sport": "football", "market": "three_way", "outcome": "draw", "price": "3.4"});
    let other = json!({"stake": "10.00", "legs": [unknown], "tags": ["cup"]});
    let other = desk.app.post_json("/api/v1/bets", &desk.key, &other).await.json()["bet"].clone();
    for (bet, result) in [(&bet, "win"), (&other, "loss")] {
        let path = format!("/api/v1/bets/{}/settle", bet["id"]);
        let body = json!({"legs": [{"end": {"result": result}}]});
        assert_eq!(desk.app.post_json(&path, &desk.key, &body).await.status, 200);
    }
    let found = desk.app.get("/api/v1/performance", &desk.key).await.json();
    assert_eq!(
        (&found["mode"], &found["settled"], &found["at_risk"], &found["profit"]),
        (&json!("paper"), &json!(2), &json!("20.00"), &json!("-0.50"))
    );
    assert_eq!(found["trace"][2]["value"], Value::Null, "two bets have no yield");
    assert_eq!(
        (&found["with_both_clv"], &found["without_clv"][0]["example"]),
        (&json!(1), &other["id"])
    );
    assert_eq!(found["drawdown"]["deepest"], "10.00");
    let cup = desk.app.get("/api/v1/performance?tag=cup", &desk.key).await.json();
    assert_eq!((&cup["settled"], &cup["profit"]), (&json!(1), &json!("-10.00")));
    let real = desk.app.get("/api/v1/performance?mode=real", &desk.key).await.json();
    assert_eq!(real["settled"], 0);
    let listed = |answer: &Value| answer["bets"].as_array().map_or(0, Vec::len);
    let whole = desk.app.get(found["bets"].as_str().unwrap(), &desk.key).await.json();
    assert_eq!(listed(&whole), 2);
    for split in found["splits"].as_array().unwrap() {
        for part in split["rows"].as_array().unwrap() {
            let Some(at) = part["bets_at"].as_str() else { continue };
            let bets = desk.app.get(at, &desk.key).await.json();
            assert_eq!(json!(listed(&bets)), part["bets"], "{at}");
        }
    }
    let part_of_it = desk.app.get("/api/v1/performance?status=settled", &desk.key).await;
    assert_eq!(part_of_it.status, 422, "open bets belong to how bets went");
}

#[tokio::test]
async fn performance_is_told_anew_after_every_change() {
    let desk = Desk::new().await;
    let profit = async || desk.app.get("/api/v1/performance", &desk.key).await.json()["profit"].clone();
    assert_eq!(profit().await, "0.00");
    let leg = json!({"event_name": "Cup final", "sport": "football", "market": "three_way", "outcome": "draw", "price": "3.4"});
    let body = json!({"stake": "10.00", "legs": [leg]});
    let bet = desk.app.post_json("/api/v1/bets", &desk.key, &body).await.json()["bet"].clone();
    let path = format!("/api/v1/bets/{}", bet["id"]);
    for (result, expected) in [("win", "24.00"), ("loss", "-10.00"), ("push", "0.00")] {
        let body = json!({"legs": [{"end": {"result": result}}], "reason": "a later report"});
        let settled = desk.app.post_json(&format!("{path}/settle"), &desk.key, &body).await;
        assert_eq!(settled.status, 200, "{}", settled.text());
        assert_eq!(profit().await, expected);
    }
}

#[tokio::test]
async fn a_parlay_is_trusted_no_more_than_its_least_trusted_leg() {
    let desk = Desk::new().await;
    desk.quote(desk.app.now(), &[TAKEN, OPENING]).await;
    let event = only_board(&desk.app).await.event.id.0;
    let known = json!({"event": event, "market": "moneyline", "outcome": "home", "price": "1.95"});
    let typed = json!({"event_name": "Cup final", "sport": "football", "market": "three_way", "outcome": "draw", "price": "3.4"});
    let body = json!({"stake": "10.00", "kind": "parlay", "legs": [known, typed]});
    let answer = desk.app.post_json("/api/v1/bets", &desk.key, &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let bet = answer.json()["bet"].clone();
    desk.quote(desk.starts_at - TimeDelta::minutes(2), &[TAKEN, CLOSING])
        .await;
    desk.closed(&bet).await;
    let path = format!("/api/v1/bets/{}/settle", bet["id"]);
    let body = json!({"legs": [{"end": {"result": "win"}}, {"end": {"result": "loss"}}]});
    assert_eq!(desk.app.post_json(&path, &desk.key, &body).await.status, 200);
    let found = desk.app.get("/api/v1/performance", &desk.key).await.json();
    assert_eq!(
        found["without_clv"],
        json!([{"reason": "no feed speaks of its event", "bets": 1, "example": bet["id"]}])
    );
}
