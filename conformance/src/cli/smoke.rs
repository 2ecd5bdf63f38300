//! `smoke`: first contact with a driver.

use std::time::Duration;

use clap::Args;

use super::{Ended, list};
use crate::driver::{Connect, HELLO_WITHIN};
use crate::exit::Exit;
use crate::smoke::{self, Pace};

#[derive(Debug, Args)]
pub(super) struct SmokeArgs {
    /// Where the SDK is: exec:COMMAND, inproc:reference or inproc:mutant/sdk/NAME
    #[arg(long, value_name = "CONNECT")]
    driver: String,
    /// Seconds that the driver has for one op
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    deadline: u64,
}

pub(super) fn smoke(args: &SmokeArgs) -> Ended {
    let connect = Connect::parse(&args.driver).map_err(|error| (Exit::Usage, error.to_string()))?;
    let op = Duration::from_secs(args.deadline.max(1));
    let pace = Pace { hello: HELLO_WITHIN.max(op), op };
    let sheet = smoke::smoke(&connect, pace).map_err(|problem| (Exit::Harness, problem))?;
    list::print(&sheet.text())?;
    Ok(sheet.exit())
}
