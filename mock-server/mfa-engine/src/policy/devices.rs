//! Settings of MFA devices.

use serde::{Deserialize, Serialize};

/// Rules U7, U9, U10, U11 and U15.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Devices {
    /// Whether a device that was never confirmed appears in the list (U7).
    pub list_unverified: bool,
    /// What proves the right to delete a device (U9).
    pub delete_proof: DeleteProof,
    /// Whether the default device may be deleted (U10).
    pub delete_default: DeleteDefault,
    /// Whether the last device may go while MFA is required (U11).
    pub delete_last_while_required: bool,
    /// Whether a session must have passed a factor, if its user holds one, to enrol a further one
    /// or to link a credential, also where sessions owe no factor.
    pub further_needs_factor: bool,
    /// Whether an MFA token made with a recovery code deletes a device (U15).
    pub recovery_code_deletes: bool,
}

/// What proves the right to delete a device (rules U9, E22).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeleteProof {
    /// An MFA token or an elevated `credential:unlink` token.
    MfaTokenOrElevated,
    /// Only the elevated token, once step-up is enforced ("no fallback").
    ElevatedOnly,
}

/// Whether the default device may be deleted (rules U10, V3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeleteDefault {
    /// Only when it is the only one; otherwise another would lose its rank silently.
    IfOnlyDevice,
    /// Never, as the title of the reference page says.
    Never,
    /// Always.
    Always,
}

impl Default for Devices {
    fn default() -> Self {
        Self {
            list_unverified: true,
            delete_proof: DeleteProof::MfaTokenOrElevated,
            delete_default: DeleteDefault::IfOnlyDevice,
            delete_last_while_required: true,
            further_needs_factor: false,
            recovery_code_deletes: true,
        }
    }
}
