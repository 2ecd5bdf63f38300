//! Verdicts: what is concluded from one case, before and after known deviations are applied.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::stage::{Finding, Halt};

/// What is concluded from one case.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verdict {
    /// Every expectation held.
    Pass,
    /// An expectation did not hold.
    Fail,
    /// Failed exactly as an expectation file says.
    Xfail,
    /// An expectation file says it fails, but it passes.
    Stale,
    /// Failed for another reason than the expectation file gives.
    Changed,
    /// The driver does not declare what the case needs, or the service cannot do it.
    Na,
    /// A step that only prepares the case did not work, so nothing was decided.
    Blocked,
    /// The driver declares an op and then answers that it is unsupported.
    Overclaim,
    /// The driver's process ended in the middle of the case.
    Crash,
    /// The driver did not answer in time.
    Hang,
    /// Crashed or hung in company, but not when run again alone.
    Flaky,
    /// The driver itself is broken: a fault, or a breach of the protocol.
    Driver,
    /// The suite is broken: a case that panics, or that claims what it never checks.
    Harness,
    /// Planned, but never executed.
    Notrun,
}

impl Verdict {
    /// The word of the reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Xfail => "XFAIL",
            Self::Stale => "STALE",
            Self::Changed => "CHANGED",
            Self::Na => "NA",
            Self::Blocked => "BLOCKED",
            Self::Overclaim => "OVERCLAIM",
            Self::Crash => "CRASH",
            Self::Hang => "HANG",
            Self::Flaky => "FLAKY",
            Self::Driver => "DRIVER",
            Self::Harness => "HARNESS",
            Self::Notrun => "NOTRUN",
        }
    }

    /// Whether the case was played at all.
    #[must_use]
    pub fn ran(self) -> bool {
        !matches!(self, Self::Na | Self::Notrun)
    }

    /// Whether nothing needs attention.
    #[must_use]
    pub fn is_quiet(self) -> bool {
        matches!(self, Self::Pass | Self::Xfail | Self::Na)
    }

    /// Whether an expectation file may excuse this verdict.
    ///
    /// Only the SDK's own behaviour may be excused; a broken driver or suite never.
    #[must_use]
    pub fn is_excusable(self) -> bool {
        matches!(self, Self::Fail | Self::Crash | Self::Hang)
    }
}

/// What a case has shown about one requirement that it claims to decide.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Proof {
    /// Everything that was checked under it held.
    Held,
    /// The case ended before it was decided.
    Undecided,
    /// Something that was checked under it did not hold.
    Failed,
}

impl Proof {
    /// The word of the reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Undecided => "undecided",
            Self::Failed => "failed",
        }
    }
}

/// The verdict on a finished play, before known deviations are applied.
///
/// A driver that broke outranks what the case went on to say; findings outrank a halt, because
/// the first failed expectation is what the reader needs to see.
#[must_use]
pub fn conclude(fatal: Option<&Halt>, findings: &[Finding], ended: &Result<(), Halt>) -> Verdict {
    if let Some(halt) = fatal {
        return of_halt(halt);
    }
    if findings.iter().any(|finding| !finding.holds) {
        return Verdict::Fail;
    }
    match ended {
        Ok(()) => Verdict::Pass,
        Err(halt) => of_halt(halt),
    }
}

fn of_halt(halt: &Halt) -> Verdict {
    match halt {
        Halt::Failed => Verdict::Fail,
        Halt::Blocked(_) => Verdict::Blocked,
        Halt::NotApplicable(_) | Halt::Lacking(_) => Verdict::Na,
        Halt::Overclaim { .. } => Verdict::Overclaim,
        Halt::Fault(_) => Verdict::Driver,
        Halt::Mistake(mistake) => mistake.verdict(),
        Halt::Harness(_) => Verdict::Harness,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::{Mistake, Strays};

    fn finding(holds: bool) -> Finding {
        Finding { holds, ..Finding::default() }
    }

    #[test]
    fn the_table_of_conclusions() {
        let hang = Halt::Mistake(Mistake::Hang {
            op: "totp.auth".into(),
            waited_ms: 10_000,
            printed: Strays::default(),
        });
        let blocked = || Err(Halt::Blocked("no mail".into()));
        let overclaim = Halt::Overclaim { op: "device.list".into(), why: "not there".into() };
        let says = |fatal, findings: &[Finding], ended| conclude(fatal, findings, &ended);
        assert_eq!(says(None, &[], Ok(())), Verdict::Pass);
        assert_eq!(says(None, &[finding(true)], Ok(())), Verdict::Pass);
        assert_eq!(says(None, &[finding(false)], Ok(())), Verdict::Fail);
        assert_eq!(says(None, &[finding(false)], blocked()), Verdict::Fail);
        assert_eq!(says(None, &[finding(true)], blocked()), Verdict::Blocked);
        let unable = Err(Halt::NotApplicable("no recovery".into()));
        assert_eq!(says(None, &[], unable), Verdict::Na);
        let typo = Err(Halt::Harness("unknown operation".into()));
        assert_eq!(says(None, &[], typo), Verdict::Harness);
        assert_eq!(says(Some(&hang), &[finding(false)], Ok(())), Verdict::Hang);
        assert_eq!(says(Some(&overclaim), &[], Ok(())), Verdict::Overclaim);
    }
}
