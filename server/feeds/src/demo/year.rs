//! A sample of the demo's games of the year before it began: enough for somebody's bets, not a whole market's history.

use super::backfill::{GamePast, odds, scores};
use super::course::Course;
use super::world::{self, DAY, Fate, Fixture, HOUR, MINUTE, PAST};
use chrono::{DateTime, Utc};

/// How far the sample reaches back before the demo began.
const YEAR: i64 = 365 * DAY;
/// Games of a day.
const A_DAY: usize = 3;
/// Before the start: when a bettor looks, and the last prices.
const LOOK: i64 = 3 * HOUR;
const LAST: i64 = 5 * MINUTE;

/// A game of the sample.
#[derive(Clone, Debug)]
pub struct YearGame {
    /// The feed's identifier.
    pub id: String,
    /// When a bettor looks at it.
    pub looked_at: DateTime<Utc>,
    /// When its result is told.
    pub ended_at: DateTime<Utc>,
    /// What would have been asked of it.
    pub past: GamePast,
}

/// Three games of each day from a year to two weeks before `began_at`, the latest first; the same for the same seed and day. Each is
/// looked at twice before it starts, and when it ends.
pub fn year(seed: u64, began_at: DateTime<Utc>) -> Vec<YearGame> {
    // Days begin at midnight, so that the sample of a day does not depend on the hour at which the demo began.
    let until = (began_at.timestamp() - PAST).div_euclid(DAY) * DAY;
    let days = (1..=(YEAR - PAST) / DAY).map(|back| until - back * DAY);
    days.flat_map(|from| games_of(seed, from)).collect()
}

fn games_of(seed: u64, from: i64) -> Vec<YearGame> {
    let all =
        (0..world::COMPETITIONS.len()).flat_map(|competition| world::fixtures(seed, competition, from, from + DAY - 1));
    let mut games: Vec<Fixture> = all.filter(|fixture| fixture.fate == Fate::Plain).collect();
    games.sort_by_key(|fixture| fixture.dice.bits());
    games.truncate(A_DAY);
    games.sort_by_key(|fixture| std::cmp::Reverse(fixture.listed_start));
    games.iter().filter_map(game).collect()
}

fn game(fixture: &Fixture) -> Option<YearGame> {
    let competition = world::COMPETITIONS.get(fixture.competition)?.key;
    let (start, end) = (fixture.start()?, Course::new(fixture).end);
    let main_lines = || odds(competition, fixture, vec![("lines".to_owned(), "main".to_owned())]);
    let at = |seconds: i64| DateTime::from_timestamp(seconds, 0);
    Some(YearGame {
        id: fixture.id(),
        looked_at: at(start - LOOK)?,
        ended_at: at(end)?,
        past: GamePast {
            told_until: at(end + DAY),
            questions: vec![
                (at(start - LOOK)?, main_lines()),
                (at(start - LAST)?, main_lines()),
                (at(end)?, scores(competition, fixture)),
            ],
        },
    })
}
