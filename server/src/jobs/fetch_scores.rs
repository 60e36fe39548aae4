//! Fetches one competition's scores.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Failure, Kind, Work};

/// Fetches the scores of one competition from one feed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FetchScores {
    /// The feed to ask.
    pub feed: String,
    /// The competition, by the feed's own id.
    pub competition: String,
}

#[async_trait]
impl Kind for FetchScores {
    fn name(&self) -> &'static str {
        "fetch_scores"
    }

    fn feed(&self) -> Option<&str> {
        Some(&self.feed)
    }

    fn competition(&self) -> Option<&str> {
        Some(&self.competition)
    }

    async fn run(&self, work: &dyn Work) -> Result<(), Failure> {
        work.fetch_scores(&self.feed, &self.competition).await
    }
}
