//! Many markets at once.

use super::lanes::LANES;
use super::odds_ratio::OddsRatio;
use super::power::power_lanes;
use super::search::search_lanes;
use super::shin::Shin;
use super::{DevigError, DevigMethod, devig_into};

/// A market without an answer, by position, and why.
pub type Refused = (usize, DevigError);

/// The fair probabilities of many markets with the same number of outcomes, written to `fair`; and the markets that have none,
/// where it holds NaN. Markets beyond the shorter of the two slices are left alone.
///
/// As [`devig_into`] for each, but for the last digits; Shin, power and the odds ratio several times faster.
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
    match method {
        DevigMethod::Shin if N > 2 => in_lanes(method, implied, target, fair, search_lanes::<Shin, N>),
        DevigMethod::OddsRatio if N > 1 => in_lanes(method, implied, target, fair, search_lanes::<OddsRatio, N>),
        DevigMethod::Power if N > 1 => in_lanes(method, implied, target, fair, power_lanes),
        _ => one_by_one(method, implied, target, fair, 0),
    }
}

/// Takes blocks of markets side by side, and those it does not find, one by one.
#[inline]
fn in_lanes<const N: usize>(
    method: DevigMethod,
    implied: &[[f64; N]],
    target: f64,
    fair: &mut [[f64; N]],
    find: impl Fn(&[[f64; N]; LANES], f64, &mut [[f64; N]; LANES]) -> [bool; LANES],
) -> Vec<Refused> {
    let mut refused = Vec::new();
    let (blocks, rest) = implied.as_chunks::<LANES>();
    let (fair_blocks, fair_rest) = fair.as_chunks_mut::<LANES>();
    for (block, (implied, fair)) in blocks.iter().zip(fair_blocks).enumerate() {
        let is_found = find(implied, target, fair);
        if is_found != [true; LANES] {
            for lane in (0..LANES).filter(|lane| !is_found[*lane]) {
                refused.extend(one_by_one(
                    method,
                    &implied[lane..=lane],
                    target,
                    &mut fair[lane..=lane],
                    block * LANES + lane,
                ));
            }
        }
    }
    refused.extend(one_by_one(method, rest, target, fair_rest, blocks.len() * LANES));
    refused
}

/// Positions are counted from `first`.
fn one_by_one<const N: usize>(
    method: DevigMethod,
    implied: &[[f64; N]],
    target: f64,
    fair: &mut [[f64; N]],
    first: usize,
) -> Vec<Refused> {
    let mut refused = Vec::new();
    for (at, (implied, fair)) in implied.iter().zip(fair).enumerate() {
        if let Err(refusal) = devig_into(method, implied, target, fair) {
            refused.push((first + at, refusal));
        }
    }
    refused
}
