//! A badge: what shields.io draws from a JSON endpoint.

use std::io;

use serde::Serialize;

use crate::exit::Exit;
use crate::finished::FinishedRun;

/// The fields that shields.io reads, under its names.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Badge {
    schema_version: u8,
    label: &'static str,
    message: String,
    color: &'static str,
    is_error: bool,
}

/// The whole document.
pub(super) fn render(run: &FinishedRun) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(&badge(run))?;
    text.push(b'\n');
    Ok(text)
}

fn badge(run: &FinishedRun) -> Badge {
    let totals = &run.summary.totals;
    let numbers = format!(
        "MUST {}/{} · SHOULD {}/{}",
        totals.must.held, totals.must.of, totals.should.held, totals.should.of
    );
    let is_partial = run.began.as_ref().is_some_and(|began| !began.complete);
    let numbers = if is_partial { format!("{numbers} (part of the suite)") } else { numbers };
    let (message, color) = match run.summary.exit {
        // Where nothing binding was looked at, green would say more than is known.
        Exit::Conformant if totals.must.of == 0 => (numbers, "lightgrey"),
        Exit::Conformant if totals.should.held == totals.should.of => (numbers, "brightgreen"),
        Exit::Conformant => (numbers, "green"),
        Exit::Nonconformance => (numbers, "red"),
        Exit::Regression | Exit::Expectation => (numbers, "orange"),
        Exit::Crash => ("crashed".to_owned(), "red"),
        // Nothing was learnt about the SDK, and unknown is never drawn as a failure.
        Exit::Usage | Exit::Driver | Exit::Vacuous | Exit::Harness => {
            ("not judged".to_owned(), "lightgrey")
        }
        Exit::Dishonest => ("driver not trusted".to_owned(), "lightgrey"),
    };
    let is_error = color == "red";
    Badge { schema_version: 1, label: "MFA conformance", message, color, is_error }
}
