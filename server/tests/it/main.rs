//! The server in process, and its command line: one binary for all.

#![expect(
    clippy::unwrap_used,
    reason = "a test says what it expects by unwrapping, in its helpers too"
)]

mod access;
mod accounts;
mod api;
mod app;
mod bankroll;
mod bet_files;
mod bet_pages;
mod bets;
mod bets_api;
mod command_line;
mod demo;
mod feed_faults;
mod forms;
mod ingest;
mod recordings;
mod season;
mod strategies;
mod structure;
mod vendor;
