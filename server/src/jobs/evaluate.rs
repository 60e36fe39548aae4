//! Evaluates changed boards.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Failure, Kind, Work};

/// Evaluates every board that changed since it was last evaluated. Takes no input, so that a lost signal heals itself
/// at the next run.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Evaluate {}

#[async_trait]
impl Kind for Evaluate {
    fn name(&self) -> &'static str {
        "evaluate"
    }

    async fn run(&self, work: &dyn Work) -> Result<(), Failure> {
        work.evaluate().await
    }
}
