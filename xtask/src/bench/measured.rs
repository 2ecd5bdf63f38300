//! What was measured: criterion's medians, and the figures that the programs print.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use crate::workspace::target;

/// The figures of the latest runs; criterion's medians lie in criterion's own files.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Measured {
    figures: BTreeMap<String, Figure>,
    /// What is no number: why something was left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    notes: BTreeMap<String, String>,
}

/// A number with its unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Figure {
    pub(crate) value: f64,
    pub(crate) unit: String,
}

/// A benchmark failed, or what it left cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MeasureError {
    #[error("`{program}` could not be run: {problem}")]
    NotRun { program: String, problem: io::Error },
    #[error("`{program}` ended with {status}")]
    Failed { program: String, status: std::process::ExitStatus },
    #[error("{path}: {problem}; delete it and measure again")]
    File { path: PathBuf, problem: io::Error },
}

impl Measured {
    /// The figures that earlier runs have left.
    pub(crate) fn kept() -> Result<Self, MeasureError> {
        let path = file();
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|problem| MeasureError::File { path, problem: problem.into() }),
            Err(problem) if problem.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(problem) => Err(MeasureError::File { path, problem }),
        }
    }

    /// Keeps the figures for a table without a run.
    pub(crate) fn keep(&self) -> Result<(), MeasureError> {
        let path = file();
        let at = |problem| MeasureError::File { path: path.clone(), problem };
        let bytes = serde_json::to_vec_pretty(self).map_err(|problem| at(problem.into()))?;
        fs::write(&path, bytes).map_err(at)
    }

    /// Runs a benchmark, shows what it prints, and takes in its figures.
    pub(crate) fn take_in(&mut self, command: &mut Command) -> Result<(), MeasureError> {
        let program = format!("{command:?}");
        let not_run = |problem| MeasureError::NotRun { program: program.clone(), problem };
        let mut child = command.stdout(Stdio::piped()).spawn().map_err(not_run)?;
        if let Some(out) = child.stdout.take() {
            for line in BufReader::new(out).lines() {
                let line = line.map_err(not_run)?;
                println!("{line}");
                if let Some((name, figure)) = figure_of(&line) {
                    self.figures.insert(name, figure);
                }
                if let Some((name, words)) = note_of(&line) {
                    self.notes.insert(name, words);
                }
            }
        }
        match child.wait().map_err(not_run)? {
            status if status.success() => Ok(()),
            status => Err(MeasureError::Failed { program, status }),
        }
    }

    /// A figure by its name.
    pub(crate) fn figure(&self, name: &str) -> Option<Figure> {
        self.figures.get(name).cloned()
    }

    /// What was said under a name.
    pub(crate) fn note(&self, name: &str) -> Option<&str> {
        self.notes.get(name).map(String::as_str)
    }

    /// Criterion's median of `group/function`, in nanoseconds.
    pub(crate) fn median(&self, id: &str) -> Option<Figure> {
        let (group, function) = id.split_once('/')?;
        // Criterion makes one folder of a function's name, whatever it contains.
        let folder = target().join("criterion").join(group).join(function.replace('/', "_"));
        let bytes = fs::read(folder.join("new").join("estimates.json")).ok()?;
        let estimates: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
        let value = estimates.pointer("/median/point_estimate")?.as_f64()?;
        Some(Figure { value, unit: "ns".to_owned() })
    }
}

fn file() -> PathBuf {
    target().join("figures.json")
}

/// Reads a line such as `figure start/mfa_mock 2.500 ms`.
fn figure_of(line: &str) -> Option<(String, Figure)> {
    let mut words = line.strip_prefix("figure ")?.split(' ');
    let (name, value, unit) = (words.next()?, words.next()?, words.next()?);
    let figure = Figure { value: value.parse().ok()?, unit: unit.to_owned() };
    words.next().is_none().then(|| (name.to_owned(), figure))
}

/// Reads a line such as `note peers/workos/left_out it ended`.
fn note_of(line: &str) -> Option<(String, String)> {
    let (name, words) = line.strip_prefix("note ")?.split_once(' ')?;
    Some((name.to_owned(), words.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_a_line_of_its_own_form() {
        let figure = Figure { value: 2.5, unit: "ms".to_owned() };
        let read = figure_of("figure start/mfa_mock 2.500 ms");
        assert_eq!(read, Some(("start/mfa_mock".to_owned(), figure)));
        for line in ["start/mfa_mock 2.5 ms", "figure a b ms", "figure a 1", "figure a 1 ms more"] {
            assert_eq!(figure_of(line), None, "{line}");
        }
    }

    #[test]
    fn figures_of_a_program_are_taken_in_and_its_failure_is_told() {
        let mut measured = Measured::default();
        let mut shell = Command::new("sh");
        measured.take_in(shell.args(["-c", "echo hello; echo figure a/b 1.5 MB"])).unwrap();
        assert_eq!(measured.figure("a/b").unwrap().value, 1.5);
        assert_eq!(measured.figure("a/c"), None);
        let mut shell = Command::new("sh");
        measured.take_in(shell.args(["-c", "echo note a/b why it was so; echo note c"])).unwrap();
        assert_eq!((measured.note("a/b"), measured.note("c")), (Some("why it was so"), None));
        let problem = measured.take_in(Command::new("sh").args(["-c", "exit 3"])).unwrap_err();
        assert!(problem.to_string().contains("exit status: 3"), "{problem}");
    }
}
