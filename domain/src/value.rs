//! Value: what a price is worth against a fair probability.

use crate::price::PriceError;
use crate::{Money, Price, Probability};

/// The edge: fair probability x price - 1, per unit staked.
///
/// ```
/// let fair = domain::Probability::new(0.5).unwrap();
/// assert!((domain::value::edge(fair, "2.5".parse().unwrap()) - 0.25).abs() < 1e-12);
/// ```
pub fn edge(fair: Probability, price: Price) -> f64 {
    edge_with_push(fair, 0.0, price)
}

/// The edge of a bet that is returned with the probability `push`: a push loses nothing.
///
/// ```
/// let fair = domain::Probability::new(0.50).unwrap();
/// assert!((domain::value::edge_with_push(fair, 0.06, "1.95".parse().unwrap()) - 0.035).abs() < 1e-12);
/// ```
pub fn edge_with_push(fair: Probability, push: f64, price: Price) -> f64 {
    fair.get() * price.as_f64() + push - 1.0
}

/// What a stake earns on average: stake x edge, to the nearest minor unit, halves away from zero. `None` when that is no
/// amount that can be held.
///
/// ```
/// use domain::{Money, value::expected_value};
/// let stake: Money = "20.00 EUR".parse().unwrap();
/// assert_eq!(expected_value(stake, 0.035), "0.70 EUR".parse().ok());
/// ```
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
pub fn expected_value(stake: Money, edge: f64) -> Option<Money> {
    let minor = (stake.minor as f64 * edge).round();
    // The bound is 2^63, exactly.
    (minor.abs() < i64::MAX as f64).then_some(Money {
        minor: minor as i64,
        ..stake
    })
}

/// The price at which a bet has no edge, to the nearest millionth.
///
/// ```
/// use domain::{Price, Probability, value::fair_price};
/// let fair = Probability::new(0.4).unwrap();
/// assert_eq!(fair_price(fair), "2.5".parse());
/// assert_eq!(fair_price(fair).map(Price::implied), Ok(0.4), "and back");
/// ```
///
/// # Errors
/// [`PriceError`] where no price can be held: a probability below a millionth, or nearer to one than that.
#[expect(
    clippy::cast_possible_truncation,
    reason = "more than fits becomes the greatest number, which is refused"
)]
pub fn fair_price(fair: Probability) -> Result<Price, PriceError> {
    Price::from_micros((Price::SCALE as f64 / fair.get()).round() as i64)
}
