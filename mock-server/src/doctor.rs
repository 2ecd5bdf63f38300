//! `mfa-mock doctor`: the usual mistakes between an SDK and a service, and how to mend each.

mod address;
mod service;
mod source;

use std::process::ExitCode;

use crate::banner;
use crate::flags::Doctor;

/// What was found at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// As it should be.
    Well { what: String },
    /// Not wrong by itself, but worth knowing.
    Note { what: String, mend: String },
    /// This does not work.
    Wrong { what: String, mend: String },
}

impl Finding {
    fn well(what: impl Into<String>) -> Self {
        Self::Well { what: what.into() }
    }

    fn note(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self::Note { what: what.into(), mend: mend.into() }
    }

    fn wrong(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self::Wrong { what: what.into(), mend: mend.into() }
    }

    fn line(&self) -> String {
        match self {
            Self::Well { what } => format!("ok     {what}\n"),
            Self::Note { what, mend } => format!("note   {what}\n       → {mend}\n"),
            Self::Wrong { what, mend } => format!("WRONG  {what}\n       → {mend}\n"),
        }
    }
}

/// Looks at everything that was named, and says what it found.
///
/// # Errors
/// What was named cannot be looked at.
pub(crate) fn examine(asked: &Doctor) -> Result<ExitCode, String> {
    let mut findings = address::of_base_url(&asked.base_url);
    if let Some(environment) = &asked.environment {
        findings.push(address::of_environment(environment));
    }
    findings.extend(service::look(asked)?);
    if let Some(path) = &asked.sdk_config {
        findings.extend(source::look(path)?);
    }
    banner::say(&findings.iter().map(Finding::line).collect::<String>());
    let wrong = findings.iter().filter(|finding| matches!(finding, Finding::Wrong { .. })).count();
    banner::say(&match wrong {
        0 => "nothing is wrong\n".to_owned(),
        1 => "1 thing is wrong\n".to_owned(),
        _ => format!("{wrong} things are wrong\n"),
    });
    Ok(ExitCode::from(u8::from(wrong > 0)))
}
