//! Prices: decimal odds including the stake, exact.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Decimal odds including the stake, in millionths: 1.95 is `1_950_000`. Always above 1 and at most [`Price::MAX`].
///
/// Millionths because every American price from -10000 to +10000 then survives a round trip. In JSON it is a string.
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
    /// Hong Kong odds of zero or less pay nothing.
    #[error("Hong Kong odds are above 0")]
    NotHongKong,
    /// Indonesian odds between -1 and +1 do not exist.
    #[error("Indonesian odds are -1 or lower, or 1 or higher")]
    NotIndonesian,
    /// Malay odds beyond -1 and +1 do not exist.
    #[error("Malay odds lie between -1 and 1 and are not 0")]
    NotMalay,
    /// Not two whole numbers with a slash between.
    #[error("fractional odds are two whole numbers such as 10/11, or evens")]
    NotFractional,
    /// Not a percentage between 0 and 100.
    #[error("an implied probability is a percentage between 0 and 100, such as 52.4%")]
    NotImplied,
    /// `1,909` is 1.909 to some and 1909 to others.
    #[error("a comma before three digits can be read in two ways; write a point")]
    AmbiguousComma,
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
            let Some(magnitude) = american.checked_neg() else {
                return Err(PriceError::TooLow);
            };
            Self::from_micros(Self::SCALE + (100 * Self::SCALE + magnitude / 2) / magnitude)
        } else {
            Err(PriceError::NotAmerican)
        }
    }

    /// Reads American odds: `-110`, `+150`, `150`, `EVEN`; the minus may be U+2212. Interpolated odds such as `-108.5` are
    /// taken at their exact meaning.
    ///
    /// ```
    /// use domain::{Price, price::PriceError};
    /// let read = |text| Price::parse_american(text).map(Price::micros);
    /// assert_eq!(read("+150"), Ok(2_500_000));
    /// assert_eq!(read("\u{2212}110"), Ok(1_909_091));
    /// assert_eq!(read("EVEN"), Ok(2_000_000));
    /// assert_eq!(read("-99"), Err(PriceError::NotAmerican));
    /// assert_eq!(read("n/a"), Err(PriceError::NotANumber));
    /// ```
    ///
    /// # Errors
    /// As [`Price::from_american`], and [`PriceError::NotANumber`] for other text.
    pub fn parse_american(text: &str) -> Result<Self, PriceError> {
        let text = text.trim();
        match parse_micros(text) {
            Some(american) if american.value % Self::SCALE == 0 => Self::from_american(american.value / Self::SCALE),
            Some(american) => Self::from_american_micros(american.value),
            None if is_evens(text) => Ok(Self(2 * Self::SCALE)),
            None => Err(PriceError::NotANumber),
        }
    }

    /// From American odds in millionths.
    pub(crate) fn from_american_micros(american: i64) -> Result<Self, PriceError> {
        let magnitude = american.saturating_abs();
        if magnitude < 100 * Self::SCALE {
            Err(PriceError::NotAmerican)
        } else if american > 0 {
            Self::from_micros(Self::SCALE + american / 100 + i64::from(american % 100 >= 50))
        } else {
            Self::from_micros(Self::SCALE + (100 * Self::SCALE * Self::SCALE + magnitude / 2) / magnitude)
        }
    }

    /// Millionths of decimal odds.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The nearest American odds; evens is +100, never -100.
    pub const fn to_american(self) -> i64 {
        let net = self.0 - Self::SCALE;
        if net >= Self::SCALE {
            return (net * 100 + Self::SCALE / 2) / Self::SCALE;
        }
        match (100 * Self::SCALE + net / 2) / net {
            100 => 100,
            magnitude => -magnitude,
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

/// A number read into millionths.
#[derive(Clone, Copy)]
pub(crate) struct Micros {
    /// Millionths, rounded to nearest, halves away from zero.
    pub(crate) value: i64,
    /// True when nothing was lost by that.
    pub(crate) is_exact: bool,
}

/// Reads a decimal number into millionths: digits with at most one point, an optional leading sign, an optional exponent.
/// `None` for anything else, and for more than fits.
pub(crate) fn parse_micros(text: &str) -> Option<Micros> {
    let (is_negative, digits) = split_sign(text);
    let micros = match parse_short(digits.as_bytes()) {
        Some(value) => Micros { value, is_exact: true },
        None => parse_long(digits)?,
    };
    Some(if is_negative {
        Micros {
            value: -micros.value,
            ..micros
        }
    } else {
        micros
    })
}

/// The case of nearly every price in a feed: a few digits, at most six of them after the point.
fn parse_short(digits: &[u8]) -> Option<i64> {
    const POWERS: [i64; 7] = [1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];
    // Eighteen digits can't overflow.
    if digits.len() > 18 {
        return None;
    }
    let mut value = 0_i64;
    let mut point = None;
    for (at, byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => value = value * 10 + i64::from(byte - b'0'),
            b'.' if point.is_none() => point = Some(at),
            _ => return None,
        }
    }
    if digits.len() == usize::from(point.is_some()) {
        return None;
    }
    let places = point.map_or(0, |at| digits.len() - 1 - at);
    value.checked_mul(*POWERS.get(places)?)
}

/// Every other number: exponents, more than six places, many leading zeros.
fn parse_long(digits: &str) -> Option<Micros> {
    let (mantissa, exponent) = match digits.find(['e', 'E']) {
        Some(at) => (&digits[..at], digits[at + 1..].parse::<i32>().ok()?),
        None => (digits, 0),
    };
    let whole_digits = mantissa.find('.').unwrap_or(mantissa.len());
    // The power of ten that the next digit counts; -6 is a millionth.
    let mut power = i64::try_from(whole_digits).ok()? - 1 + i64::from(exponent);
    let (mut value, mut is_exact, mut rounds_up) = (0_i64, true, false);
    let (mut has_digit, mut has_point) = (false, false);
    for byte in mantissa.bytes() {
        match byte {
            b'0'..=b'9' => {
                let digit = i64::from(byte - b'0');
                has_digit = true;
                if power >= -6 {
                    value = value.checked_mul(10)?.checked_add(digit)?;
                } else {
                    is_exact &= digit == 0;
                    rounds_up |= power == -7 && digit >= 5;
                }
                power -= 1;
            }
            b'.' if !has_point => has_point = true,
            _ => return None,
        }
    }
    if !has_digit {
        return None;
    }
    let missing_zeros = u32::try_from((power + 7).max(0)).ok()?;
    if value != 0 {
        value = value.checked_mul(10_i64.checked_pow(missing_zeros)?)?;
    }
    Some(Micros {
        value: value.checked_add(i64::from(rounds_up))?,
        is_exact,
    })
}

/// True for the words that bettors write for a price of 2.
pub(crate) fn is_evens(text: &str) -> bool {
    ["even", "evens", "evs"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
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
    let (whole, mut fraction, mut places) = (magnitude / 1_000_000, magnitude % 1_000_000, 6);
    if fraction == 0 {
        return write!(f, "{sign}{whole}");
    }
    while fraction.is_multiple_of(10) {
        fraction /= 10;
        places -= 1;
    }
    write!(f, "{sign}{whole}.{fraction:0places$}")
}

impl std::str::FromStr for Price {
    type Err = PriceError;

    /// Reads decimal odds, e.g. `1.95`; more than six places round to the nearest millionth.
    fn from_str(text: &str) -> Result<Self, PriceError> {
        Self::from_micros(parse_micros(text.trim()).ok_or(PriceError::NotANumber)?.value)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(text: &str) -> Option<(i64, bool)> {
        parse_micros(text).map(|micros| (micros.value, micros.is_exact))
    }

    #[test]
    fn every_american_price_to_ten_thousand_survives_a_round_trip() {
        for magnitude in 100..=10_000 {
            let (plus, minus) = (magnitude, -magnitude);
            assert_eq!(Price::from_american(plus).unwrap().to_american(), plus);
            assert_eq!(
                Price::from_american(minus).unwrap().to_american(),
                if minus == -100 { 100 } else { minus }
            );
            assert_eq!(Price::parse_american(&format!("{plus:+}")), Price::from_american(plus));
            assert_eq!(Price::parse_american(&minus.to_string()), Price::from_american(minus));
        }
    }

    #[test]
    fn american_odds_between_the_hundreds_do_not_exist() {
        for american in -99..=99 {
            assert_eq!(Price::from_american(american), Err(PriceError::NotAmerican));
            assert_eq!(
                Price::parse_american(&american.to_string()),
                Err(PriceError::NotAmerican)
            );
        }
        assert_eq!(Price::parse_american("99.999999"), Err(PriceError::NotAmerican));
    }

    #[test]
    fn the_ends_of_the_american_scale_are_refused_not_wrapped() {
        assert_eq!(Price::from_american(99_999_900), Ok(Price::MAX));
        assert_eq!(Price::from_american(99_999_901), Err(PriceError::TooHigh));
        assert_eq!(Price::from_american(i64::MAX), Err(PriceError::TooHigh));
        assert_eq!(Price::from_american(i64::MIN), Err(PriceError::TooLow));
        assert_eq!(Price::from_american(-100_000_000), Ok(Price::MIN));
        assert_eq!(Price::MIN.to_american(), -100_000_000);
        assert_eq!(Price::MAX.to_american(), 99_999_900);
    }

    #[test]
    fn interpolated_american_odds_keep_their_exact_meaning() {
        assert_eq!(Price::parse_american("-110.0"), Price::from_american(-110));
        assert_eq!(Price::parse_american("-108.5").unwrap().micros(), 1_921_659);
        assert_eq!(Price::parse_american("+102.5").unwrap().micros(), 2_025_000);
    }

    #[test]
    fn the_sentinels_that_feeds_send_are_no_prices() {
        for sentinel in ["0", "0.0001", "1", "1.00", "-100000", "-1.5"] {
            assert_eq!(sentinel.parse::<Price>(), Err(PriceError::TooLow), "{sentinel}");
        }
        for text in [
            "NaN", "inf", "", " ", ".", "-", "+", "e5", "1e", "1.2.3", "1,95", "0x10", "1_000", "--2", "+-2", "1 2",
            "٢",
        ] {
            assert_eq!(text.parse::<Price>(), Err(PriceError::NotANumber), "{text}");
        }
        assert_eq!("1000000.000001".parse::<Price>(), Err(PriceError::TooHigh));
    }

    #[test]
    fn numbers_round_to_the_nearest_millionth_and_say_whether_they_did() {
        assert_eq!(micros("1.9090909090909092"), Some((1_909_091, false)));
        assert_eq!(micros("1.0000005"), Some((1_000_001, false)));
        assert_eq!(micros("1.00000049999"), Some((1_000_000, false)));
        assert_eq!(micros("1.9500000000"), Some((1_950_000, true)));
        assert_eq!(micros("-0.25"), Some((-250_000, true)));
        assert_eq!(micros("\u{2212}0.25"), Some((-250_000, true)));
        assert_eq!(micros("00000000000000000000002.5"), Some((2_500_000, true)));
        assert_eq!(micros("5."), Some((5_000_000, true)));
        assert_eq!(micros(".5"), Some((500_000, true)));
    }

    #[test]
    fn exponents_are_read_exactly_and_never_overflow() {
        assert_eq!(micros("1.95e0"), Some((1_950_000, true)));
        assert_eq!(micros("195E-2"), Some((1_950_000, true)));
        assert_eq!(micros("1.5e+2"), Some((150_000_000, true)));
        assert_eq!(micros("12345678e-8"), Some((123_457, false)));
        assert_eq!(micros("5e-7"), Some((1, false)));
        assert_eq!(micros("5e-8"), Some((0, false)));
        assert_eq!(micros("0e400"), Some((0, true)));
        for text in [
            "1e13",
            "1e2147483647",
            "1e99999999999",
            "9223372036854775807",
            "99999999999999.5",
        ] {
            assert_eq!(micros(text), None, "{text}");
        }
        assert_eq!(micros("1e-2147483648"), Some((0, false)));
    }
}
