//! The vocabulary of betting and its arithmetic.
//!
//! Everything here is a value or a pure function: no clock, no randomness, no input or output, and no knowledge of
//! who stores, fetches or draws it. It compiles to WebAssembly, so the browser computes with the very code the
//! server uses. The words are those of `docs/VOCABULARY.md`.

pub mod arbitrage;
pub mod bet;
pub mod board;
pub mod bookmaker;
pub mod close;
pub mod devig;
pub mod each_way;
pub mod event;
pub mod fair;
pub mod id;
pub mod issue;
pub mod kelly;
pub mod ledger;
pub mod line;
pub mod market;
pub mod money;
pub mod normal;
pub mod odds_format;
pub mod opportunity;
pub mod overround;
pub mod parlay;
pub mod performance;
pub mod price;
pub mod probability;
pub mod reading;
pub mod result;
pub mod risk;
pub mod scenarios;
pub mod settlement;
mod span;
pub mod sport;
pub mod strategy;
pub mod summary;
pub mod value;

pub use board::{Board, BoardMarket, Quote};
pub use bookmaker::{BookKind, BookProfile};
pub use event::{EventStatus, Participant, Role};
pub use id::{
    AccountId, ApiKeyId, BetId, BookmakerId, CompetitionId, EntryId, EventId, ImportId, IssueId, OpportunityId,
    ParticipantId, QuoteChangeId, ReviewId, SelectionId, SnapshotId, StrategyId, UserId,
};
pub use issue::{IssueKind, Severity};
pub use line::Line;
pub use market::{MarketKey, MarketKind, Outcome, Period, Side};
pub use money::{Currency, Money};
pub use odds_format::OddsFormat;
pub use price::Price;
pub use probability::Probability;
pub use span::span;
pub use sport::Sport;
pub use strategy::Stage;
