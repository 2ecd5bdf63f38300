//! Settings of events and webhooks.

use serde::{Deserialize, Serialize};

use super::range::{PolicyError, within};

/// Rules V7, V8 and U32.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Webhooks {
    /// Whether there are events about second factors, under names of ours (U32).
    pub mfa_events: bool,
    /// How often a message is tried, the first time included.
    pub attempts_max: u8,
    /// Wait before the second try in milliseconds of real time; it doubles with each further one.
    pub retry_milliseconds: u32,
    /// How long a receiver may take, in milliseconds of real time.
    pub timeout_milliseconds: u32,
}

impl Webhooks {
    pub(super) fn check(&self) -> Result<(), PolicyError> {
        within("webhooks.attemptsMax", self.attempts_max, 1, 20)?;
        within("webhooks.retryMilliseconds", self.retry_milliseconds, 1, 60_000)?;
        within("webhooks.timeoutMilliseconds", self.timeout_milliseconds, 1, 60_000)
    }
}

impl Default for Webhooks {
    fn default() -> Self {
        Self {
            mfa_events: false,
            attempts_max: 3,
            retry_milliseconds: 200,
            timeout_milliseconds: 5_000,
        }
    }
}
