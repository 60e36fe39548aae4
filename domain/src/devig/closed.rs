//! The methods with a formula: each writes the fair probabilities and answers its parameter.

use super::Market;

#[inline]
pub(super) fn multiplicative(market: &Market<'_>, fair: &mut [f64]) -> f64 {
    let factor = market.sum / market.target;
    each(market, fair, |implied| implied / factor);
    factor
}

#[inline]
pub(super) fn additive(market: &Market<'_>, fair: &mut [f64]) -> f64 {
    let amount = market.excess() / market.count();
    each(market, fair, |implied| implied - amount);
    amount
}

#[inline]
pub(super) fn balanced_book(market: &Market<'_>, fair: &mut [f64]) -> f64 {
    let insiders = market.excess() / (market.count() - market.target);
    each(market, fair, |implied| (implied - insiders) / (1.0 - insiders));
    insiders
}

/// The standard error of an outcome is taken as sqrt(i (1 - i) / i).
#[inline]
pub(super) fn goto(market: &Market<'_>, fair: &mut [f64]) -> f64 {
    let error = |implied: f64| (1.0 - implied).sqrt();
    let errors: f64 = market.implied.iter().map(|implied| error(*implied)).sum();
    let steps = market.excess() / errors;
    each(market, fair, |implied| implied - steps * error(implied));
    steps
}

#[inline]
fn each(market: &Market<'_>, fair: &mut [f64], of: impl Fn(f64) -> f64) {
    for (fair, implied) in fair.iter_mut().zip(market.implied) {
        *fair = of(*implied);
    }
}
