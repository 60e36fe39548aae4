//! One file per page: the port it asks, its server functions, its view.

pub mod bankroll;
pub mod bet;
pub mod bets;
pub mod calculators;
pub mod game;
pub mod games;
pub mod health;
pub mod holds;
pub mod import;
pub mod invite;
pub mod issues;
pub mod limits;
pub mod login;
pub mod new_bet;
pub mod opportunities;
pub mod opportunity;
pub mod performance;
pub mod prices;
pub mod settings;
pub mod setup;
pub mod snapshot;
pub mod strategies;
pub mod today;
