//! `cargo xtask bench`: every benchmark, and one table of what was measured against the goals.
//!
//! Only ratios of one run are compared: machines differ, and a busy machine differs from itself.

pub(crate) mod goal;
mod machine;
mod measured;
mod peers;
mod table;

use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use clap::Args;

use crate::sdk::InstallError;
use crate::stopwatch::Stopwatch;
use crate::workspace::{cargo, root};
use goal::GOALS;
use measured::{MeasureError, Measured};

/// The benchmark programs, the short ones first.
const PROGRAMS: [&str; 8] =
    ["totp_verify", "token_check", "token_mint", "answer", "start", "suite", "loopback", "scale"];
/// The lines of the README between which the table stands.
const MARKS: [&str; 2] = ["<!-- measured: begin -->", "<!-- measured: end -->"];

/// Measures everything, and prints one table of ratios against the goals.
#[derive(Args)]
pub(crate) struct Options {
    /// Measure only these: totp_verify, token_check, token_mint, answer, start, suite, loopback, scale.
    groups: Vec<String>,
    /// Write the table into benches/README.md, too.
    #[arg(long)]
    write: bool,
    /// Make the table of what earlier runs have left, and measure nothing.
    #[arg(long)]
    no_run: bool,
    /// Fail if a goal is missed; without it a table is a table, since machines are noisy.
    #[arg(long)]
    strict: bool,
    /// Measure other mock services from npm beside ours instead, and write benches/PEERS.md (Linux).
    #[arg(long, conflicts_with_all = ["groups", "write", "no_run", "strict"])]
    peers: bool,
}

/// The table could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    #[error("no benchmark is called `{0}`; there are {list}", list = PROGRAMS.join(", "))]
    Unknown(String),
    #[error("`{program}` ended with {status}")]
    Failed { program: String, status: std::process::ExitStatus },
    #[error("`{program}` could not be run: {problem}")]
    NotRun { program: String, problem: io::Error },
    #[error("{path}: {problem}")]
    File { path: PathBuf, problem: io::Error },
    #[error("{path} has no lines `{first}` and `{last}`", first = MARKS[0], last = MARKS[1])]
    NoMarks { path: PathBuf },
    #[error(transparent)]
    Measure(#[from] MeasureError),
    #[error(
        "--peers reads the processor's time of each server in /proc, which only Linux has; \
         everything else of this command works here"
    )]
    OnlyLinux,
    #[error("mfa-mock itself could not be measured: {0}")]
    Ours(String),
    #[error(transparent)]
    Install(#[from] InstallError),
}

/// Does it; what went wrong is told on standard error.
pub(crate) fn run(options: &Options) -> ExitCode {
    let measured = match options.peers {
        true => peers::measure().map(|()| true),
        false => measure(options),
    };
    match measured {
        Ok(all_met) if all_met || !options.strict => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("cargo xtask bench: {problem}");
            ExitCode::from(2)
        }
    }
}

fn measure(options: &Options) -> Result<bool, BenchError> {
    if let Some(unknown) = options.groups.iter().find(|name| !PROGRAMS.contains(&name.as_str())) {
        return Err(BenchError::Unknown(unknown.clone()));
    }
    let is_asked =
        |name: &str| options.groups.is_empty() || options.groups.iter().any(|it| it == name);
    let mut measured = Measured::kept()?;
    if !options.no_run {
        let watch = Stopwatch::start();
        let mut build = cargo();
        build.args(["build", "--release", "--bins", "-p", "benches"]);
        build.args(["-p", "mock-server", "-p", "conformance"]);
        followed(&mut build)?;
        let programs: Vec<_> = PROGRAMS.into_iter().filter(|name| is_asked(name)).collect();
        for (at, name) in programs.iter().enumerate() {
            let minutes = watch.elapsed().as_secs_f64() / 60.0;
            println!("\n==> [{}/{}] {name} ({minutes:.1} min so far)", at + 1, programs.len());
            let mut bench = cargo();
            bench.args(["bench", "--package", "benches", "--bench", name]);
            measured.take_in(&mut bench)?;
        }
        measured.keep()?;
    }
    let rows: Vec<_> = GOALS.iter().filter(|goal| is_asked(goal.group)).collect();
    let table = table::of(&rows, &measured);
    println!("\n{}\n\n{}", machine::told(), table.text);
    if options.write {
        write_down(&format!("{}\n\n{}", machine::told(), table.markdown))?;
    }
    Ok(table.all_met)
}

fn followed(command: &mut Command) -> Result<(), BenchError> {
    let program = format!("{command:?}");
    let status = command.status();
    match status.map_err(|problem| BenchError::NotRun { program: program.clone(), problem })? {
        status if status.success() => Ok(()),
        status => Err(BenchError::Failed { program, status }),
    }
}

/// Puts the table between the marks of `benches/README.md`.
fn write_down(table: &str) -> Result<(), BenchError> {
    let path = root().join("benches").join("README.md");
    let at = |problem| BenchError::File { path: path.clone(), problem };
    let text = fs::read_to_string(&path).map_err(at)?;
    let Some(new) = between_marks(&text, table) else {
        return Err(BenchError::NoMarks { path });
    };
    fs::write(&path, new).map_err(at)?;
    println!("written into {}", path.display());
    Ok(())
}

fn between_marks(text: &str, table: &str) -> Option<String> {
    let [first, last] = MARKS;
    let (before, rest) = text.split_once(first)?;
    let (_, after) = rest.split_once(last)?;
    Some(format!("{before}{first}\n{table}\n{last}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_takes_the_place_of_the_old_one() {
        let [first, last] = MARKS;
        let text = format!("a\n{first}\nold\n{last}\nz");
        let new = between_marks(&text, "new").unwrap();
        assert_eq!(new, format!("a\n{first}\nnew\n{last}\nz"));
        assert_eq!(between_marks("no marks", "new"), None);
    }

    #[test]
    fn the_readme_has_a_place_for_the_table_and_a_line_for_each_program() {
        let text = fs::read_to_string(root().join("benches").join("README.md")).unwrap();
        assert!(between_marks(&text, "new").is_some());
        for name in PROGRAMS {
            assert!(text.contains(&format!("| `{name}` |")), "{name}");
        }
    }

    #[test]
    fn every_goal_belongs_to_a_program_and_every_program_is_there() {
        for goal in GOALS {
            assert!(PROGRAMS.contains(&goal.group), "{}", goal.group);
        }
        let manifest = fs::read_to_string(root().join("benches").join("Cargo.toml")).unwrap();
        for name in PROGRAMS {
            assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        }
    }
}
