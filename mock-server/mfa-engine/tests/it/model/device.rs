//! The one device of the story: a key that signs nonces (rule W2).

use data_encoding::HEXLOWER;
use p256::ecdsa::SigningKey;

/// Its private half.
pub(crate) fn key() -> SigningKey {
    SigningKey::from_slice(&[0x5d; 32]).unwrap()
}

/// The public half, compressed, in hex.
pub(crate) fn public_key() -> String {
    HEXLOWER.encode(key().verifying_key().to_sec1_point(true).as_bytes())
}
