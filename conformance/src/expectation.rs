//! Known deviations of a driver, with cause and expiry, and strictly kept.
//!
//! An entry excuses exactly what it describes. A check that passes after all is stale, one that
//! fails differently has changed, an entry that applied to nothing is unused: each turns the run
//! red, so that a list of excuses cannot rot into a blindfold.

mod apply;
mod bless;
mod load;

use std::ops::Range;

use globset::GlobMatcher;
use jiff::civil::Date;
use semver::{Version, VersionReq};
use serde::Deserialize;

use crate::verdict::Verdict;

pub use apply::Known;
pub use bless::{BlessError, Blessed, Grant, bless};
pub use load::{ExpectationError, parse};

/// Most checks that one glob may excuse.
pub const GLOB_CHECKS_MAX: usize = 20;

/// One `[[expectation]]` of a file.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// Case id, requirement id, or glob over case ids.
    pub check: String,
    /// What happens instead of a pass.
    pub outcome: Outcome,
    /// Parts of the failures' signatures; every failure must contain one of them.
    pub because: Vec<String>,
    /// Why the SDK deviates, in words.
    pub cause: String,
    /// Where the deviation is tracked.
    pub issue: Option<String>,
    /// SDK versions it is about; others are not excused.
    pub sdk: Option<VersionReq>,
    /// Last day on which it excuses anything.
    pub until: Date,
    /// File and line, for messages.
    pub at: String,
    target: Target,
}

/// What happens instead of a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// An expectation of the case does not hold.
    Fail,
    /// The SDK dies.
    Crash,
    /// The SDK does not answer.
    Hang,
}

impl Outcome {
    /// The outcome that is this verdict, when it can be excused at all.
    fn of(verdict: Verdict) -> Option<Self> {
        [Self::Fail, Self::Crash, Self::Hang].into_iter().find(|outcome| outcome.is(verdict))
    }

    fn word(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Crash => "crash",
            Self::Hang => "hang",
        }
    }

    fn is(self, verdict: Verdict) -> bool {
        match self {
            Self::Fail => verdict == Verdict::Fail,
            Self::Crash => verdict == Verdict::Crash,
            Self::Hang => verdict == Verdict::Hang,
        }
    }
}

/// What `check` turned out to name.
#[derive(Clone, Debug)]
enum Target {
    Cases(GlobMatcher),
    Requirement(String),
}

impl Expectation {
    fn is_about_case(&self, case: &str) -> bool {
        matches!(&self.target, Target::Cases(glob) if glob.is_match(case))
    }

    fn is_about_requirement(&self, id: &str) -> bool {
        matches!(&self.target, Target::Requirement(known) if known == id)
    }

    fn explains(&self, signature: &str) -> bool {
        self.because.iter().any(|part| signature.contains(part.as_str()))
    }

    /// Whether the entry is about this version of the SDK; an unknown version is everybody's.
    fn covers(&self, version: Option<&Version>) -> bool {
        match (&self.sdk, version) {
            (Some(range), Some(version)) => range.matches(version),
            _ => true,
        }
    }

    fn has_expired(&self, today: Date) -> bool {
        today > self.until
    }
}

/// The line, from 1, on which a byte range of a text begins.
fn line_of(text: &str, span: Range<usize>) -> usize {
    text.get(..span.start).map_or(1, |before| before.matches('\n').count() + 1)
}

#[cfg(test)]
mod tests;
