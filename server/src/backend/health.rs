//! How everything does, from recorded facts alone.

use super::{RequestBackend, count, failed, told};
use crate::desk::feeds::{self, FeedSetup};
use crate::desk::preferences::start_of_month;
use crate::jobs;
use crate::pipeline::breaker;
use crate::state::AppState;
use app::AppError;
use app::pages::health::{
    Breaker, Credits, DatabaseHealth, DeadJob, FeedHealth, FetchFailure, FetchPoint, Finding, HealthPort, HealthView,
    IssueCount, Level, QueueHealth, ScheduleRow,
};
use app::write;
use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use domain::{IssueKind, Severity};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Instant;
use store::{Backend, FeedState, NewFetch};

/// Requests in the small latency chart.
const RECENT: u32 = 60;
/// Failures listed of a feed.
const ERRORS: u32 = 10;
/// A feed is late when it has not answered for so many times its promise, and a little longer.
const LATE: i32 = 3;
const GRACE: Duration = Duration::minutes(1);
/// The schedule stands still when something is overdue by this.
const OVERDUE: Duration = Duration::minutes(2);

/// What the job queue says.
struct JobFacts {
    overview: jobs::Overview,
    dead: Vec<jobs::DeadJob>,
    counts: Vec<jobs::RunCount>,
}

impl JobFacts {
    /// `None` while this process has no queue, or its database does not answer.
    async fn gather(state: &AppState, since: DateTime<Utc>) -> Option<Self> {
        let queue = state.jobs.get()?;
        let facts = async {
            Ok::<_, jobs::Error>(Self {
                overview: queue.overview(1).await?,
                dead: queue.list_dead().await?,
                counts: queue.run_counts(since).await?,
            })
        };
        facts
            .await
            .inspect_err(|error| tracing::warn!(%error, "the job queue could not be read"))
            .ok()
    }

    fn next_due_at(&self, feed: &str) -> Option<DateTime<Utc>> {
        let is_of_feed = |key: &str| key.split('/').nth(1) == Some(feed);
        self.overview
            .schedule
            .iter()
            .filter(|entry| is_of_feed(&entry.key))
            .map(|entry| entry.next_due_at)
            .min()
    }

    fn queues(&self) -> Vec<QueueHealth> {
        let mut queues: BTreeMap<String, QueueHealth> = BTreeMap::new();
        for lane in &self.overview.lanes {
            let queue = queue(&mut queues, &lane.name);
            queue.waiting = count(lane.pending + lane.failed);
            queue.running = count(lane.running);
            queue.dead = count(lane.dead);
        }
        for runs in &self.counts {
            let queue = queue(&mut queues, &lane_of(&runs.key));
            queue.done_24h = queue.done_24h.saturating_add(count(runs.done));
            queue.failed_24h = queue.failed_24h.saturating_add(count(runs.failed));
        }
        queues.into_values().collect()
    }

    fn schedule(&self) -> Vec<ScheduleRow> {
        let rows = self.overview.schedule.iter().map(|entry| ScheduleRow {
            name: job_name(&entry.key),
            every_s: count(entry.interval.as_secs()),
            last_run_at: entry
                .last_run
                .as_ref()
                .map(|run| run.started_at)
                .or(entry.last_enqueued_at),
            next_due_at: Some(entry.next_due_at),
        });
        rows.collect()
    }

    fn dead(&self, now: DateTime<Utc>) -> Vec<DeadJob> {
        let rows = self.dead.iter().map(|job| DeadJob {
            id: job.id.clone(),
            queue: job.lane.clone(),
            at: job.died_at.unwrap_or(now),
            attempts: job.attempts,
            detail: job.error.clone(),
        });
        rows.collect()
    }

    fn findings(&self, now: DateTime<Utc>) -> Vec<Finding> {
        let mut findings = Vec::new();
        let overdue = self.overview.schedule.iter().map(|entry| now - entry.next_due_at).max();
        if let Some(overdue) = overdue.filter(|overdue| *overdue > OVERDUE) {
            let text = format!(
                "The schedule stands still: work is overdue by {}. Is a process with the role scheduler running?",
                domain::span(overdue.num_seconds())
            );
            findings.push(Finding {
                level: Level::Bad,
                text,
            });
        }
        if !self.dead.is_empty() {
            let jobs = write::counted(count(self.dead.len()), "job was given up", "jobs were given up");
            findings.push(Finding {
                level: Level::Warn,
                text: format!("{jobs}; the list below says why."),
            });
        }
        findings
    }
}

/// The row of a queue, made when it is not there yet.
fn queue<'q>(queues: &'q mut BTreeMap<String, QueueHealth>, name: &str) -> &'q mut QueueHealth {
    queues.entry(name.to_owned()).or_insert_with(|| QueueHealth {
        name: name.to_owned(),
        waiting: 0,
        running: 0,
        done_24h: 0,
        failed_24h: 0,
        dead: 0,
    })
}

/// The lane of a job's key: of its feed, or of its kind.
fn lane_of(key: &str) -> String {
    let mut parts = key.split('/');
    let kind = parts.next().unwrap_or_default();
    parts
        .next()
        .map_or_else(|| kind.to_owned(), |feed| format!("feed:{feed}"))
}

/// A job's key in words.
fn job_name(key: &str) -> String {
    let parts: Vec<&str> = key.split('/').collect();
    let feed = |key: &str| ::feeds::find_feed(key).map_or_else(|| key.to_owned(), |feed| feed.name().to_owned());
    match parts.as_slice() {
        ["discover_events", of] => format!("Competitions and events of {}", feed(of)),
        ["fetch_odds", of, competition] => format!("Odds of {}: {competition}", feed(of)),
        ["fetch_scores", of, competition] => format!("Scores of {}: {competition}", feed(of)),
        ["update_status"] => "Events that start".to_owned(),
        ["evaluate"] => "Boards that changed".to_owned(),
        ["retention"] => "What is past its retention".to_owned(),
        _ => key.to_owned(),
    }
}

/// Everything that Health and Today say of how things go.
pub(super) struct Facts {
    now: DateTime<Utc>,
    /// Every feed that is known, enabled or not.
    pub(super) feeds: Vec<FeedHealth>,
    jobs: Option<JobFacts>,
    issues_24h: Vec<store::IssueCount>,
}

impl Facts {
    pub(super) async fn gather(state: &AppState) -> Result<Self, AppError> {
        let now = state.clock.now();
        let since = now - Duration::hours(24);
        let jobs = JobFacts::gather(state, since).await;
        let states = state.store.feed_states().await.map_err(failed)?;
        let mut feeds = Vec::new();
        for setup in told(feeds::list(state).await)? {
            let known = states.iter().find(|known| known.feed == setup.feed.key()).cloned();
            let known = known.unwrap_or_else(|| breaker::fresh(setup.feed.key()));
            let next_due_at = jobs.as_ref().and_then(|jobs| jobs.next_due_at(setup.feed.key()));
            feeds.push(feed_health(state, &setup, known, next_due_at, now).await?);
        }
        Ok(Self {
            now,
            feeds,
            jobs,
            issues_24h: state.store.issue_counts(since).await.map_err(failed)?,
        })
    }

    /// How many findings of a severity the last 24 hours brought.
    pub(super) fn findings(&self, severity: Severity) -> u32 {
        let found = self.issues_24h.iter().filter(|issues| issues.severity == severity);
        count(found.map(|issues| issues.count).sum::<i64>())
    }

    /// In plain words, worst first; one line that says so when all is well.
    pub(super) fn summary(&self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self.feeds.iter().flat_map(|feed| judge(feed, self.now)).collect();
        let enabled = self.feeds.iter().filter(|feed| feed.is_enabled).count();
        if enabled == 0 {
            let text = "No feed is switched on, so nothing new arrives. Switch one on in Settings, Feeds.".to_owned();
            findings.push(Finding {
                level: Level::Warn,
                text,
            });
        }
        findings.extend(self.jobs.iter().flat_map(|jobs| jobs.findings(self.now)));
        let errors = self.findings(Severity::Error);
        if errors > 0 {
            let found = write::counted(errors, "thing", "things");
            let text = format!(
                "{found} in the feeds' answers of the last 24 hours could not be used; Issues has each with its reason."
            );
            findings.push(Finding {
                level: Level::Warn,
                text,
            });
        }
        if findings.is_empty() {
            let feeds = write::counted(count(enabled), "feed answers", "feeds answer");
            findings.push(Finding {
                level: Level::Good,
                text: format!("All is well: {feeds} as promised, and no work was given up."),
            });
        }
        findings.sort_by_key(|finding| Reverse(finding.level));
        findings
    }

    fn issue_kinds(&self) -> Vec<IssueCount> {
        let mut kinds: BTreeMap<IssueKind, i64> = BTreeMap::new();
        for issues in &self.issues_24h {
            *kinds.entry(issues.kind).or_default() += issues.count;
        }
        let mut kinds: Vec<IssueCount> = kinds
            .into_iter()
            .map(|(kind, found)| IssueCount {
                kind,
                count: count(found),
            })
            .collect();
        kinds.sort_by_key(|kind| Reverse(kind.count));
        kinds
    }
}

async fn feed_health(
    state: &AppState,
    setup: &FeedSetup,
    known: FeedState,
    next_due_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<FeedHealth, AppError> {
    let (store, key, policy) = (&state.store, setup.feed.key(), setup.feed.policy());
    let day = store
        .fetch_stats(key, now - Duration::hours(24))
        .await
        .map_err(failed)?;
    let recent = store.fetches(Some(key), None, RECENT).await.map_err(failed)?.items;
    let errors = store.failed_fetches(key, ERRORS).await.map_err(failed)?;
    let credits = store.credits(key, start_of_month(now)).await.map_err(failed)?;
    let last_cost = recent.iter().find_map(|fetch| fetch.fetch.credits_last);
    let mut health = FeedHealth {
        key: key.to_owned(),
        name: setup.feed.name().to_owned(),
        is_enabled: setup.settings.is_enabled,
        is_demo: policy.is_demo,
        level: Level::Good,
        breaker: match known.breaker {
            store::Breaker::Closed => Breaker::Closed,
            store::Breaker::Open => Breaker::Open,
            store::Breaker::HalfOpen => Breaker::HalfOpen,
        },
        open_until: known.open_until,
        stopped_reason: known.stopped_reason,
        last_success_at: known.last_success_at,
        last_failure_at: known.last_failure_at,
        promised_every_s: setup.promised_every_s(),
        next_due_at,
        success_streak: if known.consecutive_failures > 0 {
            0
        } else {
            count(day.successes_in_a_row)
        },
        failure_streak: count(known.consecutive_failures),
        requests_24h: count(day.fetches),
        failures_24h: count(day.failures),
        latency_p50_ms: day.p50_ms.map(count),
        latency_p95_ms: day.p95_ms.map(count),
        quarantine_rate: (day.quotes > 0).then(|| day.quarantined as f64 / day.quotes as f64),
        credits: told_credits(&credits, last_cost, setup.credits_per_day()),
        errors: errors.into_iter().map(|fetch| failure(fetch.fetch)).collect(),
        recent: recent.iter().rev().map(|fetch| point(&fetch.fetch)).collect(),
    };
    health.level = judge(&health, now)
        .iter()
        .map(|finding| finding.level)
        .max()
        .unwrap_or(Level::Good);
    Ok(health)
}

/// The feed's own word on credits; where it never gave one they are unknown, which is not none.
fn told_credits(credits: &store::Credits, last: Option<i64>, planned_per_day: Option<u32>) -> Option<Credits> {
    Some(Credits {
        used: credits.used?,
        remaining: credits.remaining?,
        last,
        unknown: credits.unknown_since,
        planned_per_day: planned_per_day.map(i64::from),
        read_at: credits.latest_at?,
    })
}

fn failure(fetch: NewFetch) -> FetchFailure {
    FetchFailure {
        at: fetch.started_at,
        endpoint: fetch.endpoint,
        competition: fetch.competition,
        outcome: fetch.outcome,
        http_status: fetch.http_status.and_then(|status| u16::try_from(status).ok()),
        detail: fetch.detail.unwrap_or_default(),
    }
}

fn point(fetch: &NewFetch) -> FetchPoint {
    FetchPoint {
        at: fetch.started_at,
        duration_ms: count(fetch.duration_ms),
        is_ok: fetch.outcome == "ok",
    }
}

/// What is to be said of a feed; nothing when it is off, or does as it promises.
fn judge(feed: &FeedHealth, now: DateTime<Utc>) -> Vec<Finding> {
    let name = &feed.name;
    let mut findings = Vec::new();
    let mut say = |level, text: String| findings.push(Finding { level, text });
    if !feed.is_enabled {
        return findings;
    }
    let cause = feed
        .errors
        .first()
        .map(|error| format!(" The last: {}.", error.detail.trim_end_matches('.')))
        .unwrap_or_default();
    let waits_until = feed
        .open_until
        .filter(|until| feed.breaker == Breaker::Open && *until > now);
    if let Some(reason) = &feed.stopped_reason {
        say(
            Level::Bad,
            format!("{name} is stopped: {}.", reason.trim_end_matches('.')),
        );
    } else if let Some(until) = waits_until {
        let until = until.format("%Y-%m-%d %H:%M UTC");
        say(
            Level::Bad,
            format!("{name} failed and is not asked until {until}.{cause}"),
        );
    } else if feed.failure_streak > 0 {
        let times = write::counted(feed.failure_streak, "time", "times");
        say(Level::Warn, format!("{name} failed {times} in a row.{cause}"));
    }
    let Some(promised_s) = feed.promised_every_s else {
        say(
            Level::Warn,
            format!("{name} is on, but no competition is chosen. Choose some in Settings, Feeds."),
        );
        return findings;
    };
    let promised = Duration::seconds(i64::from(promised_s));
    match feed.last_success_at {
        None => say(Level::Warn, format!("{name} has not answered yet.")),
        Some(at) if now - at > promised * LATE + GRACE => {
            let (ago, every) = (write::relative(at, now), write::interval(promised_s));
            say(
                Level::Bad,
                format!("{name} answered last {ago}; every {every} is promised."),
            );
        }
        Some(_) => {}
    }
    if let Some(credits) = feed.credits
        && credits
            .planned_per_day
            .is_some_and(|planned| planned > credits.remaining)
    {
        let left = write::count(credits.remaining);
        let planned = write::count(credits.planned_per_day.unwrap_or_default());
        say(
            Level::Warn,
            format!("{name} has {left} credits left, and the schedule uses about {planned} a day."),
        );
    }
    findings
}

async fn database(state: &AppState) -> Result<DatabaseHealth, AppError> {
    let begun = Instant::now();
    state.store.version().await.map_err(failed)?;
    let latency_us = count(begun.elapsed().as_micros());
    let totals = state.store.totals().await.map_err(failed)?;
    Ok(DatabaseHealth {
        engine: match state.store.backend() {
            Backend::Sqlite => "SQLite".to_owned(),
            Backend::Postgres => "PostgreSQL".to_owned(),
        },
        is_reachable: true,
        latency_us: Some(latency_us),
        size_bytes: Some(totals.bytes),
        free_bytes: None,
        events: totals.events,
        quotes: totals.quotes,
        changes: totals.changes,
        snapshots: totals.snapshots,
        migration: state.store.last_migration().await.map_err(failed)?,
    })
}

#[async_trait]
impl HealthPort for RequestBackend {
    async fn health(&self) -> Result<HealthView, AppError> {
        self.reader().await?;
        let facts = Facts::gather(&self.state).await?;
        Ok(HealthView {
            summary: facts.summary(),
            queues: facts.jobs.as_ref().map(JobFacts::queues).unwrap_or_default(),
            schedule: facts.jobs.as_ref().map(JobFacts::schedule).unwrap_or_default(),
            dead: facts.jobs.as_ref().map(|jobs| jobs.dead(facts.now)).unwrap_or_default(),
            database: database(&self.state).await?,
            issues_24h: facts.issue_kinds(),
            feeds: facts.feeds,
            started_at: self.state.started_at,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-21T12:00:00Z".parse().unwrap()
    }

    fn feed() -> FeedHealth {
        FeedHealth {
            key: "demo".into(),
            name: "Demo market".into(),
            is_enabled: true,
            is_demo: true,
            level: Level::Good,
            breaker: Breaker::Closed,
            open_until: None,
            stopped_reason: None,
            last_success_at: Some(now() - Duration::seconds(20)),
            last_failure_at: None,
            promised_every_s: Some(10),
            next_due_at: None,
            success_streak: 9,
            failure_streak: 0,
            requests_24h: 9,
            failures_24h: 0,
            latency_p50_ms: Some(3),
            latency_p95_ms: Some(9),
            quarantine_rate: None,
            credits: None,
            errors: Vec::new(),
            recent: Vec::new(),
        }
    }

    fn worst(feed: &FeedHealth) -> Level {
        judge(feed, now())
            .iter()
            .map(|finding| finding.level)
            .max()
            .unwrap_or(Level::Good)
    }

    #[test]
    fn a_feed_that_does_as_promised_or_is_off_is_not_spoken_of() {
        assert_eq!(judge(&feed(), now()), []);
        let off = FeedHealth {
            is_enabled: false,
            stopped_reason: Some("bad key".into()),
            ..feed()
        };
        assert_eq!(judge(&off, now()), []);
    }

    #[test]
    fn a_feed_is_late_after_three_promises_and_a_minute() {
        let seen = |seconds| FeedHealth {
            last_success_at: Some(now() - Duration::seconds(seconds)),
            ..feed()
        };
        assert_eq!((worst(&seen(90)), worst(&seen(91))), (Level::Good, Level::Bad));
        assert_eq!(
            worst(&FeedHealth {
                last_success_at: None,
                ..feed()
            }),
            Level::Warn
        );
    }

    #[test]
    fn a_feed_that_is_held_up_says_why() {
        let stopped = FeedHealth {
            stopped_reason: Some("the key was refused.".into()),
            ..feed()
        };
        assert_eq!(
            judge(&stopped, now())[0].text,
            "Demo market is stopped: the key was refused."
        );
        let open_until = Some(now() + Duration::minutes(1));
        let open = FeedHealth {
            breaker: Breaker::Open,
            open_until,
            failure_streak: 5,
            ..feed()
        };
        assert_eq!(worst(&open), Level::Bad);
        let over = FeedHealth {
            open_until: Some(now()),
            ..open
        };
        assert_eq!(worst(&over), Level::Warn);
    }

    #[test]
    fn credits_that_last_less_than_a_day_are_told() {
        let credits = |remaining, planned| Credits {
            used: 10,
            remaining,
            last: None,
            unknown: 0,
            planned_per_day: planned,
            read_at: now(),
        };
        let with = |remaining, planned| FeedHealth {
            credits: Some(credits(remaining, planned)),
            ..feed()
        };
        assert_eq!(worst(&with(71, Some(72))), Level::Warn);
        assert_eq!(worst(&with(72, Some(72))), Level::Good);
        assert_eq!(worst(&with(0, None)), Level::Good);
    }

    #[test]
    fn credits_of_which_the_feed_said_nothing_are_unknown() {
        assert_eq!(told_credits(&store::Credits::default(), None, Some(5)), None);
    }

    #[test]
    fn jobs_have_names_and_lanes() {
        assert_eq!(job_name("fetch_odds/demo/x"), "Odds of Demo market: x");
        assert_eq!(job_name("mystery"), "mystery");
        assert_eq!(
            (lane_of("fetch_odds/demo/x"), lane_of("evaluate")),
            ("feed:demo".into(), "evaluate".into())
        );
    }
}
