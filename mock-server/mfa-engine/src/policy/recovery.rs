//! Settings of recovery codes.

use serde::{Deserialize, Serialize};

use super::range::{PolicyError, within};

/// Rules R1 to R14, U12, U13 and U14.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Recovery {
    /// Codes in a set (R1, U12); 1 to 100.
    pub code_count: u8,
    /// Letters in a code (R6, U12); 4 to 64.
    pub code_length: u8,
    /// Whether a read lists used codes too (U13).
    pub list_used: bool,
    /// Whether a new set asks for a new acknowledgement (U14).
    pub rotation_asks_acknowledgement: bool,
    /// Whether codes pass although their user holds no other method, and a set from such a time
    /// outlives the enrolment of one.
    pub stands_alone: bool,
    /// Whether a session must have passed a factor, if its user holds one, to see or replace codes.
    ///
    /// It matters where sessions owe no factor, as with action-based MFA alone.
    pub reading_needs_factor: bool,
    /// Whether calls about wallets are refused until new codes are acknowledged (R13).
    pub pending_blocks_wallets: bool,
}

impl Recovery {
    pub(super) fn check(&self) -> Result<(), PolicyError> {
        within("recovery.codeCount", self.code_count, 1, 100)?;
        within("recovery.codeLength", self.code_length, 4, 64)
    }
}

impl Default for Recovery {
    fn default() -> Self {
        Self {
            code_count: 10,
            code_length: 10,
            list_used: false,
            rotation_asks_acknowledgement: false,
            stands_alone: false,
            reading_needs_factor: false,
            pending_blocks_wallets: true,
        }
    }
}
