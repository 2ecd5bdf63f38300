//! The report for test consumers that read TAP 13 or 14.
//!
//! Its lines are valid in both; the first one says 13, because `prove` and others refuse to read
//! a newer version, while those that read 14 read 13, too.
//!
//! A known deviation is a failure with a TODO, a case that does not apply is skipped; the run's
//! own trouble has points of its own, because a harness that trusts the plan would miss it.

use serde_json::json;

use super::plain::plain;
use crate::event::CaseRecord;
use crate::finished::FinishedRun;
use crate::verdict::Verdict;

/// The whole report.
pub(super) fn render(run: &FinishedRun) -> String {
    let mut points: Vec<String> = Vec::new();
    for probe in &run.probes {
        let name = escaped(&format!("honesty/{}", probe.id));
        points.push(match &probe.problem {
            None => format!("ok {{}} - {name}\n"),
            Some(note) if !probe.fails() => format!("ok {{}} - {name}\n# {}\n", plain(note)),
            Some(problem) => {
                format!("not ok {{}} - {name}\n{}", diagnosis(&[("message", json!(problem))]))
            }
        });
    }
    points.extend(run.cases.iter().map(point));
    for reason in run.summary.reasons.iter().filter(|reason| reason.about.is_none()) {
        let name = escaped(&format!("exit {}", reason.exit.code()));
        let told = diagnosis(&[("message", json!(reason.text))]);
        points.push(format!("not ok {{}} - {name}\n{told}"));
    }
    let mut text = format!("TAP version 13\n1..{}\n", points.len());
    if let Some(began) = &run.began {
        text.push_str(&format!("# driver {} · seed {}\n", plain(&began.connect), began.seed));
    }
    for (index, point) in points.iter().enumerate() {
        text.push_str(&point.replacen("{}", &(index + 1).to_string(), 1));
    }
    text.push_str(&format!("# {}\n", run.summary.totals.line()));
    text.push_str(&format!("# exit {}\n", run.summary.exit.code()));
    text
}

/// A test point; `{}` stands where its number goes.
fn point(record: &CaseRecord) -> String {
    let name = escaped(&record.case);
    let because = record.because.as_deref().unwrap_or_default();
    match record.verdict {
        Verdict::Pass => format!("ok {{}} - {name}\n"),
        Verdict::Na => format!("ok {{}} - {name} # SKIP {}\n", escaped(because)),
        Verdict::Xfail => {
            let cause = record.known.as_ref().map_or(because, |known| known.cause.as_str());
            format!("not ok {{}} - {name} # TODO {}\n{}", escaped(cause), told(record))
        }
        _ => format!("not ok {{}} - {name}\n{}", told(record)),
    }
}

fn told(record: &CaseRecord) -> String {
    let mut fields = vec![
        ("verdict", json!(record.verdict)),
        ("requirements", json!(record.proofs.iter().map(|p| &p.requirement).collect::<Vec<_>>())),
    ];
    fields.extend(record.because.as_ref().map(|because| ("message", json!(because))));
    if let Some(finding) = record.failures().next() {
        fields.push(("expected", json!(finding.expected)));
        fields.push(("actual", json!(finding.got)));
    }
    diagnosis(&fields)
}

/// A YAML block; JSON values are YAML values, and hold no line break.
fn diagnosis(fields: &[(&str, serde_json::Value)]) -> String {
    let lines: String = fields.iter().map(|(name, value)| format!("  {name}: {value}\n")).collect();
    format!("  ---\n{lines}  ...\n")
}

/// A description in which nothing is taken for a directive.
fn escaped(text: &str) -> String {
    plain(text).replace('\\', "\\\\").replace('#', "\\#")
}
