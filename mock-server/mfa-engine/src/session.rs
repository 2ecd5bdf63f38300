//! Sessions: who is signed in, until when, and with which MFA tokens.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{CredentialId, SessionId, UserId};
use crate::mfa_token::{Digest, MfaToken};

/// One session, from sign-in to logout, revocation or expiry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// Its id (`sid`), kept across refreshes.
    pub id: SessionId,
    /// Its user.
    pub user: UserId,
    /// The sign-in.
    pub created_at: Timestamp,
    /// The end of its JWTs; a refresh moves it.
    pub expires_at: Timestamp,
    /// When a second factor was passed in this session.
    #[serde(deserialize_with = "crate::written::option")]
    pub mfa_at: Option<Timestamp>,
    /// The credential that opened it; never changes.
    pub signin_credential: CredentialId,
    /// The latest credential used in it.
    pub last_credential: CredentialId,
    /// Who opened it: the client's own words, for the claims.
    pub client: Client,
    /// Legacy MFA tokens, by digest.
    pub mfa_tokens: BTreeMap<Digest, MfaToken>,
}

/// What the client said about itself when it opened the session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// `Origin` of the site (`aud`).
    #[serde(deserialize_with = "crate::written::option")]
    pub origin: Option<String>,
    /// Public key of the session, 66 hex characters (`session_public_key`).
    #[serde(deserialize_with = "crate::written::option")]
    pub session_public_key: Option<String>,
    /// `x-dyn-version`, such as `ClientSDK/1.27.1` (`sdkVersion`).
    #[serde(deserialize_with = "crate::written::option")]
    pub sdk_version: Option<String>,
}
