//! Bookmakers and what is known of how they price.

use crate::BookmakerId;
use serde::{Deserialize, Serialize};

/// What sort of bookmaker it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BookKind {
    /// Low margin, high limits, moves first: a guide to the fair price.
    Sharp,
    /// Margin for recreational bettors.
    Retail,
    /// Bettors against each other; prices are gross of commission, and there are lay prices.
    Exchange,
}

impl BookKind {
    /// The stored and JSON form.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Sharp => "sharp",
            Self::Retail => "retail",
            Self::Exchange => "exchange",
        }
    }

    /// The kind of a stored code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Sharp, Self::Retail, Self::Exchange]
            .into_iter()
            .find(|kind| kind.code() == code)
    }
}

/// A bookmaker as Overround knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookProfile {
    /// Which bookmaker.
    pub id: BookmakerId,
    /// Its key, as the feeds spell it, e.g. `pinnacle`.
    pub key: String,
    /// As shown.
    pub name: String,
    /// What sort it is.
    pub kind: BookKind,
    /// Commission on net winnings in hundredths of a percent: 5 % is 500.
    pub commission_bp: u16,
    /// Bookmakers that share one price source count as one vote.
    pub clone_group: Option<String>,
    /// True when the demo feed made it up.
    pub is_demo: bool,
}

/// What is known beforehand of a bookmaker, by key: one line each. Anything not listed is retail without commission.
pub const PROFILES: &[(&str, BookKind, u16)] = &[
    ("pinnacle", BookKind::Sharp, 0),
    ("circasports", BookKind::Sharp, 0),
    ("lowvig", BookKind::Sharp, 0),
    ("betonlineag", BookKind::Sharp, 0),
    ("betfair", BookKind::Exchange, 500),
    ("betfair_ex_eu", BookKind::Exchange, 500),
    ("betfair_ex_uk", BookKind::Exchange, 500),
    ("betfair_ex_au", BookKind::Exchange, 500),
    ("smarkets", BookKind::Exchange, 200),
    ("matchbook", BookKind::Exchange, 200),
    ("prophetx", BookKind::Exchange, 100),
    ("novig", BookKind::Exchange, 0),
    ("betopenly", BookKind::Exchange, 0),
    ("kalshi", BookKind::Exchange, 0),
    ("polymarket", BookKind::Exchange, 0),
];

/// Kind and commission (in hundredths of a percent) known beforehand for a bookmaker's key.
pub fn known_profile(key: &str) -> (BookKind, u16) {
    PROFILES
        .iter()
        .find(|(known, ..)| *known == key)
        .map_or((BookKind::Retail, 0), |(_, kind, bp)| (*kind, *bp))
}
