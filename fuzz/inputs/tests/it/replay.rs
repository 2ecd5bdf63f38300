//! Every target with every input that is kept for it.

use std::fs;
use std::panic::catch_unwind;

use fuzz_inputs::TARGETS;

use crate::kept::{folder, inside};

/// Runs a target with its corpus and with what was found once.
fn replay(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target");
    let kept = ["corpus", "regressions"].map(|kind| inside(&folder(kind).join(name)));
    let mut broken = Vec::new();
    for file in kept.iter().flatten() {
        let bytes = fs::read(file).unwrap();
        // What is wrong was printed by the panic itself; all files are to be named at the end.
        if catch_unwind(|| (target.run)(&bytes)).is_err() {
            broken.push(file);
        }
    }
    assert!(broken.is_empty(), "{name} breaks with {broken:#?}");
}

macro_rules! replayed {
    ($($name:ident)+) => {
        $(#[test] fn $name() { replay(stringify!($name)); })+

        #[test]
        fn every_target_is_replayed() {
            assert_eq!([$(stringify!($name)),+].as_slice(), TARGETS.iter().map(|it| it.name).collect::<Vec<_>>());
        }
    };
}

replayed! {
    http_request
    request_body
    jwt
    cbor
    attestation_object
    authenticator_data
    client_data
    otpauth
    driver_line
    runner_line
    configuration
    command_line
    seed
    snapshot
    journal_file
    journal_record
}
