//! Fetches one competition's odds.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Failure, Kind, Work};

/// Fetches the odds of one competition from one feed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FetchOdds {
    /// The feed to ask.
    pub feed: String,
    /// The competition, by the feed's own id.
    pub competition: String,
}

#[async_trait]
impl Kind for FetchOdds {
    fn name(&self) -> &'static str {
        "fetch_odds"
    }

    fn feed(&self) -> Option<&str> {
        Some(&self.feed)
    }

    fn competition(&self) -> Option<&str> {
        Some(&self.competition)
    }

    async fn run(&self, work: &dyn Work) -> Result<(), Failure> {
        work.fetch_odds(&self.feed, &self.competition).await
    }
}
