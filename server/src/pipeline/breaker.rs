//! What a success or a fault means for a feed: go on, wait, or stop until a person acts.

use crate::pipeline::fetch::FetchFault;
use chrono::{DateTime, Datelike, TimeDelta, TimeZone, Utc};
use feeds::Refusal;
use store::{Breaker, FeedState};

/// So many failures in a row open the breaker.
const FAILURES: i64 = 5;
/// The first pause; it doubles with every further failure.
const PAUSE: TimeDelta = TimeDelta::minutes(1);
/// The longest pause.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(15);

/// Why a feed is not asked now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// Until a person changes a setting.
    Stopped(String),
    /// Until a time.
    Until(DateTime<Utc>, String),
}

/// A feed that was never asked.
pub fn fresh(feed: &str) -> FeedState {
    FeedState {
        feed: feed.to_owned(),
        breaker: Breaker::Closed,
        open_until: None,
        consecutive_failures: 0,
        last_success_at: None,
        last_failure_at: None,
        message: None,
        stopped_reason: None,
    }
}

/// Whether the feed may be asked now. What costs nothing goes on while only credits are lacking.
pub fn held(state: &FeedState, is_free: bool, now: DateTime<Utc>) -> Option<Held> {
    if let Some(reason) = &state.stopped_reason {
        return Some(Held::Stopped(reason.clone()));
    }
    let until = state.open_until.filter(|until| *until > now)?;
    let message = state.message.clone().unwrap_or_default();
    let lacks_credits = state.breaker == Breaker::HalfOpen;
    (!(lacks_credits && is_free)).then_some(Held::Until(until, message))
}

/// The state after an answer.
pub fn after_success(state: &FeedState, is_free: bool, now: DateTime<Utc>) -> FeedState {
    let still_lacks_credits =
        state.breaker == Breaker::HalfOpen && is_free && state.open_until.is_some_and(|until| until > now);
    if still_lacks_credits {
        return FeedState {
            last_success_at: Some(now),
            ..state.clone()
        };
    }
    FeedState {
        last_success_at: Some(now),
        last_failure_at: state.last_failure_at,
        ..fresh(&state.feed)
    }
}

/// The state after a fault. A breaker that is *half open* lets what is free through: credits are lacking.
pub fn after_fault(state: &FeedState, fault: &FetchFault, now: DateTime<Utc>) -> FeedState {
    let failures = state.consecutive_failures + 1;
    let mut next = FeedState {
        consecutive_failures: failures,
        last_failure_at: Some(now),
        message: Some(fault.to_string()),
        ..state.clone()
    };
    let refusal = match fault {
        FetchFault::Refused { refusal, .. } => Some(*refusal),
        _ => None,
    };
    match refusal {
        Some(Refusal::BadKey) => next.stopped_reason = Some(fault.to_string()),
        Some(Refusal::OutOfCredits) => {
            next.breaker = Breaker::HalfOpen;
            next.open_until = Some(next_month(now));
        }
        // Nothing is wrong with the feed: only this request makes no sense now.
        Some(Refusal::NotFound | Refusal::NotInPlan | Refusal::BadSetting) => {
            next.consecutive_failures = state.consecutive_failures;
        }
        Some(Refusal::Blocked) => {
            next.breaker = Breaker::Open;
            next.open_until = Some(now + LONGEST_PAUSE);
        }
        Some(Refusal::TooFast) => {
            let asked = match fault {
                FetchFault::Refused {
                    retry_after: Some(asked),
                    ..
                } => TimeDelta::from_std(*asked).unwrap_or(LONGEST_PAUSE),
                _ => PAUSE,
            };
            next.breaker = Breaker::Open;
            next.open_until = Some(now + asked.min(TimeDelta::hours(1)));
        }
        Some(Refusal::Unavailable) | None => {
            if failures >= FAILURES {
                let doublings = u32::try_from(failures - FAILURES).unwrap_or(0).min(8);
                next.breaker = Breaker::Open;
                next.open_until = Some(now + (PAUSE * 2_i32.pow(doublings)).min(LONGEST_PAUSE));
            }
        }
    }
    next
}

/// Credits reset on the first of the month; the zone is not stated, so an hour is added and a refusal asks again.
fn next_month(now: DateTime<Utc>) -> DateTime<Utc> {
    let (year, month) = if now.month() == 12 {
        (now.year() + 1, 1)
    } else {
        (now.year(), now.month() + 1)
    };
    Utc.with_ymd_and_hms(year, month, 1, 1, 0, 0)
        .single()
        .unwrap_or(now + TimeDelta::days(30))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(refusal: Refusal) -> FetchFault {
        FetchFault::Refused {
            refusal,
            status: 401,
            message: String::new(),
            retry_after: None,
        }
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_bad_key_stops_the_feed_until_a_person_acts() {
        let now = at("2026-12-24T10:00:00Z");
        let state = after_fault(&fresh("a"), &refused(Refusal::BadKey), now);
        assert!(matches!(
            held(&state, true, now + TimeDelta::days(400)),
            Some(Held::Stopped(_))
        ));
    }

    #[test]
    fn without_credits_what_is_free_goes_on_until_the_month_ends() {
        let now = at("2026-12-24T10:00:00Z");
        let mut state = after_fault(&fresh("a"), &refused(Refusal::OutOfCredits), now);
        assert_eq!(held(&state, true, now), None);
        state = after_success(&state, true, now);
        assert!(matches!(held(&state, false, now), Some(Held::Until(..))));
        assert_eq!(held(&state, false, at("2027-01-01T01:00:00Z")), None);
    }

    #[test]
    fn five_failures_in_a_row_make_a_pause_that_grows_and_ends() {
        let now = at("2026-12-24T10:00:00Z");
        let mut state = fresh("a");
        for _ in 0..4 {
            state = after_fault(&state, &FetchFault::Timeout(5), now);
        }
        assert_eq!(held(&state, false, now), None);
        state = after_fault(&state, &FetchFault::Timeout(5), now);
        assert_eq!(state.open_until, Some(now + PAUSE));
        for _ in 0..50 {
            state = after_fault(&state, &FetchFault::Timeout(5), now);
        }
        assert_eq!(state.open_until, Some(now + LONGEST_PAUSE));
        assert_eq!(after_success(&state, false, now).consecutive_failures, 0);
    }

    #[test]
    fn an_off_season_is_no_failure_of_the_feed() {
        let now = at("2026-12-24T10:00:00Z");
        let state = after_fault(&fresh("a"), &refused(Refusal::NotFound), now);
        assert_eq!((state.consecutive_failures, held(&state, false, now)), (0, None));
    }
}
