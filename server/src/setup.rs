//! Putting the parts together.

use crate::clock::{Entropy, SharedClock};
use crate::config::Config;
use crate::desk::bets::files::Imports;
use crate::desk::bets::performance::Answers;
use crate::desk::boards::Boards;
use crate::desk::passwords::Passwords;
use crate::desk::throttle::LoginThrottle;
use crate::http::live::Live;
use crate::http::rate::RateLimit;
use crate::pipeline::Pipeline;
use crate::state::{AppState, Parts};
use crate::vault::Vault;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use store::{Connect, Store, StoreError};

/// What keeps the program from starting, in words that say what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory.
    #[error("the data folder {path} cannot be used: {cause}")]
    DataDir {
        /// Which folder.
        path: String,
        /// Why.
        cause: std::io::Error,
    },
    /// The database.
    #[error("the database cannot be opened: {0}")]
    Store(#[from] StoreError),
    /// Password hashing.
    #[error(transparent)]
    Hash(#[from] crate::desk::passwords::HashError),
    /// The HTTP client.
    #[error("outgoing connections cannot be set up: {0}")]
    Client(#[from] reqwest::Error),
}

/// Opens the data directory and the database, brings its schema up to date and puts the parts together.
///
/// # Errors
/// [`StartError`] says what is in the way.
pub async fn open(config: Config, clock: SharedClock, entropy: Arc<dyn Entropy>) -> Result<AppState, StartError> {
    let in_dir = |cause| StartError::DataDir {
        path: config.data_dir.display().to_string(),
        cause,
    };
    std::fs::create_dir_all(&config.data_dir).map_err(in_dir)?;
    let vault = Vault::open_dir(&config.data_dir, &*entropy).map_err(in_dir)?;
    let store = Store::connect(&Connect {
        url: config.database_url(),
        max_connections: config.database_connections,
        acquire_timeout: Duration::from_secs(config.database_acquire_timeout_s),
        statement_timeout: Duration::from_secs(config.database_statement_timeout_s),
    })
    .await?;
    store.migrate().await?;
    let live = Live::starting_at(clock.now().timestamp_millis().unsigned_abs());
    let pipeline = Pipeline::new(
        &config,
        store.clone(),
        Arc::clone(&clock),
        Arc::clone(&entropy),
        vault.clone(),
        live.clone(),
    )?;
    // A person at this very machine needs no code; over a network the first to come would own the desk.
    let setup_code = (!config.listen.ip().is_loopback()).then(|| hex::encode(entropy.bytes::<6>()));
    Ok(AppState::new(Parts {
        passwords: Passwords::new()?,
        throttle: LoginThrottle::new(store.clone()),
        rate: RateLimit::new(config.api_requests_per_minute),
        boards: Boards::new(store.clone(), Arc::clone(&clock)),
        performance: Answers::default(),
        imports: Imports::default(),
        jobs: OnceLock::new(),
        setup_code,
        is_draining: AtomicBool::new(false),
        started_at: clock.now(),
        config,
        store,
        clock,
        entropy,
        vault,
        live,
        pipeline,
    }))
}
