//! The shares with the greatest expected logarithm of growth, under caps.

use super::KellyError;
use super::limits::Cap;

/// Everything that may happen: with what probability, and what one unit staked on each bet then earns.
pub(super) struct States {
    bets: usize,
    probabilities: Vec<f64>,
    /// State after state, a number for each bet.
    earned: Vec<f64>,
}

impl States {
    /// No state yet, of some bets.
    pub(super) fn of(bets: usize) -> Self {
        Self {
            bets,
            probabilities: Vec::new(),
            earned: Vec::new(),
        }
    }

    /// Adds a state.
    pub(super) fn push(&mut self, probability: f64, earned: &[f64]) {
        if probability > 0.0 {
            self.probabilities.push(probability);
            self.earned.extend_from_slice(earned);
        }
    }

    fn iter(&self) -> impl Iterator<Item = (f64, &[f64])> {
        self.probabilities
            .iter()
            .copied()
            .zip(self.earned.chunks_exact(self.bets))
    }

    /// The expected logarithm of growth: minus infinity where something that may happen takes all.
    pub(super) fn growth(&self, shares: &[f64]) -> f64 {
        let of_state = |(probability, earned): (f64, &[f64])| {
            let change = dot(earned, shares);
            if change > -1.0 {
                probability * change.ln_1p()
            } else {
                f64::NEG_INFINITY
            }
        };
        self.iter().map(of_state).sum()
    }

    /// The slopes of growth in each share, and its curvature: minus the matrix of second derivatives, row after row, of which
    /// only the lower triangle is filled.
    fn slopes_and_curvature(&self, shares: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let (mut slopes, mut curvature) = (vec![0.0; self.bets], vec![0.0; self.bets * self.bets]);
        for (probability, earned) in self.iter() {
            let wealth = 1.0 + dot(earned, shares);
            for (row, one) in earned.iter().enumerate() {
                let slope = probability * one / wealth;
                slopes[row] += slope;
                for (sum, other) in curvature[row * self.bets..].iter_mut().zip(&earned[..=row]) {
                    *sum += slope * other / wealth;
                }
            }
        }
        (slopes, curvature)
    }
}

/// One linear condition: `sign` x the sum of some shares is at most `most`.
struct Condition<'a> {
    members: &'a [usize],
    sign: f64,
    most: f64,
    /// What growth would gain if the condition gave way; zero while it does not bind.
    multiplier: f64,
    /// How steeply breaking it is punished.
    penalty: f64,
    /// By how much it was broken, and how much steeper that was punished than usual.
    last_excess: f64,
    severity: f64,
}

impl<'a> Condition<'a> {
    fn new(members: &'a [usize], sign: f64, most: f64) -> Self {
        Self {
            members,
            sign,
            most,
            multiplier: 0.0,
            penalty: 0.0,
            last_excess: f64::INFINITY,
            severity: 1.0,
        }
    }

    /// By how much it is broken; below zero while there is room.
    fn excess(&self, shares: &[f64]) -> f64 {
        self.sign * self.members.iter().map(|member| shares[*member]).sum::<f64>() - self.most
    }

    /// Its pull on each member: what the multiplier would become.
    fn pull(&self, shares: &[f64]) -> f64 {
        (self.multiplier + self.penalty * self.excess(shares)).max(0.0)
    }
}

/// The shares, none below zero and every cap kept, with the greatest growth.
///
/// Growth is concave, so a point that fulfils the conditions of Karush, Kuhn and Tucker is the optimum; they are checked before
/// anything is answered. It is found by the method of multipliers (R. T. Rockafellar, A dual approach to solving nonlinear
/// programming problems by unconstrained optimization, Mathematical Programming 5, 1973) with Newton's method inside.
pub(super) fn optimum(states: &States, caps: &[Cap]) -> Result<Vec<f64>, KellyError> {
    let alone: Vec<usize> = (0..states.bets).collect();
    let not_negative = alone.chunks(1).map(|members| Condition::new(members, -1.0, 0.0));
    let capped = caps.iter().map(|cap| Condition::new(&cap.members, 1.0, cap.most));
    let mut conditions: Vec<_> = not_negative.chain(capped).collect();
    let mut shares = start(states, caps);
    for _ in 0..MAX_ROUNDS {
        let (_, curvature) = states.slopes_and_curvature(&shares);
        for condition in &mut conditions {
            // A thousand times the curvature of growth across the condition, so that each round brings three digits. Where
            // other conditions stiffen it, it takes more.
            let excess = condition.excess(&shares);
            if excess > 0.1 * condition.last_excess {
                condition.severity *= 10.0;
            }
            condition.last_excess = if excess > 0.0 { excess } else { f64::INFINITY };
            let give: f64 = condition
                .members
                .iter()
                .map(|bet| 1.0 / curvature[bet * (states.bets + 1)])
                .sum();
            condition.penalty = 1e3 * condition.severity / give;
        }
        climb(states, &conditions, &mut shares);
        for condition in &mut conditions {
            condition.multiplier = condition.pull(&shares);
        }
        if is_optimum(states, &conditions, &shares) {
            return Ok(shares.into_iter().map(|share| share.max(0.0)).collect());
        }
    }
    Err(KellyError::Unsettled)
}

const MAX_ROUNDS: u32 = 30;
const MAX_STEPS: u32 = 100;

/// Shares that are of the right order and leave half of the bankroll and of every cap.
fn start(states: &States, caps: &[Cap]) -> Vec<f64> {
    let mut shares = vec![0.0; states.bets];
    for (probability, earned) in states.iter() {
        for (share, earned) in shares.iter_mut().zip(earned) {
            *share += if *earned > 0.0 {
                0.5 * probability / states.bets as f64
            } else {
                0.0
            };
        }
    }
    let of_cap = |cap: &Cap| 0.5 * cap.most / cap.members.iter().map(|bet| shares[*bet]).sum::<f64>();
    let scale = caps.iter().map(of_cap).fold(1.0, f64::min);
    shares.iter().map(|share| scale * share).collect()
}

/// Newton's method on growth less the penalties, each step halved until it gains.
fn climb(states: &States, conditions: &[Condition<'_>], shares: &mut [f64]) {
    let penalised = |shares: &[f64]| {
        let cost: f64 = conditions
            .iter()
            .map(|condition| condition.pull(shares).powi(2) / condition.penalty)
            .sum();
        states.growth(shares) - 0.5 * cost
    };
    let bets = states.bets;
    let mut value = penalised(shares);
    for _ in 0..MAX_STEPS {
        let (mut slopes, mut curvature) = states.slopes_and_curvature(shares);
        for condition in conditions {
            let pull = condition.pull(shares);
            if pull > 0.0 {
                for (at, row) in condition.members.iter().enumerate() {
                    slopes[*row] -= condition.sign * pull;
                    for column in &condition.members[..=at] {
                        curvature[row * bets + column] += condition.penalty;
                    }
                }
            }
        }
        let Some(step) = solve(curvature, &slopes, bets) else {
            return;
        };
        let gain = dot(&step, &slopes);
        let mut scale = 1.0;
        let (next, next_value) = loop {
            let next: Vec<f64> = shares
                .iter()
                .zip(&step)
                .map(|(share, step)| share + scale * step)
                .collect();
            let next_value = penalised(&next);
            // Near the top a gain is lost in the rounding of many results, and there whole steps are right.
            if next_value >= value + 0.1 * scale * gain - 1e-13 {
                break (next, next_value);
            }
            scale *= 0.5;
            if scale < 1e-12 {
                return;
            }
        };
        shares.copy_from_slice(&next);
        value = next_value;
        // The next step would be of the order of this one's square.
        if gain <= 1e-20 {
            return;
        }
    }
}

/// Whether growth has no slope left but what the conditions hold against, none is broken, and none holds that does not bind.
fn is_optimum(states: &States, conditions: &[Condition<'_>], shares: &[f64]) -> bool {
    let (mut slopes, curvature) = states.slopes_and_curvature(shares);
    let mut held = vec![0.0; states.bets];
    for condition in conditions {
        for member in condition.members {
            slopes[*member] -= condition.sign * condition.multiplier;
            held[*member] += condition.multiplier;
        }
    }
    // A slope is small beside the root of the curvature: its square over that is the growth it could still bring. What is left
    // of large numbers that cancel is rounding.
    let is_level = |bet: usize| {
        let tolerance = 1e-11 * curvature[bet * (states.bets + 1)].sqrt() + 1e-14 * held[bet];
        slopes[bet].abs() <= tolerance
    };
    let holds = |condition: &Condition<'_>| {
        let excess = condition.excess(shares);
        excess <= 1e-13 && (condition.multiplier * excess).abs() <= 1e-12
    };
    (0..states.bets).all(is_level) && conditions.iter().all(holds)
}

/// Solves a symmetric positive definite system, of whose matrix the lower triangle is given, by Cholesky's method.
fn solve(mut matrix: Vec<f64>, right: &[f64], size: usize) -> Option<Vec<f64>> {
    let at = |row: usize, column: usize| row * size + column;
    for row in 0..size {
        for column in 0..=row {
            let known: f64 = (0..column).map(|k| matrix[at(row, k)] * matrix[at(column, k)]).sum();
            let rest = matrix[at(row, column)] - known;
            matrix[at(row, column)] = if row > column {
                rest / matrix[at(column, column)]
            } else {
                // Bets of which one is worth the others together leave nothing here: a little keeps the step finite.
                rest.max(1e-13 * matrix[at(row, row)]).sqrt()
            };
        }
        if !(matrix[at(row, row)] > 0.0 && matrix[at(row, row)].is_finite()) {
            return None;
        }
    }
    let mut solution = right.to_vec();
    for row in 0..size {
        let known: f64 = (0..row).map(|k| matrix[at(row, k)] * solution[k]).sum();
        solution[row] = (solution[row] - known) / matrix[at(row, row)];
    }
    for row in (0..size).rev() {
        let known: f64 = (row + 1..size).map(|k| matrix[at(k, row)] * solution[k]).sum();
        solution[row] = (solution[row] - known) / matrix[at(row, row)];
    }
    Some(solution)
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}
