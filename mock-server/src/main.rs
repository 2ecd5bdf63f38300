//! `mfa-mock`: flags, a service, a port, and a banner that says how to use it.

mod banner;
mod config;
mod digest;
mod doctor;
mod exec;
mod flags;
mod healthcheck;
mod https;
mod probe;
mod schema;
mod start;
mod trust;
mod validate;

use std::process::ExitCode;

use clap::Parser as _;
use flags::{CommandLine, Flags, Task};
use https::Speech;
use mock_server::Standalone;
use start::Start;

/// Where the service listens unless it is told otherwise.
const PORT: u16 = 4400;

fn main() -> ExitCode {
    let line = CommandLine::parse();
    let result = match &line.task {
        None => serve(&line.flags).map(|()| ExitCode::SUCCESS),
        Some(Task::Exec(asked)) => exec::exec(asked),
        Some(Task::Healthcheck(asked)) => healthcheck::ask(asked),
        Some(Task::Doctor(asked)) => doctor::examine(asked),
        Some(Task::Validate(asked)) => validate::validate(asked),
        Some(Task::Schema) => schema::print(),
    };
    result.unwrap_or_else(|problem| {
        banner::complain(&problem);
        ExitCode::from(2)
    })
}

fn serve(flags: &Flags) -> Result<(), String> {
    let start = Start::read(flags, PORT)?;
    let speech = Speech::of(start.https.as_ref())?;
    let mock = start.mock()?;
    let address = start.address;
    let hint = "is another service on that port? `--port 0` takes any free one";
    let standalone = Standalone::bind(mock.clone(), address, start.guard.clone())
        .map_err(|error| format!("cannot listen on {address}: {error}; {hint}"))?;
    let standalone = standalone.behind(speech.door.clone());
    banner::greet(&standalone, &start, &mock, &speech);
    standalone.run_until_interrupted().map_err(|error| error.to_string())
}
