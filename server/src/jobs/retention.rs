//! Removes what is past its retention.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Failure, Kind, Work};

/// Removes what is older than the configured retention.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Retention {}

#[async_trait]
impl Kind for Retention {
    fn name(&self) -> &'static str {
        "retention"
    }

    fn time_limit(&self) -> Duration {
        Duration::from_mins(10)
    }

    async fn run(&self, work: &dyn Work) -> Result<(), Failure> {
        work.retention().await
    }
}
