//! Odds as bettors write them.

use crate::Price;
use crate::price::{Micros, PriceError, is_evens, parse_micros};
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

/// The fractions that British bookmakers chalk up, as they are spoken: 4/6 and 6/4 rather than in lowest terms.
#[rustfmt::skip]
const LADDER: [(i64, i64); 97] = [
    (1, 1000), (1, 500), (1, 250), (1, 200), (1, 100), (1, 66), (1, 50), (1, 40), (1, 33), (1, 28), (1, 25), (1, 22),
    (1, 20), (1, 18), (1, 16), (1, 14), (1, 12), (1, 11), (1, 10), (1, 9), (1, 8), (2, 15), (1, 7), (2, 13), (1, 6),
    (2, 11), (1, 5), (2, 9), (1, 4), (2, 7), (3, 10), (1, 3), (4, 11), (2, 5), (4, 9), (1, 2), (8, 15), (4, 7),
    (8, 13), (4, 6), (8, 11), (4, 5), (5, 6), (10, 11), (20, 21), (1, 1), (21, 20), (11, 10), (6, 5), (5, 4), (11, 8),
    (6, 4), (13, 8), (7, 4), (15, 8), (2, 1), (85, 40), (9, 4), (5, 2), (11, 4), (3, 1), (10, 3), (7, 2), (4, 1),
    (9, 2), (5, 1), (11, 2), (6, 1), (13, 2), (7, 1), (15, 2), (8, 1), (17, 2), (9, 1), (10, 1), (11, 1), (12, 1),
    (14, 1), (16, 1), (18, 1), (20, 1), (22, 1), (25, 1), (28, 1), (33, 1), (40, 1), (50, 1), (66, 1), (80, 1),
    (100, 1), (125, 1), (150, 1), (200, 1), (250, 1), (500, 1), (1000, 1), (5000, 1),
];

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

    /// The stored and JSON form.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Decimal => "decimal",
            Self::American => "american",
            Self::Fractional => "fractional",
            Self::HongKong => "hong_kong",
            Self::Indonesian => "indonesian",
            Self::Malay => "malay",
            Self::Implied => "implied",
        }
    }

    /// The format of a stored code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.code() == code)
    }

    /// As a person reads it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Decimal => "Decimal",
            Self::American => "American",
            Self::Fractional => "Fractional",
            Self::HongKong => "Hong Kong",
            Self::Indonesian => "Indonesian",
            Self::Malay => "Malay",
            Self::Implied => "Implied probability",
        }
    }

    /// Writes a price in this format, rounded as bettors are used to: two decimal places, a third where it is needed; American
    /// in whole numbers; implied to a tenth of a percent. A price so close to an end of its scale that it would round to an
    /// impossible one gets the places that tell it apart. A fraction is the one of the traditional ladder that rounds to the
    /// price as it is written, else the exact or the simplest one.
    ///
    /// ```
    /// use domain::{OddsFormat, Price};
    /// let price = Price::from_american(-110).unwrap();
    /// let written = OddsFormat::ALL.map(|format| format.write(price));
    /// assert_eq!(written, ["1.909", "-110", "10/11", "0.909", "-1.10", "0.909", "52.4%"]);
    /// let price: Price = "2.5".parse().unwrap();
    /// let written = OddsFormat::ALL.map(|format| format.write(price));
    /// assert_eq!(written, ["2.50", "+150", "6/4", "1.50", "1.50", "-0.667", "40.0%"]);
    /// ```
    pub fn write(self, price: Price) -> String {
        let net = price.micros() - Price::SCALE;
        match self {
            Self::Decimal => write_number(price.micros(), 2, 3, &[Price::SCALE]),
            Self::American => format!("{:+}", price.to_american()),
            Self::Fractional => {
                let (profit, stake) = fraction(net);
                format!("{profit}/{stake}")
            }
            Self::HongKong => write_number(net, 2, 3, &[0]),
            Self::Indonesian if net >= Price::SCALE => write_number(net, 2, 3, &[0]),
            Self::Malay if net <= Price::SCALE => write_number(net, 2, 3, &[0]),
            Self::Indonesian | Self::Malay => format!("-{}", write_number(reciprocal(net), 2, 3, &[0])),
            Self::Implied => {
                let percent = reciprocal_of(100, price.micros());
                format!("{}%", write_number(percent, 1, 1, &[0, 100 * Price::SCALE]))
            }
        }
    }

    /// Reads a price that was written in this format. Spaces around it, a minus as U+2212 and a decimal comma are
    /// understood; a comma before exactly three digits is refused, because it may separate thousands.
    ///
    /// ```
    /// use domain::{OddsFormat, price::PriceError};
    /// let read = |format: OddsFormat, text| format.read(text).map(|price| price.to_string());
    /// assert_eq!(read(OddsFormat::Decimal, "1,95"), Ok("1.95".to_owned()));
    /// assert_eq!(read(OddsFormat::Decimal, "1,909"), Err(PriceError::AmbiguousComma));
    /// assert_eq!(read(OddsFormat::American, "\u{2212}110"), Ok("1.909091".to_owned()));
    /// assert_eq!(read(OddsFormat::Fractional, "evens"), Ok("2".to_owned()));
    /// assert_eq!(read(OddsFormat::Malay, "-0.5"), Ok("3".to_owned()));
    /// assert_eq!(read(OddsFormat::Implied, "40 %"), Ok("2.5".to_owned()));
    /// ```
    ///
    /// # Errors
    /// [`PriceError`] says what is wrong.
    pub fn read(self, text: &str) -> Result<Price, PriceError> {
        let text = text.trim();
        match self {
            Self::Decimal => Price::from_micros(read_number(text)?),
            Self::American if is_evens(text) => Price::parse_american(text),
            Self::American => Price::from_american_micros(read_number(text)?),
            Self::Fractional => read_fraction(text),
            Self::HongKong => match read_number(text)? {
                ..=0 => Err(PriceError::NotHongKong),
                net => from_net(net),
            },
            Self::Indonesian => match read_number(text)? {
                net @ Price::SCALE.. => from_net(net),
                net @ ..=NEGATIVE_ONE => from_net(reciprocal(net.saturating_neg())),
                _ => Err(PriceError::NotIndonesian),
            },
            Self::Malay => match read_number(text)? {
                net @ 1..=Price::SCALE => from_net(net),
                net @ NEGATIVE_ONE..=-1 => from_net(reciprocal(-net)),
                _ => Err(PriceError::NotMalay),
            },
            Self::Implied => read_implied(text),
        }
    }
}

const NEGATIVE_ONE: i64 = -Price::SCALE;

fn from_net(net: i64) -> Result<Price, PriceError> {
    Price::from_micros(net.saturating_add(Price::SCALE))
}

/// 1 / x, both in millionths, rounded to nearest. `micros` is above zero.
const fn reciprocal(micros: i64) -> i64 {
    reciprocal_of(1, micros)
}

/// `numerator` / x with x and the answer in millionths, rounded to nearest. `micros` is above zero.
const fn reciprocal_of(numerator: i64, micros: i64) -> i64 {
    (numerator * Price::SCALE * Price::SCALE + micros / 2) / micros
}

/// Rounds millionths to a number of places, at most six; the answer counts units of the last place.
fn round_to(micros: i64, places: u32) -> i64 {
    let unit = 10_i64.pow(6 - places);
    (micros + unit / 2) / unit
}

/// Writes millionths with at least `least` and usually at most `most` places, more where the number would otherwise look
/// like one of `impossible`.
fn write_number(micros: i64, least: u32, most: u32, impossible: &[i64]) -> String {
    let looks_possible = |places: &u32| !impossible.contains(&(round_to(micros, *places) * 10_i64.pow(6 - places)));
    let mut places = (most..=6).find(looks_possible).unwrap_or(6);
    let mut rounded = round_to(micros, places);
    while places > least && rounded % 10 == 0 {
        rounded /= 10;
        places -= 1;
    }
    let unit = 10_i64.pow(places);
    format!("{}.{:0width$}", rounded / unit, rounded % unit, width = places as usize)
}

/// Reads a number as people type it into millionths: no exponent, a decimal comma where that is unambiguous.
fn read_number(text: &str) -> Result<i64, PriceError> {
    if text.contains(['e', 'E']) {
        return Err(PriceError::NotANumber);
    }
    let micros = match text.split_once(',') {
        None => parse_micros(text),
        Some((whole, fraction)) if fraction.contains(['.', ',']) || whole.contains('.') => None,
        Some((whole, fraction)) => {
            let digits = whole.trim_start_matches(['-', '+', '\u{2212}']);
            if fraction.len() == 3 && !digits.is_empty() && !digits.starts_with('0') {
                return Err(PriceError::AmbiguousComma);
            }
            parse_micros(&format!("{whole}.{fraction}"))
        }
    };
    micros.map(|Micros { value, .. }| value).ok_or(PriceError::NotANumber)
}

/// Profit over stake for a profit per unit in millionths.
fn fraction(net: i64) -> (i64, i64) {
    // The decimal places that the price is written with, at least two: the precision that it came with.
    let places = (2..6).find(|places| net % 10_i64.pow(6 - places) == 0).unwrap_or(6);
    let unit = 10_i64.pow(places);
    let rounded = round_to(net, places);
    let distance = |(profit, stake): &(i64, i64)| (profit * Price::SCALE - net * stake).abs() as f64 / *stake as f64;
    let traditional = LADDER
        .into_iter()
        .filter(|(profit, stake)| (2 * profit * unit + stake) / (2 * stake) == rounded)
        .min_by(|left, right| distance(left).total_cmp(&distance(right)));
    match traditional {
        Some(fraction) => fraction,
        None if places == 2 => {
            let divisor = greatest_common_divisor(rounded, unit);
            (rounded / divisor, unit / divisor)
        }
        None => simplest_between((2 * rounded - 1, 2 * unit), (2 * rounded + 1, 2 * unit)),
    }
}

fn greatest_common_divisor(left: i64, right: i64) -> i64 {
    if right == 0 {
        left
    } else {
        greatest_common_divisor(right, left % right)
    }
}

/// The fraction with the least denominator strictly between two others, by continued fractions. A denominator of zero is
/// infinity.
fn simplest_between(low: (i64, i64), high: (i64, i64)) -> (i64, i64) {
    let whole = low.0 / low.1;
    if (whole + 1) * high.1 < high.0 {
        return (whole + 1, 1);
    }
    let (low, high) = ((low.0 - whole * low.1, low.1), (high.0 - whole * high.1, high.1));
    let (numerator, denominator) = simplest_between((high.1, high.0), (low.1, low.0));
    (whole * numerator + denominator, numerator)
}

/// Beyond what any price needs, and small enough to be multiplied.
const MAX_FRACTION_PART: i64 = 1_000_000_000_000;

fn read_fraction(text: &str) -> Result<Price, PriceError> {
    if is_evens(text) {
        return from_net(Price::SCALE);
    }
    let whole = |part: &str| {
        let part = part.trim();
        let is_whole = part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<i64>()
            .ok()
            .filter(|number| is_whole && *number > 0 && *number <= MAX_FRACTION_PART)
    };
    let (profit, stake) = text
        .split_once('/')
        .and_then(|(profit, stake)| Some((whole(profit)?, whole(stake)?)))
        .ok_or(PriceError::NotFractional)?;
    from_net((profit * Price::SCALE + stake / 2) / stake)
}

/// A percentage with its sign, or without where it can't be a probability out of one.
fn read_implied(text: &str) -> Result<Price, PriceError> {
    let number = text.strip_suffix('%');
    let percent = read_number(number.unwrap_or(text).trim_end())?;
    let least = if number.is_some() { 0 } else { Price::SCALE };
    if percent <= least || percent >= 100 * Price::SCALE {
        return Err(PriceError::NotImplied);
    }
    Price::from_micros(reciprocal_of(100, percent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn price(decimal: &str) -> Price {
        decimal.parse().unwrap()
    }

    #[rstest]
    #[case("1.909091", ["1.909", "-110", "10/11", "0.909", "-1.10", "0.909", "52.4%"])]
    #[case("1.91", ["1.91", "-110", "10/11", "0.91", "-1.099", "0.91", "52.4%"])]
    #[case("2", ["2.00", "+100", "1/1", "1.00", "1.00", "1.00", "50.0%"])]
    #[case("1.833333", ["1.833", "-120", "5/6", "0.833", "-1.20", "0.833", "54.5%"])]
    #[case("2.375", ["2.375", "+138", "11/8", "1.375", "1.375", "-0.727", "42.1%"])]
    #[case("1.5", ["1.50", "-200", "1/2", "0.50", "-2.00", "0.50", "66.7%"])]
    #[case("3.75", ["3.75", "+275", "11/4", "2.75", "2.75", "-0.364", "26.7%"])]
    #[case("101", ["101.00", "+10000", "100/1", "100.00", "100.00", "-0.01", "1.0%"])]
    fn a_price_is_written_as_bettors_write_it(#[case] decimal: &str, #[case] written: [&str; 7]) {
        assert_eq!(OddsFormat::ALL.map(|format| format.write(price(decimal))), written);
    }

    #[rstest]
    #[case("1.67", "4/6")]
    #[case("1.73", "8/11")]
    #[case("4.33", "10/3")]
    #[case("1.05", "1/20")]
    #[case("3.125", "85/40")]
    #[case("1.97", "97/100")]
    #[case("1.9", "9/10")]
    #[case("3.14", "107/50")]
    #[case("1.943396", "50/53")]
    #[case("1.947", "18/19")]
    fn a_fraction_is_the_traditional_one_or_else_the_simplest(#[case] decimal: &str, #[case] written: &str) {
        assert_eq!(OddsFormat::Fractional.write(price(decimal)), written);
    }

    #[test]
    fn every_fraction_of_the_ladder_is_written_as_it_was_read() {
        for (profit, stake) in LADDER {
            let text = format!("{profit}/{stake}");
            let read = OddsFormat::Fractional.read(&text).unwrap();
            assert_eq!(OddsFormat::Fractional.write(read), text);
        }
    }

    #[test]
    fn a_price_at_the_end_of_its_scale_never_looks_impossible() {
        assert_eq!(OddsFormat::Decimal.write(price("1.0004")), "1.0004");
        assert_eq!(OddsFormat::Decimal.write(Price::MIN), "1.000001");
        assert_eq!(OddsFormat::HongKong.write(price("1.00004")), "0.00004");
        assert_eq!(OddsFormat::Implied.write(price("1.0001")), "99.99%");
        assert_eq!(OddsFormat::Implied.write(price("10001")), "0.01%");
        assert_eq!(OddsFormat::American.write(price("1.999999")), "+100");
    }

    #[rstest]
    #[case(OddsFormat::Decimal, " 2.50 ", "2.5")]
    #[case(OddsFormat::Decimal, "2,5", "2.5")]
    #[case(OddsFormat::Decimal, "1,9091", "1.9091")]
    #[case(OddsFormat::American, "EVEN", "2")]
    #[case(OddsFormat::American, "100", "2")]
    #[case(OddsFormat::American, "-100", "2")]
    #[case(OddsFormat::American, "+150", "2.5")]
    #[case(OddsFormat::Fractional, "10/11", "1.909091")]
    #[case(OddsFormat::Fractional, " 6 / 4 ", "2.5")]
    #[case(OddsFormat::Fractional, "EVS", "2")]
    #[case(OddsFormat::Fractional, "Even", "2")]
    #[case(OddsFormat::HongKong, "0,909", "1.909")]
    #[case(OddsFormat::Indonesian, "-1.10", "1.909091")]
    #[case(OddsFormat::Indonesian, "1.5", "2.5")]
    #[case(OddsFormat::Malay, "-1", "2")]
    #[case(OddsFormat::Malay, "1.00", "2")]
    #[case(OddsFormat::Malay, "\u{2212}0.8", "2.25")]
    #[case(OddsFormat::Implied, "52.38095%", "1.909091")]
    #[case(OddsFormat::Implied, "40", "2.5")]
    #[case(OddsFormat::Implied, "0.5%", "200")]
    fn what_bettors_write_is_read(#[case] format: OddsFormat, #[case] text: &str, #[case] decimal: &str) {
        assert_eq!(format.read(text), Ok(price(decimal)));
    }

    #[rstest]
    #[case(OddsFormat::Decimal, "1", PriceError::TooLow)]
    #[case(OddsFormat::Decimal, "1.2.3", PriceError::NotANumber)]
    #[case(OddsFormat::Decimal, "1.000,5", PriceError::NotANumber)]
    #[case(OddsFormat::Decimal, "1,2,3", PriceError::NotANumber)]
    #[case(OddsFormat::Decimal, "1e2", PriceError::NotANumber)]
    #[case(OddsFormat::Decimal, "evens", PriceError::NotANumber)]
    #[case(OddsFormat::American, "+1,000", PriceError::AmbiguousComma)]
    #[case(OddsFormat::American, "50", PriceError::NotAmerican)]
    #[case(OddsFormat::American, "", PriceError::NotANumber)]
    #[case(OddsFormat::Fractional, "5", PriceError::NotFractional)]
    #[case(OddsFormat::Fractional, "5/0", PriceError::NotFractional)]
    #[case(OddsFormat::Fractional, "-5/2", PriceError::NotFractional)]
    #[case(OddsFormat::Fractional, "1/2/3", PriceError::NotFractional)]
    #[case(OddsFormat::Fractional, "99999999999999999999/1", PriceError::NotFractional)]
    #[case(OddsFormat::Fractional, "1/10000000", PriceError::TooLow)]
    #[case(OddsFormat::HongKong, "0", PriceError::NotHongKong)]
    #[case(OddsFormat::HongKong, "-1", PriceError::NotHongKong)]
    #[case(OddsFormat::Indonesian, "0.99", PriceError::NotIndonesian)]
    #[case(OddsFormat::Malay, "1.01", PriceError::NotMalay)]
    #[case(OddsFormat::Malay, "0", PriceError::NotMalay)]
    #[case(OddsFormat::Implied, "0.524", PriceError::NotImplied)]
    #[case(OddsFormat::Implied, "100%", PriceError::NotImplied)]
    #[case(OddsFormat::Implied, "%", PriceError::NotANumber)]
    fn what_is_no_price_is_refused_with_its_reason(
        #[case] format: OddsFormat,
        #[case] text: &str,
        #[case] reason: PriceError,
    ) {
        assert_eq!(format.read(text), Err(reason));
    }

    #[test]
    fn codes_are_the_serialized_form() {
        for format in OddsFormat::ALL {
            assert_eq!(serde_json::to_value(format).unwrap(), format.code());
            assert_eq!(OddsFormat::from_code(format.code()), Some(format));
        }
    }
}
