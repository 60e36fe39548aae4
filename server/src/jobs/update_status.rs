//! Moves events along their life cycle.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Failure, Kind, Work};

/// Marks events whose time has come as live, and those long over as final.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct UpdateStatus {}

#[async_trait]
impl Kind for UpdateStatus {
    fn name(&self) -> &'static str {
        "update_status"
    }

    async fn run(&self, work: &dyn Work) -> Result<(), Failure> {
        work.update_status().await
    }
}
