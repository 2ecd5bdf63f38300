//! Settings of the administrators' API.

use serde::{Deserialize, Serialize};

use super::range::{PolicyError, within};

/// What is not published about rules K4, S10 and J14.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Admin {
    /// Whether an API token may do only what its scopes name.
    pub enforce_token_scopes: bool,
    /// Status for an unknown user or session where the call declares no 404: 403 or 404.
    pub unknown_subject_status: u16,
}

impl Admin {
    pub(super) fn check(&self) -> Result<(), PolicyError> {
        within("admin.unknownSubjectStatus", self.unknown_subject_status, 400, 499)
    }
}

impl Default for Admin {
    fn default() -> Self {
        Self { enforce_token_scopes: true, unknown_subject_status: 403 }
    }
}
