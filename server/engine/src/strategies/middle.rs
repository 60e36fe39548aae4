//! Middles: bets on two lines that lose little usually, and both win between the lines.

use super::arbitrage::minor;
use super::judge::{Judge, max_age, middle_of, sift, stakes_for};
use super::pairs::{Offer, Reach, offers, opposites};
use super::value::fair_rules;
use super::{Finding, Findings, Param, ParamKind, Params, Strategy, View, shared};
use crate::fair::{FairRules, MarketFair};
use domain::opportunity::{Facts, Found, OpportunityKind, worst_case};
use domain::result::Contest;
use domain::{Quote, Side};

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
        let judge = Judge::new(view, max_age(params));
        let rules = fair_rules(params);
        let wanted = params.words("bookmakers");
        let usable = |quote: &Quote| {
            let is_wanted = wanted.is_empty() || wanted.contains(&view.desk.key(quote.bookmaker_id).as_str());
            view.desk.is_usable(quote.bookmaker_id) && is_wanted && judge.is_fresh(quote)
        };
        let offers = offers(
            view,
            Reach {
                lay: false,
                is_gross: false,
            },
            usable,
        );
        let limit = 1.0 / (1.0 - params.percent(MAX_COST.name)) + 1e-9;
        let total = minor(params.number("stake"));
        let candidates = opposites(&offers, limit)
            .into_iter()
            .filter(|(one, other)| one.market.key.line != other.market.key.line && one.market.key.kind.has_line())
            .filter_map(|(one, other)| candidate(view, &judge, &contest, &rules, total, one, other))
            .filter(|finding| {
                let middle = finding.found.facts.middle.as_ref();
                middle.is_some_and(|middle| middle.break_even <= params.percent(MAX_BREAK_EVEN.name))
            })
            .collect();
        sift(
            view,
            params,
            (MAX_COST.name, -params.percent(MAX_COST.name)),
            candidates,
        )
    }
}

fn candidate(
    view: &View<'_>,
    judge: &Judge<'_>,
    contest: &Contest,
    rules: &FairRules,
    total: i64,
    one: &Offer<'_>,
    other: &Offer<'_>,
) -> Option<Finding> {
    let bets = vec![one.bet(view, false), other.bet(view, false)];
    let best = worst_case(Some(contest), &bets).filter(|best| best.profit <= 0.0)?;
    let mut middle = middle_of(Some(contest), &bets, &best.shares)?;
    middle.chance = chance(view, rules, one, other);
    let legs = [one, other];
    let seen: Vec<_> = legs.iter().map(|offer| (offer.market, offer.quote)).collect();
    let (verdict, reasons) = judge.verdict(&seen, Vec::new());
    Some(Finding {
        found: Found {
            kind: OpportunityKind::Middle,
            market: one.market.key.clone(),
            profit: best.profit,
            legs: legs
                .iter()
                .zip(&best.shares)
                .zip(&bets)
                .map(|((offer, share), bet)| judge.leg(&offer.market.key, offer.quote, bet, *share))
                .collect(),
            verdict,
            reasons,
            is_in_play: view.board.event.is_in_play(view.board.as_of),
            facts: Facts {
                stakes: stakes_for(Some(contest), &bets, total),
                middle: Some(middle),
                ..Facts::default()
            },
        },
        bets,
        fair: None,
        moves: Vec::new(),
    })
}

/// How likely both bets win, by the fair lines of both markets: one of the two always wins, so it is what their probabilities
/// have more than one. Only on half lines, where no stake comes back.
fn chance(view: &View<'_>, rules: &FairRules, one: &Offer<'_>, other: &Offer<'_>) -> Option<f64> {
    let probability = |offer: &Offer<'_>| {
        let is_half = offer
            .market
            .key
            .line
            .is_some_and(|line| line.hundredths().rem_euclid(100) == 50);
        if !is_half || offer.quote.side != Side::Back {
            return None;
        }
        let fair = MarketFair::new(offer.market, view.desk.books, rules, view.board.as_of)?;
        let at = fair
            .outcomes()
            .iter()
            .position(|outcome| *outcome == offer.quote.outcome)?;
        fair.line_for(offer.quote.bookmaker_id)?.1.get(at).copied()
    };
    let chance = probability(one)? + probability(other)? - 1.0;
    (chance > 0.0).then_some(chance)
}
