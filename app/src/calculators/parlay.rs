//! Several bets as one.

use super::answer::{amount, gained, price_in, result_name};
use super::{Answer, Calculator, Cell, Entry, Field, FieldError, Kind, Row, Table};
use domain::Price;
use domain::parlay::{Leg, ParlayError, multiplier, payout};
use domain::result::{BetResult, Rounding};

const RESULTS: Kind = Kind::Choice(&[
    ("win", "Won"),
    ("half_win", "Half won"),
    ("push", "Push"),
    ("void", "Void"),
    ("half_loss", "Half lost"),
    ("loss", "Lost"),
]);

/// What a parlay pays.
pub static PARLAY: Calculator = Calculator {
    key: "parlay",
    title: "Parlay",
    about: "What several bets in one pay, with legs that were won, lost, halved or void.",
    rows: &[
        &[Field::new("stake", "Stake", Kind::Number, "100")],
        &[price("price_1", "Leg 1", "1.95"), result("result_1")],
        &[price("price_2", "Leg 2", "2.10"), result("result_2")],
        &[price("price_3", "Leg 3", "1.80"), result("result_3")],
        &[price("price_4", "Leg 4", ""), result("result_4")],
        &[price("price_5", "Leg 5", ""), result("result_5")],
        &[price("price_6", "Leg 6", ""), result("result_6")],
        &[price("price_7", "Leg 7", ""), result("result_7")],
        &[price("price_8", "Leg 8", ""), result("result_8")],
    ],
    reckon,
};

const LEGS: [(&str, &str); 8] = [
    ("price_1", "result_1"),
    ("price_2", "result_2"),
    ("price_3", "result_3"),
    ("price_4", "result_4"),
    ("price_5", "result_5"),
    ("price_6", "result_6"),
    ("price_7", "result_7"),
    ("price_8", "result_8"),
];

const fn price(name: &'static str, label: &'static str, default: &'static str) -> Field {
    Field::new(name, label, Kind::Price, default)
}

const fn result(name: &'static str) -> Field {
    Field::new(name, "Result", RESULTS, "win")
}

fn reckon(entry: &Entry<'_>) -> Result<Answer, FieldError> {
    let stake = entry.amount("stake")?;
    let mut legs: Vec<(usize, Leg)> = Vec::new();
    for (at, (price, result)) in LEGS.into_iter().enumerate() {
        if entry.is_empty(price) {
            continue;
        }
        let leg = Leg {
            price: entry.price(price)?,
            result: BetResult::from_code(entry.choice(result)?).unwrap_or(BetResult::Win),
        };
        legs.push((at + 1, leg));
    }
    let (places, legs): (Vec<usize>, Vec<Leg>) = legs.into_iter().unzip();
    let as_won: Vec<Leg> = legs
        .iter()
        .map(|leg| Leg {
            result: BetResult::Win,
            ..*leg
        })
        .collect();
    let multiplied = multiplier(&legs).map_err(wrong)?;
    let pays = payout(&legs, stake, Rounding::Cut).map_err(wrong)?;
    let pays_if_won = payout(&as_won, stake, Rounding::Cut).map_err(wrong)?;
    let rows = places.iter().zip(&legs).map(|(place, leg)| {
        let times = multiplier(&[*leg]).map_or_else(|_| Cell::none(), |times| micros(times).into());
        let cells = [
            price_in(entry.format, leg.price).into(),
            result_name(leg.result).into(),
            times,
        ];
        Row::new(format!("Leg {place}"), cells)
    });
    let price =
        Price::from_micros(multiplied).map_or_else(|_| Cell::none(), |price| price_in(entry.format, price).into());
    let table = Table::new("What each leg does to the stake", &["Leg", "Price", "Result", "Times"])
        .rows(rows)
        .total(Row::new("Parlay", [price, "".into(), micros(multiplied).into()]));
    Ok(Answer::default()
        .fact("Comes back", amount(pays))
        .fact("Profit", gained(pays - stake))
        .fact("Times the stake", micros(multiplied))
        .fact("If every leg wins", amount(pays_if_won))
        .table(table)
        .note("Half a win multiplies by (price + 1) / 2, half a loss by 1/2, a push or void leg by 1. What is paid is cut to whole cents, once."))
}

fn wrong(error: ParlayError) -> FieldError {
    let field = match error {
        ParlayError::StakeNotPositive | ParlayError::TooLarge => "stake",
        ParlayError::NoLegs | ParlayError::TooManyLegs => "price_1",
    };
    FieldError::new(field, error)
}

/// A number in millionths, with at least two places.
fn micros(micros: i64) -> String {
    let price = Price::from_micros(micros);
    let text = match price {
        Ok(price) => price.to_string(),
        Err(_) => format!("{:.6}", micros as f64 / 1e6).trim_end_matches('0').to_owned(),
    };
    let places = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    match places {
        0 if text.ends_with('.') => format!("{text}00"),
        0 => format!("{text}.00"),
        1 => format!("{text}0"),
        _ => text,
    }
}
