//! Strategies: versions, owners, removal, and what filters kept out.

use domain::{EventId, Stage};
use rstest::rstest;
use serde_json::json;
use store::{Backend, StrategyChange, StrategyDecision};

use crate::fixture::{at, database, new_strategy, owner, user};

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test]
async fn an_edit_is_a_new_version_and_a_switch_is_not(#[case] backend: Backend) {
    let Some(database) = database(backend).await else {
        return;
    };
    let store = &database.store;
    let (owner, id) = owner(store).await;
    let change = async |change: StrategyChange, ms| {
        store
            .change_strategy(owner, id, &change, at(ms))
            .await
            .unwrap()
            .unwrap()
    };
    let params = StrategyChange {
        params: Some(json!({"min_profit": 2})),
        ..StrategyChange::default()
    };
    assert_eq!(change(params.clone(), 10).await.version, 2);
    assert_eq!(change(params, 20).await.version, 2, "the same again changes nothing");
    let off = change(
        StrategyChange {
            is_enabled: Some(false),
            stage: Some(Stage::Draft),
            ..StrategyChange::default()
        },
        30,
    )
    .await;
    assert_eq!(
        (off.version, off.is_enabled, off.stage, off.updated_at),
        (2, false, Stage::Draft, at(30))
    );
    let renamed = StrategyChange {
        name: Some("Sure bets".to_owned()),
        ..StrategyChange::default()
    };
    assert_eq!(change(renamed, 40).await.version, 3);
    let versions: Vec<_> = store
        .strategy_versions(owner, id)
        .await
        .unwrap()
        .into_iter()
        .map(|version| (version.version, version.name, version.params, version.created_at))
        .collect();
    let expected = [
        (3, "Sure bets", json!({"min_profit": 2}), at(40)),
        (2, "Arbs", json!({"min_profit": 2}), at(10)),
        (1, "Arbs", json!({"min_profit": 1}), at(0)),
    ];
    assert_eq!(
        versions,
        expected.map(|(version, name, params, from)| (version, name.to_owned(), params, from))
    );
    database.close().await;
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test]
async fn a_strategy_is_its_owners_alone_and_can_be_brought_back(#[case] backend: Backend) {
    let Some(database) = database(backend).await else {
        return;
    };
    let store = &database.store;
    let (owner, id) = owner(store).await;
    let stranger = user(store, "stranger").await;
    assert_eq!(store.users_without_strategies().await.unwrap(), [stranger]);
    assert_eq!(store.strategy(stranger, id).await.unwrap(), None);
    let off = StrategyChange {
        is_enabled: Some(false),
        ..StrategyChange::default()
    };
    assert_eq!(store.change_strategy(stranger, id, &off, at(1)).await.unwrap(), None);
    assert!(!store.set_strategy_deleted(stranger, id, Some(at(1))).await.unwrap());
    assert_eq!(store.strategy_versions(stranger, id).await.unwrap(), []);

    assert!(store.set_strategy_deleted(owner, id, Some(at(2))).await.unwrap());
    assert!(
        !store.set_strategy_deleted(owner, id, Some(at(3))).await.unwrap(),
        "it is gone already"
    );
    assert_eq!(store.strategies(None).await.unwrap(), []);
    assert!(store.strategy_names(owner).await.unwrap().is_empty());
    assert_eq!(store.removed_strategies(owner, 10).await.unwrap()[0].id, id);
    assert_eq!(store.removed_strategies(stranger, 10).await.unwrap(), []);
    store
        .add_first_strategies(owner, vec![new_strategy("Again")], at(4))
        .await
        .unwrap();
    assert_eq!(
        store.strategies(Some(owner)).await.unwrap(),
        [],
        "whoever removed all wants none"
    );
    assert!(store.set_strategy_deleted(owner, id, None).await.unwrap());
    assert_eq!(store.strategies(Some(owner)).await.unwrap()[0].id, id);

    store
        .add_first_strategies(stranger, vec![new_strategy("One"), new_strategy("Two")], at(5))
        .await
        .unwrap();
    store
        .add_first_strategies(stranger, vec![new_strategy("One"), new_strategy("Two")], at(5))
        .await
        .unwrap();
    assert_eq!(store.strategies(Some(stranger)).await.unwrap().len(), 2);
    database.close().await;
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test]
async fn what_a_filter_kept_out_is_one_row_that_is_brought_up_to_date(#[case] backend: Backend) {
    let Some(database) = database(backend).await else {
        return;
    };
    let store = &database.store;
    let (owner, id) = owner(store).await;
    let decision = |ms, profit| StrategyDecision {
        strategy: (id, 1),
        event_id: EventId(7),
        identity: "moneyline home back".to_owned(),
        filter: "min_profit".to_owned(),
        profit,
        detail: "too little".to_owned(),
        logic_version: 1,
        first_at: at(ms),
        last_at: at(ms),
    };
    store.record_decisions(&[decision(1, 0.001)]).await.unwrap();
    store.record_decisions(&[decision(5, 0.002)]).await.unwrap();
    let kept = store.strategy_decisions(owner, id, 10).await.unwrap();
    assert_eq!(
        (kept.len(), kept[0].profit, kept[0].first_at, kept[0].last_at),
        (1, 0.002, at(1), at(5))
    );
    let results = store.strategy_results(owner).await.unwrap();
    assert_eq!((results[0].0, results[0].1.skipped, results[0].1.open), (id, 1, 0));
    database.close().await;
}
