//! The device's signature over a nonce: ECDSA on P-256 with SHA-256 (rule W2).
//!
//! Three headers belong together: the nonce, the compressed public key (66 hex digits) and the
//! signature r‖s (128 hex digits) over the nonce's text. They are verified when they are there;
//! the real SDK leaves them out for an environment id that is no UUID, and in cookie mode.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use http::HeaderMap;
use mfa_engine::DeviceProof;

use super::caller::text;
use super::rejection::Rejection;

/// What a genuine signature proves; none if the call carries no signature.
///
/// # Errors
/// One of the three headers is missing or malformed, or the signature does not verify.
pub(super) fn proof(headers: &HeaderMap) -> Result<Option<DeviceProof>, Rejection> {
    let nonce = text(headers, "x-dynamic-device-nonce");
    let key = text(headers, "x-dynamic-device-publickey");
    let signature = text(headers, "x-dynamic-device-signed-nonce");
    let (nonce, key, signature) = match (nonce, key, signature) {
        (None, None, None) => return Ok(None),
        (Some(nonce), Some(key), Some(signature)) => (nonce, key, signature),
        _ => return Err(Rejection::BadDeviceSignature("one of its three headers is missing")),
    };
    let decode = |hex: &str| {
        HEXLOWER_PERMISSIVE
            .decode(hex.as_bytes())
            .map_err(|_| Rejection::BadDeviceSignature("a header is not hex"))
    };
    let (key, signature) = (decode(key)?, decode(signature)?);
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &key)
        .verify(nonce.as_bytes(), &signature)
        .map_err(|_| Rejection::BadDeviceSignature("the signature is wrong"))?;
    Ok(Some(DeviceProof { nonce: nonce.to_owned(), public_key: compressed(&key) }))
}

/// A point of P-256 in its compressed form (SEC 1, section 2.3.3), as lower-case hex.
///
/// One key has several spellings, and a device must not become another one by changing its own.
fn compressed(point: &[u8]) -> String {
    match point {
        [4, both @ ..] => {
            let (x, y) = both.split_at(both.len() / 2);
            let sign = if y.last().is_some_and(|last| last % 2 == 1) { "03" } else { "02" };
            format!("{sign}{}", HEXLOWER.encode(x))
        }
        point => HEXLOWER.encode(point),
    }
}
