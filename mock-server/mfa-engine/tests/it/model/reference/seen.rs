//! What of an answer can be foretold without ids and dice.

use mfa_engine::Refusal;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Seen {
    /// The tester's doing, or time passing: nobody answers.
    Quiet,
    Done,
    Nonces(usize),
    Letter,
    Session(Pass),
    User(Scopes),
    /// Whether each device is verified.
    Devices(Vec<bool>),
    Device(bool),
    /// Devices, how many passkeys, and whether any of the factors is confirmed.
    Methods(Vec<bool>, usize, bool),
    Registered,
    /// How many are unused, how many are shown.
    Codes(usize, usize),
    /// Whether a token is needed, what can earn it, and which of these is offered first.
    StepUp(bool, Vec<&'static str>, Option<usize>),
    /// Options of a ceremony: how many passkeys it names, if it names any.
    Options(Option<usize>),
    /// The signature counter of each passkey.
    Passkeys(Vec<u32>),
    /// The name of a passkey.
    Passkey(Option<u8>),
    /// How many sessions were revoked.
    Revoked(usize),
    /// The key that signs.
    SignedBy(u8),
}

/// The scopes of a session's JWT.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scopes {
    pub(crate) requires_additional_auth: bool,
    pub(crate) basic: bool,
}

/// What a verify-style answer carries.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pass {
    pub(crate) scopes: Scopes,
    pub(crate) ends: i64,
    pub(crate) mfa_token: bool,
    /// Scopes, whether it is single-use, and its end.
    pub(crate) elevation: Option<(String, bool, i64)>,
    pub(crate) next: Option<&'static str>,
    /// The key that signs it.
    pub(crate) signed_by: u8,
}

pub(crate) type Verdict = Result<Seen, Refusal>;
