//! What people type into forms, and how a form shows it again: amounts, percent, rates. A decimal comma is as good as a point.

use domain::arbitrage::MAX_STAKE;
use domain::scenarios::ExchangeRate;
use domain::{Currency, Money};

/// An amount above zero in minor units.
pub(crate) fn minor(text: &str) -> Option<i64> {
    let unit: Currency = "XXX".parse().ok()?;
    let amount = Money::parse(&text.replace(',', "."), unit).ok()?;
    (amount.minor > 0 && amount.minor <= MAX_STAKE).then_some(amount.minor)
}

/// What a unit of a currency is worth, exactly: `1.1634` is 11,634 for 10,000.
pub(crate) fn rate(text: &str) -> Option<ExchangeRate> {
    let text = text.replace(',', ".");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > 4 || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let base: u32 = format!("{whole}{fraction:0<4}").parse().ok()?;
    (base <= 100_000_000)
        .then(|| ExchangeRate::new(base, 10_000).ok())
        .flatten()
}

/// A rate as it is typed.
pub(crate) fn rate_text(rate: ExchangeRate) -> String {
    let (base, foreign): (u32, u32) = rate.into();
    if base == foreign {
        return String::new();
    }
    let text = format!("{:.4}", f64::from(base) / f64::from(foreign));
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Percent with at most two places as hundredths of a percent; empty is none.
pub(crate) fn basis_points(percent: &str) -> Option<u16> {
    let text = percent.trim().trim_end_matches('%').trim_end().replace(',', ".");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if text.is_empty() {
        return Some(0);
    }
    if whole.is_empty() || fraction.len() > 2 || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    format!("{whole}{fraction:0<2}")
        .parse::<u16>()
        .ok()
        .filter(|points| *points <= 10_000)
}

/// Hundredths of a percent as percent: 500 is `5`, 250 is `2.5`.
pub(crate) fn percent_text(basis_points: u16) -> String {
    let (whole, rest) = (basis_points / 100, basis_points % 100);
    let text = format!("{whole}.{rest:02}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commission_is_read_as_it_is_written() {
        for (text, points) in [
            ("5", 500),
            ("2.5", 250),
            ("2,25", 225),
            ("0.05 %", 5),
            ("", 0),
            ("100", 10_000),
        ] {
            assert_eq!(basis_points(text), Some(points), "{text}");
        }
        for text in ["100.01", "-1", "1.234", "five", ".5", "1e3"] {
            assert_eq!(basis_points(text), None, "{text}");
        }
        for text in ["1.1634", "0.0062", "10000"] {
            assert_eq!(rate_text(rate(text).unwrap()), text);
        }
        assert_eq!(rate_text(rate("1").unwrap()), "");
        for text in ["0", "0.00001", "-1", "1e3", "x", ".5", "99999999"] {
            assert_eq!(rate(text), None, "{text}");
        }
        assert_eq!(
            (minor("5"), minor("0.5"), minor("0"), minor("-1"), minor("1.234")),
            (Some(500), Some(50), None, None, None)
        );
        assert_eq!(percent_text(225), "2.25");
        assert_eq!(percent_text(500), "5");
    }
}
