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

/// One linear condition: `sign` x the sum of some shares is at most `most`. Its multiplier is what growth would gain if the
/// condition gave way, and zero while it does not bind.
struct Condition<'a> {
    members: &'a [usize],
    sign: f64,
    most: f64,
    multiplier: f64,
}

impl Condition<'_> {
    /// By how much it is broken; below zero while there is room.
    fn excess(&self, shares: &[f64]) -> f64 {
        self.sign * self.members.iter().map(|member| shares[*member]).sum::<f64>() - self.most
    }

    /// Its pull with a penalty: what the multiplier would become.
    fn pull(&self, shares: &[f64], penalty: f64) -> f64 {
        (self.multiplier + penalty * self.excess(shares)).max(0.0)
    }
}

/// The shares, none below zero and every cap kept, with the greatest growth.
///
/// Growth is concave, so a point that fulfils the conditions of Karush, Kuhn and Tucker is the optimum; they are checked before
/// anything is answered. It is found by the method of multipliers (R. T. Rockafellar, A dual approach to solving nonlinear
/// programming problems by unconstrained optimization, Mathematical Programming 5, 1973) with Newton's method inside.
pub(super) fn optimum(states: &States, caps: &[Cap]) -> Result<Vec<f64>, KellyError> {
    let alone: Vec<usize> = (0..states.bets).collect();
    let not_negative = alone.chunks(1).map(|members| Condition {
        members,
        sign: -1.0,
        most: 0.0,
        multiplier: 0.0,
    });
    let capped = caps.iter().map(|cap| Condition {
        members: &cap.members,
        sign: 1.0,
        most: cap.most,
        multiplier: 0.0,
    });
    let mut conditions: Vec<_> = not_negative.chain(capped).collect();
    let mut shares = vec![0.0; states.bets];
    let (_, curvature) = states.slopes_and_curvature(&shares);
    let steepest = (0..states.bets)
        .map(|bet| curvature[bet * (states.bets + 1)])
        .fold(1.0, f64::max);
    let penalty = 1e3 * steepest;
    for _ in 0..MAX_ROUNDS {
        climb(states, &conditions, penalty, &mut shares);
        for condition in &mut conditions {
            condition.multiplier = condition.pull(&shares, penalty);
        }
        if is_optimum(states, &conditions, &shares, steepest) {
            return Ok(shares.into_iter().map(|share| share.max(0.0)).collect());
        }
    }
    Err(KellyError::Unsettled)
}

/// Each round brings the multipliers about three digits nearer.
const MAX_ROUNDS: u32 = 30;
const MAX_STEPS: u32 = 100;

/// Newton's method on growth less the penalties, each step halved until it gains.
fn climb(states: &States, conditions: &[Condition<'_>], penalty: f64, shares: &mut [f64]) {
    let penalised = |shares: &[f64]| {
        let cost: f64 = conditions
            .iter()
            .map(|condition| condition.pull(shares, penalty).powi(2))
            .sum();
        states.growth(shares) - 0.5 * cost / penalty
    };
    let bets = states.bets;
    let mut value = penalised(shares);
    for _ in 0..MAX_STEPS {
        let (mut slopes, mut curvature) = states.slopes_and_curvature(shares);
        for condition in conditions {
            let pull = condition.pull(shares, penalty);
            if pull > 0.0 {
                for (at, row) in condition.members.iter().enumerate() {
                    slopes[*row] -= condition.sign * pull;
                    for column in &condition.members[..=at] {
                        curvature[row * bets + column] += penalty;
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
fn is_optimum(states: &States, conditions: &[Condition<'_>], shares: &[f64], steepest: f64) -> bool {
    let (mut slopes, _) = states.slopes_and_curvature(shares);
    for condition in conditions {
        for member in condition.members {
            slopes[*member] -= condition.sign * condition.multiplier;
        }
    }
    let holds = |condition: &Condition<'_>| {
        let excess = condition.excess(shares);
        excess <= 1e-13 && (condition.multiplier * excess).abs() <= 1e-12
    };
    slopes.iter().all(|slope| slope.abs() <= 1e-11 * steepest) && conditions.iter().all(holds)
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
