//! What became of a leg, from what is known of its event.

use super::rules::{HouseRules, MinimumPlay, Retirement, Window};
use super::{Fate, whole};
use crate::bet::BetLeg;
use crate::event::Score;
use crate::result::{BetResult, Ending, Unsettled, Winner, result_of};
use crate::{EventStatus, MarketKind, Period};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// What is known of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventFacts {
    /// Where it is in its life.
    pub status: EventStatus,
    /// Its start as it is known now.
    pub starts_at: DateTime<Utc>,
    /// Its score, when one is known.
    pub score: Option<Score>,
    /// True when that score is the result.
    pub is_final_score: bool,
}

/// What can be said of a leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// It ended, and why one may say so.
    Ended(Fate, String),
    /// It is still to be decided.
    Wait(&'static str),
    /// A person must say.
    AskPerson(String),
}

/// What became of a leg of an event, by the house's rules: by all of those that may hold.
///
/// Only a final score, a cancellation or a start beyond the rules' window decides anything. What a whole game's score can't tell,
/// such as the first half, a player's points or who was placed, is for a person to say, and so is what a score says that cannot be
/// a whole game's.
pub fn fate_of(leg: &BetLeg, facts: &EventFacts, rules: &[&HouseRules], now: DateTime<Utc>) -> Call {
    let mut calls = rules.iter().map(|rules| fate_by(leg, facts, rules, now));
    let Some(first) = calls.next() else {
        return Call::AskPerson("no house rules are known".to_owned());
    };
    let fate = |call: &Call| match call {
        Call::Ended(fate, _) => Some(*fate),
        Call::Wait(_) | Call::AskPerson(_) => None,
    };
    if calls.all(|other| fate(&other) == fate(&first)) {
        first
    } else {
        Call::AskPerson(NotTold::differ(rules).to_string())
    }
}

fn fate_by(leg: &BetLeg, facts: &EventFacts, rules: &HouseRules, now: DateTime<Utc>) -> Call {
    if facts.status == EventStatus::Cancelled {
        return void("the event was cancelled".to_owned());
    }
    if let Some(late) = late(leg, facts, rules, now) {
        return late;
    }
    match facts.status {
        EventStatus::Scheduled => return Call::Wait("the event has not started"),
        EventStatus::Live => return Call::Wait("the event is being played"),
        EventStatus::Postponed => return Call::Wait("the event was put off"),
        EventStatus::Final | EventStatus::Cancelled => {}
    }
    let Some(score) = facts.score.filter(|_| facts.is_final_score) else {
        return Call::Wait("the result is not known yet");
    };
    if leg.market.period != Period::FullTime {
        return Call::AskPerson(format!(
            "the feed gives the score of the whole game, not of the {}",
            leg.market.period.name().to_lowercase()
        ));
    }
    if let Some(doubt) = whole::doubt(&leg.sport, &leg.competition, score, now - facts.starts_at) {
        return Call::AskPerson(doubt);
    }
    match by_score(leg, rules, score) {
        Ok(result) => Call::Ended(Fate::ended(result), format!("it ended {} : {}", score.home, score.away)),
        Err(reason) => Call::AskPerson(format!("{reason}")),
    }
}

/// What a start beyond the rules' window does; none as long as it is within.
fn late(leg: &BetLeg, facts: &EventFacts, rules: &HouseRules, now: DateTime<Utc>) -> Option<Call> {
    let scheduled = leg.starts_at?;
    let (hours, is_void) = match rules.window {
        Window::Hours(hours) => (hours, true),
        Window::Differs(hours) => (hours, false),
        Window::Tournament => return None,
    };
    let window = TimeDelta::hours(i64::from(hours));
    let what = if facts.starts_at - scheduled > window {
        format!("it was moved by more than {hours} h")
    } else if facts.status == EventStatus::Postponed && now - scheduled > window {
        format!("it was not played within {hours} h of its start")
    } else {
        return None;
    };
    let source = rules.source;
    Some(if is_void {
        void(format!("{what}, which voids bets ({source})"))
    } else {
        Call::AskPerson(format!("{what}, which voids bets at some bookmakers only ({source})"))
    })
}

fn void(reason: String) -> Call {
    Call::Ended(Fate::ended(BetResult::Void), reason)
}

/// How a leg ended when the part of the event that it is about ended with this score: for whoever bet.
///
/// # Errors
/// [`Unsettled`] says what is missing or not understood.
pub fn by_score(leg: &BetLeg, rules: &HouseRules, score: Score) -> Result<BetResult, Unsettled> {
    by_ending(leg, rules, Ending::Score(score))
}

fn by_ending(leg: &BetLeg, rules: &HouseRules, ending: Ending) -> Result<BetResult, Unsettled> {
    // Only a team total needs to know who is who.
    let contest = leg
        .contest()
        .unwrap_or_else(|| crate::result::Contest::new(leg.sport.clone(), "", ""));
    let backed = result_of(&contest, &leg.market, &leg.outcome, rules.result_rules(), ending)?;
    Ok(backed.on_side(leg.side))
}

/// How a bet on the winner ends when somebody did not finish: a set is over or not, and who goes on is the winner.
///
/// # Errors
/// [`Unsettled`] when bets stand and the market is not about the winner.
pub fn by_retirement(leg: &BetLeg, rules: &HouseRules, sets_over: u32, winner: Winner) -> Result<BetResult, Unsettled> {
    let stands = match rules.retirement {
        Retirement::Void => false,
        Retirement::StandsAfterFirstSet => sets_over >= 1,
        Retirement::StandsOnceBegun => true,
    };
    if stands {
        by_ending(leg, rules, Ending::Winner(winner))
    } else {
        Ok(BetResult::Void)
    }
}

/// How much of a game was played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Played {
    /// So many minutes.
    Minutes(u32),
    /// So many half innings.
    HalfInnings(u32),
}

impl Played {
    fn text(self) -> String {
        match self {
            Self::Minutes(minutes) => format!("{minutes} minutes"),
            Self::HalfInnings(halves) if halves % 2 == 0 => format!("{} innings", halves / 2),
            Self::HalfInnings(halves) => format!("{} and a half innings", halves / 2),
        }
    }
}

/// How a leg ended when the game was broken off after so much play: void unless enough was played.
///
/// # Errors
/// [`NotTold`] says what is missing or not understood.
pub fn by_abandonment(leg: &BetLeg, rules: &HouseRules, played: Played, score: Score) -> Result<BetResult, NotTold> {
    let least = match leg.market.kind {
        MarketKind::Moneyline | MarketKind::ThreeWay | MarketKind::DrawNoBet | MarketKind::DoubleChance => {
            rules.minimum_play
        }
        _ => rules.minimum_play_of_lines,
    };
    let is_enough = match (least, played) {
        (MinimumPlay::Minutes(least), Played::Minutes(minutes)) => minutes >= least,
        (MinimumPlay::Innings(least), Played::HalfInnings(halves)) => {
            let needed = (2 * least).saturating_sub(u32::from(score.home > score.away));
            halves >= needed
        }
        (MinimumPlay::Whole, _) => false,
        (MinimumPlay::Minutes(_), Played::HalfInnings(_)) => return Err(NotTold::NotInMinutes),
        (MinimumPlay::Innings(_), Played::Minutes(_)) => return Err(NotTold::NotInInnings),
    };
    if is_enough {
        Ok(by_score(leg, rules, score)?)
    } else {
        Ok(BetResult::Void)
    }
}

/// How a game was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GivenUp {
    /// A player or pair did not finish.
    Retired {
        /// Sets that were over.
        sets_over: u32,
        /// Who goes on; no draw.
        winner: Winner,
    },
    /// The game was broken off.
    Abandoned {
        /// How much of it was played.
        played: Played,
        /// The score then.
        score: Score,
    },
}

/// Why it can't be told how a leg ended on a game that was given up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTold {
    /// As for a score.
    #[error("{0}")]
    Unsettled(#[from] Unsettled),
    /// The rules count minutes.
    #[error("the house rules for this sport go by minutes played")]
    NotInMinutes,
    /// The rules count innings.
    #[error("the house rules for this sport go by innings played")]
    NotInInnings,
    /// Who retires has no draw.
    #[error("say who goes on: home or away")]
    NoWinner,
    /// A half that was over before the game was given up is as it was.
    #[error("the house rules for games that were given up are about the whole game: say how the {0} ended")]
    NotTheWhole(String),
    /// The competition is not known, and the rules that may hold come to different ends.
    #[error("the competition is not known, and the house rules differ: {0}")]
    Differ(String),
}

impl NotTold {
    fn differ(rules: &[&HouseRules]) -> Self {
        let sources: Vec<&str> = rules.iter().map(|rules| rules.source).collect();
        Self::Differ(sources.join("; "))
    }
}

/// How a leg ended on a game that was given up, by all the house rules that may hold, and which of them says so, in words.
///
/// # Errors
/// [`NotTold`] says what is missing, not understood, or not the same by all rules.
pub fn by_giving_up(leg: &BetLeg, given_up: GivenUp, rules: &[&HouseRules]) -> Result<(BetResult, String), NotTold> {
    if leg.market.period != Period::FullTime {
        return Err(NotTold::NotTheWhole(leg.market.period.name().to_lowercase()));
    }
    let by = |rules: &HouseRules| match given_up {
        GivenUp::Retired {
            winner: Winner::Draw, ..
        } => Err(NotTold::NoWinner),
        GivenUp::Retired { sets_over, winner } => Ok(by_retirement(leg, rules, sets_over, winner)?),
        GivenUp::Abandoned { played, score } => by_abandonment(leg, rules, played, score),
    };
    let results: Vec<BetResult> = rules.iter().map(|rules| by(rules)).collect::<Result<_, _>>()?;
    let (Some(result), Some(first)) = (results.first(), rules.first()) else {
        return Err(NotTold::Unsettled(Unsettled::NoRule));
    };
    if results.iter().any(|other| other != result) {
        return Err(NotTold::differ(rules));
    }
    let after = match given_up {
        GivenUp::Retired { sets_over: 1, .. } => "after 1 set".to_owned(),
        GivenUp::Retired { sets_over, .. } => format!("after {sets_over} sets"),
        GivenUp::Abandoned { played, score } => format!("after {} at {} : {}", played.text(), score.home, score.away),
    };
    let verdict = if *result == BetResult::Void {
        "bets are void"
    } else {
        "bets stand"
    };
    Ok((*result, format!("given up {after}: {verdict} ({})", first.source)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settlement::rules::rules_for;
    use crate::{MarketKey, Outcome, Side, Sport};

    fn leg(sport: Sport, competition: &str, kind: MarketKind) -> BetLeg {
        BetLeg {
            event_id: None,
            event: "Guests @ Hosts".into(),
            sport,
            competition: competition.into(),
            home: Some("Hosts".into()),
            away: Some("Guests".into()),
            starts_at: Some(start()),
            market: MarketKey::plain(kind),
            outcome: Outcome::Home,
            side: Side::Back,
            price: "1.90".parse().unwrap(),
            price_text: String::new(),
            quote: None,
        }
    }

    fn start() -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000, 0).unwrap()
    }

    fn over(leg: &BetLeg, (home, away): (i32, i32), moved_h: i64, bookmaker: Option<&str>) -> Call {
        let facts = EventFacts {
            status: EventStatus::Final,
            starts_at: start() + TimeDelta::hours(moved_h),
            score: Some(Score { home, away }),
            is_final_score: true,
        };
        let rules = rules_for(&leg.sport, &leg.competition, bookmaker);
        fate_of(leg, &facts, &rules, facts.starts_at + TimeDelta::hours(3))
    }

    fn asks(call: &Call, words: &str) -> bool {
        matches!(call, Call::AskPerson(why) if why.contains(words))
    }

    #[test]
    fn a_match_that_was_given_up_is_for_a_person_to_say() {
        let tennis = leg(Sport::TENNIS, "WTA Rome", MarketKind::Moneyline);
        assert!(asks(&over(&tennis, (1, 0), 0, None), "nobody has won the sets"));
        assert!(matches!(over(&tennis, (2, 0), 0, None), Call::Ended(..)));
    }

    #[test]
    fn a_tennis_match_two_days_late_stands_is_void_or_is_asked_about() {
        let tennis = leg(Sport::TENNIS, "WTA Rome", MarketKind::Moneyline);
        let ended = |result| move |call: &Call| matches!(call, Call::Ended(fate, _) if *fate == Fate::ended(result));
        assert!(ended(BetResult::Win)(&over(&tennis, (2, 0), 50, Some("paf"))));
        assert!(ended(BetResult::Void)(&over(&tennis, (2, 0), 50, Some("betphoenix"))));
        assert!(asks(&over(&tennis, (2, 0), 50, None), "at some bookmakers only"));
        assert!(ended(BetResult::Win)(&over(&tennis, (2, 0), 47, None)));
    }

    #[test]
    fn play_between_the_rules_of_two_competitions_is_told_only_where_it_is_known_which() {
        let given_up = |minutes| GivenUp::Abandoned {
            played: Played::Minutes(minutes),
            score: Score { home: 80, away: 70 },
        };
        let told = |competition: &str, minutes| {
            let leg = leg(Sport::BASKETBALL, competition, MarketKind::Moneyline);
            by_giving_up(&leg, given_up(minutes), &rules_for(&leg.sport, competition, None)).map(|(result, _)| result)
        };
        assert_eq!(told("NBA", 40), Ok(BetResult::Void));
        assert_eq!(told("EuroLeague", 40), Ok(BetResult::Win));
        assert_eq!((told("", 34), told("", 43)), (Ok(BetResult::Void), Ok(BetResult::Win)));
        assert!(
            matches!(told("", 40), Err(NotTold::Differ(why)) if why.contains("43 minutes") && why.contains("35 minutes"))
        );
    }

    #[test]
    fn what_the_rules_say_of_a_game_given_up_names_them() {
        let baseball = leg(Sport::BASEBALL, "MLB", MarketKind::Moneyline);
        let rules = rules_for(&baseball.sport, "MLB", None);
        let score = Score { home: 4, away: 2 };
        let after = |played| by_giving_up(&baseball, GivenUp::Abandoned { played, score }, &rules);
        let (result, why) = after(Played::HalfInnings(9)).unwrap();
        assert_eq!(result, BetResult::Win);
        assert!(
            why.starts_with("given up after 4 and a half innings at 4 : 2: bets stand (Galaxy Sports"),
            "{why}"
        );
        assert_eq!(after(Played::Minutes(90)), Err(NotTold::NotInInnings));
        let drawn = GivenUp::Retired {
            sets_over: 1,
            winner: Winner::Draw,
        };
        assert_eq!(by_giving_up(&baseball, drawn, &rules), Err(NotTold::NoWinner));
        let half = BetLeg {
            market: MarketKey {
                period: Period::FirstHalf,
                ..baseball.market.clone()
            },
            ..baseball
        };
        let given_up = GivenUp::Retired {
            sets_over: 1,
            winner: Winner::Home,
        };
        assert!(matches!(
            by_giving_up(&half, given_up, &rules),
            Err(NotTold::NotTheWhole(_))
        ));
    }
}
