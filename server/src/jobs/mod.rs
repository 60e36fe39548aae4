//! Background work: the closed set of job kinds, the queue they wait in, their schedule and the workers that run them.
//!
//! To add a kind: one new file with a payload that implements [`Kind`], one variant of [`Job`], and, if it is periodic,
//! one [`ScheduleEntry`] in the list the server hands to [`Scheduler::sync`].
//!
//! # Lanes
//! Jobs wait in *lanes*: one per feed (`feed:the_odds_api`) and one for each kind that belongs to no feed (`evaluate`).
//! A lane has its own worker, so that a slow or broken feed holds up nobody else. Lanes are opened as jobs for them
//! appear; nobody keeps a list.
//!
//! # Delivery
//! At least once. A job whose process died runs again, so [`Work`] must be safe to repeat. Attempts are bounded, whatever
//! ends them (error, panic, time limit, death of the process); what used up its attempts is *dead* and is kept for a
//! person to see ([`Queue::list_dead`]).
//!
//! # What apalis does and what it does not
//! apalis keeps the jobs, hands each to one worker, and notices workers that stopped breathing. The rest is done here:
//!
//! - *Schedule.* Its cron enqueues every tick once per process and forgets late ticks. [`Scheduler`] moves a row's due
//!   time and inserts the job in one transaction, so each tick happens once whoever gets there first.
//! - *Enqueueing.* One repeated idempotency key fails a whole PostgreSQL batch, and a push cannot join our transaction;
//!   [`Queue::enqueue`] inserts by itself and lets a repeated key be.
//! - *Queue names.* By default the Rust type's name, so that a rename orphans jobs; lanes have names of their own.
//! - *Poison.* A job whose process died is fetched again however many attempts it used. [`Queue::sweep`] buries those
//!   before workers start and regularly after, and the runner refuses the ones that slip through.
//! - *Panics and endless loops.* A worker polls its jobs on its own task, so either would stop the worker. Every job
//!   runs on a thread of its own, under a time limit.
//! - *Backoff.* A failed job is due again at once; we move its time.
//! - *Restart.* One database error ends a worker for good, and a worker restarted under its old name keeps its lost jobs
//!   "running". [`Workers`] restarts lanes, each time under a random name, and gives back what the old one held.
//! - *Waking.* Its poll interval can lose its alarm, and an idle worker then sleeps for ever; ours cannot.
//! - *Heartbeats.* A worker with more than one fetched job in hand stops breathing while it is busy; so one at a time.
//! - *SQLite set-up.* `setup()` turns `synchronous` off on the pool it is given. The jobs have a file of their own, only
//!   the migrations are run, and the pragma is checked.
//! - *PostgreSQL set-up.* The migrations need the extension `hstore`; a missing right is a plain error.

mod discover_events;
mod evaluate;
mod fetch_odds;
mod fetch_scores;
mod queue;
mod retention;
mod schedule;
mod settle_bets;
mod update_status;
mod worker;

#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use discover_events::DiscoverEvents;
pub use evaluate::Evaluate;
pub use fetch_odds::FetchOdds;
pub use fetch_scores::FetchScores;
pub use queue::{DeadJob, Lane, Overview, Pruned, Queue, Run, RunCount, ScheduleState};
pub use retention::Retention;
pub use schedule::{ScheduleEntry, Scheduler, Tick};
pub use settle_bets::SettleBets;
pub use update_status::UpdateStatus;
pub use worker::{Pace, Workers};

/// Where the current instant comes from.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// Where chance comes from: 128 fresh random bits a call. Names workers and jobs; need not be secret.
pub type Random = Arc<dyn Fn() -> u128 + Send + Sync>;

/// What went wrong with the queue itself; a job's own failure is a [`Failure`].
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused or could not be reached.
    #[error("the job queue's database: {0}")]
    Database(#[from] sqlx::Error),
    /// The queue's tables could not be created or brought up to date.
    #[error("the job queue's tables could not be brought up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// PostgreSQL lacks the extension `hstore` and this user may not create it.
    #[error(
        "the job queue needs PostgreSQL's extension hstore and could not create it ({0}); \
         run `CREATE EXTENSION hstore` in this database as a user who may"
    )]
    Hstore(#[source] sqlx::Error),
    /// The SQLite file would not survive a power cut.
    #[error("the job queue's SQLite file has synchronous = {found}, and needs 2 (FULL)")]
    Synchronous {
        /// What the pragma says.
        found: i64,
    },
    /// A job could not be written as JSON.
    #[error("a job could not be written as JSON: {0}")]
    Payload(#[from] serde_json::Error),
}

/// Why a job did not succeed, in words a page may show, and whether to try again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What happened. Must hold no secret: it is stored and shown.
    pub message: String,
    /// Whether and when to try again.
    pub retry: Retry,
}

/// Whether and when a failed job is tried again, within its attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Later, by the usual growing pause.
    Backoff,
    /// After the time the other side asked for.
    After(Duration),
    /// Not at all: the next attempt would fail alike.
    Never,
}

impl Failure {
    /// A failure that may pass: tried again after the usual pause.
    pub fn retryable(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            retry: Retry::Backoff,
        }
    }

    /// A failure that will not pass by itself: the job is dead at once.
    pub fn permanent(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            retry: Retry::Never,
        }
    }
}

/// What jobs do to the world; the server implements it for its state.
///
/// Every method may be called again for the same job and must then have no second effect.
#[async_trait]
pub trait Work: Send + Sync + 'static {
    /// Asks a feed which events exist.
    async fn discover_events(&self, feed: &str) -> Result<(), Failure>;
    /// Fetches a competition's odds from a feed and takes them in.
    async fn fetch_odds(&self, feed: &str, competition: &str) -> Result<(), Failure>;
    /// Fetches a competition's scores from a feed and takes them in.
    async fn fetch_scores(&self, feed: &str, competition: &str) -> Result<(), Failure>;
    /// Moves events along their life cycle as time passes.
    async fn update_status(&self) -> Result<(), Failure>;
    /// Evaluates the boards that changed since they were last evaluated.
    async fn evaluate(&self) -> Result<(), Failure>;
    /// Takes the closes of bets whose events have started, and settles those whose events are over.
    async fn settle_bets(&self) -> Result<(), Failure>;
    /// Removes what is older than its retention.
    async fn retention(&self) -> Result<(), Failure>;
}

/// What a kind of job says about itself. Each kind's file implements it for its payload.
#[async_trait]
pub trait Kind: Send + Sync {
    /// The kind's name in the database, for ever: renaming it orphans jobs.
    fn name(&self) -> &'static str;

    /// The feed it asks, if it asks one; such jobs share that feed's lane.
    fn feed(&self) -> Option<&str> {
        None
    }

    /// The competition it is about, if it is about one.
    fn competition(&self) -> Option<&str> {
        None
    }

    /// How long one attempt may take.
    fn time_limit(&self) -> Duration {
        Duration::from_mins(1)
    }

    /// After how many attempts it is dead.
    fn max_attempts(&self) -> u16 {
        3
    }

    /// Does it once.
    async fn run(&self, work: &dyn Work) -> Result<(), Failure>;
}

/// Everything that can wait in the queue. Stored as JSON, told apart by `kind`.
///
/// ```json
/// {"kind": "fetch_odds", "feed": "the_odds_api", "competition": "basketball_nba"}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Job {
    /// See [`DiscoverEvents`].
    DiscoverEvents(DiscoverEvents),
    /// See [`FetchOdds`].
    FetchOdds(FetchOdds),
    /// See [`FetchScores`].
    FetchScores(FetchScores),
    /// See [`UpdateStatus`].
    UpdateStatus(UpdateStatus),
    /// See [`Evaluate`].
    Evaluate(Evaluate),
    /// See [`SettleBets`].
    SettleBets(SettleBets),
    /// See [`Retention`].
    Retention(Retention),
}

impl Job {
    /// Discovery of a feed's events.
    pub fn discover_events(feed: impl Into<String>) -> Self {
        Self::DiscoverEvents(DiscoverEvents { feed: feed.into() })
    }

    /// A fetch of a competition's odds.
    pub fn fetch_odds(feed: impl Into<String>, competition: impl Into<String>) -> Self {
        Self::FetchOdds(FetchOdds {
            feed: feed.into(),
            competition: competition.into(),
        })
    }

    /// A fetch of a competition's scores.
    pub fn fetch_scores(feed: impl Into<String>, competition: impl Into<String>) -> Self {
        Self::FetchScores(FetchScores {
            feed: feed.into(),
            competition: competition.into(),
        })
    }

    /// A look at the clock for events that started or ended.
    pub fn update_status() -> Self {
        Self::UpdateStatus(UpdateStatus {})
    }

    /// An evaluation of the changed boards.
    pub fn evaluate() -> Self {
        Self::Evaluate(Evaluate {})
    }

    /// A settlement of the bets whose events are over.
    pub fn settle_bets() -> Self {
        Self::SettleBets(SettleBets {})
    }

    /// A removal of what is past its retention.
    pub fn retention() -> Self {
        Self::Retention(Retention {})
    }

    /// What its kind says about it.
    pub fn kind(&self) -> &dyn Kind {
        match self {
            Self::DiscoverEvents(kind) => kind,
            Self::FetchOdds(kind) => kind,
            Self::FetchScores(kind) => kind,
            Self::UpdateStatus(kind) => kind,
            Self::Evaluate(kind) => kind,
            Self::SettleBets(kind) => kind,
            Self::Retention(kind) => kind,
        }
    }

    /// The lane it waits in: `feed:` and its feed, or its kind.
    pub fn lane(&self) -> String {
        match self.kind().feed() {
            Some(feed) => format!("feed:{feed}"),
            None => self.kind().name().to_owned(),
        }
    }

    /// What it is about, the same for every run: `fetch_odds/the_odds_api/basketball_nba`. Identifies a schedule entry.
    pub fn key(&self) -> String {
        let kind = self.kind();
        [Some(kind.name()), kind.feed(), kind.competition()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("/")
    }
}
