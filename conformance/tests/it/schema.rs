//! The published schemas describe what is really written, no less and no more.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

use crate::command_line::{conformance, file, text};

const SABOTEUR: &str = "inproc:mutant/sdk/swallow-401";

fn published(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn the_published_files_are_the_present_schemas() {
    for (what, name) in [("report", "report.schema.json"), ("recording", "recording.schema.json")] {
        let printed: Value =
            serde_json::from_slice(&conformance(&["schema", what]).stdout).unwrap();
        assert_eq!(
            printed,
            published(name),
            "write it anew: mfa-conformance schema {what} > conformance/{name}"
        );
    }
}

#[test]
fn a_real_report_and_a_real_recording_fit() {
    let (json, recording) = (file("fits.json"), file("fits.ndjson"));
    let (json_path, recording_path) = (json.display().to_string(), recording.display().to_string());
    let output =
        conformance(&["--driver", SABOTEUR, "--json", &json_path, "--record", &recording_path]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    let schema = published("report.schema.json");
    let report: Value = serde_json::from_str(&fs::read_to_string(&json).unwrap()).unwrap();
    assert_eq!(misfit(&report, &schema, &schema, "report"), None);
    let schema = published("recording.schema.json");
    let lines = fs::read_to_string(&recording).unwrap();
    assert!(lines.lines().count() > 100);
    for line in lines.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(misfit(&line, &schema, &schema, "line"), None);
    }
}

#[test]
fn the_check_sees_what_does_not_fit() {
    let schema = published("report.schema.json");
    let path = file("misfits.json").display().to_string();
    conformance(&["--select", "start/*", "--json", &path]);
    let report: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(misfit(&report, &schema, &schema, "report"), None);
    for (place, value, wanted) in [
        ("/cases/0/verdict", Value::from("GOOD"), "report.cases.0.verdict"),
        ("/cases/0/duration_ms", Value::from("1"), "report.cases.0.duration_ms"),
        ("/summary/totals", Value::Null, "report.summary.totals"),
        ("/schema", Value::from(2), "report.schema"),
        ("/cases/0/proofs/0", Value::Object(Map::new()), "report.cases.0.proofs.0"),
    ] {
        let mut wrong = report.clone();
        *wrong.pointer_mut(place).unwrap() = value;
        let found = misfit(&wrong, &schema, &schema, "report").unwrap();
        assert!(found.starts_with(wanted), "{found}");
    }
    let mut wrong = report;
    wrong["cases"][0]["surprise"] = Value::from(1);
    assert_eq!(
        misfit(&wrong, &schema, &schema, "report").unwrap(),
        "report.cases.0.surprise is not described"
    );
}

/// The first place where a value is not what the schema says; also a field that it does not name.
///
/// Only what our schemas use is understood, and anything else in a schema is itself a misfit.
fn misfit(value: &Value, schema: &Value, root: &Value, at: &str) -> Option<String> {
    const KNOWN: [&str; 18] = [
        "$schema",
        "$defs",
        "title",
        "description",
        "default",
        "format",
        "minimum",
        "maximum",
        "type",
        "enum",
        "const",
        "$ref",
        "anyOf",
        "oneOf",
        "items",
        "properties",
        "required",
        "additionalProperties",
    ];
    let rules = schema.as_object()?;
    if let Some(rule) = rules.keys().find(|rule| !KNOWN.contains(&rule.as_str())) {
        return Some(format!("{at}: the check does not know the rule {rule}"));
    }
    if let Some(name) = rules.get("$ref").and_then(Value::as_str) {
        let target = root.pointer(name.trim_start_matches('#')).unwrap();
        return misfit(value, target, root, at);
    }
    for choice in ["anyOf", "oneOf"] {
        if let Some(list) = rules.get(choice).and_then(Value::as_array) {
            let fits = list.iter().any(|one| misfit(value, one, root, at).is_none());
            let single = list.iter().filter(|one| one.get("type") != Some(&"null".into()));
            return (!fits).then(|| {
                let told: Vec<String> =
                    single.filter_map(|one| misfit(value, one, root, at)).collect();
                match told.as_slice() {
                    [only] => only.clone(),
                    _ => format!("{at} is none of the choices: {value}"),
                }
            });
        }
    }
    if rules.get("const").is_some_and(|only| only != value)
        || rules.get("enum").is_some_and(|list| !list.as_array().unwrap().contains(value))
    {
        return Some(format!("{at} is {value}"));
    }
    let kinds: Vec<&str> = match rules.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !kinds.is_empty() && !kinds.contains(&kind(value)) {
        return Some(format!("{at} is {}", kind(value)));
    }
    match value {
        Value::Array(items) => items.iter().enumerate().find_map(|(index, item)| {
            misfit(item, rules.get("items")?, root, &format!("{at}.{index}"))
        }),
        Value::Object(fields) => object_misfit(fields, rules, root, at),
        _ => None,
    }
}

fn object_misfit(
    fields: &Map<String, Value>,
    rules: &Map<String, Value>,
    root: &Value,
    at: &str,
) -> Option<String> {
    let required = rules.get("required").and_then(Value::as_array).into_iter().flatten();
    for name in required.filter_map(Value::as_str) {
        if !fields.contains_key(name) {
            return Some(format!("{at} lacks {name}"));
        }
    }
    let described = rules.get("properties").and_then(Value::as_object)?;
    fields.iter().find_map(|(name, field)| match described.get(name) {
        Some(schema) => misfit(field, schema, root, &format!("{at}.{name}")),
        None => Some(format!("{at}.{name} is not described")),
    })
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
