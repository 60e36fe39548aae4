//! Opportunities, and which events wait for an evaluation.

use chrono::TimeDelta;
use domain::{
    MarketKey, MarketKind,
    opportunity::{Facts, Found, OpportunityKind, Verdict},
};
use rstest::rstest;
use store::{Backend, ChangedEvent, NewOpportunity, OpportunityFilter, Reconciliation, RetentionPolicy};

use crate::fixture::{at, database, owner, price, user, world};

fn found(profit: f64) -> Found {
    Found {
        kind: OpportunityKind::Arbitrage,
        market: MarketKey::plain(MarketKind::Moneyline),
        profit,
        legs: vec![],
        verdict: Verdict::Executable,
        reasons: vec![],
        is_in_play: false,
        facts: Facts::default(),
    }
}

fn nothing(ms: i64) -> Reconciliation {
    Reconciliation {
        at: at(ms),
        opened: vec![],
        refreshed: vec![],
        closed: vec![],
        evaluated: vec![],
    }
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test]
async fn a_change_during_an_evaluation_is_evaluated_again(#[case] backend: Backend) {
    let Some(database) = database(backend).await else {
        return;
    };
    let store = &database.store;
    let tx = store.begin_ingest("feed").await.unwrap();
    let world = world(&tx, 0).await;
    tx.append_changes(&[world.change(0, 0, Some(price("2")), 1)])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let changed = store.changed_events(10).await.unwrap();
    assert_eq!(
        changed,
        [ChangedEvent {
            event_id: world.event,
            changes: 2
        }]
    );

    // Received at the same moment, so that times could not tell it apart.
    let tx = store.begin_ingest("feed").await.unwrap();
    tx.append_changes(&[world.change(1, 0, Some(price("2")), 1)])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    store.mark_evaluated(&changed, at(2)).await.unwrap();
    let again = store.changed_events(10).await.unwrap();
    assert_eq!(
        again,
        [ChangedEvent {
            event_id: world.event,
            changes: 3
        }]
    );
    store
        .apply_reconciliation(&Reconciliation {
            evaluated: again,
            ..nothing(3)
        })
        .await
        .unwrap();
    store.mark_evaluated(&changed, at(4)).await.unwrap();
    assert_eq!(store.changed_events(10).await.unwrap(), []);

    let tx = store.begin_ingest("feed").await.unwrap();
    tx.refresh_seen(&[], at(5)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        store.changed_events(10).await.unwrap(),
        [],
        "what is only seen again is not evaluated again"
    );
    database.close().await;
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test]
async fn an_opportunity_is_seen_as_it_was_at_each_time(#[case] backend: Backend) {
    let Some(database) = database(backend).await else {
        return;
    };
    let store = &database.store;
    let tx = store.begin_ingest("feed").await.unwrap();
    let world = world(&tx, 0).await;
    tx.commit().await.unwrap();
    let (owner, strategy) = owner(store).await;
    let stranger = user(store, "stranger").await;
    let new = NewOpportunity {
        strategy: (strategy, 1),
        event_id: world.event,
        found: found(0.02),
        trace: serde_json::json!({"step": 1}),
    };
    let open = Reconciliation {
        opened: vec![new.clone()],
        ..nothing(10)
    };
    let id = store.apply_reconciliation(&open).await.unwrap()[0];
    assert_eq!(
        store.apply_reconciliation(&open).await.unwrap(),
        [id],
        "found again, it is the same one"
    );
    let better = (id, found(0.05), serde_json::json!({"step": 2}));
    store
        .apply_reconciliation(&Reconciliation {
            refreshed: vec![better],
            ..nothing(20)
        })
        .await
        .unwrap();
    let worse = (id, found(0.01), serde_json::json!({"step": 3}));
    store
        .apply_reconciliation(&Reconciliation {
            refreshed: vec![worse.clone()],
            ..nothing(30)
        })
        .await
        .unwrap();
    assert_eq!(
        store.open_opportunity_counts(owner).await.unwrap(),
        [(OpportunityKind::Arbitrage, 1)]
    );
    assert_eq!(store.open_opportunities_of(stranger, None).await.unwrap(), []);
    let standing = store.open_opportunities_of(owner, Some(&[world.event])).await.unwrap();
    assert_eq!((standing.len(), standing[0].best_profit), (1, 0.05));
    let close = Reconciliation {
        closed: vec![(id, "price gone".to_owned())],
        ..nothing(40)
    };
    store.apply_reconciliation(&close).await.unwrap();
    store
        .apply_reconciliation(&Reconciliation {
            refreshed: vec![worse],
            ..nothing(50)
        })
        .await
        .unwrap();

    let as_of = async |ms: i64| store.opportunity(owner, id, Some(at(ms))).await.unwrap();
    assert_eq!(as_of(9).await, None);
    assert_eq!(
        store.opportunity(stranger, id, None).await.unwrap(),
        None,
        "somebody else's"
    );
    let of_stranger = OpportunityFilter {
        owner: Some(stranger),
        ..OpportunityFilter::default()
    };
    assert_eq!(
        store
            .list_opportunities(&of_stranger, None, None, 10)
            .await
            .unwrap()
            .items,
        []
    );
    assert_eq!(store.open_opportunity_counts(owner).await.unwrap(), []);
    for (ms, profit, best, is_open) in [
        (10, 0.02, 0.02, true),
        (25, 0.05, 0.05, true),
        (39, 0.01, 0.05, true),
        (60, 0.01, 0.05, false),
    ] {
        let seen = as_of(ms).await.unwrap();
        assert_eq!(
            (seen.found.profit, seen.best_profit, seen.closed_at.is_none()),
            (profit, best, is_open),
            "as of {ms}"
        );
        let filter = OpportunityFilter {
            owner: Some(owner),
            strategy: Some(strategy),
            is_open: Some(is_open),
            min_profit: Some(profit),
            ..Default::default()
        };
        let listed = store.list_opportunities(&filter, Some(at(ms)), None, 10).await.unwrap();
        assert_eq!(listed.items, [seen]);
    }
    assert_eq!(store.open_opportunities(None).await.unwrap(), []);
    let reopened = store
        .apply_reconciliation(&Reconciliation {
            opened: vec![new],
            ..nothing(70)
        })
        .await
        .unwrap();
    assert_ne!(reopened[0], id, "one that came back is a new one");
    let policy = RetentionPolicy {
        bodies: TimeDelta::days(1),
        fetches: TimeDelta::days(1),
        opportunities: TimeDelta::milliseconds(10),
        issues: TimeDelta::days(1),
    };
    assert_eq!(
        store.prune(&policy, at(100)).await.unwrap().opportunities,
        1,
        "what stands is kept"
    );
    let page = store
        .list_opportunities(&OpportunityFilter::default(), None, None, 10)
        .await
        .unwrap();
    assert_eq!(page.items.len(), 1);
    database.close().await;
}
