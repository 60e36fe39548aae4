//! The money behind bets: what is moved, what it comes to at any date, and what a user allows.

use crate::app::{As, TestApp, postgres};
use chrono::{DateTime, TimeDelta, Utc};
use domain::bet::BetMode;
use domain::ledger::EntryKind;
use domain::{AccountId, Currency};
use serde_json::{Value, json};
use server::desk::bets::in_request;
use server::desk::bets::money::{self, Movement};
use server::desk::bets::standing::{Rates, drawdown_bp};
use store::{User, UserRole};

struct Desk {
    app: TestApp,
    user: User,
    key: As,
}

impl Desk {
    async fn new(settings: &[(&str, &str)]) -> Self {
        let app = TestApp::with(settings).await;
        let user = app.user("ann@example.org", UserRole::Member).await;
        let key = app.key(&user, &["read", "write"]).await;
        Self { app, user, key }
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let answer = self
            .app
            .post_json(&format!("/api/v1/bankroll{path}"), &self.key, &body)
            .await;
        (answer.status.as_u16(), answer.json())
    }

    async fn get(&self, path: &str) -> Value {
        self.app.get(&format!("/api/v1/bankroll{path}"), &self.key).await.json()
    }

    /// Makes an account of real money.
    async fn account(&self, name: &str, currency: &str) -> i64 {
        let (status, answer) = self
            .post("/accounts", json!({"name": name, "currency": currency}))
            .await;
        assert_eq!(status, 201, "{answer}");
        answer["account"]["id"].as_i64().unwrap()
    }

    async fn moved(&self, body: Value) -> i64 {
        let (status, answer) = self.post("/entries", body).await;
        assert_eq!(status, 201, "{answer}");
        answer["entry"].as_i64().unwrap()
    }

    async fn balances(&self, at: Option<DateTime<Utc>>) -> Vec<String> {
        let query = at.map_or_else(String::new, |at| {
            format!("?at={}", at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
        });
        let answer = self.get(&query).await;
        let accounts = answer["accounts"].as_array().unwrap().iter();
        accounts
            .map(|account| account["balance"].as_str().unwrap().to_owned())
            .collect()
    }

    async fn no_faults(&self) {
        assert_eq!(
            self.app.state.store.ledger_faults().await.unwrap(),
            Vec::<String>::new()
        );
    }
}

#[tokio::test]
async fn a_balance_at_any_date_is_what_had_happened_by_then() {
    let desk = Desk::new(&[]).await;
    let (euros, yen) = (
        desk.account("Corner shop", "EUR").await,
        desk.account("Far away", "JPY").await,
    );
    let day = |days: i64| desk.app.now() - TimeDelta::days(days);
    desk.moved(json!({"kind": "deposit", "account": euros, "amount": "500.00", "happened_at": day(9)}))
        .await;
    desk.moved(json!({"kind": "transfer", "account": euros, "amount": "100.00", "to": yen, "arrived": "16000", "happened_at": day(7)})).await;
    desk.moved(json!({"kind": "bonus", "account": yen, "amount": "1000", "happened_at": day(5)}))
        .await;
    desk.moved(json!({"kind": "withdrawal", "account": euros, "amount": "50.5", "happened_at": day(3)}))
        .await;
    desk.moved(
        json!({"kind": "correction", "account": euros, "amount": "-0.50", "memo": "a fee", "happened_at": day(1)}),
    )
    .await;
    let expected = [
        (10, ["0.00", "0"]),
        (8, ["500.00", "0"]),
        (6, ["400.00", "16000"]),
        (4, ["400.00", "17000"]),
        (2, ["349.50", "17000"]),
    ];
    for (days, balances) in expected {
        assert_eq!(desk.balances(Some(day(days))).await, balances, "{days} days ago");
    }
    assert_eq!(desk.balances(None).await, ["349.00", "17000"]);
    assert_eq!(
        desk.balances(Some(desk.app.now())).await,
        ["349.00", "17000"],
        "kept and replayed agree"
    );
    desk.no_faults().await;
}

#[tokio::test]
async fn a_currency_without_a_rate_is_told_and_not_counted_as_nothing() {
    let desk = Desk::new(&[]).await;
    let pounds = desk.account("Over there", "GBP").await;
    desk.moved(json!({"kind": "deposit", "account": pounds, "amount": "100.00"}))
        .await;
    let answer = desk.get("").await;
    assert_eq!(
        (&answer["real"]["balance"], &answer["real"]["without_rate"]),
        (&json!("0.00"), &json!([pounds]))
    );
    let today = desk.app.now().date_naive();
    let rate = json!({"currency": "GBP", "on": today, "base": 11_634, "foreign": 10_000});
    assert_eq!(desk.post("/exchange-rates", rate).await.0, 200);
    let answer = desk.get("").await;
    assert_eq!(
        (&answer["real"]["balance"], &answer["real"]["without_rate"]),
        (&json!("116.34"), &json!([]))
    );
}

#[tokio::test]
async fn money_is_not_taken_out_before_it_came() {
    let desk = Desk::new(&[]).await;
    let account = desk.account("Corner shop", "EUR").await;
    let day = |days: i64| (desk.app.now() - chrono::TimeDelta::days(days)).to_rfc3339();
    let entry = |kind: &str, amount: &str, days: i64| json!({"kind": kind, "account": account, "amount": amount, "happened_at": day(days)});
    desk.moved(entry("deposit", "100.00", 9)).await;
    desk.moved(entry("withdrawal", "70.00", 5)).await;
    desk.moved(entry("deposit", "50.00", 2)).await;
    // There are 80.00 now, but between the fifth and the second day only 30.00.
    for (amount, days, is_there) in [
        ("1.00", 10, false),
        ("30.01", 8, false),
        ("30.01", 4, false),
        ("80.01", 1, false),
        ("30.00", 8, true),
        ("50.00", 1, true),
    ] {
        let (status, answer) = desk.post("/entries", entry("withdrawal", amount, days)).await;
        assert_eq!(status == 201, is_there, "{amount} {days} days ago: {status} {answer}");
    }
    desk.no_faults().await;
}

#[tokio::test]
async fn money_that_is_not_there_is_not_moved_and_a_wrong_entry_is_taken_back_once() {
    let desk = Desk::new(&[]).await;
    let account = desk.account("Corner shop", "EUR").await;
    let wrong = desk
        .moved(json!({"kind": "deposit", "account": account, "amount": "100.00"}))
        .await;
    let (status, answer) = desk
        .post(
            "/entries",
            json!({"kind": "withdrawal", "account": account, "amount": "100.01"}),
        )
        .await;
    assert_eq!(status, 409, "{answer}");
    assert!(answer.to_string().contains("100.00 EUR"), "{answer}");
    desk.moved(json!({"kind": "withdrawal", "account": account, "amount": "60.00"}))
        .await;
    let take_back = format!("/entries/{wrong}/take-back");
    assert_eq!(desk.post(&take_back, json!({})).await.0, 409, "60 of it are gone");
    desk.moved(json!({"kind": "deposit", "account": account, "amount": "70.00"}))
        .await;
    assert_eq!(desk.post(&take_back, json!({"reason": "it was 70"})).await.0, 200);
    assert_eq!(desk.post(&take_back, json!({})).await.0, 409, "only once");
    assert_eq!(desk.balances(None).await, ["10.00"]);
    let entries = desk.get("/entries").await;
    assert_eq!(
        entries["entries"].as_array().unwrap().len(),
        4,
        "nothing is ever removed"
    );
    desk.no_faults().await;
}

#[tokio::test]
async fn amounts_of_odd_shapes_are_refused_with_their_field() {
    let desk = Desk::new(&[]).await;
    let account = desk.account("Corner shop", "EUR").await;
    for amount in [
        "1.234,56",
        "1e9",
        "-0",
        "0",
        "-5",
        "10.001",
        "",
        "NaN",
        "1,000",
        "99999999999999999999",
    ] {
        let (status, answer) = desk
            .post(
                "/entries",
                json!({"kind": "deposit", "account": account, "amount": amount}),
            )
            .await;
        assert_eq!(
            (status, &answer["errors"][0]["field"]),
            (422, &json!("amount")),
            "{amount}"
        );
    }
    assert_eq!(desk.balances(None).await, ["0.00"]);
}

#[tokio::test]
async fn an_account_is_closed_only_when_it_is_empty_and_takes_no_money_then() {
    let desk = Desk::new(&[]).await;
    let account = desk.account("Corner shop", "EUR").await;
    desk.moved(json!({"kind": "deposit", "account": account, "amount": "5"}))
        .await;
    let path = format!("/accounts/{account}");
    assert_eq!(desk.post(&path, json!({"is_closed": true})).await.0, 409);
    desk.moved(json!({"kind": "withdrawal", "account": account, "amount": "5"}))
        .await;
    assert_eq!(desk.post(&path, json!({"is_closed": true})).await.0, 200);
    let (status, answer) = desk
        .post(
            "/entries",
            json!({"kind": "deposit", "account": account, "amount": "5"}),
        )
        .await;
    assert_eq!((status, &answer["errors"][0]["field"]), (422, &json!("account")));
}

#[tokio::test]
async fn stricter_limits_hold_at_once_and_looser_ones_in_a_day_however_often_they_are_asked_for() {
    let desk = Desk::new(&[]).await;
    let mut wanted = desk.get("/limits").await["limits"].clone();
    let share = |answer: &Value| answer["limits"]["per_bet_bp"].clone();
    wanted["per_bet_bp"] = json!(100);
    assert_eq!(share(&desk.post("/limits", wanted.clone()).await.1), 100);
    wanted["per_bet_bp"] = json!(400);
    let asked_at = desk.app.now();
    let (_, answer) = desk.post("/limits", wanted.clone()).await;
    assert_eq!(
        (share(&answer), &answer["pending"]["per_bet_bp"]),
        (json!(100), &json!(400))
    );
    desk.app.clock.set(asked_at + TimeDelta::hours(23));
    let (_, answer) = desk.post("/limits", wanted.clone()).await;
    let from: DateTime<Utc> = answer["pending_from"].as_str().unwrap().parse().unwrap();
    assert_eq!(
        (share(&answer), from),
        (json!(100), asked_at + TimeDelta::hours(24)),
        "asking again changes nothing"
    );
    wanted["per_bet_bp"] = json!(500);
    let (_, answer) = desk.post("/limits", wanted.clone()).await;
    assert_eq!(
        (share(&answer), &answer["pending"]["per_bet_bp"]),
        (json!(100), &json!(500))
    );
    desk.app.clock.set(asked_at + TimeDelta::hours(46));
    assert_eq!(
        share(&desk.get("/limits").await),
        100,
        "something looser still waits for its own day"
    );
    desk.app.clock.set(asked_at + TimeDelta::hours(47));
    assert_eq!(share(&desk.get("/limits").await), 500);
    wanted["per_bet_bp"] = json!(300);
    assert_eq!(share(&desk.post("/limits", wanted.clone()).await.1), 300);
    wanted["per_bet_bp"] = json!(10_001);
    let (status, answer) = desk.post("/limits", wanted).await;
    assert_eq!((status, &answer["errors"][0]["field"]), (422, &json!("per_bet_bp")));
}

#[tokio::test]
async fn a_cool_off_is_made_longer_and_never_shorter_and_no_bet_passes_it() {
    let desk = Desk::new(&[]).await;
    let now = desk.app.now();
    let until = |hours: i64| json!({"until": now + TimeDelta::hours(hours)});
    assert_eq!(desk.post("/cool-off", until(48)).await.0, 200);
    assert_eq!(desk.post("/cool-off", until(47)).await.0, 422);
    assert_eq!(desk.post("/cool-off", until(72)).await.0, 200);
    let leg = json!({"event_name": "Cup final", "sport": "football", "market": "three_way", "outcome": "draw", "price": "3.4"});
    let bet = json!({"stake": "5.00", "legs": [leg]});
    desk.app.clock.set(now + TimeDelta::hours(71));
    let answer = desk.app.post_json("/api/v1/bets", &desk.key, &bet).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["errors"][0]["code"]),
        (409, &json!("refused"))
    );
    desk.app.clock.set(now + TimeDelta::hours(72));
    assert_eq!(desk.app.post_json("/api/v1/bets", &desk.key, &bet).await.status, 201);
}

#[tokio::test]
async fn the_base_currency_is_chosen_before_the_first_account() {
    let desk = Desk::new(&[]).await;
    assert_eq!(
        desk.post("/currency", json!({"currency": "USD"})).await.1["currency"],
        "USD"
    );
    assert_eq!(desk.post("/currency", json!({"currency": "dollar"})).await.0, 422);
    desk.account("Corner shop", "USD").await;
    assert_eq!(desk.post("/currency", json!({"currency": "EUR"})).await.0, 409);
}

/// Places a bet of real money, and settles it with a result.
async fn bet(desk: &Desk, account: i64, stake: &str, result: &str) -> (u16, String) {
    let leg = json!({"event_name": format!("{stake} {result}"), "sport": "football", "market": "three_way", "outcome": "draw", "price": "2"});
    let body = json!({"account": account, "stake": stake, "legs": [leg]});
    let placed = desk.app.post_json("/api/v1/bets", &desk.key, &body).await;
    if placed.status == 201 {
        let path = format!("/api/v1/bets/{}/settle", placed.json()["bet"]["id"]);
        let body = json!({"legs": [{"end": {"result": result}}]});
        assert_eq!(desk.app.post_json(&path, &desk.key, &body).await.status, 200);
    }
    (placed.status.as_u16(), placed.text())
}

#[tokio::test]
async fn money_paid_in_today_loosens_no_limit_of_today() {
    let desk = Desk::new(&[]).await;
    let account = desk.account("Corner shop", "EUR").await;
    desk.moved(json!({"kind": "deposit", "account": account, "amount": "1000.00"}))
        .await;
    desk.app.clock.set(desk.app.now() + TimeDelta::days(2));
    // A tenth of 1,000.00 may be lost in a day, 2 % in a bet.
    for stake in ["20.00", "19.50", "19.00", "18.50", "18.00"] {
        assert_eq!(bet(&desk, account, stake, "loss").await.0, 201);
    }
    let (status, text) = bet(&desk, account, "6.00", "loss").await;
    assert!(status == 409 && text.contains("day"), "{text}");
    let yesterday = desk.app.now() - TimeDelta::days(1);
    for happened_at in [desk.app.now(), yesterday] {
        desk.moved(json!({"kind": "deposit", "account": account, "amount": "9000.00", "happened_at": happened_at}))
            .await;
        assert_eq!(bet(&desk, account, "6.00", "loss").await.0, 409);
    }
    desk.app.clock.set(desk.app.now() + TimeDelta::days(1));
    assert_eq!(bet(&desk, account, "6.00", "loss").await.0, 201);
}

#[tokio::test]
async fn money_paid_in_hides_no_drawdown() {
    let desk = Desk::new(&[]).await;
    let account = desk.account("Corner shop", "EUR").await;
    desk.moved(json!({"kind": "deposit", "account": account, "amount": "1000.00"}))
        .await;
    let drawdown = async || {
        let store = &desk.app.state.store;
        let rates = Rates::new(Currency::EUR, Vec::new());
        drawdown_bp(store, desk.user.id, BetMode::Real, &rates).await.unwrap()
    };
    assert_eq!(bet(&desk, account, "20.00", "loss").await.0, 201);
    assert_eq!(drawdown().await, 200);
    desk.app.clock.set(desk.app.now() + TimeDelta::hours(1));
    desk.moved(json!({"kind": "deposit", "account": account, "amount": "9020.00"}))
        .await;
    assert_eq!(drawdown().await, 200, "2 % of what there was are still lost");
    desk.app.clock.set(desk.app.now() + TimeDelta::hours(1));
    // 19.00 of 10,000.00 won back: 0.98 x 1.0019.
    assert_eq!(bet(&desk, account, "19.00", "win").await.0, 201);
    assert_eq!(drawdown().await, 181);
}

#[tokio::test]
async fn an_empty_account_without_a_rate_holds_up_no_bet_and_a_closed_one_takes_no_money_back() {
    let desk = Desk::new(&[]).await;
    let pounds = desk.account("Over there", "GBP").await;
    let account = desk.account("Corner shop", "EUR").await;
    desk.moved(json!({"kind": "deposit", "account": account, "amount": "1000.00"}))
        .await;
    assert_eq!(bet(&desk, account, "5.00", "win").await.0, 201);
    desk.moved(json!({"kind": "deposit", "account": pounds, "amount": "5.00"}))
        .await;
    let withdrawal = desk
        .moved(json!({"kind": "withdrawal", "account": pounds, "amount": "5.00"}))
        .await;
    assert_eq!(
        desk.post(&format!("/accounts/{pounds}"), json!({"is_closed": true}))
            .await
            .0,
        200
    );
    assert_eq!(
        desk.post(&format!("/entries/{withdrawal}/take-back"), json!({}))
            .await
            .0,
        409
    );
    let other = desk.account("Over there", "EUR").await;
    assert_eq!(
        desk.post(&format!("/accounts/{pounds}"), json!({"is_closed": false}))
            .await
            .0,
        422,
        "the name is taken"
    );
    assert_eq!(
        desk.post(&format!("/accounts/{other}"), json!({"name": "Corner shop"}))
            .await
            .0,
        422
    );
}

async fn withdrawals_at_once_take_no_more_than_there_is(desk: Desk) {
    let account = desk.account("Corner shop", "EUR").await;
    desk.moved(json!({"kind": "deposit", "account": account, "amount": "100.00"}))
        .await;
    let withdraw = || async {
        let movement = Movement {
            kind: EntryKind::Withdrawal,
            account: AccountId(account),
            minor: 30_00,
            to: None,
            happened_at: None,
            memo: String::new(),
        };
        in_request(&desk.app.state, async |tx| {
            money::move_money(&desk.app.state, tx, desk.user.id, &movement).await
        })
        .await
        .is_ok()
    };
    let done = futures::future::join_all((0..16).map(|_| withdraw())).await;
    assert_eq!(done.into_iter().filter(|done| *done).count(), 3);
    assert_eq!(desk.balances(None).await, ["10.00"]);
    assert_eq!(
        desk.app.state.store.accounts(desk.user.id).await.unwrap()[0].mode,
        BetMode::Real
    );
    desk.no_faults().await;
}

#[tokio::test]
async fn withdrawals_at_once_take_no_more_than_there_is_on_sqlite() {
    withdrawals_at_once_take_no_more_than_there_is(Desk::new(&[]).await).await;
}

#[tokio::test]
async fn withdrawals_at_once_take_no_more_than_there_is_on_postgresql() {
    let Some(url) = postgres().await else { return };
    withdrawals_at_once_take_no_more_than_there_is(Desk::new(&[("database_url", &url)]).await).await;
}
