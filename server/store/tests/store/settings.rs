//! Opening the database, and refusing to.

use rstest::rstest;
use store::{Backend, Connect, Store, StoreError};

use crate::fixture::database;

fn sqlite(url: String) -> Connect {
    let second = std::time::Duration::from_secs(1);
    Connect {
        url,
        max_connections: 2,
        acquire_timeout: second,
        statement_timeout: second,
    }
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test]
async fn migrating_twice_changes_nothing(#[case] backend: Backend) {
    let Some(database) = database(backend).await else {
        return;
    };
    database.store.migrate().await.unwrap();
    assert!(database.store.is_ready().await.unwrap());
    assert_eq!(database.store.backend(), backend);
    database.close().await;
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test]
async fn processes_that_start_together_migrate_once(#[case] backend: Backend) {
    let Some(database) = database(backend).await else {
        return;
    };
    let (first, second) = (
        Store::connect(&database.connect).await.unwrap(),
        Store::connect(&database.connect).await.unwrap(),
    );
    let (first, second) = tokio::join!(first.migrate(), second.migrate());
    first.unwrap();
    second.unwrap();
    database.close().await;
}

#[tokio::test]
async fn a_new_file_is_not_ready_before_it_is_migrated() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("a/b/new.db").display());
    let store = Store::connect(&sqlite(url)).await.unwrap();
    assert!(!store.is_ready().await.unwrap());
    store.migrate().await.unwrap();
    assert!(store.is_ready().await.unwrap());
}

#[tokio::test]
async fn what_is_not_a_database_is_refused_with_a_reason() {
    let unknown = Store::connect(&sqlite("mysql://localhost/odds".to_owned())).await;
    assert!(matches!(unknown, Err(StoreError::Setup(_))));

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("not.db");
    std::fs::write(
        &path,
        "this is a text file, and long enough to look like nothing SQLite would write".repeat(99),
    )
    .unwrap();
    let damaged = Store::connect(&sqlite(format!("sqlite://{}", path.display()))).await;
    assert!(matches!(damaged, Err(StoreError::Corrupt(_))), "{damaged:?}");

    let nobody = Store::connect(&sqlite("postgres://nobody@127.0.0.1:9/none".to_owned())).await;
    assert!(nobody.unwrap_err().is_retryable());
}
