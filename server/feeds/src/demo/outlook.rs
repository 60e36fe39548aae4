//! What may be expected of a game: one distribution of the margin and one of the total, from which every market of the
//! game follows, so that moneyline, spread and total always agree.

use super::course::{Scoring, State, expected_scores, game_chance, overtime_chance, overtime_points, set_winner};
use super::world::Game;

/// The most goals of one side that are counted.
const GOALS: usize = 16;

/// How likely each value of a whole number is.
#[derive(Clone, Debug)]
pub(super) enum Law {
    /// Close to a normal distribution, for games of many points.
    Bell { mean: f64, deviation: f64 },
    /// The values from `first` on, with their probabilities.
    Table { first: i32, chances: Vec<f64> },
}

impl Law {
    pub(super) fn mean(&self) -> f64 {
        match self {
            Self::Bell { mean, .. } => *mean,
            Self::Table { first, chances } => (*first..)
                .zip(chances)
                .map(|(value, chance)| f64::from(value) * chance)
                .sum(),
        }
    }

    /// The probabilities above and below a whole or half number, given in hundredths.
    fn sides(&self, hundredths: i32) -> (f64, f64) {
        match self {
            Self::Bell { mean, deviation } => {
                let half_step = if hundredths % 100 == 0 { 0.5 } else { 0.0 };
                let at = f64::from(hundredths) / 100.0 - mean;
                (
                    1.0 - normal_cdf((at + half_step) / deviation),
                    normal_cdf((at - half_step) / deviation),
                )
            }
            Self::Table { first, chances } => {
                (*first..)
                    .zip(chances)
                    .fold((0.0, 0.0), |(above, below), (value, chance)| {
                        match (value * 100).cmp(&hundredths) {
                            std::cmp::Ordering::Greater => (above + chance, below),
                            std::cmp::Ordering::Less => (above, below + chance),
                            std::cmp::Ordering::Equal => (above, below),
                        }
                    })
            }
        }
    }

    /// The fair probability of ending above a number, given in hundredths, of a bet that is returned when it is hit;
    /// at a quarter half of the bet is on either neighbour.
    pub(super) fn fair_above(&self, hundredths: i32) -> f64 {
        let (above, below) = if hundredths % 50 == 0 {
            self.sides(hundredths)
        } else {
            let (low, high) = (self.sides(hundredths - 25), self.sides(hundredths + 25));
            (low.0 + high.0, low.1 + high.1)
        };
        if above + below > 0.0 {
            above / (above + below)
        } else {
            0.5
        }
    }

    /// The probabilities above, at and below 0.
    pub(super) fn three_way(&self) -> [f64; 3] {
        let (above, below) = self.sides(0);
        [above, (1.0 - above - below).max(0.0), below]
    }
}

/// What may be expected of a game.
#[derive(Clone, Debug)]
pub(super) struct Outlook {
    /// Home minus away as the sport counts the game.
    pub(super) margin: Law,
    /// Home plus away as the sport counts the game.
    pub(super) total: Law,
    /// Home minus away without overtime, where that is bet on and still open.
    pub(super) regular_margin: Option<Law>,
}

/// What may be expected when these were the margin and the total of a whole game, `remaining` of it is still to be
/// played, and it stands like this.
pub(super) fn outlook(game: Game, margin: f64, total: f64, remaining: f64, state: &State) -> Outlook {
    match game {
        Game::Tennis => tennis(game_chance(margin), state),
        _ if state.is_overtime => overtime(game, overtime_chance(margin, total), state),
        Game::Football | Game::IceHockey => goals(game, margin, total, remaining, state),
        Game::Basketball | Game::AmericanFootball => points(game, margin, total, remaining, state),
    }
}

fn points(game: Game, margin: f64, total: f64, remaining: f64, state: &State) -> Outlook {
    let scoring = Scoring::of(game);
    let (home, away) = expected_scores(margin, total);
    let variance = |expected: f64| {
        let step = expected / f64::from(scoring.steps);
        f64::from(scoring.steps) * (step * scoring.moment(2) / scoring.moment(1) - step * step)
    };
    let deviation = ((variance(home) + variance(away)) * remaining).sqrt().max(0.6);
    let bell = |now: i32, expected: f64| Law::Bell {
        mean: f64::from(now) + expected * remaining,
        deviation,
    };
    Outlook {
        margin: bell(state.home - state.away, home - away),
        total: bell(state.home + state.away, home + away),
        regular_margin: None,
    }
}

fn goals(game: Game, margin: f64, total: f64, remaining: f64, state: &State) -> Outlook {
    let (home, away) = expected_scores(margin, total);
    let (home, away) = (poisson(home * remaining), poisson(away * remaining));
    let mut margins = vec![0.0; 2 * GOALS + 1];
    let mut totals = vec![0.0; 2 * GOALS + 1];
    let mut regular = vec![0.0; 2 * GOALS + 1];
    let wins_home = overtime_chance(margin, total);
    let lead = state.home - state.away;
    for (home_goals, home_chance) in home.iter().enumerate() {
        for (away_goals, away_chance) in away.iter().enumerate() {
            let chance = home_chance * away_chance;
            let (difference, sum) = (GOALS + home_goals - away_goals, home_goals + away_goals);
            regular[difference] += chance;
            let is_level = i32::try_from(difference).is_ok_and(|d| d - GOALS_I32 + lead == 0);
            if game == Game::IceHockey && is_level {
                margins[(difference + 1).min(2 * GOALS)] += chance * wins_home;
                margins[difference.saturating_sub(1)] += chance * (1.0 - wins_home);
                totals[sum + 1] += chance;
            } else {
                margins[difference] += chance;
                totals[sum] += chance;
            }
        }
    }
    let table = |first: i32, chances: Vec<f64>| Law::Table { first, chances };
    Outlook {
        margin: table(lead - GOALS_I32, margins),
        total: table(state.home + state.away, totals),
        regular_margin: (game == Game::IceHockey).then(|| table(lead - GOALS_I32, regular)),
    }
}

/// [`GOALS`] as a score.
const GOALS_I32: i32 = 16;

/// The probabilities of no, one, two ... events, the last taking all that is left.
fn poisson(mean: f64) -> [f64; GOALS] {
    let mut chances = [0.0; GOALS];
    let mut chance = (-mean).exp();
    for (count, slot) in (1_i32..).zip(chances.iter_mut()) {
        *slot = chance;
        chance *= mean / f64::from(count);
    }
    let sum: f64 = chances.iter().sum();
    chances.map(|chance| chance / sum)
}

fn overtime(game: Game, wins_home: f64, state: &State) -> Outlook {
    let points = overtime_points(game);
    let mut chances = vec![0.0; usize::try_from(2 * points + 1).unwrap_or(1)];
    if let Some(first) = chances.first_mut() {
        *first = 1.0 - wins_home;
    }
    if let Some(last) = chances.last_mut() {
        *last = wins_home;
    }
    let total = state.home + state.away + points;
    Outlook {
        margin: Law::Table {
            first: -points,
            chances,
        },
        total: Law::Table {
            first: total,
            chances: vec![1.0],
        },
        regular_margin: None,
    }
}

/// Best of three sets: the set being played from its games, the others from nothing.
fn tennis(game_chance: f64, state: &State) -> Outlook {
    let this_set = set_chance(game_chance, state.games);
    let new_set = set_chance(game_chance, (0, 0));
    let mut margins = vec![0.0; 5];
    let mut totals = vec![0.0; 4];
    let mut end = |home: i32, away: i32, chance: f64| {
        if let Some(slot) = usize::try_from(home - away + 2).ok().and_then(|at| margins.get_mut(at)) {
            *slot += chance;
        }
        if let Some(slot) = usize::try_from(home + away).ok().and_then(|at| totals.get_mut(at)) {
            *slot += chance;
        }
    };
    let mut open = vec![(state.home, state.away, 1.0, this_set)];
    while let Some((home, away, chance, set)) = open.pop() {
        if home >= 2 || away >= 2 {
            end(home, away, chance);
        } else {
            open.push((home + 1, away, chance * set, new_set));
            open.push((home, away + 1, chance * (1.0 - set), new_set));
        }
    }
    Outlook {
        margin: Law::Table {
            first: -2,
            chances: margins,
        },
        total: Law::Table {
            first: 0,
            chances: totals,
        },
        regular_margin: None,
    }
}

/// The chance of winning a set from these games: backwards from its end, over the 8 x 8 scores it can have.
fn set_chance(game_chance: f64, (home, away): (i32, i32)) -> f64 {
    let mut chances = [[0.0_f64; 9]; 9];
    for own in (0_usize..=7).rev() {
        for other in (0_usize..=7).rev() {
            let score = (i32::try_from(own).unwrap_or(7), i32::try_from(other).unwrap_or(7));
            chances[own][other] = match set_winner(score) {
                Some(wins_home) => f64::from(u8::from(wins_home)),
                None => game_chance * chances[own + 1][other] + (1.0 - game_chance) * chances[own][other + 1],
            };
        }
    }
    let place = |games: i32| usize::try_from(games.clamp(0, 7)).unwrap_or_default();
    chances[place(home)][place(away)]
}

/// The distribution function of the standard normal distribution, to 1e-7 (Abramowitz and Stegun, 26.2.17).
fn normal_cdf(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * x.abs());
    let series =
        t * (0.319_381_530 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    let tail = (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt() * series;
    if x >= 0.0 { 1.0 - tail } else { tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_game_is_even_on_both_sides() {
        for game in [Game::Basketball, Game::AmericanFootball, Game::IceHockey, Game::Tennis] {
            let total = game.rules().total;
            let outlook = outlook(game, 0.0, total, 1.0, &State::default());
            assert!((outlook.margin.fair_above(0) - 0.5).abs() < 1e-6, "{game:?}");
        }
    }

    #[test]
    fn a_quarter_line_lies_between_its_neighbours() {
        let outlook = outlook(Game::Football, 0.4, 2.7, 1.0, &State::default());
        for line in [-75, -25, 25, 75, 125] {
            let [low, mid, high] = [line - 25, line, line + 25].map(|line| outlook.margin.fair_above(line));
            assert!(low > mid && mid > high, "{line}: {low} {mid} {high}");
        }
    }

    #[test]
    fn the_tables_sum_to_one() {
        let state = State {
            home: 2,
            away: 1,
            ..State::default()
        };
        for game in [Game::Football, Game::IceHockey] {
            let outlook = outlook(game, 0.4, game.rules().total, 0.4, &state);
            for law in [Some(outlook.margin), Some(outlook.total), outlook.regular_margin]
                .into_iter()
                .flatten()
            {
                let Law::Table { chances, .. } = law else {
                    panic!("a table")
                };
                assert!((chances.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn a_player_a_game_from_the_match_is_the_favourite() {
        let state = State {
            home: 1,
            away: 0,
            games: (5, 0),
            is_overtime: false,
        };
        assert!(outlook(Game::Tennis, 0.0, 0.0, 0.5, &state).margin.fair_above(0) > 0.98);
    }

    #[test]
    fn the_normal_distribution_has_its_known_values() {
        assert!((normal_cdf(0.0) - 0.5).abs() < 1e-7);
        assert!((normal_cdf(1.96) - 0.975_002_1).abs() < 1e-6);
        assert!((normal_cdf(-1.0) - 0.158_655_3).abs() < 1e-6);
    }
}
