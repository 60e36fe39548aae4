//! Markets with a price on one side only.

use super::{DevigError, DevigMethod, devig_implied};
use crate::{Price, Probability};
use serde::{Deserialize, Serialize};

/// A hold that somebody supposes, because there is no price for the other side to measure it by. At least 0, below 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct AssumedHold(f64);

/// The number is no hold.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("a hold is at least 0 and below 1")]
pub struct HoldError;

impl AssumedHold {
    /// Checks the range: 5 % is 0.05.
    ///
    /// # Errors
    /// [`HoldError`] outside [0, 1), NaN included.
    pub fn new(hold: f64) -> Result<Self, HoldError> {
        if (0.0..1.0).contains(&hold) {
            Ok(Self(hold))
        } else {
            Err(HoldError)
        }
    }

    /// The number itself.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for AssumedHold {
    type Error = HoldError;
    fn try_from(hold: f64) -> Result<Self, HoldError> {
        Self::new(hold)
    }
}

impl From<AssumedHold> for f64 {
    fn from(hold: AssumedHold) -> Self {
        hold.0
    }
}

/// A fair probability that stands on an assumption. It is no [`super::Devigged`] and cannot become one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct OneSided {
    /// By which method.
    pub method: DevigMethod,
    /// Of the side that has a price, if the assumption is right.
    pub probability: Probability,
    /// The assumption.
    pub assumed_hold: AssumedHold,
}

/// The fair probability of the one side that has a price, if the two sides together held what is assumed.
///
/// The other side's implied probability is then 1 / (1 - hold) less this one's. Methods other than the multiplicative need it
/// to be a probability; a long price with a high hold leaves none.
///
/// ```
/// use domain::devig::{AssumedHold, DevigMethod, devig_one_sided};
/// let scorer = "3.00".parse().unwrap();
/// let fair = devig_one_sided(DevigMethod::Multiplicative, scorer, AssumedHold::new(0.10).unwrap()).unwrap();
/// assert!((fair.probability.get() - 0.30).abs() < 1e-12);
/// assert_eq!(fair.assumed_hold.get(), 0.10);
/// ```
///
/// # Errors
/// [`DevigError::NoProbability`] where the assumption leaves the other side none; otherwise as [`super::devig`].
pub fn devig_one_sided(method: DevigMethod, price: Price, assumed_hold: AssumedHold) -> Result<OneSided, DevigError> {
    let implied = price.implied();
    let probability = if method == DevigMethod::Multiplicative {
        Probability::new(implied * (1.0 - assumed_hold.0)).map_err(|_| DevigError::NoProbability { outcome: 0 })?
    } else {
        let other = 1.0 / (1.0 - assumed_hold.0) - implied;
        if !(other > 0.0 && other < 1.0) {
            return Err(DevigError::NoProbability { outcome: 1 });
        }
        let both = devig_implied(method, &[implied, other], 1.0)?;
        *both.probabilities.first().ok_or(DevigError::TooFewOutcomes)?
    };
    Ok(OneSided {
        method,
        probability,
        assumed_hold,
    })
}
