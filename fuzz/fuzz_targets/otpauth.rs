//! Issuer and account of an otpauth URI, which another hand reads.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzz_inputs::otpauth(bytes));
