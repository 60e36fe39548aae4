//! What is done regularly with feeds: the live half of the pipeline.

use crate::http::live::News;
use crate::jobs::{Failure, Retry};
use crate::pipeline::Pipeline;
use crate::pipeline::breaker::{self, Held};
use crate::pipeline::fetch::{FetchFault, Fetched};
use crate::pipeline::ingest::{Answer, Ingested};
use chrono::TimeDelta;
use domain::EventStatus;
use engine::due::{next_status, result_days};
use feeds::{Feed, OddsChoice, Request, Wanted, find_feed};
use std::time::Instant;
use store::{FeedChoice, FeedSettings, NewEventState, NewFetch, StoreError};

/// How many days back scores are usually asked for.
pub const SCORE_DAYS: u8 = 1;

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        tracing::warn!(%error, "a job could not reach the database");
        Self::retryable("the database did not answer; nothing was changed")
    }
}

/// How long an answer is kept for a request that is sent again with its idempotency key.
const ANSWERS_KEPT: TimeDelta = TimeDelta::hours(24);

/// The purpose under which a feed's key is sealed.
pub fn key_purpose(feed: &str) -> String {
    format!("feed:{feed}")
}

impl Pipeline {
    async fn settings_of(&self, feed: &dyn Feed) -> Result<FeedSettings, Failure> {
        let found = self
            .store
            .feed_settings()
            .await?
            .into_iter()
            .find(|settings| settings.key == feed.key());
        found
            .filter(|settings| settings.is_enabled)
            .ok_or_else(|| Failure::permanent(format!("{} is switched off in Settings", feed.name())))
    }

    async fn choice_of(&self, feed: &dyn Feed, competition: &str) -> Result<FeedChoice, Failure> {
        let found = self
            .store
            .feed_choices(Some(feed.key()))
            .await?
            .into_iter()
            .find(|choice| choice.competition_key == competition);
        found
            .filter(|choice| choice.is_enabled)
            .ok_or_else(|| Failure::permanent(format!("{competition} is no longer chosen in Settings")))
    }

    /// Asks for what is wanted and takes every answer in.
    async fn ask(
        &self,
        feed: &dyn Feed,
        competition: Option<&str>,
        wanted: &Wanted<'_>,
    ) -> Result<Vec<Ingested>, Failure> {
        if feed.policy().is_demo && !self.is_demo_current().await? {
            return Ok(Vec::new());
        }
        let settings = self.settings_of(feed).await?;
        let requests = feed
            .plan(wanted)
            .map_err(|error| Failure::permanent(format!("a setting is wrong: {error}")))?;
        let mut ingested = Vec::with_capacity(requests.len());
        for request in requests {
            ingested.push(self.ask_one(feed, &settings, competition, &request).await?);
        }
        if ingested.iter().any(|ingested| !ingested.changed_events.is_empty()) {
            self.evaluate_changed().await?;
        }
        Ok(ingested)
    }

    async fn ask_one(
        &self,
        feed: &dyn Feed,
        settings: &FeedSettings,
        competition: Option<&str>,
        request: &Request,
    ) -> Result<Ingested, Failure> {
        let is_free = request.credits_at_most == 0;
        let state = self
            .store
            .feed_state(feed.key())
            .await?
            .unwrap_or_else(|| breaker::fresh(feed.key()));
        match breaker::held(&state, is_free, self.clock.now()) {
            Some(Held::Stopped(reason)) => return Err(Failure::permanent(format!("stopped: {reason}"))),
            Some(Held::Until(until, reason)) => {
                return Err(Failure::permanent(format!(
                    "waiting until {}: {reason}",
                    until.format("%Y-%m-%d %H:%M UTC")
                )));
            }
            None => {}
        }
        let started_at = self.clock.now();
        let clock = Instant::now();
        let (fetched, attempts) = self.get(feed, settings, request).await?;
        let credits = fetched.as_ref().map(|fetched| fetched.credits).unwrap_or_default();
        let mut log = NewFetch {
            feed: feed.key().to_owned(),
            endpoint: serde_json::to_value(request.endpoint)
                .ok()
                .and_then(|value| value.as_str().map(str::to_owned))
                .unwrap_or_default(),
            competition: competition.map(str::to_owned),
            started_at,
            duration_ms: i64::try_from(clock.elapsed().as_millis()).unwrap_or(i64::MAX),
            outcome: "ok".to_owned(),
            http_status: None,
            detail: None,
            attempts: i32::try_from(attempts).unwrap_or(i32::MAX),
            credits_last: credits.last.map(i64::from),
            credits_used: credits.used.map(i64::from),
            credits_remaining: credits.remaining.map(i64::from),
            credits_unknown: false,
            snapshot_id: None,
        };
        let fetched = match fetched {
            Ok(fetched) => fetched,
            Err(fault) => {
                log.outcome = fault.code().to_owned();
                log.http_status = fault.status().map(i32::from);
                log.detail = Some(fault.to_string());
                log.credits_unknown = !is_free && fault.may_have_been_charged();
                self.store.add_fetch(&log).await?;
                self.store
                    .put_feed_state(&breaker::after_fault(&state, &fault, self.clock.now()))
                    .await?;
                self.live.tell(News::Health);
                return Err(failure(&fault));
            }
        };
        log.http_status = Some(i32::from(fetched.status));
        let address = address_text(request);
        let answer = Answer {
            endpoint: request.endpoint,
            competition,
            request: &address,
            query: &request.query,
            body: &fetched.body,
            received_at: fetched.received_at,
            price_format: Some(request.price_format),
        };
        let ingested = self.ingest(feed, answer).await?;
        log.snapshot_id = ingested.snapshot_id;
        let next = if ingested.is_unreadable {
            log.outcome = "unreadable".to_owned();
            log.detail = Some(
                "the answer could not be read: it is not what the feed promises; it is kept for a look".to_owned(),
            );
            let fault =
                FetchFault::Network("the answer could not be read: it is not what the feed promises".to_owned());
            breaker::after_fault(&state, &fault, self.clock.now())
        } else {
            breaker::after_success(&state, is_free, self.clock.now())
        };
        self.store.add_fetch(&log).await?;
        self.store.put_feed_state(&next).await?;
        if ingested.is_unreadable || state.consecutive_failures > 0 {
            self.live.tell(News::Health);
        }
        Ok(ingested)
    }

    /// How many days back to ask for scores: further than usual when a game waits longer for its result, as after the
    /// program stood still.
    async fn score_days(&self, feed: &dyn Feed, competition: &str) -> Result<u8, StoreError> {
        let now = self.clock.now();
        let known = self.store.feed_competitions(feed.key()).await?;
        let id = known
            .iter()
            .find(|known| known.feed_key == competition)
            .map(|known| known.competition_id);
        let waiting = self.store.due_events(now).await?;
        let waits_since = waiting
            .iter()
            .filter(|event| Some(event.competition_id) == id)
            .map(|event| event.starts_at)
            .min();
        Ok(result_days(now, waits_since, SCORE_DAYS, feed.policy().most_score_days))
    }

    /// The answer: made by the feed itself, or fetched with its key.
    async fn get(
        &self,
        feed: &dyn Feed,
        settings: &FeedSettings,
        request: &Request,
    ) -> Result<(Result<Fetched, FetchFault>, u32), Failure> {
        let policy = feed.policy();
        let Some(base_url) = settings.base_url.as_deref().or(policy.base_url) else {
            let simulation = self.simulation().await?;
            let body = feed.answer(request, &simulation);
            let fetched = body.map(|body| Fetched {
                body,
                received_at: simulation.now,
                status: 200,
                credits: feeds::Credits::default(),
            });
            return Ok((
                fetched.ok_or_else(|| FetchFault::Network("the feed has no answer to this".to_owned())),
                1,
            ));
        };
        let key = match &settings.sealed_key {
            Some(sealed) => {
                let opened = self
                    .vault
                    .open(&key_purpose(feed.key()), sealed)
                    .map_err(|error| Failure::permanent(error.to_string()))?;
                Some(
                    String::from_utf8(opened)
                        .map_err(|_| Failure::permanent("the stored key is no text; enter it again"))?,
                )
            }
            None if policy.needs_key => {
                return Err(Failure::permanent(format!(
                    "{} needs a key; enter it in Settings",
                    feed.name()
                )));
            }
            None => None,
        };
        let Some(limiter) = self.limiters.get(feed.key()) else {
            return Err(Failure::permanent("there is no such feed"));
        };
        Ok(self
            .fetcher
            .fetch(feed, limiter, base_url, key.as_deref(), request)
            .await)
    }
}

/// Path and query as asked: they hold no key, which is added to the request at the last moment.
fn address_text(request: &Request) -> String {
    let query: Vec<String> = request
        .query
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    if query.is_empty() {
        request.path.clone()
    } else {
        format!("{}?{}", request.path, query.join("&"))
    }
}

/// A fault as a job sees it. The fetch itself has retried what may pass soon; the schedule brings the next try.
fn failure(fault: &FetchFault) -> Failure {
    Failure {
        message: fault.to_string(),
        retry: Retry::Never,
    }
}

fn named(feed: &str) -> Result<&'static dyn Feed, Failure> {
    find_feed(feed).ok_or_else(|| Failure::permanent(format!("there is no feed called {feed}")))
}

impl Pipeline {
    /// Asks a feed which events exist.
    ///
    /// # Errors
    /// What went wrong; what was taken in stays.
    pub async fn discover_events(&self, feed: &str) -> Result<(), Failure> {
        let feed = named(feed)?;
        self.ask(feed, None, &Wanted::Competitions).await?;
        for choice in self
            .store
            .feed_choices(Some(feed.key()))
            .await?
            .into_iter()
            .filter(|choice| choice.is_enabled)
        {
            let competition = choice.competition_key.as_str();
            self.ask(feed, Some(competition), &Wanted::Events { competition })
                .await?;
        }
        Ok(())
    }

    /// Fetches a competition's odds from a feed and takes them in.
    ///
    /// # Errors
    /// What went wrong; what was taken in stays.
    pub async fn fetch_odds(&self, feed: &str, competition: &str) -> Result<(), Failure> {
        let feed = named(feed)?;
        let stored = self.choice_of(feed, competition).await?;
        let choice: OddsChoice = serde_json::from_value(stored.choice).map_err(|error| {
            Failure::permanent(format!("the stored choice of {competition} cannot be read: {error}"))
        })?;
        self.ask(
            feed,
            Some(competition),
            &Wanted::Odds {
                competition,
                choice: &choice,
            },
        )
        .await?;
        Ok(())
    }

    /// Fetches a competition's scores from a feed and takes them in.
    ///
    /// # Errors
    /// What went wrong; what was taken in stays.
    pub async fn fetch_scores(&self, feed: &str, competition: &str) -> Result<(), Failure> {
        let feed = named(feed)?;
        self.ask(
            feed,
            Some(competition),
            &Wanted::Scores {
                competition,
                days_back: self.score_days(feed, competition).await?,
            },
        )
        .await?;
        Ok(())
    }

    /// Moves events along their life cycle as time passes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn update_status(&self) -> Result<(), Failure> {
        let now = self.clock.now();
        let tx = self.store.begin_ingest("clock").await?;
        let mut changed = Vec::new();
        for event in self.store.due_events(now).await? {
            let Some(status) = next_status(&event, now, false) else {
                continue;
            };
            if status != EventStatus::Live {
                continue;
            }
            let state = NewEventState {
                event_id: event.id,
                starts_at: event.starts_at,
                status,
                score: event.score,
                is_final_score: false,
                received_at: now,
                source_at: None,
                snapshot_id: None,
            };
            if tx.record_event_state(&state).await? {
                changed.push(event.id);
            }
        }
        if changed.is_empty() {
            return Ok(());
        }
        tx.commit().await?;
        for event_id in changed {
            self.live.tell(News::Board { event_id });
        }
        Ok(())
    }

    /// Evaluates the boards that changed since they were last evaluated.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn evaluate(&self) -> Result<(), Failure> {
        self.evaluate_changed().await?;
        Ok(())
    }

    /// Removes what is older than its retention.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn retention(&self) -> Result<(), Failure> {
        let now = self.clock.now();
        let pruned = self.store.prune(&self.retention, now).await?;
        let sessions = self.store.prune_sessions(now).await?;
        let answers = self.store.prune_answers(now - ANSWERS_KEPT).await?;
        tracing::info!(
            bodies = pruned.bodies,
            fetches = pruned.fetches,
            opportunities = pruned.opportunities,
            issues = pruned.issues,
            sessions,
            answers,
            "removed what is past its retention"
        );
        Ok(())
    }
}
