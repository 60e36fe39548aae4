//! Lines: handicaps and totals, exact.

use crate::price::parse_micros;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A handicap or total in hundredths: -0.25 is `-25`, 221.5 is `22_150`. 0 is a line; a missing line is `None`. In JSON it
/// is a string.
///
/// ```
/// use domain::Line;
/// let line: Line = "-3.5".parse().unwrap();
/// assert_eq!(line, Line::from_hundredths(-350));
/// assert_eq!(line.signed(), "-3.5");
/// assert_eq!((-line).signed(), "+3.5");
/// assert_eq!(Line::from_hundredths(275).to_string(), "2.75");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Line(i32);

/// The text is not a line: not a number, finer than a hundredth, or beyond twenty million.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a line is a number with at most two decimal places")]
pub struct LineError;

impl Line {
    /// From hundredths of a point.
    pub const fn from_hundredths(hundredths: i32) -> Self {
        Self(hundredths)
    }

    /// Hundredths of a point.
    pub const fn hundredths(self) -> i32 {
        self.0
    }

    /// As a float, for statistics and charts.
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 100.0
    }

    /// With its sign always shown, as handicaps are written: `+3.5`, `-0.25`, `0`.
    pub fn signed(self) -> String {
        if self.0 > 0 {
            format!("+{self}")
        } else {
            self.to_string()
        }
    }
}

impl std::ops::Neg for Line {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl std::str::FromStr for Line {
    type Err = LineError;
    fn from_str(text: &str) -> Result<Self, LineError> {
        let micros = parse_micros(text.trim()).ok_or(LineError)?;
        if !micros.is_exact || micros.value % 10_000 != 0 {
            return Err(LineError);
        }
        i32::try_from(micros.value / 10_000).map(Self).map_err(|_| LineError)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::price::write_micros(i64::from(self.0) * 10_000, f)
    }
}

impl TryFrom<String> for Line {
    type Error = LineError;
    fn try_from(text: String) -> Result<Self, LineError> {
        text.parse()
    }
}

impl From<Line> for String {
    fn from(line: Line) -> Self {
        line.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_finer_than_a_hundredth_is_cut_to_a_line() {
        for text in ["2.555", "0.001", "12e-3", "2.50000001", "", "pk", "1e30", "30000000"] {
            assert_eq!(text.parse::<Line>(), Err(LineError), "{text}");
        }
        assert_eq!("2.5000".parse(), Ok(Line::from_hundredths(250)));
        assert_eq!(" \u{2212}0.75 ".parse(), Ok(Line::from_hundredths(-75)));
        assert_eq!("25e-1".parse(), Ok(Line::from_hundredths(250)));
    }

    #[test]
    fn zero_is_a_line_without_a_sign() {
        let zero: Line = "-0.0".parse().unwrap();
        assert_eq!(
            (zero.hundredths(), zero.signed(), zero.to_string()),
            (0, "0".to_owned(), "0".to_owned())
        );
    }
}
