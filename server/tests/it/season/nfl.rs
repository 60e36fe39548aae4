//! A season of American football, in American odds: lines at the opening and the close, and results. Games are numbered from zero in
//! the order of the file, those of the season of 2020 that have a home side; each begins at 18:00 UTC of its date. The lines at the opening are received
//! 48 hours before, those at the close five minutes before, both at -110 from DraftKings and Pinnacle; at the close there are prices for
//! the winner too. The bettor places at DraftKings, at the opening:
//!
//! - on game `n` with `n % 2 == 0` the home side with its line, 11.00 + 0.55 × (n % 3);
//! - with `n % 2 == 1` over the total, 5.50 + 0.11 × (n % 4);
//! - with `n % 4 == 3` and game `n - 1` on the same day its home side with its line and this one's over as a parlay, 3.30;
//! - with `n % 6 == 5` and games `n - 2` and `n - 1` on the same day the home sides of the three as a round robin of doubles, 1.10 each;
//! - with `n % 8 == 7` and game `n - 1` on the same day the home sides of both as a teaser of six points that pays 1.833333, 6.00; a leg
//!   on the line is left out, and one leg alone gets its stake back;
//!
//! and at the close on game `n` with `n % 5 == 0` the home side to win, 4.00, where there is a price.
//!
//! Prices are decimal odds in whole millionths, payouts are cut to whole cents, of a round robin for each double. A game that ends even
//! gives the stake on its winner back. The result is received four hours after the beginning.

use super::{Season, Wanted, check, corpus, feed_id, money};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use feeds::PriceFormat;
use serde::Deserialize;
use serde_json::{Value, json};

const FILE: &str = "us_historical/nfl_archive_10Y.json";
const COMPETITION: &str = "americanfootball_nfl";

#[derive(Deserialize)]
struct Row {
    date: f64,
    home_team: String,
    away_team: String,
    home_final: Value,
    away_final: Value,
    home_close_ml: i64,
    away_close_ml: i64,
    home_open_spread: f64,
    home_close_spread: f64,
    open_over_under: f64,
    close_over_under: f64,
}

struct Game {
    number: usize,
    starts_at: DateTime<Utc>,
    row: Row,
}

impl Game {
    fn event(&self) -> Value {
        json!({
            "id": feed_id(self.number), "sport_key": COMPETITION, "sport_title": "NFL",
            "commence_time": self.starts_at.to_rfc3339(), "home_team": self.row.home_team, "away_team": self.row.away_team
        })
    }

    fn body(&self, line: f64, total: f64, winner: Option<(i64, i64)>) -> Value {
        let (home, away) = (&self.row.home_team, &self.row.away_team);
        let mut markets = vec![
            json!({"key": "spreads", "outcomes": [
                {"name": home, "price": -110, "point": line}, {"name": away, "price": -110, "point": -line}
            ]}),
            json!({"key": "totals", "outcomes": [
                {"name": "Over", "price": -110, "point": total}, {"name": "Under", "price": -110, "point": total}
            ]}),
        ];
        if let Some((of_home, of_away)) = winner {
            markets.push(json!({"key": "h2h", "outcomes": [
                {"name": home, "price": of_home}, {"name": away, "price": of_away}
            ]}));
        }
        let mut event = self.event();
        event["bookmakers"] = json!([
            {"key": "draftkings", "title": "DraftKings", "markets": markets},
            {"key": "pinnacle", "title": "Pinnacle", "markets": markets}
        ]);
        event
    }

    fn winner(&self) -> Option<(i64, i64)> {
        let prices = (self.row.home_close_ml, self.row.away_close_ml);
        (prices.0 != 0 && prices.1 != 0).then_some(prices)
    }

    fn result(&self) -> Value {
        let score = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let mut event = self.event();
        event["completed"] = json!(true);
        event["last_update"] = json!((self.starts_at + TimeDelta::hours(4)).to_rfc3339());
        event["scores"] = json!([
            {"name": self.row.home_team, "score": score(&self.row.home_final)},
            {"name": self.row.away_team, "score": score(&self.row.away_final)}
        ]);
        event
    }

    /// The home side with its line at the opening and so many points more.
    fn home(&self, more: f64) -> Value {
        let line = (self.row.home_open_spread + more).to_string();
        json!({"match": self.number, "market": "spread", "outcome": "home", "line": line, "price": "1.909091"})
    }

    fn over(&self) -> Value {
        let line = self.row.open_over_under.to_string();
        json!({"match": self.number, "market": "total", "outcome": "over", "line": line, "price": "1.909091"})
    }
}

fn games(text: &[u8]) -> Vec<Game> {
    let rows: Vec<Value> = serde_json::from_slice(text).unwrap();
    let is_whole = |row: &Value| row["season"] == 2020 && row["home_team"].is_string();
    let rows = rows.into_iter().filter(is_whole).enumerate();
    rows.map(|(number, row)| {
        let row: Row = serde_json::from_value(row).unwrap();
        let day = NaiveDate::parse_from_str(&row.date.to_string(), "%Y%m%d").unwrap();
        let starts_at = day.and_hms_opt(18, 0, 0).unwrap().and_utc();
        Game { number, starts_at, row }
    })
    .collect()
}

/// What the bettor places on a game at the opening.
fn bets(games: &[Game], of: &Game) -> Vec<Wanted> {
    let n = of.number;
    let mut bets = Vec::new();
    let mut place = |name: &str, kind: &str, cents: usize, legs: Vec<Value>, more: Value| {
        let mut body = json!({"bookmaker": "draftkings", "kind": kind, "stake": money(cents), "legs": legs});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().cloned().unwrap_or_default());
        bets.push(Wanted {
            reference: format!("{n}-{name}"),
            body,
        });
    };
    // The games just before, where they are of the same day.
    let before = |back: usize| {
        let game = n.checked_sub(back).and_then(|at| games.get(at));
        game.filter(|game| game.starts_at == of.starts_at)
    };
    if n.is_multiple_of(2) {
        place("home", "single", 1_100 + 55 * (n % 3), vec![of.home(0.0)], json!({}));
    } else {
        place("over", "single", 550 + 11 * (n % 4), vec![of.over()], json!({}));
    }
    if let (3, Some(one)) = (n % 4, before(1)) {
        place("parlay", "parlay", 330, vec![one.home(0.0), of.over()], json!({}));
    }
    if let (5, Some(one), Some(two)) = (n % 6, before(2), before(1)) {
        let legs = vec![one.home(0.0), two.home(0.0), of.home(0.0)];
        place("robin", "round_robin", 110, legs, json!({"sizes": [2]}));
    }
    if let (7, Some(one)) = (n % 8, before(1)) {
        let legs = vec![one.home(6.0), of.home(6.0)];
        place(
            "teaser",
            "teaser",
            600,
            legs,
            json!({"prices": [null, "1.833333"], "push": "reduce"}),
        );
    }
    bets
}

#[tokio::test]
async fn a_season_of_american_football_comes_to_what_others_reckon_to_the_cent() {
    let Some(path) = corpus(FILE) else { return };
    let games = games(&std::fs::read(&path).unwrap());
    let mut season = Season::new(COMPETITION, PriceFormat::American);
    for of in &games {
        let moment = season.at(of.starts_at - TimeDelta::hours(48));
        moment
            .prices
            .push(of.body(of.row.home_open_spread, of.row.open_over_under, None));
        moment.bets.extend(bets(&games, of));
        let moment = season.at(of.starts_at - TimeDelta::minutes(5));
        moment
            .prices
            .push(of.body(of.row.home_close_spread, of.row.close_over_under, of.winner()));
        if let (0, Some((price, _))) = (of.number % 5, of.winner()) {
            let price = domain::Price::from_american(price).unwrap();
            let leg = json!({"match": of.number, "market": "moneyline", "outcome": "home", "price": price.to_string()});
            moment.bets.push(Wanted {
                reference: format!("{}-winner", of.number),
                body: json!({"bookmaker": "draftkings", "stake": "4.00", "legs": [leg]}),
            });
        }
        season.at(of.starts_at + TimeDelta::hours(4)).results.push(of.result());
    }
    let told = season.live().await;
    assert!(told["bets"].as_array().unwrap().len() > 400);
    check("nfl", &path, &told);
}
