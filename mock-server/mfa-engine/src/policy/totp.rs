//! Settings of TOTP devices and their codes.

use serde::{Deserialize, Serialize};

use super::range::{PolicyError, within};

/// Rules T1 to T19 and U1 to U6, U8. Six digits and 30 seconds are documented and fixed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Totp {
    /// The hash below the HMAC (U1).
    pub algorithm: Algorithm,
    /// Steps accepted either side of the current one (U1); RFC 6238 section 5.2 advises at most one.
    pub window_steps: u8,
    /// Bytes of a new secret (U1); RFC 4226 section 4 advises 20.
    pub secret_bytes: u8,
    /// Whether a spent time step is accepted again (U2).
    pub replay: Replay,
    /// Wrong codes after which a user must wait (U3).
    pub failures_max: u16,
    /// Seconds in which those wrong codes must fall, and after which they are forgotten (U3).
    pub failures_window_seconds: u32,
    /// Status of `mfa_rate_limited` (U4): 429, or 422 like the other MFA codes.
    pub rate_limited_status: u16,
    /// Status of a second registration (U5, documented as 401).
    pub second_device_status: u16,
    /// What a new registration does to a device that was never confirmed (U6).
    pub unverified_device: UnverifiedDevice,
    /// Whether an authentication confirms a new device (U8); the JavaScript guide needs it.
    pub authentication_confirms: bool,
    /// Issuer in the otpauth URI (T6, unknown).
    pub issuer: String,
}

/// The hash below the HMAC (RFC 6238 section 1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// What authenticator apps assume when the URI names none.
    #[serde(rename = "SHA1")]
    Sha1,
    /// HMAC-SHA-256.
    #[serde(rename = "SHA256")]
    Sha256,
    /// HMAC-SHA-512.
    #[serde(rename = "SHA512")]
    Sha512,
}

/// Whether a time step that was accepted once is accepted again (rules T19, U2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Replay {
    /// Refused, as RFC 6238 section 5.2 demands.
    Refuse,
    /// Accepted, for a world whose tests use one code twice.
    Allow,
}

/// What a new registration does to a device that was never confirmed (rules T15, U6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnverifiedDevice {
    /// A new id and a new secret; the old secret is dead.
    Replace,
    /// The same id and secret again.
    Keep,
}

impl Totp {
    pub(super) fn check(&self) -> Result<(), PolicyError> {
        within("totp.windowSteps", self.window_steps, 0, 10)?;
        within("totp.secretBytes", self.secret_bytes, 10, 64)?;
        within("totp.failuresMax", self.failures_max, 1, 1_000)?;
        within("totp.failuresWindowSeconds", self.failures_window_seconds, 1, 86_400)?;
        within("totp.rateLimitedStatus", self.rate_limited_status, 400, 499)?;
        within("totp.secondDeviceStatus", self.second_device_status, 400, 499)
    }
}

impl Default for Totp {
    fn default() -> Self {
        Self {
            algorithm: Algorithm::Sha1,
            window_steps: 1,
            secret_bytes: 20,
            replay: Replay::Refuse,
            failures_max: 5,
            failures_window_seconds: 300,
            rate_limited_status: 429,
            second_device_status: 401,
            unverified_device: UnverifiedDevice::Replace,
            authentication_confirms: true,
            issuer: "Dynamic mock".to_owned(),
        }
    }
}
