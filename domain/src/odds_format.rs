//! Odds as bettors write them.

use crate::Price;
use crate::price::PriceError;
use serde::{Deserialize, Serialize};

/// A way to write a price. Stored prices are always decimal; a format is how a person reads them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OddsFormat {
    /// `1.95`: what comes back for a stake of one.
    #[default]
    Decimal,
    /// `-110`, `+150`: the stake for 100 of profit, or the profit on 100.
    American,
    /// `10/11`: profit over stake.
    Fractional,
    /// `0.95`: profit for a stake of one.
    HongKong,
    /// `-1.05`, `1.50`: American odds over 100.
    Indonesian,
    /// `0.95`, `-0.95`: profit for one, or the stake for a profit of one as a negative number.
    Malay,
    /// `51.3%`: one over the price.
    Implied,
}

impl OddsFormat {
    /// Every format, in the order a person picks from.
    pub const ALL: [Self; 7] = [
        Self::Decimal,
        Self::American,
        Self::Fractional,
        Self::HongKong,
        Self::Indonesian,
        Self::Malay,
        Self::Implied,
    ];

    /// Writes a price in this format.
    pub fn write(self, price: Price) -> String {
        price.to_string()
    }

    /// Reads a price that was written in this format.
    ///
    /// # Errors
    /// [`PriceError`] says what is wrong.
    pub fn read(self, text: &str) -> Result<Price, PriceError> {
        text.parse()
    }
}
