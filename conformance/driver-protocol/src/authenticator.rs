//! The authenticator that the runner lends to a driver, so that no driver's author writes CBOR.
//!
//! An SDK that is about to speak to a platform's authenticator (WebAuthn's
//! `navigator.credentials`) is handed to the runner instead: the driver calls back with the
//! options in their JSON form (WebAuthn Level 3, section 5.1.10), and gets the credential in its
//! JSON form (section 5.1.9.1) or the name of the exception that a browser would have thrown.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde::{Deserialize, Serialize as DeriveSerialize};
use serde_json::Value;

/// Makes and uses passkeys for an SDK.
pub trait Authenticator {
    /// Carries out one ceremony and waits for its end.
    ///
    /// # Errors
    /// What a browser would have thrown, such as `NotAllowedError` when the person cancels.
    fn perform(&mut self, ceremony: Ceremony, options: &Value) -> Result<Value, Declined>;
}

/// Which of the two ceremonies of WebAuthn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, DeriveSerialize, Deserialize)]
pub enum Ceremony {
    /// `navigator.credentials.create`: a new passkey.
    #[serde(rename = "webauthn.create")]
    Create,
    /// `navigator.credentials.get`: an assertion with one that is there.
    #[serde(rename = "webauthn.get")]
    Get,
}

/// Why a ceremony has no credential.
#[derive(Clone, Debug, PartialEq, Eq, DeriveSerialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declined {
    /// Name of the exception, as in WebIDL: `NotAllowedError`, `InvalidStateError`, …
    pub name: String,
    /// Reason, for people.
    pub message: String,
}

impl Declined {
    /// The exception of that name.
    pub fn new(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self { name: name.into(), message: message.into() }
    }
}

/// A driver asks the runner to carry out a ceremony, while a request is open.
#[derive(Clone, Debug, PartialEq, DeriveSerialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Callback {
    /// Number of this callback; the answer carries the same integer.
    pub cb: u64,
    /// Which ceremony.
    pub op: Ceremony,
    /// The options in their JSON form, an object.
    pub args: Value,
}

/// The runner's answer to a [`Callback`].
#[derive(Clone, Debug, PartialEq)]
pub struct Lent {
    /// Number of the callback.
    pub cb: u64,
    /// The credential in its JSON form, or why there is none.
    pub result: Result<Value, Declined>,
}

impl Serialize for Lent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("cb", &self.cb)?;
        match &self.result {
            Ok(credential) => map.serialize_entry("ok", credential)?,
            Err(declined) => map.serialize_entry("err", declined)?,
        }
        map.end()
    }
}

/// No authenticator at all: every ceremony is declined.
///
/// ```
/// use driver_protocol::{Authenticator, Ceremony, NoAuthenticator};
/// use serde_json::json;
/// let declined = NoAuthenticator.perform(Ceremony::Get, &json!({})).unwrap_err();
/// assert_eq!(declined.name, "NotSupportedError");
/// ```
pub struct NoAuthenticator;

impl Authenticator for NoAuthenticator {
    fn perform(&mut self, _: Ceremony, _: &Value) -> Result<Value, Declined> {
        Err(Declined::new("NotSupportedError", "nobody lends an authenticator"))
    }
}
