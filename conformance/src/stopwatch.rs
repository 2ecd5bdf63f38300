//! The only place of this package that asks the system for the time.
//!
//! Durations and deadlines come from a monotonic clock, the date of an expectation from the
//! calendar. What a case tests never depends on either: each tenant has its own held clock.

use std::time::{Duration, Instant, SystemTime};

/// A running measurement on the monotonic clock.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts measuring now.
    #[expect(clippy::disallowed_methods, reason = "this file is the named exception")]
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the start.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Milliseconds since the Unix epoch, as the system believes.
#[expect(clippy::disallowed_methods, reason = "this file is the named exception")]
#[must_use]
pub fn system_ms() -> i64 {
    // A clock before 1970 is a broken machine; zero then keeps every code path total.
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Today's date in UTC, against which `until` of an expectation is held.
#[must_use]
pub fn today() -> jiff::civil::Date {
    jiff::Timestamp::from_millisecond(system_ms())
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
}
