//! Bookmakers and what is known of how they price.

use crate::BookmakerId;
use crate::arbitrage::MAX_STAKE;
use crate::result::Rounding;
use crate::scenarios::ExchangeRate;
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

/// What a commission is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommissionBasis {
    /// What all bets in one market win together, as exchanges do.
    NetWinnings,
    /// What each bet wins by itself.
    EachBet,
    /// The stake of each bet that was decided.
    Turnover,
}

impl CommissionBasis {
    /// Every basis.
    pub const ALL: [Self; 3] = [Self::NetWinnings, Self::EachBet, Self::Turnover];

    /// The stored and JSON form.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NetWinnings => "net_winnings",
            Self::EachBet => "each_bet",
            Self::Turnover => "turnover",
        }
    }

    /// As a person reads it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NetWinnings => "Net winnings of a market",
            Self::EachBet => "Each winning bet",
            Self::Turnover => "Every stake",
        }
    }

    /// The basis of a stored code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|basis| basis.code() == code)
    }
}

/// How a bookmaker takes and pays a user's bets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct BettingTerms {
    /// What its commission is taken from; as its kind usually does without.
    pub basis: Option<CommissionBasis>,
    /// What it does with a fraction of a minor unit when it pays.
    pub rounding: Rounding,
    /// Stakes are multiples of this, in minor units of the account's currency.
    pub step: i64,
    /// The greatest stake it takes, in the same.
    pub max_stake: i64,
    /// What the account's currency is worth in the base currency.
    pub rate: ExchangeRate,
}

impl Default for BettingTerms {
    /// Any stake, in the base currency, paid out with fractions cut.
    fn default() -> Self {
        Self {
            basis: None,
            rounding: Rounding::Cut,
            step: 1,
            max_stake: MAX_STAKE,
            rate: ExchangeRate::ONE,
        }
    }
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
