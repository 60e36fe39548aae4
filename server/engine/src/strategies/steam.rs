//! Steam: several independent bookmakers move the same way within a short time, and one still has the old price.

use super::judge::{Judge, max_age, sift};
use super::value::{fair_rules, valued};
use super::{Finding, Findings, Move, Param, ParamKind, Params, Strategy, View, shared};
use crate::fair::{FairRules, MarketFair};
use chrono::{DateTime, TimeDelta, Utc};
use domain::opportunity::{OpportunityKind, SteamFacts, TraceMove};
use domain::{BoardMarket, BookmakerId, Outcome, Price, Quote, QuoteChangeId, Side, SnapshotId};

/// See the module.
pub(super) struct Steam;

const WINDOW: Param = Param {
    name: "window_s",
    label: "Within",
    help: "Moves count when they lie no further back than this.",
    kind: ParamKind::Number {
        min: 10.0,
        max: 3_600.0,
        default: 600.0,
        decimals: 0,
        unit: "s",
    },
};
const MIN_MOVE: Param = Param {
    name: "min_move",
    label: "Least move",
    help: "How far the implied probability must have risen at a bookmaker, in points of probability.",
    kind: ParamKind::Number {
        min: 0.1,
        max: 50.0,
        default: 1.5,
        decimals: 2,
        unit: "%",
    },
};
const MIN_MOVERS: Param = Param {
    name: "min_movers",
    label: "Bookmakers that moved",
    help: "At least so many, those that share a price source counted once.",
    kind: ParamKind::Number {
        min: 2.0,
        max: 20.0,
        default: 3.0,
        decimals: 0,
        unit: "",
    },
};
const MIN_EDGE: Param = Param {
    name: "min_edge",
    label: "Least edge",
    help: "What the price left behind must be worth more than it costs, by the fair line after the move.",
    kind: ParamKind::Number {
        min: 0.0,
        max: 100.0,
        default: 1.0,
        decimals: 2,
        unit: "%",
    },
};

impl Strategy for Steam {
    fn kind(&self) -> OpportunityKind {
        OpportunityKind::Steam
    }

    fn about(&self) -> &'static str {
        "A price left behind when several independent bookmakers moved the same way within a short time."
    }

    fn method(&self) -> &'static str {
        "moves of implied probability from the first price of the window to the last, by bookmaker; edge of the price left behind \
         = fair probability x price net of commission - 1"
    }

    fn spec(&self) -> &'static [Param] {
        &[
            WINDOW,
            MIN_MOVE,
            MIN_MOVERS,
            MIN_EDGE,
            shared::CHAIN,
            shared::DEVIG,
            shared::MIN_BOOKS,
            shared::MAX_AGE,
            shared::IN_PLAY,
            shared::SPORTS,
            shared::BOOKMAKERS,
        ]
    }

    fn find(&self, view: &View<'_>, params: &Params) -> Findings {
        if view.board.event.status.is_over() || view.moves.is_empty() {
            return Findings::default();
        }
        let judge = Judge::new(view, max_age(params));
        let rules = fair_rules(params);
        let mut candidates = Vec::new();
        for market in &view.board.markets {
            let Some(outcomes) = market.covering_outcomes() else {
                continue;
            };
            for outcome in outcomes {
                let movers = movers(view, params, market, &outcome);
                let count = independent(view, &movers);
                if count < params.count(MIN_MOVERS.name) as usize {
                    continue;
                }
                candidates.extend(left_behind(
                    view, params, &judge, &rules, market, &outcome, &movers, count,
                ));
            }
        }
        sift(view, params, (MIN_EDGE.name, params.percent(MIN_EDGE.name)), candidates)
    }
}

/// What a bookmaker's price did within the window.
struct Mover {
    bookmaker_id: BookmakerId,
    from: Price,
    to: Price,
    /// When the first of its moves was received.
    moved_at: DateTime<Utc>,
    change_id: QuoteChangeId,
    snapshot_id: SnapshotId,
}

/// Who moved towards an outcome far enough within the window, the first first.
fn movers(view: &View<'_>, params: &Params, market: &BoardMarket, outcome: &Outcome) -> Vec<Mover> {
    let since = view.board.as_of - TimeDelta::seconds(i64::from(params.count(WINDOW.name)));
    let mut movers: Vec<Mover> = Vec::new();
    let is_here = |moved: &&Move| moved.received_at >= since && moved.market == market.key && moved.outcome == *outcome;
    for moved in view.moves.iter().filter(is_here) {
        match movers.iter_mut().find(|mover| mover.bookmaker_id == moved.bookmaker_id) {
            Some(mover) => {
                (mover.to, mover.change_id, mover.snapshot_id) = (moved.to, moved.change_id, moved.snapshot_id);
            }
            None => movers.push(Mover {
                bookmaker_id: moved.bookmaker_id,
                from: moved.from,
                to: moved.to,
                moved_at: moved.received_at,
                change_id: moved.change_id,
                snapshot_id: moved.snapshot_id,
            }),
        }
    }
    movers.retain(|mover| mover.to.implied() - mover.from.implied() >= params.percent(MIN_MOVE.name));
    movers.sort_by_key(|mover| (mover.moved_at, mover.bookmaker_id));
    movers
}

/// How many moved, those that share a price source counted once.
fn independent(view: &View<'_>, movers: &[Mover]) -> usize {
    let group = |mover: &Mover| view.desk.clone_group(mover.bookmaker_id);
    let is_first = |at: &usize| {
        let own = group(&movers[*at]);
        own.is_none() || movers[..*at].iter().all(|earlier| group(earlier) != own)
    };
    (0..movers.len()).filter(is_first).count()
}

/// The usable price with the greatest edge among those that did not move.
#[expect(clippy::too_many_arguments, reason = "what is known of one selection, once")]
fn left_behind(
    view: &View<'_>,
    params: &Params,
    judge: &Judge<'_>,
    rules: &FairRules,
    market: &BoardMarket,
    outcome: &Outcome,
    movers: &[Mover],
    independent: usize,
) -> Option<Finding> {
    let fair = MarketFair::new(market, view.desk.books, rules, view.board.as_of)?;
    let wanted = params.words("bookmakers");
    let stayed = |quote: &&Quote| {
        let is_wanted = wanted.is_empty() || wanted.contains(&view.desk.key(quote.bookmaker_id).as_str());
        quote.side == Side::Back
            && quote.outcome == *outcome
            && is_wanted
            && view.desk.is_usable(quote.bookmaker_id)
            && judge.is_fresh(quote)
            && movers.iter().all(|mover| mover.bookmaker_id != quote.bookmaker_id)
            && movers.iter().all(|mover| quote.price > mover.to)
    };
    let valued = market.quotes.iter().filter(stayed).filter_map(|quote| {
        let line = fair.explain(quote.bookmaker_id)?;
        valued(view, judge, OpportunityKind::Steam, market, quote, line, Vec::new())
    });
    let mut best = valued
        .filter(|finding| finding.found.profit > 0.0)
        .max_by(|one, other| one.found.profit.total_cmp(&other.found.profit))?;
    best.found.facts.steam = Some(SteamFacts {
        origin: view.desk.key(movers.first()?.bookmaker_id),
        followers: movers
            .iter()
            .skip(1)
            .map(|mover| view.desk.key(mover.bookmaker_id))
            .collect(),
        independent,
        threshold: params.percent(MIN_MOVE.name),
        window_s: params.count(WINDOW.name),
        sampling_s: view.sampling_s,
    });
    best.moves = movers
        .iter()
        .map(|mover| TraceMove {
            bookmaker_id: mover.bookmaker_id,
            bookmaker: view.desk.key(mover.bookmaker_id),
            from: mover.from,
            to: mover.to,
            received_at: mover.moved_at,
            change_id: mover.change_id,
            snapshot_id: mover.snapshot_id,
        })
        .collect();
    Some(best)
}
