//! Settings of the limits on how often may be called.

use serde::{Deserialize, Serialize};

use super::range::{PolicyError, within};

/// Calls in a minute (rules K7, S5 to S7, U34); the numbers count once they are enabled.
///
/// Those of `default()` are the published ones, but that of the MFA calls, which nobody could read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RateLimits {
    /// Whether calls are counted at all.
    pub enabled: bool,
    /// All calls of one address.
    pub calls: u32,
    /// Its calls for nonces.
    pub nonces: u32,
    /// Its calls that tell of a connected wallet.
    pub connects: u32,
    /// Its sign-ins.
    pub sign_ins: u32,
    /// Its calls that send a code.
    pub one_time_codes: u32,
    /// Its calls that register or use a second factor.
    pub mfa: u32,
    /// All calls of the environment.
    pub environment: u32,
    /// Which of the documented bodies a caller gets that is too fast.
    pub body: RateLimitBody,
    /// Whether the last address in `X-Forwarded-For` stands for the caller's.
    pub trust_forwarded_for: bool,
}

/// The documented bodies of a 429 (rule S6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateLimitBody {
    /// `message` and a number as `code`, as the older page shows.
    Message,
    /// `error` with a sentence, as the newer page shows.
    Sentence,
    /// `error` with the status's own words, as the API's model shows.
    Words,
}

impl RateLimits {
    pub(super) fn check(&self) -> Result<(), PolicyError> {
        let most = 1_000_000;
        within("rateLimits.calls", self.calls, 1, most)?;
        within("rateLimits.nonces", self.nonces, 1, most)?;
        within("rateLimits.connects", self.connects, 1, most)?;
        within("rateLimits.signIns", self.sign_ins, 1, most)?;
        within("rateLimits.oneTimeCodes", self.one_time_codes, 1, most)?;
        within("rateLimits.mfa", self.mfa, 1, most)?;
        within("rateLimits.environment", self.environment, 1, most)
    }
}

impl Default for RateLimits {
    fn default() -> Self {
        Self {
            enabled: false,
            calls: 100,
            nonces: 10,
            connects: 10,
            sign_ins: 10,
            one_time_codes: 3,
            mfa: 10,
            environment: 10_000,
            body: RateLimitBody::Message,
            trust_forwarded_for: false,
        }
    }
}
