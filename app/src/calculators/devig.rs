//! The fair probabilities behind a market's prices, by every method.

use super::answer::price_in;
use super::{Answer, Calculator, Cell, Entry, Field, FieldError, Kind, Row, Table};
use crate::write;
use domain::devig::{DevigMethod, Spread, summarise};
use domain::overround::{hold, overround};
use domain::{OddsFormat, Probability, value::fair_price};

/// As many outcomes as fit side by side.
const MAX_OUTCOMES: usize = 30;

/// Devig, all methods side by side.
pub static DEVIG: Calculator = Calculator {
    key: "devig",
    title: "Devig",
    about: "The fair probabilities and prices behind a bookmaker's prices for all outcomes of a market, by nine methods.",
    rows: &[
        &[
            Field::new("prices", "Prices of all outcomes", Kind::Prices, "4.20 3.70 1.95")
                .hint("One per outcome, with spaces between."),
        ],
        &[Field::new("winners", "Outcomes that win", Kind::Number, "1")
            .hint("1 in a match, 3 among the first three of a race.")],
    ],
    reckon,
};

fn reckon(entry: &Entry<'_>) -> Result<Answer, FieldError> {
    let prices = entry.prices("prices", 2..=MAX_OUTCOMES)?;
    let most = u32::try_from(prices.len() - 1).unwrap_or(1);
    let winners = entry.whole("winners", 1..=most)?;
    let target = f64::from(winners);
    let summary = summarise(&prices, target);
    let row = |method: DevigMethod| {
        let answer = summary.answers.iter().find(|answer| answer.method == method);
        let refusal = summary.refusals.iter().find(|(refused, _)| *refused == method);
        match (answer, refusal) {
            (Some(answer), _) => {
                let fair = answer
                    .probabilities
                    .iter()
                    .map(|fair| fair_cell(fair.get(), entry.format));
                let parameter = format!("{} {:.6}", method.parameter_name(), answer.parameter).replace('-', "\u{2212}");
                Row::new(method.name(), fair).under(parameter)
            }
            (None, refusal) => {
                let reason = refusal.map(|(_, reason)| reason.to_string()).unwrap_or_default();
                Row::new(method.name(), prices.iter().map(|_| Cell::none())).under(reason)
            }
        }
    };
    let outcomes = (1..=prices.len()).map(|outcome| format!("Outcome {outcome}"));
    let mut table =
        Table::new("Fair probability, and the price without margin", &["Method"]).rows(DevigMethod::ALL.map(row));
    table.head.extend(outcomes);
    let of_spread: [(&str, fn(&Spread) -> f64); 4] = [
        ("Least", |spread| spread.minimum),
        ("Mean", |spread| spread.mean),
        ("Median", |spread| spread.median),
        ("Greatest", |spread| spread.maximum),
    ];
    if !summary.outcomes.is_empty() {
        for (name, pick) in of_spread {
            let cells = summary
                .outcomes
                .iter()
                .map(|spread| fair_cell(pick(spread), entry.format));
            table = table.total(Row::new(name, cells));
        }
    }
    let margin = if winners == 1 {
        overround(&prices)
    } else {
        (overround(&prices) + 1.0) / target - 1.0
    };
    let mut answer = Answer::default().fact("Overround", write::percent(margin, 4));
    if winners == 1 {
        answer = answer.fact("Hold", write::percent(hold(&prices), 4));
    }
    let answered = format!("{} of {}", summary.answers.len(), DevigMethod::ALL.len());
    let answer = answer.fact("Methods with an answer", answered).table(table);
    Ok(if summary.refusals.is_empty() {
        answer
    } else {
        answer.note("A dash stands where a method has no answer; the reason is under its name.")
    })
}

/// A fair probability, and its price under it.
fn fair_cell(fair: f64, format: OddsFormat) -> Cell {
    let price = Probability::new(fair).ok().and_then(|fair| fair_price(fair).ok());
    let under = price.map(|price| price_in(format, price)).unwrap_or_default();
    Cell::from(write::percent(fair, 4)).under(under)
}
