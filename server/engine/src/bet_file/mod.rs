//! Bets in and out of files.
//!
//! [`FileBet`] is a bet as a file holds it, without a number of any one database. [`json`] and [`sheet`] hold all of it, so what was
//! written is read back as it was; [`foreign`] reads what other programs write, by a mapping of their columns. Reading never stops at
//! a bad row: each row becomes a bet, with what a person should know of it, or says field by field why not.

pub mod foreign;
pub mod json;
pub mod sheet;
pub mod table;
pub mod words;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use domain::Currency;
use domain::bet::{Bet, BetLeg, BetMode, CashOut, SettledBet, Wager};
use domain::settlement::Fate;
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Rows of a file at most.
pub const MAX_ROWS: usize = 50_000;

/// A bet as a file holds it. What the program reckons from its own recordings (closes, CLV) is not a part of it: it is reckoned anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileBet {
    /// Paper or real.
    pub mode: BetMode,
    /// The account's name.
    pub account: String,
    /// The bookmaker's key; empty where nobody said.
    #[serde(default)]
    pub bookmaker: String,
    /// In which currency its amounts are.
    pub currency: Currency,
    /// What was bet, in minor units, on events by name.
    pub wager: Wager,
    /// When it was placed.
    pub placed_at: DateTime<Utc>,
    /// What became of each leg, as far as that is known.
    pub fates: Vec<Fate>,
    /// What was sold back.
    #[serde(default)]
    pub cash_outs: Vec<CashOut>,
    /// How it ended; none while it is open.
    pub settled: Option<SettledBet>,
    /// What was expected of each unit at risk, in millionths.
    #[serde(default)]
    pub edge_ppm: Option<i64>,
    /// What the bettor wrote.
    #[serde(default)]
    pub note: String,
    /// The bettor's words for it.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The number that its source gave it.
    #[serde(default)]
    pub reference: String,
}

impl FileBet {
    /// A kept bet, with the names of its account and its bookmaker.
    pub fn of(bet: &Bet, account: &str, bookmaker: &str) -> Self {
        let leg = |leg: &BetLeg| BetLeg {
            event_id: None,
            quote: None,
            ..leg.clone()
        };
        Self {
            mode: bet.mode,
            account: account.to_owned(),
            bookmaker: bookmaker.to_owned(),
            currency: bet.currency,
            wager: Wager {
                legs: bet.wager.legs.iter().map(leg).collect(),
                ..bet.wager.clone()
            },
            placed_at: bet.placed_at,
            fates: bet.fates.clone(),
            cash_outs: bet.cash_outs.clone(),
            settled: bet.settled.clone(),
            edge_ppm: bet.edge_ppm,
            note: bet.note.clone(),
            tags: bet.tags.clone(),
            reference: bet.reference.clone(),
        }
    }
}

/// Why a file could not be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Not text.
    #[error("the file is not text: save it as \u{201c}CSV UTF-8\u{201d} and try again")]
    NotText,
    /// Nothing in it.
    #[error("the file has no rows below a line of column names")]
    Empty,
    /// Too many rows.
    #[error("the file has more than {MAX_ROWS} rows: split it")]
    TooLong,
    /// Not the JSON that is written here.
    #[error("this is not a file of bets as it is exported here: {0}")]
    NotOurs(String),
    /// Rows that cannot be told apart.
    #[error("line {line}: {why}")]
    Broken {
        /// Where, from 1.
        line: u64,
        /// What is wrong.
        why: String,
    },
}

/// What is wrong with a field of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The column's name in the file.
    pub column: String,
    /// What stands there.
    pub value: String,
    /// Why that is no good, and what would be.
    pub why: String,
}

impl Complaint {
    /// A complaint about a value.
    pub fn new(column: impl Into<String>, value: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            column: column.into(),
            value: value.into(),
            why: why.into(),
        }
    }
}

/// A row, or several that make one bet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadRow {
    /// Its line in the file, from 1, where lines are.
    pub line: u64,
    /// The bet, or everything that is wrong with it.
    pub bet: Result<FileBet, Vec<Complaint>>,
    /// What a person should know of a bet that can be read.
    pub remarks: Vec<String>,
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Its bets and refused rows.
    pub rows: Vec<ReadRow>,
    /// Of a table that another program wrote: the table, and how it was read.
    pub foreign: Option<(table::Table, foreign::Mapping)>,
    /// How its letters were written, where not in UTF-8.
    pub encoding: Option<&'static str>,
}

/// Reads a file, whatever of the three it is: JSON or CSV as they are written here, or a table of another program's by a mapping, which
/// is guessed where none is given.
///
/// # Errors
/// [`FileError`] when it is none of these.
pub fn read(bytes: &[u8], mapping: Option<&foreign::Mapping>, usual: &foreign::Usual) -> Result<Reading, FileError> {
    let (text, encoding) = text_of(bytes)?;
    if text.trim_start().starts_with('{') {
        return Ok(Reading {
            rows: json::read(&text)?,
            foreign: None,
            encoding,
        });
    }
    let table = table::Table::of(&text)?;
    if sheet::is_ours(&table) {
        return Ok(Reading {
            rows: sheet::read(&table)?,
            foreign: None,
            encoding,
        });
    }
    let mapping = mapping
        .filter(|mapping| mapping.columns.len() == table.header.len())
        .cloned()
        .unwrap_or_else(|| foreign::Mapping::guess(&table));
    Ok(Reading {
        rows: foreign::read(&table, &mapping, usual),
        foreign: Some((table, mapping)),
        encoding,
    })
}

/// A file's letters, without a byte-order mark, and the name of their encoding where that is not UTF-8: UTF-16 by its mark, as
/// spreadsheets save "Unicode text", and Windows-1252, as they save a CSV in the west of Europe.
///
/// # Errors
/// [`FileError::NotText`] when it holds what no text holds.
pub fn text_of(bytes: &[u8]) -> Result<(Cow<'_, str>, Option<&'static str>), FileError> {
    let (encoding, mark) = match Encoding::for_bom(bytes) {
        Some(known) => known,
        None if std::str::from_utf8(bytes).is_ok() => (UTF_8, 0),
        None => (WINDOWS_1252, 0),
    };
    let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes[mark..]);
    let is_text = |letter: char| !letter.is_control() || matches!(letter, '\t' | '\r' | '\n');
    let text = text
        .filter(|text| text.chars().all(is_text))
        .ok_or(FileError::NotText)?;
    Ok((text, (encoding != UTF_8).then(|| encoding.name())))
}

/// Checks a bet as if it were placed here: nothing is taken from a file that the program could not settle.
fn checked(bet: FileBet, line: u64) -> ReadRow {
    let mut wrong = Vec::new();
    let mut remarks = Vec::new();
    if let Err(error) = bet.wager.check() {
        wrong.push(Complaint::new("bet", "", error.to_string()));
    }
    if bet.fates.len() != bet.wager.legs.len() {
        wrong.push(Complaint::new("end", "", "there are not as many ends as legs"));
    }
    if let Some(settled) = &bet.settled {
        let sold: i64 = bet.cash_outs.iter().map(|part| part.amount).sum();
        if settled.payout < 0 || settled.commission < 0 || sold < 0 {
            wrong.push(Complaint::new(
                "payout",
                settled.payout.to_string(),
                "nothing pays less than nothing",
            ));
        }
        if wrong.is_empty()
            && let Ok(own) = domain::settlement::settle(&bet.wager, &bet.fates, &bet.cash_outs)
            && own.payout != settled.payout
        {
            let money = |minor| domain::Money {
                minor,
                currency: bet.currency,
            };
            remarks.push(format!(
                "the file says {} came back; stake, price and result come to {}. What the file says is kept",
                money(settled.payout),
                money(own.payout)
            ));
        }
    }
    ReadRow {
        line,
        bet: if wrong.is_empty() { Ok(bet) } else { Err(wrong) },
        remarks,
    }
}
