//! Feeds, their keys, and what they are asked for.

use crate::backend::{RequestBackend, told};
use crate::desk::feeds::{self, ChoiceChange, FeedSetup};
use app::AppError;
use app::pages::settings::feeds::{Choice, ChoiceForm, FeedForm, FeedSettings, FeedsPort, KeyChange};
use async_trait::async_trait;
use store::UserRole;

impl RequestBackend {
    fn feed_settings(&self, setup: &FeedSetup) -> FeedSettings {
        let policy = setup.feed.policy();
        let choices = setup.competitions.iter().map(|competition| Choice {
            competition: competition.key.clone(),
            name: competition.name.clone(),
            sport: competition.sport.clone(),
            is_active: competition.is_active,
            is_enabled: competition.is_enabled,
            interval_s: competition.interval_s,
            scores_interval_s: competition.scores_interval_s,
            credits_per_day: competition.credits_per_day(setup.feed),
        });
        FeedSettings {
            feed: setup.feed.key().to_owned(),
            name: setup.feed.name().to_owned(),
            description: policy.terms.to_owned(),
            is_demo: policy.is_demo,
            is_enabled: setup.settings.is_enabled,
            needs_key: policy.needs_key,
            masked_key: feeds::masked_key(&self.state, &setup.settings),
            choices: choices.collect(),
        }
    }
}

#[async_trait]
impl FeedsPort for RequestBackend {
    async fn feeds(&self) -> Result<Vec<FeedSettings>, AppError> {
        let is_owner = self.reader().await?.user.role == UserRole::Owner;
        let setups = told(feeds::list(&self.state).await)?;
        Ok(setups
            .into_iter()
            .map(|setup| {
                let settings = self.feed_settings(&setup);
                // Not even the end of a key is for others.
                let masked_key = settings.masked_key.filter(|_| is_owner);
                FeedSettings { masked_key, ..settings }
            })
            .collect())
    }

    async fn save_feed(&self, form: FeedForm) -> Result<(), AppError> {
        let owner = self.writer_as(UserRole::Owner).await?;
        let key = match form.key {
            KeyChange::Keep => feeds::KeyChange::Keep,
            KeyChange::Replace(key) => feeds::KeyChange::Replace(key),
            KeyChange::Remove => feeds::KeyChange::Remove,
        };
        told(feeds::save(&self.state, owner.id, &form.feed, form.is_enabled, key, None).await)
    }

    async fn save_feed_choices(&self, feed: String, choices: Vec<ChoiceForm>) -> Result<(), AppError> {
        let owner = self.writer_as(UserRole::Owner).await?;
        let changes: Vec<ChoiceChange> = choices
            .into_iter()
            .map(|choice| ChoiceChange {
                competition: choice.competition,
                is_enabled: choice.is_enabled,
                interval_s: choice.interval_s,
                scores_interval_s: choice.scores_interval_s,
            })
            .collect();
        told(feeds::save_choices(&self.state, owner.id, &feed, &changes).await)
    }
}
