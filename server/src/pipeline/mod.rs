//! The path of a quote, one file per step that touches the world: [`work`] is what is done regularly, [`fetch`] the network call,
//! [`breaker`] what a fault means for the feed, [`ingest`] everything from bytes to history, [`evaluate`] opportunities,
//! [`demo`] the made-up market's first fill.

pub mod breaker;
pub mod demo;
pub mod evaluate;
pub mod fetch;
pub mod ingest;
pub mod schedule;
pub mod work;

use crate::clock::{Entropy, SharedClock};
use crate::config::Config;
use crate::http::live::Live;
use crate::vault::Vault;
use chrono::{DateTime, TimeDelta, Utc};
use engine::validate::{Action, ValidationSettings};
use feeds::FEEDS;
use fetch::{Fetcher, Limiter};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use store::{RetentionPolicy, Store};
use tokio::sync::Mutex;

/// Everything the path of a quote needs; cheap to clone.
#[derive(Clone)]
pub struct Pipeline(Arc<Parts>);

/// The parts.
#[expect(missing_docs, reason = "each field is explained by its type")]
pub struct Parts {
    pub store: Store,
    pub clock: SharedClock,
    pub entropy: Arc<dyn Entropy>,
    pub vault: Vault,
    pub live: Live,
    pub validation: ValidationSettings,
    pub retention: RetentionPolicy,
    pub demo_seed: u64,
    fetcher: Fetcher,
    limiters: HashMap<&'static str, Limiter>,
    /// One evaluation at a time in this process, and what the last one knew; between processes the database decides.
    evaluating: Mutex<evaluate::Evaluated>,
    /// When the demo market began; read once from the database.
    demo_began_at: tokio::sync::OnceCell<DateTime<Utc>>,
}

impl std::ops::Deref for Pipeline {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Pipeline {
    /// On its parts, as configured.
    ///
    /// # Errors
    /// When the system has no TLS to offer.
    pub fn new(
        config: &Config,
        store: Store,
        clock: SharedClock,
        entropy: Arc<dyn Entropy>,
        vault: Vault,
        live: Live,
    ) -> Result<Self, reqwest::Error> {
        let month = TimeDelta::days(30);
        Ok(Self(Arc::new(Parts {
            fetcher: Fetcher::new(
                Arc::clone(&clock),
                Arc::clone(&entropy),
                Duration::from_secs(config.feed_timeout_s),
            )?,
            limiters: FEEDS
                .iter()
                .map(|feed| (feed.key(), Limiter::new(&feed.policy())))
                .collect(),
            validation: validation_settings(&config.validation_reject),
            retention: RetentionPolicy {
                bodies: TimeDelta::days(i64::from(config.retention_raw_days)),
                fetches: month,
                opportunities: month * 6,
                issues: month * 3,
            },
            demo_seed: config.demo_seed,
            evaluating: Mutex::default(),
            demo_began_at: tokio::sync::OnceCell::new(),
            store,
            clock,
            entropy,
            vault,
            live,
        })))
    }
}

/// The checks' defaults, with the kinds that a person wants kept out turned from flags into rejections.
fn validation_settings(reject: &[domain::IssueKind]) -> ValidationSettings {
    use domain::IssueKind;
    let mut settings = ValidationSettings::default();
    for kind in reject {
        match kind {
            IssueKind::PriceOutOfRange => settings.price.action = Action::Reject,
            IssueKind::TimeInFuture => settings.time.action = Action::Reject,
            IssueKind::OverroundLow => settings.overround.low = Action::Reject,
            IssueKind::OverroundHigh => settings.overround.high = Action::Reject,
            IssueKind::IncompleteMarket => settings.incomplete.action = Action::Reject,
            IssueKind::LineJump => settings.line_jump.action = Action::Reject,
            // The other kinds are no matter of taste: what they name cannot be used anyway.
            _ => {}
        }
    }
    settings
}
