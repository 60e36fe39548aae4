//! Which results of a contest legs can tell apart, and what each leg comes to in them.

use super::Leg;
use crate::event::{Role, Score};
use crate::result::{BetResult, Contest, Ending, Unsettled, Winner, result_of};
use crate::{MarketKind, Period, Sport};
use serde::{Deserialize, Serialize};
use std::fmt;

/// At most so many legs are combined.
pub const MAX_LEGS: usize = 12;

/// Endings that the legs can't tell apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// What makes these endings these: one range for each number that a leg depends on.
    pub ranges: Vec<Range>,
    /// One of the endings.
    pub example: Ending,
    /// How each leg ends, in their order, for whoever made the bet.
    pub results: Vec<BetResult>,
}

impl Scenario {
    /// True when every stake comes back: nothing is won or lost, whatever was staked.
    pub fn is_stake_back(&self) -> bool {
        self.results.iter().all(|result| result.is_stake_back())
    }
}

impl fmt::Display for Scenario {
    /// `margin 3, total 2 or less`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, range) in self.ranges.iter().enumerate() {
            write!(f, "{}{range}", if at == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// A number that bets are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Who wins: 1 home, 0 nobody, -1 away.
    Winner,
    /// Home points less away points.
    Margin,
    /// Points of both sides.
    Total,
    /// Points of the home side.
    HomePoints,
    /// Points of the away side.
    AwayPoints,
    /// Points of whichever side has fewer: above zero when both have scored.
    LesserPoints,
}

/// Whole numbers in a row, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Range {
    /// Of what.
    pub quantity: Quantity,
    /// The least; `None` when there is none.
    pub from: Option<i32>,
    /// The greatest; `None` when there is none.
    pub to: Option<i32>,
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.quantity {
            Quantity::Winner => {
                let winner = |value| if value > 0 { "home wins" } else { "away wins" };
                return match (self.from, self.to) {
                    (Some(0), Some(0)) => f.write_str("draw"),
                    (Some(from), Some(to)) if from == to => f.write_str(winner(from)),
                    (Some(0), _) => f.write_str("home wins or draw"),
                    (_, Some(0)) => f.write_str("draw or away wins"),
                    _ => f.write_str("any winner"),
                };
            }
            Quantity::Margin => "margin",
            Quantity::Total => "total",
            Quantity::HomePoints => "home points",
            Quantity::AwayPoints => "away points",
            Quantity::LesserPoints => "points of the lesser side",
        };
        match (self.from, self.to) {
            (Some(from), Some(to)) if from == to => write!(f, "{name} {from}"),
            (Some(0), Some(to)) if self.quantity != Quantity::Margin => write!(f, "{name} {to} or less"),
            (Some(from), Some(to)) => write!(f, "{name} {from} to {to}"),
            (Some(from), None) => write!(f, "{name} {from} or more"),
            (None, Some(to)) => write!(f, "{name} {to} or less"),
            (None, None) => write!(f, "any {name}"),
        }
    }
}

/// Why legs can't be combined: what may happen to all of them together is not known for certain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing to combine.
    #[error("there is no leg")]
    NoLegs,
    /// Beyond [`MAX_LEGS`].
    #[error("at most {MAX_LEGS} legs can be combined")]
    TooManyLegs,
    /// A game that is drawn after the regular time goes on, so that both bets of a pair may be lost.
    #[error("60 minutes with overtime: a market on regulation time does not combine with one that counts overtime")]
    RegulationWithOvertime,
    /// Parts of the game that end differently.
    #[error("{} with {}: parts of a game end differently", .0.name().to_lowercase(), .1.name().to_lowercase())]
    DifferentPeriods(Period, Period),
    /// As in tennis: a handicap may count games and a total sets, and who wins the match may have won fewer games. Or nobody
    /// told what this sport counts.
    #[error("in {} winner, handicap and total may count different things", .0.name().to_lowercase())]
    DifferentCounts(Sport),
    /// A draw to bet on, over a part of the game that always has a winner: the market is about another part.
    #[error("{} in {} can't be drawn, so a market with a draw must be about another part", .1.name().to_lowercase(), .0.name().to_lowercase())]
    NeverDrawn(Sport, Period),
    /// A leg that no rule settles, by position.
    #[error("leg {}: {reason}", .leg + 1)]
    Unsettled {
        /// Which leg, counted from zero.
        leg: usize,
        /// Why not.
        reason: Unsettled,
    },
}

/// Sports in which one score decides everything: whoever has more points has won, in the whole game and in each part of it,
/// and handicaps and totals count those points.
const WON_BY_SCORE: &[&str] = &[
    "football",
    "basketball",
    "american_football",
    "ice_hockey",
    "baseball",
    "aussie_rules",
    "handball",
    "rugby_league",
    "rugby_union",
    "lacrosse",
];

/// What is always played until somebody wins. Not listed are sports in which some competitions know a draw and others do
/// not: counting a draw that can't be costs an opportunity, missing one that can be costs money.
const NEVER_DRAWN: &[(&str, Period)] = &[
    ("basketball", Period::FullTime),
    ("ice_hockey", Period::FullTime),
    ("tennis", Period::FullTime),
    ("tennis", Period::FirstSet),
    ("tennis", Period::SecondSet),
    ("table_tennis", Period::FullTime),
    ("volleyball", Period::FullTime),
];

/// Beyond every score: no end.
const UNBOUNDED: i64 = 1 << 40;

/// Every result that the legs can tell apart; between them they cover all that can happen.
///
/// Around every line all whole numbers on which a leg may change are tried, and what lies between and beyond them is one
/// range each. Ranges of different numbers, such as margin and total, go together where some score has both.
pub(super) fn enumerate(contest: &Contest, legs: &[Leg]) -> Result<Vec<Scenario>, Refusal> {
    let period = common_period(&contest.sport, legs)?;
    let asked = quantities(contest, legs)?;
    let may_be_drawn = !NEVER_DRAWN.contains(&(contest.sport.key(), period));
    let names_a_draw = |leg: &Leg| matches!(leg.market.kind, MarketKind::ThreeWay | MarketKind::DoubleChance);
    if !may_be_drawn && legs.iter().any(names_a_draw) {
        return Err(Refusal::NeverDrawn(contest.sport.clone(), period));
    }
    let mut used = asked.clone();
    used.sort_unstable();
    used.dedup();
    let is_won_by_score = WON_BY_SCORE.contains(&contest.sport.key());
    let mut partial = vec![(Vec::new(), vec![BetResult::Void; legs.len()])];
    for quantity in used {
        let has_zero = match quantity {
            Quantity::Winner => may_be_drawn,
            Quantity::Margin => may_be_drawn || !is_won_by_score,
            _ => true,
        };
        let of_quantity: Vec<usize> = (0..legs.len()).filter(|leg| asked[*leg] == quantity).collect();
        let runs = runs(contest, legs, quantity, &of_quantity, has_zero)?;
        let with_run = |(spans, results): &(Vec<(Quantity, Span)>, Vec<BetResult>), run: &Run| {
            let (mut spans, mut results) = (spans.clone(), results.clone());
            spans.push((quantity, run.span));
            for (leg, result) in of_quantity.iter().zip(&run.results) {
                results[*leg] = *result;
            }
            (spans, results)
        };
        partial = partial
            .iter()
            .flat_map(|partial| runs.iter().map(move |run| with_run(partial, run)))
            .filter(|(spans, _)| example(spans).is_some())
            .collect();
    }
    let scenario = |(spans, results): (Vec<(Quantity, Span)>, Vec<BetResult>)| {
        Some(Scenario {
            example: example(&spans)?,
            ranges: spans.into_iter().map(|(quantity, span)| span.range(quantity)).collect(),
            results,
        })
    };
    Ok(partial.into_iter().filter_map(scenario).collect())
}

/// The part of the event that all legs are about.
fn common_period(sport: &Sport, legs: &[Leg]) -> Result<Period, Refusal> {
    // Football's full time is its 90 minutes.
    let period_of = |leg: &Leg| match leg.market.period {
        Period::Regulation if *sport == Sport::FOOTBALL => Period::FullTime,
        period => period,
    };
    let first = legs.first().map(period_of).ok_or(Refusal::NoLegs)?;
    match legs.iter().map(period_of).find(|period| *period != first) {
        None => Ok(first),
        Some(Period::FullTime) if first == Period::Regulation => Err(Refusal::RegulationWithOvertime),
        Some(Period::Regulation) if first == Period::FullTime => Err(Refusal::RegulationWithOvertime),
        Some(other) => Err(Refusal::DifferentPeriods(first, other)),
    }
}

/// The number each leg depends on.
fn quantities(contest: &Contest, legs: &[Leg]) -> Result<Vec<Quantity>, Refusal> {
    let quantity = |(at, leg): (usize, &Leg)| {
        let unsettled = |reason| Err(Refusal::Unsettled { leg: at, reason });
        match leg.market.kind {
            MarketKind::Moneyline | MarketKind::ThreeWay | MarketKind::DrawNoBet | MarketKind::DoubleChance => {
                Ok(Quantity::Winner)
            }
            MarketKind::Spread => Ok(Quantity::Margin),
            MarketKind::Total => Ok(Quantity::Total),
            MarketKind::TeamTotal => match contest.role_of(leg.market.participant.as_deref()) {
                Some(Role::Home) => Ok(Quantity::HomePoints),
                Some(Role::Away) => Ok(Quantity::AwayPoints),
                _ => unsettled(Unsettled::UnknownParticipant),
            },
            MarketKind::BothTeamsToScore => Ok(Quantity::LesserPoints),
            MarketKind::Outright | MarketKind::Prop(_) | MarketKind::Other(_) => unsettled(Unsettled::NoRule),
        }
    };
    let mut asked: Vec<Quantity> = legs.iter().enumerate().map(quantity).collect::<Result<_, _>>()?;
    let is_mixed = asked.iter().any(|quantity| *quantity != asked[0]);
    if is_mixed && !WON_BY_SCORE.contains(&contest.sport.key()) {
        return Err(Refusal::DifferentCounts(contest.sport.clone()));
    }
    if is_mixed {
        for quantity in &mut asked {
            if *quantity == Quantity::Winner {
                *quantity = Quantity::Margin;
            }
        }
    }
    Ok(asked)
}

/// Whole numbers in a row; [`UNBOUNDED`] is no end.
#[derive(Clone, Copy)]
struct Span {
    from: i64,
    to: i64,
}

impl Span {
    const ALL: Self = Self {
        from: -UNBOUNDED,
        to: UNBOUNDED,
    };
    const FROM_ZERO: Self = Self { from: 0, to: UNBOUNDED };

    fn range(self, quantity: Quantity) -> Range {
        let end = |value: i64| i32::try_from(value).ok();
        Range {
            quantity,
            from: end(self.from),
            to: end(self.to),
        }
    }

    fn narrow(&mut self, other: Self) {
        self.from = self.from.max(other.from);
        self.to = self.to.min(other.to);
    }
}

/// Numbers in a row on which the legs end alike.
struct Run {
    span: Span,
    results: Vec<BetResult>,
}

/// Cuts a quantity into runs; `of_quantity` are the positions of the legs that depend on it.
fn runs(
    contest: &Contest,
    legs: &[Leg],
    quantity: Quantity,
    of_quantity: &[usize],
    has_zero: bool,
) -> Result<Vec<Run>, Refusal> {
    let domain = match quantity {
        Quantity::Winner => Span { from: -1, to: 1 },
        Quantity::Margin => Span::ALL,
        _ => Span::FROM_ZERO,
    };
    // Where a run may begin: a draw and beyond, a first point, and what surrounds a line.
    let mut starts = vec![0, 1];
    for leg in of_quantity {
        let market = &legs[*leg].market;
        if let Some(line) = market.line {
            let line = i64::from(line.hundredths());
            let line = if market.kind == MarketKind::Spread { -line } else { line };
            starts.extend((-1..=2).map(|beside| line.div_euclid(100) + beside));
        }
    }
    starts.retain(|start| domain.from < *start && *start <= domain.to);
    starts.sort_unstable();
    starts.dedup();
    let mut runs: Vec<Run> = Vec::new();
    let ends = starts.iter().map(|start| start - 1).chain([domain.to]);
    for (from, to) in [domain.from].into_iter().chain(starts.iter().copied()).zip(ends) {
        if (from, to) == (0, 0) && !has_zero {
            continue;
        }
        let inside = if from == -UNBOUNDED { to } else { from };
        let result = |leg: &usize| {
            let Leg {
                market,
                outcome,
                side,
                terms,
                ..
            } = &legs[*leg];
            result_of(contest, market, outcome, terms.rules, ending_with(quantity, inside))
                .map(|result| result.on_side(*side))
                .map_err(|reason| Refusal::Unsettled { leg: *leg, reason })
        };
        let results: Vec<BetResult> = of_quantity.iter().map(result).collect::<Result<_, _>>()?;
        match runs.last_mut() {
            Some(run) if run.results == results && run.span.to == from - 1 => run.span.to = to,
            _ => runs.push(Run {
                span: Span { from, to },
                results,
            }),
        }
    }
    Ok(runs)
}

/// An ending in which a quantity has a value; nothing else of it matters.
fn ending_with(quantity: Quantity, value: i64) -> Ending {
    let value = i32::try_from(value).unwrap_or(i32::MAX);
    let score = |home, away| Ending::Score(Score { home, away });
    match quantity {
        Quantity::Winner if value > 0 => Ending::Winner(Winner::Home),
        Quantity::Winner if value < 0 => Ending::Winner(Winner::Away),
        Quantity::Winner => Ending::Winner(Winner::Draw),
        Quantity::Margin if value < 0 => score(0, -value),
        Quantity::Margin | Quantity::Total | Quantity::HomePoints => score(value, 0),
        Quantity::AwayPoints => score(0, value),
        Quantity::LesserPoints => score(value, value),
    }
}

/// An ending with each quantity in its span; `None` when there is none, as for a margin of 4 with a total of 2.
fn example(spans: &[(Quantity, Span)]) -> Option<Ending> {
    let (mut margin, mut total, mut home, mut away) = (Span::ALL, Span::FROM_ZERO, Span::FROM_ZERO, Span::FROM_ZERO);
    let mut lesser = Span::FROM_ZERO;
    for (quantity, span) in spans {
        match quantity {
            Quantity::Winner => return Some(ending_with(Quantity::Winner, span.from)),
            Quantity::Margin => margin.narrow(*span),
            Quantity::Total => total.narrow(*span),
            Quantity::HomePoints => home.narrow(*span),
            Quantity::AwayPoints => away.narrow(*span),
            Quantity::LesserPoints => lesser.narrow(*span),
        }
    }
    // Neither side has less than the lesser, and one of them has no more.
    home.from = home.from.max(lesser.from);
    away.from = away.from.max(lesser.from);
    let up_to = |side: Span| Span {
        to: side.to.min(lesser.to),
        ..side
    };
    score_within(margin, total, up_to(home), away).or_else(|| score_within(margin, total, home, up_to(away)))
}

/// The score with the fewest home points. For given home points the away points are bounded by three ranges; the home points
/// for which each lower bound is at most each upper bound are a range themselves, so nothing need be tried.
fn score_within(margin: Span, total: Span, home: Span, away: Span) -> Option<Ending> {
    let half_up = |value: i64| (value + 1).div_euclid(2);
    let least = [
        home.from,
        away.from + margin.from,
        total.from - away.to,
        half_up(total.from + margin.from),
    ];
    let most = [
        home.to,
        total.to - away.from,
        away.to + margin.to,
        (total.to + margin.to).div_euclid(2),
    ];
    let points = least.into_iter().max()?;
    if points > most.into_iter().min()? || total.from > total.to || away.from > away.to {
        return None;
    }
    let others = away.from.max(points - margin.to).max(total.from - points);
    Some(Ending::Score(Score {
        home: i32::try_from(points).ok()?,
        away: i32::try_from(others).ok()?,
    }))
}
