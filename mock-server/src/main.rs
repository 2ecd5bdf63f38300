//! `mfa-mock`: flags, a service, a port, and a banner that says how to use it.

mod banner;
mod flags;

use std::process::ExitCode;

use clap::Parser as _;
use flags::Flags;
use mock_server::{Mock, Standalone};

fn main() -> ExitCode {
    let flags = Flags::parse();
    match run(&flags) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            banner::complain(&problem);
            ExitCode::from(2)
        }
    }
}

fn run(flags: &Flags) -> Result<(), String> {
    let start = flags.read()?;
    let mock = Mock::new(start.options).map_err(|error| error.to_string())?;
    // Made now, so that what the banner prints exists where environments are strict.
    mock.environment(&start.environment).map_err(|error| format!("--environment: {error}"))?;
    let address = start.address;
    let hint = "is another service on that port? `--port 0` takes any free one";
    let standalone = Standalone::bind(mock.clone(), address, start.guard)
        .map_err(|error| format!("cannot listen on {address}: {error}; {hint}"))?;
    banner::greet(&standalone, &start.environment, flags, &mock);
    standalone.run_until_interrupted().map_err(|error| error.to_string())
}
