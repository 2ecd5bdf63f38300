//! A service without a control API, through the relay: here the mock, whose control nobody touches.

use std::fs;

use serde_json::Value;

use super::{Built, number};
use crate::command_line::{conformance, file, text};

const ENVIRONMENT: &str = "6f1f3c1e-58a1-4b8f-9e53-0f5f3a4f9d10";

/// The flags of a tester with test accounts.
fn flags(base: &str) -> Vec<&str> {
    vec![
        "--service",
        base,
        "--no-control",
        "--environment",
        ENVIRONMENT,
        "--email",
        "me+{n}+dynamic_test@box.example.com",
        "--code",
        "424242",
    ]
}

fn run(base: &str, more: &[&str]) -> (Option<i32>, String) {
    let output = conformance(&[&flags(base)[..], more].concat());
    (output.status.code(), text(&output.stdout))
}

#[test]
fn what_can_be_asked_without_control_holds_and_the_rest_does_not_apply() {
    let mock = Built::start(&[]);
    let json = file("plain.json");
    let (code, out) = run(&mock.base, &["--strict", "may", "--json", json.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{out}");
    let (ran, na, plan) = (number(&out, "ran"), number(&out, "na"), number(&out, "plan"));
    assert!(ran >= 25 && na > 100 && ran + na == plan, "{out}");
    let report: Value = serde_json::from_str(&fs::read_to_string(&json).unwrap()).unwrap();
    for case in report["cases"].as_array().unwrap() {
        let verdict = case["verdict"].as_str().unwrap();
        assert!(verdict == "PASS" || verdict == "NA", "{case}");
        if verdict == "NA" {
            assert!(case["because"].as_str().unwrap().starts_with("needs "), "{case}");
            for proof in case["proofs"].as_array().unwrap() {
                assert_eq!(proof["proof"], "undecided", "half a case is judged: {case}");
            }
        }
    }
    // One of each kind that a world without control can still play.
    for case in [
        "start/signs-in-by-email",
        "walk/step-up-by-email",
        "jwt/forged-tokens-are-refused",
        "passkey/registering-is-one-ceremony",
        "race/single-use-elevated-token",
    ] {
        assert!(out.contains(&format!("✓ {case} ")), "{case} does not apply any more\n{out}");
    }
    let report = fs::read_to_string(json).unwrap();
    assert!(!report.contains("box.example.com"), "the tester's addresses are nobody's business");
}

#[test]
fn each_world_has_cases_that_no_other_has() {
    let mut told = Vec::new();
    for (world, preset) in
        [("plain", None), ("legacy", Some("legacy")), ("mfa-required", Some("mfa-required"))]
    {
        let config = file(&format!("{world}.toml"));
        let text = match preset {
            Some("legacy") => "[settings]\nminApiVersion = \"2026_01_01\"\n",
            Some(_) => "[settings.mfa]\nenrollment = \"signup\"\n",
            None => "",
        };
        fs::write(&config, text).unwrap();
        let mock = Built::start(&["--config", config.to_str().unwrap()]);
        let (code, out) = run(&mock.base, &["--world", world, "--strict", "may"]);
        assert_eq!(code, Some(0), "{world}: {out}");
        told.push(number(&out, "ran"));
    }
    assert!(told.iter().all(|ran| *ran >= 2), "{told:?}");
}

#[test]
fn without_test_accounts_nobody_signs_in_and_nothing_fails() {
    let mock = Built::start(&[]);
    let flags = ["--service", &mock.base, "--no-control", "--environment", ENVIRONMENT];
    let output = conformance(&[&flags[..], &["--strict", "may"]].concat());
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{out}");
    assert!(out.contains("needs mail that can be read"), "{out}");
    assert!(number(&out, "ran") >= 1, "{out}");
}

#[test]
fn a_departure_is_found_without_control() {
    let config = file("plain-departs.toml");
    fs::write(&config, "[settings.elevation]\nspentOn = \"success\"\nrefusedStatus = 418\n")
        .unwrap();
    let mock = Built::start(&["--config", config.to_str().unwrap()]);
    let (code, out) = run(&mock.base, &["--strict", "may"]);
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("418"), "{out}");
}

#[test]
fn a_service_that_limits_calls_fails_nothing_for_that() {
    let config = file("limits.toml");
    fs::write(&config, "[settings.rateLimits]\nenabled = true\n").unwrap();
    let mock = Built::start(&["--config", config.to_str().unwrap()]);
    let (code, out) = run(&mock.base, &["--strict", "may", "--jobs", "1"]);
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("(429); ask more slowly, with --per-minute"), "{out}");
    assert!(number(&out, "ran") >= 1, "{out}");

    let mock = Built::start(&[]);
    let watch = std::time::Duration::from_millis;
    let paced = ["--per-minute", "600", "--case", "start/signs-in-by-email", "--seed", "7"];
    let json = file("paced.json");
    let (code, out) = run(&mock.base, &[&paced[..], &["--json", json.to_str().unwrap()]].concat());
    assert_eq!(code, Some(0), "{out}");
    let report: Value = serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
    let took = watch(report["cases"][0]["duration_ms"].as_u64().unwrap());
    assert!(took >= watch(200), "three requests and more, a tenth of a second apart: {took:?}");
}

#[test]
fn an_sdk_is_played_against_such_a_service() {
    let mock = Built::start(&[]);
    let driver = ["--driver", "inproc:reference", "--select", "start/*", "--select", "walk/*"];
    let (code, out) = run(&mock.base, &driver);
    assert_eq!(code, Some(0), "{out}");
    assert!(
        out.contains("✓ honesty/dead-service") && out.contains("✓ honesty/fingerprint"),
        "{out}"
    );
    assert!(number(&out, "ran") >= 2, "{out}");
}
