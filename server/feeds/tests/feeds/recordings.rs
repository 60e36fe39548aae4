//! Real answers, read where they are at hand: the folder named by `OVERROUND_CORPUS`.

use super::football_data::count_arbitrages;
use super::{answers_in, assert_sound, files_in, read};
use domain::{IssueKind, Severity};
use feeds::football_data::{self, BookPrices, ThreeWay};
use feeds::the_odds_api::TheOddsApi;
use rstest::rstest;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

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

/// Matches of files of football-data.co.uk, their arbitrages over opening and over closing prices, and their prices, as a
/// program that shares nothing with ours counted them.
const FOOTBALL: [(&str, usize, usize, usize, usize); 31] = [
    ("B1_2122.csv", 306, 18, 97, 10872),
    ("D1_2021.csv", 306, 7, 29, 11016),
    ("D1_2223.csv", 306, 11, 33, 11016),
    ("E0_1819.csv", 380, 37, 0, 7980),
    ("E0_1920.csv", 380, 5, 51, 13680),
    ("E0_2021.csv", 380, 5, 16, 13680),
    ("E0_2122.csv", 380, 4, 45, 13671),
    ("E0_2223.csv", 380, 2, 12, 13680),
    ("E0_2425.csv", 380, 1, 11, 14538),
    ("E0_2526_to_2025-12-21.csv", 169, 0, 14, 9126),
    ("E1_2122.csv", 552, 7, 22, 19872),
    ("EC_2526_to_2025-09-24.csv", 124, 1, 9, 6333),
    ("F1_2425.csv", 306, 13, 11, 11688),
    ("I1_1920.csv", 380, 8, 43, 13680),
    ("I1_2122.csv", 380, 12, 51, 13647),
    ("Latest_Results_2025-09-24.csv", 37, 0, 3, 1998),
    ("P1_2122.csv", 306, 5, 22, 10998),
    ("SC0_2223.csv", 228, 1, 2, 8205),
    ("SC0_2526_to_2025-09-23.csv", 31, 0, 8, 1668),
    ("SP1_1920.csv", 380, 2, 44, 13674),
    ("SP1_2021.csv", 380, 3, 23, 13680),
    ("SP1_2122.csv", 380, 9, 32, 13668),
    ("SP1_2425.csv", 380, 20, 18, 14418),
    ("T1_2122.csv", 380, 3, 36, 13611),
    ("crlf_bom/E2_2526_to_2025-11.csv", 164, 2, 19, 8850),
    ("fixtures_2025-09-23.csv", 39, 0, 0, 1053),
    ("new_leagues/BRA_old_header.csv", 4560, 0, 0, 13677),
    ("new_leagues/NOR.csv", 3382, 0, 7, 11463),
    ("resaved/F1_1920.csv", 279, 6, 29, 10044),
    ("resaved/F1_2122.csv", 380, 5, 34, 13656),
    ("resaved/SP1_2021_crlf.csv", 380, 3, 23, 13680),
];

/// A folder of the corpus, or none with a word of why.
fn corpus(folder: &str) -> Option<PathBuf> {
    let corpus = std::env::var_os("OVERROUND_CORPUS").map(|corpus| Path::new(&corpus).join(folder));
    if corpus.is_none() {
        eprintln!("skipped: OVERROUND_CORPUS is not set");
    }
    corpus
}

/// The recordings of The Odds API.
fn recordings() -> Vec<(String, Vec<u8>)> {
    corpus("the_odds_api").map_or_else(Vec::new, |folder| answers_in(&folder))
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

#[test]
fn every_football_file_has_the_matches_the_prices_and_the_arbitrages_that_were_counted() {
    let Some(folder) = corpus("football_data_co_uk") else {
        return;
    };
    for (name, matches, opening, closing, prices) in FOOTBALL {
        let (read, issues) = football_data::read(&fs::read(folder.join(name)).unwrap());
        let of_book = |book: &BookPrices| [book.opening, book.closing];
        let of_set = |set: ThreeWay| [set.home, set.draw, set.away];
        let books = read.iter().flat_map(|found| &found.books);
        let read_prices = books.flat_map(of_book).flat_map(of_set).flatten().count();
        let counted = (
            read.len(),
            count_arbitrages(&read, |book| book.opening),
            count_arbitrages(&read, |book| book.closing),
            read_prices,
        );
        assert_eq!(counted, (matches, opening, closing, prices), "{name}");
        let odd: Vec<_> = issues
            .iter()
            .filter(|issue| issue.kind != IssueKind::NoQuotes)
            .collect();
        assert!(odd.is_empty(), "{name}: {odd:?}");
        let is_to_come = name.starts_with("fixtures");
        let scored = read.iter().filter(|found| found.result.is_some()).count();
        assert!(
            if is_to_come { scored == 0 } else { scored + 1 >= matches },
            "{name}: {scored}"
        );
    }
}

#[test]
fn no_football_file_was_left_uncounted() {
    let Some(folder) = corpus("football_data_co_uk") else {
        return;
    };
    let counted: BTreeSet<String> = FOOTBALL.iter().map(|(name, ..)| (*name).to_owned()).collect();
    let found: BTreeSet<String> = ["", "crlf_bom/", "new_leagues/", "resaved/"]
        .iter()
        .flat_map(|below| {
            let files = files_in(&folder.join(below), "csv");
            files.into_iter().map(move |(name, _)| format!("{below}{name}"))
        })
        .collect();
    assert_eq!(found, counted);
}

#[test]
fn a_football_file_that_a_program_saved_anew_says_the_same() {
    let Some(folder) = corpus("football_data_co_uk") else {
        return;
    };
    let read = |name: &str| football_data::read(&fs::read(folder.join(name)).unwrap());
    assert!(read("SP1_2021.csv") == read("resaved/SP1_2021_crlf.csv"));
}

/// One poll of The Odds API that was kept as one row per price, put back into the form of the answer it was.
fn answer_of(poll: &[u8], sport: &str) -> Value {
    let mut rows = csv::Reader::from_reader(poll);
    let names = rows.headers().unwrap().clone();
    let column = |name: &str| names.iter().position(|found| found == name).unwrap();
    let mut events: Vec<Value> = Vec::new();
    for row in rows.records() {
        let row = row.unwrap();
        let text = |name: &str| &row[column(name)];
        let number = |name: &str| serde_json::from_str::<Value>(text(name)).ok();
        let event = entry(&mut events, "id", text("event_id"), || {
            json!({
                "id": text("event_id"), "sport_key": sport, "commence_time": text("commence_time"),
                "home_team": text("home_team"), "away_team": text("away_team"), "bookmakers": [],
            })
        });
        let bookmaker = entry(list_in(event, "bookmakers"), "key", text("bookmaker"), || {
            json!({
                "key": text("bookmaker"), "title": text("bookmaker_title"), "last_update": text("last_update"),
                "markets": [],
            })
        });
        let market = entry(
            list_in(bookmaker, "markets"),
            "key",
            text("market"),
            || json!({"key": text("market"), "outcomes": []}),
        );
        let mut outcome = json!({"name": text("outcome_name"), "price": number("price")});
        if let Some(point) = number("point") {
            outcome["point"] = point;
        }
        list_in(market, "outcomes").push(outcome);
    }
    Value::Array(events)
}

/// The item of a list with a key; made where there is none.
fn entry<'v>(items: &'v mut Vec<Value>, name: &str, key: &str, new: impl FnOnce() -> Value) -> &'v mut Value {
    let at = items.iter().position(|item| item[name] == key).unwrap_or(items.len());
    if at == items.len() {
        items.push(new());
    }
    &mut items[at]
}

fn list_in<'v>(value: &'v mut Value, key: &str) -> &'v mut Vec<Value> {
    value[key].as_array_mut().unwrap()
}

/// Polls, prices, events, bookmakers and impossible prices were counted by a program that shares nothing with ours.
#[rstest]
#[case("afl", "aussierules_afl", 59, 17_328, 14, 12, 1)]
#[case("nba", "basketball_nba", 55, 17_170, 359, 12, 0)]
fn every_poll_that_was_kept_row_by_row_is_read_whole(
    #[case] folder: &str,
    #[case] sport: &str,
    #[case] polls: usize,
    #[case] prices: usize,
    #[case] events: usize,
    #[case] bookmakers: usize,
    #[case] impossible: usize,
) {
    let Some(corpus) = corpus("odds_snapshots") else {
        return;
    };
    let files = files_in(&corpus.join(folder), "csv");
    assert_eq!(files.len(), polls);
    let (mut seen, mut quotes, mut refused) = (0, 0, 0);
    let (mut all_events, mut all_bookmakers) = (BTreeSet::new(), BTreeSet::new());
    for (name, poll) in files {
        let bytes = read(&TheOddsApi, &poll);
        assert!(bytes.quotes.is_empty(), "{name}");
        assert_eq!(
            bytes.issues[0].kind,
            IssueKind::UnreadablePayload,
            "{name}: rows are no answer"
        );

        let answer = answer_of(&poll, sport).to_string();
        let reading = read(&TheOddsApi, answer.as_bytes());
        assert_sound(&reading);
        let (price, other): (Vec<_>, Vec<_>) = reading
            .issues
            .iter()
            .filter(|issue| issue.kind.severity() == Severity::Error)
            .partition(|issue| issue.kind == IssueKind::ImpossiblePrice);
        assert!(other.is_empty(), "{name}: {other:?}");
        seen += reading.prices_seen;
        quotes += reading.quotes.len();
        refused += price.len();
        all_events.extend(reading.events.iter().map(|event| event.feed_id.to_string()));
        all_bookmakers.extend(reading.bookmakers.iter().map(|bookmaker| bookmaker.key.to_string()));
    }
    assert_eq!((seen, quotes, refused), (prices, prices - impossible, impossible));
    assert_eq!((all_events.len(), all_bookmakers.len()), (events, bookmakers));
}
