//! Lines that the runner says to a driver (MDP/1).

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzz_inputs::runner_line(bytes));
