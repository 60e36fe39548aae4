//! What bookmakers add to a bet, and how to lock in what it is worth.
//!
//! A [`Promotion`] belongs to a leg and changes what it pays; [`lock`] hedges one such bet at one other price. Where several
//! bets, lines or pushes come into it, put the leg into a [`Combination`] and [hedge](Combination::hedge) it there.
//!
//! ```
//! use domain::scenarios::promotion::{Hedge, Promotion, lock};
//! use domain::scenarios::{Commission, Terms};
//! use domain::{BookmakerId, Side, result::Rounding};
//!
//! let free_bet = Promotion::FreeBet { is_stake_returned: false };
//! let terms = Terms::new(BookmakerId(1));
//! let hedge = Hedge { side: Side::Back, price: "1.25".parse().unwrap(), terms };
//! let locked = lock("5.00".parse().unwrap(), 100_00, free_bet, terms, hedge).unwrap();
//! assert_eq!((locked.stake, locked.guaranteed), (320_00, 80_00));
//!
//! let exchange = Terms { commission: Commission::NetWinnings(200), rounding: Rounding::Nearest, ..Terms::new(BookmakerId(2)) };
//! let hedge = Hedge { side: Side::Lay, price: "5.20".parse().unwrap(), terms: exchange };
//! let locked = lock("5.00".parse().unwrap(), 100_00, free_bet, terms, hedge).unwrap();
//! assert_eq!((locked.stake, locked.at_risk, locked.guaranteed), (77_22, 324_32, 75_68));
//! ```

use super::leg::{BP, SCALE};
use super::{Combination, Leg, PlanError, Terms};
use crate::arbitrage::MAX_STAKE;
use crate::result::{BetResult, Contest};
use crate::{MarketKey, MarketKind, Outcome, Price, Side, Sport};
use serde::{Deserialize, Serialize};

/// What a bookmaker adds to a back bet. Prices stay what the market offers: a boosted price is no market price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Promotion {
    /// The stake is the bookmaker's. A free bet that comes back is counted as nothing.
    FreeBet {
        /// True when a winning bet pays the stake too; usually it does not.
        is_stake_returned: bool,
    },
    /// Winnings grow by so many hundredths of a percent.
    ProfitBoost {
        /// 25 % more is 2,500.
        bp: u16,
    },
    /// A better price.
    OddsBoost {
        /// The price paid instead of the market's.
        price: Price,
    },
    /// A losing stake comes back as a free bet. Half a loss is not insured.
    Insurance {
        /// At most so much of the stake, in minor units.
        max_refund: i64,
        /// What each unit of free bet is worth to the bettor, in hundredths of a percent: usually 6,000 to 8,000.
        value_bp: u16,
    },
    /// A part of what is lost comes back as money.
    Cashback {
        /// At most so much of the loss is counted, in minor units.
        max_loss: i64,
        /// 10 % back is 1,000.
        bp: u16,
    },
}

impl Promotion {
    /// What each minor unit of stake brings, in 1 / `SCALE`, as long as nothing is capped. `plain` is what it would bring at a
    /// price without promotion.
    pub(super) fn profit_per_stake(self, plain: impl Fn(Price) -> i128, market: Price, halves: i128) -> i128 {
        let plain_profit = plain(market);
        match self {
            Self::FreeBet { is_stake_returned } if halves > 0 => {
                plain_profit + if is_stake_returned { halves * SCALE / 2 } else { 0 }
            }
            Self::FreeBet { .. } => 0,
            Self::ProfitBoost { bp } if halves > 0 => plain_profit / BP * (BP + i128::from(bp)),
            Self::OddsBoost { price } => plain(price),
            Self::Insurance { value_bp, .. } if halves == -2 => plain_profit + SCALE / BP * i128::from(value_bp),
            Self::Cashback { bp, .. } if halves < 0 => plain_profit / BP * (BP - i128::from(bp)),
            Self::ProfitBoost { .. } | Self::Insurance { .. } | Self::Cashback { .. } => plain_profit,
        }
    }

    /// What a promotion keeps back because it is capped, in 1 / `SCALE`.
    pub(super) fn not_given(self, stake: i64, result: BetResult) -> i128 {
        let halves_lost = (-i128::from(result.halves())).max(0);
        match self {
            Self::Insurance { max_refund, value_bp } if halves_lost == 2 => {
                i128::from((stake - max_refund).max(0)) * (SCALE / BP) * i128::from(value_bp)
            }
            Self::Cashback { max_loss, bp } => {
                let halves_beyond = i128::from(stake) * halves_lost - 2 * i128::from(max_loss);
                halves_beyond.max(0) * (SCALE / 2 / BP) * i128::from(bp)
            }
            _ => 0,
        }
    }

    /// The greatest stake that all of it is covered.
    pub(super) const fn cap(self) -> Option<i64> {
        match self {
            Self::Insurance { max_refund: cap, .. } | Self::Cashback { max_loss: cap, .. } => Some(cap),
            Self::FreeBet { .. } | Self::ProfitBoost { .. } | Self::OddsBoost { .. } => None,
        }
    }

    /// True when its numbers can be.
    pub(super) const fn is_sound(self) -> bool {
        match self {
            Self::FreeBet { .. } | Self::ProfitBoost { .. } | Self::OddsBoost { .. } => true,
            Self::Insurance {
                max_refund: cap,
                value_bp: bp,
            }
            | Self::Cashback { max_loss: cap, bp } => cap >= 0 && bp <= 10_000,
        }
    }
}

/// A bet against a promoted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hedge {
    /// Back: on the opposite of a two-way market. Lay: against the same outcome.
    pub side: Side,
    /// At which price, gross.
    pub price: Price,
    /// On which terms.
    pub terms: Terms,
}

/// A hedged promotion, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Locked {
    /// The hedge's stake, in its currency; the backer's for a lay.
    pub stake: i64,
    /// What the hedge risks, in the base currency.
    pub at_risk: i64,
    /// What is left when the promoted bet wins.
    pub if_won: i64,
    /// What is left when it loses.
    pub if_lost: i64,
    /// The lesser of the two. Below zero when the promotion is worth less than the hedge costs.
    pub guaranteed: i64,
}

/// Hedges a promoted back bet of a given stake so that its worst case is best.
///
/// # Errors
/// [`PlanError`] when a number can't be.
pub fn lock(price: Price, stake: i64, promotion: Promotion, terms: Terms, hedge: Hedge) -> Result<Locked, PlanError> {
    // Any contest that somebody always wins will do.
    let contest = Contest::new(Sport::BASKETBALL, "home", "away");
    let market = MarketKey::plain(MarketKind::Moneyline);
    let promoted = Leg {
        promotion: Some(promotion),
        ..Leg::back(market.clone(), Outcome::Home, price, terms)
    };
    let against = match hedge.side {
        Side::Back => Leg::back(market, Outcome::Away, hedge.price, hedge.terms),
        Side::Lay => Leg::lay(market, Outcome::Home, hedge.price, hedge.terms),
    };
    let combination = Combination::new(&contest, vec![promoted, against]).map_err(|_| PlanError::NoSuchLeg)?;
    let plan = combination.hedge(0, stake, MAX_STAKE)?;
    let wins = |scenario: &super::Scenario| scenario.results.first() == Some(&BetResult::Win);
    let least = |won: bool| {
        let returns = combination.scenarios().iter().zip(&plan.returns);
        returns
            .filter(|(scenario, _)| wins(scenario) == won)
            .map(|(_, left)| *left)
            .min()
    };
    Ok(Locked {
        stake: plan.stakes.get(1).copied().unwrap_or(0),
        at_risk: plan.at_risk.get(1).copied().unwrap_or(0),
        if_won: least(true).unwrap_or(plan.guaranteed),
        if_lost: least(false).unwrap_or(plan.guaranteed),
        guaranteed: plan.guaranteed,
    })
}

/// A bonus that is paid out once so much has been staked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepositBonus {
    /// The bonus, in minor units.
    pub bonus: i64,
    /// What has to be staked in all before it can be withdrawn: the rollover times what the terms apply it to, which is the
    /// bonus or the bonus and the deposit.
    pub turnover: i64,
}

impl DepositBonus {
    /// What is left of the bonus after enough bets of one `stake` that each lock in `guaranteed`, usually a small loss: the worst
    /// case of a hedged pair, from [`lock`] or [`Combination::hedge`]. `None` for a stake of zero or less, or too much to hold.
    ///
    /// ```
    /// use domain::scenarios::promotion::DepositBonus;
    /// // 100 that must be turned over six times; each bet of 50 costs 1.20 to hedge.
    /// let bonus = DepositBonus { bonus: 100_00, turnover: 600_00 };
    /// assert_eq!(bonus.value(50_00, -1_20), Some(85_60));
    /// ```
    pub fn value(self, stake: i64, guaranteed: i64) -> Option<i64> {
        if stake <= 0 || self.turnover < 0 {
            return None;
        }
        let bets = (i128::from(self.turnover) + i128::from(stake) - 1) / i128::from(stake);
        i64::try_from(i128::from(self.bonus) + bets * i128::from(guaranteed)).ok()
    }
}
