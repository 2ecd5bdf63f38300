//! Settings of sessions and their JWTs.

use serde::{Deserialize, Serialize};

use super::range::{PolicyError, within};

/// Rules J11, J12, U27, U29, U30 and U31.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Session {
    /// Life of a session's JWT in seconds (U31); at most 30 days (J12).
    pub life_seconds: u32,
    /// Host in `iss`, before the environment id (U29).
    pub issuer_host: String,
    /// Whether a token with `requiresAdditionalAuth` reaches every call (U27).
    pub partial_reaches_everything: bool,
    /// Whether `user:basic` stands beside `requiresAdditionalAuth` (U30).
    pub basic_while_pending: bool,
    /// Status of a refused partial token (U27): 403 or 401.
    pub partial_status: u16,
}

impl Session {
    pub(super) fn check(&self) -> Result<(), PolicyError> {
        within("session.lifeSeconds", self.life_seconds, 1, 30 * 86_400)?;
        within("session.partialStatus", self.partial_status, 400, 499)
    }
}

impl Default for Session {
    fn default() -> Self {
        Self {
            life_seconds: 2 * 3_600,
            issuer_host: "app.dynamicauth.com".to_owned(),
            partial_reaches_everything: false,
            basic_while_pending: false,
            partial_status: 403,
        }
    }
}
