//! A season of English football: prices two days before and at kick-off, and results. Matches are numbered from zero in the order of
//! the file; kick-off times are taken as they stand. At the first kick-off of a day less 48 hours the day's prices are
//! received, and the bettor places, where the prices are there:
//!
//! - on match `n` with `n % 3 == 0` the home side at bet365, 10.00 + 0.37 × (n % 7);
//! - with `n % 3 == 1` the home side at bet365 on the Asian handicap, 7.50 + 0.11 × (n % 5);
//! - with `n % 3 == 2` over 2.5 goals at bet365, 5.00 + 0.13 × (n % 4);
//! - with `n % 12 == 5` a lay of the home side at the Betfair exchange, where its price is at most 6.00, for a backer's stake of 4.00;
//! - with `n % 10 == 9` and match `n - 1` on the same day the home sides of both at bet365 as a parlay, 2.00.
//!
//! Payouts are cut to whole cents; the exchange takes 5 % of what a market wins. Five minutes before each kick-off the closing prices are
//! received, two hours after it the result.

use super::{Season, Wanted, check, corpus, feed_id, money};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use engine::bet_file::table::Table;
use feeds::PriceFormat;
use serde_json::{Value, json};
use std::collections::BTreeMap;

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
            "id": feed_id(self.number), "sport_key": COMPETITION, "sport_title": "EPL", "commence_time": self.starts_at.to_rfc3339(),
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

/// What the bettor places on a match.
fn bets(of: &Match, before: Option<&Match>) -> Vec<Wanted> {
    let n = of.number;
    let mut bets = Vec::new();
    let mut single = |name: &str, bookmaker: &str, cents: usize, leg: Value| {
        bets.push(Wanted {
            reference: format!("{n}-{name}"),
            body: json!({"bookmaker": bookmaker, "stake": money(cents), "legs": [leg]}),
        });
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
        bets.push(Wanted {
            reference: format!("{n}-parlay"),
            body: json!({"bookmaker": "bet365", "kind": "parlay", "stake": "2.00", "legs": legs}),
        });
    }
    bets
}

#[tokio::test]
async fn a_season_of_football_comes_to_what_others_reckon_to_the_cent() {
    let Some(path) = corpus(FILE) else { return };
    let matches = matches(&std::fs::read(&path).unwrap());
    let mut season = Season::new(COMPETITION, PriceFormat::Decimal);
    for of in &matches {
        let day = of.starts_at.date_naive();
        let first = matches
            .iter()
            .map(|other| other.starts_at)
            .filter(|at| at.date_naive() == day)
            .min();
        let before = of.number.checked_sub(1).and_then(|at| matches.get(at));
        let moment = season.at(first.unwrap() - TimeDelta::hours(48));
        moment.prices.push(of.body(""));
        moment.bets.extend(bets(of, before));
        season
            .at(of.starts_at - TimeDelta::minutes(5))
            .prices
            .push(of.body("C"));
        season.at(of.starts_at + TimeDelta::hours(2)).results.push(of.result());
    }
    let told = season.live().await;
    assert!(told["bets"].as_array().unwrap().len() > 380);
    check("football", &path, &told);
}
