//! The page about reports says everything, and its example is what the suite prints.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::command_line::{conformance, text};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// Every field and every word of an enumeration in a schema.
fn words(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(rules) => {
            for (rule, inside) in rules {
                match (rule.as_str(), inside) {
                    ("properties", Value::Object(fields)) => {
                        found.extend(fields.keys().cloned());
                        fields.values().for_each(|field| words(field, found));
                    }
                    ("const", Value::String(word)) => {
                        found.insert(word.clone());
                    }
                    _ => words(inside, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| words(item, found)),
        _ => {}
    }
}

#[test]
fn every_field_and_every_word_of_a_report_is_explained() {
    let page = read("docs/reading-a-report.md");
    let mut found = BTreeSet::new();
    for schema in ["report.schema.json", "recording.schema.json"] {
        words(&serde_json::from_str(&read(schema)).unwrap(), &mut found);
    }
    assert!(found.len() > 100, "{found:?}");
    // How a requirement is known, whose it is, and what the guides are called is told elsewhere.
    let elsewhere = ["client", "documented", "inferred", "observed", "standard", "both", "server"];
    let elsewhere = elsewhere.into_iter().chain(conformance::case::Guide::ALL.map(|it| it.name()));
    let elsewhere: BTreeSet<&str> = elsewhere.chain(["recording", "mfa-conformance"]).collect();
    let quoted: BTreeSet<&str> = page.split('`').skip(1).step_by(2).collect();
    let missing: Vec<&String> = found
        .iter()
        .filter(|word| !elsewhere.contains(word.as_str()))
        .filter(|word| !quoted.contains(word.as_str()) && !page.contains(&format!(" {word} ")))
        .collect();
    assert!(missing.is_empty(), "reading-a-report.md does not explain {missing:?}");
}

#[test]
fn every_exit_code_is_explained_in_its_order() {
    let page = read("docs/reading-a-report.md");
    let section = page.split("## Exit codes").nth(1).unwrap().split("\n## ").next().unwrap();
    let codes: Vec<&str> = section
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(' ').next())
        .filter(|code| code.parse::<u8>().is_ok())
        .collect();
    assert_eq!(codes, ["7", "2", "3", "9", "4", "6", "1", "8", "5", "0"]);
}

#[test]
fn the_example_is_what_the_suite_prints() {
    let page = read("docs/reading-a-report.md");
    let command = page.split("```sh\nmfa-conformance run --case").nth(1).unwrap();
    let command = command.split("\n```").next().unwrap();
    let args: Vec<&str> = command.split_whitespace().collect();
    let out = text(&conformance(&[&["run", "--case"], &args[..]].concat()).stdout);
    let example = page.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    assert!(example.lines().count() > 15);
    let mut rest = out.as_str();
    for line in example.lines() {
        let at = rest.find(line);
        assert!(at.is_some(), "not printed any more, or not there: {line}\n{out}");
        rest = &rest[at.unwrap() + line.len()..];
    }
}

#[test]
fn the_example_of_an_expectation_file_runs_as_it_stands() {
    let page = read("docs/expectations.md");
    let block = |language: &str| {
        let rest = page.split(&format!("```{language}\n")).nth(1).unwrap();
        rest.split("```").next().unwrap()
    };
    let folder = crate::driver_docs::fresh_folder("expectations");
    fs::write(folder.join("known.toml"), block("toml")).unwrap();
    let args = block("sh").split_whitespace().skip(1);
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_mfa-conformance"))
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap();
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{out}");
    for line in block("text").lines() {
        assert!(out.contains(line), "{line}\n{out}");
    }
}

#[test]
fn every_option_of_a_report_is_explained() {
    let page = read("docs/reading-a-report.md");
    let help = text(&conformance(&["report", "--help"]).stdout);
    let section = help.split("Reports:\n").nth(1).unwrap();
    let options: Vec<&str> = section
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("--"))
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(options.len(), 9, "{options:?}");
    for option in options {
        assert!(page.contains(&format!("`--{option}")), "--{option}");
    }
}
