//! How many wrong codes a user may send: pure arithmetic over a short list of times.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::policy;
use crate::rare::Empty;
use crate::refusal::Refusal;

/// The recent failures of one user (rules T17, U3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Failures(Vec<Timestamp>);

impl Empty for Failures {
    const EMPTY: &'static Self = &Self(Vec::new());
}

impl Failures {
    /// Refuses while as many failures as allowed lie inside the window.
    ///
    /// # Errors
    /// Too many failures, with the seconds until the oldest of them is forgotten.
    pub fn admit(&self, settings: &policy::Totp, now: Timestamp) -> Result<(), Refusal> {
        let window = SignedDuration::from_secs(settings.failures_window_seconds.into());
        let recent: Vec<Timestamp> =
            self.0.iter().copied().filter(|at| now.duration_since(*at) < window).collect();
        // The door opens when the newest but `failures_max - 1` are forgotten. As a rule that is
        // the oldest one; after the bound was lowered it is a later one.
        let closing = recent.iter().rev().nth(usize::from(settings.failures_max).saturating_sub(1));
        let Some(closing) = closing.copied() else { return Ok(()) };
        let left = window - now.duration_since(closing);
        // Rounded up: whoever waits as long as told must be let in.
        let whole = u64::try_from(left.as_secs()).unwrap_or(0);
        let retry_after_seconds = (whole + u64::from(left.subsec_nanos() > 0)).max(1);
        Err(Refusal::TooManyMfaFailures { retry_after_seconds })
    }

    /// Counts one more failure; only as many as the limit are remembered.
    pub fn count(&mut self, settings: &policy::Totp, now: Timestamp) {
        self.0.push(now);
        let surplus = self.0.len().saturating_sub(settings.failures_max.into());
        self.0.drain(..surplus);
    }

    /// Forgets every failure, after a success.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_failures_close_the_door_until_the_first_is_old() {
        let settings = policy::Totp::default();
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let mut failures = Failures::default();
        for second in 0..5 {
            assert_eq!(failures.admit(&settings, at(second)), Ok(()));
            failures.count(&settings, at(second));
        }
        let refused = failures.admit(&settings, at(10));
        assert_eq!(refused, Err(Refusal::TooManyMfaFailures { retry_after_seconds: 290 }));
        assert!(failures.admit(&settings, at(299)).is_err());
        assert_eq!(failures.admit(&settings, at(300)), Ok(()));
        failures.clear();
        assert_eq!(failures.admit(&settings, at(10)), Ok(()));
    }
}
