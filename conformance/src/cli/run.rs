//! `run`: from options to a plan, and the reports of what was played.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::reports::{lost, tell};
use super::{Ended, RunArgs, evidence, look};
use crate::broken_service;
use crate::case::Case;
use crate::driver::Connect;
use crate::event::{Event, Summary};
use crate::exit::{Exit, Reason};
use crate::expectation::{self, Expectation};
use crate::recording::Recorder;
use crate::report::Reporter;
use crate::requirement::{Requirements, set};
use crate::run::{self, Plan};
use crate::service::Target;
use crate::stopwatch;
use crate::suggestion;
use crate::suite;

/// The SDK that is driven when nobody names one.
const REFERENCE: &str = "inproc:reference";

/// A case may take this many times the deadline of one op.
const CASE_DEADLINES: u32 = 6;

/// Workers beside one for each core: some cases wait for the SDK's own clock and use none.
const WAITERS: usize = 2;

/// The same where driver and service are in this process: nothing has to be started for a worker,
/// and each is idle while the service signs for it.
const WAITERS_HERE: usize = 6;

pub(super) fn run(args: &RunArgs, requirements: Requirements) -> Ended {
    let all = suite::cases();
    let mut writers = writers(args)?;
    // What people see comes first, because it must not wait for a file.
    let mut reporters: Vec<Box<dyn Reporter>> = vec![Box::new(args.reports.printed())];
    reporters.extend(look::terminal(args.trace, args.color));
    let plan = match plan(args, requirements, &all) {
        Ok(plan) => plan,
        Err((exit, problem)) => {
            // CI reads the files, and must not find those of an earlier run, or empty ones.
            let reasons = vec![Reason::new(exit, problem.as_str())];
            tell(&mut writers, &Event::RunEnded(Summary::empty(reasons)))
                .map_err(|error| lost(&error))?;
            return Err((exit, problem));
        }
    };
    reporters.append(&mut writers);
    let mut failed = None;
    let summary = run::run(&plan, &mut |event| {
        if let Err(error) = tell(&mut reporters, event) {
            failed.get_or_insert(error);
        }
    });
    match failed {
        // A reader such as `grep -m1` may close the pipe early; that is no error of ours.
        Some(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(summary.exit),
        Some(error) => Err(lost(&error)),
        None => Ok(summary.exit),
    }
}

fn plan(
    args: &RunArgs,
    requirements: Requirements,
    all: &[&'static Case],
) -> Result<Plan, (Exit, String)> {
    let usage = |problem: String| (Exit::Usage, problem);
    let driver = args.driver.as_deref().unwrap_or(REFERENCE);
    let connect = Connect::parse(driver).map_err(|error| usage(error.to_string()))?;
    let (target, mut service) = args.service.target(args.driver.is_none()).map_err(usage)?;
    let selection = args.select.selection();
    let mut cases = selection.pick(all, &requirements).map_err(|error| usage(error.to_string()))?;
    if cases.is_empty() {
        let why = selection.why_nothing(all, &requirements);
        // When even this cannot be printed, the run itself still says that nothing was selected.
        let _ = writeln!(io::stderr(), "mfa-conformance: {why}");
    }
    if let Some(service) = service.as_mut().filter(|service| service.is_judged) {
        let selected = cases.len();
        cases.retain(|case| case.proves.iter().any(|id| requirements.is_owed_by_services(id)));
        service.left_out = selected - cases.len();
        if cases.is_empty() && selected > 0 {
            return Err(usage(
                "every selected case shows something about SDKs only, and --service without \
                 --driver judges the service; select others, or name a --driver"
                    .to_owned(),
            ));
        }
    }
    let (requirements, set) = match &args.set {
        Some(name) => {
            let set = set::named(name).map_err(|error| usage(error.to_string()))?;
            (set.judge(&requirements), Some(name.clone()))
        }
        None => (requirements, None),
    };
    let expectations = match &args.expectations {
        Some(file) => expectations(file, all, &requirements).map_err(usage)?,
        None => Vec::new(),
    };
    let broken_service = match &args.broken_service {
        None => None,
        Some(name) => Some(broken_service::named(name).ok_or_else(|| {
            let known = broken_service::BROKEN_SERVICES.iter().map(|broken| broken.name);
            let hint = suggestion::hint(name, known);
            usage(format!("unknown broken service \"{name}\"{hint}"))
        })?),
    };
    if broken_service.is_some() && !matches!(target, Target::Here) {
        return Err(usage("--broken-service breaks the mock in this process only".to_owned()));
    }
    let op_within = Duration::from_secs(args.deadline);
    let waiters = match connect.is_in_process() && matches!(target, Target::Here) {
        true => WAITERS_HERE,
        false => WAITERS,
    };
    let jobs = args.jobs.unwrap_or_else(|| cores().saturating_add(waiters)).max(1);
    Ok(Plan {
        connect,
        cases,
        complete: selection.is_everything(),
        target,
        service,
        broken_service,
        expectations,
        requirements,
        set,
        seed: args.seed.unwrap_or_else(drawn_seed),
        shuffle: !args.no_shuffle,
        jobs,
        op_within,
        case_within: op_within * CASE_DEADLINES,
        scored: args.strict,
        baseline: args.baseline.as_deref().map(evidence::run).transpose()?,
    })
}

pub(super) fn expectations(
    file: &Path,
    all: &[&Case],
    requirements: &Requirements,
) -> Result<Vec<Expectation>, String> {
    let name = file.display().to_string();
    let text = fs::read_to_string(file).map_err(|error| format!("{name}: {error}"))?;
    expectation::parse(&name, &text, all, requirements).map_err(|error| error.to_string())
}

/// Everything that writes files; what cannot be written is an error before anything is played.
fn writers(args: &RunArgs) -> Result<Vec<Box<dyn Reporter>>, (Exit, String)> {
    let mut reporters: Vec<Box<dyn Reporter>> = Vec::new();
    // The recording first: whatever becomes of the others, they can be made from it.
    if let Some(file) = &args.record {
        let named =
            |error: io::Error| (Exit::Usage, format!("--record {}: {error}", file.display()));
        let recorder = File::create(file).and_then(Recorder::new).map_err(named)?;
        reporters.push(Box::new(recorder));
    }
    reporters.push(Box::new(args.reports.documents()?));
    Ok(reporters)
}

pub(super) fn cores() -> usize {
    thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// A seed that people can type: the time in milliseconds, cut to nine digits.
fn drawn_seed() -> u64 {
    u64::try_from(stopwatch::system_ms()).unwrap_or(0) % 1_000_000_000
}
