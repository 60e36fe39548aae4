//! Real answers, read where they are at hand: the folder named by `OVERROUND_CORPUS`.

use super::{answers_in, assert_sound, read};
use domain::{IssueKind, Severity};
use feeds::the_odds_api::TheOddsApi;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// Events, bookmakers and prices of the recordings that were counted by hand.
const COUNTED: [(&str, usize, usize, usize); 7] = [
    ("nba_odds_3markets_american_2022-11-23", 14, 21, 874),
    ("nba_odds_h2h_decimal_2025-01-05", 15, 9, 176),
    ("nfl_historical_odds_american_2021-11-25", 15, 19, 1636),
    ("nfl_odds_3markets_decimal_2023-11-06", 14, 16, 920),
    ("soccer_italy_h2h_h2h_lay_eu_2021-11-11", 20, 12, 528),
    ("nba_h2h_h2h_lay_eu_2021-11-13", 11, 10, 208),
    ("upcoming_multisport_american_2024-03-27", 28, 14, 380),
];

/// The recordings, or none with a word of why.
fn recordings() -> Vec<(String, Vec<u8>)> {
    if let Some(corpus) = std::env::var_os("OVERROUND_CORPUS") {
        return answers_in(&Path::new(&corpus).join("the_odds_api"));
    }
    eprintln!("skipped: OVERROUND_CORPUS is not set");
    Vec::new()
}

/// The items of a list under a key; none where there is no list.
fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The outermost rows of an answer, without the wrapper that answers about the past have.
fn rows(value: &Value) -> &[Value] {
    let rows = value.get("data").unwrap_or(value);
    rows.as_array().map_or(std::slice::from_ref(rows), Vec::as_slice)
}

#[test]
fn counted_recordings_have_the_events_the_bookmakers_and_the_prices_that_were_counted() {
    let recordings = recordings();
    if recordings.is_empty() {
        return;
    }
    for (name, events, bookmakers, prices) in COUNTED {
        let (_, body) = recordings.iter().find(|(file, _)| file.starts_with(name)).unwrap();
        let reading = read(&TheOddsApi, body);
        let found = (
            reading.events.len(),
            reading.bookmakers.len(),
            reading.prices_seen,
            reading.quotes.len(),
        );
        assert_eq!(found, (events, bookmakers, prices, prices), "{name}");
        assert_eq!(reading.issues, [], "{name}");
    }
}

#[test]
fn every_recording_is_read_whole_or_says_why_not() {
    for (name, body) in recordings() {
        let reading = read(&TheOddsApi, &body);
        assert_sound(&reading);
        if name.starts_with("v3_") {
            let [issue] = &reading.issues[..] else {
                panic!("{name}: {:?}", reading.issues)
            };
            assert_eq!(issue.kind, IssueKind::UnreadablePayload);
            assert!(
                issue.detail.contains("retired v3 format") && issue.detail.contains("26 rows"),
                "{}",
                issue.detail
            );
            continue;
        }
        let errors: Vec<_> = reading
            .issues
            .iter()
            .filter(|issue| issue.kind.severity() == Severity::Error)
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
        let value: Value = serde_json::from_slice(&body).unwrap();
        let rows = rows(&value);
        let prices = rows
            .iter()
            .flat_map(|event| list(event, "bookmakers"))
            .flat_map(|bookmaker| list(bookmaker, "markets"))
            .flat_map(|market| list(market, "outcomes"))
            .filter(|outcome| outcome["price"].is_number())
            .count();
        assert_eq!((reading.prices_seen, reading.quotes.len()), (prices, prices), "{name}");
        let ids: BTreeSet<_> = rows.iter().filter_map(|row| row.get("id")?.as_str()).collect();
        assert_eq!(
            reading
                .events
                .iter()
                .map(|event| &*event.feed_id)
                .collect::<BTreeSet<_>>(),
            ids,
            "{name}"
        );
        if name.starts_with("sports") {
            assert_eq!(reading.competitions.len(), rows.len(), "{name}");
        }
        if name.contains("scores") {
            let scored = rows.iter().filter(|row| row["scores"].is_array()).count();
            assert_eq!(reading.scores.len(), scored, "{name}");
            assert!(reading.scores.iter().all(|score| score.score.is_some()), "{name}");
        }
    }
}
