//! Authenticator data with its COSE key (WebAuthn section 6.1).

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzz_inputs::authenticator_data(bytes));
