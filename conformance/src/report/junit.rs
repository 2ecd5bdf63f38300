//! The report for CI: JUnit as its consumers understand it.
//!
//! A failed expectation is a failure, trouble with driver or suite is an error, a known
//! deviation or a case that does not apply is skipped with its reason.

use std::io;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use crate::event::CaseRecord;
use crate::finished::FinishedRun;
use crate::verdict::Verdict;

/// The whole report.
///
/// # Errors
/// None is known; the type is that of the serialiser.
pub(super) fn render(run: &FinishedRun) -> io::Result<Vec<u8>> {
    let mut report = Report::new("mfa-conformance");
    report.set_time(Duration::from_millis(run.summary.duration_ms));
    report.add_test_suite(setting(run));
    for records in run.cases.chunk_by(|left, right| family(left) == family(right)) {
        let mut suite = TestSuite::new(records.first().map_or("", family));
        suite.set_time(Duration::from_millis(records.iter().map(|r| r.duration_ms).sum()));
        suite.add_test_cases(records.iter().map(test_case));
        report.add_test_suite(suite);
    }
    let mut out = Vec::new();
    report.serialize(&mut out).map_err(io::Error::other)?;
    out.push(b'\n');
    Ok(out)
}

/// The suite that speaks about driver and run as a whole.
fn setting(run: &FinishedRun) -> TestSuite {
    let mut suite = TestSuite::new("run");
    if let Some(began) = &run.began {
        suite.add_property(("driver", began.connect.as_str()));
        suite.add_property(("seed", began.seed.to_string().as_str()));
        suite.add_property(("sdk", began.sdk.as_deref().unwrap_or("unknown")));
    }
    if let Some(version) = &run.summary.sdk_on_wire {
        suite.add_property(("sdk-on-wire", version.as_str()));
    }
    for probe in &run.probes {
        let status = match &probe.problem {
            None => TestCaseStatus::success(),
            Some(_) if !probe.fails() => TestCaseStatus::success(),
            Some(problem) => non_success(NonSuccessKind::Error, "honesty", problem, ""),
        };
        let mut case = TestCase::new(format!("honesty/{}", probe.id), status);
        if let Some(note) = probe.problem.as_ref().filter(|_| !probe.fails()) {
            case.set_system_out(note);
        }
        case.set_classname("run");
        suite.add_test_case(case);
    }
    // What belongs to no case would be lost: a driver that does not start, a stale list.
    for reason in run.summary.reasons.iter().filter(|reason| reason.about.is_none()) {
        let status = non_success(NonSuccessKind::Error, reason.exit.meaning(), &reason.text, "");
        let mut case = TestCase::new(format!("exit {}", reason.exit.code()), status);
        case.set_classname("run");
        suite.add_test_case(case);
    }
    suite
}

fn test_case(record: &CaseRecord) -> TestCase {
    let (_, name) = record.case.split_once('/').unwrap_or(("", &record.case));
    let mut case = TestCase::new(name, status(record));
    case.set_classname(family(record));
    case.set_time(Duration::from_millis(record.duration_ms));
    case.set_assertions(record.findings.len());
    for proof in &record.proofs {
        let value = format!("{} {}", proof.requirement, proof.level.word());
        case.add_property(Property::new("requirement", value));
        if let Some(source) = &proof.source {
            case.add_property(Property::new("source", source.as_str()));
        }
    }
    for guide in &record.guides {
        case.add_property(Property::new("guide", guide.name()));
    }
    if !record.verdict.is_quiet() {
        let trace: Vec<&str> = record.trace.iter().map(|line| line.text.as_str()).collect();
        case.set_system_out(trace.join("\n"));
        case.set_system_err(record.log.join("\n"));
    }
    case
}

fn status(record: &CaseRecord) -> TestCaseStatus {
    let because = record.because.as_deref().unwrap_or_default();
    let findings: Vec<String> = record.failures().map(|finding| finding.signature()).collect();
    let word = record.verdict.word();
    match record.verdict {
        Verdict::Pass => TestCaseStatus::success(),
        Verdict::Na | Verdict::Xfail => {
            let mut status = TestCaseStatus::skipped();
            let cause = record.known.as_ref().map(|known| format!("{}: {}", known.at, known.cause));
            status.set_message(format!("{word}: {}", cause.as_deref().unwrap_or(because)));
            status
        }
        Verdict::Fail | Verdict::Stale | Verdict::Changed => {
            non_success(NonSuccessKind::Failure, word, because, &findings.join("\n"))
        }
        _ => non_success(NonSuccessKind::Error, word, because, &findings.join("\n")),
    }
}

fn non_success(kind: NonSuccessKind, word: &str, message: &str, body: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(word);
    status.set_message(message);
    status.set_description(body);
    status
}

fn family(record: &CaseRecord) -> &str {
    record.case.split('/').next().unwrap_or(&record.case)
}
