//! What the authenticator says about a ceremony: `authData` (WebAuthn section 6.1).
//!
//! ```text
//!  rpIdHash 32 │ flags 1 │ signCount 4 │ AT: aaguid 16, length 2, id, COSE key │ ED: CBOR map
//! ```

use super::cbor::{self, Value};
use super::public_key::{PublicKey, PublicKeyFlaw};

/// Authenticator data, borrowed from its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticatorData<'bytes> {
    /// SHA-256 of the relying party's id.
    pub rp_id_hash: &'bytes [u8],
    /// Who was there, and how the key is kept.
    pub flags: Flags,
    /// The signature counter; 0 where the authenticator has none.
    pub sign_count: u32,
    /// The new credential; only in a registration.
    pub attested: Option<AttestedCredential<'bytes>>,
}

/// A new credential (`attestedCredentialData`, WebAuthn section 6.5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttestedCredential<'bytes> {
    /// The authenticator's model; zeros for those that do not tell.
    pub aaguid: &'bytes [u8],
    /// The credential's id.
    pub credential_id: &'bytes [u8],
    /// Its public key.
    pub public_key: PublicKey,
}

/// The flags byte (WebAuthn section 6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags(u8);

/// Why bytes are no authenticator data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticatorDataFlaw {
    /// They end too early.
    #[error("it ends too early")]
    Truncated,
    /// Something follows that no flag announces.
    #[error("bytes follow its end")]
    TrailingBytes,
    /// The credential's id is empty.
    #[error("the credential id is empty")]
    EmptyCredentialId,
    /// The COSE key or the extensions are no canonical CBOR.
    #[error("its CBOR is malformed: {0}")]
    Cbor(#[from] cbor::Flaw),
    /// The extensions are no map.
    #[error("its extensions are no map")]
    ExtensionsNoMap,
    /// The COSE key is no usable key.
    #[error("{0}")]
    PublicKey(#[from] PublicKeyFlaw),
}

impl Flags {
    /// UP: the user was present.
    pub const fn user_present(self) -> bool {
        self.0 & 0x01 != 0
    }

    /// UV: the authenticator verified its user.
    pub const fn user_verified(self) -> bool {
        self.0 & 0x04 != 0
    }

    /// BE: the credential may be backed up.
    pub const fn backup_eligible(self) -> bool {
        self.0 & 0x08 != 0
    }

    /// BS: the credential is backed up.
    pub const fn backed_up(self) -> bool {
        self.0 & 0x10 != 0
    }

    const fn has_credential(self) -> bool {
        self.0 & 0x40 != 0
    }

    const fn has_extensions(self) -> bool {
        self.0 & 0x80 != 0
    }
}

impl<'bytes> AuthenticatorData<'bytes> {
    /// Reads the bytes to their very end.
    ///
    /// # Errors
    /// A part is missing, malformed, or there without its flag.
    pub fn parse(bytes: &'bytes [u8]) -> Result<Self, AuthenticatorDataFlaw> {
        let mut rest = bytes;
        let rp_id_hash = take(32, &mut rest)?;
        let flags = Flags(take(1, &mut rest)?.first().copied().unwrap_or_default());
        let sign_count = number(take(4, &mut rest)?);
        let attested = match flags.has_credential() {
            true => Some(AttestedCredential::parse(&mut rest)?),
            false => None,
        };
        if flags.has_extensions() {
            let (extensions, behind) = cbor::read_first(rest)?;
            if !matches!(extensions, Value::Map(_)) {
                return Err(AuthenticatorDataFlaw::ExtensionsNoMap);
            }
            rest = behind;
        }
        match rest {
            [] => Ok(Self { rp_id_hash, flags, sign_count, attested }),
            _ => Err(AuthenticatorDataFlaw::TrailingBytes),
        }
    }
}

impl<'bytes> AttestedCredential<'bytes> {
    fn parse(rest: &mut &'bytes [u8]) -> Result<Self, AuthenticatorDataFlaw> {
        let aaguid = take(16, rest)?;
        let length = usize::try_from(number(take(2, rest)?)).unwrap_or(usize::MAX);
        let credential_id = take(length, rest)?;
        if credential_id.is_empty() {
            return Err(AuthenticatorDataFlaw::EmptyCredentialId);
        }
        let (key, behind) = cbor::read_first(rest)?;
        *rest = behind;
        Ok(Self { aaguid, credential_id, public_key: PublicKey::from_cose(&key)? })
    }
}

/// A number of at most four bytes, the highest first.
fn number(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |value, byte| value << 8 | u32::from(*byte))
}

fn take<'bytes>(
    length: usize,
    rest: &mut &'bytes [u8],
) -> Result<&'bytes [u8], AuthenticatorDataFlaw> {
    let (taken, behind) = rest.split_at_checked(length).ok_or(AuthenticatorDataFlaw::Truncated)?;
    *rest = behind;
    Ok(taken)
}
