//! The store on both databases: SQLite always, PostgreSQL when `OVERROUND_TEST_POSTGRES` names a server.

#![expect(clippy::unwrap_used, reason = "tests say what they expect by unwrapping")]

mod as_of;
mod feeds;
mod fixture;
mod ingest;
mod lists;
mod reconcile;
mod settings;
mod strategies;
