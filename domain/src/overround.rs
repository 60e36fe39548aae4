//! Overround and hold: what a bookmaker keeps.

use crate::Price;

/// The sum of implied probabilities of a complete market.
pub fn implied_sum(prices: &[Price]) -> f64 {
    prices.iter().map(|price| price.implied()).sum()
}

/// The overround: implied sum - 1. Negative when the prices are an arbitrage.
///
/// At -110 / -110 the sum is 1.047619 and the overround 4.762 %; the *hold*, what the book keeps of turnover, is 4.545 %.
/// The two are often mixed up.
///
/// ```
/// use domain::{Price, overround::{hold, overround}};
/// let both = [Price::from_american(-110).unwrap(); 2];
/// assert!((overround(&both) - 0.047619).abs() < 1e-6);
/// assert!((hold(&both) - 0.045455).abs() < 1e-6);
/// ```
pub fn overround(prices: &[Price]) -> f64 {
    implied_sum(prices) - 1.0
}

/// The hold: 1 - 1 / implied sum, the share of turnover that the book keeps when stakes are balanced.
pub fn hold(prices: &[Price]) -> f64 {
    1.0 - 1.0 / implied_sum(prices)
}
