//! One step after the other: banner, work, duration, and one line of truth at the end.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::thread;

use crate::sdk::InstallError;
use crate::stopwatch::Stopwatch;
use crate::tally::Tally;
use crate::workspace;

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
            Self::Criterion => Tally::of_criterion_line(line),
        }
    }
}

enum Work {
    Command(Command, Count),
    Task(fn() -> Result<String, InstallError>),
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
    /// A step that runs a program; it passes when the program does and at least one check was
    /// counted where checks are counted.
    pub(crate) fn command(title: &'static str, command: &mut Command, count: Count) -> Self {
        Self { title, work: Work::Command(copy(command), count), needed: false }
    }

    /// A step of our own.
    pub(crate) fn task(title: &'static str, task: fn() -> Result<String, InstallError>) -> Self {
        Self { title, work: Work::Task(task), needed: false }
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
    #[error("{path}: {problem}")]
    Report { path: PathBuf, problem: io::Error },
    #[error(transparent)]
    Install(#[from] InstallError),
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
                    notices.push(format!("NOT RUN {} later steps", steps.len() - at - 1));
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
    println!("{total}");
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(step: &Step) -> (Tally, Result<String, StepError>) {
    match &step.work {
        Work::Task(task) => (Tally::default(), task().map_err(StepError::from)),
        Work::Skipped(why) => (Tally::default(), Ok(format!("SKIPPED, {why}"))),
        Work::Command(command, count) => match follow(command, count) {
            Ok((tally, Ok(()))) if matches!(count, Count::Nothing) => {
                (tally, Ok("done".to_owned()))
            }
            Ok((tally, Ok(()))) if tally == Tally::default() => {
                (tally, Err(StepError::Empty { program: words(command) }))
            }
            Ok((tally, Ok(()))) => (tally, Ok(tally.to_string())),
            Ok((tally, Err(problem))) => (tally, Err(problem)),
            Err(problem) => (Tally::default(), Err(problem)),
        },
    }
}

/// Runs a program, shows what it prints as it prints it, and counts its checks.
fn follow(command: &Command, count: &Count) -> Result<(Tally, Result<(), StepError>), StepError> {
    let program = words(command);
    if let Count::Junit(path) = count {
        prepare(path)?;
    }
    let mut child = copy(command)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|problem| StepError::NotStarted { program: program.clone(), problem })?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let mut tally = Tally::default();
    thread::scope(|scope| {
        let errors = scope.spawn(|| err.map(|pipe| show(pipe, io::stderr(), count)));
        tally += out.map(|pipe| show(pipe, io::stdout(), count)).unwrap_or_default();
        tally += errors.join().ok().flatten().unwrap_or_default();
    });
    let status =
        child.wait().map_err(|problem| StepError::Lost { program: program.clone(), problem })?;
    if let Count::Junit(path) = count {
        match fs::read_to_string(path) {
            Ok(report) => tally += Tally::of_junit(&report),
            // A suite that failed early writes no report; its status says more than this.
            Err(_) if !status.success() => {}
            Err(problem) => return Err(StepError::Report { path: path.clone(), problem }),
        }
    }
    let outcome =
        if status.success() { Ok(()) } else { Err(StepError::Failed { program, status }) };
    Ok((tally, outcome))
}

/// Removes the report of an earlier run, lest it be counted again.
fn prepare(path: &PathBuf) -> Result<(), StepError> {
    let wrap = |problem| StepError::Report { path: path.clone(), problem };
    fs::create_dir_all(workspace::reports()).map_err(wrap)?;
    match fs::remove_file(path) {
        Err(problem) if problem.kind() != io::ErrorKind::NotFound => Err(wrap(problem)),
        _ => Ok(()),
    }
}

/// Copies lines to our own output and counts the checks among them.
fn show(from: impl Read, mut to: impl Write, count: &Count) -> Tally {
    let mut tally = Tally::default();
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while matches!(from.read_until(b'\n', &mut line), Ok(read) if read > 0) {
        // Whoever closed our output cannot be told so; the exit status still can.
        let _ = to.write_all(&line).and_then(|()| to.flush());
        tally += count.of_line(String::from_utf8_lossy(&line).trim_end()).unwrap_or_default();
        line.clear();
    }
    tally
}

/// Returns a fresh call with the program, arguments and folder of another.
fn copy(command: &Command) -> Command {
    let mut fresh = Command::new(command.get_program());
    fresh.args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        fresh.current_dir(folder);
    }
    fresh
}

/// Returns a call as a person would type it.
fn words(command: &Command) -> String {
    let all = std::iter::once(command.get_program()).chain(command.get_args());
    all.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, count: Count) -> Step {
        Step::command("a step", Command::new("sh").args(["-c", script]), count)
    }

    #[test]
    fn checks_on_both_outputs_are_counted() {
        let script = "echo 'test result: ok. 2 passed; 0 failed; 0 ignored'
            echo 'test result: FAILED. 1 passed; 3 failed; 0 ignored' >&2";
        let (tally, outcome) = run(&shell(script, Count::Libtest));
        assert_eq!(tally, Tally { passed: 3, failed: 3 });
        assert!(outcome.is_ok(), "the program decides, not the count");
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

    #[test]
    fn bytes_that_are_no_text_pass_through() {
        let mut shown = Vec::new();
        let tally = show(&b"\xff\xfe\nSuccess\n"[..], &mut shown, &Count::Criterion);
        assert_eq!(shown, b"\xff\xfe\nSuccess\n");
        assert_eq!(tally.passed, 1);
    }
}
