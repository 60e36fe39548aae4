//! The tables: apalis' jobs and workers, and beside them our schedule and a record of runs.

use std::{path::Path, time::Duration};

use apalis_postgres::PostgresStorage;
use apalis_sqlite::SqliteStorage;
use chrono::{DateTime, Utc};
use sqlx::{
    AssertSqlSafe, PgPool, Row, SqlitePool,
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{Clock, Error, Job, Random};

/// Runs the same expression on either database: `on_pool!(queue, pool => sqlx::query(..).execute(pool).await?)`.
macro_rules! on_pool {
    ($queue:expr, $pool:ident => $body:expr) => {
        match &$queue.pool {
            $crate::jobs::queue::Pool::Sqlite($pool) => $body,
            $crate::jobs::queue::Pool::Postgres($pool) => $body,
        }
    };
}
pub(super) use on_pool;

/// Reads a row of `job_runs`, of either database.
macro_rules! run {
    () => {
        |row| {
            Ok(Run {
                key: row.try_get("entry")?,
                attempt: u32::try_from(row.try_get::<i64, _>("attempt")?).unwrap_or(0),
                started_at: instant(row.try_get("started_at")?),
                took: Duration::from_millis(count(row.try_get("took_ms")?)),
                error: row.try_get("error")?,
            })
        }
    };
}
/// How long to wait for a connection, or for SQLite's write lock.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bounds what a page is given of the dead list.
const DEAD_SHOWN: i64 = 500;

/// The queue. Cheap to clone; all clones share one pool.
#[derive(Clone)]
pub struct Queue {
    pub(super) pool: Pool,
    pub(super) clock: Clock,
    pub(super) random: Random,
}

/// The pool the jobs live in.
#[derive(Clone)]
pub(super) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// One lane's jobs, counted by state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// The lane's name, see [`Job::lane`].
    pub name: String,
    /// Waiting for a worker.
    pub pending: u64,
    /// With a worker.
    pub running: u64,
    /// Succeeded.
    pub done: u64,
    /// Failed, to be tried again.
    pub failed: u64,
    /// Given up.
    pub dead: u64,
}

/// One attempt that ended, whatever its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// What ran, see [`Job::key`].
    pub key: String,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// How long it took.
    pub took: Duration,
    /// Why it failed, if it did.
    pub error: Option<String>,
}

/// A schedule entry as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleState {
    /// What is enqueued, see [`Job::key`].
    pub key: String,
    /// How often.
    pub interval: Duration,
    /// When next.
    pub next_due_at: DateTime<Utc>,
    /// When last, if ever.
    pub last_enqueued_at: Option<DateTime<Utc>>,
    /// Its latest attempt that ended.
    pub last_run: Option<Run>,
}

/// How often one entry ran over a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunCount {
    /// What ran, see [`Job::key`].
    pub key: String,
    /// Attempts that succeeded.
    pub done: u64,
    /// Attempts that failed.
    pub failed: u64,
}

/// What the Health page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// Every lane that holds a job, by name.
    pub lanes: Vec<Lane>,
    /// The latest attempts that ended, newest first.
    pub runs: Vec<Run>,
    /// The enabled schedule entries, by key.
    pub schedule: Vec<ScheduleState>,
}

/// A job that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadJob {
    /// Its id, for [`Queue::revive`].
    pub id: String,
    /// The lane it waited in.
    pub lane: String,
    /// Its payload as stored; not always a [`Job`] this version knows.
    pub payload: String,
    /// How many attempts it had.
    pub attempts: u32,
    /// Why the last one failed.
    pub error: String,
    /// When it was given up.
    pub died_at: Option<DateTime<Utc>>,
}

/// What [`Queue::prune`] removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pruned {
    /// Jobs, done or dead.
    pub jobs: u64,
    /// Records of runs.
    pub runs: u64,
}

impl Queue {
    /// Opens the queue in an SQLite file of its own, created if absent. Must not be the file that holds bets.
    ///
    /// # Errors
    /// If the file cannot be opened, brought up to date or made durable.
    pub async fn open_sqlite(path: &Path, clock: Clock, random: Random) -> Result<Self, Error> {
        // Nothing guards a new file against a second process that starts at the same moment. The one that lost looks
        // again: by then the other is done.
        for _ in 0..5 {
            if let Ok(queue) = Self::try_open_sqlite(path, &clock, &random).await {
                return Ok(queue);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Self::try_open_sqlite(path, &clock, &random).await
    }

    async fn try_open_sqlite(path: &Path, clock: &Clock, random: &Random) -> Result<Self, Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(PATIENCE);
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(PATIENCE)
            .connect_with(options)
            .await?;
        SqliteStorage::migrations().run(&pool).await?;
        let found: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&pool).await?;
        if found != 2 {
            return Err(Error::Synchronous { found });
        }
        Self {
            pool: Pool::Sqlite(pool),
            clock: Clock::clone(clock),
            random: Random::clone(random),
        }
        .with_own_tables()
        .await
    }

    /// Opens the queue in the PostgreSQL database at `url`, in the schema `apalis` and two tables beside it.
    ///
    /// # Errors
    /// If the database cannot be reached or brought up to date; [`Error::Hstore`] if it lacks that extension.
    pub async fn open_postgres(url: &str, clock: Clock, random: Random) -> Result<Self, Error> {
        let pool = PgPoolOptions::new()
            .max_connections(6)
            .acquire_timeout(PATIENCE)
            .connect(url)
            .await?;
        let has_hstore: bool = sqlx::query_scalar("SELECT EXISTS(SELECT 1 FROM pg_extension WHERE extname = 'hstore')")
            .fetch_one(&pool)
            .await?;
        let migrations = PostgresStorage::migrations();
        if !has_hstore && let Err(refused) = sqlx::query("CREATE EXTENSION hstore").execute(&pool).await {
            // Another process that starts at this moment may have created it first: then all is well.
            let lost_the_race = refused
                .as_database_error()
                .is_some_and(sqlx::error::DatabaseError::is_unique_violation);
            if !lost_the_race {
                return Err(Error::Hstore(refused));
            }
        }
        migrations.run(&pool).await?;
        Self {
            pool: Pool::Postgres(pool),
            clock,
            random,
        }
        .with_own_tables()
        .await
    }

    async fn with_own_tables(self) -> Result<Self, Error> {
        on_pool!(self, pool => {
            let mut tx = pool.begin().await?;
            // `IF NOT EXISTS` alone does not keep two starting PostgreSQL processes apart.
            if let Pool::Postgres(_) = self.pool {
                sqlx::query("SELECT pg_advisory_xact_lock(20611121)").execute(&mut *tx).await?;
            }
            for table in [
                "CREATE TABLE IF NOT EXISTS job_schedule (entry TEXT PRIMARY KEY, job TEXT NOT NULL, \
                 interval_s BIGINT NOT NULL, next_due_at BIGINT NOT NULL, last_enqueued_at BIGINT, last_job_id TEXT, \
                 enabled BOOLEAN NOT NULL)",
                "CREATE TABLE IF NOT EXISTS job_runs (job_id TEXT NOT NULL, attempt BIGINT NOT NULL, \
                 entry TEXT NOT NULL, started_at BIGINT NOT NULL, took_ms BIGINT NOT NULL, error TEXT, \
                 PRIMARY KEY (job_id, attempt))",
                "CREATE INDEX IF NOT EXISTS job_runs_entry ON job_runs (entry, started_at)",
                "CREATE INDEX IF NOT EXISTS job_runs_started ON job_runs (started_at)",
            ] {
                sqlx::query(table).execute(&mut *tx).await?;
            }
            // Read several times a second, beside any number of finished jobs.
            let unfinished = "CREATE INDEX IF NOT EXISTS jobs_unfinished ON {jobs} (job_type) \
                              WHERE status IN ('Pending', 'Queued', 'Running', 'Failed')";
            sqlx::query(self.sql(unfinished)).execute(&mut *tx).await?;
            tx.commit().await?;
        });
        Ok(self)
    }

    /// Puts a job in its lane, once for each `idempotency_key`: with a key seen before (and not yet pruned) nothing
    /// happens. Returns whether it was put.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn enqueue(&self, job: &Job, idempotency_key: &str) -> Result<bool, Error> {
        let (id, payload) = (self.new_id(), serde_json::to_vec(job)?);
        let inserted = on_pool!(self, pool => {
            let insert = sqlx::query(self.insert_job());
            let insert = insert.bind(payload).bind(id).bind(job.lane());
            insert
                .bind(i32::from(job.kind().max_attempts()))
                .bind(idempotency_key)
                .execute(pool)
                .await?
                .rows_affected()
        });
        Ok(inserted == 1)
    }

    /// Inserts a pending job: $1 payload, $2 id, $3 lane, $4 attempts allowed, $5 idempotency key.
    pub(super) fn insert_job(&self) -> AssertSqlSafe<String> {
        self.sql(
            "INSERT INTO {jobs} (job, id, job_type, status, attempts, max_attempts, run_at, priority, idempotency_key) \
             VALUES ($1, $2, $3, 'Pending', 0, $4, {now}, 0, $5) ON CONFLICT (job_type, idempotency_key) DO NOTHING",
        )
    }

    /// A fresh job id: a ULID, because that is what apalis parses; ids sort by the time they were made.
    pub(super) fn new_id(&self) -> String {
        const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let ms = u64::try_from((self.clock)().timestamp_millis()).unwrap_or(0) & ((1 << 48) - 1);
        let bits = (u128::from(ms) << 80) | ((self.random)() & ((1 << 80) - 1));
        (0..26)
            .rev()
            .map(|place| char::from(CROCKFORD[((bits >> (place * 5)) & 31) as usize]))
            .collect()
    }

    /// Buries jobs that used up their attempts without anybody noticing, as when they killed their process. Returns how
    /// many.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn sweep(&self) -> Result<u64, Error> {
        let sql = self.sql(
            "UPDATE {jobs} SET status = 'Killed', done_at = {now}, lock_by = NULL, lock_at = NULL \
             WHERE status IN ('Pending', 'Failed') AND attempts >= max_attempts",
        );
        Ok(on_pool!(self, pool => sqlx::query(sql).execute(pool).await?.rows_affected()))
    }

    /// Gives back what a worker that is gone still holds. What it had started counts as an attempt.
    pub(super) async fn release(&self, worker: &str) -> Result<u64, Error> {
        let sql = self.sql(
            "UPDATE {jobs} SET attempts = attempts + (CASE WHEN status = 'Running' THEN 1 ELSE 0 END), \
             status = 'Pending', lock_by = NULL, lock_at = NULL \
             WHERE lock_by = $1 AND status IN ('Queued', 'Running')",
        );
        Ok(on_pool!(self, pool => sqlx::query(sql).bind(worker).execute(pool).await?.rows_affected()))
    }

    /// The lanes that hold unfinished jobs.
    pub(super) async fn open_lanes(&self) -> Result<Vec<String>, Error> {
        let sql =
            self.sql("SELECT DISTINCT job_type FROM {jobs} WHERE status IN ('Pending', 'Queued', 'Running', 'Failed')");
        Ok(on_pool!(self, pool => sqlx::query_scalar(sql).fetch_all(pool).await?))
    }

    /// Records an attempt that ended and, if it is to be repeated, when.
    pub(super) async fn record(&self, job_id: &str, run: &Run, retry_in: Option<Duration>) -> Result<(), Error> {
        let retry = self.sql("UPDATE {jobs} SET run_at = {after $2} WHERE id = $1");
        on_pool!(self, pool => {
            let mut tx = pool.begin().await?;
            sqlx::query(
                "INSERT INTO job_runs (job_id, attempt, entry, started_at, took_ms, error) \
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (job_id, attempt) DO UPDATE SET \
                 started_at = excluded.started_at, took_ms = excluded.took_ms, error = excluded.error",
            )
            .bind(job_id)
            .bind(i64::from(run.attempt))
            .bind(&run.key)
            .bind(run.started_at.timestamp_millis())
            .bind(i64::try_from(run.took.as_millis()).unwrap_or(i64::MAX))
            .bind(&run.error)
            .execute(&mut *tx)
            .await?;
            if let Some(pause) = retry_in {
                let seconds = i64::try_from(pause.as_secs()).unwrap_or(i64::MAX);
                sqlx::query(retry).bind(job_id).bind(seconds).execute(&mut *tx).await?;
            }
            tx.commit().await?;
        });
        Ok(())
    }

    /// What the Health page shows, with the latest `runs` attempts.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn overview(&self, runs: u32) -> Result<Overview, Error> {
        let mut schedule = on_pool!(self, pool => {
            sqlx::query(
                "SELECT entry, interval_s, next_due_at, last_enqueued_at FROM job_schedule WHERE enabled ORDER BY entry",
            )
            .fetch_all(pool)
            .await?
            .iter()
            .map(|row| {
                Ok(ScheduleState {
                    key: row.try_get("entry")?,
                    interval: Duration::from_secs(count(row.try_get("interval_s")?)),
                    next_due_at: instant(row.try_get("next_due_at")?),
                    last_enqueued_at: row.try_get::<Option<i64>, _>("last_enqueued_at")?.map(instant),
                    last_run: None,
                })
            })
            .collect::<Result<Vec<_>, sqlx::Error>>()?
        });
        for run in self.latest_run_of_each_entry().await? {
            if let Some(state) = schedule.iter_mut().find(|state| state.key == run.key) {
                state.last_run = Some(run);
            }
        }
        Ok(Overview {
            lanes: self.lanes().await?,
            runs: self.latest_runs(runs).await?,
            schedule,
        })
    }

    /// How often each entry ran since an instant, by key.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn run_counts(&self, since: DateTime<Utc>) -> Result<Vec<RunCount>, Error> {
        let sql = "SELECT entry, COUNT(CASE WHEN error IS NULL THEN 1 END) AS done, COUNT(error) AS failed \
                   FROM job_runs WHERE started_at >= $1 GROUP BY entry ORDER BY entry";
        Ok(on_pool!(self, pool => {
            let rows = sqlx::query(sql).bind(since.timestamp_millis()).fetch_all(pool).await?;
            rows.iter()
                .map(|row| {
                    Ok(RunCount {
                        key: row.try_get("entry")?,
                        done: count(row.try_get("done")?),
                        failed: count(row.try_get("failed")?),
                    })
                })
                .collect::<Result<Vec<_>, sqlx::Error>>()?
        }))
    }

    async fn lanes(&self) -> Result<Vec<Lane>, Error> {
        let sql = self.sql(
            "SELECT job_type, COUNT(CASE WHEN status IN ('Pending', 'Queued') THEN 1 END) AS pending, \
             COUNT(CASE WHEN status = 'Running' THEN 1 END) AS running, \
             COUNT(CASE WHEN status = 'Done' THEN 1 END) AS done, \
             COUNT(CASE WHEN status = 'Failed' THEN 1 END) AS failed, \
             COUNT(CASE WHEN status = 'Killed' THEN 1 END) AS dead \
             FROM {jobs} GROUP BY job_type ORDER BY job_type",
        );
        Ok(on_pool!(self, pool => {
            let rows = sqlx::query(sql).fetch_all(pool).await?;
            rows.iter()
                .map(|row| {
                    Ok(Lane {
                        name: row.try_get("job_type")?,
                        pending: count(row.try_get("pending")?),
                        running: count(row.try_get("running")?),
                        done: count(row.try_get("done")?),
                        failed: count(row.try_get("failed")?),
                        dead: count(row.try_get("dead")?),
                    })
                })
                .collect::<Result<Vec<_>, sqlx::Error>>()?
        }))
    }

    async fn latest_runs(&self, limit: u32) -> Result<Vec<Run>, Error> {
        let sql = "SELECT entry, attempt, started_at, took_ms, error FROM job_runs ORDER BY started_at DESC LIMIT $1";
        Ok(on_pool!(self, pool => {
            let rows = sqlx::query(sql).bind(i64::from(limit)).fetch_all(pool).await?;
            rows.iter().map(run!()).collect::<Result<Vec<_>, sqlx::Error>>()?
        }))
    }

    async fn latest_run_of_each_entry(&self) -> Result<Vec<Run>, Error> {
        let sql = "SELECT r.entry, r.attempt, r.started_at, r.took_ms, r.error FROM job_runs r \
                   JOIN (SELECT entry, MAX(started_at) AS latest FROM job_runs GROUP BY entry) l \
                   ON r.entry = l.entry AND r.started_at = l.latest";
        Ok(on_pool!(self, pool => {
            let rows = sqlx::query(sql).fetch_all(pool).await?;
            rows.iter().map(run!()).collect::<Result<Vec<_>, sqlx::Error>>()?
        }))
    }

    /// The jobs that were given up, latest first.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn list_dead(&self) -> Result<Vec<DeadJob>, Error> {
        let sql = self.sql(
            "SELECT id, job_type, job, CAST(attempts AS BIGINT) AS attempts, CAST(last_result AS TEXT) AS result, \
             {ms done_at} AS died_at FROM {jobs} WHERE status = 'Killed' ORDER BY done_at DESC, id DESC LIMIT $1",
        );
        Ok(on_pool!(self, pool => {
            let rows = sqlx::query(sql).bind(DEAD_SHOWN).fetch_all(pool).await?;
            rows.iter()
                .map(|row| {
                    Ok(DeadJob {
                        id: row.try_get("id")?,
                        lane: row.try_get("job_type")?,
                        payload: String::from_utf8_lossy(row.try_get("job")?).into_owned(),
                        attempts: u32::try_from(row.try_get::<i64, _>("attempts")?).unwrap_or(0),
                        error: failure_text(row.try_get("result")?),
                        died_at: row.try_get::<Option<i64>, _>("died_at")?.map(instant),
                    })
                })
                .collect::<Result<Vec<_>, sqlx::Error>>()?
        }))
    }

    /// Gives a dead job all its attempts again. Returns whether there was such a job.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn revive(&self, id: &str) -> Result<bool, Error> {
        let sql = self.sql(
            "UPDATE {jobs} SET status = 'Pending', attempts = 0, run_at = {now}, done_at = NULL, lock_by = NULL, \
             lock_at = NULL, last_result = NULL WHERE id = $1 AND status = 'Killed'",
        );
        Ok(on_pool!(self, pool => sqlx::query(sql).bind(id).execute(pool).await?.rows_affected()) == 1)
    }

    /// Removes jobs done before one instant and dead before another, runs that started before the first, and workers
    /// not heard of since then.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn prune(&self, done_before: DateTime<Utc>, dead_before: DateTime<Utc>) -> Result<Pruned, Error> {
        let jobs = self.sql(
            "DELETE FROM {jobs} WHERE (status = 'Done' AND done_at < {at $1}) \
             OR (status = 'Killed' AND done_at < {at $2})",
        );
        let workers = self.sql(
            "DELETE FROM {workers} WHERE last_seen < {at $1} \
             AND NOT EXISTS (SELECT 1 FROM {jobs} WHERE lock_by = {workers}.id)",
        );
        Ok(on_pool!(self, pool => {
            let delete_jobs = sqlx::query(jobs).bind(done_before.timestamp()).bind(dead_before.timestamp());
            let pruned = Pruned {
                jobs: delete_jobs.execute(pool).await?.rows_affected(),
                runs: sqlx::query("DELETE FROM job_runs WHERE started_at < $1")
                    .bind(done_before.timestamp_millis())
                    .execute(pool)
                    .await?
                    .rows_affected(),
            };
            sqlx::query(workers).bind(done_before.timestamp()).execute(pool).await?;
            pruned
        }))
    }

    /// Fills in what the two databases spell differently. apalis keeps whole seconds in SQLite and timestamps in
    /// PostgreSQL; `{after $n}` and `{at $n}` take seconds.
    pub(super) fn sql(&self, template: &str) -> AssertSqlSafe<String> {
        let (jobs, workers, now) = match self.pool {
            Pool::Sqlite(_) => ("Jobs", "Workers", "CAST(strftime('%s', 'now') AS INTEGER)"),
            Pool::Postgres(_) => ("apalis.jobs", "apalis.workers", "now()"),
        };
        let mut sql = template
            .replace("{jobs}", jobs)
            .replace("{workers}", workers)
            .replace("{now}", now);
        for place in ["$1", "$2"] {
            let (after, at) = match self.pool {
                Pool::Sqlite(_) => (format!("{now} + {place}"), place.to_owned()),
                Pool::Postgres(_) => (
                    format!("now() + {place} * interval '1 second'"),
                    format!("to_timestamp(CAST({place} AS double precision))"),
                ),
            };
            sql = sql
                .replace(&format!("{{after {place}}}"), &after)
                .replace(&format!("{{at {place}}}"), &at);
        }
        let died_at = match self.pool {
            Pool::Sqlite(_) => "done_at * 1000",
            Pool::Postgres(_) => "CAST(extract(epoch FROM done_at) * 1000 AS BIGINT)",
        };
        AssertSqlSafe(sql.replace("{ms done_at}", died_at))
    }
}

/// A stored instant, in milliseconds since 1970.
pub(super) fn instant(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap_or(DateTime::UNIX_EPOCH)
}

/// A stored number that is never negative.
pub(super) fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// The reason in a stored result, which apalis keeps as `{"Err": ".."}`.
fn failure_text(result: Option<String>) -> String {
    let Some(result) = result else {
        return "the process ended while the job ran".to_owned();
    };
    let parsed = serde_json::from_str::<serde_json::Value>(&result).ok();
    let reason = parsed
        .as_ref()
        .and_then(|value| value.get("Err"))
        .and_then(serde_json::Value::as_str);
    reason.map_or(result.clone(), |reason| {
        reason.trim_start_matches("AbortError: ").to_owned()
    })
}
