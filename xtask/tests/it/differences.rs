//! `DIFFERENCES.md` explains every rule that a requirement names, and names settings that exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use mfa_engine::GATES;
use mfa_engine::policy::Policy;
use serde_json::Value;

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn differences() -> String {
    fs::read_to_string(root().join("DIFFERENCES.md")).expect("DIFFERENCES.md")
}

/// Returns the cells of every table row, without the headings.
fn rows(document: &str) -> Vec<Vec<String>> {
    document
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| id |"))
        .map(|line| {
            line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()
        })
        .collect()
}

/// Tells whether a cell is an id such as `U12`, `K1`, `T14` or `JS-33`.
fn is_id(cell: &str) -> bool {
    let letters =
        cell.strip_prefix("JS-").or_else(|| cell.strip_prefix(|c: char| c.is_ascii_uppercase()));
    letters.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

#[test]
fn no_question_stands_twice() {
    let mut seen = BTreeSet::new();
    let rows = rows(&differences());
    let questions = rows.into_iter().filter_map(|row| {
        let place = usize::from(row.first().is_some_and(|cell| is_id(cell)));
        row.into_iter().nth(place).filter(|cell| cell.ends_with('?'))
    });
    let twice: Vec<_> = questions.filter(|question| !seen.insert(question.clone())).collect();
    assert!(twice.is_empty(), "these questions stand twice: {twice:?}");
    assert!(seen.len() > 150, "{}", seen.len());
}

fn explained() -> Vec<String> {
    let ids = rows(&differences()).into_iter().filter_map(|row| row.into_iter().next());
    ids.filter(|id| is_id(id)).collect()
}

/// Returns the rule of every requirement, with the requirement's id.
fn rules_of_requirements() -> Vec<(String, String)> {
    let folder = root().join("conformance/requirements");
    let mut rules = Vec::new();
    for entry in fs::read_dir(folder).expect("requirements") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a requirements file");
        let table: toml::Table = text.parse().expect("TOML");
        for row in table["requirement"].as_array().expect("rows") {
            let field = |name: &str| row[name].as_str().expect(name).to_owned();
            rules.push((field("id"), field("rule")));
        }
    }
    rules
}

#[test]
fn every_rule_of_a_requirement_is_explained() {
    let explained: BTreeSet<String> = explained().into_iter().collect();
    let rules = rules_of_requirements();
    assert!(rules.len() >= 70, "only {} requirements were found", rules.len());
    for (requirement, rule) in rules {
        assert!(
            ["RFC", "WebAuthn-"].iter().any(|standard| rule.starts_with(standard))
                || explained.contains(&rule),
            "{requirement} rests on {rule}, which DIFFERENCES.md does not explain"
        );
    }
}

#[test]
fn no_id_is_explained_twice() {
    let all = explained();
    let distinct: BTreeSet<&String> = all.iter().collect();
    assert_eq!(all.len(), distinct.len());
}

#[test]
fn the_unknowns_and_corrections_are_complete() {
    let numbered = |letter: char| -> Vec<String> {
        explained().into_iter().filter(|id| id.starts_with(letter)).collect()
    };
    let expected = |letter: char, last: u32| -> Vec<String> {
        (1..=last).map(|n| format!("{letter}{n}")).collect()
    };
    assert_eq!(numbered('U'), expected('U', 35));
    assert_eq!(numbered('K'), expected('K', 9));
}

/// Returns the paths in backticks, such as `totp.windowSteps`, of a table cell.
fn settings_in(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Tells whether a path such as `mfa.actions` leads to a setting.
///
/// A path behind `[]` is cut there: the default list is empty, so its entries cannot be asked.
fn exists(policy: &Value, path: &str) -> bool {
    let path = path.split("[]").next().unwrap_or(path).trim_end_matches(".*");
    let mut here = policy;
    for name in path.split('.') {
        match here.get(name) {
            Some(value) => here = value,
            None => return false,
        }
    }
    true
}

#[test]
fn every_setting_exists() {
    let policy = serde_json::to_value(Policy::default()).expect("settings as JSON");
    let document = differences();
    let (tables, _) = document.split_once("\n## Rules\n").expect("the tables of settings");
    let mut seen = 0;
    for row in rows(tables) {
        let cell = match row.as_slice() {
            [id, _, _, setting, _] if is_id(id) => setting,
            [_, _, setting] => setting,
            _ => continue,
        };
        for name in settings_in(cell) {
            // Values of a setting and the names of calls stand in backticks as well.
            let looks_like_a_path = name.contains('.') || policy.get(&name).is_some();
            if looks_like_a_path {
                assert!(exists(&policy, &name), "{}: there is no setting `{name}`", row[0]);
                seen += 1;
            }
        }
    }
    assert!(seen >= 35, "only {seen} settings were found; did the tables change their form?");
}

/// Collects the path of every leaf of the settings; a list is a leaf.
fn leaves(policy: &Value, path: &str, found: &mut Vec<String>) {
    match policy {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                leaves(value, &path, found);
            }
        }
        _ => found.push(path.to_owned()),
    }
}

#[test]
fn every_setting_is_explained() {
    let policy = serde_json::to_value(Policy::default()).expect("settings as JSON");
    let named: BTreeSet<String> = settings_in(&differences()).into_iter().collect();
    let mut all = Vec::new();
    leaves(&policy, "", &mut all);
    assert!(all.len() >= 50, "only {} settings were found", all.len());
    let is_explained = |path: &String| {
        // The setting itself, or the group that it belongs to.
        let ends = path.match_indices('.').map(|(at, _)| at).chain([path.len()]);
        ends.into_iter().any(|end| named.contains(&path[..end]))
    };
    let unexplained: Vec<&String> = all.iter().filter(|path| !is_explained(path)).collect();
    assert!(unexplained.is_empty(), "DIFFERENCES.md does not name {unexplained:?}");
}

#[test]
fn a_setting_that_does_not_exist_would_be_noticed() {
    let policy = serde_json::to_value(Policy::default()).expect("settings as JSON");
    assert!(exists(&policy, "totp.windowSteps"));
    assert!(!exists(&policy, "totp.windowSeconds"));
}

#[test]
fn the_table_of_gates_is_that_of_the_engine() {
    let document = differences();
    let written: Vec<String> = document
        .lines()
        .skip_while(|line| *line != "## Gates")
        .skip(1)
        .take_while(|line| !line.starts_with("## "))
        .filter(|line| line.starts_with("| `"))
        .map(str::to_owned)
        .collect();
    let row = |gate: &mfa_engine::Gate| {
        let action = gate.action.and_then(|action| serde_json::to_value(action).ok());
        let action = match action.as_ref().and_then(Value::as_str) {
            Some(action) => format!("`{action}`"),
            None => "–".to_owned(),
        };
        let certainty = gate.certainty.as_str();
        format!("| `{}` | `{}` | {action} | {certainty} |", gate.operation, gate.scope)
    };
    assert_eq!(written, GATES.iter().map(row).collect::<Vec<_>>());
}
