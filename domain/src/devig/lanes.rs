//! Markets side by side, so that their roots, divisions and logarithms run in parallel.

/// How many.
pub(super) const LANES: usize = 8;

/// For each outcome the implied probabilities of the markets; and which markets have an overround and nothing but implied
/// probabilities, as far as can be said without asking the method.
#[inline]
pub(super) fn side_by_side<const N: usize>(
    markets: &[[f64; N]; LANES],
    target: f64,
) -> ([[f64; LANES]; N], [bool; LANES]) {
    let mut implied = [[0.0; LANES]; N];
    let mut is_market = [true; LANES];
    for (lane, market) in markets.iter().enumerate() {
        for (outcome, of_market) in market.iter().enumerate() {
            implied[outcome][lane] = *of_market;
            is_market[lane] &= *of_market > 0.0 && *of_market < 1.0;
        }
    }
    for (is_market, sum) in is_market.iter_mut().zip(sums(&implied)) {
        *is_market &= sum >= target;
    }
    (implied, is_market)
}

/// The sum over the outcomes of each market.
#[inline]
pub(super) fn sums<const N: usize>(outcomes: &[[f64; LANES]; N]) -> [f64; LANES] {
    let mut sums = [0.0; LANES];
    for outcome in outcomes {
        for (sum, of_market) in sums.iter_mut().zip(outcome) {
            *sum += of_market;
        }
    }
    sums
}

/// Writes the fair probabilities market by market, and strikes those markets out of the found ones whose probabilities are none
/// or do not sum to the target to the last digits.
#[inline]
pub(super) fn write_back<const N: usize>(
    outcomes: &[[f64; LANES]; N],
    target: f64,
    fair: &mut [[f64; N]; LANES],
    is_found: &mut [bool; LANES],
) {
    let noise = (N + 2) as f64 * f64::EPSILON * target;
    for (is_found, sum) in is_found.iter_mut().zip(sums(outcomes)) {
        *is_found &= (sum - target).abs() <= noise;
    }
    for (lane, fair) in fair.iter_mut().enumerate() {
        for (fair, outcome) in fair.iter_mut().zip(outcomes) {
            *fair = outcome[lane];
            is_found[lane] &= *fair > 0.0 && *fair < 1.0;
        }
    }
}
