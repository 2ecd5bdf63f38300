//! An attestation object (WebAuthn section 6.5).

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzz_inputs::attestation_object(bytes));
