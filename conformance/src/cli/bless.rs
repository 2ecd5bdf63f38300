//! `bless`: an expectation file brought up to date with what a run has shown.

use std::fs;
use std::path::PathBuf;

use clap::Args;

use super::list::print;
use super::{Ended, evidence};
use crate::exit::Exit;
use crate::expectation::{self, Grant};
use crate::report::ReportFile;
use crate::requirement::Requirements;
use crate::suite;

const ABOUT: &str = "\
Entries that still hold, and all comments beside them, stay as they are. An entry whose failure
has changed gets the real outcome and signatures, without what differs from run to run. An entry
that nothing met goes, with the comment right above it, unless it is about another version of the
SDK. A failure that no entry excuses gets one when --cause and --until are given.

Refused unless the recording shows the whole suite, because a part cannot show what is unused.

Exit codes: 0 when the file excuses every red case, 1 when some are left, 2 when refused.";

#[derive(Debug, Args)]
#[command(after_help = ABOUT)]
pub(super) struct BlessArgs {
    /// What --record wrote; a JSON report will do as well
    recording: PathBuf,
    /// The file to rewrite (TOML); made when it is not there and there is something to write
    #[arg(long, value_name = "FILE")]
    expectations: PathBuf,
    /// Excuse new failures, and give this as the reason for all of them
    #[arg(long, value_name = "TEXT", requires = "until")]
    cause: Option<String>,
    /// The last day of new entries, such as 2027-03-01
    #[arg(long, value_name = "DATE", requires = "cause")]
    until: Option<String>,
    /// Where new entries are tracked
    #[arg(long, value_name = "URL", requires = "cause")]
    issue: Option<String>,
    /// Say what would be changed, and change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn bless(args: &BlessArgs, requirements: &Requirements) -> Ended {
    let run = evidence::run(&args.recording)?;
    let name = args.expectations.display().to_string();
    let old = match fs::read_to_string(&args.expectations) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        read => read.map_err(|error| (Exit::Usage, format!("{name}: {error}")))?,
    };
    let grant = args.cause.clone().zip(args.until.clone()).map(|(cause, until)| Grant {
        cause,
        until,
        issue: args.issue.clone(),
    });
    let file = (name.as_str(), old.as_str());
    let blessed = expectation::bless(file, &run, grant.as_ref(), &suite::cases(), requirements)
        .map_err(|error| (Exit::Usage, error.to_string()))?;
    if blessed.text != old && !args.dry_run {
        ReportFile::replace(&args.expectations, blessed.text.as_bytes())
            .map_err(|error| (Exit::Usage, error.to_string()))?;
    }
    let mut text: String = blessed.changes.iter().map(|change| format!("{change}\n")).collect();
    for left in &blessed.left {
        text.push_str(&format!("not excused: {left}\n"));
    }
    let (changes, left) = (blessed.changes.len(), blessed.left.len());
    let done = if args.dry_run { "would be made" } else { "made" };
    text.push_str(&format!("{changes} changes {done} · {left} red cases not excused\n"));
    if left > 0 && grant.is_none() {
        text.push_str("--cause and --until would excuse those that can be excused\n");
    }
    print(&text)?;
    Ok(if left > 0 { Exit::Nonconformance } else { Exit::Conformant })
}
