//! What time brings: when work is due, and where an event is in its life.

use chrono::{DateTime, TimeDelta, Utc};
use domain::EventStatus;
use domain::event::Event;

/// A live event that no feed has spoken of for this long is shown as silent. Longer than any usual game.
pub const SILENT_AFTER: TimeDelta = TimeDelta::hours(6);
/// A start this far ahead of a live event was moved: the event has not begun.
const DELAYED_BY: TimeDelta = TimeDelta::minutes(10);
/// The least interval.
const MIN_INTERVAL: TimeDelta = TimeDelta::seconds(1);

/// Whether a repeated piece of work is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// True when it is to be done now, once, however many times were missed.
    pub is_now: bool,
    /// How many times were missed, apart from the one that is due now.
    pub missed: i64,
    /// When it is due next, apart from now.
    pub next_at: DateTime<Utc>,
}

/// Whether work that was last due at `last_due_at` and repeats at an interval is due now.
///
/// Times stay on the grid of the first one, so that a late run does not push all later ones back.
///
/// ```
/// use chrono::{DateTime, TimeDelta};
/// let at = |s| DateTime::from_timestamp(s, 0).unwrap();
/// let minute = TimeDelta::seconds(60);
/// let due = engine::due::next_due(at(1_000), Some(at(790)), minute);
/// assert_eq!((due.is_now, due.missed, due.next_at), (true, 2, at(1_030)));
/// ```
pub fn next_due(now: DateTime<Utc>, last_due_at: Option<DateTime<Utc>>, interval: TimeDelta) -> Due {
    let interval = interval.max(MIN_INTERVAL);
    // A clock that was set back must not silence a feed until it has caught up.
    let Some(last) = last_due_at.filter(|last| *last <= now) else {
        let next_at = later(now, interval);
        return Due {
            is_now: last_due_at.is_none(),
            missed: 0,
            next_at,
        };
    };
    let passed = (now - last).num_milliseconds() / interval.num_milliseconds();
    let ticks = i32::try_from(passed + 1)
        .ok()
        .and_then(|ticks| interval.checked_mul(ticks));
    Due {
        is_now: passed > 0,
        missed: (passed - 1).max(0),
        next_at: ticks
            .and_then(|ticks| last.checked_add_signed(ticks))
            .unwrap_or_else(|| later(now, interval)),
    }
}

/// The grid time that is due now, to remember as the last one: the latest at or before `now`.
pub fn due_at(due: Due, interval: TimeDelta) -> DateTime<Utc> {
    due.next_at
        .checked_sub_signed(interval.max(MIN_INTERVAL))
        .unwrap_or(due.next_at)
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

/// True when an event should be going on, but nothing was heard of it for long: its result is overdue.
pub fn is_silent(event: &Event, now: DateTime<Utc>, last_heard_at: Option<DateTime<Utc>>) -> bool {
    let since = last_heard_at.map_or(event.starts_at, |heard| heard.max(event.starts_at));
    event.status == EventStatus::Live && now - since > SILENT_AFTER
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, event};
    use domain::event::Score;
    use rstest::rstest;

    #[test]
    fn work_that_never_ran_is_due_now() {
        assert_eq!(
            next_due(at(0), None, TimeDelta::seconds(60)),
            Due {
                is_now: true,
                missed: 0,
                next_at: at(60)
            }
        );
    }

    #[test]
    fn work_is_not_due_before_its_interval_has_passed() {
        let due = next_due(at(59), Some(at(0)), TimeDelta::seconds(60));
        assert_eq!((due.is_now, due.next_at), (false, at(60)));
    }

    #[test]
    fn missed_times_are_caught_up_once_and_stay_on_the_grid() {
        let minute = TimeDelta::seconds(60);
        let due = next_due(at(305), Some(at(0)), minute);
        assert_eq!((due.is_now, due.missed, due.next_at), (true, 4, at(360)));
        let after = next_due(at(306), Some(due_at(due, minute)), minute);
        assert_eq!((after.is_now, after.next_at), (false, at(360)));
    }

    #[test]
    fn a_clock_that_was_set_back_waits_one_interval_and_no_more() {
        let due = next_due(at(100), Some(at(90_000)), TimeDelta::seconds(60));
        assert_eq!((due.is_now, due.next_at), (false, at(160)));
    }

    #[test]
    fn an_interval_of_nothing_is_a_second() {
        assert_eq!(next_due(at(10), Some(at(10)), TimeDelta::zero()).next_at, at(11));
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

    #[test]
    fn a_live_event_is_silent_when_nothing_was_heard_for_hours() {
        let mut event = event(1, "Home", "Away", at(0));
        event.status = EventStatus::Live;
        let six_hours = SILENT_AFTER.num_seconds();
        assert!(!is_silent(&event, at(six_hours), None));
        assert!(is_silent(&event, at(six_hours + 1), None));
        assert!(!is_silent(&event, at(six_hours + 1), Some(at(60))));
        event.status = EventStatus::Final;
        assert!(!is_silent(&event, at(six_hours * 9), None));
    }
}
