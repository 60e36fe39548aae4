//! Promotions: a free bet, a boost or an insurance at one bookmaker, turned into money by bets against it at others.

use super::arbitrage::{best_cover, minor};
use super::judge::{Against, Judge, Trust, sift};
use super::{Finding, Findings, Param, ParamKind, Params, Strategy, View, shared};
use domain::arbitrage::MAX_STAKE;
use domain::opportunity::{Facts, Found, OpportunityKind, Stakes, net_back, promoted_profit};
use domain::result::Contest;
use domain::scenarios::promotion::Promotion as Offer;
use domain::scenarios::{Combination, Leg as Bet, Scenario};
use domain::{BoardMarket, Outcome, Price, Quote, Side};

/// See the module.
pub(super) struct Promotion;

const KIND: Param = Param {
    name: "promotion",
    label: "Promotion",
    help: "What the bookmaker gives.",
    kind: ParamKind::Choice {
        options: &[
            ("free_bet", "Free bet, stake not returned"),
            ("free_bet_returned", "Free bet, stake returned"),
            ("profit_boost", "Profit boost"),
            ("odds_boost", "Odds boost"),
            ("insurance", "Losing stake back as a free bet"),
            ("cashback", "Part of a loss back as money"),
            ("deposit_bonus", "Deposit bonus, to be turned over"),
        ],
        default: "free_bet",
    },
};
const AT: Param = Param {
    name: "at",
    label: "At",
    help: "The bookmakers that give it, by key; none means any.",
    kind: ParamKind::Words { of: "bookmaker keys" },
};
const AMOUNT: Param = Param {
    name: "amount",
    label: "Stake",
    help: "The size of the free bet or of the bonus, or the stake that is boosted or insured.",
    kind: ParamKind::Number {
        min: 0.01,
        max: 100_000.0,
        default: 50.0,
        decimals: 2,
        unit: "",
    },
};
const SHARE: Param = Param {
    name: "share",
    label: "Boost, or part that comes back",
    help: "By how much winnings or odds grow, the part of a loss that comes back, or what a refunded free bet is worth. A free bet \
           has none.",
    kind: ParamKind::Number {
        min: 0.0,
        max: 100.0,
        default: 70.0,
        decimals: 2,
        unit: "%",
    },
};
const TURNOVER: Param = Param {
    name: "turnover",
    label: "Times to turn over",
    help: "How many times a deposit bonus has to be staked before it is yours; each time it is hedged, at a small cost.",
    kind: ParamKind::Number {
        min: 1.0,
        max: 100.0,
        default: 6.0,
        decimals: 1,
        unit: "",
    },
};
const MIN_VALUE: Param = Param {
    name: "min_value",
    label: "Least value",
    help: "What is certain at least, of the stake.",
    kind: ParamKind::Number {
        min: 0.0,
        max: 200.0,
        default: 60.0,
        decimals: 2,
        unit: "%",
    },
};

/// The code of a deposit bonus.
const BONUS: &str = "deposit_bonus";
/// Of one board only the best few are worth a look.
const MAX_OF_BOARD: usize = 5;

impl Strategy for Promotion {
    fn kind(&self) -> OpportunityKind {
        OpportunityKind::Promotion
    }

    fn about(&self) -> &'static str {
        "A free bet, boost or insurance at one bookmaker, made certain by bets against it at others."
    }

    fn method(&self) -> &'static str {
        "the promoted bet with its given stake and the bets against it whose worst scenario is best; profit = that worst case on the \
         promoted stake. Deposit bonus: 1 + times to turn over x the worst case of one hedged bet of its size"
    }

    fn spec(&self) -> &'static [Param] {
        &[
            KIND,
            AT,
            AMOUNT,
            SHARE,
            TURNOVER,
            MIN_VALUE,
            shared::MIN_PRICE,
            shared::MAX_PRICE,
            shared::MAX_AGE,
            shared::IN_PLAY,
            shared::SPORTS,
            shared::BOOKMAKERS,
        ]
    }

    fn find(&self, view: &View<'_>, params: &Params) -> Findings {
        let Some(contest) = Contest::of(&view.board.event).filter(|_| !view.board.event.status.is_over()) else {
            return Findings::default();
        };
        let judge = Judge::of(view, params);
        let search = Search {
            view,
            params,
            judge: &judge,
            contest: &contest,
            amount: minor(params.number(AMOUNT.name)),
        };
        let candidates: Vec<Finding> = view
            .board
            .markets
            .iter()
            .flat_map(|market| search.market(market))
            .collect();
        let mut findings = sift(
            view,
            params,
            (MIN_VALUE.name, params.percent(MIN_VALUE.name)),
            candidates,
        );
        findings
            .found
            .sort_by(|one, other| other.found.profit.total_cmp(&one.found.profit));
        findings.found.truncate(MAX_OF_BOARD);
        findings
    }
}

struct Search<'v> {
    view: &'v View<'v>,
    params: &'v Params,
    judge: &'v Judge<'v>,
    contest: &'v Contest,
    amount: i64,
}

impl Search<'_> {
    fn market(&self, market: &BoardMarket) -> Vec<Finding> {
        let Some(outcomes) = market.covering_outcomes() else {
            return Vec::new();
        };
        let is_fit = |quote: &&Quote| {
            let price = quote.price.as_f64();
            quote.side == Side::Back
                && outcomes.contains(&quote.outcome)
                && price >= self.params.number("min_price")
                && price <= self.params.number("max_price")
                && self.params.wants(AT.name, &self.view.desk.key(quote.bookmaker_id))
                && self.view.desk.is_usable(quote.bookmaker_id)
        };
        market
            .quotes
            .iter()
            .filter(is_fit)
            .filter_map(|quote| self.best_hedge(market, &outcomes, quote))
            .collect()
    }

    /// The better of backing all other outcomes and laying this one, at prices without a finding where there are any.
    fn best_hedge(&self, market: &BoardMarket, outcomes: &[Outcome], promoted: &Quote) -> Option<Finding> {
        Trust::ALL
            .into_iter()
            .find_map(|trust| self.hedge_at(trust, market, outcomes, promoted))
    }

    fn hedge_at(&self, trust: Trust, market: &BoardMarket, outcomes: &[Outcome], promoted: &Quote) -> Option<Finding> {
        let desk = self.view.desk;
        let usable = |quote: &Quote| {
            quote.bookmaker_id != promoted.bookmaker_id
                && self.judge.is_usable(quote.bookmaker_id)
                && self.judge.passes(trust, market, quote)
        };
        let others: Vec<Outcome> = outcomes
            .iter()
            .filter(|outcome| **outcome != promoted.outcome)
            .cloned()
            .collect();
        let backs = best_cover(self.view, market, &others, false, usable);
        let against = |quote: &&Quote| quote.side == Side::Lay && quote.outcome == promoted.outcome && usable(quote);
        let net = |quote: &Quote| net_back(Side::Lay, quote.price, desk.commission(quote.bookmaker_id));
        let lay = market
            .quotes
            .iter()
            .filter(against)
            .max_by(|one, other| net(one).total_cmp(&net(other)));
        let lay = lay.map(|quote| vec![(quote, desk.bet(&market.key, quote, false))]);
        let hedged = [backs, lay]
            .into_iter()
            .flatten()
            .filter_map(|against| self.finding(market, promoted, against));
        hedged.max_by(|one, other| one.found.profit.total_cmp(&other.found.profit))
    }

    fn finding(&self, market: &BoardMarket, promoted: &Quote, against: Vec<(&Quote, Bet)>) -> Option<Finding> {
        let mut first = self.view.desk.bet(&market.key, promoted, false);
        let is_bonus = self.params.choice(KIND.name) == BONUS;
        if !is_bonus {
            first.promotion = Some(self.promotion(promoted.price)?);
        }
        let turnover = is_bonus.then(|| self.params.number(TURNOVER.name));
        let mut quotes = vec![promoted];
        let mut bets = vec![first];
        for (quote, bet) in against {
            quotes.push(quote);
            bets.push(bet);
        }
        let combination = Combination::new(self.contest, bets.clone()).ok()?;
        let plan = combination.hedge(0, self.amount, MAX_STAKE).ok()?;
        let gone = combination.without_each_leg(&plan).ok()?;
        let seen: Vec<_> = quotes.iter().map(|quote| (market, *quote)).collect();
        let may_come_back = combination.scenarios().iter().any(Scenario::is_stake_back);
        let mut against = Against::default();
        if may_come_back {
            let text = "there is a result with which every stake comes back, and the promotion with it, or not";
            against.notes.push(text.to_owned());
        }
        if self.params.choice(KIND.name) == "insurance" {
            let share = self.params.number(SHARE.name);
            against
                .notes
                .push(format!("a refund is counted at {share} % of its amount"));
        }
        let (verdict, reasons) = self.judge.verdict(&seen, against);
        let in_base = self.amount as f64 * bets[0].terms.rate.as_f64();
        let total: i64 = plan.at_risk.iter().sum();
        let share = |at: usize| {
            if total > 0 {
                plan.at_risk[at] as f64 / total as f64
            } else {
                0.0
            }
        };
        Some(Finding {
            found: Found {
                kind: OpportunityKind::Promotion,
                market: market.key.clone(),
                profit: promoted_profit(plan.guaranteed as f64 / in_base, turnover),
                legs: quotes
                    .iter()
                    .zip(&bets)
                    .enumerate()
                    .map(|(at, (quote, bet))| self.judge.leg(&market.key, quote, bet, share(at)))
                    .collect(),
                verdict,
                reasons,
                is_in_play: self.view.board.event.is_in_play(self.view.board.as_of),
                facts: Facts {
                    stakes: Some(Stakes {
                        stakes: plan.stakes.clone(),
                        staked: plan.staked,
                        guaranteed: plan.guaranteed,
                        exposed_without: gone.iter().map(|gone| gone.exposure).collect(),
                        may_come_back,
                    }),
                    turnover,
                    ..Facts::default()
                },
            },
            bets,
            fair: Vec::new(),
            moves: Vec::new(),
        })
    }

    fn promotion(&self, price: Price) -> Option<Offer> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the specification bounds it to 0 to 100 %"
        )]
        let bp = (self.params.number(SHARE.name) * 100.0).round() as u16;
        Some(match self.params.choice(KIND.name) {
            "free_bet" => Offer::FreeBet {
                is_stake_returned: false,
            },
            "free_bet_returned" => Offer::FreeBet {
                is_stake_returned: true,
            },
            "profit_boost" => Offer::ProfitBoost { bp },
            "odds_boost" => Offer::OddsBoost {
                price: boosted(price, bp)?,
            },
            "insurance" => Offer::Insurance {
                max_refund: self.amount,
                value_bp: bp,
            },
            _ => Offer::Cashback {
                max_loss: self.amount,
                bp,
            },
        })
    }
}

/// A price that is higher by a part of itself.
fn boosted(price: Price, bp: u16) -> Option<Price> {
    let micros = i128::from(price.micros()) * (10_000 + i128::from(bp)) / 10_000;
    Price::from_micros(i64::try_from(micros).ok()?).ok()
}
