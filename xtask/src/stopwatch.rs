//! How long a step took; the one place of this package that reads a clock.

use std::time::{Duration, Instant};

/// A watch that runs from its making on.
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts a watch.
    #[expect(
        clippy::disallowed_methods,
        reason = "the duration of a step is for people; nothing is decided by it"
    )]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Returns the time since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
