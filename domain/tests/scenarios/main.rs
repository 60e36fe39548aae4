//! Arbitrage by scenarios, against worked values, against brute force and against itself.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]
#![expect(
    clippy::inconsistent_digit_grouping,
    clippy::mistyped_literal_suffixes,
    reason = "amounts read as units_cents"
)]

mod brute_force;
mod classes;
mod enumeration;
mod plans;
mod promotions;
mod results;

use domain::result::Contest;
use domain::scenarios::{Commission, Leg, Terms};
use domain::{BookmakerId, Line, MarketKey, MarketKind, Outcome, Period, Price, Sport};

fn football() -> Contest {
    Contest::new(Sport::FOOTBALL, "Harbour", "Brightwater")
}

fn basketball() -> Contest {
    Contest::new(Sport::BASKETBALL, "Harbour", "Brightwater")
}

fn price(text: &str) -> Price {
    text.parse().unwrap()
}

fn plain(kind: MarketKind) -> MarketKey {
    MarketKey::plain(kind)
}

fn lined(kind: MarketKind, line: &str) -> MarketKey {
    MarketKey {
        line: Some(line.parse::<Line>().unwrap()),
        ..plain(kind)
    }
}

/// The market in which the home side has this handicap.
fn spread(home_line: &str) -> MarketKey {
    lined(MarketKind::Spread, home_line)
}

fn total(line: &str) -> MarketKey {
    lined(MarketKind::Total, line)
}

fn over_part(market: MarketKey, period: Period) -> MarketKey {
    MarketKey { period, ..market }
}

/// A bookmaker without commission, whose stakes are multiples of a step.
fn book(id: i64, step: i64) -> Terms {
    Terms {
        step,
        ..Terms::new(BookmakerId(id))
    }
}

fn exchange(id: i64, commission_bp: u16) -> Terms {
    Terms {
        commission: Commission::NetWinnings(commission_bp),
        ..book(id, 1)
    }
}

fn back(market: MarketKey, outcome: Outcome, decimal: &str, terms: Terms) -> Leg {
    Leg::back(market, outcome, price(decimal), terms)
}

fn lay(market: MarketKey, outcome: Outcome, decimal: &str, terms: Terms) -> Leg {
    Leg::lay(market, outcome, price(decimal), terms)
}

/// One back bet on each outcome of a market, at a book each.
fn complete(kind: &MarketKind, decimals: &[Price], step: i64) -> Vec<Leg> {
    let outcomes = kind.outcomes().unwrap();
    assert_eq!(outcomes.len(), decimals.len());
    let legs = (1..).zip(outcomes.iter().zip(decimals));
    legs.map(|(id, (outcome, decimal))| Leg::back(plain(kind.clone()), outcome.clone(), *decimal, book(id, step)))
        .collect()
}
