//! The clock and the random source: the only places where the server asks what time it is or draws chance.

use chrono::{DateTime, SubsecRound, Utc};
use std::sync::{Arc, Mutex};

/// Tells the time. Instants are UTC, cut to milliseconds here so that what is stored equals what was compared.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> DateTime<Utc>;
}

/// A clock that can be shared.
pub type SharedClock = Arc<dyn Clock>;

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(3)
    }
}

/// A clock that stands still until it is set: for tests, imports and replays.
#[derive(Debug)]
pub struct FixedClock(Mutex<DateTime<Utc>>);

impl FixedClock {
    /// Stands at `at`.
    pub fn new(at: DateTime<Utc>) -> Self {
        Self(Mutex::new(at.trunc_subsecs(3)))
    }

    /// Moves to `at`.
    pub fn set(&self, at: DateTime<Utc>) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = at.trunc_subsecs(3);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Draws random bytes fit for secrets.
pub trait Entropy: Send + Sync {
    /// Fills the buffer.
    fn fill(&self, buffer: &mut [u8]);
}

impl dyn Entropy + '_ {
    /// So many random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut buffer = [0; N];
        self.fill(&mut buffer);
        buffer
    }
}

/// The operating system's random source.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        // Without randomness no secret can be made; to go on would be worse than to stop.
        #[expect(
            clippy::expect_used,
            reason = "a system without a random source cannot keep anyone's secrets"
        )]
        getrandom::fill(buffer).expect("the operating system's random source answers");
    }
}

/// A clock that runs faster than the system's, from a start kept in the data directory, so that a restart goes on where
/// time was. For trying the demo market out.
#[derive(Clone, Copy, Debug)]
pub struct ScaledClock {
    start: DateTime<Utc>,
    speed: i32,
}

impl ScaledClock {
    /// Runs `speed` times as fast since the first time it was opened in this directory.
    ///
    /// # Errors
    /// When its file can be neither read nor written.
    pub fn open(data_dir: &std::path::Path, speed: u32, now: DateTime<Utc>) -> std::io::Result<Self> {
        let path = data_dir.join("fast-clock");
        let start = match std::fs::read_to_string(&path) {
            Ok(text) => text.trim().parse().unwrap_or(now),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                // Whole or not at all, whenever the process ends: a time cut short would set the clock back.
                let unfinished = path.with_extension("new");
                std::fs::write(&unfinished, now.to_rfc3339())?;
                std::fs::rename(&unfinished, &path)?;
                now
            }
            Err(error) => return Err(error),
        };
        Ok(Self {
            start,
            speed: i32::try_from(speed).unwrap_or(i32::MAX),
        })
    }
}

impl Clock for ScaledClock {
    fn now(&self) -> DateTime<Utc> {
        (self.start + (Utc::now() - self.start) * self.speed).trunc_subsecs(3)
    }
}
