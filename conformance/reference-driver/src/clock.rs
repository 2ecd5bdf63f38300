//! The one place of this crate that asks the system for the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// The time that the SDK believes in, in milliseconds since 1970.
///
/// Clones share a held time, so whoever keeps a clone can move the SDK through time.
///
/// ```
/// use reference_driver::Clock;
///
/// let clock = Clock::held_at(1_790_000_000_000);
/// let seen_by_the_sdk = clock.clone();
/// clock.hold_at(1_790_000_001_000);
/// assert_eq!(seen_by_the_sdk.now_ms(), 1_790_000_001_000);
/// ```
#[derive(Clone, Debug)]
pub struct Clock {
    held: Option<Arc<AtomicU64>>,
}

impl Clock {
    /// Follows the system.
    pub fn system() -> Self {
        Self { held: None }
    }

    /// Stands still at a time in milliseconds, until it is moved.
    pub fn held_at(now_ms: u64) -> Self {
        Self { held: Some(Arc::new(AtomicU64::new(now_ms))) }
    }

    /// Moves a held clock and all its clones; a clock that follows the system ignores it.
    pub fn hold_at(&self, now_ms: u64) {
        if let Some(held) = &self.held {
            held.store(now_ms, Ordering::SeqCst);
        }
    }

    /// The present time in milliseconds.
    pub fn now_ms(&self) -> u64 {
        match &self.held {
            Some(held) => held.load(Ordering::SeqCst),
            None => system_now_ms(),
        }
    }

    /// The present time in whole seconds.
    pub fn now_s(&self) -> u64 {
        self.now_ms() / 1000
    }

    /// Can it be moved?
    pub fn is_held(&self) -> bool {
        self.held.is_some()
    }
}

#[expect(clippy::disallowed_methods, reason = "an SDK has a clock, and this file is where it is")]
fn system_now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
