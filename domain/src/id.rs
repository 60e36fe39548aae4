//! Identifiers: one type per thing, so that an event's number cannot be passed where a bookmaker's is meant.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

ids! {
    /// One scheduled contest.
    EventId,
    /// A league, cup or tour.
    CompetitionId,
    /// A team or player, within one competition.
    ParticipantId,
    /// Who offers a price.
    BookmakerId,
    /// A market and one of its outcomes, of one event.
    SelectionId,
    /// All that one fetch returned.
    SnapshotId,
    /// One row of the append-only price history.
    QuoteChangeId,
    /// Something a strategy found.
    OpportunityId,
    /// A set of parameters that looks for opportunities.
    StrategyId,
    /// A data-quality finding.
    IssueId,
    /// An identity question that waits for a person.
    ReviewId,
    /// A person with an account.
    UserId,
    /// A key to the JSON API.
    ApiKeyId,
    /// A recorded bet.
    BetId,
    /// Money at a bookmaker, or outside of all.
    AccountId,
    /// A change of money: several lines that balance.
    EntryId,
    /// Bets that were read from one file.
    ImportId,
}
