//! What was typed, and how it is read.

use super::{Calculator, Field, Kind};
use crate::calculator::minor_units;
use domain::arbitrage::MAX_STAKE;
use domain::price::PriceError;
use domain::{Line, OddsFormat, Price, Probability};
use std::ops::RangeInclusive;

/// What was typed into the fields of a calculator.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    calculator: &'a Calculator,
    /// In which format the reader writes prices.
    pub format: OddsFormat,
    texts: Vec<String>,
}

/// Why there is no answer: which field, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name.
    pub field: &'static str,
    /// What is wrong, as a sentence.
    pub message: String,
}

impl FieldError {
    /// What is wrong with a field; the words become a sentence.
    pub(super) fn new(field: &'static str, wrong: impl ToString) -> Self {
        let wrong = wrong.to_string();
        let mut letters = wrong.chars();
        let message = match letters.next() {
            Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str().trim_end_matches('.')),
            None => wrong,
        };
        Self { field, message }
    }
}

impl<'a> Entry<'a> {
    /// What was typed, in the order of the fields. What is missing is empty, what is too long is cut.
    pub fn new(calculator: &'a Calculator, format: OddsFormat, texts: impl IntoIterator<Item = String>) -> Self {
        let mut texts = texts.into_iter();
        let texts = calculator
            .fields()
            .map(|field| field.cut(&texts.next().unwrap_or_default()))
            .collect();
        Self {
            calculator,
            format,
            texts,
        }
    }

    /// What the calculator answers.
    ///
    /// # Errors
    /// [`FieldError`] names the field that is wrong.
    pub fn reckon(&self) -> Result<super::Answer, FieldError> {
        (self.calculator.reckon)(self)
    }

    pub(super) fn text(&self, name: &str) -> &str {
        let at = self.calculator.fields().position(|field| field.name == name);
        at.and_then(|at| self.texts.get(at)).map_or("", |text| text.trim())
    }

    fn field(&self, name: &str) -> Option<&'static Field> {
        self.calculator.fields().find(|field| field.name == name)
    }

    pub(super) fn is_empty(&self, name: &str) -> bool {
        self.text(name).is_empty()
    }

    /// An amount above zero, in minor units.
    pub(super) fn amount(&self, name: &'static str) -> Result<i64, FieldError> {
        let minor = minor_units(self.text(name)).map_err(|wrong| FieldError::new(name, wrong))?;
        match minor {
            ..=0 => Err(FieldError::new(name, "it must be above zero")),
            1..=MAX_STAKE => Ok(minor),
            _ => Err(FieldError::new(name, "the amount is too large")),
        }
    }

    /// A price in the reader's format.
    pub(super) fn price(&self, name: &'static str) -> Result<Price, FieldError> {
        let text = self.text(name);
        self.format.read(text).map_err(|wrong| {
            let wrong = if text.is_empty() {
                "a price is missing".to_owned()
            } else {
                wrong.to_string()
            };
            FieldError::new(name, wrong)
        })
    }

    /// As many prices as are allowed.
    pub(super) fn prices(&self, name: &'static str, many: RangeInclusive<usize>) -> Result<Vec<Price>, FieldError> {
        let parts = parts(self.text(name), self.format);
        counted(name, parts.len(), many, "prices")?;
        let read = |part: &String| {
            let price = self.format.read(part);
            price.map_err(|wrong| FieldError::new(name, format!("“{part}”: {wrong}")))
        };
        parts.iter().map(read).collect()
    }

    /// A percentage from 0 to 100 in hundredths of a percent; nothing is 0.
    pub(super) fn basis_points(&self, name: &'static str) -> Result<u16, FieldError> {
        match self.text(name) {
            "" => Ok(0),
            text => read_basis_points(text).map_err(|wrong| FieldError::new(name, wrong)),
        }
    }

    /// So many of them: as many as are typed, one for all, or none.
    pub(super) fn many_basis_points(&self, name: &'static str, many: usize) -> Result<Vec<u16>, FieldError> {
        self.one_for_each(name, many, 0, read_basis_points)
    }

    /// So many probabilities.
    pub(super) fn probabilities(&self, name: &'static str, many: usize) -> Result<Vec<Probability>, FieldError> {
        if self.is_empty(name) {
            return Err(FieldError::new(name, "a probability is missing"));
        }
        let shares = self.one_for_each(name, many, 0.0, read_share)?;
        let probability = |share| Probability::new(share).map_err(|wrong| FieldError::new(name, wrong));
        shares.into_iter().map(probability).collect()
    }

    /// So many shares from 0 to 1: as many as are typed, one for all, or none.
    pub(super) fn shares(&self, name: &'static str, many: usize) -> Result<Vec<f64>, FieldError> {
        self.one_for_each(name, many, 0.0, read_share)
    }

    fn one_for_each<T: Clone>(
        &self,
        name: &'static str,
        many: usize,
        otherwise: T,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Vec<T>, FieldError> {
        let parts = parts(self.text(name), OddsFormat::Implied);
        let found: Vec<T> = parts
            .iter()
            .map(|part| read(part).map_err(|wrong| FieldError::new(name, format!("“{part}”: {wrong}"))))
            .collect::<Result<_, _>>()?;
        match found.as_slice() {
            [] => Ok(vec![otherwise; many]),
            [one] => Ok(vec![one.clone(); many]),
            _ if found.len() == many => Ok(found),
            _ => Err(FieldError::new(
                name,
                format!(
                    "there are {} for {many} prices; write one for each, or one for all",
                    found.len()
                ),
            )),
        }
    }

    /// A whole number.
    pub(super) fn whole(&self, name: &'static str, allowed: RangeInclusive<u32>) -> Result<u32, FieldError> {
        let text = self.text(name);
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|number| is_plain && allowed.contains(number));
        let (least, most) = (allowed.start(), allowed.end());
        number.ok_or_else(|| FieldError::new(name, format!("it is a whole number from {least} to {most}")))
    }

    /// A handicap or total.
    pub(super) fn line(&self, name: &'static str) -> Result<Line, FieldError> {
        let line = with_point(self.text(name)).and_then(|text| text.parse::<Line>().map_err(|wrong| wrong.to_string()));
        line.map_err(|wrong| FieldError::new(name, wrong))
    }

    /// The code of what was chosen.
    pub(super) fn choice(&self, name: &'static str) -> Result<&'static str, FieldError> {
        let offers = match self.field(name).map(|field| field.kind) {
            Some(Kind::Choice(offers)) => offers,
            _ => &[],
        };
        let chosen = offers
            .iter()
            .map(|(code, _)| *code)
            .find(|code| *code == self.text(name));
        chosen.ok_or_else(|| FieldError::new(name, "choose one of those offered"))
    }

    /// An odds format that was chosen.
    pub(super) fn odds_format(&self, name: &'static str) -> Result<OddsFormat, FieldError> {
        OddsFormat::from_code(self.text(name)).ok_or_else(|| FieldError::new(name, "choose one of those offered"))
    }
}

fn counted(field: &'static str, found: usize, many: RangeInclusive<usize>, what: &str) -> Result<(), FieldError> {
    if found < *many.start() {
        Err(FieldError::new(
            field,
            format!("at least {} {what} are needed", many.start()),
        ))
    } else if found > *many.end() {
        Err(FieldError::new(
            field,
            format!("at most {} {what} are possible", many.end()),
        ))
    } else {
        Ok(())
    }
}

/// The parts of a list: between spaces and semicolons; between commas, where these can't be decimal commas; and between slashes
/// where these make no fractions.
pub(super) fn parts(text: &str, format: OddsFormat) -> Vec<String> {
    let is_between =
        |letter: char| letter.is_whitespace() || letter == ';' || (letter == '/' && format != OddsFormat::Fractional);
    let text = text.replace(" %", "%");
    let words = text
        .split(is_between)
        .map(|word| word.trim_matches(','))
        .filter(|word| !word.is_empty());
    words
        .flat_map(|word| {
            let pieces: Vec<&str> = word.split(',').collect();
            let is_list = format.read(word) == Err(PriceError::NotANumber)
                && pieces.iter().all(|piece| format.read(piece).is_ok());
            if is_list { pieces } else { vec![word] }
        })
        .map(str::to_owned)
        .collect()
}

/// A decimal comma becomes a point; one that may separate thousands is refused.
///
/// # Errors
/// Says so.
pub(crate) fn with_point(text: &str) -> Result<String, String> {
    match text.split_once(',') {
        Some((whole, fraction)) if may_be_thousands(whole, fraction) => Err(PriceError::AmbiguousComma.to_string()),
        _ => Ok(text.replacen(',', ".", 1)),
    }
}

fn may_be_thousands(whole: &str, fraction: &str) -> bool {
    let digits = whole.trim_start_matches(['-', '+', '\u{2212}', '0']);
    !digits.is_empty() && fraction.len() == 3 && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

fn read_basis_points(text: &str) -> Result<u16, String> {
    let wrong = || "a percentage from 0 to 100 with at most two decimal places is expected".to_owned();
    let number = text.strip_suffix('%').unwrap_or(text).trim_end();
    let bp = minor_units(number).map_err(|_| wrong())?;
    u16::try_from(bp).ok().filter(|bp| *bp <= 10_000).ok_or_else(wrong)
}

/// A share: a percentage with its sign or above 1, or a number below 1.
fn read_share(text: &str) -> Result<f64, String> {
    let wrong = || "a probability is written as 55% or 0.55".to_owned();
    let (number, is_percent) = match text.strip_suffix('%') {
        Some(number) => (number.trim_end(), true),
        None => (text, false),
    };
    let number = with_point(number)?;
    let is_plain = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number: f64 = number.parse().ok().filter(|_| is_plain).ok_or_else(wrong)?;
    let share = if is_percent || number > 1.0 {
        number / 100.0
    } else if number < 1.0 {
        number
    } else {
        return Err("1 is one percent to some and certain to others; write 1% or 100%".to_owned());
    };
    if (0.0..=1.0).contains(&share) {
        Ok(share)
    } else {
        Err(wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("3.60 3.70 2.30", OddsFormat::Decimal, &["3.60", "3.70", "2.30"])]
    #[case("3.60/3.70; 2.30", OddsFormat::Decimal, &["3.60", "3.70", "2.30"])]
    #[case("3.60,3.70, 2.30", OddsFormat::Decimal, &["3.60", "3.70", "2.30"])]
    #[case("3,60 3,70", OddsFormat::Decimal, &["3,60", "3,70"])]
    #[case("1,909 2.1", OddsFormat::Decimal, &["1,909", "2.1"])]
    #[case("-110,+150", OddsFormat::American, &["-110", "+150"])]
    #[case("10/11 6/4", OddsFormat::Fractional, &["10/11", "6/4"])]
    #[case("40 % 55%", OddsFormat::Implied, &["40%", "55%"])]
    #[case(" , ;; ", OddsFormat::Decimal, &[])]
    fn a_list_is_taken_apart_where_a_person_meant_it(
        #[case] text: &str,
        #[case] format: OddsFormat,
        #[case] expected: &[&str],
    ) {
        assert_eq!(parts(text, format), expected);
    }

    #[rstest]
    #[case("55%", 0.55)]
    #[case("55", 0.55)]
    #[case("0.55", 0.55)]
    #[case("0,55", 0.55)]
    #[case("0.5%", 0.005)]
    #[case("0", 0.0)]
    #[case("100%", 1.0)]
    fn a_probability_is_read_as_a_percentage_or_out_of_one(#[case] text: &str, #[case] share: f64) {
        assert!((read_share(text).unwrap() - share).abs() < 1e-15);
    }

    #[rstest]
    #[case("1")]
    #[case("101")]
    #[case("-5")]
    #[case("1e-3")]
    #[case("NaN")]
    #[case("inf")]
    #[case(".")]
    #[case("%")]
    fn what_is_no_probability_is_refused(#[case] text: &str) {
        assert!(read_share(text).is_err());
    }

    #[test]
    fn a_comma_that_may_separate_thousands_is_refused() {
        assert!(with_point("1,000").is_err());
        assert!(with_point("-12,500").is_err());
        assert_eq!(with_point("0,125").as_deref(), Ok("0.125"));
        assert_eq!(with_point("1,5").as_deref(), Ok("1.5"));
    }

    #[test]
    fn what_is_wrong_is_a_sentence() {
        let error = FieldError::new("stake", "the stake is too large");
        assert_eq!(error.message, "The stake is too large.");
    }
}
