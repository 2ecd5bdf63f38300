//! Reports as files: whole or absent, and told beforehand when they cannot be.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::command_line::{conformance, file, text};

const SABOTEUR: &str = "inproc:mutant/sdk/generic-error-for-invalid-code";

#[test]
fn a_path_that_cannot_be_written_is_exit_2_before_anything_is_played() {
    let missing = file("no-such-folder").join("report").display().to_string();
    let folder = file("a-folder");
    fs::create_dir_all(&folder).unwrap();
    for option in ["--junit", "--json", "--html", "--markdown", "--tap", "--badge", "--record"] {
        for path in [&missing, &folder.display().to_string()] {
            let output = conformance(&["--select", "start/*", option, path]);
            let (out, err) = (text(&output.stdout), text(&output.stderr));
            assert_eq!(output.status.code(), Some(2), "{option} {path}: {err}");
            assert!(err.contains(path.as_str()), "{err}");
            assert_eq!(out, "", "nothing may have been played");
        }
    }
    let output = conformance(&["--select", "start/*", "--baseline", &missing]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn the_summary_of_a_step_is_appended_only_when_asked_for() {
    let summary = file("step-summary.md");
    fs::write(&summary, "from the step before\n").unwrap();
    let ran = |args: &[&str], path: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mfa-conformance"));
        command.args(["--driver", SABOTEUR, "--select", "start/*"]).args(args);
        match path {
            Some(path) => command.env("GITHUB_STEP_SUMMARY", path),
            None => command.env_remove("GITHUB_STEP_SUMMARY"),
        };
        command.output().unwrap()
    };
    let path = summary.display().to_string();
    ran(&[], Some(&path));
    assert_eq!(fs::read_to_string(&summary).unwrap(), "from the step before\n");
    assert_eq!(ran(&["--step-summary"], Some(&path)).status.code(), Some(0));
    let text_now = fs::read_to_string(&summary).unwrap();
    assert!(text_now.starts_with("from the step before\n# MFA conformance: exit 0"), "{text_now}");
    assert!(text_now.contains("start/wrong-code-is-recognisable"), "{text_now}");
    let without = ran(&["--step-summary"], None);
    assert_eq!(without.status.code(), Some(2));
    assert!(text(&without.stderr).contains("GITHUB_STEP_SUMMARY, which is not set"));
}

#[test]
fn a_wrong_command_line_is_in_every_report() {
    let kinds = ["json", "html", "markdown", "tap", "badge"];
    let paths: Vec<String> =
        kinds.iter().map(|kind| file(&format!("wrong.{kind}")).display().to_string()).collect();
    let mut args = vec!["--case".to_owned(), "no/such/case".to_owned()];
    for (kind, path) in kinds.iter().zip(&paths) {
        fs::write(path, "a report of last week").unwrap();
        args.extend([format!("--{kind}"), path.clone()]);
    }
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    assert_eq!(conformance(&args).status.code(), Some(2));
    for (kind, path) in kinds.iter().zip(&paths) {
        let report = fs::read_to_string(path).unwrap();
        let wanted = if *kind == "badge" { "not judged" } else { "no/such/case" };
        assert!(report.contains(wanted), "{kind}: {report}");
    }
}

#[test]
fn a_badge_and_a_tap_of_a_green_run() {
    let (badge, tap) = (file("green.badge"), file("green.tap"));
    let (badge_path, tap_path) = (badge.display().to_string(), tap.display().to_string());
    conformance(&["--select", "start/*", "--badge", &badge_path, "--tap", &tap_path]);
    let badge: Value = serde_json::from_str(&fs::read_to_string(badge).unwrap()).unwrap();
    assert_eq!(badge["schemaVersion"], 1);
    assert_eq!(badge["message"], "MUST 3/3 · SHOULD 2/2 (part of the suite)");
    assert_eq!(badge["color"], "brightgreen");
    let tap = fs::read_to_string(tap).unwrap();
    assert_eq!(tap_mistake(&tap), None, "{tap}");
    assert!(tap.contains("\n1..9\n"), "{tap}");
    assert_eq!(tap.lines().filter(|line| line.starts_with("ok ")).count(), 9, "{tap}");
}

/// What is wrong with a TAP document, read as strictly as versions 13 and 14 both allow.
fn tap_mistake(tap: &str) -> Option<String> {
    let mut lines = tap.lines();
    if lines.next() != Some("TAP version 13") {
        return Some("the first line is no version that `prove` reads".to_owned());
    }
    let plan = lines.next().and_then(|line| line.strip_prefix("1..")?.parse::<usize>().ok());
    let (mut points, mut block, mut after_point) = (0, false, false);
    for line in lines {
        let point = line.strip_prefix("not ").unwrap_or(line).strip_prefix("ok ");
        match (block, line, point) {
            (true, "  ...", _) => block = false,
            (true, inside, _) if inside.starts_with("  ") && inside.contains(": ") => {}
            (false, "  ---", _) if after_point => block = true,
            (false, _, Some(point)) => {
                points += 1;
                if !point.starts_with(&format!("{points} - ")) {
                    return Some(format!("point {points} is `{line}`"));
                }
            }
            (false, comment, _) if comment.starts_with("# ") => {}
            _ => return Some(format!("`{line}` is no line of TAP")),
        }
        after_point = point.is_some();
    }
    (plan != Some(points)).then(|| format!("{points} points, and a plan of {plan:?}"))
}

#[test]
fn a_tap_of_a_red_run_is_read_by_others() {
    let (green, red) = (file("read-green.tap"), file("read-red.tap"));
    for (driver, tap, failed) in [("inproc:reference", &green, 0), (SABOTEUR, &red, 5)] {
        let path = tap.display().to_string();
        conformance(&["--driver", driver, "--select", "totp/**", "--tap", &path]);
        let text_now = fs::read_to_string(tap).unwrap();
        assert_eq!(tap_mistake(&text_now), None, "{text_now}");
        let not_ok = text_now.lines().filter(|line| line.starts_with("not ok ")).count();
        assert_eq!(not_ok, failed, "{text_now}");
        assert!(tap_mistake(&text_now.replacen("13", "14", 1)).is_some());
        assert!(tap_mistake(&text_now.replacen("ok 2 ", "ok 3 ", 1)).is_some());
    }
    // Perl's own reader, where the machine has it.
    let proved = |path: &Path| {
        let output = Command::new("prove").args(["--exec", "cat"]).arg(path).output();
        output.ok().map(|output| (output.status.success(), text(&output.stdout)))
    };
    if let Some(((is_green, _), (red_is_green, said))) = proved(&green).zip(proved(&red)) {
        assert!(is_green && !red_is_green && !said.contains("Parse errors"), "{said}");
        assert!(said.contains("Failed: 5)"), "{said}");
    }
}

#[test]
fn nothing_is_coloured_and_nothing_moves_in_a_pipe() {
    let ran = |args: &[&str]| {
        let output = conformance(&[&["--select", "start/*", "--seed", "7"], args].concat());
        text(&output.stdout)
    };
    let plain = ran(&[]);
    assert!(!plain.contains(['\u{1b}', '\r']), "{plain:?}");
    assert!(ran(&["--color", "always"]).contains("\u{1b}[32m✓\u{1b}[0m start/"));
    assert!(!ran(&["--colour", "never"]).contains('\u{1b}'));
}
