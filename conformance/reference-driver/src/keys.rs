//! P-256 key pairs of the device and of the session.

use data_encoding::HEXLOWER;
use driver_protocol::SdkError;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};

use crate::sdk::error;

/// A key pair that never leaves the SDK.
pub(crate) struct KeyPair {
    signing: SigningKey,
}

impl KeyPair {
    pub(crate) fn generate() -> Result<Self, SdkError> {
        let mut secret = [0; 32];
        loop {
            getrandom::fill(&mut secret).map_err(|cause| error::no_entropy(&cause))?;
            // Zero and numbers beyond the order of the curve are no keys; the next draw will be.
            if let Ok(signing) = SigningKey::from_slice(&secret) {
                return Ok(Self { signing });
            }
        }
    }

    /// Compressed public key, 66 hex digits.
    pub(crate) fn public_hex(&self) -> String {
        HEXLOWER.encode(self.signing.verifying_key().to_sec1_point(true).as_bytes())
    }

    /// The same key uncompressed, 130 hex digits; the wire wants it compressed.
    pub(crate) fn uncompressed_public_hex(&self) -> String {
        HEXLOWER.encode(self.signing.verifying_key().to_sec1_point(false).as_bytes())
    }

    /// The same signature in the other form that cryptographic libraries give; the wire wants r and s.
    pub(crate) fn sign_der_hex(&self, text: &str) -> String {
        let signature: Signature = self.signing.sign(text.as_bytes());
        HEXLOWER.encode(signature.to_der().as_bytes())
    }

    /// ECDSA with SHA-256 over the text, r and s, 128 hex digits.
    pub(crate) fn sign_hex(&self, text: &str) -> String {
        let signature: Signature = self.signing.sign(text.as_bytes());
        HEXLOWER.encode(&signature.to_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_signatures_have_the_lengths_of_the_wire() {
        let key = KeyPair::generate().unwrap();
        assert_eq!(key.public_hex().len(), 66);
        assert_eq!(key.sign_hex("nonce").len(), 128);
    }
}
