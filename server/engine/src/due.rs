//! What time brings: when work is due, and where an event is in its life.

use chrono::{DateTime, TimeDelta, Utc};
use domain::EventStatus;
use domain::event::Event;

/// How far two hosts' clocks may differ before it is believed that a clock was set back.
pub const SKEW: TimeDelta = TimeDelta::minutes(1);
/// A start this far ahead of a live event was moved: the event has not begun.
const DELAYED_BY: TimeDelta = TimeDelta::minutes(10);
/// The least interval.
const MIN_INTERVAL: TimeDelta = TimeDelta::seconds(1);

/// What becomes of a repeated piece of work at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// It is to be done now, once, however many times were missed.
    Now {
        /// When it is due next.
        next_at: DateTime<Utc>,
    },
    /// The clock was set back since: it is due at another time than was noted.
    Instead {
        /// When it is due next.
        next_at: DateTime<Utc>,
    },
    /// It is not due yet.
    Later,
}

/// Whether work that is due next at `due_at` and repeats at an interval is due now.
///
/// Times stay on the grid of the first one, so that a late run does not push all later ones back. A clock that was set back
/// repeats nothing and silences nothing until it has caught up.
///
/// ```
/// use chrono::{DateTime, TimeDelta};
/// use engine::due::{Due, due};
/// let at = |s| DateTime::from_timestamp(s, 0).unwrap();
/// let minute = TimeDelta::seconds(60);
/// assert_eq!(due(at(1_000), at(850), minute), Due::Now { next_at: at(1_030) });
/// assert_eq!(due(at(1_000), at(1_030), minute), Due::Later);
/// ```
pub fn due(now: DateTime<Utc>, due_at: DateTime<Utc>, interval: TimeDelta) -> Due {
    let interval = interval.max(MIN_INTERVAL);
    if due_at <= now {
        let passed = (now - due_at).num_milliseconds() / interval.num_milliseconds();
        let ticks = i32::try_from(passed + 1)
            .ok()
            .and_then(|ticks| interval.checked_mul(ticks));
        return Due::Now {
            next_at: ticks
                .and_then(|ticks| due_at.checked_add_signed(ticks))
                .unwrap_or_else(|| later(now, interval)),
        };
    }
    let next_at = later(now, interval);
    if due_at > later(next_at, SKEW) {
        Due::Instead { next_at }
    } else {
        Due::Later
    }
}

fn later(now: DateTime<Utc>, interval: TimeDelta) -> DateTime<Utc> {
    now.checked_add_signed(interval).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// The status that time or a final score gives an event; `None` when it keeps the one it has.
///
/// Only a score ends an event. Absence from a feed never cancels one, however long.
pub fn next_status(event: &Event, now: DateTime<Utc>, has_final_score: bool) -> Option<EventStatus> {
    let next = match event.status {
        EventStatus::Scheduled | EventStatus::Live | EventStatus::Postponed if has_final_score => EventStatus::Final,
        EventStatus::Scheduled if event.starts_at <= now => EventStatus::Live,
        EventStatus::Live if event.score.is_none() && event.starts_at > later(now, DELAYED_BY) => {
            EventStatus::Scheduled
        }
        status => status,
    };
    (next != event.status).then_some(next)
}

/// How many days back to ask for results, given the start of the game that waits longest for its own: so many as usual, or
/// as many as it takes and the feed has.
///
/// ```
/// use chrono::DateTime;
/// use engine::due::result_days;
/// let at = |hours: i64| DateTime::from_timestamp(hours * 3_600, 0).unwrap();
/// assert_eq!(result_days(at(100), Some(at(97)), 1, 3), 1);
/// assert_eq!(result_days(at(100), Some(at(70)), 1, 3), 2);
/// assert_eq!(result_days(at(100), Some(at(0)), 1, 3), 3);
/// ```
pub fn result_days(now: DateTime<Utc>, waits_since: Option<DateTime<Utc>>, usual: u8, most: u8) -> u8 {
    let waited = waits_since.map_or(0, |since| (now - since).num_days() + 1);
    u8::try_from(waited.max(0)).unwrap_or(most).clamp(usual.min(most), most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, event};
    use domain::event::Score;
    use rstest::rstest;

    const MINUTE: TimeDelta = TimeDelta::seconds(60);

    #[test]
    fn work_is_due_at_its_time_and_not_before() {
        assert_eq!(due(at(59), at(60), MINUTE), Due::Later);
        assert_eq!(due(at(60), at(60), MINUTE), Due::Now { next_at: at(120) });
    }

    #[test]
    fn missed_times_are_caught_up_once_and_stay_on_the_grid() {
        assert_eq!(due(at(305), at(60), MINUTE), Due::Now { next_at: at(360) });
        assert_eq!(due(at(306), at(360), MINUTE), Due::Later);
        assert_eq!(due(at(360), at(60), MINUTE), Due::Now { next_at: at(420) });
    }

    #[test]
    fn a_clock_that_was_set_back_waits_one_interval_and_no_more() {
        assert_eq!(due(at(100), at(90_000), MINUTE), Due::Instead { next_at: at(160) });
        // Another host's clock may be a little ahead.
        assert_eq!(due(at(100), at(160) + SKEW, MINUTE), Due::Later);
    }

    #[test]
    fn an_interval_of_nothing_is_a_second() {
        assert_eq!(due(at(10), at(10), TimeDelta::zero()), Due::Now { next_at: at(11) });
    }

    #[test]
    fn times_at_the_end_of_time_are_no_panic() {
        let ends = [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC];
        for now in ends {
            for due_at in ends {
                for interval in [TimeDelta::MIN, TimeDelta::zero(), MINUTE, TimeDelta::MAX] {
                    due(now, due_at, interval);
                }
            }
        }
    }

    #[rstest]
    #[case::before_the_start(EventStatus::Scheduled, 99, false, None)]
    #[case::at_the_start(EventStatus::Scheduled, 100, false, Some(EventStatus::Live))]
    #[case::live_stays_live_however_long(EventStatus::Live, 9_999_999, false, None)]
    #[case::only_a_score_ends_it(EventStatus::Live, 101, true, Some(EventStatus::Final))]
    #[case::a_score_ends_what_was_never_seen_live(EventStatus::Scheduled, 200, true, Some(EventStatus::Final))]
    #[case::postponed_waits(EventStatus::Postponed, 9_999_999, false, None)]
    #[case::cancelled_stays(EventStatus::Cancelled, 9_999_999, true, None)]
    #[case::final_stays(EventStatus::Final, 9_999_999, false, None)]
    fn an_event_moves_through_its_life(
        #[case] status: EventStatus,
        #[case] now: i64,
        #[case] has_final_score: bool,
        #[case] expected: Option<EventStatus>,
    ) {
        let mut event = event(1, "Home", "Away", at(100));
        event.status = status;
        assert_eq!(next_status(&event, at(now), has_final_score), expected);
    }

    #[test]
    fn a_live_event_whose_start_was_moved_ahead_is_scheduled_again_unless_it_has_a_score() {
        let mut event = event(1, "Home", "Away", at(10_000));
        event.status = EventStatus::Live;
        assert_eq!(next_status(&event, at(0), false), Some(EventStatus::Scheduled));
        event.score = Some(Score { home: 0, away: 0 });
        assert_eq!(next_status(&event, at(0), false), None);
    }
}
