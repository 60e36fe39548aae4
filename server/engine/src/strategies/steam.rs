//! Steam: several independent bookmakers move the same way within a short time, and one still has the old price.

use super::judge::{Against, Judge, Trust, sift};
use super::value::{fair_rules, valued};
use super::{Finding, Findings, Move, Param, ParamKind, Params, Strategy, View, shared};
use crate::fair::{FairRules, MarketFair};
use chrono::{DateTime, TimeDelta, Utc};
use domain::opportunity::{OpportunityKind, SteamFacts, TraceMove};
use domain::{BoardMarket, BookmakerId, Outcome, Price, Quote, Side};

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
        let judge = Judge::of(view, params);
        let (rules, _) = fair_rules(params);
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
                let search = Search {
                    view,
                    params,
                    judge: &judge,
                    rules: &rules,
                    market,
                    outcome: &outcome,
                    movers: &movers,
                };
                candidates.extend(
                    Trust::ALL
                        .into_iter()
                        .find_map(|trust| search.left_behind(trust, count)),
                );
            }
        }
        sift(view, params, (MIN_EDGE.name, params.percent(MIN_EDGE.name)), candidates)
    }
}

/// What a bookmaker's price did within the window.
struct Mover<'v> {
    bookmaker_id: BookmakerId,
    /// Every move, the first first.
    moves: Vec<&'v Move>,
}

impl Mover<'_> {
    /// When it moved first: by its own time, where it tells one, and as we learned it.
    fn moved_at(&self) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let first = self.moves.first();
        (
            first.and_then(|moved| moved.source_at),
            first.map(|moved| moved.received_at),
        )
    }

    /// Whether it certainly moved before another.
    fn is_before(&self, other: &Self) -> bool {
        match (self.moved_at(), other.moved_at()) {
            ((Some(own), _), (Some(others), _)) => own < others,
            ((_, own), (_, others)) => own < others,
        }
    }

    /// How far the implied probability rose.
    fn rise(&self) -> f64 {
        let (first, last) = (self.moves.first(), self.moves.last());
        first
            .zip(last)
            .map_or(0.0, |(first, last)| last.to.implied() - first.from.implied())
    }

    fn is_below(&self, price: Price) -> bool {
        self.moves.last().is_some_and(|last| last.to < price)
    }
}

/// Who moved towards an outcome far enough within the window, the first first.
fn movers<'v>(view: &View<'v>, params: &Params, market: &BoardMarket, outcome: &Outcome) -> Vec<Mover<'v>> {
    let since = view.board.as_of - TimeDelta::seconds(i64::from(params.count(WINDOW.name)));
    let mut movers: Vec<Mover<'v>> = Vec::new();
    let is_here = |moved: &&Move| moved.received_at >= since && moved.market == market.key && moved.outcome == *outcome;
    for moved in view.moves.iter().filter(is_here) {
        match movers.iter_mut().find(|mover| mover.bookmaker_id == moved.bookmaker_id) {
            Some(mover) => mover.moves.push(moved),
            None => movers.push(Mover {
                bookmaker_id: moved.bookmaker_id,
                moves: vec![moved],
            }),
        }
    }
    movers.retain(|mover| mover.rise() >= params.percent(MIN_MOVE.name));
    movers.sort_by_key(|mover| {
        let (source_at, received_at) = mover.moved_at();
        (source_at.or(received_at), received_at, mover.bookmaker_id)
    });
    movers
}

/// How many moved, those that share a price source counted once.
fn independent(view: &View<'_>, movers: &[Mover<'_>]) -> usize {
    let group = |mover: &Mover<'_>| view.desk.clone_group(mover.bookmaker_id);
    let is_first = |at: &usize| {
        let own = group(&movers[*at]);
        own.is_none() || movers[..*at].iter().all(|earlier| group(earlier) != own)
    };
    (0..movers.len()).filter(is_first).count()
}

/// What is known of one selection that moved.
struct Search<'s> {
    view: &'s View<'s>,
    params: &'s Params,
    judge: &'s Judge<'s>,
    rules: &'s FairRules,
    market: &'s BoardMarket,
    outcome: &'s Outcome,
    movers: &'s [Mover<'s>],
}

impl Search<'_> {
    /// The price with the greatest edge among those that did not move.
    fn left_behind(&self, trust: Trust, independent: usize) -> Option<Finding> {
        let (view, desk) = (self.view, self.view.desk);
        let fair = MarketFair::new(self.market, desk.books, self.rules, view.board.as_of)?;
        let stayed = |quote: &&Quote| {
            quote.side == Side::Back
                && quote.outcome == *self.outcome
                && self.judge.is_usable(quote.bookmaker_id)
                && self.judge.passes(trust, self.market, quote)
                && self.movers.iter().all(|mover| mover.bookmaker_id != quote.bookmaker_id)
                && self.movers.iter().all(|mover| mover.is_below(quote.price))
        };
        let valued = self.market.quotes.iter().filter(stayed).filter_map(|quote| {
            let line = fair.explain(quote.bookmaker_id)?;
            let against = Against::default();
            valued(
                view,
                self.judge,
                OpportunityKind::Steam,
                self.market,
                quote,
                line,
                against,
            )
        });
        let mut best = valued
            .filter(|finding| finding.found.profit > 0.0)
            .max_by(|one, other| one.found.profit.total_cmp(&other.found.profit))?;
        best.found.facts.steam = Some(self.facts(independent));
        let moves = self.movers.iter().flat_map(|mover| &mover.moves);
        best.moves = moves.map(|moved| self.told(moved)).collect();
        best.moves.sort_by_key(|moved| (moved.received_at, moved.change_id));
        Some(best)
    }

    fn facts(&self, independent: usize) -> SteamFacts {
        let key = |mover: &Mover<'_>| self.view.desk.key(mover.bookmaker_id);
        let is_known = matches!(self.movers, [first, second, ..] if first.is_before(second));
        SteamFacts {
            origin: self.movers.first().filter(|_| is_known).map(key),
            followers: self.movers.iter().skip(usize::from(is_known)).map(key).collect(),
            independent,
            threshold: self.params.percent(MIN_MOVE.name),
            window_s: self.params.count(WINDOW.name),
            sampling_s: self.view.sampling_s,
        }
    }

    fn told(&self, moved: &Move) -> TraceMove {
        TraceMove {
            bookmaker_id: moved.bookmaker_id,
            bookmaker: self.view.desk.key(moved.bookmaker_id),
            from: moved.from,
            to: moved.to,
            source_at: moved.source_at,
            received_at: moved.received_at,
            change_id: moved.change_id,
            snapshot_id: moved.snapshot_id,
        }
    }
}
