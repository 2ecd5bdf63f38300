//! What an authenticator does, rightly or wrongly.

use serde::{Deserialize, Serialize};

/// Which authenticator makes a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Authenticator {
    /// A new one, that counts its signatures or does not.
    New(bool),
    /// One that made a passkey before, by age.
    Known(usize),
}

/// What is wrong with a registration.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Slip {
    None,
    /// Nothing; and the body names the id that the registration began with.
    RightId,
    /// The body names another id than the one that the registration began with.
    OtherId,
    /// The client data of an assertion.
    Kind,
    /// A page of another site.
    Origin,
    /// For another relying party.
    RpId,
    /// Nobody was there.
    Absent,
    /// Another credential id than the one that was made.
    RawId,
    /// A challenge that was never issued.
    Challenge,
}

/// What is wrong with an assertion.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Bend {
    None,
    /// The counter stands where it stood.
    OldCount,
    /// The counter says zero.
    NoCount,
    /// Nothing says whose passkey it is.
    NoHandle,
    /// It says that the passkey is another user's.
    OtherHandle,
    /// Another key has signed.
    Signature,
    /// The client data of a registration.
    Kind,
    /// A page of another site.
    Origin,
    /// For another relying party.
    RpId,
    /// Nobody was there.
    Absent,
    /// The credential was not eligible for backup before.
    Backup,
    /// A challenge that was never issued.
    Challenge,
}
