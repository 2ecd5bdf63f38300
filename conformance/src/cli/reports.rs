//! The options that ask for reports, the same for a run and for a recording.

use std::env;
use std::io;
use std::path::PathBuf;

use clap::Args;

use crate::event::Event;
use crate::exit::Exit;
use crate::report::{Documents, Format, Reporter};

/// Where GitHub takes a step's summary from.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// Under which the options stand in every help.
const HEADING: &str = "Reports";

#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// Write a JUnit report to this file
    #[arg(long, help_heading = HEADING, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write a JSON report to this file (`schema report` describes it)
    #[arg(long, help_heading = HEADING, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a page for people to this file; it needs nothing else to be read
    #[arg(long, help_heading = HEADING, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write a summary in Markdown to this file
    #[arg(long, help_heading = HEADING, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Write a TAP report to this file, which `prove` and consumers of TAP 14 read
    #[arg(long, help_heading = HEADING, value_name = "FILE")]
    tap: Option<PathBuf>,
    /// Write a badge for a shields.io endpoint to this file
    #[arg(long, help_heading = HEADING, value_name = "FILE")]
    badge: Option<PathBuf>,
    /// Leave out of these files what differs from run to run, for reports kept under version control
    /// (give --seed, too)
    #[arg(long, help_heading = HEADING)]
    frozen: bool,
    /// Print GitHub annotations, at most ten errors and ten warnings
    #[arg(long, help_heading = HEADING)]
    annotations: bool,
    /// Append the Markdown summary to the file that GITHUB_STEP_SUMMARY names; only when asked for
    #[arg(long, help_heading = HEADING)]
    step_summary: bool,
}

impl ReportArgs {
    /// Prepares every report that is asked for, so that a path that cannot be written is known now.
    pub(super) fn documents(&self) -> Result<Documents, (Exit, String)> {
        let mut documents = Documents::default();
        let usage = |error: io::Error| (Exit::Usage, error.to_string());
        for (option, format, file) in [
            ("--junit", Format::Junit, &self.junit),
            ("--json", Format::Json, &self.json),
            ("--html", Format::Html, &self.html),
            ("--markdown", Format::Markdown, &self.markdown),
            ("--tap", Format::Tap, &self.tap),
            ("--badge", Format::Badge, &self.badge),
        ] {
            let Some(file) = file else { continue };
            if file.as_os_str() == "-" {
                let problem =
                    "the report of the run is there already; write to a file, or to /dev/stdout";
                return Err((Exit::Usage, format!("{option} -: {problem}")));
            }
            let named = |error: io::Error| (Exit::Usage, format!("{option} {error}"));
            documents.file(format, file).map_err(named)?;
        }
        if self.frozen {
            documents.freeze();
        }
        if self.step_summary {
            let path = env::var_os(STEP_SUMMARY).filter(|path| !path.is_empty());
            let Some(path) = path else {
                let problem = format!("--step-summary needs {STEP_SUMMARY}, which is not set");
                return Err((Exit::Usage, problem));
            };
            documents.append(Format::Markdown, &PathBuf::from(path)).map_err(usage)?;
        }
        Ok(documents)
    }
}

impl ReportArgs {
    /// What is printed, which has to come before the last line that scripts trust.
    pub(super) fn printed(&self) -> Documents {
        let mut documents = Documents::default();
        if self.annotations {
            documents.print(Format::Annotations);
        }
        documents
    }
}

/// Hands an event to every reporter, even when the one before it could not write.
pub(super) fn tell(reporters: &mut [Box<dyn Reporter>], event: &Event) -> io::Result<()> {
    let results: Vec<_> = reporters.iter_mut().map(|reporter| reporter.on(event)).collect();
    results.into_iter().collect()
}

pub(super) fn lost(error: &io::Error) -> (Exit, String) {
    (Exit::Harness, format!("a report could not be written: {error}"))
}
