//! What can be granted about passkeys, beside a session.

use super::Passkey;
use super::octets::Octets;
use super::registration::Transport;
use crate::id::CredentialId;

/// The answer to a passkey call, before it has any shape on a wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasskeyOutcome {
    /// Options for `navigator.credentials.create()`.
    Registration(Box<RegistrationOptions>),
    /// Options for `navigator.credentials.get()`.
    Request(RequestOptions),
    /// The user's passkeys, oldest first.
    List(Vec<Passkey>),
    /// One passkey.
    One(Box<Passkey>),
}

/// What differs from one registration to the next; the rest is settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistrationOptions {
    /// The id that the passkey will have.
    pub id: CredentialId,
    /// The challenge.
    pub challenge: Octets,
    /// `user.id`: the user handle, 16 bytes that tell nothing (WebAuthn section 14.6.1).
    pub user_handle: Octets,
    /// `user.name` and `user.displayName`.
    pub user_name: String,
    /// Passkeys that the user has already.
    pub exclude: Vec<Descriptor>,
}

/// What differs from one assertion to the next; the rest is settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestOptions {
    /// The challenge.
    pub challenge: Octets,
    /// The relying party id.
    pub rp_id: String,
    /// Passkeys that may answer; none: whichever the authenticator finds.
    pub allow: Option<Vec<Descriptor>>,
}

/// How options name a passkey (`PublicKeyCredentialDescriptor`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// The credential id.
    pub id: Octets,
    /// How a client reaches the authenticator.
    pub transports: Vec<Transport>,
}
