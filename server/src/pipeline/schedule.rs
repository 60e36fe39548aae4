//! What is to be done regularly, read anew from the settings each time, so that a change needs no restart.

use crate::jobs::{Job, ScheduleEntry};
use crate::pipeline::Pipeline;
use feeds::FEEDS;
use std::time::Duration;
use store::StoreError;

/// How often a feed is asked which competitions and events there are; free of charge.
const DISCOVERY: Duration = Duration::from_hours(1);
/// How often events are moved along their life cycle.
const STATUS: Duration = Duration::from_secs(15);
/// How often boards are evaluated without being asked to: heals lost signals and notices prices that grow old.
const EVALUATION: Duration = Duration::from_secs(10);
/// How often bets are looked at that are to be closed or settled.
const SETTLEMENT: Duration = Duration::from_secs(15);
/// How often what is past its retention is removed.
const RETENTION: Duration = Duration::from_hours(1);

impl Pipeline {
    /// The schedule as the settings want it now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn schedule(&self) -> Result<Vec<ScheduleEntry>, StoreError> {
        let mut entries = vec![
            entry(Job::update_status(), STATUS),
            entry(Job::evaluate(), EVALUATION),
            entry(Job::settle_bets(), SETTLEMENT),
            entry(Job::retention(), RETENTION),
        ];
        let settings = self.store.feed_settings().await?;
        for feed in FEEDS {
            let key = feed.key();
            let policy = feed.policy();
            let Some(settings) = settings
                .iter()
                .find(|settings| settings.key == key && settings.is_enabled)
            else {
                continue;
            };
            if policy.needs_key && settings.sealed_key.is_none() {
                continue;
            }
            // Left out until its past is in, it is then due at once.
            if policy.is_demo && !self.is_demo_current().await? {
                continue;
            }
            entries.push(entry(Job::discover_events(key), DISCOVERY));
            for choice in self
                .store
                .feed_choices(Some(key))
                .await?
                .into_iter()
                .filter(|choice| choice.is_enabled)
            {
                let at_least =
                    |seconds: i64| Duration::from_secs(seconds.max(1).unsigned_abs()).max(policy.min_interval);
                entries.push(entry(
                    Job::fetch_odds(key, &*choice.competition_key),
                    at_least(choice.interval_s),
                ));
                if let Some(seconds) = choice.scores_interval_s {
                    entries.push(entry(
                        Job::fetch_scores(key, &*choice.competition_key),
                        at_least(seconds),
                    ));
                }
            }
        }
        Ok(entries)
    }
}

const fn entry(job: Job, interval: Duration) -> ScheduleEntry {
    ScheduleEntry { job, interval }
}
