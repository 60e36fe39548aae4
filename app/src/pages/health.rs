//! Health: feeds, jobs, database, in numbers and in plain words.

use crate::AppError;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::IssueKind;
use serde::{Deserialize, Serialize};

/// What the Health page asks.
#[async_trait]
pub trait HealthPort {
    /// How everything does.
    async fn health(&self) -> Result<HealthView, AppError>;
}

/// How everything does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HealthView {
    /// In plain words, worst first; one line that says so when all is well.
    pub summary: Vec<Finding>,
    /// Every feed that is known, enabled or not.
    pub feeds: Vec<FeedHealth>,
    /// Work waiting and running.
    pub queues: Vec<QueueHealth>,
    /// Periodic work.
    pub schedule: Vec<ScheduleRow>,
    /// Jobs that were given up.
    pub dead: Vec<DeadJob>,
    /// The database.
    pub database: DatabaseHealth,
    /// Data-quality findings of the last 24 hours by kind, the most first.
    pub issues_24h: Vec<IssueCount>,
    /// When the process started.
    pub started_at: DateTime<Utc>,
    /// The version of the code.
    pub version: String,
}

/// How good or bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// As it should be.
    Good,
    /// Look at it when there is time.
    Warn,
    /// Needs somebody.
    Bad,
}

/// A sentence on how something does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How good or bad.
    pub level: Level,
    /// What is, and what to do about it.
    pub text: String,
}

/// A circuit breaker's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Breaker {
    /// Requests flow.
    Closed,
    /// No requests until a time.
    Open,
    /// One request tries whether it is well again.
    HalfOpen,
}

/// How one feed does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeedHealth {
    /// Its key, as in configuration.
    pub key: String,
    /// As shown.
    pub name: String,
    /// True when it is asked at all.
    pub is_enabled: bool,
    /// True when it makes its data up.
    pub is_demo: bool,
    /// How it does, all in all.
    pub level: Level,
    /// The circuit breaker.
    pub breaker: Breaker,
    /// Until when the breaker holds, where it is open.
    pub open_until: Option<DateTime<Utc>>,
    /// Why it was stopped for good, e.g. a refused key.
    pub stopped_reason: Option<String>,
    /// The last answer that could be used.
    pub last_success_at: Option<DateTime<Utc>>,
    /// The last failure.
    pub last_failure_at: Option<DateTime<Utc>>,
    /// How often odds are promised, the tightest interval of its schedule, in seconds.
    pub promised_every_s: Option<u32>,
    /// When it is asked next.
    pub next_due_at: Option<DateTime<Utc>>,
    /// Successes in a row (0 after a failure).
    pub success_streak: u32,
    /// Failures in a row.
    pub failure_streak: u32,
    /// Requests of the last 24 hours.
    pub requests_24h: u32,
    /// Those that failed.
    pub failures_24h: u32,
    /// The median answer time of the last 24 hours in milliseconds.
    pub latency_p50_ms: Option<u32>,
    /// The 95th percentile of it.
    pub latency_p95_ms: Option<u32>,
    /// The share of quotes of the last 24 hours that were rejected.
    pub quarantine_rate: Option<f64>,
    /// The account's credits, where the feed counts them.
    pub credits: Option<Credits>,
    /// The last failures, the latest first, at most ten.
    pub errors: Vec<FetchFailure>,
    /// The latest requests, the oldest first, at most sixty: for the small latency chart.
    pub recent: Vec<FetchPoint>,
}

/// A metered feed's credits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credits {
    /// Used in this period.
    pub used: i64,
    /// Left in this period.
    pub remaining: i64,
    /// What the last request cost.
    pub last: Option<i64>,
    /// What may have been charged without an answer saying so.
    pub unknown: i64,
    /// What the schedule would use a day.
    pub planned_per_day: Option<i64>,
    /// When the numbers were read.
    pub read_at: DateTime<Utc>,
}

/// A request that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchFailure {
    /// When.
    pub at: DateTime<Utc>,
    /// At which endpoint.
    pub endpoint: String,
    /// For which competition, where it was for one.
    pub competition: Option<String>,
    /// The fault's name, e.g. `timeout` or `OUT_OF_USAGE_CREDITS`.
    pub outcome: String,
    /// The HTTP status, where there was an answer.
    pub http_status: Option<u16>,
    /// What a person may know of it; holds no key.
    pub detail: String,
}

/// One request for the small chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchPoint {
    /// When.
    pub at: DateTime<Utc>,
    /// How long, in milliseconds.
    pub duration_ms: u32,
    /// Whether the answer could be used.
    pub is_ok: bool,
}

/// Work of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueHealth {
    /// Its name.
    pub name: String,
    /// Waiting.
    pub waiting: u32,
    /// Running.
    pub running: u32,
    /// Done in the last 24 hours.
    pub done_24h: u32,
    /// Failed attempts in the last 24 hours.
    pub failed_24h: u32,
    /// Given up.
    pub dead: u32,
}

/// A line of the schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleRow {
    /// What is done.
    pub name: String,
    /// How often, in seconds.
    pub every_s: u32,
    /// When it last ran.
    pub last_run_at: Option<DateTime<Utc>>,
    /// When it is due next.
    pub next_due_at: Option<DateTime<Utc>>,
}

/// A job that was given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadJob {
    /// Its identifier.
    pub id: String,
    /// Its queue.
    pub queue: String,
    /// When it was given up.
    pub at: DateTime<Utc>,
    /// After how many attempts.
    pub attempts: u32,
    /// What a person may know of the cause.
    pub detail: String,
}

/// How the database does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseHealth {
    /// `SQLite` or `PostgreSQL`.
    pub engine: String,
    /// Whether it answers.
    pub is_reachable: bool,
    /// How long a read took, in microseconds.
    pub latency_us: Option<u32>,
    /// Its size.
    pub size_bytes: Option<i64>,
    /// Free room on its disk, where that is known.
    pub free_bytes: Option<i64>,
    /// Events.
    pub events: i64,
    /// Current quotes.
    pub quotes: i64,
    /// Rows of the price history.
    pub changes: i64,
    /// Archived answers.
    pub snapshots: i64,
    /// The last migration that was applied.
    pub migration: String,
}

/// How often a kind of finding came up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueCount {
    /// What was found.
    pub kind: IssueKind,
    /// How often.
    pub count: u32,
}
