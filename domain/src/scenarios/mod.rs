//! Arbitrage by scenarios: bets on one event, whatever their markets and lines, judged by every result that can happen.
//!
//! Put the [`Leg`]s into a [`Combination`]. It finds out which results they can tell apart, its [`Scenario`]s, or refuses with
//! a reason. Then ask it:
//!
//! - [`plan`](Combination::plan): the stakes within a budget whose worst case is best, in whole steps, after payout
//!   rounding and commission;
//! - [`hedge`](Combination::hedge): the same when one stake is given;
//! - [`settle`](Combination::settle): what stakes of your own bring;
//! - [`classify`](Combination::classify): arbitrage, middle or neither;
//! - [`without_each_leg`](Combination::without_each_leg): what is left if a leg can't be placed.
//!
//! ```
//! use domain::result::Contest;
//! use domain::scenarios::{Class, Combination, Leg, Terms};
//! use domain::{BookmakerId, MarketKey, MarketKind, Outcome, Sport};
//!
//! let contest = Contest::new(Sport::AMERICAN_FOOTBALL, "Bears", "Lions");
//! // Lines are the home side's: -3.5 offers the away side +3.5.
//! let spread = |line: &str| MarketKey { line: Some(line.parse().unwrap()), ..MarketKey::plain(MarketKind::Spread) };
//! let price = "1.95".parse().unwrap();
//! let legs = vec![
//!     Leg::back(spread("-2.5"), Outcome::Home, price, Terms::new(BookmakerId(1))),
//!     Leg::back(spread("-3.5"), Outcome::Away, price, Terms::new(BookmakerId(2))),
//! ];
//! let combination = Combination::new(&contest, legs).unwrap();
//! let plan = combination.plan(100_00).unwrap();
//! assert_eq!((plan.stakes.as_slice(), plan.guaranteed), ([50_00, 50_00].as_slice(), -2_50));
//!
//! let Class::Middle(middle) = combination.classify(&plan) else { panic!("both win when the home side wins by 3") };
//! assert_eq!((middle.cost, middle.gain), (2_50, 95_00));
//! assert_eq!(combination.scenarios()[middle.winning[0]].to_string(), "margin 3");
//! assert!((middle.break_even - 2.5 / 97.5).abs() < 1e-12);
//! ```
//!
//! # What is guaranteed
//! Money is exact integers in minor units of the base currency. *Guaranteed* is the least return over all scenarios but
//! those in which every stake comes back: a whole line that is hit or a voided draw wins nothing and costs nothing,
//! whatever was staked. Zero or less is reported as it is.

mod leg;
mod plan;
pub mod promotion;
mod scenario;
mod search;
mod simplex;

pub use leg::{Commission, ExchangeRate, ExchangeRateError, Leg, Terms};
pub use plan::Unrounded;
pub use scenario::{MAX_LEGS, Quantity, Range, Refusal, Scenario};

use crate::Side;
use crate::arbitrage::{FAIR, MAX_STAKE};
use crate::result::Contest;
use leg::{BP, SCALE};
use serde::{Deserialize, Serialize};

/// Legs, and all that can happen to them.
#[derive(Clone, Debug)]
pub struct Combination {
    legs: Vec<Leg>,
    scenarios: Vec<Scenario>,
    /// The positions of legs that are settled together: those in one market where commission falls on net winnings, else
    /// each by itself.
    accounts: Vec<Vec<usize>>,
}

/// Stakes, and what they bring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The stake on each leg, in minor units of the leg's currency; for a lay the backer's stake.
    pub stakes: Vec<i64>,
    /// What each leg loses when it loses, in the base currency: the stake of a back bet, the liability of a lay bet.
    pub at_risk: Vec<i64>,
    /// The sum of what is at risk. Bets are not netted, not even at one exchange: so much money is needed.
    pub staked: i64,
    /// Profit or loss in each scenario, commission and rounding included, in the base currency.
    pub returns: Vec<i64>,
    /// The least of the returns where not every stake comes back.
    pub guaranteed: i64,
}

/// What combined bets are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// No scenario loses, and all win in which not every stake comes back.
    Arbitrage,
    /// A small loss usually, and a large win when every bet wins.
    Middle(Middle),
    /// Neither of these.
    Neither,
}

/// A middle: all bets win between their lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Middle {
    /// The loss in the worst case, zero or more.
    pub cost: i64,
    /// The scenarios in which every bet wins, by position.
    pub winning: Vec<usize>,
    /// The least profit in these.
    pub gain: i64,
    /// How likely the winning scenarios have to be together for an expectation of zero, if all others bring the worst
    /// case: cost / (cost + gain).
    pub break_even: f64,
}

/// What is left of a plan when one leg can't be placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegGone {
    /// The least return of the others where any of them is won or lost.
    pub worst_case: i64,
    /// The loss that this would be: zero or more.
    pub exposure: i64,
    /// The scenario in which it happens, by position.
    pub scenario: usize,
}

/// Why stakes can't be reckoned. Legs are counted from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Zero or less.
    #[error("the budget must be above zero")]
    BudgetNotPositive,
    /// Not every leg can have its least stake.
    #[error("the budget is less than the least stake on every leg")]
    BudgetTooSmall,
    /// A step of zero or less.
    #[error("leg {}: the step must be above zero", .0 + 1)]
    StepNotPositive(usize),
    /// No stake in whole steps is allowed.
    #[error("leg {}: no stake in whole steps lies between the least and the greatest", .0 + 1)]
    NoStakeAllowed(usize),
    /// More than all.
    #[error("leg {}: the commission is more than 100 %", .0 + 1)]
    CommissionTooHigh(usize),
    /// On a lay bet, or with numbers that can't be.
    #[error("leg {}: there is no such promotion", .0 + 1)]
    NoSuchPromotion(usize),
    /// A position beyond the legs, or another number of stakes than of legs.
    #[error("there is no such leg")]
    NoSuchLeg,
    /// A stake below zero.
    #[error("a stake can't be below zero")]
    NegativeStake,
    /// Beyond [`MAX_STAKE`], or a payout that can't be held.
    #[error("the stake is too large")]
    TooLarge,
}

impl Combination {
    /// The legs of one event, with every result that they can tell apart.
    ///
    /// # Errors
    /// [`Refusal`] when it is not known for certain what may happen to all of them together.
    pub fn new(contest: &Contest, legs: Vec<Leg>) -> Result<Self, Refusal> {
        if legs.len() > MAX_LEGS {
            return Err(Refusal::TooManyLegs);
        }
        let scenarios = scenario::enumerate(contest, &legs)?;
        let mut accounts: Vec<Vec<usize>> = Vec::new();
        for (at, leg) in legs.iter().enumerate() {
            let shares = |account: &&mut Vec<usize>| {
                account.first().is_some_and(|first| {
                    let first = &legs[*first];
                    let is_netted = matches!(leg.terms.commission, Commission::NetWinnings(_));
                    is_netted && first.terms == leg.terms && first.market == leg.market
                })
            };
            match accounts.iter_mut().find(shares) {
                Some(account) => account.push(at),
                None => accounts.push(vec![at]),
            }
        }
        Ok(Self {
            legs,
            scenarios,
            accounts,
        })
    }

    /// The legs, in the order given.
    pub fn legs(&self) -> &[Leg] {
        &self.legs
    }

    /// What can happen, in the order of [`Plan::returns`].
    pub fn scenarios(&self) -> &[Scenario] {
        &self.scenarios
    }

    /// What stakes bring, one for each leg; zero for a leg that is left out.
    ///
    /// # Errors
    /// [`PlanError`] says what is wrong.
    pub fn settle(&self, stakes: &[i64]) -> Result<Plan, PlanError> {
        self.check()?;
        if stakes.len() != self.legs.len() {
            return Err(PlanError::NoSuchLeg);
        }
        if stakes.iter().any(|stake| *stake < 0) {
            return Err(PlanError::NegativeStake);
        }
        if stakes.iter().any(|stake| *stake > MAX_STAKE) {
            return Err(PlanError::TooLarge);
        }
        self.brings(stakes).ok_or(PlanError::TooLarge)
    }

    /// Arbitrage, middle or neither.
    pub fn classify(&self, plan: &Plan) -> Class {
        let in_base = |(stake, leg): (&i64, &Leg)| *stake as f64 * leg.terms.rate.as_f64();
        let stakes: f64 = plan.stakes.iter().zip(&self.legs).map(in_base).sum();
        if plan.guaranteed > 0 && plan.guaranteed as f64 > rounding_of_prices(stakes) {
            return Class::Arbitrage;
        }
        let all_win = |scenario: &Scenario| scenario.results.iter().all(|result| result.halves() > 0);
        let winning: Vec<usize> = (0..self.scenarios.len())
            .filter(|at| all_win(&self.scenarios[*at]))
            .collect();
        let gain = winning.iter().filter_map(|at| plan.returns.get(*at)).min().copied();
        let cost = plan.guaranteed.saturating_neg();
        match gain.filter(|gain| self.legs.len() > 1 && *gain > 0 && cost >= 0) {
            Some(gain) => Class::Middle(Middle {
                cost,
                winning,
                gain,
                break_even: cost as f64 / (cost as f64 + gain as f64),
            }),
            None => Class::Neither,
        }
    }

    /// For each leg, what is left of a plan when that leg can't be placed.
    ///
    /// # Errors
    /// [`PlanError`] when the plan is not one of this combination.
    pub fn without_each_leg(&self, plan: &Plan) -> Result<Vec<LegGone>, PlanError> {
        let gone = |leg: usize| {
            let mut stakes = plan.stakes.clone();
            *stakes.get_mut(leg).ok_or(PlanError::NoSuchLeg)? = 0;
            let left = self.settle(&stakes)?;
            let scenario = self.worst(&stakes, &left.returns);
            Ok(LegGone {
                worst_case: left.guaranteed,
                exposure: left.guaranteed.min(0).saturating_neg(),
                scenario,
            })
        };
        (0..self.legs.len()).map(gone).collect()
    }

    fn check(&self) -> Result<(), PlanError> {
        for (at, leg) in self.legs.iter().enumerate() {
            let Terms { step, commission, .. } = leg.terms;
            if step <= 0 {
                return Err(PlanError::StepNotPositive(at));
            }
            if i128::from(commission.bp()) > BP {
                return Err(PlanError::CommissionTooHigh(at));
            }
            let is_possible = |promotion: promotion::Promotion| leg.side == Side::Back && promotion.is_sound();
            if !leg.promotion.is_none_or(is_possible) {
                return Err(PlanError::NoSuchPromotion(at));
            }
        }
        Ok(())
    }

    /// What stakes bring; `None` when that is too much to hold.
    fn brings(&self, stakes: &[i64]) -> Option<Plan> {
        let returned = |scenario: &Scenario| {
            self.accounts.iter().try_fold(0_i64, |sum, account| {
                sum.checked_add(self.credited(account, scenario, stakes)?)
            })
        };
        let returns: Vec<i64> = self.scenarios.iter().map(returned).collect::<Option<_>>()?;
        let at_risk: Vec<i64> = self
            .legs
            .iter()
            .zip(stakes)
            .map(|(leg, stake)| leg.at_risk(*stake))
            .collect::<Option<_>>()?;
        Some(Plan {
            staked: at_risk.iter().try_fold(0_i64, |sum, risk| sum.checked_add(*risk))?,
            guaranteed: *returns.get(self.worst(stakes, &returns))?,
            stakes: stakes.to_vec(),
            at_risk,
            returns,
        })
    }

    /// What an account wins or loses in a scenario, rounded as the bookmaker does, in the base currency.
    fn credited(&self, account: &[usize], scenario: &Scenario, stakes: &[i64]) -> Option<i64> {
        let terms = self.legs.get(*account.first()?)?.terms;
        let gross: i128 = account
            .iter()
            .map(|leg| self.legs[*leg].profit(stakes[*leg], scenario.results[*leg]))
            .sum();
        let net = match terms.commission {
            Commission::NetWinnings(bp) if gross > 0 => gross / BP * (BP - i128::from(bp)),
            _ => gross,
        };
        terms.rate.to_base(terms.rounding.whole(net, SCALE))
    }

    /// The scenario with the least return among those in which something that is staked is won or lost.
    fn worst(&self, stakes: &[i64], returns: &[i64]) -> usize {
        let is_decided = |at: &usize| {
            let results = self.scenarios[*at].results.iter().zip(stakes);
            results
                .into_iter()
                .any(|(result, stake)| *stake > 0 && !result.is_stake_back())
        };
        let decided = (0..returns.len()).filter(is_decided).min_by_key(|at| returns[*at]);
        decided.unwrap_or(0)
    }
}

/// The profit that prices rounded to millionths may feign: half a millionth of all backers' stakes.
fn rounding_of_prices(stakes: f64) -> f64 {
    (1.0 - FAIR) * stakes
}
