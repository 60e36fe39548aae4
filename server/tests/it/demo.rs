//! The demo market's first minute: whatever is in the database at a moment is true at that moment, also when the fill of the
//! past is broken off.

use crate::app::TestApp;
use chrono::TimeDelta;
use domain::{EventStatus, Role};
use feeds::demo::Demo;
use feeds::{Endpoint, Feed, Payload, Wanted};
use serde_json::json;
use server::state::AppState;
use std::collections::BTreeMap;
use store::{EventFilter, OpportunityFilter, Totals, UserRole};

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
