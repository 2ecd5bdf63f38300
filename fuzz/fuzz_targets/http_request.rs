//! Requests of HTTP, one after the other, to a service that somebody lives in.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzz_inputs::http_request(bytes));
