//! Legacy MFA tokens: opaque, unscoped, bound to a session (rules M1 to M11, K8).

use core::fmt;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use jiff::Timestamp;
use rand::CryptoRng;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Digest as _;
use subtle::ConstantTimeEq as _;

use crate::secret::Secret;

/// The SHA-256 of a token's text.
///
/// Tokens are kept and looked up by digest: the look-up then takes no time that depends on how
/// much of a guessed token is right, and a snapshot holds nothing that could be presented.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of a token's text.
    pub fn of(token: &str) -> Self {
        Self(sha2::Sha256::digest(token.as_bytes()).into())
    }

    /// Whether both are the same; the time taken depends on neither.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&HEXLOWER.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = HEXLOWER.decode(text.as_bytes()).map_err(D::Error::custom)?;
        let digest = bytes.try_into().map_err(|_| D::Error::custom("a digest is 64 hex digits"))?;
        Ok(Self(digest))
    }
}

/// What is known of one MFA token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MfaToken {
    /// Whether one use spends it.
    pub single_use: bool,
    /// Whether it was spent.
    pub spent: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Its end; none: as long as the session.
    #[serde(deserialize_with = "crate::written::option")]
    pub expires_at: Option<Timestamp>,
    /// The factor that made it.
    pub made_with: Factor,
}

/// A second factor that was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    /// A TOTP code.
    Totp,
    /// A recovery code.
    RecoveryCode,
    /// A mailed code.
    Email,
    /// A passkey.
    Passkey,
}

/// What a client asked for with `createMfaToken`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MfaTokenRequest {
    /// Whether one use shall spend it.
    pub single_use: bool,
}

impl MfaToken {
    /// Whether the token can still be used.
    pub fn is_usable(&self, now: Timestamp) -> bool {
        !(self.single_use && self.spent) && self.expires_at.is_none_or(|end| now < end)
    }
}

/// Draws the text of a new token.
pub(crate) fn draw(bytes: u8, rng: &mut dyn CryptoRng) -> Secret {
    let mut raw = vec![0; usize::from(bytes)];
    rng.fill_bytes(&mut raw);
    Secret::new(BASE64URL_NOPAD.encode(&raw))
}
