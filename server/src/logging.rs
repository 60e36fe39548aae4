//! Logs: people read them on stderr, programs as JSON lines in `overround.log`, rotated at 5 MB.

use crate::config::Config;
use file_rotate::{ContentLimit, FileRotate, compression::Compression, suffix::AppendCount};
use std::sync::Mutex;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

/// A log file is closed and a new one begun at this size.
pub const FILE_BYTES: usize = 5_000_000;

/// Starts logging. Libraries are heard from `warn` on: some log whole addresses at finer levels, and addresses can
/// hold keys.
///
/// # Errors
/// When the log directory cannot be made.
pub fn start(config: &Config, write_file: bool) -> std::io::Result<()> {
    let filter = || {
        EnvFilter::new(format!(
            "warn,server={level},store={level},overround={level}",
            level = config.log_level
        ))
    };
    let file = if write_file {
        std::fs::create_dir_all(&config.log_dir)?;
        let rotate = FileRotate::new(
            config.log_dir.join("overround.log"),
            AppendCount::new(config.log_files),
            ContentLimit::BytesSurpassed(FILE_BYTES),
            Compression::None,
            None,
        );
        Some(
            fmt::layer()
                .json()
                .flatten_event(true)
                .with_writer(Mutex::new(rotate))
                .with_filter(filter()),
        )
    } else {
        None
    };
    let screen = fmt::layer()
        .with_writer(std::io::stderr)
        .with_target(false)
        .compact()
        .with_filter(filter());
    // A second start (tests in one process) keeps the first.
    let _ = tracing_subscriber::registry().with(screen).with(file).try_init();
    Ok(())
}
