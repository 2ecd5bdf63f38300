//! Reading expectation files, with the line of every mistake.

use jiff::civil::Date;
use semver::VersionReq;
use serde::Deserialize;
use toml::Spanned;

use super::{Expectation, GLOB_CHECKS_MAX, Outcome, Target, line_of};
use crate::case::Case;
use crate::requirement::Requirements;
use crate::selection;
use crate::suggestion;

/// An expectation file that cannot be used as written.
#[derive(Debug, thiserror::Error)]
pub enum ExpectationError {
    /// The file is not TOML of the expected form.
    #[error("{file}: {problem}")]
    Malformed {
        /// The file.
        file: String,
        /// What is wrong, with line and column.
        problem: Box<toml::de::Error>,
    },
    /// An entry is well-formed, but says something impossible.
    #[error("{at}: {problem}")]
    Entry {
        /// File and line.
        at: String,
        /// What is wrong with it.
        problem: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    expectation: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    check: Spanned<String>,
    outcome: Outcome,
    because: Vec<String>,
    cause: String,
    issue: Option<String>,
    sdk: Option<String>,
    until: String,
}

/// Reads the text of an expectation file.
///
/// # Errors
/// The first entry that is malformed, names nothing that exists, excuses too much at once, or
/// gives no reason.
pub fn parse(
    file: &str,
    text: &str,
    cases: &[&Case],
    requirements: &Requirements,
) -> Result<Vec<Expectation>, ExpectationError> {
    let parsed: File = toml::from_str(text).map_err(|problem| ExpectationError::Malformed {
        file: file.to_owned(),
        problem: Box::new(problem),
    })?;
    let read = |entry: Entry| {
        let at = format!("{file}:{}", line_of(text, entry.check.span()));
        expectation(entry, at.clone(), cases, requirements)
            .map_err(|problem| ExpectationError::Entry { at, problem })
    };
    parsed.expectation.into_iter().map(read).collect()
}

fn expectation(
    entry: Entry,
    at: String,
    cases: &[&Case],
    requirements: &Requirements,
) -> Result<Expectation, String> {
    let check = entry.check.into_inner();
    let target = target(&check, cases, requirements)?;
    if entry.because.is_empty() || entry.because.iter().any(String::is_empty) {
        return Err("`because` needs the signature of the failure, or any failure would do".into());
    }
    if entry.cause.trim().is_empty() {
        return Err("`cause` is empty".to_owned());
    }
    let sdk = match &entry.sdk {
        Some(range) => Some(VersionReq::parse(range).map_err(|problem| {
            format!("`sdk` is no version range such as \">=1.20, <1.24\": {problem}")
        })?),
        None => None,
    };
    let until: Date =
        entry.until.parse().map_err(|_| "`until` is no date such as 2027-03-01".to_owned())?;
    Ok(Expectation {
        check,
        outcome: entry.outcome,
        because: entry.because,
        cause: entry.cause,
        issue: entry.issue,
        sdk,
        until,
        at,
        target,
    })
}

fn target(check: &str, cases: &[&Case], requirements: &Requirements) -> Result<Target, String> {
    if requirements.find(check).is_some() {
        return Ok(Target::Requirement(check.to_owned()));
    }
    let glob = selection::glob(check).map_err(|problem| problem.to_string())?;
    match cases.iter().filter(|case| glob.is_match(case.id)).count() {
        0 => {
            let known = cases.iter().map(|case| case.id).chain(requirements.ids());
            let hint = suggestion::hint(check, known);
            Err(format!("\"{check}\" is no case, no requirement, and matches no case{hint}"))
        }
        many if many > GLOB_CHECKS_MAX => {
            Err(format!("\"{check}\" excuses {many} cases; one glob may excuse {GLOB_CHECKS_MAX}"))
        }
        _ => Ok(Target::Cases(glob)),
    }
}
