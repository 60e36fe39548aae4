//! What to ask, and as of when, to fill a new database with the demo's past.

use super::course::Course;
use super::world::{self, DAY, Fixture, HOUR, LISTED, MINUTE, PAST};
use super::{MARKETS, events_path, request};
use crate::{Endpoint, Request};
use chrono::{DateTime, Utc};
use domain::EventStatus;

/// How long before its start a game is looked at, in seconds: from shortly after it is listed to shortly before it begins.
const LOOKS: [i64; 6] = [LISTED - HOUR, DAY, 12 * HOUR, 6 * HOUR, HOUR, 5 * MINUTE];
/// How long ordinary answers speak of a game that is over: as far back as scores are asked for.
const TOLD: i64 = DAY;

/// The past of one game: to be taken in as one, so that nobody ever sees it half.
#[derive(Clone, Debug)]
pub struct GamePast {
    /// Until when ordinary answers speak of the game; `None` while it is not over.
    pub told_until: Option<DateTime<Utc>>,
    /// What to ask ([`crate::Feed::answer`] with [`crate::Simulation::now`] at that moment), in order of time.
    pub questions: Vec<(DateTime<Utc>, Request)>,
}

/// The past of every game from two weeks before `began_at` until now: first what is not over, by start, then what is,
/// the latest first.
///
/// Each game is looked at six times in the two days before it starts, with main lines only, and when it ends; what is not
/// over also as it is now, with every line, so that it joins ordinary polling without a gap. That is about 3,500 requests
/// whose answers hold at most 300,000 quotes.
pub fn backfill(seed: u64, began_at: DateTime<Utc>, now: DateTime<Utc>) -> Vec<GamePast> {
    let (from, now) = (began_at.timestamp() - PAST, now.timestamp());
    let mut games: Vec<(Option<i64>, i64, GamePast)> = Vec::new();
    for (position, competition) in world::COMPETITIONS.iter().enumerate() {
        for fixture in world::fixtures(seed, position, from, now + LISTED) {
            let course = Course::new(&fixture);
            let told_until = told_until(&fixture, &course, now);
            let mut moments = questions(competition.key, &fixture, &course);
            moments.retain(|(at, _)| (from..=now).contains(at));
            moments.extend(questions_now(
                competition.key,
                &fixture,
                fixture.status(now, course.end),
                now,
            ));
            let past = GamePast {
                told_until: told_until.and_then(|until| DateTime::from_timestamp(until, 0)),
                questions: moments
                    .into_iter()
                    .filter_map(|(at, request)| Some((DateTime::from_timestamp(at, 0)?, request)))
                    .collect(),
            };
            games.push((told_until, fixture.start_known(now), past));
        }
    }
    let order =
        |(told_until, start, _): &(Option<i64>, i64, GamePast)| told_until.map_or((0, *start), |until| (1, -until));
    games.sort_by_key(order);
    games.into_iter().map(|(_, _, past)| past).collect()
}

fn told_until(fixture: &Fixture, course: &Course, now: i64) -> Option<i64> {
    match fixture.status(now, course.end) {
        EventStatus::Final => Some(course.end + TOLD),
        EventStatus::Cancelled => Some(fixture.listed_start + TOLD),
        EventStatus::Scheduled | EventStatus::Live | EventStatus::Postponed => None,
    }
}

/// What would have been asked of a game through its life.
fn questions(competition: &str, fixture: &Fixture, course: &Course) -> Vec<(i64, Request)> {
    let start = fixture.start().unwrap_or(fixture.listed_start);
    let main_lines = || odds(competition, fixture, vec![("lines".to_owned(), "main".to_owned())]);
    let looks = LOOKS.map(|before| (start - before, main_lines()));
    let end = fixture.start().map(|_| (course.end, scores(competition, fixture)));
    looks.into_iter().chain(end).collect()
}

/// How a game stands now; nothing is left to ask of one that has ended.
fn questions_now(competition: &str, fixture: &Fixture, status: EventStatus, now: i64) -> Vec<(i64, Request)> {
    let every_line = || odds(competition, fixture, vec![("markets".to_owned(), MARKETS.join(","))]);
    match status {
        EventStatus::Final => Vec::new(),
        EventStatus::Live => vec![(now, every_line()), (now, scores(competition, fixture))],
        EventStatus::Scheduled | EventStatus::Postponed | EventStatus::Cancelled => vec![(now, every_line())],
    }
}

pub(super) fn odds(competition: &str, fixture: &Fixture, query: Vec<(String, String)>) -> Request {
    let path = format!("{}/{}/odds", events_path(competition), fixture.id());
    request(Endpoint::EventOdds, path, query)
}

pub(super) fn scores(competition: &str, fixture: &Fixture) -> Request {
    let path = format!("{}/{}/scores", events_path(competition), fixture.id());
    request(Endpoint::Scores, path, vec![("days_back".to_owned(), "1".to_owned())])
}
