//! Weeks of basketball at the prices of Australian bookmakers, poll by poll as they were recorded. The recordings hold no results of
//! these games, so results come from a rule. Games are numbered from zero in the order in which they are first seen, polls by their
//! file's name; each poll is received when its name says. At the poll that shows a game first, if it has not begun, the bettor places at
//! SportsBet, where the price is there:
//!
//! - on game `n` with `n % 3 == 0` the home side to win, 8.00 + 0.25 × (n % 4);
//! - with `n % 3 == 1` the home side with its line, 6.00 + 0.35 × (n % 5);
//! - with `n % 3 == 2` over the total, 4.00 + 0.45 × (n % 6).
//!
//! Three hours after its beginning game `n` ends 95 + (7 × n) % 31 to 95 + (11 × n) % 29, and one more for the home side where that is
//! even. Payouts are cut to whole cents.

use super::{Season, Wanted, check, corpus, money};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use engine::bet_file::table::Table;
use feeds::PriceFormat;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const FOLDER: &str = "odds_snapshots/nba";
const COMPETITION: &str = "basketball_nba";

/// The item of a list whose `key` is that; made where there is none.
fn item<'v>(list: &'v mut Value, name: &str, key: &str, new: Value) -> &'v mut Value {
    let list = list.as_array_mut().unwrap();
    let at = list.iter().position(|item| item[name] == key).unwrap_or(list.len());
    if at == list.len() {
        list.push(new);
    }
    &mut list[at]
}

/// A poll that was kept price by price, as the vendor answered it.
fn answer(poll: &[u8]) -> Value {
    let mut events = json!([]);
    let table = Table::read(poll).unwrap();
    for (_, cells) in &table.rows {
        let row: BTreeMap<&str, &str> = table
            .header
            .iter()
            .map(String::as_str)
            .zip(cells.iter().map(String::as_str))
            .collect();
        let text = |name: &str| row[name];
        let event = json!({
            "id": text("event_id"), "sport_key": COMPETITION, "commence_time": text("commence_time"),
            "home_team": text("home_team"), "away_team": text("away_team"), "bookmakers": []
        });
        let event = item(&mut events, "id", text("event_id"), event);
        let bookmaker = json!({
            "key": text("bookmaker"), "title": text("bookmaker_title"), "last_update": text("last_update"), "markets": []
        });
        let bookmaker = item(&mut event["bookmakers"], "key", text("bookmaker"), bookmaker);
        let market = json!({"key": text("market"), "outcomes": []});
        let market = item(&mut bookmaker["markets"], "key", text("market"), market);
        let number = |name: &str| serde_json::from_str::<Value>(text(name)).ok();
        let mut outcome = json!({"name": text("outcome_name"), "price": number("price")});
        if let Some(point) = number("point") {
            outcome["point"] = point;
        }
        market["outcomes"].as_array_mut().unwrap().push(outcome);
    }
    events
}

/// SportsBet's price and line of an outcome.
fn price(event: &Value, market: &str, outcome: &str) -> Option<(String, Option<String>)> {
    let find = |list: &Value, name: &str, key: &str| {
        let list = list.as_array()?;
        list.iter().find(|item| item[name] == key).cloned()
    };
    let book = find(&event["bookmakers"], "key", "sportsbet")?;
    let found = find(&find(&book["markets"], "key", market)?["outcomes"], "name", outcome)?;
    let point = found.get("point").map(ToString::to_string);
    Some((found["price"].to_string(), point))
}

fn bet(n: usize, event: &Value) -> Option<Wanted> {
    let home = event["home_team"].as_str()?;
    let (name, cents, market, outcome, key, of) = match n % 3 {
        0 => ("winner", 800 + 25 * (n % 4), "moneyline", "home", "h2h", home),
        1 => ("home", 600 + 35 * (n % 5), "spread", "home", "spreads", home),
        _ => ("over", 400 + 45 * (n % 6), "total", "over", "totals", "Over"),
    };
    let (price, line) = price(event, key, of)?;
    let mut leg = json!({"match": event["id"], "market": market, "outcome": outcome, "price": price});
    if let Some(line) = line {
        leg["line"] = json!(line);
    }
    Some(Wanted {
        reference: format!("{n}-{name}"),
        body: json!({"bookmaker": "sportsbet", "stake": money(cents), "legs": [leg]}),
    })
}

fn result(n: usize, event: &Value, at: DateTime<Utc>) -> Value {
    let (home, away) = (95 + (7 * n) % 31, 95 + (11 * n) % 29);
    let home = if home == away { home + 1 } else { home };
    let mut ended = event.clone();
    ended["completed"] = json!(true);
    ended["last_update"] = json!(at.to_rfc3339());
    ended["scores"] = json!([
        {"name": event["home_team"], "score": home.to_string()}, {"name": event["away_team"], "score": away.to_string()}
    ]);
    ended.as_object_mut().unwrap().remove("bookmakers");
    ended
}

#[tokio::test]
async fn weeks_of_basketball_at_recorded_prices_come_to_what_others_reckon_to_the_cent() {
    let Some(folder) = corpus(FOLDER) else { return };
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    let mut season = Season::new(COMPETITION, PriceFormat::Decimal);
    let mut seen: Vec<String> = Vec::new();
    for file in files {
        let name = file.file_stem().unwrap().to_str().unwrap();
        let at = NaiveDateTime::parse_from_str(name, "odds_snapshot_%Y%m%d_%H%M%S")
            .unwrap()
            .and_utc();
        let answer = answer(&std::fs::read(&file).unwrap());
        let events = answer.as_array().unwrap();
        for event in events {
            let id = event["id"].as_str().unwrap();
            let starts_at: DateTime<Utc> = event["commence_time"].as_str().unwrap().parse().unwrap();
            if seen.iter().any(|known| known == id) {
                continue;
            }
            let n = seen.len();
            seen.push(id.to_owned());
            if starts_at > at {
                season.at(at).bets.extend(bet(n, event));
            }
            let ended_at = starts_at + TimeDelta::hours(3);
            season.at(ended_at).results.push(result(n, event, ended_at));
        }
        season.at(at).prices.extend(events.iter().cloned());
    }
    let told = season.live().await;
    let bets = told["bets"].as_array().unwrap();
    assert!(bets.len() > 150, "{} bets", bets.len());
    check("nba", &folder, &told);
}
