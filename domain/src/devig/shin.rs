//! Shin's method.

use super::Market;
use super::closed::balanced_insiders;

/// With w = i^2 T / S, an outcome's fair probability solves z p + (1 - z) p^2 = w. It falls as the share z of insiders grows,
/// and the right z is where the probabilities sum to the target.
#[inline]
pub(super) fn shin(market: &Market<'_>, fair: &mut [f64]) -> f64 {
    if let ([one, other], [fair_one, fair_other]) = (market.implied, &mut *fair)
        && market.target.to_bits() == 1.0_f64.to_bits()
    {
        *fair_one = 0.5 * (1.0 - other + one);
        *fair_other = 0.5 * (1.0 - one + other);
        let difference = (one - other) * (one - other);
        return market.excess() * (market.sum - difference) / (market.sum * (1.0 - difference));
    }
    let insiders = insiders(market);
    let scale = market.target / market.sum;
    for (fair, implied) in fair.iter_mut().zip(market.implied) {
        *fair = probability_and_fall(implied * implied * scale, insiders).0;
    }
    insiders
}

/// The positive solution p, and how fast it falls with z: p (1 - p) over the root of the discriminant. Written without a
/// difference, so that long shots keep their digits, and with one division.
#[inline]
fn probability_and_fall(weight: f64, insiders: f64) -> (f64, f64) {
    let root = (insiders * insiders + 4.0 * (1.0 - insiders) * weight).sqrt();
    let per_root = 2.0 * weight / (root * (root + insiders));
    let p = per_root * root;
    (p, per_root * (1.0 - p))
}

/// Newton's method on 2 (1 - z) (sum of p - T) = sum of roots - 2 T - (n - 2 T) z. That is convex in z and falls to its zero, so
/// from a start on the left the steps only go right and never past it. Such a start is the share of a balanced book, which would
/// be right if all prices were alike: p is convex in i, so unequal prices with the same sum have a larger sum of p there.
#[inline]
fn insiders(market: &Market<'_>) -> f64 {
    let scale = market.target / market.sum;
    let mut insiders = balanced_insiders(market);
    for _ in 0..MAX_STEPS {
        let outsiders = 1.0 - insiders;
        let (mut sum, mut fall) = (0.0, 0.0);
        for implied in market.implied {
            let (p, falls) = probability_and_fall(implied * implied * scale, insiders);
            sum += p;
            fall += falls;
        }
        let gap = sum - market.target;
        let step = outsiders * gap / (outsiders * fall + gap);
        insiders += step;
        // The error after a step is less than its square over z (1 - z).
        if step <= 1e-8 * insiders.abs() * outsiders {
            break;
        }
    }
    insiders
}

/// Ordinary markets take three steps.
const MAX_STEPS: u32 = 100;
