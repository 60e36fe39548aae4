//! Settings: feeds, their keys, and what they are asked for.

use crate::AppError;
use async_trait::async_trait;
use domain::Sport;
use serde::{Deserialize, Serialize};

/// What the Feeds tab asks; changing is for the owner.
#[async_trait]
pub trait FeedsPort {
    /// Every feed and what it is asked for.
    async fn feeds(&self) -> Result<Vec<FeedSettings>, AppError>;

    /// Switches a feed and keeps its key. Field errors: `key`.
    async fn save_feed(&self, form: FeedForm) -> Result<(), AppError>;

    /// Changes what a feed is asked for; competitions not named stay as they are.
    /// Field errors: `choices[N][interval_s]`, `choices[N][scores_interval_s]` with `N` the position in `choices`.
    async fn save_feed_choices(&self, feed: String, choices: Vec<ChoiceForm>) -> Result<(), AppError>;
}

/// One feed as it is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedSettings {
    /// Its key, as in configuration.
    pub feed: String,
    /// As shown.
    pub name: String,
    /// What it brings, in a sentence.
    pub description: String,
    /// True when it makes its data up.
    pub is_demo: bool,
    /// True when it is asked at all.
    pub is_enabled: bool,
    /// True when it wants a key.
    pub needs_key: bool,
    /// The key that is kept, all but its last characters hidden.
    pub masked_key: Option<String>,
    /// What it is asked for, by sport and name.
    pub choices: Vec<Choice>,
}

/// One competition of a feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The competition's key, canonical.
    pub competition: String,
    /// As shown.
    pub name: String,
    /// Of which sport.
    pub sport: Sport,
    /// False when out of season.
    pub is_active: bool,
    /// True when it is asked for.
    pub is_enabled: bool,
    /// How often odds are asked for, in seconds.
    pub interval_s: u32,
    /// How often scores are asked for, in seconds; `None` is never.
    pub scores_interval_s: Option<u32>,
    /// What this would use a day, where the feed is metered.
    pub credits_per_day: Option<u32>,
}

/// A feed to be set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedForm {
    /// Which feed.
    pub feed: String,
    /// Whether it is asked.
    pub is_enabled: bool,
    /// What happens to its key.
    pub key: KeyChange,
}

/// What happens to a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyChange {
    /// It stays.
    Keep,
    /// This one takes its place.
    Replace(String),
    /// It is removed.
    Remove,
}

/// A competition to be set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChoiceForm {
    /// The competition's key.
    pub competition: String,
    /// Whether it is asked for.
    pub is_enabled: bool,
    /// How often odds are asked for, in seconds.
    pub interval_s: u32,
    /// How often scores are asked for, in seconds; `None` is never.
    pub scores_interval_s: Option<u32>,
}
