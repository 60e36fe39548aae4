//! How a user likes to read, and calendar days of the user's time zone.

use app::viewer::{Prefs, Theme, Zone, ZoneOffset};
use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::{OffsetName, TZ_VARIANTS, Tz};
use domain::OddsFormat;
use serde::{Deserialize, Serialize};
use store::User;

/// How far back and ahead of now a zone's offsets are told, in days.
const DAYS_BACK: i64 = 731;
const DAYS_AHEAD: i64 = 366;

/// What is kept of a user's preferences, as JSON. Anything missing or unreadable is as usual.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// How prices are written.
    pub odds_format: OddsFormat,
    /// An IANA name; empty means UTC.
    pub time_zone: String,
    /// Light or dark.
    pub theme: Theme,
    /// Since when a code is asked for at sign-in.
    pub two_factor_since: Option<DateTime<Utc>>,
}

impl Preferences {
    /// A user's.
    pub fn of(user: &User) -> Self {
        serde_json::from_value(user.preferences.clone()).unwrap_or_default()
    }

    /// As they are stored.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// The user's time zone.
    pub fn zone(&self) -> Tz {
        self.time_zone.parse().unwrap_or(Tz::UTC)
    }

    /// As the pages know them.
    pub fn prefs(&self) -> Prefs {
        Prefs {
            odds_format: self.odds_format,
            time_zone: self.zone().name().to_owned(),
            theme: self.theme,
        }
    }
}

/// Every time zone there is, by name.
pub fn zone_names() -> Vec<String> {
    let mut names: Vec<String> = TZ_VARIANTS.iter().map(|zone| zone.name().to_owned()).collect();
    names.sort_unstable();
    names
}

/// A zone's offsets around now, for readers without a time zone database.
pub fn offsets(zone: Tz, now: DateTime<Utc>) -> Zone {
    let begin = now - Duration::days(DAYS_BACK);
    let mut offsets = vec![offset_at(zone, begin)];
    for day in 0..DAYS_BACK + DAYS_AHEAD {
        let (mut before, mut after) = (begin + Duration::days(day), begin + Duration::days(day + 1));
        if is_alike(&offset_at(zone, before), &offset_at(zone, after)) {
            continue;
        }
        // The change lies within this day: halve until its second is known.
        while after - before > Duration::seconds(1) {
            let middle = before + (after - before) / 2;
            if is_alike(&offset_at(zone, before), &offset_at(zone, middle)) {
                before = middle;
            } else {
                after = middle;
            }
        }
        let from = DateTime::from_timestamp(after.timestamp(), 0).unwrap_or(after);
        offsets.push(ZoneOffset {
            from,
            ..offset_at(zone, after)
        });
    }
    Zone { offsets }
}

fn offset_at(zone: Tz, at: DateTime<Utc>) -> ZoneOffset {
    let offset = zone.offset_from_utc_datetime(&at.naive_utc());
    let fixed = offset.fix();
    ZoneOffset {
        from: at,
        offset_minutes: fixed.local_minus_utc() / 60,
        abbreviation: offset.abbreviation().map_or_else(|| fixed.to_string(), str::to_owned),
    }
}

fn is_alike(one: &ZoneOffset, other: &ZoneOffset) -> bool {
    one.offset_minutes == other.offset_minutes && one.abbreviation == other.abbreviation
}

/// The calendar day an instant belongs to.
pub fn day_of(zone: Tz, at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

/// From the first instant of a calendar day to the first of the next: 23 or 25 hours where the clock changes.
pub fn day_bounds(zone: Tz, day: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
    let next = day.succ_opt().unwrap_or(day);
    (start_of(zone, day), start_of(zone, next))
}

/// The first instant whose clock shows this day. Where midnight is skipped the day begins when the clock goes on; a day
/// that is skipped altogether begins, and ends, with the next one.
fn start_of(zone: Tz, day: NaiveDate) -> DateTime<Utc> {
    const QUARTER: Duration = Duration::minutes(15);
    let midnight = day.and_time(NaiveTime::MIN);
    (0..=4 * 24)
        .filter_map(|quarters| midnight.checked_add_signed(QUARTER * quarters))
        .find_map(|local| zone.from_local_datetime(&local).earliest())
        .map_or_else(|| midnight.and_utc(), |start| start.with_timezone(&Utc))
}

/// The first instant of the month: when metered feeds count anew.
pub fn start_of_month(now: DateTime<Utc>) -> DateTime<Utc> {
    now.date_naive()
        .with_day(1)
        .map_or(now, |first| first.and_time(NaiveTime::MIN).and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn hours(zone: Tz, day: &str) -> i64 {
        let (from, to) = day_bounds(zone, day.parse().unwrap());
        (to - from).num_hours()
    }

    #[test]
    fn days_have_23_and_25_hours_when_the_clock_changes() {
        assert_eq!(hours(Tz::Europe__Vienna, "2026-03-29"), 23);
        assert_eq!(hours(Tz::Europe__Vienna, "2026-10-25"), 25);
        assert_eq!(hours(Tz::Europe__Vienna, "2026-10-26"), 24);
        let (from, _) = day_bounds(Tz::Europe__Vienna, "2026-07-01".parse().unwrap());
        assert_eq!(from, at("2026-06-30T22:00:00Z"));
    }

    #[test]
    fn a_day_without_midnight_begins_when_the_clock_goes_on() {
        // Beirut sets its clocks from 00:00 to 01:00.
        let (from, _) = day_bounds(Tz::Asia__Beirut, "2026-03-29".parse().unwrap());
        assert_eq!(from, at("2026-03-28T22:00:00Z"));
        assert_eq!(day_of(Tz::Asia__Beirut, from).to_string(), "2026-03-29");
        assert_eq!(hours(Tz::Asia__Beirut, "2026-03-29"), 23);
    }

    #[test]
    fn a_day_that_a_zone_skipped_is_empty() {
        assert_eq!(hours(Tz::Pacific__Apia, "2011-12-30"), 0);
    }

    #[test]
    fn the_first_and_the_last_day_there_are_have_bounds_too() {
        for zone in [Tz::UTC, Tz::Pacific__Kiritimati, Tz::Pacific__Pago_Pago] {
            for day in [NaiveDate::MIN, NaiveDate::MAX] {
                let (from, to) = day_bounds(zone, day);
                assert!(from <= to, "{zone} {day}");
            }
        }
    }

    #[test]
    fn offsets_name_the_second_of_each_change() {
        let zone = offsets(Tz::Europe__Vienna, at("2026-11-21T12:00:00Z"));
        let changes: Vec<_> = zone
            .offsets
            .iter()
            .skip(1)
            .map(|change| (change.from, change.offset_minutes, change.abbreviation.as_str()))
            .collect();
        assert!(
            changes.contains(&(at("2026-10-25T01:00:00Z"), 60, "CET")),
            "{changes:?}"
        );
        assert!(
            changes.contains(&(at("2027-03-28T01:00:00Z"), 120, "CEST")),
            "{changes:?}"
        );
        assert_eq!(changes.len(), 6);
        assert_eq!(offsets(Tz::UTC, at("2026-11-21T12:00:00Z")).offsets.len(), 1);
    }

    #[test]
    fn preferences_that_cannot_be_read_are_as_usual() {
        let read = |text: &str| serde_json::from_str::<Preferences>(text).unwrap_or_default();
        assert_eq!(read("{}"), Preferences::default());
        assert_eq!(read(r#"{"time_zone":"Mars/Olympus"}"#).prefs().time_zone, "UTC");
        assert_eq!(read("[1]"), Preferences::default());
    }
}
