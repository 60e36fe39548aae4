//! How one bet ends: the one place that says what wins, loses, pushes and halves, and what that pays.
//!
//! [`result_of`] answers for the backer of an outcome; [`BetResult::on_side`] turns it for the layer; [`BetResult::profit`]
//! makes money of it. Settlement and the search for arbitrage ask the same functions, so they can't disagree.
//!
//! ```
//! use domain::event::Score;
//! use domain::result::{BetResult, Contest, Ending, Rounding, Rules, result_of};
//! use domain::{MarketKey, MarketKind, Outcome, Side, Sport};
//!
//! let contest = Contest::new(Sport::FOOTBALL, "Arsenal", "Chelsea");
//! let market = MarketKey { line: Some("-0.75".parse().unwrap()), ..MarketKey::plain(MarketKind::Spread) };
//! let by_one = Ending::Score(Score { home: 2, away: 1 });
//! let result = result_of(&contest, &market, &Outcome::Home, Rules::default(), by_one).unwrap();
//! assert_eq!(result, BetResult::HalfWin);
//! assert_eq!(result.profit(Side::Back, "1.90".parse().unwrap(), 100_00, Rounding::Cut), Some(45_00));
//! ```

use crate::event::{Event, Role, Score};
use crate::{Line, MarketKey, MarketKind, Outcome, Price, Side, Sport};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// How a bet ended for whoever made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BetResult {
    /// Won.
    Win,
    /// Half of the stake won, the other half came back: a quarter line.
    HalfWin,
    /// The stake came back, because the line was hit.
    Push,
    /// Half of the stake lost, the other half came back.
    HalfLoss,
    /// Lost.
    Loss,
    /// The stake came back, because the bet never stood.
    Void,
}

impl BetResult {
    /// Every result.
    pub const ALL: [Self; 6] = [
        Self::Win,
        Self::HalfWin,
        Self::Push,
        Self::HalfLoss,
        Self::Loss,
        Self::Void,
    ];

    /// The stored and JSON form.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Win => "win",
            Self::HalfWin => "half_win",
            Self::Push => "push",
            Self::HalfLoss => "half_loss",
            Self::Loss => "loss",
            Self::Void => "void",
        }
    }

    /// The result of a stored code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|result| result.code() == code)
    }

    /// What the other party has: who laid what was won has lost.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Win => Self::Loss,
            Self::HalfWin => Self::HalfLoss,
            Self::HalfLoss => Self::HalfWin,
            Self::Loss => Self::Win,
            Self::Push | Self::Void => self,
        }
    }

    /// A backer's result as whoever bet on this side has it.
    #[must_use]
    pub const fn on_side(self, side: Side) -> Self {
        match side {
            Side::Back => self,
            Side::Lay => self.opposite(),
        }
    }

    /// True when the whole stake came back: nothing was won or lost.
    pub const fn is_stake_back(self) -> bool {
        matches!(self, Self::Push | Self::Void)
    }

    /// Halves of the stake that were won (above zero) or lost (below).
    pub const fn halves(self) -> i64 {
        match self {
            Self::Win => 2,
            Self::HalfWin => 1,
            Self::Push | Self::Void => 0,
            Self::HalfLoss => -1,
            Self::Loss => -2,
        }
    }

    /// Profit for each unit of stake, in units of 1 / [`BetResult::PROFIT_SCALE`]: exact, as halves of millionths are.
    ///
    /// The result is that of whoever bet on `side`. The stake of a lay bet is the backer's: at lay price L it wins the stake
    /// and loses the stake times (L - 1).
    pub const fn profit_per_stake(self, side: Side, price: Price) -> i64 {
        let halves = self.halves();
        let net = price.micros() - Price::SCALE;
        match (side, halves > 0) {
            (Side::Back, true) | (Side::Lay, false) => halves * net,
            (Side::Back, false) | (Side::Lay, true) => halves * Price::SCALE,
        }
    }

    /// What one whole unit is in [`BetResult::profit_per_stake`].
    pub const PROFIT_SCALE: i64 = 2 * Price::SCALE;

    /// Payout less stake, in minor units, before any commission; for a lay bet, what was won of the backer's stake or lost of
    /// the liability. `None` when that is too much to hold.
    ///
    /// ```
    /// use domain::result::{BetResult, Rounding};
    /// use domain::{Price, Side};
    /// let price = Price::from_american(-110).unwrap();
    /// let profit = |rounding| BetResult::Win.profit(Side::Back, price, 100_00, rounding);
    /// assert_eq!((profit(Rounding::Cut), profit(Rounding::Nearest)), (Some(90_90), Some(90_91)));
    /// assert_eq!(BetResult::Loss.profit(Side::Lay, "5.2".parse().unwrap(), 10_00, Rounding::Cut), Some(-42_00));
    /// ```
    pub fn profit(self, side: Side, price: Price, stake: i64, rounding: Rounding) -> Option<i64> {
        let exact = i128::from(self.profit_per_stake(side, price)) * i128::from(stake);
        i64::try_from(rounding.whole(exact, i128::from(Self::PROFIT_SCALE))).ok()
    }
}

/// What a bookmaker does with a fraction of a minor unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// Cut, to the bookmaker's advantage: of a payout less is paid, of a liability more is held.
    #[default]
    Cut,
    /// Rounded to the nearest unit, a half to the bettor's advantage.
    Nearest,
}

impl Rounding {
    /// `amount / scale` in whole units, seen by the bettor; the scale is above zero.
    pub(crate) const fn whole(self, amount: i128, scale: i128) -> i128 {
        match self {
            Self::Cut => amount.div_euclid(scale),
            Self::Nearest => (2 * amount + scale).div_euclid(2 * scale),
        }
    }
}

/// What differs between bookmakers in how a bet is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rules {
    /// What a draw makes of a bet on either side of a two-way moneyline: usually a push or void.
    pub drawn_moneyline: BetResult,
}

impl Default for Rules {
    /// A drawn moneyline is a push.
    fn default() -> Self {
        Self {
            drawn_moneyline: BetResult::Push,
        }
    }
}

/// What must be known of an event to settle bets on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contest {
    /// Of which sport.
    pub sport: Sport,
    /// The home side's name, as markets on one side name it.
    pub home: String,
    /// The away side's name.
    pub away: String,
}

impl Contest {
    /// A contest between two sides.
    pub fn new(sport: Sport, home: impl Into<String>, away: impl Into<String>) -> Self {
        Self {
            sport,
            home: home.into(),
            away: away.into(),
        }
    }

    /// The contest of an event; `None` when it has no home and away side.
    pub fn of(event: &Event) -> Option<Self> {
        let name = |role| event.participant(role).map(|participant| participant.name.clone());
        Some(Self::new(event.sport.clone(), name(Role::Home)?, name(Role::Away)?))
    }

    /// The part of a named participant: its exact name, for a name that is merely alike may be another's.
    pub(crate) fn role_of(&self, participant: Option<&str>) -> Option<Role> {
        let name = participant?;
        match (self.home == name, self.away == name) {
            (true, false) => Some(Role::Home),
            (false, true) => Some(Role::Away),
            _ => None,
        }
    }
}

/// Who won, where a draw is a way to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Winner {
    /// The home side.
    Home,
    /// Nobody.
    Draw,
    /// The away side.
    Away,
}

/// How the part of an event ended that a market is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// With a score; who has more has won.
    Score(Score),
    /// With a winner, where no score counts or none is known.
    Winner(Winner),
}

impl Ending {
    /// Who won.
    pub const fn winner(self) -> Winner {
        match self {
            Self::Winner(winner) => winner,
            Self::Score(score) if score.home > score.away => Winner::Home,
            Self::Score(score) if score.home < score.away => Winner::Away,
            Self::Score(_) => Winner::Draw,
        }
    }
}

/// Why a bet can't be settled from an ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsettled {
    /// Outrights, props and unknown markets end in ways that a score does not tell.
    #[error("there is no rule for this kind of market")]
    NoRule,
    /// As a draw in a two-way market.
    #[error("the market has no such outcome")]
    NoSuchOutcome,
    /// A handicap or total without its number.
    #[error("the market needs a line")]
    NoLine,
    /// The ending has a winner only.
    #[error("the market needs a score")]
    NoScore,
    /// A team total of neither side.
    #[error("the market is about a participant that is neither side")]
    UnknownParticipant,
}

/// The result of backing an outcome, when the market's period ended like this.
///
/// Whole lines push. A quarter line is half a bet on each neighbour: -0.25 loses half on a draw, -0.75 wins half when won by
/// one, over 2.25 loses half on two. Draw-no-bet is void on a draw.
///
/// # Errors
/// [`Unsettled`] says what is missing or not understood.
pub fn result_of(
    contest: &Contest,
    market: &MarketKey,
    outcome: &Outcome,
    rules: Rules,
    ending: Ending,
) -> Result<BetResult, Unsettled> {
    let score = || match ending {
        Ending::Score(score) => Ok(score),
        Ending::Winner(_) => Err(Unsettled::NoScore),
    };
    match market.kind {
        MarketKind::Moneyline => two_way(outcome, ending.winner(), rules.drawn_moneyline),
        MarketKind::DrawNoBet => two_way(outcome, ending.winner(), BetResult::Void),
        MarketKind::ThreeWay | MarketKind::DoubleChance => among(&market.kind, outcome, ending.winner()),
        MarketKind::Spread => {
            let home = against_line(margin(score()?), -line_of(market)?);
            match outcome {
                Outcome::Home => Ok(home),
                Outcome::Away => Ok(home.opposite()),
                _ => Err(Unsettled::NoSuchOutcome),
            }
        }
        MarketKind::Total => over_under(outcome, total(score()?), line_of(market)?),
        MarketKind::TeamTotal => {
            let score = score()?;
            let points = match contest.role_of(market.participant.as_deref()) {
                Some(Role::Home) => score.home,
                Some(Role::Away) => score.away,
                _ => return Err(Unsettled::UnknownParticipant),
            };
            over_under(outcome, points.into(), line_of(market)?)
        }
        MarketKind::BothTeamsToScore => {
            let score = score()?;
            let both = score.home > 0 && score.away > 0;
            match outcome {
                Outcome::Yes => Ok(won_if(both)),
                Outcome::No => Ok(won_if(!both)),
                _ => Err(Unsettled::NoSuchOutcome),
            }
        }
        MarketKind::Outright | MarketKind::Prop(_) | MarketKind::Other(_) => Err(Unsettled::NoRule),
    }
}

const fn won_if(won: bool) -> BetResult {
    if won { BetResult::Win } else { BetResult::Loss }
}

fn two_way(outcome: &Outcome, winner: Winner, drawn: BetResult) -> Result<BetResult, Unsettled> {
    let backed = match outcome {
        Outcome::Home => Winner::Home,
        Outcome::Away => Winner::Away,
        _ => return Err(Unsettled::NoSuchOutcome),
    };
    Ok(if winner == Winner::Draw {
        drawn
    } else {
        won_if(winner == backed)
    })
}

/// Three-way and double chance: the outcome names the winners it covers.
fn among(kind: &MarketKind, outcome: &Outcome, winner: Winner) -> Result<BetResult, Unsettled> {
    let covered: &[Winner] = match (kind, outcome) {
        (MarketKind::ThreeWay, Outcome::Home) => &[Winner::Home],
        (MarketKind::ThreeWay, Outcome::Draw) => &[Winner::Draw],
        (MarketKind::ThreeWay, Outcome::Away) => &[Winner::Away],
        (MarketKind::DoubleChance, Outcome::HomeOrDraw) => &[Winner::Home, Winner::Draw],
        (MarketKind::DoubleChance, Outcome::HomeOrAway) => &[Winner::Home, Winner::Away],
        (MarketKind::DoubleChance, Outcome::DrawOrAway) => &[Winner::Draw, Winner::Away],
        _ => return Err(Unsettled::NoSuchOutcome),
    };
    Ok(won_if(covered.contains(&winner)))
}

fn over_under(outcome: &Outcome, points: i64, line: i64) -> Result<BetResult, Unsettled> {
    let over = against_line(points, line);
    match outcome {
        Outcome::Over => Ok(over),
        Outcome::Under => Ok(over.opposite()),
        _ => Err(Unsettled::NoSuchOutcome),
    }
}

/// The result of a bet that `points` exceed a line in hundredths.
fn against_line(points: i64, line: i64) -> BetResult {
    let ahead = points * 100 - line;
    let is_quarter = line.rem_euclid(50) == 25;
    // A quarter line is a bet on the line a quarter below and one on the line a quarter above: within a quarter, one pushes.
    match (ahead.cmp(&0), is_quarter && ahead.abs() == 25) {
        (Ordering::Equal, _) => BetResult::Push,
        (Ordering::Greater, true) => BetResult::HalfWin,
        (Ordering::Greater, false) => BetResult::Win,
        (Ordering::Less, true) => BetResult::HalfLoss,
        (Ordering::Less, false) => BetResult::Loss,
    }
}

fn line_of(market: &MarketKey) -> Result<i64, Unsettled> {
    market
        .line
        .map(Line::hundredths)
        .map(i64::from)
        .ok_or(Unsettled::NoLine)
}

fn margin(score: Score) -> i64 {
    i64::from(score.home) - i64::from(score.away)
}

fn total(score: Score) -> i64 {
    i64::from(score.home) + i64::from(score.away)
}
