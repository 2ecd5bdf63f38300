//! Settings of how the session's token travels: as a bearer, or in a cookie.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::range::PolicyError;

/// `security.auth` of the project settings, and what surrounds it (rule J16).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Auth {
    /// Where a client keeps the session's token; `cookie` among them means cookie mode.
    pub storage: BTreeSet<AuthStorage>,
    /// Whether answers hold the JWTs in cookie mode as well.
    pub tokens_in_body: bool,
    /// Whether cookies are sent over TLS only (`Secure`).
    pub secure_cookies: bool,
}

/// Where a client keeps the session's token (`AuthStorageEnum`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthStorage {
    /// In its own storage: the token is a bearer.
    Localstorage,
    /// In a cookie that scripts cannot read.
    Cookie,
}

impl Auth {
    /// Whether sessions travel in cookies.
    pub fn uses_cookies(&self) -> bool {
        self.storage.contains(&AuthStorage::Cookie)
    }

    pub(super) fn check(&self) -> Result<(), PolicyError> {
        match self.storage.is_empty() {
            true => Err(PolicyError {
                field: "auth.storage",
                problem: "a token must be kept somewhere".to_owned(),
            }),
            false => Ok(()),
        }
    }
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            storage: BTreeSet::from([AuthStorage::Localstorage]),
            tokens_in_body: false,
            secure_cookies: false,
        }
    }
}
