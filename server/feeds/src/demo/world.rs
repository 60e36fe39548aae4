//! Who plays whom and when: competitions, teams and their games, each fixed by the seed and the game's number.

use super::dice::{Dice, Topic};
use domain::{EventStatus, Sport};

/// Seconds in a minute.
pub(super) const MINUTE: i64 = 60;
/// Seconds in an hour.
pub(super) const HOUR: i64 = 3_600;
/// Seconds in a day.
pub(super) const DAY: i64 = 86_400;
/// How long before its first start a game is listed.
pub(super) const LISTED: i64 = 48 * HOUR;
/// How far the world reaches back before it began.
pub(super) const PAST: i64 = 14 * DAY;
/// Between two games of one competition.
const INTERVAL: i64 = 15_000;
/// Teams in a competition.
const TEAMS: usize = 16;
/// Games in which every team plays once.
const ROUND: i64 = 8;

/// Which rules a competition is played by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Game {
    Football,
    Basketball,
    AmericanFootball,
    IceHockey,
    Tennis,
}

/// What is usual in a sport. Margins and totals are in goals, points or, for tennis, the chance to win one game.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// What playing at home is worth.
    pub(super) home_edge: f64,
    /// How far teams differ.
    pub(super) strength: f64,
    /// The usual total.
    pub(super) total: f64,
    /// How far totals differ between games.
    pub(super) total_range: f64,
    /// A margin worth about 2.5 percentage points: the size of a piece of news.
    pub(super) margin_unit: f64,
    /// A total worth about 2.5 percentage points.
    pub(super) total_unit: f64,
    /// From the start to the end of the regular time, breaks included, in seconds.
    pub(super) length: i64,
}

impl Game {
    pub(super) fn sport(self) -> Sport {
        match self {
            Self::Football => Sport::FOOTBALL,
            Self::Basketball => Sport::BASKETBALL,
            Self::AmericanFootball => Sport::AMERICAN_FOOTBALL,
            Self::IceHockey => Sport::ICE_HOCKEY,
            Self::Tennis => Sport::TENNIS,
        }
    }

    pub(super) const fn rules(self) -> Rules {
        let (home_edge, strength, total, total_range, margin_unit, total_unit, minutes) = match self {
            Self::Football => (0.30, 0.45, 2.7, 0.25, 0.09, 0.10, 115),
            Self::Basketball => (2.5, 4.0, 222.0, 6.0, 1.0, 1.0, 145),
            Self::AmericanFootball => (2.0, 3.5, 45.0, 3.0, 0.85, 0.85, 200),
            Self::IceHockey => (0.20, 0.35, 6.0, 0.35, 0.15, 0.15, 155),
            Self::Tennis => (0.0, 0.035, 0.0, 0.0, 0.0055, 0.0, 120),
        };
        Rules {
            home_edge,
            strength,
            total,
            total_range,
            margin_unit,
            total_unit,
            length: minutes * MINUTE,
        }
    }
}

/// A competition. Teams and players are invented.
#[derive(Debug)]
pub(super) struct Competition {
    pub(super) key: &'static str,
    pub(super) name: &'static str,
    pub(super) game: Game,
    teams: [&'static str; TEAMS],
}

/// Every competition. Their order spreads the games of a day: a start somewhere about every 40 minutes.
pub(super) const COMPETITIONS: [Competition; 6] = [
    Competition {
        key: "northern_league",
        name: "Northern League",
        game: Game::Football,
        teams: [
            "Ashmere Rovers",
            "Brackwell Town",
            "Corvane Athletic",
            "Dunholt United",
            "Elverby City",
            "Fenwald Wanderers",
            "Grimsholm",
            "Harrowgill Albion",
            "Isenford",
            "Kelmarsh Vale",
            "Lowmoor Rangers",
            "Marlstone",
            "Netherby Park",
            "Ostwick County",
            "Pellbridge",
            "Quarrington Moor",
        ],
    },
    Competition {
        key: "prairie_gridiron",
        name: "Prairie Gridiron League",
        game: Game::AmericanFootball,
        teams: [
            "Amber Fields Threshers",
            "Bluestem Riders",
            "Cinder Creek Foundry",
            "Dust Bowl Drifters",
            "Elk Fork Elks",
            "Flintlock Ridge Miners",
            "Grainbelt Harvesters",
            "High Plains Howlers",
            "Ironwood Lumberjacks",
            "Juniper Flats Stampede",
            "Kettle Lake Herons",
            "Longhollow Lancers",
            "Mesa Verano Scorpions",
            "North Fork Otters",
            "Prairie Dog Town Diggers",
            "Redrock Comets",
        ],
    },
    Competition {
        key: "lakeside_tour",
        name: "Lakeside Tennis Tour",
        game: Game::Tennis,
        teams: [
            "Ansel Brightmoor",
            "Bastien Orlovane",
            "Caspar Windlehurst",
            "Dario Fennimarre",
            "Emeric Tallowby",
            "Florin Ashgrave",
            "Gideon Marchwell",
            "Hadrian Solberry",
            "Ivo Castellmoor",
            "Jorin Petherwick",
            "Kasimir Dunlark",
            "Leander Quillby",
            "Matthis Oakenshaw",
            "Nils Varrenholt",
            "Osric Plumtree",
            "Pascoe Redferne",
        ],
    },
    Competition {
        key: "glacier_hockey",
        name: "Glacier Hockey League",
        game: Game::IceHockey,
        teams: [
            "Auk Bay Icebreakers",
            "Boreal Bay Lynx",
            "Cold Harbour Anchors",
            "Drift Point Walruses",
            "Everfrost Foxes",
            "Frostholm Ravens",
            "Glimmer Lake Pike",
            "Hoarfrost Hounds",
            "Icefall Yaks",
            "Kodrak Narwhals",
            "Lantern Cove Lights",
            "Mooseford Antlers",
            "Northlight Auroras",
            "Polar Point Puffins",
            "Rimefield Owls",
            "Snowmantle Stags",
        ],
    },
    Competition {
        key: "southern_isles_cup",
        name: "Southern Isles Cup",
        game: Game::Football,
        teams: [
            "Atoll Bay",
            "Breakwater",
            "Coralhaven",
            "Driftwood Albion",
            "Emberquay",
            "Farlight Isle",
            "Gullwing",
            "Highcliff Harbour",
            "Islemouth",
            "Jettyside",
            "Keelbourne",
            "Lagoon Athletic",
            "Mistral Point",
            "Palmhaven",
            "Reefside United",
            "Sandbar Rovers",
        ],
    },
    Competition {
        key: "harbour_basketball",
        name: "Harbour Basketball Association",
        game: Game::Basketball,
        teams: [
            "Anchor Point Tides",
            "Beacon Hill Keepers",
            "Causeway Cranes",
            "Docklands Stevedores",
            "Eastpier Gulls",
            "Fogbank Sirens",
            "Gantry Steel",
            "Halyard Sails",
            "Inlet City Otters",
            "Kingswharf Barons",
            "Longshore Waves",
            "Mooring Bay Buoys",
            "Northquay Navigators",
            "Outer Banks Pilots",
            "Portside Pelicans",
            "Quayside Cutters",
        ],
    },
];

/// What happens to a game before it starts. Times are seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Played as listed.
    Plain,
    /// The start moves by so many seconds.
    Moved { known_at: i64, by: i64 },
    /// Put off without a date, then played a day later.
    Postponed { known_at: i64, rescheduled_at: i64 },
    /// Never played.
    Cancelled { known_at: i64 },
}

/// One game: the same for ever, whenever it is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fixture {
    /// Position in [`COMPETITIONS`].
    pub(super) competition: usize,
    /// Counts the games of its competition since 1970.
    pub(super) number: i64,
    /// All chance about this game.
    pub(super) dice: Dice,
    /// The start as first listed.
    pub(super) listed_start: i64,
    pub(super) fate: Fate,
    pub(super) home: &'static str,
    pub(super) away: &'static str,
    /// The expected margin when it is first listed.
    pub(super) margin: f64,
    /// The expected total when it is first listed.
    pub(super) total: f64,
}

impl Fixture {
    /// The game with a number.
    pub(super) fn new(seed: u64, competition: usize, number: i64) -> Option<Self> {
        let known = COMPETITIONS.get(competition)?;
        let league = Dice::new(seed)
            .on(Topic::Competition)
            .about(i64::try_from(competition).ok()?);
        let dice = league.on(Topic::Game).about(number);
        let jitter = 5 * MINUTE * dice.on(Topic::Start).between(-2, 2);
        let listed_start = (first_start(competition) + number * INTERVAL + jitter).div_euclid(5 * MINUTE) * 5 * MINUTE;
        let (home, away) = pairing(league, number);
        let rules = known.game.rules();
        let strength = |team: usize| league.on(Topic::Strength).about(team_number(team)).normal() * rules.strength;
        Some(Self {
            competition,
            number,
            dice,
            listed_start,
            fate: fate(dice.on(Topic::Fate), listed_start),
            home: known.teams.get(home)?,
            away: known.teams.get(away)?,
            margin: rules.home_edge + strength(home) - strength(away),
            total: rules.total + dice.on(Topic::Total).normal() * rules.total_range,
        })
    }

    /// The feed's identifier.
    pub(super) fn id(&self) -> String {
        format!("demo-{:016x}", self.dice.bits())
    }

    pub(super) fn game(&self) -> Game {
        COMPETITIONS
            .get(self.competition)
            .map_or(Game::Football, |competition| competition.game)
    }

    /// The start as known at a moment.
    pub(super) const fn start_known(&self, at: i64) -> i64 {
        match self.fate {
            Fate::Moved { known_at, by } if at >= known_at => self.listed_start + by,
            Fate::Postponed { rescheduled_at, .. } if at >= rescheduled_at => self.listed_start + DAY,
            _ => self.listed_start,
        }
    }

    /// When it really starts; a cancelled game never does.
    pub(super) const fn start(&self) -> Option<i64> {
        match self.fate {
            Fate::Plain => Some(self.listed_start),
            Fate::Moved { by, .. } => Some(self.listed_start + by),
            Fate::Postponed { .. } => Some(self.listed_start + DAY),
            Fate::Cancelled { .. } => None,
        }
    }

    /// Where it is in its life at a moment, given when it ends.
    pub(super) const fn status(&self, at: i64, end: i64) -> EventStatus {
        match self.fate {
            Fate::Cancelled { known_at } if at >= known_at => return EventStatus::Cancelled,
            Fate::Postponed {
                known_at,
                rescheduled_at,
            } if at >= known_at && at < rescheduled_at => {
                return EventStatus::Postponed;
            }
            _ => {}
        }
        match self.start() {
            Some(start) if at >= start => {
                if at >= end {
                    EventStatus::Final
                } else {
                    EventStatus::Live
                }
            }
            _ => EventStatus::Scheduled,
        }
    }
}

/// The games of a competition whose listed start lies in a span of time, in order.
pub(super) fn fixtures(seed: u64, competition: usize, from: i64, until: i64) -> impl Iterator<Item = Fixture> {
    (number_at(competition, from) - 1..=number_at(competition, until) + 1)
        .filter_map(move |number| Fixture::new(seed, competition, number))
        .filter(move |fixture| (from..=until).contains(&fixture.listed_start))
}

/// The number of the last game of a competition that was due to start by a moment, jitter aside.
pub(super) fn number_at(competition: usize, at: i64) -> i64 {
    (at - first_start(competition)).div_euclid(INTERVAL)
}

fn first_start(competition: usize) -> i64 {
    team_number(competition) * INTERVAL / team_number(COMPETITIONS.len())
}

fn team_number(team: usize) -> i64 {
    i64::try_from(team).unwrap_or_default()
}

/// Who plays in a game, home first, as positions of teams: rounds by the circle method, over teams shuffled by the seed.
/// A team then plays every eighth game of its competition, give or take one, and never twice at once.
fn pairing(league: Dice, number: i64) -> (usize, usize) {
    let circle = team_number(TEAMS) - 1;
    let (round, seat) = (number.div_euclid(ROUND), number.rem_euclid(ROUND));
    let first = (round + seat).rem_euclid(circle);
    let second = if seat == 0 {
        circle
    } else {
        (round - seat).rem_euclid(circle)
    };
    let mut order: Vec<usize> = (0..TEAMS).collect();
    order.sort_by_key(|team| league.on(Topic::Order).about(team_number(*team)).bits());
    let team = |place: i64| {
        usize::try_from(place)
            .ok()
            .and_then(|place| order.get(place))
            .copied()
            .unwrap_or_default()
    };
    if (round.div_euclid(circle) + round + seat).rem_euclid(2) == 0 {
        (team(first), team(second))
    } else {
        (team(second), team(first))
    }
}

/// One game in sixty is postponed by a day, one in 150 cancelled, one in twelve moves by minutes.
fn fate(dice: Dice, listed_start: i64) -> Fate {
    let kind = dice.about(0).unit();
    if kind < 1.0 / 60.0 {
        let known_at = listed_start - dice.about(1).between(3 * HOUR, 8 * HOUR);
        Fate::Postponed {
            known_at,
            rescheduled_at: known_at + dice.about(2).between(HOUR, 3 * HOUR),
        }
    } else if kind < 1.0 / 60.0 + 1.0 / 150.0 {
        Fate::Cancelled {
            known_at: listed_start - dice.about(1).between(2 * HOUR, 6 * HOUR),
        }
    } else if kind < 1.0 / 60.0 + 1.0 / 150.0 + 1.0 / 12.0 {
        if dice.about(1).chance(0.25) {
            Fate::Moved {
                known_at: listed_start - 6 * HOUR,
                by: -5 * MINUTE * dice.about(2).between(1, 4),
            }
        } else {
            let known_at = listed_start - dice.about(3).between(20 * MINUTE, 2 * HOUR);
            Fate::Moved {
                known_at,
                by: 5 * MINUTE * dice.about(2).between(1, 6),
            }
        }
    } else {
        Fate::Plain
    }
}
