//! Settings, one tab per route.

pub mod api_keys;
pub mod bookmakers;
pub mod feeds;
pub mod profile;
pub mod sessions;
pub mod two_factor;
pub mod users;

use api_keys::ApiKeysPort;
use bookmakers::BookmakersPort;
use feeds::FeedsPort;
use profile::ProfilePort;
use sessions::SessionsPort;
use two_factor::TwoFactorPort;
use users::UsersPort;

/// Everything that the Settings pages ask for.
pub trait SettingsPort:
    ProfilePort + TwoFactorPort + SessionsPort + ApiKeysPort + FeedsPort + BookmakersPort + UsersPort
{
}

impl<T> SettingsPort for T where
    T: ProfilePort + TwoFactorPort + SessionsPort + ApiKeysPort + FeedsPort + BookmakersPort + UsersPort
{
}
