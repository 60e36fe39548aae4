//! Risk: what a person allows themselves, checked before a bet is recorded.
//!
//! [`check`] asks every [`Control`] in order and either refuses with the name and the numbers of the first that says no, or hands out
//! an [`Approved`]. Nothing else makes one, and the store takes no bet without it. Amounts are minor units of the base currency.
//!
//! Exposure is the worst case over outcomes: bets on one event at one bookmaker are settled together in every result that can
//! happen. Bets at two bookmakers are not set off against each other, because their rules may differ and their money is apart. A
//! bet counts once in each group, however many of its legs are in it, and one that lowers what can be lost is never refused for it.

use crate::market::codes;
use crate::result::Contest;
use crate::scenarios::{self, Combination};
use crate::{BookmakerId, Currency, Money};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

codes! {
    /// One reason to refuse a bet. They are asked in this order.
    Control {
        /// A break that the user asked for.
        CoolOff = "cool_off", "Break";
        /// The account lacks the money.
        Balance = "balance", "Balance";
        /// The user's greatest stake.
        MaxStake = "max_stake", "Greatest stake";
        /// Risk of one bet.
        PerBet = "per_bet", "One bet";
        /// What may be lost in a day of the user's zone.
        DailyLoss = "daily_loss", "Loss in a day";
        /// Risk on one event.
        Event = "event", "One event";
        /// Risk on events that share a participant.
        Correlated = "correlated", "Same teams";
        /// Risk in one sport.
        Sport = "sport", "One sport";
        /// Risk at one bookmaker.
        Bookmaker = "bookmaker", "One bookmaker";
        /// Risk of all open bets.
        Open = "open", "All open bets";
        /// How many bets may be open.
        OpenCount = "open_count", "Number of open bets";
    }
}

/// What a user allows. Shares are hundredths of a percent of the bankroll.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Of one bet.
    pub per_bet_bp: u32,
    /// Lost in a day, of the bankroll when the day began: settled losses and everything that may still be lost today.
    pub daily_loss_bp: u32,
    /// On one event.
    pub event_bp: u32,
    /// On events that share a participant with the bet's.
    pub correlated_bp: u32,
    /// In one sport.
    pub sport_bp: u32,
    /// At one bookmaker.
    pub bookmaker_bp: u32,
    /// In all open bets.
    pub open_bp: u32,
    /// So many bets may be open; any number without it.
    pub max_open: Option<u32>,
    /// The most that one bet may put at risk, in minor units of the base currency.
    pub max_stake: Option<i64>,
    /// How much less is suggested when money was lost, from the least drawdown on.
    pub brakes: Vec<Brake>,
}

/// From a drawdown on, suggested stakes are scaled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brake {
    /// From so far below the highest bankroll, in hundredths of a percent.
    pub from_bp: u32,
    /// To this part of the stake, in hundredths of a percent.
    pub factor_bp: u32,
}

impl Default for Limits {
    /// 2 % on a bet, 10 % lost in a day, 5 % on an event, 8 % on the same teams, 25 % in a sport and at a bookmaker, 30 % in all; half
    /// stakes from 10 % drawdown on, a quarter from 20 %, none from 30 %.
    fn default() -> Self {
        let brake = |from_bp, factor_bp| Brake { from_bp, factor_bp };
        Self {
            per_bet_bp: 200,
            daily_loss_bp: 1_000,
            event_bp: 500,
            correlated_bp: 800,
            sport_bp: 2_500,
            bookmaker_bp: 2_500,
            open_bp: 3_000,
            max_open: None,
            max_stake: None,
            brakes: vec![brake(1_000, 5_000), brake(2_000, 2_500), brake(3_000, 0)],
        }
    }
}

/// One whole, in hundredths of a percent.
const WHOLE_BP: u32 = 10_000;

impl Limits {
    /// The stricter of both in everything: what holds at once when a user changes limits. What is looser in the wanted ones has to
    /// wait.
    #[must_use]
    pub fn tightened(&self, wanted: &Self) -> Self {
        let least = |one: Option<i64>, other: Option<i64>| one.into_iter().chain(other).min();
        let fewest = |one: Option<u32>, other: Option<u32>| one.into_iter().chain(other).min();
        let steps: BTreeSet<u32> = self
            .brakes
            .iter()
            .chain(&wanted.brakes)
            .map(|brake| brake.from_bp)
            .collect();
        Self {
            per_bet_bp: self.per_bet_bp.min(wanted.per_bet_bp),
            daily_loss_bp: self.daily_loss_bp.min(wanted.daily_loss_bp),
            event_bp: self.event_bp.min(wanted.event_bp),
            correlated_bp: self.correlated_bp.min(wanted.correlated_bp),
            sport_bp: self.sport_bp.min(wanted.sport_bp),
            bookmaker_bp: self.bookmaker_bp.min(wanted.bookmaker_bp),
            open_bp: self.open_bp.min(wanted.open_bp),
            max_open: fewest(self.max_open, wanted.max_open),
            max_stake: least(self.max_stake, wanted.max_stake),
            brakes: steps
                .into_iter()
                .map(|from_bp| Brake {
                    from_bp,
                    factor_bp: self.factor_bp(from_bp).min(wanted.factor_bp(from_bp)),
                })
                .collect(),
        }
    }

    /// The part of a stake that is suggested at a drawdown, in hundredths of a percent.
    pub fn factor_bp(&self, drawdown_bp: u32) -> u32 {
        let reached = self.brakes.iter().filter(|brake| brake.from_bp <= drawdown_bp);
        reached.map(|brake| brake.factor_bp).min().unwrap_or(WHOLE_BP)
    }
}

/// A bet as far as risk sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Stake {
    /// What can still be lost, in the base currency.
    pub at_risk: i64,
    /// Where.
    pub bookmaker: Option<BookmakerId>,
    /// On what.
    pub legs: Vec<StakeLeg>,
    /// For a single bet that is settled by a score: all that its worst case needs.
    pub single: Option<Single>,
    /// True unless its last event is known to start after the end of the user's day.
    pub may_end_today: bool,
}

/// A single bet on an event with two sides.
#[derive(Clone, Debug, PartialEq)]
pub struct Single {
    /// What it is settled by.
    pub contest: Contest,
    /// The bet.
    pub leg: scenarios::Leg,
    /// What of its stake is left, in minor units of its account's currency.
    pub stake: i64,
}

/// What a bet's leg is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StakeLeg {
    /// Which event: a name that no other has.
    pub event: String,
    /// Its sport's key.
    pub sport: String,
    /// Who takes part, with the sport before the name.
    pub participants: Vec<String>,
}

/// Where a user stands at the moment of a bet.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// Grows with every change to the user's bets; the store takes an approval only for the state it was given for.
    pub mark: i64,
    /// The base currency.
    pub currency: Currency,
    /// All money of this mode, open stakes included.
    pub bankroll: i64,
    /// The same when the user's day began.
    pub bankroll_at_dawn: i64,
    /// What this day's settlements lost together; zero when they won.
    pub lost_today: i64,
    /// Free money in the bet's account.
    pub cash: i64,
    /// Every open bet of this mode.
    pub open: Vec<Stake>,
    /// Until when the user wants no bets.
    pub cool_off_until: Option<DateTime<Utc>>,
}

/// What a control looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// Which control.
    pub control: Control,
    /// What would be used with the bet: minor units, or a number of bets.
    pub used: i64,
    /// What is allowed.
    pub limit: i64,
}

/// Why a bet is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// By which control, with its numbers.
    pub reading: Reading,
    /// In words.
    pub message: String,
}

/// A bet that every control let pass, for the state it was checked in. Only this module makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approved {
    mark: i64,
    readings: Vec<Reading>,
}

impl Approved {
    /// A bet that was placed long before it is recorded, such as one read from a file: limits are for bets to come.
    pub const fn history(mark: i64) -> Self {
        Self {
            mark,
            readings: Vec::new(),
        }
    }

    /// The state it was given for.
    pub const fn mark(&self) -> i64 {
        self.mark
    }

    /// What every control saw.
    pub fn readings(&self) -> &[Reading] {
        &self.readings
    }
}

/// Asks every control.
///
/// # Errors
/// [`Refusal`] of the first that says no.
pub fn check(bet: &Stake, standing: &Standing, limits: &Limits, now: DateTime<Utc>) -> Result<Approved, Refusal> {
    let mut readings = Vec::with_capacity(Control::ALL.len());
    for control in Control::ALL {
        let Some(reading) = read(*control, bet, standing, limits, now) else {
            continue;
        };
        if reading.used > reading.limit {
            return Err(refuse(reading, standing, limits));
        }
        readings.push(reading);
    }
    Ok(Approved {
        mark: standing.mark,
        readings,
    })
}

/// What a control sees; none where it has nothing to say, or where the bet adds nothing to what it watches.
fn read(control: Control, bet: &Stake, standing: &Standing, limits: &Limits, now: DateTime<Utc>) -> Option<Reading> {
    let share = |of: i64, bp: u32| {
        let part = i128::from(of.max(0)) * i128::from(bp) / i128::from(WHOLE_BP);
        i64::try_from(part).unwrap_or(i64::MAX)
    };
    let of_bankroll = |bp| share(standing.bankroll, bp);
    let among = |is_in: &dyn Fn(&Stake) -> bool| -> Option<i64> {
        let open = || standing.open.iter().filter(|open| is_in(open));
        let before = exposure(open());
        let after = exposure(open().chain([bet]));
        (after > before).then_some(after)
    };
    let (used, limit) = match control {
        Control::CoolOff => {
            let until = standing.cool_off_until.filter(|until| *until > now)?;
            (until.timestamp(), now.timestamp())
        }
        Control::Balance if bet.at_risk > 0 => (bet.at_risk, standing.cash.max(0)),
        Control::Balance => return None,
        Control::MaxStake => (bet.at_risk, limits.max_stake?),
        Control::PerBet => (bet.at_risk, of_bankroll(limits.per_bet_bp)),
        Control::DailyLoss => {
            let open = || standing.open.iter().filter(|open| open.may_end_today);
            let before = exposure(open());
            let after = exposure(open().chain(bet.may_end_today.then_some(bet)));
            if after <= before {
                return None;
            }
            (
                standing.lost_today.saturating_add(after),
                share(standing.bankroll_at_dawn, limits.daily_loss_bp),
            )
        }
        Control::Event => {
            let events: BTreeSet<&str> = bet.legs.iter().map(|leg| leg.event.as_str()).collect();
            let worst = events
                .into_iter()
                .filter_map(|event| among(&|open: &Stake| open.legs.iter().any(|leg| leg.event == event)))
                .max()?;
            (worst, of_bankroll(limits.event_bp))
        }
        Control::Correlated => {
            let teams: BTreeSet<&String> = bet.legs.iter().flat_map(|leg| &leg.participants).collect();
            let events: BTreeSet<&String> = bet.legs.iter().map(|leg| &leg.event).collect();
            let is_akin = |leg: &StakeLeg| {
                events.contains(&leg.event) || leg.participants.iter().any(|team| teams.contains(team))
            };
            let worst = among(&|open: &Stake| open.legs.iter().any(is_akin))?;
            (worst, of_bankroll(limits.correlated_bp))
        }
        Control::Sport => {
            let sports: BTreeSet<&str> = bet.legs.iter().map(|leg| leg.sport.as_str()).collect();
            let worst = sports
                .into_iter()
                .filter_map(|sport| among(&|open: &Stake| open.legs.iter().any(|leg| leg.sport == sport)))
                .max()?;
            (worst, of_bankroll(limits.sport_bp))
        }
        Control::Bookmaker => {
            bet.bookmaker?;
            let worst = among(&|open: &Stake| open.bookmaker == bet.bookmaker)?;
            (worst, of_bankroll(limits.bookmaker_bp))
        }
        Control::Open => (among(&|_| true)?, of_bankroll(limits.open_bp)),
        Control::OpenCount => (
            i64::try_from(standing.open.len()).unwrap_or(i64::MAX).saturating_add(1),
            i64::from(limits.max_open?),
        ),
    };
    Some(Reading { control, used, limit })
}

fn refuse(reading: Reading, standing: &Standing, limits: &Limits) -> Refusal {
    let Reading { control, used, limit } = reading;
    let money = |minor| Money {
        minor,
        currency: standing.currency,
    };
    let share = |bp: u32| format!("{}.{:02} %", bp / 100, bp % 100);
    let of_bankroll = |what: &str, bp: u32| {
        format!(
            "{what} {}; you allow {} of your bankroll, {}",
            money(used),
            share(bp),
            money(limit)
        )
    };
    let message = match control {
        Control::CoolOff => {
            let until = standing.cool_off_until.unwrap_or_default();
            format!("you asked for a break until {}", until.format("%Y-%m-%d %H:%M UTC"))
        }
        Control::Balance => format!("the bet needs {} and the account holds {}", money(used), money(limit)),
        Control::MaxStake => format!("the bet risks {}; your greatest stake is {}", money(used), money(limit)),
        Control::PerBet => of_bankroll("the bet risks", limits.per_bet_bp),
        Control::DailyLoss => format!(
            "with it this day could lose {}; you allow {} of the bankroll it began with, {}",
            money(used),
            share(limits.daily_loss_bp),
            money(limit)
        ),
        Control::Event => of_bankroll("with it the event risks", limits.event_bp),
        Control::Correlated => of_bankroll("with it bets on the same teams risk", limits.correlated_bp),
        Control::Sport => of_bankroll("with it the sport risks", limits.sport_bp),
        Control::Bookmaker => of_bankroll("with it the bookmaker holds", limits.bookmaker_bp),
        Control::Open => of_bankroll("with it all open bets risk", limits.open_bp),
        Control::OpenCount => format!("with it {used} bets are open; you allow {limit}"),
    };
    Refusal { reading, message }
}

/// What bets can lose together: the worst case over outcomes where they are singles on one event at one bookmaker, and the sum of
/// everything else.
pub fn exposure<'s>(bets: impl IntoIterator<Item = &'s Stake>) -> i64 {
    let mut sum = 0_i64;
    let mut together: BTreeMap<(Option<BookmakerId>, &str), Vec<&Stake>> = BTreeMap::new();
    for bet in bets {
        match (&bet.single, bet.legs.first()) {
            (Some(_), Some(leg)) => together
                .entry((bet.bookmaker, leg.event.as_str()))
                .or_default()
                .push(bet),
            _ => sum = sum.saturating_add(bet.at_risk),
        }
    }
    let worst = together.into_values().map(|bets| worst_case(&bets));
    worst.fold(sum, i64::saturating_add)
}

/// What singles on one event at one bookmaker can lose; never more than all of them one by one.
fn worst_case(bets: &[&Stake]) -> i64 {
    let apart = bets.iter().fold(0_i64, |sum, bet| sum.saturating_add(bet.at_risk));
    if bets.len() < 2 {
        return apart;
    }
    let singles: Vec<&Single> = bets.iter().filter_map(|bet| bet.single.as_ref()).collect();
    let legs = singles.iter().map(|single| single.leg.clone()).collect();
    let stakes: Vec<i64> = singles.iter().map(|single| single.stake).collect();
    // Bets that can't be told together for certain are not set off against each other.
    let worst = singles
        .first()
        .and_then(|first| Combination::new(&first.contest, legs).ok())
        .and_then(|combination| combination.settle(&stakes).ok())
        .and_then(|plan| plan.returns.into_iter().min());
    worst.map_or(apart, |worst| worst.saturating_neg().clamp(0, apart))
}

/// A stake that is suggested, and what kept it from being more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// In minor units of the account's currency, a multiple of the step.
    pub stake: i64,
    /// What bound it; none when all that was wanted is allowed.
    pub bound_by: Option<Bound>,
}

/// What kept a stake down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// Losses so far.
    Drawdown,
    /// A control.
    Control(Control),
}

/// The greatest stake in whole steps up to the wanted one, scaled by the drawdown, that no control refuses.
///
/// `bet` says what a stake puts at risk.
pub fn suggest(
    wanted: i64,
    step: i64,
    drawdown_bp: u32,
    bet: &dyn Fn(i64) -> Option<Stake>,
    standing: &Standing,
    limits: &Limits,
    now: DateTime<Utc>,
) -> Suggestion {
    let step = step.max(1);
    let factor = limits.factor_bp(drawdown_bp);
    let scaled = i128::from(wanted.max(0)) * i128::from(factor) / i128::from(WHOLE_BP);
    let most = i64::try_from(scaled).unwrap_or(i64::MAX) / step;
    let refusal = |steps: i64| match bet(steps.saturating_mul(step)) {
        Some(bet) => check(&bet, standing, limits, now)
            .err()
            .map(|refusal| refusal.reading.control),
        None => Some(Control::Balance),
    };
    let drawdown = (factor < WHOLE_BP).then_some(Bound::Drawdown);
    if most == 0 {
        return Suggestion {
            stake: 0,
            bound_by: drawdown,
        };
    }
    let Some(mut bound) = refusal(most) else {
        return Suggestion {
            stake: most * step,
            bound_by: drawdown,
        };
    };
    // What is refused stays refused with more: halve between.
    let (mut good, mut bad) = (0, most);
    while bad - good > 1 {
        let middle = good + (bad - good) / 2;
        match refusal(middle) {
            Some(control) => (bad, bound) = (middle, control),
            None => good = middle,
        }
    }
    Suggestion {
        stake: good * step,
        bound_by: Some(Bound::Control(bound)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenarios::Terms;
    use crate::{MarketKey, MarketKind, Outcome, Sport};

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000, 0).unwrap()
    }

    fn bet(event: &str, book: i64, outcome: Outcome, price: &str, stake: i64) -> Stake {
        let market = MarketKey::plain(MarketKind::ThreeWay);
        let terms = Terms::new(BookmakerId(book));
        Stake {
            at_risk: stake,
            bookmaker: Some(BookmakerId(book)),
            legs: vec![StakeLeg {
                event: event.into(),
                sport: "football".into(),
                participants: vec![format!("{event} home"), format!("{event} away")],
            }],
            single: Some(Single {
                contest: Contest::new(Sport::FOOTBALL, "Home", "Away"),
                leg: scenarios::Leg::back(market, outcome, price.parse().unwrap(), terms),
                stake,
            }),
            may_end_today: true,
        }
    }

    fn standing(open: Vec<Stake>) -> Standing {
        Standing {
            mark: 1,
            currency: "EUR".parse().unwrap(),
            bankroll: 100_000,
            bankroll_at_dawn: 100_000,
            lost_today: 0,
            cash: 100_000,
            open,
            cool_off_until: None,
        }
    }

    fn refused(bet: &Stake, standing: &Standing, limits: &Limits) -> Option<(Control, i64, i64)> {
        let refusal = check(bet, standing, limits, now()).err()?;
        Some((refusal.reading.control, refusal.reading.used, refusal.reading.limit))
    }

    #[test]
    fn a_bet_beyond_two_percent_is_refused_by_name() {
        let at = |stake| {
            refused(
                &bet("a", 1, Outcome::Home, "2.0", stake),
                &standing(vec![]),
                &Limits::default(),
            )
        };
        assert_eq!(at(20_00), None);
        assert_eq!(at(20_01), Some((Control::PerBet, 20_01, 20_00)));
        let error = check(
            &bet("a", 1, Outcome::Home, "2.0", 20_01),
            &standing(vec![]),
            &Limits::default(),
            now(),
        )
        .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the bet risks 20.01 EUR; you allow 2.00 % of your bankroll, 20.00 EUR"
        );
    }

    #[test]
    fn a_day_counts_what_it_lost_and_what_it_may_still_lose() {
        let mut at = standing(vec![
            bet("a", 1, Outcome::Home, "2.0", 15_00),
            bet("b", 2, Outcome::Home, "2.0", 15_00),
        ]);
        at.lost_today = 60_00;
        let new = bet("c", 3, Outcome::Home, "2.0", 10_01);
        assert_eq!(
            refused(&new, &at, &Limits::default()),
            Some((Control::DailyLoss, 10_001, 10_000))
        );
        at.open[0].may_end_today = false;
        assert_eq!(refused(&new, &at, &Limits::default()), None);
    }

    #[test]
    fn outcomes_of_one_event_at_one_bookmaker_are_set_off_and_two_bookmakers_are_not() {
        let home = bet("a", 1, Outcome::Home, "2.0", 20_00);
        let draw = bet("a", 1, Outcome::Draw, "3.5", 10_00);
        // The away side wins: both are lost. Home and draw can't both lose more than 30, and on a draw 25 is won.
        assert_eq!(exposure([&home, &draw]), 30_00);
        let away = bet("a", 1, Outcome::Away, "4.0", 10_00);
        // Home: +20 -10 -10 = 0; draw: +25 -20 -10 = -5; away: +30 -20 -10 = 0.
        assert_eq!(exposure([&home, &draw, &away]), 5_00);
        let elsewhere = bet("a", 2, Outcome::Away, "4.0", 10_00);
        assert_eq!(exposure([&home, &draw, &elsewhere]), 40_00);
    }

    #[test]
    fn a_bet_that_lowers_what_can_be_lost_is_not_refused_for_the_event() {
        let open = vec![
            bet("a", 1, Outcome::Home, "2.0", 50_00),
            bet("a", 1, Outcome::Draw, "6.0", 10_00),
        ];
        let cover = bet("a", 1, Outcome::Away, "4.0", 15_00);
        let limits = Limits {
            event_bp: 100,
            correlated_bp: 100,
            daily_loss_bp: 100,
            sport_bp: 100,
            ..Limits::default()
        };
        assert_eq!(refused(&cover, &standing(open.clone()), &limits), None);
        let more = bet("a", 2, Outcome::Away, "4.0", 15_00);
        assert_eq!(
            refused(&more, &standing(open), &limits).map(|refusal| refusal.0),
            Some(Control::DailyLoss)
        );
    }

    #[test]
    fn a_parlay_counts_once_in_each_of_its_events() {
        let mut parlay = bet("a", 1, Outcome::Home, "2.0", 20_00);
        parlay.single = None;
        parlay.legs.push(StakeLeg {
            event: "b".into(),
            ..parlay.legs[0].clone()
        });
        let open = vec![parlay.clone(), parlay.clone()];
        assert_eq!(exposure(&open), 40_00);
        let new = bet("b", 2, Outcome::Home, "2.0", 10_01);
        assert_eq!(
            refused(&new, &standing(open), &Limits::default()),
            Some((Control::Event, 50_01, 50_00))
        );
    }

    #[test]
    fn a_break_comes_before_everything() {
        let mut at = standing(vec![]);
        at.cool_off_until = Some(now() + chrono::TimeDelta::hours(1));
        let new = bet("a", 1, Outcome::Home, "2.0", 1);
        assert_eq!(
            refused(&new, &at, &Limits::default()).map(|refusal| refusal.0),
            Some(Control::CoolOff)
        );
        at.cool_off_until = Some(now());
        assert_eq!(refused(&new, &at, &Limits::default()), None);
    }

    #[test]
    fn a_suggestion_says_what_bound_it() {
        let wants = |wanted, drawdown_bp, open| {
            let of = |stake| Some(bet("a", 1, Outcome::Home, "2.0", stake));
            suggest(wanted, 50, drawdown_bp, &of, &standing(open), &Limits::default(), now())
        };
        let free = wants(12_34, 0, vec![]);
        assert_eq!((free.stake, free.bound_by), (12_00, None));
        let much = wants(90_00, 0, vec![]);
        assert_eq!(
            (much.stake, much.bound_by),
            (20_00, Some(Bound::Control(Control::PerBet)))
        );
        let crowded = wants(90_00, 0, vec![bet("a", 2, Outcome::Home, "2.0", 45_10)]);
        assert_eq!(
            (crowded.stake, crowded.bound_by),
            (4_50, Some(Bound::Control(Control::Event)))
        );
        let hurt = wants(12_34, 1_000, vec![]);
        assert_eq!((hurt.stake, hurt.bound_by), (6_00, Some(Bound::Drawdown)));
        assert_eq!(wants(12_34, 3_000, vec![]).stake, 0);
    }

    #[test]
    fn what_is_tightened_holds_and_what_is_loosened_waits() {
        let old = Limits::default();
        let wanted = Limits {
            per_bet_bp: 100,
            event_bp: 900,
            max_stake: Some(5_00),
            brakes: vec![],
            ..old.clone()
        };
        let at_once = old.tightened(&wanted);
        assert_eq!(
            (at_once.per_bet_bp, at_once.event_bp, at_once.max_stake),
            (100, 500, Some(5_00))
        );
        assert_eq!(at_once.brakes, old.brakes);
    }
}
