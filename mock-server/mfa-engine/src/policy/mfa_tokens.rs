//! Settings of legacy MFA tokens.

use serde::{Deserialize, Serialize};

use super::range::{PolicyError, within};

/// Rules U25 and U26.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct MfaTokens {
    /// Life in seconds, at most 30 days; absent: as long as the session (U25).
    pub life_seconds: Option<u32>,
    /// Random bytes in the opaque token (U26); 16 to 64.
    pub bytes: u8,
}

impl MfaTokens {
    pub(super) fn check(&self) -> Result<(), PolicyError> {
        within("mfaTokens.bytes", self.bytes, 16, 64)?;
        within("mfaTokens.lifeSeconds", self.life_seconds.unwrap_or(1), 1, 30 * 86_400)
    }
}

impl Default for MfaTokens {
    fn default() -> Self {
        Self { life_seconds: None, bytes: 32 }
    }
}
