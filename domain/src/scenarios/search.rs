//! The stakes whose worst case is best: first as real numbers, then in whole steps.

use super::simplex::maximise;
use std::collections::BinaryHeap;

/// How many boxes of stakes are looked into, times the legs: the more legs, the longer each takes. Boards of a few legs are
/// done after some dozens; only margins of a fraction of a percent over thousands of steps, and many legs with steps of a cent,
/// have more that might hold a rounding better by some cents.
const MAX_BOXES: usize = 12_000;
/// How far the walk from a rounding to better ones near it goes.
const MAX_WALK: usize = 50;
/// Two reals that differ by less than this part are the same.
const TOLERANCE: f64 = 1e-9;

/// Stakes to choose, in money of the base currency, so that the least of some sums is greatest.
pub(super) struct Problem {
    /// For each scenario what a unit staked on each leg brings there. Where a commission falls on net winnings, a scenario has
    /// a row with the commission and one without: the lesser is true.
    pub(super) rows: Vec<Vec<f64>>,
    /// What a unit staked on each leg takes of the budget.
    pub(super) costs: Vec<f64>,
    /// The budget.
    pub(super) budget: f64,
    /// What a step of each leg is worth.
    pub(super) steps: Vec<f64>,
    /// How much more than the rows say rounding may bring.
    pub(super) slack: f64,
}

impl Problem {
    /// The best stakes between given ones; `None` when the lower ones are beyond the budget.
    pub(super) fn relax(&self, lower: &[f64], upper: &[f64]) -> Option<Vec<f64>> {
        let at_lower = |row: &[f64]| -> f64 { row.iter().zip(lower).map(|(unit, stake)| unit * stake).sum() };
        let left = self.budget - at_lower(&self.costs);
        if left < -TOLERANCE * self.budget || self.rows.is_empty() {
            return None;
        }
        let sums: Vec<f64> = self.rows.iter().map(|row| at_lower(row)).collect();
        let base = sums.iter().copied().fold(f64::INFINITY, f64::min);
        // The first variable is by how much the least sum exceeds that of the lower stakes, the others by how much stakes do.
        let legs = self.costs.len();
        let over = |row: &[f64], first: f64| -> Vec<f64> { [first].into_iter().chain(row.iter().copied()).collect() };
        let negated = |row: &[f64]| -> Vec<f64> { row.iter().map(|unit| -unit).collect() };
        let mut constraints = Vec::with_capacity(self.rows.len() + legs + 1);
        for (row, sum) in self.rows.iter().zip(&sums) {
            constraints.push((over(&negated(row), 1.0), sum - base));
        }
        constraints.push((over(&self.costs, 0.0), left.max(0.0)));
        for leg in 0..legs {
            let mut row = vec![0.0; legs + 1];
            row[leg + 1] = 1.0;
            constraints.push((row, (upper[leg] - lower[leg]).max(0.0)));
        }
        let mut objective = vec![0.0; legs + 1];
        objective[0] = 1.0;
        let solution = maximise(&objective, &constraints)?;
        Some(
            lower
                .iter()
                .zip(&solution[1..])
                .map(|(lower, more)| lower + more)
                .collect(),
        )
    }

    /// The least sum that stakes bring.
    pub(super) fn least(&self, stakes: &[f64]) -> f64 {
        let sum = |row: &Vec<f64>| -> f64 { row.iter().zip(stakes).map(|(unit, stake)| unit * stake).sum() };
        self.rows.iter().map(sum).fold(f64::INFINITY, f64::min)
    }

    /// The best whole numbers of steps between `lower` and `upper`, judged by `value`: a worth to make great and, of equal
    /// ones, a second. `None` when `value` refuses every choice that was looked at.
    ///
    /// Branch and bound (Land and Doig, 1960): a box of stakes whose real optimum is no better than what was found is put
    /// aside; the most promising of the others is cut in two where its optimum is no whole number.
    pub(super) fn best_steps(
        &self,
        lower: Vec<i64>,
        upper: Vec<i64>,
        value: impl Fn(&[i64]) -> Option<(i64, i64)>,
    ) -> Option<Vec<i64>> {
        let mut best = Best {
            value,
            lower: &lower,
            upper: &upper,
            found: None,
        };
        best.improve(&lower);
        let mut open: BinaryHeap<OpenBox> = self.look_into(lower.clone(), upper.clone()).into_iter().collect();
        for _ in 0..MAX_BOXES / upper.len().max(1) {
            let Some(next) = open.pop().filter(|next| !best.is_at_least(next.bound)) else {
                break;
            };
            best.consider(next.in_steps.iter().map(|steps| whole(steps.floor())).collect());
            best.consider(next.in_steps.iter().map(|steps| whole(steps.round())).collect());
            let halves = next.cut().into_iter().flatten();
            open.extend(halves.filter_map(|(lower, upper)| self.look_into(lower, upper)));
        }
        best.found.map(|(_, steps)| steps)
    }

    fn look_into(&self, lower: Vec<i64>, upper: Vec<i64>) -> Option<OpenBox> {
        let money = |steps: &[i64]| -> Vec<f64> {
            steps
                .iter()
                .zip(&self.steps)
                .map(|(steps, worth)| *steps as f64 * worth)
                .collect()
        };
        let relaxed = self.relax(&money(&lower), &money(&upper))?;
        let least = self.least(&relaxed);
        let error = TOLERANCE + least.abs() * 1e-12 + self.budget * 1e-14;
        Some(OpenBox {
            bound: least + self.slack + error,
            in_steps: relaxed
                .iter()
                .zip(&self.steps)
                .map(|(stake, worth)| stake / worth)
                .collect(),
            lower,
            upper,
        })
    }
}

/// A box of stakes in steps, and the best real ones in it.
struct OpenBox {
    bound: f64,
    in_steps: Vec<f64>,
    lower: Vec<i64>,
    upper: Vec<i64>,
}

impl OpenBox {
    /// The box in two. Where its optimum is no whole number, that point is in neither; otherwise it is cut off, so that its
    /// neighbours get their turn: payouts are rounded, and the best real point need not be best. `None` for a single point.
    fn cut(self) -> Option<[(Vec<i64>, Vec<i64>); 2]> {
        let from_whole = |leg: &usize| (self.in_steps[*leg] - self.in_steps[*leg].round()).abs();
        let range = |leg: &usize| self.upper[*leg] - self.lower[*leg];
        let legs = || (0..self.lower.len()).filter(|leg| range(leg) > 0);
        let (leg, below) = legs()
            .max_by(|one, other| from_whole(one).total_cmp(&from_whole(other)))
            .filter(|leg| from_whole(leg) > 1e-7)
            .map(|broken| (broken, self.in_steps[broken].floor()))
            .or_else(|| {
                legs()
                    .max_by_key(range)
                    .map(|widest| (widest, self.in_steps[widest].round()))
            })?;
        let below = whole(below).clamp(self.lower[leg], self.upper[leg] - 1);
        let (mut upper, mut lower) = (self.upper.clone(), self.lower.clone());
        upper[leg] = below;
        lower[leg] = below + 1;
        Some([(self.lower, upper), (lower, self.upper)])
    }
}

impl Ord for OpenBox {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.bound.total_cmp(&other.bound)
    }
}

impl PartialOrd for OpenBox {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for OpenBox {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for OpenBox {}

/// The best stakes that were found so far.
struct Best<'a, F> {
    value: F,
    lower: &'a [i64],
    upper: &'a [i64],
    found: Option<((i64, i64), Vec<i64>)>,
}

impl<F: Fn(&[i64]) -> Option<(i64, i64)>> Best<'_, F> {
    /// True when nothing under a bound can be better.
    fn is_at_least(&self, bound: f64) -> bool {
        self.found
            .as_ref()
            .is_some_and(|((worth, _), _)| bound < *worth as f64 + 1.0)
    }

    /// Takes some stakes if they are better than what was found, and then walks a little uphill from them.
    fn consider(&mut self, mut steps: Vec<i64>) {
        for _ in 0..MAX_WALK {
            if !self.improve(&steps) {
                return;
            }
            let Some(better) = neighbours(&steps).find(|near| self.is_better(near)) else {
                return;
            };
            steps = better;
        }
    }

    fn is_better(&self, steps: &[i64]) -> bool {
        self.worth(steps)
            .is_some_and(|worth| self.found.as_ref().is_none_or(|(best, _)| worth > *best))
    }

    fn worth(&self, steps: &[i64]) -> Option<(i64, i64)> {
        let is_inside = steps
            .iter()
            .zip(self.lower.iter().zip(self.upper))
            .all(|(steps, (lower, upper))| lower <= steps && steps <= upper);
        if is_inside { (self.value)(steps) } else { None }
    }

    fn improve(&mut self, steps: &[i64]) -> bool {
        let better = self
            .worth(steps)
            .filter(|worth| self.found.as_ref().is_none_or(|(best, _)| worth > best));
        if let Some(worth) = better {
            self.found = Some((worth, steps.to_vec()));
        }
        better.is_some()
    }
}

/// All that differ by a step on one leg, or on two.
fn neighbours(steps: &[i64]) -> impl Iterator<Item = Vec<i64>> + '_ {
    let moved = |moves: &[(usize, i64)]| {
        let mut near = steps.to_vec();
        for (leg, by) in moves {
            near[*leg] += by;
        }
        near
    };
    let legs = steps.len();
    let singles = (0..legs).flat_map(move |leg| [-1, 1].map(|by| moved(&[(leg, by)])));
    let pairs = (0..legs).flat_map(move |one| {
        (one + 1..legs).flat_map(move |other| {
            [(-1, -1), (-1, 1), (1, -1), (1, 1)].map(|(by, by_other)| moved(&[(one, by), (other, by_other)]))
        })
    });
    singles.chain(pairs)
}

#[expect(clippy::cast_possible_truncation, reason = "a number of steps is at most MAX_STAKE")]
fn whole(steps: f64) -> i64 {
    steps as i64
}
