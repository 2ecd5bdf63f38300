//! Changes of a snapshot, a line for each, and then its restoration.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzz_inputs::snapshot(bytes));
