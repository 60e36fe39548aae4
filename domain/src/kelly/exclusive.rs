//! Outcomes of one market, of which at most one wins.

use super::optimum::{States, optimum};
use super::{KellyError, Limits, Prospect, Sizing};

/// The most outcomes that caps are kept for: nothing clever where nobody waits.
const MAX_OUTCOMES: usize = 100;

/// The shares of the bankroll on outcomes that exclude each other, of one market.
///
/// Outcomes are taken in the order of what they return, while that is more than the reserve: what is left of the bankroll if
/// none of those taken wins. So a bet without an edge of its own may be worth it beside others. P. Smoczynski, D. Tomkins, An
/// explicit solution to the problem of optimizing the allocations of a bettor's wealth when wagering on horse races,
/// Mathematical Scientist 35 (2010). A push returns all stakes and changes nothing: probabilities are those without it.
///
/// Probabilities may sum to less than one: then something else may win. They may not sum to more.
///
/// ```
/// use domain::{Probability, kelly::{Limits, Prospect, exclusive}};
/// let bet = |win, price: &str| Prospect::new(Probability::new(win).unwrap(), price.parse().unwrap());
/// let sizing = exclusive(&[bet(0.5, "2.2"), bet(0.3, "3.6"), bet(0.2, "3.0")], &Limits::default()).unwrap();
/// assert!((sizing.shares[0] - 0.160_38).abs() < 5e-6);
/// assert!((sizing.shares[1] - 0.092_45).abs() < 5e-6);
/// assert_eq!(sizing.shares[2], 0.0);
/// ```
///
/// # Errors
/// [`KellyError`] for probabilities that can't be those of one market, and for limits that are none.
pub fn exclusive(prospects: &[Prospect], limits: &Limits) -> Result<Sizing, KellyError> {
    limits.check(prospects.len())?;
    let Some(push) = prospects.first().map(|first| first.push) else {
        return Ok(Sizing {
            shares: Vec::new(),
            growth: 0.0,
        });
    };
    if prospects
        .iter()
        .any(|prospect| (prospect.push - push).abs() > TOLERANCE)
    {
        return Err(KellyError::PushesDiffer);
    }
    if prospects.iter().map(|prospect| prospect.win).sum::<f64>() + push > 1.0 + TOLERANCE {
        return Err(KellyError::MoreThanCertain);
    }
    // Probabilities and gross returns if there is no push.
    let decided: Vec<(f64, f64)> = prospects
        .iter()
        .map(|prospect| (prospect.win / (1.0 - push), prospect.net + 1.0))
        .collect();
    let states = states(&decided);
    let everyone: Vec<usize> = (0..prospects.len()).collect();
    let caps = limits.full_kelly_caps(&everyone);
    let mut full = unlimited(&decided);
    if caps.iter().any(|cap| cap.is_broken_by(&full)) {
        if prospects.len() > MAX_OUTCOMES {
            return Err(KellyError::TooManyBets);
        }
        full = optimum(&states, &caps)?;
    }
    let shares: Vec<f64> = full.iter().map(|share| share * limits.fraction).collect();
    Ok(Sizing {
        growth: (1.0 - push) * states.growth(&shares),
        shares,
    })
}

/// How far sums of probabilities may be off by rounding.
const TOLERANCE: f64 = 1e-9;

/// The shares without limits.
fn unlimited(decided: &[(f64, f64)]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..decided.len()).collect();
    let returned = |outcome: usize| decided[outcome].0 * decided[outcome].1;
    order.sort_by(|one, other| returned(*other).total_cmp(&returned(*one)));
    let (mut reserve, mut uncertain, mut unpaid) = (1.0, 1.0_f64, 1.0);
    for outcome in &order {
        if returned(*outcome) <= reserve {
            break;
        }
        // The rest of the probability, and of the price that certainty would cost.
        uncertain = (uncertain - decided[*outcome].0).max(0.0);
        unpaid -= 1.0 / decided[*outcome].1;
        reserve = uncertain / unpaid;
    }
    decided
        .iter()
        .map(|(win, gross)| (win - reserve / gross).max(0.0))
        .collect()
}

/// Each outcome wins, or none of them.
fn states(decided: &[(f64, f64)]) -> States {
    let mut states = States::of(decided.len());
    let mut earned = vec![-1.0; decided.len()];
    for (outcome, (win, gross)) in decided.iter().enumerate() {
        earned[outcome] = gross - 1.0;
        states.push(*win, &earned);
        earned[outcome] = -1.0;
    }
    let none_wins = 1.0 - decided.iter().map(|(win, _)| win).sum::<f64>();
    if none_wins > TOLERANCE {
        states.push(none_wins, &earned);
    }
    states
}
