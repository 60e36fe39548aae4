//! Middles: bets on two lines that lose little usually, and both win between the lines.

use super::arbitrage::minor;
use super::judge::{Against, Judge, Trust, middle_of, preferred, sift};
use super::pairs::{Offer, Reach, offers, opposites};
use super::value::fair_rules;
use super::{Finding, Findings, Param, ParamKind, Params, Strategy, View, shared};
use crate::fair::{FairRules, MarketFair};
use domain::fair::FairLine;
use domain::opportunity::{Facts, Found, OpportunityKind, worst_case};
use domain::result::Contest;
use domain::{BoardMarket, Line, Quote, Side};

/// See the module.
pub(super) struct Middle;

const MAX_COST: Param = Param {
    name: "max_cost",
    label: "Greatest cost",
    help: "What is lost at most of everything staked, when the middle is missed.",
    kind: ParamKind::Number {
        min: 0.0,
        max: 20.0,
        default: 3.0,
        decimals: 2,
        unit: "%",
    },
};
const MAX_BREAK_EVEN: Param = Param {
    name: "max_break_even",
    label: "Break-even chance at most",
    help: "How often the middle has to be hit to cost nothing. Lower is wider, or cheaper.",
    kind: ParamKind::Number {
        min: 0.1,
        max: 50.0,
        default: 6.0,
        decimals: 2,
        unit: "%",
    },
};

impl Strategy for Middle {
    fn kind(&self) -> OpportunityKind {
        OpportunityKind::Middle
    }

    fn about(&self) -> &'static str {
        "Bets on two lines that cost little when one of them loses, and both win between the lines."
    }

    fn method(&self) -> &'static str {
        "the two stakes whose worst scenario is best; profit = that worst case on everything at risk. Chance of the middle = sum \
         of both fair probabilities - 1, on half lines"
    }

    fn spec(&self) -> &'static [Param] {
        &[
            MAX_COST,
            MAX_BREAK_EVEN,
            shared::MAX_AGE,
            shared::IN_PLAY,
            shared::CHAIN,
            shared::DEVIG,
            shared::MIN_BOOKS,
            shared::SPORTS,
            shared::BOOKMAKERS,
            shared::STAKE,
        ]
    }

    fn find(&self, view: &View<'_>, params: &Params) -> Findings {
        let Some(contest) = Contest::of(&view.board.event).filter(|_| !view.board.event.status.is_over()) else {
            return Findings::default();
        };
        let judge = Judge::of(view, params);
        let (rules, _) = fair_rules(params);
        let search = Search {
            view,
            judge: &judge,
            contest: &contest,
            rules: &rules,
            total: minor(params.number("stake")),
            limit: 1.0 / (1.0 - params.percent(MAX_COST.name)) + 1e-9,
            most: params.percent(MAX_BREAK_EVEN.name),
        };
        let candidates = preferred(Trust::ALL.map(|trust| search.pairs(trust)).into());
        sift(
            view,
            params,
            (MAX_COST.name, -params.percent(MAX_COST.name)),
            candidates,
        )
    }
}

struct Search<'s> {
    view: &'s View<'s>,
    judge: &'s Judge<'s>,
    contest: &'s Contest,
    rules: &'s FairRules,
    /// The total to stake, in minor units.
    total: i64,
    /// What the two together may cost of a certain unit.
    limit: f64,
    /// The highest break-even chance.
    most: f64,
}

impl Search<'_> {
    fn pairs(&self, trust: Trust) -> Vec<Finding> {
        let usable = |market: &BoardMarket, quote: &Quote| {
            self.judge.is_usable(quote.bookmaker_id) && self.judge.passes(trust, market, quote)
        };
        let reach = Reach {
            lay: false,
            is_gross: false,
        };
        let offers = offers(self.view, reach, usable);
        opposites(&offers, self.limit)
            .into_iter()
            .filter(|(one, other)| one.market.key != other.market.key)
            .filter_map(|(one, other)| self.candidate(one, other))
            .collect()
    }

    fn candidate(&self, one: &Offer<'_>, other: &Offer<'_>) -> Option<Finding> {
        let (view, contest) = (self.view, Some(self.contest));
        let bets = vec![one.bet(view, false), other.bet(view, false)];
        let best = worst_case(contest, &bets).filter(|best| best.profit <= 0.0)?;
        let mut middle = middle_of(contest, &bets, &best.shares).filter(|middle| middle.break_even <= self.most)?;
        let legs = [one, other];
        let lines: Option<Vec<FairLine>> = legs.iter().map(|offer| line_of(view, self.rules, offer)).collect();
        let lines = lines.unwrap_or_default();
        middle.chance = chance(&legs, &lines);
        let seen: Vec<_> = legs.iter().map(|offer| (offer.market, offer.quote)).collect();
        let mut against = Against::default();
        let stakes = self.judge.stakes(contest, &bets, self.total, false, &mut against);
        if middle.chance.is_some_and(|chance| chance < middle.break_even) {
            against
                .doubts
                .push("by the fair lines it is hit less often than it has to be".to_owned());
        }
        let (verdict, reasons) = self.judge.verdict(&seen, against);
        Some(Finding {
            found: Found {
                kind: OpportunityKind::Middle,
                market: one.market.key.clone(),
                profit: best.profit,
                legs: legs
                    .iter()
                    .zip(&best.shares)
                    .zip(&bets)
                    .map(|((offer, share), bet)| self.judge.leg(&offer.market.key, offer.quote, bet, *share))
                    .collect(),
                verdict,
                reasons,
                is_in_play: view.board.event.is_in_play(view.board.as_of),
                facts: Facts {
                    stakes,
                    middle: Some(middle),
                    ..Facts::default()
                },
            },
            bets,
            fair: lines,
            moves: Vec::new(),
        })
    }
}

/// What a leg is worth by everybody else, on a half line, where no stake comes back.
fn line_of(view: &View<'_>, rules: &FairRules, offer: &Offer<'_>) -> Option<FairLine> {
    let is_half = |line: Line| line.hundredths().rem_euclid(100) == 50;
    if !offer.market.key.line.is_some_and(is_half) || offer.quote.side != Side::Back {
        return None;
    }
    let fair = MarketFair::new(offer.market, view.desk.books, rules, view.board.as_of)?;
    fair.explain(offer.quote.bookmaker_id)
}

/// How likely both bets win, by the fair lines of both markets: one of the two always wins, so it is what their probabilities
/// have more than one.
fn chance(legs: &[&Offer<'_>], lines: &[FairLine]) -> Option<f64> {
    let probability = |at: usize| lines.get(at)?.probability(&legs.get(at)?.quote.outcome);
    let chance = probability(0)? + probability(1)? - 1.0;
    (chance > 0.0).then_some(chance)
}
