//! Opening the database.

use std::{path::Path, str::FromStr, time::Duration};

use migrations::{Migrator, MigratorTrait};
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, IsolationLevel, SqliteTransactionMode,
    SqlxPostgresConnector, SqlxSqliteConnector, TransactionOptions, TransactionTrait,
};
use sqlx::{
    ConnectOptions,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{Result, StoreError, sql::Query};

/// Where the database is and how it is used.
#[derive(Clone, Debug)]
pub struct Connect {
    /// `sqlite://path/to/file` or `postgres://user@host/name`. The SQLite file is made when it is not there.
    pub url: String,
    /// Connections in the pool. SQLite has one more, for writing.
    pub max_connections: u32,
    /// How long to wait for a connection, or for SQLite's write lock.
    pub acquire_timeout: Duration,
    /// A statement that takes longer is cancelled (PostgreSQL only).
    pub statement_timeout: Duration,
}

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// One file, one process that writes.
    Sqlite,
    /// A server that several processes share.
    Postgres,
}

/// The database. Cheap to clone; all clones share the same connections.
#[derive(Clone, Debug)]
pub struct Store {
    reader: DatabaseConnection,
    writer: DatabaseConnection,
    backend: Backend,
}

impl Store {
    /// Opens the database, without changing its schema.
    ///
    /// # Errors
    /// [`StoreError::Setup`] for an address that cannot be used, [`StoreError::Unavailable`] when nobody answers.
    pub async fn connect(connect: &Connect) -> Result<Self> {
        if connect.url.starts_with("sqlite:") {
            Self::connect_sqlite(connect).await
        } else if connect.url.starts_with("postgres:") || connect.url.starts_with("postgresql:") {
            Self::connect_postgres(connect).await
        } else {
            Err(StoreError::Setup(
                "a database address starts with sqlite:// or postgres://".to_owned(),
            ))
        }
    }

    async fn connect_sqlite(connect: &Connect) -> Result<Self> {
        let options = SqliteConnectOptions::from_str(&connect.url)
            .map_err(|error| StoreError::Setup(format!("the SQLite address cannot be read: {error}")))?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(connect.acquire_timeout)
            .pragma("journal_size_limit", "67108864")
            .pragma("cache_size", "-16384")
            .disable_statement_logging();
        if let Some(folder) = options
            .get_filename()
            .parent()
            .filter(|folder| *folder != Path::new(""))
        {
            std::fs::create_dir_all(folder).map_err(|error| {
                StoreError::Setup(format!("the folder {} cannot be made: {error}", folder.display()))
            })?;
        }
        let pool = |connections: u32| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(connect.acquire_timeout)
        };
        // The writer comes first: it makes the file and turns on the write-ahead log.
        let writer = pool(1).connect_with(options.clone()).await.map_err(unavailable)?;
        let reader = pool(connect.max_connections.max(1))
            .connect_with(options.pragma("query_only", "ON"))
            .await
            .map_err(unavailable)?;
        let store = Self {
            reader: SqlxSqliteConnector::from_sqlx_sqlite_pool(reader),
            writer: SqlxSqliteConnector::from_sqlx_sqlite_pool(writer),
            backend: Backend::Sqlite,
        };
        store.assert_pragmas().await?;
        Ok(store)
    }

    /// What makes a commit survive a power cut is a setting of each connection, so it is looked at, not assumed.
    async fn assert_pragmas(&self) -> Result<()> {
        for (pragma, expected) in [("synchronous", 2), ("foreign_keys", 1)] {
            let row = Query::new(format!("PRAGMA {pragma}")).one(self.writer()).await?;
            let found = row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?;
            if found != Some(expected) {
                return Err(StoreError::Setup(format!(
                    "SQLite has {pragma} = {found:?} and must have {expected}"
                )));
            }
        }
        let row = Query::new("PRAGMA journal_mode").one(self.writer()).await?;
        let mode = row
            .map(|row| row.try_get_by_index::<String>(0))
            .transpose()?
            .unwrap_or_default();
        if !mode.eq_ignore_ascii_case("wal") {
            return Err(StoreError::Setup(format!(
                "SQLite has journal_mode = {mode} and must have wal"
            )));
        }
        Ok(())
    }

    async fn connect_postgres(connect: &Connect) -> Result<Self> {
        let timeout = connect.statement_timeout.as_millis().to_string();
        let options = PgConnectOptions::from_str(&connect.url)
            .map_err(|error| StoreError::Setup(format!("the PostgreSQL address cannot be read: {error}")))?
            .application_name("overround")
            .options([
                ("statement_timeout", timeout.as_str()),
                ("idle_in_transaction_session_timeout", "120000"),
            ])
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(connect.max_connections.max(2))
            .acquire_timeout(connect.acquire_timeout)
            .connect_with(options)
            .await
            .map_err(unavailable)?;
        let connection = SqlxPostgresConnector::from_sqlx_postgres_pool(pool);
        Ok(Self {
            reader: connection.clone(),
            writer: connection,
            backend: Backend::Postgres,
        })
    }

    /// Brings the schema up to date. Processes that start together wait for each other.
    ///
    /// # Errors
    /// When a change does not apply; then none of them does.
    pub async fn migrate(&self) -> Result<()> {
        let tx = self.begin_write().await?;
        if self.backend == Backend::Postgres {
            self.lock_in(&tx, "migrations").await?;
        }
        Migrator::up(&tx, None).await?;
        Ok(tx.commit().await?)
    }

    /// True when the database answers and its schema is up to date.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_ready(&self) -> Result<bool> {
        Ok(Migrator::get_pending_migrations_read_only(self.reader())
            .await?
            .is_empty())
    }

    /// Which database it is.
    pub const fn backend(&self) -> Backend {
        self.backend
    }

    /// A number that grows with every committed change to odds, events and opportunities: a key for caches, and what the
    /// live stream watches.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn version(&self) -> Result<i64> {
        let sql = "SELECT CAST(COALESCE(SUM(version), 0) AS BIGINT) FROM ingest_versions";
        let row = Query::new(sql).one(self.reader()).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(0))
    }

    /// For reading only; on SQLite these connections cannot write.
    pub(crate) const fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// For writing; on SQLite there is one such connection, and its users wait in line.
    pub(crate) const fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Makes everybody else who asks for the same name wait until the transaction ends. On SQLite that is everybody who
    /// writes. Comes first in a transaction: on SQLite a lock asked for after a read can be refused.
    pub(crate) async fn lock_in(&self, tx: &DatabaseTransaction, name: &str) -> Result<()> {
        match self.backend {
            // Changes nothing and takes the write lock, waiting for it if need be.
            Backend::Sqlite => {
                Query::new("DELETE FROM ingest_versions WHERE feed IS NULL")
                    .run(tx)
                    .await?
            }
            Backend::Postgres => {
                let mut query = Query::new("SELECT pg_advisory_xact_lock(hashtextextended('overround:' || ");
                query.bind(name).push(", 0))").run(tx).await?
            }
        };
        Ok(())
    }

    /// A transaction that writes; on SQLite it holds the write lock from the start.
    pub(crate) async fn begin_write(&self) -> Result<DatabaseTransaction> {
        let sqlite_transaction_mode = Some(SqliteTransactionMode::Immediate);
        Ok(self
            .writer
            .begin_with_options(TransactionOptions {
                sqlite_transaction_mode,
                ..Default::default()
            })
            .await?)
    }

    /// A transaction in which several reads see the same state.
    pub(crate) async fn begin_read(&self) -> Result<DatabaseTransaction> {
        Ok(match self.backend {
            Backend::Sqlite => self.reader.begin().await?,
            Backend::Postgres => {
                let level = Some(IsolationLevel::RepeatableRead);
                self.reader.begin_with_config(level, Some(AccessMode::ReadOnly)).await?
            }
        })
    }
}

/// Moves the number that [`Store::version`] answers with.
pub(crate) async fn bump_version(tx: &impl ConnectionTrait, lane: &str) -> Result<()> {
    let mut query = Query::new("INSERT INTO ingest_versions (feed, version) VALUES (");
    query
        .bind(lane)
        .push(", 1) ON CONFLICT (feed) DO UPDATE SET version = ingest_versions.version + 1");
    query.run(tx).await?;
    Ok(())
}

fn unavailable(error: sqlx::Error) -> StoreError {
    sea_orm::DbErr::Conn(sea_orm::RuntimeErr::SqlxError(std::sync::Arc::new(error))).into()
}
