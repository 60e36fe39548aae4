//! How far a strategy is trusted.

use crate::market::codes;
use serde::{Deserialize, Serialize};

codes! {
    /// How far a strategy is trusted, from an idea to real money.
    Stage {
        /// An idea: it is not run.
        Draft = "draft", "Draft";
        /// Tried on the past only.
        Backtest = "backtest", "Backtest";
        /// Run on live boards, without money.
        Paper = "paper", "Paper";
        /// Run on live boards, with money.
        Live = "live", "Live";
    }
}

impl Stage {
    /// True when the strategy looks at live boards.
    pub const fn is_run(self) -> bool {
        matches!(self, Self::Paper | Self::Live)
    }
}
