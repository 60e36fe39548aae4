//! Strategies: pure functions from a board and parameters to opportunities.
//!
//! A strategy is code, one file here and one line in [`STRATEGIES`]; a row that a person switches and tunes is a strategy with
//! parameters of its own. Its specification ([`Strategy::spec`]) draws its form, checks what is given and documents it. The same
//! function serves the live pipeline, the command line and the past.

mod arbitrage;
mod judge;
mod low_hold;
mod middle;
mod pairs;
mod params;
mod promotion;
mod steam;
mod value;

pub use arbitrage::{ArbitrageParams, find_arbitrage};
pub use params::{Param, ParamError, ParamKind, Params};

use crate::desk::Desk;
use chrono::{DateTime, Utc};
use domain::event::Event;
use domain::fair::FairLine;
use domain::opportunity::{Constant, Found, OpportunityKind, Trace, TraceLeg, TraceMove, net_back};
use domain::result::Contest;
use domain::scenarios::Leg as Bet;
use domain::{Board, BookmakerId, MarketKey, Outcome, Price, QuoteChangeId, SnapshotId, StrategyId};
use serde::{Deserialize, Serialize};

/// Every strategy there is, in the order a person picks from.
pub const STRATEGIES: &[&dyn Strategy] = &[
    &arbitrage::Arbitrage,
    &value::Value,
    &middle::Middle,
    &low_hold::LowHold,
    &steam::Steam,
    &promotion::Promotion,
];

/// Changes whenever a strategy may decide differently with the same parameters; decisions are recorded with it.
pub const LOGIC_VERSION: u32 = 1;

/// At most so many opportunities, and so many skipped candidates, are kept of one board by one strategy: the best ones.
pub const MAX_PER_BOARD: usize = 200;
/// See [`MAX_PER_BOARD`].
pub const MAX_SKIPPED: usize = 50;

/// The strategy that looks for a kind of opportunity.
pub fn find_strategy(kind: OpportunityKind) -> &'static dyn Strategy {
    STRATEGIES
        .iter()
        .copied()
        .find(|strategy| strategy.kind() == kind)
        .unwrap_or(&arbitrage::Arbitrage)
}

/// Something that looks for opportunities on a board.
pub trait Strategy: Send + Sync {
    /// What it looks for; also its stored name.
    fn kind(&self) -> OpportunityKind;

    /// What it does, in a sentence.
    fn about(&self) -> &'static str;

    /// How its profit is reckoned, in words.
    fn method(&self) -> &'static str;

    /// What can be tuned.
    fn spec(&self) -> &'static [Param];

    /// What it finds. Values in, values out: the same view and parameters always find the same.
    fn find(&self, view: &View<'_>, params: &Params) -> Findings;
}

/// What a strategy sees.
#[derive(Clone, Copy)]
pub struct View<'v> {
    /// The board; its time is now.
    pub board: &'v Board,
    /// The bookmakers and the user's terms.
    pub desk: Desk<'v>,
    /// What moved on the event lately, oldest first. Only some strategies need it.
    pub moves: &'v [Move],
    /// How often the event's prices are read, in seconds, where that is known.
    pub sampling_s: Option<u32>,
}

/// A price that moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// In which market.
    pub market: MarketKey,
    /// On which outcome.
    pub outcome: Outcome,
    /// Whose back price.
    pub bookmaker_id: BookmakerId,
    /// The price before.
    pub from: Price,
    /// The price after.
    pub to: Price,
    /// When the book says it moved, where the feed tells.
    pub source_at: Option<DateTime<Utc>>,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// The history row.
    pub change_id: QuoteChangeId,
    /// The snapshot behind it.
    pub snapshot_id: SnapshotId,
}

/// What a strategy made of a board.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    /// What passed every filter, in the order of the markets (promotions: by profit).
    pub found: Vec<Finding>,
    /// Near misses: what would have been found but for the least profit, the time, the sport or the price.
    pub skipped: Vec<Skipped>,
}

/// An opportunity and what it was reckoned from.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The opportunity.
    pub found: Found,
    /// Its legs as they are settled.
    pub bets: Vec<Bet>,
    /// What outcomes are worth, and by whose prices: of value and steam the leg's, of a middle each leg's.
    pub fair: Vec<FairLine>,
    /// The moves behind a steam move.
    pub moves: Vec<TraceMove>,
}

/// A candidate that a filter kept out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Skipped {
    /// As [`Found::identity`].
    pub identity: String,
    /// Which parameter kept it out.
    pub filter: String,
    /// The profit it would have had.
    pub profit: f64,
    /// Why, in words.
    pub detail: String,
}

impl Findings {
    /// Keeps the most profitable ones, in the order of the markets.
    fn bounded(mut self) -> Self {
        if self.found.len() > MAX_PER_BOARD {
            let order = |one: &Finding, other: &Finding| {
                let profit = other.found.profit.total_cmp(&one.found.profit);
                profit.then_with(|| one.found.market.cmp(&other.found.market))
            };
            self.found.sort_by(order);
            self.found.truncate(MAX_PER_BOARD);
        }
        self.found
            .sort_by(|one, other| one.found.market.cmp(&other.found.market));
        self.skipped.sort_by(|one, other| other.profit.total_cmp(&one.profit));
        self.skipped.truncate(MAX_SKIPPED);
        self
    }
}

/// Which row of a user's strategies looked, and in which version.
pub type StrategyVersion = (StrategyId, u32);

/// Everything that a finding was reckoned from, so that anybody can reckon it again ([`Trace::recompute`]).
pub fn trace(
    strategy: &dyn Strategy,
    version: Option<StrategyVersion>,
    finding: &Finding,
    event: &Event,
    as_of: DateTime<Utc>,
    constants: Vec<(String, String)>,
) -> Trace {
    let Finding {
        found,
        bets,
        fair,
        moves,
    } = finding;
    let legs: Vec<TraceLeg> = found
        .legs
        .iter()
        .zip(bets)
        .map(|(leg, bet)| {
            let net_price = net_back(leg.side, leg.price, bet.terms.commission);
            TraceLeg {
                leg: leg.clone(),
                terms: bet.terms,
                promotion: bet.promotion,
                stake_limits: (bet.min_stake, bet.max_stake),
                net_price,
                implied: 1.0 / net_price,
            }
        })
        .collect();
    let mut constants: Vec<Constant> = constants
        .into_iter()
        .map(|(name, value)| Constant { name, value })
        .collect();
    constants.push(Constant {
        name: "logic_version".to_owned(),
        value: LOGIC_VERSION.to_string(),
    });
    Trace {
        kind: found.kind,
        strategy: version,
        method: strategy.method().to_owned(),
        code_version: env!("CARGO_PKG_VERSION").to_owned(),
        event_id: event.id,
        event: event.name(),
        contest: Contest::of(event),
        starts_at: event.starts_at,
        market: found.market.clone(),
        as_of,
        constants,
        implied_sum: legs.iter().map(|leg| leg.implied).sum(),
        legs,
        fair_lines: fair.clone(),
        moves: moves.clone(),
        profit: found.profit,
        facts: found.facts.clone(),
        verdict: found.verdict,
        reasons: found.reasons.clone(),
    }
}

/// Parameters that several strategies share.
mod shared {
    use super::{Param, ParamKind};
    use domain::devig::DevigMethod;

    pub(super) const MAX_AGE: Param = Param {
        name: "max_age_s",
        label: "Oldest price",
        help: "A leg whose price was not seen for longer makes the opportunity stale. 0: no limit.",
        kind: ParamKind::Number {
            min: 0.0,
            max: 86_400.0,
            default: 300.0,
            decimals: 0,
            unit: "s",
        },
    };
    pub(super) const IN_PLAY: Param = Param {
        name: "in_play",
        label: "Games that have started",
        help: "Prices in play move faster than they are read: what is found there is on paper only.",
        kind: ParamKind::Choice {
            options: &[("exclude", "Leave out"), ("include", "Look at them")],
            default: "exclude",
        },
    };
    pub(super) const SPORTS: Param = Param {
        name: "sports",
        label: "Sports",
        help: "Only these, by key, such as football or ice_hockey.",
        kind: ParamKind::Words { of: "sport keys" },
    };
    pub(super) const BOOKMAKERS: Param = Param {
        name: "bookmakers",
        label: "Bookmakers",
        help: "Only bets at these, by key; none means every bookmaker that you can use.",
        kind: ParamKind::Words { of: "bookmaker keys" },
    };
    pub(super) const STAKE: Param = Param {
        name: "stake",
        label: "Total to stake",
        help: "The stakes shown are for this much in all, in whole steps of each bookmaker.",
        kind: ParamKind::Number {
            min: 1.0,
            max: 1_000_000.0,
            default: 100.0,
            decimals: 2,
            unit: "",
        },
    };
    pub(super) const MIN_PRICE: Param = Param {
        name: "min_price",
        label: "Lowest price",
        help: "Decimal odds below this are left out.",
        kind: ParamKind::Number {
            min: 1.0,
            max: 1_000.0,
            default: 1.0,
            decimals: 2,
            unit: "",
        },
    };
    pub(super) const MAX_PRICE: Param = Param {
        name: "max_price",
        label: "Highest price",
        help: "Decimal odds above this are left out: small errors of the fair line weigh most on long shots.",
        kind: ParamKind::Number {
            min: 1.01,
            max: 1_000.0,
            default: 10.0,
            decimals: 2,
            unit: "",
        },
    };
    pub(super) const DEVIG: Param = Param {
        name: "devig",
        label: "Margin taken off by",
        help: "How the overround is spread over the outcomes when the fair line is reckoned.",
        kind: ParamKind::Choice {
            options: &METHODS,
            default: "power",
        },
    };
    pub(super) const CHAIN: Param = Param {
        name: "fair",
        label: "Fair line from",
        help: "Who says what an outcome is worth. The bookmaker being judged is always left out.",
        kind: ParamKind::Choice {
            options: &[
                ("chain", "Sharp, else exchange, else consensus"),
                ("sharp", "Sharp bookmakers only"),
                ("exchange_mid", "Exchange mid only"),
                ("consensus", "Consensus only"),
            ],
            default: "chain",
        },
    };
    pub(super) const MIN_BOOKS: Param = Param {
        name: "min_books",
        label: "Bookmakers in a consensus",
        help: "A consensus needs at least so many; those that share a price source count once.",
        kind: ParamKind::Number {
            min: 1.0,
            max: 50.0,
            default: 3.0,
            decimals: 0,
            unit: "",
        },
    };

    const METHODS: [(&str, &str); 9] = {
        let mut methods = [("", ""); 9];
        let mut at = 0;
        while at < 9 {
            methods[at] = (DevigMethod::ALL[at].code(), DevigMethod::ALL[at].name());
            at += 1;
        }
        methods
    };
}

#[cfg(test)]
mod tests;
