//! Settings of trusted devices.

use serde::{Deserialize, Serialize};

use super::range::{PolicyError, within};

/// Rules V9, J9 and J10.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct DeviceRegistration {
    /// Whether a sign-in from an unknown device must be confirmed by mail.
    pub required: bool,
    /// Whose first device is trusted without a mail.
    pub silent_first: SilentFirst,
    /// What a sign-in counts as that shows nothing of its device.
    pub without_proof: WithoutProof,
    /// What becomes of a user who has no address to mail to.
    pub users_without_email: UsersWithoutEmail,
    /// Life of the mailed token in seconds.
    pub token_life_seconds: u32,
    /// Whether the token registers only the device that asked for it.
    pub token_bound_to_device: bool,
    /// Status of a token that registers nothing.
    pub bad_token_status: u16,
    /// Whether a session with `device:register` reaches every call.
    pub unregistered_reaches_everything: bool,
    /// Status of a call that such a session may not make.
    pub unregistered_status: u16,
    /// Whether revoking a device ends its sessions; the calling one always lives on.
    pub revocation_ends_sessions: bool,
    /// Trusted devices of a user; the oldest gives way.
    pub devices_max: u16,
}

/// Whose first device is trusted without a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SilentFirst {
    /// Only that of the sign-in that makes the user.
    NewUsers,
    /// Also that of an older user who has no trusted device.
    UsersWithoutDevice,
    /// Nobody's.
    Nobody,
}

/// What a sign-in counts as that shows nothing of its device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithoutProof {
    /// One from an unknown device.
    Unknown,
    /// One that is not asked for a device.
    Exempt,
}

/// What becomes of a user who has no address to mail to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UsersWithoutEmail {
    /// Their devices are trusted without a mail.
    Trust,
    /// They stay at `device:register`, with nothing to answer.
    Hold,
}

impl DeviceRegistration {
    pub(super) fn check(&self) -> Result<(), PolicyError> {
        within("deviceRegistration.tokenLifeSeconds", self.token_life_seconds, 1, 30 * 86_400)?;
        within("deviceRegistration.badTokenStatus", self.bad_token_status, 400, 499)?;
        within("deviceRegistration.unregisteredStatus", self.unregistered_status, 400, 499)?;
        within("deviceRegistration.devicesMax", self.devices_max, 1, 1_000)
    }
}

impl Default for DeviceRegistration {
    fn default() -> Self {
        Self {
            required: false,
            silent_first: SilentFirst::NewUsers,
            without_proof: WithoutProof::Unknown,
            users_without_email: UsersWithoutEmail::Trust,
            token_life_seconds: 600,
            token_bound_to_device: true,
            bad_token_status: 400,
            unregistered_reaches_everything: false,
            unregistered_status: 403,
            revocation_ends_sessions: true,
            devices_max: 50,
        }
    }
}
