//! Searches for a method's parameter whose steps only go right and never past it.

use super::Market;
use super::lanes::{LANES, side_by_side, sums, write_back};

/// A method that writes an outcome's fair probability as a function of its implied one and of a parameter, in which it falls.
pub(super) trait Search {
    /// Where to start: at or left of the parameter sought, for an implied sum no less than the target.
    fn start(sum: f64, target: f64, count: f64) -> f64;

    /// The fair probability, and how fast it falls with the parameter. `scale` is target / implied sum.
    fn probability_and_fall(implied: f64, scale: f64, parameter: f64) -> (f64, f64);

    /// The step of Newton's method towards the parameter, from the sums of both over the outcomes.
    fn step(parameter: f64, sum: f64, fall: f64, target: f64) -> f64;

    /// Whether after this step nothing but the last digits is missing.
    fn is_last(step: f64, parameter: f64) -> bool;
}

/// Ordinary markets take three steps.
const MAX_STEPS: u32 = 100;

/// Writes the fair probabilities and answers the parameter.
#[inline]
pub(super) fn search<S: Search>(market: &Market<'_>, fair: &mut [f64]) -> f64 {
    let parameter = parameter::<S>(market);
    let scale = market.target / market.sum;
    for (fair, implied) in fair.iter_mut().zip(market.implied) {
        *fair = S::probability_and_fall(*implied, scale, parameter).0;
    }
    parameter
}

/// The parameter with which the fair probabilities sum to the target.
#[inline]
pub(super) fn parameter<S: Search>(market: &Market<'_>) -> f64 {
    let scale = market.target / market.sum;
    let mut parameter = S::start(market.sum, market.target, market.count());
    for _ in 0..MAX_STEPS {
        let (mut sum, mut fall) = (0.0, 0.0);
        for implied in market.implied {
            let (p, falls) = S::probability_and_fall(*implied, scale, parameter);
            sum += p;
            fall += falls;
        }
        let step = S::step(parameter, sum, fall, market.target);
        parameter += step;
        if S::is_last(step, parameter) {
            break;
        }
    }
    parameter
}

/// How many steps are taken side by side. Most markets need no more; the others are asked again one by one.
const STEPS: u32 = 3;

/// As [`search`] for markets side by side. Says of each whether it is found; not where it takes more steps, and where the market
/// has no answer.
#[inline]
pub(super) fn search_lanes<S: Search, const N: usize>(
    markets: &[[f64; N]; LANES],
    target: f64,
    fair: &mut [[f64; N]; LANES],
) -> [bool; LANES] {
    let (mut implied, mut is_found) = side_by_side(markets, target);
    let sums = sums(&implied);
    let scales = sums.map(|sum| target / sum);
    let mut parameters = sums.map(|sum| S::start(sum, target, N as f64));
    for _ in 0..STEPS {
        let (mut sums, mut falls) = ([0.0; LANES], [0.0; LANES]);
        for outcome in &implied {
            for lane in 0..LANES {
                let (p, fall) = S::probability_and_fall(outcome[lane], scales[lane], parameters[lane]);
                sums[lane] += p;
                falls[lane] += fall;
            }
        }
        for lane in 0..LANES {
            parameters[lane] += S::step(parameters[lane], sums[lane], falls[lane], target);
        }
    }
    for outcome in &mut implied {
        for lane in 0..LANES {
            outcome[lane] = S::probability_and_fall(outcome[lane], scales[lane], parameters[lane]).0;
        }
    }
    write_back(&implied, target, fair, &mut is_found);
    is_found
}
