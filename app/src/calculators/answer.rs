//! What a calculator answers: a few numbers, tables, and what to know about them.

use crate::calculator::written;
use domain::result::BetResult;
use domain::{OddsFormat, Price};

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The numbers that matter, the first one most.
    pub facts: Vec<Fact>,
    /// The rest.
    pub tables: Vec<Table>,
    /// What to know.
    pub notes: Vec<String>,
}

/// A number with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub name: &'static str,
    /// The number, as written.
    pub cell: Cell,
}

/// A table whose first column names the rows; the other columns are numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What it shows.
    pub caption: &'static str,
    /// The names of the columns, the first one's included.
    pub head: Vec<String>,
    /// The rows.
    pub rows: Vec<Row>,
    /// What they come to.
    pub totals: Vec<Row>,
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// What to know about it, in small.
    pub under: String,
    /// The other columns.
    pub cells: Vec<Cell>,
}

/// A number in a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// As written.
    pub text: String,
    /// What stands under it, in small.
    pub under: String,
    /// Whether it is good or bad news; its sign says so too.
    pub tone: Tone,
}

/// Whether a number is good or bad news.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Neither.
    #[default]
    Plain,
    /// More than nothing.
    Gain,
    /// Less than nothing.
    Loss,
}

impl Tone {
    /// The class that the style sheet knows.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Gain => "gain",
            Self::Loss => "loss",
        }
    }

    const fn of(amount: i64) -> Self {
        match amount {
            0 => Self::Plain,
            1.. => Self::Gain,
            _ => Self::Loss,
        }
    }
}

impl Answer {
    pub(super) fn fact(mut self, name: &'static str, cell: impl Into<Cell>) -> Self {
        self.facts.push(Fact {
            name,
            cell: cell.into(),
        });
        self
    }

    pub(super) fn table(mut self, table: Table) -> Self {
        self.tables.push(table);
        self
    }

    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

impl Table {
    pub(super) fn new(caption: &'static str, head: &[&str]) -> Self {
        Self {
            caption,
            head: head.iter().map(|&name| name.to_owned()).collect(),
            rows: Vec::new(),
            totals: Vec::new(),
        }
    }

    pub(super) fn rows(mut self, rows: impl IntoIterator<Item = Row>) -> Self {
        self.rows.extend(rows);
        self
    }

    pub(super) fn total(mut self, row: Row) -> Self {
        self.totals.push(row);
        self
    }
}

impl Row {
    pub(super) fn new(name: impl Into<String>, cells: impl IntoIterator<Item = Cell>) -> Self {
        Self {
            name: name.into(),
            under: String::new(),
            cells: cells.into_iter().collect(),
        }
    }

    pub(super) fn under(self, under: impl Into<String>) -> Self {
        Self {
            under: under.into(),
            ..self
        }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self {
            text,
            under: String::new(),
            tone: Tone::Plain,
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl Cell {
    /// A number that is not there.
    pub(super) fn none() -> Self {
        "–".into()
    }

    pub(super) fn under(self, under: impl Into<String>) -> Self {
        Self {
            under: under.into(),
            ..self
        }
    }
}

/// An amount.
pub(super) fn amount(minor: i64) -> Cell {
    written(minor).into()
}

/// A profit or a loss.
pub(super) fn gained(minor: i64) -> Cell {
    Cell {
        tone: Tone::of(minor),
        ..signed(minor).into()
    }
}

/// A profit or a loss as text, with its sign.
pub(super) fn signed(minor: i64) -> String {
    let plus = if minor > 0 { "+" } else { "" };
    format!("{plus}{}", written(minor))
}

/// A profit or a loss as a share of what was risked.
pub(super) fn gained_share(minor: i64, of: i64) -> Cell {
    if of <= 0 {
        return Cell::none();
    }
    Cell {
        tone: Tone::of(minor),
        ..crate::write::signed_percent(minor as f64 / of as f64, 2).into()
    }
}

/// A price as its reader writes it.
pub(super) fn price_in(format: OddsFormat, price: Price) -> String {
    format.write(price).replace('-', "\u{2212}")
}

/// How a bet ended, in words.
pub(super) fn result_name(result: BetResult) -> String {
    result.code().replace('_', " ")
}
