//! Devig: the fair probabilities behind a bookmaker's prices, by a named method.
//!
//! A method says how the overround is spread over the outcomes. Those that take more of it off long shots than off
//! favourites (all but the multiplicative) differ mostly there. None is the truth: [`summarise`] sets them side by side.
//!
//! Names mislead. Additive is also called "differential margin weighting" or "weights proportional to odds"; the odds ratio is
//! "logarithmic" in one library, and another calls power that. For two outcomes Shin and additive are the same.
//!
//! Where a method has no answer it says so by a [`DevigError`]; no probability is clamped, scaled or made up.
//!
//! **Target.** Fair probabilities sum to the number of outcomes that win: 1 in a match, 3 among the first three of a race.

mod bracket;
mod closed;
mod jensen_shannon;
mod lanes;
mod many;
mod odds_ratio;
mod one_sided;
mod power;
mod probit;
mod search;
mod shin;
mod summary;

pub use many::{Refused, devig_many};
pub use one_sided::{AssumedHold, HoldError, OneSided, devig_one_sided};
pub use summary::{DevigSummary, Spread, summarise};

use crate::{Price, Probability};
use serde::{Deserialize, Serialize};

/// How the overround is taken off. Below, i is an implied probability, p the fair one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DevigMethod {
    /// i = f p: every outcome carries the same share of the overround. The parameter is the factor f.
    Multiplicative,
    /// i = p + d: every outcome carries the same amount. The parameter is the amount d. Long shots may have no answer.
    Additive,
    /// p = i^k. The parameter is the exponent k. S. Clarke, S. Kovalchik, M. Ingram, Adjusting bookmaker's odds to allow for
    /// overround, American Journal of Sports Science 5 (2017).
    Power,
    /// The bookmaker guards its profit against a share z of insiders, who know what wins: z p + (1 - z) p^2 = i^2 T / S, where S
    /// is the implied sum and T the target. The parameter is z. H. S. Shin, Measuring the incidence of insider trading in a
    /// market for state-contingent claims, Economic Journal 103 (1993); for T other than one the same argument, with insiders
    /// who spread their stake over the T winners.
    Shin,
    /// i / (1 - i) = c p / (1 - p): the same shift of every logit. The parameter is the odds ratio c. K. Cheung, Fixed-odds
    /// betting and traditional odds (2015).
    OddsRatio,
    /// The same shift c of every normal quantile: q(i) = q(p) + c. The parameter is c.
    Probit,
    /// i = p + z (1 - p): a share z of insiders, and a bookmaker who wants no risk rather than most profit. The parameter is z.
    /// J. Fingleton, P. Waldron, Optimal determination of bookmakers' betting odds: theory and tests (1999). Long shots may have
    /// no answer.
    BalancedBook,
    /// i = p + s sqrt(1 - i): every outcome stands the same number of standard errors above its fair probability. The parameter
    /// is s. K. Goto, goto_conversion (2022), without its clamp: long shots may have no answer.
    Goto,
    /// The same Jensen-Shannon distance (natural logarithms) between "it wins" at i and at p for every outcome. The parameter is
    /// the distance. C. D. Long, as in the R package `implied`. Long shots may have no answer.
    JensenShannon,
}

impl DevigMethod {
    /// Every method, in the order a person picks from.
    pub const ALL: [Self; 9] = [
        Self::Multiplicative,
        Self::Additive,
        Self::Power,
        Self::Shin,
        Self::OddsRatio,
        Self::Probit,
        Self::BalancedBook,
        Self::Goto,
        Self::JensenShannon,
    ];

    /// The stored and JSON form.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Multiplicative => "multiplicative",
            Self::Additive => "additive",
            Self::Power => "power",
            Self::Shin => "shin",
            Self::OddsRatio => "odds_ratio",
            Self::Probit => "probit",
            Self::BalancedBook => "balanced_book",
            Self::Goto => "goto",
            Self::JensenShannon => "jensen_shannon",
        }
    }

    /// The method of a stored code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.code() == code)
    }

    /// As a person reads it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Multiplicative => "Multiplicative",
            Self::Additive => "Additive",
            Self::Power => "Power",
            Self::Shin => "Shin",
            Self::OddsRatio => "Odds ratio",
            Self::Probit => "Probit",
            Self::BalancedBook => "Balanced book",
            Self::Goto => "Goto",
            Self::JensenShannon => "Jensen-Shannon",
        }
    }

    /// What its parameter is.
    pub const fn parameter_name(self) -> &'static str {
        match self {
            Self::Multiplicative => "factor",
            Self::Additive => "amount per outcome",
            Self::Power => "exponent",
            Self::Shin | Self::BalancedBook => "share of insiders",
            Self::OddsRatio => "odds ratio",
            Self::Probit => "shift",
            Self::Goto => "standard errors",
            Self::JensenShannon => "distance",
        }
    }

    /// Whether the method reads the overround as a share of insiders or an exponent above one, which an implied sum below the
    /// target leaves without meaning.
    const fn needs_overround(self) -> bool {
        matches!(self, Self::Shin | Self::BalancedBook | Self::Power)
    }
}

/// Fair probabilities, how they were reckoned, and from how much overround.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Devigged {
    /// By which method.
    pub method: DevigMethod,
    /// In the order of the prices; they sum to the target.
    pub probabilities: Vec<Probability>,
    /// Implied sum / target - 1; below zero when the prices are an arbitrage.
    pub overround: f64,
    /// The method's own number; [`DevigMethod`] says what it is.
    pub parameter: f64,
    /// How many of the outcomes win.
    pub target: f64,
}

/// Why there are no fair probabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DevigError {
    /// One outcome or none.
    #[error("a market has at least two outcomes")]
    TooFewOutcomes,
    /// A price of one or less, infinite or not a number; counted from zero.
    #[error("outcome {} has no price above 1", .outcome + 1)]
    NotAPrice {
        /// Which outcome, counted from zero.
        outcome: usize,
    },
    /// Zero or less, or at least the number of outcomes.
    #[error("the number of winners must be above 0 and below the number of outcomes")]
    TargetOutOfRange,
    /// The implied sum is below the target: the prices are an arbitrage, and there is no overround to take off.
    #[error("the prices leave the bookmaker no margin, and this method needs one")]
    Underround,
    /// The method would give the outcome a probability of zero or less, or of one or more.
    #[error("the method leaves outcome {} no probability between 0 and 1", .outcome + 1)]
    NoProbability {
        /// Which outcome, counted from zero.
        outcome: usize,
    },
    /// There is not one place per outcome to write to.
    #[error("there must be one place for each outcome")]
    WrongLength,
    /// The search for the parameter did not end. Known to happen for no market.
    #[error("the method did not settle on an answer")]
    Unsettled,
}

/// The fair probabilities of a complete market.
///
/// ```
/// use domain::{Price, devig::{DevigMethod, devig}};
/// let prices = ["4.20", "3.70", "1.95"].map(|price| price.parse::<Price>().unwrap());
/// let shin = devig(DevigMethod::Shin, &prices, 1.0).unwrap();
/// assert!((shin.probabilities[2].get() - 0.504_853_54).abs() < 1e-8);
/// assert!((shin.parameter - 0.010_608_06).abs() < 1e-8);
/// ```
///
/// # Errors
/// [`DevigError`] says why there is no answer.
pub fn devig(method: DevigMethod, prices: &[Price], target: f64) -> Result<Devigged, DevigError> {
    let implied: Vec<f64> = prices.iter().map(|price| price.implied()).collect();
    devig_implied(method, &implied, target)
}

/// As [`devig`], from implied probabilities: one over a decimal price, which may be net of commission.
///
/// # Errors
/// [`DevigError`] says why there is no answer.
pub fn devig_implied(method: DevigMethod, implied: &[f64], target: f64) -> Result<Devigged, DevigError> {
    let mut fair = vec![f64::NAN; implied.len()];
    let parameter = devig_into(method, implied, target, &mut fair)?;
    let probability = |(outcome, fair)| Probability::new(fair).map_err(|_| DevigError::NoProbability { outcome });
    Ok(Devigged {
        method,
        probabilities: fair
            .into_iter()
            .enumerate()
            .map(probability)
            .collect::<Result<_, _>>()?,
        overround: implied.iter().sum::<f64>() / target - 1.0,
        parameter,
        target,
    })
}

/// As [`devig_implied`], without allocating: writes the fair probabilities, answers the parameter. After an error what was
/// written means nothing: it is NaN.
///
/// ```
/// use domain::devig::{DevigMethod, devig_into};
/// let mut fair = [0.0; 2];
/// let factor = devig_into(DevigMethod::Multiplicative, &[0.55, 0.5], 1.0, &mut fair).unwrap();
/// assert!((factor - 1.05).abs() < 1e-15 && (fair[0] - 0.55 / 1.05).abs() < 1e-15);
/// ```
///
/// # Errors
/// [`DevigError`] says why there is no answer.
#[inline]
pub fn devig_into(method: DevigMethod, implied: &[f64], target: f64, fair: &mut [f64]) -> Result<f64, DevigError> {
    let answer = Market::new(method, implied, target).and_then(|market| market.devig(method, fair));
    if answer.is_err() {
        fair.fill(f64::NAN);
    }
    answer
}

/// How far below the target, relative to it, an implied sum may lie by the rounding of prices alone: -110 / +110, which is
/// exactly fair, sums to 1 - 4e-7 in millionths. The limit is that of an arbitrage.
const ROUNDING: f64 = 0.5e-6;

/// A market as the methods see it: at least two outcomes, implied probabilities between 0 and 1, a target that can be met.
#[derive(Clone, Copy)]
struct Market<'a> {
    implied: &'a [f64],
    sum: f64,
    target: f64,
}

impl<'a> Market<'a> {
    #[inline]
    fn new(method: DevigMethod, implied: &'a [f64], target: f64) -> Result<Self, DevigError> {
        if implied.len() < 2 {
            return Err(DevigError::TooFewOutcomes);
        }
        // Written so that NaN fails.
        let is_possible = |implied: &f64| *implied > 0.0 && *implied < 1.0;
        if let Some(outcome) = implied.iter().position(|implied| !is_possible(implied)) {
            return Err(DevigError::NotAPrice { outcome });
        }
        if !(target > 0.0 && target < implied.len() as f64) {
            return Err(DevigError::TargetOutOfRange);
        }
        let sum: f64 = implied.iter().sum();
        if method.needs_overround() && sum < target * (1.0 - ROUNDING) {
            return Err(DevigError::Underround);
        }
        Ok(Self { implied, sum, target })
    }

    #[inline]
    fn devig(&self, method: DevigMethod, fair: &mut [f64]) -> Result<f64, DevigError> {
        if fair.len() != self.implied.len() {
            return Err(DevigError::WrongLength);
        }
        let parameter = match method {
            DevigMethod::Multiplicative => closed::multiplicative(self, fair),
            DevigMethod::Additive => closed::additive(self, fair),
            DevigMethod::Power => power::power(self, fair),
            DevigMethod::Shin => shin::shin(self, fair),
            DevigMethod::OddsRatio => odds_ratio::odds_ratio(self, fair),
            DevigMethod::Probit => probit::probit(self, fair),
            DevigMethod::BalancedBook => closed::balanced_book(self, fair),
            DevigMethod::Goto => closed::goto(self, fair),
            DevigMethod::JensenShannon => jensen_shannon::jensen_shannon(self, fair)?,
        };
        self.confirm(fair)?;
        Ok(parameter)
    }

    /// The last word on every answer, whatever the method.
    #[inline]
    fn confirm(&self, fair: &[f64]) -> Result<(), DevigError> {
        let is_probability = |fair: &f64| *fair > 0.0 && *fair < 1.0;
        if let Some(outcome) = fair.iter().position(|fair| !is_probability(fair)) {
            return Err(DevigError::NoProbability { outcome });
        }
        let gap = fair.iter().sum::<f64>() - self.target;
        if gap.abs() <= 1e-10 * self.target {
            Ok(())
        } else {
            Err(DevigError::Unsettled)
        }
    }

    /// The number of outcomes.
    #[inline]
    fn count(&self) -> f64 {
        self.implied.len() as f64
    }

    /// What the implied sum has too much.
    #[inline]
    fn excess(&self) -> f64 {
        self.sum - self.target
    }
}
