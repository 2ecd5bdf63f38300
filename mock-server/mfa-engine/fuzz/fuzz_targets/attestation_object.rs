//! Any bytes as attestation object: read or refused, and read in one spelling only.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mfa_engine::passkey::{AttestationObject, cbor};

fuzz_target!(|bytes: &[u8]| {
    let item = cbor::read(bytes);
    if let Ok(object) = AttestationObject::parse(bytes) {
        assert!(item.is_ok(), "an object is one item of CBOR");
        assert!(object.signed.len() >= 37, "authenticator data has a head of 37 bytes");
        assert!(AttestationObject::parse(&[bytes, &[0]].concat()).is_err(), "and an end");
    }
});
