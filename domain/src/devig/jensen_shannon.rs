//! The Jensen-Shannon method.

use super::bracket::falling_zero;
use super::{DevigError, Market};

/// Finds the distance d at which the fair probabilities, each that far from its implied one, sum to the target. They lie below
/// the implied ones, or above them when the prices are an arbitrage.
pub(super) fn jensen_shannon(market: &Market<'_>, fair: &mut [f64]) -> Result<f64, DevigError> {
    if market.excess() < 0.0 {
        // Distances are the same between complements, and those have an overround.
        let target = market.count() - market.target;
        let distance = distance(market.implied, target, |implied| 1.0 - implied, fair)?;
        for fair in fair.iter_mut() {
            *fair = 1.0 - *fair;
        }
        return Ok(distance);
    }
    distance(market.implied, market.target, |implied| implied, fair)
}

fn distance(implied: &[f64], target: f64, side: impl Fn(f64) -> f64, fair: &mut [f64]) -> Result<f64, DevigError> {
    let sum: f64 = implied.iter().map(|implied| side(*implied)).sum();
    // At this distance the longest shot is down to nothing.
    let farthest = |(outcome, implied): (usize, &f64)| (outcome, divergence(side(*implied), 0.0).0.sqrt());
    let (longest_shot, limit) = implied
        .iter()
        .enumerate()
        .map(farthest)
        .min_by(|(_, one), (_, other)| one.total_cmp(other))
        .ok_or(DevigError::TooFewOutcomes)?;
    let all_but_it = implied
        .iter()
        .enumerate()
        .filter(|(outcome, _)| *outcome != longest_shot);
    let least_sum: f64 = all_but_it
        .map(|(_, implied)| probability_at(limit, side(*implied)))
        .sum();
    if least_sum >= target {
        return Err(DevigError::NoProbability { outcome: longest_shot });
    }
    let mut sum_and_slope = |distance: f64| {
        let (mut value, mut slope) = (-target, 0.0);
        for (fair, implied) in fair.iter_mut().zip(implied) {
            let implied = side(*implied);
            *fair = probability_at(distance, implied);
            value += *fair;
            slope += 2.0 * distance / divergence(implied, *fair).1;
        }
        (value, slope)
    };
    // Near the implied probabilities distances grow like differences in units of sqrt(8 i (1 - i)).
    let per_distance: f64 = implied
        .iter()
        .map(|implied| (8.0 * implied * (1.0 - implied)).sqrt())
        .sum();
    let distance = falling_zero(
        (0.0, limit),
        (sum - target) / per_distance,
        f64::EPSILON * target,
        &mut sum_and_slope,
    );
    sum_and_slope(distance);
    Ok(distance)
}

/// The probability below an implied one at a distance of it.
fn probability_at(distance: f64, implied: f64) -> f64 {
    let start = implied - distance * (8.0 * implied * (1.0 - implied)).sqrt();
    falling_zero((0.0, implied), start, f64::EPSILON * distance, |p| {
        let (divergence, slope) = divergence(implied, p);
        let root = divergence.sqrt();
        (root - distance, 0.5 * slope / root)
    })
}

/// The Jensen-Shannon divergence, the square of the distance, between an event at `implied` and at `p` below it; and its slope
/// in `p`.
///
/// With m halfway between the two and d half their difference it is (m h(d / m) + (1 - m) h(d / (1 - m))) / 2, where
/// h(u) = (1 - u) ln(1 - u) + (1 + u) ln(1 + u).
fn divergence(implied: f64, p: f64) -> (f64, f64) {
    let middle = 0.5 * (implied + p);
    let half = 0.5 * (implied - p);
    let (u, v) = (half / middle, half / (1.0 - middle));
    let value = 0.5 * (middle * both_ways(u) + (1.0 - middle) * both_ways(v));
    (value, 0.5 * ((-u).ln_1p() - v.ln_1p()))
}

/// (1 - u) ln(1 - u) + (1 + u) ln(1 + u). Near zero the two all but cancel, and the series is exact:
/// the sum of u^2k / (k (2k - 1)).
fn both_ways(u: f64) -> f64 {
    let square = u * u;
    if square > 0.01 {
        let below = if u < 1.0 { (1.0 - u) * (-u).ln_1p() } else { 0.0 };
        return below + (1.0 + u) * u.ln_1p();
    }
    (1..=8)
        .rev()
        .fold(0.0, |sum, k| square * (sum + 1.0 / f64::from(k * (2 * k - 1))))
}
