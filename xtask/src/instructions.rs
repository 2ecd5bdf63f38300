//! Instructions of the hot paths, counted by valgrind and held against those that are kept.
//!
//! They do not move when the machine is busy, so that a change of three in a hundred is one of the
//! code. They are no times: valgrind's processor knows neither SHA-NI nor AVX-512.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use crate::workspace::{root, target};

/// The paths, as `benches/instructions.rs` calls them, and how often each is walked.
///
/// A signature takes millions of instructions, a look at a token thousands. What goes before, the
/// reading of keys for instance, throws dice: it takes half a million more or less each time, which
/// must not show in the quotient.
const PATHS: [(&str, u32); 3] =
    [("totp_verify", 5_000), ("token_check", 5_000), ("token_mint", 20)];
/// Walks before the counted ones: what is filled at the first call is no part of the path.
const BEFORE: u32 = 20;
/// How far a count may lie from the one that is kept, in hundredths.
const SLACK_PERCENT: u64 = 3;

/// What is kept.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Counts {
    /// The compiler; another one makes other instructions.
    rustc: String,
    /// The processor and valgrind: cryptography and copying choose their code by what they find.
    machine: String,
    /// Instructions of one walk.
    instructions: BTreeMap<String, u64>,
}

/// The instructions cannot be counted, or are other ones.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CountError {
    #[error("{path}: {problem}")]
    File { path: PathBuf, problem: io::Error },
    #[error("`{program}` could not be run: {problem}")]
    NotRun { program: String, problem: io::Error },
    #[error("`{program}` ended with {status}:\n{told}")]
    Failed { program: String, status: std::process::ExitStatus, told: String },
    #[error("valgrind's words hold no count:\n{0}")]
    NoCount(String),
    #[error(
        "{path} takes {now} instructions, and {kept} are kept: more than {SLACK_PERCENT} % apart. \
         If that is meant, keep the new count with `cargo xtask instructions --keep`"
    )]
    Apart { path: String, kept: u64, now: u64 },
}

/// Counts, and keeps what was counted.
pub(crate) fn keep() -> Result<String, CountError> {
    let counts = Counts { rustc: rustc(), machine: machine(), instructions: count_all()? };
    let text = serde_json::to_string_pretty(&counts).unwrap_or_default();
    let path = file();
    fs::write(&path, text + "\n").map_err(|problem| CountError::File { path, problem })?;
    Ok(told(&counts.instructions))
}

/// Counts, and holds what was counted against what is kept.
pub(crate) fn hold() -> Result<String, CountError> {
    let path = file();
    let at = |problem| CountError::File { path: path.clone(), problem };
    let text = fs::read_to_string(&path).map_err(at)?;
    let kept: Counts = serde_json::from_str(&text).map_err(|problem| at(problem.into()))?;
    if version_of("valgrind").is_empty() {
        return Ok("NOT COUNTED, for valgrind is not installed".to_owned());
    }
    for (kept, now) in [(kept.rustc, rustc()), (kept.machine, machine())] {
        if kept != now {
            let why = format!("the counts are kept for {kept}, and this is {now}");
            return Ok(format!("NOT COUNTED, for {why}"));
        }
    }
    let now = count_all()?;
    compared(&kept.instructions, &now)?;
    Ok(told(&now))
}

fn compared(kept: &BTreeMap<String, u64>, now: &BTreeMap<String, u64>) -> Result<(), CountError> {
    for (path, now) in now {
        let kept = kept.get(path).copied().unwrap_or(0);
        if kept.abs_diff(*now) * 100 > kept * SLACK_PERCENT {
            return Err(CountError::Apart { path: path.clone(), kept, now: *now });
        }
    }
    Ok(())
}

fn told(counts: &BTreeMap<String, u64>) -> String {
    let one = |(path, count): (&String, &u64)| format!("{path} {count}");
    let all: Vec<_> = counts.iter().map(one).collect();
    format!("instructions of one walk: {}", all.join(", "))
}

fn count_all() -> Result<BTreeMap<String, u64>, CountError> {
    let mut counts = BTreeMap::new();
    for (path, walks) in PATHS {
        let (few, many) = (collected(path, BEFORE)?, collected(path, BEFORE + walks)?);
        counts.insert(path.to_owned(), many.saturating_sub(few) / u64::from(walks));
    }
    Ok(counts)
}

/// The instructions of the whole program when it walks a path so many times.
fn collected(path: &str, walks: u32) -> Result<u64, CountError> {
    let program = target().join("instructions").join("instructions");
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    command.arg(program).arg(path).arg(walks.to_string()).stdin(Stdio::null());
    let program = format!("{command:?}");
    let output = command
        .output()
        .map_err(|problem| CountError::NotRun { program: program.clone(), problem })?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        return Err(CountError::Failed { program, status: output.status, told });
    }
    collected_in(&told).ok_or(CountError::NoCount(told))
}

/// Reads valgrind's line `==123== Collected : 456`.
fn collected_in(told: &str) -> Option<u64> {
    let line = told.lines().find(|line| line.contains("Collected : "))?;
    line.rsplit_once(": ")?.1.trim().parse().ok()
}

fn rustc() -> String {
    version_of("rustc")
}

/// What decides on the instructions beside the compiler: the processor's kind, and valgrind's.
fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let has_avx2 = info.split_whitespace().any(|flag| flag == "avx2");
    let vectors = if has_avx2 { " with AVX2" } else { "" };
    format!("{}{vectors}, {}", std::env::consts::ARCH, version_of("valgrind"))
}

/// What a program says of its version; nothing if there is no such program.
fn version_of(program: &str) -> String {
    let output = Command::new(program).arg("--version").output().ok();
    let text = output.and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
    text.trim().to_owned()
}

fn file() -> PathBuf {
    root().join("benches").join("instructions.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_of_valgrind_is_read() {
        let told = "==7== Events    : Ir\n==7== Collected : 123456\n==7==\n";
        assert_eq!(collected_in(told), Some(123_456));
        assert_eq!(collected_in("==7== nothing"), None);
    }

    #[test]
    fn three_in_a_hundred_are_let_pass_and_no_more() {
        let counts = |count| BTreeMap::from([("a".to_owned(), count)]);
        for (now, holds) in
            [(1_000, true), (1_030, true), (970, true), (1_031, false), (969, false)]
        {
            assert_eq!(compared(&counts(1_000), &counts(now)).is_ok(), holds, "{now}");
        }
        assert!(compared(&BTreeMap::new(), &counts(5)).is_err(), "a path that nobody has kept");
    }
}
