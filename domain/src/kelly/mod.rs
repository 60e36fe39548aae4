//! Kelly: the shares of a bankroll whose expected logarithm grows fastest.
//!
//! J. L. Kelly, A new interpretation of information rate, Bell System Technical Journal 35 (1956). [`single`] is for a bet by
//! itself; [`exclusive`] for outcomes of one market, of which at most one wins; [`simultaneous`] for independent bets that are
//! open together, where taking each by itself would stake too much.
//!
//! Full Kelly trusts the probabilities completely. [`Limits`] holds what tempers it: a fraction, and caps on each bet, on groups
//! of bets that may fail together, and on all of them.

mod exclusive;
mod limits;
mod optimum;
mod rounding;
mod simultaneous;

pub use exclusive::exclusive;
pub use limits::{Group, Limits};
pub use rounding::round_stakes;
pub use simultaneous::{MAX_STATES, simultaneous};

use crate::{Price, Probability};

/// A bet that might be made: what one believes of it, and what it pays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prospect {
    win: f64,
    push: f64,
    net: f64,
}

/// Why there are no Kelly stakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KellyError {
    /// A decimal price of one or less, infinite or not a number.
    #[error("a decimal price must be above 1")]
    NotAPrice,
    /// A push below zero or not a number, or no room left for a loss: a bet that can't lose has no Kelly stake.
    #[error("the probabilities of a win and a push must leave some for a loss")]
    CannotLose,
    /// The outcomes of one market win with more than certainty together.
    #[error("the probabilities of one market's outcomes must not sum to more than 1")]
    MoreThanCertain,
    /// The outcomes of one market push together or not at all.
    #[error("the outcomes of one market must have the same probability of a push")]
    PushesDiffer,
    /// More combined results than [`MAX_STATES`].
    #[error("too many bets at once to weigh all their results")]
    TooManyBets,
    /// A fraction or cap that is not above 0 and at most 1.
    #[error("a fraction of Kelly and a cap are above 0 and at most 1")]
    LimitOutOfRange,
    /// A group names a bet that is not there.
    #[error("a group names a bet that is not there")]
    NoSuchBet,
    /// There is not one share for each stake, or a share that is none.
    #[error("shares of the bankroll are at least 0, and at most 1 together")]
    NotShares,
    /// The bankroll or step is zero or less.
    #[error("the bankroll and the step must be above zero")]
    NotPositive,
    /// The search ended without fulfilling the conditions of an optimum. Known to happen for no bets.
    #[error("no optimum was found")]
    Unsettled,
}

/// Shares of the bankroll, and how fast it grows with them.
#[derive(Clone, Debug, PartialEq)]
pub struct Sizing {
    /// The share to stake on each bet, in the order given.
    pub shares: Vec<f64>,
    /// The expected logarithm of the bankroll's growth with these shares.
    pub growth: f64,
}

impl Prospect {
    /// A bet that wins with the probability `win` and otherwise loses.
    pub fn new(win: Probability, price: Price) -> Self {
        Self {
            win: win.get(),
            push: 0.0,
            net: price.as_f64() - 1.0,
        }
    }

    /// As [`Prospect::new`], at a decimal price that may be net of commission.
    ///
    /// # Errors
    /// [`KellyError::NotAPrice`] at one or less.
    pub fn at_decimal(win: Probability, decimal: f64) -> Result<Self, KellyError> {
        if decimal > 1.0 && decimal.is_finite() {
            Ok(Self {
                win: win.get(),
                push: 0.0,
                net: decimal - 1.0,
            })
        } else {
            Err(KellyError::NotAPrice)
        }
    }

    /// The same bet, returned with the probability `push`; the rest of what is no win is a loss.
    ///
    /// # Errors
    /// [`KellyError::CannotLose`] where none is left, or for a negative push.
    pub fn with_push(self, push: f64) -> Result<Self, KellyError> {
        if push >= 0.0 && self.win + push < 1.0 {
            Ok(Self { push, ..self })
        } else {
            Err(KellyError::CannotLose)
        }
    }

    /// The probability of a loss.
    fn lose(&self) -> f64 {
        1.0 - self.win - self.push
    }

    /// What one unit staked earns on average.
    pub fn edge(&self) -> f64 {
        self.win * self.net - self.lose()
    }

    /// The results with their probabilities and what one unit staked earns in each.
    fn results(&self) -> impl Iterator<Item = (f64, f64)> + Clone {
        let push = (self.push > 0.0).then_some((self.push, 0.0));
        [(self.win, self.net), (self.lose(), -1.0)].into_iter().chain(push)
    }
}

/// The Kelly share of one bet by itself: (p b - l) / (b (p + l)) with the net price b, the win p and the loss l; zero without
/// an edge.
///
/// ```
/// use domain::{Probability, kelly::{Prospect, single}};
/// let bet = Prospect::new(Probability::new(0.50).unwrap(), "1.95".parse().unwrap());
/// assert_eq!(single(&bet), 0.0);
/// // A whole line that pushes with 6 % has an edge.
/// assert!((single(&bet.with_push(0.06).unwrap()) - 0.0392).abs() < 5e-5);
/// ```
pub fn single(prospect: &Prospect) -> f64 {
    let decided = prospect.win + prospect.lose();
    (prospect.edge() / (prospect.net * decided)).max(0.0)
}

/// The expected logarithm of the bankroll's growth when a share is staked on one bet; minus infinity when a loss takes all.
///
/// ```
/// use domain::{Probability, kelly::{Prospect, growth, single}};
/// let bet = Prospect::new(Probability::new(0.55).unwrap(), "2.1".parse().unwrap());
/// let half_kelly = 0.5 * single(&bet);
/// assert!((growth(&bet, half_kelly) - 0.008_177).abs() < 1e-6);
/// ```
pub fn growth(prospect: &Prospect, share: f64) -> f64 {
    prospect
        .results()
        .map(|(probability, earned)| probability * (share * earned).ln_1p())
        .sum()
}
