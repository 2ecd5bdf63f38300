//! Any bytes as authenticator data with its COSE key: read or refused, to the last byte.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mfa_engine::passkey::{AuthenticatorData, PublicKey, cbor};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(data) = AuthenticatorData::parse(bytes) {
        assert_eq!(data.rp_id_hash.len(), 32);
        if let Some(attested) = data.attested {
            assert!(!attested.credential_id.is_empty());
            // A key that was taken can be asked, and no signature is empty.
            assert!(!attested.public_key.verifies(bytes, &[]));
        }
        assert!(AuthenticatorData::parse(&[bytes, &[0]].concat()).is_err(), "it has an end");
    }
    if let Ok(key) = cbor::read(bytes) {
        let _ = PublicKey::from_cose(&key);
    }
});
