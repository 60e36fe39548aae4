//! `kill -9` in the middle of ingest, again and again: nothing that was acknowledged is lost or doubled, what is current
//! follows from the history, and the next process is ready within three seconds.
//!
//! The child is this very test program, taking in one made-up answer after another and saying on its standard output
//! which of them is committed. What it said is the ledger, kept outside the process that dies.

#![expect(
    clippy::unwrap_used,
    reason = "a test says what it expects by unwrapping, in its helpers too"
)]

use chrono::{DateTime, TimeDelta, Utc};
use domain::{EventId, Outcome, Price};
use feeds::{Endpoint, PriceFormat, find_feed};
use serde_json::json;
use server::clock::{FixedClock, SystemEntropy};
use server::config::Sources;
use server::pipeline::ingest::Answer;
use server::setup;
use server::state::AppState;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::EventFilter;

const EVENTS: u32 = 12;
const BOOKS: u32 = 6;
const DIR: &str = "OVERROUND_CRASH_DIR";
const URL: &str = "OVERROUND_CRASH_URL";

fn start() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn received_at(number: u32) -> DateTime<Utc> {
    start() + TimeDelta::seconds(i64::from(number))
}

/// The decimal price of a selection in an answer: different in each, so that every answer changes every quote.
fn price(number: u32, event: u32, book: u32, side: u32) -> String {
    format!("{}.{:02}", 1 + side, 5 + (number * 7 + event * 3 + book) % 90)
}

fn body(number: u32) -> Vec<u8> {
    let events: Vec<_> = (0..EVENTS)
        .map(|event| {
            let books: Vec<_> = (0..BOOKS)
                .map(|book| {
                    let outcome = |name: String, side| json!({"name": name, "price": serde_json::from_str::<serde_json::Value>(&price(number, event, book, side)).unwrap()});
                    json!({"key": format!("book_{book}"), "title": "Book", "markets": [{"key": "h2h", "last_update": received_at(number).to_rfc3339(),
                           "outcomes": [outcome(format!("Home {event}"), 0), outcome(format!("Away {event}"), 1)]}]})
                })
                .collect();
            json!({"id": format!("ev{event}"), "sport_key": "basketball_harbour", "sport_title": "Harbour League",
                   "commence_time": (start() + TimeDelta::days(1)).to_rfc3339(), "home_team": format!("Home {event}"),
                   "away_team": format!("Away {event}"), "bookmakers": books})
        })
        .collect();
    serde_json::to_vec(&events).unwrap()
}

async fn open(dir: &str, url: Option<&str>) -> AppState {
    let mut sources = Sources::defaults();
    sources.set("flags", "data_dir", dir).unwrap();
    if let Some(url) = url {
        sources.set("flags", "database_url", url).unwrap();
    }
    let clock = Arc::new(FixedClock::new(start()));
    setup::open(sources.read().unwrap(), clock, Arc::new(SystemEntropy))
        .await
        .unwrap()
}

async fn ingest(state: &AppState, number: u32) {
    let body = body(number);
    let answer = Answer {
        endpoint: Endpoint::Odds,
        competition: Some("basketball_harbour"),
        request: "/odds",
        query: &[],
        body: &body,
        received_at: received_at(number),
        price_format: Some(PriceFormat::Decimal),
    };
    state
        .pipeline
        .ingest(find_feed("the_odds_api").unwrap(), answer)
        .await
        .unwrap();
}

/// Not a test of its own: what the parent starts and kills.
#[test]
#[ignore = "the child of the crash tests"]
fn child_takes_in_answers_until_it_is_killed() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let url = std::env::var(URL).ok();
    let first: u32 = std::env::var("OVERROUND_CRASH_FIRST").unwrap().parse().unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let state = open(&dir, url.as_deref()).await;
        assert!(state.store.is_ready().await.unwrap());
        println!("\nready");
        for number in first.. {
            ingest(&state, number).await;
            println!("ack {number}");
        }
    });
}

/// One life of the child: how long until it was ready, and the last answer it acknowledged.
fn live_and_die(dir: &str, url: Option<&str>, first: u32, kill_after: Duration) -> (Duration, Option<u32>) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([
        "--exact",
        "child_takes_in_answers_until_it_is_killed",
        "--ignored",
        "--nocapture",
    ]);
    command
        .env(DIR, dir)
        .env("OVERROUND_CRASH_FIRST", first.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    if let Some(url) = url {
        command.env(URL, url);
    }
    let started = Instant::now();
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    lines.find(|line| line == "ready").expect("the child gets ready");
    let ready_after = started.elapsed();
    // The moment of death is a matter of chance and speed; a helper thread counts the time while acknowledgements come in.
    let pid = child.id();
    let killer = std::thread::spawn(move || {
        std::thread::sleep(kill_after);
        let killed = Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
        assert!(killed.success());
    });
    let acknowledged = lines
        .filter_map(|line| line.strip_prefix("ack ").and_then(|number| number.parse().ok()))
        .last();
    killer.join().unwrap();
    child.wait().unwrap();
    (ready_after, acknowledged)
}

async fn check(dir: &str, url: Option<&str>, acknowledged: u32) -> u32 {
    let state = open(dir, url).await;
    let fold = state.store.verify_fold().await.unwrap();
    assert!(fold.is_sound(), "{:?}", fold.differences);
    let events = state
        .store
        .events(&EventFilter::default(), None, None, 100)
        .await
        .unwrap()
        .items;
    assert_eq!(events.len(), EVENTS as usize, "no event is lost or doubled");
    let ids: Vec<EventId> = events.iter().map(|event| event.id).collect();
    // What is recorded last: the acknowledged answer, or the one after it when death came between commit and word.
    let newest = state
        .store
        .boards(&ids, None)
        .await
        .unwrap()
        .iter()
        .flat_map(|board| &board.markets)
        .flat_map(|market| &market.quotes)
        .map(|quote| quote.received_at)
        .max()
        .unwrap();
    let last = u32::try_from((newest - start()).num_seconds()).unwrap();
    assert!(
        last == acknowledged || last == acknowledged + 1,
        "acknowledged {acknowledged}, recorded {last}"
    );
    let books = state.store.bookmakers().await.unwrap();
    for number in [acknowledged.saturating_sub(1), acknowledged, last] {
        let boards = state.store.boards(&ids, Some(received_at(number))).await.unwrap();
        for board in &boards {
            let event: u32 = board.event.participants[0]
                .name
                .split(' ')
                .nth(1)
                .unwrap()
                .parse()
                .unwrap();
            let quotes: Vec<_> = board.markets.iter().flat_map(|market| &market.quotes).collect();
            assert_eq!(quotes.len(), (BOOKS * 2) as usize, "answer {number}, event {event}");
            for quote in quotes {
                let book: u32 = books
                    .iter()
                    .find(|book| book.id == quote.bookmaker_id)
                    .unwrap()
                    .key
                    .trim_start_matches("book_")
                    .parse()
                    .unwrap();
                let side = u32::from(quote.outcome != Outcome::Home);
                assert_eq!(
                    quote.price,
                    price(number, event, book, side).parse::<Price>().unwrap(),
                    "answer {number}, event {event}, book {book}"
                );
            }
        }
    }
    // Taking the same answer in again doubles nothing.
    // The size of the files is the database's own affair.
    let counted = |totals: store::Totals| store::Totals { bytes: 0, ..totals };
    let before = counted(state.store.totals().await.unwrap());
    ingest(&state, last).await;
    assert_eq!(counted(state.store.totals().await.unwrap()), before);
    last
}

fn crashes() -> u32 {
    std::env::var("OVERROUND_CRASHES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(20)
}

fn survive(dir: &str, url: Option<&str>) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    // The first life makes the database; the limit is for lives after a crash.
    let (_, acknowledged) = live_and_die(dir, url, 0, Duration::from_millis(1500));
    let mut next = runtime.block_on(check(dir, url, acknowledged.expect("a first answer"))) + 1;
    let mut slowest = Duration::ZERO;
    for round in 0..crashes() {
        let kill_after = Duration::from_millis(u64::from(5 + (round * 53) % 240));
        let (ready_after, acknowledged) = live_and_die(dir, url, next, kill_after);
        slowest = slowest.max(ready_after);
        assert!(
            ready_after < Duration::from_secs(3),
            "round {round}: ready only after {ready_after:?}"
        );
        next = runtime.block_on(check(dir, url, acknowledged.unwrap_or(next - 1))) + 1;
    }
    println!("{} crashes, {next} answers, ready after at most {slowest:?}", crashes());
}

#[test]
fn sqlite_survives_kill_9_during_ingest() {
    let dir = tempfile::tempdir().unwrap();
    survive(dir.path().to_str().unwrap(), None);
}

#[test]
fn postgres_survives_kill_9_during_ingest() {
    let Ok(server) = std::env::var("OVERROUND_TEST_POSTGRES") else {
        println!("skipped: OVERROUND_TEST_POSTGRES is not set");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let name = format!("crash_{}", std::process::id());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(&server)
            .await
            .unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .execute(&mut connection)
            .await
            .unwrap();
    });
    let (base, query) = server
        .split_once('?')
        .map_or((server.as_str(), ""), |(base, query)| (base, query));
    let base = base.rsplit_once('/').unwrap().0;
    survive(dir.path().to_str().unwrap(), Some(&format!("{base}/{name}?{query}")));
}
