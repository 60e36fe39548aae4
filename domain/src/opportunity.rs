//! Opportunities: what a strategy found, and the trace that explains every number of it.

use crate::arbitrage::NetPrice;
use crate::fair::{FairLine, FairLink};
use crate::market::codes;
use crate::result::Contest;
use crate::scenarios::{self, Combination, Commission, Terms};
use crate::{BookmakerId, EventId, MarketKey, Outcome, Price, QuoteChangeId, Side, SnapshotId, StrategyId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

codes! {
    /// What sort of opportunity it is. The code names the strategy that looks for it, too.
    OpportunityKind {
        /// Bets that win whatever happens.
        Arbitrage = "arbitrage", "Arbitrage";
        /// A price above what the outcome is worth.
        Value = "value", "Value";
        /// Bets on two lines that both win between them.
        Middle = "middle", "Middle";
        /// Best prices together that cost next to nothing: for turning money over.
        LowHold = "low_hold", "Low hold";
        /// A price left behind when several bookmakers moved together.
        Steam = "steam", "Steam";
        /// What a bookmaker gave, turned into money by bets against it.
        Promotion = "promotion", "Promotion";
    }
}

codes! {
    /// Whether it could be acted on.
    Verdict {
        /// Fresh on every leg and nothing suspicious.
        Executable = "executable", "Executable";
        /// On paper only: in play, postponed, or nothing left after commission or rounding.
        Paper = "paper", "Paper";
        /// A leg is too old to trust.
        Stale = "stale", "Stale";
        /// A price that is probably a mistake.
        Suspect = "suspect", "Suspect";
    }
}

/// One bet of an opportunity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Leg {
    /// In which market of the event.
    pub market: MarketKey,
    /// Where to bet.
    pub bookmaker_id: BookmakerId,
    /// Its key, as in the API.
    pub bookmaker: String,
    /// On what.
    pub outcome: Outcome,
    /// Back or lay.
    pub side: Side,
    /// At which price, gross.
    pub price: Price,
    /// The price as received.
    pub price_text: String,
    /// Commission on winnings in hundredths of a percent that was reckoned with; 0 when gross.
    pub commission_bp: u16,
    /// The share of the total stake on this leg; the legs sum to one.
    pub stake: f64,
    /// The book's own time for the price, or when it was last seen where the book gives none.
    pub quoted_at: DateTime<Utc>,
    /// When the price was first received.
    pub received_at: DateTime<Utc>,
    /// When it was last seen.
    pub last_seen_at: DateTime<Utc>,
    /// The history row behind it.
    pub change_id: QuoteChangeId,
    /// The snapshot behind that.
    pub snapshot_id: SnapshotId,
}

/// An opportunity as found on a board. Its identity is (strategy, event, [`Found::identity`]).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// What sort.
    pub kind: OpportunityKind,
    /// In which market of the board's event; of several the first leg's.
    pub market: MarketKey,
    /// Return on the total at risk, before rounding: 0.024976 is 2.4976 %. What is certain in the worst case (arbitrage, middle,
    /// low hold, promotion: [`promoted_profit`]), or what is won on average (value, steam).
    pub profit: f64,
    /// Its parts, in the order of the market's outcomes.
    pub legs: Vec<Leg>,
    /// Whether it could be acted on.
    pub verdict: Verdict,
    /// Why the verdict is what it is, in words.
    pub reasons: Vec<String>,
    /// True when the event had started.
    pub is_in_play: bool,
    /// What is known beyond the profit.
    #[serde(flatten)]
    pub facts: Facts,
}

/// What is known of an opportunity beyond its profit; each kind has some of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Whole stakes and what they bring.
    pub stakes: Option<Stakes>,
    /// What the outcome is worth.
    pub fair: Option<Fair>,
    /// What happens between the lines.
    pub middle: Option<MiddleFacts>,
    /// Who moved.
    pub steam: Option<SteamFacts>,
    /// Of a deposit bonus: how many times it has to be turned over, each time at the worst case of the stakes.
    pub turnover: Option<f64>,
}

/// Whole stakes, in minor units of the base currency unless a leg has its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stakes {
    /// On each leg, in its currency, in whole steps; for a lay the backer's stake.
    pub stakes: Vec<i64>,
    /// What is needed in all.
    pub staked: i64,
    /// The least that is won (or, below zero, lost), after rounding of stakes and payouts.
    pub guaranteed: i64,
    /// What is at stake when all legs but this one were placed: the loss in the worst case, zero or more.
    pub exposed_without: Vec<i64>,
    /// True when there is a result with which every stake comes back, so that nothing is won.
    pub may_come_back: bool,
}

/// What an outcome is worth, by the prices of others.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fair {
    /// Which link of the chain answered.
    pub link: FairLink,
    /// The fair probability of the outcome.
    pub probability: f64,
    /// How old the oldest price behind it is, in seconds.
    pub age_s: i64,
    /// How many bookmakers are behind it.
    pub books: usize,
    /// True when the stake may come back: the probability, and so the edge, is then that of bets that are decided.
    pub may_push: bool,
    /// The growth-optimal part of a bankroll, before any fraction or cap.
    pub full_kelly: f64,
}

/// A middle in shares of the total at risk.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MiddleFacts {
    /// What is lost in the worst case, zero or more.
    pub cost: f64,
    /// What is won at least when every bet wins.
    pub gain: f64,
    /// How likely that has to be for an expectation of zero.
    pub break_even: f64,
    /// How likely it is by the fair lines on both sides, where there are any.
    pub chance: Option<f64>,
}

/// Moves of several bookmakers in one direction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SteamFacts {
    /// Who moved first; none where several moves came at one time, and nobody knows.
    pub origin: Option<String>,
    /// Who followed, in order; all of them where the origin is not known.
    pub followers: Vec<String>,
    /// How many moved, those with a shared price source counted once.
    pub independent: usize,
    /// The least move in implied probability that counted.
    pub threshold: f64,
    /// How far back moves counted, in seconds.
    pub window_s: u32,
    /// Prices are read this often, in seconds: a move may be older than it looks by as much. `None` when it is not known.
    pub sampling_s: Option<u32>,
}

impl Found {
    /// What makes it this one and no other at its strategy and event: the markets and outcomes bet on, and for a promotion the
    /// bookmaker. A better price elsewhere for the same bets is the same opportunity.
    pub fn identity(&self) -> String {
        let name = |leg: &Leg| format!("{} {} {}", leg.market, leg.outcome.code(), leg.side.code());
        if self.kind == OpportunityKind::Promotion {
            // The promoted bet comes first, at its bookmaker.
            let book = self.legs.first().map(|leg| leg.bookmaker.clone());
            return self.legs.iter().map(name).chain(book).collect::<Vec<_>>().join(" | ");
        }
        let mut parts: Vec<String> = self.legs.iter().map(name).collect();
        parts.sort_unstable();
        parts.join(" | ")
    }
}

/// Everything that an opportunity was reckoned from: nothing else is needed to reckon it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// What sort of opportunity.
    pub kind: OpportunityKind,
    /// Which parameters looked for it, and in which version; none in a search without a strategy's row.
    pub strategy: Option<(StrategyId, u32)>,
    /// How it was reckoned, in words.
    pub method: String,
    /// The version of the code that did.
    pub code_version: String,
    /// Of which event.
    pub event_id: EventId,
    /// Its name, as shown.
    pub event: String,
    /// What bets on it are settled by; none where it has no two sides.
    pub contest: Option<Contest>,
    /// Its start, as it was known.
    pub starts_at: DateTime<Utc>,
    /// In which market.
    pub market: MarketKey,
    /// The time of the board.
    pub as_of: DateTime<Utc>,
    /// The settings that decided what counts.
    pub constants: Vec<Constant>,
    /// The parts, each with the recorded rows behind it.
    pub legs: Vec<TraceLeg>,
    /// The sum of the legs' implied probabilities, net of commission.
    pub implied_sum: f64,
    /// What outcomes are worth and whose prices say so: of value and steam the leg's, of a middle each leg's.
    pub fair_lines: Vec<FairLine>,
    /// Every move behind a steam move, the first first.
    pub moves: Vec<TraceMove>,
    /// As [`Found::profit`].
    pub profit: f64,
    /// What is known beyond the profit.
    #[serde(flatten)]
    pub facts: Facts,
    /// Whether it could be acted on.
    pub verdict: Verdict,
    /// Why the verdict is what it is.
    pub reasons: Vec<String>,
}

/// A price that moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceMove {
    /// Whose.
    pub bookmaker_id: BookmakerId,
    /// Its key, as in the API.
    pub bookmaker: String,
    /// The price before.
    pub from: Price,
    /// The price after.
    pub to: Price,
    /// When the book says it moved, where the feed tells.
    pub source_at: Option<DateTime<Utc>>,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// The history row behind it.
    pub change_id: QuoteChangeId,
    /// The snapshot behind that.
    pub snapshot_id: SnapshotId,
}

/// A setting that a result depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constant {
    /// Its name.
    pub name: String,
    /// Its value, as text.
    pub value: String,
}

/// One leg of a [`Trace`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TraceLeg {
    /// The leg as found.
    pub leg: Leg,
    /// The terms it was reckoned with, and its bookmaker's promotion.
    pub terms: Terms,
    /// What the bookmaker adds to it.
    pub promotion: Option<scenarios::promotion::Promotion>,
    /// The least and the greatest stake that were reckoned with, in minor units of the account's currency.
    pub stake_limits: (i64, i64),
    /// Its price net of the commission that was reckoned with; of a lay bet the back price on the opposite that it equals.
    pub net_price: f64,
    /// 1 / net price.
    pub implied: f64,
}

/// A total that prices are tried with where only the return on it counts: large, so that nothing depends on units.
const TRIAL: i64 = 100_000_000;

/// Stakes whose worst case is best, before rounding.
#[derive(Clone, Debug, PartialEq)]
pub struct WorstCase {
    /// Return on the total at risk.
    pub profit: f64,
    /// The share of the total at risk on each leg; they sum to one.
    pub shares: Vec<f64>,
}

/// The stakes whose worst case is best, before rounding.
///
/// One back bet on each outcome of one market, at as many bookmakers, brings 1 / sum(1 / net price) - 1. Anything else, such as
/// lay bets, different lines, several legs at one exchange or a charge on turnover, is settled in every scenario. `None` when the
/// bets can't be combined.
pub fn worst_case(contest: Option<&Contest>, legs: &[scenarios::Leg]) -> Option<WorstCase> {
    if is_plain_cover(legs) {
        let implied = |leg: &scenarios::Leg| 1.0 / net_price(leg.price, leg.terms.commission);
        let sum: f64 = legs.iter().map(implied).sum();
        return Some(WorstCase {
            profit: 1.0 / sum - 1.0,
            shares: legs.iter().map(|leg| implied(leg) / sum).collect(),
        });
    }
    let combination = Combination::new(contest?, legs.to_vec()).ok()?;
    let best = combination.unrounded(TRIAL).ok()?;
    let risks: Vec<f64> = best
        .stakes
        .iter()
        .zip(legs)
        .map(|(stake, leg)| stake * at_risk(leg))
        .collect();
    let total: f64 = risks.iter().sum();
    Some(WorstCase {
        profit: best.profit(),
        shares: risks
            .iter()
            .map(|risk| if total > 0.0 { risk / total } else { 0.0 })
            .collect(),
    })
}

/// True for back bets in one market, each on another outcome and at another bookmaker, that are charged on what they win.
fn is_plain_cover(legs: &[scenarios::Leg]) -> bool {
    let plain = |leg: &scenarios::Leg| {
        leg.side == Side::Back
            && leg.promotion.is_none()
            && legs.first().is_some_and(|first| first.market == leg.market)
            && !matches!(leg.terms.commission, Commission::Turnover(_))
    };
    let differ = |at: usize| {
        legs[..at].iter().all(|other| {
            other.outcome != legs[at].outcome
                && (other.terms.bookmaker_id != legs[at].terms.bookmaker_id
                    || legs[at].terms.commission == Commission::None)
        })
    };
    legs.iter().all(plain) && (0..legs.len()).all(differ) && is_whole_market(legs)
}

/// True when the legs cover every outcome that their market's kind fixes, or both sides of a prop.
fn is_whole_market(legs: &[scenarios::Leg]) -> bool {
    let Some(kind) = legs.first().map(|leg| &leg.market.kind) else {
        return false;
    };
    kind.outcomes()
        .map_or(legs.len() == 2, |outcomes| outcomes.len() == legs.len())
}

/// What a promotion is worth, in shares of its size: the worst case of one hedged bet, or of a deposit bonus the bonus itself and that
/// worst case as often as it has to be turned over.
///
/// ```
/// use domain::opportunity::promoted_profit;
/// // 100 that must be turned over six times, at a cost of 2.4 % each time.
/// assert!((promoted_profit(-0.024, Some(6.0)) - 0.856).abs() < 1e-12);
/// assert!((promoted_profit(0.8, None) - 0.8).abs() < 1e-12);
/// ```
pub fn promoted_profit(worst_case: f64, turnover: Option<f64>) -> f64 {
    turnover.map_or(worst_case, |times| 1.0 + times * worst_case)
}

/// What a unit of a leg's stake puts at risk, in the base currency.
pub fn at_risk(leg: &scenarios::Leg) -> f64 {
    let each = match leg.side {
        Side::Back => 1.0,
        Side::Lay => leg.price.as_f64() - 1.0,
    };
    each * leg.terms.rate.as_f64()
}

/// What a unit at risk pays back when a bet wins alone in its market, after what is charged on it. A charge on turnover is at
/// risk, too: 2.10 at 2 % of turnover pays 2.10 for 1.02.
pub fn net_price(price: Price, commission: Commission) -> f64 {
    match commission {
        Commission::None => price.as_f64(),
        Commission::NetWinnings(bp) | Commission::EachBet(bp) => NetPrice::new(price, bp).as_f64(),
        Commission::Turnover(bp) => price.as_f64() / (1.0 + f64::from(bp) / 10_000.0),
    }
}

/// As [`net_price`], for a lay bet the back price on the opposite that it equals: who lays at 2.05 risks 1.05 to win 1.
pub fn net_back(side: Side, price: Price, commission: Commission) -> f64 {
    match side {
        Side::Back => net_price(price, commission),
        Side::Lay => 1.0 + (1.0 - f64::from(commission.bp()) / 10_000.0) / (price.as_f64() - 1.0),
    }
}

impl TraceLeg {
    /// The leg as what is certain is reckoned from it.
    pub fn bet(&self) -> scenarios::Leg {
        scenarios::Leg {
            side: self.leg.side,
            promotion: self.promotion,
            min_stake: self.stake_limits.0,
            max_stake: self.stake_limits.1,
            ..scenarios::Leg::back(
                self.leg.market.clone(),
                self.leg.outcome.clone(),
                self.leg.price,
                self.terms,
            )
        }
    }
}

impl Trace {
    /// The profit, reckoned again from the recorded prices, weights and terms alone; `None` when they don't tell.
    pub fn recompute(&self) -> Option<f64> {
        let bets = || -> Vec<scenarios::Leg> { self.legs.iter().map(TraceLeg::bet).collect() };
        match self.kind {
            OpportunityKind::Value | OpportunityKind::Steam => {
                let (fair, first) = (self.fair_lines.first()?, self.legs.first()?);
                let at = fair.outcomes.iter().position(|outcome| *outcome == first.leg.outcome)?;
                let probability = *fair.recompute().ok()?.get(at)?;
                Some(probability * net_price(first.leg.price, first.terms.commission) - 1.0)
            }
            OpportunityKind::Arbitrage | OpportunityKind::Middle | OpportunityKind::LowHold => {
                worst_case(self.contest.as_ref(), &bets()).map(|best| best.profit)
            }
            OpportunityKind::Promotion => {
                let (stakes, first) = (self.facts.stakes.as_ref()?, self.legs.first()?);
                let promoted = *stakes.stakes.first()? as f64 * first.terms.rate.as_f64();
                let combination = Combination::new(self.contest.as_ref()?, bets()).ok()?;
                let plan = combination.settle(&stakes.stakes).ok()?;
                Some(promoted_profit(plan.guaranteed as f64 / promoted, self.facts.turnover))
            }
        }
    }
}
