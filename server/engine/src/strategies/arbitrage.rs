//! Arbitrage: bets that win whatever happens.

use super::judge::{Against, Judge, Trust, max_age, middle_of, preferred, sift};
use super::pairs::{Reach, offers, opposites};
use super::{Finding, Findings, Param, ParamKind, Params, Strategy, View, shared};
use domain::arbitrage::FAIR;
use domain::opportunity::{Facts, Found, OpportunityKind, net_price, worst_case};
use domain::result::Contest;
use domain::scenarios::{Commission as Charge, Leg as Bet};
use domain::{BoardMarket, Outcome, Quote, Side};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// An arbitrage must bring more than rounding prices to millionths can feign.
const LEAST: f64 = 1.0 - FAIR;

/// What to look for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a choice of its own that a person makes"
)]
pub struct ArbitrageParams {
    /// The least return on the total stake: 0.01 is 1 %.
    pub min_profit: f64,
    /// Prices as quoted, without anybody's commission.
    pub is_gross: bool,
    /// Prices older than this many seconds make an opportunity stale; no limit without it.
    pub max_age_s: Option<u32>,
    /// Events that have started count too; what is found there is on paper only.
    pub in_play: bool,
    /// Lay prices count.
    pub lay: bool,
    /// Different lines and markets are combined where every scenario is covered.
    pub across_lines: bool,
    /// Take the best price whatever was found about it, as long as it is fresh; else prices without a finding come first.
    pub is_best_of_all: bool,
    /// Only bets at these bookmakers, by key; none means every one that can be used.
    pub bookmakers: Vec<String>,
    /// Reckon whole stakes for so much in all, in minor units.
    pub stake: Option<i64>,
}

impl Default for ArbitrageParams {
    /// Complete markets, net of commission, before the start, of prices seen within five minutes.
    fn default() -> Self {
        Self {
            min_profit: 0.0,
            is_gross: false,
            max_age_s: Some(300),
            in_play: false,
            lay: false,
            across_lines: false,
            is_best_of_all: false,
            bookmakers: Vec::new(),
            stake: None,
        }
    }
}

/// Finds the arbitrage of a board: at most one for each complete market, with the best back price of each outcome, and, where
/// asked for, pairs with lay prices and between lines.
///
/// When prices that are fresh and without a finding make an arbitrage it is found with these, even if others promise more. The
/// order is that of the markets.
pub fn find_arbitrage(view: &View<'_>, params: &ArbitrageParams) -> Vec<Finding> {
    let event = &view.board.event;
    if event.status.is_over() || (event.is_in_play(view.board.as_of) && !params.in_play) {
        return Vec::new();
    }
    let found = candidates(view, params);
    let passing = found
        .into_iter()
        .filter(|finding| finding.found.profit >= params.min_profit);
    Findings {
        found: passing.collect(),
        skipped: Vec::new(),
    }
    .bounded()
    .found
}

fn candidates(view: &View<'_>, params: &ArbitrageParams) -> Vec<Finding> {
    let wanted = params.bookmakers.iter().map(String::as_str).collect();
    let judge = Judge::new(view, params.max_age_s, wanted);
    let contest = Contest::of(&view.board.event);
    let search = Search {
        view,
        params,
        judge,
        contest,
    };
    let mut found: Vec<Finding> = view
        .board
        .markets
        .iter()
        .filter_map(|market| search.market(market))
        .collect();
    if params.lay || params.across_lines {
        found.extend(search.pairs());
    }
    found
}

struct Search<'v> {
    view: &'v View<'v>,
    params: &'v ArbitrageParams,
    judge: Judge<'v>,
    contest: Option<Contest>,
}

impl<'v> Search<'v> {
    fn market(&self, market: &'v BoardMarket) -> Option<Finding> {
        let outcomes = market.covering_outcomes()?;
        // Where even the worst prices make none, better ones make none either.
        let any = self.cover(market, &outcomes, Trust::Any)?;
        let better = self
            .trusts()
            .iter()
            .find_map(|trust| self.cover(market, &outcomes, *trust));
        let legs = better.unwrap_or(any);
        self.finding(
            &legs
                .iter()
                .map(|(quote, bet)| (market, *quote, bet))
                .collect::<Vec<_>>(),
        )
    }

    /// The best usable back price of every outcome, if together they bring a profit.
    fn cover(&self, market: &'v BoardMarket, outcomes: &[Outcome], trust: Trust) -> Option<Vec<(&'v Quote, Bet)>> {
        let legs = best_cover(self.view, market, outcomes, self.params.is_gross, |quote| {
            self.judge.is_usable(quote.bookmaker_id) && self.judge.passes(trust, market, quote)
        })?;
        // Before commission: charged on the net winnings of several legs at one exchange it may leave more than each alone.
        let sum: f64 = legs.iter().map(|(_, bet)| bet.price.implied()).sum();
        (sum < 1.0 - LEAST).then_some(legs)
    }

    fn pairs(&self) -> Vec<Finding> {
        let any = self.pairs_of(Trust::Any);
        if any.is_empty() {
            return any;
        }
        let mut lists: Vec<_> = self.trusts().iter().map(|trust| self.pairs_of(*trust)).collect();
        lists.push(any);
        preferred(lists)
    }

    /// How far prices are trusted before all of them count.
    fn trusts(&self) -> &'static [Trust] {
        if self.params.is_best_of_all {
            &[Trust::Fresh]
        } else {
            &[Trust::Clean, Trust::Fresh]
        }
    }

    fn pairs_of(&self, trust: Trust) -> Vec<Finding> {
        let reach = Reach {
            lay: self.params.lay,
            is_gross: self.params.is_gross,
        };
        let usable = |market: &BoardMarket, quote: &Quote| {
            self.judge.is_usable(quote.bookmaker_id) && self.judge.passes(trust, market, quote)
        };
        let offers = offers(self.view, reach, usable);
        opposites(&offers, 1.0 - LEAST)
            .into_iter()
            .filter(|(one, other)| self.params.across_lines || one.market.key == other.market.key)
            .filter_map(|(one, other)| {
                let bets = [one.bet(self.view, reach.is_gross), other.bet(self.view, reach.is_gross)];
                self.finding(&[(one.market, one.quote, &bets[0]), (other.market, other.quote, &bets[1])])
            })
            .collect()
    }

    fn finding(&self, legs: &[(&'v BoardMarket, &'v Quote, &Bet)]) -> Option<Finding> {
        let bets: Vec<Bet> = legs.iter().map(|(_, _, bet)| (*bet).clone()).collect();
        let best = worst_case(self.contest.as_ref(), &bets).filter(|best| best.profit > LEAST)?;
        let mut against = Against::default();
        if self.params.is_gross {
            let net: Vec<Bet> = legs
                .iter()
                .map(|(market, quote, _)| self.view.desk.bet(&market.key, quote, false))
                .collect();
            if worst_case(self.contest.as_ref(), &net).is_none_or(|net| net.profit <= LEAST) {
                against.doubts.push("nothing is left after commission".to_owned());
            }
        }
        let stakes = self.params.stake.and_then(|total| {
            self.judge
                .stakes(self.contest.as_ref(), &bets, total, true, &mut against)
        });
        let seen: Vec<(&BoardMarket, &Quote)> = legs.iter().map(|(market, quote, _)| (*market, *quote)).collect();
        let (verdict, reasons) = self.judge.verdict(&seen, against);
        let is_across = legs.iter().any(|(market, ..)| market.key != legs[0].0.key);
        let middle = is_across
            .then(|| middle_of(self.contest.as_ref(), &bets, &best.shares))
            .flatten();
        let shown = legs.iter().zip(&best.shares);
        Some(Finding {
            found: Found {
                kind: OpportunityKind::Arbitrage,
                market: legs.first()?.0.key.clone(),
                profit: best.profit,
                legs: shown
                    .map(|((market, quote, bet), share)| self.judge.leg(&market.key, quote, bet, *share))
                    .collect(),
                verdict,
                reasons,
                is_in_play: self.view.board.event.is_in_play(self.view.board.as_of),
                facts: Facts {
                    stakes,
                    middle,
                    ..Facts::default()
                },
            },
            bets,
            fair: Vec::new(),
            moves: Vec::new(),
        })
    }
}

/// The best usable back price of every outcome, after commission; `None` when one has none.
pub(super) fn best_cover<'v>(
    view: &View<'_>,
    market: &'v BoardMarket,
    outcomes: &[Outcome],
    is_gross: bool,
    usable: impl Fn(&Quote) -> bool,
) -> Option<Vec<(&'v Quote, Bet)>> {
    let net = |quote: &Quote| {
        let commission = if is_gross {
            Charge::None
        } else {
            view.desk.commission(quote.bookmaker_id)
        };
        net_price(quote.price, commission)
    };
    let mut best: Vec<Option<(f64, &Quote)>> = vec![None; outcomes.len()];
    let mut at = 0;
    for quote in &market.quotes {
        if outcomes.get(at) != Some(&quote.outcome) {
            let Some(found) = outcomes.iter().position(|outcome| *outcome == quote.outcome) else {
                continue;
            };
            at = found;
        }
        if quote.side != Side::Back || !usable(quote) {
            continue;
        }
        let newest = |quote: &Quote| (quote.last_seen_at, Reverse(quote.bookmaker_id));
        let offered = net(quote);
        let is_better = best[at].is_none_or(|(known, before)| {
            offered
                .total_cmp(&known)
                .then_with(|| newest(quote).cmp(&newest(before)))
                .is_ge()
        });
        if is_better {
            best[at] = Some((offered, quote));
        }
    }
    let quotes: Vec<&Quote> = best
        .into_iter()
        .map(|best| best.map(|(_, quote)| quote))
        .collect::<Option<_>>()?;
    Some(
        quotes
            .into_iter()
            .map(|quote| (quote, view.desk.bet(&market.key, quote, is_gross)))
            .collect(),
    )
}

/// See [`find_arbitrage`].
pub(super) struct Arbitrage;

const MIN_PROFIT: Param = Param {
    name: "min_profit",
    label: "Least profit",
    help: "Return on everything staked, in the worst case, before stakes are rounded.",
    kind: ParamKind::Number {
        min: 0.0,
        max: 100.0,
        default: 0.0,
        decimals: 3,
        unit: "%",
    },
};
const LAY: Param = Param {
    name: "lay",
    label: "Use lay prices",
    help: "A lay bet at an exchange covers what it is against.",
    kind: ParamKind::Flag { default: true },
};
const ACROSS_LINES: Param = Param {
    name: "across_lines",
    label: "Combine lines and markets",
    help: "Two bets on different lines or markets count when they cover every result; otherwise they are a middle, or nothing.",
    kind: ParamKind::Flag { default: true },
};

impl Strategy for Arbitrage {
    fn kind(&self) -> OpportunityKind {
        OpportunityKind::Arbitrage
    }

    fn about(&self) -> &'static str {
        "Bets at several bookmakers that win together whatever happens."
    }

    fn method(&self) -> &'static str {
        "best price of every outcome; profit = 1 / sum(1 / price net of commission) - 1. Lay bets, different lines and several \
         legs at one exchange: the stakes whose worst scenario is best, return on everything at risk"
    }

    fn spec(&self) -> &'static [Param] {
        &[
            MIN_PROFIT,
            shared::MAX_AGE,
            shared::IN_PLAY,
            LAY,
            ACROSS_LINES,
            shared::SPORTS,
            shared::BOOKMAKERS,
            shared::STAKE,
        ]
    }

    fn find(&self, view: &View<'_>, params: &Params) -> Findings {
        if view.board.event.status.is_over() {
            return Findings::default();
        }
        let wanted = ArbitrageParams {
            min_profit: 0.0,
            is_gross: false,
            max_age_s: max_age(params),
            in_play: true,
            lay: params.flag("lay"),
            across_lines: params.flag("across_lines"),
            is_best_of_all: false,
            bookmakers: params.words("bookmakers").into_iter().map(str::to_owned).collect(),
            stake: Some(minor(params.number("stake"))),
        };
        sift(
            view,
            params,
            (MIN_PROFIT.name, params.percent(MIN_PROFIT.name)),
            candidates(view, &wanted),
        )
    }
}

/// An amount in minor units.
#[expect(clippy::cast_possible_truncation, reason = "the specification bounds it")]
pub(super) fn minor(amount: f64) -> i64 {
    (amount * 100.0).round() as i64
}
