//! Low holds: markets whose best prices together cost next to nothing, for whoever has money to turn over.

use super::arbitrage::{best_cover, minor};
use super::judge::{Against, Judge, Trust, sift};
use super::{Finding, Findings, Param, ParamKind, Params, Strategy, View, shared};
use domain::opportunity::{Facts, Found, OpportunityKind, worst_case};
use domain::result::Contest;
use domain::{BoardMarket, Quote};

/// See the module.
pub(super) struct LowHold;

const MAX_HOLD: Param = Param {
    name: "max_hold",
    label: "Greatest cost",
    help: "What is lost of everything staked on all outcomes at their best prices.",
    kind: ParamKind::Number {
        min: 0.0,
        max: 10.0,
        default: 0.5,
        decimals: 3,
        unit: "%",
    },
};

impl Strategy for LowHold {
    fn kind(&self) -> OpportunityKind {
        OpportunityKind::LowHold
    }

    fn about(&self) -> &'static str {
        "Markets whose best prices together cost next to nothing: for turning over a bonus."
    }

    fn method(&self) -> &'static str {
        "best price of every outcome; profit = 1 / sum(1 / price net of commission) - 1, zero or less; several legs at one \
         exchange: the stakes whose worst scenario is best"
    }

    fn spec(&self) -> &'static [Param] {
        &[
            MAX_HOLD,
            shared::MAX_AGE,
            shared::IN_PLAY,
            shared::SPORTS,
            shared::BOOKMAKERS,
            shared::STAKE,
        ]
    }

    fn find(&self, view: &View<'_>, params: &Params) -> Findings {
        if view.board.event.status.is_over() {
            return Findings::default();
        }
        let judge = Judge::of(view, params);
        let contest = Contest::of(&view.board.event);
        let candidates = view
            .board
            .markets
            .iter()
            .filter_map(|market| candidate(view, params, &judge, contest.as_ref(), market));
        let candidates = candidates.filter(|finding| finding.found.profit <= 0.0).collect();
        sift(
            view,
            params,
            (MAX_HOLD.name, -params.percent(MAX_HOLD.name)),
            candidates,
        )
    }
}

fn candidate(
    view: &View<'_>,
    params: &Params,
    judge: &Judge<'_>,
    contest: Option<&Contest>,
    market: &BoardMarket,
) -> Option<Finding> {
    let outcomes = market.covering_outcomes()?;
    let cover = |trust| {
        let usable = |quote: &Quote| judge.is_usable(quote.bookmaker_id) && judge.passes(trust, market, quote);
        best_cover(view, market, &outcomes, false, usable)
    };
    let legs = Trust::ALL.into_iter().find_map(cover)?;
    let bets: Vec<_> = legs.iter().map(|(_, bet)| bet.clone()).collect();
    let best = worst_case(contest, &bets)?;
    let seen: Vec<_> = legs.iter().map(|(quote, _)| (market, *quote)).collect();
    let mut against = Against::default();
    let stakes = judge.stakes(contest, &bets, minor(params.number("stake")), false, &mut against);
    let (verdict, reasons) = judge.verdict(&seen, against);
    Some(Finding {
        found: Found {
            kind: OpportunityKind::LowHold,
            market: market.key.clone(),
            profit: best.profit,
            legs: legs
                .iter()
                .zip(&best.shares)
                .map(|((quote, bet), share)| judge.leg(&market.key, quote, bet, *share))
                .collect(),
            verdict,
            reasons,
            is_in_play: view.board.event.is_in_play(view.board.as_of),
            facts: Facts {
                stakes,
                ..Facts::default()
            },
        },
        bets,
        fair: Vec::new(),
        moves: Vec::new(),
    })
}
