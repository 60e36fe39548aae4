//! Seasons of bettors with a rule, on recorded prices and results, from the answer of a feed to the yield. What the program says of
//! them is checked to the cent by a calculation that is not ours (`tools/check_season.py`, which shares nothing with the program but the
//! rule that stands above each season).

mod football;
mod nba;
mod nfl;

use crate::app::{As, TestApp};
use chrono::{DateTime, TimeDelta, Utc};
use feeds::{Endpoint, PriceFormat, find_feed};
use serde_json::{Value, json};
use server::jobs::Work;
use server::pipeline::ingest::Answer;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use store::UserRole;

/// A bet as the API takes it; its legs name their match by `match`, the number that [`feed_id`] is made of.
struct Wanted {
    reference: String,
    body: Value,
}

/// What happens at one moment, in this order.
#[derive(Default)]
struct Moment {
    results: Vec<Value>,
    prices: Vec<Value>,
    bets: Vec<Wanted>,
}

struct Season {
    /// As The Odds API names it.
    competition: &'static str,
    format: PriceFormat,
    moments: BTreeMap<DateTime<Utc>, Moment>,
}

fn corpus(path: &str) -> Option<PathBuf> {
    let Some(corpus) = std::env::var_os("OVERROUND_CORPUS") else {
        println!("skipped: OVERROUND_CORPUS is not set");
        return None;
    };
    Some(PathBuf::from(corpus).join(path))
}

/// The number that a feed gives a match.
fn feed_id(number: usize) -> String {
    format!("{:032x}", number + 1)
}

/// Amounts of so many cents.
fn money(cents: usize) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

impl Season {
    fn new(competition: &'static str, format: PriceFormat) -> Self {
        Self {
            competition,
            format,
            moments: BTreeMap::new(),
        }
    }

    fn at(&mut self, at: DateTime<Utc>) -> &mut Moment {
        self.moments.entry(at).or_default()
    }

    async fn take(&self, app: &TestApp, endpoint: Endpoint, events: &[Value]) {
        if events.is_empty() {
            return;
        }
        let query = vec![
            ("regions".to_owned(), "uk".to_owned()),
            ("markets".to_owned(), "h2h,h2h_lay,spreads,totals".to_owned()),
        ];
        let body = serde_json::to_vec(events).unwrap();
        let answer = Answer {
            endpoint,
            competition: Some(self.competition),
            request: "season",
            query: &query,
            body: &body,
            received_at: app.now(),
            price_format: Some(self.format),
        };
        app.state
            .pipeline
            .ingest(find_feed("the_odds_api").unwrap(), answer)
            .await
            .unwrap();
    }

    /// Lives the season with paper money of 10,000.00 euros and tells what the API says in the end: all bets, how they went, what is
    /// left.
    async fn live(self) -> Value {
        let app = TestApp::new().await;
        let (first, last) = (self.moments.keys().next().unwrap(), self.moments.keys().last().unwrap());
        app.clock.set(*first - TimeDelta::hours(1));
        let user = app.user("ann@example.org", UserRole::Member).await;
        let key = app.key(&user, &["read", "write"]).await;
        let body = json!({"name": "Season", "mode": "paper", "currency": "EUR"});
        let account = app.post_json("/api/v1/bankroll/accounts", &key, &body).await.json()["account"]["id"].clone();
        let body = json!({"kind": "deposit", "account": account, "amount": "10000.00"});
        assert_eq!(app.post_json("/api/v1/bankroll/entries", &key, &body).await.status, 201);
        for (at, moment) in &self.moments {
            app.clock.set(*at);
            self.take(&app, Endpoint::Scores, &moment.results).await;
            if !moment.results.is_empty() {
                app.state.settle_bets().await.unwrap();
            }
            self.take(&app, Endpoint::Odds, &moment.prices).await;
            for bet in &moment.bets {
                place(&app, &key, &account, bet).await;
            }
        }
        app.clock.set(*last + TimeDelta::hours(1));
        app.state.settle_bets().await.unwrap();
        assert!(app.state.store.ledger_faults().await.unwrap().is_empty());
        told(&app, &key).await
    }
}

async fn place(app: &TestApp, key: &As, account: &Value, bet: &Wanted) {
    let mut body = bet.body.clone();
    for leg in body["legs"].as_array_mut().unwrap() {
        let id = match &leg["match"] {
            Value::String(id) => id.clone(),
            number => feed_id(usize::try_from(number.as_u64().unwrap()).unwrap()),
        };
        let event = app.state.store.event_of_feed("the_odds_api", &id).await.unwrap();
        leg.as_object_mut().unwrap().remove("match");
        leg["event"] = json!(event.unwrap().0);
    }
    body["account"] = account.clone();
    body["reference"] = json!(bet.reference);
    let answer = app.post_json("/api/v1/bets", key, &body).await;
    assert_eq!(answer.status, 201, "{}: {}", bet.reference, answer.text());
}

async fn told(app: &TestApp, key: &As) -> Value {
    let mut told = json!({"bets": []});
    let mut after = String::new();
    loop {
        let page = app.get(&format!("/api/v1/bets?limit=500{after}"), key).await.json();
        let bets = told["bets"].as_array_mut().unwrap();
        bets.extend(page["bets"].as_array().unwrap().iter().cloned());
        match page["meta"]["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    told["performance"] = app.get("/api/v1/performance", key).await.json();
    told["bankroll"] = app.get("/api/v1/bankroll", key).await.json();
    told
}

/// Has the season reckoned again from the recording.
fn check(season: &str, recording: &Path, told: &Value) {
    let dir = tempfile::tempdir().unwrap();
    let answers = dir.path().join("answers.json");
    std::fs::write(&answers, told.to_string()).unwrap();
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tools/check_season.py");
    let checked = Command::new("python3")
        .arg(script)
        .arg(season)
        .arg(recording)
        .arg(&answers)
        .output();
    let Ok(checked) = checked else {
        println!("not checked: there is no python3");
        return;
    };
    let said = String::from_utf8_lossy(&checked.stdout);
    let failed = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success(), "{said}{failed}");
    println!("{said}");
}
