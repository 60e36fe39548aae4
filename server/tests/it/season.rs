//! A season of a bettor with a rule, on real prices and real results, checked to the cent by a calculation that is not ours
//! (`tools/check_season.py`, which shares nothing with the program but this description).
//!
//! The file is a season of English football: prices two days before and at kick-off, and results. Matches are numbered from zero in the
//! order of the file; kick-off times are taken as they stand. At the first kick-off of a day less 48 hours the day's prices are
//! received, and the bettor places, where the prices are there:
//!
//! - on match `n` with `n % 3 == 0` the home side at bet365, 10.00 + 0.37 × (n % 7);
//! - with `n % 3 == 1` the home side at bet365 on the Asian handicap, 7.50 + 0.11 × (n % 5);
//! - with `n % 3 == 2` over 2.5 goals at bet365, 5.00 + 0.13 × (n % 4);
//! - with `n % 12 == 5` a lay of the home side at the Betfair exchange, where its price is at most 6.00, for a backer's stake of 4.00;
//! - with `n % 10 == 9` and match `n - 1` on the same day the home sides of both at bet365 as a parlay, 2.00.
//!
//! All with paper money of 10,000.00 euros. Payouts are cut to whole cents; the exchange takes 5 % of what a market wins. Five minutes
//! before each kick-off the closing prices are received, two hours after it the result.

use crate::app::{As, TestApp};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use engine::bet_file::table::Table;
use feeds::{Endpoint, PriceFormat, find_feed};
use serde_json::{Value, json};
use server::jobs::Work;
use server::pipeline::ingest::Answer;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use store::UserRole;

const FILE: &str = "football_data_co_uk/E0_2425.csv";
const COMPETITION: &str = "soccer_epl";

struct Match {
    number: usize,
    starts_at: DateTime<Utc>,
    row: BTreeMap<String, String>,
}

impl Match {
    fn cell(&self, name: &str) -> &str {
        self.row.get(name).map_or("", String::as_str)
    }

    /// A price that is there: blank and zero are none.
    fn price(&self, name: &str) -> Option<f64> {
        self.cell(name).parse().ok().filter(|price| *price > 1.0)
    }

    fn id(&self) -> String {
        format!("{:032x}", self.number + 1)
    }

    /// The match with some of its prices, as The Odds API writes it. `c` stands for the closing ones.
    fn body(&self, c: &str) -> Value {
        let (home, away) = (self.cell("HomeTeam"), self.cell("AwayTeam"));
        let mut books = Vec::new();
        for (key, code, over) in [
            ("bet365", "B365", "B365"),
            ("pinnacle", "PS", "P"),
            ("betfair_ex_uk", "BFE", "BFE"),
        ] {
            let price = |outcome: &str| self.price(&format!("{code}{c}{outcome}"));
            let mut markets = Vec::new();
            if let (Some(h), Some(d), Some(a)) = (price("H"), price("D"), price("A")) {
                let outcomes = json!([
                    {"name": home, "price": h}, {"name": away, "price": a}, {"name": "Draw", "price": d}
                ]);
                // The file has no back and lay prices: at the exchange both are the one there is.
                markets.push(json!({"key": "h2h", "outcomes": outcomes}));
                if key == "betfair_ex_uk" {
                    markets.push(json!({"key": "h2h_lay", "outcomes": outcomes}));
                }
            }
            let line = self.cell(if c.is_empty() { "AHh" } else { "AHCh" }).parse::<f64>();
            let side = |side: &str| self.price(&format!("{over}{c}AH{side}"));
            if let (Ok(line), Some(h), Some(a)) = (line, side("H"), side("A")) {
                markets.push(json!({"key": "spreads", "outcomes": [
                    {"name": home, "price": h, "point": line}, {"name": away, "price": a, "point": -line}
                ]}));
            }
            let (more, less) = (
                self.price(&format!("{over}{c}>2.5")),
                self.price(&format!("{over}{c}<2.5")),
            );
            if let (Some(more), Some(less)) = (more, less) {
                markets.push(json!({"key": "totals", "outcomes": [
                    {"name": "Over", "price": more, "point": 2.5}, {"name": "Under", "price": less, "point": 2.5}
                ]}));
            }
            if !markets.is_empty() {
                books.push(json!({"key": key, "title": key, "markets": markets}));
            }
        }
        let mut event = self.event();
        event["bookmakers"] = json!(books);
        event
    }

    fn event(&self) -> Value {
        json!({
            "id": self.id(), "sport_key": COMPETITION, "sport_title": "EPL", "commence_time": self.starts_at.to_rfc3339(),
            "home_team": self.cell("HomeTeam"), "away_team": self.cell("AwayTeam")
        })
    }

    fn result(&self) -> Value {
        let mut event = self.event();
        event["completed"] = json!(true);
        event["last_update"] = json!((self.starts_at + TimeDelta::hours(2)).to_rfc3339());
        event["scores"] = json!([
            {"name": self.cell("HomeTeam"), "score": self.cell("FTHG")}, {"name": self.cell("AwayTeam"), "score": self.cell("FTAG")}
        ]);
        event
    }
}

fn matches(text: &[u8]) -> Vec<Match> {
    let table = Table::read(text).unwrap();
    let rows = table.rows.iter().map(|(_, cells)| {
        let row: BTreeMap<String, String> = table.header.iter().cloned().zip(cells.iter().cloned()).collect();
        row
    });
    let rows = rows.filter(|row| !row["Date"].is_empty()).enumerate();
    rows.map(|(number, row)| {
        let text = format!("{} {}", row["Date"], row["Time"]);
        let starts_at = NaiveDateTime::parse_from_str(&text, "%d/%m/%Y %H:%M")
            .unwrap()
            .and_utc();
        Match { number, starts_at, row }
    })
    .collect()
}

async fn take(app: &TestApp, at: DateTime<Utc>, endpoint: Endpoint, events: Vec<Value>) {
    app.clock.set(at);
    let query = vec![
        ("regions".to_owned(), "uk".to_owned()),
        ("markets".to_owned(), "h2h,h2h_lay,spreads,totals".to_owned()),
    ];
    let body = serde_json::to_vec(&Value::Array(events)).unwrap();
    let answer = Answer {
        endpoint,
        competition: Some(COMPETITION),
        request: "season",
        query: &query,
        body: &body,
        received_at: at,
        price_format: Some(PriceFormat::Decimal),
    };
    app.state
        .pipeline
        .ingest(find_feed("the_odds_api").unwrap(), answer)
        .await
        .unwrap();
}

/// Amounts of so many cents.
fn money(cents: usize) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// What the bettor places on a match.
fn bets(of: &Match, before: Option<&Match>) -> Vec<(String, Value)> {
    let n = of.number;
    let mut bets = Vec::new();
    let mut single = |name: &str, bookmaker: &str, cents: usize, leg: Value| {
        let reference = format!("{n}-{name}");
        bets.push((
            reference,
            json!({"bookmaker": bookmaker, "stake": money(cents), "legs": [leg]}),
        ));
    };
    let home = |price: &str| json!({"match": n, "market": "three_way", "outcome": "home", "price": price});
    if n.is_multiple_of(3) && of.price("B365H").is_some() {
        single("home", "bet365", 1_000 + 37 * (n % 7), home(of.cell("B365H")));
    }
    if n % 3 == 1 && of.price("B365AHH").is_some() {
        let leg = json!({"match": n, "market": "spread", "outcome": "home", "line": of.cell("AHh"), "price": of.cell("B365AHH")});
        single("handicap", "bet365", 750 + 11 * (n % 5), leg);
    }
    if n % 3 == 2 && of.price("B365>2.5").is_some() {
        let leg =
            json!({"match": n, "market": "total", "outcome": "over", "line": "2.5", "price": of.cell("B365>2.5")});
        single("over", "bet365", 500 + 13 * (n % 4), leg);
    }
    if n % 12 == 5 && of.price("BFEH").is_some_and(|price| price <= 6.0) {
        let mut leg = home(of.cell("BFEH"));
        leg["side"] = json!("lay");
        single("lay", "betfair_ex_uk", 400, leg);
    }
    if let Some(before) = before
        && n % 10 == 9
        && before.starts_at.date_naive() == of.starts_at.date_naive()
        && before.price("B365H").is_some()
        && of.price("B365H").is_some()
    {
        let legs = json!([
            {"match": n - 1, "market": "three_way", "outcome": "home", "price": before.cell("B365H")}, home(of.cell("B365H"))
        ]);
        bets.push((
            format!("{n}-parlay"),
            json!({"bookmaker": "bet365", "kind": "parlay", "stake": "2.00", "legs": legs}),
        ));
    }
    bets
}

async fn place(app: &TestApp, key: &As, account: &Value, reference: &str, mut body: Value) {
    for leg in body["legs"].as_array_mut().unwrap() {
        let number = usize::try_from(leg["match"].as_u64().unwrap()).unwrap();
        let id = format!("{:032x}", number + 1);
        let event = app
            .state
            .store
            .event_of_feed("the_odds_api", &id)
            .await
            .unwrap()
            .unwrap();
        leg.as_object_mut().unwrap().remove("match");
        leg["event"] = json!(event.0);
    }
    body["account"] = account.clone();
    body["reference"] = json!(reference);
    let answer = app.post_json("/api/v1/bets", key, &body).await;
    assert_eq!(answer.status, 201, "{reference}: {}", answer.text());
}

#[tokio::test]
async fn a_season_on_real_prices_and_results_comes_to_what_others_reckon_to_the_cent() {
    let Some(corpus) = std::env::var_os("OVERROUND_CORPUS").map(PathBuf::from) else {
        println!("skipped: OVERROUND_CORPUS is not set");
        return;
    };
    let path = corpus.join(FILE);
    let season = matches(&std::fs::read(&path).unwrap());
    let mut days: BTreeMap<DateTime<Utc>, Vec<&Match>> = BTreeMap::new();
    for of in &season {
        let first = season
            .iter()
            .filter(|other| other.starts_at.date_naive() == of.starts_at.date_naive());
        let first = first.map(|other| other.starts_at).min().unwrap();
        days.entry(first - TimeDelta::hours(48)).or_default().push(of);
    }
    // What happens when: prices and bets, closing prices, results.
    let mut moments: BTreeMap<(DateTime<Utc>, u8), Vec<&Match>> = BTreeMap::new();
    for (at, of) in &days {
        moments.entry((*at, 2)).or_default().extend(of);
    }
    for of in &season {
        moments
            .entry((of.starts_at - TimeDelta::minutes(5), 1))
            .or_default()
            .push(of);
        moments
            .entry((of.starts_at + TimeDelta::hours(2), 0))
            .or_default()
            .push(of);
    }

    let app = TestApp::new().await;
    app.clock
        .set(days.keys().next().copied().unwrap() - TimeDelta::hours(1));
    let user = app.user("ann@example.org", UserRole::Member).await;
    let key = app.key(&user, &["read", "write"]).await;
    let body = json!({"name": "Season", "mode": "paper", "currency": "EUR"});
    let account = app.post_json("/api/v1/bankroll/accounts", &key, &body).await.json()["account"]["id"].clone();
    let body = json!({"kind": "deposit", "account": account, "amount": "10000.00"});
    assert_eq!(app.post_json("/api/v1/bankroll/entries", &key, &body).await.status, 201);
    for ((at, what), of) in &moments {
        match what {
            2 => {
                take(&app, *at, Endpoint::Odds, of.iter().map(|of| of.body("")).collect()).await;
                for of in of {
                    let before = of.number.checked_sub(1).and_then(|at| season.get(at));
                    for (reference, body) in bets(of, before) {
                        place(&app, &key, &account, &reference, body).await;
                    }
                }
            }
            1 => take(&app, *at, Endpoint::Odds, of.iter().map(|of| of.body("C")).collect()).await,
            _ => {
                take(&app, *at, Endpoint::Scores, of.iter().map(|of| of.result()).collect()).await;
                app.state.settle_bets().await.unwrap();
            }
        }
    }
    app.clock.set(app.now() + TimeDelta::hours(1));
    app.state.settle_bets().await.unwrap();

    let mut found = json!({"bets": []});
    let mut after = String::new();
    loop {
        let page = app.get(&format!("/api/v1/bets?limit=500{after}"), &key).await.json();
        let bets = found["bets"].as_array_mut().unwrap();
        bets.extend(page["bets"].as_array().unwrap().iter().cloned());
        match page["meta"]["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    let count = found["bets"].as_array().unwrap().len();
    assert!(count > 380, "{count} bets");
    found["performance"] = app.get("/api/v1/performance", &key).await.json();
    found["bankroll"] = app.get("/api/v1/bankroll", &key).await.json();
    assert!(app.state.store.ledger_faults().await.unwrap().is_empty());
    let dir = tempfile::tempdir().unwrap();
    let answers = dir.path().join("answers.json");
    std::fs::write(&answers, found.to_string()).unwrap();
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tools/check_season.py");
    let Ok(checked) = Command::new("python3").arg(script).arg(&path).arg(&answers).output() else {
        println!("not checked: there is no python3");
        return;
    };
    let said = String::from_utf8_lossy(&checked.stdout);
    assert!(
        checked.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&checked.stderr)
    );
    println!("{said}");
}
