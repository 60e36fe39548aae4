//! People: users, invitations, sessions, API keys, their settings, and the log of what was done.
//!
//! Everything a user owns is read and written through a `UserId`: an id that belongs to somebody else is simply not
//! found.

pub(crate) mod entities;

mod api_keys;
mod audit;
mod invites;
mod request;
mod sessions;
mod settings;
mod users;

pub use api_keys::{ApiKey, NewApiKey};
pub use audit::AuditEntry;
pub use invites::Invite;
pub use request::{RequestTx, StoredAnswer};
pub use sessions::SessionRow;
pub use settings::BookmakerChoice;
pub use users::{NewUser, User, UserRole};

use chrono::{DateTime, Utc};

pub(crate) fn millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

pub(crate) fn instant(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}
