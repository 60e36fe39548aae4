//! What became of a leg, from what is known of its event.

use super::Fate;
use super::rules::{HouseRules, MinimumPlay, Retirement};
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

/// What became of a leg of an event, by the house's rules.
///
/// Only a final score, a cancellation or a start beyond the rules' window decides anything. What a whole game's score can't tell,
/// such as the first half, a player's points or who was placed, is for a person to say.
pub fn fate_of(leg: &BetLeg, facts: &EventFacts, rules: &HouseRules, now: DateTime<Utc>) -> Call {
    if facts.status == EventStatus::Cancelled {
        return void("the event was cancelled".to_owned());
    }
    if let Some(scheduled) = leg.starts_at {
        let window = TimeDelta::hours(i64::from(rules.stands_within_h));
        if facts.starts_at - scheduled > window {
            return void(format!(
                "it was moved by more than {} h, which voids bets ({})",
                rules.stands_within_h, rules.source
            ));
        }
        if facts.status == EventStatus::Postponed && now - scheduled > window {
            return void(format!(
                "it was not played within {} h of its start, which voids bets ({})",
                rules.stands_within_h, rules.source
            ));
        }
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
    match by_score(leg, rules, score) {
        Ok(result) => Call::Ended(Fate::ended(result), format!("it ended {} : {}", score.home, score.away)),
        Err(reason) => Call::AskPerson(format!("{reason}")),
    }
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
/// [`Unsettled`] when the market is not about the winner.
pub fn by_retirement(leg: &BetLeg, rules: &HouseRules, sets_over: u32, winner: Winner) -> Result<BetResult, Unsettled> {
    let stands = match rules.retirement {
        Retirement::Void => false,
        Retirement::StandsAfterFirstSet => sets_over >= 1,
        Retirement::StandsOnceBegun => true,
    };
    let result = by_ending(leg, rules, Ending::Winner(winner))?;
    Ok(if stands { result } else { BetResult::Void })
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

/// How a leg ended when the game was broken off after so much play: void unless enough was played.
///
/// # Errors
/// [`Unsettled`] says what is missing or not understood.
pub fn by_abandonment(leg: &BetLeg, rules: &HouseRules, played: Played, score: Score) -> Result<BetResult, Unsettled> {
    let least = match leg.market.kind {
        MarketKind::Moneyline | MarketKind::ThreeWay | MarketKind::DrawNoBet | MarketKind::DoubleChance => {
            rules.minimum_play
        }
        _ => rules.minimum_play_of_lines,
    };
    let is_enough = match (least, played) {
        (MinimumPlay::Minutes(least), Played::Minutes(minutes)) => minutes >= least,
        (MinimumPlay::Innings(least), Played::HalfInnings(halves)) => {
            let needed = 2 * least - u32::from(score.home > score.away);
            halves >= needed
        }
        _ => false,
    };
    let result = by_score(leg, rules, score)?;
    Ok(if is_enough { result } else { BetResult::Void })
}
