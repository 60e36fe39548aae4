//! Independent bets that are open together.

use super::optimum::{States, optimum};
use super::{KellyError, Limits, Prospect, Sizing};

/// The most combined results that are weighed: fourteen bets that win or lose, or eight that may also push.
pub const MAX_STATES: usize = 1 << 14;

/// The shares of the bankroll for independent bets that are open at the same time, weighing every combined result.
///
/// Groups cap what bets that may fail together stake in sum; the growth is still reckoned as if they were independent.
///
/// ```
/// use domain::{Probability, kelly::{Limits, Prospect, simultaneous}};
/// let bet = |win, price: &str| Prospect::new(Probability::new(win).unwrap(), price.parse().unwrap());
/// let sizing = simultaneous(&[bet(0.55, "2.0"), bet(0.40, "2.75")], &Limits::default()).unwrap();
/// assert!((sizing.shares[0] - 0.099_46).abs() < 5e-6 && (sizing.shares[1] - 0.056_60).abs() < 5e-6);
/// ```
///
/// # Errors
/// [`KellyError::TooManyBets`] beyond [`MAX_STATES`] results of the bets that have an edge; [`KellyError`] for limits that are
/// none.
pub fn simultaneous(prospects: &[Prospect], limits: &Limits) -> Result<Sizing, KellyError> {
    limits.check(prospects.len())?;
    // Of independent bets those without an edge get nothing, whatever the caps.
    let with_edge: Vec<usize> = (0..prospects.len())
        .filter(|bet| prospects[*bet].edge() > 0.0)
        .collect();
    let mut shares = vec![0.0; prospects.len()];
    if with_edge.is_empty() {
        return Ok(Sizing { shares, growth: 0.0 });
    }
    let states = states(with_edge.iter().map(|bet| &prospects[*bet]))?;
    let caps = limits.full_kelly_caps(&with_edge);
    let full = optimum(&states, &caps)?;
    let staked: Vec<f64> = full.iter().map(|share| share * limits.fraction).collect();
    for (bet, share) in with_edge.iter().zip(&staked) {
        shares[*bet] = *share;
    }
    Ok(Sizing {
        shares,
        growth: states.growth(&staked),
    })
}

/// Every combined result.
fn states<'a>(prospects: impl ExactSizeIterator<Item = &'a Prospect>) -> Result<States, KellyError> {
    let bets = prospects.len();
    let mut combined: Vec<(f64, Vec<f64>)> = vec![(1.0, Vec::new())];
    for prospect in prospects {
        let with_result = |(probability, earned): &(f64, Vec<f64>)| {
            let (probability, earned) = (*probability, earned.clone());
            prospect.results().map(move |(of_result, earns)| {
                let mut earned = earned.clone();
                earned.push(earns);
                (probability * of_result, earned)
            })
        };
        combined = combined.iter().flat_map(with_result).collect();
        if combined.len() > MAX_STATES {
            return Err(KellyError::TooManyBets);
        }
    }
    let mut states = States::of(bets);
    for (probability, earned) in &combined {
        states.push(*probability, earned);
    }
    Ok(states)
}
