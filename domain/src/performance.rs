//! How a bettor's bets went, as figures that can be shown: money in whole minor units of one currency, statistics as shares of one.
//!
//! Every effect is said with the number of bets behind it and a 95 % interval, and not at all below [`MIN_BETS`]. What is left out
//! is counted. The engine makes these from rows; pages and the API show them.

use crate::bet::SettledAs;
use crate::close::CloseGrade;
use crate::{BetId, Currency};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Fewer bets than these say nothing: no yield, no mean, no share is given. Thirty is where a normal interval of a mean becomes
/// usable; it is a floor against noise, not a promise of significance, which the interval tells.
pub const MIN_BETS: u32 = 30;

/// The quantile of the standard normal distribution that leaves 2.5 % above it.
pub const Z_95: f64 = 1.959_963_984_540_054;

/// Where the true value lies, with 95 % confidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// At least.
    pub low: f64,
    /// At most.
    pub high: f64,
}

/// An effect with its uncertainty.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The best guess.
    pub value: f64,
    /// Where the truth lies; none when all bets went alike, which tells nothing about their spread.
    pub interval: Option<Interval>,
}

/// What settled bets came to. All sums are whole, so that the order of bets does not matter and parts add up to the whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How many.
    pub bets: u32,
    /// What they put at risk: the denominator of the yield.
    pub at_risk: i128,
    /// What they won or lost.
    pub profit: i128,
    /// The sum of each bet's at risk squared.
    pub at_risk_squared: i128,
    /// The sum of each bet's at risk times its profit.
    pub at_risk_profit: i128,
    /// The sum of each bet's profit squared.
    pub profit_squared: i128,
}

/// What a number of values came to, in millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spread {
    /// How many.
    pub bets: u32,
    /// Their sum.
    pub sum_ppm: i128,
    /// The sum of their squares.
    pub squares: i128,
    /// How many are above zero.
    pub above: u32,
}

impl Tally {
    /// Adds a bet.
    pub fn add(&mut self, at_risk: i64, profit: i64) {
        let (x, y) = (i128::from(at_risk), i128::from(profit));
        self.bets = self.bets.saturating_add(1);
        self.at_risk = self.at_risk.saturating_add(x);
        self.profit = self.profit.saturating_add(y);
        self.at_risk_squared = self.at_risk_squared.saturating_add(x * x);
        self.at_risk_profit = self.at_risk_profit.saturating_add(x * y);
        self.profit_squared = self.profit_squared.saturating_add(y * y);
    }

    /// Profit for each unit at risk, with a 95 % interval; none for fewer than [`MIN_BETS`] bets or nothing at risk.
    ///
    /// It is the ratio of two sums over bets, r = Σy / Σx, so its standard error is that of a ratio estimator by linearisation:
    /// √(n / (n − 1) · Σ(y − r x)²) / Σx (Cochran, Sampling Techniques, 3rd edition, section 6.4). It holds for stakes of
    /// different size, half results and lays alike, and takes bets as independent of each other.
    pub fn yield_of(&self) -> Option<Estimate> {
        if self.bets < MIN_BETS || self.at_risk <= 0 {
            return None;
        }
        let (n, turnover) = (f64::from(self.bets), self.at_risk as f64);
        let value = self.profit as f64 / turnover;
        let left = self.profit_squared as f64 - 2.0 * value * self.at_risk_profit as f64
            + value * value * self.at_risk_squared as f64;
        // Rounding leaves a little where every bet went alike.
        let is_spread = left > self.profit_squared as f64 * 1e-12;
        let error = (n / (n - 1.0) * left.max(0.0)).sqrt() / turnover;
        Some(Estimate {
            value,
            interval: is_spread.then_some(Interval {
                low: value - Z_95 * error,
                high: value + Z_95 * error,
            }),
        })
    }
}

impl Spread {
    /// Adds a value.
    pub fn add(&mut self, ppm: i64) {
        let value = i128::from(ppm);
        self.bets = self.bets.saturating_add(1);
        self.sum_ppm = self.sum_ppm.saturating_add(value);
        self.squares = self.squares.saturating_add(value * value);
        self.above += u32::from(ppm > 0);
    }

    /// The values of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            bets: self.bets.saturating_add(other.bets),
            sum_ppm: self.sum_ppm.saturating_add(other.sum_ppm),
            squares: self.squares.saturating_add(other.squares),
            above: self.above.saturating_add(other.above),
        }
    }

    /// The mean as a share of one, with the interval of a mean, s / √n either way times [`Z_95`]; none below [`MIN_BETS`].
    pub fn mean(&self) -> Option<Estimate> {
        if self.bets < MIN_BETS {
            return None;
        }
        let n = f64::from(self.bets);
        let value = self.sum_ppm as f64 / n;
        let left = self.squares as f64 - value * value * n;
        let is_spread = left > self.squares as f64 * 1e-12;
        let error = (left.max(0.0) / (n - 1.0) / n).sqrt();
        Some(Estimate {
            value: value / 1e6,
            interval: is_spread.then_some(Interval {
                low: (value - Z_95 * error) / 1e6,
                high: (value + Z_95 * error) / 1e6,
            }),
        })
    }

    /// The share above zero, with Wilson's interval; none below [`MIN_BETS`].
    pub fn share_above(&self) -> Option<Estimate> {
        share(self.above, self.bets)
    }
}

/// So many of so many, with Wilson's interval; none below [`MIN_BETS`].
///
/// ```
/// use domain::performance::share;
/// let interval = share(50, 100).unwrap().interval.unwrap();
/// assert!((interval.low - 0.403_832).abs() < 1e-6 && (interval.high - 0.596_168).abs() < 1e-6);
/// assert!(share(20, 29).is_none());
/// ```
pub fn share(count: u32, of: u32) -> Option<Estimate> {
    (of >= MIN_BETS).then(|| Estimate {
        value: f64::from(count) / f64::from(of),
        interval: Some(wilson(count, of)),
    })
}

/// Wilson's score interval of a share (Wilson 1927), 95 %: it stays between 0 and 1 and is right for shares near either.
pub fn wilson(count: u32, of: u32) -> Interval {
    let n = f64::from(of.max(1));
    let p = f64::from(count) / n;
    let z2 = Z_95 * Z_95;
    let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z_95 / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    Interval {
        low: (centre - half).max(0.0),
        high: (centre + half).min(1.0),
    }
}

/// Where a bettor stood after a bet was settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// When.
    pub at: DateTime<Utc>,
    /// By which bet.
    pub bet: BetId,
    /// What all bets until then had won or lost.
    pub profit: i64,
    /// The same of those with an edge that was known when they were placed.
    pub profit_of_expected: i64,
    /// What those were expected to win.
    pub expected: i64,
    /// How far the profit was below its highest until then; not negative.
    pub below_peak: i64,
}

/// How far the profit fell below its highest, in the order of settlement; bets settled at the same time in the order of their numbers.
/// The highest counts from nothing won.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawdown {
    /// The deepest fall.
    pub deepest: i64,
    /// The bet and time of its bottom.
    pub bottom: Option<(BetId, DateTime<Utc>)>,
    /// The bet and time of the highest before it; none when that was the beginning.
    pub top: Option<(BetId, DateTime<Utc>)>,
    /// How far it is below its highest now, by settled bets alone.
    pub now: i64,
    /// How far it would be with every open bet lost.
    pub now_if_all_lost: i64,
    /// The deepest, counting the open bets as lost.
    pub deepest_if_all_lost: i64,
}

/// Which part of a distribution: from one edge, to below another; in millionths, open at the ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// From here.
    pub from_ppm: Option<i64>,
    /// To below here.
    pub to_ppm: Option<i64>,
}

/// How many bets' prices were so much better than the close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClvBucket {
    /// So much.
    pub bucket: Bucket,
    /// By a verified close.
    pub verified: u32,
    /// By a provisional one.
    pub provisional: u32,
}

/// Prices against closes of one grade.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClvOfGrade {
    /// Which grade.
    pub grade: CloseGrade,
    /// Bets that have it.
    pub bets: u32,
    /// How much better the price was than the close.
    pub price: Spread,
    /// What the price was worth by the fair close.
    pub edge: Spread,
    /// The middle value of [`Self::price`] as a share of one; none below [`MIN_BETS`].
    pub median: Option<f64>,
}

/// Why bets have not both figures against the close.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Without {
    /// Why.
    pub reason: String,
    /// How many.
    pub bets: u32,
    /// One of them.
    pub example: BetId,
}

/// How settled bets did against the close.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clv {
    /// Bets with both figures: price against close, and worth by the fair close.
    pub with_both: u32,
    /// Bets without one of them, by stated reason, the most first. With [`Self::with_both`] all settled bets.
    pub without: Vec<Without>,
    /// Verified and provisional, apart.
    pub grades: Vec<ClvOfGrade>,
    /// The distribution of price against close.
    pub histogram: Vec<ClvBucket>,
    /// Bets whose line moved away, and points of line gained in all, in hundredths.
    pub points: (u32, i64),
    /// The best and the worst against a close.
    pub extremes: Vec<(BetId, i64)>,
}

/// What bets with an edge within bounds were expected to make, and made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calibrated {
    /// The edge when placed.
    pub bucket: Bucket,
    /// What the bets came to.
    pub tally: Tally,
    /// What they were expected to win.
    pub expected: i128,
}

/// By what bets are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitBy {
    /// Which strategy found them.
    Strategy,
    /// Where they were placed.
    Bookmaker,
    /// The sport.
    Sport,
    /// The kind of market.
    Market,
    /// A tag; a bet with several counts under each.
    Tag,
    /// The month they were placed in.
    Month,
}

impl SplitBy {
    /// All of them, in the order they are shown.
    pub const ALL: [Self; 6] = [
        Self::Strategy,
        Self::Bookmaker,
        Self::Sport,
        Self::Market,
        Self::Tag,
        Self::Month,
    ];

    /// As a person reads it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Strategy => "Strategy",
            Self::Bookmaker => "Bookmaker",
            Self::Sport => "Sport",
            Self::Market => "Market",
            Self::Tag => "Tag",
            Self::Month => "Month placed",
        }
    }
}

/// A part of the bets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitRow {
    /// What tells it: a number of strategy or bookmaker, a key, a tag, `2026-11`; empty for none.
    pub key: String,
    /// What the bets came to.
    pub tally: Tally,
    /// Their prices against verified closes.
    pub clv: Spread,
}

/// The bets told apart by something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// By what.
    pub by: SplitBy,
    /// The parts: months in their order, others by turnover, the greatest first.
    pub rows: Vec<SplitRow>,
}

/// How a bettor's bets of one mode went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Performance {
    /// What amounts are in.
    pub currency: Currency,
    /// The settled bets.
    pub settled: Tally,
    /// How many ended in each way.
    pub outcomes: Vec<(SettledAs, u32)>,
    /// Settled bets with an edge that was known when they were placed.
    pub with_edge: Tally,
    /// What those were expected to win: the sum of edge times at risk.
    pub expected: i128,
    /// Open bets.
    pub open_bets: u32,
    /// What they put at risk.
    pub open_at_risk: i64,
    /// Bets that nothing here counts because their currency has no rate by the day they were placed.
    pub without_rate: u32,
    /// Where the bettor stood over time: at most [`Performance::POINTS`], with every high and low of its stretch.
    pub series: Vec<Point>,
    /// How far it fell.
    pub drawdown: Drawdown,
    /// Against the close.
    pub clv: Clv,
    /// What an edge was worth.
    pub calibration: Vec<Calibrated>,
    /// Where the profit comes from.
    pub splits: Vec<Split>,
}

/// A figure with all it takes to reckon it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Traced {
    /// Which.
    pub figure: String,
    /// Its value; none when there are not enough bets to say.
    pub value: Option<f64>,
    /// Its interval, where it has one.
    pub interval: Option<Interval>,
    /// How it is reckoned from the inputs.
    pub formula: &'static str,
    /// What goes in, by name; whole numbers as text, because they may be larger than a float holds.
    pub inputs: Vec<(&'static str, String)>,
}

const YIELD: &str = "profit / at_risk; interval: value ± 1.959963984540054 * sqrt(bets / (bets - 1) * \
                     (profit_squared - 2 * value * at_risk_profit + value^2 * at_risk_squared)) / at_risk";
const MEAN: &str = "sum_ppm / bets / 1e6; interval: value ± 1.959963984540054 * sqrt((squares - sum_ppm^2 / bets) / (bets - 1) / bets) / 1e6";
const SHARE: &str = "above / bets; interval: Wilson's score interval with z = 1.959963984540054";

impl Performance {
    /// Points of the series at most.
    pub const POINTS: usize = 400;

    /// The main figures, each with its formula and what goes in. Amounts are in minor units.
    pub fn trace(&self) -> Vec<Traced> {
        let plain = |figure: &str, value: i128, formula, inputs| Traced {
            figure: figure.to_owned(),
            value: Some(value as f64),
            interval: None,
            formula,
            inputs,
        };
        let tally = |figure: String, tally: &Tally| {
            let estimate = tally.yield_of();
            Traced {
                figure,
                value: estimate.map(|estimate| estimate.value),
                interval: estimate.and_then(|estimate| estimate.interval),
                formula: YIELD,
                inputs: vec![
                    ("bets", tally.bets.to_string()),
                    ("at_risk", tally.at_risk.to_string()),
                    ("profit", tally.profit.to_string()),
                    ("at_risk_squared", tally.at_risk_squared.to_string()),
                    ("at_risk_profit", tally.at_risk_profit.to_string()),
                    ("profit_squared", tally.profit_squared.to_string()),
                ],
            }
        };
        let spread = |figure: String, estimate: Option<Estimate>, formula, spread: &Spread| Traced {
            figure,
            value: estimate.map(|estimate| estimate.value),
            interval: estimate.and_then(|estimate| estimate.interval),
            formula,
            inputs: vec![
                ("bets", spread.bets.to_string()),
                ("sum_ppm", spread.sum_ppm.to_string()),
                ("squares", spread.squares.to_string()),
                ("above", spread.above.to_string()),
            ],
        };
        let mut traced = vec![
            plain(
                "profit",
                self.settled.profit,
                "the sum of payout - at risk - commission over settled bets, each at the rate of the day it was placed",
                vec![("bets", self.settled.bets.to_string())],
            ),
            plain(
                "expected profit",
                self.expected,
                "the sum of edge when placed * at risk over settled bets with a known edge",
                vec![
                    ("bets", self.with_edge.bets.to_string()),
                    ("at_risk", self.with_edge.at_risk.to_string()),
                ],
            ),
            tally("yield".to_owned(), &self.settled),
            tally("yield of bets with a known edge".to_owned(), &self.with_edge),
            plain(
                "deepest drawdown",
                self.drawdown.deepest.into(),
                "the largest fall of the running profit below its highest, by settlement time, then by number of bet",
                vec![("bets", self.settled.bets.to_string())],
            ),
            plain(
                "drawdown with every open bet lost",
                self.drawdown.now_if_all_lost.into(),
                "drawdown_now + open_at_risk",
                vec![
                    ("drawdown_now", self.drawdown.now.to_string()),
                    ("open_at_risk", self.open_at_risk.to_string()),
                ],
            ),
        ];
        for grade in &self.clv.grades {
            let name = |what: &str| format!("{what}, {} closes", grade.grade.code());
            traced.extend([
                spread(name("mean price CLV"), grade.price.mean(), MEAN, &grade.price),
                spread(
                    name("share that beat the close"),
                    grade.price.share_above(),
                    SHARE,
                    &grade.price,
                ),
                spread(
                    name("mean edge by the fair close"),
                    grade.edge.mean(),
                    MEAN,
                    &grade.edge,
                ),
            ]);
        }
        for split in &self.splits {
            for row in &split.rows {
                let key = if row.key.is_empty() { "none" } else { &row.key };
                traced.push(tally(
                    format!("yield, {} {key}", split.by.name().to_lowercase()),
                    &row.tally,
                ));
            }
        }
        traced
    }
}
