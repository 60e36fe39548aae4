//! The odds ratio method.

use super::Market;

/// Fair probabilities p = i / (c (1 - i) + i). With an overround c is above one. Without, the question is asked of the
/// complements, which then have one: their odds ratio is 1 / c.
#[inline]
pub(super) fn odds_ratio(market: &Market<'_>, fair: &mut [f64]) -> f64 {
    let ratio = if market.excess() >= 0.0 {
        ratio_above_one(market.implied, market.target, |implied| implied)
    } else {
        1.0 / ratio_above_one(market.implied, market.count() - market.target, |implied| 1.0 - implied)
    };
    for (fair, implied) in fair.iter_mut().zip(market.implied) {
        *fair = implied / (ratio * (1.0 - implied) + implied);
    }
    ratio
}

/// Newton's method on 1 / (sum of p) - 1 / T, which rises with c and is concave (by Cauchy's inequality), so that from c = 1 the
/// steps only go right and never past the zero.
#[inline]
fn ratio_above_one(implied: &[f64], target: f64, side: impl Fn(f64) -> f64) -> f64 {
    let mut ratio = 1.0;
    for _ in 0..MAX_STEPS {
        let (mut sum, mut fall) = (0.0, 0.0);
        for implied in implied {
            let i = side(*implied);
            let inverse = 1.0 / (ratio * (1.0 - i) + i);
            sum += i * inverse;
            fall += i * (1.0 - i) * inverse * inverse;
        }
        let step = sum * (sum - target) / (target * fall);
        ratio += step;
        // The error after a step is less than its square over c.
        if step <= 1e-8 * ratio {
            break;
        }
    }
    ratio
}

/// Ordinary markets take three steps.
const MAX_STEPS: u32 = 100;
