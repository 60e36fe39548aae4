//! When jobs are due.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use engine::due::{Due, SKEW};
use sqlx::Row;
use tokio_util::sync::CancellationToken;

use super::{
    Error, Job, Queue,
    queue::{count, instant, on_pool},
};

/// How often a running scheduler looks for what is due.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A job that is to run again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleEntry {
    /// What to enqueue. Its [`Job::key`] names the entry.
    pub job: Job,
    /// How often, in whole seconds; less than one counts as one.
    pub interval: Duration,
}

/// What one look at the schedule did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tick {
    /// The keys of the jobs enqueued.
    pub enqueued: Vec<String>,
    /// The keys of entries whose previous job still waits for a worker: that job serves this tick too, so that a slow
    /// feed's lane never grows.
    pub merged: Vec<String>,
}

/// Enqueues what is due. Any number may run at once, in any process: each tick happens once.
///
/// An entry's due times form a grid. A tick moves the entry to the first grid point after now, so that ticks missed
/// while nobody looked are made up for once. If the clock was set back, the entry is due one interval from now: nothing
/// is repeated and nothing waits for the clock to catch up.
#[derive(Clone)]
pub struct Scheduler {
    queue: Queue,
}

impl Scheduler {
    /// A scheduler for a queue.
    pub fn new(queue: Queue) -> Self {
        Self { queue }
    }

    /// Makes the stored schedule be exactly `entries`. New ones are due at once; known ones keep their due time, unless
    /// a shorter interval makes them due sooner; the others are switched off.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn sync(&self, entries: &[ScheduleEntry], now: DateTime<Utc>) -> Result<(), Error> {
        let mut rows = BTreeMap::new();
        for entry in entries {
            let seconds = i64::try_from(entry.interval.as_secs())
                .unwrap_or(i64::MAX)
                .clamp(1, 366 * 86_400);
            rows.insert(entry.job.key(), (serde_json::to_string(&entry.job)?, seconds));
        }
        let now = now.timestamp_millis();
        on_pool!(self.queue, pool => {
            let mut tx = pool.begin().await?;
            sqlx::query("UPDATE job_schedule SET enabled = FALSE WHERE enabled").execute(&mut *tx).await?;
            for (key, (job, seconds)) in rows {
                sqlx::query(
                    "INSERT INTO job_schedule (entry, job, interval_s, next_due_at, enabled) \
                     VALUES ($1, $2, $3, $4, TRUE) ON CONFLICT (entry) DO UPDATE SET job = excluded.job, \
                     interval_s = excluded.interval_s, enabled = TRUE, next_due_at = CASE \
                     WHEN job_schedule.next_due_at > $5 THEN $5 ELSE job_schedule.next_due_at END",
                )
                .bind(key)
                .bind(job)
                .bind(seconds)
                .bind(now)
                .bind(now + seconds * 1000)
                .execute(&mut *tx)
                .await?;
            }
            tx.commit().await?;
        });
        Ok(())
    }

    /// Enqueues everything due at `now`, each entry at most once.
    ///
    /// # Errors
    /// If the database refuses; what was enqueued until then stays, the rest is due at the next tick.
    pub async fn tick(&self, now: DateTime<Utc>) -> Result<Tick, Error> {
        let mut tick = Tick::default();
        for due in self.entries_to_move(now).await? {
            match engine::due::due(now, due.next_due_at, due.interval) {
                Due::Now { next_at } => match self.run_once(&due, next_at, now).await? {
                    Outcome::Enqueued => tick.enqueued.push(due.key),
                    Outcome::Merged => tick.merged.push(due.key),
                    Outcome::TakenByAnother => {}
                },
                Due::Instead { next_at } => {
                    on_pool!(self.queue, pool => {
                        sqlx::query("UPDATE job_schedule SET next_due_at = $1 WHERE entry = $2 AND next_due_at = $3")
                            .bind(next_at.timestamp_millis())
                            .bind(&due.key)
                            .bind(due.next_due_at.timestamp_millis())
                            .execute(pool)
                            .await?;
                    });
                }
                Due::Later => {}
            }
        }
        Ok(tick)
    }

    /// Ticks until cancelled, by the queue's clock. A tick the database refuses is logged and made up for at the next.
    pub async fn run(&self, stop: CancellationToken) {
        loop {
            if let Err(error) = self.tick((self.queue.clock)()).await {
                tracing::warn!(%error, "the schedule could not be read; trying again");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    async fn entries_to_move(&self, now: DateTime<Utc>) -> Result<Vec<Entry>, Error> {
        Ok(on_pool!(self.queue, pool => {
            let rows = sqlx::query(
                "SELECT entry, job, interval_s, next_due_at, last_job_id FROM job_schedule \
                 WHERE enabled AND (next_due_at <= $1 OR next_due_at > $2 + interval_s * 1000) ORDER BY next_due_at",
            )
            .bind(now.timestamp_millis())
            .bind((now + SKEW).timestamp_millis())
            .fetch_all(pool)
            .await?;
            let mut entries = Vec::new();
            for row in rows {
                let key: String = row.try_get("entry")?;
                match serde_json::from_str(row.try_get("job")?) {
                    Ok(job) => entries.push(Entry {
                        key,
                        job,
                        interval: TimeDelta::seconds(row.try_get("interval_s")?),
                        next_due_at: instant(row.try_get("next_due_at")?),
                        last_job_id: row.try_get("last_job_id")?,
                    }),
                    Err(error) => tracing::error!(entry = key, %error, "not a job this version knows"),
                }
            }
            entries
        }))
    }

    /// Moves the entry on and enqueues its job, both or neither, unless another scheduler moved it first.
    async fn run_once(&self, due: &Entry, next: DateTime<Utc>, now: DateTime<Utc>) -> Result<Outcome, Error> {
        let job = &due.job;
        let is_waiting = self.queue.sql(
            "SELECT COUNT(*) FROM {jobs} WHERE id = $1 AND (status = 'Pending' OR status = 'Failed') \
             AND attempts < max_attempts",
        );
        on_pool!(self.queue, pool => {
            let mut tx = pool.begin().await?;
            let moved = sqlx::query(
                "UPDATE job_schedule SET next_due_at = $1, last_enqueued_at = $2 \
                 WHERE entry = $3 AND next_due_at = $4 AND enabled",
            )
            .bind(next.timestamp_millis())
            .bind(now.timestamp_millis())
            .bind(&due.key)
            .bind(due.next_due_at.timestamp_millis())
            .execute(&mut *tx)
            .await?
            .rows_affected();
            if moved == 0 {
                return Ok(Outcome::TakenByAnother);
            }
            let waiting = sqlx::query_scalar(is_waiting).bind(&due.last_job_id).fetch_one(&mut *tx).await?;
            if count(waiting) > 0 {
                tx.commit().await?;
                return Ok(Outcome::Merged);
            }
            let id = self.queue.new_id();
            sqlx::query(self.queue.insert_job())
                .bind(serde_json::to_vec(job)?)
                .bind(&id)
                .bind(job.lane())
                .bind(i32::from(job.kind().max_attempts()))
                .bind(format!("{}@{}", due.key, due.next_due_at.timestamp_millis()))
                .execute(&mut *tx)
                .await?;
            sqlx::query("UPDATE job_schedule SET last_job_id = $1 WHERE entry = $2")
                .bind(&id)
                .bind(&due.key)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
        });
        Ok(Outcome::Enqueued)
    }
}

/// A stored entry.
struct Entry {
    key: String,
    job: Job,
    interval: TimeDelta,
    next_due_at: DateTime<Utc>,
    last_job_id: Option<String>,
}

/// What became of a tick.
enum Outcome {
    Enqueued,
    Merged,
    TakenByAnother,
}
