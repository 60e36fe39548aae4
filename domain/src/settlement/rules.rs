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
    /// How much must have been played for bets on who wins.
    pub minimum_play: MinimumPlay,
    /// How much must have been played for bets on spreads and totals, where that is more.
    pub minimum_play_of_lines: MinimumPlay,
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
    minimum_play_of_lines: MinimumPlay::Whole,
    source: "Overround's own: no house rules are known for this sport",
};

/// For bets on who wins and on lines alike.
const fn official_after(sport: &'static str, play: MinimumPlay, source: &'static str) -> HouseRules {
    HouseRules {
        sport,
        minimum_play: play,
        minimum_play_of_lines: play,
        source,
        ..USUAL
    }
}

/// A bookmaker at which bets on a tennis match stand once a set is over.
const fn after_first_set(bookmaker: &'static str) -> HouseRules {
    HouseRules {
        sport: "tennis",
        bookmaker: Some(bookmaker),
        retirement: Retirement::StandsAfterFirstSet,
        source: "Profit Squad and Profit Squirrel, Tennis retirement rules: one set completed",
        ..USUAL
    }
}

/// Every rule known, one a line or a block; see the module. Windows and minimum play are published rules of bookmakers that nobody's
/// own are known to differ from; where a source says nothing, the rule is the strict one of sports of which nothing is known.
pub const RULES: &[HouseRules] = &[
    HouseRules {
        sport: "football",
        source: "Bookmaker.eu help, Suspended / postponed soccer matches: 48 hours; BetMGM Nevada, Minimum length of play, 7: all of it",
        ..USUAL
    },
    HouseRules {
        sport: "football",
        bookmaker: Some("paf"),
        stands_within_h: 12,
        source: "Paf customer service, interrupted and postponed matches: 12 hours",
        ..USUAL
    },
    official_after(
        "american_football",
        MinimumPlay::Minutes(55),
        "BetMGM Nevada, Minimum length of play, 2: 55 minutes",
    ),
    official_after(
        "basketball",
        MinimumPlay::Minutes(43),
        "BetMGM Nevada, Minimum length of play, 3: 43 minutes in the NBA",
    ),
    official_after(
        "ice_hockey",
        MinimumPlay::Minutes(55),
        "BetMGM Nevada, Minimum length of play, 4: 55 minutes in North America",
    ),
    HouseRules {
        sport: "baseball",
        stands_within_h: 36,
        minimum_play: MinimumPlay::Innings(5),
        minimum_play_of_lines: MinimumPlay::Innings(9),
        source: "Galaxy Sports help, Baseball rules overview: 36 hours; BetMGM Nevada, Minimum length of play, 1: five innings; \
                 Titanbet help, Baseball: nine for lines",
        ..USUAL
    },
    HouseRules {
        sport: "tennis",
        source: "BetPhoenix, Tennis rules: the match must be completed, and played within 48 hours",
        ..USUAL
    },
    after_first_set("betfair_ex_uk"),
    after_first_set("betfair_ex_eu"),
    after_first_set("betfair_ex_au"),
    after_first_set("betfair_sb_uk"),
    after_first_set("smarkets"),
    after_first_set("matchbook"),
    after_first_set("coral"),
    after_first_set("ladbrokes_uk"),
    after_first_set("paddypower"),
    after_first_set("skybet"),
    after_first_set("leovegas"),
    after_first_set("marathonbet"),
    after_first_set("unibet_uk"),
    after_first_set("sport888"),
    after_first_set("pinnacle"),
];

/// The closest rules for a sport at a bookmaker.
pub fn rules_for(sport: &Sport, bookmaker: Option<&str>) -> &'static HouseRules {
    let of_sport = || RULES.iter().filter(|rules| rules.sport == sport.key());
    of_sport()
        .find(|rules| rules.bookmaker.is_some() && rules.bookmaker == bookmaker)
        .or_else(|| of_sport().find(|rules| rules.bookmaker.is_none()))
        .unwrap_or(&USUAL)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_rule_has_a_source_and_stands_once() {
        let mut seen = BTreeSet::new();
        for rules in RULES {
            assert!(rules.source.len() > 20, "{}", rules.sport);
            assert!(seen.insert((rules.sport, rules.bookmaker)), "{} twice", rules.sport);
            let general = RULES
                .iter()
                .any(|other| other.sport == rules.sport && other.bookmaker.is_none());
            assert!(general, "{} has a rule for everybody else", rules.sport);
        }
    }

    #[test]
    fn a_bookmakers_own_rule_comes_before_that_of_all_and_the_usual_last() {
        let hours = |sport: &str, bookmaker| rules_for(&Sport::from_key(sport), bookmaker).stands_within_h;
        assert_eq!(
            (
                hours("football", Some("paf")),
                hours("football", Some("bet365")),
                hours("football", None)
            ),
            (12, 48, 48)
        );
        assert_eq!(rules_for(&Sport::from_key("chess"), Some("paf")), &USUAL);
    }
}
