//! Prices: decimal odds including the stake, exact.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Decimal odds including the stake, in millionths: 1.95 is `1_950_000`. Always above 1 and at most [`Price::MAX`].
///
/// Millionths because every American price from -10000 to +10000 then survives a round trip.
///
/// ```
/// use domain::Price;
/// assert_eq!(Price::from_american(-110).unwrap().micros(), 1_909_091);
/// assert_eq!(Price::from_american(-110).unwrap().to_american(), -110);
/// assert_eq!("2.50".parse::<Price>().unwrap().to_string(), "2.5");
/// assert!(Price::from_micros(1_000_000).is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Price(i64);

/// Why a number is not a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    /// Decimal odds of one or less pay nothing: no bookmaker offers that, it marks a missing price.
    #[error("a decimal price must be above 1")]
    TooLow,
    /// Beyond [`Price::MAX`].
    #[error("a decimal price must be at most 1000000")]
    TooHigh,
    /// American odds between -99 and +99 do not exist.
    #[error("American odds are -100 or lower, or +100 or higher")]
    NotAmerican,
    /// The text is not a number of the expected format.
    #[error("not a price")]
    NotANumber,
}

impl Price {
    /// Millionths in one unit of decimal odds.
    pub const SCALE: i64 = 1_000_000;
    /// The greatest price: decimal 1,000,000.
    pub const MAX: Self = Self(1_000_000 * Self::SCALE);
    /// The least price: decimal 1.000001.
    pub const MIN: Self = Self(Self::SCALE + 1);

    /// From millionths of decimal odds.
    ///
    /// # Errors
    /// [`PriceError::TooLow`] at decimal 1 or less, [`PriceError::TooHigh`] above [`Price::MAX`].
    pub const fn from_micros(micros: i64) -> Result<Self, PriceError> {
        if micros <= Self::SCALE {
            Err(PriceError::TooLow)
        } else if micros > Self::MAX.0 {
            Err(PriceError::TooHigh)
        } else {
            Ok(Self(micros))
        }
    }

    /// From American odds, rounded to the nearest millionth; +100 and -100 both mean 2.
    ///
    /// # Errors
    /// [`PriceError::NotAmerican`] between -99 and +99, [`PriceError::TooLow`] or [`PriceError::TooHigh`] beyond what can be held.
    pub const fn from_american(american: i64) -> Result<Self, PriceError> {
        if american >= 100 {
            if american > 99_999_900 {
                return Err(PriceError::TooHigh);
            }
            Self::from_micros(Self::SCALE + american * (Self::SCALE / 100))
        } else if american <= -100 {
            let magnitude = match american.checked_neg() {
                Some(magnitude) => magnitude,
                None => return Err(PriceError::TooLow),
            };
            Self::from_micros(Self::SCALE + (100 * Self::SCALE + magnitude / 2) / magnitude)
        } else {
            Err(PriceError::NotAmerican)
        }
    }

    /// Millionths of decimal odds.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The nearest American odds; 2 is +100.
    pub const fn to_american(self) -> i64 {
        let net = self.0 - Self::SCALE;
        if net >= Self::SCALE {
            (net * 100 + Self::SCALE / 2) / Self::SCALE
        } else {
            -((100 * Self::SCALE + net / 2) / net)
        }
    }

    /// As a float, for statistics.
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / Self::SCALE as f64
    }

    /// The implied probability, 1 / price, margin included.
    pub fn implied(self) -> f64 {
        Self::SCALE as f64 / self.0 as f64
    }
}

/// Reads a plain decimal number of at most six significant places into millionths; more places round to nearest.
/// `None` for anything but digits, one point and an optional leading minus or plus (U+2212 counts as a minus), or an exponent.
pub(crate) fn parse_micros(text: &str) -> Option<i64> {
    let (negative, digits) = split_sign(text);
    let (mantissa, exponent) = match digits.find(['e', 'E']) {
        Some(at) => (&digits[..at], digits[at + 1..].parse::<i32>().ok()?),
        None => (digits, 0),
    };
    let mut value: i64 = 0;
    let mut places = 0_i32;
    let mut seen_point = false;
    let mut seen_digit = false;
    let mut round_up = false;
    let mut dropped = false;
    for byte in mantissa.bytes() {
        match byte {
            b'0'..=b'9' => {
                seen_digit = true;
                if seen_point && places - exponent >= 6 {
                    if !dropped {
                        round_up = byte >= b'5';
                        dropped = true;
                    }
                    continue;
                }
                value = value.checked_mul(10)?.checked_add(i64::from(byte - b'0'))?;
                places += i32::from(seen_point);
            }
            b'.' if !seen_point => seen_point = true,
            _ => return None,
        }
    }
    if !seen_digit {
        return None;
    }
    let shift = 6 - places + exponent;
    let scaled = if shift >= 0 {
        value.checked_mul(10_i64.checked_pow(u32::try_from(shift).ok()?)?)?
    } else {
        value / 10_i64.checked_pow(u32::try_from(-shift).ok()?)?
    };
    let rounded = scaled.checked_add(i64::from(round_up))?;
    Some(if negative { -rounded } else { rounded })
}

/// Splits a leading sign off; true means minus. Feeds print minus as `-` or U+2212.
pub(crate) fn split_sign(text: &str) -> (bool, &str) {
    if let Some(rest) = text.strip_prefix('-').or_else(|| text.strip_prefix('\u{2212}')) {
        (true, rest)
    } else {
        (false, text.strip_prefix('+').unwrap_or(text))
    }
}

/// Writes millionths without trailing zeros: 1_950_000 is `1.95`, 2_000_000 is `2`.
pub(crate) fn write_micros(micros: i64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let sign = if micros < 0 { "-" } else { "" };
    let magnitude = micros.unsigned_abs();
    let (whole, fraction) = (magnitude / 1_000_000, magnitude % 1_000_000);
    if fraction == 0 {
        return write!(f, "{sign}{whole}");
    }
    let digits = format!("{fraction:06}");
    write!(f, "{sign}{whole}.{}", digits.trim_end_matches('0'))
}

impl std::str::FromStr for Price {
    type Err = PriceError;

    /// Reads decimal odds, e.g. `1.95`.
    fn from_str(text: &str) -> Result<Self, PriceError> {
        Self::from_micros(parse_micros(text.trim()).ok_or(PriceError::NotANumber)?)
    }
}

impl fmt::Display for Price {
    /// Decimal odds without trailing zeros.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_micros(self.0, f)
    }
}

impl fmt::Debug for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Price({self})")
    }
}

impl TryFrom<String> for Price {
    type Error = PriceError;
    fn try_from(text: String) -> Result<Self, PriceError> {
        text.parse()
    }
}

impl From<Price> for String {
    fn from(price: Price) -> Self {
        price.to_string()
    }
}
