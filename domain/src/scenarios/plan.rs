//! The stakes whose worst case is best.

use super::leg::{BP, Leg};
use super::search::Problem;
use super::{Combination, Commission, ExchangeRate, Plan, PlanError, Scenario, rounding_of_prices};
use crate::Side;
use crate::arbitrage::MAX_STAKE;
use crate::result::{BetResult, Rounding};
use serde::{Deserialize, Serialize};

/// The best stakes before any rounding, and regardless of least stakes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unrounded {
    /// On each leg, in minor units of its currency. Nothing on a leg that does not help: a combination without it does better.
    pub stakes: Vec<f64>,
    /// The sum of what is at risk, in minor units of the base currency.
    pub staked: f64,
    /// The least return, in minor units of the base currency.
    pub guaranteed: f64,
    /// True when it is more than the rounding of prices to millionths explains.
    pub is_arbitrage: bool,
}

impl Unrounded {
    /// The least return on what is staked: 0.0175 is 1.75 %. For one bet on each outcome of a market it is
    /// 1 / implied sum - 1.
    pub fn profit(&self) -> f64 {
        if self.staked > 0.0 {
            self.guaranteed / self.staked
        } else {
            0.0
        }
    }
}

impl Combination {
    /// The stakes in whole steps, at least one step on every leg and together at most the budget, whose worst case is best.
    ///
    /// Of plans with equally good worst cases it prefers those that stake more. Where even [unrounded](Self::unrounded)
    /// stakes are no arbitrage the best plan would be to bet as little as possible; then the budget is spent so that the least
    /// payout is greatest, and the answer is the honest loss.
    ///
    /// For one back bet on each outcome of a market this is [`plan_stakes`](crate::arbitrage::plan_stakes).
    ///
    /// # Errors
    /// [`PlanError`] says what is wrong.
    pub fn plan(&self, budget: i64) -> Result<Plan, PlanError> {
        let is_arbitrage = self.unrounded(budget)?.is_arbitrage;
        let (lower, upper) = self.bounds()?;
        let goal = if is_arbitrage { Goal::Return } else { Goal::Payout };
        let mut plan = self.search(lower, upper.clone(), budget, goal)?;
        if !is_arbitrage {
            self.spend(&mut plan, &upper, budget);
        }
        Ok(plan)
    }

    /// The best stakes on the other legs when the stake on one is given, whatever its step and limits: they make the worst case
    /// best, and together with it risk at most the budget.
    ///
    /// ```
    /// use domain::result::Contest;
    /// use domain::scenarios::{Combination, Leg, Terms};
    /// use domain::{BookmakerId, MarketKey, MarketKind, Outcome, Sport};
    /// let contest = Contest::new(Sport::BASKETBALL, "Harbour", "Brightwater");
    /// let leg = |outcome, price: &str, book| {
    ///     let market = MarketKey::plain(MarketKind::Moneyline);
    ///     Leg::back(market, outcome, price.parse().unwrap(), Terms::new(BookmakerId(book)))
    /// };
    /// let legs = vec![leg(Outcome::Home, "2.10", 1), leg(Outcome::Away, "2.00", 2)];
    /// let plan = Combination::new(&contest, legs).unwrap().hedge(0, 100_00, 1_000_00).unwrap();
    /// assert_eq!((plan.stakes, plan.guaranteed), (vec![100_00, 105_00], 5_00));
    /// ```
    ///
    /// # Errors
    /// [`PlanError`] says what is wrong.
    pub fn hedge(&self, leg: usize, stake: i64, budget: i64) -> Result<Plan, PlanError> {
        check_budget(budget)?;
        self.check()?;
        let mut given = self.clone();
        let fixed = given.legs.get_mut(leg).ok_or(PlanError::NoSuchLeg)?;
        match stake {
            ..=0 => return Err(PlanError::NoStakeAllowed(leg)),
            1..=MAX_STAKE => (fixed.min_stake, fixed.max_stake, fixed.terms.step) = (stake, stake, stake),
            _ => return Err(PlanError::TooLarge),
        }
        let (lower, upper) = given.bounds()?;
        given.search(lower, upper, budget, Goal::Return)
    }

    /// The best stakes as real numbers: what [`plan`](Self::plan) would come to without steps, least stakes and rounding. Where
    /// these are no arbitrage, those that spend the budget so that the least payout is greatest.
    ///
    /// # Errors
    /// [`PlanError`] says what is wrong.
    pub fn unrounded(&self, budget: i64) -> Result<Unrounded, PlanError> {
        check_budget(budget)?;
        self.check()?;
        let lower = vec![0.0; self.legs.len()];
        let upper: Vec<f64> = self
            .legs
            .iter()
            .map(|leg| leg.greatest_stake().max(0) as f64 * leg.terms.rate.as_f64())
            .collect();
        let returns = self.problem(budget, Goal::Return);
        let found = |problem: &Problem| {
            let relaxed = problem.relax(&lower, &upper).ok_or(PlanError::TooLarge)?;
            let guaranteed = returns.least(&relaxed);
            Ok(Unrounded {
                is_arbitrage: guaranteed > rounding_of_prices(relaxed.iter().sum()),
                staked: relaxed
                    .iter()
                    .zip(&problem.costs)
                    .map(|(stake, cost)| stake * cost)
                    .sum(),
                stakes: relaxed
                    .iter()
                    .zip(&self.legs)
                    .map(|(stake, leg)| stake / leg.terms.rate.as_f64())
                    .collect(),
                guaranteed,
            })
        };
        let best = found(&returns)?;
        if best.is_arbitrage {
            Ok(best)
        } else {
            found(&self.problem(budget, Goal::Payout))
        }
    }

    /// The least and greatest number of steps on each leg.
    fn bounds(&self) -> Result<(Vec<i64>, Vec<i64>), PlanError> {
        let of_leg = |(at, leg): (usize, &Leg)| {
            let step = leg.terms.step;
            let least = leg.min_stake.max(1).saturating_add(step - 1) / step;
            let most = leg.greatest_stake() / step;
            if least <= most {
                Ok((least, most))
            } else {
                Err(PlanError::NoStakeAllowed(at))
            }
        };
        self.legs.iter().enumerate().map(of_leg).collect()
    }

    /// The best whole steps between given bounds.
    fn search(&self, lower: Vec<i64>, upper: Vec<i64>, budget: i64, goal: Goal) -> Result<Plan, PlanError> {
        let stakes = |steps: &[i64]| -> Option<Vec<i64>> {
            steps
                .iter()
                .zip(&self.legs)
                .map(|(steps, leg)| steps.checked_mul(leg.terms.step))
                .collect()
        };
        let affordable = |steps: &[i64]| self.brings(&stakes(steps)?).filter(|plan| plan.staked <= budget);
        if affordable(&lower).is_none() {
            return Err(PlanError::BudgetTooSmall);
        }
        let judged = self.judged(goal);
        let value = |steps: &[i64]| {
            let plan = affordable(steps)?;
            let least = judged.iter().map(|at| plan.returns[*at]).min()?;
            Some((least + if goal == Goal::Payout { plan.staked } else { 0 }, plan.staked))
        };
        let steps = self.problem(budget, goal).best_steps(lower, upper, value);
        steps.and_then(|steps| affordable(&steps)).ok_or(PlanError::TooLarge)
    }

    /// Spends what is left of the budget, at most a step more on each leg, where it does most good.
    fn spend(&self, plan: &mut Plan, upper: &[i64], budget: i64) {
        let mut left: Vec<usize> = (0..self.legs.len()).collect();
        loop {
            let with_step = |leg: &usize| {
                let mut stakes = plan.stakes.clone();
                stakes[*leg] += self.legs[*leg].terms.step;
                let is_allowed = stakes[*leg] <= upper[*leg].saturating_mul(self.legs[*leg].terms.step);
                let more = self
                    .brings(&stakes)
                    .filter(|more| is_allowed && more.staked <= budget)?;
                Some((*leg, more))
            };
            let Some((leg, more)) = left
                .iter()
                .filter_map(with_step)
                .max_by_key(|(_, more)| more.guaranteed)
            else {
                return;
            };
            left.retain(|other| *other != leg);
            *plan = more;
        }
    }

    /// The scenarios that stakes are chosen by: those in which not every stake comes back. Where nothing comes back whatever is
    /// staked, as between two lines with a gap, there is no least payout to make greater, and the others decide.
    fn judged(&self, goal: Goal) -> Vec<usize> {
        let pays = |scenario: &Scenario| scenario.results.iter().any(|result| *result != BetResult::Loss);
        let is_decided = |at: &usize| !self.scenarios[*at].is_stake_back();
        let decided: Vec<usize> = (0..self.scenarios.len()).filter(is_decided).collect();
        let paying: Vec<usize> = decided
            .iter()
            .copied()
            .filter(|at| pays(&self.scenarios[*at]))
            .collect();
        if goal == Goal::Return || paying.is_empty() {
            decided
        } else {
            paying
        }
    }

    /// The same in real numbers: what each unit of the base currency staked on a leg brings in each scenario.
    fn problem(&self, budget: i64, goal: Goal) -> Problem {
        let costs: Vec<f64> = self
            .legs
            .iter()
            .map(|leg| (-leg.unit(BetResult::Loss)).max(0.0))
            .collect();
        let mut seen: Vec<&[BetResult]> = Vec::new();
        let mut rows = Vec::new();
        for at in self.judged(goal) {
            let results = self.scenarios[at].results.as_slice();
            if !seen.contains(&results) {
                seen.push(results);
                let gross: Vec<f64> = self
                    .legs
                    .iter()
                    .zip(results)
                    .map(|(leg, result)| leg.unit(*result))
                    .collect();
                rows.extend(self.net_rows(&gross));
            }
        }
        if goal == Goal::Payout {
            for row in &mut rows {
                row.iter_mut().zip(&costs).for_each(|(unit, cost)| *unit += cost);
            }
        }
        // Rounding may bring up to half a unit of the leg's currency on each leg; and a liability may be held, and so paid
        // back, that is rounded up.
        let slack = |leg: &Leg| {
            let rate = leg.terms.rate.as_f64();
            let is_whole = leg.side == Side::Back && leg.terms.rate == ExchangeRate::ONE;
            let nearest = f64::from(u8::from(leg.terms.rounding == Rounding::Nearest)) * rate / 2.0;
            let held = f64::from(u8::from(goal == Goal::Payout && !is_whole)) * (rate + 1.0);
            nearest + held
        };
        let slack: f64 = self.legs.iter().map(slack).sum();
        Problem {
            rows,
            costs,
            budget: budget as f64 + slack,
            steps: self
                .legs
                .iter()
                .map(|leg| leg.terms.step as f64 * leg.terms.rate.as_f64())
                .collect(),
            slack,
        }
    }

    /// What a scenario brings after commission on net winnings. Of an account that wins with some legs and loses with others
    /// it depends on the stakes whether it pays: one row with the commission and one without, of which the lesser is true.
    fn net_rows(&self, gross: &[f64]) -> Vec<Vec<f64>> {
        let mut rows = vec![gross.to_vec()];
        for account in &self.accounts {
            let Some(Commission::NetWinnings(bp)) = account.first().map(|leg| self.legs[*leg].terms.commission) else {
                continue;
            };
            let charged = |row: &Vec<f64>| {
                let mut row = row.clone();
                for leg in account {
                    row[*leg] *= 1.0 - f64::from(bp) / BP as f64;
                }
                row
            };
            let with: Vec<Vec<f64>> = rows.iter().map(charged).collect();
            let pays = account.iter().any(|leg| gross[*leg] > 0.0);
            let may_not_pay = account.iter().any(|leg| gross[*leg] < 0.0);
            rows = match (pays, may_not_pay) {
                (true, true) => rows.into_iter().chain(with).collect(),
                (true, false) => with,
                (false, _) => rows,
            };
        }
        rows
    }
}

/// What the stakes should make great in the worst case.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Goal {
    /// Profit or loss: what counts when there is something to win.
    Return,
    /// What comes back, stakes included: it makes the most of a budget that is to be spent.
    Payout,
}

fn check_budget(budget: i64) -> Result<(), PlanError> {
    if budget <= 0 {
        Err(PlanError::BudgetNotPositive)
    } else if budget > MAX_STAKE {
        Err(PlanError::TooLarge)
    } else {
        Ok(())
    }
}
