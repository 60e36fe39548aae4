//! One price in every odds format.

use super::answer::{amount, price_in};
use super::{Answer, Calculator, Entry, Field, FieldError, Kind, Row, Table};
use crate::write;
use domain::result::{BetResult, Rounding};
use domain::{OddsFormat, Side};

/// The odds converter.
pub static CONVERTER: Calculator = Calculator {
    key: "converter",
    title: "Converter",
    about: "One price in every odds format, with the probability that it implies.",
    rows: &[&[
        Field::new("odds", "Odds", Kind::Odds, "2.50"),
        Field::new("written", "Written as", Kind::Format, ""),
    ]],
    reckon,
};

fn reckon(entry: &Entry<'_>) -> Result<Answer, FieldError> {
    let written = entry.odds_format("written")?;
    let price = written
        .read(entry.text("odds"))
        .map_err(|wrong| FieldError::new("odds", wrong))?;
    let profit = BetResult::Win.profit(Side::Back, price, 10_000, Rounding::Cut);
    let rows = OddsFormat::ALL.map(|format| Row::new(format.name(), [price_in(format, price).into()]));
    Ok(Answer::default()
        .fact("Implied probability", write::percent(price.implied(), 4))
        .fact("Decimal, exact", price.to_string())
        .fact("Profit on 100", profit.map_or_else(super::Cell::none, amount))
        .table(Table::new("The price in every format", &["Format", "Odds"]).rows(rows))
        .note("The implied probability still has the bookmaker's margin in it; Devig takes it off."))
}
