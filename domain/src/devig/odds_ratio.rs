//! The odds ratio method.

use super::Market;
use super::search::{Search, parameter, search};

/// With an overround, p = i / (c (1 - i) + i) for an odds ratio c above one.
///
/// Newton's method goes by 1 / (sum of p) - 1 / T, which rises with c and is concave (by Cauchy's inequality), so that steps
/// from c = 1 never pass its zero.
pub(super) struct OddsRatio;

impl Search for OddsRatio {
    #[inline]
    fn start(_: f64, _: f64, _: f64) -> f64 {
        1.0
    }

    #[inline]
    fn probability_and_fall(implied: f64, _: f64, ratio: f64) -> (f64, f64) {
        let inverse = 1.0 / (ratio * (1.0 - implied) + implied);
        let p = implied * inverse;
        (p, p * (1.0 - implied) * inverse)
    }

    #[inline]
    fn step(_: f64, sum: f64, fall: f64, target: f64) -> f64 {
        sum * (sum - target) / (target * fall)
    }

    /// The error after a step is less than its square over c.
    #[inline]
    fn is_last(step: f64, ratio: f64) -> bool {
        step <= 1e-8 * ratio
    }
}

#[inline]
pub(super) fn odds_ratio(market: &Market<'_>, fair: &mut [f64]) -> f64 {
    if market.excess() >= 0.0 {
        return search::<OddsRatio>(market, fair);
    }
    // The complements have an overround, and the inverse odds ratio.
    for (complement, implied) in fair.iter_mut().zip(market.implied) {
        *complement = 1.0 - implied;
    }
    let complements = Market {
        implied: fair,
        sum: market.count() - market.sum,
        target: market.count() - market.target,
    };
    let ratio = 1.0 / parameter::<OddsRatio>(&complements);
    for (fair, implied) in fair.iter_mut().zip(market.implied) {
        *fair = OddsRatio::probability_and_fall(*implied, 1.0, ratio).0;
    }
    ratio
}
