//! The probit method.

use super::Market;
use super::bracket::falling_zero;
use crate::normal::{cumulative, density, quantile};

/// Finds the shift c where the sum of cumulative(q(i) - c) is the target.
pub(super) fn probit(market: &Market<'_>, fair: &mut [f64]) -> f64 {
    // Until the shift is known, `fair` holds the quantiles.
    for (quantile_of, implied) in fair.iter_mut().zip(market.implied) {
        *quantile_of = quantile(*implied);
    }
    // If all outcomes were alike, the shift would bring them to this.
    let middle = quantile(market.target / market.count());
    let (least, greatest) = fair
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, greatest), quantile| {
            (least.min(*quantile), greatest.max(*quantile))
        });
    let shift = falling_zero(
        (least - middle, greatest - middle),
        0.0,
        f64::EPSILON * market.target,
        |shift| {
            fair.iter().fold((-market.target, 0.0), |(value, slope), quantile| {
                (value + cumulative(quantile - shift), slope - density(quantile - shift))
            })
        },
    );
    for fair in fair.iter_mut() {
        *fair = cumulative(*fair - shift);
    }
    shift
}
