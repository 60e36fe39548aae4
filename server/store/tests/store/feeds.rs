//! How feeds are set up, fare and cost.

use rstest::rstest;
use store::{Backend, Breaker, Credits, FeedChoice, FeedSettings, FeedState, NewFetch};

use crate::fixture::{at, database};

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test]
async fn settings_choices_and_states_come_back_as_they_were_put(#[case] backend: Backend) {
    let Some(database) = database(backend).await else {
        return;
    };
    let store = &database.store;
    let mut settings = FeedSettings {
        key: "the_odds_api".to_owned(),
        is_enabled: true,
        base_url: None,
        sealed_key: Some(vec![0, 255, 7]),
        updated_at: at(1),
    };
    store.put_feed_settings(&settings).await.unwrap();
    settings.sealed_key = None;
    settings.base_url = Some("http://127.0.0.1:1".to_owned());
    store.put_feed_settings(&settings).await.unwrap();
    assert_eq!(store.feed_settings().await.unwrap(), [settings]);

    let choice = FeedChoice {
        feed: "the_odds_api".to_owned(),
        competition_key: "basketball_nba".to_owned(),
        is_enabled: true,
        interval_s: 60,
        scores_interval_s: None,
        choice: serde_json::json!({"markets": ["h2h"]}),
    };
    store.put_feed_choice(&choice).await.unwrap();
    assert_eq!(store.feed_choices(None).await.unwrap(), std::slice::from_ref(&choice));
    assert_eq!(store.feed_choices(Some("demo")).await.unwrap(), []);
    assert!(
        store
            .remove_feed_choice(&choice.feed, &choice.competition_key)
            .await
            .unwrap()
    );
    assert!(
        !store
            .remove_feed_choice(&choice.feed, &choice.competition_key)
            .await
            .unwrap()
    );

    let state = FeedState {
        feed: "the_odds_api".to_owned(),
        breaker: Breaker::HalfOpen,
        open_until: Some(at(5)),
        consecutive_failures: 3,
        last_success_at: None,
        last_failure_at: Some(at(4)),
        message: Some("429".to_owned()),
        stopped_reason: None,
    };
    store.put_feed_state(&state).await.unwrap();
    assert_eq!(store.feed_state("the_odds_api").await.unwrap(), Some(state.clone()));
    assert_eq!(store.feed_states().await.unwrap(), [state]);
    assert_eq!(store.feed_state("demo").await.unwrap(), None);
    database.close().await;
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test]
async fn credits_are_the_feeds_latest_word_and_what_was_spent_since(#[case] backend: Backend) {
    let Some(database) = database(backend).await else {
        return;
    };
    let store = &database.store;
    assert_eq!(store.credits("feed", at(0)).await.unwrap(), Credits::default());
    let fetch = |ms: i64, last: Option<i64>| NewFetch {
        feed: "feed".to_owned(),
        endpoint: "odds".to_owned(),
        competition: None,
        started_at: at(ms),
        duration_ms: 12,
        outcome: if last.is_some() { "ok" } else { "timeout" }.to_owned(),
        http_status: last.map(|_| 200),
        detail: None,
        attempts: 1,
        credits_last: last,
        credits_used: last.map(|last| 100 + last),
        credits_remaining: last.map(|last| 400 - last),
        credits_unknown: last.is_none(),
        snapshot_id: None,
    };
    for (ms, last) in [(1, Some(3)), (10, Some(3)), (11, None), (12, Some(6)), (13, None)] {
        store.add_fetch(&fetch(ms, last)).await.unwrap();
    }
    let expected = Credits {
        latest_at: Some(at(12)),
        used: Some(106),
        remaining: Some(394),
        spent_since: 9,
        unknown_since: 2,
    };
    assert_eq!(store.credits("feed", at(10)).await.unwrap(), expected);
    let page = store.fetches(Some("feed"), None, 2).await.unwrap();
    assert_eq!(page.items[0].fetch, fetch(13, None));
    let rest = store.fetches(Some("feed"), page.next, 10).await.unwrap();
    assert_eq!((rest.items.len(), rest.next), (3, None));
    database.close().await;
}
