//! Asks a feed which events exist.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Failure, Kind, Work};

/// Asks one feed which competitions and events it knows.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DiscoverEvents {
    /// The feed to ask.
    pub feed: String,
}

#[async_trait]
impl Kind for DiscoverEvents {
    fn name(&self) -> &'static str {
        "discover_events"
    }

    fn feed(&self) -> Option<&str> {
        Some(&self.feed)
    }

    fn time_limit(&self) -> Duration {
        Duration::from_mins(2)
    }

    async fn run(&self, work: &dyn Work) -> Result<(), Failure> {
        work.discover_events(&self.feed).await
    }
}
