//! The whole conformance suite: with the driver in its own process, and with the real SDK in Node.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot set up its work must stop")]
#![expect(clippy::disallowed_methods, reason = "the time of a run is what is measured")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use benches::figure;
use benches::program::built;

/// Runs whose median counts.
const RUNS: usize = 3;
const REAL_SDK: &str = "exec:node conformance/drivers/js/driver.mjs";
const EXPECTATIONS: &str = "conformance/expectations/js.toml";

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut out = std::io::stderr().lock();
    let Some(suite) = built("mfa-conformance") else {
        let cure = "build it first: cargo build --release -p conformance";
        writeln!(out, "suite: left out, for mfa-conformance is not built; {cure}").unwrap();
        return;
    };
    let time = |arguments: &[&str]| {
        let mut command = Command::new(&suite);
        command.current_dir(root).arg("run").args(arguments);
        if benches::is_trial() {
            command.args(["--case", "start/first-totp-device"]);
        }
        let begun = Instant::now();
        let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status().unwrap();
        assert!(status.success(), "{command:?} ended with {status}");
        begun.elapsed().as_secs_f64()
    };
    let runs = if benches::is_trial() { 1 } else { RUNS };
    let median =
        |arguments: &[&str]| figure::quantile((0..runs).map(|_| time(arguments)).collect(), 0.5);
    figure::tell("suite/in_process", median(&["--driver", "inproc:reference"]), "s").unwrap();
    if !root.join("conformance/drivers/js/node_modules").is_dir() {
        writeln!(out, "suite: the real SDK is left out; install it with cargo xtask setup")
            .unwrap();
        return;
    }
    let sdk = ["--driver", REAL_SDK, "--expectations", EXPECTATIONS];
    figure::tell("suite/real_sdk", median(&sdk), "s").unwrap();
}
