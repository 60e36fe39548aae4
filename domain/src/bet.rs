//! Bets as recorded: what was bet, at which price, and what has become of it.
//!
//! A [`Wager`] is all that decides what a bet pays; who made it, when and why is kept beside it. Stakes and payouts are minor units
//! of the account's currency.

use crate::close::Close;
use crate::each_way::PlaceTerms;
use crate::ledger::BetMoney;
use crate::market::codes;
use crate::result::{BetResult, Contest, Rounding};
use crate::scenarios::Commission;
use crate::settlement::{Fate, at_risk_left};
use crate::{
    AccountId, BetId, BookmakerId, Currency, EventId, ImportId, MarketKey, OpportunityId, Outcome, Price,
    QuoteChangeId, Side, SnapshotId, Sport, StrategyId,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

codes! {
    /// Whether money was bet.
    BetMode {
        /// On paper: to see what would have been.
        Paper = "paper", "Paper";
        /// With money, placed by a person at a bookmaker.
        Real = "real", "Real money";
    }
}

codes! {
    /// How the legs of a bet hang together.
    BetKind {
        /// One bet.
        Single = "single", "Single";
        /// Several bets as one: all have to win.
        Parlay = "parlay", "Parlay";
        /// Every parlay of so many legs that can be made of more.
        RoundRobin = "round_robin", "Round robin";
        /// A parlay on moved lines, at a price for the number of legs.
        Teaser = "teaser", "Teaser";
        /// Two bets: that a runner wins, and that it is placed.
        EachWay = "each_way", "Each way";
    }
}

codes! {
    /// How a whole bet ended.
    SettledAs {
        /// Won.
        Win = "win", "Won";
        /// Half of the stake won, half came back.
        HalfWin = "half_win", "Half won";
        /// More came back than nothing and less than with everything won: a bet of several lines.
        Part = "part", "Part won";
        /// The stake came back, because the line was hit.
        Push = "push", "Push";
        /// The stake came back, because the bet never stood.
        Void = "void", "Void";
        /// Half of the stake lost, half came back.
        HalfLoss = "half_loss", "Half lost";
        /// Lost.
        Loss = "loss", "Lost";
        /// Sold back to the bookmaker before the end.
        CashedOut = "cashed_out", "Cashed out";
    }
}

impl SettledAs {
    /// How a bet ended that is nothing but its one leg.
    pub const fn of(result: BetResult) -> Self {
        match result {
            BetResult::Win => Self::Win,
            BetResult::HalfWin => Self::HalfWin,
            BetResult::Push => Self::Push,
            BetResult::Void => Self::Void,
            BetResult::HalfLoss => Self::HalfLoss,
            BetResult::Loss => Self::Loss,
        }
    }
}

codes! {
    /// What a leg of a teaser that is hit exactly does to the rest.
    TeaserPush {
        /// The teaser goes on with a leg less.
        Reduce = "reduce", "One leg less";
        /// The whole teaser is void.
        Void = "void", "All void";
        /// The whole teaser is lost.
        Lose = "lose", "All lost";
    }
}

/// How the legs of a bet hang together, with what the kind needs to be settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Structure {
    /// One leg.
    Single,
    /// All legs as one.
    Parlay,
    /// Every parlay of these sizes.
    RoundRobin {
        /// Legs of each parlay: 2 of 3 legs make three doubles. In rising order, each once.
        sizes: Vec<u8>,
    },
    /// All legs as one, at a price that the number of legs decides.
    Teaser {
        /// The price of one leg, of two, and so on; as many as there are legs. A teaser that cannot be made of so few legs has
        /// none and is void.
        prices: Vec<Option<Price>>,
        /// What a hit line does.
        push: TeaserPush,
    },
    /// One leg, to win and to be placed.
    EachWay {
        /// What a place pays.
        terms: PlaceTerms,
    },
}

impl Structure {
    /// The kind.
    pub const fn kind(&self) -> BetKind {
        match self {
            Self::Single => BetKind::Single,
            Self::Parlay => BetKind::Parlay,
            Self::RoundRobin { .. } => BetKind::RoundRobin,
            Self::Teaser { .. } => BetKind::Teaser,
            Self::EachWay { .. } => BetKind::EachWay,
        }
    }
}

/// One bet of a bet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BetLeg {
    /// On which known event; none for one that no feed speaks of.
    pub event_id: Option<EventId>,
    /// The event's name as it was shown.
    pub event: String,
    /// Of which sport.
    pub sport: Sport,
    /// In which competition, as shown; empty where nobody said.
    #[serde(default)]
    pub competition: String,
    /// The home side's name, where there are two sides.
    #[serde(default)]
    pub home: Option<String>,
    /// The away side's name.
    #[serde(default)]
    pub away: Option<String>,
    /// The scheduled start as it was known.
    pub starts_at: Option<DateTime<Utc>>,
    /// In which market: the bet's own line and period, whatever becomes of the market's.
    pub market: MarketKey,
    /// On what.
    pub outcome: Outcome,
    /// For it or against it.
    pub side: Side,
    /// At which price.
    pub price: Price,
    /// The price as it was read or typed.
    #[serde(default)]
    pub price_text: String,
    /// The recorded quote that was taken, where there was one.
    #[serde(default)]
    pub quote: Option<TakenQuote>,
}

/// A recorded quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenQuote {
    /// The history row.
    pub change_id: QuoteChangeId,
    /// The answer it came in.
    pub snapshot_id: SnapshotId,
}

impl BetLeg {
    /// What it is settled by; none where there are no two sides.
    pub fn contest(&self) -> Option<Contest> {
        Some(Contest::new(self.sport.clone(), self.home.clone()?, self.away.clone()?))
    }
}

/// All that decides what a bet pays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wager {
    /// How the legs hang together.
    pub structure: Structure,
    /// What is staked on each line, in minor units; for a lay the backer's stake. A round robin of three doubles and an each-way bet
    /// have three and two lines.
    pub stake: i64,
    /// A free bet: its stake is the bookmaker's and does not come back.
    #[serde(default)]
    pub is_free: bool,
    /// Its parts.
    pub legs: Vec<BetLeg>,
    /// What the bookmaker does with fractions, and what it charges.
    #[serde(default)]
    pub terms: PayTerms,
}

/// How a bookmaker pays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayTerms {
    /// What it does with fractions of a minor unit.
    pub rounding: Rounding,
    /// What it charges.
    pub commission: Commission,
}

/// A part of a bet that was sold back to the bookmaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CashOut {
    /// When.
    pub at: DateTime<Utc>,
    /// What of the stake it took out.
    pub stake: i64,
    /// What was paid for it.
    pub amount: i64,
}

codes! {
    /// Where a bet is in its life.
    BetStatus {
        /// Not settled.
        Open = "open", "Open";
        /// Settled.
        Settled = "settled", "Settled";
    }
}

/// A bet as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bet {
    /// Which.
    pub id: BetId,
    /// With which account's money.
    pub account_id: AccountId,
    /// At which bookmaker; none where nobody said. A paper account has bets at many.
    pub bookmaker_id: Option<BookmakerId>,
    /// In which currency its amounts are.
    pub currency: Currency,
    /// Paper or real.
    pub mode: BetMode,
    /// What was bet.
    pub wager: Wager,
    /// When it was placed.
    pub placed_at: DateTime<Utc>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Where it is in its life.
    pub status: BetStatus,
    /// What became of each leg, as far as that is known.
    pub fates: Vec<Fate>,
    /// What was sold back.
    pub cash_outs: Vec<CashOut>,
    /// How it ended; none while it is open.
    pub settled: Option<SettledBet>,
    /// What of its stake, or a lay's liability, was put at risk, in minor units.
    pub at_risk: i64,
    /// Which strategy found it, in which version.
    pub strategy: Option<(StrategyId, u32)>,
    /// Which opportunity it was.
    pub opportunity_id: Option<OpportunityId>,
    /// What was expected of each unit at risk when it was placed, in millionths; none where nothing said so.
    pub edge_ppm: Option<i64>,
    /// What the bettor wrote.
    pub note: String,
    /// The bettor's own words for it, in order.
    pub tags: Vec<String>,
    /// The number that its source gave it: of a bookmaker's slip or another tracker.
    pub reference: String,
    /// Grows with every change, from 1.
    pub version: u32,
    /// From which import it is.
    pub import_id: Option<ImportId>,
    /// When it was removed.
    pub deleted_at: Option<DateTime<Utc>>,
    /// What each leg's price was worth at the close, once the event has started; none before, or where no feed speaks of it.
    pub closes: Vec<Option<Close>>,
}

/// How a bet ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettledBet {
    /// How.
    pub settled_as: SettledAs,
    /// What came back, in minor units, before commission.
    pub payout: i64,
    /// What was charged.
    pub commission: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Why, in words.
    pub reason: String,
    /// True when the program settled it from a result; false when a person did.
    pub is_automatic: bool,
}

impl Bet {
    /// What it won or lost, in minor units; none while it is open.
    pub fn profit(&self) -> Option<i64> {
        let settled = self.settled.as_ref()?;
        Some(settled.payout - self.at_risk - settled.commission)
    }

    /// What can still be lost: nothing once it is settled.
    pub fn left(&self) -> i64 {
        match self.status {
            BetStatus::Settled => 0,
            BetStatus::Open => at_risk_left(&self.wager, &self.cash_outs).unwrap_or(self.at_risk),
        }
    }

    /// What it does to its account.
    pub fn money(&self) -> BetMoney {
        if self.deleted_at.is_some() {
            return BetMoney::default();
        }
        let cashed = self.cash_outs.iter().map(|part| part.amount).sum();
        BetMoney {
            at_risk: self.at_risk,
            left: self.left(),
            payout: self.settled.as_ref().map_or(cashed, |settled| settled.payout),
            commission: self.settled.as_ref().map_or(0, |settled| settled.commission),
        }
    }
}

/// Most legs of one bet.
pub const MAX_LEGS: usize = 40;
/// Most lines of one bet.
pub const MAX_LINES: u64 = 10_000;

/// Why a bet can't be as described.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WagerError {
    /// Nothing or less.
    #[error("the stake must be above zero")]
    StakeNotPositive,
    /// More than can be reckoned with.
    #[error("the stake is too large")]
    TooLarge,
    /// None.
    #[error("a bet has at least one leg")]
    NoLegs,
    /// Too many.
    #[error("a bet has at most {MAX_LEGS} legs")]
    TooManyLegs,
    /// A single or each-way bet of several legs.
    #[error("this kind of bet has one leg")]
    OneLeg,
    /// A parlay, round robin or teaser of fewer than two.
    #[error("this kind of bet has at least two legs")]
    TwoLegs,
    /// Only a single can be a lay.
    #[error("only a single bet can be a lay")]
    NoLay,
    /// A lay with somebody else's stake.
    #[error("a lay is never a free bet")]
    NoFreeLay,
    /// No size, one below two or beyond the legs, or one twice.
    #[error("a round robin has sizes from 2 to the number of its legs, each once, in rising order")]
    NoSuchSizes,
    /// Too many combinations.
    #[error("a bet has at most {MAX_LINES} lines")]
    TooManyLines,
    /// Half a win can't be a leg of a teaser.
    #[error("a teaser has no quarter lines")]
    NoQuarterLines,
    /// Not a price for each number of legs, or none for all of them.
    #[error("a teaser has a price for each number of legs, and one for all of them")]
    NoTeaserPrices,
    /// No place, or a part that is none.
    #[error("an each-way bet has paid places and a part of the odds, such as 3 places at 1/5")]
    NoPlaceTerms,
    /// A spread, total or team total without its number.
    #[error("this market needs a line")]
    NoLine,
    /// A charge of more than all.
    #[error("the commission is more than 100 %")]
    CommissionTooHigh,
}

impl Wager {
    /// Refuses what can't be a bet.
    ///
    /// # Errors
    /// [`WagerError`] says what is wrong.
    pub fn check(&self) -> Result<(), WagerError> {
        if self.stake <= 0 {
            return Err(WagerError::StakeNotPositive);
        }
        if self.legs.is_empty() {
            return Err(WagerError::NoLegs);
        }
        if self.legs.len() > MAX_LEGS {
            return Err(WagerError::TooManyLegs);
        }
        if self.terms.commission.bp() > 10_000 {
            return Err(WagerError::CommissionTooHigh);
        }
        if self
            .legs
            .iter()
            .any(|leg| leg.market.kind.has_line() && leg.market.line.is_none())
        {
            return Err(WagerError::NoLine);
        }
        let is_lay = self.legs.iter().any(|leg| leg.side == Side::Lay);
        if is_lay && self.structure != Structure::Single {
            return Err(WagerError::NoLay);
        }
        if is_lay && self.is_free {
            return Err(WagerError::NoFreeLay);
        }
        let count = self.legs.len();
        match &self.structure {
            Structure::Single | Structure::EachWay { .. } if count != 1 => return Err(WagerError::OneLeg),
            Structure::Parlay | Structure::RoundRobin { .. } | Structure::Teaser { .. } if count < 2 => {
                return Err(WagerError::TwoLegs);
            }
            Structure::RoundRobin { sizes } => {
                let in_range = |size: &u8| (2..=count).contains(&usize::from(*size));
                if sizes.is_empty() || !sizes.iter().all(in_range) || !sizes.is_sorted_by(|a, b| a < b) {
                    return Err(WagerError::NoSuchSizes);
                }
            }
            Structure::Teaser { prices, .. } if prices.len() != count || prices.last() == Some(&None) => {
                return Err(WagerError::NoTeaserPrices);
            }
            Structure::Teaser { .. }
                if self
                    .legs
                    .iter()
                    .any(|leg| leg.market.line.is_some_and(|line| line.hundredths() % 50 != 0)) =>
            {
                return Err(WagerError::NoQuarterLines);
            }
            Structure::EachWay { terms } if terms.price(Price::MAX).is_none() => return Err(WagerError::NoPlaceTerms),
            _ => {}
        }
        let lines = self
            .lines()
            .filter(|lines| *lines <= MAX_LINES)
            .ok_or(WagerError::TooManyLines)?;
        let total = i64::try_from(lines)
            .ok()
            .and_then(|lines| self.stake.checked_mul(lines));
        match total {
            Some(total) if total <= crate::arbitrage::MAX_STAKE => {}
            _ => return Err(WagerError::TooLarge),
        }
        self.at_risk().map(drop).ok_or(WagerError::TooLarge)
    }

    /// On how many lines its stake lies; `None` when that is beyond counting.
    ///
    /// ```
    /// use domain::bet::{Structure, lines_of};
    /// assert_eq!(lines_of(&Structure::RoundRobin { sizes: vec![2, 3] }, 4), Some(6 + 4));
    /// ```
    pub fn lines(&self) -> Option<u64> {
        lines_of(&self.structure, self.legs.len())
    }

    /// The stake on all lines together.
    pub fn total_stake(&self) -> i64 {
        let lines = self.lines().and_then(|lines| i64::try_from(lines).ok());
        lines
            .and_then(|lines| self.stake.checked_mul(lines))
            .unwrap_or(i64::MAX)
    }

    /// What can be lost: all stakes, of a lay its liability, of a free bet nothing. `None` when that is too much to hold.
    pub fn at_risk(&self) -> Option<i64> {
        if self.is_free {
            return Some(0);
        }
        match self.legs.first() {
            Some(leg) if leg.side == Side::Lay => BetResult::Loss
                .profit(Side::Lay, leg.price, self.stake, Rounding::Cut)
                .and_then(i64::checked_neg),
            _ => Some(self.total_stake()),
        }
    }

    /// The price of the whole bet, where it has one: of a single its leg's, of a parlay the product, of a teaser that for all its
    /// legs. A round robin and an each-way bet have none.
    pub fn price(&self) -> Option<Price> {
        match &self.structure {
            Structure::Single => self.legs.first().map(|leg| leg.price),
            Structure::Parlay => {
                let legs: Vec<crate::parlay::Leg> = self
                    .legs
                    .iter()
                    .map(|leg| crate::parlay::Leg {
                        price: leg.price,
                        result: BetResult::Win,
                    })
                    .collect();
                crate::parlay::multiplier(&legs)
                    .ok()
                    .and_then(|micros| Price::from_micros(micros).ok())
            }
            Structure::Teaser { prices, .. } => prices.last().copied().flatten(),
            Structure::RoundRobin { .. } | Structure::EachWay { .. } => None,
        }
    }
}

/// On how many lines the stake of a bet of so many legs lies; `None` when that is beyond counting.
pub fn lines_of(structure: &Structure, legs: usize) -> Option<u64> {
    match structure {
        Structure::Single | Structure::Parlay | Structure::Teaser { .. } => Some(1),
        Structure::EachWay { .. } => Some(2),
        Structure::RoundRobin { sizes } => sizes.iter().try_fold(0_u64, |sum, size| {
            sum.checked_add(choose(legs as u64, u64::from(*size))?)
        }),
    }
}

/// So many ways to take `of` things out of `from`.
fn choose(from: u64, of: u64) -> Option<u64> {
    if of > from {
        return Some(0);
    }
    (0..of.min(from - of)).try_fold(1_u64, |ways, taken| Some(ways.checked_mul(from - taken)? / (taken + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MarketKind;

    fn leg(side: Side, price: &str) -> BetLeg {
        BetLeg {
            event_id: None,
            event: "Lions @ Bears".into(),
            sport: Sport::AMERICAN_FOOTBALL,
            competition: String::new(),
            home: Some("Bears".into()),
            away: Some("Lions".into()),
            starts_at: None,
            market: MarketKey::plain(MarketKind::Moneyline),
            outcome: Outcome::Home,
            side,
            price: price.parse().unwrap(),
            price_text: price.into(),
            quote: None,
        }
    }

    fn wager(structure: Structure, legs: usize) -> Wager {
        Wager {
            structure,
            stake: 10_00,
            is_free: false,
            legs: vec![leg(Side::Back, "2.0"); legs],
            terms: PayTerms::default(),
        }
    }

    #[test]
    fn a_lay_risks_its_liability_and_a_free_bet_nothing() {
        let mut lay = wager(Structure::Single, 0);
        lay.legs.push(leg(Side::Lay, "5.2"));
        assert_eq!((lay.check(), lay.at_risk()), (Ok(()), Some(42_00)));
        let free = Wager {
            is_free: true,
            ..wager(Structure::Single, 1)
        };
        assert_eq!((free.check(), free.at_risk()), (Ok(()), Some(0)));
    }

    #[test]
    fn stakes_lie_on_every_line() {
        let robin = wager(Structure::RoundRobin { sizes: vec![2, 3] }, 4);
        assert_eq!((robin.lines(), robin.at_risk()), (Some(10), Some(10_000)));
        let terms = PlaceTerms {
            places: 3,
            numerator: 1,
            denominator: 5,
        };
        assert_eq!(wager(Structure::EachWay { terms }, 1).at_risk(), Some(20_00));
        assert_eq!(choose(40, 20), Some(137_846_528_820));
    }

    #[test]
    fn what_is_no_bet_is_refused_with_its_reason() {
        assert_eq!(wager(Structure::Single, 2).check(), Err(WagerError::OneLeg));
        assert_eq!(wager(Structure::Parlay, 1).check(), Err(WagerError::TwoLegs));
        for sizes in [vec![], vec![1], vec![4], vec![2, 2], vec![3, 2]] {
            assert_eq!(
                wager(Structure::RoundRobin { sizes }, 3).check(),
                Err(WagerError::NoSuchSizes)
            );
        }
        let many = Structure::RoundRobin { sizes: vec![20] };
        assert_eq!(wager(many, 40).check(), Err(WagerError::TooManyLines));
        let bare = Structure::Teaser {
            prices: vec![None, None],
            push: TeaserPush::Reduce,
        };
        assert_eq!(wager(bare, 2).check(), Err(WagerError::NoTeaserPrices));
        let mut lay = wager(Structure::Parlay, 1);
        lay.legs.push(leg(Side::Lay, "2.0"));
        assert_eq!(lay.check(), Err(WagerError::NoLay));
        assert_eq!(
            Wager {
                stake: 0,
                ..wager(Structure::Single, 1)
            }
            .check(),
            Err(WagerError::StakeNotPositive)
        );
        assert_eq!(
            Wager {
                stake: i64::MAX,
                ..wager(Structure::Single, 1)
            }
            .check(),
            Err(WagerError::TooLarge)
        );
        let mut spread = wager(Structure::Single, 1);
        spread.legs[0].market = MarketKey::plain(MarketKind::Spread);
        assert_eq!(spread.check(), Err(WagerError::NoLine));
    }

    #[test]
    fn a_parlay_has_the_price_of_the_product() {
        assert_eq!(wager(Structure::Parlay, 3).price(), "8.0".parse().ok());
        assert_eq!(wager(Structure::RoundRobin { sizes: vec![2] }, 3).price(), None);
    }
}
