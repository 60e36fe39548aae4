//! Many markets at once.

use super::{DevigError, DevigMethod, devig_into};

/// A market without an answer, by position, and why.
pub type Refused = (usize, DevigError);

/// The fair probabilities of many markets with the same number of outcomes: one answer for each market, in `fair`, and the
/// markets that have none, where `fair` holds NaN. Markets beyond the shorter of the two slices are left alone.
///
/// ```
/// use domain::devig::{DevigError, DevigMethod, devig_many};
/// let markets = [[0.55, 0.5], [0.5, 0.4]];
/// let mut fair = [[0.0; 2]; 2];
/// let refused = devig_many(DevigMethod::Shin, &markets, 1.0, &mut fair);
/// assert!((fair[0][0] - 0.525).abs() < 1e-15);
/// assert_eq!(refused, [(1, DevigError::Underround)]);
/// ```
pub fn devig_many<const N: usize>(
    method: DevigMethod,
    implied: &[[f64; N]],
    target: f64,
    fair: &mut [[f64; N]],
) -> Vec<Refused> {
    let mut refused = Vec::new();
    for (at, (implied, fair)) in implied.iter().zip(fair).enumerate() {
        if let Err(refusal) = devig_into(method, implied, target, fair) {
            refused.push((at, refusal));
        }
    }
    refused
}
