//! Lines of an operation's name and a body, by somebody who may do it.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzz_inputs::request_body(bytes));
