//! `cargo xtask fuzz`: every fuzz target for a while, a line for each.
//!
//! What the fuzzer finds on its way stays in the target directory, so that the next run begins
//! where this one ended; the corpora of the repository change only when that is asked for.

mod harvest;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use clap::Args;

use crate::stopwatch::Stopwatch;
use crate::tool::{self, ToolError};
use crate::workspace;

/// Megabytes that a target may take: what an input asks for is bounded, or a find.
const MEMORY_MEGABYTES: u32 = 1_024;
/// Seconds that one input may take.
const INPUT_SECONDS: u32 = 20;
/// Bytes of the longest input. Bodies may be 64 KiB; what breaks readers is shorter.
const INPUT_BYTES: u32 = 4_096;

/// What to fuzz, and for how long.
#[derive(Args)]
pub(crate) struct Fuzz {
    /// How long each target runs
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    seconds: u32,

    /// Afterwards put what reached new code into the corpora of the repository, smallest first
    #[arg(long)]
    keep: bool,

    /// The targets [default: all of them]
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
}

/// Fuzzing could not be done.
#[derive(Debug, thiserror::Error)]
enum FuzzError {
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error("there is no target `{name}`; there are {known}")]
    Unknown { name: String, known: String },
    #[error("{path}: {problem}")]
    File { path: PathBuf, problem: io::Error },
    #[error("the targets could not be built; the compiler's words stand above")]
    Build,
    #[error("`cargo fuzz` could not be started: {0}")]
    NotStarted(io::Error),
}

/// What became of one target, as libFuzzer tells it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    executions: u64,
    /// Edges of the code that were reached.
    coverage: u64,
}

impl Told {
    /// Reads the last `cov:` and the final statistics out of a log.
    fn of_log(log: &str) -> Self {
        let number = |text: &str| text.split_whitespace().next()?.parse().ok();
        let last = |mark: &str| log.rsplit_once(mark).and_then(|(_, rest)| number(rest));
        let executions = last("stat::number_of_executed_units:").unwrap_or(0);
        Self { executions, coverage: last(" cov:").unwrap_or(0) }
    }
}

/// Fuzzes, and says what came of it.
pub(crate) fn run(asked: &Fuzz) -> ExitCode {
    match fuzz(asked) {
        Ok(broken) if broken.is_empty() => ExitCode::SUCCESS,
        Ok(broken) => {
            println!("\nbroken: {}", broken.join(", "));
            ExitCode::FAILURE
        }
        Err(problem) => {
            println!("{problem}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the targets that were asked for; yields the names of those that broke.
fn fuzz(asked: &Fuzz) -> Result<Vec<String>, FuzzError> {
    let targets = chosen(&asked.targets)?;
    tool::require_fuzzer()?;
    let built = at_fuzzer(&["build"]).status().map_err(FuzzError::NotStarted)?;
    if !built.success() {
        return Err(FuzzError::Build);
    }
    let mut broken = Vec::new();
    for name in targets {
        let watch = Stopwatch::start();
        let (told, is_sound) = run_one(&name, asked.seconds)?;
        let result = if is_sound { "ok" } else { "BROKEN" };
        let (executions, coverage) = (told.executions, told.coverage);
        let seconds = watch.elapsed().as_secs();
        println!(
            "{name:<20} {result:<6} {executions:>10} executions, coverage {coverage:>6} ({seconds} s)"
        );
        if !is_sound {
            println!("  {}", log_of(&name).display());
            println!(
                "  the input is in fuzz/artifacts/{name}/: mend what it shows, and keep it under a \
                 name that says so in fuzz/regressions/{name}/"
            );
            broken.push(name);
        } else if asked.keep {
            println!("  {}", harvest::keep(&name)?);
        }
    }
    Ok(broken)
}

/// The targets of these names; all of them if none is named.
fn chosen(names: &[String]) -> Result<Vec<String>, FuzzError> {
    let known: Vec<String> = inside(&root().join("fuzz_targets"))?
        .iter()
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    match names.iter().find(|name| !known.contains(name)) {
        Some(name) => Err(FuzzError::Unknown { name: name.clone(), known: known.join(", ") }),
        None if names.is_empty() => Ok(known),
        None => Ok(names.to_vec()),
    }
}

/// Runs one target; yields what it told, and whether nothing broke it.
fn run_one(name: &str, seconds: u32) -> Result<(Told, bool), FuzzError> {
    let log = log_of(name);
    let mut command = fuzzer(name, &[work_of(name)?]);
    command.arg(format!("-max_total_time={seconds}")).arg("-print_final_stats=1");
    let at_log = |problem| FuzzError::File { path: log.clone(), problem };
    let out = fs::File::create(&log).map_err(at_log)?;
    let errors = out.try_clone().map_err(at_log)?;
    let status = command.stdin(Stdio::null()).stdout(out).stderr(errors).status();
    let is_sound = status.map_err(FuzzError::NotStarted)?.success();
    let text = fs::read(&log).map_err(at_log)?;
    Ok((Told::of_log(&String::from_utf8_lossy(&text)), is_sound))
}

/// A call of a target whose first folder takes what is found; what is kept is read as well.
fn fuzzer(name: &str, folders: &[PathBuf]) -> Command {
    let mut command = at_fuzzer(&["run", name]);
    command.args(folders).arg(root().join("corpus").join(name));
    let regressions = root().join("regressions").join(name);
    if regressions.is_dir() {
        command.arg(regressions);
    }
    command.arg("--");
    command.arg(format!("-rss_limit_mb={MEMORY_MEGABYTES}"));
    command.arg(format!("-timeout={INPUT_SECONDS}")).arg(format!("-max_len={INPUT_BYTES}"));
    command
}

/// A call of cargo-fuzz, of the nightly toolchain. There is no unsafe code here that a sanitizer
/// would watch, and without one a target runs twice as often.
fn at_fuzzer(words: &[&str]) -> Command {
    let mut command = tool::nightly();
    let (verb, rest) = words.split_first().unwrap_or((&"help", &[]));
    command.args(["cargo", "fuzz", verb, "--sanitizer", "none"]).args(rest);
    command.current_dir(root());
    command
}

/// The folder of the fuzzer's own workspace.
fn root() -> PathBuf {
    workspace::root().join("fuzz")
}

/// Where a target's finds of earlier runs are.
fn work_of(name: &str) -> Result<PathBuf, FuzzError> {
    let folder = workspace::fuzzed().join(name);
    fs::create_dir_all(&folder)
        .map_err(|problem| FuzzError::File { path: folder.clone(), problem })?;
    Ok(folder)
}

fn log_of(name: &str) -> PathBuf {
    workspace::fuzzed().join(format!("{name}.log"))
}

/// What lies in a folder, in the order of the names.
fn inside(folder: &Path) -> Result<Vec<PathBuf>, FuzzError> {
    let wrap = |problem| FuzzError::File { path: folder.to_owned(), problem };
    let entries = fs::read_dir(folder).map_err(wrap)?;
    let mut paths =
        entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>().map_err(wrap)?;
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_words_of_a_fuzzer_are_read() {
        let log = "#2\tINITED cov: 5 ft: 5\n#9\tNEW    cov: 396 ft: 2335 corp: 4/4b\n\
                   #10\tDONE   cov: 397 ft: 2335 corp: 4/4b\n\
                   stat::number_of_executed_units: 3928799\nstat::average_exec_per_sec:     64406\n";
        assert_eq!(Told::of_log(log), Told { executions: 3_928_799, coverage: 397 });
        assert_eq!(Told::of_log("error: no such target"), Told::default());
    }

    #[test]
    fn targets_are_known_by_name() {
        let all = chosen(&[]).unwrap();
        assert!(all.contains(&"jwt".to_owned()) && all.len() > 10, "{all:?}");
        assert_eq!(chosen(&["jwt".to_owned()]).unwrap(), ["jwt"]);
        let problem = chosen(&["jtw".to_owned()]).unwrap_err().to_string();
        assert!(problem.starts_with("there is no target `jtw`; there are attest"), "{problem}");
    }
}
