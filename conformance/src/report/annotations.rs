//! Workflow commands, which GitHub shows beside a job and its code.

use super::plain::plain;
use crate::event::CaseRecord;
use crate::finished::FinishedRun;
use crate::verdict::Proof;

/// Annotations of one kind that GitHub shows for one step.
const SHOWN_MAX: usize = 10;

/// The whole report: errors first, then warnings, each kind at most as many as are shown.
pub(super) fn render(run: &FinishedRun) -> String {
    let scored = run.scored();
    let (mut errors, mut warnings) = (Vec::new(), Vec::new());
    for record in run.cases.iter().filter(|record| !record.verdict.is_quiet()) {
        let list = if record.counts(scored) { &mut errors } else { &mut warnings };
        list.push(of_case(record));
    }
    for reason in run.reasons_beside_cases() {
        let title = format!("mfa-conformance exit {}", reason.exit.code());
        errors.push((Vec::new(), title, reason.text.clone()));
    }
    let mut text = String::new();
    for (kind, list) in [("error", errors), ("warning", warnings)] {
        let too_many = list.len() > SHOWN_MAX;
        let shown = if too_many { SHOWN_MAX - 1 } else { list.len() };
        for (place, title, message) in list.iter().take(shown) {
            text.push_str(&command(kind, place, title, message));
        }
        if too_many {
            let message = format!("{} more are in the report", list.len() - shown);
            text.push_str(&command(kind, &[], "mfa-conformance", &message));
        }
    }
    text
}

type Annotation = (Vec<(&'static str, String)>, String, String);

fn of_case(record: &CaseRecord) -> Annotation {
    let failed = record.proofs.iter().find(|proof| proof.proof == Proof::Failed);
    let open = record.proofs.iter().find(|proof| proof.proof != Proof::Held);
    let title = match failed.or(open) {
        Some(proof) => format!("{} {}", proof.requirement, record.verdict.word()),
        None => record.verdict.word().to_owned(),
    };
    let because = record.because.as_deref().unwrap_or_default();
    // Stale and changed entries are repaired in the file that holds them.
    let at = record.known.as_ref().and_then(|known| known.at.rsplit_once(':'));
    let place = at.map_or_else(Vec::new, |(file, line)| {
        vec![("file", file.to_owned()), ("line", line.to_owned())]
    });
    (place, title, format!("{}: {because}", record.case))
}

fn command(kind: &str, place: &[(&str, String)], title: &str, message: &str) -> String {
    let mut properties = format!("title={}", property(title));
    for (name, value) in place {
        properties.push_str(&format!(",{name}={}", property(value)));
    }
    format!("::{kind} {properties}::{}\n", data(message))
}

/// A message, in which a percent sign begins an escape.
fn data(text: &str) -> String {
    plain(text).replace('%', "%25")
}

/// A value of a property, which commas and colons would end.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_can_become_a_command_of_its_own() {
        let line = command("error", &[], "a: b, c", "100% sure\r\n::set-env name=X::y");
        assert_eq!(line, "::error title=a%3A b%2C c::100%25 sure\\u{d}⏎::set-env name=X::y\n");
        assert_eq!(line.lines().count(), 1);
    }
}
