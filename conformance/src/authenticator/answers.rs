//! Credentials in the JSON form of WebAuthn Level 3, section 5.1.9.1, from their bytes up.

use ciborium::Value as Cbor;
use data_encoding::BASE64URL_NOPAD;
use p256::ecdsa::Signature;
use p256::ecdsa::signature::Signer as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{ES256, Habits, Passkey};

/// Flags of the authenticator data (WebAuthn section 6.1): present, verified, key attached.
const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const ATTESTED: u8 = 0x40;

/// What stands before the point in the SubjectPublicKeyInfo of a P-256 key (RFC 5480).
const SPKI_P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// The answer to `navigator.credentials.create`.
pub(super) fn registration(passkey: &Passkey, habits: &Habits, challenge: &str) -> Value {
    let mut data = authenticator_data(passkey, habits, ATTESTED);
    data.extend([0; 16]);
    let length = u16::try_from(passkey.id.len()).unwrap_or(u16::MAX);
    data.extend(length.to_be_bytes());
    data.extend(&passkey.id);
    data.extend(cbor(&cose_key(passkey)));
    let attestation = Cbor::Map(vec![
        (Cbor::from("fmt"), Cbor::from("none")),
        (Cbor::from("attStmt"), Cbor::Map(Vec::new())),
        (Cbor::from("authData"), Cbor::Bytes(data.clone())),
    ]);
    let point = passkey.key.verifying_key().to_sec1_point(false);
    let spki = [&SPKI_P256[..], point.as_bytes()].concat();
    let client_data = client_data("webauthn.create", habits, challenge);
    credential(
        passkey,
        &json!({
            "clientDataJSON": encode(client_data.as_bytes()),
            "attestationObject": encode(&cbor(&attestation)),
            "authenticatorData": encode(&data),
            "publicKey": encode(&spki),
            "publicKeyAlgorithm": ES256,
            "transports": ["internal"],
        }),
    )
}

/// The answer to `navigator.credentials.get`.
pub(super) fn assertion(passkey: &Passkey, habits: &Habits, challenge: &str) -> Value {
    let data = authenticator_data(passkey, habits, 0);
    let client_data = client_data("webauthn.get", habits, challenge);
    let mut signed = data.clone();
    signed.extend(Sha256::digest(client_data.as_bytes()));
    let signature: Signature = passkey.key.sign(&signed);
    credential(
        passkey,
        &json!({
            "clientDataJSON": encode(client_data.as_bytes()),
            "authenticatorData": encode(&data),
            "signature": encode(signature.to_der().as_bytes()),
            "userHandle": passkey.user_handle,
        }),
    )
}

fn credential(passkey: &Passkey, response: &Value) -> Value {
    json!({
        "id": encode(&passkey.id),
        "rawId": encode(&passkey.id),
        "type": "public-key",
        "authenticatorAttachment": "platform",
        "clientExtensionResults": {},
        "response": response,
    })
}

/// WebAuthn section 6.1: digest of the relying party's id, flags, counter.
fn authenticator_data(passkey: &Passkey, habits: &Habits, more: u8) -> Vec<u8> {
    let verified = if habits.verifies_user { USER_VERIFIED } else { 0 };
    let mut data = Sha256::digest(passkey.rp_id.as_bytes()).to_vec();
    data.push(USER_PRESENT | verified | more);
    data.extend(passkey.counter.to_be_bytes());
    data
}

/// WebAuthn section 5.8.1, in the order in which browsers write it.
fn client_data(kind: &str, habits: &Habits, challenge: &str) -> String {
    let text = |text: &str| Value::from(text).to_string();
    format!(
        "{{\"type\":{},\"challenge\":{},\"origin\":{},\"crossOrigin\":false}}",
        text(kind),
        text(challenge),
        text(&habits.origin)
    )
}

/// The public key as RFC 9053 writes it: EC2, ES256, P-256, x, y.
fn cose_key(passkey: &Passkey) -> Cbor {
    let point = passkey.key.verifying_key().to_sec1_point(false);
    let half = |start: usize| point.as_bytes().iter().skip(start).take(32).copied().collect();
    let entry = |label: i64, value: Cbor| (Cbor::from(label), value);
    Cbor::Map(vec![
        entry(1, Cbor::from(2)),
        entry(3, Cbor::from(ES256)),
        entry(-1, Cbor::from(1)),
        entry(-2, Cbor::Bytes(half(1))),
        entry(-3, Cbor::Bytes(half(33))),
    ])
}

fn cbor(value: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing our own few values into memory cannot fail.
    let _ = ciborium::into_writer(value, &mut bytes);
    bytes
}

fn encode(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}
