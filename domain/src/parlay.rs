//! Parlays: several bets as one, whose multipliers are multiplied.
//!
//! Each leg comes to a multiplier of the stake: its price when it won, (price + 1) / 2 when it won half, 1 when its stake came
//! back, 1/2 when it lost half, 0 when it lost. The product is exact, however many legs there are; only what is paid is
//! rounded, once.
//!
//! ```
//! use domain::parlay::{Leg, multiplier, payout};
//! use domain::result::{BetResult, Rounding};
//! let leg = |price: &str, result| Leg { price: price.parse().unwrap(), result };
//! let legs = [leg("1.95", BetResult::Win), leg("2.10", BetResult::Win), leg("1.80", BetResult::HalfLoss)];
//! assert_eq!(multiplier(&legs), Ok(2_047_500));
//! assert_eq!(payout(&legs, 100_00, Rounding::Cut), Ok(204_75));
//! ```

use crate::Price;
use crate::result::{BetResult, Rounding};

/// At most so many legs are one parlay.
pub const MAX_LEGS: usize = 100;

/// One bet of a parlay, and how it ended; a win where that is not known yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// At which price.
    pub price: Price,
    /// How it ended.
    pub result: BetResult,
}

/// Why a parlay can't be reckoned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParlayError {
    /// Nothing to multiply.
    #[error("a parlay has at least one leg")]
    NoLegs,
    /// Beyond [`MAX_LEGS`].
    #[error("a parlay has at most {MAX_LEGS} legs")]
    TooManyLegs,
    /// Zero or less.
    #[error("the stake must be above zero")]
    StakeNotPositive,
    /// More than can be held.
    #[error("the parlay pays more than can be reckoned with")]
    TooLarge,
}

impl Leg {
    /// What a leg does to the stake.
    pub(crate) const fn multiplier(self) -> Fraction {
        let price = self.price.micros().unsigned_abs();
        match self.result {
            BetResult::Win => Fraction(price, ONE),
            BetResult::HalfWin => Fraction(price + ONE, 2 * ONE),
            BetResult::Push | BetResult::Void => Fraction(1, 1),
            BetResult::HalfLoss => Fraction(1, 2),
            BetResult::Loss => Fraction(0, 1),
        }
    }
}

/// One part over another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fraction(pub(crate) u64, pub(crate) u64);

/// One, in millionths.
pub(crate) const ONE: u64 = Price::SCALE.unsigned_abs();

/// What one unit of stake comes to, in millionths, rounded to the nearest. Zero when a leg is lost, and one when every stake
/// came back: what is no price.
///
/// ```
/// use domain::parlay::{Leg, multiplier};
/// use domain::result::BetResult;
/// let void = Leg { price: "3.40".parse().unwrap(), result: BetResult::Void };
/// assert_eq!(multiplier(&[void, void]), Ok(domain::Price::SCALE));
/// ```
///
/// # Errors
/// [`ParlayError`] says what is wrong.
pub fn multiplier(legs: &[Leg]) -> Result<i64, ParlayError> {
    product(legs, Price::SCALE, Rounding::Nearest)
}

/// What a stake comes to, itself included, in minor units.
///
/// # Errors
/// [`ParlayError`] says what is wrong.
pub fn payout(legs: &[Leg], stake: i64, rounding: Rounding) -> Result<i64, ParlayError> {
    if stake <= 0 {
        return Err(ParlayError::StakeNotPositive);
    }
    product(legs, stake, rounding)
}

fn product(legs: &[Leg], of: i64, rounding: Rounding) -> Result<i64, ParlayError> {
    if legs.is_empty() {
        return Err(ParlayError::NoLegs);
    }
    if legs.len() > MAX_LEGS {
        return Err(ParlayError::TooManyLegs);
    }
    let multipliers: Vec<Fraction> = legs.iter().map(|leg| leg.multiplier()).collect();
    multiplied(&multipliers, of, rounding).ok_or(ParlayError::TooLarge)
}

/// An amount multiplied by fractions and rounded once; `None` when that is too much to hold.
pub(crate) fn multiplied(multipliers: &[Fraction], of: i64, rounding: Rounding) -> Option<i64> {
    let mut product = Natural::from(of.unsigned_abs());
    for Fraction(part, _) in multipliers {
        product.multiply(*part);
    }
    // Whole parts of whole parts are those of the whole, so that dividing one by one loses nothing; twice the amount says
    // whether its fraction is a half or more.
    product.multiply(2);
    for Fraction(_, whole) in multipliers {
        product.divide(*whole);
    }
    let doubled = product.to_u128()?;
    let whole = match rounding {
        Rounding::Cut => doubled / 2,
        Rounding::Nearest => doubled.div_ceil(2),
    };
    i64::try_from(whole).ok()
}

/// A whole number of any size, the least digits first.
struct Natural(Vec<u64>);

impl From<u64> for Natural {
    fn from(number: u64) -> Self {
        Self(vec![number])
    }
}

impl Natural {
    #[expect(clippy::cast_possible_truncation, reason = "the low digit is what is kept")]
    fn multiply(&mut self, factor: u64) {
        let mut carry = 0;
        for digit in &mut self.0 {
            let product = u128::from(*digit) * u128::from(factor) + carry;
            *digit = product as u64;
            carry = product >> 64;
        }
        if carry > 0 {
            self.0.push(carry as u64);
        }
    }

    /// Divides, and cuts what is left.
    #[expect(clippy::cast_possible_truncation, reason = "a remainder is less than the divisor")]
    fn divide(&mut self, divisor: u64) {
        let mut left = 0;
        for digit in self.0.iter_mut().rev() {
            let dividend = (left << 64) | u128::from(*digit);
            *digit = (dividend / u128::from(divisor)) as u64;
            left = dividend % u128::from(divisor);
        }
    }

    /// The number, unless it is too large.
    fn to_u128(&self) -> Option<u128> {
        let digit = |at| u128::from(self.0.get(at).copied().unwrap_or(0));
        let is_small = self.0.iter().skip(2).all(|digit| *digit == 0);
        is_small.then(|| (digit(1) << 64) | digit(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn leg(price: &str, result: BetResult) -> Leg {
        Leg {
            price: price.parse().unwrap(),
            result,
        }
    }

    #[rstest]
    #[case(BetResult::Win, 1_900_000)]
    #[case(BetResult::HalfWin, 1_450_000)]
    #[case(BetResult::Push, 1_000_000)]
    #[case(BetResult::Void, 1_000_000)]
    #[case(BetResult::HalfLoss, 500_000)]
    #[case(BetResult::Loss, 0)]
    fn a_leg_multiplies_the_stake_by_how_it_ended(#[case] result: BetResult, #[case] multiplied: i64) {
        assert_eq!(multiplier(&[leg("1.90", result)]), Ok(multiplied));
        let profit = result.profit(crate::Side::Back, "1.90".parse().unwrap(), 10_00, Rounding::Cut);
        assert_eq!(
            payout(&[leg("1.90", result)], 10_00, Rounding::Cut).ok(),
            profit.map(|profit| 10_00 + profit)
        );
    }

    #[test]
    fn a_parlay_without_a_decided_leg_gives_the_stake_back() {
        let legs = [leg("1.95", BetResult::Void), leg("2.10", BetResult::Push)];
        assert_eq!(payout(&legs, 33_33, Rounding::Cut), Ok(33_33));
    }

    #[test]
    fn a_lost_leg_loses_everything_however_much_the_others_won() {
        let mut legs = vec![leg("1000000", BetResult::Win); 99];
        legs.push(leg("1.5", BetResult::Loss));
        assert_eq!(payout(&legs, 1, Rounding::Nearest), Ok(0));
    }

    #[test]
    fn prices_of_six_places_are_multiplied_without_a_rounding_between() {
        // 1.909091^12 is 2343.7513...: rounded leg by leg it would drift.
        let legs = [leg("1.909091", BetResult::Win); 12];
        let exact = 1.909_091_f64.powi(12);
        assert!((multiplier(&legs).unwrap() as f64 / 1e6 - exact).abs() < 1e-6);
        // 1.000001^2 x 1000000 is 1000002.000001.
        let legs = [leg("1.000001", BetResult::Win); 2];
        assert_eq!(payout(&legs, 1_000_000_000_000, Rounding::Cut), Ok(1_000_002_000_001));
    }

    #[test]
    fn a_half_is_cut_or_goes_to_the_bettor() {
        let legs = [leg("1.5", BetResult::Win)];
        assert_eq!(payout(&legs, 1, Rounding::Cut), Ok(1));
        assert_eq!(payout(&legs, 1, Rounding::Nearest), Ok(2));
    }

    #[test]
    fn what_is_no_parlay_is_refused() {
        assert_eq!(multiplier(&[]), Err(ParlayError::NoLegs));
        let legs = vec![leg("1.01", BetResult::Win); MAX_LEGS + 1];
        assert_eq!(multiplier(&legs), Err(ParlayError::TooManyLegs));
        assert_eq!(payout(&legs[..2], 0, Rounding::Cut), Err(ParlayError::StakeNotPositive));
        let legs = vec![leg("1000000", BetResult::Win); MAX_LEGS];
        assert_eq!(multiplier(&legs), Err(ParlayError::TooLarge));
    }
}
