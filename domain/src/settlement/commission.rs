//! What bookmakers charge on bets that were settled.
//!
//! An exchange charges what all bets in one market win together: back 100 @ 2.10 wins 110, a hedge in the same market loses 40,
//! and the charge is on 70. So a bet that is settled later changes what is owed; [`owed`] is reckoned anew for the whole market
//! each time, and what was charged before is made up for.
//!
//! ```
//! use domain::result::Rounding;
//! use domain::scenarios::Commission;
//! use domain::settlement::commission::{Decided, owed};
//! let won = Decided { profit: 110_00, stake: 100_00, is_back: false };
//! let lost = Decided { profit: -40_00, stake: 40_00, is_back: false };
//! let five = Commission::NetWinnings(500);
//! assert_eq!(owed(five, Rounding::Nearest, &[won, lost]), 3_50);
//! assert_eq!(owed(Commission::EachBet(500), Rounding::Nearest, &[won, lost]), 5_50);
//! assert_eq!(owed(Commission::Turnover(200), Rounding::Nearest, &[won, lost]), 2_80);
//! ```

use crate::result::Rounding;
use crate::scenarios::Commission;

/// A settled bet as a charge sees it, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decided {
    /// Payout less stake, before any charge.
    pub profit: i64,
    /// What of the stake was decided: half of it when half came back.
    pub stake: i64,
    /// True when the whole stake came back.
    pub is_back: bool,
}

/// What is owed for bets in one market at one bookmaker, in minor units: what is kept is rounded as the bookmaker pays.
pub fn owed(commission: Commission, rounding: Rounding, bets: &[Decided]) -> i64 {
    match commission {
        Commission::None => 0,
        Commission::NetWinnings(bp) => charge(bets.iter().map(|bet| bet.profit).sum(), bp, rounding),
        Commission::EachBet(bp) => bets.iter().map(|bet| charge(bet.profit, bp, rounding)).sum(),
        Commission::Turnover(bp) => bets
            .iter()
            .filter(|bet| !bet.is_back)
            .map(|bet| charge(bet.stake, bp, rounding))
            .sum(),
    }
}

/// A part of an amount above zero; what is left is rounded, so that a cut goes to the bookmaker.
fn charge(amount: i64, bp: u16, rounding: Rounding) -> i64 {
    if amount <= 0 {
        return 0;
    }
    let left = rounding.whole(i128::from(amount) * (10_000 - i128::from(bp)), 10_000);
    amount - i64::try_from(left).unwrap_or(amount)
}
