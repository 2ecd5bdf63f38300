//! What authenticators and browsers send: read or refused, to the last byte.

use mock_server::engine::passkey::{
    AttestationObject, AuthenticatorData, ClientData, PublicKey, cbor,
};
use mock_server::policy::Passkey;

/// Any bytes as attestation object: read or refused, and read in one spelling only.
pub(crate) fn attestation_object(bytes: &[u8]) {
    let Ok(object) = AttestationObject::parse(bytes) else { return };
    assert!(cbor::read(bytes).is_ok(), "an object is one item of CBOR");
    assert!(object.signed.len() >= 37, "authenticator data has a head of 37 bytes");
    let again = AuthenticatorData::parse(object.signed);
    assert_eq!(again.as_ref(), Ok(&object.data), "what is signed is what was read");
    assert!(AttestationObject::parse(&[bytes, &[0]].concat()).is_err(), "it has an end");
    assert!(AttestationObject::parse(&bytes[..bytes.len() - 1]).is_err(), "and no byte to spare");
}

/// Any bytes as authenticator data with its COSE key: read or refused, to the last byte.
pub(crate) fn authenticator_data(bytes: &[u8]) {
    if let Ok(data) = AuthenticatorData::parse(bytes) {
        assert_eq!(data.rp_id_hash, &bytes[..32]);
        if let Some(attested) = data.attested {
            assert!(!attested.credential_id.is_empty());
            // A key that was taken can be asked, and no signature is empty.
            assert!(!attested.public_key.verifies(bytes, &[]));
            kept(&attested.public_key);
        }
        assert!(AuthenticatorData::parse(&[bytes, &[0]].concat()).is_err(), "it has an end");
    }
    if let Ok(Ok(key)) = cbor::read(bytes).as_ref().map(PublicKey::from_cose) {
        kept(&key);
    }
}

/// A key that was taken is the same one after it was written down.
fn kept(key: &PublicKey) {
    let written = serde_json::to_string(key).unwrap();
    assert_eq!(serde_json::from_str::<PublicKey>(&written).unwrap(), *key);
}

/// Any bytes as client data: read or refused, and every origin judged.
pub(crate) fn client_data(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let local = Passkey::default();
        let rest = text.strip_prefix("http://localhost");
        let rest = rest.or_else(|| text.strip_prefix("https://localhost"));
        let is_port = |rest: &str| {
            let digits = rest.strip_prefix(':').unwrap_or("x");
            rest.is_empty() || !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit())
        };
        assert_eq!(local.allows_origin(text), rest.is_some_and(is_port), "{text:?}");
    }
    let Some(data) = ClientData::parse(bytes) else { return };
    assert!(ClientData::parse(&[bytes, b"x"].concat()).is_none(), "nothing may follow");
    // What was read is what a general reader reads, unless what is passed over is too much for it.
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let Ok(general) = serde_json::from_slice::<serde_json::Value>(text) else { return };
    assert_eq!(general["type"], data.kind.as_str());
    assert_eq!(general["challenge"], data.challenge.as_str());
    assert_eq!(general["origin"], data.origin.as_str());
    assert_eq!(general["crossOrigin"].as_bool().unwrap_or(false), data.cross_origin);
    assert_eq!(general["topOrigin"].as_str(), data.top_origin.as_deref());
}
