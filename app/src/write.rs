//! Numbers and times as a person reads them. Pure text in, text out.

use crate::viewer::Zone;
use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, SecondsFormat, Timelike, Utc};
use domain::span;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A share as percent with a sign: 0.024976 at two places is `+2.50%`.
///
/// ```
/// assert_eq!(app::write::signed_percent(0.024976, 2), "+2.50%");
/// assert_eq!(app::write::signed_percent(-0.01, 1), "\u{2212}1.0%");
/// ```
pub fn signed_percent(share: f64, places: usize) -> String {
    let sign = if share < 0.0 { "\u{2212}" } else { "+" };
    format!("{sign}{:.places$}%", (share * 100.0).abs())
}

/// A share as percent: 0.04545 at one place is `4.5%`.
pub fn percent(share: f64, places: usize) -> String {
    let sign = if share < 0.0 { "\u{2212}" } else { "" };
    format!("{sign}{:.places$}%", (share * 100.0).abs())
}

/// A whole number in groups of three.
///
/// ```
/// assert_eq!(app::write::count(1_234_567), "1\u{202f}234\u{202f}567");
/// ```
pub fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut grouped = String::with_capacity(digits.len() * 2);
    if number < 0 {
        grouped.push('\u{2212}');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 game`, `2 games`: the word in the number that fits.
pub fn counted(number: u32, one: &str, many: &str) -> String {
    format!("{} {}", count(i64::from(number)), if number == 1 { one } else { many })
}

/// A number of bytes: `312 B`, `4.2 MB`.
pub fn bytes(bytes: i64) -> String {
    let mut value = bytes as f64;
    for unit in ["B", "kB", "MB", "GB"] {
        if value.abs() < 1000.0 {
            return if unit == "B" {
                format!("{value:.0} {unit}")
            } else {
                format!("{value:.1} {unit}")
            };
        }
        value /= 1000.0;
    }
    format!("{value:.1} TB")
}

/// A number of seconds as it was chosen: `90 s`, `5 min`, `2 h`.
pub fn interval(seconds: u32) -> String {
    match seconds {
        s if s > 0 && s.is_multiple_of(3_600) => format!("{} h", s / 3_600),
        s if s > 0 && s.is_multiple_of(60) => format!("{} min", s / 60),
        s => format!("{s} s"),
    }
}

/// How long ago, or how far ahead: `12 s ago`, `in 3 h`, `now`.
pub fn relative(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let ahead = at - now;
    if ahead.num_seconds() > 0 {
        format!("in {}", span(ahead.num_seconds()))
    } else if ahead.num_seconds() > -1 {
        "now".to_owned()
    } else {
        format!("{} ago", span(ahead.num_seconds()))
    }
}

/// How old something is: `12 s`. What lies ahead, as a clock that is wrong may say, is new.
pub fn age(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    span((now - at).num_seconds().max(0))
}

/// An instant for machines.
pub fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

impl Zone {
    /// The wall clock at an instant, with the abbreviation it is called by.
    pub fn local(&self, at: DateTime<Utc>) -> (NaiveDateTime, &str) {
        let offset = self
            .offsets
            .iter()
            .rev()
            .find(|offset| offset.from <= at)
            .or_else(|| self.offsets.first());
        let (minutes, name) = offset.map_or((0, "UTC"), |offset| {
            (offset.offset_minutes, offset.abbreviation.as_str())
        });
        let utc = at.naive_utc();
        (
            utc.checked_add_signed(Duration::minutes(i64::from(minutes)))
                .unwrap_or(utc),
            name,
        )
    }

    /// `Sat 21 Nov 2026, 14:30:05 CET`.
    ///
    /// ```
    /// let at = "2026-11-21T13:30:05Z".parse().unwrap();
    /// assert_eq!(app::viewer::Zone::default().exact(at), "Sat 21 Nov 2026, 13:30:05 UTC");
    /// ```
    pub fn exact(&self, at: DateTime<Utc>) -> String {
        let (local, name) = self.local(at);
        format!(
            "{} {}, {}:{:02} {name}",
            day(local.date()),
            local.year(),
            clock(local),
            local.second()
        )
    }

    /// `Sat 21 Nov, 14:30`.
    pub fn short(&self, at: DateTime<Utc>) -> String {
        let (local, _) = self.local(at);
        format!("{}, {}", day(local.date()), clock(local))
    }

    /// `14:30`.
    pub fn clock(&self, at: DateTime<Utc>) -> String {
        clock(self.local(at).0)
    }

    /// `14:30:05`.
    pub fn clock_seconds(&self, at: DateTime<Utc>) -> String {
        let (local, _) = self.local(at);
        format!("{}:{:02}", clock(local), local.second())
    }

    /// The calendar day at an instant.
    pub fn date(&self, at: DateTime<Utc>) -> NaiveDate {
        self.local(at).0.date()
    }
}

/// `Sat 21 Nov`.
pub fn day(date: NaiveDate) -> String {
    let weekday = WEEKDAYS
        .get(date.weekday().num_days_from_monday() as usize)
        .copied()
        .unwrap_or_default();
    let month = MONTHS.get(date.month0() as usize).copied().unwrap_or_default();
    format!("{weekday} {} {month}", date.day())
}

/// `21 Nov`: where weeks are seen at once.
pub fn day_of_year(date: NaiveDate) -> String {
    let day = day(date);
    day.split_once(' ').map_or_else(String::new, |(_, day)| day.to_owned())
}

/// `Today`, `Tomorrow`, `Yesterday`, else the day.
pub fn day_seen_from(date: NaiveDate, today: NaiveDate) -> String {
    match (date - today).num_days() {
        0 => "Today".to_owned(),
        1 => "Tomorrow".to_owned(),
        -1 => "Yesterday".to_owned(),
        _ => day(date),
    }
}

fn clock(local: NaiveDateTime) -> String {
    format!("{:02}:{:02}", local.hour(), local.minute())
}

/// A text with its first letter as at the beginning of a sentence.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::viewer::ZoneOffset;

    fn vienna() -> Zone {
        let offset = |from: &str, offset_minutes, abbreviation: &str| ZoneOffset {
            from: from.parse().unwrap(),
            offset_minutes,
            abbreviation: abbreviation.to_owned(),
        };
        Zone {
            offsets: vec![
                offset("2026-03-29T01:00:00Z", 120, "CEST"),
                offset("2026-10-25T01:00:00Z", 60, "CET"),
            ],
        }
    }

    #[test]
    fn the_hour_that_comes_twice_is_told_apart_by_its_abbreviation() {
        let before: DateTime<Utc> = "2026-10-25T00:30:00Z".parse().unwrap();
        let after: DateTime<Utc> = "2026-10-25T01:30:00Z".parse().unwrap();
        assert_eq!(vienna().exact(before), "Sun 25 Oct 2026, 02:30:00 CEST");
        assert_eq!(vienna().exact(after), "Sun 25 Oct 2026, 02:30:00 CET");
    }

    #[test]
    fn an_instant_before_the_first_offset_uses_it() {
        assert_eq!(vienna().clock("2020-01-01T00:00:00Z".parse().unwrap()), "02:00");
    }

    #[test]
    fn relative_times_look_both_ways() {
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        assert_eq!(relative("2026-11-21T11:59:48Z".parse().unwrap(), now), "12 s ago");
        assert_eq!(relative("2026-11-21T15:30:00Z".parse().unwrap(), now), "in 3 h");
        assert_eq!(relative(now, now), "now");
    }
}
