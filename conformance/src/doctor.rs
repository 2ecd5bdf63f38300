//! What a machine has and lacks for judging an SDK, before anything is judged.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use driver_protocol::MDP;
use serde_json::Value;

use crate::driver::Connect;
use crate::service::Service;

/// The oldest Node.js that the driver of the JavaScript SDK runs on.
const NODE_MAJOR_MIN: u32 = 20;

/// Programs that drivers are often written for.
const PROGRAMS: [&str; 4] = ["node", "npm", "python3", "cargo"];

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It is as it should be.
    Fine(String),
    /// It is not there, and nothing asked for needs it.
    Absent(String),
    /// It is in the way.
    Wrong {
        /// What is wrong.
        problem: String,
        /// What to do about it.
        remedy: String,
    },
}

impl Finding {
    /// The finding as people read it.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Fine(text) => format!("✓ {text}\n"),
            Self::Absent(text) => format!("· {text}\n"),
            Self::Wrong { problem, remedy } => format!("✗ {problem}\n    next   {remedy}\n"),
        }
    }
}

/// Looks at the machine, and at what a driver needs of it.
#[must_use]
pub fn doctor(driver: Option<&Connect>) -> Vec<Finding> {
    let version = env!("CARGO_PKG_VERSION");
    let mut findings =
        vec![Finding::Fine(format!("mfa-conformance {version}, driver protocol MDP/{MDP}"))];
    findings.push(match Service::start(1) {
        Ok(service) => {
            Finding::Fine(format!("a port is free: the service starts at {}", service.base_url()))
        }
        Err(problem) => Finding::Wrong {
            problem: format!("the service does not start: {problem}"),
            remedy: "allow this program to listen on the loopback interface".to_owned(),
        },
    });
    let words: Vec<&str> = match driver {
        Some(Connect::Exec { command }) => command.split_whitespace().collect(),
        _ => Vec::new(),
    };
    let program = words.first().copied();
    for known in PROGRAMS.into_iter().filter(|known| program != Some(*known)) {
        findings.push(match version_of(known) {
            Some(version) => Finding::Fine(format!("{known} {version}")),
            None => Finding::Absent(format!(
                "{known} is not installed; only a driver that is run by it needs it"
            )),
        });
    }
    if let Some(program) = program {
        findings.push(runs(program));
        let scripts = words.iter().skip(1).map(Path::new);
        for script in scripts.filter(|word| word.extension().is_some_and(is_script)) {
            findings.extend(script_findings(script));
        }
    }
    findings
}

fn is_script(extension: &std::ffi::OsStr) -> bool {
    ["mjs", "cjs", "js", "py"].iter().any(|known| extension == *known)
}

/// The program that a driver's command begins with.
fn runs(program: &str) -> Finding {
    let Some(version) = version_of(program) else {
        return Finding::Wrong {
            problem: format!("the driver's command begins with {program}, which cannot be run"),
            remedy: "install it, or correct the path, which counts from this folder".to_owned(),
        };
    };
    let major: Option<u32> =
        version.trim_start_matches('v').split('.').next().and_then(|part| part.parse().ok());
    match major {
        Some(major) if program == "node" && major < NODE_MAJOR_MIN => Finding::Wrong {
            problem: format!("node {version} is too old"),
            remedy: format!("install Node.js {NODE_MAJOR_MIN} or newer"),
        },
        _ => Finding::Fine(format!("{program} {version} runs the driver")),
    }
}

/// A script is there, and so is what its package depends on.
fn script_findings(script: &Path) -> Vec<Finding> {
    let shown = script.display();
    let Ok(script) = fs::canonicalize(script) else {
        return vec![Finding::Wrong {
            problem: format!("there is no {shown}"),
            remedy: "correct the path, which counts from this folder".to_owned(),
        }];
    };
    let mut findings = vec![Finding::Fine(format!("{shown} is there"))];
    let folders = || script.ancestors().skip(1);
    let Some(folder) = folders().find(|folder| folder.join("package.json").is_file()) else {
        return findings;
    };
    if script.extension().is_some_and(|extension| extension == "py") {
        return findings;
    }
    let manifest = json(&folder.join("package.json"));
    let wanted =
        manifest.get("dependencies").and_then(Value::as_object).cloned().unwrap_or_default();
    for (name, range) in wanted {
        let installed = folders()
            .map(|folder| json(&folder.join("node_modules").join(&name).join("package.json")))
            .find_map(|manifest| Some(manifest.get("version")?.as_str()?.to_owned()));
        findings.push(match installed {
            Some(version) => Finding::Fine(format!("{name} {version} is installed")),
            None => Finding::Wrong {
                problem: format!("{name} {} is not installed", range.as_str().unwrap_or_default()),
                remedy: format!("cd {} && npm ci", folder.display()),
            },
        });
    }
    findings
}

/// A JSON file, or null when there is none that can be read.
fn json(file: &PathBuf) -> Value {
    fs::read(file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or(Value::Null)
}

/// What a program says of its version, without its own name; absent when it cannot be run.
fn version_of(program: &str) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = said.lines().next().unwrap_or_default();
    Some(said.split_whitespace().find(|word| word.contains('.')).unwrap_or_default().to_owned())
}
