//! What people do at the desk: accounts, their settings, the settings of feeds.

pub mod accounts;
pub mod boards;
pub mod feeds;
pub mod passwords;
pub mod preferences;
pub mod throttle;
pub mod totp;
