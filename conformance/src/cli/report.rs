//! `report`: any report anew, from a recording.

use std::path::PathBuf;

use clap::Args;

use super::look::{self, ColourWhen};
use super::reports::{ReportArgs, lost, tell};
use super::{Ended, evidence};
use crate::exit::Exit;
use crate::report::Reporter;

const ABOUT: &str = "\
Without any report option, the report that a run prints is printed.

The exit code says whether the reports were made, not how the run ended: 0, 2 for a file that is
no recording, 7 for a report that could not be written. A recording whose run was killed gives a
report of what was judged until then.";

#[derive(Debug, Args)]
#[command(after_help = ABOUT)]
pub(super) struct ReportCommand {
    /// What --record wrote; a JSON report will do as well
    recording: PathBuf,
    #[command(flatten)]
    reports: ReportArgs,
    /// Show every step of every case
    #[arg(long)]
    trace: bool,
    /// Colour the output on a terminal, always or never; NO_COLOR is respected
    #[arg(long, visible_alias = "colour", value_name = "WHEN", default_value = "auto")]
    color: ColourWhen,
}

pub(super) fn report(args: &ReportCommand) -> Ended {
    let events = evidence::events(&args.recording)?;
    let documents = args.reports.documents()?;
    let printed = args.reports.printed();
    let mut reporters: Vec<Box<dyn Reporter>> = if documents.is_empty() && printed.is_empty() {
        look::terminal(args.trace, args.color)
    } else {
        vec![Box::new(printed), Box::new(documents)]
    };
    for event in &events {
        tell(&mut reporters, event).map_err(|error| lost(&error))?;
    }
    Ok(Exit::Conformant)
}
