//! Client data, and an origin (WebAuthn section 5.8.1).

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzz_inputs::client_data(bytes));
