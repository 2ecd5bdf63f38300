//! Who signed a message: EIP-191 `personal_sign`, and the key that a signature gives away.

use data_encoding::HEXLOWER_PERMISSIVE;
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use sha3::{Digest as _, Keccak256};

use super::address::EvmAddress;

/// What is wrong with a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFlaw {
    /// Not 65 bytes in hex.
    #[error("it is not 65 bytes in hex")]
    Length,
    /// The last byte is none of 0, 1, 27 and 28.
    #[error("its last byte is none of 0, 1, 27 and 28")]
    Parity,
    /// `r` or `s` is zero or too large, or no key fits.
    #[error("no key could have made it")]
    Impossible,
    /// `s` lies in the upper half, so that anybody could have made it from another one (EIP-2).
    #[error("its s lies in the upper half of the order")]
    Malleable,
    /// Another key made it.
    #[error("another key made it, or over another message")]
    Foreign,
}

/// The digest that `personal_sign` signs: version 0x45 of EIP-191.
fn digest_of(message: &str) -> [u8; 32] {
    let mut hash = Keccak256::new();
    hash.update(b"\x19Ethereum Signed Message:\n");
    hash.update(message.len().to_string().as_bytes());
    hash.update(message.as_bytes());
    hash.finalize().into()
}

/// The address whose key signed the message.
///
/// # Errors
/// The signature is malformed. One over another message is not: it has another signer.
pub(crate) fn signer(message: &str, signature: &str) -> Result<EvmAddress, SignatureFlaw> {
    let digits = signature.strip_prefix("0x").unwrap_or(signature);
    let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).map_err(|_| SignatureFlaw::Length)?;
    let bytes: [u8; 65] = bytes.try_into().map_err(|_| SignatureFlaw::Length)?;
    let ([parity], scalars) = split(&bytes);
    let is_odd = match parity {
        0 | 27 => false,
        1 | 28 => true,
        _ => return Err(SignatureFlaw::Parity),
    };
    let signature = Signature::from_slice(scalars).map_err(|_| SignatureFlaw::Impossible)?;
    if signature.normalize_s() != signature {
        return Err(SignatureFlaw::Malleable);
    }
    let parity = RecoveryId::new(is_odd, false);
    let key = VerifyingKey::recover_from_prehash(&digest_of(message), &signature, parity)
        .map_err(|_| SignatureFlaw::Impossible)?;
    Ok(EvmAddress::of_key(&key))
}

/// The last byte, and the 64 before it.
fn split(bytes: &[u8; 65]) -> ([u8; 1], &[u8]) {
    let [scalars @ .., parity] = bytes;
    ([*parity], scalars)
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;
    use k256::ecdsa::SigningKey;

    use super::*;

    const MESSAGE: &str = "Grüße\nfrom a wallet";

    fn key() -> SigningKey {
        SigningKey::from_slice(&[7; 32]).unwrap()
    }

    fn signed(message: &str) -> [u8; 65] {
        let (signature, parity) = key().sign_prehash_recoverable(&digest_of(message));
        let mut bytes = [0; 65];
        bytes[..64].copy_from_slice(&signature.to_bytes());
        bytes[64] = 27 + parity.to_byte();
        bytes
    }

    fn hex(bytes: &[u8]) -> String {
        format!("0x{}", HEXLOWER.encode(bytes))
    }

    #[test]
    fn a_published_signature_has_its_published_signer() {
        // The account of the first key of the mnemonic "test test … junk", known to every tool.
        let key = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
        let key = SigningKey::from_slice(&HEXLOWER.decode(key.as_bytes()).unwrap()).unwrap();
        let address = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
        assert_eq!(EvmAddress::of_key(key.verifying_key()).to_string(), address);
        // The digest that EIP-191 tools show for this message.
        let digest = "d9eba16ed0ecae432b71fe008c98cc872bb4cc214d3220a36f365326cf807d68";
        assert_eq!(HEXLOWER.encode(&digest_of("hello world")), digest);
    }

    #[test]
    fn each_form_of_the_last_byte_names_the_same_signer() {
        let address = EvmAddress::of_key(key().verifying_key());
        for message in [MESSAGE, "", "a", "ab", "abc"] {
            let bytes = signed(message);
            assert_eq!(signer(message, &hex(&bytes)), Ok(address));
            assert_eq!(signer(message, &HEXLOWER.encode(&bytes).to_uppercase()), Ok(address));
            let mut short = bytes;
            short[64] -= 27;
            assert_eq!(signer(message, &hex(&short)), Ok(address));
            // The other parity is another key, not an error.
            short[64] ^= 1;
            assert_ne!(signer(message, &hex(&short)), Ok(address));
            assert_ne!(signer("another message", &hex(&bytes)), Ok(address));
        }
    }

    #[test]
    fn malformed_signatures_are_told_apart() {
        let bytes = signed(MESSAGE);
        let flaw = |bytes: &[u8]| signer(MESSAGE, &hex(bytes)).unwrap_err();
        assert_eq!(flaw(&bytes[..64]), SignatureFlaw::Length);
        assert_eq!(flaw(&[bytes.as_slice(), &[0]].concat()), SignatureFlaw::Length);
        assert_eq!(signer(MESSAGE, "0xzz"), Err(SignatureFlaw::Length));
        assert_eq!(signer(MESSAGE, ""), Err(SignatureFlaw::Length));
        for parity in [2, 3, 26, 29, 30, 255] {
            let mut other = bytes;
            other[64] = parity;
            assert_eq!(flaw(&other), SignatureFlaw::Parity, "{parity}");
        }
        for range in [0..32, 32..64] {
            for byte in [0x00, 0xff] {
                let mut other = bytes;
                other[range.clone()].fill(byte);
                assert_eq!(flaw(&other), SignatureFlaw::Impossible, "{range:?} {byte}");
            }
        }
    }

    #[test]
    fn the_twin_in_the_upper_half_is_refused() {
        let bytes = signed(MESSAGE);
        let (r, s) = Signature::from_slice(&bytes[..64]).unwrap().split_scalars();
        let twin = Signature::from_scalars(r, -s).unwrap();
        let mut other = bytes;
        other[..64].copy_from_slice(&twin.to_bytes());
        other[64] = 55 - other[64];
        assert_eq!(signer(MESSAGE, &hex(&other)), Err(SignatureFlaw::Malleable));
    }
}
