//! Whether an opportunity could be acted on, and why: the same questions for every strategy.

use super::{Finding, Findings, Params, Skipped, View};
use crate::desk::palpable;
use chrono::{DateTime, Utc};
use domain::arbitrage::{MAX_STAKE, plan_stakes};
use domain::board::{QuoteFlags, oldest};
use domain::opportunity::{Found, Leg, MiddleFacts, Stakes, Verdict, at_risk};
use domain::result::Contest;
use domain::scenarios::{Combination, Leg as Bet, PlanError, Scenario};
use domain::{BoardMarket, BookProfile, BookmakerId, EventStatus, MarketKey, Quote, span};
use std::collections::HashSet;

/// How far prices are trusted; what can be had from better ones is never taken from worse ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trust {
    /// Fresh, without a finding, of a bookmaker that is not palpably wrong on the market.
    Clean,
    /// Fresh, whatever was found about it.
    Fresh,
    /// Whatever there is: a verdict says what is wrong with it.
    Any,
}

impl Trust {
    /// The best first.
    pub(super) const ALL: [Self; 3] = [Self::Clean, Self::Fresh, Self::Any];
}

/// What speaks against acting, beside what the legs say.
#[derive(Default)]
pub(super) struct Against {
    /// A part of it is too old.
    pub(super) stale: Vec<String>,
    /// It is probably a mistake.
    pub(super) suspicions: Vec<String>,
    /// It is on paper only.
    pub(super) doubts: Vec<String>,
    /// Worth knowing, and nothing against it.
    pub(super) notes: Vec<String>,
}

/// Judges legs on one board.
pub(super) struct Judge<'v> {
    pub(super) view: &'v View<'v>,
    /// Prices older than this are stale; no limit without it.
    max_age_s: Option<u32>,
    /// They must have been on offer after this.
    oldest: Option<DateTime<Utc>>,
    /// The keys of the bookmakers that are wanted; none means every one.
    bookmakers: Vec<&'v str>,
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
    /// By the parameters that every strategy has.
    pub(super) fn of(view: &'v View<'v>, params: &'v Params) -> Self {
        Self::new(view, max_age(params), params.words("bookmakers"))
    }

    /// Prices older than `max_age_s` are stale; no limit without it. Bets are made at these bookmakers, or at every one.
    pub(super) fn new(view: &'v View<'v>, max_age_s: Option<u32>, bookmakers: Vec<&'v str>) -> Self {
        Self {
            view,
            max_age_s,
            oldest: max_age_s.map(|max| oldest(view.board.as_of, max)),
            bookmakers,
        }
    }

    /// Whether a bet may be made at a bookmaker: the user can, and the strategy wants it.
    pub(super) fn is_usable(&self, id: BookmakerId) -> bool {
        let desk = self.view.desk;
        let is_wanted = |book: &BookProfile| self.bookmakers.contains(&book.key.as_str());
        desk.is_usable(id) && (self.bookmakers.is_empty() || desk.books.get(&id).is_some_and(is_wanted))
    }

    pub(super) fn is_fresh(&self, quote: &Quote) -> bool {
        self.oldest.is_none_or(|oldest| quote.is_offered_after(oldest))
    }

    /// Whether a price of a market may be taken.
    pub(super) fn passes(&self, trust: Trust, market: &BoardMarket, quote: &Quote) -> bool {
        match trust {
            Trust::Any => true,
            Trust::Fresh => self.is_fresh(quote),
            Trust::Clean => {
                self.is_fresh(quote)
                    && !FLAGS.iter().any(|(flag, _)| quote.flags.contains(*flag))
                    && palpable(market, self.view.desk.kind(quote.bookmaker_id), quote.bookmaker_id).is_none()
            }
        }
    }

    /// A verdict on the legs, with its reasons.
    pub(super) fn verdict(&self, legs: &[(&BoardMarket, &Quote)], against: Against) -> (Verdict, Vec<String>) {
        let board = self.view.board;
        let Against {
            mut stale,
            mut suspicions,
            mut doubts,
            notes,
        } = against;
        if board.event.is_in_play(board.as_of) {
            doubts.push("the event has started: prices move faster than they are read".to_owned());
        }
        if board.event.status == EventStatus::Postponed {
            doubts.push("the event is postponed".to_owned());
        }
        for (market, quote) in legs {
            stale.extend(self.staleness(quote));
            suspicions.extend(self.suspicions(market, quote));
        }
        let verdict = match (stale.is_empty(), suspicions.is_empty(), doubts.is_empty()) {
            (false, ..) => Verdict::Stale,
            (true, false, _) => Verdict::Suspect,
            (true, true, false) => Verdict::Paper,
            (true, true, true) => {
                doubts.push(self.all_well());
                Verdict::Executable
            }
        };
        let mut told = HashSet::new();
        let reasons = stale.into_iter().chain(suspicions).chain(doubts).chain(notes);
        (verdict, reasons.filter(|reason| told.insert(reason.clone())).collect())
    }

    /// Reasons are kept as long as an opportunity reads the same, so that they tell no age: that stands beside each leg.
    fn all_well(&self) -> String {
        match self.max_age_s {
            Some(max) => format!(
                "every price was seen within {}, and nothing was found on any",
                span(i64::from(max))
            ),
            None => "nothing was found on any price".to_owned(),
        }
    }

    fn staleness(&self, quote: &Quote) -> Option<String> {
        let (max, oldest) = (self.max_age_s?, self.oldest?);
        if self.is_fresh(quote) {
            return None;
        }
        let (book, outcome) = (self.view.desk.name(quote.bookmaker_id), quote.outcome.code());
        let limit = span(i64::from(max));
        Some(if quote.last_seen_at > oldest {
            format!("{book} on {outcome}: the book's own time for the price is more than {limit} ago")
        } else {
            format!("{book} on {outcome}: not seen for more than {limit}")
        })
    }

    /// What is wrong with the age of a fair line.
    pub(super) fn age_of_line(&self, age_s: i64) -> Option<String> {
        let max = self.max_age_s?;
        (age_s > i64::from(max))
            .then(|| format!("a price behind the fair line is more than {} old", span(i64::from(max))))
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
            commission_bp: bet.terms.commission.bp(),
            stake: share,
            quoted_at: quote.quoted_at(),
            received_at: quote.received_at,
            last_seen_at: quote.last_seen_at,
            change_id: quote.change_id,
            snapshot_id: quote.snapshot_id,
        }
    }
}

/// Whole stakes within a total, and what they bring; without any, why not.
pub(super) fn stakes_for(contest: Option<&Contest>, bets: &[Bet], total: i64) -> Result<Stakes, String> {
    let none = |error: PlanError| format!("no whole stakes: {error}");
    let combination = contest.and_then(|contest| Combination::new(contest, bets.to_vec()).ok());
    if let Some(combination) = combination {
        let plan = combination.plan(total).map_err(none)?;
        let gone = combination.without_each_leg(&plan).map_err(none)?;
        return Ok(Stakes {
            staked: plan.staked,
            guaranteed: plan.guaranteed,
            exposed_without: gone.iter().map(|gone| gone.exposure).collect(),
            may_come_back: combination.scenarios().iter().any(Scenario::is_stake_back),
            stakes: plan.stakes,
        });
    }
    // Props have no rule that settles them, but their two sides cover each other all the same.
    let prices: Vec<_> = bets
        .iter()
        .map(|bet| domain::arbitrage::NetPrice::new(bet.price, bet.terms.commission.bp()))
        .collect();
    let step = bets.iter().map(|bet| bet.terms.step).max().unwrap_or(1);
    let limit = bets.iter().map(|bet| bet.max_stake).min().unwrap_or(total);
    let plan = plan_stakes(&prices, total.min(limit), step).map_err(|error| format!("no whole stakes: {error}"))?;
    Ok(Stakes {
        exposed_without: plan.stakes.iter().map(|stake| plan.staked - stake).collect(),
        staked: plan.staked,
        guaranteed: plan.guaranteed,
        may_come_back: false,
        stakes: plan.stakes,
    })
}

impl Judge<'_> {
    /// Whole stakes, and what they have against acting: that there are none, that nothing is left, or that a limit binds.
    pub(super) fn stakes(
        &self,
        contest: Option<&Contest>,
        bets: &[Bet],
        total: i64,
        must_win: bool,
        against: &mut Against,
    ) -> Option<Stakes> {
        let stakes = match stakes_for(contest, bets, total) {
            Ok(stakes) => stakes,
            Err(why) => {
                against.doubts.push(why);
                return None;
            }
        };
        if must_win && stakes.guaranteed <= 0 {
            against
                .doubts
                .push("nothing is left after rounding to whole stakes".to_owned());
        }
        for (bet, stake) in bets.iter().zip(&stakes.stakes) {
            if bet.max_stake < MAX_STAKE && stake.saturating_add(bet.terms.step) > bet.max_stake {
                let book = self.view.desk.name(bet.terms.bookmaker_id);
                against
                    .notes
                    .push(format!("{book} takes at most {}", amount(bet.max_stake)));
            }
        }
        if stakes.may_come_back {
            against
                .notes
                .push("there is a result with which every stake comes back".to_owned());
        }
        Some(stakes)
    }
}

/// Minor units as an amount.
fn amount(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

/// What happens when every bet of a combination wins, in shares of the total at risk; `None` where they can't all win.
pub(super) fn middle_of(contest: Option<&Contest>, bets: &[Bet], shares: &[f64]) -> Option<MiddleFacts> {
    let combination = Combination::new(contest?, bets.to_vec()).ok()?;
    let stake = |(bet, share): (&Bet, &f64)| {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a share of a total that is far from the limit"
        )]
        let stake = (share * TRIAL / at_risk(bet)).round() as i64;
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

/// Of several lists, the best first, every opportunity once.
pub(super) fn preferred(lists: Vec<Vec<Finding>>) -> Vec<Finding> {
    let mut known = HashSet::new();
    let all = lists.into_iter().flatten();
    all.filter(|finding| known.insert(finding.found.identity())).collect()
}

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
