//! Bets as JSON: all of each, as the domain writes it, amounts in minor units.

use super::{FileBet, FileError, MAX_ROWS, ReadRow, checked};
use serde::{Deserialize, Serialize};

/// What the file says it is.
const FORMAT: &str = "overround bets";
/// Grows when older programs could not read it.
const VERSION: u32 = 1;

#[derive(Deserialize)]
struct Document {
    format: String,
    version: u32,
    bets: Vec<serde_json::Value>,
}

#[derive(Serialize)]
struct Written<'a> {
    format: &'static str,
    version: u32,
    bets: &'a [FileBet],
}

/// Bets as a document.
///
/// # Errors
/// Never for what this crate's types can hold.
pub fn write(bets: &[FileBet]) -> serde_json::Result<String> {
    serde_json::to_string_pretty(&Written {
        format: FORMAT,
        version: VERSION,
        bets,
    })
}

/// The bets of a document. A line is the place of a bet in the list, from 1.
///
/// # Errors
/// [`FileError`] when it is not such a document.
pub fn read(text: &str) -> Result<Vec<ReadRow>, FileError> {
    let document: Document = serde_json::from_str(text).map_err(|error| FileError::NotOurs(error.to_string()))?;
    if document.format != FORMAT {
        return Err(FileError::NotOurs(format!(
            "its format is not \u{201c}{FORMAT}\u{201d}"
        )));
    }
    if document.version != VERSION {
        let why = format!("its version is {}; this program knows {VERSION}", document.version);
        return Err(FileError::NotOurs(why));
    }
    if document.bets.len() > MAX_ROWS {
        return Err(FileError::TooLong);
    }
    let row = |(line, value): (u64, serde_json::Value)| match serde_json::from_value::<FileBet>(value) {
        Ok(bet) => checked(bet, line),
        Err(error) => ReadRow {
            line,
            bet: Err(vec![super::Complaint::new("bet", "", error.to_string())]),
            remarks: Vec::new(),
        },
    };
    Ok((1..).zip(document.bets).map(row).collect())
}
