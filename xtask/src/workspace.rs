//! Where things lie: the root of the workspace, cargo, and what cargo built.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Returns the root of the workspace.
///
/// Cargo says at run time where this package lies; the path known at build time is the fallback
/// for a binary that is started by hand.
pub(crate) fn root() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.parent().map_or_else(|| package.clone(), Path::to_path_buf)
}

/// Returns a call of the cargo that runs us, at the root of the workspace.
pub(crate) fn cargo() -> Command {
    at_root(env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from))
}

/// Returns a call of a binary of this workspace, at the root of the workspace.
///
/// It lies beside this one, because both come out of the same build.
pub(crate) fn binary(name: &str) -> Command {
    at_root(built().join(format!("{name}{}", env::consts::EXE_SUFFIX)))
}

/// Returns the target directory.
pub(crate) fn target() -> PathBuf {
    let built = built();
    built.parent().map_or_else(|| built.clone(), Path::to_path_buf)
}

/// Returns the folder of the suite's reports, inside the target directory.
pub(crate) fn reports() -> PathBuf {
    target().join("reports")
}

/// Returns the folder of what fuzzers found and said, inside the target directory.
pub(crate) fn fuzzed() -> PathBuf {
    let built = built();
    built.parent().unwrap_or(&built).join("fuzzed")
}

/// Returns the folder of the reports that the repository keeps.
pub(crate) fn kept_reports() -> PathBuf {
    root().join("conformance").join("reports")
}

fn built() -> PathBuf {
    let fallback = || root().join("target").join("debug");
    let beside_us = env::current_exe().ok().and_then(|path| path.parent().map(Path::to_path_buf));
    match beside_us {
        // Test binaries of cargo lie one folder deeper.
        Some(folder) if folder.ends_with("deps") => {
            folder.parent().map_or_else(fallback, Path::to_path_buf)
        }
        Some(folder) => folder,
        None => fallback(),
    }
}

fn at_root(program: PathBuf) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_holds_the_workspace_manifest() {
        let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
        assert!(manifest.contains("[workspace]"));
    }

    #[test]
    fn reports_land_in_the_target_directory() {
        assert!(reports().ends_with("reports"));
        assert!(!built().ends_with("deps"));
    }
}
