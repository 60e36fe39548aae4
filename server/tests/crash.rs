//! `kill -9` again and again: nothing that was acknowledged is lost or doubled, what is current follows from the history,
//! and the next process is ready within three seconds.
//!
//! *During ingest* the child is this very test program, taking in one made-up answer after another and saying on its standard
//! output which of them is committed; *while betting* likewise, with bets that are placed, settled, taken back, settled otherwise,
//! removed and brought back. *While serving* it is the program itself, whose demo market lives fast, first filling
//! its past and then being asked as any feed; what its API said is how much there was. What was said is the
//! ledger, kept outside the process that dies.

#![expect(
    clippy::unwrap_used,
    reason = "a test says what it expects by unwrapping, in its helpers too"
)]

use chrono::{DateTime, TimeDelta, Utc};
use domain::bet::{BetLeg, PayTerms, Structure, Wager};
use domain::result::BetResult;
use domain::settlement::Fate;
use domain::{EventId, MarketKey, MarketKind, Outcome, Price, Side, Sport};
use feeds::{Endpoint, PriceFormat, find_feed};
use serde_json::json;
use server::clock::{FixedClock, SystemEntropy};
use server::config::Sources;
use server::desk::accounts;
use server::desk::bets::place::{Slip, place_alone};
use server::desk::bets::{in_request, settle};
use server::pipeline::ingest::Answer;
use server::setup;
use server::state::AppState;
use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{BetFilter, BetOrder, EventFilter, HistoryFilter, OpportunityFilter, User, UserRole};

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

/// The child of the tests during ingest.
const INGESTING: &str = "child_takes_in_answers_until_it_is_killed";

/// One life of the child: how long until it was ready, and the last answer it acknowledged.
fn live_and_die(
    child: &str,
    dir: &str,
    url: Option<&str>,
    first: u32,
    kill_after: Duration,
) -> (Duration, Option<u32>) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", child, "--ignored", "--nocapture"]);
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

/// How often it is killed on each database: a quarter of the times while serving.
fn crashes() -> (u32, u32) {
    let crashes: u32 = std::env::var("OVERROUND_CRASHES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(20);
    (crashes - crashes / 4, crashes / 4)
}

/// The limit is for lives after a crash: the first one makes the database.
const READY_WITHIN: Duration = Duration::from_secs(3);

fn survive_during_ingest(dir: &str, url: Option<&str>) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (_, acknowledged) = live_and_die(INGESTING, dir, url, 0, Duration::from_millis(1500));
    let mut next = runtime.block_on(check(dir, url, acknowledged.expect("a first answer"))) + 1;
    let mut slowest = Duration::ZERO;
    let (crashes, _) = crashes();
    for round in 0..crashes {
        let kill_after = Duration::from_millis(u64::from(5 + (round * 53) % 240));
        let (ready_after, acknowledged) = live_and_die(INGESTING, dir, url, next, kill_after);
        slowest = slowest.max(ready_after);
        assert!(
            ready_after < READY_WITHIN,
            "round {round}: ready only after {ready_after:?}"
        );
        next = runtime.block_on(check(dir, url, acknowledged.unwrap_or(next - 1))) + 1;
    }
    println!("{crashes} crashes, {next} answers, ready after at most {slowest:?}");
}

/// The child of the tests while betting.
const BETTING: &str = "child_bets_until_it_is_killed";
const BETTOR: &str = "ann@example.org";
/// What is done to every bet, one step after the other.
const STEPS: u32 = 6;

async fn bettor(state: &AppState) -> User {
    state.store.find_user_by_email(BETTOR).await.unwrap().unwrap()
}

/// One euro at 2.0 on an event of its own, known again by its number.
fn slip(number: u32) -> Slip {
    let leg = BetLeg {
        event_id: None,
        event: format!("Event {number}"),
        sport: Sport::BASKETBALL,
        competition: String::new(),
        home: None,
        away: None,
        starts_at: None,
        market: MarketKey::plain(MarketKind::Moneyline),
        outcome: Outcome::Home,
        side: Side::Back,
        price: "2.0".parse().unwrap(),
        price_text: "2.0".to_owned(),
        quote: None,
    };
    Slip {
        account_id: None,
        bookmaker_id: None,
        wager: Wager {
            structure: Structure::Single,
            stake: 1_00,
            is_free: false,
            legs: vec![leg],
            terms: PayTerms::default(),
        },
        placed_at: None,
        note: String::new(),
        tags: Vec::new(),
        reference: number.to_string(),
        strategy: None,
        opportunity_id: None,
        edge_ppm: None,
    }
}

fn said(result: BetResult) -> Vec<settle::Said> {
    vec![settle::Said::Ended(Fate::ended(result))]
}

/// How a bet ends at last: every other is won, so that no limit on losses is reached.
const fn last_result(number: u32) -> BetResult {
    if number.is_multiple_of(2) {
        BetResult::Win
    } else {
        BetResult::Loss
    }
}

/// Not a test of its own: what the parent starts and kills.
#[test]
#[ignore = "the child of the crash tests"]
fn child_bets_until_it_is_killed() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let url = std::env::var(URL).ok();
    let first: u32 = std::env::var("OVERROUND_CRASH_FIRST").unwrap().parse().unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let state = open(&dir, url.as_deref()).await;
        let user = bettor(&state).await;
        println!("\nready");
        for number in first.. {
            let bet = place_alone(&state, &user, &slip(number)).await.unwrap();
            println!("ack {}", number * STEPS + 1);
            for step in 2..=STEPS {
                let changed = in_request(&state, async |tx| match step {
                    2 => settle::by_hand(&state, tx, user.id, bet.id, said(BetResult::Push), "").await,
                    3 => settle::take_back(&state, tx, user.id, bet.id, "too early").await,
                    4 => settle::by_hand(&state, tx, user.id, bet.id, said(last_result(number)), "").await,
                    5 => settle::set_removed(&state, tx, user.id, bet.id, true, "").await,
                    _ => settle::set_removed(&state, tx, user.id, bet.id, false, "").await,
                });
                changed.await.unwrap();
                println!("ack {}", number * STEPS + step);
            }
        }
    });
}

/// Every bet is where its last acknowledged step left it, or one further; the money is what the bets say. Answers with the number of
/// bets. `steps` is what was known of each bet, and is brought up to date.
async fn check_bets(dir: &str, url: Option<&str>, acknowledged: Option<u32>, steps: &mut Vec<u32>) -> u32 {
    let state = open(dir, url).await;
    let user = bettor(&state).await;
    assert_eq!(state.store.ledger_faults().await.unwrap(), Vec::<String>::new());
    let mut stored = Vec::new();
    for removed in [false, true] {
        let filter = BetFilter {
            removed,
            ..BetFilter::default()
        };
        let bets = state
            .store
            .list_bets(user.id, &filter, BetOrder::Placed, 0, 100_000)
            .await
            .unwrap();
        stored.extend(bets.into_iter().map(|stored| stored.bet));
    }
    stored.sort_by_key(|bet| bet.id);
    if let Some(last) = acknowledged {
        let (number, step) = ((last - 1) / STEPS, (last - 1) % STEPS + 1);
        steps.resize(steps.len().max(number as usize + 1), STEPS);
        steps[number as usize] = step;
    }
    let (mut cash, mut stake) = (100_000, 0);
    let was = steps.len();
    for (number, bet) in (0..).zip(&stored) {
        assert_eq!(bet.reference, number.to_string(), "no bet is lost or doubled");
        let done = u32::try_from(state.store.bet_changes(user.id, bet.id).await.unwrap().len()).unwrap();
        match steps.get(number as usize) {
            Some(known) if number as usize + 1 == was => {
                assert!(done == *known || done == known + 1, "bet {number}: {known}, {done}");
            }
            Some(known) => assert_eq!(done, *known, "bet {number}"),
            None => {
                assert_eq!((number as usize, done), (was, 1), "death came between commit and word");
                steps.push(0);
            }
        }
        steps[number as usize] = done;
        match done {
            1 | 3 => (cash, stake) = (cash - 1_00, stake + 1_00),
            4 | 6 if last_result(number) == BetResult::Win => cash += 1_00,
            4 | 6 => cash -= 1_00,
            _ => {}
        }
    }
    assert_eq!(stored.len(), steps.len());
    if let Some(account) = state.store.accounts(user.id).await.unwrap().first() {
        assert_eq!(
            (account.cash, account.stake),
            (cash, stake),
            "the money is what the bets say"
        );
    }
    u32::try_from(stored.len()).unwrap()
}

fn survive_while_betting(dir: &str, url: Option<&str>) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let state = open(dir, url).await;
        accounts::create_user(&state, BETTOR, "correct horse battery", UserRole::Member)
            .await
            .unwrap();
    });
    let (crashes, _) = crashes();
    let (mut steps, mut next) = (Vec::new(), 0);
    for round in 0..crashes {
        let kill_after = Duration::from_millis(u64::from(5 + (round * 37) % 160));
        let (_, acknowledged) = live_and_die(BETTING, dir, url, next, kill_after);
        next = runtime.block_on(check_bets(dir, url, acknowledged, &mut steps));
    }
    let finished = steps.iter().filter(|step| **step == STEPS).count();
    println!("{crashes} crashes while betting, {next} bets, {finished} of them done with");
    assert!(
        finished > 0 && finished < steps.len(),
        "death came in the middle of bets, and some were done with"
    );
}

/// What the API said there is.
#[derive(Clone, Copy, Debug, Default)]
struct Said {
    events: i64,
    changes: i64,
    snapshots: i64,
}

/// The serving program; killed when dropped.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Served {
    /// Starts it, and answers with its address and how long until it was ready.
    async fn start(dir: &str, url: Option<&str>) -> (Self, String, Duration) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_overround"));
        command
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--demo-speed",
                "120",
                "--data-dir",
                dir,
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if let Some(url) = url {
            command.args(["--database-url", url]);
        }
        let started = Instant::now();
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let served = Self(child);
        let address = lines
            .map_while(Result::ok)
            .find_map(|line| Some(line.split_once("Overround is at ")?.1.to_owned()))
            .expect("the program says where it is");
        let ready = format!("{address}/readyz");
        while !reqwest::get(&ready).await.is_ok_and(|answer| answer.status() == 200) {
            assert!(started.elapsed() < Duration::from_mins(1), "never ready");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        (served, address, started.elapsed())
    }
}

/// One life of the program: how long until it was ready, and the most that its API said there is.
async fn serve_and_die(dir: &str, url: Option<&str>, key: &str, kill_after: Duration) -> (Duration, Said) {
    let (served, address, ready_after) = Served::start(dir, url).await;
    let client = reqwest::Client::new();
    let mut said = Said::default();
    let listen = async {
        loop {
            let asked = client.get(format!("{address}/api/v1/status")).bearer_auth(key).send();
            let Ok(answer) = asked.await else { continue };
            let Ok(body) = answer.bytes().await else { continue };
            let Ok(status) = serde_json::from_slice::<serde_json::Value>(&body) else {
                continue;
            };
            let count = |name: &str| status["counts"][name].as_i64().unwrap();
            said = Said {
                events: count("events"),
                changes: count("changes"),
                snapshots: count("snapshots"),
            };
        }
    };
    // The moment of death is a matter of chance and speed.
    let _ = tokio::time::timeout(kill_after, listen).await;
    drop(served);
    (ready_after, said)
}

/// What must hold whenever the program died: how much there is.
async fn check_served(dir: &str, url: Option<&str>, said: Said) -> Said {
    let store = open(dir, url).await.store.clone();
    let fold = store.verify_fold().await.unwrap();
    assert!(fold.is_sound(), "{:?}", fold.differences);
    assert_eq!(store.verify_audit().await.unwrap(), None);
    let totals = store.totals().await.unwrap();
    assert!(
        totals.events >= said.events && totals.changes >= said.changes && totals.snapshots >= said.snapshots,
        "{said:?} were shown, {totals:?} are there"
    );
    let mut events = Vec::new();
    let mut after = None;
    loop {
        let page = store.events(&EventFilter::default(), None, after, 500).await.unwrap();
        events.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let mut games = HashSet::new();
    for event in &events {
        let names: Vec<&str> = event.participants.iter().map(|who| who.name.as_str()).collect();
        assert!(
            games.insert((names.join(" - "), event.starts_at)),
            "{names:?} stands twice"
        );
    }
    // Of a third of the games every change: none is there twice, and none goes back in time.
    let third = usize::try_from(totals.changes).unwrap() % 3;
    for event in events.iter().skip(third).step_by(3) {
        let mut last = HashMap::new();
        let mut after = None;
        loop {
            let filter = HistoryFilter::default();
            let page = store
                .quote_history(event.id, &filter, None, after, 10_000)
                .await
                .unwrap();
            for row in page.items {
                let quote = (row.selection_id, row.bookmaker_id, row.side);
                if let Some((price, received_at)) = last.insert(quote, (row.price, row.received_at)) {
                    assert!(
                        price != row.price && received_at <= row.received_at,
                        "{row:?} after {price:?}"
                    );
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    let filter = OpportunityFilter {
        is_open: Some(true),
        ..OpportunityFilter::default()
    };
    let open = store.list_opportunities(&filter, None, None, 500).await.unwrap().items;
    let mut found = HashSet::new();
    for open in &open {
        let this = (open.strategy.0, open.event_id, open.found.identity());
        assert!(found.insert(this), "{open:?} stands open twice");
    }
    Said {
        events: totals.events,
        changes: totals.changes,
        snapshots: totals.snapshots,
    }
}

/// A key to the API of a new database.
async fn new_key(dir: &str, url: Option<&str>) -> String {
    let state = open(dir, url).await;
    let owner = accounts::create_user(&state, "ann@example.org", "correct horse battery", UserRole::Owner);
    let owner = owner.await.unwrap();
    let scopes = ["read".to_owned()];
    let key = accounts::create_api_key(&state, &owner, "crash", &scopes, None);
    key.await.unwrap().1
}

fn survive_while_serving(dir: &str, url: Option<&str>) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (_, crashes) = crashes();
    let slowest = runtime.block_on(async {
        let key = new_key(dir, url).await;
        let mut slowest = Duration::ZERO;
        let mut known = Said::default();
        for round in 0..crashes {
            let kill_after = Duration::from_millis(u64::from(20 + (round * 1_583) % 4_000));
            let (ready_after, said) = serve_and_die(dir, url, &key, kill_after).await;
            if round > 0 {
                slowest = slowest.max(ready_after);
                assert!(
                    ready_after < READY_WITHIN,
                    "round {round}: ready only after {ready_after:?}"
                );
            }
            assert!(
                said.changes == 0 || said.changes >= known.changes,
                "round {round}: what was there is shown again"
            );
            known = check_served(dir, url, said).await;
        }
        assert!(
            crashes < 3 || known.changes > 0,
            "the demo was being taken in while it was killed"
        );
        println!("{known:?}");
        slowest
    });
    println!("{crashes} crashes while serving, ready after at most {slowest:?}");
}

#[test]
fn sqlite_survives_kill_9_during_ingest() {
    let dir = tempfile::tempdir().unwrap();
    survive_during_ingest(dir.path().to_str().unwrap(), None);
}

#[test]
fn sqlite_survives_kill_9_while_serving() {
    let dir = tempfile::tempdir().unwrap();
    survive_while_serving(dir.path().to_str().unwrap(), None);
}

#[test]
fn sqlite_survives_kill_9_while_betting() {
    let dir = tempfile::tempdir().unwrap();
    survive_while_betting(dir.path().to_str().unwrap(), None);
}

/// The address of a new database on the PostgreSQL server for tests; `None` where there is none.
fn postgres(name: &str) -> Option<String> {
    let Ok(server) = std::env::var("OVERROUND_TEST_POSTGRES") else {
        println!("skipped: OVERROUND_TEST_POSTGRES is not set");
        return None;
    };
    let name = format!("{name}_{}", std::process::id());
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
    Some(format!("{base}/{name}?{query}"))
}

#[test]
fn postgres_survives_kill_9_during_ingest() {
    let Some(url) = postgres("crash") else { return };
    let dir = tempfile::tempdir().unwrap();
    survive_during_ingest(dir.path().to_str().unwrap(), Some(&url));
}

#[test]
fn postgres_survives_kill_9_while_serving() {
    let Some(url) = postgres("crash_serving") else { return };
    let dir = tempfile::tempdir().unwrap();
    survive_while_serving(dir.path().to_str().unwrap(), Some(&url));
}

#[test]
fn postgres_survives_kill_9_while_betting() {
    let Some(url) = postgres("crash_betting") else { return };
    let dir = tempfile::tempdir().unwrap();
    survive_while_betting(dir.path().to_str().unwrap(), Some(&url));
}
