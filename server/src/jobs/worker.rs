//! Who runs jobs: a worker for each lane, restarted when it falls.

use std::{
    any::Any,
    collections::BTreeSet,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use apalis::prelude::{
    AbortError, BackendExt, BoxDynError, PollSnapshot, PollStrategy, Task, WorkerBuilder, WorkerBuilderExt,
    WorkerContext,
};
use apalis_postgres::PostgresStorage;
use apalis_sqlite::SqliteStorage;
use serde_json::Value;
use tokio::{
    runtime::Handle,
    task::{JoinError, JoinSet},
    time::{Instant, Interval, MissedTickBehavior},
};
use tokio_util::sync::CancellationToken;

use super::{
    Error, Failure, Job, Queue, Retry, Work,
    queue::{Pool, Run},
};

/// The longest pause before another attempt.
const LONGEST_PAUSE: Duration = Duration::from_mins(10);
/// How long a job that ran into its time limit may take to notice.
const GRACE: Duration = Duration::from_secs(1);
/// How long a lane whose worker fell waits before it starts another.
const RESTART_PAUSE: Duration = Duration::from_secs(1);

/// How fast and how patient the workers are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    /// How often an idle worker looks for jobs.
    pub poll: Duration,
    /// How often a worker says that it lives; whole seconds.
    pub heartbeat: Duration,
    /// After how many missed heartbeats its jobs go to another.
    pub missed_heartbeats: usize,
    /// How many jobs of one feed run at once. Other lanes run one at a time.
    pub jobs_per_feed: usize,
    /// The pause before the second attempt; each further one is four times as long, up to ten minutes.
    pub backoff: Duration,
    /// Bounds every kind's own time limit.
    pub longest_job: Duration,
    /// How long jobs that run may go on once told to stop.
    pub stop_limit: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            poll: Duration::from_millis(500),
            heartbeat: Duration::from_secs(5),
            missed_heartbeats: 3,
            jobs_per_feed: 4,
            backoff: Duration::from_secs(5),
            longest_job: Duration::from_mins(10),
            stop_limit: Duration::from_secs(20),
        }
    }
}

/// Runs jobs. Any number of processes may do so on one queue.
#[derive(Clone)]
pub struct Workers {
    queue: Queue,
    work: Arc<dyn Work>,
    pace: Pace,
}

impl Workers {
    /// Workers that do `work` for the jobs of `queue`.
    pub fn new(queue: Queue, work: Arc<dyn Work>, pace: Pace) -> Self {
        Self { queue, work, pace }
    }

    /// Runs jobs until told to stop, then takes no more, lets the running ones finish within the limit, gives back the
    /// rest and returns. Needs a Tokio runtime with more than its own thread to spare for each running job.
    ///
    /// A job that never yields cannot be ended from outside: its thread is lost until the process ends. So end the
    /// process rather than wait for the runtime to drop.
    pub async fn run(&self, stop: CancellationToken) {
        let mut lanes = JoinSet::new();
        let mut open = BTreeSet::new();
        while !stop.is_cancelled() {
            match self.lanes_to_open().await {
                Ok(names) => {
                    for name in names {
                        if open.insert(name.clone()) {
                            let (workers, stop) = (self.clone(), stop.clone());
                            lanes.spawn(async move { workers.run_lane(&name, &stop).await });
                        }
                    }
                }
                Err(error) => tracing::warn!(%error, "the job queue could not be read; trying again"),
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(self.pace.poll) => {}
            }
        }
        lanes.join_all().await;
    }

    /// Buries what used up its attempts first, so that no worker starts it.
    async fn lanes_to_open(&self) -> Result<Vec<String>, Error> {
        let buried = self.queue.sweep().await?;
        if buried > 0 {
            tracing::error!(jobs = buried, "jobs that ended their process too often are dead");
        }
        self.queue.open_lanes().await
    }

    async fn run_lane(&self, lane: &str, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            let name = format!("{lane}-{:032x}", (self.queue.random)());
            let context = WorkerContext::new(&name);
            // A task of its own, because a panic in apalis must not end the lane; in a set, because a set ends its
            // tasks when it is dropped.
            let mut worker = JoinSet::new();
            worker.spawn(self.worker(lane, &context));
            let ended = tokio::select! {
                ended = worker.join_next() => ended,
                () = stop.cancelled() => self.wind_down(&context, &mut worker).await,
            };
            match ended {
                Some(Ok(Ok(()))) => {}
                Some(Ok(Err(error))) => tracing::warn!(lane, %error, "a worker fell; starting another"),
                Some(Err(error)) => tracing::error!(lane, %error, "a worker broke; starting another"),
                None => tracing::warn!(lane, "jobs did not finish in time; they will run again"),
            }
            if let Err(error) = self.queue.release(&name).await {
                tracing::warn!(lane, %error, "a worker's jobs could not be given back; they wait for its heartbeats to lapse");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(RESTART_PAUSE) => {}
            }
        }
    }

    /// Tells a worker to finish; `None` if it did not within the limit and was ended.
    async fn wind_down(
        &self,
        context: &WorkerContext,
        worker: &mut JoinSet<Ended>,
    ) -> Option<Result<Ended, JoinError>> {
        let finish = async {
            // A worker that has not started yet cannot be told.
            while context.stop().is_err() {
                tokio::select! {
                    ended = worker.join_next() => return ended,
                    () = tokio::time::sleep(Duration::from_millis(5)) => {}
                }
            }
            worker.join_next().await
        };
        let ended = tokio::time::timeout(self.pace.stop_limit, finish).await.ok().flatten();
        worker.shutdown().await;
        ended
    }

    /// apalis' worker for one lane.
    fn worker(&self, lane: &str, context: &WorkerContext) -> Pin<Box<dyn Future<Output = Ended> + Send>> {
        let runner = Runner {
            queue: self.queue.clone(),
            work: Arc::clone(&self.work),
            pace: self.pace.clone(),
        };
        let at_once = if lane.starts_with("feed:") {
            self.pace.jobs_per_feed.max(1)
        } else {
            1
        };
        macro_rules! worker {
            ($storage:expr, $config:expr) => {{
                let config = $config
                    .queue(lane)
                    .batch_size(1)
                    .heartbeat_interval(self.pace.heartbeat)
                    .missed_heartbeats(self.pace.missed_heartbeats);
                let worker = WorkerBuilder::new(context)
                    .backend(
                        $storage
                            .with_config(config)
                            .poll_with_strategy(Look::every(self.pace.poll)),
                    )
                    .concurrency(at_once)
                    .build::<Runner, Runner, _>(runner);
                Box::pin(async move { worker.run().await.map_err(BoxDynError::from) })
            }};
        }
        match &self.queue.pool {
            Pool::Sqlite(pool) => worker!(SqliteStorage::<Value>::new(pool), apalis_sqlite::Config::default()),
            Pool::Postgres(pool) => worker!(PostgresStorage::<Value>::new(pool), apalis_postgres::Config::default()),
        }
    }
}

/// Wakes an idle worker again and again. apalis' own interval forgets to set its next alarm when one goes off while the
/// worker still looks, and the worker then sleeps until its heartbeat, or for ever.
struct Look(Interval);

impl Look {
    fn every(interval: Duration) -> Self {
        let mut interval = tokio::time::interval(interval.max(Duration::from_millis(1)));
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self(interval)
    }
}

impl PollStrategy for Look {
    fn poll_drive(&mut self, context: &mut Context<'_>, _: &PollSnapshot) -> Poll<Option<()>> {
        let mut due = Poll::Pending;
        // Only a pending alarm is a set one.
        while self.0.poll_tick(context).is_ready() {
            due = Poll::Ready(Some(()));
        }
        due
    }
}

/// How a worker ended.
type Ended = Result<(), BoxDynError>;

/// Runs one delivered job after the other.
#[derive(Clone)]
struct Runner {
    queue: Queue,
    work: Arc<dyn Work>,
    pace: Pace,
}

impl tower::Service<Task<Value>> for Runner {
    type Response = ();
    type Error = BoxDynError;
    type Future = Pin<Box<dyn Future<Output = Result<(), BoxDynError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxDynError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, task: Task<Value>) -> Self::Future {
        let runner = self.clone();
        Box::pin(async move { runner.run(task).await })
    }
}

impl Runner {
    /// Runs one attempt and records it. An [`AbortError`] tells apalis that the job is dead.
    async fn run(&self, task: Task<Value>) -> Result<(), BoxDynError> {
        let attempt = u32::try_from(task.attempt()).unwrap_or(u32::MAX);
        let allowed = task
            .max_attempts()
            .and_then(|allowed| u32::try_from(allowed).ok())
            .unwrap_or(1);
        let id = task.task_id().map(ToString::to_string).unwrap_or_default();
        if attempt > allowed {
            let reason = format!("gave up: its process ended during the last of {allowed} attempts");
            return Err(AbortError::new(Failure::permanent(reason)).into());
        }
        let job: Job = serde_json::from_value(task.args)
            .map_err(|error| AbortError::new(Failure::permanent(format!("not a job this version knows: {error}"))))?;
        let (key, started_at, timer) = (job.key(), (self.queue.clock)(), Instant::now());
        let result = self.attempt(job).await;
        let took = timer.elapsed();
        let pause = match &result {
            Err(failure) if attempt < allowed => self.pause(failure.retry, attempt),
            _ => None,
        };
        let error = result.as_ref().err().map(ToString::to_string);
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        match &error {
            None => tracing::debug!(job = key, attempt, took_ms, "job done"),
            Some(error) if pause.is_some() => tracing::warn!(job = key, attempt, took_ms, error, "job failed"),
            Some(error) => tracing::error!(job = key, attempt, took_ms, error, "job is dead"),
        }
        let run = Run {
            key,
            attempt,
            started_at,
            took,
            error,
        };
        if let Err(error) = self.queue.record(&id, &run, pause).await {
            tracing::warn!(job = run.key, %error, "a run could not be recorded");
        }
        match result {
            Ok(()) => Ok(()),
            Err(failure) if pause.is_some() => Err(failure.into()),
            Err(failure) => Err(AbortError::new(failure).into()),
        }
    }

    /// Runs the job on a thread of its own: a panic, an endless loop or heavy arithmetic is then its own affair. If
    /// this future is dropped, the job ends at its next await.
    async fn attempt(&self, job: Job) -> Result<(), Failure> {
        let limit = job.kind().time_limit().min(self.pace.longest_job);
        let dropped = CancellationToken::new();
        let _ends_the_job = dropped.clone().drop_guard();
        let (work, runtime) = (Arc::clone(&self.work), Handle::current());
        let job = tokio::task::spawn_blocking(move || {
            runtime.block_on(async {
                tokio::select! {
                    ended = tokio::time::timeout(limit, job.kind().run(&*work)) => ended.unwrap_or_else(|_| {
                        Err(Failure::retryable(format!("took longer than its {limit:?}")))
                    }),
                    () = dropped.cancelled() => Err(Failure::retryable("stopped")),
                }
            })
        });
        match tokio::time::timeout(limit + GRACE, job).await {
            Ok(Ok(result)) => result,
            Ok(Err(broken)) => Err(Failure::retryable(match broken.try_into_panic() {
                Ok(panic) => format!("panicked: {}", panic_text(&*panic)),
                Err(cancelled) => cancelled.to_string(),
            })),
            Err(_) => Err(Failure::retryable(format!(
                "took longer than its {limit:?} and cannot be stopped"
            ))),
        }
    }

    /// How long until the next attempt; `None` if there is to be none.
    fn pause(&self, retry: Retry, attempt: u32) -> Option<Duration> {
        match retry {
            Retry::Never => None,
            Retry::After(asked) => Some(asked),
            Retry::Backoff => {
                let factor = 4_u32.saturating_pow(attempt.saturating_sub(1));
                Some(self.pace.backoff.saturating_mul(factor).min(LONGEST_PAUSE))
            }
        }
    }
}

/// What a panic said.
fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a word")
}
