//! What is written can be read, and what cannot be read is named.

use super::*;
use crate::event::{Event, Summary};
use crate::exit::Exit;
use crate::report::Reporter;
use crate::report::tests::events;

fn recorded() -> String {
    let mut out = Vec::new();
    let mut recorder = Recorder::new(&mut out).unwrap();
    for event in events() {
        recorder.on(&event).unwrap();
    }
    String::from_utf8(out).unwrap()
}

#[test]
fn what_is_written_is_read_back() {
    let recording = read("run.ndjson", &recorded()).unwrap();
    assert_eq!(recording.events, events());
    assert!(!recording.is_cut);
    assert_eq!(recorded().lines().count(), events().len() + 1);
    assert_eq!(recorded().lines().next(), Some("{\"recording\":\"mfa-conformance\",\"schema\":1}"));
}

#[test]
fn each_line_is_written_as_it_happens() {
    let mut out = Vec::new();
    Recorder::new(&mut out).unwrap().on(&Event::Probed(Vec::new())).unwrap();
    assert_eq!(out.split(|byte| *byte == b'\n').count(), 3);
}

#[test]
fn a_wrong_line_is_named_with_its_field() {
    let text = recorded();
    let said = |text: &str| read("run.ndjson", text).unwrap_err().to_string();
    assert_eq!(
        said(&text.replacen("\"schema\":1", "\"schema\":9", 1)),
        "run.ndjson:1: the recording has schema 9; this version reads schema 1"
    );
    assert!(said("{}\n").starts_with("run.ndjson:1: this is no recording of a run: "));
    assert!(said("").starts_with("run.ndjson:1: this is no recording of a run: "));
    assert!(said("<xml/>").starts_with("run.ndjson:1: this is no recording of a run: "));
    let wrong = text.replacen("\"verdict\":\"PASS\"", "\"verdict\":\"GOOD\"", 1);
    let problem = said(&wrong);
    assert!(
        problem.starts_with("run.ndjson:4: case_ended.verdict: unknown variant `GOOD`"),
        "{problem}"
    );
    let extra = text.replacen("\"planned\":7", "\"planed\":7", 1);
    assert!(said(&extra).starts_with("run.ndjson:2: run_began.planed: unknown field"));
    let twice = format!("{text}{{\"probed\":[]}}\n");
    assert!(said(&twice).ends_with(": nothing may follow the end of the run"), "{}", said(&twice));
}

#[test]
fn a_killed_run_keeps_what_was_judged() {
    let text = recorded();
    let keep = text.match_indices('\n').nth(5).unwrap().0 + 40;
    let recording = read("run.ndjson", &text[..keep]).unwrap();
    assert!(recording.is_cut);
    let run = recording.finished();
    assert_eq!(run.cases.len(), 3);
    assert_eq!(run.summary.exit, Exit::Dishonest, "{:?}", run.summary.reasons);
    assert_eq!(run.summary.totals.not_run, 4);
    assert!(run.summary.reasons.iter().any(|r| r.text == "the recording ends before the run did"));
    let ended = recording.ended();
    assert!(matches!(ended.last(), Some(Event::RunEnded(Summary { exit: Exit::Dishonest, .. }))));
}

#[test]
fn wherever_it_is_cut_it_can_be_read() {
    let text = recorded();
    let header = text.find('\n').unwrap();
    for (cut, _) in text.char_indices().step_by(11) {
        match read("run.ndjson", &text[..cut]) {
            Ok(recording) => {
                assert!(cut >= header);
                assert!(recording.finished().cases.len() <= 6);
            }
            Err(error) => assert!(cut <= header && matches!(error, RecordingError::Header { .. })),
        }
    }
}
