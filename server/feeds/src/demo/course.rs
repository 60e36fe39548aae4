//! How a game goes: the news before it, and the score through it.

use super::dice::{Dice, Topic};
use super::world::{DAY, Fixture, Game, HOUR, LISTED, MINUTE};

/// A piece of news: what is expected changes at a moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct News {
    /// When it is known to those who know first.
    pub(super) at: i64,
    pub(super) margin: f64,
    pub(super) total: f64,
}

/// What can be seen of a game in play.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    /// Goals, points or sets.
    pub(super) home: i32,
    pub(super) away: i32,
    /// Tennis: games in the set that is being played.
    pub(super) games: (i32, i32),
    /// After the regular time.
    pub(super) is_overtime: bool,
}

/// One game's whole course.
#[derive(Clone, Debug)]
pub(super) struct Course {
    /// What is told before the start, in order of time.
    pub(super) news: Vec<News>,
    /// What the score was from when on; the first at the start.
    turns: Vec<(i64, State)>,
    /// When the regular time ends.
    regular_end: i64,
    /// When it ends.
    pub(super) end: i64,
}

/// The length of the steps in which news may come.
const NEWS_STEP: i64 = 15 * MINUTE;

impl Course {
    pub(super) fn new(fixture: &Fixture) -> Self {
        let start = fixture.start().unwrap_or(fixture.listed_start);
        let news = news(fixture, start);
        let margin = fixture.margin + news.iter().map(|item| item.margin).sum::<f64>();
        let total = fixture.total + news.iter().map(|item| item.total).sum::<f64>();
        let dice = fixture.dice.on(Topic::Course);
        let play = match fixture.game() {
            Game::Tennis => tennis(dice, margin),
            game => team_sport(game, dice, margin, total),
        };
        let turns = play
            .turns
            .into_iter()
            .map(|(after, state)| (start + after, state))
            .collect();
        Self {
            news,
            turns,
            regular_end: start + play.regular_length,
            end: start + play.length,
        }
    }

    /// What can be seen at a moment.
    pub(super) fn state(&self, at: i64) -> State {
        let passed = self.turns.partition_point(|(since, _)| *since <= at);
        passed
            .checked_sub(1)
            .and_then(|last| self.turns.get(last))
            .map(|(_, state)| *state)
            .unwrap_or_default()
    }

    /// The last moment, up to this one, at which the score changed.
    pub(super) fn last_turn(&self, at: i64) -> Option<i64> {
        let passed = self.turns.partition_point(|(since, _)| *since <= at);
        passed
            .checked_sub(1)
            .filter(|last| *last > 0)
            .and_then(|last| self.turns.get(last))
            .map(|(since, _)| *since)
    }

    /// The share of the regular time that is still to be played.
    pub(super) fn remaining(&self, at: i64) -> f64 {
        let Some(&(start, _)) = self.turns.first() else {
            return 1.0;
        };
        let elapsed = (at - start) as f64 / (self.regular_end - start).max(1) as f64;
        1.0 - played(elapsed)
    }
}

/// The share of the playing time that is over when this share of the whole time is: there is a break in the middle.
fn played(elapsed: f64) -> f64 {
    if elapsed < 0.44 {
        (elapsed / 0.44 * 0.5).max(0.0)
    } else if elapsed < 0.55 {
        0.5
    } else {
        (0.5 + (elapsed - 0.55) / 0.45 * 0.5).min(1.0)
    }
}

/// The share of the whole time that is over when this share of the playing time is: the inverse of [`played`].
fn elapsed(played: f64) -> f64 {
    if played <= 0.5 {
        played / 0.5 * 0.44
    } else {
        0.55 + (played - 0.5) / 0.5 * 0.45
    }
}

fn news(fixture: &Fixture, start: i64) -> Vec<News> {
    let rules = fixture.game().rules();
    let dice = fixture.dice.on(Topic::News);
    let opening = fixture.listed_start - LISTED;
    let steps = (start.min(fixture.listed_start + DAY) - opening) / NEWS_STEP;
    let item = |step: i64| {
        let dice = dice.about(step);
        let begins = opening + step * NEWS_STEP;
        let chance = match start - begins {
            left if left > DAY => 0.06,
            left if left > 6 * HOUR => 0.12,
            _ => 0.30,
        };
        let size = |dice: Dice| {
            let sign = if dice.about(0).chance(0.5) { 1.0 } else { -1.0 };
            sign * (0.3 - 0.6 * dice.about(1).unit().max(0.01).ln())
        };
        dice.about(0).chance(chance).then(|| News {
            at: begins + dice.about(1).between(0, NEWS_STEP - 1),
            margin: size(dice.about(2)) * rules.margin_unit,
            total: size(dice.about(3)) * rules.total_unit,
        })
    };
    (0..steps).filter_map(item).collect()
}

/// The score of a game by seconds since its start.
struct Play {
    turns: Vec<(i64, State)>,
    regular_length: i64,
    length: i64,
}

/// How a side scores: in each of so many equal steps it gains one of the given numbers of points, or nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scoring {
    /// Steps in the regular time.
    pub(super) steps: i32,
    /// Points, and how often they are what a scoring step brings.
    pub(super) points: [(i32, f64); 2],
}

impl Scoring {
    pub(super) const fn of(game: Game) -> Self {
        match game {
            Game::Football | Game::Tennis => Self {
                steps: 90,
                points: [(1, 1.0), (0, 0.0)],
            },
            Game::IceHockey => Self {
                steps: 120,
                points: [(1, 1.0), (0, 0.0)],
            },
            Game::Basketball => Self {
                steps: 96,
                points: [(2, 0.8), (3, 0.2)],
            },
            Game::AmericanFootball => Self {
                steps: 12,
                points: [(7, 0.55), (3, 0.45)],
            },
        }
    }

    /// What a scoring step brings, squared or not, on average.
    pub(super) fn moment(self, power: i32) -> f64 {
        self.points
            .iter()
            .map(|(points, share)| f64::from(*points).powi(power) * share)
            .sum()
    }

    fn draw(self, dice: Dice, expected: f64) -> i32 {
        let chance = expected / f64::from(self.steps) / self.moment(1);
        if !dice.about(0).chance(chance) {
            0
        } else if dice.about(1).chance(self.points[0].1) {
            self.points[0].0
        } else {
            self.points[1].0
        }
    }
}

/// What each side may expect to score: never nothing.
pub(super) fn expected_scores(margin: f64, total: f64) -> (f64, f64) {
    let least = total * 0.08;
    (
        f64::midpoint(total, margin).max(least),
        f64::midpoint(total, -margin).max(least),
    )
}

fn team_sport(game: Game, dice: Dice, margin: f64, total: f64) -> Play {
    let scoring = Scoring::of(game);
    let regular_length = game.rules().length;
    let (home, away) = expected_scores(margin, total);
    let mut state = State::default();
    let mut turns = vec![(0, state)];
    for step in 0..scoring.steps {
        let dice = dice.about(i64::from(step));
        let mut sides = [
            (dice.about(2).unit(), home, dice.about(0), true),
            (dice.about(3).unit(), away, dice.about(1), false),
        ];
        sides.sort_by(|left, right| left.0.total_cmp(&right.0));
        for (when, expected, dice, is_home) in sides {
            let points = scoring.draw(dice, expected);
            if points > 0 {
                *(if is_home { &mut state.home } else { &mut state.away }) += points;
                let share = elapsed((f64::from(step) + when) / f64::from(scoring.steps));
                turns.push((super::dice::whole(share * regular_length as f64), state));
            }
        }
    }
    let mut length = regular_length;
    if state.home == state.away && game != Game::Football {
        let dice = dice.about(-1);
        state.is_overtime = true;
        turns.push((regular_length, state));
        length += dice.about(0).between(3 * MINUTE, 14 * MINUTE);
        let wins_home = dice.about(1).chance(overtime_chance(margin, total));
        *(if wins_home { &mut state.home } else { &mut state.away }) += overtime_points(game);
        turns.push((length, state));
    }
    Play {
        turns,
        regular_length,
        length,
    }
}

/// The chance that the home side wins what the regular time left open.
pub(super) fn overtime_chance(margin: f64, total: f64) -> f64 {
    (0.5 + 0.5 * margin / total.max(1.0)).clamp(0.2, 0.8)
}

/// By how much overtime is won.
pub(super) const fn overtime_points(game: Game) -> i32 {
    match game {
        Game::Basketball => 4,
        Game::AmericanFootball => 3,
        Game::Football | Game::IceHockey | Game::Tennis => 1,
    }
}

/// Best of three sets, each game won with the same chance.
fn tennis(dice: Dice, margin: f64) -> Play {
    let chance = game_chance(margin);
    let mut state = State::default();
    let mut turns = vec![(0, state)];
    let mut after = 0;
    let mut number = 0;
    while state.home < 2 && state.away < 2 {
        let dice = dice.about(number);
        number += 1;
        after += dice.about(1).between(200, 420);
        let wins_home = dice.about(0).chance(chance);
        *(if wins_home {
            &mut state.games.0
        } else {
            &mut state.games.1
        }) += 1;
        if let Some(wins_home) = set_winner(state.games) {
            *(if wins_home { &mut state.home } else { &mut state.away }) += 1;
            state.games = (0, 0);
        }
        turns.push((after, state));
    }
    Play {
        turns,
        regular_length: after,
        length: after,
    }
}

/// The chance that the home player wins one game.
pub(super) fn game_chance(margin: f64) -> f64 {
    (0.5 + margin).clamp(0.3, 0.7)
}

/// Who has won a set with these games, true for home: six games and two ahead, or seven.
pub(super) fn set_winner((home, away): (i32, i32)) -> Option<bool> {
    let wins = |own: i32, other: i32| own >= 7 || (own >= 6 && own - other >= 2);
    if wins(home, away) {
        Some(true)
    } else if wins(away, home) {
        Some(false)
    } else {
        None
    }
}
