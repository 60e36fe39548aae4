//! Shin's method.

use super::Market;
use super::search::{Search, search};

/// With w = i^2 T / S, an outcome's fair probability solves z p + (1 - z) p^2 = w. It falls as the share z of insiders grows,
/// and the right z is where the probabilities sum to the target.
///
/// Newton's method goes by 2 (1 - z) (sum of p - T) = sum of roots - 2 T - (n - 2 T) z, which is convex in z and falls to its
/// zero, so that steps from the left never pass it. The start on the left is the share of insiders of a balanced book: it would
/// be right if all prices were alike, and since p is convex in i, unequal prices with the same sum have a larger sum of p.
pub(super) struct Shin;

impl Search for Shin {
    #[inline]
    fn start(sum: f64, target: f64, count: f64) -> f64 {
        (sum - target) / (count - target)
    }

    /// The positive solution. Written without a difference, so that long shots keep their digits, and with one division.
    #[inline]
    fn probability_and_fall(implied: f64, scale: f64, insiders: f64) -> (f64, f64) {
        let weight = implied * implied * scale;
        let root = (insiders * insiders + 4.0 * (1.0 - insiders) * weight).sqrt();
        let per_root = 2.0 * weight / (root * (root + insiders));
        let p = per_root * root;
        (p, per_root * (1.0 - p))
    }

    #[inline]
    fn step(insiders: f64, sum: f64, fall: f64, target: f64) -> f64 {
        let (outsiders, gap) = (1.0 - insiders, sum - target);
        outsiders * gap / (outsiders * fall + gap)
    }

    /// The error after a step is less than its square over z (1 - z).
    #[inline]
    fn is_last(step: f64, insiders: f64) -> bool {
        step <= 1e-8 * insiders.abs() * (1.0 - insiders)
    }
}

#[inline]
pub(super) fn shin(market: &Market<'_>, fair: &mut [f64]) -> f64 {
    if let ([one, other], [fair_one, fair_other]) = (market.implied, &mut *fair)
        && market.target.to_bits() == 1.0_f64.to_bits()
    {
        // Two outcomes have a formula.
        *fair_one = 0.5 * (1.0 - other + one);
        *fair_other = 0.5 * (1.0 - one + other);
        let difference = (one - other) * (one - other);
        return market.excess() * (market.sum - difference) / (market.sum * (1.0 - difference));
    }
    search::<Shin>(market, fair)
}
