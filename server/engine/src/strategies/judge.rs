//! Whether an opportunity could be acted on, and why: the same questions for every strategy.

use super::{Finding, Findings, Params, Skipped, View};
use crate::desk::palpable;
use chrono::{DateTime, Utc};
use domain::arbitrage::plan_stakes;
use domain::board::{QuoteFlags, oldest};
use domain::opportunity::{Found, Leg, MiddleFacts, Stakes, Verdict};
use domain::result::Contest;
use domain::scenarios::{Combination, Commission, Leg as Bet};
use domain::{BoardMarket, EventStatus, MarketKey, Quote, Side, span};
use std::collections::HashSet;

/// Judges legs on one board.
pub(super) struct Judge<'v> {
    pub(super) view: &'v View<'v>,
    /// Prices older than this are stale; no limit without it.
    max_age_s: Option<u32>,
    /// They must have been on offer after this.
    oldest: Option<DateTime<Utc>>,
    /// Prices were taken without commission.
    pub(super) is_gross: bool,
}

/// Findings on a quote that make an opportunity suspect, in words.
const FLAGS: &[(QuoteFlags, &str)] = &[
    (QuoteFlags::OVERROUND_LOW, "the book's margin was suspiciously low"),
    (QuoteFlags::OVERROUND_HIGH, "the book's margin was suspiciously high"),
    (
        QuoteFlags::PRICE_OUT_OF_RANGE,
        "the price is outside the accepted range",
    ),
    (
        QuoteFlags::INCOMPLETE_MARKET,
        "the book lacked an outcome of the market",
    ),
    (QuoteFlags::LINE_JUMP, "the book's line jumped"),
    (QuoteFlags::TIME_IN_FUTURE, "the book's time lay in the future"),
];

impl<'v> Judge<'v> {
    /// Prices older than `max_age_s` are stale; no limit without it.
    pub(super) fn new(view: &'v View<'v>, max_age_s: Option<u32>) -> Self {
        Self {
            view,
            max_age_s,
            oldest: max_age_s.map(|max| oldest(view.board.as_of, max)),
            is_gross: false,
        }
    }

    pub(super) fn is_fresh(&self, quote: &Quote) -> bool {
        self.oldest.is_none_or(|oldest| quote.is_offered_after(oldest))
    }

    /// A verdict on the legs, with its reasons. `doubts` are what the strategy itself has against acting.
    pub(super) fn verdict(&self, legs: &[(&BoardMarket, &Quote)], doubts: Vec<String>) -> (Verdict, Vec<String>) {
        let board = self.view.board;
        let mut doubts = doubts;
        if board.event.is_in_play(board.as_of) {
            doubts.push("the event has started: prices move faster than they are read".to_owned());
        }
        if board.event.status == EventStatus::Postponed {
            doubts.push("the event is postponed".to_owned());
        }
        let suspicions: Vec<String> = legs
            .iter()
            .flat_map(|(market, quote)| self.suspicions(market, quote))
            .collect();
        let stale: Vec<String> = legs.iter().filter_map(|(_, quote)| self.staleness(quote)).collect();
        let verdict = match (stale.is_empty(), suspicions.is_empty(), doubts.is_empty()) {
            (false, ..) => Verdict::Stale,
            (true, false, _) => Verdict::Suspect,
            (true, true, false) => Verdict::Paper,
            (true, true, true) => {
                doubts.push(self.all_well(legs));
                Verdict::Executable
            }
        };
        let mut told = HashSet::new();
        let reasons = stale.into_iter().chain(suspicions).chain(doubts);
        (verdict, reasons.filter(|reason| told.insert(reason.clone())).collect())
    }

    fn all_well(&self, legs: &[(&BoardMarket, &Quote)]) -> String {
        let at = self.view.board.as_of;
        let oldest = legs.iter().map(|(_, quote)| quote.age_s(at)).max().unwrap_or_default();
        let changed = legs
            .iter()
            .map(|(_, quote)| (at - quote.received_at).num_seconds().max(0))
            .min();
        format!(
            "no finding on any leg; the oldest price is {} old, the last change {} ago",
            span(oldest),
            span(changed.unwrap_or_default())
        )
    }

    fn staleness(&self, quote: &Quote) -> Option<String> {
        if self.is_fresh(quote) {
            return None;
        }
        Some(format!(
            "{} on {}: not seen for {}, and {} is the limit",
            self.view.desk.name(quote.bookmaker_id),
            quote.outcome.code(),
            span(quote.age_s(self.view.board.as_of)),
            span(i64::from(self.max_age_s.unwrap_or_default()))
        ))
    }

    fn suspicions(&self, market: &BoardMarket, quote: &Quote) -> Vec<String> {
        let desk = self.view.desk;
        let book = desk.name(quote.bookmaker_id);
        let palpable = palpable(market, desk.kind(quote.bookmaker_id), quote.bookmaker_id);
        let margin = palpable.map(|margin| {
            format!(
                "{book} alone has an overround of {:.2} % on this market: a palpable error",
                margin * 100.0
            )
        });
        // The board's own prices say it better than the flag of some earlier moment.
        let is_said = |flag: &QuoteFlags| *flag == QuoteFlags::OVERROUND_LOW && palpable.is_some();
        let flags = FLAGS
            .iter()
            .filter(|(flag, _)| quote.flags.contains(*flag) && !is_said(flag));
        margin
            .into_iter()
            .chain(flags.map(|(_, meaning)| format!("{book} on {}: {meaning}", quote.outcome.code())))
            .collect()
    }

    /// A leg as it is shown and stored.
    pub(super) fn leg(&self, market: &MarketKey, quote: &Quote, bet: &Bet, share: f64) -> Leg {
        Leg {
            market: market.clone(),
            bookmaker_id: quote.bookmaker_id,
            bookmaker: self.view.desk.key(quote.bookmaker_id),
            outcome: quote.outcome.clone(),
            side: quote.side,
            price: quote.price,
            price_text: quote.price_text.clone(),
            commission_bp: charged(bet.terms.commission),
            stake: share,
            quoted_at: quote.quoted_at(),
            received_at: quote.received_at,
            last_seen_at: quote.last_seen_at,
            change_id: quote.change_id,
            snapshot_id: quote.snapshot_id,
        }
    }
}

/// What a bookmaker charges, in hundredths of a percent.
const fn charged(commission: Commission) -> u16 {
    match commission {
        Commission::None => 0,
        Commission::NetWinnings(bp) | Commission::EachBet(bp) | Commission::Turnover(bp) => bp,
    }
}

/// Whole stakes within a total, and what they bring. `None` where bets can't be placed within it.
pub(super) fn stakes_for(contest: Option<&Contest>, bets: &[Bet], total: i64) -> Option<Stakes> {
    let combination = contest.and_then(|contest| Combination::new(contest, bets.to_vec()).ok());
    if let Some(combination) = combination {
        let plan = combination.plan(total).ok()?;
        let gone = combination.without_each_leg(&plan).ok()?;
        return Some(Stakes {
            staked: plan.staked,
            guaranteed: plan.guaranteed,
            exposed_without: gone.iter().map(|gone| gone.exposure).collect(),
            stakes: plan.stakes,
        });
    }
    // Props have no rule that settles them, but their two sides cover each other all the same.
    let prices: Vec<_> = bets
        .iter()
        .map(|bet| domain::arbitrage::NetPrice::new(bet.price, charged(bet.terms.commission)))
        .collect();
    let step = bets.iter().map(|bet| bet.terms.step).max()?;
    let plan = plan_stakes(&prices, total, step).ok()?;
    Some(Stakes {
        exposed_without: plan.stakes.iter().map(|stake| plan.staked - stake).collect(),
        staked: plan.staked,
        guaranteed: plan.guaranteed,
        stakes: plan.stakes,
    })
}

/// What happens when every bet of a combination wins, in shares of the total at risk; `None` where they can't all win.
pub(super) fn middle_of(contest: Option<&Contest>, bets: &[Bet], shares: &[f64]) -> Option<MiddleFacts> {
    let combination = Combination::new(contest?, bets.to_vec()).ok()?;
    let stake = |(bet, share): (&Bet, &f64)| {
        let each = if bet.side == Side::Lay {
            bet.price.as_f64() - 1.0
        } else {
            1.0
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a share of a total that is far from the limit"
        )]
        let stake = (share * TRIAL / each).round() as i64;
        stake
    };
    let plan = combination
        .settle(&bets.iter().zip(shares).map(stake).collect::<Vec<_>>())
        .ok()?;
    let all_win = combination.scenarios().iter().zip(&plan.returns);
    let gain = all_win
        .filter(|(scenario, _)| scenario.results.iter().all(|result| result.halves() > 0))
        .map(|(_, gain)| *gain)
        .min()?;
    let (cost, gain) = ((-plan.guaranteed).max(0) as f64 / TRIAL, gain as f64 / TRIAL);
    (gain > 0.0).then(|| MiddleFacts {
        cost,
        gain,
        break_even: cost / (cost + gain),
        chance: None,
    })
}

/// A total that stakes are tried with where only shares of it count.
const TRIAL: f64 = 1e10;

/// How far below a least profit that is a cost a candidate may lie to be mentioned.
const NEAR: f64 = 0.005;

/// The oldest price that the parameters let count; no limit at 0.
pub(super) fn max_age(params: &Params) -> Option<u32> {
    Some(params.count("max_age_s")).filter(|max| *max > 0)
}

/// The profit from which on a candidate is worth a mention, given the least one.
pub(super) fn near(least: f64) -> f64 {
    if least > 0.0 { least / 2.0 } else { least - NEAR }
}

/// Keeps out what the parameters that every strategy has, and its least profit (by name), do not let pass.
pub(super) fn sift(view: &View<'_>, params: &Params, least: (&str, f64), candidates: Vec<Finding>) -> Findings {
    let event = &view.board.event;
    let is_in_play = event.is_in_play(view.board.as_of);
    let mut findings = Findings::default();
    // What is far from the least profit is no candidate, whatever else keeps it out.
    let near = near(least.1);
    for finding in candidates.into_iter().filter(|finding| finding.found.profit >= near) {
        let reason = if is_in_play && params.choice("in_play") == "exclude" {
            Some(("in_play", "the game has started".to_owned()))
        } else if !params.wants("sports", event.sport.key()) {
            Some(("sports", format!("{} is not among the sports", event.sport.key())))
        } else if finding.found.profit < least.1 {
            let (name, profit, least) = (least.0, finding.found.profit * 100.0, least.1 * 100.0);
            Some((name, format!("{profit:+.2} %, and {least:.2} % is the least")))
        } else {
            None
        };
        match reason {
            None => findings.found.push(finding),
            Some((filter, detail)) => findings.skipped.push(skipped(&finding.found, filter, detail)),
        }
    }
    findings.bounded()
}

pub(super) fn skipped(found: &Found, filter: &str, detail: String) -> Skipped {
    Skipped {
        identity: found.identity(),
        filter: filter.to_owned(),
        profit: found.profit,
        detail,
    }
}
