//! n-way arbitrage: covering every outcome so that each pays back more than was staked.

use crate::Price;

/// An arbitrage, before rounding of stakes.
#[derive(Clone, Debug, PartialEq)]
pub struct Arbitrage {
    /// Return on the total stake: 1 / implied sum - 1.
    pub profit: f64,
    /// The share of the total stake on each outcome, in the order given; they sum to one and pay alike.
    pub shares: Vec<f64>,
}

/// The arbitrage in one best price per outcome of a complete market, or `None` when the implied sum is one or more.
///
/// ```
/// use domain::{arbitrage::arbitrage, Price};
/// let price = |american| Price::from_american(american).unwrap();
/// let found = arbitrage(&[price(450), price(-385)]).unwrap();
/// assert!((found.profit - 0.024976).abs() < 1e-6);
/// assert!(arbitrage(&[price(-110), price(-110)]).is_none());
/// ```
pub fn arbitrage(prices: &[Price]) -> Option<Arbitrage> {
    let decimals: Vec<f64> = prices.iter().map(|price| price.as_f64()).collect();
    arbitrage_of(&decimals)
}

/// As [`arbitrage`], over decimal prices that may be net of commission.
pub fn arbitrage_of(decimals: &[f64]) -> Option<Arbitrage> {
    if decimals.len() < 2 {
        return None;
    }
    let sum: f64 = decimals.iter().map(|price| 1.0 / price).sum();
    (sum < 1.0).then(|| Arbitrage {
        profit: 1.0 / sum - 1.0,
        shares: decimals.iter().map(|price| 1.0 / price / sum).collect(),
    })
}

/// The price net of commission on winnings: at 5 %, 2.10 is 2.045.
///
/// ```
/// let net = domain::arbitrage::net_of_commission("2.10".parse().unwrap(), 500);
/// assert!((net - 2.045).abs() < 1e-12);
/// ```
pub fn net_of_commission(price: Price, commission_bp: u16) -> f64 {
    1.0 + (price.as_f64() - 1.0) * (1.0 - f64::from(commission_bp) / 10_000.0)
}
