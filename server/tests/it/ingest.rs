//! What answers of a feed do to what is known, one after the other.

use crate::app::TestApp;
use chrono::{DateTime, TimeDelta, Utc};
use domain::board::QuoteFlags;
use domain::{Board, EventStatus, MarketKind, Outcome, Role, Sport};
use feeds::{Endpoint, PriceFormat, find_feed};
use serde_json::{Value, json};
use server::pipeline::ingest::Answer;
use store::{EventFilter, NewCompetition, NewEvent, NewSnapshot};

/// A book's markets: its key, and `(market, outcome, line, price)` for each price.
pub type Book<'b> = (&'b str, &'b [(&'b str, &'b str, Option<f64>, f64)]);

/// The answer of The Odds API about Hawks against Bulls.
pub fn game(starts_at: DateTime<Utc>, books: &[Book<'_>]) -> Value {
    let market = |key: &str, prices: &[(&str, &str, Option<f64>, f64)]| {
        let outcomes: Vec<Value> = prices
            .iter()
            .filter(|(market, ..)| *market == key)
            .map(|(_, name, line, price)| match line {
                Some(line) => json!({"name": name, "price": price, "point": line}),
                None => json!({"name": name, "price": price}),
            })
            .collect();
        json!({"key": key, "outcomes": outcomes})
    };
    let books: Vec<Value> = books
        .iter()
        .map(|(key, prices)| {
            let mut keys: Vec<&str> = prices.iter().map(|(market, ..)| *market).collect();
            keys.dedup();
            let markets: Vec<Value> = keys.into_iter().map(|key| market(key, prices)).collect();
            json!({"key": key, "title": key, "markets": markets})
        })
        .collect();
    json!([{"id": "game1", "sport_key": "basketball_harbour", "sport_title": "Harbour League",
            "commence_time": starts_at.to_rfc3339(), "home_team": "Hawks", "away_team": "Bulls", "bookmakers": books}])
}

/// Takes an answer to a question about some markets in.
pub async fn take(app: &TestApp, received_at: DateTime<Utc>, markets: &str, body: &Value) {
    let query = vec![
        ("regions".to_owned(), "eu".to_owned()),
        ("markets".to_owned(), markets.to_owned()),
    ];
    let body = serde_json::to_vec(body).unwrap();
    let answer = Answer {
        endpoint: Endpoint::Odds,
        competition: Some("basketball_harbour"),
        request: markets,
        query: &query,
        body: &body,
        received_at,
        price_format: Some(PriceFormat::Decimal),
    };
    let feed = find_feed("the_odds_api").unwrap();
    app.state.pipeline.ingest(feed, answer).await.unwrap();
}

pub async fn only_board(app: &TestApp) -> Board {
    let store = &app.state.store;
    let events = store.events(&EventFilter::default(), None, None, 10).await.unwrap();
    assert_eq!(events.items.len(), 1);
    store.board(events.items[0].id, None).await.unwrap().unwrap()
}

fn minutes(minutes: i64) -> TimeDelta {
    TimeDelta::minutes(minutes)
}

#[tokio::test]
async fn the_feed_that_made_an_event_moves_its_start() {
    let app = TestApp::new().await;
    let (now, starts_at) = (app.now(), app.now() + minutes(600));
    for (after, delay) in [(0, 0), (1, 5), (2, 25)] {
        take(
            &app,
            now + minutes(after),
            "h2h",
            &game(starts_at + minutes(delay), &[]),
        )
        .await;
        assert_eq!(only_board(&app).await.event.starts_at, starts_at + minutes(delay));
    }
}

#[tokio::test]
async fn a_feed_that_found_an_event_made_by_another_does_not_move_its_start() {
    let app = TestApp::new().await;
    let (now, starts_at) = (app.now(), app.now() + minutes(600));
    let tx = app.state.store.begin_ingest("another_feed").await.unwrap();
    let snapshot = NewSnapshot {
        feed: "another_feed".into(),
        endpoint: "events".into(),
        competition: None,
        request: "/events".into(),
        received_at: now,
        price_format: None,
    };
    let snapshot = tx.add_snapshot(&snapshot, b"{}").await.unwrap();
    let competition = NewCompetition {
        feed_key: "harbour".into(),
        key: "basketball/harbour-league".into(),
        sport: Sport::BASKETBALL,
        name: "Harbour League".into(),
        is_demo: false,
        is_active: true,
        has_outrights: false,
    };
    let competition_id = tx.ensure_competitions(&[competition], now).await.unwrap()[0];
    let names = ["Hawks", "Bulls"].map(|name| (competition_id, name.to_owned()));
    let participants = tx.ensure_participants(&names).await.unwrap();
    let event = NewEvent {
        competition_id,
        participants: vec![(Role::Home, participants[0]), (Role::Away, participants[1])],
        starts_at,
        status: EventStatus::Scheduled,
        score: None,
        is_final_score: false,
        is_demo: false,
        received_at: now,
        source_at: None,
        snapshot_id: Some(snapshot.id),
    };
    tx.create_event(&event).await.unwrap();
    tx.commit().await.unwrap();
    for (after, delay) in [(1, 5), (2, 5), (3, 10)] {
        take(
            &app,
            now + minutes(after),
            "h2h",
            &game(starts_at + minutes(delay), &[]),
        )
        .await;
        assert_eq!(only_board(&app).await.event.starts_at, starts_at);
    }
}

#[tokio::test]
async fn a_finding_that_no_longer_holds_leaves_the_quote_though_its_price_stays() {
    let app = TestApp::new().await;
    let (now, starts_at) = (app.now(), app.now() + minutes(600));
    let home = ("h2h", "Hawks", None, 2.2);
    for (after, away, expected) in [
        (0, 2.2, QuoteFlags::OVERROUND_LOW),
        (1, 1.7, QuoteFlags::default()),
        (2, 2.2, QuoteFlags::OVERROUND_LOW),
    ] {
        let prices = [home, ("h2h", "Bulls", None, away)];
        take(
            &app,
            now + minutes(after),
            "h2h",
            &game(starts_at, &[("book_one", &prices)]),
        )
        .await;
        let board = only_board(&app).await;
        let quote = board.markets[0]
            .quotes
            .iter()
            .find(|quote| quote.outcome == Outcome::Home);
        assert_eq!(quote.unwrap().flags, expected, "beside {away}");
        assert_eq!(quote.unwrap().received_at, now);
    }
    assert!(app.state.store.verify_fold().await.unwrap().is_sound());
}

/// The lines of the spread that stand on a board, from the home side, and when each was last seen, in minutes after a time.
fn spread_lines(board: &Board, since: DateTime<Utc>) -> Vec<(String, i64)> {
    let markets = board
        .markets
        .iter()
        .filter(|market| market.key.kind == MarketKind::Spread);
    markets
        .map(|market| {
            let last_seen_at = market.quotes.iter().map(|quote| quote.last_seen_at).max().unwrap();
            (
                market.key.line.unwrap().to_string(),
                (last_seen_at - since).num_minutes(),
            )
        })
        .collect()
}

#[tokio::test]
async fn main_and_alternate_lines_asked_for_in_separate_requests_leave_each_other_alone() {
    let app = TestApp::new().await;
    let (now, starts_at) = (app.now(), app.now() + minutes(600));
    let ask = async |after, key: &str, lines: &[f64]| {
        let prices: Vec<_> = lines
            .iter()
            .flat_map(|line| [(key, "Hawks", Some(*line), 1.9), (key, "Bulls", Some(-*line), 1.9)])
            .collect();
        take(
            &app,
            now + minutes(after),
            key,
            &game(starts_at, &[("book_one", &prices)]),
        )
        .await;
    };
    let lines = async || spread_lines(&only_board(&app).await, now);
    let seen = |lines: &[(&str, i64)]| -> Vec<(String, i64)> {
        lines.iter().map(|(line, at)| ((*line).to_owned(), *at)).collect()
    };
    // Two answers of one moment, as recordings have them.
    ask(0, "spreads", &[-3.5]).await;
    ask(0, "alternate_spreads", &[-7.5, -1.5]).await;
    assert_eq!(lines().await, seen(&[("-7.5", 0), ("-3.5", 0), ("-1.5", 0)]));
    ask(1, "spreads", &[-3.5]).await;
    assert_eq!(lines().await, seen(&[("-7.5", 0), ("-3.5", 1), ("-1.5", 0)]));
    // Each question withdraws what it no longer gives.
    ask(2, "spreads", &[-4.0]).await;
    assert_eq!(lines().await, seen(&[("-7.5", 0), ("-4", 2), ("-1.5", 0)]));
    ask(3, "alternate_spreads", &[-7.5]).await;
    assert_eq!(lines().await, seen(&[("-7.5", 3), ("-4", 2)]));
    ask(4, "spreads", &[-4.0]).await;
    // A past board knows as well which answers told of which line.
    let id = only_board(&app).await.event.id;
    for (as_of, expected) in [
        (1, seen(&[("-7.5", 0), ("-3.5", 1), ("-1.5", 0)])),
        (4, seen(&[("-7.5", 3), ("-4", 4)])),
    ] {
        let board = app
            .state
            .store
            .board(id, Some(now + minutes(as_of)))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(spread_lines(&board, now), expected, "as of minute {as_of}");
    }
    assert!(app.state.store.verify_fold().await.unwrap().is_sound());
}
