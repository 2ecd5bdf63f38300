//! A program that is followed to its end: shown, counted, and judged by its status.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use super::{Count, StepError};
use crate::tally::Tally;
use crate::workspace;

/// Runs a program, shows what it prints as it prints it, and counts its checks.
pub(super) fn follow(
    command: &Command,
    count: &Count,
) -> Result<(Tally, Result<(), StepError>), StepError> {
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
pub(super) fn copy(command: &Command) -> Command {
    let mut fresh = Command::new(command.get_program());
    fresh.args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        fresh.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => fresh.env(name, value),
            None => fresh.env_remove(name),
        };
    }
    fresh
}

/// Returns a call as a person would type it.
pub(super) fn words(command: &Command) -> String {
    let all = std::iter::once(command.get_program()).chain(command.get_args());
    all.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_pass_through() {
        let mut shown = Vec::new();
        let tally = show(&b"\xff\xfe\nSuccess\n"[..], &mut shown, &Count::Criterion);
        assert_eq!(shown, b"\xff\xfe\nSuccess\n");
        assert_eq!(tally.passed, 1);
    }
}
