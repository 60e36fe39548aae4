//! Login throttle: failed sign-ins are counted per account *and* network, and per network. The owner on another device
//! still gets in while somebody guesses, because the guesser's network is what is held up.

use chrono::{DateTime, Duration, Utc};
use std::net::IpAddr;
use store::{Store, StoreError};

/// Failures for one account from one network before it waits.
const PER_ACCOUNT: i32 = 5;
/// Failures from one network, over all accounts, before it waits.
const PER_NETWORK: i32 = 20;
/// Failures for one account from anywhere before everyone but known networks would be slowed: far above what a person does.
const PER_ACCOUNT_ANYWHERE: i32 = 100;
/// Failures older than this are forgotten.
const WINDOW: Duration = Duration::minutes(15);

/// Counts failed sign-ins.
#[derive(Clone)]
pub struct LoginThrottle {
    store: Store,
}

impl LoginThrottle {
    /// On a store, so that it holds across processes and restarts.
    pub const fn new(store: Store) -> Self {
        Self { store }
    }

    fn subjects(email: &str, address: IpAddr) -> [(String, i32); 3] {
        let network = network(address);
        [
            (format!("account:{email}:{network}"), PER_ACCOUNT),
            (format!("network:{network}"), PER_NETWORK),
            (format!("account:{email}"), PER_ACCOUNT_ANYWHERE),
        ]
    }

    /// How long this network must wait before it may try this account again; `None` when it may.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn must_wait(
        &self,
        email: &str,
        address: IpAddr,
        now: DateTime<Utc>,
    ) -> Result<Option<Duration>, StoreError> {
        for (subject, limit) in Self::subjects(email, address) {
            let (failures, since) = self.store.login_failures(&subject).await?;
            if failures >= limit && now - since < WINDOW {
                return Ok(Some(since + WINDOW - now));
            }
        }
        Ok(None)
    }

    /// Notes a failed sign-in.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn note_failure(&self, email: &str, address: IpAddr, now: DateTime<Utc>) -> Result<(), StoreError> {
        for (subject, _) in Self::subjects(email, address) {
            let (failures, since) = self.store.login_failures(&subject).await?;
            let (failures, since) = if now - since < WINDOW {
                (failures, since)
            } else {
                (0, now)
            };
            self.store.set_login_failures(&subject, failures + 1, since).await?;
        }
        Ok(())
    }

    /// Forgets the failures of an account from a network after a success there.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn note_success(&self, email: &str, address: IpAddr, now: DateTime<Utc>) -> Result<(), StoreError> {
        let [(subject, _), ..] = Self::subjects(email, address);
        self.store.set_login_failures(&subject, 0, now).await
    }
}

/// The network an address belongs to: itself for IPv4, the /64 for IPv6.
fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}
