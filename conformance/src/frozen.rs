//! A run without what differs from run to run, for a report that is kept under version control.
//!
//! Two frozen runs of the same suite, seed and SDK are equal to the byte unless something that
//! somebody should look at has changed.

use crate::event::CaseRecord;
use crate::finished::FinishedRun;
use crate::signature;
use crate::stage::{Finding, Line, LineKind, shorten};

/// Longest line of a trace that is kept; what stands behind it is the rest of a long answer.
const LINE_CHARS: usize = 200;

/// What SDKs fetch when it suits them.
const BACKGROUND: [&str; 2] = ["/settings?", "/nonces?"];

impl FinishedRun {
    /// The run without durations, workers, logs, traces but those of known deviations, what held, and values that are drawn.
    #[must_use]
    pub fn frozen(mut self) -> Self {
        if let Some(began) = &mut self.began {
            began.is_frozen = true;
            began.jobs = 0;
        }
        for probe in &mut self.probes {
            probe.problem = probe.problem.take().map(|text| settled(&text));
        }
        self.cases = self.cases.into_iter().map(case).collect();
        self.summary.duration_ms = 0;
        for reason in &mut self.summary.reasons {
            reason.text = settled(&reason.text);
        }
        // Workers end in an order of their own.
        self.summary.reasons.sort_by(|left, right| {
            (left.exit, &left.about, &left.text).cmp(&(right.exit, &right.about, &right.text))
        });
        self
    }
}

fn case(record: CaseRecord) -> CaseRecord {
    // A known deviation is what a kept report is read for: requirement, page and trace stay.
    let is_known = record.known.is_some();
    let is_quiet = record.verdict.is_quiet() && !is_known;
    let proofs = record.proofs.into_iter().map(|proof| match is_quiet {
        // The same words stand with the requirement.
        true => crate::event::ProofRecord { source: None, text: None, ..proof },
        false => proof,
    });
    CaseRecord {
        because: record.because.map(|text| settled(&text)),
        played_because: record.played_because.map(|text| settled(&text)),
        proofs: proofs.collect(),
        findings: record.findings.into_iter().filter(|it| !it.holds).map(finding).collect(),
        trace: match is_known {
            true => record.trace.iter().filter(|it| is_settled(it)).map(line).collect(),
            false => Vec::new(),
        },
        log: Vec::new(),
        dishonest: record.dishonest.iter().map(|text| settled(text)).collect(),
        duration_ms: 0,
        ..record
    }
}

/// Whether a line stands in the same place in every run: what a case waits for does not, nor does
/// what an SDK asks for in the background.
fn is_settled(line: &Line) -> bool {
    let is_background = BACKGROUND.iter().any(|path| line.text.contains(path));
    match line.kind {
        LineKind::Ask | LineKind::Answer => true,
        LineKind::Wire => !is_background,
        LineKind::Note => false,
    }
}

fn line(line: &Line) -> Line {
    Line { text: shorten(&signature::veiled(&line.text), LINE_CHARS), ..*line }
}

/// The finding up to the first value that is drawn or measured, so that its signature stays.
fn finding(found: Finding) -> Finding {
    let signature = found.signature();
    let kept = signature::stable(&signature);
    if kept == signature {
        return found;
    }
    let before_expected = format!("{}: expected ", found.what);
    let before_got = format!("{before_expected}{}, got ", found.expected);
    let rest = |prefix: &str| kept.strip_prefix(prefix).map(|rest| format!("{rest}…"));
    // A mark where something was cut keeps the signature of the rest what it was.
    match (rest(&before_got), rest(&before_expected)) {
        (Some(got), _) => Finding { got, ..found },
        (None, Some(expected)) if kept.len() > before_expected.trim_end().len() => {
            Finding { expected, got: String::new(), ..found }
        }
        _ if kept == before_got.trim_end() => Finding { got: "…".to_owned(), ..found },
        _ => Finding {
            what: format!("{kept}…"),
            expected: String::new(),
            got: String::new(),
            ..found
        },
    }
}

fn settled(text: &str) -> String {
    let kept = signature::stable(text);
    if kept == text { kept } else { format!("{kept}…") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::Recording;
    use crate::report::tests::events;

    fn run() -> FinishedRun {
        Recording { events: events(), is_cut: false }.finished()
    }

    #[test]
    fn what_differs_from_run_to_run_is_left_out() {
        let mut other = run();
        other.summary.duration_ms += 17;
        other.summary.reasons.reverse();
        for record in &mut other.cases {
            record.duration_ms += 3;
            record.trace.clear();
            record.log.push("a line".to_owned());
        }
        if let Some(began) = &mut other.began {
            began.jobs += 1;
        }
        assert_ne!(run(), other);
        assert_eq!(run().frozen(), other.clone().frozen());
        assert_eq!(other.clone().frozen().frozen(), other.frozen());
    }

    #[test]
    fn a_verdict_and_a_reason_are_kept() {
        for record in run().cases {
            let frozen = case(record.clone());
            assert_eq!(frozen.verdict, record.verdict);
            assert_eq!(signature::reasons(&frozen), signature::reasons(&record), "{}", record.case);
        }
    }

    #[test]
    fn a_signature_outlives_the_cut() {
        let of = |what: &str, expected: &str, got: &str| Finding {
            what: what.to_owned(),
            expected: expected.to_owned(),
            got: got.to_owned(),
            ..Finding::default()
        };
        for found in [
            of("status", "422", "200"),
            of("status", "422", "200 {\"id\":\"c95452b8-b42b-49ab-b4b0-ff6cfbdd3b9c\"}"),
            of("the end", "1795355825", "1"),
            of("raw GET users/c95452b8-b42b-49ab-b4b0-ff6cfbdd3b9c status", "404", "200"),
            of("totp.auth", "ok", "err.origin=server err.http=422 \"Invalid\""),
            of("device.get", "an error", "ok {\"id\":\"d1\"}"),
            of("secret", "none", "‹totp_secret#1›"),
        ] {
            let frozen = finding(found.clone());
            let (before, after) = (found.signature(), frozen.signature());
            assert_eq!(signature::stable(&after), signature::stable(&before), "{after}");
            assert_eq!(finding(frozen.clone()), frozen, "{after}");
        }
    }
}
