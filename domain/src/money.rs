//! Money in minor units.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An ISO 4217 currency code, three capital letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// An amount in minor units (cents) of a currency. Never a float.
///
/// ```
/// use domain::{Currency, Money};
/// let eur: Currency = "EUR".parse().unwrap();
/// assert_eq!(Money::parse("10.05", eur).unwrap().minor, 1005);
/// assert_eq!(Money { minor: -1005, currency: eur }.to_string(), "-10.05 EUR");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units: cents for most currencies.
    pub minor: i64,
    /// Of which currency.
    pub currency: Currency,
}

/// Why a text is not money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not three capital letters.
    #[error("a currency is three capital letters, such as EUR")]
    NotACurrency,
    /// Not a plain amount.
    #[error("an amount is digits with a decimal point, such as 12.50")]
    NotAnAmount,
    /// Finer than the currency's smallest unit.
    #[error("the amount has more decimal places than the currency")]
    TooFine,
    /// More than fits.
    #[error("the amount is too large")]
    TooLarge,
    /// One separator before three digits: thousands or decimals.
    #[error("{0} can be read in two ways: say which sign stands before decimals")]
    Ambiguous(char),
    /// Another currency stands beside it.
    #[error("the amount is in another currency")]
    OtherCurrency,
}

impl Currency {
    /// The euro.
    pub const EUR: Self = Self(*b"EUR");

    /// Decimal places of the minor unit: 2 for most, 0, 3 or 4 for a few (ISO 4217).
    pub fn places(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF" | b"UGX"
            | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            b"CLF" | b"UYW" => 4,
            _ => 2,
        }
    }

    /// The code.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }
}

impl std::str::FromStr for Currency {
    type Err = MoneyError;
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        <[u8; 3]>::try_from(text.as_bytes())
            .ok()
            .filter(|code| code.iter().all(u8::is_ascii_uppercase))
            .map(Self)
            .ok_or(MoneyError::NotACurrency)
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;
    fn try_from(text: String) -> Result<Self, MoneyError> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Money {
    /// Reads an amount such as `12.50`. Thousands separators, exponents and amounts finer than the currency are refused.
    ///
    /// # Errors
    /// [`MoneyError`] says what is wrong.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let text = text.trim();
        let (negative, digits) = crate::price::split_sign(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || digits.ends_with('.') {
            return Err(MoneyError::NotAnAmount);
        }
        let places = currency.places() as usize;
        let (kept, dropped) = fraction.split_at(fraction.len().min(places));
        if dropped.bytes().any(|byte| byte != b'0') {
            return Err(MoneyError::TooFine);
        }
        let sign = if negative { "-" } else { "" };
        let minor = format!("{sign}{whole}{kept:0<places$}")
            .parse()
            .map_err(|_| MoneyError::TooLarge)?;
        Ok(Self { minor, currency })
    }

    /// Reads an amount as people and other programs write it: `1,234.56`, `1.234,56`, `1 234,56`, `€12`, `12.5 EUR`, `(5.00)` for what
    /// was lost. `decimal` is the sign before decimals, where it is known; without it an amount that can be read in two ways, such as
    /// `1,234`, is refused. Minus zero is zero. Exponents, and what is finer than the currency, are refused.
    ///
    /// ```
    /// use domain::{Currency, Money};
    /// let read = |text, decimal| Money::read(text, Currency::EUR, decimal).map(|money| money.minor);
    /// assert_eq!((read("1.234,56", None), read("(5.00)", None), read("€1'000", None)), (Ok(1234_56), Ok(-5_00), Ok(1000_00)));
    /// assert!(read("1.234", None).is_err());
    /// assert_eq!((read("1.234", Some(',')), read("-0", None)), (Ok(1234_00), Ok(0)));
    /// assert!(read("1e9", None).is_err() && read("10.001", Some('.')).is_err() && read("5 GBP", None).is_err());
    /// ```
    ///
    /// # Errors
    /// [`MoneyError`] says what is wrong.
    pub fn read(text: &str, currency: Currency, decimal: Option<char>) -> Result<Self, MoneyError> {
        let text = text.trim();
        let in_brackets = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        let bare = without_currency(in_brackets.unwrap_or(text), currency)?;
        let (is_negative, digits) = bare
            .strip_suffix('-')
            .map_or_else(|| crate::price::split_sign(&bare), |digits| (true, digits));
        if in_brackets.is_some() && is_negative {
            return Err(MoneyError::NotAnAmount);
        }
        let decimal = match decimal {
            Some(decimal) => Some(decimal),
            None => decimal_of(digits)?,
        };
        let (whole, fraction) = decimal
            .and_then(|decimal| digits.split_once(decimal))
            .unwrap_or((digits, ""));
        let whole = without_groups(whole).ok_or(MoneyError::NotAnAmount)?;
        if !fraction.bytes().all(|byte| byte.is_ascii_digit()) || (whole.is_empty() && fraction.is_empty()) {
            return Err(MoneyError::NotAnAmount);
        }
        let whole = if whole.is_empty() { "0" } else { &whole };
        let point = if fraction.is_empty() { "" } else { "." };
        let amount = Self::parse(&format!("{whole}{point}{fraction}"), currency)?;
        Ok(Self {
            minor: if is_negative || in_brackets.is_some() {
                -amount.minor
            } else {
                amount.minor
            },
            currency,
        })
    }

    /// The amount alone, in all places of its currency: `-10.05`.
    pub fn amount(&self) -> String {
        let places = self.currency.places() as usize;
        let sign = if self.minor < 0 { "-" } else { "" };
        let scale = 10_u64.pow(self.currency.places());
        let (whole, fraction) = (self.minor.unsigned_abs() / scale, self.minor.unsigned_abs() % scale);
        if places == 0 {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{fraction:0places$}")
        }
    }
}

/// The text without a currency's sign or code beside the amount.
fn without_currency(text: &str, currency: Currency) -> Result<String, MoneyError> {
    let is_sign = |letter: char| matches!(letter, '€' | '$' | '£' | '¥' | '₹' | '₽' | '₺' | '₴' | '₩' | '₿');
    let is_space = |letter: char| letter.is_whitespace() || letter == '\u{a0}' || letter == '\u{202f}';
    let letters: String = text.chars().filter(|letter| letter.is_alphabetic()).collect();
    let is_own = letters.is_empty() || letters.eq_ignore_ascii_case(currency.code());
    if !is_own {
        let is_code = letters.len() == 3 && letters.bytes().all(|byte| byte.is_ascii_alphabetic());
        return Err(if is_code {
            MoneyError::OtherCurrency
        } else {
            MoneyError::NotAnAmount
        });
    }
    let is_kept = |letter: &char| !letter.is_alphabetic() && !is_sign(*letter);
    let rest: String = text.chars().filter(is_kept).collect();
    // Spaces are left between groups of digits, where they mean thousands.
    let rest = rest.trim_matches(|letter: char| is_space(letter));
    Ok(rest
        .chars()
        .map(|letter| if is_space(letter) { ' ' } else { letter })
        .collect())
}

/// Which sign stands before the decimals; none where there are none.
fn decimal_of(digits: &str) -> Result<Option<char>, MoneyError> {
    let last = |sign: char| digits.rfind(sign);
    let (sign, at) = match (last('.'), last(',')) {
        (None, None) => return Ok(None),
        (Some(point), Some(comma)) => return Ok(Some(if point > comma { '.' } else { ',' })),
        (Some(at), None) => ('.', at),
        (None, Some(at)) => (',', at),
    };
    if digits.matches(sign).count() > 1 {
        return Ok(None);
    }
    let is_three = digits.len() - at - 1 == 3;
    let is_below_one = digits.get(..at).is_some_and(|whole| whole.is_empty() || whole == "0");
    if is_three && !is_below_one {
        return Err(MoneyError::Ambiguous(sign));
    }
    Ok(Some(sign))
}

/// Digits without the signs between groups of three; none where these stand elsewhere.
fn without_groups(whole: &str) -> Option<String> {
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if is_digits(whole) {
        return Some(whole.to_owned());
    }
    let sign = whole.chars().find(|letter| !letter.is_ascii_digit())?;
    if !matches!(sign, '.' | ',' | ' ' | '\'' | '\u{2019}') {
        return None;
    }
    let mut groups = whole.split(sign);
    let first = groups.next()?;
    let is_first = !first.is_empty() && first.len() <= 3 && is_digits(first);
    let rest: Vec<&str> = groups.collect();
    (is_first && rest.iter().all(|group| group.len() == 3 && is_digits(group)))
        .then(|| format!("{first}{}", rest.concat()))
}

impl std::str::FromStr for Money {
    type Err = MoneyError;

    /// Reads an amount and its currency, as written by `Display`: `-10.05 EUR`.
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let (amount, currency) = text.trim().rsplit_once(' ').ok_or(MoneyError::NotACurrency)?;
        Self::parse(amount, currency.parse()?)
    }
}

impl fmt::Display for Money {
    /// The amount in all places of its currency, and the currency: `-10.05 EUR`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_has_the_places_of_its_currency() {
        let read = |text: &str| text.parse::<Money>().map(|money| money.minor);
        assert_eq!(read("12.5 EUR"), Ok(1_250));
        assert_eq!(read("12.500 EUR"), Ok(1_250));
        assert_eq!(read("12.005 EUR"), Err(MoneyError::TooFine));
        assert_eq!(read("12 JPY"), Ok(12));
        assert_eq!(read("12.5 JPY"), Err(MoneyError::TooFine));
        assert_eq!(read("12.005 KWD"), Ok(12_005));
        assert_eq!("12 JPY".parse::<Money>().unwrap().to_string(), "12 JPY");
        assert_eq!("-0.05 EUR".parse::<Money>().unwrap().to_string(), "-0.05 EUR");
    }

    #[test]
    fn what_is_no_amount_is_refused_with_its_reason() {
        let eur: Currency = "EUR".parse().unwrap();
        for text in ["", "-", ".5", "5.", "1,000", "1e3", "1.2.3", "EUR 5", "٣"] {
            assert_eq!(Money::parse(text, eur), Err(MoneyError::NotAnAmount), "{text}");
        }
        assert_eq!(Money::parse("92233720368547758.08", eur), Err(MoneyError::TooLarge));
        for text in ["5", "5 eur", "5 EURO", "5 \u{20ac}"] {
            assert_eq!(text.parse::<Money>(), Err(MoneyError::NotACurrency), "{text}");
        }
    }
}
