//! `smoke`: first contact with a driver.

use std::time::Duration;

use clap::Args;

use super::{Ended, list};
use crate::driver::Connect;
use crate::exit::Exit;
use crate::smoke::{self, Pace};

/// Time for the handshake of a driver that starts alone.
const HELLO_ALONE: Duration = Duration::from_secs(30);

/// Time for one op when nothing else is asked for.
const OP_WITHIN: Duration = Duration::from_secs(10);

#[derive(Debug, Args)]
pub(super) struct SmokeArgs {
    /// Where the SDK is: exec:COMMAND, inproc:reference or inproc:mutant/sdk/NAME
    #[arg(long, value_name = "CONNECT")]
    driver: String,
    /// Seconds that the driver has for one op, and for hello; if absent 10, and 30 for hello
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    deadline: Option<u64>,
}

pub(super) fn smoke(args: &SmokeArgs) -> Ended {
    let connect = Connect::parse(&args.driver).map_err(|error| (Exit::Usage, error.to_string()))?;
    let asked = args.deadline.map(Duration::from_secs);
    let pace = Pace { hello: asked.unwrap_or(HELLO_ALONE), op: asked.unwrap_or(OP_WITHIN) };
    let mut sheet = smoke::smoke(&connect, pace).map_err(|problem| (Exit::Harness, problem))?;
    sheet.driver.clone_from(&args.driver);
    list::print(&sheet.text())?;
    Ok(sheet.exit())
}
