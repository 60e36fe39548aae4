//! Sessions in our own database: the cookie holds the id, the database only its hash.

use crate::clock::SharedClock;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::UserId;
use sha2::{Digest, Sha256};
use store::SessionRow;
use store::Store;
use time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result, SessionStore};

/// Keys of what a session holds.
pub mod key {
    /// The signed-in user's number.
    pub const USER: &str = "user";
    /// When the user signed in, in milliseconds.
    pub const SIGNED_IN_AT: &str = "signed_in_at";
    /// When the session was last written because it was used, in milliseconds.
    pub const SEEN_AT: &str = "seen_at";
    /// The browser, as it calls itself.
    pub const USER_AGENT: &str = "user_agent";
    /// The network address it was last used from.
    pub const ADDRESS: &str = "address";
    /// The user who has given the right password and owes a second factor.
    pub const AWAITING_TOTP: &str = "awaiting_totp";
}

/// The session store.
#[derive(Clone)]
pub struct Sessions {
    store: Store,
    clock: SharedClock,
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sessions")
    }
}

/// SHA-256 in hexadecimal: how ids, tokens and keys of high entropy are kept.
pub fn hash(secret: impl AsRef<[u8]>) -> String {
    hex::encode(Sha256::digest(secret))
}

/// The hash under which a session is stored.
pub fn id_hash(id: Id) -> String {
    hash(id.0.to_le_bytes())
}

impl Sessions {
    /// On a store and a clock.
    pub fn new(store: Store, clock: SharedClock) -> Self {
        Self { store, clock }
    }

    async fn write(&self, record: &Record) -> Result<()> {
        let now = self.clock.now();
        let integer = |name: &str| record.data.get(name).and_then(serde_json::Value::as_i64);
        let text = |name: &str| {
            record
                .data
                .get(name)
                .and_then(|value| value.as_str())
                .map(str::to_owned)
        };
        let row = SessionRow {
            id_hash: id_hash(record.id),
            user_id: integer(key::USER).map(UserId),
            body: serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))?,
            created_at: now,
            seen_at: now,
            expires_at: instant(record.expiry_date),
            user_agent: text(key::USER_AGENT),
            address: text(key::ADDRESS),
        };
        self.store
            .save_session(row)
            .await
            .map_err(|error| Error::Backend(error.to_string()))
    }
}

fn instant(at: OffsetDateTime) -> DateTime<Utc> {
    DateTime::from_timestamp(at.unix_timestamp(), at.nanosecond()).unwrap_or_default()
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        // 128 random bits do not collide; should they, the newcomer gets another id.
        let now = self.clock.now();
        while self
            .store
            .find_session(&id_hash(record.id), now)
            .await
            .map_err(|error| Error::Backend(error.to_string()))?
            .is_some()
        {
            record.id = Id::default();
        }
        self.write(record).await
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.write(record).await
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let row = self
            .store
            .find_session(&id_hash(*id), self.clock.now())
            .await
            .map_err(|error| Error::Backend(error.to_string()))?;
        row.map(|row| {
            Ok(Record {
                id: *id,
                data: serde_json::from_str(&row.body).map_err(|error| Error::Decode(error.to_string()))?,
                expiry_date: OffsetDateTime::from_unix_timestamp(row.expires_at.timestamp())
                    .map_err(|error| Error::Decode(error.to_string()))?,
            })
        })
        .transpose()
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.store
            .delete_session(&id_hash(*id))
            .await
            .map_err(|error| Error::Backend(error.to_string()))
    }
}
