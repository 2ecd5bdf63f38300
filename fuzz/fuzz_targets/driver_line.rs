//! Lines that a driver says to the runner (MDP/1).

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzz_inputs::driver_line(bytes));
