//! The Settings pages, one file per tab.

mod api_keys;
mod bookmakers;
mod feeds;
mod profile;
mod sessions;
mod two_factor;
mod users;
