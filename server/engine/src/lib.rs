//! Pure decisions: who an event is, which quotes to trust, what changed, what is due, what is worth betting on.
//!
//! Values in, values out. The live pipeline, a backtest, the command line and the tests call the same functions, in the
//! order of a quote's way: [`resolve`], [`validate`], [`diff`], then, on the boards that changed, [`strategies`] and
//! [`opportunities`].

pub mod bet_file;
pub mod bettor;
pub mod close;
pub mod desk;
pub mod diff;
pub mod due;
pub mod fair;
pub mod games;
pub mod hashing;
mod names;
pub mod opportunities;
pub mod performance;
pub mod resolve;
pub mod strategies;
pub mod validate;

#[cfg(test)]
mod testing;

use domain::{BookProfile, BookmakerId};
use hashing::IdMap;
use std::collections::HashMap;

/// All known bookmakers by the feeds' key, as an answer names them.
pub type BooksByKey = HashMap<String, BookProfile>;
/// All known bookmakers by number, as a board names them.
pub type BooksById = IdMap<BookmakerId, BookProfile>;
