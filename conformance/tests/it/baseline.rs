//! Two runs against each other, and an expectation file against a whole run.

use std::fs;

use serde_json::Value;

use crate::command_line::{conformance, file, text};

const SABOTEUR: &str = "inproc:mutant/sdk/generic-error-for-invalid-code";
const CASE: &str = "start/wrong-code-is-recognisable";

fn ran(driver: &str, name: &str, more: &[&str]) -> (Option<i32>, String, String) {
    let path = file(name).display().to_string();
    let mut args = vec!["--driver", driver, "--seed", "7", "--record", &path];
    args.extend(more);
    let output = conformance(&args);
    (output.status.code(), text(&output.stdout), path)
}

const START: [&str; 2] = ["--select", "start/*"];

#[test]
fn a_regression_is_exit_8() {
    let (_, _, good) = ran("inproc:reference", "compare-good.ndjson", &START);
    let (_, _, bad) = ran(SABOTEUR, "compare-bad.ndjson", &START);
    let output = conformance(&["compare", &good, &bad]);
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(8), "{out}");
    assert!(out.contains("1 requirement newly failing\n  ✗ MFA-TOTP-016  held → failed"), "{out}");
    assert!(out.contains(&format!("1 case newly failing\n  ✗ {CASE}  PASS → FAIL")), "{out}");
    assert!(out.ends_with("2 changes · 2 regressions\n"), "{out}");

    let repaired = conformance(&["compare", &bad, &good]);
    assert_eq!(repaired.status.code(), Some(0));
    assert!(text(&repaired.stdout).contains("1 case newly passing\n"));
    let same = conformance(&["compare", &bad, &bad]);
    assert_eq!(text(&same.stdout), "0 changes · 0 regressions\n");

    let renamed = fs::read_to_string(&good).unwrap().replace(CASE, "start/an-older-name");
    let old = file("compare-renamed.ndjson").display().to_string();
    fs::write(&old, renamed).unwrap();
    let out = text(&conformance(&["compare", &old, &bad]).stdout);
    assert!(out.contains("1 case appeared") && out.contains("1 case vanished"), "{out}");
    let alias = format!("start/an-older-name={CASE}");
    let aliased = conformance(&["compare", &old, &bad, "--alias", &alias]);
    assert_eq!(text(&aliased.stdout), out_of(&good, &bad));
    for (alias, problem) in [
        ("start/an-older-nam=x", "did you mean \"start/an-older-name\"?"),
        ("start/an-older-name", "write OLD=NEW"),
        ("start/an-older-name=start/first-totp-device", "of its own"),
    ] {
        let output = conformance(&["compare", &old, &bad, "--alias", alias]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(problem), "{}", text(&output.stderr));
    }

    let json = conformance(&["compare", "--json", &good, &bad]);
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["exit_code"], 8);
    assert_eq!(json["cases"][0]["id"], CASE);
    assert_eq!(json["cases"][0]["kind"], "newly-failing");
}

fn out_of(before: &str, after: &str) -> String {
    text(&conformance(&["compare", before, after]).stdout)
}

#[test]
fn another_seed_is_no_change() {
    let (_, _, one) = ran(SABOTEUR, "seed-7.ndjson", &START);
    let path = file("seed-8.ndjson").display().to_string();
    let args = ["--driver", SABOTEUR, "--select", "start/*", "--seed", "8", "--record", &path];
    conformance(&args);
    let out = text(&conformance(&["compare", &one, &path]).stdout);
    assert_eq!(out, "0 changes · 0 regressions\n");
}

#[test]
fn a_run_is_held_against_its_baseline() {
    let json = file("baseline.json").display().to_string();
    ran("inproc:reference", "baseline.ndjson", &["--select", "start/*", "--json", &json]);
    let more = ["--select", "start/*", "--baseline", &json];
    // What another program wrote on one line is the same report.
    let compact: Value = serde_json::from_str(&fs::read_to_string(&json).unwrap()).unwrap();
    fs::write(&json, compact.to_string()).unwrap();
    let (code, out, _) = ran("inproc:reference", "held.ndjson", &more);
    assert_eq!(code, Some(0), "{out}");
    let (code, out, _) = ran(SABOTEUR, "regressed.ndjson", &more);
    assert_eq!(code, Some(8), "a SHOULD alone would be exit 0: {out}");
    assert!(out.contains(&format!("8  newly failing {CASE} (PASS → FAIL)")), "{out}");
    let (code, _, _) =
        ran("inproc:reference", "unread.ndjson", &["--baseline", "/no/such/baseline.json"]);
    assert_eq!(code, Some(2));
}

#[test]
fn a_whole_run_writes_the_expectations_that_excuse_it() {
    let (_, _, whole) = ran(SABOTEUR, "whole.ndjson", &[]);
    let known = file("blessed.toml");
    let known_path = known.display().to_string();
    let head = "# what is known of the SDK\n";
    fs::write(&known, head).unwrap();

    let without = conformance(&["bless", &whole, "--expectations", &known_path]);
    assert_eq!(without.status.code(), Some(1), "{}", text(&without.stdout));
    assert_eq!(fs::read_to_string(&known).unwrap(), head, "no cause, no excuse");

    let grant = ["--cause", "one error for everything", "--until", "2999-12-31"];
    let mut args = vec!["bless", &whole, "--expectations", &known_path];
    args.extend(grant);
    let dry = conformance(&[&args[..], &["--dry-run"]].concat());
    assert_eq!(dry.status.code(), Some(0), "{}", text(&dry.stdout));
    assert_eq!(fs::read_to_string(&known).unwrap(), head, "a dry run writes nothing");
    let blessed = conformance(&args);
    assert_eq!(blessed.status.code(), Some(0), "{}", text(&blessed.stdout));
    assert!(fs::read_to_string(&known).unwrap().starts_with(head));

    // Another seed draws other ids, codes and times; the excuses must hold all the same.
    let again = ["--seed", "8", "--strict", "should", "--expectations", &known_path];
    let output = conformance(&[&["--driver", SABOTEUR], &again[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));

    let (_, _, part) = ran(SABOTEUR, "part.ndjson", &START);
    let refused = conformance(&["bless", &part, "--expectations", &known_path]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("refused: only a part of the suite was selected"));
}
