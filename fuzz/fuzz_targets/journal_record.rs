//! Records of a journal file, a line for each, which are sealed before they are read.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzz_inputs::journal_record(bytes));
