//! The public key of a credential: from COSE to what a verification needs (WebAuthn section 6.5.1.1).
//!
//! A COSE key is parsed once, at registration; what is kept verifies without a second look.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::{Deserialize, Serialize};

use super::cbor::Value;
use super::octets::Octets;
use crate::policy::PasskeyAlgorithm;

/// Bytes of a coordinate on P-256, and of an Ed25519 key.
const FIELD_BYTES: usize = 32;
/// Bytes of an RSA modulus: 2048 to 4096 bits, beyond which a verification gets slow.
const MODULUS_BYTES: core::ops::RangeInclusive<usize> = 256..=512;
/// Bytes of an RSA exponent; 65537 takes three.
const EXPONENT_BYTES: core::ops::RangeInclusive<usize> = 1..=4;

/// What stands before the point in the `SubjectPublicKeyInfo` of a key on P-256: a sequence of the
/// algorithm (`id-ecPublicKey` on `prime256v1`) and a bit string (RFC 5480 section 2).
const SPKI_OF_P256: &[u8] = b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\
    \x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";

/// A public key that signatures are verified with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PublicKey {
    /// A point on P-256, uncompressed: 4, x, y (SEC 1).
    Es256(Octets),
    /// An Ed25519 key (RFC 8032).
    EdDsa(Octets),
    /// An RSA key.
    Rs256 {
        /// The modulus, highest byte first.
        modulus: Octets,
        /// The exponent, highest byte first.
        exponent: Octets,
    },
}

/// Why a COSE key is no usable one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublicKeyFlaw {
    /// It is no map with `kty` and `alg`.
    #[error("the public key is no COSE key")]
    NoCoseKey,
    /// Its algorithm is none that this service verifies.
    #[error("the public key's algorithm is unknown here")]
    UnknownAlgorithm,
    /// Type, curve or length do not belong to its algorithm, or a parameter is one too many.
    #[error("the public key's parameters do not fit its algorithm")]
    WrongParameters,
    /// It is no point on its curve, or no RSA key.
    #[error("the public key is no valid key of its kind")]
    NoKey,
}

impl PublicKey {
    /// Reads a COSE key that has the parameters of its algorithm and no other.
    ///
    /// # Errors
    /// See [`PublicKeyFlaw`].
    pub fn from_cose(key: &Value<'_>) -> Result<Self, PublicKeyFlaw> {
        let number = |label| key.at_number(label).and_then(Value::integer);
        let (kind, algorithm) = number(1).zip(number(3)).ok_or(PublicKeyFlaw::NoCoseKey)?;
        let bytes = |label| key.at_number(label).and_then(Value::bytes);
        let field = |label| bytes(label).filter(|bytes| bytes.len() == FIELD_BYTES);
        let misfit = PublicKeyFlaw::WrongParameters;
        // RFC 9053: kty 1 OKP, 2 EC2; crv 1 P-256, 6 Ed25519. RFC 8230: kty 3 RSA.
        let parsed = match (algorithm, kind, number(-1), key.width()) {
            (-7, 2, Some(1), Some(5)) => {
                let (x, y) = field(-2).zip(field(-3)).ok_or(misfit)?;
                Self::Es256(Octets::new([&[4], x, y].concat()))
            }
            (-8, 1, Some(6), Some(4)) => Self::EdDsa(Octets::new(field(-2).ok_or(misfit)?)),
            (-257, 3, None, Some(4)) => {
                let (modulus, exponent) = bytes(-1).zip(bytes(-2)).ok_or(misfit)?;
                let fits = MODULUS_BYTES.contains(&modulus.len())
                    && EXPONENT_BYTES.contains(&exponent.len());
                if !fits {
                    return Err(misfit);
                }
                Self::Rs256 { modulus: Octets::new(modulus), exponent: Octets::new(exponent) }
            }
            (-7 | -8 | -257, ..) => return Err(misfit),
            _ => return Err(PublicKeyFlaw::UnknownAlgorithm),
        };
        if parsed.is_key() { Ok(parsed) } else { Err(PublicKeyFlaw::NoKey) }
    }

    /// Reads a key on P-256 as X.509 writes it (`SubjectPublicKeyInfo`, RFC 5480), uncompressed.
    ///
    /// # Errors
    /// See [`PublicKeyFlaw`].
    pub fn from_spki(der: &[u8]) -> Result<Self, PublicKeyFlaw> {
        let point = der.strip_prefix(SPKI_OF_P256).ok_or(PublicKeyFlaw::WrongParameters)?;
        let parsed = Self::Es256(Octets::new(point));
        if parsed.is_key() { Ok(parsed) } else { Err(PublicKeyFlaw::NoKey) }
    }

    /// The algorithm that it verifies.
    pub const fn algorithm(&self) -> PasskeyAlgorithm {
        match self {
            Self::Es256(_) => PasskeyAlgorithm::Es256,
            Self::EdDsa(_) => PasskeyAlgorithm::EdDsa,
            Self::Rs256 { .. } => PasskeyAlgorithm::Rs256,
        }
    }

    /// Whether a signature over a message is genuine; ECDSA comes as DER (WebAuthn section 6.5.5).
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let verified = match self {
            Self::Es256(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point.as_slice())
                .verify(message, signature),
            Self::EdDsa(key) => {
                UnparsedPublicKey::new(&ED25519, key.as_slice()).verify(message, signature)
            }
            Self::Rs256 { modulus, exponent } => {
                RsaPublicKeyComponents { n: modulus.as_slice(), e: exponent.as_slice() }.verify(
                    &RSA_PKCS1_2048_8192_SHA256,
                    message,
                    signature,
                )
            }
        };
        verified.is_ok()
    }

    fn is_key(&self) -> bool {
        match self {
            Self::Es256(point) => {
                ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point.as_slice()).is_ok()
            }
            Self::EdDsa(key) => ParsedPublicKey::new(&ED25519, key.as_slice()).is_ok(),
            Self::Rs256 { modulus, exponent } => {
                RsaPublicKeyComponents { n: modulus.as_slice(), e: exponent.as_slice() }
                    .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
                    .is_ok()
            }
        }
    }
}
