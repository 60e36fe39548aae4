//! Health: feeds, jobs, database, in numbers and in plain words.

use crate::AppError;
use crate::parts::{Heading, fact, finding, level_mark, shown};
use crate::reader::{exactly, when, when_known};
use crate::write;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::IssueKind;
use leptos::prelude::*;
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

/// How everything does.
#[component]
pub fn HealthPage() -> impl IntoView {
    view! {
        <Heading title="Health" follows="boards health">
            <a class="button quiet" href="/issues">"Issues"</a>
        </Heading>
        {shown(|backend| async move { backend.health().await }, state)}
    }
}

fn state(view: HealthView) -> AnyView {
    let summary = view
        .summary
        .into_iter()
        .map(|found| finding(found.level, found.text))
        .collect_view();
    let feeds = view.feeds.into_iter().map(feed_card).collect_view();
    view! {
        <section class="card">
            <h2>"In plain words"</h2>
            <ul class="findings">{summary}</ul>
        </section>
        <section>
            <h2>"Feeds"</h2>
            <div class="feeds">{feeds}</div>
        </section>
        <section>
            <h2>"Jobs"</h2>
            {jobs(view.queues, view.schedule, view.dead)}
        </section>
        <div class="two">
            <section class="card">
                <h2>"Database"</h2>
                {database(view.database)}
            </section>
            <section class="card">
                <h2>"Data issues, 24 h"</h2>
                {issues(view.issues_24h)}
            </section>
        </div>
        <p class="under">"Version " {view.version} ", started " {when(view.started_at)}</p>
    }
    .into_any()
}

/// A long name that may be broken after its underscores.
fn breakable(name: &str) -> impl IntoView + use<> {
    name.split_inclusive('_')
        .map(|part| view! { {part.to_owned()} <wbr /> })
        .collect_view()
}

fn feed_card(feed: FeedHealth) -> impl IntoView {
    let (class, mark, word) = if feed.is_enabled {
        level_mark(feed.level)
    } else {
        ("level", "○", "switched off")
    };
    let breaker = match feed.breaker {
        Breaker::Closed => "closed: requests flow".into_any(),
        Breaker::Open => view! { "open: asked again " {when_known(feed.open_until)} }.into_any(),
        Breaker::HalfOpen => "half open: one request tries".into_any(),
    };
    let streak = if feed.failure_streak > 0 {
        write::counted(feed.failure_streak, "failure in a row", "failures in a row")
    } else {
        write::counted(feed.success_streak, "success in a row", "successes in a row")
    };
    let freshness = view! {
        {when_known(feed.last_success_at)}
        {feed.promised_every_s.map(|seconds| format!(", promised every {}", write::interval(seconds)))}
    };
    let latency = match (feed.latency_p50_ms, feed.latency_p95_ms) {
        (Some(median), Some(slow)) => format!("{median} ms median, {slow} ms at 95 %"),
        _ => "–".to_owned(),
    };
    let credits = feed.credits.map(|credits| {
        let total = credits.used + credits.remaining;
        let share = if total > 0 {
            (credits.used * 100 / total).clamp(0, 100)
        } else {
            0
        };
        view! {
            <div class="fact wide">
                <dt>"Credits"</dt>
                <dd>
                    {write::count(credits.remaining)} " left of " {write::count(total)}
                    <svg class="meter" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                        <rect class="meter-all" width="100" height="4" rx="1" />
                        <rect class="meter-used" width=share.to_string() height="4" rx="1" />
                    </svg>
                    <small class="under">
                        {credits.last.map(|last| format!("last request {last}, "))}
                        {credits.planned_per_day.map(|planned| format!("planned {} a day, ", write::count(planned)))}
                        {(credits.unknown > 0).then(|| format!("{} may have been charged unseen, ", credits.unknown))}
                        "read " {when(credits.read_at)}
                    </small>
                </dd>
            </div>
        }
    });
    let stopped = feed
        .stopped_reason
        .map(|reason| view! { <p class="strip bad" role="note">"Stopped: " {reason}</p> });
    let errors = (!feed.errors.is_empty()).then(|| {
        let rows = feed
            .errors
            .into_iter()
            .map(|error| {
                view! {
                    <tr>
                        <td data-label="When">{when(error.at)}</td>
                        <th scope="row"><code>{error.outcome}</code></th>
                        <td data-label="Endpoint">
                            {error.endpoint} {error.competition.map(|competition| format!(" · {competition}"))}
                        </td>
                        <td class="number" data-label="HTTP">{error.http_status}</td>
                        <td data-label="Detail">{error.detail}</td>
                    </tr>
                }
            })
            .collect_view();
        view! {
            <details>
                <summary>"Last failures"</summary>
                <table class="cards dense">
                    <caption class="unseen">"Last failures"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"When"</th>
                            <th scope="col">"Fault"</th>
                            <th scope="col">"Endpoint"</th>
                            <th scope="col" class="number">"HTTP"</th>
                            <th scope="col">"Detail"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </details>
        }
    });
    view! {
        <article class="card">
            <header class="heading">
                <h3>
                    <span class=class>
                        <span class="mark" aria-hidden="true">{mark}</span>
                        <span class="unseen">{word} ": "</span>
                    </span>
                    {feed.name}
                    " "
                    {feed.is_demo.then(|| view! { <span class="badge demo">"demo"</span> })}
                </h3>
                <span class="under">{if feed.is_enabled { "" } else { "switched off" }}</span>
            </header>
            {stopped}
            <dl class="facts">
                {fact("Last answer", freshness)} {fact("Next request", when_known(feed.next_due_at))} {fact("Streak", streak)}
                {fact("Breaker", breaker)}
                {fact("Requests, 24 h", format!("{}, {} failed", write::count(i64::from(feed.requests_24h)), write::count(i64::from(feed.failures_24h))))}
                {fact("Latency", latency)}
                {fact("Rejected quotes, 24 h", feed.quarantine_rate.map_or_else(|| "–".to_owned(), |rate| write::percent(rate, 2)))}
                {credits}
            </dl>
            {spark(&feed.recent)}
            {errors}
        </article>
    }
}

/// The latest requests as bars: height is how long, colour and mark whether it worked.
fn spark(points: &[FetchPoint]) -> Option<impl IntoView + use<>> {
    let slowest = points
        .iter()
        .map(|point| point.duration_ms)
        .max()
        .filter(|slowest| *slowest > 0)?;
    let failed = points.iter().filter(|point| !point.is_ok).count();
    let bars = points
        .iter()
        .enumerate()
        .map(|(at, point)| {
            let height = (f64::from(point.duration_ms) / f64::from(slowest) * 28.0).max(1.5);
            let class = if point.is_ok { "bar" } else { "bar failed" };
            view! { <rect class=class x=(at * 5).to_string() y=format!("{:.1}", 30.0 - height) width="3.5" height=format!("{height:.1}") /> }
        })
        .collect_view();
    let title = format!(
        "Duration of the last {} requests, up to {slowest} ms; {failed} failed",
        points.len()
    );
    Some(view! {
        <svg class="spark" viewBox=format!("0 0 {} 30", points.len().max(20) * 5) role="img" aria-label=title.clone() preserveAspectRatio="none">
            <title>{title.clone()}</title>
            {bars}
        </svg>
        <p class="under">{title}</p>
    })
}

fn jobs(queues: Vec<QueueHealth>, schedule: Vec<ScheduleRow>, dead: Vec<DeadJob>) -> impl IntoView {
    let queues = queues
        .into_iter()
        .map(|queue| {
            let count = |number: u32| write::count(i64::from(number));
            let dead = if queue.dead > 0 { "number loss" } else { "number" };
            view! {
                <tr>
                    <th scope="row">{queue.name}</th>
                    <td class="number" data-label="Waiting">{count(queue.waiting)}</td>
                    <td class="number" data-label="Running">{count(queue.running)}</td>
                    <td class="number" data-label="Done, 24 h">{count(queue.done_24h)}</td>
                    <td class="number" data-label="Failed, 24 h">{count(queue.failed_24h)}</td>
                    <td class=dead data-label="Given up">{count(queue.dead)}</td>
                </tr>
            }
        })
        .collect_view();
    let schedule = schedule
        .into_iter()
        .map(|row| {
            view! {
                <tr>
                    <th scope="row">{row.name}</th>
                    <td class="number" data-label="Every">{write::interval(row.every_s)}</td>
                    <td data-label="Last">{when_known(row.last_run_at)}</td>
                    <td data-label="Next">{when_known(row.next_due_at)}</td>
                </tr>
            }
        })
        .collect_view();
    let dead = (!dead.is_empty()).then(|| {
        let rows = dead
            .into_iter()
            .map(|job| {
                view! {
                    <tr>
                        <td data-label="When">{exactly(job.at)}</td>
                        <th scope="row">{job.queue} <small class="under">{job.id}</small></th>
                        <td class="number" data-label="Attempts">{job.attempts}</td>
                        <td data-label="Cause">{job.detail}</td>
                    </tr>
                }
            })
            .collect_view();
        view! {
            <h3>"Given up"</h3>
            <div class="sheet">
                <table class="cards dense">
                    <caption class="unseen">"Jobs that were given up"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"When"</th>
                            <th scope="col">"Queue"</th>
                            <th scope="col" class="number">"Attempts"</th>
                            <th scope="col">"Cause"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    });
    view! {
        <div class="two">
            <div class="sheet">
                <table class="cards dense">
                    <caption>"Queues"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Queue"</th>
                            <th scope="col" class="number">"Waiting"</th>
                            <th scope="col" class="number">"Running"</th>
                            <th scope="col" class="number">"Done, 24 h"</th>
                            <th scope="col" class="number">"Failed, 24 h"</th>
                            <th scope="col" class="number">"Given up"</th>
                        </tr>
                    </thead>
                    <tbody>{queues}</tbody>
                </table>
            </div>
            <div class="sheet">
                <table class="cards dense">
                    <caption>"Schedule"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"What"</th>
                            <th scope="col" class="number">"Every"</th>
                            <th scope="col">"Last"</th>
                            <th scope="col">"Next"</th>
                        </tr>
                    </thead>
                    <tbody>{schedule}</tbody>
                </table>
            </div>
        </div>
        {dead}
    }
}

fn database(database: DatabaseHealth) -> impl IntoView {
    let known = |size: Option<i64>| size.map_or_else(|| "–".to_owned(), write::bytes);
    let answers = if database.is_reachable {
        "answers"
    } else {
        "does not answer"
    };
    let latency = database
        .latency_us
        .map_or_else(String::new, |us| format!(" in {:.1} ms", f64::from(us) / 1000.0));
    view! {
        <dl class="facts">
            {fact("Engine", database.engine)} {fact("State", format!("{answers}{latency}"))} {fact("Size", known(database.size_bytes))}
            {fact("Free on its disk", known(database.free_bytes))} {fact("Events", write::count(database.events))}
            {fact("Current quotes", write::count(database.quotes))} {fact("History rows", write::count(database.changes))}
            {fact("Snapshots", write::count(database.snapshots))} {fact("Last migration", breakable(&database.migration))}
        </dl>
    }
}

fn issues(counts: Vec<IssueCount>) -> AnyView {
    if counts.is_empty() {
        return view! { <p class="empty">"None. Every answer could be used as it came."</p> }.into_any();
    }
    let rows = counts
        .into_iter()
        .map(|found| {
            view! {
                <li>
                    <a href=format!("/issues?kind={}", found.kind.code())>{found.kind.meaning()}</a>
                    <span class="number">{write::count(i64::from(found.count))}</span>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="counts">{rows}</ul> }.into_any()
}
