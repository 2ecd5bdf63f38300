//! `mfa-mock`, which is [`mock_server::program`].

use std::process::ExitCode;

fn main() -> ExitCode {
    mock_server::program::main()
}
