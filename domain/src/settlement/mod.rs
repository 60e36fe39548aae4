//! Settlement: what a bet pays, from what became of its legs.
//!
//! [`settle`] is the only place that says so. It knows no scores: [`fate_of`](facts::fate_of) makes a leg's [`Fate`] of a score and
//! the house's rules, or a person says it. Commission is apart ([`commission`]), because an exchange charges a market as a whole.
//!
//! ```
//! use domain::bet::{BetLeg, PayTerms, SettledAs, Structure, Wager};
//! use domain::result::BetResult;
//! use domain::settlement::{Fate, settle};
//! use domain::{MarketKey, MarketKind, Outcome, Side, Sport};
//!
//! let leg = |price: &str| BetLeg {
//!     event_id: None, event: "Chelsea @ Arsenal".into(), sport: Sport::FOOTBALL, competition: String::new(),
//!     home: None, away: None, starts_at: None, market: MarketKey::plain(MarketKind::ThreeWay), outcome: Outcome::Home,
//!     side: Side::Back, price: price.parse().unwrap(), price_text: String::new(), quote: None,
//! };
//! let legs = vec![leg("1.95"), leg("2.10"), leg("1.80")];
//! let wager = Wager { structure: Structure::Parlay, stake: 100_00, is_free: false, legs, terms: PayTerms::default() };
//! let fates = [BetResult::Win, BetResult::Win, BetResult::HalfLoss].map(Fate::ended);
//! let settled = settle(&wager, &fates, &[]).unwrap();
//! assert_eq!((settled.settled_as, settled.payout), (SettledAs::Part, 204_75));
//! ```

pub mod commission;
pub mod facts;
pub mod rules;
mod whole;

use crate::bet::{BetKind, BetLeg, CashOut, SettledAs, Structure, TeaserPush, Wager};
use crate::each_way::{self, Finish, PlaceTerms};
use crate::parlay::{Fraction, ONE, multiplied};
use crate::result::{BetResult, Rounding};
use crate::{Price, Side};
use serde::{Deserialize, Serialize};

/// What became of a leg, seen by whoever bet on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fate {
    /// How it ended; none as long as that is open.
    pub end: Option<End>,
    /// The price it is settled at, where that is not the leg's own: after a deduction for a runner that was withdrawn, or at the
    /// starting price.
    #[serde(default)]
    pub price: Option<Price>,
}

/// How a leg ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// With a result, for whoever bet.
    Result(BetResult),
    /// What was backed tied with others for fewer places than they are: of a winner one place.
    DeadHeat {
        /// Places that were left.
        places: u32,
        /// How many share them, this one included.
        tied: u32,
    },
    /// A runner finished somewhere.
    Finished(Finish),
}

impl Fate {
    /// Not decided yet.
    pub const OPEN: Self = Self { end: None, price: None };

    /// Ended with a result.
    pub const fn ended(result: BetResult) -> Self {
        Self::of(End::Result(result))
    }

    /// Ended somehow.
    pub const fn of(end: End) -> Self {
        Self {
            end: Some(end),
            price: None,
        }
    }
}

/// What a bet paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// How it ended.
    pub settled_as: SettledAs,
    /// What came back, cashed-out parts included, before commission. Of a lay: the liability with what was won, or less what was lost.
    pub payout: i64,
}

/// Why a bet can't be settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettleError {
    /// Not all legs have ended, and those that have don't decide it.
    #[error("leg {} is open", .0 + 1)]
    Open(usize),
    /// Another number of fates than of legs.
    #[error("there is not one fate for each leg")]
    NotTheLegs,
    /// A position for a bet that has none, half a win of an each-way bet, a quarter line in a teaser, or a dead heat of nobody.
    #[error("leg {}: a bet of this kind does not end like that", .0 + 1)]
    NoSuchEnd(usize),
    /// More than can be held.
    #[error("the bet pays more than can be reckoned with")]
    TooLarge,
    /// Sold more than there is, or a part of a bet of several lines.
    #[error("no such part of the stake can be cashed out")]
    NoSuchCashOut,
}

/// What a bet pays, in minor units, before commission.
///
/// A parlay or teaser with a lost leg is lost although others are open. Fractions are rounded once a line: every parlay of a round
/// robin and both parts of an each-way bet are paid apart.
///
/// # Errors
/// [`SettleError`] says what is missing or wrong.
pub fn settle(wager: &Wager, fates: &[Fate], cash_outs: &[CashOut]) -> Result<Settled, SettleError> {
    if fates.len() != wager.legs.len() {
        return Err(SettleError::NotTheLegs);
    }
    let stake = stake_left(wager, cash_outs)?;
    let cashed = cash_outs
        .iter()
        .try_fold(0_i64, |sum, part| sum.checked_add(part.amount));
    let cashed = cashed.ok_or(SettleError::TooLarge)?;
    if stake == 0 {
        return Ok(Settled {
            settled_as: SettledAs::CashedOut,
            payout: cashed,
        });
    }
    let settled = Lines {
        wager,
        fates,
        stake,
        rounding: wager.terms.rounding,
    }
    .settle()?;
    Ok(Settled {
        payout: settled.payout.checked_add(cashed).ok_or(SettleError::TooLarge)?,
        ..settled
    })
}

/// What of each line's stake was not cashed out; zero when all was. Only a bet of one line can be cashed out in part.
///
/// # Errors
/// [`SettleError::NoSuchCashOut`].
pub fn stake_left(wager: &Wager, cash_outs: &[CashOut]) -> Result<i64, SettleError> {
    let mut left = wager.total_stake();
    for part in cash_outs {
        if part.stake <= 0 || part.amount < 0 || part.stake > left {
            return Err(SettleError::NoSuchCashOut);
        }
        left -= part.stake;
    }
    let is_whole = left == 0 || left == wager.total_stake();
    match wager.structure.kind() {
        BetKind::Single | BetKind::Parlay | BetKind::Teaser => Ok(left),
        BetKind::RoundRobin | BetKind::EachWay if is_whole => Ok(if left == 0 { 0 } else { wager.stake }),
        BetKind::RoundRobin | BetKind::EachWay => Err(SettleError::NoSuchCashOut),
    }
}

/// What can still be lost, in minor units; `None` when that is too much to hold.
pub fn at_risk_left(wager: &Wager, cash_outs: &[CashOut]) -> Option<i64> {
    let stake = stake_left(wager, cash_outs).ok()?;
    if stake == 0 {
        return Some(0);
    }
    // Only the stake counts here, so that no leg needs to be copied for it.
    if wager.is_free {
        return Some(0);
    }
    match wager.legs.first() {
        Some(leg) if leg.side == Side::Lay => liability(leg.price, stake),
        _ => stake.checked_mul(i64::try_from(wager.lines()?).ok()?),
    }
}

/// What a lay of a backer's stake can lose; a fraction more is held.
fn liability(price: Price, stake: i64) -> Option<i64> {
    BetResult::Loss
        .profit(Side::Lay, price, stake, Rounding::Cut)
        .and_then(i64::checked_neg)
}

/// A wager with what is left of its stake, being settled.
struct Lines<'w> {
    wager: &'w Wager,
    fates: &'w [Fate],
    stake: i64,
    rounding: Rounding,
}

impl Lines<'_> {
    fn settle(&self) -> Result<Settled, SettleError> {
        match &self.wager.structure {
            Structure::Single => self.single(),
            Structure::Parlay => self.parlay(),
            Structure::RoundRobin { sizes } => self.round_robin(sizes),
            Structure::Teaser { prices, push } => self.teaser(prices, *push),
            Structure::EachWay { terms } => self.each_way(*terms),
        }
    }

    fn price(&self, at: usize) -> Price {
        self.fates[at].price.unwrap_or(self.wager.legs[at].price)
    }

    /// What one line pays, less its stake where that was the bookmaker's.
    fn paid(&self, payout: i64) -> i64 {
        if self.wager.is_free {
            (payout - self.stake).max(0)
        } else {
            payout
        }
    }

    fn single(&self) -> Result<Settled, SettleError> {
        let leg = &self.wager.legs[0];
        let end = self.fates[0].end.ok_or(SettleError::Open(0))?;
        if leg.side == Side::Lay {
            return self.lay(leg, end);
        }
        let multiplier = self.multiplier(0, end)?;
        let payout = multiplied(&[multiplier], self.stake, self.rounding).ok_or(SettleError::TooLarge)?;
        Ok(Settled {
            settled_as: end_of(end),
            payout: self.paid(payout),
        })
    }

    /// The liability is held at the price taken; what is won or lost is reckoned at the price settled at.
    fn lay(&self, leg: &BetLeg, end: End) -> Result<Settled, SettleError> {
        let held = liability(leg.price, self.stake).ok_or(SettleError::TooLarge)?;
        let price = self.price(0);
        let profit = match shared(end) {
            // The backer's part is paid on so much of the stake, and all of it was staked.
            Some((places, tied)) => {
                check_tie(places, tied, 0)?;
                let scale = i128::from(Price::SCALE) * i128::from(tied);
                let paid = i128::from(price.micros()) * i128::from(places.min(tied));
                let profit = self.rounding.whole(i128::from(self.stake) * (scale - paid), scale);
                i64::try_from(profit).ok()
            }
            None => match end {
                End::Result(result) => result.profit(Side::Lay, price, self.stake, self.rounding),
                // Laid to win, and somebody else did.
                _ => Some(self.stake),
            },
        };
        let settled_as = match end {
            End::Result(result) => SettledAs::of(result),
            _ if shared(end).is_some_and(|(places, tied)| places >= tied) => SettledAs::Loss,
            _ if shared(end).is_some() => SettledAs::Part,
            _ => SettledAs::Win,
        };
        let payout = profit.and_then(|profit| held.checked_add(profit));
        Ok(Settled {
            settled_as,
            payout: payout.ok_or(SettleError::TooLarge)?,
        })
    }

    /// What a leg does to a stake on it.
    fn multiplier(&self, at: usize, end: End) -> Result<Fraction, SettleError> {
        let price = self.price(at);
        if let Some((places, tied)) = shared(end) {
            check_tie(places, tied, at)?;
            let part = u64::from(places.min(tied));
            return Ok(Fraction(price.micros().unsigned_abs() * part, ONE * u64::from(tied)));
        }
        let result = match end {
            End::Result(result) => result,
            _ => BetResult::Loss,
        };
        Ok(crate::parlay::Leg { price, result }.multiplier())
    }

    /// The legs' multipliers; a lost leg stands for all that are open.
    fn multipliers(&self) -> Result<Vec<Fraction>, SettleError> {
        let lost = (0..self.fates.len()).any(|at| self.is_lost(at));
        let one = |at: usize| match self.fates[at].end {
            Some(end) => self.multiplier(at, end),
            None if lost => Ok(Fraction(1, 1)),
            None => Err(SettleError::Open(at)),
        };
        (0..self.fates.len()).map(one).collect()
    }

    fn is_lost(&self, at: usize) -> bool {
        self.fates[at].end.is_some_and(|end| end_of(end) == SettledAs::Loss)
    }

    fn parlay(&self) -> Result<Settled, SettleError> {
        let payout = multiplied(&self.multipliers()?, self.stake, self.rounding).ok_or(SettleError::TooLarge)?;
        Ok(Settled {
            settled_as: self.together(),
            payout: self.paid(payout),
        })
    }

    /// What the legs come to when all of them are needed.
    fn together(&self) -> SettledAs {
        let ends = || self.fates.iter().filter_map(|fate| fate.end).map(end_of);
        if ends().any(|end| end == SettledAs::Loss) {
            SettledAs::Loss
        } else if let Some(back) = self.all_back() {
            back
        } else if ends().all(|end| matches!(end, SettledAs::Win | SettledAs::Push | SettledAs::Void)) {
            SettledAs::Win
        } else {
            SettledAs::Part
        }
    }

    /// Void or push when every stake came back.
    fn all_back(&self) -> Option<SettledAs> {
        let ends = || self.fates.iter().filter_map(|fate| fate.end).map(end_of);
        if ends().all(|end| end == SettledAs::Void) {
            Some(SettledAs::Void)
        } else if ends().all(|end| matches!(end, SettledAs::Void | SettledAs::Push)) {
            Some(SettledAs::Push)
        } else {
            None
        }
    }

    fn round_robin(&self, sizes: &[u8]) -> Result<Settled, SettleError> {
        let ends: Vec<End> = self
            .fates
            .iter()
            .enumerate()
            .map(|(at, fate)| fate.end.ok_or(SettleError::Open(at)))
            .collect::<Result<_, _>>()?;
        let multipliers: Vec<Fraction> = ends
            .iter()
            .enumerate()
            .map(|(at, end)| self.multiplier(at, *end))
            .collect::<Result<_, _>>()?;
        let mut payout = 0_i64;
        for size in sizes {
            for_each_choice(multipliers.len(), usize::from(*size), |chosen| {
                let line: Vec<Fraction> = chosen.iter().map(|at| multipliers[*at]).collect();
                let paid = multiplied(&line, self.stake, self.rounding).ok_or(SettleError::TooLarge)?;
                payout = payout.checked_add(self.paid(paid)).ok_or(SettleError::TooLarge)?;
                Ok(())
            })?;
        }
        let won = |end: &End| matches!(end_of(*end), SettledAs::Win);
        let settled_as = match self.all_back() {
            Some(back) => back,
            None if payout == 0 => SettledAs::Loss,
            None if ends.iter().all(won) => SettledAs::Win,
            None => SettledAs::Part,
        };
        Ok(Settled { settled_as, payout })
    }

    fn teaser(&self, prices: &[Option<Price>], push: TeaserPush) -> Result<Settled, SettleError> {
        let mut left = 0_usize;
        let (mut is_lost, mut is_void, mut is_hit) = (false, false, false);
        let mut open = None;
        for (at, fate) in self.fates.iter().enumerate() {
            match fate.end {
                None => open = open.or(Some(at)),
                Some(End::Result(BetResult::Win)) => left += 1,
                Some(End::Result(BetResult::Loss)) => is_lost = true,
                Some(End::Result(BetResult::Void)) => {}
                Some(End::Result(BetResult::Push)) => match push {
                    TeaserPush::Reduce => is_hit = true,
                    TeaserPush::Void => is_void = true,
                    TeaserPush::Lose => is_lost = true,
                },
                Some(_) => return Err(SettleError::NoSuchEnd(at)),
            }
        }
        let back = |settled_as| Settled {
            settled_as,
            payout: self.paid(self.stake),
        };
        // A lost leg loses, whatever else was hit; a hit line that voids all does so only when nothing can lose any more.
        if is_lost {
            return Ok(Settled {
                settled_as: SettledAs::Loss,
                payout: 0,
            });
        }
        if let Some(at) = open {
            return Err(SettleError::Open(at));
        }
        if is_void {
            return Ok(back(SettledAs::Void));
        }
        let price = left.checked_sub(1).and_then(|at| prices.get(at).copied().flatten());
        let Some(price) = price else {
            return Ok(back(if left == 0 && is_hit {
                SettledAs::Push
            } else {
                SettledAs::Void
            }));
        };
        let won = Fraction(price.micros().unsigned_abs(), ONE);
        let payout = multiplied(&[won], self.stake, self.rounding).ok_or(SettleError::TooLarge)?;
        Ok(Settled {
            settled_as: SettledAs::Win,
            payout: self.paid(payout),
        })
    }

    fn each_way(&self, terms: PlaceTerms) -> Result<Settled, SettleError> {
        let finish = match self.fates[0].end.ok_or(SettleError::Open(0))? {
            End::Finished(finish) => Some(finish),
            End::DeadHeat { places: 1, tied } => Some(Finish { position: 1, tied }),
            End::Result(BetResult::Win) => Some(Finish { position: 1, tied: 1 }),
            End::Result(BetResult::Loss) => None,
            End::Result(back @ (BetResult::Void | BetResult::Push)) => {
                return Ok(Settled {
                    settled_as: SettledAs::of(back),
                    payout: 2 * self.paid(self.stake),
                });
            }
            _ => return Err(SettleError::NoSuchEnd(0)),
        };
        let Some(finish) = finish else {
            return Ok(Settled {
                settled_as: SettledAs::Loss,
                payout: 0,
            });
        };
        let settled = each_way::settle(self.stake, self.price(0), terms, finish, self.rounding)
            .map_err(|_| SettleError::NoSuchEnd(0))?;
        let settled_as = match (settled.win.payout, settled.place.payout) {
            (0, 0) => SettledAs::Loss,
            (0, _) => SettledAs::Part,
            _ if finish.tied > 1 => SettledAs::Part,
            _ => SettledAs::Win,
        };
        Ok(Settled {
            settled_as,
            payout: self.paid(settled.win.payout) + self.paid(settled.place.payout),
        })
    }
}

/// Places and those who share them, of an end that is a win shared or whole; none for every other end.
const fn shared(end: End) -> Option<(u32, u32)> {
    match end {
        End::DeadHeat { places, tied } => Some((places, tied)),
        End::Finished(Finish { position: 1, tied }) => Some((1, tied)),
        End::Finished(_) | End::Result(_) => None,
    }
}

fn check_tie(places: u32, tied: u32, at: usize) -> Result<(), SettleError> {
    let is_sound = places > 0 && (1..=each_way::MAX_RUNNERS).contains(&tied);
    if is_sound {
        Ok(())
    } else {
        Err(SettleError::NoSuchEnd(at))
    }
}

/// What an end is for a bet on it alone.
const fn end_of(end: End) -> SettledAs {
    match (end, shared(end)) {
        (_, Some((places, tied))) if places >= tied => SettledAs::Win,
        (_, Some(_)) => SettledAs::Part,
        (End::Result(result), None) => SettledAs::of(result),
        (_, None) => SettledAs::Loss,
    }
}

/// Calls `each` with every way to take `of` of `from` positions, in order.
fn for_each_choice<E>(from: usize, of: usize, mut each: impl FnMut(&[usize]) -> Result<(), E>) -> Result<(), E> {
    if of > from {
        return Ok(());
    }
    let mut chosen: Vec<usize> = (0..of).collect();
    loop {
        each(&chosen)?;
        let Some(moves) = (0..of).rev().find(|at| chosen[*at] < from - of + *at) else {
            return Ok(());
        };
        chosen[moves] += 1;
        for at in moves + 1..of {
            chosen[at] = chosen[at - 1] + 1;
        }
    }
}

#[cfg(test)]
mod cases;
#[cfg(test)]
mod tests;
