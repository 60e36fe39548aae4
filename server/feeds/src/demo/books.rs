//! Ten invented bookmakers: how each sees a game, late or early, and what it makes of that.

use super::course::Course;
use super::dice::{Dice, Topic, whole};
use super::ladder::Ladder;
use super::outlook::{Outlook, outlook};
use super::wire;
use super::world::{self, Fixture, Game, HOUR, MINUTE};
use domain::BookKind;
use std::borrow::Cow;

/// A bookmaker of the demo market, as a profile for it is to be made.
#[derive(Clone, Copy, Debug)]
pub struct DemoBook {
    /// The feed's key.
    pub key: &'static str,
    /// As shown.
    pub name: &'static str,
    /// What sort it is.
    pub kind: BookKind,
    /// Commission on net winnings in hundredths of a percent.
    pub commission_bp: u16,
    /// Bookmakers of one group share one price source.
    pub clone_group: Option<&'static str>,
    style: Style,
}

/// How a bookmaker works.
#[derive(Clone, Copy, Debug)]
struct Style {
    /// Whose chance it shares: a clone has its original's.
    voice: i64,
    /// The overround of a main two-way market.
    margin: f64,
    /// How late it learns of news before the start, in seconds, from and to.
    lag: (i64, i64),
    /// How late it sees a game in play, in seconds; `None` when it offers nothing in play.
    live_lag: Option<i64>,
    /// Seconds between its updates before the start.
    cadence: i64,
    /// How far its opinion strays, in pieces of news.
    noise: f64,
    ladder: Ladder,
    /// True when it stands on quarter lines (football) and whole lines, not on half lines alone.
    has_fine_lines: bool,
    /// Alternate lines on either side of the main one.
    alternates: i32,
    /// The latest it opens a game, in hours before the listed start.
    opens: i64,
}

/// Every bookmaker of the demo market.
pub const BOOKS: [DemoBook; 10] = [
    DemoBook {
        key: "demo_plumbline",
        name: "Plumbline",
        kind: BookKind::Sharp,
        commission_bp: 0,
        clone_group: None,
        style: Style {
            voice: 1,
            margin: 0.022,
            lag: (4, 15),
            live_lag: Some(1),
            cadence: 10,
            noise: 0.05,
            ladder: Ladder::Thousandths,
            has_fine_lines: true,
            alternates: 2,
            opens: 48,
        },
    },
    DemoBook {
        key: "demo_tallyhouse",
        name: "Tallyhouse Exchange",
        kind: BookKind::Exchange,
        commission_bp: 200,
        clone_group: None,
        style: Style {
            voice: 2,
            margin: 0.004,
            lag: (2, 25),
            live_lag: Some(2),
            cadence: 5,
            noise: 0.10,
            ladder: Ladder::Exchange,
            has_fine_lines: true,
            alternates: 0,
            opens: 48,
        },
    },
    DemoBook {
        key: "demo_old_lantern",
        name: "Old Lantern",
        kind: BookKind::Retail,
        commission_bp: 0,
        clone_group: None,
        style: Style {
            voice: 3,
            margin: 0.042,
            lag: (15, 60),
            live_lag: Some(5),
            cadence: 20,
            noise: 0.25,
            ladder: Ladder::Hundredths,
            has_fine_lines: true,
            alternates: 1,
            opens: 44,
        },
    },
    DemoBook {
        key: "demo_brightwater",
        name: "Brightwater",
        kind: BookKind::Retail,
        commission_bp: 0,
        clone_group: None,
        style: Style {
            voice: 4,
            margin: 0.045,
            lag: (20, 90),
            live_lag: Some(6),
            cadence: 30,
            noise: 0.30,
            ladder: Ladder::American,
            has_fine_lines: false,
            alternates: 1,
            opens: 44,
        },
    },
    DemoBook {
        key: "demo_copperfield",
        name: "Copper Field Sports",
        kind: BookKind::Retail,
        commission_bp: 0,
        clone_group: None,
        style: Style {
            voice: 5,
            margin: 0.052,
            lag: (30, 120),
            live_lag: Some(8),
            cadence: 30,
            noise: 0.35,
            ladder: Ladder::American,
            has_fine_lines: false,
            alternates: 0,
            opens: 40,
        },
    },
    DemoBook {
        key: "demo_foxglove",
        name: "Foxglove",
        kind: BookKind::Retail,
        commission_bp: 0,
        clone_group: None,
        style: Style {
            voice: 6,
            margin: 0.072,
            lag: (40, 150),
            live_lag: Some(10),
            cadence: 40,
            noise: 0.40,
            ladder: Ladder::Hundredths,
            has_fine_lines: false,
            alternates: 0,
            opens: 36,
        },
    },
    DemoBook {
        key: "demo_saltmarsh",
        name: "Saltmarsh",
        kind: BookKind::Retail,
        commission_bp: 0,
        clone_group: Some("demo_saltmarsh"),
        style: SALTMARSH,
    },
    DemoBook {
        key: "demo_saltmarsh_plus",
        name: "Saltmarsh Plus",
        kind: BookKind::Retail,
        commission_bp: 0,
        clone_group: Some("demo_saltmarsh"),
        style: SALTMARSH,
    },
    DemoBook {
        key: "demo_millpond",
        name: "Millpond",
        kind: BookKind::Retail,
        commission_bp: 0,
        clone_group: None,
        style: Style {
            voice: 8,
            margin: 0.048,
            lag: (4 * MINUTE, 9 * MINUTE),
            live_lag: None,
            cadence: 60,
            noise: 0.30,
            ladder: Ladder::Hundredths,
            has_fine_lines: true,
            alternates: 0,
            opens: 36,
        },
    },
    DemoBook {
        key: "demo_haywain",
        name: "Haywain Sports",
        kind: BookKind::Retail,
        commission_bp: 0,
        clone_group: None,
        style: Style {
            voice: 9,
            margin: 0.060,
            lag: (3 * MINUTE, 7 * MINUTE),
            live_lag: Some(45),
            cadence: 90,
            noise: 0.35,
            ladder: Ladder::American,
            has_fine_lines: false,
            alternates: 0,
            opens: 32,
        },
    },
];

const SALTMARSH: Style = Style {
    voice: 7,
    margin: 0.056,
    lag: (30, 100),
    live_lag: Some(7),
    cadence: 30,
    noise: 0.30,
    ladder: Ladder::Hundredths,
    has_fine_lines: true,
    alternates: 0,
    opens: 40,
};

/// Bookmakers that now and then leave a price that is too good, by voice.
const SOFT_VOICES: [i64; 5] = [3, 4, 5, 7, 8];

/// The length of the steps in each of which a book may make one mistake in a game.
const MISTAKE_STEP: i64 = 2 * HOUR;

/// Which lines are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lines {
    All,
    MainOnly,
}

/// What is asked of the books.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) seed: u64,
    pub(super) at: i64,
    pub(super) lines: Lines,
}

/// A price that is too good, for a while.
#[derive(Clone, Copy, Debug)]
struct SoftSpot {
    market: i64,
    outcome: i64,
    /// By how much the implied probability is below the fair one.
    gift: f64,
}

/// A market with its fair probabilities.
struct Market {
    kind: &'static str,
    period: &'static str,
    line: Option<i32>,
    is_main: bool,
    fair: Vec<(&'static str, f64)>,
}

/// What one book offers on a game; `None` when it offers nothing.
pub(super) fn offers(
    book: &'static DemoBook,
    fixture: &Fixture,
    course: &Course,
    asked: Asked,
) -> Option<wire::Book<'static>> {
    let style = &book.style;
    let start = fixture.start()?;
    let is_in_play = asked.at >= start;
    let dice = fixture.dice.about(style.voice);
    let updated_at = updated_at(style, fixture, asked, start)?;
    if is_in_play && is_suspended(book, fixture, course, asked.at) {
        return None;
    }
    let soft = (!is_in_play)
        .then(|| soft_spot(asked.seed, fixture, style.voice, updated_at))
        .flatten();
    let (mut margin, mut total) = (fixture.margin, fixture.total);
    for (number, news) in (0_i64..).zip(&course.news) {
        let lag = if soft.is_some() {
            0
        } else {
            dice.on(Topic::Lag).about(number).between(style.lag.0, style.lag.1)
        };
        if news.at + lag <= updated_at {
            margin += news.margin;
            total += news.total;
        }
    }
    let rules = fixture.game().rules();
    if soft.is_none() {
        let opinion = opinion(dice, updated_at, style.noise);
        margin += opinion.0 * rules.margin_unit;
        total += opinion.1 * rules.total_unit;
    }
    let seen_at = updated_at - style.live_lag.unwrap_or_default();
    let (remaining, state) = if is_in_play {
        (course.remaining(seen_at), course.state(seen_at))
    } else {
        (1.0, course.state(i64::MIN))
    };
    if is_in_play {
        let flicker = fixture.dice.on(Topic::Flicker).about(seen_at.div_euclid(12));
        margin += 0.35 * flicker.about(0).normal() * rules.margin_unit;
        total += 0.35 * flicker.about(1).normal() * rules.total_unit;
    }
    let outlook = outlook(fixture.game(), margin, total, remaining, &state);
    let wrong = mistake(dice, updated_at);
    let markets = (0_i64..)
        .zip(markets(fixture.game(), &outlook, style, asked.lines))
        .filter(|(_, market)| market.fair.iter().all(|(_, fair)| (0.03..=0.97).contains(fair)))
        .map(|(number, market)| {
            let soft = soft.filter(|soft| market.is_main && soft.market == number);
            let wrong = wrong
                .filter(|(wrong_market, _)| market.is_main && *wrong_market == number)
                .map(|(_, outcome)| outcome);
            price(book, &market, soft, wrong)
        })
        .collect::<Vec<_>>();
    (!markets.is_empty()).then(|| wire::Book {
        key: Cow::Borrowed(book.key),
        name: Cow::Borrowed(book.name),
        format: Cow::Borrowed(style.ladder.format()),
        updated_at: wire::write_time(updated_at),
        markets,
    })
}

/// When a book last updated a game, if it offers it at all.
fn updated_at(style: &Style, fixture: &Fixture, asked: Asked, start: i64) -> Option<i64> {
    let is_in_play = asked.at >= start;
    let dice = fixture.dice.about(style.voice);
    let cadence = if is_in_play {
        style.cadence.min(10)
    } else {
        style.cadence
    };
    let phase = dice.on(Topic::Phase).between(0, cadence - 1);
    let tick = (asked.at - phase).div_euclid(cadence) * cadence + phase;
    let frozen = frozen_since(asked.seed, fixture.competition, style, tick);
    let updated_at = frozen.unwrap_or(tick);
    let early = dice.on(Topic::Opening).between(0, 4 * HOUR);
    if updated_at < fixture.listed_start - style.opens * HOUR - early || withdrawn(dice, tick) {
        return None;
    }
    if is_in_play && (style.live_lag.is_none() || frozen.is_some()) {
        return None;
    }
    Some(updated_at)
}

/// A book's own opinion of margin and total, in pieces of news: one that lasts and one that changes every few hours.
fn opinion(dice: Dice, at: i64, noise: f64) -> (f64, f64) {
    let dice = dice.on(Topic::Opinion);
    let phase = dice.between(0, 3 * HOUR);
    let passing = dice.about((at + phase).div_euclid(3 * HOUR));
    let part = |lasting: Dice, passing: Dice| noise * (0.7 * lasting.normal() + 0.7 * passing.normal());
    (
        part(dice.about(-1), passing.about(1)),
        part(dice.about(-2), passing.about(2)),
    )
}

/// Since when a book has not updated a competition, where it is stuck: about once in three days, for an hour or more.
fn frozen_since(seed: u64, competition: usize, style: &Style, at: i64) -> Option<i64> {
    const STEP: i64 = 8 * HOUR;
    if style.margin < 0.04 {
        return None;
    }
    let cell = at.div_euclid(STEP);
    let dice = Dice::new(seed)
        .on(Topic::Freeze)
        .about(i64::try_from(competition).ok()?)
        .about(style.voice)
        .about(cell);
    let since = cell * STEP + dice.about(1).between(0, STEP - 101 * MINUTE);
    let until = since + dice.about(2).between(60 * MINUTE, 100 * MINUTE);
    (dice.about(0).chance(0.1) && (since..until).contains(&at)).then_some(since)
}

/// Whether a book has taken a game off for some minutes.
fn withdrawn(dice: Dice, at: i64) -> bool {
    const STEP: i64 = 45 * MINUTE;
    let cell = at.div_euclid(STEP);
    let dice = dice.on(Topic::Withdrawal).about(cell);
    let since = cell * STEP + dice.about(1).between(0, 30 * MINUTE);
    dice.about(0).chance(1.0 / 60.0) && (since..since + dice.about(2).between(4 * MINUTE, 14 * MINUTE)).contains(&at)
}

/// Market and outcome of a palpably wrong price, for a few minutes.
fn mistake(dice: Dice, at: i64) -> Option<(i64, i64)> {
    let cell = at.div_euclid(MISTAKE_STEP);
    let dice = dice.on(Topic::Mistake).about(cell);
    let since = cell * MISTAKE_STEP + dice.about(1).between(0, MISTAKE_STEP - 6 * MINUTE);
    let lasts = since..since + dice.about(2).between(2 * MINUTE, 6 * MINUTE);
    (dice.about(0).chance(1.0 / 500.0) && lasts.contains(&at))
        .then(|| (dice.about(3).between(0, 2), dice.about(4).between(0, 1)))
}

/// A price that is too good. At any moment each competition has up to two of them, each among its next games, so that
/// the whole market is never without an arbitrage.
fn soft_spot(seed: u64, fixture: &Fixture, voice: i64, at: i64) -> Option<SoftSpot> {
    let competition = i64::try_from(fixture.competition).ok()?;
    [17 * MINUTE, 29 * MINUTE].into_iter().find_map(|step| {
        let dice = Dice::new(seed).on(Topic::SoftSpot).about(competition).about(step);
        let phase = dice.between(0, step - 1);
        let cell = (at - phase).div_euclid(step);
        let dice = dice.about(cell);
        let next = world::number_at(fixture.competition, cell * step + phase) + 1;
        let chosen = SOFT_VOICES.get(usize::try_from(dice.about(1).between(0, 4)).ok()?);
        let is_here = fixture.number == next + dice.about(0).between(0, 5) && chosen == Some(&voice);
        is_here.then(|| SoftSpot {
            market: dice.about(2).between(0, 2),
            outcome: dice.about(3).between(0, 2),
            gift: 0.015 + 0.017 * dice.about(4).unit(),
        })
    })
}

/// True when a book that takes part in a score's change has shut its markets for the moment.
fn is_suspended(book: &DemoBook, fixture: &Fixture, course: &Course, at: i64) -> bool {
    let has_goals = matches!(fixture.game(), Game::Football | Game::IceHockey);
    has_goals
        && book.kind != BookKind::Sharp
        && course
            .last_turn(at)
            .is_some_and(|turn| at - turn < 25 + 5 * book.style.voice)
}

/// The markets a book stands on, main ones first.
fn markets(game: Game, outlook: &Outlook, style: &Style, lines: Lines) -> Vec<Market> {
    let plain = |kind, period, fair| Market {
        kind,
        period,
        line: None,
        is_main: true,
        fair,
    };
    let three_way = |kind, period, law: &super::outlook::Law| {
        let [home, draw, away] = law.three_way();
        plain(kind, period, vec![("home", home), ("draw", draw), ("away", away)])
    };
    let spread = |line: i32, is_main| {
        let home = outlook.margin.fair_above(-line);
        Market {
            kind: "spread",
            period: "full_time",
            line: Some(line),
            is_main,
            fair: vec![("home", home), ("away", 1.0 - home)],
        }
    };
    let total = |line: i32, is_main| {
        let over = outlook.total.fair_above(line);
        Market {
            kind: "total",
            period: "full_time",
            line: Some(line),
            is_main,
            fair: vec![("over", over), ("under", 1.0 - over)],
        }
    };
    let step = match game {
        _ if !style.has_fine_lines => 100,
        Game::Football => 25,
        Game::Basketball | Game::AmericanFootball | Game::IceHockey | Game::Tennis => 50,
    };
    let offset = if style.has_fine_lines { 0 } else { 50 };
    let main_spread = match game {
        Game::IceHockey | Game::Tennis => {
            if outlook.margin.mean() >= 0.0 {
                -150
            } else {
                150
            }
        }
        Game::Football | Game::Basketball | Game::AmericanFootball => {
            -middle_line(step, offset, outlook.margin.mean(), |line| {
                outlook.margin.fair_above(line)
            })
        }
    };
    let main_total = match game {
        Game::Tennis => 250,
        _ => middle_line(step, offset, outlook.total.mean(), |line| {
            outlook.total.fair_above(line)
        }),
    };
    let main = if game == Game::Football {
        three_way("three_way", "full_time", &outlook.margin)
    } else {
        let home = outlook.margin.fair_above(0);
        plain("moneyline", "full_time", vec![("home", home), ("away", 1.0 - home)])
    };
    let mut markets = vec![main, spread(main_spread, true), total(main_total, true)];
    if let Some(law) = &outlook.regular_margin {
        markets.push(three_way("three_way", "regulation", law));
    }
    if lines == Lines::All {
        let distances = (1..=style.alternates)
            .flat_map(|number| [-number, number])
            .map(|number| number * step);
        for distance in distances {
            if !matches!(game, Game::IceHockey | Game::Tennis) {
                markets.push(spread(main_spread + distance, false));
            }
            if game != Game::Tennis {
                markets.push(total(main_total + distance, false));
            }
        }
    }
    markets
}

/// The line of a grid, in hundredths, at which both sides are closest to even. Lines are multiples of `step` plus `offset`.
fn middle_line(step: i32, offset: i32, mean: f64, fair_above: impl Fn(i32) -> f64) -> i32 {
    let near = i32::try_from(whole((mean * 100.0 - f64::from(offset)) / f64::from(step))).unwrap_or_default();
    (near - 2..=near + 2)
        .map(|place| place * step + offset)
        .min_by(|left, right| {
            let distance = |line: i32| (fair_above(line) - 0.5).abs();
            distance(*left).total_cmp(&distance(*right))
        })
        .unwrap_or(offset)
}

/// A book's prices on a market: fair probabilities, its margin, and down to its ladder.
fn price(book: &DemoBook, market: &Market, soft: Option<SoftSpot>, wrong: Option<i64>) -> wire::Market<'static> {
    let style = &book.style;
    let fair: Vec<f64> = market.fair.iter().map(|(_, fair)| *fair).collect();
    let factor = match (market.is_main, fair.len()) {
        (true, 2) => 1.0,
        (true, _) => 1.15,
        (false, _) => 1.25,
    };
    let margin = if book.kind == BookKind::Exchange {
        style.margin
    } else {
        style.margin * factor
    };
    let implied = match soft {
        Some(soft) => soft_prices(&fair, margin, soft),
        None if book.kind == BookKind::Retail => with_power_margin(&fair, margin),
        None => fair.iter().map(|fair| fair * (1.0 + margin)).collect(),
    };
    let wrong = wrong.and_then(|outcome| usize::try_from(outcome).ok());
    let mut offers = Vec::with_capacity(2 * fair.len());
    for (number, ((outcome, fair), implied)) in market.fair.iter().zip(implied).enumerate() {
        let slip = if wrong == Some(number) { 10.0 } else { 1.0 };
        let back = style.ladder.write_below(slip / implied);
        if book.kind == BookKind::Exchange {
            let lay = Ladder::write_lay(1.0 / (fair * (1.0 - margin)), back.parse().unwrap_or(1.0));
            offers.push(wire::Offer {
                outcome: Cow::Borrowed(outcome),
                side: Cow::Borrowed("lay"),
                price: Cow::Owned(lay),
            });
        }
        offers.push(wire::Offer {
            outcome: Cow::Borrowed(outcome),
            side: Cow::Borrowed("back"),
            price: Cow::Owned(back),
        });
    }
    wire::Market {
        kind: Cow::Borrowed(market.kind),
        period: Cow::Borrowed(market.period),
        line: market
            .line
            .map(|line| Cow::Owned(domain::Line::from_hundredths(line).to_string())),
        offers,
    }
}

/// Implied probabilities that sum to 1 + `margin`, with more of it on the long shots: fair to one common power.
fn with_power_margin(fair: &[f64], margin: f64) -> Vec<f64> {
    let mut power = 1.0;
    for _ in 0..6 {
        let (sum, slope) = fair.iter().fold((0.0, 0.0), |(sum, slope), fair| {
            let raised = f64::powf(*fair, power);
            (sum + raised, slope + raised * fair.ln())
        });
        power -= (sum - 1.0 - margin) / slope;
    }
    fair.iter().map(|fair| fair.powf(power)).collect()
}

/// Implied probabilities that sum to 1 + `margin`, of which one is below the fair probability.
fn soft_prices(fair: &[f64], margin: f64, soft: SoftSpot) -> Vec<f64> {
    let wanted = usize::try_from(soft.outcome).unwrap_or_default() % fair.len().max(1);
    let favourite = (0..fair.len())
        .max_by(|left, right| fair[*left].total_cmp(&fair[*right]))
        .unwrap_or_default();
    let chosen = if fair.get(wanted).is_some_and(|fair| *fair > 0.2) {
        wanted
    } else {
        favourite
    };
    let generous = fair[chosen] - soft.gift;
    let stretch = (1.0 + margin - generous) / (1.0 - fair[chosen]);
    let number = |(number, fair): (usize, &f64)| if number == chosen { generous } else { fair * stretch };
    fair.iter().enumerate().map(number).collect()
}
