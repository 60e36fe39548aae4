//! All methods side by side.

use super::{DevigError, DevigMethod, Devigged, devig};
use crate::Price;
use serde::{Deserialize, Serialize};

/// What the methods say of one market.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DevigSummary {
    /// Per outcome, in the order of the prices, over the methods that have an answer. Empty when none has.
    pub outcomes: Vec<Spread>,
    /// The answers.
    pub answers: Vec<Devigged>,
    /// The methods without an answer, and why.
    pub refusals: Vec<(DevigMethod, DevigError)>,
}

/// How far the methods agree on the fair probability of one outcome.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The least.
    pub minimum: f64,
    /// The mean.
    pub mean: f64,
    /// The median: of an even number, halfway between the middle two.
    pub median: f64,
    /// The greatest.
    pub maximum: f64,
}

/// Asks every method.
///
/// ```
/// use domain::{Price, devig::{DevigMethod, summarise}};
/// let prices = ["1.19", "7", "101"].map(|price| price.parse::<Price>().unwrap());
/// let summary = summarise(&prices, 1.0);
/// assert_eq!(summary.answers.len() + summary.refusals.len(), DevigMethod::ALL.len());
/// assert!(summary.outcomes[2].minimum < summary.outcomes[2].maximum);
/// ```
pub fn summarise(prices: &[Price], target: f64) -> DevigSummary {
    let (mut answers, mut refusals) = (Vec::new(), Vec::new());
    for method in DevigMethod::ALL {
        match devig(method, prices, target) {
            Ok(answer) => answers.push(answer),
            Err(refusal) => refusals.push((method, refusal)),
        }
    }
    let of_outcome = |outcome| {
        let mut said: Vec<f64> = answers
            .iter()
            .filter_map(|answer: &Devigged| answer.probabilities.get(outcome).copied())
            .map(f64::from)
            .collect();
        said.sort_by(f64::total_cmp);
        Spread::of(&said)
    };
    DevigSummary {
        outcomes: (0..prices.len()).filter_map(of_outcome).collect(),
        answers,
        refusals,
    }
}

impl Spread {
    /// Of numbers in ascending order; none of none.
    fn of(sorted: &[f64]) -> Option<Self> {
        let (half, is_odd) = (sorted.len() / 2, sorted.len() % 2 == 1);
        let upper = *sorted.get(half)?;
        Some(Self {
            minimum: *sorted.first()?,
            mean: sorted.iter().sum::<f64>() / sorted.len() as f64,
            median: if is_odd {
                upper
            } else {
                0.5 * (sorted.get(half - 1)? + upper)
            },
            maximum: *sorted.last()?,
        })
    }
}
