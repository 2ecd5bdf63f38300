//! A token, shown as a bearer, in a cookie and as an elevated access token.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzz_inputs::jwt(bytes));
