//! Exit codes: what a script may conclude, and which conclusion wins.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the process ends with; the number is the exit code.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Exit {
    /// Every scored requirement held or is a valid known deviation.
    Conformant = 0,
    /// A scored requirement does not hold.
    Nonconformance = 1,
    /// The command line or a file of ours cannot be used as written.
    Usage = 2,
    /// The driver or the service could not be reached, or the driver is itself broken.
    Driver = 3,
    /// Nothing was selected, or less was executed than planned.
    Vacuous = 4,
    /// A known deviation is stale, changed, unused or expired.
    Expectation = 5,
    /// The SDK under test crashed or hung.
    Crash = 6,
    /// The suite or the service behind it broke its own rules.
    Harness = 7,
    /// Something that held in the run it is compared with no longer does, or two services differ.
    Regression = 8,
    /// The driver does not honestly pass on what the SDK does.
    Dishonest = 9,
}

impl Exit {
    /// The number the process ends with.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// One sentence for people who read the number in a log.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Conformant => "every scored requirement holds",
            Self::Nonconformance => "a scored requirement does not hold",
            Self::Usage => "the command line or a configuration file is wrong",
            Self::Driver => {
                "the driver or the service could not be reached, or the driver is broken"
            }
            Self::Vacuous => "nothing was selected, or less was executed than planned",
            Self::Expectation => "an expectation is stale, changed, unused or expired",
            Self::Crash => "the SDK under test crashed or hung",
            Self::Harness => "the suite or its service broke its own rules",
            Self::Regression => "something that held before no longer does, or two services differ",
            Self::Dishonest => "the driver does not honestly pass on what the SDK does",
        }
    }

    /// Position in the order of precedence; the lowest wins.
    ///
    /// A broken suite outranks everything, because nothing it says can be trusted; a typing
    /// error comes next; a mere expectation to be edited comes last.
    fn rank(self) -> u8 {
        match self {
            Self::Harness => 0,
            Self::Usage => 1,
            Self::Driver => 2,
            Self::Dishonest => 3,
            Self::Vacuous => 4,
            Self::Crash => 5,
            Self::Nonconformance => 6,
            Self::Regression => 7,
            Self::Expectation => 8,
            Self::Conformant => 9,
        }
    }
}

/// One thing that speaks for an exit code other than 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// The exit this reason asks for.
    pub exit: Exit,
    /// What happened, as one line.
    pub text: String,
    /// The case or question it is about; absent: the run as a whole.
    pub about: Option<String>,
}

impl Reason {
    /// A reason in words.
    #[must_use]
    pub fn new(exit: Exit, text: impl Into<String>) -> Self {
        Self { exit, text: text.into(), about: None }
    }

    /// The same reason, tied to a case or question that reports show by itself.
    #[must_use]
    pub fn about(self, what: &str) -> Self {
        Self { about: Some(what.to_owned()), ..self }
    }
}

/// The exit that wins among `reasons`; none at all is [`Exit::Conformant`].
#[must_use]
pub fn settle(reasons: &[Reason]) -> Exit {
    reasons
        .iter()
        .map(|reason| reason.exit)
        .min_by_key(|exit| exit.rank())
        .unwrap_or(Exit::Conformant)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published order of precedence: 7, 2, 3, 9, 4, 6, 1, 8, 5.
    const ORDER: [Exit; 9] = [
        Exit::Harness,
        Exit::Usage,
        Exit::Driver,
        Exit::Dishonest,
        Exit::Vacuous,
        Exit::Crash,
        Exit::Nonconformance,
        Exit::Regression,
        Exit::Expectation,
    ];

    #[test]
    fn each_exit_beats_all_that_follow_it() {
        for (place, winner) in ORDER.iter().enumerate() {
            let mut reasons: Vec<Reason> =
                ORDER[place..].iter().map(|exit| Reason::new(*exit, "because")).collect();
            assert_eq!(settle(&reasons), *winner);
            reasons.reverse();
            assert_eq!(settle(&reasons), *winner, "the order of the reasons does not matter");
        }
    }

    #[test]
    fn the_numbers_are_the_published_ones() {
        let codes: Vec<u8> = ORDER.iter().map(|exit| exit.code()).collect();
        assert_eq!(codes, [7, 2, 3, 9, 4, 6, 1, 8, 5]);
        assert_eq!(Exit::Conformant.code(), 0);
    }

    #[test]
    fn no_reason_is_success() {
        assert_eq!(settle(&[]), Exit::Conformant);
    }
}
