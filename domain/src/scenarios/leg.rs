//! One bet of a combination, and the terms on which its bookmaker takes it.

use super::promotion::Promotion;
use crate::arbitrage::MAX_STAKE;
use crate::result::{BetResult, Rounding, Rules};
use crate::{BookmakerId, MarketKey, Outcome, Price, Side};
use serde::{Deserialize, Serialize};

/// One bet that might be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leg {
    /// In which market.
    pub market: MarketKey,
    /// On which outcome.
    pub outcome: Outcome,
    /// For it or against it.
    pub side: Side,
    /// At which price, gross.
    pub price: Price,
    /// How its bookmaker takes and settles it.
    pub terms: Terms,
    /// The least stake, in minor units of the leg's currency; at least one step is staked in any case.
    pub min_stake: i64,
    /// The greatest stake: the bookmaker's limit, or what an exchange has on offer.
    pub max_stake: i64,
    /// What the bookmaker adds to it.
    pub promotion: Option<Promotion>,
}

impl Leg {
    /// A bet that the outcome happens, without limits or promotion.
    pub fn back(market: MarketKey, outcome: Outcome, price: Price, terms: Terms) -> Self {
        Self {
            market,
            outcome,
            side: Side::Back,
            price,
            terms,
            min_stake: 0,
            max_stake: MAX_STAKE,
            promotion: None,
        }
    }

    /// A bet that it does not. Its stake is the backer's: at price L it wins the stake, and risks the stake times (L - 1).
    pub fn lay(market: MarketKey, outcome: Outcome, price: Price, terms: Terms) -> Self {
        Self {
            side: Side::Lay,
            ..Self::back(market, outcome, price, terms)
        }
    }
}

/// How a bookmaker takes bets and settles them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Terms {
    /// Which bookmaker.
    pub bookmaker_id: BookmakerId,
    /// What it charges.
    pub commission: Commission,
    /// What it does with fractions of a minor unit.
    pub rounding: Rounding,
    /// Stakes are multiples of this, in minor units of its currency.
    pub step: i64,
    /// What its currency is worth.
    pub rate: ExchangeRate,
    /// How it settles what bookmakers settle differently.
    pub rules: Rules,
}

impl Terms {
    /// A bookmaker without commission that cuts fractions and takes every stake, in the base currency.
    pub const fn new(bookmaker_id: BookmakerId) -> Self {
        Self {
            bookmaker_id,
            commission: Commission::None,
            rounding: Rounding::Cut,
            step: 1,
            rate: ExchangeRate::ONE,
            rules: Rules {
                drawn_moneyline: BetResult::Push,
            },
        }
    }
}

/// What a bookmaker charges, in hundredths of a percent: 5 % is 500. A bet whose stake comes back costs nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Commission {
    /// Nothing.
    #[default]
    None,
    /// A part of what all bets in one market at this bookmaker win together: 110 won and 40 lost are charged on 70.
    NetWinnings(u16),
    /// A part of what each bet wins by itself.
    EachBet(u16),
    /// A part of the stake of each bet that was won or lost; half of it when half of the stake came back.
    Turnover(u16),
}

impl Commission {
    /// The part, in hundredths of a percent.
    pub const fn bp(self) -> u16 {
        match self {
            Self::None => 0,
            Self::NetWinnings(bp) | Self::EachBet(bp) | Self::Turnover(bp) => bp,
        }
    }
}

/// What one minor unit of a bookmaker's currency is worth in minor units of the base currency: a fraction, exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "(u32, u32)", into = "(u32, u32)")]
pub struct ExchangeRate {
    base: u32,
    foreign: u32,
}

/// A rate of nothing, or of something for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an exchange rate is one amount above zero for another")]
pub struct ExchangeRateError;

impl ExchangeRate {
    /// The base currency itself.
    pub const ONE: Self = Self { base: 1, foreign: 1 };

    /// So many minor units of the base currency for so many of the bookmaker's.
    ///
    /// ```
    /// use domain::scenarios::ExchangeRate;
    /// // 1 GBP is 1.1634 EUR; 100 JPY, which has no cents, are 0.62 EUR.
    /// assert!(ExchangeRate::new(11_634, 10_000).is_ok());
    /// assert!(ExchangeRate::new(62, 100).is_ok());
    /// assert!(ExchangeRate::new(0, 1).is_err());
    /// ```
    ///
    /// # Errors
    /// [`ExchangeRateError`] when one of them is zero.
    pub const fn new(base: u32, foreign: u32) -> Result<Self, ExchangeRateError> {
        if base == 0 || foreign == 0 {
            Err(ExchangeRateError)
        } else {
            Ok(Self { base, foreign })
        }
    }

    /// An amount in minor units of the base currency; a fraction is cut to the owner's disadvantage. `None` when that is too
    /// much to hold.
    ///
    /// ```
    /// use domain::scenarios::ExchangeRate;
    /// let rate = ExchangeRate::new(11_634, 10_000).unwrap();
    /// assert_eq!((rate.to_base(100_00), rate.to_base(-100_01)), (Some(116_34), Some(-116_36)));
    /// ```
    pub fn to_base(self, minor: i128) -> Option<i64> {
        let base = minor.checked_mul(self.base.into())?.div_euclid(self.foreign.into());
        i64::try_from(base).ok()
    }

    /// As a float.
    pub fn as_f64(self) -> f64 {
        f64::from(self.base) / f64::from(self.foreign)
    }
}

impl TryFrom<(u32, u32)> for ExchangeRate {
    type Error = ExchangeRateError;
    fn try_from((base, foreign): (u32, u32)) -> Result<Self, ExchangeRateError> {
        Self::new(base, foreign)
    }
}

impl From<ExchangeRate> for (u32, u32) {
    fn from(rate: ExchangeRate) -> Self {
        (rate.base, rate.foreign)
    }
}

/// One whole unit of a profit: halves of millionths (see [`BetResult::profit_per_stake`]), and two charges or promotions in
/// hundredths of a percent.
pub(super) const SCALE: i128 = BetResult::PROFIT_SCALE as i128 * BP * BP;
/// Hundredths of a percent in one.
pub(super) const BP: i128 = 10_000;

impl Leg {
    /// What each minor unit of stake wins or loses, in 1 / [`SCALE`], before what is charged on a whole market.
    pub(super) fn profit_per_stake(&self, result: BetResult) -> i128 {
        let plain = |price| i128::from(result.profit_per_stake(self.side, price)) * BP * BP;
        let halves = i128::from(result.halves());
        let profit = match self.promotion {
            None => plain(self.price),
            Some(promotion) => promotion.profit_per_stake(plain, self.price, halves),
        };
        let bp = i128::from(self.terms.commission.bp());
        match self.terms.commission {
            Commission::EachBet(_) if profit > 0 => profit / BP * (BP - bp),
            Commission::Turnover(_) => profit - halves.abs() * SCALE / 2 / BP * bp,
            _ => profit,
        }
    }

    /// What a stake wins or loses, in 1 / [`SCALE`], before what is charged on a whole market.
    pub(super) fn profit(&self, stake: i64, result: BetResult) -> i128 {
        let beyond = self.promotion.map_or(0, |promotion| promotion.not_given(stake, result));
        self.profit_per_stake(result) * i128::from(stake) - beyond
    }

    /// What each unit of stake brings, as a float; where the stake is given, what it brings on average, capped promotions
    /// included.
    pub(super) fn unit(&self, result: BetResult) -> f64 {
        if self.has_given_stake() && self.max_stake > 0 {
            self.profit(self.max_stake, result) as f64 / self.max_stake as f64 / SCALE as f64
        } else {
            self.profit_per_stake(result) as f64 / SCALE as f64
        }
    }

    /// The greatest stake that may be chosen. What a promotion does not cover is left out of a choice, but not of a given stake.
    pub(super) fn greatest_stake(&self) -> i64 {
        let cap = self
            .promotion
            .and_then(Promotion::cap)
            .filter(|_| !self.has_given_stake());
        self.max_stake.min(cap.unwrap_or(MAX_STAKE)).min(MAX_STAKE)
    }

    const fn has_given_stake(&self) -> bool {
        self.min_stake == self.max_stake
    }

    /// What a stake loses when it loses: the stake of a back bet, the liability of a lay bet, in the base currency.
    pub(super) fn at_risk(&self, stake: i64) -> Option<i64> {
        let loss = self.terms.rounding.whole(self.profit(stake, BetResult::Loss), SCALE);
        self.terms.rate.to_base(loss)?.checked_neg().map(|loss| loss.max(0))
    }
}
