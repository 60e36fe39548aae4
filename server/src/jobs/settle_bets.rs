//! Closes and settles bets.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Failure, Kind, Work};

/// Takes the closing prices of every bet whose event has started, and settles every bet whose event is over or was corrected.
/// Takes no input: what a run left is done by the next.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SettleBets {}

#[async_trait]
impl Kind for SettleBets {
    fn name(&self) -> &'static str {
        "settle_bets"
    }

    fn time_limit(&self) -> Duration {
        Duration::from_mins(10)
    }

    async fn run(&self, work: &dyn Work) -> Result<(), Failure> {
        work.settle_bets().await
    }
}
