//! The demo market's first minute: whatever is in the database at a moment is true at that moment, also when the fill of the
//! past is broken off.

use crate::app::TestApp;
use chrono::TimeDelta;
use domain::{EventStatus, Role, UserId};
use feeds::demo::Demo;
use feeds::{Endpoint, Feed, Payload, Wanted};
use serde_json::json;
use server::desk::bets::{demo_year, files, in_request};
use server::state::AppState;
use std::collections::BTreeMap;
use store::{BetFilter, BetOrder, EventFilter, OpportunityFilter, StoredBet, Totals, UserRole};

/// A server whose demo has thirty hours of past instead of two weeks: its two weeks end that much ahead of now.
pub async fn start() -> TestApp {
    let app = TestApp::new().await;
    // What is found is found by somebody's strategies.
    app.user("owner@example.org", UserRole::Owner).await;
    let began_at = app.now() + TimeDelta::days(14) - TimeDelta::hours(30);
    let store = &app.state.store;
    store.set_setting("demo_began_at", &json!(began_at)).await.unwrap();
    app.state.pipeline.prepare_demo(true).await.unwrap();
    app
}

type Pair = (String, String);

/// Who plays whom, and where that game stands now, as the market itself says.
async fn truth(state: &AppState) -> BTreeMap<Pair, EventStatus> {
    let simulation = state.pipeline.simulation().await.unwrap();
    let mut statuses = BTreeMap::new();
    for choice in state.store.feed_choices(Some("demo")).await.unwrap() {
        let competition = choice.competition_key.as_str();
        for wanted in [
            Wanted::Events { competition },
            Wanted::Scores {
                competition,
                days_back: 6,
            },
        ] {
            let body = Demo.answer(&Demo.plan(&wanted).unwrap()[0], &simulation).unwrap();
            let reading = Demo.parse(&Payload {
                endpoint: Endpoint::Unknown,
                body: &body,
                received_at: simulation.now,
                price_format: None,
                query: &[],
            });
            for event in &reading.events {
                let name = |role: Role| {
                    event
                        .participants
                        .iter()
                        .find(|(is, _)| *is == role)
                        .unwrap()
                        .1
                        .to_string()
                };
                statuses.insert((name(Role::Home), name(Role::Away)), event.status.unwrap());
            }
        }
    }
    statuses
}

/// What everybody sees, after what runs by itself ran: how many games there are. No game that is over has one of these
/// opportunities.
async fn look(state: &AppState, truth: &BTreeMap<Pair, EventStatus>, opportunities: &OpportunityFilter) -> usize {
    state.pipeline.update_status().await.unwrap();
    state.pipeline.evaluate().await.unwrap();
    let games = state
        .store
        .events(&EventFilter::default(), None, None, 500)
        .await
        .unwrap();
    let mut over = Vec::new();
    for event in &games.items {
        let name = |role: Role| {
            let participant = event.participants.iter().find(|participant| participant.role == role);
            participant.unwrap().name.clone()
        };
        let pair = (name(Role::Home), name(Role::Away));
        assert_eq!(Some(&event.status), truth.get(&pair), "{pair:?}");
        if event.status.is_over() {
            over.push(event.id);
        }
        if event.status == EventStatus::Final {
            assert!(event.score.is_some(), "{pair:?} ended without a result");
        }
    }
    let found = state
        .store
        .list_opportunities(opportunities, None, None, 500)
        .await
        .unwrap();
    assert!(found.items.iter().all(|found| !over.contains(&found.event_id)));
    games.items.len()
}

/// Fills the past while everybody looks, until there are so many games or no more to come; true when it is done.
async fn fill_until(state: &AppState, truth: &BTreeMap<Pair, EventStatus>, games: usize) -> bool {
    // Standing or gone: a game that is told up to its end never had one.
    let ever = OpportunityFilter::default();
    let fill = state.pipeline.fill_demo();
    tokio::pin!(fill);
    loop {
        tokio::select! {
            biased;
            filled = &mut fill => {
                filled.unwrap();
                return true;
            }
            seen = look(state, truth, &ever) => if seen >= games {
                return false;
            },
        }
    }
}

async fn totals(state: &AppState) -> Totals {
    let totals = state.store.totals().await.unwrap();
    Totals { bytes: 0, ..totals }
}

#[tokio::test]
async fn at_no_moment_of_the_fill_does_a_game_look_as_it_did_long_ago() {
    let app = start().await;
    let state = &app.state;
    let truth = truth(state).await;
    assert!(fill_until(state, &truth, usize::MAX).await);
    look(state, &truth, &OpportunityFilter::default()).await;

    let games = state
        .store
        .events(&EventFilter::default(), None, None, 500)
        .await
        .unwrap()
        .items;
    let count = |status| games.iter().filter(|event| event.status == status).count();
    assert!(count(EventStatus::Live) >= 2 && count(EventStatus::Final) >= 25 && count(EventStatus::Scheduled) >= 50);
    // What starts soon has a line to draw.
    let soon = games
        .iter()
        .find(|event| event.status == EventStatus::Scheduled)
        .unwrap();
    let board = state
        .store
        .board(soon.id, Some(app.now() - TimeDelta::hours(13)))
        .await
        .unwrap();
    assert!(board.is_some_and(|board| !board.markets.is_empty()));
    // Something is to be made of it, and says of what.
    let filter = OpportunityFilter {
        is_open: Some(true),
        ..OpportunityFilter::default()
    };
    let open = state
        .store
        .list_opportunities(&filter, None, None, 100)
        .await
        .unwrap()
        .items;
    assert!(!open.is_empty() && open.iter().all(|open| open.trace["legs"].is_array()));
    assert!(state.store.verify_fold().await.unwrap().is_sound());
    let filter = store::IssueFilter::default();
    let issues = state.store.issues(&filter, None, 500).await.unwrap().items;
    let kind = domain::IssueKind::OutOfOrder;
    assert!(
        issues.iter().all(|issue| issue.issue.kind != kind),
        "every game's past came in its order"
    );
}

#[tokio::test]
async fn a_fill_that_is_broken_off_goes_on_and_ends_as_if_it_had_not_been() {
    let (broken, whole) = (start().await, start().await);
    whole.state.pipeline.fill_demo().await.unwrap();
    let state = &broken.state;
    let truth = truth(state).await;
    assert!(!fill_until(state, &truth, 20).await);
    assert!(!state.pipeline.is_demo_current().await.unwrap());
    // Until it is known what was, nothing newer is asked for.
    let before = totals(state).await;
    state.pipeline.discover_events("demo").await.unwrap();
    state.pipeline.fetch_odds("demo", "northern_league").await.unwrap();
    state.pipeline.fetch_scores("demo", "northern_league").await.unwrap();
    assert_eq!(totals(state).await, before);
    let schedule = state.pipeline.schedule().await.unwrap();
    assert!(schedule.iter().all(|entry| entry.job.kind().feed() != Some("demo")));

    let recent = truth.len() - 2;
    fill_until(state, &truth, recent).await;
    assert!(fill_until(state, &truth, usize::MAX).await);
    assert_eq!(totals(state).await, totals(&whole.state).await);
    assert!(state.store.verify_fold().await.unwrap().is_sound());
    assert!(state.pipeline.is_demo_current().await.unwrap());
    let schedule = state.pipeline.schedule().await.unwrap();
    assert!(schedule.iter().any(|entry| entry.job.kind().feed() == Some("demo")));
}

#[tokio::test]
async fn after_days_of_standing_still_every_game_that_waits_gets_its_result() {
    let app = start().await;
    let state = &app.state;
    state.pipeline.fill_demo().await.unwrap();
    app.clock.set(app.now() + TimeDelta::days(3));
    for choice in state.store.feed_choices(Some("demo")).await.unwrap() {
        let competition = choice.competition_key.as_str();
        state.pipeline.fetch_odds("demo", competition).await.unwrap();
        state.pipeline.fetch_scores("demo", competition).await.unwrap();
    }
    // What stood three days ago is gone, and is remembered.
    let standing = OpportunityFilter {
        is_open: Some(true),
        ..OpportunityFilter::default()
    };
    look(state, &truth(state).await, &standing).await;
}

/// Fills so many games more of the year of bets.
async fn fill_year(state: &AppState, games: usize) -> bool {
    demo_year::fill(state, games, std::time::Duration::ZERO).await.unwrap()
}

async fn bets_of(state: &AppState, owner: UserId) -> Vec<StoredBet> {
    let filter = BetFilter::default();
    state
        .store
        .list_bets(owner, &filter, BetOrder::Placed, 0, 500)
        .await
        .unwrap()
}

#[tokio::test]
async fn the_year_of_bets_is_made_of_recorded_prices_closes_and_results() {
    let app = start().await;
    let state = &app.state;
    let owner = state.store.list_users().await.unwrap()[0].clone();
    assert!(!fill_year(state, 30).await);
    let bets = bets_of(state, owner.id).await;
    assert!(bets.len() >= 8, "{} bets on 30 games", bets.len());
    let books = state.boards.profiles().await.unwrap();
    for stored in &bets {
        let bet = &stored.bet;
        let leg = &bet.wager.legs[0];
        let settled = bet.settled.as_ref().unwrap_or_else(|| panic!("{stored:?}"));
        assert!(settled.is_automatic && settled.at > leg.starts_at.unwrap() && settled.at < app.now());
        // What was known when it was placed says the same again.
        let board = state
            .store
            .board(leg.event_id.unwrap(), Some(bet.placed_at))
            .await
            .unwrap()
            .unwrap();
        let again = engine::bettor::pick(&board, &books, bet.placed_at).unwrap();
        assert_eq!((Some(again.edge_ppm), again.stake), (bet.edge_ppm, bet.wager.stake));
        assert_eq!(leg.quote.unwrap().change_id, again.quote.change_id);
        let close = bet.closes[0].as_ref().unwrap();
        let has_both = stored.clv_ppm.is_some() && stored.close_edge_ppm.is_some();
        assert!(has_both || !close.reason.is_empty(), "{close:?}");
        assert!(close.quotes.iter().all(|quote| quote.last_seen_at < close.start_at));
    }
    assert!(bets.iter().any(|stored| stored.clv_ppm.is_some()));
    assert!(state.store.ledger_faults().await.unwrap().is_empty());

    // Interrupted and begun again it doubles nothing; undone it stays undone.
    let first = bets.last().unwrap().bet.clone();
    state.store.set_setting("demo_year", &json!(null)).await.unwrap();
    fill_year(state, 30).await;
    assert_eq!(bets_of(state, owner.id).await.len(), bets.len());
    let undone = in_request(state, async |tx| {
        files::undo(state, tx, owner.id, first.import_id.unwrap()).await
    });
    assert_eq!(undone.await.unwrap(), bets.len());
    assert!(fill_year(state, 30).await, "whoever undid it gets no more");
    assert!(bets_of(state, owner.id).await.is_empty());
    assert!(state.store.ledger_faults().await.unwrap().is_empty());
}

#[tokio::test]
async fn somebody_with_bets_of_their_own_gets_no_year_of_made_up_ones() {
    let app = start().await;
    let owner = app.state.store.list_users().await.unwrap()[0].clone();
    let key = app.key(&owner, &["read", "write"]).await;
    let leg =
        json!({"event_name": "Cup", "sport": "football", "market": "three_way", "outcome": "draw", "price": "3.4"});
    let answer = app
        .post_json("/api/v1/bets", &key, &json!({"stake": "5.00", "legs": [leg]}))
        .await;
    assert_eq!(answer.status, 201);
    assert!(fill_year(&app.state, 10).await);
    assert_eq!(bets_of(&app.state, owner.id).await.len(), 1);
}

#[test]
fn the_year_is_three_games_of_each_day_before_the_two_weeks() {
    let began_at = "2026-11-21T12:00:00Z".parse().unwrap();
    let games = feeds::demo::year(1, began_at);
    assert_eq!(games.len(), 3 * 351);
    let months: std::collections::BTreeSet<String> = games
        .iter()
        .map(|game| game.looked_at.format("%Y-%m").to_string())
        .collect();
    assert!(months.len() >= 12, "{months:?}");
    let last = games.iter().map(|game| game.ended_at).max().unwrap();
    assert!(last < began_at - TimeDelta::days(13));
}
