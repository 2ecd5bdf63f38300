//! JWTs of the app's own issuer: a sign-in, or an assertion that elevates (rules E23, E24).
//!
//! Whether a signature is genuine is judged outside; every claim is judged here.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::scope::UnknownScope;
use crate::session::Client;
use crate::trusted_device::PresentedDevice;

/// The longest external id in bytes, so that users stay small.
pub(crate) const SUBJECT_BYTES_MAX: usize = 255;

/// The claims of a JWT whose signature is that of the app's issuer (RFC 7519, section 4.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assertion {
    /// `iss`
    pub issuer: Option<String>,
    /// `aud`, one or many
    pub audience: Vec<String>,
    /// `sub`: the user by the app's own id.
    pub subject: Option<String>,
    /// `exp`
    pub expires_at: Option<Timestamp>,
    /// `nbf`
    pub not_before: Option<Timestamp>,
    /// `jti`
    pub token_id: Option<String>,
    /// `scope`: the scopes asked for, separated by blanks.
    pub scope: Option<String>,
}

/// A JWT of the app's issuer as a call presented it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PresentedAssertion {
    /// Signed by one of the environment's keys. Whether it is still good is for the engine to say.
    Genuine(Box<Assertion>),
    /// Not signed by one of them, or no JWT at all; with the reason, for the journal.
    Unusable(String),
}

/// A command with a JWT of the app's issuer from somebody who is not signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ExternalAuthCommand {
    /// `POST externalAuth/signin`
    SignIn {
        /// The JWT.
        assertion: PresentedAssertion,
        /// Who is signing in.
        client: Client,
        /// How the device shows itself.
        device: PresentedDevice,
    },
}

/// What a signed-in user asks with a JWT of the app's issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ExternalAuthRequest {
    /// `POST externalAuth/verify`: exchanges an assertion for an elevated access token.
    Verify {
        /// The JWT.
        assertion: PresentedAssertion,
        /// `sessionPublicKey`
        session_public_key: Option<String>,
    },
}

/// Why a JWT of the app's issuer is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExternalAuthRefusal {
    /// The environment has no issuer.
    #[error("external JWTs are not enabled for this environment")]
    Disabled,
    /// The JWT is not signed by one of the environment's keys.
    #[error("the external JWT cannot be used: {0}")]
    Unusable(String),
    /// A claim is missing.
    #[error("the external JWT lacks the claim `{claim}`")]
    Lacks {
        /// Its name.
        claim: &'static str,
    },
    /// `iss` is not the environment's issuer.
    #[error("the external JWT is of another issuer")]
    ForeignIssuer,
    /// `aud` does not name the environment's audience.
    #[error("the external JWT is for another audience")]
    ForeignAudience,
    /// It is past its `exp`.
    #[error("the external JWT has expired")]
    Expired,
    /// It is before its `nbf`.
    #[error("the external JWT is not valid yet")]
    NotYetValid,
    /// `sub` is no external id of the signed-in user.
    #[error("the external JWT names another user than the one who is signed in")]
    ForeignSubject,
    /// `scope` has a word that is no scope of the API.
    #[error("the external JWT asks for more than there is: {0}")]
    UnknownScope(UnknownScope),
    /// Its `jti` was used before.
    #[error("the external JWT was used before")]
    Replayed,
    /// As many used assertions are remembered as may be, and none may be forgotten yet.
    #[error("{max} used external JWTs are remembered, as many as may be")]
    LedgerFull {
        /// The bound, `limits.assertionsMax`.
        max: u32,
    },
    /// The call names another session key than the session has.
    #[error("the call names another session public key than the session's")]
    ForeignSessionKey,
}
