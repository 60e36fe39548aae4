//! n-way arbitrage: covering every outcome so that each pays back more than was staked.

use crate::Price;
use serde::{Deserialize, Serialize};

/// An arbitrage, before rounding of stakes.
#[derive(Clone, Debug, PartialEq)]
pub struct Arbitrage {
    /// Return on the total stake: 1 / implied sum - 1.
    pub profit: f64,
    /// The share of the total stake on each outcome, in the order given; they sum to one and pay alike.
    pub shares: Vec<f64>,
}

/// An implied sum must be below this. Prices are kept in millionths, so the sum of a market that is exactly fair (-110
/// against +110) may come out below one by up to half a millionth: that is rounding, not profit.
pub const FAIR: f64 = 1.0 - 0.5e-6;

/// The arbitrage in one best price per outcome of a complete market, or `None` when the implied sum is one or more.
///
/// ```
/// use domain::{arbitrage::arbitrage, Price};
/// let price = |american| Price::from_american(american).unwrap();
/// let found = arbitrage(&[price(450), price(-385)]).unwrap();
/// assert!((found.profit - 0.024976).abs() < 1e-6);
/// assert!(arbitrage(&[price(-110), price(-110)]).is_none());
/// assert!(arbitrage(&[price(-110), price(110)]).is_none(), "exactly fair");
/// ```
pub fn arbitrage(prices: &[Price]) -> Option<Arbitrage> {
    let decimals: Vec<f64> = prices.iter().map(|price| price.as_f64()).collect();
    arbitrage_of(&decimals)
}

/// As [`arbitrage`], over decimal prices that may be net of commission.
pub fn arbitrage_of(decimals: &[f64]) -> Option<Arbitrage> {
    if decimals.len() < 2 {
        return None;
    }
    let sum: f64 = decimals.iter().map(|price| 1.0 / price).sum();
    (sum < FAIR).then(|| Arbitrage {
        profit: 1.0 / sum - 1.0,
        shares: decimals.iter().map(|price| 1.0 / price / sum).collect(),
    })
}

/// The price net of commission on winnings: at 5 %, 2.10 is 2.045.
///
/// ```
/// let net = domain::arbitrage::net_of_commission("2.10".parse().unwrap(), 500);
/// assert!((net - 2.045).abs() < 1e-12);
/// ```
pub fn net_of_commission(price: Price, commission_bp: u16) -> f64 {
    NetPrice::new(price, commission_bp).as_f64()
}

/// A price net of commission on winnings, exact. For one bet alone in its market: venues charge commission on the net
/// winnings of a whole market, so two legs at one exchange would pay less than this says.
///
/// ```
/// use domain::arbitrage::NetPrice;
/// let net = NetPrice::new("2.10".parse().unwrap(), 500);
/// assert_eq!(net.payout(10_000), Some(20_450));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NetPrice(i64);

impl NetPrice {
    /// Millionths of a price times hundredths of a percent of commission.
    const SCALE: i64 = Price::SCALE * 10_000;

    /// The price after a commission in hundredths of a percent; 100 % and more leave the stake alone.
    pub const fn new(price: Price, commission_bp: u16) -> Self {
        let kept = 10_000_i64.saturating_sub(commission_bp as i64);
        Self(Self::SCALE + (price.micros() - Price::SCALE) * if kept > 0 { kept } else { 0 })
    }

    /// As a float.
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / Self::SCALE as f64
    }

    /// What a winning stake pays, in minor units; a fraction of a unit is cut, as the less generous bookmakers do. `None` when
    /// that is too much to hold.
    pub fn payout(self, stake: i64) -> Option<i64> {
        i64::try_from(i128::from(stake) * i128::from(self.0) / i128::from(Self::SCALE)).ok()
    }

    /// The least number of steps that pays at least a target above zero.
    fn steps_to_pay(self, target: i64, step: i64) -> Option<i64> {
        let one_step = i128::from(step) * i128::from(self.0);
        let needed = i128::from(target) * i128::from(Self::SCALE);
        i64::try_from((needed + one_step - 1) / one_step).ok()
    }
}

impl From<Price> for NetPrice {
    fn from(price: Price) -> Self {
        Self::new(price, 0)
    }
}

/// Stakes on every outcome, and what each outcome then brings: all in minor units, in the order of the prices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StakePlan {
    /// The stake on each outcome.
    pub stakes: Vec<i64>,
    /// Their sum.
    pub staked: i64,
    /// The profit or loss when each outcome happens: its payout less everything staked.
    pub returns: Vec<i64>,
    /// The least of the returns: what is certain after rounding.
    pub guaranteed: i64,
}

/// Why stakes can't be reckoned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StakeError {
    /// An arbitrage covers two outcomes or more.
    #[error("at least two prices are needed")]
    TooFewPrices,
    /// Zero or less.
    #[error("the stake must be above zero")]
    StakeNotPositive,
    /// Zero or less.
    #[error("the step must be above zero")]
    StepNotPositive,
    /// Not every outcome can have a stake of one step.
    #[error("the total is less than one step on every outcome")]
    TotalTooSmall,
    /// Beyond [`MAX_STAKE`], or a payout that can't be held.
    #[error("the stake is too large")]
    TooLarge,
    /// The edited stake belongs to no price.
    #[error("there is no such outcome")]
    NoSuchOutcome,
}

/// The greatest total, in minor units: ten thousand million of most currencies.
pub const MAX_STAKE: i64 = 1_000_000_000_000;

/// How many roundings [`plan_stakes`] looks at: only a margin of less than a thousandth of a percent over thousands of steps
/// has more that could be better.
const MAX_ROUNDINGS: usize = 20_000;

/// The stakes that each pay alike, every one rounded to the nearest step by itself: what a person does by hand, and what may
/// turn a profit into a loss. [`plan_stakes`] does better.
///
/// ```
/// use domain::arbitrage::{plan_stakes, round_stakes};
/// let prices = ["3.60", "3.70", "2.30"].map(|price| price.parse::<domain::Price>().unwrap().into());
/// let by_hand = round_stakes(&prices, 100_00, 5_00).unwrap();
/// assert_eq!((by_hand.stakes, by_hand.guaranteed), (vec![30_00, 25_00, 45_00], -7_50));
/// let planned = plan_stakes(&prices, 100_00, 5_00).unwrap();
/// assert_eq!((planned.stakes, planned.guaranteed), (vec![25_00, 25_00, 40_00], 0));
/// ```
///
/// # Errors
/// [`StakeError`] says what is wrong.
pub fn round_stakes(prices: &[NetPrice], total: i64, step: i64) -> Result<StakePlan, StakeError> {
    check(prices, total, step)?;
    let sum = implied_sum(prices);
    let steps = total as f64 / step as f64;
    let stakes = prices
        .iter()
        .map(|price| whole((steps / (price.as_f64() * sum)).round()) * step)
        .collect();
    settle(prices, stakes)
}

/// The stakes in whole steps, each at least one step and together at most the total, whose worst case is the best.
///
/// Of plans with equally good worst cases it takes the one that stakes most. Without an arbitrage the best plan would be to
/// bet as little as possible; then all whole steps of the total are staked, and the answer is the honest loss.
///
/// ```
/// use domain::arbitrage::plan_stakes;
/// let prices = ["2.10", "2.00"].map(|price| price.parse::<domain::Price>().unwrap().into());
/// let plan = plan_stakes(&prices, 100_00, 1_00).unwrap();
/// assert_eq!((plan.stakes, plan.returns, plan.guaranteed), (vec![49_00, 51_00], vec![2_90, 2_00], 2_00));
/// ```
///
/// # Errors
/// [`StakeError`] says what is wrong.
pub fn plan_stakes(prices: &[NetPrice], total: i64, step: i64) -> Result<StakePlan, StakeError> {
    check(prices, total, step)?;
    let affordable = total / step;
    if affordable < i64::try_from(prices.len()).map_err(|_| StakeError::TooLarge)? {
        return Err(StakeError::TotalTooSmall);
    }
    let sum = implied_sum(prices);
    // A little more than affordable, so that every rounding that matters lies below.
    let steps: Vec<i64> = prices
        .iter()
        .map(|price| whole((affordable as f64 / (price.as_f64() * sum)).floor()) + 2)
        .collect();
    let mut roundings = Roundings::new(prices, step, steps)?;
    while roundings.steps.iter().sum::<i64>() > affordable {
        if !roundings.lower(|_, steps| steps > 1)? {
            break;
        }
    }
    if sum >= FAIR {
        return settle(prices, roundings.spend(affordable)?);
    }
    let mut best = roundings.plan()?;
    for _ in 0..MAX_ROUNDINGS {
        // What is left can at most earn the margin on the payout; a whole minor unit more would be an improvement.
        let payout = best_case_payout(&roundings);
        if payout as f64 * (1.0 - sum) < best.guaranteed as f64 + 0.999 || !roundings.lower(|_, steps| steps > 1)? {
            break;
        }
        let plan = roundings.plan()?;
        if plan.guaranteed > best.guaranteed {
            best = plan;
        }
    }
    Ok(best)
}

/// One stake is given, whatever the step; the others follow it, each rounded down or up to a step so that the worst case is
/// best. For a form in which one stake is edited.
///
/// ```
/// use domain::arbitrage::follow_stake;
/// let prices = ["2.10", "2.00"].map(|price| price.parse::<domain::Price>().unwrap().into());
/// let plan = follow_stake(&prices, 0, 100_00, 1_00).unwrap();
/// assert_eq!((plan.stakes, plan.returns), (vec![100_00, 105_00], vec![5_00, 5_00]));
/// ```
///
/// # Errors
/// [`StakeError`] says what is wrong.
pub fn follow_stake(prices: &[NetPrice], given: usize, stake: i64, step: i64) -> Result<StakePlan, StakeError> {
    check(prices, stake, step)?;
    let target = prices
        .get(given)
        .ok_or(StakeError::NoSuchOutcome)?
        .payout(stake)
        .ok_or(StakeError::TooLarge)?;
    let follow = |price: &NetPrice| {
        price
            .steps_to_pay(target, step)
            .filter(|steps| steps.checked_mul(step).is_some())
    };
    let ceilings: Vec<i64> = prices
        .iter()
        .map(follow)
        .collect::<Option<_>>()
        .ok_or(StakeError::TooLarge)?;
    let mut roundings = Roundings::new(prices, step, ceilings.clone())?;
    let plan_with = |roundings: &Roundings<'_>| {
        let mut stakes = roundings.stakes();
        stakes[given] = stake;
        settle(prices, stakes)
    };
    let mut best = plan_with(&roundings)?;
    while roundings.lower(|outcome, steps| outcome != given && steps > 1 && steps == ceilings[outcome])? {
        let plan = plan_with(&roundings)?;
        if plan.guaranteed > best.guaranteed {
            best = plan;
        }
    }
    Ok(best)
}

fn check(prices: &[NetPrice], stake: i64, step: i64) -> Result<(), StakeError> {
    if prices.len() < 2 {
        Err(StakeError::TooFewPrices)
    } else if stake <= 0 {
        Err(StakeError::StakeNotPositive)
    } else if step <= 0 {
        Err(StakeError::StepNotPositive)
    } else if stake > MAX_STAKE || step > MAX_STAKE {
        Err(StakeError::TooLarge)
    } else {
        Ok(())
    }
}

fn implied_sum(prices: &[NetPrice]) -> f64 {
    prices.iter().map(|price| 1.0 / price.as_f64()).sum()
}

#[expect(clippy::cast_possible_truncation, reason = "a number of steps is at most MAX_STAKE")]
fn whole(steps: f64) -> i64 {
    steps as i64
}

/// What stakes bring.
fn settle(prices: &[NetPrice], stakes: Vec<i64>) -> Result<StakePlan, StakeError> {
    let total = stakes
        .iter()
        .try_fold(0_i64, |sum, stake| sum.checked_add(*stake))
        .ok_or(StakeError::TooLarge)?;
    let returned = |(price, stake): (&NetPrice, &i64)| price.payout(*stake)?.checked_sub(total);
    let returns: Vec<i64> = prices
        .iter()
        .zip(&stakes)
        .map(returned)
        .collect::<Option<_>>()
        .ok_or(StakeError::TooLarge)?;
    let guaranteed = returns.iter().copied().min().ok_or(StakeError::TooFewPrices)?;
    Ok(StakePlan {
        stakes,
        staked: total,
        returns,
        guaranteed,
    })
}

/// Walks from higher to lower payouts through the only stakes worth looking at: those where no stake is larger than the least
/// payout needs. Between two neighbours, lowering any other stake would lower the worst case without saving more.
struct Roundings<'a> {
    prices: &'a [NetPrice],
    step: i64,
    steps: Vec<i64>,
    /// What each outcome pays with one step less.
    lower_payouts: Vec<i64>,
}

impl<'a> Roundings<'a> {
    fn new(prices: &'a [NetPrice], step: i64, steps: Vec<i64>) -> Result<Self, StakeError> {
        let lower = |(price, steps): (&NetPrice, &i64)| price.payout((steps - 1).checked_mul(step)?);
        let lower_payouts = prices
            .iter()
            .zip(&steps)
            .map(lower)
            .collect::<Option<_>>()
            .ok_or(StakeError::TooLarge)?;
        Ok(Self {
            prices,
            step,
            steps,
            lower_payouts,
        })
    }

    /// Takes a step off the outcome that still pays most after it; false when none may be lowered.
    fn lower(&mut self, may_lower: impl Fn(usize, i64) -> bool) -> Result<bool, StakeError> {
        let lowest_loss = (0..self.steps.len())
            .filter(|outcome| may_lower(*outcome, self.steps[*outcome]))
            .max_by_key(|outcome| self.lower_payouts[*outcome]);
        let Some(outcome) = lowest_loss else { return Ok(false) };
        self.steps[outcome] -= 1;
        let lower_stake = (self.steps[outcome] - 1) * self.step;
        self.lower_payouts[outcome] = self.prices[outcome].payout(lower_stake).ok_or(StakeError::TooLarge)?;
        Ok(true)
    }

    fn stakes(&self) -> Vec<i64> {
        self.steps.iter().map(|steps| steps * self.step).collect()
    }

    fn plan(&self) -> Result<StakePlan, StakeError> {
        settle(self.prices, self.stakes())
    }

    /// The stakes after spending what is left of `affordable` steps where the payout is least.
    fn spend(mut self, affordable: i64) -> Result<Vec<i64>, StakeError> {
        for _ in self.steps.iter().sum::<i64>()..affordable {
            let plan = self.plan()?;
            let worst = (0..self.steps.len()).min_by_key(|outcome| plan.returns[*outcome]);
            self.steps[worst.ok_or(StakeError::TooFewPrices)?] += 1;
        }
        Ok(self.stakes())
    }
}

/// The most that any further rounding can pay in its worst case: the next lower payout.
fn best_case_payout(roundings: &Roundings<'_>) -> i64 {
    roundings.lower_payouts.iter().copied().max().unwrap_or(0)
}

/// Prices of complete markets, one after another: for each outcome the decimal price at each book, 0 where a book has none.
pub type Boards<const OUTCOMES: usize, const BOOKS: usize> = [[[f64; BOOKS]; OUTCOMES]];

/// Finds the markets, by position, whose best prices are an [`arbitrage`].
///
/// The same answer as asking [`arbitrage`] for each, many times faster: prices lie side by side, and markets are taken eight
/// at a time so that the divisions run in parallel.
///
/// ```
/// let boards = [[[1.85, 1.91], [1.91, 1.95]], [[2.02, 2.10], [2.00, 1.90]]];
/// assert_eq!(domain::arbitrage::scan(&boards), [1]);
/// ```
pub fn scan<const OUTCOMES: usize, const BOOKS: usize>(boards: &Boards<OUTCOMES, BOOKS>) -> Vec<usize> {
    const LANES: usize = 8;
    let mut found = Vec::new();
    if OUTCOMES < 2 {
        return found;
    }
    let (blocks, rest) = boards.as_chunks::<LANES>();
    for (block, markets) in blocks.iter().enumerate() {
        let sums = implied_sums(markets);
        // One test for the block keeps the usual case, nothing found, free of branches.
        if sums
            .iter()
            .fold(f64::INFINITY, |least, sum| if *sum < least { *sum } else { least })
            < FAIR
        {
            found.extend(
                (0..LANES)
                    .filter(|lane| sums[*lane] < FAIR)
                    .map(|lane| block * LANES + lane),
            );
        }
    }
    for (at, market) in rest.iter().enumerate() {
        if implied_sums(std::array::from_ref(market))[0] < FAIR {
            found.push(blocks.len() * LANES + at);
        }
    }
    found
}

/// The implied sums of the best prices of some markets.
#[inline]
fn implied_sums<const LANES: usize, const OUTCOMES: usize, const BOOKS: usize>(
    markets: &[[[f64; BOOKS]; OUTCOMES]; LANES],
) -> [f64; LANES] {
    let mut sums = [0.0; LANES];
    for outcome in 0..OUTCOMES {
        let mut best = [0.0; LANES];
        for (best, market) in best.iter_mut().zip(markets) {
            *best = highest(&market[outcome]);
        }
        for (sum, best) in sums.iter_mut().zip(best) {
            *sum += 1.0 / best;
        }
    }
    sums
}

/// The highest price, by halving, so that neighbours are compared in parallel. Prices are no NaN; if one were, it would lose.
#[inline]
fn highest<const BOOKS: usize>(prices: &[f64; BOOKS]) -> f64 {
    let mut best = *prices;
    let mut width = BOOKS;
    while width > 1 {
        let half = width / 2;
        for at in 0..half {
            let other = best[width - half + at];
            if other > best[at] {
                best[at] = other;
            }
        }
        width -= half;
    }
    best.first().copied().unwrap_or(0.0)
}

#[cfg(test)]
#[expect(
    clippy::inconsistent_digit_grouping,
    clippy::mistyped_literal_suffixes,
    reason = "amounts read as units_cents"
)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn prices(decimals: &[&str]) -> Vec<NetPrice> {
        decimals
            .iter()
            .map(|decimal| decimal.parse::<Price>().unwrap().into())
            .collect()
    }

    #[rstest]
    #[case(&["2.10", "2.00"], 100_00, 1_00, &[49_00, 51_00], &[2_90, 2_00])]
    #[case(&["2.10", "2.00"], 100_00, 5_00, &[50_00, 50_00], &[5_00, 0])]
    #[case(&["3.60", "3.70", "2.30"], 100_00, 1_00, &[27_00, 26_00, 42_00], &[2_20, 1_20, 1_60])]
    #[case(&["3.60", "3.70", "2.30"], 100_00, 5_00, &[25_00, 25_00, 40_00], &[0, 2_50, 2_00])]
    #[case(&["1.51", "3.05"], 100_00, 1_00, &[66_00, 33_00], &[66, 1_65])]
    #[case(&["1.51", "3.05"], 50_00, 5_00, &[30_00, 15_00], &[30, 75])]
    #[case(&["2.00", "2.00"], 100_00, 1_00, &[50_00, 50_00], &[0, 0])]
    #[case(&["1.909091", "1.909091"], 101_00, 1_00, &[51_00, 50_00], &[-3_64, -5_55])]
    fn stakes_are_planned_for_the_best_worst_case(
        #[case] decimals: &[&str],
        #[case] total: i64,
        #[case] step: i64,
        #[case] stakes: &[i64],
        #[case] returns: &[i64],
    ) {
        let plan = plan_stakes(&prices(decimals), total, step).unwrap();
        assert_eq!((plan.stakes.as_slice(), plan.returns.as_slice()), (stakes, returns));
        assert_eq!(plan.staked, stakes.iter().sum::<i64>());
        assert_eq!(Some(&plan.guaranteed), returns.iter().min());
    }

    #[rstest]
    #[case(&["3.60", "3.70", "2.30"], 100_00, 5_00, &[30_00, 25_00, 45_00], &[8_00, -7_50, 3_50])]
    #[case(&["3.60", "3.70", "2.30"], 100_00, 1_00, &[28_00, 27_00, 44_00], &[1_80, 90, 2_20])]
    #[case(&["2.10", "2.00"], 100_00, 1_00, &[49_00, 51_00], &[2_90, 2_00])]
    #[case(&["2.10", "2.00"], 100_00, 5_00, &[50_00, 50_00], &[5_00, 0])]
    #[case(&["1.51", "3.05"], 100_00, 1_00, &[67_00, 33_00], &[1_17, 65])]
    #[case(&["1.51", "3.05"], 50_00, 5_00, &[35_00, 15_00], &[2_85, -4_25])]
    fn rounding_by_hand_can_turn_a_profit_into_a_loss(
        #[case] decimals: &[&str],
        #[case] total: i64,
        #[case] step: i64,
        #[case] stakes: &[i64],
        #[case] returns: &[i64],
    ) {
        let by_hand = round_stakes(&prices(decimals), total, step).unwrap();
        assert_eq!(
            (by_hand.stakes.as_slice(), by_hand.returns.as_slice()),
            (stakes, returns)
        );
        assert!(plan_stakes(&prices(decimals), total, step).unwrap().guaranteed >= by_hand.guaranteed);
    }

    #[test]
    fn commission_decides_whether_an_arbitrage_survives() {
        let gross: Price = "2.10".parse().unwrap();
        let other: Price = "2.05".parse().unwrap();
        let survives = arbitrage_of(&[net_of_commission(gross, 500), other.as_f64()]).unwrap();
        assert!((1.0 / (1.0 + survives.profit) - 0.976_80).abs() < 5e-6);
        let legs = [
            NetPrice::new(gross, 500),
            NetPrice::from("1.95".parse::<Price>().unwrap()),
        ];
        assert!(plan_stakes(&legs, 100_00, 1).unwrap().guaranteed < 0);
        assert_eq!(NetPrice::new(gross, 20_000).payout(100), Some(100));
    }

    #[test]
    fn the_other_stakes_follow_the_one_that_is_edited() {
        let plan = follow_stake(&prices(&["3.60", "3.70", "2.30"]), 2, 43_50, 1_00).unwrap();
        assert_eq!(plan.stakes, [28_00, 27_00, 43_50]);
        assert_eq!(plan.guaranteed, 99_90 - 98_50);
        let tiny = follow_stake(&prices(&["1.01", "101"]), 0, 1, 5_00).unwrap();
        assert_eq!(tiny.stakes, [1, 5_00]);
    }

    #[test]
    fn stakes_that_cannot_be_are_refused_with_their_reason() {
        let two = prices(&["2.10", "2.00"]);
        assert_eq!(plan_stakes(&two[..1], 100, 1), Err(StakeError::TooFewPrices));
        assert_eq!(plan_stakes(&two, 0, 1), Err(StakeError::StakeNotPositive));
        assert_eq!(plan_stakes(&two, 100, -1), Err(StakeError::StepNotPositive));
        assert_eq!(plan_stakes(&two, 9, 5), Err(StakeError::TotalTooSmall));
        assert_eq!(plan_stakes(&two, i64::MAX, 1), Err(StakeError::TooLarge));
        assert_eq!(round_stakes(&two, i64::MAX, i64::MAX), Err(StakeError::TooLarge));
        assert_eq!(follow_stake(&two, 2, 100, 1), Err(StakeError::NoSuchOutcome));
    }

    #[test]
    fn the_greatest_stakes_and_thinnest_margins_end_without_overflow() {
        let longest = [Price::MAX, Price::MIN].map(NetPrice::from);
        for given in [0, 1] {
            assert!(follow_stake(&longest, given, MAX_STAKE, 1).is_ok());
            assert!(follow_stake(&longest, given, MAX_STAKE, MAX_STAKE).is_ok());
        }
        assert!(plan_stakes(&[Price::MAX.into(); 200], MAX_STAKE, 1).is_ok());
        let thin = prices(&["2.000003", "2"]);
        assert!(plan_stakes(&thin, MAX_STAKE, 1).unwrap().guaranteed > 0);
    }

    #[test]
    fn a_market_that_is_exactly_fair_is_no_arbitrage() {
        for decimals in [vec![6.0; 6], vec![49.0; 49], vec![3.0, 1.5], vec![2.0, 4.0, 4.0]] {
            assert_eq!(arbitrage_of(&decimals), None);
        }
        assert_eq!(arbitrage_of(&[1.5]), None);
    }

    #[test]
    fn a_market_without_a_price_on_one_outcome_is_not_found() {
        assert_eq!(scan(&[[[3.0, 3.0], [0.0, 0.0]]]), [0_usize; 0]);
        assert_eq!(scan(&[[[], []]; 9]), [0_usize; 0]);
        assert_eq!(scan(&[[[9.0, 2.0]]; 9]), [0_usize; 0]);
    }
}
