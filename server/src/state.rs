//! What every part of the running server shares.

use crate::clock::{Entropy, SharedClock};
use crate::config::Config;
use crate::desk::bets::files::Imports;
use crate::desk::bets::performance::Answers;
use crate::desk::boards::Boards;
use crate::desk::passwords::Passwords;
use crate::desk::throttle::LoginThrottle;
use crate::http::live::Live;
use crate::http::rate::RateLimit;
use crate::jobs;
use crate::pipeline::Pipeline;
use crate::vault::Vault;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use store::Store;

/// The shared parts; cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

/// The parts themselves.
#[expect(missing_docs, reason = "each field is explained by its type")]
pub struct Parts {
    pub config: Config,
    pub store: Store,
    pub clock: SharedClock,
    pub entropy: Arc<dyn Entropy>,
    pub vault: Vault,
    pub passwords: Passwords,
    pub throttle: LoginThrottle,
    pub live: Live,
    pub rate: RateLimit,
    pub pipeline: Pipeline,
    pub boards: Boards,
    pub performance: Answers,
    pub imports: Imports,
    /// The job queue, once it is open; commands that do one thing never open it.
    pub jobs: OnceLock<jobs::Queue>,
    /// What a person must type to become the first owner when the server can be reached from other machines.
    pub setup_code: Option<String>,
    pub is_draining: AtomicBool,
    /// When the process started.
    pub started_at: chrono::DateTime<chrono::Utc>,
}

impl AppState {
    /// Shares the parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Not ready any more: load balancers turn away, open requests finish.
    pub fn start_draining(&self) {
        self.0.is_draining.store(true, Ordering::SeqCst);
    }

    /// True once asked to stop.
    pub fn is_draining(&self) -> bool {
        self.0.is_draining.load(Ordering::SeqCst)
    }
}

impl std::ops::Deref for AppState {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}
