//! One step after the other: banner, work, duration, and one line of truth at the end.

mod process;

use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::instructions::CountError;
use crate::kept::{Kept, KeptError};
use crate::sdk::InstallError;
use crate::stopwatch::Stopwatch;
use crate::tally::Tally;

/// How a step's checks are counted.
pub(crate) enum Count {
    /// It has none; it can only fail as a whole.
    Nothing,
    /// By nextest's summary.
    Nextest,
    /// By the results of Rust test binaries.
    Libtest,
    /// By the summary of Node's test runner.
    Node,
    /// By criterion's successes.
    Criterion,
    /// By the mutants of the suite's last line.
    Mutants,
    /// By the cases of the JUnit report that the step writes.
    Junit(PathBuf),
}

impl Count {
    fn of_line(&self, line: &str) -> Option<Tally> {
        match self {
            Self::Nothing | Self::Junit(_) => None,
            Self::Nextest => Tally::of_nextest_line(line),
            Self::Libtest => Tally::of_libtest_line(line),
            Self::Node => Tally::of_node_line(line),
            Self::Mutants => Tally::of_mutants_line(line),
            Self::Criterion => Tally::of_criterion_line(line),
        }
    }
}

enum Work {
    Command(Box<Command>, Count),
    Task(fn() -> Result<String, InstallError>),
    Kept(Kept),
    Counted(fn() -> Result<String, CountError>),
    Skipped(&'static str),
}

/// One entry of the plan.
pub(crate) struct Step {
    /// What the banner says.
    pub(crate) title: &'static str,
    work: Work,
    needed: bool,
}

impl Step {
    /// A step that runs a program.
    ///
    /// It passes when the program does and, where checks are counted, at least one was and none
    /// failed.
    pub(crate) fn command(title: &'static str, command: &mut Command, count: Count) -> Self {
        Self { title, work: Work::Command(Box::new(process::copy(command)), count), needed: false }
    }

    /// A step of our own.
    pub(crate) fn task(title: &'static str, task: fn() -> Result<String, InstallError>) -> Self {
        Self { title, work: Work::Task(task), needed: false }
    }

    /// A step that holds what a run wrote against what the repository keeps, or keeps it.
    pub(crate) fn kept(title: &'static str, kept: Kept) -> Self {
        Self { title, work: Work::Kept(kept), needed: false }
    }

    /// A step that counts instructions.
    pub(crate) fn counted(title: &'static str, count: fn() -> Result<String, CountError>) -> Self {
        Self { title, work: Work::Counted(count), needed: false }
    }

    /// A step that is left out, and says so here and at the end.
    pub(crate) fn skipped(title: &'static str, why: &'static str) -> Self {
        Self { title, work: Work::Skipped(why), needed: false }
    }

    /// Marks a step without which the later ones make no sense.
    pub(crate) fn needed(mut self) -> Self {
        self.needed = true;
        self
    }
}

/// A step did not pass.
#[derive(Debug, thiserror::Error)]
enum StepError {
    #[error("`{program}` could not be started: {problem}")]
    NotStarted { program: String, problem: io::Error },
    #[error("`{program}` could not be followed to its end: {problem}")]
    Lost { program: String, problem: io::Error },
    #[error("`{program}` ended with {status}")]
    Failed { program: String, status: std::process::ExitStatus },
    #[error("`{program}` passed but not one check was counted")]
    Empty { program: String },
    #[error("`{program}` calls itself passed, but {failed} of its checks failed")]
    Contradiction { program: String, failed: u64 },
    #[error("{path}: {problem}")]
    Report { path: PathBuf, problem: io::Error },
    #[error(transparent)]
    Install(#[from] InstallError),
    #[error(transparent)]
    Kept(#[from] KeptError),
    #[error(transparent)]
    Count(#[from] CountError),
}

/// Runs the steps in order and prints, as the last line, how many checks passed and failed.
///
/// A failed step does not stop the others, so that one run tells everything; a failed step that
/// the others need does.
pub(crate) fn run_all(steps: &[Step]) -> ExitCode {
    let whole = Stopwatch::start();
    let mut total = Tally::default();
    let mut failures: Vec<String> = Vec::new();
    let mut notices: Vec<String> = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        println!("\n==> [{}/{}] {}", at + 1, steps.len(), step.title);
        let watch = Stopwatch::start();
        let (tally, outcome) = run(step);
        total += tally;
        let seconds = watch.elapsed().as_secs_f64();
        match outcome {
            Ok(words) => println!("<== {}: {words} ({seconds:.1} s)", step.title),
            Err(problem) => {
                println!("<== {}: FAILED: {problem} ({seconds:.1} s)", step.title);
                if tally.failed == 0 {
                    total += Tally::ONE_FAILURE;
                }
                failures.push(format!("FAILED  {}: {problem}", step.title));
                if step.needed {
                    let left: Vec<&str> =
                        steps.iter().skip(at + 1).map(|step| step.title).collect();
                    if !left.is_empty() {
                        notices.push(format!("NOT RUN {}", left.join("; ")));
                    }
                    break;
                }
            }
        }
        if let Work::Skipped(why) = step.work {
            notices.push(format!("SKIPPED {}: {why}", step.title));
        }
    }
    println!();
    for line in failures.iter().chain(&notices) {
        println!("{line}");
    }
    println!("{:.1} s in all", whole.elapsed().as_secs_f64());
    // A set-up has no checks, and "0 passed" would read like a warning.
    if total != Tally::default() {
        println!("{total}");
    }
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(step: &Step) -> (Tally, Result<String, StepError>) {
    match &step.work {
        Work::Task(task) => (Tally::default(), task().map_err(StepError::from)),
        Work::Kept(kept) => match kept.settle() {
            Ok(words) => (Tally::ONE_SUCCESS, Ok(words)),
            Err(problem) => (Tally::default(), Err(problem.into())),
        },
        Work::Counted(count) => match count() {
            Ok(words) => (Tally::ONE_SUCCESS, Ok(words)),
            Err(problem) => (Tally::default(), Err(problem.into())),
        },
        Work::Skipped(why) => (Tally::default(), Ok(format!("SKIPPED, {why}"))),
        Work::Command(command, count) => match process::follow(command, count) {
            Ok((tally, Ok(()))) if matches!(count, Count::Nothing) => {
                (tally, Ok("done".to_owned()))
            }
            Ok((tally, Ok(()))) if tally == Tally::default() => {
                (tally, Err(StepError::Empty { program: process::words(command) }))
            }
            Ok((tally, Ok(()))) if tally.failed > 0 => {
                let problem = StepError::Contradiction {
                    program: process::words(command),
                    failed: tally.failed,
                };
                (tally, Err(problem))
            }
            Ok((tally, Ok(()))) => (tally, Ok(tally.to_string())),
            Ok((tally, Err(problem))) => (tally, Err(problem)),
            Err(problem) => (Tally::default(), Err(problem)),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn shell(script: &str, count: Count) -> Step {
        Step::command("a step", Command::new("sh").args(["-c", script]), count)
    }

    #[test]
    fn checks_on_both_outputs_are_counted() {
        // Not the words of a Rust test binary: whoever counts this test's own output would count
        // them as well.
        let script = "echo 'ℹ pass 3'; echo 'ℹ fail 3' >&2";
        let (tally, outcome) = run(&shell(script, Count::Node));
        assert_eq!(tally, Tally { passed: 3, failed: 3 });
        let problem = outcome.unwrap_err().to_string();
        assert!(problem.ends_with("but 3 of its checks failed"), "{problem}");
    }

    #[test]
    fn a_failing_program_fails_its_step() {
        let (_, outcome) = run(&shell("exit 3", Count::Nothing));
        let problem = outcome.unwrap_err().to_string();
        assert!(problem.starts_with("`sh -c exit 3` ended with"), "{problem}");
    }

    #[test]
    fn a_runner_that_ran_nothing_did_not_pass() {
        let (_, outcome) = run(&shell("true", Count::Nextest));
        assert!(matches!(outcome, Err(StepError::Empty { .. })));
    }

    #[test]
    fn a_missing_program_is_named() {
        let step = Step::command("a step", &mut Command::new("no-such-program"), Count::Nothing);
        let problem = run(&step).1.unwrap_err().to_string();
        assert!(problem.starts_with("`no-such-program` could not be started"), "{problem}");
    }

    #[test]
    fn a_stale_report_is_not_counted() {
        let path = std::env::temp_dir().join(format!("xtask-{}-stale.xml", std::process::id()));
        fs::write(&path, "<testcase/>").unwrap();
        let (tally, outcome) = run(&shell("exit 1", Count::Junit(path.clone())));
        assert_eq!(tally, Tally::default());
        assert!(outcome.is_err());
        assert!(!path.exists());
    }
}
