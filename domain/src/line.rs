//! Lines: handicaps and totals, exact to the quarter.

use crate::price::{parse_micros, split_sign};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A handicap or total in hundredths: -0.25 is `-25`, 221.5 is `22_150`. 0 is a line; a missing line is `None`.
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

/// The text is not a line: not a number, finer than a hundredth, or beyond ten million.
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
        if self.0 > 0 { format!("+{self}") } else { self.to_string() }
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
        let text = text.trim();
        let (_, magnitude) = split_sign(text);
        let places = magnitude.split_once('.').map_or(0, |(_, fraction)| fraction.trim_end_matches('0').len());
        if places > 2 {
            return Err(LineError);
        }
        let hundredths = parse_micros(text).ok_or(LineError)? / 10_000;
        if hundredths.abs() > 1_000_000_000 {
            return Err(LineError);
        }
        i32::try_from(hundredths).map(Self).map_err(|_| LineError)
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
