//! House rules: what bookmakers settle differently, as data with a source.
//!
//! A rule holds for a sport, at one bookmaker or at all that have none of their own. [`rules_for`] finds the closest. A bet keeps
//! no copy of them: a regrade after a rule was corrected uses the corrected one and says so.

use crate::Sport;
use crate::result::{BetResult, Rules};
use serde::{Deserialize, Serialize};

/// What happens to bets on a player or pair that does not finish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retirement {
    /// Void, unless the match was over.
    Void,
    /// They stand once the first set is over: who goes on has won.
    StandsAfterFirstSet,
    /// They stand once play began.
    StandsOnceBegun,
}

/// How much must have been played for bets on the result of a game that was broken off to stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MinimumPlay {
    /// All of it.
    Whole,
    /// So many minutes.
    Minutes(u32),
    /// So many innings; half an inning less where the home side leads.
    Innings(u32),
}

/// How a bookmaker settles a sport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct HouseRules {
    /// Of which sport, by key.
    pub sport: &'static str,
    /// At which bookmaker, by key; none for all that have no rule of their own.
    pub bookmaker: Option<&'static str>,
    /// What a draw makes of a bet on either side of a two-way moneyline.
    pub drawn_moneyline: BetResult,
    /// Bets on a game that was put off stand when it is played within so many hours of its start as it was known.
    pub stands_within_h: u32,
    /// What happens when somebody does not finish.
    pub retirement: Retirement,
    /// How much must have been played.
    pub minimum_play: MinimumPlay,
    /// Where it says so.
    pub source: &'static str,
}

impl HouseRules {
    /// What the result of a bet depends on.
    pub const fn result_rules(&self) -> Rules {
        Rules {
            drawn_moneyline: self.drawn_moneyline,
        }
    }
}

/// What holds where nothing closer is known: the strictest reading, so that a person is asked rather than a bet left standing.
const USUAL: HouseRules = HouseRules {
    sport: "",
    bookmaker: None,
    drawn_moneyline: BetResult::Push,
    stands_within_h: 48,
    retirement: Retirement::Void,
    minimum_play: MinimumPlay::Whole,
    source: "Overround's own: no house rules are known for this sport",
};

/// Every rule known, one a line; see the module.
pub const RULES: &[HouseRules] = &[];

/// The closest rules for a sport at a bookmaker.
pub fn rules_for(sport: &Sport, bookmaker: Option<&str>) -> &'static HouseRules {
    let of_sport = || RULES.iter().filter(|rules| rules.sport == sport.key());
    of_sport()
        .find(|rules| rules.bookmaker.is_some() && rules.bookmaker == bookmaker)
        .or_else(|| of_sport().find(|rules| rules.bookmaker.is_none()))
        .unwrap_or(&USUAL)
}
