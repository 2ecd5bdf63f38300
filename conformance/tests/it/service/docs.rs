//! The page about services: typed in as it stands, it does what it says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Built;
use crate::command_line::{conformance, text};

/// What the page calls the base URL of the mock that the reader has started.
const BASE: &str = "http://127.0.0.1:4400/api/v0";

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/measuring-a-service.md");
    fs::read_to_string(path).unwrap()
}

/// The blocks of the page in their order: language and content.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    page.split("\n```").skip(1).step_by(2).map(|block| block.split_once('\n').unwrap()).collect()
}

#[cfg(unix)]
#[test]
fn every_command_does_what_the_page_says() {
    let page = page();
    let mock = Built::start(&[]);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("measuring-a-service");
    fs::create_dir_all(&folder).unwrap();
    let programs = Path::new(env!("CARGO_BIN_EXE_mfa-conformance")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let mut said = String::new();
    let mut typed = 0;
    for (language, content) in blocks(&page) {
        match language {
            // It runs already, on a port of its own.
            "sh" if content.starts_with("mfa-mock ") => {}
            "sh" => {
                let script = content.replace(BASE, &mock.base);
                let mut shell = Command::new("sh");
                shell.args(["-e", "-c", &script]).current_dir(&folder).env("PATH", &path);
                let output = shell.output().unwrap();
                said = text(&output.stdout).replace(&mock.base, BASE);
                let err = text(&output.stderr);
                assert!(output.status.success(), "{content}\n{said}{err}");
                typed += 1;
            }
            "text" => {
                let mut rest = said.as_str();
                for line in content.lines() {
                    // Workers end their cases in an order of their own; all else has its place.
                    let is_of_a_case =
                        line.starts_with(['✓', '–', '✗']) || line.starts_with("    ");
                    let seen_in = if is_of_a_case { said.as_str() } else { rest };
                    let at = seen_in.find(line);
                    assert!(at.is_some(), "not printed any more, or not there: {line}\n{said}");
                    if !is_of_a_case {
                        rest = &rest[at.unwrap() + line.len()..];
                    }
                }
            }
            other => panic!("a block of {other}"),
        }
    }
    assert_eq!(typed, 5);
    for kept in ["kept.md", "kept.json"] {
        assert!(folder.join(kept).exists(), "{kept}");
    }
}

#[test]
fn every_option_of_a_service_is_on_the_page() {
    let page = page();
    let help = text(&conformance(&["run", "--help"]).stdout);
    let section = help.split("Measuring a service:\n").nth(1).unwrap();
    let section = section.split("\nReports:").next().unwrap();
    let options: Vec<&str> = section
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("--"))
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert!(options.len() >= 10, "{options:?}");
    for option in options {
        assert!(page.contains(&format!("--{option}")), "--{option}");
    }
}
