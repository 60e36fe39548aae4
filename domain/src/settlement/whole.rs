//! Whether a final score can be that of a whole game.
//!
//! A feed calls a match over when a player retires or the rain does not stop, and gives the score as it was. What such a score
//! settles, the house's rules say, and only a person knows that they are asked.

use crate::Sport;
use crate::event::Score;
use chrono::TimeDelta;

/// Men play to three sets at these, women to two.
const GRAND_SLAMS: [&str; 5] = [
    "australian open",
    "french open",
    "roland garros",
    "wimbledon",
    "us open",
];

/// Sports without a drawn game: play goes on until somebody leads.
const NEVER_DRAWN: [Sport; 3] = [Sport::BASKETBALL, Sport::BASEBALL, Sport::ICE_HOCKEY];

/// Minutes of play on the shortest clock in use; a game that is over sooner after its start was not played to its end.
const SHORTEST_MIN: [(Sport, i64); 5] = [
    (Sport::BASKETBALL, 40),
    (Sport::AMERICAN_FOOTBALL, 60),
    (Sport::FOOTBALL, 90),
    (Sport::ICE_HOCKEY, 60),
    (Sport::AUSSIE_RULES, 64),
];

/// Why a final score cannot be, or cannot be told to be, that of a whole game, where it was known so long after the start; none
/// when nothing speaks against it.
pub(super) fn doubt(sport: &Sport, competition: &str, score: Score, lasted: TimeDelta) -> Option<String> {
    let shown = format!("{} : {}", score.home, score.away);
    if let Some(sets) = sets_to_win(sport, competition) {
        return doubt_of_sets(sets, score, &shown);
    }
    if NEVER_DRAWN.contains(sport) && score.home == score.away {
        return Some(format!(
            "it is said to have ended {shown}, and a whole game of {} does not end level: it was given up, or the score is not the last",
            in_a_sentence(sport)
        ));
    }
    let shortest = SHORTEST_MIN
        .iter()
        .find(|(known, _)| known == sport)
        .map(|(_, min)| *min)?;
    let minutes = lasted.num_minutes();
    (minutes < shortest).then(|| {
        format!(
            "it is said to be over at {shown} {} min after its start, and a whole game of {} takes at least {shortest}",
            minutes.max(0),
            in_a_sentence(sport)
        )
    })
}

fn in_a_sentence(sport: &Sport) -> String {
    sport.key().replace('_', " ")
}

/// The numbers of sets that may win a match, ascending; none in sports that are not played so.
fn sets_to_win(sport: &Sport, competition: &str) -> Option<&'static [i32]> {
    match sport.key() {
        "tennis" => Some(tennis_sets(competition)),
        "volleyball" => Some(&[3]),
        "badminton" => Some(&[2]),
        _ => None,
    }
}

fn tennis_sets(competition: &str) -> &'static [i32] {
    let name = competition.to_lowercase();
    let has = |word: &str| name.split(|c: char| !c.is_alphanumeric()).any(|part| part == word);
    if name.trim().is_empty() {
        &[2, 3]
    } else if ["wta", "women", "womens", "doubles"].iter().any(|word| has(word)) {
        &[2]
    } else if GRAND_SLAMS.iter().any(|slam| name.contains(slam)) {
        if ["atp", "men", "mens"].iter().any(|word| has(word)) {
            &[3]
        } else {
            &[2, 3]
        }
    } else {
        &[2]
    }
}

fn doubt_of_sets(sets: &'static [i32], score: Score, shown: &str) -> Option<String> {
    let (won, lost) = (score.home.max(score.away), score.home.min(score.away));
    if lost < 0 || lost >= won || !sets.contains(&won) {
        return Some(format!(
            "it is said to have ended {shown}, with which nobody has won the sets that win the match: it was given up, or the score \
             is not in sets"
        ));
    }
    let longest = sets.last().copied().unwrap_or(won);
    (won < longest).then(|| {
        format!("it is said to have ended {shown}, and it is not known whether {won} or {longest} sets win the match")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_doubted(sport: &str, competition: &str, (home, away): (i32, i32), minutes: i64) -> bool {
        let lasted = TimeDelta::minutes(minutes);
        doubt(&Sport::from_key(sport), competition, Score { home, away }, lasted).is_some()
    }

    #[test]
    fn a_match_in_which_nobody_has_the_sets_to_win_is_doubted() {
        let at = |competition: &str, score| is_doubted("tennis", competition, score, 120);
        for score in [(1, 0), (0, 0), (1, 1), (2, 2), (6, 4), (12, 7), (3, 1), (-1, 2)] {
            assert!(at("WTA Rome", score), "{score:?}");
        }
        assert!(!at("WTA Rome", (2, 0)) && !at("ATP Rome", (1, 2)));
        assert!(at("ATP Wimbledon", (2, 1)) && !at("ATP Wimbledon", (1, 3)));
        assert!(!at("WTA Wimbledon", (2, 1)) && !at("Women's Singles, Wimbledon", (2, 1)));
    }

    #[test]
    fn two_sets_are_doubted_where_three_may_be_needed_and_three_never() {
        for competition in ["", "Wimbledon", "US Open"] {
            assert!(is_doubted("tennis", competition, (2, 0), 120), "{competition}");
            assert!(!is_doubted("tennis", competition, (3, 2), 120), "{competition}");
        }
        assert!(is_doubted("volleyball", "Serie A", (2, 1), 120) && !is_doubted("volleyball", "Serie A", (3, 1), 120));
    }

    #[test]
    fn a_level_score_is_doubted_where_play_goes_on_until_somebody_leads() {
        assert!(is_doubted("baseball", "MLB", (3, 3), 200) && is_doubted("basketball", "NBA", (88, 88), 150));
        assert!(!is_doubted("baseball", "MLB", (3, 2), 200) && !is_doubted("football", "EPL", (1, 1), 120));
        assert!(
            !is_doubted("american_football", "NFL", (20, 20), 200),
            "a game of the season may be tied"
        );
    }

    #[test]
    fn a_game_that_was_over_sooner_than_its_clock_allows_is_doubted() {
        assert!(is_doubted("basketball", "NBA", (41, 38), 39) && !is_doubted("basketball", "NBA", (101, 99), 40));
        assert!(is_doubted("football", "EPL", (1, 0), 60) && is_doubted("football", "EPL", (1, 0), -30));
        assert!(!is_doubted("chess", "", (1, 0), 1), "nothing is known of its clock");
    }
}
