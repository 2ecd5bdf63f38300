//! What a run leaves behind is enough to make every report of it anew, and to judge it anew.

use std::fs;
use std::path::{Path, PathBuf};

use conformance::event::Event;
use conformance::exit::Exit;
use conformance::recording;
use conformance::report::{Documents, Format, Reporter};
use conformance::run;

use crate::command_line::{conformance, file, text};
use crate::scenes::{STATE, plan};

const SABOTEUR: &str = "inproc:mutant/sdk/generic-error-for-invalid-code";

/// Every report in a file, as options and as paths.
fn every_report(name: &str) -> (Vec<String>, Vec<PathBuf>) {
    let kinds = ["junit", "json", "html", "markdown", "tap", "badge"];
    let paths: Vec<PathBuf> = kinds.iter().map(|kind| file(&format!("{name}.{kind}"))).collect();
    let options = kinds
        .iter()
        .zip(&paths)
        .flat_map(|(kind, path)| [format!("--{kind}"), path.display().to_string()])
        .collect();
    (options, paths)
}

fn refs(list: &[String]) -> Vec<&str> {
    list.iter().map(String::as_str).collect()
}

/// Records the first steps of a driver.
fn record(driver: &str, name: &str) -> String {
    let path = file(name).display().to_string();
    conformance(&["--driver", driver, "--select", "start/*", "--seed", "7", "--record", &path]);
    path
}

#[test]
fn a_report_made_anew_is_the_same_to_the_byte() {
    let recording = file("same.ndjson").display().to_string();
    let (options, written) = every_report("written");
    let mut args = vec!["run", "--driver", SABOTEUR, "--select", "start/*", "--annotations"];
    args.extend(["--record", &recording]);
    args.extend(refs(&options));
    let ran = conformance(&args);
    assert_eq!(ran.status.code(), Some(0), "a SHOULD does not count: {}", text(&ran.stderr));

    let (options, anew) = every_report("anew");
    let mut args = vec!["report", &recording, "--annotations"];
    args.extend(refs(&options));
    let made = conformance(&args);
    assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
    for (one, other) in written.iter().zip(&anew) {
        let read = |path: &Path| fs::read_to_string(path).unwrap();
        assert!(!read(one).is_empty());
        assert_eq!(read(one), read(other), "{}", one.display());
    }
    let annotations = text(&made.stdout);
    assert!(annotations.starts_with("::warning title=MFA-TOTP-016 FAIL::start/"), "{annotations}");
    let out = text(&ran.stdout);
    assert!(out.contains(&annotations) && out.ends_with("not-run 0\n"), "{out}");

    let printed = text(&conformance(&["report", &recording]).stdout);
    assert_eq!(out.replace(&annotations, ""), printed);
}

#[test]
fn a_killed_run_still_gives_a_report() {
    let recording = record("inproc:reference", "killed.ndjson");
    let whole = fs::read_to_string(&recording).unwrap();
    let cut = whole.match_indices('\n').nth(4).unwrap().0 + 30;
    fs::write(&recording, &whole[..cut]).unwrap();
    let out = text(&conformance(&["report", &recording]).stdout);
    assert!(out.contains("the recording ends before the run did"), "{out}");
    assert!(out.ends_with("na 0 · not-run 2\n"), "{out}");
    let judged = conformance(&["replay", &recording]);
    assert_eq!(judged.status.code(), Some(4), "{}", text(&judged.stdout));
}

#[test]
fn what_is_no_recording_is_named_with_its_line() {
    let path = file("wrong.ndjson").display().to_string();
    let good = fs::read_to_string(record("inproc:reference", "good.ndjson")).unwrap();
    for (content, problem) in [
        ("".to_owned(), ":1: this is no recording of a run: EOF"),
        ("{\"schema\":1}\n".to_owned(), ":1: this is no JSON report of a run: "),
        ("[1]\n".to_owned(), ":1: this is no recording of a run: "),
        (good.replacen("\"seed\":7", "\"seed\":\"x\"", 1), ":2: run_began.seed: invalid type"),
        (
            "{\n  \"schema\": 1,\n  \"exit\": 0\n}\n".to_owned(),
            ":3: this is no JSON report of a run: exit",
        ),
    ] {
        fs::write(&path, content).unwrap();
        for command in ["report", "replay"] {
            let output = conformance(&[command, &path]);
            let err = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{err}");
            assert!(err.contains(&format!("{path}{problem}")), "{err}");
        }
    }
    let output = conformance(&["report", "/no/such/run.ndjson"]);
    assert!(text(&output.stderr).contains("/no/such/run.ndjson"));
}

#[test]
fn evidence_is_judged_by_other_measures_without_a_driver() {
    let recording = record(SABOTEUR, "evidence.ndjson");
    let judged = |args: &[&str]| {
        let mut all = vec!["replay", &recording];
        all.extend(args);
        let output = conformance(&all);
        (output.status.code(), text(&output.stdout))
    };
    let (code, out) = judged(&[]);
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("anew    from a recording; nothing was played"), "{out}");
    assert_eq!(judged(&["--strict", "should"]).0, Some(1));
    let known = file("evidence.toml");
    let entry = |because: &str| {
        format!(
            "[[expectation]]\ncheck = \"start/wrong-code-is-recognisable\"\noutcome = \"fail\"\n\
             because = [\"{because}\"]\ncause = \"one error for everything\"\nuntil = \"2999-12-31\"\n"
        )
    };
    let file = known.display().to_string();
    fs::write(&known, entry("err.http=422")).unwrap();
    let (code, out) = judged(&["--strict", "should", "--expectations", &file]);
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("~ start/wrong-code-is-recognisable  XFAIL"), "{out}");
    fs::write(&known, entry("err.http=500")).unwrap();
    assert_eq!(judged(&["--expectations", &file]).0, Some(5));
}

#[test]
fn a_reporter_that_panics_costs_no_report() {
    let mut told = Vec::new();
    let path = file("panicked.html");
    let mut documents = Documents::default();
    documents.file(Format::Html, &path).unwrap();
    let summary = run::run(&plan("inproc:reference", vec![&STATE]), &mut |event| {
        told.push(event.clone());
        documents.on(event).unwrap();
        assert!(!matches!(event, Event::CaseEnded(_)), "a mistake of a reporter");
    });
    assert_eq!(summary.exit, Exit::Harness);
    assert!(summary.reasons[0].text.contains("the runner panicked: a mistake of a reporter"));
    assert!(matches!(told.last(), Some(Event::RunEnded(told)) if *told == summary));
    let page = fs::read_to_string(path).unwrap();
    assert!(page.contains("the runner panicked: a mistake of a reporter"), "{page}");
    assert!(page.contains("small/state"), "what was judged before the panic is there");
}

#[test]
fn every_event_is_in_the_file_as_soon_as_it_happened() {
    let path = file("live.ndjson");
    let mut recorder = recording::Recorder::new(fs::File::create(&path).unwrap()).unwrap();
    let mut told = 0;
    run::run(&plan("inproc:reference", vec![&STATE]), &mut |event| {
        recorder.on(event).unwrap();
        told += 1;
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(recording::read("live.ndjson", &text).unwrap().events.len(), told);
    });
    assert_eq!(told, 4);
}
