//! The clock of one environment: the only place of the service that asks the system for the time.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::logbook::Unwritten;

/// How an environment tells the time. Codes, tokens, lifetimes and every check obey it.
///
/// ```
/// use mock_server::Clock;
/// let noon = "2030-01-01T12:00:00Z".parse().unwrap();
/// let clock = Clock::held_at(noon).advanced_by(jiff::SignedDuration::from_secs(30)).unwrap();
/// assert_eq!(clock.now().to_string(), "2030-01-01T12:00:30Z");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case", rename_all_fields = "camelCase", from = "Told")]
pub enum Clock {
    /// Follows the system.
    #[default]
    System,
    /// Stands still until it is moved.
    Held {
        /// Where it stands.
        at: Timestamp,
    },
    /// Runs with the system, that far ahead of it (or behind, if negative).
    Shifted {
        /// How far, in seconds.
        by_seconds: i64,
    },
}

/// A clock as people write it down.
///
/// Every variant has braces, because serde looks for stray fields only between braces.
#[derive(Deserialize)]
#[serde(
    tag = "mode",
    rename_all = "snake_case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
enum Told {
    System {},
    Held { at: Timestamp },
    Shifted { by_seconds: i64 },
}

impl From<Told> for Clock {
    fn from(told: Told) -> Self {
        match told {
            Told::System {} => Self::System,
            Told::Held { at } => Self::Held { at },
            Told::Shifted { by_seconds } => Self::Shifted { by_seconds },
        }
    }
}

/// The clock cannot go there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// Outside the years that tokens and codes can express.
    #[error("the clock runs from 1970-01-01T00:00:00Z to 9000-01-01T00:00:00Z")]
    OutOfRange,
    /// `advance` only goes forwards.
    #[error("a clock only advances; to go back, set it (`mode: held`, `at: …`)")]
    Backwards,
    /// The journal file did not take it.
    #[error("{0}")]
    Unwritten(#[from] Unwritten),
}

const LATEST_SECOND: i64 = 221_845_392_000;

impl Clock {
    /// A clock that stands still.
    pub const fn held_at(at: Timestamp) -> Self {
        Self::Held { at }
    }

    /// The time it tells.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => system_now(),
            Self::Held { at } => *at,
            Self::Shifted { by_seconds } => {
                let shifted = system_now().checked_add(SignedDuration::from_secs(*by_seconds));
                // Checked when the clock was set; the system itself would have to leave the range.
                shifted.unwrap_or_else(|_| system_now())
            }
        }
    }

    /// The same clock, moved forwards.
    ///
    /// # Errors
    /// The step is negative, or leads past the year 9000.
    pub fn advanced_by(self, by: SignedDuration) -> Result<Self, ClockError> {
        if by.is_negative() {
            return Err(ClockError::Backwards);
        }
        let moved = match self {
            Self::Held { at } => {
                Self::Held { at: at.checked_add(by).map_err(|_| ClockError::OutOfRange)? }
            }
            Self::System => Self::Shifted { by_seconds: by.as_secs() },
            Self::Shifted { by_seconds } => Self::Shifted {
                by_seconds: by_seconds.checked_add(by.as_secs()).ok_or(ClockError::OutOfRange)?,
            },
        };
        moved.checked()
    }

    /// The clock itself, if it tells a time within the range.
    ///
    /// # Errors
    /// It does not.
    pub fn checked(self) -> Result<Self, ClockError> {
        let at = match self {
            Self::System => return Ok(self),
            Self::Held { at } => at,
            Self::Shifted { by_seconds } => system_now()
                .checked_add(SignedDuration::from_secs(by_seconds))
                .map_err(|_| ClockError::OutOfRange)?,
        };
        if (0..=LATEST_SECOND).contains(&at.as_second()) {
            Ok(self)
        } else {
            Err(ClockError::OutOfRange)
        }
    }
}

/// Real time for real waits: a receiver of webhooks lives outside every world's clock.
#[expect(clippy::disallowed_methods, reason = "the one place of the service that asks the system")]
pub(crate) fn monotonic() -> std::time::Instant {
    std::time::Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "the one place of the service that asks the system")]
fn system_now() -> Timestamp {
    let since_1970 = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or(std::time::Duration::ZERO);
    // In microseconds, as the records of users keep it: what is written down is what was told.
    let microseconds = i64::try_from(since_1970.as_micros()).unwrap_or(0);
    Timestamp::from_microsecond(microseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_stays_in_its_range_and_goes_forwards() {
        let held = Clock::held_at(Timestamp::UNIX_EPOCH);
        let year = SignedDuration::from_hours(24 * 365);
        assert!(held.advanced_by(year * 100).is_ok());
        assert_eq!(held.advanced_by(-year), Err(ClockError::Backwards));
        assert_eq!(held.advanced_by(year * 8_000), Err(ClockError::OutOfRange));
        let before = Clock::held_at(Timestamp::from_second(-1).unwrap());
        assert_eq!(before.checked(), Err(ClockError::OutOfRange));
        assert!(Clock::System.advanced_by(year).is_ok());
        assert!(Clock::Shifted { by_seconds: i64::MAX }.checked().is_err());
    }
}
