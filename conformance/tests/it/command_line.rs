//! The binary as people and CI call it: exit codes, and reports whatever happens.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

use crate::scenes::bad;

pub(crate) fn conformance(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mfa-conformance")).args(args).output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub(crate) fn file(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("command-line");
    fs::create_dir_all(&folder).unwrap();
    folder.join(name)
}

#[test]
fn the_reference_sdk_passes_its_first_steps() {
    let output = conformance(&["--select", "start/*", "--seed", "7", "--strict", "should"]);
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{out}");
    let last = out.lines().last().unwrap();
    assert!(last.starts_with("plan 4 · ran 4 · MUST 3/3 · SHOULD 2/2"), "{last}");
}

#[test]
fn a_saboteur_turns_the_run_red() {
    let driver = "inproc:mutant/sdk/generic-error-for-invalid-code";
    let output = conformance(&["--driver", driver, "--select", "start/*", "--strict", "should"]);
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{out}");
    assert!(out.contains("✗ start/wrong-code-is-recognisable  step 4  FAIL"), "{out}");
    assert!(out.contains("MFA-TOTP-016 SHOULD"), "{out}");
}

#[test]
fn reports_are_written_even_if_the_driver_does_not_start() {
    let (junit, json) = (file("dead.xml"), file("dead.json"));
    let output = conformance(&[
        "--driver",
        &bad("exit"),
        "--junit",
        junit.to_str().unwrap(),
        "--json",
        json.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(3));
    let junit = fs::read_to_string(junit).unwrap();
    assert!(junit.contains("the driver exits at once"), "{junit}");
    let json: Value = serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
    assert_eq!(json["schema"], 1);
    assert_eq!(json["exit_code"], 3);
    assert_eq!(json["summary"]["totals"]["ran"], 0);
}

#[test]
fn reports_are_written_even_if_the_command_line_is_wrong() {
    let junit = file("usage.xml");
    fs::write(&junit, "a report of last week").unwrap();
    let output = conformance(&["--case", "no/such/case", "--junit", junit.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    let junit = fs::read_to_string(junit).unwrap();
    assert!(junit.contains("unknown case &quot;no/such/case&quot;"), "{junit}");
}

#[test]
fn what_cannot_be_used_is_exit_2_with_a_hint() {
    for (args, hint) in [
        (&["--case", "start/first-totp-devic"][..], "did you mean \"start/first-totp-device\"?"),
        (&["--guide", "totpp"], "did you mean \"totp\"?"),
        (&["--driver", "node driver.mjs"], "write exec:COMMAND"),
        (&["--driver", "inproc:mutant/sdk/swallow-402"], "did you mean \"swallow-40"),
        (&["--driver", "lying:hangs:exec:node driver.mjs"], "did you mean \"hang\"?"),
        (&["--driver", "lying:hang"], "as in lying:hang:exec:node driver.mjs"),
        (&["--expectations", "/no/such/file.toml"], "/no/such/file.toml"),
        (&["--jobz", "2"], "--jobs"),
        (&["explain", "start/first-totp-devic"], "did you mean \"start/first-totp-device\"?"),
    ] {
        let output = conformance(args);
        let err = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {err}");
        assert!(err.contains(hint), "{args:?}: {err}");
    }
}

#[test]
fn selecting_nothing_is_exit_4() {
    let output = conformance(&["--select", "nothing/like/this"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(text(&output.stdout).ends_with("na 0 · not-run 0\n"));
}

#[test]
fn a_known_deviation_is_excused_and_a_stale_one_is_not() {
    let known = file("known.toml");
    let entry = |because: &str| {
        format!(
            "[[expectation]]\ncheck = \"start/wrong-code-is-recognisable\"\noutcome = \"fail\"\n\
             because = [\"{because}\"]\ncause = \"one error for everything\"\nuntil = \"2999-12-31\"\n"
        )
    };
    let run = |driver: &str| {
        let output = conformance(&[
            "--driver",
            driver,
            "--select",
            "start/*",
            "--expectations",
            known.to_str().unwrap(),
        ]);
        (output.status.code(), text(&output.stdout))
    };
    let saboteur = "inproc:mutant/sdk/generic-error-for-invalid-code";
    fs::write(&known, entry("err.http=422")).unwrap();
    let (code, out) = run(saboteur);
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("~ start/wrong-code-is-recognisable  XFAIL"), "{out}");
    let (code, out) = run("inproc:reference");
    assert_eq!(code, Some(5), "{out}");
    assert!(out.contains("STALE start/wrong-code-is-recognisable"), "{out}");
    fs::write(&known, entry("err.http=500")).unwrap();
    let (code, out) = run(saboteur);
    assert_eq!(code, Some(5), "{out}");
    assert!(out.contains("CHANGED start/wrong-code-is-recognisable"), "{out}");
}

#[test]
fn lists_and_explanations_need_no_run() {
    let cases = text(&conformance(&["list"]).stdout);
    assert!(cases.contains("start/first-totp-device\n") && cases.ends_with(" cases\n"), "{cases}");
    let rows = text(&conformance(&["list", "--requirements"]).stdout);
    assert!(rows.contains("MFA-TOTP-001 MUST (documented, proven)"), "{rows}");
    let lies = text(&conformance(&["list", "--lies"]).stdout);
    assert!(lies.contains("overclaim\n") && lies.contains("must end in OVERCLAIM"), "{lies}");
    let words = text(&conformance(&["explain", "start/first-totp-device"]).stdout);
    assert!(
        words.contains("proves MFA-TOTP-009 MUST") && words.contains("counter  none"),
        "{words}"
    );
}

#[test]
fn a_requirement_and_a_guide_are_explained_and_lists_take_the_filters_of_a_run() {
    let row = text(&conformance(&["explain", "MFA-TOTP-016"]).stdout);
    let mutant = "sdk/generic-error-for-invalid-code";
    assert!(row.starts_with("MFA-TOTP-016 SHOULD: ") && row.contains(mutant), "{row}");
    assert!(row.contains("    start/wrong-code-is-recognisable\n"), "{row}");
    let guide = text(&conformance(&["explain", "totp"]).stdout);
    assert!(guide.starts_with("totp: ") && guide.contains("  MFA-TOTP-016 SHOULD  "), "{guide}");
    let unknown = conformance(&["explain", "MFA-TOTP-61"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("did you mean"), "{}", text(&unknown.stderr));
    let some = text(&conformance(&["list", "--select", "start/**"]).stdout);
    assert!(some.lines().count() > 3 && !some.contains("totp/"), "{some}");
    let rows =
        text(&conformance(&["list", "--requirements", "--requirement", "MFA-TOTP-016"]).stdout);
    assert!(rows.contains("MFA-TOTP-016 SHOULD") && !rows.contains("MFA-PK-"), "{rows}");
}

#[test]
fn filters_that_select_nothing_say_why() {
    for (args, words) in [
        (["run", "--select", "totp*", "--seed", "1"], "'totp/**' matches "),
        (["run", "--select", "totp", "--seed", "1"], "'totp/**' matches "),
        (["run", "--select", "nowhere/*", "--seed", "1"], "`list` has every id"),
        (["run", "--case", "start/first-totp-device", "--guide", "passkey"], "no case passes all"),
    ] {
        let output = conformance(&args);
        assert_eq!(output.status.code(), Some(4), "{args:?}");
        assert!(text(&output.stderr).contains(words), "{args:?}: {}", text(&output.stderr));
    }
}

#[test]
fn options_that_cannot_be_meant_are_refused_by_name() {
    for (args, words) in [
        (["run", "--deadline", "0"], "--deadline"),
        (["smoke", "--deadline", "0"], "--deadline"),
        (["run", "--markdown", "-"], "--markdown -: "),
        (["run", "--junit", "/no/such/folder/x"], "--junit /no/such/folder/x: "),
        (["run", "--record", "/no/such/folder/x"], "--record /no/such/folder/x: "),
    ] {
        let output = conformance(&args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(text(&output.stderr).contains(words), "{args:?}: {}", text(&output.stderr));
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_error() {
    let command = format!(
        "{} run --select 'start/*' --seed 1 | head -n 1",
        env!("CARGO_BIN_EXE_mfa-conformance")
    );
    let output = Command::new("sh").args(["-c", &command]).output().unwrap();
    assert!(text(&output.stdout).starts_with("driver"), "{}", text(&output.stdout));
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn help_shows_examples_and_exit_codes() {
    let help = text(&conformance(&["--help"]).stdout);
    assert!(help.contains("Examples:") && help.contains("Exit codes"), "{help}");
}
