//! What can be asked about passkeys.

use serde::{Deserialize, Serialize};

use super::assertion::Assertion;
use super::registration::Registration;
use crate::command::{Proof, Wishes};
use crate::id::CredentialId;
use crate::mfa_token::MfaTokenRequest;
use crate::session::Client;
use crate::trusted_device::PresentedDevice;

/// What nobody need be signed in for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PasskeyCommand {
    /// `GET users/passkeys/signin`
    BeginSignIn {
        /// `relatedOriginRpId`
        rp_id: Option<String>,
    },
    /// `POST users/passkeys/signin`
    SignIn {
        /// The assertion.
        assertion: Box<Assertion>,
        /// Who is signing in.
        client: Client,
        /// How the device shows itself.
        device: PresentedDevice,
    },
}

/// What a signed-in user asks about passkeys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PasskeyRequest {
    /// `GET users/passkeys/register`, and the older `GET users/mfa/register/passkey`
    BeginRegistration,
    /// `POST users/passkeys/register`, and the older `POST users/mfa/register/passkey`
    Register {
        /// `id` of the older body, which must be the one that the registration began with.
        id: Option<CredentialId>,
        /// What the authenticator made.
        registration: Box<Registration>,
        /// `User-Agent`
        user_agent: Option<String>,
        /// `createMfaToken`
        mfa_token: Option<MfaTokenRequest>,
        /// What proves the right to do it.
        proof: Proof,
    },
    /// `GET users/passkeys/authenticate`
    BeginAuthentication {
        /// `relatedOriginRpId`
        rp_id: Option<String>,
    },
    /// `POST users/mfa/auth/passkey`
    Authenticate {
        /// The assertion.
        assertion: Box<Assertion>,
        /// What else is asked for.
        wishes: Wishes,
    },
    /// `GET users/passkeys`
    List,
    /// `PUT users/passkeys`
    Rename {
        /// Which passkey.
        id: CredentialId,
        /// The new name; absent: nothing changes.
        alias: Option<String>,
        /// Needed where `credential:update` is gated.
        proof: Proof,
    },
    /// `DELETE users/passkeys`
    Delete {
        /// Which passkey.
        id: CredentialId,
        /// What proves the right to do it.
        proof: Proof,
    },
}

impl PasskeyRequest {
    /// Whether a session that still owes a second factor may ask this (rules J11, U27).
    pub const fn is_open_to_partial_sessions(&self) -> bool {
        match self {
            Self::BeginRegistration
            | Self::Register { .. }
            | Self::BeginAuthentication { .. }
            | Self::Authenticate { .. }
            | Self::List => true,
            Self::Rename { .. } | Self::Delete { .. } => false,
        }
    }
}
