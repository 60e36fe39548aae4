//! House rules: what bookmakers settle differently, as data with a source.
//!
//! A rule holds for a sport, in some of its competitions or all others, at one bookmaker or at all that have none of their own.
//! [`rules_for`] finds the closest. A bet keeps no copy of them: a regrade after a rule was corrected uses the corrected one and
//! says so.

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

/// How late an event may be for bets on it to stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// So many hours after its start as it was known; later they are void.
    Hours(u32),
    /// As long as its tournament lasts: until it is played or called off.
    Tournament,
    /// So many hours everywhere; later bookmakers differ, and a person must say.
    Differs(u32),
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
    /// In which competitions, by name; empty for all that no other rule names.
    pub competitions: &'static [&'static str],
    /// What a draw makes of a bet on either side of a two-way moneyline.
    pub drawn_moneyline: BetResult,
    /// How late a game that was put off may be.
    pub window: Window,
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
    competitions: &[],
    drawn_moneyline: BetResult::Push,
    window: Window::Hours(48),
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

/// BetPhoenix and others void a tennis match that is two days late; Paf, Stoiximan and Sportsbet let it stand while there is time.
const LATE_TENNIS: Window = Window::Differs(48);

/// What "US pro" is to whoever names ice hockey so.
const NORTH_AMERICAN_HOCKEY: &[&str] = &["NHL", "NHL Preseason", "AHL", "ECHL"];

/// A bookmaker at which bets on a tennis match stand once a set is over.
const fn after_first_set(bookmaker: &'static str) -> HouseRules {
    HouseRules {
        sport: "tennis",
        bookmaker: Some(bookmaker),
        window: LATE_TENNIS,
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
        window: Window::Hours(12),
        source: "Paf customer service, interrupted and postponed matches: 12 hours",
        ..USUAL
    },
    official_after(
        "american_football",
        MinimumPlay::Minutes(55),
        "BetMGM Nevada, Minimum length of play, 2: 55 minutes",
    ),
    HouseRules {
        competitions: &["NBA", "NBA Preseason"],
        ..official_after(
            "basketball",
            MinimumPlay::Minutes(43),
            "BetMGM Nevada, Minimum length of play, 3: 43 minutes in the NBA",
        )
    },
    official_after(
        "basketball",
        MinimumPlay::Minutes(35),
        "BetMGM Nevada, Minimum length of play, 3, and JustBet help, Basketball official game times: 35 minutes outside the NBA",
    ),
    HouseRules {
        competitions: NORTH_AMERICAN_HOCKEY,
        ..official_after(
            "ice_hockey",
            MinimumPlay::Minutes(55),
            "BetMGM Nevada, Minimum length of play, 4: 55 minutes for US professionals",
        )
    },
    official_after(
        "ice_hockey",
        MinimumPlay::Minutes(60),
        "BetMGM Nevada, Minimum length of play, 4: 60 minutes elsewhere",
    ),
    HouseRules {
        sport: "baseball",
        window: Window::Hours(36),
        minimum_play: MinimumPlay::Innings(5),
        minimum_play_of_lines: MinimumPlay::Innings(9),
        source: "Galaxy Sports help, Baseball rules overview: 36 hours; BetMGM Nevada, Minimum length of play, 1: five innings; \
                 Titanbet help, Baseball: nine for lines",
        ..USUAL
    },
    HouseRules {
        sport: "tennis",
        window: LATE_TENNIS,
        source: "BetPhoenix, Tennis rules: the match must be completed, and played within 48 hours; Paf, Stoiximan and Sportsbet \
                 help: bets stand while the tournament lasts",
        ..USUAL
    },
    HouseRules {
        sport: "tennis",
        bookmaker: Some("betphoenix"),
        source: "BetPhoenix, Tennis rules: the match must be completed, and played within 48 hours",
        ..USUAL
    },
    HouseRules {
        sport: "tennis",
        bookmaker: Some("paf"),
        window: Window::Tournament,
        retirement: Retirement::StandsAfterFirstSet,
        source: "Paf support, Settlement of a bet when the event is cancelled, postponed, or interrupted: while the tournament lasts, \
                 with a set completed",
        ..USUAL
    },
    HouseRules {
        sport: "tennis",
        bookmaker: Some("sportsbet"),
        window: Window::Tournament,
        source: "Sportsbet help centre, Tennis rain delayed, postponement or venue change: bets stand until there is a result",
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

/// The closest rules for a sport in a competition at a bookmaker: never none, and more than one only where the competition is not
/// known (empty) and the rules depend on it. What holds by all of them holds.
pub fn rules_for(sport: &Sport, competition: &str, bookmaker: Option<&str>) -> Vec<&'static HouseRules> {
    let at = |bookmaker: Option<&str>| -> Vec<&'static HouseRules> {
        RULES
            .iter()
            .filter(|rules| rules.sport == sport.key() && rules.bookmaker == bookmaker)
            .collect()
    };
    let mut found = bookmaker.map(|_| at(bookmaker)).unwrap_or_default();
    if found.is_empty() {
        found = at(None);
    }
    let competition = competition.trim();
    if !competition.is_empty() {
        let names = |rules: &HouseRules| {
            rules
                .competitions
                .iter()
                .any(|name| name.eq_ignore_ascii_case(competition))
        };
        let is_named = found.iter().any(|rules| names(rules));
        found.retain(|rules| {
            if is_named {
                names(rules)
            } else {
                rules.competitions.is_empty()
            }
        });
    }
    if found.is_empty() {
        found.push(&USUAL);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_rule_has_a_source_and_stands_once() {
        let mut seen = BTreeSet::new();
        for rules in RULES {
            let key = (rules.sport, rules.bookmaker, rules.competitions);
            assert!(rules.source.len() > 20, "{key:?}");
            assert!(seen.insert(key), "{key:?} twice");
            let general = RULES
                .iter()
                .any(|other| other.sport == rules.sport && other.bookmaker.is_none() && other.competitions.is_empty());
            assert!(general, "{} has a rule for everybody else", rules.sport);
            let elsewhere = RULES.iter().any(|other| {
                (other.sport, other.bookmaker) == (rules.sport, rules.bookmaker) && other.competitions.is_empty()
            });
            assert!(elsewhere, "{key:?} leaves other competitions without a rule");
        }
    }

    #[test]
    fn a_bookmakers_own_rule_comes_before_that_of_all_and_the_usual_last() {
        let window = |sport: &str, bookmaker| rules_for(&Sport::from_key(sport), "", bookmaker)[0].window;
        assert_eq!(window("football", Some("paf")), Window::Hours(12));
        assert_eq!(window("football", Some("bet365")), Window::Hours(48));
        assert_eq!(window("football", None), Window::Hours(48));
        assert_eq!(window("tennis", Some("paf")), Window::Tournament);
        assert_eq!(window("tennis", None), Window::Differs(48));
        assert_eq!(rules_for(&Sport::from_key("chess"), "", Some("paf")), [&USUAL]);
    }

    #[test]
    fn a_rule_of_one_competition_holds_there_and_may_hold_where_none_is_known() {
        let play = |competition: &str| -> Vec<MinimumPlay> {
            rules_for(&Sport::BASKETBALL, competition, None)
                .iter()
                .map(|rules| rules.minimum_play)
                .collect()
        };
        let (nba, others) = (MinimumPlay::Minutes(43), MinimumPlay::Minutes(35));
        assert_eq!(play("nba"), [nba]);
        assert_eq!(play("NBA Summer League"), [others]);
        assert_eq!(play(" "), [nba, others]);
    }
}
