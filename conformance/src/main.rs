//! `mfa-conformance`: judges an MFA SDK through its driver.

use std::process::ExitCode;

fn main() -> ExitCode {
    conformance::cli::main()
}
