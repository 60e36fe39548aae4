//! Shares as whole stakes.

use super::{KellyError, Limits};

/// The stakes in minor units, each in whole steps and never more than its share, so that no cap is passed by rounding.
///
/// Down, not to the nearest: staking a little less than Kelly costs less than staking as much more. A share that is a whole
/// number of steps but for the last digits of the arithmetic counts as that number.
///
/// ```
/// use domain::kelly::{Limits, round_stakes};
/// let stakes = round_stakes(1_000_00, &[0.099_46, 0.056_60], &Limits::default(), 5_00).unwrap();
/// assert_eq!(stakes, [95_00, 55_00]);
/// ```
///
/// # Errors
/// [`KellyError`] for a bankroll or step of zero or less, and for shares and limits that are none.
pub fn round_stakes(bankroll: i64, shares: &[f64], limits: &Limits, step: i64) -> Result<Vec<i64>, KellyError> {
    limits.check(shares.len())?;
    if bankroll <= 0 || step <= 0 {
        return Err(KellyError::NotPositive);
    }
    // Written so that NaN fails.
    let are_shares = shares.iter().all(|share| *share >= 0.0) && shares.iter().sum::<f64>() <= 1.0 + 1e-9;
    if !are_shares {
        return Err(KellyError::NotShares);
    }
    let mut stakes: Vec<i64> = shares.iter().map(|share| whole_steps(bankroll, *share, step)).collect();
    for cap in limits.caps(shares.len()) {
        let most = whole_steps(bankroll, cap.most, 1);
        for bet in by_size(&cap.members, &stakes) {
            let staked: i128 = cap.members.iter().map(|bet| i128::from(stakes[*bet])).sum();
            let excess = i64::try_from(staked - i128::from(most)).unwrap_or(i64::MAX);
            if excess > 0 {
                let steps = (excess / step).saturating_add(i64::from(excess % step > 0));
                stakes[bet] -= steps.saturating_mul(step).min(stakes[bet]);
            }
        }
    }
    Ok(stakes)
}

/// Bets, the greatest stake first.
fn by_size(bets: &[usize], stakes: &[i64]) -> Vec<usize> {
    let mut bets = bets.to_vec();
    bets.sort_by_key(|bet| std::cmp::Reverse(stakes[*bet]));
    bets
}

/// The greatest multiple of the step within a share of the bankroll.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a share of the bankroll is less than the bankroll"
)]
fn whole_steps(bankroll: i64, share: f64, step: i64) -> i64 {
    let steps = bankroll as f64 / step as f64 * share;
    let nearest = steps.round();
    let whole = if (steps - nearest).abs() <= 1e-9 * nearest {
        nearest
    } else {
        steps.floor()
    };
    // Above 2^53 the floats are too coarse to tell the bankroll itself.
    (whole as i64).min(bankroll / step) * step
}
