//! `replay`: recorded evidence judged anew.

use std::path::PathBuf;

use clap::Args;

use super::look::{self, ColourWhen};
use super::reports::{ReportArgs, lost, tell};
use super::{Ended, evidence, run};
use crate::exit::Exit;
use crate::recording::Recording;
use crate::replay::{self, Measure};
use crate::report::Reporter;
use crate::requirement::{Level, Requirements};
use crate::stopwatch;
use crate::suite;

const ABOUT: &str = "\
Judged anew: how binding each requirement is today, what the expectation file given here excuses
and whether it is stale or expired, the numbers, the guides, the baseline, and the exit code.

Not judged anew: the evidence. What the SDK did, what the service saw, and whether each check of a
case held stay as recorded; a case that checks something else today, or that is new, has to be
played. Nor is the driver's honesty asked again.";

#[derive(Debug, Args)]
#[command(after_help = ABOUT)]
pub(super) struct ReplayArgs {
    /// What --record wrote; a JSON report will do as well
    recording: PathBuf,
    /// Known deviations of this SDK (TOML); without it, nothing is excused
    #[arg(long, value_name = "FILE")]
    expectations: Option<PathBuf>,
    /// The least binding level whose failures count for the exit code
    #[arg(long, value_name = "LEVEL", default_value = "must", ignore_case = true)]
    strict: Level,
    /// Hold the evidence against this earlier run; exit 8 for a regression
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    #[command(flatten)]
    reports: ReportArgs,
    /// Show every step of every case
    #[arg(long)]
    trace: bool,
    /// Colour the output on a terminal, always or never; NO_COLOR is respected
    #[arg(long, visible_alias = "colour", value_name = "WHEN", default_value = "auto")]
    color: ColourWhen,
}

pub(super) fn replay(args: &ReplayArgs, requirements: Requirements) -> Ended {
    let recorded = evidence::run(&args.recording)?;
    let all = suite::cases();
    let expectations = match &args.expectations {
        Some(file) => run::expectations(file, &all, &requirements)
            .map_err(|problem| (Exit::Usage, problem))?,
        None => Vec::new(),
    };
    let baseline = args.baseline.as_deref().map(evidence::run).transpose()?;
    let measure = Measure {
        expectations,
        requirements,
        scored: args.strict,
        baseline,
        today: stopwatch::today(),
    };
    let documents = args.reports.documents()?;
    let mut reporters: Vec<Box<dyn Reporter>> = vec![Box::new(args.reports.printed())];
    reporters.extend(look::terminal(args.trace, args.color));
    reporters.push(Box::new(documents));
    let events = replay::replay(&recorded, &measure);
    for event in &events {
        tell(&mut reporters, event).map_err(|error| lost(&error))?;
    }
    Ok(Recording { events, is_cut: false }.finished().summary.exit)
}
