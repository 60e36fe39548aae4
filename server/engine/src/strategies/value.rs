//! Value: a price above what the outcome is worth by the prices of everybody else.

use super::judge::{Against, Judge, Trust, max_age, near, sift, skipped};
use super::{Finding, Findings, Param, ParamKind, Params, Strategy, View, shared};
use crate::fair::{FairRules, MarketFair};
use domain::devig::DevigMethod;
use domain::fair::{FairLine, FairLink};
use domain::kelly::{Prospect, single};
use domain::opportunity::{Facts, Fair, Found, OpportunityKind, net_price};
use domain::scenarios::Commission;
use domain::{BoardMarket, BookmakerId, MarketKey, MarketKind, Probability, Quote, Side, Sport};
use std::borrow::Cow;

/// See the module.
pub(super) struct Value;

const MIN_EDGE: Param = Param {
    name: "min_edge",
    label: "Least edge",
    help: "Fair probability x price net of commission - 1.",
    kind: ParamKind::Number {
        min: 0.0,
        max: 100.0,
        default: 2.0,
        decimals: 2,
        unit: "%",
    },
};
const MAX_EDGE: Param = Param {
    name: "max_edge",
    label: "Edge too good to be true",
    help: "A greater edge is suspect: the price, or the fair line, is probably a mistake.",
    kind: ParamKind::Number {
        min: 0.1,
        max: 1_000.0,
        default: 15.0,
        decimals: 2,
        unit: "%",
    },
};

impl Strategy for Value {
    fn kind(&self) -> OpportunityKind {
        OpportunityKind::Value
    }

    fn about(&self) -> &'static str {
        "A price that pays more than the outcome is worth by the prices of everybody else."
    }

    fn method(&self) -> &'static str {
        "edge = fair probability x price net of commission - 1; the fair line leaves out the bookmaker being judged. Where a line \
         can be hit, the probability is of winning if the stake does not come back"
    }

    fn spec(&self) -> &'static [Param] {
        &[
            MIN_EDGE,
            MAX_EDGE,
            shared::CHAIN,
            shared::DEVIG,
            shared::MIN_BOOKS,
            shared::MAX_AGE,
            shared::IN_PLAY,
            shared::MIN_PRICE,
            shared::MAX_PRICE,
            shared::SPORTS,
            shared::BOOKMAKERS,
        ]
    }

    fn find(&self, view: &View<'_>, params: &Params) -> Findings {
        if view.board.event.status.is_over() {
            return Findings::default();
        }
        let judge = Judge::of(view, params);
        let (rules, old) = fair_rules(params);
        let wanted = Wanted {
            least: params.percent(MIN_EDGE.name),
            near: near(params.percent(MIN_EDGE.name)),
        };
        let mut candidates = Vec::new();
        let mut out_of_range = Vec::new();
        for market in &view.board.markets {
            let fair = MarketFair::of_any_age(market, view.desk.books, &rules, &old, view.board.as_of);
            let Some(fair) = fair else { continue };
            for best in best_by_outcome(view, &judge, market, &fair, &wanted) {
                let Some(found) = finding(view, &judge, &fair, params, &best) else {
                    continue;
                };
                let (price, least) = (best.quote.price.as_f64(), params.number("min_price"));
                let most = params.number("max_price");
                if price < least {
                    let detail = format!("the price is {price}, and {least} is the lowest");
                    out_of_range.push(skipped(&found.found, "min_price", detail));
                } else if price > most {
                    let detail = format!("the price is {price}, and {most} is the highest");
                    out_of_range.push(skipped(&found.found, "max_price", detail));
                } else {
                    candidates.push(found);
                }
            }
        }
        let mut findings = sift(view, params, (MIN_EDGE.name, params.percent(MIN_EDGE.name)), candidates);
        findings.skipped.extend(out_of_range);
        findings.bounded()
    }
}

/// How the parameters of a strategy say that fair lines are reckoned; and the same for prices of any age.
pub(super) fn fair_rules(params: &Params) -> (FairRules, FairRules) {
    let chain = match FairLink::from_code(params.choice("fair")) {
        Some(link) => vec![link],
        None => FairLink::ALL.to_vec(),
    };
    let rules = FairRules {
        method: DevigMethod::from_code(params.choice("devig")).unwrap_or(DevigMethod::Power),
        chain,
        max_age_s: max_age(params),
        min_books: params.count("min_books") as usize,
    };
    let old = FairRules {
        max_age_s: None,
        ..rules.clone()
    };
    (rules, old)
}

/// A price and the edge it has.
struct Edge<'v> {
    market: &'v BoardMarket,
    quote: &'v Quote,
    edge: f64,
}

/// Of each outcome the price with the greatest edge that is worth a mention: among those without a finding if one of them has
/// the least edge, else of all.
fn best_by_outcome<'v>(
    view: &View<'v>,
    judge: &Judge<'_>,
    market: &'v BoardMarket,
    fair: &MarketFair<'_>,
    params: &Wanted,
) -> Vec<Edge<'v>> {
    let mut best: Vec<[Option<Edge<'v>>; 3]> = fair.outcomes().iter().map(|_| [None, None, None]).collect();
    let mut judged: Vec<Judged<'_>> = Vec::new();
    let mut at = 0;
    for quote in &market.quotes {
        if fair.outcomes().get(at) != Some(&quote.outcome) {
            let Some(found) = fair.outcomes().iter().position(|outcome| *outcome == quote.outcome) else {
                continue;
            };
            at = found;
        }
        if quote.side != Side::Back {
            continue;
        }
        let known = judged
            .iter()
            .position(|book| book.id == quote.bookmaker_id)
            .unwrap_or_else(|| {
                judged.push(Judged::new(view, judge, fair, quote.bookmaker_id));
                judged.len() - 1
            });
        let book = &judged[known];
        let Some(probability) = book.line.as_ref().and_then(|line| line.get(at)) else {
            continue;
        };
        let edge = probability * net_price(quote.price, book.commission) - 1.0;
        if edge < params.near || edge <= 0.0 {
            continue;
        }
        for (trust, best) in Trust::ALL.into_iter().zip(&mut best[at]) {
            let is_better = best.as_ref().is_none_or(|best| {
                edge.total_cmp(&best.edge)
                    .then(best.quote.bookmaker_id.cmp(&quote.bookmaker_id))
                    .is_gt()
            });
            if is_better && judge.passes(trust, market, quote) {
                *best = Some(Edge { market, quote, edge });
            }
        }
    }
    let chosen = |[clean, fresh, any]: [Option<Edge<'v>>; 3]| {
        let is_enough = |edge: &Edge<'v>| edge.edge >= params.least;
        clean.filter(is_enough).or(fresh.filter(is_enough)).or(any)
    };
    best.into_iter().filter_map(chosen).collect()
}

/// What is asked of every quote, read once.
struct Wanted {
    /// The least edge.
    least: f64,
    /// The edge from which on a price is worth a mention.
    near: f64,
}

/// A bookmaker that is judged: by which line, and what it charges. No line where it can't be bet at.
struct Judged<'f> {
    id: BookmakerId,
    line: Option<Cow<'f, [f64]>>,
    commission: Commission,
}

impl<'f> Judged<'f> {
    fn new(view: &View<'_>, judge: &Judge<'_>, fair: &'f MarketFair<'_>, id: BookmakerId) -> Self {
        let line = judge.is_usable(id).then(|| fair.line_for(id)).flatten();
        Self {
            id,
            line: line.map(|(_, line)| line),
            commission: view.desk.commission(id),
        }
    }
}

/// The opportunity that a price with an edge is, with everything behind it.
fn finding(
    view: &View<'_>,
    judge: &Judge<'_>,
    fair: &MarketFair<'_>,
    params: &Params,
    best: &Edge<'_>,
) -> Option<Finding> {
    let line = fair.explain(best.quote.bookmaker_id)?;
    let mut against = Against::default();
    let most = params.percent(MAX_EDGE.name);
    if best.edge > most {
        let text = format!("an edge above {:.1} % is too good to be true", most * 100.0);
        against.suspicions.push(text);
    }
    valued(
        view,
        judge,
        OpportunityKind::Value,
        best.market,
        best.quote,
        line,
        against,
    )
}

/// A back bet on a price, judged by a fair line.
pub(super) fn valued(
    view: &View<'_>,
    judge: &Judge<'_>,
    kind: OpportunityKind,
    market: &BoardMarket,
    quote: &Quote,
    line: FairLine,
    mut against: Against,
) -> Option<Finding> {
    let bet = view.desk.bet(&market.key, quote, false);
    let probability = line.probability(&quote.outcome)?;
    let net = net_price(quote.price, bet.terms.commission);
    let edge = probability * net - 1.0;
    against.stale.extend(judge.age_of_line(line.age_s));
    let (verdict, reasons) = judge.verdict(&[(market, quote)], against);
    let fair = Fair {
        link: line.link,
        probability,
        age_s: line.age_s,
        books: line.sources.len(),
        may_push: may_push(&market.key, &view.board.event.sport),
        full_kelly: kelly_of(probability, net),
    };
    Some(Finding {
        found: Found {
            kind,
            market: market.key.clone(),
            profit: edge,
            legs: vec![judge.leg(&market.key, quote, &bet, 1.0)],
            verdict,
            reasons,
            is_in_play: view.board.event.is_in_play(view.board.as_of),
            facts: Facts {
                fair: Some(fair),
                ..Facts::default()
            },
        },
        bets: vec![bet],
        fair: vec![line],
        moves: Vec::new(),
    })
}

/// True when the stake of a bet in this market may come back, all of it or half.
fn may_push(market: &MarketKey, sport: &Sport) -> bool {
    match market.kind {
        MarketKind::DrawNoBet => true,
        // Who wins a match two ways: with football the draw returns the stake.
        MarketKind::Moneyline => *sport == Sport::FOOTBALL,
        _ => market.line.is_some_and(|line| line.hundredths().rem_euclid(100) != 50),
    }
}

/// The growth-optimal part of a bankroll on a bet at a net price.
fn kelly_of(probability: f64, net: f64) -> f64 {
    let prospect = Probability::new(probability)
        .ok()
        .and_then(|win| Prospect::at_decimal(win, net).ok());
    prospect.map_or(0.0, |prospect| single(&prospect))
}
