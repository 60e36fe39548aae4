//! The calculators: what each asks, and what it makes of what is typed.
//!
//! A [`Calculator`] is a list of fields and a pure function from their texts to an [`Answer`] or to what is wrong with one of
//! them. The function is the same where the server answers a form and where the browser answers every keystroke; all
//! arithmetic is the domain's. [`island::CalculatorDesk`] draws any of them.

mod answer;
mod arbitrage;
mod converter;
mod devig;
mod each_way;
mod entry;
mod free_bet;
mod hedge;
pub mod island;
mod kelly;
mod middle;
mod parlay;

pub use answer::{Answer, Cell, Fact, Row, Table, Tone};
pub(crate) use entry::with_point;
pub use entry::{Entry, FieldError};

use domain::{OddsFormat, Price};

/// One calculator.
#[derive(Debug)]
pub struct Calculator {
    /// Its name in the address.
    pub key: &'static str,
    /// Its name.
    pub title: &'static str,
    /// What it answers, in a sentence.
    pub about: &'static str,
    /// What it asks, in rows.
    pub rows: &'static [&'static [Field]],
    /// What it answers.
    pub reckon: fn(&Entry<'_>) -> Result<Answer, FieldError>,
}

/// Every calculator, in the order of their tabs; the first is the one that is open at first.
pub const CALCULATORS: [&Calculator; 9] = [
    &converter::CONVERTER,
    &devig::DEVIG,
    &arbitrage::ARBITRAGE,
    &kelly::KELLY,
    &parlay::PARLAY,
    &middle::MIDDLE,
    &free_bet::FREE_BET,
    &hedge::HEDGE,
    &each_way::EACH_WAY,
];

impl Calculator {
    /// The calculator of a name in the address.
    pub fn find(key: &str) -> Option<&'static Self> {
        CALCULATORS.into_iter().find(|calculator| calculator.key == key)
    }

    /// What it asks, in order.
    pub fn fields(&self) -> impl Iterator<Item = &'static Field> + use<> {
        self.rows.iter().copied().flatten()
    }
}

/// One thing that a calculator asks.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in the form.
    pub name: &'static str,
    /// What is asked.
    pub label: &'static str,
    /// What to know before typing.
    pub hint: &'static str,
    /// What is typed.
    pub kind: Kind,
    /// What stands in it at first. Prices are decimal here, whatever the reader's format.
    pub default: &'static str,
}

/// What is typed into a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An amount of money, or a number.
    Number,
    /// A number that may be below zero.
    Signed,
    /// A price in the reader's format.
    Price,
    /// Prices in the reader's format, with spaces between.
    Prices,
    /// Numbers with spaces between.
    Numbers,
    /// Odds in a format that another field names.
    Odds,
    /// Words.
    Choice(&'static [(&'static str, &'static str)]),
    /// One of the odds formats; the reader's at first.
    Format,
}

/// The most characters that a field takes.
const MAX_CHARS: usize = 32;
/// The most characters that a list takes.
const MAX_LIST_CHARS: usize = 200;

impl Field {
    const fn new(name: &'static str, label: &'static str, kind: Kind, default: &'static str) -> Self {
        Self {
            name,
            label,
            hint: "",
            kind,
            default,
        }
    }

    const fn hint(self, hint: &'static str) -> Self {
        Self { hint, ..self }
    }

    /// The most characters that it takes.
    pub const fn max_chars(&self) -> usize {
        match self.kind {
            Kind::Prices | Kind::Numbers => MAX_LIST_CHARS,
            _ => MAX_CHARS,
        }
    }

    /// As much of a text as it takes.
    pub fn cut(&self, text: &str) -> String {
        text.chars().take(self.max_chars()).collect()
    }

    /// What stands in it at first.
    pub fn first_text(&self, format: OddsFormat) -> String {
        match self.kind {
            Kind::Price | Kind::Prices | Kind::Odds => rewritten(self.default, OddsFormat::Decimal, format),
            Kind::Format => format.code().to_owned(),
            _ => self.default.to_owned(),
        }
    }

    /// What stands in it when a form was sent that was written in another format, or in the same.
    pub fn sent_text(&self, text: &str, sent_in: OddsFormat, format: OddsFormat) -> String {
        let text = self.cut(text);
        match self.kind {
            Kind::Price | Kind::Prices if sent_in != format => rewritten(&text, sent_in, format),
            _ => text,
        }
    }

    /// What to know before typing, for a reader of that format.
    pub fn hint_in(&self, format: OddsFormat) -> String {
        let odds = match (self.kind, format) {
            (Kind::Price | Kind::Prices, OddsFormat::Implied) => "Implied probability, such as 52.4%.",
            (Kind::Price | Kind::Prices, _) => return with_space(format!("{} odds.", format.name()), self.hint),
            _ => "",
        };
        with_space(odds.to_owned(), self.hint)
    }
}

fn with_space(first: String, second: &str) -> String {
    let space = if first.is_empty() || second.is_empty() { "" } else { " " };
    format!("{first}{space}{second}")
}

/// Prices in another format; a text that is none stays as it is.
fn rewritten(text: &str, from: OddsFormat, to: OddsFormat) -> String {
    let prices: Option<Vec<Price>> = entry::parts(text, from)
        .iter()
        .map(|part| from.read(part).ok())
        .collect();
    let written = |prices: Vec<Price>| {
        prices
            .into_iter()
            .map(|price| to.write(price))
            .collect::<Vec<_>>()
            .join(" ")
    };
    prices.map_or_else(|| text.to_owned(), written)
}

/// A choice that names what may be typed as text.
const SIDES: &[(&str, &str)] = &[("back", "Back what else may happen"), ("lay", "Lay the same")];

#[cfg(test)]
mod tests;
