//! Secrets where they do not belong: in what the driver wrote, and in errors.
//!
//! Every case is looked through, whatever it is about, because a secret that reaches a log once is
//! as lost as one that always does.

use crate::pseudonym::Pseudonyms;
use crate::stage::{Finding, Line, LineKind};

/// The requirement that a leak breaks.
pub const REQUIREMENT: &str = "MFA-SEC-001";

/// One finding for each place that holds a secret of the case, raw or encoded; none when all is well.
#[must_use]
pub fn findings(names: &Pseudonyms, log: &[String], trace: &[Line]) -> Vec<Finding> {
    let mut found = Vec::new();
    for line in log {
        // What the SDK tells its application is no log.
        if !line.starts_with("event ") {
            found.extend(leak(names, "what the driver wrote", None, line));
        }
    }
    let is_error = |line: &&Line| line.kind == LineKind::Answer && line.text.starts_with("err.");
    for line in trace.iter().filter(is_error) {
        found.extend(leak(names, "an error of the SDK", line.step, &line.text));
    }
    found.dedup();
    found
}

fn leak(names: &Pseudonyms, place: &str, step: Option<u64>, text: &str) -> Option<Finding> {
    let name = names.held_by(text)?;
    Some(Finding {
        requirement: Some(REQUIREMENT.to_owned()),
        step,
        what: place.to_owned(),
        expected: "no secret of the case".to_owned(),
        got: name,
        holds: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::{BASE64, BASE64URL_NOPAD};
    use serde_json::json;

    const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

    fn names() -> Pseudonyms {
        let mut names = Pseudonyms::default();
        names.learn_value(&json!({ "secret": SECRET, "mfaToken": "a/b+c=d?e&f12" }));
        names
    }

    fn in_log(line: &str) -> Vec<Finding> {
        findings(&names(), &[line.to_owned()], &[])
    }

    #[test]
    fn a_secret_is_found_in_every_spelling() {
        for line in [
            format!("info registered {SECRET}"),
            format!("info registered {}", SECRET.to_lowercase()),
            format!("info {}", BASE64.encode(SECRET.as_bytes())),
            format!("info {}", BASE64URL_NOPAD.encode(SECRET.as_bytes())),
            "info token=a%2Fb%2Bc%3Dd%3Fe%26f12".to_owned(),
        ] {
            let found = in_log(&line);
            assert_eq!(found.len(), 1, "{line}");
            assert!(found[0].got.starts_with('‹') && !found[0].holds, "{found:?}");
        }
        assert!(in_log("info registered a device").is_empty());
        assert!(in_log(&format!("event totp.registered {SECRET}")).is_empty());
    }

    #[test]
    fn errors_are_looked_through_and_answers_are_not() {
        let line = |text: String| Line { kind: LineKind::Answer, step: Some(3), text };
        let error = line(format!("err.origin=server \"no such secret {SECRET}\""));
        let found = findings(&names(), &[], &[error]);
        assert_eq!((found.len(), found[0].step), (1, Some(3)));
        assert!(
            findings(&names(), &[], &[line(format!("ok {{\"secret\":\"{SECRET}\"}}"))]).is_empty()
        );
    }
}
