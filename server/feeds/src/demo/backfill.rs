//! What to ask, and as of when, to fill a new database with the demo's past.

use super::world::{self, DAY, Fixture, HOUR, MINUTE, PAST};
use super::{events_path, request};
use crate::{Endpoint, Request};
use chrono::{DateTime, Utc};

/// The moments of the two weeks before `began_at` and what to ask at each ([`crate::Feed::answer`] with
/// [`crate::Simulation::now`] at that moment), in order of time.
///
/// Each game is seen about every four hours in its last 25, an hour before its start and five minutes before it,
/// with main lines only, then with its result: about 1,450 requests whose answers hold at most 300,000 quotes. What is
/// live or upcoming at `began_at` is left to ordinary polling.
pub fn backfill(seed: u64, began_at: DateTime<Utc>) -> impl Iterator<Item = (DateTime<Utc>, Request)> {
    let until = began_at.timestamp();
    let from = until - PAST;
    let mut moments = vec![(
        from,
        request(Endpoint::Competitions, "/competitions".to_owned(), Vec::new()),
    )];
    for (position, competition) in world::COMPETITIONS.iter().enumerate() {
        for fixture in world::fixtures(seed, position, from, until + DAY) {
            let start = fixture.start().unwrap_or(fixture.listed_start);
            moments.push((start - HOUR, odds_of(competition.key, &fixture)));
            moments.push((start - 5 * MINUTE, scores(competition.key)));
            moments.push((start - 5 * MINUTE, odds(competition.key)));
        }
    }
    moments.retain(|(at, _)| (from..until).contains(at));
    moments.sort_by_key(|(at, _)| *at);
    moments
        .into_iter()
        .filter_map(|(at, request)| Some((DateTime::from_timestamp(at, 0)?, request)))
}

fn odds(competition: &str) -> Request {
    let query = vec![
        ("lines".to_owned(), "main".to_owned()),
        ("within_hours".to_owned(), "25".to_owned()),
    ];
    request(Endpoint::Odds, format!("/competitions/{competition}/odds"), query)
}

fn odds_of(competition: &str, fixture: &Fixture) -> Request {
    let path = format!("{}/{}/odds", events_path(competition), fixture.id());
    request(Endpoint::EventOdds, path, vec![("lines".to_owned(), "main".to_owned())])
}

fn scores(competition: &str) -> Request {
    request(
        Endpoint::Scores,
        format!("/competitions/{competition}/scores"),
        vec![("days_back".to_owned(), "1".to_owned())],
    )
}
