//! The database: the only place that names tables.
//!
//! SQLite (one file) and PostgreSQL share one schema and one set of queries. Prices are history that only grows:
//! `quote_changes` and `event_states` are appended to, `quotes` and `events` are their fold. Every read takes `as_of`
//! and means "received at or before", so what was known at a past moment never changes. Within one quote (selection,
//! bookmaker, side, feed) and one event the times of receipt never go back: what comes late is refused, not inserted.
//!
//! # Writing
//! On SQLite all writes go through one connection, so that writers wait in line instead of failing as busy; reads have
//! a pool of their own. What must be decided and written together ([`Store::begin_ingest`]) holds a lock by name.

mod accounts;
mod bets;
mod boards;
mod codec;
mod connection;
mod error;
mod events;
mod feeds;
mod findings;
mod health;
mod history;
mod ingest;
mod marks;
mod opportunities;
mod page;
mod retention;
mod reviews;
mod snapshots;
mod sql;
mod strategies;
mod verify;

pub use accounts::*;
pub use bets::*;
pub use connection::{Backend, Connect, Store};
pub use error::{Result, StoreError};
pub use events::{ChangedEvent, Competition, EventFilter, EventState, FeedCompetition};
pub use feeds::{Breaker, Credits, FeedChoice, FeedSettings, FeedState, Fetch, NewFetch};
pub use findings::{Issue, IssueCount, IssueFilter, NewIssue, NewQuarantined, Quarantined};
pub use health::FetchStats;
pub use history::{HistoryFilter, HistoryRow, LinePoint};
pub use ingest::{
    CurrentQuote, IdentityQuery, IngestTx, KnownAlias, KnownEvent, KnownIdentities, KnownParticipant, NewBookmaker,
    NewChange, NewCompetition, NewEvent, NewEventState, Seen,
};
pub use marks::EventMark;
pub use opportunities::{NewOpportunity, Opportunity, OpportunityFilter, Reconciliation};
pub use page::{Cursor, CursorError, Page};
pub use retention::{Pruned, RetentionPolicy, Totals};
pub use reviews::{Decision, NewReview, Review, ReviewState};
pub use snapshots::{Archived, NewSnapshot, Snapshot, SnapshotCounts};
pub use strategies::{
    Decision as StrategyDecision, NewStrategy, Strategy, StrategyChange, StrategyResults, StrategyVersion,
};
pub use verify::FoldReport;
