//! Each-way bets and dead heats.
//!
//! An each-way bet is two bets of one stake each: that a runner wins, at the price, and that it is placed, at a part of the
//! price: a quarter or a fifth of what it would win. When several tie and there are fewer places left than they are, each is
//! paid on that part of its stake: two tied for one place on half.
//!
//! ```
//! use domain::each_way::{Finish, PlaceTerms, dead_heat, settle};
//! use domain::result::Rounding;
//! let price = "11.0".parse().unwrap();
//! assert_eq!(dead_heat(10_00, price, 1, 2, Rounding::Cut), Ok(55_00));
//!
//! let terms = PlaceTerms { places: 3, numerator: 1, denominator: 5 };
//! let second = settle(10_00, price, terms, Finish { position: 2, tied: 1 }, Rounding::Cut).unwrap();
//! assert_eq!((second.win.payout, second.place.payout, second.profit()), (0, 30_00, 10_00));
//! ```

use crate::Price;
use crate::arbitrage::MAX_STAKE;
use crate::result::Rounding;
use serde::{Deserialize, Serialize};

/// Beyond what any race has, and small enough to be multiplied.
pub const MAX_RUNNERS: u32 = 1_000;

/// On which terms the place part is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceTerms {
    /// How many places are paid.
    pub places: u32,
    /// The part of the odds that a place pays: 1 of 1/5.
    pub numerator: u32,
    /// The part of the odds that a place pays: 5 of 1/5.
    pub denominator: u32,
}

/// Where a runner finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finish {
    /// From 1; where several tied, the best of the places they share.
    pub position: u32,
    /// How many share the position, this runner included: 1 when it is alone.
    pub tied: u32,
}

/// One of the two bets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// What was staked on it, in minor units.
    pub stake: i64,
    /// What comes back, stake included.
    pub payout: i64,
}

/// Both bets, settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// That the runner wins.
    pub win: Part,
    /// That it is placed.
    pub place: Part,
}

/// Why an each-way bet can't be settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EachWayError {
    /// Zero or less.
    #[error("the stake must be above zero")]
    StakeNotPositive,
    /// Beyond [`MAX_STAKE`], or a payout that can't be held.
    #[error("the stake is too large")]
    TooLarge,
    /// No place, or more than [`MAX_RUNNERS`].
    #[error("the places paid are a whole number from 1 to {MAX_RUNNERS}")]
    NoSuchPlaces,
    /// Nothing, more than all, or parts beyond [`MAX_RUNNERS`].
    #[error("a place pays a part of the odds, such as 1/5")]
    NoSuchPart,
    /// Not from 1, or beyond [`MAX_RUNNERS`].
    #[error("a position is a whole number from 1 to {MAX_RUNNERS}")]
    NoSuchPosition,
    /// Nobody tied, or more than [`MAX_RUNNERS`].
    #[error("those who tied are a whole number from 1 to {MAX_RUNNERS}, the runner included")]
    NoSuchTie,
}

impl Settled {
    /// What came back less both stakes.
    pub const fn profit(self) -> i64 {
        self.win.payout - self.win.stake + (self.place.payout - self.place.stake)
    }
}

impl PlaceTerms {
    fn check(self) -> Result<(), EachWayError> {
        if !(1..=MAX_RUNNERS).contains(&self.places) {
            Err(EachWayError::NoSuchPlaces)
        } else if self.numerator == 0 || self.numerator > self.denominator || self.denominator > MAX_RUNNERS {
            Err(EachWayError::NoSuchPart)
        } else {
            Ok(())
        }
    }

    /// The price of the place part, to the nearest millionth; `None` where that pays nothing.
    ///
    /// ```
    /// use domain::each_way::PlaceTerms;
    /// let terms = PlaceTerms { places: 3, numerator: 1, denominator: 4 };
    /// assert_eq!(terms.price("9.0".parse().unwrap()), "3.0".parse().ok());
    /// ```
    pub fn price(self, price: Price) -> Option<Price> {
        self.check().ok()?;
        let net = (price.micros() - Price::SCALE) * i64::from(self.numerator);
        let denominator = i64::from(self.denominator);
        Price::from_micros(Price::SCALE + (net + denominator / 2) / denominator).ok()
    }
}

/// What a winning stake pays when `tied` runners share `places`, in minor units: the whole of it where there are as many places
/// as runners.
///
/// # Errors
/// [`EachWayError`] says what is wrong.
pub fn dead_heat(stake: i64, price: Price, places: u32, tied: u32, rounding: Rounding) -> Result<i64, EachWayError> {
    check(stake, tied)?;
    let scale = i128::from(Price::SCALE);
    pay(stake, (price.micros().into(), scale), places.min(tied), tied, rounding)
}

/// Settles both bets, each of one stake in minor units, for a runner that finished there.
///
/// # Errors
/// [`EachWayError`] says what is wrong.
pub fn settle(
    stake: i64,
    price: Price,
    terms: PlaceTerms,
    Finish { position, tied }: Finish,
    rounding: Rounding,
) -> Result<Settled, EachWayError> {
    check(stake, tied)?;
    terms.check()?;
    if !(1..=MAX_RUNNERS).contains(&position) {
        return Err(EachWayError::NoSuchPosition);
    }
    // Of so many first places, those that lie where the runner finished.
    let shared = |places: u32| (places + 1).saturating_sub(position).min(tied);
    let scale = i128::from(Price::SCALE);
    let (numerator, denominator) = (i128::from(terms.numerator), i128::from(terms.denominator));
    let gross = i128::from(price.micros());
    let place = (denominator * scale + numerator * (gross - scale), denominator * scale);
    let part = |price, places| {
        Ok(Part {
            stake,
            payout: pay(stake, price, shared(places), tied, rounding)?,
        })
    };
    Ok(Settled {
        win: part((gross, scale), 1)?,
        place: part(place, terms.places)?,
    })
}

fn check(stake: i64, tied: u32) -> Result<(), EachWayError> {
    if stake <= 0 {
        Err(EachWayError::StakeNotPositive)
    } else if stake > MAX_STAKE {
        Err(EachWayError::TooLarge)
    } else if (1..=MAX_RUNNERS).contains(&tied) {
        Ok(())
    } else {
        Err(EachWayError::NoSuchTie)
    }
}

/// Stake x places / tied x price, where the price is a fraction. At most 10^12 x 10^15 x 10^3: it fits.
fn pay(stake: i64, price: (i128, i128), places: u32, tied: u32, rounding: Rounding) -> Result<i64, EachWayError> {
    let exact = i128::from(stake) * price.0 * i128::from(places);
    i64::try_from(rounding.whole(exact, price.1 * i128::from(tied))).map_err(|_| EachWayError::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const FIFTH: PlaceTerms = PlaceTerms {
        places: 3,
        numerator: 1,
        denominator: 5,
    };

    fn settled(position: u32, tied: u32) -> (i64, i64) {
        let settled = settle(10_00, price("11.0"), FIFTH, Finish { position, tied }, Rounding::Cut).unwrap();
        (settled.win.payout, settled.place.payout)
    }

    fn price(text: &str) -> Price {
        text.parse().unwrap()
    }

    #[rstest]
    #[case::won(1, 1, 11_000, 30_00)]
    #[case::placed(3, 1, 0, 30_00)]
    #[case::unplaced(4, 1, 0, 0)]
    #[case::two_tied_for_first(1, 2, 55_00, 30_00)]
    #[case::four_tied_for_first(1, 4, 27_50, 22_50)]
    #[case::two_tied_for_the_last_place(3, 2, 0, 15_00)]
    #[case::two_tied_for_the_last_two_places(2, 2, 0, 30_00)]
    fn each_bet_is_settled_by_the_places_that_are_left(
        #[case] position: u32,
        #[case] tied: u32,
        #[case] win: i64,
        #[case] place: i64,
    ) {
        assert_eq!(settled(position, tied), (win, place));
    }

    #[test]
    fn two_tied_for_one_place_are_paid_on_half_the_stake() {
        let payout = dead_heat(10_00, price("11.0"), 1, 2, Rounding::Cut);
        assert_eq!(payout.map(|payout| (payout, payout - 10_00)), Ok((55_00, 45_00)));
    }

    #[test]
    fn more_places_than_runners_are_paid_in_full() {
        assert_eq!(dead_heat(10_00, price("3.0"), 4, 2, Rounding::Cut), Ok(30_00));
    }

    #[test]
    fn a_part_of_the_odds_is_exact_where_its_price_is_not() {
        // A third of 1.00 is 0.333...: the payout is that of the fraction, not of a price of six places.
        let third = PlaceTerms {
            denominator: 3,
            ..FIFTH
        };
        let placed = Finish { position: 2, tied: 1 };
        let settled = settle(300_000_000, price("2.0"), third, placed, Rounding::Cut).unwrap();
        assert_eq!(settled.place.payout, 400_000_000);
        assert_eq!(third.price(price("2.0")), Some(price("1.333333")));
        assert_eq!(FIFTH.price(Price::MIN), None);
    }

    #[test]
    fn numbers_that_cannot_be_are_refused_and_the_greatest_ones_fit() {
        let at = |stake, terms, position, tied| {
            settle(stake, Price::MAX, terms, Finish { position, tied }, Rounding::Nearest)
                .map(|_| ())
                .unwrap_err()
        };
        assert_eq!(at(0, FIFTH, 1, 1), EachWayError::StakeNotPositive);
        assert_eq!(at(MAX_STAKE + 1, FIFTH, 1, 1), EachWayError::TooLarge);
        assert_eq!(at(1, FIFTH, 0, 1), EachWayError::NoSuchPosition);
        assert_eq!(at(1, FIFTH, 1, 0), EachWayError::NoSuchTie);
        assert_eq!(at(1, FIFTH, 1, u32::MAX), EachWayError::NoSuchTie);
        assert_eq!(
            at(1, PlaceTerms { places: 0, ..FIFTH }, 1, 1),
            EachWayError::NoSuchPlaces
        );
        assert_eq!(
            at(1, PlaceTerms { numerator: 6, ..FIFTH }, 1, 1),
            EachWayError::NoSuchPart
        );
        let settled = settle(
            MAX_STAKE,
            Price::MAX,
            FIFTH,
            Finish { position: 1, tied: 1 },
            Rounding::Cut,
        )
        .unwrap();
        assert_eq!(settled.win.payout, 1_000_000 * MAX_STAKE);
    }
}
