//! One item of CBOR (RFC 8949).

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzz_inputs::cbor(bytes));
