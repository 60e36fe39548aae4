//! What people do at the desk: accounts, their settings, strategies, bets, the settings of feeds.

pub mod accounts;
pub mod bets;
pub mod boards;
pub mod feeds;
pub mod passwords;
pub mod preferences;
pub mod strategies;
pub mod throttle;
pub mod totp;
