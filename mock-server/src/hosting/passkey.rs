//! What a tester sees of a passkey.

use mfa_engine::UserId;
use mfa_engine::passkey::{Passkey, user_handle};
use serde::Serialize;

/// A passkey as a tester sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PasskeyReport {
    /// The id, also that of the verified credential.
    pub id: String,
    /// The authenticator's id of it, base64url.
    pub credential_id: String,
    /// What an authenticator keeps of the user (`response.userHandle`), base64url.
    pub user_handle: String,
    /// The highest signature counter seen.
    pub sign_count: u32,
    /// The name that its owner gave it.
    pub alias: Option<String>,
}

impl PasskeyReport {
    pub(super) fn of(passkey: &Passkey, user: UserId) -> Self {
        Self {
            id: passkey.id.to_string(),
            credential_id: passkey.credential_id.to_string(),
            user_handle: user_handle(user).to_string(),
            sign_count: passkey.sign_count,
            alias: passkey.alias.clone(),
        }
    }
}
