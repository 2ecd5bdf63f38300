//! The programs that a step calls, and clear words for one that is missing.

use std::io;
use std::process::{Command, Stdio};

use crate::workspace::cargo;

/// The oldest Node.js that the JavaScript SDK runs in.
const NODE_MAJOR_MIN: u32 = 20;

/// A program cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ToolError {
    /// It is not there.
    #[error("`{name}` was not found. It is needed {purpose}. {cure}")]
    Missing { name: &'static str, purpose: &'static str, cure: &'static str },
    /// It is too old.
    #[error("Node.js {found} is too old: the JavaScript SDK needs {NODE_MAJOR_MIN} or newer")]
    Old { found: String },
    /// It is there but cannot be asked.
    #[error("`{name} --version` could not be run: {problem}")]
    Silent { name: &'static str, problem: io::Error },
    /// It answered with a failure.
    #[error("`{name} --version` failed, so the program is there but broken")]
    Broken { name: &'static str },
}

/// Returns a call of Node.js.
pub(crate) fn node() -> Command {
    Command::new("node")
}

/// Returns a call of npm.
pub(crate) fn npm() -> Command {
    Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// Checks that Node.js and npm are there and new enough, and returns the version of Node.js.
pub(crate) fn require_node() -> Result<String, ToolError> {
    let version = version_of("node", node())?;
    if major(&version).is_none_or(|major| major < NODE_MAJOR_MIN) {
        return Err(ToolError::Old { found: version });
    }
    version_of("npm", npm())?;
    Ok(version)
}

/// Returns a call of something in the nightly toolchain, whose flags fuzzers are built with.
pub(crate) fn nightly() -> Command {
    let mut command = Command::new("rustup");
    // Whoever runs us has named a toolchain and its cargo, which are not the ones meant here.
    command.args(["run", "nightly"]).env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN");
    command
}

/// Checks that the nightly toolchain and cargo-fuzz are there.
pub(crate) fn require_fuzzer() -> Result<(), ToolError> {
    let is_there = |words: &[&str]| {
        let mut command = nightly();
        command.args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let missing = |name, cure| Err(ToolError::Missing { name, purpose: "to fuzz", cure });
    if !is_there(&["rustc", "--version"]) {
        return missing("rustup run nightly rustc", "Install it: rustup toolchain install nightly");
    }
    if !is_there(&["cargo", "fuzz", "--version"]) {
        return missing("cargo fuzz", "Install it: cargo install cargo-fuzz");
    }
    Ok(())
}

/// Tells whether `cargo nextest` can be called.
pub(crate) fn has_nextest() -> bool {
    cargo()
        .args(["nextest", "--version"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn version_of(name: &'static str, mut command: Command) -> Result<String, ToolError> {
    match command.arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output() {
        Ok(output) if output.status.success() => {
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        }
        Ok(_) => Err(ToolError::Broken { name }),
        Err(problem) if problem.kind() == io::ErrorKind::NotFound => Err(ToolError::Missing {
            name,
            purpose: "to run the real JavaScript SDK",
            cure: "Install Node.js 20 or newer with npm, or leave the SDK out with --skip-sdk",
        }),
        Err(problem) => Err(ToolError::Silent { name, problem }),
    }
}

/// Reads the major number out of a version such as `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    version.trim_start_matches('v').split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_number_is_read() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("9.1"), Some(9));
        assert_eq!(major("unknown"), None);
    }

    #[test]
    fn a_missing_program_is_named_with_a_cure() {
        let error = version_of("node", Command::new("no-such-program-anywhere")).unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("`node` was not found."), "{text}");
        assert!(text.contains("--skip-sdk"), "{text}");
    }
}
