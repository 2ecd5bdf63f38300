//! Passkeys: what is kept of one, and the checks of WebAuthn Level 3 that it passes.
//!
//! ```text
//!             options            registration (section 7.1)
//!  (nothing) ─────────► challenge ─────────────────────────► Passkey ◄─┐
//!                          │ too old, spent,                  │ │ └────┘ assertion (section 7.2):
//!                          │ of another session: refused      │ ▼        counter and backup state kept
//!                          ▼                                  │ renamed
//!                       (nothing)                             ▼ deleted
//! ```
//!
//! Every byte that comes from an authenticator is read by the rooms below, strictly and to its
//! end; each check that fails has a [`Flaw`] of its own. Absent on purpose: trust in makers of
//! authenticators. Only `none` and self attestation are understood.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

mod assertion;
mod attestation;
mod authenticator_data;
pub mod cbor;
mod ceremony;
mod challenge;
mod client_data;
mod command;
mod octets;
mod outcome;
mod public_key;
mod refusal;
mod registration;

pub use assertion::{Assertion, Used};
pub use attestation::{AttestationFlaw, AttestationObject};
pub use authenticator_data::{AttestedCredential, AuthenticatorData, AuthenticatorDataFlaw, Flags};
pub use challenge::{Challenge, Challenges, Purpose};
pub use client_data::ClientData;
pub use command::{PasskeyCommand, PasskeyRequest};
pub use octets::Octets;
pub use outcome::{Descriptor, PasskeyOutcome, RegistrationOptions, RequestOptions};
pub use public_key::{PublicKey, PublicKeyFlaw};
pub use refusal::{Flaw, PasskeyRefusal};
pub use registration::{NewCredential, Registration, Transport};

pub(crate) use challenge::Wanted;

use crate::id::{CredentialId, UserId};

/// One registered passkey (`UserPasskey`; a credential record of WebAuthn section 4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Passkey {
    /// Its id, which is also that of its verified credential.
    pub id: CredentialId,
    /// The authenticator's id of it.
    pub credential_id: Octets,
    /// What its signatures are verified with.
    pub public_key: PublicKey,
    /// The highest signature counter seen.
    pub sign_count: u32,
    /// Whether it may be backed up; never changes.
    pub backup_eligible: bool,
    /// Whether it was backed up when last seen.
    pub backed_up: bool,
    /// The authenticator's model.
    pub aaguid: Octets,
    /// How a client reaches the authenticator.
    pub transports: Vec<Transport>,
    /// The name that its owner gave it.
    #[serde(deserialize_with = "crate::written::option")]
    pub alias: Option<String>,
    /// The origin that it was registered from.
    pub origin: String,
    /// The `User-Agent` that it was registered with.
    #[serde(deserialize_with = "crate::written::option")]
    pub user_agent: Option<String>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was renamed.
    #[serde(deserialize_with = "crate::written::option")]
    pub updated_at: Option<Timestamp>,
    /// When it last passed an assertion.
    #[serde(deserialize_with = "crate::written::option")]
    pub last_used_at: Option<Timestamp>,
}

/// The user handle: the bytes of the user's id, which tell nothing about the person.
pub fn user_handle(user: UserId) -> Octets {
    Octets::new(user.as_bytes().as_slice())
}

impl Passkey {
    /// How options name it.
    pub fn descriptor(&self) -> Descriptor {
        Descriptor { id: self.credential_id.clone(), transports: self.transports.clone() }
    }
}
